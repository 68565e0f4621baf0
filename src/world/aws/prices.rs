//! The in-game price book: what a unit of each usage type costs since when, by region and by tiers of a month's use. Does
//! not know quantities or who is charged.
//!
//! Money is exact: a price is whole picodollars a unit, a quantity whole millionths of a unit, so an amount is whole
//! attodollars (10⁻¹⁸). Rounding happens where an amount is printed.

use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static BOOK: &str = include_str!("../../../assets/aws/prices.txt");

/// Picodollars (10⁻¹²) in a dollar.
const PICO: i128 = 1_000_000_000_000;
/// Attodollars (10⁻¹⁸) in a dollar.
pub const DOLLAR: i128 = 1_000_000_000_000_000_000;
/// Millionths in a unit.
pub const UNIT: i128 = 1_000_000;

/// What a unit costs from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// `Hrs`, `GB`, `GB-Mo`, `Requests`.
    pub unit: &'static str,
    /// Hours since 1970.
    since: i64,
    /// Rising; the last one has no end.
    tiers: Vec<Tier>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tier {
    /// Millionths of the unit used in the month so far.
    to: i128,
    /// Picodollars.
    price: i128,
}

/// Region → prefix of its usage types in bills (user guide, "AWS Region billing codes"); us-east-1 has none.
static PREFIXES: &[(&str, &str)] = &[
    ("ap-northeast-1", "APN1-"),
    ("ap-northeast-2", "APN2-"),
    ("ap-southeast-1", "APS1-"),
    ("eu-central-1", "EUC1-"),
    ("eu-west-1", "EU-"),
    ("us-east-1", ""),
    ("us-east-2", "USE2-"),
    ("us-west-2", "USW2-"),
];

/// `APN2-`; empty for us-east-1 and for regions that do not exist.
pub fn prefix(region: &str) -> &'static str {
    PREFIXES.iter().find(|(name, _)| *name == region).map_or("", |(_, prefix)| prefix)
}

/// A usage type as bills print it in a region.
pub fn billed(region: &str, usage_type: &str) -> String {
    // KMS puts the region's name where others put its code.
    let head = if usage_type.starts_with("KMS-") { format!("{region}-") } else { prefix(region).to_string() };
    format!("{head}{usage_type}")
}

/// Prices by service, usage type and region's column, oldest first.
type Book = BTreeMap<&'static str, BTreeMap<&'static str, BTreeMap<&'static str, Vec<Price>>>>;

fn book() -> &'static Book {
    static READ: LazyLock<Book> = LazyLock::new(|| read(BOOK));
    &READ
}

/// Every usage type of the book with its service.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    book().iter().flat_map(|(service, types)| types.keys().map(|usage_type| (*service, *usage_type)))
}

/// All prices of a usage type (without the region's prefix) in a region, oldest first. Empty: not in the book.
pub fn of(region: &str, service: &str, usage_type: &str) -> &'static [Price] {
    let code = prefix(region).trim_end_matches('-');
    // Bytes that leave cost the same and fill the same tiers whichever service sends them.
    let service = if usage_type.starts_with("DataTransfer-") { "EC2 - Other" } else { service };
    let Some(columns) = book().get::<str>(service).and_then(|types| types.get::<str>(usage_type)) else { return &[] };
    columns.get::<str>(code).or_else(|| columns.get("USE1")).map_or(&[], Vec::as_slice)
}

/// The price that counts in an hour.
pub fn at(prices: &'static [Price], hour: i64) -> Option<&'static Price> {
    prices.iter().rev().find(|price| price.since <= hour)
}

impl Price {
    /// Whether it depends on what was used before in the month.
    pub fn tiered(&self) -> bool {
        self.tiers.len() > 1
    }

    /// Attodollars for `micros` used after `before` were used in the month (millionths of the unit).
    pub fn charge(&self, before: i128, micros: i128) -> i128 {
        let (mut at, end, mut sum) = (before, before + micros, 0);
        for tier in &self.tiers {
            let to = end.min(tier.to);
            if to > at {
                sum += (to - at) * tier.price;
                at = to;
            }
        }
        sum
    }
}

/// An amount as Cost Explorer prints it: up to ten decimals, none that say nothing. `of` is how many make one.
pub fn decimal(amount: i128, of: i128) -> String {
    const TENTHS: i128 = 10_000_000_000;
    // Half away from zero, as money is rounded; whole ones apart, so that no amount is too large.
    let size = amount.saturating_abs();
    let scaled = (size % of * TENTHS * 2 + of) / (of * 2);
    let (whole, rest) = (size / of + scaled / TENTHS, scaled % TENTHS);
    let sign = if amount < 0 && (whole, rest) != (0, 0) { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:010}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// An amount of attodollars to the cent: `12.30`.
pub fn cents(attos: i128) -> String {
    let size = attos.saturating_abs();
    let cents = (size % DOLLAR * 200 + DOLLAR) / (DOLLAR * 2);
    let (whole, cents) = (size / DOLLAR + cents / 100, cents % 100);
    format!("{}{whole}.{cents:02}", if attos < 0 && (whole, cents) != (0, 0) { "-" } else { "" })
}

/// Reads a plain decimal as whole parts of `one`; what is finer is cut.
pub fn parse(text: &str, one: i128) -> Option<i128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let (mut sum, mut scale) = (whole.checked_abs()?.checked_mul(one)?, one);
    for digit in rest.chars() {
        scale /= 10;
        sum = sum.checked_add(i128::from(digit.to_digit(10)?) * scale)?;
    }
    Some(if negative { -sum } else { sum })
}

fn read(text: &'static str) -> Book {
    let mut book = Book::new();
    let mut service = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            service = name;
            continue;
        }
        let mut words = line.split_whitespace();
        let (Some(usage_type), Some(unit)) = (words.next(), words.next()) else { continue };
        let mut since = i64::MIN;
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            if key == "since" {
                let day = Time::parse(&format!("{value} 00:00"));
                since = day.map_or(i64::MIN, |day| day.0.div_euclid(3_600_000));
                continue;
            }
            let price = Price { unit, since, tiers: tiers(value) };
            let prices = book.entry(service).or_default().entry(usage_type).or_default().entry(key).or_default();
            prices.push(price);
            prices.sort_by_key(|price| price.since);
        }
    }
    book
}

/// `0<100/0.126<10240/0.122`.
fn tiers(text: &str) -> Vec<Tier> {
    text.split('/')
        .filter_map(|part| {
            let (price, to) = part.split_once('<').map_or((part, None), |(price, to)| (price, Some(to)));
            let to = to.map_or(Some(i128::MAX), |to| parse(to, UNIT))?;
            Some(Tier { to, price: parse(price, PICO)? })
        })
        .collect()
}
