//! The log of records: appended, read in order, discarded.

use super::content::Content;
use super::crc::{SEAL, seal, without_seal};
use super::entry::{Entry, Head, Kind, Label, Run, Walk, push_number, take_number};
use super::error::FlashError;
use super::live::{Live, SNAPSHOT_MAX};
use super::nor::Nor;
use super::pages::{Log, Page, Pages};
use super::read::Reader;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;

/// Discards that wait for the next record.
const PENDING: usize = 4;
/// Room at the end of a page for the discards that wait when it is closed.
const TAIL: u32 = 32;

#[derive(Clone)]
pub(super) struct Records<C, const N: usize> {
    pub(super) pages: Pages<N>,
    pub(super) live: Live,
    /// Discards that are not in flash yet. They get there in order, so that a power cut undoes the latest only.
    pub(super) pending: heapless::Vec<u32, PENDING>,
    /// The page that is written to.
    pub(super) current: Option<usize>,
    /// Where its next entry goes.
    offset: u32,
    /// The numbers that are in it.
    run: Run,
    /// Number of the record that was stored last.
    latest: u32,
    pub(super) cursor: Option<Cursor>,
    /// Position of the page that was thinned last.
    pub(super) thinned: u32,
    pub(super) content: C,
    pub(super) damaged: u32,
}

/// The record that was found last, and where to look for the next: behind it, or in the same pack.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    index: usize,
    number: u32,
    next: u32,
}

/// An entry for a record.
struct Parts<'b> {
    head: Head,
    /// Bytes of the body.
    len: u32,
    /// What the body begins with.
    drops: heapless::Vec<u8, { 1 + 5 * PENDING }>,
    bytes: &'b [u8],
}

/// A stored record.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub number: u32,
    /// The number before the first of its page.
    base: u32,
    entry: Entry,
}

impl<C: Content, const N: usize> Records<C, N> {
    pub(super) async fn open<F: NorFlash>(
        nor: &mut Nor<F>,
        range: Range<u32>,
        content: C,
    ) -> Result<Self, FlashError<F::Error>> {
        let pages = Pages::open(nor, range, Log::Records).await?;
        let mut records = Self {
            damaged: pages.damaged,
            pages,
            live: Live::default(),
            pending: heapless::Vec::new(),
            current: None,
            offset: 0,
            run: Run::EMPTY,
            latest: 0,
            cursor: None,
            thinned: 0,
            content,
        };
        records.replay(nor).await.map_err(FlashError::Flash)?;
        records.check(nor).await.map_err(FlashError::Flash)?;
        Ok(records)
    }

    /// Reads from the last page, and from those before it if its snapshot is damaged, what is alive.
    async fn replay<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<(), F::Error> {
        let mut first = u32::MAX;
        while let Some((index, page)) = self.pages.before(first) {
            first = self.pages.position(&page);
            if page.covers.is_some() {
                continue;
            }
            let begins = self.pages.walk::<F>(index, page).next(nor).await?;
            if begins.is_some_and(|entry| entry.kind == Kind::Snapshot) {
                break;
            }
        }
        let mut position = first.saturating_sub(1);
        while let Some((index, page)) = self.pages.after(position) {
            position = self.pages.position(&page);
            if page.covers.is_none() {
                self.current = Some(index);
                self.apply(nor, index, page).await?;
            }
        }
        Ok(())
    }

    async fn apply<F: NorFlash>(&mut self, nor: &mut Nor<F>, index: usize, page: Page) -> Result<(), F::Error> {
        self.latest = page.base;
        self.run = Run::EMPTY;
        let mut walk = self.pages.walk::<F>(index, page);
        while let Some(entry) = walk.next(nor).await? {
            let number = page.base.saturating_add(entry.number);
            match entry.kind {
                Kind::Snapshot => {
                    let mut bytes = [0; SNAPSHOT_MAX];
                    let bytes = bytes.get_mut(..entry.len as usize).unwrap_or_default();
                    nor.read(entry.body, bytes).await?;
                    self.live = Live::from_bytes(bytes).unwrap_or_default();
                }
                Kind::Plain | Kind::Dropping | Kind::Note => {
                    for dropped in self.dropped(nor, &entry, number).await?.0 {
                        // That the next number may be of no record is put right below.
                        let _ = self.live.remove(dropped, dropped.checked_add(1));
                    }
                    if entry.kind != Kind::Note {
                        self.run.add(entry.number);
                        let _ = self.live.add(number, self.latest);
                        self.latest = number;
                    }
                }
                Kind::Commit | Kind::Removed | Kind::Pack => {}
            }
        }
        self.damaged = self.damaged.saturating_add(walk.damaged);
        // The word that comes next may be one whose writing was cut off before it showed.
        self.offset = walk.used.saturating_add(Nor::<F>::WORD);
        Ok(())
    }

    /// Checks every record that is alive, and leaves out what is not there.
    async fn check<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<(), F::Error> {
        let mut seen: heapless::Vec<_, { super::live::RANGES }> =
            self.live.ranges().map(|range| (range, None::<(u32, u32)>)).collect();
        let mut position = 0;
        while let Some((index, page)) = self.pages.after(position) {
            position = self.pages.position(&page);
            let limit = self.limit(&page);
            if !self.live.touches(page.base.saturating_add(1), limit) {
                continue;
            }
            let mut reader = Reader::new(&self.content, self.pages.walk::<F>(index, page), page.base);
            while let Some(item) = reader.next(nor).await? {
                let number = item.number;
                if number > limit {
                    continue;
                }
                for ((first, last), there) in &mut seen {
                    if (*first..=*last).contains(&number) {
                        *there = Some((there.map_or(number, |(first, _)| first), number));
                    }
                }
            }
            if Some(index) != self.current {
                self.damaged = self.damaged.saturating_add(reader.damaged());
            }
        }
        self.live = Live::of(seen.iter().filter_map(|(_, there)| *there));
        Ok(())
    }

    /// The highest number that counts in a page: what comes after it in the log goes on behind that.
    pub(super) fn limit(&self, page: &Page) -> u32 {
        let position = self.pages.position(page);
        let later = self
            .pages
            .used()
            .filter(|(_, other)| self.pages.position(other) > position);
        later.map(|(_, page)| page.base).min().unwrap_or(u32::MAX)
    }

    /// Whether nothing alive is in a page.
    pub(super) fn is_dead(&self, page: &Page) -> bool {
        !self.live.touches(page.base.saturating_add(1), self.limit(page))
    }

    /// Whether a page may be erased: also after a power cut nothing alive is in it.
    fn is_erasable(&self, index: usize) -> bool {
        self.pages.page(index).is_none_or(|page| {
            let range = page.base.saturating_add(1)..=self.limit(&page);
            self.is_dead(&page) && !self.pending.iter().any(|number| range.contains(number))
        })
    }

    /// Pages that could be begun now, in the order in which they should be.
    pub(super) fn erasable(&self) -> impl Iterator<Item = usize> {
        let free = |index: &usize| Some(*index) != self.current && self.is_erasable(*index);
        self.pages.rotation().filter(free)
    }

    fn free(&self) -> usize {
        let free = |index: &usize| self.pages.page(*index).is_none_or(|page| self.is_dead(&page));
        (0..self.pages.count())
            .filter(free)
            .filter(|index| Some(*index) != self.current)
            .count()
    }

    /// The first record from a number on.
    pub(super) async fn find<F: NorFlash>(&mut self, nor: &mut Nor<F>, from: u32) -> Result<Option<Found>, F::Error> {
        let mut from = from;
        while let Some(number) = self.live.from(from) {
            let holding = self.pages.used().filter(|(_, page)| page.base < number);
            let holding = holding.max_by_key(|(_, page)| self.pages.position(page));
            let limit = match holding {
                Some((index, page)) => {
                    let limit = self.limit(&page);
                    if let Some(found) = self.find_in(nor, (index, page), number, limit).await? {
                        return Ok(Some(found));
                    }
                    limit
                }
                None => self.pages.used().map(|(_, page)| page.base).min().unwrap_or(u32::MAX),
            };
            match limit.max(number).checked_add(1) {
                Some(next) => from = next,
                None => break,
            }
        }
        Ok(None)
    }

    async fn find_in<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        (index, page): (usize, Page),
        from: u32,
        limit: u32,
    ) -> Result<Option<Found>, F::Error> {
        let mut reader = self.reader::<F>(index, page, from);
        let mut found: Option<Found> = None;
        while let Some(item) = reader.next(nor).await? {
            let number = item.number;
            if !(from..=limit).contains(&number) || !self.live.contains(number) {
                continue;
            }
            // What was stored again under the same number follows, and counts.
            if found.as_ref().is_some_and(|found| found.number != number) {
                break;
            }
            let entry = item.entry;
            found = Some(Found {
                number,
                base: page.base,
                entry,
            });
        }
        if let Some(Found { number, entry, .. }) = found {
            let next = if entry.kind == Kind::Pack { entry.at } else { entry.next };
            self.cursor = Some(Cursor { index, number, next });
        }
        Ok(found)
    }

    /// Reads a page from the last record found on, if that is before `from`.
    fn reader<F: NorFlash>(&self, index: usize, page: Page, from: u32) -> Reader<'_, C> {
        let cursor = self
            .cursor
            .filter(|cursor| cursor.index == index && cursor.number < from);
        let (start, end) = self.pages.bounds(index);
        let end = if self.current == Some(index) {
            self.offset.min(end)
        } else {
            end
        };
        let walk = match cursor {
            Some(cursor) => {
                let last = cursor.number.saturating_sub(page.base);
                Walk::new(start, page.sequence, cursor.next, end).behind(last)
            }
            None => self.pages.walk::<F>(index, page).until(end),
        };
        Reader::new(&self.content, walk, page.base)
    }

    /// Reads the bytes of a record.
    pub(super) async fn read<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        found: &Found,
        buf: &mut [u8],
    ) -> Result<usize, FlashError<F::Error>> {
        if found.entry.kind == Kind::Pack {
            return self.unpack(nor, found, buf).await;
        }
        let (body, len) = self.payload(nor, &found.entry).await.map_err(FlashError::Flash)?;
        read_sealed(nor, (body, len), found.entry.sealed, buf).await
    }

    async fn unpack<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        found: &Found,
        buf: &mut [u8],
    ) -> Result<usize, FlashError<F::Error>> {
        let mut reader = Reader::new(&self.content, Walk::new(0, 0, 0, 0), found.base);
        reader.open(nor, found.entry).await.map_err(FlashError::Flash)?;
        let mut len = 0;
        while let Some(item) = reader.next_packed().filter(|item| item.number <= found.number) {
            if item.number == found.number {
                let bytes = reader.unpacked(&item);
                len = bytes.len();
                let place = buf.get_mut(..len).ok_or(FlashError::Buffer { needed: len })?;
                place.copy_from_slice(bytes);
            }
        }
        Ok(len)
    }

    /// Where the bytes of a record with an entry of its own are, and how many.
    pub(super) async fn payload<F: NorFlash>(&self, nor: &mut Nor<F>, entry: &Entry) -> Result<(u32, u32), F::Error> {
        let (_, skipped) = self.dropped(nor, entry, 0).await?;
        Ok((entry.body.saturating_add(skipped), entry.len.saturating_sub(skipped)))
    }

    /// The numbers that an entry discards, and how many bytes they take.
    async fn dropped<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        entry: &Entry,
        number: u32,
    ) -> Result<(heapless::Vec<u32, PENDING>, u32), F::Error> {
        if !matches!(entry.kind, Kind::Dropping | Kind::Note) {
            return Ok((heapless::Vec::new(), 0));
        }
        let mut bytes = [0; 1 + 5 * PENDING];
        let held = bytes.len().min(entry.len as usize);
        let bytes = bytes.get_mut(..held).unwrap_or_default();
        nor.read(entry.body, bytes).await?;
        let mut rest: &[u8] = bytes;
        let mut dropped = heapless::Vec::new();
        let count = take_number(&mut rest).unwrap_or(0);
        for _ in 0..count {
            let Some(back) = take_number(&mut rest) else { break };
            let _ = dropped.push(number.saturating_sub(back));
        }
        Ok((dropped, held.saturating_sub(rest.len()) as u32))
    }

    pub(super) async fn put<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        number: u32,
        bytes: &[u8],
    ) -> Result<(), FlashError<F::Error>> {
        let len = u32::try_from(bytes.len()).map_err(|_| FlashError::Full)?;
        let most = self
            .pages
            .room::<F>()
            .saturating_sub(Nor::<F>::words(const { SNAPSHOT_MAX as u32 + 16 }));
        if len.saturating_add(3 * TAIL) > most || number == 0 {
            return Err(FlashError::Full);
        }
        if number < self.latest {
            if self.find(nor, number).await.map_err(FlashError::Flash)?.is_some() {
                return Err(FlashError::Order);
            }
            // Numbers begin anew behind what is alive: in a page of their own they are not mistaken for those before.
            self.open_page(nor, number.saturating_sub(1), 2).await?;
        }
        let result = self.append(nor, number, bytes).await;
        if let Err(FlashError::Flash(_)) = result {
            // Another page may do.
            self.offset = u32::MAX;
            return self.append(nor, number, bytes).await;
        }
        result
    }

    async fn append<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        number: u32,
        bytes: &[u8],
    ) -> Result<(), FlashError<F::Error>> {
        if self.parts(number, bytes).is_none_or(|parts| !self.fits::<F>(&parts)) {
            self.open_page(nor, self.latest.min(number.saturating_sub(1)), 2)
                .await?;
        }
        if !self.content.is_end(bytes) {
            while !self.leaves_reserve::<F>(bytes.len()) {
                self.flush(nor).await?;
                if !self.fold(nor, true).await {
                    return Err(FlashError::Full);
                }
            }
        }
        let Some(parts) = self.parts(number, bytes) else {
            return Err(FlashError::Full);
        };
        if self.free() == 0 || !self.fits::<F>(&parts) || !self.live.can_add(self.latest) {
            return Err(FlashError::Full);
        }
        let Parts { head, drops, bytes, .. } = parts;
        self.write(nor, &head, &[&drops, bytes])
            .await
            .map_err(FlashError::Flash)?;
        if let Some(page) = self.current.and_then(|index| self.pages.page(index)) {
            self.run.add(number.saturating_sub(page.base));
        }
        let _ = self.live.add(number, self.latest);
        self.latest = number;
        self.pending.clear();
        Ok(())
    }

    /// The entry for a record in the current page.
    fn parts<'b>(&self, number: u32, bytes: &'b [u8]) -> Option<Parts<'b>> {
        let page = self.pages.page(self.current?)?;
        let drops = if self.pending.is_empty() {
            heapless::Vec::new()
        } else {
            self.drops(number)
        };
        let kind = if drops.is_empty() { Kind::Plain } else { Kind::Dropping };
        let (bytes, sealed) = without_seal(bytes);
        let len = bytes.len().saturating_add(drops.len()) as u32;
        let number = number.checked_sub(page.base).filter(|number| *number > 0)?;
        let head = Head::new(Label {
            kind,
            number,
            implied: self.run.implies(number),
            len,
            sealed,
        });
        Some(Parts {
            head,
            len,
            drops,
            bytes,
        })
    }

    /// What waits to be discarded, told from a number on downwards.
    fn drops(&self, number: u32) -> heapless::Vec<u8, { 1 + 5 * PENDING }> {
        let mut drops = heapless::Vec::new();
        push_number(&mut drops, self.pending.len() as u32);
        for dropped in &self.pending {
            push_number(&mut drops, number.saturating_sub(*dropped));
        }
        drops
    }

    async fn write<F: NorFlash>(&mut self, nor: &mut Nor<F>, head: &Head, body: &[&[u8]]) -> Result<(), F::Error> {
        let place = self
            .current
            .and_then(|index| Some((index, self.pages.page(index)?, self.offset)));
        if let Some(place) = place {
            self.offset = self.pages.write(nor, place, head, body).await?;
        }
        Ok(())
    }

    /// Bytes left in the current page.
    fn left(&self) -> u32 {
        let end = self.current.map_or(0, |index| self.pages.bounds(index).1);
        end.saturating_sub(self.offset)
    }

    fn fits<F: NorFlash>(&self, parts: &Parts<'_>) -> bool {
        parts.head.entry_len::<F>(parts.len).saturating_add(TAIL) <= self.left()
    }

    /// Whether the room for the last records is still there after an entry with so many bytes.
    fn leaves_reserve<F: NorFlash>(&self, len: usize) -> bool {
        let entry = |len: usize| Nor::<F>::words((len as u32).saturating_add(3 * TAIL / 2));
        let reserve = self.content.reserve();
        let size = entry(reserve.bytes.into());
        let in_room = |room: u32| room.checked_div(size).unwrap_or(0);
        let here = in_room(self.left().saturating_sub(TAIL).saturating_sub(entry(len)));
        // One page is for folding.
        let pages = u32::try_from(self.free().saturating_sub(1)).unwrap_or(0);
        let room = self.pages.room::<F>().saturating_sub(TAIL * 2);
        here.saturating_add(pages.saturating_mul(in_room(room))) >= reserve.records.into()
    }

    pub(super) async fn discard<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        number: u32,
    ) -> Result<(), FlashError<F::Error>> {
        let Some((first, last)) = self.live.range(number) else {
            return Ok(());
        };
        if first != number {
            let found = self.find(nor, number).await.map_err(FlashError::Flash)?;
            if found.is_none_or(|found| found.number != number) {
                return Ok(());
            }
        }
        let next = match number.checked_add(1).filter(|next| *next <= last) {
            Some(next) => self.find(nor, next).await.map_err(FlashError::Flash)?,
            None => None,
        };
        if self.pending.is_full() {
            self.flush(nor).await?;
        }
        self.live
            .remove(number, next.map(|next| next.number))
            .map_err(|()| FlashError::Full)?;
        let _ = self.pending.push(number);
        if self.live.from(number).is_some() {
            return Ok(());
        }
        // Nothing may be stored for long: what was told last is not to be told again after a power cut by then.
        match self.flush(nor).await {
            Err(FlashError::Full) => Ok(()),
            flushed => flushed,
        }
    }

    /// Writes the discards that wait.
    async fn flush<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<(), FlashError<F::Error>> {
        if self.pending.is_empty() || self.note(nor, TAIL).await {
            return Ok(());
        }
        self.open_page(nor, self.latest, 1).await
    }

    /// Writes the discards that wait as an entry of their own, if the page has so much more room than that takes.
    async fn note<F: NorFlash>(&mut self, nor: &mut Nor<F>, spare: u32) -> bool {
        let Some(page) = self.current.and_then(|index| self.pages.page(index)) else {
            return false;
        };
        let drops = self.drops(self.latest);
        let len = drops.len() as u32;
        let number = self.latest.saturating_sub(page.base);
        let head = Head::new(Label::new(Kind::Note, number, len));
        if head.entry_len::<F>(len).saturating_add(spare) > self.left() {
            return false;
        }
        let written = self.write(nor, &head, &[&drops]).await.is_ok();
        if written {
            self.pending.clear();
        } else {
            self.offset = u32::MAX;
        }
        written
    }

    /// Begins a new page, if `spare` pages are free, that one included.
    async fn open_page<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        base: u32,
        spare: usize,
    ) -> Result<(), FlashError<F::Error>> {
        if !self.pending.is_empty() {
            self.note(nor, 0).await;
        }
        if self.current.is_some() {
            self.offset = u32::MAX;
        }
        let used = self.pages.count().saturating_sub(self.free());
        if used.saturating_mul(4) > self.pages.count().saturating_mul(3) {
            self.fold(nor, false).await;
        }
        let current = self.current.and_then(|index| self.pages.page(index));
        let freed = usize::from(current.is_some_and(|page| self.is_dead(&page)));
        while self.free().saturating_add(freed) < spare {
            if !self.fold(nor, true).await {
                return Err(FlashError::Full);
            }
        }
        let mut error = FlashError::Full;
        let mut candidates: heapless::Vec<usize, N> = self.erasable().collect();
        candidates.truncate(3);
        for index in candidates {
            match self.begin_page(nor, index, base).await {
                Ok(()) => return Ok(()),
                Err(failed) => error = FlashError::Flash(failed),
            }
        }
        Err(error)
    }

    async fn begin_page<F: NorFlash>(&mut self, nor: &mut Nor<F>, index: usize, base: u32) -> Result<(), F::Error> {
        self.cursor = None;
        let (page, at) = self.pages.begin(nor, index, base, None).await?;
        let mut live = self.live.clone();
        if base < self.latest {
            live.truncate(base.saturating_add(1));
        }
        let snapshot = live.to_bytes();
        let head = Head::new(Label::new(Kind::Snapshot, 0, snapshot.len() as u32));
        self.offset = self.pages.write(nor, (index, page, at), &head, &[&snapshot]).await?;
        self.pages.set(index, Some(page));
        self.current = Some(index);
        self.run = Run::EMPTY;
        self.live = live;
        self.latest = base;
        self.pending.clear();
        Ok(())
    }
}

/// Reads bytes whose checksum at the end may have been left out.
pub(super) async fn read_sealed<F: NorFlash>(
    nor: &mut Nor<F>,
    (at, len): (u32, u32),
    sealed: bool,
    buf: &mut [u8],
) -> Result<usize, FlashError<F::Error>> {
    let len = len as usize;
    let needed = len.saturating_add(if sealed { SEAL } else { 0 });
    let place = buf.get_mut(..needed).ok_or(FlashError::Buffer { needed })?;
    let (content, end) = place.split_at_mut(len);
    nor.read(at, content).await.map_err(FlashError::Flash)?;
    if sealed {
        end.copy_from_slice(&seal(content));
    }
    Ok(needed)
}
