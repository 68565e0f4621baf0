//! What an operation does to what, as policies name it: actions and resource ARNs by service (Service Authorization
//! Reference). Does not know who asks.

use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::Call;
use crate::world::aws::lambda::function::named;
use crate::world::aws::policy::Document;
use crate::world::aws::{arn, ecr, kms, s3};
use std::sync::Arc;

/// `sqs:SendMessage`: mostly the operation's own name behind the service's.
pub fn action(service: &str, operation: &str) -> String {
    let prefix = match service {
        "elbv2" => "elasticloadbalancing",
        "resourcegroupstaggingapi" => "tag",
        "s3api" => "s3",
        "sesv2" => "ses",
        other => other,
    };
    let name = match (service, operation) {
        ("apigateway", _) if operation.starts_with("Get") => "GET",
        ("lambda", "Invoke") => "InvokeFunction",
        ("s3api", "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
        ("s3api", "HeadBucket" | "ListObjectsV2") => "ListBucket",
        ("s3api", "HeadObject") => "GetObject",
        ("s3api", "ListBuckets") => "ListAllMyBuckets",
        ("sns", "PublishBatch") => "Publish",
        ("sqs", _) => operation.strip_suffix("Batch").unwrap_or(operation),
        _ => operation,
    };
    format!("{prefix}:{name}")
}

/// The ARN of what a request is about; `*` where it is about nothing in particular.
pub fn arn(world: &World, call: &Call) -> String {
    let (region, account) = (&*world.aws.region, &*world.aws.id);
    let make = |service: &str, resource: String| arn::make(service, region, account, &resource);
    let text = |member: &str| call.text(member).unwrap_or_default();
    match call.service.name {
        "sqs" => queue(call, &|resource| make("sqs", resource)),
        "sns" => topic(call, &|resource| make("sns", resource)),
        "lambda" => function(call, &|resource| make("lambda", resource)),
        "iam" => identity(world, call),
        "kms" => match call.text("KeyId").or(call.text("TargetKeyId")) {
            Some(key) => kms::arn_of(world, key).unwrap_or_else(|| "*".into()),
            None => "*".into(),
        },
        "s3api" => match (call.text("Bucket"), call.text("Key")) {
            (Some(bucket), Some(key)) => format!("arn:aws:s3:::{bucket}/{key}"),
            (Some(bucket), None) => format!("arn:aws:s3:::{bucket}"),
            _ => "*".into(),
        },
        "logs" => match call.text("logGroupName").or(call.text("logGroupIdentifier")) {
            Some(group) => make("logs", format!("log-group:{group}:log-stream:")),
            None => make("logs", "log-group::log-stream:".into()),
        },
        "cloudwatch" => match call.text("AlarmName").or_else(|| call.texts("AlarmNames").first().copied()) {
            Some(alarm) => make("cloudwatch", format!("alarm:{alarm}")),
            None => "*".into(),
        },
        "rds" => match call.text("DBInstanceIdentifier") {
            Some(instance) => make("rds", format!("db:{instance}")),
            None => make("rds", "db:*".into()),
        },
        "ecr" => match call.text("repositoryName") {
            Some(repository) => make("ecr", format!("repository/{repository}")),
            None => make("ecr", "repository/*".into()),
        },
        "ses" | "sesv2" => match call.text("EmailIdentity").or(call.text("FromEmailAddress")) {
            Some(identity) => make("ses", format!("identity/{identity}")),
            None => "*".into(),
        },
        "sts" if !text("RoleArn").is_empty() => text("RoleArn").to_string(),
        "ce" => format!("arn:aws:ce:us-east-1:{account}:/{}", call.operation.name),
        "ec2" => network(call, &|resource| make("ec2", resource)),
        _ => "*".into(),
    }
}

type Make<'a> = &'a dyn Fn(String) -> String;

fn queue(call: &Call, make: Make) -> String {
    if let Some(source) = call.text("SourceArn") {
        return source.to_string();
    }
    let name = match (call.text("QueueUrl"), call.text("QueueName")) {
        (Some(url), _) => url.rsplit('/').next().unwrap_or_default(),
        (None, Some(name)) => name,
        (None, None) => "",
    };
    make(name.to_string())
}

fn topic(call: &Call, make: Make) -> String {
    if let Some(arn) = call.text("TopicArn").or(call.text("TargetArn")).or(call.text("ResourceArn")) {
        return arn.to_string();
    }
    if let Some((topic, _)) = call.text("SubscriptionArn").and_then(|arn| arn.rsplit_once(':')) {
        return topic.to_string();
    }
    make(call.text("Name").unwrap_or("*").to_string())
}

fn function(call: &Call, make: Make) -> String {
    if let Some(mapping) = call.text("UUID") {
        return make(format!("event-source-mapping:{mapping}"));
    }
    let Some(given) = call.text("FunctionName") else { return "*".into() };
    // A name may be the end of an ARN, and carry a version or alias; who invokes can say that apart (Lambda Developer
    // Guide, "Fine-tuning the Resources and Conditions sections of policies").
    let (name, own) = named(given);
    let apart = call.text("Qualifier").filter(|_| call.operation.name == "Invoke").unwrap_or_default();
    let qualifier = if own.is_empty() { apart } else { &own };
    let tail = if qualifier.is_empty() { String::new() } else { format!(":{qualifier}") };
    match given.split_once(":function:") {
        Some((before, _)) if given.starts_with("arn:") => format!("{before}:function:{name}{tail}"),
        _ => make(format!("function:{name}{tail}")),
    }
}

fn identity(world: &World, call: &Call) -> String {
    let account = &world.aws.id;
    if let Some(arn) =
        call.text("PolicyArn").filter(|_| call.text("RoleName").is_none() && call.text("UserName").is_none())
    {
        return arn.to_string();
    }
    match (call.text("RoleName"), call.text("UserName"), call.text("PolicyName")) {
        (Some(role), ..) => super::principal(world, &format!("arn:aws:iam::{account}:role/{role}")).role.to_string(),
        (None, Some(user), _) => format!("arn:aws:iam::{account}:user/{user}"),
        (None, None, Some(policy)) => format!("arn:aws:iam::{account}:policy/{policy}"),
        _ if call.operation.name == "ListRoles" => format!("arn:aws:iam::{account}:role/"),
        _ if call.operation.name == "ListUsers" => format!("arn:aws:iam::{account}:user/"),
        _ => "*".into(),
    }
}

/// Descriptions are about nothing in particular; changes about the resource whose id they name.
fn network(call: &Call, make: Make) -> String {
    const IDS: &[(&str, &str)] = &[
        ("AllocationId", "elastic-ip"),
        ("GroupId", "security-group"),
        ("NatGatewayId", "natgateway"),
        ("RouteTableId", "route-table"),
        ("SnapshotId", "snapshot"),
        ("VpcEndpointId", "vpc-endpoint"),
        ("VpcId", "vpc"),
    ];
    if call.operation.name.starts_with("Describe") {
        return "*".into();
    }
    let found = IDS.iter().find_map(|(member, kind)| Some((call.text(member)?, kind)));
    found.map_or_else(|| "*".into(), |(id, kind)| make(format!("{kind}/{id}")))
}

/// The policy that hangs on a resource itself.
pub fn policy(world: &World, arn: &str, at: Time) -> Option<Arc<Document>> {
    if arn.starts_with("arn:aws:kms:") {
        return kms::policy_of(world, arn, at);
    }
    if let Some(place) = arn.strip_prefix("arn:aws:s3:::") {
        return s3::policy_of(world, place.split('/').next().unwrap_or_default(), at);
    }
    if arn.starts_with("arn:aws:ecr:") {
        return ecr::policy_of(world, arn.split_once(":repository/")?.1);
    }
    if let Some(queue) = world.aws.queues.get(arn) {
        return queue.policy(at);
    }
    if let Some(topic) = world.aws.topics.get(arn) {
        return topic.setup.policy.clone();
    }
    None
}
