//! A run as plain text: the page, what was printed and done, the score; and tables for lists. Does not play.

use super::runs::tenths;
use crate::case::debrief;
use crate::case::score::{Band, Dim, Scorecard};
use crate::console::page::{Line, Stream};
use crate::drill::act::Act;
use crate::drill::interview::{account, follow};
use crate::drill::run::{Outcome, Phase, Run};
use crate::drill::terms::Mode;
use crate::drill::transcript::{self, Problem};
use crate::drill::{spoken, volatile};
use crate::report::{interview, sheet};
use crate::scenario::check::Report;
use crate::scenario::check::rivals::{Trial, certificate};
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;
use crate::stdx::text::{harmless, width, wrap, wrap_flowed};
use crate::stdx::time::Span;
use crate::ui::panes::board;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Columns of running text.
const COLUMNS: usize = 100;
/// Columns of a dimension's name.
const DIM_COLUMNS: usize = 26;

/// A table with a heading, three spaces between columns, as kubectl lays them out.
pub fn columns<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(width);
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            widths[at] = widths[at].max(width(cell));
        }
    }
    let mut out = String::new();
    let heading = heading.map(String::from);
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            line.push_str(cell);
            line.push_str(&" ".repeat(widths[at] - width(cell) + 3));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Title, page and brief, as a run begins.
pub fn opening(run: &Run, lang: &Lang) -> String {
    let drill = &run.case.drill;
    let (title, brief) = (run.case.told(lang.code, &drill.title), run.case.told(lang.code, &drill.brief));
    let page = lang.with("plain.page", &[("time", &drill.page_at.rfc3339())]);
    let mut out = format!("# {title}\n\n{page}\n");
    for text in [wrap(harmless(&drill.page).trim(), COLUMNS), wrap_flowed(&harmless(brief), COLUMNS)] {
        for line in text {
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// A step of the tutorial, apart from what the tools print; nothing at its end.
pub fn coaching(say: &str) -> String {
    let lines = wrap_flowed(&harmless(say), COLUMNS - 3);
    lines.iter().map(|line| format!("=> {line}\n")).collect()
}

/// Remembers how much of each page was printed: standing pages grow.
#[derive(Debug, Default)]
pub struct Printer {
    lang: Lang,
    printed: BTreeMap<u32, usize>,
    messages: usize,
}

impl Printer {
    /// What is said of acts is said in this language; acts and pages are as they are typed and printed.
    pub fn new(lang: &Lang) -> Printer {
        Printer { lang: lang.clone(), ..Printer::default() }
    }

    /// What there is to say after an act: its line, what pages printed since, messages, remarks.
    pub fn after(&mut self, run: &Run, act: &Act, outcome: &Outcome) -> String {
        let mut out = String::new();
        if !matches!(act, Act::Run { .. } | Act::Clock { .. } | Act::Door { .. }) {
            out.push_str(&format!("[{}] {}\n", run.now().clock(), act_words(act)));
        }
        out.push_str(&self.news(run));
        if let Some(notice) = &outcome.notice {
            let sign = self.lang.say(if outcome.refused { "plain.refused" } else { "plain.note" });
            for line in notice.words(&run.case, &self.lang).lines() {
                out.push_str(&format!("[{sign}] {}\n", harmless(line)));
            }
        }
        out
    }

    /// Everything that was printed and has not been shown.
    pub fn news(&mut self, run: &Run) -> String {
        let mut out = String::new();
        // The page itself was shown at the opening.
        for message in run.messages.iter().skip(self.messages.max(1)) {
            out.push_str(&format!("[{}] {}: {}\n", message.at.clock(), message.from, harmless(&message.text)));
        }
        self.messages = run.messages.len();
        let newest = self.printed.keys().next_back().copied().unwrap_or(0);
        for page in &run.pages {
            let from = self.printed.get(&page.id).copied();
            let lines = &page.output.lines;
            if from.is_some_and(|from| from >= lines.len()) || (from.is_none() && page.id <= newest) {
                continue;
            }
            match from {
                None => {
                    let command = harmless(&page.command);
                    out.push_str(&format!("[{}] p{} {}{command}\n", page.at.clock(), page.id, page.prompt));
                }
                Some(_) => out.push_str(&format!("[{}] p{} goes on\n", run.now().clock(), page.id)),
            }
            for line in lines.iter().skip(from.unwrap_or(0)) {
                out.push_str(&printed(line));
                out.push('\n');
            }
            self.printed.insert(page.id, lines.len());
        }
        out
    }
}

fn printed(line: &Line) -> String {
    let text = harmless(&line.text);
    if line.stream == Stream::Hint && !text.starts_with("hint") { format!("hint: {text}") } else { text }
}

fn exhibits(ids: &[u32]) -> String {
    ids.iter().map(|id| format!("e{id}")).collect::<Vec<_>>().join(" ")
}

/// An act in the words of transcripts.
pub fn act_words(act: &Act) -> String {
    match act {
        Act::Run { line } => format!("$ {line}"),
        Act::Wait { span } => format!("wait {}s", span.as_secs()),
        Act::Clock { to } => format!("clock +{}s", to.as_secs()),
        Act::Leave { standing } => format!("leave {standing}"),
        Act::Door { asked } => format!("door $ {}", crate::drill::door::line(asked)),
        Act::State { text, form: None } => format!("state {text}"),
        Act::State { text, form: Some(form) } => format!("state {}", transcript::problem_words(form, text)),
        Act::Update { update } => format!("update {}", transcript::update_words(update)),
        Act::Hint => "hint".into(),
        Act::Undo => "undo".into(),
        Act::Answer { objection, exhibit: None } => format!("answer o{objection} pass"),
        Act::Answer { objection, exhibit: Some(exhibit) } => format!("answer o{objection} with e{exhibit}"),
        Act::Reflect { reaction, .. } => format!("reflect -- {reaction}"),
        Act::Interview { control } => format!("interview {}", transcript::beside::words(control)),
        Act::Team { act } => format!("team {}", act.words()),
        Act::Reply { question, text } => format!("reply {question} {text}"),
        Act::Bag { page, lines: None, .. } => format!("bag p{page}"),
        Act::Bag { page, lines: Some((from, to)), .. } if from == to => format!("bag p{page}:{}", from + 1),
        Act::Bag { page, lines: Some((from, to)), .. } => format!("bag p{page}:{}-{}", from + 1, to + 1),
        Act::Unbag { exhibit } => format!("unbag e{exhibit}"),
        Act::Suspect { thing, how } => format!("suspect w{thing} / w{how}"),
        Act::Rate { hypothesis, percent } => format!("rate h{hypothesis} {percent}"),
        Act::Predict { hypothesis, text } => format!("predict h{hypothesis} {text}"),
        Act::Link { hypothesis, exhibit, sign } => format!("link h{hypothesis} e{exhibit} {sign}"),
        Act::Clear { hypothesis, exhibits: with } => format!("clear h{hypothesis} with {}", exhibits(with)),
        Act::Reopen { hypothesis } => format!("reopen h{hypothesis}"),
        Act::Expect { text } => format!("expect {text}"),
        Act::Resolve => "resolve".into(),
        Act::Note { text } => format!("note {text}"),
        Act::Verdict { .. } => "verdict".into(),
        Act::Close => "close".into(),
    }
}

/// The board as text, for plain play.
pub fn board(run: &Run, lang: &Lang) -> String {
    let board = &run.board;
    let problem = if board.problem.is_empty() { lang.say("plain.no-problem") } else { &board.problem };
    let mut out = format!("{}\n", lang.with("plain.problem", &[("text", problem)]));
    for exhibit in &board.exhibits {
        let text = exhibit.text.first().map_or("", |line| line.trim());
        let what = if exhibit.lines.is_none() {
            lang.with("plain.whole-page", &[("command", &exhibit.command)])
        } else {
            text.to_string()
        };
        out.push_str(&format!("e{} {} {}\n", exhibit.id, exhibit.at.clock(), harmless(&what)));
    }
    for word in &board.words {
        let kind = lang.say(board::KINDS.iter().find(|(kind, _)| *kind == word.kind).map_or("", |(_, key)| key));
        let said = run.case.told(lang.code, &word.say);
        out.push_str(&format!("w{} {kind}: {said} (e{})\n", word.id, word.exhibit));
    }
    let say = |id: u32| board.word(id).map_or("?", |word| run.case.told(lang.code, &word.say));
    for hypothesis in &board.hypotheses {
        let cleared = hypothesis.cleared.as_ref().map_or_else(String::new, |with| {
            format!(", {}", lang.with("plain.cleared", &[("exhibits", &exhibits(with))]))
        });
        let (thing, how) = (say(hypothesis.thing), say(hypothesis.how));
        out.push_str(&format!("h{} {}%: {thing} / {how}{cleared}\n", hypothesis.id, hypothesis.confidence));
    }
    for expected in &board.expectations {
        let (time, text) = (expected.at.clock(), expected.text.as_str());
        out.push_str(&format!("{}\n", lang.with("plain.expected", &[("time", &time), ("text", text)])));
    }
    for told in &board.updates {
        let words = transcript::update_words(&told.update);
        let parts = [("time", told.at.clock()), ("text", harmless(&words).to_string())];
        out.push_str(&format!(
            "{}\n",
            lang.with("plain.told", &parts.each_ref().map(|(name, text)| (*name, text.as_str())))
        ));
    }
    if let Some(until) = run.deadline() {
        let left = (until - run.now()).max(Span::ZERO).human();
        out.push_str(&format!("{}\n", lang.with("interview.time-left", &[("left", &left)])));
    }
    if let Some(due) = run.promise_due() {
        out.push_str(&format!("{}\n", lang.with("plain.due", &[("time", &due.clock())])));
    }
    for hinted in &board.hints {
        out.push_str(&format!("{}\n", spoken::hint(hinted, &run.case, lang)));
    }
    for attempt in board.hearing.attempts.iter().filter(|_| run.mode != Mode::Interview) {
        out.push_str(&format!("{} {}\n", attempt.verdict.at.clock(), spoken::band(attempt.band, lang)));
    }
    for objection in board.hearing.objections.iter().filter(|objection| objection.answer.is_none()) {
        out.push_str(&format!("{}\n", spoken::objection(objection, &run.case, lang)));
    }
    out
}

/// What was on pages and does not last, for plain play: what has the least time left first.
pub fn tray(run: &Run, lang: &Lang) -> String {
    let row = |own: &volatile::Volatile| {
        let object = &own.object;
        let place = if object.namespace.is_empty() { String::new() } else { format!("{}/", object.namespace) };
        let until = match own.until {
            _ if own.gone => lang.say("tray.gone").to_string(),
            Some(until) if until.date() == run.now().date() => until.clock(),
            // A queue keeps messages for days.
            Some(until) => format!("{} {}", until.date(), until.hour_minute()),
            None => spoken::lasts(own.lasts, lang).to_string(),
        };
        let about = format!("{} {place}{}", object.kind, object.name);
        let bagged = if own.bagged { lang.say("tray.bagged") } else { "-" };
        let about = harmless(&about).to_string();
        [spoken::instrument(own.channel, lang), about, format!("p{}", own.page), until, bagged.to_string()]
    };
    let rows: Vec<[String; 5]> = run.volatile().iter().map(row).collect();
    if rows.is_empty() {
        return format!("{}\n", lang.say("tray.none"));
    }
    columns(["tray.instrument", "tray.about", "tray.seen", "tray.until", "tray.bag"].map(|key| lang.say(key)), &rows)
}

/// The score with its ledger in words; whole sums, never rescaled.
pub fn score(run: &Run, lang: &Lang) -> String {
    // People judge an interview: nothing of it is added up, at its end least of all.
    if run.mode == Mode::Interview {
        return interviewed(run, lang);
    }
    scorecard(&run.score(), &run.case.told_in(lang.code), run.phase, lang)
}

/// The end of an interview: the verdict as it was given, the questions and what was answered.
fn interviewed(run: &Run, lang: &Lang) -> String {
    if run.phase != Phase::Closed {
        return String::new();
    }
    let mut out = String::new();
    for section in interview::closing(&account::of(run, lang.code), lang).sections {
        out.push_str(&format!("\n{}\n", section.title));
        for (_, row) in section.rows {
            row.lines(COLUMNS - 2).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
    }
    out
}

/// The points and the ledger of a case's run that stands at `phase`; the case as it is told in `lang`.
pub fn scorecard(card: &Scorecard, case: &Case, phase: Phase, lang: &Lang) -> String {
    let points = |got: String, max: i64| lang.with("told.points", &[("got", &got), ("max", &max.to_string())]);
    let mut out = format!("\n{} {}", lang.say("section.score"), points(tenths(card.total_m()), card.max()));
    out.push_str(&match phase {
        Phase::Closed => "\n".to_string(),
        _ => format!(" ({})\n", lang.say("plain.still-open")),
    });
    for sum in &card.dims {
        let key = format!("dim.{}", sum.name);
        let name = lang.say(&key);
        let gap = " ".repeat(DIM_COLUMNS.saturating_sub(width(name)));
        match sum.got {
            Some(_) => {
                let got = points(format!("{:>5}", tenths(card.dim_m(sum.dim))), sum.max);
                out.push_str(&format!("  {name}{gap} {got}\n"));
            }
            None => out.push_str(&format!("  {name}{gap}     - ({})\n", lang.say("told.not-scored"))),
        }
    }
    if let Some(halves) = sheet::halves(card, lang) {
        out.push_str(&format!("  {halves}\n"));
    }
    if phase != Phase::Closed {
        // The ledger names what was to be found: it opens with the verdict.
        out.push_str(&format!("{}\n", lang.say("plain.ledger-later")));
        return out;
    }
    out.push_str(&format!("{}\n", lang.say("section.ledger")));
    for (_, row) in sheet::ledger_rows(card, &debrief::told::names(case), lang) {
        for line in row.lines(COLUMNS - 2) {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

/// A run's outcome as one object. `fault` says why a transcript stopped early.
pub fn run_json(run: &Run, fault: Option<&str>) -> Value {
    // An open run's variant would be a hint.
    let variant = if run.phase == Phase::Closed { run.case.variant.as_str() } else { "" };
    let mut object = json!({
        "case": run.case.slug, "variant": variant, "seed": run.case.seed,
        "closed": run.phase == Phase::Closed, "acts": run.acts.len(), "simulated_ms": run.elapsed().0,
        "problem": fault,
    });
    if run.mode == Mode::Interview {
        let asked = follow::asked(run).into_iter().map(|own| {
            json!({ "id": own.id, "question": own.text(&run.case, &Lang::english()),
                "answer": run.board.hearing.replies.get(&own.id) })
        });
        object["follow_ups"] = asked.collect();
    } else {
        object["score"] = score_json(&run.score(), run.phase);
    }
    object
}

/// A scorecard as one object; its ledger opens when the run is closed.
pub fn score_json(card: &Scorecard, phase: Phase) -> Value {
    let dims: Vec<Value> = card
        .dims
        .iter()
        .map(|sum| {
            json!({ "name": sum.name, "max": sum.max, "points_m": sum.got.as_ref().map(|_| card.dim_m(sum.dim)) })
        })
        .collect();
    let closed = phase == Phase::Closed;
    let ledger: Vec<Value> = card
        .ledger
        .iter()
        .filter(|_| closed)
        .map(|line| {
            let because: BTreeMap<&str, &String> = line.because.iter().map(|(key, value)| (*key, value)).collect();
            json!({ "key": line.key, "subject": line.subject, "points_m": line.got_m, "max_m": line.max_m(),
                "because": because, "entries": line.entries })
        })
        .collect();
    json!({ "total_m": card.total_m(), "total": tenths(card.total_m()), "max": card.max(),
        "engine": card.engine, "profile": card.profile, "case_m": card.case_m(), "conduct_m": card.conduct_m(),
        "hints_m": card.dim_m(Dim::H), "band": card.band().map(Band::key), "dimensions": dims, "ledger": ledger })
}

/// A problem of a transcript, with its place and a caret.
pub fn problem(file: &str, problem: &Problem) -> String {
    let mut out = format!("{file}:{}:{}: {}", problem.line, problem.column, problem.what);
    if !problem.text.is_empty() {
        let blanks = " ".repeat(problem.column.saturating_sub(1) as usize);
        out.push_str(&format!("\n  | {}\n  | {blanks}^", harmless(&problem.text)));
    }
    if !problem.hint.is_empty() {
        out.push_str(&format!("\n  hint: {}", problem.hint));
    }
    out
}

pub fn check(report: &Report) -> String {
    let mut out = String::new();
    if !report.problems.is_empty() {
        out.push_str(&crate::scenario::render(&report.problems));
        out.push_str("\n\n");
    }
    let verdict = if report.passed() { "passed" } else { "FAILED" };
    out.push_str(&format!("{} {verdict}: variants {}\n", report.slug, report.variants.join(" ")));
    for variant in &report.variants {
        let own: Vec<Trial> = report.trials.iter().filter(|trial| trial.variant == *variant).cloned().collect();
        if !own.is_empty() {
            out.push_str(&format!("  {}\n", certificate(variant, &own)));
        }
    }
    out
}

pub fn check_json(report: &Report) -> Value {
    let problems: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| {
            json!({ "severity": format!("{:?}", problem.severity).to_lowercase(), "code": problem.code, "file": problem.file,
                "line": problem.line, "column": problem.column, "message": problem.message, "hint": problem.hint })
        })
        .collect();
    let certified = !report.trials.is_empty() && report.trials.iter().all(Trial::holds);
    json!({ "case": report.slug, "title": report.title, "variants": report.variants, "passed": report.passed(),
        "problems": problems, "proven": report.proven, "certified": certified })
}
