//! Registers of devices, and where they are.

/// The registers of one device. Only this module makes any, so each is the address of a device.
#[derive(Clone, Copy)]
pub struct Registers(usize);

/// Ends the machine.
pub const FINISHER: Registers = Registers(0x10_0000);
/// The time of day.
pub const RTC: Registers = Registers(0x10_1000);
/// The timer.
pub const CLINT: Registers = Registers(0x200_0000);
/// The interrupt controller.
pub const PLIC: Registers = Registers(0xc00_0000);
/// The serial line.
pub const UART: Registers = Registers(0x1000_0000);
/// The command line.
pub const FW_CFG: Registers = Registers(0x1010_0000);
/// The second bank of flash.
pub const PFLASH: Registers = Registers(0x2200_0000);

/// The `slot`th place for a virtio device.
pub const fn virtio(slot: usize) -> Registers {
    assert!(slot < crate::virtio::SLOTS);
    Registers(0x1000_1000 + slot * 0x1000)
}

impl Registers {
    pub fn read8(self, offset: usize) -> u8 {
        // SAFETY: the address belongs to a device, not to memory that Rust knows of. Byte registers need no alignment.
        unsafe { core::ptr::with_exposed_provenance::<u8>(self.0 + offset).read_volatile() }
    }

    pub fn write8(self, offset: usize, value: u8) {
        // SAFETY: as in `read8`. What a device does to memory when it is written to is for its module to keep sound.
        unsafe { core::ptr::with_exposed_provenance_mut::<u8>(self.0 + offset).write_volatile(value) }
    }

    pub fn write16(self, offset: usize, value: u16) {
        debug_assert!(offset.is_multiple_of(2));
        // SAFETY: as in `write8`; the offset is even.
        unsafe { core::ptr::with_exposed_provenance_mut::<u16>(self.0 + offset).write_volatile(value) }
    }

    pub fn read32(self, offset: usize) -> u32 {
        debug_assert!(offset.is_multiple_of(4));
        // SAFETY: as in `read8`; the offset is a multiple of 4.
        unsafe { core::ptr::with_exposed_provenance::<u32>(self.0 + offset).read_volatile() }
    }

    pub fn write32(self, offset: usize, value: u32) {
        debug_assert!(offset.is_multiple_of(4));
        // SAFETY: as in `write8`; the offset is a multiple of 4.
        unsafe { core::ptr::with_exposed_provenance_mut::<u32>(self.0 + offset).write_volatile(value) }
    }
}
