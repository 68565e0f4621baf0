//! `aws s3`: buckets and objects listed and read, in the client's own layout. Does not know how a service is asked in general.

use super::ask::{self, Reply, Target};
use super::global::Global;
use super::grammar::{self, Opt, Takes};
use super::node::{Facts, Node};
use super::paging::{self, Stop, Wish};
use super::show::Paper;
use super::{operation, operations, usage};
use crate::console::page::{Coverage, Line, Output};
use crate::console::session::Session;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::service;
use serde_json::{Value, json};

const SUBCOMMANDS: &[&str] = &["ls", "cp"];

/// `aws s3 …`.
pub fn run(world: &mut World, session: &mut Session, global: &Global, words: &[String]) -> Result<Output, Output> {
    let rest = words.get(1..).unwrap_or_default();
    match words.first().map(String::as_str) {
        Some("ls") => list(world, session, global, rest),
        Some("cp") => copy(world, session, global, rest),
        Some("mv" | "rm" | "sync" | "mb" | "rb" | "website" | "presign") => {
            let mut page = usage::plain("fatal error: An error occurred (AccessDenied): Access Denied");
            page.code = 1;
            page.lines.push(Line::hint("buckets are read here, not written: `aws s3 ls`, `aws s3 cp s3://… -`"));
            Err(page)
        }
        Some(other) => {
            let say = grammar::choices(other, SUBCOMMANDS.iter().copied());
            Err(usage::misread(&format!("argument subcommand: {say}")))
        }
        None => {
            let say = "usage: aws [options] <command> <subcommand> [parameters]\naws: error: too few arguments";
            Err(usage::failed(say))
        }
    }
}

fn target(name: &str) -> Result<Target, Output> {
    let missing = || usage::failed(&format!("the account does not answer {name}"));
    let row = service::find("s3api").ok_or_else(missing)?;
    operations(row).map(|(_, target)| target).find(|target| target.operation.name == name).ok_or_else(missing)
}

/// All pages of a listing.
fn pages(
    world: &mut World,
    session: &Session,
    global: &Global,
    (name, input): (&str, Value),
) -> Result<(Node, Vec<Coverage>), Output> {
    let target = target(name)?;
    let who = (session.user.as_str(), global.region.as_str());
    let Some(page) = &target.operation.page else {
        return match ask::ask(world, who.0, who.1, target, input)? {
            Reply::Answer(answer) => Ok((ask::tree(target, &answer), ask::coverage(&answer))),
            Reply::Refused(fault) => Err(usage::failed(&ask::words(target, &fault))),
        };
    };
    match paging::follow(world, who, (target, page), input, &Wish::default()) {
        Ok(found) => Ok((found.whole, found.coverage)),
        Err(Stop::Refused(fault)) => Err(usage::failed(&ask::words(target, &fault))),
        Err(Stop::Failed(say)) => Err(usage::failed(&say)),
        Err(Stop::Page(page)) => Err(page),
    }
}

/// A bucket and what follows it.
fn place(text: &str) -> (&str, &str) {
    let bare = text.strip_prefix("s3://").unwrap_or(text);
    bare.split_once('/').unwrap_or((bare, ""))
}

fn read(words: &[String], switches: &[&str]) -> Result<grammar::Read, Output> {
    let opts: Vec<Opt> = switches
        .iter()
        .map(|name| Opt { name: (*name).to_string(), takes: Takes::Nothing, ..Opt::default() })
        .collect();
    let read = grammar::read(&opts, &[], words).map_err(|say| usage::misread(&say))?;
    let unknown: Vec<&str> = read.extras.iter().filter(|word| word.starts_with("--")).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(usage::failed(&format!("Unknown options: {}", unknown.join(","))));
    }
    Ok(read)
}

fn list(world: &mut World, session: &Session, global: &Global, words: &[String]) -> Result<Output, Output> {
    let read = read(words, &["--recursive", "--summarize", "--human-readable"])?;
    ask::ready(world, global)?;
    let Some(path) = read.extras.first().filter(|path| !path.is_empty() && *path != "s3://") else {
        let (node, coverage) = pages(world, session, global, ("ListBuckets", json!({})))?;
        let mut paper = Paper::default();
        for bucket in node.get("Buckets").and_then(Node::items).unwrap_or_default() {
            when(bucket.get("CreationDate"), &mut paper);
            put(bucket.get("Name"), " ", &mut paper);
            paper.end();
        }
        return Ok(Output { lines: paper.lines, coverage, ..Output::default() });
    };
    let (bucket, prefix) = place(path);
    let recursive = read.has("--recursive");
    let mut input = json!({ "Bucket": bucket, "Prefix": prefix });
    if !recursive {
        input["Delimiter"] = Value::from("/");
    }
    let (node, coverage) = pages(world, session, global, ("ListObjectsV2", input))?;
    let mut paper = Paper::default();
    let tail = |key: &str| if recursive { key.to_string() } else { last_part(key) };
    for common in node.get("CommonPrefixes").and_then(Node::items).unwrap_or_default() {
        let prefix = common.get("Prefix").and_then(Node::as_text).unwrap_or_default();
        paper.push(&format!("{:>30} ", "PRE"));
        paper.put(&tail(prefix), &facts(common.get("Prefix")));
        paper.end();
    }
    let objects = node.get("Contents").and_then(Node::items).unwrap_or_default();
    let mut total = 0;
    for object in objects {
        let size = object.get("Size").map(Node::words).unwrap_or_default();
        total += size.parse::<u64>().unwrap_or(0);
        when(object.get("LastModified"), &mut paper);
        paper.push(" ");
        paper.push(&" ".repeat(10_usize.saturating_sub(size.len())));
        paper.put(&size, &facts(object.get("Size")));
        paper.push(" ");
        let key = object.get("Key").and_then(Node::as_text).unwrap_or_default();
        paper.put(&tail(key), &facts(object.get("Key")));
        paper.end();
    }
    let empty = paper.lines.is_empty();
    if read.has("--summarize") {
        paper.end();
        paper.push(&format!("Total Objects: {}\n   Total Size: {total}", objects.len()));
        paper.end();
    }
    let code = i32::from(empty && !prefix.is_empty());
    Ok(Output { lines: paper.lines, code, coverage })
}

fn facts(node: Option<&Node>) -> Facts {
    node.map(|node| node.facts.clone()).unwrap_or_default()
}

fn put(node: Option<&Node>, before: &str, paper: &mut Paper) {
    paper.push(before);
    if let Some(node) = node {
        paper.put(&node.words(), &node.facts);
    }
}

/// A time as listings have it: to the second, in the machine's zone.
fn when(node: Option<&Node>, paper: &mut Paper) {
    let text = node.and_then(Node::as_text).unwrap_or_default();
    let text = Time::parse(text).and_then(|at| at.format("%Y-%m-%d %H:%M:%S")).unwrap_or_default();
    paper.put(&text, &facts(node));
}

/// What is after the last slash, the one at the end aside.
fn last_part(key: &str) -> String {
    let bare = key.strip_suffix('/').unwrap_or(key);
    let start = bare.rfind('/').map_or(0, |at| at + 1);
    key.get(start..).unwrap_or_default().to_string()
}

fn copy(world: &mut World, session: &mut Session, global: &Global, words: &[String]) -> Result<Output, Output> {
    let read = read(words, &["--recursive", "--quiet", "--only-show-errors", "--no-progress"])?;
    let usage =
        "usage: aws s3 cp <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>\nError: Invalid argument type";
    let [from, to] = read.extras.as_slice() else {
        return Err(usage::misread("the following arguments are required: paths"));
    };
    match (from.starts_with("s3://"), to.starts_with("s3://")) {
        (false, false) => return Err(usage::failed(usage)),
        (true, false) => {}
        _ => {
            let mut page = usage::plain(&format!(
                "upload failed: {from} to {to} An error occurred (AccessDenied) when calling the PutObject operation: Access Denied"
            ));
            page.code = 1;
            page.lines.push(Line::hint("buckets are read here, not written"));
            return Err(page);
        }
    }
    ask::ready(world, global)?;
    let (bucket, key) = place(from);
    let target = target("GetObject")?;
    let input = json!({ "Bucket": bucket, "Key": key });
    let answer = match ask::ask(world, &session.user, &global.region, target, input)? {
        Reply::Answer(answer) => answer,
        Reply::Refused(fault) => {
            let missing = matches!(fault.code.as_str(), "NoSuchKey" | "404");
            let say = if missing {
                format!("An error occurred (404) when calling the HeadObject operation: Key \"{key}\" does not exist")
            } else {
                ask::words(target, &fault)
            };
            return Err(Output { code: 1, ..usage::plain(&format!("fatal error: {say}")) });
        }
    };
    let file = if to == "." || to.ends_with('/') { last_part(key) } else { to.clone() };
    let note = if to == "-" { "/dev/stdout" } else { file.as_str() };
    let lines = operation::stream(answer.body.get("Body"));
    if note == "/dev/stdout" {
        return Ok(Output { lines, ..Output::default() });
    }
    operation::save(session, note, lines)?;
    let said = Line::plain(format!("download: s3://{bucket}/{key} to ./{}", note.trim_start_matches("./")));
    Ok(Output { lines: if read.has("--quiet") { Vec::new() } else { vec![said] }, ..Output::default() })
}
