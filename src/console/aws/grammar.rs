//! Words of a command line read in the manner of the client's own parser (Python's argparse): options anywhere, beginnings
//! that mean one option only, what is unknown left over. Does not know services.

/// One option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opt {
    /// With its dashes.
    pub name: String,
    pub takes: Takes,
    pub required: bool,
    /// Empty: anything.
    pub choices: &'static [&'static str],
    /// The value must be a whole number.
    pub whole: bool,
    /// Accepted, but not shown in help and completion.
    pub hidden: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    #[default]
    One,
    /// One or nothing.
    Maybe,
    Many,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Options in the order given, with their values; the last one wins.
    pub given: Vec<(String, Vec<String>)>,
    pub operands: Vec<String>,
    /// What nobody here knows.
    pub extras: Vec<String>,
}

impl Read {
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(known, _)| known == name)
    }

    /// The value of an option that takes one; empty if it was given without.
    pub fn last(&self, name: &str) -> Option<&str> {
        let (_, values) = self.given.iter().rev().find(|(known, _)| known == name)?;
        Some(values.first().map_or("", String::as_str))
    }

    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.given.iter().rev().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }
}

/// What one word is.
enum Word<'a> {
    Operand,
    /// An option, and a value after `=`.
    Option(&'a Opt, Option<&'a str>),
    Unknown,
}

/// Reads words; `operands` are the names of what must stand without dashes, of which each takes one word.
pub fn read(opts: &[Opt], operands: &[&str], words: &[String]) -> Result<Read, String> {
    let mut read = Read::default();
    let mut rest = words.iter().map(String::as_str).peekable();
    let mut bare = false;
    while let Some(word) = rest.next() {
        if word == "--" && !bare {
            bare = true;
            continue;
        }
        let kind = if bare { Word::Operand } else { classify(opts, word)? };
        match kind {
            Word::Operand if read.operands.len() < operands.len() => read.operands.push(word.to_string()),
            Word::Operand | Word::Unknown => read.extras.push(word.to_string()),
            Word::Option(opt, value) => {
                let mut values: Vec<String> = value.map(str::to_string).into_iter().collect();
                let most = match opt.takes {
                    Takes::Nothing => 0,
                    Takes::One | Takes::Maybe => 1,
                    Takes::Many => usize::MAX,
                };
                if let Some(value) = value.filter(|_| most == 0) {
                    return Err(format!(
                        "argument {}: ignored explicit argument {}",
                        opt.name,
                        super::node::quoted(value)
                    ));
                }
                while value.is_none() && values.len() < most {
                    let Some(next) = rest.peek() else { break };
                    if *next == "--" || !matches!(classify(opts, next)?, Word::Operand) {
                        break;
                    }
                    values.extend(rest.next().map(str::to_string));
                }
                if opt.takes == Takes::One && values.is_empty() {
                    return Err(format!("argument {}: expected one argument", opt.name));
                }
                check(opt, &values)?;
                read.given.push((opt.name.clone(), values));
            }
        }
    }
    let missing = opts.iter().filter(|opt| opt.required && !read.has(&opt.name)).map(|opt| opt.name.as_str());
    let missing: Vec<&str> = missing.chain(operands.iter().skip(read.operands.len()).copied()).collect();
    if !missing.is_empty() {
        return Err(format!("the following arguments are required: {}", missing.join(", ")));
    }
    Ok(read)
}

fn check(opt: &Opt, values: &[String]) -> Result<(), String> {
    for value in values {
        if opt.whole && !is_whole(value) {
            return Err(format!("argument {}: invalid int value: {}", opt.name, super::node::quoted(value)));
        }
        if !opt.choices.is_empty() && !opt.choices.contains(&value.as_str()) {
            return Err(format!("argument {}: {}", opt.name, choices(value, opt.choices.iter().copied())));
        }
    }
    Ok(())
}

/// What the client says of a word that is none of those it knows: they stand two in a line.
pub fn choices<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let mut lines = vec!["Invalid choice, valid choices are:\n".to_string()];
    for pair in known.chunks(2) {
        lines.push(pair.iter().map(|name| format!("{name:<40}")).collect::<Vec<_>>().join(" | "));
    }
    let near = super::words::near(word, known.into_iter());
    if !near.is_empty() {
        lines.push(format!("\n\nInvalid choice: {}, maybe you meant:\n", super::node::quoted(word)));
        lines.extend(near.iter().map(|name| format!("  * {name}")));
    }
    lines.join("\n")
}

fn classify<'a>(opts: &'a [Opt], word: &'a str) -> Result<Word<'a>, String> {
    if !word.starts_with('-') {
        return Ok(Word::Operand);
    }
    if let Some(opt) = opts.iter().find(|opt| opt.name == word) {
        return Ok(Word::Option(opt, None));
    }
    if word.len() == 1 {
        return Ok(Word::Operand);
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    if let Some(opt) = opts.iter().find(|opt| opt.name == name) {
        return Ok(Word::Option(opt, value));
    }
    if name.starts_with("--") && name.len() > 2 {
        let begins: Vec<&Opt> = opts.iter().filter(|opt| opt.name.starts_with(name)).collect();
        match begins.as_slice() {
            [] => {}
            [opt] => return Ok(Word::Option(opt, value)),
            several => {
                let names: Vec<&str> = several.iter().map(|opt| opt.name.as_str()).collect();
                return Err(format!("ambiguous option: {word} could match {}", names.join(", ")));
            }
        }
    }
    let number =
        word.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == '.') && !word.starts_with("--");
    if number || word.contains(' ') {
        return Ok(Word::Operand);
    }
    Ok(Word::Unknown)
}

/// A whole number of any size, as the client's language reads one.
fn is_whole(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}
