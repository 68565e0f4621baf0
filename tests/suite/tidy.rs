//! The source text itself, held to the house's rules: room order, headers, sizes, names, what only `host` may do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Left to right; a room may import only rooms before it.
const ROOMS: &[&str] = &["stdx", "world", "console", "scenario", "case", "drill", "report", "ui", "host"];
const HEADER_LINES_MAX: usize = 6;
/// Its header is the manual of the transcript's language.
const MANUAL: &str = "src/drill/transcript/mod.rs";
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

/// Every path that the `use` items of a file name, groups taken apart, with the line where the item begins.
fn imports(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut item, mut first) = (Vec::new(), String::new(), 0);
    for (n, line) in code(text) {
        let line = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let line = line.trim_start_matches("pub ");
        if item.is_empty() && line.starts_with("use ") {
            first = n;
        } else if item.is_empty() {
            continue;
        }
        item.push_str(line);
        item.push(' ');
        if line.ends_with(';') {
            let tree: String = item["use ".len()..].chars().filter(|c| !c.is_whitespace() && *c != ';').collect();
            take_apart("", &tree, &mut |path| found.push((first, path)));
            item.clear();
        }
    }
    found
}

/// `a::{b,c::{d,e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn take_apart(lead: &str, tree: &str, give: &mut dyn FnMut(String)) {
    let Some((before, group)) = tree.split_once('{') else { return give(format!("{lead}{tree}")) };
    let group = group.strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if start < at {
                    take_apart(&format!("{lead}{before}"), &group[start..at], give);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

#[test]
fn imports_are_taken_apart() {
    let text =
        "use crate::{ui, world::{\n    apps, k8s::api::{self, Request},\n}};\nfn f() {}\npub use std::{fs, io};\n";
    let paths: Vec<String> = imports(text).into_iter().map(|(n, path)| format!("{n} {path}")).collect();
    let want = [
        "1 crate::ui",
        "1 crate::world::apps",
        "1 crate::world::k8s::api::self",
        "1 crate::world::k8s::api::Request",
        "5 std::fs",
        "5 std::io",
    ];
    assert_eq!(paths, want);
}

#[test]
fn a_room_imports_only_rooms_before_it() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let Some(own) = room(&path) else { continue };
        for (n, import) in imports(&text) {
            let other = import.strip_prefix("crate::").and_then(|rest| rest.split("::").next());
            if let Some(other) = other.and_then(|name| ROOMS.iter().position(|room| *room == name))
                && other > own
            {
                problems.push(format!("{}:{n}: `{}` must not know `{}`", path.display(), ROOMS[own], ROOMS[other]));
            }
        }
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
        let named = code(&text).flat_map(|(n, line)| {
            // Paths in the code itself; imports are taken apart.
            let uses = line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub use ");
            let paths = line.split("crate::world::").skip(usize::from(!uses)).filter(move |_| !uses);
            paths.map(move |rest| (n, rest.to_string())).collect::<Vec<_>>()
        });
        let imported = imports(&text).into_iter().filter_map(|(n, path)| {
            let world = path.strip_prefix("crate::world")?;
            Some((n, world.strip_prefix("::").unwrap_or(world).to_string()))
        });
        for (n, rest) in named.chain(imported) {
            let allowed = ["k8s::api", "World", "signals::Record"];
            if !allowed.iter().any(|a| rest.starts_with(a)) {
                problems
                    .push(format!("{}:{n}: kubectl may import only the API from the world: {rest}", path.display()));
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
        let limit = if path.ends_with(MANUAL) { 60 } else { HEADER_LINES_MAX };
        if lines == 0 || lines > limit {
            problems.push(format!("{}: {lines} header lines, want 1 to {limit}", path.display()));
        }
    }
    report(&problems);
}

#[test]
fn files_and_functions_fit() {
    let mut problems = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
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
    for (path, _) in sources("src").into_iter().chain(sources("tests")) {
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
        let lines = code(&text).map(|(n, line)| (n, line.to_string()));
        for (n, line) in lines.chain(imports(&text).into_iter().filter(|(_, path)| path.starts_with("std::"))) {
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
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines: Vec<_> = code(&text).collect();
        for (at, (n, line)) in lines.iter().enumerate() {
            if path.ends_with("tests/suite/tidy.rs") || !(line.contains("#[allow(") || line.contains("#![allow(")) {
                continue;
            }
            // The reason may stand lines below, inside the same brackets.
            let end = lines[at..].iter().position(|(_, line)| line.contains(")]")).unwrap_or(0);
            if !lines[at..=at + end].iter().any(|(_, line)| line.contains("reason")) {
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
