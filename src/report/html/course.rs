//! How it went over time: charts of belief and harm, six times, and the two lanes with how things stood. Does not judge.

use super::Telling;
use super::chart::{Chart, Series, Shape, padded};
use super::page::{self, Cell, plain};
use crate::case::debrief::{Lane, Moment, Then};
use crate::report::{phrase, telling};
use maud::{Markup, html};

/// What a look has to be worth to be named, in thousandths.
const WORTH_MIN: u16 = 20;

pub fn charts(told: &Telling) -> Markup {
    let (own, lang) = (&told.debrief.analysis.curves, told.lang);
    let ended = padded(own.from, told.debrief.heading.ended_at);
    let belief = Chart {
        id: "belief",
        title: lang.say("html.chart-belief").into(),
        about: lang.say("html.belief-about").into(),
        from: own.from,
        until: ended,
        series: vec![
            series(told, "html.chart-justified", "own", Shape::Steps, &own.justified),
            series(told, "html.chart-stated", "said", Shape::Points, &own.stated),
        ],
        marks: &own.changes,
        marked: lang.say("html.chart-changes").into(),
        goal: Some((900, lang.say("html.chart-goal").into())),
    };
    let harm = Chart {
        id: "harm",
        title: lang.say("html.chart-harm").into(),
        about: lang.say("html.harm-about").into(),
        series: vec![
            series(told, "html.chart-own", "own", Shape::Area, &own.harm),
            series(told, "html.chart-idle", "other", Shape::Steps, &own.idle),
        ],
        until: padded(own.from, own.until),
        goal: None,
        ..belief.clone()
    };
    let rows: Vec<Vec<Cell>> = telling::times(lang, told.debrief)
        .into_iter()
        .map(|(name, value)| vec![Cell::Text(name), Cell::Number(value)])
        .collect();
    html! {
        (belief.figure(lang))
        p.about { (lang.say("html.belief-about")) }
        (harm.figure(lang))
        p.about { (lang.say("html.harm-about")) }
        h3 { (lang.say("html.times")) }
        p.about { (lang.say("html.about-times")) }
        (page::table(lang, lang.say("html.times"), &[lang.say("column.what"), lang.say("column.time")], &rows))
    }
}

fn series<'a>(
    told: &Telling,
    name: &str,
    class: &'static str,
    shape: Shape,
    values: &'a [(crate::stdx::time::Time, u16)],
) -> Series<'a> {
    Series { name: told.lang.say(name).into(), class, shape, values }
}

/// Both lanes as a table: the time, the estate, the learner, and how things stood.
pub fn timeline(told: &Telling) -> Markup {
    let lang = told.lang;
    let heads = ["column.time", "column.estate", "column.you", "html.column-then"].map(|key| lang.say(key));
    let title = lang.say("section.timeline");
    let mut named: Option<&str> = None;
    let rows: Vec<Markup> = told
        .debrief
        .moments
        .iter()
        .map(|moment| {
            // The best look then is told when it is another than the one told before.
            let best = moment.then.as_ref().and_then(|then| then.best.as_ref());
            let best = best.filter(|best| best.worth >= WORTH_MIN && ought(moment));
            let fresh = best.filter(|best| named.replace(&best.command) != Some(best.command.as_str()));
            row(told, moment, fresh)
        })
        .collect();
    html! {
        div.wide role="group" tabindex="0" aria-label=(title) {
            table.lanes {
                caption.unseen { (title) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for row in rows { (row) } }
            }
        }
    }
}

/// Where a better look is worth naming: at a change, and at a page that showed nothing new.
fn ought(moment: &Moment) -> bool {
    let idle = moment.then.as_ref().is_some_and(|then| then.clues.is_empty());
    moment.text.starts_with("$ ") && (idle || moment.key.starts_with("moment.changed"))
}

fn row(told: &Telling, moment: &Moment, best: Option<&crate::case::debrief::BestLook>) -> Markup {
    let (command, words) = phrase::moment(told.lang, moment);
    let body = html! {
        @if !command.is_empty() { code { (plain(&command)) } @if !words.is_empty() { " " } }
        (plain(&words))
        @if let Some(then) = &moment.then { (met(told, then)) }
        @if let Some(best) = best {
            p.small { (told.say("html.then-best")) ": " code { (plain(&best.command)) } " (" (best.worth) ")" }
        }
    };
    let at = phrase::when(told.debrief, moment.at);
    let stood = moment.then.as_ref().map(|then| telling::then(told.lang, then)).unwrap_or_default();
    match moment.entry {
        Some(entry) => html! {
            tr id={ "act-" (entry) } {
                td.t { (at) br; span.small { (told.lang.with("told.act", &[("n", &entry.to_string())])) } }
                td {}
                td { (body) }
                td { @for part in stood { span.t { (part) } br; } }
            }
        },
        None => html! {
            tr {
                td.t { (at) }
                td.fault[moment.lane == Lane::Fault] { (body) }
                td {}
                td {}
            }
        },
    }
}

/// Clues that a page showed, and what is gone since.
fn met(told: &Telling, then: &Then) -> Markup {
    html! {
        @if !then.clues.is_empty() { p.small { "● " (told.listed(&then.clues)) } }
        @for lost in &then.lost {
            p.bad { "✗ " (told.say("html.then-lost")) ": " (telling::lost(told.lang, told.debrief, lost)) }
        }
    }
}
