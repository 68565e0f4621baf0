//! The ladder of hints: which question, where to ask, and a worked example in the learner's own shell. What the next step is
//! the policy says, from what was seen. Does not count hints aloud, and does not say what they cost.

use super::fates;
use super::notice::Sentence;
use super::passing;
use super::run::{Outcome, Run};
use super::team::ROOM;
use super::terms::{Hints, Mode};
use crate::case::board::{Aim, Asked, Hinted, Shown};
use crate::case::policy::{self, Look};
use crate::case::score::log::{Suspect, What};
use crate::case::score::truth::Truth;
use crate::console;
use crate::scenario::roles;
use crate::scenario::shape::{Case, Clue};
use std::collections::BTreeSet;

/// Looks of one's own between two rungs (a hint that comes at once is taken at once, and nothing is learnt).
const LOOKS_BETWEEN: usize = 2;
const TOP: u8 = 3;

/// The rung that was taken last.
#[derive(Clone, Debug)]
pub struct Ladder {
    rung: u8,
    /// As the case writes it, and the clue that it shows.
    command: String,
    clue: String,
    aim: Aim,
    /// Pages that there were after it.
    pages: usize,
}

pub fn hint(run: &mut Run, seat: u16) -> Outcome {
    let free = match run.terms().hints {
        Hints::None => return Outcome::refusal("notice.on-these-terms-there-are-no"),
        Hints::Free => true,
        Hints::Charged => false,
    };
    if run.record.ladder.as_ref().is_some_and(|last| looks_since(run, last.pages) < LOOKS_BETWEEN) {
        return Outcome::refusal("notice.look-for-yourself-first-the-next");
    }
    give(run, seat, None, free)
}

/// A rung that an interviewer gives: whenever they want, and free.
pub fn given(run: &mut Run, seat: u16) -> Outcome {
    give(run, seat, None, true)
}

/// A rung from the facilitator's desk, to the room or to one seat: the worked example runs in the room's own shell.
pub fn given_to(run: &mut Run, to: Option<u16>) -> Outcome {
    give(run, ROOM, to, true)
}

fn give(run: &mut Run, seat: u16, to: Option<u16>, free: bool) -> Outcome {
    let Some(mut step) = next(run) else {
        return Outcome::refusal("notice.there-is-nothing-more-to-find");
    };
    run.note(What::Hint { rung: step.rung, clue: step.clue.clone(), free });
    let clue = run.case.clues.iter().find(|clue| clue.id == step.clue).cloned().unwrap_or_default();
    let asked = (step.rung > 1).then(|| whom_to_ask(run, &clue));
    let mut outcome = Outcome::default();
    let mut shown = None;
    if step.rung == TOP {
        let line = roles::expand(&step.command, &run.case.roles, &run.stage.world);
        // Whoever asks in a room may have no shell, or one without this command.
        let seat = if run.mode == Mode::Gameday { ROOM } else { seat };
        outcome = passing::command(run, seat, &line);
        shown = outcome.page.map(|page| Shown { page, lines: marked(run, page, &clue.id), say: clue.say.clone() });
    }
    let hinted = Hinted { at: run.now(), rung: step.rung, aim: step.aim.clone(), asked, shown, to };
    outcome.notice = Some(Sentence::Hint(Box::new(hinted.clone())).into());
    run.board.hints.push(hinted);
    step.pages = run.pages.len();
    run.record.ladder = Some(step);
    outcome
}

/// Pages of one's own since then on which an instrument showed something, or showed that there is nothing.
fn looks_since(run: &Run, pages: usize) -> usize {
    let shows = |page: &&console::page::Page| {
        !page.output.coverage.is_empty() || page.output.lines.iter().any(|line| !line.marks.is_empty())
    };
    run.pages.iter().skip(pages).filter(shows).count()
}

/// One rung higher while what the last one led to was neither seen nor lost; else the first of a new ladder.
fn next(run: &Run) -> Option<Ladder> {
    let climbs = |last: &&Ladder| {
        last.rung < TOP
            && !run.record.evidence.seen.contains(&last.clue)
            && fates::shown(&run.case, &run.stage, &last.command).contains(&last.clue)
    };
    if let Some(last) = run.record.ladder.as_ref().filter(climbs) {
        return Some(Ladder { rung: last.rung + 1, ..last.clone() });
    }
    let truth = Truth::of(&run.case);
    let commands = commands(&run.case);
    let looks: Vec<Look> = commands.iter().map(|command| look(run, command)).collect();
    let advice = policy::advice(&truth, &looks, &run.record.evidence.seen)?;
    let command = commands.get(advice.look)?.clone();
    Some(Ladder { rung: 1, command, clue: advice.clue, aim: aim(&run.case, advice.aim), pages: 0 })
}

/// The commands of the case's clues, each once, as the case writes them.
fn commands(case: &Case) -> Vec<String> {
    let mut known = BTreeSet::new();
    let all = case.clues.iter().flat_map(|clue| &clue.at);
    all.filter(|command| known.insert(*command)).cloned().collect()
}

fn look(run: &Run, command: &str) -> Look {
    let typed = roles::expand(command, &run.case.roles, &run.stage.world);
    let cost = console::cost(&run.stage.world, &run.session, &typed);
    Look { clues: fates::shown(&run.case, &run.stage, command), command: typed, cost }
}

/// The instrument, and the object that the clue is about.
fn whom_to_ask(run: &Run, clue: &Clue) -> Asked {
    let about = run.case.roles.get(&clue.pattern.on).map(|role| {
        let braced = format!("{{{}}}", clue.pattern.on);
        let name = roles::expand(&braced, &run.case.roles, &run.stage.world);
        let name = if name == braced { String::new() } else { name };
        let kind = role.kind.rsplit("::").next().unwrap_or_default();
        format!("{kind} {name}").trim().to_string()
    });
    Asked { channel: clue.channel, about: about.unwrap_or_default() }
}

/// The lines of a page that carry the clue; none if the whole page does, by what is not there.
pub fn marked(run: &Run, page: u32, clue: &str) -> Vec<u32> {
    let Some(shown) = run.record.evidence.shown.get(&page) else { return Vec::new() };
    let single = shown.lines.iter().filter(|(_, clues)| clues.contains(clue)).map(|(line, _)| *line);
    let mut lines: Vec<u32> = single.collect();
    if lines.is_empty()
        && let Some((from, to)) = shown.joint.get(clue)
    {
        lines.extend(*from..=*to);
    }
    lines
}

/// What a hint is good for, in the case's words. Suspects are in the order of their words: the truth is among them.
fn aim(case: &Case, aim: policy::Aim) -> Aim {
    match aim {
        policy::Aim::Apart(suspects) => {
            let mut words: Vec<(String, String)> = suspects.iter().filter_map(|own| words(case, own)).collect();
            words.sort();
            Aim::Apart(words)
        }
        policy::Aim::Prove(blank) => Aim::Prove(blank),
        policy::Aim::Clear(rival) => {
            let (thing, how) = words(case, &Suspect::Rival(rival)).unwrap_or_default();
            Aim::Clear { thing, how }
        }
    }
}

fn words(case: &Case, suspect: &Suspect) -> Option<(String, String)> {
    let node = |id: &str| case.chain.iter().find(|node| node.id == id).map(|node| node.say.clone());
    match suspect {
        Suspect::Truth => Some((node(&case.verdict.culprit)?, node(&case.verdict.mechanism)?)),
        Suspect::Rival(id) => {
            let rival = case.rivals.iter().find(|rival| rival.id == *id)?;
            Some((rival.thing.clone(), rival.how.clone()))
        }
        Suspect::Other(_) => None,
    }
}
