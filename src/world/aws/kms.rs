//! KMS: keys and their policies. Encrypts nothing.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "kms", doc: "encryption keys", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Keys {}
