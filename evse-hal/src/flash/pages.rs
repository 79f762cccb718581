//! The pages of a log: which of them hold something, and in which order.

use super::crc::Crc;
use super::entry::{Head, Kind, Label, Walk};
use super::error::FlashError;
use super::nor::{Nor, WINDOW};
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;

/// Version of the format.
const VERSION: u8 = 1;
/// A page has at least so many bytes, in as many erase blocks as that takes.
const PAGE_MIN: u32 = 1024;
/// Bytes of a page's head.
const HEAD: u32 = 27;
/// Set in the byte with the word size.
const COVERS: u8 = 0x80;
const WORD_MAX: usize = 32;
/// The head tells the size of a page in this unit.
const UNIT: u32 = WINDOW as u32;

/// Which log a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Log {
    Records,
    Values,
}

/// A page that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// When it was begun: no two pages share it.
    pub sequence: u32,
    /// The number before the first record that may be in it.
    pub base: u32,
    /// The positions that it stands in for, first and last.
    pub covers: Option<(u32, u32)>,
}

/// The pages of a log.
#[derive(Clone)]
pub(super) struct Pages<const N: usize> {
    log: Log,
    start: u32,
    size: u32,
    /// What each page holds; `None` is free.
    table: heapless::Vec<Option<Page>, N>,
    /// The page that was begun last.
    last: usize,
    /// The highest sequence number that was used.
    sequence: u32,
    /// Heads that are neither whole nor torn.
    pub damaged: u32,
}

enum Found {
    Page(Page),
    /// Erased, or a head whose writing or erasing was interrupted.
    Nothing,
    Foreign,
    Version(u8),
}

impl Log {
    const fn magic(self) -> [u8; 4] {
        match self {
            Self::Records => *b"EvR\x96",
            Self::Values => *b"EvV\x96",
        }
    }

    const fn least(self) -> usize {
        match self {
            Self::Records => 3,
            Self::Values => 2,
        }
    }
}

impl<const N: usize> Pages<N> {
    /// Looks at the head of every page.
    pub(super) async fn open<F: NorFlash>(
        nor: &mut Nor<F>,
        range: Range<u32>,
        log: Log,
    ) -> Result<Self, FlashError<F::Error>> {
        let mut pages = Self::layout(nor, range, log)?;
        let (mut foreign, mut version) = (0u32, None);
        for index in 0..pages.table.len() {
            match pages.look(nor, index).await? {
                Found::Page(page) => pages.set(index, Some(page)),
                Found::Version(other) => version = Some(other),
                Found::Foreign => foreign = foreign.saturating_add(1),
                Found::Nothing => {}
            }
        }
        if pages.used().next().is_some() {
            pages.damaged = foreign.saturating_add(u32::from(version.is_some()));
        } else if let Some(version) = version {
            return Err(FlashError::Version(version));
        } else if foreign > 0 {
            return Err(FlashError::Foreign);
        }
        let newest = pages.used().max_by_key(|(_, page)| page.sequence);
        (pages.last, pages.sequence) = newest.map_or((usize::MAX, 0), |(index, page)| (index, page.sequence));
        pages.settle(nor).await.map_err(FlashError::Flash)?;
        Ok(pages)
    }

    /// Erases all pages.
    pub(super) async fn format<F: NorFlash>(
        nor: &mut Nor<F>,
        range: Range<u32>,
        log: Log,
    ) -> Result<(), FlashError<F::Error>> {
        let pages = Self::layout(nor, range, log)?;
        for index in 0..pages.table.len() {
            let (start, end) = pages.bounds(index);
            nor.erase(start, end).await.map_err(FlashError::Flash)?;
        }
        Ok(())
    }

    fn layout<F: NorFlash>(nor: &Nor<F>, range: Range<u32>, log: Log) -> Result<Self, FlashError<F::Error>> {
        let fits = |size: usize| size > 0 && WINDOW.is_multiple_of(size);
        let block = u32::try_from(F::ERASE_SIZE).ok().filter(|block| *block > 0);
        let size = block.and_then(|block| PAGE_MIN.checked_next_multiple_of(block).map(|size| size.max(block)));
        let size = size.ok_or(FlashError::Geometry)?;
        let word_ok = fits(F::WRITE_SIZE) && fits(F::READ_SIZE) && F::WRITE_SIZE <= WORD_MAX;
        let pages_ok = size.is_multiple_of(UNIT) && size <= const { UNIT * u16::MAX as u32 };
        if !word_ok || !pages_ok || !F::WRITE_SIZE.is_multiple_of(F::READ_SIZE) {
            return Err(FlashError::Geometry);
        }
        let length = range.end.saturating_sub(range.start);
        let count = length.checked_div(size).unwrap_or(0) as usize;
        let whole = range.start.is_multiple_of(size) && length.is_multiple_of(size);
        if !whole || range.end as usize > nor.capacity() || !(log.least()..=N).contains(&count) {
            return Err(FlashError::Region {
                page: size,
                least: log.least(),
                most: N,
            });
        }
        Ok(Self {
            log,
            start: range.start,
            size,
            table: core::iter::repeat_n(None, count).collect(),
            last: 0,
            sequence: 0,
            damaged: 0,
        })
    }

    async fn look<F: NorFlash>(&self, nor: &mut Nor<F>, index: usize) -> Result<Found, FlashError<F::Error>> {
        let (start, _) = self.bounds(index);
        let unreadable = nor.unreadable;
        let second = start.saturating_add(Nor::<F>::words(HEAD));
        let mut found = Found::Nothing;
        for at in [start, second] {
            let mut head = [0; HEAD as usize];
            nor.read(at, &mut head).await.map_err(FlashError::Flash)?;
            match self.parse::<F>(&head)? {
                None => {}
                Some(whole @ Found::Page(_)) => return Ok(whole),
                Some(other) => found = other,
            }
        }
        if matches!(found, Found::Version(_)) {
            return Ok(found);
        }
        let mut words = [0; 2 * WORD_MAX];
        nor.read(start, &mut words).await.map_err(FlashError::Flash)?;
        // Writing only turns bits to 0, erasing only to 1: what is cut off lies in between.
        let cut_off = nor.unreadable != unreadable;
        let torn = words
            .iter()
            .zip(self.log.magic())
            .all(|(byte, magic)| byte & magic == magic);
        let later = words.get(F::WRITE_SIZE.max(4)..).unwrap_or_default();
        let first_word_only = later.iter().all(|&byte| byte == 0xff);
        Ok(if cut_off || torn || first_word_only {
            Found::Nothing
        } else {
            Found::Foreign
        })
    }

    fn parse<F: NorFlash>(&self, head: &[u8; HEAD as usize]) -> Result<Option<Found>, FlashError<F::Error>> {
        let Some((magic, rest)) = head.split_first_chunk::<4>() else {
            return Ok(None);
        };
        if *magic != self.log.magic() {
            return Ok(None);
        }
        let (Some(([version, word, page @ ..], rest)), Some((content, sum))) =
            (rest.split_first_chunk::<4>(), head.split_last_chunk::<3>())
        else {
            return Ok(None);
        };
        let mut crc = Crc::new();
        crc.add(content);
        if crc.bytes() != *sum {
            return Ok(None);
        }
        // Heads are the same in every version.
        if *version != VERSION {
            return Ok(Some(Found::Version(*version)));
        }
        if word & !COVERS != F::WRITE_SIZE as u8 || u16::from_le_bytes(*page) != self.units() {
            return Err(FlashError::Geometry);
        }
        let mut numbers = rest
            .chunks_exact(4)
            .map(|number| number.try_into().map_or(0, u32::from_le_bytes));
        let mut number = || numbers.next().unwrap_or(0);
        let (sequence, base, from, to) = (number(), number(), number(), number());
        Ok(Some(Found::Page(Page {
            sequence,
            base,
            covers: (word & COVERS != 0).then_some((from, to)),
        })))
    }

    /// A page that the power went in while it was begun holds nothing, and one that stands in for others counts only
    /// once that was committed; then they count no more.
    async fn settle<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<(), F::Error> {
        for index in 0..self.table.len() {
            let Some(page) = self.page(index) else { continue };
            let wanted = |kind: Kind| page.covers.is_none() || kind == Kind::Commit;
            let mut walk = self.walk::<F>(index, page);
            loop {
                match walk.next(nor).await? {
                    Some(entry) if wanted(entry.kind) => break,
                    Some(_) => {}
                    None => {
                        self.set(index, None);
                        break;
                    }
                }
            }
        }
        for index in 0..self.table.len() {
            if let Some(page) = self.page(index) {
                self.cover(page);
            }
        }
        Ok(())
    }

    /// Frees the pages that this one stands in for.
    pub(super) fn cover(&mut self, by: Page) {
        let Some((from, to)) = by.covers else { return };
        for index in 0..self.table.len() {
            let covered = self
                .page(index)
                .is_some_and(|page| page.sequence < by.sequence && (from..=to).contains(&self.position(&page)));
            if covered {
                self.set(index, None);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.table.len()
    }

    pub(super) fn page(&self, index: usize) -> Option<Page> {
        self.table.get(index).copied().flatten()
    }

    pub(super) fn set(&mut self, index: usize, page: Option<Page>) {
        if let Some(place) = self.table.get_mut(index) {
            *place = page;
        }
    }

    pub(super) fn used(&self) -> impl Iterator<Item = (usize, Page)> {
        let page = |(index, page): (usize, &Option<Page>)| Some((index, (*page)?));
        self.table.iter().enumerate().filter_map(page)
    }

    /// Where a page stands in the log.
    pub(super) fn position(&self, page: &Page) -> u32 {
        match (self.log, page.covers) {
            (Log::Records, Some((_, to))) => to,
            _ => page.sequence,
        }
    }

    /// The first page of the log behind a position.
    pub(super) fn after(&self, position: u32) -> Option<(usize, Page)> {
        let behind = self.used().filter(|(_, page)| self.position(page) > position);
        behind.min_by_key(|(_, page)| self.position(page))
    }

    /// The last page of the log before a position.
    pub(super) fn before(&self, position: u32) -> Option<(usize, Page)> {
        let before = self.used().filter(|(_, page)| self.position(page) < position);
        before.max_by_key(|(_, page)| self.position(page))
    }

    /// First byte of a page, and that behind it.
    pub(super) fn bounds(&self, index: usize) -> (u32, u32) {
        let start = self.start.saturating_add(self.size.saturating_mul(index as u32));
        (start, start.saturating_add(self.size))
    }

    fn units(&self) -> u16 {
        self.size.checked_div(UNIT).unwrap_or(0) as u16
    }

    /// Bytes that a page has for entries.
    pub(super) fn room<F: NorFlash>(&self) -> u32 {
        self.size.saturating_sub(Nor::<F>::words(HEAD).saturating_mul(2))
    }

    pub(super) fn walk<F: NorFlash>(&self, index: usize, page: Page) -> Walk {
        let (start, end) = self.bounds(index);
        Walk::new(start, page.sequence, end.saturating_sub(self.room::<F>()), end)
    }

    /// Pages in the order in which they are to be used next, so that all wear alike.
    pub(super) fn rotation(&self) -> impl Iterator<Item = usize> + use<N> {
        let count = self.table.len();
        let first = self.last.wrapping_add(1);
        (0..count).filter_map(move |index| index.saturating_add(first).checked_rem(count))
    }

    /// Erases a free page and writes its head, twice, as everything in the page hangs on it. It does not count as used
    /// before it is [`set`](Self::set). Returns where its entries begin.
    pub(super) async fn begin<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        index: usize,
        base: u32,
        covers: Option<(u32, u32)>,
    ) -> Result<(Page, u32), F::Error> {
        self.last = index;
        self.sequence = self.sequence.saturating_add(1);
        self.set(index, None);
        let page = Page {
            sequence: self.sequence,
            base,
            covers,
        };
        let (start, end) = self.bounds(index);
        nor.erase(start, end).await?;
        let (from, to) = covers.unwrap_or((0, 0));
        let word = F::WRITE_SIZE as u8 | if covers.is_some() { COVERS } else { 0 };
        let mut at = start;
        for _ in 0..2 {
            let mut writer = nor.writer(at, Crc::new());
            nor.push(&mut writer, &self.log.magic()).await?;
            nor.push(&mut writer, &[VERSION, word]).await?;
            nor.push(&mut writer, &self.units().to_le_bytes()).await?;
            for number in [page.sequence, base, from, to] {
                nor.push(&mut writer, &number.to_le_bytes()).await?;
            }
            at = nor.finish(writer, None).await?;
        }
        Ok((page, at))
    }

    /// Writes an entry without a body that is more than bytes at hand; returns where the next begins.
    pub(super) async fn write<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        place: (usize, Page, u32),
        head: &Head,
        body: &[&[u8]],
    ) -> Result<u32, F::Error> {
        let mut writer = self.writer(nor, place);
        nor.push(&mut writer, head.bytes()).await?;
        for part in body {
            nor.push(&mut writer, part).await?;
        }
        nor.finish(writer, head.implied()).await
    }

    /// Writes the content of an entry from elsewhere in flash.
    pub(super) async fn copy<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        place: (usize, Page, u32),
        head: &Head,
        body: (u32, u32),
    ) -> Result<u32, F::Error> {
        let mut writer = self.writer(nor, place);
        nor.push(&mut writer, head.bytes()).await?;
        nor.push_from(&mut writer, body.0, body.1).await?;
        nor.finish(writer, head.implied()).await
    }

    /// Says that a page stands in for those that it covers: twice, as everything in the page hangs on it.
    pub(super) async fn commit<F: NorFlash>(
        &self,
        nor: &mut Nor<F>,
        (index, page, mut at): (usize, Page, u32),
    ) -> Result<u32, F::Error> {
        let head = Head::new(Label::bare(Kind::Commit));
        for _ in 0..2 {
            at = self.write(nor, (index, page, at), &head, &[]).await?;
        }
        Ok(at)
    }

    /// Bytes that [`commit`](Self::commit) takes.
    pub(super) fn commit_len<F: NorFlash>() -> u32 {
        Head::new(Label::bare(Kind::Commit)).entry_len::<F>(0).saturating_mul(2)
    }

    fn writer<F: NorFlash>(&self, nor: &Nor<F>, (index, page, at): (usize, Page, u32)) -> super::nor::Writer {
        let (start, _) = self.bounds(index);
        nor.writer(at, Crc::at(page.sequence, at.saturating_sub(start)))
    }
}
