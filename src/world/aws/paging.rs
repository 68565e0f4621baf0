//! Pages of a list: tokens that say where the next begins. Does not know what is listed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A page of a list and the token of the next, if there is one. `None`: the token is none of ours.
pub fn page<T>(items: Vec<T>, token: Option<&str>, limit: usize) -> Option<(Vec<T>, Option<String>)> {
    let from = token.map_or(Some(0), offset)?;
    if from > items.len() {
        return None;
    }
    let to = from.saturating_add(limit.max(1)).min(items.len());
    let next = (to < items.len()).then(|| URL_SAFE_NO_PAD.encode(format!("from:{to:012}")));
    Some((items.into_iter().take(to).skip(from).collect(), next))
}

/// Where a token's page begins.
fn offset(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("from:")?.parse().ok()
}
