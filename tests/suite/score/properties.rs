//! The properties that every score has, whatever was played: P1 to P18 of the grading rules.

use super::reference::{clock, crashloop};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use whodunit::case::score::belief::{closeness, shares};
use whodunit::case::score::log::{Cite, Claim, Course, Event, Fate, Suspect, What};
use whodunit::case::score::posterior::posterior;
use whodunit::case::score::profile::{DETECTIVE, PROFILES, Profile, TEAM};
use whodunit::case::score::truth::{Blank, ClueTruth, Truth};
use whodunit::case::score::{self, Band, DIMENSIONS, Dim, Exact, SCORED, Scorecard, WHOLE, exact, score_with};
use whodunit::scenario::shape::WordKind;
use whodunit::stdx::time::{Span, Time};

// ---- properties ----------------------------------------------------------------------------------------------------

/// A case made of a few numbers: eight nodes of the four kinds, clues over four channels, four rivals.
fn arbitrary_truth() -> impl Strategy<Value = Truth> {
    let kinds = prop::collection::vec(0..4usize, 4);
    let clue = (0..4u8, 0u16..1 << 9, 0u16..1 << 9, 0u8..1 << 4, any::<bool>());
    (kinds, prop::collection::vec(clue, 3..9)).prop_map(|(extra, clues)| {
        let all = [WordKind::Change, WordKind::Thing, WordKind::How, WordKind::Harm];
        let order = all.iter().copied().chain(extra.iter().map(|kind| all[*kind]));
        let chain: Vec<(String, WordKind)> = order.enumerate().map(|(n, kind)| (format!("n{n}"), kind)).collect();
        let name = |n: u32| if n == 8 { "onset".to_string() } else { format!("n{n}") };
        let of = |bits: u16| (0..9).filter(|n| bits >> n & 1 == 1).map(name).collect::<BTreeSet<_>>();
        let answers = [(Blank::Trigger, 0), (Blank::Culprit, 1), (Blank::Mechanism, 2), (Blank::Impact, 3)];
        let clue = |(n, (channel, shows, hints, out, perishable)): (usize, (u8, u16, u16, u8, bool))| {
            let rules_out = (0..4).filter(|r| out >> r & 1 == 1).map(|r| format!("r{r}")).collect();
            let channel = format!("channel {channel}");
            (format!("c{n}"), ClueTruth { channel, shows: of(shows), hints: of(hints), rules_out, perishable })
        };
        Truth {
            case_hash: String::new(),
            chain,
            answers: answers.map(|(blank, n)| (blank, vec![format!("n{n}")])).into_iter().collect(),
            onset: Some(clock("09:54")),
            rivals: (0..4).map(|r| format!("r{r}")).collect(),
            clues: clues.into_iter().enumerate().map(clue).collect(),
            page: Time(0),
            closes: Time(1_800_000),
        }
    })
}

fn arbitrary_cites() -> impl Strategy<Value = Vec<Cite>> {
    let cite = (1..9u32, prop::collection::btree_set((0..9u8).prop_map(|c| format!("c{c}")), 0..3));
    prop::collection::vec(cite.prop_map(|(exhibit, clues)| Cite { exhibit, clues }), 0..5)
}

fn arbitrary_claims() -> impl Strategy<Value = BTreeMap<Blank, Claim>> {
    let claim = (0..10u8, 40..60i64, arbitrary_cites());
    prop::collection::vec(prop::option::weighted(0.9, claim), 5).prop_map(|claims| {
        let filled = Blank::ALL.into_iter().zip(claims).filter_map(|(blank, claim)| Some((blank, claim?)));
        filled
            .map(|(blank, (word, minute, cites))| {
                let onset = (blank == Blank::Onset).then(|| clock(&format!("09:{minute}")));
                (blank, Claim { word: format!("n{word}"), onset, cites })
            })
            .collect()
    })
}

fn arbitrary_suspect() -> impl Strategy<Value = Suspect> {
    prop_oneof![
        8 => (0..4u8).prop_map(|r| Suspect::Rival(format!("r{r}"))),
        1 => Just(Suspect::Truth),
        1 => Just(Suspect::Other(7)),
    ]
}

fn arbitrary_what() -> impl Strategy<Value = What> {
    let clue = || (0..9u8).prop_map(|c| format!("c{c}"));
    let fate = prop_oneof![Just(Fate::StillThere), Just(Fate::Expired), Just(Fate::Destroyed)];
    prop_oneof![
        6 => clue().prop_map(|clue| What::Seen { clue }),
        6 => clue().prop_map(|clue| What::Bagged { clue }),
        1 => clue().prop_map(|clue| What::Unbagged { clue }),
        1 => any::<(bool, bool)>().prop_map(|(expected, confounded)| What::Change { expected, confounded }),
        4 => (arbitrary_suspect(), arbitrary_cites(), any::<bool>())
            .prop_map(|(suspect, cites, cross)| What::Cleared { suspect, cites, cross }),
        1 => arbitrary_suspect().prop_map(|suspect| What::Reopened { suspect }),
        1 => (clue(), fate).prop_map(|(clue, fate)| What::End { clue, fate }),
        6 => arbitrary_conduct(),
    ]
}

/// Belief, statements, updates, reading, hints.
fn arbitrary_conduct() -> impl Strategy<Value = What> {
    let clue = (0..9u8).prop_map(|c| format!("c{c}"));
    let percent = prop::sample::select(vec![0u8, 1, 5, 10, 20, 35, 50, 65, 80, 90, 95, 99]);
    let beliefs = prop::collection::vec((arbitrary_suspect(), percent), 0..5);
    let fields = || {
        let truths = prop::collection::vec(any::<bool>(), 0..7);
        truths
            .prop_map(|truths| truths.into_iter().enumerate().map(|(n, truth)| (format!("field {n}"), truth)).collect())
    };
    prop_oneof![
        2 => beliefs.prop_map(|of| What::Beliefs { of }),
        1 => fields().prop_map(|fields| What::Stated { fields }),
        2 => (fields(), prop::option::of(1..30i64))
            .prop_map(|(fields, next)| What::Updated { fields, next: next.map(Span::mins) }),
        1 => Just(What::Resolved),
        2 => (1..90i64).prop_map(|cost| What::Read { cost: Span::secs(cost) }),
        1 => Just(What::Checked),
        1 => (1..4u8, clue, any::<bool>()).prop_map(|(rung, clue, free)| What::Hint { rung, clue, free }),
    ]
}

/// How a run went as a whole, in whatever relation to the other two.
fn arbitrary_course() -> impl Strategy<Value = Vec<What>> {
    let harm = || 0..2_000_000u64;
    let ended = prop::option::weighted(0.8, (0..40i64).prop_map(|minute| Time(minute * 60_000)));
    let course = (harm(), harm(), harm(), ended, any::<bool>(), any::<bool>());
    let effort = (0..600i64, 0..600i64)
        .prop_map(|(reference, policy)| What::Effort { reference: Span::secs(reference), policy: Span::secs(policy) });
    let course = course.prop_map(|(harm, idle, reference, ended, fixed, lasts)| {
        let fix = fixed.then_some(1);
        What::Course(Course { harm, idle, reference, ended, fix, lasts })
    });
    prop::option::weighted(0.9, (course, effort)).prop_map(|both| both.map_or_else(Vec::new, |(a, b)| vec![a, b]))
}

/// Forty seconds apart.
fn numbered(whats: Vec<What>) -> Vec<Event> {
    let number = |(n, what)| Event { entry: n as u32 + 1, at: Time(n as i64 * 40_000), what };
    whats.into_iter().enumerate().map(number).collect()
}

/// All seven dimensions.
fn score(truth: &Truth, log: &[Event], profile: &Profile) -> Scorecard {
    score_with(truth, log, profile, WHOLE)
}

/// The log with one event more, at the time of the one that it comes after; the others stay where they are.
fn with(log: &[Event], after: usize, what: What) -> Vec<Event> {
    let mut more = log.to_vec();
    let at = after.min(log.len());
    let (entry, time) = at.checked_sub(1).map_or((1, Time(0)), |last| (log[last].entry, log[last].at));
    more.insert(at, Event { entry, at: time, what });
    more
}

fn course_of(log: &[Event]) -> Option<Course> {
    log.iter().find_map(|event| match event.what {
        What::Course(course) => Some(course),
        _ => None,
    })
}

/// A log that ends with its verdict.
fn arbitrary_log() -> impl Strategy<Value = Vec<Event>> {
    let verdict = prop::option::weighted(0.9, arbitrary_claims());
    let acts = prop::collection::vec(arbitrary_what(), 0..40);
    (acts, verdict, arbitrary_course()).prop_map(|(mut whats, claims, course)| {
        whats.extend(claims.map(|claims| What::Verdict { claims }));
        whats.extend(course);
        numbered(whats)
    })
}

/// Seen and bagged, all nine possible clues, before anything else.
fn with_everything_bagged(log: &[Event]) -> Vec<Event> {
    let clues = (0..9).map(|c| format!("c{c}"));
    let first = clues.flat_map(|clue| [What::Seen { clue: clue.clone() }, What::Bagged { clue }]);
    let rest = log.iter().map(|event| event.what.clone()).filter(|what| !matches!(what, What::Unbagged { .. }));
    numbered(first.chain(rest).collect())
}

/// The log with the cites of one blank of its verdict replaced.
fn recited(log: &[Event], blank: Blank, change: impl Fn(&mut Vec<Cite>)) -> Vec<Event> {
    let mut log = log.to_vec();
    for event in &mut log {
        if let What::Verdict { claims } = &mut event.what
            && let Some(claim) = claims.get_mut(&blank)
        {
            change(&mut claim.cites);
        }
    }
    log
}

fn blank_named(n: usize) -> Blank {
    Blank::ALL[n % Blank::ALL.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// P1, P2, P15: bounds; the same input gives the same card; the ledger adds up to the sums and the total.
    #[test]
    fn sums_stay_in_bounds_and_the_ledger_adds_up(
        truth in arbitrary_truth(), log in arbitrary_log(), team in any::<bool>(), few in any::<bool>()
    ) {
        let (profile, scored) = (if team { &TEAM } else { &DETECTIVE }, if few { SCORED } else { WHOLE });
        let card = score_with(&truth, &log, profile, scored);
        prop_assert_eq!(&card, &score_with(&truth, &log, profile, scored));
        let of = |dim: Dim| card.ledger.iter().filter(|l| l.dim == dim).map(|l| l.got.clone()).sum::<BigRational>();
        let mut total = exact(0, 1);
        for sum in &card.dims {
            let lines = of(sum.dim);
            match &sum.got {
                Some(got) => {
                    prop_assert_eq!(got, &lines);
                    prop_assert!(*got >= exact(0, 1) && *got <= exact(sum.max, 1), "{:?} {}", sum.dim, got);
                }
                None => prop_assert!(card.ledger.iter().all(|line| line.dim != sum.dim)),
            }
            total += lines;
        }
        prop_assert!(of(Dim::H) <= exact(0, 1) && total.clone() + of(Dim::H) >= card.dim(Dim::V));
        total += of(Dim::H);
        prop_assert_eq!(&total, &card.total());
        let shown: i64 = card.ledger.iter().map(|line| line.got_m).sum();
        prop_assert_eq!((exact(shown, 1), shown), ((&total * exact(1_000, 1)).floor(), card.total_m()));
        prop_assert_eq!(card.case_m() + card.conduct_m() + card.dim_m(Dim::H), card.total_m());
        prop_assert!(total >= exact(0, 1) && total <= exact(card.max(), 1));
        let max: i64 = scored.iter().map(|dim| profile.weight(*dim)).sum();
        prop_assert_eq!((card.max(), card.band().is_some()), (max, scored.len() == 7));
        let entries = log.len() as u32;
        prop_assert!(card.ledger.iter().flat_map(|line| &line.entries).all(|n| (1..=entries.max(1)).contains(n)));
        // Each line says why it is what it is, or is a plain deduction.
        prop_assert!(card.ledger.iter().all(|line| !line.because.is_empty() || line.max == exact(0, 1)));
    }

    /// P3: whatever cites nothing stays below 46, whatever is proven fully reaches it.
    #[test]
    fn nothing_cited_loses_to_everything_proven(truth in arbitrary_truth(), log in arbitrary_log()) {
        let mut silent = log.clone();
        for event in &mut silent {
            match &mut event.what {
                What::Verdict { claims } => claims.values_mut().for_each(|claim| claim.cites.clear()),
                What::Cleared { cites, .. } => cites.clear(),
                _ => {}
            }
        }
        let card = score(&truth, &silent, &DETECTIVE);
        prop_assert!(card.dim(Dim::V).is_zero() && card.dim(Dim::E).is_zero());
        prop_assert!(card.total() <= exact(44, 1));

        let mut proven = truth.clone();
        let all: BTreeSet<String> = ["n0", "n1", "n2", "n3", "onset"].map(String::from).into();
        for (id, channel) in [("c0", "one"), ("c1", "two")] {
            let clue = ClueTruth { channel: channel.into(), shows: all.clone(), ..ClueTruth::default() };
            proven.clues.insert(id.into(), clue);
        }
        let cites: Vec<Cite> =
            ["c0", "c1"].map(|clue| Cite { exhibit: 1, clues: BTreeSet::from([clue.to_string()]) }).into();
        let claim = |blank: Blank| Claim {
            word: proven.answers.get(&blank).map_or_else(String::new, |answer| answer[0].clone()),
            onset: (blank == Blank::Onset).then_some(clock("09:54")),
            cites: cites.clone(),
        };
        let mut whats: Vec<What> =
            log.iter().map(|e| e.what.clone()).filter(|w| !matches!(w, What::Verdict { .. } | What::Unbagged { .. })).collect();
        // A clue that was pointed out counts half: nobody proves by hints alone.
        whats.retain(|what| !matches!(what, What::Hint { rung: 3, .. }));
        for clue in ["c0", "c1"] {
            whats.extend([What::Seen { clue: clue.into() }, What::Bagged { clue: clue.into() }]);
        }
        whats.push(What::Verdict { claims: Blank::ALL.into_iter().map(|blank| (blank, claim(blank))).collect() });
        prop_assert!(score(&proven, &numbered(whats), &DETECTIVE).total() >= exact(46, 1));
    }

    /// P5, P8: one more exhibit that bears never lowers V; one that does not bear never raises it.
    #[test]
    fn bearing_exhibits_never_hurt_and_stray_ones_never_help(
        truth in arbitrary_truth(), log in arbitrary_log(), blank in 0..5usize, clue in 0..9u8
    ) {
        let log = with_everything_bagged(&log);
        let blank = blank_named(blank);
        let id = format!("c{clue}");
        let said = log.iter().find_map(|event| match &event.what {
            What::Verdict { claims } => claims.get(&blank).map(|claim| claim.word.clone()),
            _ => None,
        });
        let Some(said) = said else { return Ok(()) };
        let more = recited(&log, blank, |cites| {
            cites.push(Cite { exhibit: 30, clues: BTreeSet::from([id.clone()]) });
        });
        let before = score(&truth, &log, &DETECTIVE).dim(Dim::V);
        let after = score(&truth, &more, &DETECTIVE).dim(Dim::V);
        if truth.strength(&id, blank, &said).is_zero() {
            prop_assert!(after <= before, "stray {id} raises V from {before} to {after}");
        } else {
            prop_assert!(after >= before, "bearing {id} lowers V from {before} to {after}");
        }
    }

    /// P6: a word further along the chain is never more accurate.
    #[test]
    fn accuracy_falls_with_distance(truth in arbitrary_truth()) {
        for (blank, answers) in &truth.answers {
            let kind = truth.chain.iter().find(|(id, _)| *id == answers[0]).map(|(_, kind)| *kind);
            let same: Vec<&String> = truth.chain.iter().filter(|(_, k)| Some(*k) == kind).map(|(id, _)| id).collect();
            let own = same.iter().position(|id| **id == answers[0]).expect("the answer is on the chain");
            for (at, id) in same.iter().enumerate() {
                let steps = at.abs_diff(own) as u32;
                prop_assert_eq!(truth.accuracy(*blank, id), exact(1, 3_i64.pow(steps)));
            }
            for (id, other) in &truth.chain {
                prop_assert!(Some(*other) == kind || truth.accuracy(*blank, id).is_zero());
            }
            prop_assert!(truth.accuracy(*blank, "no such node").is_zero());
        }
    }

    /// P7: the order of citations, of bagging and of clearing is irrelevant.
    #[test]
    fn order_is_irrelevant(truth in arbitrary_truth(), log in arbitrary_log()) {
        let log = with_everything_bagged(&log);
        let mut turned: Vec<What> = log.iter().map(|event| event.what.clone()).collect();
        let bags = 18;
        turned[..bags].chunks_mut(2).collect::<Vec<_>>().reverse();
        let pairs: Vec<What> = turned[..bags].chunks(2).rev().flatten().cloned().collect();
        turned[..bags].clone_from_slice(&pairs);
        // One clearing a suspect, so that turning them round does not change which is the last word.
        let mut whom = BTreeSet::new();
        let once = |what: &What| match what {
            What::Cleared { suspect, .. } | What::Reopened { suspect } => Some(suspect.clone()),
            _ => None,
        };
        turned.retain(|what| once(what).is_none_or(|suspect| whom.insert(suspect)));
        let straight = numbered(turned.clone());
        let at: Vec<usize> = (0..turned.len()).filter(|n| once(&turned[*n]).is_some()).collect();
        let mut back = turned.clone();
        for (from, to) in at.iter().zip(at.iter().rev()) {
            back[*to] = turned[*from].clone();
        }
        for what in &mut back {
            match what {
                What::Verdict { claims } => claims.values_mut().for_each(|claim| claim.cites.reverse()),
                What::Cleared { cites, .. } => cites.reverse(),
                _ => {}
            }
        }
        let (a, b) = (score(&truth, &straight, &DETECTIVE), score(&truth, &numbered(back), &DETECTIVE));
        for dim in [Dim::V, Dim::E, Dim::P] {
            prop_assert_eq!(a.dim(dim), b.dim(dim));
        }
    }

    /// P9: destroying a clue before it was bagged never raises P, V or E.
    #[test]
    fn destroying_evidence_never_pays(truth in arbitrary_truth(), log in arbitrary_log(), clue in 0..9u8) {
        let id = format!("c{clue}");
        // Citing only what is bagged, as the board allows: a citation of nothing cannot be a loss that pays.
        let mut kept: Vec<What> = log.iter().map(|event| event.what.clone()).collect();
        kept.retain(|what| !matches!(what, What::End { clue, .. } if *clue == id));
        let mut lost = kept.clone();
        lost.retain(|what| !matches!(what, What::Bagged { clue } if *clue == id));
        lost.push(What::End { clue: id, fate: Fate::Destroyed });
        let (a, b) = (score(&truth, &numbered(kept), &DETECTIVE), score(&truth, &numbered(lost), &DETECTIVE));
        for dim in [Dim::P, Dim::V, Dim::E] {
            prop_assert!(b.dim(dim) <= a.dim(dim), "{dim:?}: {} after, {} before", b.dim(dim), a.dim(dim));
        }
    }

    /// P4: reading the same once more at once never pays.
    #[test]
    fn repeating_a_read_never_pays(truth in arbitrary_truth(), log in arbitrary_log()) {
        let mut twice = Vec::new();
        for event in &log {
            twice.push(event.clone());
            if matches!(event.what, What::Read { .. } | What::Checked | What::Seen { .. }) {
                twice.push(event.clone());
            }
        }
        prop_assert!(score(&truth, &twice, &DETECTIVE).total() <= score(&truth, &log, &DETECTIVE).total());
    }

    /// P10: taking a hint never pays; a free one changes nothing.
    #[test]
    fn hints_never_pay(truth in arbitrary_truth(), log in arbitrary_log(), at in 0..45usize, rung in 1..4u8, clue in 0..9u8) {
        let hint = |free| What::Hint { rung, clue: format!("c{clue}"), free };
        let before = score(&truth, &log, &DETECTIVE);
        let after = score(&truth, &with(&log, at, hint(false)), &DETECTIVE);
        prop_assert!(after.total() <= before.total());
        // What is taken is what it costs, unless there was less.
        let taken = |card: &Scorecard| {
            card.ledger.iter().filter(|line| line.dim == Dim::H).map(|line| line.got.clone()).sum::<Exact>()
        };
        let cost = taken(&before) - taken(&after);
        prop_assert!(cost <= exact([1, 3, 6][usize::from(rung) - 1], 1));
        let free = score(&truth, &with(&log, at, hint(true)), &DETECTIVE);
        prop_assert_eq!(free.total(), before.total());
    }

    /// P11: a further attempt never raises V.
    #[test]
    fn a_further_attempt_never_raises_the_verdict(
        truth in arbitrary_truth(), log in arbitrary_log(), at in 0..40usize, claims in arbitrary_claims()
    ) {
        let Some(last) = log.iter().rposition(|event| matches!(event.what, What::Verdict { .. })) else { return Ok(()) };
        let tried = with(&log, at.min(last), What::Verdict { claims });
        prop_assert!(score(&truth, &tried, &DETECTIVE).dim(Dim::V) <= score(&truth, &log, &DETECTIVE).dim(Dim::V));
    }

    /// P12: nothing that could be stated beats the justified belief.
    #[test]
    fn the_justified_belief_is_the_best_to_state(
        truth in arbitrary_truth(), seen in prop::collection::btree_set((0..9u8).prop_map(|c| format!("c{c}")), 0..9),
        stated in prop::collection::btree_map(arbitrary_suspect(), 1..100u32, 1..5)
    ) {
        let justified = posterior(&truth, &seen);
        prop_assert_eq!(justified.values().sum::<Exact>(), exact(1, 1));
        let of = |suspect: &Suspect| justified.get(suspect).cloned().unwrap_or_else(Exact::zero);
        let honest: BTreeMap<Suspect, Exact> = stated.keys().map(|suspect| (suspect.clone(), of(suspect))).collect();
        let (best, own) = (closeness(&honest, &justified), closeness(&shares(&stated), &justified));
        prop_assert!(own <= best, "{own} beats {best}");
        prop_assert_eq!(best.is_one(), stated.len() >= 2);
    }

    /// P13: the same ten minutes later never raises R, V or P, nor U where it is truly resolved in both.
    #[test]
    fn later_is_never_better(truth in arbitrary_truth(), log in arbitrary_log(), more in 0..600_000u64) {
        let delay = Span::mins(10);
        let mut late = log.clone();
        for event in &mut late {
            event.at += delay;
            if let What::Course(course) = &mut event.what {
                course.harm += more;
                course.ended = course.ended.map(|ended| ended + delay);
            }
        }
        let (a, b) = (score(&truth, &log, &DETECTIVE), score(&truth, &late, &DETECTIVE));
        for dim in [Dim::R, Dim::V, Dim::P] {
            prop_assert!(b.dim(dim) <= a.dim(dim), "{dim:?}: {} late, {} before", b.dim(dim), a.dim(dim));
        }
        let resolved = |event: &Event| {
            matches!(event.what, What::Resolved) && course_of(&log).is_some_and(|course| course.over(event.at))
        };
        if log.iter().any(resolved) {
            prop_assert!(b.dim(Dim::U) <= a.dim(Dim::U), "U: {} late, {} before", b.dim(Dim::U), a.dim(Dim::U));
        }
    }

    /// P14: saying "resolved" while it is not never pays.
    #[test]
    fn a_false_resolved_never_pays(truth in arbitrary_truth(), log in arbitrary_log(), at in 0..45usize) {
        let lied = with(&log, at, What::Resolved);
        let false_then = lied.iter().zip(&log).find(|(lied, told)| lied != told).map_or(lied.last(), |(lied, _)| Some(lied));
        let over = |event: &Event| course_of(&log).is_some_and(|course| course.over(event.at));
        if false_then.is_some_and(over) {
            return Ok(());
        }
        prop_assert!(score(&truth, &lied, &DETECTIVE).total() <= score(&truth, &log, &DETECTIVE).total());
    }

    /// P16: other names for everything, and another order of rivals, change nothing.
    #[test]
    fn names_and_order_change_nothing(truth in arbitrary_truth(), log in arbitrary_log()) {
        let card = score(&truth, &log, &DETECTIVE);
        let other = score(&renamed_truth(&truth), &log.iter().map(renamed_event).collect::<Vec<_>>(), &DETECTIVE);
        prop_assert_eq!(card.total(), other.total());
        for dim in WHOLE {
            prop_assert_eq!(card.dim(*dim), other.dim(*dim));
        }
    }

    /// P17: whoever clears the truth has eliminated nothing.
    #[test]
    fn clearing_the_truth_forfeits_elimination(truth in arbitrary_truth(), log in arbitrary_log(), cites in arbitrary_cites()) {
        let mut whats: Vec<What> = log.into_iter().map(|event| event.what).collect();
        whats.push(What::Cleared { suspect: Suspect::Truth, cites, cross: false });
        let card = score(&truth, &numbered(whats.clone()), &DETECTIVE);
        prop_assert!(card.dim(Dim::E).is_zero());
        whats.push(What::Reopened { suspect: Suspect::Truth });
        let taken_back = score(&truth, &numbered(whats), &DETECTIVE);
        prop_assert!(taken_back.dim(Dim::E) >= card.dim(Dim::E));
    }

    /// The constitution: a profile that breaks it is refused, one that keeps it is not.
    #[test]
    fn the_constitution_holds_for_every_profile(v in 0..100i64, e in 0..50i64) {
        let rest = 100 - v - e;
        let weights = [(Dim::V, v), (Dim::E, e), (Dim::K, 0), (Dim::P, rest), (Dim::M, 0), (Dim::R, 0), (Dim::U, 0)];
        let mut blanks = Blank::ALL.map(|blank| (blank, 0));
        blanks[0].1 = v;
        let profile = Profile::new("tried", weights, blanks);
        prop_assert_eq!(profile.is_ok(), rest >= 0 && 2 * v + e > 100);
    }
}

/// Names in the other order of the alphabet: `c0` becomes `zc9`.
fn renamed(name: &str) -> String {
    let turned = |c: char| c.to_digit(10).and_then(|digit| char::from_digit(9 - digit, 10)).unwrap_or(c);
    if name == "onset" { name.into() } else { format!("z{}", name.chars().map(turned).collect::<String>()) }
}

fn renamed_truth(truth: &Truth) -> Truth {
    let set = |names: &BTreeSet<String>| names.iter().map(|name| renamed(name)).collect::<BTreeSet<_>>();
    let clue = |(id, clue): (&String, &ClueTruth)| {
        let own = ClueTruth {
            channel: renamed(&clue.channel),
            shows: set(&clue.shows),
            hints: set(&clue.hints),
            rules_out: set(&clue.rules_out),
            perishable: clue.perishable,
        };
        (renamed(id), own)
    };
    Truth {
        case_hash: truth.case_hash.clone(),
        chain: truth.chain.iter().map(|(id, kind)| (renamed(id), *kind)).collect(),
        answers: truth.answers.iter().map(|(b, own)| (*b, own.iter().map(|id| renamed(id)).collect())).collect(),
        onset: truth.onset,
        rivals: truth.rivals.iter().rev().map(|rival| renamed(rival)).collect(),
        clues: truth.clues.iter().map(clue).collect(),
        page: truth.page,
        closes: truth.closes,
    }
}

fn renamed_event(event: &Event) -> Event {
    let mut event = event.clone();
    let whom = |suspect: &mut Suspect| {
        if let Suspect::Rival(rival) = suspect {
            *rival = renamed(rival);
        }
    };
    let cited = |cites: &mut Vec<Cite>| {
        for cite in cites {
            cite.clues = cite.clues.iter().map(|clue| renamed(clue)).collect();
        }
    };
    match &mut event.what {
        What::Seen { clue } | What::Bagged { clue } | What::Unbagged { clue } => *clue = renamed(clue),
        What::Hint { clue, .. } | What::End { clue, .. } => *clue = renamed(clue),
        What::Cleared { suspect, cites, .. } => {
            whom(suspect);
            cited(cites);
        }
        What::Reopened { suspect } => whom(suspect),
        What::Beliefs { of } => of.iter_mut().for_each(|(suspect, _)| whom(suspect)),
        What::Verdict { claims } => claims.values_mut().for_each(|claim| {
            claim.word = renamed(&claim.word);
            cited(&mut claim.cites);
        }),
        _ => {}
    }
    event
}

/// What is not scored yet gives no points and takes no part in the maximum.
#[test]
fn unscored_dimensions_are_places_only() {
    let (_, truth) = crashloop();
    let card = score::score(&truth, &[], &DETECTIVE);
    for sum in &card.dims {
        assert_eq!(sum.got.is_some(), SCORED.contains(&sum.dim), "{}", sum.name);
    }
    assert_eq!(card.max(), SCORED.iter().map(|dim| DETECTIVE.weight(*dim)).sum::<i64>());
    assert_eq!((DIMENSIONS.len(), WHOLE.len()), (7, 7));
    assert!(DIMENSIONS.windows(2).all(|pair| pair[0].name < pair[1].name), "rows are sorted by name");
    // An untouched scene is worth something: 0.4 a perishable clue, 4.8 of 12.
    assert_eq!((card.total(), card.total_m()), (exact(48, 10), 4_800));
    assert!(!card.reaches(10));
}

#[test]
fn unlawful_profiles_are_refused() {
    let weights = |weights: [i64; 7]| {
        let mut own = [(Dim::V, 0); 7];
        for (at, dim) in WHOLE.iter().enumerate() {
            own[at] = (*dim, weights[at]);
        }
        own
    };
    let blanks = |blanks: [i64; 5]| {
        let mut own = Blank::ALL.map(|blank| (blank, 0));
        own.iter_mut().zip(blanks).for_each(|(own, weight)| own.1 = weight);
        own
    };
    let tried = |all: [i64; 7], of_verdict: [i64; 5]| Profile::new("tried", weights(all), blanks(of_verdict));
    let usual = [14, 14, 10, 4, 4];
    let lawful = tried([46, 10, 8, 12, 6, 12, 6], usual).expect("it is lawful");
    assert!(WHOLE.iter().all(|dim| lawful.weight(*dim) == DETECTIVE.weight(*dim)));
    // 2·46 + 8 does not exceed 100: a run without evidence could equal a proven diagnosis.
    for (all, of_verdict) in [
        ([46, 8, 10, 12, 6, 12, 6], usual),
        ([46, 10, 9, 12, 6, 12, 6], usual),
        ([46, 10, 8, 12, 6, 18, 0], [14, 14, 10, 4, 5]),
        ([46, 20, 8, 12, 6, 12, -4], usual),
    ] {
        let refusal = tried(all, of_verdict).expect_err("it is unlawful");
        assert!(refusal.contains("2·V + E must exceed 100"), "{refusal}");
    }
    for profile in PROFILES {
        let sum: i64 = WHOLE.iter().map(|dim| profile.weight(*dim)).sum();
        let of_verdict: i64 = Blank::ALL.iter().map(|blank| profile.blank(*blank)).sum();
        assert_eq!((sum, of_verdict), (100, profile.weight(Dim::V)), "{}", profile.name);
        assert!(2 * profile.weight(Dim::V) + profile.weight(Dim::E) > 100, "{}", profile.name);
    }
    assert_eq!(WHOLE.iter().map(|dim| TEAM.weight(*dim)).collect::<Vec<_>>(), [46, 10, 6, 10, 4, 12, 12]);
}

/// A total is called by the band that it is in, from its lower bound on.
#[test]
fn bands_begin_at_their_bounds() {
    let bands = [Band::Open, Band::Suspicion, Band::Charged, Band::Proven, Band::BeyondDoubt];
    for (at, bound) in [40, 60, 75, 90].into_iter().enumerate() {
        assert_eq!(score::band(&exact(bound, 1)), bands[at + 1]);
        assert_eq!(score::band(&exact(bound * 1_000 - 1, 1_000)), bands[at], "just below {bound}");
    }
    assert_eq!((score::band(&exact(0, 1)), score::band(&exact(100, 1))), (Band::Open, Band::BeyondDoubt));
}
