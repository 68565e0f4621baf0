//! Names on the command line, made from the model's: `DBInstanceIdentifier` is `db-instance-identifier`. Does not know models.

/// A member or operation as the command line spells it. Rules of the real client (botocore's `xform_name`): a plural run of
/// capitals stays together (`GatewayARNs`), then every capital after a small letter or digit begins a word, and so does the
/// last of a run of capitals before a small letter.
pub fn dashed(name: &str) -> String {
    if name.contains('-') {
        return name.to_string();
    }
    let mut letters: Vec<char> = name.chars().collect();
    // `ARNs` at the end: one word.
    let capitals = letters.iter().rev().skip(1).take_while(|c| c.is_ascii_uppercase()).count();
    if letters.last() == Some(&'s') && capitals >= 2 {
        let at = letters.len() - 1 - capitals;
        letters.iter_mut().skip(at).for_each(|c| c.make_ascii_lowercase());
        letters.insert(at, '-');
    }
    let first = capped(&letters);
    let mut out = String::with_capacity(first.len() + 4);
    let mut last = '\0';
    for c in first {
        if c.is_ascii_uppercase() && (last.is_ascii_lowercase() || last.is_ascii_digit()) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
        last = c;
    }
    out
}

/// A dash before each capital that small letters follow, unless nothing is before it. Matches do not overlap: the small
/// letters of one word cannot begin the next match's left side.
fn capped(letters: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(letters.len() + 4);
    let mut at = 0;
    while let Some(c) = letters.get(at) {
        out.push(*c);
        let starts = letters.get(at + 1).is_some_and(char::is_ascii_uppercase);
        let small = letters.iter().skip(at + 2).take_while(|c| c.is_ascii_lowercase()).count();
        if starts && small > 0 && *c != '\n' {
            out.push('-');
            out.extend(letters.iter().skip(at + 1).take(1 + small));
            at += 1 + small;
        }
        at += 1;
    }
    out
}

/// How alike two words are, as Ratcliff and Obershelp measure it: twice the letters in common by all letters.
fn likeness(a: &[char], b: &[char]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    2.0 * common(a, b) as f64 / (a.len() + b.len()) as f64
}

fn common(a: &[char], b: &[char]) -> usize {
    let (mut best, mut in_a, mut in_b) = (0, 0, 0);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let run = a.iter().skip(i).zip(b.iter().skip(j)).take_while(|(x, y)| x == y).count();
            if run > best {
                (best, in_a, in_b) = (run, i, j);
            }
        }
    }
    if best == 0 {
        return 0;
    }
    let left = (a.get(..in_a).unwrap_or_default(), b.get(..in_b).unwrap_or_default());
    let right = (a.get(in_a + best..).unwrap_or_default(), b.get(in_b + best..).unwrap_or_default());
    best + common(left.0, left.1) + common(right.0, right.1)
}

/// The most letters of a word that are compared.
const LETTERS_MAX: usize = 64;

/// At most three known words that are at least 80 % alike, the best first.
pub fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let letters: Vec<char> = word.chars().take(LETTERS_MAX).collect();
    let mut found: Vec<(f64, &str)> = known
        .map(|name| (likeness(&name.chars().take(LETTERS_MAX).collect::<Vec<_>>(), &letters), name))
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(a.1)));
    found.into_iter().take(3).map(|(_, name)| name).collect()
}
