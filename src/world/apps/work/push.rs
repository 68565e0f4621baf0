//! Messages that are brought to programs by HTTP: public addresses that lead to Services, and the work that a request
//! brings. Does not know who pushes, or how often.

use super::super::instance::Instance;
use super::consume::{self, Job};
use super::doing::Mail;
use super::spec::Endpoint;
use super::{Due, lower, push_due};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::InstanceId;
use crate::world::apps::routing::{self, Landed};
use std::sync::Arc;

/// A message pushed to an HTTP(S) address, as SNS does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub topic: Arc<str>,
    pub subscription: Arc<str>,
    /// `x-amz-sns-message-id`.
    pub message_id: Arc<str>,
    pub body: Arc<str>,
}

/// What the pusher got back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// HTTP status; 0: no connection.
    pub status: u16,
    pub took: Span,
}

/// The endpoint that a URL leads to, if any of the estate's programs has it.
pub fn endpoint<'a>(world: &'a World, url: &str) -> Option<&'a Endpoint> {
    let address = lower::address(url);
    let works = world.apps.estate.apps.values().flat_map(|app| &app.work);
    works.flat_map(|work| work.endpoints.values()).find(|endpoint| endpoint.address == address)
}

/// Delivers a push to whatever program serves `url` at `at`; the program does its work if it answers below 300. A push
/// that names no order (such as a subscription's confirmation) is answered, and nothing comes of it.
pub fn deliver(world: &mut World, at: Time, url: &str, push: &Push) -> Pushed {
    // No such name: the connection is never made.
    let Some(Endpoint { namespace, service, route, .. }) = endpoint(world, url).cloned() else {
        return Pushed { status: 0, took: Span::millis(20) };
    };
    let lot = dice::at(dice::hash_name(&push.message_id), dice::hash_name(&push.subscription), at.0 as u64);
    let instance = match routing::connect(world, &namespace, &service, at, lot) {
        // The ingress answers for a Service without endpoints, as ingress-nginx does.
        Landed::Nobody => return Pushed { status: 503, took: Span::millis(3) },
        Landed::Refused => return Pushed { status: 502, took: Span::millis(4) },
        Landed::On(instance) => Arc::clone(instance),
    };
    let mail = Mail { sns: Arc::clone(&push.message_id), to: super::short(&push.topic), ..Mail::default() };
    let order = world.ledger.named(&push.body);
    let (status, took) = serve(world, at, &instance, &route, order, &mail);
    Pushed { status, took }
}

/// One request that brings work, as one process answers it: status and time. What it leads to is there when the answer is.
pub fn serve(
    world: &mut World,
    at: Time,
    instance: &Arc<Instance>,
    route: &str,
    order: Option<u32>,
    mail: &Mail,
) -> (u16, Span) {
    let Some(app) = instance.app().cloned() else { return (404, Span::millis(2)) };
    let Some(route) = app.routes.get(route) else { return (404, Span::millis(1)) };
    let consumer = route.work.as_ref().and_then(|name| app.work.as_ref()?.consumers.get(name));
    let Some(consumer) = consumer else { return (404, Span::millis(1)) };
    if order.is_none() {
        return (200, route.takes);
    }
    let lot = dice::at(world.seed, dice::hash_name(&instance.launch.pod), at.0 as u64 ^ u64::from(order.unwrap_or(0)));
    let judged = consume::judge(world, at, instance, consumer, order, lot);
    let took = route.takes + judged.took;
    let status = if judged.failure.is_some() { 500 } else { route.status };
    let job = Job { mail: mail.clone(), ..judged };
    let due = Due::Served { instance: instance.id, consumer: Arc::clone(&consumer.name), job: Box::new(job) };
    push_due(world, at + took, due);
    (status, took)
}

/// The work that a request brought is over, if its process lived that long.
pub fn served(world: &mut World, at: Time, instance: InstanceId, consumer: &str, job: &Job) {
    let Some(instance) = world.apps.instance(instance).cloned().filter(|instance| instance.runs_at(at)) else { return };
    let Some(consumer) = instance.app().and_then(|app| app.work.as_ref()?.consumers.get(consumer).cloned()) else {
        return;
    };
    consume::conclude(world, at, &instance, &consumer, job, None);
}

/// Somebody tells a Service of an order at `world.now`: the status; `None`: nobody there takes orders.
pub fn hand(world: &mut World, namespace: &str, service: &str, order: u32) -> Option<u16> {
    let now = world.now;
    let lot = dice::at(world.seed, dice::hash_name(service), u64::from(order));
    let instance = match routing::connect(world, namespace, service, now, lot) {
        Landed::On(instance) => Arc::clone(instance),
        Landed::Nobody | Landed::Refused => return None,
    };
    let route = instance.app()?.routes.values().find(|route| route.work.is_some())?.name.to_string();
    Some(serve(world, now, &instance, &route, Some(order), &Mail::default()).0)
}
