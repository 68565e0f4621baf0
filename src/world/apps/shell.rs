//! Containers that run a shell line or a well-known image instead of one of the estate's programs: echo, sleep, exit,
//! touch, rm, loops. Does not know the learner's shell.

use super::{Exit, Launch, life::Plan};
use crate::stdx::time::Span;

/// Lines with the time from the start at which they are printed.
pub type Printed = Vec<(Span, String)>;

/// A script run beforehand: what it prints and leaves, and when, counted from the start.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub printed: Printed,
    /// A part that repeats for ever: when it begins first, how long one turn takes, what it prints in it.
    pub turning: Option<(Span, Span, Printed)>,
    /// Files made (`true`) and removed.
    pub files: Vec<(Span, String, bool)>,
    pub exit: Option<(Span, i32)>,
    pub listens: Vec<i64>,
    /// A shell as process 1 ignores SIGTERM; other programs die of it.
    pub deaf: bool,
    /// The program of an image nobody described: its own probes succeed, as it is not ours to say that they fail.
    pub unknown: bool,
    /// Where the run is while it is being made.
    clock: Span,
}

/// What a container without a description does.
pub fn script(launch: &Launch) -> Script {
    let words: Vec<&str> = launch.command.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => image_default(&launch.image),
        [shell, "-c", line, ..] if is_shell(shell) => {
            let mut script = Script { deaf: true, ..Script::default() };
            let code = run_line(&mut script, line, launch, 0);
            script.close(code);
            script
        }
        [shell] if is_shell(shell) => Script { exit: Some((Span::millis(20), 0)), ..Script::default() },
        words => {
            let mut script = Script::default();
            let code = run_words(&mut script, words, launch);
            script.close(code);
            script
        }
    }
}

/// What a script means for the kubelet.
pub fn plan(script: &Script) -> Plan {
    let exit = script.exit.map(|(after, code)| Exit {
        after,
        code,
        reason: if code == 0 { "Completed" } else { "Error" },
        message: String::new(),
    });
    let up = if script.listens.is_empty() { None } else { Some(Span::millis(300)) };
    Plan { up, ready: up, exit, dying: None }
}

fn is_shell(word: &str) -> bool {
    matches!(word, "sh" | "/bin/sh" | "bash" | "/bin/bash" | "ash" | "/bin/ash")
}

/// Images whose own command is known; everything else runs and says nothing.
fn image_default(image: &str) -> Script {
    let name = image.split('@').next().unwrap_or(image);
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name);
    match name {
        "nginx" | "httpd" => Script { listens: vec![80], ..Script::default() },
        "redis" => Script { listens: vec![6379], ..Script::default() },
        "postgres" => Script { listens: vec![5432], ..Script::default() },
        // Their command is a shell or a greeting, which ends at once without a terminal.
        "alpine" | "busybox" | "debian" | "hello-world" | "ubuntu" => {
            Script { exit: Some((Span::millis(30), 0)), ..Script::default() }
        }
        _ => Script { unknown: true, ..Script::default() },
    }
}

/// What a line came to: an exit code, or the end of the process.
enum Came {
    Code(i32),
    /// `exit`, or something that never returns.
    Gone,
}

impl Script {
    fn close(&mut self, came: Came) {
        if let (Came::Code(code), None, None) = (&came, self.exit, &self.turning) {
            // Starting and ending a process takes a moment.
            self.exit = Some((self.clock + Span::millis(20), *code));
        }
    }
}

const FOREVER: Span = Span::hours(24 * 3650);
const NESTED_MAX: u32 = 4;

fn run_line(script: &mut Script, line: &str, launch: &Launch, nested: u32) -> Came {
    let line = line.trim().replace('\n', ";");
    if let Some((before, body, after)) = endless(&line) {
        if !before.trim().is_empty()
            && let Came::Gone = run_line(script, before, launch, nested)
        {
            return Came::Gone;
        }
        if nested >= NESTED_MAX {
            return Came::Code(2);
        }
        let begins = script.clock;
        let printed = script.printed.len();
        if let Came::Gone = run_line(script, body, launch, nested + 1) {
            return Came::Gone;
        }
        let lines = script.printed.split_off(printed).into_iter().map(|(at, text)| (at - begins, text)).collect();
        // A loop without a pause prints as fast as it can; a tenth of a second keeps it in bounds.
        let turn = (script.clock - begins).max(Span::millis(100));
        script.turning = Some((begins, turn, lines));
        let _ = after;
        return Came::Gone;
    }
    let mut code = 0;
    for part in line.split(';') {
        let mut ok = true;
        for step in part.split("&&") {
            if !ok {
                break;
            }
            let words = words(step, launch);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match run_words(script, &words, launch) {
                Came::Code(c) => {
                    code = c;
                    ok = c == 0;
                }
                Came::Gone => return Came::Gone,
            }
        }
    }
    Came::Code(code)
}

/// `while true; do BODY; done` within a line.
fn endless(line: &str) -> Option<(&str, &str, &str)> {
    let start = ["while true", "while :", "while [ 1 ]"].iter().find_map(|opening| line.find(opening))?;
    let head = &line[start..];
    let do_at = head.find("do ")?;
    let body_from = start + do_at + 3;
    let done_at = line[body_from..].rfind("done")?;
    let body = line.get(body_from..body_from + done_at)?;
    Some((&line[..start], body.trim_end_matches([' ', ';']), &line[body_from + done_at + 4..]))
}

/// Words of a simple command: quotes removed, `$NAME` replaced, a redirection cut off.
fn words(step: &str, launch: &Launch) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut any = false;
    let mut quote = None;
    let mut chars = step.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                any = true;
            }
            (None | Some('"'), '$') => {
                let mut name = String::new();
                let braced = chars.next_if_eq(&'{').is_some();
                while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                if braced {
                    chars.next_if_eq(&'}');
                }
                word.push_str(launch.env.get(&name).map_or("", String::as_str));
            }
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, '>') => break,
            (_, c) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        out.push(word);
    }
    out
}

fn run_words(script: &mut Script, words: &[&str], launch: &Launch) -> Came {
    let args = words.get(1..).unwrap_or(&[]);
    match words.first().copied().unwrap_or("") {
        "" | "true" | ":" | "set" | "trap" | "cd" | "mkdir" => Came::Code(0),
        "false" => Came::Code(1),
        "echo" => {
            script.printed.push((script.clock, args.join(" ")));
            Came::Code(0)
        }
        "date" => {
            script.printed.push(((script.clock), (launch.started + script.clock).rfc3339()));
            Came::Code(0)
        }
        "exec" => run_words(script, args, launch),
        "exit" => {
            let code = args.first().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0) & 255;
            script.exit = Some((script.clock + Span::millis(20), code));
            Came::Gone
        }
        "sleep" => match sleep(args) {
            Some(span) if span < FOREVER => {
                script.clock = script.clock + span;
                Came::Code(0)
            }
            Some(_) => Came::Gone,
            None => {
                script.printed.push((script.clock, format!("sleep: invalid number '{}'", args.join(" "))));
                Came::Code(1)
            }
        },
        "touch" | "rm" => {
            let made = words[0] == "touch";
            let paths = args.iter().filter(|path| !path.starts_with('-'));
            script.files.extend(paths.map(|path| (script.clock, path.to_string(), made)));
            Came::Code(0)
        }
        "cat" => match args.first().and_then(|path| launch.files.get(*path)) {
            Some(text) => {
                script.printed.extend(text.lines().map(|line| (script.clock, line.to_string())));
                Came::Code(0)
            }
            None => {
                let path = args.first().unwrap_or(&"");
                script.printed.push((script.clock, format!("cat: can't open '{path}': No such file or directory")));
                Came::Code(1)
            }
        },
        "tail" | "pause" | "/pause" | "nginx" | "httpd" | "wait" => Came::Gone,
        other if other.contains('=') => Came::Code(0),
        other => {
            script.printed.push((script.clock, format!("sh: {other}: not found")));
            Came::Code(127)
        }
    }
}

/// `sleep 5`, `sleep 0.5`, `sleep 1h`, `sleep infinity`.
fn sleep(args: &[&str]) -> Option<Span> {
    let word = args.first()?;
    if matches!(*word, "infinity" | "inf") {
        return Some(FOREVER);
    }
    let bare = word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let span = if bare { Span::parse(&format!("{word}s")) } else { Span::parse(word) };
    span.map(|span| span.min(FOREVER))
}
