//! Runs on disk: one folder a run, its journal append-only and synced before an act is acknowledged, a lock against two
//! writers, and a summary for lists. Does not know what acts mean.

use super::cases;
use super::places::Places;
use super::progress;
use super::threads;
use crate::case::score::ENGINE;
use crate::case::score::log::Event;
use crate::drill::Mode;
use crate::drill::act::Act;
use crate::drill::course;
use crate::drill::interview::{Competency, Control};
use crate::drill::journal::{self, Header, Journal, Writer};
use crate::drill::run::{Clock, Outcome, Phase, Run};
use crate::scenario;
use crate::scenario::source::Pack;
use crate::stdx::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";
const SUMMARY: &str = "summary.json";
const EVENTS: &str = "events.json";
/// Ticks of a room's clock that one entry holds.
const TICKS_MAX: Span = Span::mins(10);
/// A journal larger than this is none of ours.
const JOURNAL_BYTES_MAX: u64 = 256 << 20;

/// Derived from the journal, for lists: may be deleted at any time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub id: String,
    pub case: String,
    pub variant: String,
    pub seed: u64,
    /// On which terms it is played; empty in summaries from before there were several.
    #[serde(default)]
    pub mode: String,
    pub title: String,
    pub started: String,
    /// `open`, `closed`, or `damaged`: its journal cannot be read.
    pub state: String,
    pub acts: u32,
    /// Thousandths of a point, once closed.
    pub points_m: Option<i64>,
    pub points_max: Option<i64>,
}

impl Summary {
    /// When it began, by the wall clock.
    pub fn began(&self) -> Option<Time> {
        Time::parse(&self.started)
    }

    /// `57.5 of 68`.
    pub fn points(&self) -> Option<String> {
        let (points, max) = (self.points_m?, self.points_max?);
        Some(format!("{} of {max}", tenths(points)))
    }
}

/// Thousandths as tenths, floored.
pub fn tenths(thousandths: i64) -> String {
    format!("{}.{}", thousandths.div_euclid(1_000), thousandths.rem_euclid(1_000) / 100)
}

/// What is graded, kept beside the journal when a run closes: another version of the case or of the engine grades it
/// without playing the run again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// The engine that derived them.
    pub engine: String,
    pub case_hash: String,
    pub events: Vec<Event>,
}

/// The events of a closed run, if they are there and whole.
pub fn events(folder: &Path) -> Option<Events> {
    let mut text = String::new();
    File::open(folder.join(EVENTS)).ok()?.take(JOURNAL_BYTES_MAX).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes a file by another name first, so that it is never half there.
pub fn put(folder: &Path, name: &str, content: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(content).map_err(io::Error::other)?;
    let draft = folder.join(format!("{name}.new"));
    fs::write(&draft, text + "\n")?;
    fs::rename(draft, folder.join(name))
}

/// What to open.
#[derive(Clone, Debug, Default)]
pub struct Order {
    pub case: String,
    pub seed: Option<u64>,
    pub variant: Option<String>,
    pub clock: Clock,
    /// Thousandths of wall time.
    pub speed: u32,
    pub mode: Mode,
    /// The time-box of an interview, in minutes, if another than the case's.
    pub minutes: Option<u32>,
    /// The code of the opening that it is for.
    pub opening: String,
    /// What is not observed in it.
    pub without: BTreeSet<Competency>,
}

/// A run with its open, locked journal.
pub struct Kept {
    pub run: Run,
    pub header: Header,
    pub folder: PathBuf,
    file: File,
    writer: Writer,
    /// Where progress is kept, if the run counts for it.
    counts: Option<Places>,
    // Held for its lock alone: the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl Kept {
    /// Does an act; its entry is on disk before anybody hears of it.
    pub fn act(&mut self, act: Act) -> io::Result<Outcome> {
        self.act_as(0, act)
    }

    /// The clock of a room goes on ([`Run::tick`]). Its entry is written with the next act, or by [`Kept::flush`].
    pub fn tick(&mut self, to: Span) -> io::Result<Outcome> {
        let mut kept = Ok(());
        // An entry that would begin anew must not leave one behind that was never written.
        if self.run.pending().is_some_and(|(began, _)| self.run.case.drill.page_at + to - *began > TICKS_MAX) {
            kept = self.flush();
        }
        kept.map(|()| self.run.tick(to))
    }

    /// Writes the ticks of the clock that no entry on disk says yet.
    pub fn flush(&mut self) -> io::Result<()> {
        let Some((at, act)) = self.run.pending().cloned() else { return Ok(()) };
        let bytes = self.writer.entry(at, 0, &act);
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.run.seal();
        Ok(())
    }

    /// The same of a seat of a room.
    pub fn act_as(&mut self, seat: u16, act: Act) -> io::Result<Outcome> {
        self.flush()?;
        let (at, before) = (self.run.now(), self.run.phase);
        let outcome = self.run.apply(seat, act.clone());
        if !outcome.refused {
            // As the run took it: what is written for others to read is harmless and has an end.
            let done = self.run.acts.last().map_or(&act, |(_, done)| done);
            let bytes = self.writer.entry(at, seat, done);
            self.file.write_all(&bytes)?;
            self.file.sync_data()?;
            // What is said after the end changes nothing of what is graded.
            if self.run.phase == Phase::Closed && before != Phase::Closed {
                self.keep_events()?;
                self.summarise()?;
                self.note();
            } else if matches!(act, Act::Reflect { .. }) {
                // The guess and the pledge belong to one's progress.
                self.note();
            }
        }
        Ok(outcome)
    }

    /// Lets progress know. What cannot be written there is made again from the run.
    fn note(&self) {
        let id = self.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(places) = &self.counts {
            let _ = progress::store::note(places, id, progress::now());
        }
    }

    /// Writes the summary anew.
    pub fn summarise(&self) -> io::Result<()> {
        let summary = summary_of(&self.folder, &self.header, &self.run);
        put(&self.folder, SUMMARY, &summary)
    }

    /// Keeps what is graded, once the run is closed.
    fn keep_events(&self) -> io::Result<()> {
        let (engine, case_hash) = (ENGINE.to_string(), self.header.case_hash.clone());
        put(&self.folder, EVENTS, &Events { engine, case_hash, events: self.run.graded_log() })
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What is lost here is the clock since it was written last; a summary is made again from the journal.
        let _ = self.flush();
        let _ = self.summarise();
    }
}

fn summary_of(folder: &Path, header: &Header, run: &Run) -> Summary {
    // An interview has no total anywhere.
    let card = (run.phase == Phase::Closed && run.mode != Mode::Interview).then(|| run.score());
    Summary {
        id: folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string(),
        case: header.case.clone(),
        variant: header.variant.clone(),
        seed: header.seed,
        mode: header.mode.clone(),
        title: run.case.drill.title.clone(),
        started: header.started.clone(),
        state: if run.phase == Phase::Closed { "closed" } else { "open" }.into(),
        acts: run.acts.len() as u32,
        points_m: card.as_ref().map(|card| card.total_m()),
        points_max: card.as_ref().map(|card| card.max()),
    }
}

/// Casts a case and opens it at its page. A seed or variant that was not named is drawn; `now` is wall-clock milliseconds.
pub fn cast(places: &Places, order: &Order, now: i64) -> Result<Run, String> {
    let pack = pack_of(places, &order.case, order.mode)?;
    let file = scenario::file::read(&pack).map_err(|problems| scenario::render(&problems))?;
    let seed = order.seed.unwrap_or((now as u64) % 1_000_000);
    let variant = match &order.variant {
        Some(variant) if file.variants.contains(variant) => variant.clone(),
        // Which there are would be a hint.
        Some(variant) => return Err(format!("this case has no variant `{variant}`\nhint: without one, it is drawn")),
        None => {
            let count = file.variants.len().max(1) as u64;
            let drawn = crate::stdx::dice::at(seed, crate::stdx::dice::hash_name("variant"), 0) % count;
            file.variants.get(drawn as usize).cloned().unwrap_or_default()
        }
    };
    let (case, stage) = scenario::cast(&pack, &variant, seed).map_err(|problems| scenario::render(&problems))?;
    let mut run = Run::open_as(Arc::new(case), stage, order.clock, order.mode);
    run.sitting.minutes = order.minutes.filter(|_| order.mode.is_kept());
    run.sitting.opening = order.opening.clone();
    Ok(run)
}

/// The pack of a run's case: the day's drill is always that of the library, so that it is the same for everybody.
pub fn pack_of(places: &Places, case: &str, mode: Mode) -> Result<Pack, String> {
    match scenario::find(case).filter(|_| mode == Mode::Daily) {
        Some(pack) => Ok(pack),
        None => cases::find(places, case),
    }
}

/// Begins a run in a folder of its own.
pub fn begin(places: &Places, order: &Order) -> Result<Kept, String> {
    let now = chrono::Utc::now();
    let run = cast(places, order, now.timestamp_millis())?;
    let stem = format!("{}-{}", now.format("%Y%m%d-%H%M%S"), run.case.slug);
    let said = |error: io::Error| format!("cannot keep the run in {}: {error}", places.runs().display());
    fs::create_dir_all(places.runs()).map_err(said)?;
    let folder = (0..1_000)
        .map(|n| if n == 0 { stem.clone() } else { format!("{stem}-{n}") })
        .map(|name| places.runs().join(name))
        .find_map(|folder| match fs::create_dir(&folder) {
            Ok(()) => Some(Ok(folder)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            Err(error) => Some(Err(error)),
        })
        .unwrap_or_else(|| Err(io::Error::other("too many runs began in this second")))
        .map_err(said)?;
    let started = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut kept = keep(run, folder.clone(), order.speed, &started).map_err(said)?;
    // What a team did is nobody's own progress.
    kept.counts = (order.mode != Mode::Gameday).then(|| places.clone());
    foresee(&kept.run);
    for competency in &order.without {
        let control = Box::new(Control::Observe { competency: *competency, on: false });
        kept.act(Act::Interview { control }).map_err(said)?;
    }
    Ok(kept)
}

/// What a run will be measured against follows from its opening, and is worked out beside the play.
fn foresee(run: &Run) {
    let own = run.clone();
    threads::beside(move || course::prepare(&own));
}

/// Begins the journal of a run in a folder that exists and is empty.
pub fn keep(run: Run, folder: PathBuf, speed: u32, started: &str) -> io::Result<Kept> {
    let lock = locked(&folder)?;
    let header = Header::new(&run.case, run.clock, speed, started).of_mode(run.mode);
    let header = Header { minutes: run.sitting.minutes, opening: run.sitting.opening.clone(), ..header };
    let (writer, bytes) = Writer::begin(&header);
    let mut file = OpenOptions::new().create_new(true).append(true).open(folder.join(JOURNAL))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    // The folder's own entry must last as well.
    File::open(&folder)?.sync_all()?;
    let kept = Kept { run, header, folder, file, writer, counts: None, _lock: lock };
    kept.summarise()?;
    Ok(kept)
}

fn locked(folder: &Path) -> io::Result<File> {
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another whodunit is playing this run")),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A folder given as a path, or a run's name or a part of it that only it has; `None` is the newest open run.
pub fn folder(places: &Places, name: Option<&str>) -> Result<PathBuf, String> {
    let runs = list(places);
    let Some(name) = name else {
        let open = runs
            .iter()
            .filter(|run| run.state == "open" && run.mode != Mode::Gameday.name())
            .find(|run| read(&places.runs().join(&run.id)).is_ok())
            .ok_or("there is no open run\nhint: `whodunit play CASE` starts one")?;
        return Ok(places.runs().join(&open.id));
    };
    let path = Path::new(name);
    if path.join(JOURNAL).exists() {
        return Ok(path.to_path_buf());
    }
    let matching: Vec<&Summary> = runs.iter().filter(|run| run.id.contains(name)).collect();
    match matching[..] {
        [] => Err(format!("there is no run `{name}`\nhint: `whodunit runs` names them")),
        [only] => Ok(places.runs().join(&only.id)),
        _ if matching.iter().any(|run| run.id == name) => Ok(places.runs().join(name)),
        _ => Err(format!("`{name}` fits {} runs\nhint: give more of the name", matching.len())),
    }
}

/// Reads the journal of a run's folder.
pub fn read(folder: &Path) -> Result<Journal, String> {
    let path = folder.join(JOURNAL);
    let said = |why: String| format!("{}: {why}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(|error| said(error.to_string()))?;
    file.take(JOURNAL_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| said(error.to_string()))?;
    journal::parse(&bytes).map_err(|fault| said(fault.to_string()))
}

/// The opening of a journal's run: its case as it was at the page.
pub fn opening(places: &Places, header: &Header) -> Result<Run, String> {
    let order = Order {
        case: header.case.clone(),
        seed: Some(header.seed),
        variant: Some(header.variant.clone()),
        clock: header.clock(),
        speed: header.speed,
        mode: header.mode(),
        minutes: header.minutes,
        opening: header.opening.clone(),
        without: BTreeSet::new(),
    };
    cast(places, &order, 0)
}

/// Folds a journal again.
pub fn fold(places: &Places, journal: &Journal) -> Result<Run, String> {
    let header = &journal.header;
    let pack = pack_of(places, &header.case, header.mode())?;
    let (case, stage) = scenario::cast(&pack, &header.variant, header.seed).map_err(|p| scenario::render(&p))?;
    journal::fold(journal, Arc::new(case), stage).map_err(|fault| fault.to_string())
}

/// The fingerprint of a run's journal: of its whole lines.
pub fn fingerprint(folder: &Path) -> Result<String, String> {
    let journal = read(folder)?;
    let bytes = fs::read(folder.join(JOURNAL)).map_err(|error| error.to_string())?;
    Ok(journal::fingerprint(bytes.get(..journal.whole).unwrap_or(&bytes)))
}

/// Takes a run up where it was left; a torn last line was never acknowledged and is cut off.
pub fn resume(places: &Places, folder: PathBuf) -> Result<Kept, String> {
    let said = |error: io::Error| format!("{}: {error}", folder.display());
    let lock = locked(&folder).map_err(said)?;
    let journal = read(&folder)?;
    let run = fold(places, &journal)?;
    let file = OpenOptions::new().append(true).open(folder.join(JOURNAL)).map_err(said)?;
    file.set_len(journal.whole as u64).map_err(said)?;
    let writer = Writer::after(&journal);
    // A run kept elsewhere, as `run --run-dir` does, is not one's own play.
    let own = folder.parent() == Some(places.runs().as_path()) && run.mode != Mode::Gameday;
    let counts = own.then(|| places.clone());
    foresee(&run);
    Ok(Kept { run, header: journal.header, folder: folder.clone(), file, writer, counts, _lock: lock })
}

/// All runs, newest first, as their summaries say. Of each journal no more than its header is read.
pub fn list(places: &Places) -> Vec<Summary> {
    let mut runs: Vec<Summary> = fs::read_dir(places.runs())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| summary(&entry.path()))
        .collect();
    runs.sort_by(|a, b| b.id.cmp(&a.id));
    runs
}

/// All runs, newest first, every journal read to its end.
pub fn list_read(places: &Places) -> Vec<Summary> {
    let mut runs = list(places);
    for run in runs.iter_mut().filter(|run| run.state != DAMAGED) {
        if read(&places.runs().join(&run.id)).is_err() {
            *run = std::mem::take(run).damaged();
        }
    }
    runs
}

const DAMAGED: &str = "damaged";
/// A header is far shorter.
const HEADER_BYTES_MAX: u64 = 64 << 10;

impl Summary {
    /// What such a run counts for is not known.
    fn damaged(self) -> Summary {
        Summary { state: DAMAGED.into(), points_m: None, points_max: None, ..self }
    }
}

/// The first line of a run's journal.
fn header(folder: &Path) -> Option<Header> {
    let path = folder.join(JOURNAL);
    if !fs::metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEADER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some(journal::parse(&bytes[..=end]).ok()?.header)
}

/// A run as its summary says, if that is of this journal; without a summary the journal is read.
fn summary(folder: &Path) -> Option<Summary> {
    let id = folder.file_name()?.to_str()?.to_string();
    if !folder.join(JOURNAL).exists() {
        return None;
    }
    let text = fs::read_to_string(folder.join(SUMMARY)).unwrap_or_default();
    let known = serde_json::from_str::<Summary>(&text).ok().map(|known| Summary { id: id.clone(), ..known });
    let Some(header) = header(folder) else {
        return Some(known.unwrap_or(Summary { id, ..Summary::default() }).damaged());
    };
    if let Some(known) = known.filter(|known| known.case == header.case && known.seed == header.seed) {
        return Some(known);
    }
    let told = Summary {
        id,
        case: header.case,
        variant: header.variant,
        seed: header.seed,
        mode: header.mode,
        started: header.started,
        ..Summary::default()
    };
    let Ok(journal) = read(folder) else { return Some(told.damaged()) };
    // Whether a verdict was the last one only its run knows; what goes on after one goes on.
    let ends = |act: &Act| matches!(act, Act::Verdict { .. } | Act::Answer { .. } | Act::Close | Act::Reflect { .. });
    let closed = journal.entries.last().is_some_and(|entry| ends(&entry.act) || matches!(entry.act, Act::Reply { .. }));
    let state = if closed { "closed" } else { "open" }.into();
    Some(Summary { state, acts: journal.entries.len() as u32, ..told })
}
