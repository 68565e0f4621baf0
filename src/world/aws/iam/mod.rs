//! IAM: roles, users and policies, and whether a caller may do something. Does not know services' state.

mod entities;
mod gate;
mod inline;
mod known;
mod managed;
pub mod resource;
mod simulate;

use super::arn::Arn;
use super::call::{Answer, Call, Caller, Fault};
use super::policy::{self, Document, Kind, Principal};
use super::service::{Effect, Operation, Service};
use super::timeline::Timeline;
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use gate::{authorize, may};

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &Call) -> Result<Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

pub static SERVICE: Service = Service {
    name: "iam",
    doc: "roles, users, policies",
    operations: &[
        row("AttachRolePolicy", "attach a managed policy to a role", Effect::Write, managed::attach),
        row("AttachUserPolicy", "attach a managed policy to a user", Effect::Write, managed::attach),
        row("CreatePolicy", "make a managed policy", Effect::Write, managed::create),
        row("CreatePolicyVersion", "give a managed policy a new text", Effect::Write, managed::create_version),
        row("CreateRole", "make a role", Effect::Write, entities::create),
        row("CreateUser", "make a user", Effect::Write, entities::create),
        row("DeletePolicy", "delete a managed policy", Effect::Write, managed::delete),
        row("DeletePolicyVersion", "delete a version of a managed policy", Effect::Write, managed::delete_version),
        row("DeleteRole", "delete a role", Effect::Write, entities::delete),
        row("DeleteRolePolicy", "delete a role's inline policy", Effect::Write, inline::delete),
        row("DeleteUser", "delete a user", Effect::Write, entities::delete),
        row("DeleteUserPolicy", "delete a user's inline policy", Effect::Write, inline::delete),
        row("DetachRolePolicy", "detach a managed policy from a role", Effect::Write, managed::detach),
        row("DetachUserPolicy", "detach a managed policy from a user", Effect::Write, managed::detach),
        row("GetPolicy", "show a managed policy", Effect::Read, managed::get),
        row("GetPolicyVersion", "show a version of a managed policy", Effect::Read, managed::get_version),
        row("GetRole", "show a role", Effect::Read, entities::get),
        row("GetRolePolicy", "show a role's inline policy", Effect::Read, inline::get),
        row("GetUser", "show a user", Effect::Read, entities::get),
        row("GetUserPolicy", "show a user's inline policy", Effect::Read, inline::get),
        row("ListAttachedRolePolicies", "list a role's managed policies", Effect::Read, managed::list_attached),
        row("ListAttachedUserPolicies", "list a user's managed policies", Effect::Read, managed::list_attached),
        row("ListPolicies", "list managed policies", Effect::Read, managed::list),
        row("ListPolicyVersions", "list the versions of a managed policy", Effect::Read, managed::list_versions),
        row("ListRolePolicies", "list a role's inline policies", Effect::Read, inline::list),
        row("ListRoleTags", "list a role's tags", Effect::Read, entities::tags),
        row("ListRoles", "list roles", Effect::Read, entities::list),
        row("ListUserPolicies", "list a user's inline policies", Effect::Read, inline::list),
        row("ListUsers", "list users", Effect::Read, entities::list),
        row("PutRolePolicy", "write a role's inline policy", Effect::Write, inline::put),
        row("PutUserPolicy", "write a user's inline policy", Effect::Write, inline::put),
        row("SimulatePrincipalPolicy", "whether policies would allow actions", Effect::Read, simulate::principal),
        row("TagRole", "tag a role", Effect::Write, entities::tag),
        row("UntagRole", "remove a role's tags", Effect::Write, entities::untag),
        row("UpdateAssumeRolePolicy", "write who may take a role on", Effect::Write, entities::trust),
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// How long a change of a policy takes until it counts. IAM is eventually consistent and gives no figure (IAM User Guide,
/// "Changes that I make are not always immediately visible"); a few seconds is what is seen.
pub const PROPAGATION: Span = Span::secs(5);

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    entities: Arc<BTreeMap<(Sort, String), Entity>>,
    /// Customer managed policies by ARN.
    managed: Arc<BTreeMap<String, Managed>>,
    /// Sessions that AssumeRole has handed out: access key id → the session's ARN.
    sessions: Arc<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Role,
    User,
}

/// A policy's text and what it says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Text {
    text: Arc<str>,
    document: Arc<Document>,
}

/// A role or a user.
#[derive(Clone, Debug, Default)]
struct Entity {
    id: String,
    path: String,
    created: Time,
    description: String,
    /// Who may take it on; roles only.
    trust: Text,
    max_session: i64,
    tags: BTreeMap<String, String>,
    inline: Timeline<Arc<BTreeMap<String, Text>>>,
    /// ARNs of managed policies.
    attached: Timeline<Arc<BTreeSet<String>>>,
    /// When it was deleted: who still has its credentials is refused.
    gone: Option<Time>,
}

/// A customer managed policy.
#[derive(Clone, Debug, Default)]
struct Managed {
    id: String,
    name: String,
    path: String,
    description: String,
    created: Time,
    updated: Time,
    tags: BTreeMap<String, String>,
    /// By number: `v1`, `v2`, …
    versions: BTreeMap<u32, (Time, Text)>,
    default: u32,
    /// The text that counts.
    counts: Timeline<Text>,
}

impl Sort {
    fn of(call: &Call) -> Sort {
        if call.operation.name.contains("User") { Sort::User } else { Sort::Role }
    }

    /// `RoleName`.
    fn member(self) -> &'static str {
        match self {
            Sort::Role => "RoleName",
            Sort::User => "UserName",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Sort::Role => "role",
            Sort::User => "user",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Sort::Role => "AWS::IAM::Role",
            Sort::User => "AWS::IAM::User",
        }
    }
}

impl Entity {
    fn arn(&self, account: &str, sort: Sort, name: &str) -> String {
        format!("arn:aws:iam::{account}:{}{}{name}", sort.word(), self.path)
    }

    fn inline_now(&self) -> Arc<BTreeMap<String, Text>> {
        self.inline.last().cloned().unwrap_or_default()
    }

    fn attached_now(&self) -> Arc<BTreeSet<String>> {
        self.attached.last().cloned().unwrap_or_default()
    }
}

/// All policies as they stand. Whoever keeps it keeps what it was made of, so that a change makes that anew and is seen.
#[derive(Clone)]
pub struct Standing {
    entities: Arc<BTreeMap<(Sort, String), Entity>>,
    managed: Arc<BTreeMap<String, Managed>>,
}

/// The policies at a time; `None` while a change has yet to take effect.
pub fn standing(world: &World, at: Time) -> Option<Standing> {
    let Identity { entities, managed, .. } = &world.aws.identity;
    let (entities, managed) = (Arc::clone(entities), Arc::clone(managed));
    let settled = |last: Option<Time>| last.is_none_or(|last| last <= at);
    let own = |entity: &Entity| {
        settled(entity.gone) && settled(entity.inline.last_change()) && settled(entity.attached.last_change())
    };
    let stands = entities.values().all(own) && managed.values().all(|policy| settled(policy.counts.last_change()));
    stands.then_some(Standing { entities, managed })
}

impl Standing {
    /// Whether nobody changed anything between the two.
    pub fn same(&self, other: &Standing) -> bool {
        Arc::ptr_eq(&self.entities, &other.entities) && Arc::ptr_eq(&self.managed, &other.managed)
    }

    /// Whether nobody has changed anything.
    pub fn holds(&self, world: &World) -> bool {
        let identity = &world.aws.identity;
        Arc::ptr_eq(&self.entities, &identity.entities) && Arc::ptr_eq(&self.managed, &identity.managed)
    }
}

/// From when a change made now counts.
fn effective(world: &World) -> Time {
    world.now + PROPAGATION
}

/// Ids as IAM shapes them: `AROA` and 17 letters and digits.
fn id(world: &World, prefix: &str, name: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut dice = Dice::new(world.seed).fork("iam").fork(prefix).fork(name);
    let tail: String = (0..17).filter_map(|_| dice.pick(LETTERS).map(|byte| char::from(*byte))).collect();
    format!("{prefix}{tail}")
}

/// The policies of a role or user at a time.
fn documents_of(world: &World, entity: &Entity, at: Time) -> Vec<Arc<Document>> {
    let inline = entity.inline.at(at).into_iter().flat_map(|inline| inline.values().map(|text| text.document.clone()));
    let attached = entity.attached.at(at).into_iter().flat_map(|arns| arns.iter());
    let named = attached.filter_map(|arn| {
        let own = world.aws.identity.managed.get(arn).and_then(|managed| managed.counts.at(at));
        own.map(|text| text.document.clone()).or_else(|| known::document(arn))
    });
    inline.chain(named).collect()
}

/// The principal as which somebody calls: a program or bot by its name (the role named so, or the one that carries the tag
/// `app` with that name), the learner as `assumed-role/oncall/learner`, or anybody by an ARN. A role that was never
/// declared is made up; it may do everything.
pub fn principal(world: &World, name: &str) -> Principal {
    let account = world.aws.id.to_string();
    if let Some(arn) = Arn::parse(name) {
        return from_arn(&arn, name);
    }
    let entities = &world.aws.identity.entities;
    let declared = |name: &str| entities.contains_key(&(Sort::Role, name.to_string()));
    let role = if name == "learner" {
        "oncall"
    } else if declared(name) {
        name
    } else {
        let tagged = |entity: &Entity| entity.tags.get("app").is_some_and(|app| app == name);
        let found = entities.iter().find(|((sort, _), entity)| *sort == Sort::Role && tagged(entity));
        found.map_or(name, |((_, role), _)| role.as_str())
    };
    session(world, &account, role, name)
}

/// A session of a role.
fn session(world: &World, account: &str, role: &str, session: &str) -> Principal {
    let entity = world.aws.identity.entities.get(&(Sort::Role, role.to_string()));
    let of = entity.map_or_else(|| format!("arn:aws:iam::{account}:role/{role}"), |e| e.arn(account, Sort::Role, role));
    let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
    Principal::session(arn, of, account)
}

fn from_arn(arn: &Arn, text: &str) -> Principal {
    let account = arn.account.to_string();
    let parts: Vec<&str> = arn.resource.split('/').collect();
    match (arn.service, parts.as_slice()) {
        ("sts", ["assumed-role", role, ..]) => {
            let role = format!("arn:aws:iam::{account}:role/{role}");
            Principal::session(text, role, account)
        }
        // A function or a service calls with a session of the role that it was given.
        ("iam", ["role", .., name]) => {
            let session = format!("arn:aws:sts::{account}:assumed-role/{name}/{name}");
            Principal::session(session, text, account)
        }
        _ => Principal::session(text, "", account),
    }
}

/// The principal behind a request.
pub fn caller(world: &World, caller: &Caller) -> Principal {
    if caller.arn.is_empty() { principal(world, &caller.user) } else { principal(world, &caller.arn) }
}

/// Remembers a session; at most 1,000 (ours), the first keys fall out.
pub(super) fn remember_session(world: &mut World, access_key: String, arn: String) {
    let sessions = Arc::make_mut(&mut world.aws.identity.sessions);
    if sessions.len() >= 1_000 {
        sessions.pop_first();
    }
    sessions.insert(access_key, arn);
}

/// The id of a role, and who may take it on: its text and document.
pub(super) fn trusted(world: &World, role: &str) -> Option<(String, Arc<Document>)> {
    let entity = world.aws.identity.entities.get(&(Sort::Role, role.to_string()))?;
    entity.gone.is_none().then(|| (entity.id.clone(), entity.trust.document.clone()))
}

/// An id for who is not declared.
pub(super) fn made_up_id(world: &World, role: &str) -> String {
    id(world, "AROA", role)
}

/// Reads a policy's text, with IAM's complaint; texts above `most` bytes without white space exceed the quota (IAM quotas:
/// 6,144 for managed policies, 10,240 for a role's and 2,048 for a user's inline policies, 2,048 for trust policies).
fn read(text: &str, kind: Kind, most: usize, whose: &str) -> Result<Text, Fault> {
    let length = text.chars().filter(|letter| !letter.is_whitespace()).count();
    if length > most {
        let message = format!("Maximum policy size of {most} bytes exceeded for {whose}");
        return Err(Fault::new("LimitExceeded", message).status(409));
    }
    let document = policy::parse(text, kind).map_err(|flaw| policy::complaint("iam", &flaw))?;
    Ok(Text { text: Arc::from(text), document: Arc::new(document) })
}

fn no_such(message: impl Into<String>) -> Fault {
    Fault::new("NoSuchEntity", message).status(404)
}
