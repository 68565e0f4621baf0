//! The author's page: what was tried on a case, with numbers. Written once as parts, told as Markdown or as HTML. Like the
//! check's own messages it is English. Does not try anything.

use super::html::page::{self, Cell, Head, Section};
use crate::case::progress::difficulty::Difficulty;
use crate::drill::fair::Examined;
use crate::drill::fair::laws::{self, CAPTURE_MIN, CEILING, LAWS, UNCITED_MAX, shown};
use crate::drill::fair::proof;
use crate::scenario::check::Report;
use crate::scenario::check::rivals::{There, certificate};
use crate::scenario::check::rules;
use crate::scenario::problem::{Problem, Severity};
use crate::stdx::lang::Lang;
use crate::stdx::text::{clip, harmless};
use crate::stdx::time::Span;
use maud::html;

/// Characters of a command in a table.
const COMMAND_MAX: usize = 120;

/// A part of the page: a table under a heading.
struct Part {
    id: &'static str,
    title: String,
    about: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The whole page of one case.
pub struct Page {
    title: String,
    lines: Vec<String>,
    parts: Vec<Part>,
}

impl Page {
    pub fn of(report: &Report, examined: &[Examined]) -> Page {
        let seeds = examined.first().map_or(1, |own| own.sheet.case.seed);
        let mut lines = vec![format!(
            "{}: {}, variants {}, tried on seed {seeds}",
            report.slug,
            if report.passed() { "passed" } else { "FAILED" },
            report.variants.join(" ")
        )];
        for own in examined {
            let variant = &own.sheet.case.variant;
            let trials: Vec<_> = report.trials.iter().filter(|trial| trial.variant == *variant).cloned().collect();
            lines.push(format!("variant {}", certificate(variant, &trials)));
        }
        let mut parts = vec![problems(report), law_rows(report), players(examined), archetypes(examined)];
        for own in examined {
            parts.extend([facts(own), path(own), ablation(own), matrix(report, own), timeline(own)]);
        }
        Page { title: format!("How fair it is: {}", report.title), lines, parts }
    }

    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n", safe(&self.title));
        self.lines.iter().for_each(|line| out.push_str(&format!("- {}\n", safe(line))));
        for part in &self.parts {
            out.push_str(&format!("\n## {}\n\n{}\n\n", safe(&part.title), safe(&part.about)));
            if part.rows.is_empty() {
                out.push_str("none\n");
                continue;
            }
            let row = |cells: &[String]| {
                format!("| {} |\n", cells.iter().map(|cell| safe(cell)).collect::<Vec<_>>().join(" | "))
            };
            out.push_str(&row(&part.heads));
            out.push_str(&format!("|{}\n", " --- |".repeat(part.heads.len())));
            part.rows.iter().for_each(|cells| out.push_str(&row(cells)));
        }
        out
    }

    pub fn html(&self) -> String {
        let lang = Lang::english();
        let section = |part: &Part| {
            let heads: Vec<&str> = part.heads.iter().map(String::as_str).collect();
            let rows: Vec<Vec<Cell>> =
                part.rows.iter().map(|row| row.iter().map(|cell| Cell::Text(cell.clone())).collect()).collect();
            let table = page::table(&lang, &part.title, &heads, &rows);
            Section {
                id: part.id.into(),
                title: page::plain(&part.title),
                about: part.about.clone(),
                body: html! { (table) },
            }
        };
        let head = Head { title: self.title.clone(), lines: self.lines.clone() };
        page::document(&lang, &head, &self.parts.iter().map(section).collect::<Vec<_>>())
    }
}

/// Text that means nothing to Markdown, on one line.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for c in harmless(text).replace(['\n', '\t'], " ").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn heads(list: &[&str]) -> Vec<String> {
    list.iter().map(|head| (*head).to_string()).collect()
}

// ---- the whole case ------------------------------------------------------------------------------------------------

fn problems(report: &Report) -> Part {
    let row = |problem: &Problem| {
        let word = if problem.severity == Severity::Error { "error" } else { "warning" };
        let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
        vec![word.to_string(), problem.code.to_string(), place, problem.message.clone(), problem.hint.clone()]
    };
    Part {
        id: "problems",
        title: "Problems".into(),
        about: "What whodunit check says; warnings that `allow` accepts are left out.".into(),
        heads: heads(&["kind", "rule", "place", "what", "what to do"]),
        rows: report.problems.iter().map(row).collect(),
    }
}

fn law_rows(report: &Report) -> Part {
    let row = |law: &laws::Law| {
        let own = report.problems.iter().filter(|problem| rules::law_of(problem.code) == Some(law.code)).count();
        let held = if own == 0 { "holds".to_string() } else { format!("{own} problems") };
        vec![law.code.to_string(), law.says.to_string(), held]
    };
    Part {
        id: "laws",
        title: "The seventeen laws".into(),
        about: "Each problem names its law.".into(),
        heads: heads(&["law", "says", "here"]),
        rows: LAWS.iter().map(row).collect(),
    }
}

fn players(examined: &[Examined]) -> Part {
    let mut names: Vec<&str> = examined.iter().flat_map(|own| own.played.totals.keys().copied()).collect();
    names.sort_unstable();
    names.dedup();
    let bound = |name: &str| match name {
        "idle" => "at most 10".to_string(),
        "rollback-first" => "below 25".to_string(),
        "uncited" => format!("at most {UNCITED_MAX}"),
        "capture-first" => format!("at least {CAPTURE_MIN}"),
        "expert" => "at least 95".to_string(),
        "memoriser-v" => "of V, below 23".to_string(),
        "detective-v" => "of V; every blank holds".to_string(),
        "random-best" => "told only".to_string(),
        _ => format!("below {CEILING}"),
    };
    let row = |name: &&str| {
        let of = |own: &Examined| own.played.totals.get(name).map_or_else(String::new, |points| shown(*points));
        [name.to_string(), bound(name)].into_iter().chain(examined.iter().map(of)).collect()
    };
    let variants = examined.iter().map(|own| own.sheet.case.variant.clone());
    Part {
        id: "players",
        title: "Players".into(),
        about: "Points of 100 for whoever guesses, greps, remembers, does nothing, or goes by the evidence.".into(),
        heads: heads(&["player", "bound"]).into_iter().chain(variants).collect(),
        rows: names.iter().map(row).collect(),
    }
}

fn archetypes(examined: &[Examined]) -> Part {
    let row = |(at, name): (usize, &&str)| {
        let of = |own: &Examined| own.played.archetypes.get(at).map_or_else(String::new, |(_, points)| shown(*points));
        std::iter::once(name.to_string()).chain(examined.iter().map(of)).collect()
    };
    let variants = examined.iter().map(|own| own.sheet.case.variant.clone());
    Part {
        id: "archetypes",
        title: "Nine ways to play it".into(),
        about: "Made of the truth and of the solution, best first.".into(),
        heads: heads(&["player"]).into_iter().chain(variants).collect(),
        rows: crate::drill::fair::archetypes::ORDER.iter().enumerate().map(row).collect(),
    }
}

// ---- one variant ---------------------------------------------------------------------------------------------------

fn titled(own: &Examined, title: &str) -> String {
    format!("Variant {}: {title}", own.sheet.case.variant)
}

fn facts(own: &Examined) -> Part {
    let sheet = &own.sheet;
    let all = sheet.truth.clues.keys().cloned().collect();
    let paths = proof::paths(sheet);
    let difficulty = Difficulty::of(&sheet.case).b_m();
    let minutes = |harm: u64| format!("{}.{} min of full harm", harm / 60_000, harm % 60_000 / 6_000);
    let bottlenecks: Vec<String> =
        proof::bottlenecks(sheet).iter().map(|sight| clip(&sight.command, COMMAND_MAX).to_string()).collect();
    let ended = |course: &crate::case::score::log::Course| {
        course
            .ended
            .map_or_else(|| "never".to_string(), |at| format!("{} after the page", (at - sheet.truth.page).human()))
    };
    let row = |name: &str, value: String| vec![name.to_string(), value];
    let mut rows = vec![
        row("justified belief with every clue", format!("{} %", laws::percent(&proof::justified(sheet, &all)))),
        row("minimal ways to prove it", format!("{} found", paths.len())),
        row("in all of them", if bottlenecks.is_empty() { "no command".into() } else { bottlenecks.join(" · ") }),
        row("difficulty, an estimate", format!("{} of 5", Difficulty::level(difficulty))),
        row("lines about something else", format!("{} of 100", proof::noise(sheet))),
        row("harm if nobody acts", minutes(sheet.idle.course.harm)),
        row(
            "harm of the solution",
            format!("{}; ended {}", minutes(sheet.solved.course.harm), ended(&sheet.solved.course)),
        ),
        row(
            "reading in the solution, in the optimal policy",
            format!("{}, {}", sheet.effort.0.human(), sheet.effort.1.human()),
        ),
    ];
    if let Some(hasty) = &sheet.hasty {
        let open: Vec<String> = proof::open(sheet, &hasty.after)
            .iter()
            .map(|(blank, support)| format!("{} {} %", blank.name(), laws::percent(support)))
            .collect();
        let open = if open.is_empty() { "everything".to_string() } else { format!("all but {}", open.join(", ")) };
        rows.push(row("after a blind fix can be proven", open));
    }
    let about = "Numbers of its structure and of its harm.".into();
    Part { id: "facts", title: titled(own, "in numbers"), about, heads: heads(&["what", "value"]), rows }
}

fn path(own: &Examined) -> Part {
    let sheet = &own.sheet;
    let shortest = proof::paths(sheet).into_iter().next();
    let row = |at: &usize| {
        let sight = sheet.sights.get(*at)?;
        let clues: Vec<&str> = sight.clues.iter().map(String::as_str).collect();
        Some(vec![clip(&sight.command, COMMAND_MAX).to_string(), sight.cost.human(), clues.join(", ")])
    };
    let about = match &shortest {
        Some(path) => format!("{} of simulated time.", path.cost.human()),
        None => "Not everything can be proven at the page.".to_string(),
    };
    let rows = shortest.iter().flat_map(|path| &path.sights).filter_map(row).collect();
    Part {
        id: "path",
        title: titled(own, "the shortest proof"),
        about,
        heads: heads(&["command", "costs", "shows"]),
        rows,
    }
}

fn ablation(own: &Examined) -> Part {
    let row = |loss: &proof::Loss| {
        let blanks: Vec<String> =
            loss.blanks.iter().map(|(blank, left)| format!("{} to {} %", blank.name(), laws::percent(left))).collect();
        let belief = loss.justified.as_ref().map_or_else(String::new, |left| format!("{} %", laws::percent(left)));
        vec![loss.clue.clone(), blanks.join(", "), loss.rivals.join(", "), belief]
    };
    Part {
        id: "ablation",
        title: titled(own, "what becomes unprovable without a clue"),
        about: "Clues without which nothing does are left out.".into(),
        heads: heads(&["without", "blanks", "rivals not cleared", "justified only"]),
        rows: proof::ablation(&own.sheet).iter().map(row).collect(),
    }
}

fn matrix(report: &Report, own: &Examined) -> Part {
    let case = &own.sheet.case;
    let trials: Vec<_> = report.trials.iter().filter(|trial| trial.variant == case.variant).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (at, clue) in case.clues.iter().enumerate() {
        let cell = |trial: &&crate::scenario::check::rivals::Trial| match trial.cells.get(at) {
            None if clue.rules_out.contains(&trial.rival) => "declared, not tried".to_string(),
            None => String::new(),
            Some(cell) => {
                let there = match &cell.there {
                    There::Alike => "alike".to_string(),
                    There::Absent => "not there".to_string(),
                    There::Nothing => "nothing there".to_string(),
                    There::Differs(values) => format!("is {}", values.join(" / ")),
                };
                match (cell.declared, cell.derived()) {
                    (true, true) => format!("✓ {there}"),
                    (true, false) => format!("✗ declared, yet {there}"),
                    (false, true) => format!("({there})"),
                    (false, false) => "alike".to_string(),
                }
            }
        };
        rows.push(std::iter::once(clue.id.clone()).chain(trials.iter().map(cell)).collect());
    }
    let named = trials.iter().map(|trial| match trial.world.as_str() {
        "" => format!("{} (no world)", trial.rival),
        world => format!("{} ({world})", trial.rival),
    });
    Part {
        id: "matrix",
        title: titled(own, "what rules what out"),
        about: "Each clue in the world in which the rival is the truth. ✓ declared and derived; in brackets what differs and is not declared.".into(),
        heads: heads(&["clue"]).into_iter().chain(named).collect(),
        rows,
    }
}

fn timeline(own: &Examined) -> Part {
    let case = &own.sheet.case;
    let times = own.times();
    let lives = own.timeline(&times);
    let row = |(clue, lives): &(String, Vec<bool>)| {
        let hasty = own.sheet.hasty.as_ref().map_or("", |hasty| if hasty.after.contains(clue) { "●" } else { "·" });
        let perishable = case.clues.iter().any(|own| own.id == *clue && own.perishable);
        let first = format!("{clue}{}", if perishable { " (perishable)" } else { "" });
        let marks = lives.iter().map(|alive| if *alive { "●" } else { "·" }.to_string());
        std::iter::once(first).chain(marks).chain([hasty.to_string()]).collect()
    };
    let named = times.iter().map(|after: &Span| format!("+{}", after.human()));
    Part {
        id: "timeline",
        title: titled(own, "when each clue lives"),
        about: "● its commands show it, · they do not: so long after the page if nobody acts, and after a blind fix."
            .into(),
        heads: heads(&["clue"]).into_iter().chain(named).chain(["blind fix".to_string()]).collect(),
        rows: lives.iter().map(row).collect(),
    }
}
