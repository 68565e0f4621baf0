//! What a case brings to a game day: the roles at the table, role cards, and what happens to the room on time, by
//! condition or by hand. Plain data; does not know who sits where.

use crate::stdx::time::Span;
use serde::{Deserialize, Serialize};

/// Injects and cards of a case, at most each.
pub const INJECTS_MAX: usize = 20;
pub const CARDS_MAX: usize = 12;
/// Characters of a card's title, of a note, and of what somebody says.
pub const CARD_TITLE_MAX: usize = 40;
pub const NOTE_MAX: usize = 1_000;
pub const SAY_MAX: usize = 1_000;
/// Command prefixes of a card.
pub const CAN_MAX: usize = 20;

/// Who one is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Decides; sees the board and what was promised; has no shell.
    Commander,
    /// Investigates and changes: a shell of one's own.
    Operator,
    /// Status updates and stakeholders.
    Communications,
    /// The timeline: what was decided, by whom, when.
    Scribe,
    /// Reads along, with nothing in view that tells the answer.
    Observer,
    /// Runs the day; knows the truth.
    Facilitator,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Commander, Role::Operator, Role::Communications, Role::Scribe, Role::Observer, Role::Facilitator];

    /// As journals, flags and files write it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Commander => "commander",
            Role::Operator => "operator",
            Role::Communications => "communications",
            Role::Scribe => "scribe",
            Role::Observer => "observer",
            Role::Facilitator => "facilitator",
        }
    }

    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What a game day of a case has beyond the case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GameDay {
    pub injects: Vec<Inject>,
    pub cards: Vec<Card>,
}

impl GameDay {
    /// The card of a part; `None` for the empty part too.
    pub fn card(&self, part: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.id == part)
    }
}

/// What happens to the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// A stakeholder asks.
    #[default]
    Question,
    /// A second alert.
    Alert,
    /// Somebody who is wrong.
    Witness,
    /// A teammate is called away.
    Away,
    /// The commander must hand over.
    Handover,
}

impl Happening {
    pub const ALL: [Happening; 5] =
        [Happening::Question, Happening::Alert, Happening::Witness, Happening::Away, Happening::Handover];

    pub fn name(self) -> &'static str {
        match self {
            Happening::Question => "question",
            Happening::Alert => "alert",
            Happening::Witness => "witness",
            Happening::Away => "away",
            Happening::Handover => "handover",
        }
    }

    pub fn named(name: &str) -> Option<Happening> {
        Happening::ALL.into_iter().find(|own| own.name() == name)
    }
}

/// When it happens by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// So long after the page.
    At(Span),
    /// A clue was on a page.
    Seen(String),
    /// A clue was bagged.
    Bagged(String),
    /// The first change.
    Change,
    /// The first update.
    Update,
    /// The users' indicator is healthy again.
    HarmOver,
    /// The first verdict that was heard and was not the last.
    Verdict,
    /// Only by hand.
    #[default]
    Never,
}

/// One thing that happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inject {
    pub when: When,
    /// So long after the condition came true.
    pub after: Span,
    pub kind: Happening,
    pub from: String,
    /// English, as all that people in the world say.
    pub say: String,
    /// A role's name or a card's id; empty: the whole room.
    pub to: String,
    /// For the facilitator: what a good room does with it.
    pub note: String,
    /// Never by itself, only offered at the desk.
    pub by_hand: bool,
}

/// A role card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub role: Role,
    pub title: String,
    /// What only this seat is told before the start.
    pub note: String,
    /// Command prefixes that this seat's shell has; empty: all.
    pub can: Vec<String>,
}
