//! What people at one table do with one another: a closed list, serialised in the journal. Does not do it.

use super::Role;
use crate::drill::interview::Control;
use crate::stdx::text::harmless;
use crate::stdx::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One act of a seat on the room. Numbers of tasks and decisions are those the board gave: 1, 2, 3, …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "team", rename_all = "kebab-case")]
pub enum TeamAct {
    /// Somebody sits down, or sits otherwise than before.
    Sit {
        seat: u16,
        name: String,
        roles: BTreeSet<Role>,
        /// A card of the case; empty: none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        part: String,
    },
    /// To everybody, or to those of a role.
    Say {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Role>,
    },
    /// Asks a seat to do something, within a time.
    Ask {
        to: u16,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Span>,
    },
    Promise {
        task: u32,
    },
    Decline {
        task: u32,
        text: String,
    },
    Report {
        task: u32,
        text: String,
    },
    Accept {
        task: u32,
    },
    /// The report is not what was asked for: the task is promised still.
    Return {
        task: u32,
        text: String,
    },
    /// `expect` is empty or can be measured: `slo_pay_ratio >= 0.99 within 3m`.
    Propose {
        text: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        expect: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Calls for objections.
    Call {
        decision: u32,
    },
    Object {
        decision: u32,
        text: String,
    },
    Decide {
        decision: u32,
        accept: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// A line of the room's record; `about` is the journal entry that it is about.
    Log {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<u32>,
    },
    /// Offers a role that one has to a seat.
    Offer {
        role: Role,
        to: u16,
    },
    /// Takes a role that was offered.
    Take {
        role: Role,
    },
    /// The facilitator's desk.
    Desk {
        control: Control,
    },
    /// The next rung of the ladder of hints, free: to the room or to one seat.
    Hint {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u16>,
    },
    /// A message by hand, in the name of somebody in the world.
    Tell {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Role>,
        from: String,
        text: String,
    },
    Away {
        seat: u16,
        away: bool,
    },
    /// No laptops: one drives, the room says it aloud. Without a seat everybody has their own shell again.
    Driver {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<u16>,
    },
    /// Thousandths of wall time.
    Speed {
        permille: u32,
    },
    /// After the end: how it was.
    React {
        text: String,
    },
    /// After the end: what somebody will do, and until when.
    Action {
        text: String,
        owner: String,
        due: String,
    },
    /// The facilitator rates the debrief on six lines, 1 to 7 each.
    RateDebrief {
        lines: [u8; 6],
    },
}

/// Characters of a name, and of what somebody writes to others at once.
pub const NAME_MAX: usize = 40;
pub const TEXT_MAX: usize = 2_000;
/// Characters of a part's id, an owner and a date.
const SHORT_MAX: usize = 80;

impl TeamAct {
    /// As transcripts and timelines name it.
    pub fn name(&self) -> &'static str {
        match self {
            TeamAct::Sit { .. } => "sit",
            TeamAct::Say { .. } => "say",
            TeamAct::Ask { .. } => "ask",
            TeamAct::Promise { .. } => "promise",
            TeamAct::Decline { .. } => "decline",
            TeamAct::Report { .. } => "report",
            TeamAct::Accept { .. } => "accept",
            TeamAct::Return { .. } => "return",
            TeamAct::Propose { .. } => "propose",
            TeamAct::Call { .. } => "call",
            TeamAct::Object { .. } => "object",
            TeamAct::Decide { .. } => "decide",
            TeamAct::Log { .. } => "log",
            TeamAct::Offer { .. } => "offer",
            TeamAct::Take { .. } => "take",
            TeamAct::Desk { .. } => "desk",
            TeamAct::Hint { .. } => "hint",
            TeamAct::Tell { .. } => "tell",
            TeamAct::Away { .. } => "away",
            TeamAct::Driver { .. } => "driver",
            TeamAct::Speed { .. } => "speed",
            TeamAct::React { .. } => "react",
            TeamAct::Action { .. } => "action",
            TeamAct::RateDebrief { .. } => "rate-debrief",
        }
    }

    /// As transcripts write it after `> team `: the same as in the journal.
    pub fn words(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The same with every text harmless, on one line where a line is meant, and cut where texts end.
    pub fn cleaned(mut self) -> TeamAct {
        match &mut self {
            TeamAct::Sit { name, part, .. } => {
                tidy(name, NAME_MAX, false);
                tidy(part, SHORT_MAX, false);
            }
            TeamAct::Tell { from, text, .. } => {
                tidy(from, NAME_MAX, false);
                tidy(text, TEXT_MAX, true);
            }
            TeamAct::Propose { text, expect, reason } => {
                tidy(text, TEXT_MAX, true);
                tidy(expect, TEXT_MAX, false);
                tidy(reason, TEXT_MAX, true);
            }
            TeamAct::Action { text, owner, due } => {
                tidy(text, TEXT_MAX, true);
                tidy(owner, SHORT_MAX, false);
                tidy(due, SHORT_MAX, false);
            }
            TeamAct::Say { text, .. }
            | TeamAct::Ask { text, .. }
            | TeamAct::Decline { text, .. }
            | TeamAct::Report { text, .. }
            | TeamAct::Return { text, .. }
            | TeamAct::Object { text, .. }
            | TeamAct::Decide { reason: text, .. }
            | TeamAct::Log { text, .. }
            | TeamAct::React { text }
            | TeamAct::Desk { control: Control::Note { text } | Control::Said { text, .. } } => {
                tidy(text, TEXT_MAX, true);
            }
            _ => {}
        }
        self
    }
}

/// What other people read: no character of it moves a cursor, and it ends.
pub(super) fn tidy(text: &mut String, max: usize, lines: bool) {
    let kept: String = harmless(text.trim())
        .chars()
        .map(|c| if c == '\t' || (c == '\n' && !lines) { ' ' } else { c })
        .take(max)
        .collect();
    *text = kept.trim_end().to_string();
}
