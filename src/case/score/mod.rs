//! The score: a pure function of the truth of a case, a log of what was done, and a profile of weights. Exact rationals;
//! lines of the ledger add up to the total. Does not know the world, the board, or how anything is shown.

pub mod belief;
pub mod communication;
pub mod elimination;
pub mod log;
pub mod method;
pub mod profile;
pub mod recovery;
pub mod scene;
pub mod truth;
pub mod verdict;

use log::{Digest, Event};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use profile::Profile;
use serde::{Deserialize, Serialize};
use truth::Truth;

/// Points, shares and proofs: exact, the same on every machine.
pub type Exact = BigRational;

/// `above / below` as an exact number.
pub fn exact(above: i64, below: i64) -> Exact {
    Exact::new(BigInt::from(above), BigInt::from(below))
}

/// The name of these rules; a stored score says which rules made it.
pub const ENGINE: &str = concat!("whodunit-", env!("CARGO_PKG_VERSION"));

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
}

/// The rule of a dimension: its lines of the ledger.
pub type Rule = fn(&Truth, &Digest, &Profile) -> Vec<Line>;

/// One dimension. A dimension without rules yet says so and is left out of every total.
pub struct Dimension {
    pub dim: Dim,
    pub name: &'static str,
    pub doc: &'static str,
    pub score: Option<Rule>,
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
    /// Thousandths of what it could have been, rounded up, so that no line shows more than that.
    pub fn max_m(&self) -> i64 {
        -milli(&-self.max.clone())
    }
}

fn milli(points: &Exact) -> i64 {
    (points * exact(1000, 1)).floor().to_integer().to_i64().unwrap_or_default()
}

/// One dimension's sum. `got` is `None` while the dimension is not scored yet.
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
    pub profile: &'static str,
    pub dims: Vec<Sum>,
    pub ledger: Vec<Line>,
}

impl Scorecard {
    /// Points of the dimensions that exist. Never rescaled.
    pub fn total(&self) -> Exact {
        self.ledger.iter().map(|line| line.got.clone()).sum()
    }

    /// The most that those dimensions can give: 68 while V, E and P exist.
    pub fn max(&self) -> i64 {
        self.dims.iter().filter(|sum| sum.got.is_some()).map(|sum| sum.max).sum()
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

    /// Whether the total reaches `percent` of what can be had.
    pub fn reaches(&self, percent: i64) -> bool {
        self.total() * exact(100, 1) >= exact(self.max() * percent, 1)
    }
}

/// Grades a log. The same truth, log and profile always give the same card.
pub fn score(truth: &Truth, log: &[Event], profile: &Profile) -> Scorecard {
    let digest = Digest::of(log);
    let mut rows: Vec<&Dimension> = DIMENSIONS.iter().collect();
    rows.sort_by_key(|row| row.dim);
    let mut dims = Vec::new();
    let mut ledger = Vec::new();
    for row in rows {
        let lines = row.score.map(|score| score(truth, &digest, profile));
        let got = lines.as_ref().map(|lines| lines.iter().map(|line| line.got.clone()).sum());
        dims.push(Sum { dim: row.dim, name: row.name, got, max: profile.weight(row.dim) });
        ledger.extend(lines.unwrap_or_default());
    }
    let mut running = Exact::zero();
    for line in &mut ledger {
        let before = milli(&running);
        running += &line.got;
        line.got_m = milli(&running) - before;
    }
    Scorecard { engine: ENGINE.into(), case_hash: truth.case_hash.clone(), profile: profile.name, dims, ledger }
}
