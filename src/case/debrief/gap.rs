//! The few places where most points went: each is an observation with its journal entries, a concern and a question. Read
//! from the ledger, so that what a gap cost is what the ledger says. Has no words, and never knows a person.

use crate::case::score::log::{Digest, Event, Suspect};
use crate::case::score::truth::{Blank, Truth};
use crate::case::score::{Dim, Exact, Line, Scorecard, exact};
use crate::stdx::time::Time;
use num_traits::{One, ToPrimitive, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Gaps that are told, at most: more cannot be taken in at once.
pub const GAPS_MAX: usize = 3;
/// What cost less is not worth a conversation: thousandths of a point.
const LOST_MIN_M: i64 = 500;

/// One gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub kind: GapKind,
    /// Where it was lost.
    pub dim: Dim,
    /// Thousandths of a point that it cost, as the ledger reckons.
    pub lost_m: i64,
    /// When it came about, if at a certain time.
    pub at: Option<Time>,
    /// The journal's entries that it is about.
    pub entries: Vec<u32>,
    /// What it names.
    pub about: Vec<About>,
}

/// What a gap names, for the words to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Ids.
    Clues(Vec<String>),
    Rivals(Vec<String>),
    Blanks(Vec<Blank>),
    /// Names of the fields of a form.
    Fields(Vec<String>),
    /// A command of the learner.
    Command(String),
    /// Minutes and the like, as the ledger says them: its own key, and the value.
    Value(&'static str, String),
}

/// Every gap there may be, by what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// Perishable clues that a change took away before they were bagged.
    SceneLost,
    /// Perishable clues that were left where they were, or expired.
    SceneLeft,
    Blind,
    Confounded,
    /// Right words with less than a full proof.
    Unproven,
    /// Words that are not the answer.
    Wrong,
    /// Blanks left open.
    Open,
    /// Exhibits cited that do not bear on it.
    Stray,
    /// Further hearings.
    Attempts,
    RivalsOpen,
    RivalsThin,
    TruthCleared,
    /// Said more than the evidence carried.
    Ahead,
    /// Said less.
    Behind,
    /// Too few statements of belief, or fewer than two suspects rated in them.
    Unrated,
    Unstated,
    StatedLate,
    StatedWrong,
    /// Reading that took long for what it brought.
    ReadingSlow,
    /// Reading that did not carry far.
    ReadingThin,
    HarmLong,
    NotEnded,
    NotLasting,
    Unverified,
    Silent,
    Untrue,
    FalseResolved,
    Promise,
    Hints,
}

impl GapKind {
    /// Its name in messages and files.
    pub fn key(self) -> &'static str {
        match self {
            GapKind::SceneLost => "scene-lost",
            GapKind::SceneLeft => "scene-left",
            GapKind::Blind => "blind",
            GapKind::Confounded => "confounded",
            GapKind::Unproven => "unproven",
            GapKind::Wrong => "wrong",
            GapKind::Open => "open",
            GapKind::Stray => "stray",
            GapKind::Attempts => "attempts",
            GapKind::RivalsOpen => "rivals-open",
            GapKind::RivalsThin => "rivals-thin",
            GapKind::TruthCleared => "truth-cleared",
            GapKind::Ahead => "ahead",
            GapKind::Behind => "behind",
            GapKind::Unrated => "unrated",
            GapKind::Unstated => "unstated",
            GapKind::StatedLate => "stated-late",
            GapKind::StatedWrong => "stated-wrong",
            GapKind::ReadingSlow => "reading-slow",
            GapKind::ReadingThin => "reading-thin",
            GapKind::HarmLong => "harm-long",
            GapKind::NotEnded => "not-ended",
            GapKind::NotLasting => "not-lasting",
            GapKind::Unverified => "unverified",
            GapKind::Silent => "silent",
            GapKind::Untrue => "untrue",
            GapKind::FalseResolved => "false-resolved",
            GapKind::Promise => "promise",
            GapKind::Hints => "hints",
        }
    }
}

/// All kinds, for whoever has words for them.
pub const KINDS: &[GapKind] = &[
    GapKind::SceneLost,
    GapKind::SceneLeft,
    GapKind::Blind,
    GapKind::Confounded,
    GapKind::Unproven,
    GapKind::Wrong,
    GapKind::Open,
    GapKind::Stray,
    GapKind::Attempts,
    GapKind::RivalsOpen,
    GapKind::RivalsThin,
    GapKind::TruthCleared,
    GapKind::Ahead,
    GapKind::Behind,
    GapKind::Unrated,
    GapKind::Unstated,
    GapKind::StatedLate,
    GapKind::StatedWrong,
    GapKind::ReadingSlow,
    GapKind::ReadingThin,
    GapKind::HarmLong,
    GapKind::NotEnded,
    GapKind::NotLasting,
    GapKind::Unverified,
    GapKind::Silent,
    GapKind::Untrue,
    GapKind::FalseResolved,
    GapKind::Promise,
    GapKind::Hints,
];

/// The costliest gaps of a graded log. `through` says by which change a destroyed clue was lost; `did` is the command of a
/// journal entry.
pub fn gaps(
    truth: &Truth,
    card: &Scorecard,
    log: &[Event],
    through: &BTreeMap<String, u32>,
    did: impl Fn(u32) -> String,
) -> Vec<Gap> {
    let mut sums = Sums { truth, digest: Digest::of(log), found: BTreeMap::new() };
    for line in &card.ledger {
        sums.take(line, through);
    }
    sums.settle(card);
    sums.blame_the_scene(card);
    let when = |entry: u32| log.iter().find(|event| event.entry == entry).map(|event| event.at);
    let mut gaps: Vec<Gap> = sums.found.into_iter().map(|(kind, sum)| sum.gap(kind, &when, &did)).collect();
    gaps.retain(|gap| gap.lost_m >= LOST_MIN_M);
    // The order of the kinds decides between equals.
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.lost_m));
    gaps.truncate(GAPS_MAX);
    gaps
}

/// What one kind of gap adds up to.
#[derive(Clone, Debug)]
struct Sum {
    dim: Dim,
    lost: Exact,
    entries: BTreeSet<u32>,
    ids: Vec<String>,
    blanks: Vec<Blank>,
    fields: BTreeSet<String>,
    values: Vec<(&'static str, String)>,
    by_change: bool,
}

impl Sum {
    fn of(dim: Dim) -> Sum {
        Sum {
            dim,
            lost: Exact::zero(),
            entries: BTreeSet::new(),
            ids: Vec::new(),
            blanks: Vec::new(),
            fields: BTreeSet::new(),
            values: Vec::new(),
            by_change: false,
        }
    }

    fn gap(self, kind: GapKind, when: &impl Fn(u32) -> Option<Time>, did: &impl Fn(u32) -> String) -> Gap {
        let mut about = Vec::new();
        if !self.ids.is_empty() {
            let rivals = matches!(kind, GapKind::RivalsOpen | GapKind::RivalsThin);
            about.push(if rivals { About::Rivals(self.ids) } else { About::Clues(self.ids) });
        }
        if !self.blanks.is_empty() {
            about.push(About::Blanks(self.blanks));
        }
        if !self.fields.is_empty() {
            about.push(About::Fields(self.fields.into_iter().collect()));
        }
        let first = self.entries.first().copied();
        if self.by_change {
            about.extend(first.map(did).filter(|did| !did.is_empty()).map(About::Command));
        }
        about.extend(self.values.into_iter().map(|(key, value)| About::Value(key, value)));
        let lost_m = (self.lost * exact(1000, 1)).floor().to_integer().to_i64().unwrap_or_default();
        Gap {
            kind,
            dim: self.dim,
            lost_m,
            at: first.and_then(when),
            entries: self.entries.into_iter().collect(),
            about,
        }
    }
}

struct Sums<'a> {
    truth: &'a Truth,
    digest: Digest,
    found: BTreeMap<GapKind, Sum>,
}

impl Sums<'_> {
    fn put(&mut self, kind: GapKind, lost: Exact, line: &Line) -> &mut Sum {
        let sum = self.found.entry(kind).or_insert_with(|| Sum::of(line.dim));
        sum.lost += lost;
        sum.entries.extend(&line.entries);
        sum
    }

    fn take(&mut self, line: &Line, through: &BTreeMap<String, u32>) {
        let lost = &line.max - &line.got;
        if lost <= Exact::zero() {
            return;
        }
        let because = |key: &str| line.because.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_str());
        match line.dim {
            Dim::V => self.verdict(line),
            Dim::E => match because("bearing") {
                _ if self.truth_cleared().is_some() => {
                    let own = self.truth_cleared();
                    let sum = self.put(GapKind::TruthCleared, lost, line);
                    sum.entries = own.into_iter().collect();
                }
                Some(_) => self.put(GapKind::RivalsThin, lost, line).ids.push(line.subject.clone()),
                None => self.put(GapKind::RivalsOpen, lost, line).ids.push(line.subject.clone()),
            },
            Dim::K => self.belief(line, lost),
            Dim::P => self.scene(line, lost, through),
            Dim::M => self.method(line, lost),
            Dim::R => self.recovery(line, lost),
            Dim::U => self.communication(line, lost),
            Dim::H => {
                let sum = self.put(GapKind::Hints, lost, line);
                if line.key == "hint.rung" {
                    sum.ids.push(line.subject.clone());
                }
            }
        }
    }

    /// The entry at which the truth was exonerated, if it stands so.
    fn truth_cleared(&self) -> Option<u32> {
        self.digest.cleared.get(&Suspect::Truth).map(|clearing| clearing.entry)
    }

    /// Declarations of the end that were not true.
    fn false_alarms(&self) -> Vec<u32> {
        let course = self.digest.whole.course.unwrap_or_default();
        let declared = self.digest.told.resolved.iter();
        declared.filter(|(_, at)| !course.over(*at)).map(|(entry, _)| *entry).collect()
    }

    /// No dimension lost more than it lacks: some lines can only be had in place of others.
    fn settle(&mut self, card: &Scorecard) {
        for own in &card.dims {
            let raw: Exact = self.found.values().filter(|sum| sum.dim == own.dim).map(|sum| sum.lost.clone()).sum();
            let lacks = own.got.as_ref().map_or_else(Exact::zero, |got| exact(own.max, 1) - got).max(Exact::zero());
            if raw > lacks {
                let of = self.found.values_mut().filter(|sum| sum.dim == own.dim);
                of.for_each(|sum| sum.lost = &sum.lost * &lacks / &raw);
            }
        }
    }

    /// What a blank lost, first by its word, then by its proof, then by exhibits that do not bear, then by the attempt.
    fn verdict(&mut self, line: &Line) {
        let Some(blank) = Blank::ALL.into_iter().find(|blank| blank.name() == line.subject) else { return };
        let part = |key: &str| {
            let found = line.because.iter().find(|(own, _)| *own == key);
            found.and_then(|(_, value)| value.parse::<Exact>().ok())
        };
        let Some(accuracy) = part("accuracy") else {
            self.put(GapKind::Open, line.max.clone(), line).blanks.push(blank);
            return;
        };
        let mut left = line.max.clone();
        let steps = [
            (GapKind::Wrong, Some(accuracy)),
            (GapKind::Unproven, part("support")),
            (GapKind::Stray, part("precision")),
            (GapKind::Attempts, part("attempt")),
        ];
        for (kind, share) in steps {
            let after = &left * share.unwrap_or_else(Exact::one);
            let lost = &left - &after;
            left = after;
            if !lost.is_zero() {
                self.put(kind, lost, line).blanks.push(blank);
            }
        }
    }

    fn belief(&mut self, line: &Line, lost: Exact) {
        let part = |key: &str| {
            let found = line.because.iter().find(|(own, _)| *own == key);
            found.and_then(|(_, value)| value.parse::<Exact>().ok()).unwrap_or_else(Exact::zero)
        };
        let (stated, justified) = (part("stated"), part("justified"));
        let few = line.key == "belief.missing" || part("open") < exact(2, 1);
        let kind = match () {
            () if few => GapKind::Unrated,
            // Less of the truth than was justified is more of something else: unless little was said of anything.
            () if stated > justified || self.sure_of_another(line) => GapKind::Ahead,
            () => GapKind::Behind,
        };
        let values = [("stated", stated), ("justified", justified)];
        let sum = self.put(kind, lost, line);
        if kind != GapKind::Unrated && sum.values.is_empty() {
            sum.values.extend(values.map(|(key, value)| (key, value.to_string())));
        }
    }

    /// At this checkpoint more was said of a suspect that is not the truth than of the truth.
    fn sure_of_another(&self, line: &Line) -> bool {
        let point = self.digest.checkpoints.iter().find(|point| line.entries.contains(&point.entry));
        let top = point.and_then(|point| point.stated.iter().max_by_key(|(_, percent)| **percent));
        top.is_some_and(|(suspect, _)| *suspect != Suspect::Truth)
    }

    fn scene(&mut self, line: &Line, lost: Exact, through: &BTreeMap<String, u32>) {
        let destroyed = line.because.iter().any(|(_, value)| value == "destroyed");
        match line.key {
            "scene.blind" => self.put(GapKind::Blind, lost, line).by_change = true,
            "scene.confounded" => self.put(GapKind::Confounded, lost, line).by_change = true,
            "scene.clue" if destroyed => {
                let change = through.get(&line.subject).copied();
                let sum = self.put(GapKind::SceneLost, lost, line);
                sum.ids.push(line.subject.clone());
                sum.entries.extend(change);
                sum.by_change = true;
            }
            "scene.clue" => self.put(GapKind::SceneLeft, lost, line).ids.push(line.subject.clone()),
            _ => {}
        }
    }

    fn method(&mut self, line: &Line, lost: Exact) {
        let because = |key: &str| line.because.iter().find(|(own, _)| *own == key).map(|(_, value)| value.clone());
        if line.key == "method.statement" {
            let kind = match () {
                () if because("stated").is_some() => GapKind::Unstated,
                () if because("late").is_some() => GapKind::StatedLate,
                () => GapKind::StatedWrong,
            };
            let untrue = because("untrue").unwrap_or_default();
            self.put(kind, lost, line).fields.extend(untrue.split_whitespace().map(str::to_string));
            return;
        }
        let share = |key: &str| because(key).and_then(|value| value.parse::<Exact>().ok()).unwrap_or_else(Exact::one);
        let thin = share("carried") < share("pace");
        let kind = if thin { GapKind::ReadingThin } else { GapKind::ReadingSlow };
        let values = ["carried", "spent", "due"];
        let told = values.into_iter().filter_map(|key| Some((key, because(key)?)));
        let told: Vec<(&'static str, String)> = told.collect();
        self.put(kind, lost, line).values.extend(told);
    }

    fn recovery(&mut self, line: &Line, lost: Exact) {
        let because = |key: &str| line.because.iter().find(|(own, _)| *own == key).map(|(_, value)| value.clone());
        let ended =
            self.digest.whole.course.is_some_and(|course| course.ended.is_some_and(|at| at < self.truth.closes));
        let kind = match line.key {
            _ if !ended => GapKind::NotEnded,
            "recovery.harm" => GapKind::HarmLong,
            "recovery.lasts" => GapKind::NotLasting,
            _ => GapKind::Unverified,
        };
        let values = ["harm", "reference"];
        let told: Vec<(&'static str, String)> =
            values.into_iter().filter_map(|key| Some((key, because(key)?))).collect();
        let key = line.key.strip_prefix("recovery.").unwrap_or_default().to_string();
        let sum = self.put(kind, lost, line);
        sum.values.extend(told);
        if kind == GapKind::Unverified {
            sum.fields.insert(key);
        }
    }

    fn communication(&mut self, line: &Line, lost: Exact) {
        let because = |key: &str| line.because.iter().find(|(own, _)| *own == key).map(|(_, value)| value.clone());
        // How a team worked together is told by the account of its room.
        if ["communication.decisions", "communication.loops", "communication.record"].contains(&line.key) {
            return;
        }
        let false_alarms = self.false_alarms();
        let kind = match line.key {
            "communication.truthful" if !false_alarms.is_empty() => GapKind::FalseResolved,
            "communication.timely" => GapKind::Silent,
            _ if because("updates").is_some() || because("promises").is_some() => GapKind::Silent,
            "communication.truthful" => GapKind::Untrue,
            _ => GapKind::Promise,
        };
        let untrue = because("untrue").unwrap_or_default();
        let stale = because("stale");
        let count = self.digest.told.updates.len().to_string();
        let sum = self.put(kind, lost, line);
        if kind == GapKind::FalseResolved {
            sum.entries = false_alarms.into_iter().collect();
            return;
        }
        sum.fields.extend(untrue.split_whitespace().map(str::to_string));
        sum.values.extend(stale.map(|stale| ("stale", stale)));
        if kind == GapKind::Silent && sum.values.iter().all(|(key, _)| *key != "updates") {
            sum.values.push(("updates", count));
        }
    }

    /// What the lost clues would have added to the proof of right words moves from the proof to the scene.
    fn blame_the_scene(&mut self, card: &Scorecard) {
        let Some(lost) = self.found.get(&GapKind::SceneLost).map(|sum| sum.ids.clone()) else { return };
        let Some((_, claims)) = self.digest.verdicts.last() else { return };
        let mut moved = Exact::zero();
        for line in card.ledger.iter().filter(|line| line.dim == Dim::V) {
            let Some(blank) = Blank::ALL.into_iter().find(|blank| blank.name() == line.subject) else { continue };
            let Some(claim) = claims.get(&blank) else { continue };
            let cited = claim.cites.iter().flat_map(|cite| &cite.clues);
            let cited: BTreeSet<&String> = cited.filter(|clue| self.digest.held.contains(*clue)).collect();
            let support = |extra: &[String]| {
                let mut best: BTreeMap<&str, Exact> = BTreeMap::new();
                for clue in cited.iter().copied().chain(extra) {
                    let Some(known) = self.truth.clues.get(clue) else { continue };
                    let strength = self.truth.strength(clue, blank, &claim.word);
                    let own = best.entry(&known.channel).or_insert_with(Exact::zero);
                    if *own < strength {
                        *own = strength;
                    }
                }
                best.into_values().sum::<Exact>().min(Exact::one())
            };
            let part = |key: &str| {
                let found = line.because.iter().find(|(own, _)| *own == key);
                found.and_then(|(_, value)| value.parse::<Exact>().ok())
            };
            let weight = &line.max * part("accuracy").unwrap_or_else(Exact::zero);
            moved += weight * (support(&lost) - support(&[]));
        }
        if let Some(unproven) = self.found.get_mut(&GapKind::Unproven) {
            moved = moved.min(unproven.lost.clone());
            unproven.lost -= &moved;
        } else {
            moved = Exact::zero();
        }
        if let Some(scene) = self.found.get_mut(&GapKind::SceneLost) {
            scene.lost += &moved;
            if !moved.is_zero() {
                scene.values.push(("proof", moved.to_string()));
            }
        }
    }
}
