//! ElastiCache: cache clusters as instances with metrics. Does not know keys.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "elasticache", doc: "caches", operations: &[], metrics: &[], logs: &[], meters: &[] };
