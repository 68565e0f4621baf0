//! Flow log records: what the pieces moved, by interface and aggregation interval, in the format each log asks for. Does
//! not know who reads.

use super::super::ec2::Refusal;
use super::super::ec2::address::show;
use super::super::ec2::interfaces;
use super::super::ec2::kinds::Kind;
use super::super::ec2::resources::{Resource, derived_id};
use super::super::ec2::way::{Destination, Way};
use super::super::service::{LogGroup, LogSource};
use super::amounts::Direction;
use super::pieces::{self, Piece};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::Record;
use std::collections::BTreeSet;
use std::sync::Arc;

/// From the end of an interval until its records can be read: CloudWatch Logs gets them within about five minutes (VPC
/// guide, "Flow log basics").
const DELIVERY: Span = Span::mins(5);
/// The longest aggregation interval, and the default (VPC guide, "Flow log basics").
const INTERVAL_MAX: Span = Span::mins(10);

pub const SOURCE: LogSource = LogSource { groups, records, late: Span(DELIVERY.0 + INTERVAL_MAX.0) };

/// Records of one reading; beyond it the later ones are left out.
const RECORDS_MAX: usize = 200_000;

/// The log groups that flow logs write.
pub fn groups(world: &World) -> Vec<LogGroup> {
    let mut seen = BTreeSet::new();
    let logs = world.aws.network.ever(Kind::FlowLog).filter(|log| !log.text("LogGroupName").is_empty());
    logs.filter(|log| seen.insert(log.text("LogGroupName").to_string()))
        .map(|log| LogGroup { name: log.text("LogGroupName").into(), created: log.created, retention_days: None })
        .collect()
}

/// One line of traffic through an interface, in one interval.
struct Line {
    interface: Arc<str>,
    instance: Arc<str>,
    subnet: Arc<str>,
    /// As the packet travels between here and the next hop.
    from: u32,
    to: u32,
    /// As it travels from end to end.
    pkt_from: u32,
    pkt_to: u32,
    from_port: u16,
    to_port: u16,
    bytes: u64,
    packets: u64,
    /// Bits of the TCP flags that were seen: 2 is SYN, 3 SYN and FIN.
    flags: u8,
    /// Out of the interface.
    egress: bool,
    accepted: bool,
}

/// The records of a group in `from..=to`, by time: those of intervals that were delivered by now.
pub fn records(world: &World, group: &str, from: Time, to: Time) -> Vec<Record> {
    let mut out = Vec::new();
    for log in world.aws.network.ever(Kind::FlowLog).filter(|log| log.text("LogGroupName") == group) {
        let length = log.body["MaxAggregationInterval"].as_i64().unwrap_or(600) / 60;
        let born = log.created.0.div_euclid(60_000) + 1;
        let end = log.gone.map_or(i64::MAX, |gone| gone.0.div_euclid(60_000));
        let delivered = (world.now - DELIVERY).0.div_euclid(60_000);
        let first = from.max(Time(born * 60_000)).0.div_euclid(60_000 * length) * length;
        let last = to.0.div_euclid(60_000).min(end).min(delivered);
        if first > last {
            continue;
        }
        let all = pieces::pieces(world, first, last + length);
        let mut window = first;
        while window <= last && window + length <= delivered && out.len() < RECORDS_MAX {
            let at = Time(window * 60_000);
            if from <= at && at <= to {
                interval(world, log, &all, window, length, &mut out);
            }
            window += length;
        }
    }
    out.sort_by(|a, b| (a.at, &a.pod).cmp(&(b.at, &b.pod)));
    out
}

fn interval(world: &World, log: &Resource, all: &[Piece], window: i64, length: i64, out: &mut Vec<Record>) {
    for piece in all.iter().filter(|piece| piece.from < window + length && window < piece.to) {
        for line in lines(world, piece, window, length) {
            if shows(world, log, &line) {
                let path = path(world, Time(window.max(piece.from) * 60_000), &line);
                out.push(record(world, log, &line, (window, length, path)));
            }
        }
    }
}

/// Whether a log records a line: its resource is the interface, its subnet or its network, and it takes the kind.
fn shows(world: &World, log: &Resource, line: &Line) -> bool {
    let resource = log.text("ResourceId");
    let vpc = world.aws.network.get(&line.subnet).map(|subnet| subnet.text("VpcId"));
    let taken = match log.text("TrafficType") {
        "ACCEPT" => line.accepted,
        "REJECT" => !line.accepted,
        _ => true,
    };
    taken && (resource == &*line.interface || resource == &*line.subnet || vpc == Some(resource))
}

/// Who talks to whom in one interval: ports and addresses are one pair for all of it.
struct Pair {
    here: u32,
    there: u32,
    from_port: u16,
    to_port: u16,
    lot: u64,
}

impl Pair {
    fn of(world: &World, piece: &Piece, window: i64) -> Pair {
        let lot = dice::at(
            world.seed,
            dice::hash_name(&piece.flow.name) ^ u64::from(piece.source.address),
            window.unsigned_abs(),
        );
        let spread = piece.flow.range.at(1 + lot % piece.flow.range.size().saturating_sub(2).max(1));
        // The name of a service with an endpoint leads to the endpoint's own address.
        let there = ending(world, piece).map_or(spread, |end| end.address);
        let from_port = 32_768 + (lot >> 32) as u16 % 28_000;
        Pair { here: piece.source.address, there, from_port, to_port: piece.flow.port, lot }
    }
}

/// The interface at the other end, where that is one of ours.
struct Ending {
    interface: Arc<str>,
    subnet: Arc<str>,
    address: u32,
}

fn ending(world: &World, piece: &Piece) -> Option<Ending> {
    let at = Time(piece.from * 60_000);
    let setup = world.aws.network.setup_at(at)?;
    let to = pieces::destination(&piece.flow);
    // Whether or not anything is let through, it is the same place.
    if let Way::InterfaceEndpoint(id) = setup.way(at, &piece.source.subnet, &to) {
        let net = setup.endpoints.get(&id)?.place(setup, Some(&piece.source.zone))?;
        let interface = interfaces::endpoint_interface(world, &id, &net.id).into();
        let address = interfaces::endpoint_address(world, &id, &net.id);
        return Some(Ending { interface, subnet: Arc::clone(&net.id), address });
    }
    let net = matches!(to.name.split_once(':'), Some(("rds" | "cache", _))).then(|| setup.net_of(to.address))??;
    let interface = derived_id(world.seed, "eni-", &to.name).into();
    Some(Ending { interface, subnet: Arc::clone(&net.id), address: to.address })
}

/// What a piece moved in an interval, at each interface it passed: the sender's, and the gateway's towards both sides or the
/// other end's. Of what is tried in vain, the first packets.
fn lines(world: &World, piece: &Piece, window: i64, length: i64) -> Vec<Line> {
    let pair = Pair::of(world, piece, window);
    let mut out = Vec::new();
    for direction in [Direction::Out, Direction::In] {
        let bytes = piece.bytes(world, direction, window, window + length);
        if bytes == 0 {
            continue;
        }
        let leaves = direction == Direction::Out;
        // From end to end: what answers has the same addresses the other way round.
        let turn = |a: u32, b: u32| if leaves { (a, b) } else { (b, a) };
        let line = |(interface, subnet): (&Arc<str>, &Arc<str>),
                    way: (u32, u32),
                    pkt: (u32, u32),
                    ports: (u16, u16),
                    egress: bool| Line {
            interface: Arc::clone(interface),
            instance: if *interface == piece.source.interface { Arc::clone(&piece.source.instance) } else { "".into() },
            subnet: Arc::clone(subnet),
            from: way.0,
            to: way.1,
            pkt_from: pkt.0,
            pkt_to: pkt.1,
            from_port: ports.0,
            to_port: ports.1,
            bytes,
            packets: bytes.div_ceil(1_448),
            flags: 3,
            egress,
            accepted: true,
        };
        let (here, there, port, own) = (pair.here, pair.there, pair.to_port, pair.from_port);
        let ports = if leaves { (own, port) } else { (port, own) };
        let ends = turn(here, there);
        out.push(line((&piece.source.interface, &piece.source.subnet), ends, ends, ports, leaves));
        if let Some(end) = ending(world, piece) {
            out.push(line((&end.interface, &end.subnet), ends, ends, ports, !leaves));
        }
        let Way::Nat(_) = piece.way else { continue };
        let Some(nat) = pieces::nat_of(world, piece) else { continue };
        let moved = 1_024 + (pair.lot >> 16) as u16 % 64_000;
        let outside = if leaves { (moved, port) } else { (port, moved) };
        let place = (&nat.interface, &nat.subnet);
        out.push(line(place, turn(here, nat.private), ends, ports, !leaves));
        let beyond = turn(nat.private, there);
        out.push(line(place, beyond, beyond, outside, leaves));
    }
    out.extend(vain(world, piece, &pair, window, length));
    out
}

/// A client that waits for some seconds has sent its first packet three times: at once, after one second and after three
/// (Linux, `tcp_syn_retries`: the pause doubles).
const SYNS: u64 = 3;
/// Bytes of such a packet: IP's header of 20 and TCP's of 40 with its options.
const SYN: u64 = 60;

/// Connections that never come about: the first packets leave, and are dropped by a group at either end, or on a way that
/// leads nowhere. What a group drops is recorded where it stands.
fn vain(world: &World, piece: &Piece, pair: &Pair, window: i64, length: i64) -> Vec<Line> {
    let packets = piece.vain(world, window, window + length) * SYNS;
    if packets == 0 {
        return Vec::new();
    }
    let line = |interface: &Arc<str>, subnet: &Arc<str>, egress: bool, accepted: bool| Line {
        interface: Arc::clone(interface),
        instance: if egress { Arc::clone(&piece.source.instance) } else { "".into() },
        subnet: Arc::clone(subnet),
        from: pair.here,
        to: pair.there,
        pkt_from: pair.here,
        pkt_to: pair.there,
        from_port: pair.from_port,
        to_port: pair.to_port,
        bytes: packets * SYN,
        packets,
        flags: 2,
        egress,
        accepted,
    };
    let refusal = if let Way::Refused(refusal) = &piece.way { Some(refusal) } else { None };
    let leaves = refusal != Some(&Refusal::Leaving);
    let mut out = vec![line(&piece.source.interface, &piece.source.subnet, true, leaves)];
    if let (Some(Refusal::Arriving), Some(end)) = (refusal, ending(world, piece)) {
        out.push(line(&end.interface, &end.subnet, false, false));
    }
    out
}

/// `traffic-path` of what leaves an interface (VPC guide, "Available fields"): 1 through another resource of the same network,
/// 7 through a gateway endpoint, 8 through an internet gateway.
fn path(world: &World, at: Time, line: &Line) -> &'static str {
    let to = Destination { address: line.to, ..Destination::default() };
    let way = world.aws.network.setup_at(at).filter(|_| line.egress).map(|setup| setup.way(at, &line.subnet, &to));
    match way {
        None | Some(Way::Blackhole) => "-",
        Some(Way::GatewayEndpoint(_)) => "7",
        Some(Way::InternetGateway) => "8",
        Some(_) => "1",
    }
}

/// `part`: the interval's first minute, its length in minutes, and the `traffic-path`.
fn record(world: &World, log: &Resource, line: &Line, part: (i64, i64, &'static str)) -> Record {
    let (window, ..) = part;
    let at = Time(window * 60_000);
    let names = log.text("LogFormat").split_whitespace().filter_map(|part| part.strip_prefix("${")?.strip_suffix('}'));
    let fields: Vec<(Arc<str>, String)> =
        names.map(|name| (Arc::from(name), field(world, log.text("LogFormat"), name, line, part))).collect();
    let text = fields.iter().map(|(_, value)| value.as_str()).collect::<Vec<&str>>().join(" ");
    let traffic = log.text("TrafficType").to_lowercase();
    Record {
        at,
        namespace: log.text("LogGroupName").into(),
        pod: format!("{}-{traffic}", line.interface).into(),
        container: "".into(),
        restart: 0,
        level: "",
        template: "flow".into(),
        text,
        fields,
    }
}

/// One field of a record (VPC guide, "Available fields").
fn field(world: &World, format: &str, name: &str, line: &Line, (window, length, path): (i64, i64, &str)) -> String {
    let dash = |text: &str| if text.is_empty() { "-".to_string() } else { text.to_string() };
    let subnet = || world.aws.network.get(&line.subnet);
    match name {
        "version" => version(format).into(),
        "account-id" => world.aws.id.to_string(),
        "interface-id" => line.interface.to_string(),
        "srcaddr" => show(line.from),
        "dstaddr" => show(line.to),
        "srcport" => line.from_port.to_string(),
        "dstport" => line.to_port.to_string(),
        "protocol" => "6".into(),
        "packets" => line.packets.to_string(),
        "bytes" => line.bytes.to_string(),
        "start" => (window * 60).to_string(),
        "end" => ((window + length) * 60).to_string(),
        "action" => if line.accepted { "ACCEPT" } else { "REJECT" }.into(),
        "log-status" => "OK".into(),
        "vpc-id" => dash(subnet().map_or("", |subnet| subnet.text("VpcId"))),
        "subnet-id" => dash(&line.subnet),
        "instance-id" => dash(&line.instance),
        "tcp-flags" => line.flags.to_string(),
        "type" => "IPv4".into(),
        "pkt-srcaddr" => show(line.pkt_from),
        "pkt-dstaddr" => show(line.pkt_to),
        "region" => world.aws.region.to_string(),
        "az-id" => dash(subnet().map_or("", |subnet| subnet.text("AvailabilityZoneId"))),
        "flow-direction" => if line.egress { "egress" } else { "ingress" }.into(),
        "traffic-path" => path.into(),
        "pkt-src-aws-service" => service(line.pkt_from),
        "pkt-dst-aws-service" => service(line.pkt_to),
        _ => "-".into(),
    }
}

/// The version that brought the newest of the fields asked for; 2 is the default format's (VPC guide, "Available fields").
fn version(format: &str) -> &'static str {
    let asks = |names: &[&str]| names.iter().any(|name| format.contains(&format!("${{{name}}}")));
    if asks(&["flow-direction", "traffic-path", "pkt-src-aws-service", "pkt-dst-aws-service"]) {
        "5"
    } else if asks(&["region", "az-id"]) {
        "4"
    } else if asks(&["vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr"]) {
        "3"
    } else {
        "2"
    }
}

/// Whose addresses these are, as far as AWS's own ranges say.
fn service(address: u32) -> String {
    let of_s3 = super::super::ec2::prefix_lists::ranges("s3").iter().any(|range| range.holds(address));
    if of_s3 { "S3".into() } else { "-".into() }
}
