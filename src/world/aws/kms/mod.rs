//! KMS: keys, aliases, key policies, and who may use a key when. Encrypts nothing.

mod aliases;
mod keys;

use super::arn;
use super::call::{Answer, Call, Fault};
use super::iam;
use super::policy::{self, Ask, Context, Document, Kind, Principal};
use super::service::{Effect, Operation, Service};
use super::timeline::Timeline;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &Call) -> Result<Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

pub static SERVICE: Service = Service {
    name: "kms",
    doc: "encryption keys",
    operations: &[
        row("CancelKeyDeletion", "keep a key that was to be deleted", Effect::Write, keys::cancel_deletion),
        row("CreateAlias", "name a key", Effect::Write, aliases::create),
        row("CreateKey", "make a key", Effect::Write, keys::create),
        row("DeleteAlias", "delete a key's name", Effect::Write, aliases::delete),
        row("DescribeKey", "show a key", Effect::Read, keys::describe),
        row("DisableKey", "make a key unusable", Effect::Write, keys::disable),
        row("DisableKeyRotation", "stop yearly rotation", Effect::Write, keys::disable_rotation),
        row("EnableKey", "make a key usable", Effect::Write, keys::enable),
        row("EnableKeyRotation", "rotate a key yearly", Effect::Write, keys::enable_rotation),
        row("GetKeyPolicy", "show a key's policy", Effect::Read, keys::get_policy),
        row("GetKeyRotationStatus", "show whether a key rotates", Effect::Read, keys::rotation),
        row("ListAliases", "list names of keys", Effect::Read, aliases::list),
        row("ListKeyPolicies", "list a key's policies", Effect::Read, keys::list_policies),
        row("ListKeys", "list keys", Effect::Read, keys::list),
        row("ListResourceTags", "list a key's tags", Effect::Read, keys::tags),
        row("PutKeyPolicy", "write a key's policy", Effect::Write, keys::put_policy),
        row("ScheduleKeyDeletion", "delete a key after a waiting period", Effect::Write, keys::schedule_deletion),
        row("TagResource", "tag a key", Effect::Write, keys::tag),
        row("UntagResource", "remove a key's tags", Effect::Write, keys::untag),
        row("UpdateAlias", "point a name at another key", Effect::Write, aliases::update),
        row("UpdateKeyDescription", "describe a key", Effect::Write, keys::update_description),
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

const KIND: &str = "AWS::KMS::Key";

/// How long a change of a key takes until it counts: "most changes take effect within a few seconds" (KMS Developer Guide,
/// "KMS eventual consistency").
pub const PROPAGATION: Span = Span::secs(5);

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    keys: Arc<BTreeMap<String, Key>>,
    /// `alias/…` → key id.
    aliases: Arc<BTreeMap<String, Alias>>,
}

#[derive(Clone, Debug)]
struct Alias {
    key: Timeline<String>,
    created: Time,
    updated: Time,
}

#[derive(Clone, Debug, Default)]
struct Key {
    created: Time,
    description: String,
    state: Timeline<State>,
    policy: Timeline<(Arc<str>, Arc<Document>)>,
    /// Since when it rotates, and every how many days.
    rotation: Option<(Time, i64)>,
    tags: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion(Time),
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Enabled => "Enabled",
            State::Disabled => "Disabled",
            State::PendingDeletion(_) => "PendingDeletion",
        }
    }
}

impl Key {
    fn state_now(&self) -> State {
        self.state.last().copied().unwrap_or(State::Enabled)
    }
}

fn key_arn(world: &World, id: &str) -> String {
    arn::make("kms", &world.aws.region, &world.aws.id, &format!("key/{id}"))
}

fn alias_arn(world: &World, alias: &str) -> String {
    arn::make("kms", &world.aws.region, &world.aws.id, alias)
}

/// The id of a key by id, ARN or alias at a time.
fn id_at(world: &World, key: &str, at: Time) -> Option<String> {
    let name = key.rsplit_once(':').map_or(key, |(_, resource)| resource);
    let name = name.strip_prefix("key/").unwrap_or(name);
    let keys = &world.aws.keys;
    if name.starts_with("alias/") {
        return keys.aliases.get(name).and_then(|alias| alias.key.at(at).cloned());
    }
    keys.keys.contains_key(name).then(|| name.to_string())
}

/// The ARN of a key by id, ARN or alias, as it is now.
pub fn arn_of(world: &World, key: &str) -> Option<String> {
    id_at(world, key, Time(i64::MAX)).map(|id| key_arn(world, &id))
}

/// A key's policy at a time.
pub fn policy_of(world: &World, key: &str, at: Time) -> Option<Arc<Document>> {
    let id = id_at(world, key, at)?;
    world.aws.keys.keys.get(&id)?.policy.at(at).map(|(_, document)| document.clone())
}

/// Whether a principal may use a key (id, ARN or alias) for `action` (`kms:Decrypt`, `kms:GenerateDataKey`) at a time; the
/// refusal in KMS's own words. What other services make of it: [`through`].
pub fn may_use(world: &World, at: Time, key: &str, principal: &Principal, action: &str) -> Result<(), Fault> {
    let context = Context::default().with("kms:CallerAccount", &*principal.account);
    let account = world.aws.id.to_string();
    let ask = |resource| Ask { principal, action, resource, account: &account, context: &context };
    // A key that AWS manages for a service is for the account's own principals through that service, and for nobody else: SNS
    // cannot write to a queue under `alias/aws/sqs` (SNS Developer Guide, "Enable compatibility between event sources").
    let managed = key.rsplit_once(':').map_or(key, |(_, resource)| resource);
    if managed.starts_with("alias/aws/") {
        let named = arn::make("kms", &world.aws.region, &world.aws.id, managed);
        let document = policy::parse(&aws_managed(&account), Kind::Resource).unwrap_or_default();
        return iam::may(world, at, &ask(&named), Some(&document)).map_err(denied);
    }
    let id = id_at(world, key, at).ok_or_else(|| not_found(world, key))?;
    let named = key_arn(world, &id);
    let Some(key) = world.aws.keys.keys.get(&id) else { return Err(not_found(world, &id)) };
    match key.state.at(at) {
        Some(State::Disabled) => return Err(Fault::new("DisabledException", format!("{named} is disabled."))),
        Some(State::PendingDeletion(when)) if *when <= at => return Err(not_found(world, &id)),
        Some(State::PendingDeletion(_)) => {
            return Err(Fault::new("KMSInvalidStateException", format!("{named} is pending deletion.")));
        }
        _ => {}
    }
    let policy = key.policy.at(at).map(|(_, document)| document.as_ref());
    iam::may(world, at, &ask(&named), policy).map_err(denied)
}

/// Allows the account's own principals what a service does for them.
fn aws_managed(account: &str) -> String {
    let condition = json!({ "StringEquals": { "kms:CallerAccount": account } });
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": "*" }, "Resource": "*", "Condition": condition,
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn denied(fault: Fault) -> Fault {
    Fault { code: "AccessDeniedException".into(), status: 400, ..fault }
}

fn not_found(world: &World, key: &str) -> Fault {
    let message = match key.strip_prefix("arn:").map_or(key, |_| key.rsplit(':').next().unwrap_or(key)) {
        alias if alias.starts_with("alias/") => format!("Alias {} is not found.", alias_arn(world, alias)),
        id => format!("Key '{}' does not exist", key_arn(world, id.strip_prefix("key/").unwrap_or(id))),
    };
    Fault::new("NotFoundException", message)
}

/// KMS's refusal as clients of another service see it (the error codes of the SQS, SNS and Lambda API references).
pub fn through(service: &str, fault: Fault) -> Fault {
    let short = match fault.code.as_str() {
        "AccessDeniedException" => "AccessDenied",
        "DisabledException" => "Disabled",
        "KMSInvalidStateException" => "InvalidState",
        "NotFoundException" => "NotFound",
        _ => return fault,
    };
    match service {
        "sqs" => Fault::new(&format!("KMS.{short}Exception"), fault.message).status(400),
        "sns" => Fault::new(&format!("KMS{short}"), fault.message).status(400),
        "lambda" => {
            let why = match short {
                "AccessDenied" => "KMS access was denied",
                "Disabled" => "the KMS key used is disabled",
                "InvalidState" => "the state of the KMS key used is not valid for Decrypt",
                _ => "the KMS key was not found",
            };
            let message = format!(
                "Lambda was unable to decrypt the environment variables because {why}. Please check the function's KMS key \
                 settings. KMS Exception: {} KMS Message: {}",
                fault.code, fault.message
            );
            Fault::new(&format!("KMS{short}Exception"), message).status(502)
        }
        _ => fault,
    }
}
