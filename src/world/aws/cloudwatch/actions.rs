//! What alarms do when their state turns: they tell topics. Alarms that have something to do are evaluated in time, minute
//! by minute, by the loop that moves messages. Does not know who reads the topics.

use super::alarm::{self, Alarm, State, StateOf};
use super::history::{self, Item};
use super::reason::stamp;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::Fault;
use crate::world::aws::message::{Draft, Principal};
use crate::world::aws::policy::{Ask, Context, Held, Holder, decide};
use crate::world::aws::{arn, kms, post, sns};
use serde_json::{Value, json};
use std::sync::Arc;

/// An alarm (by its name) that has something to do is evaluated. The second is since when it is: another alarm of that name,
/// or another configuration, has another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    alarm: String,
    since: Time,
}

/// The member that lists what is done in a state.
fn list(of: StateOf) -> &'static str {
    match of {
        StateOf::Alarm => "AlarmActions",
        StateOf::InsufficientData => "InsufficientDataActions",
        StateOf::Ok => "OKActions",
    }
}

fn actions(alarm: &Alarm, of: StateOf) -> Vec<String> {
    let listed = alarm.given.get(list(of)).and_then(Value::as_array);
    let texts = listed.into_iter().flatten().filter_map(Value::as_str);
    if alarm.actions_enabled { texts.map(str::to_string).collect() } else { Vec::new() }
}

fn acts(alarm: &Alarm) -> bool {
    [StateOf::Alarm, StateOf::InsufficientData, StateOf::Ok].into_iter().any(|of| !actions(alarm, of).is_empty())
}

/// An alarm was made or changed: if it has something to do, it is evaluated every minute from now on.
pub fn watch(world: &mut World, name: &str) {
    let now = world.now;
    if !post::begun(world) {
        return;
    }
    let Some(alarm) = Arc::make_mut(&mut world.aws.watch.alarms).get_mut(name) else { return };
    if !acts(alarm) || alarm.watched.is_some() {
        return;
    }
    alarm.watched = Some(now);
    next(world, name, now, now);
}

/// The account begins to live: alarms from before are watched from now on.
pub fn begin(world: &mut World) {
    let names: Vec<String> = world.aws.watch.alarms.keys().cloned().collect();
    names.iter().for_each(|name| watch(world, name));
}

fn next(world: &mut World, name: &str, after: Time, since: Time) {
    let offset = alarm::offset(name);
    let minute = (after.0 - offset.0).div_euclid(60_000) + 1;
    let due = Due { alarm: name.to_string(), since };
    post::push(world, Time(minute * 60_000) + offset, post::Due::Watch(due));
}

/// One evaluation in time.
pub fn happen(world: &mut World, at: Time, due: &Due) {
    let name = &due.alarm;
    let Some(mut alarm) = world.aws.watch.alarms.get(name).cloned().filter(|found| found.watched == Some(due.since))
    else {
        return;
    };
    if !acts(&alarm) {
        if let Some(alarm) = Arc::make_mut(&mut world.aws.watch.alarms).get_mut(name) {
            alarm.watched = None;
        }
        return;
    }
    world.aws.queues.settle(at);
    let before = alarm.state.clone();
    let items = alarm::evaluate(world, name, &mut alarm, at);
    let turned = items.last().is_some_and(|item| item.at == at);
    let after = alarm.clone();
    Arc::make_mut(&mut world.aws.watch.alarms).insert(name.clone(), alarm);
    history::remember(world, name, items);
    if turned {
        act(world, at, name, &after, &before);
    }
    next(world, name, at, due.since);
}

/// Does what an alarm does in its new state.
pub fn act(world: &mut World, at: Time, name: &str, alarm: &Alarm, before: &State) {
    for action in actions(alarm, alarm.state.of) {
        let done = tell(world, at, name, alarm, before, &action);
        history::remember(world, name, vec![Item::acted(at, &action, &done)]);
    }
}

/// Only topics can be told here; what else an action may be (instances, scaling) is taken and does nothing.
fn tell(world: &mut World, at: Time, name: &str, alarm: &Alarm, before: &State, topic: &str) -> Result<(), Fault> {
    let Some(found) = world.aws.topics.get(topic).filter(|_| topic.starts_with("arn:aws:sns:")) else {
        return Err(Fault::new("NotFound", "Resource does not exist"));
    };
    let by = Principal::service("cloudwatch.amazonaws.com");
    if let Some(document) = &found.setup.policy {
        let source = arn::make("cloudwatch", &world.aws.region, &world.aws.id, &format!("alarm:{name}"));
        let context =
            Context::default().with("aws:SourceArn", source.as_str()).with("aws:SourceAccount", &*world.aws.id);
        let ask =
            Ask { principal: &by, action: "sns:Publish", resource: topic, account: &world.aws.id, context: &context };
        if !decide(&[Held { by: Holder::Resource, document }], &ask).allowed() {
            let message = format!("Resource: {source} is not authorized to perform: SNS:Publish on resource: {topic}");
            return Err(Fault::new("AuthorizationError", message));
        }
    }
    if let Some(key) = found.setup.kms.clone()
        && kms::may_use(world, at, &key, &by, "kms:GenerateDataKey").is_err()
    {
        // As the history has it (re:Post, "Why didn't I receive an SNS notification for my CloudWatch alarm?").
        let message = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key.";
        return Err(Fault::new("KMSAccessDenied", message));
    }
    let region = region_name(&world.aws.region);
    let subject = format!("{}: \"{name}\" in {region}", alarm.state.of.word());
    let body = letter(world, name, alarm, before, at, region).to_string();
    let draft = Draft { body: body.into(), subject: Some(subject.into()), ..Draft::default() };
    sns::tell(world, at, topic, draft, &by).map(|_| ())
}

/// What the topic is told (CloudWatch User Guide, "Notifying users on alarm changes").
fn letter(world: &World, name: &str, alarm: &Alarm, before: &State, at: Time, region: &str) -> Value {
    let given = |member: &str| alarm.given.get(member).cloned().unwrap_or(Value::Null);
    let listed = |member: &str| alarm.given.get(member).cloned().unwrap_or_else(|| json!([]));
    let dimensions: Vec<Value> = listed("Dimensions")
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| json!({ "value": row["Value"], "name": row["Name"] }))
        .collect();
    json!({
        "AlarmName": name,
        "AlarmDescription": given("AlarmDescription"),
        "AWSAccountId": *world.aws.id,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        "NewStateValue": alarm.state.of.word(),
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": stamp(at),
        "Region": region,
        "AlarmArn": arn::make("cloudwatch", &world.aws.region, &world.aws.id, &format!("alarm:{name}")),
        "OldStateValue": before.of.word(),
        "OKActions": listed("OKActions"),
        "AlarmActions": listed("AlarmActions"),
        "InsufficientDataActions": listed("InsufficientDataActions"),
        "Trigger": {
            "MetricName": given("MetricName"), "Namespace": given("Namespace"), "StatisticType": "Statistic",
            "Statistic": given("Statistic").as_str().map(str::to_uppercase), "Unit": given("Unit"),
            "Dimensions": dimensions, "Period": given("Period"), "EvaluationPeriods": given("EvaluationPeriods"),
            "ComparisonOperator": given("ComparisonOperator"), "Threshold": given("Threshold"),
            "TreatMissingData": given("TreatMissingData").as_str().unwrap_or_default(),
            "EvaluateLowSampleCountPercentile": "",
        },
    })
}

/// A region as notifications call it.
fn region_name(region: &str) -> &str {
    match region {
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-west-1" => "EU (Ireland)",
        "us-east-1" => "US East (N. Virginia)",
        "us-west-2" => "US West (Oregon)",
        other => other,
    }
}
