//! What a face keeps of its seat in a game day: its panes, what its roles leave undone, and the lists that grow with the
//! journal (own pages, what was heard, what was done), so that no picture looks through a journal. Does not draw.

use super::keymap::Do;
use super::panes::{self, Pane};
use super::widgets::scroll::Scroll;
use crate::case::score::log::What;
use crate::drill::act::Act;
use crate::drill::message::To;
use crate::drill::run::{Phase, Run};
use crate::drill::team::{self, Deed, Role, TeamAct, rights};
use crate::drill::terms::Mode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Acts of the room that the timeline keeps, and lines of the stream: the newest.
const DONE_MAX: usize = 2_000;
const HEARD_MAX: usize = 2_000;

/// A line of the stream: its place among the run's messages or in the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Message(usize),
    Chat(usize),
}

/// When a clue was first on a page and first in the bag: journal entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub seen: Option<u32>,
    pub bagged: Option<u32>,
}

/// Where one is in the panes of a room.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places {
    /// Lines of the stream below what is shown; 0 follows its end.
    pub heard: usize,
    pub decisions: Scroll,
    pub desk: Scroll,
    pub tasks: Scroll,
    pub team: Scroll,
    pub timeline: Scroll,
}

/// How far the run was looked through.
#[derive(Clone, Copy, Debug, Default)]
struct Looked {
    pages: usize,
    messages: usize,
    chat: usize,
    acts: usize,
    events: usize,
}

#[derive(Clone, Debug, Default)]
pub struct OwnSeat {
    /// 0: alone, or not seated yet.
    pub id: u16,
    /// Its panes, the one to be at home in first.
    pub panes: Vec<Pane>,
    /// What its roles do not do.
    pub denied: Vec<Do>,
    /// Places of its own pages.
    pub pages: Arc<Vec<usize>>,
    pub heard: Vec<Heard>,
    /// Journal entries of what the room did, as far as this seat may know.
    pub done: Vec<u32>,
    /// By clue; for the desk alone.
    pub clues: BTreeMap<String, Met>,
    pub places: Places,
    /// The seat as it was when the lists were begun.
    sat: Option<(BTreeSet<Role>, String, bool)>,
    looked: Looked,
}

impl OwnSeat {
    pub fn of(id: u16) -> OwnSeat {
        OwnSeat { id, ..OwnSeat::default() }
    }

    /// Whether this is a seat of a room. Who has come and sits nowhere yet sees nothing of the run either.
    pub fn is_seated(&self) -> bool {
        self.id > 0
    }

    pub fn home(&self) -> Pane {
        self.panes.first().copied().unwrap_or_default()
    }

    /// Takes in what happened since it looked last. Who has other roles now looks with other eyes.
    pub fn follow(&mut self, run: &Run) {
        if run.mode != Mode::Gameday {
            return;
        }
        let Some(own) = run.team.seats.get(&self.id) else { return };
        let sat = Some((own.roles.clone(), own.part.clone(), run.phase == Phase::Closed));
        let folded_again = self.looked.acts > run.acts.len();
        if self.sat != sat || folded_again {
            *self = OwnSeat { id: self.id, places: self.places, sat, ..OwnSeat::default() };
            self.panes = panes::of(run, self.id);
        }
        self.denied = denied(run, self.id, &self.panes);
        self.take_pages(run);
        self.take_heard(run);
        self.take_done(run);
        self.take_clues(run);
    }

    fn take_pages(&mut self, run: &Run) {
        let fresh = run.pages.iter().enumerate().skip(self.looked.pages);
        let own: Vec<usize> = fresh.filter(|(_, page)| page.seat == self.id).map(|(place, _)| place).collect();
        if !own.is_empty() {
            Arc::make_mut(&mut self.pages).extend(own);
        }
        self.looked.pages = run.pages.len();
    }

    /// Messages and chat in one stream, as they came.
    fn take_heard(&mut self, run: &Run) {
        let before = self.heard.len();
        let messages = run.messages.iter().enumerate().skip(self.looked.messages);
        let messages = messages.filter(|(_, message)| team::reads(run, self.id, &message.to));
        let mut fresh: Vec<_> = messages.map(|(place, message)| (message.at, Heard::Message(place))).collect();
        let chat = run.team.chat.iter().enumerate().skip(self.looked.chat);
        let mine = |line: &team::Spoken| {
            line.seat == self.id || team::reads(run, self.id, &line.to.map_or(To::Room, To::Role))
        };
        fresh.extend(chat.filter(|(_, line)| mine(line)).map(|(place, line)| (line.at, Heard::Chat(place))));
        fresh.sort_by_key(|(at, _)| *at);
        self.heard.extend(fresh.into_iter().map(|(_, heard)| heard));
        (self.looked.messages, self.looked.chat) = (run.messages.len(), run.team.chat.len());
        if self.places.heard > 0 {
            // Who reads further back stays there.
            self.places.heard += self.heard.len() - before;
        }
        let over = self.heard.len().saturating_sub(HEARD_MAX);
        self.heard.drain(..over);
    }

    fn take_done(&mut self, run: &Run) {
        // The last entry may still be a tick that grows: it is no line either way.
        let (mut at, before) = (self.looked.acts, self.done.len());
        while let Some((_, act)) = run.acts.get(at) {
            at += 1;
            if told(act) && team::knows(run, self.id, at as u32) {
                self.done.push(at as u32);
            }
        }
        self.looked.acts = at;
        let over = self.done.len().saturating_sub(DONE_MAX);
        self.done.drain(..over);
        let scroll = &mut self.places.timeline;
        if scroll.at + 1 >= before {
            scroll.at = self.done.len().saturating_sub(1);
        }
    }

    fn take_clues(&mut self, run: &Run) {
        if !rights::sees(run, self.id, team::Sight::Truth) {
            return;
        }
        for event in run.record.events.iter().skip(self.looked.events) {
            match &event.what {
                What::Seen { clue } => _ = self.clues.entry(clue.clone()).or_default().seen.get_or_insert(event.entry),
                What::Bagged { clue } => {
                    self.clues.entry(clue.clone()).or_default().bagged.get_or_insert(event.entry);
                }
                _ => {}
            }
        }
        self.looked.events = run.record.events.len();
    }
}

/// What stands in the timeline: not the clock, nor what the stream has.
fn told(act: &Act) -> bool {
    let team = |act: &TeamAct| !matches!(act, TeamAct::Say { .. } | TeamAct::Tell { .. } | TeamAct::Sit { .. });
    match act {
        Act::Clock { .. } | Act::Rate { .. } | Act::Note { .. } => false,
        Act::Team { act } => team(act),
        _ => true,
    }
}

/// Which kind of act a command leads to.
const DEEDS: &[(Deed, &[Do])] = &[
    (
        Deed::Board,
        &[
            Do::Bag,
            Do::BagPage,
            Do::Clear,
            Do::Expect,
            Do::Hypothesis,
            Do::Less,
            Do::Link,
            Do::More,
            Do::NoteDown,
            Do::Predict,
            Do::Remove,
            Do::SignAgainst,
            Do::SignFor,
            Do::SignNeutral,
            Do::State,
            Do::Undo,
        ],
    ),
    (Deed::Clock, &[Do::Wait]),
    (Deed::Decide, &[Do::Close, Do::Resolve, Do::Verdict]),
    (
        Deed::Desk,
        &[
            Do::Away,
            Do::Desk,
            Do::Driver,
            Do::End,
            Do::Extend,
            Do::Faster,
            Do::Fire,
            Do::GiveHint,
            Do::HintSeat,
            Do::Pause,
            Do::Slower,
            Do::TellAs,
        ],
    ),
    (Deed::Log, &[Do::LogLine]),
    (Deed::Shell, &[Do::Cost, Do::Logs, Do::Metrics, Do::Select, Do::Type]),
    (Deed::Talk, &[Do::Offer, Do::Say, Do::TakeRole]),
    (Deed::Team, &[Do::Ask, Do::CallFor, Do::Object, Do::Promise, Do::Propose, Do::Report]),
    (Deed::Update, &[Do::Tell]),
];

/// What a seat cannot do as the room stands, and panes that it does not have.
fn denied(run: &Run, seat: u16, panes: &[Pane]) -> Vec<Do> {
    let mut denied: Vec<Do> = Vec::new();
    for (deed, does) in DEEDS {
        // Who has a shell and may not type now looks at it all the same.
        let shell = *deed == Deed::Shell && panes.contains(&Pane::Shell);
        if !shell && !rights::allows(run, seat, *deed) {
            denied.extend(*does);
        }
    }
    // Objections are read by all, and answered by whoever may.
    if run.phase == Phase::Cross {
        denied.retain(|does| *does != Do::Verdict);
    }
    denied.extend([Do::Beside, Do::Shelve]);
    denied
}
