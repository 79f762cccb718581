//! One turn of the driver: first everything that the station is to know, then everything that it wants.

use ocpp_core::wire::Timestamp;
use ocpp_core::{Action, Fault, FaultCode, Input, InputError, Instant, Place, PollError, RebootKind, Station};

use super::{Driver, Observer, Outlet, Turn, meters, readers};
use crate::link::Received;
use crate::safety::Guarded;
use crate::system::{Reboot, System, Watchdog};
use crate::wall_clock::WallClock;

/// Most actions carried out in one turn.
const ACTIONS: usize = 32;
/// By how much the time of day may drift, in ms, before the station is told anew.
const DRIFT: u64 = 1_000;

/// What came of asking the station for an action.
enum Next {
    Nothing,
    Done,
    /// Something that bears on the power path.
    Power,
}

impl<G: Guarded, W: WallClock, S: System, D: Watchdog> Driver<'_, '_, G, W, S, D> {
    /// The first half of a turn: hardware and ports, but no action of the station. Returns whether hardware was moved,
    /// so that another look is worth it.
    pub fn listen(&mut self, now: Instant, observer: &mut impl Observer) -> bool {
        // Before everything else, because it may have to open a contactor.
        let moved = self.scan(now, observer);
        if now >= self.meter_at {
            self.read_meters(now);
        }
        let Self { station, ports, .. } = self;
        ports.storage.answer(|input| tell(station, observer, now, input));
        self.listen_to_link(now, observer);
        self.listen_to_meters(now, observer);
        self.listen_to_readers(now, observer);
        self.watch_wall_clock(now, observer);
        moved
    }

    fn scan(&mut self, now: Instant, observer: &mut impl Observer) -> bool {
        let Self { station, board, .. } = self;
        let mut moved = false;
        for outlet in board.outlets.iter_mut() {
            moved |= outlet.step(now, &mut |input| tell(station, observer, now, input));
        }
        for index in 0..board.outlets.len() {
            let evse = board.outlets.get(index).map(|outlet| outlet.id().evse);
            let own = |outlet: &&Outlet<G>| Some(outlet.id().evse) == evse;
            // Each EVSE once: at its first outlet. It is closed if any of its outlets is.
            let first = board.outlets.iter().position(|outlet| own(&outlet)) == Some(index);
            let mut reports = board.outlets.iter().filter(own).map(Outlet::report);
            let closed = reports.try_fold(false, |closed, report| Some(closed | report?.closed));
            if let (true, Some(evse), Some(closed), Some(outlet)) = (first, evse, closed, board.outlets.get_mut(index))
                && outlet.news_of_evse(closed)
            {
                tell(station, observer, now, Input::PowerPath { evse, closed });
            }
        }
        board.watchdog.feed();
        self.scan_at = now.plus_millis(self.timing.scan_ms.max(1).into());
        moved
    }

    fn listen_to_link(&mut self, now: Instant, observer: &mut impl Observer) {
        let Self { station, ports, .. } = self;
        let link = &ports.link;
        if let Some(subprotocol) = link.take_connected() {
            let input = Input::Connected { subprotocol };
            if ask(station, observer, now, input).is_err() {
                link.close();
            }
        }
        if link.take_sent() {
            tell(station, observer, now, Input::Sent);
        }
        link.read(|received, bytes| {
            let input = match received {
                Received::Text(_) => Input::Frame(bytes),
                Received::TooLarge(_) => Input::FrameTooLarge { head: bytes },
                Received::Closed => return true,
            };
            // Until the reply to the CALL before is drained it stays where it is, and nothing more is received.
            ask(station, observer, now, input) != Err(InputError::Busy)
        });
        if let Some(cause) = link.take_disconnected() {
            observer.link_down(now, cause);
            tell(station, observer, now, Input::Disconnected);
        }
    }

    fn listen_to_meters(&mut self, now: Instant, observer: &mut impl Observer) {
        let Self { station, ports, .. } = self;
        while let Some(news) = ports.meters.take() {
            if let Some(reading) = &news.reading {
                let input = Input::Meter {
                    evse: news.evse,
                    energy_wh: reading.energy_wh,
                    samples: &meters::samples(reading),
                };
                tell(station, observer, now, input);
            }
            if let Some(on) = news.fault {
                let place = news.evse.map_or(Place::Station, Place::Evse);
                let input = fault(place, FaultCode::PowerMeterFailure, on, "meter does not answer");
                tell(station, observer, now, input);
            }
        }
    }

    fn listen_to_readers(&mut self, now: Instant, observer: &mut impl Observer) {
        let Self { station, ports, .. } = self;
        while let Some(readers::News { evse, what }) = ports.tokens.take() {
            let input = match what {
                readers::What::Presented(identifier) => {
                    readers::token(&identifier).map(|token| Input::IdToken { token, evse })
                }
                readers::What::Fault(on) => {
                    let place = evse.map_or(Place::Station, Place::Evse);
                    Some(fault(place, FaultCode::ReaderFailure, on, "reader does not work"))
                }
            };
            if let Some(input) = input {
                tell(station, observer, now, input);
            }
        }
    }

    /// Tells the time of day when it becomes known, and when it jumps.
    fn watch_wall_clock(&mut self, now: Instant, observer: &mut impl Observer) {
        let Ok(Some(time)) = self.board.wall_clock.now() else {
            return;
        };
        let day = time.saturating_sub_unsigned(now.as_millis());
        if self.day_told.is_none_or(|told| told.abs_diff(day) > DRIFT) {
            self.day_told = Some(day);
            let input = Input::Clock(Timestamp::from_millis(time));
            tell(&mut self.station, observer, now, input);
        }
    }

    /// The second half of a turn: what the station wants.
    pub(super) fn act(&mut self, now: Instant, observer: &mut impl Observer) -> Turn {
        let mut moved = false;
        let mut acted = false;
        for _ in 0..ACTIONS {
            match self.next(now, observer) {
                // A reply that left may have made room for the message that waits.
                Next::Nothing if moved || (acted && self.ports.link.has_received()) => return Turn::Again,
                Next::Nothing => return Turn::Rest,
                Next::Done => acted = true,
                Next::Power => {
                    moved = true;
                    self.scan(now, observer);
                }
            }
        }
        Turn::Again
    }

    fn next(&mut self, now: Instant, observer: &mut impl Observer) -> Next {
        let ports = self.ports;
        let outbound = ports.link.outbound();
        let free = outbound.is_some();
        let Some(mut buffer) = outbound.or_else(|| ports.spare.borrow()) else {
            self.crowded = true;
            return Next::Nothing;
        };
        let start = buffer.as_ptr().addr();
        let polled = self.station.poll(now, &mut buffer);
        self.crowded = !free && polled.is_err();
        let action = match polled {
            Ok(Some(action)) => action,
            Ok(None) => return Next::Nothing,
            Err(PollError::BufferTooSmall { .. }) if self.crowded => return Next::Nothing,
            Err(PollError::BufferTooSmall { .. }) => {
                tell(&mut self.station, observer, now, Input::BufferLimit);
                return Next::Done;
            }
        };
        observer.action(now, &action);
        match action {
            Action::Connect { profile } => ports.link.connect(profile),
            Action::Disconnect => ports.link.close(),
            Action::Send(frame) if free => ports.link.send(frame.as_ptr().addr().wrapping_sub(start), frame.len()),
            // The station has promised not to. A link that lost a message is of no use.
            Action::Send(_) => ports.link.close(),
            Action::Permit { connector, on } => {
                let own = self.board.outlets.iter_mut().filter(|outlet| outlet.id() == connector);
                own.for_each(|outlet| outlet.permit(on));
                return Next::Power;
            }
            Action::Limit { evse, milliamps } => {
                let own = self.board.outlets.iter_mut().filter(|outlet| outlet.id().evse == evse);
                own.for_each(|outlet| outlet.limit(milliamps));
                return Next::Power;
            }
            Action::Lock { connector, locked } => {
                let own = self.board.outlets.iter_mut().filter(|outlet| outlet.id() == connector);
                own.for_each(|outlet| outlet.wish(locked));
                return Next::Power;
            }
            Action::Store { .. } | Action::Load { .. } | Action::Discard { .. } => {
                if let Some(answer) = ports.storage.begin(&action) {
                    tell(&mut self.station, observer, now, answer);
                }
            }
            Action::SetClock(time) => {
                // A clock that does not take it knows better, and the station is told so in the next turn.
                let _ = self.board.wall_clock.set(time.as_millis());
                self.day_told = Some(time.as_millis().saturating_sub_unsigned(now.as_millis()));
            }
            Action::Reboot(kind) => {
                self.board.outlets.iter_mut().for_each(|outlet| outlet.shut(now));
                self.board.system.reboot(match kind {
                    RebootKind::Soft => Reboot::Program,
                    RebootKind::Hard => Reboot::Hardware,
                });
            }
            // Events are for the observer; what later versions of the station want is not for this driver.
            _ => {}
        }
        Next::Done
    }
}

/// Tells the station something that it cannot refuse, or whose refusal changes nothing.
fn tell(station: &mut Station<'_>, observer: &mut impl Observer, now: Instant, input: Input<'_>) {
    let _ = ask(station, observer, now, input);
}

pub(super) fn ask(
    station: &mut Station<'_>,
    observer: &mut impl Observer,
    now: Instant,
    input: Input<'_>,
) -> Result<(), InputError> {
    let result = station.handle(now, input);
    observer.input(now, &input, result);
    result
}

pub(super) const fn fault(place: Place, code: FaultCode, on: bool, info: &str) -> Input<'_> {
    Input::Fault(Fault {
        place,
        code,
        on,
        info,
        vendor_code: "",
    })
}
