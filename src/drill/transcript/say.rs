//! Acts as lines of a transcript: what a player would have typed, with the numbers of the board. Does not read lines.

use super::{beside, problem_words, update_words};
use crate::drill::act::{Act, Blank, Blanks};
use crate::drill::door;
use crate::drill::run::Run;
use crate::stdx::time::Span;

/// The line of an act; the clock's own ticks have none.
pub fn line_of(run: &Run, act: &Act) -> Option<String> {
    let cited =
        |exhibits: &[u32], between: &str| exhibits.iter().map(|id| format!("e{id}")).collect::<Vec<_>>().join(between);
    Some(match act {
        Act::Run { line } => format!("$ {line}"),
        Act::Wait { span } => format!("wait {}", whole(*span)),
        Act::Clock { .. } => return None,
        Act::Leave { standing } => format!("> leave {standing}"),
        Act::Door { asked } => format!("$ {}", door::line(asked)),
        Act::State { text, form: None } => format!("> state {text}"),
        Act::State { text, form: Some(form) } => format!("> state {}", problem_words(form, text)),
        Act::Update { update } => format!("> update {}", update_words(update)),
        Act::Hint => "> hint".into(),
        Act::Bag { page, lines: None, .. } => format!("> bag p{page}"),
        Act::Bag { page, lines: Some((from, to)), .. } if from == to => format!("> bag p{page}:{}", from + 1),
        Act::Bag { page, lines: Some((from, to)), .. } => format!("> bag p{page}:{}-{}", from + 1, to + 1),
        Act::Unbag { exhibit } => format!("> unbag e{exhibit}"),
        Act::Suspect { thing, how } => format!("> suspect {} / {}", word(run, *thing), word(run, *how)),
        Act::Rate { hypothesis, percent } => format!("> rate h{hypothesis} {percent}"),
        Act::Predict { hypothesis, text } => format!("> predict h{hypothesis} {text}"),
        Act::Link { hypothesis, exhibit, sign } => format!("> link h{hypothesis} e{exhibit} {sign}"),
        Act::Clear { hypothesis, exhibits } => format!("> clear h{hypothesis} with {}", cited(exhibits, " ")),
        Act::Reopen { hypothesis } => format!("> reopen h{hypothesis}"),
        Act::Expect { text } => format!("> expect {text}"),
        Act::Resolve => "> resolve".into(),
        Act::Note { text } => format!("> note {text}"),
        Act::Verdict { blanks } => format!("> verdict {}", said(run, blanks, |ids| cited(ids, ","))),
        Act::Answer { objection, exhibit: Some(exhibit) } => format!("> answer o{objection} with e{exhibit}"),
        Act::Answer { objection, exhibit: None } => format!("> answer o{objection} pass"),
        Act::Undo => "> undo".into(),
        Act::Close => "> close".into(),
        Act::Reflect { reaction, .. } => format!("> reflect -- {reaction}"),
        Act::Interview { control } => format!("> interview {}", beside::words(control)),
        Act::Team { act } => format!("> team {}", act.words()),
        Act::Reply { question, text } => format!("> reply {question} {text}"),
    })
}

/// A span in the largest unit of which it is a whole number.
fn whole(span: Span) -> String {
    let units = [(3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let unit = units.into_iter().find(|(millis, _)| span.0 % millis == 0);
    unit.map_or_else(String::new, |(millis, name)| format!("{}{name}", span.0 / millis))
}

/// A collected word by its text.
fn word(run: &Run, id: u32) -> String {
    run.board.word(id).map_or_else(|| format!("w{id}"), |word| format!("\"{}\"", word.say))
}

fn said(run: &Run, blanks: &Blanks, cited: impl Fn(&[u32]) -> String) -> String {
    let named: [(&str, &Blank); 5] = [
        ("culprit", &blanks.culprit),
        ("mechanism", &blanks.mechanism),
        ("trigger", &blanks.trigger),
        ("impact", &blanks.impact),
        ("onset", &blanks.onset),
    ];
    let filled = named.into_iter().filter_map(|(name, blank)| {
        let value = match blank.word {
            Some(id) => word(run, id),
            None if blank.time.trim().is_empty() => return None,
            None => blank.time.clone(),
        };
        let exhibits = if blank.exhibits.is_empty() { String::new() } else { format!(":{}", cited(&blank.exhibits)) };
        Some(format!("{name}={value}{exhibits}"))
    });
    filled.collect::<Vec<_>>().join(" ")
}
