//! The account of what left, on disk: once a second from the ledger into `DATA/egress`, on a thread that may wait.
//!
//! Nothing that sends waits for it. While the disk is full or failing the ledger goes on counting, coarser at its
//! bounds, and every second it is tried again.

mod report;
pub(crate) mod writer;

use crate::clock;
use anyhow::Context;
use evidence::audit::Applied;
use evidence::egress::{self, Bounds, Exceeded, Ledger, Take};
use parking_lot::Mutex;
use protocol::{MemberId, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
pub(crate) use writer::Observer;
use writer::{Writer, Written};

pub(crate) use report::{EgressArguments, report, totals};

/// How often it is written. A crash loses the ranges of at most this long, and other bytes of a minute.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// The folder of the account.
fn folder(data: &Path) -> PathBuf {
    data.join("egress")
}

/// A node's account: the ledger that its connections tell, and the files.
#[derive(Debug)]
pub(crate) struct Egress {
    ledger: Arc<Ledger>,
    writer: Mutex<Writer>,
    lines: AtomicU64,
    written_bytes: AtomicU64,
    failures: AtomicU64,
    is_failing: AtomicBool,
}

/// What the audit is to say.
#[derive(Debug)]
pub(crate) enum Told {
    /// An account went over its budget.
    Exceeded(Exceeded),
    /// A day of the account is gone, as it was older than it may be kept.
    Removed(Applied),
}

/// What metrics may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    /// What the ledger was told, and what it holds.
    pub(crate) ledger: egress::Figures,
    /// Lines on disk since the start.
    pub(crate) lines: u64,
    /// Bytes for which these lines account.
    pub(crate) written_bytes: u64,
    /// Flushes that failed; what they had is written later.
    pub(crate) flush_failures: u64,
    /// Whether the latest flush failed.
    pub(crate) is_failing: bool,
}

impl Egress {
    /// Begins an account in the data folder, and removes days older than `retention`. `budget` is how many bytes an account
    /// may get within an hour.
    pub(crate) fn open(
        data: &Path,
        retention: Duration,
        budget: Option<u64>,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let folder = folder(data);
        let about = || format!("the account of what leaves cannot be kept in {}", folder.display());
        let writer = Writer::open(folder.clone(), retention, now).with_context(about)?;
        Ok(Self {
            ledger: Arc::new(Ledger::with_budget(Bounds::default(), budget, now)),
            writer: Mutex::new(writer),
            lines: AtomicU64::new(0),
            written_bytes: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
        })
    }

    /// From now on somebody looks at every line that was written.
    pub(crate) fn observe(&self, observer: Observer) {
        self.writer.lock().observe(observer);
    }

    /// Whom the connections' tallies tell.
    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// Whether an account may read no history until the hour is over.
    pub(crate) fn is_over_budget(&self, member: &MemberId) -> bool {
        self.ledger.is_over_budget(member)
    }

    /// Writes once a second, and tells who went over their budget and which days are gone. Never ends.
    pub(crate) async fn flush_for_ever(self: Arc<Self>, tell: impl Fn(Told)) {
        let mut interval = tokio::time::interval(FLUSH_EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.on_a_thread(|egress| egress.flush(clock::wall(), Take::Due)).await;
            self.ledger.take_exceeded().into_iter().map(Told::Exceeded).for_each(&tell);
            let removed = self.writer.lock().take_removed();
            removed.into_iter().map(Told::Removed).for_each(&tell);
        }
    }

    /// Writes all that is left and says that it is all. For after the last connection.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.on_a_thread(|egress| {
            let now = clock::wall();
            egress.flush(now, Take::Everything);
            if !egress.is_failing.load(Ordering::Relaxed)
                && let Err(error) = egress.writer.lock().end(now)
            {
                egress.say_failed(&error);
            }
        })
        .await;
    }

    /// What metrics may say.
    pub(crate) fn figures(&self) -> Figures {
        Figures {
            ledger: self.ledger.figures(),
            lines: self.lines.load(Ordering::Relaxed),
            written_bytes: self.written_bytes.load(Ordering::Relaxed),
            flush_failures: self.failures.load(Ordering::Relaxed),
            is_failing: self.is_failing.load(Ordering::Relaxed),
        }
    }

    async fn on_a_thread(self: &Arc<Self>, work: impl FnOnce(&Self) + Send + 'static) {
        let egress = Arc::clone(self);
        if let Err(error) = tokio::task::spawn_blocking(move || work(&egress)).await {
            tracing::error!(%error, "writing the account of what leaves ended badly");
        }
    }

    fn flush(&self, now: Timestamp, take: Take) {
        let mut written = Written::default();
        let flushed = self.writer.lock().flush(&self.ledger, now, take, &mut written);
        self.lines.fetch_add(written.lines, Ordering::Relaxed);
        self.written_bytes.fetch_add(written.bytes, Ordering::Relaxed);
        match flushed {
            Ok(()) if self.is_failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("the account of what leaves is written again; nothing of it was lost");
            }
            Ok(()) => {}
            Err(error) => self.say_failed(&error),
        }
    }

    /// Once, not every second.
    fn say_failed(&self, error: &std::io::Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        if !self.is_failing.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the account of what leaves cannot be written; it is held and tried every second");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::egress::Tally;
    use protocol::{ChannelName, MemberId, Offset};
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn deliver(egress: &Egress, offset: u64) {
        let mut tally = Tally::new(egress.ledger());
        tally.identify(MemberId::parse("m_1").unwrap());
        tally.delivered(&ChannelName::bulletins_all(), Offset::new(offset), 100);
    }

    fn lines(data: &Path) -> Vec<String> {
        let text = fs::read_to_string(folder(data).join("1970-01-01.jsonl")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_flush_is_on_disk_for_the_operator_alone() {
        let data = tempfile::tempdir().unwrap();
        let egress = Egress::open(data.path(), Duration::from_hours(24), None, at(5)).unwrap();
        deliver(&egress, 1);
        egress.flush(at(1_005), Take::Due);
        egress.flush(at(2_005), Take::Due);
        assert_eq!(lines(data.path()).len(), 2, "a second without bytes has no line");
        assert!(
            lines(data.path())[1].contains(r#""since":5,"until":1005,"channel":"bulletins:all","first":1"#)
        );
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder(data.path())), 0o700);
        assert_eq!(mode(&folder(data.path()).join("1970-01-01.jsonl")), 0o600);
        let Figures { lines, written_bytes, flush_failures, is_failing, .. } = egress.figures();
        assert_eq!((lines, written_bytes, flush_failures, is_failing), (1, 100, 0, false));
    }

    #[test]
    fn a_full_disk_costs_nothing_but_time() {
        let data = tempfile::tempdir().unwrap();
        let egress = Egress::open(data.path(), Duration::from_hours(24), None, at(0)).unwrap();
        let file = folder(data.path()).join("1970-01-01.jsonl");
        fs::remove_file(&file).unwrap();
        symlink("/dev/full", &file).unwrap();
        for second in 1..=3 {
            deliver(&egress, second);
            egress.flush(at(second * 1_000), Take::Due);
        }
        let Figures { ledger, written_bytes, flush_failures, is_failing, .. } = egress.figures();
        assert_eq!((written_bytes, flush_failures, is_failing), (0, 3, true));
        assert_eq!((ledger.accounted_bytes, ledger.held_ranges), (300, 2), "the first is held by the writer");

        fs::remove_file(&file).unwrap();
        egress.flush(at(4_000), Take::Due);
        assert_eq!(egress.figures().written_bytes, 300);
        assert!(!egress.figures().is_failing);
        assert_eq!(lines(data.path()).len(), 3);
    }

    #[tokio::test]
    async fn a_closed_account_has_everything_and_says_that_it_ended() {
        let data = tempfile::tempdir().unwrap();
        let egress =
            Arc::new(Egress::open(data.path(), Duration::from_hours(24), None, clock::wall()).unwrap());
        deliver(&egress, 1);
        Tally::new(egress.ledger()).other(7);
        egress.close().await;
        let files = fs::read_dir(folder(data.path())).unwrap();
        let text: String = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        let whats: Vec<_> = text.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
        assert_eq!(whats, ["begin", "range", "other", "end"]);
        assert_eq!(egress.figures().written_bytes, 107);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let data = tempfile::tempdir().unwrap();
        fs::write(folder(data.path()), "").unwrap();
        let error = Egress::open(data.path(), Duration::from_hours(24), None, at(0)).unwrap_err();
        assert!(format!("{error:#}").contains("/egress: "), "{error:#}");
    }
}
