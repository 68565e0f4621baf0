//! The command line of the real binary: help, exit codes, bad flags, lists, and a run that is kept, read and refused.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn whodunit(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data).current_dir(data).stdin(Stdio::null());
    command.env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn data() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn help_is_current() {
    let data = data();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    let mut text = String::new();
    let commands = "play run list resume runs replay report grade check new schema completions man";
    for args in std::iter::once(vec!["--help"]).chain(commands.split(' ').map(|command| vec![command, "--help"])) {
        let output = whodunit(data.path(), &args);
        assert!(output.status.success(), "{args:?}");
        text.push_str(&format!("$ whodunit {}\n{}\n", args.join(" "), out(&output)));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    assert_eq!(text, std::fs::read_to_string(&path).expect("BLESS=1 writes it"), "BLESS=1 rewrites it");
    assert!(!text.contains("__guard") && !text.contains("__panic"));
}

#[test]
fn a_wrong_command_is_two_and_says_what_next() {
    let data = data();
    for (args, words) in [
        (vec!["plya"], "play"),
        (vec!["play", "x", "--sed", "1"], "--seed"),
        (vec!["play", "x", "--speed", "0"], "0.1 to 1000"),
        (vec!["play", "no-such-case", "--plain"], "there is no case `no-such-case`"),
        (vec!["play", "the-pod-that-would-not-stay-down", "--plain"], "did you mean `the-pod-that-would-not-stay-up`?"),
        (vec!["run", "the-car-that-hated-vanilla", "missing.txt"], "missing.txt"),
        (vec!["grade", "nothing"], "whodunit runs"),
        (vec!["resume"], "whodunit play CASE"),
        (vec!["report", "x", "--format", "pdf"], "no format `pdf`"),
        (vec!["new", "Not A Slug"], "lower case"),
        (vec!["check", "nowhere/at/all"], "nowhere/at/all"),
        (vec!["play", "the-car-that-hated-vanilla"], "--plain"),
        (vec![], "whodunit list"),
    ] {
        let output = whodunit(data.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{args:?}: {}", err(&output));
        assert!(out(&output).is_empty(), "{args:?}: errors go to standard error");
    }
}

#[test]
fn lists_are_tables_and_objects() {
    let data = data();
    let text = out(&whodunit(data.path(), &["list"]));
    assert!(text.starts_with("CASE"), "{text}");
    assert!(text.contains("the-car-that-hated-vanilla") && text.contains("the-pod-that-would-not-stay-up"));
    let json: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["list", "--json", "--tag", "tutorial"]))).expect("JSON");
    let cases = json["cases"].as_array().expect("a list");
    assert!(cases.iter().all(|case| case["tags"].as_array().expect("tags").contains(&"tutorial".into())));
    let runs: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["runs", "--json"]))).expect("JSON");
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(0));
}

#[test]
fn generated_things_are_generated() {
    let data = data();
    for (args, words) in [
        (vec!["completions", "bash"], "_whodunit"),
        (vec!["completions", "zsh"], "#compdef whodunit"),
        (vec!["man"], ".TH whodunit"),
        (vec!["schema"], "\"$schema\""),
        (vec!["--version"], "whodunit "),
    ] {
        let output = whodunit(data.path(), &args);
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        assert!(out(&output).contains(words), "{args:?}");
    }
}

#[test]
fn cases_are_read_inside_their_folder_only() {
    let data = data();
    let cases = data.path().join("scenarios");
    std::fs::create_dir_all(cases.join("linked")).expect("made");
    std::fs::write(data.path().join("secret.toml"), "[drill]\ntitle = \"secret\"\n").expect("written");
    std::os::unix::fs::symlink(data.path().join("secret.toml"), cases.join("linked/scenario.toml")).expect("linked");
    std::fs::create_dir_all(cases.join("huge")).expect("made");
    std::fs::write(cases.join("huge/scenario.toml"), "x".repeat(3 << 20)).expect("written");
    std::fs::create_dir_all(cases.join("evil")).expect("made");
    let text = "[drill]\ntitle = \"\\u001B[2Jevil\\u202E\"\nlevel = 1\nminutes = 5\ntags = [\"a\"]\n";
    std::fs::write(cases.join("evil/scenario.toml"), text).expect("written");
    let output = whodunit(data.path(), &["list"]);
    assert!(output.status.success(), "{}", err(&output));
    let text = out(&output);
    assert!(!text.contains("secret"), "a link out of the folder is not followed: {text}");
    assert!(text.contains("evil") && !text.contains('\x1b') && !text.contains('\u{202e}'), "{text:?}");
    let output = whodunit(data.path(), &["check", "scenarios/huge"]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(out(&output).contains("at most"), "{}", out(&output));
}

#[test]
fn a_new_case_is_written_once() {
    let data = data();
    let output = whodunit(data.path(), &["new", "my-case"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(data.path().join("scenarios/my-case/scenario.toml").exists());
    assert!(out(&whodunit(data.path(), &["list"])).contains("my-case"));
    assert_eq!(whodunit(data.path(), &["new", "my-case"]).status.code(), Some(2), "nothing is overwritten");
}
