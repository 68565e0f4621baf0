//! What the client adds to single operations for convenience, as the real one does: short forms of security group rules and
//! of metric data. Does not know how a service is asked.

use super::arguments::{Argument, Meaning};
use super::grammar::{Opt, Read, Takes};
use crate::world::aws::model::{Model, Operation};
use serde_json::{Value, json};

const RULES: &[&str] = &[
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
];

/// Adds an operation's convenient options.
pub fn add(model: &Model, operation: &Operation, rows: &mut Vec<Argument>) {
    let names: &[&str] = match (model.service.as_str(), operation.name.as_str()) {
        ("ec2", name) if RULES.contains(&name) => {
            &["--protocol", "--port", "--cidr", "--source-group", "--group-owner"]
        }
        ("cloudwatch", "PutMetricData") => &["--metric-name", "--timestamp", "--unit", "--value", "--dimensions"],
        _ => return,
    };
    for name in names {
        // A member's own option of that name gives way.
        rows.retain(|row| row.opt.name != *name);
        let opt = Opt { name: (*name).to_string(), takes: Takes::One, ..Opt::default() };
        rows.push(Argument { opt, is: Meaning::Extra });
    }
    for row in rows.iter_mut().filter(|row| row.opt.name == "--metric-data") {
        row.opt.required = false;
    }
}

/// Puts what they say into the input.
pub fn apply(model: &Model, operation: &Operation, read: &Read, input: &mut Value) -> Result<(), String> {
    match (model.service.as_str(), operation.name.as_str()) {
        ("ec2", name) if RULES.contains(&name) => rule(read, input),
        ("cloudwatch", "PutMetricData") => datum(read, input),
        _ => Ok(()),
    }
}

/// `--protocol tcp --port 443 --cidr 10.0.0.0/8` as one permission. Protocol `all` is -1; a port may be a range, `all` is
/// every port, which ICMP writes -1.
fn rule(read: &Read, input: &mut Value) -> Result<(), String> {
    let given = ["--protocol", "--port", "--cidr", "--source-group"].iter().any(|name| read.has(name));
    let Some(members) = input.as_object_mut().filter(|_| given) else { return Ok(()) };
    let protocol = read.last("--protocol").map(|word| if word == "all" { "-1" } else { word });
    let mut permission = json!({ "IpProtocol": protocol.unwrap_or("-1") });
    if let Some(port) = read.last("--port") {
        let (from, to) = match port {
            "all" | "-1" => ("-1", "-1"),
            port => port.split_once('-').unwrap_or((port, port)),
        };
        let whole = |text: &str| {
            let bad = || "The port parameter should be of the form <from[-to]> (e.g. 22 or 22-25)".to_string();
            text.parse::<i64>().map_err(|_| format!("Error parsing parameter '--port': {}", bad()))
        };
        permission["FromPort"] = Value::from(whole(from)?);
        permission["ToPort"] = Value::from(whole(to)?);
    }
    if let Some(cidr) = read.last("--cidr") {
        permission["IpRanges"] = json!([{ "CidrIp": cidr }]);
    }
    if let Some(group) = read.last("--source-group") {
        let key = if group.starts_with("sg-") { "GroupId" } else { "GroupName" };
        permission["UserIdGroupPairs"] = json!([{ key: group }]);
    }
    members.insert("IpPermissions".into(), json!([permission]));
    Ok(())
}

/// `--metric-name X --value 1 --dimensions A=b,C=d` as one datum.
fn datum(read: &Read, input: &mut Value) -> Result<(), String> {
    let Some(members) = input.as_object_mut().filter(|_| read.has("--metric-name")) else { return Ok(()) };
    let mut datum = json!({ "MetricName": read.last("--metric-name").unwrap_or_default() });
    if let Some(value) = read.last("--value") {
        let number: Result<f64, String> =
            value.parse().map_err(|_| format!("could not convert string to float: {}", super::node::quoted(value)));
        datum["Value"] = Value::from(number?);
    }
    for (option, member) in [("--timestamp", "Timestamp"), ("--unit", "Unit")] {
        if let Some(value) = read.last(option) {
            datum[member] = Value::from(value);
        }
    }
    if let Some(pairs) = read.last("--dimensions") {
        let pairs = pairs.split(',').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        datum["Dimensions"] = pairs.map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    }
    members.insert("MetricData".into(), json!([datum]));
    Ok(())
}
