//! What processes take, as the kernel says (proc(5)).

use crate::clock::Micros;
use procfs::process::Process;
use std::collections::HashMap;
use std::time::Duration;

/// Bytes of memory that a process has now.
pub(crate) fn memory_bytes(id: u32) -> Option<u64> {
    let process = Process::new(i32::try_from(id).ok()?).ok()?;
    Some(process.stat().ok()?.rss * procfs::page_size())
}

/// CPU time of all its threads.
pub(crate) fn cpu(id: u32) -> Option<Duration> {
    let stat = Process::new(i32::try_from(id).ok()?).ok()?.stat().ok()?;
    let millis = (stat.utime + stat.stime) * 1_000 / procfs::ticks_per_second().max(1);
    Some(Duration::from_millis(millis))
}

/// Whether it is stopped.
pub(crate) fn is_stopped(id: u32) -> bool {
    let stat = i32::try_from(id).ok().and_then(|id| Process::new(id).ok()?.stat().ok());
    stat.is_some_and(|stat| stat.state == 'T')
}

fn descriptors(id: u32) -> Option<u64> {
    let process = Process::new(i32::try_from(id).ok()?).ok()?;
    u64::try_from(process.fd_count().ok()?).ok()
}

/// Looks at processes again and again.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    before: HashMap<u32, (Micros, Duration)>,
    /// The last look at all of them; a process that comes after it has taken everything since then.
    last: Option<Micros>,
}

/// What a process took since the last look, and what it has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Load {
    /// CPU time since the last look.
    pub(crate) cpu: Duration,
    /// The same as a share of one core.
    pub(crate) share: f64,
    /// How long that is.
    pub(crate) seconds: f64,
    pub(crate) memory_bytes: u64,
    pub(crate) descriptors: u64,
}

impl Watch {
    /// All processes were looked at.
    pub(crate) const fn round_over(&mut self, now: Micros) {
        self.last = Some(now);
    }

    /// Looks; nothing if there is no such process.
    pub(crate) fn look(&mut self, id: u32, now: Micros) -> Option<Load> {
        let total = cpu(id)?;
        let new = self.last.map_or((now, total), |last| (last, Duration::ZERO));
        let (then, before) = self.before.insert(id, (now, total)).unwrap_or(new);
        let cpu = total.saturating_sub(before);
        let seconds = now.seconds_since(then);
        Some(Load {
            cpu,
            share: if seconds > 0.0 { cpu.as_secs_f64() / seconds } else { 0.0 },
            seconds,
            memory_bytes: memory_bytes(id)?,
            descriptors: descriptors(id).unwrap_or(0),
        })
    }
}
