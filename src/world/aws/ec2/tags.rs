//! Tags of what is in the network, and the places of the region. Does not know what tags are for.

use super::super::call::{Answer, Call, Fault};
use super::describe::{dry, matches};
use super::kinds::{Kind, ROWS};
use super::resources::{alter, missing};
use super::view;
use super::vpc;
use crate::world::World;
use serde_json::{Value, json};

/// Regions that every account has without opting in (AWS General Reference, "AWS Regions"). Sorted.
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The kind whose ids begin so.
fn kind_of(id: &str) -> Option<Kind> {
    let longest = ROWS.iter().filter(|row| id.starts_with(row.prefix)).max_by_key(|row| row.prefix.len());
    longest.map(|row| row.kind)
}

fn known(world: &World, id: &str) -> Result<(), Fault> {
    if world.aws.network.get(id).is_some_and(|found| found.gone.is_none()) {
        return Ok(());
    }
    let wrong = || Fault::new("InvalidID", format!("The ID '{id}' is not valid"));
    Err(missing(kind_of(id).ok_or_else(wrong)?, id))
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let ids = call.texts("Resources");
    ids.iter().try_for_each(|id| known(world, id))?;
    let own = |tag: &&Value| tag["Key"].as_str().is_some_and(|key| key.to_ascii_lowercase().starts_with("aws:"));
    if let Some(tag) = call.list("Tags").iter().find(own) {
        // EC2 User Guide, "Tag restrictions".
        let key = tag["Key"].as_str().unwrap_or_default();
        let say = format!(
            "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use"
        );
        return Err(Fault::new("InvalidParameterValue", say));
    }
    dry(call)?;
    let mut answer = Answer::default();
    for id in ids {
        let changed = alter(world, id, |body| {
            let mut tags = body["Tags"].as_array().cloned().unwrap_or_default();
            for new in call.list("Tags") {
                tags.retain(|tag| tag["Key"] != new["Key"]);
                tags.push(json!({"Key": new["Key"], "Value": new["Value"].as_str().unwrap_or_default()}));
            }
            body["Tags"] = json!(tags);
        });
        if let Some(found) = world.aws.network.get(id) {
            answer = vpc::altered(found, changed);
        }
    }
    Ok(answer)
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let ids = call.texts("Resources");
    ids.iter().try_for_each(|id| known(world, id))?;
    dry(call)?;
    let mut answer = Answer::default();
    for id in ids {
        let gone = |tag: &Value| {
            let asked = call.list("Tags");
            let named =
                |row: &Value| row["Key"] == tag["Key"] && (row["Value"].is_null() || row["Value"] == tag["Value"]);
            asked.is_empty() || asked.iter().any(named)
        };
        let changed = alter(world, id, |body| {
            if let Some(tags) = body["Tags"].as_array_mut() {
                tags.retain(|tag| !gone(tag));
            }
        });
        if let Some(found) = world.aws.network.get(id) {
            answer = vpc::altered(found, changed);
        }
    }
    Ok(answer)
}

/// `DescribeTags`: every tag of every resource, filtered.
pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let mut rows = Vec::new();
    for row in ROWS.iter().filter(|row| row.kind != Kind::PrefixList) {
        for item in view::all(world, row.kind) {
            for tag in item["Tags"].as_array().into_iter().flatten() {
                rows.push(json!({
                    "Key": tag["Key"], "ResourceId": item[row.id], "ResourceType": row.tagged, "Value": tag["Value"]}));
            }
        }
    }
    for filter in call.list("Filters") {
        let name = filter["Name"].as_str().unwrap_or_default();
        let member = match name {
            "key" => "Key",
            "resource-id" => "ResourceId",
            "resource-type" => "ResourceType",
            "value" => "Value",
            _ => match name.strip_prefix("tag:") {
                Some(_) => "Value",
                None => return Err(Fault::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))),
            },
        };
        let values: Vec<&str> = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        rows.retain(|row| {
            let key = name.strip_prefix("tag:").is_none_or(|key| row["Key"] == *key);
            key && row[member].as_str().is_some_and(|text| values.iter().any(|value| matches(value, text)))
        });
    }
    let (shown, next) = super::describe::page(call, rows)?;
    let mut answer = Answer::default();
    for (index, row) in shown.iter().enumerate() {
        let id = row["ResourceId"].as_str().unwrap_or_default();
        if let Some(found) = world.aws.network.get(id) {
            let is = super::super::call::Is::Attributes {
                kind: found.kind.row().cfn.to_string(),
                name: found.name().to_string(),
                base: format!("Tags[{}]", row["Key"].as_str().unwrap_or_default()),
            };
            answer = answer.shows(format!("/Tags/{index}/Value"), is);
        }
    }
    answer.body = json!({"Tags": shown});
    if let Some(next) = next {
        answer.body["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub fn zones(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let region = world.aws.region.clone();
    let rows: Vec<Value> = ["a", "b", "c", "d"]
        .iter()
        .map(|letter| {
            let zone = format!("{region}{letter}");
            json!({
                "OptInStatus": "opt-in-not-required", "Messages": [], "RegionName": *region, "ZoneName": zone,
                "ZoneId": vpc::zone_id(&region, &zone), "GroupName": format!("{region}-zg-1"),
                "NetworkBorderGroup": *region, "ZoneType": "availability-zone", "State": "available"})
        })
        .filter(|row| {
            let names = call.texts("ZoneNames");
            names.is_empty() || row["ZoneName"].as_str().is_some_and(|name| names.contains(&name))
        })
        .collect();
    Ok(Answer::of(json!({"AvailabilityZones": rows})))
}

pub fn regions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let _ = world;
    let names = call.texts("RegionNames");
    let picked = REGIONS.iter().filter(|region| names.is_empty() || names.contains(region));
    let rows: Vec<Value> = picked
        .map(|region| {
            json!({"OptInStatus": "opt-in-not-required", "RegionName": region,
                "Endpoint": format!("ec2.{region}.amazonaws.com")})
        })
        .collect();
    Ok(Answer::of(json!({"Regions": rows})))
}
