//! Letters: refused, or taken and then delivered, bounced or complained about. Does not know requests.

use super::super::call::Fault;
use super::super::message::{Draft, Principal};
use super::super::policy::{Ask, Context};
use super::super::tally::Key;
use super::super::{arn, iam, post, sns};
use super::{Due, Receiver};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::ledger::Row;
use serde_json::{Value, json};
use std::sync::Arc;

/// Addresses of the mailbox simulator (SES Developer Guide, "Using the mailbox simulator"); they may be sent to from the
/// sandbox and count for no reputation.
const SIMULATOR: &str = "simulator.amazonses.com";

/// A letter to one address about an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    pub from: Arc<str>,
    pub to: Arc<str>,
    /// Configuration set; empty: that of the identity, or none.
    pub set: Arc<str>,
    /// 0: about none.
    pub order: u32,
}

/// What becomes of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// The address does not exist.
    Bounced,
    Complained,
    /// The account's own list kept it: it was never sent out.
    Suppressed,
}

/// A letter that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: Time,
    pub id: Arc<str>,
    pub region: Arc<str>,
    pub letter: Letter,
    pub fate: Fate,
    /// When its fate is known.
    pub known: Time,
}

fn rejected(region: &str, failed: &[&str]) -> Fault {
    let message = format!(
        "Email address is not verified. The following identities failed the check in region {}: {}",
        region.to_uppercase(),
        failed.join(", ")
    );
    Fault::new("MessageRejected", message).status(400)
}

/// Sends a letter in a region, as somebody who must be allowed to; its message id.
pub fn send(world: &mut World, at: Time, region: &str, letter: Letter, by: &Principal) -> Result<Arc<str>, Fault> {
    admit(world, at, region, &letter, by)?;
    Ok(admitted(world, at, region, letter))
}

/// The part of an address behind its `@`.
fn domain(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}

/// The same for a letter to an address of which it is known how it answers.
pub(super) fn take(
    world: &mut World,
    at: Time,
    region: &str,
    letter: Letter,
    by: &Principal,
    receiver: Receiver,
) -> Result<Arc<str>, Fault> {
    admit(world, at, region, &letter, by)?;
    Ok(keep(world, at, region, letter, receiver))
}

/// Whether SES takes a letter from somebody: it has counted against the limits then.
pub fn admit(world: &mut World, at: Time, region: &str, letter: &Letter, by: &Principal) -> Result<(), Fault> {
    let account = world.aws.id.to_string();
    let resource = arn::make("ses", region, &account, &format!("identity/{}", domain(&letter.from)));
    let context = Context::default().with("ses:FromAddress", &*letter.from);
    let ask = Ask { principal: by, action: "ses:SendEmail", resource: &resource, account: &account, context: &context };
    iam::may(world, at, &ask, None).map_err(|fault| Fault { code: "AccessDeniedException".into(), ..fault })?;
    let simulated = domain(&letter.to) == SIMULATOR;
    let own = world.aws.mail.region_mut(region, at);
    if own.status.at(at) == Some(&"SHUTDOWN") || !own.enabled {
        let message = "Sending paused for this account. For more information, please check the inbox of the email address \
                       associated with your AWS account.";
        return Err(Fault::new("SendingPausedException", message).status(400));
    }
    let mut failed: Vec<&str> = Vec::new();
    if !own.production && !simulated && !own.verified(&letter.to, at) {
        failed.push(&letter.to);
    }
    if !own.verified(&letter.from, at) {
        failed.push(&letter.from);
    }
    if !failed.is_empty() {
        return Err(rejected(region, &failed));
    }
    own.flow.admit(at).map_err(|limit| Fault::new("TooManyRequestsException", limit).status(429))
}

/// A letter that was to be taken never came: the sender was killed before it called.
pub fn unsent(world: &mut World, at: Time, region: &str) {
    world.aws.mail.region_mut(region, at).flow.give_back();
}

/// Takes a letter that was admitted; its message id.
pub fn admitted(world: &mut World, at: Time, region: &str, letter: Letter) -> Arc<str> {
    let receiver = world.aws.mail.spec.domains.get(domain(&letter.to)).copied().unwrap_or_default();
    keep(world, at, region, letter, receiver)
}

fn keep(world: &mut World, at: Time, region: &str, letter: Letter, receiver: Receiver) -> Arc<str> {
    let suppressed = world.aws.mail.region_mut(region, at).suppresses(&letter.to, at);
    let number = world.aws.mail.letters.end();
    let lot = dice::at(world.seed, dice::hash_name("letters"), number);
    let fate = match () {
        () if suppressed || &*letter.to == "suppressionlist@simulator.amazonses.com" => Fate::Suppressed,
        () if &*letter.to == "bounce@simulator.amazonses.com" => Fate::Bounced,
        () if &*letter.to == "complaint@simulator.amazonses.com" => Fate::Complained,
        () if dice::at(lot, 1, 0) % 1_000 < receiver.bounces => Fate::Bounced,
        () if dice::at(lot, 2, 0) % 1_000 < receiver.complaints => Fate::Complained,
        () => Fate::Delivered,
    };
    let known = at + Span::millis(700 + (dice::at(lot, 3, 0) % 2_300) as i64);
    let id: Arc<str> =
        Arc::from(format!("0100{:012x}-{}-000000", at.0, &super::super::message::uuid(u128::from(lot) << 40)));
    let region: Arc<str> = Arc::from(region);
    let hour = (Arc::clone(&region), at.0.div_euclid(3_600_000));
    let mail = &mut world.aws.mail;
    mail.letters.push(Sent { at, id: Arc::clone(&id), region: Arc::clone(&region), letter, fate, known });
    *Arc::make_mut(&mut mail.hours).entry(hour).or_default() += 1;
    count(world, &region, at, "Send", 1);
    post::push(world, known, post::Due::Mail(Due::Arrives(number)));
    id
}

/// CloudWatch counts mail in the region from which it is sent.
fn observe(world: &mut World, region: &str, at: Time, metric: &'static str, value: i64) {
    let key = Key { namespace: "AWS/SES", metric, dimensions: Vec::new() };
    match *world.aws.region == *region {
        true => world.aws.tally.observe(&key, at, value),
        false => world.aws.mail.region_mut(region, at).kept.tally.observe(&key, at, value),
    }
}

fn count(world: &mut World, region: &str, at: Time, metric: &'static str, value: i64) {
    observe(world, region, at, metric, value);
    let place = match metric {
        "Send" => 0,
        "Bounce" => 1,
        "Complaint" => 2,
        _ => return,
    };
    let quarter = at.0.div_euclid(900_000);
    let own = world.aws.mail.region_mut(region, at);
    own.kept.quarters.entry(quarter).or_default()[place] += value as u64;
    // Fourteen days are told (SES API Reference, GetSendStatistics).
    while own.kept.quarters.len() > 14 * 96 {
        own.kept.quarters.pop_first();
    }
}

/// A letter's fate becomes known.
pub fn arrives(world: &mut World, at: Time, number: u64) {
    let Some(sent) = world.aws.mail.letters.get(number).cloned() else { return };
    let region = Arc::clone(&sent.region);
    let metric = match sent.fate {
        Fate::Delivered => "Delivery",
        Fate::Bounced | Fate::Suppressed => "Bounce",
        Fate::Complained => "Complaint",
    };
    count(world, &region, at, metric, 1);
    if sent.fate == Fate::Complained {
        // Who complains has got it.
        count(world, &region, at, "Delivery", 1);
    }
    let written = Arc::clone(&world.aws.mail.spec.table);
    if matches!(sent.fate, Fate::Delivered | Fate::Complained) && sent.letter.order != 0 && !written.is_empty() {
        let (by, message) = (Arc::from("ses"), Arc::clone(&sent.id));
        world.ledger.write(&written, Row { at, order: sent.letter.order, by, message, value: 0 });
    }
    if domain(&sent.letter.to) != SIMULATOR {
        judge(world, at, &sent);
    }
    publish(world, at, &sent);
}

/// What a fate does to the region's list and reputation. Mail that the list kept does not count as bounced (SES Developer
/// Guide, "Using the account-level suppression list").
fn judge(world: &mut World, at: Time, sent: &Sent) {
    let own = world.aws.mail.region_mut(&sent.region, at);
    let (outcome, reason) = match sent.fate {
        Fate::Suppressed => return,
        Fate::Delivered => (0, ""),
        Fate::Bounced => (1, "BOUNCE"),
        Fate::Complained => (2, "COMPLAINT"),
    };
    own.reputation.see(outcome);
    let listed = own.reasons.at(at).is_some_and(|reasons| reasons.iter().any(|one| one == reason));
    if listed {
        let entry = super::state::Suppressed { reason: Arc::from(reason), since: at };
        own.suppressed.insert(Arc::clone(&sent.letter.to), entry);
    }
    let verdict = own.reputation.verdict();
    let status = own.status.last().copied().unwrap_or("HEALTHY");
    if verdict != "HEALTHY" && status == "HEALTHY" {
        own.status.set_forgetting(at, "PROBATION");
        let due = Due::Review(Arc::clone(&sent.region));
        post::push(world, at + super::state::REVIEW, post::Due::Mail(due));
    }
    let (bounces, complaints) = world.aws.mail.region(&sent.region).reputation.shares();
    for (metric, share) in [("Reputation.BounceRate", bounces), ("Reputation.ComplaintRate", complaints)] {
        observe(world, &sent.region, at, metric, share);
    }
}

/// Somebody looks: what has not become better is paused, what has is left alone.
pub fn review(world: &mut World, at: Time, region: &Arc<str>) {
    let own = world.aws.mail.region_mut(region, at);
    match own.reputation.verdict() {
        "SHUTDOWN" => own.status.set_forgetting(at, "SHUTDOWN"),
        "PROBATION" => post::push(world, at + super::state::REVIEW, post::Due::Mail(Due::Review(Arc::clone(region)))),
        _ => own.status.set_forgetting(at, "HEALTHY"),
    }
}

/// The event as event destinations get it (SES Developer Guide, "Examples of event data").
pub fn event(world: &World, sent: &Sent) -> (&'static str, Value) {
    let mail = json!({
        "timestamp": sent.at.rfc3339_millis(),
        "source": &*sent.letter.from,
        "messageId": &*sent.id,
        "destination": [&*sent.letter.to],
        "tags": { "order": [world.ledger.name(sent.letter.order)] },
    });
    let to = json!([{ "emailAddress": &*sent.letter.to }]);
    let (kind, member, what) = match sent.fate {
        Fate::Delivered => (
            "DELIVERY",
            "delivery",
            json!({ "timestamp": sent.known.rfc3339_millis(), "recipients": [&*sent.letter.to], "smtpResponse": "250 2.0.0 OK" }),
        ),
        Fate::Bounced => (
            "BOUNCE",
            "bounce",
            json!({ "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": to, "timestamp": sent.known.rfc3339_millis() }),
        ),
        Fate::Suppressed => (
            "BOUNCE",
            "bounce",
            json!({ "bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList", "bouncedRecipients": to, "timestamp": sent.known.rfc3339_millis() }),
        ),
        Fate::Complained => (
            "COMPLAINT",
            "complaint",
            json!({ "complainedRecipients": to, "complaintFeedbackType": "abuse", "timestamp": sent.known.rfc3339_millis() }),
        ),
    };
    let name = format!("{}{}", &kind[..1], kind[1..].to_lowercase());
    (kind, json!({ "eventType": name, "mail": mail, member: what }))
}

/// Tells the topics of the letter's configuration set.
fn publish(world: &mut World, at: Time, sent: &Sent) {
    let own = world.aws.mail.region(&sent.region);
    let of_identity = || {
        let identity = own.identities.get(&*sent.letter.from).or_else(|| own.identities.get(domain(&sent.letter.from)));
        identity.map(|identity| identity.set.clone()).unwrap_or_default()
    };
    let name = if sent.letter.set.is_empty() { of_identity() } else { sent.letter.set.to_string() };
    let Some(set) = own.sets.get(&name) else { return };
    let (kind, body) = event(world, sent);
    for destination in set.destinations.values() {
        let wanted =
            destination["MatchingEventTypes"].as_array().is_some_and(|types| types.iter().any(|one| one == kind));
        let Some(topic) = destination["SnsDestination"]["TopicArn"].as_str().filter(|_| wanted) else { continue };
        let draft = Draft { body: body.to_string().into(), ..Draft::default() };
        let _a_topic_that_is_gone_hears_nothing =
            sns::publish(world, at, topic, draft, &Principal::service("ses.amazonaws.com"));
    }
}
