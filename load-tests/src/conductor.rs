//! Leads a run: phases in their order, faults at their time, a look at everything each interval; then waits until all
//! are even, has the logs read, and compares.

mod crew;
mod ending;
mod faults;
mod watch;

use crate::attack::counts::AttackCounts;
use crate::clock::{self, Micros};
use crate::latency::{Kind, Latencies};
use crate::launch::Cores;
use crate::ledger::{Audit, ReadLog, Readers, Statement};
use crate::observed::{CutShort, InPhase, Observed};
use crate::orders::{Answer, Assignment, Order, Seen};
use crate::progress::{Progress, Screen, Totals};
use crate::report::summary::PhaseSummary;
use crate::scenario::{Behaviour, Scenario, Until};
use crate::stage::Stage;
use crate::tally::{Counts, Latest};
use anyhow::bail;
use crew::Crew;
use faults::Faults;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use watch::Watcher;

/// Between two looks at the run.
const TICK: Duration = Duration::from_millis(50);
/// Between two looks whether all are ready, or even.
const LOOK: Duration = Duration::from_millis(250);
/// Of so many processes.
const PROCESSES_A_LOOK: u32 = 8;

/// What a run needs besides its scenario.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) scale: f64,
    pub(crate) interval: Duration,
    /// Cores of the generators.
    pub(crate) cores: Cores,
    /// Where processes complain.
    pub(crate) complaints: &'a File,
    pub(crate) run: u32,
    /// Set by a signal.
    pub(crate) stop: &'a AtomicBool,
}

/// Runs it.
pub(crate) fn conduct(
    plan: &Plan<'_>,
    stage: &mut Stage,
    screen: &mut dyn Screen,
) -> anyhow::Result<Observed> {
    let scenario = plan.scenario;
    let assignment = |process| Assignment {
        scenario: scenario.name.clone(),
        text: scenario.text.clone(),
        scale: plan.scale,
        times: scenario.times,
        process,
        processes: scenario.processes,
        run: plan.run,
        targets: stage.targets().to_vec(),
        tls: stage.tls().cloned(),
        access: stage.access().clone(),
    };
    let attackers = (!scenario.attacks.is_empty()).then(|| assignment(scenario.processes));
    let generators = (0..scenario.processes).map(assignment).collect();
    let mut crew = Crew::start(generators, attackers, &plan.cores, plan.complaints)?;
    let began = Micros::now();
    let wall_zero_ms = clock::wall_timestamp().as_millis().saturating_sub(began.0 / 1_000);
    let mut run = Run {
        plan,
        began,
        watcher: Watcher::new(stage, &crew, began),
        faults: Faults::default(),
        audit: Audit::default(),
        tops: BTreeMap::new(),
        logs: BTreeMap::new(),
        statements: HashMap::new(),
        open: Open::default(),
        observed: Observed { pinned: !plan.cores.0.is_empty(), ..Observed::default() },
        phase: 0,
        phase_began: began,
        connected: 0,
        ready: 0,
        arrived: 0,
        next_interval: began.after(plan.interval),
        last_interval: began,
        overdue: None,
        wall_zero_ms,
        pressed: Vec::new(),
        latest: Latest::default(),
        memory_bytes: 0,
    };
    run.memory_bytes = run.watcher.server_bytes_before();
    run.observed.at_rest.push(Watcher::at_rest(stage, 0));
    run.go(&mut crew, stage, screen)?;
    run.settle(&mut crew, stage, screen)?;
    run.read_logs(&mut crew, stage, screen)?;
    run.compare();
    run.watcher.finish(stage, &crew, &mut run.observed);
    run.observed.took_s = Micros::now().seconds_since(began);
    Ok(run.observed)
}

/// What was told of an interval that is not over.
#[derive(Debug, Default)]
struct Open {
    counts: Counts,
    latencies: Latencies,
    posture: Option<String>,
    struck: u64,
}

struct Run<'a> {
    plan: &'a Plan<'a>,
    began: Micros,
    watcher: Watcher,
    faults: Faults,
    audit: Audit,
    /// The newest offset of each channel that a sender was answered.
    tops: BTreeMap<u32, u64>,
    logs: BTreeMap<u32, ReadLog>,
    /// What readers came to.
    statements: HashMap<Statement, Readers>,
    /// Since the last interval.
    open: Open,
    observed: Observed,
    phase: usize,
    phase_began: Micros,
    connected: u64,
    ready: u64,
    arrived: u64,
    next_interval: Micros,
    last_interval: Micros,
    /// A fault whose consequences are not over: when the next look is.
    overdue: Option<Micros>,
    /// The wall clock when ours was 0, and the latest look of each node at itself, in milliseconds since 1970.
    wall_zero_ms: u64,
    pressed: Vec<u64>,
    latest: Latest,
    /// Of all server processes, at the last interval.
    memory_bytes: u64,
}

impl Run<'_> {
    fn go(&mut self, crew: &mut Crew, stage: &mut Stage, screen: &mut dyn Screen) -> anyhow::Result<()> {
        for (number, phase) in self.plan.scenario.phases.iter().enumerate() {
            let began = Micros::now();
            (self.phase, self.phase_began) = (number, began);
            self.observed.phases.push(PhaseSummary {
                name: phase.name.clone(),
                at_s: began.seconds_since(self.began),
                attacked: !phase.attack.is_empty(),
                at_once: !phase.at_once.is_empty(),
                memory_before_bytes: self.memory_bytes,
                memory_max_bytes: self.memory_bytes,
                ..PhaseSummary::default()
            });
            let ready_before = self.ready;
            self.observed.in_phases.push(InPhase::default());
            screen.note(&format!("phase {}", phase.name))?;
            crew.tell(&Order::Phase { number, began })?;
            self.faults.plan(self.plan.scenario, number, began);
            let end = began.after(phase.duration);
            // Many processes are asked less often.
            let pause = LOOK * self.plan.scenario.processes.div_ceil(PROCESSES_A_LOOK);
            let mut next_look = began.after(pause);
            let mut reached = phase.until.is_none();
            loop {
                let now = Micros::now();
                if now >= end || self.is_over(screen) {
                    break;
                }
                self.tick(crew, stage, screen)?;
                if let Some(until) = phase.until
                    && now >= next_look
                {
                    next_look = now.after(pause);
                    if self.is_reached(until, number, crew)? {
                        reached = true;
                        break;
                    }
                }
                std::thread::sleep(TICK.min(Duration::from_micros(end.since(now))));
            }
            self.interval(crew, stage, screen)?;
            if phase.arrive.is_empty() && phase.publish.is_empty() && phase.at_once.is_empty() {
                self.observed.at_rest.push(Watcher::at_rest(stage, self.connected));
            }
            if let Some(summary) = self.observed.phases.last_mut() {
                summary.took_s = Micros::now().seconds_since(began);
                summary.ready = self.ready.saturating_sub(ready_before);
                let after = |at: Option<Micros>| Some(at.filter(|at| *at >= began)?.seconds_since(began));
                summary.ready_s = after(self.latest.ready);
                summary.acknowledged_s = after(self.latest.acknowledged);
                summary.delivered_s = after(self.latest.delivered);
                let calm = phase.attack.is_empty()
                    && self.plan.scenario.faults.iter().all(|fault| fault.phase != number);
                if phase.arrive.is_empty() && calm && summary.delivered > 0 {
                    self.observed.steady.push(number);
                }
            }
            if self.observed.cut_short.is_some() {
                return Ok(());
            }
            if !reached {
                self.observed.overrun.push(phase.name.clone());
                screen.note(&format!("phase {} did not come to its end in time", phase.name))?;
            }
            if !phase.arrive.is_empty() {
                self.watcher.all_came(stage, crew, self.connected);
            }
        }
        Ok(())
    }

    /// Whether somebody or a threshold ends it here.
    fn is_over(&mut self, screen: &mut dyn Screen) -> bool {
        if self.observed.cut_short.is_none() && (self.plan.stop.load(Ordering::Relaxed) || screen.wants_end())
        {
            self.observed.cut_short = Some(CutShort::ByHand);
        }
        self.observed.cut_short.is_some()
    }

    /// What is due: faults, an interval.
    fn tick(&mut self, crew: &mut Crew, stage: &mut Stage, screen: &mut dyn Screen) -> anyhow::Result<()> {
        let now = Micros::now();
        let disconnects = self.observed.totals.disconnects;
        for note in self.faults.due(stage, now, disconnects)? {
            screen.note(&note)?;
            self.overdue = Some(now.after(LOOK));
        }
        if self.overdue.is_some_and(|look| now >= look) {
            self.overdue = Some(now.after(LOOK));
            let acknowledged = self.observed.totals.acknowledged;
            if self.faults.may_be_over(now, self.observed.totals.disconnects, acknowledged) {
                let seen = self.look(crew)?;
                if seen.not_ready == 0 && seen.behind == 0 {
                    let took = self.faults.over(Micros::now());
                    screen.note(&format!("all have all again, {took:.1} s after the fault"))?;
                    let longest = self.observed.recovery_s.unwrap_or(0.0).max(took);
                    self.observed.recovery_s = Some(longest);
                    self.overdue = None;
                }
            }
        }
        self.interval_if_due(crew, stage, screen)
    }

    fn interval_if_due(
        &mut self,
        crew: &mut Crew,
        stage: &mut Stage,
        screen: &mut dyn Screen,
    ) -> anyhow::Result<()> {
        if Micros::now() >= self.next_interval { self.interval(crew, stage, screen) } else { Ok(()) }
    }

    /// What happened since the last interval.
    fn interval(
        &mut self,
        crew: &mut Crew,
        stage: &mut Stage,
        screen: &mut dyn Screen,
    ) -> anyhow::Result<()> {
        self.gather(crew)?;
        let Open { counts: told, latencies, posture, struck } = std::mem::take(&mut self.open);
        let now = Micros::now();
        let phase = self.plan.scenario.phases.get(self.phase);
        let mut interval = self.watcher.interval(stage, crew, now);
        self.memory_bytes = interval.servers.iter().map(|load| load.memory_bytes).sum();
        interval.t = now.seconds_since(self.began);
        interval.dt = now.seconds_since(self.last_interval);
        interval.phase = phase.map_or_else(|| "settle".to_owned(), |phase| phase.name.clone());
        interval.connected = self.connected;
        interval.ready = self.ready;
        interval.posture = posture;
        interval.pressure_max = self.pressures(stage);
        interval.struck = struck;
        interval.disconnected = told.disconnects;
        interval.published = told.offered;
        interval.acknowledged = told.acknowledged;
        interval.delivered = told.delivered;
        interval.missing = u64::try_from(self.observed.totals.missing).unwrap_or(0);
        interval.duplicated = self.observed.totals.duplicated;
        interval.out_of_order = self.observed.totals.out_of_order;
        let live = latencies.of_all(Kind::Live);
        let publish = latencies.of_all(Kind::Publish);
        interval.live_p50_ms = live.percentile_ms(50.0);
        interval.live_p99_ms = live.percentile_ms(99.0);
        interval.live_max_ms = live.max_ms();
        let steady = latencies.of_some(Kind::Live, |class| self.plan.scenario.is_steady(class));
        interval.steady_live_p99_ms = steady.percentile_ms(99.0);
        interval.publish_p50_ms = publish.percentile_ms(50.0);
        interval.publish_p99_ms = publish.percentile_ms(99.0);
        if let Some(summary) = self.observed.phases.last_mut()
            && phase.is_some()
        {
            summary.delivered += told.delivered;
            summary.acknowledged += told.acknowledged;
            summary.server_cpu_s += self.watcher.cpu_of_last_interval().as_secs_f64();
            summary.generator_cpu_s += self.watcher.generator_cpu_of_last_interval().as_secs_f64();
            summary.memory_max_bytes = summary.memory_max_bytes.max(self.memory_bytes);
            summary.good += told.good.values().sum::<u64>();
            if let Some(of) = self.observed.in_phases.last_mut() {
                of.latencies.merge(&latencies);
                for (class, count) in told.good {
                    *of.good.entry(class).or_default() += count;
                }
            }
        }
        let progress = Progress {
            scenario: &self.plan.scenario.name,
            clients: self.plan.scenario.clients().into(),
            phase_s: now.seconds_since(self.phase_began),
            phase_of_s: phase.map_or(self.plan.scenario.settle, |phase| phase.duration).as_secs_f64(),
            interval: &interval,
            totals: self.totals(),
        };
        screen.show(&progress)?;
        self.observed.series.push(interval);
        self.last_interval = now;
        self.next_interval = now.after(self.plan.interval);
        self.check_thresholds(screen)
    }

    /// What nodes said of themselves since they were asked last; answers the worst of it.
    fn pressures(&mut self, stage: &Stage) -> Option<f64> {
        let (zero, began) = (self.wall_zero_ms, self.began);
        let began_ms = zero.saturating_add(began.0 / 1_000);
        let told = stage.pressures(|node| self.pressed.get(node).copied().unwrap_or(began_ms));
        let seconds = |at: u64| Micros(at.saturating_sub(zero).saturating_mul(1_000)).seconds_since(began);
        self.pressed.resize(told.len(), began_ms);
        self.observed.pressures.resize_with(told.len(), Vec::new);
        for ((looks, latest), kept) in told.iter().zip(&mut self.pressed).zip(&mut self.observed.pressures) {
            *latest = looks.iter().map(|(at, _)| *at).fold(*latest, u64::max);
            kept.extend(looks.iter().map(|(at, pressure)| (seconds(*at), *pressure)));
        }
        told.into_iter().flatten().map(|(_, pressure)| pressure).reduce(f64::max)
    }

    fn totals(&self) -> Totals {
        let totals = &self.observed.totals;
        Totals {
            published: totals.offered,
            acknowledged: totals.acknowledged,
            delivered: totals.delivered,
            missing: u64::try_from(totals.missing).unwrap_or(0),
            duplicated: totals.duplicated,
            out_of_order: totals.out_of_order,
            misdelivered: totals.misdelivered,
        }
    }

    /// Ends the run if a threshold asks for that.
    fn check_thresholds(&mut self, screen: &mut dyn Screen) -> anyhow::Result<()> {
        let elapsed = Micros::now().seconds_since(self.began);
        let aborting =
            self.plan.scenario.thresholds.iter().filter(|threshold| {
                threshold.abort_after.is_some_and(|after| elapsed >= after.as_secs_f64())
            });
        let aborting: Vec<_> = aborting.collect();
        if aborting.is_empty() || self.observed.cut_short.is_some() {
            return Ok(());
        }
        let figures = crate::judge::figures_so_far(self.plan.scenario, &self.observed);
        let value = |name: &str| figures.get(name).copied();
        let breached = aborting.into_iter().find_map(|threshold| {
            let value = value(&threshold.figure).filter(|value| !threshold.limit.is_met_by(*value))?;
            Some(format!("{} is {value:.1}, and must be {}", threshold.figure, threshold.limit))
        });
        if let Some(why) = breached {
            screen.note(&why)?;
            self.observed.cut_short = Some(CutShort::ByThreshold(why));
        }
        Ok(())
    }

    /// Asks all generators what happened; adds it up.
    fn gather(&mut self, crew: &mut Crew) -> anyhow::Result<()> {
        (self.connected, self.ready, self.arrived) = (0, 0, 0);
        for answer in crew.ask(&Order::Tell)? {
            let Answer::Told { told, logs, connected, ready, arrived } = answer else {
                bail!("a generator answered something else");
            };
            self.connected += connected;
            self.ready += ready;
            self.arrived += arrived;
            if !self.open.latencies.add(&told.latencies) || !self.observed.latencies.add(&told.latencies) {
                bail!("a generator told latencies that cannot be read");
            }
            for answer in &told.acknowledged {
                let top = self.tops.entry(answer.channel).or_default();
                *top = (*top).max(answer.offset);
            }
            self.audit.acknowledge(told.acknowledged);
            self.logs.extend(logs);
            self.open.counts.add(&told.counts);
            self.observed.totals.add(&told.counts);
            self.observed.admissions.extend(told.admissions);
            self.latest = self.latest.or_later(told.latest);
            if self.observed.attacks.len() < told.attacks.len() {
                self.observed.attacks.resize_with(told.attacks.len(), AttackCounts::default);
            }
            for (sum, counts) in self.observed.attacks.iter_mut().zip(&told.attacks) {
                self.open.struck += counts.offered;
                sum.add(counts);
            }
            self.open.posture = told.posture.or_else(|| self.open.posture.take());
            if self.observed.server_version.is_empty() {
                self.observed.server_version = told.version;
            }
        }
        Ok(())
    }

    fn look(&self, crew: &mut Crew) -> anyhow::Result<Seen> {
        let tops: Vec<(u32, u64)> = self.tops.iter().map(|(channel, top)| (*channel, *top)).collect();
        let mut sum = Seen::default();
        for answer in crew.ask(&Order::Look { tops })? {
            let Answer::Seen(seen) = answer else { bail!("a generator answered something else") };
            sum.behind += seen.behind;
            sum.waiting += seen.waiting;
            sum.not_ready += seen.not_ready;
        }
        Ok(sum)
    }

    /// Clients of whom something is expected that should have come by now.
    fn expected(&self, phase: usize) -> u64 {
        let scenario = self.plan.scenario;
        let came: BTreeSet<usize> =
            scenario.phases.iter().take(phase + 1).flat_map(|phase| phase.arrive.iter().copied()).collect();
        let classes = scenario.classes.iter().enumerate();
        let counted = classes.filter(|(number, class)| {
            came.contains(number) && !matches!(class.behaviour, Behaviour::Stranger(_))
        });
        counted.map(|(_, class)| u64::from(class.count)).sum()
    }

    fn is_reached(&mut self, until: Until, phase: usize, crew: &mut Crew) -> anyhow::Result<bool> {
        self.gather(crew)?;
        if self.arrived < self.expected(phase) {
            return Ok(false);
        }
        let seen = self.look(crew)?;
        Ok(match until {
            Until::Ready => seen.not_ready == 0,
            Until::CaughtUp => seen.not_ready == 0 && seen.behind == 0 && seen.waiting == 0,
        })
    }
}
