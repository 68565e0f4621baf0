//! Kubernetes quantities (`100m`, `64Mi`, `1e3`): exact in billionths, printed in canonical form (apimachinery
//! `resource.Quantity`). Does not know what is being measured.

use std::fmt;

/// How a quantity was written, and so how it is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    DecimalSi,
    BinarySi,
    DecimalExponent,
}

/// An amount in billionths of a unit. Finer parts are rounded up, as apimachinery does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    pub nanos: i128,
    pub format: Format,
}

const NANO: i128 = 1_000_000_000;
const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
/// Decimal suffixes with their power of ten.
const DECIMAL: [(&str, i32); 10] =
    [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)];

impl Quantity {
    /// Reads a quantity; `None` if the text is not one, or is beyond what an amount of anything can be.
    pub fn parse(text: &str) -> Option<Quantity> {
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (multiplier, power, format) = match suffix {
            s if BINARY.iter().any(|(name, _)| *name == s) => {
                let bits = BINARY.iter().find(|(name, _)| *name == s)?.1;
                (1i128 << bits, 0, Format::BinarySi)
            }
            s if DECIMAL.iter().any(|(name, _)| *name == s) => {
                (1, DECIMAL.iter().find(|(name, _)| *name == s)?.1, Format::DecimalSi)
            }
            s => {
                let exponent: i32 = s.strip_prefix(['e', 'E'])?.parse().ok()?;
                (1, exponent, Format::DecimalExponent)
            }
        };
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !format!("{whole}{fraction}").bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scaled = mantissa.checked_mul(multiplier)?;
        let nanos =
            times_power_of_ten(scaled, power.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(9)?)?;
        Some(Quantity { nanos: if negative { -nanos } else { nanos }, format })
    }

    pub fn plus(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format }
    }

    /// Whole units, rounded up.
    pub fn value(self) -> i128 {
        ceil_div(self.nanos, NANO)
    }

    /// Thousandths, rounded up.
    pub fn milli(self) -> i128 {
        ceil_div(self.nanos, NANO / 1_000)
    }
}

fn ceil_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b) + i128::from(a.rem_euclid(b) != 0)
}

fn times_power_of_ten(value: i128, power: i32) -> Option<i128> {
    if power >= 0 {
        value.checked_mul(10i128.checked_pow(u32::try_from(power).ok()?)?)
    } else {
        let divisor = 10i128.checked_pow(power.unsigned_abs());
        Some(divisor.map_or(i128::from(value > 0), |d| ceil_div(value, d)))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        // Amounts below 1,024 and fractions are printed in decimal even if they were written in binary.
        if self.format == Format::BinarySi && self.nanos % NANO == 0 && (self.nanos / NANO).abs() >= 1_024 {
            let units = self.nanos / NANO;
            let (suffix, bits) = BINARY.into_iter().find(|(_, bits)| units % (1i128 << bits) == 0).unwrap_or(("", 0));
            return write!(f, "{}{suffix}", units >> bits);
        }
        let (suffix, power) = DECIMAL
            .into_iter()
            .find(|(_, p)| self.nanos % 10i128.pow((p + 9).unsigned_abs()) == 0)
            .unwrap_or(("n", -9));
        let count = self.nanos / 10i128.pow((power + 9).unsigned_abs());
        match self.format {
            Format::DecimalExponent if power != 0 => write!(f, "{count}e{power}"),
            _ => write!(f, "{count}{suffix}"),
        }
    }
}
