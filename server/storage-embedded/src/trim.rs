//! Removing what is old, in steps, so that publishers never wait for more than one step.

use crate::error::Failed;
use crate::tables::{CHANNELS, Extent, LOG, Writing};
use crate::{kept, keys, records};
use protocol::{ChannelName, Timestamp};
use redb::{ReadTransaction, ReadableTable};
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::stored::StoredPublication;
use storage::{RecordKind, Retention};

protocol::limits! {
    /// Most things that one step of retention removes; publishes go between the steps.
    pub(crate) const STEP_MAX_REMOVALS: usize = 1_024 => unseen;
}

/// What one step removes from.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Idempotency keys past their window.
    Keys,
    /// Publications from before the time given with each channel.
    Logs(Arc<[(ChannelName, Timestamp)]>),
    /// Records that are over.
    Records,
}

/// What a step removed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Removed {
    /// How many things.
    pub(crate) things: usize,
    /// How many of them are records of each kind.
    pub(crate) records: BTreeMap<RecordKind, u64>,
    /// What the messages among them counted for.
    pub(crate) kept_bytes: u64,
}

impl Removed {
    /// Adds what another step removed.
    pub(crate) fn add(&mut self, more: Self) {
        self.things += more.things;
        self.kept_bytes = self.kept_bytes.saturating_add(more.kept_bytes);
        for (kind, records) in more.records {
            *self.records.entry(kind).or_default() += records;
        }
    }
}

/// Channels whose oldest publication is too old, each with the time before which all is too old.
pub(crate) fn overdue(
    snapshot: &ReadTransaction,
    retention: &Retention,
    now: Timestamp,
) -> Result<Vec<(ChannelName, Timestamp)>, Failed> {
    let log = snapshot.open_table(LOG)?;
    let mut overdue = Vec::new();
    for entry in snapshot.open_table(CHANNELS)?.iter()? {
        let (name, extent) = entry?;
        let (top, oldest) = extent.value();
        if oldest > top {
            continue;
        }
        let channel = ChannelName::parse(name.value())
            .map_err(|_| Failed::Damaged("a channel's name cannot be read"))?;
        let cutoff = now.before(retention.of(&channel));
        let stored = log.get((channel.as_str(), oldest))?.ok_or(Failed::Damaged("a log has no beginning"))?;
        if time(stored.value())? < cutoff {
            overdue.push((channel, cutoff));
        }
    }
    Ok(overdue)
}

/// Takes one step; answers what went. Fewer things than [`STEP_MAX_REMOVALS`]: nothing is left to remove.
pub(crate) fn remove(tables: &mut Writing<'_>, step: &Step, now: Timestamp) -> Result<Removed, Failed> {
    match step {
        Step::Keys => {
            let things = keys::forget(tables, now, STEP_MAX_REMOVALS)?;
            Ok(Removed { things, ..Removed::default() })
        }
        Step::Logs(overdue) => {
            let mut removed = Removed::default();
            for (channel, cutoff) in overdue.iter() {
                let limit = STEP_MAX_REMOVALS - removed.things;
                let more = shorten(tables, channel.as_str(), *cutoff, limit)?;
                removed.add(more);
                if removed.things == STEP_MAX_REMOVALS {
                    break;
                }
            }
            Ok(removed)
        }
        Step::Records => {
            let (things, records) = records::expire(tables, now, STEP_MAX_REMOVALS)?;
            Ok(Removed { things, records, kept_bytes: 0 })
        }
    }
}

/// Removes from the old end up to the first publication that is young enough: a log has no holes.
fn shorten(
    tables: &mut Writing<'_>,
    channel: &str,
    cutoff: Timestamp,
    limit: usize,
) -> Result<Removed, Failed> {
    let Extent { top, oldest } = Extent::of(&tables.channels, channel)?;
    let mut removed = Removed::default();
    let mut kept = oldest;
    for entry in tables.log.range((channel, oldest)..=(channel, top))?.take(limit) {
        let (_, stored) = entry?;
        if time(stored.value())? >= cutoff {
            break;
        }
        removed.things += 1;
        removed.kept_bytes = removed.kept_bytes.saturating_add(kept::of(channel, stored.value()));
        kept += 1;
    }
    if removed.things > 0 {
        tables.log.retain_in((channel, oldest)..(channel, kept), |_, _| false)?;
        tables.channels.insert(channel, (top, kept))?;
    }
    Ok(removed)
}

fn time(stored: &[u8]) -> Result<Timestamp, Failed> {
    let stored = StoredPublication::from_bytes(stored).map_err(Failed::publication)?;
    Ok(Timestamp::from_millis(stored.time_ms))
}
