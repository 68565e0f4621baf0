//! Manifests: `-f FILE`, `-f -`, YAML of several documents or JSON, lists taken apart. Does not know what is done with them.

use super::call::{Call, Failure};
use super::subject::{list, text};
use super::targets;
use crate::console::page::Line;
use crate::world::k8s::api::{self, KindRow};
use serde_json::Value;

/// A manifest larger than this is refused before it is read.
const BYTES_MAX: usize = 3 * 1024 * 1024;

/// The documents of every `-f`, each with the file it came from in the verb's messages.
pub fn documents(call: &mut Call) -> Result<Vec<Value>, Failure> {
    let mut out = Vec::new();
    for name in call.given.all("filename") {
        let lines: Vec<Line> = if name == "-" {
            call.input.take().unwrap_or_default()
        } else {
            let plain = name.trim_start_matches("./").to_string();
            match call.session.files.get(&name).or_else(|| call.session.files.get(&plain)) {
                Some(lines) => lines.clone(),
                None => return Err(Failure::error(format!("the path {name:?} does not exist"))),
            }
        };
        let body: String = lines.iter().map(|l| format!("{}\n", l.text)).collect();
        out.extend(read(&body, &name)?);
    }
    if out.is_empty() {
        return Err(if call.given.has("filename") {
            Failure::error("no objects passed to apply")
        } else {
            Failure::error("must specify one of -f and -k")
        });
    }
    Ok(out)
}

/// Reads the documents of one file.
pub fn read(body: &str, name: &str) -> Result<Vec<Value>, Failure> {
    if body.len() > BYTES_MAX {
        return Err(Failure::error(format!("{name}: the file is larger than {BYTES_MAX} bytes")));
    }
    let mut out = Vec::new();
    for document in split(body) {
        let value = value(&document).map_err(|e| Failure::error(format!("error parsing {name}: {e}")))?;
        if value.is_null() {
            continue;
        }
        if text(&value, "kind").ends_with("List") && value.get("items").is_some() {
            out.extend(list(&value, "items").iter().cloned());
        } else {
            out.push(value);
        }
    }
    for document in &out {
        let kind = text(document, "kind");
        if kind.is_empty() {
            return Err(Failure::error(format!(
                "error validating {name:?}: error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false"
            )));
        }
        if text(document, "apiVersion").is_empty() {
            return Err(Failure::error(format!(
                "error validating {name:?}: error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false"
            )));
        }
    }
    Ok(out)
}

/// The documents of a YAML stream as text.
fn split(body: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for line in body.lines() {
        if line == "---" || line.starts_with("--- ") {
            out.push(String::new());
        } else if let Some(document) = out.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    out.retain(|d| d.lines().any(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#')));
    out
}

/// One document or patch, JSON or YAML.
pub fn value(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|e| format!("error converting YAML to JSON: {e}"));
    }
    serde_saphyr::from_str(text).map_err(|e| {
        let said = e.to_string();
        format!("error converting YAML to JSON: yaml: {}", said.lines().next().unwrap_or(""))
    })
}

/// The kind that serves a document.
pub fn row(document: &Value) -> Result<&'static KindRow, Failure> {
    let (version, kind) = (text(document, "apiVersion"), text(document, "kind"));
    let known = api::resources().iter().find(|row| row.kind == kind && row.api_version() == version);
    known.copied().ok_or_else(|| {
        Failure::error(format!(
            "resource mapping not found for name: {:?} namespace: {:?} from \"STDIN\": no matches for kind {kind:?} in version {version:?}",
            text(document, "/metadata/name"),
            text(document, "/metadata/namespace"),
        ))
        .line("ensure CRDs are installed first")
    })
}

/// `pod/web`: an object as messages name it.
pub fn label(document: &Value) -> String {
    let name = text(document, "/metadata/name");
    match row(document) {
        Ok(row) => format!("{}/{name}", targets::label(row)),
        Err(_) => name.to_string(),
    }
}
