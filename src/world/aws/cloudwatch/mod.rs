//! CloudWatch: metrics as the services count them, and alarms on them. Does not know what they mean.

mod actions;
mod alarm;
mod alarms;
mod data;
mod history;
pub mod math;
mod metrics;
mod reason;
mod series;

use super::call::{Answer, Call, Fault};
use super::service::{Effect, Operation, Service};
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &Call) -> Result<Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

pub static SERVICE: Service = Service {
    name: "cloudwatch",
    doc: "metrics and alarms",
    operations: &[
        row("DeleteAlarms", "delete alarms", Effect::Write, alarms::delete),
        row("DescribeAlarmHistory", "what alarms went through", Effect::Read, history::describe),
        row("DescribeAlarms", "show alarms", Effect::Read, alarms::describe),
        row("DescribeAlarmsForMetric", "show the alarms on a metric", Effect::Read, alarms::for_metric),
        row("DisableAlarmActions", "let alarms do nothing", Effect::Write, alarms::disable_actions),
        row("EnableAlarmActions", "let alarms act", Effect::Write, alarms::enable_actions),
        row("GetMetricData", "values of metrics and expressions over time", Effect::Read, data::get),
        row("GetMetricStatistics", "statistics of a metric over time", Effect::Read, metrics::statistics),
        row("ListMetrics", "list metrics", Effect::Read, metrics::list),
        row("ListTagsForResource", "list an alarm's tags", Effect::Read, alarms::tags),
        row("PutMetricAlarm", "make or change an alarm", Effect::Write, alarms::put),
        row("PutMetricData", "report values of a metric of one's own", Effect::Data, metrics::put),
        row("SetAlarmState", "set an alarm's state until it is evaluated", Effect::Write, alarms::set_state),
        row("TagResource", "tag an alarm", Effect::Write, alarms::tag),
        row("UntagResource", "remove an alarm's tags", Effect::Write, alarms::untag),
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

pub use actions::Due;

/// The account begins to live.
pub fn begin(world: &mut World) {
    actions::begin(world);
}

/// Something that alarms do in time.
pub fn happen(world: &mut World, at: Time, due: &Due) {
    actions::happen(world, at, due);
}

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    alarms: Arc<BTreeMap<String, alarm::Alarm>>,
    /// What callers report themselves.
    custom: Arc<BTreeMap<series::Name, series::Custom>>,
    /// History of alarms, also of deleted ones: by alarm, by time.
    history: Arc<BTreeMap<String, Vec<history::Item>>>,
}
