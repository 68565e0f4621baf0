//! Reports in a real browser: samples of good, poor and hostile runs in both languages are written, and a headless Chromium
//! opens each: no request, no script, nothing that axe-core objects to. What it needs is in `tests/browser`.

use super::drill::{case, stage};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use whodunit::drill::act::Act;
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::transcript::{self, player};
use whodunit::report::format;
use whodunit::scenario;
use whodunit::stdx::lang::Lang;

const POD: &str = "the-pod-that-would-not-stay-up";

/// Changes first, looks later, is sure, and says so to everybody.
const POOR: &str = "\
$ kubectl -n shop get pods
$ kubectl -n shop rollout restart deploy/storefront
$ kubectl -n shop rollout undo deploy/storefront
wait 4m
$ prom slo_storefront_ready_ratio
> bag ready-ratio
$ ci show 2
> bag delivery all
> update to=team harm=none state=resolved action=none -- it is over
> resolve
> verdict culprit=env:delivery trigger=release:delivery impact=fewer:ready-ratio onset=00:30:ready-ratio
> close
> close
> reflect V=high P=low pledge=\"Next-time-I-look-first\" -- When the undo helped
";

/// What would run, load, lead away, break the page or turn its text around, if any of it were taken for markup.
const HOSTILE: &[&str] = &[
    "<script>window.pwned=1</script>",
    "\"><img src=x onerror=window.pwned=1>",
    "'><svg/onload=window.pwned=1>",
    "[click](javascript:window.pwned=1) <javascript:alert(1)>",
    "]]> --> </style></title></main></body></html><h1>mine</h1>",
    "<iframe src=\"http://127.0.0.1:9/\"></iframe> ![x](http://127.0.0.1:9/p.png)",
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} `rm -rf`",
    "\u{202e}gnp.exe\u{2066} \u{1b}[2J\u{1b}]8;;http://127.0.0.1:9/\u{7} \u{0}\u{9b}31m",
    "| a | b |\n|---|---|\n# head\n- [ ] task\n<details open ontoggle=window.pwned=1>",
    "&lt;script&gt; &#60;script&#62; %3Cscript%3E \u{ff1c}script\u{ff1e}",
];

fn opened() -> Run {
    let pack = scenario::find(POD).expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

fn played(text: &str) -> Run {
    let mut run = opened();
    player::play(&mut run, transcript::parse(text).expect("it parses")).expect("it plays");
    if run.phase != Phase::Closed {
        run.apply(0, Act::Close);
        run.apply(0, Act::Close);
    }
    assert_eq!(run.phase, Phase::Closed);
    run
}

/// Every text of a case and of a learner is hostile.
fn hostile() -> Run {
    let evil = HOSTILE.join(" ");
    let mut case = case();
    case.drill.title.clone_from(&evil);
    case.slug.clone_from(&evil);
    case.variant.clone_from(&evil);
    for node in &mut case.chain {
        node.say = format!("{evil}{}", node.id);
        node.at = Some(case.drill.page_at);
    }
    for rival in &mut case.rivals {
        rival.thing.clone_from(&evil);
        rival.how.clone_from(&evil);
    }
    for clue in &mut case.clues {
        clue.say.clone_from(&evil);
        clue.at = vec!["cat pods.txt".into(), evil.clone()];
    }
    let mut run = Run::open(Arc::new(case), stage(), Clock::Turn);
    run.apply(0, Act::State { text: evil.clone(), form: None });
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    run.apply(0, Act::Bag { page: 1, lines: Some((2, 2)), note: evil.clone() });
    for text in HOSTILE {
        run.apply(0, Act::Run { line: format!("echo {text}") });
        run.apply(0, Act::Note { text: (*text).into() });
        run.apply(0, Act::Expect { text: format!("{text} >= 1 within 5m") });
    }
    run.apply(0, Act::Close);
    run.apply(0, Act::Reflect { reaction: evil.clone(), guess: Vec::new(), pledge: evil });
    run
}

/// Writes the samples and says where.
fn samples() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let solution = opened().case.solution.clone();
    let write = format("html").expect("a format").write;
    for (name, run) in [("good", played(&solution)), ("poor", played(POOR)), ("hostile", hostile())] {
        for lang in ["en", "ko"].map(|code| Lang::named(code).expect("a language")) {
            let text = write(&run.debrief_whole(lang.code), &lang);
            fs::write(folder.join(format!("{name}-{}.html", lang.code)), text).expect("it is written");
        }
    }
    folder
}

#[test]
fn reports_fetch_nothing_run_nothing_and_can_be_read_by_everybody() {
    let folder = samples();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let lacks = match () {
        () if !own.join("node_modules").exists() => "`npm ci` in tests/browser",
        () if !Path::new(&chromium).exists() => "Chromium (Debian: apt-get install chromium; elsewhere CHROMIUM=path)",
        () => "",
    };
    if !lacks.is_empty() {
        assert!(std::env::var("WHODUNIT_BROWSER_REQUIRED").is_err(), "the browser check lacks {lacks}");
        eprintln!("skipped: the browser check lacks {lacks}");
        return;
    }
    let ran = Command::new("node").arg(own.join("check.mjs")).arg(&folder).env("CHROMIUM", chromium).output();
    let ran = ran.expect("node runs");
    let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{told}");
    assert!(told.contains("6 reports, 0 problems"), "{told}");
}
