//! The built-in kubectl's printers against recordings of the real one: YAML, tables.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use whodunit::console::kubectl::sheet::Sheet;
use whodunit::console::kubectl::yaml;
use whodunit::console::page::Line;

pub fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kubernetes").join(path)
}

pub fn joined(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

/// The recordings hold no blank that an editor could lose; compare line by line and show the first that differs.
pub fn same(name: &str, ours: &str, recorded: &str) -> Result<(), String> {
    if ours == recorded {
        return Ok(());
    }
    let (ours, recorded): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), recorded.lines().collect());
    let at = ours.iter().zip(&recorded).take_while(|(a, b)| a == b).count();
    Err(format!(
        "{name}:{}\n  ours:     {:?}\n  recorded: {:?}",
        at + 1,
        ours.get(at).unwrap_or(&"(end)"),
        recorded.get(at).unwrap_or(&"(end)")
    ))
}

#[test]
fn yaml_recordings_are_written_again_byte_for_byte() {
    let mut problems = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(golden("yaml")).expect("the recordings") {
        let path = entry.expect("an entry").path();
        let recorded = fs::read_to_string(&path).expect("UTF-8");
        // A recording of several streams ends with what went to standard error.
        let body = recorded.split("--- stderr\n").next().unwrap_or("");
        let value: Value = serde_saphyr::from_str(body).expect("YAML");
        let mut sheet = Sheet::default();
        yaml::write(&mut sheet, &value);
        problems.extend(same(&path.display().to_string(), &joined(&sheet.lines()), body).err());
        count += 1;
    }
    assert!(count > 80, "only {count} recordings");
    assert!(problems.is_empty(), "{} of {count} differ:\n{}", problems.len(), problems.join("\n"));
}
