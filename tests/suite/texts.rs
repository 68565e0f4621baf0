//! Texts in other languages and concept cards: what is told, where it is shown, and that nothing of it is graded.

use whodunit::scenario::{self, Pack, Severity, card};

/// The template with a Korean file.
fn told(rows: &str) -> Pack {
    let files = scenario::new("a-case").expect("a good slug").into_iter();
    let files = files.map(|(path, text)| (path, text.into_bytes()));
    Pack::new("a-case", "a-case", files.chain([("ko.toml".to_string(), rows.as_bytes().to_vec())]))
}

const ROWS: &str = r#"
[[say]]
en = "A Case"
ko = "이름 없는 사건"

[[say]]
en = """You are on call for the shop. Somebody delivers,
somebody else is paged: find out what happened, prove it, mend it."""
ko = """당신은 가게의 당직입니다.
배포한 사람은 따로 있고, 호출은 당신이 받았습니다."""

[[say]]
en = "the release of storefront {new_version}"
ko = "storefront {new_version} 릴리스"

[[say]]
en = "crashing at its start"
ko = ""
"#;

#[test]
fn a_case_is_told_in_the_language_that_is_asked_for() {
    let (case, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    let version = &case.names["new_version"];
    let word = format!("the release of storefront {version}");
    assert_eq!(case.told("ko", &word), format!("storefront {version} 릴리스"), "names are drawn in both");
    assert_eq!(case.told("ko", &case.drill.title), "이름 없는 사건");
    assert!(case.told("ko", &case.drill.brief).starts_with("당신은"), "line ends do not count");
    assert_eq!(case.told("en", &case.drill.title), case.drill.title);
    assert_eq!(case.told("ko", "crashing at its start"), "crashing at its start", "an empty row says nothing");
    assert_eq!(case.told("xx", &word), word);
}

/// A drawn word within a Korean sentence is Korean if a row says so, and otherwise as it was drawn.
#[test]
fn what_the_seed_draws_can_be_told() {
    let (case, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    let version = &case.names["new_version"];
    let row = format!("{ROWS}[[say]]\nen = \"{version}\"\nko = \"새것\"\n");
    let (case, _) = scenario::cast(&told(&row), "A", 3).expect("a case");
    assert_eq!(case.told("ko", &format!("the release of storefront {version}")), "storefront 새것 릴리스");
    assert_eq!(&case.names["new_version"], version, "the case itself keeps what was drawn");
    let file = scenario::file::read(&told(&row)).expect("a case");
    let problems = scenario::check::tongue::check(&told(&row), &file);
    assert!(problems.iter().all(|problem| problem.code != "odd-translation"), "{}", scenario::render(&problems));
}

#[test]
fn a_translation_changes_nothing_but_what_is_told() {
    let (plain, _) = scenario::cast(&told(""), "A", 3).expect("a case");
    let (korean, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    assert_eq!(plain.hash, korean.hash, "a run outlives a better translation");
    // What does not fit is left out, not obeyed.
    let odd = told("[[say]]\nen = \"A Case\"\nko = \"\\u001b[2J{page}\"\n[[say\n");
    let (odd, _) = scenario::cast(&odd, "A", 3).expect("a broken translation stops nobody");
    assert_eq!(odd.told("ko", &odd.drill.title), odd.drill.title);
}

#[test]
fn the_rows_that_are_missing_can_be_filled_in() {
    let pack = told(ROWS);
    let file = scenario::file::read(&pack).expect("a case");
    let rows = scenario::check::tongue::rows_to_fill(&pack, &file, "ko").expect("a language");
    assert!(
        rows.contains("# scenario.toml:") && rows.contains("en = \"crashing at its start\"\nko = \"\"\n"),
        "{rows}"
    );
    assert!(rows.contains("# solutions/A.txt:1 \n[[say]]\nen = \"The proof that"), "comments of solutions too: {rows}");
    assert!(!rows.contains("A Case"), "what is told is not asked for");
    let mut filled = String::new();
    for (n, part) in rows.split_inclusive("ko = \"\"").enumerate() {
        filled.push_str(&part.replace("ko = \"\"", &format!("ko = \"{n}째 말\"")));
    }
    let pack = told(&format!("{ROWS}\n{filled}"));
    let problems = scenario::check::tongue::check(&pack, &file);
    assert!(problems.is_empty(), "{}", scenario::render(&problems));
}

/// Every text that a library case tells in Korean is right; which are not whole yet is said in a warning.
#[test]
fn the_translations_of_the_library_fit() {
    for pack in scenario::library() {
        let file = scenario::file::read(&pack).expect("a readable case");
        let mut problems = scenario::check::tongue::check(&pack, &file);
        problems.retain(|problem| problem.severity == Severity::Error);
        assert!(problems.is_empty(), "{}", scenario::render(&problems));
    }
}

#[test]
fn every_card_can_be_read_in_every_language() {
    for (id, text) in card::files() {
        let card = card::read(&format!("assets/cards/{id}.toml"), id, text);
        let card = card.unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        assert_eq!(card.texts.len(), 2, "{id}");
        assert!(!card.commands.is_empty() && !card.tags.is_empty(), "{id} names commands and tags");
    }
    assert!(card::ids().count() > 0);
}

/// A card is checked as strictly as a case.
#[test]
fn a_broken_card_says_where() {
    let good = card::files().find(|(id, _)| *id == "oom-kill").expect("a card").1;
    for (old, new, code) in [
        ("id = \"oom-kill\"", "id = \"oom\"", "bad-name"),
        ("[ko]", "[kr]", "unknown-key"),
        ("next = \"", "next = \"\\u001b[2J", "control-character"),
        ("tags = [", "tag = [", "unknown-key"),
        ("[en]", "[en", "syntax"),
    ] {
        assert!(good.contains(old), "{old}");
        let problems = card::read("c.toml", "oom-kill", &good.replacen(old, new, 1)).expect_err(code);
        assert!(problems.iter().any(|problem| problem.code == code), "{code}: {}", scenario::render(&problems));
    }
    let long = good.replacen("next = \"", &format!("next = \"{}", "x".repeat(400)), 1);
    assert!(card::read("c.toml", "oom-kill", &long).is_err_and(|problems| problems[0].code == "too-long"));
}
