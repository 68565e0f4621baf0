//! The tabs of the debrief as lines at a width, all but the two ways side by side. What is said comes from the report's
//! phrases; here it is laid. Does not draw.

use super::lines::{Line, Lines, To, bar, padded, percent};
use super::story::Story;
use super::{Tab, timeline};
use crate::case::debrief::{GuessTold, PredictionOutcome, ProofPath};
use crate::case::forms::Guess;
use crate::case::score::truth::Blank;
use crate::drill::run::Run;
use crate::report::phrase::{self, Fared};
use crate::report::progress::reason;
use crate::report::telling;
use crate::stdx::time::Time;
use crate::ui::face::{Look, Scene};
use crate::ui::theme::Role;

/// What the tabs are laid from.
pub struct Given<'a> {
    pub look: &'a Look,
    pub scene: &'a Scene<'a>,
    pub run: &'a Run,
    pub story: &'a Story,
}

impl Given<'_> {
    fn lang(&self) -> &crate::stdx::lang::Lang {
        &self.look.lang
    }
    pub fn when(&self, at: Time) -> String {
        phrase::when(&self.story.told, at)
    }
    pub fn names(&self, ids: &[String]) -> String {
        phrase::listed(&self.story.told.names, ids)
    }
}

/// All lines of a tab.
pub fn lines(tab: Tab, given: &Given, columns: u16) -> Vec<Line> {
    let mut page = Lines::new(given.look, columns);
    match tab {
        Tab::Score => score(given, &mut page),
        Tab::Time => timeline::lay(given, &mut page),
        Tab::Gaps => gaps(given, &mut page),
        Tab::Ledger => ledger(given, &mut page),
        Tab::Changes => changes(given, &mut page),
        Tab::Clues => clues(given, &mut page),
        Tab::Twin => twin(given, &mut page),
        Tab::Paths => paths(given, &mut page),
        Tab::Next => next(given, &mut page),
        Tab::Replay => {}
    }
    page.lines
}

fn none(page: &mut Lines) {
    let words = page.say("told.none");
    page.text(Role::Dim, &words);
}

// ---- how it went, beside what one thought --------------------------------------------------------------------------

fn score(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    page.head(&page.say("debrief.said"));
    match &told.reflection {
        Some(said) if !said.reaction.is_empty() => {
            page.text(Role::Info, &format!("“{}”", phrase::plain(&said.reaction)))
        }
        _ => page.text(Role::Dim, &page.say("debrief.unsaid")),
    }
    let (got, max) = (phrase::points(told.score.total_m()), told.score.max().to_string());
    page.head(&format!("{} {}", page.say("section.score"), lang.with("told.points", &[("got", &got), ("max", &max)])));
    dimensions(given, page);
    if let Some(halves) = phrase::halves(lang, &told.score) {
        page.text(Role::Title, &halves);
    }
    page.head(&page.say("section.verdict"));
    for own in &told.words {
        let (sign, role) = match phrase::fared(own) {
            Fared::Right => ("✓", Role::Good),
            Fared::Near => ("~", Role::Warn),
            Fared::Wrong => ("✗", Role::Bad),
        };
        let label = format!("{sign} {}", phrase::blank(lang, own.blank));
        let to = own.exhibits.first().and_then(|id| exhibit(given, *id));
        page.item(role, &label, 15, &phrase::word(lang, own), to.as_ref());
    }
    times(given, page);
}

/// The page of an exhibit.
fn exhibit(given: &Given, id: u32) -> Option<To> {
    let own = given.run.board.exhibit(id)?;
    Some(To::Page(own.page, own.lines.map_or(0, |(from, _)| from)))
}

/// A row a dimension: bar, points, and what one guessed.
fn dimensions(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    let guesses = told.reflection.as_ref().map_or(&[][..], |said| &said.guesses);
    if !guesses.is_empty() {
        page.text(Role::Dim, &page.say("debrief.guesses"));
    }
    for sum in &told.score.dims {
        let key = format!("dim.{}", sum.name);
        let name = page.say(&key);
        let (got_m, max) = (told.score.dim_m(sum.dim), sum.max);
        if sum.got.is_none() {
            page.item(Role::Dim, &name, 24, &page.say("told.not-scored"), None);
            continue;
        }
        let points = lang.with("told.points", &[("got", &phrase::points(got_m)), ("max", &max.to_string())]);
        let mut words = points;
        if max > 0 {
            words = format!("{} {}", bar(got_m / max, 10), padded(&words, 14));
        }
        if let Some(own) = guesses.iter().find(|own| own.dim == sum.dim) {
            let sign = if own.was == Some(own.guess) { "✓" } else { "≠" };
            words.push_str(&format!("  {sign} {}", guess(page, own)));
        }
        let words = words.trim_end().to_string();
        page.cut(Role::Text, 0, &format!("{} {words}", padded(&name, 24)), None);
    }
}

/// `high → middle`: what was guessed and what it was.
fn guess(page: &Lines, own: &GuessTold) -> String {
    let word = |of: Guess| match of {
        Guess::Low => page.say("guess.low"),
        Guess::Middle => page.say("guess.middle"),
        Guess::High => page.say("guess.high"),
    };
    let was = own.was.map_or_else(|| page.say("told.not-scored"), word);
    if own.was == Some(own.guess) { was } else { format!("{} → {was}", word(own.guess)) }
}

/// When what first came about, and the two differences that teach.
fn times(given: &Given, page: &mut Lines) {
    page.head(&page.say("debrief.times"));
    for (name, at) in telling::times(given.lang(), &given.story.told) {
        page.item(Role::Text, &at, 12, &name, None);
    }
}

// ---- gaps and the pattern of the run -------------------------------------------------------------------------------

fn gaps(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    page.head(&page.say("section.gaps"));
    if told.analysis.gaps.is_empty() {
        page.text(Role::Good, &page.say("debrief.no-gaps"));
    }
    for (at, gap) in told.analysis.gaps.iter().enumerate() {
        let to = (!gap.entries.is_empty()).then(|| To::Acts(gap.entries.clone()));
        if at > 0 {
            page.push(Role::Text, String::new(), None);
        }
        let said = telling::gap(lang, told, gap);
        let acts = if said.acts.is_empty() { String::new() } else { format!("  [{} →]", said.acts) };
        page.item(Role::Text, &said.lost, 7, &format!("{}{acts}", said.observation), to.as_ref());
        page.item(Role::Warn, "", 7, &said.concern, to.as_ref());
        page.item(Role::Info, "", 7, &said.question, to.as_ref());
    }
    page.head(&page.say("html.section-pattern"));
    for habit in telling::habits(lang, told) {
        let (sign, role) = if habit.there { ("!", Role::Warn) } else { ("✓", Role::Dim) };
        page.item(role, &format!("{sign} {}", habit.name), 26, &habit.seen, None);
    }
}

// ---- ledger --------------------------------------------------------------------------------------------------------

/// Each line says why, and Enter shows the acts that it points at.
fn ledger(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    let card = &told.score;
    for sum in &card.dims {
        let own: Vec<_> = card.ledger.iter().filter(|line| line.dim == sum.dim).collect();
        if own.is_empty() {
            continue;
        }
        let key = format!("dim.{}", sum.name);
        let (got, max) = (phrase::points(card.dim_m(sum.dim)), sum.max.to_string());
        let points = if sum.max > 0 { lang.with("told.points", &[("got", &got), ("max", &max)]) } else { got };
        page.head(&format!("{}  {points}", page.say(&key)));
        for line in own {
            let (got, max) = (phrase::points(line.got_m), phrase::points(line.max_m()));
            let points = if line.max_m() > 0 { lang.with("told.points", &[("got", &got), ("max", &max)]) } else { got };
            let (sign, role) = match () {
                // Lines are floored one by one: a thousandth is no shortfall.
                () if line.max_m() > 0 && line.got_m + 1 >= line.max_m() => ("✓", Role::Good),
                () if line.got_m < 0 || (line.max_m() > 0 && line.got_m == 0) => ("✗", Role::Bad),
                () => ("~", Role::Text),
            };
            let acts = phrase::entries(lang, line);
            let acts = if acts.is_empty() { acts } else { format!("  [{acts} →]") };
            let to = (!line.entries.is_empty()).then(|| To::Acts(line.entries.clone()));
            let words = format!("{}{acts}", phrase::ledger(lang, &told.names, line));
            page.item(role, &format!("{sign} {points}"), 19, &words, to.as_ref());
        }
    }
    let total = lang.with("told.points", &[("got", &phrase::points(card.total_m())), ("max", &card.max().to_string())]);
    page.push(Role::Text, String::new(), None);
    page.text(Role::Title, &format!("= {total}"));
}

// ---- changes -------------------------------------------------------------------------------------------------------

fn changes(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    page.head(&page.say("section.predictions"));
    if told.predictions.is_empty() {
        page.text(Role::Dim, &page.say("debrief.no-changes"));
    }
    for own in &told.predictions {
        let to = To::Acts(vec![own.entry]);
        let (sign, role) = match own.outcome {
            PredictionOutcome::Came { .. } => ("✓", Role::Good),
            PredictionOutcome::Blind | PredictionOutcome::Missed { .. } => ("✗", Role::Bad),
            _ => ("~", Role::Warn),
        };
        page.cut(Role::Key, 0, &format!("{}  $ {}", given.when(own.at), phrase::plain(&own.command)), Some(&to));
        page.item(role, &format!("          {sign}"), 11, &phrase::prediction(lang, own), Some(&to));
    }
}

// ---- clues, rivals, links ------------------------------------------------------------------------------------------

fn clues(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    page.head(&page.say("section.missed"));
    if told.missed.is_empty() {
        page.text(Role::Good, &page.say("debrief.no-missed"));
    }
    for own in &told.missed {
        let (sign, role) = if own.seen { ("○", Role::Warn) } else { ("·", Role::Text) };
        page.item(role, sign, 1, &phrase::missed(lang, &told.names, own), None);
        for command in &own.at {
            page.cut(Role::Key, 4, &format!("$ {}", phrase::plain(command)), None);
        }
        if !own.line.trim().is_empty() {
            page.cut(Role::Info, 4, &format!("│ {}", phrase::plain(own.line.trim())), None);
        }
        let window = telling::window(lang, told, own);
        if !window.is_empty() {
            page.item(Role::Dim, "", 3, &window, None);
        }
    }
    page.head(&page.say("section.rivals"));
    for own in &told.rivals {
        let (sign, role) = if own.cleared { ("✓", Role::Good) } else { ("✗", Role::Bad) };
        page.item(role, sign, 1, &phrase::rival(lang, &told.names, own), None);
    }
    page.head(&page.say("section.links"));
    if told.analysis.links.is_empty() {
        page.text(Role::Dim, &page.say("debrief.no-links"));
    }
    for own in &told.analysis.links {
        let to = exhibit(given, own.exhibit);
        page.item(Role::Warn, "≠", 1, &telling::link(lang, told, own), to.as_ref());
    }
}

// ---- the healthy twin ----------------------------------------------------------------------------------------------

fn twin(given: &Given, page: &mut Lines) {
    let Some(contrasts) = &given.story.contrasts else {
        page.text(Role::Dim, &page.say("debrief.twin-waits"));
        return;
    };
    page.text(Role::Dim, &page.say("debrief.twin-about"));
    if contrasts.is_empty() {
        page.push(Role::Text, String::new(), None);
        none(page);
    }
    for own in contrasts {
        let to = own.page.map(|id| To::Page(id, 0));
        page.push(Role::Text, String::new(), None);
        page.cut(Role::Key, 0, &format!("$ {}", phrase::plain(&own.command)), to.as_ref());
        let whose = match own.page {
            Some(id) => {
                given.lang().with("debrief.twin-own", &[("page", &id.to_string()), ("time", &given.when(own.at))])
            }
            None => given.lang().with("debrief.twin-missed", &[("time", &given.when(own.at))]),
        };
        let clues = given.names(&own.clues);
        let about = if clues.is_empty() { whose } else { format!("{whose} · {clues}") };
        page.item(Role::Dim, "", 1, &about, to.as_ref());
        if own.lines.is_empty() {
            page.item(Role::Text, "", 1, &page.say("debrief.twin-same"), to.as_ref());
        }
        for (healthy, text) in &own.lines {
            let (sign, role) = if *healthy { ("+", Role::Good) } else { ("-", Role::Bad) };
            page.cut(role, 2, &format!("{sign} {}", phrase::plain(text)), to.as_ref());
        }
        if own.more > 0 {
            let words = given.lang().with("debrief.twin-more", &[("n", &own.more.to_string())]);
            page.item(Role::Dim, "", 1, &words, to.as_ref());
        }
    }
}

// ---- paths ---------------------------------------------------------------------------------------------------------

fn paths(given: &Given, page: &mut Lines) {
    let told = &given.story.told;
    for (key, about, of) in [
        ("section.proof", "debrief.proof-about", &told.proof),
        ("section.fair", "debrief.fair-about", &told.analysis.fair),
    ] {
        page.head(&format!("{}: {}", page.say(key), of.cost.human()));
        page.text(Role::Dim, &page.say(about));
        path(given, of, page);
    }
}

fn path(given: &Given, of: &ProofPath, page: &mut Lines) {
    let lang = given.lang();
    if of.steps.is_empty() {
        none(page);
    }
    for (at, step) in of.steps.iter().enumerate() {
        let command = format!("{:>2}. {:<5} $ {}", at + 1, step.cost.human(), phrase::plain(&step.command));
        page.cut(Role::Key, 0, &command, None);
        let clues = given.names(&step.clues);
        if !clues.is_empty() {
            page.item(Role::Text, "", 9, &clues, None);
        }
    }
    if !of.short_of.is_empty() {
        let name = |id: &String| match Blank::ALL.into_iter().find(|blank| blank.name() == id) {
            Some(blank) => phrase::blank(lang, blank),
            None => given.names(std::slice::from_ref(id)),
        };
        let short: Vec<String> = of.short_of.iter().map(name).collect();
        page.text(Role::Dim, &lang.with("told.short-of", &[("what", &short.join("; "))]));
    }
}

// ---- what comes next -----------------------------------------------------------------------------------------------

fn next(given: &Given, page: &mut Lines) {
    let (told, lang) = (&given.story.told, given.lang());
    if !told.cards.is_empty() {
        page.head(&page.say("section.cards"));
    }
    for (at, card) in told.cards.iter().enumerate() {
        let Some(text) = card.card.text(lang.code) else { continue };
        let to = To::Card(at);
        page.item(Role::Text, "▪", 1, &format!("{}  →", text.title), Some(&to));
        for clue in &card.clues {
            page.item(Role::Dim, "", 3, &crate::report::cards::why(told, clue, lang), Some(&to));
        }
    }
    page.head(&page.say("section.next"));
    let pledge = given.run.board.hearing.reflection.as_ref().map_or("", |said| said.pledge.as_str());
    if pledge.is_empty() {
        page.item(Role::Info, "p", 1, &page.say("debrief.pledge"), Some(&To::Pledge));
    } else {
        page.item(Role::Info, "✓", 1, &phrase::plain(pledge), Some(&To::Pledge));
    }
    let Some(progress) = given.scene.progress else { return };
    let Some(first) = progress.next.first() else { return };
    page.head(&page.say("debrief.next-drill"));
    let title = given.scene.cards.iter().find(|card| card.slug == first.slug).map_or("", |card| card.title.as_str());
    let why = reason(&first.why, lang, &|concept| progress.title(concept));
    page.item(Role::Info, "▸", 1, &format!("{title} — {why}"), Some(&To::Play(first.slug.clone())));
}

/// A share of belief or harm as the timeline's column has it.
pub fn column(share: i64) -> String {
    format!("{}{}", percent(share), super::lines::spark(share))
}
