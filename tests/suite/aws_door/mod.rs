//! The door against the real aws command and boto3, and against clients that mean harm. What needs a Python with botocore
//! is skipped, and says so, where there is none; `.ci/run` brings one and sets `WHODUNIT_AWS_REQUIRED`, so that there
//! nothing is skipped.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use whodunit::console;
use whodunit::console::aws::outside;
use whodunit::console::session::Session;
use whodunit::drill::run::learner_shell;
use whodunit::host::door::aws;
use whodunit::host::door::aws::endpoint::Endpoint;
use whodunit::host::door::aws::profile;
use whodunit::host::door::listen::{self, Door};
use whodunit::host::door::owner::Done;
use whodunit::scenario;
use whodunit::world::World;
use whodunit::world::aws::call::{Caller, Request};

mod refused;
mod rude;
mod same;
mod wires;

/// Of the botocore that the shapes in `assets/aws` were made from: another one knows other members and operations.
fn botocore() -> &'static str {
    let clients = include_str!("../../../assets/aws/clients.txt");
    clients.lines().find_map(|line| line.strip_prefix("botocore==")).expect("a version")
}

/// A Python that has awscli, boto3, and this botocore.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let named = std::env::var("WHODUNIT_AWS_PYTHON").unwrap_or_else(|_| "python3".into());
        // First botocore: awscli brings one of its own, which stands in where none was asked for.
        let asks = "import botocore, awscli, boto3; print(botocore.__version__)";
        let told = Command::new(&named).args(["-c", asks]).stderr(Stdio::null()).output();
        let version = told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_string()).unwrap_or_default();
        if version == botocore() {
            return Some(named);
        }
        let required = std::env::var("WHODUNIT_AWS_REQUIRED").is_ok_and(|value| !value.is_empty());
        assert!(!required, "{named} has botocore {version:?}; what assets/aws/clients.txt names is required here");
        None
    });
    if found.is_none() {
        println!(
            "skipped: no Python with the real clients (pip install -r assets/aws/clients.txt, or WHODUNIT_AWS_PYTHON=…)"
        );
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

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_string()
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

// ---- the real clients ------------------------------------------------------------------------------------------------

/// A world with an account, at a moment that stays, and the learner's shell in it. Its alarms have been looked at once, so
/// that not every copy works out two days of them.
pub(crate) fn counter() -> &'static (World, Session) {
    static COUNTER: OnceLock<(World, Session)> = OnceLock::new();
    COUNTER.get_or_init(|| {
        let pack = scenario::source::sandbox("scoopline-cloud").expect("the estate is in the library");
        let (_, stage) =
            scenario::cast(&pack, "A", 5).unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        let mut session = learner_shell(&stage);
        let mut world = stage.world;
        console::run(&mut world, &mut session, "aws cloudwatch describe-alarms");
        (world, session)
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
        // What it saves to files is saved where the door keeps its own.
        command.current_dir(stand.folder.path());
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
    let scenario = include_str!("../../../assets/template/sandbox.toml").replacen("ESTATE", "counter", 1);
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
