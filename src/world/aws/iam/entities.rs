//! Roles and users: made, shown, tagged, deleted. Does not know what their policies say.

use super::{Entity, Sort, Text, id, no_such, read};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use crate::world::aws::paging;
use crate::world::aws::policy::Kind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The role or user that a request names.
pub(super) fn named<'w>(world: &'w World, call: &Call) -> Result<(Sort, String, &'w Entity), Fault> {
    let sort = Sort::of(call);
    // GetUser without a name is about the caller.
    let name = call.text(sort.member()).unwrap_or(call.user()).to_string();
    let found = world.aws.identity.entities.get(&(sort, name.clone())).filter(|entity| entity.gone.is_none());
    let missing = || no_such(format!("The {} with name {name} cannot be found.", sort.word()));
    let entity = found.ok_or_else(missing)?;
    Ok((sort, name, entity))
}

/// Changes the role or user that a request names.
pub(super) fn change(
    world: &mut World,
    call: &Call,
    how: impl FnOnce(&mut Entity) -> Vec<FieldChange>,
) -> Result<Answer, Fault> {
    let (sort, name, _) = named(world, call)?;
    let entities = Arc::make_mut(&mut world.aws.identity.entities);
    let changed = entities.get_mut(&(sort, name.clone())).map(how).unwrap_or_default();
    Ok(Answer::default().altering(sort.kind(), &name, changed))
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let sort = Sort::of(call);
    let name = call.text(sort.member()).unwrap_or_default().to_string();
    let key = (sort, name.clone());
    if world.aws.identity.entities.get(&key).is_some_and(|entity| entity.gone.is_none()) {
        let word = if sort == Sort::Role { "Role" } else { "User" };
        return Err(Fault::new("EntityAlreadyExists", format!("{word} with name {name} already exists.")).status(409));
    }
    let trust = match call.text("AssumeRolePolicyDocument") {
        Some(text) => read(text, Kind::Trust, 2_048, "AssumeRolePolicyDocument")?,
        None => Text::default(),
    };
    let prefix = if sort == Sort::Role { "AROA" } else { "AIDA" };
    let entity = Entity {
        id: id(world, prefix, &format!("{name}@{}", world.now.0)),
        path: call.text("Path").unwrap_or("/").to_string(),
        created: world.now,
        description: call.text("Description").unwrap_or_default().to_string(),
        trust,
        // An hour where nothing is said (IAM API Reference, CreateRole).
        max_session: call.whole("MaxSessionDuration").unwrap_or(3_600),
        tags: given_tags(call),
        ..Entity::default()
    };
    let body = shown(world, sort, &name, &entity, false);
    Arc::make_mut(&mut world.aws.identity.entities).insert(key, entity);
    let member = if sort == Sort::Role { "Role" } else { "User" };
    Ok(Answer::of(json!({ member: body })).about(format!("/{member}"), sort.kind(), &name).altering(
        sort.kind(),
        &name,
        Vec::new(),
    ))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (_, _, entity) = named(world, call)?;
    let conflict = |message: &str| Err(Fault::new("DeleteConflict", message).status(409));
    if !entity.attached_now().is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !entity.inline_now().is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    let now = world.now;
    change(world, call, |entity| {
        entity.gone = Some(now);
        Vec::new()
    })
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, entity) = named(world, call)?;
    let member = if sort == Sort::Role { "Role" } else { "User" };
    let body = json!({ member: shown(world, sort, &name, entity, true) });
    Ok(Answer::of(body).about(format!("/{member}"), sort.kind(), &name))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let sort = Sort::of(call);
    let prefix = call.text("PathPrefix").unwrap_or("/");
    let all = world.aws.identity.entities.iter();
    let fits = |entity: &Entity| entity.gone.is_none() && entity.path.starts_with(prefix);
    let items: Vec<(String, Value)> = all
        .filter(|((of, _), entity)| *of == sort && fits(entity))
        .map(|((_, name), entity)| (name.clone(), shown(world, sort, name, entity, false)))
        .collect();
    let member = if sort == Sort::Role { "Roles" } else { "Users" };
    let mut answer = listed(call, member, items, |answer, at, name| answer.about(at, sort.kind(), name))?;
    if prefix == "/" {
        answer = answer.covering(Cover::All { kind: sort.kind().to_string() });
    }
    Ok(answer)
}

/// A page of a list, as IAM gives it: `IsTruncated` always, `Marker` where more follows; 100 items where nothing is said.
pub(super) fn listed(
    call: &Call,
    member: &str,
    items: Vec<(String, Value)>,
    about: impl Fn(Answer, String, &str) -> Answer,
) -> Result<Answer, Fault> {
    let limit = call.whole("MaxItems").unwrap_or(100).clamp(1, 1_000) as usize;
    let invalid = || Fault::new("ValidationError", "Invalid Marker.");
    let (items, next) = paging::page(items, call.text("Marker"), limit).ok_or_else(invalid)?;
    let values: Vec<Value> = items.iter().map(|(_, value)| value.clone()).collect();
    let mut body = json!({ member: values, "IsTruncated": next.is_some() });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("Marker".into(), next.into());
    }
    let answer = Answer::of(body);
    let places = items.iter().enumerate();
    Ok(places.fold(answer, |answer, (index, (name, _))| about(answer, format!("/{member}/{index}"), name)))
}

/// A role or user as IAM shows it; lists leave out tags and when it was last used.
fn shown(world: &World, sort: Sort, name: &str, entity: &Entity, whole: bool) -> Value {
    let mut out = Map::new();
    let mut put = |member: &str, value: Value| out.insert(member.to_string(), value);
    put("Path", json!(entity.path));
    put(sort.member(), json!(name));
    put(if sort == Sort::Role { "RoleId" } else { "UserId" }, json!(entity.id));
    put("Arn", json!(entity.arn(&world.aws.id, sort, name)));
    put("CreateDate", json!(entity.created.0.div_euclid(1_000) * 1_000));
    if sort == Sort::Role {
        put("AssumeRolePolicyDocument", json!(&*entity.trust.text));
        if !entity.description.is_empty() {
            put("Description", json!(entity.description));
        }
        put("MaxSessionDuration", json!(entity.max_session));
    }
    if whole && !entity.tags.is_empty() {
        put("Tags", tags_shown(&entity.tags));
    }
    if whole && sort == Sort::Role {
        put("RoleLastUsed", json!({}));
    }
    Value::Object(out)
}

/// `Tags` of a request.
pub(super) fn given_tags(call: &Call) -> BTreeMap<String, String> {
    let part = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    call.list("Tags").iter().map(|tag| (part(tag, "Key"), part(tag, "Value"))).collect()
}

pub(super) fn tags_shown(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, entity) = named(world, call)?;
    let body = json!({ "Tags": tags_shown(&entity.tags), "IsTruncated": false });
    Ok(Answer::of(body).about("", sort.kind(), &name))
}

pub fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tags = given_tags(call);
    change(world, call, |entity| {
        let mut changed = Vec::new();
        for (key, value) in tags {
            let before = entity.tags.insert(key.clone(), value.clone());
            changed.push(FieldChange { path: format!("Tags[{key}].Value"), before, after: Some(value) });
        }
        changed
    })
}

pub fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let keys = call.texts("TagKeys");
    change(world, call, |entity| {
        let gone = keys.iter().filter_map(|key| Some((*key, entity.tags.remove(*key)?)));
        gone.map(|(key, before)| FieldChange { path: format!("Tags[{key}].Value"), before: Some(before), after: None })
            .collect()
    })
}

pub fn trust(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = call.text("PolicyDocument").unwrap_or_default();
    let text = read(text, Kind::Trust, 2_048, "AssumeRolePolicyDocument")?;
    change(world, call, |entity| {
        let after = Some(text.text.to_string());
        let before = Some(std::mem::replace(&mut entity.trust, text).text.to_string());
        vec![FieldChange { path: "AssumeRolePolicyDocument".into(), before, after }]
    })
}
