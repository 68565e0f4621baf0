//! CloudWatch Logs: log groups and streams, filters, Insights. Lines are made when asked, by those who wrote them.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "logs", doc: "log groups", operations: &[], metrics: &[], logs: &[], meters: &[] };
