//! U, communication: updates in time, true in their fields, and promises kept. Does not read their words.

use super::log::{Course, Digest, Update};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact, teamwork};
use crate::stdx::time::{Span, Time};
use num_traits::{One, Zero};

pub const ROW: Dimension = Dimension {
    dim: Dim::U,
    name: "communication",
    doc: "updates that were true, in time, and kept their promises",
    rule: score,
};

/// Nobody waits impatiently for so long: until the first update, and from one to the next.
const FIRST_WITHIN: Span = Span::mins(10);
const NEXT_WITHIN: Span = Span::mins(20);
/// So much staleness leaves nothing.
const STALE_MAX: Span = Span::mins(20);
/// A promise is kept if it is late by no more than this.
const GRACE: Span = Span::mins(1);

/// A third each for timeliness, truth and promises; of a team, what it has beyond them.
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let third = exact(profile.updates(), 3);
    let told = Telling::of(truth, digest);
    let mut lines = vec![timely(&told, third.clone())];
    lines.extend(truthful(&told, &third));
    lines.extend(promises(&told, &third));
    lines.extend(teamwork::lines(digest, profile));
    lines
}

/// The updates beside what ended the need for them.
struct Telling<'a> {
    page: Time,
    updates: &'a [Update],
    /// Declarations that were true, and the entries of those that were not.
    over: Vec<Time>,
    false_alarms: Vec<u32>,
    /// The first true declaration; else the close. A false one ends nothing.
    end: Time,
}

impl Telling<'_> {
    fn of<'a>(truth: &Truth, digest: &'a Digest) -> Telling<'a> {
        let course: Course = digest.whole.course.unwrap_or_default();
        let declared = digest.told.resolved.iter();
        let over: Vec<Time> = declared.clone().map(|(_, at)| *at).filter(|at| course.over(*at)).collect();
        let false_alarms = declared.filter(|(_, at)| !course.over(*at)).map(|(entry, _)| *entry).collect();
        let end = over.iter().min().copied().unwrap_or(truth.closes);
        Telling { page: truth.page, updates: &digest.told.updates, over, false_alarms, end }
    }

    /// When updates were sent while they were wanted.
    fn times(&self) -> impl Iterator<Item = Time> {
        self.updates.iter().map(|update| update.at).filter(|at| *at <= self.end)
    }
}

/// `clamp(1 − stale / 20 min)`; nothing if nobody was ever told.
fn timely(told: &Telling, max: Exact) -> Line {
    let entries = told.updates.iter().map(|update| update.entry);
    let line =
        Line::new(Dim::U, "communication.timely", "", max.clone()).because("updates", told.updates.len()).at(entries);
    let times: Vec<Time> = told.times().collect();
    if times.is_empty() {
        return line;
    }
    let mut stale = Span::ZERO;
    let (mut last, mut within) = (told.page, FIRST_WITHIN);
    for at in times.into_iter().chain([told.end]) {
        stale = stale + (at - last - within).max(Span::ZERO);
        (last, within) = (at, NEXT_WITHIN);
    }
    let fresh = (Exact::one() - exact(stale.0, STALE_MAX.0)).max(Exact::zero());
    line.because("stale", stale.human()).got(max * fresh)
}

/// `true fields / graded fields` over all updates, a line for each; nothing if "resolved" was ever said while it was not.
fn truthful(told: &Telling, max: &Exact) -> Vec<Line> {
    let graded: usize = told.updates.iter().map(|update| update.fields.len()).sum();
    if graded == 0 {
        return vec![
            Line::new(Dim::U, "communication.truthful", "", max.clone()).because("updates", told.updates.len()),
        ];
    }
    let line = |update: &Update| {
        let share = |count: usize| max * exact(count as i64, graded as i64);
        let right = update.fields.values().filter(|right| **right).count();
        let wrong: Vec<&str> =
            update.fields.iter().filter(|(_, right)| !**right).map(|(name, _)| name.as_str()).collect();
        let line = Line::new(Dim::U, "communication.truthful", update.at.clock(), share(update.fields.len()))
            .because("fields", format!("{right}/{}", update.fields.len()))
            .at([update.entry]);
        let line = if wrong.is_empty() { line } else { line.because("untrue", wrong.join(" ")) };
        if told.false_alarms.is_empty() { line.got(share(right)) } else { line }
    };
    let mut lines: Vec<Line> = told.updates.iter().map(line).collect();
    if !told.false_alarms.is_empty() {
        let alarm = Line::new(Dim::U, "communication.false-resolved", "", Exact::zero());
        lines.push(alarm.because("forfeited", "truth").at(told.false_alarms.iter().copied()));
    }
    lines
}

/// `promises kept / promises made`, a line for each: by an update, or by the true end.
fn promises(told: &Telling, max: &Exact) -> Vec<Line> {
    let made: Vec<(&Update, Span)> = told.updates.iter().filter_map(|update| Some((update, update.next?))).collect();
    if made.is_empty() {
        return vec![Line::new(Dim::U, "communication.promise", "", max.clone()).because("promises", "none")];
    }
    let each = max / exact(made.len() as i64, 1);
    let line = |(update, next): &(&Update, Span)| {
        let kept = told.times().chain(told.over.iter().copied()).filter(|at| *at > update.at).min();
        let line = Line::new(Dim::U, "communication.promise", update.at.clock(), each.clone())
            .because("within", next.human())
            .at([update.entry]);
        match kept.filter(|at| *at - update.at <= *next + GRACE) {
            Some(at) => line.because("kept", (at - update.at).human()).got(each.clone()),
            None => line.because("broken", "yes"),
        }
    };
    made.iter().map(line).collect()
}
