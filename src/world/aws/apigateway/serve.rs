//! One request to a stage: which integration answers it, in how long, with which status. Decided when it comes. Does not
//! know who asks.

use super::super::lambda::run::{Event, Invocation, Outcome};
use super::super::message::{self, Principal};
use super::super::tally::Key;
use super::super::{arn, lambda};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::sync::Arc;

/// The gateway's own time for a request: a few milliseconds (its `Latency` less its `IntegrationLatency`).
const OVERHEAD: Span = Span::millis(9);
const OVERHEAD_JITTER: u64 = 8;

/// A request as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub at: Time,
    pub took: Span,
    /// Of it, the integration's part; `None`: it was not asked.
    pub integration: Option<Span>,
    pub status: u16,
    /// What the integration answered: 200 where the function ran, whatever it did.
    pub integration_status: u16,
    pub api: Arc<str>,
    pub place: Arc<Place>,
    /// The client's stream and the arrival's key, and which attempt it was.
    pub stream: Arc<str>,
    pub key: u64,
    pub nth: u32,
}

/// Stage, method and path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub stage: String,
    pub verb: String,
    pub path: String,
}

impl Visit {
    pub fn ended(&self) -> Time {
        self.at + self.took
    }

    pub fn request_id(&self) -> String {
        let high = dice::at(self.key, dice::hash_name("request id"), u64::from(self.nth));
        message::uuid((u128::from(high) << 64) | u128::from(dice::at(high, 1, 1)))
    }

    /// What the gateway answers by itself (API Gateway Developer Guide, "Gateway response types").
    pub fn message(&self) -> &'static str {
        match self.status {
            403 => "Missing Authentication Token",
            429 => "Too Many Requests",
            500 | 502 => "Internal server error",
            504 => "Endpoint request timed out",
            _ => "",
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    pub api: Arc<str>,
    pub place: Arc<Place>,
    pub event: Event,
    pub stream: Arc<str>,
    pub key: u64,
    pub nth: u32,
}

/// How the integration answered: its status for the client, its own, and its time.
struct Answered {
    status: u16,
    integration_status: u16,
    took: Span,
}

/// Answers a request that comes at `at`; the answer is there when it ends.
pub fn serve(world: &mut World, at: Time, ask: Ask) -> Visit {
    let overhead = OVERHEAD + Span((dice::at(ask.key, 31, u64::from(ask.nth)) % OVERHEAD_JITTER) as i64);
    let answered = answer(world, at, &ask);
    let visit = Visit {
        at,
        took: overhead + answered.as_ref().map_or(Span::ZERO, |answered| answered.took),
        integration: answered.as_ref().map(|answered| answered.took),
        status: answered.as_ref().map_or(403, |answered| answered.status),
        integration_status: answered.as_ref().map_or(0, |answered| answered.integration_status),
        api: ask.api,
        place: ask.place,
        stream: ask.stream,
        key: ask.key,
        nth: ask.nth,
    };
    if world.aws.apis.find(&visit.api).is_some() {
        count(world, &visit);
    }
    world.aws.apis.visits.push(visit.clone());
    visit
}

/// `None`: nothing is served there.
fn answer(world: &mut World, at: Time, ask: &Ask) -> Option<Answered> {
    let Place { stage, verb, path } = &*ask.place;
    let api = world.aws.apis.find(&ask.api)?;
    let integration = api.served(stage, at, path, verb)?.clone();
    let source = format!("{}/{stage}/{verb}{path}", execute_arn(world, &api.id));
    if integration.kind == "MOCK" {
        return Some(Answered { status: 200, integration_status: 200, took: Span::millis(1) });
    }
    let function = function_of(&integration.uri)?.to_string();
    let by = Principal::service("apigateway.amazonaws.com");
    let called = lambda::call(world, at, &function, &ask.event, &by, &source);
    let limit = Span(integration.timeout);
    Some(match called {
        // "If the Lambda API rejects the invocation request, API Gateway returns a 500 error code. If the function runs but
        // returns an error, … API Gateway returns a 502" (Lambda Developer Guide, "Handling Lambda errors with an API
        // Gateway API").
        Err(fault) => Answered { status: 500, integration_status: fault.status, took: Span::millis(11) },
        Ok(one) if one.whole() >= limit => Answered { status: 504, integration_status: 0, took: limit },
        Ok(one) => Answered { status: status_of(&one), integration_status: 200, took: one.whole() },
    })
}

fn status_of(invocation: &Invocation) -> u16 {
    match invocation.outcome {
        Outcome::Done(status) => status,
        Outcome::Raised(..) | Outcome::TimedOut | Outcome::OutOfMemory => 502,
    }
}

/// `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations` names a function.
fn function_of(uri: &str) -> Option<&str> {
    uri.split_once("/functions/")?.1.strip_suffix("/invocations")
}

/// As permissions name an API: `arn:aws:execute-api:REGION:ACCOUNT:ID`.
pub fn execute_arn(world: &World, id: &str) -> String {
    arn::make("execute-api", &world.aws.region, &world.aws.id, id)
}

/// Metrics for the API and for its stage (API Gateway Developer Guide, "Amazon API Gateway dimensions and metrics").
fn count(world: &mut World, visit: &Visit) {
    let name = world.aws.apis.find(&visit.api).map_or_else(|| Arc::clone(&visit.api), |api| Arc::clone(&api.name));
    let stage: Arc<str> = Arc::from(visit.place.stage.as_str());
    let whole = vec![("ApiName", Arc::clone(&name))];
    let staged = vec![("ApiName", Arc::clone(&name)), ("Stage", stage)];
    let at = visit.at;
    for dimensions in [whole, staged] {
        let mut see = |metric, value: i64, sampled: bool| {
            let key = Key { namespace: "AWS/ApiGateway", metric, dimensions: dimensions.clone() };
            match sampled {
                true => world.aws.tally.sample(&key, at, value),
                false => world.aws.tally.observe(&key, at, value),
            }
        };
        see("Count", 1, false);
        see("4XXError", i64::from((400..500).contains(&visit.status)), false);
        see("5XXError", i64::from(visit.status >= 500), false);
        see("Latency", visit.took.0, true);
        if let Some(took) = visit.integration {
            see("IntegrationLatency", took.0, true);
        }
    }
    let hour = (name, at.0.div_euclid(3_600_000));
    *Arc::make_mut(&mut world.aws.apis.hours).entry(hour).or_default() += 1;
    let Some(id) = world.aws.apis.find(&visit.api).map(|api| Arc::clone(&api.id)) else { return };
    if let Some(stage) = world.aws.apis.get_mut(&id).and_then(|api| api.stages.get_mut(&visit.place.stage))
        && !stage.log.0.is_empty()
    {
        stage.logged.get_or_insert(at);
    }
}
