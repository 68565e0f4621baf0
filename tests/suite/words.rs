//! What is collected does not tell which variant is true: equal lines bring equal words, in equal order, whatever is true.

use crate::library::Family;
use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::case::board::Exhibit;
use whodunit::case::evidence::{self, Evidence};
use whodunit::case::lexicon::Lexicon;
use whodunit::console::fact::Fact;
use whodunit::console::page::Page;
use whodunit::drill::act::Act;
use whodunit::drill::fates;
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::shape::{Case, WordKind};
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, roles};

/// What a page was read for.
fn read(case: &Case, page: &Page) -> Evidence {
    let mut evidence = Evidence::new(case);
    evidence.read(case, page);
    evidence
}

/// What a first bag of these lines (`None`: the whole page) collects, as people see it.
fn collected(case: &Case, page: &Page, evidence: &Evidence, lines: Option<(u32, u32)>) -> Vec<(WordKind, String)> {
    let exhibit = Exhibit {
        id: 1,
        at: page.at,
        page: page.id,
        lines,
        command: page.command.clone(),
        text: Vec::new(),
        facts: evidence::facts(page, lines),
        note: String::new(),
    };
    let words = evidence.new_words(case, &exhibit);
    let entry = |at: usize| &evidence.lexicon.entries[at];
    words.into_iter().map(|at| (entry(at).kind, entry(at).say.clone())).collect()
}

/// What a line is about beside its own text: the same text may stand in two places of a page (or of two pages of one
/// command), and what stands around it says of which thing, which time or which row it speaks. Never the value: that stands
/// in the line, or it is not shown.
fn about(fact: &Fact) -> String {
    match fact {
        Fact::Field { object, path, .. } => format!("{} {} {} {path}", object.kind, object.namespace, object.name),
        Fact::Metric { name, labels, from, to, .. } => format!("{name} {labels:?} {from:?} {to:?}"),
        // A record of a change is spread over lines: what was, what is, and in most records whose change it was and when.
        change @ (Fact::Change { .. } | Fact::Revision { .. }) => format!("{change:?}"),
        // Of a row, when it was; whose it was and how much, the line says itself.
        Fact::Row { table, at, .. } => format!("{table} {at:?}"),
        _ => String::new(),
    }
}

fn casts(slug: &str) -> Vec<(Case, Stage)> {
    let pack = scenario::find(slug).expect("the case");
    let variants = scenario::file::read(&pack).expect("a readable case").variants;
    variants.iter().map(|variant| scenario::cast(&pack, variant, 3).expect("a case")).collect()
}

#[test]
fn a_rivals_words_come_as_the_culprits_do() {
    for (case, stage) in casts("the-pod-that-would-not-stay-up") {
        let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
        run.apply(0, Act::Run { line: "kubectl -n shop get cm storefront-config -o yaml".into() });
        run.apply(0, Act::Bag { page: 1, lines: None, note: String::new() });
        let say: Vec<&str> = run.board.words.iter().map(|word| word.say.as_str()).collect();
        for wanted in [
            "ORDER_TOPIC_ARN in storefront-config",
            "leaving by itself, code 78, over a malformed setting",
            "the edit of storefront-config",
        ] {
            assert!(say.contains(&wanted), "variant {}: {say:?}", run.case.variant);
        }
    }
}

/// Equal lines bring equal words, whatever is true.
pub fn equal_lines_bring_equal_words(family: &Family) {
    let slug = &family.pack.slug;
    let (first, _) = &family.cast[0];
    let words = |case: &Case| -> Vec<(WordKind, String)> {
        Lexicon::of(case).entries.iter().map(|entry| (entry.kind, entry.say.clone())).collect()
    };
    assert!(family.cast.iter().all(|(case, _)| words(case) == words(first)), "{slug}: other words or order");
    let mut commands: Vec<&String> =
        family.cast.iter().flat_map(|(case, _)| &case.clues).flat_map(|clue| &clue.at).collect();
    commands.sort();
    commands.dedup();
    let mut compared = 0;
    let mut telling = Vec::new();
    for command in commands {
        // Text of a line: who showed it first, and what it brought.
        let mut known: BTreeMap<String, (String, Vec<(WordKind, String)>)> = BTreeMap::new();
        for (case, stage) in &family.cast {
            let page = fates::page(case, stage, command);
            let evidence = read(case, &page);
            let pod = roles::expand("{crash_pod}", &case.roles, &stage.world);
            let marked = page.output.lines.iter().enumerate().filter(|(_, line)| !line.marks.is_empty());
            for (number, line) in marked {
                let brought = collected(case, &page, &evidence, Some((number as u32, number as u32)));
                let about = line.marks.iter().map(|mark| format!(" {}", about(&mark.fact)));
                let text = line.text.replace(&pod, "POD") + &about.collect::<String>();
                let first = known.entry(text.clone()).or_insert_with(|| (case.variant.clone(), brought.clone()));
                compared += usize::from(first.0 != case.variant);
                if first.1 != brought {
                    telling.push(format!("`{command}` {text:?}: {first:?}, but {} {brought:?}", case.variant));
                }
            }
        }
    }
    assert!(telling.is_empty(), "{slug}:\n{}", telling.join("\n"));
    let alone = family.cast.len() < 2;
    assert!(alone || compared > 100, "{slug}: {compared} equal lines");
}

/// The rows of the bill on some lines.
fn bill_rows(page: &Page, lines: Option<(u32, u32)>) -> Vec<BTreeMap<String, String>> {
    let facts = evidence::facts(page, lines);
    let rows = facts.iter().filter_map(|fact| match &**fact {
        Fact::Row { table, fields, .. } if table == "bill" => Some(fields.clone()),
        _ => None,
    });
    rows.collect()
}

#[test]
fn a_line_of_the_bill_shows_what_it_prints_and_lines_together_their_row() {
    let (case, stage) = casts("the-quiet-estate").swap_remove(1);
    let clue = case.clues.iter().find(|clue| clue.id == "bill").expect("a clue").clone();
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    let command = roles::expand(&clue.at[0], &run.case.roles, &run.stage.world);
    run.apply(0, Act::Run { line: command.clone() });
    let page = run.pages.last().expect("a page").clone();
    // A day on which the clue stands: before the fault it is less, and the newest day is not billed to its end.
    let lines = &page.output.lines;
    let amount = |at: usize| lines[at + 1].text.trim().trim_matches('"').parse::<f64>().unwrap_or_default();
    let named = |at: usize| lines[at].text.contains("NatGateway-Hours");
    let key = (0..lines.len() - 1).rev().find(|at| named(*at) && amount(*at) >= 5.0).expect("a dear day");
    let day = (0..key).rev().find(|at| lines[*at].text.contains("\"2026-")).expect("its date");
    let (day, key) = (day as u32, key as u32);
    let columns = |lines| -> Vec<Vec<String>> {
        bill_rows(&page, Some(lines)).into_iter().map(|fields| fields.into_keys().collect()).collect()
    };
    assert_eq!(columns((key, key)), [["usage_type"]]);
    assert_eq!(columns((key + 1, key + 1)), [["amount"]]);
    assert_eq!(columns((key, key + 1)), [["amount", "usage_type"]]);
    assert!(columns((day, day)).iter().all(|columns| *columns == ["start"]), "{:?}", columns((day, day)));
    assert!(columns((day, key + 1)).contains(&vec!["amount".into(), "start".into(), "usage_type".into()]));
    // Neither the name nor the number is evidence; both are.
    let mut held = |lines| {
        run.apply(0, Act::Bag { page: page.id, lines: Some(lines), note: String::new() });
        let exhibit = run.board.exhibits.last().expect("an exhibit").id;
        run.record.evidence.held(exhibit).contains(&"bill".to_string())
    };
    assert!(!held((key, key)));
    assert!(!held((key + 1, key + 1)));
    assert!(held((key, key + 1)));
    // In a table they stand on one line.
    run.apply(0, Act::Run { line: command.replace("--output json", "--output text") });
    let page = run.pages.last().expect("a page").clone();
    let dear = |text: &str| {
        text.contains("NatGateway-Hours")
            && text.split_whitespace().any(|word| word.parse().is_ok_and(|cost: f64| cost >= 5.0))
    };
    let line = page.output.lines.iter().rposition(|line| dear(&line.text)).expect("a line") as u32;
    run.apply(0, Act::Bag { page: page.id, lines: Some((line, line)), note: String::new() });
    let exhibit = run.board.exhibits.last().expect("an exhibit").id;
    assert!(run.record.evidence.held(exhibit).contains(&"bill".to_string()));
}
