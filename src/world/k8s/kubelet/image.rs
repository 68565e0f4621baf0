//! Images: which exist, how big they are and how long a pull takes; how a name is normalised and what a registry
//! answers. Does not know pods.

use crate::stdx::dice;
use crate::stdx::time::Span;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What the registries of the world hold. Every image exists unless a row says otherwise; once images are declared,
/// only those do.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    rows: BTreeMap<String, Image>,
    /// Full names with tags, sorted: all tags of a repository stand together.
    declared: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    Here {
        bytes: u64,
        pull: Span,
    },
    /// The tag does not exist.
    Missing,
    /// The registry refuses: private, or no such repository.
    Denied,
}

impl Registry {
    /// Says what a pull of exactly `image` (as manifests write it) finds.
    pub fn set(&mut self, image: &str, found: Image) {
        self.rows.insert(image.into(), found);
    }

    /// Says that an image exists; from the first on, what was not declared does not.
    pub fn declare(&mut self, image: &str) {
        self.declared.insert(full_name(image));
    }

    pub fn find(&self, image: &str) -> Image {
        if let Some(found) = self.rows.get(image) {
            return found.clone();
        }
        let full = full_name(image);
        if !self.declared.is_empty() && !self.holds(&full) {
            let repository = repository(&full);
            let known = self.declared.iter().any(|name| self::repository(name) == repository);
            // Docker Hub does not say whether a repository is private or not there.
            let denied = !known && repository.starts_with("docker.io/");
            return if denied { Image::Denied } else { Image::Missing };
        }
        // 20–180 MB at some 80 MB/s after the manifest's round trips.
        let bytes = 20_000_000 + dice::hash_name(&full) % 160_000_000;
        Image::Here { bytes, pull: Span::millis(350 + (bytes / 80_000) as i64) }
    }

    /// A tag that was declared, or the digest of one.
    fn holds(&self, full: &str) -> bool {
        let Some((_, digest)) = full.split_once('@') else { return self.declared.contains(full) };
        let tags = self.declared.iter().filter(|name| repository(name) == repository(full));
        tags.map(|name| image_id(name)).any(|id| id.rsplit('@').next() == Some(digest))
    }
}

/// A full name without its tag and digest.
fn repository(full: &str) -> &str {
    let slash = full.rfind('/').unwrap_or(0);
    full[slash..].find([':', '@']).map_or(full, |at| &full[..slash + at])
}

/// `docker.io/library/nginx:1.27` for `nginx:1.27`, as containerd names it.
pub fn full_name(image: &str) -> String {
    let (domain, rest) = match image.split_once('/') {
        Some((first, rest)) if first.contains('.') || first.contains(':') || first == "localhost" => (first, rest),
        _ => ("docker.io", image),
    };
    let rest = if domain == "docker.io" && !rest.contains('/') { format!("library/{rest}") } else { rest.to_string() };
    let tagged = rest.rsplit('/').next().is_some_and(|last| last.contains(':') || last.contains('@'));
    if tagged { format!("{domain}/{rest}") } else { format!("{domain}/{rest}:latest") }
}

/// `docker.io/library/nginx@sha256:…`: the same for the same name, as a digest should be.
pub fn image_id(image: &str) -> String {
    let full = full_name(image);
    format!("{}@sha256:{}", repository(&full), hex(&Sha256::digest(full.as_bytes())))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What containerd's resolver says of an image it cannot pull.
pub fn pull_error(image: &str, found: &Image) -> String {
    let full = full_name(image);
    let resolve = format!("failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": ");
    match found {
        Image::Denied => format!(
            "rpc error: code = Unknown desc = {resolve}pull access denied, repository does not exist or may require \
             authorization: server message: insufficient_scope: authorization failed"
        ),
        _ => format!("rpc error: code = NotFound desc = {resolve}{full}: not found"),
    }
}

/// How long containerd's resolver tries to connect to a registry (Go's default transport: 30 seconds).
pub const DIAL: Span = Span::secs(30);

/// What containerd's resolver says of a registry that it cannot connect to.
pub fn dial_error(image: &str, address: &str) -> String {
    let full = full_name(image);
    let (domain, path) = full.split_once('/').unwrap_or(("", &full));
    let host = if domain == "docker.io" { "registry-1.docker.io" } else { domain };
    let (name, tag) = path.rsplit_once('@').or_else(|| path.rsplit_once(':')).unwrap_or((path, "latest"));
    format!(
        "rpc error: code = DeadlineExceeded desc = failed to pull and unpack image \"{full}\": failed to resolve reference \
         \"{full}\": failed to do request: Head \"https://{host}/v2/{name}/manifests/{tag}\": dial tcp {address}:443: i/o timeout"
    )
}

/// What is wrong with an image name, as the kubelet's InspectFailed says it.
pub fn name_error(image: &str) -> Option<String> {
    let (path, tag) = match image.rfind(':') {
        Some(at) if !image[at..].contains('/') => (&image[..at], &image[at + 1..]),
        _ => (image, ""),
    };
    let upper = path.chars().any(|c| c.is_ascii_uppercase());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/@:".contains(c);
    let broken = path.is_empty() || path.ends_with(':') || path.contains("::") || !path.chars().all(plain);
    let tag_broken = image.ends_with(':') || !tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if !upper && !broken && !tag_broken {
        return None;
    }
    let detail = if upper {
        let name = path.trim_end_matches(':');
        let name = if name.contains('/') { name.to_string() } else { format!("library/{name}") };
        format!("invalid reference format: repository name ({name}) must be lowercase")
    } else {
        "invalid reference format".to_string()
    };
    Some(format!("Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": {detail}"))
}

/// A Go duration truncated to milliseconds: `300ms`, `1.39s`, `13.907s`, `1m2.5s`.
pub fn go_duration(span: Span) -> String {
    let ms = span.0.max(0);
    if ms < 1_000 {
        return format!("{ms}ms");
    }
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let fraction = format!("{:03}", rest % 1_000);
    let fraction = fraction.trim_end_matches('0');
    let seconds =
        if fraction.is_empty() { format!("{}s", rest / 1_000) } else { format!("{}.{fraction}s", rest / 1_000) };
    if minutes > 0 { format!("{minutes}m{seconds}") } else { seconds }
}

/// A Go duration of whole seconds: `10s`, `1m20s`, `5m0s`.
pub fn go_duration_whole(span: Span) -> String {
    let seconds = span.as_secs();
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

/// What containerd says where the registry answers 403, or the store of its `layers` (a host) does.
pub fn forbidden_error(image: &str, layers: Option<&str>) -> String {
    let full = full_name(image);
    let (domain, path) = full.split_once('/').unwrap_or(("", &full));
    let (name, tag) = path.rsplit_once('@').or_else(|| path.rsplit_once(':')).unwrap_or((path, "latest"));
    let failed = format!("rpc error: code = Unknown desc = failed to pull and unpack image \"{full}\": failed to");
    match layers {
        Some(host) => {
            format!("{failed} copy: httpReadSeeker: failed open: unexpected status code https://{host}/: 403 Forbidden")
        }
        None => format!(
            "{failed} resolve reference \"{full}\": unexpected status from HEAD request to \
             https://{domain}/v2/{name}/manifests/{tag}: 403 Forbidden"
        ),
    }
}
