//! STS: who am I. Hands out no credentials.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "sts", doc: "who the caller is", operations: &[], metrics: &[], logs: &[], meters: &[] };
