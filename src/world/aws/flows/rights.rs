//! Whether policies let through what flows: those of buckets, of image repositories, and of the VPC endpoints on the way. The
//! senders' own policies are not asked: programs are taken to have been given what they need. Does not know amounts.

use super::super::ec2::address::show;
use super::super::ec2::instances;
use super::super::ec2::way::{self, Destination, Way};
use super::super::message::Principal;
use super::super::policy::{self, Ask, Context, Document, Held, Holder, decide};
use super::super::{arn, ecr, lambda, s3};
use super::pieces;
use super::sources::Source;
use super::spec::{Flow, Shape};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::k8s::kubelet::image::full_name;
use std::sync::Arc;

/// A machine calls with its instance profile; the cluster's is called `nodes`.
pub fn machine(world: &World, id: &str) -> Principal {
    session(world, "nodes", id)
}

/// A function calls with its role, if the account knows it.
pub fn function(world: &World, name: &str) -> Principal {
    match world.aws.functions.get(name) {
        Some(function) => lambda::principal(world, &function.latest()),
        None => session(world, name, name),
    }
}

fn session(world: &World, role: &str, session: &str) -> Principal {
    let account = world.aws.id.to_string();
    let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
    Principal::session(arn, format!("arn:aws:iam::{account}:role/{role}"), account)
}

/// When a policy changed on which a flow depends, besides those of endpoints, which are part of the ways.
pub fn changes(world: &World, flow: &Flow) -> Vec<Time> {
    flow.to.strip_prefix("s3:").map(|bucket| s3::policy_changes(world, bucket)).unwrap_or_default()
}

/// Whether what a source sends to a bucket, or fetches from it, is refused at a time.
pub fn refused(world: &World, at: Time, flow: &Flow, source: &Source, way: &Way) -> bool {
    let Some(bucket) = flow.to.strip_prefix("s3:") else { return false };
    let action = if flow.out == Shape::Nothing { "s3:GetObject" } else { "s3:PutObject" };
    let object = format!("arn:aws:s3:::{bucket}/{}", flow.name);
    denied(world, at, (action, &object), &source.by, way, s3::policy_of(world, bucket, at).as_deref())
}

/// Whether the resource's policy or the endpoint's forbids something.
fn denied(
    world: &World,
    at: Time,
    (action, resource): (&str, &str),
    by: &Principal,
    way: &Way,
    its_own: Option<&Document>,
) -> bool {
    let setup = world.aws.network.setup_at(at);
    let mut context = Context::default().with("aws:SecureTransport", "true");
    let mut guard = None;
    match way {
        Way::GatewayEndpoint(id) | Way::InterfaceEndpoint(id) => {
            context = context.with("aws:SourceVpce", &**id);
            if let Some(endpoint) = setup.and_then(|setup| setup.endpoints.get(id)) {
                context = context.with("aws:SourceVpc", &*endpoint.vpc);
                guard = endpoint.policy.as_ref().map(|text| policy::parse(text, policy::Kind::Resource));
            }
        }
        Way::Nat(id) => {
            let nat = setup.and_then(|setup| setup.nats.get(id));
            if let Some(address) = nat.and_then(|nat| nat.addresses.first()) {
                context = context.with("aws:SourceIp", show(*address));
            }
        }
        _ => {}
    }
    let guard = guard.and_then(Result::ok);
    if its_own.is_none() && guard.is_none() {
        return false;
    }
    let everything = Document::everything();
    let mut held = vec![Held { by: Holder::Identity, document: &everything }];
    held.extend(its_own.map(|document| Held { by: Holder::Resource, document }));
    held.extend(guard.as_ref().map(|document| Held { by: Holder::Endpoint, document }));
    let ask = Ask { principal: by, action, resource, account: &world.aws.id, context: &context };
    !decide(&held, &ask).allowed()
}

/// Whether a node's pull of an image from the account's registry is refused at a time: `Some(None)` by the registry,
/// `Some(Some(host))` by the bucket of the layers (ECR guide, "Amazon ECR interface VPC endpoints": the gateway endpoint of S3
/// has to let that bucket through).
pub fn pull_refused(world: &World, at: Time, node: &str, image: &str) -> Option<Option<String>> {
    let (account, region) = (&*world.aws.id, &*world.aws.region);
    let full = full_name(image);
    let path = full.strip_prefix(&format!("{account}.dkr.ecr.{region}.amazonaws.com/"))?;
    let name = path.split(['@', ':']).next().unwrap_or_default();
    let machine = instances::machine_of(world, node)?;
    let by = self::machine(world, &machine.id);
    let way = |to: &Destination| way::way(world, at, &machine.subnet, to);
    let registry = way(&Destination { service: "ecr.dkr".into(), ..super::destination(world, "aws:ecr.dkr") });
    let repository = arn::make("ecr", region, account, &format!("repository/{name}"));
    let its_own = ecr::policy_of(world, name);
    let barred = |action| denied(world, at, (action, &repository), &by, &registry, its_own.as_deref());
    if ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"].into_iter().any(barred) {
        return Some(None);
    }
    let flow = super::of_image(world, image).map(|(flow, _)| flow)?;
    let bucket = format!("prod-{region}-starport-layer-bucket");
    let layers = way(&pieces::destination(&flow));
    let object = format!("arn:aws:s3:::{bucket}/{name}");
    let barred = denied(world, at, ("s3:GetObject", &object), &by, &layers, None);
    barred.then(|| Some(format!("{bucket}.s3.{region}.amazonaws.com")))
}

/// What a function is told that puts an object into a bucket and may not, by its own policies or the bucket's.
pub fn put_refused(world: &World, at: Time, by: &Principal, bucket: &str) -> Option<String> {
    let object = format!("arn:aws:s3:::{bucket}/{at}", at = at.0);
    let context = Context::default().with("aws:SecureTransport", "true");
    let ask =
        Ask { principal: by, action: "s3:PutObject", resource: &object, account: &world.aws.id, context: &context };
    let its_own: Option<Arc<Document>> = s3::policy_of(world, bucket, at);
    let fault = super::super::iam::may(world, at, &ask, its_own.as_deref()).err()?;
    Some(format!("An error occurred ({}) when calling the PutObject operation: {}", fault.code, fault.message))
}
