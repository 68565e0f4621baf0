//! APIs made, changed, deployed and removed. Does not know requests.

use super::api::{Api, Deployment, Integration, Method, Resource, Stage, TIMEOUT_MAX, TIMEOUT_MIN};
use super::read::{api_body, asked, asked_method, integration_body, method_body, named, resource_body, stage_body};
use super::{KIND, METHOD_KIND, STAGE_KIND, not_found};
use crate::stdx::dice;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::lambda::function::texts;
use crate::world::aws::timeline::Timeline;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// API Gateway quotas: regional APIs of an account (600), resources of an API (300), stages of an API (10).
const APIS_MAX: usize = 600;
const RESOURCES_MAX: usize = 300;
const STAGES_MAX: usize = 10;

fn bad(message: impl Into<String>) -> Fault {
    Fault::new("BadRequestException", message).status(400)
}

/// Ids have ten (resources and deployments six) small letters and digits.
fn id(world: &World, what: &str, number: u64, length: u64) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let lot = dice::at(world.seed, dice::hash_name(what), number);
    let letter = |n: u64| LETTERS.get((dice::at(lot, n, 5) % 36) as usize).copied().map_or('a', char::from);
    (0..length).map(letter).collect()
}

fn tags(call: &Call) -> BTreeMap<String, String> {
    texts(call.input().get("tags").and_then(Value::as_object))
}

fn change(path: impl Into<String>, before: Option<String>, after: Option<String>) -> Vec<FieldChange> {
    if before == after { Vec::new() } else { vec![FieldChange { path: path.into(), before, after }] }
}

fn edit<'w>(world: &'w mut World, id: &str) -> Result<&'w mut Api, Fault> {
    world.aws.apis.get_mut(id).ok_or_else(|| not_found("API"))
}

pub fn create_api(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("name").unwrap_or_default();
    if name.trim().is_empty() {
        return Err(bad("API name cannot be empty"));
    }
    let count = world.aws.apis.ever().count();
    if world.aws.apis.all.len() >= APIS_MAX {
        return Err(Fault::new("LimitExceededException", "Maximum number of APIs reached").status(429));
    }
    let own = id(world, &format!("api/{name}"), count as u64, 10);
    let root = id(world, &format!("root/{own}"), 0, 10);
    let mut api = Api {
        id: Arc::from(own.as_str()),
        name: Arc::from(name),
        description: call.text("description").unwrap_or_default().to_string(),
        created: world.now,
        root: root.clone(),
        tags: tags(call),
        ..Api::default()
    };
    api.resources.insert(root.clone(), Resource { id: root, ..Resource::default() });
    let body = api_body(&api);
    Arc::make_mut(&mut world.aws.apis.all).insert(own, Arc::new(api));
    Ok(Answer::of(body).about("", KIND, name).altering(KIND, name, Vec::new()))
}

pub fn delete_api(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (own, name) = {
        let api = asked(world, call)?;
        (api.id.to_string(), api.name.to_string())
    };
    if let Some(api) = Arc::make_mut(&mut world.aws.apis.all).remove(&own) {
        Arc::make_mut(&mut world.aws.apis.gone).push(api);
    }
    Ok(Answer::default().altering(KIND, &name, Vec::new()))
}

pub fn create_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, number) = (api.id.to_string(), api.made);
    let parent = call.text("parentId").unwrap_or_default().to_string();
    let part = call.text("pathPart").unwrap_or_default().to_string();
    if !api.resources.contains_key(&parent) {
        return Err(not_found("Resource"));
    }
    if api.resources.len() >= RESOURCES_MAX {
        let message = format!(
            "Maximum number of resources for this API has been reached. Please contact AWS if you need additional resources: {RESOURCES_MAX}"
        );
        return Err(Fault::new("LimitExceededException", message).status(429));
    }
    if part.is_empty() || part.contains('/') {
        return Err(bad(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
        ));
    }
    let twin = |resource: &&Resource| resource.parent == parent && resource.part == part;
    if api.resources.values().any(|resource| twin(&resource)) {
        let message = format!("Another resource with the same parent already has this name: {part}");
        return Err(Fault::new("ConflictException", message).status(409));
    }
    let made = id(world, &format!("resource/{own}"), number, 6);
    let api = edit(world, &own)?;
    api.made += 1;
    let resource = Resource { id: made.clone(), parent, part, methods: BTreeMap::new() };
    api.resources.insert(made.clone(), resource.clone());
    let (path, body) = (api.path(&made), resource_body(api, &resource, false));
    Ok(Answer::of(body).altering("AWS::ApiGateway::Resource", &path, Vec::new()))
}

pub fn delete_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, gone) = (api.id.to_string(), call.text("resourceId").unwrap_or_default().to_string());
    if !api.resources.contains_key(&gone) {
        return Err(not_found("Resource"));
    }
    if api.root == gone {
        return Err(bad("Root resource cannot be deleted"));
    }
    let path = api.path(&gone);
    let api = edit(world, &own)?;
    let mut dead = vec![gone];
    while let Some(next) = dead.pop() {
        dead.extend(api.resources.values().filter(|one| one.parent == next).map(|one| one.id.clone()));
        api.resources.remove(&next);
    }
    Ok(Answer::default().altering("AWS::ApiGateway::Resource", &path, Vec::new()))
}

const VERBS: &[&str] = &["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub fn put_method(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, resource) = (api.id.to_string(), call.text("resourceId").unwrap_or_default().to_string());
    let verb = call.text("httpMethod").unwrap_or_default().to_string();
    let found = api.resources.get(&resource).ok_or_else(|| not_found("Resource"))?;
    if !VERBS.contains(&verb.as_str()) {
        return Err(bad("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"));
    }
    if found.methods.contains_key(&verb) {
        return Err(Fault::new("ConflictException", "Method already exists for this resource").status(409));
    }
    let method =
        Method { authorization: call.text("authorizationType").unwrap_or("NONE").to_string(), integration: None };
    let body = method_body(&verb, &method, &resource);
    let name = named(api, &resource, &verb);
    if let Some(found) = edit(world, &own)?.resources.get_mut(&resource) {
        found.methods.insert(verb, method);
    }
    Ok(Answer::of(body).about("", METHOD_KIND, &name).altering(METHOD_KIND, &name, Vec::new()))
}

/// What a request about a method names: API, resource, method and how people call it.
fn place(world: &World, call: &Call) -> Result<(String, String, String, String), Fault> {
    let (api, resource, _, verb) = asked_method(world, call)?;
    let name = named(api, &resource.id, &verb);
    Ok((api.id.to_string(), resource.id.clone(), verb, name))
}

pub fn delete_method(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (own, resource, verb, name) = place(world, call)?;
    if let Some(found) = edit(world, &own)?.resources.get_mut(&resource) {
        found.methods.remove(&verb);
    }
    Ok(Answer::default().altering(METHOD_KIND, &name, Vec::new()))
}

fn timely(timeout: i64) -> Result<i64, Fault> {
    if (TIMEOUT_MIN..=TIMEOUT_MAX).contains(&timeout) {
        return Ok(timeout);
    }
    Err(bad(format!("Timeout should be between {TIMEOUT_MIN} ms and {TIMEOUT_MAX} ms")))
}

/// Sets or removes a method's integration; the change as the audit has it.
fn set(world: &mut World, call: &Call, after: Option<Integration>) -> Result<(String, Vec<FieldChange>), Fault> {
    let (own, resource, verb, name) = place(world, call)?;
    let methods = edit(world, &own)?.resources.get_mut(&resource).map(|resource| &mut resource.methods);
    let Some(method) = methods.and_then(|methods| methods.get_mut(&verb)) else { return Err(not_found("Method")) };
    let before = std::mem::replace(&mut method.integration, after.clone());
    let both = |of: fn(&Integration) -> String| (before.as_ref().map(of), after.as_ref().map(of));
    let (was, is) = both(|one| one.timeout.to_string());
    let mut changed = change("Integration.TimeoutInMillis", was, is);
    let (was, is) = both(|one| one.uri.clone());
    changed.extend(change("Integration.Uri", was, is));
    Ok((name, changed))
}

pub fn put_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let kind = call.text("type").unwrap_or_default();
    let integration = Integration {
        kind: kind.to_string(),
        verb: call.text("integrationHttpMethod").unwrap_or_default().to_string(),
        uri: call.text("uri").unwrap_or_default().to_string(),
        timeout: timely(call.whole("timeoutInMillis").unwrap_or(TIMEOUT_MAX))?,
    };
    if kind != "MOCK" && (integration.uri.is_empty() || integration.verb.is_empty()) {
        return Err(bad("Enumeration value for HttpMethod must be non-empty"));
    }
    let body = integration_body(&integration, call.text("resourceId").unwrap_or_default());
    let (name, changed) = set(world, call, Some(integration))?;
    Ok(Answer::of(body).about("", METHOD_KIND, &name).altering(METHOD_KIND, &name, changed))
}

pub fn update_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (_, _, method, _) = asked_method(world, call)?;
    let mut integration = method.integration.clone().ok_or_else(|| not_found("Integration"))?;
    for patch in call.list("patchOperations") {
        let value = patch["value"].as_str().unwrap_or_default();
        match (patch["op"].as_str(), patch["path"].as_str()) {
            (Some("replace"), Some("/timeoutInMillis")) => {
                let wrong = || bad("Invalid patch value specified");
                integration.timeout = timely(value.parse().map_err(|_| wrong())?)?;
            }
            (Some("replace"), Some("/uri")) => integration.uri = value.to_string(),
            (Some("replace"), Some("/httpMethod")) => integration.verb = value.to_string(),
            (_, path) => {
                return Err(bad(format!("Invalid patch path '{}' specified for op", path.unwrap_or_default())));
            }
        }
    }
    let body = integration_body(&integration, call.text("resourceId").unwrap_or_default());
    let (name, changed) = set(world, call, Some(integration))?;
    Ok(Answer::of(body).about("", METHOD_KIND, &name).altering(METHOD_KIND, &name, changed))
}

pub fn delete_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, changed) = set(world, call, None)?;
    Ok(Answer::default().altering(METHOD_KIND, &name, changed))
}

pub fn create_deployment(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, number, now) = (api.id.to_string(), api.made, world.now);
    let serves = api.snapshot();
    if serves.is_empty() {
        return Err(bad("The REST API doesn't contain any methods"));
    }
    let name = api.name.to_string();
    let made = id(world, &format!("deployment/{own}"), number, 6);
    let description = call.text("description").unwrap_or_default().to_string();
    let stage = call.text("stageName").unwrap_or_default().to_string();
    let api = edit(world, &own)?;
    api.made += 1;
    let deployment = Deployment { id: made.clone(), description, created: now, serves: Arc::new(serves) };
    api.deployments.insert(made.clone(), deployment);
    let mut changed = Vec::new();
    if !stage.is_empty() {
        let known = api.stages.entry(stage.clone()).or_insert_with(|| Stage { created: now, ..Stage::default() });
        changed = change(format!("Stages.{stage}.DeploymentId"), known.deployment.last().cloned(), Some(made.clone()));
        known.name = stage;
        known.deployment.set_forgetting(now, made.clone());
        known.updated = now;
    }
    Ok(Answer::of(json!({ "id": made, "createdDate": now.floor_secs().0 })).altering(KIND, &name, changed))
}

pub fn create_stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, now) = (api.id.to_string(), world.now);
    let name = call.text("stageName").unwrap_or_default().to_string();
    let deployment = call.text("deploymentId").unwrap_or_default().to_string();
    if api.stages.contains_key(&name) {
        return Err(Fault::new("ConflictException", "Stage already exists").status(409));
    }
    if api.stages.len() >= STAGES_MAX {
        return Err(Fault::new("LimitExceededException", "Maximum number of stages has been reached").status(429));
    }
    if !api.deployments.contains_key(&deployment) {
        return Err(bad("Invalid Deployment identifier specified"));
    }
    let stage = Stage {
        name: name.clone(),
        description: call.text("description").unwrap_or_default().to_string(),
        deployment: Timeline::new(now, deployment),
        created: now,
        updated: now,
        variables: texts(call.input().get("variables").and_then(Value::as_object)),
        tags: tags(call),
        ..Stage::default()
    };
    let body = stage_body(&stage);
    edit(world, &own)?.stages.insert(name.clone(), stage);
    Ok(Answer::of(body).about("", STAGE_KIND, &name).altering(STAGE_KIND, &name, Vec::new()))
}

pub fn update_stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let (own, now) = (api.id.to_string(), world.now);
    let name = call.text("stageName").unwrap_or_default().to_string();
    let mut stage = api.stages.get(&name).cloned().ok_or_else(|| not_found("stage"))?;
    let mut changed = Vec::new();
    for patch in call.list("patchOperations") {
        let value = patch["value"].as_str().unwrap_or_default().to_string();
        let path = patch["path"].as_str().unwrap_or_default();
        let number = || value.parse::<i64>().map_err(|_| bad("Invalid patch value specified"));
        match path {
            "/deploymentId" if api.deployments.contains_key(&value) => {
                changed.extend(change("DeploymentId", stage.deployment.last().cloned(), Some(value.clone())));
                stage.deployment.set_forgetting(now, value);
            }
            "/deploymentId" => return Err(bad("Invalid Deployment identifier specified")),
            "/description" => stage.description = value,
            "/accessLogSettings/destinationArn" => stage.log.0 = value,
            "/accessLogSettings/format" => stage.log.1 = value,
            "/accessLogSettings" => stage.log = (String::new(), String::new()),
            "/*/*/throttling/rateLimit" => stage.throttle = Some((number()?, stage.throttle.map_or(5_000, |t| t.1))),
            "/*/*/throttling/burstLimit" => stage.throttle = Some((stage.throttle.map_or(10_000, |t| t.0), number()?)),
            _ => return Err(bad(format!("Invalid patch path '{path}' specified for op 'replace'"))),
        }
    }
    stage.updated = now;
    let body = stage_body(&stage);
    edit(world, &own)?.stages.insert(name.clone(), stage);
    Ok(Answer::of(body).about("", STAGE_KIND, &name).altering(STAGE_KIND, &name, changed))
}

pub fn delete_stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = asked(world, call)?.id.to_string();
    let name = call.text("stageName").unwrap_or_default().to_string();
    let gone = edit(world, &own)?.stages.remove(&name);
    gone.ok_or_else(|| not_found("stage"))?;
    Ok(Answer::default().altering(STAGE_KIND, &name, Vec::new()))
}
