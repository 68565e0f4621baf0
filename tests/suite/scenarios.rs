//! Every case of the library: it reads, casts, and says what it must; and the parts that cases are made of.

use std::path::Path;
use whodunit::scenario::cast::{self, Telling};
use whodunit::scenario::skin::{self, Draws};
use whodunit::scenario::{self, estate, pattern};

/// What the seed draws where a number is wanted is one, within the limits.
#[test]
fn a_drawn_number_is_looked_at() {
    let files = scenario::new("a-case").expect("a good slug").into_iter();
    let files: Vec<(String, String)> = files.collect();
    for (old, new, drawn, problem) in [
        ("healthy = 1", "healthy = \"{much}\"", "\"1\"", None),
        ("healthy = 1", "healthy = \"{much}\"", "\"many\"", Some("`healthy` must be a number; the seed drew \"many\"")),
        ("level = 1", "level = \"{much}\"", "\"9\"", Some("`level` is 9; it must be 1 to 5")),
        ("level = 1", "level = \"{much}\"", "\"one\"", Some("`level` must be an integer; the seed drew \"one\"")),
    ] {
        let edit = |text: &str| {
            assert!(text.contains(old) && text.contains("[skin]\n"), "the template has {old}");
            text.replacen(old, new, 1).replacen("[skin]\n", &format!("[skin]\nmuch = {{ pick = [{drawn}] }}\n"), 1)
        };
        let files = files.iter().map(|(path, text)| {
            let text = if path == "scenario.toml" { edit(text) } else { text.clone() };
            (path.clone(), text.into_bytes())
        });
        let pack = scenario::Pack::new("a-case", "a-case", files);
        let said = scenario::check(&pack, 1, scenario::Depth::Paper).problems;
        let said: Vec<&str> = said.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(said, problem.into_iter().collect::<Vec<_>>(), "{new} with {drawn}");
    }
}

#[test]
fn the_schema_file_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenario.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&scenario::schema()).expect("a schema is JSON"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("assets can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "assets/scenario.schema.json is stale; run the test once with BLESS=1");
}

#[test]
fn the_estate_reads_for_many_seeds() {
    let pack = scenario::Pack::new("none", "none", []);
    for seed in 1..=20 {
        let mut draws = Draws::new();
        let estate = estate::read(&pack, "scoopline", seed, &mut draws)
            .unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        let kinds = |kind: &str| estate.manifests.iter().filter(|m| m.value["kind"] == kind).count();
        assert_eq!((kinds("Node"), kinds("Namespace")), (9, 6));
        assert!(kinds("Deployment") >= 12, "{} deployments", kinds("Deployment"));
        let text = format!("{:?}", estate.manifests.iter().map(|m| m.value.to_string()).collect::<Vec<_>>());
        assert!(!text.contains("{storefront_version}"), "a name was not drawn");
    }
}

/// What tellings have in common is lived once; whoever looks at a stage cannot tell. These cases part by scripts, by changes of
/// the account's code, and by weather.
#[test]
fn stages_cast_together_are_those_cast_alone() {
    for slug in ["the-pod-that-would-not-stay-up", "the-stampede", "the-three-second-alibi"] {
        let pack = scenario::find(slug).expect("a case of the library");
        let file = scenario::file::read(&pack).expect("it reads");
        let draw = |variant: &String| scenario::file::draw(&pack, &file, variant, 4).expect("it is drawn");
        let drawn: Vec<_> = file.variants.iter().map(draw).collect();
        let both = |drawn| [(drawn, Telling::Whole), (drawn, Telling::Healthy)];
        let parts: Vec<_> = drawn.iter().flat_map(both).collect();
        let together = cast::stages(&parts, 4);
        assert_eq!(together.len(), parts.len());
        for ((drawn, telling), stage) in parts.iter().zip(together) {
            let alone = cast::stage(drawn, 4, *telling).expect("it is cast");
            let variant = &drawn.lowered.case.variant;
            assert!(format!("{alone:?}") == format!("{:?}", stage.expect("cast")), "{slug} {variant} {telling:?}");
        }
    }
}

#[test]
fn placeholders_are_expanded_once_and_other_braces_stay() {
    let draws: Draws = [("a", "{b}"), ("b", "never"), ("n.x", "7")]
        .into_iter()
        .map(|(name, text)| (name.to_string(), text.to_string()))
        .collect();
    assert_eq!(skin::expand("{a} {.items[*]} {\"k\":\"{n.x}\"} {c} {", &draws), "{b} {.items[*]} {\"k\":\"7\"} {c} {");
}

#[test]
fn paths_with_any_element_match() {
    for (pattern, path, matches) in [
        ("spec.containers[*].image", "spec.containers[app].image", true),
        ("spec.containers[*].image", "spec.containers[app].imagePullPolicy", false),
        ("spec.containers[*].env[*].value", "spec.containers[app].env[A].value", true),
        ("data.KEY", "data.KEY", true),
        ("data", "data.KEY", false),
        ("a[*]", "a[x]b", false),
    ] {
        assert_eq!(pattern::path_matches(pattern, path), matches, "{pattern} on {path}");
    }
}

#[test]
fn every_case_is_sound_on_paper_for_many_seeds() {
    let packs = scenario::library();
    assert!(packs.len() >= 2, "the library has {} cases", packs.len());
    for pack in packs {
        for seed in 1..=20 {
            let report = scenario::check(&pack, seed, scenario::Depth::Paper);
            assert!(report.problems.is_empty(), "{}: {}", pack.slug, scenario::render(&report.problems));
        }
    }
}
