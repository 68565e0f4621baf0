//! The services' shapes as their clients know them: operations, members in their order, wire names, errors. Read from the
//! reduced models in `assets/aws` (made by `reduce.py` there). Does not know what an operation does.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// By name.
const ASSETS: &[(&str, &str)] = &[
    ("apigateway", include_str!("../../../assets/aws/apigateway.model")),
    ("budgets", include_str!("../../../assets/aws/budgets.model")),
    ("ce", include_str!("../../../assets/aws/ce.model")),
    ("cloudtrail", include_str!("../../../assets/aws/cloudtrail.model")),
    ("cloudwatch", include_str!("../../../assets/aws/cloudwatch.model")),
    ("ec2", include_str!("../../../assets/aws/ec2.model")),
    ("ecr", include_str!("../../../assets/aws/ecr.model")),
    ("elasticache", include_str!("../../../assets/aws/elasticache.model")),
    ("elbv2", include_str!("../../../assets/aws/elbv2.model")),
    ("iam", include_str!("../../../assets/aws/iam.model")),
    ("kms", include_str!("../../../assets/aws/kms.model")),
    ("lambda", include_str!("../../../assets/aws/lambda.model")),
    ("logs", include_str!("../../../assets/aws/logs.model")),
    ("rds", include_str!("../../../assets/aws/rds.model")),
    ("resourcegroupstaggingapi", include_str!("../../../assets/aws/resourcegroupstaggingapi.model")),
    ("s3api", include_str!("../../../assets/aws/s3api.model")),
    ("ses", include_str!("../../../assets/aws/ses.model")),
    ("sesv2", include_str!("../../../assets/aws/sesv2.model")),
    ("sns", include_str!("../../../assets/aws/sns.model")),
    ("sqs", include_str!("../../../assets/aws/sqs.model")),
    ("sts", include_str!("../../../assets/aws/sts.model")),
];

/// The model of a service by the `aws` command's name for it. Each is read once, when first asked for.
pub fn of(service: &str) -> Option<&'static Model> {
    static MODELS: [OnceLock<Model>; ASSETS.len()] = [const { OnceLock::new() }; ASSETS.len()];
    let at = ASSETS.binary_search_by_key(&service, |(name, _)| name).ok()?;
    let (model, (_, text)) = (MODELS.get(at)?, ASSETS.get(at)?);
    Some(model.get_or_init(|| read(text)))
}

/// How requests and answers travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Json10,
    Json11,
    Query,
    Ec2,
    RestJson,
    RestXml,
}

/// One service's shapes.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The `aws` command's name: `sqs`.
    pub service: String,
    /// `SQS`, `Cost Explorer`.
    pub id: String,
    pub version: String,
    pub protocol: Protocol,
    /// Prefix of `X-Amz-Target`.
    pub target: String,
    /// Name in the credential scope.
    pub sign: String,
    /// The first part of its host: `sqs`, `api.ecr`.
    pub endpoint: String,
    pub title: String,
    pub namespace: String,
    /// Whether JSON errors carry the older query protocol's code beside the new one.
    pub query_mode: bool,
    pub operations: BTreeMap<String, Operation>,
    pub waiters: BTreeMap<String, Waiter>,
    pub shapes: BTreeMap<String, Shape>,
}

/// One operation's shapes.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    pub name: String,
    pub method: String,
    pub uri: String,
    /// Empty: takes nothing.
    pub input: String,
    /// Empty: gives nothing.
    pub output: String,
    /// The XML element around the output's members.
    pub wrapper: String,
    pub errors: Vec<String>,
    pub page: Option<Paging>,
}

/// How a list goes on: JMESPath expressions and member names.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    pub input: Vec<String>,
    pub output: Vec<String>,
    pub limit: String,
    pub results: Vec<String>,
    /// What the client takes from the first page alone.
    pub keep: Vec<String>,
    pub more: String,
}

/// Asks an operation again until something holds.
#[derive(Clone, Debug, Default)]
pub struct Waiter {
    pub operation: String,
    /// Seconds.
    pub delay: u32,
    pub tries: u32,
    pub acceptors: Vec<Acceptor>,
}

#[derive(Clone, Debug, Default)]
pub struct Acceptor {
    /// `success`, `failure`, `retry`.
    pub state: String,
    /// `path`, `pathAll`, `pathAny`, `error`, `status`.
    pub matcher: String,
    /// JSON.
    pub expected: String,
    pub argument: String,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Shape {
    Struct(Structure),
    List(List),
    Map(Mapping),
    Scalar(Scalar),
}

#[derive(Clone, Debug, Default)]
pub struct Structure {
    /// In the model's order, which is the order in which clients print them.
    pub members: Vec<Member>,
    /// The member that is the whole HTTP body.
    pub payload: String,
    pub error: Option<ErrorShape>,
}

#[derive(Clone, Debug, Default)]
pub struct ErrorShape {
    pub code: String,
    pub status: u16,
    pub sender: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Member {
    pub name: String,
    pub shape: String,
    pub required: bool,
    pub place: Place,
    /// `locationName`: on the wire where it differs.
    pub wire: String,
    /// `queryName`: in ec2 requests.
    pub query: String,
    pub flat: bool,
    pub streaming: bool,
    /// The client makes a value up where none is given.
    pub token: bool,
    /// `iso8601`, `unixTimestamp`, `rfc822`, where said.
    pub format: String,
}

/// Where in an HTTP message a member travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Body,
    Uri,
    Querystring,
    Header,
    Headers,
    Status,
}

#[derive(Clone, Debug, Default)]
pub struct List {
    pub member: String,
    pub flat: bool,
    /// The element's name in XML; `member` where not said.
    pub wire: String,
    pub min: Option<i64>,
    pub max: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub struct Mapping {
    pub key: String,
    pub value: String,
    pub flat: bool,
    pub key_wire: String,
    pub value_wire: String,
}

/// Kinds of single values. In our values a timestamp is whole milliseconds since 1970, a blob is base64 text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

#[derive(Clone, Debug, Default)]
pub struct Scalar {
    pub of: Of,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub format: String,
    pub choices: Vec<String>,
}

impl Model {
    /// A shape by name; the name comes from the same file.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    pub fn structure(&self, name: &str) -> Option<&Structure> {
        match self.shapes.get(name) {
            Some(Shape::Struct(structure)) => Some(structure),
            _ => None,
        }
    }

    /// The error shape of a code, if the model names it.
    pub fn error(&self, code: &str) -> Option<(&str, &ErrorShape)> {
        self.shapes.iter().find_map(|(name, shape)| match shape {
            Shape::Struct(Structure { error: Some(error), .. }) if error.code == code || name == code => {
                Some((name.as_str(), error))
            }
            _ => None,
        })
    }
}

impl Structure {
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// `key=value` and bare words after the fixed ones.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn value(&self, key: &str) -> &'a str {
        self.0.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).unwrap_or("")
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains(&key)
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.value(key).parse().ok()
    }

    fn list(&self, key: &str) -> Vec<String> {
        self.value(key).split(',').filter(|part| !part.is_empty()).map(str::to_string).collect()
    }
}

fn read(text: &str) -> Model {
    let mut model = Model::default();
    // Indented lines belong to the structure or waiter before them.
    let (mut inside, mut waiter) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(line) = line.strip_prefix(' ') {
            if let Some(waiter) = model.waiters.get_mut(&waiter) {
                waiter.acceptors.extend(acceptor(line));
            } else if let Some(Shape::Struct(structure)) = model.shapes.get_mut(&inside) {
                structure.members.push(member(line));
            }
            continue;
        }
        waiter.clear();
        let words: Vec<&str> = line.split(' ').collect();
        // A header may be a word alone.
        let (Some(head), name) = (words.first(), words.get(1).unwrap_or(&"")) else { continue };
        let rest = Words(words.get(2..).unwrap_or_default().to_vec());
        match *head {
            "op" => operation(&mut model, name, &rest),
            "page" => page(&mut model, name, &rest),
            "wait" => {
                waiter = (*name).to_string();
                let (delay, tries) = (rest.number("delay"), rest.number("tries"));
                let row = Waiter {
                    operation: rest.value("op").to_string(),
                    delay: delay.unwrap_or(5) as u32,
                    tries: tries.unwrap_or(40) as u32,
                    acceptors: Vec::new(),
                };
                model.waiters.insert(waiter.clone(), row);
            }
            _ if header(&mut model, line) => {}
            _ => {
                inside = (*name).to_string();
                model.shapes.insert(inside.clone(), shape(head, &rest));
            }
        }
    }
    model
}

fn header(model: &mut Model, line: &str) -> bool {
    let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
    let text = rest.to_string();
    match head {
        "service" => model.service = text,
        "id" => model.id = text,
        "version" => model.version = text,
        "target" => model.target = text,
        "sign" => model.sign = text,
        "endpoint" => model.endpoint = text,
        "title" => model.title = text,
        "namespace" => model.namespace = text,
        "querymode" => model.query_mode = true,
        "protocol" => {
            model.protocol = match rest {
                "json 1.0" => Protocol::Json10,
                "query" => Protocol::Query,
                "ec2" => Protocol::Ec2,
                "rest-json" => Protocol::RestJson,
                "rest-xml" => Protocol::RestXml,
                _ => Protocol::Json11,
            }
        }
        _ => return false,
    }
    true
}

fn operation(model: &mut Model, name: &str, words: &Words) {
    let fixed = |index: usize| words.0.get(index).copied().unwrap_or("-");
    let shape = |index: usize| Some(fixed(index)).filter(|word| *word != "-").unwrap_or("").to_string();
    let row = Operation {
        name: name.to_string(),
        method: fixed(0).to_string(),
        uri: fixed(1).to_string(),
        input: shape(2),
        output: shape(3),
        wrapper: words.value("wrapper").to_string(),
        errors: words.list("errors"),
        page: None,
    };
    model.operations.insert(name.to_string(), row);
}

fn page(model: &mut Model, name: &str, words: &Words) {
    let page = Paging {
        input: words.list("in"),
        output: words.list("out"),
        limit: words.value("limit").to_string(),
        results: words.list("results"),
        keep: words.list("keep"),
        more: words.value("more").to_string(),
    };
    if let Some(operation) = model.operations.get_mut(name) {
        operation.page = Some(page);
    }
}

fn acceptor(line: &str) -> Option<Acceptor> {
    let (state, rest) = line.split_once(' ')?;
    let (matcher, rest) = rest.split_once(' ')?;
    // What is expected is JSON: text in quotes, a number, or a truth.
    let end = match rest.strip_prefix('"') {
        Some(text) => text.find('"')? + 2,
        None => rest.find(' ').unwrap_or(rest.len()),
    };
    let (expected, argument) = rest.split_at_checked(end)?;
    let [state, matcher, expected, argument] = [state, matcher, expected, argument.trim()].map(str::to_string);
    Some(Acceptor { state, matcher, expected, argument })
}

fn member(line: &str) -> Member {
    let words: Vec<&str> = line.split(' ').collect();
    let rest = Words(words.get(2..).unwrap_or_default().to_vec());
    let place = match rest.value("at") {
        "uri" => Place::Uri,
        "querystring" => Place::Querystring,
        "header" => Place::Header,
        "headers" => Place::Headers,
        "statusCode" => Place::Status,
        _ => Place::Body,
    };
    let word = |index: usize| words.get(index).copied().unwrap_or("").to_string();
    Member {
        name: word(0),
        shape: word(1),
        required: rest.has("!"),
        place,
        wire: rest.value("name").to_string(),
        query: rest.value("query").to_string(),
        flat: rest.has("flat"),
        streaming: rest.has("stream"),
        token: rest.has("token"),
        format: rest.value("format").to_string(),
    }
}

fn shape(head: &str, words: &Words) -> Shape {
    let fixed = |index: usize| words.0.get(index).copied().unwrap_or("").to_string();
    let of = match head {
        "struct" => {
            let mut parts = words.value("error").split(',');
            let error = parts.next().filter(|code| !code.is_empty()).map(|code| ErrorShape {
                code: code.to_string(),
                status: parts.next().and_then(|text| text.parse().ok()).unwrap_or(400),
                sender: parts.next() == Some("sender"),
            });
            let payload = words.value("payload").to_string();
            return Shape::Struct(Structure { members: Vec::new(), payload, error });
        }
        "list" => {
            let wire = words.value("name").to_string();
            let (min, max) = (words.number("min"), words.number("max"));
            return Shape::List(List { member: fixed(0), flat: words.has("flat"), wire, min, max });
        }
        "map" => {
            let (key_wire, value_wire) = (words.value("key").to_string(), words.value("value").to_string());
            return Shape::Map(Mapping {
                key: fixed(0),
                value: fixed(1),
                flat: words.has("flat"),
                key_wire,
                value_wire,
            });
        }
        "integer" => Of::Integer,
        "long" => Of::Long,
        "float" => Of::Float,
        "double" => Of::Double,
        "boolean" => Of::Boolean,
        "blob" => Of::Blob,
        "timestamp" => Of::Timestamp,
        _ => Of::String,
    };
    Shape::Scalar(Scalar {
        of,
        min: words.number("min"),
        max: words.number("max"),
        format: words.value("format").to_string(),
        choices: words.list("enum"),
    })
}
