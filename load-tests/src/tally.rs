//! What happened in one process, counted where it happens and handed over interval by interval.

use crate::attack::counts::AttackCounts;
use crate::clock::Micros;
use crate::latency::{Encoded, Kind, Latencies};
use crate::ledger::{Acknowledged, Arrival, ReadLog};
use crate::mark::epoch_number;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// Counts since they were last handed over; `missing` may fall.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Messages that became due, and those that were not offered for want of room.
    pub(crate) offered: u64,
    pub(crate) left_out: u64,
    pub(crate) acknowledged: u64,
    pub(crate) accepted_only: u64,
    pub(crate) refused_publishes: u64,
    pub(crate) resent: u64,
    pub(crate) delivered: u64,
    pub(crate) missing: i64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
    pub(crate) misdelivered: u64,
    pub(crate) resets: u64,
    /// Connections that were begun, and how they ended.
    pub(crate) connections: u64,
    pub(crate) connects_failed: u64,
    pub(crate) disconnects: u64,
    pub(crate) reconnects: u64,
    /// Clients that the server does not want back.
    pub(crate) refused: u64,
    pub(crate) strangers_cut: u64,
    /// Strangers whom the server took for members.
    pub(crate) strangers_let_in: u64,
    /// Answers that make no sense.
    pub(crate) unreadable: u64,
    /// How connections ended without the client's wish: by the code of the close, and by [`SILENCE`] and [`RESET`].
    pub(crate) ends: BTreeMap<u16, u64>,
    /// Answers that told somebody to wait and gave them a place, and the highest position of those.
    pub(crate) told_to_wait: u64,
    pub(crate) position_max: u64,
    /// By class: members who were in when an attack began and whose connection ended without their wish since then.
    pub(crate) cut: BTreeMap<usize, u64>,
    /// By class: deliveries of messages of this run.
    pub(crate) good: BTreeMap<usize, u64>,
    /// By class: members who came back, and those of them who did in time.
    pub(crate) returned: BTreeMap<usize, u64>,
    pub(crate) returned_in_time: BTreeMap<usize, u64>,
    /// Live deliveries of messages that were due while members were attacked, and those of them that came within that time.
    pub(crate) due_attacked: u64,
    pub(crate) came_attacked: u64,
}

/// When the latest of its kind happened; nothing if none has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Latest {
    /// A client stood with all its subscriptions for the first time.
    pub(crate) ready: Option<Micros>,
    /// A message was answered.
    pub(crate) acknowledged: Option<Micros>,
    /// A message reached a reader.
    pub(crate) delivered: Option<Micros>,
}

impl Latest {
    /// The later of both.
    pub(crate) fn or_later(self, other: Self) -> Self {
        Self {
            ready: self.ready.max(other.ready),
            acknowledged: self.acknowledged.max(other.acknowledged),
            delivered: self.delivered.max(other.delivered),
        }
    }
}

/// How long a member may take to come back.
const RETURN_MAX: Duration = Duration::from_secs(10);

/// Stands for a connection on which the client heard nothing for too long.
pub(crate) const SILENCE: u16 = 1;
/// Stands for a connection that ended without a word (RFC 6455 §7.1.5).
pub(crate) const RESET: u16 = 1006;

impl Counts {
    /// Adds those of another interval or process.
    pub(crate) fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.left_out += other.left_out;
        self.acknowledged += other.acknowledged;
        self.accepted_only += other.accepted_only;
        self.refused_publishes += other.refused_publishes;
        self.resent += other.resent;
        self.delivered += other.delivered;
        self.missing += other.missing;
        self.duplicated += other.duplicated;
        self.out_of_order += other.out_of_order;
        self.misdelivered += other.misdelivered;
        self.resets += other.resets;
        self.connections += other.connections;
        self.connects_failed += other.connects_failed;
        self.disconnects += other.disconnects;
        self.reconnects += other.reconnects;
        self.refused += other.refused;
        self.strangers_cut += other.strangers_cut;
        self.strangers_let_in += other.strangers_let_in;
        self.unreadable += other.unreadable;
        self.told_to_wait += other.told_to_wait;
        self.position_max = self.position_max.max(other.position_max);
        self.due_attacked += other.due_attacked;
        self.came_attacked += other.came_attacked;
        for (code, count) in &other.ends {
            *self.ends.entry(*code).or_default() += count;
        }
        for (own, other) in [
            (&mut self.cut, &other.cut),
            (&mut self.good, &other.good),
            (&mut self.returned, &other.returned),
            (&mut self.returned_in_time, &other.returned_in_time),
        ] {
            for (class, count) in other {
                *own.entry(*class).or_default() += count;
            }
        }
    }
}

/// The time whose returns count: that of an attack, or all if there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    from: Micros,
    to: Micros,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: Micros(0), to: Micros(u64::MAX) }
    }
}

impl Window {
    /// No time yet.
    pub(crate) const NONE: Self = Self { from: Micros(u64::MAX), to: Micros(u64::MAX) };

    /// A phase began, in which there is an attack or none.
    pub(crate) fn phase(&mut self, began: Micros, attacked: bool) {
        let has_one = self.from != Micros(u64::MAX);
        let lasts = has_one && self.to == Micros(u64::MAX);
        match (attacked, lasts) {
            (true, true) | (false, false) => {}
            (true, false) => *self = Self { from: began, to: Micros(u64::MAX) },
            (false, true) => self.to = began,
        }
    }

    fn contains(self, at: Micros) -> bool {
        at >= self.from && at < self.to
    }
}

/// What a process hands over.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    latencies: Latencies,
    acknowledged: Vec<Acknowledged>,
    /// Logs that were read to their end.
    pub(crate) logs: Vec<(u32, ReadLog)>,
    /// Epochs that were met, by their numbers, and the numbers by them.
    pub(crate) epochs: Vec<String>,
    epoch_numbers: HashMap<String, u32>,
    /// Which epochs readers of each channel met: a channel and the number of an epoch.
    met: HashSet<(u32, u64)>,
    posture: Option<String>,
    version: String,
    pub(crate) window: Window,
    admissions: Vec<Admission>,
    pub(crate) latest: Latest,
}

/// A member was let in: when it first tried to ask, when it was first heard (it was given a place, or came in), between
/// which times its turn came, and when it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Admission {
    pub(crate) class: usize,
    pub(crate) asked: Micros,
    pub(crate) heard: Micros,
    pub(crate) earliest: Micros,
    pub(crate) latest: Micros,
    pub(crate) at: Micros,
}

/// Most epochs that a process tells apart; a client with a further one asks with none.
const EPOCHS_MAX: usize = 200_000;

impl Tally {
    /// Counts returns that begin in this time.
    pub(crate) fn within(window: Window) -> Self {
        Self { window, ..Self::default() }
    }

    /// A latency in microseconds.
    pub(crate) fn record(&mut self, kind: Kind, class: usize, micros: u64) {
        self.latencies.record(kind, class, micros);
    }

    /// A member has a ticket.
    pub(crate) fn admitted(&mut self, admission: Admission) {
        self.record(Kind::Wait, admission.class, admission.at.since(admission.asked));
        self.admissions.push(admission);
    }

    /// A message reached somebody who was there when it was due.
    pub(crate) fn came_live(&mut self, due: Micros, now: Micros) {
        if self.window.contains(due) {
            self.counts.due_attacked += 1;
            self.counts.came_attacked += u64::from(self.window.contains(now));
        }
    }

    /// A member came back that wanted to since then.
    pub(crate) fn returned(&mut self, class: usize, since: Micros, now: Micros) {
        if self.window.contains(since) {
            *self.counts.returned.entry(class).or_default() += 1;
            let in_time = u64::from(now <= since.after(RETURN_MAX));
            *self.counts.returned_in_time.entry(class).or_default() += in_time;
        }
    }

    /// At the end a member is still away that wanted to come back since then.
    pub(crate) fn still_away(&mut self, class: usize, since: Micros, now: Micros) {
        if now > since.after(RETURN_MAX) {
            self.returned(class, since, now);
        }
    }

    /// Messages became due, and some were left out for want of room.
    pub(crate) const fn offered(&mut self, offered: u64, left_out: u64) {
        self.counts.offered += offered;
        self.counts.left_out += left_out;
    }

    /// A heartbeat of the generator came so many microseconds after it was due.
    pub(crate) fn slipped(&mut self, micros: u64) {
        self.latencies.slip(micros);
    }

    pub(crate) fn acknowledge(&mut self, answer: Acknowledged) {
        self.counts.acknowledged += 1;
        self.acknowledged.push(answer);
    }

    /// A publication reached a reader.
    pub(crate) fn arrived(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::AfterHole(count) => {
                self.counts.missing = self.counts.missing.saturating_add_unsigned(count);
            }
            Arrival::Duplicate => {
                self.counts.duplicated += 1;
                return;
            }
            Arrival::Next => {}
            Arrival::OutOfOrder => {
                self.counts.out_of_order += 1;
                self.counts.missing -= 1;
            }
        }
        self.counts.delivered += 1;
    }

    /// The number of an epoch. A deployment has few: one a channel and life.
    pub(crate) fn epoch(&mut self, epoch: &str) -> u32 {
        if let Some(number) = self.epoch_numbers.get(epoch) {
            return *number;
        }
        let Ok(number) = u32::try_from(self.epochs.len()) else { return u32::MAX };
        if self.epochs.len() >= EPOCHS_MAX {
            return u32::MAX;
        }
        self.epochs.push(epoch.to_owned());
        self.epoch_numbers.insert(epoch.to_owned(), number);
        number
    }

    /// A reader of a channel met an epoch.
    pub(crate) fn meet(&mut self, channel: u32, epoch: &str) {
        if self.met.len() < EPOCHS_MAX {
            self.met.insert((channel, epoch_number(epoch)));
        }
    }

    /// All that were met.
    pub(crate) fn met(&self) -> impl Iterator<Item = (u32, u64)> {
        self.met.iter().copied()
    }

    /// The server told how hard it is pressed.
    pub(crate) fn heard_posture(&mut self, data: &str) {
        #[derive(Deserialize)]
        struct Status {
            posture: String,
        }
        if let Ok(status) = serde_json::from_str::<Status>(data) {
            self.posture = Some(status.posture);
        }
    }

    pub(crate) fn heard_version(&mut self, version: &str) {
        if self.version.is_empty() {
            version.clone_into(&mut self.version);
        }
    }

    /// Everything since the last time.
    pub(crate) fn take(&mut self, now: Micros) -> Told {
        Told {
            at: now,
            counts: std::mem::take(&mut self.counts),
            latencies: self.latencies.take(),
            acknowledged: std::mem::take(&mut self.acknowledged),
            posture: self.posture.clone(),
            version: self.version.clone(),
            attacks: Vec::new(),
            admissions: std::mem::take(&mut self.admissions),
            latest: std::mem::take(&mut self.latest),
        }
    }
}

/// What a process tells of an interval.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) at: Micros,
    pub(crate) counts: Counts,
    pub(crate) latencies: Encoded,
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) posture: Option<String>,
    pub(crate) version: String,
    /// Of each attack of the scenario, if the process attacks.
    pub(crate) attacks: Vec<AttackCounts>,
    pub(crate) admissions: Vec<Admission>,
    pub(crate) latest: Latest,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Micros {
        Micros(seconds * 1_000_000)
    }

    #[test]
    fn only_returns_that_begin_in_an_attack_count_and_late_ones_are_not_in_time() {
        let mut tally = Tally { window: Window::NONE, ..Tally::default() };
        tally.window.phase(at(10), false);
        tally.returned(0, at(12), at(13));
        tally.window.phase(at(20), true);
        tally.window.phase(at(25), true);
        tally.returned(0, at(19), at(22));
        tally.returned(0, at(21), at(31));
        tally.window.phase(at(30), false);
        tally.window.phase(at(35), false);
        tally.returned(0, at(29), at(40));
        tally.returned(0, at(30), at(31));
        tally.still_away(1, at(29), at(39));
        tally.still_away(1, at(29), at(40));
        let Counts { returned, returned_in_time, .. } = tally.counts;
        assert_eq!(returned, BTreeMap::from([(0, 2), (1, 1)]));
        assert_eq!(returned_in_time, BTreeMap::from([(0, 1), (1, 0)]));
    }

    #[test]
    fn what_was_due_in_an_attack_and_came_behind_it_is_not_in_time() {
        let mut tally = Tally { window: Window::NONE, ..Tally::default() };
        tally.came_live(at(5), at(6));
        tally.window.phase(at(10), true);
        tally.came_live(at(9), at(11));
        tally.came_live(at(12), at(13));
        tally.window.phase(at(20), false);
        tally.came_live(at(19), at(21));
        tally.came_live(at(20), at(21));
        assert_eq!((tally.counts.due_attacked, tally.counts.came_attacked), (2, 1));
    }

    #[test]
    fn where_nobody_attacks_every_return_counts() {
        let mut tally = Tally::default();
        tally.returned(3, at(1), at(2));
        assert_eq!(tally.counts.returned_in_time, BTreeMap::from([(3, 1)]));
    }
}
