//! The score: a pure function of the truth of a case, a log of what was done, and a profile of weights. Exact rationals;
//! lines of the ledger add up to the total. Does not know the world, the board, or how anything is shown.

pub mod belief;
pub mod communication;
pub mod elimination;
pub mod hints;
pub mod log;
pub mod method;
pub mod posterior;
pub mod profile;
pub mod recovery;
pub mod scene;
pub mod teamwork;
pub mod truth;
pub mod verdict;

use log::{Digest, Event};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use profile::Profile;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use truth::Truth;

/// Points, shares and proofs: exact, the same on every machine.
pub type Exact = BigRational;

/// `above / below` as an exact number.
pub fn exact(above: i64, below: i64) -> Exact {
    Exact::new(BigInt::from(above), BigInt::from(below))
}

/// The name of these rules; a stored score says which rules made it. The last number counts editions of the rules: it is
/// raised when a journal may be graded otherwise than before.
pub const ENGINE: &str = concat!("whodunit-", env!("CARGO_PKG_VERSION"), "+rules.2");

/// The seven dimensions, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dim {
    V,
    E,
    K,
    P,
    M,
    R,
    U,
    /// What hints cost: no dimension of its own. It is taken from the sum of all but V, and that sum never falls below
    /// nothing.
    H,
}

/// All seven dimensions.
pub const WHOLE: &[Dim] = &[Dim::V, Dim::E, Dim::K, Dim::P, Dim::M, Dim::R, Dim::U];

/// What was found out, and how it was done: always shown apart.
pub const CASE: &[Dim] = &[Dim::V, Dim::E, Dim::K];
pub const CONDUCT: &[Dim] = &[Dim::P, Dim::M, Dim::R, Dim::U];

/// The dimensions that a score has today; the others say so and are left out of totals and of their maximum.
pub const SCORED: &[Dim] = WHOLE;

/// The dimensions that the first edition of the rules had. A run from its time is graded in these: nobody could state
/// beliefs or send updates in it.
pub const EARLY: &[Dim] = &[Dim::V, Dim::E, Dim::P];

/// The rule of a dimension: its lines of the ledger.
pub type Rule = fn(&Truth, &Digest, &Profile) -> Vec<Line>;

/// One dimension.
pub struct Dimension {
    pub dim: Dim,
    pub name: &'static str,
    pub doc: &'static str,
    pub rule: Rule,
}

/// Sorted by name; `Dim` gives the order of showing.
pub const DIMENSIONS: &[Dimension] =
    &[belief::ROW, communication::ROW, elimination::ROW, method::ROW, recovery::ROW, scene::ROW, verdict::ROW];

/// One line of the ledger: what was worth what, and where in the journal it was earned or lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub dim: Dim,
    /// A message key (`verdict.culprit`, `elimination.rival`, `scene.clue`, `scene.blind`, …).
    pub key: &'static str,
    /// What the key is about: a blank, a rival's or a clue's id.
    pub subject: String,
    pub got: Exact,
    /// Thousandths of a point for display: each line takes what the floor of the running total grew by, so that what is
    /// shown adds up to the floor of the exact total.
    pub got_m: i64,
    /// What it could have been; zero for deductions.
    pub max: Exact,
    /// Why, as key and value: `accuracy=1`, `proof=7/10`, `state=bagged`.
    pub because: Vec<(&'static str, String)>,
    /// Journal entries, counted from 1.
    pub entries: Vec<u32>,
}

impl Line {
    /// A line that got nothing of `max` yet.
    fn new(dim: Dim, key: &'static str, subject: impl Into<String>, max: Exact) -> Line {
        let (got, because, entries) = (Exact::zero(), Vec::new(), Vec::new());
        Line { dim, key, subject: subject.into(), got, got_m: 0, max, because, entries }
    }

    fn got(mut self, got: Exact) -> Line {
        self.got = got;
        self
    }

    fn because(mut self, key: &'static str, value: impl ToString) -> Line {
        self.because.push((key, value.to_string()));
        self
    }

    /// The journal's entries; 0, the end of the run, is none.
    fn at(mut self, entries: impl IntoIterator<Item = u32>) -> Line {
        self.entries.extend(entries.into_iter().filter(|entry| *entry > 0));
        self.entries.sort_unstable();
        self.entries.dedup();
        self
    }

    /// Thousandths of what it could have been, rounded up, so that no line shows more than that.
    pub fn max_m(&self) -> i64 {
        -milli(&-self.max.clone())
    }
}

fn milli(points: &Exact) -> i64 {
    (points * exact(1000, 1)).floor().to_integer().to_i64().unwrap_or_default()
}

/// One dimension's sum. `got` is `None` where the dimension is not scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    pub dim: Dim,
    pub name: &'static str,
    pub got: Option<Exact>,
    pub max: i64,
}

/// A graded run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub engine: String,
    pub case_hash: String,
    pub profile: Cow<'static, str>,
    pub dims: Vec<Sum>,
    pub ledger: Vec<Line>,
}

impl Scorecard {
    /// Points of the dimensions that exist. Never rescaled.
    pub fn total(&self) -> Exact {
        self.ledger.iter().map(|line| line.got.clone()).sum()
    }

    /// The most that those dimensions can give: 100 if all seven are scored.
    pub fn max(&self) -> i64 {
        self.most(WHOLE)
    }

    /// The total in thousandths, as shown.
    pub fn total_m(&self) -> i64 {
        self.ledger.iter().map(|line| line.got_m).sum()
    }

    pub fn dim(&self, dim: Dim) -> Exact {
        self.dims.iter().find(|sum| sum.dim == dim).and_then(|sum| sum.got.clone()).unwrap_or_else(Exact::zero)
    }

    pub fn dim_m(&self, dim: Dim) -> i64 {
        self.ledger.iter().filter(|line| line.dim == dim).map(|line| line.got_m).sum()
    }

    /// What was found out, and how surely: thousandths of [`CASE`].
    pub fn case_m(&self) -> i64 {
        CASE.iter().map(|dim| self.dim_m(*dim)).sum()
    }

    /// How it was done: thousandths of [`CONDUCT`].
    pub fn conduct_m(&self) -> i64 {
        CONDUCT.iter().map(|dim| self.dim_m(*dim)).sum()
    }

    /// The most that these dimensions could have given.
    pub fn most(&self, dims: &[Dim]) -> i64 {
        self.dims.iter().filter(|sum| sum.got.is_some() && dims.contains(&sum.dim)).map(|sum| sum.max).sum()
    }

    /// A word for the total; only a whole score has one.
    pub fn band(&self) -> Option<Band> {
        WHOLE
            .iter()
            .all(|dim| self.dims.iter().any(|sum| sum.dim == *dim && sum.got.is_some()))
            .then(|| band(&self.total()))
    }

    /// Whether the total reaches `percent` of what can be had.
    pub fn reaches(&self, percent: i64) -> bool {
        self.total() * exact(100, 1) >= exact(self.max() * percent, 1)
    }
}

/// Words for totals; never gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    Open,
    Suspicion,
    Charged,
    Proven,
    BeyondDoubt,
}

impl Band {
    /// Its name in messages and files.
    pub fn key(self) -> &'static str {
        match self {
            Band::Open => "open",
            Band::Suspicion => "suspicion",
            Band::Charged => "charged",
            Band::Proven => "proven",
            Band::BeyondDoubt => "beyond-doubt",
        }
    }
}

/// The band of a total of 100: below 40 the case is open, from 90 on it is beyond doubt.
pub fn band(points: &Exact) -> Band {
    let from = |bound: i64| *points >= exact(bound, 1);
    match () {
        () if from(90) => Band::BeyondDoubt,
        () if from(75) => Band::Proven,
        () if from(60) => Band::Charged,
        () if from(40) => Band::Suspicion,
        () => Band::Open,
    }
}

/// Grades a log in the dimensions that are scored today. The same truth, log and profile always give the same card.
pub fn score(truth: &Truth, log: &[Event], profile: &Profile) -> Scorecard {
    score_with(truth, log, profile, SCORED)
}

/// Grades a log in these dimensions: `V + max(0, the others − hints)`.
pub fn score_with(truth: &Truth, log: &[Event], profile: &Profile, scored: &[Dim]) -> Scorecard {
    let digest = Digest::of(log);
    let mut rows: Vec<&Dimension> = DIMENSIONS.iter().collect();
    rows.sort_by_key(|row| row.dim);
    let mut dims = Vec::new();
    let mut ledger = Vec::new();
    for row in rows {
        let lines = scored.contains(&row.dim).then(|| (row.rule)(truth, &digest, profile));
        let got = lines.as_ref().map(|lines| lines.iter().map(|line| line.got.clone()).sum());
        dims.push(Sum { dim: row.dim, name: row.name, got, max: profile.weight(row.dim) });
        ledger.extend(lines.unwrap_or_default());
    }
    let others: Exact = ledger.iter().filter(|line| line.dim != Dim::V).map(|line| line.got.clone()).sum();
    ledger.extend(hints::lines(&digest, &others));
    let mut running = Exact::zero();
    for line in &mut ledger {
        let before = milli(&running);
        running += &line.got;
        line.got_m = milli(&running) - before;
    }
    Scorecard { engine: ENGINE.into(), case_hash: truth.case_hash.clone(), profile: profile.name.clone(), dims, ledger }
}
