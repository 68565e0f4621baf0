//! Taking back acts on the board, the last first: for each the way back is kept when it is done. Problem, updates,
//! declarations and verdict were said to others and stand. Takes back nothing that happened in the world.

use super::notice::{Said, say};
use super::run::{Outcome, Run};
use super::team::votes;
use crate::case::board::{Exhibit, Hypothesis, Link};
use crate::case::score::log::{Cite, What};
use std::collections::{BTreeMap, VecDeque};

/// Steps that are kept.
const STEPS_MAX: usize = 200;

/// The highest numbers given so far: what is taken back leaves its number unused, since the journal speaks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub exhibits: u32,
    pub hypotheses: u32,
    pub expectations: u32,
}

/// The way back from one act.
#[derive(Clone, Debug)]
pub enum Back {
    Bag(u32),
    /// The exhibit, its place in the bag, its citations, and its links.
    Unbag {
        exhibit: Box<Exhibit>,
        place: usize,
        cites: Vec<Cite>,
        links: BTreeMap<u32, Link>,
    },
    Suspect(u32),
    Rate {
        hypothesis: u32,
        percent: u8,
    },
    /// In a room: what a seat believed before.
    Vote {
        hypothesis: u32,
        seat: u16,
        percent: Option<u8>,
    },
    Predict {
        hypothesis: u32,
        text: String,
    },
    Link {
        hypothesis: u32,
        exhibit: u32,
        link: Option<Link>,
    },
    Clear {
        hypothesis: u32,
        cleared: Option<Vec<u32>>,
        percent: u8,
    },
    Reopen {
        hypothesis: u32,
        cleared: Vec<u32>,
    },
    Expect(u32),
    Note,
}

/// What can be taken back, the newest last, each with its journal entry; and what was: entry of the undoing → of the act.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    kept: VecDeque<(u32, Back)>,
    pub done: BTreeMap<u32, u32>,
}

/// Keeps the way back from the act that is being done.
pub fn keep(run: &mut Run, back: Back) {
    let entry = run.entry();
    let kept = &mut run.record.undo.kept;
    if kept.len() >= STEPS_MAX {
        kept.pop_front();
    }
    kept.push_back((entry, back));
}

/// Whether there is something to take back.
pub fn can(run: &Run) -> bool {
    !run.record.undo.kept.is_empty()
}

/// The same for a seat: its act was the last one.
pub fn can_as(run: &Run, seat: u16) -> bool {
    run.record.undo.kept.back().is_some_and(|(entry, _)| run.seat_of(*entry) == seat)
}

/// The last step was no act on the board after all.
pub fn forget_last(run: &mut Run) {
    run.record.undo.kept.pop_back();
}

/// In a room one takes back what was one's own, if nobody acted on the board since.
pub fn undo(run: &mut Run, seat: u16) -> Outcome {
    let last = run.record.undo.kept.back().map(|(entry, _)| *entry);
    if last.is_some_and(|entry| run.seat_of(entry) != seat) {
        return Outcome::refusal("notice.somebody-else-acted-since");
    }
    while let Some((entry, back)) = run.record.undo.kept.pop_back() {
        if run.seat_of(entry) != seat {
            run.record.undo.kept.push_back((entry, back));
            break;
        }
        // An expectation that a change has used belongs to that change.
        if let Back::Expect(id) = back
            && run.board.expectations.iter().any(|own| own.id == id && own.change.is_some())
        {
            continue;
        }
        let what = take_back(run, back);
        let now = run.entry();
        run.record.undo.done.insert(now, entry);
        return Outcome::remark(say("notice.taken-back").said("what", what));
    }
    Outcome::refusal("notice.nothing-on-the-board-is-left")
}

/// Goes back, and says in a few words what that was.
fn take_back(run: &mut Run, back: Back) -> Said {
    match back {
        Back::Bag(id) => {
            super::casework::drop_exhibit(run, id);
            say("notice.e-is-out-of-the-bag").with("id", id)
        }
        Back::Unbag { exhibit, place, cites, links } => put_back(run, *exhibit, place, cites, links),
        Back::Suspect(id) => {
            run.board.hypotheses.retain(|own| own.id != id);
            say("notice.h-is-off-the-board").with("id", id)
        }
        Back::Rate { hypothesis: id, percent } => {
            change(run, id, |own| own.confidence = percent);
            say("notice.h-is-at-again").with("id", id).with("percent", percent)
        }
        Back::Vote { hypothesis: id, seat, percent } => {
            run.team.votes.set(id, seat, percent);
            votes::settle(run, id);
            say("notice.the-vote-on-h").with("id", id)
        }
        Back::Predict { hypothesis: id, text } => {
            change(run, id, |own| own.prediction = text);
            say("notice.what-h-predicts").with("id", id)
        }
        Back::Link { hypothesis: id, exhibit, link } => {
            change(run, id, |own| match link {
                Some(link) => _ = own.links.insert(exhibit, link),
                None => _ = own.links.remove(&exhibit),
            });
            say("notice.the-link-of-e-and-h").with("exhibit", exhibit).with("id", id)
        }
        Back::Clear { hypothesis: id, cleared, percent } => {
            let suspect = super::casework::whom(run, id);
            let cites = cleared.as_ref().map(|cited| run.record.evidence.citing(cited));
            change(run, id, |own| {
                own.cleared = cleared;
                own.confidence = percent;
            });
            match cites {
                Some(cites) => run.note(What::Cleared { suspect, cites, cross: false }),
                None => run.note(What::Reopened { suspect }),
            }
            say("notice.the-clearing-of-h").with("id", id)
        }
        Back::Reopen { hypothesis: id, cleared } => {
            let suspect = super::casework::whom(run, id);
            let cites = run.record.evidence.citing(&cleared);
            change(run, id, |own| own.cleared = Some(cleared));
            run.note(What::Cleared { suspect, cites, cross: false });
            say("notice.h-is-cleared-again").with("id", id)
        }
        Back::Expect(id) => {
            run.board.expectations.retain(|own| own.id != id);
            say("notice.what-was-expected-of-the-next")
        }
        Back::Note => {
            run.board.notes.pop();
            say("notice.the-last-note")
        }
    }
}

fn change(run: &mut Run, id: u32, how: impl FnOnce(&mut Hypothesis)) {
    if let Some(own) = run.board.hypothesis_mut(id) {
        how(own);
    }
}

fn put_back(run: &mut Run, exhibit: Exhibit, place: usize, cites: Vec<Cite>, links: BTreeMap<u32, Link>) -> Said {
    let id = exhibit.id;
    let place = place.min(run.board.exhibits.len());
    run.board.exhibits.insert(place, exhibit);
    run.record.evidence.cites.insert(id, cites);
    for (hypothesis, link) in links {
        change(run, hypothesis, |own| _ = own.links.insert(id, link));
    }
    let clues: Vec<String> = run.record.evidence.held(id).into_iter().cloned().collect();
    for clue in clues {
        run.note(What::Bagged { clue });
    }
    say("notice.e-is-in-the-bag-again").with("id", id)
}
