//! A vehicle that draws more than it was offered.

/// Always tolerated, in mA: what sensors get wrong.
const NOISE: u32 = 500;
/// Time for a vehicle to follow a lower offer, in ms.
const FOLLOW: u64 = 6_000;

/// Compares current and offer over time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excess {
    /// The offer that counts, in mA.
    offer: Option<u32>,
    /// A lower one counts from then on.
    lower_from: Option<u64>,
    /// Since when each level of the curve is exceeded, and when that is too long.
    due: [Option<u64>; 3],
}

impl Excess {
    pub(super) const NEW: Self = Self {
        offer: None,
        lower_from: None,
        due: [None; 3],
    };

    /// Takes the current that flows, and returns whether it was too much for too long.
    pub(super) fn is_too_much(&mut self, now: u64, curve: &[(u16, u32); 3], milliamps: u32) -> bool {
        let Some(offer) = self.offer else {
            self.due = [None; 3];
            return false;
        };
        for (due, &(percent, millis)) in self.due.iter_mut().zip(curve) {
            // Divided first: what is lost is far below the noise, and 32 bits are enough.
            let level = offer.wrapping_div(100).saturating_mul(percent.into());
            let exceeded = milliamps > level.saturating_add(NOISE);
            *due = exceeded.then(|| due.unwrap_or(now.saturating_add(millis.into())));
        }
        self.due.iter().flatten().any(|&due| due <= now)
    }

    /// Takes what is offered from now on, and whether current can flow.
    pub(super) fn offered(&mut self, now: u64, milliamps: Option<u32>, energized: bool) {
        if !energized {
            *self = Self {
                offer: milliamps,
                ..Self::NEW
            };
        } else if milliamps >= self.offer {
            self.offer = milliamps;
            self.lower_from = None;
        } else if let Some(milliamps) = milliamps {
            // Without an offer the vehicle is about to stop, and somebody else looks to that.
            let from = *self.lower_from.get_or_insert(now.saturating_add(FOLLOW));
            if from <= now {
                self.offer = Some(milliamps);
                self.lower_from = None;
            }
        }
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = u64> {
        self.due.into_iter().chain([self.lower_from]).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: [(u16, u32); 3] = [(110, 10_000), (130, 2_000), (200, 100)];

    fn offering(milliamps: u32) -> Excess {
        let mut excess = Excess::NEW;
        excess.offered(0, Some(milliamps), false);
        excess
    }

    /// How long so much is tolerated.
    fn tolerated(offer: u32, milliamps: u32) -> Option<u64> {
        let mut excess = offering(offer);
        (0..60_000).find(|&now| excess.is_too_much(now, &CURVE, milliamps))
    }

    #[test]
    fn the_more_the_sooner() {
        for (milliamps, millis) in [
            (0, None),
            (16_000, None),
            (18_100, None),
            (18_101, Some(10_000)),
            (21_301, Some(2_000)),
            (32_501, Some(100)),
            (u32::MAX, Some(100)),
        ] {
            assert_eq!(tolerated(16_000, milliamps), millis, "{milliamps} mA");
        }
    }

    #[test]
    fn a_dip_starts_the_time_anew() {
        let mut excess = offering(16_000);
        assert!(!excess.is_too_much(0, &CURVE, 20_000));
        assert!(!excess.is_too_much(9_000, &CURVE, 16_000));
        assert!(!excess.is_too_much(9_001, &CURVE, 20_000));
        assert!(!excess.is_too_much(19_000, &CURVE, 20_000));
        assert!(excess.is_too_much(19_001, &CURVE, 20_000));
    }

    #[test]
    fn a_vehicle_has_time_to_follow_a_lower_offer() {
        let mut excess = offering(32_000);
        excess.offered(0, Some(6_000), true);
        assert!(!excess.is_too_much(5_999, &CURVE, 32_000));
        excess.offered(6_000, Some(6_000), true);
        assert!(!excess.is_too_much(6_000, &CURVE, 32_000));
        assert!(excess.is_too_much(6_100, &CURVE, 32_000));
        // A higher one counts at once.
        excess.offered(6_100, Some(32_000), true);
        assert!(!excess.is_too_much(6_100, &CURVE, 32_000));
    }

    #[test]
    fn each_lower_offer_has_its_own_time() {
        let mut excess = offering(32_000);
        excess.offered(0, Some(16_000), true);
        excess.offered(6_000, Some(16_000), true);
        assert_eq!(excess.offer, Some(16_000));
        excess.offered(7_000, Some(10_000), true);
        assert_eq!(excess.offer, Some(16_000));
        // Raised in between, the time begins anew.
        excess.offered(8_000, Some(16_000), true);
        excess.offered(13_500, Some(10_000), true);
        assert_eq!(excess.offer, Some(16_000));
        excess.offered(19_500, Some(10_000), true);
        assert_eq!(excess.offer, Some(10_000));
    }

    #[test]
    fn lowering_again_and_again_does_not_buy_time() {
        let mut excess = offering(32_000);
        for now in 0..=6_000 {
            excess.offered(now, Some(30_000 - u32::try_from(now).unwrap()), true);
        }
        assert_eq!(excess.offer, Some(24_000));
    }
}
