//! What a store knows about the content of records: which may use the room that is kept, how several are packed into
//! fewer bytes, and which may go when nothing else makes room.

/// Room that only the ends of transactions may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// For how many records.
    pub records: u8,
    /// How long they are, in bytes.
    pub bytes: u16,
}

/// What a record is to its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The transaction.
    pub transaction: u32,
    /// It is one sample of many.
    pub is_sample: bool,
}

/// What a [`FlashStorage`](super::FlashStorage) knows about the content of its records.
///
/// What was packed can only be read with what packed it: a store is opened with the same knowledge, or with more, as long
/// as there is something in it.
///
/// ```
/// use evse_hal::flash::{Content, Opaque, Reserve, Role};
///
/// /// Room is kept for one record that begins with an `E`.
/// #[derive(Clone)]
/// struct Ends;
///
/// impl Content for Ends {
///     type Packing = ();
///     fn reserve(&self) -> Reserve {
///         Reserve { records: 1, bytes: 100 }
///     }
///     fn is_end(&self, record: &[u8]) -> bool {
///         record.first() == Some(&b'E')
///     }
///     fn role(&self, _: u32, _: &[u8]) -> Option<Role> {
///         None
///     }
///     fn packing(&self, _: u32) {}
///     fn pack(&self, (): &mut (), _: u32, _: &[u8], _: &mut [u8]) -> Option<usize> {
///         None
///     }
///     fn unpack(&self, (): &mut (), _: &mut &[u8], _: &mut [u8]) -> Option<(u32, usize)> {
///         None
///     }
/// }
/// assert!(Ends.is_end(b"End") && !Opaque.is_end(b"End"));
/// ```
pub trait Content {
    /// What is remembered from record to record of a pack.
    type Packing: Clone;

    /// The room that is kept for ends.
    fn reserve(&self) -> Reserve;

    /// Whether a record may use it.
    fn is_end(&self, record: &[u8]) -> bool;

    /// What a record is to its transaction; `None` if that cannot be told.
    fn role(&self, number: u32, record: &[u8]) -> Option<Role>;

    /// Begins a pack with the record of that number.
    fn packing(&self, first: u32) -> Self::Packing;

    /// Adds a record to a pack whose free room this is, and returns how many bytes it took; `None`, and nothing is changed,
    /// if that cannot be done.
    fn pack(&self, packing: &mut Self::Packing, number: u32, record: &[u8], room: &mut [u8]) -> Option<usize>;

    /// Takes the next record off a pack and writes it, bit by bit as it was packed; returns its number and length. `None`
    /// at the end, and if something is wrong.
    fn unpack(&self, packing: &mut Self::Packing, pack: &mut &[u8], record: &mut [u8]) -> Option<(u32, usize)>;
}

/// Nothing is known of the records: no room is kept, and all are only copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opaque;

impl Content for Opaque {
    type Packing = ();

    fn reserve(&self) -> Reserve {
        Reserve { records: 0, bytes: 0 }
    }

    fn is_end(&self, _: &[u8]) -> bool {
        false
    }

    fn role(&self, _: u32, _: &[u8]) -> Option<Role> {
        None
    }

    fn packing(&self, _: u32) {}

    fn pack(&self, (): &mut (), _: u32, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }

    fn unpack(&self, (): &mut (), _: &mut &[u8], _: &mut [u8]) -> Option<(u32, usize)> {
        None
    }
}

/// The records of an [`ocpp_core::Station`].
///
/// ```
/// use evse_hal::flash::{Content, StationRecords};
///
/// assert_eq!(StationRecords::new(2).reserve().records, 2);
/// ```
#[cfg(feature = "driver")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StationRecords {
    evses: u8,
}

#[cfg(feature = "driver")]
impl StationRecords {
    /// Room is kept for an end of up to 400 bytes on each of so many EVSEs.
    pub const fn new(evses: u8) -> Self {
        Self { evses }
    }
}

#[cfg(feature = "driver")]
impl Content for StationRecords {
    type Packing = ocpp_core::Packing;

    fn reserve(&self) -> Reserve {
        Reserve {
            records: self.evses,
            bytes: 400,
        }
    }

    fn is_end(&self, record: &[u8]) -> bool {
        ocpp_core::Record::kind_of(record) == Some(ocpp_core::RecordKind::End)
    }

    fn role(&self, number: u32, record: &[u8]) -> Option<Role> {
        let read = ocpp_core::Record::decode(ocpp_core::RecordId(number), record).ok()?;
        Some(Role {
            transaction: read.transaction,
            is_sample: ocpp_core::Record::is_sample(record),
        })
    }

    fn packing(&self, first: u32) -> Self::Packing {
        ocpp_core::Packing::new(ocpp_core::RecordId(first))
    }

    fn pack(&self, packing: &mut Self::Packing, number: u32, record: &[u8], room: &mut [u8]) -> Option<usize> {
        packing.pack(ocpp_core::RecordId(number), record, room)
    }

    fn unpack(&self, packing: &mut Self::Packing, pack: &mut &[u8], record: &mut [u8]) -> Option<(u32, usize)> {
        let (id, len) = packing.unpack(pack, record)?;
        Some((id.0, len))
    }
}
