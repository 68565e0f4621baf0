//! Access logs, made from the requests in the stage's own format when asked; and what requests cost. Does not store a line.

use super::super::earlier;
use super::super::service::{LogGroup, Meter, Used};
use super::api::{Api, Stage};
use super::client::visits;
use super::serve::Visit;
use crate::stdx::dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::signals::Record;
use std::sync::Arc;

/// The group's name in its ARN: `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`.
fn group_of(stage: &Stage) -> Option<&str> {
    stage.log.0.split_once(":log-group:").map(|(_, name)| name.trim_end_matches(":*"))
}

/// A group is written from a stage's first logged request on.
pub fn groups(world: &World) -> Vec<LogGroup> {
    let stages = world.aws.apis.ever().flat_map(|api| api.stages.values());
    let group = |stage: &Stage| {
        Some(LogGroup { name: group_of(stage)?.to_string(), created: stage.logged?, retention_days: None })
    };
    let mut groups: Vec<LogGroup> = stages.filter_map(group).collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups.dedup_by(|a, b| a.name == b.name);
    groups
}

pub fn records(world: &World, group: &str, from: Time, to: Time) -> Vec<Record> {
    let mut out = Vec::new();
    for visit in visits(world, from, to) {
        let Some(api) = world.aws.apis.find(&visit.api) else { continue };
        let Some(stage) = api.stages.get(&visit.place.stage).filter(|stage| group_of(stage) == Some(group)) else {
            continue;
        };
        out.push(line(api, stage, group, visit));
    }
    out.sort_by_key(|record| record.at);
    out
}

/// What `$context.` variables say of a request (API Gateway Developer Guide, "Variables for access logging").
fn context(api: &Api, visit: &Visit) -> Vec<(&'static str, String)> {
    let dash = |text: String| if text.is_empty() { "-".to_string() } else { text };
    let asked = visit.integration.is_some();
    let message = visit.message();
    let lot = dice::at(visit.key, 36, 0);
    let quoted = if message.is_empty() { String::new() } else { format!("\"{message}\"") };
    vec![
        ("apiId", api.id.to_string()),
        ("error.message", dash(message.to_string())),
        ("error.messageString", dash(quoted)),
        ("httpMethod", visit.place.verb.clone()),
        ("identity.sourceIp", format!("198.51.{}.{}", lot % 200 + 20, lot / 200 % 250 + 2)),
        ("integration.latency", dash(visit.integration.map(|took| took.0.to_string()).unwrap_or_default())),
        (
            "integration.status",
            dash(if asked && visit.integration_status > 0 {
                visit.integration_status.to_string()
            } else {
                String::new()
            }),
        ),
        ("integrationLatency", dash(visit.integration.map(|took| took.0.to_string()).unwrap_or_default())),
        ("path", format!("/{}{}", visit.place.stage, visit.place.path)),
        ("protocol", "HTTP/1.1".into()),
        ("requestId", visit.request_id()),
        ("requestTime", visit.at.format("%d/%b/%Y:%H:%M:%S +0000").unwrap_or_default()),
        ("requestTimeEpoch", visit.at.0.to_string()),
        ("resourcePath", visit.place.path.clone()),
        ("responseLatency", visit.took.0.to_string()),
        ("responseLength", if visit.status < 400 { "14".into() } else { (message.len() + 14).to_string() }),
        ("stage", visit.place.stage.clone()),
        ("status", visit.status.to_string()),
    ]
}

fn line(api: &Api, stage: &Stage, group: &str, visit: &Visit) -> Record {
    let mut context = context(api, visit);
    // Longer names first: `$context.integrationLatency` is not `$context.integration` and a rest.
    context.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut text = stage.log.1.clone();
    for (name, value) in &context {
        text = text.replace(&format!("$context.{name}"), value);
    }
    let stream = dice::at(dice::hash_name(&api.id), visit.at.0.div_euclid(3_600_000) as u64, 9);
    Record {
        at: visit.ended(),
        namespace: Arc::from("AWS::Logs::LogGroup"),
        pod: Arc::from(format!("{:016x}{:016x}", stream, dice::at(stream, 1, 1))),
        container: Arc::from(group),
        restart: 0,
        level: "",
        template: Arc::from("access"),
        text,
        fields: context.into_iter().map(|(name, value)| (Arc::from(name), value)).collect(),
    }
}

pub const METER: Meter = Meter { usage_types: &["ApiGatewayRequest"], read: used };

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let was = |name: &str| world.aws.apis.ever().any(|api| *api.name == *name && api.created < world.aws.flows.start);
    earlier::with(world, (from, to), asked, was)
}

fn asked(world: &World, from: i64, to: i64) -> Vec<Used> {
    let rows = world.aws.apis.hours.iter().filter(|((_, hour), _)| (from..to).contains(hour));
    rows.map(|((name, hour), requests)| Used {
        hour: *hour,
        service: "Amazon API Gateway",
        usage_type: "ApiGatewayRequest".into(),
        operation: "ApiGatewayRequest",
        micros: i128::from(*requests) * 1_000_000,
        resource: Arc::clone(name),
    })
    .collect()
}
