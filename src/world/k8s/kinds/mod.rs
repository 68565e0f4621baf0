//! The kinds this cluster serves, one file each, one row each. Does not know the store.

/// One kind: its names, and what the API server knows of it.
#[derive(Debug)]
pub struct KindRow {
    /// `""` for the core group, `apps`, `discovery.k8s.io`, …
    pub group: &'static str,
    pub version: &'static str,
    /// `Pod`.
    pub kind: &'static str,
    /// `pods`.
    pub plural: &'static str,
    /// `pod`.
    pub singular: &'static str,
    /// `po`.
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    pub doc: &'static str,
}

/// Sorted by (group, plural).
pub static KINDS: &[KindRow] = &[];
