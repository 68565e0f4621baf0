//! Receipt handles: text that looks like the real one's and stands for one receive of one message. Knows no queue's
//! messages.

use crate::stdx::dice;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Real handles begin like this.
const HEAD: &str = "AQEB";

pub fn write(key: u64, serial: u64, receive: u32) -> Arc<str> {
    let first = serial ^ dice::at(key, 1, 0);
    let second = u64::from(receive) ^ dice::at(key, 2, first);
    let check = dice::at(key, first, second);
    let mut bytes = [0; 48];
    let words = [first, second, check, dice::at(check, 1, 0), dice::at(check, 2, 0), dice::at(check, 3, 0)];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    let mut text = String::with_capacity(HEAD.len() + 64);
    text.push_str(HEAD);
    STANDARD.encode_string(bytes, &mut text);
    text.into()
}

/// The serial of the message and which receive of it; `None` for what is not a handle of this queue.
pub fn read(key: u64, text: &str) -> Option<(u64, u32)> {
    let bytes = STANDARD.decode(text.strip_prefix(HEAD)?).ok()?;
    let word = |at: usize| bytes.get(at * 8..at * 8 + 8)?.try_into().ok().map(u64::from_be_bytes);
    let (first, second, check) = (word(0)?, word(1)?, word(2)?);
    if check != dice::at(key, first, second) {
        return None;
    }
    let receive = u32::try_from(second ^ dice::at(key, 2, first)).ok()?;
    Some((first ^ dice::at(key, 1, 0), receive))
}
