//! The changes pane: what the learner did to the estate and expected of it, in order. What others changed is found with the
//! tools, so that it is on a page. Does not judge.

use crate::drill::run::Run;
use crate::drill::terms::Mode;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub fn title(face: &Face, run: &Run) -> String {
    let count = if run.mode == Mode::Gameday { run.record.changes.len() } else { own_changes(run).count() };
    format!("{}[{count}]", face.look.say("pane.changes"))
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["changes", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Expect, Do::Down, Do::NextPane, Do::Palette, Do::Help]
}

/// The learner's own successful writes, as the audit has them: a dry run or a refusal is no change.
fn own_changes(run: &Run) -> impl Iterator<Item = &crate::world::audit::Entry> {
    let user = run.session.user.as_str();
    run.stage.world.audit.entries().filter(move |e| e.user == user && e.code < 300 && !e.dry_run)
}

fn lines(face: &Face, run: &Run) -> Vec<(Role, String)> {
    let look = &face.look;
    let mut rows: Vec<(crate::stdx::time::Time, Role, String)> = Vec::new();
    if run.mode == Mode::Gameday {
        // Of a room: who changed what with which line.
        rows.extend(run.record.changes.iter().map(|change| {
            let who = super::team::named(run, run.seat_of(change.entry));
            let words = format!("● {} {who}  $ {}", change.at.clock(), change.command.replace('\n', " "));
            (change.at, Role::Text, words)
        }));
    }
    for entry in own_changes(run).filter(|_| run.mode != Mode::Gameday) {
        let what = format!("{} {} {}/{}", entry.at.clock(), entry.verb, entry.resource, entry.name);
        rows.push((entry.at, Role::Text, format!("● {what}  ({})", entry.agent)));
        for change in entry.changed.iter().take(4) {
            let (before, after) = (change.before.as_deref().unwrap_or("-"), change.after.as_deref().unwrap_or("-"));
            rows.push((entry.at, Role::Dim, format!("    {}: {before} → {after}", change.path)));
        }
    }
    for expected in &run.board.expectations {
        let words = look.lang.with("changes.expected", &[("text", &expected.text)]);
        rows.push((expected.at, Role::Info, format!("○ {} {words}", expected.at.clock())));
    }
    for at in &run.board.resolved {
        rows.push((*at, Role::Good, format!("✓ {} {}", at.clock(), look.say("changes.resolved"))));
    }
    rows.sort_by_key(|(at, _, _)| *at);
    if rows.is_empty() {
        let key = super::reach(face, Do::Expect);
        return vec![(Role::Dim, look.lang.with("changes.none", &[("key", &key)]))];
    }
    rows.into_iter().map(|(_, role, words)| (role, words)).collect()
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let count = lines(face, run).len();
    face.drill.changes.slide(does, count, usize::from(area.height)).then(Vec::new)
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let room = area.width.saturating_sub(2);
    let mut y = area.y;
    for (role, words) in lines(face, run).iter().skip(face.drill.changes.top) {
        for range in paint::rows(words, room) {
            if y >= area.bottom() {
                return None;
            }
            paint::text(buf, (area.x + 1, y), room, &words[range], face.look.of(*role));
            y += 1;
        }
    }
    None
}
