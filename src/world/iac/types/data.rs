//! What keeps things: buckets, image repositories, databases, caches; and load balancers. Does not know what is kept.

use super::{Attributes, Fault, Hand, Is, Rule, TypeRow, attr, document, inputs, pairs, parsed, table, taken, text};
use serde_json::{Value, json};

/// The tags of something that is named by its ARN, as RDS and ElastiCache keep them.
fn tags_of(hand: &mut Hand, service: &str, arn: &Value) -> Result<Value, Fault> {
    let body = hand.ask(service, "ListTagsForResource", json!({ "ResourceName": arn }))?;
    Ok(table(&body["TagList"]))
}

fn retag(hand: &mut Hand, service: &str, arn: &Value, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    if !changed.contains(&"tags") {
        return Ok(());
    }
    let old = tags_of(hand, service, arn)?;
    let gone = super::tags_gone(&old, wanted);
    if !gone.is_empty() {
        hand.ask(service, "RemoveTagsFromResource", json!({ "ResourceName": arn, "TagKeys": gone }))?;
    }
    hand.ask(service, "AddTagsToResource", json!({ "ResourceName": arn, "Tags": pairs(wanted.get("tags")) })).map(drop)
}

pub static BUCKET: TypeRow = TypeRow {
    name: "aws_s3_bucket",
    noun: "S3 Bucket",
    kind: "AWS::S3::Bucket",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("bucket", Is::Text, Rule::Required).forces(),
        attr("policy", Is::Json, Rule::Kept),
        attr("tags", Is::Map, Rule::Optional),
    ],
    create: |hand, wanted| {
        let bucket = text(wanted, "bucket").to_string();
        let region = hand.world.aws.region.to_string();
        let place = json!({ "LocationConstraint": region });
        hand.ask("s3api", "CreateBucket", json!({ "Bucket": bucket, "CreateBucketConfiguration": place }))?;
        let parts: Vec<&str> = ["policy", "tags"].into_iter().filter(|name| wanted.contains_key(*name)).collect();
        bucket_update(hand, &bucket, wanted, &parts)?;
        Ok(bucket)
    },
    read: |hand, id, _| {
        let gone = ["NoSuchBucket", "404", "NotFound"];
        if hand.find("s3api", "HeadBucket", json!({ "Bucket": id }), &gone)?.is_none() {
            return Ok(None);
        }
        let mut out = Attributes::from_iter([("bucket".to_string(), Value::from(id))]);
        out.insert("arn".into(), format!("arn:aws:s3:::{id}").into());
        let none = ["NoSuchTagSet", "NoSuchTagSetError"];
        let tags = hand.find("s3api", "GetBucketTagging", json!({ "Bucket": id }), &none)?.unwrap_or_default();
        out.insert("tags".into(), table(&tags["TagSet"]));
        let none = ["NoSuchBucketPolicy"];
        let policy = hand.find("s3api", "GetBucketPolicy", json!({ "Bucket": id }), &none)?.unwrap_or_default();
        out.insert("policy".into(), parsed(&policy["Policy"]));
        Ok(Some(out))
    },
    update: bucket_update,
    delete: |hand, id, _| hand.find("s3api", "DeleteBucket", json!({ "Bucket": id }), &["NoSuchBucket"]).map(drop),
};

fn bucket_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    if changed.contains(&"policy") {
        match wanted.get("policy") {
            Some(policy) => {
                hand.ask("s3api", "PutBucketPolicy", json!({ "Bucket": id, "Policy": document(policy) }))?
            }
            None => hand.ask("s3api", "DeleteBucketPolicy", json!({ "Bucket": id }))?,
        };
    }
    if changed.contains(&"tags") {
        let tags = json!({ "TagSet": pairs(wanted.get("tags")) });
        hand.ask("s3api", "PutBucketTagging", json!({ "Bucket": id, "Tagging": tags }))?;
    }
    Ok(())
}

pub static REPOSITORY: TypeRow = TypeRow {
    name: "aws_ecr_repository",
    noun: "ECR Repository",
    kind: "AWS::ECR::Repository",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("image_tag_mutability", Is::Text, Rule::Default("\"MUTABLE\"")).forces(),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("repository_url", Is::Text, Rule::Computed),
    ],
    create: |hand, wanted| {
        let members = [("image_tag_mutability", "imageTagMutability"), ("name", "repositoryName")];
        hand.ask("ecr", "CreateRepository", Value::Object(inputs(wanted, &members)))?;
        Ok(text(wanted, "name").to_string())
    },
    read: |hand, id, _| {
        let input = json!({ "repositoryNames": [id] });
        let body = hand.find("ecr", "DescribeRepositories", input, &["RepositoryNotFoundException"])?;
        let members = [
            ("arn", "repositoryArn"),
            ("image_tag_mutability", "imageTagMutability"),
            ("name", "repositoryName"),
            ("repository_url", "repositoryUri"),
        ];
        Ok(body.map(|body| taken(&body["repositories"][0], &members)))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| {
        let input = json!({ "repositoryName": id, "force": true });
        hand.find("ecr", "DeleteRepository", input, &["RepositoryNotFoundException"]).map(drop)
    },
};

const DATABASE: &[(&str, &str)] = &[
    ("allocated_storage", "AllocatedStorage"),
    ("availability_zone", "AvailabilityZone"),
    ("backup_retention_period", "BackupRetentionPeriod"),
    ("engine", "Engine"),
    ("engine_version", "EngineVersion"),
    ("identifier", "DBInstanceIdentifier"),
    ("instance_class", "DBInstanceClass"),
    ("multi_az", "MultiAZ"),
    ("storage_type", "StorageType"),
    ("username", "MasterUsername"),
    ("vpc_security_group_ids", "VpcSecurityGroupIds"),
];

fn database_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let gone = ["DBInstanceNotFound", "DBInstanceNotFoundFault"];
    let body = hand.find("rds", "DescribeDBInstances", json!({ "DBInstanceIdentifier": id }), &gone)?;
    let Some(body) =
        body.map(|body| body["DBInstances"][0].clone()).filter(|body| body["DBInstanceStatus"] != "deleting")
    else {
        return Ok(None);
    };
    let mut out = taken(&body, DATABASE);
    out.extend(taken(&body, &[("arn", "DBInstanceArn")]));
    out.insert("address".into(), body["Endpoint"]["Address"].clone());
    out.insert("multi_az".into(), (body["MultiAZ"] == true).into());
    let groups = body["VpcSecurityGroups"].as_array().into_iter().flatten();
    out.insert("vpc_security_group_ids".into(), groups.map(|group| group["VpcSecurityGroupId"].clone()).collect());
    out.insert("tags".into(), tags_of(hand, "rds", &body["DBInstanceArn"])?);
    Ok(Some(out))
}

pub static DB_INSTANCE: TypeRow = TypeRow {
    name: "aws_db_instance",
    noun: "RDS DB Instance",
    kind: "AWS::RDS::DBInstance",
    attributes: &[
        attr("address", Is::Text, Rule::Computed),
        attr("allocated_storage", Is::Whole, Rule::Required),
        attr("arn", Is::Text, Rule::Computed),
        attr("availability_zone", Is::Text, Rule::Kept).forces(),
        attr("backup_retention_period", Is::Whole, Rule::Kept),
        attr("engine", Is::Text, Rule::Required).forces(),
        attr("engine_version", Is::Text, Rule::Kept),
        attr("identifier", Is::Text, Rule::Required).forces(),
        attr("instance_class", Is::Text, Rule::Required),
        attr("multi_az", Is::Yes, Rule::Kept),
        attr("password", Is::Text, Rule::Kept),
        attr("storage_type", Is::Text, Rule::Kept),
        attr("tags", Is::Map, Rule::Optional),
        attr("username", Is::Text, Rule::Kept).forces(),
        attr("vpc_security_group_ids", Is::Set, Rule::Kept),
    ],
    create: |hand, wanted| {
        let mut input = inputs(wanted, DATABASE);
        input.extend(inputs(wanted, &[("password", "MasterUserPassword")]));
        input.insert("Tags".into(), pairs(wanted.get("tags")));
        hand.ask("rds", "CreateDBInstance", Value::Object(input))?;
        Ok(text(wanted, "identifier").to_string())
    },
    read: database_read,
    update: |hand, id, wanted, changed| {
        let members: Vec<(&str, &str)> = DATABASE.iter().copied().filter(|(name, _)| changed.contains(name)).collect();
        let mut input = inputs(wanted, &members);
        if !input.is_empty() {
            input.insert("DBInstanceIdentifier".into(), id.into());
            input.insert("ApplyImmediately".into(), true.into());
            hand.ask("rds", "ModifyDBInstance", Value::Object(input))?;
        }
        let arn = database_read(hand, id, wanted)?.and_then(|read| read.get("arn").cloned()).unwrap_or_default();
        retag(hand, "rds", &arn, wanted, changed)
    },
    delete: |hand, id, _| {
        let input = json!({ "DBInstanceIdentifier": id, "SkipFinalSnapshot": true });
        hand.find("rds", "DeleteDBInstance", input, &["DBInstanceNotFound", "DBInstanceNotFoundFault"]).map(drop)
    },
};

fn cache_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let gone = ["ReplicationGroupNotFoundFault", "ReplicationGroupNotFound"];
    let body = hand.find("elasticache", "DescribeReplicationGroups", json!({ "ReplicationGroupId": id }), &gone)?;
    let Some(body) = body.map(|body| body["ReplicationGroups"][0].clone()).filter(|body| body["Status"] != "deleting")
    else {
        return Ok(None);
    };
    let members = [
        ("arn", "ARN"),
        ("description", "Description"),
        ("node_type", "CacheNodeType"),
        ("replication_group_id", "ReplicationGroupId"),
    ];
    let mut out = taken(&body, &members);
    let nodes = body["MemberClusters"].as_array().map_or(0, Vec::len);
    out.insert("num_cache_clusters".into(), nodes.into());
    out.insert("tags".into(), tags_of(hand, "elasticache", &body["ARN"])?);
    Ok(Some(out))
}

pub static REPLICATION_GROUP: TypeRow = TypeRow {
    name: "aws_elasticache_replication_group",
    noun: "ElastiCache Replication Group",
    kind: "AWS::ElastiCache::ReplicationGroup",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("description", Is::Text, Rule::Required),
        attr("engine", Is::Text, Rule::Default("\"redis\"")).forces(),
        attr("node_type", Is::Text, Rule::Required),
        attr("num_cache_clusters", Is::Whole, Rule::Kept).forces(),
        attr("replication_group_id", Is::Text, Rule::Required).forces(),
        attr("tags", Is::Map, Rule::Optional),
    ],
    create: |hand, wanted| {
        let members = [
            ("description", "ReplicationGroupDescription"),
            ("engine", "Engine"),
            ("node_type", "CacheNodeType"),
            ("num_cache_clusters", "NumCacheClusters"),
            ("replication_group_id", "ReplicationGroupId"),
        ];
        let mut input = inputs(wanted, &members);
        input.insert("Tags".into(), pairs(wanted.get("tags")));
        hand.ask("elasticache", "CreateReplicationGroup", Value::Object(input))?;
        Ok(text(wanted, "replication_group_id").to_string())
    },
    read: cache_read,
    update: |hand, id, wanted, changed| {
        let members = [("description", "ReplicationGroupDescription"), ("node_type", "CacheNodeType")];
        let members: Vec<(&str, &str)> = members.into_iter().filter(|(name, _)| changed.contains(name)).collect();
        let mut input = inputs(wanted, &members);
        if !input.is_empty() {
            input.insert("ReplicationGroupId".into(), id.into());
            input.insert("ApplyImmediately".into(), true.into());
            hand.ask("elasticache", "ModifyReplicationGroup", Value::Object(input))?;
        }
        let arn = cache_read(hand, id, wanted)?.and_then(|read| read.get("arn").cloned()).unwrap_or_default();
        retag(hand, "elasticache", &arn, wanted, changed)
    },
    delete: |hand, id, _| {
        let input = json!({ "ReplicationGroupId": id });
        hand.find("elasticache", "DeleteReplicationGroup", input, &["ReplicationGroupNotFoundFault"]).map(drop)
    },
};

pub static LOAD_BALANCER: TypeRow = TypeRow {
    name: "aws_lb",
    noun: "ELBv2 Load Balancer",
    kind: "AWS::ElasticLoadBalancingV2::LoadBalancer",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("dns_name", Is::Text, Rule::Computed),
        attr("load_balancer_type", Is::Text, Rule::Default("\"application\"")).forces(),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("subnets", Is::Set, Rule::Required).forces(),
        attr("tags", Is::Map, Rule::Optional),
    ],
    create: |hand, wanted| {
        let members = [("load_balancer_type", "Type"), ("name", "Name"), ("subnets", "Subnets")];
        let mut input = inputs(wanted, &members);
        if wanted.contains_key("tags") {
            input.insert("Tags".into(), pairs(wanted.get("tags")));
        }
        let body = hand.ask("elbv2", "CreateLoadBalancer", Value::Object(input))?;
        Ok(body["LoadBalancers"][0]["LoadBalancerArn"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, _| {
        let gone = ["LoadBalancerNotFound", "LoadBalancerNotFoundException"];
        let input = json!({ "LoadBalancerArns": [id] });
        let Some(body) = hand.find("elbv2", "DescribeLoadBalancers", input, &gone)? else { return Ok(None) };
        let body = &body["LoadBalancers"][0];
        let members = [
            ("arn", "LoadBalancerArn"),
            ("dns_name", "DNSName"),
            ("load_balancer_type", "Type"),
            ("name", "LoadBalancerName"),
        ];
        let mut out = taken(body, &members);
        let zones = body["AvailabilityZones"].as_array().into_iter().flatten();
        out.insert("subnets".into(), zones.map(|zone| zone["SubnetId"].clone()).collect());
        let tags = hand.ask("elbv2", "DescribeTags", json!({ "ResourceArns": [id] }))?;
        out.insert("tags".into(), table(&tags["TagDescriptions"][0]["Tags"]));
        Ok(Some(out))
    },
    update: |hand, id, wanted, _| {
        hand.ask("elbv2", "AddTags", json!({ "ResourceArns": [id], "Tags": pairs(wanted.get("tags")) })).map(drop)
    },
    delete: |hand, id, _| hand.ask("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": id })).map(drop),
};
