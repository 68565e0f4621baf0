//! Prefix lists that AWS keeps: the addresses of S3 and DynamoDB in the region. Does not know routes.

use super::super::arn;
use super::super::call::{Answer, Call, Fault};
use super::address::Range;
use super::describe;
use super::kinds::Kind;
use super::resources::missing;
use crate::stdx::dice;
use crate::world::World;
use serde_json::{Value, json};

/// Service → ranges, as published for `ap-northeast-2` (ip-ranges.json); other regions of the game have the same.
static LISTS: &[(&str, &[&str])] = &[
    ("dynamodb", &["52.94.8.0/24", "3.218.180.0/22"]),
    ("s3", &["3.5.140.0/22", "3.5.144.0/23", "52.219.56.0/22", "52.219.60.0/23", "52.219.144.0/22", "52.219.202.0/23"]),
];

/// The addresses of a service, if it has a list.
pub fn ranges(service: &str) -> Vec<Range> {
    let list = LISTS.iter().find(|(name, _)| *name == service);
    list.map_or(&[][..], |(_, ranges)| ranges).iter().filter_map(|text| Range::parse(text)).collect()
}

/// `pl-78a54011` is S3's in Seoul; elsewhere an id of the same shape.
pub fn id(service: &str, region: &str) -> String {
    match (service, region) {
        ("s3", "ap-northeast-2") => "pl-78a54011".into(),
        ("dynamodb", "ap-northeast-2") => "pl-48a54021".into(),
        _ => format!("pl-{:08x}", dice::hash_name(&format!("{service}@{region}")) as u32),
    }
}

/// Whose list has an id.
pub fn service_of(list: &str, region: &str) -> Option<&'static str> {
    LISTS.iter().map(|(service, _)| *service).find(|service| id(service, region) == list)
}

fn name(service: &str, region: &str) -> String {
    format!("com.amazonaws.{region}.{service}")
}

/// The lists as `DescribeManagedPrefixLists` has them.
pub fn all(world: &World) -> Vec<Value> {
    let region = &world.aws.region;
    let row = |(service, _): &(&str, &[&str])| {
        let id = id(service, region);
        json!({
            "PrefixListId": id, "AddressFamily": "IPv4", "State": "create-complete",
            "PrefixListArn": arn::make("ec2", region, "aws", &format!("prefix-list/{id}")),
            "PrefixListName": name(service, region), "OwnerId": "AWS", "Tags": [],
        })
    };
    LISTS.iter().map(row).collect()
}

/// `DescribePrefixLists`: the same lists with their ranges.
pub fn describe_prefix_lists(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let region = world.aws.region.clone();
    let lists: Vec<Value> = LISTS
        .iter()
        .map(|(service, ranges)| {
            json!({"Cidrs": ranges, "PrefixListId": id(service, &region), "PrefixListName": name(service, &region)})
        })
        .collect();
    describe::answer(world, call, Kind::PrefixList, "PrefixLists", lists)
}

/// `GetManagedPrefixListEntries`.
pub fn entries(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = call.text("PrefixListId").unwrap_or_default();
    let service = service_of(id, &world.aws.region).ok_or_else(|| missing(Kind::PrefixList, id))?;
    let entries: Vec<Value> = ranges(service).into_iter().map(|range| json!({"Cidr": range.to_string()})).collect();
    let named = name(service, &world.aws.region);
    Ok(Answer::of(json!({"Entries": entries})).about("", Kind::PrefixList.row().cfn, &named))
}
