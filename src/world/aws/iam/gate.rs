//! Whether somebody may do something: the caller's policies and the resource's, and the refusal in the service's words.
//! Does not know how policies came about.

use super::{Sort, documents_of, resource};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::{Call, Fault};
use crate::world::aws::policy::{self, Ask, Context, Decision, Document, Held, Holder, Principal};
use std::sync::{Arc, LazyLock};

/// What the declared policies of a principal are.
enum Rights {
    /// Nobody declared the role: it may do everything.
    Undeclared,
    Declared(Vec<Arc<Document>>),
    /// The role or user was deleted.
    Gone,
}

fn rights(world: &World, principal: &Principal, at: Time) -> Rights {
    let (sort, whole) = match principal.role.is_empty() {
        true => (Sort::User, &principal.arn),
        false => (Sort::Role, &principal.role),
    };
    if *principal.account != *world.aws.id {
        return Rights::Undeclared;
    }
    let name = whole.rsplit('/').next().unwrap_or_default();
    let Some(entity) = world.aws.identity.entities.get(&(sort, name.to_string())) else { return Rights::Undeclared };
    if entity.gone.is_some_and(|gone| gone <= at) {
        return Rights::Gone;
    }
    Rights::Declared(documents_of(world, entity, at))
}

/// What somebody holds whose role nobody declared.
static EVERYTHING: LazyLock<Arc<Document>> = LazyLock::new(|| Arc::new(Document::everything()));

/// Decides over the asker's own policies and the resource's.
pub(super) fn decision(world: &World, at: Time, ask: &Ask, resource_policy: Option<&Document>) -> Option<Decision> {
    let own = match rights(world, ask.principal, at) {
        _ if !ask.principal.service.is_empty() => Vec::new(),
        Rights::Gone => return None,
        Rights::Undeclared => vec![Arc::clone(&EVERYTHING)],
        Rights::Declared(documents) => documents,
    };
    let mut held: Vec<Held> =
        own.iter().map(|document| Held { by: Holder::Identity, document: document.as_ref() }).collect();
    held.extend(resource_policy.map(|document| Held { by: Holder::Resource, document }));
    let is_key = ask.resource.starts_with("arn:aws:kms:") && resource_policy.is_some();
    Some(if is_key { policy::decide_key(&held, ask) } else { policy::decide(&held, ask) })
}

/// Whether somebody may do something at a time, given their own policies and the resource's; for what is under way. The
/// refusal is an `AccessDenied` in IAM's words.
pub fn may(world: &World, at: Time, ask: &Ask, resource_policy: Option<&Document>) -> Result<(), Fault> {
    match decision(world, at, ask, resource_policy) {
        None => Err(invalid_token()),
        Some(Decision::Allowed) => Ok(()),
        Some(denied) => Err(Fault::new("AccessDenied", wording(ask, denied)).status(403)),
    }
}

/// Whether the caller may do this; the refusal in the service's words. A caller whose role nobody declared may do everything
/// that no resource policy forbids.
pub fn authorize(world: &World, call: &Call) -> Result<(), Fault> {
    let service = call.service.name;
    // Who one is can always be asked (STS API Reference, GetCallerIdentity).
    if call.operation.name == "GetCallerIdentity" {
        return Ok(());
    }
    let named = resource::arn(world, call);
    let its_own = resource::policy(world, &named, world.now);
    if world.aws.identity.entities.is_empty() && its_own.is_none() {
        return Ok(());
    }
    let principal = super::caller(world, &call.request.caller);
    let action = resource::action(service, call.operation.name);
    let context = Context::default().with("aws:RequestedRegion", world.aws.region.to_string());
    let ask =
        Ask { principal: &principal, action: &action, resource: &named, account: &world.aws.id, context: &context };
    match decision(world, world.now, &ask, its_own.as_deref()) {
        None => Err(invalid_token()),
        Some(Decision::Allowed) => Ok(()),
        // A HEAD has no body, so the client makes the error from the status.
        Some(_) if service == "s3api" && call.operation.name.starts_with("Head") => {
            Err(Fault::new("403", "Forbidden").status(403))
        }
        Some(denied) => Err(refusal(service, wording(&ask, denied))),
    }
}

fn invalid_token() -> Fault {
    Fault::new("InvalidClientTokenId", "The security token included in the request is invalid.").status(403)
}

/// IAM's sentence (IAM User Guide, "Troubleshoot access denied error messages"). SQS spells actions in lower case and SNS its
/// own name in capitals; S3 puts the resource in quotes.
fn wording(ask: &Ask, denied: Decision) -> String {
    let action = match ask.action.split_once(':') {
        Some(("sqs", _)) => ask.action.to_ascii_lowercase(),
        Some(("sns", name)) => format!("SNS:{name}"),
        _ => ask.action.to_string(),
    };
    let on = match ask.resource {
        "*" => String::new(),
        resource if action.starts_with("s3:") => format!(" on resource: \"{resource}\""),
        resource => format!(" on resource: {resource}"),
    };
    let why = match denied {
        Decision::ExplicitDeny { by } => {
            let article = if by == Holder::Identity { "an" } else { "a" };
            format!("with an explicit deny in {article} {} policy", by.word())
        }
        Decision::ImplicitDeny { kind } => format!("because no {} policy allows the {action} action", kind.word()),
        Decision::Allowed => String::new(),
    };
    format!("User: {} is not authorized to perform: {action}{on} {why}", ask.principal.arn)
}

/// The code that a service uses for it (the services' API references, "Common errors").
fn refusal(service: &str, message: String) -> Fault {
    match service {
        "ec2" => {
            let message = format!("You are not authorized to perform this operation. {message}");
            Fault::new("UnauthorizedOperation", message).status(403)
        }
        "sns" => Fault::new("AuthorizationError", message).status(403),
        "cloudwatch" | "elasticache" | "elbv2" | "iam" | "rds" | "s3api" | "ses" | "sqs" | "sts" => {
            Fault::new("AccessDenied", message).status(403)
        }
        "apigateway" | "lambda" | "sesv2" => Fault::new("AccessDeniedException", message).status(403),
        _ => Fault::new("AccessDeniedException", message).status(400),
    }
}
