//! `shopctl`: the shop's own tools: probe orders, the ledger of orders, the books and their reconciliation, feature flags,
//! goods, third parties. Does not know why an order fails (it is told what a customer is told).

mod books;
mod partner;
mod replay;

use super::fact::{Fact, ObjectId};
use super::flag::{self, Flag, Given, Order};
use super::page::{Coverage, Line, Output};
use super::program::{Context, Program};
use super::session::{Session, Standing};
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::{Span, Time};
use crate::world::traffic::{self, Journey};
use crate::world::{World, flags, skus};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "shopctl",
    aliases: &[],
    doc: "the shop's tools: probe orders, the ledger and its reconciliation, flags, goods",
    usage: "\
usage: shopctl order --flavour NAME [--wait SECONDS]      place a probe order, and pay after waiting
       shopctl order show ORDER                           everything the books have of one order
       shopctl orders [--since SPAN] [--by sku|status]    what the edge answered to customers' orders
       shopctl reconcile TABLE [--from T] [--to T] [--since SPAN] [--trait NAME] [--list]
                                                          orders without a row, and with more than one
       shopctl replay --orders LIST|@NOTE | --missing TABLE --to QUEUE|NAMESPACE/SERVICE [--dry-run]
                                                          send orders once more, to one of those who work on them
       shopctl hold TABLE | unhold TABLE                  surplus rows are held back, or no longer
       shopctl probe PARTNER [--via NAT] [--trait NAME]   how long a third party takes, and whether it answers;
                                                          by a way of our own, or as from behind a NAT gateway
       shopctl flag list | set NAME on|off
       shopctl sku list | show SKU | history SKU | set SKU COLUMN=VALUE

  shopctl order --flavour lemon
  shopctl reconcile receipts --from 14:00 --to 15:00 --list
  shopctl flag set banner.weekend on",
    flags: &[
        Flag::value('\0', "by", "COLUMN", "orders: count by sku, status, or both (sku,status)"),
        Flag::switch('\0', "dry-run", "replay: only say what would be sent"),
        Flag::value('f', "flavour", "NAME", "order: a flavour or a SKU"),
        Flag::value('\0', "from", "TIME", "reconcile, replay: orders placed from then on (09:02, or with a date)"),
        Flag::switch('j', "json", "sku show: as JSON, with every unusual character escaped"),
        Flag::switch('l', "list", "reconcile: the orders one by one"),
        Flag::value('\0', "missing", "TABLE", "replay: the orders without a row there"),
        Flag::value('\0', "orders", "LIST", "replay: these, separated by commas, or @NOTE with one a line"),
        Flag::value('\0', "since", "SPAN", "orders, reconcile: from so long ago on (default 1h)"),
        Flag::value('\0', "to", "TIME", "reconcile: orders placed until then; replay: the queue or the Service"),
        Flag::value(
            '\0',
            "trait",
            "NAME",
            "reconcile, replay: only orders with this trait; probe: asked about such an order",
        ),
        Flag::value('\0', "until", "TIME", "replay: orders placed until then"),
        Flag::value('\0', "via", "NAT", "probe: as from behind this NAT gateway (its name or id)"),
        Flag::value('w', "wait", "SECONDS", "order: wait between opening the basket and paying (default 0)"),
    ],
    cost: Span::secs(20),
    run,
    poll: Some(poll),
};

/// Nobody waits longer for a probe order.
const WAIT_MAX: Span = Span::mins(30);
/// The longest ledger.
const SINCE_MAX: Span = Span::hours(24 * 14);

/// What it does, sorted.
pub const WORDS: &[&str] = &["flag", "hold", "order", "orders", "probe", "reconcile", "replay", "sku", "unhold"];

type Failure = (String, Option<String>);

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let words: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["order"] => order(context, &given),
        ["order", "show", order] => books::show(context.world, order),
        ["orders"] => orders(context.world, &given),
        ["reconcile", table] => books::reconcile(context.world, table, &given),
        ["replay"] => replay::replay(context, &given),
        ["hold", table] => books::hold(context, table, true),
        ["unhold", table] => books::hold(context, table, false),
        ["probe", name] => partner::probe(context.world, name, &given),
        ["flag" | "flags", "list"] => Ok(flag_list(context.world)),
        ["flag" | "flags", "set", name, state] => flag_set(context, name, state),
        ["sku" | "skus", "list"] => Ok(sku_list(context.world)),
        ["sku" | "skus", "show", sku] => sku_show(context.world, sku, given.has("json")),
        ["sku" | "skus", "history", sku] => sku_history(context.world, sku),
        ["sku" | "skus", "set", sku, change] => sku_set(context, sku, change),
        [] => Err(("what should be done?".into(), Some("shopctl --help shows what there is".into()))),
        [word, ..] => {
            let near = suggest::nearest(word, WORDS.iter().copied());
            let hint =
                near.map_or("shopctl --help shows what there is".into(), |near| format!("did you mean `{near}`?"));
            Err((format!("{:?} is not something shopctl does", words.join(" ")), Some(hint)))
        }
    };
    done.unwrap_or_else(|(say, hint)| {
        let mut lines = vec![Line::err(format!("shopctl: {say}"))];
        lines.extend(hint.map(Line::hint));
        Output { lines, code: 1, ..Output::default() }
    })
}

/// Whether these operands name something that shopctl does.
pub fn is_known(operands: &[&str]) -> bool {
    matches!(
        operands,
        ["order" | "orders" | "replay"]
            | ["order", "show", _]
            | ["hold" | "probe" | "reconcile" | "unhold", _]
            | ["flag" | "flags" | "sku" | "skus", "list"]
            | ["flag" | "flags" | "sku" | "skus", "set", _, _]
            | ["sku" | "skus", "show" | "history", _]
    )
}

/// What may stand as the last of these words, with what it is.
pub fn words(world: &World, words: &[String]) -> Vec<(String, String)> {
    let before: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let before = before.get(..before.len().saturating_sub(1)).unwrap_or_default();
    let named = |names: Vec<String>, about: &str| names.into_iter().map(|name| (name, about.to_string())).collect();
    match before {
        [] => named(WORDS.iter().map(|word| word.to_string()).collect(), ""),
        ["hold" | "reconcile" | "unhold"] | [.., "--missing"] => {
            named(books::tables(world).into_iter().collect(), "a table of the books")
        }
        ["probe"] => named(world.partners.all().map(|(name, _)| name.clone()).collect(), "a third party"),
        ["flag" | "flags"] => named(vec!["list".into(), "set".into()], ""),
        ["flag" | "flags", "set"] => named(world.flags.all().map(|(name, _)| name.clone()).collect(), "a flag"),
        ["flag" | "flags", "set", _] => named(vec!["off".into(), "on".into()], ""),
        ["order"] => named(vec!["show".into()], ""),
        ["sku" | "skus"] => named(["history", "list", "set", "show"].map(str::to_string).to_vec(), ""),
        ["sku" | "skus", "history" | "set" | "show"] => {
            named(world.skus.all().map(|(sku, _)| sku.clone()).collect(), "goods")
        }
        [.., "--trait"] => named(world.ledger.traits().iter().map(|name| name.to_string()).collect(), "a trait"),
        _ => Vec::new(),
    }
}

fn find_sku<'a>(world: &'a World, word: &str) -> Result<(&'a String, &'a skus::Row), Failure> {
    world.skus.find(word).ok_or_else(|| {
        let known = world.skus.all().flat_map(|(sku, row)| [sku.as_str(), row.flavour.as_str()]);
        let hint = suggest::nearest(word, known).map(|near| format!("did you mean `{near}`?"));
        (format!("the shop sells no {word:?}"), hint.or_else(|| Some("shopctl sku list shows the goods".into())))
    })
}

/// The stream that sells: the one with a mix of goods.
fn selling(world: &World) -> Option<&String> {
    world.apps.estate.streams.iter().find(|(_, stream)| !stream.mix.is_empty()).map(|(name, _)| name)
}

fn order(context: &mut Context, given: &Given) -> Result<Output, Failure> {
    let hint = || Some("for instance shopctl order --flavour vanilla --wait 5".to_string());
    let word = given.last("flavour").ok_or_else(|| ("which flavour?".to_string(), hint()))?;
    let sku = find_sku(context.world, word)?.0.clone();
    let stream = selling(context.world).ok_or_else(|| ("the shop sells nothing".to_string(), None))?.clone();
    let wait = match given.last("wait") {
        None => Span::ZERO,
        Some(text) => {
            let span = if text.bytes().all(|b| b.is_ascii_digit()) {
                Span::parse(&format!("{text}s"))
            } else {
                Span::parse(text)
            };
            let fits = span.filter(|span| *span >= Span::ZERO && *span <= WAIT_MAX);
            fits.ok_or_else(|| (format!("--wait: {text:?} is not a number of seconds up to 1800"), None))?
        }
    };
    if wait == Span::ZERO {
        return Ok(pay(context.world, &stream, &sku, word, wait));
    }
    let until = context.world.now + wait;
    let cursor = json!({ "stream": stream, "sku": sku, "flavour": word, "wait": wait.0 });
    context.standing = Some(Standing { blocking: true, ..Standing::new(PROGRAM.name, cursor, until) });
    let line = Line::plain(format!("basket opened with {sku}, paying in {} s", wait.as_secs()));
    Ok(Output { lines: vec![line], ..Output::default() })
}

fn poll(world: &mut World, _session: &mut Session, standing: &mut Standing) -> Output {
    if world.now < standing.next || standing.done {
        return Output::default();
    }
    standing.done = true;
    let text = |key: &str| standing.cursor.get(key).and_then(Value::as_str).unwrap_or_default();
    let wait = Span(standing.cursor.get("wait").and_then(Value::as_i64).unwrap_or_default());
    pay(world, text("stream"), text("sku"), text("flavour"), wait)
}

fn pay(world: &mut World, stream: &str, sku: &str, flavour: &str, wait: Span) -> Output {
    let Some(journey) = traffic::order(world, stream, sku, wait) else {
        return Output { lines: vec![Line::err("shopctl: the order was not sent")], code: 1, ..Output::default() };
    };
    let said =
        if journey.ok() { traffic::status_text(journey.status).to_lowercase() } else { journey.error.to_string() };
    let age = journey.arrival.age.as_secs().to_string();
    let basket = journey.arrival.basket.to_string();
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let fact = Arc::new(Fact::Experiment {
        tool: "shopctl order".into(),
        given: pairs(&[("flavour", &journey.arrival.flavour), ("sku", sku), ("wait_s", &wait.as_secs().to_string())]),
        outcome: pairs(&[
            ("status", &journey.status.to_string()),
            ("result", &said),
            ("ok", if journey.ok() { "true" } else { "false" }),
            ("age_s", &age),
            ("basket", &basket),
        ]),
        at: journey.ended(),
    });
    let mut line = Line::default();
    let result = format!("{} {said}", journey.status);
    line.push_fact(&format!("{result:22} ({flavour}, basket {basket}, age {age}s)"), &fact);
    Output { lines: vec![line], code: i32::from(!journey.ok()), ..Output::default() }
}

fn orders(world: &World, given: &Given) -> Result<Output, Failure> {
    let since = since(given)?;
    let columns: Vec<&str> = given.last("by").unwrap_or("sku,status").split(',').collect();
    if let Some(other) = columns.iter().find(|column| !matches!(**column, "sku" | "status" | "flavour")) {
        return Err((format!("--by: orders have no column {other:?}"), Some("sku, flavour, status".into())));
    }
    let stream = selling(world).ok_or_else(|| ("the shop sells nothing".to_string(), None))?;
    let from = world.now - since;
    let column = |journey: &Journey, column: &str| match column {
        "sku" => journey.arrival.sku.to_string(),
        "flavour" => journey.arrival.flavour.to_string(),
        _ if journey.ok() => format!("{} {}", journey.status, traffic::status_text(journey.status).to_lowercase()),
        _ => format!("{} {}", journey.status, journey.error),
    };
    let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for journey in traffic::journeys(world, from, world.now).iter().filter(|j| *j.arrival.stream == **stream) {
        *counts.entry(columns.iter().map(|c| column(journey, c)).collect()).or_default() += 1;
    }
    let heads: Vec<String> = columns.iter().map(|column| column.to_uppercase()).collect();
    let mut lines = vec![Line::plain(format!(" ORDERS  {}", row(&heads)))];
    for (cells, count) in &counts {
        let named: Vec<String> = columns.iter().zip(cells).map(|(column, cell)| format!("{column}={cell}")).collect();
        let of = format!("orders since {} {}", from.rfc3339(), named.join(" "));
        let fact = Arc::new(Fact::Count { tool: "shopctl orders".into(), of, value: *count as f64 });
        let mut line = Line::default();
        line.push_fact(&format!("{count:7}"), &fact);
        line.push(&format!("  {}", row(cells)));
        lines.push(line);
    }
    Ok(Output { lines, ..Output::default() })
}

fn since(given: &Given) -> Result<Span, Failure> {
    let Some(text) = given.last("since") else { return Ok(Span::hours(1)) };
    let span = Span::parse(text).filter(|span| *span > Span::ZERO && *span <= SINCE_MAX);
    span.ok_or_else(|| (format!("--since: {text:?} is not a span up to {}d", SINCE_MAX.as_secs() / 86_400), None))
}

fn row(cells: &[String]) -> String {
    cells.iter().map(|cell| format!("{cell:12}")).collect::<Vec<_>>().join(" ").trim_end().to_string()
}

fn id(kind: &str, name: &str) -> ObjectId {
    ObjectId { kind: kind.into(), name: name.into(), ..ObjectId::default() }
}

fn shown(kind: &str, name: &str, path: &str, value: &str) -> Arc<Fact> {
    Arc::new(Fact::Field { object: id(kind, name), path: path.into(), value: value.into() })
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn flag_list(world: &World) -> Output {
    let widest = world.flags.all().map(|(name, _)| name.len()).max().unwrap_or(0).max(4);
    let mut lines = vec![Line::plain(format!("{:widest$}  STATE  SINCE                 BY           ABOUT", "NAME"))];
    for (name, flag) in world.flags.all() {
        let Some((since, on, by)) = flag.history.last() else { continue };
        let set = flag.history.len() > 1;
        let mut line = Line::default();
        line.push_fact(&format!("{name:widest$}  {:5}", on_off(*on)), &shown("Flag", name, "enabled", &on.to_string()));
        let since = if set { since.rfc3339() } else { "-".into() };
        let by = if set { by.as_str() } else { "-" };
        line.push(&format!("  {since:20}  {by:11}  {}", flag.about));
        lines.push(line);
    }
    Output { lines, coverage: objects("Flag", None), code: 0 }
}

fn objects(kind: &str, name: Option<&str>) -> Vec<Coverage> {
    let (kind, name) = (kind.to_string(), name.map(str::to_string));
    vec![Coverage::Objects { kind, namespace: None, name, selector: String::new() }]
}

fn flag_set(context: &mut Context, name: &str, state: &str) -> Result<Output, Failure> {
    let on = match state {
        "on" | "true" => true,
        "off" | "false" => false,
        _ => return Err((format!("a flag is on or off, not {state:?}"), None)),
    };
    let user = context.session.user.clone();
    let Some(before) = flags::set(context.world, name, on, &user, "shopctl") else {
        let known = context.world.flags.all().map(|(name, _)| name.as_str());
        let hint = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let hint = hint.or_else(|| Some("shopctl flag list shows the flags".into()));
        return Err((format!("there is no flag {name:?}"), hint));
    };
    let mut line = Line::default();
    let was = if before == on { "as it was".to_string() } else { format!("was {}", on_off(before)) };
    line.push_fact(&format!("{name} is {} ({was})", on_off(on)), &shown("Flag", name, "enabled", &on.to_string()));
    Ok(Output { lines: vec![line], ..Output::default() })
}

fn sku_list(world: &World) -> Output {
    let mut lines = vec![Line::plain("SKU       FLAVOUR     PRICE     EDITED")];
    for (sku, row) in world.skus.all() {
        let mut line = Line::plain(format!("{sku:8}  {:10}  ", row.flavour));
        let price = row.column_at("price", world.now).unwrap_or("");
        line.push_fact(&format!("{price:8}"), &shown("Sku", sku, "price", price));
        line.push(&format!("  {}", row.edits.last().map_or("-".to_string(), |edit| edit.at.rfc3339())));
        lines.push(line);
    }
    Output { lines, coverage: objects("Sku", None), code: 0 }
}

fn sku_show(world: &World, word: &str, as_json: bool) -> Result<Output, Failure> {
    let (sku, row) = find_sku(world, word)?;
    let columns = row.columns();
    let widest = columns.iter().map(|column| column.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    if as_json {
        lines.push(Line::plain("{"));
        lines.push(Line::plain(format!("  \"sku\": {},", Value::from(sku.as_str()))));
    } else {
        lines.push(Line::plain(format!("{:widest$}  {sku}", "sku")));
    }
    for (n, column) in columns.iter().enumerate() {
        let value = row.column_at(column, world.now).unwrap_or("");
        let fact = shown("Sku", sku, column, value);
        let mut line = Line::default();
        if as_json {
            let comma = if n + 1 < columns.len() { "," } else { "" };
            line.push(&format!("  \"{column}\": "));
            line.push_fact(&escaped(value), &fact);
            line.push(comma);
        } else {
            line.push(&format!("{column:widest$}  "));
            line.push_fact(&text::harmless(value), &fact);
        }
        lines.push(line);
    }
    if as_json {
        lines.push(Line::plain("}"));
    }
    let coverage = vec![Coverage::Whole { object: id("Sku", sku) }];
    Ok(Output { lines, coverage, code: 0 })
}

/// A JSON text in ASCII, so that nothing in it is invisible.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for c in Value::from(value).to_string().chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

fn sku_history(world: &World, word: &str) -> Result<Output, Failure> {
    let (sku, row) = find_sku(world, word)?;
    let mut lines = vec![Line::plain("TIME                  BY            COLUMN      BEFORE -> AFTER")];
    for edit in &row.edits {
        let fact = Arc::new(Fact::Change {
            who: edit.by.clone(),
            verb: "update".into(),
            object: id("Sku", sku),
            at: edit.at,
            path: edit.column.clone(),
            before: edit.before.clone(),
            after: edit.after.clone(),
        });
        let mut line = Line::default();
        let change = format!("{} -> {}", text::harmless(&edit.before), text::harmless(&edit.after));
        line.push_fact(&format!("{}  {:12}  {:10}  {change}", edit.at.rfc3339(), edit.by, edit.column), &fact);
        lines.push(line);
    }
    if row.edits.is_empty() {
        lines = vec![Line::plain(format!("{sku} was never edited"))];
    }
    let coverage = vec![Coverage::History { target: sku.clone(), from: Time(0), to: world.now }];
    Ok(Output { lines, coverage, code: 0 })
}

fn sku_set(context: &mut Context, word: &str, change: &str) -> Result<Output, Failure> {
    let sku = find_sku(context.world, word)?.0.clone();
    let Some((column, value)) = change.split_once('=') else {
        return Err((format!("{change:?} is not COLUMN=VALUE"), Some("for instance price=4900".into())));
    };
    let known = context.world.skus.get(&sku).map(skus::Row::columns).unwrap_or_default();
    if !known.contains(&column) {
        let hint = suggest::nearest(column, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        return Err((format!("goods have no column {column:?}"), hint.or(Some(known.join(", ")))));
    }
    let user = context.session.user.clone();
    skus::edit(context.world, &sku, column, value, &user, "shopctl")
        .ok_or_else(|| (format!("{sku} was edited too often"), None))?;
    let mut line = Line::plain(format!("{sku} {column} is "));
    line.push_fact(&text::harmless(value), &shown("Sku", &sku, column, value));
    Ok(Output { lines: vec![line], ..Output::default() })
}
