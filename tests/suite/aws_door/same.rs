//! The built-in command against the real one, on the same world, and boto3: `tests/data/aws/*.txt` are the lines that both
//! are given.

use super::{Client, Stand, counter, python, sample, small, text};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use whodunit::console;
use whodunit::console::page::Stream;
use whodunit::console::session::Session;
use whodunit::stdx::time::Span;
use whodunit::world::World;
use whodunit::world::aws::Account;
use whodunit::world::aws::cloudtrail::Trail;
use whodunit::world::aws::model;
use whodunit::world::aws::service::{self, SERVICES};

/// What the built-in command prints: standard output, standard error, exit code.
pub(super) fn built_in(world: &mut World, session: &Session, line: &str) -> Printed {
    let ran = console::run(world, &mut session.clone(), line);
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
    Printed { out, err, code: i64::from(ran.output.code) }
}

/// What came of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i64,
}

/// The lists: names for what the account holds, and blocks of lines. Each block begins in the same world; its later lines
/// go on in the world that those before have left.
#[derive(Debug, Default)]
pub(super) struct Lists {
    names: BTreeMap<String, String>,
    blocks: Vec<Vec<String>>,
}

/// Reads the lists. `= name COMMAND` names what a command prints as text, `+ COMMAND` goes on after the line before it,
/// `+ wait SECONDS` lets time pass before the next.
pub(super) fn lists() -> Lists {
    let folder = format!("{}/tests/data/aws", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut lists = Lists::default();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "txt")) {
        let text = std::fs::read_to_string(path).expect("text");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])) {
            if let Some(named) = line.strip_prefix("= ") {
                let (name, command) = named.split_once(' ').expect("a name and a command");
                lists.names.insert(name.to_string(), command.to_string());
            } else if let Some(later) = line.strip_prefix("+ ") {
                lists.blocks.last_mut().expect("a line before it").push(later.to_string());
            } else {
                lists.blocks.push(vec![line.to_string()]);
            }
        }
    }
    lists
}

/// Words of a line, of which quotes keep some together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut open, mut begun) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (open, c) {
            (Some(mark), c) if c == mark => open = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (open, begun) = (Some(c), true),
            (None, ' ') => {
                words.extend(begun.then(|| std::mem::take(&mut word)));
                begun = false;
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    words.extend(begun.then_some(word));
    words
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

pub(super) fn typed(words: &[String]) -> String {
    format!("aws {}", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// One line of one block in one format.
struct Step<'a> {
    line: &'a str,
    format: &'a str,
    words: Vec<String>,
    ours: Printed,
    real: Printed,
    /// Whether the account was left alike by both.
    alike: bool,
}

impl Step<'_> {
    fn same(&self) -> bool {
        self.ours == self.real && self.alike
    }

    fn told(&self) -> String {
        let Printed { out, err, code } = &self.ours;
        let Printed { out: real_out, err: real_err, code: real_code } = &self.real;
        let alike = if self.alike { "" } else { "\n--- and the account is left otherwise" };
        format!(
            "$ aws {} --output {}\n# {}\n--- built in, {code}\n{out}{err}\n--- real, {real_code}\n{real_out}{real_err}{alike}",
            self.line,
            self.format,
            self.words.join(" ")
        )
    }
}

/// One worker: a door of its own and the real command before it.
pub(super) struct Bench<'a> {
    lists: &'a Lists,
    world: &'a World,
    session: &'a Session,
    stand: Stand,
    client: Client,
}

impl Bench<'_> {
    /// A line's words with names put in. `last` is what the line before asked, and the world in which it did.
    pub(super) fn named_in(
        lists: &Lists,
        session: &Session,
        line: &str,
        now: &World,
        last: Option<&(Vec<String>, World)>,
    ) -> Result<Vec<String>, String> {
        let asked = |words: &[String], world: &World| {
            let told = built_in(&mut world.clone(), session, &typed(words));
            let name = told.out.trim().split('\t').next().unwrap_or_default().to_string();
            let found = told.code == 0 && !name.is_empty() && name != "None";
            if found { Ok(name) } else { Err(format!("$ aws {line}\nnothing is named by {words:?}: {told:?}")) }
        };
        let text = ["--output".to_string(), "text".into()];
        let put = |word: String| {
            let mut word = word;
            for (name, command) in &lists.names {
                let mark = format!("{{{name}}}");
                if word.contains(&mark) {
                    // A name may stand on another one.
                    let inner = Bench::named_in(lists, session, command, now, last)?;
                    let words: Vec<String> = inner.into_iter().chain(text.clone()).collect();
                    word = word.replace(&mark, &asked(&words, now)?);
                }
            }
            while let Some((before, (query, after))) =
                word.split_once("{last:").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                let (words, world) = last.expect("a line before");
                let more = ["--query".to_string(), query.to_string()];
                let words: Vec<String> = words.iter().cloned().chain(more).chain(text.clone()).collect();
                word = format!("{before}{}{after}", asked(&words, world)?);
            }
            Ok(word)
        };
        words(line).into_iter().map(put).collect()
    }

    /// A block in one format, line by line.
    fn walk<'a>(&mut self, block: &'a [String], format: &'a str) -> Result<Vec<Step<'a>>, String> {
        let mut ours = self.world.clone();
        self.stand.put_back(self.world);
        let mut last: Option<(Vec<String>, World)> = None;
        let mut steps = Vec::new();
        for line in block {
            if let Some(seconds) = line.strip_prefix("wait ") {
                let span = Span::secs(seconds.parse().map_err(|_| format!("no number of seconds: {line}"))?);
                ours.advance_to(ours.now + span);
                self.stand.world.lock().expect("no panic").advance_to(ours.now);
                continue;
            }
            let bare = Bench::named_in(self.lists, self.session, line, &ours, last.as_ref())?;
            let words: Vec<String> = bare.iter().cloned().chain(["--output".into(), format.into()]).collect();
            last = Some((bare, ours.clone()));
            let printed = built_in(&mut ours, self.session, &typed(&words));
            let told = self.client.ask(&json!({ "args": words }));
            // The client begins a complaint about words with a line that it at once overwrites.
            let said = text(&told, "err").replacen("usage: \r", "", 1).replacen("usage: \n", "", 1);
            let real = Printed { out: text(&told, "out"), err: said, code: told["code"].as_i64().unwrap_or(-1) };
            let alike = state(&ours) == state(&self.stand.world.lock().expect("no panic"));
            steps.push(Step { line, format, words, ours: printed, real, alike });
        }
        Ok(steps)
    }
}

/// The account without its trail, which keeps what the client adds by itself: tokens and checksums.
pub(super) fn state(world: &World) -> String {
    let account = Account { trail: Trail::default(), ..world.aws.clone() };
    format!("{account:?}")
}

/// Operations that no line can have answered well in this estate, and why.
const NEVER: &[(&str, &str)] = &[
    ("cloudtrail get-trail-status", "the account has no trail; `lookup-events` reads the event history"),
    ("sns confirm-subscription", "the token goes to the endpoint that is asked, and to nobody else"),
];

/// The same bytes on both streams, the same exit code and the same account afterwards, for every line in every format; and
/// every operation is among them, answered well.
#[test]
fn the_real_command_prints_the_same() {
    let Some(python) = python() else { return };
    let (world, session) = counter();
    let mut lists = lists();
    // Lines of a service whose operations are not there yet wait for them.
    let empty = |line: &String| {
        let service = line.split(' ').next().unwrap_or_default();
        service::find(service).is_some_and(|service| service.operations.is_empty())
    };
    lists.blocks.retain(|block| !block.iter().any(empty));
    if let Ok(only) = std::env::var("WHODUNIT_AWS_ONLY") {
        lists.blocks.retain(|block| block.iter().any(|line| line.contains(&only)));
    }
    let quick = std::env::var("WHODUNIT_AWS_QUICK").is_ok();
    let workers = std::thread::available_parallelism().map_or(2, |count| count.get().min(4));
    let (mut wrong, mut count, mut answered) = (Vec::new(), 0, BTreeSet::new());
    std::thread::scope(|scope| {
        let benches: Vec<_> = (0..workers)
            .map(|worker| {
                let lists = &lists;
                scope.spawn(move || {
                    let stand = Stand::open(world);
                    let client = Client::start(python, &stand);
                    let mut bench = Bench { lists, world, session, stand, client };
                    let own = lists.blocks.iter().skip(worker).step_by(workers);
                    let mut told = Vec::new();
                    for block in own {
                        let began = std::time::Instant::now();
                        let long = block.iter().any(|line| LONG.iter().any(|long| line.starts_with(long)));
                        for format in FORMATS.iter().take(if long || quick { 1 } else { FORMATS.len() }) {
                            match bench.walk(block, format) {
                                Ok(steps) => told.extend(steps.iter().map(|step| {
                                    (step.line.to_string(), step.real.code, (!step.same()).then(|| step.told()))
                                })),
                                Err(say) => told.push((block.join("; "), -1, Some(say))),
                            }
                        }
                        if began.elapsed().as_secs() > 10 {
                            println!("{} s: {block:?}", began.elapsed().as_secs());
                        }
                    }
                    told
                })
            })
            .collect();
        for bench in benches {
            for (line, code, told) in bench.join().expect("no panic") {
                count += 1;
                wrong.extend(told);
                let operation: Vec<&str> = line.split(' ').take(2).collect();
                answered.extend((code == 0).then(|| operation.join(" ")));
            }
        }
    });
    if let Ok(path) = std::env::var("WHODUNIT_AWS_REPORT") {
        std::fs::write(path, wrong.join("\n=====\n")).expect("written");
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), sample(&wrong));
    println!("{count} commands print the same");
    if std::env::var("WHODUNIT_AWS_ONLY").is_err() {
        let never = |name: &String| NEVER.iter().any(|(operation, _)| operation == name);
        let missing: Vec<String> =
            operations().into_iter().filter(|name| !answered.contains(name) && !never(name)).collect();
        assert!(missing.is_empty(), "{} operations are never answered well: {missing:?}", missing.len());
    }
}

/// What reads days of records; one format of it will do.
const LONG: &[&str] =
    &["budgets ", "ce ", "cloudwatch list-metrics", "logs describe-log-streams", "logs get-log-events"];

/// The formats that both have.
const FORMATS: &[&str] = &["json", "table", "text"];

/// Every operation that the account has, as `sqs list-queues`.
fn operations() -> Vec<String> {
    let rows = SERVICES.iter().flat_map(|service| service.operations.iter().map(move |row| (service.name, row.name)));
    rows.filter(|(service, name)| model::of(service).is_some_and(|model| model.operations.contains_key(*name)))
        .map(|(service, name)| format!("{service} {}", dashed(name)))
        .collect()
}

/// `DescribeDBInstances` → `describe-db-instances`.
fn dashed(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|b| !b.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase));
        if begins {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
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
