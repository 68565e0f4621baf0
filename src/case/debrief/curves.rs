//! Belief and harm over time, as series for charts: thousandths at rising times. Does not draw.

use super::Share;
use crate::case::pace::Believed;
use crate::case::score::Exact;
use crate::case::score::log::Suspect;
use crate::case::score::posterior::belief;
use crate::stdx::time::Time;
use num_traits::ToPrimitive;

/// A series: each value holds until the next.
pub type Series = Vec<(Time, Share)>;

/// The curves of a run. All of them begin at the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curves {
    pub from: Time,
    /// The end of the run, or later if a fix needed longer to show.
    pub until: Time,
    /// What a fair reasoner would have believed in the truth: steps.
    pub justified: Series,
    /// What the learner said of the truth, at each update and at the verdict: points.
    pub stated: Series,
    /// What was lacking of the indicator's healthy value, in this run.
    pub harm: Series,
    /// The same had nobody acted.
    pub idle: Series,
    /// When a successful change was made.
    pub changes: Vec<Time>,
}

/// Thousandths of an exact share, floored.
pub fn share(exact: &Exact) -> Share {
    let thousand = exact * Exact::from_integer(1000.into());
    thousand.floor().to_integer().to_u16().unwrap_or_default().min(1000)
}

/// The justified and the stated belief in the truth.
pub fn believed(steps: &[Believed]) -> (Series, Series) {
    let justified = steps.iter().map(|step| (step.at, share(&step.truth()))).collect();
    // Who rated nobody said nothing.
    let said = |step: &Believed| {
        let stated = step.stated.as_ref().filter(|stated| !stated.is_empty())?;
        Some((step.at, share(&belief(stated, &Suspect::Truth))))
    };
    (justified, steps.iter().filter_map(said).collect())
}

/// Drops values that say the same as both neighbours.
pub fn thinned(series: Series) -> Series {
    let mut out: Series = Vec::new();
    for (at, value) in series {
        if let [.., (_, before), last] = out.as_mut_slice()
            && *before == value
            && last.1 == value
        {
            last.0 = at;
        } else {
            out.push((at, value));
        }
    }
    out
}
