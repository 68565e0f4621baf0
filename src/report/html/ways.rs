//! Other ways through the case: the shortest proof and the fair way, the expert's steps beside one's own, and the same pages in
//! the healthy twin. Does not judge.

use super::Telling;
use super::chart::percent;
use super::page::{self, Cell, lines, plain};
use crate::case::debrief::{ContrastTold, ProofPath, StepTold};
use crate::report::{phrase, telling};
use maud::{Markup, html};

pub fn proofs(told: &Telling) -> Markup {
    let (proof, fair) = (&told.debrief.proof, &told.debrief.analysis.fair);
    let short: Vec<String> = proof
        .short_of
        .iter()
        .map(|id| {
            let key = format!("blank.{id}");
            let said = told.lang.say(&key);
            if said == key { told.listed(std::slice::from_ref(id)) } else { said.to_string() }
        })
        .collect();
    html! {
        h3 { (told.lang.with("html.hindsight", &[("span", &proof.cost.human())])) }
        (path(told, proof))
        @if !short.is_empty() { p.dim { (told.lang.with("told.short-of", &[("what", &short.join("; "))])) } }
        h3 { (told.lang.with("html.fair", &[("span", &fair.cost.human())])) }
        (path(told, fair))
    }
}

fn path(told: &Telling, own: &ProofPath) -> Markup {
    let rows: Vec<Vec<Cell>> = own
        .steps
        .iter()
        .map(|step| {
            vec![
                Cell::Number(step.cost.human()),
                Cell::Code(step.command.clone()),
                Cell::Text(told.listed(&step.clues)),
            ]
        })
        .collect();
    let heads = ["column.cost", "column.command", "column.clues"].map(|key| told.lang.say(key));
    page::table(told.lang, told.say("html.section-proof"), &heads, &rows)
}

// ---- two ways ------------------------------------------------------------------------------------------------------

/// A step that looks, changes or tells, with the acts on the board that follow it.
struct Stride<'a> {
    main: &'a StepTold,
    board: Vec<&'a StepTold>,
}

/// Acts that only move the board stand below what they follow.
fn strides(steps: &[StepTold]) -> Vec<Stride<'_>> {
    let mut out: Vec<Stride<'_>> = Vec::new();
    for step in steps {
        match out.last_mut() {
            Some(last) if moves_the_board(step) => last.board.push(step),
            _ => out.push(Stride { main: step, board: Vec::new() }),
        }
    }
    out
}

fn moves_the_board(step: &StepTold) -> bool {
    let verbs = ["bag", "clear", "link", "note", "predict", "rate", "reopen", "suspect", "unbag", "undo"];
    let verb = step.typed.trim_start_matches("> ").split_whitespace().next().unwrap_or_default();
    step.typed.starts_with("> ") && verbs.contains(&verb)
}

pub fn side_by_side(told: &Telling) -> Option<Markup> {
    let ways = &told.debrief.analysis.ways;
    if ways.expert.is_empty() {
        return None;
    }
    let (own, expert) = (strides(&ways.own), strides(&ways.expert));
    let title = told.say("html.section-ways");
    let heads =
        ["column.time", "html.way-own", "html.then-justified", "column.time", "html.way-expert", "html.then-justified"];
    Some(html! {
        div.wide role="group" tabindex="0" aria-label=(title) {
            table.ways {
                caption.unseen { (title) }
                thead { tr { @for head in heads { th scope="col" { (told.lang.say(head)) } } } }
                tbody {
                    @for at in 0..own.len().max(expert.len()) {
                        tr { (stride(told, own.get(at), true)) (stride(told, expert.get(at), false)) }
                    }
                }
            }
        }
    })
}

fn stride(told: &Telling, own: Option<&Stride>, mine: bool) -> Markup {
    let Some(Stride { main, board }) = own else { return html! { td {} td {} td {} } };
    let number = [main.entry];
    html! {
        td.t { (phrase::when(told.debrief, main.at)) @if mine { br; (told.links(&number)) } }
        td {
            @for why in &main.why { p.why { (plain(why)) } }
            code { (telling::step(main)) }
            @if main.changed { " " span.near { "△ " (told.say("column.change")) } }
            @if !main.clues.is_empty() { p.small { "● " (told.listed(&main.clues)) } }
            @for step in board.iter().filter(|step| !step.why.is_empty()) {
                p.why { (plain(&step.why.join(" "))) }
            }
            @if !board.is_empty() {
                p.small { @for step in board { code { (telling::step(step)) } " " } }
            }
        }
        td.n { (percent(main.justified)) }
    }
}

// ---- the healthy twin ----------------------------------------------------------------------------------------------

pub fn contrasts(told: &Telling) -> Option<Markup> {
    let all = &told.debrief.analysis.contrasts;
    let (same, differ): (Vec<&ContrastTold>, Vec<&ContrastTold>) = all.iter().partition(|own| own.lines.is_empty());
    (!all.is_empty()).then(|| {
        html! {
            @for own in differ { (contrast(told, own)) }
            @if !same.is_empty() {
                p { (told.say("html.contrast-same")) }
                ul { @for own in same { li { code { (plain(&own.command)) } } } }
            }
        }
    })
}

fn contrast(told: &Telling, own: &ContrastTold) -> Markup {
    let page = own.page.map_or_else(
        || told.say("html.contrast-unasked").to_string(),
        |page| told.lang.with("html.contrast-own", &[("page", &page.to_string())]),
    );
    let (here, healthy) = (told.say("html.contrast-here"), told.say("html.contrast-healthy"));
    html! {
        details {
            summary { code { (plain(&own.command)) } " · " (phrase::when(told.debrief, own.at)) " · " (page) }
        @if !own.clues.is_empty() { p.small { "● " (told.listed(&own.clues)) } }
        div.wide role="group" tabindex="0" aria-label=(plain(&own.command)) {
            table.diff {
                caption.unseen { (told.say("html.section-contrasts")) }
                tbody {
                    @for (well, text) in &own.lines {
                        tr.(if *well { "gone" } else { "here" }) {
                            th scope="row" { (if *well { "+ " } else { "− " }) (if *well { healthy } else { here }) }
                            td { pre { (lines(text)) } }
                        }
                    }
                }
            }
        }
        @if own.more > 0 { p.small { (told.lang.with("html.contrast-more", &[("n", &own.more.to_string())])) } }
        }
    }
}
