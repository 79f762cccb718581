//! What a connector may do, and how long things may take.

/// What a connector may do, and how long things may take. Times are in ms.
///
/// ```
/// use evse_hal::safety::Limits;
///
/// let limits = Limits { ventilated: true, ..Limits::new(32_000) };
/// assert_eq!(limits.contactor_ms, 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// What board and installation can deliver, in mA per phase.
    pub max_milliamps: u32,
    /// The room is ventilated: vehicles that want that (state D) may charge too. Not so by default.
    pub ventilated: bool,
    /// Below this temperature nothing is switched on, in tenths of a degree Celsius. −300 by default.
    pub coldest: i16,
    /// From here on less current is offered the hotter it is. 700 by default.
    pub derate_from: i16,
    /// Here the least current is offered, 6 A; above, nothing, until it has cooled down to `derate_from`. 850 by default.
    pub hottest: i16,
    /// How much more than it was offered a vehicle may draw, and for how long: percent of the offer, and ms. Half an
    /// ampere is always tolerated, and for six seconds after an offer was lowered it is the one before that counts.
    /// 110 % for 10 s, 130 % for 2 s, 200 % for 0.1 s by default.
    pub over_current: [(u16, u32); 3],
    /// Longest time that the contactor takes. 500 by default.
    pub contactor_ms: u32,
    /// Shortest time for which the contactor stays open. 1000 by default.
    pub rest_ms: u32,
    /// Longest time that the lock takes. 3000 by default.
    pub lock_ms: u32,
    /// Longest time that the self test of the residual current monitor takes. 1000 by default.
    pub test_ms: u32,
    /// Time for the vehicle to stop drawing current after the offer was withdrawn; then the contactor opens under load.
    /// 6000 by default.
    pub grace_ms: u32,
    /// How long state F is shown after a dangerous fault. 300 by default, which is also the least.
    pub fail_ms: u32,
    /// Time before the next attempt after the vehicle drew too much. 60 000 by default.
    pub retry_ms: u32,
    /// So many times in one visit of a vehicle a fault that passes may interrupt the energy; the next one latches. 3 by
    /// default.
    pub retries: u8,
    /// After so much silence of the station, permission lapses. 5000 by default.
    pub heartbeat_ms: u32,
}

impl Limits {
    /// The usual ones for a connector that can deliver so many mA per phase.
    pub const fn new(max_milliamps: u32) -> Self {
        Self {
            max_milliamps,
            ventilated: false,
            coldest: -300,
            derate_from: 700,
            hottest: 850,
            over_current: [(110, 10_000), (130, 2_000), (200, 100)],
            contactor_ms: 500,
            rest_ms: 1_000,
            lock_ms: 3_000,
            test_ms: 1_000,
            grace_ms: 6_000,
            fail_ms: 300,
            retry_ms: 60_000,
            retries: 3,
            heartbeat_ms: 5_000,
        }
    }
}
