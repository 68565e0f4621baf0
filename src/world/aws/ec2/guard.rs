//! What security groups let through: whose groups, which address, which port, since when. What they do not let through is
//! dropped without a word, so whoever asks waits until it gives up. Answers to what was let through always pass. Does not
//! know who asks.

use super::address::{self, Range};
use super::kinds::Kind;
use super::prefix_lists;
use super::resources::Network;
use super::setup::Setup;
use super::way::{Destination, Sender, Way};
use crate::stdx::time::Time;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One rule; rules only ever let through (VPC guide, "Security group rules").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub egress: bool,
    /// Only what goes by TCP is simulated: whether the rule is about it.
    pub tcp: bool,
    pub from_port: u16,
    pub to_port: u16,
    pub peer: Peer,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    Ranges(Vec<Range>),
    /// Everything that has this group.
    Group(Arc<str>),
}

/// Groups and who has them, as they were at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    pub rules: BTreeMap<Arc<str>, Vec<Rule>>,
    /// The group of each network that whatever names no group has.
    pub defaults: BTreeMap<Arc<str>, Arc<str>>,
    /// Instances that name groups, by their private address.
    pub instances: BTreeMap<u32, Vec<Arc<str>>>,
}

/// One end of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    pub address: u32,
    /// `None`: nobody guards it (what is not in our networks).
    pub groups: Option<Vec<Arc<str>>>,
}

/// Where a connection is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The sender's own groups have no rule for it.
    Leaving,
    /// Those of the other end have none.
    Arriving,
}

impl Guards {
    pub fn of(network: &Network, region: &str) -> Guards {
        let mut guards = Guards::default();
        for group in network.there(Kind::Group) {
            let rules = group.list("Rules").iter().filter_map(|value| rule(value, region));
            guards.rules.insert(Arc::clone(&group.id), rules.collect());
            if group.text("GroupName") == "default" {
                guards.defaults.insert(group.text("VpcId").into(), Arc::clone(&group.id));
            }
        }
        for instance in network.there(Kind::Instance) {
            let groups = ids(instance.list("SecurityGroups"));
            if let Some(address) = address::parse(instance.text("PrivateIpAddress")).filter(|_| !groups.is_empty()) {
                guards.instances.insert(address, groups);
            }
        }
        guards
    }

    /// Whether a rule of one of these groups lets a connection through; a group that is gone has none.
    fn lets(&self, groups: &[Arc<str>], egress: bool, peer: &End, port: u16) -> bool {
        let rules = groups.iter().filter_map(|group| self.rules.get(group)).flatten();
        let mut fitting =
            rules.filter(|rule| rule.egress == egress && rule.tcp && (rule.from_port..=rule.to_port).contains(&port));
        fitting.any(|rule| match &rule.peer {
            Peer::Ranges(ranges) => ranges.iter().any(|range| range.holds(peer.address)),
            Peer::Group(id) => peer.groups.as_ref().is_some_and(|groups| groups.contains(id)),
        })
    }

    /// Whether a connection to a port is refused.
    pub fn refuse(&self, from: &End, to: &End, port: u16) -> Option<Refusal> {
        let lets = |own: &End, egress: bool, peer: &End| {
            own.groups.as_ref().is_none_or(|groups| self.lets(groups, egress, peer, port))
        };
        if !lets(from, true, to) {
            return Some(Refusal::Leaving);
        }
        (!lets(to, false, from)).then_some(Refusal::Arriving)
    }
}

/// `GroupId` of each.
pub fn ids(groups: &[Value]) -> Vec<Arc<str>> {
    groups.iter().filter_map(|group| group["GroupId"].as_str()).map(Arc::from).collect()
}

fn rule(value: &Value, region: &str) -> Option<Rule> {
    let all = value["IpProtocol"] == "-1";
    let port = |member: &str, else_is: u16| match value[member].as_i64() {
        Some(port) if !all => u16::try_from(port).unwrap_or(else_is),
        _ => else_is,
    };
    let text = |value: &Value| value.as_str().map(str::to_string);
    let peer = match (text(&value["CidrIpv4"]), text(&value["PrefixListId"])) {
        (Some(cidr), _) => Peer::Ranges(vec![Range::parse(&cidr)?]),
        (None, Some(list)) => Peer::Ranges(prefix_lists::ranges(prefix_lists::service_of(&list, region)?)),
        (None, None) => Peer::Group(value["ReferencedGroupInfo"]["GroupId"].as_str()?.into()),
    };
    Some(Rule {
        egress: value["IsEgress"] == true,
        tcp: all || value["IpProtocol"] == "tcp" || value["IpProtocol"] == "6",
        from_port: port("FromPort", 0),
        to_port: port("ToPort", u16::MAX),
        peer,
    })
}

impl Setup {
    /// An end in one of our subnets: with the groups that it names, or those of an instance at its address, or its
    /// network's default group.
    pub fn end(&self, subnet: &str, address: u32, named: &[Arc<str>]) -> End {
        let guards = &self.guards;
        let standing = || {
            let vpc = self.nets.get(subnet).map(|net| &net.vpc)?;
            Some(vec![Arc::clone(guards.defaults.get(vpc)?)])
        };
        let own = if named.is_empty() { guards.instances.get(&address).cloned() } else { Some(named.to_vec()) };
        End { address, groups: own.or_else(standing) }
    }
}

/// Which way a connection takes, and whether it is let through at both ends.
pub fn way(world: &World, at: Time, sender: Sender, to: &Destination) -> Way {
    let Sender { subnet, address, groups: named } = sender;
    let Some(setup) = world.aws.network.setup_at(at) else { return Way::Blackhole };
    let way = setup.way(at, subnet, to);
    let from = setup.end(subnet, address, named);
    let there = match &way {
        Way::Blackhole => return way,
        Way::InterfaceEndpoint(id) => setup.endpoints.get(id).map_or_else(End::default, |endpoint| {
            let zone = setup.nets.get(subnet).map(|net| &net.zone);
            let place = endpoint.place(setup, zone.map(|zone| &**zone));
            let address = place.map_or(0, |net| super::interfaces::endpoint_address(world, id, &net.id));
            setup.end(place.map_or("", |net| &net.id), address, &endpoint.groups)
        }),
        _ => End { address: to.address, groups: inside(world, at, to) },
    };
    match setup.guards.refuse(&from, &there, to.port) {
        Some(refusal) => Way::Refused(refusal),
        None => way,
    }
}

/// The groups of a database or a cache. One that names none takes everybody: where it stands is not said.
pub fn inside(world: &World, at: Time, to: &Destination) -> Option<Vec<Arc<str>>> {
    let named = |groups: &Vec<String>| groups.iter().map(|id| Arc::from(id.as_str())).collect::<Vec<Arc<str>>>();
    let groups = match to.name.split_once(':')? {
        ("rds", name) => {
            let found = world.aws.databases.living(at).find(|instance| *instance.name == *name)?;
            named(&found.life.at(at)?.shape.security_groups)
        }
        ("cache", name) => {
            let found = world.aws.caches.living(at).find(|group| *group.name == *name)?;
            named(&found.engine.security_groups)
        }
        _ => return None,
    };
    (!groups.is_empty()).then_some(groups)
}
