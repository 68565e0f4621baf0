//! Infrastructure as code: plan, apply, drift.

use serde_json::{Value, json};
use whodunit::console::fact::Fact;
use whodunit::console::page::Output;
use whodunit::console::{self, session::Session};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::{self, call::Caller, call::Request};
use whodunit::world::iac::code::Prepared;
use whodunit::world::iac::types::TYPES;
use whodunit::world::iac::{self, plan};

const START: Time = Time(1_767_225_600_000);

/// A world whose account is what the code says.
fn world(resources: Value, settings: Value) -> World {
    let mut world = World::new(7, START);
    let account =
        json!({"account": "123456789012", "region": "ap-northeast-2", "iac": settings, "resources": resources});
    let problems = aws::describe(&mut world, &account, START - Span::hours(24 * 30));
    assert!(problems.is_empty(), "{problems:#?}");
    world
}

/// The account of the shared stage, as its file has it.
fn scoopline() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let mut text = std::fs::read_to_string(path).expect(path);
    // What the estate's skin would draw: the first of each list.
    let skin = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/estate.toml");
    let skin = std::fs::read_to_string(skin).expect(skin);
    for (name, rest) in skin.lines().filter_map(|line| line.split_once(" = { pick = [")) {
        let first = rest.split([',', ']']).next().unwrap_or_default().trim_matches('"');
        text = text.replace(&format!("{{{name}}}"), first);
    }
    let (tree, problems) = whodunit::scenario::tree::parse("account.toml", &text);
    assert!(problems.is_empty(), "{problems:?}");
    whodunit::scenario::estate::to_json(&tree)
}

fn policy(queue: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": format!("${{aws_sqs_queue.{queue}.arn}}"),
        "Condition": {"ArnEquals": {"aws:SourceArn": "${aws_sns_topic.events.arn}"}}}]})
}

fn messages() -> Value {
    json!({
        "aws_sns_topic.events": {"name": "order-events", "module": "messaging"},
        "aws_sqs_queue.orders": {"name": "orders", "visibility_timeout_seconds": 60, "module": "messaging",
                                 "tags": {"owner": "logistics"}},
        "aws_sqs_queue.dead": {"name": "orders-dlq", "module": "messaging"},
        "aws_sqs_queue_policy.orders": {"queue_url": "${aws_sqs_queue.orders.url}", "policy": policy("orders")},
        "aws_sqs_queue_redrive_policy.orders": {"queue_url": "${aws_sqs_queue.orders.url}",
            "redrive_policy": {"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}", "maxReceiveCount": 3}},
        "aws_sns_topic_subscription.orders": {"topic_arn": "${aws_sns_topic.events.arn}", "protocol": "sqs",
            "endpoint": "${aws_sqs_queue.orders.arn}", "raw_message_delivery": true},
    })
}

fn run(world: &mut World, user: &str, line: &str) -> Output {
    let mut session = Session { user: user.into(), ..Session::default() };
    console::run(world, &mut session, line).output
}

fn text(output: &Output) -> String {
    output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

/// As somebody with the `aws` command.
fn ask(world: &mut World, service: &str, operation: &str, input: Value) -> Value {
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller: Caller { user: "learner".into(), arn: String::new() },
        region: "ap-northeast-2".into(),
        agent: "aws-cli".into(),
    };
    aws::handle(world, &request).unwrap_or_else(|fault| panic!("{operation}: {fault:?}")).body
}

fn orders_url(world: &World) -> String {
    world.iac.state["aws_sqs_queue.orders"].id.clone()
}

fn policy_of(world: &mut World) -> Value {
    let url = orders_url(world);
    ask(world, "sqs", "GetQueueAttributes", json!({"QueueUrl": url, "AttributeNames": ["Policy"]}))["Attributes"]["Policy"]
        .clone()
}

fn settle(world: &mut World) {
    let at = world.now + Span::mins(2);
    world.advance_to(at);
}

#[test]
fn what_was_applied_needs_no_second_apply() {
    let mut world = world(messages(), json!({}));
    let plan = plan::make(&mut world, None).expect("a plan");
    assert!(plan.steps.is_empty() && plan.drift.is_empty(), "{plan:#?}");
    let page = run(&mut world, "learner", "iac apply");
    assert!(text(&page).contains("No changes."), "{}", text(&page));
    assert_eq!((page.code, world.iac.applies.len()), (0, 1));
    assert_eq!(world.iac.applies[0].number, 1);
}

#[test]
fn references_are_the_account_s_own_names() {
    let mut world = world(messages(), json!({}));
    let said: Value = serde_json::from_str(policy_of(&mut world).as_str().expect("a policy")).expect("a document");
    assert_eq!(said["Statement"][0]["Resource"], "arn:aws:sqs:ap-northeast-2:123456789012:orders");
    let source = &said["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"];
    assert_eq!(source, "arn:aws:sns:ap-northeast-2:123456789012:order-events");
}

#[test]
fn a_cli_fix_is_drift_and_the_next_apply_takes_it_back() {
    let mut world = world(messages(), json!({}));
    let url = orders_url(&world);
    ask(&mut world, "sqs", "SetQueueAttributes", json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "90"}}));
    settle(&mut world);
    let page = text(&run(&mut world, "learner", "iac plan"));
    assert!(page.contains("Objects have changed outside of iac"), "{page}");
    assert!(page.contains("~ visibility_timeout_seconds = 60 -> 90"), "{page}");
    assert!(page.contains("~ visibility_timeout_seconds = 90 -> 60"), "{page}");
    assert!(page.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{page}");
    let page = run(&mut world, "learner", "iac apply");
    assert!(text(&page).contains("Apply complete! Resources: 0 added, 1 changed, 0 destroyed."), "{}", text(&page));
    settle(&mut world);
    assert!(plan::make(&mut world, None).expect("a plan").steps.is_empty());
}

#[test]
fn a_merged_change_removes_a_policy_and_shows_in_the_history() {
    let mut world = world(messages(), json!({ "number": 229 }));
    let moved = Prepared {
        id: "policy-resource".into(),
        title: "policies as resources".into(),
        by: "minji".into(),
        apply: 231,
        remove: vec!["aws_sqs_queue_policy.orders".into()],
        ..Prepared::default()
    };
    iac::prepare(&mut world, &[moved]);
    settle(&mut world);
    assert_eq!(run(&mut world, "minji", "iac merge policy-resource && iac apply").code, 0);
    settle(&mut world);
    assert!(policy_of(&mut world).is_null());
    let history = text(&run(&mut world, "learner", "iac history"));
    assert!(history.contains("#231") && history.contains("policies as resources"), "{history}");
    let page = run(&mut world, "learner", "iac show 231");
    assert!(text(&page).contains("# aws_sqs_queue_policy.orders will be destroyed"), "{}", text(&page));
    let shows = |fact: &Fact| {
        matches!(fact, Fact::Revision { via, object, revision: 231, path, .. }
            if via == "iac" && object.kind == "Code" && object.name == "aws_sqs_queue_policy.orders" && path == "action")
    };
    assert!(page.lines.iter().flat_map(|line| &line.marks).any(|mark| shows(&mark.fact)));
    let by: Vec<&str> = world
        .audit
        .entries()
        .filter(|entry| entry.verb == "SetQueueAttributes" && entry.at > START)
        .map(|entry| entry.user.as_str())
        .collect();
    assert_eq!(by, ["iac-runner"], "applies act as the pipeline");
    // The learner mends the code, and it lasts.
    let code = "iac revert 2 && iac apply";
    assert_eq!(run(&mut world, "learner", code).code, 0);
    settle(&mut world);
    assert!(policy_of(&mut world).is_string());
}

#[test]
fn the_schedule_takes_back_what_is_not_in_the_code_unless_it_is_paused() {
    let at_page = |pause: bool| {
        let mut world = world(messages(), json!({"every": "30m"}));
        let url = orders_url(&world);
        if pause {
            assert_eq!(run(&mut world, "learner", "iac pause until the fix is merged").code, 0);
        }
        ask(
            &mut world,
            "sqs",
            "SetQueueAttributes",
            json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "90"}}),
        );
        world.advance_to(START + Span::mins(45));
        let url = orders_url(&world);
        let read = ask(&mut world, "sqs", "GetQueueAttributes", json!({"QueueUrl": url, "AttributeNames": ["All"]}));
        (read["Attributes"]["VisibilityTimeout"].clone(), world.iac.applies.len())
    };
    assert_eq!(at_page(false), (json!("60"), 2));
    assert_eq!(at_page(true), (json!("90"), 1));
}

#[test]
fn an_edit_is_a_revision_and_a_mistake_in_it_is_refused() {
    let mut world = world(messages(), json!({}));
    let page = run(&mut world, "learner", "iac edit aws_sqs_queue.orders delay_seconds=5");
    assert!(text(&page).contains("+ delay_seconds = 5"), "{}", text(&page));
    assert_eq!(world.iac.head().map(|head| (head.number, head.by.as_str())), Some((2, "learner")));
    for (line, says) in [
        ("iac edit aws_sqs_queue.orders delay=5", "has no argument"),
        ("iac edit aws_sqs_queue.orders delay_seconds=soon", "is not a whole number"),
        ("iac edit aws_sqs_queue.order delay_seconds=5", "the code has no"),
        ("iac edit aws_sqs_queue.orders --remove", "there is no aws_sqs_queue.orders"),
        ("iac merge nothing", "there is no revision"),
    ] {
        let page = run(&mut world, "learner", line);
        assert!(page.code != 0 && text(&page).contains(says), "{line}: {}", text(&page));
    }
    assert_eq!(world.iac.revisions.len(), 2);
}

#[test]
fn a_lock_keeps_others_out() {
    let mut world = world(messages(), json!({}));
    assert_eq!(run(&mut world, "minji", "iac lock moving policies").code, 0);
    run(&mut world, "learner", "iac edit aws_sqs_queue.orders delay_seconds=5");
    let page = run(&mut world, "learner", "iac apply");
    assert!(page.code == 1 && text(&page).contains("held by minji"), "{}", text(&page));
    assert_eq!(run(&mut world, "learner", "iac unlock && iac apply").code, 0);
}

#[test]
fn what_cannot_be_changed_is_replaced_with_what_needs_it() {
    let mut world = world(messages(), json!({}));
    run(&mut world, "learner", "iac edit aws_sqs_queue.orders name=orders-v2");
    let page = text(&run(&mut world, "learner", "iac plan"));
    assert!(page.contains("# aws_sqs_queue.orders must be replaced"), "{page}");
    assert!(page.contains("\"orders\" -> \"orders-v2\" # forces replacement"), "{page}");
    assert!(page.contains("# aws_sqs_queue_policy.orders must be replaced"), "{page}");
    assert!(page.contains("(known after apply)"), "{page}");
    assert_eq!(run(&mut world, "learner", "iac apply").code, 0);
    settle(&mut world);
    assert!(orders_url(&world).ends_with("/orders-v2"));
    assert!(plan::make(&mut world, None).expect("a plan").steps.is_empty());
}

/// SNS takes away no subscription that waits for a yes; the code forgets it and makes the old one again.
#[test]
fn a_subscription_that_nobody_confirmed_is_forgotten_and_stays_behind() {
    let mut world = world(messages(), json!({}));
    world.advance_to(START + Span::mins(1));
    let theirs = "arn:aws:sqs:ap-northeast-2:210987654321:orders";
    run(&mut world, "learner", &format!("iac edit aws_sns_topic_subscription.orders endpoint={theirs}"));
    assert_eq!(run(&mut world, "learner", "iac apply").code, 0);
    let topic = json!({"TopicArn": "arn:aws:sns:ap-northeast-2:123456789012:order-events"});
    let counts = |world: &mut World| {
        let shown = ask(world, "sns", "GetTopicAttributes", topic.clone())["Attributes"].clone();
        (shown["SubscriptionsConfirmed"].clone(), shown["SubscriptionsPending"].clone())
    };
    assert_eq!(counts(&mut world), (json!("0"), json!("1")));
    let page = run(&mut world, "learner", "iac revert 2 && iac apply");
    assert_eq!(page.code, 0, "{}", text(&page));
    assert_eq!(counts(&mut world), (json!("1"), json!("1")));
    assert!(plan::make(&mut world, None).expect("a plan").steps.is_empty());
}

#[test]
fn mistakes_in_an_account_are_located() {
    let cases = [
        (json!({"aws_sqs_que.a": {"name": "a"}}), "aws_sqs_que.a", "there is no resource type"),
        (json!({"aws_sqs_queue.a": {"nam": "a"}}), "aws_sqs_queue.a.nam", "has no argument"),
        (json!({"aws_sqs_queue.a": {}}), "aws_sqs_queue.a", "needs the argument"),
        (json!({"aws_sqs_queue.a": {"name": "${aws_sqs_queue.b.url}"}}), "aws_sqs_queue.a.name", "there is no"),
        (json!({"aws_sqs_queue.a": {"name": "${aws_sqs_queue.a.url}"}}), "", ""),
        (json!({"aws_sqs_queue.a": {"name": "not a name!"}}), "aws_sqs_queue.a", "SQS Queue"),
    ];
    for (resources, path, says) in cases {
        let mut world = World::new(7, START);
        let account = json!({"account": "123456789012", "region": "ap-northeast-2", "resources": resources});
        let problems = aws::describe(&mut world, &account, START);
        let found = problems
            .iter()
            .any(|problem| problem.path.join(".") == format!("resources.{path}") && problem.say.contains(says));
        assert!(found || (path.is_empty() && !problems.is_empty()), "{path}: {problems:?}");
    }
}

#[test]
fn the_shared_account_is_what_its_code_says() {
    let mut world = World::new(3, START);
    let problems = aws::describe(&mut world, &scoopline(), START - Span::hours(24 * 30));
    assert!(problems.is_empty(), "{problems:#?}");
    let plan = plan::make(&mut world, None).expect("a plan");
    let seen: Vec<_> =
        plan.steps.iter().chain(&plan.drift).map(|step| (&step.address, step.action, &step.changed)).collect();
    assert!(seen.is_empty(), "{seen:#?}");
    let used: std::collections::BTreeSet<&str> =
        world.iac.state.keys().filter_map(|address| address.split('.').next()).collect();
    assert!(used.len() >= 20, "{used:?}");
}

#[test]
fn types_are_in_order_and_so_are_their_attributes() {
    assert!(TYPES.windows(2).all(|pair| pair[0].name < pair[1].name));
    for row in TYPES {
        assert!(row.attributes.windows(2).all(|pair| pair[0].name < pair[1].name), "{}", row.name);
    }
}

#[test]
fn time_in_two_steps_is_time_in_one() {
    let start = || world(messages(), json!({"every": "20m"}));
    let drifted = |world: &mut World| {
        let url = orders_url(world);
        ask(world, "sqs", "SetQueueAttributes", json!({"QueueUrl": url, "Attributes": {"DelaySeconds": "7"}}));
    };
    let (mut a, mut b) = (start(), start());
    drifted(&mut a);
    drifted(&mut b);
    a.advance_to(START + Span::mins(90));
    for minute in [3, 20, 21, 59, 60, 90] {
        b.advance_to(START + Span::mins(minute));
    }
    let shown = |world: &World| format!("{:?} {:?}", world.iac, world.audit.entries().collect::<Vec<_>>());
    assert_eq!(shown(&a), shown(&b));
}
