//! KMS: keys and their policies. Encrypts nothing.

use super::call::Fault;
use super::policy::Principal;
use super::service::Service;
use crate::stdx::time::Time;
use crate::world::World;

pub static SERVICE: Service =
    Service { name: "kms", doc: "encryption keys", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Keys {}

/// Whether a principal may use a key (id, ARN or alias) for `action` (`kms:Decrypt`, `kms:GenerateDataKey`) at a time; the
/// refusal in KMS's own words. What other services make of it: [`through`].
pub fn may_use(_world: &World, _at: Time, _key: &str, _principal: &Principal, _action: &str) -> Result<(), Fault> {
    Ok(())
}

/// KMS's refusal as clients of another service (`sqs`, `sns`, `lambda`) see it.
pub fn through(_service: &str, fault: Fault) -> Fault {
    fault
}
