//! The messages pane: the page and what people said since, newest first. Does not know who may be wrong.

use crate::drill::message::Kind;
use crate::drill::run::Run;
use crate::stdx::text::{harmless, wrap, wrap_flowed};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub fn title(face: &Face, _run: &Run) -> String {
    let name = face.look.say("pane.messages");
    if face.drill.unread > 0 { format!("{name} [{}]", face.drill.unread) } else { name.to_string() }
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["messages", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Down, Do::State, Do::NextPane, Do::Palette, Do::Help]
}

fn lines(face: &Face, run: &Run, width: u16) -> Vec<(Role, String)> {
    let drill = &run.case.drill;
    let width = usize::from(width.saturating_sub(2));
    let mut lines = Vec::new();
    for message in run.messages.iter().rev() {
        let (role, sign, from) = match message.kind {
            Kind::Page => (Role::Bad, "●", face.look.say("briefing.page")),
            Kind::Person => (Role::Info, "○", message.from.as_str()),
        };
        lines.push((role, format!("{sign} {} {}", message.at.clock(), harmless(from))));
        let text = harmless(message.text.trim());
        let wrapped = if message.kind == Kind::Page { wrap(&text, width) } else { wrap_flowed(&text, width) };
        lines.extend(wrapped.into_iter().map(|l| (Role::Text, l)));
        lines.push((Role::Text, String::new()));
    }
    lines.push((Role::Focus, face.look.say("briefing.why").to_string()));
    lines.extend(
        wrap_flowed(&harmless(run.case.told(face.look.lang.code, &drill.brief)), width)
            .into_iter()
            .map(|l| (Role::Dim, l)),
    );
    lines
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let count = lines(face, run, area.width).len();
    face.drill.messages.slide(does, count, usize::from(area.height)).then(Vec::new)
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let lines = lines(face, run, area.width);
    for (row, (role, words)) in lines.iter().skip(face.drill.messages.top).take(usize::from(area.height)).enumerate() {
        paint::clipped(
            buf,
            (area.x + 1, area.y + row as u16),
            area.width.saturating_sub(2),
            words,
            face.look.of(*role),
        );
    }
    None
}
