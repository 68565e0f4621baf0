#!/usr/bin/env python3
"""Reduces the service models of an installed botocore to what the program needs of them: the shapes of the operations
that the simulated account has. Writes one text file a service beside this one. To add an operation: name it here, run
`python3 assets/aws/reduce.py`, and write its row in src/world/aws/<service>.rs.

A file has one thing a line:
  service NAME / id NAME / version DATE / protocol NAME / target PREFIX / sign NAME / endpoint PREFIX / title WORDS
  op NAME METHOD URI INPUT OUTPUT [wrapper=NAME] [idempotency=MEMBER]      (- is no shape)
  page OP in=MEMBERS out=PATHS limit=MEMBER results=PATHS [keep=PATHS] [more=PATH]
  wait NAME op=OP delay=SECONDS tries=N, then one indented line an acceptor: state matcher expected [argument]
  struct NAME [error=CODE,STATUS,sender] [payload=MEMBER], then one indented line a member: NAME SHAPE [!] [key=value…]
  list NAME MEMBER-SHAPE [flat] [name=MEMBER-LOCATION]
  map NAME KEY-SHAPE VALUE-SHAPE [flat] [key=LOCATION] [value=LOCATION]
  string|integer|long|float|double|boolean|blob|timestamp NAME [min=N] [max=N] [format=F] [enum=A,B,…]
"""
import gzip, json, pathlib, sys
import botocore

OPERATIONS = {
    "sqs": """AddPermission CancelMessageMoveTask ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue
        DeleteMessage DeleteMessageBatch DeleteQueue GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues
        ListMessageMoveTasks ListQueueTags ListQueues PurgeQueue ReceiveMessage RemovePermission SendMessage
        SendMessageBatch SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue""",
    "sns": """ConfirmSubscription CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes
        ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics Publish PublishBatch
        SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource""",
    "cloudwatch": """DeleteAlarms DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DisableAlarmActions
        EnableAlarmActions GetMetricData GetMetricStatistics ListMetrics PutMetricAlarm PutMetricData
        SetAlarmState ListTagsForResource TagResource UntagResource""",
    "logs": """DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents StartQuery GetQueryResults StopQuery
        DescribeQueries PutRetentionPolicy DeleteRetentionPolicy CreateLogGroup DeleteLogGroup ListTagsForResource
        TagResource UntagResource""",
    "cloudtrail": "LookupEvents DescribeTrails GetTrailStatus",
    "ce": """GetCostAndUsage GetCostAndUsageWithResources GetCostForecast GetDimensionValues GetTags GetAnomalies
        GetAnomalyMonitors GetAnomalySubscriptions CreateAnomalyMonitor CreateAnomalySubscription""",
    "budgets": "CreateBudget DeleteBudget DescribeBudgets DescribeBudget DescribeNotificationsForBudget",
    "sts": "GetCallerIdentity AssumeRole",
    "iam": """GetRole ListRoles GetRolePolicy ListRolePolicies ListAttachedRolePolicies GetPolicy GetPolicyVersion
        PutRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy ListUsers GetUser SimulatePrincipalPolicy
        CreateRole DeleteRole UpdateAssumeRolePolicy ListRoleTags TagRole UntagRole CreatePolicy DeletePolicy
        ListPolicies CreatePolicyVersion DeletePolicyVersion ListPolicyVersions CreateUser DeleteUser
        PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy AttachUserPolicy DetachUserPolicy
        ListAttachedUserPolicies""",
    "kms": """CancelKeyDeletion CreateAlias CreateKey DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey
        EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListAliases ListKeyPolicies ListKeys ListResourceTags
        PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription""",
    "ec2": """DescribeVpcs DescribeSubnets DescribeRouteTables DescribeNatGateways DescribeVpcEndpoints
        DescribeManagedPrefixLists GetManagedPrefixListEntries DescribePrefixLists DescribeFlowLogs DescribeSecurityGroups
        DescribeSecurityGroupRules DescribeNetworkInterfaces DescribeInstances DescribeAddresses
        DescribeInternetGateways DescribeAvailabilityZones DescribeVolumes DescribeSnapshots DescribeTags DescribeRegions
        CreateRoute ReplaceRoute DeleteRoute CreateRouteTable DeleteRouteTable AssociateRouteTable
        DisassociateRouteTable ReplaceRouteTableAssociation
        ModifyVpcEndpoint CreateVpcEndpoint DeleteVpcEndpoints CreateNatGateway DeleteNatGateway AllocateAddress
        ReleaseAddress AssociateNatGatewayAddress CreateFlowLogs DeleteFlowLogs AuthorizeSecurityGroupIngress
        AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateTags DeleteTags
        DeleteSnapshot StopInstances StartInstances
        CreateVpc DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet ModifySubnetAttribute CreateInternetGateway
        AttachInternetGateway DetachInternetGateway DeleteInternetGateway CreateSecurityGroup DeleteSecurityGroup
        RunInstances TerminateInstances CreateVolume DeleteVolume CreateSnapshot""",
    "s3api": """ListBuckets ListObjectsV2 HeadBucket GetBucketLocation GetBucketPolicy GetBucketTagging GetObject
        HeadObject GetBucketLifecycleConfiguration GetBucketLogging CreateBucket DeleteBucket PutBucketPolicy
        DeleteBucketPolicy PutBucketTagging PutBucketLifecycleConfiguration PutBucketLogging PutObject DeleteObject""",
    "ecr": """DescribeRepositories DescribeImages ListImages GetRepositoryPolicy GetLifecyclePolicy CreateRepository
        DeleteRepository PutImage SetRepositoryPolicy PutLifecyclePolicy""",
    "elbv2": """DescribeLoadBalancers DescribeTargetGroups DescribeTargetHealth DescribeListeners
        DescribeLoadBalancerAttributes DeleteLoadBalancer CreateLoadBalancer CreateTargetGroup CreateListener
        RegisterTargets DeregisterTargets DeleteTargetGroup DeleteListener DescribeTags AddTags""",
    "rds": """CreateDBInstance DescribeDBInstances ModifyDBInstance StopDBInstance StartDBInstance DeleteDBInstance CreateDBSnapshot
        DescribeDBSnapshots DeleteDBSnapshot DescribeEvents ListTagsForResource AddTagsToResource RemoveTagsFromResource
        RebootDBInstance""",
    "elasticache": """CreateCacheCluster CreateReplicationGroup DescribeCacheClusters DescribeReplicationGroups
        DeleteReplicationGroup DescribeSnapshots CreateSnapshot DeleteSnapshot DescribeEvents ListTagsForResource
        AddTagsToResource RemoveTagsFromResource ModifyReplicationGroup DeleteCacheCluster""",
    "lambda": """GetFunction GetFunctionConfiguration ListFunctions UpdateFunctionConfiguration UpdateFunctionCode Invoke
        ListEventSourceMappings GetEventSourceMapping CreateEventSourceMapping UpdateEventSourceMapping
        DeleteEventSourceMapping GetFunctionConcurrency PutFunctionConcurrency DeleteFunctionConcurrency
        ListVersionsByFunction ListAliases PublishVersion UpdateAlias GetPolicy ListTags GetAccountSettings
        GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig PutProvisionedConcurrencyConfig
        GetProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig CreateFunction DeleteFunction CreateAlias
        GetAlias DeleteAlias AddPermission RemovePermission TagResource UntagResource DeleteFunctionEventInvokeConfig
        ListFunctionEventInvokeConfigs ListProvisionedConcurrencyConfigs""",
    "apigateway": """GetRestApis GetRestApi GetResources GetStages GetStage GetIntegration GetMethod CreateRestApi
        DeleteRestApi CreateResource DeleteResource PutMethod DeleteMethod PutIntegration UpdateIntegration
        DeleteIntegration CreateDeployment GetDeployments CreateStage UpdateStage DeleteStage""",
    "sesv2": """GetAccount GetEmailIdentity ListEmailIdentities ListSuppressedDestinations GetSuppressedDestination
        DeleteSuppressedDestination PutSuppressedDestination SendEmail CreateEmailIdentity DeleteEmailIdentity
        PutAccountDetails PutAccountSendingAttributes PutAccountSuppressionAttributes GetConfigurationSet
        ListConfigurationSets CreateConfigurationSet DeleteConfigurationSet GetConfigurationSetEventDestinations
        CreateConfigurationSetEventDestination DeleteConfigurationSetEventDestination GetMessageInsights""",
    "ses": "GetSendQuota GetSendStatistics GetAccountSendingEnabled GetIdentityVerificationAttributes ListIdentities"
    " SendEmail VerifyEmailIdentity",
    "resourcegroupstaggingapi": "GetResources GetTagKeys GetTagValues",
}
DIRECTORY = {"s3api": "s3"}
ROOT = pathlib.Path(botocore.__file__).parent / "data"
HERE = pathlib.Path(__file__).parent


def load(folder, stem):
    for path in (folder / f"{stem}.json", folder / f"{stem}.json.gz"):
        if path.exists():
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            return json.loads(data)
    return {}


def listed(value):
    return ",".join([value] if isinstance(value, str) else value)


def words(pairs):
    return "".join(f" {key}={value}" if value is not True else f" {key}" for key, value in pairs if value not in (None, False, ""))


def reduce(name, operations):
    folder = max((ROOT / DIRECTORY.get(name, name)).iterdir())
    model, pages, waiters = load(folder, "service-2"), load(folder, "paginators-1"), load(folder, "waiters-2")
    for op, extra in load(folder, "paginators-1.sdk-extras").get("merge", {}).get("pagination", {}).items():
        pages.get("pagination", {}).get(op, {}).update(extra)
    meta, shapes = model["metadata"], model["shapes"]
    kind = meta["protocol"]
    protocols = meta.get("protocols", [kind])
    if "json" in protocols:
        kind = "json"
    out = [f"service {name}", f"id {meta.get('serviceId', name)}", f"version {meta['apiVersion']}",
           f"protocol {kind}{' ' + meta['jsonVersion'] if kind == 'json' else ''}",
           f"target {meta.get('targetPrefix', '-')}", f"sign {meta.get('signingName', meta['endpointPrefix'])}",
           f"endpoint {meta['endpointPrefix']}", f"title {meta.get('serviceAbbreviation', meta['serviceFullName'])}"]
    if "xmlNamespace" in meta:
        out.append(f"namespace {meta['xmlNamespace'] if isinstance(meta['xmlNamespace'], str) else meta['xmlNamespace']['uri']}")
    if meta.get("awsQueryCompatible") is not None:
        out.append("querymode")
    todo, done, lines = [], set(), []
    for op in operations:
        row = model["operations"][op]
        given, gives = (row.get(key, {}).get("shape", "-") for key in ("input", "output"))
        todo += [shape for shape in (given, gives) if shape != "-"]
        todo += [error["shape"] for error in row.get("errors", [])]
        http = row.get("http", {})
        out.append(f"op {op} {http.get('method', 'POST')} {http.get('requestUri', '/')} {given} {gives}" + words([
            ("wrapper", row.get("output", {}).get("resultWrapper")),
            ("errors", ",".join(error["shape"] for error in row.get("errors", [])))]))
        page = pages.get("pagination", {}).get(op)
        if page:
            out.append(f"page {op} in={listed(page['input_token'])} out={listed(page['output_token']).replace(' ', '')}" + words([
                ("limit", page.get("limit_key")), ("results", listed(page["result_key"])), ("keep", listed(page.get("non_aggregate_keys", []))), ("more", page.get("more_results"))]))
    for wait, row in waiters.get("waiters", {}).items():
        if row["operation"] in operations:
            out.append(f"wait {wait} op={row['operation']} delay={row['delay']} tries={row['maxAttempts']}")
            for acceptor in row["acceptors"]:
                out.append(f" {acceptor['state']} {acceptor['matcher']} {json.dumps(acceptor['expected'])} {acceptor.get('argument', '')}".rstrip())
    while todo:
        shape = todo.pop()
        if shape in done:
            continue
        done.add(shape)
        row = shapes[shape]
        kind = row["type"]
        if kind == "structure":
            error = row.get("error", {})
            flag = None
            if row.get("exception") or error:
                flag = ",".join(str(x) for x in (error.get("code", shape), error.get("httpStatusCode", 400), "sender" if error.get("senderFault", error.get("httpStatusCode", 400) < 500) else "receiver"))
            block = [f"struct {shape}" + words([("error", flag), ("payload", row.get("payload"))])]
            for member, ref in row.get("members", {}).items():
                todo.append(ref["shape"])
                block.append(f" {member} {ref['shape']}" + (" !" if member in row.get("required", []) else "") + words([
                    ("at", ref.get("location")), ("name", ref.get("locationName", shapes[ref["shape"]].get("locationName"))), ("query", ref.get("queryName")),
                    ("flat", ref.get("flattened")), ("stream", ref.get("streaming")), ("token", ref.get("idempotencyToken")),
                    ("format", ref.get("timestampFormat")), ("attribute", ref.get("xmlAttribute"))]))
            lines.append((shape, block))
        elif kind == "list":
            todo.append(row["member"]["shape"])
            lines.append((shape, [f"list {shape} {row['member']['shape']}" + words([("flat", row.get("flattened")), ("name", row["member"].get("locationName")), ("min", row.get("min")), ("max", row.get("max"))])]))
        elif kind == "map":
            todo += [row["key"]["shape"], row["value"]["shape"]]
            lines.append((shape, [f"map {shape} {row['key']['shape']} {row['value']['shape']}" + words([("flat", row.get("flattened")), ("key", row["key"].get("locationName")), ("value", row["value"].get("locationName"))])]))
        else:
            least, most = (row.get(key) if kind != "string" or (row.get(key) or 0) < 10**6 else None for key in ("min", "max"))
            lines.append((shape, [f"{kind} {shape}" + words([("min", str(least) if least is not None else None), ("max", str(most) if most is not None else None),
                ("format", row.get("timestampFormat")), ("json", row.get("jsonvalue")), ("enum", ",".join(e for e in row.get("enum", []) if " " not in e and "," not in e) if len(row.get("enum", [])) <= 60 else None)])]))
    for _, block in sorted(lines):
        out += block
    (HERE / f"{name}.model").write_text("\n".join(out) + "\n")
    return len(out)


for name, text in OPERATIONS.items():
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        continue
    print(name, reduce(name, text.split()))
print(f"from botocore {botocore.__version__}: clients.txt is to name it")
