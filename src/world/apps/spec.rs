//! What an estate says of its programs and its customers, as typed data: facts only, never expressions.
//! Does not know TOML or JSON (see `lower`), nor anything that has happened.

use super::work::spec::{Effect, Work};
use crate::stdx::time::Span;
use crate::world::partners;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything an estate's `apps.toml` describes.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    pub apps: BTreeMap<String, Arc<AppSpec>>,
    pub streams: BTreeMap<String, StreamSpec>,
    pub flags: BTreeMap<String, FlagSpec>,
    pub skus: BTreeMap<String, SkuSpec>,
    pub indicators: BTreeMap<String, IndicatorSpec>,
    /// How far a database replica is behind, by its name.
    pub replicas: BTreeMap<String, Span>,
    pub partners: BTreeMap<String, partners::Spec>,
    /// Streams whose requests have effects, somewhere on their way.
    pub fed: Vec<String>,
    /// Traits of orders, sorted.
    pub traits: Vec<Arc<str>>,
}

/// One program: what an image repository does. Releases (image tags) are complete specs of their own after lowering.
#[derive(Clone, Debug, Default)]
pub struct AppSpec {
    pub name: String,
    /// Image repository without tag: `registry.scoopline.example/storefront`.
    pub image: String,
    pub life: Life,
    pub memory: Memory,
    pub cpu: Cpu,
    pub needs: Vec<Need>,
    pub probes: Vec<ProbeSpec>,
    pub routes: BTreeMap<String, Route>,
    pub lines: BTreeMap<Arc<str>, LineSpec>,
    pub metrics: Vec<MetricSpec>,
    /// What it does besides answering requests, if anything.
    pub work: Option<Arc<Work>>,
    /// Behaviour by image tag; a key is a whole tag or its leading dotted parts (`2.14` covers `2.14.0`).
    pub releases: BTreeMap<String, Arc<AppSpec>>,
}

/// Start and stop of the process.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// From the process's start until it listens.
    pub start: Span,
    pub listens: Vec<i64>,
    /// Written when it listens, if such a line exists.
    pub started_line: Option<Arc<str>>,
    /// Written at once when the process starts.
    pub first_line: Option<Arc<str>>,
    /// Written on SIGTERM.
    pub stop_line: Option<Arc<str>>,
    /// 143 is the default action of SIGTERM; 0 is a program that handles it.
    pub stop_code: i32,
    pub stop_after: Span,
    /// Written every so often while it runs.
    pub tick_line: Option<Arc<str>>,
    pub tick_every: Span,
    /// It ends by itself, well, so long after its start.
    pub ends: Option<Span>,
    /// What it does to the cluster once it is up.
    pub acts: Option<Acts>,
}

/// What a program does to the cluster, as its service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// Scales Deployments to zero, unless they or their namespaces are labelled `saver=skip`.
    ScaleDownUnlabelled,
}

/// The working set over time since the start, in bytes.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub base: u64,
    pub growth_per_hour: u64,
    pub warm: Option<Warm>,
}

/// A cache that is filled after the start: memory goes from `from` to `to` (above base) in a straight line.
#[derive(Clone, Debug, Default)]
pub struct Warm {
    pub after: Span,
    pub over: Span,
    pub to: u64,
    pub total: u64,
    pub every: Span,
    pub line: Option<Arc<str>>,
    /// Not ready (readiness probe answers 503) until the cache is warm.
    pub gates_ready: bool,
}

/// Thousandths of a core.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    pub base: u64,
    /// While it starts and warms its cache.
    pub start: u64,
    /// Requests that one instance can serve in a minute; 0 is no limit.
    pub requests_per_minute: u64,
}

/// Something the program will not start without.
#[derive(Clone, Debug)]
pub struct Need {
    pub what: NeedOf,
    pub must: Must,
    /// Only checked if it is there at all.
    pub optional: bool,
    pub exit: i32,
    pub after: Span,
    pub line: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeedOf {
    Env(String),
    File(String),
    /// A Service, `namespace/name`, that must have a ready address.
    Peer(String, String),
}

/// Checks on a value. Closed: a new trick is a new row here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Must {
    #[default]
    NonEmpty,
    /// `arn:partition:service:region:account:resource` without whitespace anywhere.
    Arn,
    /// An optionally signed decimal number, nothing around it.
    Number,
    /// No U+00A0.
    NoNbsp,
}

/// Words of [`Must`] as written in files, sorted.
pub static MUSTS: &[(&str, Must)] =
    &[("arn", Must::Arn), ("no-nbsp", Must::NoNbsp), ("non-empty", Must::NonEmpty), ("number", Must::Number)];

/// An endpoint that a probe asks.
#[derive(Clone, Debug, Default)]
pub struct ProbeSpec {
    pub path: String,
    pub takes: Span,
    pub jitter: Span,
    /// Answers 503 until started and warm.
    pub ready: bool,
    /// Services (`namespace/name`) that must have a ready address, else 503.
    pub peers: Vec<(String, String)>,
}

/// How a request is handled.
#[derive(Clone, Debug, Default)]
pub struct Route {
    pub name: Arc<str>,
    /// `POST /orders`.
    pub request: String,
    pub takes: Span,
    pub jitter: Span,
    /// CPU time a request costs.
    pub cpu: Span,
    pub calls: Vec<Call>,
    /// The client that then calls a third party.
    pub dials: Option<Arc<str>>,
    /// Status of a success.
    pub status: u16,
    /// Line of a success, if any.
    pub line: Option<Arc<str>>,
    pub rules: Vec<Rule>,
    /// What follows a success.
    pub effects: Vec<Effect>,
    /// The consumer whose work such a request brings.
    pub work: Option<Arc<str>>,
}

/// A call to another service: namespace, service and the route's name there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    pub namespace: String,
    pub service: String,
    pub route: String,
}

/// A typed condition and what the program answers when it holds; the first that holds decides.
#[derive(Clone, Debug)]
pub struct Rule {
    pub when: When,
    pub status: u16,
    /// What the customer is told: `payment_declined`.
    pub error: String,
    /// What the log says: `session_expired`.
    pub reason: String,
    pub line: Option<Arc<str>>,
}

/// Conditions of rules. Closed: a new trick is a new variant.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// The basket is older than the number of seconds in `env` (default `default_s`).
    OlderThanEnv { env: String, default_s: i64 },
    /// `env` is `true`, so that it reads from `replica`, and the write was less than the replica's lag ago.
    ReadsBehind { env: String, replica: String },
    /// The SKU's price, as its row has it, is not a number.
    PriceUnreadable,
    /// So many in a thousand, by lot.
    Share { per_mille: u64 },
    /// A call it made was not answered with success. `pass`: the callee's status and error are handed on.
    CallFailed { pass: bool },
    /// The call to a third party failed.
    DialFailed,
}

/// Words of [`When`] as written in files, sorted.
pub static WHENS: &[&str] =
    &["call-failed", "dial-failed", "older-than-env", "price-unreadable", "reads-behind", "share"];

/// A log line: its level and its wordings; the seed picks one wording for the whole estate.
#[derive(Clone, Debug, Default)]
pub struct LineSpec {
    pub level: &'static str,
    /// `pay rejected sku={sku} reason={reason}`.
    pub texts: Vec<String>,
}

/// A metric of the program's own, fed by a field of its requests.
#[derive(Clone, Debug, Default)]
pub struct MetricSpec {
    pub name: String,
    /// The route whose requests feed it.
    pub route: String,
    /// The effect or consumer whose doings feed it, instead of a route.
    pub of: String,
    /// The field that is measured; empty counts requests.
    pub field: String,
    /// Fields that become labels (`outcome` is `ok` or the rule's reason).
    pub labels: Vec<String>,
    /// Upper bounds of a histogram's buckets; none is a counter.
    pub buckets: Vec<f64>,
    pub about: String,
}

/// A stream of customers.
#[derive(Clone, Debug, Default)]
pub struct StreamSpec {
    pub namespace: String,
    pub service: String,
    pub route: String,
    /// Arrivals in a thousand minutes at shape 1000.
    pub per_1000_minutes: u64,
    /// Bytes of a visit through the load balancer, both directions.
    pub bytes: u64,
    /// How many times busier than usual it can get.
    pub headroom: u64,
    /// Per mille of the rate by hour of the day, UTC.
    pub hours: Vec<u64>,
    /// SKU → weight.
    pub mix: BTreeMap<String, u64>,
    /// How long a basket is filled and thought over before it is paid.
    pub dwell: (Span, Span),
    /// Per mille of slow shoppers, and how long they take.
    pub slow_per_mille: u64,
    pub slow: (Span, Span),
    /// By SKU: a waiting room that adds to the basket's age while its flag is on.
    pub waits: BTreeMap<String, Detour>,
    /// By SKU: an express way whose payment comes so soon after the reservation, while its flag is on.
    pub express: BTreeMap<String, Detour>,
    /// Trait → how many orders in a thousand have it.
    pub traits: BTreeMap<String, u64>,
    /// Of a thousand orders, so many are of people who work for the shop: mail to them stays in the house.
    pub staff: u64,
    /// Its requests go to an API of the account instead of a Service.
    pub api: Option<Arc<ApiClient>>,
}

/// Clients of an API Gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiClient {
    /// The API's name, and its stage.
    pub api: String,
    pub stage: String,
    /// `POST /v1/reports`.
    pub request: String,
    /// How often somebody tries again after an error of the server, and after how long (up to twice that).
    pub retries: u64,
    pub retry_after: Span,
    /// Each arrival is something to be written down: it gets a number in the books.
    pub books: bool,
    /// What one of them is called: `report` (and the first three letters stand before its number).
    pub called: Option<String>,
    /// In the first ten seconds of every so many minutes so many times as many come as usual; 0: never.
    pub pulse: u64,
    pub pulse_times: u64,
}

/// A span drawn from `between` while `flag` is on.
#[derive(Clone, Debug, Default)]
pub struct Detour {
    pub flag: String,
    pub between: (Span, Span),
}

#[derive(Clone, Debug, Default)]
pub struct FlagSpec {
    pub on: bool,
    pub about: String,
}

/// A row of the shop's catalogue of goods: columns as text.
#[derive(Clone, Debug, Default)]
pub struct SkuSpec {
    pub flavour: String,
    pub columns: BTreeMap<String, String>,
}

/// A service level indicator, measured at the edge.
#[derive(Clone, Debug)]
pub enum IndicatorSpec {
    /// Successes among the arrivals of a stream; `sku` counts only those.
    Success { stream: String, sku: String, over: Span },
    /// Ready addresses of a Service among those wanted, at most 1.
    Ready { namespace: String, service: String, wanted: u64 },
    /// Orders placed from `lag + over` to `lag` ago that have a row in `table` (`once`: exactly one that was not held
    /// back), of all of them or of those with a trait.
    Written { table: String, lag: Span, over: Span, of_trait: String, once: bool },
    /// Of what the account spent in the whole hours of `over`, the share within the daily allowance of its usage type.
    Thrift { allowed: BTreeMap<String, u64>, over: Span },
    /// Orders with one of `traits` (none: all) placed from `lag + over` to `lag` ago that wait for nothing: all but those
    /// without a row in `table`, and but one for each row too many, not held back, of the last `surplus_for`.
    Right { table: String, lag: Span, over: Span, traits: Vec<Arc<str>>, surplus_for: Span },
}

impl AppSpec {
    /// Whether it does anything besides answering requests.
    pub fn works(&self) -> bool {
        self.life.acts.is_some() || self.work.is_some() || self.routes.values().any(|route| !route.effects.is_empty())
    }

    /// The behaviour of an image tag: the most specific release that covers it, else the base.
    pub fn release<'a>(self: &'a Arc<AppSpec>, tag: &str) -> &'a Arc<AppSpec> {
        self.releases
            .iter()
            .filter(|(key, _)| {
                tag == key.as_str() || tag.strip_prefix(key.as_str()).is_some_and(|r| r.starts_with('.'))
            })
            .max_by_key(|(key, _)| key.len())
            .map_or(self, |(_, spec)| spec)
    }
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    Text,
    /// A text or a list of texts.
    Texts,
    Whole,
    Wholes,
    Numbers,
    Yes,
    /// `250ms`, `3s`, `1h30m`.
    Span,
    /// Two spans, least and most.
    Between,
    /// `512Mi`, or a number of bytes.
    Bytes,
    /// `namespace/name`.
    Service,
    /// A list of services.
    Services,
    /// `namespace/service route`, a list.
    Calls,
    /// A table of the named shape.
    Table(&'static str),
    /// A list of tables of the named shape.
    Tables(&'static str),
    /// Any names, each a table of the named shape.
    Named(&'static str),
    /// Any names, each a text.
    NamedTexts,
    /// Any names, each a table of texts.
    NamedSets,
    /// Any names, each a whole number.
    NamedWholes,
}

/// One allowed key of one shape of table.
#[derive(Debug)]
pub struct Key {
    pub table: &'static str,
    pub key: &'static str,
    pub is: Is,
    pub about: &'static str,
}

const fn key(table: &'static str, key: &'static str, is: Is, about: &'static str) -> Key {
    Key { table, key, is, about }
}

/// Every key an `apps.toml` may have, sorted by table and key. The root's shape is `estate`.
pub static KEYS: &[Key] = &[
    key("app", "consumers", Is::Named("consumer"), "work on messages, from a queue or by HTTP"),
    key("app", "cpu", Is::Table("cpu"), "thousandths of a core"),
    key("app", "dials", Is::Named("dial"), "clients for third parties"),
    key("app", "endpoints", Is::Named("endpoint"), "public addresses that lead to it"),
    key("app", "image", Is::Text, "image repository without tag"),
    key("app", "life", Is::Table("life"), "start and stop"),
    key("app", "lines", Is::Named("line"), "log lines by name"),
    key("app", "memory", Is::Table("memory"), "working set over time"),
    key("app", "metrics", Is::Tables("metric"), "metrics of its own"),
    key("app", "needs", Is::Tables("need"), "what it does not start without"),
    key("app", "probes", Is::Tables("probe"), "endpoints for probes"),
    key("app", "releases", Is::Named("release"), "what other image tags do differently"),
    key("app", "routes", Is::Named("route"), "how requests are handled"),
    key("app", "subscribes", Is::Named("subscribe"), "topics it subscribes to when it starts"),
    key("consumer", "again_line", Is::Text, "log line where the order had its row already"),
    key("consumer", "batch", Is::Whole, "messages for each receive, at most 10"),
    key("consumer", "batch_env", Is::Text, "the variable with that number"),
    key("consumer", "calls", Is::Text, "a partner, before the row is written"),
    key("consumer", "calls_env", Is::Text, "the variable that may name another partner"),
    key("consumer", "deletes", Is::Text, "after, before, together"),
    key("consumer", "failed_line", Is::Text, "log line of a failure without its own; has also {err}"),
    key("consumer", "in_order", Is::Yes, "after a failure the rest of its message group in the batch is left alone"),
    key("consumer", "jitter", Is::Span, "added by lot"),
    key(
        "consumer",
        "line",
        Is::Text,
        "log line; has {order} {message_id} {sns_id} {receive} {took_ms} {partner_ms} {sku} {amount}",
    ),
    key("consumer", "mail_from_env", Is::Text, "a letter to the customer: the variable with the sender"),
    key("consumer", "mail_region_env", Is::Text, "the variable with the region to send from; else the account's"),
    key("consumer", "mail_set_env", Is::Text, "the variable with the configuration set"),
    key("consumer", "queue", Is::Text, "the variable with the queue's URL"),
    key("consumer", "receive_line", Is::Text, "log line of a receive that failed; has {err} {code} {to}"),
    key("consumer", "retry_after", Is::Span, "a failed message is visible again after this; else after its timeout"),
    key("consumer", "rows_per_order", Is::Whole, "rows that an order has in each table when all was done (default 1)"),
    key("consumer", "rules", Is::Tables("refusal"), "what it fails on; the first that holds decides"),
    key("consumer", "slow", Is::NamedTexts, "trait → what an order with it takes longer"),
    key("consumer", "takes", Is::Span, "its own time for a message"),
    key("consumer", "unique", Is::Yes, "an order that has a row already gets no second one"),
    key("consumer", "unique_env", Is::Text, "the same if this variable is true"),
    key(
        "consumer",
        "wait",
        Is::Text,
        "its WaitTimeSeconds, \"0s\" to \"20s\" (default); \"queue\": what the queue says",
    ),
    key("consumer", "when_env", Is::NamedTexts, "it polls only if these variables read so"),
    key("consumer", "workers", Is::Whole, "of one process"),
    key("consumer", "writes", Is::Texts, "the table (or tables) of a success"),
    key("cpu", "base", Is::Whole, "when idle"),
    key("cpu", "requests_per_minute", Is::Whole, "what one instance can serve; 0 is no limit"),
    key("cpu", "start", Is::Whole, "while starting and warming"),
    key("detour", "between", Is::Between, "how long"),
    key("detour", "flag", Is::Text, "only while this flag is on"),
    key("dial", "budget_env", Is::Text, "the variable with the retry budget: further attempts in a hundred calls"),
    key("dial", "calls", Is::Whole, "for each arrival of the stream"),
    key("dial", "detached_env", Is::Text, "if this variable is true, what is given up goes on and is not closed"),
    key("dial", "lasting", Is::Span, "how long a call that goes well needs its connection"),
    key("dial", "leaks", Is::Yes, "nothing is ever closed"),
    key("dial", "once_flag", Is::Text, "while this flag is on nothing is tried again"),
    key("dial", "partner", Is::Text, "the third party"),
    key("dial", "retries", Is::Whole, "further attempts"),
    key("dial", "retries_env", Is::Text, "the variable with that number"),
    key("dial", "reuse_env", Is::Text, "connections are used again if this variable is true"),
    key("dial", "spread", Is::Yes, "to so many addresses that no port is scarce"),
    key("dial", "steady_per_minute", Is::Whole, "calls of each process, whoever comes or not"),
    key("dial", "stream", Is::Text, "whose arrivals make calls"),
    key("dial", "timeout", Is::Span, "of one attempt, its connection included"),
    key("dial", "unless_flag", Is::Text, "only while this flag is off"),
    key("dial", "when_env", Is::NamedTexts, "only if these variables read so"),
    key("dial", "when_flag", Is::Text, "only while this flag is on"),
    key("effect", "attempts", Is::Whole, "of a call that fails"),
    key("effect", "attributes", Is::NamedTexts, "message attributes; values have {order} {sku} {amount}"),
    key("effect", "backoff", Is::Span, "between attempts"),
    key("effect", "batch_env", Is::Text, "send: ten to a call if this variable is true"),
    key("effect", "batch_flag", Is::Text, "send: ten to a call while this flag is on"),
    key("effect", "by_trait", Is::NamedSets, "by trait: attributes that read otherwise; an empty one is left out"),
    key("effect", "count", Is::Whole, "send: messages for each order"),
    key("effect", "dedup", Is::Text, "send: MessageDeduplicationId, with {order} {n}"),
    key(
        "effect",
        "doubles",
        Is::Whole,
        "publish, send: of a thousand, so many are sent twice because the answer was lost",
    ),
    key("effect", "failed_line", Is::Text, "log line; has also {err} {attempt} {attempts} {dropped} {code}"),
    key("effect", "group", Is::Text, "send: MessageGroupId, with {order} {sku}"),
    key("effect", "is", Is::Text, "order, publish, send, notify"),
    key("effect", "line", Is::Text, "log line; has {order} {message_id} {to} {attrs} {count}"),
    key("effect", "members", Is::NamedSets, "by trait: further members of the body"),
    key("effect", "name", Is::Text, "for metrics; else what it is"),
    key("effect", "on", Is::Text, "of a release: the route it follows"),
    key("effect", "queue", Is::Text, "send: the variable with the queue's URL"),
    key("effect", "retries_env", Is::Text, "the variable with the number of further attempts"),
    key("effect", "route", Is::Text, "notify: the route there"),
    key("effect", "service", Is::Service, "notify: the Service"),
    key("effect", "timeout", Is::Span, "notify: of one attempt"),
    key("effect", "topic", Is::Text, "publish: the variable with the topic's ARN"),
    key("effect", "traits", Is::Texts, "only orders with one of these traits"),
    key("effect", "types", Is::NamedTexts, "data types of attributes that are not String"),
    key("effect", "unless_flag", Is::Text, "only while this flag is off"),
    key("effect", "when_env", Is::NamedTexts, "only if these variables read so"),
    key("effect", "when_flag", Is::Text, "only while this flag is on"),
    key("effect", "wrapped", Is::Yes, "the body is a text inside an envelope"),
    key("endpoint", "route", Is::Text, "the route there"),
    key("endpoint", "service", Is::Service, "where it leads"),
    key("endpoint", "url", Is::Text, "without query"),
    key("estate", "apps", Is::Named("app"), "programs by name"),
    key("estate", "flags", Is::Named("flag"), "feature flags"),
    key("estate", "indicators", Is::Named("indicator"), "service level indicators (names start with slo_)"),
    key("estate", "partners", Is::Named("partner"), "third parties"),
    key("estate", "replicas", Is::NamedTexts, "database replicas and how far they are behind"),
    key("estate", "skus", Is::Named("sku"), "goods"),
    key("estate", "streams", Is::Named("stream"), "customers"),
    key("flag", "about", Is::Text, "what it does"),
    key("flag", "on", Is::Yes, "at the start of the world"),
    key(
        "indicator",
        "daily_cents",
        Is::NamedWholes,
        "thrift: usage type (no region's prefix) and cents a day that it may cost",
    ),
    key("indicator", "is", Is::Text, "once, ready, right, success, thrift, written"),
    key("indicator", "lag", Is::Span, "written, once, right: orders younger than this are not looked at yet"),
    key("indicator", "over", Is::Span, "window of a share"),
    key("indicator", "service", Is::Service, "ready: the Service"),
    key("indicator", "sku", Is::Text, "success: only this SKU"),
    key("indicator", "stream", Is::Text, "success: of this stream"),
    key("indicator", "surplus_for", Is::Span, "right: so long a row too many counts as harm"),
    key("indicator", "table", Is::Text, "written, once, right: the table of the books"),
    key("indicator", "trait", Is::Text, "written, once: only orders with this trait"),
    key("indicator", "traits", Is::Texts, "right: only orders with one of these traits"),
    key("indicator", "wanted", Is::Whole, "ready: addresses wanted"),
    key("life", "acts", Is::Text, "what it does to the cluster once it is up: scale-down-unlabelled"),
    key("life", "ends", Is::Span, "from the start to its end by itself, exit code 0"),
    key("life", "first_line", Is::Text, "line at the process's start"),
    key("life", "listens", Is::Wholes, "ports"),
    key("life", "start", Is::Span, "until it listens"),
    key("life", "started_line", Is::Text, "line when it listens"),
    key("life", "stop_after", Is::Span, "from SIGTERM to the end"),
    key("life", "stop_code", Is::Whole, "exit code on SIGTERM"),
    key("life", "stop_line", Is::Text, "line on SIGTERM"),
    key("life", "tick_every", Is::Span, "between ticks"),
    key("life", "tick_line", Is::Text, "line written every so often"),
    key("line", "level", Is::Text, "DEBUG, INFO, WARN, ERROR, FATAL, or empty"),
    key("line", "text", Is::Texts, "wording with {fields}; of several the seed picks one"),
    key("memory", "base", Is::Bytes, "after the start"),
    key("memory", "growth_per_hour", Is::Bytes, "a leak"),
    key("memory", "warm", Is::Table("warm"), "a cache filled after the start"),
    key("metric", "about", Is::Text, "what it measures"),
    key("metric", "buckets", Is::Numbers, "upper bounds; none is a counter"),
    key("metric", "field", Is::Text, "what is measured; empty counts requests"),
    key("metric", "labels", Is::Texts, "fields that become labels"),
    key("metric", "name", Is::Text, "without _bucket, _sum, _count"),
    key("metric", "of", Is::Text, "instead of a route: the effect or consumer whose doings feed it"),
    key("metric", "route", Is::Text, "whose requests"),
    key("need", "after", Is::Span, "from the start to the exit"),
    key("need", "env", Is::Text, "an environment variable"),
    key("need", "exit", Is::Whole, "exit code"),
    key("need", "file", Is::Text, "a mounted file"),
    key("need", "line", Is::Text, "line before the exit; has {name} {problem} {value} {exit}"),
    key("need", "must", Is::Text, "arn, no-nbsp, non-empty, number"),
    key("need", "optional", Is::Yes, "checked only if it is there"),
    key("need", "peer", Is::Service, "a Service with a ready address"),
    key("partner", "fails", Is::Whole, "of a thousand calls"),
    key("partner", "host", Is::Text, "its name"),
    key("partner", "ip", Is::Text, "its address"),
    key("partner", "jitter", Is::Span, "added by lot"),
    key("partner", "port", Is::Whole, "443 unless it says so"),
    key("partner", "takes", Is::Span, "for a call"),
    key("probe", "jitter", Is::Span, "added by lot"),
    key("probe", "path", Is::Text, "of the endpoint"),
    key("probe", "peers", Is::Services, "503 if one of these has no ready address"),
    key("probe", "ready", Is::Yes, "503 until started and warm"),
    key("probe", "takes", Is::Span, "until it answers"),
    key("refusal", "action", Is::Text, "key-denied: what it may not do (kms:Decrypt)"),
    key("refusal", "error", Is::Text, "{err} of the line; key-denied: {denied} stands for KMS's words"),
    key("refusal", "key", Is::Text, "key-denied: id, ARN or alias"),
    key("refusal", "line", Is::Text, "log line"),
    key("refusal", "per_mille", Is::Whole, "share: so many in a thousand"),
    key("refusal", "reason", Is::Text, "the outcome in metrics"),
    key("refusal", "trait", Is::Text, "trait: which"),
    key("refusal", "traits", Is::Texts, "key-denied: orders with one of these"),
    key("refusal", "when", Is::Text, "key-denied, partner-failed, share, trait"),
    key("release", "consumers", Is::Named("consumer"), "further or other consumers"),
    key("release", "cpu", Is::Table("cpu"), "instead of the app's"),
    key("release", "dials", Is::Named("dial"), "further or other clients"),
    key(
        "release",
        "effects",
        Is::Tables("effect"),
        "other effects (by name) or further ones, each with the route it follows",
    ),
    key("release", "endpoints", Is::Named("endpoint"), "further or other endpoints"),
    key("release", "life", Is::Table("life"), "instead of the app's"),
    key("release", "lines", Is::Named("line"), "further or other lines"),
    key("release", "memory", Is::Table("memory"), "instead of the app's"),
    key("release", "needs", Is::Tables("need"), "further needs; one for the same thing replaces the app's"),
    key("release", "probes", Is::Tables("probe"), "further probes; the same path replaces the app's"),
    key("release", "routes", Is::Named("route"), "further or other routes"),
    key("release", "subscribes", Is::Named("subscribe"), "further or other subscriptions"),
    key("route", "calls", Is::Calls, "\"namespace/service route\", one after the other"),
    key("route", "cpu", Is::Span, "CPU time of a request"),
    key("route", "dials", Is::Text, "the client that calls a third party after that"),
    key("route", "effects", Is::Tables("effect"), "what follows a success, in order"),
    key("route", "jitter", Is::Span, "added by lot"),
    key("route", "line", Is::Text, "line of a success"),
    key("route", "request", Is::Text, "method and path"),
    key("route", "rules", Is::Tables("rule"), "what it refuses; the first that holds decides"),
    key("route", "status", Is::Whole, "of a success"),
    key("route", "takes", Is::Span, "its own time"),
    key("route", "work", Is::Text, "the consumer whose work such a request brings"),
    key("rule", "default", Is::Whole, "older-than-env: seconds if the variable is not set"),
    key("rule", "env", Is::Text, "older-than-env, reads-behind: the variable"),
    key("rule", "error", Is::Text, "what the customer is told"),
    key("rule", "line", Is::Text, "log line"),
    key("rule", "pass", Is::Yes, "call-failed: the callee's status and error are handed on"),
    key("rule", "per_mille", Is::Whole, "share: so many in a thousand"),
    key("rule", "reason", Is::Text, "what the log says"),
    key("rule", "replica", Is::Text, "reads-behind: which replica"),
    key("rule", "status", Is::Whole, "HTTP status"),
    key("rule", "when", Is::Text, "call-failed, dial-failed, older-than-env, price-unreadable, reads-behind, share"),
    key("sku", "columns", Is::NamedTexts, "its row: price, image_url, …"),
    key("sku", "flavour", Is::Text, "what customers call it"),
    key("stream", "api", Is::Text, "an API of the account, instead of a service"),
    key("stream", "books", Is::Yes, "api: each arrival gets a number in the books"),
    key("stream", "bytes", Is::Whole, "of a visit through the load balancer, both directions (default 480000)"),
    key("stream", "called", Is::Text, "api: what one of them is called (default order)"),
    key("stream", "dwell", Is::Between, "from the open basket to the payment"),
    key("stream", "express", Is::Named("detour"), "by SKU: payment so soon after the reservation"),
    key("stream", "headroom", Is::Whole, "how many times busier than usual it can get (default 8)"),
    key("stream", "hours", Is::Wholes, "24 numbers: per mille of the rate by hour, UTC"),
    key("stream", "mix", Is::NamedWholes, "SKU → weight"),
    key("stream", "per_1000_minutes", Is::Whole, "arrivals"),
    key("stream", "pulse_minutes", Is::Whole, "api: every so many minutes more come for ten seconds"),
    key("stream", "pulse_times", Is::Whole, "api: so many times as many"),
    key("stream", "request", Is::Text, "api: `POST /v1/reports`"),
    key("stream", "retries", Is::Whole, "api: how often they try again after an error"),
    key("stream", "retry_after", Is::Span, "api: after how long, up to twice"),
    key("stream", "route", Is::Text, "of the entry service"),
    key("stream", "service", Is::Service, "the entry service"),
    key("stream", "slow", Is::Between, "dwell of slow shoppers"),
    key("stream", "slow_per_mille", Is::Whole, "slow shoppers"),
    key("stream", "staff", Is::Whole, "of a thousand orders, so many are of people of the house (default 14)"),
    key("stream", "stage", Is::Text, "api: its stage"),
    key("stream", "traits", Is::NamedWholes, "trait → so many orders in a thousand have it"),
    key("stream", "waits", Is::Named("detour"), "by SKU: a waiting room"),
    key("subscribe", "endpoint", Is::Text, "the address, with {pod}"),
    key("subscribe", "failed_line", Is::Text, "log line; has {err} {code}"),
    key("subscribe", "line", Is::Text, "log line; has {topic} {endpoint} {to} {message_id}"),
    key("subscribe", "topic", Is::Text, "the variable with the topic's ARN"),
    key("subscribe", "when_env", Is::NamedTexts, "only if these variables read so"),
    key("warm", "after", Is::Span, "from the start of the process"),
    key("warm", "every", Is::Span, "between progress lines"),
    key("warm", "gates_ready", Is::Yes, "not ready until warm"),
    key("warm", "line", Is::Text, "progress line; has {done} {total}"),
    key("warm", "over", Is::Span, "how long it takes"),
    key("warm", "to", Is::Bytes, "memory above base when warm"),
    key("warm", "total", Is::Whole, "entries"),
];
