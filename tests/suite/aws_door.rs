//! The door against the real aws command and boto3, and against clients that mean harm. What needs a Python with botocore
//! is skipped, and says so, where there is none; `.ci/run` brings one and sets `WHODUNIT_AWS_REQUIRED`, so that there
//! nothing is skipped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use whodunit::console;
use whodunit::console::aws::outside;
use whodunit::console::page::Stream;
use whodunit::console::session::Session;
use whodunit::drill::run::learner_shell;
use whodunit::host::door::Message;
use whodunit::host::door::aws;
use whodunit::host::door::aws::endpoint::Endpoint;
use whodunit::host::door::aws::profile;
use whodunit::host::door::aws::route::{self, Asked, Wire};
use whodunit::host::door::listen::{self, Door};
use whodunit::host::door::owner::Done;
use whodunit::scenario;
use whodunit::stdx::dice::Dice;
use whodunit::world::World;
use whodunit::world::aws::call::{Answer, Fault};
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::model::{self, Member, Model, Of, Place, Protocol, Shape};
use whodunit::world::aws::service::SERVICES;

/// A Python that has botocore, awscli and boto3.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let named = std::env::var("WHODUNIT_AWS_PYTHON").unwrap_or_else(|_| "python3".into());
        let tried = Command::new(&named).args(["-c", "import botocore, awscli, boto3"]).stderr(Stdio::null()).status();
        if tried.is_ok_and(|status| status.success()) {
            return Some(named);
        }
        let required = std::env::var("WHODUNIT_AWS_REQUIRED").is_ok_and(|value| !value.is_empty());
        assert!(!required, "{named} has no botocore, awscli and boto3, and they are required here");
        None
    });
    if found.is_none() {
        println!("skipped: no Python with awscli and boto3 (pip install awscli boto3, or WHODUNIT_AWS_PYTHON=…)");
    }
    found.as_deref()
}

fn script(name: &str) -> String {
    format!("{}/tests/data/aws/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a Python script with lines on its standard input; gives back its lines.
fn lines(python: &str, arguments: &[&str], input: &[Value]) -> Vec<Value> {
    let mut child = Command::new(python)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text: String = input.iter().map(|line| format!("{line}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    writer.join().expect("no panic").expect("all was taken");
    assert!(output.status.success(), "{arguments:?} failed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn models() -> impl Iterator<Item = &'static Model> {
    SERVICES.iter().filter_map(|service| model::of(service.name))
}

fn decoded(row: &Value, key: &str) -> Vec<u8> {
    STANDARD.decode(row[key].as_str().unwrap_or_default()).expect("base64")
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_string()
}

/// Whatever members botocore sends on whatever wire arrive as they were given.
#[test]
fn requests_of_botocore_are_read() {
    let Some(python) = python() else { return };
    let asked: Vec<Value> = models()
        .map(|model| json!({ "service": model.service, "operations": model.operations.keys().collect::<Vec<_>>() }))
        .collect();
    let rows = lines(python, &[&script("wire.py"), "requests", "7", "12"], &asked);
    let operations: usize = models().map(|model| model.operations.len()).sum();
    assert!(rows.len() >= operations * 12, "{} requests of {operations} operations", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let headers = row["headers"].as_array().expect("headers").iter();
        let message = Message {
            method: text(row, "method"),
            path: text(row, "path"),
            query: text(row, "query"),
            headers: headers.map(|pair| (text_at(pair, 0), text_at(pair, 1))).collect(),
            body: decoded(row, "body"),
        };
        let model = model::of(&text(row, "service")).expect("a model");
        match route::read(&message, &model.sign) {
            Ok(read) if read.operation.name == text(row, "operation") && read.model.service == model.service => {
                if read.input != row["input"] {
                    wrong.push(format!(
                        "{} {}\n sent {}\n read {}",
                        model.service, row["operation"], row["input"], read.input
                    ));
                }
            }
            Ok(read) => wrong.push(format!(
                "{} {} was read as {} {}",
                model.service, row["operation"], read.model.service, read.operation.name
            )),
            Err(refused) => {
                wrong.push(format!("{} {}: {:?} for {}", model.service, row["operation"], refused.fault, row["input"]))
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), sample(&wrong));
}

/// The shortest of them, cut: what is wrong shows best there.
fn sample(wrong: &[String]) -> String {
    let mut rows: Vec<&String> = wrong.iter().collect();
    rows.sort_by_key(|row| row.len());
    rows.iter().take(6).map(|row| row.chars().take(3_000).collect::<String>()).collect::<Vec<_>>().join("\n")
}

fn text_at(pair: &Value, at: usize) -> String {
    pair[at].as_str().unwrap_or_default().to_string()
}

/// Wires on which a service's answers are compared, with botocore's names for them.
fn wires(model: &Model) -> Vec<(Wire, &'static str)> {
    match model.protocol {
        Protocol::Json10 if model.service == "cloudwatch" => {
            vec![(Wire::Json10, "json"), (Wire::Cbor, "cbor"), (Wire::Query, "query")]
        }
        Protocol::Json10 => vec![(Wire::Json10, "json")],
        Protocol::Json11 => vec![(Wire::Json11, "json")],
        Protocol::Query => vec![(Wire::Query, "query")],
        Protocol::Ec2 => vec![(Wire::Ec2, "ec2")],
        Protocol::RestJson => vec![(Wire::RestJson, "rest-json")],
        Protocol::RestXml => vec![(Wire::RestXml, "rest-xml")],
    }
}

/// Random values of a model's shapes.
struct Maker<'a> {
    model: &'a Model,
    dice: Dice,
    /// Whether the wire can tell an empty list or map from none at all.
    says_empty: bool,
}

impl Maker<'_> {
    fn text(&mut self, letters: &str) -> String {
        let letters: Vec<char> = letters.chars().collect();
        let length = self.dice.between(1, 12);
        (0..length).filter_map(|_| self.dice.pick(&letters).copied()).collect()
    }

    fn make(&mut self, shape: &str, member: Option<&Member>, depth: u32) -> Value {
        let model = self.model;
        let place = member.map_or(Place::Body, |member| member.place);
        match model.shape(shape).expect("a shape") {
            Shape::Struct(structure) => {
                let mut out = Map::new();
                for member in &structure.members {
                    let per_mille = if depth < 2 { 800 } else { 400 / u64::from(depth) };
                    // A status, headers, and a body that is one text or blob are always there, if only as nothing.
                    let there = structure.payload == member.name
                        || matches!(member.place, Place::Status | Place::Headers)
                        || member.place == Place::Header && member.name == "ContentType";
                    // Text to the model, a date to botocore.
                    let own = member.name == "Expires";
                    if depth < 7 && !own && (there || self.dice.chance(per_mille)) {
                        let value = self.make(&member.shape, Some(member), depth + 1);
                        out.insert(member.name.clone(), value);
                    }
                }
                Value::Object(out)
            }
            Shape::List(list) => {
                let flat = list.flat || member.is_some_and(|member| member.flat) || place != Place::Body;
                let least = i64::from(flat && !self.says_empty || place != Place::Body);
                let count = self.dice.between(least, 3);
                let inner = Member { place, ..Member::default() };
                (0..count).map(|_| self.make(&list.member, Some(&inner), depth + 1)).collect()
            }
            Shape::Map(map) => {
                let least = i64::from(map.flat && !self.says_empty || place != Place::Body);
                let count = self.dice.between(least, 3);
                let entries = (0..count).map(|_| {
                    let key = self.text("abcdefgh-0123");
                    let inner = Member { place, ..Member::default() };
                    (key, self.make(&map.value, Some(&inner), depth + 1))
                });
                Value::Object(entries.collect())
            }
            Shape::Scalar(scalar) => match scalar.of {
                Of::String if place != Place::Body => Value::from(self.text("abcXYZ019-_./:")),
                Of::String => Value::from(self.text("abc XYZ019-_.,/:;&<>\"'%+=\n\t\ré한✓🦀\\{}[]")),
                Of::Integer | Of::Long if place == Place::Status => Value::from(200 + self.dice.below(99)),
                Of::Integer => Value::from(self.dice.between(-(1 << 31), (1 << 31) - 1)),
                Of::Long => Value::from(self.dice.between(-(1 << 60), 1 << 60)),
                Of::Float | Of::Double => {
                    let number = self.dice.between(-1_000_000, 1_000_000) as f64;
                    let scale = [1.0, 3.0, 1e-9, 1e18][self.dice.below(4) as usize];
                    json!(number * scale)
                }
                Of::Boolean => Value::Bool(self.dice.chance(500)),
                Of::Blob => {
                    let bytes: Vec<u8> = (0..self.dice.below(9)).map(|_| self.dice.below(256) as u8).collect();
                    Value::from(STANDARD.encode(bytes))
                }
                Of::Timestamp => {
                    let ms = self.dice.between(0, 4_000_000_000_000);
                    let named = member.map_or("", |member| member.format.as_str()).to_string() + &scalar.format;
                    // What has no fraction on its wire is given none.
                    let whole = place != Place::Body || named.contains("rfc822") || named.contains("unixTimestamp");
                    Value::from(if whole { ms / 1_000 * 1_000 } else { ms })
                }
            },
        }
    }
}

/// Every answer that a service could give is read by botocore as it was meant, on every wire that the service speaks.
#[test]
fn answers_are_read_by_botocore() {
    let Some(python) = python() else { return };
    let mut sent = Vec::new();
    let mut meant = Vec::new();
    for model in models() {
        // Where a bucket is, botocore reads by itself rather than by the model.
        for operation in model.operations.values().filter(|operation| operation.name != "GetBucketLocation") {
            for (wire, named) in wires(model) {
                let dice = Dice::new(11).fork(&format!("{}/{}/{named}", model.service, operation.name));
                let says_empty = matches!(wire, Wire::Json10 | Wire::Json11 | Wire::Cbor | Wire::RestJson);
                let mut maker = Maker { model, dice, says_empty };
                for _ in 0..12 {
                    let body =
                        if operation.output.is_empty() { json!({}) } else { maker.make(&operation.output, None, 0) };
                    let asked = Asked { model, operation, wire, input: Value::Null };
                    let reply = aws::write(&asked, &Ok(Answer::of(body.clone())), "an-id", &operation.method);
                    sent.push(json!({ "service": model.service, "operation": operation.name, "wire": named,
                        "status": reply.status, "headers": reply.headers, "body": STANDARD.encode(&reply.body) }));
                    meant.push(body);
                }
            }
        }
    }
    let read = lines(python, &[&script("wire.py"), "answers"], &sent);
    let mut wrong = Vec::new();
    for ((sent, meant), read) in sent.iter().zip(&meant).zip(&read) {
        // A union has one member set; random ones have any number.
        let union = read["failed"].as_str().is_some_and(|why| why.contains("one and only one member"));
        if read["output"] != *meant && !union {
            let body = String::from_utf8_lossy(&decoded(sent, "body")).into_owned();
            wrong.push(format!(
                "{} {} {}\n meant {meant}\n read  {read}\n body {body}",
                sent["service"], sent["operation"], sent["wire"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), read.len(), sample(&wrong));
}

/// Every error that a service's model names reaches botocore with its code and message.
#[test]
fn refusals_are_read_by_botocore() {
    let Some(python) = python() else { return };
    let (mut sent, mut meant) = (Vec::new(), Vec::new());
    for model in models() {
        let Some(operation) = model.operations.values().find(|operation| operation.method != "HEAD") else { continue };
        let named = model.shapes.values().filter_map(|shape| match shape {
            Shape::Struct(structure) => Some(structure.error.as_ref()?.code.clone()),
            _ => None,
        });
        // Of a service that speaks JSON and never spoke otherwise, clients see the shape's name.
        let named = named.map(|code| match model.error(&code) {
            Some((name, _)) if wires(model)[0].1.contains("json") && !model.query_mode => name.to_string(),
            _ => code,
        });
        // Clients go on seeing what SQS said before it spoke JSON.
        let old = (model.service == "sqs").then(|| "AWS.SimpleQueueService.NonExistentQueue".to_string());
        for code in named.chain(["AccessDenied".to_string()]).chain(old) {
            for (wire, named) in wires(model) {
                let fault = Fault::new(&code, "a <message> & \"more\" 한");
                let asked = Asked { model, operation, wire, input: Value::Null };
                let reply = aws::write(&asked, &Err(fault), "an-id", &operation.method);
                assert!((400..600).contains(&reply.status), "{code}: {}", reply.status);
                sent.push(json!({ "service": model.service, "operation": operation.name, "wire": named,
                    "status": reply.status, "headers": reply.headers, "body": STANDARD.encode(&reply.body) }));
                meant.push(code.clone());
            }
        }
    }
    let read = lines(python, &[&script("wire.py"), "answers"], &sent);
    for ((sent, code), read) in sent.iter().zip(&meant).zip(&read) {
        let due = json!({ "Code": code, "Message": "a <message> & \"more\" 한" });
        assert_eq!(read["error"], due, "{sent}");
        assert_eq!(read["request_id"], "an-id", "{sent}");
    }
}

// ---- the real clients ------------------------------------------------------------------------------------------------

/// A world with an account, at a moment that stays, and the learner's shell in it.
fn counter() -> &'static (World, Session) {
    static COUNTER: OnceLock<(World, Session)> = OnceLock::new();
    COUNTER.get_or_init(|| {
        let pack = scenario::source::sandbox("scoopline-cloud").expect("the estate is in the library");
        let (_, stage) =
            scenario::cast(&pack, "A", 5).unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        let session = learner_shell(&stage);
        (stage.world, session)
    })
}

/// A door to a world that is put back whenever somebody says so.
struct Stand {
    world: Arc<Mutex<World>>,
    door: Door,
    folder: tempfile::TempDir,
}

impl Stand {
    fn open(world: &World) -> Stand {
        let shared = Arc::new(Mutex::new(world.clone()));
        let own = Arc::clone(&shared);
        let listener = listen::bind(0).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let endpoint = Endpoint::new(
            address,
            &world.aws.region,
            Box::new(move |ask| {
                let asked = ask.asked;
                let request = Request {
                    service: asked.service,
                    operation: asked.operation,
                    input: asked.input,
                    caller: Caller { user: asked.user, arn: String::new() },
                    region: asked.region,
                    agent: "aws-cli".into(),
                };
                let (done, _) = outside::ask(&mut own.lock().expect("no panic"), request);
                ask.reply.send(Done::Answered(Box::new(done))).is_ok()
            }),
        )
        .expect("an endpoint");
        let folder = tempfile::tempdir().expect("a folder");
        profile::keep(folder.path(), &endpoint.key, address).expect("a profile");
        let door = listen::open(listener, Arc::new(endpoint)).expect("a door");
        Stand { world: shared, door, folder }
    }

    fn put_back(&self, world: &World) {
        *self.world.lock().expect("no panic") = world.clone();
    }
}

/// The real command and boto3, in one process.
struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Client {
    fn start(python: &str, stand: &Stand) -> Client {
        let mut command = Command::new(python);
        command.arg(script("cli.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_PROFILE", "COLUMNS"]
        {
            command.env_remove(name);
        }
        command.env("AWS_CONFIG_FILE", stand.folder.path().join("aws-config"));
        command.env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null").env("AWS_PROFILE", "sim").env("TZ", "UTC");
        command.env("AWS_ENDPOINT_URL", format!("http://{}", stand.door.address));
        command
            .env("AWS_REGION", aws::REGION)
            .env("AWS_DEFAULT_REGION", aws::REGION)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        let mut child = command.spawn().expect("python starts");
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Client { child, stdin, stdout }
    }

    fn ask(&mut self, row: &Value) -> Value {
        writeln!(self.stdin, "{row}").expect("python listens");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("python answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{row}: {line:?}"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the built-in command prints: standard output, standard error, exit code.
fn built_in(world: &World, session: &Session, line: &str) -> (String, String, i64) {
    let ran = console::run(&mut world.clone(), &mut session.clone(), line);
    let (mut out, mut err) = (String::new(), String::new());
    for line in &ran.output.lines {
        let to = match line.stream {
            Stream::Out => &mut out,
            Stream::Err => &mut err,
            Stream::Hint => continue,
        };
        to.push_str(&line.text);
        if !line.open {
            to.push('\n');
        }
    }
    (out, err, i64::from(ran.output.code))
}

/// Names that stand in the lines: of the account's first queue and topic.
fn named(world: &World, line: &str) -> String {
    let first = |service: &str, operation: &str, at: &str| {
        let request = Request {
            service: service.into(),
            operation: operation.into(),
            input: json!({}),
            caller: Caller { user: "learner".into(), arn: String::new() },
            region: world.aws.region.to_string(),
            agent: String::new(),
        };
        let answer = outside::ask(&mut world.clone(), request).0.unwrap_or_default();
        answer.body.pointer(at).and_then(Value::as_str).unwrap_or("none").to_string()
    };
    let url = first("sqs", "ListQueues", "/QueueUrls/0");
    let queue = url.rsplit('/').next().unwrap_or_default().to_string();
    let topic = first("sns", "ListTopics", "/Topics/0/TopicArn");
    line.replace("{queue_url}", &url).replace("{queue}", &queue).replace("{topic}", &topic)
}

/// The lines that both commands are given.
fn commands() -> Vec<String> {
    let folder = format!("{}/tests/data/aws", env!("CARGO_MANIFEST_DIR"));
    let mut lines = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "txt")) {
        let text = std::fs::read_to_string(path).expect("text");
        let own = text.lines().map(str::trim).filter(|line| line.starts_with("aws "));
        lines.extend(own.map(str::to_string));
    }
    lines
}

/// Words of a line for a process: as the simulated shell splits them, which knows quotes.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The same bytes on both streams and the same exit code, for every line in every format, from the same world.
#[test]
fn the_real_command_prints_the_same() {
    let Some(python) = python() else { return };
    let (world, session) = counter();
    let stand = Stand::open(world);
    let mut client = Client::start(python, &stand);
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in commands() {
        let words: Vec<String> = named(world, &line).split(' ').skip(1).map(str::to_string).collect();
        for format in ["json", "table", "text"] {
            let words: Vec<String> = words.iter().cloned().chain(["--output".into(), format.into()]).collect();
            let typed = format!("aws {}", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
            let (out, err, code) = built_in(world, session, &typed);
            stand.put_back(world);
            let real = client.ask(&json!({ "args": words }));
            count += 1;
            // The client begins a complaint about words with a line that it at once overwrites.
            let said = text(&real, "err").replacen("usage: \r", "", 1).replacen("usage: \n", "", 1);
            let real = (text(&real, "out"), said, real["code"].as_i64().unwrap_or(-1));
            if (&out, &err, code) != (&real.0, &real.1, real.2) {
                wrong.push(format!(
                    "$ {line} --output {format}\n--- built in, {code}\n{out}{err}\n--- real, {}\n{}{}",
                    real.2, real.0, real.1
                ));
            }
        }
    }
    if let Ok(path) = std::env::var("WHODUNIT_AWS_REPORT") {
        std::fs::write(path, wrong.join("\n=====\n")).expect("written");
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), sample(&wrong));
    println!("{count} commands print the same");
}

/// What boto3 does by itself: digests of messages are checked, pages are turned, waiters wait.
const BOTO: &str = r#"
sqs, sns, cloudwatch = (boto3.client(name) for name in ("sqs", "sns", "cloudwatch"))
url = sqs.create_queue(QueueName="by-boto")["QueueUrl"]
assert sqs.get_queue_url(QueueName="by-boto")["QueueUrl"] == url
attributes = {"kind": {"DataType": "String", "StringValue": "tea"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
sent = sqs.send_message(QueueUrl=url, MessageBody="hello \u2713 \ud55c", MessageAttributes=attributes)
got = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"], WaitTimeSeconds=1)["Messages"][0]
assert got["MessageId"] == sent["MessageId"] and got["Body"] == "hello \u2713 \ud55c", got
assert got["MessageAttributes"]["raw"]["BinaryValue"] == b"\x00\xff", got
sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
batch = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": f"m{n}"} for n in range(10)])
assert len(batch["Successful"]) == 10, batch
pages = list(sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 2}))
assert len(pages) > 1 and url in [one for page in pages for one in page.get("QueueUrls", [])], pages
try:
    sqs.get_queue_url(QueueName="nope")
    assert False
except sqs.exceptions.QueueDoesNotExist as error:
    assert error.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue", error.response
topic = sns.create_topic(Name="by-boto")["TopicArn"]
assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]
assert topic in [one["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for one in page["Topics"]]
try:
    sns.publish(TopicArn=topic + "-nope", Message="hello")
    assert False
except sns.exceptions.NotFoundException:
    pass
names = [one["MetricName"] for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/SQS") for one in page["Metrics"]]
assert isinstance(names, list)
cloudwatch.put_metric_alarm(AlarmName="by-boto", Namespace="AWS/SQS", MetricName="ApproximateNumberOfMessagesVisible",
    Dimensions=[{"Name": "QueueName", "Value": "by-boto"}], Statistic="Maximum", Period=60, EvaluationPeriods=1,
    Threshold=5, ComparisonOperator="GreaterThanThreshold")
cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["by-boto"], WaiterConfig={"Delay": 1, "MaxAttempts": 2})
print("done")
"#;

#[test]
fn boto3_works() {
    let Some(python) = python() else { return };
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let told = Client::start(python, &stand).ask(&json!({ "script": BOTO }));
    assert_eq!(text(&told, "out"), "done\n", "{}", text(&told, "err"));
}

// ---- without a client ------------------------------------------------------------------------------------------------

const ACCOUNT: &str = r#"
account = "123456789012"
region = "ap-northeast-2"
[resources."aws_sqs_queue.orders"]
name = "orders"
[resources."aws_sqs_queue.returns"]
name = "returns"
"#;

/// The files of a case with a small account: folder by folder, as a pack has them.
fn files() -> [(&'static str, String); 3] {
    let scenario = include_str!("../../assets/template/sandbox.toml").replacen("ESTATE", "counter", 1);
    [
        ("the-counter/scenario.toml", scenario),
        ("_estates/counter/estate.toml", "title = \"A counter\"\n".into()),
        ("_estates/counter/account.toml", ACCOUNT.into()),
    ]
}

fn small() -> (whodunit::scenario::shape::Case, whodunit::scenario::stage::Stage) {
    let [scenario, estate, account] = files().map(|(path, text)| (path.rsplit('/').next().unwrap_or_default(), text));
    let mut pack =
        scenario::Pack::new("the-counter", "the-counter", [(scenario.0.to_string(), scenario.1.into_bytes())]);
    let estate = [estate, account].map(|(path, text)| (path.to_string(), Arc::from(text.into_bytes())));
    pack.estates.insert("counter".into(), Arc::new(estate.into_iter().collect()));
    scenario::cast(&pack, "A", 1).unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)))
}

fn key_of(folder: &std::path::Path) -> String {
    let config = std::fs::read_to_string(folder.join("aws-config")).expect("a profile");
    config.lines().find_map(|line| line.strip_prefix("aws_access_key_id = ")).expect("a key").to_string()
}

fn authorization(key: &str, service: &str) -> String {
    let scope = format!("Credential={key}/20260303/sim-west-1/{service}/aws4_request");
    format!("Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00\r\n")
}

/// Sends bytes, and reads until the other side is done or has been quiet.
fn raw(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    use std::io::Read;
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).expect("a timeout");
    // A door that has heard enough may close while more is sent.
    let _ = stream.write_all(bytes);
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got);
    String::from_utf8_lossy(&got).into_owned()
}

/// A whole request on a connection of its own.
fn request(address: std::net::SocketAddr, line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n");
    raw(address, (head + body).as_bytes())
}

/// What the real services say of requests that they cannot read: `tests/data/aws/malformed.json`.
#[test]
fn malformed_requests_get_the_services_own_answers() {
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let (address, key) = (stand.door.address, key_of(stand.folder.path()));
    let rows: Value = serde_json::from_str(include_str!("../data/aws/malformed.json")).expect("JSON");
    for row in rows.as_array().expect("rows") {
        let headers = row["headers"].as_array().expect("headers").iter().filter_map(Value::as_str);
        let headers: String =
            headers.map(|header| format!("{}\r\n", header.replace("=KEY/", &format!("={key}/")))).collect();
        let got = request(address, &text(row, "line"), &headers, &text(row, "body"));
        assert!(got.starts_with(&format!("HTTP/1.1 {} ", row["status"])), "{}: {got}", row["why"]);
        for words in row["says"].as_array().expect("words").iter().filter_map(Value::as_str) {
            assert!(got.contains(words), "{}: {words} is not in {got}", row["why"]);
        }
    }
}

/// Pages of browsers, names that were made to point here, and what is too large or never comes.
#[test]
fn strangers_and_floods_are_turned_away() {
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let (address, key) = (stand.door.address, key_of(stand.folder.path()));
    let signed = authorization(&key, "sts");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let good = request(address, "POST /", &format!("{form}{signed}"), body);
    assert!(good.starts_with("HTTP/1.1 200 ") && good.contains("<Account>123456789012</Account>"), "{good}");
    for headers in ["Origin: http://evil.example\r\n", "Sec-Fetch-Site: same-origin\r\n", "Host: evil.example\r\n"] {
        let got = request(address, "POST /", &format!("{form}{signed}{headers}"), body);
        assert!(got.starts_with("HTTP/1.1 403 "), "{headers}: {got}");
    }
    let port = address.port();
    for host in [
        "evil.example".to_string(),
        format!("evil.example:{port}"),
        "127.0.0.1".into(),
        format!("127.0.0.1:{}", port ^ 1),
    ] {
        let text =
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{form}{signed}Content-Length: 0\r\n\r\n");
        assert!(raw(address, text.as_bytes()).starts_with("HTTP/1.1 403 "), "{host}");
    }
    let local = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    assert!(!raw(address, local.as_bytes()).contains("answers to"), "localhost is loopback's own name");
    let long = request(address, "POST /", &format!("{form}{signed}"), &"a".repeat(5 << 20));
    assert!(long.starts_with("HTTP/1.1 413 "), "{}", &long[..long.len().min(200)]);
    let wide = request(address, "POST /", &format!("X-Wide: {}\r\n", "a".repeat(300_000)), "");
    assert!(wide.starts_with("HTTP/1.1 431 ") || wide.is_empty(), "{wide}");
    let many = request(address, "POST /", &"X-A: b\r\n".repeat(200), "");
    assert!(many.starts_with("HTTP/1.1 431 ") || many.is_empty(), "{many}");
    let mess = raw(address, b"\x16\x03\x01\x02\x00nonsense\r\n\r\n");
    assert!(mess.is_empty() || mess.starts_with("HTTP/1.1 400 "), "{mess}");
    // Connections that say nothing take up places, and do not stop those who come when they have gone.
    let idle: Vec<_> = (0..80).filter_map(|_| std::net::TcpStream::connect(address).ok()).collect();
    drop(idle);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(request(address, "POST /", &format!("{form}{signed}"), body).starts_with("HTTP/1.1 200 "));
}

/// Two clients at once, each with its own messages: none is lost, none is there twice.
#[test]
fn two_clients_at_once() {
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let (address, key) = (stand.door.address, key_of(stand.folder.path()));
    let headers = |operation: &str| {
        let signed = authorization(&key, "sqs");
        format!("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n{signed}")
    };
    let url = format!("http://{address}/123456789012/orders");
    std::thread::scope(|scope| {
        for client in 0..2 {
            let (headers, url) = (&headers, &url);
            scope.spawn(move || {
                for n in 0..20 {
                    let body = json!({ "QueueUrl": url, "MessageBody": format!("{client}/{n}") }).to_string();
                    let got = request(address, "POST /", &headers("SendMessage"), &body);
                    assert!(got.starts_with("HTTP/1.1 200 "), "{got}");
                }
            });
        }
    });
    let body = json!({ "QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"] }).to_string();
    let got = request(address, "POST /", &headers("GetQueueAttributes"), &body);
    assert!(got.contains("\"ApproximateNumberOfMessages\":\"40\""), "{got}");
}

/// A run that was asked from outside is the fold of its journal; its answers are pages that can be bagged, and its writes
/// are the learner's changes.
#[test]
fn a_run_with_door_acts_is_the_fold_of_its_journal() {
    use whodunit::drill::act::{Act, Asked as DoorAsked};
    use whodunit::drill::journal::{self, Header, Writer};
    use whodunit::drill::run::{Clock, Run};
    use whodunit::stdx::time::Span;
    let (case, stage) = small();
    let case = Arc::new(case);
    let url = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/orders";
    let ask = |operation: &str, input: Value| Act::Door {
        asked: Box::new(DoorAsked {
            service: "sqs".into(),
            operation: operation.into(),
            input,
            user: "learner".into(),
            region: "ap-northeast-2".into(),
            agent: "boto3".into(),
        }),
    };
    let acts = vec![
        ask("ListQueues", json!({})),
        Act::Clock { to: Span::millis(1_234) },
        ask("SendMessage", json!({ "QueueUrl": url, "MessageBody": "a \"b\" 한 \u{1f980}" })),
        ask("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "VisibilityTimeout": "61" } })),
        Act::Clock { to: Span::mins(2) },
        ask("ReceiveMessage", json!({ "QueueUrl": url, "AttributeNames": ["All"] })),
        ask("GetQueueUrl", json!({ "QueueName": "nope" })),
        Act::Bag { page: 1, lines: Some((0, 2)), note: String::new() },
        Act::Bag { page: 4, lines: None, note: String::new() },
    ];
    let mut run = Run::open(Arc::clone(&case), stage.clone(), Clock::Live);
    let header = Header::new(&case, Clock::Live, 1_000, "");
    let (mut writer, mut bytes) = Writer::begin(&header);
    for act in acts {
        let at = run.now();
        let outcome = run.apply(0, act.clone());
        assert!(!outcome.refused, "{act:?}: {:?}", outcome.notice);
        bytes.extend(writer.entry(at, 0, &act));
    }
    let seen = |run: &Run| format!("{:?}\n{:?}\n{:?}", run.pages, run.board.exhibits, run.record.changes);
    let again =
        journal::fold(&journal::parse(&bytes).expect("a journal"), Arc::clone(&case), stage.clone()).expect("a fold");
    assert_eq!(seen(&run), seen(&again));
    assert_eq!(run.board.exhibits.len(), 2);
    assert!(
        run.record.changes.iter().any(|change| change.command.starts_with("aws sqs set-queue-attributes")),
        "{:?}",
        run.record.changes
    );
    assert!(
        run.pages.iter().any(|page| page.output.lines.iter().any(|line| !line.marks.is_empty())),
        "answers show facts"
    );
    // The turn clock has no door.
    let mut turn = Run::open(case, stage, Clock::Turn);
    assert!(turn.apply(0, ask("ListQueues", json!({}))).refused);
}

/// The real binary: what was answered is on disk when the answer arrives, whenever the program is killed.
#[test]
#[cfg(unix)]
fn a_killed_door_loses_nothing_it_answered() {
    let data = tempfile::tempdir().expect("a folder");
    for (path, text) in files() {
        let path = data.path().join("scenarios").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_whodunit"))
        .args(["door", "the-counter", "--seed", "1"])
        .current_dir(data.path())
        .env("WHODUNIT_DATA", data.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut told = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut address = None;
    let mut line = String::new();
    while address.is_none() && told.read_line(&mut line).expect("text") > 0 {
        address =
            line.split_once("open at http://").map(|(_, rest)| rest.split(". ").next().unwrap_or_default().to_string());
        line.clear();
    }
    let address = address.expect("it says where").parse().expect("an address");
    let run = std::fs::read_dir(data.path().join("runs")).expect("runs").flatten().next().expect("a run").path();
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(run.join("aws-config")).expect("a profile").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the profile is its owner's alone");
    let headers = |operation: &str| {
        let signed = authorization(&key_of(&run), "sqs");
        format!("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n{signed}")
    };
    let url = format!("http://{address}/123456789012/orders");
    for n in 0..5 {
        let body = json!({ "QueueUrl": url, "MessageBody": format!("m{n}") }).to_string();
        assert!(request(address, "POST /", &headers("SendMessage"), &body).starts_with("HTTP/1.1 200 "));
    }
    let waits =
        json!({ "QueueUrl": format!("http://{address}/123456789012/returns"), "WaitTimeSeconds": 1 }).to_string();
    let began = std::time::Instant::now();
    assert!(request(address, "POST /", &headers("ReceiveMessage"), &waits).starts_with("HTTP/1.1 200 "));
    assert!(began.elapsed().as_millis() >= 900, "a long poll waits");
    child.kill().expect("killed");
    child.wait().expect("ended");
    let name = run.file_name().and_then(|name| name.to_str()).expect("a name").to_string();
    let replay = Command::new(env!("CARGO_BIN_EXE_whodunit"))
        .args(["replay", &name])
        .current_dir(data.path())
        .env("WHODUNIT_DATA", data.path())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&replay.stdout).into_owned();
    assert_eq!(
        text.matches("aws sqs send-message --cli-input-json").count(),
        5,
        "{text}{}",
        String::from_utf8_lossy(&replay.stderr)
    );
    let resumed = Command::new(env!("CARGO_BIN_EXE_whodunit"))
        .args(["resume", &name, "--plain"])
        .current_dir(data.path())
        .env("WHODUNIT_DATA", data.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
}
