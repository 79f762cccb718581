//! Folding: what is alive in the oldest pages moves together into one, at once or not at all.

use super::entry::{Entry, Head, Kind};
use super::nor::Nor;
use super::pages::{Page, Pages};
use super::records::{Records, record};
use embedded_storage_async::nor_flash::NorFlash;

impl<const N: usize> Records<N> {
    /// Folds the oldest pages that fit into one. Nothing happens if no two of them do, or if the flash fails.
    pub(super) async fn fold<F: NorFlash>(&mut self, nor: &mut Nor<F>) {
        // A discard that is not in flash must not come true before those that were before it.
        if !self.pending.is_empty() {
            return;
        }
        let Ok(Some((first, last))) = self.foldable(nor).await else {
            return;
        };
        let Some(index) = self.erasable().next() else { return };
        self.cursor = None;
        // What was not committed is a free page.
        let _ = self.fold_into(nor, index, first, last).await;
    }

    /// First and last of the oldest pages in a row that fit into one.
    async fn foldable<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<Option<(Page, Page)>, F::Error> {
        let room = self.pages.room::<F>().saturating_sub(Pages::<N>::commit_len::<F>());
        let mut run: Option<(Page, Page)> = None;
        let mut size = 0u32;
        let mut position = 0;
        while let Some((index, page)) = self.pages.after(position) {
            position = self.pages.position(&page);
            if Some(index) == self.current {
                break;
            }
            if self.is_dead(&page) {
                continue;
            }
            let base = run.map_or(page.base, |(first, _)| first.base);
            let own = self.live_size(nor, (index, page), base).await?;
            match run {
                Some((first, _)) if size.saturating_add(own) <= room => {
                    size = size.saturating_add(own);
                    run = Some((first, page));
                }
                Some((first, last)) if first != last => break,
                _ => {
                    size = own;
                    run = Some((page, page));
                }
            }
        }
        Ok(run.filter(|(first, last)| first != last))
    }

    async fn live_size<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        (index, page): (usize, Page),
        base: u32,
    ) -> Result<u32, F::Error> {
        let mut size = 0u32;
        let mut walk = self.pages.walk::<F>(index, page);
        while let Some(entry) = walk.next(nor).await? {
            if let Some(number) = self.live_number(&page, &entry) {
                let head = Head::new(Kind::Plain, number.saturating_sub(base), entry.len);
                size = size.saturating_add(head.entry_len::<F>(entry.len));
            }
        }
        Ok(size)
    }

    fn live_number(&self, page: &Page, entry: &Entry) -> Option<u32> {
        let limit = self.limit(page);
        record(page, entry).filter(|number| *number <= limit && self.live.contains(*number))
    }

    async fn fold_into<F: NorFlash>(
        &mut self,
        nor: &mut Nor<F>,
        index: usize,
        first: Page,
        last: Page,
    ) -> Result<(), F::Error> {
        let from = first.covers.map_or(self.pages.position(&first), |(from, _)| from);
        let to = self.pages.position(&last);
        let (page, mut at) = self.pages.begin(nor, index, first.base, Some((from, to))).await?;
        let mut position = from.saturating_sub(1);
        while let Some((source, old)) = self
            .pages
            .after(position)
            .filter(|(_, old)| self.pages.position(old) <= to)
        {
            position = self.pages.position(&old);
            let mut walk = self.pages.walk::<F>(source, old);
            while let Some(entry) = walk.next(nor).await? {
                let Some(number) = self.live_number(&old, &entry) else {
                    continue;
                };
                let (body, len) = self.payload(nor, &entry).await?;
                let head = Head::new(Kind::Plain, number.saturating_sub(page.base), len);
                at = self.pages.copy(nor, (index, page, at), &head, (body, len)).await?;
            }
        }
        self.pages.commit(nor, (index, page, at)).await?;
        self.pages.cover(page);
        self.pages.set(index, Some(page));
        Ok(())
    }
}
