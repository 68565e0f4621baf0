//! Events as the components record them: core events aggregated, counted and rate-limited as client-go's correlator
//! does, the scheduler's events.k8s.io events with series, and their decay after one hour. Does not know why they are sent.

use super::kinds::Kind;
use super::object::Object;
use super::{Due, Name};
use crate::stdx::time::{Span, Time};
use crate::world::{self, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long an event lives after its last write (kube-apiserver --event-ttl).
pub const TTL: Span = Span::hours(1);
/// Similar events (all but the message equal) after which they are combined, and the quiet that ends it (client-go).
const SIMILAR_MAX: usize = 10;
const SIMILAR_INTERVAL: Span = Span::mins(10);
/// Events of one source about one object: a burst, then one every five minutes (client-go's EventSourceObjectSpamFilter).
const SPAM_BURST: i64 = 25;
const SPAM_REFILL: Span = Span::secs(300);
/// A series ends after this much quiet (client-go events broadcaster).
const SERIES_QUIET: Span = Span::mins(6);
/// Remembered keys of each sort, as the correlator's caches.
const KEYS_MAX: usize = 4_096;

/// Who speaks: component and, for kubelets, the node.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub component: &'static str,
    pub host: &'a str,
}

/// What is to be said about an object.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    pub warning: bool,
    pub reason: &'a str,
    pub message: String,
    /// `spec.containers{app}`, or empty.
    pub field_path: String,
}

/// Whom an event is about.
#[derive(Clone, Debug)]
pub struct About {
    pub api_version: String,
    pub kind: &'static str,
    pub namespace: Name,
    pub name: Name,
    pub uid: Name,
    pub resource_version: u64,
}

impl About {
    pub fn of(object: &Object) -> About {
        About {
            api_version: object.kind.api_version(),
            kind: object.kind.kind,
            namespace: object.meta.namespace.as_str().into(),
            name: object.meta.name.as_str().into(),
            uid: object.meta.uid.as_str().into(),
            resource_version: object.meta.resource_version,
        }
    }

    fn json(&self, field_path: &str) -> Value {
        let mut map = Map::new();
        map.insert("apiVersion".into(), self.api_version.as_str().into());
        if !field_path.is_empty() {
            map.insert("fieldPath".into(), field_path.into());
        }
        map.insert("kind".into(), self.kind.into());
        map.insert("name".into(), (&*self.name).into());
        if !self.namespace.is_empty() {
            map.insert("namespace".into(), (&*self.namespace).into());
        }
        if self.resource_version > 0 {
            map.insert("resourceVersion".into(), self.resource_version.to_string().into());
        }
        map.insert("uid".into(), (&*self.uid).into());
        Value::Object(map)
    }
}

/// A bounded memory: the least recently used key falls out first.
#[derive(Clone, Debug)]
struct Recent<V> {
    map: BTreeMap<u64, (u64, V)>,
    order: BTreeMap<u64, u64>,
    serial: u64,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Recent { map: BTreeMap::new(), order: BTreeMap::new(), serial: 0 }
    }
}

impl<V> Recent<V> {
    fn entry(&mut self, key: u64, fresh: impl FnOnce() -> V) -> &mut V {
        self.serial += 1;
        let serial = self.serial;
        if let Some((used, _)) = self.map.get(&key) {
            self.order.remove(used);
        } else if self.map.len() == KEYS_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.map.remove(&oldest);
        }
        self.order.insert(serial, key);
        let slot = self.map.entry(key).or_insert_with(|| (serial, fresh()));
        slot.0 = serial;
        &mut slot.1
    }
}

#[derive(Clone, Debug)]
struct Similar {
    messages: Vec<u64>,
    last: Time,
}

#[derive(Clone, Debug)]
struct Observed {
    count: i64,
    first: Time,
    name: Arc<str>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Thousandths of a token.
    tokens: i64,
    at: Time,
}

#[derive(Clone, Debug)]
struct Series {
    count: i64,
    last: Time,
    name: Arc<str>,
}

/// What the recorders of all components remember.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    similar: Recent<Similar>,
    observed: Recent<Observed>,
    spam: Recent<Bucket>,
    series: Recent<Series>,
    serial: u64,
}

/// Records a core/v1 event at `world.now`.
pub fn record(world: &mut World, source: Source<'_>, about: &About, saying: Saying<'_>) {
    let now = world.now;
    let recorder = Arc::make_mut(&mut world.k8s.recorder);
    let base = Key::new().text(source.component).text(source.host).about(about);
    let kind = base.flag(saying.warning);
    let similar_key = kind.text(saying.reason).done();
    let similar = recorder.similar.entry(similar_key, || Similar { messages: Vec::new(), last: now });
    if now - similar.last > SIMILAR_INTERVAL {
        similar.messages.clear();
    }
    similar.last = now;
    let message_key = Key::new().text(&saying.message).done();
    if !similar.messages.contains(&message_key) {
        similar.messages.push(message_key);
    }
    let combined = similar.messages.len() >= SIMILAR_MAX;
    let (key, message) = if combined {
        similar.messages.pop();
        (similar_key, format!("(combined from similar events): {}", saying.message))
    } else {
        let key = kind.text(saying.reason).text(&saying.field_path).text(&saying.message).done();
        (key, saying.message.clone())
    };
    recorder.serial += 1;
    let name: Arc<str> = format!("{}.{:x}", about.name, stamp(now, recorder.serial)).into();
    let seen = recorder.observed.entry(key, || Observed { count: 0, first: now, name });
    seen.count += 1;
    let seen = seen.clone();
    if !recorder.take_token(kind.done(), now) {
        return;
    }
    let mut rest = Map::new();
    rest.insert("involvedObject".into(), about.json(&saying.field_path));
    rest.insert("reason".into(), saying.reason.into());
    rest.insert("message".into(), message.into());
    rest.insert("type".into(), if saying.warning { "Warning" } else { "Normal" }.into());
    rest.insert("count".into(), seen.count.into());
    rest.insert("eventTime".into(), Value::Null);
    rest.insert("firstTimestamp".into(), seen.first.rfc3339().into());
    rest.insert("lastTimestamp".into(), now.rfc3339().into());
    rest.insert("reportingComponent".into(), source.component.into());
    rest.insert("reportingInstance".into(), source.host.into());
    let origin = match source.host {
        "" => json!({"component": source.component}),
        host => json!({"component": source.component, "host": host}),
    };
    rest.insert("source".into(), origin);
    write(world, about, &seen.name, rest);
}

impl Recorder {
    fn take_token(&mut self, key: u64, now: Time) -> bool {
        let full = SPAM_BURST * 1_000;
        let bucket = self.spam.entry(key, || Bucket { tokens: full, at: now });
        let gained = (now - bucket.at).0 * 1_000 / SPAM_REFILL.0;
        if gained > 0 {
            bucket.tokens = (bucket.tokens + gained).min(full);
            bucket.at = now;
        }
        if bucket.tokens < 1_000 {
            return false;
        }
        bucket.tokens -= 1_000;
        true
    }
}

/// Records an events.k8s.io event of the scheduler: `action` is `Binding`, `Scheduling`, …
pub fn record_series(world: &mut World, component: &'static str, action: &str, about: &About, saying: Saying<'_>) {
    let now = world.now;
    let recorder = Arc::make_mut(&mut world.k8s.recorder);
    let version = about.resource_version.to_string();
    let key = Key::new().text(component).text(action).about(about).text(&version).text(saying.reason);
    recorder.serial += 1;
    let name: Arc<str> = format!("{}.{:x}", about.name, stamp(now, recorder.serial)).into();
    let fresh = name.clone();
    let series = recorder.series.entry(key.flag(saying.warning).done(), || Series { count: 0, last: now, name });
    if series.count > 0 && now - series.last > SERIES_QUIET {
        *series = Series { count: 0, last: now, name: fresh };
    }
    series.count += 1;
    series.last = now;
    let series = series.clone();
    // The broadcaster writes the first and the second; later ones only count until the next half-hourly refresh.
    if series.count > 2 {
        return;
    }
    let mut rest = match world.k8s.store.get(Kind::Event, namespace_of(about), &series.name) {
        Some(old) => Map::clone(&old.rest),
        None => Map::new(),
    };
    if rest.is_empty() {
        rest.insert("action".into(), action.into());
        rest.insert("eventTime".into(), now.rfc3339_micros().into());
        rest.insert("firstTimestamp".into(), Value::Null);
        rest.insert("lastTimestamp".into(), Value::Null);
        rest.insert("involvedObject".into(), about.json(&saying.field_path));
        rest.insert("message".into(), saying.message.into());
        rest.insert("reason".into(), saying.reason.into());
        rest.insert("reportingComponent".into(), component.into());
        rest.insert("reportingInstance".into(), format!("{component}-control-plane").into());
        rest.insert("source".into(), json!({}));
        rest.insert("type".into(), if saying.warning { "Warning" } else { "Normal" }.into());
    }
    if series.count > 1 {
        rest.insert("series".into(), json!({"count": series.count, "lastObservedTime": now.rfc3339_micros()}));
    }
    write(world, about, &series.name, rest);
}

/// Events about objects without a namespace live in `default`.
fn namespace_of(about: &About) -> &str {
    if about.namespace.is_empty() { "default" } else { &about.namespace }
}

fn write(world: &mut World, about: &About, name: &Arc<str>, rest: Map<String, Value>) {
    let namespace = namespace_of(about);
    let now = world.now;
    let mut object = match world.k8s.store.get(Kind::Event, namespace, name) {
        Some(old) => Object::clone(old),
        None => {
            let due = Due::Forget { namespace: namespace.into(), name: name.clone() };
            world.schedule(now + TTL, world::Due::K8s(due));
            Object::new(Kind::Event.row(), namespace, name)
        }
    };
    object.rest = Arc::new(rest);
    world.k8s.store.put(object, now);
}

/// Takes an event away if it was not written within the last hour, else looks again when that hour is over.
pub fn forget(world: &mut World, namespace: Name, name: Name) {
    let Some(event) = world.k8s.store.get(Kind::Event, &namespace, &name) else { return };
    let at = |field: &str| event.field(field).as_str().and_then(Time::parse);
    let series = event.field("series").get("lastObservedTime").and_then(Value::as_str).and_then(Time::parse);
    let last = series.or_else(|| at("lastTimestamp")).or_else(|| at("eventTime")).unwrap_or(event.meta.created);
    let until = last + TTL;
    if until > world.now {
        world.schedule(until, world::Due::K8s(Due::Forget { namespace, name }));
    } else {
        world.k8s.store.remove(Kind::Event, &namespace, &name);
    }
}

/// The nanoseconds in an event's name; the serial keeps names of one millisecond apart and in order.
fn stamp(now: Time, serial: u64) -> i64 {
    now.0 * 1_000_000 + (serial % 1_000_000) as i64
}

/// A running FNV-1a hash over the parts of a key.
#[derive(Clone, Copy)]
struct Key(u64);

impl Key {
    fn new() -> Key {
        Key(0xcbf2_9ce4_8422_2325)
    }

    fn text(self, text: &str) -> Key {
        let hash = text.bytes().fold(self.0, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        // A separator, so that ("ab","c") and ("a","bc") differ.
        Key((hash ^ 0xff).wrapping_mul(0x0100_0000_01b3))
    }

    fn flag(self, flag: bool) -> Key {
        self.text(if flag { "!" } else { "." })
    }

    fn about(self, about: &About) -> Key {
        self.text(about.kind).text(&about.namespace).text(&about.name).text(&about.uid)
    }

    fn done(self) -> u64 {
        self.0
    }
}
