//! The built-in aws command: options, output, query, errors.

use proptest::prelude::*;
use std::collections::BTreeSet;
use whodunit::console;
use whodunit::console::fact::Fact;
use whodunit::console::page::{Coverage, Output, Stream};
use whodunit::console::session::Session;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::service::SERVICES;

/// A world with an account that holds nothing, and a shell in it.
struct Shell {
    world: World,
    session: Session,
}

impl Shell {
    fn new() -> Shell {
        let start = Time::parse("2026-03-02T10:00:00Z").expect("a time");
        let mut world = World::new(1, start);
        world.aws.id = "123456789012".into();
        world.aws.look_at(&"ap-northeast-2".into());
        let session = Session { user: "learner".into(), namespace: "default".into(), ..Session::default() };
        Shell { world, session }
    }

    /// Three queues to look at.
    fn with_queues() -> Shell {
        let mut shell = Shell::new();
        for name in ["orders", "orders-dlq", "receipts"] {
            assert_eq!(shell.run(&format!("aws sqs create-queue --queue-name {name}")).code, 0);
        }
        shell
    }

    fn run(&mut self, line: &str) -> Output {
        console::run(&mut self.world, &mut self.session, line).output
    }

    /// What is printed, errors included.
    fn text(&mut self, line: &str) -> String {
        let output = self.run(line);
        output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// The last line of an error.
    fn complaint(&mut self, line: &str) -> (i32, String) {
        let output = self.run(line);
        let last = output.lines.iter().rfind(|line| line.stream == Stream::Err).map(|line| line.text.clone());
        (output.code, last.unwrap_or_default())
    }
}

fn url(name: &str) -> String {
    format!("https://sqs.ap-northeast-2.amazonaws.com/123456789012/{name}")
}

/// The attribute facts on a page: resource name, path, value.
fn attributes(output: &Output) -> BTreeSet<(String, String, String)> {
    let marks = output.lines.iter().flat_map(|line| &line.marks);
    marks
        .filter_map(|mark| match &*mark.fact {
            Fact::Field { object, path, value } if object.kind.starts_with("AWS::") => {
                Some((object.name.clone(), path.clone(), value.clone()))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn every_operation_has_a_command_and_every_command_is_understood() {
    let text = include_str!("../data/aws/commands.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '=']));
    let commands = lines.map(|line| line.trim_start_matches("+ ")).filter(|line| !line.starts_with("wait "));
    let commands: Vec<&str> = commands.collect();
    let mut shell = Shell::new();
    let mut missing = Vec::new();
    for service in SERVICES {
        let help = shell.text(&format!("aws {} help", service.name));
        let listed = help.lines().filter_map(|line| line.trim().strip_prefix("o ")?.split_whitespace().next());
        let named: Vec<String> = listed.filter(|name| !["tail", "wait"].contains(name)).map(str::to_string).collect();
        assert_eq!(named.len(), service.operations.len(), "{}: an operation without shapes", service.name);
        for name in named {
            let begins = format!("{} {name}", service.name);
            let used = |command: &str| command == begins || command.starts_with(&format!("{begins} "));
            if !commands.iter().any(|command| used(command)) {
                missing.push(begins);
            }
        }
    }
    assert!(missing.is_empty(), "write a line in tests/data/aws/commands.txt for {missing:?}");
    for command in commands {
        let mut words = command.split(' ');
        let (service, operation) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let row = SERVICES.iter().find(|row| row.name == service).unwrap_or_else(|| panic!("no service: {command}"));
        let known = shell.text(&format!("aws {service} help")).contains(&format!("o {operation} "));
        if row.operations.is_empty() || !known {
            continue;
        }
        let (code, last) = shell.complaint(&format!("aws {command}"));
        assert_ne!(code, 2, "{command}: {last}");
        let refused = ["Unknown options", "Error parsing parameter", "Unknown parameter", "Missing required"];
        assert!(!refused.iter().any(|word| last.contains(word)), "{command}: {last}");
    }
}

#[test]
fn options_are_named_as_the_client_names_them() {
    let mut shell = Shell::new();
    // Runs of capitals, plurals of them, and digits.
    for (service, operation, option) in [
        ("rds", "describe-db-instances", "--db-instance-identifier"),
        ("sqs", "add-permission", "--aws-account-ids"),
        ("ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids"),
        ("lambda", "publish-version", "--code-sha256"),
        ("sns", "subscribe", "--notification-endpoint"),
        ("elbv2", "describe-load-balancers", "--load-balancer-arns"),
        ("s3api", "list-objects-v2", "--start-after"),
    ] {
        let help = shell.text(&format!("aws {service} {operation} help"));
        if help.starts_with("NAME") {
            assert!(help.contains(&format!("{option} <")), "{service} {operation}: no {option}\n{help}");
        }
    }
}

#[test]
fn wrong_words_are_told_as_the_client_tells_them() {
    let mut shell = Shell::with_queues();
    let queue = url("orders");
    for (line, code, complaint) in [
        ("sqs get-queue-url", 2, "aws: error: the following arguments are required: --queue-name"),
        ("sqs get-queue-url --queue-name", 2, "aws: error: argument --queue-name: expected one argument"),
        ("sqs list-queues --bogus 1", 255, "Unknown options: --bogus, 1"),
        ("sqs list-queues --max-items x", 2, "aws: error: argument --max-items: invalid int value: 'x'"),
        ("sqs list-queues --max-results x", 255, "invalid literal for int() with base 10: 'x'"),
        ("sqs list-queues --profile nope", 255, "The config profile (nope) could not be found"),
        (
            "sqs send-message --cli-input-json '{\"QueueUrl\":\"x\"}'",
            255,
            "Missing required parameter in input: \"MessageBody\"",
        ),
        ("sqs send-message --cli-input-json foo", 255, "JSON received: foo"),
        (
            "sqs send-message-batch --queue-url QUEUE --entries Id=1",
            255,
            "Missing required parameter in Entries[0]: \"MessageBody\"",
        ),
        ("sqs send-message-batch --queue-url QUEUE --entries '[1'", 255, "JSON received: [1"),
        (
            "sqs set-queue-attributes --queue-url QUEUE --attributes '{\"VisibilityTimeout\":5}'",
            255,
            "Invalid type for parameter Attributes.VisibilityTimeout, value: 5, type: <class 'int'>, valid types: <class 'str'>",
        ),
        (
            "sqs set-queue-attributes --queue-url QUEUE --attributes file://nope.json",
            255,
            "Error parsing parameter '--attributes': Unable to load paramfile file://nope.json: [Errno 2] No such file or directory: 'nope.json'",
        ),
        (
            "sqs list-queues --page-size 5 --no-paginate",
            255,
            "Error during pagination: Cannot specify --no-paginate along with pagination arguments: --page-size",
        ),
        (
            "sqs get-queue-url --queue-name nope",
            255,
            "An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueUrl operation: The specified queue does not exist.",
        ),
        (
            "sqs list-queues --query 'length(nope)'",
            255,
            "In function length(), invalid type for value: None, expected one of: ['string', 'array', 'object'], received: \"null\"",
        ),
        ("sqs list-queues --query 'nofn(@)'", 255, "Unknown function: nofn()"),
        ("sqs list-queues --query 'abs(@, @)'", 255, "Expected 1 argument for function abs(), received 2"),
    ] {
        let line = format!("aws {}", line.replace("QUEUE", &queue));
        assert_eq!(shell.complaint(&line), (code, complaint.to_string()), "{line}");
    }
    assert!(shell.text("aws sqs get-queue-urll").contains("maybe you meant:\n\n  * get-queue-url\n"));
    let query = shell.text("aws sqs list-queues --query 'a['");
    assert_eq!(
        query,
        "\nBad value for --query a[: Invalid jmespath expression: Incomplete expression:\n\"a[\"\n   ^\n"
    );
    let double = shell.text("aws sqs send-message-batch --queue-url x --entries Id=1,Id=2");
    assert!(double.contains("Second instance of key \"Id\" encountered for input:\nId=1,Id=2\n     ^\n"), "{double}");
}

#[test]
fn an_estate_without_an_account_has_no_credentials() {
    let mut shell = Shell::new();
    shell.world.aws.id = "".into();
    let said = "Unable to locate credentials. You can configure credentials by running \"aws configure\".";
    assert_eq!(shell.complaint("aws sqs list-queues"), (255, said.to_string()));
    // Words are read first.
    assert_eq!(shell.complaint("aws sqs list-queues --bogus").1, "Unknown options: --bogus");
}

#[test]
fn shorthand_json_and_files_say_the_same() {
    let sent = |given: &str| {
        let mut shell = Shell::with_queues();
        let queue = url("orders");
        shell.run("echo '{\"kind\":{\"DataType\":\"String\",\"StringValue\":\"a,b\"}}' > attributes.json");
        let send = format!("aws sqs send-message --queue-url {queue} --message-body hi --message-attributes {given}");
        assert_eq!(shell.run(&send).code, 0, "{send}: {}", shell.text(&send));
        let receive = format!("aws sqs receive-message --queue-url {queue} --message-attribute-names All");
        shell.text(&format!("{receive} --query 'Messages[0].MessageAttributes' --output text"))
    };
    let wanted = "KIND\tString\ta,b\n";
    for given in [
        "'kind={DataType=String,StringValue=\"a,b\"}'",
        "'kind={StringValue=a\\,b,DataType=String}'",
        "'{\"kind\":{\"DataType\":\"String\",\"StringValue\":\"a,b\"}}'",
        "file://attributes.json",
    ] {
        assert_eq!(sent(given), wanted, "{given}");
    }
}

#[test]
fn what_is_printed_shows_the_attribute_in_every_format_and_behind_every_pipe() {
    let mut shell = Shell::with_queues();
    let ask = format!("aws sqs get-queue-attributes --queue-url {} --attribute-names All", url("orders"));
    let shown = ("orders".to_string(), "VisibilityTimeout".to_string(), "30".to_string());
    for pipe in [
        "",
        " --output text",
        " --output table",
        " --output yaml",
        " --query Attributes.VisibilityTimeout",
        " --query 'Attributes.VisibilityTimeout' --output text | cat",
        " --query 'Attributes.{v:VisibilityTimeout}' --output table",
        " --query 'join(`,`, [Attributes.VisibilityTimeout])' --output text",
        " | grep VisibilityTimeout",
        " | jq -r .Attributes.VisibilityTimeout",
    ] {
        let output = shell.run(&format!("{ask}{pipe}"));
        assert!(attributes(&output).contains(&shown), "{pipe}: {:?}", attributes(&output));
    }
    let output = shell.run(&format!("{ask} | grep -v VisibilityTimeout"));
    assert!(!attributes(&output).contains(&shown), "what was dropped was not seen");
    let output = shell.run(&format!("{ask} --query 'length(Attributes)'"));
    let counts = output.lines[0].marks.iter().filter(|mark| matches!(*mark.fact, Fact::Count { .. }));
    assert_eq!((counts.count(), attributes(&output).len()), (1, 0), "a computed number is a count of its own");
}

#[test]
fn a_document_shows_what_stands_in_it() {
    let mut shell = Shell::with_queues();
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:ap-northeast-2:123456789012:orders-dlq","maxReceiveCount":3}"#;
    let input = serde_json::json!({ "QueueUrl": url("orders"), "Attributes": { "RedrivePolicy": policy } });
    shell.run(&format!("echo '{}' > input.json", input.to_string().replace('\'', "'\\''")));
    let set = shell.run("aws sqs set-queue-attributes --cli-input-json file://input.json");
    assert_eq!(set.code, 0, "{:?}", set.lines);
    let ask = format!("aws sqs get-queue-attributes --queue-url {} --attribute-names RedrivePolicy", url("orders"));
    let seen = attributes(&shell.run(&ask));
    let inner = |(name, path, value): &(String, String, String)| {
        name == "orders" && path == "RedrivePolicy.maxReceiveCount" && value == "3"
    };
    assert!(seen.iter().any(inner), "{seen:?}");
}

#[test]
fn a_query_that_leaves_something_out_proves_no_absence() {
    let mut shell = Shell::with_queues();
    let covers = |output: &Output| {
        output.coverage.iter().any(|c| matches!(c, Coverage::Objects { kind, .. } if kind == "AWS::SQS::Queue"))
    };
    assert!(covers(&shell.run("aws sqs list-queues")));
    assert!(covers(&shell.run("aws sqs list-queues --query QueueUrls --output text")));
    assert!(!covers(&shell.run("aws sqs list-queues --query 'QueueUrls[0]'")));
    assert!(!covers(&shell.run("aws sqs list-queues --query 'QueueUrls[?contains(@, `nope`)]'")));
    assert!(!covers(&shell.run("aws sqs list-queues --max-items 1")));
}

#[test]
fn pages_cut_by_the_client_join_again() {
    let mut shell = Shell::with_queues();
    let (mut token, mut names) = (String::new(), Vec::new());
    for _ in 0..5 {
        let next = if token.is_empty() { String::new() } else { format!(" --starting-token {token}") };
        let text = shell.text(&format!("aws sqs list-queues --max-items 1{next} --output text"));
        token.clear();
        for line in text.lines() {
            match line.split_once('\t') {
                Some(("NEXTTOKEN", rest)) => token = rest.to_string(),
                Some((_, name)) => names.push(name.to_string()),
                None => {}
            }
        }
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, [url("orders"), url("orders-dlq"), url("receipts")]);
    // The service's own pages are followed.
    let paged = shell.text("aws sqs list-queues --page-size 1 --query 'length(QueueUrls)'");
    assert_eq!(paged, "3\n");
}

#[test]
fn a_waiter_blocks_until_it_gives_up() {
    let mut shell = Shell::new();
    let began = shell.world.now;
    let ran = console::run(&mut shell.world, &mut shell.session, "aws iam wait role-exists --role-name nobody");
    let mut standing = ran.standing.expect("it goes on");
    assert!(standing.blocking);
    let mut output = Output::default();
    while !standing.done {
        shell.world.advance_to(standing.next);
        output = console::poll(&mut shell.world, &mut shell.session, &mut standing);
    }
    let text: Vec<&str> = output.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(output.code, 255);
    let last = text.last().copied().unwrap_or_default();
    assert!(last.starts_with("Waiter RoleExists failed: Max attempts exceeded"), "{text:?}");
    assert_eq!(shell.world.now - began, Span::secs(19), "twenty questions, a second between them");
}

#[test]
fn a_followed_log_group_stands_and_does_not_block() {
    let mut shell = Shell::new();
    let (code, said) = shell.complaint("aws logs tail /nope");
    assert!(code == 255 && said.contains("when calling the FilterLogEvents operation"), "{said}");
    assert_eq!(shell.run("aws logs create-log-group --log-group-name /mine").code, 0);
    let ran = console::run(&mut shell.world, &mut shell.session, "aws logs tail /mine --follow --since 1h");
    let standing = ran.standing.expect("it goes on");
    assert!(!standing.blocking && standing.next == shell.world.now + Span::secs(5));
    let (code, said) = shell.complaint("aws logs tail /mine --since soon");
    assert_eq!((code, said.as_str()), (255, "Invalid timestamp \"soon\": Unknown string format: soon"));
}

#[test]
fn other_regions_have_topics_and_queues_and_nothing_else_is_made_there() {
    let mut shell = Shell::with_queues();
    assert_eq!(shell.text("aws sqs list-queues --region us-east-1"), "");
    assert_eq!(shell.run("aws sqs create-queue --queue-name x --region us-west-2").code, 0);
    assert!(shell.text("aws sqs list-queues --region us-west-2").contains("https://sqs.us-west-2.amazonaws.com/"));
    assert!(!shell.text("aws sqs list-queues").contains("us-west-2"));
    shell.world.advance_to(shell.world.now + Span::mins(20));
    let metrics = "aws cloudwatch list-metrics --namespace AWS/SQS --metric-name NumberOfMessagesSent --output text";
    assert!(!shell.text(metrics).contains("QueueName\tx"));
    assert!(shell.text(&format!("{metrics} --region us-west-2")).contains("QueueName\tx"));
    let events = "aws cloudtrail lookup-events --query 'length(Events)'";
    assert_eq!((shell.text(events).trim(), shell.text(&format!("{events} --region us-west-2")).trim()), ("3", "1"));
    let (code, said) = shell.complaint("aws ec2 create-vpc --cidr-block 10.0.0.0/16 --region us-east-1");
    assert!(code == 255 && said.contains("(AccessDenied)") && said.contains("service control policy"), "{said}");
    let (_, said) = shell.complaint("aws sqs list-queues --region moon");
    assert_eq!(said, "Could not connect to the endpoint URL: \"https://sqs.moon.amazonaws.com/\"");
    shell.run("export AWS_REGION=us-east-1");
    assert_eq!(shell.text("aws sqs list-queues"), "");
}

#[test]
fn completion_knows_services_operations_options_and_names() {
    let shell = Shell::with_queues();
    let offers = |line: &str| -> Vec<String> {
        let found = console::complete(&shell.world, &shell.session, line, line.len());
        found.into_iter().map(|candidate| candidate.text).collect()
    };
    assert_eq!(offers("aws sq"), ["sqs"]);
    assert_eq!(offers("aws sqs get-queue-"), ["get-queue-attributes", "get-queue-url"]);
    assert_eq!(offers("aws sqs get-queue-url --queue-n"), ["--queue-name"]);
    assert_eq!(offers("aws sqs purge-queue --queue-url https://"), [url("orders"), url("orders-dlq"), url("receipts")]);
    assert_eq!(offers("aws sqs list-queues --output t"), ["table", "text"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_query_is_too_odd(query in "[a-cQ@*.\\[\\]{}()|&!<>=?:,'\"`0-9 -]{0,40}") {
        let mut shell = Shell::with_queues();
        let quoted = query.replace('\'', "'\\''");
        let output = shell.run(&format!("aws sqs list-queues --query '{quoted}'"));
        prop_assert!([0, 2, 255].contains(&output.code), "{}", output.code);
    }

    #[test]
    fn no_shorthand_is_too_odd(given in "[a-cK=,{}\\[\\]'\"\\\\@ 가]{0,40}") {
        let mut shell = Shell::new();
        let quoted = given.replace('\'', "'\\''");
        let output = shell.run(&format!("aws sqs tag-queue --queue-url x --tags '{quoted}'"));
        prop_assert!([2, 255].contains(&output.code), "{}", output.code);
    }
}

/// A question costs its time with options too; what asks nobody is free.
#[test]
fn a_question_costs_and_help_and_slips_are_free() {
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_string).collect() };
    let cost = |line: &str| whodunit::console::aws::cost(&words(line)).0 / 1_000;
    for line in [
        "aws sqs list-queues",
        "aws sqs get-queue-attributes --queue-url URL --attribute-names All --output text --query Attributes",
        "aws --region us-east-1 sns list-topics",
        "aws s3 ls",
        "aws logs tail /vpc/flow --since 1h",
        "aws rds wait db-instance-available",
        "aws lambda invoke --function-name a out.json",
    ] {
        assert_eq!(cost(line), 15, "{line}");
    }
    for line in [
        "aws",
        "aws help",
        "aws sqs help",
        "aws sqs list-queues help",
        "aws sqs recieve-message --queue-url URL",
        "aws sqs get-queue-attributes --queue-ulr URL",
        "aws sqs get-queue-attributes",
        "aws foo",
        "aws configure list",
        "aws sqs create-queue --generate-cli-skeleton",
    ] {
        assert_eq!(cost(line), 0, "{line}");
    }
}

/// A long poll comes back when a message does, or with nothing when its time is up; the queue counts one request.
#[test]
fn receive_message_waits_as_long_as_it_says() {
    let mut shell = Shell::with_queues();
    let began = shell.world.now;
    let line = format!(
        "aws sqs receive-message --queue-url {} --wait-time-seconds 20 | jq -r '.Messages[].Body'",
        url("orders")
    );
    let mut ran = console::run(&mut shell.world, &mut shell.session, &line);
    let mut standing = ran.standing.take().expect("it waits");
    assert!(standing.blocking && ran.output.lines.is_empty());
    shell.world.advance_to(began + Span::secs(3));
    assert!(console::poll(&mut shell.world, &mut shell.session, &mut standing).lines.is_empty() && !standing.done);
    shell.run(&format!("aws sqs send-message --queue-url {} --message-body cone", url("orders")));
    shell.world.advance_to(standing.next.max(shell.world.now));
    let page = console::poll(&mut shell.world, &mut shell.session, &mut standing);
    assert_eq!(page.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["cone"]);
    assert!(standing.done);
    // Nothing more comes: 5 seconds, as the queue has it, and an empty page.
    shell.run(&format!(
        "aws sqs set-queue-attributes --queue-url {} --attributes ReceiveMessageWaitTimeSeconds=5",
        url("receipts")
    ));
    let began = shell.world.now;
    let line = format!("aws sqs receive-message --queue-url {}", url("receipts"));
    let mut standing = console::run(&mut shell.world, &mut shell.session, &line).standing.expect("it waits");
    let mut lines = 0;
    while !standing.done {
        shell.world.advance_to(standing.next);
        lines += console::poll(&mut shell.world, &mut shell.session, &mut standing).lines.len();
    }
    assert_eq!((shell.world.now - began, lines), (Span::secs(5), 0));
    // Its own word goes before the queue's.
    let line = format!("aws sqs receive-message --queue-url {} --wait-time-seconds 0", url("receipts"));
    assert!(console::run(&mut shell.world, &mut shell.session, &line).standing.is_none());
    let keys = (SERVICES.iter().find(|row| row.name == "sqs").unwrap().metrics[0].minutes)(
        &shell.world,
        &whodunit::world::aws::tally::Key {
            namespace: "AWS/SQS",
            metric: "NumberOfEmptyReceives",
            dimensions: vec![("QueueName", "receipts".into())],
        },
        0,
        i64::MAX / 60_000,
    );
    assert_eq!(keys.iter().map(|(_, minute)| minute.sum).sum::<i64>(), 2);
}
