//! The command line: what can be said, and where it goes. Exit 0 done, 1 a check or a drill failed, 2 the command was wrong.

use super::{commands, guard};
use crate::drill::Mode;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  whodunit                                     the case list
  whodunit play the-car-that-hated-vanilla     play a case
  whodunit play the-pod-that-would-not-stay-up --plain
                                               a drill as prompt and print
  whodunit run the-pod-that-would-not-stay-up solution.txt --json
                                               a transcript without a screen, then the score
  whodunit resume                              go on where you left off";

const INTERVIEW_EXAMPLES: &str = "\
Examples:
  whodunit interview new the-pod-that-would-not-stay-up --minutes 40
                                               a pack: a code, two sheets
  whodunit interview start the-pod-that-would-not-stay-up:B:77:40m:turn:all:0f3a91c2
  whodunit interview assess RUN --as Kim       confirm or override, level by level
  whodunit report RUN --interview --as Kim --format html > report.html
  whodunit report RUN --interview --as Kim --candidate --format html > copy.html
  whodunit interview compare RUN RUN           deviations within an opening

`whodunit play CASE --interview` is for practice, alone or with somebody beside.";

const GAMEDAY_EXAMPLES: &str = "\
Examples:
  whodunit gameday new                         asks how many, how long, how hard
  whodunit gameday new --people 5 --minutes 60 --level 3 --tag sqs --out friday --yes
  whodunit serve --plan friday/plan.toml       opens the room that was planned
  whodunit gameday compare RUN RUN             days side by side, or rooms that raced";

const SERVE_EXAMPLES: &str = "\
Examples:
  whodunit serve --case the-stampede           one room on this machine; prints how to join
  ssh -p 2222 blue@127.0.0.1                   in another terminal, with an invite
  whodunit serve --case the-stampede --room red --room blue --seed 7
                                               two teams on the same incident
  whodunit serve --case the-stampede --listen 0.0.0.0:2222 --allow 10.0.0.0/8
                                               for others, too

Everything that is done is on disk first: after a crash the same command takes the rooms up.";

/// Play an incident: look, bag, suspect, prove, mend. Without a command the case list opens.
#[derive(Parser, Debug)]
#[command(name = "whodunit", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub look: LookArgs,
}

/// How it looks and speaks.
#[derive(Args, Clone, Debug, Default)]
pub struct LookArgs {
    /// dark, light, high-contrast or no-colour [default: dark, or no-colour if NO_COLOR is set or TERM is dumb]
    #[arg(long, global = true, value_name = "NAME", value_parser = ["dark", "light", "high-contrast", "no-colour", "no-color"])]
    pub theme: Option<String>,
    /// Language of the interface; the simulated tools speak English [default: from LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, value_name = "CODE", value_parser = ["en", "ko"])]
    pub lang: Option<String>,
    /// Borders and bars in ASCII, for terminals where line drawing is two columns wide
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Let the mouse choose panes and scroll (the terminal's own selection then needs Shift)
    #[arg(long, global = true)]
    pub mouse: bool,
}

/// Which telling of a case.
#[derive(Args, Clone, Debug, Default)]
pub struct Telling {
    /// Names, counts and times follow from it; the same seed is the same case [default: drawn]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Which culprit hides behind the page [default: drawn from the seed]
    #[arg(long, value_name = "V")]
    pub variant: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ClockArg {
    /// Time passes only by what you do
    #[default]
    Turn,
    /// Time passes with the wall clock
    Live,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// Three attempts, hints at a cost
    #[default]
    Drill,
    /// Hints are free, nothing is rated
    Practice,
    /// One attempt, no hints, a time-box
    Interview,
}

impl ModeArg {
    pub fn mode(self) -> Mode {
        match self {
            ModeArg::Drill => Mode::Drill,
            ModeArg::Practice => Mode::Practice,
            ModeArg::Interview => Mode::Interview,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    #[default]
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Play a case
    #[command(
        after_help = "Examples:\n  whodunit play the-pod-that-would-not-stay-up\n  whodunit play the-car-that-hated-vanilla --seed 7 --lang ko\n  whodunit play the-pod-that-would-not-stay-up --plain < session.txt"
    )]
    Play {
        /// A case's name, or a folder with a scenario.toml
        case: String,
        #[command(flatten)]
        telling: Telling,
        /// How simulated time passes
        #[arg(long, value_enum, default_value_t)]
        clock: ClockArg,
        /// What attempts and hints are allowed
        #[arg(long, value_enum, default_value_t)]
        mode: ModeArg,
        /// Interview practice: `--mode interview`
        #[arg(long, conflicts_with = "mode")]
        interview: bool,
        /// The time-box of an interview, in minutes of simulated time [default: the case's]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=44_640))]
        minutes: Option<u32>,
        /// With `--clock live`: simulated seconds for each second, 0.1 to 1000 [default: 1]
        #[arg(long, value_name = "X", value_parser = speed)]
        speed: Option<u32>,
        /// Prompt and print instead of a screen: for screen readers, dumb terminals and scripts
        #[arg(long)]
        plain: bool,
        /// Open a door beside the screen for your own `aws` and SDKs (the clock is live then)
        #[arg(long, conflicts_with = "plain")]
        door: bool,
        /// With `--door`: where it listens on 127.0.0.1 [default: any free port]
        #[arg(long, value_name = "P", requires = "door")]
        port: Option<u16>,
    },
    /// Open the simulated account of a case for your own `aws` and SDKs, on loopback, until Ctrl-C
    #[command(
        after_help = "Examples:\n  whodunit door CASE            prints lines for your shell; then, in another terminal:\n  aws sqs list-queues\n  whodunit door --sandbox scoopline-cloud --speed 60"
    )]
    Door {
        /// A case's name, or a folder with a scenario.toml
        #[arg(required_unless_present = "sandbox")]
        case: Option<String>,
        /// An estate without a case instead
        #[arg(long, value_name = "ESTATE", conflicts_with_all = ["case", "variant"])]
        sandbox: Option<String>,
        #[command(flatten)]
        telling: Telling,
        /// Where it listens on 127.0.0.1 [default: any free port]
        #[arg(long, value_name = "P")]
        port: Option<u16>,
        /// Simulated seconds for each second, 0.1 to 1000 [default: 1]
        #[arg(long, value_name = "X", value_parser = speed)]
        speed: Option<u32>,
    },
    /// Run a transcript without a screen: every page, then the score
    #[command(
        after_help = "Examples:\n  whodunit run the-pod-that-would-not-stay-up solution.txt --variant A --seed 1\n  whodunit run the-pod-that-would-not-stay-up solution.txt --json | jq .score.total"
    )]
    Run {
        /// A case's name, or a folder with a scenario.toml
        case: String,
        /// A file of `$ command` and `> board act` lines; `-` is standard input
        transcript: PathBuf,
        #[command(flatten)]
        telling: Telling,
        /// What attempts and hints are allowed
        #[arg(long, value_enum, default_value_t)]
        mode: ModeArg,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
        /// Keep the run's journal in this folder (made if it is not there)
        #[arg(long, value_name = "DIR")]
        run_dir: Option<PathBuf>,
    },
    /// List the cases: level, time, tags, best first attempt
    List {
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
        /// Only cases with this tag
        #[arg(long, value_name = "T")]
        tag: Option<String>,
    },
    /// What to play next, and why
    Next {
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// Your progress over many runs: skill, concepts that are due, certainty
    #[command(
        after_help = "Examples:\n  whodunit stats\n  whodunit stats export progress.json\n\nEverything is one file on this machine, beside the runs; nothing leaves it."
    )]
    Stats {
        #[command(subcommand)]
        what: Option<StatsCommand>,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// Two minutes with a concept that is due: one page of a case that you have finished, and whom it rules out
    Review {
        /// The concept's id, as `stats --json` and `cards` name it [default: the one most overdue]
        concept: Option<String>,
    },
    /// Today's drill: the same for everybody on a day (UTC), one attempt, no hints
    Daily {
        /// Only say what it is and how it went, as one JSON object
        #[arg(long)]
        json: bool,
        /// Prompt and print instead of a screen
        #[arg(long, conflicts_with = "json")]
        plain: bool,
    },
    /// Go on with a run [default: the newest open one]
    Resume {
        /// A run's name or a part of it
        run: Option<String>,
        /// Prompt and print instead of a screen
        #[arg(long)]
        plain: bool,
    },
    /// List the runs, newest first
    Runs {
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Print a run again, act by act
    Replay {
        /// A run's name or a part of it
        run: String,
        /// Simulated seconds for each second; without it nothing is waited for
        #[arg(long, value_name = "X", value_parser = speed)]
        speed: Option<u32>,
    },
    /// Write a run's debrief
    Report {
        /// A run's name or a part of it
        run: String,
        /// The form of it: text, md or json
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: String,
        /// The report of an interview [default for a run of one]
        #[arg(long)]
        interview: bool,
        /// The candidate's copy of it: without private notes
        #[arg(long, requires = "interview")]
        candidate: bool,
        /// Who asks for it: what others filed is shown to whoever has filed
        #[arg(long = "as", value_name = "NAME", requires = "interview")]
        who: Option<String>,
        /// The debrief also of an interview: for learning, with points
        #[arg(long, conflicts_with = "interview")]
        debrief: bool,
    },
    /// Interviews: a pack for an opening, questions, an interviewer's levels, deviations
    #[command(after_help = INTERVIEW_EXAMPLES)]
    Interview {
        #[command(subcommand)]
        what: InterviewCommand,
    },
    /// Grade a run as it stands
    Grade {
        /// A run's name or a part of it
        run: String,
        /// The weights: detective, team, or a TOML file of your own [default: detective; of a game day, team]
        #[arg(long, value_name = "NAME|FILE")]
        profile: Option<String>,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// Prove cases fair: unknown keys, clues nobody can find, answers that leak, solutions that do not win
    Check {
        /// Scenario folders, or folders of them [default: all cases]
        paths: Vec<PathBuf>,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
        /// The seed to cast with
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// On how many seeds, counted on from --seed, every solution has to win
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
        seeds: u64,
        /// Write an author's page of every case: Markdown, or HTML if the file ends in .html [default: printed]
        #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-", conflicts_with = "json")]
        report: Option<PathBuf>,
        /// Only print rows for the texts that are not told in this language yet, to be filled in
        #[arg(long, value_name = "CODE", value_parser = ["ko"], conflicts_with = "json")]
        untranslated: Option<String>,
    },
    /// Print the concept cards: what a part does, how it fails, where that shows
    Cards {
        /// One card [default: the list of them]
        card: Option<String>,
    },
    /// Begin a new case in ./scenarios that passes the check
    New {
        /// Its name: lower case letters, digits and hyphens
        slug: String,
    },
    /// Game days: plan one, and print what it takes
    #[command(after_help = GAMEDAY_EXAMPLES)]
    Gameday {
        #[command(subcommand)]
        what: GamedayCommand,
    },
    /// Open rooms for a team: one incident, many seats, over plain ssh
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Print a completion script for a shell
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page (roff)
    Man,
    /// Give the terminal back if the program dies without a word
    #[command(name = guard::NAME, hide = true)]
    Guard { modes: Vec<String> },
    /// Take the terminal and panic: for the test of what happens then
    #[command(name = "__panic", hide = true)]
    Panic,
}

/// What is done around game days.
#[derive(Subcommand, Debug)]
pub enum GamedayCommand {
    /// Lay finished game days side by side: a room's earlier days, or rooms that raced on one seed
    Compare {
        /// Two runs or more; the columns stand as they are named
        #[arg(required = true, num_args = 2..=12)]
        runs: Vec<String>,
        /// The form of it: text, md or html
        #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["html", "md", "text"])]
        format: String,
    },
    /// Propose case, seats and times, and write plan, briefing, role cards and the facilitator's paper
    New(DayArgs),
}

/// What a game day is wished to be. What is not said is asked.
#[derive(Args, Clone, Debug, Default)]
pub struct DayArgs {
    /// People who play, beside the facilitator
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=60))]
    pub people: Option<u16>,
    /// Minutes in all, 25 of them for the debrief
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(45..=480))]
    pub minutes: Option<u32>,
    /// How hard, 1 to 5 [default: any]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub level: Option<u8>,
    /// A case with one of these tags [default: any]
    #[arg(long = "tag", value_name = "T", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// This case, whatever else would be proposed
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
    #[command(flatten)]
    pub telling: Telling,
    /// Where the papers are written [default: a folder here, by the case's name]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Ask nothing: 4 people and 60 minutes unless said otherwise, and the first proposal
    #[arg(long)]
    pub yes: bool,
}

/// What is done around interviews.
#[derive(Subcommand, Debug)]
pub enum InterviewCommand {
    /// File one interviewer's levels beside a run: proposals are confirmed, or overridden with a reason
    Assess {
        /// A run's name or a part of it
        run: String,
        /// Who assesses
        #[arg(long = "as", value_name = "NAME")]
        who: String,
        /// Another level than the proposed one: COMPETENCY=1..4:REASON, or COMPETENCY=-:REASON for "not observed"
        #[arg(long, value_name = "LEVEL")]
        level: Vec<String>,
        /// Confirm every level that `--level` does not name, without asking
        #[arg(long)]
        confirm: bool,
        /// Words for the report and the candidate
        #[arg(long, value_name = "TEXT")]
        words: Option<String>,
        /// A private note, never in the candidate's copy
        #[arg(long, value_name = "TEXT")]
        note: Vec<String>,
    },
    /// Add the candidate's comment to a run
    Comment {
        /// A run's name or a part of it
        run: String,
        text: String,
    },
    /// Print in what runs of one opening differ: terms and controls
    Compare {
        /// Two runs or more; the first is compared with each of the others
        #[arg(required = true, num_args = 2..)]
        runs: Vec<String>,
    },
    /// Prepare an opening: one drill on the same terms for all, its code, and sheets to print
    New(PackArgs),
    /// Print a case's questions and what to listen for
    Questions {
        /// A case's name, or a folder with a scenario.toml
        case: String,
    },
    /// Begin an interview by the code of its opening
    Start {
        /// The code, or a pack's folder
        code: String,
        /// Prompt and print instead of a screen
        #[arg(long)]
        plain: bool,
    },
}

/// What an opening is made of.
#[derive(Args, Clone, Debug, Default)]
pub struct PackArgs {
    /// A case's name, or a code that is given out again
    pub case: Option<String>,
    /// Without a case: the one that has most of these tags
    #[arg(long, value_name = "T", value_delimiter = ',', conflicts_with = "case")]
    pub tags: Vec<String>,
    #[command(flatten)]
    pub telling: Telling,
    /// The time-box, in minutes of simulated time [default: the case's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=44_640))]
    pub minutes: Option<u32>,
    /// How simulated time passes
    #[arg(long, value_enum, default_value_t)]
    pub clock: ClockArg,
    /// A competency that is not observed, as `communication`
    #[arg(long, value_name = "COMPETENCY")]
    pub without: Vec<String>,
    /// Where the pack is written [default: a folder here, by the code's check]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What a game day is made of, and who may come.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeArgs {
    /// A case's name, or a folder with a scenario.toml [default: the rooms that are not over are taken up]
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
    /// Case, telling, seats and time as `whodunit gameday new` planned them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["case", "seed", "variant", "seats", "observers", "minutes"])]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub telling: Telling,
    /// People beside the facilitator [default: as many as the case has role cards, else 4]
    #[arg(long, value_name = "N")]
    pub seats: Option<u16>,
    /// People who only look on, without the answer
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub observers: u16,
    /// A room's name, as in `ssh NAME@HOST`; several play side by side [default: blue]
    #[arg(long, value_name = "NAME")]
    pub room: Vec<String>,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:2222")]
    pub listen: Option<std::net::SocketAddr>,
    /// Keys that need no invite, as in sshd's authorized_keys: the comment is the name
    #[arg(long, value_name = "FILE")]
    pub authorized_keys: Option<PathBuf>,
    /// Only addresses of this range are answered [default: all]
    #[arg(long, value_name = "CIDR")]
    pub allow: Vec<String>,
    /// Simulated seconds for each second, 0.1 to 1000 [default: 1]
    #[arg(long, value_name = "X", value_parser = speed)]
    pub speed: Option<u32>,
    /// The time-box, in minutes of simulated time [default: the case's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=44_640))]
    pub minutes: Option<u32>,
    /// Make new invites for the seats that nobody has taken
    #[arg(long)]
    pub new_invites: bool,
    /// A new invite for a seat; its key and code are void
    #[arg(long, value_name = "SEAT")]
    pub reinvite: Vec<u16>,
    /// People connected at a time [default: 1024]
    #[arg(long, value_name = "N")]
    pub sessions: Option<usize>,
    /// The same from one address [default: 128]
    #[arg(long, value_name = "N")]
    pub per_address: Option<usize>,
    /// Panic where it is asked for: for the test of what is left behind
    #[arg(long, hide = true)]
    pub panics: bool,
}

/// What is done with the file of progress.
#[derive(Subcommand, Debug)]
pub enum StatsCommand {
    /// Forget your progress
    Delete {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Remove the folders of all finished runs as well
        #[arg(long)]
        runs: bool,
    },
    /// Say that a concept is easy: it comes again much later
    Easy {
        /// Its id, as `stats --json` and `cards` name it
        concept: String,
    },
    /// Write your progress to a file, for another machine
    Export {
        /// A file that is not there yet; `-` is standard output
        file: PathBuf,
    },
    /// Take in what another machine exported; twice is once
    Import {
        /// An exported file; `-` is standard input
        file: PathBuf,
    },
}

fn speed(text: &str) -> Result<u32, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if !(0.1..=1_000.0).contains(&number) {
        return Err("speeds go from 0.1 to 1000".into());
    }
    Ok((number * 1_000.0).round() as u32)
}

/// Reads the arguments and does what they say. What went wrong is told on standard error, with what to do next.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // What was typed is echoed in a complaint, and is made harmless; help is our own text and may be coloured.
            if error.use_stderr() {
                commands::tell(&error.to_string());
                return ExitCode::from(error.exit_code() as u8);
            }
            let printed = error.print().and_then(|()| std::io::stdout().flush());
            return ExitCode::from(if printed.is_ok() { error.exit_code() as u8 } else { 1 });
        }
    };
    match commands::run(cli) {
        Ok(code) => match commands::unprinted() {
            None => code,
            Some(words) => {
                commands::tell(&words);
                ExitCode::from(1)
            }
        },
        Err(failure) => {
            // The reader of scenarios says itself which of its problems are errors.
            let prefix = if failure.words.starts_with("error") { "" } else { "error: " };
            commands::tell(&format!("{prefix}{}\n", failure.words.trim_end()));
            ExitCode::from(failure.code)
        }
    }
}

/// The parser itself, for completions and the manual.
pub fn parser() -> clap::Command {
    Cli::command()
}
