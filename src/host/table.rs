//! The table at which one person plays: a face, the cases, the open run. Fulfils what the face asks for. Does not know the
//! terminal.

use super::door::owner::{self, Desk, Done};
use super::harm;
use super::places::Places;
use super::progress;
use super::runs::{self, Kept, Order};
use crate::case::progress::overview::Overview;
use crate::drill::account;
use crate::drill::act::Act;
use crate::drill::interview;
use crate::drill::run::{Clock, Outcome, Phase, Run};
use crate::drill::terms::Mode;
use crate::report::interview::closing;
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::event::{Acted, Event};
use crate::ui::face::{self, Face, Scene, Screen};
use crate::ui::screens::debrief::{Sheet, Story};
use crate::ui::screens::list::Card;
use crate::ui::screens::stats::Progress;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::collections::BTreeSet;
use std::io;
use std::time::Instant;

/// Runs of rooms are not gone on with alone, and are nobody's own best.
const GAMEDAY: &str = "gameday";

/// Wall time against simulated time, for the live clock.
struct Pace {
    since: Instant,
    at: Span,
}

pub struct Table {
    pub face: Face,
    pub places: Places,
    /// What `play` on the list opens: case and all else as the command line said.
    pub order: Order,
    cards: Vec<Card>,
    kept: Option<Kept>,
    harm: Vec<f64>,
    story: Option<Story>,
    /// What is left to read after an interview.
    sheet: Option<Sheet>,
    pace: Option<Pace>,
    /// For the test of what a panic leaves behind.
    pub panics: bool,
    /// The port of a door to the run, if there is to be one.
    pub door: Option<u16>,
    desk: Desk,
    progress: Option<Progress>,
    pledge: Option<String>,
}

impl Table {
    pub fn new(face: Face, places: Places, order: Order) -> Table {
        Table {
            face,
            places,
            order,
            cards: Vec::new(),
            kept: None,
            harm: Vec::new(),
            story: None,
            sheet: None,
            pace: None,
            panics: false,
            door: None,
            desk: Desk::default(),
            progress: None,
            pledge: None,
        }
    }

    /// Reads the case list.
    pub fn lay(&mut self) {
        let known = runs::list(&self.places);
        self.cards = super::cases::cards(&self.places, &self.face.look.lang);
        for card in &mut self.cards {
            card.best = best(&known, &card.slug);
            let open = known.iter().find(|run| run.case == card.slug && run.state == "open" && run.mode != GAMEDAY);
            card.open_run = open.map(|run| run.id.clone());
        }
        self.cards.sort_by(|a, b| (a.level, &a.title).cmp(&(b.level, &b.title)));
        let now = progress::now();
        let progress =
            progress::gather(&self.places, &progress::store::load(&self.places, now).store, &self.cards, now);
        self.progress = Some(progress.titled(super::cases::concept_titles(&self.face.look.lang)));
        self.face.list.welcome = known.is_empty();
        if let Some(at) = self.cards.iter().position(|card| card.tutorial).filter(|_| known.is_empty()) {
            self.face.list.scroll.at = at;
        }
    }

    /// Opens a run at the table.
    pub fn open(&mut self, kept: Kept) {
        self.face.opened(&kept.run);
        let now = progress::now();
        let store = progress::store::load(&self.places, now).store;
        self.pledge = Overview::of(&store.records, &store.marks, now).pledge.map(|(_, words)| words);
        self.kept = Some(kept);
        self.renew();
    }

    pub fn run(&self) -> Option<&Run> {
        self.kept.as_ref().map(|kept| &kept.run)
    }

    /// Where the open run is kept.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.kept.as_ref().map(|kept| kept.folder.as_path())
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            cards: &self.cards,
            run: self.run(),
            story: self.story.as_ref(),
            sheet: self.sheet.as_ref(),
            harm: &self.harm,
            progress: self.progress.as_ref(),
            pledge: self.pledge.as_deref(),
            ..Scene::default()
        }
    }

    pub fn update(&mut self, event: Event) -> Vec<Ask> {
        let run = self.kept.as_ref().map(|kept| &kept.run);
        let scene = Scene {
            cards: &self.cards,
            run,
            story: self.story.as_ref(),
            sheet: self.sheet.as_ref(),
            harm: &self.harm,
            progress: self.progress.as_ref(),
            pledge: self.pledge.as_deref(),
            ..Scene::default()
        };
        face::update(&mut self.face, event, &scene)
    }

    pub fn view(&self, buf: &mut Buffer) -> Option<Position> {
        face::view(&self.face, &self.scene(), buf)
    }

    /// Does an act and tells the face. An act that cannot be kept ends the program: nothing unsaved is shown.
    pub fn act(&mut self, act: Act) -> io::Result<Vec<Ask>> {
        let Some(kept) = &mut self.kept else { return Ok(Vec::new()) };
        let outcome = kept.act(act)?;
        Ok(self.acted(outcome))
    }

    fn acted(&mut self, outcome: Outcome) -> Vec<Ask> {
        self.renew();
        let refused = outcome.refused;
        let asks =
            self.update(Event::Acted(Acted { page: outcome.page, notice: outcome.notice, arrived: outcome.arrived }));
        if refused && let Some((role, _)) = &mut self.face.flash {
            *role = Role::Warn;
        }
        asks
    }

    /// A request through the door: answered, or kept until there is a message for it.
    pub fn asked(&mut self, ask: owner::Ask) -> io::Result<Vec<Ask>> {
        self.tick()?;
        let Some(kept) = &self.kept else {
            // A client that went away is told nothing.
            let _ = ask.reply.send(Done::Refused("No run is open.".into()));
            return Ok(Vec::new());
        };
        match self.desk.take(ask, &kept.run, kept.header.speed) {
            Some(ask) => self.finish(ask),
            None => Ok(Vec::new()),
        }
    }

    /// Whether requests wait for something.
    pub fn is_asked(&self) -> bool {
        !self.desk.is_empty()
    }

    /// Answers the requests that waited and need not any longer.
    pub fn answer_waiting(&mut self) -> io::Result<Vec<Ask>> {
        let mut asks = Vec::new();
        while let Some(kept) = &self.kept
            && let Some(ask) = self.desk.ripe(&kept.run)
        {
            asks.extend(self.finish(ask)?);
        }
        Ok(asks)
    }

    fn finish(&mut self, ask: owner::Ask) -> io::Result<Vec<Ask>> {
        let Some(kept) = &mut self.kept else { return Ok(Vec::new()) };
        let mut told = None;
        owner::finish(ask, |act| {
            let outcome = kept.act(act)?;
            // The face hears of the page, not of what travels back.
            told = Some(Outcome { answered: None, ..outcome.clone() });
            Ok(outcome)
        })?;
        Ok(told.map(|outcome| self.acted(outcome)).unwrap_or_default())
    }

    /// What is reckoned from the run once after each act, not at each frame.
    fn renew(&mut self) {
        let Some(kept) = &self.kept else { return };
        self.harm = harm::series(&kept.run);
        if kept.run.phase == Phase::Closed && kept.run.mode == Mode::Interview {
            // Answers come after the end.
            let lang = &self.face.look.lang;
            self.sheet = Some(closing(&interview::account::of(&kept.run, lang.code), lang));
        } else if kept.run.phase == Phase::Closed {
            let told = kept.run.board.hearing.reflection.is_some();
            // What is said after the end belongs to it: the rest is not reckoned anew.
            match &mut self.story {
                Some(story) if told => story.told.reflection = kept.run.debrief_reflection(),
                Some(_) => {}
                None => {
                    self.story = Some(Story::of(&kept.run, self.face.look.lang.code));
                    // What to play next follows from this run, too.
                    self.lay();
                }
            }
        }
    }

    pub fn play(&mut self, slug: &str) {
        let open = self.cards.iter().find(|card| card.slug == slug).and_then(|card| card.open_run.clone());
        // What was arranged for one interview is not for the next case.
        let (minutes, opening, without) = (None, String::new(), BTreeSet::new());
        let order = Order { case: slug.to_string(), minutes, opening, without, ..self.order.clone() };
        let kept = match open {
            Some(id) => runs::resume(&self.places, self.places.runs().join(id)),
            None => runs::begin(&self.places, &order),
        };
        match kept {
            Ok(kept) => self.open(kept),
            Err(why) => self.face.flash = Some((Role::Bad, why.lines().next().unwrap_or_default().to_string())),
        }
    }

    /// Asks the healthy twin for the pages of the debrief.
    pub fn contrast(&mut self) {
        if let (Some(kept), Some(story)) = (&self.kept, &mut self.story) {
            story.contrasts = Some(account::contrasts(&kept.run));
        }
    }

    /// Writes one's progress to a new file in the working directory, and says which.
    pub fn export(&mut self) {
        let now = progress::now();
        let store = progress::store::load(&self.places, now).store;
        let told = progress::store::export_beside(&store, now);
        let lang = &self.face.look.lang;
        self.face.flash = Some(match told {
            Ok(path) => (Role::Good, lang.with("stats.exported", &[("path", &path.display().to_string())])),
            Err(why) => (Role::Bad, why),
        });
    }

    /// Forgets one's progress; the runs stay.
    pub fn forget(&mut self) {
        match progress::store::delete(&self.places, false, progress::now()) {
            Ok(_) => {
                self.lay();
                self.face.tell(Role::Good, "stats.deleted");
            }
            Err(why) => self.face.flash = Some((Role::Bad, why.to_string())),
        }
    }

    pub fn shelve(&mut self) {
        self.kept = None;
        self.story = None;
        self.sheet = None;
        self.pace = None;
        self.face.overlays.clear();
        self.face.screen = Screen::List;
        self.lay();
    }

    pub fn is_live(&self) -> bool {
        self.face.screen == Screen::Drill && self.run().is_some_and(|run| run.clock == Clock::Live && run.is_open())
    }

    /// Live clock: lets simulated time catch up with the wall clock.
    pub fn tick(&mut self) -> io::Result<()> {
        let Some(kept) = &self.kept else { return Ok(()) };
        // A run that was taken up goes on at the speed that it was begun with.
        if kept.run.sitting.paused {
            // What passes on the wall meanwhile is not caught up with.
            self.pace = None;
            return Ok(());
        }
        let (run, speed) = (&kept.run, i64::from(kept.header.speed.max(1)));
        let at = run.now() - run.case.drill.page_at;
        let pace = self.pace.get_or_insert_with(|| Pace { since: Instant::now(), at });
        let passed = i64::try_from(pace.since.elapsed().as_millis()).unwrap_or(i64::MAX / 2_000) * speed / 1_000;
        let to = pace.at + Span(passed);
        let to = run.deadline().map_or(to, |until| to.min(until - run.case.drill.page_at));
        if to > at {
            self.act(Act::Clock { to })?;
        }
        Ok(())
    }
}

/// The best first attempt: of each variant only its earliest closed run counts, and only if it was played to be rated.
pub fn best(runs: &[runs::Summary], slug: &str) -> Option<String> {
    let mut first: std::collections::BTreeMap<&str, &runs::Summary> = Default::default();
    // Runs come newest first: the last one put in is the earliest.
    for run in runs.iter().filter(|run| run.case == slug && run.points_m.is_some()) {
        first.insert(&run.variant, run);
    }
    first
        .values()
        .filter(|run| !matches!(run.mode.as_str(), "practice" | "interview" | GAMEDAY))
        .max_by_key(|run| run.points_m)
        .and_then(|run| run.points())
}
