//! Load balancers: NLBs and ALBs, listeners, target groups, target health. Does not know pods.

mod balancers;
mod measure;
mod targets;

use super::call::{Answer, Call, Fault};
use super::service::{Effect, Meter, MetricSource, Operation, Service};
use super::tagging::Tagged;
use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub static SERVICE: Service = Service {
    name: "elbv2",
    doc: "load balancers",
    operations: OPERATIONS,
    metrics: &[
        MetricSource { namespace: "AWS/ApplicationELB", list: measure::list_of_albs, minutes: measure::minutes },
        MetricSource { namespace: "AWS/NetworkELB", list: measure::list_of_nlbs, minutes: measure::minutes },
    ],
    logs: &[],
    meters: &[Meter { usage_types: &["LCUUsage", "LoadBalancerUsage"], read: measure::used }],
};

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

static OPERATIONS: &[Operation] = &[
    write("AddTags", "tags load balancers and target groups", balancers::add_tags),
    write("CreateListener", "lets a load balancer listen on a port", targets::create_listener),
    write("CreateLoadBalancer", "makes a load balancer", balancers::create),
    write("CreateTargetGroup", "makes a target group", targets::create),
    write("DeleteListener", "closes a port", targets::delete_listener),
    write("DeleteLoadBalancer", "deletes a load balancer", balancers::delete),
    write("DeleteTargetGroup", "deletes a target group", targets::delete),
    write("DeregisterTargets", "takes targets away", targets::deregister),
    read("DescribeListeners", "listeners", targets::describe_listeners),
    read("DescribeLoadBalancerAttributes", "switches of a load balancer", balancers::attributes),
    read("DescribeLoadBalancers", "load balancers", balancers::describe),
    read("DescribeTags", "tags of load balancers and target groups", balancers::describe_tags),
    read("DescribeTargetGroups", "target groups", targets::describe),
    read("DescribeTargetHealth", "which targets get traffic", targets::health),
    write("RegisterTargets", "adds targets", targets::register),
];

const KIND: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";

/// State of the service: everything by ARN, in the service model's shapes.
#[derive(Clone, Debug, Default)]
pub struct Balancers {
    things: Arc<BTreeMap<String, Arc<Thing>>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    #[default]
    Balancer,
    Group,
    Listener,
}

/// A load balancer, a target group or a listener.
#[derive(Clone, Debug, Default)]
struct Thing {
    what: What,
    name: String,
    body: Value,
    tags: Vec<Value>,
    /// Of a target group.
    targets: Vec<Target>,
    created: Time,
    gone: Option<Time>,
}

/// One target as long as it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    id: String,
    port: i64,
    since: Time,
    until: Option<Time>,
}

impl Thing {
    fn there_at(&self, at: Time) -> bool {
        self.created <= at && self.gone.is_none_or(|gone| at < gone)
    }

    fn targets_at(&self, at: Time) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.since <= at && target.until.is_none_or(|until| at < until))
    }
}

impl Balancers {
    fn there(&self, what: What) -> impl Iterator<Item = (&String, &Arc<Thing>)> {
        self.things.iter().filter(move |(_, thing)| thing.what == what && thing.gone.is_none())
    }
}

/// The thing with an ARN, or the service's words for its absence.
fn find(world: &World, what: What, arn: &str) -> Result<Arc<Thing>, Fault> {
    let found = world.aws.balancers.things.get(arn).filter(|thing| thing.what == what && thing.gone.is_none());
    let (code, message) = match what {
        What::Balancer => ("LoadBalancerNotFound", format!("Load balancer '{arn}' not found")),
        What::Group => ("TargetGroupNotFound", "One or more target groups not found".to_string()),
        What::Listener => ("ListenerNotFound", "One or more listeners not found".to_string()),
    };
    found.cloned().ok_or_else(|| Fault::new(code, message))
}

/// Sixteen hexadecimal digits, as ARNs here end with.
fn suffix(world: &World, name: &str) -> String {
    format!("{:016x}", Dice::new(world.seed).fork("elbv2").fork(name).roll())
}

fn keep(world: &mut World, arn: &str, thing: Thing) {
    Arc::make_mut(&mut world.aws.balancers.things).insert(arn.to_string(), Arc::new(thing));
}

fn change(world: &mut World, arn: &str, set: impl FnOnce(&mut Thing)) {
    if let Some(thing) = Arc::make_mut(&mut world.aws.balancers.things).get_mut(arn) {
        set(Arc::make_mut(thing));
    }
}

/// Load balancers and target groups with their tags.
pub fn tagged(world: &World) -> Vec<Tagged> {
    tagged_if(world, |thing| thing.gone.is_none())
}

/// Deleted ones with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    tagged_if(world, |thing| thing.gone.is_some())
}

fn tagged_if(world: &World, wanted: impl Fn(&Thing) -> bool) -> Vec<Tagged> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let things = world.aws.balancers.things.iter();
    things
        .filter(|(_, thing)| matches!(thing.what, What::Balancer | What::Group) && wanted(thing))
        .map(|(arn, thing)| Tagged {
            arn: arn.clone(),
            kind: if thing.what == What::Group { GROUP } else { KIND },
            name: arn.as_str().into(),
            tags: thing.tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect(),
        })
        .collect()
}
