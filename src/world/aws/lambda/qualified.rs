//! What hangs on a function or one of its versions: names, permissions, rules for events, provisioned concurrency. Does not
//! know invocations.

use super::function::{EventRules, Function, Provisioned};
use super::read::asked;
use super::{KIND, functions, invalid, not_found, qualified_arn};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::policy;
use serde_json::{Value, json};

/// Environments are made ready in a minute or so after they were asked for (Lambda Developer Guide, "Configuring
/// provisioned concurrency": one or two minutes of preparation).
const ALLOCATES: Span = Span::secs(90);

fn change(path: &str, before: Option<String>, after: Option<String>) -> Vec<FieldChange> {
    if before == after { Vec::new() } else { vec![FieldChange { path: path.into(), before, after }] }
}

fn edit<T>(world: &mut World, name: &str, how: impl FnOnce(&mut Function) -> T) -> Result<T, Fault> {
    let missing = not_found(world, name, "");
    functions(world).get_mut(name).map(how).ok_or(missing)
}

// ---- names ----------------------------------------------------------------------------------------------------------

fn alias_body(function: &Function, alias: &str) -> Option<Value> {
    let (version, description) = function.aliases.get(alias)?;
    let version = if *version == 0 { "$LATEST".to_string() } else { version.to_string() };
    Some(json!({
        "AliasArn": qualified_arn(function, alias),
        "Name": alias,
        "FunctionVersion": version,
        "Description": description,
        "RevisionId": super::super::message::uuid(u128::from(crate::stdx::dice::hash_name(&format!("{alias}{version}")))),
    }))
}

fn wanted_version(world: &World, call: &Call, function: &Function) -> Result<Option<u32>, Fault> {
    let Some(given) = call.text("FunctionVersion") else { return Ok(None) };
    function.version(given).map(Some).ok_or_else(|| not_found(world, &function.name, given))
}

fn put_alias(world: &mut World, call: &Call, new: bool) -> Result<Answer, Fault> {
    let alias = call.text("Name").unwrap_or_default().to_string();
    let (function, ..) = asked(world, call)?;
    let name = function.name.to_string();
    let known = function.aliases.get(&alias).cloned();
    let at = qualified_arn(function, &alias);
    match (&known, new) {
        (Some(_), true) => {
            let message = format!("Alias already exists: {at}");
            return Err(Fault::new("ResourceConflictException", message).status(409));
        }
        (None, false) => {
            return Err(Fault::new("ResourceNotFoundException", format!("Alias not found: {at}")).status(404));
        }
        _ => {}
    }
    let version = wanted_version(world, call, function)?;
    let (old, words) = known.unwrap_or_default();
    let after = (version.unwrap_or(old), call.text("Description").map_or(words, str::to_string));
    let word = |version: u32| if version == 0 { "$LATEST".to_string() } else { version.to_string() };
    let changed = change(&format!("Aliases.{alias}"), (!new).then(|| word(old)), Some(word(after.0)));
    let body = edit(world, &name, |function| {
        function.aliases.insert(alias.clone(), after);
        alias_body(function, &alias)
    })?;
    Ok(Answer::of(body.unwrap_or_default()).about("", "AWS::Lambda::Alias", &alias).altering(KIND, &name, changed))
}

pub fn create_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    put_alias(world, call, true)
}

pub fn update_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    put_alias(world, call, false)
}

pub fn get_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let alias = call.text("Name").unwrap_or_default();
    let (function, ..) = asked(world, call)?;
    let missing = || format!("Cannot find alias arn: {}", qualified_arn(function, alias));
    let body = alias_body(function, alias);
    let body = body.ok_or_else(|| Fault::new("ResourceNotFoundException", missing()).status(404))?;
    Ok(Answer::of(body).about("", "AWS::Lambda::Alias", alias))
}

pub fn delete_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let alias = call.text("Name").unwrap_or_default().to_string();
    let name = asked(world, call)?.0.name.to_string();
    edit(world, &name, |function| function.aliases.remove(&alias))?;
    Ok(Answer::default().altering(KIND, &name, Vec::new()))
}

pub fn aliases(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let names: Vec<&String> = function.aliases.keys().collect();
    let rows: Vec<Value> = names.iter().filter_map(|alias| alias_body(function, alias)).collect();
    let mut answer = Answer::of(json!({ "Aliases": rows }));
    for (n, alias) in names.iter().enumerate() {
        answer = answer.about(format!("/Aliases/{n}"), "AWS::Lambda::Alias", alias);
    }
    Ok(answer)
}

// ---- permissions ----------------------------------------------------------------------------------------------------

/// The policy of a function or of one of its versions.
pub fn document(function: &Function, qualifier: &str) -> Value {
    let statements = function.policy.get(qualifier).cloned().unwrap_or_default();
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements })
}

pub fn add_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    let text = |member: &str| call.text(member).unwrap_or_default();
    let sid = text("StatementId").to_string();
    let statements = function.policy.get(&qualifier).map_or(&[][..], Vec::as_slice);
    if statements.iter().any(|statement| statement["Sid"] == sid.as_str()) {
        let message = format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
        );
        return Err(Fault::new("ResourceConflictException", message).status(409));
    }
    let principal = text("Principal");
    let by = if principal.ends_with(".amazonaws.com") {
        json!({ "Service": principal })
    } else if principal == "*" {
        json!("*")
    } else {
        let root = principal.bytes().all(|byte| byte.is_ascii_digit());
        json!({ "AWS": if root { format!("arn:aws:iam::{principal}:root") } else { principal.to_string() } })
    };
    let mut statement = json!({
        "Sid": sid, "Effect": "Allow", "Principal": by, "Action": text("Action"),
        "Resource": qualified_arn(function, &qualifier),
    });
    if let Some(source) = call.text("SourceArn") {
        statement["Condition"]["ArnLike"] = json!({ "AWS:SourceArn": source });
    }
    if let Some(account) = call.text("SourceAccount") {
        statement["Condition"]["StringEquals"] = json!({ "AWS:SourceAccount": account });
    }
    let whole = json!({ "Version": "2012-10-17", "Id": "default", "Statement": [statement] });
    if let Err(_flaw) = policy::parse(&whole.to_string(), policy::Kind::Resource) {
        return Err(invalid("The provided principal was invalid. Please check the principal and try again."));
    }
    let added = statement.to_string();
    edit(world, &name, |function| function.policy.entry(qualifier).or_default().push(statement))?;
    let changed = change(&format!("Policy.{sid}"), None, Some(added.clone()));
    Ok(Answer::of(json!({ "Statement": added })).altering(KIND, &name, changed))
}

pub fn remove_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    let sid = call.text("StatementId").unwrap_or_default().to_string();
    let held = function.policy.get(&qualifier).map_or(&[][..], Vec::as_slice);
    let Some(gone) = held.iter().find(|statement| statement["Sid"] == sid.as_str()).map(Value::to_string) else {
        let message = format!("Statement {sid} is not found in resource policy.");
        return Err(Fault::new("ResourceNotFoundException", message).status(404));
    };
    edit(world, &name, |function| {
        let statements = function.policy.entry(qualifier.clone()).or_default();
        statements.retain(|statement| statement["Sid"] != sid.as_str());
        if statements.is_empty() {
            function.policy.remove(&qualifier);
        }
    })?;
    Ok(Answer::default().altering(KIND, &name, change(&format!("Policy.{sid}"), Some(gone), None)))
}

pub fn policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    if !function.policy.contains_key(&qualifier) {
        return Err(Fault::new("ResourceNotFoundException", "The resource you requested does not exist.").status(404));
    }
    let revision = super::super::message::uuid(u128::from(crate::stdx::dice::hash_name(&function.arn)));
    let body = json!({ "Policy": document(function, &qualifier).to_string(), "RevisionId": revision });
    Ok(Answer::of(body).about("", KIND, &function.name))
}

// ---- rules for events -----------------------------------------------------------------------------------------------

fn rules_body(function: &Function, qualifier: &str, rules: &EventRules) -> Value {
    let mut destinations = json!({ "OnSuccess": {}, "OnFailure": {} });
    for (key, to) in [("OnSuccess", &rules.on_success), ("OnFailure", &rules.on_failure)] {
        if !to.is_empty() {
            destinations[key] = json!({ "Destination": to });
        }
    }
    let qualifier = if qualifier.is_empty() { "$LATEST" } else { qualifier };
    json!({
        "LastModified": rules.modified.0,
        "FunctionArn": qualified_arn(function, qualifier),
        "MaximumRetryAttempts": rules.retries,
        "MaximumEventAgeInSeconds": rules.max_age,
        "DestinationConfig": destinations,
    })
}

fn no_rules(function: &Function, qualifier: &str) -> Fault {
    let at = qualified_arn(function, if qualifier.is_empty() { "$LATEST" } else { qualifier });
    let message = format!("The function {at} doesn't have an EventInvokeConfig");
    Fault::new("ResourceNotFoundException", message).status(404)
}

pub fn put_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    let old = function.rules.get(&qualifier).cloned();
    // What is not said is as usual again (Lambda API Reference, PutFunctionEventInvokeConfig).
    let usual = EventRules::default();
    let to = |key: &str| {
        let config = call.input().get("DestinationConfig");
        config.and_then(|config| config[key]["Destination"].as_str()).unwrap_or_default().to_string()
    };
    let rules = EventRules {
        retries: call.whole("MaximumRetryAttempts").map_or(usual.retries, |n| n.clamp(0, 2) as u32),
        max_age: call.whole("MaximumEventAgeInSeconds").map_or(usual.max_age, |n| n.clamp(60, 21_600) as u32),
        on_failure: to("OnFailure"),
        on_success: to("OnSuccess"),
        modified: world.now,
    };
    let mut changed = change(
        "MaximumRetryAttempts",
        old.as_ref().map(|old| old.retries.to_string()),
        Some(rules.retries.to_string()),
    );
    let before = old.map(|old| old.on_failure);
    changed.extend(change("OnFailure", before, Some(rules.on_failure.clone())));
    let body = edit(world, &name, |function| {
        function.rules.insert(qualifier.clone(), rules.clone());
        rules_body(function, &qualifier, &rules)
    })?;
    Ok(Answer::of(body).about("", KIND, &name).altering(KIND, &name, changed))
}

pub fn get_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let rules = function.rules.get(&qualifier).ok_or_else(|| no_rules(function, &qualifier))?;
    Ok(Answer::of(rules_body(function, &qualifier, rules)).about("", KIND, &function.name))
}

pub fn delete_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    if !function.rules.contains_key(&qualifier) {
        return Err(no_rules(function, &qualifier));
    }
    edit(world, &name, |function| function.rules.remove(&qualifier))?;
    Ok(Answer::default().altering(KIND, &name, Vec::new()))
}

pub fn list_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let rows = function.rules.iter().map(|(qualifier, rules)| rules_body(function, qualifier, rules));
    let rows: Vec<Value> = rows.collect();
    Ok(Answer::of(json!({ "FunctionEventInvokeConfigs": rows })).about("", KIND, &function.name))
}

// ---- provisioned concurrency ----------------------------------------------------------------------------------------

fn provisioned_body(world: &World, kept: &Provisioned) -> Value {
    let ready = kept.ready <= world.now;
    json!({
        "RequestedProvisionedConcurrentExecutions": kept.count,
        "AvailableProvisionedConcurrentExecutions": if ready { kept.count } else { 0 },
        "AllocatedProvisionedConcurrentExecutions": if ready { kept.count } else { 0 },
        "Status": if ready { "READY" } else { "IN_PROGRESS" },
        "LastModified": kept.asked.rfc3339().replace('Z', "+0000"),
    })
}

pub fn put_provisioned(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, version, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    if version == 0 {
        return Err(invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions."));
    }
    let count = call.whole("ProvisionedConcurrentExecutions").unwrap_or(1).clamp(1, 900) as u32;
    let reserved = function.reserved.last().copied().flatten();
    if reserved.is_some_and(|reserved| count > reserved) {
        return Err(invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
        ));
    }
    let revision = function.config_at(version, world.now).map_or(0, |config| config.revision);
    let memory = function.config_at(version, world.now).map_or(0, |config| u64::from(config.memory));
    let before = function.provisioned.get(&qualifier).map(|kept| kept.count.to_string());
    let (now, of) = (world.now, (version, revision));
    let kept = edit(world, &name, |function| {
        let (ready, there) = function.provide(of, count, now, now + ALLOCATES);
        let mut held = function.provisioned.remove(&qualifier).map(|kept| kept.held).unwrap_or_default();
        held.set(now, memory * u64::from(there));
        held.plan(ready, memory * u64::from(count));
        let kept = Provisioned { count, asked: now, ready, held };
        function.provisioned.insert(qualifier.clone(), kept.clone());
        kept
    })?;
    let body = provisioned_body(world, &kept);
    let changed = change(&format!("ProvisionedConcurrency.{qualifier}"), before, Some(count.to_string()));
    Ok(Answer::of(body).about("", KIND, &name).altering(KIND, &name, changed))
}

fn no_provisioned() -> Fault {
    let message = "No Provisioned Concurrency Config found for this function";
    Fault::new("ProvisionedConcurrencyConfigNotFoundException", message).status(404)
}

pub fn get_provisioned(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let kept = function.provisioned.get(&qualifier).ok_or_else(no_provisioned)?;
    Ok(Answer::of(provisioned_body(world, kept)).about("", KIND, &function.name))
}

pub fn delete_provisioned(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.to_string();
    let before = function.provisioned.get(&qualifier).map(|kept| kept.count.to_string());
    let now = world.now;
    edit(world, &name, |function| {
        if let Some(mut kept) = function.provisioned.remove(&qualifier) {
            kept.held.set(now, 0);
            function.pool.released.push(kept.held);
        }
        function.pool.environments.iter_mut().for_each(|one| one.provisioned = false);
    })?;
    Ok(Answer::default().altering(KIND, &name, change(&format!("ProvisionedConcurrency.{qualifier}"), before, None)))
}

pub fn list_provisioned(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let row = |(qualifier, kept): (&String, &Provisioned)| {
        let mut row = provisioned_body(world, kept);
        row["FunctionArn"] = qualified_arn(function, qualifier).into();
        row
    };
    let rows: Vec<Value> = function.provisioned.iter().map(row).collect();
    Ok(Answer::of(json!({ "ProvisionedConcurrencyConfigs": rows })).about("", KIND, &function.name))
}
