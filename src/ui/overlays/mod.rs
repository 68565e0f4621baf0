//! What lies over a screen: a stack, the top alone hears keys, Esc pops one. Does not know what lies beneath.

pub mod acts;
pub mod asking;
pub mod cards;
pub mod confirm;
pub mod cross;
pub mod form;
pub mod help;
pub mod interview;
pub mod matrix;
pub mod pager;
pub mod palette;
pub mod pick;
pub mod prompt;
pub mod table;
pub mod told;
pub mod verdict;

use super::ask::Ask;
use super::face::{Face, Scene};
use super::keymap::Do;
use super::theme::Role;
use super::widgets::editor::Editor;
use super::widgets::paint;
use super::widgets::tape::Spot;
use crate::drill::run::Run;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub enum Overlay {
    Acts(acts::Acts),
    Confirm(confirm::Question),
    Cross(cross::Cross),
    Form(form::Form),
    FollowUps(interview::FollowUps),
    Help(help::Help),
    Matrix(matrix::Matrix),
    Pager(pager::Pager),
    Palette(palette::Palette),
    Pick(pick::Pick),
    Prompt(prompt::Prompt),
    Told(told::Told),
    /// The form itself is kept by the drill, so that leaving it loses nothing.
    Verdict,
}

impl Overlay {
    pub fn confirm(question: confirm::Question) -> Overlay {
        Overlay::Confirm(question)
    }
    /// Help for what has the focus now.
    pub fn help(face: &Face) -> Overlay {
        Overlay::Help(help::Help::of(face))
    }
    pub fn palette(face: &Face) -> Overlay {
        Overlay::Palette(palette::Palette::of(face))
    }
    pub fn cross() -> Overlay {
        Overlay::Cross(cross::Cross::default())
    }
    pub fn form(kind: form::Kind, run: &Run, face: &Face) -> Overlay {
        Overlay::Form(form::Form::of(kind, run, face))
    }
    pub fn matrix() -> Overlay {
        Overlay::Matrix(matrix::Matrix::default())
    }
    pub fn pager(at: Spot) -> Overlay {
        Overlay::Pager(pager::Pager::at(at))
    }
    pub fn pick(purpose: pick::Purpose, run: &Run, face: &Face) -> Overlay {
        Overlay::Pick(pick::Pick::of(purpose, run, face))
    }
    pub fn prompt(purpose: prompt::For, text: &str, _face: &Face) -> Overlay {
        Overlay::Prompt(prompt::Prompt { purpose, editor: Editor::new(text) })
    }

    pub fn editor(&mut self) -> Option<&mut Editor> {
        match self {
            Overlay::FollowUps(own) => Some(&mut own.editor),
            Overlay::Form(form) => form.editor(),
            Overlay::Palette(palette) => Some(&mut palette.editor),
            Overlay::Pick(pick) => Some(&mut pick.editor),
            Overlay::Prompt(prompt) => Some(&mut prompt.editor),
            Overlay::Acts(_)
            | Overlay::Confirm(_)
            | Overlay::Cross(_)
            | Overlay::Help(_)
            | Overlay::Matrix(_)
            | Overlay::Pager(_)
            | Overlay::Told(_)
            | Overlay::Verdict => None,
        }
    }

    pub fn typed(&mut self) {
        match self {
            Overlay::Form(form) => form.typed(),
            Overlay::Palette(palette) => palette.scroll = Default::default(),
            Overlay::Pick(pick) => pick.scroll = Default::default(),
            _ => {}
        }
    }

    pub fn contexts(&self) -> Vec<&'static str> {
        match self {
            Overlay::Acts(_) => vec!["acts"],
            Overlay::Confirm(_) => vec!["confirm"],
            Overlay::Cross(_) => vec!["cross"],
            Overlay::FollowUps(_) => vec!["prompt", "editing"],
            Overlay::Form(form) => form.contexts(),
            Overlay::Help(_) => vec!["help"],
            Overlay::Matrix(_) => vec!["matrix"],
            Overlay::Pager(_) => vec!["pager"],
            Overlay::Palette(_) => vec!["palette", "editing"],
            Overlay::Pick(pick) if pick.several() => vec!["pick-several", "pick", "editing"],
            Overlay::Pick(_) => vec!["pick", "editing"],
            Overlay::Prompt(_) => vec!["prompt", "editing"],
            Overlay::Told(told) => told.contexts(),
            Overlay::Verdict => vec!["verdict"],
        }
    }

    pub fn view(&self, face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
        match self {
            Overlay::Acts(acts) => acts.view(face, scene, area, buf),
            Overlay::Confirm(question) => confirm::view(*question, face, scene.run, area, buf),
            Overlay::Cross(cross) => cross.view(face, scene.run?, area, buf),
            Overlay::FollowUps(own) => own.view(face, area, buf),
            Overlay::Form(form) => form.view(face, area, buf),
            Overlay::Help(help) => help.view(face, area, buf),
            Overlay::Matrix(matrix) => matrix.view(face, scene.run?, area, buf),
            Overlay::Pager(pager) => pager.view(face, scene.run?, area, buf),
            Overlay::Palette(palette) => palette.view(face, area, buf),
            Overlay::Pick(pick) => pick.view(face, scene.run?, area, buf),
            Overlay::Prompt(prompt) => prompt.view(face, area, buf),
            Overlay::Told(told) => told.view(face, area, buf),
            Overlay::Verdict => verdict::view(face, scene, scene.run?, area, buf),
        }
    }
}

/// Gives a command to the top overlay. It is taken off and puts itself back if it stays.
pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let top = face.overlays.pop()?;
    if does == Do::Back {
        if let Overlay::Form(form) = top {
            face.drill.keep(form);
        }
        return Some(Vec::new());
    }
    match top {
        Overlay::Acts(acts) => acts.update(face, does, scene),
        Overlay::Confirm(question) => confirm::update(face, question, does),
        Overlay::Cross(cross) => cross.update(face, does, scene.run?),
        Overlay::FollowUps(own) => own.update(face, does),
        Overlay::Form(form) => form.update(face, does, scene.run?),
        Overlay::Help(help) => help.update(face, does),
        Overlay::Matrix(matrix) => matrix.update(face, does, scene.run?),
        Overlay::Pager(pager) => pager.update(face, does, scene.run?),
        Overlay::Palette(palette) => palette.update(face, does, scene),
        Overlay::Pick(pick) => pick.update(face, does, scene.run?),
        Overlay::Prompt(prompt) => prompt.update(face, does, scene),
        Overlay::Told(told) => told.update(face, does),
        Overlay::Verdict => verdict::update(face, does, scene.run?),
    }
}

/// Clears a place and draws a frame there; gives the inside.
pub fn sheet(face: &Face, frame: Rect, title: &str, buf: &mut Buffer) -> Rect {
    let look = &face.look;
    paint::clear(buf, frame, look.of(Role::Text));
    paint::frame(buf, frame, title, (look.of(Role::Focus), look.of(Role::Title)), look.lines)
}

/// The keys that an overlay offers, on its last line.
pub fn keys_line(face: &Face, wanted: &[Do], area: Rect, buf: &mut Buffer) {
    let mut x = area.x;
    for (key, word) in super::screens::key_bar(face, wanted, area.width) {
        x += paint::text(buf, (x, area.y), area.right().saturating_sub(x), &format!("{key} "), face.look.of(Role::Key));
        x += paint::text(buf, (x, area.y), area.right().saturating_sub(x), &word, face.look.of(Role::Dim));
        x += 2;
    }
}
