//! Families: one page, another culprit each time. What hides behind the page must not show before the verdict, and the run
//! must be found again afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use whodunit::drill;
use whodunit::scenario::{self, Depth, Pack};

/// Page families of the catalogue whose culprits are spread over cases: which are behind which page. The fourth, errors of
/// functions, is one case (`the-three-second-alibi`), whose variants share their page anyway.
const FAMILIES: [(&str, &[&str]); 3] = [
    (
        "orders-without-parcels",
        &[
            "the-parcel-nobody-signed-for/A",
            "the-parcel-nobody-signed-for/B",
            "the-parcel-nobody-signed-for/C",
            "letters-to-the-wrong-box/A",
            "the-dead-letter-office/A",
            "the-revoked-key/A",
        ],
    ),
    (
        "the-meter-that-ran",
        &[
            "the-quiet-estate/A",
            "the-toll-road/A",
            "the-toll-road/B",
            "the-toll-road/C",
            "the-toll-road/D",
            "the-stampede/A",
        ],
    ),
    (
        "two-of-everything",
        &[
            "two-vans-one-parcel/A",
            "two-vans-one-parcel/B",
            "two-vans-one-parcel/C",
            "the-clerk-who-came-back-too-late/A",
            "the-clerk-who-came-back-too-late/B",
            "the-clerk-who-came-back-too-late/C",
            "single-file-please/C",
        ],
    ),
];

#[test]
fn every_member_has_the_same_face() {
    for (slug, members) in FAMILIES {
        let pack = scenario::find(slug).expect("it is in the library");
        let file = scenario::file::read(&pack).unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        assert_eq!(file.variants, members, "{slug}");
        let mut faces = BTreeSet::new();
        let mut hashes = BTreeSet::new();
        for id in &file.variants {
            for seed in [1, 2] {
                let drawn =
                    scenario::file::draw(&pack, &file, id, seed).unwrap_or_else(|p| panic!("{}", scenario::render(&p)));
                let case = drawn.lowered.case;
                let drill = &case.drill;
                let told = case.people.injects.iter();
                let told: Vec<_> = told.map(|told| (told.at - drill.page_at, &told.from, &told.say)).collect();
                assert!(!told.is_empty(), "{slug}: somebody asks");
                faces.insert((
                    format!("{told:?}"),
                    drill.title.clone(),
                    drill.brief.clone(),
                    drill.page.clone(),
                    (drill.level, drill.minutes, drill.tags.clone()),
                ));
                assert_eq!((case.slug.as_str(), &case.variant), (slug, id));
                hashes.insert((id.split('/').next().map(str::to_string), case.hash.clone()));
                // The rest is its case's own.
                let (inner, variant) = scenario::family::behind(&pack, id).expect("its case");
                let plain = scenario::file::read(&inner).expect("a case");
                let plain = scenario::file::draw(&inner, &plain, variant, seed).expect("drawn").lowered.case;
                assert_eq!((drill.page_at, &case.behind), (plain.drill.page_at, &plain.drill.title));
                assert_eq!(format!("{:?}", case.verdict), format!("{:?}", plain.verdict));
                assert_ne!(case.hash, plain.hash, "a journal of the one does not fit the other");
            }
        }
        assert_eq!(faces.len(), 1, "{slug}: no text before the start tells the members apart");
        assert_eq!(hashes.len(), hashes.iter().map(|(case, _)| case).collect::<BTreeSet<_>>().len(), "a hash a case");
    }
}

fn family(members: &str, page: &str) -> String {
    format!(
        "format = 1\n{members}\n[drill]\ntitle = \"Lost\"\nlevel = 1\nminutes = 5\ntags = []\nbrief = \"Look.\"\npage = \"{page}\"\n"
    )
}

/// A family beside the template's case.
fn pack(text: &str) -> Pack {
    let files = scenario::new("a-case").expect("a good slug").into_iter().map(|(path, text)| (path, text.into_bytes()));
    let mut pack = Pack::new("a-family", "a-family", [("scenario.toml".to_string(), text.as_bytes().to_vec())]);
    let case = Pack::new("a-case", "a-case", files);
    for slug in ["a-case", "b-case"] {
        pack.cases.insert(slug.into(), Pack { slug: slug.into(), ..case.clone() });
    }
    pack
}

const ONE: &str = "member = [{ case = \"a-case\", variants = [\"A\"] }]";

#[test]
fn what_is_wrong_with_a_family_is_said_at_its_place() {
    for (text, problem) in [
        (
            family("member = [{ case = \"a-cas\", variants = [\"A\"] }]", "It is down."),
            "a-family/scenario.toml:2:20: error[unknown-case]: the member \"a-cas/A\" cannot be played: there is no case of that name",
        ),
        (
            family("member = [{ case = \"a-case\", variants = [\"A\", \"Z\"] }]", "It is down."),
            "a-family/scenario.toml:2:41: error[unknown-variant]: the member \"a-case/Z\" cannot be played: the case has the variants A",
        ),
        (
            family("member = [{ case = \"a-family\", variants = [\"A\"] }]", "It is down."),
            "a-family/scenario.toml:2:20: error[unknown-case]: the member \"a-family/A\" cannot be played: there is no case of that name",
        ),
        (
            family("member = [{ case = \"two-of-everything\", variants = [\"A\"] }]", "It is down."),
            "a-family/scenario.toml:2:20: error[unknown-case]: the member \"two-of-everything/A\" cannot be played: this is a family itself, not a case",
        ),
        (
            family("member = []", "It is down."),
            "a-family/scenario.toml:2:10: error[no-variant]: a scenario needs at least one variant",
        ),
        (
            family(&format!("estate = \"scoopline\"\n{ONE}"), "It is down."),
            "a-family/scenario.toml:2:1: error[unknown-key]: the family has no key `estate`",
        ),
        (
            family(ONE, "It is down since {since}."),
            "a-family/scenario.toml:9:8: error[unknown-name]: nothing is called `{since}`",
        ),
    ] {
        let said: Vec<String> =
            scenario::check(&pack(&text), 1, Depth::Live).problems.iter().map(scenario::Problem::brief).collect();
        assert_eq!(said, [problem], "{text}");
    }
    assert!(scenario::check(&pack(&family(ONE, "It is down.")), 1, Depth::Live).passed());
}

/// A page that says a word of one member's answer, and a case that is in it twice under two names: memory wins.
#[test]
fn an_unfair_family_is_refused() {
    let case = pack("").member("a-case").expect("there");
    let (case, _) = scenario::cast(&case, "A", 1).expect("cast");
    let culprit = case.chain.iter().find(|node| node.id == case.verdict.culprit).expect("a culprit");
    let report = scenario::check(&pack(&family(ONE, &culprit.say.replace('"', ""))), 1, Depth::Paper);
    assert_eq!(report.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["answer-leaked"]);
    let twice = "member = [{ case = \"a-case\", variants = [\"A\"] }, { case = \"b-case\", variants = [\"A\"] }]";
    let twice = pack(&family(twice, "It is down."));
    let mut report = scenario::check(&twice, 1, Depth::Paper);
    assert!(report.passed(), "{}", scenario::render(&report.problems));
    drill::check::check(&twice, &[1, 2, 3], &mut report);
    assert_eq!(report.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["memoriser-wins"; 2]);
    let alone = pack(&family(ONE, "It is down."));
    let mut report = scenario::check(&alone, 1, Depth::Paper);
    drill::check::check(&alone, &[1], &mut report);
    assert!(report.passed(), "{}", scenario::render(&report.problems));
    assert!(report.proven.iter().any(|line| line.contains("the solution earns")), "{:#?}", report.proven);
}

fn whodunit(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data).env("LC_ALL", "C.UTF-8").current_dir(data).output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Two small cases and their family beside each other: what is played is drawn by the seed, is not told before the end, and
/// is found again by its journal.
#[test]
fn a_family_is_drawn_played_and_found_again() {
    let data = tempfile::tempdir().expect("a folder");
    for slug in ["first-case", "second-case"] {
        assert!(whodunit(data.path(), &["new", slug]).status.success());
    }
    let members = ["first-case", "second-case"]
        .map(|slug| format!("[[member]]\ncase = \"{slug}\"\nvariants = [\"A\"]\n"))
        .concat();
    let text = family("", "It is down.") + &members;
    let folder = data.path().join("scenarios/the-family");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("scenario.toml"), text).expect("written");
    std::fs::write(data.path().join("close.txt"), "> close\n").expect("written");
    let mut drawn: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=12 {
        let seed = seed.to_string();
        let args =
            ["run", "the-family", "close.txt", "--json", "--seed", seed.as_str(), "--run-dir", &format!("kept{seed}")];
        let output = whodunit(data.path(), &args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
        assert_eq!(told["case"], "the-family");
        let report = out(&whodunit(data.path(), &["report", &format!("kept{seed}"), "--format", "markdown"]));
        assert!(report.contains("Behind this page"), "the debrief names the case: {report}");
        *drawn.entry(told["variant"].as_str().expect("a variant").to_string()).or_default() += 1;
        let again = whodunit(data.path(), &["replay", &format!("kept{seed}")]);
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    }
    assert_eq!(drawn.keys().collect::<Vec<_>>(), ["first-case/A", "second-case/A"], "the seed draws: {drawn:?}");
    // While it is open, no listing tells which it is.
    std::fs::write(data.path().join("open.txt"), "$ date\n").expect("written");
    let open = out(&whodunit(data.path(), &["run", "the-family", "open.txt", "--json", "--seed", "3"]));
    assert!(open.contains("the-family") && !open.contains("-case/"), "{open}");
    let played = whodunit(data.path(), &["play", "the-family", "--plain", "--seed", "3"]);
    let shown = out(&played);
    let runs = [&["runs"][..], &["runs", "--json"]].map(|args| out(&whodunit(data.path(), args)));
    for text in [&shown, &runs[0], &runs[1]] {
        assert!(!text.contains("first-case") && !text.contains("second-case"), "{text}");
    }
    assert!(shown.contains("It is down."), "{shown}");
    // A link out of the folder is not a case beside the family.
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::fs::rename(data.path().join("scenarios/first-case"), elsewhere.path().join("first-case")).expect("moved");
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path().join("first-case"), data.path().join("scenarios/first-case"))
        .expect("made");
    let refused = whodunit(data.path(), &["check", "scenarios/the-family"]);
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    assert!(out(&refused).contains("unknown-case"), "{}", out(&refused));
}
