//! Cost Explorer: the bill by day and hour, usage type, service and tag, forecasts and anomalies. Prices are in `prices`,
//! quantities come from the services; what is kept here is what people set up to be told.

pub mod anomaly;
mod ask;
pub mod bill;
pub mod calendar;
pub mod forecast;
mod usage;
mod values;

use super::service::{Effect, Operation, Service};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub static SERVICE: Service = Service {
    name: "ce",
    doc: "what was spent on what",
    operations: &[
        write("CreateAnomalyMonitor", "watches a part of the bill", anomaly::create_monitor),
        write("CreateAnomalySubscription", "tells somebody of anomalies", anomaly::create_subscription),
        read("GetAnomalies", "days that cost more than expected", anomaly::get_anomalies),
        read("GetAnomalyMonitors", "what is watched", anomaly::get_anomaly_monitors),
        read("GetAnomalySubscriptions", "who is told", anomaly::get_anomaly_subscriptions),
        read("GetCostAndUsage", "costs and quantities by time, filtered and grouped", usage::get_cost_and_usage),
        read("GetCostAndUsageWithResources", "the same down to resources", usage::get_cost_and_usage_with_resources),
        read("GetCostForecast", "what will be spent if the last days go on", forecast::get_cost_forecast),
        read("GetDimensionValues", "values that the bill has", values::get_dimension_values),
        read("GetTags", "tags that the bill has", values::get_tags),
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

type Run = fn(&mut crate::world::World, &super::call::Call) -> Result<super::call::Answer, super::call::Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

/// What people set up. The bill itself is computed when asked.
#[derive(Clone, Debug, Default)]
pub struct Bills {
    /// `AnomalyMonitor`s beside the one that every account has, in the order in which they were made.
    monitors: Arc<Vec<Value>>,
    /// `AnomalySubscription`s, likewise.
    subscriptions: Arc<Vec<Value>>,
    /// Budgets by name: what was given when they were made, and since when.
    pub(super) budgets: Arc<BTreeMap<String, super::budgets::Kept>>,
}
