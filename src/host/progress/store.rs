//! The file of progress: records of finished runs and marks by hand. It is derived: what is missing in it is read from the
//! runs' own folders, and a damaged one is put aside and made again. Records from elsewhere are believed as far as they
//! can be true. Does not know how it is shown.

use crate::case::progress::derive;
use crate::case::progress::recall::Review;
use crate::case::progress::record::{Level, Points, Record};
use crate::case::score::profile::DETECTIVE;
use crate::case::score::score;
use crate::case::score::truth::Truth;
use crate::drill::Mode;
use crate::drill::act::{Act, Guess};
use crate::host::places::Places;
use crate::host::runs::{self, Summary};
use crate::scenario::file;
use crate::stdx::time::{Span, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The form of the file, and of an export.
pub const FORMAT: u32 = 1;
/// A larger file is none of ours.
pub const BYTES_MAX: u64 = 32 << 20;
/// Records and marks that are kept or taken in, each.
pub const RECORDS_MAX: usize = 20_000;
/// Clocks of two machines may differ by so much.
const AHEAD_MAX: Span = Span::hours(24);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    pub format: u32,
    /// Runs that began until then do not count any more: they were deleted from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<Time>,
    /// Reviews by the learner's own hand.
    #[serde(default)]
    pub marks: Vec<Review>,
    pub records: Vec<Record>,
}

/// A store, and what there is to say about how it was come by.
pub struct Loaded {
    pub store: Store,
    pub said: Vec<String>,
}

/// The key of a run: of what its journal's header says, so that it is the same wherever the run is copied to.
fn key(run: &Summary) -> String {
    let text = format!("{}\n{}\n{}\n{}", run.case, run.variant, run.seed, run.started);
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the store and takes in finished runs that it does not have.
pub fn load(places: &Places, now: Time) -> Loaded {
    let _lock = locked(places);
    loaded(places, now)
}

/// The same by whoever holds the lock.
fn loaded(places: &Places, now: Time) -> Loaded {
    let path = places.progress();
    let mut said = Vec::new();
    let (mut store, fresh) = match read(&path, now) {
        Ok(Some((store, refused))) => {
            said.extend(refused.map(|why| format!("{}: {why}", path.display())));
            (store, false)
        }
        Ok(None) => (Store::default(), true),
        Err(why) => {
            let aside = put_aside(&path);
            let kept = aside.map_or_else(String::new, |aside| format!("; it is kept as {aside}"));
            said.push(format!("{} cannot be read ({why}){kept}", path.display()));
            (Store::default(), true)
        }
    };
    store.format = FORMAT;
    let (taken, failed) = take_in(places, &mut store, now);
    if fresh && taken > 0 {
        said.push(format!("progress was made again from {taken} finished runs"));
    }
    if failed > 0 {
        said.push(format!("{failed} finished runs cannot be read any more and are left out"));
    }
    if taken > 0
        && let Err(error) = write(places, &store)
    {
        said.push(format!("cannot write {}: {error}", path.display()));
    }
    Loaded { store, said }
}

/// A store from a file; `None` if there is none. Also what had to be left out of it.
fn read(path: &Path, now: Time) -> Result<Option<(Store, Option<String>)>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    believed(file, now).map(Some)
}

/// What can be believed of a store's text, and what was left out. The whole is refused if it is too large or no store.
fn believed(mut from: impl Read, now: Time) -> Result<(Store, Option<String>), String> {
    let mut text = String::new();
    from.by_ref().take(BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > BYTES_MAX {
        return Err(format!("it has more than {BYTES_MAX} bytes"));
    }
    let store: Store = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if store.format != FORMAT {
        return Err(format!("it is of form {}, and this program reads form {FORMAT}", store.format));
    }
    if store.records.len() > RECORDS_MAX || store.marks.len() > RECORDS_MAX {
        return Err(format!("it has more than {RECORDS_MAX} records"));
    }
    let latest = now + AHEAD_MAX;
    let (mut out, mut keys, mut refused) =
        (Store { records: Vec::new(), marks: Vec::new(), ..store }, BTreeSet::new(), Vec::new());
    for (at, record) in store.records.into_iter().enumerate() {
        match record.believed(latest) {
            Ok(record) if keys.insert(record.key.clone()) => out.records.push(record),
            Ok(_) => {}
            Err(why) => refused.push(format!("record {}: {why}", at + 1)),
        }
    }
    for (at, mark) in store.marks.into_iter().enumerate() {
        match mark.believed(latest) {
            Ok(mark) if !out.marks.contains(&mark) => out.marks.push(mark),
            Ok(_) => {}
            Err(why) => refused.push(format!("mark {}: {why}", at + 1)),
        }
    }
    Ok((out, told(&refused)))
}

/// The first of what was refused, and how many there were.
fn told(refused: &[String]) -> Option<String> {
    let first = refused.first()?;
    let more = refused.len() - 1;
    Some(if more == 0 { format!("left out: {first}") } else { format!("left out: {first}; and {more} more") })
}

/// Adds the finished runs that are not there yet: how many, and how many could not be read.
fn take_in(places: &Places, store: &mut Store, now: Time) -> (usize, usize) {
    let known: BTreeSet<String> = store.records.iter().map(|record| record.key.clone()).collect();
    let all = runs::list(places);
    let forgotten = store.forgotten;
    let counts = |run: &&Summary| {
        let own = run.mode != Mode::Gameday.name();
        own && run.state == "closed" && run.began().is_some_and(|at| forgotten.is_none_or(|until| at > until))
    };
    let missing = all.iter().filter(counts).filter(|run| !known.contains(&key(run)));
    let (mut taken, mut failed) = (0, 0);
    for run in missing {
        match derived(places, run, &all).map(|record| record.believed(now + AHEAD_MAX)) {
            Some(Ok(record)) => {
                store.records.push(record);
                taken += 1;
            }
            _ => failed += 1,
        }
    }
    (taken, failed)
}

/// The record of a finished run, from what is kept in its folder. Its case is read, not played.
fn derived(places: &Places, run: &Summary, all: &[Summary]) -> Option<Record> {
    let folder = places.runs().join(&run.id);
    let journal = runs::read(&folder).ok()?;
    if journal.header.mode() == Mode::Gameday {
        // What a room did is nobody's own progress.
        return None;
    }
    let pack = runs::pack_of(places, &journal.header.case, journal.header.mode()).ok()?;
    let (case, events) = match runs::events(&folder) {
        Some(kept) => {
            let read = file::read(&pack).ok()?;
            let drawn = file::draw(&pack, &read, &journal.header.variant, journal.header.seed).ok()?;
            (drawn.lowered.case, kept.events)
        }
        // Runs of before there were events, and such whose events were lost.
        None => {
            let folded = runs::fold(places, &journal).ok()?;
            let log = folded.graded_log();
            (std::sync::Arc::unwrap_or_clone(folded.case), log)
        }
    };
    let card = score(&Truth::of(&case), &events, &DETECTIVE);
    let mut record = derive::record(&case, &events, &card);
    record.key = key(run);
    record.at = run.began()?;
    record.played.mode = journal.header.mode().name().to_string();
    if journal.header.mode() == Mode::Interview {
        // An interview has no points anywhere: its concepts count, and that it was.
        record.points = Points { engine: record.points.engine, ..Points::default() };
    }
    let same = |other: &&Summary| {
        other.acts > 0 && other.id != run.id && other.started < run.started && behind(other) == behind(run)
    };
    record.played.attempt = 1 + all.iter().filter(same).count() as u32;
    for entry in &journal.entries {
        if let Act::Reflect { guess, pledge, .. } = &entry.act {
            record.guess = guess.iter().map(|(dim, guess)| (*dim, level(*guess))).collect();
            record.pledge.clone_from(pledge);
        }
    }
    Some(record)
}

fn level(guess: Guess) -> Level {
    match guess {
        Guess::Low => Level::Low,
        Guess::Middle => Level::Middle,
        Guess::High => Level::High,
    }
}

/// Case and variant behind a family's page.
fn behind(run: &Summary) -> (&str, &str) {
    run.variant.split_once('/').unwrap_or((&run.case, &run.variant))
}

/// Makes the record of one run anew: at its end, and when something was said after it.
pub fn note(places: &Places, id: &str, now: Time) -> io::Result<()> {
    let all = runs::list(places);
    let Some(run) = all.iter().find(|run| run.id == id) else { return Ok(()) };
    let _lock = locked(places);
    let mut store = loaded(places, now).store;
    let Some(Ok(record)) = derived(places, run, &all).map(|record| record.believed(now + AHEAD_MAX)) else {
        return Ok(());
    };
    if store.forgotten.is_some_and(|until| record.at <= until) {
        return Ok(());
    }
    match store.records.iter_mut().find(|own| own.key == record.key) {
        Some(own) if *own == record => return Ok(()),
        Some(own) => *own = record,
        None => store.records.push(record),
    }
    write(places, &store)
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    pub records: usize,
    pub marks: usize,
    /// Records that were there already: one's own stand.
    pub known: usize,
    pub refused: Option<String>,
}

/// Takes in what another store has and this one has not. Doing it twice changes nothing.
pub fn import(places: &Places, from: impl Read, now: Time) -> Result<Merged, String> {
    let (other, refused) = believed(from, now)?;
    let _lock = locked(places);
    let mut store = loaded(places, now).store;
    let mut merged = Merged { refused, ..Merged::default() };
    let known: BTreeSet<String> = store.records.iter().map(|record| record.key.clone()).collect();
    for record in other.records {
        if known.contains(&record.key) {
            merged.known += 1;
        } else if store.records.len() < RECORDS_MAX {
            store.records.push(record);
            merged.records += 1;
        }
    }
    for mark in other.marks {
        if !store.marks.contains(&mark) && store.marks.len() < RECORDS_MAX {
            store.marks.push(mark);
            merged.marks += 1;
        }
    }
    if merged.records + merged.marks > 0 {
        write(places, &store).map_err(|error| format!("cannot write {}: {error}", places.progress().display()))?;
    }
    Ok(merged)
}

/// Names that are tried for one export: of a day, and of the same day again.
const EXPORTS_MAX: u32 = 100;

/// Writes an export into the working directory, never over what is there; gives where.
pub fn export_beside(store: &Store, now: Time) -> Result<PathBuf, String> {
    let text = export(store);
    let mut refused = String::new();
    for n in 1..=EXPORTS_MAX {
        let again = if n == 1 { String::new() } else { format!("-{n}") };
        let path = PathBuf::from(format!("whodunit-progress-{}{again}.json", now.date()));
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        match made.and_then(|mut file| file.write_all(text.as_bytes())) {
            Ok(()) => return Ok(std::fs::canonicalize(&path).unwrap_or(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => refused = error.to_string(),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
    }
    Err(refused)
}

/// The store as it can be carried to another machine.
pub fn export(store: &Store) -> String {
    let whole = Store { forgotten: None, ..store.clone() };
    serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
}

/// Marks a concept by hand.
pub fn mark(places: &Places, review: Review, now: Time) -> io::Result<()> {
    let _lock = locked(places);
    let mut store = loaded(places, now).store;
    if store.marks.len() < RECORDS_MAX {
        store.marks.push(review);
    }
    write(places, &store)
}

/// Forgets everything. Runs that have ended do not count any more; with `runs` their folders are removed as well.
pub fn delete(places: &Places, runs_too: bool, now: Time) -> io::Result<usize> {
    let _lock = locked(places);
    let mut removed = 0;
    if runs_too {
        for run in runs::list(places).iter().filter(|run| run.state == "closed") {
            fs::remove_dir_all(places.runs().join(&run.id))?;
            removed += 1;
        }
    }
    for old in asides(&places.progress()) {
        fs::remove_file(old)?;
    }
    write(places, &Store { format: FORMAT, forgotten: Some(now), ..Store::default() })?;
    Ok(removed)
}

// ---- files -------------------------------------------------------------------------------------------------------------

/// Written under another name first, so that it is never half there.
fn write(places: &Places, store: &Store) -> io::Result<()> {
    let path = places.progress();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string(store).map_err(io::Error::other)?;
    let draft = path.with_extension("json.new");
    let mut file = File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// Held while the file is changed: two programs may finish at once. Without a folder there is nothing to hold.
fn locked(places: &Places) -> Option<File> {
    let path = places.progress().with_extension("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// Damaged files that were put aside are so many at most; the newest takes the last name.
const ASIDES_MAX: usize = 9;

fn aside_name(path: &Path, n: usize) -> std::path::PathBuf {
    path.with_extension(format!("json.damaged-{n}"))
}

fn asides(path: &Path) -> Vec<std::path::PathBuf> {
    (1..=ASIDES_MAX).map(|n| aside_name(path, n)).filter(|old| old.exists()).collect()
}

fn put_aside(path: &Path) -> Option<String> {
    let free = (1..=ASIDES_MAX).map(|n| aside_name(path, n)).find(|name| !name.exists());
    let name = free.unwrap_or_else(|| aside_name(path, ASIDES_MAX));
    fs::rename(path, &name).ok()?;
    Some(name.display().to_string())
}
