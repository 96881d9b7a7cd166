//! Receipts in the store that all nodes share: written a chunk at a time, united with what other nodes wrote, and made into
//! counts at the end.

use super::{Chunk, ChunkKey, Counts, Receipts, Stage};
use crate::Away;
use crate::audience::Index;
use crate::bulletin::BulletinId;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use protocol::Timestamp;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Write};

protocol::limits! {
    /// Most chunks of receipts that one commit writes; the rest follows in further ones.
    pub const CHUNKS_PER_COMMIT_MAX: usize = 16 => unseen;
    /// How long the counts of a bulletin are kept after it is over.
    pub const COUNTS_KEPT_FOR: Duration = Duration::from_hours(24 * 400) => unseen;
}

/// What the store has of a bulletin's receipts.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// How many, and no more who: it is over.
    Counted(Counts),
    /// Who.
    Known(Box<Receipts>),
}

/// That receipts are taken no more. It is there before anything is counted, so that what is counted is all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    /// They are being counted.
    Closing,
    /// This is how many.
    Counted(Counts),
}

const END: &str = "end";

/// Reads all of a bulletin's receipts.
pub async fn load(records: &dyn Records, bulletin: &BulletinId, now: Timestamp) -> Result<Told, Away> {
    if let Some(Kept { value: End::Counted(counts), .. }) = end_of(records, bulletin, now).await? {
        return Ok(Told::Counted(counts));
    }
    Ok(Told::Known(Box::new(known(records, bulletin, now).await?)))
}

/// Whom a bulletin did not reach so far; nobody, once it is over and nobody knows any more.
pub async fn missing(
    records: &dyn Records,
    bulletin: &BulletinId,
    stage: Stage,
    now: Timestamp,
) -> Result<RoaringBitmap, Away> {
    Ok(match load(records, bulletin, now).await? {
        Told::Counted(_) => RoaringBitmap::new(),
        Told::Known(receipts) => receipts.missing(stage),
    })
}

async fn known(records: &dyn Records, bulletin: &BulletinId, now: Timestamp) -> Result<Receipts, Away> {
    let mut receipts = Receipts::default();
    for (chunk, data) in chunks(records, bulletin, now).await? {
        receipts.unite(&Chunk::from_bytes(chunk, &data).map_err(|_| Away)?);
    }
    Ok(receipts)
}

async fn end_of(
    records: &dyn Records,
    bulletin: &BulletinId,
    now: Timestamp,
) -> Result<Option<Kept<End>>, Away> {
    kept::get(records, &key(bulletin, END)?, now).await
}

/// Writes what is not kept yet, united with what other nodes wrote meanwhile. What is not written stays to be kept; the same
/// again harms nothing. Receipts of a bulletin that is over are left out.
pub async fn keep(
    records: &dyn Records,
    bulletin: &BulletinId,
    receipts: &mut Receipts,
    now: Timestamp,
) -> Result<(), Away> {
    for _ in 0..CONFLICTS_MAX {
        let group: Vec<ChunkKey> = receipts.changes().take(CHUNKS_PER_COMMIT_MAX).collect();
        if group.is_empty() {
            return Ok(());
        }
        // Nobody is named again once they are counted.
        let mut writes = vec![absent(key(bulletin, END)?)];
        let mut written = Vec::with_capacity(group.len());
        for chunk in group {
            let (write, united) = write(records, bulletin, receipts.chunk(chunk), now).await?;
            writes.push(write);
            written.push(united);
        }
        match records.commit(writes, now).await {
            Ok(()) => written.iter().for_each(|chunk| {
                receipts.unite(chunk);
                receipts.kept(chunk);
            }),
            Err(CommitError::Conflict) => {
                if end_of(records, bulletin, now).await?.is_some() {
                    *receipts = Receipts::default();
                    return Ok(());
                }
            }
            Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                return Err(error.into());
            }
        }
    }
    if receipts.has_changes() { Err(Away) } else { Ok(()) }
}

/// Makes counts of a bulletin's receipts, and forgets whose they were. Whoever does it again, after a crash or beside
/// another node, finds the same counts.
pub async fn close(
    records: &dyn Records,
    bulletin: &BulletinId,
    index: &Index,
    now: Timestamp,
) -> Result<Counts, Away> {
    let counts = count(records, bulletin, index, now).await?;
    let chunks = chunks(records, bulletin, now).await?;
    for group in chunks.chunks(CHUNKS_PER_COMMIT_MAX) {
        let deletes = group.iter().map(|(chunk, _)| Ok(kept::delete(key(bulletin, &chunk.suffix())?)));
        records.commit(deletes.collect::<Result<_, Away>>()?, now).await?;
    }
    Ok(counts)
}

async fn count(
    records: &dyn Records,
    bulletin: &BulletinId,
    index: &Index,
    now: Timestamp,
) -> Result<Counts, Away> {
    let until = Some(now.after(COUNTS_KEPT_FOR));
    let key = key(bulletin, END)?;
    let version = loop {
        match end_of(records, bulletin, now).await? {
            Some(Kept { value: End::Counted(counts), .. }) => return Ok(counts),
            Some(Kept { value: End::Closing, version }) => break version,
            None => {
                let closing = kept::put(key.clone(), Expect::Absent, &End::Closing, until)?;
                records.commit(vec![closing], now).await?;
            }
        }
    };
    let counts = known(records, bulletin, now).await?.counts(index);
    let counted = End::Counted(counts.clone());
    records.commit(vec![kept::put(key, Expect::Version(version), &counted, until)?], now).await?;
    Ok(counts)
}

async fn write(
    records: &dyn Records,
    bulletin: &BulletinId,
    chunk: Chunk,
    now: Timestamp,
) -> Result<(Write, Chunk), Away> {
    let key = key(bulletin, &chunk.key().suffix())?;
    let found = records.get(&key, now).await?;
    let expect = found.as_ref().map_or(Expect::Absent, |found| Expect::Version(found.version));
    let united = match found {
        Some(found) => {
            let kept = Chunk::from_bytes(chunk.key(), &found.data).map_err(|_| Away)?;
            chunk.united(&kept)
        }
        None => chunk,
    };
    let change = Change::Put { data: united.to_bytes(), expires_at: None };
    Ok((Write { key, expect, change }, united))
}

/// The chunks of a bulletin as they are kept.
async fn chunks(
    records: &dyn Records,
    bulletin: &BulletinId,
    now: Timestamp,
) -> Result<Vec<(ChunkKey, Vec<u8>)>, Away> {
    let prefix = format!("{}.", bulletin.as_str());
    let mut after = RecordId::parse(&prefix);
    let mut chunks = Vec::new();
    while let Some(from) = after {
        let (found, next) =
            records.scan(RecordKind::Receipts, Some(&from), usize::from(CHUNKS_READ), now).await?;
        let is_past = found.last().is_some_and(|(id, _)| !id.as_str().starts_with(&prefix));
        for (id, record) in found {
            let suffix = id.as_str().strip_prefix(&prefix);
            chunks.extend(suffix.and_then(ChunkKey::parse).map(|chunk| (chunk, record.data)));
        }
        after = next.filter(|_| !is_past);
    }
    Ok(chunks)
}

/// Chunks that one scan reads: those of a million members.
const CHUNKS_READ: u8 = 64;

fn key(bulletin: &BulletinId, suffix: &str) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Receipts, &format!("{}.{suffix}", bulletin.as_str()))
}

/// Changes nothing, and fails if there is such a record.
const fn absent(key: RecordKey) -> Write {
    Write { key, expect: Expect::Absent, change: Change::Delete }
}

#[cfg(test)]
mod tests;
