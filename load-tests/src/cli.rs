//! The command line.

use crate::floor::{self, Lie};
use crate::goals::{self, Choice};
use crate::report::summary::Verdict;
use crate::scenario::{Invalid, SHIPPED, Scenario, parse_setting, shipped, together, variant};
use crate::stage::Program;
use crate::{attack, compare, generator, launch, report, run, sweep, table};
use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Floods, measures and counts every message.
#[derive(Debug, Parser)]
#[command(name = "holdfast-load", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 everything was shown, 99 a threshold was breached, 1 the run failed or shows \
                          nothing, 2 the scenario or the command line makes no sense";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario, and write what came of it
    Run(Box<RunArguments>),
    /// Run a scenario again and again, attacked harder each time, and draw what that does to members
    Sweep(Box<SweepArguments>),
    /// Say whether scenarios make sense
    Validate {
        /// Names of shipped scenarios, or paths; all shipped ones if there are none
        scenarios: Vec<String>,
    },
    /// List the scenarios that come with the tool
    List,
    /// Write the HTML report of a run anew
    Report {
        /// The folder of the run
        folder: PathBuf,
    },
    /// Print runs as a table in Markdown
    Table {
        /// The folders of the runs
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
    /// Print all sweeps of a folder as one table in Markdown
    Overview {
        /// The folder in which each sweep has a folder
        folder: PathBuf,
    },
    /// Compare two runs: 99 if a figure of the second is worse
    Compare {
        /// summary.json or the folder of the run before
        before: PathBuf,
        /// The same of the run after
        after: PathBuf,
        /// By which share a figure may be worse
        #[arg(long, default_value_t = 0.1)]
        tolerance: f64,
    },
    /// Serve as the least that broadcasts, or as a server that lies
    Floor {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:8900")]
        listen: SocketAddr,
        /// What to do wrong, to see that it is found
        #[arg(long)]
        lie: Option<Lie>,
    },
    /// Measure what a delivery costs the server, against the least that it can cost here
    Versus {
        /// Against what
        against: Against,
        /// 2,000 readers and two rounds instead of 10,000 and three
        #[arg(long)]
        quick: bool,
        /// A node of its own kind, measured in turn with the others: a name and further options of holdfast serve, for
        /// example dense="--transport dense" [default: one without further options]
        #[arg(long = "node", value_parser = parse_node, value_name = "NAME=OPTIONS")]
        nodes: Vec<(String, Vec<String>)>,
        #[command(flatten)]
        program: ProgramArguments,
        /// Where to write the results [default: load-results/versus-floor-TIME]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Measure what Holdfast promises to carry, and say which goals are reached
    Goals(Box<GoalsArguments>),
    /// Become another program, on some cores, until the tool ends
    #[command(hide = true)]
    Launch {
        #[arg(long, value_delimiter = ',', value_parser = launch::parse_cores)]
        cores: Vec<usize>,
        /// The file of processes of a control group
        #[arg(long)]
        group: Option<PathBuf>,
        #[arg(last = true)]
        program: Vec<OsString>,
    },
    /// Make load as standard input says
    #[command(hide = true)]
    Generate,
    /// Attack as standard input says
    #[command(hide = true)]
    Attack,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Against {
    /// A raw-epoll broadcast server inside this tool
    Floor,
}

#[derive(Debug, Args)]
struct GoalsArguments {
    /// Which rows of goals.toml; all that do not take the whole machine if there are none
    rows: Vec<String>,
    /// Which columns; all that a row has if there are none
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// How often each run is made [default: as goals.toml says]
    #[arg(long)]
    rounds: Option<usize>,
    /// Multiplies clients and channels, to try it out: what is measured then is no figure
    #[arg(long, default_value_t = 1.0, value_parser = parse_scale)]
    scale: f64,
    /// Nothing is run: writes the pages of what was measured before
    #[arg(long)]
    only_pages: bool,
    #[command(flatten)]
    program: ProgramArguments,
    /// Where the results are, and go
    #[arg(long, default_value = "load-results/goals")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ProgramArguments {
    /// The server to start [default: the holdfast beside this program, else that of PATH]
    #[arg(long)]
    holdfast: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RunArguments {
    /// The name of a shipped scenario, or a path
    scenario: String,
    /// A server that runs already, instead of one that the tool starts: http://HOST:PORT or https://…
    #[arg(long)]
    target: Option<Url>,
    /// The word that a target on another machine serves at /.well-known/holdfast-load-consent
    #[arg(long, requires = "target")]
    consent: Option<String>,
    /// The authorities of the target's certificate, in PEM
    #[arg(long, requires = "target")]
    ca: Option<PathBuf>,
    /// The file of keys of the target, to sign tokens with
    #[arg(long, requires = "target", conflicts_with = "tokens")]
    keys: Option<PathBuf>,
    /// Tokens for the target, one a line, for all clients in the order of the scenario
    #[arg(long, requires = "target")]
    tokens: Option<PathBuf>,
    #[command(flatten)]
    program: ProgramArguments,
    /// Where to write the results [default: load-results/SCENARIO-TIME]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Multiplies clients and channels, for example 0.1; rates stay, and so do thresholds
    #[arg(long, default_value_t = 1.0, value_parser = parse_scale)]
    scale: f64,
    /// Something of the scenario otherwise, for example server.tls=true or phases.flood.duration=5s; options of the server
    /// are added to those that it has
    #[arg(long = "set", value_parser = parse_setting, value_name = "KEY=VALUE")]
    settings: Vec<toml::Table>,
    /// How often to look
    #[arg(long, default_value = "1s", value_parser = parse_interval)]
    interval: Duration,
    /// Lines instead of a screen
    #[arg(long)]
    plain: bool,
}

#[derive(Debug, Args)]
struct SweepArguments {
    /// The name of a shipped scenario with attacks, or a path
    scenario: String,
    /// What the rates of all attacks are multiplied with, run by run
    #[arg(long, default_value = "1,2,5,10,20", value_delimiter = ',', value_parser = sweep::parse_times)]
    times: Vec<f64>,
    #[command(flatten)]
    program: ProgramArguments,
    /// Where to write the results [default: load-results/SCENARIO-sweep-TIME]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Multiplies clients and channels, for example 0.1; rates stay, and so do thresholds
    #[arg(long, default_value_t = 1.0, value_parser = parse_scale)]
    scale: f64,
    /// How often to look
    #[arg(long, default_value = "1s", value_parser = parse_interval)]
    interval: Duration,
    /// Lines instead of a screen
    #[arg(long)]
    plain: bool,
}

/// Rows of the goals that are compared with the floor.
const VERSUS_ROWS: [&str; 2] = ["one-at-a-time", "sixteen-at-once"];
/// Of a quick comparison.
const QUICK_SCALE: f64 = 0.2;
const QUICK_ROUNDS: usize = 2;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Breached,
    Done,
    Unknown,
}

impl Outcome {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unknown => 1,
            Self::Breached => 99,
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Done,
            Verdict::Breached => Self::Breached,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// A scenario that cannot be used: which, and why.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
pub(crate) struct BadScenario {
    name: String,
    reason: String,
}

/// Does what the command line asks.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Run(arguments) => run_scenario(*arguments),
        Command::Sweep(arguments) => sweep_scenario(*arguments),
        Command::Validate { scenarios } => validate(scenarios),
        Command::List => list(),
        Command::Report { folder } => {
            let path =
                report::write_html(&folder, &report::read_summary(&folder)?, &report::read_series(&folder)?)?;
            print(&format!("{}\n", path.display()))?;
            Ok(Outcome::Done)
        }
        Command::Table { folders } => {
            let runs = folders.iter().map(|folder| report::read_summary(folder));
            print(&table::markdown(&runs.collect::<anyhow::Result<Vec<_>>>()?))?;
            Ok(Outcome::Done)
        }
        Command::Overview { folder } => {
            print(&sweep::overview(&folder)?)?;
            Ok(Outcome::Done)
        }
        Command::Compare { before, after, tolerance } => {
            let (before, after) = (report::read_summary(&before)?, report::read_summary(&after)?);
            let comparison = compare::compare(&before, &after, tolerance);
            print(&comparison.text)?;
            Ok(if comparison.worse.is_empty() { Outcome::Done } else { Outcome::Breached })
        }
        Command::Floor { listen, lie } => floor::run(listen, lie).map(|()| Outcome::Done),
        Command::Versus { against: Against::Floor, quick, nodes, program, out } => {
            let out = out.unwrap_or_else(|| default_folder("versus-floor"));
            let plain = || ("server".to_owned(), Vec::new());
            let choice = Choice {
                rows: VERSUS_ROWS.map(str::to_owned).into(),
                columns: Vec::new(),
                nodes: if nodes.is_empty() { vec![plain()] } else { nodes },
                rounds: quick.then_some(QUICK_ROUNDS),
                scale: if quick { QUICK_SCALE } else { 1.0 },
                holdfast: holdfast(program.holdfast),
                only_pages: false,
            };
            goals::run(&choice, &out, &mut std::io::stdout().lock())
        }
        Command::Goals(arguments) => {
            let GoalsArguments { rows, columns, rounds, scale, only_pages, program, out } = *arguments;
            let holdfast = holdfast(program.holdfast);
            let choice = Choice { rows, columns, nodes: Vec::new(), rounds, scale, holdfast, only_pages };
            goals::run(&choice, &out, &mut std::io::stdout().lock())
        }
        Command::Launch { cores, group, program } => {
            launch::become_program(&cores, group.as_deref(), &program).map(|()| Outcome::Done)
        }
        Command::Generate => generator::run().map(|()| Outcome::Done),
        Command::Attack => attack::run().map(|()| Outcome::Done),
    }
}

fn run_scenario(arguments: RunArguments) -> anyhow::Result<Outcome> {
    let scenario = read(&arguments.scenario, arguments.scale, &arguments.settings)?;
    let out = arguments.out.unwrap_or_else(|| default_folder(&scenario.name));
    let system = match arguments.target {
        None => run::System::Started(Program::Holdfast(holdfast(arguments.program.holdfast))),
        Some(url) => run::System::Given {
            url,
            consent: arguments.consent,
            roots: arguments.ca,
            keys: arguments.keys,
            tokens: arguments.tokens,
        },
    };
    let options = run::Options {
        scale: arguments.scale,
        interval: arguments.interval,
        plain: arguments.plain,
        one_core: false,
    };
    let (summary, _) = run::run(&scenario, &system, &options, &out)?;
    print(&run::in_words(&summary, &out))?;
    Ok(summary.verdict.into())
}

fn sweep_scenario(arguments: SweepArguments) -> anyhow::Result<Outcome> {
    let scenario = read(&arguments.scenario, arguments.scale, &[])?;
    if scenario.attacks.is_empty() {
        let reason = "it has no attacks to multiply".to_owned();
        return Err(BadScenario { name: arguments.scenario, reason }.into());
    }
    let out = arguments.out.unwrap_or_else(|| default_folder(&format!("{}-sweep", scenario.name)));
    let system = run::System::Started(Program::Holdfast(holdfast(arguments.program.holdfast)));
    let options = run::Options {
        scale: arguments.scale,
        interval: arguments.interval,
        plain: arguments.plain,
        one_core: false,
    };
    let swept = sweep::run(&scenario, &arguments.times, &system, &options, &out)?;
    print(&sweep::in_words(&swept, &out))?;
    Ok(swept.verdict.into())
}

fn validate(names: Vec<String>) -> anyhow::Result<Outcome> {
    let all = || SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names: Vec<String> = if names.is_empty() { all() } else { names };
    for name in names {
        let scenario = read(&name, 1.0, &[])?;
        let (clients, channels) = (scenario.clients(), scenario.channel_count());
        print(&format!("{name} makes sense: {clients} clients, {channels} channels\n"))?;
    }
    Ok(Outcome::Done)
}

fn list() -> anyhow::Result<Outcome> {
    for (name, text) in SHIPPED {
        let description = Scenario::parse(name, text, 1.0).map_or_else(|_| String::new(), |s| s.description);
        print(&format!("{name:26} {description}\n"))?;
    }
    Ok(Outcome::Done)
}

/// Reads a scenario by its name or path, with some of it otherwise.
fn read(word: &str, scale: f64, settings: &[toml::Table]) -> anyhow::Result<Scenario> {
    let bad = |reason: String| BadScenario { name: word.to_owned(), reason };
    let (name, text) = if let Some(text) = shipped(word) {
        (word.to_owned(), text.to_owned())
    } else {
        let path = Path::new(word);
        let text = std::fs::read_to_string(path).map_err(|error| {
            bad(format!("no shipped scenario has this name (see holdfast-load list), and as a path: {error}"))
        })?;
        let name = path.file_stem().map_or_else(|| "scenario".into(), |name| name.to_string_lossy());
        (name.into_owned(), text)
    };
    let otherwise = together(settings).and_then(|settings| variant(&text, &settings));
    let text = otherwise.map_err(|error| bad(format!("{error:#}")))?;
    Ok(Scenario::parse(&name, &text, scale).map_err(|invalid: Invalid| bad(invalid.to_string()))?)
}

fn holdfast(given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| {
        let own = std::env::current_exe().ok();
        let beside = own.and_then(|own| Some(own.parent()?.join("holdfast"))).filter(|path| path.exists());
        beside.unwrap_or_else(|| "holdfast".into())
    })
}

fn default_folder(name: &str) -> PathBuf {
    let time = humantime::format_rfc3339_seconds(crate::clock::wall()).to_string();
    let time = time.replace([':', '-'], "");
    Path::new("load-results").join(format!("{name}-{time}"))
}

/// CPU time is told in ticks of 10 ms, so shorter intervals would say nothing of it.
fn parse_interval(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let range = Duration::from_millis(200)..=Duration::from_mins(1);
    if range.contains(&parsed) { Ok(parsed) } else { Err("an interval is 200ms to 1m".to_owned()) }
}

/// A name, and options of a program with blanks between them.
fn parse_node(text: &str) -> Result<(String, Vec<String>), String> {
    let (name, options) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=OPTIONS"))?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("{name:?} is no name: letters, digits and -"));
    }
    Ok((name.to_owned(), options.split_whitespace().map(str::to_owned).collect()))
}

fn parse_scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale: &f64| *scale > 0.0 && *scale <= 100.0);
    scale.ok_or_else(|| format!("{text:?} is no scale: above 0 and at most 100"))
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("standard output")
}
