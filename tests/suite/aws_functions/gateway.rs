//! API Gateway: what a client gets when the function behind it is slow, broken, full or forbidden.

use super::{function, sum};
use crate::aws_messages::Desk;
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::apps;
use whodunit::world::aws::{apigateway, lambda, service};

const RATE: u64 = 30_000;

/// An API `news` with `POST /in` in front of a function, and clients.
struct Front {
    desk: Desk,
    api: String,
    resource: String,
}

fn front(name: &str, more: Value, timeout: i64, permitted: bool) -> Front {
    let mut desk = Desk::new(11);
    assert!(lambda::describe(&mut desk.world, &super::programs()).is_empty());
    function(&mut desk, name, more);
    let ask = |desk: &mut Desk, operation: &str, input: Value| desk.ask("apigateway", operation, input).unwrap();
    let api = ask(&mut desk, "CreateRestApi", json!({ "name": "news" }));
    let (id, root) = (api["id"].as_str().unwrap().to_string(), api["rootResourceId"].clone());
    let made = ask(&mut desk, "CreateResource", json!({ "restApiId": id, "parentId": root, "pathPart": "in" }));
    let resource = made["id"].as_str().unwrap().to_string();
    let method = json!({ "restApiId": id, "resourceId": resource, "httpMethod": "POST", "authorizationType": "NONE" });
    ask(&mut desk, "PutMethod", method);
    let uri = format!(
        "arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/arn:aws:lambda:ap-northeast-2:123456789012:function:{name}/invocations"
    );
    let integration = json!({
        "restApiId": id, "resourceId": resource, "httpMethod": "POST", "type": "AWS_PROXY",
        "integrationHttpMethod": "POST", "uri": uri, "timeoutInMillis": timeout,
    });
    ask(&mut desk, "PutIntegration", integration);
    if permitted {
        let input = json!({
            "FunctionName": name, "StatementId": "gateway", "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": format!("arn:aws:execute-api:ap-northeast-2:123456789012:{id}/*/POST/in"),
        });
        desk.ask("lambda", "AddPermission", input).unwrap();
    }
    ask(&mut desk, "CreateDeployment", json!({ "restApiId": id, "stageName": "prod" }));
    let format = "{\"status\":$context.status,\"integrationStatus\":\"$context.integration.status\",\"error\":$context.error.messageString}";
    let group = "arn:aws:logs:ap-northeast-2:123456789012:log-group:/apigw/news";
    let patches = json!([
        { "op": "replace", "path": "/accessLogSettings/destinationArn", "value": group },
        { "op": "replace", "path": "/accessLogSettings/format", "value": format },
    ]);
    ask(&mut desk, "UpdateStage", json!({ "restApiId": id, "stageName": "prod", "patchOperations": patches }));
    let stream = json!({
        "api": "news", "stage": "prod", "request": "POST /in", "per_1000_minutes": RATE, "retries": 1, "retry_after": "5s",
    });
    assert!(apps::describe(&mut desk.world, &json!({ "streams": { "in": stream } })).is_empty());
    Front { desk, api: id, resource }
}

impl Front {
    /// Statuses of requests that ended in a span from now on.
    fn statuses(&mut self, span: Span) -> Vec<u16> {
        let from = self.desk.world.now;
        self.desk.wait(span);
        let visits = apigateway::visits(&self.desk.world, from, self.desk.world.now);
        visits.map(|visit| visit.status).collect()
    }

    fn access(&self) -> Vec<String> {
        let source = &service::find("apigateway").unwrap().logs[0];
        let records = (source.records)(&self.desk.world, "/apigw/news", Time(0), self.desk.world.now);
        records.into_iter().map(|record| record.text).collect()
    }
}

#[test]
fn a_quick_function_is_answered_for() {
    let mut front = front("quick", json!({}), 29_000, true);
    let got = front.statuses(Span::mins(5));
    assert!(got.len() > 100 && got.iter().all(|status| *status == 200), "{got:?}");
    // Counted for the API and for its stage.
    assert_eq!(sum(&front.desk, "Count", "news"), 2 * sum(&front.desk, "Invocations", "quick"));
}

#[test]
fn a_function_that_is_killed_is_a_bad_gateway() {
    let mut front = front("slow", json!({ "Timeout": 3 }), 29_000, true);
    let got = front.statuses(Span::mins(3));
    assert!(!got.is_empty() && got.iter().all(|status| *status == 502), "{got:?}");
    let line = "{\"status\":502,\"integrationStatus\":\"200\",\"error\":\"Internal server error\"}";
    assert_eq!(front.access().first().map(String::as_str), Some(line));
    // Who gets an error asks once more: about twice as many requests as arrivals.
    let (asked, came) = (sum(&front.desk, "Count", "news") / 2, 3 * RATE as i64 / 1_000);
    assert!(asked > came * 3 / 2, "{asked} requests for about {came} clients");
}

#[test]
fn the_gateway_stops_waiting_and_the_function_goes_on() {
    let mut front = front("slow", json!({ "Timeout": 10 }), 1_000, true);
    let got = front.statuses(Span::mins(3));
    assert!(!got.is_empty() && got.iter().all(|status| *status == 504), "{got:?}");
    assert!(front.access()[0].contains("Endpoint request timed out"));
    front.desk.wait(Span::mins(1));
    assert_eq!(sum(&front.desk, "Errors", "slow"), 0);
    assert!(sum(&front.desk, "Invocations", "slow") > 50);
}

#[test]
fn twenty_nine_seconds_are_the_most_that_a_gateway_waits() {
    let mut front = front("quick", json!({}), 29_000, true);
    let patch = json!([{ "op": "replace", "path": "/timeoutInMillis", "value": "60000" }]);
    let input = json!({
        "restApiId": front.api, "resourceId": front.resource, "httpMethod": "POST", "patchOperations": patch,
    });
    let fault = front.desk.ask("apigateway", "UpdateIntegration", input).unwrap_err();
    assert_eq!(fault, "BadRequestException: Timeout should be between 50 ms and 29000 ms");
}

#[test]
fn a_change_is_served_only_when_it_is_deployed() {
    let mut front = front("slow", json!({ "Timeout": 10 }), 1_000, true);
    assert!(front.statuses(Span::mins(1)).contains(&504));
    let patch = json!([{ "op": "replace", "path": "/timeoutInMillis", "value": "29000" }]);
    let input = json!({
        "restApiId": front.api, "resourceId": front.resource, "httpMethod": "POST", "patchOperations": patch,
    });
    front.desk.ask("apigateway", "UpdateIntegration", input).unwrap();
    front.desk.wait(Span::secs(30));
    assert!(front.statuses(Span::mins(1)).contains(&504));
    let input = json!({ "restApiId": front.api, "stageName": "prod" });
    front.desk.ask("apigateway", "CreateDeployment", input).unwrap();
    front.desk.wait(Span::mins(1));
    let got = front.statuses(Span::mins(1));
    assert!(!got.is_empty() && got.iter().all(|status| *status == 200), "{got:?}");
}

#[test]
fn who_may_not_call_or_finds_no_room_is_an_internal_error() {
    let mut closed = front("quick", json!({}), 29_000, false);
    let got = closed.statuses(Span::mins(1));
    assert!(!got.is_empty() && got.iter().all(|status| *status == 500), "{got:?}");
    assert_eq!(sum(&closed.desk, "Invocations", "quick"), 0);

    let mut full = front("slow", json!({ "Timeout": 10 }), 29_000, true);
    let input = json!({ "FunctionName": "slow", "ReservedConcurrentExecutions": 1 });
    full.desk.ask("lambda", "PutFunctionConcurrency", input).unwrap();
    let got = full.statuses(Span::mins(3));
    assert!(got.contains(&500) && got.contains(&200), "{got:?}");
    assert!(full.access().iter().any(|line| line.contains("\"integrationStatus\":\"429\"")));
    assert!(sum(&full.desk, "Throttles", "slow") > 0 && sum(&full.desk, "Errors", "slow") == 0);
}
