//! What is said at a room's table with one line of text: to whom it goes and which act it becomes. Does not draw.

use crate::drill::act::Act;
use crate::drill::team::{Role, TeamAct};

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To everybody; `@communications …` goes to those of a role.
    Say,
    Log {
        about: Option<u32>,
    },
    Decline {
        task: u32,
    },
    Report {
        task: u32,
    },
    Return {
        task: u32,
    },
    Object {
        decision: u32,
    },
    Decide {
        decision: u32,
        accept: bool,
    },
}

impl Wanted {
    /// The key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Wanted::Say => "prompt.say",
            Wanted::Log { about: None } => "prompt.log",
            Wanted::Log { .. } => "prompt.log-about",
            Wanted::Decline { .. } => "prompt.decline",
            Wanted::Report { .. } => "prompt.report",
            Wanted::Return { .. } => "prompt.return",
            Wanted::Object { .. } => "prompt.object",
            Wanted::Decide { accept: true, .. } => "prompt.decide",
            Wanted::Decide { .. } => "prompt.drop",
        }
    }

    pub fn act(self, text: String) -> Act {
        let act = match self {
            Wanted::Say => said(text),
            Wanted::Log { about } => TeamAct::Log { text, about },
            Wanted::Decline { task } => TeamAct::Decline { task, text },
            Wanted::Report { task } => TeamAct::Report { task, text },
            Wanted::Return { task } => TeamAct::Return { task, text },
            Wanted::Object { decision } => TeamAct::Object { decision, text },
            Wanted::Decide { decision, accept } => TeamAct::Decide { decision, accept, reason: text },
        };
        Act::Team { act: Box::new(act) }
    }
}

fn said(text: String) -> TeamAct {
    let addressed = text.strip_prefix('@').and_then(|rest| {
        let (name, words) = rest.split_once(char::is_whitespace)?;
        Some((Role::named(name)?, words.trim().to_string()))
    });
    match addressed {
        Some((role, words)) => TeamAct::Say { text: words, to: Some(role) },
        None => TeamAct::Say { text, to: None },
    }
}
