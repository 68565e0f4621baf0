//! `kubectl events`: the newest last, all of a namespace or those about one object. Does not know who emits them.

use super::call::{Call, Failure, Reach, Scope};
use super::describe::events::interval;
use super::sheet::Sheet;
use super::subject::{event_fact, event_times, text};
use super::{get, targets};
use crate::console::fact::ObjectId;
use crate::console::page::{Coverage, EventForm, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::table::LISTING;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

const WATCH_EVERY: Span = Span::secs(1);

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let everywhere = call.given.on("all-namespaces");
    let mut object = None;
    let mut fields = String::new();
    if let Some(target) = call.given.value("for") {
        let Some((kind, name)) = target.split_once('/') else {
            return Err(Failure::error("--for must be in resource/name form"));
        };
        let row = targets::kind(kind)?;
        fields = format!("involvedObject.kind={},involvedObject.name={name}", row.kind);
        object = Some(ObjectId { kind: row.kind.into(), name: name.into(), ..ObjectId::default() });
    }
    let types = call.given.list("types");
    if types.iter().any(|t| !t.eq_ignore_ascii_case("normal") && !t.eq_ignore_ascii_case("warning")) {
        return Err(Failure::error("valid --types are Normal or Warning"));
    }
    let namespace = if everywhere { Reach::Everywhere } else { Reach::Here };
    let scope = Scope { namespace, fields, ..Scope::default() };
    let mut events = call.objects(targets::kind("events")?, &scope)?;
    events.retain(|e| types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(text(e, "type"))));
    call.covers(Coverage::Events {
        namespace: (!everywhere).then(|| call.namespace()),
        object,
        form: EventForm::Events,
        types: (!types.is_empty()).then(|| types.join(",")),
        reason: None,
    });
    events.sort_by_key(last_seen);
    let format = call.given.text("output").to_string();
    if !format.is_empty() {
        return get::print_objects(call, &format, events, false);
    }
    let watch = call.given.on("watch");
    if events.is_empty() && !watch {
        let place = if everywhere { ".".into() } else { format!(" in {} namespace.", call.namespace()) };
        call.warn(format!("No events found{place}"));
        return Ok(());
    }
    let mut sheet = Sheet::default();
    if !call.given.on("no-headers") {
        sheet.put(if everywhere { "NAMESPACE\t" } else { "" }).put("LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
    }
    events.iter().for_each(|event| row(&mut sheet, event, call.now(), everywhere));
    if watch {
        let newest = events.iter().map(|e| event_times(e).2.0).max().unwrap_or(-1);
        let cursor = json!({"verb": "events", "everywhere": everywhere, "namespace": call.namespace(), "types": types,
            "fields": scope.fields, "newest": newest, "widths": sheet.widths()});
        call.standing = Some(Standing::new("kubectl", cursor, call.now() + WATCH_EVERY));
    }
    call.print_columns(sheet);
    Ok(())
}

fn last_seen(event: &Value) -> (Time, String) {
    (event_times(event).2, text(event, "/metadata/resourceVersion").to_string())
}

fn row(sheet: &mut Sheet, event: &Value, now: Time, everywhere: bool) {
    if everywhere {
        sheet.put(text(event, "/metadata/namespace")).put("\t");
    }
    sheet.put(&format!("{}\t{}\t", interval(event, now), text(event, "type")));
    let start = sheet.here();
    let involved = event.get("involvedObject").unwrap_or(&Value::Null);
    let message = text(event, "message").trim().replace(['\n', '\t'], " ");
    sheet.put(&format!("{}\t{}/{}\t{message}", text(event, "reason"), text(involved, "kind"), text(involved, "name")));
    sheet.mark_from(start, Arc::new(event_fact(event)));
    sheet.end_line();
}

/// Feeds `events -w`: what was seen since.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let mut call = super::call_for(world, session, "events");
    standing.next = call.now() + WATCH_EVERY;
    let everywhere = cursor.get("everywhere").and_then(Value::as_bool).unwrap_or(false);
    let namespace = if everywhere { Reach::Everywhere } else { Reach::In(text(&cursor, "namespace").into()) };
    let scope = Scope { namespace, fields: text(&cursor, "fields").into(), ..Scope::default() };
    let types: Vec<String> = super::subject::list(&cursor, "types").iter().map(crate::stdx::canon::scalar).collect();
    let newest = cursor.get("newest").and_then(Value::as_i64).unwrap_or(-1);
    let found = targets::kind("events").and_then(|row| call.objects(row, &scope)).unwrap_or_default();
    let fresh =
        |e: &Value| event_times(e).2.0 > newest && (types.is_empty() || types.iter().any(|t| t == text(e, "type")));
    let mut events: Vec<Value> = found.into_iter().filter(fresh).collect();
    events.sort_by_key(last_seen);
    let mut sheet = Sheet::default();
    let widths = super::subject::list(&cursor, "widths").iter().filter_map(Value::as_u64);
    sheet.put(&widths.map(|w| " ".repeat(w as usize)).collect::<Vec<_>>().join("\t")).end_line();
    events.iter().for_each(|event| row(&mut sheet, event, call.now(), everywhere));
    if let Some(last) = events.last() {
        standing.cursor["newest"] = json!(event_times(last).2.0);
        standing.cursor["widths"] = json!(sheet.widths());
    }
    call.out.lines.extend(sheet.columns(LISTING).into_iter().skip(1));
    call.out
}
