//! `GetDimensionValues` and `GetTags`: which values the bill has. Does not know amounts.

use super::ask::{self, Filter, GROUPS, Granularity, Known, invalid};
use super::bill;
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Fault};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Values a page, at most (API reference, `MaxResults`).
const PAGE: i64 = 1000;

/// What both take: a period, a filter, a text to look for; gives the values of the bill.
fn values(
    world: &World,
    call: &Call,
    of: impl Fn(&Known, &bill::Charge) -> Vec<String>,
) -> Result<(Vec<String>, usize, Option<String>), Fault> {
    let period = ask::period(call, Granularity::Daily)?;
    let filter = Filter::read(call.input().get("Filter"))?;
    let known = Known::of(world);
    let wanted = call.text("SearchString").unwrap_or_default().to_lowercase();
    let after = call.text("NextPageToken").unwrap_or_default();
    let charges = bill::charges(world, period.0.max(bill::oldest(world)), period.1.min(bill::known_until(world)));
    let found: BTreeSet<String> = charges
        .iter()
        .filter(|charge| filter.takes(&known, charge))
        .flat_map(|charge| of(&known, charge))
        .filter(|value| value.to_lowercase().contains(&wanted))
        .collect();
    let limit = call.whole("MaxResults").unwrap_or(PAGE).clamp(1, PAGE) as usize;
    let total = found.len();
    let mut rest = found.into_iter().filter(|value| value.as_str() > after);
    let page: Vec<String> = rest.by_ref().take(limit).collect();
    let token = page.last().cloned().filter(|_| rest.next().is_some());
    Ok((page, total, token))
}

pub fn get_dimension_values(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let dimension = call.text("Dimension").unwrap_or_default();
    if !GROUPS.contains(&dimension) {
        return Err(invalid(format!("Dimension {dimension} is not supported")));
    }
    let of = |known: &Known, charge: &bill::Charge| known.dimension(charge, dimension).into_iter().collect();
    let (page, total, token) = values(world, call, of)?;
    let account = |value: &str| match dimension {
        "LINKED_ACCOUNT" => json!({"description": value}),
        _ => json!({}),
    };
    let rows: Vec<Value> = page.iter().map(|value| json!({"Value": value, "Attributes": account(value)})).collect();
    let mut body = json!({"DimensionValues": rows, "ReturnSize": page.len(), "TotalSize": total});
    if let Some(token) = token {
        body["NextPageToken"] = token.into();
    }
    Ok(Answer::of(body))
}

pub fn get_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = call.text("TagKey").unwrap_or_default();
    let of = |known: &Known, charge: &bill::Charge| -> Vec<String> {
        if key.is_empty() {
            return known.tags(charge).map(|(key, _)| key.clone()).collect();
        }
        vec![known.tag(charge, key).to_string()]
    };
    let (page, total, token) = values(world, call, of)?;
    let mut body = json!({"Tags": page, "ReturnSize": page.len(), "TotalSize": total});
    if let Some(token) = token {
        body["NextPageToken"] = token.into();
    }
    Ok(Answer::of(body))
}
