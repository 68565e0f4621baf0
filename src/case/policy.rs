//! What to look at next, had one nothing but the evidence: what each command is worth, the order of commands that costs
//! least until one hypothesis is justified, and the step of it that a hint tells. Whole numbers only, so that every machine
//! chooses alike. Does not know consoles: what a command shows and costs is told to it.

use super::score::log::Suspect;
use super::score::posterior::likelihood;
pub use super::score::posterior::posterior;
use super::score::truth::{Blank, Rating, Truth};
use super::score::{Exact, exact};
use crate::stdx::time::Span;
use num_traits::Zero;
use std::collections::{BTreeMap, BTreeSet};

/// A command, what it costs, and the clues that it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub command: String,
    pub cost: Span,
    pub clues: BTreeSet<String>,
}

/// The hypothesis that has so much is justified, of ten parts.
const JUSTIFIED: u128 = 9;
/// Up to so many informative clues every order is weighed (3 to the power of these are the states); beyond them two steps
/// are looked ahead.
const EXACT_CLUES_MAX: usize = 10;
/// Outcomes of one command are told apart by at most so many of its clues: those that say something of most hypotheses.
const TELLING_CLUES_MAX: usize = 6;
/// Probabilities are in parts of this.
const ONE: u128 = 1 << 40;
/// Weights are scaled down beyond this.
const WEIGHT_MAX: u128 = 1 << 80;
/// Expected costs are in milliseconds over this.
const COST_PARTS: u64 = 1 << 10;
/// Outcomes less likely than this many parts are left out: one in a thousand million.
const CHANCE_MIN: u128 = ONE >> 30;
/// A hypothesis is worth naming in a hint from one part in so many.
const CREDIBLE: i64 = 20;

/// The order of commands in a world that shows what they say: indices into the looks, and their cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub looks: Vec<usize>,
    pub cost: Span,
}

/// What a hint is about: the command that serves most, the clue on its page, and what that is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Index into the looks.
    pub look: usize,
    pub clue: String,
    pub aim: Aim,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The evidence cannot yet tell these apart. Show them in the order of their words: the truth is among them, and first
    /// in ours.
    Apart(BTreeSet<Suspect>),
    /// What is believed is justified, but this blank is not fully proven.
    Prove(Blank),
    /// Nor can this rival be cleared yet.
    Clear(String),
}

/// What each look is worth to one who has seen these clues, in millionths: the expected drop of `1 − Σ q²` over all
/// outcomes of its clues. In the order of the looks.
pub fn worths(truth: &Truth, looks: &[Look], seen: &BTreeSet<String>) -> Vec<i64> {
    let puzzle = Puzzle::new(truth, looks);
    let state = puzzle.state(seen);
    let worth = |look: &Look| {
        let clues = puzzle.telling(look);
        (puzzle.gain(&state, &clues) * 1_000_000 / ONE as i128) as i64
    };
    looks.iter().map(worth).collect()
}

/// The optimal policy from here to a justified hypothesis, in a world that shows what the looks say.
pub fn plan(truth: &Truth, looks: &[Look], seen: &BTreeSet<String>) -> Plan {
    let mut solver = Solver::new(Puzzle::new(truth, looks));
    let mut state = solver.puzzle.state(seen);
    let mut plan = Plan::default();
    while let Some(choice) = solver.best(&state) {
        let choice = &solver.puzzle.choices[choice];
        plan.looks.push(choice.look);
        plan.cost = plan.cost + looks[choice.look].cost;
        for clue in &choice.shows {
            state[*clue] = PRESENT;
        }
    }
    plan
}

/// The next step of the policy; once a hypothesis is justified, the look that proves most of what is still open. `None` if
/// there is nothing more to find.
pub fn advice(truth: &Truth, looks: &[Look], seen: &BTreeSet<String>) -> Option<Advice> {
    let mut solver = Solver::new(Puzzle::new(truth, looks));
    let state = solver.puzzle.state(seen);
    let Some(choice) = solver.best(&state) else { return proving(truth, looks, seen) };
    let puzzle = &solver.puzzle;
    let choice = &puzzle.choices[choice];
    let open = choice.clues.iter().copied().filter(|clue| state[*clue] == UNKNOWN);
    // The first of equals, by name.
    let clue = open.max_by_key(|clue| (puzzle.gain(&state, &[*clue]), std::cmp::Reverse(*clue)))?;
    let clue = puzzle.clues[clue].id.to_string();
    let aim = Aim::Apart(apart(truth, &clue, seen));
    Some(Advice { look: choice.look, clue, aim })
}

/// The hypotheses that a clue tells apart: those that are credible, and of each side at least the foremost.
fn apart(truth: &Truth, clue: &str, seen: &BTreeSet<String>) -> BTreeSet<Suspect> {
    let beliefs = posterior(truth, seen);
    let mut sides: BTreeMap<Rating, Vec<(&Suspect, &Exact)>> = BTreeMap::new();
    for (suspect, belief) in &beliefs {
        sides.entry(truth.rating(clue, suspect)).or_default().push((suspect, belief));
    }
    let credible = |belief: &Exact| belief * exact(CREDIBLE, 1) >= exact(1, 1);
    let mut out = BTreeSet::new();
    for side in sides.values() {
        let foremost = side.iter().map(|(_, belief)| *belief).max();
        let named = side.iter().filter(|(_, belief)| credible(belief) || Some(*belief) == foremost);
        out.extend(named.map(|(suspect, _)| (*suspect).clone()));
    }
    out
}

// ---- proof ---------------------------------------------------------------------------------------------------------

/// The look that adds most proof for its cost, and what it adds most to.
fn proving(truth: &Truth, looks: &[Look], seen: &BTreeSet<String>) -> Option<Advice> {
    let missing = open_ends(truth, seen);
    let adds = |clues: &BTreeSet<String>| {
        let held: BTreeSet<String> = seen.union(clues).cloned().collect();
        let then = open_ends(truth, &held);
        let gained = missing.iter().zip(&then).map(|((_, before), (_, after))| before - after);
        gained.collect::<Vec<Exact>>()
    };
    let rate = |look: &Look| adds(&look.clues).into_iter().sum::<Exact>() / exact(look.cost.0.max(1), 1);
    let rates = looks.iter().map(rate).enumerate().filter(|(_, rate)| !rate.is_zero());
    let (look, _) = rates.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let clues = looks[look].clues.iter().filter(|clue| !seen.contains(*clue));
    let single = clues.map(|clue| (clue, adds(&BTreeSet::from([clue.clone()]))));
    let sum = |gained: &[Exact]| gained.iter().cloned().sum::<Exact>();
    let (clue, gained) = single.reduce(|best, next| if sum(&next.1) > sum(&best.1) { next } else { best })?;
    let ends = missing.iter().map(|(end, _)| end).zip(gained);
    let (end, _) = ends.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    Some(Advice { look, clue: clue.clone(), aim: end.clone() })
}

/// How far each blank is from being proven, and each rival from being ruled out, with these clues.
fn open_ends(truth: &Truth, held: &BTreeSet<String>) -> Vec<(Aim, Exact)> {
    let blank = |blank: Blank| (Aim::Prove(blank), exact(1, 1) - truth.support(held, blank));
    let rival = |rival: &String| {
        let out = held.iter().any(|clue| truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(rival)));
        (Aim::Clear(rival.clone()), exact(i64::from(!out), 1))
    };
    Blank::ALL.into_iter().map(blank).chain(truth.rivals.iter().map(rival)).collect()
}

// ---- the puzzle ----------------------------------------------------------------------------------------------------

/// What is known of a clue.
const UNKNOWN: u8 = 0;
const PRESENT: u8 = 1;
const ABSENT: u8 = 2;

/// The informative clues, and the commands that show some.
struct Puzzle<'a> {
    hypotheses: usize,
    clues: Vec<Informative<'a>>,
    /// One for each different set of informative clues: the cheapest command for it.
    choices: Vec<Choice>,
    channels: usize,
}

/// A clue that tells some hypotheses apart: how likely it is under each, of 20.
struct Informative<'a> {
    id: &'a str,
    channel: usize,
    likely: Vec<u64>,
}

struct Choice {
    look: usize,
    cost: u64,
    /// The clues that tell its outcomes apart, and all that it shows.
    clues: Vec<usize>,
    shows: Vec<usize>,
}

impl<'a> Puzzle<'a> {
    fn new(truth: &'a Truth, looks: &[Look]) -> Puzzle<'a> {
        let hypotheses = truth.hypotheses();
        let mut channels: Vec<&str> = Vec::new();
        let mut clues = Vec::new();
        for (id, clue) in &truth.clues {
            let likely: Vec<u64> = hypotheses.iter().map(|own| likelihood(truth.rating(id, own))).collect();
            if likely.iter().all(|own| *own == likelihood(Rating::Silent)) {
                continue;
            }
            let known = channels.iter().position(|own| *own == clue.channel);
            let channel = known.unwrap_or(channels.len());
            if known.is_none() {
                channels.push(&clue.channel);
            }
            clues.push(Informative { id, channel, likely });
        }
        let mut puzzle = Puzzle { hypotheses: hypotheses.len(), clues, choices: Vec::new(), channels: channels.len() };
        for (at, look) in looks.iter().enumerate() {
            puzzle.add(at, look);
        }
        puzzle
    }

    fn add(&mut self, look: usize, own: &Look) {
        let shows = self.shown(own);
        let cost = own.cost.0.max(1).unsigned_abs();
        if shows.is_empty() {
            return;
        }
        let choice = Choice { look, cost, clues: self.telling(own), shows };
        match self.choices.iter_mut().find(|known| known.shows == choice.shows) {
            Some(known) if known.cost <= choice.cost => {}
            Some(known) => *known = choice,
            None => self.choices.push(choice),
        }
    }

    fn shown(&self, look: &Look) -> Vec<usize> {
        (0..self.clues.len()).filter(|clue| look.clues.contains(self.clues[*clue].id)).collect()
    }

    /// The clues of a look by which its outcomes are told apart.
    fn telling(&self, look: &Look) -> Vec<usize> {
        let mut shown = self.shown(look);
        let says =
            |clue: &usize| self.clues[*clue].likely.iter().filter(|own| **own != likelihood(Rating::Silent)).count();
        shown.sort_by_key(|clue| (std::cmp::Reverse(says(clue)), *clue));
        shown.truncate(TELLING_CLUES_MAX);
        shown.sort_unstable();
        shown
    }

    fn state(&self, seen: &BTreeSet<String>) -> Vec<u8> {
        self.clues.iter().map(|clue| if seen.contains(clue.id) { PRESENT } else { UNKNOWN }).collect()
    }

    /// How much speaks for each hypothesis: of present clues the strongest of each channel, of absent ones every one.
    fn weights(&self, state: &[u8]) -> Vec<u128> {
        let mut weights = vec![1u128; self.hypotheses];
        let mut times = |factor: &dyn Fn(usize) -> u64| {
            for (hypothesis, weight) in weights.iter_mut().enumerate() {
                *weight *= u128::from(factor(hypothesis));
            }
            if weights.iter().any(|weight| *weight > WEIGHT_MAX) {
                weights.iter_mut().for_each(|weight| *weight >>= 40);
            }
        };
        for channel in 0..self.channels {
            let present = |clue: &&Informative<'_>| clue.channel == channel;
            let own = self.clues.iter().zip(state).filter(|(_, known)| **known == PRESENT).map(|(clue, _)| clue);
            let own: Vec<&Informative<'_>> = own.filter(present).collect();
            if !own.is_empty() {
                times(&|hypothesis| strongest(own.iter().map(|clue| clue.likely[hypothesis])));
            }
        }
        for (clue, _) in self.clues.iter().zip(state).filter(|(_, known)| **known == ABSENT) {
            times(&|hypothesis| 20 - clue.likely[hypothesis]);
        }
        weights
    }

    /// The weights as parts of [`ONE`].
    fn chances(&self, state: &[u8]) -> Vec<u128> {
        let weights = self.weights(state);
        let all = weights.iter().sum::<u128>().max(1);
        weights.into_iter().map(|weight| weight * ONE / all).collect()
    }

    fn settled(&self, state: &[u8]) -> bool {
        let weights = self.weights(state);
        let (all, most) = (weights.iter().sum::<u128>(), weights.iter().max().copied().unwrap_or(0));
        most * 10 >= all * JUSTIFIED
    }

    /// Calls back with every outcome of looking for these clues: its chance in parts of [`ONE`], and the state after it.
    fn outcomes(&self, state: &[u8], clues: &[usize], mut then: impl FnMut(u128, &[u8])) {
        let open: Vec<usize> = clues.iter().copied().filter(|clue| state[*clue] == UNKNOWN).collect();
        let chances = self.chances(state);
        let scale = 20u128.pow(open.len() as u32);
        let mut after = state.to_vec();
        for outcome in 0..1usize << open.len() {
            let mut ways = chances.clone();
            for (bit, clue) in open.iter().enumerate() {
                let present = outcome >> bit & 1 == 0;
                after[*clue] = if present { PRESENT } else { ABSENT };
                for (way, likely) in ways.iter_mut().zip(&self.clues[*clue].likely) {
                    *way *= u128::from(if present { *likely } else { 20 - likely });
                }
            }
            then(ways.iter().sum::<u128>() / scale, &after);
        }
    }

    /// `1 − Σ q²` in parts of [`ONE`].
    fn doubt(&self, state: &[u8]) -> u128 {
        let squares = self.chances(state).iter().map(|chance| chance * chance / ONE).sum::<u128>();
        ONE.saturating_sub(squares)
    }

    /// The expected drop of doubt by looking for these clues. It may be negative by a little: two lines of one instrument
    /// are weighed apart before they are seen, and as one after.
    fn gain(&self, state: &[u8], clues: &[usize]) -> i128 {
        if clues.iter().all(|clue| state[*clue] != UNKNOWN) {
            return 0;
        }
        let mut left = 0u128;
        self.outcomes(state, clues, |chance, after| left += chance * self.doubt(after) / ONE);
        self.doubt(state) as i128 - left as i128
    }

    fn open(&self, choice: &Choice, state: &[u8]) -> bool {
        choice.clues.iter().any(|clue| state[*clue] == UNKNOWN)
    }
}

/// Against is stronger than fits, fits than silent.
fn strongest(likely: impl Iterator<Item = u64>) -> u64 {
    let rank = |own: &u64| match own {
        1 => 0,
        16 => 1,
        _ => 2,
    };
    likely.min_by_key(rank).unwrap_or(likelihood(Rating::Silent))
}

// ---- the solver ----------------------------------------------------------------------------------------------------

/// Exact where there are few clues, looking two steps ahead where there are many.
struct Solver<'a> {
    puzzle: Puzzle<'a>,
    /// By state, as a number of base three: the expected cost from there, and the choice. Empty: too many.
    known: Vec<Option<(u64, Option<usize>)>>,
}

impl<'a> Solver<'a> {
    fn new(puzzle: Puzzle<'a>) -> Solver<'a> {
        let few = puzzle.clues.len() <= EXACT_CLUES_MAX;
        let known = if few { vec![None; 3usize.pow(puzzle.clues.len() as u32)] } else { Vec::new() };
        Solver { puzzle, known }
    }

    /// The best choice from here; none if a hypothesis is justified or nothing is left to look for.
    fn best(&mut self, state: &[u8]) -> Option<usize> {
        if self.known.is_empty() { self.ahead(state) } else { self.solve(state).1 }
    }

    fn solve(&mut self, state: &[u8]) -> (u64, Option<usize>) {
        let number = state.iter().fold(0usize, |number, known| number * 3 + usize::from(*known));
        if let Some(known) = self.known[number] {
            return known;
        }
        let mut best: (u64, Option<usize>) = (0, None);
        if !self.puzzle.settled(state) {
            for choice in 0..self.puzzle.choices.len() {
                if !self.puzzle.open(&self.puzzle.choices[choice], state) {
                    continue;
                }
                let cost = self.expected(state, choice);
                // The first of equals: the order of the looks.
                if best.1.is_none() || cost < best.0 {
                    best = (cost, Some(choice));
                }
            }
        }
        self.known[number] = Some(best);
        best
    }

    fn expected(&mut self, state: &[u8], choice: usize) -> u64 {
        let own = &self.puzzle.choices[choice];
        let mut cost = u128::from(own.cost * COST_PARTS) * ONE;
        let mut after: Vec<(u128, Vec<u8>)> = Vec::new();
        self.puzzle.outcomes(state, &own.clues, |chance, state| after.push((chance, state.to_vec())));
        for (chance, state) in after.into_iter().filter(|(chance, _)| *chance > CHANCE_MIN) {
            cost += chance * u128::from(self.solve(&state).0);
        }
        (cost / ONE) as u64
    }

    /// The choice that lets doubt drop most for its cost, alone or with the best that follows each of its outcomes.
    fn ahead(&self, state: &[u8]) -> Option<usize> {
        if self.puzzle.settled(state) {
            return None;
        }
        let rates = self.puzzle.choices.iter().map(|choice| self.two_steps(state, choice)).enumerate();
        let worth = rates.filter(|(_, rate)| rate.gain > 0);
        worth.reduce(|best, next| if next.1.beats(best.1) { next } else { best }).map(|(choice, _)| choice)
    }

    fn step(&self, state: &[u8], choice: &Choice) -> Rate {
        Rate { gain: self.puzzle.gain(state, &choice.clues), cost: i128::from(choice.cost) * ONE as i128 }
    }

    fn two_steps(&self, state: &[u8], choice: &Choice) -> Rate {
        let alone = self.step(state, choice);
        if !self.puzzle.open(choice, state) {
            return alone;
        }
        let mut both = alone;
        self.puzzle.outcomes(state, &choice.clues, |chance, after| {
            if chance <= CHANCE_MIN || self.puzzle.settled(after) {
                return;
            }
            let steps = self.puzzle.choices.iter().map(|next| self.step(after, next));
            if let Some(next) = steps.reduce(|best, next| if next.beats(best) { next } else { best }) {
                both.gain += next.gain * chance as i128 / ONE as i128;
                both.cost += next.cost / ONE as i128 * chance as i128;
            }
        });
        if both.beats(alone) { both } else { alone }
    }
}

/// A gain for a cost.
#[derive(Clone, Copy, Debug)]
struct Rate {
    gain: i128,
    cost: i128,
}

impl Rate {
    /// By quotient, in whole numbers: both gains are below 2^41, costs are taken in milliseconds.
    fn beats(self, other: Rate) -> bool {
        let parts = |cost: i128| (cost >> 20).max(1);
        self.gain * parts(other.cost) > other.gain * parts(self.cost)
    }
}
