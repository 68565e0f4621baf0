//! Infrastructure as code: what the code says, what was applied when by whom, and how that differs from what is there.
//! Acts on the account only through its operations. Does not know who reads.

pub mod apply;
pub mod code;
pub mod plan;
pub mod state;
pub mod types;

use super::World;
use super::apps::lower::Problem;
use super::audit::{self, FieldChange};
use crate::stdx::time::{Span, Time};
use apply::Apply;
use code::{Code, Prepared, Revision};
use serde_json::Value;
use state::State;
use std::sync::Arc;

/// Who runs the pipeline, as CloudTrail and the audit name it.
pub const RUNNER: &str = "iac-runner";
/// At most this many revisions and applies are kept.
pub const HISTORY_MAX: usize = 2_000;
/// The shortest time between two scheduled applies.
const EVERY_MIN: Span = Span::mins(1);

/// Code, state and history.
#[derive(Clone, Debug, Default)]
pub struct Iac {
    /// Oldest first; the last is the head.
    pub revisions: Arc<Vec<Revision>>,
    /// Changes of the code that somebody has prepared, by their id.
    pub prepared: Arc<Vec<Prepared>>,
    /// What the last apply left behind.
    pub state: Arc<State>,
    /// Oldest first; only those that changed something, or tried to.
    pub applies: Arc<Vec<Apply>>,
    pub pipeline: Pipeline,
}

/// When and whether applies run.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    /// Between scheduled applies; `None` runs none.
    pub every: Option<Span>,
    /// How long after the world's start the first one runs.
    pub first: Span,
    pub paused: Option<Hold>,
    pub locked: Option<Hold>,
    /// When the schedule last looked, whether or not there was anything to do.
    pub looked: Option<Time>,
    /// The number that the next apply has at least.
    pub number: u64,
}

/// Somebody holds something up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub by: String,
    pub at: Time,
    pub why: String,
}

/// What is on the world's agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The scheduled apply.
    Apply,
}

impl Iac {
    pub fn head(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    /// The code as its newest revision has it.
    pub fn code(&self) -> Arc<Code> {
        self.head().map(|revision| revision.code.clone()).unwrap_or_default()
    }

    pub fn revision(&self, number: u64) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.number == number)
    }

    pub fn apply(&self, number: u64) -> Option<&Apply> {
        self.applies.iter().find(|apply| apply.number == number)
    }
}

/// Reads `[resources]` of an estate's account and applies them: the account as the code made it.
pub fn describe(world: &mut World, resources: &Value) -> Vec<Problem> {
    let (code, mut problems) = code::read(resources);
    if !problems.is_empty() {
        return problems;
    }
    let revision = Revision {
        number: world.iac.head().map_or(1, |head| head.number + 1),
        id: String::new(),
        title: "the account".into(),
        by: RUNNER.into(),
        at: world.now,
        changes: code::differences(&Code::new(), &code),
        code: Arc::new(code),
        apply: 0,
    };
    Arc::make_mut(&mut world.iac.revisions).push(revision);
    match apply::run(world, RUNNER, None, false) {
        Ok(Some(number)) => {
            let failures = world.iac.apply(number).map(|apply| apply.failures.clone()).unwrap_or_default();
            problems.extend(failures.into_iter().map(|(address, say)| Problem {
                path: vec![address],
                say,
                hint: None,
            }));
        }
        Ok(None) => {}
        Err(say) => problems.push(Problem { path: Vec::new(), say, hint: None }),
    }
    problems
}

/// Reads `[iac]` of an estate's account: how often the code is applied, and where its numbers stand.
pub fn describe_pipeline(world: &mut World, settings: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, value) in settings.as_object().into_iter().flatten() {
        let span = || value.as_str().and_then(Span::parse);
        let said = match key.as_str() {
            "every" if value.as_str() == Some("never") => None,
            "every" => match span().filter(|every| *every >= EVERY_MIN) {
                Some(every) => {
                    world.iac.pipeline.every = Some(every);
                    None
                }
                None => Some("is neither a span of at least a minute nor never"),
            },
            "first" => match span() {
                Some(first) => {
                    world.iac.pipeline.first = first;
                    None
                }
                None => Some("is not a span"),
            },
            "number" => match value.as_u64() {
                Some(number) => {
                    world.iac.pipeline.number = number;
                    None
                }
                None => Some("is not a whole number"),
            },
            _ => Some("is not one of every, first, number"),
        };
        problems.extend(said.map(|say| Problem { path: vec![key.clone()], say: say.into(), hint: None }));
    }
    problems
}

/// Puts the scheduled applies on the agenda, from now.
pub fn begin(world: &mut World) {
    let pipeline = &world.iac.pipeline;
    if let Some(every) = pipeline.every {
        let first = if pipeline.first > Span::ZERO { pipeline.first } else { every };
        world.schedule(world.now + first, super::Due::Iac(Due::Apply));
    }
}

/// Declares changes of the code that people of the script will merge.
pub fn prepare(world: &mut World, prepared: &[Prepared]) {
    Arc::make_mut(&mut world.iac.prepared).extend(prepared.iter().cloned());
}

pub fn happen(world: &mut World, due: Due) {
    let Due::Apply = due;
    if let Some(every) = world.iac.pipeline.every {
        world.schedule(world.now + every, super::Due::Iac(Due::Apply));
    }
    world.iac.pipeline.looked = Some(world.now);
    if world.iac.pipeline.paused.is_none() {
        // A refusal (a lock, a plan that cannot be made) leaves everything as it is until the next time.
        let _refused = apply::run(world, RUNNER, None, true);
    }
}

/// Makes a prepared change the head of the code.
pub fn merge(world: &mut World, id: &str, by: &str) -> Result<u64, String> {
    let prepared = world.iac.prepared.iter().find(|prepared| prepared.id == id).cloned();
    let prepared = prepared.ok_or_else(|| format!("there is no revision {id:?} to merge"))?;
    if world.iac.revisions.iter().any(|revision| revision.id == id) {
        return Err(format!("{id} is merged already"));
    }
    let next = code::changed(&world.iac.code(), &prepared)?;
    let author = if prepared.by.is_empty() { by } else { &prepared.by };
    Ok(commit(world, next, (author, by), (id, &prepared.title), prepared.apply))
}

/// Takes a revision's changes back, as a revision of its own.
pub fn revert(world: &mut World, number: u64, by: &str) -> Result<u64, String> {
    let unknown = || format!("there is no revision {number}");
    let revision = world.iac.revision(number).ok_or_else(unknown)?.clone();
    let before = world.iac.revisions.iter().rev().find(|older| older.number < number);
    let before = before.map(|older| older.code.clone()).ok_or_else(|| format!("revision {number} is the first"))?;
    let mut next = Code::clone(&world.iac.code());
    for address in revision.changes.iter().map(|change| &change.address) {
        match before.get(address) {
            Some(old) => next.insert(address.clone(), old.clone()),
            None => next.remove(address),
        };
    }
    Ok(commit(world, next, (by, by), ("", &format!("Revert \"{}\"", revision.title)), 0))
}

/// Sets (or with `None` removes) attributes of one resource in the code.
pub fn edit(world: &mut World, address: &str, edits: &[(String, Option<Value>)], by: &str) -> Result<u64, String> {
    let mut next = Code::clone(&world.iac.code());
    let resource = next.entry(address.to_string()).or_default();
    for (name, value) in edits {
        match value {
            Some(module) if name == "module" => resource.module = module.as_str().unwrap_or_default().to_string(),
            Some(value) => drop(resource.attributes.insert(name.clone(), value.clone())),
            None => drop(resource.attributes.remove(name)),
        }
    }
    settle(world, next, &format!("edit {address}"), by)
}

/// Removes a resource from the code.
pub fn remove(world: &mut World, address: &str, by: &str) -> Result<u64, String> {
    let mut next = Code::clone(&world.iac.code());
    next.remove(address).ok_or_else(|| format!("{address} is not in the code"))?;
    settle(world, next, &format!("remove {address}"), by)
}

fn settle(world: &mut World, next: Code, title: &str, by: &str) -> Result<u64, String> {
    if let Some(problem) = code::check(&next).into_iter().next() {
        return Err(format!("{}: {}", problem.path.join("."), problem.say));
    }
    if next == *world.iac.code() {
        return Err("the code says so already".into());
    }
    Ok(commit(world, next, (by, by), ("", title), 0))
}

/// Makes `code` the head: by (author, who merged it), named (id, title).
fn commit(world: &mut World, code: Code, by: (&str, &str), named: (&str, &str), apply: u64) -> u64 {
    let changes = code::differences(&world.iac.code(), &code);
    let number = world.iac.head().map_or(1, |head| head.number + 1);
    for change in &changes {
        let field = FieldChange {
            path: change.path.clone(),
            before: Some(change.before.clone()).filter(|text| !text.is_empty()),
            after: Some(change.after.clone()).filter(|text| !text.is_empty()),
        };
        record(world, by.1, "merge", &change.address, vec![field]);
    }
    let revision = Revision {
        number,
        id: named.0.to_string(),
        title: named.1.to_string(),
        by: by.0.to_string(),
        at: world.now,
        code: Arc::new(code),
        changes,
        apply,
    };
    let revisions = Arc::make_mut(&mut world.iac.revisions);
    if revisions.len() == HISTORY_MAX {
        revisions.remove(1);
    }
    revisions.push(revision);
    number
}

/// Writes down that somebody changed the code or the pipeline.
pub fn record(world: &mut World, by: &str, verb: &str, name: &str, changed: Vec<FieldChange>) {
    world.audit.record(audit::Entry {
        serial: 0,
        at: world.now,
        user: by.to_string(),
        agent: "iac".into(),
        verb: verb.to_string(),
        resource: "code".into(),
        namespace: String::new(),
        name: name.to_string(),
        changed,
        code: 200,
        dry_run: false,
    });
}
