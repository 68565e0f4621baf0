//! The numbers of a report: the total and its halves, what was said and what it was, every line of the ledger. Does not know
//! what follows from them.

use super::Telling;
use super::page::{self, Cell, Went, bar, mark};
use crate::case::score::{Dim, Line, Sum};
use crate::report::phrase::{self, Fared};
use maud::{Markup, html};

pub fn score(told: &Telling) -> Markup {
    let (card, lang) = (&told.debrief.score, told.lang);
    let rows: Vec<Vec<Cell>> = card.dims.iter().map(|sum| row(told, sum)).collect();
    let heads = [lang.say("column.dimension"), lang.say("column.points"), lang.say("column.of"), ""];
    html! {
        p.total {
            span { strong { (phrase::tenths_m(card.total_m())) } " " span.of { "/ " (card.max()) } }
            @if let Some(halves) = phrase::halves(lang, card) { span { (halves) } }
        }
        (page::table(lang, lang.say("section.score"), &heads[..3], &rows))
    }
}

fn row(told: &Telling, sum: &Sum) -> Vec<Cell> {
    let card = &told.debrief.score;
    let got_m = card.dim_m(sum.dim);
    let share = u16::try_from(got_m * 1000 / (sum.max * 1000).max(1)).unwrap_or(0);
    let name = html! { b { (format!("{:?}", sum.dim)) } " " (told.dim(sum.dim)) };
    let points = match sum.got {
        Some(_) => html! { (bar(share)) " " (phrase::tenths_m(got_m)) },
        None => html! { span.dim { (told.say("told.not-scored")) } },
    };
    vec![Cell::Markup(name), Cell::Markup(points), Cell::Number(sum.max.to_string())]
}

pub fn verdict(told: &Telling) -> Markup {
    let lang = told.lang;
    let rows: Vec<Vec<Cell>> = told
        .debrief
        .words
        .iter()
        .map(|word| {
            let went = match phrase::fared(word) {
                Fared::Right => Went::Good,
                Fared::Near => Went::Near,
                Fared::Wrong => Went::Bad,
            };
            vec![
                Cell::Text(phrase::blank(lang, word.blank)),
                Cell::Markup(mark(went, &phrase::word(lang, word))),
                Cell::Markup(told.exhibits(&word.exhibits)),
            ]
        })
        .collect();
    let rivals: Vec<Vec<Cell>> = told
        .debrief
        .rivals
        .iter()
        .map(|rival| {
            let went = if rival.cleared { Went::Good } else { Went::Bad };
            vec![Cell::Markup(mark(went, &phrase::rival(lang, &told.debrief.names, rival)))]
        })
        .collect();
    let heads = [lang.say("column.blank"), lang.say("column.said"), lang.say("board.exhibits")];
    html! {
        (page::table(lang, lang.say("section.verdict"), &heads, &rows))
        h3 { (lang.say("section.rivals")) }
        (page::table(lang, lang.say("section.rivals"), &[lang.say("column.rival")], &rivals))
    }
}

/// Every line, by dimension; the lines add up to the total.
pub fn ledger(told: &Telling) -> Markup {
    let card = &told.debrief.score;
    let dims: Vec<(Dim, Option<i64>)> =
        card.dims.iter().filter(|sum| sum.got.is_some()).map(|sum| (sum.dim, Some(sum.max))).collect();
    let hints = (Dim::H, None);
    html! {
        @for (dim, max) in dims.into_iter().chain([hints]) {
            @let lines: Vec<&Line> = card.ledger.iter().filter(|line| line.dim == dim).collect();
            @if !lines.is_empty() {
                h3 #{ "dim-" (format!("{dim:?}")) } {
                    @if max.is_some() { (format!("{dim:?}")) " · " }
                    (told.dim(dim)) " · " (phrase::points(card.dim_m(dim)))
                    @if let Some(max) = max { " / " (max) }
                }
                (lines_of(told, dim, &lines))
            }
        }
        p.total { span { (told.say("html.total")) " " strong { (phrase::points(card.total_m())) } " " span.of { "/ " (card.max()) } } }
    }
}

fn lines_of(told: &Telling, dim: Dim, lines: &[&Line]) -> Markup {
    let lang = told.lang;
    let row = |line: &&Line| {
        let (got, max) = (line.got_m, line.max_m());
        let of = if max > 0 { phrase::points(max) } else { String::new() };
        let went = match () {
            () if max > 0 && got >= max => Some(Went::Good),
            () if got < 0 || (max > 0 && got == 0) => Some(Went::Bad),
            () if max > 0 => Some(Went::Near),
            () => None,
        };
        let points = phrase::points(got);
        vec![
            Cell::Markup(went.map_or_else(|| html! { (points) }, |went| mark(went, &points))),
            Cell::Number(of),
            Cell::Text(phrase::ledger_subject(lang, &told.debrief.names, line)),
            Cell::Text(phrase::ledger_reason(lang, line)),
            Cell::Markup(told.links(&line.entries)),
        ]
    };
    let rows: Vec<Vec<Cell>> = lines.iter().map(row).collect();
    let heads = ["points", "of", "what", "why", "where"].map(|key| format!("column.{key}"));
    let heads: Vec<&str> = heads.iter().map(|key| lang.say(key)).collect();
    page::table(lang, &told.dim(dim), &heads, &rows)
}
