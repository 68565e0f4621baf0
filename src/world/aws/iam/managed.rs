//! Managed policies: their versions, and to whom they are attached. Does not know what they allow.

use super::entities::{change, given_tags, listed, named, tags_shown};
use super::{Managed, Text, effective, id, known, no_such, read};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::policy::Kind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const KIND: &str = "AWS::IAM::ManagedPolicy";
/// Managed policies a role or user may have (IAM quotas, default).
const ATTACHED_MAX: usize = 10;
/// Versions a managed policy may have (IAM quotas).
const VERSIONS_MAX: usize = 5;
/// The longest managed policy without white space (IAM quotas).
const POLICY_MAX: usize = 6_144;

/// A policy's names: by what people call it.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn own<'w>(world: &'w World, arn: &str) -> Result<&'w Managed, Fault> {
    world.aws.identity.managed.get(arn).ok_or_else(|| no_such(format!("Policy {arn} was not found.")))
}

fn own_mut<'w>(world: &'w mut World, arn: &str) -> Result<&'w mut Managed, Fault> {
    if arn.starts_with(known::PREFIX) {
        let message = format!("Policy {arn} is managed by AWS and cannot be changed.");
        return Err(Fault::new("AccessDenied", message).status(403));
    }
    let missing = || no_such(format!("Policy {arn} was not found."));
    Arc::make_mut(&mut world.aws.identity.managed).get_mut(arn).ok_or_else(missing)
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, path) = (call.text("PolicyName").unwrap_or_default(), call.text("Path").unwrap_or("/"));
    let arn = format!("arn:aws:iam::{}:policy{path}{name}", world.aws.id);
    if world.aws.identity.managed.contains_key(&arn) {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Fault::new("EntityAlreadyExists", message).status(409));
    }
    let text = call.text("PolicyDocument").unwrap_or_default();
    let text = read(text, Kind::Identity, POLICY_MAX, &format!("policy {name}"))?;
    let managed = Managed {
        id: id(world, "ANPA", name),
        name: name.to_string(),
        path: path.to_string(),
        description: call.text("Description").unwrap_or_default().to_string(),
        created: world.now,
        updated: world.now,
        tags: given_tags(call),
        versions: BTreeMap::from([(1, (world.now, text.clone()))]),
        default: 1,
        counts: super::Timeline::new(effective(world), text),
    };
    let body = json!({ "Policy": shown(world, &arn, &managed, false) });
    Arc::make_mut(&mut world.aws.identity.managed).insert(arn, managed);
    Ok(Answer::of(body).about("/Policy", KIND, name).altering(KIND, name, Vec::new()))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let conflict = |message: &str| Err(Fault::new("DeleteConflict", message).status(409));
    if uses(world, arn) > 0 {
        return conflict("Cannot delete a policy attached to entities.");
    }
    if own(world, arn)?.versions.len() > 1 {
        let message = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                       versions. The default version is deleted with the policy.";
        return conflict(message);
    }
    Arc::make_mut(&mut world.aws.identity.managed).remove(arn);
    Ok(Answer::default().altering(KIND, name_of(arn), Vec::new()))
}

pub fn create_version(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let text = call.text("PolicyDocument").unwrap_or_default();
    let text = read(text, Kind::Identity, POLICY_MAX, &format!("policy {}", name_of(arn)))?;
    let (now, from) = (world.now, effective(world));
    let default = call.yes("SetAsDefault").unwrap_or(false);
    let managed = own_mut(world, arn)?;
    if managed.versions.len() >= VERSIONS_MAX {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                       existing version.";
        return Err(Fault::new("LimitExceeded", message).status(409));
    }
    let number = managed.versions.last_key_value().map_or(0, |(number, _)| *number) + 1;
    let mut changed = Vec::new();
    if default {
        let before = managed.counts.last().map(|text| text.text.to_string());
        let after = Some(text.text.to_string());
        changed.push(FieldChange { path: "PolicyDocument".into(), before, after });
        managed.counts.set_forgetting(from, text.clone());
        (managed.default, managed.updated) = (number, now);
    }
    managed.versions.insert(number, (now, text));
    let body = json!({ "PolicyVersion": {
        "VersionId": format!("v{number}"), "IsDefaultVersion": default, "CreateDate": seconds(now),
    } });
    Ok(Answer::of(body).about("/PolicyVersion", KIND, name_of(arn)).altering(KIND, name_of(arn), changed))
}

pub fn delete_version(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let version = call.text("VersionId").unwrap_or_default();
    let managed = own_mut(world, arn)?;
    let number = version.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or(0);
    if number == managed.default {
        return Err(Fault::new("DeleteConflict", "Cannot delete the default version of a policy.").status(409));
    }
    if managed.versions.remove(&number).is_none() {
        return Err(no_such(format!("Policy {arn} version {version} does not exist or is not attachable.")));
    }
    Ok(Answer::default().altering(KIND, name_of(arn), Vec::new()))
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let policy = match known::find(arn) {
        Some((name, _)) => shown_known(world, name),
        None => shown(world, arn, own(world, arn)?, true),
    };
    Ok(Answer::of(json!({ "Policy": policy })).about("/Policy", KIND, name_of(arn)))
}

pub fn get_version(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let version = call.text("VersionId").unwrap_or_default();
    let missing = || no_such(format!("Policy {arn} version {version} does not exist or is not attachable."));
    let (created, default, text) = match known::find(arn) {
        Some((_, text)) if version == "v1" => (Time(0), true, text.clone()),
        Some(_) => return Err(missing()),
        None => {
            let managed = own(world, arn)?;
            let number: u32 = version.strip_prefix('v').and_then(|v| v.parse().ok()).ok_or_else(missing)?;
            let (created, text) = managed.versions.get(&number).ok_or_else(missing)?;
            (*created, managed.default == number, text.clone())
        }
    };
    let body = json!({ "PolicyVersion": {
        "Document": &*text.text, "VersionId": version, "IsDefaultVersion": default, "CreateDate": seconds(created),
    } });
    Ok(Answer::of(body).about("/PolicyVersion", KIND, name_of(arn)))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let scope = call.text("Scope").unwrap_or("All");
    let only_attached = call.yes("OnlyAttached").unwrap_or(false);
    let mut items: Vec<(String, Value)> = Vec::new();
    if scope != "AWS" {
        let managed = world.aws.identity.managed.iter();
        items.extend(managed.map(|(arn, managed)| (arn.clone(), shown(world, arn, managed, false))));
    }
    if scope != "Local" {
        items.extend(known::all().map(|(name, _)| (format!("{}{name}", known::PREFIX), shown_known(world, name))));
    }
    items.retain(|(arn, _)| !only_attached || uses(world, arn) > 0);
    listed(call, "Policies", items, |answer, at, arn| answer.about(at, KIND, name_of(arn)))
}

pub fn list_versions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let version = |number: u32, default: bool, created: Time| {
        let id = format!("v{number}");
        (id.clone(), json!({ "VersionId": id, "IsDefaultVersion": default, "CreateDate": seconds(created) }))
    };
    let items = match known::find(arn) {
        Some(_) => vec![version(1, true, Time(0))],
        None => {
            let managed = own(world, arn)?;
            let versions = managed.versions.iter().rev();
            versions.map(|(number, (at, _))| version(*number, *number == managed.default, *at)).collect()
        }
    };
    Ok(listed(call, "Versions", items, |answer, _, _| answer)?.about("", KIND, name_of(arn)))
}

pub fn attach(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, _, entity) = named(world, call)?;
    let arn = call.text("PolicyArn").unwrap_or_default().to_string();
    if known::find(&arn).is_none() && !world.aws.identity.managed.contains_key(&arn) {
        return Err(no_such(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let attached = entity.attached_now();
    if attached.len() >= ATTACHED_MAX && !attached.contains(&arn) {
        let word = if sort == super::Sort::Role { "PoliciesPerRole" } else { "PoliciesPerUser" };
        let message = format!("Cannot exceed quota for {word}: {ATTACHED_MAX}");
        return Err(Fault::new("LimitExceeded", message).status(409));
    }
    let from = effective(world);
    change(world, call, |entity| {
        let mut attached = entity.attached_now();
        let new = Arc::make_mut(&mut attached).insert(arn.clone());
        entity.attached.set_forgetting(from, attached);
        let change = FieldChange { path: format!("ManagedPolicyArns[{arn}]"), before: None, after: Some(arn.clone()) };
        if new { vec![change] } else { Vec::new() }
    })
}

pub fn detach(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (_, _, entity) = named(world, call)?;
    let arn = call.text("PolicyArn").unwrap_or_default().to_string();
    if !entity.attached_now().contains(&arn) {
        return Err(no_such(format!("Policy {arn} was not found.")));
    }
    let from = effective(world);
    change(world, call, |entity| {
        let mut attached = entity.attached_now();
        Arc::make_mut(&mut attached).remove(&arn);
        entity.attached.set_forgetting(from, attached);
        vec![FieldChange { path: format!("ManagedPolicyArns[{arn}]"), before: Some(arn.clone()), after: None }]
    })
}

pub fn list_attached(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, entity) = named(world, call)?;
    let row = |arn: &String| (arn.clone(), json!({ "PolicyName": name_of(arn), "PolicyArn": arn }));
    let items = entity.attached_now().iter().map(row).collect();
    Ok(listed(call, "AttachedPolicies", items, |answer, _, _| answer)?.about("", sort.kind(), &name))
}

/// How many roles and users have it.
fn uses(world: &World, arn: &str) -> usize {
    let entities = world.aws.identity.entities.values();
    entities.filter(|entity| entity.gone.is_none() && entity.attached_now().contains(arn)).count()
}

fn seconds(time: Time) -> i64 {
    time.0.div_euclid(1_000) * 1_000
}

fn shown(world: &World, arn: &str, managed: &Managed, whole: bool) -> Value {
    let mut out = Map::new();
    let mut put = |member: &str, value: Value| out.insert(member.to_string(), value);
    put("PolicyName", json!(managed.name));
    put("PolicyId", json!(managed.id));
    put("Arn", json!(arn));
    put("Path", json!(managed.path));
    put("DefaultVersionId", json!(format!("v{}", managed.default)));
    put("AttachmentCount", json!(uses(world, arn)));
    put("PermissionsBoundaryUsageCount", json!(0));
    put("IsAttachable", json!(true));
    if whole && !managed.description.is_empty() {
        put("Description", json!(managed.description));
    }
    put("CreateDate", json!(seconds(managed.created)));
    put("UpdateDate", json!(seconds(managed.updated)));
    if whole {
        put("Tags", tags_shown(&managed.tags));
    }
    Value::Object(out)
}

fn shown_known(world: &World, name: &str) -> Value {
    let arn = format!("{}{name}", known::PREFIX);
    let path = name.rsplit_once('/').map_or("/".to_string(), |(path, _)| format!("/{path}/"));
    let (uses, id) = (uses(world, &arn), id(world, "ANPA", &arn));
    json!({
        "PolicyName": name_of(name), "PolicyId": id, "Arn": arn, "Path": path, "DefaultVersionId": "v1",
        "AttachmentCount": uses, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
        "CreateDate": 0, "UpdateDate": 0,
    })
}

impl Text {
    /// The places of the statements in the text: (line, column) of beginning and end, counted from one.
    pub(super) fn places(&self) -> Vec<[(usize, usize); 2]> {
        let Some(from) = self.text.find("\"Statement\"") else { return Vec::new() };
        let (mut places, mut opened, mut depth, mut quoted, mut escaped) = (Vec::new(), (0, 0), 0, false, false);
        let (mut line, mut column) = (1, 0);
        for (index, letter) in self.text.char_indices() {
            (line, column) = if letter == '\n' { (line + 1, 0) } else { (line, column + 1) };
            if index < from {
                continue;
            }
            match letter {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '{' if !quoted => {
                    depth += 1;
                    if depth == 1 {
                        opened = (line, column);
                    }
                }
                '}' if !quoted => {
                    depth -= 1;
                    if depth == 0 {
                        places.push([opened, (line, column)]);
                    }
                }
                _ => {}
            }
        }
        places
    }
}
