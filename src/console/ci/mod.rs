//! `ci`: the deploy pipeline: what was rolled out when and by whom, what each release changed, and (for who may) a new
//! rollout. A client of the API like any other. Does not know controllers.

mod deploy;

use super::fact::{Fact, ObjectId};
use super::flag::{self, Flag, Given, Order};
use super::page::{Coverage, Line, Output};
use super::program::{self, Context, Program};
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::releases::{Change, Release};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "ci",
    aliases: &[],
    doc: "deploy history: releases, what they changed, and rolling one out",
    usage: "\
usage: ci history [APP]
       ci show RELEASE
       ci diff RELEASE RELEASE
       ci deploy APP VERSION [FLAGS]

  ci history checkout
  ci show 12
  ci deploy storefront 2.13.4 --env FEATURE=on --config BANNER=hello",
    flags: &[
        Flag::value('c', "config", "KEY=VALUE", "deploy: set a key of the app's ConfigMap (APP-config)"),
        Flag::value('e', "env", "NAME=VALUE", "deploy: set an environment variable in the manifest; NAME- removes it"),
        Flag::value('\0', "limit", "N", "history: at most the newest N (default 20)"),
        Flag::value('\0', "memory-limit", "QUANTITY", "deploy: the container's memory limit"),
        Flag::value('n', "namespace", "NAME", "deploy: where the app runs, if that is not clear"),
        Flag::value('\0', "note", "TEXT", "deploy: what it is for"),
        Flag::value('p', "patch", "JSON", "deploy: further changes of the Deployment, as a strategic merge patch"),
    ],
    cost: Span::secs(15),
    run,
    poll: None,
};

type Failure = (String, Option<String>);

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let words: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["history"] => history(context, &given, None),
        ["history", app] => history(context, &given, Some(app)),
        ["show", number] => show(context.world, number),
        ["diff", a, b] => diff(context.world, a, b),
        ["deploy", app, version] => deploy::deploy(context, &given, app, version),
        [] => Err(("what should be done?".into(), Some("ci --help shows what there is".into()))),
        [word, ..] => {
            let near = suggest::nearest(word, ["history", "show", "diff", "deploy"]);
            let hint = near.filter(|near| near != word).map(|near| format!("did you mean `ci {near}`?"));
            let hint = hint.or_else(|| program::form(&PROGRAM, word)).unwrap_or("ci --help shows how".into());
            Err((format!("cannot {:?}", words.join(" ")), Some(hint)))
        }
    };
    done.unwrap_or_else(|(say, hint)| {
        let mut lines = vec![Line::err(format!("ci: {}", text::harmless(&say)))];
        lines.extend(hint.map(Line::hint));
        Output { lines, code: 1, ..Output::default() }
    })
}

fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    ObjectId { kind: kind.into(), namespace: namespace.into(), name: name.into(), uid: String::new() }
}

/// A release as a change somebody made to the app's Deployment.
fn rolled_out(release: &Release) -> Arc<Fact> {
    let image = release.changes.iter().find(|change| change.path.ends_with(".image"));
    Arc::new(Fact::Revision {
        via: "ci".into(),
        object: object("Deployment", &release.namespace, &release.app),
        revision: release.number,
        at: release.at,
        path: image.map_or_else(|| "spec.template".into(), |change| change.path.clone()),
        before: image.map_or_else(String::new, |change| change.before.clone()),
        after: image.map_or_else(|| release.version.clone(), |change| change.after.clone()),
    })
}

fn changed(release: &Release, change: &Change) -> Arc<Fact> {
    Arc::new(Fact::Revision {
        via: "ci".into(),
        object: object(&change.kind, &change.namespace, &change.name),
        revision: release.number,
        at: release.at,
        path: change.path.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
    })
}

fn history(context: &mut Context, given: &Given, app: Option<&str>) -> Result<Output, Failure> {
    let limit = match given.last("limit") {
        None => 20,
        Some(text) => text.parse().map_err(|_| (format!("--limit: {text:?} is not a number"), None))?,
    };
    let releases: Vec<Release> = context.world.releases.all().to_vec();
    let found: Vec<&Release> = releases.iter().filter(|r| app.is_none_or(|app| r.app == app)).collect();
    if let (true, Some(app)) = (found.is_empty(), app) {
        deploy::find_deployment(context, app, given.last("namespace"))?;
    }
    let newest: BTreeMap<(&str, &str), u64> =
        releases.iter().filter(|r| r.refused.is_empty()).map(|r| ((&*r.namespace, &*r.app), r.number)).collect();
    let mut lines =
        vec![Line::plain("RELEASE  TIME                  APP         VERSION   BY            STATE        NOTE")];
    for release in found.iter().rev().take(limit) {
        let latest = newest.get(&(&*release.namespace, &*release.app)) == Some(&release.number);
        let state = match (release.refused.is_empty(), latest) {
            (false, _) => "refused".to_string(),
            (true, false) => "superseded".to_string(),
            (true, true) => deploy::state(context, release),
        };
        let mut line = Line::default();
        let text = format!(
            "{:7}  {}  {:10}  {:8}  {:12}  {state:11}  {}",
            release.number,
            release.at.rfc3339(),
            release.app,
            release.version,
            release.by,
            text::harmless(&release.note),
        );
        line.push_fact(text.trim_end(), &rolled_out(release));
        lines.push(line);
    }
    if found.is_empty() {
        lines = vec![Line::plain("no release on record")];
    }
    let target = app.unwrap_or("").to_string();
    let oldest = if found.len() > limit { found[found.len() - limit].at } else { Time(0) };
    let coverage = vec![Coverage::History { target, from: oldest, to: context.world.now }];
    Ok(Output { lines, coverage, code: 0 })
}

fn find<'a>(world: &'a World, word: &str) -> Result<&'a Release, Failure> {
    let number = word.trim_start_matches(['#', 'r']).parse::<u64>().ok();
    number.and_then(|number| world.releases.get(number)).ok_or_else(|| {
        (format!("there is no release {word:?}"), Some("ci history shows the releases with their numbers".into()))
    })
}

fn show(world: &World, word: &str) -> Result<Output, Failure> {
    let release = find(world, word)?;
    let mut lines = Vec::new();
    let mut head = Line::default();
    head.push_fact(&format!("release {}  {} {}", release.number, release.app, release.version), &rolled_out(release));
    lines.push(head);
    lines.push(Line::plain(format!("at {} by {}", release.at.rfc3339(), release.by)));
    if !release.note.is_empty() {
        lines.push(Line::plain(text::harmless(&release.note)));
    }
    if !release.refused.is_empty() {
        lines.push(Line::plain(format!("refused: {}", text::harmless(&release.refused))));
    }
    let changes: Vec<(&Release, &Change)> = release.changes.iter().map(|change| (release, change)).collect();
    lines.extend(changes_shown(&changes));
    let coverage = vec![Coverage::History { target: release.app.clone(), from: release.at, to: release.at }];
    Ok(Output { lines, coverage, code: 0 })
}

/// Changes by object, each path with a line before and a line after.
fn changes_shown(changes: &[(&Release, &Change)]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut last = String::new();
    for (release, change) in changes {
        let title = format!("{}/{} in {}", change.kind, change.name, change.namespace);
        if title != last {
            lines.push(Line::plain(""));
            lines.push(Line::plain(title.clone()));
            last = title;
        }
        let fact = changed(release, change);
        lines.push(Line::plain(format!("  {}", change.path)));
        for (sign, value) in [('-', &change.before), ('+', &change.after)] {
            if value.is_empty() && (sign == '-' || !change.before.is_empty()) {
                continue;
            }
            let mut line = Line::plain("  ");
            // A value that ends in a newline, or is odd otherwise, is quoted: a diff that hides it would lie.
            let odd = value.is_empty() || value.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' '));
            let shown = if odd { format!("\"{}\"", value.escape_default()) } else { text::harmless(value) };
            line.push_fact(&format!("{sign} {shown}"), &fact);
            lines.push(line);
        }
    }
    if changes.is_empty() {
        lines.push(Line::plain("no change in any manifest"));
    }
    lines
}

/// What changed from one release of an app to another: the releases between them, put together.
fn diff(world: &World, a: &str, b: &str) -> Result<Output, Failure> {
    let (a, b) = (find(world, a)?, find(world, b)?);
    let (older, newer) = if a.number <= b.number { (a, b) } else { (b, a) };
    if (&older.app, &older.namespace) != (&newer.app, &newer.namespace) {
        return Err((format!("release {} is {}, release {} is {}", a.number, a.app, b.number, b.app), None));
    }
    let between = world.releases.all().iter().filter(|release| {
        release.app == newer.app
            && release.namespace == newer.namespace
            && release.refused.is_empty()
            && older.number < release.number
            && release.number <= newer.number
    });
    let mut merged: BTreeMap<(String, String, String), (&Release, Change)> = BTreeMap::new();
    for release in between {
        for change in &release.changes {
            let key = (change.kind.clone(), change.name.clone(), change.path.clone());
            let before = merged.get(&key).map_or_else(|| change.before.clone(), |(_, first)| first.before.clone());
            merged.insert(key, (release, Change { before, ..change.clone() }));
        }
    }
    merged.retain(|_, (_, change)| change.before != change.after);
    let title = format!("{} {} -> {}", newer.app, older.version, newer.version);
    let mut lines = vec![Line::plain(title)];
    let changes: Vec<(&Release, &Change)> = merged.values().map(|(release, change)| (*release, change)).collect();
    lines.extend(changes_shown(&changes));
    let coverage = vec![Coverage::History { target: newer.app.clone(), from: older.at, to: newer.at }];
    Ok(Output { lines, coverage, code: 0 })
}
