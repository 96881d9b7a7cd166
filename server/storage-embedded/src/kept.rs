//! How many bytes of messages the file keeps, counted in the transactions that change it: what the ceiling is compared
//! with. The file itself says little of it, for it does not become shorter when retention makes room.

use crate::error::Failed;
use crate::tables::{KEPT_KEY, Writing};
use redb::ReadableTable;

protocol::limits! {
    /// What a message takes in the file besides its own bytes and the name of its channel, about: its place, its
    /// idempotency key and when that is to be forgotten.
    pub const KEPT_OVERHEAD_BYTES: u64 = 256 => unseen;
}

/// No ceiling: as much as the disk has.
pub(crate) const NO_CEILING: u64 = u64::MAX;

/// What a stored message counts for.
pub(crate) fn of(channel: &str, stored: &[u8]) -> u64 {
    let bytes = channel.len().saturating_add(stored.len());
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(KEPT_OVERHEAD_BYTES)
}

/// The count, made anew if the file has none yet.
pub(crate) fn total(tables: &Writing<'_>) -> Result<u64, Failed> {
    if let Some(kept) = tables.meta.get(KEPT_KEY)? {
        return Ok(kept.value());
    }
    let mut kept = 0_u64;
    for entry in tables.log.iter()? {
        let (key, stored) = entry?;
        kept = kept.saturating_add(of(key.value().0, stored.value()));
    }
    Ok(kept)
}

/// Notes the count.
pub(crate) fn note(tables: &mut Writing<'_>, kept: u64) -> Result<(), Failed> {
    tables.meta.insert(KEPT_KEY, kept)?;
    Ok(())
}
