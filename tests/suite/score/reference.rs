//! The score is equal to the reference model's, exactly and in all seven dimensions, on its worked runs and on random logs.
//! What the reference answers is kept in `tests/data/score`; where its folder lies beside the project it is asked anew, and
//! the record must be what it says (`BLESS=1` records).

use num_rational::BigRational;
use num_traits::Zero;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use whodunit::case::policy::Look;
use whodunit::case::score::log::{Cite, Claim, Course, Event, Fate, Suspect, What};
use whodunit::case::score::profile::DETECTIVE;
use whodunit::case::score::truth::{Blank, ClueTruth, Truth};
use whodunit::case::score::{Dim, Scorecard, WHOLE, exact, score_with};
use whodunit::scenario::shape::WordKind;
use whodunit::stdx::dice::{self, Dice};
use whodunit::stdx::time::{Span, Time};

/// How many random logs are compared with the reference.
const RANDOM_LOGS: usize = 6_000;

/// The page is at 0 in the reference's logs, and its harm is no longer counted after half an hour.
const CLOSES: i64 = 1_800;
/// What nobody's acting costs, and the reference run: seconds of full outage.
const IDLE_HARM: u64 = 1_800;
const REFERENCE_HARM: u64 = 330;
/// What reading costs in the reference run and in the optimal policy.
const REFERENCE_READING: Span = Span::secs(220);
const POLICY_READING: Span = Span::secs(50);
/// The one command that shows the users' indicator.
const SLI: &str = "metric pay_success_ratio";

// ---- the reference -------------------------------------------------------------------------------------------------

/// The folder of the reference model, where it lies beside the project.
pub fn reference() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let dirs = root.ancestors().skip(1).map(|above| above.join("shared/reference/scoring"));
    dirs.into_iter().find(|dir| dir.join("engine.py").is_file())
}

/// A file of the record. Where the reference is, `live` makes the same text anew, and the two must be equal.
pub fn recorded(name: &str, live: impl FnOnce(&Path) -> String) -> String {
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

pub fn ask(dir: &Path, mode: &str, input: &str) -> Value {
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

pub fn crashloop_text() -> String {
    recorded("crashloop.toml", |dir| std::fs::read_to_string(dir.join("crashloop.toml")).expect("the reference's case"))
}

/// The reference's case, read from its own file.
pub fn crashloop() -> (toml::Table, Truth) {
    let text = crashloop_text();
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
        page: Time(0),
        closes: Time(CLOSES * 1_000),
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

pub fn clock(text: &str) -> Time {
    let (hour, minute) = text.split_once(':').expect("HH:MM");
    Time((hour.parse::<i64>().expect("hours") * 60 + minute.parse::<i64>().expect("minutes")) * 60_000)
}

/// The reference's commands in the order of its file, with the clues that each shows.
pub fn looks() -> Vec<Look> {
    let (text, (file, _)) = (crashloop_text(), crashloop());
    let mut shows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (command, clue) in commands(&file) {
        shows.entry(command).or_default().insert(clue);
    }
    let look = |(command, clues): (String, BTreeSet<String>)| Look { cost: cost(&command), command, clues };
    let mut looks: Vec<Look> = shows.into_iter().map(look).collect();
    looks.sort_by_key(|look| text.find(look.command.as_str()));
    looks
}

/// What a command costs in the reference: by how it begins.
pub fn cost(command: &str) -> Span {
    let costs = [("logs", 20), ("metric", 30), ("cloudwatch", 45), ("rollout", 20)];
    Span::secs(costs.into_iter().find(|(head, _)| command.starts_with(head)).map_or(15, |(_, cost)| cost))
}

/// One log of the reference as events of ours: what was seen, what died and how the harm went is the reference's toy world,
/// all else the log.
fn events(log: &[Value], answer: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    let mut told = BTreeSet::new();
    let mut looked = true;
    for (index, entry) in log.iter().enumerate() {
        let t = entry["t"].as_i64().expect("a time");
        let mut push = |what: What| out.push(Event { entry: index as u32 + 1, at: Time(t * 1000), what });
        let (right, of) = (entry["right"].as_u64().unwrap_or(0), entry["of"].as_u64().unwrap_or(0));
        let fields = (0..of).map(|n| (format!("field {n}"), n < right)).collect();
        if let Some(beliefs) = entry.get("conf") {
            push(What::Beliefs { of: confidences(beliefs) });
        }
        match entry["k"].as_str().expect("a verb") {
            "run" => {
                looked = true;
                let command = word(&entry["cmd"]);
                push(What::Read { cost: cost(&command) });
                for (clue, at) in answer["seen"].as_object().expect("what was seen") {
                    if at.as_i64() == Some(t) && told.insert(clue.clone()) {
                        push(What::Seen { clue: clue.clone() });
                    }
                }
                if command == SLI {
                    push(What::Checked);
                }
            }
            "pin" => push(What::Bagged { clue: word(&entry["clue"]) }),
            "change" => {
                push(What::Change { expected: entry["expect"] == json!(true), confounded: !looked });
                looked = false;
            }
            "exonerate" => push(What::Cleared {
                suspect: suspect(&word(&entry["rival"])),
                cites: cites(&entry["cites"]),
                cross: entry["crossx"] == json!(true),
            }),
            "reopen" => push(What::Reopened { suspect: suspect(&word(&entry["rival"])) }),
            "problem" => push(What::Stated { fields }),
            "update" => push(What::Updated { fields, next: entry["next"].as_i64().map(Span::secs) }),
            "resolve" => push(What::Resolved),
            "hint" => push(What::Hint {
                rung: entry["rung"].as_u64().expect("a rung") as u8,
                clue: word(&entry["clue"]),
                free: false,
            }),
            "verdict" => push(What::Verdict { claims: claims(&entry["claims"]) }),
            other => panic!("an unknown verb: {other}"),
        }
    }
    out.extend(ending(answer).into_iter().map(|what| Event { entry: 0, at: Time(0), what }));
    out
}

/// What the toy world says at the end.
fn ending(answer: &Value) -> Vec<What> {
    let fate = |(clue, who): (&String, &Value)| {
        let fate = if who == "you" { Fate::Destroyed } else { Fate::Expired };
        What::End { clue: clue.clone(), fate }
    };
    let mut out: Vec<What> = answer["dead"].as_object().expect("what is dead").iter().map(fate).collect();
    let ended = answer["again"].as_i64().or(answer["recovered"].as_i64());
    out.push(What::Course(Course {
        harm: word(&answer["harm"]).parse::<u64>().expect("whole seconds") * 1_000,
        idle: IDLE_HARM * 1_000,
        reference: REFERENCE_HARM * 1_000,
        ended: ended.map(|at| Time(at * 1_000)),
        fix: answer["fix"].as_u64().map(|index| index as u32 + 1),
        lasts: answer["lasts"] == json!(true),
    }));
    out.push(What::Effort { reference: REFERENCE_READING, policy: POLICY_READING });
    out
}

fn confidences(value: &Value) -> Vec<(Suspect, u8)> {
    let percent = |share: &Value| {
        let percent = fraction(share) * exact(100, 1);
        assert!(percent.is_integer(), "{share} is no whole percent");
        percent.to_integer().to_string().parse::<u8>().expect("a percent")
    };
    value.as_object().expect("beliefs").iter().map(|(whom, share)| (suspect(whom), percent(share))).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn suspect(name: &str) -> Suspect {
    if name == "TRUTH" { Suspect::Truth } else { Suspect::Rival(name.to_string()) }
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

pub fn fraction(value: &Value) -> BigRational {
    value.as_str().expect("a fraction").parse().expect("a fraction")
}

/// The dimensions by the letters of the reference.
fn dims() -> Vec<(Dim, String)> {
    WHOLE.iter().map(|dim| (*dim, format!("{dim:?}"))).collect()
}

/// The worked runs: each by its name with its log as events of ours, and what the reference answers.
pub fn worked() -> Vec<(String, Vec<Event>, Value)> {
    let runs = recorded("worked.jsonl", |dir| {
        let runs = ask(dir, "worked", "");
        runs.as_array().expect("runs").iter().map(|run| format!("{run}\n")).collect()
    });
    let run = |line: &str| {
        let run: Value = serde_json::from_str(line).expect("JSON");
        let log = events(run["log"].as_array().expect("a log"), &run["answer"]);
        (word(&run["name"]), log, run["answer"].clone())
    };
    runs.lines().map(run).collect()
}

fn graded(truth: &Truth, log: &[Value], answer: &Value) -> Scorecard {
    score_with(truth, &events(log, answer), &DETECTIVE, WHOLE)
}

#[test]
fn the_worked_runs_are_graded_as_the_reference_grades_them() {
    let (_, truth) = crashloop();
    let mut cards = BTreeMap::new();
    for (name, log, answer) in worked() {
        let card = score_with(&truth, &log, &DETECTIVE, WHOLE);
        for (dim, letter) in dims() {
            assert_eq!(card.dim(dim), fraction(&answer["dims"][letter.as_str()]), "{letter} of {name}");
        }
        assert_eq!(card.total(), fraction(&answer["total"]), "{name}");
        cards.insert(name, card);
    }
    for dim in WHOLE {
        assert!(cards.values().any(|card| !card.dim(*dim).is_zero()), "{dim:?} earns nothing in any worked run");
    }
    // As the document rounds them.
    let told = |name: &str| (cards[name].total_m() + 50) / 100;
    assert_eq!(["expert", "lucky", "shotgun", "destroyer", "symptom"].map(told), [986, 106, 404, 578, 352]);
    let idle = score_with(&truth, &[], &DETECTIVE, WHOLE);
    assert_eq!((idle.total(), idle.total_m()), (exact(48, 10), 4_800));
}

#[test]
fn random_logs_are_graded_as_the_reference_grades_them() {
    let (file, truth) = crashloop();
    let mut dice = Dice::new(20_260_302);
    let logs: Vec<Value> = (0..RANDOM_LOGS).map(|_| random_log(&mut dice, &file, &truth)).collect();
    let clues: Vec<&str> = truth.clues.keys().map(String::as_str).collect();
    let answers = recorded("random.txt", |dir| {
        let answers = ask(dir, "score", &json!(logs).to_string());
        let answers = answers.as_array().expect("answers");
        // Where the reference is, dimension by dimension: a difference is told apart.
        for (index, (log, answer)) in logs.iter().zip(answers).enumerate() {
            let card = graded(&truth, log.as_array().expect("a log"), answer);
            for (dim, letter) in dims() {
                let theirs = fraction(&answer["dims"][letter.as_str()]);
                assert_eq!(card.dim(dim), theirs, "{letter} of random log {index}: {log}; {answer}");
            }
            assert_eq!(card.total(), fraction(&answer["total"]), "random log {index}: {log}");
        }
        answers.iter().map(|answer| packed(answer, &clues)).collect()
    });
    assert_eq!(answers.lines().count(), RANDOM_LOGS);
    let mut earning: BTreeMap<Dim, usize> = BTreeMap::new();
    for (index, (log, line)) in logs.iter().zip(answers.lines()).enumerate() {
        let (digest, answer) = unpacked(line, &clues);
        let card = graded(&truth, log.as_array().expect("a log"), &answer);
        let own = digest_of(|dim| card.dim(dim).to_string(), &card.total().to_string());
        assert_eq!(own, digest, "random log {index}: {log}; ours is {:?}", card.dims);
        for dim in WHOLE {
            *earning.entry(*dim).or_default() += usize::from(!card.dim(*dim).is_zero());
        }
    }
    // The comparison means something only if many logs earn something.
    assert!(earning.values().all(|count| *count > RANDOM_LOGS / 5), "{earning:?} of {RANDOM_LOGS} logs earn something");
}

/// Seven sums and the total as sixteen hexadecimal digits: the fractions themselves are long.
fn digest_of(dim: impl Fn(Dim) -> String, total: &str) -> String {
    let all: Vec<String> = WHOLE.iter().map(|own| dim(*own)).chain([total.to_string()]).collect();
    format!("{:016x}", dice::hash_name(&all.join(" ")))
}

/// One answer as a line: `DIGEST | seen | dead | harm recovered again fix lasts`; a clue is its number, with the second it
/// was seen or a letter for its end; `-` is none.
fn packed(answer: &Value, clues: &[&str]) -> String {
    let number = |clue: &String| clues.iter().position(|known| known == clue).expect("a clue of the case");
    let mut line = digest_of(|dim| word(&answer["dims"][format!("{dim:?}")]), &word(&answer["total"]));
    line.push_str(" |");
    for (clue, at) in answer["seen"].as_object().expect("what was seen") {
        line.push_str(&format!(" {}:{at}", number(clue)));
    }
    line.push_str(" |");
    for (clue, who) in answer["dead"].as_object().expect("what is dead") {
        line.push_str(&format!(" {}{}", number(clue), if who == "you" { "y" } else { "t" }));
    }
    line.push_str(&format!(" | {}", word(&answer["harm"])));
    for key in ["recovered", "again", "fix"] {
        line.push_str(&answer[key].as_i64().map_or(" -".to_string(), |number| format!(" {number}")));
    }
    line + if answer["lasts"] == json!(true) { " y\n" } else { " n\n" }
}

/// What [`packed`] wrote: the digest, and what the toy world says.
fn unpacked(line: &str, clues: &[&str]) -> (String, Value) {
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
    let number = |at: usize| parts[3][at].parse::<i64>().ok();
    let world = json!({"seen": seen, "dead": dead, "harm": parts[3][0], "recovered": number(1), "again": number(2),
        "fix": number(3), "lasts": parts[3][4] == "y"});
    (parts[0][0].to_string(), world)
}

/// A log of the reference's verbs, times strictly rising. Three things do not happen in it, because there the model is
/// rougher than the rules: a rival once reopened is not cleared again (the model reads reopenings after all clearings, we
/// take the last word); between a fix that does not last and one that does nobody looks at the indicator (the model counts
/// from the first recovery, we from the one that held), and that second fix comes before the close.
fn random_log(dice: &mut Dice, file: &toml::Table, truth: &Truth) -> Value {
    let mut draw = Draw {
        dice,
        truth,
        commands: commands(file),
        t: 0,
        fix: Mending::None,
        reopened: BTreeSet::new(),
        shown: Vec::new(),
        bag: Vec::new(),
    };
    let mut log: Vec<Value> = (0..draw.dice.between(3, 45)).map(|_| draw.entry()).collect();
    if draw.dice.chance(800) {
        draw.t += 10;
        log.push(draw.verdict());
    }
    Value::Array(log)
}

/// Each command with the clue that it is named for.
fn commands(file: &toml::Table) -> Vec<(String, String)> {
    let clues = file["clues"].as_table().expect("clues").iter();
    clues
        .flat_map(|(id, clue)| {
            let commands = clue["at"].as_str().unwrap_or_default().split(':').nth(1).unwrap_or_default().split('|');
            commands.map(move |command| (command.trim().to_string(), id.clone()))
        })
        .collect()
}

/// How far the harm is mended in a log that is being drawn.
#[derive(Clone, Copy, PartialEq)]
enum Mending {
    None,
    /// A fix that does not last.
    Short,
    /// One that lasts, from a second on.
    From(i64),
}

struct Draw<'a> {
    dice: &'a mut Dice,
    truth: &'a Truth,
    commands: Vec<(String, String)>,
    t: i64,
    fix: Mending,
    reopened: BTreeSet<String>,
    /// Clues that were probably shown, and that are probably in the bag.
    shown: Vec<String>,
    bag: Vec<String>,
}

impl Draw<'_> {
    fn entry(&mut self) -> Value {
        self.t += self.dice.between(5, 90);
        let t = self.t;
        match self.dice.below(100) {
            0..30 => self.read(),
            30..52 => {
                let shown = self.shown.clone();
                let clue = self.one_of(&shown);
                self.bag.push(clue.clone());
                json!({"t": t, "k": "pin", "clue": clue})
            }
            52..60 => self.change(),
            60..72 => self.exoneration(),
            72..75 => {
                let rival = self.rival();
                self.reopened.insert(rival.clone());
                json!({"t": t, "k": "reopen", "rival": rival})
            }
            75..85 => {
                let next = self.dice.chance(600).then(|| self.dice.between(1, 25) * 60);
                let right = self.dice.between(0, 6);
                let mut update = json!({"t": t, "k": "update", "right": right, "of": 6, "next": next});
                self.believe(&mut update);
                update
            }
            85..89 => json!({"t": t, "k": "problem", "right": self.dice.between(0, 5), "of": 5}),
            89..92 => json!({"t": t, "k": "resolve"}),
            92..95 => json!({"t": t, "k": "hint", "rung": self.dice.between(1, 3), "clue": self.clue()}),
            _ => self.verdict(),
        }
    }

    fn clue(&mut self) -> String {
        let clues: Vec<&String> = self.truth.clues.keys().collect();
        self.dice.pick(&clues).map(|clue| (*clue).clone()).unwrap_or_default()
    }

    fn rival(&mut self) -> String {
        self.dice.pick(&self.truth.rivals).cloned().unwrap_or_default()
    }

    /// Mostly one of these, sometimes any.
    fn one_of(&mut self, clues: &[String]) -> String {
        let known = self.dice.pick(clues).cloned();
        known.filter(|_| self.dice.chance(850)).unwrap_or_else(|| self.clue())
    }

    fn some(&mut self, most: i64) -> Vec<String> {
        let bag = self.bag.clone();
        (0..self.dice.between(0, most)).map(|_| self.one_of(&bag)).collect()
    }

    fn read(&mut self) -> Value {
        let (mut command, clue) = self.dice.pick(&self.commands).cloned().unwrap_or_default();
        let between = match self.fix {
            Mending::None => false,
            Mending::Short => true,
            Mending::From(lasting) => self.t < lasting,
        };
        if command == SLI && between {
            command = "get pods".into();
        } else {
            self.shown.push(clue);
        }
        json!({"t": self.t, "k": "run", "cmd": command})
    }

    fn change(&mut self) -> Value {
        let changes = ["rollout undo", "set limit 512Mi", "rollout restart", "delete pod", "label pod"];
        let mut command = self.dice.pick(&changes).copied().unwrap_or_default();
        let lasting = matches!(command, "rollout undo" | "set limit 512Mi");
        match self.fix {
            Mending::Short if lasting && self.t + 90 >= CLOSES => command = "label pod",
            Mending::Short if lasting => self.fix = Mending::From(self.t + 90),
            Mending::None if lasting => self.fix = Mending::From(self.t),
            Mending::None if command == "rollout restart" => self.fix = Mending::Short,
            _ => {}
        }
        json!({"t": self.t, "k": "change", "cmd": command, "expect": self.dice.chance(500)})
    }

    fn exoneration(&mut self) -> Value {
        let whom = if self.dice.chance(15) { "TRUTH".to_string() } else { self.rival() };
        if self.reopened.contains(&whom) {
            return self.read();
        }
        let cross = self.dice.chance(200);
        json!({"t": self.t, "k": "exonerate", "rival": whom, "cites": self.some(3), "crossx": cross})
    }

    /// Confidences of the coarse scale, for one suspect or several; some entries state none.
    fn believe(&mut self, entry: &mut Value) {
        if self.dice.chance(250) {
            return;
        }
        let scale = [1, 5, 10, 20, 35, 50, 65, 80, 90, 95, 99];
        let mut beliefs = serde_json::Map::new();
        for _ in 0..self.dice.between(1, 4) {
            let whom = if self.dice.chance(400) { "TRUTH".to_string() } else { self.rival() };
            beliefs.insert(whom, json!(format!("{}/100", self.dice.pick(&scale).copied().unwrap_or(1))));
        }
        entry["conf"] = Value::Object(beliefs);
    }

    fn verdict(&mut self) -> Value {
        let mut claims = serde_json::Map::new();
        for blank in Blank::ALL {
            if self.dice.chance(150) {
                continue;
            }
            let said = if blank == Blank::Onset {
                format!("09:{:02}", self.dice.between(44, 59))
            } else if self.dice.chance(500) {
                self.truth.answers[&blank][0].clone()
            } else {
                let node = self.dice.pick(&self.truth.chain).map(|(id, _)| id.clone());
                if self.dice.chance(200) { "off the chain".into() } else { node.unwrap_or_default() }
            };
            claims.insert(blank.name().into(), json!([said, self.some(6)]));
        }
        let mut verdict = json!({"t": self.t, "k": "verdict", "claims": claims});
        self.believe(&mut verdict);
        verdict
    }
}
