//! The records of a page, one after the other: those with an entry of their own, and those in packs.

use super::content::Content;
use super::entry::{Entry, Kind, Walk};
use super::nor::Nor;
use embedded_storage_async::nor_flash::NorFlash;

/// Most bytes of a pack: with head and checksum, 256.
pub(super) const PACK_MAX: usize = 244;
/// Longer records are not packed.
pub(super) const PACKED_MAX: usize = 128;

pub(super) struct Reader<'c, C: Content> {
    content: &'c C,
    walk: Walk,
    /// The number before the first that may be in the page.
    base: u32,
    pack: Option<Pack<C::Packing>>,
    record: [u8; PACKED_MAX],
    /// Packs that could not be unpacked to the end.
    spoiled: u32,
}

/// A pack that is being unpacked.
struct Pack<P> {
    entry: Entry,
    bytes: heapless::Vec<u8, PACK_MAX>,
    /// Bytes that were unpacked.
    done: usize,
    packing: P,
}

/// A record of a page, of its own or in a pack.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub number: u32,
    pub entry: Entry,
    /// Bytes of a record that was unpacked.
    unpacked: usize,
}

impl<'c, C: Content> Reader<'c, C> {
    pub(super) const fn new(content: &'c C, walk: Walk, base: u32) -> Self {
        Self {
            content,
            walk,
            base,
            pack: None,
            record: [0; PACKED_MAX],
            spoiled: 0,
        }
    }

    /// Places that were stepped over.
    pub(super) fn damaged(&self) -> u32 {
        self.walk.damaged.saturating_add(self.spoiled)
    }

    pub(super) async fn next<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<Option<Item>, F::Error> {
        loop {
            if let Some(item) = self.next_packed() {
                return Ok(Some(item));
            }
            let Some(entry) = self.walk.next(nor).await? else {
                return Ok(None);
            };
            let number = self.base.saturating_add(entry.number);
            match entry.kind {
                Kind::Plain | Kind::Dropping => {
                    return Ok(Some(Item {
                        number,
                        entry,
                        unpacked: 0,
                    }));
                }
                Kind::Pack => self.open(nor, entry).await?,
                Kind::Note | Kind::Commit | Kind::Removed | Kind::Snapshot => {}
            }
        }
    }

    /// Begins with a pack.
    pub(super) async fn open<F: NorFlash>(&mut self, nor: &mut Nor<F>, entry: Entry) -> Result<(), F::Error> {
        let mut bytes = heapless::Vec::new();
        if bytes.resize(entry.len as usize, 0).is_err() {
            self.spoiled = self.spoiled.saturating_add(1);
            return Ok(());
        }
        nor.read(entry.body, &mut bytes).await?;
        self.pack = Some(Pack {
            entry,
            bytes,
            done: 0,
            packing: self.content.packing(self.base.saturating_add(entry.number)),
        });
        Ok(())
    }

    /// The next record of the pack that is being unpacked.
    pub(super) fn next_packed(&mut self) -> Option<Item> {
        let pack = self.pack.as_mut()?;
        let mut rest = pack.bytes.get(pack.done..).unwrap_or_default();
        let was_last = rest.is_empty();
        if let Some((number, unpacked)) = self.content.unpack(&mut pack.packing, &mut rest, &mut self.record) {
            pack.done = pack.bytes.len().saturating_sub(rest.len());
            return Some(Item {
                number,
                entry: pack.entry,
                unpacked,
            });
        }
        self.spoiled = self.spoiled.saturating_add(u32::from(!was_last));
        self.pack = None;
        None
    }

    /// The bytes of the record that was unpacked last.
    pub(super) fn unpacked(&self, item: &Item) -> &[u8] {
        self.record.get(..item.unpacked).unwrap_or_default()
    }

    /// Reads on in the same place, without what is left of a pack.
    pub(super) const fn ahead(&self) -> Self {
        Self::new(self.content, self.walk, self.base)
    }

    /// Whether the next record of a transaction in the rest of this pack is a sample too, among those that are `alive`.
    pub(super) fn sample_follows(&self, transaction: u32, alive: impl Fn(u32) -> bool) -> bool {
        let Some(pack) = &self.pack else { return false };
        let mut rest = pack.bytes.get(pack.done..).unwrap_or_default();
        let mut packing = pack.packing.clone();
        let mut record = [0; PACKED_MAX];
        while let Some((number, len)) = self.content.unpack(&mut packing, &mut rest, &mut record) {
            let role = self.content.role(number, record.get(..len).unwrap_or_default());
            if let Some(role) = role.filter(|role| role.transaction == transaction && alive(number)) {
                return role.is_sample;
            }
        }
        false
    }
}
