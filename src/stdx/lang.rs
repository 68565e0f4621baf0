//! The words of the interface, by key, in the learner's language. The simulated tools speak English and are not here.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows: code, own name, the words.
pub const LANGS: &[(&str, &str, &str)] = &[
    ("en", "English", include_str!("../../assets/lang/en.toml")),
    ("ko", "한국어", include_str!("../../assets/lang/ko.toml")),
];

/// One language. A key without words shows as itself, so that nothing is ever blank.
#[derive(Clone, Debug, Default)]
pub struct Lang {
    pub code: &'static str,
    words: Arc<BTreeMap<String, String>>,
}

impl Lang {
    pub fn named(code: &str) -> Option<Lang> {
        let (code, _, text) = LANGS.iter().find(|(c, _, _)| *c == code)?;
        Some(Lang { code, words: Arc::new(words(text)) })
    }

    pub fn english() -> Lang {
        Lang::named("en").unwrap_or_default()
    }

    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// The words with `{name}` parts filled in.
    pub fn with(&self, key: &str, parts: &[(&str, &str)]) -> String {
        parts.iter().fold(self.say(key).to_string(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }
}

/// Reads lines of `key = "words"`; the files are ours and a test reads them with the TOML parser too.
fn words(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(key, _)| !key.starts_with('#'))
        .map(|(key, value)| {
            let value = value.trim().trim_matches('"').replace("\\\"", "\"").replace("\\n", "\n");
            (key.trim().trim_matches('"').to_string(), value)
        })
        .collect()
}
