//! Planning a game day: which case for how many people and how long, who sits where, how the time is divided. The same wish
//! gives the same plan. Does not know files, prompts, or what the case's answer is.

use super::handover::clash;
use crate::scenario::gameday::{Card, Role};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// People who play, beside the facilitator. Fewer than two are no team.
pub const PEOPLE: RangeInclusive<u16> = 2..=60;
/// Minutes from the first word to the last: the debrief has 25, and less than a quarter of an hour of play is none.
pub const MINUTES: RangeInclusive<u32> = 45..=480;
pub const LEVELS: RangeInclusive<u8> = 1..=5;
/// The blameless debrief, in minutes (scoring.md §5): names of rows of the interface's words.
pub const DEBRIEF: [(&str, u32); 5] =
    [("reactions", 2), ("timeline", 5), ("turns", 12), ("went-right", 4), ("experiment", 2)];
/// Shells that one commander can keep in view. More people look on, unless the case has more cards for shells.
const OPERATORS_MAX: usize = 8;
/// What a play may take of the time that a case is thought to take, in percent: a team talks.
const PLAY_PERCENT: u32 = 200;
/// The form of a plan's file.
pub const FORMAT: u32 = 1;

/// What is wished for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub people: u16,
    /// In all, the debrief included.
    pub minutes: u32,
    pub level: Option<u8>,
    pub tags: Vec<String>,
}

/// A case as the planning knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    pub slug: String,
    pub title: String,
    pub level: u8,
    /// That it is thought to take.
    pub minutes: u32,
    pub tags: Vec<String>,
    /// Concept cards, by id: `sqs-dead-letter` is about sqs.
    pub concepts: Vec<String>,
    /// Operators' cards that have commands of their own: the clues are divided among them.
    pub split: u16,
    /// Game days in which it was played.
    pub played: u32,
}

impl Candidate {
    /// Whether it has a tag, or a concept in whose name that word is.
    pub fn is_about(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag) || self.concepts.iter().any(|id| id.split('-').any(|word| word == tag))
    }

    /// So many people does it take to have all commands in the room.
    fn least(&self) -> u16 {
        self.split + 1
    }
}

/// Why a case is proposed, or what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Level {
        own: u8,
        wished: u8,
    },
    /// Of the wished ones.
    Tags(Vec<String>),
    Minutes {
        own: u32,
        play: u32,
    },
    /// Clues are divided among so many seats.
    Split(u16),
    /// The same, and there are too few people: everybody's shell has all commands.
    TooFew {
        least: u16,
    },
    Fresh,
    Played(u32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub case: Candidate,
    pub reasons: Vec<Reason>,
}

/// All cases that have one of the tags (or all, if none is wished), the best first. What was played in earlier days comes last.
pub fn rank(wish: &Wish, cases: Vec<Candidate>) -> Vec<Choice> {
    let shared =
        |case: &Candidate| -> Vec<String> { wish.tags.iter().filter(|tag| case.is_about(tag)).cloned().collect() };
    let mut fitting: Vec<Candidate> =
        cases.into_iter().filter(|case| wish.tags.is_empty() || !shared(case).is_empty()).collect();
    fitting.sort_by_cached_key(|case| {
        let play = schedule(wish.minutes, 0).play;
        let level = wish.level.map_or(0, |wished| wished.abs_diff(case.level));
        let over = case.minutes.saturating_sub(play);
        // A case that is divided among seats is for teams, if there are enough people.
        let split = case.split > 0 && wish.people >= case.least();
        let too_few = wish.people < case.least();
        let rest = (too_few, Reverse(split), over, play.abs_diff(case.minutes), case.slug.clone());
        (case.played, Reverse(shared(case).len()), level, rest)
    });
    let choice = |case: Candidate| Choice { reasons: reasons(wish, &case, shared(&case)), case };
    fitting.into_iter().map(choice).collect()
}

fn reasons(wish: &Wish, case: &Candidate, shared: Vec<String>) -> Vec<Reason> {
    let level = wish.level.map(|wished| Reason::Level { own: case.level, wished });
    let tags = (!shared.is_empty()).then_some(Reason::Tags(shared));
    let minutes = Reason::Minutes { own: case.minutes, play: schedule(wish.minutes, case.minutes).play };
    let split = match case.split {
        0 => None,
        _ if wish.people < case.least() => Some(Reason::TooFew { least: case.least() }),
        split => Some(Reason::Split(split)),
    };
    let played = if case.played == 0 { Reason::Fresh } else { Reason::Played(case.played) };
    [level, tags, Some(minutes), split, Some(played)].into_iter().flatten().collect()
}

/// A seat before anybody sits in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub roles: Vec<Role>,
    /// A card of the case; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// Further cards of its roles, for the paper: one seat plays one part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Place {
    fn of(roles: &[Role]) -> Place {
        Place { roles: roles.to_vec(), ..Place::default() }
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Who sits where: the facilitator first, then the people. Roles are combined while people are few, a commander never
/// has a shell. If the case divides its commands among cards and there are enough people, all of these cards are given;
/// with fewer none is, so that no command is missing from the room.
pub fn seats(people: u16, cards: &[Card]) -> Vec<Place> {
    let split = split(cards);
    let people = usize::from(people);
    let divided = split > 0 && people > split;
    let mut places = vec![Place::of(&[Role::Facilitator])];
    places.extend(roles(people, if divided { split } else { 0 }));
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for place in &mut places {
        let Some(main) = place.roles.first().copied() else { continue };
        let fits =
            |card: &&Card| card.role == main && !given.contains(card.id.as_str()) && (divided || card.can.is_empty());
        // Cards with commands of their own first: all of them have to be in the room.
        let own = cards.iter().filter(fits).min_by_key(|card| card.can.is_empty());
        if let Some(card) = own {
            given.insert(&card.id);
            place.part.clone_from(&card.id);
        }
    }
    // A shell more than there are cards would have all commands: it shares a card instead.
    let shared: Vec<&Card> = cards.iter().filter(|card| divided && !card.can.is_empty()).collect();
    let bare = places.iter_mut().filter(|place| place.part.is_empty() && place.has(Role::Operator));
    for (place, card) in bare.zip(shared.iter().cycle()) {
        place.part.clone_from(&card.id);
    }
    for place in &mut places {
        for role in place.roles.iter().skip(1) {
            let free = |card: &&Card| card.role == *role && card.can.is_empty() && !given.contains(card.id.as_str());
            if let Some(card) = cards.iter().find(free) {
                given.insert(&card.id);
                place.also.push(card.id.clone());
            }
        }
    }
    places
}

/// Operators' cards with commands of their own.
pub fn split(cards: &[Card]) -> usize {
    cards.iter().filter(|card| card.role == Role::Operator && !card.can.is_empty()).count()
}

/// Cards that nobody was given.
pub fn left<'a>(seats: &[Place], cards: &'a [Card]) -> Vec<&'a Card> {
    let given = |card: &&Card| seats.iter().any(|seat| seat.part == card.id || seat.also.contains(&card.id));
    cards.iter().filter(|card| !given(card)).collect()
}

/// The roles of so many people, of whom at least `shells` are operators.
fn roles(people: usize, shells: usize) -> Vec<Place> {
    use Role::{Commander, Communications, Observer, Operator, Scribe};
    let free = people.saturating_sub(shells.max(1));
    let mut places: Vec<Place> = match free {
        // The last shell writes the updates, too: whoever decides and records has enough to do.
        0 | 1 if shells > 1 => vec![Place::of(&[Commander, Scribe])],
        0 | 1 => vec![Place::of(&[Commander, Communications, Scribe])],
        2 => vec![Place::of(&[Commander, Scribe]), Place::of(&[Communications])],
        _ => vec![Place::of(&[Commander]), Place::of(&[Communications]), Place::of(&[Scribe])],
    };
    let operators = people.saturating_sub(places.len()).min(OPERATORS_MAX.max(shells));
    let mut shells_of = vec![Place::of(&[Operator]); operators];
    if !places.iter().any(|place| place.has(Communications))
        && let Some(last) = shells_of.last_mut()
    {
        last.roles.push(Communications);
    }
    places.splice(1..1, shells_of);
    places.resize(people, Place::of(&[Observer]));
    places
}

/// Minutes of a game day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub briefing: u32,
    pub play: u32,
    pub debrief: u32,
    /// Left over: for a break before the debrief.
    pub spare: u32,
}

/// How the time is divided, for a case that is thought to take so long (0: as long as there is).
pub fn schedule(minutes: u32, case: u32) -> Schedule {
    let debrief: u32 = DEBRIEF.iter().map(|(_, minutes)| minutes).sum();
    let briefing = (minutes / 12).clamp(5, 10);
    let there_is = minutes.saturating_sub(debrief + briefing).max(1);
    let most = if case == 0 { there_is } else { (case * PLAY_PERCENT / 100).max(15) };
    let play = there_is.min(most);
    Schedule { briefing, play, debrief, spare: there_is - play }
}

/// A plan as its file has it: what a server opens. Nothing in it tells the answer, unless a variant was wished for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format: u32,
    pub case: String,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// In all.
    pub minutes: u32,
    /// The time-box of the play.
    pub play: u32,
    #[serde(rename = "seat")]
    pub seats: Vec<Place>,
}

/// Seats that a plan's file may have, with facilitator and observers.
const SEATS_MAX: usize = 200;

impl Plan {
    /// Without the facilitator.
    pub fn people(&self) -> usize {
        self.seats.iter().filter(|seat| !seat.has(Role::Facilitator)).count()
    }

    /// Reads a file that people may have changed; what is wrong with it, else.
    pub fn read(text: &str) -> Result<Plan, String> {
        let plan: Plan = toml::from_str(text).map_err(|error| error.to_string())?;
        if plan.format != FORMAT {
            return Err(format!("format {} (this program reads {FORMAT})", plan.format));
        }
        if plan.seats.is_empty() || plan.seats.len() > SEATS_MAX {
            return Err(format!("a plan has 1 to {SEATS_MAX} seats"));
        }
        if plan.play == 0 || !(1..=44_640).contains(&plan.minutes) || plan.play > plan.minutes {
            return Err("`play` is a part of `minutes`, and more than nothing".into());
        }
        let of = |role: Role| plan.seats.iter().filter(|seat| seat.has(role)).count();
        if of(Role::Commander) > 1 {
            return Err("a room has one commander".into());
        }
        if of(Role::Facilitator) == 0 {
            return Err("a room has a facilitator: somebody begins the case".into());
        }
        for (seat, n) in plan.seats.iter().zip(1..) {
            let roles: BTreeSet<Role> = seat.roles.iter().copied().collect();
            if roles.is_empty() || clash(&roles).is_some() {
                return Err(format!("seat {n}: these roles are not one person's"));
            }
        }
        Ok(plan)
    }

    pub fn write(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}
