//! What a program did besides answering requests, as it is kept: from it log lines and metrics are made when asked. Does
//! not know who asks.

use super::super::InstanceId;
use super::super::instance::{Fields, Instance};
use crate::stdx::time::{Span, Time};
use crate::world::signals::Record;
use crate::world::{World, traffic};
use std::sync::{Arc, LazyLock};

/// Doings kept; the oldest are forgotten first, and with them their log lines.
pub const DOINGS_MAX: usize = 300_000;

/// What can be said of a doing, sorted.
pub const NAMES: &[&str] = &[
    "amount",
    "attempt",
    "attempts",
    "attrs",
    "basket",
    "code",
    "count",
    "dropped",
    "err",
    "message_id",
    "order",
    "outcome",
    "partner_ms",
    "receive",
    "sku",
    "sns_id",
    "to",
    "took_ms",
    "took_s",
    "traits",
];

/// One doing of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doing {
    pub at: Time,
    pub instance: InstanceId,
    /// The effect or consumer.
    pub name: Arc<str>,
    pub line: Option<Arc<str>>,
    /// 0: about none.
    pub order: u32,
    pub came: Came,
    pub mail: Mail,
    /// How long it took, and the part of it that a partner took.
    pub took: Span,
    pub partner: Span,
    /// Which attempt or receive it was.
    pub nth: u32,
    /// Of how many attempts; 0: it is no attempt.
    pub of: u32,
    /// Messages it was about.
    pub count: u32,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// `ok`, or the reason.
    pub outcome: Arc<str>,
    /// As the program words it; `{ip}` stands for the address of the Service it called.
    pub error: Arc<str>,
}

/// The message it was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    pub id: Arc<str>,
    /// The notification's id where it came through a topic.
    pub sns: Arc<str>,
    /// Topic, queue or Service.
    pub to: Arc<str>,
    pub attrs: Arc<str>,
}

impl Came {
    pub fn ok() -> Came {
        static OK: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("ok"));
        Came { outcome: Arc::clone(&OK), error: Arc::default() }
    }
}

impl Doing {
    pub fn new(at: Time, instance: &Instance, name: &Arc<str>, order: u32) -> Doing {
        Doing {
            at,
            instance: instance.id,
            name: Arc::clone(name),
            line: None,
            order,
            came: Came::ok(),
            mail: Mail::default(),
            took: Span::ZERO,
            partner: Span::ZERO,
            nth: 1,
            of: 0,
            count: 1,
        }
    }

    pub fn ok(&self) -> bool {
        self.came.error.is_empty()
    }

    /// It was the last attempt, and what it was about is not tried again.
    pub fn dropped(&self) -> bool {
        !self.ok() && self.of > 0 && self.nth >= self.of
    }

    /// What can be said of it in its log line, sorted.
    pub fn fields(&self, world: &World) -> Fields {
        NAMES.iter().map(|name| (Arc::from(*name), self.field(world, name).unwrap_or_default())).collect()
    }

    /// One of [`NAMES`], for its metrics.
    pub fn field(&self, world: &World, name: &str) -> Option<String> {
        let order = || world.ledger.order(self.order);
        Some(match name {
            "amount" => order().map(|order| order.amount.to_string()).unwrap_or_default(),
            "attempt" | "receive" => self.nth.to_string(),
            "attempts" => self.of.max(1).to_string(),
            "attrs" => self.mail.attrs.to_string(),
            "basket" => order().map(|order| order.basket.to_string()).unwrap_or_default(),
            "code" | "outcome" => self.came.outcome.to_string(),
            "count" => self.count.to_string(),
            "dropped" => self.dropped().to_string(),
            "err" => self.error(world),
            "message_id" => self.mail.id.to_string(),
            "order" if self.order == 0 => String::new(),
            "order" => world.ledger.name(self.order),
            "partner_ms" => self.partner.0.to_string(),
            "sku" => order().map(|order| order.sku.to_string()).unwrap_or_default(),
            "sns_id" => self.mail.sns.to_string(),
            "to" => self.mail.to.to_string(),
            "took_ms" => self.took.0.to_string(),
            "took_s" => format!("{}.{:03}", self.took.0 / 1_000, self.took.0 % 1_000),
            "traits" => order().map(|order| world.ledger.traits_of(order).join(",")).unwrap_or_default(),
            _ => return None,
        })
    }

    /// The error in the program's words.
    pub fn error(&self, world: &World) -> String {
        if !self.came.error.contains("{ip}") {
            return self.came.error.to_string();
        }
        let (service, namespace) = self.mail.to.split_once('.').unwrap_or((&self.mail.to, ""));
        match traffic::service_ip(world, namespace, service) {
            Some(ip) => self.came.error.replace("{ip}", &ip),
            None => format!("dial tcp: lookup {}.svc on 10.96.0.10:53: no such host", self.mail.to),
        }
    }

    /// Its log line, if the program writes one.
    pub fn record(&self, world: &World, instance: &Instance) -> Option<Record> {
        instance.say(world.seed, self.at, self.line.as_ref()?, self.fields(world))
    }
}

/// Doings in `from..=to`, oldest first.
pub fn between(world: &World, from: Time, to: Time) -> impl Iterator<Item = &Doing> {
    let doings = &world.apps.work.doings;
    let first = doings.since(|doing| doing.at < from);
    doings.starting(first).map(|(_, doing)| doing).take_while(move |doing| doing.at <= to)
}
