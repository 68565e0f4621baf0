//! Lambda: functions, event-source mappings, concurrency, invocations. What a program does inside is data (see `spec`).
//! Does not know who reads.

mod body;
mod configure;
mod events;
pub mod function;
mod invoke;
mod logs;
mod lower;
mod mapping;
mod mappings;
mod measure;
mod needs;
mod qualified;
mod read;
pub mod run;
pub mod spec;

use super::call::{Answer, Call, Fault};
use super::message::Principal;
use super::policy::{self, Ask, Context, Held, Holder};
use super::service::{Effect, Operation, Service};
use super::tagging::Tagged;
use super::{arn, post};
use crate::stdx::roll::Roll;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::apps::lower::Problem;
use function::Function;
use run::{Event, Invocation, Then};
use serde_json::{Value, json};
use spec::Program;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use function::{Net, attached};
pub use logs::group_of;
pub use run::principal;

pub const KIND: &str = "AWS::Lambda::Function";
pub const MAPPING_KIND: &str = "AWS::Lambda::EventSourceMapping";
/// Invocations kept; the oldest are forgotten first, and with them their log lines.
const INVOCATIONS_MAX: usize = 200_000;

pub static SERVICE: Service = Service {
    name: "lambda",
    doc: "functions",
    operations: OPERATIONS,
    metrics: &[],
    logs: &[logs::SOURCE],
    meters: measure::METERS,
};

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn row(name: &'static str, doc: &'static str, effect: Effect, run: Run) -> Operation {
    Operation { name, doc, effect, run }
}

static OPERATIONS: &[Operation] = &[
    row("AddPermission", "lets somebody call a function", Effect::Write, qualified::add_permission),
    row("CreateAlias", "gives a version a name", Effect::Write, qualified::create_alias),
    row("CreateEventSourceMapping", "lets a function read a queue", Effect::Write, mappings::create),
    row("CreateFunction", "makes a function", Effect::Write, configure::create),
    row("DeleteAlias", "deletes a version's name", Effect::Write, qualified::delete_alias),
    row("DeleteEventSourceMapping", "lets a function read a queue no more", Effect::Write, mappings::delete),
    row("DeleteFunction", "deletes a function", Effect::Write, configure::delete),
    row("DeleteFunctionConcurrency", "reserves nothing for a function", Effect::Write, configure::unreserve),
    row("DeleteFunctionEventInvokeConfig", "retries events as usual", Effect::Write, qualified::delete_rules),
    row("DeleteProvisionedConcurrencyConfig", "keeps nothing ready", Effect::Write, qualified::delete_provisioned),
    row("GetAccountSettings", "limits and use of the account", Effect::Read, read::account),
    row("GetAlias", "the version behind a name", Effect::Read, qualified::get_alias),
    row("GetEventSourceMapping", "how a function reads a queue", Effect::Read, mappings::get),
    row("GetFunction", "a function with its code's place", Effect::Read, read::function),
    row("GetFunctionConcurrency", "what is reserved for a function", Effect::Read, read::concurrency),
    row("GetFunctionConfiguration", "how a function is configured", Effect::Read, read::configuration),
    row("GetFunctionEventInvokeConfig", "how events are retried", Effect::Read, qualified::get_rules),
    row("GetPolicy", "who may call a function", Effect::Read, qualified::policy),
    row("GetProvisionedConcurrencyConfig", "what is kept ready", Effect::Read, qualified::get_provisioned),
    row("Invoke", "calls a function", Effect::Data, invoke::invoke),
    row("ListAliases", "names of versions", Effect::Read, qualified::aliases),
    row("ListEventSourceMappings", "which functions read which queues", Effect::Read, mappings::list),
    row("ListFunctionEventInvokeConfigs", "how events are retried, by version", Effect::Read, qualified::list_rules),
    row("ListFunctions", "every function", Effect::Read, read::functions),
    row(
        "ListProvisionedConcurrencyConfigs",
        "what is kept ready, by version",
        Effect::Read,
        qualified::list_provisioned,
    ),
    row("ListTags", "a function's tags", Effect::Read, read::tags),
    row("ListVersionsByFunction", "a function's versions", Effect::Read, read::versions),
    row("PublishVersion", "keeps the function as it is as a version", Effect::Write, configure::publish),
    row("PutFunctionConcurrency", "reserves executions for a function", Effect::Write, configure::reserve),
    row("PutFunctionEventInvokeConfig", "says how events are retried", Effect::Write, qualified::put_rules),
    row("PutProvisionedConcurrencyConfig", "keeps environments ready", Effect::Write, qualified::put_provisioned),
    row("RemovePermission", "lets somebody call a function no more", Effect::Write, qualified::remove_permission),
    row("TagResource", "tags a function", Effect::Write, configure::tag),
    row("UntagResource", "takes tags away", Effect::Write, configure::untag),
    row("UpdateAlias", "points a name at another version", Effect::Write, qualified::update_alias),
    row("UpdateEventSourceMapping", "changes how a function reads a queue", Effect::Write, mappings::update),
    row("UpdateFunctionCode", "gives a function other code", Effect::Write, configure::code),
    row("UpdateFunctionConfiguration", "changes a function's configuration", Effect::Write, configure::configuration),
];

/// State of the service.
#[derive(Clone, Debug)]
pub struct Functions {
    all: Arc<BTreeMap<Arc<str>, Arc<Function>>>,
    /// Deleted ones, in the order of their ends.
    gone: Arc<Vec<Arc<Function>>>,
    programs: Arc<BTreeMap<String, Arc<Program>>>,
    invocations: Roll<Invocation>,
    hours: Arc<measure::Hours>,
    mappings: Arc<BTreeMap<String, mapping::Mapping>>,
    waiting: events::Waiting,
}

impl Default for Functions {
    fn default() -> Functions {
        Functions {
            all: Arc::default(),
            gone: Arc::default(),
            programs: Arc::default(),
            invocations: Roll::new(INVOCATIONS_MAX),
            hours: Arc::default(),
            mappings: Arc::default(),
            waiting: events::Waiting::default(),
        }
    }
}

impl Functions {
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.all.get(name).map(|function| &**function)
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Function> {
        Arc::make_mut(&mut self.all).get_mut(name).map(Arc::make_mut)
    }

    /// Functions that exist, by name.
    pub fn living(&self) -> impl Iterator<Item = &Function> {
        self.all.values().map(|function| &**function)
    }

    /// Also the deleted ones, those first.
    pub fn ever(&self) -> impl Iterator<Item = &Function> {
        self.gone.iter().map(|function| &**function).chain(self.living())
    }

    /// A function by name, even if it was deleted.
    fn find(&self, name: &str) -> Option<&Function> {
        self.get(name).or_else(|| self.gone.iter().rev().find(|one| *one.name == *name).map(|one| &**one))
    }

    pub fn invocation(&self, serial: u64) -> Option<&Invocation> {
        self.invocations.get(serial)
    }

    /// Invocations whose event came in `from..=to`, in order.
    pub fn invocations_between(&self, from: Time, to: Time) -> impl Iterator<Item = &Invocation> {
        let first = self.invocations.since(|one| one.at < from);
        self.invocations.starting(first).map(|(_, one)| one).take_while(move |one| one.at <= to)
    }
}

fn functions(world: &mut World) -> &mut Functions {
    &mut world.aws.functions
}

/// Reads `[functions]` of an estate's account: what the code does. Functions themselves are made by `iac`.
pub fn describe(world: &mut World, value: &Value) -> Vec<Problem> {
    let (programs, problems) = lower::programs(value);
    let programs = programs.into_iter().map(|(name, program)| (name, Arc::new(program)));
    world.aws.functions.programs = Arc::new(programs.collect());
    for (name, program) in world.aws.functions.programs.clone().iter() {
        if let Some(function) = functions(world).get_mut(name) {
            function.pool.program = Arc::clone(program);
        }
    }
    problems
}

/// The world begins to live at `start`.
pub fn begin(world: &mut World, start: Time) {
    mapping::begin(world, start);
}

/// Who waits for an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody who has the answer already.
    Caller,
    /// An asynchronous event, by its number.
    Event(u64),
    /// A batch of an event-source mapping.
    Batch { mapping: Arc<str>, receipts: Vec<(Arc<str>, Arc<str>)> },
}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// An invocation ends.
    Done { serial: u64, source: Box<Source> },
    /// An asynchronous event is tried.
    Event(u64),
    /// What an invocation leaves behind comes into being.
    Leaves { function: Arc<str>, serial: u64, order: u32, then: Then },
    /// A mapping asks its queue.
    Poll(Arc<str>),
    /// What a mapping was set to works from now on.
    Turn(Arc<str>),
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Done { serial, source } => done(world, at, serial, *source),
        Due::Event(number) => events::attempt(world, at, number),
        Due::Leaves { function, serial, order, then } => run::leaves(world, at, &function, serial, order, then),
        Due::Poll(mapping) => mapping::poll(world, at, &mapping),
        Due::Turn(mapping) => mapping::turn(world, at, &mapping),
    }
}

fn done(world: &mut World, at: Time, serial: u64, source: Source) {
    let Some(invocation) = world.aws.functions.invocation(serial).cloned() else { return };
    measure::done(world, &invocation);
    match source {
        Source::Caller => {}
        Source::Event(number) => events::ended(world, at, number, &invocation),
        Source::Batch { mapping, receipts } => mapping::ended(world, at, &mapping, &receipts, &invocation),
    }
}

/// A queue (by its ARN) has something to receive at `at`: idle pollers of event-source mappings take it.
pub fn wake(world: &mut World, at: Time, queue: &str) {
    mapping::wake(world, at, queue);
}

/// A service calls a function (by its ARN) asynchronously with an event, for a resource: SNS for a topic.
pub fn notify(
    world: &mut World,
    at: Time,
    function: &str,
    event: &str,
    by: &Principal,
    source: &str,
) -> Result<(), Fault> {
    let (name, qualifier) = function::named(function);
    may_invoke(world, &name, &qualifier, by, source)?;
    events::accept(world, at, &name, &qualifier, event.into());
    Ok(())
}

/// A service calls a function and waits: API Gateway for a method.
pub fn call(
    world: &mut World,
    at: Time,
    function: &str,
    event: &Event,
    by: &Principal,
    source: &str,
) -> Result<Invocation, Fault> {
    let (name, qualifier) = function::named(function);
    may_invoke(world, &name, &qualifier, by, source)?;
    run::begin(world, at, &name, &qualifier, event, Source::Caller)
}

/// Whether the function's policy lets a service call it on behalf of a resource (Lambda Developer Guide, "Using
/// resource-based policies").
fn may_invoke(world: &World, name: &str, qualifier: &str, by: &Principal, source: &str) -> Result<(), Fault> {
    let function = world.aws.functions.get(name).ok_or_else(|| not_found(world, name, qualifier))?;
    let account = &world.aws.id;
    let text = qualified::document(function, qualifier).to_string();
    let context = Context::default().with("aws:SourceArn", source).with("aws:SourceAccount", &**account);
    let resource = qualified_arn(function, qualifier);
    let ask = Ask { principal: by, action: "lambda:InvokeFunction", resource: &resource, account, context: &context };
    let allowed = policy::parse(&text, policy::Kind::Resource)
        .is_ok_and(|document| policy::decide(&[Held { by: Holder::Resource, document: &document }], &ask).allowed());
    if allowed {
        return Ok(());
    }
    let message = format!(
        "User: {} is not authorized to perform: lambda:InvokeFunction on resource: {resource} because no resource-based \
         policy allows the lambda:InvokeFunction action",
        by.arn
    );
    Err(Fault::new("AccessDeniedException", message).status(403))
}

fn qualified_arn(function: &Function, qualifier: &str) -> String {
    if qualifier.is_empty() { function.arn.to_string() } else { format!("{}:{qualifier}", function.arn) }
}

fn arn_of(world: &World, name: &str) -> String {
    arn::make("lambda", &world.aws.region, &world.aws.id, &format!("function:{name}"))
}

/// Lambda's words for a function, version or alias that is not there.
fn not_found(world: &World, name: &str, qualifier: &str) -> Fault {
    let tail = if qualifier.is_empty() { String::new() } else { format!(":{qualifier}") };
    let message = format!("Function not found: {}{tail}", arn_of(world, name));
    Fault::new("ResourceNotFoundException", message).status(404)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message).status(400)
}

/// A value that the API's own check refuses.
fn unfit(value: &str, member: &str, must: &str) -> Fault {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {must}"
    );
    Fault::new("ValidationException", message).status(400)
}

/// Functions with their tags, for whoever asks across services.
pub fn tagged(world: &World) -> Vec<Tagged> {
    world.aws.functions.living().map(tags_of).collect()
}

/// Deleted functions with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    world.aws.functions.gone.iter().map(|function| tags_of(function)).collect()
}

fn tags_of(function: &Function) -> Tagged {
    let (arn, name) = (function.arn.to_string(), Arc::clone(&function.name));
    Tagged { arn, kind: KIND, name, tags: function.tags.clone() }
}

/// The network interfaces of functions: one for each function and subnet (really for each subnet and set of security groups,
/// shared by functions that have the same).
pub fn interfaces(world: &World) -> Vec<(String, String, Vec<Arc<str>>)> {
    let all = world.aws.functions.living();
    let own = all.flat_map(|function| {
        let config = function.config_at(0, world.now).unwrap_or_default();
        let groups = config.net.guards();
        config.net.subnets.clone().into_iter().map(move |subnet| (function.name.to_string(), subnet, groups.clone()))
    });
    own.collect()
}

/// The id at the end of such an interface's description.
pub fn interface_id(world: &World, name: &str, subnet: &str) -> String {
    let lot =
        crate::stdx::dice::at(world.seed, crate::stdx::dice::hash_name(name), crate::stdx::dice::hash_name(subnet));
    super::message::uuid((u128::from(lot) << 64) | u128::from(lot.rotate_left(29)))
}

/// The event of a request that names nothing.
fn plain(world: &World, payload: &str, lot: u64) -> Event {
    let order = world.ledger.named(payload).unwrap_or(0);
    Event { payload: Arc::from(payload), order, lot, ..Event::default() }
}

/// A poll or retry later on.
fn later(world: &mut World, at: Time, due: Due) {
    post::push(world, at, post::Due::Lambda(due));
}

/// JSON in a text, or null.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(json!(null))
}
