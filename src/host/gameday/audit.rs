//! The audit log: who came, was refused, took which seat and left, as JSON lines. Does not know secrets: none is ever handed
//! to it.

use super::limits;
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const LOG: &str = "audit.jsonl";

#[derive(Debug)]
pub struct Audit {
    path: PathBuf,
    file: Mutex<(File, u64)>,
}

impl Audit {
    pub fn open(folder: &Path) -> io::Result<Audit> {
        fs::create_dir_all(folder)?;
        let path = folder.join(LOG);
        let file = appended(&path)?;
        let length = file.metadata()?.len();
        Ok(Audit { path, file: Mutex::new((file, length)) })
    }

    /// Writes one line. What cannot be written stops nobody's game.
    pub fn note(&self, what: &str, mut about: Value) {
        let at = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        if let Some(object) = about.as_object_mut() {
            object.insert("at".into(), json!(at));
            object.insert("what".into(), json!(what));
        }
        let line = format!("{about}\n");
        let Ok(mut held) = self.file.lock() else { return };
        let (file, length) = &mut *held;
        if *length + line.len() as u64 > limits::AUDIT_BYTES_MAX {
            let _ = fs::rename(&self.path, self.path.with_extension("jsonl.1"));
            if let Ok(fresh) = appended(&self.path) {
                (*file, *length) = (fresh, 0);
            }
        }
        if file.write_all(line.as_bytes()).is_ok() {
            *length += line.len() as u64;
        }
    }
}

fn appended(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}
