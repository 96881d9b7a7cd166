//! Notifications that wait for a device: until its quiet hours are over, or until its push service takes them. What waits for
//! one device until the same time is one notification, of the newest bulletin.

use super::addresses::{FoundAddress, parts};
use super::subject::About;
use crate::Away;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use protocol::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::{Expect, RecordId, RecordKey, RecordKind, Records, Write};

/// Writes of one commit.
const TOGETHER: usize = 32;

/// A notification that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// What it is about.
    pub about: About,
    /// Whether that is urgent.
    pub is_urgent: bool,
    /// How many bulletins it stands for.
    pub count: u32,
    /// How often it was tried.
    pub tries: u32,
    /// When what it is about happened.
    pub since: Timestamp,
}

impl Waiting {
    /// What becomes of two for one device: the urgent one, or else the newer.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        if self.about == other.about {
            return Self { tries: self.tries.max(other.tries), count: self.count.max(other.count), ..self };
        }
        let count = self.count.saturating_add(other.count);
        let is_first = (self.is_urgent, self.since) >= (other.is_urgent, other.since);
        Self { count, ..if is_first { self } else { other } }
    }
}

/// One that is to wait: for which device, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// When it is due.
    pub due: Timestamp,
    /// The record of the device's address.
    pub address: RecordId,
    /// What waits.
    pub waiting: Waiting,
}

/// One whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When it was due.
    pub due: Timestamp,
    /// The number of the device's member.
    pub number: u32,
    /// The device.
    pub device: DeviceId,
    /// What waits.
    pub waiting: Waiting,
    id: RecordId,
    version: u64,
}

/// All that waits.
#[derive(Debug, Clone)]
pub struct Waits {
    records: Arc<dyn Records>,
}

fn waiting_key(due: Timestamp, address: &str) -> Result<RecordKey, Away> {
    kept::key(RecordKind::PushWaiting, &format!("{:013}.{address}", due.as_millis()))
}

fn due_of(id: &RecordId) -> Option<(Timestamp, u32, DeviceId)> {
    let (due, address) = id.as_str().split_once('.')?;
    let (number, device) = parts(&RecordId::parse(address)?)?;
    Some((Timestamp::from_millis(due.parse().ok()?), number, device))
}

impl Waits {
    /// What waits in a store.
    pub const fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Has these wait; joined with what waits for their devices until the same time.
    pub async fn put(
        &self,
        puts: &[Put],
        ends: impl Fn(&Put) -> Timestamp,
        now: Timestamp,
    ) -> Result<(), Away> {
        // Two for one device are one already.
        let mut by_place: BTreeMap<(Timestamp, RecordId), Put> = BTreeMap::new();
        for put in puts {
            let place = (put.due, put.address.clone());
            let joined = match by_place.remove(&place) {
                Some(before) => Put { waiting: put.waiting.clone().joined(before.waiting), ..before },
                None => put.clone(),
            };
            by_place.insert(place, joined);
        }
        let puts: Vec<Put> = by_place.into_values().collect();
        for some in puts.chunks(TOGETHER) {
            self.put_some(some, &ends, now).await?;
        }
        Ok(())
    }

    async fn put_some(
        &self,
        puts: &[Put],
        ends: &impl Fn(&Put) -> Timestamp,
        now: Timestamp,
    ) -> Result<(), Away> {
        for _ in 0..CONFLICTS_MAX {
            let mut writes = Vec::with_capacity(puts.len());
            for put in puts {
                let key = waiting_key(put.due, put.address.as_str())?;
                let before = kept::get::<Waiting>(&*self.records, &key, now).await?;
                let (waiting, expect) = match before {
                    Some(Kept { value, version }) => {
                        (put.waiting.clone().joined(value), Expect::Version(version))
                    }
                    None => (put.waiting.clone(), Expect::Absent),
                };
                writes.push(kept::put(key, expect, &waiting, Some(ends(put).max(put.due)))?);
            }
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(());
            }
        }
        Err(Away)
    }

    /// Those whose time has come, the first first, at most so many.
    pub async fn due(&self, limit: usize, now: Timestamp) -> Result<Vec<Due>, Away> {
        let (found, _) = self.records.scan(RecordKind::PushWaiting, None, limit, now).await?;
        let mut all = Vec::new();
        for (id, record) in found {
            let Some((due, number, device)) = due_of(&id) else { continue };
            if due > now {
                break;
            }
            let waiting = kept::read(&record.data)?;
            all.push(Due { due, number, device, waiting, id, version: record.version });
        }
        Ok(all)
    }

    /// How many wait, counted up to so many, and since when the first is due, if it is.
    pub async fn figures(&self, up_to: usize, now: Timestamp) -> Result<(usize, Option<Timestamp>), Away> {
        let (found, _) = self.records.scan(RecordKind::PushWaiting, None, up_to, now).await?;
        let first = found.first().and_then(|(id, _)| due_of(id)).map(|(due, ..)| due);
        Ok((found.len(), first.filter(|due| *due <= now)))
    }

    /// These are seen to. One to which something came meanwhile stays.
    pub async fn done(&self, dues: &[Due], now: Timestamp) -> Result<(), Away> {
        for some in dues.chunks(TOGETHER) {
            let gone = |due: &Due| Write {
                expect: Expect::Version(due.version),
                ..kept::delete(RecordKey { kind: RecordKind::PushWaiting, id: due.id.clone() })
            };
            if kept::committed(&*self.records, some.iter().map(gone).collect(), now).await? {
                continue;
            }
            for due in some {
                kept::committed(&*self.records, vec![gone(due)], now).await?;
            }
        }
        Ok(())
    }
}

impl FoundAddress {
    /// Has something wait for this device.
    pub fn wait(&self, waiting: Waiting, due: Timestamp) -> Put {
        Put { due, address: self.id.clone(), waiting }
    }
}

#[cfg(test)]
mod tests;
