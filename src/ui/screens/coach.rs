//! The tutorial's coaching: the first step that is not done yet. Reads the run and the face, changes nothing.

use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::lang::Lang;
use crate::ui::face::Face;
use crate::ui::panes;

/// What to say now; `None` outside a tutorial and at its end. Steps are done in order: a later one waits for the earlier.
pub fn step<'a>(face: &Face, run: &'a Run) -> Option<&'a str> {
    let step = run.case.coach.iter().find(|step| !done(face, run, &step.until))?;
    Some(run.case.told(face.look.lang.code, &step.say))
}

/// The same without a screen: nobody looks at panes there, and a key has no meaning.
pub fn plain_step<'a>(run: &'a Run, lang: &Lang) -> Option<&'a str> {
    let done = |until: &str| match until.split_once(':') {
        Some(("act", which)) => acted(run, which),
        Some((what @ ("seen" | "bagged"), which)) => clue_met(run, what, which),
        _ => true,
    };
    let step = run.case.coach.iter().find(|step| !done(&step.until))?;
    Some(run.case.told(lang.code, if step.plain.is_empty() { &step.say } else { &step.plain }))
}

fn acted(run: &Run, which: &str) -> bool {
    run.acts.iter().any(|(_, act)| verb(act) == which)
}

/// `seen:<clue>`, `bagged:<clue>`, `act:<verb>`, `key:<pane>`; what cannot be read is done, so that no step sticks.
fn done(face: &Face, run: &Run, until: &str) -> bool {
    let Some((what, which)) = until.split_once(':') else { return true };
    match what {
        "act" => acted(run, which),
        "key" => panes::row(face.drill.focus).name == which,
        "seen" | "bagged" => clue_met(run, what, which),
        _ => true,
    }
}

fn verb(act: &Act) -> String {
    let value = serde_json::to_value(act).unwrap_or_default();
    value.get("do").and_then(|verb| verb.as_str()).unwrap_or_default().to_string()
}

/// Coaching may look behind the board: it says which step is done, never what is true.
fn clue_met(run: &Run, what: &str, which: &str) -> bool {
    let evidence = &run.record.evidence;
    if what == "seen" {
        return evidence.seen.contains(which);
    }
    run.board.exhibits.iter().any(|exhibit| evidence.held(exhibit.id).iter().any(|clue| clue.as_str() == which))
}
