//! What the client adds to single operations for convenience, as the real one does: short forms of security group rules, of
//! metric data, of letters and of how many instances. Does not know how a service is asked.

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
        ("ec2", "RunInstances") => &["--count"],
        ("cloudwatch", "PutMetricData") => &["--metric-name", "--timestamp", "--unit", "--value", "--dimensions"],
        ("ses", "SendEmail") => &["--to", "--cc", "--bcc", "--subject", "--text", "--html"],
        _ => return,
    };
    if operation.name == "RunInstances" {
        rows.retain(|row| !["--min-count", "--max-count"].contains(&row.opt.name.as_str()));
    }
    for name in names {
        // A member's own option of that name gives way.
        rows.retain(|row| row.opt.name != *name);
        let takes = if ["--to", "--cc", "--bcc"].contains(name) { Takes::Many } else { Takes::One };
        let opt = Opt { name: (*name).to_string(), takes, ..Opt::default() };
        rows.push(Argument { opt, is: Meaning::Extra });
    }
    // What the short forms make need not be given.
    for row in rows.iter_mut().filter(|row| ["--metric-data", "--destination", "--message"].contains(&&*row.opt.name)) {
        row.opt.required = false;
    }
}

/// Puts what they say into the input.
pub fn apply(model: &Model, operation: &Operation, read: &Read, input: &mut Value) -> Result<(), String> {
    match (model.service.as_str(), operation.name.as_str()) {
        ("ec2", name) if RULES.contains(&name) => rule(read, input),
        ("ec2", "RunInstances") => count(read, input),
        ("cloudwatch", "PutMetricData") => datum(read, input),
        ("ses", "SendEmail") => letter(read, input),
        _ => Ok(()),
    }
}

/// `--count 2` or `--count 1:3`: how many instances at least and at most; one where nothing is said.
fn count(read: &Read, input: &mut Value) -> Result<(), String> {
    let bad = || "count parameter should be of form min[:max] (e.g. 1 or 1:10)".to_string();
    let Some(members) = input.as_object_mut() else { return Ok(()) };
    if let Some(given) = read.last("--count") {
        let (least, most) = given.split_once(':').unwrap_or((given, given));
        for (name, text) in [("MinCount", least), ("MaxCount", most)] {
            members.insert(name.into(), Value::from(text.trim().parse::<i64>().map_err(|_| bad())?));
        }
    }
    for name in ["MinCount", "MaxCount"] {
        members.entry(name).or_insert(Value::from(1));
    }
    Ok(())
}

/// `--protocol tcp --port 443 --cidr 10.0.0.0/8` as one permission. Protocol `all` is -1; a port may be a range, `all` is
/// every port, which ICMP writes -1.
fn rule(read: &Read, input: &mut Value) -> Result<(), String> {
    let short = ["--protocol", "--port", "--cidr", "--source-group", "--group-owner"];
    let Some(first) = short.iter().find(|name| read.last(name).is_some_and(|value| !value.is_empty())) else {
        return Ok(());
    };
    if read.values("--ip-permissions").is_some_and(|values| !values.is_empty()) {
        return Err(format!("The {first} option is not compatible with the --ip-permissions option "));
    }
    let Some(members) = input.as_object_mut() else { return Ok(()) };
    let mut permission = json!({});
    if let Some(word) = read.last("--protocol") {
        let number: Option<i64> = word.parse().ok();
        let bad = "protocol parameter should be one of: tcp|udp|icmp|all or any valid protocol number.";
        let known = ["tcp", "udp", "icmp", "all"].contains(&word) || number.is_some_and(|n| (-1..=255).contains(&n));
        if !known {
            return Err(bad.to_string());
        }
        permission["IpProtocol"] = Value::from(if word == "all" { "-1" } else { word });
    }
    if let Some(port) = read.last("--port") {
        let (from, to) = match port {
            "all" | "-1" => ("-1", "-1"),
            port => port.split_once('-').unwrap_or((port, port)),
        };
        let bad = |_| "port parameter should be of the form <from[-to]> (e.g. 22 or 22-25)".to_string();
        permission["FromPort"] = Value::from(from.parse::<i64>().map_err(bad)?);
        permission["ToPort"] = Value::from(to.parse::<i64>().map_err(bad)?);
    }
    if let Some(cidr) = read.last("--cidr") {
        permission["IpRanges"] = json!([{ "CidrIp": cidr }]);
    }
    let mut pair = json!({});
    if let Some(group) = read.last("--source-group") {
        pair[if group.starts_with("sg-") { "GroupId" } else { "GroupName" }] = Value::from(group);
    }
    if let Some(owner) = read.last("--group-owner") {
        pair["UserId"] = Value::from(owner);
    }
    if pair.as_object().is_some_and(|pair| !pair.is_empty()) {
        permission["UserIdGroupPairs"] = json!([pair]);
    }
    members.insert("IpPermissions".into(), json!([permission]));
    Ok(())
}

/// `--to a@b.example --subject Hello --text "How are you?"` as a destination and a message.
fn letter(read: &Read, input: &mut Value) -> Result<(), String> {
    for (whole, parts) in [("destination", &["to", "cc", "bcc"][..]), ("message", &["text", "html"])] {
        let part = parts.iter().find(|part| read.has(&format!("--{part}")));
        if let Some(part) = part.filter(|_| read.has(&format!("--{whole}"))) {
            let also = "cannot be specified when one of the following keys are also specified";
            return Err(format!("The key \"{part}\" {also}: {whole}"));
        }
    }
    for (option, member) in [("--to", "ToAddresses"), ("--cc", "CcAddresses"), ("--bcc", "BccAddresses")] {
        if let Some(addresses) = read.values(option).filter(|addresses| !addresses.is_empty()) {
            within(input, "Destination").into_iter().for_each(|to| to[member] = json!(addresses));
        }
    }
    let given = |option: &str| read.last(option).filter(|text| !text.is_empty());
    let short = ["--subject", "--text", "--html"].into_iter().any(|option| given(option).is_some());
    let Some(message) = Some(input).filter(|_| short).and_then(|input| within(input, "Message")) else { return Ok(()) };
    if let Some(text) = given("--subject") {
        message["Subject"] = json!({ "Data": text });
    }
    for part in ["Subject", "Body"] {
        within(message, part);
    }
    for (option, member) in [("--text", "Text"), ("--html", "Html")] {
        if let Some((text, body)) = given(option).zip(within(message, "Body")) {
            body[member] = json!({ "Data": text });
        }
    }
    Ok(())
}

/// A member to which parts are added; none where something else was given (`--cli-input-json`), which is complained of later.
fn within<'a>(place: &'a mut Value, member: &str) -> Option<&'a mut Value> {
    let inner = place.as_object_mut()?.entry(member).or_insert(Value::Null);
    if inner.is_null() {
        *inner = json!({});
    }
    Some(inner).filter(|inner| inner.is_object())
}

/// `--metric-name X --value 1 --dimensions A=b,C=d` as one datum.
fn datum(read: &Read, input: &mut Value) -> Result<(), String> {
    let Some(members) = input.as_object_mut().filter(|_| read.has("--metric-name")) else { return Ok(()) };
    let mut datum = json!({ "MetricName": read.last("--metric-name").unwrap_or_default() });
    if let Some(value) = read.last("--value") {
        // A decimal to the client, whose language names what is wrong by a class.
        let number: Result<f64, String> = value.parse().map_err(|_| "[<class 'decimal.ConversionSyntax'>]".to_string());
        // What JSON has no number for does not arrive.
        if let Some(number) = serde_json::Number::from_f64(number?) {
            datum["Value"] = Value::Number(number);
        }
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
