//! The first version of the API: an address is asked to verify itself, a letter is sent. State and rules are the same as the
//! second version's; refusals have the first one's codes (SES API Reference, version 2010-12-01, SendEmail, Errors).

use super::super::call::{Answer, Call, Fault};
use super::super::iam;
use super::super::sesv2::{self, IDENTITY_KIND};
use super::Letter;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// Recipients of one message (SES quotas: 50).
const RECIPIENTS_MAX: usize = 50;

/// Asking again is no mistake: the letter with the link goes out once more.
pub fn verify(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let address = call.text("EmailAddress").unwrap_or_default().to_lowercase();
    if !address.contains('@') || !sesv2::is_name(&address) {
        return Err(Fault::new("InvalidParameterValue", format!("Invalid email address<{address}>.")));
    }
    let (region, now) = (call.request.region.as_str(), world.now);
    let identity = sesv2::begun(world, &address, "");
    let held = &mut world.aws.mail.region_mut(region, now).identities;
    held.entry(address.clone()).or_insert(identity);
    Ok(Answer::of(json!({})).altering(IDENTITY_KIND, &address, Vec::new()))
}

pub fn send(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let destination = call.input().get("Destination").unwrap_or(&Value::Null);
    let of = |member: &str| destination[member].as_array().cloned().unwrap_or_default();
    let to: Vec<Value> = ["ToAddresses", "CcAddresses", "BccAddresses"].into_iter().flat_map(of).collect();
    if to.is_empty() {
        return Err(Fault::new("InvalidParameterValue", "Missing required header 'To'."));
    }
    if to.len() > RECIPIENTS_MAX {
        return Err(Fault::new("InvalidParameterValue", "Recipient count exceeds 50."));
    }
    let from = call.text("Source").unwrap_or_default();
    let by = iam::caller(world, &call.request.caller);
    let (now, region, mut id) = (world.now, call.request.region.as_str(), Arc::from(""));
    let set: Arc<str> = Arc::from(call.text("ConfigurationSetName").unwrap_or_default());
    let letter =
        |one| Letter { from: sesv2::bare(from).into(), to: sesv2::bare(one).into(), set: set.clone(), order: 0 };
    let letters: Vec<Letter> = to.iter().filter_map(Value::as_str).map(letter).collect();
    // All of them or none.
    for (taken, letter) in letters.iter().enumerate() {
        if let Err(fault) = super::admit(world, now, region, letter, &by) {
            (0..taken).for_each(|_| super::unsent(world, now, region));
            return Err(first(fault));
        }
    }
    for letter in letters {
        id = super::admitted(world, now, region, letter);
    }
    Ok(Answer::of(json!({ "MessageId": &*id })))
}

/// A refusal by the first version's code.
fn first(fault: Fault) -> Fault {
    let code = match fault.code.as_str() {
        "AccessDeniedException" => "AccessDenied",
        "SendingPausedException" => "AccountSendingPausedException",
        "TooManyRequestsException" => "Throttling",
        same => same,
    };
    let status = if code == "AccessDenied" { 403 } else { 400 };
    Fault { code: code.into(), status, ..fault }
}
