//! RDS: database instances with metrics, snapshots, events. SQL is not here.

use super::service::Service;
use super::tagging::Tagged;
use crate::world::World;

pub static SERVICE: Service =
    Service { name: "rds", doc: "database instances", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Databases {}

pub fn tagged(_world: &World) -> Vec<Tagged> {
    Vec::new()
}
