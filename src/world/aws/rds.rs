//! RDS: database instances with metrics, snapshots, events. SQL is not here.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "rds", doc: "database instances", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Databases {}
