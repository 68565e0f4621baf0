//! The lines of an interviewer sitting beside: `> interview pause`, `> interview said doubt TEXT`, … Read and written here.
//! Does not know any run.

use super::Problem;
use super::read::Place;
use crate::drill::interview::{Aloud, Competency, Control};
use crate::stdx::suggest;

const VERBS: [&str; 11] =
    ["accommodate", "end", "extend", "inject", "note", "pause", "resume", "reveal", "said", "with", "without"];

pub(super) fn interview(place: &Place) -> Result<Control, Problem> {
    let text = place.text.trim();
    let (verb, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(verb, rest)| (verb, rest.trim()));
    let bare = |control: Control| {
        if rest.is_empty() { Ok(control) } else { Err(place.wrong("nothing may follow here", "drop it")) }
    };
    let said = |usage: &str| {
        if rest.is_empty() { Err(place.wrong("nothing said", usage)) } else { Ok(rest.to_string()) }
    };
    let number = |usage: &str| rest.parse().map_err(|_| place.wrong("a whole number is wanted", usage));
    match verb {
        "pause" => bare(Control::Pause),
        "resume" => bare(Control::Resume),
        "end" => bare(Control::End),
        "reveal" => bare(Control::Reveal),
        "inject" => number("write `> interview inject 1`").map(|number| Control::Inject { number }),
        "extend" => number("write `> interview extend 10`, in minutes").map(|minutes| Control::Extend { minutes }),
        "note" => said("write `> interview note TEXT`").map(|text| Control::Note { text }),
        "accommodate" => said("write `> interview accommodate TEXT`").map(|text| Control::Accommodate { text }),
        "said" => aloud(place, rest),
        "with" | "without" => {
            let names = || Competency::ALL.into_iter().map(Competency::name);
            let on = verb == "with";
            let found = Competency::named(rest).map(|competency| Control::Observe { competency, on });
            found.ok_or_else(|| place.wrong("no such competency", &nearest(rest, names())))
        }
        _ => Err(place.wrong("not a control", &nearest(verb, VERBS.into_iter()))),
    }
}

fn aloud(place: &Place, rest: &str) -> Result<Control, Problem> {
    let (kind, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let Some(aloud) = Aloud::named(kind) else {
        let names = Aloud::ALL.into_iter().map(Aloud::name);
        return Err(place.wrong("what was said: of which kind?", &nearest(kind, names)));
    };
    if text.trim().is_empty() {
        return Err(place.wrong("nothing said", "write `> interview said hypothesis TEXT`"));
    }
    Ok(Control::Said { aloud, text: text.trim().to_string() })
}

fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    match suggest::nearest(word, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// A control as a transcript writes it.
pub fn words(control: &Control) -> String {
    match control {
        Control::Pause => "pause".into(),
        Control::Resume => "resume".into(),
        Control::End => "end".into(),
        Control::Reveal => "reveal".into(),
        Control::Inject { number } => format!("inject {number}"),
        Control::Extend { minutes } => format!("extend {minutes}"),
        Control::Note { text } => format!("note {text}"),
        Control::Accommodate { text } => format!("accommodate {text}"),
        Control::Said { aloud, text } => format!("said {} {text}", aloud.name()),
        Control::Observe { competency, on: true } => format!("with {}", competency.name()),
        Control::Observe { competency, on: false } => format!("without {}", competency.name()),
    }
}
