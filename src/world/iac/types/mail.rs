//! Mail: identities, configuration sets and their event destinations, what the suppression list is for. Ids carry the
//! region: `us-east-1/scoopline.example`. Does not know letters.

use super::{Attributes, Fault, Hand, Is, Rule, TypeRow, attr, inputs, taken, text};
use serde_json::{Value, json};

const GONE: &[&str] = &["NotFoundException"];

/// The region that the code says, or the account's.
fn region(hand: &Hand, wanted: &Attributes) -> String {
    let given = text(wanted, "region");
    if given.is_empty() { hand.world.aws.region.to_string() } else { given.to_string() }
}

fn id(hand: &Hand, wanted: &Attributes, name: &str) -> String {
    format!("{}/{}", region(hand, wanted), text(wanted, name))
}

fn parts(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or(("", id))
}

/// Asks in a region for something that may not be there.
fn find(hand: &mut Hand, region: &str, operation: &str, input: Value) -> Result<Option<Value>, Fault> {
    match hand.ask_in(region, "sesv2", operation, input) {
        Ok(body) => Ok(Some(body)),
        Err(fault) if GONE.contains(&fault.code.as_str()) => Ok(None),
        Err(fault) => Err(fault),
    }
}

pub static EMAIL_IDENTITY: TypeRow = TypeRow {
    name: "aws_sesv2_email_identity",
    noun: "SESv2 Email Identity",
    kind: "AWS::SES::EmailIdentity",
    attributes: &[
        attr("configuration_set_name", Is::Text, Rule::Optional).forces(),
        attr("email_identity", Is::Text, Rule::Required).forces(),
        attr("identity_type", Is::Text, Rule::Computed),
        attr("region", Is::Text, Rule::Kept).forces(),
    ],
    create: |hand, wanted| {
        let members = [("configuration_set_name", "ConfigurationSetName"), ("email_identity", "EmailIdentity")];
        let region = region(hand, wanted);
        hand.ask_in(&region, "sesv2", "CreateEmailIdentity", Value::Object(inputs(wanted, &members)))?;
        Ok(id(hand, wanted, "email_identity"))
    },
    read: |hand, id, _| {
        let (region, name) = parts(id);
        let body = find(hand, region, "GetEmailIdentity", json!({ "EmailIdentity": name }))?;
        Ok(body.map(|body| {
            let members = [("configuration_set_name", "ConfigurationSetName"), ("identity_type", "IdentityType")];
            let mut out = taken(&body, &members);
            out.insert("email_identity".into(), name.into());
            out.insert("region".into(), region.into());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| {
        let (region, name) = parts(id);
        find(hand, region, "DeleteEmailIdentity", json!({ "EmailIdentity": name })).map(drop)
    },
};

pub static SET: TypeRow = TypeRow {
    name: "aws_sesv2_configuration_set",
    noun: "SESv2 Configuration Set",
    kind: "AWS::SES::ConfigurationSet",
    attributes: &[
        attr("configuration_set_name", Is::Text, Rule::Required).forces(),
        attr("region", Is::Text, Rule::Kept).forces(),
    ],
    create: |hand, wanted| {
        let region = region(hand, wanted);
        let input = json!({ "ConfigurationSetName": text(wanted, "configuration_set_name") });
        hand.ask_in(&region, "sesv2", "CreateConfigurationSet", input)?;
        Ok(id(hand, wanted, "configuration_set_name"))
    },
    read: |hand, id, _| {
        let (region, name) = parts(id);
        let body = find(hand, region, "GetConfigurationSet", json!({ "ConfigurationSetName": name }))?;
        Ok(body.map(|_| {
            let pairs = [("configuration_set_name", name), ("region", region)];
            pairs.into_iter().map(|(key, value)| (key.to_string(), value.into())).collect()
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| {
        let (region, name) = parts(id);
        find(hand, region, "DeleteConfigurationSet", json!({ "ConfigurationSetName": name })).map(drop)
    },
};

pub static DESTINATION: TypeRow = TypeRow {
    name: "aws_sesv2_configuration_set_event_destination",
    noun: "SESv2 Configuration Set Event Destination",
    kind: "AWS::SES::ConfigurationSetEventDestination",
    attributes: &[
        attr("configuration_set_name", Is::Text, Rule::Required).forces(),
        attr("event_destination_name", Is::Text, Rule::Required).forces(),
        attr("matching_event_types", Is::Set, Rule::Required).forces(),
        attr("region", Is::Text, Rule::Kept).forces(),
        attr("topic_arn", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let region = region(hand, wanted);
        let input = json!({
            "ConfigurationSetName": text(wanted, "configuration_set_name"),
            "EventDestinationName": text(wanted, "event_destination_name"),
            "EventDestination": {
                "Enabled": true,
                "MatchingEventTypes": wanted.get("matching_event_types"),
                "SnsDestination": { "TopicArn": text(wanted, "topic_arn") },
            },
        });
        hand.ask_in(&region, "sesv2", "CreateConfigurationSetEventDestination", input)?;
        let set = id(hand, wanted, "configuration_set_name");
        Ok(format!("{set}|{}", text(wanted, "event_destination_name")))
    },
    read: |hand, id, _| {
        let (place, name) = id.split_once('|').unwrap_or((id, ""));
        let (region, set) = parts(place);
        let input = json!({ "ConfigurationSetName": set });
        let body = find(hand, region, "GetConfigurationSetEventDestinations", input)?.unwrap_or_default();
        let found = body["EventDestinations"].as_array().into_iter().flatten().find(|one| one["Name"] == name);
        Ok(found.map(|one| {
            let mut out =
                taken(one, &[("event_destination_name", "Name"), ("matching_event_types", "MatchingEventTypes")]);
            out.insert("configuration_set_name".into(), set.into());
            out.insert("region".into(), region.into());
            out.insert("topic_arn".into(), one["SnsDestination"]["TopicArn"].clone());
            out
        }))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| {
        let (place, name) = id.split_once('|').unwrap_or((id, ""));
        let (region, set) = parts(place);
        let input = json!({ "ConfigurationSetName": set, "EventDestinationName": name });
        find(hand, region, "DeleteConfigurationSetEventDestination", input).map(drop)
    },
};

pub static SUPPRESSION: TypeRow = TypeRow {
    name: "aws_sesv2_account_suppression_attributes",
    noun: "SESv2 Account Suppression Attributes",
    kind: "AWS::SES::Account",
    attributes: &[attr("region", Is::Text, Rule::Kept).forces(), attr("suppressed_reasons", Is::Set, Rule::Required)],
    create: |hand, wanted| {
        let id = id(hand, wanted, "");
        suppress(hand, &id, wanted, &[])?;
        Ok(id)
    },
    read: |hand, id, _| {
        let (region, _) = parts(id);
        let body = hand.ask_in(region, "sesv2", "GetAccount", json!({}))?;
        let mut out = Attributes::from_iter([("region".to_string(), Value::from(region))]);
        out.insert("suppressed_reasons".into(), body["SuppressionAttributes"]["SuppressedReasons"].clone());
        Ok(Some(out))
    },
    update: suppress,
    // The list's reasons stay as they were set.
    delete: |_, _, _| Ok(()),
};

fn suppress(hand: &mut Hand, id: &str, wanted: &Attributes, _changed: &[&str]) -> Result<(), Fault> {
    let (region, _) = parts(id);
    let input = json!({ "SuppressedReasons": wanted.get("suppressed_reasons") });
    hand.ask_in(region, "sesv2", "PutAccountSuppressionAttributes", input).map(drop)
}
