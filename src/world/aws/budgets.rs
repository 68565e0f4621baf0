//! Budgets: what was planned, what is spent and forecast. Does not know prices.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "budgets", doc: "budgets and their alerts", operations: &[], metrics: &[], logs: &[], meters: &[] };
