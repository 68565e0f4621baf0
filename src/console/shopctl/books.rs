//! The books: one order with everything that was done for it, and tables against the orders, in both directions. Does not
//! know how a row came about.

use super::Failure;
use crate::console::fact::Fact;
use crate::console::flag::Given;
use crate::console::page::{Coverage, Line, Output};
use crate::console::program::Context;
use crate::console::prom;
use crate::console::rows;
use crate::stdx::suggest;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit;
use crate::world::ledger::Order;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A reconciliation up to this long is summed up by the minute, a longer one by the hour.
const BY_MINUTE: Span = Span::mins(90);
/// Orders one by one; beyond it the list says that it goes on.
const LIST_MAX: usize = 20_000;

/// A fact: a row of the books.
pub fn row_fact(table: &str, at: Time, pairs: &[(&str, String)]) -> Arc<Fact> {
    let fields = pairs.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    Arc::new(Fact::Row { table: table.to_string(), at, fields, of: 0 })
}

/// A row whose cells stand on several lines.
fn row_in_pieces(table: &str, at: Time, pairs: &[(&str, String)]) -> Fact {
    rows::whole(table, at, pairs.iter().map(|(key, value)| (key.to_string(), value.clone())).collect())
}

/// The tables that there are: those with rows, and those that the estate's programs write.
pub fn tables(world: &World) -> BTreeSet<String> {
    let works = world.apps.estate.apps.values().flat_map(|app| &app.work);
    let written = works.flat_map(|work| work.consumers.values()).flat_map(|consumer| &consumer.writes.tables);
    written.map(|table| table.to_string()).chain(world.ledger.tables().map(str::to_string)).collect()
}

pub fn known_table(world: &World, table: &str) -> Result<(), Failure> {
    let all = tables(world);
    if all.contains(table) {
        return Ok(());
    }
    let near = suggest::nearest(table, all.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let list = match all.is_empty() {
        true => "nothing is written down in this estate".to_string(),
        false => format!("there are: {}", all.into_iter().collect::<Vec<_>>().join(", ")),
    };
    Err((format!("the books have no table {table:?}"), Some(near.unwrap_or(list))))
}

/// `ord-50213`, or its digits.
pub fn find<'a>(world: &'a World, word: &str) -> Result<&'a Order, Failure> {
    let number = word
        .strip_prefix(world.ledger.mark())
        .and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(word)
        .parse::<u32>()
        .ok();
    number.and_then(|number| world.ledger.order(number)).ok_or_else(|| {
        (
            format!("the books have no order {word:?}"),
            Some(format!("{} are called {}", world.ledger.many(), world.ledger.name(50_213))),
        )
    })
}

fn traits(world: &World, order: &Order) -> String {
    let traits = world.ledger.traits_of(order);
    if traits.is_empty() { "-".into() } else { traits.join(",") }
}

/// `captures` → `cap`.
fn prefix(table: &str) -> String {
    table.chars().take(3).collect()
}

pub fn show(world: &World, word: &str) -> Result<Output, Failure> {
    let order = find(world, word)?;
    let name = world.ledger.name(order.number);
    let mut lines = Vec::new();
    let cells = [
        ("order", name.clone()),
        ("placed", order.at.rfc3339_millis()),
        ("sku", order.sku.to_string()),
        ("amount", order.amount.to_string()),
        ("customer", order.customer()),
        ("traits", traits(world, order)),
        ("by", order.by.to_string()),
        ("basket", order.basket.to_string()),
    ];
    let whole = row_in_pieces("orders", order.at, &cells);
    for (key, value) in cells.iter().filter(|(key, _)| !order.sku.is_empty() || !matches!(*key, "sku" | "amount")) {
        let mut line = Line::default();
        let own = rows::piece(&whole, |column| column == *key || column == "order");
        line.push_fact(&format!("{key:9} {value}"), &own);
        lines.push(line);
    }
    lines.push(Line::plain(""));
    lines.push(Line::plain(format!("{:10} {:12} {:24} {:36} {:36} VALUE", "TABLE", "ROW", "AT", "BY", "MESSAGE")));
    for table in tables(world) {
        let rows = world.ledger.rows_of(&table, order.number);
        if rows.is_empty() {
            let fact = row_fact(&table, order.at, &[("order", name.clone()), ("rows", "0".into())]);
            let mut line = Line::default();
            line.push_fact(&format!("{table:10} -"), &fact);
            lines.push(line);
        }
        for (serial, row) in rows {
            let id = format!("{}_{serial:05x}", prefix(&table));
            let (by, message) = (row.by.to_string(), row.message.to_string());
            let shown = if message.is_empty() { "-" } else { &message };
            let text = format!("{table:10} {id:12} {} {by:36} {shown:36} {}", row.at.rfc3339_millis(), row.value);
            let cells = [
                ("order", name.clone()),
                ("row", id),
                ("by", by),
                ("message", message),
                ("value", row.value.to_string()),
            ];
            let mut line = Line::default();
            line.push_fact(&text, &row_fact(&table, row.at, &cells));
            lines.push(line);
        }
    }
    Ok(Output { lines, ..Output::default() })
}

/// `09:02`, a time with its date, or a span ago.
fn instant(world: &World, flag: &str, word: &str) -> Result<Time, Failure> {
    prom::when(world.now, word).ok_or_else(|| {
        (format!("--{flag}: {word:?} is not a time"), Some("for instance 09:02, or 2026-03-02T09:02:00Z".into()))
    })
}

/// The window that the flags name.
pub fn window(world: &World, given: &Given, until: &str) -> Result<(Time, Time), Failure> {
    let from = match given.last("from") {
        Some(word) => instant(world, "from", word)?,
        None => world.now - super::since(given)?,
    };
    let to = given.last(until).map_or(Ok(world.now), |word| instant(world, until, word))?;
    if from > to {
        return Err((format!("nothing is from {} to {}", from.rfc3339(), to.rfc3339()), None));
    }
    Ok((from, to.min(world.now)))
}

/// Whether an order has the trait that the flags name, if they do.
pub fn of_trait(world: &World, given: &Given) -> Result<impl Fn(&World, &Order) -> bool + use<>, Failure> {
    let name = given.last("trait").map(str::to_string);
    if let Some(name) = &name
        && !world.ledger.traits().iter().any(|known| **known == **name)
    {
        let known: Vec<&str> = world.ledger.traits().iter().map(|name| &**name).collect();
        return Err((format!("no order has a trait {name:?}"), Some(format!("there are: {}", known.join(", ")))));
    }
    Ok(move |world: &World, order: &Order| name.as_ref().is_none_or(|name| world.ledger.has_trait(order, name)))
}

/// Columns that the question fixes.
const ASKED: &[&str] = &["span", "table", "trait"];

/// Counts of a time.
#[derive(Clone, Copy, Default)]
struct Sums {
    orders: u64,
    missing: u64,
    doubled: u64,
    /// Rows beyond those that an order has.
    surplus: u64,
    /// Rows that orders lack.
    lacking: u64,
}

impl Sums {
    /// One order more, which has `rows` where it should have `wanted`.
    fn add(&mut self, rows: u64, wanted: u64) {
        self.orders += 1;
        self.missing += u64::from(rows < wanted);
        self.doubled += u64::from(rows > wanted);
        self.surplus += rows.saturating_sub(wanted);
        self.lacking += wanted.saturating_sub(rows);
    }

    fn cells(self, (table, only): (&str, &str), span: &str) -> Vec<(&'static str, String)> {
        vec![
            ("table", table.to_string()),
            ("trait", only.to_string()),
            ("span", span.to_string()),
            ("orders", self.orders.to_string()),
            ("missing", self.missing.to_string()),
            ("doubled", self.doubled.to_string()),
            ("surplus", self.surplus.to_string()),
            ("lacking", self.lacking.to_string()),
        ]
    }
}

pub fn reconcile(world: &World, table: &str, given: &Given) -> Result<Output, Failure> {
    known_table(world, table)?;
    let (from, to) = window(world, given, "to")?;
    let meant = of_trait(world, given)?;
    let only = given.last("trait").unwrap_or_default();
    let orders: Vec<&Order> = world.ledger.orders(from, to).filter(|order| meant(world, order)).collect();
    let coverage = vec![Coverage::Rows { table: "reconcile".into(), from, to }];
    if given.has("list") {
        return Ok(list(world, table, &orders));
    }
    let minutes = to - from <= BY_MINUTE;
    let step = if minutes { Span::mins(1) } else { Span::hours(1) };
    let mut by: BTreeMap<Time, Sums> = BTreeMap::new();
    let mut all = Sums::default();
    let wanted = u64::from(world.ledger.wanted(table));
    for order in &orders {
        let rows = u64::from(world.ledger.slot(table, order.number).rows);
        all.add(rows, wanted);
        by.entry(Time(order.at.0.div_euclid(step.0) * step.0)).or_default().add(rows, wanted);
    }
    let orphans = world.ledger.rows(table, from, to).filter(|(_, row)| world.ledger.order(row.order).is_none()).count();
    let whole = row_in_pieces("reconcile", to, &all.cells((table, only), "all"));
    let many = world.ledger.many();
    let mut lines = vec![Line::plain(format!("{table} against {many} placed {} to {}", from.rfc3339(), to.rfc3339()))];
    // A line shows what it prints, and what was asked.
    let mut say = |words: &str, count: u64, columns: &[&str]| {
        let mut line = Line::default();
        let own = rows::piece(&whole, |column| ASKED.contains(&column) || columns.contains(&column));
        line.push_fact(&format!("{count:8}  {words}"), &own);
        lines.push(line);
    };
    say(&many, all.orders, &["orders"]);
    if wanted == 1 {
        // Who should have one row and has none lacks one.
        say(&format!("without a row in {table}"), all.missing, &["missing", "lacking"]);
        say(&format!("with more than one row ({} rows too many)", all.surplus), all.doubled, &["doubled", "surplus"]);
    } else {
        let lacking = format!("with fewer than {wanted} rows in {table} ({} rows missing)", all.lacking);
        say(&lacking, all.missing, &["missing", "lacking"]);
        say(
            &format!("with more than {wanted} rows ({} rows too many)", all.surplus),
            all.doubled,
            &["doubled", "surplus"],
        );
    }
    if orphans > 0 {
        say("rows without an order", orphans as u64, &[]);
    }
    lines.push(Line::plain(""));
    let head = if minutes { "MINUTE" } else { "HOUR" };
    let width = many.len();
    lines.push(Line::plain(format!("{head:20}  {}  MISSING  DOUBLED  SURPLUS", many.to_uppercase())));
    for (at, sums) in by {
        let mut cells = sums.cells((table, only), &head.to_lowercase());
        cells.retain(|(column, _)| *column != "lacking");
        let fact = row_fact("reconcile", at, &cells);
        let mut line = Line::default();
        let Sums { orders, missing, doubled, surplus, .. } = sums;
        line.push_fact(&format!("{:20}  {orders:width$}  {missing:7}  {doubled:7}  {surplus:7}", at.rfc3339()), &fact);
        lines.push(line);
    }
    Ok(Output { lines, coverage, code: 0 })
}

/// The orders that are not as they should be.
fn list(world: &World, table: &str, orders: &[&Order]) -> Output {
    let wanted = world.ledger.wanted(table);
    let odd: Vec<(&Order, u32)> = orders
        .iter()
        .map(|order| (*order, world.ledger.slot(table, order.number).rows))
        .filter(|(_, rows)| *rows != wanted)
        .collect();
    if odd.is_empty() {
        let rows = if wanted == 1 { "one row".to_string() } else { format!("{wanted} rows") };
        return Output { lines: vec![Line::plain(format!("every order has {rows} in {table}"))], ..Output::default() };
    }
    let mut lines = Vec::new();
    for (order, rows) in odd.iter().take(LIST_MAX) {
        let state = if *rows < wanted { "missing" } else { "doubled" };
        let cells = [
            ("order", world.ledger.name(order.number)),
            ("table", table.to_string()),
            ("state", state.to_string()),
            ("rows", rows.to_string()),
            ("sku", order.sku.to_string()),
            ("amount", order.amount.to_string()),
            ("traits", traits(world, order)),
        ];
        // What is written down need not be for sale.
        let goods =
            if order.sku.is_empty() { "".into() } else { format!("  sku={}  amount={}", order.sku, order.amount) };
        let text = format!(
            "{}  {}  {state}  rows={rows}{goods}  traits={}",
            world.ledger.name(order.number),
            order.at.rfc3339_millis(),
            traits(world, order)
        );
        let mut line = Line::default();
        line.push_fact(&text, &row_fact("orders", order.at, &cells));
        lines.push(line);
    }
    if odd.len() > LIST_MAX {
        lines.push(Line::hint(format!("and {} more; a narrower window shows them", odd.len() - LIST_MAX)));
    }
    Output { lines, ..Output::default() }
}

/// Surplus rows of a table are held back before anything is done for them, or no longer.
pub fn hold(context: &mut Context, table: &str, held: bool) -> Result<Output, Failure> {
    known_table(context.world, table)?;
    let now = context.world.now;
    let world = &mut *context.world;
    let before = world.ledger.held(table, now);
    if !world.ledger.hold(table, now, held) {
        return Err((format!("{table} has no rows yet"), None));
    }
    let changed =
        audit::FieldChange { path: "held".into(), before: Some(before.to_string()), after: Some(held.to_string()) };
    let verb = if held { "hold" } else { "unhold" };
    record(world, &context.session.user, verb, "tables", table, vec![changed].into_iter().filter(|_| before != held));
    let say = if held { "surplus rows are held back from now on" } else { "surplus rows are no longer held back" };
    let mut line = Line::default();
    line.push_fact(
        &format!("{table}: {say}"),
        &row_fact("holds", now, &[("table", table.into()), ("held", held.to_string())]),
    );
    Ok(Output { lines: vec![line], ..Output::default() })
}

/// Writes what somebody did with the books into the audit.
pub fn record(
    world: &mut World,
    user: &str,
    verb: &str,
    resource: &str,
    name: &str,
    changed: impl Iterator<Item = audit::FieldChange>,
) {
    let at = world.now;
    world.audit.record(audit::Entry {
        serial: 0,
        at,
        user: user.to_string(),
        agent: "shopctl".into(),
        verb: verb.to_string(),
        resource: resource.to_string(),
        namespace: String::new(),
        name: name.to_string(),
        changed: changed.collect(),
        code: 200,
        dry_run: false,
    });
}

/// The order that a line begins with or names.
pub fn order_of(world: &World, line: &str) -> Option<u32> {
    world.ledger.named(line)
}
