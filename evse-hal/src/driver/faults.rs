//! The faults of a guard in OCPP's words.

use ocpp_core::{FaultCode, Input, Place};

use super::turn;
use crate::safety::{Fault, Faults};

/// The codes that a guard's faults have. Several may have the same.
const CODES: [FaultCode; 7] = [
    FaultCode::EvCommunicationError,
    FaultCode::GroundFailure,
    FaultCode::HighTemperature,
    FaultCode::InternalError,
    FaultCode::OtherError,
    FaultCode::OverCurrentFailure,
    FaultCode::PowerSwitchFailure,
];

/// Tells the codes that came and went.
pub(super) fn tell(place: Place, before: Faults, now: Faults, tell: &mut dyn FnMut(Input<'_>)) {
    if before == now {
        return;
    }
    for wanted in CODES {
        let first = |faults: Faults| faults.iter().find(|&fault| code(fault) == wanted);
        match (first(before), first(now)) {
            (None, Some(fault)) => tell(turn::fault(place, wanted, true, text(fault))),
            (Some(fault), None) => tell(turn::fault(place, wanted, false, text(fault))),
            _ => {}
        }
    }
}

/// The error code of OCPP 1.6. A vehicle whose pilot is faulty is a warning there: it may come back.
const fn code(fault: Fault) -> FaultCode {
    match fault {
        Fault::Pilot => FaultCode::EvCommunicationError,
        Fault::Cable | Fault::Cold => FaultCode::OtherError,
        Fault::Heat => FaultCode::HighTemperature,
        Fault::OverCurrent => FaultCode::OverCurrentFailure,
        Fault::Sensor | Fault::SelfTest => FaultCode::InternalError,
        Fault::ResidualCurrent => FaultCode::GroundFailure,
        Fault::Welded | Fault::Contactor => FaultCode::PowerSwitchFailure,
    }
}

const fn text(fault: Fault) -> &'static str {
    match fault {
        Fault::Pilot => "control pilot",
        Fault::Cable => "cable cannot be told",
        Fault::Heat => "too hot",
        Fault::Cold => "too cold",
        Fault::OverCurrent => "vehicle draws too much",
        Fault::Sensor => "a safety sensor does not answer",
        Fault::ResidualCurrent => "residual current",
        Fault::SelfTest => "self test of residual current monitor",
        Fault::Welded => "contactor does not open",
        Fault::Contactor => "contactor does not follow",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn told(before: &[Fault], now: &[Fault]) -> Vec<(FaultCode, bool)> {
        let set = |faults: &[Fault]| faults.iter().copied().collect();
        let mut told = Vec::new();
        tell(Place::Station, set(before), set(now), &mut |input| match input {
            Input::Fault(fault) => told.push((fault.code, fault.on)),
            input => panic!("{input:?}"),
        });
        told
    }

    #[test]
    fn every_fault_is_told_when_it_comes_and_when_it_goes() {
        for fault in Fault::ALL {
            assert_eq!(told(&[], &[fault]), [(code(fault), true)]);
            assert_eq!(told(&[fault], &[]), [(code(fault), false)]);
            assert!(text(fault).len() <= 50, "longer than OCPP 1.6 allows");
        }
    }

    #[test]
    fn a_code_is_on_as_long_as_any_of_its_faults() {
        assert_eq!(told(&[Fault::Welded], &[Fault::Contactor]), []);
        assert_eq!(told(&[Fault::Welded, Fault::Contactor], &[Fault::Welded]), []);
        assert_eq!(
            told(&[Fault::Welded, Fault::Contactor], &[Fault::Heat]),
            [
                (FaultCode::HighTemperature, true),
                (FaultCode::PowerSwitchFailure, false)
            ]
        );
    }
}
