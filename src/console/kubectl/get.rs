//! `kubectl get`: tables of the server, YAML, JSON, names, JSONPath, custom columns, and watching. Does not know kinds.

use super::call::{Call, Failure, Reach};
use super::jsonpath_parse;
use super::sheet::Sheet;
use super::subject::{Subject, list, text};
use super::table::{self, Shape};
use super::targets::{self, Target};
use super::{columns, json, jsonpath, manifest, yaml};
use crate::console::fact::ObjectId;
use crate::console::page::{Coverage, EventForm, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::table::LISTING;
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::k8s::api::{Accept, Body, KindRow, Request, Verb};
use serde_json::{Value, json};

/// How often a watch is asked for news, in simulated time.
const WATCH_EVERY: Span = Span::secs(1);

pub fn run(call: &mut Call) -> Result<(), Failure> {
    if call.given.has("filename") {
        return from_files(call);
    }
    let targets = targets::parse(call.verb, &call.given.operands.clone())?;
    let format = call.given.text("output").to_string();
    if format.is_empty() || format == "wide" {
        tables(call, &targets, format == "wide")
    } else {
        let (objects, single) = collect(call, &targets)?;
        print_objects(call, &format, objects, single)
    }
}

fn from_files(call: &mut Call) -> Result<(), Failure> {
    let mut names = Vec::new();
    for document in manifest::documents(call)? {
        let row = manifest::row(&document)?;
        names.push(Target { row, names: vec![text(&document, "/metadata/name").to_string()] });
    }
    let format = call.given.text("output").to_string();
    if format.is_empty() || format == "wide" {
        return tables(call, &names, format == "wide");
    }
    let (objects, single) = collect(call, &names)?;
    print_objects(call, &format, objects, single)
}

/// The request of one listing or one object as a table with full objects, from which cells take their facts.
fn table_request(call: &Call, row: &KindRow, name: Option<&str>) -> Request {
    let mut request = call.request(if name.is_some() { Verb::Get } else { Verb::List }, row);
    request.accept = Accept::Table { full_objects: true };
    request.name = name.map(String::from);
    if name.is_none() {
        let scope = call.scope();
        if scope.namespace == Reach::Everywhere {
            request.namespace = None;
        }
        request.query.label_selector = scope.labels;
        request.query.field_selector = scope.fields;
    }
    request
}

fn tables(call: &mut Call, targets: &[Target], wide: bool) -> Result<(), Failure> {
    let several = targets.len() > 1 || call.given.operands.first().is_some_and(|o| o == "all" || o.contains(','));
    let everywhere = call.given.on("all-namespaces");
    let mut printed = 0;
    let mut version = 0;
    let mut last_lines = Vec::new();
    for target in targets {
        let mut whole: Option<Value> = None;
        let names: Vec<Option<&str>> = match target.names.as_slice() {
            [] => vec![None],
            names => names.iter().map(|n| Some(n.as_str())).collect(),
        };
        for name in names {
            let request = table_request(call, target.row, name);
            match call.fetch(&request) {
                Ok(found) => merge(&mut whole, found),
                Err(failure) => call.fail(failure),
            }
        }
        cover(call, target);
        let Some(mut found) = whole else { continue };
        version = resource_version(&found);
        sort_rows(call, &mut found)?;
        if list(&found, "rows").is_empty() {
            continue;
        }
        if printed > 0 {
            call.print("");
        }
        let shape = Shape {
            wide,
            headers: !call.given.on("no-headers"),
            namespaces: everywhere && target.row.namespaced,
            prefix: (several || call.given.on("show-kind")).then(|| targets::label(target.row)),
            labels: call.given.on("show-labels"),
            label_columns: call.given.list("label-columns"),
        };
        let mut sheet = Sheet::default();
        if !call.given.on("watch-only") {
            table::write(&mut sheet, &found, target.row.kind, &shape);
        }
        last_lines = sheet.widths();
        call.print_columns(sheet);
        printed += 1;
    }
    if call.given.on("watch") || call.given.on("watch-only") {
        return stand(call, targets, wide, version, &last_lines);
    }
    if printed == 0 && call.out.code == 0 && !call.given.on("ignore-not-found") {
        let namespaced = targets.iter().any(|t| t.row.namespaced);
        let place =
            if namespaced && !everywhere { format!(" in {} namespace.", call.namespace()) } else { String::new() };
        call.warn(format!("No resources found{place}"));
    }
    Ok(())
}

fn merge(whole: &mut Option<Value>, found: Value) {
    match whole {
        None => *whole = Some(found),
        Some(table) => {
            let rows = list(&found, "rows").to_vec();
            if let Some(all) = table.get_mut("rows").and_then(Value::as_array_mut) {
                all.extend(rows);
            }
        }
    }
}

fn resource_version(value: &Value) -> u64 {
    text(value, "/metadata/resourceVersion").parse().unwrap_or(0)
}

/// Says what was looked at, so that what is not there can be seen.
fn cover(call: &mut Call, target: &Target) {
    let namespace = (target.row.namespaced && !call.given.on("all-namespaces")).then(|| call.namespace());
    let fields = call.given.text("field-selector").to_string();
    if target.row.kind == "Event" {
        if let Some(coverage) = event_coverage(namespace, &fields, call.given.has("selector")) {
            call.covers(coverage);
        }
        return;
    }
    let parts = [call.given.text("selector"), fields.as_str()];
    let selector = parts.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(",");
    let base = |name: Option<String>| Coverage::Objects {
        kind: target.row.kind.to_string(),
        namespace: namespace.clone(),
        name,
        selector: selector.clone(),
    };
    if target.names.is_empty() {
        call.covers(base(None));
    }
    for name in &target.names {
        call.covers(base(Some(name.clone())));
    }
}

/// What a listing of events covers under a field selector; `None` if it is narrower than can be said.
fn event_coverage(namespace: Option<String>, fields: &str, labelled: bool) -> Option<Coverage> {
    let (mut object, mut types, mut reason) = (None::<ObjectId>, None, None);
    for term in fields.split(',').filter(|t| !t.is_empty()) {
        let (key, value) = term.split_once('=')?;
        let value = value.trim_start_matches('=').to_string();
        match key {
            "involvedObject.name" => object.get_or_insert_with(ObjectId::default).name = value,
            "involvedObject.kind" => object.get_or_insert_with(ObjectId::default).kind = value,
            "involvedObject.uid" => object.get_or_insert_with(ObjectId::default).uid = value,
            "involvedObject.namespace" => object.get_or_insert_with(ObjectId::default).namespace = value,
            "type" => types = Some(value),
            "reason" => reason = Some(value),
            _ => return None,
        }
    }
    (!labelled).then_some(Coverage::Events { namespace, object, form: EventForm::Get, types, reason })
}

fn sort_rows(call: &Call, table: &mut Value) -> Result<(), Failure> {
    let Some(path) = call.given.value("sort-by") else { return Ok(()) };
    let steps = jsonpath_parse::relaxed(path).map_err(Failure::error)?;
    let Some(rows) = table.get_mut("rows").and_then(Value::as_array_mut) else { return Ok(()) };
    if !rows.is_empty() && rows.iter().all(|row| sort_key(&steps, row.get("object").unwrap_or(&Value::Null)).is_none())
    {
        return Err(Failure::error(format!("couldn't find any field with path {path:?} in the list of objects")));
    }
    rows.sort_by(|a, b| {
        let key = |row: &Value| sort_key(&steps, row.get("object").unwrap_or(&Value::Null));
        compare(key(a), key(b))
    });
    Ok(())
}

fn sort_key(steps: &[jsonpath_parse::Step], object: &Value) -> Option<Value> {
    let root = jsonpath::Found::root(object);
    jsonpath::walk(steps, &root, &root).ok()?.first().map(|f| f.value.clone())
}

/// Quantities by amount, numbers by value, text by bytes; what is missing comes first.
fn compare(a: Option<Value>, b: Option<Value>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) => jsonpath::order(&a, &b).unwrap_or(std::cmp::Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The objects of all targets, and whether exactly one was asked for by name.
fn collect(call: &mut Call, targets: &[Target]) -> Result<(Vec<Value>, bool), Failure> {
    let single = matches!(targets, [one] if one.names.len() == 1);
    let mut objects = Vec::new();
    for target in targets {
        if target.names.is_empty() {
            let scope = call.scope();
            objects.extend(call.objects(target.row, &scope)?);
        }
        for name in &target.names {
            match call.object(target.row, name) {
                Ok(object) => objects.push(object),
                Err(failure) if single => return Err(failure),
                Err(failure) => call.fail(failure),
            }
        }
        cover(call, target);
    }
    if let Some(path) = call.given.value("sort-by") {
        let steps = jsonpath_parse::relaxed(path).map_err(Failure::error)?;
        objects.sort_by(|a, b| compare(sort_key(&steps, a), sort_key(&steps, b)));
    }
    Ok((objects, single))
}

/// Prints objects in one of the formats that other verbs share (`-o`).
pub fn print_objects(call: &mut Call, format: &str, mut objects: Vec<Value>, single: bool) -> Result<(), Failure> {
    let (form, argument) = format.split_once('=').map_or((format, None), |(f, a)| (f, Some(a)));
    // Only JSON and YAML leave them out; a path or a template that names them is answered.
    if matches!(form, "json" | "yaml") && !call.given.on("show-managed-fields") {
        for object in &mut objects {
            if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
                meta.remove("managedFields");
            }
        }
    }
    if form == "name" {
        for object in &objects {
            let row = manifest::row(object)?;
            let name = text(object, "/metadata/name");
            let mut sheet = Sheet::default();
            let fact = Subject::of(object).field("metadata.name", name);
            sheet.show(&format!("{}/{name}", targets::label(row)), fact).end_line();
            call.print_lines(sheet.lines());
        }
        return Ok(());
    }
    let whole = match objects.pop() {
        Some(one) if single => one,
        last => {
            objects.extend(last);
            json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects})
        }
    };
    if matches!(form, "yaml" | "json") {
        let items = if single { std::slice::from_ref(&whole) } else { list(&whole, "items") };
        for item in items {
            call.covers(Coverage::Whole { object: Subject::of(item).id });
        }
    }
    let mut sheet = Sheet::default();
    match form {
        "yaml" => yaml::write(&mut sheet, &whole),
        "json" => json::write(&mut sheet, &whole),
        "jsonpath" => {
            let template = argument.ok_or_else(|| Failure::error("template format specified but no template given"))?;
            jsonpath::write(&mut sheet, template, &whole)
                .map_err(|e| Failure::error(format!("error executing jsonpath {template:?}: {e}")))?;
        }
        "custom-columns" => {
            let columns = columns::parse(argument.unwrap_or("")).map_err(Failure::error)?;
            columns::write(&mut sheet, &columns, &whole, !call.given.on("no-headers")).map_err(Failure::error)?;
            call.print_columns(sheet);
            return Ok(());
        }
        "go-template" | "template" | "go-template-file" | "templatefile" => {
            return Err(Failure::error(format!("{form}: Go templates are not simulated here"))
                .hint("say it with -o jsonpath='{…}' or -o custom-columns=NAME:.path, or pipe -o json into jq"));
        }
        _ => {
            return Err(Failure::error(format!(
                "unable to match a printer suitable for the output format {form:?}, allowed formats are: custom-columns,json,jsonpath,name,wide,yaml"
            )));
        }
    }
    call.print_lines(sheet.lines());
    Ok(())
}

fn stand(call: &mut Call, targets: &[Target], wide: bool, version: u64, widths: &[usize]) -> Result<(), Failure> {
    let [target] = targets else {
        return Err(Failure::error("you may only specify a single resource type"));
    };
    let scope = call.scope();
    let fields = match target.names.first() {
        Some(name) => format!("metadata.name={name}"),
        None => scope.fields,
    };
    let cursor = json!({
        "verb": "get", "kind": target.row.qualified(), "version": version, "widths": widths, "wide": wide,
        "namespace": if scope.namespace == Reach::Everywhere { None } else { Some(call.namespace()) },
        "labels": scope.labels, "fields": fields,
        "namespaces": call.given.on("all-namespaces"), "show-labels": call.given.on("show-labels"),
        "label-columns": call.given.list("label-columns"),
    });
    let mut standing = Standing::new("kubectl", cursor, call.now() + WATCH_EVERY);
    standing.blocking = false;
    call.standing = Some(standing);
    Ok(())
}

/// Feeds `get -w`: a row for each change since the last one, in columns as wide as before.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let mut call = super::call_for(world, session, "get");
    standing.next = call.now() + WATCH_EVERY;
    let Ok(row) = targets::kind(text(&cursor, "kind")) else {
        standing.done = true;
        return call.out;
    };
    let mut request = call.request(Verb::Watch, row);
    request.accept = Accept::Table { full_objects: true };
    request.namespace = cursor.get("namespace").and_then(Value::as_str).filter(|_| row.namespaced).map(String::from);
    request.query.label_selector = text(&cursor, "labels").to_string();
    request.query.field_selector = text(&cursor, "fields").to_string();
    request.query.resource_version = cursor.get("version").and_then(Value::as_u64).unwrap_or(0).to_string();
    let (events, version) = match call.send(&request).map(|r| r.body) {
        Ok(Body::Events(events, version)) => (events, version),
        Ok(_) => return call.out,
        Err(failure) => {
            standing.done = true;
            call.fail(failure);
            return call.out;
        }
    };
    let shape = Shape {
        wide: cursor.get("wide").and_then(Value::as_bool).unwrap_or(false),
        headers: false,
        namespaces: cursor.get("namespaces").and_then(Value::as_bool).unwrap_or(false),
        prefix: None,
        labels: cursor.get("show-labels").and_then(Value::as_bool).unwrap_or(false),
        label_columns: list(&cursor, "label-columns").iter().map(crate::stdx::canon::scalar).collect(),
    };
    let mut sheet = Sheet::default();
    // A line of blanks as wide as what was printed before keeps the columns where they were.
    let widths: Vec<usize> = list(&cursor, "widths").iter().filter_map(Value::as_u64).map(|w| w as usize).collect();
    sheet.put(&widths.iter().map(|w| " ".repeat(*w)).collect::<Vec<_>>().join("\t")).end_line();
    let mut first: Option<Value> = cursor.get("columns").filter(|c| !c.is_null()).cloned();
    for event in &events {
        let mut shown = event.get("object").cloned().unwrap_or(Value::Null);
        if list(&shown, "columnDefinitions").is_empty()
            && let (Some(columns), Some(map)) = (&first, shown.as_object_mut())
        {
            map.insert("columnDefinitions".into(), columns.clone());
        } else {
            first = shown.get("columnDefinitions").cloned();
        }
        table::write(&mut sheet, &shown, row.kind, &shape);
    }
    standing.cursor["version"] = json!(version);
    standing.cursor["columns"] = first.unwrap_or(Value::Null);
    standing.cursor["widths"] = json!(sheet.widths());
    call.out.lines.extend(sheet.columns(LISTING).into_iter().skip(1));
    call.out
}
