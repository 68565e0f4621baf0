//! What Cost Explorer is asked: times, granularity, filters and groups, read and refused in its words. Does not know the bill.

use super::bill::Charge;
use super::calendar;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::{Call, Fault};
use crate::world::aws::tagging;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    Daily,
    Hourly,
    Monthly,
}

/// A refusal of Cost Explorer's.
pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

pub fn granularity(call: &Call) -> Result<Granularity, Fault> {
    Ok(match call.text("Granularity") {
        Some("HOURLY") => Granularity::Hourly,
        Some("MONTHLY") => Granularity::Monthly,
        None | Some("DAILY") => Granularity::Daily,
        Some(other) => {
            return Err(Fault::new(
                "ValidationException",
                format!(
                    "1 validation error detected: Value '{other}' at 'granularity' failed to satisfy constraint: Member must \
                     satisfy enum value set: [DAILY, MONTHLY, HOURLY]"
                ),
            ));
        }
    })
}

/// `TimePeriod` as hours since 1970, the end excluded.
pub fn period(call: &Call, by: Granularity) -> Result<(i64, i64), Fault> {
    let part = |key: &str, said: &str| {
        let text = call.input().pointer(&format!("/TimePeriod/{key}")).and_then(Value::as_str).unwrap_or_default();
        moment(text, by).ok_or_else(|| {
            let form = if by == Granularity::Hourly { "yyyy-MM-dd'T'HH:mm:ss'Z'" } else { "yyyy-MM-dd" };
            invalid(format!("{said} time {text} is invalid. Valid format is: {form}."))
        })
    };
    let (from, to) = (part("Start", "Start")?, part("End", "End")?);
    if from >= to {
        return Err(invalid("Start date (and hour) should be before end date (and hour)"));
    }
    Ok((from, to))
}

fn moment(text: &str, by: Granularity) -> Option<i64> {
    let at = match by {
        Granularity::Hourly if text.len() == 20 && text.ends_with('Z') => Time::parse(text)?,
        Granularity::Hourly => return None,
        _ if text.len() == 10 => Time::parse(&format!("{text} 00:00"))?,
        _ => return None,
    };
    (at.0.rem_euclid(calendar::HOUR) == 0).then(|| calendar::hour(at))
}

/// The pieces of a period: whole hours, days, or months cut at its ends.
pub fn pieces((from, to): (i64, i64), by: Granularity) -> Vec<(i64, i64)> {
    let mut pieces = Vec::new();
    let mut at = from;
    while at < to {
        let end = match by {
            Granularity::Hourly => at + 1,
            Granularity::Daily => at + calendar::DAY,
            Granularity::Monthly => calendar::month_end(at),
        };
        pieces.push((at, end.min(to)));
        at = end;
    }
    pieces
}

/// Hours or days as the answer prints them.
pub fn label(hour: i64, by: Granularity) -> String {
    if by == Granularity::Hourly { calendar::stamp(hour) } else { calendar::date(hour) }
}

/// What charges are known by beside themselves: the account, its region, the tags of its resources.
pub struct Known {
    pub account: Arc<str>,
    pub region: Arc<str>,
    /// ARN and tags by the name that meters give.
    tags: BTreeMap<Arc<str>, (String, BTreeMap<String, String>)>,
}

/// Dimensions by which can be grouped (API reference, `GroupDefinition`).
pub static GROUPS: &[&str] = &[
    "AZ",
    "INSTANCE_TYPE",
    "LINKED_ACCOUNT",
    "OPERATION",
    "PURCHASE_TYPE",
    "RECORD_TYPE",
    "REGION",
    "RESOURCE_ID",
    "SERVICE",
    "USAGE_TYPE",
];

impl Known {
    /// Costs carry the tags that the resources have now, or had last; the real service keeps those of the hour.
    pub fn of(world: &World) -> Known {
        let all = tagging::gone(world).into_iter().chain(tagging::all(world));
        let tags = all.map(|tagged| (tagged.name, (tagged.arn, tagged.tags))).collect();
        Known { account: world.aws.id.clone(), region: world.aws.region.clone(), tags }
    }

    /// A charge's value of a dimension; `None`: not a dimension of charges.
    pub fn dimension(&self, charge: &Charge, name: &str) -> Option<String> {
        let own = |text: &str| Some(text.to_string());
        match name {
            "AZ" => own("NoAZ"),
            "INSTANCE_TYPE" => match charge.usage_type.split_once("Usage:") {
                Some((_, class)) => own(class),
                None => own("NoInstanceType"),
            },
            "LINKED_ACCOUNT" | "LINKED_ACCOUNT_NAME" | "PAYER_ACCOUNT" => own(&self.account),
            "OPERATION" => own(charge.operation),
            "PURCHASE_TYPE" => own("On Demand Instances"),
            "RECORD_TYPE" => own("Usage"),
            "REGION" => own(&self.region),
            "RESOURCE_ID" => own(self.tags.get(&charge.resource).map_or(&charge.resource, |(arn, _)| arn)),
            "SERVICE" => own(charge.service),
            "USAGE_TYPE" => own(&charge.usage_type),
            _ => None,
        }
    }

    /// The value of a resource's tag; empty where it has none.
    pub fn tag(&self, charge: &Charge, key: &str) -> &str {
        self.tags.get(&charge.resource).and_then(|(_, tags)| tags.get(key)).map_or("", String::as_str)
    }

    /// Every tag on resources that were charged.
    pub fn tags<'a>(&'a self, charge: &Charge) -> impl Iterator<Item = (&'a String, &'a String)> {
        self.tags.get(&charge.resource).into_iter().flat_map(|(_, tags)| tags)
    }
}

/// A `Filter` expression, read.
#[derive(Clone, Debug)]
pub enum Filter {
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Dimension {
        key: String,
        values: Vec<String>,
        how: How,
    },
    Tag {
        key: String,
        values: Vec<String>,
        how: How,
    },
    /// The account has no cost categories: nothing is in any.
    Category {
        absent: bool,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    way: Way,
    any_case: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Equals,
    Absent,
    Starts,
    Ends,
    Contains,
}

/// Filters nest no deeper than this; what is deeper is refused.
const DEPTH: u32 = 16;

impl Filter {
    pub fn read(value: Option<&Value>) -> Result<Filter, Fault> {
        value.map_or(Ok(Filter::All), |value| expression(value, DEPTH))
    }

    pub fn takes(&self, known: &Known, charge: &Charge) -> bool {
        match self {
            Filter::All => true,
            Filter::And(parts) => parts.iter().all(|part| part.takes(known, charge)),
            Filter::Or(parts) => parts.iter().any(|part| part.takes(known, charge)),
            Filter::Not(part) => !part.takes(known, charge),
            Filter::Dimension { key, values, how } => {
                known.dimension(charge, key).is_some_and(|value| how.fits(&value, values))
            }
            Filter::Tag { key, values, how } => how.fits(known.tag(charge, key), values),
            Filter::Category { absent } => *absent,
        }
    }

    /// What the filter says is one value: part of what every row shows.
    pub fn fixed(&self) -> Vec<(String, String)> {
        match self {
            Filter::And(parts) => parts.iter().flat_map(Filter::fixed).collect(),
            Filter::Dimension { key, values, how } if how.way == Way::Equals => match values.as_slice() {
                [value] => vec![(key.to_lowercase(), value.clone())],
                _ => Vec::new(),
            },
            Filter::Tag { key, values, how } if how.way == Way::Equals => match values.as_slice() {
                [value] => vec![(format!("tag:{key}"), value.clone())],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl How {
    fn fits(self, value: &str, wanted: &[String]) -> bool {
        let fold = |text: &str| if self.any_case { text.to_lowercase() } else { text.to_string() };
        let value = fold(value);
        match self.way {
            Way::Absent => value.is_empty(),
            Way::Equals => wanted.iter().any(|wanted| fold(wanted) == value),
            Way::Starts => wanted.iter().any(|wanted| value.starts_with(&fold(wanted))),
            Way::Ends => wanted.iter().any(|wanted| value.ends_with(&fold(wanted))),
            Way::Contains => wanted.iter().any(|wanted| value.contains(&fold(wanted))),
        }
    }
}

fn expression(value: &Value, depth: u32) -> Result<Filter, Fault> {
    let parts: Vec<(&String, &Value)> =
        value.as_object().into_iter().flatten().filter(|(_, part)| !part.is_null()).collect();
    let [(word, part)] = parts[..] else {
        let say = if parts.is_empty() { "Expression is empty" } else { "Expression has more than one root" };
        return Err(invalid(format!(
            "{say}: an expression has exactly one of Or, And, Not, Dimensions, Tags, CostCategories"
        )));
    };
    if depth == 0 {
        return Err(invalid("Expression is nested too deeply"));
    }
    let several = || -> Result<Vec<Filter>, Fault> {
        let parts: &[Value] = part.as_array().map_or(&[], Vec::as_slice);
        if parts.len() < 2 {
            return Err(invalid(format!("{word} must have at least 2 operands")));
        }
        parts.iter().map(|part| expression(part, depth - 1)).collect()
    };
    Ok(match word.as_str() {
        "And" => Filter::And(several()?),
        "Or" => Filter::Or(several()?),
        "Not" => Filter::Not(Box::new(expression(part, depth - 1)?)),
        _ => leaf(word, part)?,
    })
}

fn leaf(word: &str, part: &Value) -> Result<Filter, Fault> {
    let texts = |key: &str| -> Vec<String> {
        let list = part.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let key = part.get("Key").and_then(Value::as_str).unwrap_or_default().to_string();
    let (values, mut how) = (texts("Values"), How::default());
    for option in texts("MatchOptions") {
        match option.as_str() {
            "ABSENT" => how.way = Way::Absent,
            "STARTS_WITH" => how.way = Way::Starts,
            "ENDS_WITH" => how.way = Way::Ends,
            "CONTAINS" => how.way = Way::Contains,
            "CASE_INSENSITIVE" => how.any_case = true,
            "EQUALS" | "CASE_SENSITIVE" => {}
            _ => return Err(invalid(format!("MatchOption {option} is not supported for {word}"))),
        }
    }
    if values.is_empty() && how.way != Way::Absent {
        return Err(invalid(format!("{word} must have at least one value")));
    }
    Ok(match word {
        "Dimensions" => {
            if !GROUPS.contains(&key.as_str()) && !["LINKED_ACCOUNT_NAME", "PAYER_ACCOUNT"].contains(&key.as_str()) {
                return Err(invalid(format!("Dimension {key} is not supported in a filter")));
            }
            Filter::Dimension { key, values, how }
        }
        "Tags" => Filter::Tag { key, values, how },
        _ => Filter::Category { absent: how.way == Way::Absent },
    })
}

/// One `GroupBy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    Dimension(String),
    Tag(String),
    Category(String),
}

/// At most two groups (API reference, `GetCostAndUsage`).
pub fn groups(call: &Call, resources: bool) -> Result<Vec<Group>, Fault> {
    let list = call.list("GroupBy");
    if list.len() > 2 {
        return Err(invalid("Group By must be less than or equal to 2"));
    }
    let text = |group: &Value, key: &str| group.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    list.iter()
        .map(|group| match (text(group, "Type").as_str(), text(group, "Key")) {
            ("TAG", key) => Ok(Group::Tag(key)),
            ("COST_CATEGORY", key) => Ok(Group::Category(key)),
            (_, key) if GROUPS.contains(&key.as_str()) && (resources || key != "RESOURCE_ID") => {
                Ok(Group::Dimension(key))
            }
            _ => {
                let valid = GROUPS.iter().filter(|name| resources || **name != "RESOURCE_ID");
                let valid: Vec<&str> = valid.copied().collect();
                Err(invalid(format!("Group Definition dimension is invalid. Valid values are {}", valid.join(", "))))
            }
        })
        .collect()
}

impl Group {
    /// The group's key of a charge, as answers print it: `owner$alice`, `owner$` without the tag.
    pub fn key(&self, known: &Known, charge: &Charge) -> String {
        match self {
            Group::Dimension(name) => known.dimension(charge, name).unwrap_or_default(),
            Group::Tag(key) => format!("{key}${}", known.tag(charge, key)),
            Group::Category(key) => format!("{key}$"),
        }
    }

    /// The column of a bill row and the cell for a key.
    pub fn cell(&self, key: &str) -> (String, String) {
        let after = || key.split_once('$').map_or("", |(_, value)| value).to_string();
        match self {
            Group::Dimension(name) => (name.to_lowercase(), key.to_string()),
            Group::Tag(name) => (format!("tag:{name}"), after()),
            Group::Category(name) => (format!("category:{name}"), after()),
        }
    }
}
