//! Functions in the shapes that the service answers with. Does not know requests.

use super::function::{Config, Function};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A change of code or configuration is in progress for a while (Lambda Developer Guide, "Lambda function states"); a new
/// function that has to be attached to a VPC is `Pending` for longer.
pub const UPDATES: Span = Span::secs(3);
pub const ATTACHES: Span = Span::secs(40);

/// Thirty-two bytes from a name, base64: a digest as Lambda shows it.
fn digest(name: &str) -> String {
    let lot = dice::hash_name(name);
    let bytes: Vec<u8> = (0..4).flat_map(|n| dice::at(lot, n, 3).to_be_bytes()).collect();
    STANDARD.encode(bytes)
}

/// When an update of the configuration that was set last is over.
pub fn settled(function: &Function) -> Time {
    function.config.points().last().map_or(function.created, |(from, _)| *from)
}

/// `FunctionConfiguration` of a version (0 is `$LATEST`).
pub fn configuration(world: &World, function: &Function, version: u32, qualifier: &str) -> Value {
    let config =
        if version == 0 { function.latest() } else { function.config_at(version, world.now).unwrap_or_default() };
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| drop(body.insert(key.to_string(), value));
    let word = if version == 0 { "$LATEST".to_string() } else { version.to_string() };
    put("FunctionName", json!(&*function.name));
    put("FunctionArn", json!(super::qualified_arn(function, if version == 0 { qualifier } else { &word })));
    put("Runtime", json!(config.runtime));
    put("Role", json!(config.role));
    put("Handler", json!(config.handler));
    put("CodeSize", json!(config.code.size));
    put("Description", json!(config.description));
    put("Timeout", json!(config.timeout));
    put("MemorySize", json!(config.memory));
    put("LastModified", json!(config.modified.rfc3339_millis().replace('Z', "+0000")));
    put("CodeSha256", json!(digest(&config.code.place)));
    put("Version", json!(word));
    if !config.net.subnets.is_empty() {
        put("VpcConfig", net(world, &config));
    }
    if !config.dead_letter.is_empty() {
        put("DeadLetterConfig", json!({ "TargetArn": config.dead_letter }));
    }
    if !config.env.is_empty() {
        put("Environment", json!({ "Variables": config.env }));
    }
    put("TracingConfig", json!({ "Mode": "PassThrough" }));
    let lot = dice::at(world.seed, dice::hash_name(&function.name), config.revision);
    put("RevisionId", json!(super::super::message::uuid((u128::from(lot) << 64) | u128::from(dice::at(lot, 1, 1)))));
    if version == 0 {
        let (now, ready) = (world.now, settled(function));
        let created = function.config.points().len() == 1 && now < ready;
        put("State", json!(if created { "Pending" } else { "Active" }));
        if created {
            put("StateReason", json!("The function is being created."));
            put("StateReasonCode", json!("Creating"));
        }
        put("LastUpdateStatus", json!(if now < ready && !created { "InProgress" } else { "Successful" }));
        if now < ready && !created {
            put("LastUpdateStatusReason", json!("The function is being created."));
            put("LastUpdateStatusReasonCode", json!("Creating"));
        }
    } else {
        put("State", json!("Active"));
        put("LastUpdateStatus", json!("Successful"));
    }
    put("PackageType", json!(if config.runtime.is_empty() { "Image" } else { "Zip" }));
    put("Architectures", json!([if config.code.arm { "arm64" } else { "x86_64" }]));
    put("EphemeralStorage", json!({ "Size": 512 }));
    put("SnapStart", json!({ "ApplyOn": "None", "OptimizationStatus": "Off" }));
    put("LoggingConfig", json!({ "LogFormat": "Text", "LogGroup": super::group_of(&function.name) }));
    Value::Object(body)
}

fn net(world: &World, config: &Config) -> Value {
    let vpc = config.net.subnets.first().and_then(|subnet| world.aws.network.get(subnet));
    let vpc = vpc.map_or("", |subnet| subnet.text("VpcId"));
    json!({
        "SubnetIds": config.net.subnets,
        "SecurityGroupIds": config.net.groups,
        "VpcId": vpc,
        "Ipv6AllowedForDualStack": false,
    })
}
