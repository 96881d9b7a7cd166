//! Removing what is old, in steps, so that publishers never wait for more than one step.

use crate::error::Failed;
use crate::tables::{CHANNELS, Extent, LOG, Writing};
use crate::{keys, records};
use protocol::{ChannelName, Timestamp};
use redb::{ReadTransaction, ReadableTable};
use std::sync::Arc;
use storage::Retention;
use storage::stored::StoredPublication;

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

/// Takes one step; answers how many things went. Fewer than [`STEP_MAX_REMOVALS`]: nothing is left to remove.
pub(crate) fn remove(tables: &mut Writing<'_>, step: &Step, now: Timestamp) -> Result<usize, Failed> {
    match step {
        Step::Keys => keys::forget(tables, now, STEP_MAX_REMOVALS),
        Step::Logs(overdue) => {
            let mut removed = 0;
            for (channel, cutoff) in overdue.iter() {
                removed += shorten(tables, channel.as_str(), *cutoff, STEP_MAX_REMOVALS - removed)?;
                if removed == STEP_MAX_REMOVALS {
                    break;
                }
            }
            Ok(removed)
        }
        Step::Records => records::expire(tables, now, STEP_MAX_REMOVALS),
    }
}

/// Removes from the old end up to the first publication that is young enough: a log has no holes.
fn shorten(
    tables: &mut Writing<'_>,
    channel: &str,
    cutoff: Timestamp,
    limit: usize,
) -> Result<usize, Failed> {
    let Extent { top, oldest } = Extent::of(&tables.channels, channel)?;
    let mut removed = 0;
    let mut kept = oldest;
    for entry in tables.log.range((channel, oldest)..=(channel, top))?.take(limit) {
        if time(entry?.1.value())? >= cutoff {
            break;
        }
        removed += 1;
        kept += 1;
    }
    if removed > 0 {
        tables.log.retain_in((channel, oldest)..(channel, kept), |_, _| false)?;
        tables.channels.insert(channel, (top, kept))?;
    }
    Ok(removed)
}

fn time(stored: &[u8]) -> Result<Timestamp, Failed> {
    let stored = StoredPublication::from_bytes(stored).map_err(Failed::publication)?;
    Ok(Timestamp::from_millis(stored.time_ms))
}
