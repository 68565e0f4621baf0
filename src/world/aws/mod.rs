//! The AWS account: services with operations, like an API server (`Request → Answer`). The `aws` command, the door, `iac`
//! and the estate's programs are all its clients. Does not know options, wires or who is looking.

pub mod apigateway;
pub mod arn;
pub mod budgets;
pub mod call;
pub mod ce;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod earlier;
pub mod ec2;
pub mod ecr;
pub mod elasticache;
pub mod elbv2;
pub mod flows;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod load;
pub mod logs;
pub mod message;
pub mod model;
pub mod paging;
pub mod policy;
pub mod post;
pub mod prices;
pub mod rds;
pub mod s3;
pub mod service;
pub mod ses;
pub mod sesv2;
pub mod sns;
pub mod sqs;
pub mod sts;
pub mod tagging;
pub mod tally;
pub mod timed;
pub mod timeline;

use super::World;
use super::apps::lower::Problem;
use super::audit;
use super::iac;
use crate::stdx::time::Time;
use call::{Answer, Call, Fault, Request};
use serde_json::Value;
use service::Effect;
use std::sync::Arc;

/// Everything the account holds. Clones cheaply: what is large is shared until it changes.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Twelve digits; empty where an estate has no account.
    pub id: Arc<str>,
    /// The home region: `ap-northeast-2`.
    pub region: Arc<str>,
    pub identity: iam::Identity,
    pub keys: kms::Keys,
    pub topics: sns::Topics,
    pub queues: sqs::Queues,
    pub mail: ses::Mail,
    pub functions: lambda::Functions,
    pub network: ec2::Network,
    pub flows: flows::Flows,
    pub repositories: ecr::Repositories,
    pub apis: apigateway::Apis,
    pub balancers: elbv2::Balancers,
    pub storage: s3::Storage,
    pub databases: rds::Databases,
    pub watch: cloudwatch::Watch,
    pub logs: logs::Groups,
    pub trail: cloudtrail::Trail,
    pub bills: ce::Bills,
    pub caches: elasticache::Caches,
    /// What clients outside the estate do to databases and caches.
    pub loads: load::Loads,
    /// What is under way: messages, deliveries, invocations.
    pub post: post::Post,
    /// Counts a minute, from which metrics and bills are read.
    pub tally: tally::Tally,
}

impl Account {
    /// Looks at a region: what is named, listed and measured is there.
    pub fn look_at(&mut self, region: &Arc<str>) {
        self.region = Arc::clone(region);
        self.topics.look_at(region);
        self.queues.look_at(region);
    }

    /// The same account in another region, as far as it has anything there that can be read.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Account {
        let mut other = Account {
            id: self.id.clone(),
            identity: self.identity.clone(),
            topics: self.topics.clone(),
            queues: self.queues.clone(),
            trail: self.trail.away(),
            // Mail is counted where it is sent from.
            tally: self.mail.region(region).kept.tally.clone(),
            ..Account::default()
        };
        other.look_at(&Arc::from(region));
        other
    }
}

/// Reads an estate's `account.toml`, parsed to a JSON value: the account as it has been since `born`, long before the world
/// begins to live. Says what is wrong with it.
pub fn describe(world: &mut World, account_toml: &Value, born: Time) -> Vec<Problem> {
    let Some(parts) = account_toml.as_object().filter(|parts| !parts.is_empty()) else { return Vec::new() };
    let text = |key: &str| Arc::from(parts.get(key).and_then(Value::as_str).unwrap_or_default());
    world.aws.flows.born = born;
    world.aws.id = text("account");
    world.aws.look_at(&text("region"));
    let start = world.now;
    world.now = born;
    let mut problems = Vec::new();
    // Whose domains are ours comes before anybody verifies one.
    let mut parts: Vec<(&String, &Value)> = parts.iter().collect();
    parts.sort_by_key(|(key, _)| *key != "mail");
    for (key, value) in parts {
        let mistakes = match key.as_str() {
            "account" | "region" if value.is_string() => Vec::new(),
            "iac" => iac::describe_pipeline(world, value),
            "mail" => ses::describe(world, value, born, start),
            "resources" => iac::describe(world, value),
            "flows" => flows::describe(world, value),
            "functions" => lambda::describe(world, value),
            "load" => load::describe(world, value, born, start),
            _ => vec![Problem { path: Vec::new(), say: "is not part of an account".into(), hint: None }],
        };
        problems.extend(mistakes.into_iter().map(|mut mistake| {
            mistake.path.insert(0, key.clone());
            mistake
        }));
    }
    world.now = start;
    flows::begin(world, start);
    post::begin(world, start);
    cloudwatch::begin(world);
    lambda::begin(world, start);
    iac::begin(world);
    problems
}

/// Asks the account for something, at `world.now`.
pub fn handle(world: &mut World, request: &Request) -> Result<Answer, Fault> {
    // What is under way must have happened before anything is read or changed.
    run_to(world, world.now);
    let unknown = || {
        let message = format!("The action {} is not valid for this endpoint.", request.operation);
        Fault::new("InvalidAction", message)
    };
    let service = service::find(&request.service).ok_or_else(unknown)?;
    let operation = service.operation(&request.operation).ok_or_else(unknown)?;
    let call = Call { service, operation, request };
    let done = answer(world, &call);
    if matches!(operation.effect, Effect::Write | Effect::Data) {
        record(world, &call, &done);
    }
    done
}

/// Services that do not sort out regions themselves and yet have things in several.
pub const APART: &[&str] = &["sns", "sqs"];

/// Asks the service, in the region that the request goes to.
fn answer(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let ask = |world: &mut World| iam::authorize(world, call).and_then(|()| (call.operation.run)(world, call));
    if !call.is_abroad(&world.aws.region) {
        return ask(world);
    }
    let home = Arc::clone(&world.aws.region);
    world.aws.look_at(&Arc::from(call.request.region.as_str()));
    let done = ask(world);
    world.aws.look_at(&home);
    done
}

/// Lets everything happen that is under way up to and including `until`. Cheap where nothing is.
pub fn run_to(world: &mut World, until: Time) {
    post::run_to(world, until);
}

fn record(world: &mut World, call: &Call, done: &Result<Answer, Fault>) {
    let altered = done.as_ref().ok().and_then(|answer| answer.altered.clone()).unwrap_or_default();
    let code = match done {
        Ok(_) => 200,
        Err(fault) => fault.status.max(400),
    };
    let serial = world.audit.record(audit::Entry {
        serial: 0,
        at: world.now,
        user: call.user().to_string(),
        agent: call.request.agent.clone(),
        verb: call.operation.name.to_string(),
        resource: format!("aws/{}", call.service.name),
        namespace: altered.kind,
        name: altered.name,
        changed: altered.changed,
        code,
        dry_run: false,
    });
    cloudtrail::keep(world, serial, call, done);
}
