//! The log of each channel: appending, and reading on a snapshot.

use crate::error::Failed;
use crate::kept;
use crate::keys::{self, Recognised};
use crate::lives::{self, Life};
use crate::tables::{CHANNELS, EPOCHS, Extent, FIRST_WRITES, LOG, Writing};
use protocol::{ChannelName, Epoch, Offset, Publication, StreamPosition};
use redb::{AccessGuard, ReadOnlyTable, ReadTransaction, ReadableTable, StorageError};
use std::sync::Arc;
use storage::lineage::{self, FirstWrite, Standing};
use storage::stored::StoredPublication;
use storage::{Draft, GapReason, Page, PageLimit, Replay, Since};

/// What became of a draft.
pub(crate) enum Appended {
    Duplicate(StreamPosition),
    KeyReused,
    /// There is no room for it; nothing was changed.
    NoRoom,
    /// With what it counts for.
    Stored(Arc<Publication>, u64),
}

/// Gives a draft its place, once, if there is room for so much.
pub(crate) fn append(
    tables: &mut Writing<'_>,
    draft: &Draft,
    life: &Life,
    room: u64,
) -> Result<Appended, Failed> {
    let scope = match keys::recognise(tables, draft)? {
        Recognised::Again(offset) => {
            return Ok(Appended::Duplicate(StreamPosition { epoch: life.epoch.clone(), offset }));
        }
        Recognised::New(scope) => scope,
        Recognised::Other => return Ok(Appended::KeyReused),
    };
    let channel = draft.channel.as_str();
    let extent = Extent::of(&tables.channels, channel)?;
    let offset = Offset::new(extent.top).next();
    let stored = StoredPublication::of(draft).to_bytes();
    let bytes = kept::of(channel, &stored);
    if bytes > room {
        return Ok(Appended::NoRoom);
    }
    note_first_write(tables, channel, life, offset)?;
    tables.log.insert((channel, offset.get()), stored.as_slice())?;
    tables.channels.insert(channel, (offset.get(), extent.oldest))?;
    keys::remember(tables, draft, &scope, offset)?;
    let publication = Publication {
        data: draft.data.clone(),
        info: draft.sender.clone(),
        offset,
        time: draft.at,
        key: Some(draft.key.clone()),
    };
    Ok(Appended::Stored(Arc::new(publication), bytes))
}

/// Also drops what only forgotten lives could ask about, so that a channel has at most one entry per
/// remembered life.
fn note_first_write(
    tables: &mut Writing<'_>,
    channel: &str,
    life: &Life,
    offset: Offset,
) -> Result<(), Failed> {
    let key = (channel, life.number);
    if tables.first_writes.get(key)?.is_none() {
        tables.first_writes.retain_in((channel, 0)..=(channel, life.oldest), |_, _| false)?;
        tables.first_writes.insert(key, offset.get())?;
    }
    Ok(())
}

/// Where channels' logs end, on one snapshot; they share its epoch.
pub(crate) struct Ends {
    channels: ReadOnlyTable<&'static str, (u64, u64)>,
    epoch: Epoch,
}

impl Ends {
    pub(crate) fn open(snapshot: &ReadTransaction) -> Result<Self, Failed> {
        Ok(Self {
            channels: snapshot.open_table(CHANNELS)?,
            epoch: lives::current(&snapshot.open_table(EPOCHS)?)?,
        })
    }

    /// Where a channel's log ends.
    pub(crate) fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Failed> {
        let extent = Extent::of(&self.channels, channel.as_str())?;
        Ok(StreamPosition { epoch: self.epoch.clone(), offset: Offset::new(extent.top) })
    }
}

fn position(snapshot: &ReadTransaction, extent: Extent) -> Result<StreamPosition, Failed> {
    Ok(StreamPosition {
        epoch: lives::current(&snapshot.open_table(EPOCHS)?)?,
        offset: Offset::new(extent.top),
    })
}

/// Reads forward.
pub(crate) fn replay(
    snapshot: &ReadTransaction,
    channel: &ChannelName,
    since: &Since,
    limit: PageLimit,
) -> Result<Replay, Failed> {
    let extent = Extent::of(&snapshot.open_table(CHANNELS)?, channel.as_str())?;
    let top = position(snapshot, extent)?;
    let after = match begin(snapshot, channel, since, extent)? {
        Ok(after) => after,
        Err(reason) => return Ok(Replay::Gap { reason, top }),
    };
    if after.next().get() < extent.oldest {
        let reason = GapReason::Trimmed;
        return Ok(Replay::Gap { reason, top });
    }
    let log = snapshot.open_table(LOG)?;
    let name = channel.as_str();
    let wanted = log.range((name, after.next().get())..=(name, extent.top))?;
    let publications = fill(wanted, limit)?;
    let expected = std::iter::successors(Some(after.next()), |offset| Some(offset.next()));
    if !publications.iter().zip(expected).all(|(publication, offset)| publication.offset == offset)
        || (publications.is_empty() && after < top.offset && limit.publications > 0)
    {
        return Err(Failed::Damaged("a log has a hole"));
    }
    Ok(Replay::Complete(Page { publications, top }))
}

/// After which offset to read, or why there is none.
fn begin(
    snapshot: &ReadTransaction,
    channel: &ChannelName,
    since: &Since,
    extent: Extent,
) -> Result<Result<Offset, GapReason>, Failed> {
    let top = Offset::new(extent.top);
    Ok(match since {
        Since::Offset(offset) if *offset > top => Err(GapReason::Beyond),
        Since::Offset(offset) => Ok(*offset),
        Since::Position(position) => {
            let life = lives::number_of(&snapshot.open_table(EPOCHS)?, &position.epoch)?;
            let next = match life {
                Some(life) => next_write(snapshot, channel, life)?,
                None => None,
            };
            match lineage::judge(position, |_| life, next.as_slice(), top) {
                Standing::Beyond => Err(GapReason::Beyond),
                Standing::OnPrefix => Ok(position.offset),
                Standing::UnknownEpoch => Err(GapReason::UnknownEpoch),
            }
        }
        Since::Start => Ok(Offset::new(extent.oldest).previous()),
    })
}

/// What a life after `life` wrote first; later ones cannot matter.
fn next_write(
    snapshot: &ReadTransaction,
    channel: &ChannelName,
    life: u64,
) -> Result<Option<FirstWrite>, Failed> {
    let first_writes = snapshot.open_table(FIRST_WRITES)?;
    let name = channel.as_str();
    let later = (name, life.saturating_add(1))..=(name, u64::MAX);
    let Some(next) = first_writes.range(later)?.next() else {
        return Ok(None);
    };
    let (key, offset) = next?;
    Ok(Some(FirstWrite { life: key.value().1, offset: Offset::new(offset.value()) }))
}

/// Reads backward.
pub(crate) fn latest(
    snapshot: &ReadTransaction,
    channel: &ChannelName,
    before: Option<Offset>,
    limit: PageLimit,
) -> Result<Page, Failed> {
    let extent = Extent::of(&snapshot.open_table(CHANNELS)?, channel.as_str())?;
    let top = position(snapshot, extent)?;
    let end = before.map_or(u64::MAX, Offset::get);
    let log = snapshot.open_table(LOG)?;
    let name = channel.as_str();
    let wanted = log.range((name, 0)..(name, end))?.rev();
    Ok(Page { publications: fill(wanted, limit)?, top })
}

type Entry<'a> = (AccessGuard<'a, (&'static str, u64)>, AccessGuard<'a, &'static [u8]>);

/// Takes what fits a page; the first always does.
fn fill<'a>(
    entries: impl Iterator<Item = Result<Entry<'a>, StorageError>>,
    limit: PageLimit,
) -> Result<Vec<Arc<Publication>>, Failed> {
    let mut publications = Vec::new();
    let mut bytes = 0;
    for entry in entries.take(limit.publications) {
        let (key, stored) = entry?;
        let publication = StoredPublication::from_bytes(stored.value())
            .and_then(|stored| stored.at(Offset::new(key.value().1)))
            .map_err(Failed::publication)?;
        bytes += publication.data.as_str().len();
        if bytes > limit.bytes && !publications.is_empty() {
            break;
        }
        publications.push(Arc::new(publication));
    }
    Ok(publications)
}
