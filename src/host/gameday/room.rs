//! One room: its roster, its run, the faces of its seats. One thread owns it all; connections send it what is typed and
//! get pictures back. Nobody's slow terminal, flood of keys or panic is anybody else's. Does not know SSH.

use super::audit::Audit;
use super::game::{Fallen, Game};
use super::roster::{Admitted, Proof, Roster};
use super::seat::{Client, Link, Out, Sitting, clamped};
use super::{limits, lobby};
use crate::drill::act::Act;
use crate::host::places::Places;
use crate::host::terminal::GIVE_BACK;
use crate::stdx::text::harmless;
use crate::ui::ask::Ask;
use crate::ui::event::{Acted, Event};
use crate::ui::face::{self, Face, Scene, Screen};
use crate::ui::keymap::Keymap;
use crate::ui::lang::Lang;
use crate::ui::room::{RoomAsk, RoomPhase, RoomState, RoomView};
use crate::ui::screens::debrief::Story;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What can wake a room. Each connection has few of these on their way: typing costs credits, one picture is drawn at a time.
pub enum Wake {
    Login {
        proof: Proof,
        wanted: Option<u16>,
        reply: oneshot::Sender<Option<Admitted>>,
    },
    /// Somebody who was let in has a terminal.
    Open {
        seat: u16,
        link: Link,
        client: Client,
        code: Option<String>,
    },
    Bytes {
        session: u64,
        bytes: Vec<u8>,
        cost: usize,
    },
    Resize {
        session: u64,
        size: (u16, u16),
        cost: usize,
    },
    /// The last picture is on its way.
    Drawn {
        session: u64,
    },
    Gone {
        session: u64,
    },
    /// A debrief was worked out.
    Told {
        lang: &'static str,
        story: Box<Story>,
    },
    /// The server ends.
    Stop,
}

/// What all rooms of a server share.
#[derive(Clone)]
pub struct Shared {
    pub places: Places,
    pub audit: Arc<Audit>,
    pub keymap: Arc<Keymap>,
    pub langs: Vec<Lang>,
    /// How a client reaches the server: `-p 2222 ` and the host.
    pub join: (String, String),
    /// For the test of what a panic leaves behind.
    pub panics: bool,
}

pub struct Room {
    shared: Shared,
    folder: PathBuf,
    roster: Roster,
    state: RoomState,
    invites: BTreeMap<u16, String>,
    game: Option<Game>,
    /// Boxed, because a map keeps room for neighbours.
    seats: BTreeMap<u16, Box<Sitting>>,
    /// Lent to every seat that is drawn.
    scratch: Buffer,
    ticked: Instant,
    own: Sender<Wake>,
    over: bool,
}

impl Room {
    /// Opens a room; one that was playing takes its run up.
    pub fn new(
        shared: Shared,
        folder: PathBuf,
        roster: Roster,
        invites: Vec<(u16, String)>,
        own: Sender<Wake>,
    ) -> Result<Room, String> {
        let mut game = roster.run.as_ref().map(|run| Game::resume(&shared.places, run)).transpose()?;
        if let Some(game) = &mut game {
            game.panics = shared.panics;
        }
        let mut room = Room {
            state: RoomState::default(),
            shared,
            folder,
            roster,
            invites: invites.into_iter().collect(),
            game,
            seats: BTreeMap::new(),
            scratch: Buffer::default(),
            ticked: Instant::now(),
            own,
            over: false,
        };
        room.look_round();
        Ok(room)
    }

    /// Lives until the server ends.
    pub fn live(mut self, wakes: &Receiver<Wake>) {
        while !self.over {
            let first = match self.patience() {
                Some(wait) if wait.is_zero() => wakes.try_recv().ok(),
                Some(wait) => match wakes.recv_timeout(wait) {
                    Ok(wake) => Some(wake),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                None => match wakes.recv() {
                    Ok(wake) => Some(wake),
                    Err(_) => return,
                },
            };
            let mut wake = first;
            while let Some(one) = wake {
                self.woken(one);
                wake = wakes.try_recv().ok();
            }
            self.turn();
        }
    }

    /// How long nothing is to be done; `None` is until somebody comes.
    fn patience(&self) -> Option<Duration> {
        if self.seats.values().any(|seat| seat.has_typed()) {
            return Some(Duration::ZERO);
        }
        let seats = self.seats.values().flat_map(|seat| [seat.due_at(), seat.settles_at()]).flatten();
        let clock = self.game.as_ref().filter(|game| game.is_live()).map(|_| self.ticked + limits::CLOCK_EVERY);
        let next = seats.chain(clock).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn woken(&mut self, wake: Wake) {
        match wake {
            Wake::Login { proof, wanted, reply } => {
                let admitted = self.login(&proof, wanted);
                // Who went away meanwhile has their seat all the same.
                let _ = reply.send(admitted);
            }
            Wake::Open { seat, link, client, code } => self.open(seat, link, &client, code),
            Wake::Bytes { session, bytes, cost } => {
                if let Some(seat) = self.by_session(session) {
                    seat.type_in(bytes, cost);
                }
            }
            Wake::Resize { session, size, cost } => {
                if let Some(seat) = self.by_session(session) {
                    seat.link.credits.add_permits(cost);
                    seat.face.size = clamped(size);
                    seat.repaint();
                }
            }
            Wake::Drawn { session } => {
                if let Some(seat) = self.by_session(session) {
                    seat.busy = false;
                }
            }
            Wake::Gone { session } => {
                let gone = self.seats.iter().find(|(_, seat)| seat.link.session == session).map(|(id, _)| *id);
                if let Some(id) = gone {
                    self.seats.remove(&id);
                    self.look_round();
                }
            }
            Wake::Told { lang, story } => {
                if let Some(game) = &mut self.game {
                    game.stories.insert(lang, Some(story));
                }
                self.all_dirty();
            }
            Wake::Stop => {
                let everybody: Vec<u16> = self.seats.keys().copied().collect();
                everybody.into_iter().for_each(|id| self.close(id, "room.stops", 0));
                // What cannot be written was not acknowledged to anybody.
                let _ = self.game.as_mut().map(Game::flush);
                self.over = true;
            }
        }
    }

    fn by_session(&mut self, session: u64) -> Option<&mut Sitting> {
        self.seats.values_mut().find(|seat| seat.link.session == session).map(|seat| &mut **seat)
    }

    fn login(&mut self, proof: &Proof, wanted: Option<u16>) -> Option<Admitted> {
        let here: Vec<u16> = self.seats.keys().copied().collect();
        let before = self.roster.clone();
        let admitted = self.roster.admit(proof, wanted, &here)?;
        if self.roster != before {
            if self.roster.keep(&self.folder).is_err() {
                // An invite that cannot be marked as used is not taken.
                self.roster = before;
                return None;
            }
            self.invites.remove(&admitted.seat);
            if admitted.fresh {
                self.sit(admitted.seat);
            }
            self.look_round();
        }
        Some(admitted)
    }

    /// Seats somebody in the run.
    fn sit(&mut self, seat: u16) {
        let (Some(game), Some(place)) = (&mut self.game, self.roster.place(seat)) else { return };
        match game.sit(place) {
            Ok(()) => self.tell_others(None, 0),
            Err(fallen) => self.fallen(seat, fallen),
        }
    }

    fn open(&mut self, id: u16, link: Link, client: &Client, code: Option<String>) {
        // The newest connection of a seat is its person's: the older one is told so.
        self.close(id, "room.taken-over", 0);
        let mut seat = Sitting::new(link, client, &self.shared.langs, &self.shared.keymap, code);
        match self.game.as_ref().and_then(Game::run) {
            Some(run) => seat.face.opened_at(run, id),
            None => seat.face.screen = Screen::Lobby,
        }
        if let Some(code) = &seat.code {
            let words = seat.face.look.lang.with("room.code", &[("code", code)]);
            seat.face.flash = Some((Role::Warn, words));
        }
        self.seats.insert(id, Box::new(seat));
        self.look_round();
        self.tell_story();
    }

    /// Ends a seat's connection with words; its person may come back.
    fn close(&mut self, id: u16, key: &str, code: u32) {
        let Some(seat) = self.seats.remove(&id) else { return };
        let words = seat.face.look.lang.with(key, &[("room", &self.roster.name)]);
        let mut last = Vec::from(GIVE_BACK.as_bytes());
        last.extend_from_slice(harmless(&words).as_bytes());
        if let Some(code) = &seat.code {
            let words = seat.face.look.lang.with("room.code", &[("code", code)]);
            last.extend_from_slice(format!("\r\n{words}").as_bytes());
        }
        last.extend_from_slice(b"\r\n");
        // A reader who stalls hears nothing; the connection ends either way.
        let _ = seat.link.out.try_send(Out::Close(last, code));
        self.look_round();
    }

    /// One turn: what was typed, the clock, pictures.
    fn turn(&mut self) {
        let now = Instant::now();
        let ids: Vec<u16> = self.seats.keys().copied().collect();
        for id in ids {
            self.typed(id, now);
        }
        self.clock(now);
        self.draw();
    }

    /// Looks at a little of what a seat has typed.
    fn typed(&mut self, id: u16, now: Instant) {
        let (mut left, mut acts) = (limits::TURN_BYTES, 0);
        if let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.settles_at().is_some_and(|at| at <= now)) {
            seat.settle();
        }
        while acts < limits::TURN_ACTS {
            let Some(seat) = self.seats.get_mut(&id) else { return };
            let Some(event) = seat.next_event(&mut left) else { return };
            acts += self.event(id, event);
        }
    }

    /// Gives a face an event and does what it asks; how many acts that were.
    fn event(&mut self, id: u16, event: Event) -> usize {
        let Some(asks) = self.updated(id, event) else { return 1 };
        let (mut asks, mut acts) = (VecDeque::from(asks), 0);
        while let Some(ask) = asks.pop_front() {
            match ask {
                Ask::Act(act) => {
                    acts += 1;
                    asks.extend(self.act(id, act));
                }
                Ask::Quit | Ask::Shelve | Ask::Room(RoomAsk::Leave) => self.close(id, "room.bye", 0),
                Ask::Repaint => self.seats.get_mut(&id).into_iter().for_each(|seat| seat.repaint()),
                Ask::Room(ask) => self.asked(id, ask),
                // These are of one's own machine.
                Ask::Play { .. } | Ask::Contrast | Ask::Export | Ask::Forget | Ask::Suspend => {
                    self.flash(id, "room.not-here")
                }
            }
        }
        acts
    }

    /// A face's own answer to an event. A panic in it closes its seat and no other.
    fn updated(&mut self, id: u16, event: Event) -> Option<Vec<Ask>> {
        let Room { seats, game, state, roster, invites, shared, .. } = self;
        let seat = seats.get_mut(&id)?;
        (seat.dirty, seat.keyed) = (true, seat.keyed || !matches!(event, Event::Acted(_)));
        let scene = scene(game.as_ref(), state, roster, invites, (id, seat.code.as_deref(), seat.face.look.lang.code));
        let face = &mut seat.face;
        let panics = shared.panics && event == Event::Paste("__panic-face".into());
        let asks = catch_unwind(AssertUnwindSafe(|| {
            assert!(!panics, "asked to panic, for the test of what is left behind");
            face::update(face, event, &scene)
        }));
        if asks.is_err() {
            self.fell(id, "face");
        }
        asks.ok()
    }

    fn fell(&mut self, id: u16, what: &str) {
        self.shared.audit.note("panic", json!({ "room": self.roster.name, "seat": id, "in": what }));
        self.close(id, "room.fell", 1);
    }

    /// Does an act of a seat and tells everybody.
    fn act(&mut self, id: u16, act: Act) -> Vec<Ask> {
        self.clock(Instant::now());
        let Some(game) = &mut self.game else { return Vec::new() };
        match game.act(id, act) {
            Ok(outcome) => {
                let refused = outcome.refused;
                let acted = Acted { page: outcome.page, notice: outcome.notice, arrived: outcome.arrived };
                let arrived = acted.arrived;
                let asks = self.updated(id, Event::Acted(acted)).unwrap_or_default();
                if refused && let Some(seat) = self.seats.get_mut(&id) {
                    seat.face.flash.iter_mut().for_each(|(role, _)| *role = Role::Warn);
                }
                if !refused {
                    self.tell_others(Some(id), arrived);
                }
                asks
            }
            Err(fallen) => {
                self.fallen(id, fallen);
                Vec::new()
            }
        }
    }

    fn fallen(&mut self, id: u16, fallen: Fallen) {
        match fallen {
            Fallen::Panicked => {
                self.fell(id, "run");
                self.tell_others(None, 0);
            }
            Fallen::Lost(why) => {
                self.shared.audit.note("lost", json!({ "room": self.roster.name, "why": why }));
                // Nothing unsaved is shown: who comes back sees what was kept.
                let everybody: Vec<u16> = self.seats.keys().copied().collect();
                everybody.into_iter().for_each(|id| self.close(id, "room.lost", 1));
                self.game = None;
                let again = self.roster.run.as_ref().map(|run| Game::resume(&self.shared.places, run));
                self.game = again.and_then(Result::ok);
            }
        }
    }

    /// The world moved: every face but the actor's takes it in.
    fn tell_others(&mut self, but: Option<u16>, arrived: u32) {
        let others: Vec<u16> = self.seats.keys().copied().filter(|id| Some(*id) != but).collect();
        for id in others {
            self.updated(id, Event::Acted(Acted { arrived, ..Acted::default() }));
        }
        self.tell_story();
    }

    fn clock(&mut self, now: Instant) {
        let Some(game) = &mut self.game else { return };
        if now < self.ticked + limits::CLOCK_EVERY || !game.is_live() {
            return;
        }
        self.ticked = now;
        match game.tick() {
            Ok(Some(outcome)) => self.tell_others(None, outcome.arrived),
            Ok(None) => {}
            Err(fallen) => self.fallen(0, fallen),
        }
    }

    /// Works the debrief out beside, once for each language that is read.
    fn tell_story(&mut self) {
        let Some(game) = self.game.as_mut().filter(|game| game.is_over()) else { return };
        let langs: Vec<&'static str> = self.seats.values().map(|seat| seat.face.look.lang.code).collect();
        for lang in langs {
            if game.stories.contains_key(lang) {
                continue;
            }
            let Some(run) = game.run().cloned() else { return };
            game.stories.insert(lang, None);
            let own = self.own.clone();
            crate::host::threads::beside(move || {
                let _ = own.send(Wake::Told { lang, story: Box::new(Story::of(&run, lang)) });
            });
        }
    }

    fn asked(&mut self, id: u16, ask: RoomAsk) {
        let facilitator = self.roster.place(id).is_some_and(|place| place.has_role("facilitator"));
        if !facilitator {
            return self.flash(id, "room.facilitator-only");
        }
        let done = match ask {
            RoomAsk::Start => self.start(),
            RoomAsk::Variant => self.another(),
            RoomAsk::Invite { seat } => self.invite(seat),
            RoomAsk::Leave => Ok(()),
        };
        self.shared.audit.note("asked", json!({ "room": self.roster.name, "seat": id, "ask": format!("{ask:?}") }));
        if let (Err(why), Some(seat)) = (done, self.seats.get_mut(&id)) {
            seat.face.flash = Some((Role::Bad, harmless(why.lines().next().unwrap_or_default())));
            seat.dirty = true;
        }
        self.look_round();
    }

    /// Begins the case: everybody who has come sits down.
    fn start(&mut self) -> Result<(), String> {
        if self.game.is_some() {
            return Ok(());
        }
        let mut game = match &self.roster.run {
            // It began, and could not be taken up before.
            Some(run) => Game::resume(&self.shared.places, run)?,
            None => Game::begin(&self.shared.places, &self.roster)?,
        };
        game.panics = self.shared.panics;
        self.roster.run = Some(game.name());
        self.roster.keep(&self.folder).map_err(|error| error.to_string())?;
        self.game = Some(game);
        let taken: Vec<u16> = self.roster.seats.iter().filter(|place| place.is_taken()).map(|place| place.id).collect();
        taken.into_iter().for_each(|seat| self.sit(seat));
        if let Some(run) = self.game.as_ref().and_then(Game::run) {
            for (id, seat) in &mut self.seats {
                seat.face.opened_at(run, *id);
                seat.dirty = true;
            }
        }
        Ok(())
    }

    /// Another telling, before the start.
    fn another(&mut self) -> Result<(), String> {
        if self.game.is_some() {
            return Ok(());
        }
        self.roster.variant = lobby::next_variant(&self.shared.places, &self.roster)?;
        self.roster.keep(&self.folder).map_err(|error| error.to_string())
    }

    /// A new invite: whoever had the seat is out until they have it.
    fn invite(&mut self, seat: u16) -> Result<(), String> {
        let Some(place) = self.roster.place(seat) else { return Err(format!("there is no seat {seat}")) };
        if place.has_role("facilitator") {
            return Ok(());
        }
        let secret = self.roster.invite(seat).map_err(|error| error.to_string())?;
        self.roster.keep(&self.folder).map_err(|error| error.to_string())?;
        self.close(seat, "room.invited-anew", 0);
        self.invites.insert(seat, secret);
        Ok(())
    }

    fn flash(&mut self, id: u16, key: &str) {
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.face.tell(Role::Warn, key);
            seat.dirty = true;
        }
    }

    fn all_dirty(&mut self) {
        self.seats.values_mut().for_each(|seat| seat.dirty = true);
    }

    /// Who is here has changed.
    fn look_round(&mut self) {
        let phase = if self.game.is_some() { RoomPhase::Playing } else { RoomPhase::Lobby };
        self.state = lobby::state(&self.shared, &self.roster, &self.seats, phase);
        self.all_dirty();
    }

    /// Draws a few of those whose time it is: whoever waits for a key first, then whoever has waited longest.
    fn draw(&mut self) {
        let now = Instant::now();
        let due = |id: &u16, seat: &Sitting| (seat.due_at()? <= now).then_some((!seat.keyed, seat.drawn(), *id));
        let mut due: Vec<_> = self.seats.iter().filter_map(|(id, seat)| due(id, seat)).collect();
        due.sort();
        for (_, _, id) in due.into_iter().take(limits::FRAMES_IN_A_ROW) {
            self.draw_one(id, now);
        }
    }

    fn draw_one(&mut self, id: u16, now: Instant) {
        let Room { seats, game, state, roster, invites, scratch, .. } = self;
        let Some(seat) = seats.get_mut(&id) else { return };
        let code = seat.code.clone();
        let scene = scene(game.as_ref(), state, roster, invites, (id, code.as_deref(), seat.face.look.lang.code));
        let picture = catch_unwind(AssertUnwindSafe(|| {
            seat.paint(scratch, |face: &Face, buf: &mut Buffer| face::view(face, &scene, buf))
        }));
        let Ok(bytes) = picture else { return self.fell(id, "view") };
        seat.painted(now);
        if !bytes.is_empty() && seat.link.out.try_send(Out::Frame(bytes)).is_ok() {
            seat.busy = true;
        }
    }
}

/// What a seat's face is shown besides itself: of the room, no more than that seat may see.
fn scene<'a>(
    game: Option<&'a Game>,
    state: &'a RoomState,
    roster: &'a Roster,
    invites: &'a BTreeMap<u16, String>,
    (id, code, lang): (u16, Option<&'a str>, &str),
) -> Scene<'a> {
    static NONE: BTreeMap<u16, String> = BTreeMap::new();
    let facilitator = roster.place(id).is_some_and(|place| place.has_role("facilitator"));
    let room = RoomView {
        room: state,
        you: id,
        code,
        invites: if facilitator { invites } else { &NONE },
        variant: roster.variant.as_deref().filter(|_| facilitator),
    };
    Scene {
        run: game.and_then(Game::run),
        story: game.and_then(|game| game.stories.get(lang)).and_then(|story| story.as_deref()),
        harm: game.map_or(&[], |game| &game.harm),
        room: Some(room),
        seat: id,
        ..Scene::default()
    }
}
