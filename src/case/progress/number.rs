//! The few functions of real numbers that progress needs, by additions, multiplications, divisions and square roots alone:
//! these are the same on every machine (IEEE 754), those of a platform's own library are not. Knows no meaning.

/// The half width of an 80 % interval, in standard deviations: the normal quantile of 0.9.
pub const EIGHTY: f64 = 1.281_551_565_544_600_4;

const LN_2: f64 = std::f64::consts::LN_2;

/// e to the power of `x`, for |x| up to 700.
pub fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let twos = (x / LN_2).round();
    let rest = x - twos * LN_2;
    // |rest| is at most ln 2 / 2: the series is good to the last place after 18 terms.
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..=18 {
        term *= rest / f64::from(n);
        sum += term;
    }
    let by = if twos < 0.0 { 0.5 } else { 2.0 };
    (0..twos.abs() as u32).fold(sum, |product, _| product * by)
}

/// 1 / (1 + e^-x): a share from a place on the logit scale.
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The variance of a sample, with n - 1 below.
pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let sum: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    if values.len() < 2 { 0.0 } else { sum / (values.len() - 1) as f64 }
}

/// Student's t: the quantile of 0.9, so the half width of an 80 % interval, by degrees of freedom. Between rows the one
/// with fewer degrees holds: rather too wide than too narrow.
const STUDENT: &[(usize, f64)] = &[
    (1, 3.078),
    (2, 1.886),
    (3, 1.638),
    (4, 1.533),
    (5, 1.476),
    (6, 1.440),
    (7, 1.415),
    (8, 1.397),
    (9, 1.383),
    (10, 1.372),
    (12, 1.356),
    (15, 1.341),
    (20, 1.325),
    (30, 1.310),
    (60, 1.296),
    (120, 1.289),
];

pub fn student(degrees: usize) -> f64 {
    let row = STUDENT.iter().rev().find(|(from, _)| *from <= degrees).or(STUDENT.first());
    row.map_or(EIGHTY, |(_, quantile)| *quantile)
}

/// The 80 % interval of a share of which `hits` of `n` came true (Wilson's, which holds for few as well).
pub fn wilson(hits: f64, n: f64) -> (f64, f64) {
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let (share, z2) = (hits / n, EIGHTY * EIGHTY);
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = EIGHTY * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}
