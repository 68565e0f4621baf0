//! The score: equal to the reference model, exactly, on its worked runs and on random logs; and its properties. What the
//! reference answers is kept in `tests/data/score`; where its folder lies beside the project it is asked anew, and the
//! record must be what it says (`BLESS=1` records).

use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use whodunit::case::score::log::{Cite, Claim, Event, Fate, Suspect, What};
use whodunit::case::score::profile::{DETECTIVE, Profile};
use whodunit::case::score::truth::{Blank, ClueTruth, Truth};
use whodunit::case::score::{DIMENSIONS, Dim, Scorecard, exact, score};
use whodunit::scenario::shape::WordKind;
use whodunit::stdx::dice::Dice;
use whodunit::stdx::time::Time;

/// How many random logs are compared with the reference.
const RANDOM_LOGS: usize = 2_500;

// ---- the reference -------------------------------------------------------------------------------------------------

/// The folder of the reference model, where it lies beside the project.
fn reference() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let dirs = root.ancestors().skip(1).map(|above| above.join("shared/reference/scoring"));
    dirs.into_iter().find(|dir| dir.join("engine.py").is_file())
}

/// A file of the record. Where the reference is, `live` makes the same text anew, and the two must be equal.
fn recorded(name: &str, live: impl FnOnce(&Path) -> String) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/score").join(name);
    let Some(dir) = reference() else {
        return std::fs::read_to_string(&path).expect("the record of the reference's answers");
    };
    let live = live(&dir);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &live).expect("tests/data can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the record of the reference's answers");
    assert!(kept == live, "{}: the reference answers otherwise; BLESS=1 records it", path.display());
    kept
}

fn ask(dir: &Path, mode: &str, input: &str) -> Value {
    let driver = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/score_reference.py");
    let mut child = Command::new("python3")
        .arg(driver)
        .arg(dir)
        .arg(mode)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs the reference model");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the reference ends");
    writer.join().expect("the writer ends").expect("the reference reads its input");
    assert!(output.status.success(), "the reference failed");
    serde_json::from_slice(&output.stdout).expect("the reference prints JSON")
}

/// The reference's case, read from its own file.
fn crashloop() -> (toml::Table, Truth) {
    let text = recorded("crashloop.toml", |dir| {
        std::fs::read_to_string(dir.join("crashloop.toml")).expect("the reference's case")
    });
    let file: toml::Table = text.parse().expect("TOML");
    let text_of = |value: &toml::Value| value.as_str().unwrap_or_default().to_string();
    let set = |clue: &toml::Table, key: &str| -> BTreeSet<String> {
        clue.get(key).and_then(toml::Value::as_array).into_iter().flatten().map(text_of).collect()
    };
    let chain = file["chain"].as_array().expect("a chain").iter().map(|node| (text_of(&node["id"]), kind(&node["is"])));
    let verdict = file["verdict"].as_table().expect("a verdict");
    let answers = Blank::ALL[..4].iter().map(|blank| (*blank, vec![text_of(&verdict[blank.name()])]));
    let clues = file["clues"].as_table().expect("clues").iter().map(|(id, clue)| {
        let clue = clue.as_table().expect("a clue");
        let channel = text_of(&clue["at"]).split(':').next().unwrap_or_default().to_string();
        let perishable = clue.contains_key("dies_with") || clue.contains_key("lives_min");
        let (shows, hints, rules_out) = (set(clue, "shows"), set(clue, "hints"), set(clue, "rules_out"));
        (id.clone(), ClueTruth { channel, shows, hints, rules_out, perishable })
    });
    let truth = Truth {
        case_hash: "reference".into(),
        chain: chain.collect(),
        answers: answers.collect(),
        onset: Some(clock(verdict["onset"].as_str().expect("a time"))),
        rivals: file["rivals"].as_table().expect("rivals").keys().cloned().collect(),
        clues: clues.collect(),
    };
    (file.clone(), truth)
}

fn kind(value: &toml::Value) -> WordKind {
    match value.as_str() {
        Some("change") => WordKind::Change,
        Some("how") => WordKind::How,
        Some("harm") => WordKind::Harm,
        _ => WordKind::Thing,
    }
}

fn clock(text: &str) -> Time {
    let (hour, minute) = text.split_once(':').expect("HH:MM");
    Time((hour.parse::<i64>().expect("hours") * 60 + minute.parse::<i64>().expect("minutes")) * 60_000)
}

/// One log of the reference as events of ours: what was seen and what died is the reference's toy world, all else the log.
fn events(log: &[Value], answer: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    let mut told = BTreeSet::new();
    let mut looked = true;
    for (index, entry) in log.iter().enumerate() {
        let t = entry["t"].as_i64().expect("a time");
        let mut push = |what: What| out.push(Event { entry: index as u32 + 1, at: Time(t * 1000), what });
        match entry["k"].as_str().expect("a verb") {
            "run" => {
                looked = true;
                for (clue, at) in answer["seen"].as_object().expect("what was seen") {
                    if at.as_i64() == Some(t) && told.insert(clue.clone()) {
                        push(What::Seen { clue: clue.clone() });
                    }
                }
            }
            "pin" => push(What::Bagged { clue: word(&entry["clue"]) }),
            "change" => {
                push(What::Change { expected: entry["expect"] == json!(true), confounded: !looked });
                looked = false;
            }
            "exonerate" => {
                push(What::Cleared { suspect: suspect(&entry["rival"]), cites: cites(&entry["cites"]), cross: false })
            }
            "reopen" => push(What::Reopened { suspect: suspect(&entry["rival"]) }),
            "verdict" => push(What::Verdict { claims: claims(&entry["claims"]) }),
            _ => {}
        }
    }
    for (clue, who) in answer["dead"].as_object().expect("what is dead") {
        let fate = if who == "you" { Fate::Destroyed } else { Fate::Expired };
        out.push(Event { entry: 0, at: Time(0), what: What::End { clue: clue.clone(), fate } });
    }
    out
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn suspect(value: &Value) -> Suspect {
    if value == "TRUTH" { Suspect::Truth } else { Suspect::Rival(word(value)) }
}

fn cites(value: &Value) -> Vec<Cite> {
    let one = |clue: &Value| Cite { exhibit: 0, clues: BTreeSet::from([word(clue)]) };
    value.as_array().into_iter().flatten().map(one).collect()
}

fn claims(value: &Value) -> BTreeMap<Blank, Claim> {
    let named = |(name, claim): (&String, &Value)| {
        let blank = Blank::ALL.into_iter().find(|blank| blank.name() == name).expect("a blank");
        let said = word(&claim[0]);
        let onset = (blank == Blank::Onset).then(|| clock(&said));
        (blank, Claim { word: said, onset, cites: cites(&claim[1]) })
    };
    value.as_object().expect("claims").iter().map(named).collect()
}

fn fraction(value: &Value) -> BigRational {
    value.as_str().expect("a fraction").parse().expect("a fraction")
}

fn compare(truth: &Truth, log: &[Value], answer: &Value, name: &str) -> Scorecard {
    let card = score(truth, &events(log, answer), &DETECTIVE);
    for (dim, key) in [(Dim::V, "V"), (Dim::E, "E"), (Dim::P, "P")] {
        assert_eq!(card.dim(dim), fraction(&answer[key]), "{key} of {name}; log {}", json!(log));
    }
    card
}

#[test]
fn the_worked_runs_are_graded_as_the_reference_grades_them() {
    let (_, truth) = crashloop();
    let worked = recorded("worked.jsonl", |dir| {
        let runs = ask(dir, "worked", "");
        runs.as_array().expect("runs").iter().map(|run| format!("{run}\n")).collect()
    });
    let runs: Vec<Value> = worked.lines().map(|run| serde_json::from_str(run).expect("JSON")).collect();
    let mut graded = BTreeMap::new();
    for run in &runs {
        let name = word(&run["name"]);
        let card = compare(&truth, run["log"].as_array().expect("a log"), &run["answer"], &name);
        graded.insert(name, card);
    }
    // Every dimension that is scored earns something in a worked run, and no other does.
    for row in DIMENSIONS {
        let earned = graded.values().any(|card| !card.dim(row.dim).is_zero());
        assert_eq!(earned, row.score.is_some(), "{}", row.name);
    }
    // Known from the document by hand: the expert's 44.8, 10 and 12.
    let expert = &graded["expert"];
    assert_eq!(expert.dim(Dim::V), exact(448, 10));
    assert_eq!(expert.dim(Dim::E), exact(10, 1));
    assert_eq!(expert.dim(Dim::P), exact(12, 1));
    assert_eq!((expert.max(), runs.len()), (68, 6));
}

#[test]
fn random_logs_are_graded_as_the_reference_grades_them() {
    let (file, truth) = crashloop();
    let mut dice = Dice::new(20_260_302);
    let logs: Vec<Value> = (0..RANDOM_LOGS).map(|_| random_log(&mut dice, &file, &truth)).collect();
    let clues: Vec<&str> = truth.clues.keys().map(String::as_str).collect();
    let answers = recorded("random.txt", |dir| {
        let answers = ask(dir, "score", &json!(logs).to_string());
        answers.as_array().expect("answers").iter().map(|answer| packed(answer, &clues)).collect()
    });
    let answers: Vec<Value> = answers.lines().map(|line| unpacked(line, &clues)).collect();
    assert_eq!(answers.len(), RANDOM_LOGS);
    let mut points = [0, 0, 0];
    for (index, (log, answer)) in logs.iter().zip(&answers).enumerate() {
        let card = compare(&truth, log.as_array().expect("a log"), answer, &format!("random log {index}"));
        for (at, dim) in [Dim::V, Dim::E, Dim::P].into_iter().enumerate() {
            points[at] += i32::from(!card.dim(dim).is_zero());
        }
    }
    // The comparison means something only if many logs earn something.
    assert!(points.iter().all(|earned| *earned > 300), "{points:?} of {RANDOM_LOGS} logs earn V, E, P");
}

/// One answer as a line: `V E P | seen | dead`; a clue is its number, with the second it was seen or a letter for its end.
fn packed(answer: &Value, clues: &[&str]) -> String {
    let number = |clue: &String| clues.iter().position(|known| known == clue).expect("a clue of the case");
    let mut line = ["V", "E", "P"].map(|key| answer[key].as_str().expect("a fraction")).join(" ");
    line.push_str(" |");
    for (clue, at) in answer["seen"].as_object().expect("what was seen") {
        line.push_str(&format!(" {}:{at}", number(clue)));
    }
    line.push_str(" |");
    for (clue, who) in answer["dead"].as_object().expect("what is dead") {
        line.push_str(&format!(" {}{}", number(clue), if who == "you" { "y" } else { "t" }));
    }
    line + "\n"
}

/// What [`packed`] wrote.
fn unpacked(line: &str, clues: &[&str]) -> Value {
    let parts: Vec<Vec<&str>> = line.split('|').map(|part| part.split_whitespace().collect()).collect();
    let clue = |number: &str| clues[number.parse::<usize>().expect("a clue's number")].to_string();
    let seen: serde_json::Map<String, Value> = parts[1]
        .iter()
        .filter_map(|pair| pair.split_once(':'))
        .map(|(number, at)| (clue(number), json!(at.parse::<i64>().expect("seconds"))))
        .collect();
    let dead: serde_json::Map<String, Value> = parts[2]
        .iter()
        .map(|end| end.split_at(end.len() - 1))
        .map(|(number, who)| (clue(number), json!(if who == "y" { "you" } else { "time" })))
        .collect();
    json!({"V": parts[0][0], "E": parts[0][1], "P": parts[0][2], "seen": seen, "dead": dead})
}

/// A log of the reference's verbs, times strictly rising. A rival once reopened is not cleared again: the reference reads
/// reopenings after all clearings, whatever their order; ours takes the last word.
fn random_log(dice: &mut Dice, file: &toml::Table, truth: &Truth) -> Value {
    let clues: Vec<&String> = truth.clues.keys().collect();
    let commands: Vec<String> = file["clues"]
        .as_table()
        .expect("clues")
        .values()
        .flat_map(|clue| clue["at"].as_str().unwrap_or_default().split(':').nth(1).unwrap_or_default().split('|'))
        .map(|command| command.trim().to_string())
        .collect();
    let changes = ["rollout undo", "set limit 512Mi", "rollout restart", "delete pod", "label pod"];
    let mut t = 0;
    let mut log = Vec::new();
    let mut reopened = BTreeSet::new();
    for _ in 0..dice.between(3, 45) {
        t += dice.between(5, 150);
        let some = |dice: &mut Dice, most: i64| -> Vec<String> {
            (0..dice.between(0, most)).filter_map(|_| dice.pick(&clues).map(|clue| (*clue).clone())).collect()
        };
        log.push(match dice.below(100) {
            0..40 => json!({"t": t, "k": "run", "cmd": dice.pick(&commands)}),
            40..68 => json!({"t": t, "k": "pin", "clue": dice.pick(&clues)}),
            68..76 => json!({"t": t, "k": "change", "cmd": dice.pick(&changes), "expect": dice.chance(500)}),
            76..92 => {
                let whom = if dice.chance(15) { Some("TRUTH") } else { dice.pick(&truth.rivals).map(String::as_str) };
                match whom.filter(|rival| !reopened.contains(*rival)) {
                    Some(rival) => json!({"t": t, "k": "exonerate", "rival": rival, "cites": some(dice, 3)}),
                    None => json!({"t": t, "k": "run", "cmd": dice.pick(&commands)}),
                }
            }
            92..95 => {
                let rival = dice.pick(&truth.rivals).cloned().unwrap_or_default();
                reopened.insert(rival.clone());
                json!({"t": t, "k": "reopen", "rival": rival})
            }
            _ => verdict(dice, t, truth, &some),
        });
    }
    if dice.chance(800) {
        let some = |dice: &mut Dice, most: i64| -> Vec<String> {
            (0..dice.between(0, most)).filter_map(|_| dice.pick(&clues).map(|clue| (*clue).clone())).collect()
        };
        log.push(verdict(dice, t + 10, truth, &some));
    }
    Value::Array(log)
}

fn verdict(dice: &mut Dice, t: i64, truth: &Truth, some: &dyn Fn(&mut Dice, i64) -> Vec<String>) -> Value {
    let mut claims = serde_json::Map::new();
    for blank in Blank::ALL {
        if dice.chance(150) {
            continue;
        }
        let said = if blank == Blank::Onset {
            format!("09:{:02}", dice.between(44, 59))
        } else if dice.chance(500) {
            truth.answers[&blank][0].clone()
        } else {
            let node = dice.pick(&truth.chain).map(|(id, _)| id.clone());
            if dice.chance(200) { "off the chain".into() } else { node.unwrap_or_default() }
        };
        claims.insert(blank.name().into(), json!([said, some(dice, 6)]));
    }
    json!({"t": t, "k": "verdict", "claims": claims})
}

// ---- properties ----------------------------------------------------------------------------------------------------

/// A case made of a few numbers: eight nodes of the four kinds, clues over four channels, four rivals.
fn arbitrary_truth() -> impl Strategy<Value = Truth> {
    let kinds = prop::collection::vec(0..4usize, 4);
    let clue = (0..4u8, 0u16..1 << 9, 0u16..1 << 9, 0u8..1 << 4, any::<bool>());
    (kinds, prop::collection::vec(clue, 3..9)).prop_map(|(extra, clues)| {
        let all = [WordKind::Change, WordKind::Thing, WordKind::How, WordKind::Harm];
        let order = all.iter().copied().chain(extra.iter().map(|kind| all[*kind]));
        let chain: Vec<(String, WordKind)> = order.enumerate().map(|(n, kind)| (format!("n{n}"), kind)).collect();
        let name = |n: u32| if n == 8 { "onset".to_string() } else { format!("n{n}") };
        let of = |bits: u16| (0..9).filter(|n| bits >> n & 1 == 1).map(name).collect::<BTreeSet<_>>();
        let answers = [(Blank::Trigger, 0), (Blank::Culprit, 1), (Blank::Mechanism, 2), (Blank::Impact, 3)];
        let clue = |(n, (channel, shows, hints, out, perishable)): (usize, (u8, u16, u16, u8, bool))| {
            let rules_out = (0..4).filter(|r| out >> r & 1 == 1).map(|r| format!("r{r}")).collect();
            let channel = format!("channel {channel}");
            (format!("c{n}"), ClueTruth { channel, shows: of(shows), hints: of(hints), rules_out, perishable })
        };
        Truth {
            case_hash: String::new(),
            chain,
            answers: answers.map(|(blank, n)| (blank, vec![format!("n{n}")])).into_iter().collect(),
            onset: Some(clock("09:54")),
            rivals: (0..4).map(|r| format!("r{r}")).collect(),
            clues: clues.into_iter().enumerate().map(clue).collect(),
        }
    })
}

fn arbitrary_cites() -> impl Strategy<Value = Vec<Cite>> {
    let cite = (1..9u32, prop::collection::btree_set((0..9u8).prop_map(|c| format!("c{c}")), 0..3));
    prop::collection::vec(cite.prop_map(|(exhibit, clues)| Cite { exhibit, clues }), 0..5)
}

fn arbitrary_claims() -> impl Strategy<Value = BTreeMap<Blank, Claim>> {
    let claim = (0..10u8, 40..60i64, arbitrary_cites());
    prop::collection::vec(prop::option::weighted(0.9, claim), 5).prop_map(|claims| {
        let filled = Blank::ALL.into_iter().zip(claims).filter_map(|(blank, claim)| Some((blank, claim?)));
        filled
            .map(|(blank, (word, minute, cites))| {
                let onset = (blank == Blank::Onset).then(|| clock(&format!("09:{minute}")));
                (blank, Claim { word: format!("n{word}"), onset, cites })
            })
            .collect()
    })
}

fn arbitrary_suspect() -> impl Strategy<Value = Suspect> {
    prop_oneof![
        8 => (0..4u8).prop_map(|r| Suspect::Rival(format!("r{r}"))),
        1 => Just(Suspect::Truth),
        1 => Just(Suspect::Other(7)),
    ]
}

fn arbitrary_what() -> impl Strategy<Value = What> {
    let clue = || (0..9u8).prop_map(|c| format!("c{c}"));
    let fate = prop_oneof![Just(Fate::StillThere), Just(Fate::Expired), Just(Fate::Destroyed)];
    prop_oneof![
        6 => clue().prop_map(|clue| What::Seen { clue }),
        6 => clue().prop_map(|clue| What::Bagged { clue }),
        1 => clue().prop_map(|clue| What::Unbagged { clue }),
        1 => any::<(bool, bool)>().prop_map(|(expected, confounded)| What::Change { expected, confounded }),
        4 => (arbitrary_suspect(), arbitrary_cites()).prop_map(|(suspect, cites)| What::Cleared { suspect, cites, cross: false }),
        1 => arbitrary_suspect().prop_map(|suspect| What::Reopened { suspect }),
        1 => (clue(), fate).prop_map(|(clue, fate)| What::End { clue, fate }),
    ]
}

fn numbered(whats: Vec<What>) -> Vec<Event> {
    let number = |(n, what)| Event { entry: n as u32 + 1, at: Time(n as i64 * 1000), what };
    whats.into_iter().enumerate().map(number).collect()
}

/// A log that ends with its verdict.
fn arbitrary_log() -> impl Strategy<Value = Vec<Event>> {
    let verdict = prop::option::weighted(0.9, arbitrary_claims());
    (prop::collection::vec(arbitrary_what(), 0..40), verdict).prop_map(|(mut whats, claims)| {
        whats.extend(claims.map(|claims| What::Verdict { claims }));
        numbered(whats)
    })
}

/// Seen and bagged, all nine possible clues, before anything else.
fn with_everything_bagged(log: &[Event]) -> Vec<Event> {
    let clues = (0..9).map(|c| format!("c{c}"));
    let first = clues.flat_map(|clue| [What::Seen { clue: clue.clone() }, What::Bagged { clue }]);
    let rest = log.iter().map(|event| event.what.clone()).filter(|what| !matches!(what, What::Unbagged { .. }));
    numbered(first.chain(rest).collect())
}

/// The log with the cites of one blank of its verdict replaced.
fn recited(log: &[Event], blank: Blank, change: impl Fn(&mut Vec<Cite>)) -> Vec<Event> {
    let mut log = log.to_vec();
    for event in &mut log {
        if let What::Verdict { claims } = &mut event.what
            && let Some(claim) = claims.get_mut(&blank)
        {
            change(&mut claim.cites);
        }
    }
    log
}

fn blank_named(n: usize) -> Blank {
    Blank::ALL[n % Blank::ALL.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// P1, P2, P15: bounds; the same input gives the same card; the ledger adds up to the sums and the total.
    #[test]
    fn sums_stay_in_bounds_and_the_ledger_adds_up(truth in arbitrary_truth(), log in arbitrary_log()) {
        let card = score(&truth, &log, &DETECTIVE);
        prop_assert_eq!(&card, &score(&truth, &log, &DETECTIVE));
        let mut total = exact(0, 1);
        for sum in &card.dims {
            let lines: BigRational = card.ledger.iter().filter(|l| l.dim == sum.dim).map(|l| l.got.clone()).sum();
            match &sum.got {
                Some(got) => {
                    prop_assert_eq!(got, &lines);
                    prop_assert!(*got >= exact(0, 1) && *got <= exact(sum.max, 1), "{:?} {}", sum.dim, got);
                }
                None => prop_assert!(card.ledger.iter().all(|line| line.dim != sum.dim)),
            }
            total += lines;
        }
        prop_assert_eq!(&total, &card.total());
        let shown: i64 = card.ledger.iter().map(|line| line.got_m).sum();
        prop_assert_eq!((exact(shown, 1), shown), ((&total * exact(1_000, 1)).floor(), card.total_m()));
        prop_assert!(total <= exact(68, 1));
        prop_assert_eq!(card.max(), 68);
        let entries = log.len() as u32;
        prop_assert!(card.ledger.iter().flat_map(|line| &line.entries).all(|n| (1..=entries).contains(n)));
    }

    /// P3: whatever cites nothing stays below 46, whatever is proven fully reaches it.
    #[test]
    fn nothing_cited_loses_to_everything_proven(truth in arbitrary_truth(), log in arbitrary_log()) {
        let mut silent = log.clone();
        for event in &mut silent {
            match &mut event.what {
                What::Verdict { claims } => claims.values_mut().for_each(|claim| claim.cites.clear()),
                What::Cleared { cites, .. } => cites.clear(),
                _ => {}
            }
        }
        let card = score(&truth, &silent, &DETECTIVE);
        prop_assert!(card.dim(Dim::V).is_zero() && card.dim(Dim::E).is_zero());
        prop_assert!(card.total() < exact(46, 1));

        let mut proven = truth.clone();
        let all: BTreeSet<String> = ["n0", "n1", "n2", "n3", "onset"].map(String::from).into();
        for (id, channel) in [("c0", "one"), ("c1", "two")] {
            let clue = ClueTruth { channel: channel.into(), shows: all.clone(), ..ClueTruth::default() };
            proven.clues.insert(id.into(), clue);
        }
        let cites: Vec<Cite> =
            ["c0", "c1"].map(|clue| Cite { exhibit: 1, clues: BTreeSet::from([clue.to_string()]) }).into();
        let claim = |blank: Blank| Claim {
            word: proven.answers.get(&blank).map_or_else(String::new, |answer| answer[0].clone()),
            onset: (blank == Blank::Onset).then_some(clock("09:54")),
            cites: cites.clone(),
        };
        let mut whats: Vec<What> =
            log.iter().map(|e| e.what.clone()).filter(|w| !matches!(w, What::Verdict { .. } | What::Unbagged { .. })).collect();
        for clue in ["c0", "c1"] {
            whats.extend([What::Seen { clue: clue.into() }, What::Bagged { clue: clue.into() }]);
        }
        whats.push(What::Verdict { claims: Blank::ALL.into_iter().map(|blank| (blank, claim(blank))).collect() });
        prop_assert!(score(&proven, &numbered(whats), &DETECTIVE).total() >= exact(46, 1));
    }

    /// P5, P8: one more exhibit that bears never lowers V; one that does not bear never raises it.
    #[test]
    fn bearing_exhibits_never_hurt_and_stray_ones_never_help(
        truth in arbitrary_truth(), log in arbitrary_log(), blank in 0..5usize, clue in 0..9u8
    ) {
        let log = with_everything_bagged(&log);
        let blank = blank_named(blank);
        let id = format!("c{clue}");
        let said = log.iter().find_map(|event| match &event.what {
            What::Verdict { claims } => claims.get(&blank).map(|claim| claim.word.clone()),
            _ => None,
        });
        let Some(said) = said else { return Ok(()) };
        let more = recited(&log, blank, |cites| {
            cites.push(Cite { exhibit: 30, clues: BTreeSet::from([id.clone()]) });
        });
        let before = score(&truth, &log, &DETECTIVE).dim(Dim::V);
        let after = score(&truth, &more, &DETECTIVE).dim(Dim::V);
        if truth.strength(&id, blank, &said).is_zero() {
            prop_assert!(after <= before, "stray {id} raises V from {before} to {after}");
        } else {
            prop_assert!(after >= before, "bearing {id} lowers V from {before} to {after}");
        }
    }

    /// P6: a word further along the chain is never more accurate.
    #[test]
    fn accuracy_falls_with_distance(truth in arbitrary_truth()) {
        for (blank, answers) in &truth.answers {
            let kind = truth.chain.iter().find(|(id, _)| *id == answers[0]).map(|(_, kind)| *kind);
            let same: Vec<&String> = truth.chain.iter().filter(|(_, k)| Some(*k) == kind).map(|(id, _)| id).collect();
            let own = same.iter().position(|id| **id == answers[0]).expect("the answer is on the chain");
            for (at, id) in same.iter().enumerate() {
                let steps = at.abs_diff(own) as u32;
                prop_assert_eq!(truth.accuracy(*blank, id), exact(1, 3_i64.pow(steps)));
            }
            for (id, other) in &truth.chain {
                prop_assert!(Some(*other) == kind || truth.accuracy(*blank, id).is_zero());
            }
            prop_assert!(truth.accuracy(*blank, "no such node").is_zero());
        }
    }

    /// P7: the order of citations, of bagging and of clearing is irrelevant.
    #[test]
    fn order_is_irrelevant(truth in arbitrary_truth(), log in arbitrary_log()) {
        let log = with_everything_bagged(&log);
        let mut turned: Vec<What> = log.iter().map(|event| event.what.clone()).collect();
        let bags = 18;
        turned[..bags].chunks_mut(2).collect::<Vec<_>>().reverse();
        let pairs: Vec<What> = turned[..bags].chunks(2).rev().flatten().cloned().collect();
        turned[..bags].clone_from_slice(&pairs);
        // One clearing a suspect, so that turning them round does not change which is the last word.
        let mut whom = BTreeSet::new();
        let once = |what: &What| match what {
            What::Cleared { suspect, .. } | What::Reopened { suspect } => Some(suspect.clone()),
            _ => None,
        };
        turned.retain(|what| once(what).is_none_or(|suspect| whom.insert(suspect)));
        let straight = numbered(turned.clone());
        let at: Vec<usize> = (0..turned.len()).filter(|n| once(&turned[*n]).is_some()).collect();
        let mut back = turned.clone();
        for (from, to) in at.iter().zip(at.iter().rev()) {
            back[*to] = turned[*from].clone();
        }
        for what in &mut back {
            match what {
                What::Verdict { claims } => claims.values_mut().for_each(|claim| claim.cites.reverse()),
                What::Cleared { cites, .. } => cites.reverse(),
                _ => {}
            }
        }
        let (a, b) = (score(&truth, &straight, &DETECTIVE), score(&truth, &numbered(back), &DETECTIVE));
        for dim in [Dim::V, Dim::E, Dim::P] {
            prop_assert_eq!(a.dim(dim), b.dim(dim));
        }
    }

    /// P9: destroying a clue before it was bagged never raises P, V or E.
    #[test]
    fn destroying_evidence_never_pays(truth in arbitrary_truth(), log in arbitrary_log(), clue in 0..9u8) {
        let id = format!("c{clue}");
        // Citing only what is bagged, as the board allows: a citation of nothing cannot be a loss that pays.
        let mut kept: Vec<What> = log.iter().map(|event| event.what.clone()).collect();
        kept.retain(|what| !matches!(what, What::End { clue, .. } if *clue == id));
        let mut lost = kept.clone();
        lost.retain(|what| !matches!(what, What::Bagged { clue } if *clue == id));
        lost.push(What::End { clue: id, fate: Fate::Destroyed });
        let (a, b) = (score(&truth, &numbered(kept), &DETECTIVE), score(&truth, &numbered(lost), &DETECTIVE));
        for dim in [Dim::P, Dim::V, Dim::E] {
            prop_assert!(b.dim(dim) <= a.dim(dim), "{dim:?}: {} after, {} before", b.dim(dim), a.dim(dim));
        }
    }

    /// P17: whoever clears the truth has eliminated nothing.
    #[test]
    fn clearing_the_truth_forfeits_elimination(truth in arbitrary_truth(), log in arbitrary_log(), cites in arbitrary_cites()) {
        let mut whats: Vec<What> = log.into_iter().map(|event| event.what).collect();
        whats.push(What::Cleared { suspect: Suspect::Truth, cites, cross: false });
        let card = score(&truth, &numbered(whats.clone()), &DETECTIVE);
        prop_assert!(card.dim(Dim::E).is_zero());
        whats.push(What::Reopened { suspect: Suspect::Truth });
        let taken_back = score(&truth, &numbered(whats), &DETECTIVE);
        prop_assert!(taken_back.dim(Dim::E) >= card.dim(Dim::E));
    }

    /// The constitution: a profile that breaks it is refused, one that keeps it is not.
    #[test]
    fn the_constitution_holds_for_every_profile(v in 0..100i64, e in 0..50i64) {
        let rest = 100 - v - e;
        let weights = [(Dim::V, v), (Dim::E, e), (Dim::K, 0), (Dim::P, rest), (Dim::M, 0), (Dim::R, 0), (Dim::U, 0)];
        let mut blanks = Blank::ALL.map(|blank| (blank, 0));
        blanks[0].1 = v;
        let profile = Profile::new("tried", weights, blanks);
        prop_assert_eq!(profile.is_ok(), rest >= 0 && 2 * v + e > 100);
    }
}

/// What is not scored yet gives no points and takes no part in the maximum.
#[test]
fn unscored_dimensions_are_places_only() {
    let (_, truth) = crashloop();
    let card = score(&truth, &[], &DETECTIVE);
    let unscored: Vec<Dim> = card.dims.iter().filter(|sum| sum.got.is_none()).map(|sum| sum.dim).collect();
    assert_eq!(unscored, [Dim::K, Dim::M, Dim::R, Dim::U]);
    assert_eq!(DIMENSIONS.len(), 7);
    assert!(DIMENSIONS.windows(2).all(|pair| pair[0].name < pair[1].name), "rows are sorted by name");
    assert_eq!(DETECTIVE.weight(Dim::V), Blank::ALL.iter().map(|blank| DETECTIVE.blank(*blank)).sum::<i64>());
    // An untouched scene is worth something: 0.4 a perishable clue, 4.8 of 12.
    assert_eq!((card.total(), card.total_m()), (exact(48, 10), 4_800));
    assert!(exact(1, 1).is_one() && !card.reaches(10));
}
