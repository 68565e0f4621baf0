//! Reports: every format says the same score and the same facts, and nothing in a case or in what a learner typed can
//! break out of them.

use super::drill::{SOLUTION, case, open, play, stage};
use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::drill::act::Act;
use whodunit::drill::run::{Clock, Run};
use whodunit::report::sheet::{Row, ledger_rows};
use whodunit::report::{FORMATS, format};
use whodunit::stdx::lang::Lang;

fn all(run: &Run) -> Vec<(&'static str, String)> {
    let debrief = run.debrief();
    FORMATS.iter().map(|format| (format.name, (format.write)(&debrief, &Lang::english()))).collect()
}

fn in_json(run: &Run) -> String {
    all(run).into_iter().find(|(name, _)| *name == "json").expect("JSON").1
}

#[test]
fn formats_are_rows_and_names_are_forgiven() {
    assert!(FORMATS.windows(2).all(|pair| pair[0].name < pair[1].name), "rows are sorted by name");
    // Each is what it says it is.
    for (name, text) in all(&open()) {
        match name {
            "html" => assert!(text.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{text}"),
            "json" => assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| value.is_object())),
            "md" => assert!(text.starts_with("# "), "{text}"),
            "text" => assert!(text.contains("Score ") && !text.contains("\n# "), "{text}"),
            other => panic!("{other} is not told apart here"),
        }
    }
    assert_eq!(format("markdown").expect("an alias").name, "md");
    let refused = format("jsom").err().expect("no such format");
    assert!(refused.contains("did you mean `json`"), "{refused}");
    assert!(format("\u{1b}[2J").err().is_some_and(|text| !text.contains('\u{1b}')));
}

#[test]
fn a_solved_run_is_told_alike_in_every_format() {
    let mut run = open();
    play(&mut run, SOLUTION).expect("plays");
    for (name, text) in all(&run) {
        assert!(text.contains("the rollout of revision 42") || text.contains("the rollout of revision"), "{name}");
        let total = match name {
            "html" => "<strong>68</strong>",
            "json" => "\"total_m\": 68000",
            _ => "68 of 100",
        };
        assert!(text.contains(total), "{name}: {text}");
    }
    let json = in_json(&run);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let ledger = value["score"]["ledger"].as_array().expect("a ledger");
    let sum: i64 = ledger.iter().filter_map(|line| line["got_m"].as_i64()).sum();
    assert_eq!(Some(sum), value["score"]["total_m"].as_i64());
    assert_eq!(value["missed"], serde_json::json!([]));
    let unscored: Vec<&str> = value["score"]["dimensions"]
        .as_array()
        .expect("dimensions")
        .iter()
        .filter(|dim| dim["got"].is_null())
        .filter_map(|dim| dim["id"].as_str())
        .collect();
    assert_eq!(unscored, [""; 0], "every dimension counts");
    // Both lanes are there, in order of time.
    let lanes: Vec<&str> =
        value["timeline"].as_array().expect("moments").iter().filter_map(|m| m["lane"].as_str()).collect();
    assert!(lanes.contains(&"you") && lanes.contains(&"message"), "{lanes:?}");
}

#[test]
fn a_poor_run_learns_where_the_clues_were() {
    let mut run = open();
    play(&mut run, "$ cat pods.txt\n> bag limit-diff\n> verdict culprit=limit:limit-diff onset=09:00:limit-diff\n")
        .expect("plays");
    let debrief = run.debrief();
    let missed: Vec<(&str, bool)> = debrief.missed.iter().map(|missed| (missed.clue.as_str(), missed.seen)).collect();
    assert_eq!(missed, [("oomkilled", true), ("warming", false), ("ratio", true)]);
    assert_eq!(debrief.missed[1].at, ["cat pods.txt"]);
    assert_eq!(debrief.words[4].said, "09:00");
    assert_eq!(debrief.words[4].answer, "09:54");
    assert!(!debrief.rivals[1].cleared && debrief.rivals[1].ruled_out_by == ["warming"]);
    // The one command of this case shows three of the four clues; what it cannot prove is said.
    assert_eq!(debrief.proof.steps.len(), 1);
    assert_eq!(debrief.proof.short_of, ["mechanism", "trigger", "impact", "onset", "db"]);
    let text = (format("text").expect("text").write)(&debrief, &Lang::english());
    for said in [
        "left unknown; it was “being OOM-killed”",
        "$ cat pods.txt",
        "Score 14.6 of 100",
        "it was on a page, not bagged",
    ] {
        assert!(text.contains(said), "`{said}` is missing from:\n{text}");
    }
}

#[test]
fn nothing_breaks_out_of_a_report() {
    let evil = "\u{1b}[31m<script>alert(1)</script> |x| `$(id)` [a](javascript:b) \u{202e}\u{9b}2J\r\n# head\n\u{0}";
    let mut hostile = case();
    hostile.drill.title = evil.into();
    hostile.slug = evil.into();
    for node in &mut hostile.chain {
        node.say = format!("{evil}{}", node.id);
        node.at = Some(hostile.drill.page_at);
    }
    for rival in &mut hostile.rivals {
        rival.thing = evil.into();
    }
    for clue in &mut hostile.clues {
        clue.say = evil.into();
        clue.at = vec![evil.into()];
    }
    let mut run = Run::open(Arc::new(hostile), stage(), Clock::Turn);
    run.apply(0, Act::Run { line: format!("echo {evil}") });
    run.apply(0, Act::Note { text: evil.into() });
    run.apply(0, Act::State { text: evil.into(), form: None });
    run.apply(0, Act::Bag { page: 1, lines: None, note: evil.into() });
    run.apply(0, Act::Close);
    for (name, text) in all(&run) {
        let bad: Vec<char> = text.chars().filter(|c| c.is_control() && *c != '\n').collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
        assert!(!text.contains('\u{202e}'), "{name}");
        if name != "json" {
            assert!(!text.contains("\n# head"), "{name}");
        }
        if name == "md" {
            assert!(!text.contains("<script>") && !text.contains("](javascript") && !text.contains(" |x| "), "{text}");
        }
    }
    let json = in_json(&run);
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
}

#[test]
fn a_timeline_over_days_says_which_day() {
    let mut run = open();
    let long = format!("cat pods.txt {}", "a-name-that-is-long ".repeat(12));
    run.apply(0, Act::Run { line: long.clone() });
    run.apply(0, Act::Wait { span: whodunit::stdx::time::Span::hours(20) });
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    let debrief = run.debrief();
    let day = debrief.heading.page_at.date();
    let later: Vec<String> = debrief
        .moments
        .iter()
        .filter(|moment| moment.at.date() != day)
        .map(|moment| format!("{} {}", &moment.at.date()[5..], moment.at.hour_minute()))
        .collect();
    assert!(!later.is_empty(), "the run goes on to the next day");
    for (name, text) in all(&run).into_iter().filter(|(name, _)| !["html", "json"].contains(name)) {
        let text = text.replace('\\', "");
        for at in &later {
            assert!(text.contains(at.as_str()), "{name}: {at} in\n{text}");
        }
        assert!(text.contains(&debrief.heading.page_at.clock()), "{name}: the page's own day has no date");
        assert!(!text.contains(&long) && text.contains('…'), "{name}: a long command is cut\n{text}");
        let timeline = text.split("Timeline").nth(1).unwrap_or_default().split("What you expected").next();
        let rows = timeline.unwrap_or_default().lines().filter(|line| line.contains("a-name-that-is-long")).count();
        assert!(rows <= 1, "{name}: to one line\n{text}");
    }
}

/// Every line of a whole score is told in words, in both languages: no key and no bare fraction is left.
#[test]
fn every_line_of_the_ledger_has_words() {
    let plays = [super::score::plays::EXPERT, super::score::plays::LUCKY];
    let hinted =
        format!("10 asks 1 node-calm\n20 asks 3 oomkilled\n235 resolves\n830 accuses culprit x by\n{}", plays[0]);
    let cards =
        plays.iter().map(ToString::to_string).chain([hinted, "10 asks 2 oomkilled\n20 asks 2 x\nend never".into()]);
    let mut keys = std::collections::BTreeSet::new();
    for card in cards.map(|play| super::score::plays::graded(&play)) {
        for lang in [Lang::english(), Lang::named("ko").expect("Korean")] {
            for (line, (_, row)) in card.ledger.iter().zip(ledger_rows(&card, &BTreeMap::new(), &lang)) {
                keys.insert(line.key);
                let Row::Item { text: told, .. } = row else { panic!("no item") };
                let bare = told.contains(line.key) || told.contains("ledger.") || told.contains('{') || told.is_empty();
                let long = |value: &String| value.len() > 5 && value.contains('/') && told.contains(value.as_str());
                assert!(!bare && !line.because.iter().any(|(_, value)| long(value)), "{}: {told}", line.key);
            }
        }
    }
    assert!(keys.len() >= 18, "{keys:?}");
}

/// What an open ear would hear as blame is in no text of the program, in either language.
#[test]
fn no_text_blames_anybody() {
    let english =
        ["should have", "failed to", "careless", "obviously", "your fault", "mistake", "human error", "neglect"];
    let korean = ["했어야", "했더라면", "실수", "잘못했", "부주의", "당신 탓", "태만", "당연히"];
    for (code, phrases) in [("en", english), ("ko", korean)] {
        let lang = Lang::named(code).expect("a language");
        let keys: Vec<String> = lang.keys().map(str::to_string).collect();
        for key in &keys {
            let said = lang.say(key).to_lowercase();
            for phrase in phrases {
                assert!(!said.contains(phrase), "{code} {key} says `{phrase}`: {said}");
            }
            let told = ["gap.", "habit.", "linked."].iter().any(|lead| key.starts_with(lead));
            assert!(!told || !(said.contains("could have") || said.starts_with("why")), "{code} {key}: {said}");
        }
    }
}

/// Each kind of gap is an observation, a concern and a question, in both languages.
#[test]
fn every_gap_has_its_three_sentences() {
    for code in ["en", "ko"] {
        let lang = Lang::named(code).expect("a language");
        for kind in whodunit::case::debrief::gap::KINDS {
            for part in ["seen", "concern", "ask"] {
                let key = format!("gap.{}.{part}", kind.key());
                assert_ne!(lang.say(&key), key, "{code}");
            }
            let ask = format!("gap.{}.ask", kind.key());
            assert!(lang.say(&ask).ends_with('?'), "{code} {ask}");
        }
    }
}

/// A change before the evidence was bagged: the debrief says which clue went with it, until when it could be had, and what it
/// cost; of gaps there are at most three, the costliest first, and none costs more than the score lacks.
#[test]
fn a_change_first_is_told_with_what_it_took() {
    let mut run = super::course::opened("the-pod-that-would-not-stay-up", "A");
    super::course::does(&mut run, "kubectl -n shop get pods");
    super::course::does(&mut run, "kubectl -n shop rollout undo deploy/storefront");
    run.apply(0, Act::Wait { span: whodunit::stdx::time::Span::mins(10) });
    super::course::does(&mut run, "kubectl -n shop get pods");
    run.apply(0, Act::Close);
    let debrief = run.debrief();
    let words = debrief.missed.iter().find(|own| own.clue == "last-words").expect("it is in no exhibit");
    let window = words.window.expect("it could be had");
    assert_eq!(window.from, run.case.drill.page_at);
    assert!(window.until.is_some_and(|until| until > window.from));
    assert_eq!(window.lost, Some(whodunit::case::debrief::Loss::Through { entry: 2 }));
    assert!(words.line.contains("exit 78") || words.line.contains("RECEIPT"), "{}", words.line);
    let change = debrief.moments.iter().find(|moment| moment.entry == Some(2)).and_then(|own| own.then.clone());
    let then = change.expect("how things stood");
    assert!(then.lost.iter().any(|lost| lost.clue == "last-words"), "{then:?}");
    assert!(then.best.is_some_and(|best| best.worth > 0) && then.harm > 0);
    let gaps = &debrief.analysis.gaps;
    assert!(gaps.len() == 3 && gaps.windows(2).all(|pair| pair[0].lost_m >= pair[1].lost_m), "{gaps:?}");
    let lacks = debrief.score.max() * 1000 - debrief.score.total_m();
    assert!(gaps.iter().map(|gap| gap.lost_m).sum::<i64>() <= lacks);
    let scene: Vec<_> = gaps.iter().filter(|gap| gap.kind == whodunit::case::debrief::GapKind::SceneLost).collect();
    assert!(scene.len() == 1 && scene[0].entries.contains(&2), "{gaps:?}");
    // Every way of telling names the change.
    let text = (format("text").expect("text").write)(&debrief, &Lang::english());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("took away what was in no exhibit yet"), "{text}");
}
