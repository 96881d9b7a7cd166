//! How much memory a node may use if nobody says: most of what its machine or its control group has.

use std::path::{Path, PathBuf};

/// Where control groups are mounted.
const CGROUPS: &str = "/sys/fs/cgroup";
/// Three quarters, in parts of a hundred.
const PERCENT: u64 = 75;
/// If the system says nothing.
const UNKNOWN: u64 = 1024 * 1024 * 1024;

/// Three quarters of the memory that this process can have.
pub(crate) fn memory_max() -> u64 {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let all = available(&read).unwrap_or(UNKNOWN);
    u64::try_from(u128::from(all).saturating_mul(PERCENT.into()) / 100).unwrap_or(all)
}

/// The machine's memory, or the least that a control group of this process allows.
fn available(read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| total(&text));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limits = groups.lines().flat_map(limit_files).filter_map(|path| read(&path)?.trim().parse().ok());
    machine.into_iter().chain(limits).min()
}

fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1_024)
}

/// Where the limits of a control group and of those around it are written, by its line in `/proc/self/cgroup`.
fn limit_files(line: &str) -> Vec<PathBuf> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
        return Vec::new();
    };
    let (root, file) = if controllers.is_empty() {
        (PathBuf::from(CGROUPS), "memory.max")
    } else if controllers.split(',').any(|controller| controller == "memory") {
        (Path::new(CGROUPS).join("memory"), "memory.limit_in_bytes")
    } else {
        return Vec::new();
    };
    let group = root.join(group.trim_start_matches('/'));
    // Inside a container the group is named as outside, and its files are at the root.
    group.ancestors().take_while(|folder| folder.starts_with(&root)).map(|folder| folder.join(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Option<u64> {
        available(&|path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path)?;
            Some(file.1.to_owned())
        })
    }

    const MEMINFO: (&str, &str) = ("/proc/meminfo", "MemFree: 5 kB\nMemTotal:   1000 kB\n");

    #[test]
    fn the_least_of_the_machine_and_of_all_groups_counts() {
        let group = ("/proc/self/cgroup", "1:cpu:/x\n0::/service/holdfast\n");
        assert_eq!(found(&[MEMINFO]), Some(1_024_000));
        let own = ("/sys/fs/cgroup/service/holdfast/memory.max", "500000\n");
        let around = ("/sys/fs/cgroup/service/memory.max", "400000\n");
        assert_eq!(found(&[MEMINFO, group, own]), Some(500_000));
        assert_eq!(found(&[MEMINFO, group, own, around]), Some(400_000));
        let none = ("/sys/fs/cgroup/service/holdfast/memory.max", "max\n");
        assert_eq!(found(&[MEMINFO, group, none]), Some(1_024_000));
        let old = ("/proc/self/cgroup", "4:memory:/docker/1\n0::/\n");
        let old_limit = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000\n");
        assert_eq!(found(&[MEMINFO, old, old_limit]), Some(300_000));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let nonsense =
            [("/proc/self/cgroup", "::\n:\n\nx\n0::../../etc\n"), ("/proc/meminfo", "MemTotal: much")];
        assert_eq!(found(&nonsense), None);
        assert!(memory_max() > 0);
    }
}
