//! Retention: removes from the old end of each log what is older than its kind of channel keeps.
//!
//! Age is the publications' own stored time against the `now` of the caller; ids in the stream are offsets and say
//! nothing about time. Idempotency keys leave by themselves: Redis counts their window from when they were stored.

use crate::connection::Connections;
use crate::keys::Keys;
use protocol::{ChannelName, Timestamp};
use redis::{RedisError, aio::ConnectionLike, cmd};
use storage::stored::StoredPublication;
use storage::{Age, Retention, Trimmed, Unavailable};

protocol::limits! {
    /// Most publications that one step of retention looks at: at most 2 MiB of payload. Others go between the steps.
    const TRIM_STEP_MAX_PUBLICATIONS: usize = 64 => unseen;
    /// Most channels that retention asks for at once; the rest is asked for in further steps.
    const TRIM_STEP_MAX_CHANNELS: usize = 256 => unseen;
}

/// A stream's entry: its id, and the one field that ours have.
type Entry = (String, (String, Vec<u8>));

/// A channel that cannot be trimmed keeps no other from it, but is an error in the end.
pub(crate) async fn trim(
    pool: &Connections,
    keys: &Keys,
    retention: &Retention,
    now: Timestamp,
) -> Result<Trimmed, Unavailable> {
    let mut trimmed = Trimmed::default();
    let mut failed = 0_u64;
    let mut cursor = 0_u64;
    loop {
        let (next, names): (u64, Vec<String>) = cmd("SSCAN")
            .arg(keys.channels())
            .arg(cursor)
            .arg("COUNT")
            .arg(TRIM_STEP_MAX_CHANNELS)
            .query_async(&mut pool.take().await?)
            .await
            .map_err(|_| Unavailable)?;
        for channel in names.iter().filter_map(|name| ChannelName::parse(name).ok()) {
            let cutoff = now.before(retention.of(&channel));
            // A connection for each channel, so that a long trim leaves turns to readers.
            let mut connection = pool.take().await?;
            match trim_log(&mut connection, &keys.log(&channel), cutoff).await {
                Ok(gone) => trimmed.add(Age::of(&channel), gone),
                Err(_) => failed = failed.saturating_add(1),
            }
        }
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    if failed == 0 {
        return Ok(trimmed);
    }
    tracing::error!(
        failed,
        trimmed = trimmed.publications(),
        "some channels' logs in Redis could not be trimmed"
    );
    Err(Unavailable)
}

/// Looks at one publication first, because most logs have nothing to trim most of the time.
async fn trim_log(
    connection: &mut impl ConnectionLike,
    log: &str,
    cutoff: Timestamp,
) -> Result<u64, RedisError> {
    let mut trimmed = 0_u64;
    let mut step = 1;
    loop {
        let head: Vec<Entry> =
            cmd("XRANGE").arg(log).arg("-").arg("+").arg("COUNT").arg(step).query_async(connection).await?;
        let old = head.iter().take_while(|entry| is_older(entry, cutoff)).count();
        let Some(last_old) = old.checked_sub(1).and_then(|last| head.get(last)) else {
            return Ok(trimmed);
        };
        let gone: u64 = cmd("XTRIM")
            .arg(log)
            .arg("MINID")
            .arg("=")
            .arg(id_after(&last_old.0))
            .query_async(connection)
            .await?;
        trimmed = trimmed.saturating_add(gone);
        if old < head.len() || head.len() < step {
            return Ok(trimmed);
        }
        step = TRIM_STEP_MAX_PUBLICATIONS;
    }
}

/// What cannot be read has no age, and stays.
fn is_older((_, (_, bytes)): &Entry, cutoff: Timestamp) -> bool {
    StoredPublication::from_bytes(bytes).is_ok_and(|stored| Timestamp::from_millis(stored.time_ms) < cutoff)
}

/// The smallest id after `OFFSET-0`.
fn id_after(id: &str) -> String {
    let offset = id.split_once('-').map_or(id, |(offset, _)| offset);
    format!("{offset}-1")
}
