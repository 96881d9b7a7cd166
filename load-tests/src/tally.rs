//! What happened in one process, counted where it happens and handed over interval by interval.

use crate::clock::Micros;
use crate::latency::{Encoded, Kind, Latencies};
use crate::ledger::{Acknowledged, Arrival, ReadLog};
use crate::mark::epoch_number;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

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
}

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
        for (code, count) in &other.ends {
            *self.ends.entry(*code).or_default() += count;
        }
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
}

/// Most epochs that a process tells apart; a client with a further one asks with none.
const EPOCHS_MAX: usize = 200_000;

impl Tally {
    /// A latency in microseconds.
    pub(crate) fn record(&mut self, kind: Kind, class: usize, micros: u64) {
        self.latencies.record(kind, class, micros);
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
        }
    }
}

/// What a process tells of an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) at: Micros,
    pub(crate) counts: Counts,
    pub(crate) latencies: Encoded,
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) posture: Option<String>,
    pub(crate) version: String,
}
