//! Folders of the user, after XDG: where runs are kept and own cases lie. Does not create anything before it is needed.

use etcetera::BaseStrategy;
use std::path::PathBuf;

/// Where things are; a test or a teacher may set other folders.
#[derive(Clone, Debug)]
pub struct Places {
    data: PathBuf,
}

impl Places {
    /// `WHODUNIT_DATA` if set, else `whodunit` in the XDG data folder.
    pub fn of_user() -> Places {
        if let Some(data) = std::env::var_os("WHODUNIT_DATA").filter(|data| !data.is_empty()) {
            return Places { data: PathBuf::from(data) };
        }
        let base = etcetera::choose_base_strategy().map(|base| base.data_dir());
        Places { data: base.unwrap_or_else(|_| PathBuf::from(".")).join("whodunit") }
    }

    pub fn runs(&self) -> PathBuf {
        self.data.join("runs")
    }

    /// One's progress over all runs; beside it lie its lock and what was damaged.
    pub fn progress(&self) -> PathBuf {
        self.data.join("progress.json")
    }

    /// What game days keep: rooms, the server's key, the audit log.
    pub fn gameday(&self) -> PathBuf {
        self.data.join("gameday")
    }

    pub fn scenarios(&self) -> PathBuf {
        self.data.join("scenarios")
    }
}
