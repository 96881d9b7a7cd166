//! Idempotency keys: what a repeated publish is recognised by.

use crate::error::Failed;
use crate::tables::Writing;
use aws_lc_rs::digest;
use protocol::{Offset, Payload, Timestamp};
use redb::ReadableTable;
use storage::{Draft, history::IDEMPOTENCY_WINDOW, stored::idempotency_scope};

/// What a draft's key says.
pub(crate) enum Recognised {
    /// The message at this offset, again.
    Again(Offset),
    /// Nothing: the message is new, its key in this scope.
    New(String),
    /// The key belongs to another message.
    Other,
}

/// SHA-256, because who chooses messages must not be able to make two that look the same.
fn fingerprint(data: &Payload) -> Result<[u8; 32], Failed> {
    let digest = digest::digest(&digest::SHA256, data.as_str().as_bytes());
    digest.as_ref().try_into().map_err(|_| Failed::Damaged("a digest has another length"))
}

/// Looks a draft's key up.
pub(crate) fn recognise(tables: &Writing<'_>, draft: &Draft) -> Result<Recognised, Failed> {
    let scope = idempotency_scope(draft);
    let Some(known) = tables.keys.get((draft.channel.as_str(), scope.as_str()))? else {
        return Ok(Recognised::New(scope));
    };
    let (offset, _, kept) = known.value();
    Ok(if *kept == fingerprint(&draft.data)? {
        Recognised::Again(Offset::new(offset))
    } else {
        Recognised::Other
    })
}

/// Remembers a new message by its key.
pub(crate) fn remember(
    tables: &mut Writing<'_>,
    draft: &Draft,
    scope: &str,
    offset: Offset,
) -> Result<(), Failed> {
    let (channel, at) = (draft.channel.as_str(), draft.at.as_millis());
    let kept = fingerprint(&draft.data)?;
    tables.keys.insert((channel, scope), (offset.get(), at, &kept))?;
    tables.keys_by_time.insert((at, channel, scope), ())?;
    Ok(())
}

/// Forgets at most `limit` keys that are past their window; answers how many.
pub(crate) fn forget(tables: &mut Writing<'_>, now: Timestamp, limit: usize) -> Result<usize, Failed> {
    let end = now.before(IDEMPOTENCY_WINDOW).as_millis();
    let mut old = Vec::new();
    for entry in tables.keys_by_time.range(..(end, "", ""))?.take(limit) {
        let (key, _) = entry?;
        let (at, channel, scope) = key.value();
        old.push((at, channel.to_owned(), scope.to_owned()));
    }
    for (at, channel, scope) in &old {
        let (channel, scope) = (channel.as_str(), scope.as_str());
        tables.keys.remove((channel, scope))?;
        tables.keys_by_time.remove((*at, channel, scope))?;
    }
    Ok(old.len())
}
