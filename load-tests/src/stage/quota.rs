//! A bound on the CPU time of the servers: a control group that the tool makes for them and takes away again. So a
//! server can be made small enough for one generator to offer many times of what it can take.

use anyhow::{Context, bail};
use rustix::process::{Pid, test_kill_process};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where control groups are.
const MOUNTS: &str = "/proc/self/mounts";
/// What the names of our groups begin with; the id of the process that made it follows.
const PREFIX: &str = "holdfast-load-";
/// The period in which a server has its share, unless the share would be less than [`QUOTA_MIN`]. Short, so that a server
/// that has used it up waits milliseconds, and not the tenth of a second that kernels have by default.
const PERIOD: Duration = Duration::from_millis(10);
/// The least that a kernel takes for a share.
const QUOTA_MIN: Duration = Duration::from_millis(1);
/// The longest period that a kernel takes.
const PERIOD_MAX: Duration = Duration::from_secs(1);
/// Most tries, and the time between two, until the last process has left a group.
const REMOVE_TRIES_MAX: u32 = 200;
const REMOVE_PAUSE: Duration = Duration::from_millis(5);

/// The two ways in which kernels offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// A group; gone when it is dropped, which must be after its processes have ended.
#[derive(Debug)]
pub(super) struct Quota {
    group: PathBuf,
}

impl Quota {
    /// Makes a group whose processes together have so many cores, of those that they may use.
    pub(super) fn new(cpu: f64, cores: usize) -> anyhow::Result<Self> {
        let mounts = fs::read_to_string(MOUNTS).context(MOUNTS)?;
        let (version, root) = controller(&mounts)
            .context("[server] cpu needs a cgroup controller for CPU time, and none is mounted here")?;
        Self::within(version, &root, cpu, cores)
    }

    fn within(version: Version, root: &Path, cpu: f64, cores: usize) -> anyhow::Result<Self> {
        let (quota, period) = share(cpu, cores)?;
        remove_left(root);
        let group = root.join(format!("{PREFIX}{}", std::process::id()));
        let about =
            || format!("[server] cpu needs the right to make a cgroup, which is root's: {}", group.display());
        fs::create_dir(&group).with_context(about)?;
        let made = Self { group: group.clone() };
        let (quota, period) = (quota.as_micros(), period.as_micros());
        let written = match version {
            Version::One => write(&group, "cpu.cfs_period_us", &period.to_string())
                .and_then(|()| write(&group, "cpu.cfs_quota_us", &quota.to_string())),
            Version::Two => write(&group, "cpu.max", &format!("{quota} {period}")),
        };
        written.with_context(about)?;
        Ok(made)
    }

    /// Where a process writes its id to belong to it.
    pub(super) fn members(&self) -> PathBuf {
        self.group.join("cgroup.procs")
    }

    /// In how many periods there was something to do, and in how many of them the share was used up.
    pub(super) fn throttled(&self) -> Option<(u64, u64)> {
        let text = fs::read_to_string(self.group.join("cpu.stat")).ok()?;
        Some((stat(&text, "nr_periods")?, stat(&text, "nr_throttled")?))
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // The kernel lets the last process go a moment after it was waited for.
        for _ in 0..REMOVE_TRIES_MAX {
            if fs::remove_dir(&self.group).is_ok() || !self.group.exists() {
                return;
            }
            std::thread::sleep(REMOVE_PAUSE);
        }
    }
}

fn write(group: &Path, file: &str, text: &str) -> anyhow::Result<()> {
    fs::write(group.join(file), text).with_context(|| file.to_owned())
}

/// How much time the kernel is to give in which period.
fn share(cpu: f64, cores: usize) -> anyhow::Result<(Duration, Duration)> {
    let most = f64::from(u32::try_from(cores.max(1)).unwrap_or(u32::MAX));
    if !(cpu.is_finite() && cpu > 0.0) {
        bail!("[server] cpu must be above 0, not {cpu}");
    }
    if cpu > most {
        bail!("[server] cpu = {cpu} is no bound: the servers have {most} cores");
    }
    let period = PERIOD.max(QUOTA_MIN.div_f64(cpu).min(PERIOD_MAX));
    let quota = period.mul_f64(cpu);
    if quota < QUOTA_MIN {
        bail!("[server] cpu = {cpu} is less than a kernel can give");
    }
    Ok((quota, period))
}

/// The controller of CPU time in a list of mounts, and where it is.
fn controller(mounts: &str) -> Option<(Version, PathBuf)> {
    let of = |mount: &str| {
        let mut words = mount.split_whitespace().skip(1);
        let (path, kind, options) = (words.next()?, words.next()?, words.next()?);
        Some((PathBuf::from(path), kind.to_owned(), options.to_owned()))
    };
    let mounts: Vec<_> = mounts.lines().filter_map(of).collect();
    let one =
        mounts.iter().find(|(_, kind, options)| kind == "cgroup" && options.split(',').any(|o| o == "cpu"));
    if let Some((path, ..)) = one {
        return Some((Version::One, path.clone()));
    }
    let two = mounts.iter().find(|(path, kind, _)| kind == "cgroup2" && hands_down_cpu(path));
    two.map(|(path, ..)| (Version::Two, path.clone()))
}

/// Whether groups below have the controller; who may switches it on.
fn hands_down_cpu(root: &Path) -> bool {
    let has = |file: &str| {
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        text.split_whitespace().any(|controller| controller == "cpu")
    };
    let below = "cgroup.subtree_control";
    has(below) || (has("cgroup.controllers") && fs::write(root.join(below), "+cpu").is_ok() && has(below))
}

fn stat(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// Removes what tools left that were killed.
fn remove_left(root: &Path) {
    let folders = fs::read_dir(root).into_iter().flatten().flatten();
    for folder in folders {
        let name = folder.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<i32>().ok());
        let is_gone = |pid: Pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        if maker.and_then(Pid::from_raw).is_some_and(is_gone) {
            // One with processes in it stays, as the kernel has it.
            let _removed = fs::remove_dir(folder.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_makes_no_sense_is_told_so() {
        for (cpu, said) in [
            (0.0, "above 0"),
            (-0.5, "above 0"),
            (f64::NAN, "above 0"),
            (f64::INFINITY, "above 0"),
            (2.5, "the servers have 2 cores"),
            (1e-6, "less than a kernel"),
        ] {
            let error = share(cpu, 2).unwrap_err().to_string();
            assert!(error.contains(said), "{cpu}: {error}");
        }
    }

    #[test]
    fn a_share_is_at_least_what_a_kernel_takes_in_the_shortest_period_that_allows_it() {
        let millis =
            |cpu| share(cpu, 2).map(|(quota, period)| (quota.as_micros(), period.as_micros())).unwrap();
        assert_eq!(millis(0.25), (2_500, 10_000));
        assert_eq!(millis(2.0), (20_000, 10_000));
        assert_eq!(millis(0.05), (1_000, 20_000));
        assert_eq!(millis(0.001), (1_000, 1_000_000));
    }

    #[test]
    fn the_controller_is_found_or_it_is_said_that_there_is_none() {
        let one = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n\
                   cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n";
        assert_eq!(controller(one), Some((Version::One, "/sys/fs/cgroup/cpu,cpuacct".into())));
        assert_eq!(controller("tmpfs /tmp tmpfs rw 0 0\nnonsense\n"), None);
        let folder = tempfile::tempdir().unwrap();
        let two = format!("cgroup2 {} cgroup2 rw 0 0\n", folder.path().display());
        assert_eq!(controller(&two), None, "without the controller");
        fs::write(folder.path().join("cgroup.controllers"), "memory cpu\n").unwrap();
        fs::write(folder.path().join("cgroup.subtree_control"), "memory cpu\n").unwrap();
        assert_eq!(controller(&two), Some((Version::Two, folder.path().to_owned())));
    }

    #[test]
    fn a_group_is_written_as_each_kernel_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let read = |quota: &Quota, file: &str| fs::read_to_string(quota.group.join(file)).unwrap();
        let quota = Quota::within(Version::Two, folder.path(), 0.5, 2).unwrap();
        assert_eq!(read(&quota, "cpu.max"), "5000 10000");
        fs::write(quota.group.join("cpu.stat"), "nr_periods 12\nnr_throttled 7\nthrottled_time 9\n").unwrap();
        assert_eq!(quota.throttled(), Some((12, 7)));
        // A folder of files is no control group, and does not go by itself.
        fs::remove_dir_all(&quota.group).unwrap();
        let quota = Quota::within(Version::One, folder.path(), 0.5, 2).unwrap();
        assert_eq!(
            (read(&quota, "cpu.cfs_period_us"), read(&quota, "cpu.cfs_quota_us")),
            ("10000".into(), "5000".into())
        );
        fs::remove_dir_all(&quota.group).unwrap();
    }

    #[test]
    fn where_no_group_can_be_made_nothing_starts() {
        let error = Quota::within(Version::One, Path::new("/proc/no-such"), 0.5, 2).unwrap_err();
        assert!(format!("{error:#}").contains("needs the right to make a cgroup"), "{error:#}");
    }

    #[test]
    fn what_a_killed_tool_left_is_removed_and_what_a_running_one_has_stays() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("{PREFIX}{}", i32::MAX));
        let running = folder.path().join(format!("{PREFIX}1"));
        let foreign = folder.path().join("something");
        for path in [&left, &running, &foreign] {
            fs::create_dir(path).unwrap();
        }
        remove_left(folder.path());
        assert_eq!([&left, &running, &foreign].map(|path| path.exists()), [false, true, true]);
    }
}
