//! When a record is opened, what goes into it each minute, and when it is closed. Postures and ticks go in, entries
//! come out; whoever writes them knows the files.

use super::entry::{Changed, ClassCounts, Closed, Counts, Entry, FORMAT_VERSION, Opened};
use super::text::Name;
use admission::{Criticality, Posture};
use protocol::Timestamp;
use protocol::limits::Limit;
use std::time::{Duration, Instant};

/// How long the posture is normal before a record is closed.
pub const CLOSE_AFTER: Duration = Duration::from_mins(10);
/// How often counts are written, while the timeline is small.
const COUNTS_EVERY: Duration = Duration::from_mins(1);
/// How often in the first minute, so that there are figures for whoever has to decide, and for a short attack.
const COUNTS_SOON: Duration = Duration::from_secs(10);
/// How often, once it is not.
const COUNTS_SELDOM: Duration = Duration::from_hours(1);

protocol::limits! {
    /// Bytes of an incident's timeline up to which counts are written each minute; beyond it they are written each hour,
    /// over the whole hour. Nothing else is written less often.
    pub const INCIDENT_COUNTS_MAX_BYTES: u64 = 16 * 1024 * 1024 => shown "holdfast_incident_bytes";
}

/// The bounds of a record, described.
pub const INCIDENT: &[Limit] = LIMITS;

/// How often counts are written into a timeline of so many bytes, that has been written for so long.
fn counts_every(bytes: u64, written_for: Duration) -> Duration {
    if bytes >= INCIDENT_COUNTS_MAX_BYTES {
        COUNTS_SELDOM
    } else if written_for < COUNTS_EVERY {
        COUNTS_SOON
    } else {
        COUNTS_EVERY
    }
}

/// What one class offered since the node began, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// Requests to be served.
    pub offered: u64,
    /// Served at once.
    pub admitted: u64,
    /// Asked to wait.
    pub delayed: u64,
    /// Sent away.
    pub refused: u64,
}

/// What a node counted since it began; only `pending` is a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// By class, in the order of [`Criticality::ALL`].
    pub classes: [Flow; Criticality::ALL.len()],
    /// Messages that were accepted.
    pub acked: u64,
    /// Publications that were given to readers.
    pub delivered: u64,
    /// Publications that readers have not been given.
    pub pending: u64,
}

impl Figures {
    /// What came since `before`. Who counts anew since a restart has come from zero.
    fn since(&self, before: &Self, time: Duration) -> Counts {
        let classes: Vec<ClassCounts> = Criticality::ALL
            .into_iter()
            .zip(self.classes.iter().zip(&before.classes))
            .map(|(class, (now, before))| ClassCounts {
                class,
                offered: now.offered.saturating_sub(before.offered),
                admitted: now.admitted.saturating_sub(before.admitted),
                delayed: now.delayed.saturating_sub(before.delayed),
                refused: now.refused.saturating_sub(before.refused),
            })
            .filter(|counts| counts.offered + counts.admitted + counts.delayed + counts.refused > 0)
            .collect();
        let of_members = classes.iter().filter(|counts| is_member(counts.class));
        Counts {
            seconds: time.as_secs(),
            members_affected: of_members.map(|counts| counts.delayed.saturating_add(counts.refused)).sum(),
            classes,
            acked: self.acked.saturating_sub(before.acked),
            delivered: self.delivered.saturating_sub(before.delivered),
            pending: self.pending,
        }
    }
}

/// Whether those of a class belong to the campaign, so that its service is missed by them.
const fn is_member(class: Criticality) -> bool {
    match class {
        Criticality::Organiser | Criticality::Returning | Criticality::Member => true,
        Criticality::Control | Criticality::Newcomer | Criticality::Stranger => false,
    }
}

/// Decides. One for a node.
#[derive(Debug)]
pub struct IncidentKeeper {
    node: Name,
    posture: Posture,
    pressed_since: Option<Timestamp>,
    record: Option<Record>,
}

/// An open record.
#[derive(Debug)]
struct Record {
    since: Instant,
    quiet_since: Option<Instant>,
    counted_at: Instant,
    counted: Figures,
}

impl IncidentKeeper {
    /// Of a node that finds no open record.
    pub const fn new(node: Name, posture: Posture) -> Self {
        Self { node, posture, pressed_since: None, record: None }
    }

    /// Goes on with a record that a process before this one left open. It is quiet from now on, if it is.
    pub fn resume(&mut self, now: Instant, figures: Figures) {
        let quiet_since = (self.posture == Posture::Normal).then_some(now);
        self.record = Some(Record { since: now, quiet_since, counted_at: now, counted: figures });
    }

    /// Whether a record is open.
    pub const fn is_open(&self) -> bool {
        self.record.is_some()
    }

    /// The posture changed. Answers what to write; the first is [`Entry::Opened`] if a record is to be opened.
    pub fn posture_changed(
        &mut self,
        change: Changed,
        now: Instant,
        at: Timestamp,
        figures: &Figures,
    ) -> Vec<Entry> {
        self.posture = change.to;
        let pressed_since = *self.pressed_since.get_or_insert(at);
        if change.to == Posture::Normal {
            self.pressed_since = None;
        }
        let quiet_since = (change.to == Posture::Normal).then_some(now);
        if let Some(record) = &mut self.record {
            record.quiet_since = quiet_since;
            return vec![Entry::Posture(change)];
        }
        if !change.to.is_attack() {
            return Vec::new();
        }
        self.record = Some(Record { since: now, quiet_since, counted_at: now, counted: *figures });
        vec![Entry::Opened(Opened {
            version: FORMAT_VERSION,
            node: self.node.clone(),
            by: change,
            pressed_since: (pressed_since != at).then_some(pressed_since),
        })]
    }

    /// The process ends while a record is open. Answers the counts that are not written yet.
    pub fn stop(&mut self, now: Instant, figures: &Figures) -> Option<Entry> {
        let record = self.record.take()?;
        let counted_for = now.saturating_duration_since(record.counted_at);
        Some(Entry::Counts(figures.since(&record.counted, counted_for)))
    }

    /// Time passed. `bytes` is how large the timeline is. The last is [`Entry::Closed`] if the record ends.
    pub fn tick(&mut self, now: Instant, bytes: u64, figures: &Figures) -> Vec<Entry> {
        let Some(record) = &mut self.record else { return Vec::new() };
        let counted_for = now.saturating_duration_since(record.counted_at);
        let quiet = record.quiet_since.map(|since| now.saturating_duration_since(since));
        let ends = quiet.filter(|quiet| *quiet >= CLOSE_AFTER);
        let mut entries = Vec::new();
        if ends.is_some() || counted_for >= counts_every(bytes, now.saturating_duration_since(record.since)) {
            entries.push(Entry::Counts(figures.since(&record.counted, counted_for)));
            record.counted = *figures;
            record.counted_at = now;
        }
        if let Some(quiet) = ends {
            entries.push(Entry::Closed(Closed { quiet_seconds: quiet.as_secs() }));
            self.record = None;
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::{at, change, origin};
    use Posture::{Elevated, Normal, Survival, UnderAttack};
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn keeper() -> IncidentKeeper {
        IncidentKeeper::new("one".parse().unwrap(), Normal)
    }

    fn kinds(entries: &[Entry]) -> Vec<String> {
        let kind = |entry| serde_json::to_value(entry).unwrap()["kind"].as_str().unwrap().to_owned();
        entries.iter().map(kind).collect()
    }

    fn strangers(offered: u64) -> Figures {
        let mut figures = Figures::default();
        figures.classes[5] = Flow { offered, refused: offered, ..Flow::default() };
        figures
    }

    #[test]
    fn a_record_is_opened_under_attack_and_not_before() {
        let (start, none) = (origin(), Figures::default());
        let mut keeper = keeper();
        assert_eq!(keeper.posture_changed(change(Normal, Elevated), start, at(1), &none), []);
        assert_eq!(keeper.tick(start + MINUTE, 0, &none), []);
        let opened = keeper.posture_changed(change(Elevated, UnderAttack), start, at(2), &none);
        let [Entry::Opened(opened)] = &opened[..] else { panic!("{opened:?}") };
        assert_eq!((opened.by.to, opened.pressed_since), (UnderAttack, Some(at(1))));
        let further = keeper.posture_changed(change(UnderAttack, Survival), start, at(3), &none);
        assert_eq!(kinds(&further), ["posture"]);
    }

    #[test]
    fn it_is_closed_after_ten_minutes_of_normal_and_not_of_elevated() {
        let (start, none) = (origin(), Figures::default());
        let mut keeper = keeper();
        keeper.posture_changed(change(Normal, Survival), start, at(1), &none);
        keeper.posture_changed(change(Survival, Elevated), start, at(2), &none);
        let later = start + 2 * CLOSE_AFTER;
        assert_eq!(kinds(&keeper.tick(later, 0, &none)), ["counts"]);
        keeper.posture_changed(change(Elevated, Normal), later, at(3), &none);
        keeper.posture_changed(change(Normal, Elevated), later + MINUTE, at(4), &none);
        keeper.posture_changed(change(Elevated, Normal), later + 2 * MINUTE, at(5), &none);
        let not_yet = later + MINUTE + CLOSE_AFTER + MINUTE / 2;
        assert_eq!(kinds(&keeper.tick(not_yet, 0, &none)), ["counts"]);
        assert_eq!(kinds(&keeper.tick(later + 2 * MINUTE + CLOSE_AFTER, 0, &none)), ["counts", "closed"]);
        assert!(!keeper.is_open());
        let again =
            keeper.posture_changed(change(Normal, UnderAttack), later + 9 * CLOSE_AFTER, at(9), &none);
        assert_eq!(kinds(&again), ["opened"]);
    }

    #[test]
    fn every_minute_says_what_came_since_the_last() {
        let start = origin();
        let mut keeper = keeper();
        keeper.posture_changed(change(Normal, UnderAttack), start, at(1), &strangers(100));
        let mut figures = strangers(350);
        figures.classes[3] = Flow { offered: 9, admitted: 2, delayed: 4, refused: 3 };
        figures.acked = 7;
        figures.pending = 5;
        let told = keeper.tick(start + MINUTE, 0, &figures);
        let [Entry::Counts(counts)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((counts.seconds, counts.acked, counts.pending, counts.members_affected), (60, 7, 5, 7));
        let told: Vec<_> = counts.classes.iter().map(|one| (one.class.as_str(), one.offered)).collect();
        assert_eq!(told, [("member", 9), ("stranger", 250)]);
        assert_eq!(keeper.tick(start + MINUTE + MINUTE / 2, 0, &figures), []);
        let told = keeper.tick(start + 2 * MINUTE, 0, &figures);
        let [Entry::Counts(counts)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((counts.classes.len(), counts.acked, counts.pending), (0, 0, 5));
    }

    #[test]
    fn the_first_figures_are_there_after_ten_seconds() {
        let (start, none) = (origin(), Figures::default());
        let mut keeper = keeper();
        keeper.posture_changed(change(Normal, UnderAttack), start, at(1), &none);
        let told: Vec<u32> = (1..=180)
            .filter(|second| !keeper.tick(start + *second * Duration::from_secs(1), 0, &none).is_empty())
            .collect();
        assert_eq!(told, [10, 20, 30, 40, 50, 110, 170]);
    }

    #[test]
    fn a_large_timeline_gets_counts_each_hour_and_every_posture() {
        let (start, none) = (origin(), Figures::default());
        let mut keeper = keeper();
        keeper.posture_changed(change(Normal, UnderAttack), start, at(1), &none);
        let mut counts = 0;
        for minute in 1..=120 {
            counts += keeper.tick(start + minute * MINUTE, INCIDENT_COUNTS_MAX_BYTES, &none).len();
        }
        assert_eq!(counts, 2);
        let further = keeper.posture_changed(change(UnderAttack, Survival), start, at(3), &none);
        assert_eq!(kinds(&further), ["posture"]);
    }

    #[test]
    fn a_record_that_was_left_open_is_gone_on_with_and_closed_in_its_time() {
        let (start, none) = (origin(), Figures::default());
        let mut keeper = keeper();
        keeper.resume(start, none);
        assert_eq!(kinds(&keeper.tick(start + CLOSE_AFTER, 0, &none)), ["counts", "closed"]);
    }

    proptest! {
        #[test]
        fn what_is_opened_is_closed_once_and_counts_add_up(
            steps in prop::collection::vec((0_usize..4, 0_u32..900, 0_u64..50), 0..60),
        ) {
            let mut keeper = keeper();
            let (mut now, mut offered, mut posture) = (origin(), 0, Normal);
            let (mut opened_at, mut counted, mut is_open) = (0, 0, false);
            for (to, seconds, more) in steps {
                now += seconds * Duration::from_secs(1);
                offered += more;
                let to = Posture::ALL[to];
                let mut entries = keeper.tick(now, 0, &strangers(offered));
                if to != posture {
                    let change = change(posture, to);
                    entries.extend(keeper.posture_changed(change, now, at(1), &strangers(offered)));
                    posture = to;
                }
                for entry in entries {
                    match entry {
                        Entry::Opened(_) => {
                            prop_assert!(!is_open);
                            (is_open, opened_at, counted) = (true, offered, 0);
                        }
                        Entry::Counts(counts) => {
                            prop_assert!(is_open);
                            counted += counts.classes.iter().map(|one| one.offered).sum::<u64>();
                        }
                        Entry::Closed(_) => {
                            prop_assert!(is_open);
                            prop_assert_eq!(counted, offered - opened_at);
                            is_open = false;
                        }
                        Entry::Posture(_) => prop_assert!(is_open),
                        Entry::Resumed(_) | Entry::Override(_) | Entry::OverrideEnded | Entry::Lapse(_) | Entry::Statement(_)
                        | Entry::NoticeSent(_) | Entry::Note(_) | Entry::Indicators(_) => prop_assert!(false),
                    }
                }
                prop_assert_eq!(is_open, keeper.is_open());
            }
        }
    }
}
