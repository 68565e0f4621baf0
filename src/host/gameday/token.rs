//! Secrets that let people in: invites and return codes. Made here, kept only as their hash, compared in constant time.
//! Does not know for which seat.

use sha2::{Digest, Sha256};
use std::io;

/// Letters and digits that are not mistaken for each other (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Five bits each: 75 bits cannot be guessed at any rate that a network allows.
const LENGTH: usize = 15;
const GROUP: usize = 5;

/// A new secret, as `xxxxx-xxxxx-xxxxx`.
pub fn new() -> io::Result<String> {
    let mut bytes = [0u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(text)
}

/// The hash under which a secret is kept. Case, blanks and hyphens do not count, nor do letters that look like digits.
pub fn hash(secret: &str) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    let kept: String = secret.chars().filter(|c| !c.is_whitespace() && *c != '-').map(plain).collect();
    Sha256::digest(kept.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two hashes are the same; how long it takes does not say where they differ.
pub fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differ = one.iter().zip(other).fold(0u8, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0 && one.len() == other.len() && !one.is_empty()
}
