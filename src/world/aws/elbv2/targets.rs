//! Target groups, their targets' health, and listeners. Health of a machine follows from its node. Does not know pods.

use super::super::arn;
use super::super::call::{Answer, Call, Cover, Fault};
use super::super::ec2::instances;
use super::super::ec2::resources::changes;
use super::{GROUP, LISTENER, Target, Thing, What, change, find, keep, suffix};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::Object;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a new target stays in `initial`: health checks of the default interval until they are enough (NLB guide: a
/// new target takes some minutes).
const INITIAL: Span = Span::secs(120);
/// Targets of a group (ELB quotas: 500 for each zone).
const TARGETS_MAX: usize = 500;

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("Name").unwrap_or_default();
    if world.aws.balancers.there(What::Group).any(|(_, thing)| thing.name == name) {
        let message = format!("A target group with the same name '{name}' exists, but with different settings");
        return Err(Fault::new("DuplicateTargetGroupName", message));
    }
    let tail = suffix(world, name);
    let arn =
        arn::make("elasticloadbalancing", &world.aws.region, &world.aws.id, &format!("targetgroup/{name}/{tail}"));
    let protocol = call.text("Protocol").unwrap_or("TCP");
    let body = json!({
        "TargetGroupArn": arn, "TargetGroupName": name, "Protocol": protocol, "Port": call.whole("Port").unwrap_or(80),
        "VpcId": call.text("VpcId"), "HealthCheckProtocol": call.text("HealthCheckProtocol").unwrap_or(protocol),
        "HealthCheckPort": call.text("HealthCheckPort").unwrap_or("traffic-port"), "HealthCheckEnabled": true,
        "HealthCheckIntervalSeconds": call.whole("HealthCheckIntervalSeconds").unwrap_or(30),
        "HealthCheckTimeoutSeconds": call.whole("HealthCheckTimeoutSeconds").unwrap_or(10),
        "HealthyThresholdCount": call.whole("HealthyThresholdCount").unwrap_or(5),
        "UnhealthyThresholdCount": call.whole("UnhealthyThresholdCount").unwrap_or(2), "LoadBalancerArns": [],
        "TargetType": call.text("TargetType").unwrap_or("instance"), "IpAddressType": "ipv4"});
    let changed = changes(&Value::Null, &body);
    let tags = call.list("Tags").to_vec();
    let thing = Thing {
        what: What::Group,
        name: name.into(),
        body: body.clone(),
        tags,
        created: world.now,
        ..Thing::default()
    };
    keep(world, &arn, thing);
    Ok(Answer::of(json!({"TargetGroups": [body]})).about("/TargetGroups/0", GROUP, name).altering(GROUP, name, changed))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let thing = find(world, What::Group, arn)?;
    let uses = |listener: &Thing| {
        listener.body["DefaultActions"].as_array().into_iter().flatten().any(|action| action["TargetGroupArn"] == *arn)
    };
    if world.aws.balancers.there(What::Listener).any(|(_, listener)| uses(listener)) {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Fault::new("ResourceInUse", message));
    }
    let now = world.now;
    change(world, arn, |thing| thing.gone = Some(now));
    Ok(Answer::of(json!({})).altering(GROUP, &thing.name, changes(&thing.body, &Value::Null)))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (arns, names) = (call.texts("TargetGroupArns"), call.texts("Names"));
    let balancer = call.text("LoadBalancerArn");
    for arn in &arns {
        find(world, What::Group, arn)?;
    }
    if names.iter().any(|name| !world.aws.balancers.there(What::Group).any(|(_, thing)| thing.name == **name)) {
        return Err(Fault::new("TargetGroupNotFound", "One or more target groups not found"));
    }
    let serves = served(world);
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for (arn, thing) in world.aws.balancers.there(What::Group) {
        let of = serves.get(arn).cloned().unwrap_or_default();
        let asked = arns.is_empty() || arns.contains(&arn.as_str());
        let named = names.is_empty() || names.contains(&thing.name.as_str());
        if asked && named && balancer.is_none_or(|balancer| of.iter().any(|arn| arn == balancer)) {
            answer = answer.about(format!("/TargetGroups/{}", rows.len()), GROUP, &thing.name);
            let mut body = thing.body.clone();
            body["LoadBalancerArns"] = json!(of);
            rows.push(body);
        }
    }
    if arns.is_empty() && names.is_empty() && balancer.is_none() {
        answer = answer.covering(Cover::All { kind: GROUP.into() });
    }
    answer.body = json!({"TargetGroups": rows});
    Ok(answer)
}

/// Target group → the load balancers whose listeners forward to it.
fn served(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, listener) in world.aws.balancers.there(What::Listener) {
        let balancer = listener.body["LoadBalancerArn"].as_str().unwrap_or_default();
        for action in listener.body["DefaultActions"].as_array().into_iter().flatten() {
            let groups = out.entry(action["TargetGroupArn"].as_str().unwrap_or_default().to_string()).or_default();
            if !groups.iter().any(|arn| arn == balancer) {
                groups.push(balancer.to_string());
            }
        }
    }
    out
}

fn asked(group: &Thing, call: &Call) -> Vec<(String, i64)> {
    let port = group.body["Port"].as_i64().unwrap_or(80);
    let rows = call.list("Targets").iter();
    rows.filter_map(|row| Some((row["Id"].as_str()?.to_string(), row["Port"].as_i64().unwrap_or(port)))).collect()
}

pub fn register(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let group = find(world, What::Group, arn)?;
    let new = asked(&group, call);
    if group.body["TargetType"] == "instance" {
        let known = instances::all(world);
        if let Some((id, _)) = new.iter().find(|(id, _)| !known.iter().any(|instance| instance["InstanceId"] == **id)) {
            let message = format!("The following targets are not in a running state and cannot be registered: '{id}'");
            return Err(Fault::new("InvalidTarget", message));
        }
    }
    if group.targets_at(world.now).count() + new.len() > TARGETS_MAX {
        return Err(Fault::new("TooManyTargets", "The limit of targets has been reached"));
    }
    let now = world.now;
    let added = new.iter().map(|(id, port)| format!("{id}:{port}")).collect::<Vec<String>>().join(",");
    change(world, arn, |group| {
        for (id, port) in new {
            if !group.targets_at(now).any(|have| have.id == id && have.port == port) {
                group.targets.push(Target { id, port, since: now, until: None });
            }
        }
        let over = group.targets.len().saturating_sub(2 * TARGETS_MAX);
        group.targets.drain(..over);
    });
    let changed = crate::world::audit::FieldChange { path: "Targets".into(), before: None, after: Some(added) };
    Ok(Answer::of(json!({})).altering(GROUP, &group.name, vec![changed]))
}

pub fn deregister(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let group = find(world, What::Group, arn)?;
    let gone = asked(&group, call);
    let before = gone.iter().map(|(id, port)| format!("{id}:{port}")).collect::<Vec<String>>().join(",");
    let now = world.now;
    change(world, arn, |group| {
        let leaves = |target: &Target| gone.iter().any(|(id, port)| *id == target.id && *port == target.port);
        let there = group.targets.iter_mut().filter(|target| target.until.is_none() && leaves(target));
        there.for_each(|target| target.until = Some(now));
    });
    let changed = crate::world::audit::FieldChange { path: "Targets".into(), before: Some(before), after: None };
    Ok(Answer::of(json!({})).altering(GROUP, &group.name, vec![changed]))
}

pub fn health(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let group = find(world, What::Group, arn)?;
    let used = served(world).contains_key(arn);
    let wanted = asked(&group, call);
    let mut rows = Vec::new();
    for Target { id, port, since, .. } in group.targets_at(world.now) {
        if !wanted.is_empty() && !wanted.iter().any(|(other, at)| other == id && at == port) {
            continue;
        }
        let health = if !used {
            json!({"State": "unused", "Reason": "Target.NotInUse",
                "Description": "Target group is not configured to receive traffic from the load balancer"})
        } else if begins(*since, world.now) {
            json!({"State": "initial", "Reason": "Elb.RegistrationInProgress",
                "Description": "Target registration is in progress"})
        } else if healthy(world, id, *port, world.now) {
            json!({"State": "healthy"})
        } else {
            json!({"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"})
        };
        rows.push(json!({
            "Target": {"Id": id, "Port": port}, "HealthCheckPort": port.to_string(), "TargetHealth": health}));
    }
    let whole = Cover::Whole { kind: GROUP.into(), name: group.name.clone() };
    let answer = Answer::of(json!({"TargetHealthDescriptions": rows})).about("", GROUP, &group.name);
    Ok(if wanted.is_empty() { answer.covering(whole) } else { answer })
}

/// Whether a target's first checks are not over at a time.
pub fn begins(since: Time, at: Time) -> bool {
    at < since + INITIAL
}

/// A machine answers on a port at a time if its node is ready and the Service behind the port, if there is one, has somebody
/// to answer: a node turns connections away for a Service without endpoints. What is no node of ours answers. Whether a
/// node is ready is asked as it is now.
pub fn healthy(world: &World, id: &str, port: i64, at: Time) -> bool {
    let machines = instances::machines(world);
    let Some(machine) = machines.iter().find(|machine| &*machine.id == id) else { return true };
    let Some(node) = world.k8s.store.get(Kind::Node, "", &machine.node) else { return false };
    let conditions = node.status["conditions"].as_array();
    let ready = conditions.into_iter().flatten().any(|row| row["type"] == "Ready" && row["status"] == "True");
    let opens = |service: &&Arc<Object>| {
        service.spec["ports"].as_array().into_iter().flatten().any(|row| row["nodePort"].as_i64() == Some(port))
    };
    let behind = world.k8s.store.list(Kind::Service, None).find(opens);
    ready && behind.is_none_or(|of| !world.apps.routing.at(&of.meta.namespace, &of.meta.name, at).is_empty())
}

pub fn create_listener(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let balancer = call.text("LoadBalancerArn").unwrap_or_default();
    let of = find(world, What::Balancer, balancer)?;
    for action in call.list("DefaultActions") {
        if let Some(group) = action["TargetGroupArn"].as_str() {
            find(world, What::Group, group)?;
        }
    }
    let port = call.whole("Port").unwrap_or(80);
    let taken = |thing: &Thing| thing.body["LoadBalancerArn"] == *balancer && thing.body["Port"] == port;
    if world.aws.balancers.there(What::Listener).any(|(_, thing)| taken(thing)) {
        let message = "A listener already exists on this port for this load balancer";
        return Err(Fault::new("DuplicateListener", format!("{message} '{balancer}'")));
    }
    let tail = suffix(world, &format!("{balancer}:{port}"));
    let arn = format!("{}/{tail}", balancer.replacen(":loadbalancer/", ":listener/", 1));
    let body = json!({
        "ListenerArn": arn, "LoadBalancerArn": balancer, "Port": port, "Protocol": call.text("Protocol").unwrap_or("TCP"),
        "DefaultActions": call.list("DefaultActions")});
    let name = format!("{}:{port}", of.name);
    let changed = changes(&Value::Null, &body);
    let thing =
        Thing { what: What::Listener, name: name.clone(), body: body.clone(), created: world.now, ..Thing::default() };
    keep(world, &arn, thing);
    Ok(Answer::of(json!({"Listeners": [body]}))
        .about("/Listeners/0", LISTENER, &name)
        .altering(LISTENER, &name, changed))
}

pub fn delete_listener(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("ListenerArn").unwrap_or_default();
    let thing = find(world, What::Listener, arn)?;
    let now = world.now;
    change(world, arn, |thing| thing.gone = Some(now));
    Ok(Answer::of(json!({})).altering(LISTENER, &thing.name, changes(&thing.body, &Value::Null)))
}

pub fn describe_listeners(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (balancer, arns) = (call.text("LoadBalancerArn"), call.texts("ListenerArns"));
    if balancer.is_none() && arns.is_empty() {
        let message = "You must specify either listener ARNs or a load balancer ARN";
        return Err(Fault::new("ValidationError", message));
    }
    if let Some(arn) = balancer {
        find(world, What::Balancer, arn)?;
    }
    for arn in &arns {
        find(world, What::Listener, arn)?;
    }
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for (arn, thing) in world.aws.balancers.there(What::Listener) {
        let of = balancer.is_some_and(|balancer| thing.body["LoadBalancerArn"] == *balancer);
        if of || arns.contains(&arn.as_str()) {
            answer = answer.about(format!("/Listeners/{}", rows.len()), LISTENER, &thing.name);
            rows.push(thing.body.clone());
        }
    }
    answer.body = json!({"Listeners": rows});
    Ok(answer)
}
