//! Broken and hostile scenario files: each fails for one reason, at its place, and none crashes, hangs or harms a
//! terminal. A broken case is the template with the edits of one file of `tests/broken`: `- old text` / `+ new text`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use whodunit::scenario::{self, Depth, Pack, Severity};

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
