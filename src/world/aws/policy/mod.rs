//! Policy documents: read with the services' complaints, and evaluated: explicit deny, else allow, else deny. Linear and
//! bounded. Does not know who holds which policy.

mod condition;
mod read;

use super::call::Fault;
use condition::Condition;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use read::{Flaw, parse};

/// A policy document, understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub id: String,
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    pub sid: String,
    pub deny: bool,
    /// `None` in identity policies.
    principals: Option<Match<Principals>>,
    actions: Match<Vec<String>>,
    /// Identity and resource policies name resources; trust policies do not.
    resources: Option<Match<Vec<String>>>,
    conditions: Vec<Condition>,
}

/// An element or its `Not…` twin.
#[derive(Clone, Debug, PartialEq)]
enum Match<T> {
    In(T),
    NotIn(T),
}

impl<T: Default> Default for Match<T> {
    fn default() -> Match<T> {
        Match::In(T::default())
    }
}

/// Whom a `Principal` element names.
#[derive(Clone, Debug, Default, PartialEq)]
struct Principals {
    everyone: bool,
    /// ARNs and account numbers.
    aws: Vec<String>,
    services: Vec<String>,
}

/// What kind of policy a document is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Belongs to a user or role; names no principal.
    Identity,
    /// Belongs to a queue, topic, function, bucket, key; names principals.
    Resource,
    /// Belongs to an image repository: names principals, and no resource, as it is about its repository.
    Repository,
    /// Who may take a role on; names no resource.
    Trust,
}

/// Who asks. Clones share their texts, and are found equal without reading them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// As refusals name it: `arn:aws:sts::123456789012:assumed-role/oncall/learner`; a service's name for services.
    pub arn: Arc<str>,
    /// The role behind a session: `arn:aws:iam::123456789012:role/oncall`; else empty.
    pub role: Arc<str>,
    /// Twelve digits; empty for services.
    pub account: Arc<str>,
    /// `sns.amazonaws.com`; else empty.
    pub service: Arc<str>,
}

impl Principal {
    /// A session of a role.
    pub fn session(arn: impl Into<Arc<str>>, role: impl Into<Arc<str>>, account: impl Into<Arc<str>>) -> Principal {
        Principal { arn: arn.into(), role: role.into(), account: account.into(), service: Arc::default() }
    }

    /// An AWS service that acts on its own behalf.
    pub fn service(name: &str) -> Principal {
        let name: Arc<str> = name.into();
        Principal { arn: Arc::clone(&name), service: name, ..Principal::default() }
    }
}

/// Keys of a request that conditions look at, in lower case, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Adds a value: `aws:SourceArn`, `aws:SourceAccount`, `aws:SecureTransport`, `aws:SourceVpce`, …
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Context {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
        self
    }

    fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(key).map(Vec::as_slice)
    }

    /// The values of a key.
    pub fn values(&self, key: &str) -> &[String] {
        self.get(&key.to_ascii_lowercase()).unwrap_or_default()
    }
}

/// May this be done?
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub principal: &'a Principal,
    /// `sqs:SendMessage`.
    pub action: &'a str,
    /// The resource's ARN; `*` where the operation has none.
    pub resource: &'a str,
    /// Whose the resource is: twelve digits.
    pub account: &'a str,
    pub context: &'a Context,
}

/// A document that takes part in a decision.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    pub by: Holder,
    pub document: &'a Document,
}

/// To what a policy is fastened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Identity,
    Resource,
    /// A VPC endpoint: what goes through it must be allowed by its policy besides (VPC guide, "Control access to VPC endpoints
    /// using endpoint policies").
    Endpoint,
}

impl Holder {
    /// As refusals name it.
    pub fn word(self) -> &'static str {
        match self {
            Holder::Identity => "identity-based",
            Holder::Resource => "resource-based",
            Holder::Endpoint => "VPC endpoint",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    ExplicitDeny {
        by: Holder,
    },
    /// Nothing allows it; `kind` is the policy that would have had to.
    ImplicitDeny {
        kind: Holder,
    },
}

impl Decision {
    pub fn allowed(self) -> bool {
        self == Decision::Allowed
    }
}

/// How a statement's principals stand to the asker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    No,
    /// Through the account, which leaves it to the account's identity policies.
    Account,
    Directly,
}

/// Decides. Within an account an allow in either an identity policy or a resource policy that names the asker is enough; a
/// resource policy that names the account leaves it to identity policies; another account's principals and services need
/// the resource policy (IAM User Guide, "Policy evaluation logic").
pub fn decide(documents: &[Held], ask: &Ask) -> Decision {
    let stranger = *ask.principal.account != *ask.account;
    let (mut identity, mut resource, mut passes) = (false, Named::No, false);
    let mut denied = None;
    for held in documents {
        for statement in &held.document.statements {
            let named = match held.by {
                Holder::Identity => Named::Directly,
                Holder::Resource | Holder::Endpoint => statement.names(ask.principal),
            };
            if named == Named::No || !statement.applies(ask) {
                continue;
            }
            match (statement.deny, held.by) {
                // Refusals name the identity policy where both deny.
                (true, Holder::Identity) => denied = Some(Holder::Identity),
                (true, by) => denied = denied.or(Some(by)),
                (false, Holder::Identity) => identity = true,
                (false, Holder::Resource) => resource = resource.max(named),
                (false, Holder::Endpoint) => passes = true,
            }
        }
    }
    if let Some(by) = denied {
        return Decision::ExplicitDeny { by };
    }
    let allowed = match resource {
        Named::Directly => true,
        // Another account's own identity policies are not ours to see: they are taken to allow what they ask for.
        Named::Account => identity || stranger,
        Named::No => identity && !stranger,
    };
    if allowed && !passes && documents.iter().any(|held| held.by == Holder::Endpoint) {
        return Decision::ImplicitDeny { kind: Holder::Endpoint };
    }
    let kind = if stranger { Holder::Resource } else { Holder::Identity };
    if allowed { Decision::Allowed } else { Decision::ImplicitDeny { kind } }
}

/// Which statements speak about this request: (index of the document, index of the statement).
pub fn matched(documents: &[Held], ask: &Ask, deny: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, held) in documents.iter().enumerate() {
        for (at, statement) in held.document.statements.iter().enumerate() {
            let named = held.by == Holder::Identity || statement.names(ask.principal) != Named::No;
            if named && statement.deny == deny && statement.applies(ask) {
                found.push((index, at));
            }
        }
    }
    found
}

/// Whether a key's policy lets the asker use it. Unlike elsewhere an identity policy alone is not enough: the key policy must
/// name the asker, or the account and thereby its identity policies (KMS Developer Guide, "Key policies").
pub fn decide_key(documents: &[Held], ask: &Ask) -> Decision {
    match decide(documents, ask) {
        Decision::Allowed => {}
        denied => return denied,
    }
    let named = documents.iter().filter(|held| held.by == Holder::Resource).any(|held| {
        held.document
            .statements
            .iter()
            .any(|statement| !statement.deny && statement.names(ask.principal) != Named::No && statement.applies(ask))
    });
    if named { Decision::Allowed } else { Decision::ImplicitDeny { kind: Holder::Resource } }
}

impl Document {
    /// The keys that its conditions look at, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.conditions.iter().map(Condition::key))
    }

    /// Lets its holder do everything.
    pub fn everything() -> Document {
        let all = || vec!["*".to_string()];
        let statement =
            Statement { actions: Match::In(all()), resources: Some(Match::In(all())), ..Statement::default() };
        Document { id: String::new(), statements: vec![statement] }
    }
}

impl Statement {
    fn names(&self, principal: &Principal) -> Named {
        match &self.principals {
            None => Named::Directly,
            Some(Match::In(names)) => names.name(principal),
            Some(Match::NotIn(names)) => match names.name(principal) {
                Named::No => Named::Directly,
                _ => Named::No,
            },
        }
    }

    /// Whether action, resource and conditions fit.
    fn applies(&self, ask: &Ask) -> bool {
        let action = self.actions.holds(|patterns| patterns.iter().any(|pattern| glob_caseless(pattern, ask.action)));
        let resource = |patterns: &Vec<String>| {
            patterns.iter().any(|pattern| glob(&condition::filled(pattern, ask), ask.resource))
        };
        action
            && self.resources.as_ref().is_none_or(|resources| resources.holds(resource))
            && self.conditions.iter().all(|condition| condition.holds(ask))
    }
}

impl<T> Match<T> {
    fn holds(&self, fits: impl Fn(&T) -> bool) -> bool {
        match self {
            Match::In(what) => fits(what),
            Match::NotIn(what) => !fits(what),
        }
    }
}

impl Principals {
    fn name(&self, principal: &Principal) -> Named {
        if self.everyone {
            return Named::Directly;
        }
        if !principal.service.is_empty() {
            let named = self.services.iter().any(|name| **name == *principal.service);
            return if named { Named::Directly } else { Named::No };
        }
        let own = |name: &String| **name == *principal.arn || (!principal.role.is_empty() && **name == *principal.role);
        let account = |name: &String| {
            !principal.account.is_empty()
                && (**name == *principal.account || *name == format!("arn:aws:iam::{}:root", principal.account))
        };
        if self.aws.iter().any(own) {
            Named::Directly
        } else if self.aws.iter().any(account) {
            Named::Account
        } else {
            Named::No
        }
    }
}

/// Whether `text` fits a pattern with `*` (any run) and `?` (any one character).
pub fn glob(pattern: &str, text: &str) -> bool {
    globbed(pattern.as_bytes(), text.as_bytes(), |wanted, is| wanted == is)
}

/// Names of actions do not distinguish case.
fn glob_caseless(pattern: &str, text: &str) -> bool {
    globbed(pattern.as_bytes(), text.as_bytes(), |wanted, is| wanted.eq_ignore_ascii_case(is))
}

fn globbed(pattern: &[u8], text: &[u8], same: impl Fn(&u8, &u8) -> bool) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where the last star stood and how much it has swallowed: enough, as a later star can always swallow more.
    let mut star: Option<(usize, usize)> = None;
    while let Some(is) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            // The bytes after the first of a character go with it.
            Some(b'?') if is & 0xc0 != 0x80 => {
                let rest = text.get(read + 1..).unwrap_or_default();
                (at, read) = (at + 1, read + 1 + rest.iter().take_while(|byte| *byte & 0xc0 == 0x80).count());
            }
            Some(wanted) if same(wanted, is) => (at, read) = (at + 1, read + 1),
            _ => match star {
                Some((stood, swallowed)) => {
                    (at, read) = (stood + 1, swallowed + 1);
                    star = Some((stood, swallowed + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|left| *left == b'*')
}

/// A document's flaw as the service that was given it complains.
pub fn complaint(service: &str, flaw: &Flaw) -> Fault {
    match service {
        // SQS says no more than that.
        "sqs" => Fault::new("InvalidAttributeValue", "Invalid value for the parameter Policy."),
        "sns" => Fault::new("InvalidParameter", format!("Invalid parameter: Policy Error: {}", flaw.as_topic())),
        "kms" => Fault::new("MalformedPolicyDocumentException", flaw.say()),
        "s3api" => Fault::new("MalformedPolicy", flaw.as_bucket()),
        // These two say no more than that.
        "ec2" => Fault::new("InvalidPolicyDocument", "Invalid Policy Document"),
        "ecr" => Fault::new(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
        ),
        _ => Fault::new("MalformedPolicyDocument", flaw.say()),
    }
}

/// Whether every resource that a document names is a bucket or something in it. S3 refuses others: `Policy has invalid
/// resource`.
pub fn is_about_bucket(document: &Document, bucket: &str) -> bool {
    let own = format!("arn:aws:s3:::{bucket}");
    let inside = |text: &String| text.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    document.statements.iter().all(|statement| match &statement.resources {
        Some(Match::In(list) | Match::NotIn(list)) => list.iter().all(inside),
        None => false,
    })
}

/// Whether all actions of a resource policy are of the service; SNS refuses others: `Invalid parameter: Policy statement
/// action out of service scope!`
pub fn in_scope(document: &Document, service: &str) -> bool {
    let of_service = |action: &String| {
        let vendor = action.split_once(':').map_or(action.as_str(), |(vendor, _)| vendor);
        vendor == "*" || vendor.eq_ignore_ascii_case(service)
    };
    document.statements.iter().all(|statement| match &statement.actions {
        Match::In(actions) | Match::NotIn(actions) => actions.iter().all(of_service),
    })
}
