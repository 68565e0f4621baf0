//! The first line of a room: room, role, clock, speed, harm, what was promised, and what is offered. Does not know panes.

use super::drill::{harm_words, promise, since_page};
use crate::drill::run::Run;
use crate::stdx::time::Span;
use crate::ui::face::{Face, Scene};
use crate::ui::panes::desk::speed_words;
use crate::ui::panes::team::{role_key, roles_words};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Steps of the harm that are drawn where there is room, and where there is not.
const HARM_STEPS: [usize; 2] = [8, 1];

pub fn room(face: &Face, scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) {
    let wide = parts(face, scene, run, HARM_STEPS[0]);
    let total: usize = wide.iter().map(|(_, words)| paint::columns(words)).sum();
    let parts = if total > usize::from(area.width) { parts(face, scene, run, HARM_STEPS[1]) } else { wide };
    let mut x = area.x;
    for (role, words) in parts {
        x += paint::clipped(buf, (x, area.y), area.right().saturating_sub(x), &words, face.look.of(role));
    }
}

/// What must not be cut first.
fn parts(face: &Face, scene: &Scene, run: &Run, steps: usize) -> Vec<(Role, String)> {
    let (look, seat) = (&face.look, face.drill.seat.id);
    let name = scene.room.map_or("", |view| view.room.name.as_str());
    let own = run.team.seats.get(&seat);
    let roles = own.map_or_else(String::new, |own| roles_words(look, own));
    let mut parts = vec![(Role::Title, format!(" {name} · {roles}"))];
    let now = run.now();
    let left = run.deadline().map_or_else(String::new, |until| {
        let left = (until - now).max(Span::ZERO).human();
        format!(" ({})", look.lang.with("interview.time-of", &[("left", &left)]))
    });
    let since = since_page(now - run.case.drill.page_at);
    parts.push((Role::Info, format!("  {} {since}{left}", now.clock())));
    match run.team.speed {
        _ if run.sitting.paused => parts.push((Role::Warn, format!("  ! {}", look.say("head.paused")))),
        Some(permille) if permille != 1_000 => parts.push((Role::Info, format!("  {}", speed_words(permille)))),
        _ => {}
    }
    if run.team.is_away(seat, now) {
        parts.push((Role::Warn, format!("  ! {}", look.say("head.away"))));
    }
    if let Some(offer) = run.team.offers.iter().find(|offer| offer.to == seat) {
        let role = look.say(role_key(offer.role));
        parts.push((Role::Warn, format!("  ! {}", look.lang.with("head.offered", &[("role", role)]))));
    }
    if let Some((role, words)) = promise(look, run) {
        parts.push((role, format!("  {words}")));
    }
    let harm = harm_words(face, scene, steps);
    parts.push((harm.0, format!("  {}", harm.1)));
    parts
}
