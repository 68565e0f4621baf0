//! The run of a room: begun, taken up again, acted upon by seats, kept on disk; and what is reckoned from it once for all
//! faces. A panic in it costs the act that caused it: the run is folded again from its journal. Does not know connections.

use super::limits;
use super::roster::{Place, Roster};
use crate::drill::act::Act;
use crate::drill::run::{Clock, Outcome, Phase, Run};
use crate::drill::team::{Role, TeamAct};
use crate::drill::terms::Mode;
use crate::host::harm;
use crate::host::places::Places;
use crate::host::runs::{self, Kept, Order};
use crate::stdx::time::Span;
use crate::ui::screens::debrief::Story;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Instant;

/// Why an act did not come to its end.
#[derive(Debug)]
pub enum Fallen {
    /// The run panicked, and was folded again without that act.
    Panicked,
    /// It cannot be kept or folded: nothing more can be played.
    Lost(String),
}

/// Wall time against simulated time.
#[derive(Debug)]
struct Pace {
    since: Instant,
    at: Span,
    /// Thousandths of wall time.
    speed: u32,
}

pub struct Game {
    /// Empty only while the run is folded again.
    kept: Option<Kept>,
    folder: PathBuf,
    places: Places,
    pub harm: Vec<f64>,
    /// What the debrief shows, by language, once somebody needs it.
    pub stories: BTreeMap<&'static str, Option<Box<Story>>>,
    pace: Option<Pace>,
    flushed: Instant,
    /// For the test of what a panic leaves behind.
    pub panics: bool,
}

impl Game {
    /// Casts a room's case and begins its run.
    pub fn begin(places: &Places, roster: &Roster) -> Result<Game, String> {
        let order = Order {
            case: roster.case.clone(),
            seed: Some(roster.seed),
            variant: roster.variant.clone(),
            clock: Clock::Live,
            speed: roster.speed,
            mode: Mode::Gameday,
            minutes: roster.minutes,
            ..Order::default()
        };
        Ok(Game::of(places, runs::begin(places, &order)?))
    }

    /// Takes up the run that a room was playing.
    pub fn resume(places: &Places, run: &str) -> Result<Game, String> {
        Ok(Game::of(places, runs::resume(places, places.runs().join(run))?))
    }

    fn of(places: &Places, kept: Kept) -> Game {
        let mut game = Game {
            folder: kept.folder.clone(),
            kept: Some(kept),
            places: places.clone(),
            harm: Vec::new(),
            stories: BTreeMap::new(),
            pace: None,
            flushed: Instant::now(),
            panics: false,
        };
        game.renew();
        game
    }

    /// The name of the run's folder.
    pub fn name(&self) -> String {
        self.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string()
    }

    pub fn run(&self) -> Option<&Run> {
        self.kept.as_ref().map(|kept| &kept.run)
    }

    /// Does an act of a seat; it is on disk before anybody hears of it.
    pub fn act(&mut self, seat: u16, act: Act) -> Result<Outcome, Fallen> {
        let (panics, asked) = (self.panics, matches!(&act, Act::Run { line } if line.trim() == "__panic-run"));
        self.kept_act(|kept| {
            assert!(!panics || !asked, "asked to panic, for the test of what is left behind");
            kept.act_as(seat, act)
        })
    }

    fn kept_act(&mut self, act: impl FnOnce(&mut Kept) -> std::io::Result<Outcome>) -> Result<Outcome, Fallen> {
        let Some(kept) = &mut self.kept else { return Err(Fallen::Lost("the run is gone".into())) };
        let done = catch_unwind(AssertUnwindSafe(|| act(kept)));
        match done {
            Ok(Ok(outcome)) => {
                self.renew();
                Ok(outcome)
            }
            Ok(Err(error)) => Err(Fallen::Lost(error.to_string())),
            Err(_) => self.fold_again(),
        }
    }

    fn fold_again(&mut self) -> Result<Outcome, Fallen> {
        // What is left of the run may panic once more where it writes its summary.
        let left = self.kept.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(left)));
        self.pace = None;
        let kept = runs::resume(&self.places, self.folder.clone()).map_err(Fallen::Lost)?;
        self.kept = Some(kept);
        self.renew();
        Err(Fallen::Panicked)
    }

    fn renew(&mut self) {
        if let Some(run) = self.kept.as_ref().map(|kept| &kept.run) {
            self.harm = harm::series(run);
        }
    }

    /// Whether time passes by itself now.
    pub fn is_live(&self) -> bool {
        self.run().is_some_and(|run| run.clock == Clock::Live && run.is_open() && !run.sitting.paused)
    }

    pub fn is_over(&self) -> bool {
        self.run().is_some_and(|run| run.phase == Phase::Closed)
    }

    /// Lets simulated time catch up with the wall clock.
    pub fn tick(&mut self) -> Result<Option<Outcome>, Fallen> {
        if !self.is_live() {
            // What passes on the wall meanwhile is not caught up with.
            self.pace = None;
            return Ok(None);
        }
        let Some(kept) = &self.kept else { return Ok(None) };
        let (run, speed) = (&kept.run, kept.run.team.speed.unwrap_or(kept.header.speed).max(1));
        let at = run.now() - run.case.drill.page_at;
        // Somebody who asked for another speed begins a stretch of its own.
        self.pace = self.pace.take().filter(|pace| pace.speed == speed);
        let pace = self.pace.get_or_insert_with(|| Pace { since: Instant::now(), at, speed });
        let passed = i64::try_from(pace.since.elapsed().as_millis()).unwrap_or(i64::MAX / 1_000_000);
        let passed = passed * i64::from(speed) / 1_000;
        let to = pace.at + Span(passed);
        let to = run.deadline().map_or(to, |until| to.min(until - run.case.drill.page_at));
        if to <= at {
            return Ok(None);
        }
        let outcome = self.kept_act(|kept| kept.tick(to))?;
        if self.flushed.elapsed() >= limits::TICKS_KEPT_EVERY {
            self.flushed = Instant::now();
            self.flush()?;
        }
        Ok(Some(outcome))
    }

    /// Writes the ticks of the clock that are not on disk yet.
    pub fn flush(&mut self) -> Result<(), Fallen> {
        let Some(kept) = &mut self.kept else { return Ok(()) };
        kept.flush().map_err(|error| Fallen::Lost(error.to_string()))
    }

    /// Seats somebody who is not seated so already.
    pub fn sit(&mut self, place: &Place) -> Result<(), Fallen> {
        let roles: BTreeSet<Role> = place.roles.iter().filter_map(|role| Role::named(role)).collect();
        let Some(run) = self.run() else { return Ok(()) };
        if run.team.seats.contains_key(&place.id) || run.mode != Mode::Gameday {
            return Ok(());
        }
        // A commander who came late finds the role taken by whom it was handed to.
        let led = run.team.holders(Role::Commander).next().is_some();
        let roles = roles.into_iter().filter(|role| !led || *role != Role::Commander).collect::<BTreeSet<_>>();
        let roles = if roles.is_empty() { BTreeSet::from([Role::Observer]) } else { roles };
        let (seat, name, part) = (place.id, place.name.clone(), place.part.clone());
        self.act(0, Act::Team { act: Box::new(TeamAct::Sit { seat, name, roles, part }) }).map(|_| ())
    }
}
