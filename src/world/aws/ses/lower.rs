//! Reads `[mail]` of an estate's `account.toml`: regions, own domains, how addresses answer, mailing lists. Does not know
//! files or TOML syntax.

use super::state::{Listed, Suppressed};
use super::{List, Mail, Receiver, Spec};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::lower::Problem;
use serde_json::Value;
use std::sync::Arc;

/// Keys by table.
static KEYS: &[(&str, &[&str])] = &[
    ("domain", &["bounce_per_mille", "complaint_per_mille"]),
    ("list", &["bounce_per_mille", "complaint_per_mille", "domain", "flag", "from", "per_minute", "region"]),
    ("mail", &["domains", "lists", "own", "regions", "suppressed", "table"]),
    ("region", &["max_24_hours", "per_second", "production"]),
    ("suppressed", &["ago", "per_mille", "reason", "regions"]),
];

struct Reader<'a> {
    path: Vec<String>,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, key: &str, say: String) {
        let path = self.path.iter().cloned().chain([key.to_string()]).collect();
        self.problems.push(Problem { path, say, hint: None });
    }

    fn check(&mut self, table: &str, value: &Value) {
        let known = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
        for key in value.as_object().into_iter().flatten().map(|(key, _)| key) {
            if !known.contains(&key.as_str()) {
                self.problem(key, format!("unknown key `{key}`; one of: {}", known.join(", ")));
            }
        }
    }

    fn whole(&mut self, value: &Value, key: &str, most: u64) -> Option<u64> {
        let given = value.get(key)?;
        let read = given.as_u64().filter(|number| *number <= most);
        if read.is_none() {
            self.problem(key, format!("`{key}` should be a whole number up to {most}"));
        }
        read
    }
}

/// Reads `[mail]` into the account, which is as it says since `born`; `start` is when the estate begins to live.
pub fn describe(world: &mut World, value: &Value, born: Time, start: Time) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut r = Reader { path: Vec::new(), problems: &mut problems };
    r.check("mail", value);
    let texts = |value: &Value| -> Vec<Arc<str>> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(Arc::from).collect()
    };
    let named = |key: &str| value[key].as_object().cloned().unwrap_or_default();
    let mut spec = Spec { own: texts(&value["own"]), ..Spec::default() };
    spec.table = Arc::from(value["table"].as_str().unwrap_or_default());
    let mut mail = Mail { used: true, ..world.aws.mail.clone() };
    for (name, domain) in named("domains") {
        r.path = vec!["domains".into(), name.clone()];
        r.check("domain", &domain);
        spec.domains.insert(name.as_str().into(), receiver(&mut r, &domain));
    }
    for (name, list) in named("lists") {
        r.path = vec!["lists".into(), name.clone()];
        r.check("list", &list);
        let text = |key: &str| -> Arc<str> { Arc::from(list[key].as_str().unwrap_or_default()) };
        let row = List {
            flag: text("flag"),
            from: text("from"),
            region: text("region"),
            domain: text("domain"),
            per_minute: r.whole(&list, "per_minute", 100_000).unwrap_or(60),
            receiver: receiver(&mut r, &list),
        };
        spec.lists.insert(name, row);
    }
    for (name, region) in named("regions") {
        r.path = vec!["regions".into(), name.clone()];
        r.check("region", &region);
        let own = mail.region_mut(&name, born);
        own.production = region["production"].as_bool().unwrap_or(false);
        let most = r.whole(&region, "max_24_hours", 10_000_000).unwrap_or(own.flow.limits.0);
        own.flow.limits = (most, r.whole(&region, "per_second", 10_000).unwrap_or(own.flow.limits.1));
    }
    for (name, rows) in named("suppressed") {
        r.path = vec!["suppressed".into(), name.clone()];
        r.check("suppressed", &rows);
        let ago = rows["ago"].as_str().and_then(Span::parse).unwrap_or(Span::hours(24));
        let entry = Suppressed { reason: Arc::from(rows["reason"].as_str().unwrap_or("BOUNCE")), since: start - ago };
        let per_mille = r.whole(&rows, "per_mille", 1_000).unwrap_or(1_000);
        for region in texts(&rows["regions"]) {
            let listed = Listed { domain: Arc::from(name.as_str()), per_mille, entry: entry.clone() };
            mail.region_mut(&region, born).listed.push(listed);
        }
    }
    mail.spec = Arc::new(spec);
    world.aws.mail = mail;
    problems
}

fn receiver(r: &mut Reader, value: &Value) -> Receiver {
    Receiver {
        bounces: r.whole(value, "bounce_per_mille", 1_000).unwrap_or(0),
        complaints: r.whole(value, "complaint_per_mille", 1_000).unwrap_or(0),
    }
}
