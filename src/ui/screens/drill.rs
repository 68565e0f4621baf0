//! The drill screen: header, panes in their places, coaching strip, flash and keys. Does not know what panes show.

use super::bottom_line;
use crate::case::board::Hypothesis;
use crate::drill::act::Act;
use crate::drill::run::{Phase, Run};
use crate::drill::team::hints_for;
use crate::drill::terms::Hints;
use crate::scenario::shape::WordKind;
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::table::Wanted;
use crate::ui::overlays::{Overlay, confirm::Question, form, pick, prompt::For, told::Told};
use crate::ui::panes::{self, Pane, board::BoardPane, cost::Cost, logs::Logs, metrics::Metrics, shell::Shell};
use crate::ui::seat::OwnSeat;
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct Drill {
    pub focus: Pane,
    /// Something is followed: the logs pane stands beneath the shell.
    pub following: bool,
    /// The focused pane alone.
    pub zoom: bool,
    pub shell: Shell,
    pub logs: Logs,
    pub board: BoardPane,
    pub changes: Scroll,
    pub cost: Cost,
    pub metrics: Metrics,
    pub messages: Scroll,
    /// What was spoken of already.
    pub known: Known,
    /// The suspect that links go to: the one that was chosen or looked at last.
    pub suspect: Option<u32>,
    /// Forms as they were left.
    pub drafts: Vec<form::Form>,
    /// Messages not yet looked at.
    pub unread: u32,
    /// What leads to nothing as the board stands: its keys are not offered.
    pub barred: Vec<Do>,
    pub form: crate::ui::overlays::verdict::Form,
    /// What is kept of one's seat in a room.
    pub seat: OwnSeat,
}

/// Words that are named when a line is bagged.
const BAGGED_WORDS_MAX: usize = 2;

/// How much of the run was spoken of: what is more than that is news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub newest_exhibit: u32,
    pub resolved: usize,
    pub attempts: usize,
    pub hints: usize,
    pub updates: usize,
    pub acts: usize,
    pub asked: usize,
    pub proposed: usize,
    pub heard: usize,
}

impl Known {
    /// As a seat knows it.
    pub fn of(run: &Run, seat: u16) -> Known {
        Known {
            newest_exhibit: run.board.exhibits.iter().map(|exhibit| exhibit.id).max().unwrap_or(0),
            resolved: run.board.resolved.len(),
            attempts: run.board.hearing.attempts.len(),
            hints: hints_for(run, seat).len(),
            updates: run.board.updates.len(),
            acts: run.acts.len(),
            asked: run.team.tasks.len(),
            proposed: run.team.decisions.len(),
            heard: run.messages.len(),
        }
    }
}

/// The acts of the board for which something is wanting: a word, an exhibit, a suspect, a hint to be had.
pub fn barred(run: &Run) -> Vec<Do> {
    let board = &run.board;
    let has = |kind| board.words.iter().any(|word| word.kind == kind);
    let (exhibits, suspects) = (!board.exhibits.is_empty(), !board.hypotheses.is_empty());
    let usable = [
        (Do::Hypothesis, has(WordKind::Thing) && has(WordKind::How)),
        (Do::Verdict, run.phase == Phase::Cross || !board.words.is_empty()),
        (Do::Link, exhibits && suspects),
        (Do::SignFor, exhibits && suspects),
        (Do::SignAgainst, exhibits && suspects),
        (Do::SignNeutral, exhibits && suspects),
        (Do::More, suspects),
        (Do::Less, suspects),
        (Do::Predict, suspects),
        (Do::Clear, exhibits && suspects),
        (Do::Remove, exhibits || suspects),
        (Do::Undo, run.can_undo()),
        (Do::Hint, run.terms().hints != Hints::None),
        (Do::Tray, !run.pages.is_empty()),
        (Do::Resolve, !run.record.changes.is_empty()),
    ];
    usable.into_iter().filter(|(_, can)| !can).map(|(does, _)| does).collect()
}

/// From here on panes stand side by side: what the tools print needs this much, and the board the rest.
const SHELL_COLUMNS_MIN: u16 = 84;
const BOARD_COLUMNS_MIN: u16 = 32;
const MORE_COLUMNS_FROM: u16 = 180;
/// Wider lines than these are seldom printed: what is left goes to the panes beside.
const SHELL_COLUMNS_MAX: u16 = 160;
/// A pane beside a shell that has more than it needs.
const BESIDE_COLUMNS: u16 = 44;
/// A pane of fewer rows would show nothing but its frame.
const HALVED_ROWS_MIN: u16 = 16;
/// How panes stand side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// Too low for two panes above each other beside the shell.
    TwoLow,
    Two,
    /// Board, messages and changes above each other beside a wide shell.
    Stacked,
    Three,
}

/// Below this there is no room for header, border and key bar.
const BARE_BELOW: (u16, u16) = (30, 8);

impl Drill {
    pub fn editor(&mut self) -> Option<&mut Editor> {
        if !self.takes_paste() {
            return None;
        }
        match &mut self.shell.search {
            Some((query, _)) => Some(query),
            None => Some(&mut self.shell.editor),
        }
    }

    pub fn takes_paste(&self) -> bool {
        self.focus == Pane::Shell && !self.shell.selecting
    }

    pub fn focus_on(&mut self, pane: Pane) {
        let has = |pane| !self.seat.is_seated() || self.seat.panes.contains(&pane);
        self.focus = match pane {
            // Messages of a room are in its stream.
            Pane::Messages if self.seat.is_seated() => Pane::Chat,
            _ if has(pane) => pane,
            _ => self.seat.home(),
        };
        if matches!(self.focus, Pane::Messages | Pane::Chat) {
            self.unread = 0;
        }
    }

    /// To the line that is typed: whoever leaves a pane for the shell wants to write there.
    pub fn to_shell(&mut self) {
        self.focus_on(Pane::Shell);
        self.shell.selecting = false;
    }

    /// After an act: a page was printed, a follow began.
    pub fn acted(&mut self, run: &Run, page: Option<u32>) {
        if page.is_some() && !self.shell.selecting {
            let last = self.last_page(run);
            self.shell.follow_end(last);
        }
        self.following = panes::logs::standing(run, self.seat.id).next().is_some();
        self.bar(run);
    }

    /// The place of the last page of one's shell.
    pub fn last_page(&self, run: &Run) -> Option<usize> {
        if self.seat.is_seated() { self.seat.pages.last().copied() } else { run.pages.len().checked_sub(1) }
    }

    /// What leads to nothing now.
    pub fn bar(&mut self, run: &Run) {
        self.barred = barred(run);
        if self.seat.is_seated() {
            let moves = table_moves(self, run);
            let own = [Do::Promise, Do::Report, Do::Approve, Do::Refuse, Do::CallFor, Do::Object];
            self.barred.extend(own.into_iter().filter(|does| !moves.contains(does)));
            if !run.team.offers.iter().any(|offer| offer.to == self.seat.id) {
                self.barred.push(Do::TakeRole);
            }
        }
    }

    /// Keeps a form as it was left.
    pub fn keep(&mut self, form: form::Form) {
        self.drafts.retain(|draft| draft.kind != form.kind);
        self.drafts.push(form);
    }

    /// The suspect that the next link goes to.
    pub fn aimed<'a>(&self, run: &'a Run) -> Option<&'a Hypothesis> {
        let chosen = self.suspect.and_then(|id| run.board.hypothesis(id));
        chosen.or_else(|| run.board.hypotheses.iter().rev().find(|own| own.cleared.is_none()))
    }

    /// What to say of an exhibit that was bagged: the words that it brought, by name, and what one key links it to.
    fn bagged(&self, run: &Run, look: &Look, newest: u32) -> String {
        let fresh = run.board.words.iter().filter(|word| word.exhibit == newest);
        let all: Vec<String> = fresh.map(|word| panes::board::named(look, run, word)).collect();
        // A line may bring many: the board has them all.
        let mut words: Vec<String> = all.iter().take(BAGGED_WORDS_MAX).cloned().collect();
        if all.len() > words.len() {
            words.push(look.lang.with("bag.more", &[("n", &(all.len() - words.len()).to_string())]));
        }
        let exhibit = format!("e{newest}");
        let key = if words.is_empty() { "bag.done" } else { "bag.done-words" };
        let said = look.lang.with(key, &[("exhibit", &exhibit), ("words", &words.join(", "))]);
        match self.aimed(run) {
            Some(own) => {
                let name = format!("h{} {}", own.id, panes::board::suspicion(look, run, own));
                format!("{said} {}", look.lang.with("bag.link", &[("suspect", &name)]))
            }
            None => said,
        }
    }

    /// What to say of what happened since this was last asked.
    pub fn news(&mut self, run: &Run, look: &Look) -> Option<String> {
        let now = Known::of(run, self.seat.id);
        let known = std::mem::replace(&mut self.known, now);
        if now.updates > known.updates {
            self.drafts.retain(|draft| draft.kind != form::Kind::Update);
        }
        let done = [
            (now.asked > known.asked, form::Kind::Ask),
            (now.proposed > known.proposed, form::Kind::Propose),
            (now.heard > known.heard, form::Kind::TellAs),
        ];
        for (_, kind) in done.into_iter().filter(|(is, _)| *is) {
            self.drafts.retain(|draft| draft.kind != kind);
        }
        if self.seat.is_seated() && run.by.last() != Some(&self.seat.id) {
            return super::news::of_others(run, look, (self.seat.id, known, now));
        }
        if now.newest_exhibit > known.newest_exhibit {
            return Some(self.bagged(run, look, now.newest_exhibit));
        }
        if now.resolved > known.resolved {
            let at = run.board.resolved.last()?;
            return Some(look.lang.with("resolve.done", &[("time", &at.clock())]));
        }
        match run.acts.last().filter(|_| now.acts > known.acts) {
            Some((_, Act::Link { hypothesis, exhibit, sign })) => {
                self.suspect = Some(*hypothesis);
                let words = run.board.hypothesis(*hypothesis).map(|own| panes::board::suspicion(look, run, own));
                Some(format!("e{exhibit} {sign} h{hypothesis}: {}", words.unwrap_or_default()))
            }
            // Of a later one the run itself says what it counts for.
            Some((_, Act::State { .. })) => {
                let stated = run.acts.iter().filter(|(_, act)| matches!(act, Act::State { .. })).count();
                (stated == 1).then(|| look.say("state.done").to_string())
            }
            Some((_, Act::Clear { hypothesis, exhibits })) => {
                let by = panes::board::names(exhibits);
                Some(look.lang.with("clear.done", &[("id", &hypothesis.to_string()), ("exhibits", &by)]))
            }
            Some((_, Act::Suspect { .. })) => {
                self.suspect = run.board.hypotheses.last().map(|own| own.id);
                None
            }
            _ => None,
        }
    }

    /// The pane beneath the shell: the one that has the focus and no place of its own, else what is followed.
    fn beneath(&self, columns: Columns) -> Option<Pane> {
        match (self.focus, columns) {
            (pane @ (Pane::Logs | Pane::Cost | Pane::Metrics), _) => Some(pane),
            (Pane::Changes, Columns::Two | Columns::TwoLow) => Some(Pane::Changes),
            (Pane::Messages, Columns::TwoLow) => Some(Pane::Messages),
            _ => self.following.then_some(Pane::Logs),
        }
    }

    pub fn clicked(&mut self, area: Rect, coach: u16, at: (u16, u16)) {
        let places = places(self, area, coach);
        if let Some((pane, _)) = places.iter().find(|(_, place)| place.contains(Position { x: at.0, y: at.1 })) {
            self.focus_on(*pane);
        }
    }
}

/// What may be done with the task or the proposal that is chosen.
fn table_moves(drill: &Drill, run: &Run) -> Vec<Do> {
    let seat = &drill.seat;
    match drill.focus {
        Pane::Tasks => panes::tasks::ordered(run, seat.id)
            .get(seat.places.tasks.at)
            .map_or_else(Vec::new, |task| panes::tasks::moves(run, seat.id, task)),
        Pane::Decisions => panes::decisions::ordered(run)
            .get(seat.places.decisions.at)
            .map_or_else(Vec::new, |own| panes::decisions::moves(run, seat.id, own)),
        _ => Vec::new(),
    }
}

/// The panes in sight with their frames. `coach` is the height of the coaching strip.
pub fn places(drill: &Drill, area: Rect, coach: u16) -> Vec<(Pane, Rect)> {
    if area.width < BARE_BELOW.0 || area.height < BARE_BELOW.1 {
        return vec![(drill.focus, area)];
    }
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2 + coach), ..area };
    if drill.zoom || body.width < SHELL_COLUMNS_MIN + BOARD_COLUMNS_MIN {
        return vec![(drill.focus, body)];
    }
    if drill.seat.is_seated() {
        return room_places(drill, body);
    }
    // Tools print 80 columns and more; the columns beside them share what is left.
    let columns = match () {
        () if body.width >= SHELL_COLUMNS_MAX + 2 * BESIDE_COLUMNS => Columns::Three,
        () if body.width >= MORE_COLUMNS_FROM && body.height >= 3 * HALVED_ROWS_MIN => Columns::Stacked,
        () if body.width >= MORE_COLUMNS_FROM => Columns::Three,
        () if body.height >= 2 * HALVED_ROWS_MIN => Columns::Two,
        () => Columns::TwoLow,
    };
    let wide = columns == Columns::Three;
    let left = match columns {
        Columns::Three => {
            (body.width * 54 / 100).max(body.width.saturating_sub(2 * BESIDE_COLUMNS).min(SHELL_COLUMNS_MAX))
        }
        Columns::Stacked => body.width.saturating_sub(BESIDE_COLUMNS).min(SHELL_COLUMNS_MAX),
        Columns::Two | Columns::TwoLow => (body.width * 7 / 10).max(SHELL_COLUMNS_MIN),
    };
    let mut places = Vec::new();
    let first = Rect { width: left, ..body };
    let beneath = drill.beneath(columns);
    match beneath {
        Some(pane) => {
            // A picture needs the rows more than the line that was asked for it.
            let parts = if matches!(drill.focus, Pane::Cost | Pane::Metrics) { 2 } else { 3 };
            let (above, below) = halved(first, body.height * parts / 5);
            places.extend([(Pane::Shell, above), (pane, below)]);
        }
        None => places.push((Pane::Shell, first)),
    }
    let rest = Rect { x: body.x + left, width: body.width - left, ..body };
    let board =
        if wide { Rect { x: rest.x + rest.width / 2, width: rest.width - rest.width / 2, ..rest } } else { rest };
    if wide {
        let (above, below) = halved(Rect { width: rest.width / 2, ..rest }, body.height * 3 / 5);
        places.extend([(Pane::Messages, above), (Pane::Changes, below), (Pane::Board, board)]);
    } else if columns == Columns::Stacked {
        let (above, below) = halved(board, body.height / 2);
        let (messages, changes) = halved(below, below.height * 3 / 5);
        places.extend([(Pane::Board, above), (Pane::Messages, messages), (Pane::Changes, changes)]);
    } else if columns == Columns::Two {
        let (above, below) = halved(board, body.height * 7 / 10);
        places.extend([(Pane::Board, above), (Pane::Messages, below)]);
    } else {
        places.push((Pane::Board, board));
    }
    places
}

/// Which panes stand beside that of a role, as far as there is room; its home is among them for no one.
const BESIDE: [Pane; 4] = [Pane::Board, Pane::Chat, Pane::Tasks, Pane::Team];

/// In a room: home at the left, beneath it what has the focus and no place of its own; beside it what all look at.
fn room_places(drill: &Drill, body: Rect) -> Vec<(Pane, Rect)> {
    let home = drill.seat.home();
    let count = usize::from(body.height / HALVED_ROWS_MIN).clamp(1, 3);
    let beside: Vec<Pane> = BESIDE.into_iter().filter(|pane| *pane != home).take(count).collect();
    let left = (body.width * 13 / 20).max(SHELL_COLUMNS_MIN).min(body.width - BOARD_COLUMNS_MIN);
    let first = Rect { width: left, ..body };
    let beneath = match drill.focus {
        pane if pane != home && !beside.contains(&pane) => Some(pane),
        _ => (home == Pane::Shell && drill.following).then_some(Pane::Logs),
    };
    let mut places = match beneath {
        Some(pane) => {
            let (above, below) = halved(first, body.height / 2);
            vec![(home, above), (pane, below)]
        }
        None => vec![(home, first)],
    };
    let mut rest = Rect { x: body.x + left, width: body.width - left, ..body };
    for (at, pane) in beside.iter().enumerate() {
        let (above, below) = halved(rest, rest.height / (beside.len() - at) as u16);
        places.push((*pane, above));
        rest = below;
    }
    places
}

fn halved(area: Rect, above: u16) -> (Rect, Rect) {
    let above = above.min(area.height);
    (Rect { height: above, ..area }, Rect { y: area.y + above, height: area.height - above, ..area })
}

pub fn contexts(face: &Face) -> Vec<&'static str> {
    let mut contexts = (panes::row(face.drill.focus).contexts)(face);
    if face.drill.seat.is_seated() && contexts.contains(&"drill") {
        contexts.push("room");
    }
    contexts
}

/// The inside of the focused pane.
fn inside(face: &Face, run: &Run) -> Rect {
    let area = face.area();
    let place = places(&face.drill, area, coach_height(face, run, area));
    let frame = place.iter().find(|(pane, _)| *pane == face.drill.focus).map_or(area, |(_, frame)| *frame);
    if frame.width < 3 || frame.height < 3 || frame == area {
        return frame;
    }
    Rect { x: frame.x + 1, y: frame.y + 1, width: frame.width - 2, height: frame.height - 2 }
}

/// The wheel over the line that is typed: what was printed moves, the line stays.
pub fn wheel(face: &mut Face, run: &Run, lines: i64) {
    let area = inside(face, run);
    panes::shell::scroll(face, run, area, lines);
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let run = scene.run?;
    let area = inside(face, run);
    if is_denied(face, does, run) {
        return Some(Vec::new());
    }
    if let Some(asks) = (panes::row(face.drill.focus).update)(face, does, run, area) {
        return Some(asks);
    }
    match does {
        Do::NextPane => step_pane(face, 1),
        Do::PreviousPane => step_pane(face, -1),
        Do::Shell | Do::Type => {
            face.drill.to_shell();
        }
        Do::Select => {
            face.drill.focus_on(Pane::Shell);
            face.drill.shell.selecting = true;
        }
        Do::Logs => face.drill.focus_on(Pane::Logs),
        Do::Board => face.drill.focus_on(Pane::Board),
        Do::Changes => face.drill.focus_on(Pane::Changes),
        Do::Messages => face.drill.focus_on(Pane::Messages),
        Do::Chat => face.drill.focus_on(Pane::Chat),
        Do::Decisions => face.drill.focus_on(Pane::Decisions),
        Do::Desk => face.drill.focus_on(Pane::Desk),
        Do::Tasks => face.drill.focus_on(Pane::Tasks),
        Do::Team => face.drill.focus_on(Pane::Team),
        Do::Timeline => face.drill.focus_on(Pane::Timeline),
        Do::Cost => face.drill.focus_on(Pane::Cost),
        Do::Metrics => face.drill.focus_on(Pane::Metrics),
        Do::Zoom => face.drill.zoom = !face.drill.zoom,
        Do::Wrap => {
            face.drill.shell.place.toggle_wrap();
            face.tell(Role::Info, face.drill.shell.place.wrap.key());
        }
        Do::Interrupt => match panes::logs::standing(run, face.drill.seat.id).next_back() {
            Some((standing, _)) => return Some(vec![Ask::Act(Act::Leave { standing: *standing })]),
            None => face.overlays.push(Overlay::confirm(Question::Quit)),
        },
        _ => return board_act(face, does, run),
    }
    Some(Vec::new())
}

/// Acts on the board that work from every pane.
fn board_act(face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
    let overlay = match does {
        Do::State => Overlay::form(form::Kind::Problem, run, face),
        Do::Tell => Overlay::form(form::Kind::Update, run, face),
        Do::Hint => Overlay::Told(Told::hints(face, run)),
        Do::Tray => Overlay::Told(Told::tray(face, run)),
        Do::Undo => return Some(vec![Ask::Act(Act::Undo)]),
        Do::Expect => Overlay::prompt(For::Expect, "", face),
        Do::Wait => Overlay::prompt(For::Wait, "1m", face),
        Do::NoteDown => Overlay::prompt(For::Note, "", face),
        Do::Close => Overlay::confirm(Question::Close),
        Do::Resolve => Overlay::confirm(Question::Resolve),
        Do::Link if run.board.hypotheses.is_empty() || run.board.exhibits.is_empty() => {
            face.tell(Role::Warn, "matrix.empty");
            return Some(Vec::new());
        }
        Do::Link => Overlay::matrix(),
        Do::Hypothesis => Overlay::pick(pick::Purpose::SuspectThing, run, face),
        Do::Verdict => return face.drill_verdict(run),
        _ if face.drill.seat.is_seated() => return table_act(face, does, run),
        _ => return None,
    };
    face.overlays.push(overlay);
    Some(Vec::new())
}

/// What people at one table do with one another, from every pane.
fn table_act(face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
    let seat = face.drill.seat.id;
    let overlay = match does {
        Do::Ask => Overlay::form(form::Kind::Ask, run, face),
        Do::Propose => Overlay::form(form::Kind::Propose, run, face),
        Do::Say => Overlay::prompt(For::Table(Wanted::Say), "", face),
        Do::LogLine => {
            let about = (face.drill.focus == Pane::Timeline).then(|| panes::timeline::chosen(face)).flatten();
            Overlay::prompt(For::Table(Wanted::Log { about }), "", face)
        }
        Do::Card => Overlay::Told(Told::seat(face, run, seat)),
        Do::TakeRole if !run.team.offers.iter().any(|offer| offer.to == seat) => {
            face.tell(Role::Warn, "team.no-offer");
            return Some(Vec::new());
        }
        Do::TakeRole => Overlay::pick(pick::Purpose::TakeRole, run, face),
        Do::Offer => {
            face.drill.focus_on(Pane::Team);
            face.tell(Role::Info, "team.choose");
            return Some(Vec::new());
        }
        // The desk's own commands work from everywhere, as its rows are chosen.
        Do::Pause | Do::Extend | Do::End | Do::GiveHint | Do::TellAs | Do::HintSeat | Do::Away | Do::Driver => {
            face.drill.focus_on(Pane::Desk);
            return panes::desk::update(face, does, run, Rect::default());
        }
        _ => return None,
    };
    face.overlays.push(overlay);
    Some(Vec::new())
}

/// Whether a command is not for this seat; it is told so.
pub fn is_denied(face: &mut Face, does: Do, run: &Run) -> bool {
    let seat = &face.drill.seat;
    if !seat.is_seated() || !seat.denied.contains(&does) {
        return false;
    }
    let away = run.team.is_away(seat.id, run.now());
    face.tell(Role::Warn, if away { "notice.you-are-called-away" } else { "room.not-your-role" });
    true
}

/// Links the newest exhibit to the suspect that was chosen last.
pub fn link_newest(face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
    let sign = match does {
        Do::SignFor => '+',
        Do::SignAgainst => '-',
        Do::SignNeutral => '.',
        _ => return None,
    };
    let newest = run.board.exhibits.iter().map(|exhibit| exhibit.id).max();
    let Some((exhibit, own)) = newest.zip(face.drill.aimed(run)) else {
        face.tell(Role::Warn, "matrix.empty");
        return Some(Vec::new());
    };
    Some(vec![Ask::Act(Act::Link { hypothesis: own.id, exhibit, sign })])
}

/// A digit while lines are chosen: the suspect that links go to from now on.
pub fn aim(face: &mut Face, digit: char, run: &Run) {
    let own = digit.to_digit(10).and_then(|id| run.board.hypothesis(id));
    let Some(own) = own else { return face.tell(Role::Warn, "link.no-such") };
    face.drill.suspect = Some(own.id);
    let name = format!("h{} {}", own.id, panes::board::suspicion(&face.look, run, own));
    face.flash = Some((Role::Info, face.look.lang.with("link.aimed", &[("suspect", &name)])));
}

impl Face {
    /// Opens the verdict form as it was left; once the last verdict is in, the objections to it.
    pub fn drill_verdict(&mut self, run: &Run) -> Option<Vec<Ask>> {
        let overlay = if run.phase == Phase::Cross { Overlay::cross() } else { Overlay::Verdict };
        self.overlays.push(overlay);
        Some(Vec::new())
    }
}

fn step_pane(face: &mut Face, by: i64) {
    let panes = in_turn(face);
    let at = panes.iter().position(|pane| *pane == face.drill.focus).unwrap_or(0) as i64;
    let next = (at + by).rem_euclid(panes.len().max(1) as i64) as usize;
    panes.get(next).into_iter().for_each(|pane| face.drill.focus_on(*pane));
}

/// One's panes in the order of Tab.
fn in_turn(face: &Face) -> Vec<Pane> {
    if face.drill.seat.is_seated() {
        return face.drill.seat.panes.clone();
    }
    panes::alone().collect()
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let run = scene.run?;
    let coach = coach_height(face, run, area);
    let places = places(&face.drill, area, coach);
    let mut caret = None;
    for (pane, frame) in &places {
        let row = panes::row(*pane);
        let focused = *pane == face.drill.focus;
        let inner = if *frame == area { area } else { framed(face, run, row, (*frame, places.len() == 1), buf) };
        let at = (row.view)(face, scene, run, inner, buf);
        if focused {
            caret = at;
        }
    }
    if places.first().is_some_and(|(_, frame)| *frame == area) {
        return caret;
    }
    header(face, scene, run, Rect { height: 1, ..area }, buf);
    if coach > 0 {
        draw_coach(face, run, Rect { y: area.bottom() - 1 - coach, height: coach, ..area }, buf);
    }
    let offers = (panes::row(face.drill.focus).offers)(face);
    bottom_line(face, Rect { y: area.bottom() - 1, height: 1, ..area }, offers, buf);
    caret
}

/// A pane's frame; a pane alone names the others as tabs in its title.
fn framed(face: &Face, run: &Run, row: &panes::PaneRow, (frame, alone): (Rect, bool), buf: &mut Buffer) -> Rect {
    let look = &face.look;
    let focused = row.pane == face.drill.focus;
    let (border, name) = if focused { (Role::Focus, Role::Focus) } else { (Role::Border, Role::Title) };
    let mut title = (row.title)(face, run);
    let seated = face.drill.seat.is_seated();
    if let Some(digit) = digit(face, row.pane) {
        title = format!("{digit} {title}");
    }
    if focused {
        title = format!("{} {title}", if look.lines == paint::Lines::Ascii { "*" } else { "▪" });
    }
    let inner = paint::frame(buf, frame, &title, (look.of(border), look.of(name)), look.lines);
    if seated {
        other_panes(face, row.pane, (frame, paint::columns(&title) as u16), buf);
    } else if alone && frame.width > 60 {
        let others = panes::alone().filter(|other| *other != row.pane);
        let others: Vec<String> = others.map(|other| (panes::row(other).title)(face, run)).collect();
        let tabs = others.iter().map(|t| crate::stdx::text::clip(t, 14)).collect::<Vec<_>>().join(" · ");
        let width = paint::columns(&tabs) as u16;
        let taken = paint::columns(&title) as u16 + 5;
        if taken + width + 4 < frame.width {
            let x = frame.right() - width - 3;
            paint::text(buf, (x, frame.y), width + 2, &format!(" {tabs} "), look.of(Role::Dim));
        }
    }
    inner
}

/// The key that goes to a pane of a room.
fn digit(face: &Face, pane: Pane) -> Option<usize> {
    let at = face.drill.seat.panes.iter().position(|own| *own == pane)?;
    (at < 9).then_some(at + 1)
}

/// In the edge of the first pane: the panes of a room that are not in sight, with their keys, as many as fit.
fn other_panes(face: &Face, pane: Pane, (frame, taken): (Rect, u16), buf: &mut Buffer) {
    let area = face.area();
    if frame.x != area.x || frame.y > area.y + 1 || frame.width < 40 {
        return;
    }
    let shown = places(&face.drill, area, 0);
    let mut words = String::new();
    let room = usize::from(frame.width.saturating_sub(taken + 10));
    for own in face.drill.seat.panes.iter().filter(|own| **own != pane && !shown.iter().any(|(pane, _)| pane == *own)) {
        let name = face.look.say(&format!("pane.{}", panes::row(*own).name)).to_string();
        let sign = if *own == Pane::Chat && face.drill.unread > 0 { "*" } else { "" };
        let Some(digit) = digit(face, *own) else { continue };
        let more = format!("{digit} {name}{sign}  ");
        if paint::columns(&words) + paint::columns(&more) > room {
            break;
        }
        words.push_str(&more);
    }
    let width = paint::columns(words.trim_end()) as u16 + 2;
    if width > 2 && taken + width + 6 < frame.width {
        let x = frame.right() - width - 2;
        paint::text(buf, (x, frame.y), width, &format!(" {} ", words.trim_end()), face.look.of(Role::Dim));
    }
}

/// Where and when: cluster and namespace, simulated clock, time since the page, harm; at the right what is always there.
fn header(face: &Face, scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) {
    if face.drill.seat.is_seated() {
        return super::head::room(face, scene, run, area, buf);
    }
    let look = &face.look;
    // As `kubectl config current-context` has it before anybody chose another.
    let context = if run.session.context.is_empty() { "scoop-prod" } else { run.session.context.as_str() };
    let namespace = if run.session.namespace.is_empty() { "default" } else { run.session.namespace.as_str() };
    let now = run.now();
    let since = since_page(now - run.case.drill.page_at);
    // In an interview there is an end.
    let left = run.deadline().map_or_else(String::new, |until| {
        let left = (until - now).max(Span::ZERO).human();
        format!(" ({})", look.lang.with("interview.time-of", &[("left", &left)]))
    });
    let ascii = look.lines == paint::Lines::Ascii;
    let mut parts = vec![
        (Role::Title, format!(" {context} · {namespace}")),
        (Role::Info, format!("   {} {} {since}{left}", if ascii { "@" } else { "⏱" }, now.clock())),
    ];
    if let Some(severity) = severity(&run.case.drill.page) {
        parts.push((Role::Warn, format!("   {severity}")));
    }
    let severe = parts.len() > 2;
    if let Some((role, words)) = promise(&face.look, run) {
        parts.push((role, format!("   {words}")));
    }
    let total = |parts: &[(Role, String)]| parts.iter().map(|(_, words)| paint::columns(words)).sum::<usize>();
    let harm = harm_words(face, scene, HARM_BARS);
    parts.push((harm.0, format!("   {}", harm.1)));
    // What does not fit goes: first the severity, which the page says as well, then how the harm went.
    if total(&parts) > usize::from(area.width) && severe {
        parts.remove(2);
    }
    if total(&parts) > usize::from(area.width)
        && let Some(last) = parts.last_mut()
    {
        last.1 = format!("   {}", harm_words(face, scene, 1).1);
    }
    let mut x = area.x;
    for (role, words) in parts {
        x += paint::clipped(buf, (x, area.y), area.right().saturating_sub(x), &words, look.of(role));
    }
    let keys: Vec<String> = super::key_bar(face, &[Do::Palette, Do::NextPane, Do::Verdict, Do::Help], 40)
        .into_iter()
        .map(|(key, word)| format!("{key} {word}"))
        .collect();
    let right = keys.join("  ");
    let width = paint::columns(&right) as u16;
    if x + width + 3 < area.right() {
        paint::text(buf, (area.right() - width - 1, area.y), width, &right, look.of(Role::Key));
    }
}

/// How many steps of the harm stand in the header.
const HARM_BARS: usize = 12;

/// People wait for a first word so long without harm to it (the staleness that is graded begins then).
const FIRST_WORD: Span = Span::mins(10);

/// The promise of a next update: how long there is, or how late it is; and that nobody was told yet.
pub(super) fn promise(look: &Look, run: &Run) -> Option<(Role, String)> {
    let clock = |span: Span| format!("{:02}:{:02}", span.as_secs() / 60, span.as_secs() % 60);
    if run.board.updates.is_empty() && run.is_open() && run.board.resolved.is_empty() {
        let left = FIRST_WORD - run.elapsed();
        // A tutorial says itself when to tell.
        let said = left.0 < 0 && run.case.coach.is_empty();
        return said.then(|| (Role::Warn, format!("! {}", look.say("drill.untold"))));
    }
    let left = run.promise_due()? - run.now();
    if left.0 < 0 {
        return Some((Role::Bad, format!("! {}", look.lang.with("drill.overdue", &[("span", &clock(Span(-left.0)))]))));
    }
    Some((Role::Info, look.lang.with("drill.due", &[("span", &clock(left))])))
}

/// What the page itself says of its severity: `severity=critical`, or a word like `SEV2`.
fn severity(page: &str) -> Option<String> {
    let mut words = page.split(|c: char| c.is_whitespace() || c == ',' || c == ']' || c == '[');
    let found = words.find_map(|word| {
        let named = word.strip_prefix("severity=").filter(|rest| !rest.is_empty());
        let numbered = word.strip_prefix("SEV").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        named.or(numbered.map(|_| word))
    })?;
    Some(crate::stdx::text::clip(&crate::stdx::text::harmless(found), 18))
}

/// `+7m40s` after the page, `-2m` before it.
pub fn since_page(since: Span) -> String {
    let (sign, span) = if since.0 < 0 { ('-', Span(-since.0)) } else { ('+', since) };
    let (minutes, seconds) = (span.as_secs() / 60, span.as_secs() % 60);
    if minutes == 0 { format!("{sign}{seconds}s") } else { format!("{sign}{minutes}m{seconds:02}s") }
}

pub(super) fn harm_words(face: &Face, scene: &Scene, steps: usize) -> (Role, String) {
    let Some(now) = scene.harm.last() else { return (Role::Dim, String::new()) };
    let bars = if face.look.lines == paint::Lines::Ascii { "_.-=*%##" } else { "▁▂▃▄▅▆▇█" };
    let bars: Vec<char> = bars.chars().collect();
    let spark: String = scene
        .harm
        .iter()
        .rev()
        .take(steps)
        .rev()
        .map(|h| bars[((h.clamp(0.0, 1.0) * 7.0).round() as usize).min(7)])
        .collect();
    let role = if *now > 0.5 {
        Role::Bad
    } else if *now > 0.02 {
        Role::Warn
    } else {
        Role::Good
    };
    let percent = format!("{:.0}", now.clamp(0.0, 1.0) * 100.0);
    (role, format!("{} {spark} {percent}%", face.look.say("drill.harm")))
}

/// The tutorial's step that is not done yet.
pub fn coach_step<'a>(face: &Face, run: &'a Run) -> Option<&'a str> {
    crate::ui::screens::coach::step(face, run)
}

/// The step as one paragraph.
fn coach_words(face: &Face, run: &Run) -> Option<String> {
    coach_step(face, run).map(|say| crate::stdx::text::reflow(say).join(" "))
}

pub fn coach_height(face: &Face, run: &Run, area: Rect) -> u16 {
    if area.height < 12 || area.width < 30 {
        return 0;
    }
    let lines = coach_words(face, run).map_or(0, |say| paint::rows(&say, area.width.saturating_sub(6)).len());
    (lines as u16).min(4)
}

fn draw_coach(face: &Face, run: &Run, area: Rect, buf: &mut Buffer) {
    let Some(say) = coach_words(face, run) else { return };
    let style = face.look.of(Role::Coach);
    let sign = if face.look.lines == paint::Lines::Ascii { "=>" } else { "☞ " };
    paint::text(buf, (area.x + 1, area.y), 2, sign, style);
    for (row, range) in
        paint::rows(&say, area.width.saturating_sub(6)).into_iter().take(usize::from(area.height)).enumerate()
    {
        paint::text(buf, (area.x + 4, area.y + row as u16), area.width.saturating_sub(5), &say[range], style);
    }
}
