//! What alarms do when their state turns: they tell topics and invoke functions. Alarms that have something to do are evaluated in time, minute
//! by minute, by the loop that moves messages. Does not know who reads the topics.

use super::alarm::{self, Alarm, State, StateOf};
use super::history::{self, Item};
use super::reason::stamp;
use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::Fault;
use crate::world::aws::message::{Draft, Principal};
use crate::world::aws::policy::{Ask, Context, Held, Holder, decide};
use crate::world::aws::{arn, kms, lambda, post, sns};
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

/// Does what an alarm does in its new state: topics are told and functions invoked. What else an action may be (instances,
/// scaling, Systems Manager) is not simulated; the history says that it failed, and nothing changes.
pub fn act(world: &mut World, at: Time, name: &str, alarm: &Alarm, before: &State) {
    for action in actions(alarm, alarm.state.of) {
        let (said, done) = match action.split(':').nth(2) {
            Some("sns") => {
                let letter = letter(world, name, alarm, before, at);
                let done = tell(world, at, name, alarm, &action, &letter);
                (json!({ "default": letter }).to_string(), done)
            }
            Some("lambda") => {
                let event = event(world, name, alarm, before, at);
                let done = invoke(world, at, name, &action, &event);
                (event, done)
            }
            _ => {
                let message = "this kind of action is not simulated";
                (String::new(), Err(Fault::new("NotSimulated", message)))
            }
        };
        history::remember(world, name, vec![Item::acted(at, &action, &said, &done)]);
    }
}

/// Invokes a function asynchronously, if its policy lets CloudWatch (CloudWatch User Guide, "Invoke a Lambda function from an
/// alarm").
fn invoke(world: &mut World, at: Time, name: &str, function: &str, event: &str) -> Result<(), Fault> {
    let by = Principal::service("lambda.alarms.cloudwatch.amazonaws.com");
    let source = own_arn(world, name);
    lambda::notify(world, at, function, event, &by, &source).map_err(|fault| match fault.code.as_str() {
        "AccessDeniedException" => {
            let message = format!(
                "CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource: {function} because \
                 no resource-based policy allows the lambda:InvokeFunction action"
            );
            Fault { message, ..fault }
        }
        _ => fault,
    })
}

/// What a function is told (same page).
fn event(world: &World, name: &str, alarm: &Alarm, before: &State, at: Time) -> String {
    let state = |state: &State| {
        let mut shown = json!({
            "value": state.of.word(), "reason": state.reason, "timestamp": stamp(state.since),
        });
        if !state.data.is_empty() {
            shown["reasonData"] = state.data.as_str().into();
        }
        shown
    };
    let given = &alarm.given;
    let dimensions = given["Dimensions"].as_array().into_iter().flatten();
    let dimensions: serde_json::Map<String, Value> =
        dimensions.filter_map(|row| Some((row["Name"].as_str()?.to_string(), row["Value"].clone()))).collect();
    let metrics = match given.get("Metrics").filter(|metrics| metrics.is_array()) {
        Some(metrics) => metrics.clone(),
        None => json!([{
            "id": Dice::new(world.seed).fork("alarm metric").fork(name).uuid(),
            "metricStat": {
                "metric": { "namespace": given["Namespace"], "name": given["MetricName"], "dimensions": dimensions },
                "period": given["Period"],
                "stat": given.get("ExtendedStatistic").unwrap_or(&given["Statistic"]),
            },
            "returnData": true,
        }]),
    };
    let event = json!({
        "source": "aws.cloudwatch", "alarmArn": own_arn(world, name), "accountId": &*world.aws.id, "time": stamp(at),
        "region": &*world.aws.region,
        "alarmData": {
            "alarmName": name, "state": state(&alarm.state), "previousState": state(before),
            "configuration": { "description": given.get("AlarmDescription"), "metrics": metrics },
        },
    });
    event.to_string()
}

fn own_arn(world: &World, name: &str) -> String {
    arn::make("cloudwatch", &world.aws.region, &world.aws.id, &format!("alarm:{name}"))
}

fn tell(world: &mut World, at: Time, name: &str, alarm: &Alarm, topic: &str, letter: &str) -> Result<(), Fault> {
    let Some(found) = world.aws.topics.get(topic) else {
        return Err(Fault::new("NotFound", "Topic does not exist"));
    };
    let by = Principal::service("cloudwatch.amazonaws.com");
    if let Some(document) = &found.setup.policy {
        let source = own_arn(world, name);
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
    let subject = format!("{}: \"{name}\" in {}", alarm.state.of.word(), region_name(&world.aws.region));
    // A subject has at most 100 characters (SNS API Reference, Publish).
    let subject: String = subject.chars().take(100).collect();
    let draft = Draft { body: letter.into(), subject: Some(subject.into()), ..Draft::default() };
    sns::tell(world, at, topic, draft, &by).map(|_| ())
}

/// Members in the order in which the service writes them; values are JSON already.
fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// What the topic is told (CloudWatch User Guide, "Notifying users on alarm changes").
fn letter(world: &World, name: &str, alarm: &Alarm, before: &State, at: Time) -> String {
    let given = |member: &str| alarm.given.get(member).cloned().unwrap_or(Value::Null).to_string();
    let listed = |member: &str| alarm.given.get(member).cloned().unwrap_or_else(|| json!([])).to_string();
    let text = |text: &str| Value::from(text).to_string();
    let own = own_arn(world, name);
    object(&[
        ("AlarmName", text(name)),
        ("AlarmDescription", given("AlarmDescription")),
        ("AWSAccountId", text(&world.aws.id)),
        ("AlarmConfigurationUpdatedTimestamp", text(&stamp(alarm.configured))),
        ("NewStateValue", text(alarm.state.of.word())),
        ("NewStateReason", text(&alarm.state.reason)),
        ("StateChangeTime", text(&stamp(at))),
        ("Region", text(region_name(&world.aws.region))),
        ("AlarmArn", text(&own)),
        ("OldStateValue", text(before.of.word())),
        ("OKActions", listed("OKActions")),
        ("AlarmActions", listed("AlarmActions")),
        ("InsufficientDataActions", listed("InsufficientDataActions")),
        ("Trigger", trigger(&alarm.given)),
    ])
}

/// What an alarm watches, as notifications have it.
fn trigger(given: &Value) -> String {
    let of = |member: &str| given.get(member).filter(|value| !value.is_null()).map(Value::to_string);
    let null = || "null".to_string();
    let mut members: Vec<(&str, String)> = Vec::new();
    let math = of("Metrics");
    if math.is_none() {
        members.push(("MetricName", of("MetricName").unwrap_or_else(null)));
        members.push(("Namespace", of("Namespace").unwrap_or_else(null)));
        match of("ExtendedStatistic") {
            Some(percentile) => {
                members.push(("StatisticType", "\"ExtendedStatistic\"".into()));
                members.push(("ExtendedStatistic", percentile));
            }
            None => {
                let statistic = match given["Statistic"].as_str().unwrap_or_default() {
                    "SampleCount" => "SAMPLE_COUNT".to_string(),
                    other => other.to_uppercase(),
                };
                members.push(("StatisticType", "\"Statistic\"".into()));
                members.push(("Statistic", Value::from(statistic).to_string()));
            }
        }
        members.push(("Unit", of("Unit").unwrap_or_else(null)));
        let rows = given["Dimensions"].as_array().into_iter().flatten();
        let rows: Vec<String> =
            rows.map(|row| object(&[("value", row["Value"].to_string()), ("name", row["Name"].to_string())])).collect();
        members.push(("Dimensions", format!("[{}]", rows.join(","))));
    }
    members.extend(of("Period").map(|period| ("Period", period)));
    members.push(("EvaluationPeriods", of("EvaluationPeriods").unwrap_or_else(null)));
    members.extend(of("DatapointsToAlarm").map(|points| ("DatapointsToAlarm", points)));
    members.push(("ComparisonOperator", of("ComparisonOperator").unwrap_or_else(null)));
    members.push(("Threshold", of("Threshold").unwrap_or_else(null)));
    members.push(("TreatMissingData", of("TreatMissingData").unwrap_or_else(|| "\"\"".into())));
    members.push(("EvaluateLowSampleCountPercentile", "\"\"".into()));
    members.extend(math.map(|metrics| ("Metrics", metrics)));
    object(&members)
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
