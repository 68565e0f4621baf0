//! The shell pane: a tape of pages and a line to type on, with history, completion and a cursor to bag lines. Does not
//! run anything: a line is an ask.

use crate::console::Candidate;
use crate::console::page::Page;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::text::harmless;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::{Overlay, prompt::For};
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use crate::ui::widgets::tape::{self, Gutter, Place, Spot, Tape};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::sync::Arc;

/// Completion candidates and the one that is tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Menu {
    pub candidates: Vec<Candidate>,
    pub at: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Shell {
    pub editor: Editor,
    pub place: Place,
    pub selecting: bool,
    pub menu: Option<Menu>,
    /// How many lines back in the history one is; 0 is the line being written.
    pub back: usize,
    /// What was being written before one went back.
    pub draft: String,
    /// The text of Ctrl-R, and how many matches it went back.
    pub search: Option<(Editor, usize)>,
    /// The page and a first step, before everything that was printed.
    pub preface: Arc<[(Role, String)]>,
    /// Lines of a paste that wait for Enter.
    pub waiting: Vec<String>,
}

impl Shell {
    pub fn typed(&mut self) {
        self.menu = None;
        // Who types looks at the line that is typed.
        self.place.top = None;
        self.back = 0;
        if let Some((_, back)) = &mut self.search {
            *back = 0;
        }
    }

    /// To the end: the place of the last page of the tape.
    pub fn follow_end(&mut self, last: Option<usize>) {
        self.place.top = None;
        self.place.cursor = last.map_or_else(Spot::default, |page| Spot::on(page, 0));
    }

    /// Takes a paste: its first line is typed, the others wait for Enter; a here-document stays one line.
    /// Gives the number of lines that wait.
    pub fn paste(&mut self, text: &str) -> Option<usize> {
        let text = harmless(&text.replace("\r\n", "\n").replace('\r', "\n"));
        let mut entries: Vec<String> = Vec::new();
        for line in text.lines().take(PASTE_LINES_MAX) {
            match entries.last_mut() {
                Some(last) if open_document(last).is_some() => {
                    last.push('\n');
                    last.push_str(line);
                }
                _ if line.trim().is_empty() => {}
                _ => entries.push(line.to_string()),
            }
        }
        let mut entries = entries.into_iter();
        self.editor.insert(&entries.next()?);
        let start = self.waiting.len();
        self.waiting.extend(entries);
        self.typed();
        (self.waiting.len() > start).then_some(self.waiting.len())
    }

    /// The line that Ctrl-R shows.
    pub fn found<'a>(&self, run: &'a Run, seat: u16) -> Option<&'a str> {
        let (text, back) = self.search.as_ref()?;
        let matching = |line: &&String| line.contains(text.text());
        run.session_of(seat).history.iter().rev().filter(matching).nth(*back).map(String::as_str)
    }
}

/// Lines of a paste that are taken at most.
const PASTE_LINES_MAX: usize = 1_000;

/// The word that ends a here-document which the text begins and does not end.
fn open_document(text: &str) -> Option<&str> {
    let (command, body) = text.split_once('\n').unwrap_or((text, ""));
    let (before, after) = command.rsplit_once("<<")?;
    // `<<<` gives the text itself; within quotes it is text.
    if before.ends_with('<') || before.matches('\'').count() % 2 == 1 || before.matches('"').count() % 2 == 1 {
        return None;
    }
    let word = after.trim_start_matches('-').trim_start().split([' ', '|', ';', '>', '&']).next()?;
    let word = word.trim_matches(['\'', '"', '\\']);
    let ended =
        body.lines().any(|line| line == word || (after.starts_with('-') && line.trim_start_matches('\t') == word));
    (!word.is_empty() && !ended).then_some(word)
}

/// What a drill begins with in the shell: the page as it was written, and what to do next.
pub fn preface(look: &Look, run: &Run) -> Arc<[(Role, String)]> {
    let drill = &run.case.drill;
    let mut lines = vec![(Role::Bad, format!("● {}  {}", look.say("briefing.page"), drill.page_at.clock()))];
    lines.extend(harmless(&drill.page).trim().lines().map(|line| (Role::Text, line.to_string())));
    lines.push((Role::Text, String::new()));
    lines.push((Role::Hint, format!("→ {}", look.say("shell.next-step"))));
    lines.push((Role::Text, String::new()));
    if look.lines == paint::Lines::Ascii {
        lines.iter_mut().for_each(|(_, line)| *line = line.replace('●', "*").replace('→', "=>"));
    }
    lines.into()
}

/// Indexes of the pages of the shell, and of those that print in the logs pane while they stand.
/// A seat of a room has its own pages on it.
fn tape_pages(face: &Face, run: &Run) -> (Arc<Vec<usize>>, Vec<usize>) {
    let seat = &face.drill.seat;
    let folded = super::logs::standing_pages(run, seat.id);
    let shown = if seat.is_seated() { Arc::clone(&seat.pages) } else { Arc::new((0..run.pages.len()).collect()) };
    (shown, folded)
}

pub fn title(face: &Face, _run: &Run) -> String {
    let shell = &face.drill.shell;
    let mode = if shell.selecting { face.look.say("shell.selecting") } else { face.look.say("pane.shell") };
    let waiting = if shell.waiting.is_empty() { String::new() } else { format!(" +{}", shell.waiting.len()) };
    let scrolled = shell.place.top.is_some() && !shell.selecting;
    let scrolled = if scrolled { format!(" ↑ {}", face.look.say("shell.scrolled")) } else { String::new() };
    format!("{mode}{waiting}{scrolled}")
}

pub fn contexts(face: &Face) -> Vec<&'static str> {
    let shell = &face.drill.shell;
    if shell.selecting {
        return vec!["select", "drill"];
    }
    if shell.search.is_some() {
        return vec!["typing-history"];
    }
    if shell.editor.is_empty() { vec!["typing-empty", "typing", "editing"] } else { vec!["typing", "editing"] }
}

pub fn offers(face: &Face) -> &'static [Do] {
    if face.drill.shell.selecting {
        &[
            Do::Bag,
            Do::Type,
            Do::Hypothesis,
            Do::State,
            Do::Tell,
            Do::Verdict,
            Do::Hint,
            Do::BagPage,
            Do::Undo,
            Do::Expect,
            Do::Tray,
            Do::Range,
            Do::Resolve,
            Do::Open,
            Do::Filter,
            Do::Help,
        ]
    } else {
        &[
            Do::Accept,
            Do::Complete,
            Do::Select,
            Do::State,
            Do::NextPane,
            Do::Palette,
            Do::PanRight,
            Do::SearchHistory,
            Do::Help,
        ]
    }
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if face.drill.shell.selecting { select(face, does, run, area) } else { typing(face, does, run, area) }
}

fn typing(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if face.drill.shell.search.is_some() {
        return searching(face, does, run);
    }
    match does {
        Do::Accept => return Some(accept(face, run)),
        Do::Complete => complete(face, run),
        Do::Up | Do::Down if face.drill.shell.menu.is_some() => step_menu(&mut face.drill.shell, does),
        Do::Up => history(face, run, 1),
        Do::Down => history(face, run, -1),
        Do::SearchHistory => face.drill.shell.search = Some((Editor::default(), 0)),
        Do::Select if face.drill.shell.menu.take().is_some() => {}
        Do::Select => start_selecting(face, run, area),
        Do::PageUp => scroll(face, run, area, -page_rows(area)),
        Do::PageDown => scroll(face, run, area, page_rows(area)),
        Do::Interrupt => return Some(interrupt(face, run)),
        Do::PanLeft | Do::PanRight => return face.drill.shell.place.pan(does).then(Vec::new),
        _ => return None,
    }
    Some(Vec::new())
}

fn page_rows(area: Rect) -> i64 {
    i64::from(area.height.max(3)) - 2
}

/// Looks further back or forth while the line keeps the keys.
pub fn scroll(face: &mut Face, run: &Run, area: Rect, lines: i64) {
    let (shown, folded) = tape_pages(face, run);
    let preface = Arc::clone(&face.drill.shell.preface);
    let tape = Tape { preface: &preface, pages: &run.pages, shown: &shown, folded: &folded };
    face.drill.shell.place.slide(lines, &tape, above_line(tape_area(area)));
}

fn start_selecting(face: &mut Face, run: &Run, area: Rect) {
    let (shown, folded) = tape_pages(face, run);
    let preface = Arc::clone(&face.drill.shell.preface);
    let tape = Tape { preface: &preface, pages: &run.pages, shown: &shown, folded: &folded };
    let Some(last) = tape.last() else { return face.tell(Role::Dim, "shell.nothing") };
    let shell = &mut face.drill.shell;
    shell.selecting = true;
    shell.place.anchor = None;
    // Who has scrolled back chooses among what is in sight.
    let rows = usize::from(area.height.saturating_sub(2));
    let lowest = |top| (0..rows).try_fold(top, |spot, _| tape.next(spot).ok_or(spot)).unwrap_or_else(|end| end);
    shell.place.cursor = shell.place.top.map_or(last, lowest);
    shell.place.keep_in_sight(&tape, tape_area(area));
}

/// Enter: runs the line; the next line of a paste comes up.
fn accept(face: &mut Face, run: &Run) -> Vec<Ask> {
    let last = face.drill.last_page(run);
    let shell = &mut face.drill.shell;
    if let Some(menu) = shell.menu.take() {
        if let Some(chosen) = menu.candidates.get(menu.at) {
            shell.editor.replace_from(chosen.start, &chosen.text);
        }
        return Vec::new();
    }
    if let Some(word) = open_document(shell.editor.text()) {
        let words = face.look.lang.with("shell.document", &[("word", word)]);
        shell.editor.insert("\n");
        face.flash = Some((Role::Info, words));
        return Vec::new();
    }
    let line = shell.editor.take();
    shell.back = 0;
    shell.follow_end(last);
    if !shell.waiting.is_empty() {
        let next = shell.waiting.remove(0);
        shell.editor.set(&next);
    }
    if line.trim().is_empty() { Vec::new() } else { vec![Ask::Act(Act::Run { line })] }
}

/// Ctrl-C: drops what is typed, else ends the newest follow, else offers to leave.
fn interrupt(face: &mut Face, run: &Run) -> Vec<Ask> {
    let shell = &mut face.drill.shell;
    shell.waiting.clear();
    if !shell.editor.is_empty() || shell.menu.is_some() {
        shell.menu = None;
        shell.editor.take();
        return Vec::new();
    }
    if let Some((standing, _)) = super::logs::standing(run, face.drill.seat.id).next_back() {
        return vec![Ask::Act(Act::Leave { standing: *standing })];
    }
    face.tell(Role::Dim, "shell.nothing-runs");
    Vec::new()
}

fn complete(face: &mut Face, run: &Run) {
    let seat = face.drill.seat.id;
    let shell = &mut face.drill.shell;
    if shell.menu.is_some() {
        step_menu(shell, Do::Down);
        return;
    }
    let candidates = run.complete_of(seat, shell.editor.text(), shell.editor.caret());
    let Some(first) = candidates.first() else { return };
    let start = first.start;
    if candidates.len() == 1 {
        let text = format!("{} ", first.text.trim_end());
        shell.editor.replace_from(start, &text);
        return;
    }
    let common = candidates.iter().map(|c| c.text.as_str()).reduce(common_start).unwrap_or_default().to_string();
    if common.len() > shell.editor.caret().saturating_sub(start) {
        shell.editor.replace_from(start, &common);
    } else {
        shell.menu = Some(Menu { candidates, at: 0 });
    }
}

fn common_start<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    &a[..same]
}

fn step_menu(shell: &mut Shell, does: Do) {
    let Some(menu) = &mut shell.menu else { return };
    let count = menu.candidates.len();
    menu.at = if does == Do::Up { (menu.at + count - 1) % count } else { (menu.at + 1) % count };
}

fn history(face: &mut Face, run: &Run, by: i64) {
    let lines = &run.session_of(face.drill.seat.id).history;
    let shell = &mut face.drill.shell;
    let back = (shell.back as i64 + by).clamp(0, lines.len() as i64) as usize;
    if shell.back == 0 && back > 0 {
        shell.draft = shell.editor.text().to_string();
    }
    if back != shell.back {
        shell.back = back;
        let line = if back == 0 { shell.draft.clone() } else { lines[lines.len() - back].clone() };
        shell.editor.set(&line);
    }
}

fn searching(face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
    let found = face.drill.shell.found(run, face.drill.seat.id).map(String::from);
    let shell = &mut face.drill.shell;
    match does {
        Do::SearchHistory => {
            if let Some((_, back)) = &mut shell.search {
                *back += 1;
            }
        }
        Do::Accept => {
            shell.search = None;
            if let Some(line) = found {
                shell.editor.set(&line);
            }
        }
        Do::Back => shell.search = None,
        _ => return None,
    }
    Some(Vec::new())
}

fn select(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let (shown, folded) = tape_pages(face, run);
    let preface = Arc::clone(&face.drill.shell.preface);
    let tape = Tape { preface: &preface, pages: &run.pages, shown: &shown, folded: &folded };
    if does == Do::Type || does == Do::Shell {
        let last = face.drill.last_page(run);
        face.drill.shell.selecting = false;
        face.drill.shell.follow_end(last);
        return Some(Vec::new());
    }
    let mut place = std::mem::take(&mut face.drill.shell.place);
    let done = on_tape(face, &mut place, does, run, &tape, tape_area(area));
    face.drill.shell.place = place;
    done
}

/// What can be done with lines on any tape: move, mark a range, bag, open, search.
pub fn on_tape(face: &mut Face, place: &mut Place, does: Do, run: &Run, tape: &Tape, area: Rect) -> Option<Vec<Ask>> {
    if place.motion(does, tape, area) {
        return Some(Vec::new());
    }
    let page = place.cursor.page.and_then(|page| run.pages.get(page));
    if crate::ui::screens::drill::is_denied(face, does, run) {
        return Some(Vec::new());
    }
    match does {
        Do::Range => place.anchor = if place.anchor.is_some() { None } else { Some(place.cursor) },
        Do::Bag => match place.chosen().zip(page) {
            Some(((_, from, to), page)) if blank(page, (from, to)) => face.tell(Role::Warn, "bag.blank-line"),
            Some(((_, from, to), page)) if !page.output.lines.is_empty() => {
                place.anchor = None;
                return Some(vec![Ask::Act(Act::Bag { page: page.id, lines: Some((from, to)), note: String::new() })]);
            }
            _ => face.tell(Role::Warn, "bag.prompt-line"),
        },
        Do::SignFor | Do::SignAgainst | Do::SignNeutral => {
            return crate::ui::screens::drill::link_newest(face, does, run);
        }
        Do::BagPage => {
            let page = page?;
            return Some(vec![Ask::Act(Act::Bag { page: page.id, lines: None, note: String::new() })]);
        }
        Do::Open if page.is_some() => face.overlays.push(Overlay::pager(place.cursor)),
        Do::Filter => face.overlays.push(Overlay::prompt(For::Search, "", face)),
        Do::NextMatch | Do::PreviousMatch => {
            if !place.seek(does, tape, area) {
                face.tell(Role::Warn, "search.none");
            }
        }
        Do::Wrap => {
            place.toggle_wrap();
            face.tell(Role::Info, place.wrap.key());
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Whether nothing was printed on these lines. (A whole page without a line may be bagged: it is an absence.)
fn blank(page: &Page, (from, to): (u32, u32)) -> bool {
    let lines = page.output.lines.iter().skip(from as usize).take((to.saturating_sub(from)) as usize + 1);
    !page.output.lines.is_empty() && lines.into_iter().all(|line| line.text.trim().is_empty())
}

/// The tape without the line that is typed.
fn above_line(area: Rect) -> Rect {
    Rect { height: area.height.saturating_sub(1), ..area }
}

/// The tape without its gutter, while selecting.
fn tape_area(area: Rect) -> Rect {
    Rect { width: area.width.saturating_sub(1), ..area }
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let shell = &face.drill.shell;
    let (shown, folded) = tape_pages(face, run);
    let tape = Tape { preface: &face.drill.shell.preface, pages: &run.pages, shown: &shown, folded: &folded };
    let bagged = |page: usize, line: u32| is_bagged(run, page, line);
    let gutter = Gutter { selecting: shell.selecting, bagged: &bagged };
    if shell.selecting {
        tape::draw(&tape, &shell.place, &gutter, &face.look, area, buf);
        return None;
    }
    let Place { wrap, left, top, .. } = shell.place;
    let place = Place { wrap, left, top, ..Place::default() };
    let above = above_line(area);
    let used = tape::draw(&tape, &place, &gutter, &face.look, above, buf);
    let caret = input(face, run, Rect { y: area.y + used, height: 1, ..area }, buf);
    if let Some(menu) = &shell.menu {
        draw_menu(face, menu, area, caret, buf);
    }
    Some(caret)
}

/// Whether a printed line is in the bag.
pub fn is_bagged(run: &Run, page: usize, line: u32) -> bool {
    let Some(id) = run.pages.get(page).map(|page| page.id) else { return false };
    let holds = |lines: Option<(u32, u32)>| lines.is_none_or(|(from, to)| (from..=to).contains(&line));
    run.board.exhibits.iter().any(|exhibit| exhibit.page == id && holds(exhibit.lines))
}

/// How a line's end shows within one line.
fn line_end(look: &Look) -> &'static str {
    if look.lines == paint::Lines::Ascii { "|" } else { "⏎" }
}

/// As the pages have it: the namespace that commands go to.
fn prompt(run: &Run, seat: u16) -> String {
    format!("{}$ ", run.session_of(seat).namespace)
}

/// The line being typed; a line longer than the pane slides under its left edge.
fn input(face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Position {
    let (shell, look) = (&face.drill.shell, &face.look);
    let (prompt, text, caret) = match &shell.search {
        Some((query, _)) => {
            let found = shell.found(run, face.drill.seat.id).unwrap_or_default();
            (format!("(reverse-i-search)`{}': ", query.text()), found.to_string(), 0)
        }
        None => (
            prompt(run, face.drill.seat.id),
            shell.editor.text().replace('\n', line_end(look)),
            shell.editor.caret_column(),
        ),
    };
    let used = paint::text(buf, (area.x + 1, area.y), area.width.saturating_sub(1), &prompt, look.of(Role::Prompt));
    let room = area.width.saturating_sub(used + 2);
    let skip = caret.saturating_sub(usize::from(room));
    let (mut from, mut hidden) = (0, 0);
    for (at, c) in text.char_indices() {
        if hidden >= skip {
            break;
        }
        hidden += paint::columns(c.encode_utf8(&mut [0; 4]));
        from = at + c.len_utf8();
    }
    paint::text(buf, (area.x + 1 + used, area.y), room, &text[from..], look.of(Role::Text));
    Position {
        x: (area.x + 1 + used + (caret.saturating_sub(hidden)) as u16).min(area.right().saturating_sub(1)),
        y: area.y,
    }
}

const MENU_ROWS_MAX: u16 = 8;

fn draw_menu(face: &Face, menu: &Menu, area: Rect, caret: Position, buf: &mut Buffer) {
    let look = &face.look;
    let rows = (menu.candidates.len() as u16).min(MENU_ROWS_MAX).min(area.height.saturating_sub(3));
    let widest =
        menu.candidates.iter().map(|c| paint::columns(&c.text) + paint::columns(&c.about) + 3).max().unwrap_or(0);
    let width = (widest as u16 + 2).clamp(16, area.width.max(16));
    let below = caret.y + rows + 2 < area.bottom();
    let y = if below { caret.y + 1 } else { caret.y.saturating_sub(rows + 2).max(area.y) };
    let x = caret.x.min(area.right().saturating_sub(width)).max(area.x);
    let frame = Rect { x, y, width, height: rows + 2 };
    paint::clear(buf, frame, look.of(Role::Text));
    let count = format!("{}/{}", menu.at + 1, menu.candidates.len());
    let inner = paint::frame(buf, frame, &count, (look.of(Role::Border), look.of(Role::Dim)), look.lines);
    let top = (menu.at + 1).saturating_sub(usize::from(rows));
    for (row, candidate) in menu.candidates.iter().skip(top).take(usize::from(rows)).enumerate() {
        let at = (inner.x, inner.y + row as u16);
        let chosen = top + row == menu.at;
        let used = paint::clipped(buf, at, inner.width, &candidate.text, look.of(Role::Text));
        let about = format!("  {}", candidate.about);
        paint::clipped(buf, (at.0 + used, at.1), inner.width.saturating_sub(used), &about, look.of(Role::Dim));
        if chosen {
            paint::tint(buf, Rect { x: inner.x, y: at.1, width: inner.width, height: 1 }, look.of(Role::Select));
        }
    }
}
