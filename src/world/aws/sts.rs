//! STS: who the caller is, and sessions of roles. Its credentials open nothing outside the simulation.

use super::arn::Arn;
use super::call::{Answer, Call, Fault};
use super::iam;
use super::policy::{self, Ask, Context, Held, Holder};
use super::service::{Effect, Operation, Service};
use crate::stdx::dice::Dice;
use crate::stdx::time::Span;
use crate::world::World;
use serde_json::json;

pub static SERVICE: Service = Service {
    name: "sts",
    doc: "who the caller is",
    operations: &[
        Operation { name: "AssumeRole", doc: "take a role on", effect: Effect::Write, run: assume },
        Operation { name: "GetCallerIdentity", doc: "who the caller is", effect: Effect::Read, run: who },
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

fn who(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let principal = iam::caller(world, &call.request.caller);
    let role = principal.role.rsplit('/').next().unwrap_or_default();
    let session = principal.arn.rsplit('/').next().unwrap_or_default();
    let id = iam::trusted(world, role).map_or_else(|| iam::made_up_id(world, role), |(id, _)| id);
    let user = if principal.role.is_empty() { iam::made_up_id(world, session) } else { format!("{id}:{session}") };
    Ok(Answer::of(json!({ "UserId": user, "Account": &*world.aws.id, "Arn": principal.arn })))
}

fn assume(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = call.text("RoleArn").unwrap_or_default();
    let session = call.text("RoleSessionName").unwrap_or_default();
    let Some(arn) = Arn::parse(wanted) else {
        return Err(Fault::new("ValidationError", format!("{wanted} is invalid")));
    };
    let asker = iam::caller(world, &call.request.caller);
    let denied = || {
        let message = format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {wanted}", asker.arn);
        Fault::new("AccessDenied", message).status(403)
    };
    let role = arn.resource.rsplit('/').next().unwrap_or_default();
    let (id, trust) = iam::trusted(world, role).ok_or_else(denied)?;
    let context = Context::default();
    let ask = Ask {
        principal: &asker,
        action: "sts:AssumeRole",
        resource: wanted,
        account: &world.aws.id,
        context: &context,
    };
    // The caller's own policies have been asked before the operation ran; the role's trust must name the caller too, or the
    // account, which leaves it to the caller's policies.
    let everything = policy::Document::everything();
    let held =
        [Held { by: Holder::Identity, document: &everything }, Held { by: Holder::Resource, document: trust.as_ref() }];
    if !policy::decide_key(&held, &ask).allowed() {
        return Err(denied());
    }
    let taken = format!("arn:aws:sts::{}:assumed-role/{role}/{session}", arn.account);
    let key = letters(world, &taken, "key", 16);
    let access_key = format!("ASIA{key}");
    let lasts = Span::secs(call.whole("DurationSeconds").unwrap_or(3_600));
    let body = json!({
        "Credentials": {
            "AccessKeyId": access_key,
            "SecretAccessKey": letters(world, &taken, "secret", 40),
            "SessionToken": letters(world, &taken, "token", 200),
            "Expiration": (world.now + lasts).0.div_euclid(1_000) * 1_000,
        },
        "AssumedRoleUser": { "AssumedRoleId": format!("{id}:{session}"), "Arn": taken },
    });
    iam::remember_session(world, access_key, taken);
    Ok(Answer::of(body).altering("AWS::IAM::Role", role, Vec::new()))
}

fn letters(world: &World, of: &str, what: &str, count: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut dice = Dice::new(world.seed).fork("sts").fork(of).fork(&format!("{what}@{}", world.now.0));
    (0..count).filter_map(|_| dice.pick(LETTERS).map(|byte| char::from(*byte))).collect()
}
