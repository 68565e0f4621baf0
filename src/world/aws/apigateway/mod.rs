//! API Gateway: REST APIs, resources, deployments, stages; integrations with functions. Does not know what a function does.

mod access;
mod api;
mod client;
mod edit;
mod read;
mod serve;

use super::call::{Answer, Call, Fault};
use super::service::{Effect, LogSource, Operation, Service};
use super::tagging::Tagged;
use crate::stdx::roll::Roll;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use api::Api;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use client::{Attempt, feed, visits};
pub use serve::Visit;

pub const KIND: &str = "AWS::ApiGateway::RestApi";
pub const STAGE_KIND: &str = "AWS::ApiGateway::Stage";
pub const METHOD_KIND: &str = "AWS::ApiGateway::Method";
/// Answered requests kept; the oldest are forgotten first, and with them their access-log lines.
const VISITS_MAX: usize = 200_000;

pub static SERVICE: Service = Service {
    name: "apigateway",
    doc: "REST APIs in front of functions",
    operations: OPERATIONS,
    metrics: &[],
    logs: &[LogSource { groups: access::groups, records: access::records, late: Span::ZERO }],
    meters: &[access::METER],
};

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

static OPERATIONS: &[Operation] = &[
    write("CreateDeployment", "keeps an API as it is now, for stages to serve", edit::create_deployment),
    write("CreateResource", "adds a part of the path", edit::create_resource),
    write("CreateRestApi", "makes an API", edit::create_api),
    write("CreateStage", "serves a deployment under a name", edit::create_stage),
    write("DeleteIntegration", "takes a method's integration away", edit::delete_integration),
    write("DeleteMethod", "takes a method away", edit::delete_method),
    write("DeleteResource", "deletes a part of the path and what is below it", edit::delete_resource),
    write("DeleteRestApi", "deletes an API", edit::delete_api),
    write("DeleteStage", "serves a deployment no more", edit::delete_stage),
    read("GetDeployments", "the deployments of an API", read::deployments),
    read("GetIntegration", "what answers a method", read::integration),
    read("GetMethod", "a method", read::method),
    read("GetResources", "the paths of an API", read::resources),
    read("GetRestApi", "an API", read::api),
    read("GetRestApis", "every API", read::apis),
    read("GetStage", "a stage", read::stage),
    read("GetStages", "the stages of an API", read::stages),
    write("PutIntegration", "says what answers a method", edit::put_integration),
    write("PutMethod", "adds a method", edit::put_method),
    write("UpdateIntegration", "changes what answers a method", edit::update_integration),
    write("UpdateStage", "changes a stage: its deployment, logs, limits", edit::update_stage),
];

/// State of the service.
#[derive(Clone, Debug)]
pub struct Apis {
    all: Arc<BTreeMap<String, Arc<Api>>>,
    gone: Arc<Vec<Arc<Api>>>,
    visits: Roll<Visit>,
    /// Requests an hour, by API: what is charged.
    hours: Arc<BTreeMap<(Arc<str>, i64), u64>>,
}

impl Default for Apis {
    fn default() -> Apis {
        Apis { all: Arc::default(), gone: Arc::default(), visits: Roll::new(VISITS_MAX), hours: Arc::default() }
    }
}

impl Apis {
    fn get_mut(&mut self, id: &str) -> Option<&mut Api> {
        Arc::make_mut(&mut self.all).get_mut(id).map(Arc::make_mut)
    }

    /// An API by its id or, where nobody has that id, its name.
    fn find(&self, given: &str) -> Option<&Api> {
        let named = || self.all.values().find(|api| *api.name == *given);
        self.all.get(given).or_else(named).map(|api| &**api)
    }

    fn ever(&self) -> impl Iterator<Item = &Api> {
        self.gone.iter().chain(self.all.values()).map(|api| &**api)
    }
}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A client asks, for the first time or again.
    Attempt(Box<Attempt>),
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Attempt(attempt) => client::attempt(world, at, *attempt),
    }
}

fn not_found(what: &str) -> Fault {
    Fault::new("NotFoundException", format!("Invalid {what} identifier specified")).status(404)
}

/// APIs with their tags, for whoever asks across services.
pub fn tagged(world: &World) -> Vec<Tagged> {
    let row = |api: &Arc<Api>| Tagged {
        arn: format!("arn:aws:apigateway:{}::/restapis/{}", world.aws.region, api.id),
        kind: KIND,
        name: Arc::clone(&api.name),
        tags: api.tags.clone(),
    };
    world.aws.apis.all.values().map(row).collect()
}
