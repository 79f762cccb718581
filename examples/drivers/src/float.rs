//! Single precision numbers of a meter, without code for floating point.

/// The thousandths of an IEEE 754 number, rounded to the nearest; `None` for what is no number, or too large to be a
/// measurement (some 9 × 10¹²).
///
/// A larger number never becomes fewer thousandths, so what only grows in the meter only grows here.
pub(crate) fn thousandths(bits: u32) -> Option<i64> {
    let exponent = bits >> 23 & 0xff;
    let fraction = i64::from(bits & 0x7f_ffff);
    let (mantissa, exponent) = match exponent {
        0xff => return None,
        0 => (fraction, 1),
        _ => (fraction | 0x80_0000, exponent),
    };
    let scaled = mantissa.checked_mul(1000)?;
    // The number is the mantissa times two to the power of the exponent - 150.
    let size = match exponent.checked_sub(150) {
        // The mantissa and its thousand are 34 bits.
        Some(left @ 0..=19) => scaled << left,
        Some(_) => return None,
        None => match 150u32.saturating_sub(exponent) {
            right @ ..=34 => scaled.checked_add(1 << right.saturating_sub(1))? >> right,
            _ => 0,
        },
    };
    Some(if bits >> 31 == 0 { size } else { size.saturating_neg() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_a_meter() {
        for (number, expected) in [
            (0.0, 0),
            (-0.0, 0),
            (230.2, 230_200),
            (-11_040.5, -11_040_500),
            (50.02, 50_020),
            (0.000_4, 0),
            (0.000_6, 1),
            (12_345.678, 12_345_678),
            (f32::MIN_POSITIVE / 2.0, 0),
        ] {
            assert_eq!(thousandths(f32::to_bits(number)), Some(expected), "{number}");
        }
    }

    #[test]
    fn no_numbers() {
        for number in [
            f32::NAN,
            -f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            1e13,
            -1e13,
            f32::MAX,
        ] {
            assert_eq!(thousandths(number.to_bits()), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_floating_point(bits: u32) {
            let number = f64::from(f32::from_bits(bits));
            match thousandths(bits) {
                Some(value) => prop_assert_eq!(value, (number * 1000.0).round() as i64),
                None => prop_assert!(!number.is_finite() || number.abs() > 8e12),
            }
        }

        #[test]
        fn keeps_the_order(a: f32, b: f32) {
            if let (Some(low), Some(high)) = (thousandths(a.min(b).to_bits()), thousandths(a.max(b).to_bits())) {
                prop_assert!(low <= high);
            }
        }
    }
}
