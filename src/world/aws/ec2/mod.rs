//! EC2 and VPC: networks, subnets, route tables, gateways, endpoints, addresses, security groups, instances. Does not
//! know what programs send.

pub mod address;
mod describe;
mod endpoints;
mod flow_logs;
mod groups;
pub mod guard;
pub mod instances;
pub mod interfaces;
pub mod kinds;
mod nat;
pub mod prefix_lists;
pub mod resources;
mod routes;
pub mod setup;
pub mod tags;
mod view;
mod vpc;
pub mod way;

use super::call::{Answer, Call, Fault};
use super::flows;
use super::service::{Effect, Meter, MetricSource, Operation, Service};
use crate::world::World;

pub use guard::Refusal;
pub use resources::{Network, id_of, id_of_cfn, id_of_kind, tagged, tagged_gone};
pub use way::{Destination, Sender, Way, function_reaches, reaches, way};

pub static SERVICE: Service = Service {
    name: "ec2",
    doc: "networks, gateways, instances",
    operations: OPERATIONS,
    metrics: &[MetricSource {
        namespace: "AWS/NATGateway",
        list: flows::metrics::list,
        minutes: flows::metrics::minutes,
    }],
    logs: &[flows::records::SOURCE],
    meters: &[
        Meter {
            usage_types: &[
                "DataTransfer-In-Bytes",
                "DataTransfer-Out-Bytes",
                "DataTransfer-Regional-Bytes",
                "NatGateway-Bytes",
                "VpcEndpoint-Bytes",
            ],
            read: flows::meters::bytes,
        },
        Meter {
            usage_types: &[
                "BoxUsage:",
                "EBS:SnapshotUsage",
                "EBS:VolumeUsage.",
                "NatGateway-Hours",
                "PublicIPv4:IdleAddress",
                "PublicIPv4:InUseAddress",
                "VpcEndpoint-Hours",
            ],
            read: flows::meters::hours,
        },
    ],
};

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

static OPERATIONS: &[Operation] = &[
    write("AllocateAddress", "takes a public address", nat::allocate),
    write("AssociateNatGatewayAddress", "gives a NAT gateway more addresses", nat::associate),
    write("AssociateRouteTable", "lets a subnet ask a route table", routes::associate),
    write("AttachInternetGateway", "attaches an internet gateway to a VPC", vpc::attach_gateway),
    write("AuthorizeSecurityGroupEgress", "lets traffic out", groups::authorize_egress),
    write("AuthorizeSecurityGroupIngress", "lets traffic in", groups::authorize_ingress),
    write("CreateFlowLogs", "records traffic from now on", flow_logs::create),
    write("CreateInternetGateway", "makes an internet gateway", vpc::create_gateway),
    write("CreateNatGateway", "makes a NAT gateway", nat::create),
    write("CreateRoute", "adds a route", routes::create_route),
    write("CreateRouteTable", "makes a route table", routes::create_table),
    write("CreateSecurityGroup", "makes a security group", groups::create),
    write("CreateSnapshot", "keeps a copy of a volume", instances::create_snapshot),
    write("CreateSubnet", "makes a subnet", vpc::create_subnet),
    write("CreateTags", "tags resources", tags::create),
    write("CreateVolume", "makes a volume", instances::create_volume),
    write("CreateVpc", "makes a VPC", vpc::create_vpc),
    write("CreateVpcEndpoint", "makes an endpoint to a service", endpoints::create),
    write("DeleteFlowLogs", "stops recording traffic", flow_logs::delete),
    write("DeleteInternetGateway", "deletes an internet gateway", vpc::delete_gateway),
    write("DeleteNatGateway", "deletes a NAT gateway", nat::delete),
    write("DeleteRoute", "deletes a route", routes::delete_route),
    write("DeleteRouteTable", "deletes a route table", routes::delete_table),
    write("DeleteSecurityGroup", "deletes a security group", groups::delete),
    write("DeleteSnapshot", "deletes a snapshot", instances::delete_snapshot),
    write("DeleteSubnet", "deletes a subnet", vpc::delete_subnet),
    write("DeleteTags", "takes tags away", tags::delete),
    write("DeleteVolume", "deletes a volume", instances::delete_volume),
    write("DeleteVpc", "deletes a VPC", vpc::delete_vpc),
    write("DeleteVpcEndpoints", "deletes endpoints", endpoints::delete),
    read("DescribeAddresses", "public addresses", describe::describe),
    read("DescribeAvailabilityZones", "zones of the region", tags::zones),
    read("DescribeFlowLogs", "flow logs", describe::describe),
    read("DescribeInstances", "instances", instances::describe),
    read("DescribeInternetGateways", "internet gateways", describe::describe),
    read("DescribeManagedPrefixLists", "prefix lists", describe::describe),
    read("DescribeNatGateways", "NAT gateways", describe::describe),
    read("DescribeNetworkInterfaces", "network interfaces", describe::describe),
    read("DescribePrefixLists", "prefix lists with their ranges", prefix_lists::describe_prefix_lists),
    read("DescribeRegions", "regions", tags::regions),
    read("DescribeRouteTables", "route tables", describe::describe),
    read("DescribeSecurityGroupRules", "rules of security groups", groups::describe_rules),
    read("DescribeSecurityGroups", "security groups", describe::describe),
    read("DescribeSnapshots", "snapshots", describe::describe),
    read("DescribeSubnets", "subnets", describe::describe),
    read("DescribeTags", "tags", tags::describe),
    read("DescribeVolumes", "volumes", describe::describe),
    read("DescribeVpcEndpoints", "endpoints", describe::describe),
    read("DescribeVpcs", "VPCs", describe::describe),
    write("DetachInternetGateway", "detaches an internet gateway", vpc::detach_gateway),
    write("DisassociateRouteTable", "lets a subnet ask the main table again", routes::disassociate),
    read("GetManagedPrefixListEntries", "the ranges of a prefix list", prefix_lists::entries),
    write("ModifySubnetAttribute", "changes a subnet", vpc::modify_subnet),
    write("ModifyVpcAttribute", "changes a VPC", vpc::modify_vpc),
    write("ModifyVpcEndpoint", "changes which route tables or subnets an endpoint serves", endpoints::modify),
    write("ReleaseAddress", "gives a public address back", nat::release),
    write("ReplaceRoute", "lets a route lead elsewhere", routes::replace_route),
    write("ReplaceRouteTableAssociation", "lets a subnet ask another table", routes::replace_association),
    write("RevokeSecurityGroupEgress", "takes rules for traffic out away", groups::revoke_egress),
    write("RevokeSecurityGroupIngress", "takes rules for traffic in away", groups::revoke_ingress),
    write("RunInstances", "starts an instance", instances::run),
    write("StartInstances", "starts stopped instances", instances::start),
    write("StopInstances", "stops instances", instances::stop),
    write("TerminateInstances", "ends instances", instances::terminate),
];
