//! A CSMS that believes what it is told, and a ledger of that (DESIGN §5).
//!
//! It counts a transaction by (transactionId, seqNo) in 2.0.1, and by (connector, idTag, timestamp, meterStart) in 1.6,
//! where a start that is told again gets another transactionId, and what follows must use the last one.

use ocpp_core::wire::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A message about a transaction.
#[derive(Clone, Debug)]
struct Told {
    action: String,
    payload: Value,
    /// After so many changes of version: each begins anew, and is told the whole of what is open.
    era: u32,
}

#[derive(Clone, Default)]
pub struct Csms {
    told: Vec<Told>,
    transactions: i64,
    version: &'static str,
    era: u32,
}

/// A transaction as the ledger has it, whichever version told it.
#[derive(Clone, Debug, Default)]
struct Entry {
    begin: String,
    /// Meter and time of the end.
    end: Option<(i64, String)>,
}

/// Where, which (the era, and the time of its start in 1.6, the transactionId in 2.0.1), and from which register on.
type Key = (i64, String, i64);
type Entries = BTreeMap<Key, Entry>;

/// What one look through the ledger finds.
#[derive(Debug, Default, Clone, Copy)]
pub struct Findings {
    pub transactions: usize,
    /// Messages that were told more than once.
    pub duplicates: usize,
    pub energy_wh: i64,
}

impl Csms {
    /// A station connects.
    pub fn connected(&mut self, version: &'static str) {
        self.era += u32::from(self.version != version);
        self.version = version;
    }

    /// Answers a CALL.
    pub fn answer(&mut self, action: &str, payload: &Value, utc_millis: i64) -> Value {
        let time = Timestamp::from_millis(utc_millis).to_string();
        let info = json!({"status": "Accepted"});
        if matches!(
            action,
            "StartTransaction" | "StopTransaction" | "MeterValues" | "TransactionEvent"
        ) {
            self.told.push(Told {
                action: action.to_string(),
                payload: payload.clone(),
                era: self.era,
            });
        }
        match action {
            "BootNotification" => json!({"status": "Accepted", "currentTime": time, "interval": 86400}),
            "Heartbeat" => json!({"currentTime": time}),
            "Authorize" if payload["idToken"].is_object() => json!({"idTokenInfo": info}),
            "Authorize" | "StopTransaction" => json!({"idTagInfo": info}),
            "StartTransaction" => {
                self.transactions += 1;
                json!({"idTagInfo": info, "transactionId": self.transactions})
            }
            _ => json!({}),
        }
    }

    /// Holds the ledger to what happened. `cuts` is how often the power went.
    ///
    /// # Panics
    /// Something was lost, told differently twice, or told out of order.
    #[track_caller]
    pub fn check(&self, cuts: usize) -> Findings {
        let mut ledgers = [Entries::new(), Entries::new()];
        let [old, new] = &mut ledgers;
        let duplicates = self.read16(old) + self.read201(new);
        assert!(duplicates <= cuts, "{duplicates} messages told twice with {cuts} cuts");
        // Told in both versions, a transaction is one: it is known by its register, which only one without energy shares.
        let mut energy = BTreeMap::<(i64, i64), i64>::new();
        for ((evse, _, start_wh), entry) in ledgers.iter().flatten() {
            let Some((end_wh, end)) = &entry.end else { continue };
            assert!(*end >= entry.begin && end_wh >= start_wh, "{entry:?}");
            let own = end_wh - start_wh;
            let known = energy.insert((*evse, *start_wh), own).unwrap_or(0);
            assert!(
                known == 0 || own == 0 || known == own,
                "energy told differently twice: {entry:?}"
            );
            energy.insert((*evse, *start_wh), own.max(known));
        }
        for (evse, which, start_wh) in ledgers.iter().flat_map(BTreeMap::keys) {
            assert!(
                energy.contains_key(&(*evse, *start_wh)),
                "no end: {evse} {which} {start_wh}"
            );
        }
        Findings {
            transactions: energy.len(),
            duplicates,
            energy_wh: energy.values().sum(),
        }
    }

    /// Returns the number of duplicates.
    fn read16(&self, entries: &mut Entries) -> usize {
        let mut duplicates = 0;
        let mut number = 0;
        // By the CSMS's number, which start that was, and by start, the last number.
        let mut keys = BTreeMap::<i64, Key>::new();
        let mut last = BTreeMap::<Key, i64>::new();
        let mut seen = BTreeMap::<(Key, String), ()>::new();
        for Told { action, payload, era } in &self.told {
            let text = |name: &str| payload[name].as_str().unwrap_or_default().to_string();
            if action == "StartTransaction" {
                number += 1;
                let start_wh = payload["meterStart"].as_i64().unwrap();
                let which = format!("{era} {}", text("timestamp"));
                let key = (payload["connectorId"].as_i64().unwrap(), which, start_wh);
                duplicates += usize::from(last.insert(key.clone(), number).is_some());
                keys.insert(number, key.clone());
                entries.entry(key).or_default().begin = text("timestamp");
                continue;
            }
            let Some(own) = payload["transactionId"].as_i64() else {
                continue;
            };
            let key = keys
                .get(&own)
                .unwrap_or_else(|| panic!("of an unknown transaction: {payload}"))
                .clone();
            assert_eq!(last[&key], own, "not the last number of it: {payload}");
            let mut content = payload.clone();
            content["transactionId"] = Value::Null;
            duplicates += usize::from(seen.insert((key.clone(), content.to_string()), ()).is_some());
            let entry = entries.get_mut(&key).unwrap();
            if action == "StopTransaction" {
                entry.ends(payload["meterStop"].as_i64().unwrap(), text("timestamp"));
            }
        }
        duplicates
    }

    /// Returns the number of duplicates.
    fn read201(&self, entries: &mut Entries) -> usize {
        let mut duplicates = 0;
        let mut all = BTreeMap::<String, Vec<&Value>>::new();
        for Told { payload, era, .. } in self.told.iter().filter(|told| told.action == "TransactionEvent") {
            let id = payload["transactionInfo"]["transactionId"].as_str().unwrap();
            let events = all.entry(format!("{era} {id}")).or_default();
            let seq_no = payload["seqNo"].as_u64().unwrap() as usize;
            match events.get(seq_no) {
                Some(before) => {
                    duplicates += 1;
                    assert_eq!(said(before), said(payload), "told differently twice");
                }
                None => {
                    assert_eq!(events.len(), seq_no, "a number is missing: {payload}");
                    events.push(payload);
                }
            }
        }
        for (id, events) in &all {
            let times: Vec<_> = events
                .iter()
                .map(|event| event["timestamp"].as_str().unwrap())
                .collect();
            assert!(times.is_sorted(), "{times:?}");
            let mut key = None;
            for event in events {
                let kind = event["eventType"].as_str().unwrap();
                assert_eq!(key.is_none(), kind == "Started", "{event}");
                let key = key.get_or_insert_with(|| {
                    let start_wh = register(event, "Transaction.Begin").expect("a start without a register");
                    (event["evse"]["id"].as_i64().unwrap(), id.clone(), start_wh)
                });
                let entry = entries.entry(key.clone()).or_default();
                entry.begin = times[0].to_string();
                if kind == "Ended" {
                    let end_wh = register(event, "Transaction.End").expect("an end without a register");
                    entry.ends(end_wh, event["timestamp"].as_str().unwrap().to_string());
                }
            }
        }
        duplicates
    }
}

impl Entry {
    #[track_caller]
    fn ends(&mut self, end_wh: i64, time: String) {
        let end = self.end.get_or_insert((end_wh, time.clone()));
        assert_eq!(*end, (end_wh, time), "an end told differently twice");
    }
}

/// What an event says, but for whether it had to wait, which may have changed.
fn said(event: &Value) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("offline");
    event
}

/// The register of an event that was read in that context.
fn register(event: &Value, context: &str) -> Option<i64> {
    let sets = event["meterValue"].as_array()?;
    let all = sets.iter().flat_map(|set| set["sampledValue"].as_array().unwrap());
    let mut own = all.filter(|value| {
        value["context"] == context
            && value["measurand"]
                .as_str()
                .is_none_or(|name| name == "Energy.Active.Import.Register")
    });
    own.next_back()?["value"].as_f64().map(|value| value as i64)
}
