//! Where something is: station, EVSE, connector.

/// An EVSE, numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EvseId(pub u8);

impl EvseId {
    /// The EVSE in that slot.
    pub(crate) fn at(index: usize) -> Self {
        Self(u8::try_from(index).unwrap_or(u8::MAX).saturating_add(1))
    }

    /// The index of its slot; number 0, which no EVSE has, has an index that no slot has.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0).wrapping_sub(1)
    }
}

/// A connector, numbered from 1 within its EVSE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConnectorId {
    /// The EVSE that it belongs to.
    pub evse: EvseId,
    /// Its number there, from 1.
    pub connector: u8,
}

impl ConnectorId {
    /// Connector `connector` of EVSE `evse`, both counted from 1.
    pub const fn new(evse: u8, connector: u8) -> Self {
        Self {
            evse: EvseId(evse),
            connector,
        }
    }
}

/// What a message or a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Place {
    /// The station as a whole.
    Station,
    /// One EVSE with all its connectors.
    Evse(EvseId),
    /// One connector.
    Connector(ConnectorId),
    /// A number that this station does not have.
    Unknown,
}

impl Place {
    /// Whether `connector` lies in this place.
    pub fn contains(self, connector: ConnectorId) -> bool {
        match self {
            Self::Station => true,
            Self::Evse(evse) => evse == connector.evse,
            Self::Connector(own) => own == connector,
            Self::Unknown => false,
        }
    }
}

/// How many connectors each EVSE has: `&[2, 1]` is a station of two EVSEs, the first with two connectors.
///
/// OCPP 1.6 knows no EVSEs and numbers all connectors of the station in EVSE order; that is what the "flat" number
/// of a connector is here.
///
/// ```
/// use ocpp_core::{ConnectorId, Topology};
///
/// let topology = Topology::new(&[2, 1]);
/// assert_eq!(topology.flat(ConnectorId::new(2, 1)), Some(3));
/// assert_eq!(topology.from_flat(2), Some(ConnectorId::new(1, 2)));
/// assert_eq!(topology.from_flat(4), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Topology<'a>(&'a [u8]);

impl<'a> Topology<'a> {
    /// The number of connectors of each EVSE, in order.
    pub const fn new(connectors: &'a [u8]) -> Self {
        Self(connectors)
    }

    /// Number of EVSEs.
    pub const fn evses(&self) -> usize {
        self.0.len()
    }

    /// Number of connectors of the whole station.
    pub fn connectors(&self) -> usize {
        self.0.iter().map(|&count| usize::from(count)).sum()
    }

    /// All connectors in order.
    pub fn iter(&self) -> impl Iterator<Item = ConnectorId> + use<'a> {
        (1u8..=u8::MAX)
            .zip(self.0)
            .flat_map(|(evse, &count)| (1..=count).map(move |connector| ConnectorId::new(evse, connector)))
    }

    /// The station-wide number of a connector, from 1.
    pub fn flat(&self, connector: ConnectorId) -> Option<u16> {
        (1u16..)
            .zip(self.iter())
            .find(|(_, own)| *own == connector)
            .map(|(flat, _)| flat)
    }

    /// The connector with that station-wide number.
    #[allow(clippy::wrong_self_convention)] // "from the flat number", not a constructor
    pub fn from_flat(&self, flat: i32) -> Option<ConnectorId> {
        let index = usize::try_from(flat.checked_sub(1)?).ok()?;
        self.iter().nth(index)
    }
}
