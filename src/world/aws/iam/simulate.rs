//! `SimulatePrincipalPolicy`: what a role's or user's policies would decide. Changes nothing.

use super::{Entity, Sort, Text, known, no_such};
use crate::world::World;
use crate::world::aws::arn::Arn;
use crate::world::aws::call::{Answer, Call, Fault};
use crate::world::aws::policy::{self, Ask, Context, Decision, Document, Held, Holder, Kind};
use serde_json::{Map, Value, json};

/// Combinations of actions and resources in one request (ours).
const RESULTS_MAX: usize = 1_000;

pub fn principal(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = call.text("PolicySourceArn").unwrap_or_default();
    let (name, entity) = entity(world, source)?;
    let texts = texts_of(world, entity);
    let resource_policy = match call.text("ResourcePolicy") {
        Some(text) => {
            let document = policy::parse(text, Kind::Resource);
            Some(document.map_err(|flaw| Fault::new("InvalidInput", flaw.say()))?)
        }
        None => None,
    };
    let principal = super::principal(world, call.text("CallerArn").unwrap_or(source));
    let context = given(call);
    let resources = call.texts("ResourceArns");
    let resources = if resources.is_empty() { vec!["*"] } else { resources };
    let mut results = Vec::new();
    for action in call.texts("ActionNames") {
        if !action.contains(':') {
            let message = format!("Invalid input: action {action} must be prefaced by a vendor.");
            return Err(Fault::new("InvalidInput", message));
        }
        for resource in &resources {
            let ask = Ask { principal: &principal, action, resource, account: &world.aws.id, context: &context };
            if results.len() < RESULTS_MAX {
                results.push(result(&ask, &texts, resource_policy.as_ref()));
            }
        }
    }
    let count = results.len();
    let answer = Answer::of(json!({ "EvaluationResults": results, "IsTruncated": false }));
    let kind = if source.contains(":user/") { Sort::User.kind() } else { Sort::Role.kind() };
    Ok((0..count).fold(answer, |answer, index| answer.about(format!("/EvaluationResults/{index}"), kind, &name)))
}

fn entity<'w>(world: &'w World, source: &str) -> Result<(String, &'w Entity), Fault> {
    let invalid = || {
        Fault::new(
            "InvalidInput",
            format!("Invalid Entity Arn: {source} does not clearly define entity type and name."),
        )
    };
    let arn = Arn::parse(source).filter(|arn| arn.service == "iam").ok_or_else(invalid)?;
    let sort = match arn.resource.split('/').next() {
        Some("role") => Sort::Role,
        Some("user") => Sort::User,
        _ => return Err(invalid()),
    };
    let name = arn.resource.rsplit('/').next().unwrap_or_default().to_string();
    let found = world.aws.identity.entities.get(&(sort, name.clone())).filter(|entity| entity.gone.is_none());
    let entity = found.ok_or_else(|| no_such(format!("The {} with name {name} cannot be found.", sort.word())))?;
    Ok((name, entity))
}

/// Policies by (id, kind of policy, text), as the simulator names them. It looks at what is written, not at what has spread.
fn texts_of(world: &World, entity: &Entity) -> Vec<(String, &'static str, Text)> {
    let inline = entity.inline_now();
    let mut out: Vec<_> = inline.iter().map(|(name, text)| (name.clone(), "IAM Policy", text.clone())).collect();
    for arn in entity.attached_now().iter() {
        let own = world.aws.identity.managed.get(arn).and_then(|managed| managed.counts.last()).cloned();
        let text = own.or_else(|| known::find(arn).map(|(_, text)| text.clone()));
        let name = arn.rsplit('/').next().unwrap_or(arn).to_string();
        out.extend(text.map(|text| (name, "IAM Policy", text)));
    }
    out
}

fn given(call: &Call) -> Context {
    let mut context = Context::default();
    for entry in call.list("ContextEntries") {
        let name = entry.get("ContextKeyName").and_then(Value::as_str).unwrap_or_default();
        let values = entry.get("ContextKeyValues").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for value in values.iter().filter_map(Value::as_str) {
            context = context.with(name, value);
        }
    }
    context
}

fn result(ask: &Ask, texts: &[(String, &'static str, Text)], resource_policy: Option<&Document>) -> Value {
    let mut held: Vec<Held> =
        texts.iter().map(|(_, _, text)| Held { by: Holder::Identity, document: text.document.as_ref() }).collect();
    held.extend(resource_policy.map(|document| Held { by: Holder::Resource, document }));
    let decision = policy::decide(&held, ask);
    let word = match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny { .. } => "explicitDeny",
        Decision::ImplicitDeny { .. } => "implicitDeny",
    };
    let speak = policy::matched(&held, ask, matches!(decision, Decision::ExplicitDeny { .. }));
    let matched: Vec<Value> = speak.iter().map(|(document, statement)| source(texts, *document, *statement)).collect();
    let mut missing: Vec<&str> = texts.iter().flat_map(|(_, _, text)| text.document.keys()).collect();
    missing.retain(|key| ask.context.values(key).is_empty() && !key.starts_with("aws:principal"));
    missing.sort_unstable();
    missing.dedup();
    let mut out = Map::new();
    out.insert("EvalActionName".into(), json!(ask.action));
    out.insert("EvalResourceName".into(), json!(ask.resource));
    out.insert("EvalDecision".into(), json!(word));
    out.insert("MatchedStatements".into(), json!(matched));
    out.insert("MissingContextValues".into(), json!(missing));
    Value::Object(out)
}

fn source(texts: &[(String, &'static str, Text)], document: usize, statement: usize) -> Value {
    let Some((id, kind, text)) = texts.get(document) else {
        return json!({ "SourcePolicyId": "ResourcePolicy", "SourcePolicyType": "Resource Policy" });
    };
    let mut out = json!({ "SourcePolicyId": id, "SourcePolicyType": kind });
    if let (Some([from, to]), Some(out)) = (text.places().get(statement), out.as_object_mut()) {
        out.insert("StartPosition".into(), json!({ "Line": from.0, "Column": from.1 }));
        out.insert("EndPosition".into(), json!({ "Line": to.0, "Column": to.1 }));
    }
    out
}
