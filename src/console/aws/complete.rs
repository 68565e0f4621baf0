//! What may stand at the caret of an `aws` command: services, operations, options, and names that the account knows, by
//! asking it as anybody could. Carries no facts.

use super::arguments::{self, Meaning};
use super::ask::{self, Reply, Target};
use super::node::Node;
use super::{global, operations, query, wait};
use crate::console::Candidate;
use crate::console::session::Session;
use crate::world::World;
use crate::world::aws::model::Shape;
use crate::world::aws::service::{SERVICES, Service};
use serde_json::json;

/// Where the names for an option come from: service, option, the listing operation, and where its answer has them.
struct Source {
    service: &'static str,
    option: &'static str,
    operation: &'static str,
    path: &'static str,
}

/// Sorted by service and option.
static SOURCES: &[Source] = &[
    Source {
        service: "cloudwatch",
        option: "--alarm-names",
        operation: "DescribeAlarms",
        path: "MetricAlarms[].AlarmName",
    },
    Source { service: "cloudwatch", option: "--metric-name", operation: "ListMetrics", path: "Metrics[].MetricName" },
    Source { service: "cloudwatch", option: "--namespace", operation: "ListMetrics", path: "Metrics[].Namespace" },
    Source { service: "ec2", option: "--flow-log-ids", operation: "DescribeFlowLogs", path: "FlowLogs[].FlowLogId" },
    Source {
        service: "ec2",
        option: "--group-ids",
        operation: "DescribeSecurityGroups",
        path: "SecurityGroups[].GroupId",
    },
    Source {
        service: "ec2",
        option: "--nat-gateway-ids",
        operation: "DescribeNatGateways",
        path: "NatGateways[].NatGatewayId",
    },
    Source {
        service: "ec2",
        option: "--route-table-id",
        operation: "DescribeRouteTables",
        path: "RouteTables[].RouteTableId",
    },
    Source {
        service: "ec2",
        option: "--route-table-ids",
        operation: "DescribeRouteTables",
        path: "RouteTables[].RouteTableId",
    },
    Source { service: "ec2", option: "--subnet-ids", operation: "DescribeSubnets", path: "Subnets[].SubnetId" },
    Source {
        service: "ec2",
        option: "--vpc-endpoint-id",
        operation: "DescribeVpcEndpoints",
        path: "VpcEndpoints[].VpcEndpointId",
    },
    Source {
        service: "ec2",
        option: "--vpc-endpoint-ids",
        operation: "DescribeVpcEndpoints",
        path: "VpcEndpoints[].VpcEndpointId",
    },
    Source { service: "ec2", option: "--vpc-ids", operation: "DescribeVpcs", path: "Vpcs[].VpcId" },
    Source {
        service: "ecr",
        option: "--repository-name",
        operation: "DescribeRepositories",
        path: "repositories[].repositoryName",
    },
    Source {
        service: "elasticache",
        option: "--cache-cluster-id",
        operation: "DescribeCacheClusters",
        path: "CacheClusters[].CacheClusterId",
    },
    Source { service: "iam", option: "--role-name", operation: "ListRoles", path: "Roles[].RoleName" },
    Source { service: "kms", option: "--key-id", operation: "ListKeys", path: "Keys[].KeyId" },
    Source {
        service: "lambda",
        option: "--function-name",
        operation: "ListFunctions",
        path: "Functions[].FunctionName",
    },
    Source {
        service: "lambda",
        option: "--uuid",
        operation: "ListEventSourceMappings",
        path: "EventSourceMappings[].UUID",
    },
    Source {
        service: "logs",
        option: "--log-group-name",
        operation: "DescribeLogGroups",
        path: "logGroups[].logGroupName",
    },
    Source { service: "logs", option: "tail", operation: "DescribeLogGroups", path: "logGroups[].logGroupName" },
    Source {
        service: "rds",
        option: "--db-instance-identifier",
        operation: "DescribeDBInstances",
        path: "DBInstances[].DBInstanceIdentifier",
    },
    Source { service: "s3api", option: "--bucket", operation: "ListBuckets", path: "Buckets[].Name" },
    Source {
        service: "sns",
        option: "--subscription-arn",
        operation: "ListSubscriptions",
        path: "Subscriptions[].SubscriptionArn",
    },
    Source { service: "sns", option: "--topic-arn", operation: "ListTopics", path: "Topics[].TopicArn" },
    Source { service: "sqs", option: "--queue-url", operation: "ListQueues", path: "QueueUrls" },
];

fn candidates(word: &str, rows: impl Iterator<Item = (String, String)>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = rows
        .filter(|(text, _)| text.starts_with(word))
        .map(|(text, about)| Candidate { start: 0, text, about })
        .collect();
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.dedup();
    found
}

/// Completion of the last word.
pub fn complete(world: &World, session: &Session, words: &[String]) -> Vec<Candidate> {
    let Some((word, before)) = words.split_last() else { return Vec::new() };
    if let Some(found) = global_value(before.last().map_or("", String::as_str), word) {
        return found;
    }
    let options = global::options();
    let globals = || options.iter().map(|opt| (opt.name.clone(), String::new()));
    // Globals before the service do not count.
    let read = super::grammar::read(&options, &[], before.get(1..).unwrap_or_default()).unwrap_or_default();
    let Some(command) = read.extras.first() else {
        if word.starts_with('-') {
            return candidates(word, globals());
        }
        let services = SERVICES.iter().map(|row| (row.name.to_string(), row.doc.to_string()));
        let more = [("configure", "what this machine is set up with"), ("help", ""), ("s3", "buckets and objects")];
        return candidates(word, services.chain(more.map(|(name, doc)| (name.into(), doc.into()))));
    };
    let Some(row) = SERVICES.iter().copied().find(|row| row.name == command) else {
        let known: &[&str] = match command.as_str() {
            "s3" => &["cp", "ls"],
            "configure" => &["get", "list", "list-profiles"],
            _ => &[],
        };
        return candidates(word, known.iter().map(|name| (name.to_string(), String::new())));
    };
    let Some(name) = read.extras.get(1) else {
        return candidates(word, names(row));
    };
    let last = before.last().map_or("", String::as_str);
    if let Some(found) =
        known(world, session, row, if name == "tail" && read.extras.len() == 2 { "tail" } else { last }, word)
    {
        return found;
    }
    if name == "wait" && read.extras.len() == 2 {
        return candidates(word, wait::of(row).into_iter().map(|(name, _, waiter)| (name, waiter.operation.clone())));
    }
    let Some((_, target)) = operations(row).find(|(known, _)| known == name) else { return Vec::new() };
    if word.starts_with('-') {
        return candidates(word, own(target).chain(globals()));
    }
    choices(target, last, word)
}

fn names(row: &'static Service) -> impl Iterator<Item = (String, String)> {
    let doc = |target: &Target| row.operation(&target.operation.name).map_or("", |known| known.doc).to_string();
    let known = operations(row).map(move |(name, target)| (name, doc(&target)));
    let tail = (row.name == "logs").then(|| ("tail".to_string(), "follow a log group".to_string()));
    let wait = (!wait::of(row).is_empty()).then(|| ("wait".to_string(), "ask until something holds".to_string()));
    known.chain(tail).chain(wait).chain(Some(("help".to_string(), String::new())))
}

fn own(target: Target) -> impl Iterator<Item = (String, String)> {
    let rows = arguments::of(target.model, target.operation).into_iter().filter(|row| !row.opt.hidden);
    rows.map(|row| (row.opt.name, if row.opt.required { "required".to_string() } else { String::new() }))
}

fn global_value(option: &str, word: &str) -> Option<Vec<Candidate>> {
    let known: &[&str] = match option {
        "--output" => global::OUTPUTS,
        "--profile" => global::PROFILES,
        "--color" => &["auto", "off", "on"],
        _ => return None,
    };
    Some(candidates(word, known.iter().map(|name| (name.to_string(), String::new()))))
}

/// Words that the model lists for an option.
fn choices(target: Target, option: &str, word: &str) -> Vec<Candidate> {
    let rows = arguments::of(target.model, target.operation);
    let Some(Meaning::Member { shape, .. }) = rows.iter().find(|row| row.opt.name == option).map(|row| &row.is) else {
        return Vec::new();
    };
    let inner = match target.model.shape(shape) {
        Some(Shape::List(list)) => target.model.shape(&list.member),
        other => other,
    };
    match inner {
        Some(Shape::Scalar(scalar)) => candidates(word, scalar.choices.iter().map(|c| (c.clone(), String::new()))),
        _ => Vec::new(),
    }
}

/// Names that the account knows.
fn known(world: &World, session: &Session, row: &'static Service, option: &str, word: &str) -> Option<Vec<Candidate>> {
    let source = SOURCES.iter().find(|source| source.service == row.name && source.option == option)?;
    if world.aws.id.is_empty() {
        return None;
    }
    let (_, target) = operations(row).find(|(_, target)| target.operation.name == source.operation)?;
    let region = world.aws.region.to_string();
    // Asking might let time catch up; completion leaves the world alone.
    let mut aside = world.clone();
    let Ok(Reply::Answer(answer)) = ask::ask(&mut aside, &session.user, &region, target, json!({})) else {
        return None;
    };
    let found = query::parse(source.path).ok()?.search(&ask::tree(target, &answer)).ok()?;
    let names = found.items().unwrap_or_default().iter().filter_map(Node::as_text);
    Some(candidates(word, names.map(|name| (name.to_string(), String::new()))))
}
