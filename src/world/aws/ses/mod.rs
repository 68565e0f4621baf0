//! SES: identities, sandbox and sending limits by region, suppression, reputation; the first API. Does not know what
//! a letter says.

mod first;
mod letters;
mod lists;
mod lower;
mod send;
pub mod state;

use super::call::{Answer, Call, Fault};
use super::earlier;
use super::service::{Effect, Meter, Operation, Service, Used};
use crate::stdx::roll::Roll;
use crate::stdx::time::Time;
use crate::world::World;
use state::Region;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use lists::feed;
pub use lower::describe;
pub use send::{Fate, Letter, Sent, admit, admitted, send, unsent};

/// Letters kept; the oldest are forgotten first, and with them what became of them.
const LETTERS_MAX: usize = 200_000;

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

pub static SERVICE: Service = Service {
    name: "ses",
    doc: "sending mail (version 1)",
    operations: &[
        read("GetAccountSendingEnabled", "whether the account may send", first::enabled),
        read("GetIdentityVerificationAttributes", "whether identities are verified", first::verification),
        read("GetSendQuota", "limits, and what was sent in 24 hours", first::quota),
        read("GetSendStatistics", "what came of mail, by quarters of an hour", first::statistics),
        read("ListIdentities", "addresses and domains", first::identities),
        Operation { name: "SendEmail", doc: "sends a letter", effect: Effect::Data, run: letters::send },
        Operation {
            name: "VerifyEmailIdentity",
            doc: "asks an address to verify itself",
            effect: Effect::Write,
            run: letters::verify,
        },
    ],
    metrics: &[],
    logs: &[],
    meters: &[Meter { usage_types: &["Recipients"], read: used }],
};

/// State of the service.
#[derive(Clone, Debug)]
pub struct Mail {
    regions: Arc<BTreeMap<Arc<str>, Arc<Region>>>,
    spec: Arc<Spec>,
    letters: Roll<Sent>,
    /// Recipients an hour, by region.
    hours: Arc<BTreeMap<(Arc<str>, i64), u64>>,
    used: bool,
}

impl Default for Mail {
    fn default() -> Mail {
        Mail {
            regions: Arc::default(),
            spec: Arc::default(),
            letters: Roll::new(LETTERS_MAX),
            hours: Arc::default(),
            used: false,
        }
    }
}

/// What an estate says of mail.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Domains whose names the estate can set: they verify.
    own: Vec<Arc<str>>,
    domains: BTreeMap<Arc<str>, Receiver>,
    lists: BTreeMap<String, List>,
    /// The table in which an order's delivered letters are written; empty: none.
    table: Arc<str>,
}

/// How addresses of a domain answer: of a thousand letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Receiver {
    bounces: u64,
    complaints: u64,
}

/// A mailing list that is worked off while a flag is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    flag: Arc<str>,
    from: Arc<str>,
    region: Arc<str>,
    domain: Arc<str>,
    per_minute: u64,
    receiver: Receiver,
}

impl Mail {
    /// A region as it is; one that nobody used is in the sandbox.
    pub fn region(&self, name: &str) -> Arc<Region> {
        self.regions.get(name).cloned().unwrap_or_else(|| Arc::new(Region::new(Time(0))))
    }

    pub fn region_mut(&mut self, name: &str, since: Time) -> &mut Region {
        let regions = Arc::make_mut(&mut self.regions);
        Arc::make_mut(regions.entry(Arc::from(name)).or_insert_with(|| Arc::new(Region::new(since))))
    }

    /// Whether the estate says anything of mail; else every letter of its programs arrives.
    pub fn described(&self) -> bool {
        self.used
    }

    /// Whether the estate can set a domain's names.
    pub fn owns(&self, domain: &str) -> bool {
        self.spec.own.iter().any(|own| **own == *domain || domain.ends_with(&format!(".{own}")))
    }

    /// A letter by its message id.
    pub fn letter(&self, id: &str) -> Option<&Sent> {
        let first = self.letters.first();
        self.letters.starting(first).map(|(_, sent)| sent).find(|sent| *sent.id == *id)
    }
}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A letter arrives, or does not.
    Arrives(u64),
    /// One letter of a mailing list is sent.
    Listed { list: Arc<str>, number: u64 },
    /// Somebody at SES looks at a region's reputation.
    Review(Arc<str>),
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Arrives(number) => send::arrives(world, at, number),
        Due::Listed { list, number } => lists::send(world, at, &list, number),
        Due::Review(region) => send::review(world, at, &region),
    }
}

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    earlier::with(world, (from, to), sent, |_| true)
}

fn sent(world: &World, from: i64, to: i64) -> Vec<Used> {
    let rows = world.aws.mail.hours.iter().filter(|((region, hour), _)| {
        // Bills show the home region's prefix; other regions' mail is charged there too.
        !region.is_empty() && (from..to).contains(hour)
    });
    rows.map(|((region, hour), recipients)| Used {
        hour: *hour,
        service: "Amazon Simple Email Service",
        usage_type: "Recipients".into(),
        operation: "Send",
        micros: i128::from(*recipients) * 1_000_000,
        resource: Arc::clone(region),
    })
    .collect()
}
