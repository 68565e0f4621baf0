//! Progress over many runs: skill, difficulty, fading concepts, calibration, the next and the daily drill.

mod files;
mod screen;

use std::collections::{BTreeMap, BTreeSet};
use whodunit::case::progress::calibration;
use whodunit::case::progress::daily::{self, Drawable};
use whodunit::case::progress::derive;
use whodunit::case::progress::difficulty::Difficulty;
use whodunit::case::progress::next::{self, Candidate, Why};
use whodunit::case::progress::number::{exp, logistic, wilson};
use whodunit::case::progress::overview::Overview;
use whodunit::case::progress::recall::{Fared, Grade, Review, grade, memories};
use whodunit::case::progress::record::{Played, Points, Record, Standing, Sure, standings};
use whodunit::case::progress::skill::{Skill, Skills};
use whodunit::case::score::log::{Cite, Claim, Event, Suspect, What};
use whodunit::case::score::profile::DETECTIVE;
use whodunit::case::score::truth::{Blank, Truth};
use whodunit::case::score::{Dim, score};
use whodunit::stdx::dice::Dice;
use whodunit::stdx::time::{Span, Time};

const DAY: i64 = 86_400_000;

pub fn day(n: i64) -> Time {
    // 2026-03-02
    Time(1_772_409_600_000 + n * DAY)
}

/// A rated run of a case of its own: so many points of a hundred.
pub fn record(n: i64, points: i64, tags: &[&str]) -> Record {
    let weights = [(Dim::V, 46), (Dim::E, 10), (Dim::K, 8), (Dim::P, 12), (Dim::M, 6), (Dim::R, 12), (Dim::U, 6)];
    Record {
        key: format!("{n:016x}"),
        at: day(n),
        played: Played {
            case: format!("case-{n:02}"),
            variant: "A".into(),
            mode: "drill".into(),
            attempt: 1,
            title: format!("Case {n}"),
            ..Played::default()
        },
        tags: tags.iter().map(ToString::to_string).collect(),
        points: Points {
            engine: "whodunit-0.1.0".into(),
            total_m: points * 1_000,
            max: 100,
            dims: weights.into_iter().map(|(dim, max)| (dim, (points * max * 10, max))).collect(),
        },
        ..Record::default()
    }
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-4, "{got} is not {want}");
}

#[test]
fn our_own_exponential_is_right() {
    for n in -60..=60 {
        let x = f64::from(n) / 4.0;
        assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "e^{x}");
    }
    near(logistic(0.0), 0.5);
    near(logistic(1.0), 0.731_06);
}

/// By hand: p = 1/2, s = 1/4, gain = (1/4) / (1/16 + 1/25) = 100/41; the mean moves by 100/41 · 0.3, 16/41 of the variance stays.
#[test]
fn a_skill_moves_as_reckoned_by_hand() {
    let one = Skill::default().learned(day(0), 0.8, 0.0, 1.0);
    near(one.mean, 30.0 / 41.0);
    near(one.variance, 16.0 / 41.0);
    // Two tags: half the step each.
    let half = Skill::default().learned(day(0), 0.8, 0.0, 0.5);
    near(half.mean, 15.0 / 41.0);
    near(half.variance, 1.0 - 12.5 / 41.0);
    // Ten days: 0.04 less certain; never less than at first.
    near(one.aged(day(10)).variance, 16.0 / 41.0 + 0.04);
    near(one.aged(day(3_000)).variance, 1.0);
    near(one.aged(day(10)).mean, one.mean);
    // A second run, on a harder case (b = 1), the same day: p = logistic(30/41 - 1).
    let two = one.learned(day(0), 0.5, 1.0, 1.0);
    let p = 1.0 / (1.0 + (1.0 - 30.0 / 41.0_f64).exp());
    let s = p * (1.0 - p);
    let gain = 16.0 / 41.0 * s / (s * s * 16.0 / 41.0 + 0.04);
    near(two.mean, 30.0 / 41.0 + gain * (0.5 - p));
    near(two.variance, 16.0 / 41.0 * (1.0 - gain * s));
}

/// A standard normal from a die: the sum of twelve shares.
fn normal(dice: &mut Dice) -> f64 {
    (0..12).map(|_| dice.below(1 << 32) as f64 / (1_u64 << 32) as f64).sum::<f64>() - 6.0
}

/// The claim of "80 %": learners drawn as the prior says, results scattered as the model says.
#[test]
fn the_interval_holds_the_truth_four_times_in_five() {
    let mut dice = Dice::new(7).fork("coverage");
    for runs in [1, 3, 10, 20] {
        let (mut held, mut width, learners) = (0, 0.0, 4_000);
        for _ in 0..learners {
            let truth = normal(&mut dice);
            let mut skill = Skill::default();
            for _ in 0..runs {
                let b = normal(&mut dice) * 0.8;
                let y = (logistic(truth - b) + 0.2 * normal(&mut dice)).clamp(0.0, 1.0);
                skill = skill.learned(day(0), y, b, 1.0);
            }
            held += u32::from(skill.holds(truth));
            let told = skill.expected(0.0);
            width += (told.high - told.low) / 2.0;
        }
        let coverage = f64::from(held) / f64::from(learners);
        println!("{runs} runs: covers {coverage:.3}, ± {:.1} points", 100.0 * width / f64::from(learners));
        assert!((0.74..=0.83).contains(&coverage), "{runs} runs: {coverage}");
    }
}

#[test]
fn only_first_attempts_without_help_are_rated() {
    let mut all: Vec<Record> = (0..7).map(|n| record(n, 60, &["pods"])).collect();
    all[1].played.case = "case-00".into();
    all[2].hints = [1, 0, 0];
    all[3].hints = [0, 0, 1];
    all[4].played.mode = "practice".into();
    all[5].tags = vec!["tutorial".into()];
    // A family's member is the case behind it.
    all[6].played.case = "a-family".into();
    all[6].played.variant = "case-00/A".into();
    // The order in which they are given does not matter.
    all.reverse();
    let got: BTreeMap<&str, Standing> =
        standings(&all).into_iter().map(|(record, standing)| (record.played.title.as_str(), standing)).collect();
    assert_eq!(got["Case 0"], Standing::First);
    assert_eq!(got["Case 1"], Standing::Repeat);
    assert_eq!(got["Case 2"], Standing::Hinted);
    for unrated in ["Case 3", "Case 4", "Case 5"] {
        assert_eq!(got[unrated], Standing::Unrated, "{unrated}");
    }
    assert_eq!(got["Case 6"], Standing::Repeat);
    let skills = Skills::of(&standings(&all), day(6));
    assert_eq!(skills.tags["pods"].runs, 2);
    assert_eq!(skills.tags.keys().collect::<Vec<_>>(), ["pods"]);
}

#[test]
fn nothing_is_said_of_too_little_and_an_interval_is_said_of_enough() {
    let all: Vec<Record> = (0..20).map(|n| record(n, if n < 10 { 40 } else { 60 } + n % 5, &["pods", "aws"])).collect();
    let few = Overview::of(&all[..4], &[], day(4));
    assert!(few.level.is_none() && few.change.is_none() && few.calibration.is_none());
    assert!(Overview::told(&few.skills.tags["pods"]).is_none());
    let five = Overview::of(&all[..5], &[], day(5));
    let level = five.level.expect("five runs say something");
    // 40 … 44: mean 42, variance 2.5, t(4) = 1.533: ± 1.533·√(2.5/5) points.
    near(level.middle, 0.42);
    near(level.high - level.middle, 0.015_33 * 0.5_f64.sqrt());
    assert!(Overview::told(&five.skills.tags["pods"]).is_some());
    // No better: nothing is claimed. Better by far more than chance: claimed, with the mix of cases beside it.
    let same = Overview::of(&all[..10], &[], day(10)).change.expect("ten runs are compared");
    assert_eq!((same.runs, same.claimed()), ((5, 5), None));
    let better = Overview::of(&all, &[], day(20)).change.expect("twenty runs are compared");
    assert_eq!((better.runs, better.claimed()), ((10, 10), Some(true)));
    near(better.difference.middle, 0.20);
}

#[test]
fn certainty_is_held_against_what_came() {
    let sure = |percent, right| Sure { percent, right };
    let mut verdicts: Vec<Sure> = (0..10).map(|n| sure(90, n < 9)).chain((0..9).map(|n| sure(50, n < 3))).collect();
    assert!(calibration::of(&verdicts).is_none(), "19 verdicts say nothing");
    verdicts.push(sure(50, false));
    let got = calibration::of(&verdicts).expect("20 do");
    assert_eq!(
        got.bins.iter().map(|bin| (bin.percent, bin.count, bin.right)).collect::<Vec<_>>(),
        [(50, 10, 3), (90, 10, 9)]
    );
    near(got.calibration, (0.04 + 0.0) / 2.0);
    near(got.resolution, (0.09 + 0.09) / 2.0);
    near(got.uncertainty, 0.24);
    near(got.brier, got.calibration - got.resolution + got.uncertainty);
    let (low, high) = wilson(9.0, 10.0);
    assert!(low < 0.9 && 0.9 < high && high < 1.0);
}

#[test]
fn concepts_are_rated_by_what_was_done() {
    let fared = |cited, rung| Fared { cited, rung };
    assert_eq!(grade(&[]), None);
    assert_eq!(grade(&[fared(true, 0), fared(false, 0)]), Some(Grade::Good));
    assert_eq!(grade(&[fared(true, 0), fared(true, 2)]), Some(Grade::Hard));
    assert_eq!(grade(&[fared(true, 3)]), Some(Grade::Again));
    assert_eq!(grade(&[fared(false, 0)]), Some(Grade::Again));
}

/// A fixed history, by days: what FSRS 5 makes of it with its default weights, in whole days and without fuzz.
#[test]
fn concepts_fade_as_fsrs_says() {
    let review = |n, grade| Review { at: day(n), concept: "oom-kill".into(), grade };
    let history = [review(0, Grade::Good), review(3, Grade::Good), review(14, Grade::Again), review(16, Grade::Hard)];
    let due: Vec<i64> =
        (1..=history.len()).map(|upto| (memories(&history[..upto])["oom-kill"].due - day(0)).0 / DAY).collect();
    assert_eq!(due, [3, 14, 16, 19]);
    let easy = memories(&[review(0, Grade::Easy)])["oom-kill"];
    assert_eq!(((easy.due - day(0)).0 / DAY, easy.reviews, easy.lapses), (15, 1, 0));
    // The order in which reviews are given does not matter, and nor does asking twice.
    let mut shuffled = history.clone();
    shuffled.reverse();
    assert_eq!(memories(&shuffled), memories(&history));
    assert_eq!(memories(&history)["oom-kill"].lapses, 1);
}

#[test]
fn the_next_drill_is_what_teaches_most_and_says_why() {
    let all: Vec<Record> =
        (0..6).map(|n| record(n, if n % 2 == 0 { 80 } else { 30 }, &[["pods"], ["queues"]][n as usize % 2])).collect();
    let skills = Skills::of(&standings(&all), day(6));
    let candidate = |slug: &str, tag: &str, concepts: &[&str]| Candidate {
        slug: slug.into(),
        tags: vec![tag.into()],
        concepts: concepts.iter().map(ToString::to_string).collect(),
        ..Candidate::default()
    };
    let due = BTreeSet::from(["oom-kill".to_string()]);
    let mut cases = vec![
        candidate("b", "pods", &[]),
        candidate("a", "pods", &[]),
        candidate("c", "pods", &["oom-kill"]),
        candidate("d", "queues", &[]),
    ];
    let order = |cases: &[Candidate]| {
        next::ranked(cases, &skills, &due).into_iter().map(|one| one.slug).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(&cases), "c d a b");
    cases[2].recent = true;
    assert_eq!(order(&cases), "d a b c", "just played: what is due weighs as much");
    let best = &next::ranked(&cases, &skills, &due)[0];
    assert_eq!(best.why[0], Why::WeakestTag("queues".into()));
    assert!(matches!(best.why.last(), Some(Why::Fits(1..=60))));
}

#[test]
fn the_daily_drill_is_the_same_for_everybody_and_changes_by_day() {
    let case = |slug: &str, variants: &[&str]| Drawable {
        slug: slug.into(),
        variants: variants.iter().map(ToString::to_string).collect(),
    };
    let cases = [case("a", &["A", "B"]), case("b", &["A"]), case("c", &["A", "B", "C"]), case("empty", &[])];
    let mut shuffled = cases.clone();
    shuffled.reverse();
    let morning = daily::draw("1.0.0", day(0), &cases).expect("a drill");
    let night = daily::draw("1.0.0", day(0) + Span::hours(23), &shuffled).expect("a drill");
    assert_eq!(morning, night);
    assert_eq!((morning.number, morning.date.as_str()), (61, "2026-03-02"));
    assert_ne!(daily::draw("1.0.1", day(0), &cases), Some(morning));
    let days: Vec<_> = (0..90).map(|n| daily::draw("1.0.0", day(n), &cases).expect("a drill")).collect();
    let told: BTreeSet<(&str, &str)> = days.iter().map(|one| (one.slug.as_str(), one.variant.as_str())).collect();
    assert_eq!(told.len(), 6, "each variant has its day: {told:?}");
    assert_eq!(days.iter().map(|one| one.seed).collect::<BTreeSet<_>>().len(), 90);
    assert!(daily::draw("1.0.0", day(0), &cases[3..]).is_none());
}

#[test]
fn the_shared_line_gives_nothing_away() {
    let dims = BTreeMap::from([
        (Dim::V, (44_800, 46)),
        (Dim::E, (10_000, 10)),
        (Dim::K, (6_000, 8)),
        (Dim::P, (2_400, 12)),
        (Dim::M, (6_000, 6)),
        (Dim::R, (9_000, 12)),
        (Dim::U, (0, 6)),
    ]);
    assert_eq!(daily::share_line(421, &dims, 78_200, 100), "#0421 Case ▇█▆ Conduct ▂█▆▁ 78");
    let some = BTreeMap::from([(Dim::V, (46_000, 46)), (Dim::E, (0, 10)), (Dim::P, (12_000, 12))]);
    assert_eq!(daily::share_line(7, &some, 58_000, 68), "#0007 Case █▁· Conduct █··· 58 of 68");
}

/// What is reckoned without the estate is what the run is rated by; and the library is not all of one difficulty.
#[test]
fn difficulty_is_that_of_the_case_as_it_is_drawn() {
    let mut levels = BTreeSet::new();
    for pack in whodunit::scenario::library().iter().filter(|pack| !pack.is_family()) {
        let file = whodunit::scenario::file::read(pack).expect("a readable case");
        for variant in &file.variants {
            let drawn = whodunit::scenario::file::draw(pack, &file, variant, 7).map_err(|_| ()).expect("a drawn case");
            let outline = whodunit::scenario::file::outline(&file, variant).expect("the variant");
            let full = Difficulty::of(&drawn.lowered.case);
            assert_eq!(Difficulty::of(&outline), full, "{} {variant}", pack.slug);
            levels.insert(Difficulty::level(full.b_m()));
        }
    }
    assert!(levels.len() > 1, "{levels:?}");
    assert_eq!([-1_600, 0, 400, 1_600, 9_000].map(Difficulty::level), [1, 3, 3, 5, 5]);
}

/// The clues of the worked solution: cited unaided is good, after a hint it is hard, what a hint showed is again.
#[test]
fn a_record_is_made_of_the_graded_log() {
    let pack = whodunit::scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let file = whodunit::scenario::file::read(&pack).expect("a readable case");
    let case = whodunit::scenario::file::draw(&pack, &file, "A", 3).map_err(|_| ()).expect("drawn").lowered.case;
    let clue = |at: usize| case.clues[at].id.clone();
    let event = |what| Event { entry: 1, at: case.drill.page_at, what };
    let cites = vec![Cite { exhibit: 1, clues: case.clues.iter().map(|clue| clue.id.clone()).collect() }];
    let claim = Claim { word: case.verdict.culprit.clone(), onset: None, cites };
    let all =
        case.clues.iter().flat_map(|own| [What::Seen { clue: own.id.clone() }, What::Bagged { clue: own.id.clone() }]);
    let mut log: Vec<Event> = all.map(event).collect();
    let sure = vec![(Suspect::Truth, 80), (Suspect::Rival(case.rivals[0].id.clone()), 10)];
    log.push(event(What::Beliefs { of: sure }));
    log.push(event(What::Verdict { claims: BTreeMap::from([(Blank::Culprit, claim)]) }));
    let truth = Truth::of(&case);
    let made = |log: &[Event]| derive::record(&case, log, &score(&truth, log, &DETECTIVE));
    let good = made(&log);
    assert_eq!(good.sure, Some(Sure { percent: 80, right: true }));
    assert!(
        !good.concepts.is_empty() && good.concepts.values().all(|grade| *grade == Grade::Good),
        "{:?}",
        good.concepts
    );
    assert_eq!((good.hints, good.points.total_m > 0), ([0, 0, 0], true));
    let taught = derive::taught(&case);
    let concept = taught.iter().find(|(_, clues)| clues.contains(&clue(0).as_str())).expect("a concept").0.clone();
    log.push(event(What::Hint { rung: 2, clue: clue(0), free: false }));
    assert_eq!(made(&log).concepts[&concept], Grade::Hard);
    log.push(event(What::Hint { rung: 3, clue: clue(0), free: false }));
    let shown = made(&log);
    assert_eq!((shown.concepts[&concept], shown.hints), (Grade::Again, [0, 1, 1]));
    assert!(made(&[]).concepts.values().all(|grade| *grade == Grade::Again));
}
