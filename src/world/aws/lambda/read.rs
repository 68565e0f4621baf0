//! Functions, shown. Changes nothing.

use super::function::{CONCURRENCY, Function, named};
use super::{KIND, body, not_found};
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use crate::world::aws::paging;
use serde_json::{Value, json};

/// Functions on a page (Lambda API Reference, ListFunctions: at most 50).
const PAGE: i64 = 50;

/// The function that a request names, with the version meant (0 is `$LATEST`) and the qualifier.
pub fn asked<'w>(world: &'w World, call: &Call) -> Result<(&'w Function, u32, String), Fault> {
    let (name, own) = named(call.text("FunctionName").unwrap_or_default());
    let qualifier = call.text("Qualifier").map_or(own, str::to_string);
    let missing = || not_found(world, &name, &qualifier);
    let function = world.aws.functions.get(&name).ok_or_else(missing)?;
    let version = function.version(&qualifier).ok_or_else(missing)?;
    Ok((function, version, qualifier))
}

pub fn configuration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, version, qualifier) = asked(world, call)?;
    let shown = body::configuration(world, function, version, &qualifier);
    let whole = Cover::Whole { kind: KIND.into(), name: function.name.to_string() };
    Ok(Answer::of(shown).about("", KIND, &function.name).covering(whole))
}

pub fn function(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, version, qualifier) = asked(world, call)?;
    let shown = body::configuration(world, function, version, &qualifier);
    let region = &world.aws.region;
    let place = format!(
        "https://awslambda-{region}-tasks.s3.{region}.amazonaws.com/snapshots/{}/{}",
        world.aws.id, function.name
    );
    let mut out = json!({ "Configuration": shown, "Code": { "RepositoryType": "S3", "Location": place } });
    if !function.tags.is_empty() {
        out["Tags"] = json!(function.tags);
    }
    if let Some(reserved) = function.reserved.at(world.now).copied().flatten() {
        out["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    Ok(Answer::of(out).about("/Configuration", KIND, &function.name).about("", KIND, &function.name))
}

pub fn concurrency(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    // A function without reservation answers nothing.
    let Some(reserved) = function.reserved.last().copied().flatten() else {
        return Ok(Answer::of(json!({})).covering(Cover::Whole { kind: KIND.into(), name: function.name.to_string() }));
    };
    Ok(Answer::of(json!({ "ReservedConcurrentExecutions": reserved })).about("", KIND, &function.name))
}

fn paged(items: Vec<Value>, call: &Call, members: (&str, &str)) -> Result<(Vec<Value>, Value), Fault> {
    let limit = call.whole("MaxItems").unwrap_or(PAGE).clamp(1, PAGE) as usize;
    let bad = || super::invalid("Invalid pagination token.");
    let (page, next) = paging::page(items, call.text("Marker"), limit).ok_or_else(bad)?;
    let mut body = json!({ members.0: page });
    if let Some(next) = next {
        body["NextMarker"] = next.into();
    }
    Ok((page, body))
}

pub fn functions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let all: Vec<Value> =
        world.aws.functions.living().map(|function| body::configuration(world, function, 0, "")).collect();
    let (page, body) = paged(all, call, ("Functions", ""))?;
    let whole = body.get("NextMarker").is_none() && call.text("Marker").is_none();
    let mut answer = Answer::of(body);
    for (n, shown) in page.iter().enumerate() {
        answer = answer.about(format!("/Functions/{n}"), KIND, shown["FunctionName"].as_str().unwrap_or_default());
    }
    Ok(if whole { answer.covering(Cover::All { kind: KIND.into() }) } else { answer })
}

pub fn versions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, ..) = asked(world, call)?;
    let numbers = std::iter::once(0).chain(function.versions.keys().copied());
    let all: Vec<Value> = numbers.map(|version| body::configuration(world, function, version, "$LATEST")).collect();
    let name = function.name.clone();
    let (page, body) = paged(all, call, ("Versions", ""))?;
    let mut answer = Answer::of(body);
    for n in 0..page.len() {
        answer = answer.about(format!("/Versions/{n}"), KIND, &name);
    }
    Ok(answer)
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("Resource").unwrap_or_default();
    let (name, _) = named(arn);
    let function = world.aws.functions.get(&name).ok_or_else(|| not_found(world, &name, ""))?;
    Ok(Answer::of(json!({ "Tags": function.tags })).about("", KIND, &name))
}

pub fn account(world: &mut World, _call: &Call) -> Result<Answer, Fault> {
    let all = &world.aws.functions;
    let size: u64 = all.living().map(|function| function.latest().code.size).sum();
    let reserved: u32 = all.living().filter_map(|function| function.reserved.last().copied().flatten()).sum();
    // Limits as the service's quotas page has them: 75 GB of code, 50 MB zipped, 250 MB unzipped.
    Ok(Answer::of(json!({
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800_i64,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY - reserved.min(CONCURRENCY),
        },
        "AccountUsage": { "TotalCodeSize": size, "FunctionCount": all.living().count() },
    })))
}
