//! Load balancers and tags. Does not know targets.

use super::super::arn;
use super::super::call::{Answer, Call, Cover, Fault};
use super::super::ec2::kinds::Kind;
use super::super::ec2::resources::{changes, find as find_in_network};
use super::{KIND, Thing, What, change, find, keep, suffix};
use crate::world::World;
use serde_json::{Value, json};

/// Load balancers of a region (ELB quotas: 50 of each type).
const BALANCERS_MAX: usize = 100;

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("Name").unwrap_or_default();
    let kind = call.text("Type").unwrap_or("application");
    if world.aws.balancers.there(What::Balancer).any(|(_, thing)| thing.name == name) {
        let message = format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Err(Fault::new("DuplicateLoadBalancerName", message));
    }
    if world.aws.balancers.things.len() >= BALANCERS_MAX * 20 {
        return Err(Fault::new("TooManyLoadBalancers", "The limit of load balancers has been reached"));
    }
    let mut subnets: Vec<String> = call.texts("Subnets").into_iter().map(str::to_string).collect();
    let mapped = call.list("SubnetMappings").iter().filter_map(|row| row["SubnetId"].as_str());
    subnets.extend(mapped.map(str::to_string));
    let (mut zones, mut vpc) = (Vec::new(), String::new());
    for id in &subnets {
        let subnet = find_in_network(world, Kind::Subnet, id)
            .map_err(|_| Fault::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")))?;
        vpc = subnet.text("VpcId").to_string();
        zones.push(json!({"ZoneName": subnet.text("AvailabilityZone"), "SubnetId": id, "LoadBalancerAddresses": []}));
    }
    if zones.is_empty() {
        let message = "You must specify either subnets or subnet mappings";
        return Err(Fault::new("ValidationError", message));
    }
    let short = if kind == "network" { "net" } else { "app" };
    let (region, owner, tail) = (world.aws.region.clone(), world.aws.id.clone(), suffix(world, name));
    let arn = arn::make("elasticloadbalancing", &region, &owner, &format!("loadbalancer/{short}/{name}/{tail}"));
    let dns = match kind {
        "network" => format!("{name}-{tail}.elb.{region}.amazonaws.com"),
        _ => {
            format!("{name}-{}.{region}.elb.amazonaws.com", u64::from_str_radix(&tail, 16).unwrap_or(1) % 2_000_000_000)
        }
    };
    let mut body = json!({
        "LoadBalancerArn": arn, "DNSName": dns, "CreatedTime": world.now.0, "LoadBalancerName": name,
        "CanonicalHostedZoneId": if kind == "network" { "ZIBE1TIR4HY56" } else { "ZWKZPGTI48KDX" },
        "Scheme": call.text("Scheme").unwrap_or("internet-facing"), "VpcId": vpc, "State": {"Code": "active"},
        "Type": kind, "AvailabilityZones": zones, "IpAddressType": call.text("IpAddressType").unwrap_or("ipv4")});
    if kind != "network" || !call.list("SecurityGroups").is_empty() {
        body["SecurityGroups"] = json!(call.list("SecurityGroups"));
    }
    let changed = changes(&Value::Null, &body);
    let thing = Thing {
        what: What::Balancer,
        name: name.into(),
        body: body.clone(),
        tags: call.list("Tags").to_vec(),
        created: world.now,
        ..Thing::default()
    };
    keep(world, &arn, thing);
    Ok(Answer::of(json!({"LoadBalancers": [body]})).about("/LoadBalancers/0", KIND, name).altering(KIND, name, changed))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("LoadBalancerArn").unwrap_or_default();
    // Deleting what is not there succeeds (ELB API reference).
    let Ok(thing) = find(world, What::Balancer, arn) else { return Ok(Answer::of(json!({}))) };
    let now = world.now;
    let of = |thing: &Thing| thing.body["LoadBalancerArn"] == *arn;
    let listeners: Vec<String> =
        world.aws.balancers.there(What::Listener).filter(|(_, thing)| of(thing)).map(|(arn, _)| arn.clone()).collect();
    for gone in listeners.iter().map(String::as_str).chain([arn]) {
        change(world, gone, |thing| thing.gone = Some(now));
    }
    Ok(Answer::of(json!({})).altering(KIND, &thing.name, changes(&thing.body, &Value::Null)))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (arns, names) = (call.texts("LoadBalancerArns"), call.texts("Names"));
    for arn in &arns {
        find(world, What::Balancer, arn)?;
    }
    if let Some(name) =
        names.iter().find(|name| !world.aws.balancers.there(What::Balancer).any(|(_, t)| t.name == ***name))
    {
        return Err(Fault::new("LoadBalancerNotFound", format!("Load balancers '[{name}]' not found")));
    }
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for (arn, thing) in world.aws.balancers.there(What::Balancer) {
        let all = arns.is_empty() && names.is_empty();
        if all || arns.contains(&arn.as_str()) || names.contains(&thing.name.as_str()) {
            answer = answer.about(format!("/LoadBalancers/{}", rows.len()), KIND, &thing.name);
            rows.push(thing.body.clone());
        }
    }
    if arns.is_empty() && names.is_empty() {
        answer = answer.covering(Cover::All { kind: KIND.into() });
    }
    answer.body = json!({"LoadBalancers": rows});
    Ok(answer)
}

pub fn attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let thing = find(world, What::Balancer, call.text("LoadBalancerArn").unwrap_or_default())?;
    // An NLB spreads over zones only if told to; an ALB always does (ELB guides).
    let network = thing.body["Type"] == "network";
    let mut rows = vec![
        ("access_logs.s3.enabled", "false"),
        ("deletion_protection.enabled", "false"),
        ("load_balancing.cross_zone.enabled", if network { "false" } else { "true" }),
    ];
    if !network {
        rows.push(("idle_timeout.timeout_seconds", "60"));
    }
    let rows: Vec<Value> = rows.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    Ok(Answer::of(json!({"Attributes": rows})).about("", KIND, &thing.name))
}

pub fn add_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut answer = Answer::of(json!({}));
    for arn in call.texts("ResourceArns") {
        let thing = any(world, arn)?;
        change(world, arn, |thing| {
            for tag in call.list("Tags") {
                thing.tags.retain(|have| have["Key"] != tag["Key"]);
                thing.tags.push(tag.clone());
            }
        });
        let after = any(world, arn)?;
        let changed = changes(&json!({"Tags": thing.tags}), &json!({"Tags": after.tags}));
        answer = answer.altering(KIND, &thing.name, changed);
    }
    Ok(answer)
}

fn any(world: &World, arn: &str) -> Result<std::sync::Arc<Thing>, Fault> {
    find(world, What::Balancer, arn)
        .or_else(|fault| find(world, What::Group, arn).map_err(|_| fault))
        .or_else(|fault| find(world, What::Listener, arn).map_err(|_| fault))
}

pub fn describe_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for arn in call.texts("ResourceArns") {
        let thing = any(world, arn)?;
        answer = answer.about(format!("/TagDescriptions/{}", rows.len()), KIND, &thing.name);
        rows.push(json!({"ResourceArn": arn, "Tags": thing.tags}));
    }
    answer.body = json!({"TagDescriptions": rows});
    Ok(answer)
}
