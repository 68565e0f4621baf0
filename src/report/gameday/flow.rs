//! How the work flowed, and what to talk about: findings on their way, decisions and what was known then, changes, loops,
//! handovers, turning points, what went right, what will be done. Always the room's. Does not blame.

use super::{After, Block, Part, script};
use crate::case::board::Exhibit;
use crate::drill::act::Act;
use crate::drill::team::account::{Decided, HOW, TurnKind, Wait};
use crate::drill::team::{Role, Stand, Task};
use crate::report::phrase;
use crate::stdx::time::Span;

/// A finding that was in the bag so soon waited for nobody.
const AT_ONCE: Span = Span::mins(1);

/// Blocks only if there is something to tell.
fn told(after: &After, id: &'static str, heads: &[&str], rows: Vec<Vec<String>>) -> Part {
    let about = Block::Text(after.say(&format!("about-{id}")));
    let block = if rows.is_empty() { Block::Text(after.say("none")) } else { after.rows(heads, rows) };
    after.part(id, vec![about, block])
}

fn count(count: usize) -> String {
    count.to_string()
}

/// Counts of the room.
pub fn counts(after: &After) -> [(&'static str, usize); 7] {
    let team = &after.run.team;
    let changes = after.run.record.changes.len();
    let closed = team.tasks.iter().filter(|task| task.is_closed_loop()).count();
    let logged = team.log.iter().filter(|line| line.scribe).count();
    [
        ("tasks", team.tasks.len()),
        ("closed", closed),
        ("decisions", after.account.decisions.len()),
        ("changes", changes),
        ("undecided", after.account.undecided.len()),
        ("logged", logged),
        ("handovers", after.account.handovers.len()),
    ]
}

pub fn flow(after: &After) -> Part {
    let row = |(key, n): (&str, usize)| vec![after.say(&format!("count-{key}")), count(n)];
    let rows = counts(after).into_iter().map(row).collect();
    let how = Block::Text(after.say("flow-how"));
    after.part("flow", vec![how, after.rows(&["what", "number"], rows)])
}

pub fn findings(after: &After) -> Part {
    let took = |span: Option<Span>| span.map_or_else(|| after.say("never"), Span::human);
    let row = |wait: &Wait| {
        vec![phrase::when(&after.debrief, wait.seen), phrase::plain(&wait.clue), took(wait.bagged), took(wait.linked)]
    };
    told(after, "findings", &["time", "clue", "to-bag", "to-link"], after.account.waits.iter().map(row).collect())
}

/// What the room knew at a moment, in one cell.
pub fn known(after: &After, own: &Decided) -> String {
    let known = &own.known;
    let (seen, bagged, share) = (count(known.seen.len()), count(known.bagged), known.justified.to_string());
    let mut said = after.with("known", &[("seen", &seen), ("bagged", &bagged), ("percent", &share)]);
    for (id, percent) in &known.believed {
        let parts = [("id", id.to_string()), ("percent", percent.to_string())];
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        said.push_str(&format!(" {}", after.with("believed", &parts)));
    }
    said
}

pub fn decisions(after: &After) -> Part {
    let row = |own: &Decided| {
        let taken = after.say(if own.accepted { "taken" } else { "dropped" });
        let because = phrase::plain(&own.because);
        let called = match (own.called, own.objections) {
            (false, 0) => after.say("not-called"),
            (_, 0) => after.say("no-objection"),
            (_, n) => after.with("objections", &[("n", &count(n))]),
        };
        let taken = if because.is_empty() { taken } else { format!("{taken}: {because}") };
        let at = phrase::when(&after.debrief, own.at);
        vec![at, format!("d{} {}", own.id, phrase::plain(&own.text)), taken, called, known(after, own)]
    };
    let rows = after.account.decisions.iter().map(row).collect();
    told(after, "decisions", &["time", "decision", "what", "objections", "known"], rows)
}

pub fn undecided(after: &After) -> Part {
    let rows = after
        .account
        .undecided
        .iter()
        .map(|(_, at, command)| vec![phrase::when(&after.debrief, *at), phrase::plain(command)]);
    told(after, "undecided", &["time", "change"], rows.collect())
}

pub fn open_loops(after: &After) -> Part {
    let row = |task: &Task| {
        let stand = after.say(match task.stand {
            Stand::Asked => "stand-asked",
            Stand::Reported => "stand-reported",
            _ => "stand-promised",
        });
        let way = format!("{} → {}", after.who(task.by, task.entry), after.who(task.to, task.entry));
        let at = phrase::when(&after.debrief, task.at);
        vec![at, format!("t{} {}", task.id, phrase::plain(&task.text)), way, stand]
    };
    told(after, "loops", &["time", "task", "from-to", "what"], after.account.open_loops.iter().map(row).collect())
}

pub fn handovers(after: &After) -> Part {
    let rows = after.account.handovers.iter().map(|own| {
        let role = super::roles(after.lang, &[own.role]);
        let way = format!("{} → {}", after.who(own.from, own.entry), after.who(own.to, own.entry));
        vec![phrase::when(&after.debrief, own.at), role, way, (own.at - own.offered).human()]
    });
    told(after, "handovers", &["time", "roles", "from-to", "waited"], rows.collect())
}

/// What a turning point was.
pub fn turn(after: &After, kind: &TurnKind) -> String {
    let with = |parts: &[(&str, String)]| {
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        after.lang.with(kind.key(), &parts)
    };
    match kind {
        TurnKind::Jump { by } => with(&[("by", by.to_string())]),
        TurnKind::Apart { hypothesis, low, high } => {
            with(&[("id", hypothesis.to_string()), ("low", low.to_string()), ("high", high.to_string())])
        }
        TurnKind::Costliest { key, subject, .. } => {
            let line = after.debrief.score.ledger.iter().find(|line| line.key == *key && line.subject == *subject);
            let what = line
                .map_or_else(|| subject.clone(), |line| phrase::ledger_subject(after.lang, &after.debrief.names, line));
            with(&[("what", what)])
        }
    }
}

pub fn turns(after: &After) -> Part {
    let mut blocks = vec![Block::Text(after.say("about-turns"))];
    for own in &after.account.turns {
        let at = phrase::when(&after.debrief, own.at);
        blocks.push(Block::Text(format!("{at}  {}", turn(after, &own.kind))));
        blocks.push(Block::List(HOW.iter().map(|key| after.lang.say(key).to_string()).collect()));
    }
    if after.account.turns.is_empty() {
        blocks.push(Block::Text(after.say("none")));
    }
    after.part("turns", blocks)
}

/// What went right, as far as the journal knows: each with how often.
pub fn rights(after: &After) -> Vec<(&'static str, usize)> {
    let (team, account) = (&after.run.team, &after.account);
    let bagger = |exhibit: &Exhibit| {
        let mut acts = after.run.acts.iter().zip(&after.run.by);
        let bags =
            |act: &Act| matches!(act, Act::Bag { page, lines, .. } if *page == exhibit.page && *lines == exhibit.lines);
        acts.find(|((_, act), _)| bags(act)).map(|(_, by)| *by)
    };
    let by_others = |exhibit: &&Exhibit| {
        let page = after.run.pages.iter().find(|page| page.id == exhibit.page);
        page.is_some_and(|page| bagger(exhibit).is_some_and(|by| by != page.seat))
    };
    let whole = |own: &&Decided| own.accepted && own.called && own.change.is_some();
    let all = [
        ("at-once", account.waits.iter().filter(|own| own.bagged.is_some_and(|took| took <= AT_ONCE)).count()),
        ("others-page", after.run.board.exhibits.iter().filter(by_others).count()),
        ("objected", team.decisions.iter().filter(|own| !own.objections.is_empty()).count()),
        ("decided", account.decisions.iter().filter(whole).count()),
        ("closed", team.tasks.iter().filter(|task| task.is_closed_loop()).count()),
        ("declined", team.tasks.iter().filter(|task| task.stand == Stand::Declined).count()),
        ("handed", account.handovers.iter().filter(|own| own.role == Role::Commander).count()),
    ];
    all.into_iter().filter(|(_, n)| *n > 0).collect()
}

pub fn right(after: &After) -> Part {
    let row = |(key, n): (&str, usize)| after.with(&format!("right-{key}"), &[("n", &count(n))]);
    let rows: Vec<String> = rights(after).into_iter().map(row).collect();
    let list = if rows.is_empty() { Block::Text(after.say("none")) } else { Block::List(rows) };
    after.part("right", vec![list, Block::Text(after.say("right-ask"))])
}

/// One sentence each, in the order in which they came; nobody's name is with them.
pub fn said(after: &After) -> Part {
    let rows: Vec<String> = after.run.team.after.reactions.iter().map(|own| phrase::plain(&own.text)).collect();
    after.part("said", if rows.is_empty() { Vec::new() } else { vec![Block::List(rows)] })
}

pub fn actions(after: &After) -> Part {
    let rows = after.run.team.after.actions.iter().map(|own| {
        let plain = |text: &str| if text.trim().is_empty() { "—".to_string() } else { phrase::plain(text) };
        vec![plain(&own.text), plain(&own.owner), plain(&own.due)]
    });
    told(after, "actions", &["what", "owner", "due"], rows.collect())
}

/// The six lines of the debrief, with what the facilitator gave.
pub fn rating(after: &After) -> Part {
    let mut part = script::dash(after.lang);
    if let Some(lines) = after.run.team.after.rating {
        let asked = super::numbered(after.lang, "gameday.dash");
        let rows = asked.into_iter().zip(lines).map(|(line, given)| vec![line, given.to_string()]).collect();
        part.blocks = vec![after.rows(&["what", "number"], rows)];
    }
    part
}
