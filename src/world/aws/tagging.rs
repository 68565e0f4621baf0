//! Tags of all resources, for whoever asks across services: one row a service. Keeps nothing itself; does not know what a
//! tag means.

use super::call::{Answer, Call, Fault};
use super::service::{Effect, Operation, Service};
use super::{apigateway, ec2, elasticache, elbv2, lambda, rds, s3, sns, sqs};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A resource with its tags, as its service has them now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tagged {
    pub arn: String,
    /// CloudFormation type: `AWS::RDS::DBInstance`.
    pub kind: &'static str,
    /// The name or id that [`super::service::Used::resource`] carries.
    pub name: Arc<str>,
    pub tags: BTreeMap<String, String>,
}

/// A service's resources that can have tags, whether or not they have some now.
#[derive(Debug)]
pub struct Source {
    /// The `aws` command's name of the service.
    pub service: &'static str,
    pub tags: fn(&World) -> Vec<Tagged>,
    /// Those that were deleted, as they last were: their costs keep their tags.
    pub gone: fn(&World) -> Vec<Tagged>,
}

/// Sorted by service, one a line.
pub static SOURCES: &[Source] = &[
    Source { service: "apigateway", tags: apigateway::tagged, gone: |_| Vec::new() },
    Source { service: "ec2", tags: ec2::tagged, gone: ec2::tagged_gone },
    Source { service: "elasticache", tags: elasticache::tagged, gone: elasticache::tagged_gone },
    Source { service: "elbv2", tags: elbv2::tagged, gone: elbv2::tagged_gone },
    Source { service: "lambda", tags: lambda::tagged, gone: lambda::tagged_gone },
    Source { service: "rds", tags: rds::tagged, gone: rds::tagged_gone },
    Source { service: "s3api", tags: s3::tagged, gone: s3::tagged_gone },
    Source { service: "sns", tags: sns::tagged, gone: sns::tagged_gone },
    Source { service: "sqs", tags: sqs::tagged, gone: sqs::tagged_gone },
];

pub static SERVICE: Service = Service {
    name: "resourcegroupstaggingapi",
    doc: "tags across services",
    operations: &[
        Operation { name: "GetResources", doc: "resources by tag and type", effect: Effect::Read, run: get_resources },
        Operation { name: "GetTagKeys", doc: "every tag key in use", effect: Effect::Read, run: get_tag_keys },
        Operation { name: "GetTagValues", doc: "every value of a tag key", effect: Effect::Read, run: get_tag_values },
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// Every resource that can have tags, by ARN.
pub fn all(world: &World) -> Vec<Tagged> {
    let mut all: Vec<Tagged> = SOURCES.iter().flat_map(|source| (source.tags)(world)).collect();
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    all
}

/// Every deleted resource that had tags; of those with one name the last deleted comes last.
pub fn gone(world: &World) -> Vec<Tagged> {
    SOURCES.iter().flat_map(|source| (source.gone)(world)).collect()
}

/// Tags as the services' models have them: a list of `Key`, `Value`, sorted by key.
pub fn list(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Reads such a list.
pub fn read(tags: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    tags.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

/// How tags differ, as audits have it: `Tags.owner`.
pub fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FieldChange> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let row = |key: &String| FieldChange {
        path: format!("Tags.{key}"),
        before: before.get(key).cloned(),
        after: after.get(key).cloned(),
    };
    keys.into_iter().filter(|key| before.get(*key) != after.get(*key)).map(row).collect()
}

/// Resources a page (API reference: `ResourcesPerPage` 1 to 100, 50 where not said).
const PAGE: i64 = 50;

fn get_resources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wrong = |message: &str| Fault::new("InvalidParameterException", message);
    let per_page = call.whole("ResourcesPerPage").unwrap_or(PAGE);
    if !(1..=100).contains(&per_page) {
        return Err(wrong("ResourcesPerPage must be between 1 and 100"));
    }
    let arns = call.texts("ResourceARNList");
    let filtered = !call.list("TagFilters").is_empty() || !call.list("ResourceTypeFilters").is_empty();
    if !arns.is_empty() && filtered {
        return Err(wrong("You can't specify ResourceARNList together with TagFilters or ResourceTypeFilters"));
    }
    let after = call.text("PaginationToken").unwrap_or_default();
    let found: Vec<Tagged> = all(world)
        .into_iter()
        .filter(|tagged| !tagged.tags.is_empty())
        .filter(|tagged| arns.is_empty() || arns.contains(&tagged.arn.as_str()))
        .filter(|tagged| matches_type(&tagged.arn, &call.texts("ResourceTypeFilters")))
        .filter(|tagged| call.list("TagFilters").iter().all(|filter| matches_tags(&tagged.tags, filter)))
        .filter(|tagged| tagged.arn.as_str() > after)
        .collect();
    let shown = &found[..found.len().min(per_page as usize)];
    let token = shown.last().filter(|_| shown.len() < found.len()).map(|last| last.arn.clone()).unwrap_or_default();
    let rows: Vec<Value> =
        shown.iter().map(|tagged| json!({"ResourceARN": tagged.arn, "Tags": list(&tagged.tags)})).collect();
    let mut answer = Answer::of(json!({"PaginationToken": token, "ResourceTagMappingList": rows}));
    for (index, tagged) in shown.iter().enumerate() {
        answer = answer.about(format!("/ResourceTagMappingList/{index}"), tagged.kind, &tagged.name);
    }
    Ok(answer)
}

/// `rds` or `rds:db`, as the resource's part of the ARN begins.
fn matches_type(arn: &str, filters: &[&str]) -> bool {
    let Some(arn) = super::arn::Arn::parse(arn) else { return false };
    filters.is_empty()
        || filters.iter().any(|filter| match filter.split_once(':') {
            None => *filter == arn.service,
            Some((service, kind)) => {
                let rest = arn.resource.strip_prefix(kind).unwrap_or("?");
                service == arn.service && (rest.is_empty() || rest.starts_with([':', '/']))
            }
        })
}

fn matches_tags(tags: &BTreeMap<String, String>, filter: &Value) -> bool {
    let Some(key) = filter.get("Key").and_then(Value::as_str) else { return true };
    let Some(value) = tags.get(key) else { return false };
    let values = filter.get("Values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    values.is_empty() || values.iter().any(|wanted| wanted.as_str() == Some(value))
}

fn get_tag_keys(world: &mut World, _call: &Call) -> Result<Answer, Fault> {
    let keys: BTreeSet<String> = all(world).into_iter().flat_map(|tagged| tagged.tags.into_keys()).collect();
    Ok(Answer::of(json!({"PaginationToken": "", "TagKeys": keys})))
}

fn get_tag_values(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = call.text("Key").unwrap_or_default();
    let values: BTreeSet<String> = all(world).into_iter().filter_map(|mut tagged| tagged.tags.remove(key)).collect();
    Ok(Answer::of(json!({"PaginationToken": "", "TagValues": values})))
}
