//! What a function needs before it can be made or changed: a role that Lambda may assume, code that S3 has. Does not know
//! what either is for.

use super::function::Code;
use super::{invalid, unfit};
use crate::world::World;
use crate::world::aws::arn::Arn;
use crate::world::aws::call::Fault;
use crate::world::aws::policy::{self, Ask, Context, Document, Held, Holder};
use crate::world::aws::{iam, message::Principal, s3};
use serde_json::Value;

/// A role of the account that is there and whose trust lets Lambda assume it (Lambda Developer Guide, "Execution role"; the
/// sentences are the service's).
pub fn role(world: &World, role: &str) -> Result<(), Fault> {
    let Some(arn) = Arn::parse(role).filter(|arn| arn.service == "iam" && arn.resource.starts_with("role/")) else {
        let must = r"satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
        return Err(unfit(role, "role", must));
    };
    if arn.account != &*world.aws.id {
        let message = "Cross-account pass role is not allowed.";
        return Err(Fault::new("AccessDeniedException", message).status(403));
    }
    let refused = || invalid("The role defined for the function cannot be assumed by Lambda.");
    let name = arn.resource.rsplit('/').next().unwrap_or_default();
    let (_, trust) = iam::trusted(world, name).ok_or_else(refused)?;
    let (lambda, context) = (Principal::service("lambda.amazonaws.com"), Context::default());
    let ask =
        Ask { principal: &lambda, action: "sts:AssumeRole", resource: role, account: &world.aws.id, context: &context };
    let everything = Document::everything();
    let held =
        [Held { by: Holder::Identity, document: &everything }, Held { by: Holder::Resource, document: trust.as_ref() }];
    if policy::decide_key(&held, &ask).allowed() { Ok(()) } else { Err(refused()) }
}

/// A bucket that is there and has the code. What a described program's versions are is known without an object of each.
pub fn code(world: &World, function: &str, given: &Value) -> Result<(), Fault> {
    let (Some(bucket), Some(key)) = (given["S3Bucket"].as_str(), given["S3Key"].as_str()) else { return Ok(()) };
    let described = world.aws.functions.programs.contains_key(function) && !Code::version_of(key).is_empty();
    s3::holds(world, bucket, (!described).then_some(key)).map_err(|fault| {
        let Fault { code, message, .. } = fault;
        invalid(format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"))
    })
}
