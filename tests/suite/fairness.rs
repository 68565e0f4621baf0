//! The laws of a fair case can each be seen to fail, what is played at the level of the graded log is what the front door
//! would have given, and the commands that the concept cards teach are commands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use whodunit::case::score::log::{Event, What};
use whodunit::case::score::truth::Blank;
use whodunit::drill::act::{Act, Blank as Filled, Blanks};
use whodunit::drill::check::{self, Task};
use whodunit::drill::fair::hand::Hand;
use whodunit::drill::fair::laws::{self, LAWS};
use whodunit::drill::fair::sheet::Sight;
use whodunit::drill::fair::{Examined, archetypes};
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::check::rules;
use whodunit::scenario::gameday::{Card, Role};
use whodunit::scenario::{self, Pack, card};
use whodunit::stdx::dice::Dice;
use whodunit::stdx::time::Span;

/// The template, tried by everybody.
fn template() -> Examined {
    let files = scenario::new("a-case").expect("a good slug");
    let pack = Pack::new("a-case", "a-case", files.into_iter().map(|(path, text)| (path, text.into_bytes())));
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("it is cast");
    let task = Task { variant: "A".into(), seed: 1, bots: true };
    *check::prove_on(&pack, &task, &Arc::new(case), &stage).examined.expect("it was tried")
}

/// A rule's code, and what breaks it.
type Broken = (&'static str, fn(&mut Examined));

/// What breaks each rule, and nothing but a sheet or what was played on it.
fn breaches() -> Vec<Broken> {
    vec![
        ("capture-falls-short", |own| _ = own.played.totals.insert("capture-first", 89_999)),
        ("clue-too-brief", |own| own.played.brief.push("pending".into())),
        ("detective-fails", |own| own.played.unproven = 1),
        ("little-noise", |own| {
            for sight in &mut own.sheet.sights {
                sight.lines = (0..500).map(|line| (line, BTreeSet::from(["pending".to_string()]))).collect();
            }
        }),
        ("never-mended", |own| own.sheet.solved.course.ended = None),
        ("no-way-back", |own| {
            let case = Arc::make_mut(&mut own.sheet.case);
            case.fixes.iter_mut().for_each(|fix| fix.run = vec!["kubectl -n shop delete deploy storefront".into()]);
        }),
        ("one-path", |own| {
            let last = own.sheet.sights.len();
            let all = own.sheet.seen();
            own.sheet.sights.iter_mut().for_each(|sight| sight.clues.clear());
            own.sheet.sights[last - 1].clues = all;
        }),
        ("out-of-order", |own| own.played.archetypes.reverse_points()),
        ("person-blamed", |own| {
            Arc::make_mut(&mut own.sheet.case).chain[0].say = "the fault of whoever was careless".into();
        }),
        ("rival-leans", |own| {
            for (id, clue) in &mut own.sheet.truth.clues {
                if id != "pending" {
                    clue.rules_out.clear();
                }
            }
        }),
        ("rival-perishable", |own| own.sheet.truth.clues.values_mut().for_each(|clue| clue.perishable = true)),
        ("scene-fatal", |own| own.sheet.hasty.as_mut().expect("a fix").after.clear()),
        ("seat-solves-alone", |own| parts(own, [&["kubectl", "ci", "prom"], &["chat"]])),
        ("seats-fall-short", |own| parts(own, [&["chat"], &["chat ask"]])),
        ("stranger-wins", |own| _ = own.played.totals.insert("random-p99", 46_000)),
        ("truth-unjustified", |own| own.sheet.truth.clues.values_mut().for_each(|clue| clue.rules_out.clear())),
    ]
}

/// Two operators with these commands.
fn parts(own: &mut Examined, can: [&[&str]; 2]) {
    let card = |(id, can): (&str, &[&str])| Card {
        id: id.into(),
        role: Role::Operator,
        title: id.into(),
        note: String::new(),
        can: can.iter().map(|prefix| (*prefix).to_string()).collect(),
    };
    Arc::make_mut(&mut own.sheet.case).gameday.cards = ["one", "two"].into_iter().zip(can).map(card).collect();
}

/// Gives the points of the best to the worst.
trait Reversed {
    fn reverse_points(&mut self);
}

impl Reversed for Vec<(&'static str, i64)> {
    fn reverse_points(&mut self) {
        let mut points: Vec<i64> = self.iter().map(|(_, points)| *points).collect();
        points.reverse();
        self.iter_mut().zip(points).for_each(|((_, own), points)| *own = points);
    }
}

fn codes(own: &Examined) -> BTreeSet<&'static str> {
    laws::breaches(&own.sheet, &own.played).into_iter().map(|breach| breach.code).collect()
}

/// The codes of laws that only players tell, each seen to fail.
pub fn seen_to_fail() -> BTreeSet<String> {
    let mut whole = template();
    let left = codes(&whole);
    assert_eq!(left, BTreeSet::from(["rival-perishable"]), "the template allows this in writing, and nothing else");
    whole.sheet.truth.clues.values_mut().for_each(|clue| clue.perishable = false);
    let sound = codes(&whole);
    let mut shown = BTreeSet::new();
    for (code, breaks) in breaches() {
        let mut own = whole.clone();
        breaks(&mut own);
        assert!(!sound.contains(code), "{code} holds of the template");
        assert!(codes(&own).contains(code), "{code} does not fail: {:?}", codes(&own));
        shown.insert(code.to_string());
    }
    assert!(sound.is_empty(), "the template keeps every law: {:#?}", laws::breaches(&whole.sheet, &whole.played));
    assert!(archetypes::disorder(&whole.played.archetypes).is_empty());
    shown
}

#[test]
fn there_are_seventeen_laws_and_each_rule_belongs_to_one_of_them() {
    let codes: Vec<&str> = LAWS.iter().map(|law| law.code).collect();
    let seventeen: Vec<String> = (1..=17).map(|n| format!("L{n:02}")).collect();
    assert_eq!(codes, seventeen);
    let proved: BTreeSet<&str> = rules::CODES.iter().filter_map(|code| rules::law_of(code)).collect();
    // What becomes unprovable without a clue is told on the author's page, and is no fault.
    let told: BTreeSet<&str> = codes.iter().copied().filter(|code| *code != "L06").collect();
    assert_eq!(proved, told);
}

/// Reads and bags by lot through the front door, and writes the same by hand: the events are the same, so the points are.
#[test]
fn what_is_written_by_hand_is_what_the_front_door_gives() {
    let own = template();
    let sheet = &own.sheet;
    for n in 0..8u64 {
        let mut dice = Dice::new(7).fork(&n.to_string());
        let mut run = Run::open(Arc::clone(&sheet.case), (*own.opening).clone(), Clock::Turn);
        let mut hand = Hand::new(sheet);
        for sight in sheet.sights.iter().filter(|_| dice.chance(500)) {
            let page = run.apply(0, Act::Run { line: sight.command.clone() }).page.expect("a page");
            run.apply(0, Act::Bag { page, lines: None, note: String::new() });
            // What it shows now: a page grows old.
            let exhibit = run.board.exhibits.last().expect("bagged").id;
            let cites = &run.record.evidence.cites[&exhibit];
            let cites: Vec<BTreeSet<String>> =
                cites.iter().map(|cite| cite.clues.clone()).filter(|clues| !clues.is_empty()).collect();
            let shown = &run.record.evidence.shown[&page];
            let lines = shown.lines.values().flatten().chain(shown.joint.keys()).chain(&shown.absent);
            let now = Sight { clues: lines.cloned().collect(), cites, ..sight.clone() };
            hand.read(&now, |_| true);
            hand.bag(&now.cites);
        }
        let cited: Vec<usize> = (0..hand.exhibits.len()).filter(|_| dice.chance(600)).collect();
        let claims: BTreeMap<Blank, _> =
            hand.right(|_| cited.clone()).into_iter().filter(|(blank, _)| *blank == Blank::Onset).collect();
        hand.verdict(&[], claims);
        let onset = Filled {
            word: None,
            time: sheet.truth.onset.expect("an onset").hour_minute(),
            exhibits: cited.iter().map(|at| *at as u32 + 1).collect(),
        };
        run.apply(0, Act::Verdict { blanks: Box::new(Blanks { onset, ..Blanks::default() }) });
        run.apply(0, Act::Close);
        // What one act brings about has no order that matters, and what is in the bag is in the bag.
        let whats = |log: &[Event]| -> Vec<(u32, String)> {
            let mut bagged = BTreeSet::new();
            let mut fresh = |what: &What| match what {
                What::Bagged { clue } => bagged.insert(clue.clone()),
                What::Checked => false,
                _ => true,
            };
            let kept = log.iter().filter(|event| event.entry > 0 && fresh(&event.what));
            let mut told: Vec<_> = kept.map(|event| (event.entry, format!("{:?}", event.what))).collect();
            told.sort();
            told
        };
        assert_eq!(whats(&run.record.events), whats(&hand.end(&sheet.idle)), "player {n}");
    }
}

// ---- cards ---------------------------------------------------------------------------------------------------------

/// What stands for the names in a card's commands, where a case does not say: any will do, for the question is whether the
/// command is one.
const NAMES: &[(&str, &str)] = &[
    ("NAMESPACE", "shop"),
    ("REGION", "ap-northeast-2"),
    ("START", "2026-03-02T00:00:00Z"),
    ("END", "2026-03-02T01:00:00Z"),
    ("START_MS", "1772409600000"),
    ("REVISION", "1"),
    ("SECONDS", "60"),
    ("HH:MM", "09:00"),
    ("ACCOUNT", "123456789012"),
    ("TABLE", "shipments"),
    ("DIMENSION", "SERVICE"),
    ("DAILY", "DAILY"),
    ("SERVICE", "Amazon Simple Storage Service"),
];

/// Words of a refusal that says that there is no such command, flag or argument.
const REFUSED: &[&str] = &[
    "unknown command",
    "unknown flag",
    "unknown shorthand",
    "command not found",
    "invalid choice",
    "Unknown options",
    "the following arguments are required",
    "unexpected argument",
    "usage:",
    "Usage:",
];

#[test]
fn what_the_cards_teach_to_type_is_a_command() {
    let mut cases: BTreeMap<String, (Pack, Vec<String>)> = BTreeMap::new();
    let mut left: BTreeSet<&str> = card::ids().collect();
    for pack in scenario::library().into_iter().filter(|pack| !pack.is_family()) {
        let file = scenario::file::read(&pack).expect("it reads");
        let Some(outline) = scenario::file::outline(&file, &file.variants[0]) else { continue };
        let own: Vec<String> = outline.drill.cards.iter().filter(|id| left.remove(id.as_str())).cloned().collect();
        if !own.is_empty() {
            cases.insert(pack.slug.clone(), (pack, own));
        }
    }
    let mut wrong = Vec::new();
    for (slug, (pack, cards)) in cases {
        let file = scenario::file::read(&pack).expect("it reads");
        let (case, stage) = scenario::cast(&pack, &file.variants[0], 1).expect("it is cast");
        let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
        for id in cards {
            let card = card::find(&id).expect("a card");
            for command in &card.commands {
                let line = NAMES.iter().fold(command.clone(), |line, (name, value)| replaced(&line, name, value));
                let before = run.pages.len();
                let outcome = run.apply(0, Act::Run { line: line.clone() });
                let text: Vec<String> = run.pages[before..]
                    .iter()
                    .flat_map(|page| page.output.lines.iter().map(|line| line.text.clone()))
                    .chain(outcome.notice.map(|notice| notice.to_string()))
                    .collect();
                if let Some(said) = text.iter().find(|line| REFUSED.iter().any(|word| line.contains(word))) {
                    wrong.push(format!("{slug}: card {id}: {line}: {said}"));
                }
            }
            run.apply(0, Act::Wait { span: Span::secs(1) });
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(left.is_empty(), "cards that no case has: {left:?}");
}

/// Whole words only: `START` is not `START_MS`.
fn replaced(line: &str, name: &str, value: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let whole = !before.ends_with(word) && !after.starts_with(word);
        out.push_str(before);
        out.push_str(if whole { value } else { name });
        rest = after;
    }
    out + rest
}
