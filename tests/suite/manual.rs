//! The README shows the program as it is: its session and its screen are what the program prints today. `BLESS=1` rewrites
//! them.

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced block after a mark: where it stands, and its text.
fn block(readme: &str, mark: &str) -> (usize, usize, String) {
    let at = readme.find(mark).unwrap_or_else(|| panic!("README.md has `{mark}`"));
    let start = at + readme[at..].find("```\n").expect("a block") + 4;
    let end = start + readme[start..].find("```").expect("its end");
    (start, end, readme[start..end].to_string())
}

fn current(mark: &str, now: &str) {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let (start, end, shown) = block(&readme, mark);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{}{}{}", &readme[..start], now, &readme[end..])).expect("written");
    } else {
        assert_eq!(shown, now, "README.md is out of date at `{mark}`: BLESS=1 rewrites it");
    }
}

#[test]
fn the_session_and_the_screen_of_the_readme_are_current() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let folder = tempfile::tempdir().expect("a folder");
    let demo = folder.path().join("demo.txt");
    fs::write(&demo, block(&readme, "<!-- demo.txt -->").2).expect("written");
    let ran = Command::new(env!("CARGO_BIN_EXE_whodunit"))
        .args(["run", "the-pod-that-would-not-stay-up"])
        .arg(&demo)
        .args(["--seed", "3"])
        .env("WHODUNIT_DATA", folder.path())
        .current_dir(root())
        .output()
        .expect("whodunit starts");
    let text = String::from_utf8(ran.stdout).expect("text");
    let shown = text.split("\nScore ").next().expect("pages").trim_end();
    assert!(shown.contains("$ prom slo_storefront_ready_ratio\n"), "{text}");
    current("<!-- session:", &format!("{shown}\n"));
    let screen = fs::read_to_string(root().join("tests/golden/screens/readme-120x40.txt")).expect("a golden frame");
    current("<!-- screen -->", &screen);
}

/// The block's own commands, run again in the account in which nothing is wrong.
#[test]
fn the_aws_session_of_the_readme_is_current() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let (world, session) = crate::aws_door::counter();
    let (mut world, mut session) = (world.clone(), session.clone());
    let mut now = String::new();
    for line in block(&readme, "<!-- aws -->").2.lines().filter(|line| line.starts_with("$ ")) {
        now.push_str(&format!("{line}\n"));
        let ran = whodunit::console::run(&mut world, &mut session, &line[2..]);
        ran.output.lines.iter().for_each(|line| now.push_str(&format!("{}\n", line.text)));
    }
    assert!(now.contains("RedrivePolicy"), "{now}");
    current("<!-- aws -->", &now);
}

/// What the section about the account names is what the consoles know, and as many services as there are.
#[test]
fn the_account_section_of_the_readme_names_what_there_is() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let services = format!("{} services", whodunit::world::aws::service::SERVICES.len());
    assert!(readme.contains(&services), "README.md says {services}");
    let section = readme.split("## The account").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let (world, session) = crate::aws_door::counter();
    for (tool, least) in [("iac", 8), ("ci", 4), ("shopctl", 3)] {
        let mut world = world.clone();
        let help = whodunit::console::run(&mut world, &mut session.clone(), &format!("{tool} --help")).output;
        let help: String = help.lines.iter().map(|line| format!("{}\n", line.text)).collect();
        // `iac history`, `show`, … up to the colon, and every `shopctl WORD` on its own.
        let named: Vec<&str> = match section.split(&format!("* `{tool} ")).nth(1) {
            Some(rest) if tool != "shopctl" => rest.split("`:").next().unwrap_or_default().split("`, `").collect(),
            _ => {
                let joined: Vec<&str> = section.split(&format!("`{tool}")).skip(1).collect();
                joined.iter().filter_map(|rest| rest.split_whitespace().next()).collect()
            }
        };
        let named: Vec<&str> = named.iter().map(|word| word.trim_matches(['`', ','])).collect();
        assert!(named.len() >= least, "{tool}: {named:?}");
        for word in named {
            let known = help.split_whitespace().any(|one| one == word);
            assert!(known, "README.md names `{tool} {word}`, which is not in:\n{help}");
        }
    }
}

#[test]
fn the_commands_of_the_readme_are_those_of_the_judge() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let judge = fs::read_to_string(root().join(".ci/run")).expect("a judge");
    for command in ["cargo run --release", "cargo test"] {
        assert!(readme.lines().any(|line| line == command), "README.md names `{command}`");
    }
    assert!(judge.contains("README.md"), "CI runs the README's test command");
}

#[test]
fn every_document_that_is_pointed_at_exists() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(name)).expect("a document");
        let mut targets: Vec<String> =
            text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_string).collect();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = (quoted.starts_with("src/") || quoted.starts_with("tests/") || quoted.starts_with("docs/"))
                && !quoted.contains(['<', '*', ' ', '…']);
            if is_path {
                targets.push(quoted.to_string());
            }
        }
        for target in targets.iter().filter(|target| !target.starts_with("http")) {
            assert!(root().join(target).exists(), "{name} points at `{target}`, which is not there");
        }
    }
}
