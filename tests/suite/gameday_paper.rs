//! Papers of game days: plans for many sizes of rooms, what is proposed and why, what may be on which paper, hostile texts, the
//! team's report. The program itself is asked where files and flags matter.

mod after;

use crate::drill::{case, stage};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use whodunit::drill::Mode;
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::team::Role;
use whodunit::drill::team::plan::{self, Candidate, Choice, Plan, Reason, Wish};
use whodunit::report::gameday::Day;
use whodunit::scenario::gameday::{Card, Happening, Inject, When};
use whodunit::scenario::shape::Case;
use whodunit::stdx::lang::Lang;
use whodunit::stdx::time::Span;

pub fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/gameday").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name}: BLESS=1 writes it"));
    assert_eq!(text, known, "{name} differs; BLESS=1 rewrites it");
}

fn card(id: &str, role: Role, can: &[&str]) -> Card {
    let can = can.iter().map(|prefix| (*prefix).to_string()).collect();
    Card { id: id.into(), role, title: format!("{id} on-call"), note: format!("Only {id} knows its part."), can }
}

fn cards(split: usize) -> Vec<Card> {
    let tools = ["kubectl", "logs", "ci", "prom", "aws sqs"];
    let mut cards = vec![
        card("lead", Role::Commander, &[]),
        card("voice", Role::Communications, &[]),
        card("pen", Role::Scribe, &[]),
        card("ops-any", Role::Operator, &[]),
    ];
    cards.extend(tools.iter().take(split).zip(1..).map(|(tool, n)| card(&format!("ops-{n}"), Role::Operator, &[tool])));
    cards
}

pub fn toy() -> Case {
    let mut case = case();
    case.drill.title = "The Toy".into();
    case.drill.brief = "You are on call.\n\nPayments fail.".into();
    case.drill.minutes = 20;
    case.drill.closes_at = case.drill.page_at + Span::mins(40);
    case.gameday.cards = cards(2);
    let inject = |when, kind, to: &str, say: &str, by_hand| Inject {
        when,
        kind,
        from: "CFO".into(),
        say: say.into(),
        to: to.into(),
        note: format!("A good room answers {say}"),
        by_hand,
        ..Inject::default()
    };
    case.gameday.injects = vec![
        inject(When::At(Span::mins(4)), Happening::Question, "communications", "how long?", false),
        inject(When::Seen("oomkilled".into()), Happening::Alert, "", "another alert", false),
        inject(When::Never, Happening::Witness, "lead", "it is the database", true),
    ];
    case
}

fn plan_of(case: &Case, people: u16, minutes: u32) -> (Plan, Choice) {
    let wish = Wish { people, minutes, level: Some(3), tags: Vec::new() };
    let candidate = Candidate {
        slug: case.slug.clone(),
        title: case.drill.title.clone(),
        level: 2,
        minutes: case.drill.minutes,
        split: plan::split(&case.gameday.cards) as u16,
        ..Candidate::default()
    };
    let choice = plan::rank(&wish, vec![candidate]).remove(0);
    let play = plan::schedule(minutes, case.drill.minutes).play;
    let seats = plan::seats(people, &case.gameday.cards);
    let (format, seed) = (plan::FORMAT, case.seed);
    (Plan { format, case: case.slug.clone(), seed, variant: None, minutes, play, seats }, choice)
}

/// Briefing, cards and facilitator's paper of a case, as Markdown and HTML.
fn papers(case: Case, people: u16, lang: &str) -> [(String, String); 3] {
    let lang = Lang::named(lang).expect("a language");
    let (plan, choice) = plan_of(&case, people, 60);
    let run = Run::open_as(Arc::new(case), stage(), Clock::Live, Mode::Gameday);
    let day = Day::new(&run, &plan, (&choice, &[]), &lang);
    [day.briefing(), day.cards(), day.facilitator()].map(|paper| (paper.markdown(), paper.html(&lang)))
}

#[test]
fn a_room_of_every_size_has_its_roles_and_all_commands() {
    for people in 2..=16 {
        for split in 0..=4 {
            let cards = cards(split);
            let seats = plan::seats(people, &cards);
            let said = format!("{people} people, {split} shells: {seats:?}");
            assert_eq!(seats.len(), usize::from(people) + 1, "{said}");
            assert_eq!(seats[0].roles, [Role::Facilitator], "{said}");
            let of = |role: Role| seats.iter().filter(|seat| seat.has(role)).count();
            for role in [Role::Commander, Role::Communications, Role::Scribe] {
                assert_eq!(of(role), 1, "{role:?} in {said}");
            }
            assert!(of(Role::Operator) >= 1, "{said}");
            let mut parts = BTreeSet::new();
            for seat in &seats {
                assert!(!(seat.has(Role::Commander) && seat.has(Role::Operator)), "{said}");
                assert!(seat.roles.len() == 1 || !seat.has(Role::Observer) && !seat.has(Role::Facilitator), "{said}");
                let card = cards.iter().find(|card| card.id == seat.part);
                assert!(card.is_none_or(|card| seat.has(card.role)), "{said}");
                assert!(
                    seat.part.is_empty() || parts.insert(&seat.part) || card.is_some_and(|own| !own.can.is_empty())
                );
            }
            // Either every divided command is in the room and nobody has them all, or nobody's shell is divided.
            let divided = cards.iter().filter(|card| !card.can.is_empty());
            let given = divided.clone().filter(|card| seats.iter().any(|seat| seat.part == card.id)).count();
            if split > 0 && usize::from(people) > split {
                assert_eq!(given, split, "{said}");
            } else {
                assert_eq!(given, 0, "{said}");
            }
            // What is on a card is read by somebody, or told to be left.
            let left = plan::left(&seats, &cards).len();
            let read: BTreeSet<&String> = seats
                .iter()
                .flat_map(|own| std::iter::once(&own.part).chain(&own.also))
                .filter(|id| !id.is_empty())
                .collect();
            assert_eq!(left + read.len(), cards.len(), "{said}");
        }
    }
}

#[test]
fn a_plans_file_is_read_back_and_nonsense_in_it_is_named() {
    let (plan, _) = plan_of(&toy(), 5, 60);
    let text = plan.write();
    assert_eq!(Plan::read(&text), Ok(plan.clone()), "{text}");
    assert_eq!(plan.people(), 5);
    let spoilt = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        Plan::read(&text.replace(from, to)).expect_err(to)
    };
    assert!(spoilt("format = 1", "format = 2").contains("format 2"));
    assert!(spoilt("\"commander\"", "\"king\"").contains("king"));
    assert!(spoilt("\"operator\"", "\"operator\", \"commander\"").contains("commander"));
    assert!(spoilt("\"facilitator\"", "\"observer\"").contains("facilitator"));
    assert!(spoilt("minutes = 60", "minutes = 0").contains("minutes"));
    assert!(spoilt("case =", "cause =").contains("cause"));
}

#[test]
fn the_time_is_divided_to_the_last_minute_and_the_debrief_has_25() {
    for minutes in plan::MINUTES {
        for case in [0, 15, 30, 60] {
            let own = plan::schedule(minutes, case);
            assert_eq!(own.briefing + own.play + own.debrief + own.spare, minutes, "{own:?}");
            assert_eq!(own.debrief, 25);
            assert!(own.play >= 15, "{own:?}");
        }
    }
}

#[test]
fn what_was_played_comes_last_and_the_reasons_say_why() {
    let case = |slug: &str, level, minutes, tags: &[&str], split, played| Candidate {
        slug: slug.into(),
        title: slug.to_uppercase(),
        level,
        minutes,
        tags: tags.iter().map(|tag| (*tag).to_string()).collect(),
        concepts: vec![format!("{slug}-concept")],
        split,
        played,
    };
    let all = vec![
        case("easy", 1, 20, &["sqs"], 0, 0),
        case("long", 3, 90, &["sqs", "aws"], 0, 0),
        case("fits", 3, 30, &["sqs"], 0, 0),
        case("team", 3, 30, &["sqs"], 4, 0),
        case("old", 3, 30, &["sqs"], 0, 2),
        case("other", 3, 30, &["network"], 0, 0),
    ];
    let order = |people, tags: &[&str]| {
        let tags = tags.iter().map(|tag| (*tag).to_string()).collect();
        let wish = Wish { people, minutes: 60, level: Some(3), tags };
        plan::rank(&wish, all.clone())
    };
    let slugs = |choices: &[Choice]| choices.iter().map(|own| own.case.slug.clone()).collect::<Vec<_>>();
    assert_eq!(slugs(&order(5, &["sqs"])), ["team", "fits", "long", "easy", "old"]);
    // Four cannot have all commands of four shells and a commander.
    assert_eq!(slugs(&order(4, &["sqs"])), ["fits", "long", "team", "easy", "old"]);
    assert_eq!(slugs(&order(4, &["network"])), ["other"]);
    assert_eq!(slugs(&order(4, &["long"])), ["long"], "a word of a concept card's name");
    assert!(order(4, &["pasta"]).is_empty());
    let few = order(4, &["sqs"]);
    let of = |slug: &str| few.iter().find(|own| own.case.slug == slug).expect("it is there").reasons.clone();
    assert!(of("team").contains(&Reason::TooFew { least: 5 }));
    assert!(of("old").contains(&Reason::Played(2)) && !of("old").contains(&Reason::Fresh));
    assert!(of("easy").contains(&Reason::Level { own: 1, wished: 3 }));
}

#[test]
fn the_papers_read_well() {
    let [briefing, cards, facilitator] = papers(toy(), 5, "en");
    golden("briefing.md", &briefing.0);
    golden("cards.md", &cards.0);
    golden("facilitator.md", &facilitator.0);
    assert_eq!(cards.1.matches("class=\"leaf\"").count(), 5, "one card a page");
}

/// What tells the answer, or what the facilitator alone knows of the day.
fn secrets(case: &Case) -> Vec<String> {
    let chain = case.chain.iter().map(|node| node.say.clone());
    let clues = case.clues.iter().map(|clue| clue.say.clone());
    let at = case.clues.iter().flat_map(|clue| clue.at.clone());
    let injects = case.gameday.injects.iter().flat_map(|own| [own.say.clone(), own.note.clone()]);
    chain.chain(clues).chain(at).chain(injects).filter(|text| text.len() > 3).collect()
}

#[test]
fn the_facilitators_paper_alone_tells_the_answer() {
    let mut case = toy();
    for clue in &mut case.clues {
        clue.say = format!("the clue {} says it", clue.id);
    }
    let secrets = secrets(&case);
    assert!(secrets.len() > 6);
    let [briefing, cards, facilitator] = papers(case, 5, "en");
    // As a reader of Markdown sees it.
    let read = |text: &str| text.replace('\\', "");
    for secret in &secrets {
        assert!(read(&facilitator.0).contains(secret.as_str()), "{secret} in {}", facilitator.0);
        for paper in [&briefing, &cards] {
            assert!(!read(&paper.0).contains(secret.as_str()) && !paper.1.contains(secret.as_str()), "{secret}");
        }
    }
    assert!(facilitator.1.contains("the clue oomkilled says it"));
}

#[test]
fn korean_papers_have_words_for_everything() {
    for people in [2, 5, 12] {
        for (markdown, html) in papers(toy(), people, "ko") {
            for text in [&markdown, &html] {
                let text = text.replace('\\', "");
                for key in ["gameday.", "column.", "role."] {
                    assert!(!text.contains(key), "{key} in {text}");
                }
            }
            assert!(html.contains("lang=\"ko\""));
        }
    }
}

#[test]
fn texts_of_a_pack_are_harmless_on_paper() {
    let evil = "<script>alert(1)</script> ![x](http://evil) \u{1b}[31m\u{202e}| `x`";
    let mut case = toy();
    case.drill.title = evil.into();
    case.drill.brief = evil.into();
    for card in &mut case.gameday.cards {
        (card.title, card.note) = (evil.into(), evil.into());
        if !card.can.is_empty() {
            card.can = vec![evil.into()];
        }
    }
    for inject in &mut case.gameday.injects {
        (inject.from, inject.say, inject.note) = (evil.into(), evil.into(), evil.into());
    }
    for (markdown, html) in papers(case, 5, "en") {
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        assert!(!markdown.contains("<script") && !markdown.contains("](http"), "{markdown}");
        for text in [&markdown, &html] {
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        }
    }
}

// ---- the program -----------------------------------------------------------------------------------------------------

pub fn whodunit(data: &Path, args: &[&str], typed: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data.join("data")).env("LC_ALL", "C.UTF-8").current_dir(data);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _ = child.stdin.take().expect("a pipe").write_all(typed.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout) + &text(output.stderr))
}

#[test]
fn flags_plan_a_day_and_write_all_papers() {
    let data = tempfile::tempdir().expect("a folder");
    let args = ["gameday", "new", "--people", "5", "--minutes", "60", "--level", "4", "--tag", "team", "--seed", "7"];
    let args = [&args[..], &["--out", "day", "--yes"]].concat();
    let (code, text) = whodunit(data.path(), &args, "");
    assert_eq!(code, Some(0), "{text}");
    let mut files: Vec<String> = std::fs::read_dir(data.path().join("day"))
        .expect("a folder")
        .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    files.sort();
    let kinds = ["briefing", "cards", "facilitator"];
    let mut wanted: Vec<String> =
        kinds.iter().flat_map(|kind| [format!("{kind}.html"), format!("{kind}.md")]).collect();
    wanted.push("plan.toml".into());
    assert_eq!(files, wanted);
    let read = |name: &str| std::fs::read_to_string(data.path().join("day").join(name)).expect("a file");
    let plan = Plan::read(&read("plan.toml")).expect("a plan");
    assert_eq!((plan.people(), plan.seed, plan.minutes, plan.variant.clone()), (5, 7, 60, None));
    assert!(plan.seats.iter().filter(|seat| seat.has(Role::Operator)).all(|seat| !seat.part.is_empty()), "{plan:?}");
    let (code, text) = whodunit(data.path(), &args, "");
    assert_eq!(code, Some(1), "a day is not written over");
    assert!(text.contains("exists already"), "{text}");
}

#[test]
fn questions_are_asked_for_what_flags_do_not_say() {
    let data = tempfile::tempdir().expect("a folder");
    let (code, text) = whodunit(data.path(), &["gameday", "new", "--seed", "1"], "six\n6\n90\n\n\nthe-stampede\n\n");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("How many people") && text.contains("2 – 60"), "{text}");
    let plan = std::fs::read_to_string(data.path().join("gameday-the-stampede/plan.toml")).expect("a plan");
    let plan = Plan::read(&plan).expect("a plan");
    assert_eq!((plan.people(), plan.minutes), (6, 90));
    let (code, text) = whodunit(data.path(), &["gameday", "new", "--people", "4"], "");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--yes"), "{text}");
    let (code, _) = whodunit(data.path(), &["gameday", "new", "--people", "4", "--minutes", "60"], "\n\nq\n");
    assert_eq!(code, Some(0));
    assert_eq!(std::fs::read_dir(data.path()).expect("a folder").count(), 1, "whoever leaves leaves nothing");
}

#[test]
fn wrong_flags_are_told() {
    let data = tempfile::tempdir().expect("a folder");
    let told = |args: &[&str]| {
        let (code, text) = whodunit(data.path(), &[&["gameday", "new", "--yes"], args].concat(), "");
        assert!(code == Some(1) || code == Some(2), "{args:?} {text}");
        text
    };
    assert!(told(&["--people", "1"]).contains("2..=60"));
    assert!(told(&["--minutes", "30"]).contains("45..=480"));
    assert!(told(&["--level", "9"]).contains("1..=5"));
    assert!(told(&["--tag", "pasta"]).contains("there are"));
    assert!(told(&["--case", "no-such-case"]).contains("no case"));
    assert!(told(&["--case", "the-stampede", "--variant", "Q"]).contains("variant"));
    let (code, text) = whodunit(data.path(), &["serve", "--plan", "none.toml"], "");
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = whodunit(data.path(), &["serve", "--plan", "none.toml", "--case", "the-stampede"], "");
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn a_plan_that_the_case_does_not_fit_is_not_served() {
    let data = tempfile::tempdir().expect("a folder");
    let mut plan = plan_of(&toy(), 2, 60).0;
    plan.case = "the-stampede".into();
    plan.seats[2].part = "somebody".into();
    std::fs::write(data.path().join("plan.toml"), plan.write()).expect("written");
    let (code, text) = whodunit(data.path(), &["serve", "--plan", "plan.toml"], "");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no card `somebody`"), "{text}");
}
