//! What only a team does, as far as it is graded: loops that were closed, decisions before changes, a record of both. Facts
//! of the room as a whole: nobody's name or number is in them. Does not know seats.

use super::log::Digest;
use super::profile::Profile;
use super::{Dim, Exact, Line, exact};
use num_traits::{One, Zero};
use serde::{Deserialize, Serialize};

/// So many tasks count as enough: with fewer, a loop is worth no more (scoring, §5).
const LOOPS_ENOUGH: usize = 5;
/// Of the points that a team has beyond its updates, in sixths.
const LOOPS: i64 = 3;
const DECISIONS: i64 = 2;
const RECORD: i64 = 1;

/// A change, and what came before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Journal entry of the change.
    pub entry: u32,
    /// A decision to make it is on the board.
    pub decided: bool,
    /// Something was expected of it.
    pub expected: bool,
    /// Objections were called for.
    pub called: bool,
}

impl Decided {
    fn whole(&self) -> bool {
        self.decided && self.expected && self.called
    }
}

/// How a room worked together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teamwork {
    /// How many read something.
    pub readers: u32,
    /// Tasks that were not declined, by the entry that asked; and whether owner, time box, promise, report and acceptance
    /// were all there.
    pub loops: Vec<(u32, bool)>,
    pub changes: Vec<Decided>,
    /// Changes, decisions and turning points, by their entries; and whether the scribe logged them in time.
    pub record: Vec<(u32, bool)>,
}

/// By what the reading budget of one is multiplied: people who work side by side may repeat a little.
pub fn budget(readers: u32) -> Exact {
    match readers {
        0 | 1 => exact(1, 1),
        2 => exact(14, 10),
        3 => exact(17, 10),
        _ => exact(2, 1),
    }
}

/// The lines of U beyond the updates; none for somebody alone.
pub fn lines(digest: &Digest, profile: &Profile) -> Vec<Line> {
    let beyond = profile.weight(Dim::U) - profile.updates();
    let Some(work) = digest.whole.teamwork.as_ref().filter(|_| beyond > 0) else { return Vec::new() };
    let sixths = |count: i64| exact(beyond * count, LOOPS + DECISIONS + RECORD);
    let closed = entries(&work.loops, true);
    let open = entries(&work.loops, false);
    let loops = Line::new(Dim::U, "communication.loops", "", sixths(LOOPS))
        .because("closed", format!("{}/{}", closed.len(), work.loops.len()))
        .at(open);
    let whole = work.changes.iter().filter(|change| change.whole()).count();
    let lacking = work.changes.iter().filter(|change| !change.whole()).map(|change| change.entry);
    let decisions = Line::new(Dim::U, "communication.decisions", "", sixths(DECISIONS))
        .because("decided", format!("{whole}/{}", work.changes.len()))
        .at(lacking);
    let logged = entries(&work.record, true);
    let record = Line::new(Dim::U, "communication.record", "", sixths(RECORD))
        .because("logged", format!("{}/{}", logged.len(), work.record.len()))
        .at(entries(&work.record, false));
    vec![
        earned(loops, closed.len(), work.loops.len().max(LOOPS_ENOUGH)),
        earned(decisions, whole, work.changes.len()),
        earned(record, logged.len(), work.record.len()),
    ]
}

fn entries(of: &[(u32, bool)], held: bool) -> Vec<u32> {
    of.iter().filter(|(_, own)| *own == held).map(|(entry, _)| *entry).collect()
}

/// A share of nothing is nothing: who changed nothing decided nothing.
fn earned(line: Line, got: usize, of: usize) -> Line {
    let share = if of == 0 { Exact::zero() } else { exact(got as i64, of as i64) };
    let max = line.max.clone();
    line.got(max * share.min(Exact::one()))
}
