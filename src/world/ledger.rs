//! The books of the shop: orders, and what was done for each of them (shipments, bookings, captures, moves of stock,
//! receipts). The ground truth that logs, metrics and reconciliations project. Does not know how a row came about.

use crate::stdx::dice;
use crate::stdx::roll::Roll;
use crate::stdx::time::Time;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Of a thousand orders, so many are of people who work for the shop, where the estate does not say otherwise.
pub const STAFF: u64 = 14;
/// Orders kept; the oldest are forgotten first.
pub const ORDERS_MAX: usize = 400_000;
/// Rows kept a table; the oldest are forgotten first.
pub const ROWS_MAX: usize = 400_000;
/// Tables, whatever programs say they write.
pub const TABLES_MAX: usize = 40;
/// What is written down, where the estate does not say otherwise.
pub const ORDER: &str = "order";
/// Traits that orders of an estate may have.
pub const TRAITS_MAX: usize = 60;

/// Everything that was written down.
#[derive(Clone, Debug)]
pub struct Ledger {
    orders: Roll<Order>,
    tables: BTreeMap<Arc<str>, Table>,
    /// Tables in which an order has more rows than one, and how many.
    wanted: BTreeMap<Arc<str>, u32>,
    /// Names of the traits, in the order of their bits.
    traits: Arc<[Arc<str>]>,
    /// The number of the first order.
    base: u32,
    /// What one of them is called: `order`, or `report` where that is what people hand in.
    called: Arc<str>,
}

/// What a customer ordered and was told had been accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// `ord-50213` without its prefix.
    pub number: u32,
    /// When the customer had the answer.
    pub at: Time,
    /// The arrival's, from which everything about it was drawn.
    pub key: u64,
    pub basket: u64,
    pub sku: Arc<str>,
    /// What was paid, in the shop's currency (won have no smaller unit).
    pub amount: i64,
    /// One bit a trait, in the order of [`Ledger::traits`].
    pub traits: u64,
    /// The pod that took it.
    pub by: Arc<str>,
    /// Placed by somebody with `shopctl`.
    pub trial: bool,
    /// Of a thousand orders like it, so many are of people who work for the shop.
    pub staff: u16,
}

/// Something that was done, for an order or (number 0) for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub at: Time,
    pub order: u32,
    /// The pod or function that wrote it.
    pub by: Arc<str>,
    /// The message that made it do so; empty: it was asked directly.
    pub message: Arc<str>,
    pub value: i64,
}

/// What a table has of one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    pub rows: u32,
    pub first: Option<Time>,
    /// When there were as many rows as an order has (see [`Ledger::wanted`]).
    pub full: Option<Time>,
    /// The first row too many that was not held back.
    pub surplus: Option<Time>,
}

/// One table.
#[derive(Clone, Debug)]
pub struct Table {
    rows: Roll<Row>,
    /// By the order's place in the books.
    slots: Roll<Slot>,
    /// Rows that an order has here.
    wanted: u32,
    /// Since when surplus rows are held back before anything is done for them, and until when.
    holds: Vec<(Time, bool)>,
}

impl Default for Ledger {
    fn default() -> Ledger {
        let (tables, wanted) = (BTreeMap::new(), BTreeMap::new());
        Ledger {
            orders: Roll::new(ORDERS_MAX),
            tables,
            wanted,
            traits: Arc::from([]),
            base: 10_000,
            called: Arc::from(ORDER),
        }
    }
}

impl Ledger {
    /// Opens the books of an estate: which traits orders can have, what one is called, and where their numbers begin.
    pub fn open(&mut self, seed: u64, traits: impl Iterator<Item = Arc<str>>, called: &str) {
        self.called = Arc::from(called);
        self.traits = traits.take(TRAITS_MAX).collect();
        self.base = 10_000 + (dice::at(seed, dice::hash_name("order-numbers"), 0) % 70_000) as u32;
    }

    /// `ord-50213`.
    pub fn name(&self, number: u32) -> String {
        format!("{}-{number:05}", self.mark())
    }

    /// What stands before an order's number: the first three letters of what it is called.
    pub fn mark(&self) -> &str {
        self.called.get(..3).unwrap_or(&self.called)
    }

    /// `orders`, `reports`.
    pub fn many(&self) -> String {
        format!("{}s", self.called)
    }

    /// The first order number that a text names, however it is wrapped or quoted.
    pub fn named(&self, text: &str) -> Option<u32> {
        text.match_indices(self.mark()).find_map(|(at, mark)| {
            let digits = text.get(at + mark.len()..)?.strip_prefix('-')?;
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits.get(..end).filter(|digits| digits.len() >= 4)?.parse().ok()
        })
    }

    /// Says how many rows an order has in a table, where it is not one.
    pub fn expect(&mut self, table: &str, rows: u32) {
        if rows > 1 && self.wanted.len() < TABLES_MAX {
            self.wanted.insert(Arc::from(table), rows);
        }
    }

    /// How many rows an order has in a table when everything was done for it, once.
    pub fn wanted(&self, table: &str) -> u32 {
        self.wanted.get(table).copied().unwrap_or(1)
    }

    /// Names of the traits, in the order of their bits.
    pub fn traits(&self) -> &[Arc<str>] {
        &self.traits
    }

    pub fn has_trait(&self, order: &Order, name: &str) -> bool {
        self.traits.iter().position(|known| **known == *name).is_some_and(|bit| order.traits >> bit & 1 == 1)
    }

    /// The names of an order's traits.
    pub fn traits_of(&self, order: &Order) -> Vec<&str> {
        let bits = self.traits.iter().enumerate().filter(|(bit, _)| order.traits >> bit & 1 == 1);
        bits.map(|(_, name)| &**name).collect()
    }

    /// Writes an order down and numbers it.
    pub fn place(&mut self, mut order: Order) -> u32 {
        order.number = self.base.wrapping_add(self.orders.end() as u32);
        let number = order.number;
        self.orders.push(order);
        number
    }

    pub fn order(&self, number: u32) -> Option<&Order> {
        self.orders.get(u64::from(number.checked_sub(self.base)?))
    }

    /// Orders accepted in `from..=to`, oldest first.
    pub fn orders(&self, from: Time, to: Time) -> impl Iterator<Item = &Order> {
        let first = self.orders.since(|order| order.at < from);
        self.orders.starting(first).map(|(_, order)| order).take_while(move |order| order.at <= to)
    }

    /// Writes a row at its time, which is not before any other row's of that table.
    pub fn write(&mut self, table: &str, row: Row) {
        if !self.tables.contains_key(table) {
            if self.tables.len() >= TABLES_MAX {
                return;
            }
            self.tables.insert(Arc::from(table), Table::new(self.wanted(table)));
        }
        let place = row.order.checked_sub(self.base).map(u64::from).filter(|place| *place < self.orders.end());
        let Some(table) = self.tables.get_mut(table) else { return };
        if let Some(place) = place {
            table.note(place, row.at);
        }
        table.rows.push(row);
    }

    /// Names of the tables there are.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(AsRef::as_ref)
    }

    /// What a table has of an order.
    pub fn slot(&self, table: &str, order: u32) -> Slot {
        let place = order.checked_sub(self.base).map(u64::from);
        let slot = place.and_then(|place| self.tables.get(table)?.slots.get(place));
        slot.copied().unwrap_or_default()
    }

    /// Rows of a table in `from..=to`, oldest first, with their serial numbers.
    pub fn rows(&self, table: &str, from: Time, to: Time) -> impl Iterator<Item = (u64, &Row)> {
        let rows = self.tables.get(table).map(|table| &table.rows);
        let from = rows.map(|rows| (rows, rows.since(|row| row.at < from)));
        from.into_iter().flat_map(|(rows, first)| rows.starting(first)).take_while(move |(_, row)| row.at <= to)
    }

    /// The rows of one order.
    pub fn rows_of(&self, table: &str, order: u32) -> Vec<(u64, &Row)> {
        let slot = self.slot(table, order);
        let Some(first) = slot.first else { return Vec::new() };
        let all = self.rows(table, first, Time(i64::MAX)).filter(|(_, row)| row.order == order);
        all.take(slot.rows as usize).collect()
    }

    /// From `at` on, whether surplus rows of a table are held back. `false` if there is no such table.
    pub fn hold(&mut self, table: &str, at: Time, held: bool) -> bool {
        let Some(table) = self.tables.get_mut(table) else { return false };
        if table.held(at) != held && table.holds.len() < 1_000 {
            table.holds.push((at, held));
        }
        true
    }

    pub fn held(&self, table: &str, at: Time) -> bool {
        self.tables.get(table).is_some_and(|table| table.held(at))
    }
}

impl Table {
    fn new(wanted: u32) -> Table {
        Table { rows: Roll::new(ROWS_MAX), slots: Roll::new(ORDERS_MAX), wanted, holds: Vec::new() }
    }

    fn held(&self, at: Time) -> bool {
        let index = self.holds.partition_point(|(since, _)| *since <= at);
        index.checked_sub(1).and_then(|i| self.holds.get(i)).is_some_and(|(_, held)| *held)
    }

    fn note(&mut self, place: u64, at: Time) {
        while self.slots.end() <= place {
            self.slots.push(Slot::default());
        }
        let held = self.held(at);
        let Some(slot) = self.slots.get_mut(place) else { return };
        slot.rows += 1;
        slot.first = slot.first.or(Some(at));
        if slot.rows == self.wanted {
            slot.full = Some(at);
        } else if slot.rows > self.wanted && !held {
            slot.surplus = slot.surplus.or(Some(at));
        }
    }
}

impl Order {
    /// The customer's address, made from the same number as everything else about the order.
    pub fn customer(&self) -> String {
        const HOSTS: [&str; 5] =
            ["customer.example", "hanmail.example", "mailbox.example", "postino.example", "webmail.example"];
        // What people of the house order to try it out, and for themselves.
        if self.trial {
            return "oncall@scoopline.example".into();
        }
        if dice::at(self.key, 43, 0) % 1_000 < u64::from(self.staff) {
            return format!("staff-{}@scoopline.example", dice::at(self.key, 42, 0) % 40);
        }
        let letter = |n: u64| char::from(b'a' + (dice::at(self.key, 40, n) % 26) as u8);
        let host = HOSTS.get((dice::at(self.key, 41, 0) % 5) as usize).copied().unwrap_or("customer.example");
        format!("{}.{}{}@{host}", letter(0), letter(1), dice::at(self.key, 42, 0) % 100)
    }

    /// What a program tells others of the order, as the members of a JSON object; `name` is [`Ledger::name`].
    pub fn members(&self, name: String) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("order".into(), name.into());
        members.insert("placedAt".into(), self.at.rfc3339_millis().into());
        members.insert("sku".into(), (*self.sku).into());
        members.insert("amount".into(), self.amount.into());
        members.insert("customer".into(), self.customer().into());
        members
    }

    /// The same as the text that they are: most messages say no more, so it is written at once.
    pub fn text(&self, name: &str) -> String {
        let mut out = String::with_capacity(192);
        let _ = write!(out, r#"{{"amount":{},"customer":"#, self.amount);
        quote(&mut out, &self.customer());
        out.push_str(r#","order":"#);
        quote(&mut out, name);
        out.push_str(r#","placedAt":"#);
        quote(&mut out, &self.at.rfc3339_millis());
        out.push_str(r#","sku":"#);
        quote(&mut out, &self.sku);
        out.push('}');
        out
    }
}

/// A text as JSON has it; most need no escapes.
fn quote(out: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}
