//! SES: sandbox, limits, suppression, reputation.

use crate::aws_messages::Desk;
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::apps;
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::{self, ses};

const HOME: &str = "ap-northeast-2";
const FAR: &str = "us-east-1";

/// An account that has left the sandbox in one region only, with a verified domain in both.
fn desk() -> Desk {
    let mut desk = Desk::new(5);
    let flags = json!({ "flags": { "old_list": { "about": "a list of doubtful age" } } });
    assert!(apps::describe(&mut desk.world, &flags).is_empty());
    let mail = json!({
        "own": ["shop.example"],
        "domains": { "gone.example": { "bounce_per_mille": 1_000 } },
        "regions": { "us-east-1": { "production": true, "max_24_hours": 60, "per_second": 2 } },
        "suppressed": { "listed.example": { "regions": ["us-east-1"], "reason": "BOUNCE", "ago": "48d" } },
        "lists": { "old": {
            "flag": "old_list", "from": "news@shop.example", "region": "us-east-1", "domain": "old.example",
            "per_minute": 60, "bounce_per_mille": 150,
        } },
    });
    let now = desk.world.now;
    assert!(ses::describe(&mut desk.world, &mail, now, now).is_empty());
    for region in [HOME, FAR] {
        ask(&mut desk, region, "sesv2", "CreateEmailIdentity", json!({ "EmailIdentity": "shop.example" })).unwrap();
    }
    desk.wait(Span::mins(10));
    desk
}

fn ask(desk: &mut Desk, region: &str, service: &str, operation: &str, input: Value) -> Result<Value, String> {
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller: Caller { user: "learner".into(), arn: String::new() },
        region: region.into(),
        agent: "aws-cli".into(),
    };
    let done = aws::handle(&mut desk.world, &request);
    done.map(|answer| answer.body).map_err(|fault| format!("{}: {}", fault.code, fault.message))
}

fn send(desk: &mut Desk, region: &str, to: &str) -> Result<String, String> {
    let input = json!({
        "FromEmailAddress": "Shop <orders@shop.example>", "Destination": { "ToAddresses": [to] },
        "Content": { "Simple": { "Subject": { "Data": "x" }, "Body": { "Text": { "Data": "x" } } } },
    });
    let sent = ask(desk, region, "sesv2", "SendEmail", input);
    desk.wait(Span::secs(1));
    sent.map(|body| body["MessageId"].as_str().unwrap().to_string())
}

fn fate(desk: &mut Desk, region: &str, id: &str) -> Value {
    desk.wait(Span::secs(10));
    let body = ask(desk, region, "sesv2", "GetMessageInsights", json!({ "MessageId": id })).unwrap();
    body["Insights"][0]["Events"][1].clone()
}

#[test]
fn the_sandbox_takes_only_verified_recipients_and_says_which_region_checked() {
    let mut desk = desk();
    let fault = send(&mut desk, HOME, "j.k@customer.example").unwrap_err();
    let said = "MessageRejected: Email address is not verified. The following identities failed the check in region \
                AP-NORTHEAST-2: j.k@customer.example";
    assert_eq!(fault, said);
    assert!(send(&mut desk, HOME, "me@shop.example").is_ok(), "staff are on the verified domain");
    assert!(send(&mut desk, HOME, "success@simulator.amazonses.com").is_ok());
    assert!(send(&mut desk, FAR, "j.k@customer.example").is_ok(), "production access is by region");
    let account = ask(&mut desk, HOME, "sesv2", "GetAccount", json!({})).unwrap();
    assert_eq!(account["ProductionAccessEnabled"], false);
    assert_eq!(
        (account["SendQuota"]["Max24HourSend"].as_f64(), account["SendQuota"]["MaxSendRate"].as_f64()),
        (Some(200.0), Some(1.0))
    );
}

#[test]
fn strangers_do_not_verify_their_addresses_for_us() {
    let mut desk = desk();
    ask(&mut desk, HOME, "sesv2", "CreateEmailIdentity", json!({ "EmailIdentity": "j.k@customer.example" })).unwrap();
    desk.wait(Span::hours(3));
    let body =
        ask(&mut desk, HOME, "sesv2", "GetEmailIdentity", json!({ "EmailIdentity": "j.k@customer.example" })).unwrap();
    assert_eq!(body["VerificationStatus"], "PENDING");
    assert!(send(&mut desk, HOME, "j.k@customer.example").is_err());
}

/// The same state and rules as the second API's; codes are the first one's.
#[test]
fn the_first_api_sends_by_the_same_rules_in_its_own_words() {
    let mut desk = desk();
    let post = |desk: &mut Desk, region: &str, to: &[&str]| {
        let input = json!({
            "Source": "Shop <orders@shop.example>", "Destination": { "ToAddresses": to },
            "Message": { "Subject": { "Data": "x" }, "Body": { "Text": { "Data": "x" } } },
        });
        let sent = ask(desk, region, "ses", "SendEmail", input);
        desk.wait(Span::secs(1));
        sent.map(|body| body["MessageId"].as_str().unwrap().to_string())
    };
    let verify = json!({ "EmailAddress": "j.k@customer.example" });
    assert_eq!(ask(&mut desk, HOME, "ses", "VerifyEmailIdentity", verify.clone()), Ok(json!({})));
    assert_eq!(ask(&mut desk, HOME, "ses", "VerifyEmailIdentity", verify), Ok(json!({})), "asked once more");
    let sent = |desk: &mut Desk| ask(desk, HOME, "ses", "GetSendQuota", json!({})).unwrap()["SentLast24Hours"].clone();
    let fault = post(&mut desk, HOME, &["me@shop.example", "j.k@customer.example"]).unwrap_err();
    assert!(fault.starts_with("MessageRejected: Email address is not verified."), "{fault}");
    assert_eq!(sent(&mut desk), json!(0.0), "all or none");
    let id = post(&mut desk, HOME, &["me@shop.example"]).unwrap();
    assert_eq!((fate(&mut desk, HOME, &id)["Type"].clone(), sent(&mut desk)), (json!("DELIVERY"), json!(1.0)));
    let many: Vec<String> = (0..9).map(|n| format!("c{n}@customer.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(post(&mut desk, FAR, &many).unwrap_err(), "Throttling: Maximum sending rate exceeded.");
}

#[test]
fn the_rate_and_the_day_have_their_limits_and_their_words() {
    let mut desk = desk();
    let to: Vec<String> = (0..9).map(|n| format!("c{n}@customer.example")).collect();
    let input =
        json!({ "FromEmailAddress": "orders@shop.example", "Destination": { "ToAddresses": to }, "Content": {} });
    let fault = ask(&mut desk, FAR, "sesv2", "SendEmail", input).unwrap_err();
    assert_eq!(fault, "TooManyRequestsException: Maximum sending rate exceeded.");
    desk.wait(Span::mins(1));
    let mut last = Ok(String::new());
    for n in 0..70 {
        last = send(&mut desk, FAR, &format!("d{n}@customer.example"));
    }
    assert_eq!(last.unwrap_err(), "TooManyRequestsException: Daily message quota exceeded.");
    desk.wait(Span::hours(25));
    assert!(send(&mut desk, FAR, "late@customer.example").is_ok(), "the window rolls");
}

#[test]
fn the_suppression_list_keeps_mail_that_was_accepted() {
    let mut desk = desk();
    let id = send(&mut desk, FAR, "a.b@listed.example").unwrap();
    assert_eq!(fate(&mut desk, FAR, &id)["Details"]["Bounce"]["BounceSubType"], "OnAccountSuppressionList");
    // Reasons that are not suppressed let it pass; so does taking the address off the list.
    ask(&mut desk, FAR, "sesv2", "PutAccountSuppressionAttributes", json!({ "SuppressedReasons": ["COMPLAINT"] }))
        .unwrap();
    let id = send(&mut desk, FAR, "a.b@listed.example").unwrap();
    assert_eq!(fate(&mut desk, FAR, &id)["Type"], "DELIVERY");
    ask(&mut desk, FAR, "sesv2", "PutAccountSuppressionAttributes", json!({ "SuppressedReasons": ["BOUNCE"] }))
        .unwrap();
    ask(&mut desk, FAR, "sesv2", "DeleteSuppressedDestination", json!({ "EmailAddress": "a.b@listed.example" }))
        .unwrap();
    let id = send(&mut desk, FAR, "a.b@listed.example").unwrap();
    assert_eq!(fate(&mut desk, FAR, &id)["Type"], "DELIVERY");
    // An address that bounces is put on the list.
    let id = send(&mut desk, FAR, "who@gone.example").unwrap();
    assert_eq!(fate(&mut desk, FAR, &id)["Details"]["Bounce"]["BounceSubType"], "General");
    let body = ask(&mut desk, FAR, "sesv2", "GetSuppressedDestination", json!({ "EmailAddress": "who@gone.example" }))
        .unwrap();
    assert_eq!(body["SuppressedDestination"]["Reason"], "BOUNCE");
}

#[test]
fn a_list_of_doubtful_age_gets_the_account_reviewed_and_paused() {
    let mut desk = desk();
    desk.world.aws.mail.region_mut(FAR, Time(0)).flow.limits = (50_000, 20);
    whodunit::world::flags::set(&mut desk.world, "old_list", true, "marketing", "shopctl");
    let mut seen = Vec::new();
    for _ in 0..40 {
        desk.wait(Span::mins(1));
        let body = ask(&mut desk, FAR, "sesv2", "GetAccount", json!({})).unwrap();
        let status = body["EnforcementStatus"].as_str().unwrap().to_string();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert_eq!(seen, ["HEALTHY", "PROBATION", "SHUTDOWN"]);
    let fault = send(&mut desk, FAR, "j.k@customer.example").unwrap_err();
    assert!(fault.starts_with("SendingPausedException: Sending paused for this account."), "{fault}");
    let body = ask(&mut desk, HOME, "sesv2", "GetAccount", json!({})).unwrap();
    assert_eq!(body["EnforcementStatus"], "HEALTHY", "reputation is by region");
    let points = ask(&mut desk, FAR, "ses", "GetSendStatistics", json!({})).unwrap();
    let all = points["SendDataPoints"].as_array().unwrap().clone();
    let sum = |key: &str| all.iter().filter_map(|point| point[key].as_u64()).sum::<u64>();
    assert!(sum("Bounces") * 100 / sum("DeliveryAttempts") >= 10);
}
