//! Who sends a request: the credential of its Signature Version 4, in the Authorization header or in a presigned URL. The
//! access key is the token: it is random, made anew for each door, and compared in constant time. The signature itself
//! is not computed again: it would prove possession of a secret that travels with the key in the same lines, over
//! loopback. Does not know services.

use super::query::pairs;
use crate::host::door::Message;

/// An access key that the door gave out, and who it makes the caller.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub secret: String,
    /// As the audit names people: `learner`.
    pub user: String,
}

/// What a credential scope says: `AKIA…/20260302/sim-west-1/sqs/aws4_request`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub key: String,
    pub region: String,
    pub service: String,
}

/// Why nobody is known to have sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No signature at all.
    Missing,
    /// A signature that is not whole, in the services' words.
    Incomplete(String),
    /// Not a key of this door.
    Unknown,
}

/// Random letters and digits of a key, as IAM's keys have: 20 letters in all.
const KEY_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Key {
    /// A new key. Its 80 random bits are the token. The prefix tells people, and scanners for leaked keys, that it is none
    /// of AWS.
    pub fn new(user: &str) -> std::io::Result<Key> {
        let mut bytes = [0_u8; 46];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        let letters: String = bytes.iter().map(|byte| char::from(KEY_LETTERS[usize::from(byte % 32)])).collect();
        let (id, secret) = letters.split_at(16);
        Ok(Key { id: format!("SIMA{id}"), secret: format!("simulated/{secret}"), user: user.to_string() })
    }
}

/// The credential scope of a request, whoever's it is.
pub fn scope(message: &Message) -> Result<Scope, Refusal> {
    let Some(header) = message.header("authorization") else {
        return match pairs(&message.query).unwrap_or_default().iter().find(|(name, _)| name == "X-Amz-Credential") {
            Some((_, credential)) => split(credential),
            None => Err(Refusal::Missing),
        };
    };
    let Some(rest) = header.strip_prefix("AWS4-HMAC-SHA256") else {
        let said = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                    parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires \
                    existence of either a 'X-Amz-Date' or a 'Date' header.";
        return Err(Refusal::Incomplete(format!("{said} Authorization={header}")));
    };
    let parts: Vec<(&str, &str)> = rest.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let lacks: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .iter()
        .filter(|name| !parts.iter().any(|(own, value)| own == *name && !value.is_empty()))
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if !lacks.is_empty() {
        return Err(Refusal::Incomplete(format!("{} Authorization={header}", lacks.join(" "))));
    }
    let credential = parts.iter().find(|(name, _)| *name == "Credential").map_or("", |(_, value)| value);
    split(credential)
}

fn split(credential: &str) -> Result<Scope, Refusal> {
    // A key has no slash, so the four parts behind it are counted from the end.
    let parts: Vec<&str> = credential.rsplitn(5, '/').collect();
    match parts.as_slice() {
        ["aws4_request", service, region, _date, key] if !key.is_empty() => {
            Ok(Scope { key: (*key).to_string(), region: (*region).to_string(), service: (*service).to_string() })
        }
        _ => Err(Refusal::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '{credential}'"
        ))),
    }
}

/// The key that was used, if it is one of these. Takes as long for each wrong key as for the right one.
pub fn known<'a>(scope: &Scope, keys: &'a [Key]) -> Result<&'a Key, Refusal> {
    let mut found = None;
    for key in keys {
        if same(scope.key.as_bytes(), key.id.as_bytes()) {
            found = Some(key);
        }
    }
    found.ok_or(Refusal::Unknown)
}

/// Whether two byte strings are the same, in a time that depends on their lengths alone.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differ = left.iter().zip(right).fold(0_u8, |differ, (left, right)| differ | (left ^ right));
    std::hint::black_box(differ) == 0 && left.len() == right.len()
}
