//! ElastiCache: cache clusters as instances with metrics. Does not know keys.

use super::service::Service;
use super::tagging::Tagged;
use crate::world::World;

pub static SERVICE: Service =
    Service { name: "elasticache", doc: "caches", operations: &[], metrics: &[], logs: &[], meters: &[] };

pub fn tagged(_world: &World) -> Vec<Tagged> {
    Vec::new()
}
