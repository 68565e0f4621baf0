//! Broken and hostile scenario files: each fails for one reason, at its place, and none crashes, hangs or harms a
//! terminal. A broken case is the template with the edits of one file of `tests/broken`: `- old text` / `+ new text`,
//! after `@ path` in another file of the case or of its estate. Every rule there is must be seen to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use whodunit::drill;
use whodunit::scenario::check::rules;
use whodunit::scenario::{self, Depth, Pack, Problem, Severity};

fn template() -> Vec<(String, Vec<u8>)> {
    let files = scenario::new("a-case").expect("a good slug");
    files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect()
}

fn pack_with(scenario: Vec<u8>) -> Pack {
    let files = template().into_iter().map(|(path, bytes)| match path.as_str() {
        "scenario.toml" => (path, scenario.clone()),
        _ => (path, bytes),
    });
    Pack::new("a-case", "a-case", files)
}

/// The template with the edits of one file.
fn edited_pack(edits: &str, name: &str) -> Pack {
    let mut pack = Pack::new("a-case", "a-case", template());
    let mut parts: Vec<(&str, String)> = vec![("scenario.toml", String::new())];
    for line in edits.lines() {
        match line.strip_prefix("@ ") {
            Some(path) => parts.push((path, String::new())),
            None => parts.iter_mut().next_back().into_iter().for_each(|(_, text)| *text += &format!("{line}\n")),
        }
    }
    for (path, edits) in parts.into_iter().filter(|(_, edits)| edits.lines().any(|line| !line.starts_with('#'))) {
        let estate = path.strip_prefix("_estates/").and_then(|path| path.split_once('/'));
        let (files, path) = match estate {
            Some((estate, path)) => (Arc::make_mut(pack.estates.get_mut(estate).expect("an estate")), path),
            None => (&mut pack.files, path),
        };
        // A file that the template does not have is made of the new lines alone.
        let old = files.get(path).map_or_else(String::new, |old| String::from_utf8(old.to_vec()).expect("UTF-8"));
        files.insert(path.into(), edited(&old, &edits, name).into_bytes().into());
    }
    pack
}

/// The template with its variant told twice: whoever remembers one wins the other.
fn twice() -> Pack {
    let mut files = template();
    let text = String::from_utf8(files[0].1.clone()).expect("UTF-8");
    let variant = &text[text.find("[[variant]]").expect("a variant")..];
    files[0].1 = format!("{text}\n{}", variant.replacen("id = \"A\"", "id = \"B\"", 1)).into_bytes();
    let solution = files.iter().find(|(path, _)| path == "solutions/A.txt").expect("a solution").1.clone();
    files.push(("solutions/B.txt".into(), solution));
    Pack::new("a-case", "a-case", files)
}

fn codes(problems: &[Problem]) -> BTreeSet<&'static str> {
    problems.iter().map(|problem| problem.code).collect()
}

fn on_paper(pack: &Pack) -> Vec<String> {
    scenario::check(pack, 1, Depth::Paper).problems.iter().map(scenario::Problem::brief).collect()
}

#[test]
fn the_template_is_sound_on_paper_for_many_seeds() {
    for seed in 1..=20 {
        let report = scenario::check(&Pack::new("a-case", "a-case", template()), seed, Depth::Paper);
        assert!(report.problems.is_empty(), "{}", scenario::render(&report.problems));
    }
}

/// Applies an edit file: runs of `- ` lines (old text, joined by newlines) followed by runs of `+ ` lines.
fn edited(text: &str, edits: &str, name: &str) -> String {
    let (mut text, mut old, mut new) = (text.to_string(), Vec::new(), Vec::new());
    let mut lines = edits.lines().filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        match line.split_at(line.len().min(2)) {
            ("- ", rest) => old.push(rest),
            ("+ ", rest) => new.push(rest),
            _ => panic!("{name}: neither - nor +: {line:?}"),
        }
        let next = lines.peek().map(|next| next.chars().next());
        if next == Some(Some('+')) || (new.is_empty() && next.is_some()) {
            continue;
        }
        let (from, to) = (old.join("\n"), new.join("\n"));
        assert!(text.contains(&from), "{name}: the template does not have {from:?}");
        text = text.replacen(&from, &to, 1);
        (old, new) = (Vec::new(), Vec::new());
    }
    text
}

fn edits() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("tests/broken") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "edit") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            found.insert(name, std::fs::read_to_string(path).expect("UTF-8"));
        }
    }
    found
}

/// Compares with a kept file; `BLESS=1` writes it anew, and the diff is read.
fn kept(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, made).expect("tests/broken can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "tests/broken/{name} differs; made:\n{made}");
}

#[test]
fn every_broken_file_fails_alone_at_its_place() {
    let (mut made, mut wrong) = (String::new(), String::new());
    let edits = edits();
    for (name, edit) in edits.iter().filter(|(name, _)| !name.starts_with("live-") && !name.starts_with("play-")) {
        let report = scenario::check(&edited_pack(edit, name), 1, Depth::Paper);
        writeln!(made, "== {name}").expect("a string");
        let errors = report.problems.iter().filter(|p| p.severity == Severity::Error).count();
        // What is broken in a translation leaves all else untranslated; what is untranslated is no error.
        if errors != 1 && (errors > 0 || report.problems.len() != 1) {
            writeln!(wrong, "{name} must fail for one reason:\n{}\n", scenario::render(&report.problems))
                .expect("text");
        }
        writeln!(made, "{}\n", scenario::render(&report.problems)).expect("a string");
    }
    assert!(wrong.is_empty(), "{wrong}");
    kept("expected.txt", &made);
}

/// What an edit file cannot make: the pack itself must be at fault, or the bytes of a file.
fn broken_packs() -> Vec<(&'static str, Pack)> {
    let base = String::from_utf8(template().remove(0).1).expect("UTF-8");
    let with = |old: &str, new: &str| pack_with(base.replacen(old, new, 1).into_bytes());
    let evil = template().into_iter().chain([("../evil".to_string(), Vec::new())]);
    vec![
        ("bad-name", with("estate = \"scoopline\"", "estate = \"../../etc\"")),
        ("bad-number", with("healthy = 1", "healthy = nan")),
        ("bad-path", Pack::new("a-case", "a-case", evil)),
        ("control-character", with("title = \"A", "title = \"\\u001b]0;gone\\u0007A")),
        ("missing-file", Pack::new("a-case", "a-case", [])),
        ("not-utf8", pack_with(vec![b'#', 0xff])),
        ("too-deep", with("[indicator]", &format!("[{}]\n[indicator]", vec!["t"; 60].join(".")))),
        (
            "unknown-case",
            pack_with(b"format = 1\nmember = [{ case = \"no-such\", variants = [\"A\"] }]\n[drill]\ntitle = \"T\"\nlevel = 1\nminutes = 5\ntags = []\nbrief = \"b\"\npage = \"p\"\n".to_vec()),
        ),
        ("too-large", pack_with(vec![b'#'; 2 << 20])),
    ]
}

/// Rules that no file can break, and why: they watch over rules and scores to come.
const UNREACHABLE: &[(&str, &str)] = &[
    ("idle-wins", "an idle run keeps at most 0.4 of the scene's 12 points, 5 % of all"),
    (
        "rival-convicted",
        "duplicate-say refuses a rival with the answer's words, and the other blanks give less than half",
    ),
    ("rival-unmet", "rival-uncleared and clue-hidden refuse a rival that nothing brings up"),
    (
        "rollback-wins",
        "rolling back alone earns at most the scene's and the recovery's 24 points, and spoils the scene",
    ),
];

/// The table of rules is what is shown to fail, no more and no less.
#[test]
fn every_rule_is_seen_to_fail() {
    assert!(rules::CODES.is_sorted(), "the table is sorted");
    let mut shown = BTreeSet::new();
    for name in ["expected.txt", "expected-live.txt", "expected-play.txt"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken").join(name);
        let text = std::fs::read_to_string(path).expect("kept");
        let line = |line: &str| {
            let coded = line.strip_prefix("error[").or(line.strip_prefix("warning["))?;
            Some(coded.split_once(']')?.0.to_string())
        };
        shown.extend(text.lines().filter_map(line));
    }
    for (code, pack) in broken_packs() {
        let problems = scenario::check(&pack, 1, Depth::Paper).problems;
        assert!(codes(&problems).contains(code), "{code}: {}", scenario::render(&problems));
        shown.insert(code.to_string());
    }
    let pack = Pack::new("a-case", "a-case", template());
    let refused = scenario::cast(&pack, "Z", 1).expect_err("there is no variant Z");
    shown.extend(codes(&refused).into_iter().map(String::from));
    let mut report = scenario::check(&twice(), 1, Depth::Paper);
    drill::check::check(&twice(), &[1], &mut report);
    assert_eq!(codes(&report.problems), ["memoriser-wins"].into(), "{}", scenario::render(&report.problems));
    shown.extend(["memoriser-wins".to_string()]);
    shown.extend(crate::fairness::seen_to_fail());
    for (code, why) in UNREACHABLE {
        assert!(!shown.contains(*code), "{code} can be shown after all; it was said: {why}");
        shown.insert((*code).to_string());
    }
    assert_eq!(shown, rules::CODES.iter().map(|code| (*code).to_string()).collect());
}

/// What only a played case can tell.
#[test]
fn what_only_play_can_tell_fails_alone_at_its_place() {
    let (mut made, mut wrong) = (String::new(), String::new());
    for (name, edit) in edits().iter().filter(|(name, _)| name.starts_with("play-")) {
        let pack = edited_pack(edit, name);
        let mut report = scenario::check(&pack, 1, Depth::Paper);
        drill::check::check(&pack, &[1], &mut report);
        let drawn = scenario::render(&report.problems);
        if report.problems.len() != 1 {
            writeln!(wrong, "{name} must fail for one reason:\n{drawn}\n").expect("a string");
        }
        writeln!(made, "== {name}\n{drawn}\n").expect("a string");
    }
    assert!(wrong.is_empty(), "{wrong}");
    kept("expected-play.txt", &made);
}

#[test]
fn hostile_files_give_a_located_message() {
    let base = String::from_utf8(template().remove(0).1).expect("UTF-8");
    let with = |old: &str, new: &str| base.replacen(old, new, 1).into_bytes();
    let deep_arrays = format!("x = {}{}\n{base}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_keys = format!("{} = 1\n{base}", vec!["a"; 100_000].join("."));
    let mut not_utf8 = base.clone().into_bytes();
    not_utf8.splice(40..40, [0xff, 0xfe]);
    let mut cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("10 MB string", with("title = \"A", &format!("title = \"{}", "A".repeat(10 << 20))), "too-large"),
        ("long string", with("title = \"A", &format!("title = \"{}", "A".repeat(500_000))), "too-long"),
        ("escape sequence", with("title = \"A", "title = \"\\u001b]0;gone\\u0007A"), "control-character"),
        ("raw escape", with("title = \"A", "title = \"\u{1b}[2JA"), "syntax"),
        ("deep arrays", deep_arrays.into_bytes(), "syntax"),
        ("deep keys", deep_keys.into_bytes(), "syntax"),
        ("deep tables", with("[indicator]", &format!("[{}]\n[indicator]", vec!["t"; 60].join("."))), "too-deep"),
        ("invalid UTF-8", not_utf8, "not-utf8"),
        ("huge number", with("level = 1", "level = 99999999999999999999999"), "bad-number"),
        ("not a number", with("healthy = 1", "healthy = nan"), "bad-number"),
        ("empty", Vec::new(), "missing-key"),
        ("null bytes", vec![0; 4_096], "syntax"),
        ("endless time", with("closes_after = \"30m\"", "closes_after = \"99999999999999999d\""), "bad-time"),
        (
            "many lines",
            with(
                "[indicator]",
                &format!("{}[indicator]", "[[script]]\nat = \"1m\"\nby = \"x\"\nrun = \"true\"\n".repeat(3_000)),
            ),
            "too-many",
        ),
        ("path", with("estate = \"scoopline\"", "estate = \"../../etc\""), "bad-name"),
    ];
    cases.push(("bidi", with("title = \"A", "title = \"\u{202e}A"), "control-character"));
    for (name, bytes, code) in cases {
        let problems = scenario::check(&pack_with(bytes), 1, Depth::Paper).problems;
        assert!(code.is_empty() || problems.iter().any(|p| p.code == code), "{name}: {}", scenario::render(&problems));
        assert!(problems.len() <= 200, "{name}: {} problems", problems.len());
        let drawn = scenario::render(&problems);
        assert!(drawn.len() < 200_000, "{name}: {} bytes are drawn", drawn.len());
        let harmful = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!drawn.chars().any(harmful), "{name}: {drawn:?}");
    }
}

/// Texts that are compared with facts and never shown.
const ACCEPTED: &[&str] = &["clues.asked.is", "clues.delivery.where.via.is", "clues.pending.is"];

/// Every text of a file, one after the other, with what a terminal would obey put into it.
#[test]
fn no_text_of_a_case_reaches_the_author_raw() {
    let base = String::from_utf8(template().remove(0).1).expect("UTF-8");
    let table: toml::Value = toml::Value::Table(base.parse().expect("TOML"));
    let mut paths = Vec::new();
    texts(&table, &mut Vec::new(), &mut paths);
    assert!(paths.len() > 150, "{} texts", paths.len());
    let evil = "\u{1b}[2J\u{1b}]8;;x\u{7}\u{1b}]52;c;Z28=\u{7}\u{1b}P1q\u{1b}\\\u{9b}31m\u{202e}\u{200b}";
    let mut accepted = Vec::new();
    for path in &paths {
        let mut hostile = table.clone();
        let place = path.iter().try_fold(&mut hostile, |at, step| match at {
            toml::Value::Table(table) => table.get_mut(step),
            toml::Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        });
        *place.expect("the text is there") = toml::Value::String(evil.into());
        let text = toml::to_string(&hostile).expect("TOML");
        let problems = scenario::check(&pack_with(text.into_bytes()), 1, Depth::Paper).problems;
        if problems.is_empty() {
            accepted.push(path.join("."));
        }
        for said in [scenario::render(&problems), problems.iter().map(Problem::brief).collect()] {
            let harmful = |c: char| {
                (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}')
            };
            assert!(!said.chars().any(harmful), "{path:?}: {said:?}");
        }
    }
    assert_eq!(accepted, ACCEPTED, "a text with control characters is refused wherever else it stands");
}

/// The ways to every text of a value.
fn texts(value: &toml::Value, way: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut step = |name: String, value: &toml::Value| {
        way.push(name);
        texts(value, way, found);
        way.pop();
    };
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| step(key.clone(), value)),
        toml::Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| step(n.to_string(), value)),
        toml::Value::String(_) => found.push(way.clone()),
        _ => {}
    }
}

#[test]
fn paths_that_leave_the_pack_are_refused() {
    for path in ["../evil.toml", "/etc/passwd", "a/../../b", "a\\b", "C:x", "a//b", "./a", "\u{1b}[2J", ""] {
        let mut files = template();
        files.push((path.to_string(), b"x".to_vec()));
        let problems = on_paper(&Pack::new("a-case", "a-case", files));
        assert!(problems.iter().any(|p| p.contains("[bad-path]")), "{path:?}: {problems:?}");
        assert!(!problems.iter().any(|p| p.contains('\u{1b}')), "{problems:?}");
    }
}

#[test]
fn a_slug_cannot_leave_its_folder() {
    for slug in ["../x", "a/b", "", "A", "-x", "x y", "\u{1b}"] {
        assert!(scenario::new(slug).is_none(), "{slug:?}");
    }
}

/// The template, and everything that only its living world can tell.
#[test]
fn the_template_passes_the_whole_check() {
    let report = scenario::check(&Pack::new("a-case", "a-case", template()), 1, Depth::Live);
    assert!(report.problems.is_empty(), "{}", scenario::render(&report.problems));
}

#[test]
fn what_only_the_world_can_tell_fails_alone_at_its_place() {
    let (mut made, mut wrong) = (String::new(), String::new());
    for (name, edit) in edits().iter().filter(|(name, _)| name.starts_with("live-")) {
        let report = scenario::check(&edited_pack(edit, name), 1, Depth::Live);
        let drawn = scenario::render(&report.problems);
        if report.problems.len() != 1 {
            writeln!(wrong, "{name} must fail for one reason:\n{drawn}\n").expect("a string");
        }
        writeln!(made, "== {name}\n{drawn}\n").expect("a string");
    }
    assert!(wrong.is_empty(), "{wrong}");
    kept("expected-live.txt", &made);
}
