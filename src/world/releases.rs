//! The deploy history: which release of which app was rolled out when, by whom, and what it changed in which object.
//! Does not roll anything out (`ci` does, through the API).

use crate::stdx::time::Time;
use std::sync::Arc;

/// Releases kept; the oldest are forgotten beyond it.
pub const RELEASES_MAX: usize = 10_000;

/// One deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// 1, 2, 3, … over all apps.
    pub number: u64,
    pub app: String,
    pub namespace: String,
    pub version: String,
    pub at: Time,
    pub by: String,
    pub note: String,
    pub changes: Vec<Change>,
    /// The API's words where it refused; empty where it did not.
    pub refused: String,
}

/// One path of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `Deployment`, `ConfigMap`.
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// Canonical, as facts have it: `spec.template.spec.containers[app].image`.
    pub path: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, Default)]
pub struct Releases {
    all: Arc<Vec<Release>>,
    last: u64,
}

impl Releases {
    /// Keeps a release and gives it its number.
    pub fn record(&mut self, mut release: Release) -> u64 {
        self.last += 1;
        release.number = self.last;
        let all = Arc::make_mut(&mut self.all);
        if all.len() >= RELEASES_MAX {
            all.remove(0);
        }
        all.push(release);
        self.last
    }

    pub fn all(&self) -> &[Release] {
        &self.all
    }

    pub fn get(&self, number: u64) -> Option<&Release> {
        self.all.iter().find(|release| release.number == number)
    }
}
