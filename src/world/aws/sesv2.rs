//! SES, the second API. State and life are in `ses`.

use super::call::{Answer, Call, Cover, Fault};
use super::service::{Effect, Operation, Service};
use super::ses::state::{Identity, Set, Suppressed};
use super::ses::{self, Fate, Letter};
use super::{iam, paging, tagging};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const IDENTITY_KIND: &str = "AWS::SES::EmailIdentity";
pub const ACCOUNT_KIND: &str = "AWS::SES::Account";
const SET_KIND: &str = "AWS::SES::ConfigurationSet";
const SUPPRESSED_KIND: &str = "AWS::SES::SuppressedDestination";
/// A domain is found verified some minutes after its names are set (SES says up to 72 hours).
const VERIFIES: Span = Span::mins(5);

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

pub static SERVICE: Service = Service {
    name: "sesv2",
    doc: "sending mail",
    operations: &[
        write("CreateConfigurationSet", "makes a configuration set", create_set),
        write("CreateConfigurationSetEventDestination", "sends a set's events somewhere", create_destination),
        write("CreateEmailIdentity", "begins to verify an address or domain", create_identity),
        write("DeleteConfigurationSet", "deletes a configuration set", delete_set),
        write("DeleteConfigurationSetEventDestination", "sends a set's events there no more", delete_destination),
        write("DeleteEmailIdentity", "forgets an address or domain", delete_identity),
        write("DeleteSuppressedDestination", "takes an address off the suppression list", free),
        read("GetAccount", "sandbox, limits, enforcement", account),
        read("GetConfigurationSet", "a configuration set", set),
        read("GetConfigurationSetEventDestinations", "where a set's events go", destinations),
        read("GetEmailIdentity", "an address or domain", identity),
        read("GetMessageInsights", "what became of a letter", insights),
        read("GetSuppressedDestination", "an address on the suppression list", suppressed),
        read("ListConfigurationSets", "configuration sets", sets),
        read("ListEmailIdentities", "addresses and domains", identities),
        read("ListSuppressedDestinations", "the suppression list", list_suppressed),
        write("PutAccountDetails", "asks for production access", details),
        write("PutAccountSendingAttributes", "pauses or resumes sending", sending),
        write("PutAccountSuppressionAttributes", "says what the suppression list is for", reasons),
        write("PutSuppressedDestination", "puts an address on the suppression list", suppress),
        Operation { name: "SendEmail", doc: "sends a letter", effect: Effect::Data, run: send },
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

fn not_found(message: impl Into<String>) -> Fault {
    Fault::new("NotFoundException", message).status(404)
}

fn region<'a>(call: &Call<'a>) -> &'a str {
    &call.request.region
}

fn change(path: &str, before: impl ToString, after: impl ToString) -> Vec<FieldChange> {
    let (before, after) = (before.to_string(), after.to_string());
    if before == after {
        return Vec::new();
    }
    vec![FieldChange { path: path.into(), before: Some(before), after: Some(after) }]
}

/// Changes a region's state.
fn edit<T>(world: &mut World, call: &Call, how: impl FnOnce(&mut ses::state::Region) -> T) -> T {
    let now = world.now;
    how(world.aws.mail.region_mut(region(call), now))
}

fn account(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = world.aws.mail.region(region(call));
    let status = own.status.at(world.now).copied().unwrap_or("HEALTHY");
    let (most, rate) = own.flow.limits;
    let mut body = json!({
        "DedicatedIpAutoWarmupEnabled": true,
        "EnforcementStatus": status,
        "ProductionAccessEnabled": own.production,
        "SendQuota": {
            "Max24HourSend": most as f64, "MaxSendRate": rate as f64,
            "SentLast24Hours": own.flow.total_at(world.now) as f64,
        },
        "SendingEnabled": own.enabled && status != "SHUTDOWN",
        "SuppressionAttributes": { "SuppressedReasons": own.reasons.at(world.now) },
        "VdmAttributes": { "VdmEnabled": "DISABLED" },
    });
    if !own.kept.details.is_null() {
        body["Details"] = own.kept.details.clone();
    }
    let whole = Cover::Whole { kind: ACCOUNT_KIND.into(), name: region(call).into() };
    Ok(Answer::of(body).about("", ACCOUNT_KIND, region(call)).covering(whole))
}

fn details(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = |member: &str| call.text(member).unwrap_or_default();
    // A person at AWS answers within a day (SES Developer Guide, "Request production access"): here nobody does in time.
    let number = dice::at(world.seed, dice::hash_name(region(call)), world.now.0 as u64) % 10_000_000_000;
    let details = json!({
        "MailType": text("MailType"), "WebsiteURL": text("WebsiteURL"),
        "ContactLanguage": call.text("ContactLanguage").unwrap_or("EN"),
        "UseCaseDescription": text("UseCaseDescription"),
        "ReviewDetails": { "Status": "PENDING", "CaseId": format!("17{number:010}") },
    });
    let before = edit(world, call, |own| {
        let before = own.kept.details["ReviewDetails"]["Status"].as_str().unwrap_or("NONE").to_string();
        own.kept.details = details;
        before
    });
    Ok(Answer::default().altering(ACCOUNT_KIND, region(call), change("ReviewDetails.Status", before, "PENDING")))
}

fn sending(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = call.yes("SendingEnabled").unwrap_or(false);
    let own = world.aws.mail.region(region(call));
    if wanted && own.status.at(world.now) == Some(&"SHUTDOWN") {
        let message = "This account's ability to send email is currently paused. Contact AWS Support.";
        return Err(Fault::new("BadRequestException", message).status(400));
    }
    let before = edit(world, call, |own| std::mem::replace(&mut own.enabled, wanted));
    Ok(Answer::default().altering(ACCOUNT_KIND, region(call), change("SendingEnabled", before, wanted)))
}

fn reasons(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted: Vec<String> = call.texts("SuppressedReasons").into_iter().map(str::to_string).collect();
    if let Some(wrong) = wanted.iter().find(|reason| !["BOUNCE", "COMPLAINT"].contains(&reason.as_str())) {
        let message = format!("Invalid suppression reason: {wrong}");
        return Err(Fault::new("BadRequestException", message).status(400));
    }
    let now = world.now;
    let after = wanted.join(",");
    let before = edit(world, call, |own| {
        let before = own.reasons.last().map(|reasons| reasons.join(",")).unwrap_or_default();
        own.reasons.set_forgetting(now, wanted);
        before
    });
    let changed = change("SuppressionAttributes.SuppressedReasons", before, after);
    Ok(Answer::default().altering(ACCOUNT_KIND, region(call), changed))
}

// ---- identities -----------------------------------------------------------------------------------------------------

fn kind_of(name: &str) -> &'static str {
    if name.contains('@') { "EMAIL_ADDRESS" } else { "DOMAIN" }
}

fn tokens(name: &str) -> Vec<String> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    let letter = |lot: u64, n: u64| LETTERS.get((dice::at(lot, n, 2) % 32) as usize).copied().map_or('a', char::from);
    (0..3_u64).map(|n| (0..32).map(|m| letter(dice::hash_name(name) ^ n, m)).collect()).collect()
}

fn dkim(name: &str, done: bool) -> Value {
    if name.contains('@') {
        return json!({ "SigningEnabled": false, "Status": "NOT_STARTED" });
    }
    json!({
        "SigningEnabled": true, "Status": if done { "SUCCESS" } else { "PENDING" }, "Tokens": tokens(name),
        "SigningAttributesOrigin": "AWS_SES", "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    })
}

fn done(identity: &Identity, at: Time) -> bool {
    identity.verified.is_some_and(|since| since <= at)
}

/// Whether something is shaped like an address or a domain.
pub fn is_name(name: &str) -> bool {
    let (local, domain) = name.split_once('@').unwrap_or(("x", name));
    !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains([' ', '@'])
}

/// An identity of which verification begins: a domain of ours is verified as soon as its names are set, strangers do not
/// follow links in letters.
pub fn begun(world: &World, name: &str, set: &str) -> Identity {
    let domain = name.rsplit('@').next().unwrap_or_default();
    let verified = world.aws.mail.owns(domain).then_some(world.now + VERIFIES);
    Identity { created: world.now, verified, set: set.to_string() }
}

fn create_identity(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("EmailIdentity").unwrap_or_default().to_lowercase();
    if !is_name(&name) {
        return Err(
            Fault::new("BadRequestException", format!("Invalid email address or domain name {name}")).status(400)
        );
    }
    if world.aws.mail.region(region(call)).identities.contains_key(&name) {
        let message = format!("Email identity {name} already exist.");
        return Err(Fault::new("AlreadyExistsException", message).status(400));
    }
    let identity = begun(world, &name, call.text("ConfigurationSetName").unwrap_or_default());
    edit(world, call, |own| own.identities.insert(name.clone(), identity));
    let body = json!({
        "IdentityType": kind_of(&name), "VerifiedForSendingStatus": false, "DkimAttributes": dkim(&name, false),
    });
    Ok(Answer::of(body).about("", IDENTITY_KIND, &name).altering(IDENTITY_KIND, &name, Vec::new()))
}

fn no_identity(name: &str) -> Fault {
    not_found(format!("Email identity {name} does not exist."))
}

fn delete_identity(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("EmailIdentity").unwrap_or_default().to_lowercase();
    let gone = edit(world, call, |own| own.identities.remove(&name));
    gone.ok_or_else(|| no_identity(&name))?;
    Ok(Answer::default().altering(IDENTITY_KIND, &name, Vec::new()))
}

fn identity(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("EmailIdentity").unwrap_or_default().to_lowercase();
    let own = world.aws.mail.region(region(call));
    let identity = own.identities.get(&name).ok_or_else(|| no_identity(&name))?;
    let is_done = done(identity, world.now);
    let mut body = json!({
        "IdentityType": kind_of(&name),
        "FeedbackForwardingStatus": true,
        "VerifiedForSendingStatus": is_done,
        "DkimAttributes": dkim(&name, is_done),
        "MailFromAttributes": { "BehaviorOnMxFailure": "USE_DEFAULT_VALUE" },
        "Policies": {},
        "Tags": tagging::list(&BTreeMap::new()),
        "VerificationStatus": if is_done { "SUCCESS" } else { "PENDING" },
    });
    if !identity.set.is_empty() {
        body["ConfigurationSetName"] = json!(identity.set);
    }
    Ok(Answer::of(body).about("", IDENTITY_KIND, &name))
}

fn identities(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = world.aws.mail.region(region(call));
    let now = world.now;
    let row = |(name, identity): (&String, &Identity)| {
        json!({
            "IdentityType": kind_of(name), "IdentityName": name, "SendingEnabled": done(identity, now),
            "VerificationStatus": if done(identity, now) { "SUCCESS" } else { "PENDING" },
        })
    };
    let rows: Vec<Value> = own.identities.iter().map(row).collect();
    let mut answer = Answer::of(json!({ "EmailIdentities": rows }));
    for (n, name) in own.identities.keys().enumerate() {
        answer = answer.about(format!("/EmailIdentities/{n}"), IDENTITY_KIND, name);
    }
    Ok(answer.covering(Cover::All { kind: IDENTITY_KIND.into() }))
}

// ---- the suppression list -------------------------------------------------------------------------------------------

/// Addresses that a domain-wide entry shows: those of customers that the books know, in their order.
fn known_of(world: &World, domain: &str) -> Vec<Arc<str>> {
    let orders = world.ledger.orders(Time(i64::MIN), world.now);
    let mut all: Vec<Arc<str>> =
        orders.map(|order| order.customer()).filter(|to| to.ends_with(&format!("@{domain}"))).map(Arc::from).collect();
    all.sort();
    all.dedup();
    all
}

/// The whole list: what was put there one by one, and customers of domains that were put there at once.
fn whole_list(world: &World, call: &Call) -> BTreeMap<Arc<str>, Suppressed> {
    let own = world.aws.mail.region(region(call));
    let mut out = own.suppressed.clone();
    for listed in &own.listed {
        for address in known_of(world, &listed.domain) {
            if let Some(entry) = own.entry(&address) {
                out.insert(address, entry.clone());
            }
        }
    }
    out
}

fn list_suppressed(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (reasons, from, to) = (call.texts("Reasons"), call.time("StartDate"), call.time("EndDate"));
    let fits = |entry: &Suppressed| {
        (reasons.is_empty() || reasons.contains(&&*entry.reason))
            && from.is_none_or(|from| from <= entry.since)
            && to.is_none_or(|to| entry.since <= to)
    };
    let all: Vec<(Arc<str>, Suppressed)> =
        whole_list(world, call).into_iter().filter(|(_, entry)| fits(entry)).collect();
    let limit = call.whole("PageSize").unwrap_or(100).clamp(1, 1_000) as usize;
    let bad = || Fault::new("InvalidNextTokenException", "The specified request includes an invalid or expired token.");
    let unfiltered = reasons.is_empty() && from.is_none() && to.is_none();
    let (page, next) = paging::page(all, call.text("NextToken"), limit).ok_or_else(bad)?;
    let row = |(address, entry): &(Arc<str>, Suppressed)| json!({ "EmailAddress": &**address, "Reason": &*entry.reason, "LastUpdateTime": entry.since.0 });
    let mut body = json!({ "SuppressedDestinationSummaries": page.iter().map(row).collect::<Vec<Value>>() });
    let ended = next.is_none() && call.text("NextToken").is_none();
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    let mut answer = Answer::of(body);
    for (n, (address, _)) in page.iter().enumerate() {
        answer = answer.about(format!("/SuppressedDestinationSummaries/{n}"), SUPPRESSED_KIND, address);
    }
    Ok(if ended && unfiltered { answer.covering(Cover::All { kind: SUPPRESSED_KIND.into() }) } else { answer })
}

fn not_listed() -> Fault {
    not_found("Email address does not exist on your suppression list.")
}

fn address(call: &Call) -> Arc<str> {
    Arc::from(call.text("EmailAddress").unwrap_or_default())
}

fn suppressed(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let address = address(call);
    let own = world.aws.mail.region(region(call));
    let entry = own.entry(&address).ok_or_else(not_listed)?;
    let row = json!({ "EmailAddress": &*address, "Reason": &*entry.reason, "LastUpdateTime": entry.since.0 });
    Ok(Answer::of(json!({ "SuppressedDestination": row })).about("/SuppressedDestination", SUPPRESSED_KIND, &address))
}

fn suppress(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (address, now) = (address(call), world.now);
    let entry = Suppressed { reason: Arc::from(call.text("Reason").unwrap_or("BOUNCE")), since: now };
    edit(world, call, |own| {
        own.freed.remove(&address);
        own.suppressed.insert(Arc::clone(&address), entry)
    });
    Ok(Answer::default().altering(SUPPRESSED_KIND, &address, Vec::new()))
}

fn free(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (address, now) = (address(call), world.now);
    world.aws.mail.region(region(call)).entry(&address).ok_or_else(not_listed)?;
    edit(world, call, |own| {
        own.suppressed.remove(&address);
        own.freed.insert(Arc::clone(&address), now)
    });
    Ok(Answer::default().altering(SUPPRESSED_KIND, &address, Vec::new()))
}

// ---- configuration sets ---------------------------------------------------------------------------------------------

fn no_set(name: &str) -> Fault {
    not_found(format!("Configuration set <{name}> does not exist."))
}

fn set_name(call: &Call) -> String {
    call.text("ConfigurationSetName").unwrap_or_default().to_string()
}

fn create_set(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = set_name(call);
    if world.aws.mail.region(region(call)).sets.contains_key(&name) {
        let message = format!("Configuration set <{name}> already exists.");
        return Err(Fault::new("AlreadyExistsException", message).status(400));
    }
    let mut options = Map::new();
    for member in ["DeliveryOptions", "ReputationOptions", "SendingOptions", "SuppressionOptions", "TrackingOptions"] {
        options.extend(call.input().get(member).map(|value| (member.to_string(), value.clone())));
    }
    let set = Set { options: Value::Object(options), destinations: BTreeMap::new() };
    edit(world, call, |own| own.sets.insert(name.clone(), set));
    Ok(Answer::default().altering(SET_KIND, &name, Vec::new()))
}

fn delete_set(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = set_name(call);
    edit(world, call, |own| own.sets.remove(&name)).ok_or_else(|| no_set(&name))?;
    Ok(Answer::default().altering(SET_KIND, &name, Vec::new()))
}

fn set(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = set_name(call);
    let own = world.aws.mail.region(region(call));
    let set = own.sets.get(&name).ok_or_else(|| no_set(&name))?;
    let mut body = json!({
        "ConfigurationSetName": name,
        "ReputationOptions": { "ReputationMetricsEnabled": false },
        "SendingOptions": { "SendingEnabled": true },
        "Tags": [],
    });
    for (member, value) in set.options.as_object().into_iter().flatten() {
        body[member] = value.clone();
    }
    Ok(Answer::of(body).about("", SET_KIND, &name))
}

fn sets(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = world.aws.mail.region(region(call));
    let names: Vec<&String> = own.sets.keys().collect();
    Ok(Answer::of(json!({ "ConfigurationSets": names })).covering(Cover::All { kind: SET_KIND.into() }))
}

fn create_destination(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, own) = (set_name(call), call.text("EventDestinationName").unwrap_or_default().to_string());
    let known = world.aws.mail.region(region(call));
    let set = known.sets.get(&name).ok_or_else(|| no_set(&name))?;
    if set.destinations.contains_key(&own) {
        let message =
            format!("An event destination with name <{own}> already exists within the configuration set <{name}>");
        return Err(Fault::new("AlreadyExistsException", message).status(400));
    }
    let destination = call.input().get("EventDestination").cloned().unwrap_or_default();
    edit(world, call, |region| {
        if let Some(set) = region.sets.get_mut(&name) {
            set.destinations.insert(own, destination);
        }
    });
    Ok(Answer::default().altering(SET_KIND, &name, Vec::new()))
}

fn delete_destination(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, own) = (set_name(call), call.text("EventDestinationName").unwrap_or_default().to_string());
    let gone = edit(world, call, |region| region.sets.get_mut(&name).and_then(|set| set.destinations.remove(&own)));
    gone.ok_or_else(|| {
        not_found(format!("Event destination <{own}> does not exist within the configuration set <{name}>"))
    })?;
    Ok(Answer::default().altering(SET_KIND, &name, Vec::new()))
}

fn destinations(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = set_name(call);
    let own = world.aws.mail.region(region(call));
    let set = own.sets.get(&name).ok_or_else(|| no_set(&name))?;
    let row = |(name, destination): (&String, &Value)| {
        let mut row = destination.clone();
        row["Name"] = json!(name);
        row
    };
    let rows: Vec<Value> = set.destinations.iter().map(row).collect();
    Ok(Answer::of(json!({ "EventDestinations": rows })).about("", SET_KIND, &name))
}

// ---- letters --------------------------------------------------------------------------------------------------------

fn send(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let to = call.input().get("Destination").and_then(|to| to["ToAddresses"].as_array()).cloned().unwrap_or_default();
    let from = call.text("FromEmailAddress").unwrap_or_default();
    if from.is_empty() || to.is_empty() {
        return Err(Fault::new("BadRequestException", "Missing required header 'To'.").status(400));
    }
    let by = iam::caller(world, &call.request.caller);
    let (now, mut id) = (world.now, Arc::from(""));
    for one in to.iter().filter_map(Value::as_str).take(50) {
        let set = Arc::from(call.text("ConfigurationSetName").unwrap_or_default());
        let letter = Letter { from: bare(from).into(), to: bare(one).into(), set, order: 0 };
        id = ses::send(world, now, region(call), letter, &by)?;
    }
    Ok(Answer::of(json!({ "MessageId": &*id })))
}

/// `Name <address>` without the name.
pub fn bare(address: &str) -> &str {
    address.rsplit_once('<').map_or(address, |(_, rest)| rest.trim_end_matches('>')).trim()
}

fn insights(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = call.text("MessageId").unwrap_or_default();
    let missing = || not_found("The specified message was not found.");
    let sent = world.aws.mail.letter(id).filter(|sent| *sent.region == *region(call)).ok_or_else(missing)?;
    let mut events = vec![json!({ "Timestamp": sent.at.0, "Type": "SEND" })];
    if sent.known <= world.now {
        let bounce = |sub: &str| json!({ "Bounce": { "BounceType": "PERMANENT", "BounceSubType": sub } });
        let (kind, details) = match sent.fate {
            Fate::Delivered => ("DELIVERY", Value::Null),
            Fate::Bounced => ("BOUNCE", bounce("General")),
            Fate::Suppressed => ("BOUNCE", bounce("OnAccountSuppressionList")),
            Fate::Complained => ("COMPLAINT", json!({ "Complaint": { "ComplaintFeedbackType": "abuse" } })),
        };
        let mut event = json!({ "Timestamp": sent.known.0, "Type": kind });
        if !details.is_null() {
            event["Details"] = details;
        }
        events.push(event);
    }
    let to = &*sent.letter.to;
    let isp = to.rsplit('@').next().unwrap_or_default();
    let body = json!({
        "MessageId": id,
        "FromEmailAddress": &*sent.letter.from,
        "Subject": "Your receipt",
        "EmailTags": [],
        "Insights": [{ "Destination": to, "Isp": isp, "Events": events }],
    });
    Ok(Answer::of(body).about("", "AWS::SES::Message", id))
}
