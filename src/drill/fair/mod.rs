//! Fairness, tried: players of every kind at the level of the graded log, an honest one through the front door, the laws of
//! scoring as rows, and what an author is told. Does not judge a case by its texts: that is the scenario's own check.

pub mod archetypes;
pub mod detective;
pub mod hand;
pub mod laws;
pub mod loudest;
pub mod proof;
pub mod seats;
pub mod sheet;
pub mod strangers;

use super::fates;
use super::run::{Clock, Run};
use crate::case::score::Dim;
use crate::scenario::shape::Clue;
use crate::scenario::stage::Stage;
use crate::stdx::time::Span;
use archetypes::standings;
use hand::points;
use laws::Played;
use sheet::Sheet;
use std::sync::Arc;

/// What can be lost has to be there for so long after the page: at one of these times. An experiment may miss once.
const BRIEF: [Span; 2] = [Span::secs(60), Span::secs(150)];

/// A variant on one seed, with everything that was tried on it.
#[derive(Clone, Debug)]
pub struct Examined {
    pub sheet: Sheet,
    pub played: Played,
    /// The stage as it was when the page came.
    pub opening: Arc<Stage>,
}

/// Plays everybody. The runs are over, and of one opening.
pub fn examine(solved: &Run, idle: &Run, hasty: Option<&Run>) -> Examined {
    let sheet = Sheet::collect(solved, idle, hasty);
    let mut played = Played::default();
    let random = strangers::totals(&sheet);
    played.totals.insert("random-p99", strangers::p99(&random));
    played.totals.insert("random-best", random.last().copied().unwrap_or(0));
    played.totals.insert("uncited", strangers::uncited(&sheet));
    played.totals.insert("bag-all-cite-all", strangers::bag_all_cite_all(&sheet));
    played.totals.insert("leaked-answer", strangers::leaked(&sheet));
    played.totals.insert("keyword-soup", strangers::soup(&sheet));
    played.totals.insert("loudest-line", loudest::convict(&sheet));
    played.totals.insert("idle", points(&sheet, &idle.graded_log()));
    if let Some(hasty) = hasty {
        played.totals.insert("rollback-first", points(&sheet, &hasty.graded_log()));
    }
    played.archetypes = standings(&sheet);
    for name in ["expert", "capture-first"] {
        let earned = played.archetypes.iter().find(|(own, _)| *own == name).map_or(0, |(_, points)| *points);
        played.totals.insert(name, earned);
    }
    let opening = Arc::clone(&solved.record.opening);
    let mut opened = Run::open(Arc::clone(&solved.case), (*opening).clone(), Clock::Turn);
    opened.record.yardstick = Arc::clone(&solved.record.yardstick);
    let found = detective::play(opened);
    played.totals.insert("detective-v", found.run.verdict_score().dim_m(Dim::V));
    played.unproven = 5usize.saturating_sub(found.holds);
    played.uncleared = found.uncleared;
    let case = &solved.case;
    let later = BRIEF.map(|after| {
        let mut later = (*opening).clone();
        later.advance_to(case.drill.page_at + after);
        later
    });
    let shows = |clue: &Clue| later.iter().any(|stage| fates::shows(case, stage, clue));
    // What nobody has to secure at once is asked of what is there at once: an experiment may take longer than this look.
    let gone = |clue: &&Clue| clue.perishable && fates::shows(case, &opening, clue) && !shows(clue);
    played.brief = case.clues.iter().filter(gone).map(|clue| clue.id.clone()).collect();
    Examined { sheet, played, opening }
}

impl Examined {
    /// The times after the page at which an author is told what still lives.
    pub fn times(&self) -> Vec<Span> {
        let close = self.sheet.truth.closes - self.sheet.truth.page;
        let mut times: Vec<Span> = [0, 1, 5, 10, 20, 40, 90].into_iter().map(Span::mins).collect();
        times.retain(|after| *after < close);
        times.push(close);
        times
    }

    /// Which clues its own commands show at these times if nobody acts.
    pub fn timeline(&self, times: &[Span]) -> Vec<(String, Vec<bool>)> {
        let (case, mut stage) = (&self.sheet.case, (*self.opening).clone());
        let mut lives: Vec<(String, Vec<bool>)> = case.clues.iter().map(|clue| (clue.id.clone(), Vec::new())).collect();
        for after in times {
            stage.advance_to(case.drill.page_at + *after);
            for (clue, (_, lives)) in case.clues.iter().zip(&mut lives) {
                lives.push(fates::shows(case, &stage, clue));
            }
        }
        lives
    }
}
