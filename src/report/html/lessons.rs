//! What may be learnt from a run: gaps, its pattern, predictions, missed clues, concept cards, and what the learner said.
//! Does not grade.

use super::Telling;
use super::page::{self, Cell, Went, mark, plain};
use crate::case::concepts::{CardTold, Met};
use crate::case::debrief::{GuessTold, PredictionOutcome};
use crate::report::{cards as telling_cards, phrase, telling};
use maud::{Markup, html};

pub fn reflection(told: &Telling) -> Option<Markup> {
    let said = told.debrief.reflection.as_ref()?;
    let guess = |guess: &GuessTold| {
        let points = phrase::tenths_m(guess.got_m);
        let went = if guess.was == Some(guess.guess) { Went::Good } else { Went::Near };
        vec![
            Cell::Text(told.dim(guess.dim)),
            Cell::Markup(mark(went, &telling::guess(told.lang, guess))),
            Cell::Number(told.lang.with("told.points", &[("got", &points), ("max", &guess.max.to_string())])),
        ]
    };
    let rows: Vec<Vec<Cell>> = said.guesses.iter().map(guess).collect();
    let heads = ["column.dimension", "field.guess", "column.points"].map(|key| told.lang.say(key));
    Some(html! {
        @if !said.reaction.is_empty() { blockquote { p { (plain(&said.reaction)) } } }
        @if !rows.is_empty() { (page::table(told.lang, told.say("html.section-reflection"), &heads, &rows)) }
    })
}

pub fn pledge(told: &Telling) -> Option<Markup> {
    let said = told.debrief.reflection.as_ref().filter(|said| !said.pledge.is_empty())?;
    Some(html! { blockquote { p { (plain(&said.pledge)) } } })
}

pub fn gaps(told: &Telling) -> Markup {
    let gaps = &told.debrief.analysis.gaps;
    html! {
        @if gaps.is_empty() { p { (told.say("gap.none")) } }
        @for own in gaps {
            @let words = telling::gap(told.lang, told.debrief, own);
            article.gap {
                p.cost { (words.lost) }
                h3 { (told.dim(own.dim)) }
                p {
                    (words.observation)
                    @if !own.entries.is_empty() {
                        " (" (told.say("column.acts")) " " (told.links(&own.entries)) ")"
                    }
                }
                p { (words.concern) }
                p.ask { (words.question) }
            }
        }
    }
}

pub fn pattern(told: &Telling) -> Markup {
    let links = &told.debrief.analysis.links;
    html! {
        dl {
            @for own in telling::habits(told.lang, told.debrief) {
                dt { (own.name) }
                dd.dim[!own.there] { (own.seen) }
            }
        }
        @if !links.is_empty() {
            h3 { (told.say("html.links")) }
            ul { @for own in links { li { (telling::link(told.lang, told.debrief, own)) } } }
        }
    }
}

pub fn predictions(told: &Telling) -> Markup {
    let row = |own: &crate::case::debrief::Prediction| {
        let went = match own.outcome {
            PredictionOutcome::Came { .. } => Went::Good,
            PredictionOutcome::Blind | PredictionOutcome::Missed { .. } => Went::Bad,
            PredictionOutcome::Early { .. } | PredictionOutcome::Unknown => Went::Near,
        };
        vec![
            Cell::Time(phrase::when(told.debrief, own.at)),
            Cell::Code(own.command.clone()),
            Cell::Markup(mark(went, &phrase::prediction(told.lang, own))),
            Cell::Markup(told.links(&[own.entry])),
        ]
    };
    let rows: Vec<Vec<Cell>> = told.debrief.predictions.iter().map(row).collect();
    let heads = ["column.time", "column.change", "column.came", "column.acts"].map(|key| told.lang.say(key));
    page::table(told.lang, told.say("section.predictions"), &heads, &rows)
}

pub fn missed(told: &Telling) -> Markup {
    let row = |own: &crate::case::debrief::Missed| {
        let window = telling::window(told.lang, told.debrief, own);
        let place = html! {
            @for command in own.at.iter().take(2) { code { (plain(command)) } br; }
            @if !own.line.is_empty() { span.small { "→ " code { (plain(own.line.trim())) } } }
        };
        vec![Cell::Text(phrase::missed(told.lang, &told.debrief.names, own)), Cell::Markup(place), Cell::Text(window)]
    };
    let rows: Vec<Vec<Cell>> = told.debrief.missed.iter().map(row).collect();
    let heads = ["column.clue", "column.at", "column.window"].map(|key| told.lang.say(key));
    page::table(told.lang, told.say("section.missed"), &heads, &rows)
}

/// Those that a missed clue teaches stand open, the others folded.
pub fn cards(told: &Telling) -> Option<Markup> {
    let cards = &told.debrief.cards;
    let taught = |own: &&CardTold| own.clues.iter().any(|clue| !matches!(clue.met, Met::Bagged { .. }));
    let (open, rest): (Vec<&CardTold>, Vec<&CardTold>) = cards.iter().partition(taught);
    let more = told.lang.with("html.more-cards", &[("n", &rest.len().to_string())]);
    (!cards.is_empty()).then(|| {
        html! {
            div.cards { @for own in open { (card(told, own)) } }
            @if !rest.is_empty() {
                details { summary { (more) } div.cards { @for own in rest { (card(told, own)) } } }
            }
        }
    })
}

fn card(told: &Telling, own: &CardTold) -> Markup {
    let Some(text) = own.card.text(told.lang.code) else { return html! {} };
    let parts = [("does", &text.does), ("fails", &text.fails), ("shows", &text.shows), ("next", &text.next)];
    html! {
        article {
            h3 { (plain(&text.title)) }
            @for clue in &own.clues {
                p.small {
                    (telling_cards::why(told.debrief, clue, told.lang))
                    @if let Met::Missed { command } = &clue.met { " → " code { (plain(command)) } }
                }
            }
            @for (key, words) in parts {
                p { b { (told.lang.say(&format!("card.{key}"))) ": " } (plain(words)) }
            }
            @if !own.card.commands.is_empty() {
                p.small { @for command in &own.card.commands { code { (plain(command)) } br; } }
            }
        }
    }
}
