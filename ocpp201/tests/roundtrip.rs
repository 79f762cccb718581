//! What is written can be read, and is what was meant: for JSON of every type, and for messages that are put together
//! from slices, cursors and plain text as a station does it.

mod common;

use common::random::{decimal, object, text, time};
use common::registry::{Type, emit, types};
use common::table::Table;
use ocpp_core::wire::{CiText, Cursor, Decimal, List, Reader, SecretText, Text, Timestamp, Wire};
use ocpp201::messages::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A type, and JSON of it.
fn any_json_of(wanted: fn(&Type) -> bool) -> BoxedStrategy<(usize, Value)> {
    let table = Table::load();
    let wanted = types().into_iter().enumerate().filter(|(_, it)| wanted(it));
    let choices = wanted.map(|(index, it)| (Just(index), object(&table, &it.schema, it.is_message())).boxed());
    prop::strategy::Union::new(choices).boxed()
}

/// Reads it, writes it, compares it with what serde_json thinks of it.
fn comes_back(index: usize, json: &Value) {
    let it = &types()[index];
    let written = (it.rewrite)(&json.to_string()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&written).unwrap(),
        *json,
        "{}: {written}",
        it.name
    );
    #[cfg(feature = "serde")]
    assert_eq!((it.serialize)(&json.to_string()), *json, "{}", it.name);
    assert_eq!((it.rewrite)(&written).as_ref(), Ok(&written), "{}", it.name);
    // White space between the tokens changes nothing.
    let written = (it.rewrite)(&serde_json::to_string_pretty(json).unwrap()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&written).unwrap(),
        *json,
        "{}: {written}",
        it.name
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn messages_come_back((index, json) in any_json_of(Type::is_message)) {
        comes_back(index, &json);
    }

    #[test]
    fn data_types_come_back((index, json) in any_json_of(|it| !it.is_message())) {
        comes_back(index, &json);
    }

    #[test]
    fn no_cut_of_a_message_is_taken_for_one(
        (index, json) in any_json_of(Type::is_message),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = json.to_string();
        let end = cut.index(text.len());
        if let Some(head) = text.get(..end) {
            prop_assert!((types()[index].rewrite)(head).is_err());
        }
    }
}

/// Writes it, reads it again, compares both; and gives it to serde for comparison. A macro, because what is read
/// borrows from what was written.
macro_rules! written {
    ($type:ident, $value:expr) => {{
        let value = $value;
        let json = emit(&value);
        let mut r = Reader::new(&json);
        assert_eq!($type::read(&mut r).unwrap(), value, "{json}");
        assert_eq!(r.end(), Ok(()));
        let json: Value = serde_json::from_str(&json).unwrap();
        #[cfg(feature = "serde")]
        assert_eq!(serde_json::to_value(value).unwrap(), json);
        json
    }};
}

proptest! {
    #[test]
    fn boot_notification(model in text(20), vendor in text(50), serial in prop::option::of(text(25))) {
        let json = written!(BootNotificationRequest, BootNotificationRequest {
            reason: BootReason::PowerUp,
            charging_station: ChargingStation {
                vendor_name: Text::new(&vendor).unwrap(),
                model: Text::new(&model).unwrap(),
                serial_number: serial.as_deref().map(|serial| Text::new(serial).unwrap()),
                firmware_version: None,
                modem: None,
            },
            custom_data: None,
        });
        prop_assert_eq!(&json["chargingStation"]["model"], &json!(model));
        prop_assert_eq!(json["chargingStation"].get("serialNumber").and_then(Value::as_str), serial.as_deref());
    }

    #[test]
    fn set_variables(items in prop::collection::vec((text(50), text(50), text(1000), any::<i32>()), 1..5)) {
        let data: Vec<_> = items.iter().map(|(component, variable, value, evse)| SetVariableData {
            component: Component {
                name: CiText::new(component).unwrap(),
                instance: None,
                evse: Some(Evse { id: *evse, connector_id: None }),
            },
            variable: Variable { name: CiText::new(variable).unwrap(), instance: CiText::new("x") },
            attribute_type: Some(AttributeType::Target),
            attribute_value: SecretText::new(value).unwrap(),
        }).collect();
        let request = SetVariablesRequest { set_variable_data: List::from(data.as_slice()), custom_data: None };
        let json = written!(SetVariablesRequest, request);
        for (index, (component, _, value, evse)) in items.iter().enumerate() {
            let item = &json["setVariableData"][index];
            prop_assert_eq!(&item["component"], &json!({"name": component, "evse": {"id": evse}}));
            prop_assert_eq!(&item["attributeValue"], &json!(value));
        }
    }

    #[test]
    fn set_charging_profile(
        schedules in prop::collection::vec((time(), prop::collection::vec((any::<i32>(), decimal()), 1..30)), 1..=3),
        costs in prop::collection::vec((decimal(), any::<i32>()), 1..=3),
    ) {
        let costs: Vec<_> = costs.iter().map(|(start, amount)| (*start, [cost(*amount)])).collect();
        let costs: Vec<_> = costs.iter().map(|(start, cost)| ConsumptionCost {
            start_value: *start,
            cost: List::from(cost),
        }).collect();
        let entries = [SalesTariffEntry {
            relative_time_interval: RelativeTimeInterval { start: 0, duration: None },
            e_price_level: Some(1),
            consumption_cost: Some(List::from(costs.as_slice())),
        }];
        let periods: Vec<Vec<_>> = schedules.iter().map(|(_, periods)| {
            periods.iter().map(|(start, limit)| period(*start, *limit)).collect()
        }).collect();
        let lists: Vec<_> = schedules.iter().zip(&periods).map(|((start, _), periods)| ChargingSchedule {
            id: 1,
            start_schedule: Some(*start),
            duration: None,
            charging_rate_unit: ChargingRateUnit::A,
            min_charging_rate: None,
            charging_schedule_period: List::from(periods.as_slice()),
            sales_tariff: Some(SalesTariff {
                id: 1,
                sales_tariff_description: None,
                num_e_price_levels: None,
                sales_tariff_entry: List::from(&entries),
            }),
        }).collect();
        let json = written!(SetChargingProfileRequest, SetChargingProfileRequest {
            evse_id: 0,
            charging_profile: profile(List::from(lists.as_slice())),
            custom_data: None,
        });
        for (index, (start, periods)) in schedules.iter().enumerate() {
            let schedule = &json["chargingProfile"]["chargingSchedule"][index];
            prop_assert_eq!(&schedule["startSchedule"], &json!(start.to_string()));
            prop_assert_eq!(schedule["chargingSchedulePeriod"].as_array().map(Vec::len), Some(periods.len()));
        }
    }

    #[test]
    fn send_local_list(tokens in prop::collection::vec((text(36), any::<bool>(), time()), 1..40)) {
        let allowed = [1, 2];
        let entries: Vec<_> = tokens.iter().map(|(text, known, until)| AuthorizationData {
            id_token: token(text),
            id_token_info: known.then(|| IdTokenInfo {
                status: AuthorizationStatus::Blocked.into(),
                cache_expiry_date_time: Some(*until),
                charging_priority: None,
                evse_id: Some(List::from(&allowed)),
                group_id_token: None,
                language1: Text::new("de"),
                language2: None,
                personal_message: None,
            }),
        }).collect();
        let json = written!(SendLocalListRequest, SendLocalListRequest {
            version_number: 3,
            update_type: UpdateType::Full,
            local_authorization_list: Some(List::from(entries.as_slice())),
            custom_data: None,
        });
        for (index, (text, known, _)) in tokens.iter().enumerate() {
            let entry = &json["localAuthorizationList"][index];
            prop_assert_eq!(&entry["idToken"]["idToken"], &json!(text));
            prop_assert_eq!(entry.get("idTokenInfo").is_some(), *known);
        }
    }

    #[test]
    fn transaction_event(
        id in text(36),
        token_text in text(36),
        samples in prop::collection::vec(decimal(), 1..12),
        at in time(),
    ) {
        let sampled: Vec<_> = samples.iter().map(|value| sample(*value)).collect();
        let values = [MeterValue { timestamp: at, sampled_value: List::from(sampled.as_slice()) }];
        let json = written!(TransactionEventRequest, TransactionEventRequest {
            event_type: TransactionEvent::Ended,
            timestamp: at,
            trigger_reason: TriggerReason::StopAuthorized,
            seq_no: i32::MAX,
            transaction_info: Transaction {
                transaction_id: CiText::new(&id).unwrap(),
                charging_state: Some(ChargingState::EvConnected),
                time_spent_charging: None,
                stopped_reason: Some(Reason::SocLimitReached),
                remote_start_id: None,
            },
            offline: Some(true),
            number_of_phases_used: None,
            cable_max_current: None,
            reservation_id: None,
            evse: Some(Evse { id: 1, connector_id: Some(1) }),
            id_token: Some(token(&token_text)),
            meter_value: Some(List::from(&values)),
            custom_data: None,
        });
        prop_assert_eq!(&json["transactionInfo"]["transactionId"], &json!(id));
        let sampled = &json["meterValue"][0]["sampledValue"];
        prop_assert_eq!(sampled.as_array().map(Vec::len), Some(samples.len()));
        prop_assert_eq!(&sampled[0]["unitOfMeasure"], &json!({"unit": "W", "multiplier": 3}));
    }

    #[test]
    fn notify_report_from_a_cursor(count in 1_usize..200, at in time()) {
        struct Inventory(usize);

        impl<'a> Cursor<ReportData<'a>> for Inventory {
            fn at(&self, index: usize) -> Option<ReportData<'a>> {
                let attribute = &[VariableAttribute {
                    kind: None,
                    value: None,
                    mutability: Some(Mutability::WriteOnly),
                    persistent: Some(true),
                    constant: None,
                }];
                (index < self.0).then(|| ReportData {
                    component: Component { name: CiText::new("SecurityCtrlr").unwrap(), instance: None, evse: None },
                    variable: Variable { name: CiText::new("BasicAuthPassword").unwrap(), instance: None },
                    variable_attribute: List::from(attribute),
                    variable_characteristics: Some(VariableCharacteristics {
                        data_type: DataType::String,
                        supports_monitoring: false,
                        unit: None,
                        min_limit: None,
                        max_limit: Some(Decimal::from(40)),
                        values_list: None,
                    }),
                })
            }
        }

        let inventory = Inventory(count);
        let json = written!(NotifyReportRequest, NotifyReportRequest {
            request_id: 1,
            seq_no: 0,
            generated_at: at,
            tbc: Some(true),
            report_data: Some(List::cursor(&inventory)),
            custom_data: None,
        });
        prop_assert_eq!(json["reportData"].as_array().map(Vec::len), Some(count));
        prop_assert_eq!(&json["reportData"][count - 1]["variableCharacteristics"]["maxLimit"], &json!(40));
    }
}

fn token(text: &str) -> IdToken<'_> {
    IdToken {
        id_token: SecretText::new(text).unwrap(),
        kind: IdTokenType::Emaid,
        additional_info: None,
    }
}

fn cost(amount: i32) -> Cost {
    Cost {
        cost_kind: CostKind::CarbonDioxideEmission,
        amount,
        amount_multiplier: Some(-3),
    }
}

fn period(start_period: i32, limit: Decimal) -> ChargingSchedulePeriod {
    ChargingSchedulePeriod {
        start_period,
        limit,
        number_phases: Some(3),
        phase_to_use: None,
    }
}

fn profile<'a>(charging_schedule: List<'a, ChargingSchedule<'a>, 1, 3>) -> ChargingProfile<'a> {
    ChargingProfile {
        id: 4,
        stack_level: 0,
        charging_profile_purpose: ChargingProfilePurpose::TxDefaultProfile,
        charging_profile_kind: ChargingProfileKind::Recurring,
        recurrency_kind: Some(RecurrencyKind::Daily),
        valid_from: Some(Timestamp::from_millis(1)),
        valid_to: None,
        transaction_id: None,
        charging_schedule,
    }
}

fn sample(value: Decimal) -> SampledValue<'static> {
    SampledValue {
        value,
        context: Some(ReadingContext::SampleClock),
        measurand: Some(Measurand::PowerActiveImport),
        phase: None,
        location: None,
        unit_of_measure: Some(UnitOfMeasure {
            unit: Text::new("W"),
            multiplier: Some(3),
        }),
        signed_meter_value: None,
    }
}
