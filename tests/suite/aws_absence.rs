//! What is not there, proven through the account's services: log groups that have no such line, things that are gone.

use crate::aws_network::{ask, network, three_flows};
use serde_json::json;
use std::collections::BTreeMap;
use whodunit::case::absence;
use whodunit::console;
use whodunit::console::page::Page;
use whodunit::console::session::Session;
use whodunit::scenario::shape::{Case, Op, Pattern, Role, Test};
use whodunit::stdx::time::Span;
use whodunit::world::World;
use whodunit::world::aws::ec2;

/// A network whose flow log has been written for three hours; the case is about the last two.
struct Desk {
    case: Case,
    world: World,
    session: Session,
}

const GROUP: &str = "/vpc/scoop/flow";

impl Desk {
    fn new(seed: u64) -> Desk {
        let mut desk = Desk {
            case: Case::default(),
            world: network(seed, three_flows()),
            session: Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() },
        };
        desk.case.drill.lives_from = desk.world.now;
        let role = |kind: &str, name: &str| Role { kind: kind.into(), name: name.into(), ..Role::default() };
        desk.case.roles = BTreeMap::from([
            ("flows".to_string(), role("AWS::Logs::LogGroup", GROUP)),
            ("other".to_string(), role("AWS::Logs::LogGroup", "/vpc/another/flow")),
            ("nat_b".to_string(), role("AWS::EC2::NatGateway", "nat-b")),
        ]);
        desk.wait(Span::hours(2));
        desk
    }

    fn wait(&mut self, span: Span) {
        let until = self.world.now + span;
        self.world.advance_to(until);
    }

    fn page(&mut self, line: &str) -> Page {
        let output = console::run(&mut self.world, &mut self.session, line).output;
        Page { id: 1, seat: 0, at: self.world.now, prompt: String::new(), command: line.into(), output }
    }

    fn proves(&mut self, line: &str, pattern: &Pattern) -> bool {
        let page = self.page(line);
        absence::proven(&self.case, &page, pattern)
    }
}

fn pattern(family: &str, on: &str, path: &str, tests: &[(&str, &str)]) -> Pattern {
    let test = |(part, is): &(&str, &str)| Test { part: (*part).into(), op: Op::Is((*is).into()) };
    Pattern { family: family.into(), on: on.into(), path: path.into(), tests: tests.iter().map(test).collect() }
}

fn refused() -> Pattern {
    pattern("log", "flows", "flow", &[("fields.action", "REJECT")])
}

/// Whoever searched a log group for a line over the time in question and found none has shown that there is none; whoever
/// searched for something else, or a shorter time, or in one stream of many, has not.
#[test]
fn a_search_of_a_log_group_proves_that_a_line_is_not_there() {
    let mut desk = Desk::new(3);
    let late = (desk.world.now - Span::mins(30)).0;
    let filter = format!("aws logs filter-log-events --log-group-name {GROUP}");
    for (rest, proves) in [
        (" --filter-pattern REJECT".to_string(), true),
        (String::new(), true),
        (" | grep REJECT".to_string(), true),
        (" --filter-pattern '[..., action=\"REJECT\"]' --query 'events[].message'".to_string(), true),
        // Another word; an address that nobody said was in the line.
        (" --filter-pattern ACCEPT".to_string(), false),
        (" --filter-pattern 10.0.9.9".to_string(), false),
        (" --filter-pattern REJECT | grep 10.0.9.9".to_string(), false),
        // Too short; only a few of many.
        (format!(" --filter-pattern REJECT --start-time {late}"), false),
        (" --filter-pattern REJECT --log-stream-name-prefix eni-".to_string(), false),
        (" --max-items 3".to_string(), false),
    ] {
        let line = format!("{filter}{rest}");
        assert_eq!(desk.proves(&line, &refused()), proves, "{line}");
    }
    let row = pattern("row", "", "flow", &[("fields.action", "REJECT")]);
    assert!(desk.proves(&format!("{filter} --filter-pattern REJECT"), &row), "the same lines are rows of the flow log");
    let elsewhere = Pattern { on: "other".into(), ..refused() };
    assert!(!desk.proves(&format!("{filter} --filter-pattern REJECT"), &elsewhere), "that was another group");
    let there = pattern("log", "flows", "flow", &[("fields.action", "ACCEPT")]);
    assert!(!desk.proves(&filter, &there), "it is there");
}

/// One stream is not the group, but it is all of itself.
#[test]
fn one_stream_proves_only_what_is_not_in_it() {
    let mut desk = Desk::new(4);
    let streams =
        format!("aws logs describe-log-streams --log-group-name {GROUP} --query 'logStreams[0].logStreamName'");
    let stream = desk.page(&format!("{streams} --output text")).output.lines[0].text.clone();
    let get = format!("aws logs get-log-events --log-group-name {GROUP} --log-stream-name {stream}");
    assert!(!desk.proves(&get, &refused()));
    let own = pattern("log", "flows", "flow", &[("fields.action", "REJECT"), ("container", &stream)]);
    assert!(desk.proves(&get, &own));
    assert!(!desk.proves(&format!("{get} --limit 1"), &own), "one line is not all of it");
}

/// Insights shows an absence by rows that are not there, not by sums.
#[test]
fn a_query_proves_that_a_line_is_not_there() {
    let mut desk = Desk::new(5);
    for (query, proves) in [
        ("fields @timestamp, @message | filter @message like /REJECT/ | limit 50", true),
        ("filter @message like /REJECT/", true),
        (
            "parse @message '* * * * * * * *' as eni, from, to, port, bytes, way, start, action | filter action = 'REJECT'",
            true,
        ),
        ("filter @message like /REFUSED/", false),
        ("filter @message like /ACCEPT/ | limit 5", false),
        ("filter @message like /REJECT/ | stats count(*)", false),
        ("filter @message like /REJECT/ and @message like /10.0.9.9/", false),
    ] {
        let (from, to) = (desk.case.drill.lives_from.0 / 1_000, desk.world.now.0 / 1_000 + 1);
        let line = format!(
            "aws logs start-query --log-group-name {GROUP} --start-time {from} --end-time {to} --query-string \"{query}\" --query queryId --output text"
        );
        let id = desk.page(&line).output.lines[0].text.clone();
        desk.wait(Span::secs(10));
        let results = format!("aws logs get-query-results --query-id {id}");
        assert_eq!(desk.proves(&results, &refused()), proves, "{query}");
    }
}

/// A thing that is gone is missing from every list that would have had it: by a filter or a query as well as from the whole.
#[test]
fn a_lost_gateway_is_missing_wherever_it_would_have_been() {
    let mut desk = Desk::new(6);
    let named = |world: &World, name: &str| ec2::id_of(world, name).unwrap().to_string();
    let (gateway, public, other) =
        (named(&desk.world, "nat-b"), named(&desk.world, "public-b"), named(&desk.world, "public-a"));
    let gone = pattern("field", "nat_b", "NatGatewayId", &[]);
    let all = "aws ec2 describe-nat-gateways";
    assert!(!desk.proves(all, &gone), "it is there");
    ask(&mut desk.world, "ec2", "DeleteNatGateway", json!({ "NatGatewayId": gateway }));
    desk.wait(Span::mins(5));
    assert!(!desk.proves(all, &gone), "a deleted gateway is still listed");
    let available = format!("{all} --filter Name=state,Values=available");
    assert!(desk.proves(&available, &gone), "but not among those that work");
    desk.wait(Span::hours(2));
    for (rest, proves) in [
        (String::new(), true),
        (format!(" --filter Name=subnet-id,Values={public}"), true),
        (
            " --filter Name=state,Values=available --query 'NatGateways[].[NatGatewayId,SubnetId]' --output text"
                .into(),
            true,
        ),
        (format!(" --query 'NatGateways[?SubnetId==`{public}`].NatGatewayId'"), true),
        (format!(" --query 'NatGateways[].NatGatewayId' --output text | grep {gateway}"), true),
        (" | grep nat-b".into(), true),
        (format!(" --filter Name=subnet-id,Values={other}"), false),
        (format!(" --query 'NatGateways[?SubnetId==`{other}`].NatGatewayId'"), false),
        (" --query 'NatGateways[0].NatGatewayId'".into(), false),
        (" --query 'NatGateways[].NatGatewayId' --output text | grep nat-0000".into(), false),
    ] {
        let line = format!("{all}{rest}");
        assert_eq!(desk.proves(&line, &gone), proves, "{line}");
    }
}
