//! What to look at next: equal to the reference model on its case, quick on large ones, and of use in every state.

use super::reference::{ask, crashloop, fraction, looks, recorded, worked};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use whodunit::case::pace::{Pace, beliefs, pace};
use whodunit::case::policy::{Advice, Aim, Look, advice, plan, posterior, worths};
use whodunit::case::score::log::{Event, Suspect, What};
use whodunit::case::score::truth::{Blank, ClueTruth, Truth};
use whodunit::case::score::{Exact, exact};
use whodunit::scenario::shape::WordKind;
use whodunit::stdx::dice::Dice;
use whodunit::stdx::time::{Span, Time};

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn rival(name: &str) -> Suspect {
    Suspect::Rival(name.into())
}

/// The hand-made example of the grading rules: 160, 100, 10, 10, 1, 1 of 282, and so on.
#[test]
fn belief_follows_the_evidence_as_worked_by_hand() {
    let (_, truth) = crashloop();
    let of = |seen: &[&str]| posterior(&truth, &set(seen));
    let start = of(&[]);
    assert!(start.len() == 6 && start.values().all(|belief| *belief == exact(1, 6)));
    let described = of(&["oomkilled", "quiet-events"]);
    assert_eq!(described[&Suspect::Truth], exact(160, 282));
    assert_eq!(described[&rival("node")], exact(100, 282));
    assert_eq!(described[&rival("probe")], exact(1, 282));
    let logs = of(&["oomkilled", "quiet-events", "last-words"]);
    assert_eq!(logs[&Suspect::Truth], exact(2560, 3600));
    let diff = of(&["oomkilled", "quiet-events", "last-words", "limit-diff"]);
    assert_eq!(diff[&Suspect::Truth], exact(40960, 51270));
    let node = of(&["oomkilled", "quiet-events", "last-words", "limit-diff", "node-calm"]);
    assert_eq!(node[&Suspect::Truth], exact(409600, 422700));
    // One instrument is one witness: a second line of it changes nothing.
    assert_eq!(of(&["oomkilled", "quiet-events", "restarts"]), described);
}

#[test]
fn the_policy_is_the_reference_s() {
    let (_, truth) = crashloop();
    let looks = looks();
    let kept = recorded("policy.json", |dir| format!("{:#}\n", ask(dir, "policy", "")));
    let theirs: Value = serde_json::from_str(&kept).expect("JSON");
    let own = plan(&truth, &looks, &BTreeSet::new());
    let path: Vec<&str> = own.looks.iter().map(|look| looks[*look].command.as_str()).collect();
    assert_eq!(theirs["path"], serde_json::json!(path));
    assert_eq!(own.cost, Span::secs(theirs["cost"].as_i64().expect("seconds")));
    for state in theirs["voi"].as_array().expect("states") {
        let seen: Vec<&str> = state["seen"].as_array().expect("clues").iter().filter_map(Value::as_str).collect();
        let own = worths(&truth, &looks, &set(&seen));
        for (look, ppm) in looks.iter().zip(own) {
            let worth = fraction(&state["voi"][look.command.as_str()]) * exact(1_000_000, 1);
            let off = worth - exact(ppm, 1);
            assert!(off > exact(-2, 1) && off < exact(2, 1), "{} after {seen:?}: {ppm}", look.command);
        }
    }
    // Known from the document: 113 of a thousand for the description, 84 for the node after it, nothing for the indicator.
    let thousandths = |seen: &[&str]| -> BTreeMap<&str, i64> {
        let worths = worths(&truth, &looks, &set(seen));
        looks.iter().zip(worths).map(|(look, ppm)| (look.command.as_str(), (ppm + 500) / 1_000)).collect()
    };
    assert_eq!(thousandths(&[])["describe pod checkout"], 113);
    assert_eq!(thousandths(&["oomkilled", "quiet-events"])["top node"], 84);
    assert_eq!(thousandths(&[])["metric pay_success_ratio"], 0);
}

/// A hint leads on from wherever one stands, to something that is really there; when all is justified it goes on to what
/// is not proven, and ends when there is nothing left.
#[test]
fn advice_leads_to_the_end() {
    let (_, truth) = crashloop();
    let looks = looks();
    let mut seen = BTreeSet::new();
    let mut aims = Vec::new();
    while let Some(Advice { look, clue, aim }) = advice(&truth, &looks, &seen) {
        assert!(looks[look].clues.contains(&clue) && !seen.contains(&clue), "{clue} is to be found there");
        if let Aim::Apart(suspects) = &aim {
            let ratings: BTreeSet<_> = suspects.iter().map(|suspect| truth.rating(&clue, suspect)).collect();
            assert!(suspects.len() >= 2 && ratings.len() >= 2, "{clue} does not tell {suspects:?} apart");
        }
        seen.extend(looks[look].clues.iter().cloned());
        aims.push(aim);
        assert!(aims.len() <= looks.len());
    }
    let justified = posterior(&truth, &seen)[&Suspect::Truth].clone();
    assert!(justified >= exact(9, 10));
    let first_proof = aims.iter().position(|aim| !matches!(aim, Aim::Apart(_))).expect("it goes on to proof");
    assert!(first_proof >= 3 && aims[first_proof..].iter().all(|aim| !matches!(aim, Aim::Apart(_))));
    assert!(aims.contains(&Aim::Prove(Blank::Impact)) || aims.contains(&Aim::Prove(Blank::Onset)), "{aims:?}");
    for blank in Blank::ALL {
        assert_eq!(truth.support(&seen, blank), exact(1, 1), "{blank:?}");
    }
}

/// After the description of the pod it is the node that must be ruled out, and the hint says so.
#[test]
fn advice_names_what_it_tells_apart() {
    let (_, truth) = crashloop();
    let looks = looks();
    let told = advice(&truth, &looks, &set(&["oomkilled", "quiet-events"])).expect("there is more to see");
    assert_eq!(told.clue, "node-calm");
    assert_eq!(told.aim, Aim::Apart([Suspect::Truth, rival("node")].into()));
}

/// A case of so many clues, each shown by a command or two.
fn large(dice: &mut Dice, clues: usize) -> (Truth, Vec<Look>) {
    let kinds = [WordKind::Change, WordKind::Thing, WordKind::How, WordKind::Harm];
    let answers = [(Blank::Trigger, 0), (Blank::Culprit, 1), (Blank::Mechanism, 2), (Blank::Impact, 3)];
    let mut truth = Truth {
        chain: kinds.into_iter().enumerate().map(|(n, kind)| (format!("n{n}"), kind)).collect(),
        answers: answers.map(|(blank, n)| (blank, vec![format!("n{n}")])).into_iter().collect(),
        onset: Some(Time(0)),
        rivals: (0..7).map(|n| format!("r{n}")).collect(),
        ..Truth::default()
    };
    let mut looks: Vec<Look> = Vec::new();
    for n in 0..clues {
        let some = |dice: &mut Dice, most: u64, one: &str| -> BTreeSet<String> {
            (0..dice.below(most)).map(|_| format!("{one}{}", dice.below(7))).collect()
        };
        let clue = ClueTruth {
            channel: format!("channel {}", dice.below(9)),
            shows: some(dice, 2, "n"),
            hints: some(dice, 3, "n"),
            rules_out: some(dice, 4, "r"),
            perishable: false,
        };
        let id = format!("c{n:02}");
        truth.clues.insert(id.clone(), clue);
        looks.push(Look { command: format!("look {n}"), cost: Span::secs(dice.between(5, 45)), clues: set(&[&id]) });
        if dice.chance(400) {
            let at = dice.below(looks.len() as u64) as usize;
            looks[at].clues.insert(id);
        }
    }
    (truth, looks)
}

/// Forty clues, and it still answers at once; its way reaches as far as seeing everything would.
#[test]
fn large_cases_are_planned_quickly_and_to_the_end() {
    let mut dice = Dice::new(7);
    let mut slowest = 0;
    for clues in [6, 8, 9, 12, 20, 30, 40] {
        for _ in 0..6 {
            let (truth, looks) = large(&mut dice, clues);
            let began = Instant::now();
            let own = plan(&truth, &looks, &BTreeSet::new());
            slowest = slowest.max(began.elapsed().as_millis());
            let seen: BTreeSet<String> = own.looks.iter().flat_map(|look| looks[*look].clues.iter().cloned()).collect();
            let foremost = |seen: &BTreeSet<String>| posterior(&truth, seen).into_values().max().expect("some");
            let all: BTreeSet<String> = truth.clues.keys().cloned().collect();
            let goal = exact(9, 10);
            assert!(
                foremost(&seen) >= goal || foremost(&all) < goal || own.looks.len() >= looks.len() / 3,
                "{clues} clues"
            );
            assert_eq!(own, plan(&truth, &looks, &BTreeSet::new()), "the same again");
            let distinct: BTreeSet<&usize> = own.looks.iter().collect();
            assert_eq!(distinct.len(), own.looks.len(), "no look twice");
            let cost = own.looks.iter().fold(Span::ZERO, |cost, look| cost + looks[*look].cost);
            assert_eq!(own.cost, cost);
        }
    }
    println!("the slowest plan took {slowest} ms");
    assert!(slowest < 1_000, "{slowest} ms");
}

/// The times that the document gives for the worked runs, in seconds after the page: justified, committed, mitigated.
#[test]
fn the_pace_of_the_worked_runs() {
    let (_, truth) = crashloop();
    let told: BTreeMap<String, Pace> = worked().into_iter().map(|(name, log, _)| (name, pace(&truth, &log))).collect();
    let seconds = |time: Option<Time>| time.map(|time| time.0 / 1_000);
    let three = |name: &str| {
        let pace = &told[name];
        [pace.justified, pace.committed, pace.mitigated].map(seconds)
    };
    assert_eq!(three("expert"), [Some(290), Some(240), Some(360)]);
    assert_eq!(three("lucky"), [None, Some(160), Some(120)]);
    assert_eq!(three("shotgun"), [Some(180), None, Some(730)]);
    assert_eq!(three("destroyer"), [None, Some(460), Some(330)]);
    let expert = &told["expert"];
    let rest = [expert.first_look, expert.verified, expert.resolved];
    assert_eq!(rest.map(seconds), [Some(90), Some(400), Some(820)]);
}

/// Belief over time: a step for each page that showed something new, and what was said beside what was justified.
#[test]
fn belief_is_told_step_by_step() {
    let (_, truth) = crashloop();
    let (_, log, _) = worked().into_iter().find(|(name, ..)| name == "expert").expect("the expert");
    let steps = beliefs(&truth, &log);
    assert_eq!((steps[0].at, steps[0].truth()), (truth.page, exact(1, 6)));
    let said: Vec<(i64, Exact, Exact)> = steps
        .iter()
        .filter_map(|step| Some((step.at.0 / 1_000, step.stated.as_ref()?[&Suspect::Truth].clone(), step.truth())))
        .collect();
    assert_eq!(said[0], (240, exact(8, 10), exact(40960, 51270)));
    assert_eq!(said.len(), 3);
    assert!(
        steps.iter().filter_map(|step| step.ahead()).all(|ahead| ahead < exact(3, 100)),
        "the expert is calibrated"
    );
    // One page that shows two clues is one step.
    let two = [("oomkilled", 1), ("quiet-events", 1), ("last-words", 2)];
    let event = |(clue, entry): (&str, u32)| Event {
        entry,
        at: Time(i64::from(entry)),
        what: What::Seen { clue: clue.into() },
    };
    let log: Vec<Event> = two.into_iter().map(event).collect();
    assert_eq!(beliefs(&truth, &log).iter().map(|step| step.entry).collect::<Vec<_>>(), [0, 1, 2]);
}
