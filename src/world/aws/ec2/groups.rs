//! Security groups and their rules. Does not know who is behind them.

use super::super::arn;
use super::super::call::{Answer, Call, Cover, Fault};
use super::address::Range;
use super::describe::{self, dry};
use super::interfaces;
use super::kinds::Kind;
use super::resources::{Resource, add, alter, derived_id, find, remove};
use super::vpc::{created, deleted, required};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Rules of a group in one direction (VPC quotas: 60).
const RULES_MAX: usize = 60;

/// The group that every network has: members may talk among themselves, and out.
pub fn default_group(world: &mut World, vpc: &str) -> Result<(), Fault> {
    let group = group(world, vpc, "default", "default VPC security group", &Value::Null)?;
    let own = json!({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "IsEgress": false,
        "ReferencedGroupInfo": {"GroupId": *group.id, "UserId": *world.aws.id}});
    keep(world, &group.id, vec![own]);
    Ok(())
}

fn group(world: &mut World, vpc: &str, name: &str, words: &str, input: &Value) -> Result<Arc<Resource>, Fault> {
    let body = json!({
        "GroupName": name, "Description": words, "OwnerId": *world.aws.id, "VpcId": vpc, "Rules": [],
        "IpPermissions": [], "IpPermissionsEgress": []});
    let now = world.now;
    let group = add(world, Kind::Group, body, input, now)?;
    let named = arn::make("ec2", &world.aws.region, &world.aws.id, &format!("security-group/{}", group.id));
    alter(world, &group.id, |body| body["SecurityGroupArn"] = json!(named));
    // Every new group lets everything out (VPC guide, "Security group rules").
    let out = json!({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "IsEgress": true, "CidrIpv4": "0.0.0.0/0"});
    keep(world, &group.id, vec![out]);
    Ok(find(world, Kind::Group, &group.id)?.clone())
}

/// Adds rules, with ids.
fn keep(world: &mut World, group: &str, rules: Vec<Value>) -> Vec<Value> {
    let (seed, owner) = (world.seed, world.aws.id.clone());
    let mut kept = Vec::new();
    for mut rule in rules {
        rule["SecurityGroupRuleId"] = json!(derived_id(seed, "sgr-", &format!("{group}{rule}")));
        rule["GroupId"] = json!(group);
        rule["GroupOwnerId"] = json!(*owner);
        kept.push(rule);
    }
    let new = kept.clone();
    alter(world, group, |body| {
        if let Some(rules) = body["Rules"].as_array_mut() {
            rules.extend(new);
        }
    });
    kept
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.id.clone();
    let (name, words) = (required(call, "GroupName")?, required(call, "Description")?);
    let same = |group: &Resource| group.text("VpcId") == &*vpc && group.text("GroupName") == name;
    if world.aws.network.there(Kind::Group).any(|group| same(group)) {
        let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Fault::new("InvalidGroup.Duplicate", message));
    }
    dry(call)?;
    let group = group(world, &vpc, name, words, call.input())?;
    let mut answer = created(world, &group, "Group");
    answer.subjects.clear();
    answer.body =
        json!({"GroupId": *group.id, "Tags": group.body["Tags"], "SecurityGroupArn": group.body["SecurityGroupArn"]});
    Ok(answer.about("", Kind::Group.row().cfn, group.name()))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = find(world, Kind::Group, required(call, "GroupId")?)?.clone();
    if group.text("GroupName") == "default" {
        let message = format!("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", group.id);
        return Err(Fault::new("CannotDelete", message));
    }
    let used = |row: &Value| row["Groups"].as_array().into_iter().flatten().any(|used| used["GroupId"] == *group.id);
    if interfaces::all(world).iter().any(|interface| used(&interface.body)) {
        return Err(Fault::new("DependencyViolation", format!("resource {} has a dependent object", group.id)));
    }
    dry(call)?;
    let now = world.now;
    remove(world, &group.id, now);
    Ok(Answer { body: json!({"Return": true, "GroupId": *group.id}), ..deleted(&group) })
}

/// The rules that a request names: `IpPermissions`, or the flat members.
fn asked(call: &Call, egress: bool) -> Result<Vec<Value>, Fault> {
    let flat = json!({
        "IpProtocol": call.text("IpProtocol"), "FromPort": call.whole("FromPort"), "ToPort": call.whole("ToPort"),
        "IpRanges": call.text("CidrIp").map(|cidr| json!([{"CidrIp": cidr}])).unwrap_or(json!([]))});
    let given = call.list("IpPermissions");
    let permissions = if given.is_empty() && call.text("IpProtocol").is_some() { vec![flat] } else { given.to_vec() };
    let mut rules = Vec::new();
    for permission in &permissions {
        let protocol = permission["IpProtocol"].as_str().unwrap_or("-1");
        checked(protocol, permission)?;
        let all = protocol == "-1";
        let port = |member: &str| if all { json!(-1) } else { permission[member].clone() };
        let base = json!({
            "IpProtocol": protocol, "FromPort": port("FromPort"), "ToPort": port("ToPort"), "IsEgress": egress});
        let mut add = |member: &str, value: Value, words: &Value| {
            let mut rule = base.clone();
            rule[member] = value;
            if words.is_string() {
                rule["Description"] = words.clone();
            }
            rules.push(rule);
        };
        let rows = |member: &str| permission[member].as_array().cloned().unwrap_or_default();
        for row in rows("IpRanges") {
            let text = row["CidrIp"].as_str().unwrap_or_default();
            let wrong = || Fault::new("InvalidParameterValue", format!("CIDR block {text} is malformed"));
            Range::parse(text).ok_or_else(wrong)?;
            add("CidrIpv4", json!(text), &row["Description"]);
        }
        for row in rows("UserIdGroupPairs") {
            add("ReferencedGroupInfo", json!({"GroupId": row["GroupId"]}), &row["Description"]);
        }
        for row in rows("PrefixListIds") {
            add("PrefixListId", row["PrefixListId"].clone(), &row["Description"]);
        }
    }
    if rules.is_empty() {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter ipPermissions"));
    }
    Ok(rules)
}

/// What a rule's protocol and ports may be (API Reference, IpPermission); the sentences as users report them.
fn checked(protocol: &str, permission: &Value) -> Result<(), Fault> {
    let wrong = |say: String| Err(Fault::new("InvalidParameterValue", say));
    let number = protocol.parse::<i64>().is_ok_and(|number| (-1..=255).contains(&number));
    if !number && !["icmp", "icmpv6", "tcp", "udp"].contains(&protocol) {
        return wrong(format!("Invalid value '{protocol}' for IP protocol. Unknown protocol."));
    }
    if !["tcp", "udp", "6", "17"].contains(&protocol) {
        return Ok(());
    }
    let port = |member: &str| permission[member].as_i64();
    if let Some(port) = ["FromPort", "ToPort"].iter().filter_map(|name| port(name)).find(|p| !(0..=65_535).contains(p))
    {
        return wrong(format!("TCP/UDP port ({port}) out of range"));
    }
    match (port("FromPort"), port("ToPort")) {
        (Some(from), Some(to)) if from > to => wrong(format!("Invalid TCP/UDP port range ({from}:{to})")),
        _ => Ok(()),
    }
}

/// Whether a kept rule says the same as an asked one.
fn same(kept: &Value, asked: &Value) -> bool {
    let members = ["IpProtocol", "FromPort", "ToPort", "IsEgress", "CidrIpv4", "PrefixListId"];
    let group = |rule: &Value| rule["ReferencedGroupInfo"]["GroupId"].clone();
    members.iter().all(|member| kept[*member] == asked[*member]) && group(kept) == group(asked)
}

fn authorize(world: &mut World, call: &Call, egress: bool) -> Result<Answer, Fault> {
    let group = find(world, Kind::Group, required(call, "GroupId")?)?.clone();
    let rules = asked(call, egress)?;
    let have = group.list("Rules");
    if let Some(twice) = rules.iter().find(|rule| have.iter().any(|kept| same(kept, rule))) {
        let message = format!("the specified rule \"{}\" already exists", spelled(twice));
        return Err(Fault::new("InvalidPermission.Duplicate", message));
    }
    if have.iter().filter(|rule| rule["IsEgress"] == egress).count() + rules.len() > RULES_MAX {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(Fault::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    dry(call)?;
    let kept = keep(world, &group.id, rules);
    let changed = super::resources::changes(&group.body, &find(world, Kind::Group, &group.id)?.body);
    let body = json!({"Return": true, "SecurityGroupRules": kept});
    Ok(Answer::of(body).altering(Kind::Group.row().cfn, group.name(), changed))
}

/// `peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW`.
fn spelled(rule: &Value) -> String {
    let peer = rule["CidrIpv4"].as_str().or(rule["ReferencedGroupInfo"]["GroupId"].as_str()).unwrap_or_default();
    let protocol = match rule["IpProtocol"].as_str() {
        Some("-1") | None => return format!("peer: {peer}, ALL, ALLOW"),
        Some(protocol) => protocol.to_uppercase(),
    };
    format!("peer: {peer}, {protocol}, from port: {}, to port: {}, ALLOW", rule["FromPort"], rule["ToPort"])
}

fn revoke(world: &mut World, call: &Call, egress: bool) -> Result<Answer, Fault> {
    let group = find(world, Kind::Group, required(call, "GroupId")?)?.clone();
    let ids = call.texts("SecurityGroupRuleIds");
    let asked = if ids.is_empty() { asked(call, egress)? } else { Vec::new() };
    let wanted = |rule: &Value| {
        let by_id = rule["SecurityGroupRuleId"].as_str().is_some_and(|id| ids.contains(&id));
        by_id || asked.iter().any(|other| same(rule, other))
    };
    let (gone, rest): (Vec<Value>, Vec<Value>) = group.list("Rules").iter().cloned().partition(|rule| wanted(rule));
    if let Some(id) = ids.iter().find(|id| !gone.iter().any(|rule| rule["SecurityGroupRuleId"] == ***id)) {
        let message = format!("The security group rule ID '{id}' does not exist");
        return Err(Fault::new("InvalidSecurityGroupRuleId.NotFound", message));
    }
    if gone.len() < asked.len() {
        let message = "The specified rule does not exist in this security group.";
        return Err(Fault::new("InvalidPermission.NotFound", message));
    }
    dry(call)?;
    let changed = alter(world, &group.id, |body| body["Rules"] = json!(rest));
    let revoked: Vec<Value> = gone
        .into_iter()
        .map(|mut rule| {
            if let Some(rule) = rule.as_object_mut() {
                rule.remove("GroupOwnerId");
            }
            rule
        })
        .collect();
    let body = json!({"Return": true, "RevokedSecurityGroupRules": revoked});
    Ok(Answer::of(body).altering(Kind::Group.row().cfn, group.name(), changed))
}

pub fn authorize_ingress(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    authorize(world, call, false)
}

pub fn authorize_egress(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    authorize(world, call, true)
}

pub fn revoke_ingress(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    revoke(world, call, false)
}

pub fn revoke_egress(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    revoke(world, call, true)
}

/// Rules gathered to permissions, one a protocol and span of ports, as `DescribeSecurityGroups` shows them.
pub fn shown(world: &World, group: &Resource, body: &mut Value) {
    if let Some(body) = body.as_object_mut() {
        body.remove("Rules");
    }
    for (member, egress) in [("IpPermissions", false), ("IpPermissionsEgress", true)] {
        let mut permissions: Vec<Value> = Vec::new();
        for rule in group.list("Rules").iter().filter(|rule| rule["IsEgress"] == egress) {
            let all = rule["IpProtocol"] == "-1";
            let fits = |p: &Value| {
                p["IpProtocol"] == rule["IpProtocol"]
                    && (all || p["FromPort"] == rule["FromPort"] && p["ToPort"] == rule["ToPort"])
            };
            if !permissions.iter().any(fits) {
                let mut new = json!({
                    "IpProtocol": rule["IpProtocol"], "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [],
                    "UserIdGroupPairs": []});
                if !all {
                    new["FromPort"] = rule["FromPort"].clone();
                    new["ToPort"] = rule["ToPort"].clone();
                }
                permissions.push(new);
            }
            let Some(into) = permissions.iter_mut().find(|p| fits(p)) else { continue };
            let (list, mut row) = if rule["CidrIpv4"].is_string() {
                ("IpRanges", Map::from_iter([("CidrIp".to_string(), rule["CidrIpv4"].clone())]))
            } else if rule["PrefixListId"].is_string() {
                ("PrefixListIds", Map::from_iter([("PrefixListId".to_string(), rule["PrefixListId"].clone())]))
            } else {
                let id = rule["ReferencedGroupInfo"]["GroupId"].clone();
                let owner = json!(*world.aws.id);
                ("UserIdGroupPairs", Map::from_iter([("GroupId".to_string(), id), ("UserId".to_string(), owner)]))
            };
            if rule["Description"].is_string() {
                row.insert("Description".into(), rule["Description"].clone());
            }
            if let Some(rows) = into[list].as_array_mut() {
                rows.push(Value::Object(row));
            }
        }
        body[member] = json!(permissions);
    }
}

/// `DescribeSecurityGroupRules`.
pub fn describe_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let ids = call.texts("SecurityGroupRuleIds");
    let mut group_ids: Option<Vec<&str>> = None;
    for filter in call.list("Filters") {
        let name = filter["Name"].as_str().unwrap_or_default();
        if name != "group-id" && name != "security-group-rule-id" {
            return Err(Fault::new("InvalidParameterValue", format!("The filter '{name}' is invalid")));
        }
        if name == "group-id" {
            group_ids = Some(filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect());
        }
    }
    let groups = world.aws.network.there(Kind::Group);
    let groups = groups.filter(|group| group_ids.as_ref().is_none_or(|ids| ids.contains(&&*group.id)));
    let mut answer = Answer::default();
    let mut rows: Vec<(String, Value)> = Vec::new();
    for group in groups {
        let picked =
            |rule: &&Value| ids.is_empty() || rule["SecurityGroupRuleId"].as_str().is_some_and(|id| ids.contains(&id));
        for rule in group.list("Rules").iter().filter(picked) {
            rows.push((group.name().to_string(), rule.clone()));
        }
    }
    if let Some(id) = ids.iter().find(|id| !rows.iter().any(|(_, rule)| rule["SecurityGroupRuleId"] == ***id)) {
        let message = format!("The security group rule ID '{id}' does not exist");
        return Err(Fault::new("InvalidSecurityGroupRuleId.NotFound", message));
    }
    if ids.is_empty() && group_ids.is_none() {
        answer = answer.covering(Cover::All { kind: Kind::Group.row().cfn.to_string() });
    }
    let names: Vec<String> = rows.iter().map(|(name, _)| name.clone()).collect();
    let (shown, next) = describe::page(
        call,
        rows.into_iter()
            .map(|(_, mut rule)| {
                rule["Tags"] = json!([]);
                rule
            })
            .collect(),
    )?;
    for (index, name) in names.iter().enumerate().take(shown.len()) {
        answer = answer.about(format!("/SecurityGroupRules/{index}"), Kind::Group.row().cfn, name);
    }
    answer.body = json!({"SecurityGroupRules": shown});
    if let Some(next) = next {
        answer.body["NextToken"] = json!(next);
    }
    Ok(answer)
}
