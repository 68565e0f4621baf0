//! Keys: the server's own, kept for good and only for its owner; and those of people who are known beforehand. Does not
//! know rooms.

use super::limits;
use crate::stdx::text::harmless;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey, PublicKey};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

const HOST_KEY: &str = "host_key";

/// The server's key: read, or made where there is none.
pub fn host_key(folder: &Path) -> Result<PrivateKey, String> {
    let path = folder.join(HOST_KEY);
    let said = |why: String| format!("{}: {why}", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => {
            let mode = fs::metadata(&path).map_err(|error| said(error.to_string()))?.permissions().mode();
            if mode & 0o077 != 0 {
                let what = format!("others can read the server's key\nhint: chmod 600 {}", path.display());
                return Err(said(what));
            }
            PrivateKey::from_openssh(&text)
                .map_err(|error| said(format!("{error}\nhint: remove it; a new one is made, and clients will warn")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => made(folder, &path).map_err(|e| said(e.to_string())),
        Err(error) => Err(said(error.to_string())),
    }
}

fn made(folder: &Path, path: &Path) -> io::Result<PrivateKey> {
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).map_err(|error| io::Error::other(error.to_string()))?;
    let pair = Ed25519Keypair::from_seed(&seed);
    let key = PrivateKey::new(KeypairData::Ed25519(pair), "whodunit").map_err(io::Error::other)?;
    let text = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!("{HOST_KEY}.new"));
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    Ok(key)
}

/// As `ssh-keygen -l` writes it: `SHA256:…`.
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Somebody who needs no invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub fingerprint: String,
    pub name: String,
    /// Which kind of seat is theirs; empty is any but the facilitator's.
    pub role: String,
}

/// Reads a file of keys as sshd's `authorized_keys`: the comment is the name, an option `role="facilitator"` the seat.
pub fn known(path: &Path) -> Result<Vec<Known>, String> {
    let said = |line: usize, why: &str| format!("{}:{line}: {why}", path.display());
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    file.take(limits::KEYS_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let mut known = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if known.len() == limits::KEYS_MAX {
            return Err(said(at + 1, "more keys than one server knows"));
        }
        known.push(one(line).ok_or_else(|| said(at + 1, "not a public key\nhint: `ssh-ed25519 AAAA… name`"))?);
    }
    Ok(known)
}

fn one(line: &str) -> Option<Known> {
    let (options, key) = match PublicKey::from_openssh(line) {
        Ok(key) => ("", key),
        Err(_) => {
            let (options, rest) = line.split_once(' ')?;
            (options, PublicKey::from_openssh(rest.trim_start()).ok()?)
        }
    };
    let role = options.split(',').find_map(|option| option.strip_prefix("role=")).unwrap_or_default();
    let name = super::roster::person(&harmless(key.comment().as_str_lossy()));
    Some(Known { fingerprint: fingerprint(&key), name, role: role.trim_matches('"').to_string() })
}
