//! REST APIs: resources of the path, methods, integrations, deployments, stages. Does not know who asks them.

use super::{Attributes, Fault, Hand, Is, Rule, TypeRow, attr, inputs, taken, text};
use serde_json::{Value, json};

const GONE: &[&str] = &["NotFoundException"];

pub static REST_API: TypeRow = TypeRow {
    name: "aws_api_gateway_rest_api",
    noun: "API Gateway REST API",
    kind: "AWS::ApiGateway::RestApi",
    attributes: &[
        attr("description", Is::Text, Rule::Optional).forces(),
        attr("execution_arn", Is::Text, Rule::Computed),
        attr("id", Is::Text, Rule::Computed),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("root_resource_id", Is::Text, Rule::Computed),
        attr("tags", Is::Map, Rule::Optional).forces(),
    ],
    create: |hand, wanted| {
        let members = [("description", "description"), ("name", "name"), ("tags", "tags")];
        let body = hand.ask("apigateway", "CreateRestApi", Value::Object(inputs(wanted, &members)))?;
        Ok(body["id"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, _| {
        let found = hand.find("apigateway", "GetRestApi", json!({ "restApiId": id }), GONE)?;
        let aws = &hand.world.aws;
        let execution = format!("arn:aws:execute-api:{}:{}:{id}", aws.region, aws.id);
        Ok(found.map(|body| {
            let members = [
                ("description", "description"),
                ("id", "id"),
                ("name", "name"),
                ("root_resource_id", "rootResourceId"),
                ("tags", "tags"),
            ];
            let mut out = taken(&body, &members);
            out.insert("execution_arn".into(), execution.into());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| hand.find("apigateway", "DeleteRestApi", json!({ "restApiId": id }), GONE).map(drop),
};

pub static RESOURCE: TypeRow = TypeRow {
    name: "aws_api_gateway_resource",
    noun: "API Gateway Resource",
    kind: "AWS::ApiGateway::Resource",
    attributes: &[
        attr("id", Is::Text, Rule::Computed),
        attr("parent_id", Is::Text, Rule::Required).forces(),
        attr("path", Is::Text, Rule::Computed),
        attr("path_part", Is::Text, Rule::Required).forces(),
        attr("rest_api_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members = [("parent_id", "parentId"), ("path_part", "pathPart"), ("rest_api_id", "restApiId")];
        let body = hand.ask("apigateway", "CreateResource", Value::Object(inputs(wanted, &members)))?;
        Ok(body["id"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, known| {
        let api = text(known, "rest_api_id").to_string();
        let Some(body) = hand.find("apigateway", "GetResources", json!({ "restApiId": api }), GONE)? else {
            return Ok(None);
        };
        let found = body["items"].as_array().into_iter().flatten().find(|item| item["id"] == id).cloned();
        Ok(found.map(|body| {
            let members = [("id", "id"), ("parent_id", "parentId"), ("path", "path"), ("path_part", "pathPart")];
            let mut out = taken(&body, &members);
            out.insert("rest_api_id".into(), api.into());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, known| {
        let input = json!({ "restApiId": text(known, "rest_api_id"), "resourceId": id });
        hand.find("apigateway", "DeleteResource", input, GONE).map(drop)
    },
};

/// What names a method.
const METHOD_OF: &[(&str, &str)] =
    &[("http_method", "httpMethod"), ("resource_id", "resourceId"), ("rest_api_id", "restApiId")];

fn method_id(wanted: &Attributes) -> String {
    format!("agm-{}-{}-{}", text(wanted, "rest_api_id"), text(wanted, "resource_id"), text(wanted, "http_method"))
}

/// The parts of `agm-API-RESOURCE-METHOD` as a request takes them.
fn method_named(id: &str) -> Value {
    let mut parts = id.split('-').skip(1);
    let mut next = || parts.next().unwrap_or_default().to_string();
    let (api, resource, verb) = (next(), next(), next());
    json!({ "restApiId": api, "resourceId": resource, "httpMethod": verb })
}

fn named_attributes(id: &str) -> Attributes {
    taken(&method_named(id), METHOD_OF)
}

pub static METHOD: TypeRow = TypeRow {
    name: "aws_api_gateway_method",
    noun: "API Gateway Method",
    kind: "AWS::ApiGateway::Method",
    attributes: &[
        attr("authorization", Is::Text, Rule::Required).forces(),
        attr("http_method", Is::Text, Rule::Required).forces(),
        attr("resource_id", Is::Text, Rule::Required).forces(),
        attr("rest_api_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let mut input = inputs(wanted, METHOD_OF);
        input.extend(inputs(wanted, &[("authorization", "authorizationType")]));
        hand.ask("apigateway", "PutMethod", Value::Object(input))?;
        Ok(method_id(wanted))
    },
    read: |hand, id, _| {
        let found = hand.find("apigateway", "GetMethod", method_named(id), GONE)?;
        Ok(found.map(|body| {
            let mut out = named_attributes(id);
            out.insert("authorization".into(), body["authorizationType"].clone());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| hand.find("apigateway", "DeleteMethod", method_named(id), GONE).map(drop),
};

const INTEGRATION_MEMBERS: &[(&str, &str)] = &[
    ("integration_http_method", "integrationHttpMethod"),
    ("timeout_milliseconds", "timeoutInMillis"),
    ("type", "type"),
    ("uri", "uri"),
];

pub static INTEGRATION: TypeRow = TypeRow {
    name: "aws_api_gateway_integration",
    noun: "API Gateway Integration",
    kind: "AWS::ApiGateway::Method",
    attributes: &[
        attr("http_method", Is::Text, Rule::Required).forces(),
        attr("integration_http_method", Is::Text, Rule::Optional),
        attr("resource_id", Is::Text, Rule::Required).forces(),
        attr("rest_api_id", Is::Text, Rule::Required).forces(),
        attr("timeout_milliseconds", Is::Whole, Rule::Default("29000")),
        attr("type", Is::Text, Rule::Required),
        attr("uri", Is::Text, Rule::Optional),
    ],
    create: |hand, wanted| {
        let id = method_id(wanted);
        integrate(hand, &id, wanted, &[])?;
        Ok(id)
    },
    read: |hand, id, _| {
        let found = hand.find("apigateway", "GetIntegration", method_named(id), GONE)?;
        Ok(found.map(|body| {
            let mut out = named_attributes(id);
            let members = [
                ("integration_http_method", "httpMethod"),
                ("timeout_milliseconds", "timeoutInMillis"),
                ("type", "type"),
                ("uri", "uri"),
            ];
            out.extend(taken(&body, &members));
            out
        }))
    },
    update: integrate,
    delete: |hand, id, _| hand.find("apigateway", "DeleteIntegration", method_named(id), GONE).map(drop),
};

fn integrate(hand: &mut Hand, id: &str, wanted: &Attributes, _changed: &[&str]) -> Result<(), Fault> {
    let mut input = method_named(id).as_object().cloned().unwrap_or_default();
    input.extend(inputs(wanted, INTEGRATION_MEMBERS));
    hand.ask("apigateway", "PutIntegration", Value::Object(input)).map(drop)
}

pub static DEPLOYMENT: TypeRow = TypeRow {
    name: "aws_api_gateway_deployment",
    noun: "API Gateway Deployment",
    kind: "AWS::ApiGateway::Deployment",
    attributes: &[
        attr("created_date", Is::Whole, Rule::Computed),
        attr("description", Is::Text, Rule::Optional).forces(),
        attr("id", Is::Text, Rule::Computed),
        attr("rest_api_id", Is::Text, Rule::Required).forces(),
        // What a new deployment is made for: nobody but the code knows it.
        attr("triggers", Is::Map, Rule::Optional).forces(),
    ],
    create: |hand, wanted| {
        let members = [("description", "description"), ("rest_api_id", "restApiId")];
        let body = hand.ask("apigateway", "CreateDeployment", Value::Object(inputs(wanted, &members)))?;
        Ok(body["id"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, known| {
        let api = text(known, "rest_api_id").to_string();
        let Some(body) = hand.find("apigateway", "GetDeployments", json!({ "restApiId": api }), GONE)? else {
            return Ok(None);
        };
        let found = body["items"].as_array().into_iter().flatten().find(|item| item["id"] == id).cloned();
        Ok(found.map(|body| {
            let members = [("created_date", "createdDate"), ("description", "description"), ("id", "id")];
            let mut out = taken(&body, &members);
            out.insert("rest_api_id".into(), api.into());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    // A deployment that a stage serves stays; old ones cost nothing.
    delete: |_, _, _| Ok(()),
};

pub static STAGE: TypeRow = TypeRow {
    name: "aws_api_gateway_stage",
    noun: "API Gateway Stage",
    kind: "AWS::ApiGateway::Stage",
    attributes: &[
        attr("access_log_destination_arn", Is::Text, Rule::Optional),
        attr("access_log_format", Is::Text, Rule::Optional),
        attr("deployment_id", Is::Text, Rule::Required),
        attr("rest_api_id", Is::Text, Rule::Required).forces(),
        attr("stage_name", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members = [("deployment_id", "deploymentId"), ("rest_api_id", "restApiId"), ("stage_name", "stageName")];
        hand.ask("apigateway", "CreateStage", Value::Object(inputs(wanted, &members)))?;
        let id = format!("ags-{}-{}", text(wanted, "rest_api_id"), text(wanted, "stage_name"));
        let set: Vec<&str> = LOGS.iter().map(|(name, _)| *name).filter(|name| wanted.contains_key(*name)).collect();
        stage_update(hand, &id, wanted, &set)?;
        Ok(id)
    },
    read: |hand, id, _| {
        let (api, name) = stage_named(id);
        let input = json!({ "restApiId": api, "stageName": name });
        let found = hand.find("apigateway", "GetStage", input, GONE)?;
        Ok(found.map(|body| {
            let mut out = taken(&body, &[("deployment_id", "deploymentId"), ("stage_name", "stageName")]);
            out.insert("rest_api_id".into(), api.into());
            let log = &body["accessLogSettings"];
            out.insert("access_log_destination_arn".into(), log["destinationArn"].clone());
            out.insert("access_log_format".into(), log["format"].clone());
            out
        }))
    },
    update: stage_update,
    delete: |hand, id, _| {
        let (api, name) = stage_named(id);
        let input = json!({ "restApiId": api, "stageName": name });
        hand.find("apigateway", "DeleteStage", input, GONE).map(drop)
    },
};

/// Attributes and the paths under which a stage's patch has them.
const LOGS: &[(&str, &str)] = &[
    ("access_log_destination_arn", "/accessLogSettings/destinationArn"),
    ("access_log_format", "/accessLogSettings/format"),
];

fn stage_named(id: &str) -> (&str, &str) {
    id.strip_prefix("ags-").and_then(|rest| rest.split_once('-')).unwrap_or((id, ""))
}

fn stage_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    let (api, name) = stage_named(id);
    let paths = [("deployment_id", "/deploymentId")];
    let patches = paths.iter().chain(LOGS).filter(|(name, _)| changed.contains(name));
    let patches: Vec<Value> =
        patches.map(|(name, path)| json!({ "op": "replace", "path": path, "value": text(wanted, name) })).collect();
    if patches.is_empty() {
        return Ok(());
    }
    let input = json!({ "restApiId": api, "stageName": name, "patchOperations": patches });
    hand.ask("apigateway", "UpdateStage", input).map(drop)
}
