//! S3: buckets with their set-up, and the few objects that somebody put into them. Does not know who sends bytes there.

use super::call::{Answer, Call, Cover, Fault};
use super::policy::{self, Document, Kind};
use super::service::{Effect, Meter, MetricSource, Operation, Service, Used};
use super::tagging::Tagged;
use super::tally::{Key, Minute};
use super::timeline::Timeline;
use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::audit::FieldChange;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub static SERVICE: Service = Service {
    name: "s3api",
    doc: "buckets",
    operations: OPERATIONS,
    metrics: &[MetricSource { namespace: "AWS/S3", list: metrics, minutes }],
    logs: &[],
    meters: &[Meter { usage_types: &["TimedStorage-ByteHrs"], read: storage }],
};

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

const fn data(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Data, run }
}

static OPERATIONS: &[Operation] = &[
    write("CreateBucket", "makes a bucket", create),
    write("DeleteBucket", "deletes an empty bucket", delete),
    write("DeleteBucketPolicy", "takes a bucket's policy away", delete_policy),
    data("DeleteObject", "deletes an object", delete_object),
    read("GetBucketLifecycleConfiguration", "what becomes of objects with age", get_lifecycle),
    read("GetBucketLocation", "a bucket's region", location),
    read("GetBucketLogging", "where requests to a bucket are logged", get_logging),
    read("GetBucketPolicy", "who may do what with a bucket", get_policy),
    read("GetBucketTagging", "a bucket's tags", get_tagging),
    read("GetObject", "an object with its content", get_object),
    read("HeadBucket", "whether a bucket is there", head),
    read("HeadObject", "an object without its content", head_object),
    read("ListBuckets", "every bucket", list),
    read("ListObjectsV2", "the objects of a bucket", list_objects),
    write("PutBucketLifecycleConfiguration", "says what becomes of objects with age", put_lifecycle),
    write("PutBucketLogging", "logs requests to a bucket", put_logging),
    write("PutBucketPolicy", "says who may do what with a bucket", put_policy),
    write("PutBucketTagging", "tags a bucket", put_tagging),
    data("PutObject", "puts an object", put_object),
];

const KIND: &str = "AWS::S3::Bucket";
/// Buckets of an account (S3 quotas: 100 before 2024, 10,000 since), and objects kept of each.
const BUCKETS_MAX: usize = 1_000;
const OBJECTS_MAX: usize = 10_000;
/// Bytes of an object (S3 quotas: 5 TB; a single request takes 5 GB, what is larger comes in parts, which are not simulated).
const OBJECT_MAX: u64 = 5 * 1_024 * 1_024 * 1_024 * 1_024;
/// Content kept of an object; beyond it only the size is.
const CONTENT_MAX: usize = 64 * 1_024;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    buckets: Arc<BTreeMap<Arc<str>, Arc<Bucket>>>,
}

#[derive(Clone, Debug, Default)]
struct Bucket {
    created: Time,
    gone: Option<Time>,
    tags: Vec<Value>,
    policy: Option<String>,
    /// The policy understood, as it was at any time.
    laws: Timeline<Option<Arc<Document>>>,
    rules: Option<Value>,
    logging: Option<Value>,
    objects: BTreeMap<String, Object>,
    /// Since when how many bytes and objects there are.
    sizes: Vec<(Time, u64, u64)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Object {
    size: u64,
    etag: String,
    modified: Time,
    kind: String,
    content: String,
}

/// The bucket a request names.
fn find(world: &World, call: &Call) -> Result<Arc<Bucket>, Fault> {
    named(world, name(call))
}

fn named(world: &World, name: &str) -> Result<Arc<Bucket>, Fault> {
    let found = world.aws.storage.buckets.get(name).filter(|bucket| bucket.gone.is_none());
    found.cloned().ok_or_else(|| Fault::new("NoSuchBucket", "The specified bucket does not exist").status(404))
}

fn name<'a>(call: &Call<'a>) -> &'a str {
    call.text("Bucket").unwrap_or_default()
}

/// Changes a bucket; the change is recorded under `path`.
fn change(world: &mut World, call: &Call, path: &str, after: Option<String>, set: impl FnOnce(&mut Bucket)) -> Answer {
    if let Some(bucket) = Arc::make_mut(&mut world.aws.storage.buckets).get_mut(name(call)) {
        set(Arc::make_mut(bucket));
    }
    let changed = vec![FieldChange { path: path.into(), before: None, after }];
    Answer::default().altering(KIND, name(call), changed)
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = name(call);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    // S3 guide, "Bucket naming rules".
    if !(3..=63).contains(&bucket.len())
        || !bucket.chars().all(plain)
        || bucket.starts_with(['.', '-'])
        || bucket.ends_with(['.', '-'])
    {
        return Err(Fault::new("InvalidBucketName", "The specified bucket is not valid."));
    }
    if world.aws.storage.buckets.get(bucket).is_some_and(|bucket| bucket.gone.is_none()) {
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Fault::new("BucketAlreadyOwnedByYou", message).status(409));
    }
    if world.aws.storage.buckets.len() >= BUCKETS_MAX {
        return Err(Fault::new("TooManyBuckets", "You have attempted to create more buckets than allowed"));
    }
    let made = Bucket { created: world.now, ..Bucket::default() };
    Arc::make_mut(&mut world.aws.storage.buckets).insert(bucket.into(), Arc::new(made));
    let body = json!({"Location": format!("http://{bucket}.s3.amazonaws.com/"), "BucketArn": format!("arn:aws:s3:::{bucket}")});
    let changed = vec![FieldChange { path: "BucketName".into(), before: None, after: Some(bucket.into()) }];
    Ok(Answer::of(body).altering(KIND, bucket, changed))
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = find(world, call)?;
    if !bucket.objects.is_empty() {
        let message = "The bucket you tried to delete is not empty";
        return Err(Fault::new("BucketNotEmpty", message).status(409));
    }
    let now = world.now;
    Ok(change(world, call, "BucketName", None, |bucket| bucket.gone = Some(now)))
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.text("Prefix").unwrap_or_default();
    let buckets = world.aws.storage.buckets.iter().filter(|(_, bucket)| bucket.gone.is_none());
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for (name, bucket) in buckets.filter(|(name, _)| name.starts_with(prefix)) {
        answer = answer.about(format!("/Buckets/{}", rows.len()), KIND, name);
        rows.push(json!({"Name": **name, "CreationDate": bucket.created.0}));
    }
    if prefix.is_empty() {
        answer = answer.covering(Cover::All { kind: KIND.into() });
    }
    let owner = Dice::new(world.seed).fork("s3").fork("owner").uuid().replace('-', "");
    answer.body = json!({"Buckets": rows, "Owner": {"ID": format!("{owner}{owner}")}});
    if !prefix.is_empty() {
        answer.body["Prefix"] = json!(prefix);
    }
    Ok(answer)
}

fn head(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    // A HEAD has no body, so the client makes the error from the status.
    find(world, call).map_err(|_| Fault::new("404", "Not Found").status(404))?;
    let body = json!({
        "BucketArn": format!("arn:aws:s3:::{}", name(call)), "BucketRegion": *world.aws.region, "AccessPointAlias": false});
    Ok(Answer::of(body).about("", KIND, name(call)))
}

fn location(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    // The first region has no name here (S3 API reference).
    let region = if *world.aws.region == *"us-east-1" { Value::Null } else { json!(*world.aws.region) };
    Ok(Answer::of(json!({"LocationConstraint": region})).about("", KIND, name(call)))
}

fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let none = || Fault::new("NoSuchBucketPolicy", "The bucket policy does not exist").status(404);
    let policy = find(world, call)?.policy.clone().ok_or_else(none)?;
    Ok(Answer::of(json!({"Policy": policy})).about("", KIND, name(call)))
}

fn put_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let policy = call.text("Policy").unwrap_or_default().to_string();
    let document = policy::parse(&policy, Kind::Resource).map_err(|flaw| policy::complaint("s3api", &flaw))?;
    let malformed = |message: &str| Err(Fault::new("MalformedPolicy", message));
    if !policy::in_scope(&document, "s3") {
        return malformed("Policy has invalid action");
    }
    if !policy::is_about_bucket(&document, name(call)) {
        return malformed("Policy has invalid resource");
    }
    let now = world.now;
    Ok(change(world, call, "Policy", Some(policy.clone()), |bucket| {
        bucket.policy = Some(policy);
        bucket.laws.set_forgetting(now, Some(Arc::new(document)));
    }))
}

fn delete_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let now = world.now;
    Ok(change(world, call, "Policy", None, |bucket| {
        bucket.policy = None;
        bucket.laws.set_forgetting(now, None);
    }))
}

/// The policy of a bucket at a time.
pub fn policy_of(world: &World, bucket: &str, at: Time) -> Option<Arc<Document>> {
    let bucket = world.aws.storage.buckets.get(bucket)?;
    bucket.laws.at(at).cloned().flatten().filter(|_| bucket.gone.is_none_or(|gone| at < gone))
}

/// When the policy of a bucket changed.
pub fn policy_changes(world: &World, bucket: &str) -> Vec<Time> {
    let bucket = world.aws.storage.buckets.get(bucket);
    bucket.map(|bucket| bucket.laws.points().iter().map(|(at, _)| *at).collect()).unwrap_or_default()
}

fn get_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = find(world, call)?;
    if bucket.tags.is_empty() {
        return Err(Fault::new("NoSuchTagSet", "The TagSet does not exist").status(404));
    }
    Ok(Answer::of(json!({"TagSet": bucket.tags})).about("", KIND, name(call)))
}

fn put_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let tags = call.input()["Tagging"]["TagSet"].as_array().cloned().unwrap_or_default();
    let said = Value::Array(tags.clone()).to_string();
    Ok(change(world, call, "TagSet", Some(said), |bucket| bucket.tags = tags))
}

fn get_lifecycle(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let none = || Fault::new("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist").status(404);
    let rules = find(world, call)?.rules.clone().ok_or_else(none)?;
    let body = json!({"Rules": rules, "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"});
    Ok(Answer::of(body).about("", KIND, name(call)))
}

fn put_lifecycle(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let rules = call.input()["LifecycleConfiguration"]["Rules"].clone();
    if rules.as_array().is_none_or(Vec::is_empty) {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Fault::new("MalformedXML", message));
    }
    let said = rules.to_string();
    Ok(change(world, call, "LifecycleConfiguration", Some(said), |bucket| bucket.rules = Some(rules)))
}

fn get_logging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = find(world, call)?;
    let body = bucket.logging.as_ref().map_or(Value::Null, |logging| json!({"LoggingEnabled": logging}));
    Ok(Answer::of(body)
        .about("", KIND, name(call))
        .covering(Cover::Whole { kind: KIND.into(), name: name(call).into() }))
}

fn put_logging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let logging = call.input()["BucketLoggingStatus"]["LoggingEnabled"].clone();
    let target = logging["TargetBucket"].as_str().unwrap_or_default();
    let there = world.aws.storage.buckets.get(target).is_some_and(|bucket| bucket.gone.is_none());
    if logging.is_object() && !there {
        let message = "The target bucket for logging does not exist";
        return Err(Fault::new("InvalidTargetBucketForLogging", message));
    }
    let said = logging.is_object().then(|| logging.to_string());
    let kept = logging.is_object().then_some(logging);
    Ok(change(world, call, "LoggingEnabled", said, |bucket| bucket.logging = kept))
}

fn object(world: &World, call: &Call) -> Result<Object, Fault> {
    let bucket = find(world, call)?;
    bucket.objects.get(call.text("Key").unwrap_or_default()).cloned().ok_or_else(no_key)
}

fn no_key() -> Fault {
    Fault::new("NoSuchKey", "The specified key does not exist.").status(404)
}

/// Whether a bucket is there, and holds an object.
pub(super) fn holds(world: &World, bucket: &str, key: Option<&str>) -> Result<(), Fault> {
    let found = named(world, bucket)?;
    if key.is_none_or(|key| found.objects.contains_key(key)) { Ok(()) } else { Err(no_key()) }
}

fn shown(object: &Object) -> Value {
    json!({
        "AcceptRanges": "bytes", "LastModified": object.modified.0, "ContentLength": object.size, "ETag": object.etag,
        "ContentType": object.kind, "ServerSideEncryption": "AES256", "Metadata": {}})
}

fn head_object(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = object(world, call).map_err(|_| Fault::new("404", "Not Found").status(404))?;
    Ok(Answer::of(shown(&found)).about("", KIND, name(call)))
}

fn get_object(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = object(world, call)?;
    let mut body = shown(&found);
    body["Body"] = json!(found.content);
    Ok(Answer::of(body).about("", KIND, name(call)))
}

fn put_object(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = find(world, call)?;
    let key = call.text("Key").unwrap_or_default();
    let content = call.text("Body").unwrap_or_default();
    let bytes = STANDARD.decode(content).unwrap_or_default();
    if bucket.objects.len() >= OBJECTS_MAX && !bucket.objects.contains_key(key) {
        return Err(Fault::new("SlowDown", "Please reduce your request rate.").status(503));
    }
    // A declared length stands for content that nobody keeps (a dump, an archive).
    let size = call.whole("ContentLength").map_or(bytes.len() as u64, i64::unsigned_abs);
    if size > OBJECT_MAX {
        let message = "Your proposed upload exceeds the maximum allowed size";
        return Err(Fault::new("EntityTooLarge", message));
    }
    let digest = Dice::new(size).fork(key).fork(content).uuid().replace('-', "");
    let made = Object {
        size,
        etag: format!("\"{digest}\""),
        modified: world.now,
        kind: call.text("ContentType").unwrap_or("binary/octet-stream").into(),
        content: if bytes.len() <= CONTENT_MAX { content.into() } else { String::new() },
    };
    let (etag, now) = (made.etag.clone(), world.now);
    let answer = change(world, call, key, Some(etag.clone()), |bucket| {
        bucket.objects.insert(key.into(), made);
        bucket.weigh(now);
    });
    Ok(Answer { body: json!({"ETag": etag, "ServerSideEncryption": "AES256"}), ..answer })
}

fn delete_object(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    find(world, call)?;
    let (key, now) = (call.text("Key").unwrap_or_default(), world.now);
    // Deleting what is not there succeeds (S3 API reference).
    Ok(change(world, call, key, None, |bucket| {
        bucket.objects.remove(key);
        bucket.weigh(now);
    }))
}

impl Bucket {
    fn weigh(&mut self, now: Time) {
        let bytes = self.objects.values().map(|object| object.size).sum();
        self.sizes.push((now, bytes, self.objects.len() as u64));
    }

    /// Bytes and objects at a time.
    fn size_at(&self, at: Time) -> (u64, u64) {
        let index = self.sizes.partition_point(|(since, ..)| *since <= at);
        let found = index.checked_sub(1).and_then(|index| self.sizes.get(index));
        found.map_or((0, 0), |(_, bytes, count)| (*bytes, *count))
    }
}

fn list_objects(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bucket = find(world, call)?;
    let (prefix, delimiter) = (call.text("Prefix").unwrap_or_default(), call.text("Delimiter").unwrap_or_default());
    let after = call.text("ContinuationToken").or(call.text("StartAfter")).unwrap_or_default();
    let most = call.whole("MaxKeys").unwrap_or(1_000).clamp(0, 1_000) as usize;
    let mut common: BTreeSet<String> = BTreeSet::new();
    let mut rows = Vec::new();
    let mut last = None;
    for (key, object) in bucket.objects.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after) {
        if rows.len() + common.len() >= most {
            last = Some(key);
            break;
        }
        let rest = key.get(prefix.len()..).unwrap_or_default();
        match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
            Some(at) => drop(common.insert(format!("{prefix}{}", &rest[..at + delimiter.len()]))),
            None => rows.push(json!({
                "Key": key, "LastModified": object.modified.0, "ETag": object.etag, "Size": object.size,
                "StorageClass": "STANDARD"})),
        }
    }
    let count = rows.len() + common.len();
    let mut body = Map::from_iter([
        ("IsTruncated".to_string(), json!(last.is_some())),
        ("Name".to_string(), json!(name(call))),
        ("Prefix".to_string(), json!(prefix)),
        ("MaxKeys".to_string(), json!(most)),
        ("KeyCount".to_string(), json!(count)),
    ]);
    if last.is_some()
        && let Some(shown) = rows.last().and_then(|row| row["Key"].as_str())
    {
        body.insert("NextContinuationToken".into(), json!(shown));
    }
    if !rows.is_empty() {
        body.insert("Contents".into(), json!(rows));
    }
    if !common.is_empty() {
        let rows: Vec<Value> = common.iter().map(|prefix| json!({"Prefix": prefix})).collect();
        body.insert("CommonPrefixes".into(), json!(rows));
    }
    if !delimiter.is_empty() {
        body.insert("Delimiter".into(), json!(delimiter));
    }
    Ok(Answer::of(Value::Object(body)).about("", KIND, name(call)))
}

/// `BucketSizeBytes` and `NumberOfObjects`, once a day (S3 guide, "Amazon S3 daily storage metrics").
fn metrics(world: &World) -> Vec<Key> {
    let key = |metric, bucket: &Arc<str>, kind: &str| Key {
        namespace: "AWS/S3",
        metric,
        dimensions: vec![("BucketName", Arc::clone(bucket)), ("StorageType", kind.into())],
    };
    let buckets = world.aws.storage.buckets.keys();
    let both = buckets.flat_map(|bucket| {
        [key("BucketSizeBytes", bucket, "StandardStorage"), key("NumberOfObjects", bucket, "AllStorageTypes")]
    });
    both.collect()
}

fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let named = key.dimensions.iter().find(|(name, _)| *name == "BucketName");
    let Some(bucket) = named.and_then(|(_, name)| world.aws.storage.buckets.get(name)) else { return Vec::new() };
    let first = from.max(bucket.created.0.div_euclid(60_000)).div_euclid(1_440);
    let last = to.min(world.now.0.div_euclid(60_000)).div_euclid(1_440);
    let days = (first..=last).map(|day| day * 1_440).filter(|minute| from <= *minute && *minute <= to);
    days.filter(|minute| bucket.created.0 < minute * 60_000)
        .map(|minute| {
            let (bytes, count) = bucket.size_at(Time(minute * 60_000));
            let value = if key.metric == "BucketSizeBytes" { bytes } else { count };
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            (minute, Minute { sum: value, count: 1, least: value, most: value })
        })
        .collect()
}

/// GB-months (of 730 hours) of what lies there.
fn storage(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    for (name, bucket) in world.aws.storage.buckets.iter() {
        let first = from.max(bucket.created.0.div_euclid(3_600_000));
        for hour in first..to.min(world.now.0.div_euclid(3_600_000)) {
            let (bytes, _) = bucket.size_at(Time(hour * 3_600_000));
            if bytes > 0 && bucket.gone.is_none_or(|gone| hour * 3_600_000 < gone.0) {
                out.push(Used {
                    hour,
                    service: "Amazon Simple Storage Service",
                    usage_type: "TimedStorage-ByteHrs".into(),
                    operation: "StandardStorage",
                    micros: super::flows::meters::gigabytes(bytes) / 730,
                    resource: Arc::clone(name),
                });
            }
        }
    }
    out
}

/// Every bucket with its tags.
pub fn tagged(world: &World) -> Vec<Tagged> {
    tagged_if(world, |bucket| bucket.gone.is_none())
}

/// Deleted buckets with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    tagged_if(world, |bucket| bucket.gone.is_some())
}

fn tagged_if(world: &World, wanted: impl Fn(&Bucket) -> bool) -> Vec<Tagged> {
    let buckets = world.aws.storage.buckets.iter().filter(|(_, bucket)| wanted(bucket));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    buckets
        .map(|(name, bucket)| Tagged {
            arn: format!("arn:aws:s3:::{name}"),
            kind: KIND,
            name: Arc::clone(name),
            tags: bucket.tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect(),
        })
        .collect()
}
