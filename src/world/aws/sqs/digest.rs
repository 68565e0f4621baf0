//! The digests with which clients check what they sent and received: MD5 over the body and over the attributes in SQS's
//! own encoding (SQS Developer Guide, "Calculating the MD5 message digest for message attributes").

use super::super::message::Attributes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use std::fmt::Write;

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub fn of_body(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// `None` where there are no attributes: SQS then leaves the digest out.
pub fn of_attributes(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut digest = Md5::new();
    for (name, attribute) in attributes {
        let binary = attribute.data_type.starts_with("Binary");
        let value = match binary {
            true => STANDARD.decode(attribute.value.as_bytes()).unwrap_or_default(),
            false => attribute.value.as_bytes().to_vec(),
        };
        put(&mut digest, name.as_bytes());
        put(&mut digest, attribute.data_type.as_bytes());
        digest.update([if binary { 2 } else { 1 }]);
        put(&mut digest, &value);
    }
    Some(hex(&digest.finalize()))
}

/// Each part with its length in four bytes before it.
fn put(digest: &mut Md5, bytes: &[u8]) {
    digest.update((bytes.len() as u32).to_be_bytes());
    digest.update(bytes);
}
