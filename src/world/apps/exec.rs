//! The few programs that can be run inside a container (`kubectl exec`, exec probes). Does not know the API.

use super::instance::{Instance, Program};
use crate::stdx::time::Span;
use crate::world::{World, traffic};
use std::collections::BTreeMap;

/// Runs a command line: what it prints, and its exit code.
pub fn run(world: &World, instance: &Instance, command: &[String]) -> (Vec<String>, i32) {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => (vec!["error: you must specify at least one command for the container".into()], 1),
        [shell, "-c", line, ..] if is_shell(shell) => line_of_shell(world, instance, line),
        // A shell without a terminal reads the end of its input at once.
        [shell] if is_shell(shell) => (Vec::new(), 0),
        [name, args @ ..] => match program(world, instance, name, args) {
            Some(done) => done,
            // The container runtime's words when there is no such file.
            None => {
                let why = match name.starts_with('/') {
                    true => format!("stat {name}: no such file or directory"),
                    false => "executable file not found in $PATH".to_string(),
                };
                let text = "OCI runtime exec failed: exec failed: unable to start container process";
                (vec![format!("{text}: exec: \"{name}\": {why}: unknown")], 126)
            }
        },
    }
}

fn is_shell(word: &str) -> bool {
    matches!(word, "sh" | "/bin/sh" | "bash" | "/bin/bash" | "ash" | "/bin/ash")
}

/// A shell line: commands joined by `;`, `&&`, `||`, with `$NAME` and quotes; no pipes.
fn line_of_shell(world: &World, instance: &Instance, line: &str) -> (Vec<String>, i32) {
    let mut out = Vec::new();
    let mut code = 0;
    for part in line.split([';', '\n']).filter(|part| !part.trim().is_empty()) {
        let mut rest = part;
        let mut run_it = true;
        loop {
            let cut = [rest.find("&&"), rest.find("||")].into_iter().flatten().min();
            let (step, next) = cut.map_or((rest, None), |at| (&rest[..at], Some((&rest[at..at + 2], &rest[at + 2..]))));
            if run_it {
                let words = split(step, &instance.launch.env);
                let (name, args) = words.split_first().map_or(("", Vec::new()), |(name, args)| {
                    (name.as_str(), args.iter().map(String::as_str).collect())
                });
                if name == "exit" {
                    return (out, args.first().and_then(|c| c.parse::<i32>().ok()).unwrap_or(code) & 255);
                }
                let (lines, c) = program(world, instance, name, &args)
                    .unwrap_or_else(|| (vec![format!("sh: 1: {name}: not found")], 127));
                out.extend(lines);
                code = c;
            }
            let Some((joint, after)) = next else { break };
            run_it = (joint == "&&") == (code == 0);
            rest = after;
        }
    }
    (out, code)
}

/// Words with quotes removed and variables replaced.
fn split(step: &str, env: &BTreeMap<String, String>) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    let mut open = false;
    let mut quote = None;
    let mut chars = step.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None | Some('"'), '$') => {
                let braced = chars.next_if_eq(&'{').is_some();
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                if braced {
                    chars.next_if_eq(&'}');
                }
                word.push_str(env.get(&name).map_or("", String::as_str));
            }
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (_, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

type Ran = (Vec<String>, i32);

/// One of the programs that every image here has; `None` if there is none of that name.
fn program(world: &World, instance: &Instance, name: &str, args: &[&str]) -> Option<Ran> {
    let name = name.strip_prefix("/bin/").or_else(|| name.strip_prefix("/usr/bin/")).unwrap_or(name);
    let one = |text: String| (vec![text], 0);
    Some(match name {
        "true" | ":" | "" => (Vec::new(), 0),
        "false" => (Vec::new(), 1),
        "cat" => cat(world, instance, args),
        "curl" | "wget" => fetch(world, instance, name, args),
        "date" => one(world.now.format("%a %b %e %H:%M:%S UTC %Y").unwrap_or_default()),
        "echo" => one(args.join(" ")),
        "env" | "printenv" => environment(instance, args),
        "hostname" => one(instance.launch.pod.to_string()),
        "id" => one("uid=1000(app) gid=1000(app) groups=1000(app)".into()),
        "ls" => list(world, instance, args),
        "nslookup" => lookup(world, instance, args),
        "ps" => processes(instance),
        "pwd" => one("/app".into()),
        "whoami" => one("app".into()),
        _ => return None,
    })
}

fn environment(instance: &Instance, args: &[&str]) -> Ran {
    let env = &instance.launch.env;
    if let Some(name) = args.first() {
        return env.get(*name).map_or((Vec::new(), 1), |value| (value.split('\n').map(str::to_string).collect(), 0));
    }
    let own = [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_string()),
        ("HOSTNAME", instance.launch.pod.to_string()),
        ("HOME", "/home/app".to_string()),
    ];
    let own =
        own.into_iter().filter(|(name, _)| !env.contains_key(*name)).map(|(name, value)| format!("{name}={value}"));
    let lines = own.chain(env.iter().map(|(name, value)| format!("{name}={value}")));
    (lines.flat_map(|line| line.split('\n').map(str::to_string).collect::<Vec<_>>()).collect(), 0)
}

fn cat(world: &World, instance: &Instance, args: &[&str]) -> Ran {
    let mut out = Vec::new();
    let mut code = 0;
    for path in args.iter().filter(|arg| !arg.starts_with('-')) {
        match content(world, instance, path) {
            Some(text) => out.extend(text.lines().map(str::to_string)),
            None => {
                let why = if children(world, instance, path).is_empty() {
                    "No such file or directory"
                } else {
                    "Is a directory"
                };
                out.push(format!("cat: {path}: {why}"));
                code = 1;
            }
        }
    }
    (out, code)
}

/// A file's content: mounted, left by a script, or one of the system's.
fn content(world: &World, instance: &Instance, path: &str) -> Option<String> {
    if let Some(text) = instance.files_at(world.now).get(path) {
        return Some(text.clone());
    }
    if let Program::Script(script) = &instance.program {
        let since = world.now - instance.launch.started;
        let last = script.files.iter().rfind(|(at, name, _)| *at <= since && name == path);
        if let Some((_, _, made)) = last {
            return made.then(String::new);
        }
    }
    let launch = &instance.launch;
    match path {
        "/etc/hostname" => Some(launch.pod.to_string()),
        "/etc/resolv.conf" => Some(format!(
            "search {}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5",
            launch.namespace
        )),
        "/sys/fs/cgroup/memory.max" => Some(launch.memory_limit.map_or("max".into(), |limit| limit.to_string())),
        "/sys/fs/cgroup/memory.current" => Some(instance.memory_at(world.now).to_string()),
        _ => None,
    }
}

/// Names directly below a folder.
fn children(world: &World, instance: &Instance, folder: &str) -> Vec<String> {
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    let mounted = instance.files_at(world.now).keys().map(String::as_str);
    let system =
        ["/app/server", "/bin/sh", "/etc/hostname", "/etc/resolv.conf", "/sys/fs/cgroup/memory.max", "/tmp/.keep"];
    let mut names: Vec<String> = mounted
        .chain(system)
        .filter_map(|path| path.strip_prefix(prefix.as_str()))
        .filter_map(|rest| rest.split('/').next())
        .filter(|name| !name.starts_with('.'))
        .map(str::to_string)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn list(world: &World, instance: &Instance, args: &[&str]) -> Ran {
    let path = args.iter().find(|arg| !arg.starts_with('-')).copied().unwrap_or("/app");
    if content(world, instance, path).is_some() {
        return (vec![path.to_string()], 0);
    }
    let names = children(world, instance, path);
    if names.is_empty() && path != "/tmp" {
        return (vec![format!("ls: cannot access '{path}': No such file or directory")], 2);
    }
    (names, 0)
}

fn processes(instance: &Instance) -> Ran {
    let command = match &instance.program {
        Program::App(_) => "/app/server".to_string(),
        Program::Script(_) if instance.launch.command.is_empty() => "/entrypoint".to_string(),
        Program::Script(_) => instance.launch.command.join(" "),
    };
    let head = "PID   USER     TIME  COMMAND".to_string();
    (vec![head, format!("    1 app       0:00 {command}"), "   27 app       0:00 ps".into()], 0)
}

/// A service as a name inside the cluster: (namespace, name).
fn service_of(instance: &Instance, host: &str) -> (String, String) {
    let mut parts = host.split('.');
    let name = parts.next().unwrap_or("").to_string();
    (parts.next().unwrap_or(&instance.launch.namespace).to_string(), name)
}

fn lookup(world: &World, instance: &Instance, args: &[&str]) -> Ran {
    let Some(host) = args.iter().find(|arg| !arg.starts_with('-')) else {
        return (vec!["Usage: nslookup [HOST]".into()], 1);
    };
    let mut out = vec!["Server:\t\t10.96.0.10".into(), "Address:\t10.96.0.10:53".into(), String::new()];
    let (namespace, name) = service_of(instance, host);
    let full = format!("{name}.{namespace}.svc.cluster.local");
    match cluster_ip(world, &namespace, &name) {
        Some(ip) => {
            out.extend([format!("Name:\t{full}"), format!("Address: {ip}"), String::new()]);
            (out, 0)
        }
        None => {
            out.extend([format!("** server can't find {full}: NXDOMAIN"), String::new()]);
            (out, 1)
        }
    }
}

/// The Service's cluster IP, asked from the API as any client would.
fn cluster_ip(world: &World, namespace: &str, name: &str) -> Option<String> {
    traffic::service_ip(world, namespace, name)
}

/// `curl [-s] [-i] [-o FILE] [-w FORMAT] [-X METHOD] URL` and `wget -qO- URL`.
fn fetch(world: &World, instance: &Instance, tool: &str, args: &[&str]) -> Ran {
    let url =
        args.iter().rev().find(|arg| arg.contains("://") || (!arg.starts_with('-') && arg.contains(['.', '/', ':'])));
    let Some(url) = url.or(args.last().filter(|arg| !arg.starts_with('-'))) else {
        return (vec![format!("{tool}: try '{tool} --help' for more information")], 2);
    };
    let bare = url.split_once("://").map_or(*url, |(_, rest)| rest);
    let (authority, path) = bare.find('/').map_or((bare, "/"), |at| (&bare[..at], &bare[at..]));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse::<i64>().unwrap_or(80)),
        None => (authority, 80),
    };
    let method = args.windows(2).find(|pair| pair[0] == "-X").map_or("GET", |pair| pair[1]);
    let flags: String = args.iter().filter(|arg| arg.starts_with('-') && !arg.starts_with("--")).copied().collect();
    if matches!(host, "localhost" | "127.0.0.1") {
        if path.split('?').next() == Some("/debug/failed-notifications")
            && instance.app().is_some_and(|app| app.works())
        {
            return match instance.listens(port, world.now) {
                true => answered(tool, &flags, args, 200, Span::millis(2), &failed_notifications(world, instance)),
                false => refused(tool, host, port, Span::ZERO),
            };
        }
        let (status, body) = match instance.answer(world, path, port) {
            super::ProbeAnswer::Answered { status, body, .. } => (status, body),
            super::ProbeAnswer::Refused => return refused(tool, host, port, Span::ZERO),
        };
        return answered(tool, &flags, args, status, Span::millis(2), &body);
    }
    let (namespace, name) = service_of(instance, host);
    match traffic::ask(world, &namespace, &name, method, path) {
        traffic::Asked::NoName if tool == "curl" => (vec![format!("curl: (6) Could not resolve host: {host}")], 6),
        traffic::Asked::NoName => (vec![format!("wget: bad address '{authority}'")], 1),
        traffic::Asked::Refused(after) => refused(tool, host, port, after),
        traffic::Asked::Answered { status, after, body } => answered(tool, &flags, args, status, after, &body),
    }
}

/// What a program keeps of notifications that failed for good: one JSON object a line.
fn failed_notifications(world: &World, instance: &Instance) -> String {
    let ring = super::work::failed_notifications(world, instance);
    let head = format!("ring buffer {}/{}", ring.len(), super::work::RING);
    let line = |doing: &super::work::doing::Doing| {
        let order = world.ledger.name(doing.order);
        serde_json::json!({ "order": order, "to": doing.mail.to, "at": doing.at.rfc3339_millis(), "err": doing.error(world) })
            .to_string()
    };
    std::iter::once(head).chain(ring.iter().map(line)).collect::<Vec<_>>().join("\n")
}

fn refused(tool: &str, host: &str, port: i64, after: Span) -> Ran {
    if tool == "curl" {
        let text = format!(
            "curl: (7) Failed to connect to {host} port {port} after {} ms: Couldn't connect to server",
            after.0
        );
        return (vec![text], 7);
    }
    (vec![format!("wget: can't connect to remote host ({host}): Connection refused")], 1)
}

fn answered(tool: &str, flags: &str, args: &[&str], status: u16, after: Span, body: &str) -> Ran {
    let mut out = Vec::new();
    if flags.contains('i') || flags.contains('I') || flags.contains('v') {
        out.push(format!("HTTP/1.1 {status} {}", traffic::status_text(status)));
        out.push("content-type: application/json".into());
        out.push(format!("content-length: {}", body.len()));
        out.push(String::new());
    }
    let silenced =
        args.windows(2).any(|pair| pair[0].ends_with('o') && pair[0].starts_with('-') && pair[1] == "/dev/null");
    if !flags.contains('I') && !silenced && !body.is_empty() {
        out.extend(body.lines().map(str::to_string));
    }
    if let Some(pair) = args.windows(2).find(|pair| pair[0] == "-w") {
        let seconds = format!("{}.{:06}", after.0 / 1_000, after.0 % 1_000 * 1_000);
        let line = pair[1].replace("%{http_code}", &status.to_string()).replace("%{time_total}", &seconds);
        out.extend(line.replace("\\n", "\n").lines().map(str::to_string));
    }
    if tool == "wget" && status >= 400 {
        return (vec![format!("wget: server returned error: HTTP/1.1 {status} {}", traffic::status_text(status))], 1);
    }
    let code = if flags.contains('f') && status >= 400 { 22 } else { 0 };
    (out, code)
}
