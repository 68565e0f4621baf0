//! One operation of one service from its words to its page. Does not know the grammar of words or the inside of a format.

use super::arguments::{self, Argument};
use super::ask::{self, Lost, Reply, Target};
use super::global::{Format, Global};
use super::grammar::{self, Read};
use super::node::{Facts, Node};
use super::paging::{self, Stop, Wish};
use super::show::Paper;
use super::{check, extras, show, skeleton, table, text, unpack, usage};
use crate::console::fact::Fact;
use crate::console::page::{Coverage, Line, Output};
use crate::console::rows;
use crate::console::session::Session;
use crate::console::unix;
use crate::stdx::dice::Dice;
use crate::stdx::suggest;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is to be asked, with all that was typed understood.
pub struct Asked {
    pub target: Target,
    pub input: Value,
    pub wish: Wish,
    pub paginate: bool,
    /// Where a stream of the answer goes, with the member's name.
    pub outfile: Option<(String, String)>,
}

/// Runs an operation.
pub fn run(
    world: &mut World,
    session: &mut Session,
    (target, global): (Target, &Global),
    words: &[String],
) -> Result<Output, Output> {
    let rows = arguments::of(target.model, target.operation);
    let read = read(target, &rows, words)?;
    if let Some(which) = read.last("--generate-cli-skeleton") {
        return Ok(Output { lines: form(target, which), ..Output::default() });
    }
    let asked = understand(world, session, (target, global), (&rows, &read))?;
    ask::ready(world, global)?;
    answer(world, session, &asked, global)
}

/// The form of an operation's input or output.
fn form(target: Target, which: &str) -> Vec<Line> {
    let (shape, named) = match which {
        "output" => (&target.operation.output, true),
        _ => (&target.operation.input, false),
    };
    let node = skeleton::of(target.model, shape, named);
    let lines = show::json(&node);
    if lines.is_empty() { vec![Line::plain("{}")] } else { lines }
}

/// The words of an operation. What is left over is an error of the client's.
pub fn read(target: Target, rows: &[Argument], words: &[String]) -> Result<Read, Output> {
    let skeleton = words.iter().any(|word| word == "--generate-cli-skeleton")
        && !words.windows(2).any(|pair| pair[0] == "--generate-cli-skeleton" && pair[1] == "output");
    let optional = skeleton || words.iter().any(|word| word.starts_with("--cli-input-json"));
    let opts: Vec<grammar::Opt> =
        rows.iter().map(|row| grammar::Opt { required: row.opt.required && !optional, ..row.opt.clone() }).collect();
    let operands: &[&str] =
        if arguments::outfile(target.model, target.operation).is_some() { &["outfile"] } else { &[] };
    let read = grammar::read(&opts, operands, words).map_err(|say| usage::misread(&say))?;
    if read.extras.is_empty() {
        return Ok(read);
    }
    let word = read.extras.first().map_or("", String::as_str);
    let near = suggest::nearest(word, opts.iter().map(|opt| opt.name.as_str())).filter(|_| word.starts_with("--"));
    Err(usage::unknown(&read.extras, near.map(str::to_string)))
}

/// What was typed, as an input that the client would send.
pub fn understand(
    world: &World,
    session: &Session,
    (target, global): (Target, &Global),
    (rows, read): (&[Argument], &Read),
) -> Result<Asked, Output> {
    let Target { model, operation, .. } = target;
    let fail = |say: String| usage::failed(&say);
    let page = operation.page.as_ref();
    let by_hand = page.is_some_and(|page| {
        let names = arguments::manual_paging(page);
        let members = rows.iter().filter(|row| read.has(&row.opt.name));
        members.into_iter().any(|row| match &row.is {
            arguments::Meaning::Member { name, .. } => names.contains(name),
            _ => false,
        })
    });
    let paginate = global.paginate && !by_hand;
    if page.is_some() && !paginate {
        let used = ["--starting-token", "--page-size", "--max-items"].into_iter().filter(|name| read.has(name));
        let used: Vec<&str> = used.collect();
        if !used.is_empty() {
            let say = "Error during pagination: Cannot specify --no-paginate along with pagination arguments";
            return Err(fail(format!("{say}: {}", used.join(", "))));
        }
    }
    let files = unpack::Files(session);
    arguments::both(rows, read).map_err(fail)?;
    let mut input = arguments::input((model, &operation.input), rows, read, &files).map_err(fail)?;
    extras::apply(model, operation, read, &mut input).map_err(fail)?;
    check::input(model, &operation.input, &mut input, world.now).map_err(fail)?;
    tokens(world, target, &mut input);
    // More than anybody has is all.
    let most = read.last("--max-items").map(|text| text.trim().parse().unwrap_or(i64::MAX));
    Ok(Asked {
        target,
        input,
        wish: Wish {
            starting_token: read.last("--starting-token").map(str::to_string),
            page_size: read.last("--page-size").map(str::to_string),
            max_items: most,
        },
        paginate: paginate && page.is_some(),
        outfile: arguments::outfile(model, operation).zip(read.operands.first().cloned()),
    })
}

/// Tokens by which a service knows a request again: the client makes one where none was given (botocore,
/// `idempotencyToken`), a random UUID.
fn tokens(world: &World, target: Target, input: &mut Value) {
    let Some(members) = input.as_object_mut() else { return };
    let structure = target.model.structure(&target.operation.input);
    for member in structure.map_or(&[][..], |structure| &structure.members).iter().filter(|member| member.token) {
        let last = world.audit.entries().next_back().map_or(0, |entry| entry.serial);
        let name = format!("client token {} {} {last}", target.operation.name, world.now.0);
        let token = Dice::new(world.seed).fork(&name).uuid();
        members.entry(member.name.clone()).or_insert(Value::from(token));
    }
}

/// Asks and prints.
pub fn answer(world: &mut World, session: &mut Session, asked: &Asked, global: &Global) -> Result<Output, Output> {
    let target = asked.target;
    if let Some(page) = target.operation.page.as_ref().filter(|_| asked.paginate) {
        let who = (session.user.as_str(), global.region.as_str());
        let pages = paging::follow(world, who, (target, page), asked.input.clone(), &asked.wish);
        let pages = pages.map_err(|stop| match stop {
            Stop::Refused(fault) => usage::failed(&ask::words(target, &fault)),
            Stop::Failed(say) => usage::failed(&say),
            Stop::Page(page) => page,
        })?;
        let lines = if global.format == Format::Text {
            let mut paper = Paper::default();
            for node in paging::textual(page, &pages) {
                text::write(&searched(global, node)?.0, &mut paper).map_err(|say| usage::failed(&say))?;
            }
            paper.done()
        } else {
            print(target, global, pages.whole.clone())?
        };
        let odd = asked.wish.max_items.is_some_and(|most| most <= 0);
        let warning = "warning: Non-positive values for --max-items may result in undefined behavior.";
        let lines = odd.then(|| Line::err(warning)).into_iter().chain(lines).collect();
        let coverage = covered(target, global, &pages.whole, (pages.coverage, &pages.lost))?;
        return Ok(Output { lines, code: 0, coverage });
    }
    let reply = ask::ask(world, &session.user, &global.region, target, asked.input.clone())?;
    let answer = match reply {
        Reply::Answer(answer) => answer,
        Reply::Refused(fault) => return Err(usage::failed(&ask::words(target, &fault))),
    };
    if let Some((member, file)) = &asked.outfile {
        save(session, file, stream(answer.body.get(member)))?;
    }
    let node = ask::tree(target, &answer);
    let lines = print(target, global, node.clone())?;
    let coverage = covered(target, global, &node, (ask::coverage(&answer), &ask::lost(target, &answer)))?;
    Ok(Output { lines, code: 0, coverage })
}

/// What the page covers: all that the answer covered if the query left it whole, and what is gone, if it would have been
/// printed were it still there.
fn covered(
    target: Target,
    global: &Global,
    node: &Node,
    (mut coverage, lost): (Vec<Coverage>, &[Lost]),
) -> Result<Vec<Coverage>, Output> {
    if !searched(global, node.clone())?.1 {
        coverage.clear();
    }
    for gone in lost {
        let mut again = node.clone();
        again.append(&gone.list, gone.node.clone());
        let mut facts = Facts::new();
        gone.node.all_facts(&mut facts);
        let own = |fact: &Arc<Fact>| facts.iter().any(|other| Arc::ptr_eq(fact, other));
        let mut lines = print(target, global, again)?;
        lines.retain(|line| line.marks.iter().any(|mark| own(&mark.fact)));
        lines.iter_mut().for_each(|line| line.marks.retain(|mark| own(&mark.fact)));
        coverage.extend((!lines.is_empty()).then(|| Coverage::Lost { object: gone.object.clone(), lines }));
    }
    Ok(coverage)
}

/// What the query leaves, and whether that is all that the answer showed: else the page covers nothing.
fn searched(global: &Global, node: Node) -> Result<(Node, bool), Output> {
    let Some(query) = &global.query else { return Ok((node, true)) };
    let found = query.search(&node).map_err(|say| usage::failed(&say))?;
    let shown = |node: &Node| {
        let mut facts = Facts::new();
        node.all_facts(&mut facts);
        // Of a row that is printed in pieces, one will do.
        let which = |fact: &Arc<Fact>| match rows::key(fact) {
            Some(row) => (Some(row), 0),
            None => (None, Arc::as_ptr(fact) as usize),
        };
        facts.iter().map(which).collect::<BTreeSet<_>>()
    };
    let whole = shown(&node).is_subset(&shown(&found));
    Ok((found, whole))
}

/// An answer in the wanted format.
pub fn print(target: Target, global: &Global, node: Node) -> Result<Vec<Line>, Output> {
    let node = searched(global, node)?.0;
    Ok(match global.format {
        Format::Json => show::json(&node),
        Format::Yaml => show::yaml(&node),
        Format::Table => table::write(&target.operation.name, &node).map_err(|say| usage::failed(&say))?,
        Format::Text => {
            let mut paper = Paper::default();
            text::write(&node, &mut paper).map_err(|say| usage::failed(&say))?;
            paper.done()
        }
    })
}

/// A stream's text, as lines.
pub fn stream(stream: Option<&Value>) -> Vec<Line> {
    use base64::Engine;
    let coded = stream.and_then(Value::as_str).unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD.decode(coded).unwrap_or_else(|_| coded.as_bytes().to_vec());
    let body = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<Line> = body.lines().map(Line::plain).collect();
    if let Some(last) = lines.last_mut().filter(|_| !body.ends_with('\n')) {
        last.open = true;
    }
    lines
}

/// Writes a stream into a note, as the client writes it into a file.
pub fn save(session: &mut Session, file: &str, lines: Vec<Line>) -> Result<(), Output> {
    unix::write(session, file, lines, false)
        .map_err(|_| usage::failed(&format!("[Errno 2] No such file or directory: {}", super::node::quoted(file))))
}
