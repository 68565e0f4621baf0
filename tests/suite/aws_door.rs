//! The door against the real aws command and boto3.
