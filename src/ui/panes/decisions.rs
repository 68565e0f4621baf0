//! The decisions pane: what was proposed, what speaks against it, what was decided and why. Does not decide.

use super::listing::{self, Said};
use super::team::named;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::team::{Decision, Deed, TeamAct, rights};
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

/// What a seat may do with a proposal now.
pub fn moves(run: &Run, seat: u16, decision: &Decision) -> Vec<Do> {
    let mut moves = Vec::new();
    if decision.decided.is_some() {
        return moves;
    }
    if rights::allows(run, seat, Deed::Team) {
        moves.push(Do::Object);
        if decision.called.is_none() {
            moves.push(Do::CallFor);
        }
    }
    if rights::allows(run, seat, Deed::Decide) {
        moves.extend([Do::Approve, Do::Refuse]);
    }
    moves
}

/// Open ones first, the newest first.
pub fn ordered(run: &Run) -> Vec<&Decision> {
    let mut own: Vec<&Decision> = run.team.decisions.iter().rev().collect();
    own.sort_by_key(|decision| decision.decided.is_some());
    own
}

pub fn chosen<'a>(face: &Face, run: &'a Run) -> Option<&'a Decision> {
    ordered(run).get(face.drill.seat.places.decisions.at).copied()
}

pub fn title(face: &Face, run: &Run) -> String {
    let open = run.team.decisions.iter().filter(|own| own.decided.is_none()).count();
    format!("{}[{open}]", face.look.say("pane.decisions"))
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["decisions", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[
        Do::Propose,
        Do::CallFor,
        Do::Object,
        Do::Approve,
        Do::Refuse,
        Do::Open,
        Do::Say,
        Do::NextPane,
        Do::Palette,
        Do::Help,
    ]
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if face.drill.seat.places.decisions.motion(does, run.team.decisions.len(), listing::shown(area, ROWS)) {
        return Some(Vec::new());
    }
    if !matches!(does, Do::Open | Do::CallFor | Do::Object | Do::Approve | Do::Refuse) {
        return None;
    }
    let Some(own) = chosen(face, run) else {
        face.tell(Role::Warn, "decisions.none-chosen");
        return Some(Vec::new());
    };
    let decision = own.id;
    if does != Do::Open && !moves(run, face.drill.seat.id, own).contains(&does) {
        face.tell(Role::Warn, "decisions.not-now");
        return Some(Vec::new());
    }
    let prompt = match does {
        Do::CallFor => return Some(vec![Ask::Act(Act::Team { act: Box::new(TeamAct::Call { decision }) })]),
        Do::Object => Wanted::Object { decision },
        Do::Approve | Do::Refuse => Wanted::Decide { decision, accept: does == Do::Approve },
        _ => {
            let told = Overlay::Told(Told::decision(face, run, own));
            face.overlays.push(told);
            return Some(Vec::new());
        }
    };
    face.overlays.push(Overlay::prompt(For::Table(prompt), "", face));
    Some(Vec::new())
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let own = ordered(run);
    if own.is_empty() {
        listing::nothing(face, face.look.say("decisions.none"), area, buf);
        return None;
    }
    let focused = face.drill.focus == super::Pane::Decisions;
    let scroll = face.drill.seat.places.decisions;
    listing::draw(face, (scroll, focused), (own.len(), ROWS), area, buf, |at| {
        own.get(at).map_or_else(Vec::new, |decision| lines(&face.look, run, decision))
    });
    None
}

/// Where a decision stands, in words.
pub fn stand(look: &Look, decision: &Decision) -> String {
    match (decision.decided, decision.called) {
        (Some(true), _) => look.say("decision.taken").to_string(),
        (Some(false), _) => look.say("decision.dropped").to_string(),
        (None, Some(_)) => look.say("decision.called").to_string(),
        (None, None) => look.say("decision.proposed").to_string(),
    }
}

fn lines(look: &Look, run: &Run, own: &Decision) -> Vec<Said> {
    let (role, sign) = match own.decided {
        Some(true) => (Role::Good, "✓"),
        Some(false) => (Role::Dim, "✗"),
        None => (Role::Text, "○"),
    };
    let against = match own.objections.len() {
        0 => String::new(),
        n => format!(" · {}", look.lang.with("decision.objections", &[("n", &n.to_string())])),
    };
    let head = format!("{sign} d{} {}  {}{against}", own.id, named(run, own.by), stand(look, own));
    let why = if own.because.is_empty() { String::new() } else { format!(" — {}", own.because) };
    vec![(role, head), (Role::Dim, format!("    {}{why}", own.text).replace('\n', " "))]
}
