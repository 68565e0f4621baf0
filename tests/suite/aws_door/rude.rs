//! Clients that mean harm, or know no better: requests that cannot be read, strangers, floods, two at once, and a program
//! that is killed.

use super::same::state;
use super::{Stand, authorization, files, key_of, raw, request, small, text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What the real services say of requests that they cannot read: `tests/data/aws/malformed.json`.
#[test]
fn malformed_requests_get_the_services_own_answers() {
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let (address, key) = (stand.door.address, key_of(stand.folder.path()));
    let rows: Value = serde_json::from_str(include_str!("../../data/aws/malformed.json")).expect("JSON");
    let before = state(&stand.world.lock().expect("no panic"));
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
    assert_eq!(before, state(&stand.world.lock().expect("no panic")), "nothing is changed by any of them");
}

/// Bodies in pieces are read; those that end too soon, or whose length nobody can tell, change nothing.
#[test]
fn bodies_in_pieces_and_bodies_that_break_off() {
    use std::io::{Read, Write};
    let (_, stage) = small();
    let stand = Stand::open(&stage.world);
    let (address, key) = (stand.door.address, key_of(stand.folder.path()));
    let body = json!({ "QueueUrl": "https://sqs.ap-northeast-2.amazonaws.com/123456789012/orders", "MessageBody": "in pieces" });
    let body = body.to_string();
    let sent = |length: &str, body: &str| {
        let signed = authorization(&key, "sqs");
        let kind = "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n";
        let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}{signed}{length}\r\n");
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        let _ = stream.write_all((head + body).as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut got = Vec::new();
        let _ = stream.read_to_end(&mut got);
        String::from_utf8_lossy(&got).into_owned()
    };
    let before = state(&stand.world.lock().expect("no panic"));
    for (length, body) in [
        ("Content-Length: 900\r\n", body.clone()),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", body.clone()),
        ("Content-Length: -1\r\n", body.clone()),
        ("Transfer-Encoding: chunked\r\n", format!("fff\r\n{body}")),
        ("Transfer-Encoding: chunked\r\n", format!("zz\r\n{body}\r\n0\r\n\r\n")),
        ("Transfer-Encoding: chunked\r\n", format!("{:x}\r\n{body}\r\n", body.len())),
    ] {
        let got = sent(length, &body);
        assert!(got.is_empty() || got.starts_with("HTTP/1.1 400 "), "{length}: {got}");
    }
    assert_eq!(before, state(&stand.world.lock().expect("no panic")), "what broke off changed nothing");
    let (one, two) = body.split_at(20);
    let pieces = format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
    let got = sent("Transfer-Encoding: chunked\r\n", &pieces);
    assert!(got.starts_with("HTTP/1.1 200 ") && got.contains("MD5OfMessageBody"), "{got}");
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
