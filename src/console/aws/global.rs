//! Options that every command takes, and who asks where: profile, region, output. Does not know services.

use super::grammar::{Opt, Read, Takes};
use super::query::{self, Query};
use super::usage;
use crate::console::page::Output;
use crate::console::session::Session;
use crate::world::World;

/// Formats; `yaml` is version 2's.
pub const OUTPUTS: &[&str] = &["json", "text", "table", "yaml"];

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Json,
    Text,
    Table,
    Yaml,
}

/// What was asked for besides the operation itself.
#[derive(Debug, Default)]
pub struct Global {
    pub format: Format,
    pub query: Option<Query>,
    pub paginate: bool,
    pub region: String,
    /// The client would send no signature, which the account refuses.
    pub unsigned: bool,
}

/// The options in the client's order.
pub fn options() -> Vec<Opt> {
    let opt = |name: &str, takes| Opt { name: name.to_string(), takes, ..Opt::default() };
    let chosen = |name: &str, choices| Opt { choices, ..opt(name, Takes::One) };
    vec![
        opt("--debug", Takes::Nothing),
        opt("--endpoint-url", Takes::One),
        opt("--no-verify-ssl", Takes::Nothing),
        opt("--no-paginate", Takes::Nothing),
        chosen("--output", OUTPUTS),
        opt("--query", Takes::One),
        opt("--profile", Takes::One),
        opt("--region", Takes::One),
        opt("--version", Takes::Nothing),
        chosen("--color", &["on", "off", "auto"]),
        opt("--no-sign-request", Takes::Nothing),
        opt("--ca-bundle", Takes::One),
        Opt { whole: true, ..opt("--cli-read-timeout", Takes::One) },
        Opt { whole: true, ..opt("--cli-connect-timeout", Takes::One) },
        opt("--no-cli-pager", Takes::Nothing),
        opt("--cli-binary-format", Takes::One),
    ]
}

/// The profiles of the simulated machine.
pub const PROFILES: &[&str] = &["default"];

fn variable<'a>(session: &'a Session, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| session.vars.get(*name)).map(String::as_str).filter(|value| !value.is_empty())
}

/// The region and where it was said, as `aws configure list` tells.
pub fn region(world: &World, session: &Session) -> (String, &'static str, &'static str) {
    if let Some(value) = variable(session, &["AWS_REGION"]) {
        return (value.to_string(), "env", "AWS_REGION");
    }
    if let Some(value) = variable(session, &["AWS_DEFAULT_REGION"]) {
        return (value.to_string(), "env", "AWS_DEFAULT_REGION");
    }
    (world.aws.region.to_string(), "config-file", "~/.aws/config")
}

/// The profile: `default` unless a variable names another.
pub fn profile(session: &Session) -> Option<&str> {
    variable(session, &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
}

/// What was given, understood. A mistake is a finished page.
pub fn understand(world: &World, session: &Session, read: &Read) -> Result<Global, Output> {
    if let Some(url) = read.last("--endpoint-url") {
        return Err(elsewhere(url));
    }
    if read.has("--debug") {
        let mut page = usage::plain("debug logging would show the client's own inside, which is not simulated");
        page.lines.push(crate::console::page::Line::hint("run the command again without --debug"));
        return Err(page);
    }
    let query = match read.last("--query") {
        None => None,
        Some(text) => {
            Some(query::parse(text).map_err(|say| usage::failed(&format!("Bad value for --query {text}: {say}")))?)
        }
    };
    let profile = read.last("--profile").or(profile(session)).unwrap_or("default");
    if !PROFILES.contains(&profile) {
        return Err(usage::failed(&format!("The config profile ({profile}) could not be found")));
    }
    let named = read.last("--output").or_else(|| variable(session, &["AWS_DEFAULT_OUTPUT", "AWS_OUTPUT"]));
    let format = match named.unwrap_or("json") {
        "json" => Format::Json,
        "text" => Format::Text,
        "table" => Format::Table,
        "yaml" => Format::Yaml,
        other => return Err(usage::failed(&format!("Unknown output type: {other}"))),
    };
    let region = read.last("--region").filter(|region| !region.is_empty());
    Ok(Global {
        format,
        query,
        paginate: !read.has("--no-paginate"),
        region: region.map_or_else(|| self::region(world, session).0, str::to_string),
        unsigned: read.has("--no-sign-request"),
    })
}

/// No other endpoint can be reached from here.
fn elsewhere(url: &str) -> Output {
    if !url.contains("://") {
        let say = "scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/";
        return usage::failed(&format!("Bad value for --endpoint-url \"{url}\": {say}"));
    }
    let mut page = usage::failed(&format!("Could not connect to the endpoint URL: \"{url}\""));
    page.lines.push(crate::console::page::Line::hint("the simulated account answers without --endpoint-url"));
    page
}
