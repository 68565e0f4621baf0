//! What programs do besides answering requests: they publish, send and notify after an order, poll queues, take pushed
//! messages, and write into the books. Does not know how a queue or a topic works.

pub mod consume;
pub mod doing;
pub mod effects;
pub mod lower;
pub mod push;
mod saver;
pub mod spec;
pub mod start;

use super::super::World;
use super::super::aws::message::Principal;
use super::super::aws::post;
use super::super::traffic::{self, Arrival, walk};
use super::InstanceId;
use super::instance::Instance;
use crate::stdx::roll::Roll;
use crate::stdx::time::Time;
use consume::{Job, Pollers};
use doing::Doing;
use spec::Only;
use std::sync::Arc;

pub use effects::book;
pub use push::{Push, Pushed, deliver};

/// Of things due at the same time, processes that come and go are first, then answered requests; see
/// [`post::push_ranked`].
const RANK_LIFE: u8 = 0;
const RANK_ANSWERED: u8 = 1;

/// What programs did, and who polls what.
#[derive(Clone, Debug)]
pub struct Doings {
    pub doings: Roll<Doing>,
    pub(super) pollers: Pollers,
}

impl Default for Doings {
    fn default() -> Doings {
        Doings { doings: Roll::new(doing::DOINGS_MAX), pollers: Pollers::default() }
    }
}

/// What is under way in programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A process listens from now on: it begins to poll.
    Up(InstanceId),
    /// A process has ended.
    Down(InstanceId),
    /// A request was answered with success: its effects begin.
    Answered { instance: InstanceId, route: Arc<str>, arrival: Box<Arrival> },
    /// One more attempt at an effect.
    Again(Box<effects::Again>),
    /// A queue has something to receive.
    Wake(Arc<str>),
    /// A poller has finished a message, or asks for more.
    Turn { queue: Arc<str>, poller: u64 },
    /// A pushed message has been worked on.
    Served { instance: InstanceId, consumer: Arc<str>, job: Box<Job> },
}

/// Puts on the agenda of `aws::post` what requests answered in `after..=to` (excluding `after`) lead to.
pub fn feed(world: &mut World, after: Time, to: Time) {
    if world.apps.estate.fed.is_empty() {
        return;
    }
    let estate = Arc::clone(&world.apps.estate);
    let mut answered: Vec<(Time, u64, Due)> = Vec::new();
    for name in &estate.fed {
        let came = traffic::arrivals(world, name, after - walk::TOOK_MAX, to);
        let tried = traffic::trials(world, after - walk::TOOK_MAX, to).filter(|trial| *trial.stream == **name);
        for arrival in came.iter().chain(tried) {
            let journey = walk::walk(world, arrival);
            for hop in journey.hops.iter().filter(|hop| after < hop.at && hop.at <= to && hop.status < 400) {
                let route = hop.instance.app().and_then(|app| app.routes.get(&*hop.route));
                if route.is_some_and(|route| !route.effects.is_empty()) && hop.instance.runs_at(hop.at) {
                    let (instance, route) = (hop.instance.id, Arc::clone(&hop.route));
                    let due = Due::Answered { instance, route, arrival: Box::new(arrival.clone()) };
                    answered.push((hop.at, arrival.key, due));
                }
            }
        }
    }
    answered.sort_by_key(|(at, key, _)| (*at, *key));
    for (at, _, due) in answered {
        post::push_ranked(world, at, RANK_ANSWERED, post::Due::Work(due));
    }
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Up(instance) => consume::up(world, at, instance),
        Due::Down(instance) => consume::down(world, at, instance),
        Due::Answered { instance, route, arrival } => effects::begin(world, at, instance, &route, &arrival),
        Due::Again(again) => effects::again(world, at, *again),
        Due::Wake(queue) => consume::woken(world, at, &queue),
        Due::Turn { queue, poller } => consume::turn(world, at, &queue, poller),
        Due::Served { instance, consumer, job } => push::served(world, at, instance, &consumer, &job),
    }
}

/// A queue (by its ARN) has something to receive at `at`: idle pollers of running programs take it.
pub fn wake(world: &mut World, at: Time, queue: &Arc<str>) {
    if world.apps.work.pollers.polls(queue) {
        push_due(world, at, Due::Wake(Arc::clone(queue)));
    }
}

/// A process was started: what it does by itself begins when it listens.
pub(super) fn launched(world: &mut World, instance: &Instance) {
    if let Some(up) = instance.plan.up.filter(|_| instance.app().is_some_and(|app| app.life.acts.is_some())) {
        world.schedule(instance.launch.started + up, super::super::Due::Apps(super::Due::Hook(instance.id)));
    }
    let Some(work) = instance.app().and_then(|app| app.work.clone()) else { return };
    let Some(up) = instance.plan.up.filter(|_| post::begun(world)) else { return };
    let at = instance.launch.started + up;
    if work.consumers.values().any(|consumer| !consumer.queue.is_empty()) {
        post::push_ranked(world, at, RANK_LIFE, post::Due::Work(Due::Up(instance.id)));
    }
    // Whoever acts on the cluster has this hook already.
    if !work.subscribes.is_empty() && instance.app().is_some_and(|app| app.life.acts.is_none()) {
        world.schedule(at, super::super::Due::Apps(super::Due::Hook(instance.id)));
    }
}

/// A process has ended at `world.now`.
pub(super) fn ended(world: &mut World, instance: InstanceId) {
    let polls = world.apps.instance(instance).and_then(|found| found.app()).is_some_and(|app| app.work.is_some());
    if polls && post::begun(world) {
        let now = world.now;
        post::push_ranked(world, now, RANK_LIFE, post::Due::Work(Due::Down(instance)));
    }
}

fn push_due(world: &mut World, at: Time, due: Due) {
    post::push(world, at, post::Due::Work(due));
}

fn note(world: &mut World, doing: Doing) {
    world.apps.work.doings.push(doing);
}

/// Whether something is done by a process at a time, for an order with these traits.
fn holds(world: &World, instance: &Instance, only: &Only, at: Time, order: u32) -> bool {
    let env = |(name, value): (&String, &String)| instance.launch.env.get(name).map_or("", |v| v.trim()) == *value;
    only.env.iter().all(env)
        && (only.flag.is_empty() || world.flags.on_at(&only.flag, at))
        && (only.unless_flag.is_empty() || !world.flags.on_at(&only.unless_flag, at))
        && (only.traits.is_empty()
            || world
                .ledger
                .order(order)
                .is_some_and(|order| only.traits.iter().any(|name| world.ledger.has_trait(order, name))))
}

fn env<'a>(instance: &'a Instance, name: &str) -> &'a str {
    // Most of what a variable may say is left out in most programs.
    if name.is_empty() {
        return "";
    }
    instance.launch.env.get(name).map_or("", |value| value.trim())
}

/// Who a process is for the account: the session of its role, which `AWS_ROLE_ARN` names as the cluster's identity
/// webhook sets it, or which has the app's name.
pub fn role_session(world: &World, instance: &Instance) -> Arc<str> {
    let role = env(instance, "AWS_ROLE_ARN").rsplit_once('/').map_or(instance.app_name(), |(_, role)| role);
    Arc::from(format!("arn:aws:sts::{}:assumed-role/{role}/{}", world.aws.id, instance.launch.pod))
}

fn principal(world: &World, instance: &Instance) -> Arc<Principal> {
    // It was asked at the start; only a world whose account came later has to ask again.
    if *instance.principal.account == *world.aws.id {
        return Arc::clone(&instance.principal);
    }
    Arc::new(principal_of(world, instance))
}

/// The principal that a process is: its role's session.
pub(super) fn principal_of(world: &World, instance: &Instance) -> Principal {
    let arn = role_session(world, instance);
    let name = arn.split('/').nth(1).unwrap_or_default();
    let account = Arc::clone(&world.aws.id);
    let role = format!("arn:aws:iam::{account}:role/{name}");
    Principal::session(arn, role, account)
}

/// The ARN of the queue that a URL names, whether or not there is one: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn queue_arn(url: &str) -> Option<Arc<str>> {
    let (host, path) = url.split_once("://")?.1.split_once('/')?;
    let region = host.strip_prefix("sqs.")?.split('.').next()?;
    let (account, name) = path.split_once('/')?;
    Some(Arc::from(format!("arn:aws:sqs:{region}:{account}:{name}")))
}

/// The last part of an ARN or URL.
fn short(name: &str) -> Arc<str> {
    Arc::from(name.rsplit([':', '/']).next().unwrap_or(name))
}

/// The last failed notifications that a process keeps in its memory, oldest first: gone when it ends.
pub const RING: usize = 200;

/// The ring buffer of a process.
pub fn failed_notifications(world: &World, instance: &Instance) -> Vec<Doing> {
    let own = doing::between(world, instance.launch.started, world.now)
        .filter(|doing| doing.instance == instance.id && doing.dropped() && doing.mail.to.contains('.'));
    let all: Vec<Doing> = own.cloned().collect();
    let over = all.len().saturating_sub(RING);
    all.into_iter().skip(over).collect()
}
