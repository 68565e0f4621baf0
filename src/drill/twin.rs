//! The healthy twin beside the run: the same command at the same time where the fault never was, and the lines in which the
//! two pages differ. Casts the twin when first asked; for the debrief, never before the end. Does not judge.

use super::fates;
use super::run::{Run, learner_shell};
use crate::console::page::Page;
use crate::scenario::cast;
use crate::scenario::roles;
use crate::scenario::shape::{Case, Clue};
use crate::scenario::stage::Stage;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The learner's own pages that are compared, and the missed clues' commands, at most so many of each.
const CONTRASTS_MAX: usize = 8;
/// Lines that a contrast shows, at most.
const LINES_MAX: usize = 60;
/// Pages are compared line by line as far as this many pairs of lines; longer ones as sets of lines.
const PAIRS_MAX: usize = 1_000_000;

/// In which world a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// In the run's own.
    Here,
    /// In the healthy twin.
    Healthy,
}

/// A line that only one of the two pages has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub side: Side,
    /// Its place on its page, counted from 0.
    pub line: u32,
    pub text: String,
}

/// One command in both worlds at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contrast {
    pub at: Time,
    pub command: String,
    /// The learner's page; `None`: a command that was not run, as it would have been at the page.
    pub page: Option<u32>,
    /// The clues that the page holds: those in exhibits, or the missed ones.
    pub clues: Vec<String>,
    /// In the order of the pages, what was there before what is healthy. Empty: both say the same.
    pub lines: Vec<Changed>,
    /// Lines that differ and are not listed.
    pub more: u32,
}

/// The healthy twin at the page, with the roles as they are there.
#[derive(Clone, Debug)]
pub struct Twin {
    stage: Stage,
    case: Case,
}

impl Twin {
    /// Casts it from where the case came from; `None` for a case of nowhere.
    pub fn of(case: &Case) -> Option<Twin> {
        let pack = case.origin.0.as_ref()?;
        let stage = cast::twin(pack, &case.variant, case.seed).ok()?;
        let mut own = case.clone();
        let _unbound = roles::bind(&mut own.roles, &stage.world);
        Some(Twin { stage, case: own })
    }
}

/// The pages that held exhibits, and the commands of the missed clues, each against the twin's.
pub fn contrasts(run: &Run) -> Vec<Contrast> {
    let Some(twin) = run.record.yardstick.twin(&run.case) else { return Vec::new() };
    let names = Names::of(run, twin);
    let mut asked = bagged(run);
    asked.extend(missed(run));
    // The twin only goes forward.
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_by_key(|at| asked[*at].page.at);
    let mut stage = twin.stage.clone();
    let mut found: BTreeMap<usize, Contrast> = BTreeMap::new();
    for at in order {
        let Some(Asked { page, own, clues }) = asked.get(at) else { continue };
        stage.advance_to(page.at);
        let mut session = learner_shell(&stage);
        if let Some(namespace) = page.prompt.strip_suffix("$ ").filter(|namespace| !namespace.is_empty()) {
            session.namespace = namespace.to_string();
        }
        let healthy = fates::page_of(&stage, session, &names.there(&page.command));
        // What is called otherwise there cannot be compared.
        if healthy.output.code != 0 && page.output.code == 0 {
            continue;
        }
        let (lines, more) = changed(page, &healthy, &names);
        let command = page.command.clone();
        let contrast =
            Contrast { at: page.at, command, page: own.then_some(page.id), clues: clues.clone(), lines, more };
        found.insert(at, contrast);
    }
    found.into_values().collect()
}

/// What is to be compared: a page, whether it is the run's own, and the clues that it is about.
struct Asked {
    page: Page,
    own: bool,
    clues: Vec<String>,
}

/// The pages of the exhibits; those that hold clues first, each command once.
fn bagged(run: &Run) -> Vec<Asked> {
    let mut clues: BTreeMap<u32, BTreeSet<&String>> = BTreeMap::new();
    for exhibit in &run.board.exhibits {
        clues.entry(exhibit.page).or_default().extend(run.record.evidence.held(exhibit.id));
    }
    let mut pages: Vec<(&Page, &BTreeSet<&String>)> =
        clues.iter().filter_map(|(id, clues)| Some((run.page(*id)?, clues))).collect();
    pages.retain(|(page, _)| page.prompt != "door$ ");
    pages.sort_by_key(|(page, clues)| (clues.is_empty(), page.id));
    let mut known = BTreeSet::new();
    pages.retain(|(page, _)| known.insert(&page.command));
    pages.truncate(CONTRASTS_MAX);
    pages.sort_by_key(|(page, _)| page.id);
    let asked = |(page, clues): (&Page, &BTreeSet<&String>)| Asked {
        page: page.clone(),
        own: true,
        clues: clues.iter().map(|clue| (*clue).clone()).collect(),
    };
    pages.into_iter().map(asked).collect()
}

/// The first command of each clue that is in no exhibit, as it would have been at the page.
fn missed(run: &Run) -> Vec<Asked> {
    let held: BTreeSet<&String> = run.record.evidence.cites.values().flatten().flat_map(|cite| &cite.clues).collect();
    let mut commands: Vec<(&String, Vec<String>)> = Vec::new();
    for Clue { id, at, .. } in run.case.clues.iter().filter(|clue| !held.contains(&clue.id)) {
        let Some(command) = at.first() else { continue };
        match commands.iter_mut().find(|(known, _)| *known == command) {
            Some((_, clues)) => clues.push(id.clone()),
            None => commands.push((command, vec![id.clone()])),
        }
    }
    commands.truncate(CONTRASTS_MAX);
    let asked = |(command, clues): (&String, Vec<String>)| Asked {
        page: fates::page(&run.case, &run.record.opening, command),
        own: false,
        clues,
    };
    commands.into_iter().map(asked).collect()
}

// ---- what is called otherwise --------------------------------------------------------------------------------------

/// Names of things that are called otherwise in the twin, the longest first: a pod's name follows from its template.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(run: &Run, twin: &Twin) -> Names {
        let mut names: Vec<(String, String)> = Vec::new();
        for (name, role) in &run.case.roles {
            let there = twin.case.roles.get(name).and_then(|role| roles::resolve(role, &twin.stage.world));
            let Some(there) = there else { continue };
            let mut here: Vec<String> =
                roles::objects(role, &run.record.opening.world).iter().map(|object| object.meta.name.clone()).collect();
            here.extend(roles::objects(role, &run.stage.world).iter().map(|object| object.meta.name.clone()));
            here.extend(roles::resolve(role, &run.record.opening.world));
            for here in here.into_iter().filter(|here| *here != there) {
                if !names.iter().any(|(known, _)| *known == here) {
                    names.push((here, there.clone()));
                }
            }
        }
        names.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        Names(names)
    }

    /// A line with the twin's names.
    fn there(&self, line: &str) -> String {
        self.0.iter().fold(line.to_string(), |line, (here, there)| line.replace(here, there))
    }
}

// ---- the difference ------------------------------------------------------------------------------------------------

/// The lines that only one page has; of lines that are alike but for the names the twin's are not told.
fn changed(here: &Page, healthy: &Page, names: &Names) -> (Vec<Changed>, u32) {
    let close = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let own: Vec<String> = here.output.lines.iter().map(|line| close(&names.there(&line.text))).collect();
    let other: Vec<String> = healthy.output.lines.iter().map(|line| close(&line.text)).collect();
    let mut lines: Vec<Changed> = Vec::new();
    for (side, line) in difference(&own, &other) {
        let page = if side == Side::Here { here } else { healthy };
        let text = page.output.lines.get(line).map_or_else(String::new, |line| line.text.clone());
        lines.push(Changed { side, line: line as u32, text });
    }
    let more = lines.len().saturating_sub(LINES_MAX) as u32;
    lines.truncate(LINES_MAX);
    (lines, more)
}

/// What is only on one of two sides, in their order: what is alike in both in the same order is left out.
fn difference(own: &[String], other: &[String]) -> Vec<(Side, usize)> {
    let alike = own.iter().zip(other).take_while(|(own, other)| own == other).count();
    let (own, other) = (own.get(alike..).unwrap_or_default(), other.get(alike..).unwrap_or_default());
    let tail = own.iter().rev().zip(other.iter().rev()).take_while(|(own, other)| own == other).count();
    let own = own.get(..own.len() - tail).unwrap_or_default();
    let other = other.get(..other.len() - tail).unwrap_or_default();
    let mut out = if own.len().saturating_mul(other.len()) <= PAIRS_MAX {
        in_order(own, other)
    } else {
        let (known, there): (BTreeSet<&String>, BTreeSet<&String>) = (own.iter().collect(), other.iter().collect());
        let only = |side, list: &[String], known: &BTreeSet<&String>| {
            let kept = list.iter().enumerate().filter(|(_, line)| !known.contains(line));
            kept.map(|(at, _)| (side, at)).collect::<Vec<_>>()
        };
        [only(Side::Here, own, &there), only(Side::Healthy, other, &known)].concat()
    };
    out.iter_mut().for_each(|(_, at)| *at += alike);
    out
}

/// By the longest common subsequence.
fn in_order(own: &[String], other: &[String]) -> Vec<(Side, usize)> {
    let width = other.len() + 1;
    // Cell (i, j): how many lines the rests from there have in common.
    let mut common = vec![0u32; (own.len() + 1) * width];
    let at = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for i in (0..own.len()).rev() {
        for j in (0..other.len()).rev() {
            let longest = if own.get(i) == other.get(j) {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = longest;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < own.len() || j < other.len() {
        if i < own.len() && j < other.len() && own.get(i) == other.get(j) {
            (i, j) = (i + 1, j + 1);
        } else if j >= other.len() || (i < own.len() && at(&common, i + 1, j) >= at(&common, i, j + 1)) {
            out.push((Side::Here, i));
            i += 1;
        } else {
            out.push((Side::Healthy, j));
            j += 1;
        }
    }
    out
}
