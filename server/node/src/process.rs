//! What the system says of this process.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The process at a moment. What the system does not say is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) threads: Option<u64>,
    pub(crate) open_descriptors: Option<u64>,
    /// Processor time that all threads have used.
    pub(crate) cpu: Duration,
}

impl Process {
    /// Asks the system. Takes a while with very many descriptors, so nothing that serves people should do it.
    pub(crate) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            resident_bytes: value(&status, "VmRSS").map(|kibibytes| kibibytes.saturating_mul(1_024)),
            threads: value(&status, "Threads"),
            open_descriptors: open_descriptors(),
            cpu: cpu_time(),
        }
    }
}

/// The number that a line of `/proc/self/status` begins with.
fn value(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Processor time that all threads of the process have used.
pub(crate) fn cpu_time() -> Duration {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(cpu.tv_sec).unwrap_or_default(),
        u32::try_from(cpu.tv_nsec).unwrap_or_default(),
    )
}

/// Memory that the process holds.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    value(&status, "VmRSS").map(|kibibytes| kibibytes.saturating_mul(1_024))
}

/// The number of open descriptors, if this kernel keeps it (Linux 6.2).
pub(crate) fn open_descriptors_at_once() -> Option<u64> {
    std::fs::metadata("/proc/self/fd").ok().map(|folder| folder.len()).filter(|count| *count > 0)
}

/// The number of open descriptors, counted one by one.
pub(crate) fn open_descriptors() -> Option<u64> {
    let listed = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // One of them is the list itself.
    u64::try_from(listed.saturating_sub(1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_whole_name() {
        let status = "Name:\tholdfast\nVmRSSX:\t1 kB\nVmRSS:\t   12345 kB\nThreads:\t7\n";
        assert_eq!(value(status, "VmRSS"), Some(12_345));
        assert_eq!(value(status, "Threads"), Some(7));
        assert_eq!(value(status, "Vm"), None);
        assert_eq!(value("VmRSS: much\n", "VmRSS"), None);
    }

    #[test]
    fn a_descriptor_more_is_counted() {
        let before = Process::now();
        let files: Vec<_> = (0..64).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        let now = Process::now();
        // Other tests of this process open and close some at the same time.
        assert!(now.open_descriptors.unwrap() > before.open_descriptors.unwrap());
        assert!(now.resident_bytes.unwrap() > 0 && now.threads.unwrap() > 0 && now.cpu >= before.cpu);
        drop(files);
    }
}
