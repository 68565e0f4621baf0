//! The properties that every score has, whatever was played: P1 to P18 of the grading rules.

use super::reference::{clock, crashloop};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use whodunit::case::score::log::{Cite, Claim, Event, Fate, Suspect, What};
use whodunit::case::score::profile::{DETECTIVE, Profile};
use whodunit::case::score::truth::{Blank, ClueTruth, Truth};
use whodunit::case::score::{DIMENSIONS, Dim, exact, score};
use whodunit::scenario::shape::WordKind;
use whodunit::stdx::time::Time;

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
        4 => (arbitrary_suspect(), arbitrary_cites()).prop_map(|(suspect, cites)| What::Cleared { suspect, cites, cross: false }),
        1 => arbitrary_suspect().prop_map(|suspect| What::Reopened { suspect }),
        1 => (clue(), fate).prop_map(|(clue, fate)| What::End { clue, fate }),
    ]
}

fn numbered(whats: Vec<What>) -> Vec<Event> {
    let number = |(n, what)| Event { entry: n as u32 + 1, at: Time(n as i64 * 1000), what };
    whats.into_iter().enumerate().map(number).collect()
}

/// A log that ends with its verdict.
fn arbitrary_log() -> impl Strategy<Value = Vec<Event>> {
    let verdict = prop::option::weighted(0.9, arbitrary_claims());
    (prop::collection::vec(arbitrary_what(), 0..40), verdict).prop_map(|(mut whats, claims)| {
        whats.extend(claims.map(|claims| What::Verdict { claims }));
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
    fn sums_stay_in_bounds_and_the_ledger_adds_up(truth in arbitrary_truth(), log in arbitrary_log()) {
        let card = score(&truth, &log, &DETECTIVE);
        prop_assert_eq!(&card, &score(&truth, &log, &DETECTIVE));
        let mut total = exact(0, 1);
        for sum in &card.dims {
            let lines: BigRational = card.ledger.iter().filter(|l| l.dim == sum.dim).map(|l| l.got.clone()).sum();
            match &sum.got {
                Some(got) => {
                    prop_assert_eq!(got, &lines);
                    prop_assert!(*got >= exact(0, 1) && *got <= exact(sum.max, 1), "{:?} {}", sum.dim, got);
                }
                None => prop_assert!(card.ledger.iter().all(|line| line.dim != sum.dim)),
            }
            total += lines;
        }
        prop_assert_eq!(&total, &card.total());
        let shown: i64 = card.ledger.iter().map(|line| line.got_m).sum();
        prop_assert_eq!((exact(shown, 1), shown), ((&total * exact(1_000, 1)).floor(), card.total_m()));
        prop_assert!(total <= exact(68, 1));
        prop_assert_eq!(card.max(), 68);
        let entries = log.len() as u32;
        prop_assert!(card.ledger.iter().flat_map(|line| &line.entries).all(|n| (1..=entries).contains(n)));
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
        prop_assert!(card.total() < exact(46, 1));

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

/// What is not scored yet gives no points and takes no part in the maximum.
#[test]
fn unscored_dimensions_are_places_only() {
    let (_, truth) = crashloop();
    let card = score(&truth, &[], &DETECTIVE);
    let unscored: Vec<Dim> = card.dims.iter().filter(|sum| sum.got.is_none()).map(|sum| sum.dim).collect();
    assert_eq!(unscored, [Dim::K, Dim::M, Dim::R, Dim::U]);
    assert_eq!(DIMENSIONS.len(), 7);
    assert!(DIMENSIONS.windows(2).all(|pair| pair[0].name < pair[1].name), "rows are sorted by name");
    assert_eq!(DETECTIVE.weight(Dim::V), Blank::ALL.iter().map(|blank| DETECTIVE.blank(*blank)).sum::<i64>());
    // An untouched scene is worth something: 0.4 a perishable clue, 4.8 of 12.
    assert_eq!((card.total(), card.total_m()), (exact(48, 10), 4_800));
    assert!(exact(1, 1).is_one() && !card.reaches(10));
}
