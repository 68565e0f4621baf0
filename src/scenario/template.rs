//! A new case to begin from: it passes `check` as it is. Does not write files.

use super::keys::is_id;

/// What `whodunit new SLUG` writes: paths inside the case's folder, and texts. `None` if the slug cannot be a folder.
pub fn new(slug: &str) -> Option<Vec<(String, String)>> {
    if !is_id(slug) || slug.chars().any(|c| c.is_ascii_uppercase()) {
        return None;
    }
    let title = slug.split(['-', '_']).map(capital).collect::<Vec<_>>().join(" ");
    let scenario = include_str!("../../assets/template/scenario.toml").replacen("A Case Without a Name", &title, 1);
    Some(vec![
        ("scenario.toml".into(), scenario),
        ("solutions/A.txt".into(), include_str!("../../assets/template/solutions/A.txt").into()),
        ("NOTES.md".into(), include_str!("../../assets/template/NOTES.md").into()),
    ])
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
