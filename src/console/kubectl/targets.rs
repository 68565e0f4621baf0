//! Which objects a line means: `pods`, `po,svc`, `pod a b`, `deploy/web svc/web`, `all`. Does not know what is done to them.

use super::call::{Call, Failure, Reach, Scope};
use super::verbs::VerbRow;
use crate::stdx::suggest;
use crate::world::k8s::api::{self, KindRow};

/// Objects of one kind: those named, or all that match if none is.
#[derive(Clone, Debug)]
pub struct Target {
    pub row: &'static KindRow,
    pub names: Vec<String>,
}

/// Finds a kind by plural, singular, short name, Kind, or `plural.group`.
pub fn kind(word: &str) -> Result<&'static KindRow, Failure> {
    let lower = word.to_lowercase();
    let (name, group) = lower.split_once('.').map_or((lower.as_str(), None), |(n, g)| (n, Some(g)));
    let fits = |row: &&&KindRow| {
        let named = row.plural == name || row.singular == name || row.short.contains(&name);
        let grouped = group.is_none_or(|g| {
            let g = g.strip_prefix(&format!("{}.", row.version)).unwrap_or(g);
            row.group == g || (g == row.version && row.group.is_empty())
        });
        named && grouped
    };
    match api::resources().iter().find(fits) {
        Some(row) => Ok(row),
        None => Err(unknown_kind(word, name)),
    }
}

fn unknown_kind(word: &str, name: &str) -> Failure {
    let known = api::resources().iter().flat_map(|row| [row.plural, row.singular]);
    let failure = Failure::error(format!("the server doesn't have a resource type {word:?}"));
    match suggest::nearest(name, known) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("`kubectl api-resources` lists the kinds that this cluster serves"),
    }
}

/// Reads the operands of a verb that works on objects.
pub fn parse(verb: &VerbRow, operands: &[String]) -> Result<Vec<Target>, Failure> {
    let Some(first) = operands.first() else { return Err(missing(verb)) };
    if operands.iter().any(|o| o.contains('/')) {
        return by_slash(operands);
    }
    let mut rows: Vec<&'static KindRow> = Vec::new();
    for word in first.split(',').filter(|w| !w.is_empty()) {
        if word == "all" {
            rows.extend(api::resources().iter().copied().filter(|row| row.categories.contains(&"all")));
        } else {
            rows.push(kind(word)?);
        }
    }
    Ok(rows.into_iter().map(|row| Target { row, names: operands[1..].to_vec() }).collect())
}

fn by_slash(operands: &[String]) -> Result<Vec<Target>, Failure> {
    let mut targets: Vec<Target> = Vec::new();
    for operand in operands {
        let Some((word, name)) = operand.split_once('/') else {
            return Err(Failure::error(
                "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
            ));
        };
        if name.is_empty() || word.is_empty() || name.contains('/') {
            return Err(Failure::error("arguments in resource/name form may not have more than one slash"));
        }
        let row = kind(word)?;
        match targets.last_mut().filter(|t| std::ptr::eq(t.row, row)) {
            Some(last) => last.names.push(name.to_string()),
            None => targets.push(Target { row, names: vec![name.to_string()] }),
        }
    }
    Ok(targets)
}

fn missing(verb: &VerbRow) -> Failure {
    let word = verb.name.split(' ').next().unwrap_or(verb.name);
    match word {
        "get" | "describe" => Failure::error("Required resource not specified.")
            .line("Use \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).")
            .line(format!("See 'kubectl {word} -h' for help and examples")),
        _ => Failure::error("You must provide one or more resources by argument or filename.")
            .line("Example resource specifications include:")
            .line("   '-f rsrc.yaml'")
            .line("   '--filename=rsrc.json'")
            .line("   '<resource> <name>'")
            .line("   '<resource>'"),
    }
}

/// `pod`, `deployment.apps`: a kind as messages and prefixes spell it.
pub fn label(row: &KindRow) -> String {
    if row.group.is_empty() { row.singular.to_string() } else { format!("{}.{}", row.singular, row.group) }
}

impl Call<'_> {
    /// Where this line looks: `-A`, `-l`, `--field-selector`.
    pub fn scope(&self) -> Scope {
        Scope {
            namespace: if self.given.on("all-namespaces") { Reach::Everywhere } else { Reach::Here },
            labels: self.given.text("selector").to_string(),
            fields: self.given.text("field-selector").to_string(),
        }
    }

    /// The objects that the operands name; a kind without names means all that match, if the verb allows it.
    pub fn named(&mut self, operands: &[String]) -> Result<Vec<(&'static KindRow, serde_json::Value)>, Failure> {
        let mut out = Vec::new();
        let every = self.given.on("all") || self.given.has("selector");
        for target in parse(self.verb, operands)? {
            if target.names.is_empty() {
                if !every {
                    return Err(Failure::error("resource(s) were provided, but no name was specified"));
                }
                let scope = self.scope();
                out.extend(self.objects(target.row, &scope)?.into_iter().map(|object| (target.row, object)));
            }
            for name in &target.names {
                out.push((target.row, self.object(target.row, name)?));
            }
        }
        Ok(out)
    }
}
