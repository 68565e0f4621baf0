//! `-o custom-columns`: a heading and a JSONPath per column. Does not know kinds.

use super::jsonpath::{self, Found};
use super::jsonpath_parse::{self, Step};
use super::sheet::Sheet;
use super::subject::list;
use serde_json::Value;

/// One column: its heading and where its values are.
pub struct Column {
    pub heading: String,
    pub path: Vec<Step>,
}

/// Reads `NAME:.metadata.name,STATUS:.status.phase`.
pub fn parse(spec: &str) -> Result<Vec<Column>, String> {
    if spec.is_empty() {
        return Err("custom-columns format specified but no custom columns given".into());
    }
    spec.split(',')
        .map(|part| {
            let (heading, path) = part
                .split_once(':')
                .ok_or_else(|| format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))?;
            Ok(Column { heading: heading.to_string(), path: jsonpath_parse::relaxed(path)? })
        })
        .collect()
}

/// Writes one row per object (per item of a list); what is not there is `<none>`.
pub fn write(sheet: &mut Sheet, columns: &[Column], value: &Value, headings: bool) -> Result<(), String> {
    if headings {
        sheet.put(&columns.iter().map(|c| c.heading.clone()).collect::<Vec<_>>().join("\t")).end_line();
    }
    let root = Found::root(value);
    let items = jsonpath_parse::path_steps(".items[*]", 0)?;
    let is_list = root.subject.id.kind.ends_with("List") && value.get("items").is_some();
    let rows = if is_list { jsonpath::walk(&items, &root, &root)? } else { vec![root] };
    debug_assert!(!is_list || rows.len() == list(value, "items").len());
    for row in rows {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                sheet.put("\t");
            }
            let found = jsonpath::walk(&column.path, &row, &row).unwrap_or_default();
            if found.is_empty() {
                sheet.show("<none>", row.subject.field(&canonical(&column.path), ""));
            }
            for (n, one) in found.iter().enumerate() {
                if n > 0 {
                    sheet.put(",");
                }
                if one.value.is_null() {
                    sheet.show("<none>", one.subject.field(&one.path, ""));
                } else {
                    one.write(sheet);
                }
            }
        }
        sheet.end_line();
    }
    Ok(())
}

/// The canonical path of steps that are all plain keys; of others, as far as they are.
fn canonical(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) => path = crate::stdx::canon::key(&path, key),
            Step::Index(jsonpath_parse::Index::One(n)) => path.push_str(&format!("[{n}]")),
            _ => break,
        }
    }
    path
}
