//! Keys: made, shown, switched, their policies, rotation, tags and end. Does not know who uses them.

use super::{KIND, Key, PROPAGATION, State, id_at, key_arn, not_found};
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use crate::world::aws::paging;
use crate::world::aws::policy::{self, Ask, Context, Document, Held, Holder, Kind};
use crate::world::aws::timeline::Timeline;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The longest key policy in bytes (KMS quotas).
const POLICY_MAX: usize = 32_768;

fn named(world: &World, call: &Call) -> Result<String, Fault> {
    let key = call.text("KeyId").unwrap_or_default();
    // What is set up is read and changed at once; only its use has to wait for the change to spread.
    id_at(world, key, Time(i64::MAX)).ok_or_else(|| not_found(world, key))
}

fn key<'w>(world: &'w World, call: &Call) -> Result<(String, &'w Key), Fault> {
    let id = named(world, call)?;
    let key = world.aws.keys.keys.get(&id).ok_or_else(|| not_found(world, &id))?;
    Ok((id, key))
}

fn change(
    world: &mut World,
    call: &Call,
    how: impl FnOnce(&mut Key, Time) -> Vec<FieldChange>,
) -> Result<Answer, Fault> {
    let (id, _) = key(world, call)?;
    let from = world.now + PROPAGATION;
    let keys = Arc::make_mut(&mut world.aws.keys.keys);
    let changed = keys.get_mut(&id).map(|key| how(key, from)).unwrap_or_default();
    Ok(Answer::default().altering(KIND, &id, changed))
}

/// Changes of a key that is to be deleted are refused.
fn must_live(world: &World, call: &Call) -> Result<(), Fault> {
    let (id, key) = key(world, call)?;
    match key.state_now() {
        State::PendingDeletion(_) => {
            let message = format!("{} is pending deletion.", key_arn(world, &id));
            Err(Fault::new("KMSInvalidStateException", message))
        }
        _ => Ok(()),
    }
}

fn read(world: &World, call: &Call, text: &str) -> Result<(Arc<str>, Arc<Document>), Fault> {
    if text.len() > POLICY_MAX {
        let message = "The policy exceeds the maximum size of 32768 bytes.";
        return Err(Fault::new("LimitExceededException", message));
    }
    let document = policy::parse(text, Kind::Resource).map_err(|flaw| policy::complaint("kms", &flaw))?;
    let mine = crate::world::aws::iam::caller(world, &call.request.caller);
    let context = Context::default();
    let ask =
        Ask { principal: &mine, action: "kms:PutKeyPolicy", resource: "*", account: &world.aws.id, context: &context };
    // The lockout check: whoever writes the policy must be able to write the next one.
    let everything = Document::everything();
    let held =
        [Held { by: Holder::Identity, document: &everything }, Held { by: Holder::Resource, document: &document }];
    if !call.yes("BypassPolicyLockoutSafetyCheck").unwrap_or(false) && !policy::decide_key(&held, &ask).allowed() {
        let message = "The new key policy will not allow you to update the key policy in the future.";
        return Err(Fault::new("MalformedPolicyDocumentException", message));
    }
    Ok((Arc::from(text), Arc::new(document)))
}

/// What a key has where nobody wrote a policy (KMS Developer Guide, "Default key policy").
fn default_policy(account: &str) -> String {
    let statement = json!({
        "Sid": "Enable IAM User Permissions", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{account}:root") }, "Action": "kms:*", "Resource": "*",
    });
    let text = json!({ "Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement] });
    serde_json::to_string_pretty(&text).unwrap_or_default()
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = call.text("Policy").map_or_else(|| default_policy(&world.aws.id), str::to_string);
    let policy = read(world, call, &text)?;
    let count = world.aws.keys.keys.len();
    let id = Dice::new(world.seed).fork("kms").fork(&format!("{count}@{}", world.now.0)).uuid();
    let key = Key {
        created: world.now,
        description: call.text("Description").unwrap_or_default().to_string(),
        state: Timeline::new(world.now, State::Enabled),
        policy: Timeline::new(world.now, policy),
        rotation: None,
        tags: given_tags(call),
    };
    let body = json!({ "KeyMetadata": shown(world, &id, &key) });
    Arc::make_mut(&mut world.aws.keys.keys).insert(id.clone(), key);
    Ok(Answer::of(body).about("/KeyMetadata", KIND, &id).altering(KIND, &id, Vec::new()))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, key) = key(world, call)?;
    Ok(Answer::of(json!({ "KeyMetadata": shown(world, &id, key) })).about("/KeyMetadata", KIND, &id))
}

fn shown(world: &World, id: &str, key: &Key) -> Value {
    let state = key.state_now();
    let mut out = Map::new();
    let mut put = |member: &str, value: Value| out.insert(member.to_string(), value);
    put("AWSAccountId", json!(&*world.aws.id));
    put("KeyId", json!(id));
    put("Arn", json!(key_arn(world, id)));
    put("CreationDate", json!(key.created.0));
    put("Enabled", json!(state == State::Enabled));
    put("Description", json!(key.description));
    put("KeyUsage", json!("ENCRYPT_DECRYPT"));
    put("KeyState", json!(state.word()));
    if let State::PendingDeletion(when) = state {
        put("DeletionDate", json!(when.0));
    }
    put("Origin", json!("AWS_KMS"));
    put("KeyManager", json!("CUSTOMER"));
    put("CustomerMasterKeySpec", json!("SYMMETRIC_DEFAULT"));
    put("KeySpec", json!("SYMMETRIC_DEFAULT"));
    put("EncryptionAlgorithms", json!(["SYMMETRIC_DEFAULT"]));
    put("MultiRegion", json!(false));
    Value::Object(out)
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now;
    let gone = |key: &Key| matches!(key.state_now(), State::PendingDeletion(when) if when <= now);
    let keys = world.aws.keys.keys.iter().filter(|(_, key)| !gone(key));
    let items: Vec<Value> = keys.map(|(id, _)| json!({ "KeyId": id, "KeyArn": key_arn(world, id) })).collect();
    let answer = paged(call, "Keys", items)?;
    Ok(answer.covering(Cover::All { kind: KIND.into() }))
}

/// A page of a list, as KMS gives it: `Truncated` always; 100 items where nothing is said.
pub(super) fn paged(call: &Call, member: &str, items: Vec<Value>) -> Result<Answer, Fault> {
    let limit = call.whole("Limit").unwrap_or(100).clamp(1, 1_000) as usize;
    let invalid = || Fault::new("InvalidMarkerException", "Could not deserialize marker");
    let (items, next) = paging::page(items, call.text("Marker"), limit).ok_or_else(invalid)?;
    let mut body = json!({ member: items, "Truncated": next.is_some() });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextMarker".into(), next.into());
    }
    Ok(Answer::of(body))
}

fn switch(world: &mut World, call: &Call, to: State) -> Result<Answer, Fault> {
    must_live(world, call)?;
    change(world, call, |key, from| {
        let before = key.state_now();
        key.state.set_forgetting(from, to);
        field("KeyState", before.word(), to.word())
    })
}

fn field(path: &str, before: &str, after: &str) -> Vec<FieldChange> {
    if before == after {
        return Vec::new();
    }
    vec![FieldChange { path: path.into(), before: Some(before.into()), after: Some(after.into()) }]
}

pub fn enable(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    switch(world, call, State::Enabled)
}

pub fn disable(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    switch(world, call, State::Disabled)
}

pub fn schedule_deletion(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    must_live(world, call)?;
    // Thirty days where nothing is said, seven at least (KMS API Reference).
    let days = call.whole("PendingWindowInDays").unwrap_or(30);
    if !(7..=30).contains(&days) {
        let message = format!(
            "Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must be between 7 and 30"
        );
        return Err(Fault::new("ValidationException", message));
    }
    let when = world.now + Span::hours(24 * days);
    let id = named(world, call)?;
    let mut answer = change(world, call, |key, from| {
        let before = key.state_now();
        let to = State::PendingDeletion(when);
        key.state.set_forgetting(from, to);
        field("KeyState", before.word(), to.word())
    })?;
    answer.body = json!({
        "KeyId": key_arn(world, &id), "DeletionDate": when.0, "KeyState": "PendingDeletion", "PendingWindowInDays": days,
    });
    Ok(answer.about("", KIND, &id))
}

pub fn cancel_deletion(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, key) = key(world, call)?;
    let named = key_arn(world, &id);
    if !matches!(key.state_now(), State::PendingDeletion(_)) {
        return Err(Fault::new("KMSInvalidStateException", format!("{named} is not pending deletion.")));
    }
    let mut answer = change(world, call, |key, from| {
        // A key that was kept comes back disabled.
        key.state.set_forgetting(from, State::Disabled);
        field("KeyState", "PendingDeletion", "Disabled")
    })?;
    answer.body = json!({ "KeyId": named });
    Ok(answer)
}

pub fn enable_rotation(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    must_live(world, call)?;
    let (now, days) = (world.now, call.whole("RotationPeriodInDays").unwrap_or(365));
    change(world, call, |key, _| {
        let before = key.rotation.replace((now, days)).is_some();
        field("EnableKeyRotation", &before.to_string(), "true")
    })
}

pub fn disable_rotation(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    must_live(world, call)?;
    change(world, call, |key, _| {
        let before = key.rotation.take().is_some();
        field("EnableKeyRotation", &before.to_string(), "false")
    })
}

pub fn rotation(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, key) = key(world, call)?;
    let mut body = json!({ "KeyRotationEnabled": key.rotation.is_some(), "KeyId": key_arn(world, &id) });
    if let (Some((since, days)), Some(body)) = (key.rotation, body.as_object_mut()) {
        let passed = (world.now - since).0.div_euclid(Span::hours(24 * days.max(1)).0);
        body.insert("RotationPeriodInDays".into(), days.into());
        body.insert("NextRotationDate".into(), (since + Span::hours(24 * days * (passed + 1))).0.into());
    }
    Ok(Answer::of(body).about("", KIND, &id))
}

pub fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, key) = key(world, call)?;
    let text = key.policy.last().map(|(text, _)| text.to_string()).unwrap_or_default();
    Ok(Answer::of(json!({ "Policy": text, "PolicyName": "default" })).about("", KIND, &id))
}

pub fn list_policies(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let _ = named(world, call)?;
    paged(call, "PolicyNames", vec![json!("default")])
}

pub fn put_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    must_live(world, call)?;
    let policy = read(world, call, call.text("Policy").unwrap_or_default())?;
    change(world, call, |key, from| {
        let before = key.policy.last().map(|(text, _)| text.to_string());
        let after = Some(policy.0.to_string());
        key.policy.set_forgetting(from, policy);
        vec![FieldChange { path: "Policy".into(), before, after }]
    })
}

pub fn update_description(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = call.text("Description").unwrap_or_default().to_string();
    change(world, call, |key, _| {
        let before = std::mem::replace(&mut key.description, text.clone());
        field("Description", &before, &text)
    })
}

fn given_tags(call: &Call) -> std::collections::BTreeMap<String, String> {
    let part = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    call.list("Tags").iter().map(|tag| (part(tag, "TagKey"), part(tag, "TagValue"))).collect()
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, key) = key(world, call)?;
    let items = key.tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    Ok(paged(call, "Tags", items)?.about("", KIND, &id))
}

pub fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tags = given_tags(call);
    change(world, call, |key, _| {
        let each = tags.into_iter();
        each.map(|(name, value)| FieldChange {
            path: format!("Tags[{name}].Value"),
            before: key.tags.insert(name, value.clone()),
            after: Some(value),
        })
        .collect()
    })
}

pub fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let names = call.texts("TagKeys");
    change(world, call, |key, _| {
        let gone = names.into_iter().filter_map(|name| Some((name, key.tags.remove(name)?)));
        gone.map(|(name, before)| FieldChange {
            path: format!("Tags[{name}].Value"),
            before: Some(before),
            after: None,
        })
        .collect()
    })
}
