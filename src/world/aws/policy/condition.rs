//! The `Condition` element: operators over the request's keys. Does not know where a key's value came from.

use super::Ask;
use super::glob;
use crate::stdx::time::Time;
use crate::world::aws::arn::Arn;
use core::net::IpAddr;
use std::borrow::Cow;

/// One operator over one key: `"ArnLike": {"aws:SourceArn": […]}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    operator: Operator,
    /// In lower case.
    key: String,
    values: Vec<String>,
}

/// `ForAnyValue:StringLikeIfExists`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    test: Test,
    negated: bool,
    if_exists: bool,
    over: Over,
}

/// How a key with many values is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    One,
    Any,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Arn,
    Bool,
    Date(Order),
    Ip,
    Null,
    Number(Order),
    Text,
    TextCaseless,
    TextLike,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// Sorted by name: what it tests and whether it is turned round.
static OPERATORS: &[(&str, Test, bool)] = &[
    ("ArnEquals", Test::Arn, false),
    ("ArnLike", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnNotLike", Test::Arn, true),
    ("BinaryEquals", Test::Text, false),
    ("Bool", Test::Bool, false),
    ("DateEquals", Test::Date(Order::Equal), false),
    ("DateGreaterThan", Test::Date(Order::More), false),
    ("DateGreaterThanEquals", Test::Date(Order::MoreOrEqual), false),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::LessOrEqual), false),
    ("DateNotEquals", Test::Date(Order::Equal), true),
    ("IpAddress", Test::Ip, false),
    ("NotIpAddress", Test::Ip, true),
    ("Null", Test::Null, false),
    ("NumericEquals", Test::Number(Order::Equal), false),
    ("NumericGreaterThan", Test::Number(Order::More), false),
    ("NumericGreaterThanEquals", Test::Number(Order::MoreOrEqual), false),
    ("NumericLessThan", Test::Number(Order::Less), false),
    ("NumericLessThanEquals", Test::Number(Order::LessOrEqual), false),
    ("NumericNotEquals", Test::Number(Order::Equal), true),
    ("StringEquals", Test::Text, false),
    ("StringEqualsIgnoreCase", Test::TextCaseless, false),
    ("StringLike", Test::TextLike, false),
    ("StringNotEquals", Test::Text, true),
    ("StringNotEqualsIgnoreCase", Test::TextCaseless, true),
    ("StringNotLike", Test::TextLike, true),
];

impl Operator {
    pub fn parse(text: &str) -> Option<Operator> {
        let (over, rest) = match text.split_once(':') {
            Some(("ForAnyValue", rest)) => (Over::Any, rest),
            Some(("ForAllValues", rest)) => (Over::All, rest),
            Some(_) => return None,
            None => (Over::One, text),
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (_, test, negated) = OPERATORS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        Some(Operator { test: *test, negated: *negated, if_exists, over })
    }
}

impl Condition {
    pub fn new(operator: Operator, key: &str, values: Vec<String>) -> Condition {
        Condition { operator, key: key.to_ascii_lowercase(), values }
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// Several values of the policy are alternatives (of a negated operator: all must differ). A key that the request does not
    /// have fails, unless the operator is negated or says IfExists (IAM User Guide, "Condition operators").
    pub fn holds(&self, ask: &Ask) -> bool {
        let Operator { test, negated, if_exists, over } = self.operator;
        let given = given(&self.key, ask);
        if test == Test::Null {
            let absent = given.is_empty();
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == absent);
        }
        if given.is_empty() {
            return if_exists || negated || over == Over::All;
        }
        let one = |value: &String| {
            let fits = self.values.iter().any(|wanted| test.fits(&filled(wanted, ask), value));
            fits != negated
        };
        match over {
            Over::Any => given.iter().any(one),
            Over::All => given.iter().all(one),
            Over::One => given.first().is_some_and(one),
        }
    }
}

/// A key's values: the request's own, or what follows from who asks.
fn given<'a>(key: &str, ask: &'a Ask) -> Cow<'a, [String]> {
    if let Some(values) = ask.context.get(key) {
        return Cow::Borrowed(values);
    }
    let principal = ask.principal;
    let known = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_string()] };
    let values = match key {
        // Of a session it is the role's ARN.
        "aws:principalarn" if principal.service.is_empty() => {
            known(if principal.role.is_empty() { &principal.arn } else { &principal.role })
        }
        "aws:principalaccount" => known(&principal.account),
        "aws:principalservicename" => known(&principal.service),
        "aws:principalisawsservice" => vec![(!principal.service.is_empty()).to_string()],
        "aws:resourceaccount" => known(ask.account),
        "aws:principaltype" if principal.service.is_empty() => {
            known(if principal.role.is_empty() { "User" } else { "AssumedRole" })
        }
        "aws:username" if principal.role.is_empty() => {
            known(principal.arn.split_once(":user/").map_or("", |(_, name)| name))
        }
        // Everything in the simulation speaks TLS.
        "aws:securetransport" => vec!["true".to_string()],
        _ => Vec::new(),
    };
    Cow::Owned(values)
}

impl Test {
    fn fits(self, wanted: &str, value: &str) -> bool {
        match self {
            Test::Arn => arn_like(wanted, value),
            Test::Bool => wanted.eq_ignore_ascii_case(value),
            Test::Date(order) => instant(wanted).zip(instant(value)).is_some_and(|(to, it)| order.holds(&it, &to)),
            Test::Ip => in_block(wanted, value),
            Test::Null => false,
            Test::Number(order) => number(wanted).zip(number(value)).is_some_and(|(to, it)| order.holds(&it, &to)),
            Test::Text => wanted == value,
            Test::TextCaseless => wanted.to_lowercase() == value.to_lowercase(),
            Test::TextLike => glob(wanted, value),
        }
    }
}

impl Order {
    fn holds<T: Ord>(self, it: &T, to: &T) -> bool {
        match self {
            Order::Equal => it == to,
            Order::Less => it < to,
            Order::LessOrEqual => it <= to,
            Order::More => it > to,
            Order::MoreOrEqual => it >= to,
        }
    }
}

/// Each of the six parts is compared on its own, with wildcards; `ArnEquals` does the same (IAM User Guide).
fn arn_like(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return Arn::parse(arn).is_some();
    }
    let (mut wanted, mut is) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    (0..6).all(|_| wanted.next().zip(is.next()).is_some_and(|(wanted, is)| glob(wanted, is)))
}

fn instant(text: &str) -> Option<Time> {
    let epoch = || text.parse::<i64>().ok()?.checked_mul(1_000).map(Time);
    Time::parse(text).or_else(epoch).or_else(|| Time::parse(&format!("{text}T00:00:00Z")))
}

/// A decimal number in billionths.
fn number(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || part.len() > 9 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part: i128 = format!("{part:0<9}").parse().ok()?;
    let value = whole.parse::<i128>().ok()? * 1_000_000_000 + part;
    Some(if negative { -value } else { value })
}

fn in_block(block: &str, address: &str) -> bool {
    let (base, bits) = block.split_once('/').map_or((block, None), |(base, bits)| (base, Some(bits)));
    let (Ok(base), Ok(address)) = (base.parse::<IpAddr>(), address.parse::<IpAddr>()) else { return false };
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(u32::from(base)), u128::from(u32::from(address)), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (u128::from(base), u128::from(address), 128),
        _ => return false,
    };
    let Ok(bits) = bits.map_or(Ok(width), str::parse::<u32>) else { return false };
    let shift = width.saturating_sub(bits);
    let network = |number: u128| number.checked_shr(shift).unwrap_or(0);
    bits <= width && network(base) == network(address)
}

/// A pattern with its policy variables (`${aws:username}`) filled in; an unknown one stays and matches nothing.
pub fn filled<'p>(pattern: &'p str, ask: &Ask) -> Cow<'p, str> {
    if !pattern.contains("${") {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            break;
        };
        let (name, otherwise) = name.split_once(',').map_or((name, None), |(name, or)| (name, Some(or.trim())));
        match name {
            "*" | "?" | "$" => out.push_str(name),
            _ => match (given(&name.trim().to_ascii_lowercase(), ask).first(), otherwise) {
                (Some(value), _) => out.push_str(value),
                (None, Some(value)) => out.push_str(value.trim_matches('\'')),
                (None, None) => out.push_str(&format!("${{{name}}}")),
            },
        }
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}
