//! The commands of the command line that need no screen, and the way to those that do. Does not know flags' spelling.

use super::cli::{Cli, ClockArg, Command, InterviewCommand, LookArgs, ServeArgs, Shell, StatsCommand, Telling, parser};
use super::places::Places;
use super::progress::{self, commands as told};
use super::runs::{self, Order};
use super::table::Table;
use super::{
    cases, door, gameday, gameday_papers, guard, interview, interview_pack, plain, pump, show, texts, threads,
};
use crate::case::score::log::carried;
use crate::case::score::profile::{DETECTIVE, Profile, TEAM};
use crate::case::score::truth::Truth;
use crate::case::score::{ENGINE, score_with};
use crate::drill::Mode;
use crate::drill::act::Act;
use crate::drill::check as fair;
use crate::drill::fair::Examined;
use crate::drill::journal::Header;
use crate::drill::run::{Clock, Phase, Run};
use crate::report::author;
use crate::scenario;
use crate::scenario::check::{Depth, Report, check_by};
use crate::scenario::source::Pack;
use crate::stdx::text::harmless;
use crate::ui::face::{Face, Look, Screen};
use crate::ui::lang::Lang;
use crate::ui::theme::Theme;
use crate::ui::widgets::paint::Lines;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

/// Why a command did not work: 1 a check or a drill failed, 2 the command was wrong.
pub struct Failure {
    pub words: String,
    pub code: u8,
}

impl From<String> for Failure {
    fn from(words: String) -> Failure {
        Failure { words, code: 2 }
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure { words: error.to_string(), code: 1 }
    }
}

pub type Done = Result<ExitCode, Failure>;

/// Why something could not be printed, once it could not.
static UNPRINTED: OnceLock<std::io::Error> = OnceLock::new();

/// Prints. Whatever was typed, read or replayed, no control character reaches a terminal but newline and tab. What cannot
/// be printed is remembered for the exit code; nothing more is tried after it.
pub fn print(text: &str) {
    if UNPRINTED.get().is_some() {
        return;
    }
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(harmless(text).as_bytes()).and_then(|()| out.flush()) {
        let _ = UNPRINTED.set(error);
    }
}

/// What to tell if something could not be printed; of a reader that went away (`| head`) nothing is told.
pub fn unprinted() -> Option<String> {
    let error = UNPRINTED.get()?;
    let quiet = error.kind() == std::io::ErrorKind::BrokenPipe;
    Some(if quiet { String::new() } else { format!("error: cannot write the output: {error}\n") })
}

/// Tells on standard error, as harmlessly.
pub fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(harmless(text).as_bytes());
}

pub fn print_json(value: &serde_json::Value) {
    print(&format!("{}\n", serde_json::to_string_pretty(value).unwrap_or_default()));
}

pub fn run(cli: Cli) -> Done {
    let places = Places::of_user();
    let Some(command) = cli.command else { return list_screen(&places, &cli.look) };
    match command {
        Command::Play { case, telling, clock, mode, interview, minutes, speed, plain, door, port } => {
            let mode = if interview { Mode::Interview } else { mode.mode() };
            if minutes.is_some() && mode != Mode::Interview {
                let words = "only an interview has a time-box\nhint: add `--interview`";
                return Err(Failure::from(words.to_string()));
            }
            let clock = if door { ClockArg::Live } else { clock };
            if speed.is_some() && clock != ClockArg::Live {
                let words = "`--speed` is of no use to the turn clock\nhint: add `--clock live`";
                return Err(Failure::from(words.to_string()));
            }
            let order = Order { mode, minutes, ..order(case, telling, clock, speed.unwrap_or(1_000)) };
            play(&places, &cli.look, order, plain, door.then(|| port.unwrap_or(0)))
        }
        Command::Door { case, sandbox, telling, port, speed } => {
            let case = sandbox.map(|estate| format!("{}{estate}", cases::SANDBOX)).or(case).unwrap_or_default();
            let order = order(case, telling, ClockArg::Live, speed.unwrap_or(1_000));
            door::command::serve(runs::begin(&places, &order)?, port.unwrap_or(0), &look(&cli.look).lang)
        }
        Command::Run { case, transcript, telling, mode, json, run_dir } => {
            let order = Order { mode: mode.mode(), ..order(case, telling, ClockArg::Turn, 1_000) };
            transcript_run(&places, order, &transcript, json, run_dir, &look(&cli.look).lang)
        }
        Command::List { json, tag } => list(&places, json, tag.as_deref(), &look(&cli.look).lang),
        Command::Next { json } => told::next(&places, &look(&cli.look).lang, json),
        Command::Stats { what, json } => stats(&places, what, json, &look(&cli.look).lang),
        Command::Review { concept } => progress::review::review(&places, &look(&cli.look).lang, concept.as_deref()),
        Command::Daily { json, plain } => daily(&places, &cli.look, json, plain),
        Command::Resume { run, plain } => resume(&places, &cli.look, run.as_deref(), plain),
        Command::Runs { json } => list_runs(&places, json),
        Command::Replay { run, speed } => replay(&places, &run, speed, &look(&cli.look).lang),
        Command::Report { run, format, interview, candidate, who, debrief } => {
            let asked = interview::Asked { who: who.as_deref(), candidate, format: &format };
            if interview || !debrief && interview::is_one(&places, &run) {
                return interview::report(&places, &run, &asked, &report_lang(&format, &cli.look));
            }
            report(&places, &run, &format, debrief, &cli.look)
        }
        Command::Interview { what: InterviewCommand::Start { code, plain } } => {
            play(&places, &cli.look, interview_pack::order_of(&places, &interview_pack::code_at(&code))?, plain, None)
        }
        Command::Interview { what } => interview::command(&places, what, &look(&cli.look).lang),
        Command::Grade { run, profile, json } => grade(&places, &run, profile.as_deref(), json, &look(&cli.look).lang),
        Command::Check { paths, untranslated: Some(code), .. } => {
            texts::untranslated(&packs_at(&places, &paths)?, &code)
        }
        Command::Check { paths, seed, seeds, report: Some(file), .. } => {
            reported(&packs_at(&places, &paths)?, seed, seeds, &file)
        }
        Command::Check { paths, json, seed, seeds, report: None, untranslated: None } => {
            check_all(&places, &paths, json, seed, seeds)
        }
        Command::Cards { card } => texts::cards(card.as_deref(), &look(&cli.look).lang),
        Command::New { slug } => new(&slug),
        Command::Gameday { what } => gameday_papers::command(&places, what, &look(&cli.look).lang),
        Command::Serve(args) => serve(&places, args, &look(&cli.look).lang),
        Command::Schema => {
            print_json(&scenario::schema());
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => completions(shell),
        Command::Man => manual(),
        Command::Guard { modes } => Ok(guard::main(&modes)),
        Command::Panic => panic_on_terminal(&places, &cli.look),
    }
}

fn order(case: String, telling: Telling, clock: ClockArg, speed: u32) -> Order {
    let clock = if clock == ClockArg::Live { Clock::Live } else { Clock::Turn };
    Order { case, seed: telling.seed, variant: telling.variant, clock, speed, ..Order::default() }
}

/// Theme and language from flags, else from the environment as is customary (no-color.org, POSIX locales).
fn look(args: &LookArgs) -> Look {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let colourless = variable("NO_COLOR").is_some() || variable("TERM").is_some_and(|term| term == "dumb");
    let theme = args.theme.as_deref().unwrap_or(if colourless { "no-colour" } else { "dark" });
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name)).unwrap_or_default();
    let lang = args.lang.as_deref().unwrap_or(if locale.starts_with("ko") { "ko" } else { "en" });
    Look {
        theme: Theme::named(theme).unwrap_or_else(Theme::plain),
        lang: Lang::named(lang).unwrap_or_else(Lang::english),
        lines: if args.ascii { Lines::Ascii } else { Lines::Box },
    }
}

fn needs_terminal(hint: &str) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::from(format!("this needs a terminal\nhint: {hint}")))
}

fn table(places: &Places, args: &LookArgs, order: Order) -> Table {
    Table::new(Face::new(look(args), (80, 24)), places.clone(), order)
}

fn serve(places: &Places, args: ServeArgs, lang: &Lang) -> Done {
    let limits = gameday::Limits {
        sessions: args.sessions,
        per_address: args.per_address,
        new_invites: args.new_invites,
        panics: args.panics,
    };
    let mut order = gameday::Order {
        case: args.case,
        seed: args.telling.seed,
        variant: args.telling.variant,
        table: gameday::Table::Laid { people: args.seats, observers: args.observers },
        rooms: args.room,
        listen: args.listen.unwrap_or(gameday::LISTEN),
        keys: args.authorized_keys,
        allow: args.allow,
        speed: args.speed.unwrap_or(1_000),
        minutes: args.minutes,
        reinvite: args.reinvite,
        limits,
    };
    if let Some(path) = &args.plan {
        gameday_papers::plan(places, path, &mut order)?;
    }
    gameday::serve(places, &order, lang)
}

fn list_screen(places: &Places, args: &LookArgs) -> Done {
    needs_terminal("`whodunit list` prints the cases, `whodunit play CASE --plain` plays without a screen")?;
    let order = order(String::new(), Telling::default(), ClockArg::Turn, 1_000);
    let mut table = table(places, args, order);
    table.lay();
    pump::run(&mut table, args.mouse, |_| Ok(()))
}

fn play(places: &Places, args: &LookArgs, order: Order, plain: bool, door: Option<u16>) -> Done {
    if plain {
        return plain::play(runs::begin(places, &order)?, &look(args));
    }
    needs_terminal("add `--plain` to play as prompt and print")?;
    // A wrong name is told without taking the terminal.
    runs::pack_of(places, &order.case, order.mode)?;
    let mut table = table(places, args, order.clone());
    table.face.screen = Screen::Briefing;
    table.door = door;
    pump::run(&mut table, args.mouse, |table| {
        table.open(runs::begin(places, &order)?);
        Ok(())
    })
}

fn stats(places: &Places, what: Option<StatsCommand>, json: bool, lang: &Lang) -> Done {
    match what {
        None => told::stats(places, lang, json),
        Some(StatsCommand::Delete { yes, runs }) => told::delete(places, yes, runs),
        Some(StatsCommand::Easy { concept }) => told::easy(places, lang, &concept),
        Some(StatsCommand::Export { file }) => told::export(places, &file),
        Some(StatsCommand::Import { file }) => told::import(places, &file),
    }
}

/// Today's drill: begun, gone on with, or told how it went. There is one attempt.
fn daily(places: &Places, args: &LookArgs, json: bool, plain: bool) -> Done {
    let now = progress::now();
    let Some(today) = progress::daily::today(now) else {
        return Err(Failure { words: "there is no case to draw".into(), code: 1 });
    };
    if json {
        print_json(&told::daily_json(places, &today, now));
        return Ok(ExitCode::SUCCESS);
    }
    let done = match progress::daily::run(places, &today) {
        Some(run) if run.state != "open" => ExitCode::SUCCESS,
        Some(run) => resume(places, args, Some(&run.id), plain)?,
        None => play(places, args, progress::daily::order(&today), plain, None)?,
    };
    if let Some(words) = told::daily_done(places, &today, progress::now()) {
        print(&format!("\n{words}"));
    }
    Ok(done)
}

fn resume(places: &Places, args: &LookArgs, run: Option<&str>, plain: bool) -> Done {
    let folder = runs::folder(places, run)?;
    if runs::read(&folder).is_ok_and(|journal| journal.header.mode() == Mode::Gameday) {
        let words = "this is the run of a room\nhint: `whodunit serve` goes on with it";
        return Err(Failure::from(words.to_string()));
    }
    if !plain {
        needs_terminal("add `--plain` to play as prompt and print")?;
    }
    if plain {
        return plain::play(runs::resume(places, folder)?, &look(args));
    }
    let mut table = table(places, args, order(String::new(), Telling::default(), ClockArg::Turn, 1_000));
    table.face.screen = Screen::Briefing;
    pump::run(&mut table, args.mouse, |table| {
        let kept = runs::resume(places, folder)?;
        let clock = if kept.run.clock == Clock::Live { ClockArg::Live } else { ClockArg::Turn };
        table.order = order(kept.header.case.clone(), Telling::default(), clock, kept.header.speed);
        table.open(kept);
        Ok(())
    })
}

fn panic_on_terminal(places: &Places, args: &LookArgs) -> Done {
    needs_terminal("run it in one")?;
    let mut table = table(places, args, order(String::new(), Telling::default(), ClockArg::Turn, 1_000));
    table.panics = true;
    pump::run(&mut table, args.mouse, |_| Ok(()))
}

/// At most this much of a transcript is read; the language itself allows less.
const TRANSCRIPT_BYTES_MAX: u64 = 4 << 20;

fn read_transcript(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let said = |error: std::io::Error| Failure::from(format!("{}: {error}", path.display()));
    if path == Path::new("-") {
        std::io::stdin().take(TRANSCRIPT_BYTES_MAX).read_to_end(&mut bytes).map_err(said)?;
    } else {
        let file = std::fs::File::open(path).map_err(said)?;
        file.take(TRANSCRIPT_BYTES_MAX).read_to_end(&mut bytes).map_err(said)?;
    }
    String::from_utf8(bytes).map_err(|_| Failure::from(format!("{}: not UTF-8 text", path.display())))
}

/// Plays a transcript: every page, then the score. Exit 1 if the transcript cannot be played to its end.
fn transcript_run(places: &Places, order: Order, path: &Path, json: bool, dir: Option<PathBuf>, lang: &Lang) -> Done {
    let text = read_transcript(path)?;
    let shown = path.display().to_string();
    let steps = crate::drill::transcript::parse(&text)
        .map_err(|problems| problems.iter().map(|p| show::problem(&shown, p)).collect::<Vec<_>>().join("\n"))?;
    let now = chrono::Utc::now();
    let run = runs::cast(places, &order, now.timestamp_millis())?;
    let mut stage = match dir {
        Some(dir) => {
            std::fs::create_dir_all(&dir)?;
            plain::Stage::Kept(Box::new(runs::keep(run, dir, 1_000, &now.format("%Y-%m-%dT%H:%M:%SZ").to_string())?))
        }
        None => plain::Stage::Loose(Box::new(run)),
    };
    let mut printer = show::Printer::new(lang);
    if !json {
        print(&show::opening(stage.run(), lang));
    }
    let mut player = crate::drill::transcript::player::Player::new(steps);
    let mut fault = None;
    loop {
        let act = match player.next(stage.run()) {
            Ok(Some(act)) => act,
            Ok(None) => break,
            Err(problem) => {
                fault = Some(show::problem(&shown, &problem));
                break;
            }
        };
        let outcome = stage.act(act.clone())?;
        if !json {
            print(&printer.after(stage.run(), &act, &outcome));
        }
        if let Err(problem) = player.check(&outcome) {
            fault = Some(show::problem(&shown, &problem));
            break;
        }
    }
    // A transcript that ends after a verdict accepts it and leaves what is objected; a run that is kept may go on.
    let heard = |stage: &plain::Stage| stage.run().board.verdict.is_some() && stage.run().phase != Phase::Closed;
    while fault.is_none() && matches!(stage, plain::Stage::Loose(_)) && heard(&stage) {
        let outcome = stage.act(Act::Close)?;
        if !json {
            print(&printer.after(stage.run(), &Act::Close, &outcome));
        }
    }
    let run = stage.run();
    if json {
        print_json(&show::run_json(run, fault.as_deref()));
    } else {
        print(&show::score(run, lang));
    }
    match fault {
        Some(words) => Err(Failure { words, code: 1 }),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn list(places: &Places, json: bool, tag: Option<&str>, lang: &Lang) -> Done {
    let known = runs::list(places);
    let mut cards = cases::cards(places, lang);
    for card in &mut cards {
        card.best = super::table::best(&known, &card.slug);
    }
    if let Some(tag) = tag.filter(|tag| !cards.iter().any(|card| card.tags.iter().any(|own| own == tag))) {
        let known: BTreeSet<&str> = cards.iter().flat_map(|card| &card.tags).map(String::as_str).collect();
        let known: Vec<&str> = known.into_iter().collect();
        let words = format!("no case has the tag `{tag}`\nhint: there are {}", known.join(", "));
        return Err(Failure { words, code: 1 });
    }
    cards.retain(|card| tag.is_none_or(|tag| card.tags.iter().any(|own| own == tag)));
    cards.sort_by(|a, b| (a.level, &a.slug).cmp(&(b.level, &b.slug)));
    let due = told::due(places, &cards);
    if json {
        let rows = cards.iter().zip(&due).map(|(card, due)| {
            json!({ "case": card.slug, "title": card.title, "level": card.level, "minutes": card.minutes, "tags": card.tags,
                "best_first_attempt": card.best, "due_concepts": due, "problem": card.broken })
        });
        print_json(&json!({ "cases": rows.collect::<Vec<_>>() }));
    } else {
        let rows: Vec<[String; 7]> = cards
            .iter()
            .zip(&due)
            .map(|(card, due)| {
                let best = card.broken.as_ref().map_or_else(|| card.best.clone(), |_| Some("broken".into()));
                let minutes = format!("{} min", card.minutes);
                let best = best.unwrap_or_else(|| "-".into());
                let due = if due.is_empty() { "-".into() } else { due.len().to_string() };
                let (slug, level) = (card.slug.clone(), card.level.to_string());
                [slug, level, minutes, best, due, card.title.clone(), card.tags.join(" ")]
            })
            .collect();
        print(&show::columns(["CASE", "LEVEL", "TIME", "BEST FIRST", "DUE", "TITLE", "TAGS"], &rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn list_runs(places: &Places, json: bool) -> Done {
    let known = runs::list_read(places);
    if json {
        // An open run's variant would be a hint.
        let shown: Vec<serde_json::Value> = known
            .iter()
            .map(|run| match run.state.as_str() {
                "closed" => json!(run),
                _ => json!(runs::Summary { variant: String::new(), ..run.clone() }),
            })
            .collect();
        print_json(&json!({ "runs": shown }));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<[String; 6]> = known
        .iter()
        .map(|run| {
            let points = run.points().unwrap_or_else(|| "-".into());
            let seed = run.seed.to_string();
            [run.id.clone(), run.case.clone(), seed, run.state.clone(), run.acts.to_string(), points]
        })
        .collect();
    print(&show::columns(["RUN", "CASE", "SEED", "STATE", "ACTS", "POINTS"], &rows));
    Ok(ExitCode::SUCCESS)
}

fn folded(places: &Places, name: &str) -> Result<Run, Failure> {
    let folder = runs::folder(places, Some(name))?;
    let journal = runs::read(&folder).map_err(|words| Failure { words, code: 1 })?;
    runs::fold(places, &journal).map_err(|words| Failure { words, code: 1 })
}

/// Prints a run again. With a speed, simulated time between acts is waited for, at most ten seconds at a time.
fn replay(places: &Places, name: &str, speed: Option<u32>, lang: &Lang) -> Done {
    let folder = runs::folder(places, Some(name))?;
    let journal = runs::read(&folder).map_err(|words| Failure { words, code: 1 })?;
    if journal.header.mode() == Mode::Gameday {
        // What was said to some of a room is not for all, as long as it plays.
        closed(runs::fold(places, &journal)?)?;
    }
    let mut run = runs::opening(places, &journal.header)?;
    print(&show::opening(&run, lang));
    let mut printer = show::Printer::new(lang);
    for entry in &journal.entries {
        let before = run.now();
        let outcome = run.apply(entry.seat, entry.act.clone());
        if let Some(speed) = speed {
            let passed = (run.now() - before).0.max(0) as u64 * 1_000 / u64::from(speed);
            std::thread::sleep(std::time::Duration::from_millis(passed.min(10_000)));
        }
        print(&printer.after(&run, &entry.act, &outcome));
    }
    print(&show::score(&run, lang));
    Ok(ExitCode::SUCCESS)
}

fn report(places: &Places, name: &str, format: &str, debrief: bool, args: &LookArgs) -> Done {
    let of_team = || gameday_papers::report(places, name, format, &report_lang(format, args));
    if let Some(done) = (!debrief).then(of_team).flatten() {
        return done;
    }
    let format = crate::report::format(format)?;
    let run = closed(folded(places, name)?)?;
    let lang = report_lang(format.name, args);
    print(&(format.write)(&run.debrief_whole(lang.code), &lang));
    Ok(ExitCode::SUCCESS)
}

/// A program reads the same wherever it runs; who wants another language says so.
fn report_lang(format: &str, args: &LookArgs) -> Lang {
    if format == "json" && args.lang.is_none() { Lang::english() } else { look(args).lang }
}

/// Score and debrief name what was to be found, so they wait for the end of the run.
fn closed(run: Run) -> Result<Run, Failure> {
    if run.phase == Phase::Closed {
        return Ok(run);
    }
    let what = "the run is still open: its score and its debrief open with the verdict";
    let words = format!("{what}\nhint: `whodunit resume` goes on with it; `:close` there gives up");
    Err(Failure { words, code: 1 })
}

/// A profile of ours by name, or the one in a file.
fn profile_of(name: &str) -> Result<Profile, Failure> {
    let failed = |words: String| Failure { words, code: 1 };
    if !(name.ends_with(".toml") || name.contains(['/', '\\'])) {
        return Profile::named(name).cloned().map_err(failed);
    }
    let shown = crate::stdx::text::harmless(name);
    let text = std::fs::read_to_string(name).map_err(|error| failed(format!("{shown}: {error}")))?;
    Profile::read(&text).map_err(|words| failed(format!("{shown}: {words}")))
}

fn grade(places: &Places, name: &str, profile: Option<&str>, json: bool, lang: &Lang) -> Done {
    let named = profile.map(profile_of).transpose()?;
    let folder = runs::folder(places, Some(name))?;
    let journal = runs::read(&folder).map_err(|words| Failure { words, code: 1 })?;
    let own = if journal.header.mode() == Mode::Gameday { TEAM } else { DETECTIVE };
    let profile = &named.unwrap_or(own);
    let run = match (runs::fold(places, &journal), runs::events(&folder)) {
        (Ok(run), _) => closed(run)?,
        (Err(_), Some(kept)) => return grade_events(places, &journal.header, &kept, profile, json, lang),
        (Err(words), None) => return Err(Failure { words, code: 1 }),
    };
    let engine = &journal.header.engine;
    if json {
        let mut object = show::run_json(&run, None);
        object["score"] = show::score_json(&run.score_by(profile), run.phase);
        object["played_on"] = json!(engine);
        print_json(&object);
    } else {
        if engine != ENGINE {
            print(&format!("played on {engine}, graded by {ENGINE}\n"));
        }
        print(&show::scorecard(&run.score_by(profile), &run.case.told_in(lang.code), run.phase, lang));
    }
    Ok(ExitCode::SUCCESS)
}

/// Grades a closed run of another version of its case, or of another engine, from the events kept beside its journal.
fn grade_events(
    places: &Places,
    header: &Header,
    kept: &runs::Events,
    profile: &Profile,
    json: bool,
    lang: &Lang,
) -> Done {
    let case = runs::opening(places, header)?.case;
    let card = score_with(&Truth::of(&case), &kept.events, profile, carried(&kept.events));
    let other = if kept.case_hash == case.hash { "another engine" } else { "another version of the case" };
    let words = format!("played on {other} ({}): graded from its events by {ENGINE}, not replayed", kept.engine);
    if json {
        print_json(&json!({
            "case": case.slug, "variant": case.variant, "seed": case.seed, "closed": true, "told": words,
            "played_on": kept.engine,
            "score": show::score_json(&card, Phase::Closed),
        }));
    } else {
        print(&format!("{words}\n{}", show::scorecard(&card, &case.told_in(lang.code), Phase::Closed, lang)));
    }
    Ok(ExitCode::SUCCESS)
}

/// The packs that paths name; all there are if none is named.
fn packs_at(places: &Places, paths: &[PathBuf]) -> Result<Vec<Pack>, Failure> {
    if paths.is_empty() {
        return Ok(cases::all(places));
    }
    let mut packs = Vec::new();
    for path in paths {
        let slug =
            path.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_str()?.to_string())).unwrap_or_default();
        match cases::read_pack(path, &slug) {
            Some(pack) => packs.push(pack),
            None if cases::packs_in(path).is_empty() => {
                let name = path.display().to_string();
                packs.push(cases::find(places, &name)?);
            }
            None => packs.extend(cases::packs_in(path)),
        }
    }
    Ok(packs)
}

fn check_all(places: &Places, paths: &[PathBuf], json: bool, seed: u64, seeds: u64) -> Done {
    let (cards, paths): (Vec<PathBuf>, Vec<PathBuf>) = paths.iter().cloned().partition(|path| texts::is_cards(path));
    let odd_cards = cards.iter().filter(|path| !texts::check_cards(path)).count() > 0;
    if paths.is_empty() && !cards.is_empty() {
        return Ok(if odd_cards { ExitCode::from(1) } else { ExitCode::SUCCESS });
    }
    let packs = packs_at(places, &paths)?;
    let seeds: Vec<u64> = (0..seeds).map(|n| seed.saturating_add(n)).collect();
    let told = |report: &Report| {
        if !json {
            print(&show::check(report));
        }
    };
    // Several cases keep all processors busy; one is divided among them.
    let reports = if let [pack] = packs.as_slice() {
        let report = checked(pack, seed, &seeds, &threads::Threads);
        told(&report);
        vec![report]
    } else {
        threads::each_told(&packs, |pack| checked(pack, seed, &seeds, &fair::Alone), told)
    };
    let failed = odd_cards || reports.iter().any(|report| !report.passed());
    if json {
        let rows: Vec<_> = reports.iter().map(show::check_json).collect();
        print_json(&json!({ "passed": !failed, "cases": rows }));
    }
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// A case checked with a seed, and played with all of the others, of which that is the first.
fn checked(pack: &Pack, seed: u64, seeds: &[u64], hands: &impl fair::Hands) -> Report {
    examined(pack, seed, seeds, hands).0
}

/// The same, with what was tried on each variant.
fn examined(pack: &Pack, seed: u64, seeds: &[u64], hands: &impl fair::Hands) -> (Report, Vec<Examined>) {
    let (mut report, cast) = check_by(pack, seed, Depth::Live, |casts, live| hands.each(casts, live));
    let examined = if report.passed() { fair::check_by(pack, seeds, cast, &mut report, hands) } else { Vec::new() };
    (report, examined)
}

/// Checks one case and writes its author's page.
fn reported(packs: &[Pack], seed: u64, seeds: u64, file: &Path) -> Done {
    let [pack] = packs else {
        return Err(Failure::from(
            "`--report` is about one case\nhint: whodunit check scenarios/CASE --report=page.html".to_string(),
        ));
    };
    let seeds: Vec<u64> = (0..seeds).map(|n| seed.saturating_add(n)).collect();
    let (report, examined) = examined(pack, seed, &seeds, &threads::Threads);
    let page = author::Page::of(&report, &examined);
    if file == Path::new("-") {
        print(&page.markdown());
    } else {
        let html = file.extension().is_some_and(|end| end == "html");
        std::fs::write(file, if html { page.html() } else { page.markdown() })?;
        print(&show::check(&report));
    }
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn new(slug: &str) -> Done {
    let Some(files) = scenario::template::new(slug) else {
        return Err(Failure::from(format!(
            "`{slug}` is no name for a case\nhint: lower case letters, digits and hyphens, as in `inc-42`"
        )));
    };
    let root = Path::new("scenarios").join(slug);
    if root.exists() {
        return Err(Failure::from(format!("{} exists already", root.display())));
    }
    for (path, text) in &files {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, text)?;
    }
    print(&format!(
        "wrote {}\nnext: `whodunit check {}`, then `whodunit play {slug}`\n",
        root.display(),
        root.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: Shell) -> Done {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut parser(), "whodunit", &mut bytes);
    print(&String::from_utf8_lossy(&bytes));
    Ok(ExitCode::SUCCESS)
}

fn manual() -> Done {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(parser()).render(&mut bytes)?;
    print(&String::from_utf8_lossy(&bytes));
    Ok(ExitCode::SUCCESS)
}
