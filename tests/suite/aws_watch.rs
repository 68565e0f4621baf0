//! CloudWatch, logs, CloudTrail, IAM and KMS.
