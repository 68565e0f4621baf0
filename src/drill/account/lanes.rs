//! Both lanes of a debrief: what the fault did, what others did, and what the learner did, with how things stood after it.
//! Does not know formats.

use super::then::Thens;
use crate::case::debrief::told::fault_lane;
use crate::case::debrief::{Lane, Moment};
use crate::drill::act::Act;
use crate::drill::message::Kind;
use crate::drill::run::Run;
use crate::drill::terms::Mode;

/// Lines of others' doings in the timeline, at most; the newest are kept.
const OTHERS_MAX: usize = 60;

pub fn moments(run: &Run, thens: &Thens) -> Vec<Moment> {
    let mut moments = fault_lane(&run.case);
    let due = run.stage.script.iter().filter(|line| line.at <= run.now());
    let others: Vec<Moment> = due
        .map(|line| Moment {
            at: line.at,
            lane: Lane::Others,
            key: "",
            text: format!("{}: {}", line.by, line.run),
            entry: None,
            then: None,
        })
        .collect();
    moments.extend(others.iter().skip(others.len().saturating_sub(OTHERS_MAX)).cloned());
    moments.extend(run.messages.iter().map(|message| Moment {
        at: message.at,
        lane: Lane::Message,
        key: if message.kind == Kind::Page { "moment.page" } else { "" },
        text: match message.kind {
            Kind::Page => String::new(),
            Kind::Person => format!("{}: {}", message.from, message.text),
        },
        entry: None,
        then: None,
    }));
    let acts = run.acts.iter().enumerate();
    moments.extend(acts.filter_map(|(at, (began, act))| {
        let entry = at as u32 + 1;
        let (key, text) = told(run, entry, act)?;
        let then = thens.get(&entry).cloned();
        Some(Moment { at: *began, lane: Lane::You, key, text, entry: Some(entry), then })
    }));
    moments.sort_by_key(|moment| (moment.at, moment.lane, moment.entry));
    moments
}

/// What an act looks like on the timeline, as a message key and its text; the clock's own ticks are left out.
pub(in crate::drill) fn told(run: &Run, entry: u32, act: &Act) -> Option<(&'static str, String)> {
    let hypothesis = |id: u32| {
        let words = run.board.hypothesis(id).map(|own| (run.board.word(own.thing), run.board.word(own.how)));
        match words {
            Some((Some(thing), Some(how))) => format!("{}: {}", thing.say, how.say),
            _ => format!("h{id}"),
        }
    };
    let cited = |exhibits: &[u32]| exhibits.iter().map(|id| format!("e{id}")).collect::<Vec<_>>().join(" ");
    Some(match act {
        Act::Clock { .. } => return None,
        Act::Run { line } => {
            let key = match run.record.changes.iter().find(|change| change.entry == entry) {
                Some(change) if change.confounded => "moment.changed-early",
                Some(change) if change.expectation.is_none() => "moment.changed-blind",
                Some(_) => "moment.changed",
                None => "",
            };
            (key, format!("$ {line}"))
        }
        Act::Door { asked } => {
            let key = if run.record.changes.iter().any(|change| change.entry == entry) { "moment.changed" } else { "" };
            (key, format!("$ {}", crate::drill::door::line(asked)))
        }
        Act::Wait { span } => ("moment.wait", span.human()),
        Act::Leave { .. } => ("moment.leave", String::new()),
        Act::State { text, .. } => ("moment.state", text.clone()),
        Act::Update { update } => ("moment.update", crate::drill::transcript::update_words(update)),
        Act::Hint => ("moment.hint", String::new()),
        Act::Undo => ("moment.undo", undone(run, entry)),
        Act::Answer { objection, exhibit } => {
            let exhibit = exhibit.map_or_else(|| "–".to_string(), |exhibit| format!("e{exhibit}"));
            ("moment.answer", format!("o{objection} ← {exhibit}"))
        }
        // Votes are secret.
        Act::Rate { .. } if run.mode == Mode::Gameday => return None,
        // What comes after the end is no part of what happened.
        Act::Interview { .. } | Act::Team { .. } | Act::Reflect { .. } | Act::Reply { .. } => return None,
        Act::Bag { page, lines, .. } => {
            let bagged = run.board.exhibits.iter().find(|exhibit| exhibit.page == *page && exhibit.lines == *lines);
            let close = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            match (bagged, lines) {
                (Some(exhibit), Some(_)) => {
                    ("moment.bag", format!("e{}: {}", exhibit.id, close(&exhibit.text.join(" ⏎ "))))
                }
                (Some(exhibit), None) => ("moment.bag-page", format!("e{}: {}", exhibit.id, exhibit.command)),
                (None, _) => ("moment.bag-later-out", String::new()),
            }
        }
        Act::Unbag { exhibit } => ("moment.unbag", format!("e{exhibit}")),
        Act::Suspect { .. } => {
            let opened = run.acts.iter().take(entry as usize).filter(|(_, act)| matches!(act, Act::Suspect { .. }));
            ("moment.suspect", hypothesis(opened.count() as u32))
        }
        Act::Rate { hypothesis: id, percent } => ("moment.rate", format!("{} — {percent} %", hypothesis(*id))),
        Act::Predict { text, .. } => ("moment.predict", text.clone()),
        Act::Link { hypothesis: id, exhibit, sign } => {
            ("moment.link", format!("e{exhibit} {sign} {}", hypothesis(*id)))
        }
        Act::Clear { hypothesis: id, exhibits } => {
            ("moment.clear", format!("{} ← {}", hypothesis(*id), cited(exhibits)))
        }
        Act::Reopen { hypothesis: id } => ("moment.reopen", hypothesis(*id)),
        Act::Expect { text } => ("moment.expect", text.clone()),
        Act::Resolve => ("moment.resolve", String::new()),
        Act::Note { text } => ("moment.note", text.clone()),
        Act::Verdict { .. } => ("moment.verdict", String::new()),
        Act::Close => ("moment.close", String::new()),
    })
}

/// What an undoing took back, as it was told when it was done.
fn undone(run: &Run, entry: u32) -> String {
    let back = run.record.undo.done.get(&entry).copied();
    let act = back.and_then(|back| Some((back, &run.acts.get((back as usize).checked_sub(1)?)?.1)));
    act.and_then(|(back, act)| told(run, back, act)).map_or_else(String::new, |(_, text)| text)
}
