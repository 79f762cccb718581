//! Where the central system is, and who the station is there: what an installer says once.

use crate::arguments::{Arguments, Wrong};
use core::fmt;
use evse_hal::Storage;
use evse_hal::websocket::Endpoint;
use heapless::String;
use ocpp_core::wire::{Str, Writer};

/// Where it is kept, in the part of the keys that the station leaves to the application.
const KEY: u32 = 0x4000_0000;
/// Longest document in bytes.
const LONGEST: usize = 512;

/// What an installer says.
#[derive(Clone, PartialEq, Eq)]
pub struct Provision {
    url: String<200>,
    station: String<48>,
    password: String<40>,
}

impl Provision {
    /// The address of the central system, the name of the station there, and its password; an empty one is none.
    ///
    /// # Errors
    /// One of them is too long, or the address is none.
    pub fn new(url: Str<'_>, station: Str<'_>, password: Str<'_>) -> Result<Self, Wrong> {
        let provision = Self {
            url: kept(url).ok_or(Wrong::Value("url"))?,
            station: kept(station)
                .filter(|name| !name.is_empty())
                .ok_or(Wrong::Value("station"))?,
            password: kept(password).ok_or(Wrong::Value("password"))?,
        };
        provision.endpoint().map(|_| ()).ok_or(Wrong::Value("url"))?;
        Ok(provision)
    }

    /// The same out of a document: `{"url":…,"station":…,"password":…}`.
    ///
    /// # Errors
    /// As [`Provision::new`].
    pub fn read(document: Arguments<'_>) -> Result<Self, Wrong> {
        let password = document.text(&["password"])?.unwrap_or(Str::plain(""));
        Self::new(document.needed(&["url"])?, document.needed(&["station"])?, password)
    }

    /// What was stored; `None` if nothing was, or it cannot be read.
    pub async fn load(storage: &mut impl Storage) -> Option<Self> {
        let mut buffer = [0; LONGEST];
        let length = storage.value(KEY, &mut buffer).await.ok()??;
        let text = core::str::from_utf8(buffer.get(..length)?).ok()?;
        Self::read(Arguments::of(text).ok()?).ok()
    }

    /// Stores it.
    ///
    /// # Errors
    /// The store does not take it.
    pub async fn store(&self, storage: &mut impl Storage) -> Result<(), Wrong> {
        let mut buffer = [0; LONGEST];
        let mut w = Writer::new(&mut buffer);
        w.begin_object();
        w.key("url");
        w.str(&self.url);
        w.key("station");
        w.str(&self.station);
        w.key("password");
        w.str(&self.password);
        w.end_object();
        let text = w.finish().map_err(|_| Wrong::Because("too long"))?;
        let stored = storage.put_value(KEY, text.as_bytes()).await;
        stored.map_err(|_| Wrong::Because("it could not be stored"))
    }

    /// The name of the station.
    pub fn station(&self) -> &str {
        &self.station
    }

    /// The password; it may be empty.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Where to dial, without the password.
    pub fn endpoint(&self) -> Option<Endpoint<'_>> {
        Endpoint::new(&self.url, &self.station)
    }
}

fn kept<const N: usize>(text: Str<'_>) -> Option<String<N>> {
    let mut own = String::new();
    text.chars().try_for_each(|c| own.push(c)).ok()?;
    Some(own)
}

impl fmt::Debug for Provision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provision")
            .field("url", &self.url)
            .field("station", &self.station)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evse_hal::flash::sim::{SimFlash, now};
    use evse_hal::flash::{FlashStorage, Layout, Opaque};

    fn read(document: &str) -> Result<Provision, Wrong> {
        Provision::read(Arguments::of(document)?)
    }

    #[test]
    fn it_is_kept() {
        let layout = Layout {
            records: 0..0x4000,
            values: 0x4000..0x8000,
        };
        let open = |flash| FlashStorage::<_, _, 4>::open(flash, layout.clone(), Opaque);
        now(async {
            let mut storage = open(SimFlash::<4, 4096>::new(8)).await.unwrap();
            assert_eq!(Provision::load(&mut storage).await, None);
            let told = read(r#"{"url":"ws://csms:80/o","station":"CP \"1\"","password":"s\\p"}"#).unwrap();
            told.store(&mut storage).await.unwrap();
            let mut storage = open(storage.into_flash()).await.unwrap();
            let known = Provision::load(&mut storage).await.unwrap();
            assert_eq!(known, told);
            assert_eq!((known.station(), known.password()), ("CP \"1\"", "s\\p"));
        });
    }

    #[test]
    fn what_is_wrong_is_said() {
        let long = std::format!(r#"{{"url":"ws://a","station":"S","password":"{}"}}"#, "x".repeat(41));
        for (document, wrong) in [
            (r#"{"station":"S"}"#, Wrong::Missing("url")),
            (r#"{"url":"ws://a"}"#, Wrong::Missing("station")),
            (r#"{"url":"http://a","station":"S"}"#, Wrong::Value("url")),
            (r#"{"url":"ws://a","station":""}"#, Wrong::Value("station")),
            (&long, Wrong::Value("password")),
        ] {
            assert_eq!(read(document), Err(wrong), "{document}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let told = read(r#"{"url":"ws://a","station":"S","password":"secret"}"#).unwrap();
        assert!(!std::format!("{told:?}").contains("secret"));
    }
}
