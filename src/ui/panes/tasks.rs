//! The tasks pane: request, promise, report, accept; who owes what, and how much time is left. What waits for this seat
//! comes first. Does not judge what is reported.

use super::listing::{self, Said};
use super::team::named;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::team::{Role as Part, Stand, Task, TeamAct};
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::prompt::For;
use crate::ui::overlays::table::Wanted;
use crate::ui::overlays::told::Told;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

const ROWS: u16 = 2;

/// What a seat may do with a task now.
pub fn moves(run: &Run, seat: u16, task: &Task) -> Vec<Do> {
    let mut moves = Vec::new();
    if task.to == seat {
        match task.stand {
            Stand::Asked => moves.extend([Do::Promise, Do::Refuse, Do::Report]),
            Stand::Promised => moves.extend([Do::Report, Do::Refuse]),
            _ => {}
        }
    }
    let judges = task.by == seat || run.team.has(seat, Part::Commander);
    if judges && task.stand == Stand::Reported {
        moves.extend([Do::Approve, Do::Refuse]);
    }
    moves
}

/// In the order in which they are shown: what waits for this seat, what is open, what is done; the newest first in each.
pub fn ordered(run: &Run, seat: u16) -> Vec<&Task> {
    let mut tasks: Vec<&Task> = run.team.tasks.iter().rev().collect();
    tasks.sort_by_key(|task| (!task.is_open(), moves(run, seat, task).is_empty()));
    tasks
}

pub fn chosen<'a>(face: &Face, run: &'a Run) -> Option<&'a Task> {
    ordered(run, face.drill.seat.id).get(face.drill.seat.places.tasks.at).copied()
}

pub fn title(face: &Face, run: &Run) -> String {
    let open = run.team.tasks.iter().filter(|task| task.is_open()).count();
    let waiting = run.team.tasks.iter().filter(|task| !moves(run, face.drill.seat.id, task).is_empty()).count();
    let name = face.look.say("pane.tasks");
    if waiting > 0 { format!("{name}[{open}] !{waiting}") } else { format!("{name}[{open}]") }
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["tasks", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Promise, Do::Report, Do::Approve, Do::Refuse, Do::Ask, Do::Open, Do::Say, Do::NextPane, Do::Palette, Do::Help]
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if face.drill.seat.places.tasks.motion(does, run.team.tasks.len(), listing::shown(area, ROWS)) {
        return Some(Vec::new());
    }
    if !matches!(does, Do::Open | Do::Promise | Do::Report | Do::Approve | Do::Refuse) {
        return None;
    }
    let seat = face.drill.seat.id;
    let Some(task) = chosen(face, run) else {
        face.tell(Role::Warn, "tasks.none-chosen");
        return Some(Vec::new());
    };
    let id = task.id;
    if does != Do::Open && !moves(run, seat, task).contains(&does) {
        face.tell(Role::Warn, "tasks.not-now");
        return Some(Vec::new());
    }
    let prompt = match does {
        Do::Promise => return Some(vec![Ask::Act(Act::Team { act: Box::new(TeamAct::Promise { task: id }) })]),
        Do::Approve => return Some(vec![Ask::Act(Act::Team { act: Box::new(TeamAct::Accept { task: id }) })]),
        Do::Report => Wanted::Report { task: id },
        Do::Refuse if task.stand == Stand::Reported => Wanted::Return { task: id },
        Do::Refuse => Wanted::Decline { task: id },
        _ => {
            let told = Overlay::Told(Told::task(face, run, task));
            face.overlays.push(told);
            return Some(Vec::new());
        }
    };
    face.overlays.push(Overlay::prompt(For::Table(prompt), "", face));
    Some(Vec::new())
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let tasks = ordered(run, face.drill.seat.id);
    if tasks.is_empty() {
        listing::nothing(face, face.look.say("tasks.none"), area, buf);
        return None;
    }
    let focused = face.drill.focus == super::Pane::Tasks;
    let scroll = face.drill.seat.places.tasks;
    listing::draw(face, (scroll, focused), (tasks.len(), ROWS), area, buf, |at| {
        tasks.get(at).map_or_else(Vec::new, |task| lines(face, run, task))
    });
    None
}

/// Where a task stands, in words.
pub fn stand(look: &Look, stand: Stand) -> &str {
    look.say(match stand {
        Stand::Asked => "task.asked",
        Stand::Promised => "task.promised",
        Stand::Declined => "task.declined",
        Stand::Reported => "task.reported",
        Stand::Accepted => "task.accepted",
    })
}

/// `! t3 kim → lee  promised · 02:30 left`, and what was asked.
fn lines(face: &Face, run: &Run, task: &Task) -> Vec<Said> {
    let look = &face.look;
    let mine = !moves(run, face.drill.seat.id, task).is_empty();
    let left = left(look, run, task).map_or_else(String::new, |(_, words)| format!(" · {words}"));
    let (role, sign) = match task.stand {
        _ if left_is_over(run, task) => (Role::Bad, "!"),
        _ if mine => (Role::Warn, "!"),
        Stand::Accepted => (Role::Good, "✓"),
        Stand::Declined => (Role::Dim, "✗"),
        Stand::Reported => (Role::Info, "●"),
        Stand::Asked | Stand::Promised => (Role::Text, "○"),
    };
    let who = format!("{} → {}", named(run, task.by), named(run, task.to));
    let head = format!("{sign} t{} {who}  {}{left}", task.id, stand(look, task.stand));
    let answer = if task.answer.is_empty() { String::new() } else { format!(" — {}", task.answer) };
    vec![(role, head), (Role::Dim, format!("    {}{answer}", task.text).replace('\n', " "))]
}

fn left_is_over(run: &Run, task: &Task) -> bool {
    task.is_open() && task.stand != Stand::Reported && task.due().is_some_and(|due| due < run.now())
}

/// How much of its time box is left, or how late it is.
pub fn left(look: &Look, run: &Run, task: &Task) -> Option<(Role, String)> {
    let due = task.due().filter(|_| task.is_open() && task.stand != Stand::Reported)?;
    let left = due - run.now();
    let clock = |span: Span| format!("{:02}:{:02}", span.as_secs() / 60, span.as_secs() % 60);
    Some(match left.0 < 0 {
        true => (Role::Bad, look.lang.with("task.late", &[("span", &clock(Span(-left.0)))])),
        false => (Role::Text, look.lang.with("task.left", &[("span", &clock(left))])),
    })
}
