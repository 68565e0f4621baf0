//! Names of keys. Does not know what the keys are for.

use super::keys::paged;
use super::{Alias, PROPAGATION, alias_arn, id_at, not_found};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::timeline::Timeline;
use serde_json::{Value, json};
use std::sync::Arc;

const KIND: &str = "AWS::KMS::Alias";

fn target(world: &World, call: &Call) -> Result<String, Fault> {
    let key = call.text("TargetKeyId").unwrap_or_default();
    id_at(world, key, Time(i64::MAX)).ok_or_else(|| not_found(world, key))
}

fn name<'a>(call: &Call<'a>) -> Result<&'a str, Fault> {
    let name = call.text("AliasName").unwrap_or_default();
    if name.starts_with("alias/aws/") {
        return Err(Fault::new("NotAuthorizedException", ""));
    }
    if name.strip_prefix("alias/").is_none_or(str::is_empty) {
        return Err(Fault::new("InvalidAliasNameException", format!("Invalid identifier {name}")));
    }
    Ok(name)
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, key) = (name(call)?, target(world, call)?);
    if world.aws.keys.aliases.contains_key(name) {
        let message = format!("An alias with the name {} already exists", alias_arn(world, name));
        return Err(Fault::new("AlreadyExistsException", message));
    }
    let now = world.now;
    let alias = Alias { key: Timeline::new(now, key.clone()), created: now, updated: now };
    Arc::make_mut(&mut world.aws.keys.aliases).insert(name.to_string(), alias);
    let changed = vec![FieldChange { path: "TargetKeyId".into(), before: None, after: Some(key) }];
    Ok(Answer::default().altering(KIND, name, changed))
}

pub fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, key) = (name(call)?, target(world, call)?);
    let (now, missing) = (world.now, not_found(world, name));
    let alias = Arc::make_mut(&mut world.aws.keys.aliases).get_mut(name).ok_or(missing)?;
    let before = alias.key.last().cloned();
    alias.key.set_forgetting(now + PROPAGATION, key.clone());
    alias.updated = now;
    let changed = vec![FieldChange { path: "TargetKeyId".into(), before, after: Some(key) }];
    Ok(Answer::default().altering(KIND, name, changed))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = name(call)?;
    let missing = not_found(world, name);
    let gone = Arc::make_mut(&mut world.aws.keys.aliases).remove(name).ok_or(missing)?;
    let before = gone.key.last().cloned();
    let changed = vec![FieldChange { path: "TargetKeyId".into(), before, after: None }];
    Ok(Answer::default().altering(KIND, name, changed))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = match call.text("KeyId") {
        Some(key) => Some(id_at(world, key, Time(i64::MAX)).ok_or_else(|| not_found(world, key))?),
        None => None,
    };
    let mut items: Vec<Value> = Vec::new();
    for (name, alias) in world.aws.keys.aliases.iter() {
        let key = alias.key.last().cloned().unwrap_or_default();
        if wanted.as_ref().is_none_or(|wanted| *wanted == key) {
            items.push(json!({
                "AliasName": name, "AliasArn": alias_arn(world, name), "TargetKeyId": key,
                "CreationDate": alias.created.0, "LastUpdatedDate": alias.updated.0,
            }));
        }
    }
    let names: Vec<String> =
        items.iter().filter_map(|item| Some(item.get("AliasName")?.as_str()?.to_string())).collect();
    let answer = paged(call, "Aliases", items)?;
    // A page after the first begins elsewhere: only the first says whose its rows are.
    if call.text("Marker").is_some() {
        return Ok(answer);
    }
    let each = names.iter().enumerate();
    Ok(each.fold(answer, |answer, (index, name)| answer.about(format!("/Aliases/{index}"), KIND, name)))
}
