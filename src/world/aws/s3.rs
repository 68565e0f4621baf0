//! S3: buckets, and the traffic to them. Objects only as far as a case needs them.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "s3api", doc: "buckets", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Storage {}
