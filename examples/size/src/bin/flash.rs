//! The flash stores of evse-hal: records and values, all their operations, packing and thinning.
//!
//! Limit: 47000 bytes

#![no_std]
#![no_main]

use core::hint::black_box;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use evse_hal::Storage;
use evse_hal::flash::{FlashStorage, Layout, StationRecords};
use size::{input, output};

size::run!(black_box(
    pin!(work()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
));

async fn work() {
    let layout = Layout {
        records: 0..0xc000,
        values: 0xc000..0x1_0000,
    };
    let Ok(mut storage) = FlashStorage::<_, _>::open(Flash, layout, StationRecords::new(1)).await else {
        return;
    };
    loop {
        let (number, bytes) = (*input::<u32>(), *input::<&[u8]>());
        black_box(storage.put_record(number, bytes).await.is_ok());
        black_box(storage.record_after(number, output::<[u8; 512]>()).await.is_ok());
        black_box(storage.discard_record(number).await.is_ok());
        black_box(storage.put_value(number, bytes).await.is_ok());
        black_box(storage.value(number, output::<[u8; 512]>()).await.is_ok());
        black_box(storage.discard_value(number).await.is_ok());
    }
}

/// Waits between operations, as a flash that is busy does.
struct Flash;

impl Flash {
    async fn operation(&mut self) -> Result<(), NorFlashErrorKind> {
        core::future::poll_fn(|_| *input::<Poll<Result<(), NorFlashErrorKind>>>()).await
    }
}

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 4;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        bytes.copy_from_slice(output::<[u8; 4096]>().get(..bytes.len()).unwrap_or_default());
        black_box(offset);
        self.operation().await
    }

    fn capacity(&self) -> usize {
        0x1_0000
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        black_box((from, to));
        self.operation().await
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        black_box((offset, bytes));
        self.operation().await
    }
}
