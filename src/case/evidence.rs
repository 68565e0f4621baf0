//! What pages show of a case and what exhibits hold: facts matched against clues once, when a line is printed; citations
//! and collected words follow from exhibits. Does not know the run, and judges nothing.

use super::absence;
use super::board::Exhibit;
use super::lexicon::{Entry, Lexicon};
use super::score::log::Cite;
use crate::console::fact::Fact;
use crate::console::page::{Line, Page, Stream};
use crate::console::rows;
use crate::scenario::shape::Case;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one page shows.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// How many lines have been looked at; standing pages grow.
    read: usize,
    /// Line → clues whose fact it carries.
    pub lines: BTreeMap<u32, BTreeSet<String>>,
    /// Clue → the lines, from and to, that carry its fact together: a row whose cells stand on several lines.
    pub joint: BTreeMap<String, (u32, u32)>,
    /// Lines with pieces of rows.
    pieces: BTreeMap<rows::Key, Vec<(u32, Arc<Fact>)>>,
    /// Clues whose absence the whole page proves.
    pub absent: BTreeSet<String>,
    /// Entries of the lexicon that the whole page brings up by what is not there.
    pub lacking: BTreeSet<usize>,
}

/// What has been shown and bagged so far.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub lexicon: Arc<Lexicon>,
    /// By page.
    pub shown: BTreeMap<u32, Shown>,
    /// Exhibit → the citations it amounts to. An exhibit without clues is one stray citation.
    pub cites: BTreeMap<u32, Vec<Cite>>,
    /// Collected word → entry of the lexicon.
    pub words: BTreeMap<u32, usize>,
    /// Every clue seen so far.
    pub seen: BTreeSet<String>,
}

impl Evidence {
    pub fn new(case: &Case) -> Evidence {
        Evidence { lexicon: Arc::new(Lexicon::of(case)), ..Evidence::default() }
    }

    /// Looks at the lines of a page that were not looked at before. Gives the clues never seen before, in the order
    /// of the case.
    pub fn read(&mut self, case: &Case, page: &Page) -> Vec<String> {
        let shown = self.shown.entry(page.id).or_default();
        for (number, line) in page.output.lines.iter().enumerate().skip(shown.read) {
            shown.look(case, number as u32, line);
        }
        shown.read = page.output.lines.len();
        shown.absent = case
            .clues
            .iter()
            .filter(|clue| clue.absent && absence::proven(case, page, &clue.pattern))
            .map(|c| c.id.clone())
            .collect();
        let entries = self.lexicon.entries.iter().enumerate();
        shown.lacking = entries
            .filter(|(_, entry)| entry.lacking.iter().any(|pattern| absence::proven(case, page, pattern)))
            .map(|(at, _)| at)
            .collect();
        let now: BTreeSet<&String> =
            shown.lines.values().flatten().chain(shown.joint.keys()).chain(&shown.absent).collect();
        let fresh: Vec<String> = case
            .clues
            .iter()
            .map(|clue| &clue.id)
            .filter(|id| now.contains(id) && !self.seen.contains(*id))
            .cloned()
            .collect();
        self.seen.extend(fresh.iter().cloned());
        fresh
    }

    /// How many lines of a page have been looked at.
    pub fn looked(&self, page: u32) -> usize {
        self.shown.get(&page).map_or(0, |shown| shown.read)
    }

    /// Works out what an exhibit holds: one citation for each line that carries clues, one for each row whose cells only
    /// together carry some, and one for the absences that a whole page proves.
    pub fn take(&mut self, case: &Case, exhibit: &Exhibit) {
        let mut cites: Vec<Cite> = Vec::new();
        if let Some(shown) = self.shown.get(&exhibit.page) {
            let (from, to) = exhibit.lines.unwrap_or((0, (exhibit.text.len() as u32).saturating_sub(1)));
            if !exhibit.text.is_empty() {
                for clues in shown.lines.range(from..=to).map(|(_, clues)| clues) {
                    cites.push(Cite { exhibit: exhibit.id, clues: clues.clone() });
                }
            }
            for row in exhibit.facts.iter().filter(|fact| rows::key(fact).is_some()) {
                let mut clues = matching(case, row);
                clues.retain(|clue| cites.iter().all(|cite| !cite.clues.contains(clue)));
                if !clues.is_empty() {
                    cites.push(Cite { exhibit: exhibit.id, clues });
                }
            }
            if exhibit.lines.is_none() && !shown.absent.is_empty() {
                cites.push(Cite { exhibit: exhibit.id, clues: shown.absent.clone() });
            }
        }
        let mut distinct = BTreeSet::new();
        cites.retain(|cite| distinct.insert(cite.clues.clone()));
        if cites.is_empty() {
            cites.push(Cite { exhibit: exhibit.id, clues: BTreeSet::new() });
        }
        self.cites.insert(exhibit.id, cites);
    }

    /// The clues that an exhibit holds.
    pub fn held(&self, exhibit: u32) -> BTreeSet<&String> {
        self.cites.get(&exhibit).into_iter().flatten().flat_map(|cite| &cite.clues).collect()
    }

    /// The citations of several exhibits.
    pub fn citing(&self, exhibits: &[u32]) -> Vec<Cite> {
        let distinct: BTreeSet<u32> = exhibits.iter().copied().collect();
        distinct.iter().filter_map(|exhibit| self.cites.get(exhibit)).flatten().cloned().collect()
    }

    /// Entries of the lexicon that an exhibit brings up and that were not collected yet.
    pub fn new_words(&self, case: &Case, exhibit: &Exhibit) -> Vec<usize> {
        let known: BTreeSet<usize> = self.words.values().copied().collect();
        let whole = self.shown.get(&exhibit.page).filter(|_| exhibit.lines.is_none());
        let brings = |at: usize, entry: &Entry| {
            whole.is_some_and(|shown| shown.lacking.contains(&at))
                || entry.met.iter().any(|met| exhibit.facts.iter().any(|fact| met.matches(fact, &case.roles)))
        };
        let entries = self.lexicon.entries.iter().enumerate();
        entries.filter(|(at, entry)| !known.contains(at) && brings(*at, entry)).map(|(at, _)| at).collect()
    }
}

impl Shown {
    /// Looks at one line more.
    fn look(&mut self, case: &Case, number: u32, line: &Line) {
        let mut clues = BTreeSet::new();
        for fact in rows::together(line.marks.iter().map(|mark| &mark.fact)) {
            clues.extend(matching(case, &fact));
            if let Some(row) = rows::key(&fact) {
                self.join(case, row, number, fact);
            }
        }
        if !clues.is_empty() {
            self.lines.entry(number).or_default().extend(clues);
        }
    }

    /// One piece more of a row: clues that it completes are carried by as few lines as will do.
    fn join(&mut self, case: &Case, row: rows::Key, number: u32, piece: Arc<Fact>) {
        let pieces = self.pieces.entry(row).or_default();
        pieces.push((number, piece));
        let mut joined: Option<Arc<Fact>> = None;
        for (first, piece) in pieces.iter().rev() {
            match &mut joined {
                Some(row) => rows::join(row, piece),
                None => joined = Some(Arc::clone(piece)),
            }
            for clue in joined.iter().flat_map(|row| matching(case, row)) {
                self.joint.entry(clue).or_insert((*first, number));
            }
        }
    }
}

/// The clues that mean this fact.
fn matching(case: &Case, fact: &Fact) -> BTreeSet<String> {
    let meant = case.clues.iter().filter(|clue| !clue.absent && clue.pattern.matches(fact, &case.roles));
    meant.map(|clue| clue.id.clone()).collect()
}

/// The facts on the lines of a page, each once. Our own hints show nothing.
pub fn facts(page: &Page, lines: Option<(u32, u32)>) -> Vec<Arc<Fact>> {
    let (from, to) = lines.unwrap_or((0, u32::MAX));
    let chosen = page.output.lines.iter().skip(from as usize).take(to.saturating_sub(from) as usize + 1);
    let marks = chosen.filter(|line| line.stream != Stream::Hint).flat_map(|line| &line.marks);
    rows::together(marks.map(|mark| &mark.fact))
}
