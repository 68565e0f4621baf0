//! Alarms as operations: made, shown, set, tagged, deleted. Does not evaluate.

use super::actions;
use super::alarm::{self, Alarm, Comparison, Rule, Source, State, StateOf, Treat};
use super::history::{self, Item};
use super::series::{Name, Stat, dimensions};
use super::{Call, Fault, math};
use crate::stdx::canon;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::arn;
use crate::world::aws::call::{Answer, Cover};
use crate::world::aws::paging;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Ways to compare (API Reference, MetricAlarm), in the API's order.
const COMPARISONS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];

pub const KIND: &str = "AWS::CloudWatch::Alarm";
/// Metric alarms in an account and region (CloudWatch quotas allow more; ours).
const ALARMS_MAX: usize = 5_000;

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

pub fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let name = call.text("AlarmName").unwrap_or_default().to_string();
    let rule = rule(call)?;
    let known = world.aws.watch.alarms.get(&name);
    if known.is_none() && world.aws.watch.alarms.len() >= ALARMS_MAX {
        return Err(Fault::new("LimitExceeded", "The maximum limit of alarms has been reached."));
    }
    let (now, minute) = (world.now, world.now.0.div_euclid(60_000));
    let given = call.input().clone();
    let changed = changes(known.map_or(&Value::Null, |alarm| &alarm.given), &given);
    let tags = known.map_or_else(|| given_tags(call), |alarm| alarm.tags.clone());
    // An alarm that is changed keeps its state until it is evaluated again (API Reference, PutMetricAlarm).
    let state = known.map_or_else(
        || State {
            of: StateOf::InsufficientData,
            reason: "Unchecked: Initial alarm creation".into(),
            data: String::new(),
            since: now,
        },
        |alarm| alarm.state.clone(),
    );
    let what = if known.is_some() { "updated" } else { "created" };
    let evaluated = known.map_or(minute, |alarm| alarm.evaluated);
    let actions_enabled = call.yes("ActionsEnabled").unwrap_or(true);
    let item = Item::configured(now, &name, what, &given);
    let watched = known.and_then(|alarm| alarm.watched);
    let alarm = Alarm { given, rule, configured: now, state, evaluated, actions_enabled, watched, tags };
    Arc::make_mut(&mut world.aws.watch.alarms).insert(name.clone(), alarm);
    history::remember(world, &name, vec![item]);
    actions::watch(world, &name);
    Ok(Answer::default().altering(KIND, &name, changed))
}

/// What differs between two configurations.
fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let leaves = |value: &Value| if value.is_null() { BTreeMap::new() } else { canon::leaves("", value) };
    let (before, after) = (leaves(before), leaves(after));
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let change = |path: &String| FieldChange {
        path: path.trim_start_matches('.').to_string(),
        before: before.get(path).cloned(),
        after: after.get(path).cloned(),
    };
    paths.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

fn rule(call: &Call) -> Result<Rule, Fault> {
    let periods = call.whole("EvaluationPeriods").unwrap_or(0);
    let to_alarm = call.whole("DatapointsToAlarm").unwrap_or(periods);
    if periods < 1 {
        return Err(invalid("Value for parameter EvaluationPeriods must be greater than or equal to 1."));
    }
    if to_alarm < 1 || to_alarm > periods {
        return Err(invalid("The value of DatapointsToAlarm must be between 1 and the value of EvaluationPeriods."));
    }
    let (source, period) = source(call)?;
    if period < 60 || period % 60 != 0 {
        return Err(invalid("Metric alarm period must be a multiple of 60 for metrics of standard resolution"));
    }
    // A day at most, seven where a period is an hour or more (API Reference, EvaluationPeriods).
    let (most, words) = if period < 3_600 { (86_400, "a day") } else { (604_800, "seven days") };
    if periods.saturating_mul(period) > most {
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {words} (EvaluationPeriods * Period must be <= {most})."
        )));
    }
    let comparison = match call.text("ComparisonOperator").unwrap_or_default() {
        "GreaterThanOrEqualToThreshold" => Comparison::AtLeast,
        "GreaterThanThreshold" => Comparison::More,
        "LessThanOrEqualToThreshold" => Comparison::AtMost,
        "LessThanThreshold" => Comparison::Less,
        other if !other.contains("UpperThreshold") && !other.contains("LowerThreshold") => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'comparisonOperator' failed to satisfy constraint: \
                 Member must satisfy enum value set: [{}]",
                COMPARISONS.join(", ")
            )));
        }
        other => {
            return Err(invalid(format!(
                "The comparison operator {other} needs a band of an anomaly detection model."
            )));
        }
    };
    let threshold = call.input().get("Threshold").and_then(Value::as_f64);
    let threshold =
        threshold.ok_or_else(|| invalid("At least one of Threshold and ThresholdMetricId must be specified"))?;
    let missing = match call.text("TreatMissingData") {
        None | Some("missing") => Treat::Missing,
        Some("breaching") => Treat::Breaching,
        Some("ignore") => Treat::Ignore,
        Some("notBreaching") => Treat::NotBreaching,
        Some(other) => {
            return Err(invalid(format!(
                "Option {other} is not supported. Supported options for parameter TreatMissingData are [breaching, notBreaching, ignore, missing]."
            )));
        }
    };
    let (periods, to_alarm) = (periods as usize, to_alarm as usize);
    Ok(Rule { source, period, periods, to_alarm, threshold, comparison, missing })
}

fn source(call: &Call) -> Result<(Source, i64), Fault> {
    let queries = call.list("Metrics");
    if !queries.is_empty() {
        if call.text("MetricName").is_some() {
            return Err(invalid("Parameters MetricName and Metrics must not be specified together."));
        }
        let queries = math::queries(queries)?;
        if queries.iter().filter(|query| query.shown).count() != 1 {
            return Err(invalid("Exactly one element of the metrics list should return data."));
        }
        let period = queries.iter().filter_map(|query| query.period).max().unwrap_or(60);
        return Ok((Source::Math(Arc::new(queries)), period));
    }
    if call.text("MetricName").is_none() || call.text("Namespace").is_none() {
        return Err(invalid("Either MetricName and Namespace or Metrics must be specified."));
    }
    let stat_name = match (call.text("Statistic"), call.text("ExtendedStatistic")) {
        (Some(_), Some(_)) => {
            return Err(invalid("Parameters Statistic and ExtendedStatistic must not be specified together."));
        }
        (Some(stat), None) | (None, Some(stat)) => stat.to_string(),
        (None, None) => return Err(invalid("Either Statistic or ExtendedStatistic must be specified.")),
    };
    let stat = Stat::parse(&stat_name)
        .ok_or_else(|| invalid(format!("The value {stat_name} for parameter ExtendedStatistic is not supported.")))?;
    let name = Name::given(call.input());
    let unit = call.text("Unit").map(str::to_string);
    Ok((Source::Metric { name, stat, stat_name, unit }, call.whole("Period").unwrap_or(0)))
}

fn given_tags(call: &Call) -> BTreeMap<String, String> {
    let part = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    call.list("Tags").iter().map(|tag| (part(tag, "Key"), part(tag, "Value"))).collect()
}

fn arn_of(world: &World, name: &str) -> String {
    arn::make("cloudwatch", &world.aws.region, &world.aws.id, &format!("alarm:{name}"))
}

/// An alarm as it is described.
fn shown(world: &World, name: &str, alarm: &Alarm) -> Value {
    let mut out = Map::new();
    let mut put = |member: &str, value: Value| out.insert(member.to_string(), value);
    put("AlarmName", json!(name));
    put("AlarmArn", json!(arn_of(world, name)));
    put("AlarmConfigurationUpdatedTimestamp", json!(alarm.configured.0));
    put("ActionsEnabled", json!(alarm.actions_enabled));
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        put(list, alarm.given.get(list).cloned().unwrap_or_else(|| json!([])));
    }
    put("StateValue", json!(alarm.state.of.word()));
    put("StateReason", json!(alarm.state.reason));
    if !alarm.state.data.is_empty() {
        put("StateReasonData", json!(alarm.state.data));
    }
    put("StateUpdatedTimestamp", json!(alarm.state.since.0));
    put("StateTransitionedTimestamp", json!(alarm.state.since.0));
    const GIVEN: &[&str] = &[
        "AlarmDescription",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "MetricName",
        "Metrics",
        "Namespace",
        "Period",
        "Statistic",
        "Threshold",
        "TreatMissingData",
        "Unit",
    ];
    for member in GIVEN {
        if let Some(value) = alarm.given.get(*member) {
            put(member, value.clone());
        }
    }
    if alarm.given.get("Metrics").is_none() {
        put("Dimensions", alarm.given.get("Dimensions").cloned().unwrap_or_else(|| json!([])));
    }
    Value::Object(out)
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let names = call.texts("AlarmNames");
    let prefix = call.text("AlarmNamePrefix");
    if !names.is_empty() && prefix.is_some() {
        return Err(Fault::new(
            "InvalidParameterCombination",
            "AlarmNames and AlarmNamePrefix must not be specified together.",
        ));
    }
    let acts = |alarm: &Alarm, prefix: &str| {
        let lists = ["OKActions", "AlarmActions", "InsufficientDataActions"];
        let actions = lists.iter().filter_map(|list| alarm.given.get(*list)?.as_array()).flatten();
        actions.filter_map(Value::as_str).any(|action| action.starts_with(prefix))
    };
    let fits = |name: &str, alarm: &Alarm| {
        (names.is_empty() || names.contains(&name))
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && call.text("StateValue").is_none_or(|state| state == alarm.state.of.word())
            && call.text("ActionPrefix").is_none_or(|prefix| acts(alarm, prefix))
    };
    let alarms = world.aws.watch.alarms.iter().filter(|(name, alarm)| fits(name, alarm));
    let found: Vec<(String, Value)> = alarms.map(|(name, alarm)| (name.clone(), shown(world, name, alarm))).collect();
    let limit = call.whole("MaxRecords").unwrap_or(50).clamp(1, 100) as usize;
    let bad_token = || Fault::new("InvalidNextToken", "The specified next token is not valid.");
    let (page, next) = paging::page(found, call.text("NextToken"), limit).ok_or_else(bad_token)?;
    let unfiltered = ["AlarmNames", "AlarmNamePrefix", "StateValue", "ActionPrefix", "NextToken"];
    let whole = next.is_none() && unfiltered.iter().all(|member| call.input().get(member).is_none_or(Value::is_null));
    let mut answer = listed("MetricAlarms", page);
    if let Some(body) = answer.body.as_object_mut() {
        body.insert("CompositeAlarms".into(), json!([]));
        if let Some(next) = next {
            body.insert("NextToken".into(), next.into());
        }
    }
    for name in names {
        answer = answer.covering(Cover::Whole { kind: KIND.into(), name: name.into() });
    }
    Ok(if whole { answer.covering(Cover::All { kind: KIND.into() }) } else { answer })
}

fn listed(member: &str, alarms: Vec<(String, Value)>) -> Answer {
    let values: Vec<&Value> = alarms.iter().map(|(_, value)| value).collect();
    let answer = Answer::of(json!({ member: values }));
    let places = alarms.iter().enumerate();
    places.fold(answer, |answer, (index, (name, _))| answer.about(format!("/{member}/{index}"), KIND, name))
}

pub fn for_metric(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let wanted = Name::given(call.input());
    let fits = |alarm: &Alarm| {
        let given = |member: &str| alarm.given.get(member).and_then(Value::as_str);
        alarm.given.get("Metrics").is_none()
            && given("Namespace") == Some(&wanted.namespace)
            && given("MetricName") == Some(&wanted.metric)
            && dimensions(alarm.given.get("Dimensions")) == wanted.dimensions
            && ["Statistic", "ExtendedStatistic", "Unit"]
                .iter()
                .all(|member| call.text(member).is_none_or(|text| given(member) == Some(text)))
            && call.whole("Period").is_none_or(|period| period == alarm.rule.period)
    };
    let alarms = world.aws.watch.alarms.iter().filter(|(_, alarm)| fits(alarm));
    Ok(listed("MetricAlarms", alarms.map(|(name, alarm)| (name.clone(), shown(world, name, alarm))).collect()))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let names = call.texts("AlarmNames");
    if let Some(missing) = names.iter().find(|name| !world.aws.watch.alarms.contains_key(**name)) {
        return Err(Fault::new("ResourceNotFound", format!("Unknown alarm: {missing}")).status(404));
    }
    let now = world.now;
    for name in &names {
        let gone = Arc::make_mut(&mut world.aws.watch.alarms).remove(*name);
        let given = gone.map(|alarm| alarm.given).unwrap_or_default();
        history::remember(world, name, vec![Item::configured(now, name, "deleted", &given)]);
    }
    Ok(Answer::default().altering(KIND, names.first().copied().unwrap_or_default(), Vec::new()))
}

fn switch(world: &mut World, call: &Call, to: bool) -> Result<Answer, Fault> {
    let names = call.texts("AlarmNames");
    let mut changed = Vec::new();
    for name in &names {
        let Some(alarm) = Arc::make_mut(&mut world.aws.watch.alarms).get_mut(*name) else { continue };
        if alarm.actions_enabled != to {
            let (before, after) = (Some((!to).to_string()), Some(to.to_string()));
            changed.push(FieldChange { path: "ActionsEnabled".into(), before, after });
        }
        alarm.actions_enabled = to;
        actions::watch(world, name);
    }
    Ok(Answer::default().altering(KIND, names.first().copied().unwrap_or_default(), changed))
}

pub fn enable_actions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    switch(world, call, true)
}

pub fn disable_actions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    switch(world, call, false)
}

pub fn set_state(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let name = call.text("AlarmName").unwrap_or_default().to_string();
    let of = call.text("StateValue").and_then(StateOf::parse);
    let of = of.ok_or_else(|| {
        let given = call.text("StateValue").unwrap_or_default();
        invalid(format!(
            "1 validation error detected: Value '{given}' at 'stateValue' failed to satisfy constraint: \
                 Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
        ))
    })?;
    let data = call.text("StateReasonData").unwrap_or_default().to_string();
    if !data.is_empty() && serde_json::from_str::<Value>(&data).is_err() {
        return Err(Fault::new("InvalidFormat", "StateReasonData was not syntactically valid JSON"));
    }
    let now = world.now;
    let missing = || Fault::new("ResourceNotFound", format!("Unknown alarm: {name}")).status(404);
    let alarm = Arc::make_mut(&mut world.aws.watch.alarms).get_mut(&name).ok_or_else(missing)?;
    let reason = call.text("StateReason").unwrap_or_default().to_string();
    let state = State { of, reason, data, since: now };
    let item = Item::update(now, &alarm.state, &state);
    let (before, after) = (Some(alarm.state.of.word().to_string()), Some(of.word().to_string()));
    let changed =
        if before == after { Vec::new() } else { vec![FieldChange { path: "StateValue".into(), before, after }] };
    let was = std::mem::replace(&mut alarm.state, state);
    let alarm = alarm.clone();
    if !changed.is_empty() {
        history::remember(world, &name, vec![item]);
        actions::act(world, now, &name, &alarm, &was);
    }
    Ok(Answer::default().altering(KIND, &name, changed))
}

/// The alarm that a request names by its ARN.
fn by_arn(world: &World, call: &Call) -> Result<String, Fault> {
    let arn = call.text("ResourceARN").unwrap_or_default();
    let name = arn.rsplit_once(":alarm:").map_or("", |(_, name)| name);
    let missing = || Fault::new("ResourceNotFoundException", format!("Unknown resource: {arn}")).status(404);
    world.aws.watch.alarms.get_key_value(name).map(|(name, _)| name.clone()).ok_or_else(missing)
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = by_arn(world, call)?;
    let tags = world.aws.watch.alarms.get(&name).map(|alarm| &alarm.tags);
    let rows: Vec<Value> =
        tags.into_iter().flatten().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(Answer::of(json!({ "Tags": rows })).about("", KIND, &name))
}

fn retag(world: &mut World, call: &Call, how: impl Fn(&mut BTreeMap<String, String>)) -> Result<Answer, Fault> {
    let name = by_arn(world, call)?;
    let Some(alarm) = Arc::make_mut(&mut world.aws.watch.alarms).get_mut(&name) else { return Ok(Answer::default()) };
    let before = json!(alarm.tags);
    how(&mut alarm.tags);
    let after = json!(alarm.tags);
    let change = |mut change: FieldChange| {
        change.path = format!("Tags[{}].Value", change.path);
        change
    };
    let changed = changes(&before, &after).into_iter().map(change).collect();
    Ok(Answer::of(json!({})).altering(KIND, &name, changed))
}

pub fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    retag(world, call, |tags| tags.extend(given_tags(call)))
}

pub fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    retag(world, call, |tags| tags.retain(|key, _| !call.texts("TagKeys").contains(&key.as_str())))
}
