//! Policies, identities and keys: who may do what, and what a refusal says.

use super::*;
use whodunit::world::aws::policy::{self, Ask, Context, Decision, Flaw, Held, Holder, Kind, Principal};
use whodunit::world::aws::{iam, kms};

fn document(statement: Value, kind: Kind) -> Result<policy::Document, Flaw> {
    policy::parse(&json!({ "Version": "2012-10-17", "Statement": statement }).to_string(), kind)
}

#[test]
fn malformed_documents_are_refused_in_the_services_words() {
    let allow = |more: Value| {
        let mut statement = json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" });
        for (key, value) in more.as_object().unwrap() {
            if value.is_null() {
                statement.as_object_mut().unwrap().remove(key);
            } else {
                statement[key] = value.clone();
            }
        }
        document(statement, Kind::Identity).map(|_| ()).map_err(|flaw| flaw.say()).err().unwrap_or_default()
    };
    let table = [
        (json!({}), ""),
        (json!({ "Action": null }), "Policy statement must contain actions."),
        (
            json!({ "Action": "SendMessage" }),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (json!({ "Action": "sqs:Send:Message" }), "Actions/Condition can contain only one colon."),
        (json!({ "Action": "s q s:Send" }), "Vendor s q s is not valid"),
        (json!({ "Resource": null }), "Policy statement must contain resources."),
        (json!({ "Resource": "orders" }), "Resource orders must be in ARN format or \"*\"."),
        (json!({ "Resource": "arn:awz:sqs:::x" }), "Partition \"awz\" is not valid for resource \"arn:awz:sqs:::x\"."),
        (json!({ "Principal": "*" }), "Policy document should not specify a principal."),
        (json!({ "Effect": "allow" }), "Syntax errors in policy."),
        (json!({ "Effekt": "Allow" }), "Syntax errors in policy."),
        (json!({ "NotAction": "sqs:*" }), "Syntax errors in policy."),
        (json!({ "Condition": { "StringSame": { "aws:x": "y" } } }), "Invalid Condition type : StringSame."),
    ];
    for (more, say) in table {
        assert_eq!(allow(more.clone()), say, "{more}");
    }
    for text in ["", "{", "[]", "7", "{\"Statement\":[]}", "\u{0}", &"[".repeat(5_000)] {
        assert!(policy::parse(text, Kind::Resource).is_err(), "{text:.20}");
    }
    assert_eq!(policy::parse("{}", Kind::Identity), Err(Flaw::NoStatement));
    let old = json!({ "Version": "2012-10-16", "Statement": [] }).to_string();
    assert_eq!(policy::parse(&old, Kind::Identity), Err(Flaw::Version));
    // Each service complains in its own way.
    let flaw = Flaw::Principal("\"AWS\":\"nobody\"".into());
    assert_eq!(policy::complaint("sqs", &flaw).message, "Invalid value for the parameter Policy.");
    assert_eq!(policy::complaint("sns", &flaw).message, "Invalid parameter: Policy Error: PrincipalNotFound");
    assert_eq!(policy::complaint("s3api", &flaw).message, "Invalid principal in policy");
    assert_eq!(policy::complaint("iam", &flaw).code, "MalformedPolicyDocument");
}

fn oncall() -> Principal {
    Principal {
        arn: "arn:aws:sts::123456789012:assumed-role/oncall/learner".into(),
        role: "arn:aws:iam::123456789012:role/oncall".into(),
        account: "123456789012".into(),
        ..Principal::default()
    }
}

fn decide(identity: Option<Value>, resource: Option<Value>, who: &Principal, context: &Context) -> Decision {
    let identity = identity.map(|statement| document(statement, Kind::Identity).unwrap());
    let resource = resource.map(|statement| document(statement, Kind::Resource).unwrap());
    let mut held = Vec::new();
    held.extend(identity.as_ref().map(|document| Held { by: Holder::Identity, document }));
    held.extend(resource.as_ref().map(|document| Held { by: Holder::Resource, document }));
    let queue = whole("orders");
    let ask = Ask { principal: who, action: "sqs:SendMessage", resource: &queue, account: "123456789012", context };
    policy::decide(&held, &ask)
}

#[test]
fn deny_beats_allow_beats_nothing() {
    let none = Context::default();
    let allow = json!({ "Effect": "Allow", "Action": "SQS:send*", "Resource": "arn:aws:sqs:*:123456789012:ord?rs" });
    let deny = json!({ "Effect": "Deny", "NotAction": "sqs:ReceiveMessage", "Resource": "*" });
    let role = json!({ "AWS": "arn:aws:iam::123456789012:role/oncall" });
    let root = json!({ "AWS": "arn:aws:iam::123456789012:root" });
    let of = |principal: &Value, effect: &str| json!({ "Effect": effect, "Principal": principal, "Action": "sqs:*", "Resource": "*" });
    let implicit = Decision::ImplicitDeny { kind: Holder::Identity };
    let table = [
        (None, None, implicit),
        (Some(allow.clone()), None, Decision::Allowed),
        (Some(json!([allow, deny])), None, Decision::ExplicitDeny { by: Holder::Identity }),
        (None, Some(of(&role, "Allow")), Decision::Allowed),
        // The account's name leaves it to identity policies.
        (None, Some(of(&root, "Allow")), implicit),
        (Some(allow.clone()), Some(of(&root, "Allow")), Decision::Allowed),
        (Some(allow.clone()), Some(of(&root, "Deny")), Decision::ExplicitDeny { by: Holder::Resource }),
        (Some(allow.clone()), Some(of(&json!("*"), "Deny")), Decision::ExplicitDeny { by: Holder::Resource }),
    ];
    for (identity, resource, expected) in table {
        let what = format!("{identity:?} {resource:?}");
        assert_eq!(decide(identity, resource, &oncall(), &none), expected, "{what}");
    }
    // Another account needs the resource's policy.
    let stranger = Principal {
        account: "999999999999".into(),
        arn: "arn:aws:iam::999999999999:user/x".into(),
        ..Principal::default()
    };
    let theirs = of(&json!({ "AWS": "999999999999" }), "Allow");
    assert_eq!(decide(None, Some(theirs), &stranger, &none), Decision::Allowed);
    assert_eq!(decide(Some(allow), None, &stranger, &none), Decision::ImplicitDeny { kind: Holder::Resource });
}

#[test]
fn a_queue_policy_lets_in_the_topic_that_it_names() {
    let sns = Principal::service("sns.amazonaws.com");
    let topic = "arn:aws:sns:ap-northeast-2:123456789012:order-events";
    let from = |topic: &str| Context::default().with("aws:SourceArn", topic).with("aws:SourceAccount", "123456789012");
    let allow = |operator: &str, value: &str| {
        json!({ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
            "Resource": whole("orders"), "Condition": { operator: { "AWS:SourceArn": value } } })
    };
    let denied = Decision::ImplicitDeny { kind: Holder::Resource };
    let table = [
        ("ArnEquals", topic, Decision::Allowed),
        ("ArnLike", "arn:aws:sns:*:123456789012:order-*", Decision::Allowed),
        ("ArnLike", "arn:aws:sns:*:123456789012:refund-*", denied),
        ("StringEquals", "arn:aws:sns:ap-northeast-2:123456789012:order-events-old", denied),
        ("StringLike", "*:order-events", Decision::Allowed),
        ("StringNotEquals", topic, denied),
        ("StringEqualsIfExists", topic, Decision::Allowed),
    ];
    for (operator, value, expected) in table {
        assert_eq!(decide(None, Some(allow(operator, value)), &sns, &from(topic)), expected, "{operator} {value}");
    }
    // A key that is not there.
    let nothing = Context::default();
    assert_eq!(decide(None, Some(allow("ArnEquals", topic)), &sns, &nothing), denied);
    assert_eq!(decide(None, Some(allow("ArnEqualsIfExists", topic)), &sns, &nothing), Decision::Allowed);
    assert_eq!(decide(None, Some(allow("Null", "true")), &sns, &nothing), Decision::Allowed);
    // No policy at all: INC-15.
    assert_eq!(decide(None, None, &sns, &from(topic)), denied);
}

#[test]
fn conditions_compare_as_they_say() {
    let holds = |operator: &str, key: &str, wanted: Value, given: &[&str]| {
        let statement =
            json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { operator: { key: wanted } } });
        let context = given.iter().fold(Context::default(), |context, value| context.with(key, *value));
        decide(Some(statement), None, &oncall(), &context).allowed()
    };
    assert!(holds("IpAddress", "aws:SourceIp", json!(["10.0.0.0/8", "192.0.2.7"]), &["10.255.1.2"]));
    assert!(!holds("IpAddress", "aws:SourceIp", json!("10.0.0.0/8"), &["11.0.0.1"]));
    assert!(holds("NotIpAddress", "aws:SourceIp", json!("10.0.0.0/8"), &["11.0.0.1"]));
    assert!(!holds("IpAddress", "aws:SourceIp", json!("10.0.0.0/99"), &["10.0.0.1"]));
    assert!(holds("DateLessThan", "aws:CurrentTime", json!("2026-03-03T00:00:00Z"), &["2026-03-02T23:59:59Z"]));
    assert!(!holds("DateLessThan", "aws:CurrentTime", json!("2026-03-03T00:00:00Z"), &["2026-03-03T00:00:00Z"]));
    assert!(holds("NumericLessThanEquals", "aws:x", json!(10), &["9.5"]));
    assert!(!holds("NumericLessThan", "aws:x", json!("10"), &["10.000000001"]));
    assert!(!holds("NumericEquals", "aws:x", json!("ten"), &["10"]));
    assert!(holds("Bool", "aws:SecureTransport", json!("true"), &[]), "everything speaks TLS");
    assert!(holds("StringNotEquals", "aws:SourceVpce", json!("vpce-1"), &[]), "a missing key differs");
    assert!(holds("ForAnyValue:StringLike", "aws:TagKeys", json!("own*"), &["team", "owner"]));
    assert!(!holds("ForAllValues:StringLike", "aws:TagKeys", json!("own*"), &["team", "owner"]));
    assert!(holds("ForAllValues:StringLike", "aws:TagKeys", json!("own*"), &[]));
    assert!(holds("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::*:role/on*"), &[]));
    assert!(!holds("StringNotLike", "aws:PrincipalArn", json!(["*oncall", "x"]), &[]), "all must differ");
}

#[test]
fn globs_are_linear_enough() {
    let text = "a".repeat(2_000);
    let pattern = format!("{}b", "a*".repeat(500));
    assert!(!policy::glob(&pattern, &text));
    assert!(policy::glob("ü?*z", "üñabcz"));
    assert!(!policy::glob("?", "ab"));
    assert!(policy::glob("*", ""));
}

// ---- identities ---------------------------------------------------------------------------------------------------------

pub fn role(world: &mut World, name: &str, statement: Value) {
    let trust = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" } } });
    told(world, "iam", "CreateRole", json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() }));
    inline(world, name, statement);
    pass(world, Span::secs(10));
}

fn inline(world: &mut World, name: &str, statement: Value) {
    let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    told(
        world,
        "iam",
        "PutRolePolicy",
        json!({ "RoleName": name, "PolicyName": "rights", "PolicyDocument": document }),
    );
}

#[test]
fn who_may_not_is_told_so_as_the_service_does() {
    let world = &mut world();
    role(world, "shipping", json!({ "Effect": "Allow", "Action": "sqs:DeleteMessage", "Resource": "*" }));
    let me = "arn:aws:sts::123456789012:assumed-role/shipping/shipping";
    let url = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/orders";
    let topic = "arn:aws:sns:ap-northeast-2:123456789012:order-events";
    let queue = whole("orders");
    let table = [
        (
            "sqs",
            "ReceiveMessage",
            json!({ "QueueUrl": url }),
            "AccessDenied",
            format!(
                "User: {me} is not authorized to perform: sqs:receivemessage on resource: {queue} because no identity-based policy allows the sqs:receivemessage action"
            ),
        ),
        (
            "sns",
            "Publish",
            json!({ "TopicArn": topic }),
            "AuthorizationError",
            format!(
                "User: {me} is not authorized to perform: SNS:Publish on resource: {topic} because no identity-based policy allows the SNS:Publish action"
            ),
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            json!({}),
            "AccessDenied",
            format!(
                "User: {me} is not authorized to perform: cloudwatch:DescribeAlarms because no identity-based policy allows the cloudwatch:DescribeAlarms action"
            ),
        ),
        (
            "logs",
            "DescribeLogGroups",
            json!({}),
            "AccessDeniedException",
            format!(
                "User: {me} is not authorized to perform: logs:DescribeLogGroups on resource: arn:aws:logs:ap-northeast-2:123456789012:log-group::log-stream: because no identity-based policy allows the logs:DescribeLogGroups action"
            ),
        ),
        (
            "ec2",
            "DescribeVpcs",
            json!({}),
            "UnauthorizedOperation",
            format!(
                "You are not authorized to perform this operation. User: {me} is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"
            ),
        ),
    ];
    for (service, operation, input, code, message) in table {
        let fault = by(world, "shipping", service, operation, input).expect_err(operation);
        assert_eq!((fault.code.as_str(), fault.message), (code, message), "{operation}");
    }
}

#[test]
fn a_change_of_rights_spreads_and_whose_role_is_gone_is_nobody() {
    let world = &mut world();
    role(world, "shipping", json!({ "Effect": "Allow", "Action": "sqs:DeleteMessage", "Resource": "*" }));
    // An explicit deny, after the change has spread and not before.
    inline(
        world,
        "shipping",
        json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "cloudwatch:Describe*", "Resource": "*" }]),
    );
    assert!(by(world, "shipping", "cloudwatch", "ListMetrics", json!({})).is_err());
    pass(world, Span::secs(5));
    assert!(by(world, "shipping", "cloudwatch", "ListMetrics", json!({})).is_ok());
    let fault = by(world, "shipping", "cloudwatch", "DescribeAlarms", json!({})).unwrap_err();
    assert!(fault.message.ends_with("cloudwatch:DescribeAlarms with an explicit deny in an identity-based policy"));
    // Nobody declared the learner's role: everything is allowed. Whom one is can always be asked.
    let who = told(world, "sts", "GetCallerIdentity", json!({}));
    assert_eq!(who["Arn"], "arn:aws:sts::123456789012:assumed-role/oncall/learner");
    // Whose role is gone has a token of nobody.
    told(world, "iam", "DeleteRolePolicy", json!({ "RoleName": "shipping", "PolicyName": "rights" }));
    told(world, "iam", "DeleteRole", json!({ "RoleName": "shipping" }));
    let fault = by(world, "shipping", "cloudwatch", "ListMetrics", json!({})).unwrap_err();
    assert_eq!(fault.code, "InvalidClientTokenId");
}

#[test]
fn roles_and_policies_are_kept_as_iam_keeps_them() {
    let world = &mut world();
    role(
        world,
        "fn-labels",
        json!({ "Effect": "Allow", "Action": ["sqs:ReceiveMessage", "kms:Decrypt"], "Resource": "*" }),
    );
    let arn = told(
        world,
        "iam",
        "CreatePolicy",
        json!({ "PolicyName": "deny-all", "PolicyDocument":
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "kms:*", "Resource": "*" } }).to_string() }),
    );
    let arn = arn["Policy"]["Arn"].as_str().unwrap().to_string();
    assert_eq!(arn, "arn:aws:iam::123456789012:policy/deny-all");
    let attach = json!({ "RoleName": "fn-labels", "PolicyArn": arn });
    told(world, "iam", "AttachRolePolicy", attach.clone());
    let attached = told(world, "iam", "ListAttachedRolePolicies", json!({ "RoleName": "fn-labels" }));
    assert_eq!(attached["AttachedPolicies"], json!([{ "PolicyName": "deny-all", "PolicyArn": arn }]));
    let simulated = told(
        world,
        "iam",
        "SimulatePrincipalPolicy",
        json!({
        "PolicySourceArn": "arn:aws:iam::123456789012:role/fn-labels",
        "ActionNames": ["sqs:ReceiveMessage", "kms:Decrypt", "sns:Publish"] }),
    );
    let decisions: Vec<&str> = simulated["EvaluationResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["EvalDecision"].as_str().unwrap())
        .collect();
    assert_eq!(decisions, ["allowed", "explicitDeny", "implicitDeny"]);
    assert_eq!(simulated["EvaluationResults"][1]["MatchedStatements"][0]["SourcePolicyId"], "deny-all");
    let (code, message) = refused(world, "iam", "DeleteRole", json!({ "RoleName": "fn-labels" }));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    );
    let (code, message) = refused(world, "iam", "GetRole", json!({ "RoleName": "nobody" }));
    assert_eq!((code.as_str(), message.as_str()), ("NoSuchEntity", "The role with name nobody cannot be found."));
    let missing = json!({ "RoleName": "fn-labels", "PolicyArn": "arn:aws:iam::aws:policy/Nothing" });
    let (_, message) = refused(world, "iam", "AttachRolePolicy", missing);
    assert_eq!(message, "Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.");
    let bad = json!({ "RoleName": "fn-labels", "PolicyName": "x", "PolicyDocument": "{" });
    assert_eq!(refused(world, "iam", "PutRolePolicy", bad).0, "MalformedPolicyDocument");
    let long = json!({ "RoleName": "fn-labels", "PolicyName": "x", "PolicyDocument": "x".repeat(10_241) });
    assert_eq!(
        refused(world, "iam", "PutRolePolicy", long).1,
        "Maximum policy size of 10240 bytes exceeded for role fn-labels"
    );
    let changed = ask(world, "iam", "DetachRolePolicy", attach).altered.unwrap();
    assert_eq!((changed.kind.as_str(), changed.name.as_str()), ("AWS::IAM::Role", "fn-labels"));
    assert_eq!(changed.changed[0].path, format!("ManagedPolicyArns[{arn}]"));
}

#[test]
fn a_key_is_used_by_whom_its_policy_names() {
    let world = &mut world();
    let id = told(world, "kms", "CreateKey", json!({ "Description": "queues" }))["KeyMetadata"]["KeyId"]
        .as_str()
        .unwrap()
        .to_string();
    told(world, "kms", "CreateAlias", json!({ "AliasName": "alias/queues", "TargetKeyId": id }));
    pass(world, Span::mins(1));
    let sns = Principal::service("sns.amazonaws.com");
    let shipping = iam::principal(world, "shipping");
    let can = |world: &World, who: &Principal| {
        kms::may_use(world, world.now, "alias/queues", who, "kms:Decrypt").map_err(|fault| fault.code)
    };
    assert_eq!(can(world, &shipping), Ok(()), "the account's identity policies decide");
    assert_eq!(can(world, &sns), Err("AccessDeniedException".into()), "INC-15 C");
    let root = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "kms:*", "Resource": "*" });
    let service = json!({ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*" });
    let text = json!({ "Version": "2012-10-17", "Statement": [root, service] }).to_string();
    told(world, "kms", "PutKeyPolicy", json!({ "KeyId": id, "Policy": text }));
    let before = world.now;
    pass(world, Span::secs(5));
    assert_eq!(can(world, &sns), Ok(()));
    assert!(kms::may_use(world, before, "alias/queues", &sns, "kms:Decrypt").is_err(), "as it was then");
    let lockout = json!({ "Version": "2012-10-17", "Statement": service }).to_string();
    let (code, message) = refused(world, "kms", "PutKeyPolicy", json!({ "KeyId": id, "Policy": lockout }));
    assert_eq!(code, "MalformedPolicyDocumentException");
    assert_eq!(message, "The new key policy will not allow you to update the key policy in the future.");
    told(world, "kms", "DisableKey", json!({ "KeyId": "alias/queues" }));
    pass(world, Span::secs(5));
    assert_eq!(can(world, &sns), Err("DisabledException".into()));
    let fault = kms::may_use(world, world.now, &id, &sns, "kms:Decrypt").unwrap_err();
    assert_eq!(kms::through("sqs", fault).code, "KMS.DisabledException");
    // SNS cannot write under the key that AWS manages for SQS.
    assert!(kms::may_use(world, world.now, "alias/aws/sqs", &sns, "kms:GenerateDataKey").is_err());
    assert!(kms::may_use(world, world.now, "alias/aws/sqs", &shipping, "kms:Decrypt").is_ok());
    let (code, message) = refused(world, "kms", "DescribeKey", json!({ "KeyId": "alias/none" }));
    assert_eq!(code, "NotFoundException");
    assert_eq!(message, "Alias arn:aws:kms:ap-northeast-2:123456789012:alias/none is not found.");
}
