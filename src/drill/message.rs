//! Messages that reach the learner: the page, what people say unasked, what the game remarks. Does not know who is right.

use crate::scenario::gameday::Role;
use crate::scenario::shape::{Case, Inject};
use crate::stdx::time::Time;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The alert that starts the drill.
    Page,
    /// A person, unasked.
    Person,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub at: Time,
    pub kind: Kind,
    pub from: String,
    pub text: String,
    pub to: To,
}

/// For whose eyes it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum To {
    #[default]
    Room,
    Role(Role),
    /// Who plays this card of the case.
    Part(String),
    Seat(u16),
}

/// Everything that will arrive in this case by itself, in order of time: without what was brought forward, by its place in
/// the case's list.
pub fn all(case: &Case, brought: &BTreeSet<usize>) -> Vec<Message> {
    let drill = &case.drill;
    let page =
        Message { at: drill.page_at, kind: Kind::Page, from: "pager".into(), text: drill.page.clone(), to: To::Room };
    let injects = case.people.injects.iter().enumerate();
    let injects = injects.filter(|(place, _)| !brought.contains(place)).map(|(_, inject)| inject);
    let said = |inject: &Inject| Message {
        at: inject.at,
        kind: Kind::Person,
        from: inject.from.clone(),
        text: inject.say.clone(),
        to: To::Room,
    };
    let mut messages: Vec<Message> = std::iter::once(page).chain(injects.map(said)).collect();
    messages.sort_by_key(|message| message.at);
    messages
}
