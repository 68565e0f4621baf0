//! Which way something takes: a pure question of subnet, destination and time. Does not know who asks.

use super::guard::{self, Refusal};
use super::setup::{Setup, Target};
use crate::stdx::time::Time;
use crate::world::World;
use std::sync::Arc;

/// An address that is nobody's of ours: 203.0.113.1 (RFC 5737).
const OUTSIDE: u32 = 0xCB00_7101;

/// Where something is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// `s3:scoop-backups`, `partner:payments`, `internet:otlp.example.com`.
    pub name: Arc<str>,
    /// The AWS service behind it, as endpoints name it (`s3`, `ecr.dkr`, `sqs`); empty: not one of AWS's.
    pub service: Arc<str>,
    pub address: u32,
    pub port: u16,
}

/// Who sends: from which subnet (its id) and address, and the security groups that it names; none: those that stand there.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    pub subnet: &'a str,
    pub address: u32,
    pub groups: &'a [Arc<str>],
}

/// The way to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Within the network.
    Local,
    Nat(Arc<str>),
    GatewayEndpoint(Arc<str>),
    InterfaceEndpoint(Arc<str>),
    InternetGateway,
    /// No route, or one to something that does not work.
    Blackhole,
    /// There is a way, but a security group lets nothing through.
    Refused(Refusal),
}

/// Which way leads from a subnet (its id) to a destination at a time. Interface endpoints win because the service's name
/// resolves to them; otherwise the longest prefix of the subnet's route table decides (VPC guide, "Route priority").
pub fn way(world: &World, at: Time, subnet: &str, to: &Destination) -> Way {
    world.aws.network.setup_at(at).map_or(Way::Blackhole, |setup| setup.way(at, subnet, to))
}

impl Setup {
    pub fn way(&self, at: Time, subnet: &str, to: &Destination) -> Way {
        let Some(net) = self.nets.get(subnet) else { return Way::Blackhole };
        let works = |ready: Time, gone: Option<Time>| ready <= at && gone.is_none_or(|gone| at < gone);
        let named = |endpoint: &&super::setup::Endpoint| {
            let open = endpoint.interface && endpoint.private_dns && works(endpoint.ready, endpoint.gone);
            open && endpoint.vpc == net.vpc && !to.service.is_empty() && endpoint.service == to.service
        };
        if let Some(endpoint) = self.endpoints.values().find(named) {
            return Way::InterfaceEndpoint(Arc::clone(&endpoint.id));
        }
        let Some(route) = self.longest(&net.table, to.address) else { return Way::Blackhole };
        match &route.target {
            Target::Local => Way::Local,
            Target::Internet(_) => Way::InternetGateway,
            Target::Endpoint(id) if self.endpoints.get(id).is_some_and(|e| works(e.ready, e.gone)) => {
                Way::GatewayEndpoint(Arc::clone(id))
            }
            Target::Nat(id) if self.nats.get(id).is_some_and(|n| works(n.ready, n.gone) && self.leads_out(n)) => {
                Way::Nat(Arc::clone(id))
            }
            _ => Way::Blackhole,
        }
    }

    /// Whether a way from a subnet leads anywhere, see [`reaches`].
    pub fn lets_out(&self, subnet: &str, way: &Way) -> bool {
        match way {
            Way::Blackhole | Way::Refused(_) => false,
            Way::InternetGateway => self.nets.get(subnet).is_some_and(|net| net.public),
            _ => true,
        }
    }

    /// A NAT gateway has a way out if its own subnet's default route is an internet gateway.
    fn leads_out(&self, nat: &super::setup::Nat) -> bool {
        let table = self.nets.get(&nat.subnet).map(|net| &net.table);
        let route = table.and_then(|table| self.longest(table, OUTSIDE));
        route.is_some_and(|route| matches!(route.target, Target::Internet(_)))
    }
}

/// Whether what runs in a subnet can reach a destination at a time. An internet gateway serves only those with a public
/// address, which subnets give at launch if they are set so.
pub fn reaches(world: &World, at: Time, from: Sender, to: &Destination) -> bool {
    let way = guard::way(world, at, from, to);
    world.aws.network.setup_at(at).is_some_and(|setup| setup.lets_out(from.subnet, &way))
}

/// Whether a function attached to a subnet reaches a destination. It never has a public address, so an internet gateway is
/// no way for it (Lambda guide, "Internet access for functions in a VPC").
pub fn function_reaches(world: &World, at: Time, from: Sender, to: &Destination) -> bool {
    !matches!(guard::way(world, at, from, to), Way::Blackhole | Way::InternetGateway | Way::Refused(_))
}
