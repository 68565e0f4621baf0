//! The events at the end of a description. Does not know how they were selected.

use super::Description;
use crate::console::kubectl::subject::{event_fact, event_times, get, text, time};
use crate::stdx::time::Time;
use serde_json::Value;
use std::sync::Arc;

impl Description {
    /// The table of events, oldest first, or `<none>`.
    pub fn events(&mut self, events: &[Value]) {
        if events.is_empty() {
            self.raw(0, "Events:\t<none>\n");
            return;
        }
        let mut sorted: Vec<&Value> = events.iter().collect();
        // Events of the newer API carry no lastTimestamp and so come first, as in the real tool.
        sorted.sort_by_key(|event| time(event, "lastTimestamp").unwrap_or(Time(i64::MIN)));
        self.raw(0, "Events:\n");
        self.raw(1, "Type\tReason\tAge\tFrom\tMessage\n");
        self.raw(1, "----\t------\t----\t----\t-------\n");
        for event in sorted {
            self.event(event);
        }
    }

    fn event(&mut self, event: &Value) {
        self.raw(1, text(event, "type")).sheet.put("\t");
        let start = self.sheet.here();
        let age = interval(event, self.now);
        let source = Some(text(event, "/source/component")).filter(|s| !s.is_empty());
        let source = source.or(event.get("reportingComponent").and_then(Value::as_str)).unwrap_or("");
        let message = described_message(event);
        // One mark over the whole row: what is cut out of it shows only what it says itself.
        self.sheet.put(&format!("{}\t{age}\t{source}\t{message}", text(event, "reason")));
        self.sheet.mark_from(start, Arc::new(event_fact(event)));
        self.end();
    }
}

/// The message with the part of the object that it is about before it, as kubectl describes it since 1.36.
fn described_message(event: &Value) -> String {
    let message = text(event, "message").trim();
    let place = text(event, "/involvedObject/fieldPath");
    if place.is_empty() { message.to_string() } else { format!("{place}: {message}") }
}

/// When an event was seen: `7s (x42 over 10m)`, or one age.
pub fn interval(event: &Value, now: Time) -> String {
    let (count, first, last) = event_times(event);
    let known = get(event, "eventTime").or(get(event, "firstTimestamp")).is_some();
    let first_age = if known { (now - first).human() } else { "<unknown>".to_string() };
    if get(event, "series").is_some() || count > 1 {
        return format!("{} (x{count} over {first_age})", (now - last).human());
    }
    first_age
}
