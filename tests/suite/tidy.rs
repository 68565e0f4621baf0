//! The source text itself, held to the house's rules: room order, headers, sizes, names, what only `host` may do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Left to right; a room may import only rooms before it.
const ROOMS: &[&str] = &["stdx", "world", "console", "scenario", "case", "drill", "report", "ui", "host"];
const FILE_LINES_MAX: usize = 1_000;
const FUNCTION_LINES_MAX: usize = 70;

fn sources(root: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(root)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a readable source tree") {
            let path = entry.expect("a directory entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8 source");
                let short = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("inside the project").to_path_buf();
                found.push((short, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no source under {root}");
    found
}

/// The room a file belongs to: `src/world/k8s/api.rs` → `world`. `lib.rs` and `main.rs` belong to none.
fn room(path: &Path) -> Option<usize> {
    let name = path.components().nth(1)?.as_os_str().to_str()?.trim_end_matches(".rs");
    ROOMS.iter().position(|room| *room == name)
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "{} problem(s):\n{}", problems.len(), problems.join("\n"));
}

/// Lines of code, without comments: what the rules about imports and calls look at.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(n, line)| (n + 1, line))
}

#[test]
fn a_room_imports_only_rooms_before_it() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let Some(own) = room(&path) else { continue };
        for (n, line) in code(&text) {
            for (other, name) in ROOMS.iter().enumerate() {
                let named = [format!("crate::{name}::"), format!("crate::{name};"), format!("crate::{name} ")];
                if other > own && named.iter().any(|n| line.contains(n.as_str())) {
                    problems.push(format!("{}:{n}: `{}` must not know `{name}`", path.display(), ROOMS[own]));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn kubectl_sees_only_the_api() {
    let mut problems = Vec::new();
    for (path, text) in sources("src/console/kubectl") {
        for (n, line) in code(&text) {
            let rest = line.split("crate::world::").nth(1);
            let allowed = ["k8s::api", "World", "signals::Record"];
            if let Some(rest) = rest
                && !rest.starts_with('{')
                && !allowed.iter().any(|a| rest.starts_with(a))
            {
                problems
                    .push(format!("{}:{n}: kubectl may import only the API from the world: {line}", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn every_file_opens_with_its_header() {
    let mut problems = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines = text.lines().take_while(|line| line.starts_with("//!")).count();
        let limit = if path.ends_with("src/lib.rs") { 8 } else { 60 };
        if lines == 0 || lines > limit {
            problems.push(format!("{}: {lines} header lines, want 1 to {limit}", path.display()));
        }
    }
    report(&problems);
}

#[test]
fn files_and_functions_fit() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES_MAX {
            problems.push(format!("{}: {} lines, at most {FILE_LINES_MAX}", path.display(), lines.len()));
        }
        for (name, first, length) in functions(&lines) {
            if length > FUNCTION_LINES_MAX {
                problems.push(format!(
                    "{}:{first}: `{name}` has {length} lines, at most {FUNCTION_LINES_MAX}",
                    path.display()
                ));
            }
        }
    }
    report(&problems);
}

/// (name, first line, body lines) of every function, by the indentation that rustfmt guarantees.
fn functions(lines: &[&str]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let signature = body
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ")
            .trim_start_matches("pub ")
            .trim_start_matches("const ");
        let Some(rest) = signature.strip_prefix("fn ") else { continue };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let closing = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|l| *l == closing).unwrap_or(0);
        found.push((name, start + 1, length));
    }
    found
}

#[test]
fn no_module_is_named_for_nothing() {
    let banned = ["util", "utils", "helper", "helpers", "common", "misc", "manager"];
    let mut problems = Vec::new();
    for (path, _) in sources("src") {
        for part in path.iter().filter_map(|p| p.to_str()) {
            if banned.contains(&part.trim_end_matches(".rs")) {
                problems.push(format!("{}: name it for what it owns", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn only_host_touches_the_outside() {
    let outside = [
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "std::net",
        "std::io::stdin",
        "std::io::stdout",
        "SystemTime::",
        "Instant::",
        "Utc::now",
        "Local::now",
        "HashMap",
        "HashSet",
        "println!",
        "print!",
        "eprintln!",
        "dbg!",
        "thread_local!",
        "static mut",
        "todo!",
        "unimplemented!",
    ];
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let in_host = room(&path) == Some(ROOMS.len() - 1) || path.ends_with("src/main.rs");
        for (n, line) in code(&text) {
            for word in outside {
                let banned_everywhere =
                    ["HashMap", "HashSet", "dbg!", "static mut", "todo!", "unimplemented!"].contains(&word);
                if line.contains(word) && (banned_everywhere || !in_host) {
                    problems.push(format!("{}:{n}: `{word}` is not for this room", path.display()));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn an_allow_gives_its_reason() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        for (n, line) in code(&text) {
            if (line.contains("#[allow(") || line.contains("#![allow(")) && !line.contains("reason") {
                problems.push(format!("{}:{n}: an `allow` without `reason = \"…\"`", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn every_source_file_is_a_module() {
    let mut problems = Vec::new();
    let files = sources("src");
    let known: BTreeSet<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    for path in &known {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if ["lib", "main"].contains(&stem) {
            continue;
        }
        let (folder, name) = if stem == "mod" {
            let folder = path.parent().expect("a folder");
            (
                folder.parent().expect("a parent").to_path_buf(),
                folder.file_name().and_then(|s| s.to_str()).unwrap_or_default(),
            )
        } else {
            (path.parent().expect("a folder").to_path_buf(), stem)
        };
        let beside = folder.with_extension("rs");
        let parents = [folder.join("mod.rs"), folder.join("lib.rs"), beside];
        let declared = files.iter().any(|(p, text)| {
            parents.contains(p) && text.lines().any(|l| l.trim_end().ends_with(&format!("mod {name};")))
        });
        if !declared {
            problems.push(format!("{}: no `mod {name};` declares it", path.display()));
        }
    }
    report(&problems);
}
