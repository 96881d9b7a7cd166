//! Looks at the processes of a run: the servers' and the generators'.

use super::crew::Crew;
use crate::clock::Micros;
use crate::observed::{AtRest, Observed};
use crate::processes::{self, Load, UserMemory, Watch};
use crate::report::series::{Interval, ProcessLoad};
use crate::report::summary::GeneratorSummary;
use crate::stage::Stage;
use std::time::Duration;

/// What it has seen.
#[derive(Debug)]
pub(super) struct Watcher {
    watch: Watch,
    began: Micros,
    /// Memory of all servers before anybody came.
    server_bytes_before: u64,
    /// What a connection costs the servers, and a client its generator, once all have come.
    server_bytes_per_connection: Option<f64>,
    generator_bytes_per_client: Vec<u64>,
    cpu_of_last_interval: Duration,
    /// Of the busiest generator.
    generator_cpu_of_last_interval: Duration,
    generators: Vec<Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    cpu: Duration,
    share_max: f64,
    memory_max: u64,
}

impl Watcher {
    pub(super) fn new(stage: &Stage, crew: &Crew, now: Micros) -> Self {
        let mut watch = Watch::default();
        let servers = stage.processes();
        let loads: Vec<Load> = servers.iter().filter_map(|(_, id)| watch.look(*id, now)).collect();
        let generators: Vec<u32> = crew.processes().map(|(id, _, _)| id).collect();
        for id in &generators {
            watch.look(*id, now);
        }
        watch.round_over(now);
        Self {
            watch,
            began: now,
            server_bytes_before: loads.iter().map(|load| load.memory_bytes).sum(),
            server_bytes_per_connection: None,
            generator_bytes_per_client: vec![0; generators.len()],
            cpu_of_last_interval: Duration::ZERO,
            generator_cpu_of_last_interval: Duration::ZERO,
            generators: vec![Seen::default(); generators.len()],
        }
    }

    /// What all processes took since the last interval.
    pub(super) fn interval(&mut self, stage: &Stage, crew: &Crew, now: Micros) -> Interval {
        let mut interval = Interval::default();
        self.cpu_of_last_interval = Duration::ZERO;
        self.generator_cpu_of_last_interval = Duration::ZERO;
        for (name, id) in stage.processes() {
            if let Some(load) = self.watch.look(id, now) {
                self.cpu_of_last_interval += load.cpu;
                interval.servers.push(told(name, load));
            }
        }
        for (number, (id, _, _)) in crew.processes().enumerate() {
            let (Some(load), Some(seen)) = (self.watch.look(id, now), self.generators.get_mut(number)) else {
                continue;
            };
            seen.cpu += load.cpu;
            self.generator_cpu_of_last_interval = self.generator_cpu_of_last_interval.max(load.cpu);
            seen.share_max = seen.share_max.max(load.share);
            seen.memory_max = seen.memory_max.max(load.memory_bytes);
            interval.generators.push(told(format!("generator {}", number + 1), load));
        }
        let attacker = crew.attacker().and_then(|id| self.watch.look(id, now));
        interval.attacker = attacker.map(|load| told("attacker".to_owned(), load));
        self.watch.round_over(now);
        interval
    }

    /// Memory of all servers before anybody came.
    pub(super) const fn server_bytes_before(&self) -> u64 {
        self.server_bytes_before
    }

    /// CPU time of all servers in it.
    pub(super) const fn cpu_of_last_interval(&self) -> Duration {
        self.cpu_of_last_interval
    }

    /// CPU time of the busiest generator in it.
    pub(super) const fn generator_cpu_of_last_interval(&self) -> Duration {
        self.generator_cpu_of_last_interval
    }

    /// Nobody comes and nobody posts: what the nodes have for themselves.
    pub(super) fn at_rest(stage: &Stage, connected: u64) -> AtRest {
        let mut memory = UserMemory::default();
        for (_, id) in stage.nodes() {
            memory += processes::user_memory(id).unwrap_or_default();
        }
        AtRest { connected, memory }
    }

    /// All of a phase have come: what each costs.
    pub(super) fn all_came(&mut self, stage: &Stage, crew: &Crew, connected: u64) {
        let servers = stage.processes();
        let bytes: u64 = servers.iter().filter_map(|(_, id)| processes::memory_bytes(*id)).sum();
        if connected > 0 && !servers.is_empty() {
            let more = bytes.saturating_sub(self.server_bytes_before);
            self.server_bytes_per_connection = Some(as_f64(more) / as_f64(connected));
        }
        for (number, (id, clients, before)) in crew.processes().enumerate() {
            let now = processes::memory_bytes(id).unwrap_or(0);
            if let Some(bytes) = self.generator_bytes_per_client.get_mut(number) {
                *bytes = now.saturating_sub(before) / clients.max(1);
            }
        }
    }

    /// What the generators came to.
    pub(super) fn finish(&self, stage: &Stage, crew: &Crew, observed: &mut Observed) {
        let seconds = Micros::now().seconds_since(self.began).max(f64::MIN_POSITIVE);
        observed.server_bytes_per_connection = self.server_bytes_per_connection;
        let slip = observed.latencies.slips().percentile_ms(99.0).unwrap_or(0.0);
        for (number, ((_, clients, _), seen)) in crew.processes().zip(&self.generators).enumerate() {
            observed.generators.push(GeneratorSummary {
                process: number + 1,
                clients,
                cpu_mean: seen.cpu.as_secs_f64() / seconds,
                cpu_max: seen.share_max,
                slip_p99_ms: slip,
                memory_bytes: seen.memory_max,
                bytes_per_client: self.generator_bytes_per_client.get(number).copied().unwrap_or(0),
            });
        }
        if let Some((periods, throttled)) = stage.throttled() {
            observed.remarks.push(format!(
                "the share of CPU time of the nodes was used up in {throttled} of the {periods} periods in which they did \
                 something"
            ));
        }
        if stage.processes().is_empty() {
            observed.remarks.push("the server's processes could not be seen".to_owned());
        }
    }
}

fn told(name: String, load: Load) -> ProcessLoad {
    ProcessLoad { name, cpu: load.share, memory_bytes: load.memory_bytes, descriptors: load.descriptors }
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "exact below 2^53 bytes")]
const fn as_f64(number: u64) -> f64 {
    number as f64
}
