//! A verb's line read in the manner of pflag: flags may stand anywhere, switches may say `=false`, `--` ends them. Does not
//! know what a flag means.

use super::call::Failure;
use super::verbs::VerbRow;
use crate::console::flag::Flag;
use crate::stdx::suggest;

/// Flags of every verb.
pub static GLOBAL: &[Flag] = &[
    Flag::value('\0', "as", "USER", "Username to impersonate; the simulated cluster lets everybody be only themselves"),
    Flag::value('\0', "cluster", "NAME", "The kubeconfig cluster to use"),
    Flag::value('\0', "context", "NAME", "The kubeconfig context to use"),
    Flag::switch('h', "help", "Help for the command"),
    Flag::value('\0', "kubeconfig", "PATH", "Path to the kubeconfig file"),
    Flag::value('n', "namespace", "NAME", "The namespace scope of this request"),
    Flag::value('\0', "request-timeout", "TIME", "How long to wait for a single server request"),
    Flag::value('v', "v", "LEVEL", "Number for the log level verbosity"),
];

/// What was given on the line, after the verb.
#[derive(Clone, Debug, Default)]
pub struct Given {
    flags: Vec<(&'static Flag, String)>,
    pub operands: Vec<String>,
    /// How many operands stood before `--`, if there was one.
    pub dash: Option<usize>,
}

impl Given {
    fn find(&self, name: &str) -> Option<&str> {
        let is = |flag: &Flag| flag.long == name || (flag.long.is_empty() && name.chars().eq([flag.short]));
        self.flags.iter().rev().find(|(flag, _)| is(flag)).map(|(_, value)| value.as_str())
    }
    /// A switch that is on: given, and not `=false`.
    pub fn on(&self, name: &str) -> bool {
        self.find(name).is_some_and(|value| !matches!(value, "false" | "f" | "0" | "False" | "FALSE"))
    }
    /// A switch that was turned off explicitly.
    pub fn off(&self, name: &str) -> bool {
        self.find(name).is_some() && !self.on(name)
    }
    pub fn value(&self, name: &str) -> Option<&str> {
        self.find(name)
    }
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }
    pub fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or("")
    }
    /// All values of a flag that may be repeated, commas splitting each.
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.all(name);
        values.iter().flat_map(|v| v.split(',')).filter(|v| !v.is_empty()).map(String::from).collect()
    }
    /// All values of a flag that may be repeated, whole.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.flags.iter().filter(|(f, _)| f.long == name).map(|(_, v)| v.clone()).collect()
    }
}

/// Reads what follows the verb.
pub fn read(verb: &'static VerbRow, args: &[String]) -> Result<Given, Failure> {
    let mut given = Given::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            given.dash = Some(given.operands.len());
            given.operands.extend(rest.cloned());
            break;
        }
        if let Some(body) = arg.strip_prefix("--") {
            let (name, value) = body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v.to_string())));
            let flag = long(verb, name).ok_or_else(|| unknown(verb, name))?;
            let value = match value {
                Some(value) => value,
                None if flag.value.is_empty() || flag.value.starts_with('[') => String::new(),
                None => {
                    rest.next().cloned().ok_or_else(|| misuse(verb, &format!("flag needs an argument: --{name}")))?
                }
            };
            given.flags.push((flag, value));
        } else if arg.len() > 1 && arg.starts_with('-') {
            short(verb, arg, &mut rest, &mut given)?;
        } else {
            given.operands.push(arg.clone());
        }
    }
    given.flags.iter().try_for_each(|(flag, value)| whole(verb, flag, value))?;
    Ok(given)
}

/// Flags that pflag reads as whole numbers.
const WHOLE: &[&str] = &["current-replicas", "grace-period", "port", "replicas", "revision", "to-revision"];

fn whole(verb: &VerbRow, flag: &Flag, value: &str) -> Result<(), Failure> {
    if !WHOLE.contains(&flag.long) {
        return Ok(());
    }
    let why = match value.parse::<i64>() {
        Ok(_) => return Ok(()),
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => "value out of range",
            _ => "invalid syntax",
        },
    };
    let shape =
        if flag.short == '\0' { format!("--{}", flag.long) } else { format!("-{}, --{}", flag.short, flag.long) };
    let text = format!("invalid argument {value:?} for {shape:?} flag: strconv.ParseInt: parsing {value:?}: {why}");
    Err(misuse(verb, &text))
}

fn short<'a>(
    verb: &'static VerbRow,
    arg: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    given: &mut Given,
) -> Result<(), Failure> {
    for (at, letter) in arg.char_indices().skip(1) {
        let known = all(verb).find(|f| f.short == letter && letter != '\0');
        let flag = known.ok_or_else(|| misuse(verb, &format!("unknown shorthand flag: '{letter}' in {arg}")))?;
        if flag.value.is_empty() {
            given.flags.push((flag, String::new()));
            continue;
        }
        let tail = arg.get(at + letter.len_utf8()..).unwrap_or("");
        let tail = tail.strip_prefix('=').unwrap_or(tail);
        let value = if tail.is_empty() {
            rest.next().cloned().ok_or_else(|| misuse(verb, &format!("flag needs an argument: '{letter}' in {arg}")))?
        } else {
            tail.to_string()
        };
        given.flags.push((flag, value));
        break;
    }
    Ok(())
}

/// The verb's own flags and the global ones.
pub fn all(verb: &'static VerbRow) -> impl Iterator<Item = &'static Flag> {
    verb.flags.iter().chain(GLOBAL)
}

fn long(verb: &'static VerbRow, name: &str) -> Option<&'static Flag> {
    all(verb).find(|f| !f.long.is_empty() && f.long == name)
}

fn unknown(verb: &'static VerbRow, name: &str) -> Failure {
    let failure = misuse(verb, &format!("unknown flag: --{name}"));
    match suggest::nearest(name, all(verb).map(|f| f.long)) {
        Some(near) => failure.hint(format!("did you mean --{near}?")),
        None => failure,
    }
}

/// A mistake in how the verb was used.
pub fn misuse(verb: &VerbRow, text: &str) -> Failure {
    Failure::error(text).line(format!("See 'kubectl {} --help' for usage.", verb.name))
}
