//! What a program does once when it starts: it subscribes addresses of its own to topics, through the same door as
//! people. Does not know what comes of it.

use super::doing::{Came, Doing, Mail};
use super::{env, holds, note, role_session, short};
use crate::world::World;
use crate::world::apps::InstanceId;
use crate::world::apps::instance::fill;
use crate::world::aws;
use crate::world::aws::call::{Caller, Request};
use serde_json::json;
use std::sync::Arc;

/// A process listens at `world.now`.
pub fn hook(world: &mut World, id: InstanceId) {
    super::saver::act(world, id);
    let now = world.now;
    let Some(instance) = world.apps.instance(id).cloned().filter(|instance| instance.runs_at(now)) else { return };
    let Some(work) = instance.app().and_then(|app| app.work.clone()) else { return };
    for (name, subscribe) in &work.subscribes {
        if !holds(world, &instance, &subscribe.only, now, 0) {
            continue;
        }
        let topic = env(&instance, &subscribe.topic).to_string();
        let endpoint = fill(&subscribe.endpoint, &[(Arc::from("pod"), instance.launch.pod.to_string())]);
        let protocol = endpoint.split("://").next().unwrap_or("https").to_string();
        let request = Request {
            service: "sns".into(),
            operation: "Subscribe".into(),
            input: json!({ "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint }),
            caller: Caller { user: instance.app_name().into(), arn: role_session(world, &instance).to_string() },
            region: world.aws.region.to_string(),
            agent: instance.app_name().into(),
        };
        let done = aws::handle(world, &request);
        let mut doing = Doing::new(now, &instance, &Arc::from(name.as_str()), 0);
        doing.mail = Mail { to: short(&topic), attrs: Arc::from(endpoint), ..Mail::default() };
        match done {
            Ok(answer) => {
                let arn = answer.body.get("SubscriptionArn").and_then(|arn| arn.as_str()).unwrap_or_default();
                doing.mail.id = Arc::from(arn);
                doing.line.clone_from(&subscribe.line);
            }
            Err(fault) => {
                let error = format!("operation error SNS: Subscribe, {}: {}", fault.code, fault.message);
                doing.came = Came { outcome: Arc::from(fault.code), error: Arc::from(error) };
                doing.line.clone_from(&subscribe.failed_line);
            }
        }
        note(world, doing);
    }
}
