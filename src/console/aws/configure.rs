//! `aws configure`: what the machine is set up with. Changes nothing: the drill hands out its own credentials.

use super::global::{self, PROFILES};
use super::{grammar, usage};
use crate::console::page::{Line, Output};
use crate::console::session::Session;
use crate::world::World;

const SUBCOMMANDS: &[&str] = &["list", "get", "set", "list-profiles"];

/// `aws configure …`.
pub fn run(world: &World, session: &Session, words: &[String]) -> Result<Output, Output> {
    let lines = match words.first().map(String::as_str) {
        Some("list") => list(world, session),
        Some("list-profiles") => PROFILES.iter().map(|name| Line::plain(*name)).collect(),
        Some("get") => match words.get(1).map(String::as_str) {
            Some("region") => vec![Line::plain(global::region(world, session).0)],
            Some("output") => Vec::new(),
            Some(_) => return Ok(Output { code: 1, ..Output::default() }),
            None => return Err(usage::misread("the following arguments are required: varname")),
        },
        Some("set") | None => {
            let mut page = usage::plain("aws: the machine is set up already; nothing was changed");
            page.lines.push(Line::hint("for this shell alone: `export AWS_REGION=…`"));
            return Err(page);
        }
        Some(other) => {
            let say = grammar::choices(other, SUBCOMMANDS.iter().copied());
            return Err(usage::misread(&format!("argument subcommand: {say}")));
        }
    };
    Ok(Output { lines, ..Output::default() })
}

fn list(world: &World, session: &Session) -> Vec<Line> {
    let row = |name: &str, value: &str, kind: &str, place: &str| {
        Line::plain(format!("{name:>10} {value:>24} {kind:>16}    {place}"))
    };
    let missing = ("<not set>".to_string(), "None", "None");
    let profile = global::profile(session).map_or(missing.clone(), |name| (name.to_string(), "env", "AWS_PROFILE"));
    let key = if world.aws.id.is_empty() {
        missing.clone()
    } else {
        ("*".repeat(16) + "DRIL", "shared-credentials-file", "")
    };
    let region = global::region(world, session);
    let region = if region.0.is_empty() { missing } else { region };
    let mut lines = vec![row("Name", "Value", "Type", "Location"), row("----", "-----", "----", "--------")];
    let rows = [("profile", profile), ("access_key", key.clone()), ("secret_key", key), ("region", region)];
    lines.extend(rows.iter().map(|(name, (value, kind, place))| row(name, value, kind, place)));
    lines
}
