//! Rows: the types of resources, their attributes (named as Terraform's AWS provider names them) and how each is made,
//! read, changed and removed by calls to the account. Does not know the code.

pub mod data;
pub mod functions;
pub mod gateways;
pub mod mail;
pub mod messages;
pub mod network;
pub mod watch;

use super::code::Attributes;
use crate::world::World;
use crate::world::aws;
use crate::world::aws::call::{Caller, Fault, Request};
use crate::world::aws::ec2::tags::REGIONS;
use serde_json::{Map, Value, json};

/// One type of resource.
#[derive(Debug)]
pub struct TypeRow {
    /// `aws_sqs_queue`.
    pub name: &'static str,
    /// As errors name it: `SQS Queue`.
    pub noun: &'static str,
    /// Its CloudFormation type: `AWS::SQS::Queue`.
    pub kind: &'static str,
    /// Sorted by name.
    pub attributes: &'static [Attr],
    /// Makes it; gives its id.
    pub create: fn(&mut Hand, &Attributes) -> Result<String, Fault>,
    /// Reads it by id, with the attributes known so far; `None` if it is gone. Null takes an attribute away; what is not
    /// mentioned stays as it was.
    pub read: fn(&mut Hand, &str, &Attributes) -> Result<Option<Attributes>, Fault>,
    /// Changes it in place to the wanted attributes; the last are those that differ.
    pub update: fn(&mut Hand, &str, &Attributes, &[&str]) -> Result<(), Fault>,
    pub delete: fn(&mut Hand, &str, &Attributes) -> Result<(), Fault>,
}

/// One attribute.
#[derive(Debug)]
pub struct Attr {
    pub name: &'static str,
    pub is: Is,
    pub rule: Rule,
    /// A change of it makes a new resource.
    pub forces_new: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    Text,
    Whole,
    Number,
    Yes,
    /// Order counts.
    Texts,
    /// Order does not count.
    Set,
    Map,
    Json,
    /// A list of tables.
    Blocks,
}

/// What holds where the code says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Required,
    /// It is unset.
    Optional,
    /// This JSON value.
    Default(&'static str),
    /// It stays as the account has it.
    Kept,
    /// The account's alone.
    Computed,
}

const fn attr(name: &'static str, is: Is, rule: Rule) -> Attr {
    Attr { name, is, rule, forces_new: false }
}

impl Attr {
    const fn forces(mut self) -> Attr {
        self.forces_new = true;
        self
    }
}

impl TypeRow {
    pub fn attribute(&self, name: &str) -> Option<&'static Attr> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Every type, sorted by name, one a line.
pub static TYPES: &[&TypeRow] = &[
    &gateways::DEPLOYMENT,
    &gateways::INTEGRATION,
    &gateways::METHOD,
    &gateways::RESOURCE,
    &gateways::REST_API,
    &gateways::STAGE,
    &watch::BUDGET,
    &watch::ANOMALY_MONITOR,
    &watch::LOG_GROUP,
    &watch::ALARM_ROW,
    &data::DB_INSTANCE,
    &data::REPOSITORY,
    &network::ADDRESS,
    &data::REPLICATION_GROUP,
    &network::FLOW_LOG,
    &watch::ROLE,
    &watch::ROLE_POLICY,
    &network::INSTANCE,
    &network::INTERNET_GATEWAY,
    &watch::ALIAS,
    &watch::KEY,
    &functions::MAPPING_ROW,
    &functions::FUNCTION,
    &functions::EVENT_INVOKE,
    &functions::PERMISSION,
    &functions::PROVISIONED,
    &data::LOAD_BALANCER,
    &network::NAT_GATEWAY,
    &network::ROUTE,
    &network::ROUTE_TABLE,
    &network::ROUTE_TABLE_ASSOCIATION,
    &data::BUCKET,
    &network::SECURITY_GROUP,
    &mail::SUPPRESSION,
    &mail::SET,
    &mail::DESTINATION,
    &mail::EMAIL_IDENTITY,
    &messages::TOPIC,
    &messages::SUBSCRIPTION,
    &messages::QUEUE,
    &messages::QUEUE_POLICY,
    &messages::QUEUE_REDRIVE_POLICY,
    &network::SUBNET,
    &network::VPC,
    &network::ENDPOINT,
    &network::ENDPOINT_ROUTE_TABLE,
];

/// The row of an address's type.
pub fn of(address: &str) -> Option<&'static TypeRow> {
    let name = address.split('.').next().unwrap_or_default();
    TYPES.iter().copied().find(|row| row.name == name)
}

/// A fault as the provider words it.
pub fn words(row: &TypeRow, fault: &Fault) -> String {
    format!("{}: api error {}: {}", row.noun, fault.code, fault.message)
}

/// The pipeline's hand on the account.
pub struct Hand<'a> {
    pub world: &'a mut World,
    pub user: &'static str,
}

impl Hand<'_> {
    /// Asks the account, where what is named by its ARN or URL is; the answer's body.
    pub fn ask(&mut self, service: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        let region = region_of(&input).unwrap_or(&*self.world.aws.region).to_string();
        self.ask_in(&region, service, operation, input)
    }

    /// Asks the account in a region.
    pub fn ask_in(&mut self, region: &str, service: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        if region != &*self.world.aws.region && !REGIONS.contains(&region) {
            return Err(Fault::new("InvalidRegion", format!("{region} is no region that this account has")));
        }
        let request = Request {
            service: service.into(),
            operation: operation.into(),
            input,
            caller: Caller { user: self.user.into(), arn: String::new() },
            region: region.into(),
            agent: "iac".into(),
        };
        aws::handle(self.world, &request).map(|answer| answer.body)
    }

    /// Asks for something that may not be there: `None` for faults with one of these codes.
    pub fn find(
        &mut self,
        service: &str,
        operation: &str,
        input: Value,
        gone: &[&str],
    ) -> Result<Option<Value>, Fault> {
        match self.ask(service, operation, input) {
            Ok(body) => Ok(Some(body)),
            Err(fault) if gone.iter().any(|code| fault.code.ends_with(code)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// The region of the queue, topic or subscription that a request names.
fn region_of(input: &Value) -> Option<&str> {
    let named = |member: &str| input.get(member).and_then(Value::as_str);
    let arn = ["ResourceArn", "SubscriptionArn", "TopicArn"].into_iter().find_map(named);
    let region = match arn.filter(|arn| arn.starts_with("arn:aws:sns:")) {
        Some(arn) => aws::arn::region(arn),
        None => named("QueueUrl")?.strip_prefix("https://sqs.")?.split('.').next()?,
    };
    Some(region).filter(|region| !region.is_empty())
}

/// A text attribute.
fn text<'a>(from: &'a Attributes, name: &str) -> &'a str {
    from.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A JSON document as the text that operations take.
fn document(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text that holds a JSON document, as a value; null if there is none.
fn parsed(value: &Value) -> Value {
    value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

/// Members of a request from the attributes that are there: (attribute, member).
fn inputs(wanted: &Attributes, members: &[(&str, &str)]) -> Map<String, Value> {
    let given = members.iter().filter_map(|(name, member)| Some(((*member).to_string(), wanted.get(*name)?.clone())));
    given.collect()
}

/// Attributes from members of an answer: (attribute, member); what is not there is null.
fn taken(body: &Value, members: &[(&str, &str)]) -> Attributes {
    members.iter().map(|(name, member)| ((*name).to_string(), body[*member].clone())).collect()
}

/// Tags as lists of pairs, as most services take them.
fn pairs(tags: Option<&Value>) -> Value {
    let tags = tags.and_then(Value::as_object).into_iter().flatten();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Lists of pairs as a table.
fn table(tags: &Value) -> Value {
    let pairs = tags.as_array().into_iter().flatten();
    let pairs = pairs.filter_map(|pair| Some((pair["Key"].as_str()?.to_string(), pair["Value"].clone())));
    Value::Object(pairs.collect())
}

/// The keys of tags that are not wanted any more.
fn tags_gone(old: &Value, wanted: &Attributes) -> Vec<String> {
    let keeps = |key: &String| wanted.get("tags").is_some_and(|tags| tags.get(key).is_some());
    old.as_object().into_iter().flatten().map(|(key, _)| key.clone()).filter(|key| !keeps(key)).collect()
}
