//! The log of values: the last entry of a key counts.

use super::crc::without_seal;
use super::entry::{Entry, Head, Kind, Label};
use super::error::FlashError;
use super::nor::Nor;
use super::pages::{Log, Page, Pages};
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;

#[derive(Clone)]
pub(super) struct Values<const N: usize> {
    pages: Pages<N>,
    /// The page that is written to, and where its next entry goes.
    current: Option<(usize, u32)>,
    /// An entry of so many bytes found no room although everything was tidied up, which is not tried again for longer
    /// ones: it wears out the flash.
    refused: Option<u32>,
    /// Damaged places. Without any, heads of entries can be trusted when a key is looked for.
    pub(super) damaged: u32,
}

impl<const N: usize> Values<N> {
    pub(super) async fn open<F: NorFlash>(nor: &mut Nor<F>, range: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let pages = Pages::open(nor, range, Log::Values).await?;
        let mut values = Self {
            damaged: pages.damaged,
            pages,
            current: None,
            refused: None,
        };
        let mut position = 0;
        while let Some((index, page)) = values.pages.after(position) {
            position = values.pages.position(&page);
            let mut walk = values.pages.walk::<F>(index, page);
            while walk.next(nor).await.map_err(FlashError::Flash)?.is_some() {}
            values.damaged = values.damaged.saturating_add(walk.damaged);
            // The word that comes next may be one whose writing was cut off before it showed.
            values.current = Some((index, walk.used.saturating_add(Nor::<F>::WORD)));
        }
        Ok(values)
    }

    /// Where the bytes of a value are.
    pub(super) async fn find<F: NorFlash>(&mut self, nor: &mut Nor<F>, key: u32) -> Result<Option<Entry>, F::Error> {
        let last = self.last(nor, key).await?;
        Ok(last.filter(|entry| entry.kind == Kind::Plain))
    }

    /// The last entry of a key.
    async fn last<F: NorFlash>(&self, nor: &mut Nor<F>, key: u32) -> Result<Option<Entry>, F::Error> {
        let mut position = u32::MAX;
        while let Some((index, page)) = self.pages.before(position) {
            position = self.pages.position(&page);
            let mut walk = self.pages.walk::<F>(index, page);
            if let Some((_, offset)) = self.current.filter(|(current, _)| *current == index) {
                walk = walk.until(offset);
            }
            if self.damaged == 0 {
                walk = walk.looking_for(key);
            }
            let mut last = None;
            while let Some(entry) = walk.next(nor).await? {
                if entry.number == key && matches!(entry.kind, Kind::Plain | Kind::Removed) {
                    last = Some(entry);
                }
            }
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }

    pub(super) async fn put<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        key: u32,
        bytes: &[u8],
    ) -> Result<(), FlashError<F::Error>> {
        let held = self.find(nor, key).await.map_err(FlashError::Flash)?;
        // What is the same need not be written.
        if let Some(held) = held
            && holds(nor, &held, bytes).await.map_err(FlashError::Flash)?
        {
            return Ok(());
        }
        self.append(nor, Kind::Plain, key, bytes).await
    }

    pub(super) async fn remove<F: NorFlash>(&mut self, nor: &mut Nor<F>, key: u32) -> Result<(), FlashError<F::Error>> {
        if self.find(nor, key).await.map_err(FlashError::Flash)?.is_none() {
            return Ok(());
        }
        self.append(nor, Kind::Removed, key, &[]).await?;
        self.refused = None;
        Ok(())
    }

    async fn append<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        kind: Kind,
        key: u32,
        bytes: &[u8],
    ) -> Result<(), FlashError<F::Error>> {
        let (bytes, sealed) = match kind {
            Kind::Plain => without_seal(bytes),
            _ => (bytes, false),
        };
        let len = u32::try_from(bytes.len()).map_err(|_| FlashError::Full)?;
        let label = Label::new(kind, key, len);
        let head = Head::new(Label { sealed, ..label });
        let size = head.entry_len::<F>(len);
        if size > self.pages.room::<F>().saturating_sub(Pages::<N>::commit_len::<F>()) {
            return Err(FlashError::Full);
        }
        // Once more in another page if this one fails.
        let mut error = FlashError::Full;
        for _ in 0..2 {
            self.make_room(nor, size).await?;
            let Some((index, offset)) = self.current else { break };
            let Some(page) = self.pages.page(index) else { break };
            match self.pages.write(nor, (index, page, offset), &head, &[bytes]).await {
                Ok(next) => {
                    self.current = Some((index, next));
                    return Ok(());
                }
                Err(failed) => {
                    error = FlashError::Flash(failed);
                    self.current = Some((index, u32::MAX));
                    self.damaged = self.damaged.saturating_add(1);
                }
            }
        }
        Err(error)
    }

    /// Bytes left in the current page: what is in it must fit into another page with a commit behind it.
    fn left<F: NorFlash>(&self) -> u32 {
        let left = |(index, offset)| self.pages.bounds(index).1.saturating_sub(offset);
        self.current
            .map_or(0, left)
            .saturating_sub(Pages::<N>::commit_len::<F>())
    }

    /// Sees to it that an entry of so many bytes fits into the current page.
    async fn make_room<F: NorFlash>(&mut self, nor: &mut Nor<F>, size: u32) -> Result<(), FlashError<F::Error>> {
        if size > self.left::<F>() && self.refused.is_some_and(|refused| refused <= size) {
            return Err(FlashError::Full);
        }
        for _ in 0..=self.pages.count() {
            if size <= self.left::<F>() {
                return Ok(());
            }
            self.next_page(nor).await?;
        }
        self.refused = Some(size);
        Err(FlashError::Full)
    }

    /// Begins another page. If it is the last free one, what counts in the oldest page moves into it.
    async fn next_page<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<(), FlashError<F::Error>> {
        let used = self.pages.used().count();
        let tidy = used.saturating_add(1) >= self.pages.count();
        let oldest = self.pages.after(0).filter(|_| tidy);
        let free = |index: &usize| self.pages.page(*index).is_none();
        let candidates: heapless::Vec<usize, N> = self.pages.rotation().filter(free).collect();
        let mut error = FlashError::Full;
        for index in candidates {
            match self.begin_page(nor, index, oldest).await {
                Ok(()) => return Ok(()),
                Err(failed) => error = FlashError::Flash(failed),
            }
        }
        Err(error)
    }

    async fn begin_page<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        index: usize,
        oldest: Option<(usize, Page)>,
    ) -> Result<(), F::Error> {
        let covers = oldest.map(|(_, page)| (0, self.pages.position(&page)));
        let (page, mut at) = self.pages.begin(nor, index, 0, covers).await?;
        if let Some((source, old)) = oldest {
            let mut walk = self.pages.walk::<F>(source, old);
            while let Some(entry) = walk.next(nor).await? {
                // Nothing is older that a removal would have to hide.
                if entry.kind != Kind::Plain {
                    continue;
                }
                let last = self.last(nor, entry.number).await?;
                if last.is_some_and(|last| last.at == entry.at) {
                    let label = Label::new(Kind::Plain, entry.number, entry.len);
                    let head = Head::new(Label {
                        sealed: entry.sealed,
                        ..label
                    });
                    at = self
                        .pages
                        .copy(nor, (index, page, at), &head, (entry.body, entry.len))
                        .await?;
                }
            }
            at = self.pages.commit(nor, (index, page, at)).await?;
            self.pages.cover(page);
        }
        self.pages.set(index, Some(page));
        self.current = Some((index, at));
        Ok(())
    }
}

/// Whether these bytes are what an entry holds.
async fn holds<F: NorFlash>(nor: &mut Nor<F>, entry: &Entry, bytes: &[u8]) -> Result<bool, F::Error> {
    let (bytes, sealed) = without_seal(bytes);
    if bytes.len() != entry.len as usize || sealed != entry.sealed {
        return Ok(false);
    }
    let mut at = entry.body;
    for part in bytes.chunks(32) {
        let mut held = [0; 32];
        let held = held.get_mut(..part.len()).unwrap_or_default();
        nor.read(at, held).await?;
        if held != part {
            return Ok(false);
        }
        at = at.saturating_add(part.len() as u32);
    }
    Ok(true)
}
