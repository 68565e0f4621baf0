//! Functions and what calls them: functions, their permissions and rules, event-source mappings, REST APIs. Does not know
//! what a function does.

use super::{Attributes, Fault, Hand, Is, Rule, TypeRow, attr, inputs, taken, text};
use serde_json::{Map, Value, json};

const GONE: &[&str] = &["ResourceNotFoundException", "NotFoundException"];

/// Members of a function's configuration that are set in one call.
const CONFIGURATION: &[(&str, &str)] = &[
    ("description", "Description"),
    ("handler", "Handler"),
    ("memory_size", "MemorySize"),
    ("role", "Role"),
    ("runtime", "Runtime"),
    ("timeout", "Timeout"),
];

/// Configuration in the API's shapes; what is wanted no more is emptied.
fn configuration(wanted: &Attributes) -> Map<String, Value> {
    let mut input = inputs(wanted, CONFIGURATION);
    let list = |name: &str| wanted.get(name).cloned().unwrap_or_else(|| json!([]));
    input.insert(
        "VpcConfig".into(),
        json!({ "SubnetIds": list("subnet_ids"), "SecurityGroupIds": list("security_group_ids") }),
    );
    let env = wanted.get("environment").cloned().unwrap_or_else(|| json!({}));
    input.insert("Environment".into(), json!({ "Variables": env }));
    input.insert("DeadLetterConfig".into(), json!({ "TargetArn": text(wanted, "dead_letter_target_arn") }));
    input
}

fn code(wanted: &Attributes) -> Value {
    let key = text(wanted, "s3_key");
    if key.is_empty() {
        json!({ "ImageUri": text(wanted, "image_uri") })
    } else {
        json!({ "S3Bucket": text(wanted, "s3_bucket"), "S3Key": key })
    }
}

fn reserve(hand: &mut Hand, id: &str, wanted: &Attributes) -> Result<(), Fault> {
    match wanted.get("reserved_concurrent_executions").and_then(Value::as_i64).filter(|count| *count >= 0) {
        Some(count) => {
            let input = json!({ "FunctionName": id, "ReservedConcurrentExecutions": count });
            hand.ask("lambda", "PutFunctionConcurrency", input).map(drop)
        }
        None => hand.ask("lambda", "DeleteFunctionConcurrency", json!({ "FunctionName": id })).map(drop),
    }
}

pub static FUNCTION: TypeRow = TypeRow {
    name: "aws_lambda_function",
    noun: "Lambda Function",
    kind: "AWS::Lambda::Function",
    attributes: &[
        attr("architectures", Is::Texts, Rule::Kept),
        attr("arn", Is::Text, Rule::Computed),
        attr("dead_letter_target_arn", Is::Text, Rule::Optional),
        attr("description", Is::Text, Rule::Default("\"\"")),
        attr("environment", Is::Map, Rule::Optional),
        attr("function_name", Is::Text, Rule::Required).forces(),
        attr("handler", Is::Text, Rule::Kept),
        attr("image_uri", Is::Text, Rule::Optional),
        attr("invoke_arn", Is::Text, Rule::Computed),
        attr("memory_size", Is::Whole, Rule::Default("128")),
        attr("publish", Is::Yes, Rule::Default("false")),
        attr("reserved_concurrent_executions", Is::Whole, Rule::Default("-1")),
        attr("role", Is::Text, Rule::Required),
        attr("runtime", Is::Text, Rule::Kept),
        attr("s3_bucket", Is::Text, Rule::Optional),
        attr("s3_key", Is::Text, Rule::Optional),
        attr("security_group_ids", Is::Set, Rule::Optional),
        attr("subnet_ids", Is::Set, Rule::Optional),
        attr("tags", Is::Map, Rule::Optional),
        attr("timeout", Is::Whole, Rule::Default("3")),
    ],
    create: |hand, wanted| {
        let name = text(wanted, "function_name").to_string();
        let mut input = configuration(wanted);
        input.insert("FunctionName".into(), name.clone().into());
        input.insert("Code".into(), code(wanted));
        for (member, attribute) in [("Architectures", "architectures"), ("Tags", "tags")] {
            input.extend(wanted.get(attribute).map(|value| (member.to_string(), value.clone())));
        }
        hand.ask("lambda", "CreateFunction", Value::Object(input))?;
        if wanted.get("reserved_concurrent_executions").and_then(Value::as_i64).is_some_and(|count| count >= 0) {
            reserve(hand, &name, wanted)?;
        }
        if wanted.get("publish") == Some(&Value::Bool(true)) {
            hand.ask("lambda", "PublishVersion", json!({ "FunctionName": name }))?;
        }
        Ok(name)
    },
    read: function_read,
    update: function_update,
    delete: |hand, id, _| hand.find("lambda", "DeleteFunction", json!({ "FunctionName": id }), GONE).map(drop),
};

fn function_read(hand: &mut Hand, id: &str, known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let Some(body) = hand.find("lambda", "GetFunction", json!({ "FunctionName": id }), GONE)? else { return Ok(None) };
    let config = &body["Configuration"];
    let mut out = taken(config, CONFIGURATION);
    out.insert("function_name".into(), id.into());
    out.insert("arn".into(), config["FunctionArn"].clone());
    let region = hand.world.aws.region.to_string();
    let arn = config["FunctionArn"].as_str().unwrap_or_default();
    let invoke = format!("arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations");
    out.insert("invoke_arn".into(), invoke.into());
    out.insert("architectures".into(), config["Architectures"].clone());
    out.insert("dead_letter_target_arn".into(), config["DeadLetterConfig"]["TargetArn"].clone());
    out.insert("environment".into(), config["Environment"]["Variables"].clone());
    out.insert("subnet_ids".into(), config["VpcConfig"]["SubnetIds"].clone());
    out.insert("security_group_ids".into(), config["VpcConfig"]["SecurityGroupIds"].clone());
    out.insert("tags".into(), body["Tags"].clone());
    let reserved = body["Concurrency"]["ReservedConcurrentExecutions"].as_i64().unwrap_or(-1);
    out.insert("reserved_concurrent_executions".into(), reserved.into());
    // Where the code came from is not told by the service: the provider keeps what it set.
    let place =
        hand.world.aws.functions.get(id).map(|function| function.latest().code.place.clone()).unwrap_or_default();
    let key = if known.contains_key("image_uri") { "image_uri" } else { "s3_key" };
    out.insert(key.into(), place.into());
    Ok(Some(out))
}

fn function_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    let code_changed = changed.iter().any(|name| ["image_uri", "s3_bucket", "s3_key"].contains(name));
    let others =
        ["architectures", "image_uri", "publish", "reserved_concurrent_executions", "s3_bucket", "s3_key", "tags"];
    if changed.iter().any(|name| !others.contains(name)) {
        let mut input = configuration(wanted);
        input.insert("FunctionName".into(), id.into());
        hand.ask("lambda", "UpdateFunctionConfiguration", Value::Object(input))?;
    }
    if code_changed {
        let mut input = code(wanted).as_object().cloned().unwrap_or_default();
        input.insert("FunctionName".into(), id.into());
        hand.ask("lambda", "UpdateFunctionCode", Value::Object(input))?;
    }
    if changed.contains(&"reserved_concurrent_executions") {
        reserve(hand, id, wanted)?;
    }
    if changed.contains(&"tags") {
        let body = hand.ask("lambda", "GetFunction", json!({ "FunctionName": id }))?;
        let arn = body["Configuration"]["FunctionArn"].clone();
        let gone = super::tags_gone(&body["Tags"], wanted);
        if !gone.is_empty() {
            hand.ask("lambda", "UntagResource", json!({ "Resource": arn, "TagKeys": gone }))?;
        }
        if let Some(tags) = wanted.get("tags") {
            hand.ask("lambda", "TagResource", json!({ "Resource": arn, "Tags": tags }))?;
        }
    }
    Ok(())
}

pub static PERMISSION: TypeRow = TypeRow {
    name: "aws_lambda_permission",
    noun: "Lambda Permission",
    kind: "AWS::Lambda::Permission",
    attributes: &[
        attr("action", Is::Text, Rule::Required).forces(),
        attr("function_name", Is::Text, Rule::Required).forces(),
        attr("principal", Is::Text, Rule::Required).forces(),
        attr("source_arn", Is::Text, Rule::Optional).forces(),
        attr("statement_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members = [
            ("action", "Action"),
            ("function_name", "FunctionName"),
            ("principal", "Principal"),
            ("source_arn", "SourceArn"),
            ("statement_id", "StatementId"),
        ];
        hand.ask("lambda", "AddPermission", Value::Object(inputs(wanted, &members)))?;
        Ok(text(wanted, "statement_id").to_string())
    },
    read: |hand, id, known| {
        let input = json!({ "FunctionName": text(known, "function_name") });
        let Some(body) = hand.find("lambda", "GetPolicy", input, GONE)? else { return Ok(None) };
        let document = super::parsed(&body["Policy"]);
        let statements = document["Statement"].as_array().into_iter().flatten();
        let Some(found) = statements.into_iter().find(|statement| statement["Sid"] == id) else { return Ok(None) };
        let mut out = Attributes::from_iter([("statement_id".to_string(), Value::from(id))]);
        out.insert("action".into(), found["Action"].clone());
        out.insert("function_name".into(), known.get("function_name").cloned().unwrap_or_default());
        out.insert("principal".into(), found["Principal"]["Service"].clone());
        out.insert("source_arn".into(), found["Condition"]["ArnLike"]["AWS:SourceArn"].clone());
        Ok(Some(out))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, known| {
        let input = json!({ "FunctionName": text(known, "function_name"), "StatementId": id });
        hand.find("lambda", "RemovePermission", input, GONE).map(drop)
    },
};

pub static EVENT_INVOKE: TypeRow = TypeRow {
    name: "aws_lambda_function_event_invoke_config",
    noun: "Lambda Function Event Invoke Config",
    kind: "AWS::Lambda::EventInvokeConfig",
    attributes: &[
        attr("function_name", Is::Text, Rule::Required).forces(),
        attr("maximum_event_age_in_seconds", Is::Whole, Rule::Default("21600")),
        attr("maximum_retry_attempts", Is::Whole, Rule::Default("2")),
        attr("on_failure", Is::Text, Rule::Optional),
    ],
    create: |hand, wanted| {
        let id = text(wanted, "function_name").to_string();
        event_invoke(hand, &id, wanted, &[])?;
        Ok(id)
    },
    read: |hand, id, _| {
        let found = hand.find("lambda", "GetFunctionEventInvokeConfig", json!({ "FunctionName": id }), GONE)?;
        Ok(found.map(|body| {
            let members = [
                ("maximum_event_age_in_seconds", "MaximumEventAgeInSeconds"),
                ("maximum_retry_attempts", "MaximumRetryAttempts"),
            ];
            let mut out = taken(&body, &members);
            out.insert("function_name".into(), id.into());
            out.insert("on_failure".into(), body["DestinationConfig"]["OnFailure"]["Destination"].clone());
            out
        }))
    },
    update: event_invoke,
    delete: |hand, id, _| {
        hand.find("lambda", "DeleteFunctionEventInvokeConfig", json!({ "FunctionName": id }), GONE).map(drop)
    },
};

fn event_invoke(hand: &mut Hand, id: &str, wanted: &Attributes, _changed: &[&str]) -> Result<(), Fault> {
    let members = [
        ("maximum_event_age_in_seconds", "MaximumEventAgeInSeconds"),
        ("maximum_retry_attempts", "MaximumRetryAttempts"),
    ];
    let mut input = inputs(wanted, &members);
    input.insert("FunctionName".into(), id.into());
    if let Some(to) = wanted.get("on_failure") {
        input.insert("DestinationConfig".into(), json!({ "OnFailure": { "Destination": to } }));
    }
    hand.ask("lambda", "PutFunctionEventInvokeConfig", Value::Object(input)).map(drop)
}

pub static PROVISIONED: TypeRow = TypeRow {
    name: "aws_lambda_provisioned_concurrency_config",
    noun: "Lambda Provisioned Concurrency Config",
    kind: "AWS::Lambda::ProvisionedConcurrencyConfig",
    attributes: &[
        attr("function_name", Is::Text, Rule::Required).forces(),
        attr("provisioned_concurrent_executions", Is::Whole, Rule::Required),
        attr("qualifier", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let id = format!("{},{}", text(wanted, "function_name"), text(wanted, "qualifier"));
        provision(hand, &id, wanted, &[])?;
        Ok(id)
    },
    read: |hand, id, _| {
        let (name, qualifier) = id.split_once(',').unwrap_or((id, ""));
        let input = json!({ "FunctionName": name, "Qualifier": qualifier });
        let gone = ["ProvisionedConcurrencyConfigNotFoundException", "ResourceNotFoundException"];
        let found = hand.find("lambda", "GetProvisionedConcurrencyConfig", input, &gone)?;
        Ok(found.map(|body| {
            let members = [("provisioned_concurrent_executions", "RequestedProvisionedConcurrentExecutions")];
            let mut out = taken(&body, &members);
            out.insert("function_name".into(), name.into());
            out.insert("qualifier".into(), qualifier.into());
            out
        }))
    },
    update: provision,
    delete: |hand, id, _| {
        let (name, qualifier) = id.split_once(',').unwrap_or((id, ""));
        let input = json!({ "FunctionName": name, "Qualifier": qualifier });
        hand.find("lambda", "DeleteProvisionedConcurrencyConfig", input, GONE).map(drop)
    },
};

fn provision(hand: &mut Hand, _id: &str, wanted: &Attributes, _changed: &[&str]) -> Result<(), Fault> {
    let members = [
        ("function_name", "FunctionName"),
        ("provisioned_concurrent_executions", "ProvisionedConcurrentExecutions"),
        ("qualifier", "Qualifier"),
    ];
    hand.ask("lambda", "PutProvisionedConcurrencyConfig", Value::Object(inputs(wanted, &members))).map(drop)
}

const MAPPING: &[(&str, &str)] = &[
    ("batch_size", "BatchSize"),
    ("enabled", "Enabled"),
    ("function_response_types", "FunctionResponseTypes"),
    ("maximum_batching_window_in_seconds", "MaximumBatchingWindowInSeconds"),
];

fn mapping_input(wanted: &Attributes) -> Map<String, Value> {
    let mut input = inputs(wanted, MAPPING);
    if let Some(most) = wanted.get("maximum_concurrency") {
        input.insert("ScalingConfig".into(), json!({ "MaximumConcurrency": most }));
    }
    input
}

pub static MAPPING_ROW: TypeRow = TypeRow {
    name: "aws_lambda_event_source_mapping",
    noun: "Lambda Event Source Mapping",
    kind: "AWS::Lambda::EventSourceMapping",
    attributes: &[
        attr("batch_size", Is::Whole, Rule::Default("10")),
        attr("enabled", Is::Yes, Rule::Default("true")),
        attr("event_source_arn", Is::Text, Rule::Required).forces(),
        attr("function_name", Is::Text, Rule::Required).forces(),
        attr("function_response_types", Is::Set, Rule::Optional),
        attr("maximum_batching_window_in_seconds", Is::Whole, Rule::Default("0")),
        attr("maximum_concurrency", Is::Whole, Rule::Optional),
        attr("uuid", Is::Text, Rule::Computed),
    ],
    create: |hand, wanted| {
        let mut input = mapping_input(wanted);
        input.extend(inputs(wanted, &[("event_source_arn", "EventSourceArn"), ("function_name", "FunctionName")]));
        let body = hand.ask("lambda", "CreateEventSourceMapping", Value::Object(input))?;
        Ok(body["UUID"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, known| {
        let found = hand.find("lambda", "GetEventSourceMapping", json!({ "UUID": id }), GONE)?;
        Ok(found.map(|body| {
            let mut out =
                taken(&body, &[("batch_size", "BatchSize"), ("event_source_arn", "EventSourceArn"), ("uuid", "UUID")]);
            out.insert("enabled".into(), (body["State"] != "Disabled" && body["State"] != "Disabling").into());
            out.insert("function_name".into(), known.get("function_name").cloned().unwrap_or_default());
            let types = body["FunctionResponseTypes"].clone();
            let none = types.as_array().is_none_or(Vec::is_empty);
            out.insert("function_response_types".into(), if none { Value::Null } else { types });
            out.insert("maximum_batching_window_in_seconds".into(), body["MaximumBatchingWindowInSeconds"].clone());
            out.insert("maximum_concurrency".into(), body["ScalingConfig"]["MaximumConcurrency"].clone());
            out
        }))
    },
    update: |hand, id, wanted, _| {
        let mut input = mapping_input(wanted);
        input.entry("FunctionResponseTypes").or_insert_with(|| json!([]));
        input.insert("UUID".into(), id.into());
        hand.ask("lambda", "UpdateEventSourceMapping", Value::Object(input)).map(drop)
    },
    delete: |hand, id, _| hand.find("lambda", "DeleteEventSourceMapping", json!({ "UUID": id }), GONE).map(drop),
};
