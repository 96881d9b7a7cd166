//! A whole run: the stage is set, the run is led and judged, and what came of it is written.

use crate::complaints::Complaints;
use crate::conductor::{self, Plan};
use crate::launch::Cores;
use crate::observed::Observed;
use crate::progress::Screen;
use crate::report::summary::{FORMAT, Machine, ScenarioSummary, Summary, TargetSummary, VERSION, Verdict};
use crate::scenario::{Encoding, Scenario, Store};
use crate::stage::remote::{self, Remote};
use crate::stage::{Program, Stage};
use crate::{clock, figures, judge, report, screen};
use anyhow::{Context, bail};
use procfs::Current;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use url::Url;

/// Descriptors of a generator that are no clients.
const DESCRIPTORS_RESERVED: u64 = 32;

/// What is put under load. It holds the word of a consent, so it has no debug output.
#[derive(Clone)]
pub(crate) enum System {
    /// A server that runs already.
    Given {
        url: Url,
        consent: Option<String>,
        roots: Option<PathBuf>,
        keys: Option<PathBuf>,
        tokens: Option<PathBuf>,
    },
    /// A server that the tool starts.
    Started(Program),
}

/// How it is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) scale: f64,
    pub(crate) interval: Duration,
    /// Lines instead of a screen.
    pub(crate) plain: bool,
    /// Server and generator get one core each, however many there are.
    pub(crate) one_core: bool,
}

/// Somebody who looks at the servers of a run: when they serve and nobody has come, and when all is over.
pub(crate) trait Onlooker {
    fn set(&mut self, stage: &Stage);
    fn over(&mut self, stage: &Stage);
}

/// Looks at nothing.
pub(crate) struct Nobody;

impl Onlooker for Nobody {
    fn set(&mut self, _: &Stage) {}

    fn over(&mut self, _: &Stage) {}
}

/// Runs a scenario and writes its results.
pub(crate) fn run(
    scenario: &Scenario,
    system: &System,
    options: &Options,
    out: &Path,
) -> anyhow::Result<(Summary, Observed)> {
    let complaints = Complaints::open(out)?;
    let mut screen = screen::screen(options.plain)?;
    let observed = observe(scenario, system, options, &complaints, screen.as_mut(), &mut Nobody);
    let (summary, observed) = observed.with_context(|| complaints.last_words())?;
    report::write(out, &summary, &observed.series)?;
    Ok((summary, observed))
}

/// Runs a scenario and judges it.
pub(crate) fn observe(
    scenario: &Scenario,
    system: &System,
    options: &Options,
    complaints: &Complaints,
    screen: &mut dyn Screen,
    onlooker: &mut dyn Onlooker,
) -> anyhow::Result<(Summary, Observed)> {
    let clients = scenario.clients().div_ceil(scenario.processes);
    if let Some(most) = raise_descriptors().filter(|most| u64::from(clients) + DESCRIPTORS_RESERVED > *most) {
        bail!(
            "{clients} clients a process need more descriptors than the {most} that one may have: say \
             [generator] processes = {}",
            u64::from(scenario.clients()).div_ceil(most.saturating_sub(DESCRIPTORS_RESERVED).max(1))
        );
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // A second one ends the tool at once.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let began = clock::wall();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (for_servers, for_generators) = match system {
        System::Started(_) if options.one_core => Cores::one_each(cores),
        System::Started(_) => Cores::shared_out(cores, scenario.server.pin),
        System::Given { .. } => (Cores::default(), Cores::default()),
    };
    let mut stage = set(scenario, system, &for_servers, complaints)?;
    onlooker.set(&stage);
    let plan = Plan {
        scenario,
        scale: options.scale,
        interval: options.interval,
        cores: for_generators.clone(),
        complaints: complaints.file(),
        run: fastrand::u32(..),
        stop: &stop,
    };
    let observed = conductor::conduct(&plan, &mut stage, screen)?;
    onlooker.over(&stage);
    let figures = judge::figures(scenario, &observed);
    let judgement = judge::judge(scenario, &observed, &figures);
    let summary = Summary {
        format: FORMAT.to_owned(),
        version: VERSION,
        scenario: ScenarioSummary {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
            text: scenario.text.clone(),
        },
        target: target(scenario, system, &observed),
        machine: machine(!for_generators.0.is_empty()),
        began: humantime::format_rfc3339_seconds(began).to_string(),
        took_s: observed.took_s,
        verdict: judgement.verdict,
        reasons: judgement.reasons,
        thresholds: judgement.thresholds,
        latency: judge::latencies(scenario, &observed),
        phases: observed.phases.clone(),
        faults: observed.faults.clone(),
        generators: observed.generators.clone(),
        limited_by: judgement.limited_by,
        findings: observed.findings.words.clone(),
        figures,
    };
    Ok((summary, observed))
}

fn set(
    scenario: &Scenario,
    system: &System,
    cores: &Cores,
    complaints: &Complaints,
) -> anyhow::Result<Stage> {
    match system {
        System::Started(program) => Stage::start(program, scenario, cores, complaints.file()),
        System::Given { url, consent, roots, keys, tokens } => {
            if scenario.server.cpu.is_some() {
                bail!(
                    "{} bounds the CPU time of the server, which must be one that the tool starts",
                    scenario.name
                );
            }
            if !scenario.faults.is_empty() {
                bail!("{} does things to the server, which must be one that the tool starts", scenario.name);
            }
            let remote = Remote { url, consent: consent.as_deref(), roots: roots.as_deref() };
            let (targets, tls) = remote::agree(&remote)?;
            if let Some(target) = targets.iter().find(|target| !target.address.ip().is_loopback())
                && !scenario.attacks.is_empty()
            {
                bail!("attacks stay on this machine, whoever consents: {} is not on it", target.host);
            }
            let access = match (keys, tokens) {
                (Some(keys), _) => remote::keys(keys)?,
                (None, Some(tokens)) => remote::tokens(tokens)?,
                (None, None) => bail!("--target needs --keys or --tokens: the clients are members"),
            };
            Ok(Stage::given(targets, tls, access))
        }
    }
}

/// Raises the soft limit on descriptors to the hard one, which generators and servers take over; answers it, if there
/// is one.
fn raise_descriptors() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where it cannot be raised, the limit is what it was.
    let _raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    getrlimit(Resource::Nofile).current
}

fn target(scenario: &Scenario, system: &System, observed: &Observed) -> TargetSummary {
    let (store, nodes, tls) = match system {
        System::Given { url, .. } => ("address", 0, matches!(url.scheme(), "https" | "wss")),
        System::Started(Program::Floor) => ("floor", 1, false),
        System::Started(Program::Holdfast(_)) => {
            let store = match scenario.server.store {
                Store::Embedded => "embedded",
                Store::Redis => "redis",
            };
            (store, usize::try_from(scenario.server.nodes).unwrap_or(0), scenario.server.tls)
        }
    };
    TargetSummary {
        store: store.to_owned(),
        nodes,
        tls,
        encoding: match scenario.encoding {
            Encoding::Json => "json",
            Encoding::Protobuf => "protobuf",
        }
        .to_owned(),
        server: observed.server_version.clone(),
    }
}

/// The machine that this runs on.
pub(crate) fn machine(pinned: bool) -> Machine {
    let unknown = || "unknown".to_owned();
    let processor = procfs::CpuInfo::current().ok();
    let processor = processor.and_then(|info| info.model_name(0).map(str::to_owned));
    Machine {
        processor: processor.unwrap_or_else(unknown),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: procfs::Meminfo::current().map_or(0, |memory| memory.mem_total),
        kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .map_or_else(|_| unknown(), |text| text.trim().to_owned()),
        pinned,
    }
}

/// What a person wants to know first.
pub(crate) fn in_words(summary: &Summary, out: &Path) -> String {
    let mut text = String::new();
    let verdict = match summary.verdict {
        Verdict::Pass => "passed",
        Verdict::Breached => "BREACHED",
        Verdict::Unknown => "UNKNOWN: the run shows nothing",
    };
    let figure = |name: &str| summary.figures.get(name).copied();
    let mut line = |words: String| {
        // Writing to a string does not fail.
        let _done = writeln!(text, "{words}");
    };
    line(format!("{} {verdict} in {:.0} s", summary.scenario.name, summary.took_s));
    for reason in &summary.reasons {
        line(format!("  {reason}"));
    }
    for finding in summary.findings.iter().take(5) {
        line(format!("  {finding}"));
    }
    let count = |name: &str| figure(name).unwrap_or(0.0);
    line(format!(
        "  acknowledged {:.0} of {:.0}, delivered {:.0} of {:.0}; lost {:.0}, twice {:.0}, out of order {:.0}",
        count("acknowledged"),
        count("published"),
        count("delivered"),
        count("expected"),
        count("lost"),
        count("duplicated"),
        count("out_of_order"),
    ));
    for latency in summary.latency.iter().filter(|latency| latency.class == "all") {
        line(format!(
            "  {:8} p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} times)",
            latency.kind, latency.p50, latency.p99, latency.max, latency.count
        ));
    }
    for attack in attacks(summary) {
        line(attack);
    }
    if let Some(cost) = figure("server_cpu_us_per_delivery") {
        let bytes = figure("server_bytes_per_connection").unwrap_or(0.0);
        line(format!("  server {cost:.1} µs of CPU a delivery, {bytes:.0} bytes a connection"));
    }
    for limit in &summary.limited_by {
        line(format!("  {limit}"));
    }
    line(format!("  {}", out.join("report.html").display()));
    text
}

/// What became of each attack.
fn attacks(summary: &Summary) -> Vec<String> {
    const RESULTS: [(&str, &str); 10] = [
        ("let_in", "LET IN"),
        ("cut", "cut"),
        ("answered_ok", "answered"),
        ("answered_4xx", "answered with 4xx"),
        ("answered_503", "answered with 503"),
        ("closed", "closed"),
        ("accepted", "accepted"),
        ("refused_for_now", "refused for now"),
        ("refused", "refused"),
        ("held_back", "held back"),
    ];
    let names = summary.figures.keys();
    let names = names.filter_map(|figure| figure.strip_prefix("attack_")?.strip_suffix("_offered_share"));
    let words = names.map(|name| {
        let of = |what: &str| summary.figures.get(&figures::attack(name, what)).copied().unwrap_or(0.0);
        let results = RESULTS.iter().map(|(what, word)| (of(what), word)).filter(|(count, _)| *count > 0.0);
        let results: Vec<String> = results.map(|(count, word)| format!("{count:.0} {word}")).collect();
        let results = if results.is_empty() { "nothing came of it".to_owned() } else { results.join(", ") };
        format!("  attack {name}: {:.0}, {:.0} a second; {results}", of("offered"), of("per_second"))
    });
    words.collect()
}
