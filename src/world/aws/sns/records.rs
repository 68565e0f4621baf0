//! The delivery-status log of a topic: kept as facts, worded when asked. Does not know how a delivery is made.

use super::super::service::{LogGroup, LogSource};
use super::topic::{Notice, Topic};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::Record;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;

/// Records kept for each of a topic's two groups; the oldest fall out first.
const RECORDS_MAX: usize = 20_000;

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub at: Time,
    pub notice: Arc<Notice>,
    pub destination: Arc<str>,
    /// `providerResponse`: JSON as text from SQS and Lambda, words from HTTP.
    pub response: Arc<str>,
    pub dwell_ms: i64,
    pub attempts: u32,
    pub status: u16,
}

/// What a topic logged.
#[derive(Clone, Debug, Default)]
pub struct Records {
    delivered: Arc<VecDeque<Outcome>>,
    failed: Arc<VecDeque<Outcome>>,
    /// When a group's first record was written.
    begun: [Option<Time>; 2],
}

impl Records {
    pub fn keep(&mut self, outcome: Outcome, failed: bool) {
        let (records, begun) = match failed {
            false => (&mut self.delivered, &mut self.begun[0]),
            true => (&mut self.failed, &mut self.begun[1]),
        };
        begun.get_or_insert(outcome.at);
        let records = Arc::make_mut(records);
        if records.len() == RECORDS_MAX {
            records.pop_front();
        }
        records.push_back(outcome);
    }
}

pub const SOURCE: LogSource = LogSource { groups, records, late: Span::ZERO };

/// `sns/REGION/ACCOUNT/TOPIC` and `…/Failure`.
fn group_of(world: &World, topic: &Topic, failed: bool) -> String {
    let tail = if failed { "/Failure" } else { "" };
    format!("sns/{}/{}/{}{tail}", world.aws.region, world.aws.id, topic.name)
}

/// A group exists from its first record on.
fn groups(world: &World) -> Vec<LogGroup> {
    let mut groups: Vec<LogGroup> = Vec::new();
    for topic in world.aws.topics.ever() {
        for (failed, begun) in [(false, topic.records.begun[0]), (true, topic.records.begun[1])] {
            let name = group_of(world, topic, failed);
            if let Some(created) = begun.filter(|_| groups.iter().all(|group| group.name != name)) {
                groups.push(LogGroup { name, created, retention_days: None });
            }
        }
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups
}

fn records(world: &World, group: &str, from: Time, to: Time) -> Vec<Record> {
    let mut lines = Vec::new();
    for topic in world.aws.topics.ever() {
        for (failed, outcomes) in [(false, &topic.records.delivered), (true, &topic.records.failed)] {
            if group_of(world, topic, failed) == group {
                let wanted = outcomes.iter().filter(|outcome| (from..=to).contains(&outcome.at));
                lines.extend(wanted.map(|outcome| line(topic, group, outcome, failed)));
            }
        }
    }
    lines.sort_by_key(|line| line.at);
    lines
}

fn line(topic: &Topic, group: &str, outcome: &Outcome, failed: bool) -> Record {
    let id = |number: u64| {
        let high = dice::at(topic.key, number, outcome.at.0 as u64);
        let low = dice::at(high, dice::hash_name(&outcome.notice.id), dice::hash_name(&outcome.destination));
        super::super::message::uuid((u128::from(high) << 64) | u128::from(low))
    };
    let status = if failed { "FAILURE" } else { "SUCCESS" };
    let [notification, delivery] = [
        json!({
            "messageMD5Sum": super::super::sqs::md5(&outcome.notice.draft.body),
            "messageId": &*outcome.notice.id,
            "topicArn": &*topic.arn,
            "timestamp": outcome.notice.at.rfc3339_millis().replace('T', " ").replace('Z', ""),
        }),
        json!({
            "deliveryId": id(5),
            "destination": &*outcome.destination,
            "providerResponse": &*outcome.response,
            "dwellTimeMs": outcome.dwell_ms,
            "attempts": outcome.attempts,
            "statusCode": outcome.status,
        }),
    ];
    let text = format!("{{\"notification\":{notification},\"delivery\":{delivery},\"status\":\"{status}\"}}");
    let fields = [
        ("topicArn", topic.arn.to_string()),
        ("messageId", outcome.notice.id.to_string()),
        ("destination", outcome.destination.to_string()),
        ("providerResponse", outcome.response.to_string()),
        ("attempts", outcome.attempts.to_string()),
        ("statusCode", outcome.status.to_string()),
        ("status", status.to_string()),
    ];
    // A stream a day, as the service opens new ones now and then.
    let day = outcome.at.0.div_euclid(86_400_000) as u64;
    let stream = (u128::from(dice::at(topic.key, 6, day)) << 64) | u128::from(dice::at(topic.key, 7, day));
    Record {
        at: outcome.at,
        namespace: Arc::from("AWS::Logs::LogGroup"),
        pod: super::super::message::uuid(stream).into(),
        container: Arc::from(group),
        restart: 0,
        level: "",
        template: Arc::from(if failed { "sns-delivery-failure" } else { "sns-delivery-success" }),
        text,
        fields: fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect(),
    }
}
