//! Whether certainty was earned: the confidence at verdicts against how often they were right, and the Brier score split
//! into calibration and resolution. Says nothing below twenty verdicts. Does not know what was accused.

use super::number::wilson;
use super::record::Sure;
use std::collections::BTreeMap;

/// Below so many verdicts there is no diagram.
pub const VERDICTS_MIN: usize = 20;

/// One confidence that was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    pub percent: u8,
    pub count: u32,
    pub right: u32,
    /// The 80 % interval of how often it is right.
    pub low: f64,
    pub high: f64,
}

/// Brier = calibration - resolution + uncertainty (Murphy's partition; exact, because verdicts are grouped by the very
/// confidence that was said). Brier and calibration: less is better; resolution: more is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    pub bins: Vec<Bin>,
    pub verdicts: usize,
    pub brier: f64,
    pub calibration: f64,
    pub resolution: f64,
    pub uncertainty: f64,
}

/// The diagram of these verdicts, if there are enough.
pub fn of(verdicts: &[Sure]) -> Option<Calibration> {
    if verdicts.len() < VERDICTS_MIN {
        return None;
    }
    let mut counts: BTreeMap<u8, (u32, u32)> = BTreeMap::new();
    for sure in verdicts {
        let (count, right) = counts.entry(sure.percent).or_default();
        *count += 1;
        *right += u32::from(sure.right);
    }
    let n = verdicts.len() as f64;
    let base = verdicts.iter().filter(|sure| sure.right).count() as f64 / n;
    let mut out = Calibration { verdicts: verdicts.len(), uncertainty: base * (1.0 - base), ..Calibration::default() };
    for (percent, (count, right)) in counts {
        let (said, all, hits) = (f64::from(percent) / 100.0, f64::from(count), f64::from(right));
        let came = hits / all;
        out.calibration += all * (said - came) * (said - came) / n;
        out.resolution += all * (came - base) * (came - base) / n;
        out.brier += (hits * (1.0 - said) * (1.0 - said) + (all - hits) * said * said) / n;
        let (low, high) = wilson(hits, all);
        out.bins.push(Bin { percent, count, right, low, high });
    }
    Some(out)
}
