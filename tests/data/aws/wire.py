"""Speaks the wires of botocore without a network, one JSON object a line.

`requests SEED COUNT`: for each {service, operations} on standard input, requests with random members as botocore would
send them, and the members. `answers`: parses each {service, operation, wire, status, headers, body} as botocore does and
prints the members. A timestamp is whole milliseconds, a blob base64 text, as in the program under test.
"""
import base64, datetime, json, random, sys

import botocore.parsers, botocore.serialize, botocore.session
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict

SESSION = botocore.session.get_session()
BOTO = {"s3api": "s3"}
MODELS = {}
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
WIRES = {"cbor": "smithy-rpc-v2-cbor"}


def model(service):
    if service not in MODELS:
        MODELS[service] = SESSION.get_service_model(BOTO.get(service, service))
    return MODELS[service]


def word(rng, plain):
    letters = "abcXYZ019-_./:" if plain else "abc XYZ019-_.,/:;&<>\"'%+=?#é한✓\U0001f980\\{}[]~*"
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, 12)))


def value(rng, shape, wire, depth, place):
    """A random value as botocore takes it, and as the program under test has it."""
    kind = shape.type_name
    inner = lambda shape: value(rng, shape, wire, depth + 1, place)
    if kind == "structure":
        both = {}
        # Forms cannot say a structure that has nothing to say.
        told = {n: m for n, m in shape.members.items()
                if wire not in ("query", "ec2") or m.type_name != "structure" or m.members}
        for name, member in told.items():
            # S3's Expires is text to the model and a date to botocore; the length is the body's own.
            if wire == "rest-xml" and depth == 0 and name in ("Expires", "ContentLength"):
                continue
            if name in shape.required_members or rng.random() < (0.7 if depth < 2 else 0.15 if depth < 6 else 0):
                at = member.serialization.get("location") if depth == 0 else place
                payload = depth == 0 and shape.serialization.get("payload") == name
                both[name] = value(rng, member, wire, depth + 1, "payload" if payload else at)
        # Forms cannot say that a structure is empty.
        if wire in ("query", "ec2") and depth > 0 and not both:
            simple = [name for name, member in told.items() if member.type_name not in ("structure", "list", "map")]
            for name in (simple or list(told))[:1]:
                both[name] = value(rng, shape.members[name], wire, depth + 1, place)
        return {k: v[0] for k, v in both.items()}, {k: v[1] for k, v in both.items()}
    if kind == "list":
        # Forms cannot say that a flat list is empty; headers and query strings neither.
        some = 0 if wire in ("json", "rest-json", "smithy-rpc-v2-cbor") and not place else 1
        items = [inner(shape.member) for _ in range(rng.randint(some, 3) if depth < 6 else some)]
        return [i[0] for i in items], [i[1] for i in items]
    if kind == "map":
        keys = {word(rng, place == "headers").lower().replace("/", "").replace(":", "") or "k" for _ in range(rng.randint(1, 3))}
        pairs = {key: inner(shape.value) for key in sorted(keys)}
        return {k: v[0] for k, v in pairs.items()}, {k: v[1] for k, v in pairs.items()}
    if kind == "string":
        text = rng.choice(shape.enum) if getattr(shape, "enum", None) else word(rng, place in ("header", "headers", "uri"))
        if place == "uri":
            text = text.strip("/.") or "x"
            text = text.replace("//", "/").replace("..", ".")
        return text, text
    if kind in ("integer", "long"):
        number = rng.randint(-(2**31), 2**31 - 1) if rng.random() < 0.3 else rng.randint(0, 100)
        return number, number
    if kind in ("float", "double"):
        number = rng.choice([0.0, 5.0, -1.5, rng.random(), rng.random() * 1e9, 1e21, 1e-7])
        return number, number
    if kind == "boolean":
        truth = rng.random() < 0.5
        return truth, truth
    if kind == "blob":
        data = bytes(rng.randrange(256) for _ in range(rng.randint(1, 20)))
        return data, base64.b64encode(data).decode()
    if kind == "timestamp":
        at = EPOCH + datetime.timedelta(seconds=rng.randint(1, 4 * 10**9))
        return at, int((at - EPOCH).total_seconds()) * 1000
    raise ValueError(kind)


def wires(service):
    own = model(service).metadata["protocol"]
    protocols = model(service).metadata.get("protocols", [own])
    if "json" in protocols:
        own = "json"
    return [own] + [p for p in protocols if p in ("query", "smithy-rpc-v2-cbor") and p != own and service == "cloudwatch"]


def requests(seed, count):
    for line in sys.stdin:
        row = json.loads(line)
        for name in row["operations"]:
            operation = model(row["service"]).operation_model(name)
            for wire in wires(row["service"]):
                rng = random.Random(f"{seed}/{row['service']}/{name}/{wire}")
                serializer = botocore.serialize.create_serializer(wire, include_validation=False)
                for _ in range(count):
                    given, ours = value(rng, operation.input_shape, wire, 0, None) if operation.input_shape else ({}, {})
                    request = serializer.serialize_to_request(given, operation)
                    prepare_request_dict(request, "http://127.0.0.1:1", {"is_presign_request": False})
                    sent = create_request_object(request).prepare()
                    path, _, query = sent.url[len("http://127.0.0.1:1"):].partition("?")
                    body = sent.body.encode() if isinstance(sent.body, str) else bytes(sent.body or b"")
                    header = lambda v: v.decode() if isinstance(v, bytes) else str(v)
                    print(json.dumps({
                        "service": row["service"], "operation": name, "wire": wire, "method": sent.method, "path": path,
                        "query": query, "headers": [[k.lower(), header(v)] for k, v in sent.headers.items() if k.lower() != "content-length"],
                        "body": base64.b64encode(body).decode(), "input": ours,
                    }))


def ours(shape, got):
    if got is None or shape is None:
        return got
    kind = shape.type_name
    if kind == "structure":
        return {name: ours(shape.members[name], item) for name, item in got.items() if name in shape.members}
    if kind == "list":
        return [ours(shape.member, item) for item in got]
    if kind == "map":
        return {key: ours(shape.value, item) for key, item in got.items()}
    if kind == "timestamp":
        return round((got - EPOCH).total_seconds() * 1000)
    if kind == "blob":
        return base64.b64encode(bytes(got) if not isinstance(got, str) else got.encode()).decode()
    return got


def answers():
    for line in sys.stdin:
        row = json.loads(line)
        operation = model(row["service"]).operation_model(row["operation"])
        wire = WIRES.get(row["wire"], row["wire"])
        body = base64.b64decode(row["body"])
        headers = HeadersDict()
        for name, text in row["headers"]:
            headers[name] = text
        streams = operation.has_streaming_output and row["status"] < 300
        response = {
            "status_code": row["status"], "headers": headers, "body": bytearray(body) if streams else body,
            "context": {"operation_name": operation.name},
        }
        try:
            got = botocore.parsers.create_parser(wire).parse(response, operation.output_shape)
            said = got.pop("Error", None) if row["status"] >= 300 else None
            id_ = got.pop("ResponseMetadata", {}).get("RequestId")
            said = {k: said[k] for k in ("Code", "Message") if k in said} if said else None
            print(json.dumps({"output": ours(operation.output_shape, got), "error": said, "request_id": id_}), flush=True)
        except Exception as error:
            print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)


if sys.argv[1] == "requests":
    requests(sys.argv[2], int(sys.argv[3]))
else:
    answers()
