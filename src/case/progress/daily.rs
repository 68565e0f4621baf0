//! Today's drill: the same case, variant and seed for everybody on a day, from a hash of the pack's version and the date;
//! and the line about it that gives nothing away. Does not know the clock.

use crate::case::score::Dim;
use crate::stdx::time::Time;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
/// The day before number 1: 2025-12-31, in days since 1970.
const EPOCH_DAY: i64 = 20_453;

/// A case that can be drawn, with its variants in the order of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawable {
    pub slug: String,
    pub variants: Vec<String>,
}

/// What is drawn for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Daily {
    /// 1 on 2026-01-01.
    pub number: i64,
    /// `2026-03-02`, always UTC.
    pub date: String,
    pub slug: String,
    pub variant: String,
    pub seed: u64,
}

/// The drill of a day; nothing if there is no case. The order of the cases does not matter.
pub fn draw(version: &str, now: Time, cases: &[Drawable]) -> Option<Daily> {
    let mut cases: Vec<&Drawable> = cases.iter().filter(|case| !case.variants.is_empty()).collect();
    cases.sort_by(|a, b| a.slug.cmp(&b.slug));
    let date = now.date();
    let roll = |what: &str| {
        let digest = Sha256::digest(format!("whodunit daily\n{version}\n{date}\n{what}").as_bytes());
        digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let case = cases.get((roll("case") % cases.len().max(1) as u64) as usize)?;
    let variant = case.variants.get((roll("variant") % case.variants.len() as u64) as usize)?;
    Some(Daily {
        number: now.0.div_euclid(DAY_MS) - EPOCH_DAY,
        slug: case.slug.clone(),
        variant: variant.clone(),
        seed: roll("seed") % 1_000_000,
        date,
    })
}

/// The number of a day's drill.
pub fn number(at: Time) -> i64 {
    at.0.div_euclid(DAY_MS) - EPOCH_DAY
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// `#0421 Case ▇▇▆ Conduct ▂▇▅▇ 74`: how it went, without what it was. Points (`got_m` thousandths of `max`) by dimension;
/// a dimension that was not graded is a dot, and a total that is not of 100 says of how much it is.
pub fn share_line(number: i64, dims: &BTreeMap<Dim, (i64, i64)>, total_m: i64, max: i64) -> String {
    let bar = |dim: &Dim| match dims.get(dim) {
        // All of it alone fills the bar.
        Some((got, max)) if *max > 0 => {
            let eighths = (got.clamp(&0, &(max * 1_000)) * 7).div_euclid(max * 1_000);
            BARS.get(eighths as usize).copied().unwrap_or('█')
        }
        _ => '·',
    };
    let bars = |dims: &[Dim]| dims.iter().map(bar).collect::<String>();
    let (case, conduct) = (bars(&[Dim::V, Dim::E, Dim::K]), bars(&[Dim::P, Dim::M, Dim::R, Dim::U]));
    let total = total_m.div_euclid(1_000);
    let of = if max == 100 { String::new() } else { format!(" of {max}") };
    format!("#{number:04} Case {case} Conduct {conduct} {total}{of}")
}
