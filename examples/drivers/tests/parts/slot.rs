//! An image is in flash as it was given, or it is never booted.

use drivers::{BootLoader, NorSlot, SlotError};
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use evse_hal::flash::sim::{SimError, SimFlash, now};
use evse_hal::{Error, ErrorKind, FirmwareSlot};
use proptest::prelude::*;
use std::convert::Infallible;

type Flash = SimFlash<4, 4096>;
type Failure<E = SimError> = SlotError<E, Infallible>;

#[derive(Debug, Default, PartialEq)]
struct Boot {
    active: bool,
    on_trial: bool,
}

impl BootLoader for Boot {
    type Error = Infallible;

    async fn activate(&mut self) -> Result<(), Infallible> {
        self.active = true;
        Ok(())
    }

    async fn is_on_trial(&mut self) -> Result<bool, Infallible> {
        Ok(self.on_trial)
    }

    async fn confirm(&mut self) -> Result<(), Infallible> {
        self.on_trial = false;
        Ok(())
    }

    async fn roll_back(&mut self) -> Result<(), Infallible> {
        self.active = false;
        Ok(())
    }
}

/// The second and third of four blocks, full of something else.
fn slot() -> NorSlot<Flash, Boot> {
    let flash = Flash::holding(vec![0x5a; 4 * 4096]);
    NorSlot::new(flash, 4096..3 * 4096, Boot::default()).unwrap()
}

fn image(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 + index / 256) as u8).collect()
}

/// Writes an image in pieces of this length.
fn install<F: NorFlash>(slot: &mut NorSlot<F, Boot>, image: &[u8], piece: usize) -> Result<(), Failure<F::Error>> {
    now(async {
        slot.begin(image.len() as u32).await?;
        for piece in image.chunks(piece) {
            slot.append(piece).await?;
        }
        slot.finish().await
    })
}

fn read<F: NorFlash>(slot: &mut NorSlot<F, Boot>, offset: u32, length: usize) -> Result<Vec<u8>, Failure<F::Error>> {
    let mut bytes = vec![0; length];
    now(slot.read(offset, &mut bytes)).map(|()| bytes)
}

#[test]
fn image_is_written_read_and_activated() {
    let mut slot = slot();
    assert_eq!(slot.capacity(), 8192);
    let image = image(5_001);
    install(&mut slot, &image, 1_460).unwrap();
    assert_eq!(read(&mut slot, 0, 5_001).unwrap(), image);
    assert_eq!(read(&mut slot, 4_999, 2).unwrap(), image[4_999..]);
    assert_eq!(read(&mut slot, 4_999, 3), Err(Failure::Length));
    now(slot.activate()).unwrap();

    let (flash, boot) = slot.into_parts();
    assert!(boot.active);
    assert_eq!(flash.bytes()[4096..4096 + 5_001], image);
    assert!(flash.bytes()[4096 + 5_001..3 * 4096].iter().all(|&byte| byte == 0xff));
    assert_eq!(flash.bytes()[..4096], [0x5a; 4096], "what is before is not touched");
    assert_eq!(flash.bytes()[3 * 4096..], [0x5a; 4096], "nor what comes after");
}

#[test]
fn only_what_the_image_needs_is_erased_when_it_needs_it() {
    let mut slot = slot();
    now(slot.begin(8_192)).unwrap();
    now(slot.append(&image(4_096))).unwrap();
    let (flash, _) = slot.into_parts();
    assert_eq!(flash.erases(), [0, 1, 0, 0]);
    let mut slot = NorSlot::new(flash, 4096..3 * 4096, Boot::default()).unwrap();
    install(&mut slot, &image(8_192), 100).unwrap();
    assert_eq!(read(&mut slot, 0, 8_192).unwrap(), image(8_192));
    assert_eq!(slot.into_parts().0.erases(), [0, 2, 1, 0]);
}

#[test]
fn wrong_lengths() {
    let mut slot = slot();
    assert_eq!(now(slot.begin(0)), Err(Failure::Length));
    assert_eq!(now(slot.begin(8_193)).unwrap_err().kind(), ErrorKind::Full);
    for (announced, given) in [(100, 99), (100, 101), (256, 255), (256, 512)] {
        now(slot.begin(announced)).unwrap();
        let appended = now(slot.append(&image(given)));
        assert_eq!(appended.is_ok(), given < announced as usize);
        assert!(now(slot.finish()).is_err());
        assert_eq!(now(slot.activate()), Err(Failure::Order));
    }
    install(&mut slot, &image(100), 7).unwrap();
}

#[test]
fn nothing_without_an_image() {
    let mut slot = slot();
    assert_eq!(now(slot.append(&[1])), Err(Failure::Order));
    assert_eq!(now(slot.finish()), Err(Failure::Order));
    assert_eq!(read(&mut slot, 0, 1), Err(Failure::Order));
    assert_eq!(now(slot.activate()), Err(Failure::Order));
    install(&mut slot, &image(10), 10).unwrap();
    now(slot.begin(10)).unwrap();
    assert_eq!(
        now(slot.activate()),
        Err(Failure::Order),
        "the next one is not there yet"
    );
}

#[test]
fn next_image_takes_the_place_of_an_activated_one() {
    let mut slot = slot();
    install(&mut slot, &image(100), 100).unwrap();
    now(slot.activate()).unwrap();
    now(slot.begin(100)).unwrap();
    assert!(!slot.into_parts().1.active, "half an image is not booted");
}

#[test]
fn way_back_is_kept_while_on_trial() {
    let on_trial = Boot {
        active: true,
        on_trial: true,
    };
    let (flash, _) = slot().into_parts();
    let mut slot = NorSlot::new(flash, 4096..3 * 4096, on_trial).unwrap();
    assert_eq!(install(&mut slot, &image(100), 100), Err(Failure::OnTrial));
    now(slot.confirm()).unwrap();
    let (flash, boot) = slot.into_parts();
    assert_eq!(flash.bytes(), [0x5a; 4 * 4096]);
    let mut slot = NorSlot::new(flash, 4096..3 * 4096, boot).unwrap();
    install(&mut slot, &image(100), 100).unwrap();
}

#[test]
fn confirmed_or_rolled_back() {
    let on_trial = Boot {
        active: true,
        on_trial: true,
    };
    let mut slot = NorSlot::new(Flash::new(2), 0..4096, on_trial).unwrap();
    assert_eq!(now(slot.is_on_trial()), Ok(true));
    now(slot.confirm()).unwrap();
    assert_eq!(now(slot.is_on_trial()), Ok(false));
    now(slot.roll_back()).unwrap();
    assert!(!slot.into_parts().1.active);
}

#[test]
fn regions_that_do_not_suit() {
    #[allow(clippy::reversed_empty_ranges)]
    for region in [0..0, 4096..0, 0..100, 100..4096, 0..5 * 4096] {
        let made = NorSlot::new(Flash::new(4), region.clone(), Boot::default());
        assert_eq!(made.err(), Some(Failure::Region), "{region:?}");
    }
    let wide = NorSlot::new(SimFlash::<512, 4096>::new(4), 0..4096, Boot::default());
    assert_eq!(wide.err(), Some(Failure::Region));
}

#[test]
fn power_goes_or_flash_fails_at_every_operation() {
    let image = image(5_001);
    let operations = {
        let mut slot = slot();
        install(&mut slot, &image, 1_000).unwrap();
        slot.into_parts().0.operations()
    };
    for operation in 0..operations {
        for cut in [true, false] {
            let (mut flash, boot) = slot().into_parts();
            if cut {
                flash.cut_after(operation);
            } else {
                flash.fail_after(operation, 1);
            }
            let mut slot = NorSlot::new(flash, 4096..3 * 4096, boot).unwrap();
            assert!(matches!(install(&mut slot, &image, 1_000), Err(Failure::Flash(_))));
            assert_eq!(now(slot.activate()), Err(Failure::Order));

            let (flash, boot) = slot.into_parts();
            assert_eq!(boot, Boot::default());
            let mut slot = NorSlot::new(flash.restored(), 4096..3 * 4096, boot).unwrap();
            install(&mut slot, &image, 1_000).unwrap();
            assert_eq!(read(&mut slot, 0, image.len()).unwrap(), image);
        }
    }
}

/// A flash in which one bit is stuck.
struct Stuck(Flash);

impl ErrorType for Stuck {
    type Error = SimError;
}

impl ReadNorFlash for Stuck {
    const READ_SIZE: usize = 4;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), SimError> {
        self.0.read(offset, bytes).await?;
        if let Some(byte) = 600usize.checked_sub(offset as usize).and_then(|at| bytes.get_mut(at)) {
            *byte |= 0x10;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl NorFlash for Stuck {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), SimError> {
        self.0.erase(from, to).await
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SimError> {
        self.0.write(offset, bytes).await
    }
}

#[test]
fn worn_flash_is_noticed() {
    let mut slot = NorSlot::new(Stuck(Flash::new(2)), 0..8192, Boot::default()).unwrap();
    assert_eq!(install(&mut slot, &[0; 1_000], 1_000), Err(Failure::Worn));
    assert_eq!(now(slot.activate()), Err(Failure::Order));
    install(&mut slot, &[0xff; 1_000], 1_000).unwrap();
}

fn round_trip<const WORD: usize, const ERASE: usize>(image: &[u8], piece: usize, offset: usize) {
    let mut slot = NorSlot::new(SimFlash::<WORD, ERASE>::new(8), 0..8 * ERASE as u32, Boot::default()).unwrap();
    install(&mut slot, image, piece).unwrap();
    let offset = offset.min(image.len());
    assert_eq!(
        read(&mut slot, offset as u32, image.len() - offset).unwrap(),
        image[offset..]
    );
}

proptest! {
    #[test]
    fn any_image_in_any_pieces(image in proptest::collection::vec(any::<u8>(), 1..4096), piece in 1usize..3000, offset in 0usize..4096) {
        round_trip::<1, 512>(&image, piece, offset);
        round_trip::<4, 4096>(&image, piece, offset);
        round_trip::<32, 1024>(&image, piece, offset);
        round_trip::<256, 4096>(&image, piece, offset);
    }
}
