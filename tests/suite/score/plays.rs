//! Plays of the worked case told line by line, and what each is worth: as the grading rules say it, and why.

use super::reference::{clock, cost, crashloop};
use std::collections::BTreeSet;
use whodunit::case::score::log::{Cite, Claim, Course, Event, Fate, Suspect, What};
use whodunit::case::score::profile::DETECTIVE;
use whodunit::case::score::truth::Blank;
use whodunit::case::score::{Band, Dim, Line, Scorecard, WHOLE, exact, score_with};
use whodunit::stdx::time::{Span, Time};

/// A line: seconds after the page, a verb, and what it takes. `; …` at the end of an update or a verdict is what is
/// believed. The last line tells how the harm went.
fn events(play: &str) -> Vec<Event> {
    let mut out: Vec<Event> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut fix = None;
    for (entry, line) in (1..).zip(play.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let (head, rest) = line.split_once(' ').expect("a verb");
        let (verb, said) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut whats = Vec::new();
        let (said, beliefs) = said.split_once(';').unwrap_or((said, ""));
        if !beliefs.is_empty() {
            whats.push(What::Beliefs { of: beliefs.split(',').map(believed).collect() });
        }
        match (head, verb) {
            ("end", _) => whats.push(ending(rest, fix)),
            ("lost", _) => whats.extend(rest.split(' ').map(lost)),
            (_, "states") => whats.push(What::Stated { fields: fields(said) }),
            (_, "reads") => {
                let (command, clues) = said.split_once(':').unwrap_or((said, ""));
                whats.push(What::Read { cost: cost(command) });
                let fresh = words(clues).into_iter().filter(|clue| seen.insert(clue.clone()));
                whats.extend(fresh.map(|clue| What::Seen { clue }));
                if command.starts_with("metric pay_success_ratio") {
                    whats.push(What::Checked);
                }
            }
            (_, "bags") => whats.extend(words(said).into_iter().map(|clue| What::Bagged { clue })),
            (_, "changes") => {
                fix = Some(entry);
                whats.push(What::Change { expected: said.contains("foreseen"), confounded: said.contains("hastily") });
            }
            (_, "tells") => {
                let (share, next) = said.split_once(" next ").unwrap_or((said, ""));
                whats.push(What::Updated { fields: fields(share), next: Span::parse(next.trim()) });
            }
            (_, "clears" | "rules-out-when-asked") => {
                let (rival, clues) = said.split_once(" by ").expect("exhibits");
                let cross = verb != "clears";
                whats.push(What::Cleared { suspect: suspect(rival), cites: cites(clues), cross });
            }
            (_, "resolves") => whats.push(What::Resolved),
            (_, "asks") => {
                let (rung, clue) = said.split_once(' ').expect("a rung and a clue");
                whats.push(What::Hint { rung: rung.parse().expect("a rung"), clue: clue.into(), free: false });
            }
            (_, "accuses") => whats.push(What::Verdict { claims: said.split(',').map(claim).collect() }),
            other => panic!("{other:?}"),
        }
        let ends = matches!(head, "end" | "lost");
        let at = if ends { Time(0) } else { Time(head.parse::<i64>().expect("seconds") * 1_000) };
        let entry = if ends { 0 } else { entry };
        out.extend(whats.into_iter().map(|what| Event { entry, at, what }));
    }
    out.push(Event {
        entry: 0,
        at: Time(0),
        what: What::Effort { reference: Span::secs(220), policy: Span::secs(50) },
    });
    out
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

fn suspect(name: &str) -> Suspect {
    if name == "truth" { Suspect::Truth } else { Suspect::Rival(name.into()) }
}

fn believed(text: &str) -> (Suspect, u8) {
    let (whom, percent) = text.trim().split_once(' ').expect("a suspect and a percentage");
    (suspect(whom), percent.parse().expect("a percentage"))
}

/// `4/6`: four of six fields are true.
fn fields(share: &str) -> std::collections::BTreeMap<String, bool> {
    let (right, of) = share.trim().split_once('/').expect("a share");
    let (right, of): (u32, u32) = (right.parse().expect("a number"), of.parse().expect("a number"));
    (0..of).map(|n| (format!("field {n}"), n < right)).collect()
}

fn cites(clues: &str) -> Vec<Cite> {
    words(clues).into_iter().map(|clue| Cite { exhibit: 1, clues: BTreeSet::from([clue]) }).collect()
}

/// `culprit mem-limit by limit-diff oomkilled`
fn claim(text: &str) -> (Blank, Claim) {
    let (claim, clues) = text.split_once(" by").expect("exhibits, or none");
    let (blank, word) = claim.trim().split_once(' ').expect("a blank and a word");
    let blank = Blank::ALL.into_iter().find(|own| own.name() == blank).expect("a blank");
    let onset = (blank == Blank::Onset).then(|| clock(word));
    (blank, Claim { word: word.into(), onset, cites: cites(clues) })
}

/// `360 lasts`, `120 relapses`, `never`: seconds of full outage, which is when it ended.
fn ending(text: &str, fix: Option<u32>) -> What {
    let (harm, how) = text.split_once(' ').unwrap_or(("1800", text));
    let harm: u64 = harm.parse().expect("seconds");
    let ended = (how != "never").then_some(Time(harm as i64 * 1_000));
    let fix = fix.filter(|_| ended.is_some());
    What::Course(Course { harm: harm * 1_000, idle: 1_800_000, reference: 330_000, ended, fix, lasts: how == "lasts" })
}

fn lost(clue: &str) -> What {
    What::End { clue: clue.into(), fate: Fate::Destroyed }
}

pub fn graded(play: &str) -> Scorecard {
    let (_, truth) = crashloop();
    score_with(&truth, &events(play), &DETECTIVE, WHOLE)
}

/// Tenths of a point, rounded as the document rounds.
fn tenths(card: &Scorecard) -> i64 {
    (card.total_m() + 50) / 100
}

fn dims(card: &Scorecard) -> [i64; 7] {
    [Dim::V, Dim::E, Dim::K, Dim::P, Dim::M, Dim::R, Dim::U].map(|dim| (card.dim_m(dim) + 50) / 100)
}

fn lines<'a>(card: &'a Scorecard, key: &str) -> Vec<&'a Line> {
    card.ledger.iter().filter(|line| line.key == key).collect()
}

pub const EXPERT: &str = "
    60 states 5/5
    90 reads metric pay_success_ratio: pay-ratio
    90 bags pay-ratio
    105 reads describe pod checkout: oomkilled quiet-events
    105 bags oomkilled quiet-events
    125 reads logs checkout --previous: last-words
    125 bags last-words
    145 reads rollout history: limit-diff
    145 bags limit-diff
    240 tells 6/6 next 15m; truth 80, node 15
    270 changes foreseen
    290 reads top node: node-calm
    290 bags node-calm
    320 reads metric working_set: sawtooth
    320 bags sawtooth
    400 reads metric pay_success_ratio
    720 reads metric pay_success_ratio
    780 tells 6/6; truth 95, node 3
    800 clears bug by limit-diff
    800 clears probe by quiet-events
    800 clears node by node-calm
    800 clears db by last-words
    820 resolves
    840 accuses culprit mem-limit by limit-diff oomkilled, mechanism oom-kill by oomkilled sawtooth, trigger rollout-42 by limit-diff sawtooth, impact pay-503 by pay-ratio, onset 09:54 by pay-ratio sawtooth; truth 95, node 3
    end 360 lasts";

pub const LUCKY: &str = "
    30 changes blindly
    130 reads metric pay_success_ratio: pay-ratio
    140 resolves
    160 accuses culprit mem-limit by, mechanism oom-kill by, trigger rollout-42 by, impact pay-503 by, onset 09:54 by; truth 95, bug 5
    lost oomkilled last-words
    end 120 lasts";

#[test]
fn the_expert_loses_a_second_witness_and_half_a_minute() {
    let card = graded(EXPERT);
    assert_eq!((tenths(&card), card.band()), (986, Some(Band::BeyondDoubt)));
    assert_eq!(dims(&card), [448, 100, 80, 120, 59, 119, 60]);
    assert_eq!((card.case_m() / 100, card.conduct_m() / 100), (627, 357), "62.8 of 64 and 35.8 of 36, floored");
    let impact = lines(&card, "verdict.blank").into_iter().find(|line| line.subject == "impact").expect("a line");
    assert_eq!((impact.got.clone(), impact.max.clone()), (exact(28, 10), exact(4, 1)));
    assert_eq!(impact.because[1], ("support", "7/10".to_string()));
    let harm = lines(&card, "recovery.harm")[0];
    assert_eq!(harm.because[..3], [("harm", "6".into()), ("idle", "30".into()), ("reference", "11/2".into())]);
    // What was said beside what was justified: 80 against 0.799 at the first update.
    let first = lines(&card, "belief.checkpoint")[0];
    assert_eq!(
        first.because[..3],
        [("open", "2".to_string()), ("stated", "4/5".to_string()), ("justified", "4096/5127".to_string()),]
    );
    assert_eq!(first.entries, [10], "the update's act");
    // Mitigated by the tenth minute, told in time, and kept what was promised.
    assert_eq!(lines(&card, "communication.timely")[0].because[1], ("stale", "0s".to_string()));
    assert_eq!(lines(&card, "communication.promise").len(), 1);
}

/// Half a minute of capturing, then the users first, then the case.
#[test]
fn mitigating_first_is_rewarded_when_the_scene_was_captured() {
    let play = "
        20 states 5/5
        35 reads describe pod checkout: oomkilled quiet-events
        35 bags oomkilled quiet-events
        55 reads logs checkout --previous: last-words
        55 bags last-words
        70 tells 6/6 next 10m; truth 65, node 20
        100 changes foreseen
        130 reads rollout history: limit-diff
        130 bags limit-diff
        160 reads metric pay_success_ratio: pay-ratio
        160 bags pay-ratio
        220 reads metric pay_success_ratio
        265 reads top node: node-calm
        265 bags node-calm
        300 reads metric working_set: sawtooth
        300 bags sawtooth
        540 reads metric pay_success_ratio
        600 tells 6/6; truth 95, node 3
        610 clears bug by limit-diff
        610 clears probe by quiet-events
        610 clears node by node-calm
        610 clears db by last-words
        620 resolves
        640 accuses culprit mem-limit by limit-diff oomkilled, mechanism oom-kill by oomkilled sawtooth, trigger rollout-42 by limit-diff sawtooth, impact pay-503 by pay-ratio, onset 09:54 by pay-ratio sawtooth; truth 95, node 3
        end 190 lasts";
    let card = graded(play);
    assert_eq!(dims(&card), [448, 100, 78, 120, 59, 120, 60]);
    assert!(tenths(&card) >= 976);
}

/// Everything but the change history: culprit and trigger stay blank, and what is known is worth what it is.
#[test]
fn honest_and_unfinished_beats_lucky_and_complete() {
    let without: String = EXPERT
        .replace("limit-diff", "")
        .replace("800 clears bug by ", "800 clears bug by last-words")
        .replace("culprit mem-limit by  oomkilled, ", "")
        .replace("trigger rollout-42 by  sawtooth, ", "")
        .lines()
        .filter(|line| !line.contains("rollout history") && !line.trim().ends_with("145 bags"))
        .collect::<Vec<_>>()
        .join("\n");
    let card = graded(&without);
    assert_eq!(card.dim(Dim::V), exact(208, 10));
    assert_eq!((card.dim(Dim::E), card.dim(Dim::P), card.dim(Dim::U)), (exact(10, 1), exact(12, 1), exact(6, 1)));
    assert!((735..750).contains(&tenths(&card)), "{}", tenths(&card));
    assert_eq!(card.band(), Some(Band::Charged));
}

/// The expert's method without the one look that decides: the node is convicted.
#[test]
fn method_without_the_answer_is_not_solved() {
    let wrong: String = EXPERT
        .lines()
        .filter(|line| !line.contains("node-calm"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("culprit mem-limit by limit-diff oomkilled", "culprit node by oomkilled")
        .replace("mechanism oom-kill by oomkilled sawtooth", "mechanism node-oom by oomkilled")
        .replace("trigger rollout-42 by limit-diff sawtooth", "trigger node-drain by oomkilled")
        .replace("truth 80, node 15", "node 80, truth 15")
        .replace("truth 95, node 3", "node 95, truth 3");
    let card = graded(&wrong);
    let expected = [68, 0, 120, 119, 60];
    let [v, e, k, p, m, r, u] = dims(&card);
    assert_eq!([v, k, p, r, u], expected);
    assert!((55..=65).contains(&e) && (50..=59).contains(&m), "{e} {m}");
    assert!((475..485).contains(&tenths(&card)), "{}", tenths(&card));
    assert_eq!(card.band(), Some(Band::Suspicion));
}

/// All five words right, nothing looked at, nothing cited: the users were served, the case is not solved.
#[test]
fn a_lucky_guess_is_served_users_and_no_case() {
    let card = graded(LUCKY);
    assert_eq!(dims(&card), [0, 0, 0, 6, 0, 100, 0]);
    assert_eq!((tenths(&card), card.band()), (106, Some(Band::Open)));
    assert_eq!(lines(&card, "scene.blind").len(), 1);
    assert_eq!(lines(&card, "communication.timely")[0].because, [("updates", "0".to_string())]);
}

/// He mended sooner than the expert, and can never prove how it came about.
#[test]
fn destroying_the_scene_costs_its_points_and_the_proof() {
    let play = "
        15 changes blindly
        40 reads get pods: restarts
        60 changes blindly
        100 reads get pods
        140 changes blindly
        200 reads metric working_set: sawtooth
        200 bags sawtooth
        240 changes blindly
        270 reads rollout history: limit-diff
        270 bags limit-diff
        400 reads metric pay_success_ratio: pay-ratio
        400 bags pay-ratio
        460 tells 4/6; truth 90, bug 5
        470 clears bug by limit-diff
        470 clears db by sawtooth
        480 resolves
        500 accuses culprit mem-limit by limit-diff sawtooth, mechanism oom-kill by sawtooth, trigger rollout-42 by limit-diff sawtooth, impact pay-503 by pay-ratio, onset 09:54 by pay-ratio sawtooth; truth 90, bug 5
        lost oomkilled last-words
        end 180 lasts";
    let card = graded(play);
    assert_eq!(tenths(&card), 578);
    assert_eq!((card.dim(Dim::V), card.dim(Dim::P), card.dim(Dim::R)), (exact(364, 10), exact(0, 1), exact(10, 1)));
    assert!(!lines(&card, "scene.floor").is_empty(), "four blind changes cost no more than there was");
}

#[test]
fn doing_nothing_is_worth_an_untouched_scene() {
    let card = graded("end never");
    assert_eq!((tenths(&card), dims(&card)), (48, [0, 0, 0, 48, 0, 0, 0]));
}

/// Each rung by its price, from everything but the verdict; the last one halves what it pointed out.
#[test]
fn hints_cost_conduct_and_halve_what_they_point_out() {
    let expert = graded(EXPERT);
    for (rung, price) in [(1, 1), (2, 3)] {
        let card = graded(&format!("100 asks {rung} node-calm\n{EXPERT}"));
        assert_eq!(expert.total() - card.total(), exact(price, 1), "rung {rung}");
    }
    let third = graded(&format!("100 asks 3 oomkilled\n{EXPERT}"));
    // The culprit has the diff and half of a hint: 0.9; the mechanism half of the direct exhibit and the metric: 0.75.
    assert_eq!(expert.dim(Dim::V) - third.dim(Dim::V), exact(14, 1) * (exact(1, 10) + exact(1, 4)));
    assert_eq!(expert.total() - third.total(), exact(6, 1) + exact(49, 10));
    assert!(lines(&third, "verdict.blank")[0].because.contains(&("hinted", "halved".to_string())));
    // Never below nothing, and never from the verdict.
    let poor = "10 asks 2 oomkilled\n20 asks 2 oomkilled\n30 asks 2 oomkilled\nend never";
    let card = graded(poor);
    assert_eq!((card.total(), lines(&card, "hint.floor").len()), (exact(0, 1), 1));
}

/// Only the last hearing counts, for four fifths at the second and three at the third.
#[test]
fn further_hearings_are_worth_less() {
    let first = graded(EXPERT);
    let wrong = "830 accuses culprit no-endpoints by endpoints";
    let again = |times: usize| {
        let (before, last) = EXPERT.split_once("840 accuses").expect("a verdict");
        graded(&format!("{before}{}840 accuses{last}", format!("{wrong}\n").repeat(times)))
    };
    for (times, share) in [(1, exact(8, 10)), (2, exact(6, 10)), (5, exact(6, 10))] {
        let card = again(times);
        assert_eq!(card.dim(Dim::V), first.dim(Dim::V) * share.clone());
        let why = &lines(&card, "verdict.blank")[0].because;
        assert!(why.contains(&("attempt", share.to_string())), "{why:?}");
    }
}

/// A rival that was first named in cross-examination is worth seven tenths.
#[test]
fn a_rival_cleared_when_asked_is_worth_less() {
    let late = EXPERT.replace("800 clears node by", "850 rules-out-when-asked node by");
    let (own, asked) = (graded(EXPERT), graded(&late));
    let node = |card: &Scorecard| {
        let line = lines(card, "elimination.rival").into_iter().find(|line| line.subject == "node").expect("a line");
        line.because[0].1.clone()
    };
    assert_eq!((node(&own), node(&asked)), ("1".to_string(), "7/10".to_string()));
    // 25/12 was more than the 29/16 that are needed; without three tenths of the node it is 107/60, and just short.
    assert_eq!((own.dim(Dim::E), asked.dim(Dim::E)), (exact(10, 1), exact(10 * 107 * 16, 60 * 29)));
}

/// Whoever says that it is over while it is not has told no truth; nor has he stopped the clock.
#[test]
fn a_false_resolved_forfeits_the_truth_of_updates() {
    let early = EXPERT.replace("240 tells", "235 resolves\n240 tells");
    let card = graded(&early);
    assert_eq!(card.dim(Dim::U), exact(4, 1));
    let alarm = lines(&card, "communication.false-resolved");
    assert_eq!((alarm.len(), alarm[0].entries.clone()), (1, vec![10]));
}

/// Untrue fields are named, and what was promised and not kept.
#[test]
fn the_ledger_says_which_field_was_untrue_and_which_promise_broken() {
    let card = graded(&EXPERT.replace("240 tells 6/6 next 15m", "240 tells 4/6 next 5m"));
    let told = lines(&card, "communication.truthful");
    assert_eq!(told[0].because, [("fields", "4/6".to_string()), ("untrue", "field 4 field 5".to_string())]);
    assert_eq!((told[0].got.clone(), told[1].got.clone()), (exact(2 * 4, 12), exact(1, 1)));
    let promise = lines(&card, "communication.promise");
    assert_eq!(promise[0].because, [("within", "5m".to_string()), ("broken", "yes".to_string())]);
}

/// A problem that is stated after the first change is not stated first.
#[test]
fn the_problem_comes_first_or_not_at_all() {
    let statement = |card: &Scorecard| lines(card, "method.statement")[0].got.clone();
    assert_eq!(statement(&graded(EXPERT)), exact(2, 1));
    assert_eq!(statement(&graded(&EXPERT.replace("60 states 5/5", "60 states 4/5"))), exact(16, 10));
    let moved = EXPERT.replace("60 states 5/5\n", "").replace("290 reads", "280 states 5/5\n    290 reads");
    assert_eq!(statement(&graded(&moved)), exact(0, 1));
    // Nor is one that comes after a belief of a half.
    let sure = EXPERT.replace("60 states 5/5\n", "").replace("270 changes", "260 states 5/5\n    270 changes");
    assert_eq!(statement(&graded(&sure)), exact(0, 1));
}

/// A fix that does not last earns one point for looking, and none for lasting.
#[test]
fn a_fix_that_does_not_last_is_hardly_verified() {
    let card = graded(&EXPERT.replace("end 360 lasts", "end 360 relapses"));
    assert_eq!(card.dim(Dim::R), exact(6 * 1_440, 1_470) + exact(1, 1));
    assert!(lines(&card, "recovery.lasts")[0].because.contains(&("lasts", "no".to_string())));
    // And "resolved" was not true.
    assert_eq!(lines(&card, "communication.false-resolved").len(), 1);
}

/// The order that the rules promise.
#[test]
fn the_archetypes_keep_their_order() {
    let names = ["expert", "destroyer", "shotgun", "symptom", "lucky"];
    let (_, truth) = crashloop();
    let worked = super::reference::worked();
    let total = |name: &str| {
        let (_, log, _) = worked.iter().find(|(own, ..)| own == name).expect("a worked run");
        score_with(&truth, log, &DETECTIVE, WHOLE).total()
    };
    let totals: Vec<_> = names.iter().map(|name| total(name)).collect();
    assert!(totals.windows(2).all(|pair| pair[0] > pair[1]), "{totals:?}");
}
