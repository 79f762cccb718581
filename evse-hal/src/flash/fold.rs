//! Folding: what is alive in pages that follow each other moves together into one, at once or not at all.
//!
//! Records become packs on the way. If that makes no room any more, they are thinned: of the samples in the middle of a
//! transaction every second goes, or more. The first that is met of a transaction stays, and the last, and all that is
//! anything else.

use super::content::{Content, Role};
use super::crc::without_seal;
use super::entry::{Entry, Head, Kind, Label, Run};
use super::error::FlashError;
use super::nor::Nor;
use super::pages::{Page, Pages};
use super::read::{Item, PACK_MAX, PACKED_MAX, Reader};
use super::records::{Records, read_sealed};
use embedded_storage_async::nor_flash::NorFlash;

/// Of so many samples one stays: all; and one of two, of four, or only the first and the last if nothing else will do.
const STRIDES: [u8; 4] = [1, 2, 4, u8::MAX];
/// The next record of a transaction is looked for so far in entries.
const AHEAD: usize = 8;
/// Transactions whose samples are counted at once.
const THREADS: usize = 8;

/// What comes out of folding, as far as it was written, or counted only.
struct Fold<P> {
    /// The page that is written; without one, it is only counted how much it would be.
    page: Option<(usize, Page)>,
    base: u32,
    /// Where the next entry goes.
    at: u32,
    run: Run,
    pack: heapless::Vec<u8, PACK_MAX>,
    /// Number of the first record in the pack, and what is remembered of it.
    packing: Option<(u32, P)>,
    stride: u8,
    /// Of each transaction, which of its samples after the last that stayed comes next.
    threads: heapless::Vec<(u32, u8), THREADS>,
    /// Number of the record before.
    last: u32,
}

impl<P> Fold<P> {
    const fn new(page: Option<(usize, Page)>, base: u32, at: u32, stride: u8) -> Self {
        Self {
            page,
            base,
            at,
            run: Run::EMPTY,
            pack: heapless::Vec::new(),
            packing: None,
            stride,
            threads: heapless::Vec::new(),
            last: 0,
        }
    }

    /// Bytes of the pack's entry.
    fn pack_head(&self) -> Option<(Head, u32)> {
        let (first, _) = self.packing.as_ref()?;
        let len = self.pack.len() as u32;
        Some((
            Head::new(Label::new(Kind::Pack, first.saturating_sub(self.base), len)),
            len,
        ))
    }

    /// Where what comes after all this goes.
    fn end<F: NorFlash>(&self) -> u32 {
        let pack = self.pack_head().map_or(0, |(head, len)| head.entry_len::<F>(len));
        self.at.saturating_add(pack)
    }

    /// Whether a record may go.
    fn thins(&mut self, role: Role, may_go: bool) -> bool {
        let known = self
            .threads
            .iter()
            .position(|(transaction, _)| *transaction == role.transaction);
        if !role.is_sample {
            known.map(|known| self.threads.swap_remove(known));
            return false;
        }
        match known.and_then(|known| self.threads.get_mut(known)) {
            Some((_, next)) if may_go && *next < self.stride => {
                *next = next.saturating_add(1);
                true
            }
            Some((_, next)) => {
                *next = 1;
                false
            }
            None => {
                if self.threads.is_full() {
                    self.threads.remove(0);
                }
                let _ = self.threads.push((role.transaction, 1));
                false
            }
        }
    }
}

impl<C: Content, const N: usize> Records<C, N> {
    /// Folds the oldest pages that fit into one, if two or more do; with `thin`, records may be dropped for that. Returns
    /// whether a page became free.
    pub(super) async fn fold<F: NorFlash>(&mut self, nor: &mut Nor<F>, thin: bool) -> bool {
        // A discard that is not in flash must not come true before those that were before it.
        if !self.pending.is_empty() {
            return false;
        }
        for stride in STRIDES.iter().copied().take(if thin { STRIDES.len() } else { 1 }) {
            // All are thinned in turn.
            let from = if stride > 1 { self.thinned } else { 0 };
            let mut found = self.foldable(nor, from, stride).await;
            if from > 0 && matches!(found, Ok(None)) {
                found = self.foldable(nor, 0, stride).await;
            }
            let (Ok(Some((first, last))), Some(index)) = (found, self.erasable().next()) else {
                continue;
            };
            self.cursor = None;
            // What was not committed is a free page.
            let folded = self.fold_into(nor, index, (first, last), stride).await.is_ok();
            if folded && stride > 1 {
                self.thinned = self.pages.position(&last);
            }
            return folded;
        }
        false
    }

    /// First and last of the pages in a row behind a position that fit into one.
    async fn foldable<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        from: u32,
        stride: u8,
    ) -> Result<Option<(Page, Page)>, F::Error> {
        let room = self.pages.room::<F>().saturating_sub(Pages::<N>::commit_len::<F>());
        let mut run: Option<(Page, Page)> = None;
        let mut fold = Fold::new(None, 0, 0, stride);
        let mut position = from;
        while let Some((index, page)) = self.pages.after(position) {
            if Some(index) == self.current {
                break;
            }
            let before = position;
            position = self.pages.position(&page);
            if self.is_dead(&page) {
                continue;
            }
            if run.is_none() {
                fold = Fold::new(None, page.base, 0, stride);
            }
            self.pour(nor, (index, page), &mut fold).await?;
            run = match run {
                Some((first, _)) if fold.end::<F>() <= room => Some((first, page)),
                Some((first, last)) if first != last => break,
                Some(_) => {
                    // Those that follow may fit together without the first.
                    position = before;
                    None
                }
                None => Some((page, page)),
            };
        }
        Ok(run.filter(|(first, last)| first != last))
    }

    async fn fold_into<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        index: usize,
        (first, last): (Page, Page),
        stride: u8,
    ) -> Result<(), F::Error> {
        let from = first.covers.map_or(self.pages.position(&first), |(from, _)| from);
        let to = self.pages.position(&last);
        let (page, at) = self.pages.begin(nor, index, first.base, Some((from, to))).await?;
        let mut fold = Fold::new(Some((index, page)), page.base, at, stride);
        let mut position = self.pages.position(&first).saturating_sub(1);
        while let Some((source, old)) = self.pages.after(position) {
            position = self.pages.position(&old);
            if position > to {
                break;
            }
            if !self.is_dead(&old) {
                self.pour(nor, (source, old), &mut fold).await?;
            }
        }
        self.end_pack(nor, &mut fold).await?;
        self.pages.commit(nor, (index, page, fold.at)).await?;
        self.pages.cover(page);
        self.pages.set(index, Some(page));
        Ok(())
    }

    /// Moves what is alive in a page.
    async fn pour<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        (index, page): (usize, Page),
        fold: &mut Fold<C::Packing>,
    ) -> Result<(), F::Error> {
        let limit = self.limit(&page);
        let alive = |number: u32| number <= limit && self.live.contains(number);
        let mut reader = Reader::new(&self.content, self.pages.walk::<F>(index, page), page.base);
        while let Some(item) = reader.next(nor).await? {
            let number = item.number;
            if !alive(number) {
                continue;
            }
            let mut record = [0; PACKED_MAX];
            let len = if item.entry.kind == Kind::Pack {
                let unpacked = reader.unpacked(&item);
                (record.iter_mut().zip(unpacked)).for_each(|(to, from)| *to = *from);
                Some(unpacked.len())
            } else {
                self.entry_record(nor, &item.entry, &mut record).await?
            };
            let record = len.and_then(|len| record.get(..len));
            match record {
                None => self.copy_entry(nor, &item, fold).await?,
                Some(record) => {
                    if fold.stride == 1 || !self.is_thinned(nor, &reader, (&item, record), alive, fold).await? {
                        self.pour_packed(nor, number, record, fold).await?;
                    }
                }
            }
            fold.last = number;
        }
        Ok(())
    }

    /// Reads a record that has an entry of its own; returns its length, `None` if it is too long to be packed.
    async fn entry_record<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        entry: &Entry,
        record: &mut [u8; PACKED_MAX],
    ) -> Result<Option<usize>, F::Error> {
        let place = self.payload(nor, entry).await?;
        match read_sealed(nor, place, entry.sealed, record).await {
            Err(FlashError::Flash(error)) => Err(error),
            read => Ok(read.ok()),
        }
    }

    /// Whether a record goes.
    async fn is_thinned<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        reader: &Reader<'_, C>,
        (item, record): (&Item, &[u8]),
        alive: impl Fn(u32) -> bool,
        fold: &mut Fold<C::Packing>,
    ) -> Result<bool, F::Error> {
        let number = item.number;
        let Some(role) = self.content.role(number, record) else {
            return Ok(false);
        };
        // What is alive is told by the number that a range begins with, and what was stored again counts.
        let is_first = self.live.range(number).is_none_or(|(first, _)| first == number);
        let may_go = role.is_sample
            && !is_first
            && fold.last != number
            && match item.entry.kind {
                Kind::Pack => reader.sample_follows(role.transaction, alive),
                _ => self.sample_follows(nor, reader, role.transaction, alive).await?,
            };
        Ok(fold.thins(role, may_go))
    }

    /// Whether the next record of a transaction is a sample too, among the next entries.
    async fn sample_follows<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        reader: &Reader<'_, C>,
        transaction: u32,
        alive: impl Fn(u32) -> bool,
    ) -> Result<bool, F::Error> {
        let mut ahead = reader.ahead();
        for _ in 0..AHEAD {
            let Some(item) = ahead.next(nor).await?.filter(|item| item.entry.kind != Kind::Pack) else {
                break;
            };
            let mut record = [0; PACKED_MAX];
            let len = self.entry_record(nor, &item.entry, &mut record).await?;
            let record = len.and_then(|len| record.get(..len)).unwrap_or_default();
            match self.content.role(item.number, record) {
                Some(role) if role.transaction == transaction && alive(item.number) => return Ok(role.is_sample),
                Some(_) => {}
                // It may be of any transaction.
                None => break,
            }
        }
        Ok(false)
    }

    /// A record that is too long for a pack.
    async fn copy_entry<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        item: &Item,
        fold: &mut Fold<C::Packing>,
    ) -> Result<(), F::Error> {
        let (body, len) = self.payload(nor, &item.entry).await?;
        self.end_pack(nor, fold).await?;
        let head = fold.entry_head(item.number, len, item.entry.sealed);
        fold.at = match fold.page {
            None => fold.at.saturating_add(head.entry_len::<F>(len)),
            Some((index, page)) => self.pages.copy(nor, (index, page, fold.at), &head, (body, len)).await?,
        };
        Ok(())
    }

    async fn pour_packed<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        number: u32,
        record: &[u8],
        fold: &mut Fold<C::Packing>,
    ) -> Result<(), F::Error> {
        if fold.add(&self.content, number, record) {
            return Ok(());
        }
        self.end_pack(nor, fold).await?;
        if fold.add(&self.content, number, record) {
            return Ok(());
        }
        let (bytes, sealed) = without_seal(record);
        let len = bytes.len() as u32;
        let head = fold.entry_head(number, len, sealed);
        self.write_folded(nor, fold, (&head, len), bytes).await
    }

    /// Writes the pack, if there is one.
    async fn end_pack<F: NorFlash>(&self, nor: &mut Nor<F>, fold: &mut Fold<C::Packing>) -> Result<(), F::Error> {
        let Some((head, len)) = fold.pack_head() else {
            return Ok(());
        };
        fold.packing = None;
        fold.run = Run::UNKNOWN;
        let pack = core::mem::take(&mut fold.pack);
        self.write_folded(nor, fold, (&head, len), &pack).await
    }

    async fn write_folded<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        fold: &mut Fold<C::Packing>,
        (head, len): (&Head, u32),
        bytes: &[u8],
    ) -> Result<(), F::Error> {
        fold.at = match fold.page {
            None => fold.at.saturating_add(head.entry_len::<F>(len)),
            Some((index, page)) => self.pages.write(nor, (index, page, fold.at), head, &[bytes]).await?,
        };
        Ok(())
    }
}

impl<P> Fold<P> {
    /// Adds a record to the pack, or begins one with it. `false`, and nothing is changed, if it does not go in.
    fn add(&mut self, content: &impl Content<Packing = P>, number: u32, record: &[u8]) -> bool {
        let used = self.pack.len();
        let mut begun = None;
        let packing = match &mut self.packing {
            Some((_, packing)) => packing,
            None => &mut begun.insert((number, content.packing(number))).1,
        };
        let _ = self.pack.resize_default(PACK_MAX);
        let room = self.pack.get_mut(used..).unwrap_or_default();
        let taken = content.pack(packing, number, record, room);
        self.pack.truncate(used.saturating_add(taken.unwrap_or(0)));
        if taken.is_some() && begun.is_some() {
            self.packing = begun;
        }
        taken.is_some()
    }

    /// Head for a record with an entry of its own.
    fn entry_head(&mut self, number: u32, len: u32, sealed: bool) -> Head {
        let number = number.saturating_sub(self.base);
        let label = Label {
            kind: Kind::Plain,
            number,
            implied: self.run.implies(number),
            len,
            sealed,
        };
        self.run.add(number);
        Head::new(label)
    }
}
