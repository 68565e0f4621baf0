//! Listing: filters with wildcards, picking by id, pages, for every kind alike. Does not know what the kinds mean.

use super::super::call::{Answer, Call, Cover, Fault};
use super::super::paging;
use super::kinds::{Kind, ROWS, Row};
use super::resources::{Resource, missing, name_of};
use super::view;
use crate::world::World;
use serde_json::{Map, Value, json};

/// Values of one filter (EC2 API reference: at most 200 filter values in a request).
const VALUES_MAX: usize = 200;

/// Any `Describe…` of a kind.
pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let Some(row) = ROWS.iter().find(|row| row.describe == call.operation.name) else {
        return Err(Fault::new("InvalidAction", "The action is not valid for this web service."));
    };
    let all = view::all(world, row.kind);
    answer(world, call, row.kind, row.list, all)
}

/// What a request picks from `all`, as an answer with `list`.
pub fn answer(world: &World, call: &Call, kind: Kind, list: &str, all: Vec<Value>) -> Result<Answer, Fault> {
    dry(call)?;
    let row = kind.row();
    let picked = pick(call, row, all)?;
    let (shown, next) = page(call, picked.items)?;
    let whole = picked.whole && next.is_none() && call.text("NextToken").is_none();
    let mut answer = Answer::default();
    for (index, item) in shown.iter().enumerate() {
        answer = answer.about(format!("/{list}/{index}"), row.cfn, called(item, row));
    }
    if whole {
        answer = answer.covering(Cover::All { kind: row.cfn.to_string() });
    }
    if next.is_none() && call.text("NextToken").is_none() {
        for item in lost(world, call, row, &shown) {
            let (kind, name) = (row.cfn.to_string(), called(&item, row).to_string());
            answer = answer.covering(Cover::Lost { kind, name, list: list.to_string(), item });
        }
    }
    for item in &shown {
        answer = answer.covering(Cover::Whole { kind: row.cfn.to_string(), name: called(item, row).to_string() });
    }
    let mut body = Map::from_iter([(list.to_string(), Value::Array(shown))]);
    if let Some(next) = next {
        body.insert("NextToken".into(), json!(next));
    }
    answer.body = Value::Object(body);
    Ok(answer)
}

/// Lost things that an answer remembers.
const LOST_MAX: usize = 20;

/// Things that are gone and that the request would have shown, were they still there; as they would look.
fn lost(world: &World, call: &Call, row: &'static Row, shown: &[Value]) -> Vec<Value> {
    let gone = world.aws.network.ever(row.kind).filter(|found| found.gone.is_some_and(|gone| gone <= world.now));
    let gone = gone.filter(|found| shown.iter().all(|item| item[row.id] != *found.id));
    let again = gone.filter_map(|found| view::one(world, &Resource { gone: None, ..Resource::clone(found) }));
    let picked = again.filter_map(|item| pick(call, row, vec![item]).ok()?.items.pop());
    picked.take(LOST_MAX).collect()
}

/// What people call a listed thing.
pub fn called<'a>(item: &'a Value, row: &Row) -> &'a str {
    let prefix_list = item.get("PrefixListName").and_then(Value::as_str);
    name_of(item).or(prefix_list).or_else(|| item[row.id].as_str()).unwrap_or_default()
}

/// What a request picked.
pub struct Picked {
    pub items: Vec<Value>,
    /// Nothing could be left out.
    pub whole: bool,
}

/// Applies ids and filters.
pub fn pick(call: &Call, row: &'static Row, mut all: Vec<Value>) -> Result<Picked, Fault> {
    let ids = call.texts(row.ids);
    for id in &ids {
        if !all.iter().any(|item| item[row.id] == **id) {
            return Err(missing(row.kind, id));
        }
    }
    let names = if row.kind == Kind::Group { call.texts("GroupNames") } else { Vec::new() };
    if let Some(name) = names.iter().find(|name| !all.iter().any(|item| item["GroupName"] == ***name)) {
        return Err(Fault::new(row.missing.0, format!("The security group '{name}' does not exist")));
    }
    let mut filters = Vec::new();
    let given = if call.list("Filters").is_empty() { call.list("Filter") } else { call.list("Filters") };
    for filter in given {
        filters.push(Filter::read(filter, row)?);
    }
    all.retain(|item| {
        let picked = ids.is_empty() || item[row.id].as_str().is_some_and(|id| ids.contains(&id));
        let named = names.is_empty() || item["GroupName"].as_str().is_some_and(|name| names.contains(&name));
        picked && named && filters.iter().all(|filter| filter.keeps(item))
    });
    // A filter that happened to keep all there is may still hide what is not there.
    let whole = ids.is_empty() && names.is_empty() && filters.is_empty();
    Ok(Picked { items: all, whole })
}

/// One filter; its values are alternatives.
struct Filter<'a> {
    place: Place<'a>,
    values: Vec<&'a str>,
}

/// Where a filter looks.
enum Place<'a> {
    Path(&'static str),
    Tag(&'a str),
    TagKey,
}

impl<'a> Filter<'a> {
    fn read(filter: &'a Value, row: &'static Row) -> Result<Filter<'a>, Fault> {
        let name = filter["Name"].as_str().unwrap_or_default();
        let known = row.filters.iter().find(|(known, _)| *known == name).map(|(_, path)| Place::Path(path));
        let tag = name.strip_prefix("tag:").map(Place::Tag);
        let key = (name == "tag-key").then_some(Place::TagKey);
        let wrong = || Fault::new("InvalidParameterValue", format!("The filter '{name}' is invalid"));
        let place = known.or(tag).or(key).ok_or_else(wrong)?;
        let values: Vec<&str> = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if values.is_empty() {
            return Err(Fault::new(
                "InvalidParameterValue",
                format!("The filter '{name}' is invalid: no values given"),
            ));
        }
        if values.len() > VALUES_MAX {
            let message = format!("The maximum number of filter values specified on a single call is {VALUES_MAX}");
            return Err(Fault::new("FilterLimitExceeded", message));
        }
        Ok(Filter { place, values })
    }

    fn keeps(&self, item: &Value) -> bool {
        let mut found = Vec::new();
        let tags = || item["Tags"].as_array().into_iter().flatten();
        match self.place {
            Place::Path(path) => collect(item, path, &mut found),
            Place::Tag(key) => found.extend(tags().filter(|tag| tag["Key"] == *key).map(|tag| plain(&tag["Value"]))),
            Place::TagKey => found.extend(tags().map(|tag| plain(&tag["Key"]))),
        }
        found.iter().any(|text| self.values.iter().any(|value| matches(value, text)))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// Every scalar at a path such as `Associations[].Main`.
fn collect(value: &Value, path: &str, out: &mut Vec<String>) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let (key, many) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
    let Some(inner) = value.get(key) else { return };
    let items = if many { inner.as_array().map_or(&[][..], Vec::as_slice) } else { std::slice::from_ref(inner) };
    for item in items {
        if rest.is_empty() { out.push(plain(item)) } else { collect(item, rest, out) }
    }
}

/// `*` is any text, `?` one character, `\` takes the next as it is; upper and lower case differ. Linear in both texts but
/// for the going back to the last star.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Is(chars.next().unwrap_or('\\')),
            other => Token::Is(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut token, mut star) = (0, 0, None);
    while at < text.len() {
        match (tokens.get(token), text.get(at)) {
            (Some(Token::Any), _) => {
                star = Some((token, at));
                token += 1;
                continue;
            }
            (Some(Token::One), _) => token += 1,
            (Some(Token::Is(c)), Some(d)) if c == d => token += 1,
            _ => match star {
                Some((back, from)) => {
                    star = Some((back, from + 1));
                    (token, at) = (back + 1, from + 1);
                    continue;
                }
                None => return false,
            },
        }
        at += 1;
    }
    tokens.get(token..).is_none_or(|rest| rest.iter().all(|token| matches!(token, Token::Any)))
}

enum Token {
    Any,
    One,
    Is(char),
}

/// One page: `MaxResults` of 5 to 1,000, a token that says where to go on.
pub fn page(call: &Call, items: Vec<Value>) -> Result<(Vec<Value>, Option<String>), Fault> {
    let wanted = call.whole("MaxResults");
    if let Some(wanted) = wanted.filter(|wanted| *wanted < 5) {
        let message = format!(
            "Value ( {wanted} ) for parameter maxResults is invalid. Expecting a value greater than or equal to 5."
        );
        return Err(Fault::new("InvalidParameterValue", message));
    }
    let size = wanted.map_or(usize::MAX, |wanted| wanted.min(1_000) as usize);
    let token = call.text("NextToken");
    let invalid = || Fault::new("InvalidNextToken", format!("The token '{}' is invalid", token.unwrap_or_default()));
    paging::page(items, token, size).ok_or_else(invalid)
}

/// A dry run that would have succeeded ends here (EC2 API reference: `DryRunOperation`, HTTP 412).
pub fn dry(call: &Call) -> Result<(), Fault> {
    if call.yes("DryRun") == Some(true) {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(Fault::new("DryRunOperation", message).status(412));
    }
    Ok(())
}
