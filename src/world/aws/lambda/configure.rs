//! Functions made, changed and removed, with the service's checks. Does not know invocations.

use super::body::{ATTACHES, UPDATES, configuration as shown, settled};
use super::function::{CONCURRENCY, Code, Config, Function, Net, Pool, UNRESERVED_LEAST, named, texts};
use super::read::asked;
use super::run::TIMEOUT_MAX;
use super::{KIND, arn_of, functions, invalid, needs, not_found, unfit};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::timeline::Timeline;
use serde_json::{Value, json};
use std::sync::Arc;

/// Function quotas (Lambda quotas): memory 128–10,240 MB, environment variables 4 KB together, functions of an account (ours).
const MEMORY: std::ops::RangeInclusive<i64> = 128..=10_240;
const ENV_MAX: usize = 4_096;
const FUNCTIONS_MAX: usize = 1_000;

fn text(call: &Call, member: &str) -> Option<String> {
    call.text(member).map(str::to_string)
}

/// A configuration with what a request says laid over it.
fn laid(call: &Call, mut config: Config) -> Result<Config, Fault> {
    let input = call.input();
    config.runtime = text(call, "Runtime").unwrap_or(config.runtime);
    config.role = text(call, "Role").unwrap_or(config.role);
    config.handler = text(call, "Handler").unwrap_or(config.handler);
    config.description = text(call, "Description").unwrap_or(config.description);
    if let Some(seconds) = call.whole("Timeout") {
        if seconds < 1 {
            return Err(unfit(&seconds.to_string(), "timeout", "have value greater than or equal to 1"));
        }
        if seconds > i64::from(TIMEOUT_MAX) {
            return Err(unfit(&seconds.to_string(), "timeout", "have value less than or equal to 900"));
        }
        config.timeout = seconds as u32;
    }
    if let Some(memory) = call.whole("MemorySize") {
        if !MEMORY.contains(&memory) {
            let must = if memory < 128 { "greater than or equal to 128" } else { "less than or equal to 10240" };
            return Err(unfit(&memory.to_string(), "memorySize", &format!("have value {must}")));
        }
        config.memory = memory as u32;
    }
    if let Some(env) = input.get("Environment") {
        config.env = texts(env.get("Variables").and_then(Value::as_object));
        let size: usize = config.env.iter().map(|(key, value)| key.len() + value.len()).sum();
        if size > ENV_MAX {
            let message = "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided exceeded the 4KB limit.";
            return Err(invalid(message));
        }
        if let Some(key) = config.env.keys().find(|key| key.starts_with("AWS_LAMBDA") || *key == "AWS_REGION") {
            let message = format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used \
                 in this request: {key}"
            );
            return Err(invalid(message));
        }
    }
    if let Some(net) = input.get("VpcConfig") {
        let list = |key: &str| {
            let items = net.get(key).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>()
        };
        config.net = Net { subnets: list("SubnetIds"), groups: list("SecurityGroupIds") };
    }
    if let Some(dead) = input.get("DeadLetterConfig") {
        config.dead_letter = dead["TargetArn"].as_str().unwrap_or_default().to_string();
    }
    Ok(config)
}

/// Subnets and groups must exist.
fn attachable(world: &World, net: &Net) -> Result<(), Fault> {
    for subnet in &net.subnets {
        if world.aws.network.get(subnet).is_none() {
            let message = format!(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The \
                 subnet ID '{subnet}' does not exist"
            );
            return Err(invalid(message));
        }
    }
    Ok(())
}

fn coded(world: &World, name: &str, input: &Value, mut code: Code) -> Code {
    let key = input["S3Key"].as_str().or(input["ImageUri"].as_str());
    if let Some(place) = key {
        code.place = place.to_string();
        code.version = Code::version_of(place);
    }
    let program = world.aws.functions.programs.get(name);
    code.size = program.map_or(1_000, |program| program.release(&code.version).size);
    if let Some(first) = input["Architectures"].get(0).and_then(Value::as_str) {
        code.arm = first == "arm64";
    }
    code
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = named(call.text("FunctionName").unwrap_or_default()).0;
    let fine = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fine) {
        return Err(unfit(&name, "functionName", "satisfy regular expression pattern: [a-zA-Z0-9-_]+"));
    }
    if world.aws.functions.get(&name).is_some() {
        let message = format!("Function already exist: {name}");
        return Err(Fault::new("ResourceConflictException", message).status(409));
    }
    if world.aws.functions.living().count() >= FUNCTIONS_MAX {
        return Err(Fault::new("CodeStorageExceededException", "Code storage limit exceeded.").status(400));
    }
    // Defaults: three seconds and 128 MB (Lambda API Reference, CreateFunction).
    let mut config = laid(call, Config { timeout: 3, memory: 128, ..Config::default() })?;
    attachable(world, &config.net)?;
    let code = call.input().get("Code").cloned().unwrap_or_default();
    needs::role(world, &config.role)?;
    needs::code(world, &name, &code)?;
    config.code = coded(world, &name, &code, Code::default());
    config.code.arm = call.texts("Architectures").first() == Some(&"arm64");
    config.modified = world.now;
    let from = world.now + if config.net.subnets.is_empty() { UPDATES } else { ATTACHES };
    let program = world.aws.functions.programs.get(&name).cloned().unwrap_or_default();
    let function = Function {
        name: Arc::from(name.as_str()),
        arn: arn_of(world, &name).into(),
        created: world.now,
        config: Timeline::new(from, Arc::new(config)),
        tags: texts(call.input().get("Tags").and_then(Value::as_object)),
        pool: Pool { program, ..Pool::default() },
        ..Function::default()
    };
    Arc::make_mut(&mut functions(world).all).insert(Arc::clone(&function.name), Arc::new(function));
    answered(world, &name, Vec::new())
}

fn answered(world: &World, name: &str, changed: Vec<FieldChange>) -> Result<Answer, Fault> {
    let function = world.aws.functions.get(name).ok_or_else(|| not_found(world, name, ""))?;
    Ok(Answer::of(shown(world, function, 0, "")).about("", KIND, name).altering(KIND, name, changed))
}

/// What differs between two configurations, by the API's names.
fn differences(before: &Config, after: &Config) -> Vec<FieldChange> {
    let mut out = Vec::new();
    let mut see = |path: &str, before: String, after: String| {
        if before != after {
            let some = |text: String| Some(text).filter(|text| !text.is_empty());
            out.push(FieldChange { path: path.to_string(), before: some(before), after: some(after) });
        }
    };
    see("Code", before.code.place.clone(), after.code.place.clone());
    see("DeadLetterConfig.TargetArn", before.dead_letter.clone(), after.dead_letter.clone());
    see("Description", before.description.clone(), after.description.clone());
    see("Handler", before.handler.clone(), after.handler.clone());
    see("MemorySize", before.memory.to_string(), after.memory.to_string());
    see("Role", before.role.clone(), after.role.clone());
    see("Runtime", before.runtime.clone(), after.runtime.clone());
    see("Timeout", before.timeout.to_string(), after.timeout.to_string());
    see("VpcConfig.SecurityGroupIds", before.net.groups.join(","), after.net.groups.join(","));
    see("VpcConfig.SubnetIds", before.net.subnets.join(","), after.net.subnets.join(","));
    let keys: std::collections::BTreeSet<&String> = before.env.keys().chain(after.env.keys()).collect();
    for key in keys {
        let value = |config: &Config| config.env.get(key).cloned().unwrap_or_default();
        see(&format!("Environment.Variables.{key}"), value(before), value(after));
    }
    out
}

/// Puts a changed configuration into effect.
fn put(world: &mut World, call: &Call, name: &str, mut after: Config) -> Result<Vec<FieldChange>, Fault> {
    let now = world.now;
    let function = world.aws.functions.get(name).ok_or_else(|| not_found(world, name, ""))?;
    // The pipeline's provider waits until an update is over before it asks for the next.
    let waits = call.request.agent == "iac";
    if now < settled(function) && !waits {
        let message = format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            function.arn
        );
        return Err(Fault::new("ResourceConflictException", message).status(409));
    }
    let before = function.latest();
    let changed = differences(&before, &after);
    (after.modified, after.revision) = (now, before.revision + 1);
    let attaches = before.net != after.net && !after.net.subnets.is_empty();
    let from = settled(function).max(now) + if attaches { ATTACHES } else { UPDATES };
    if let Some(function) = functions(world).get_mut(name) {
        function.config.set_forgetting(from, Arc::new(after));
    }
    Ok(changed)
}

pub fn configuration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let (name, before) = (function.name.to_string(), (*function.latest()).clone());
    let after = laid(call, before)?;
    attachable(world, &after.net)?;
    if call.text("Role").is_some() {
        needs::role(world, &after.role)?;
    }
    let changed = put(world, call, &name, after)?;
    answered(world, &name, changed)
}

pub fn code(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let (name, mut after) = (function.name.to_string(), (*function.latest()).clone());
    needs::code(world, &name, call.input())?;
    after.code = coded(world, &name, call.input(), after.code);
    let changed = put(world, call, &name, after)?;
    answered(world, &name, changed)
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, version, _) = asked(world, call)?;
    let name = function.name.clone();
    // Mappings that name it stay, and fail: Lambda does not refuse.
    let now = world.now;
    let all = functions(world);
    if version > 0 {
        if let Some(function) = all.get_mut(&name) {
            function.versions.remove(&version);
        }
        return Ok(Answer::default().altering(KIND, &name, Vec::new()));
    }
    if let Some(mut function) = Arc::make_mut(&mut all.all).remove(&name) {
        Arc::make_mut(&mut function).pool.gone = Some(now);
        Arc::make_mut(&mut all.gone).push(function);
    }
    Ok(Answer::of(json!({ "StatusCode": 204 })).altering(KIND, &name, Vec::new()))
}

pub fn publish(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let name = function.name.clone();
    let config = function.latest();
    let number = function.versions.keys().next_back().copied().unwrap_or(0);
    // Publishing what has not changed gives the same version again.
    let same = function.versions.get(&number).is_some_and(|last| last.revision == config.revision);
    let number = if same { number } else { number + 1 };
    if let Some(function) = functions(world).get_mut(&name) {
        function.versions.insert(number, config);
    }
    let function = world.aws.functions.get(&name).ok_or_else(|| not_found(world, &name, ""))?;
    Ok(Answer::of(shown(world, function, number, "")).about("", KIND, &name).altering(KIND, &name, Vec::new()))
}

const RESERVED: &str = "ReservedConcurrentExecutions";

fn reserve_at(world: &mut World, name: &str, wanted: Option<u32>) -> Vec<FieldChange> {
    let now = world.now;
    let Some(function) = functions(world).get_mut(name) else { return Vec::new() };
    let before = function.reserved.last().copied().flatten();
    function.reserved.set_forgetting(now, wanted);
    let [before, after] = [before, wanted].map(|count| count.map(|count| count.to_string()));
    if before == after { Vec::new() } else { vec![FieldChange { path: RESERVED.into(), before, after }] }
}

pub fn reserve(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let name = function.name.to_string();
    let wanted = call.whole(RESERVED).unwrap_or(0).clamp(0, i64::from(u32::MAX)) as u32;
    let others = world.aws.functions.living().filter(|one| *one.name != *name);
    let held: u32 = others.filter_map(|one| one.reserved.last().copied().flatten()).sum();
    if held.saturating_add(wanted) > CONCURRENCY - UNRESERVED_LEAST {
        let message = format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [{UNRESERVED_LEAST}]."
        );
        return Err(invalid(message));
    }
    let changed = reserve_at(world, &name, Some(wanted));
    let answer = Answer::of(json!({ RESERVED: wanted })).about("", KIND, &name);
    Ok(answer.altering(KIND, &name, changed))
}

pub fn unreserve(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let name = function.name.to_string();
    let changed = reserve_at(world, &name, None);
    Ok(Answer::default().altering(KIND, &name, changed))
}

fn retag(world: &mut World, call: &Call, how: impl FnOnce(&mut Function)) -> Result<Answer, Fault> {
    let name = named(call.text("Resource").unwrap_or_default()).0;
    let missing = not_found(world, &name, "");
    let function = functions(world).get_mut(&name).ok_or(missing)?;
    let before = function.tags.clone();
    how(function);
    let changed = crate::world::aws::tagging::differences(&before, &function.tags);
    Ok(Answer::default().altering(KIND, &name, changed))
}

pub fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tags = texts(call.input().get("Tags").and_then(Value::as_object));
    retag(world, call, |function| function.tags.extend(tags))
}

pub fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let keys: Vec<String> = call.texts("TagKeys").into_iter().map(str::to_string).collect();
    retag(world, call, |function| function.tags.retain(|key, _| !keys.contains(key)))
}
