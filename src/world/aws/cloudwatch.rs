//! CloudWatch: metrics as the services count them, and alarms on them. Does not know what they mean.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "cloudwatch", doc: "metrics and alarms", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Watch {}
