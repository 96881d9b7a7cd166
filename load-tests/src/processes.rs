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

/// Memory that processes have for themselves; what the kernel keeps for their sockets is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UserMemory {
    /// Heaps and stacks: what no file backs.
    pub(crate) anonymous_bytes: u64,
    /// Everything that is mapped, of shared pages their share.
    pub(crate) proportional_bytes: u64,
}

impl std::ops::AddAssign for UserMemory {
    fn add_assign(&mut self, other: Self) {
        self.anonymous_bytes += other.anonymous_bytes;
        self.proportional_bytes += other.proportional_bytes;
    }
}

/// What a process has for itself.
pub(crate) fn user_memory(id: u32) -> Option<UserMemory> {
    let rollup = Process::new(i32::try_from(id).ok()?).ok()?.smaps_rollup().ok()?;
    let maps = rollup.memory_map_rollup;
    let sum = |what: &str| maps.iter().filter_map(|map| map.extension.map.get(what)).sum();
    Some(UserMemory { anonymous_bytes: sum("Anonymous"), proportional_bytes: sum("Pss") })
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
    // Since Linux 6.2 the folder's size is their number, so that nobody has to count twenty thousand of them.
    let told = std::fs::metadata(format!("/proc/{id}/fd")).ok()?.len();
    if told > 0 {
        return Some(told);
    }
    let process = Process::new(i32::try_from(id).ok()?).ok()?;
    u64::try_from(process.fd_count().ok()?).ok()
}

/// The shortest time of which a share of a core is told: CPU time comes in ticks of 10 ms.
const SHARE_MIN: Duration = Duration::from_millis(150);

/// Looks at processes again and again.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    before: HashMap<u32, Before>,
    /// The last look at all of them; a process that comes after it has taken everything since then.
    last: Option<Micros>,
}

#[derive(Debug, Clone, Copy)]
struct Before {
    at: Micros,
    total: Duration,
    share: f64,
}

/// What a process took since the last look, and what it has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Load {
    /// CPU time since the last look.
    pub(crate) cpu: Duration,
    /// The same as a share of one core.
    pub(crate) share: f64,
    pub(crate) memory_bytes: u64,
    pub(crate) descriptors: u64,
}

impl Watch {
    /// All processes were looked at.
    pub(crate) const fn round_over(&mut self, now: Micros) {
        self.last = Some(now);
    }

    /// Looks; nothing if there is no such process. A look too soon after the last tells the share of that one, and leaves
    /// the CPU time to the next.
    pub(crate) fn look(&mut self, id: u32, now: Micros) -> Option<Load> {
        let total = cpu(id)?;
        let (at, taken) = self.last.map_or((now, total), |last| (last, Duration::ZERO));
        let before = *self.before.entry(id).or_insert(Before { at, total: taken, share: 0.0 });
        let mut load = Load {
            cpu: Duration::ZERO,
            share: before.share,
            memory_bytes: memory_bytes(id)?,
            descriptors: descriptors(id).unwrap_or(0),
        };
        if now >= before.at.after(SHARE_MIN) {
            load.cpu = total.saturating_sub(before.total);
            load.share = load.cpu.as_secs_f64() / now.seconds_since(before.at);
            self.before.insert(id, Before { at: now, total, share: load.share });
        }
        Some(load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_too_soon_tells_the_share_of_the_last_and_leaves_the_time_to_the_next() {
        let own = std::process::id();
        let at = |millis| Micros(1_000_000).after(Duration::from_millis(millis));
        let mut watch = Watch::default();
        // What this process took before counts from the first look of all.
        watch.round_over(at(0));
        let taken = cpu(own).unwrap();
        let first = watch.look(own, at(1_000)).unwrap();
        assert!(first.cpu >= taken && first.memory_bytes > 0 && first.descriptors > 0);
        let soon = watch.look(own, at(1_001)).unwrap();
        assert_eq!((soon.cpu, soon.share.to_bits()), (Duration::ZERO, first.share.to_bits()));
        assert!(watch.look(own, at(2_000)).unwrap().share < 10.0);
        assert_eq!(watch.look(0, at(2_000)), None);
    }

    #[test]
    fn what_a_process_takes_for_itself_is_in_its_user_memory() {
        let own = std::process::id();
        let before = user_memory(own).unwrap();
        let taken = vec![1_u8; 64 << 20];
        let after = user_memory(own).unwrap();
        assert!(after.anonymous_bytes >= before.anonymous_bytes + (60 << 20), "{before:?} {after:?}");
        assert!(after.proportional_bytes >= before.proportional_bytes + (60 << 20), "{before:?} {after:?}");
        assert_eq!((taken.len(), user_memory(0)), (64 << 20, None));
    }

    #[test]
    fn who_runs_is_not_stopped() {
        assert!(!is_stopped(std::process::id()));
    }
}
