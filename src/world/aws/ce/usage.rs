//! `GetCostAndUsage`: the bill in pieces of time, filtered, grouped and summed. Does not know where charges come from.

use super::ask::{self, Filter, Granularity, Group, Known, invalid};
use super::{bill, calendar};
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Cover, Fault, Is, Places};
use crate::world::aws::prices::{self, DOLLAR, UNIT};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What can be asked of a piece (user guide, "Metrics"). Nothing is reserved, discounted or shared here, so that all costs are
/// the same amount.
static METRICS: &[&str] = &[
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
];

/// A sum of charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub attos: i128,
    pub micros: i128,
    /// `None`: nothing summed; `Some("")`: units differ.
    unit: Option<&'static str>,
}

impl Sum {
    fn add(&mut self, charge: &bill::Charge) {
        self.attos += charge.attos;
        self.micros += charge.micros;
        self.unit = Some(self.unit.map_or(charge.unit, |unit| if unit == charge.unit { unit } else { "" }));
    }

    fn unit(&self) -> &'static str {
        self.unit.filter(|unit| !unit.is_empty()).unwrap_or("N/A")
    }

    fn metrics(&self, names: &[&str]) -> Value {
        let one = |name: &&str| {
            let (amount, unit) = match *name {
                "UsageQuantity" => (prices::decimal(self.micros, UNIT), self.unit()),
                "NormalizedUsageAmount" => ("0".to_string(), "N/A"),
                _ => (prices::decimal(self.attos, DOLLAR), "USD"),
            };
            ((*name).to_string(), json!({"Amount": amount, "Unit": unit}))
        };
        Value::Object(names.iter().map(one).collect::<Map<String, Value>>())
    }
}

pub fn get_cost_and_usage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    answer(world, call, false)
}

/// The same down to resources: the last 14 days, and only of services that a filter names (API reference).
pub fn get_cost_and_usage_with_resources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    if call.input().get("Filter").is_none_or(Value::is_null) {
        return Err(invalid("Filter is required: resource-level data must be filtered, for example by SERVICE"));
    }
    answer(world, call, true)
}

/// How far back hourly data and data by resource go (user guide, "Hourly and resource level data").
const FINE_DAYS: i64 = 14;

fn answer(world: &World, call: &Call, resources: bool) -> Result<Answer, Fault> {
    let by = ask::granularity(call)?;
    let period = ask::period(call, by)?;
    let names = metrics(call)?;
    let groups = ask::groups(call, resources)?;
    let filter = Filter::read(call.input().get("Filter"))?;
    check(world, period, by, resources)?;
    let known = Known::of(world);
    let until = bill::known_until(world);
    let pieces = ask::pieces(period, by);
    let mut sums: Vec<BTreeMap<Vec<String>, Sum>> = vec![BTreeMap::new(); pieces.len()];
    let mut place = 0;
    let mut charges = bill::charges(world, period.0, period.1.min(until));
    charges.sort_by_key(|charge| charge.hour);
    for charge in charges.iter().filter(|charge| filter.takes(&known, charge)) {
        while pieces.get(place).is_some_and(|(_, end)| charge.hour >= *end) {
            place += 1;
        }
        let keys = groups.iter().map(|group| group.key(&known, charge)).collect();
        if let Some(piece) = sums.get_mut(place) {
            piece.entry(keys).or_default().add(charge);
        }
    }
    let page = Page { by, names: &names, groups: &groups, filter: &filter, account: &known.account };
    Ok(page.answer(world, &pieces, &sums).covering_bill(&filter, period, until))
}

fn metrics<'a>(call: &Call<'a>) -> Result<Vec<&'static str>, Fault> {
    let given: Vec<&'a str> = call.texts("Metrics");
    if given.is_empty() {
        return Err(invalid("Metrics are required"));
    }
    let same = |given: &str, name: &str| given.replace('_', "").eq_ignore_ascii_case(name);
    let mut names: Vec<&'static str> = Vec::new();
    for given in given {
        let name = METRICS
            .iter()
            .find(|name| same(given, name))
            .ok_or_else(|| invalid(format!("Metric {given} is invalid. Valid values are {}", METRICS.join(", "))))?;
        if !names.contains(name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn check(world: &World, (from, to): (i64, i64), by: Granularity, resources: bool) -> Result<(), Fault> {
    let now = calendar::hour(world.now);
    if to > calendar::month_end(now) + calendar::DAY {
        return Err(invalid("end date past the beginning of next month"));
    }
    let fine = by == Granularity::Hourly || resources;
    if fine && from < calendar::day_start(now) - FINE_DAYS * calendar::DAY {
        return Err(invalid(
            "start date is too old for hourly, the max supported days for hourly granularity is 14 days",
        ));
    }
    if from < bill::oldest(world) {
        return Err(invalid("You haven't enabled historical data beyond 14 months."));
    }
    if world.aws.id.is_empty() {
        let say = "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might \
                   not be ingested yet";
        return Err(Fault::new("DataUnavailableException", say));
    }
    Ok(())
}

/// What answers of one request share.
struct Page<'a> {
    by: Granularity,
    names: &'a [&'static str],
    groups: &'a [Group],
    filter: &'a Filter,
    account: &'a str,
}

impl Page<'_> {
    fn answer(&self, world: &World, pieces: &[(i64, i64)], sums: &[BTreeMap<Vec<String>, Sum>]) -> Answer {
        let mut answer = Answer::default();
        let mut results = Vec::new();
        for (index, (piece, sums)) in pieces.iter().zip(sums).enumerate() {
            let mut groups = Vec::new();
            let mut total = json!({});
            let period = format!("/ResultsByTime/{index}/TimePeriod");
            if self.groups.is_empty() {
                let sum = sums.values().next().cloned().unwrap_or_default();
                total = sum.metrics(self.names);
                let row = self.row(*piece, &[], &sum);
                answer = answer.shows(period.clone(), row.clone()).shows(format!("/ResultsByTime/{index}/Total"), row);
            }
            for (keys, sum) in sums.iter().filter(|_| !self.groups.is_empty()) {
                let at = format!("/ResultsByTime/{index}/Groups/{}", groups.len());
                let row = self.row(*piece, keys, sum);
                answer = answer.shows(period.clone(), row.clone()).shows(at, row);
                groups.push(json!({"Keys": keys, "Metrics": sum.metrics(self.names)}));
            }
            results.push(json!({
                "TimePeriod": {"Start": ask::label(piece.0, self.by), "End": ask::label(piece.1, self.by)},
                "Total": total,
                "Groups": groups,
                "Estimated": estimated(world, piece.1),
            }));
        }
        let mut body = json!({"ResultsByTime": results, "DimensionValueAttributes": self.attributes()});
        let definitions: Vec<Value> = self.groups.iter().map(definition).collect();
        if !definitions.is_empty() {
            body["GroupDefinitions"] = Value::Array(definitions);
        }
        answer.body = body;
        answer
    }

    /// Accounts have names beside their numbers.
    fn attributes(&self) -> Value {
        if self.groups.contains(&Group::Dimension("LINKED_ACCOUNT".into())) {
            return json!([{"Value": self.account, "Attributes": {"description": self.account}}]);
        }
        json!([])
    }

    /// A row whose keys and numbers stand in one part, and its times in another.
    fn row(&self, piece: (i64, i64), keys: &[String], sum: &Sum) -> Is {
        let mut fields: BTreeMap<String, String> = self.filter.fixed().into_iter().collect();
        let mut places = Places::new();
        for (index, (group, key)) in self.groups.iter().zip(keys).enumerate() {
            let (column, cell) = group.cell(key);
            // What the filter fixed needs no place.
            if fields.insert(column.clone(), cell).is_none() {
                places.push((format!("Keys[{index}]"), column));
            }
        }
        let mut stands = |place: String, column: &str, cell: String| {
            places.push((place, column.to_string()));
            fields.insert(column.to_string(), cell);
        };
        stands("Start".into(), "start", ask::label(piece.0, self.by));
        stands("End".into(), "end", ask::label(piece.1, self.by));
        let above = if self.groups.is_empty() { "" } else { "Metrics." };
        for name in self.names {
            match *name {
                "UsageQuantity" => {
                    stands(format!("{above}{name}.Amount"), "quantity", prices::decimal(sum.micros, UNIT));
                    stands(format!("{above}{name}.Unit"), "unit", sum.unit().into());
                }
                "NormalizedUsageAmount" => {}
                _ => stands(format!("{above}{name}.Amount"), "amount", prices::decimal(sum.attos, DOLLAR)),
            }
        }
        Is::Row { table: "bill".into(), at: calendar::time(piece.0), fields, places }
    }
}

fn definition(group: &Group) -> Value {
    let (kind, key) = match group {
        Group::Dimension(key) => ("DIMENSION", key),
        Group::Tag(key) => ("TAG", key),
        Group::Category(key) => ("COST_CATEGORY", key),
    };
    json!({"Type": kind, "Key": key})
}

/// How long after its end a month's bill is still an estimate (user guide: bills are final some days into the next month).
const OPEN_DAYS: i64 = 5;

fn estimated(world: &World, end: i64) -> bool {
    calendar::month_end(end - 1) + OPEN_DAYS * calendar::DAY > calendar::hour(world.now)
}

impl Answer {
    /// A page without a filter shows all rows of the bill that are known.
    fn covering_bill(self, filter: &Filter, period: (i64, i64), until: i64) -> Answer {
        let to = period.1.min(until);
        if !matches!(filter, Filter::All) || period.0 >= to {
            return self;
        }
        self.covering(Cover::Rows { table: "bill".into(), from: calendar::time(period.0), to: calendar::time(to) })
    }
}
