//! Cost Explorer: the bill by day and hour, usage type, service and tag, forecasts and anomalies. Prices are in
//! `prices`, quantities come from the services.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "ce", doc: "what was spent on what", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Bills {}
