//! What kubectl says of itself and the cluster: help, version, api-resources, api-versions, cluster-info, auth, config,
//! edit. Does not know any object.

use super::call::{Call, Failure};
use super::sheet::Sheet;
use super::subject::{list, text};
use super::verbs::{self, VerbRow};
use super::{flags, get, targets};
use crate::console::page::Line;
use crate::stdx::suggest;
use crate::stdx::table::{LISTING, Style};
use crate::world::k8s::api;
use serde_json::json;
use std::collections::BTreeSet;

/// The version of client and server that the simulation follows.
const VERSION: &str = "v1.36.2";
const KUSTOMIZE: &str = "v5.8.1";

pub fn version(call: &mut Call) -> Result<(), Failure> {
    let format = call.given.text("output").to_string();
    if !format.is_empty() {
        if !matches!(format.as_str(), "json" | "yaml") {
            return Err(Failure::error("--output must be 'yaml' or 'json'"));
        }
        let of = || json!({"gitVersion": VERSION, "major": "1", "minor": "36", "platform": "linux/amd64"});
        let mut shown = json!({"clientVersion": of(), "kustomizeVersion": KUSTOMIZE});
        if !call.given.on("client") {
            shown["serverVersion"] = of();
        }
        return get::print_objects(call, &format, vec![shown], true);
    }
    call.print(format!("Client Version: {VERSION}"));
    call.print(format!("Kustomize Version: {KUSTOMIZE}"));
    if !call.given.on("client") {
        call.print(format!("Server Version: {VERSION}"));
    }
    Ok(())
}

pub fn api_resources(call: &mut Call) -> Result<(), Failure> {
    let wide = call.given.value("output") == Some("wide");
    let group = call.given.value("api-group").map(String::from);
    let mut sheet = Sheet::default();
    if !call.given.on("no-headers") && call.given.value("output") != Some("name") {
        sheet.put("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND").put(if wide {
            "\tVERBS\tCATEGORIES\n"
        } else {
            "\n"
        });
    }
    let rows = api::resources().iter().filter(|row| group.as_deref().is_none_or(|g| row.group == g));
    let rows = rows.filter(|row| !(call.given.has("namespaced") && row.namespaced != call.given.on("namespaced")));
    for row in rows {
        if call.given.value("output") == Some("name") {
            sheet.put(&row.qualified()).end_line();
            continue;
        }
        let short = row.short.join(",");
        sheet.put(&format!("{}\t{short}\t{}\t{}\t{}", row.plural, row.api_version(), row.namespaced, row.kind));
        if wide {
            sheet.put(&format!("\t{}\t{}", row.verbs.join(","), row.categories.join(",")));
        }
        sheet.end_line();
    }
    call.print_columns(sheet);
    Ok(())
}

pub fn api_versions(call: &mut Call) -> Result<(), Failure> {
    let versions: BTreeSet<String> = api::resources().iter().map(|row| row.api_version()).collect();
    versions.into_iter().for_each(|version| call.print(version));
    Ok(())
}

pub fn cluster_info(call: &mut Call) -> Result<(), Failure> {
    let context = context(call);
    call.print(format!("Kubernetes control plane is running at https://{context}.k8s.example:6443"));
    call.print("");
    call.print("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

pub fn can_i(call: &mut Call) -> Result<(), Failure> {
    if call.given.on("list") {
        call.print_lines(vec![
            Line::plain("Resources   Non-Resource URLs   Resource Names   Verbs"),
            Line::plain("*.*         []                  []               [*]"),
            Line::plain("            [*]                 []               [*]"),
        ]);
        return Ok(());
    }
    if call.given.operands.len() < 2 {
        return Err(Failure::error("you must specify two arguments: verb resource or verb resource/resourceName."));
    }
    // `pods/log` is a subresource; `pods/NAME` would name an object.
    if let Some(word) = call.given.operands.get(1).cloned().filter(|word| word != "*") {
        match targets::kind(word.split('/').next().unwrap_or(&word)) {
            Err(_) => {
                call.warn(format!("Warning: the server doesn't have a resource type '{word}'"));
                call.warn("");
            }
            Ok(row) if !row.namespaced && !call.given.on("all-namespaces") => {
                let group = if row.group.is_empty() { String::new() } else { format!(" in group '{}'", row.group) };
                call.warn(format!("Warning: resource '{}' is not namespace scoped{group}", row.plural));
                call.warn("");
            }
            Ok(_) => {}
        }
    }
    call.print("yes");
    Ok(())
}

pub fn whoami(call: &mut Call) -> Result<(), Failure> {
    let user = if call.session.user.is_empty() { "learner".to_string() } else { call.session.user.clone() };
    let mut sheet = Sheet::default();
    sheet.put(&format!("ATTRIBUTE\tVALUE\nUsername\t{user}\nGroups\t[system:masters system:authenticated]\n"));
    call.print_columns(sheet);
    Ok(())
}

pub fn edit(call: &mut Call) -> Result<(), Failure> {
    let target = call.given.operands.join(" ");
    let target = if target.is_empty() { "KIND/NAME".to_string() } else { target };
    Err(Failure::error("no editor is available in this shell").hint(format!(
        "change one field instead: kubectl patch {target} -p '{{…}}', kubectl set env|image|resources …; or save `get -o yaml` to a file and apply it"
    )))
}

fn context(call: &Call) -> String {
    if call.session.context.is_empty() { "scoop-prod".into() } else { call.session.context.clone() }
}

pub fn get_contexts(call: &mut Call) -> Result<(), Failure> {
    let mut sheet = Sheet::default();
    let (name, user) = (context(call), call.session.user.clone());
    if call.given.value("output") == Some("name") {
        call.print(name);
        return Ok(());
    }
    if !call.given.on("no-headers") {
        sheet.put("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    sheet.put(&format!("*\t{name}\t{name}\t{user}\t{}\n", call.session.namespace));
    // The real writer pads to ten columns here.
    let lines = sheet.columns(Style { min: 10, ..LISTING });
    call.print_lines(lines);
    Ok(())
}

pub fn current_context(call: &mut Call) -> Result<(), Failure> {
    let name = context(call);
    call.print(name);
    Ok(())
}

pub fn use_context(call: &mut Call) -> Result<(), Failure> {
    let known = context(call);
    match call.given.operands.first() {
        Some(name) if *name == known => {
            call.print(format!("Switched to context {known:?}."));
            Ok(())
        }
        Some(name) => Err(Failure::error(format!("no context exists with the name: {name:?}"))
            .hint(format!("there is one context here: {known}"))),
        None => Err(Failure::error("use-context requires exactly one context name")),
    }
}

pub fn set_context(call: &mut Call) -> Result<(), Failure> {
    let known = context(call);
    let name = call.given.operands.first().cloned();
    if !call.given.on("current") && name.as_deref() != Some(known.as_str()) {
        return Err(Failure::error("creating contexts is not possible here")
            .hint("kubectl config set-context --current --namespace=NAME changes the namespace"));
    }
    if let Some(namespace) = call.given.value("namespace").map(String::from) {
        call.session.namespace = namespace;
    }
    call.print(format!("Context {known:?} modified."));
    Ok(())
}

pub fn view_config(call: &mut Call) -> Result<(), Failure> {
    let (name, user, namespace) = (context(call), call.session.user.clone(), call.namespace());
    if !matches!(call.given.text("output"), "" | "yaml") {
        let server = format!("https://{name}.k8s.example:6443");
        let shown = json!({"apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {"certificate-authority-data": "DATA+OMITTED", "server": server}}],
            "contexts": [{"name": name, "context": {"cluster": name, "namespace": namespace, "user": user}}],
            "users": [{"name": user, "user": {"token": "REDACTED"}}]});
        let format = call.given.text("output").to_string();
        return get::print_objects(call, &format, vec![shown], true);
    }
    let text = format!(
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: DATA+OMITTED\n    server: https://{name}.k8s.example:6443\n  name: {name}\ncontexts:\n- context:\n    cluster: {name}\n    namespace: {namespace}\n    user: {user}\n  name: {name}\ncurrent-context: {name}\nkind: Config\nusers:\n- name: {user}\n  user:\n    token: REDACTED\n"
    );
    text.lines().for_each(|line| call.print(line));
    Ok(())
}

/// The page of `kubectl`, `kubectl help`, `kubectl --help`.
pub fn overview() -> Vec<Line> {
    let mut lines = vec![Line::plain("kubectl controls the Kubernetes cluster manager."), Line::plain("")];
    let mut sheet = Sheet::default();
    for row in verbs::VERBS {
        sheet.put(&format!("  {}\t{}\n", row.name, row.doc));
    }
    lines.push(Line::plain("Commands:"));
    lines.extend(sheet.columns(Style { min: 0, pad: 2 }));
    lines.push(Line::plain(""));
    lines.push(Line::plain("Usage:"));
    lines.push(Line::plain("  kubectl [command] [flags]"));
    lines.push(Line::plain(""));
    lines.push(Line::plain("Use \"kubectl <command> --help\" for more information about a given command."));
    lines
}

/// The page of one verb.
pub fn help_page(row: &'static VerbRow) -> Vec<Line> {
    let mut sheet = Sheet::default();
    sheet.put(&format!("{}.\n\nExamples:\n", row.doc));
    row.examples.iter().for_each(|example| {
        sheet.put(&format!("  {example}\n"));
    });
    sheet.put("\nOptions:\n");
    for flag in row.flags {
        sheet.put(&format!("    {}\t{}\n", flag.shape(), flag.about));
    }
    sheet.put(&format!("\nUsage:\n  kubectl {}\n", row.usage));
    let mut global: Vec<&str> = flags::GLOBAL.iter().map(|f| f.long).collect();
    global.sort_unstable();
    sheet.put(&format!("\nFlags of every command: --{}\n", global.join(", --")));
    sheet.columns(Style { min: 0, pad: 2 })
}

pub fn help(call: &mut Call) -> Result<(), Failure> {
    let words = call.given.operands.clone();
    if words.is_empty() {
        call.print_lines(overview());
        return Ok(());
    }
    match verbs::find(&words) {
        Some((row, _)) => {
            call.print_lines(help_page(row));
            Ok(())
        }
        None => Err(unknown(&words)),
    }
}

/// What is said of a command that does not exist.
pub fn unknown(words: &[String]) -> Failure {
    let word = words.first().map_or("", String::as_str);
    let group: Vec<&str> = verbs::VERBS.iter().filter_map(|r| r.name.strip_prefix(word)?.strip_prefix(' ')).collect();
    if !group.is_empty() {
        let sub = words.get(1).map_or("", String::as_str);
        let failure = if sub.is_empty() {
            Failure::error(format!("must specify one of: {}", group.join(", ")))
        } else {
            Failure::error(format!("unknown command {sub:?} for \"kubectl {word}\""))
        };
        return failure.line(format!("See 'kubectl {word} -h' for help and examples"));
    }
    let mut failure = Failure::error(format!("unknown command {word:?} for \"kubectl\""));
    let names = verbs::VERBS.iter().map(|r| r.name.split(' ').next().unwrap_or(r.name));
    if let Some(near) = suggest::nearest(word, names) {
        failure = failure.line("").line("Did you mean this?").line(format!("\t{near}"));
    }
    failure
}

/// Names of objects for completion, in the namespace at hand.
pub fn names(call: &mut Call, kind: &str) -> Vec<String> {
    let Ok(row) = targets::kind(kind) else { return Vec::new() };
    let scope = call.scope();
    let found = call.objects(row, &scope).unwrap_or_default();
    found.iter().map(|o| text(o, "/metadata/name").to_string()).collect()
}

/// Names of a pod's containers for completion.
pub fn containers(call: &mut Call, pod: &str) -> Vec<String> {
    let Ok(row) = targets::kind("pods") else { return Vec::new() };
    let found = call.object(row, pod).unwrap_or_default();
    list(&found, "/spec/containers").iter().map(|c| text(c, "name").to_string()).collect()
}
