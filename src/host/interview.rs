//! The commands of whoever interviews: questions, an opening's pack, assessments beside a run, comments, deviations, the
//! report. Files and arguments; what they mean is known elsewhere.

use super::cli::InterviewCommand;
use super::commands::{Done, Failure, print};
use super::interview_pack;
use super::places::Places;
use super::runs;
use crate::drill::Mode;
use crate::drill::interview::account::{self, Account};
use crate::drill::interview::assessment::{Assessment, FORMAT, Judged, TEXT_MAX};
use crate::drill::interview::opening::differences;
use crate::drill::interview::rubric::Proposal;
use crate::drill::interview::{Competency, Control};
use crate::drill::run::{Phase, Run};
use crate::drill::transcript::beside;
use crate::report::interview::{self as report, Filed};
use crate::stdx::lang::Lang;
use crate::stdx::text::harmless;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Assessments lie here, in the run's folder.
const FOLDER: &str = "assessments";
const COMMENTS: &str = "comments.json";
/// A file of an interviewer's is no longer than this.
const FILE_MAX: u64 = 1 << 20;
const COMMENTS_MAX: usize = 50;

pub fn command(places: &Places, what: InterviewCommand, lang: &Lang) -> Done {
    match what {
        InterviewCommand::Questions { case } => interview_pack::questions(places, &case, lang),
        InterviewCommand::New(asked) => interview_pack::new(places, &asked, lang),
        InterviewCommand::Assess { run, who, level, confirm, words, note } => {
            assess(places, &run, &Said { who, level, confirm, words, note }, lang)
        }
        InterviewCommand::Comment { run, text } => comment(places, &run, &text),
        InterviewCommand::Compare { runs } => compare(places, &runs, lang),
        InterviewCommand::Start { .. } => Err(Failure::from("an interview is started by `play`".to_string())),
    }
}

fn wrong(words: impl Into<String>) -> Failure {
    Failure { words: words.into(), code: 1 }
}

// ---- a run -----------------------------------------------------------------------------------------------------------

/// A run of an interview, where it lies, and the fingerprint of its journal.
struct Sat {
    run: Run,
    folder: PathBuf,
    opening: String,
    journal: String,
}

fn sat(places: &Places, name: &str) -> Result<Sat, Failure> {
    let folder = runs::folder(places, Some(name))?;
    let journal = runs::read(&folder).map_err(wrong)?;
    if journal.header.mode() != Mode::Interview {
        let words = format!("`{}` is no interview\nhint: `whodunit play CASE --interview` begins one", harmless(name));
        return Err(wrong(words));
    }
    let run = runs::fold(places, &journal).map_err(wrong)?;
    let fingerprint = runs::fingerprint(&folder).map_err(wrong)?;
    Ok(Sat { run, folder, opening: journal.header.opening, journal: fingerprint })
}

/// Whether a run that is there is an interview; what cannot be read is told by whoever reads it.
pub fn is_one(places: &Places, name: &str) -> bool {
    let folder = runs::folder(places, Some(name)).ok();
    let journal = folder.and_then(|folder| runs::read(&folder).ok());
    journal.is_some_and(|journal| journal.header.mode() == Mode::Interview)
}

/// What is asked and judged comes after the end.
fn over(sat: Sat) -> Result<Sat, Failure> {
    if sat.run.phase == Phase::Closed {
        return Ok(sat);
    }
    Err(wrong("the interview is still going on\nhint: `whodunit resume` goes on with it"))
}

// ---- files beside it -------------------------------------------------------------------------------------------------

/// A name as a file's: letters and digits stay.
fn slug(name: &str) -> String {
    let letters = name.trim().to_lowercase();
    let kept: String = letters.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(60).collect();
    kept.trim_matches('-').to_string()
}

fn small(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(FILE_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// Everything that is filed, by name. A file that cannot be read stops the report: half of what was said is not what was
/// said.
fn filed(folder: &Path) -> Result<Vec<Assessment>, Failure> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder.join(FOLDER)).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let said = |why: String| wrong(format!("{}: {why}", path.display()));
        let text = small(&path).map_err(|error| said(error.to_string()))?;
        let own: Assessment = serde_json::from_str(&text).map_err(|error| said(error.to_string()))?;
        if let Some(fault) = own.fault() {
            return Err(said(fault));
        }
        all.push(own);
    }
    Ok(all)
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Comments {
    comments: Vec<String>,
}

/// The candidate's comments; a file that cannot be read is never written over.
fn comments(folder: &Path) -> Result<Vec<String>, Failure> {
    let path = folder.join(COMMENTS);
    let said = |why: String| wrong(format!("{}: {why}", path.display()));
    match small(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(said(error.to_string())),
        Ok(text) => {
            serde_json::from_str::<Comments>(&text).map(|own| own.comments).map_err(|error| said(error.to_string()))
        }
    }
}

fn comment(places: &Places, name: &str, text: &str) -> Done {
    let sat = over(sat(places, name)?)?;
    let mut comments = comments(&sat.folder)?;
    if text.trim().is_empty() || text.len() > TEXT_MAX || comments.len() >= COMMENTS_MAX {
        return Err(Failure::from(format!(
            "a comment says something, in {TEXT_MAX} bytes at most, {COMMENTS_MAX} times"
        )));
    }
    comments.push(text.trim().to_string());
    runs::put(&sat.folder, COMMENTS, &Comments { comments })?;
    Ok(ExitCode::SUCCESS)
}

// ---- assessing -------------------------------------------------------------------------------------------------------

/// What was said on the command line.
pub struct Said {
    pub who: String,
    pub level: Vec<String>,
    pub confirm: bool,
    pub words: Option<String>,
    pub note: Vec<String>,
}

fn assess(places: &Places, name: &str, said: &Said, lang: &Lang) -> Done {
    let sat = over(sat(places, name)?)?;
    let slug = slug(&said.who);
    if slug.is_empty() {
        return Err(Failure::from("an assessment names its interviewer: `--as NAME`".to_string()));
    }
    let path = sat.folder.join(FOLDER).join(format!("{slug}.json"));
    if path.exists() {
        let words = format!("{} has filed already, and may have seen what others filed since", harmless(&said.who));
        return Err(wrong(format!("{words}\nhint: it is {}", path.display())));
    }
    let account = account::of(&sat.run, lang.code);
    let mut own = Assessment {
        format: FORMAT,
        interviewer: said.who.trim().to_string(),
        engine: account.setting.engine.clone(),
        journal: sat.journal.clone(),
        levels: account.proposals.iter().map(Judged::confirmed).collect(),
        words: said.words.clone().unwrap_or_default(),
        notes: said.note.clone(),
        ..Assessment::default()
    };
    for level in &said.level {
        let (competency, level, reason) = override_of(level)?;
        if let Some(judged) = own.levels.iter_mut().find(|judged| judged.competency == competency) {
            (judged.level, judged.reason) = (level, reason);
        }
    }
    if !said.confirm && said.level.is_empty() && !ask(&account, &mut own, said, lang)? {
        return Err(wrong("nothing was filed: the answers ended early"));
    }
    if let Some(fault) = own.fault() {
        return Err(Failure::from(fault));
    }
    own.filed = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    fs::create_dir_all(sat.folder.join(FOLDER))?;
    runs::put(&sat.folder.join(FOLDER), &format!("{slug}.json"), &own)?;
    print(&format!("{}\n", lang.with("interview.filed", &[("path", &path.display().to_string())])));
    Ok(ExitCode::SUCCESS)
}

/// `evidence=3:why`, `recovery=-:why`.
fn override_of(text: &str) -> Result<(Competency, Option<u8>, String), Failure> {
    let usage = "write `--level evidence=3:why`, or `--level recovery=-:why` for “not observed”";
    let said = || Failure::from(format!("`{}` is no level\nhint: {usage}", harmless(text)));
    let (name, rest) = text.split_once('=').ok_or_else(said)?;
    let (level, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let competency = Competency::named(name.trim()).ok_or_else(said)?;
    Ok((competency, level_of(level).ok_or_else(said)?, reason.trim().to_string()))
}

/// A level of the scale, or `-`.
fn level_of(text: &str) -> Option<Option<u8>> {
    match text.trim() {
        "-" => Some(None),
        digit => digit.parse().ok().filter(|level| (1..=4).contains(level)).map(Some),
    }
}

/// Asks for each level; false if the answers ended before the last.
fn ask(account: &Account, own: &mut Assessment, said: &Said, lang: &Lang) -> io::Result<bool> {
    let mut input = io::stdin().lock();
    print(&format!("{}\n", lang.with("interview.ask-name", &[("who", &own.interviewer)])));
    for (proposal, judged) in account.proposals.iter().zip(&mut own.levels) {
        print(&format!("\n{}", proposed(proposal, lang)));
        loop {
            let shown = report::level(proposal.level, lang);
            print(&format!("{} ", lang.with("interview.ask-level", &[("level", &shown)])));
            let Some(line) = answer(&mut input)? else { return Ok(false) };
            match judged_as(&line, proposal) {
                Ok(own) => {
                    *judged = own;
                    break;
                }
                Err(why) => print(&format!("{}\n", lang.with("interview.again", &[("why", &why)]))),
            }
        }
    }
    if said.words.is_none() {
        print(&format!("\n{} ", lang.say("interview.ask-words")));
        own.words = answer(&mut input)?.unwrap_or_default();
    }
    if said.note.is_empty() {
        print(&format!("{} ", lang.say("interview.ask-note")));
        own.notes.extend(answer(&mut input)?.filter(|note| !note.is_empty()));
    }
    Ok(true)
}

fn answer(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let count = Read::take(&mut *input, TEXT_MAX as u64).read_line(&mut line)?;
    Ok((count > 0).then(|| line.trim().to_string()))
}

/// What stands before a question for a level: the anchors, what was counted, and where.
fn proposed(proposal: &Proposal, lang: &Lang) -> String {
    let name = proposal.competency.name();
    let mut out = format!("{}\n", lang.say(&format!("competency.{name}")));
    for level in 1..=4 {
        let sign = if proposal.level == Some(level) { ">" } else { " " };
        out.push_str(&format!("{sign} {level}  {}\n", lang.say(&format!("anchor.{name}.{level}"))));
    }
    let entries: Vec<String> = proposal.entries.iter().map(u32::to_string).collect();
    out.push_str(&format!("  {}", report::because(proposal, lang)));
    if !entries.is_empty() {
        out.push_str(&format!(" ({})", lang.with("interview.acts", &[("n", &entries.join(" "))])));
    }
    out.push('\n');
    out
}

/// Enter confirms; `3 because …` and `- because …` override.
fn judged_as(line: &str, proposal: &Proposal) -> Result<Judged, String> {
    let confirmed = Judged::confirmed(proposal);
    if line.is_empty() {
        return Ok(confirmed);
    }
    let (level, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let level = level_of(level).ok_or("1 to 4, or -")?;
    let judged = Judged { level, reason: reason.trim().to_string(), ..confirmed };
    if judged.overrides() && judged.reason.is_empty() {
        return Err("another level needs a reason".into());
    }
    Ok(judged)
}

// ---- the report ------------------------------------------------------------------------------------------------------

/// How a report is asked for.
pub struct Asked<'a> {
    pub who: Option<&'a str>,
    pub candidate: bool,
    pub format: &'a str,
}

/// Prints the report. What others filed is shown to whoever has filed, and given to the candidate by them.
pub fn report(places: &Places, name: &str, asked: &Asked, lang: &Lang) -> Done {
    let sat = over(sat(places, name)?)?;
    let all = filed(&sat.folder)?;
    let own = asked.who.map(slug);
    let knows = own.as_ref().is_some_and(|who| all.iter().any(|own| slug(&own.interviewer) == *who));
    if let Some(who) = asked.who.filter(|_| !knows) {
        let words = format!("{} has not filed an assessment of this run", harmless(who));
        return Err(wrong(format!("{words}\nhint: `whodunit interview assess RUN --as NAME` files one")));
    }
    if asked.candidate && !knows && !all.is_empty() {
        let words = "the candidate's copy has the levels that were filed: it is given out by whoever has filed one";
        return Err(wrong(format!("{words}\nhint: add `--as NAME`")));
    }
    let (assessments, hidden) = if knows { (all, 0) } else { (Vec::new(), all.len()) };
    let filed = Filed {
        account: account::of(&sat.run, lang.code),
        opening: sat.opening,
        journal: sat.journal,
        assessments,
        hidden,
        comments: comments(&sat.folder)?,
        candidate: asked.candidate,
    };
    print(&report::write(&filed, asked.format, lang)?);
    Ok(ExitCode::SUCCESS)
}

// ---- deviations ------------------------------------------------------------------------------------------------------

/// What a run was played on, and which controls were used: a name and its value, for comparing.
fn terms(sat: &Sat) -> Vec<(String, String)> {
    let own = account::of(&sat.run, "en");
    let used = |sign: &str| {
        let control = |used: &&account::Used| beside::words(&used.control).split(' ').next() == Some(sign);
        own.controls.iter().filter(control).count().to_string()
    };
    let mut terms = vec![
        ("case".to_string(), own.setting.case.clone()),
        ("variant".into(), own.setting.variant.clone()),
        ("seed".into(), own.setting.seed.to_string()),
        ("case version".into(), own.setting.case_hash.chars().take(12).collect()),
        ("clock".into(), own.setting.clock.to_string()),
        ("minutes".into(), own.setting.minutes.to_string()),
        ("extended by".into(), own.setting.extended.to_string()),
        ("opening".into(), sat.opening.clone()),
        ("ended early".into(), own.setting.ended_early.to_string()),
        ("accommodations".into(), used("accommodate")),
    ];
    for sign in ["pause", "reveal", "inject"] {
        terms.push((sign.to_string(), used(sign)));
    }
    let without = own.controls.iter().filter(|used| matches!(used.control, Control::Observe { .. }));
    terms.push(("observed".into(), without.map(|used| beside::words(&used.control)).collect::<Vec<_>>().join(", ")));
    terms
}

/// Prints in what runs differ from the first. Exit 1 if they do.
fn compare(places: &Places, names: &[String], lang: &Lang) -> Done {
    let mut sats = Vec::new();
    for name in names {
        sats.push(sat(places, name)?);
    }
    let Some((first, others)) = sats.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(Failure::from("name two runs or more".to_string()));
    };
    let own = terms(first);
    let mut same = true;
    for (other, name) in others.iter().zip(&names[1..]) {
        let found = differences(&own, &terms(other));
        same &= found.is_empty();
        let words = if found.is_empty() { "interview.compare-same" } else { "interview.compare-differs" };
        print(&format!("{} / {}: {}\n", harmless(&names[0]), harmless(name), lang.say(words)));
        for (what, first, other) in found {
            let shown = |text: String| if text.is_empty() { "-".to_string() } else { text };
            print(&format!("  {what}: {} / {}\n", shown(first), shown(other)));
        }
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
