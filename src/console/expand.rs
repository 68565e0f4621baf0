//! From what was typed to the words a program gets: history, variables, splitting. Does not know how a substituted
//! command runs: the caller gives its text.

use super::parse::{Part, Script, Word};
use super::session::Session;

/// All words of one command together, in bytes.
pub const WORDS_BYTES_MAX: usize = 1024 * 1024;

/// Replaces `!!`, `!n`, `!-n` and `!prefix` outside single quotes. `None` if nothing was replaced.
pub fn history(line: &str, history: &[String]) -> Result<Option<String>, String> {
    let mut out = String::new();
    let mut rest = line;
    let (mut single, mut changed) = (false, false);
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        let event_ahead =
            c == '!' && !single && tail.starts_with(|n: char| n == '!' || n == '-' || n.is_alphanumeric());
        if c == '\\' && !single {
            let next = tail.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..1 + next]);
            rest = &tail[next..];
            continue;
        }
        if !event_ahead {
            single ^= c == '\'';
            out.push(c);
            rest = tail;
            continue;
        }
        let length = match tail.strip_prefix('!') {
            Some(_) => 1,
            None => tail.find(|n: char| !(n.is_alphanumeric() || n == '-' || n == '_')).unwrap_or(tail.len()),
        };
        let event = &tail[..length];
        let found = recalled(event, history).ok_or_else(|| format!("bash: !{event}: event not found"))?;
        out.push_str(found);
        changed = true;
        rest = &tail[length..];
        if out.len() > super::parse::LINE_BYTES_MAX {
            return Err(format!("bash: !{event}: the line grows too long"));
        }
    }
    Ok(changed.then_some(out))
}

fn recalled<'a>(event: &str, history: &'a [String]) -> Option<&'a String> {
    if event == "!" {
        return history.last();
    }
    if let Ok(number) = event.parse::<i64>() {
        let index = if number < 0 { history.len() as i64 + number } else { number - 1 };
        return usize::try_from(index).ok().and_then(|i| history.get(i));
    }
    history.iter().rev().find(|line| line.starts_with(event))
}

/// The value of a variable: the session's own, or what every shell knows.
pub fn variable(session: &Session, name: &str) -> Option<String> {
    if name == "?" {
        return Some(session.code.to_string());
    }
    if let Some(value) = session.vars.get(name) {
        return Some(value.clone());
    }
    match name {
        "USER" => Some(session.user.clone()),
        "HOME" | "PWD" => Some(format!("/home/{}", session.user)),
        "SHELL" => Some("/bin/bash".to_string()),
        _ => None,
    }
}

/// Expands a word into fields; `substitute` runs a script and gives what it printed. An unquoted variable or
/// substitution is split at blanks, as bash does.
pub fn fields(
    word: &Word,
    session: &mut Session,
    substitute: &mut dyn FnMut(&mut Session, &Script) -> String,
) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    let mut current: Option<String> = None;
    for part in &word.parts {
        let (text, quoted) = match part {
            Part::Text { text, quoted: _ } => (text.clone(), true),
            Part::Variable { name, fallback, quoted } => (valued(session, name, fallback), *quoted),
            Part::Substitution { script, quoted } => (substitute(session, script), *quoted),
        };
        if quoted {
            current.get_or_insert_default().push_str(&text);
            continue;
        }
        if text.starts_with([' ', '\t', '\n'])
            && let Some(done) = current.take()
        {
            fields.push(done);
        }
        let mut pieces = text.split([' ', '\t', '\n']).filter(|p| !p.is_empty()).peekable();
        while let Some(piece) = pieces.next() {
            current.get_or_insert_default().push_str(piece);
            let ends = pieces.peek().is_some() || text.ends_with([' ', '\t', '\n']);
            if ends && let Some(done) = current.take() {
                fields.push(done);
            }
        }
    }
    fields.extend(current);
    fields
}

/// Expands a word into one text, unsplit: assignments, redirections, here-documents.
pub fn text(word: &Word, session: &mut Session, substitute: &mut dyn FnMut(&mut Session, &Script) -> String) -> String {
    let mut out = String::new();
    for part in &word.parts {
        match part {
            Part::Text { text, .. } => out.push_str(text),
            Part::Variable { name, fallback, .. } => out.push_str(&valued(session, name, fallback)),
            Part::Substitution { script, .. } => out.push_str(&substitute(session, script)),
        }
        if out.len() > WORDS_BYTES_MAX {
            break;
        }
    }
    out
}

fn valued(session: &Session, name: &str, fallback: &str) -> String {
    variable(session, name).filter(|v| !v.is_empty()).unwrap_or_else(|| fallback.to_string())
}
