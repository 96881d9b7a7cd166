//! What members feel: how long messages take to their screens, and who says that it is slow. Their devices tell a node,
//! which keeps sums of the last five minutes by region, and nothing of anybody.
//!
//! Things to note:
//! * **Claims.** A device can say what it likes. It counts once a minute and with a bounded number of figures, each
//!   within bounds, so that few who lie do not move what many say.
//! * **At this node.** Whoever wants all of a deployment joins the metrics of its nodes.

mod recent;

use parking_lot::Mutex;
use protocol::MemberId;
use recent::Recent;
use serde::Serialize;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

protocol::limits! {
    /// Times from publishing to the screen in one report of a device; with more it gets 400.
    pub(crate) const FELT_TIMES_PER_REPORT_MAX: usize = 20 => unseen;
    /// How often a member may report, of each kind; sooner ones get 429.
    pub(crate) const FELT_REPORT_EVERY: Duration = Duration::from_mins(1) => counted;
    /// Most members who can report in a minute, of each kind; further ones get 429.
    pub(crate) const FELT_REPORTERS_MAX: usize = 20_000 => counted;
    /// Most regions that are told apart; members of others count as one region, `other`.
    pub(crate) const FELT_REGIONS_MAX: usize = 64 => unseen;
}

/// Members of a region that must have reported within a minute for the region to be shown to everybody.
const SHOWN_FROM: u32 = 5;
/// What members without a region belong to, and those of regions beyond the bound.
const NO_REGION: &str = "none";
const OTHER_REGIONS: &str = "other";

/// How long messages took to screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Times {
    pub(crate) p50_ms: u64,
    pub(crate) p99_ms: u64,
    pub(crate) samples: u64,
}

/// What was felt in the last five minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Felt {
    pub(crate) times: Option<Times>,
    pub(crate) slow_reports: u64,
    /// Regions from which enough members reported that none is told apart.
    pub(crate) regions: BTreeMap<String, FeltThere>,
}

/// The same, in one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct FeltThere {
    pub(crate) times: Option<Times>,
    pub(crate) slow_reports: u64,
}

/// Why a report does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uncounted {
    /// This member reported a moment ago.
    TooSoon,
    /// Very many have.
    TooMany,
}

/// What kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report<'a> {
    Slow,
    /// Milliseconds from publishing to the screen.
    Times(&'a [u64]),
}

/// Keeps what is felt.
pub(crate) struct Feelings {
    keyed: RandomState,
    origin: Instant,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    everywhere: Recent,
    regions: BTreeMap<String, Recent>,
    slow: Reporters,
    times: Reporters,
    slow_ever: u64,
}

/// When members reported last, those of the last one to two minutes.
#[derive(Default)]
struct Reporters {
    minute: u64,
    now: HashMap<u64, Instant>,
    before: HashMap<u64, Instant>,
}

impl Reporters {
    /// Lets a member report, if it may.
    fn admit(&mut self, member: u64, minute: u64, now: Instant) -> Result<(), Uncounted> {
        if minute != self.minute {
            let last = std::mem::take(&mut self.now);
            self.before = if minute == self.minute.saturating_add(1) { last } else { HashMap::new() };
            self.minute = minute;
        }
        let last = self.now.get(&member).or_else(|| self.before.get(&member));
        if last.is_some_and(|last| now.saturating_duration_since(*last) < FELT_REPORT_EVERY) {
            return Err(Uncounted::TooSoon);
        }
        if self.now.len() >= FELT_REPORTERS_MAX {
            return Err(Uncounted::TooMany);
        }
        self.now.insert(member, now);
        Ok(())
    }
}

impl Feelings {
    /// Nothing is felt yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self { keyed: RandomState::new(), origin: now, kept: Mutex::default() }
    }

    /// Takes a report of a member who belongs to a region.
    pub(crate) fn report(
        &self,
        member: &MemberId,
        region: Option<&str>,
        report: Report<'_>,
        now: Instant,
    ) -> Result<(), Uncounted> {
        // Not the member: a number that means nothing in another process.
        let member = self.keyed.hash_one(member);
        let minute = self.minute(now);
        let mut kept = self.kept.lock();
        let reporters = match report {
            Report::Slow => &mut kept.slow,
            Report::Times(_) => &mut kept.times,
        };
        reporters.admit(member, minute, now)?;
        kept.everywhere.note(report, minute);
        kept.region(region.unwrap_or(NO_REGION)).note(report, minute);
        if report == Report::Slow {
            kept.slow_ever = kept.slow_ever.saturating_add(1);
        }
        Ok(())
    }

    /// What was felt lately, as everybody may know it.
    pub(crate) fn lately(&self, now: Instant) -> Felt {
        self.felt(now, SHOWN_FROM)
    }

    /// The same with every region, for operators.
    pub(crate) fn everywhere(&self, now: Instant) -> Felt {
        self.felt(now, 1)
    }

    /// How often anybody ever said that it is slow.
    pub(crate) fn slow_ever(&self) -> u64 {
        self.kept.lock().slow_ever
    }

    fn felt(&self, now: Instant, shown_from: u32) -> Felt {
        let minute = self.minute(now);
        let kept = self.kept.lock();
        let regions = kept
            .regions
            .iter()
            .filter(|(_, there)| there.reporters_at_least(minute) >= shown_from)
            .map(|(region, there)| {
                let there =
                    FeltThere { times: there.times(minute), slow_reports: there.slow_reports(minute) };
                (region.clone(), there)
            })
            .collect();
        Felt {
            times: kept.everywhere.times(minute),
            slow_reports: kept.everywhere.slow_reports(minute),
            regions,
        }
    }

    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.origin).as_secs() / 60
    }
}

impl Kept {
    fn region(&mut self, region: &str) -> &mut Recent {
        let is_room = self.regions.len() < FELT_REGIONS_MAX || self.regions.contains_key(region);
        let name = if is_room { region } else { OTHER_REGIONS };
        self.regions.entry(name.to_owned()).or_default()
    }
}

impl fmt::Debug for Feelings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feelings").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn member(number: usize) -> MemberId {
        MemberId::parse(&format!("m{number}")).unwrap()
    }

    fn feelings() -> (Feelings, Instant) {
        let start = clock::now().instant;
        (Feelings::new(start), start)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_member_counts_once_a_minute_for_each_kind_of_report() {
        let (feelings, start) = feelings();
        let slow = |at: u32| feelings.report(&member(1), None, Report::Slow, start + at * SECOND);
        assert_eq!(slow(50), Ok(()));
        assert_eq!(slow(70), Err(Uncounted::TooSoon));
        assert_eq!(feelings.report(&member(1), None, Report::Times(&[5]), start + 70 * SECOND), Ok(()));
        assert_eq!(feelings.report(&member(2), None, Report::Slow, start + 70 * SECOND), Ok(()));
        assert_eq!(slow(110), Ok(()));
        assert_eq!(slow(110 + 10_000), Ok(()));
        assert_eq!(feelings.slow_ever(), 4);
    }

    #[test]
    fn what_was_felt_five_minutes_ago_is_forgotten() {
        let (feelings, start) = feelings();
        feelings.report(&member(1), None, Report::Times(&[100; 20]), start).unwrap();
        feelings.report(&member(1), None, Report::Slow, start).unwrap();
        let felt = feelings.lately(start + 299 * SECOND);
        assert_eq!((felt.times.map(|times| times.samples), felt.slow_reports), (Some(20), 1));
        assert_eq!(feelings.lately(start + 300 * SECOND), Felt::default());
    }

    #[test]
    fn a_region_is_shown_to_everybody_once_nobody_in_it_is_told_apart() {
        let (feelings, start) = feelings();
        for number in 0..4 {
            feelings.report(&member(number), Some("leeds"), Report::Slow, start).unwrap();
        }
        // One member who reports each minute is still one.
        for minute in 0..4 {
            feelings.report(&member(9), Some("york"), Report::Slow, start + minute * 60 * SECOND).unwrap();
        }
        let now = start + 200 * SECOND;
        assert!(feelings.lately(now).regions.is_empty());
        assert_eq!(feelings.everywhere(now).regions.len(), 2);
        feelings.report(&member(5), Some("leeds"), Report::Slow, start + 30 * SECOND).unwrap();
        let shown = feelings.lately(now).regions;
        assert_eq!(shown.get("leeds").map(|there| there.slow_reports), Some(5));
        assert_eq!(shown.len(), 1);
    }

    #[test]
    fn regions_and_reporters_are_bounded() {
        let (feelings, start) = feelings();
        for number in 0..FELT_REPORTERS_MAX {
            let region = format!("region-{}", number % 500);
            feelings.report(&member(number), Some(&region), Report::Slow, start).unwrap();
        }
        let late = feelings.report(&member(FELT_REPORTERS_MAX), None, Report::Slow, start);
        assert_eq!(late, Err(Uncounted::TooMany));
        let regions = feelings.everywhere(start).regions;
        assert_eq!(regions.len(), FELT_REGIONS_MAX + 1);
        assert!(regions.contains_key(OTHER_REGIONS));
        let later = start + 60 * SECOND;
        assert_eq!(feelings.report(&member(FELT_REPORTERS_MAX), None, Report::Slow, later), Ok(()));
    }
}
