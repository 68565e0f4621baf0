//! Progress on disk, through the real binary: written at the end of a run, made again when it is lost or damaged, carried
//! to another machine, deleted; hostile files; today's drill.

use super::record;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn whodunit(data: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data).current_dir(data).env("LC_ALL", "C.UTF-8");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // A program that reads nothing may be gone before all is written.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stats(data: &Path) -> (Value, String) {
    let output = whodunit(data, &["stats", "--json"], "");
    (serde_json::from_str(&out(&output)).expect("JSON"), err(&output))
}

/// A run that is given up at once: it counts as an attempt.
fn played(data: &Path) {
    let args = ["play", "the-pod-that-would-not-stay-up", "--plain", "--seed", "3", "--variant", "A"];
    let output = whodunit(data, &args, "kubectl get pods -A\n:close\n");
    assert!(output.status.success(), "{}", err(&output));
}

#[test]
fn progress_is_kept_and_made_again_from_the_runs() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    assert!(out(&whodunit(data, &["stats"], "")).contains("No run has been finished"));
    played(data);
    let file = data.join("progress.json");
    let kept = fs::read_to_string(&file).expect("written at the end of the run");
    let (first, said) = stats(data);
    assert_eq!((first["runs"]["first"].as_i64(), said.as_str()), (Some(1), ""));
    assert!(out(&whodunit(data, &["stats"], "")).contains("not enough to say (1 of 5)"));
    // Lost, and damaged: made again, told, and the damaged file kept.
    fs::remove_file(&file).expect("removed");
    let (again, said) = stats(data);
    assert_eq!(again["runs"], first["runs"]);
    assert!(said.contains("made again from 1 finished runs"), "{said}");
    assert_eq!(fs::read_to_string(&file).expect("it is back"), kept);
    for damage in ["{\"format\":1,\"records\":[{", "", "\u{0}\u{0}", "[]"] {
        fs::write(&file, damage).expect("damaged");
        let (again, said) = stats(data);
        assert_eq!(again["runs"], first["runs"], "{damage:?}");
        assert!(said.contains("cannot be read") && said.contains("damaged-"), "{said}");
    }
    assert_eq!(fs::read_to_string(data.join("progress.json.damaged-1")).expect("kept"), "{\"format\":1,\"records\":[{");
    // Events lost as well: the run is folded.
    let run = fs::read_dir(data.join("runs")).expect("runs").flatten().next().expect("a run").path();
    fs::remove_file(run.join("events.json")).expect("removed");
    fs::remove_file(&file).expect("removed");
    assert_eq!(stats(data).0["runs"], first["runs"]);
    carried_and_deleted(data);
}

/// A concept is practised on a page of a finished case: shown, asked, judged by the matrix, and due again.
#[test]
fn a_concept_is_practised_on_one_page() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let nothing = whodunit(data, &["review"], "");
    assert!(out(&nothing).contains("Nothing is due"), "{}", out(&nothing));
    played(data);
    let reviews = |concept: &str| {
        let (stats, _) = stats(data);
        let of = stats["concepts"].as_array().expect("concepts").iter().find(|one| one["concept"] == concept).cloned();
        of.and_then(|one| one["reviews"].as_u64())
    };
    let review = |lang: &str, typed: &str| out(&whodunit(data, &["--lang", lang, "review", "oom-kill"], typed));
    // Nobody answers: the page is shown, and nothing is kept.
    let shown = review("en", "");
    for words in ["The Pod That Would Not Stay Up", "$ kubectl", "Which of these does the page rule out?", "  1  "] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
    assert_eq!(reviews("oom-kill"), Some(1), "only that of the run");
    // What cannot be read is asked again; not to know is an answer, and tells.
    let wrong = review("en", "all of them\n\n");
    assert!(wrong.contains("Type numbers from 1 to"), "{wrong}");
    let told = wrong.lines().find_map(|line| line.strip_prefix("No: it rules out ")).expect("it tells");
    let numbers = told.trim_end_matches('.').to_string();
    assert!(!numbers.is_empty() && wrong.contains("Next: Memory limits and OOMKilled, on "), "{wrong}");
    assert_eq!(reviews("oom-kill"), Some(2));
    let korean = review("ko", "\n");
    assert!(
        korean.contains("제외할 수 있는 것은 무엇일까요?") && korean.contains("아닙니다. 제외되는 것: "),
        "{korean}"
    );
    assert!(!korean.contains("review."), "{korean}");
    let unknown = whodunit(data, &["review", "oom-kil"], "");
    assert_eq!(unknown.status.code(), Some(1));
    assert!(err(&unknown).contains("did you mean `oom-kill`"), "{}", err(&unknown));
}

fn carried_and_deleted(data: &Path) {
    // The same once more is a repeat.
    played(data);
    let (twice, _) = stats(data);
    assert_eq!(twice["runs"], json!({ "first": 1, "hinted": 0, "repeats": 1, "unrated": 0 }));
    // To another machine, twice; nothing that is there is overwritten.
    let export = data.join("export.json");
    let export = export.to_str().expect("a path");
    assert!(whodunit(data, &["stats", "export", export], "").status.success());
    assert!(err(&whodunit(data, &["stats", "export", export], "")).contains("exists"));
    let other = tempfile::tempdir().expect("a folder");
    let told = out(&whodunit(other.path(), &["stats", "import", export], ""));
    assert!(told.starts_with("imported 2 runs and 0 marks; 0 runs were known"), "{told}");
    let told = out(&whodunit(other.path(), &["stats", "import", export], ""));
    assert!(told.starts_with("imported 0 runs and 0 marks; 2 runs were known"), "{told}");
    assert_eq!(stats(other.path()).0["runs"], twice["runs"]);
    // A mark by hand.
    let concept = twice["concepts"][0]["concept"].as_str().expect("a concept").to_string();
    let easy = whodunit(other.path(), &["stats", "easy", &concept], "");
    assert!(easy.status.success(), "{}", err(&easy));
    assert!(err(&whodunit(other.path(), &["stats", "easy", "no-such"], "")).contains("have not met"));
    // Deleted: only when told to, and then the runs do not come back by themselves.
    assert_eq!(whodunit(data, &["stats", "delete"], "").status.code(), Some(2));
    assert_eq!(stats(data).0["runs"], twice["runs"]);
    assert!(whodunit(data, &["stats", "delete", "--yes"], "").status.success());
    assert_eq!(stats(data).0["runs"]["first"], 0);
    assert_eq!(out(&whodunit(data, &["runs"], "")).lines().count(), 3, "the runs are still there");
    assert!(!data.join("progress.json.damaged-1").exists());
    assert!(whodunit(data, &["stats", "delete", "--yes", "--runs"], "").status.success());
    assert_eq!(out(&whodunit(data, &["runs"], "")).lines().count(), 1);
}

/// What is refused whole, and what is left out of the rest.
#[test]
fn a_hostile_file_changes_nothing_that_it_should_not() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let path = data.join("hostile.json");
    let file = path.to_str().expect("a path");
    let good = serde_json::to_value(record(1, 50, &["pods"])).expect("JSON");
    let whole = |records: Vec<Value>| json!({ "format": 1, "records": records, "marks": [] }).to_string();
    let many = whole((0..20_001).map(|_| good.clone()).collect());
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = " ".repeat((32 << 20) + 1);
    let form = json!({ "format": 2, "records": [], "marks": [] }).to_string();
    for text in ["", "null", "{}", "[]", "\u{1b}[2J", &deep, &many, &large, &form] {
        fs::write(&path, text).expect("written");
        let output = whodunit(data, &["stats", "import", file], "");
        assert_eq!(output.status.code(), Some(1), "{:.40}", text);
        assert!(err(&output).contains("nothing was imported"), "{}", err(&output));
        assert!(!err(&output).contains('\u{1b}') && !data.join("progress.json").exists());
    }
    fs::write(&path, [0xff, 0xfe, 0x00]).expect("written");
    assert_eq!(whodunit(data, &["stats", "import", file], "").status.code(), Some(1));
    assert_eq!(whodunit(data, &["stats", "import", "/dev/zero"], "").status.code(), Some(2));
    assert_eq!(whodunit(data, &["stats", "import", "missing.json"], "").status.code(), Some(2));
    let mut records = vec![good.clone(), good.clone()];
    let long = "x".repeat(10_000);
    let odd: &[(&str, Value)] = &[
        ("/key", json!("../../etc/passwd")),
        ("/at", json!(9_000_000_000_000_000_i64)),
        ("/at", json!(-1)),
        ("/played/case", json!("a\u{1b}[31mb")),
        ("/played/variant", json!(long)),
        ("/played/mode", json!("cheat")),
        ("/played/attempt", json!(0)),
        ("/tags", json!(vec!["t"; 100])),
        ("/points/total_m", json!(100_001)),
        ("/points/total_m", json!(-1)),
        ("/points/max", json!(i64::MAX)),
        ("/points/dims/V", json!([1, 99])),
        ("/difficulty_m", json!(i64::MIN + 1)),
        ("/hints", json!([4_000_000_000_u32, 0, 0])),
    ];
    for (n, (pointer, value)) in odd.iter().enumerate() {
        let mut bad = good.clone();
        bad["key"] = json!(format!("{:016x}", n + 100));
        *bad.pointer_mut(pointer).expect(pointer) = value.clone();
        records.push(bad);
    }
    let mut loud = good.clone();
    loud["key"] = json!("00000000000000ff");
    loud["pledge"] = json!(format!("\u{1b}]0;x\u{7}{long}"));
    records.push(loud);
    fs::write(&path, whole(records)).expect("written");
    let output = whodunit(data, &["stats", "import", file], "");
    assert!(out(&output).starts_with("imported 2 runs"), "{}{}", out(&output), err(&output));
    assert!(err(&output).contains(&format!("and {} more", odd.len() - 1)), "{}", err(&output));
    let text = out(&whodunit(data, &["stats"], ""));
    assert!(!text.contains('\u{1b}') && text.len() < 8_000, "{text}");
    // Numbers that are none are refused with the file.
    fs::write(&path, whole(vec![good]).replace("50000", "1e999")).expect("written");
    assert_eq!(whodunit(data, &["stats", "import", file], "").status.code(), Some(1));
}

#[test]
fn todays_drill_is_played_once() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    // A case of one's own by the same name is not everybody's.
    let told =
        |data: &Path| -> Value { serde_json::from_str(&out(&whodunit(data, &["daily", "--json"], ""))).expect("JSON") };
    let mut before = told(folders[0].path());
    if before != told(folders[1].path()) {
        // Midnight came between the two.
        before = told(folders[0].path());
    }
    assert_eq!(before, told(folders[1].path()));
    assert_eq!((before["state"].as_str(), before["line"].is_null()), (Some("new"), true));
    assert!(before.get("variant").is_none() && before.get("seed").is_none(), "{before}");
    let data = folders[0].path();
    let played = whodunit(data, &["daily", "--plain"], ":hint\n:close\n");
    let text = out(&played);
    assert!(played.status.success(), "{}", err(&played));
    let number = format!("#{:04} Case ", before["number"].as_i64().expect("a number"));
    assert!(text.contains("[refused]") && text.contains(&number), "no hints, and a line: {text}");
    let again = out(&whodunit(data, &["daily", "--plain"], ":close\n"));
    assert!(again.trim_start().starts_with(&number) && again.contains("The next one comes in"), "{again}");
    let after = told(data);
    assert_eq!(after["state"], "closed");
    assert!(after["line"].as_str().is_some_and(|line| line.starts_with(&number)), "{after}");
    let runs = out(&whodunit(data, &["runs"], ""));
    assert_eq!(runs.lines().count(), 2, "{runs}");
}
