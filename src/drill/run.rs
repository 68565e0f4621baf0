//! A run: the fold of a case and a journal of acts. Everything a face may show is read from here. Does not know files:
//! it hands out journal entries as text and takes them back.

use super::act::Act;
use super::changes::Change;
use super::course::{self, Known, Yardstick};
use super::indicator::{self, Harm};
use super::interview::{Control, Sitting, controls};
use super::message::{self, Message};
use super::notice::{Notice, Said};
use super::team::{self, Team};
use super::terms::{Mode, Terms};
use super::{account, casework, claims, door, hearing, hints, passing, statement, undo, volatile};
use crate::case::board::Board;
use crate::case::debrief::{Debrief, ReflectionTold};
use crate::case::evidence::Evidence;
use crate::case::score::log::{Event, What};
use crate::case::score::profile::{DETECTIVE, Profile, TEAM};
use crate::case::score::truth::Truth;
use crate::case::score::{Dim, SCORED, Scorecard, score_with};
use crate::console::page::Page;
use crate::console::session::{Session, Standing};
use crate::console::{self, Candidate};
use crate::scenario::shape::Case;
use crate::scenario::stage::Stage;
use crate::stdx::time::{Span, Time};
use crate::world::aws::call::{Answer, Fault};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A typed line longer than this is refused.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// The user under whose name the learner acts.
pub const LEARNER: &str = "learner";

/// How simulated time passes: only by acts, or with the wall clock (the host sends `Act::Clock`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    Turn,
    Live,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Before the first act: page and briefing are shown.
    #[default]
    Briefing,
    Investigating,
    /// The last verdict was heard; objections to it may be answered, or left.
    Cross,
    /// The verdict is in, or the run was closed: the debrief may be read.
    Closed,
}

/// What an act did, for the face and for the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The page that was printed or grew, if any.
    pub page: Option<u32>,
    /// A refusal or a remark.
    pub notice: Option<Notice>,
    /// The act was refused: nothing happened and it is not in the journal.
    pub refused: bool,
    /// Something arrived while time passed (messages pane).
    pub arrived: u32,
    /// What the account answered an outside client.
    pub answered: Option<Box<Result<Answer, Fault>>>,
}

impl Outcome {
    pub(super) fn refusal(text: impl Into<Notice>) -> Outcome {
        Outcome { notice: Some(text.into()), refused: true, ..Outcome::default() }
    }

    pub(super) fn remark(text: impl Into<Notice>) -> Outcome {
        Outcome { notice: Some(text.into()), ..Outcome::default() }
    }
}

#[derive(Clone, Debug)]
pub struct Run {
    pub case: Arc<Case>,
    pub clock: Clock,
    pub mode: Mode,
    pub phase: Phase,
    /// What an interviewer arranged; at rest in the other modes.
    pub sitting: Sitting,
    pub stage: Stage,
    pub session: Session,
    pub pages: Vec<Page>,
    /// Pipelines that go on printing, by the page they print on.
    pub standing: Vec<(u32, Standing)>,
    pub board: Board,
    /// Acts that were done, each with the simulated time at which it began. The journal, without its form.
    pub acts: Vec<(Time, Act)>,
    /// What has arrived so far, oldest first.
    pub messages: Vec<Message>,
    /// Who did each of the acts: 0 alone, and for what the room did itself.
    pub by: Vec<u16>,
    /// The people at the table; empty but in a game day.
    pub team: Team,
    /// What follows from the acts for the grading; not for the eyes of a learner before the end.
    pub record: Record,
}

/// The graders' side of a run: derived from the acts, never shown before the debrief.
#[derive(Clone, Debug)]
pub struct Record {
    pub evidence: Evidence,
    pub events: Vec<Event>,
    pub changes: Vec<Change>,
    /// The stage as it was when the page came: what the run in which nobody acts starts from.
    pub opening: Arc<Stage>,
    /// Audit entries up to this serial have been looked at.
    pub(super) audited: u64,
    /// Seats that changed something and have looked at nothing since.
    pub(super) in_flight: BTreeSet<u16>,
    /// The highest numbers given, so that none is given twice.
    pub(super) given: undo::Given,
    /// What can be taken back.
    pub(super) undo: undo::Steps,
    /// The rung of a hint that was taken last.
    pub(super) ladder: Option<hints::Ladder>,
    /// What stood on the board at the last hearing.
    pub(super) heard: Option<hearing::Heard>,
    /// The series that the problem was truly stated by, if another than the case's indicator: to look at it is to look at
    /// what users feel.
    pub(super) hurting: Option<claims::Named>,
    /// What outside clients have taken up so far.
    pub(super) door: door::Taken,
    /// What the run is measured against, once somebody asked; runs of one opening may share it.
    pub yardstick: Arc<Yardstick>,
    /// What has been worked out about the run as it stands.
    pub(super) known: Known,
    /// What the run is graded in: less if it is from before there were rules for the rest.
    pub(super) scored: &'static [Dim],
}

impl Record {
    /// Acts on the board that were taken back: entry of the undoing → of the act.
    pub fn undone(&self) -> &BTreeMap<u32, u32> {
        &self.undo.done
    }

    /// How many verdicts were given.
    pub fn verdicts(&self) -> usize {
        self.events.iter().filter(|event| matches!(event.what, What::Verdict { .. })).count()
    }
}

impl Run {
    /// Opens a case at its page: the stage is moved there (the world lived before), the shell is the learner's.
    pub fn open(case: Arc<Case>, stage: Stage, clock: Clock) -> Run {
        Run::open_as(case, stage, clock, Mode::Drill)
    }

    /// The same on the terms of a mode.
    pub fn open_as(case: Arc<Case>, mut stage: Stage, clock: Clock, mode: Mode) -> Run {
        stage.advance_to(case.drill.page_at);
        let session = learner_shell(&stage);
        let record = Record {
            evidence: Evidence::new(&case),
            events: Vec::new(),
            changes: Vec::new(),
            opening: Arc::new(stage.clone()),
            audited: stage.world.audit.entries().next_back().map_or(0, |entry| entry.serial + 1),
            in_flight: BTreeSet::new(),
            given: undo::Given::default(),
            undo: undo::Steps::default(),
            heard: None,
            hurting: None,
            ladder: None,
            door: door::Taken::default(),
            yardstick: Arc::default(),
            known: Known::default(),
            scored: SCORED,
        };
        let mut run = Run {
            case,
            clock,
            mode,
            phase: Phase::Briefing,
            sitting: Sitting::default(),
            stage,
            session,
            pages: Vec::new(),
            standing: Vec::new(),
            board: Board::default(),
            acts: Vec::new(),
            messages: Vec::new(),
            by: Vec::new(),
            team: Team::default(),
            record,
        };
        run.receive();
        run
    }

    /// Does one act: the clock policy charges it, the world moves, the act is journalled, its pages appear. A refused act
    /// changes nothing and is not journalled.
    pub fn apply(&mut self, seat: u16, act: Act) -> Outcome {
        let act = if self.mode == Mode::Gameday { team::cleaned(act) } else { act };
        if let Err(refusal) = self.admits(seat, &act) {
            return Outcome::refusal(refusal);
        }
        if let Err(refusal) = bounded(&act) {
            return Outcome::refusal(refusal);
        }
        let began = self.now();
        let before = self.messages.len();
        // Entries count from 1; a refused act takes its number back.
        self.acts.push((began, act.clone()));
        self.by.push(seat);
        let mut outcome = match &act {
            Act::Run { .. } | Act::Wait { .. } | Act::Clock { .. } | Act::Leave { .. } => {
                passing::act(self, seat, &act)
            }
            Act::Door { asked } => door::act(self, seat, asked),
            Act::Hint => hints::hint(self, seat),
            Act::Interview { control } => controls::control(self, seat, control),
            Act::Team { act } => team::act(self, seat, act),
            _ => casework::act(self, seat, &act),
        };
        if outcome.refused {
            self.acts.pop();
            self.by.pop();
            return outcome;
        }
        self.team.ticking = false;
        self.record.known.forget(&act);
        // Whoever sits beside may arrange things before the candidate has begun, and a room sits down first.
        if self.phase == Phase::Briefing && !matches!(act, Act::Interview { .. } | Act::Team { .. }) {
            self.phase = Phase::Investigating;
        }
        team::noted(self, seat, &act, outcome.page);
        if self.mode == Mode::Gameday && self.is_open() {
            team::inject::notice(self);
            self.receive();
        }
        outcome.arrived = (self.messages.len() - before) as u32;
        outcome
    }

    /// Which acts have their time now.
    fn admits(&self, seat: u16, act: &Act) -> Result<(), Said> {
        team::rights::admits(self, seat, act)?;
        controls::admits(self, act)?;
        if matches!(act, Act::Interview { .. }) {
            return Ok(());
        }
        if let Act::Team { act } = act {
            return team::timely(self, act).map_err(Said::from);
        }
        self.timely(act).map_err(Said::from)
    }

    fn timely(&self, act: &Act) -> Result<(), &'static str> {
        let after = matches!(act, Act::Reflect { .. } | Act::Reply { .. });
        match self.phase {
            Phase::Closed if !after => Err("notice.the-case-is-closed-the-debrief"),
            Phase::Closed => Ok(()),
            _ if after => Err("notice.that-comes-after-the-end-give"),
            Phase::Cross if !matches!(act, Act::Answer { .. } | Act::Close) => {
                Err("notice.the-verdict-is-in-answer-the")
            }
            Phase::Briefing | Phase::Investigating if matches!(act, Act::Answer { .. }) => {
                Err("notice.objections-are-raised-after-the-verdict")
            }
            _ => Ok(()),
        }
    }

    /// Whether the world is still looked at: before the last verdict.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Briefing | Phase::Investigating)
    }

    /// What the run's mode allows.
    pub fn terms(&self) -> Terms {
        let own = self.mode.terms(&self.case);
        Terms { minutes: own.minutes.map(|minutes| self.sitting.minutes.unwrap_or(minutes)), ..own }
    }

    /// When the time-box of an interview is over.
    pub fn deadline(&self) -> Option<Time> {
        controls::deadline(self)
    }

    /// Whether the run counts for statistics: its mode does, and no hint did the work.
    pub fn is_rated(&self) -> bool {
        self.terms().rated && self.board.hints.iter().all(|hinted| hinted.rung < 3)
    }

    /// When the next update is due, as the last one promised; nothing once the incident was declared resolved after it.
    pub fn promise_due(&self) -> Option<Time> {
        let last = self.board.updates.last()?;
        let over = self.board.resolved.last().is_some_and(|at| *at >= last.at);
        last.due().filter(|_| !over)
    }

    /// What was on pages and does not last. Looks through all pages: not for each frame.
    pub fn volatile(&self) -> Vec<volatile::Volatile> {
        volatile::tray(self)
    }

    /// Whether an act on the board can be taken back.
    pub fn can_undo(&self) -> bool {
        undo::can(self)
    }

    /// Whether a seat can take its own last act on the board back.
    pub fn can_undo_as(&self, seat: u16) -> bool {
        undo::can_as(self, seat)
    }

    /// Series that a problem or an update can name now.
    pub fn problem_picks(&self) -> Vec<String> {
        statement::picks(self)
    }

    /// The live clock of a room has come to so long after the page. Ticks with nothing between them are one entry of the
    /// journal, which grows until somebody acts or the host has written it ([`Run::seal`]); beyond the end of the time-box
    /// the clock stands.
    pub fn tick(&mut self, to: Span) -> Outcome {
        let page_at = self.case.drill.page_at;
        let to = self.deadline().map_or(to, |until| to.min(until - page_at));
        let clock = Act::Clock { to };
        let grows = match self.acts.last() {
            Some((began, Act::Clock { .. })) if self.team.ticking => page_at + to - *began <= passing::WAIT_MAX,
            _ => false,
        };
        if !grows {
            let outcome = self.apply(team::ROOM, clock);
            self.team.ticking = !outcome.refused;
            return outcome;
        }
        if let Err(refusal) = self.admits(team::ROOM, &clock) {
            return Outcome::refusal(refusal);
        }
        let before = self.messages.len();
        let mut outcome = passing::act(self, team::ROOM, &clock);
        if !outcome.refused {
            self.record.known.forget(&clock);
            if let Some(last) = self.acts.last_mut() {
                last.1 = clock;
            }
            outcome.arrived = (self.messages.len() - before) as u32;
        }
        outcome
    }

    /// The entry of ticks that may still grow, if the last entry is one.
    pub fn pending(&self) -> Option<&(Time, Act)> {
        self.acts.last().filter(|_| self.team.ticking)
    }

    /// The pending entry was written: it grows no more.
    pub fn seal(&mut self) {
        self.team.ticking = false;
    }

    /// The shell of a seat as it stands.
    pub fn session_of(&self, seat: u16) -> &Session {
        self.team.shells.get(&seat).unwrap_or(&self.session)
    }

    /// Who did an act, by its entry.
    pub fn seat_of(&self, entry: u32) -> u16 {
        (entry as usize).checked_sub(1).and_then(|at| self.by.get(at)).copied().unwrap_or_default()
    }

    /// The profile of weights of the run's mode.
    pub fn profile(&self) -> &'static Profile {
        if self.mode == Mode::Gameday { &TEAM } else { &DETECTIVE }
    }

    /// The number of the act being done, or of the last one done.
    pub fn entry(&self) -> u32 {
        self.acts.len() as u32
    }

    pub fn now(&self) -> Time {
        self.stage.world.now
    }

    /// Since the page came.
    pub fn elapsed(&self) -> Span {
        self.now() - self.case.drill.page_at
    }

    pub fn complete(&self, line: &str, caret: usize) -> Vec<Candidate> {
        self.complete_of(team::ROOM, line, caret)
    }

    /// The same in the shell of a seat.
    pub fn complete_of(&self, seat: u16, line: &str, caret: usize) -> Vec<Candidate> {
        console::complete(&self.stage.world, self.session_of(seat), line, caret)
    }

    pub fn page(&self, id: u32) -> Option<&Page> {
        // Pages are numbered 1, 2, 3, … in the order of the list.
        self.pages.get((id as usize).checked_sub(1)?).filter(|page| page.id == id)
    }

    /// The log that is graded: what happened, what became of perishable clues that were not secured, how the harm went,
    /// and what reading costs. Lives through other runs on clones of the stage; meant for the end of a run, and kept then.
    pub fn graded_log(&self) -> Vec<Event> {
        let mut log = self.record.events.clone();
        log.extend(course::end(self).iter().cloned());
        if self.mode == Mode::Gameday {
            let what = What::Teamwork(team::work::of(self));
            log.push(Event { entry: 0, at: self.now(), what });
        }
        log
    }

    /// Grades the run as it stands, for a first attempt.
    pub fn score(&self) -> Scorecard {
        self.graded(&self.graded_log())
    }

    /// Grades what was done, without what became of the clues that were left behind: the points of the verdict are those of
    /// [`Run::score`], those of the scene are not.
    pub fn verdict_score(&self) -> Scorecard {
        self.graded(&self.record.events)
    }

    /// The same by another profile of weights.
    pub fn score_by(&self, profile: &Profile) -> Scorecard {
        score_with(&Truth::of(&self.case), &self.graded_log(), profile, self.record.scored)
    }

    pub(super) fn graded(&self, log: &[Event]) -> Scorecard {
        score_with(&Truth::of(&self.case), log, self.profile(), self.record.scored)
    }

    /// Everything a debrief tells but for the healthy twin, which costs a world: [`account::contrasts`] has that.
    pub fn debrief(&self) -> Debrief {
        account::of(self)
    }

    /// What the debrief of a game day has beyond that.
    pub fn team_account(&self) -> team::account::Account {
        team::account::account(self, &self.score())
    }

    /// The same in a language, as far as the case speaks it. What is graded goes by ids, so the points are the same.
    pub fn debrief_in(&self, lang: &str) -> Debrief {
        account::of(&self.told_in(lang))
    }

    /// What was said after the end, beside how it went.
    pub fn debrief_reflection(&self) -> Option<ReflectionTold> {
        account::reflection(self)
    }

    /// The same with the healthy twin's pages, for a report.
    pub fn debrief_whole(&self, lang: &str) -> Debrief {
        account::whole(&self.told_in(lang))
    }

    /// A copy whose case and collected words are told in a language.
    pub fn told_in(&self, lang: &str) -> Run {
        let mut told = self.clone();
        if self.case.tongues.contains_key(lang) {
            for word in &mut told.board.words {
                word.say = self.case.told(lang, &word.say).to_string();
            }
            told.case = Arc::new(self.case.told_in(lang));
        }
        told
    }

    /// The harm meter now.
    pub fn harm(&self) -> Harm {
        indicator::harm(self)
    }

    pub(super) fn note(&mut self, what: What) {
        let event = Event { entry: self.entry(), at: self.now(), what };
        self.record.events.push(event);
    }

    /// Takes in the messages that are due.
    pub(super) fn receive(&mut self) {
        let now = self.now();
        let brought = &self.sitting.injected;
        let due = message::all(&self.case, brought).into_iter().filter(|message| message.at <= now);
        let known = self.messages.len() - brought.len() - self.team.injects.extra;
        let mut fresh: Vec<Message> = due.skip(known).collect();
        let injects = team::inject::arriving(self);
        if !injects.is_empty() {
            fresh.extend(injects);
            fresh.sort_by_key(|message| message.at);
        }
        self.messages.extend(fresh);
    }

    /// A message that is not of the case's own list.
    pub(super) fn push_message(&mut self, message: Message) {
        self.team.injects.extra += 1;
        self.messages.push(message);
    }
}

/// The learner's shell as it is at first: the stage's own if it brings one, in the namespace `default` else.
pub fn learner_shell(stage: &Stage) -> Session {
    let mut session = stage.actors.get(LEARNER).cloned().unwrap_or_default();
    session.user = LEARNER.into();
    if session.namespace.is_empty() {
        session.namespace = "default".into();
    }
    session
}

/// Texts have an end: a run holds what people type, for ever.
fn bounded(act: &Act) -> Result<(), &'static str> {
    let length = match act {
        Act::Run { line } => line.len(),
        Act::State { text, form } => {
            let fields =
                form.iter().flat_map(|form| [&form.hurts, &form.not, &form.expected, &form.actual, &form.since]);
            fields.map(String::len).sum::<usize>() + text.len()
        }
        Act::Update { update } => update.text.len() + update.harm.len(),
        Act::Predict { text, .. } | Act::Expect { text } | Act::Note { text } => text.len(),
        Act::Reply { question, text } => question.len() + text.len(),
        Act::Reflect { reaction, pledge, .. } => reaction.len() + pledge.len(),
        Act::Interview { control } => match &**control {
            Control::Said { text, .. } | Control::Note { text } | Control::Accommodate { text } => text.len(),
            _ => return Ok(()),
        },
        Act::Bag { note, .. } => note.len(),
        _ => return Ok(()),
    };
    if length > LINE_BYTES_MAX { Err("notice.that-is-longer-than-a-line") } else { Ok(()) }
}
