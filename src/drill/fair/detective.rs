//! The detective who has nothing but the evidence: looks where the optimal policy says, bags what it finds, and accuses
//! with it, all through the front door. Must reach proof. Does not mend anything.

use crate::case::lexicon::Meaning;
use crate::case::policy::{self, Look};
use crate::case::score::truth::Truth;
use crate::case::score::{Dim, Exact, exact};
use crate::drill::act::{Act, Blank, Blanks};
use crate::drill::check::best;
use crate::drill::course;
use crate::drill::run::Run;
use crate::scenario::roles;
use crate::stdx::time::Time;
use std::sync::Arc;

/// Commands that it types, at most.
const LOOKS_MAX: usize = 80;

/// How far it came.
#[derive(Clone, Debug)]
pub struct Found {
    pub run: Run,
    pub commands: usize,
    /// Points of V.
    pub verdict: Exact,
    /// Blanks that hold: right, and proven by 0.7 or more.
    pub holds: usize,
    /// Rivals that nothing in its bag rules out.
    pub uncleared: Vec<String>,
}

/// Plays a run that was just opened.
pub fn play(mut run: Run) -> Found {
    let truth = Truth::of(&run.case);
    let mut looks: Vec<Look> = course::looks(&run).to_vec();
    let mut commands = 0;
    while commands < LOOKS_MAX
        && let Some(advice) = policy::advice(&truth, &looks, &run.record.evidence.seen)
    {
        let Some(look) = looks.get_mut(advice.look) else { break };
        commands += 1;
        let page = run.apply(0, Act::Run { line: look.command.clone() }).page;
        // What it shows now, it shows; what it no longer shows is not looked for there again.
        look.clues.retain(|clue| run.record.evidence.seen.contains(clue));
        if let Some(page) = page {
            bag(&mut run, page);
        }
    }
    again(&mut run, &mut commands);
    accuse(&mut run);
    let card = run.verdict_score();
    let blanks = card.ledger.iter().filter(|line| line.dim == Dim::V);
    let holds = blanks.filter(|line| &line.got * exact(10, 1) >= &line.max * exact(7, 1)).count();
    let held: Vec<&String> = run.record.evidence.cites.values().flatten().flat_map(|cite| &cite.clues).collect();
    let out = |rival: &&String| {
        held.iter().any(|clue| truth.clues.get(*clue).is_some_and(|clue| clue.rules_out.contains(*rival)))
    };
    let uncleared = truth.rivals.iter().filter(|rival| !out(rival)).cloned().collect();
    Found { commands, verdict: card.dim(Dim::V), holds, uncleared, run }
}

/// Looks once more, now, where something was not to be seen when the page came: what comes by the minute, or by chance.
fn again(run: &mut Run, commands: &mut usize) {
    let case = Arc::clone(&run.case);
    for clue in &case.clues {
        for command in &clue.at {
            if run.record.evidence.seen.contains(&clue.id) || *commands >= LOOKS_MAX {
                break;
            }
            *commands += 1;
            let line = roles::expand(command, &case.roles, &run.stage.world);
            if let Some(page) = run.apply(0, Act::Run { line }).page {
                bag(run, page);
            }
        }
    }
}

/// For each clue that is not in the bag the line that carries it with the fewest others; the page whole for what it does not
/// show. A bag has an end.
fn bag(run: &mut Run, page: u32) {
    let Some(shown) = run.record.evidence.shown.get(&page).cloned() else { return };
    let held =
        |run: &Run, clue: &String| run.record.evidence.cites.values().flatten().any(|cite| cite.clues.contains(clue));
    for clue in shown.lines.values().flatten().chain(shown.joint.keys()) {
        if held(run, clue) {
            continue;
        }
        let single = shown.lines.iter().filter(|(_, clues)| clues.contains(clue)).min_by_key(|(_, clues)| clues.len());
        let lines = single.map(|(line, _)| (*line, *line)).or_else(|| shown.joint.get(clue).copied());
        run.apply(0, Act::Bag { page, lines, note: String::new() });
    }
    if shown.absent.iter().any(|clue| !held(run, clue)) {
        run.apply(0, Act::Bag { page, lines: None, note: String::new() });
    }
}

fn accuse(run: &mut Run) {
    let answer = run.case.verdict.clone();
    let said = |id: &String| {
        let entry = run.record.evidence.lexicon.find(&Meaning::Node(id.clone()));
        let word = run.record.evidence.words.iter().find(|(_, own)| Some(**own) == entry).map(|(word, _)| *word);
        Blank { word, time: String::new(), exhibits: best(run, id) }
    };
    let onset = answer.onset.map_or_else(String::new, |at: Time| at.told_at(run.case.drill.page_at));
    let blanks = Blanks {
        culprit: said(&answer.culprit),
        mechanism: said(&answer.mechanism),
        trigger: said(&answer.trigger),
        impact: said(&answer.impact),
        onset: Blank { word: None, time: onset, exhibits: best(run, "onset") },
    };
    run.apply(0, Act::Verdict { blanks: Box::new(blanks) });
}
