//! One invocation: which environment takes it, what its steps come to, and how it ends. Everything is decided when it
//! begins, from what holds then; what it leaves behind is there at its time. Does not know who asked or what follows.

use super::super::call::Fault;
use super::super::message::{self, Principal, Received};
use super::super::{ec2, flows, post, ses};
use super::function::{CONCURRENCY, Config, Entered};
use super::spec::{Does, Fails, Only, Release, Step};
use super::{Due, Source, functions, logs, measure};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::ledger::{Order, Row};
use std::sync::Arc;

/// The set-up of an environment may take this long; then it is stopped and done again as part of the first invocation
/// (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle": the init phase).
pub const INIT_MAX: Span = Span::secs(10);
/// No invocation lasts longer (Lambda quotas: function timeout 900 seconds).
pub const TIMEOUT_MAX: u32 = 900;
/// A connection to a private address from outside, or to a public one without a way out, is answered by nobody.
const NEVER: Span = Span::hours(1);

/// What an event brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub payload: Arc<str>,
    /// What it is about; 0: nothing in the books.
    pub order: u32,
    /// From a queue, and whether failures are told one by one (`ReportBatchItemFailures`).
    pub messages: Vec<Received>,
    pub partial: bool,
    /// Decides its chances.
    pub lot: u64,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The handler returned, with the status it answers by.
    Done(u16),
    /// Type and message of what it raised.
    Raised(Arc<str>, Arc<str>),
    TimedOut,
    OutOfMemory,
}

/// A line that it wrote: so long after its begin, by the line's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub after: Span,
    pub line: Arc<str>,
    pub took: Span,
    pub order: u32,
    /// `{err}` and `{id}`.
    pub err: Arc<str>,
}

/// One invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    pub serial: u64,
    pub function: Arc<str>,
    pub version: u32,
    /// Its environment, and when that was made.
    pub environment: (u64, Time),
    /// When the event came, and when the handler began.
    pub at: Time,
    pub begun: Time,
    /// Set-up in a new environment; `true`: it was stopped at the limit and done again.
    pub init: Option<(Span, bool)>,
    pub took: Span,
    pub outcome: Outcome,
    /// Megabytes: used at most, and configured.
    pub memory: (u64, u32),
    pub said: Vec<Said>,
    /// Message ids that failed, of a batch.
    pub failed: Vec<Arc<str>>,
}

impl Invocation {
    pub fn ended(&self) -> Time {
        self.begun + self.took
    }

    /// From the event to the answer.
    pub fn whole(&self) -> Span {
        self.ended() - self.at
    }

    pub fn ok(&self) -> bool {
        matches!(self.outcome, Outcome::Done(_))
    }

    /// Whole milliseconds: the set-up of a new environment counts since August 2025 ("AWS Lambda standardizes billing for
    /// INIT phase"). An invocation lasts a fraction of a millisecond beyond its whole ones unless it was stopped.
    pub fn billed(&self) -> i64 {
        let init = self.init.map_or(0, |(init, again)| if again { INIT_MAX.0 } else { init.0 + 1 });
        let part = i64::from(self.outcome != Outcome::TimedOut && self.part(0) > 0);
        self.took.0 + part + init
    }

    /// Hundredths of a millisecond beyond the whole ones: of the duration, of the set-up.
    pub fn part(&self, which: u64) -> u64 {
        dice::at(self.serial, dice::hash_name(&self.function), which) % 100
    }

    /// Hundredths of a millisecond.
    pub fn hundredths(&self) -> i64 {
        let part = if self.outcome == Outcome::TimedOut { 0 } else { self.part(0) as i64 };
        self.took.0 * 100 + part
    }

    pub fn request_id(&self, seed: u64) -> String {
        let high = dice::at(seed, dice::hash_name(&self.function), self.serial);
        message::uuid((u128::from(high) << 64) | u128::from(dice::at(high, self.serial, 1)))
    }
}

/// Lambda's refusal of an invocation that finds no room (Lambda API Reference, Invoke: TooManyRequestsException).
pub fn throttled() -> Fault {
    Fault::new("TooManyRequestsException", "Rate Exceeded.").status(429)
}

/// Begins an invocation, if there is room; its outcome is known at once, and settles when it ends.
pub fn begin(
    world: &mut World,
    at: Time,
    name: &str,
    qualifier: &str,
    event: &Event,
    source: Source,
) -> Result<Invocation, Fault> {
    let missing = super::not_found(world, name, qualifier);
    let Some(function) = world.aws.functions.get(name) else { return Err(missing) };
    let Some(version) = function.version(qualifier) else { return Err(missing) };
    let Some(config) = function.config_at(version, at) else { return Err(missing) };
    let (seed, release) = (world.seed, function.release(&config));
    if !room(world, at, name) {
        measure::throttle(world, at, name);
        return Err(throttled());
    }
    let serial = world.aws.functions.invocations.end();
    let Some(function) = functions(world).get_mut(name) else { return Err(missing) };
    let Entered { number, since, cold, again } = function.enter(seed, at, (version, config.revision));
    let function_name = Arc::clone(&function.name);
    let lot = dice::at(event.lot, dice::hash_name(name), serial);
    let set_up = release.init + chance(lot, 1, release.init_jitter);
    let stopped = cold && set_up > INIT_MAX;
    let begun = if cold { at + set_up.min(INIT_MAX) } else { at };
    // What was killed, or not ready in time, is set up once more at the expense of the invocation.
    let extra = if again || stopped { set_up } else { Span::ZERO };
    let mut walk = Walk {
        function: name,
        config: &config,
        begun,
        took: extra,
        environment: number,
        said: Vec::new(),
        rows: Vec::new(),
    };
    let (mut outcome, failed) = run(world, &mut walk, &release, event);
    let used = release.memory + dice::at(lot, 2, 0) % (release.memory_jitter + 1);
    let limit = Span::secs(i64::from(config.timeout));
    let Walk { mut took, mut said, mut rows, .. } = walk;
    if used > u64::from(config.memory) {
        (outcome, took) = (Outcome::OutOfMemory, Span(took.0 / 2).min(limit));
    }
    if took >= limit {
        (outcome, took) = (Outcome::TimedOut, limit);
    }
    said.retain(|said| said.after <= took);
    // What it had not come to when it was killed does not happen.
    let never = rows.extract_if(.., |(row_at, ..)| *row_at > begun + took);
    for (_, _, then) in never.collect::<Vec<_>>() {
        if let Then::Mail(_, region) = then {
            ses::unsent(world, begun, &region);
        }
    }
    let invocation = Invocation {
        serial,
        function: function_name,
        version,
        environment: (number, since),
        at,
        begun,
        init: cold.then_some((set_up, stopped)),
        took,
        memory: (used.min(u64::from(config.memory)), config.memory),
        failed: if matches!(outcome, Outcome::Done(_)) { failed } else { Vec::new() },
        outcome,
        said,
    };
    keep(world, &invocation, rows, source);
    Ok(invocation)
}

/// Marks the environment busy, and puts on the agenda what the invocation leaves behind.
fn keep(world: &mut World, invocation: &Invocation, rows: Vec<(Time, u32, Then)>, source: Source) {
    let (at, ended) = (invocation.at, invocation.ended());
    let killed = matches!(invocation.outcome, Outcome::TimedOut | Outcome::OutOfMemory);
    if let Some(function) = functions(world).get_mut(&invocation.function) {
        function.occupy(invocation.environment.0, ended, killed);
    }
    measure::concurrent(world, at, &invocation.function);
    for (row_at, order, then) in rows {
        let (function, serial) = (Arc::clone(&invocation.function), invocation.serial);
        post::push(world, row_at, post::Due::Lambda(Due::Leaves { function, serial, order, then }));
    }
    functions(world).invocations.push(invocation.clone());
    let due = Due::Done { serial: invocation.serial, source: Box::new(source) };
    post::push(world, ended, post::Due::Lambda(due));
}

/// Whether one more execution fits: into what is reserved for the function, or into what nobody reserved.
fn room(world: &World, at: Time, name: &str) -> bool {
    let all = &world.aws.functions;
    let Some(function) = all.get(name) else { return true };
    let reserved = function.reserved.at(at).copied().flatten();
    if let Some(reserved) = reserved {
        return function.busy(at) < reserved;
    }
    let (mut taken, mut held) = (0, 0);
    for other in all.living() {
        match other.reserved.at(at).copied().flatten() {
            Some(reserved) => held += reserved,
            None => taken += other.busy(at),
        }
    }
    taken < CONCURRENCY.saturating_sub(held)
}

/// What is there at a time in an invocation, or follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// A row of a table.
    Row(Arc<str>),
    /// An asynchronous call of a function.
    Call(Arc<str>),
    /// A letter that SES has agreed to take, from an address and in a region.
    Mail(Arc<str>, Arc<str>),
    /// An object in a bucket.
    Object(Arc<str>, u64),
}

/// An invocation under way.
struct Walk<'a> {
    function: &'a str,
    config: &'a Config,
    begun: Time,
    took: Span,
    environment: u64,
    said: Vec<Said>,
    rows: Vec<(Time, u32, Then)>,
}

fn chance(lot: u64, n: u64, jitter: Span) -> Span {
    Span((dice::at(lot, n, 0) % (jitter.0.max(0) as u64 + 1)) as i64)
}

/// Goes through the steps: once for an event, once for each message of a batch.
fn run(world: &mut World, walk: &mut Walk, release: &Release, event: &Event) -> (Outcome, Vec<Arc<str>>) {
    let debug = walk.config.env.get("LOG_LEVEL").is_some_and(|level| level == "DEBUG");
    for line in release.debug.iter().filter(|_| debug) {
        walk.say(line, Span::ZERO, event.order, "");
    }
    if event.messages.is_empty() {
        return (steps(world, walk, release, event.order, event.lot), Vec::new());
    }
    let mut failed = Vec::new();
    for message in &event.messages {
        let lot = dice::at(event.lot, dice::hash_name(&message.message_id), u64::from(message.receive_count));
        let order = world.ledger.named(&message.body).unwrap_or(0);
        let outcome = steps(world, walk, release, order, lot);
        if !matches!(outcome, Outcome::Done(200..=299)) {
            // A handler that does not tell them one by one ends with the first.
            if !event.partial || outcome == Outcome::TimedOut {
                return (outcome, Vec::new());
            }
            failed.push(Arc::clone(&message.message_id));
        }
    }
    (Outcome::Done(200), failed)
}

fn steps(world: &mut World, walk: &mut Walk, release: &Release, order: u32, lot: u64) -> Outcome {
    for (n, step) in release.steps.iter().enumerate() {
        let lot = dice::at(lot, dice::hash_name(&step.name), n as u64);
        if walk.took >= Span::secs(i64::from(walk.config.timeout)) {
            return Outcome::TimedOut;
        }
        if !holds(world, walk.config, &step.only, walk.begun, order) {
            continue;
        }
        let (took, error) = take(world, walk, step, order, lot);
        walk.took = walk.took + took;
        match error {
            None => {
                if let Some(line) = &step.line {
                    walk.say(line, took, order, "");
                }
            }
            Some((kind, error)) => {
                if let Some(line) = &step.failed_line {
                    walk.say(line, took, order, &error);
                }
                match step.fails {
                    Fails::Raise => return Outcome::Raised(kind.into(), error.into()),
                    Fails::Answer(status) => return Outcome::Done(status),
                    Fails::Pass => {}
                }
            }
        }
    }
    Outcome::Done(200)
}

impl Walk<'_> {
    fn say(&mut self, line: &Arc<str>, took: Span, order: u32, err: &str) {
        let (after, line, err) = (self.took, Arc::clone(line), Arc::from(err));
        self.said.push(Said { after, line, took, order, err });
    }

    fn leave(&mut self, after: Span, order: u32, then: Then) {
        self.rows.push((self.begun + self.took + after, order, then));
    }
}

fn holds(world: &World, config: &Config, only: &Only, at: Time, order: u32) -> bool {
    let env = |(name, value): (&String, &String)| config.env.get(name).map_or("", String::as_str) == value;
    let order = world.ledger.order(order);
    let has = |name: &Arc<str>| order.is_some_and(|order| world.ledger.has_trait(order, name));
    only.env.iter().all(env)
        && (only.flag.is_empty() || world.flags.on_at(&only.flag, at))
        && (only.unless_flag.is_empty() || !world.flags.on_at(&only.unless_flag, at))
        && (only.traits.is_empty() || only.traits.iter().any(has))
}

type Failure = Option<(&'static str, String)>;

/// One step: how long it takes, and why it fails if it does. A client with a timeout gives up then.
fn take(world: &mut World, walk: &mut Walk, step: &Step, order: u32, lot: u64) -> (Span, Failure) {
    let own = step.takes + chance(lot, 3, step.jitter);
    let (took, failure) = match &step.does {
        Does::Compute => (own, None),
        Does::Refuse { per_mille, error } => {
            let refused = dice::at(lot, 4, 0) % 1_000 < *per_mille;
            (own, refused.then(|| ("ValueError", error.to_string())))
        }
        Does::Cache { group } => inside(world, walk, own, &format!("cache:{group}")),
        Does::Query { database } => inside(world, walk, own, &format!("rds:{database}")),
        Does::Write { database, table, unique } => {
            let (took, failure) = inside(world, walk, own, &format!("rds:{database}"));
            let known = *unique && world.ledger.slot(table, order).rows > 0;
            if failure.is_none() && !known && step.timeout.is_none_or(|limit| took < limit) {
                walk.leave(took, order, Then::Row(Arc::clone(table)));
            }
            (took, failure)
        }
        Does::Call { partner } => match leads_out(world, walk, &format!("partner:{partner}")) {
            false => (NEVER, None),
            true => {
                let called = world.partners.call(partner, walk.begun + walk.took + own, &[], lot);
                let refused = (!called.ok).then(|| ("HTTPError", format!("{}: 503 Service Unavailable", step.name)));
                (own + called.took, refused)
            }
        },
        Does::Put { bucket, bytes } => match leads_out(world, walk, &format!("s3:{bucket}")) {
            false => (NEVER, None),
            true => {
                let by = principal(world, walk.config);
                match flows::rights::put_refused(world, walk.begun, &by, bucket) {
                    Some(error) => (own, Some(("ClientError", error))),
                    None => {
                        walk.leave(own, order, Then::Object(Arc::clone(bucket), *bytes));
                        (own, None)
                    }
                }
            }
        },
        Does::Invoke { function } => match leads_out(world, walk, "aws:lambda") {
            false => (NEVER, None),
            true => {
                walk.leave(own, order, Then::Call(Arc::clone(function)));
                (own, None)
            }
        },
        Does::Mail { sender, region } => match leads_out(world, walk, "aws:email") {
            false => (NEVER, None),
            true => (own, mail(world, walk, own, (sender, region), order)),
        },
    };
    match step.timeout.filter(|limit| took >= *limit) {
        Some(limit) => (limit, Some(("ReadTimeoutError", format!("{}: no answer in {} ms", step.name, limit.0)))),
        None => (took, failure),
    }
}

/// What is only reached inside the VPC. A function outside of it waits for nothing, and so does one whose packets a security
/// group drops.
fn inside(world: &World, walk: &Walk, own: Span, to: &str) -> (Span, Failure) {
    let (runs, what) = match to.split_once(':') {
        Some(("cache", name)) => (cache_runs(world, name, walk.begun), "cache"),
        Some((_, name)) => (database_runs(world, name, walk.begun), "database"),
        None => (true, "database"),
    };
    let nets = !world.aws.network.setups().is_empty();
    if walk.config.net.subnets.is_empty() || (nets && !leads_out(world, walk, to)) {
        return (NEVER, None);
    }
    if runs { (own, None) } else { (own, Some(("OperationalError", format!("{what}: connection refused")))) }
}

/// Whether a database runs; one that the account never had is not simulated, and runs.
fn database_runs(world: &World, name: &str, at: Time) -> bool {
    let databases = &world.aws.databases;
    let found = databases.living(at).find(|instance| *instance.name == *name);
    found.map_or(name.is_empty(), |instance| instance.status(at).runs())
}

fn cache_runs(world: &World, name: &str, at: Time) -> bool {
    let found = world.aws.caches.living(at).find(|group| *group.name == *name);
    found.map_or(name.is_empty(), |group| group.status(at).runs())
}

/// Whether the way from the environment's subnet leads there. Environments are spread over the subnets.
fn leads_out(world: &World, walk: &Walk, to: &str) -> bool {
    let net = &walk.config.net;
    let subnet = net.subnets.get((walk.environment % net.subnets.len().max(1) as u64) as usize);
    let Some(subnet) = subnet else { return true };
    let address = ec2::interfaces::function_address(world, walk.function, subnet);
    let mut there = flows::destination(world, to);
    // What is inside and of which nobody says where stands beside the function.
    if matches!(to.split_once(':'), Some(("rds" | "cache", _))) && !flows::declared(world, to) {
        (there.address, there.port) = (address, inner_port(world, to, walk.begun));
    }
    let from = ec2::Sender { subnet, address, groups: &net.guards() };
    ec2::function_reaches(world, walk.begun, from, &there)
}

/// The port of a database or a cache.
fn inner_port(world: &World, to: &str, at: Time) -> u16 {
    let port = match to.split_once(':') {
        Some(("rds", name)) => {
            world.aws.databases.living(at).find(|found| *found.name == *name).map(|found| found.engine.port)
        }
        Some((_, name)) => {
            world.aws.caches.living(at).find(|found| *found.name == *name).map(|found| found.engine.port)
        }
        None => None,
    };
    port.and_then(|port| u16::try_from(port).ok()).unwrap_or(5_432)
}

/// Asks SES to take a letter; it leaves when the step is done.
fn mail(world: &mut World, walk: &mut Walk, own: Span, (sender, region): (&str, &str), order: u32) -> Failure {
    let env = |name: &str| walk.config.env.get(name).cloned().unwrap_or_default();
    let to = world.ledger.order(order).map(Order::customer)?;
    let region = Some(env(region)).filter(|region| !region.is_empty()).unwrap_or_else(|| world.aws.region.to_string());
    let by = principal(world, walk.config);
    let letter = ses::Letter { from: env(sender).into(), to: to.into(), set: "".into(), order };
    if let Err(fault) = ses::admit(world, walk.begun, &region, &letter, &by) {
        let error =
            format!("An error occurred ({}) when calling the SendEmail operation: {}", fault.code, fault.message);
        return Some(("ClientError", error));
    }
    walk.leave(own, order, Then::Mail(letter.from, region.into()));
    None
}

/// A function acts with a session of its role.
pub fn principal(world: &World, config: &Config) -> Principal {
    let name = config.role.rsplit('/').next().unwrap_or_default();
    let account = world.aws.id.to_string();
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{name}");
    Principal::session(arn, config.role.as_str(), account)
}

/// Something that an invocation left behind comes into being.
pub fn leaves(world: &mut World, at: Time, function: &Arc<str>, serial: u64, order: u32, then: Then) {
    match then {
        Then::Row(table) => {
            let message = world.aws.functions.invocation(serial).map(|one| one.request_id(world.seed));
            let (by, message) = (Arc::clone(function), Arc::from(message.unwrap_or_default()));
            world.ledger.write(&table, Row { at, order, by, message, value: 0 });
        }
        Then::Call(callee) => {
            let order = world.ledger.order(order).map(|order| world.ledger.name(order.number)).unwrap_or_default();
            let payload = format!("{{\"order\":\"{order}\"}}");
            super::events::accept(world, at, &callee, "", payload.into());
        }
        Then::Mail(from, region) => {
            let to = world.ledger.order(order).map(Order::customer).unwrap_or_default().into();
            ses::admitted(world, at, &region, ses::Letter { from, to, set: "".into(), order });
        }
        Then::Object(bucket, bytes) => measure::object(world, at, &bucket, bytes),
    }
}

/// Seeks what a query's window needs: invocations that began at most this long before.
pub const LOOK_BACK: Span = Span::secs(TIMEOUT_MAX as i64 + 11);

/// The bytes of its log lines.
pub fn logged(world: &World, invocation: &Invocation) -> u64 {
    logs::of(world, invocation).iter().map(|record| record.text.len() as u64 + 26).sum()
}
