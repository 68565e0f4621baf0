//! IAM: roles, users and policies, and whether a caller may do something. Does not know services' state.

use super::call::{Call, Fault};
use super::policy::{Ask, Document, Principal};
use super::service::Service;
use crate::stdx::time::Time;
use crate::world::World;

pub static SERVICE: Service =
    Service { name: "iam", doc: "roles, users, policies", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Identity {}

/// Whether the caller may do this; the refusal in the service's words.
pub fn authorize(_world: &World, _call: &Call) -> Result<(), Fault> {
    Ok(())
}

/// Whether somebody may do something at a time, given their own policies and the resource's; for what is under way. The
/// refusal is an `AccessDenied` in IAM's words.
pub fn may(_world: &World, _at: Time, _ask: &Ask, _resource_policy: Option<&Document>) -> Result<(), Fault> {
    Ok(())
}

/// The principal as which a program's pods call (a role bound to its service account or named as it), or a function's role
/// by its ARN.
pub fn principal(world: &World, name: &str) -> Principal {
    let account = world.aws.id.to_string();
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{name}");
    Principal { arn, role: format!("arn:aws:iam::{account}:role/{name}"), account, service: String::new() }
}
