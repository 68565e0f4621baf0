//! The ways through the network as one picture: which subnet asks which table, where its routes lead, which gateways and
//! endpoints work since when. Built from what there is after every change. Does not know what travels.

use super::address::{self, Range};
use super::endpoints;
use super::guard::{self, Guards};
use super::kinds::Kind;
use super::prefix_lists;
use super::resources::{Network, Resource};
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Local,
    Nat(Arc<str>),
    Endpoint(Arc<str>),
    Internet(Arc<str>),
    /// A target that is not there (any more).
    Nowhere,
}

/// One route; a prefix list has several ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub ranges: Vec<Range>,
    pub target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub vpc: Arc<str>,
    pub zone: Arc<str>,
    pub range: Range,
    /// Whether instances get a public address at launch.
    pub public: bool,
    /// The table it asks: its own, else its network's main one.
    pub table: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nat {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub subnet: Arc<str>,
    pub zone: Arc<str>,
    /// Public addresses; each gives 55,000 ports to a destination.
    pub addresses: Vec<u32>,
    pub private: u32,
    pub interface: Arc<str>,
    pub ready: Time,
    pub gone: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub id: Arc<str>,
    pub vpc: Arc<str>,
    /// Without `com.amazonaws.REGION.`: `s3`, `ecr.dkr`.
    pub service: Arc<str>,
    pub interface: bool,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    pub subnets: Vec<Arc<str>>,
    /// What may go through it; `None`: everything.
    pub policy: Option<Arc<str>>,
    pub groups: Vec<Arc<str>>,
    pub ready: Time,
    pub gone: Option<Time>,
}

impl Endpoint {
    /// The subnet whose interface answers those in a zone: the zone's own, else the first (the endpoint's name leads to all,
    /// the zone's first).
    pub fn place<'s>(&self, setup: &'s Setup, zone: Option<&str>) -> Option<&'s Net> {
        let mut nets = self.subnets.iter().filter_map(|id| setup.nets.get(id));
        nets.clone().find(|net| Some(&*net.zone) == zone).or_else(|| nets.next())
    }
}

/// The picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    pub nets: BTreeMap<Arc<str>, Net>,
    pub tables: BTreeMap<Arc<str>, Vec<Route>>,
    pub nats: BTreeMap<Arc<str>, Nat>,
    pub endpoints: BTreeMap<Arc<str>, Endpoint>,
    /// Attached internet gateways, with their networks.
    pub gateways: BTreeMap<Arc<str>, Arc<str>>,
    pub guards: Guards,
}

impl Setup {
    pub fn of(network: &Network, region: &str) -> Setup {
        let mut setup = Setup { guards: Guards::of(network, region), ..Setup::default() };
        for gateway in network.there(Kind::Gateway) {
            for vpc in gateway.list("Attachments").iter().filter_map(|attached| attached["VpcId"].as_str()) {
                setup.gateways.insert(Arc::clone(&gateway.id), vpc.into());
            }
        }
        for subnet in network.there(Kind::Subnet) {
            if let Some(net) = net(network, subnet) {
                setup.nets.insert(Arc::clone(&subnet.id), net);
            }
        }
        for gateway in network.ever(Kind::NatGateway) {
            let nat = nat(&setup, gateway);
            setup.nats.insert(Arc::clone(&gateway.id), nat);
        }
        for found in network.ever(Kind::Endpoint) {
            setup.endpoints.insert(Arc::clone(&found.id), endpoint(found, region));
        }
        for table in network.there(Kind::RouteTable) {
            let mut routes: Vec<Route> =
                table.list("Routes").iter().filter_map(|route| setup.route(route, region)).collect();
            for endpoint in network.there(Kind::Endpoint).filter(|e| e.text("VpcEndpointType") == "Gateway") {
                let associated = endpoint.list("RouteTableIds").iter().any(|id| *id == *table.id);
                let ranges = prefix_lists::ranges(service(endpoint.text("ServiceName"), region));
                if associated && !ranges.is_empty() {
                    routes.push(Route { ranges, target: Target::Endpoint(Arc::clone(&endpoint.id)) });
                }
            }
            setup.tables.insert(Arc::clone(&table.id), routes);
        }
        setup
    }

    fn route(&self, route: &Value, region: &str) -> Option<Route> {
        let text = |member: &str| route.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        let ranges = match (text("DestinationCidrBlock"), text("DestinationPrefixListId")) {
            (Some(cidr), _) => vec![Range::parse(cidr)?],
            (None, Some(list)) => prefix_lists::ranges(prefix_lists::service_of(list, region)?),
            (None, None) => return None,
        };
        let target = match (text("GatewayId"), text("NatGatewayId")) {
            (Some("local"), _) => Target::Local,
            (Some(id), _) if self.gateways.contains_key(id) => Target::Internet(id.into()),
            (_, Some(id)) if self.nats.contains_key(id) => Target::Nat(id.into()),
            _ => Target::Nowhere,
        };
        Some(Route { ranges, target })
    }

    /// The route of a table with the longest prefix that holds an address.
    pub fn longest(&self, table: &str, address: u32) -> Option<&Route> {
        let routes = self.tables.get(table)?.iter();
        let holding = routes.filter_map(|route| {
            let bits = route.ranges.iter().filter(|range| range.holds(address)).map(|range| range.bits).max()?;
            Some((bits, route))
        });
        // Of equal prefixes a static route stands before one through a prefix list (VPC guide, "Route priority").
        let best = holding.fold(None, |best: Option<(u8, &Route)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        best.map(|(_, route)| route)
    }

    /// The subnet that holds an address.
    pub fn net_of(&self, address: u32) -> Option<&Net> {
        self.nets.values().find(|net| net.range.holds(address))
    }
}

fn net(network: &Network, subnet: &Resource) -> Option<Net> {
    let vpc = subnet.text("VpcId");
    let of = |wanted: &dyn Fn(&Value) -> bool| {
        let tables = network.there(Kind::RouteTable).filter(|table| table.text("VpcId") == vpc);
        tables.filter(|table| table.list("Associations").iter().any(wanted)).map(|table| Arc::clone(&table.id)).next()
    };
    let own = of(&|association| association["SubnetId"] == *subnet.id);
    Some(Net {
        id: Arc::clone(&subnet.id),
        name: subnet.name().into(),
        vpc: vpc.into(),
        zone: subnet.text("AvailabilityZone").into(),
        range: Range::parse(subnet.text("CidrBlock"))?,
        public: subnet.body["MapPublicIpOnLaunch"] == true,
        table: own.or_else(|| of(&|association| association["Main"] == true)).unwrap_or_default(),
    })
}

fn nat(setup: &Setup, gateway: &Resource) -> Nat {
    let subnet = gateway.text("SubnetId");
    let of = |member: &str| {
        let addresses = gateway.list("NatGatewayAddresses").iter();
        addresses.filter_map(|row| row[member].as_str()).filter_map(address::parse).collect::<Vec<u32>>()
    };
    let interface = gateway.list("NatGatewayAddresses").first();
    Nat {
        id: Arc::clone(&gateway.id),
        name: gateway.name().into(),
        subnet: subnet.into(),
        zone: setup.nets.get(subnet).map(|net| Arc::clone(&net.zone)).unwrap_or_default(),
        addresses: of("PublicIp"),
        private: of("PrivateIp").first().copied().unwrap_or_default(),
        interface: interface.and_then(|row| row["NetworkInterfaceId"].as_str()).unwrap_or_default().into(),
        ready: gateway.ready,
        gone: gateway.gone,
    }
}

fn endpoint(found: &Resource, region: &str) -> Endpoint {
    Endpoint {
        id: Arc::clone(&found.id),
        vpc: found.text("VpcId").into(),
        service: service(found.text("ServiceName"), region).into(),
        interface: found.text("VpcEndpointType") == "Interface",
        private_dns: found.body["PrivateDnsEnabled"] == true,
        subnets: found.list("SubnetIds").iter().filter_map(Value::as_str).map(Arc::from).collect(),
        policy: Some(found.text("PolicyDocument")).filter(|text| *text != endpoints::FULL_ACCESS).map(Arc::from),
        groups: guard::ids(found.list("Groups")),
        ready: found.ready,
        gone: found.gone,
    }
}

/// `s3` of `com.amazonaws.ap-northeast-2.s3`.
pub fn service<'a>(name: &'a str, region: &str) -> &'a str {
    let rest = name.strip_prefix("com.amazonaws.").and_then(|rest| rest.strip_prefix(region));
    rest.and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
}
