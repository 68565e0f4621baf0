//! APIs, shown. Changes nothing.

use super::api::{Api, Integration, Method, Resource, Stage};
use super::{KIND, METHOD_KIND, STAGE_KIND, not_found};
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use serde_json::{Value, json};

/// The API that a request names.
pub fn asked<'w>(world: &'w World, call: &Call) -> Result<&'w Api, Fault> {
    let id = call.text("restApiId").unwrap_or_default();
    let found = world.aws.apis.all.get(id).map(|api| &**api);
    found.ok_or_else(|| {
        let message = format!("Invalid API identifier specified {}:{id}", world.aws.id);
        Fault::new("NotFoundException", message).status(404)
    })
}

pub fn api_body(api: &Api) -> Value {
    // REST answers have times as seconds; ours are milliseconds, as everywhere.
    let mut out = json!({
        "id": &*api.id,
        "name": &*api.name,
        "createdDate": api.created.floor_secs().0,
        "apiKeySource": "HEADER",
        "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" },
        "disableExecuteApiEndpoint": false,
        "rootResourceId": api.root,
    });
    if !api.description.is_empty() {
        out["description"] = json!(api.description);
    }
    if !api.tags.is_empty() {
        out["tags"] = json!(api.tags);
    }
    out
}

pub fn api(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    Ok(Answer::of(api_body(api)).about("", KIND, &api.name))
}

pub fn apis(world: &mut World, _call: &Call) -> Result<Answer, Fault> {
    let rows: Vec<Value> = world.aws.apis.all.values().map(|api| api_body(api)).collect();
    let mut answer = Answer::of(json!({ "items": rows }));
    for (n, api) in world.aws.apis.all.values().enumerate() {
        answer = answer.about(format!("/items/{n}"), KIND, &api.name);
    }
    Ok(answer.covering(Cover::All { kind: KIND.into() }))
}

pub fn integration_body(integration: &Integration, resource: &str) -> Value {
    json!({
        "type": integration.kind,
        "httpMethod": integration.verb,
        "uri": integration.uri,
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": integration.timeout,
        "cacheNamespace": resource,
        "cacheKeyParameters": [],
    })
}

pub fn method_body(verb: &str, method: &Method, resource: &str) -> Value {
    let mut out = json!({ "httpMethod": verb, "authorizationType": method.authorization, "apiKeyRequired": false });
    if let Some(integration) = &method.integration {
        out["methodIntegration"] = integration_body(integration, resource);
    }
    out
}

pub fn resource_body(api: &Api, resource: &Resource, methods: bool) -> Value {
    let mut out = json!({ "id": resource.id, "path": api.path(&resource.id) });
    if !resource.parent.is_empty() {
        out["parentId"] = json!(resource.parent);
        out["pathPart"] = json!(resource.part);
    }
    if !resource.methods.is_empty() {
        // Without `--embed methods` only their names are told.
        let body = |verb: &String, method| if methods { method_body(verb, method, &resource.id) } else { json!({}) };
        let all = resource.methods.iter().map(|(verb, method)| (verb.clone(), body(verb, method)));
        out["resourceMethods"] = Value::Object(all.collect());
    }
    out
}

pub fn resources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let embed = call.texts("embed").contains(&"methods");
    let rows: Vec<Value> = api.resources.values().map(|resource| resource_body(api, resource, embed)).collect();
    let mut answer = Answer::of(json!({ "items": rows }));
    for (n, resource) in api.resources.values().enumerate() {
        for verb in resource.methods.keys() {
            let name = format!("{verb} {}", api.path(&resource.id));
            answer = answer.about(format!("/items/{n}/resourceMethods/{verb}"), METHOD_KIND, &name);
        }
    }
    Ok(answer)
}

/// The resource and method that a request names.
pub fn asked_method<'w>(world: &'w World, call: &Call) -> Result<(&'w Api, &'w Resource, &'w Method, String), Fault> {
    let api = asked(world, call)?;
    let id = call.text("resourceId").unwrap_or_default();
    let verb = call.text("httpMethod").unwrap_or_default().to_string();
    let resource = api.resources.get(id).ok_or_else(|| not_found("Resource"))?;
    let method = resource.methods.get(&verb).ok_or_else(|| not_found("Method"))?;
    Ok((api, resource, method, verb))
}

/// How people call a method: `POST /v1/reports`.
pub fn named(api: &Api, resource: &str, verb: &str) -> String {
    format!("{verb} {}", api.path(resource))
}

pub fn method(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (api, resource, method, verb) = asked_method(world, call)?;
    let name = named(api, &resource.id, &verb);
    Ok(Answer::of(method_body(&verb, method, &resource.id)).about("", METHOD_KIND, &name))
}

pub fn integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (api, resource, method, verb) = asked_method(world, call)?;
    let integration = method.integration.as_ref().ok_or_else(|| not_found("Integration"))?;
    let name = named(api, &resource.id, &verb);
    Ok(Answer::of(integration_body(integration, &resource.id)).about("", METHOD_KIND, &name))
}

pub fn stage_body(stage: &Stage) -> Value {
    let mut settings = json!({});
    if let Some((rate, burst)) = stage.throttle {
        settings["*/*"] = json!({
            "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": burst,
            "throttlingRateLimit": rate as f64, "cachingEnabled": false, "cacheTtlInSeconds": 300,
            "cacheDataEncrypted": false, "requireAuthorizationForCacheControl": true,
            "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        });
    }
    let mut out = json!({
        "deploymentId": stage.deployment.last(),
        "stageName": stage.name,
        "cacheClusterEnabled": false,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": settings,
        "tracingEnabled": false,
        "createdDate": stage.created.floor_secs().0,
        "lastUpdatedDate": stage.updated.floor_secs().0,
    });
    if !stage.description.is_empty() {
        out["description"] = json!(stage.description);
    }
    if !stage.log.0.is_empty() {
        out["accessLogSettings"] = json!({ "format": stage.log.1, "destinationArn": stage.log.0 });
    }
    if !stage.variables.is_empty() {
        out["variables"] = json!(stage.variables);
    }
    if !stage.tags.is_empty() {
        out["tags"] = json!(stage.tags);
    }
    out
}

pub fn stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let name = call.text("stageName").unwrap_or_default();
    let stage = api.stages.get(name).ok_or_else(|| not_found("stage"))?;
    Ok(Answer::of(stage_body(stage)).about("", STAGE_KIND, name))
}

pub fn stages(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let wanted = call.text("deploymentId");
    let fits = |stage: &&Stage| wanted.is_none_or(|id| stage.deployment.last().is_some_and(|own| own == id));
    let found: Vec<&Stage> = api.stages.values().filter(fits).collect();
    let rows: Vec<Value> = found.iter().map(|stage| stage_body(stage)).collect();
    let mut answer = Answer::of(json!({ "item": rows }));
    for (n, stage) in found.iter().enumerate() {
        answer = answer.about(format!("/item/{n}"), STAGE_KIND, &stage.name);
    }
    Ok(answer)
}

pub fn deployments(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let api = asked(world, call)?;
    let mut all: Vec<_> = api.deployments.values().collect();
    all.sort_by_key(|deployment| std::cmp::Reverse(deployment.created));
    let row = |deployment: &&super::api::Deployment| {
        let mut out = json!({ "id": deployment.id, "createdDate": deployment.created.floor_secs().0 });
        if !deployment.description.is_empty() {
            out["description"] = json!(deployment.description);
        }
        out
    };
    let rows: Vec<Value> = all.iter().map(row).collect();
    let mut answer = Answer::of(json!({ "items": rows }));
    for (n, deployment) in all.iter().enumerate() {
        answer = answer.about(format!("/items/{n}"), "AWS::ApiGateway::Deployment", &deployment.id);
    }
    Ok(answer)
}
