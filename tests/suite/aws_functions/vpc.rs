//! Functions in a VPC: what they reach depends on their subnets' routes, and their bytes take those ways.

use super::function;
use crate::aws_messages::Desk;
use crate::aws_network;
use serde_json::{Value, json};
use whodunit::stdx::time::Span;
use whodunit::world::aws::{ec2, lambda};

fn desk() -> Desk {
    let flows = json!({ "fetch": {
        "from": "function/caller", "to": "internet:feed.example", "range": "203.0.113.0/28",
        "out": { "per_hour": "60MB" }, "in": { "per_hour": "60MB" },
    } });
    let mut desk = Desk { world: aws_network::network(3, flows) };
    let programs = json!({
        "caller": { "init": "200ms", "memory": 50, "steps": [{ "is": "put", "bucket": "elsewhere", "takes": "40ms" },
            { "is": "call", "partner": "feed", "takes": "40ms" }] },
        "member": { "init": "200ms", "memory": 50, "steps": [{ "is": "query", "database": "desk", "takes": "5ms" }] },
        "reader": { "init": "200ms", "memory": 50, "steps": [{ "is": "query", "takes": "5ms" }] },
    });
    assert!(lambda::describe(&mut desk.world, &programs).is_empty());
    desk
}

fn subnet(desk: &Desk, name: &str) -> String {
    ec2::id_of(&desk.world, name).unwrap().to_string()
}

fn error(desk: &mut Desk, name: &str) -> Value {
    let body = desk.ask("lambda", "Invoke", json!({ "FunctionName": name })).unwrap();
    body["FunctionError"].clone()
}

#[test]
fn a_way_out_is_a_matter_of_the_subnets_routes() {
    let mut desk = desk();
    let private = subnet(&desk, "private-a");
    function(&mut desk, "caller", json!({ "VpcConfig": { "SubnetIds": [private], "SecurityGroupIds": [] } }));
    assert_eq!(error(&mut desk, "caller"), Value::Null);
    // An internet gateway is no way for a function: it has no public address.
    let public = subnet(&desk, "public-a");
    let input = json!({ "FunctionName": "caller", "VpcConfig": { "SubnetIds": [public], "SecurityGroupIds": [] } });
    desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap();
    desk.wait(Span::mins(1));
    assert_eq!(error(&mut desk, "caller"), "Unhandled");
    // Back behind the NAT gateway it works again; without its route it does not.
    let input = json!({ "FunctionName": "caller", "VpcConfig": { "SubnetIds": [private], "SecurityGroupIds": [] } });
    desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap();
    desk.wait(Span::mins(1));
    assert_eq!(error(&mut desk, "caller"), Value::Null);
    let table = subnet(&desk, "rtb-priv-a");
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" });
    desk.ask("ec2", "DeleteRoute", route).unwrap();
    desk.wait(Span::mins(1));
    assert_eq!(error(&mut desk, "caller"), "Unhandled");
}

#[test]
fn what_is_inside_is_not_reached_from_outside() {
    let mut desk = desk();
    function(&mut desk, "reader", json!({}));
    assert_eq!(error(&mut desk, "reader"), "Unhandled");
    let private = subnet(&desk, "private-a");
    let input = json!({ "FunctionName": "reader", "VpcConfig": { "SubnetIds": [private], "SecurityGroupIds": [] } });
    desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap();
    desk.wait(Span::mins(1));
    assert_eq!(error(&mut desk, "reader"), Value::Null);
}

#[test]
fn bytes_of_a_function_pass_the_gateway_only_while_it_is_attached() {
    let mut desk = desk();
    let nat = |desk: &Desk| {
        let meters = whodunit::world::aws::service::find("ec2").unwrap().meters;
        let rows = (meters[0].read)(&desk.world, 0, desk.world.now.0 / 3_600_000 + 1);
        rows.iter().filter(|row| row.usage_type == "NatGateway-Bytes").map(|row| row.micros).sum::<i128>()
    };
    function(&mut desk, "caller", json!({}));
    desk.wait(Span::hours(2));
    assert_eq!(nat(&desk), 0);
    let private = subnet(&desk, "private-a");
    let input = json!({ "FunctionName": "caller", "VpcConfig": { "SubnetIds": [private], "SecurityGroupIds": [] } });
    desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap();
    desk.wait(Span::hours(2));
    let attached = nat(&desk);
    assert!(attached > 0);
    let input = json!({ "FunctionName": "caller", "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] } });
    desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap();
    desk.wait(Span::mins(10));
    let left = nat(&desk);
    desk.wait(Span::hours(2));
    assert_eq!(nat(&desk), left);
    // Its interface is there while it is attached.
    let body = desk.ask("ec2", "DescribeNetworkInterfaces", json!({})).unwrap();
    let all = body["NetworkInterfaces"].as_array().unwrap();
    assert!(!all.iter().any(|one| one["Description"].as_str().unwrap_or_default().contains("Lambda")));
}

/// A database takes whom its group lets in. A function whose packets are dropped hears nothing, and is stopped by its timeout.
#[test]
fn a_database_takes_whom_its_group_lets_in() {
    let mut desk = desk();
    let vpc = desk.ask("ec2", "DescribeVpcs", json!({})).unwrap()["Vpcs"][0]["VpcId"].clone();
    let mut group = |name: &str| {
        let input = json!({ "GroupName": name, "Description": name, "VpcId": vpc });
        desk.ask("ec2", "CreateSecurityGroup", input).unwrap()["GroupId"].as_str().unwrap().to_string()
    };
    let (functions, data) = (group("functions"), group("data"));
    desk.ask(
        "rds",
        "CreateDBInstance",
        json!({
        "DBInstanceIdentifier": "desk", "Engine": "postgres", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": 20,
        "MasterUsername": "desk", "MasterUserPassword": "kept-elsewhere", "VpcSecurityGroupIds": [data] }),
    )
    .unwrap();
    desk.wait(Span::mins(30));
    let private = subnet(&desk, "private-a");
    let config = json!({ "VpcConfig": { "SubnetIds": [private], "SecurityGroupIds": [functions] } });
    function(&mut desk, "member", config);
    let waits = |desk: &mut Desk| {
        let body = desk.ask("lambda", "Invoke", json!({ "FunctionName": "member", "LogType": "Tail" })).unwrap();
        use base64::Engine;
        let log = base64::engine::general_purpose::STANDARD.decode(body["LogResult"].as_str().unwrap()).unwrap();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(body["FunctionError"] == "Unhandled", log.contains("Task timed out after 3.00 seconds"), "{log}");
        body["FunctionError"] == "Unhandled"
    };
    assert!(waits(&mut desk), "nobody is let in yet");
    let rule = |port: i64| {
        json!({ "GroupId": data, "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
        "UserIdGroupPairs": [{ "GroupId": functions }] }] })
    };
    desk.ask("ec2", "AuthorizeSecurityGroupIngress", rule(3306)).unwrap();
    assert!(waits(&mut desk), "that is another port");
    desk.ask("ec2", "AuthorizeSecurityGroupIngress", rule(5432)).unwrap();
    assert!(!waits(&mut desk));
    desk.ask("ec2", "RevokeSecurityGroupIngress", rule(5432)).unwrap();
    assert!(waits(&mut desk));
}
