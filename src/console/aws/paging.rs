//! Going through pages as the client does: tokens followed, lists joined, `--max-items` cutting and handing out a token of
//! the client's own. Does not know formats.

use super::ask::{self, Lost, Reply, Target};
use super::node::{Data, Node};
use super::query;
use crate::console::page::{Coverage, Output};
use crate::world::World;
use crate::world::aws::call::{Answer, Fault};
use crate::world::aws::model::Paging;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};
use std::rc::Rc;

/// More pages than this are a mistake of a service.
const PAGES_MAX: usize = 10_000;

/// What the learner asked of paging.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub starting_token: Option<String>,
    pub page_size: Option<String>,
    pub max_items: Option<i64>,
}

/// What came of it.
#[derive(Default)]
pub struct Pages {
    /// Each page's result lists, in the model's order of keys.
    pub pages: Vec<Node>,
    /// Everything in one, as the other formats print it.
    pub whole: Node,
    /// How to go on.
    pub token: Option<String>,
    pub coverage: Vec<Coverage>,
    /// What is gone from the lists.
    pub lost: Vec<Lost>,
}

/// Why there are no pages.
pub enum Stop {
    Refused(Fault),
    Failed(String),
    Page(Output),
}

/// Asks page after page.
pub fn follow(
    world: &mut World,
    (user, region): (&str, &str),
    (target, page): (Target, &Paging),
    mut input: Value,
    wish: &Wish,
) -> Result<Pages, Stop> {
    let mut next = start(page, wish)?;
    let mut skip = next.skip.take();
    put(&mut input, &next.tokens);
    if let Some(size) = &wish.page_size {
        let size = size.parse::<i64>().map_or_else(|_| Value::from(size.as_str()), Value::from);
        input[&page.limit] = size;
    }
    let mut found = Pages::default();
    let (mut seen, mut before) = (0_i64, None);
    for _ in 0..PAGES_MAX {
        let answer = match ask::ask(world, user, region, target, input.clone()).map_err(Stop::Page)? {
            Reply::Answer(answer) => answer,
            Reply::Refused(fault) => return Err(Stop::Refused(fault)),
        };
        let mut node = ask::tree(target, &answer);
        let mut from = 0;
        if let Some(skipped) = skip.take() {
            from = skipped;
            skip_first(page, &mut node, skipped);
        }
        let count = lists(page, &node).first().map_or(0, |(_, list)| list.items().map_or(0, <[Node]>::len)) as i64;
        let over = wish.max_items.map_or(0, |most| (seen + count).saturating_sub(most));
        if over > 0 {
            let keep = count.saturating_sub(over).max(0) as usize;
            cut(page, &mut node, keep);
            found.token = Some(encode(&next.tokens, Some(keep + from)));
            found.pages.push(node);
            break;
        }
        found.coverage.extend(ask::coverage(&answer));
        found.lost.extend(ask::lost(target, &answer));
        seen += count;
        next.tokens = tokens(page, &answer);
        found.pages.push(node);
        if next.tokens.iter().all(|(_, token)| token.is_null()) {
            break;
        }
        if wish.max_items == Some(seen) {
            found.token = Some(encode(&next.tokens, None));
            break;
        }
        if before.as_ref() == Some(&next.tokens) {
            let tokens: Vec<String> =
                next.tokens.iter().map(|(k, v)| format!("'{k}': {}", Node::plain(v).repr())).collect();
            let say =
                format!("Error during pagination: The same next token was received twice: {{{}}}", tokens.join(", "));
            return Err(Stop::Failed(say));
        }
        put(&mut input, &next.tokens);
        before = Some(next.tokens.clone());
    }
    if found.token.is_some() {
        // What was cut off was not looked at to its end.
        found.coverage.clear();
        found.lost.clear();
    }
    found.whole = whole(page, &found);
    Ok(found)
}

/// A page's place: each input token, null at the beginning.
struct Next {
    tokens: Vec<(String, Value)>,
    skip: Option<usize>,
}

fn start(page: &Paging, wish: &Wish) -> Result<Next, Stop> {
    let mut tokens: Vec<(String, Value)> = page.input.iter().map(|name| (name.clone(), Value::Null)).collect();
    let Some(text) = &wish.starting_token else { return Ok(Next { tokens, skip: None }) };
    let decoded =
        STANDARD.decode(text).ok().and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok());
    let Some(decoded) = decoded else { return old_token(page, text, tokens) };
    let known = |key: &String| key == "boto_truncate_amount" || page.input.contains(key);
    if !decoded.keys().all(known) {
        return Err(Stop::Failed(format!("Bad starting token: {text}")));
    }
    for (name, token) in &mut tokens {
        *token = decoded.get(name.as_str()).cloned().unwrap_or_default();
    }
    let skip = decoded.get("boto_truncate_amount").and_then(Value::as_u64).unwrap_or(0) as usize;
    Ok(Next { tokens, skip: Some(skip) })
}

/// Tokens as older clients wrote them: the service's own, `___` between several, and how many to skip.
fn old_token(page: &Paging, text: &str, mut tokens: Vec<(String, Value)>) -> Result<Next, Stop> {
    let mut parts: Vec<&str> = text.split("___").collect();
    let mut skip = 0;
    if parts.len() == page.input.len() + 1 {
        let bad = || Stop::Failed(format!("Bad starting token: {text}"));
        skip = parts.pop().and_then(|part| part.parse().ok()).ok_or_else(bad)?;
    }
    if parts.len() != page.input.len() {
        return Err(Stop::Failed(format!("Bad starting token: {text}")));
    }
    for ((_, token), part) in tokens.iter_mut().zip(parts) {
        *token = if part == "None" { Value::Null } else { Value::from(part) };
    }
    Ok(Next { tokens, skip: Some(skip) })
}

fn put(input: &mut Value, tokens: &[(String, Value)]) {
    let Some(members) = input.as_object_mut() else { return };
    for (name, token) in tokens {
        if token.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), token.clone());
        }
    }
}

/// The tokens of the page after an answer.
fn tokens(page: &Paging, answer: &Answer) -> Vec<(String, Value)> {
    let body = Node::plain(&answer.body);
    let at = |path: &str| query::parse(path).and_then(|query| query.search(&body)).unwrap_or_default();
    let ended = !page.more.is_empty() && query_is_false(&at(&page.more));
    let each = page.input.iter().zip(&page.output).map(|(name, path)| {
        let token = if ended { Node::default() } else { at(path) };
        let value = match &token.data {
            Data::Text(text) if !text.is_empty() => Value::from(&**text),
            Data::Number(number) => Value::Number(number.clone()),
            _ => Value::Null,
        };
        (name.clone(), value)
    });
    each.collect()
}

fn query_is_false(node: &Node) -> bool {
    !matches!(node.data, Data::Yes(true))
}

/// The client's token: JSON with blanks, in base64.
fn encode(tokens: &[(String, Value)], cut: Option<usize>) -> String {
    let mut pairs: Vec<String> =
        tokens.iter().map(|(name, token)| format!("{}: {token}", Value::from(name.as_str()))).collect();
    pairs.extend(cut.map(|count| format!("\"boto_truncate_amount\": {count}")));
    STANDARD.encode(format!("{{{}}}", pairs.join(", ")))
}

/// The result lists of a page with their paths.
fn lists<'a>(page: &'a Paging, node: &Node) -> Vec<(&'a str, Node)> {
    page.results.iter().map(|path| (path.as_str(), at_path(node, path))).collect()
}

fn at_path(node: &Node, path: &str) -> Node {
    path.split('.').try_fold(node, |node, step| node.get(step)).cloned().unwrap_or_default()
}

/// Puts a value at a dotted path; maps on the way are made.
fn set_path(node: &mut Node, path: &str, value: Node) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    if !matches!(node.data, Data::Map(_)) {
        *node = Node::map(Vec::new());
    }
    let Data::Map(members) = &mut node.data else { return };
    let members = Rc::make_mut(members);
    let at = members.iter().position(|(key, _)| **key == *step).unwrap_or_else(|| {
        members.push((Rc::from(step), Node::default()));
        members.len() - 1
    });
    let Some((_, slot)) = members.get_mut(at) else { return };
    match rest {
        Some(rest) => set_path(slot, rest, value),
        None => *slot = value,
    }
}

fn skip_first(page: &Paging, node: &mut Node, count: usize) {
    for (at, path) in page.results.iter().enumerate() {
        let value = match at_path(node, path).data {
            Data::List(items) if at == 0 => Node::list(items.iter().skip(count).cloned().collect()),
            // The page that was cut has shown its other lists already.
            Data::List(_) => Node::list(Vec::new()),
            Data::Number(number) if at > 0 => Node::number(number),
            Data::Text(_) if at > 0 => Node::text(""),
            _ => Node::default(),
        };
        set_path(node, path, value);
    }
}

fn cut(page: &Paging, node: &mut Node, keep: usize) {
    let Some(path) = page.results.first() else { return };
    let items = at_path(node, path).items().unwrap_or_default().iter().take(keep).cloned().collect();
    set_path(node, path, Node::list(items));
}

/// All pages in one: result keys in their order, joined; then the token.
fn whole(page: &Paging, found: &Pages) -> Node {
    let mut whole = Node::map(Vec::new());
    for node in &found.pages {
        for (path, value) in lists(page, node) {
            if value.is_null() {
                continue;
            }
            let known = at_path(&whole, path);
            let joined = match (known.data, &value.data) {
                (Data::Null, _) => value,
                (Data::List(mut known), Data::List(more)) => {
                    Rc::make_mut(&mut known).extend(more.iter().cloned());
                    Node { data: Data::List(known), facts: Vec::new() }
                }
                (Data::Number(a), Data::Number(b)) => sum(&a, b),
                (Data::Text(a), Data::Text(b)) => Node::text(format!("{a}{b}")),
                (data, _) => Node { data, facts: Vec::new() },
            };
            set_path(&mut whole, path, joined);
        }
    }
    if let Some(first) = found.pages.first() {
        for path in &page.keep {
            // What the answer does not say is said to be nothing.
            set_path(&mut whole, path, at_path(first, path));
        }
    }
    if let Some(token) = &found.token {
        set_path(&mut whole, "NextToken", Node::text(token.as_str()));
    }
    whole
}

fn sum(a: &Number, b: &Number) -> Node {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Node::number(a.saturating_add(b)),
        _ => Number::from_f64(a.as_f64().unwrap_or_default() + b.as_f64().unwrap_or_default())
            .map_or_else(Node::default, Node::number),
    }
}

/// A page as `--output text` prints it: what is not joined stands before the lists of the first page.
pub fn textual(page: &Paging, found: &Pages) -> Vec<Node> {
    let mut printed = Vec::new();
    for (at, node) in found.pages.iter().enumerate() {
        let mut current = Node::map(Vec::new());
        if at == 0 {
            for path in &page.keep {
                set_path(&mut current, path, at_path(node, path));
            }
        }
        for (path, value) in lists(page, node) {
            set_path(&mut current, path, value);
        }
        printed.push(current);
    }
    if let Some(token) = &found.token {
        let inner = Node::map(vec![(Rc::from("NextToken"), Node::text(token.as_str()))]);
        printed.push(Node::map(vec![(Rc::from("NextToken"), inner)]));
    }
    printed
}
