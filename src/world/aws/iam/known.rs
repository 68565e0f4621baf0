//! Policies that AWS manages, reduced to the actions that the simulated services have. Does not know who has them.

use super::Text;
use crate::world::aws::policy::{self, Document, Kind};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Path and name behind `arn:aws:iam::aws:policy/`, and the actions it allows on everything (AWS Managed Policy Reference).
/// Sorted by name.
static KNOWN: &[(&str, &[&str])] = &[
    ("AWSLambda_FullAccess", &["lambda:*", "cloudwatch:List*", "cloudwatch:Get*", "logs:*", "sqs:ListQueues"]),
    ("AdministratorAccess", &["*"]),
    ("AmazonEC2ReadOnlyAccess", &["ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:Describe*"]),
    ("AmazonRDSReadOnlyAccess", &["rds:Describe*", "rds:ListTagsForResource", "cloudwatch:GetMetricStatistics"]),
    ("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*", "s3:Describe*"]),
    ("AmazonSESFullAccess", &["ses:*"]),
    ("AmazonSNSFullAccess", &["sns:*"]),
    ("AmazonSNSReadOnlyAccess", &["sns:GetTopicAttributes", "sns:List*"]),
    ("AmazonSQSFullAccess", &["sqs:*"]),
    (
        "AmazonSQSReadOnlyAccess",
        &[
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListDeadLetterSourceQueues",
            "sqs:ListQueues",
            "sqs:ListMessageMoveTasks",
            "sqs:ListQueueTags",
        ],
    ),
    ("CloudWatchFullAccessV2", &["cloudwatch:*", "logs:*", "sns:CreateTopic", "sns:ListTopics", "sns:Subscribe"]),
    (
        "CloudWatchLogsReadOnlyAccess",
        &["logs:Describe*", "logs:Get*", "logs:List*", "logs:StartQuery", "logs:StopQuery", "logs:FilterLogEvents"],
    ),
    (
        "CloudWatchReadOnlyAccess",
        &[
            "cloudwatch:Describe*",
            "cloudwatch:Get*",
            "cloudwatch:List*",
            "logs:Get*",
            "logs:List*",
            "logs:Describe*",
            "logs:StartQuery",
            "logs:StopQuery",
            "logs:FilterLogEvents",
            "sns:Get*",
            "sns:List*",
        ],
    ),
    ("IAMReadOnlyAccess", &["iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy"]),
    (
        "PowerUserAccess",
        &[
            "apigateway:*",
            "budgets:*",
            "ce:*",
            "cloudtrail:*",
            "cloudwatch:*",
            "ec2:*",
            "ecr:*",
            "elasticache:*",
            "elasticloadbalancing:*",
            "kms:*",
            "lambda:*",
            "logs:*",
            "rds:*",
            "s3:*",
            "ses:*",
            "sns:*",
            "sqs:*",
            "sts:*",
            "tag:*",
            "iam:ListRoles",
        ],
    ),
    (
        "ReadOnlyAccess",
        &[
            "apigateway:GET",
            "budgets:Describe*",
            "budgets:View*",
            "ce:Get*",
            "cloudtrail:Describe*",
            "cloudtrail:Get*",
            "cloudtrail:LookupEvents",
            "cloudwatch:Describe*",
            "cloudwatch:Get*",
            "cloudwatch:List*",
            "ec2:Describe*",
            "ec2:Get*",
            "ecr:Describe*",
            "ecr:Get*",
            "ecr:List*",
            "elasticache:Describe*",
            "elasticache:List*",
            "elasticloadbalancing:Describe*",
            "iam:Get*",
            "iam:List*",
            "iam:Simulate*",
            "kms:Describe*",
            "kms:Get*",
            "kms:List*",
            "lambda:Get*",
            "lambda:List*",
            "logs:Describe*",
            "logs:FilterLogEvents",
            "logs:Get*",
            "logs:List*",
            "logs:StartQuery",
            "logs:StopQuery",
            "rds:Describe*",
            "rds:List*",
            "s3:Get*",
            "s3:List*",
            "ses:Get*",
            "ses:List*",
            "sns:Get*",
            "sns:List*",
            "sqs:Get*",
            "sqs:List*",
            "sqs:ReceiveMessage",
            "sts:GetCallerIdentity",
            "tag:Get*",
        ],
    ),
    (
        "SecurityAudit",
        &[
            "cloudtrail:Describe*",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:LookupEvents",
            "iam:Get*",
            "iam:List*",
            "kms:Describe*",
            "kms:Get*",
            "kms:List*",
        ],
    ),
    ("service-role/AWSLambdaBasicExecutionRole", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    (
        "service-role/AWSLambdaSQSQueueExecutionRole",
        &[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "service-role/AWSLambdaVPCAccessExecutionRole",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
    ),
];

pub const PREFIX: &str = "arn:aws:iam::aws:policy/";

fn texts() -> &'static BTreeMap<&'static str, Text> {
    static TEXTS: LazyLock<BTreeMap<&'static str, Text>> = LazyLock::new(|| {
        let text = |actions: &[&str]| {
            let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
            let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let document = policy::parse(&text, Kind::Identity).unwrap_or_default();
            Text { text: Arc::from(text), document: Arc::new(document) }
        };
        KNOWN.iter().map(|(name, actions)| (*name, text(actions))).collect()
    });
    &TEXTS
}

/// The policy of an ARN, if AWS has it.
pub(super) fn find(arn: &str) -> Option<(&'static str, &'static Text)> {
    texts().get_key_value(arn.strip_prefix(PREFIX)?).map(|(name, text)| (*name, text))
}

pub(super) fn document(arn: &str) -> Option<Arc<Document>> {
    find(arn).map(|(_, text)| text.document.clone())
}

/// All of them: (path and name, text).
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static Text)> {
    texts().iter().map(|(name, text)| (*name, text))
}
