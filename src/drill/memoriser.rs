//! The player who remembers another variant of the same page: plays that variant's solution, whatever the pages say, and
//! accuses that variant's culprit with everything it has. Must not convict. Does not judge.

use super::act::{Act, Blank, Blanks};
use super::check::best;
use super::run::{Clock, Run};
use super::transcript::{Step, Verb, player};
use crate::case::score::Scorecard;
use crate::scenario::roles;
use crate::scenario::shape::Case;
use crate::scenario::stage::Stage;
use crate::stdx::time::Time;
use std::sync::Arc;

/// Plays `remembered` (the solution of the variant that `other` is) on `stage`, and everything that `case` can show after
/// it, so that it lacks no exhibit; then says the words of `other`. A word that never came up leaves its blank empty.
pub fn play(case: &Arc<Case>, stage: &Stage, other: &Case, remembered: &[Step]) -> Scorecard {
    let mut run = Run::open(Arc::clone(case), stage.clone(), Clock::Turn);
    for step in remembered.iter().filter(|step| matches!(step.verb, Verb::Run(_) | Verb::Wait(_) | Verb::State { .. }))
    {
        // What cannot be done here is passed over.
        let _passed = player::play(&mut run, vec![step.clone()]);
    }
    for command in case.clues.iter().flat_map(|clue| &clue.at) {
        let line = roles::expand(command, &case.roles, &run.stage.world);
        run.apply(0, Act::Run { line });
    }
    let pages: Vec<u32> = run.pages.iter().map(|page| page.id).collect();
    for page in pages {
        run.apply(0, Act::Bag { page, lines: None, note: String::new() });
    }
    let blanks = blanks(&run, case, other);
    run.apply(0, Act::Verdict { blanks: Box::new(blanks) });
    run.verdict_score()
}

/// The remembered words with this case's exhibits for the true ones.
fn blanks(run: &Run, case: &Case, other: &Case) -> Blanks {
    let said = |id: &str, truth: &str| {
        let say = other.chain.iter().find(|node| node.id == id).map(|node| (node.kind, node.say.as_str()));
        let collected = |entry: &usize| {
            let entry = run.record.evidence.lexicon.entries.get(*entry);
            entry.map(|entry| (entry.kind, entry.say.as_str())) == say
        };
        let word = run.record.evidence.words.iter().find(|(_, entry)| collected(entry)).map(|(word, _)| *word);
        Blank { word, time: String::new(), exhibits: best(run, truth) }
    };
    let (theirs, truth) = (&other.verdict, &case.verdict);
    Blanks {
        culprit: said(&theirs.culprit, &truth.culprit),
        mechanism: said(&theirs.mechanism, &truth.mechanism),
        trigger: said(&theirs.trigger, &truth.trigger),
        impact: said(&theirs.impact, &truth.impact),
        onset: Blank {
            word: None,
            time: theirs.onset.map_or_else(String::new, Time::hour_minute),
            exhibits: best(run, "onset"),
        },
    }
}
