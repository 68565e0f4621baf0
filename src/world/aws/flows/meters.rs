//! What the network charges for, hour by hour: bytes from the pieces, hours from what there was. Does not know prices.

use super::super::ec2::instances;
use super::super::ec2::kinds::Kind;
use super::super::ec2::resources::Resource;
use super::super::ec2::setup::Setup;
use super::super::ec2::way::Way;
use super::super::service::Used;
use super::amounts::Direction;
use super::pieces::{self, Piece};
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A GB in bills of data.
const GB: i128 = 1 << 30;
const HOUR_MS: i128 = 3_600_000;
/// Hours of an average month, by which GB-months are counted.
const MONTH: i128 = 730;
const OTHER: &str = "EC2 - Other";
const VPC: &str = "Amazon Virtual Private Cloud";

/// Bytes as millionths of a GB.
pub fn gigabytes(bytes: u64) -> i128 {
    i128::from(bytes) * 1_000_000 / GB
}

/// Bytes: what passed gateways and endpoints, crossed zones, left the region.
pub fn bytes(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut totals: BTreeMap<(i64, &'static str, &'static str, Arc<str>), u64> = BTreeMap::new();
    let mut zones: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for (_, setup) in world.aws.network.setups() {
        zones.extend(setup.nats.values().map(|nat| (Arc::clone(&nat.id), Arc::clone(&nat.zone))));
    }
    for piece in pieces::pieces(world, from * 60, to * 60) {
        let mut hour = piece.from.div_euclid(60);
        while hour * 60 < piece.to {
            count(world, &piece, hour, &zones, &mut totals);
            hour += 1;
        }
    }
    let rows = totals.into_iter().filter(|(_, bytes)| *bytes > 0);
    rows.map(|((hour, usage_type, operation, resource), bytes)| {
        let service = if usage_type == "VpcEndpoint-Bytes" { VPC } else { OTHER };
        Used { hour, service, usage_type: usage_type.into(), operation, micros: gigabytes(bytes), resource }
    })
    .collect()
}

type Totals = BTreeMap<(i64, &'static str, &'static str, Arc<str>), u64>;

fn count(world: &World, piece: &Piece, hour: i64, zones: &BTreeMap<Arc<str>, Arc<str>>, totals: &mut Totals) {
    let of = |direction| piece.bytes(world, direction, hour * 60, hour * 60 + 60);
    let (out, back) = (of(Direction::Out), of(Direction::In));
    if out + back == 0 {
        return;
    }
    let mut add = |usage_type: &'static str, operation: &'static str, resource: &Arc<str>, bytes: u64| {
        *totals.entry((hour, usage_type, operation, Arc::clone(resource))).or_default() += bytes;
    };
    match &piece.way {
        Way::Nat(id) => {
            add("NatGateway-Bytes", "NatGateway", id, out + back);
            // Between zones both ends pay, the one for sending, the other for receiving.
            if zones.get(id).is_some_and(|zone| *zone != piece.source.zone) {
                add("DataTransfer-Regional-Bytes", "InterZone-Out", id, out + back);
                add("DataTransfer-Regional-Bytes", "InterZone-In", id, out + back);
            }
        }
        Way::InterfaceEndpoint(id) => add("VpcEndpoint-Bytes", "VpcEndpoint", id, out + back),
        _ => {}
    }
    // What goes to AWS's own services stays in the region.
    if piece.flow.service.is_empty() && matches!(piece.way, Way::Nat(_) | Way::InternetGateway) {
        let resource = piece.nat().cloned().unwrap_or_else(|| Arc::clone(&piece.source.instance));
        add("DataTransfer-Out-Bytes", "RunInstances", &resource, out);
        add("DataTransfer-In-Bytes", "RunInstances", &resource, back);
    }
}

/// Hours of gateways, endpoints, addresses and instances, and space on disks.
pub fn hours(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    // The hour that runs is charged when it is over.
    let to = to.min(world.now.0.div_euclid(3_600_000));
    let Some((born, _)) = world.aws.network.setups().first() else { return out };
    let from = from.max(born.0.div_euclid(3_600_000));
    let machines = instances::unasked(world);
    let network = &world.aws.network;
    for hour in from..to {
        let (start, end) = (Time(hour * 3_600_000), Time((hour + 1) * 3_600_000));
        let during = |found: &Resource| found.ready < end && found.gone.is_none_or(|gone| start < gone);
        let mut add = |service, usage_type: String, operation, micros, resource: &Arc<str>| {
            out.push(Used { hour, service, usage_type, operation, micros, resource: Arc::clone(resource) });
        };
        // A part of an hour is charged as an hour (VPC pricing).
        for nat in network.ever(Kind::NatGateway).filter(|nat| during(nat)) {
            add(OTHER, "NatGateway-Hours".into(), "NatGateway", 1_000_000, &nat.id);
        }
        for endpoint in network.ever(Kind::Endpoint).filter(|e| e.text("VpcEndpointType") == "Interface" && during(e)) {
            let zones =
                i128::from(endpoint.sizes.spans(start, end).map(|(.., zones)| *zones).max().unwrap_or_default());
            add(VPC, "VpcEndpoint-Hours".into(), "VpcEndpoint", zones * 1_000_000, &endpoint.id);
        }
        let setup = network.setup_at(start).or_else(|| network.setup_at(end));
        for address in network.ever(Kind::Address).filter(|address| during(address)) {
            let used = setup.is_some_and(|setup| in_use(setup, address, start, end));
            let usage_type = if used { "PublicIPv4:InUseAddress" } else { "PublicIPv4:IdleAddress" };
            let operation = if used { "AssociateAddressVPC" } else { "AllocateAddressVPC" };
            add(VPC, usage_type.into(), operation, 1_000_000, &address.id);
        }
        for machine in machines.iter().filter(|machine| machine.launched < end) {
            let usage_type = format!("BoxUsage:{}", machine.model);
            add("Amazon Elastic Compute Cloud - Compute", usage_type, "RunInstances", 1_000_000, &machine.id);
            let volume = super::super::ec2::resources::derived_id(world.seed, "vol-", &machine.id);
            let space = i128::from(instances::ROOT_GIB) * 1_000_000 / MONTH;
            add(OTHER, "EBS:VolumeUsage.gp3".into(), "CreateVolume-Gp3", space, &volume.into());
        }
        for instance in network.ever(Kind::Instance).filter(|i| during(i) && size_ms(i, start, end) > 0) {
            let usage_type = format!("BoxUsage:{}", instance.text("InstanceType"));
            let ran = size_ms(instance, start, end) * 1_000_000 / HOUR_MS;
            add("Amazon Elastic Compute Cloud - Compute", usage_type, "RunInstances", ran, &instance.id);
        }
        for instance in network.ever(Kind::Instance).filter(|i| during(i)) {
            let volume = super::super::ec2::resources::derived_id(world.seed, "vol-", &instance.id);
            let space = i128::from(instances::ROOT_GIB) * 1_000_000 / MONTH;
            add(OTHER, "EBS:VolumeUsage.gp3".into(), "CreateVolume-Gp3", space, &volume.into());
        }
        for volume in network.ever(Kind::Volume).filter(|volume| during(volume)) {
            let space = size_ms(volume, start, end) * 1_000_000 / HOUR_MS / MONTH;
            let kind = volume.text("VolumeType");
            let operation = if kind == "gp3" { "CreateVolume-Gp3" } else { "CreateVolume-Gp2" };
            add(OTHER, format!("EBS:VolumeUsage.{kind}"), operation, space, &volume.id);
        }
        for snapshot in network.ever(Kind::Snapshot).filter(|snapshot| during(snapshot)) {
            let space = i128::from(snapshot.body["VolumeSize"].as_i64().unwrap_or_default()) * 1_000_000 / MONTH;
            add(OTHER, "EBS:SnapshotUsage".into(), "CreateSnapshot", space, &snapshot.id);
        }
    }
    out
}

/// How much of something there was in an hour, times milliseconds: instances and disks are charged by the second (EC2 and EBS
/// pricing).
fn size_ms(found: &Resource, start: Time, end: Time) -> i128 {
    let (from, to) = (start.max(found.ready), found.gone.map_or(end, |gone| gone.min(end)));
    found.sizes.spans(from, to).map(|(from, to, size)| i128::from(*size) * i128::from((to - from).0)).sum()
}

/// Whether a gateway held the address in an hour.
fn in_use(setup: &Setup, address: &Resource, start: Time, end: Time) -> bool {
    let public = super::super::ec2::address::parse(address.text("PublicIp")).unwrap_or_default();
    let during = |ready: Time, gone: Option<Time>| ready < end && gone.is_none_or(|gone| start < gone);
    setup.nats.values().any(|nat| nat.addresses.contains(&public) && during(nat.ready, nat.gone))
}
