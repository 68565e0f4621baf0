//! The board pane: problem, exhibits, words by kind, hypotheses with their confidence, the verdict's progress. Changes
//! nothing itself: what is done here is an act.

use crate::case::board::{self, Board, Collected, Exhibit, Hypothesis, Link};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::scenario::shape::WordKind;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::verdict::{BLANKS, BlankRow, instruments};
use crate::ui::overlays::{Overlay, form, pick, prompt::For};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use crate::ui::widgets::tape::Spot;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct BoardPane {
    pub scroll: Scroll,
    /// All exhibits are shown, not only the newest.
    pub earlier: bool,
}

/// How many exhibits stand on a board that shares the screen.
const EXHIBITS_SHOWN: usize = 5;
/// A board of so many columns says of each exhibit where it comes from.
const PROVENANCE_COLUMNS: u16 = 60;
/// Into how many rows the words of a kind may go.
const WORD_ROWS_MAX: usize = 24;

/// What a row of the board is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Problem,
    Heading,
    Exhibit(u32),
    /// Exhibits that are not shown until asked for.
    Earlier,
    Words(WordKind),
    Hypothesis(u32),
    Expectation(u32),
    Verdict,
}

pub struct Row {
    pub item: Item,
    pub role: Role,
    pub words: String,
}

pub const KINDS: [(WordKind, &str); 4] = [
    (WordKind::Thing, "kind.thing"),
    (WordKind::How, "kind.how"),
    (WordKind::Change, "kind.change"),
    (WordKind::Harm, "kind.harm"),
];

/// A collected word in the learner's language.
pub fn word<'a>(look: &Look, run: &'a Run, id: u32) -> &'a str {
    run.board.word(id).map_or("?", |word| said(look, run, word))
}

fn said<'a>(look: &Look, run: &'a Run, word: &'a Collected) -> &'a str {
    run.case.told(look.lang.code, &word.say)
}

/// `checkout's memory limit: OOM-killed at the limit`.
pub fn suspicion(look: &Look, run: &Run, hypothesis: &Hypothesis) -> String {
    format!("{}: {}", word(look, run, hypothesis.thing), word(look, run, hypothesis.how))
}

/// `how “killed for memory”`.
pub fn named(look: &Look, run: &Run, word: &Collected) -> String {
    let kind = KINDS.iter().find(|(kind, _)| *kind == word.kind).map_or("", |(_, key)| look.say(key));
    format!("{kind} “{}”", said(look, run, word))
}

/// `e1 checkout-x2x1p 0/1 OOMKilled`: columns of a table close up.
pub fn exhibit_line(exhibit: &Exhibit) -> String {
    let close = |line: &str| line.split_whitespace().map(short_time).collect::<Vec<_>>().join(" ");
    let what = match exhibit.lines {
        None => format!("({}) {}", exhibit.text.len(), exhibit.command),
        Some((from, to)) if to > from => {
            format!("{} (+{})", exhibit.text.first().map_or_else(String::new, |l| close(l)), to - from)
        }
        Some(_) => exhibit.text.first().map_or_else(String::new, |line| close(line)),
    };
    format!("e{} {}", exhibit.id, crate::stdx::text::harmless(&what))
}

/// `2026-03-02T01:27:10.294Z` → `01:27:10`; other words as they are.
fn short_time(word: &str) -> &str {
    let dated = word.len() >= 20 && word.ends_with('Z') && word.get(10..11) == Some("T");
    word.get(11..19).filter(|time| dated && time.matches(':').count() == 2).unwrap_or(word)
}

/// An exhibit, and the words that it brought. What tells lines apart is often at their end, so the middle goes.
pub fn exhibit_about(look: &Look, run: &Run, exhibit: &Exhibit, columns: usize) -> String {
    let brought = run.board.words.iter().filter(|word| word.exhibit == exhibit.id);
    let words: Vec<String> = brought.map(|word| named(look, run, word)).collect();
    let line = exhibit_line(exhibit);
    if words.is_empty() {
        return line;
    }
    format!("{}  → {}", crate::stdx::text::clip_middle(&line, columns, columns / 2), words.join(", "))
}

fn bar(percent: u8, ascii: bool) -> String {
    let full = usize::from(percent.min(100)) / 10;
    let (on, off) = if ascii { ("#", ".") } else { ("█", "░") };
    on.repeat(full) + &off.repeat(10 - full)
}

/// The board as rows of at most `width` columns; what is longer goes on in rows about the same thing.
pub fn rows(face: &Face, run: &Run, width: u16) -> Vec<Row> {
    let mut rows = Vec::new();
    for (row, rows_max) in whole_rows(face, run, width) {
        let indent = if matches!(row.item, Item::Heading | Item::Problem) { "" } else { "    " };
        let room = width.saturating_sub(indent.len() as u16).max(8);
        let ranges = paint::rows(&row.words, room);
        let shown = ranges.len().min(rows_max);
        for (at, range) in ranges.into_iter().take(shown).enumerate() {
            let rest = if at + 1 == shown { &row.words[range.start..] } else { &row.words[range] };
            let lead = if at == 0 { "" } else { indent };
            let words = crate::stdx::text::clip(&format!("{lead}{}", rest.trim_end()), usize::from(width.max(1)));
            rows.push(Row { item: row.item, role: row.role, words });
        }
    }
    rows
}

/// Rows before they are broken, and into how many rows each may go: what is worked on first, the raw words last.
fn whole_rows(face: &Face, run: &Run, width: u16) -> Vec<(Row, usize)> {
    let (board, look) = (&run.board, &face.look);
    let problem = match board.problem.as_str() {
        "" => look.lang.with("board.no-problem", &[("key", &super::reach(face, Do::State))]),
        stated => stated.to_string(),
    };
    let mut rows = vec![row(Item::Problem, Role::Text, format!("{}  {problem}", look.say("board.problem")), 3)];
    exhibit_rows(face, run, width, &mut rows);
    hypothesis_rows(face, run, &mut rows);
    rows.push(row(Item::Verdict, Role::Title, verdict_line(face, board), 2));
    for blank in BLANKS {
        let (said, cited) = blank_words(face, run, blank);
        rows.push(row(Item::Verdict, Role::Text, format!(" {}: {said}{cited}", look.say(blank.key())), 2));
    }
    rows.push(row(Item::Heading, Role::Focus, format!("{} [{}]", look.say("board.words"), board.words.len()), 1));
    for (kind, key) in KINDS {
        let of_kind = board.words.iter().filter(|word| word.kind == kind);
        let words: Vec<&str> = of_kind.map(|word| said(look, run, word)).collect();
        if !words.is_empty() {
            let line = format!(" {}  {}", look.say(key), words.join(" · "));
            rows.push(row(Item::Words(kind), Role::Text, line, WORD_ROWS_MAX));
        }
    }
    rows
}

fn row(item: Item, role: Role, words: String, rows_max: usize) -> (Row, usize) {
    (Row { item, role, words }, rows_max)
}

/// The newest exhibits; the earlier ones are a number until they are asked for, or the pane has the screen.
fn exhibit_rows(face: &Face, run: &Run, width: u16, rows: &mut Vec<(Row, usize)>) {
    let board = &run.board;
    let (look, count) = (&face.look, board.exhibits.len());
    rows.push(row(Item::Heading, Role::Focus, format!("{} [{count}]", look.say("board.exhibits")), 1));
    if count == 0 {
        rows.push(row(Item::Heading, Role::Dim, format!(" {}", look.say("board.no-exhibits")), 3));
    }
    let whole = face.drill.board.earlier || face.drill.zoom;
    let hidden = if whole { 0 } else { count.saturating_sub(EXHIBITS_SHOWN) };
    if hidden > 0 {
        let key = if face.drill.focus == super::Pane::Board { "board.earlier" } else { "board.earlier-away" };
        let words = look.lang.with(key, &[("n", &hidden.to_string())]);
        rows.push(row(Item::Earlier, Role::Dim, format!(" {words}"), 1));
    }
    for exhibit in board.exhibits.iter().skip(hidden) {
        rows.push(row(Item::Exhibit(exhibit.id), Role::Text, format!(" {}", exhibit_line(exhibit)), 2));
        if width >= PROVENANCE_COLUMNS {
            let mut parts = instruments(look, run, &[exhibit.id]);
            parts.extend([exhibit.at.clock(), format!("$ {}", crate::stdx::text::harmless(&exhibit.command))]);
            rows.push(row(Item::Exhibit(exhibit.id), Role::Dim, format!("    {}", parts.join(" · ")), 1));
        }
    }
}

fn hypothesis_rows(face: &Face, run: &Run, rows: &mut Vec<(Row, usize)>) {
    let (look, board) = (&face.look, &run.board);
    let heading = format!("{} [{}]", look.say("board.hypotheses"), board.hypotheses.len());
    rows.push(row(Item::Heading, Role::Focus, heading, 1));
    if board.hypotheses.is_empty() {
        let words = look.lang.with("board.no-hypotheses", &[("key", &super::reach(face, Do::Hypothesis))]);
        rows.push(row(Item::Heading, Role::Dim, format!(" {words}"), 3));
    }
    for hypothesis in &board.hypotheses {
        let (role, words) = hypothesis_line(face, run, hypothesis);
        rows.push(row(Item::Hypothesis(hypothesis.id), role, words, 4));
        if let Some(words) = evidence(look, hypothesis) {
            rows.push(row(Item::Hypothesis(hypothesis.id), Role::Dim, format!("    {words}"), 2));
        }
        if !hypothesis.prediction.is_empty() {
            let words = look.lang.with("board.predicts", &[("text", &hypothesis.prediction)]);
            rows.push(row(Item::Hypothesis(hypothesis.id), Role::Dim, format!("    {words}"), 2));
        }
    }
    let rest = 100_i32 - board.hypotheses.iter().map(|h| i32::from(h.confidence)).sum::<i32>();
    if !board.hypotheses.is_empty() && rest >= 0 {
        rows.push(row(Item::Heading, Role::Dim, format!("    {} {rest}%", look.say("board.else")), 1));
    }
    for expected in &board.expectations {
        let words = format!("○ {} {}", expected.at.clock(), expected.text);
        rows.push(row(Item::Expectation(expected.id), Role::Info, words, 2));
    }
    for at in &board.resolved {
        let words = format!("✓ {} {}", at.clock(), look.say("changes.resolved"));
        rows.push(row(Item::Heading, Role::Good, words, 2));
    }
}

/// Which exhibits speak for it and which against.
fn evidence(look: &Look, hypothesis: &Hypothesis) -> Option<String> {
    let named = |wanted: Link, key: &str| {
        let of = hypothesis.links.iter().filter(|(_, link)| **link == wanted);
        let ids: Vec<u32> = of.map(|(id, _)| *id).collect();
        (!ids.is_empty()).then(|| look.lang.with(key, &[("exhibits", &names(&ids))]))
    };
    let parts: Vec<String> =
        [named(Link::For, "board.for"), named(Link::Against, "board.against")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What the verdict form has for a blank now, and the exhibits cited.
fn blank_words(face: &Face, run: &Run, row: BlankRow) -> (String, String) {
    let blank = row.blank(&face.drill.form.blanks);
    let said = match blank.word {
        Some(id) => word(&face.look, run, id).to_string(),
        None if row == BlankRow::Onset && !blank.time.is_empty() => blank.time.clone(),
        None => "____".to_string(),
    };
    let cited = if blank.exhibits.is_empty() { String::new() } else { format!("  {}", names(&blank.exhibits)) };
    (said, cited)
}

fn hypothesis_line(face: &Face, run: &Run, hypothesis: &Hypothesis) -> (Role, String) {
    let ascii = face.look.lines == paint::Lines::Ascii;
    let count = |link| hypothesis.links.values().filter(|l| **l == link).count();
    let (fors, againsts) = (count(Link::For), count(Link::Against));
    let (role, mark) = if hypothesis.cleared.is_some() { (Role::Dim, "✓") } else { (Role::Text, " ") };
    let cleared = match &hypothesis.cleared {
        Some(exhibits) => format!("  {} {}", face.look.say("board.cleared"), names(exhibits)),
        None => String::new(),
    };
    let percent = hypothesis.confidence;
    let words = suspicion(&face.look, run, hypothesis);
    let votes = votes_words(face, run, hypothesis.id);
    let lead = format!("{mark}h{} {} {percent:>3}%{votes}", hypothesis.id, bar(percent, ascii));
    (role, format!("{lead} +{fors}-{againsts} {words}{cleared}"))
}

/// In a room: from where to where the votes go and how many there are, and one's own. Whose they are, nobody sees.
fn votes_words(face: &Face, run: &Run, id: u32) -> String {
    let seat = &face.drill.seat;
    if !seat.is_seated() {
        return String::new();
    }
    let (votes, look) = (&run.team.votes, &face.look);
    let spread = votes.spread(id).map_or_else(String::new, |(low, high)| format!(" ({low}–{high})"));
    let count = look.lang.with("board.votes", &[("n", &votes.count(id).to_string())]);
    let own = votes.own(id, seat.id).map(|own| look.lang.with("board.own-vote", &[("percent", &own.to_string())]));
    format!("{spread} {count}{}", own.unwrap_or_default())
}

pub fn names(exhibits: &[u32]) -> String {
    exhibits.iter().map(|id| format!("e{id}")).collect::<Vec<_>>().join(" ")
}

fn verdict_line(face: &Face, board: &Board) -> String {
    let filled = KINDS.iter().filter(|(kind, _)| board.words.iter().any(|word| word.kind == *kind)).count();
    let state = match board.verdict {
        Some(_) => face.look.say("board.verdict-in").to_string(),
        None => {
            let key = super::reach(face, Do::Verdict);
            face.look.lang.with("board.verdict-progress", &[("n", &filled.to_string()), ("key", &key)])
        }
    };
    format!("{}  {state}", face.look.say("board.verdict"))
}

/// The gutter takes one column.
fn text_columns(area: Rect) -> u16 {
    area.width.saturating_sub(2)
}

pub fn title(face: &Face, run: &Run) -> String {
    format!("{}[{}]", face.look.say("pane.board"), run.board.exhibits.len())
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["board", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[
        Do::Hypothesis,
        Do::More,
        Do::Link,
        Do::Clear,
        Do::State,
        Do::Tell,
        Do::Verdict,
        Do::Hint,
        Do::Undo,
        Do::Tray,
        Do::Expect,
        Do::Predict,
        Do::Resolve,
        Do::Open,
        Do::Remove,
        Do::Help,
    ]
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let rows = rows(face, run, text_columns(area));
    let item_at = |at: usize| rows.get(at).map(|row| row.item).filter(|item| !matches!(item, Item::Heading));
    let before = item_at(face.drill.board.scroll.at);
    if face.drill.board.scroll.motion(does, rows.len(), usize::from(area.height)) {
        // A step goes to the next thing, however many rows this one takes.
        let mut at = face.drill.board.scroll.at;
        while matches!(does, Do::Down | Do::Up) && before.is_some() && item_at(at) == before {
            face.drill.board.scroll.motion(does, rows.len(), usize::from(area.height));
            if face.drill.board.scroll.at == at {
                break;
            }
            at = face.drill.board.scroll.at;
        }
        if let Some(Item::Hypothesis(id)) = item_at(face.drill.board.scroll.at) {
            face.drill.suspect = Some(id);
        }
        return Some(Vec::new());
    }
    let item = rows.get(face.drill.board.scroll.at).map(|row| row.item)?;
    match (does, item) {
        (Do::More | Do::Less, Item::Hypothesis(id)) => return Some(rate(face, run, id, does)),
        (Do::Clear, Item::Hypothesis(id)) => {
            let overlay = Overlay::pick(pick::Purpose::Clear { hypothesis: id }, run, face);
            face.overlays.push(overlay);
        }
        (Do::Predict, Item::Hypothesis(id)) => {
            let known = run.board.hypotheses.iter().find(|h| h.id == id).map_or("", |h| h.prediction.as_str());
            face.overlays.push(Overlay::prompt(For::Predict { hypothesis: id }, known, face));
        }
        (Do::More | Do::Less | Do::Clear | Do::Predict, _) if run.board.hypotheses.is_empty() => {
            face.tell(Role::Warn, "board.make-hypothesis");
        }
        (Do::More | Do::Less | Do::Clear | Do::Predict, _) => face.tell(Role::Warn, "board.choose-hypothesis"),
        (Do::Remove, Item::Exhibit(id)) => return Some(vec![Ask::Act(Act::Unbag { exhibit: id })]),
        (Do::Remove, Item::Hypothesis(id)) => return Some(vec![Ask::Act(Act::Reopen { hypothesis: id })]),
        (Do::Open, item) => return open(face, run, item),
        _ => return None,
    }
    Some(Vec::new())
}

fn rate(face: &Face, run: &Run, id: u32, does: Do) -> Vec<Ask> {
    let Some(hypothesis) = run.board.hypotheses.iter().find(|h| h.id == id) else { return Vec::new() };
    let seat = &face.drill.seat;
    let now = if seat.is_seated() { run.team.votes.own(id, seat.id).unwrap_or(0) } else { hypothesis.confidence };
    let percent = board::step(now, does == Do::More);
    if percent == now { Vec::new() } else { vec![Ask::Act(Act::Rate { hypothesis: id, percent })] }
}

fn open(face: &mut Face, run: &Run, item: Item) -> Option<Vec<Ask>> {
    let overlay = match item {
        Item::Exhibit(id) => {
            let exhibit = run.board.exhibits.iter().find(|e| e.id == id)?;
            let page = run.pages.iter().position(|page| page.id == exhibit.page)?;
            Overlay::pager(Spot::on(page, exhibit.lines.map_or(0, |(from, _)| from as usize + 1)))
        }
        Item::Problem => Overlay::form(form::Kind::Problem, run, face),
        Item::Hypothesis(_) => Overlay::matrix(),
        Item::Verdict => return face.drill_verdict(run),
        Item::Earlier => {
            face.drill.board.earlier = true;
            return Some(Vec::new());
        }
        Item::Words(_) | Item::Expectation(_) | Item::Heading => return Some(Vec::new()),
    };
    face.overlays.push(overlay);
    Some(Vec::new())
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let rows = rows(face, run, text_columns(area));
    let focused = face.drill.focus == super::Pane::Board;
    let mut scroll = face.drill.board.scroll;
    scroll.show(rows.len(), usize::from(area.height));
    let chosen = rows.get(scroll.at).map(|row| row.item).filter(|i| !matches!(i, Item::Heading | Item::Verdict));
    for (at, row) in rows.iter().enumerate().skip(scroll.top).take(usize::from(area.height)) {
        let y = area.y + (at - scroll.top) as u16;
        paint::clipped(buf, (area.x + 1, y), area.width.saturating_sub(1), &row.words, face.look.of(row.role));
        if focused && (at == scroll.at || chosen.is_some_and(|item| item == row.item)) {
            let ascii = face.look.lines == paint::Lines::Ascii;
            paint::tint(buf, Rect { x: area.x, y, width: area.width, height: 1 }, face.look.of(Role::Select));
            paint::text(buf, (area.x, y), 1, if ascii { ">" } else { "▸" }, face.look.of(Role::Focus));
        }
    }
    None
}
