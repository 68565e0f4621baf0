//! The first version of the API: what it shows of the same state. Changes nothing.

use super::super::call::{Answer, Call, Fault, Is};
use super::super::sesv2::ACCOUNT_KIND;
use crate::world::World;
use serde_json::{Map, Value, json};

pub fn enabled(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let region = &call.request.region;
    let own = world.aws.mail.region(region);
    let paused = own.status.at(world.now) == Some(&"SHUTDOWN");
    Ok(Answer::of(json!({ "Enabled": own.enabled && !paused })).about("", ACCOUNT_KIND, region))
}

pub fn quota(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let region = &call.request.region;
    let own = world.aws.mail.region(region);
    let (most, rate) = own.flow.limits;
    let body = json!({
        "Max24HourSend": most as f64, "MaxSendRate": rate as f64, "SentLast24Hours": own.flow.total_at(world.now) as f64,
    });
    Ok(Answer::of(body).about("", ACCOUNT_KIND, region))
}

pub fn statistics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let region = &call.request.region;
    let own = world.aws.mail.region(region);
    let mut rows = Vec::new();
    let mut facts = Vec::new();
    for (quarter, [attempts, bounces, complaints, rejects]) in &own.kept.quarters {
        let at = crate::stdx::time::Time(quarter * 900_000);
        rows.push(json!({
            "Timestamp": at.0, "DeliveryAttempts": attempts, "Bounces": bounces, "Complaints": complaints,
            "Rejects": rejects,
        }));
        let cells = [
            ("DeliveryAttempts", "attempts", attempts),
            ("Bounces", "bounces", bounces),
            ("Complaints", "complaints", complaints),
            ("Rejects", "rejects", rejects),
        ];
        let places = cells.iter().map(|(place, column, _)| (place.to_string(), column.to_string())).collect();
        let fields = cells.iter().map(|(_, column, value)| (column.to_string(), value.to_string()));
        let fields = fields.chain([("region".to_string(), region.clone())]).collect();
        facts.push((
            format!("/SendDataPoints/{}", rows.len() - 1),
            Is::Row { table: "mail".into(), at, fields, places },
        ));
    }
    let mut answer = Answer::of(json!({ "SendDataPoints": rows }));
    for (place, fact) in facts {
        answer = answer.shows(place, fact);
    }
    Ok(answer)
}

pub fn identities(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = world.aws.mail.region(&call.request.region);
    let wanted = call.text("IdentityType");
    let fits = |name: &&String| wanted.is_none_or(|kind| name.contains('@') == (kind == "EmailAddress"));
    let names: Vec<&String> = own.identities.keys().filter(fits).collect();
    Ok(Answer::of(json!({ "Identities": names })))
}

pub fn verification(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = world.aws.mail.region(&call.request.region);
    let now = world.now;
    let mut out = Map::new();
    let mut answer = Answer::default();
    for name in call.texts("Identities") {
        let Some(identity) = own.identities.get(name) else { continue };
        let done = identity.verified.is_some_and(|since| since <= now);
        out.insert(name.to_string(), json!({ "VerificationStatus": if done { "Success" } else { "Pending" } }));
        let at = format!("/VerificationAttributes/{}", name.replace('~', "~0").replace('/', "~1"));
        answer = answer.about(at, super::super::sesv2::IDENTITY_KIND, name);
    }
    answer.body = json!({ "VerificationAttributes": Value::Object(out) });
    Ok(answer)
}
