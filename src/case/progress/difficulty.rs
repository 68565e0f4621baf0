//! How hard a case is, from its structure alone: there is no crowd offline. An author's estimate, to be called so. Does not
//! know any learner, and plays nothing: which command shows which clue is what the file says.

use crate::case::debrief::proof::shortest_proof;
use crate::case::policy::Look;
use crate::case::score::Exact;
use crate::case::score::truth::{Blank, Truth};
use crate::scenario::shape::Case;
use crate::stdx::time::Span;
use num_traits::One;
use std::collections::{BTreeMap, BTreeSet};

/// Commands and channels of the shortest proof that cost nothing.
const COMMANDS_FREE: u32 = 4;
const CHANNELS_FREE: u32 = 3;
/// Trigger and harm farther apart than this are hard to connect.
const APART: Span = Span::hours(1);

/// What makes a case hard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difficulty {
    /// Commands and channels of the shortest proof beyond those that are free.
    pub commands: u32,
    pub channels: u32,
    /// A decisive clue can be lost.
    pub perishable: bool,
    /// A rival can be cleared through one channel only.
    pub single: bool,
    /// Between trigger and harm lies more than an hour.
    pub apart: bool,
    /// The proof needs the cluster and the account.
    pub platforms: bool,
}

impl Difficulty {
    pub fn of(case: &Case) -> Difficulty {
        let truth = Truth::of(case);
        let shown = shown(case);
        let path = shortest_proof(case, &shown);
        let commands: Vec<&str> = path.steps.iter().map(|step| step.command.as_str()).collect();
        let clues: BTreeSet<&String> =
            shown.iter().filter(|row| commands.contains(&row.command.as_str())).flat_map(|row| &row.clues).collect();
        let channels: BTreeSet<&str> =
            clues.iter().filter_map(|id| truth.clues.get(*id)).map(|clue| clue.channel.as_str()).collect();
        let decisive: Vec<&String> = [Blank::Culprit, Blank::Mechanism, Blank::Trigger]
            .iter()
            .filter_map(|blank| truth.answers.get(blank)?.first())
            .collect();
        let perishable = clues.iter().filter_map(|id| truth.clues.get(*id)).any(|clue| {
            clue.perishable && decisive.iter().any(|node| clue.shows.contains(*node) || clue.hints.contains(*node))
        });
        let at = |program: &str| commands.iter().any(|line| line.split_whitespace().next() == Some(program));
        Difficulty {
            commands: (commands.len() as u32).saturating_sub(COMMANDS_FREE),
            channels: (channels.len() as u32).saturating_sub(CHANNELS_FREE),
            perishable,
            single: truth.rivals.iter().any(|rival| truth.rival_worth(rival) == Exact::one()),
            apart: apart(case),
            platforms: at("kubectl") && at("aws"),
        }
    }

    fn sum(&self) -> i64 {
        let one = |is: bool| i64::from(is);
        i64::from(self.commands + self.channels)
            + 2 * one(self.perishable)
            + one(self.single)
            + one(self.apart)
            + one(self.platforms)
    }

    /// `b` in thousandths of a logit: (sum - 4) / 2.5.
    pub fn b_m(&self) -> i64 {
        (self.sum() - 4) * 400
    }

    /// 1 to 5, for people.
    pub fn level(b_m: i64) -> u8 {
        (3 + (b_m + 500).div_euclid(1_000)).clamp(1, 5) as u8
    }
}

/// Each command that the clues name, at the same cost, with the clues that name it.
pub fn shown(case: &Case) -> Vec<Look> {
    let mut shown: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for clue in &case.clues {
        for command in &clue.at {
            shown.entry(command).or_default().insert(clue.id.clone());
        }
    }
    let look = |(command, clues): (&str, _)| Look { command: command.to_string(), cost: Span::secs(1), clues };
    shown.into_iter().map(look).collect()
}

fn apart(case: &Case) -> bool {
    let at = |id: &str| case.chain.iter().find(|node| node.id == id).and_then(|node| node.at);
    let harm = at(&case.verdict.impact).or(case.verdict.onset);
    match (at(&case.verdict.trigger), harm) {
        (Some(trigger), Some(harm)) => harm - trigger > APART,
        _ => false,
    }
}
