//! Colours by meaning. Colour only repeats what a glyph or a word already says. Does not know what is drawn.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of the picture means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Text,
    Dim,
    Title,
    Border,
    Focus,
    Good,
    Warn,
    Bad,
    Info,
    Select,
    Key,
    Hint,
    Prompt,
    Match,
    Coach,
}

/// Order of `ROLES` is the order of the enum: a theme is an array indexed by it.
const ROLES: &[(&str, Role)] = &[
    ("text", Role::Text),
    ("dim", Role::Dim),
    ("title", Role::Title),
    ("border", Role::Border),
    ("focus", Role::Focus),
    ("good", Role::Good),
    ("warn", Role::Warn),
    ("bad", Role::Bad),
    ("info", Role::Info),
    ("select", Role::Select),
    ("key", Role::Key),
    ("hint", Role::Hint),
    ("prompt", Role::Prompt),
    ("match", Role::Match),
    ("coach", Role::Coach),
];

/// A row per theme: name and one line about it. The colours are in `assets/themes.toml`.
pub const THEMES: &[(&str, &str)] = &[
    ("dark", "for dark terminals"),
    ("high-contrast", "bright on black, bold"),
    ("light", "for light terminals"),
    ("no-colour", "bold, underline and reverse only"),
];

const TABLE: &str = include_str!("../../assets/themes.toml");

#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    pub name: &'static str,
    styles: [Style; 15],
}

impl Theme {
    pub fn named(name: &str) -> Option<Theme> {
        let name = if name == "no-color" || name == "none" { "no-colour" } else { name };
        let name = THEMES.iter().find(|(n, _)| *n == name)?.0;
        let mut styles = [Style::default(); 15];
        let mut inside = false;
        for line in TABLE.lines() {
            if let Some(section) = line.strip_prefix('[') {
                inside = section.trim_end_matches(']') == name;
            } else if let Some((role, value)) = line.split_once(" = ").filter(|_| inside) {
                let at = ROLES.iter().position(|(n, _)| *n == role.trim());
                at.into_iter().for_each(|at| styles[at] = style(value.trim().trim_matches('"')));
            }
        }
        Some(Theme { name, styles })
    }

    pub fn plain() -> Theme {
        Theme::named("no-colour").unwrap_or(Theme { name: "no-colour", styles: [Style::default(); 15] })
    }

    pub fn of(&self, role: Role) -> Style {
        self.styles[role as usize]
    }
}

/// `light-red on black bold reverse`: colours of the terminal's own palette, then how.
fn style(words: &str) -> Style {
    let mut style = Style::default();
    let mut ground = false;
    for word in words.split_whitespace() {
        match word {
            "on" => ground = true,
            "bold" => style = style.add_modifier(Modifier::BOLD),
            "dim" => style = style.add_modifier(Modifier::DIM),
            "italic" => style = style.add_modifier(Modifier::ITALIC),
            "underline" => style = style.add_modifier(Modifier::UNDERLINED),
            "reverse" => style = style.add_modifier(Modifier::REVERSED),
            name => {
                let Ok(colour) = name.parse::<Color>() else { continue };
                style = if ground { style.bg(colour) } else { style.fg(colour) };
                ground = false;
            }
        }
    }
    style
}

/// Words that mean a status in what the tools print; the word itself is the sign, the colour repeats it.
pub fn status(word: &str) -> Option<Role> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    Some(match word {
        "Running" | "Ready" | "Completed" | "Succeeded" | "Active" | "Bound" | "Healthy" | "OK" => Role::Good,
        "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "Unknown" | "NotReady" | "WARN"
        | "Warning" | "Unhealthy" | "BackOff" | "Progressing" => Role::Warn,
        "CrashLoopBackOff"
        | "Error"
        | "ERROR"
        | "FATAL"
        | "OOMKilled"
        | "ImagePullBackOff"
        | "ErrImagePull"
        | "Evicted"
        | "Failed"
        | "FailedScheduling"
        | "CreateContainerConfigError"
        | "RunContainerError" => Role::Bad,
        _ => return None,
    })
}
