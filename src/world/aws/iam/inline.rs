//! Inline policies of roles and users. Does not know what they allow.

use super::entities::{change, listed, named};
use super::{Sort, effective, no_such, read};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault, Is};
use crate::world::aws::policy::Kind;
use serde_json::json;
use std::sync::Arc;

fn missing(sort: Sort, policy: &str) -> Fault {
    no_such(format!("The {} policy with name {policy} cannot be found.", sort.word()))
}

pub fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, _) = named(world, call)?;
    let policy = call.text("PolicyName").unwrap_or_default().to_string();
    let most = if sort == Sort::Role { 10_240 } else { 2_048 };
    let text = read(
        call.text("PolicyDocument").unwrap_or_default(),
        Kind::Identity,
        most,
        &format!("{} {name}", sort.word()),
    )?;
    let from = effective(world);
    change(world, call, |entity| {
        let mut inline = entity.inline_now();
        let after = Some(text.text.to_string());
        let before = Arc::make_mut(&mut inline).insert(policy.clone(), text).map(|text| text.text.to_string());
        entity.inline.set_forgetting(from, inline);
        vec![FieldChange { path: format!("Policies[{policy}].PolicyDocument"), before, after }]
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, _, entity) = named(world, call)?;
    let policy = call.text("PolicyName").unwrap_or_default().to_string();
    if !entity.inline_now().contains_key(&policy) {
        return Err(missing(sort, &policy));
    }
    let from = effective(world);
    change(world, call, |entity| {
        let mut inline = entity.inline_now();
        let before = Arc::make_mut(&mut inline).remove(&policy).map(|text| text.text.to_string());
        entity.inline.set_forgetting(from, inline);
        vec![FieldChange { path: format!("Policies[{policy}].PolicyDocument"), before, after: None }]
    })
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, entity) = named(world, call)?;
    let policy = call.text("PolicyName").unwrap_or_default();
    let inline = entity.inline_now();
    let text = inline.get(policy).ok_or_else(|| missing(sort, policy))?;
    let body = json!({ sort.member(): name, "PolicyName": policy, "PolicyDocument": &*text.text });
    let base = format!("Policies[{policy}]");
    Ok(Answer::of(body).shows("", Is::Attributes { kind: sort.kind().into(), name, base }))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (sort, name, entity) = named(world, call)?;
    let items = entity.inline_now().keys().map(|policy| (policy.clone(), json!(policy))).collect();
    Ok(listed(call, "PolicyNames", items, |answer, _, _| answer)?.about("", sort.kind(), &name))
}
