//! The report as sections of texts, lists and tables in the reader's language: what every format writes out. Does not know
//! any format.

use super::Filed;
use crate::case::debrief::Moment;
use crate::drill::interview::account::{Account, Used};
use crate::drill::interview::assessment::{Assessment, Judged};
use crate::drill::interview::rubric::Proposal;
use crate::drill::interview::{Competency, Control};
use crate::drill::spoken;
use crate::report::paper::{Block, Paper, Part};
use crate::report::phrase;
use crate::report::sheet::{Row, Section, Sheet, Tone};
use crate::stdx::lang::Lang;
use crate::stdx::text::clip;
use crate::stdx::time::Time;

/// Columns of a moment, a command or a line of an exhibit.
const LINE_COLUMNS_MAX: usize = 160;

impl Paper {
    pub fn of(filed: &Filed, lang: &Lang) -> Paper {
        let account = &filed.account;
        let title = lang.with("interview.title", &[("title", &phrase::plain(&account.setting.title))]);
        let mut under = Vec::new();
        if filed.candidate {
            under.push(lang.say("interview.candidate-copy").to_string());
            under.push(lang.with("interview.left-out", &[("n", &filed.left_out().to_string())]));
        }
        let mut parts = vec![
            setting(filed, lang),
            controls(filed, lang),
            accommodations(account, lang),
            levels(filed, lang),
            unobserved(filed, lang),
            verdict(account, lang),
            objections(account, lang),
            follow(account, lang),
            timeline(account, lang),
        ];
        if !filed.candidate {
            parts.push(notes(filed, lang));
        }
        if !filed.comments.is_empty() {
            let said = filed.comments.iter().map(|said| phrase::plain(said)).collect();
            parts.push(part(lang, "interview.section-comment", vec![Block::List(said)]));
        }
        parts.push(reading(lang));
        parts.retain(|part| !part.blocks.is_empty());
        Paper { title, under, parts }
    }
}

/// A part by the key of its title.
fn part(lang: &Lang, key: &'static str, blocks: Vec<Block>) -> Part {
    Part::new(key.trim_start_matches("interview."), lang.say(key), blocks)
}

fn heads(lang: &Lang, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| lang.say(&format!("column.{key}")).to_string()).collect()
}

/// `10:04:20`, or with its day if it is not the page's.
fn when(account: &Account, at: Time) -> String {
    if at.date() == account.setting.page_at.date() {
        return at.clock();
    }
    format!("{} {}", at.date().get(5..).unwrap_or_default(), at.hour_minute())
}

fn acts(lang: &Lang, entries: &[u32]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let list: Vec<String> = entries.iter().map(u32::to_string).collect();
    if let [only] = list.as_slice() {
        return lang.with("told.act", &[("n", only)]);
    }
    lang.with("interview.acts", &[("n", &list.join(" "))])
}

// ---- what was played -----------------------------------------------------------------------------------------------

fn setting(filed: &Filed, lang: &Lang) -> Part {
    let own = &filed.account.setting;
    let (minutes, more) = (own.minutes.to_string(), own.extended.to_string());
    let used = (own.ended_at - own.page_at).human();
    let parts = [("minutes", minutes.as_str()), ("more", more.as_str()), ("used", used.as_str())];
    let key = if own.extended > 0 { "interview.box-extended" } else { "interview.box-told" };
    let mut rows = vec![
        ("interview.case", phrase::plain(&own.case)),
        ("interview.variant", format!("{}, {}", phrase::plain(&own.variant), own.seed)),
        ("interview.engine", own.engine.clone()),
        ("interview.clock", lang.say(&format!("interview.clock-{}", own.clock)).to_string()),
        ("interview.box", lang.with(key, &parts)),
    ];
    if !filed.opening.is_empty() {
        rows.push(("interview.opening", phrase::plain(&filed.opening)));
    }
    rows.push(("interview.journal", filed.journal.clone()));
    let rows = rows.into_iter().map(|(key, value)| format!("{}: {value}", lang.say(key))).collect();
    part(lang, "interview.section-setting", vec![Block::List(rows)])
}

/// What was done beside the run, as people say it.
pub fn control(used: &Control, lang: &Lang) -> String {
    let name = |competency: &Competency| lang.say(&format!("competency.{}", competency.name())).to_string();
    match used {
        Control::Pause => lang.say("control.pause").to_string(),
        Control::Resume => lang.say("control.resume").to_string(),
        Control::End => lang.say("control.end").to_string(),
        Control::Reveal => lang.say("control.reveal").to_string(),
        Control::Inject { number } => lang.with("control.inject", &[("n", &number.to_string())]),
        Control::Extend { minutes } => lang.with("control.extend", &[("n", &minutes.to_string())]),
        Control::Note { text } => lang.with("control.note", &[("text", &phrase::plain(text))]),
        Control::Accommodate { text } => lang.with("control.accommodate", &[("text", &phrase::plain(text))]),
        Control::Observe { competency, on } => {
            lang.with(if *on { "control.with" } else { "control.without" }, &[("what", &name(competency))])
        }
        Control::Said { aloud, text } => {
            let kind = lang.say(&format!("aloud.{}", aloud.name())).to_string();
            lang.with("control.said", &[("kind", &kind), ("text", &phrase::plain(text))])
        }
    }
}

/// Not notes, and not what was arranged for the candidate: those have parts of their own.
fn is_control(used: &Used) -> bool {
    !matches!(used.control, Control::Note { .. } | Control::Accommodate { .. })
}

fn controls(filed: &Filed, lang: &Lang) -> Part {
    let account = &filed.account;
    let row = |used: &Used| vec![when(account, used.at), control(&used.control, lang), acts(lang, &[used.entry])];
    let rows: Vec<Vec<String>> = account.controls.iter().filter(|used| is_control(used)).map(row).collect();
    let block = match rows.is_empty() {
        true => Block::Text(lang.say("interview.controls-none").to_string()),
        false => Block::Table { heads: heads(lang, &["time", "what", "acts"]), rows },
    };
    let early = account.setting.ended_early.then(|| Block::Text(lang.say("interview.ended-early").to_string()));
    part(lang, "interview.section-controls", [block].into_iter().chain(early).collect())
}

fn accommodations(account: &Account, lang: &Lang) -> Part {
    let made = account.controls.iter().filter_map(|used| match &used.control {
        Control::Accommodate { text } => Some(phrase::plain(text)),
        _ => None,
    });
    let made: Vec<String> = made.collect();
    let blocks = if made.is_empty() { Vec::new() } else { vec![Block::List(made)] };
    part(lang, "interview.section-accommodations", blocks)
}

// ---- levels --------------------------------------------------------------------------------------------------------

/// A level as people say it.
pub fn level(level: Option<u8>, lang: &Lang) -> String {
    level.map_or_else(|| lang.say("interview.not-observed").to_string(), |level| level.to_string())
}

/// What was counted for a proposal.
pub fn because(proposal: &Proposal, lang: &Lang) -> String {
    let said = proposal.because.iter().map(|(key, parts)| {
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        lang.with(&format!("because.{key}"), &parts)
    });
    said.collect::<Vec<_>>().join(" ")
}

fn judged(own: &Assessment, competency: Competency) -> Option<&Judged> {
    own.levels.iter().find(|judged| judged.competency == competency)
}

fn judgement(own: &Judged, lang: &Lang) -> String {
    if !own.overrides() {
        return level(own.level, lang);
    }
    let (now, then, why) = (level(own.level, lang), level(own.proposed, lang), phrase::plain(&own.reason));
    lang.with("interview.overridden", &[("level", &now), ("proposed", &then), ("reason", &why)])
}

fn levels(filed: &Filed, lang: &Lang) -> Part {
    let mut blocks = vec![Block::Text(lang.say("interview.levels-how").to_string())];
    if filed.hidden > 0 {
        blocks.push(Block::Text(lang.with("interview.hidden", &[("n", &filed.hidden.to_string())])));
    } else if filed.assessments.is_empty() {
        blocks.push(Block::Text(lang.say("interview.no-assessment").to_string()));
    }
    let row = |proposal: &Proposal| {
        let competency = proposal.competency;
        let filed_levels: Vec<&Judged> = filed.assessments.iter().filter_map(|own| judged(own, competency)).collect();
        let proposed = || format!("{} ({})", level(proposal.level, lang), lang.say("interview.proposed"));
        let said: Vec<String> = match filed.assessments.as_slice() {
            [] => vec![proposed()],
            [_] => filed_levels.iter().map(|own| judgement(own, lang)).collect(),
            many => {
                let named = |own: &Assessment| {
                    Some(format!("{}: {}", phrase::plain(&own.interviewer), judgement(judged(own, competency)?, lang)))
                };
                many.iter().filter_map(named).collect()
            }
        };
        let shown = match filed_levels.as_slice() {
            [only] => only.level,
            _ => proposal.level,
        };
        let anchor = shown.map(|level| lang.say(&format!("anchor.{}.{level}", competency.name())).to_string());
        vec![
            lang.say(&format!("competency.{}", competency.name())).to_string(),
            said.join("; "),
            anchor.unwrap_or_default(),
            because(proposal, lang),
            acts(lang, &proposal.entries),
        ]
    };
    let rows = filed.account.proposals.iter().map(row).collect();
    blocks.push(Block::Table { heads: heads(lang, &["competency", "level", "anchor", "why", "acts"]), rows });
    for own in &filed.assessments {
        let (who, at) = (phrase::plain(&own.interviewer), phrase::plain(&own.filed));
        let mut said = lang.with("interview.by", &[("who", &who), ("when", &at)]);
        if own.journal != filed.journal {
            said = format!("{said} {}", lang.say("interview.other-journal"));
        }
        let words = phrase::plain(&own.words);
        blocks.push(Block::Text(if words.is_empty() { said } else { format!("{said}: {words}") }));
    }
    part(lang, "interview.section-levels", blocks)
}

fn unobserved(filed: &Filed, lang: &Lang) -> Part {
    let nobody = |proposal: &&Proposal| {
        let mut levels = filed.assessments.iter().filter_map(|own| judged(own, proposal.competency));
        if filed.assessments.is_empty() { proposal.level.is_none() } else { levels.all(|own| own.level.is_none()) }
    };
    let row = |proposal: &Proposal| {
        format!("{}. {}", lang.say(&format!("competency.{}", proposal.competency.name())), because(proposal, lang))
    };
    let rows: Vec<String> = filed.account.proposals.iter().filter(nobody).map(row).collect();
    let block = match rows.is_empty() {
        true => Block::Text(lang.say("interview.unobserved-none").to_string()),
        false => Block::List(rows),
    };
    part(lang, "interview.section-unobserved", vec![block])
}

// ---- verdict and questions -----------------------------------------------------------------------------------------

fn verdict(account: &Account, lang: &Lang) -> Part {
    if !account.verdict {
        let none = Block::Text(lang.say("interview.verdict-none").to_string());
        return part(lang, "interview.section-verdict", vec![none]);
    }
    let rows = account.claims.iter().map(|claim| {
        let said = if claim.said.is_empty() { lang.say("interview.left-blank").into() } else { claim.said.clone() };
        let cited = claim.exhibits.iter().map(|own| {
            let text = own.text.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
            let text = clip(&phrase::plain(&text.collect::<Vec<_>>().join(" / ")), LINE_COLUMNS_MAX);
            let command = clip(&phrase::plain(&own.command), LINE_COLUMNS_MAX);
            if text.is_empty() {
                format!("e{} `{command}`", own.id)
            } else {
                format!("e{} `{command}`: {text}", own.id)
            }
        });
        let cited: Vec<String> = cited.collect();
        let none = cited.is_empty() && !claim.said.is_empty();
        let cited = if none { lang.say("interview.no-exhibit").to_string() } else { cited.join("; ") };
        vec![phrase::blank(lang, claim.blank), phrase::plain(&said), cited]
    });
    let rows = rows.collect();
    let table = Block::Table { heads: heads(lang, &["blank", "said", "exhibits"]), rows };
    part(lang, "interview.section-verdict", vec![table])
}

fn objections(account: &Account, lang: &Lang) -> Part {
    let rows: Vec<Vec<String>> = account
        .objections
        .iter()
        .map(|own| {
            let answer = match own.answer {
                None => lang.say("interview.unanswered").to_string(),
                Some(answer) => match answer.exhibit {
                    None => lang.say("interview.passed").to_string(),
                    Some(exhibit) => {
                        let key = if answer.right { "interview.answered-right" } else { "interview.answered-wrong" };
                        lang.with(key, &[("exhibit", &format!("e{exhibit}"))])
                    }
                },
            };
            vec![phrase::plain(&spoken::objection(own, &account.case, lang)), answer]
        })
        .collect();
    let blocks = match rows.is_empty() {
        true => Vec::new(),
        false => vec![Block::Table { heads: heads(lang, &["question", "answer"]), rows }],
    };
    part(lang, "interview.section-objections", blocks)
}

fn follow(account: &Account, lang: &Lang) -> Part {
    let rows: Vec<Vec<String>> = account
        .follow
        .iter()
        .zip(1..)
        .map(|((question, answer), n)| {
            let about = acts(lang, &question.entries);
            let about = if about.is_empty() { about } else { format!(" ({about})") };
            let answer = answer.as_ref().filter(|answer| !answer.trim().is_empty());
            let answer = answer.map_or_else(|| lang.say("interview.no-answer").to_string(), |own| phrase::plain(own));
            vec![format!("{n}. {}{about}", phrase::plain(&question.text(&account.case, lang))), answer]
        })
        .collect();
    let blocks = match rows.is_empty() {
        true => Vec::new(),
        false => vec![Block::Table { heads: heads(lang, &["question", "answer"]), rows }],
    };
    part(lang, "interview.section-follow", blocks)
}

// ---- time, notes, cautions -----------------------------------------------------------------------------------------

fn moment(moment: &Moment, lang: &Lang) -> String {
    let (command, words) = phrase::moment(lang, moment);
    let parts = [clip(&command, LINE_COLUMNS_MAX), clip(&words, LINE_COLUMNS_MAX)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

fn timeline(account: &Account, lang: &Lang) -> Part {
    let mut rows: Vec<(Time, u32, Vec<String>)> = Vec::new();
    for own in &account.moments {
        let act = own.entry.map_or_else(String::new, |entry| acts(lang, &[entry]));
        rows.push((own.at, own.entry.unwrap_or(0), vec![when(account, own.at), moment(own, lang), act]));
    }
    // What was said and arranged stands where it was, among the acts.
    for used in account.controls.iter().filter(|used| is_control(used)) {
        let words = clip(&control(&used.control, lang), LINE_COLUMNS_MAX);
        rows.push((used.at, used.entry, vec![when(account, used.at), words, acts(lang, &[used.entry])]));
    }
    rows.sort_by_key(|(at, entry, _)| (*at, *entry));
    let rows = rows.into_iter().map(|(_, _, row)| row).collect();
    let mut blocks = vec![Block::Table { heads: heads(lang, &["time", "moment", "acts"]), rows }];
    if account.looks > 0 {
        blocks.push(Block::Text(lang.with("interview.looks", &[("n", &account.looks.to_string())])));
    }
    part(lang, "interview.section-timeline", blocks)
}

/// Private notes: never called for the candidate's copy.
fn notes(filed: &Filed, lang: &Lang) -> Part {
    let account = &filed.account;
    let beside = account.controls.iter().filter_map(|used| match &used.control {
        Control::Note { text } => Some(format!("{} {}", when(account, used.at), phrase::plain(text))),
        _ => None,
    });
    let beside: Vec<String> = beside.collect();
    let mut blocks = Vec::new();
    if !beside.is_empty() {
        blocks.push(Block::List(beside));
    }
    for own in filed.assessments.iter().filter(|own| !own.notes.is_empty()) {
        blocks.push(Block::Text(lang.with("interview.notes-of", &[("who", &phrase::plain(&own.interviewer))])));
        blocks.push(Block::List(own.notes.iter().map(|note| phrase::plain(note)).collect()));
    }
    part(lang, "interview.section-notes", blocks)
}

fn reading(lang: &Lang) -> Part {
    let rows = (1..=5).map(|n| lang.say(&format!("interview.reading-{n}")).to_string()).collect();
    part(lang, "interview.section-reading", vec![Block::List(rows)])
}

// ---- the end of the run --------------------------------------------------------------------------------------------

/// What the candidate sees when the run is over: the verdict as it was given and the questions, and nothing that judges.
pub fn closing(account: &Account, lang: &Lang) -> Sheet {
    let line = |text: &str| (Tone::Plain, Row::Item { label: String::new(), columns: 0, text: text.to_string() });
    let mut sections = vec![Section { title: String::new(), rows: vec![line(lang.say("interview.done"))] }];
    for part in [verdict(account, lang), follow(account, lang)] {
        let rows = part.blocks.iter().flat_map(|block| match block {
            Block::Text(text) | Block::Code(text) => vec![line(text)],
            Block::List(rows) => rows.iter().map(|row| line(row)).collect(),
            Block::Table { rows, .. } => rows.iter().flat_map(|row| table_rows(row)).collect(),
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            sections.push(Section { title: part.title.clone(), rows });
        }
    }
    let title = phrase::plain(&account.setting.title);
    Sheet { title, heading: String::new(), sections }
}

/// A row as lines: what it is about, and below it the rest.
fn table_rows(row: &[String]) -> Vec<(Tone, Row)> {
    let item = |tone, columns, text: &String| (tone, Row::Item { label: String::new(), columns, text: text.clone() });
    let first = row.iter().take(1).map(|cell| item(Tone::Plain, 0, cell));
    let rest = row.iter().skip(1).filter(|cell| !cell.is_empty()).map(|cell| item(Tone::You, 2, cell));
    first.chain(rest).collect()
}
