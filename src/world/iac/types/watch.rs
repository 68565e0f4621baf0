//! Who may do what, what watches and what is allowed to cost: roles, keys, alarms, log groups, budgets, anomaly
//! monitors; and mail identities. Does not know what they decide.

use super::{
    Attributes, Fault, Hand, Is, Rule, TypeRow, attr, document, inputs, pairs, parsed, table, tags_gone, taken, text,
};
use serde_json::{Map, Value, json};

const ALARM: &[(&str, &str)] = &[
    ("actions_enabled", "ActionsEnabled"),
    ("alarm_actions", "AlarmActions"),
    ("alarm_description", "AlarmDescription"),
    ("alarm_name", "AlarmName"),
    ("comparison_operator", "ComparisonOperator"),
    ("datapoints_to_alarm", "DatapointsToAlarm"),
    ("evaluation_periods", "EvaluationPeriods"),
    ("metric_name", "MetricName"),
    ("namespace", "Namespace"),
    ("ok_actions", "OKActions"),
    ("period", "Period"),
    ("statistic", "Statistic"),
    ("threshold", "Threshold"),
    ("treat_missing_data", "TreatMissingData"),
];

/// Dimensions are pairs of Name and Value in the service, a table in the code.
fn alarm_put(hand: &mut Hand, wanted: &Attributes) -> Result<(), Fault> {
    let mut input = inputs(wanted, ALARM);
    let dimensions = wanted.get("dimensions").and_then(Value::as_object).into_iter().flatten();
    let dimensions: Vec<Value> = dimensions.map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    input.insert("Dimensions".into(), json!(dimensions));
    hand.ask("cloudwatch", "PutMetricAlarm", Value::Object(input)).map(drop)
}

pub static ALARM_ROW: TypeRow = TypeRow {
    name: "aws_cloudwatch_metric_alarm",
    noun: "CloudWatch Metric Alarm",
    kind: "AWS::CloudWatch::Alarm",
    attributes: &[
        attr("actions_enabled", Is::Yes, Rule::Default("true")),
        attr("alarm_actions", Is::Set, Rule::Optional),
        attr("alarm_description", Is::Text, Rule::Optional),
        attr("alarm_name", Is::Text, Rule::Required).forces(),
        attr("arn", Is::Text, Rule::Computed),
        attr("comparison_operator", Is::Text, Rule::Required),
        attr("datapoints_to_alarm", Is::Whole, Rule::Optional),
        attr("dimensions", Is::Map, Rule::Optional),
        attr("evaluation_periods", Is::Whole, Rule::Required),
        attr("metric_name", Is::Text, Rule::Required),
        attr("namespace", Is::Text, Rule::Required),
        attr("ok_actions", Is::Set, Rule::Optional),
        attr("period", Is::Whole, Rule::Required),
        attr("statistic", Is::Text, Rule::Required),
        attr("threshold", Is::Number, Rule::Required),
        attr("treat_missing_data", Is::Text, Rule::Default("\"missing\"")),
    ],
    create: |hand, wanted| alarm_put(hand, wanted).map(|()| text(wanted, "alarm_name").to_string()),
    read: |hand, id, _| {
        let body = hand.ask("cloudwatch", "DescribeAlarms", json!({ "AlarmNames": [id] }))?;
        let Some(alarm) = body["MetricAlarms"].as_array().and_then(|all| all.first()) else { return Ok(None) };
        let mut out = taken(alarm, ALARM);
        out.insert("arn".into(), alarm["AlarmArn"].clone());
        if out.get("treat_missing_data").is_none_or(Value::is_null) {
            out.insert("treat_missing_data".into(), "missing".into());
        }
        let dimensions = alarm["Dimensions"].as_array().into_iter().flatten();
        let dimensions =
            dimensions.filter_map(|pair| Some((pair["Name"].as_str()?.to_string(), pair["Value"].clone())));
        out.insert("dimensions".into(), Value::Object(dimensions.collect()));
        Ok(Some(out))
    },
    update: |hand, _, wanted, _| alarm_put(hand, wanted),
    delete: |hand, id, _| {
        hand.find("cloudwatch", "DeleteAlarms", json!({ "AlarmNames": [id] }), &["ResourceNotFound"]).map(drop)
    },
};

pub static LOG_GROUP: TypeRow = TypeRow {
    name: "aws_cloudwatch_log_group",
    noun: "CloudWatch Logs Log Group",
    kind: "AWS::Logs::LogGroup",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("retention_in_days", Is::Whole, Rule::Default("0")),
    ],
    create: |hand, wanted| {
        let name = text(wanted, "name").to_string();
        hand.ask("logs", "CreateLogGroup", json!({ "logGroupName": name }))?;
        retention(hand, &name, wanted)?;
        Ok(name)
    },
    read: |hand, id, _| {
        let body = hand.ask("logs", "DescribeLogGroups", json!({ "logGroupNamePrefix": id }))?;
        let all = body["logGroups"].as_array();
        let Some(group) = all.into_iter().flatten().find(|group| group["logGroupName"] == id) else { return Ok(None) };
        let mut out = taken(group, &[("arn", "arn"), ("name", "logGroupName")]);
        out.insert("retention_in_days".into(), group["retentionInDays"].as_i64().unwrap_or(0).into());
        Ok(Some(out))
    },
    update: |hand, id, wanted, _| retention(hand, id, wanted),
    delete: |hand, id, _| {
        hand.find("logs", "DeleteLogGroup", json!({ "logGroupName": id }), &["ResourceNotFoundException"]).map(drop)
    },
};

/// Zero days is for ever.
fn retention(hand: &mut Hand, name: &str, wanted: &Attributes) -> Result<(), Fault> {
    match wanted.get("retention_in_days").and_then(Value::as_i64) {
        Some(days) if days > 0 => {
            hand.ask("logs", "PutRetentionPolicy", json!({ "logGroupName": name, "retentionInDays": days })).map(drop)
        }
        _ => hand
            .find("logs", "DeleteRetentionPolicy", json!({ "logGroupName": name }), &["ResourceNotFoundException"])
            .map(drop),
    }
}

pub static ROLE: TypeRow = TypeRow {
    name: "aws_iam_role",
    noun: "IAM Role",
    kind: "AWS::IAM::Role",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("assume_role_policy", Is::Json, Rule::Required),
        attr("description", Is::Text, Rule::Optional).forces(),
        attr("max_session_duration", Is::Whole, Rule::Kept),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("tags", Is::Map, Rule::Optional),
    ],
    create: |hand, wanted| {
        let mut input = inputs(
            wanted,
            &[("description", "Description"), ("max_session_duration", "MaxSessionDuration"), ("name", "RoleName")],
        );
        input.insert("AssumeRolePolicyDocument".into(), document(&wanted["assume_role_policy"]).into());
        if wanted.contains_key("tags") {
            input.insert("Tags".into(), pairs(wanted.get("tags")));
        }
        hand.ask("iam", "CreateRole", Value::Object(input))?;
        Ok(text(wanted, "name").to_string())
    },
    read: |hand, id, _| {
        let Some(body) = hand.find("iam", "GetRole", json!({ "RoleName": id }), &["NoSuchEntity"])? else {
            return Ok(None);
        };
        let role = &body["Role"];
        let members = [
            ("arn", "Arn"),
            ("description", "Description"),
            ("max_session_duration", "MaxSessionDuration"),
            ("name", "RoleName"),
        ];
        let mut out = taken(role, &members);
        out.insert("assume_role_policy".into(), plain(&role["AssumeRolePolicyDocument"]));
        out.insert("tags".into(), table(&role["Tags"]));
        Ok(Some(out))
    },
    update: |hand, id, wanted, changed| {
        if changed.contains(&"assume_role_policy") {
            let policy = document(&wanted["assume_role_policy"]);
            hand.ask("iam", "UpdateAssumeRolePolicy", json!({ "RoleName": id, "PolicyDocument": policy }))?;
        }
        if changed.contains(&"tags") {
            let old = hand.ask("iam", "GetRole", json!({ "RoleName": id }))?;
            let gone = tags_gone(&table(&old["Role"]["Tags"]), wanted);
            if !gone.is_empty() {
                hand.ask("iam", "UntagRole", json!({ "RoleName": id, "TagKeys": gone }))?;
            }
            hand.ask("iam", "TagRole", json!({ "RoleName": id, "Tags": pairs(wanted.get("tags")) }))?;
        }
        Ok(())
    },
    delete: |hand, id, _| hand.find("iam", "DeleteRole", json!({ "RoleName": id }), &["NoSuchEntity"]).map(drop),
};

/// A policy document in an answer: a value already, or its text.
fn plain(value: &Value) -> Value {
    if value.is_object() { value.clone() } else { parsed(value) }
}

fn role_policy_put(hand: &mut Hand, wanted: &Attributes) -> Result<(), Fault> {
    let mut input = inputs(wanted, &[("name", "PolicyName"), ("role", "RoleName")]);
    input.insert("PolicyDocument".into(), document(&wanted["policy"]).into());
    hand.ask("iam", "PutRolePolicy", Value::Object(input)).map(drop)
}

/// The id is `role:name`, as the provider's.
pub static ROLE_POLICY: TypeRow = TypeRow {
    name: "aws_iam_role_policy",
    noun: "IAM Role Policy",
    kind: "AWS::IAM::RolePolicy",
    attributes: &[
        attr("name", Is::Text, Rule::Required).forces(),
        attr("policy", Is::Json, Rule::Required),
        attr("role", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        role_policy_put(hand, wanted)?;
        Ok(format!("{}:{}", text(wanted, "role"), text(wanted, "name")))
    },
    read: |hand, id, _| {
        let (role, name) = id.split_once(':').unwrap_or((id, ""));
        let input = json!({ "RoleName": role, "PolicyName": name });
        let body = hand.find("iam", "GetRolePolicy", input, &["NoSuchEntity"])?;
        Ok(body.map(|body| {
            Attributes::from_iter([
                ("name".to_string(), name.into()),
                ("policy".to_string(), plain(&body["PolicyDocument"])),
                ("role".to_string(), role.into()),
            ])
        }))
    },
    update: |hand, _, wanted, _| role_policy_put(hand, wanted),
    delete: |hand, id, _| {
        let (role, name) = id.split_once(':').unwrap_or((id, ""));
        let input = json!({ "RoleName": role, "PolicyName": name });
        hand.find("iam", "DeleteRolePolicy", input, &["NoSuchEntity"]).map(drop)
    },
};

pub static KEY: TypeRow = TypeRow {
    name: "aws_kms_key",
    noun: "KMS Key",
    kind: "AWS::KMS::Key",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("deletion_window_in_days", Is::Whole, Rule::Optional),
        attr("description", Is::Text, Rule::Optional).forces(),
        attr("enable_key_rotation", Is::Yes, Rule::Default("false")),
        attr("is_enabled", Is::Yes, Rule::Default("true")),
        attr("key_id", Is::Text, Rule::Computed),
        attr("policy", Is::Json, Rule::Kept),
    ],
    create: |hand, wanted| {
        let mut input = inputs(wanted, &[("description", "Description")]);
        if let Some(policy) = wanted.get("policy") {
            input.insert("Policy".into(), document(policy).into());
        }
        let body = hand.ask("kms", "CreateKey", Value::Object(input))?;
        let id = body["KeyMetadata"]["KeyId"].as_str().unwrap_or_default().to_string();
        let on: Vec<&str> = if wanted["enable_key_rotation"] == true { vec!["enable_key_rotation"] } else { vec![] };
        key_update(hand, &id, wanted, &on)?;
        Ok(id)
    },
    read: |hand, id, _| {
        let Some(body) = hand.find("kms", "DescribeKey", json!({ "KeyId": id }), &["NotFoundException"])? else {
            return Ok(None);
        };
        let key = &body["KeyMetadata"];
        if key["KeyState"] == "PendingDeletion" {
            return Ok(None);
        }
        let mut out = taken(key, &[("arn", "Arn"), ("description", "Description"), ("key_id", "KeyId")]);
        out.insert("is_enabled".into(), (key["KeyState"] == "Enabled").into());
        let policy = hand.ask("kms", "GetKeyPolicy", json!({ "KeyId": id, "PolicyName": "default" }))?;
        out.insert("policy".into(), plain(&policy["Policy"]));
        let rotation = hand.ask("kms", "GetKeyRotationStatus", json!({ "KeyId": id }))?;
        out.insert("enable_key_rotation".into(), (rotation["KeyRotationEnabled"] == true).into());
        Ok(Some(out))
    },
    update: key_update,
    delete: |hand, id, known| {
        let days = known.get("deletion_window_in_days").and_then(Value::as_i64).unwrap_or(30);
        let input = json!({ "KeyId": id, "PendingWindowInDays": days });
        hand.find("kms", "ScheduleKeyDeletion", input, &["NotFoundException"]).map(drop)
    },
};

fn key_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    let on = |name: &str| wanted.get(name) == Some(&Value::Bool(true));
    if changed.contains(&"policy") {
        let policy = wanted.get("policy").map(document).unwrap_or_default();
        hand.ask("kms", "PutKeyPolicy", json!({ "KeyId": id, "PolicyName": "default", "Policy": policy }))?;
    }
    for (name, enable, disable) in
        [("enable_key_rotation", "EnableKeyRotation", "DisableKeyRotation"), ("is_enabled", "EnableKey", "DisableKey")]
    {
        if changed.contains(&name) {
            hand.ask("kms", if on(name) { enable } else { disable }, json!({ "KeyId": id }))?;
        }
    }
    Ok(())
}

pub static ALIAS: TypeRow = TypeRow {
    name: "aws_kms_alias",
    noun: "KMS Alias",
    kind: "AWS::KMS::Alias",
    attributes: &[attr("name", Is::Text, Rule::Required).forces(), attr("target_key_id", Is::Text, Rule::Required)],
    create: |hand, wanted| {
        let members = [("name", "AliasName"), ("target_key_id", "TargetKeyId")];
        hand.ask("kms", "CreateAlias", Value::Object(inputs(wanted, &members)))?;
        Ok(text(wanted, "name").to_string())
    },
    read: |hand, id, _| {
        let body = hand.ask("kms", "ListAliases", json!({}))?;
        let own = body["Aliases"].as_array().into_iter().flatten().find(|alias| alias["AliasName"] == id);
        Ok(own.map(|alias| taken(alias, &[("name", "AliasName"), ("target_key_id", "TargetKeyId")])))
    },
    update: |hand, id, wanted, _| {
        let input = json!({ "AliasName": id, "TargetKeyId": text(wanted, "target_key_id") });
        hand.ask("kms", "UpdateAlias", input).map(drop)
    },
    delete: |hand, id, _| hand.find("kms", "DeleteAlias", json!({ "AliasName": id }), &["NotFoundException"]).map(drop),
};

fn account(hand: &Hand) -> String {
    hand.world.aws.id.to_string()
}

/// A budget changes by being made anew.
pub static BUDGET: TypeRow = TypeRow {
    name: "aws_budgets_budget",
    noun: "Budgets Budget",
    kind: "AWS::Budgets::Budget",
    attributes: &[
        attr("budget_type", Is::Text, Rule::Default("\"COST\"")).forces(),
        attr("limit_amount", Is::Text, Rule::Required).forces(),
        attr("limit_unit", Is::Text, Rule::Default("\"USD\"")).forces(),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("time_unit", Is::Text, Rule::Default("\"MONTHLY\"")).forces(),
    ],
    create: |hand, wanted| {
        let limit = json!({ "Amount": text(wanted, "limit_amount"), "Unit": text(wanted, "limit_unit") });
        let budget = json!({
            "BudgetName": text(wanted, "name"), "BudgetLimit": limit, "TimeUnit": text(wanted, "time_unit"),
            "BudgetType": text(wanted, "budget_type"),
        });
        let input = json!({ "AccountId": account(hand), "Budget": budget });
        hand.ask("budgets", "CreateBudget", input)?;
        Ok(text(wanted, "name").to_string())
    },
    read: |hand, id, known| {
        let input = json!({ "AccountId": account(hand), "BudgetName": id });
        let Some(body) = hand.find("budgets", "DescribeBudget", input, &["NotFoundException"])? else {
            return Ok(None);
        };
        let budget = &body["Budget"];
        let mut out =
            taken(budget, &[("budget_type", "BudgetType"), ("name", "BudgetName"), ("time_unit", "TimeUnit")]);
        // Amounts come back with as many decimals as the service likes.
        let amount = |text: &str| match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
            false => text.to_string(),
        };
        let (real, wanted) =
            (budget["BudgetLimit"]["Amount"].as_str().unwrap_or_default(), text(known, "limit_amount"));
        if amount(real) != amount(wanted) {
            out.insert("limit_amount".into(), real.into());
        }
        out.insert("limit_unit".into(), budget["BudgetLimit"]["Unit"].clone());
        Ok(Some(out))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| {
        let input = json!({ "AccountId": account(hand), "BudgetName": id });
        hand.find("budgets", "DeleteBudget", input, &["NotFoundException"]).map(drop)
    },
};

pub static ANOMALY_MONITOR: TypeRow = TypeRow {
    name: "aws_ce_anomaly_monitor",
    noun: "CE Anomaly Monitor",
    kind: "AWS::CE::AnomalyMonitor",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("monitor_dimension", Is::Text, Rule::Optional).forces(),
        attr("monitor_type", Is::Text, Rule::Required).forces(),
        attr("name", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members =
            [("monitor_dimension", "MonitorDimension"), ("monitor_type", "MonitorType"), ("name", "MonitorName")];
        let monitor: Map<String, Value> = inputs(wanted, &members);
        let body = hand.ask("ce", "CreateAnomalyMonitor", json!({ "AnomalyMonitor": monitor }))?;
        Ok(body["MonitorArn"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, _| {
        let body =
            hand.find("ce", "GetAnomalyMonitors", json!({ "MonitorArnList": [id] }), &["UnknownMonitorException"])?;
        let body = body.unwrap_or_default();
        let members = [
            ("arn", "MonitorArn"),
            ("monitor_dimension", "MonitorDimension"),
            ("monitor_type", "MonitorType"),
            ("name", "MonitorName"),
        ];
        let own = body["AnomalyMonitors"].as_array().into_iter().flatten().find(|monitor| monitor["MonitorArn"] == id);
        Ok(own.map(|monitor| taken(monitor, &members)))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| hand.ask("ce", "DeleteAnomalyMonitor", json!({ "MonitorArn": id })).map(drop),
};
