//! Reading: where a channel stands and a page of its log, in one script, so that both are from one moment.
//!
//! # Why reading may keep an old epoch
//!
//! An epoch names what was *written* under one identity of the server (`run_id` and `master_replid`). A server that
//! starts again has another identity, but until it writes to a channel it has added nothing to that channel's log:
//! every position in the log is still what it was, so the log may go on calling itself by the old epoch. A read
//! therefore never changes an epoch; it only gives one to a channel that has none yet, so that whoever looks at an
//! empty channel can continue from the answer.
//!
//! If the start lost the newest publications, the top went back with them (both are written by one script, and Redis
//! replays a script whole or not at all). Until someone publishes, a position beyond that top is beyond what
//! survived of its epoch, by the top alone. The next publish finds another identity, begins epoch F, and records the
//! first offset that F wrote; from then on the same positions are beyond by the lineage, however far F goes.
//!
//! For example: E reached 100, Redis lost 81–100, and F goes on from 81.
//! * Before F: the top is (E, 80); (E, 100) and (E, 85) are beyond; (E, 80) continues.
//! * After F reached 90: E survived up to 80, because F first wrote 81. So (E, 85) is beyond, although there is an
//!   81–90 again: it is another reality. (E, 80) continues with F's 81, which is right: up to 80 both are the same.
//! * If all of F is lost too, its epoch is lost with it: (F, 85) is of an unknown epoch, and G goes on from 81.
//!
//! What was lost may come back before F begins (see `repair`): as long as the old epoch goes on, the places behind its top are
//! its own, and a message that has its place there again makes (E, 81) what it was.
//!
//! A repeat of a stored message answers its offset in the epoch that is current, without beginning one: the message
//! is in the log, so its offset is on the prefix that the current epoch shares with every later one.

use crate::connection::Connections;
use crate::keys::Keys;
use protocol::{ChannelName, Epoch, Offset, Publication, StreamPosition};
use redis::{Script, ScriptInvocation};
use std::sync::Arc;
use storage::history::{EpochSource, LINEAGE_MAX_EPOCHS};
use storage::lineage::{FirstWrite, Standing, judge};
use storage::stored::StoredPublication;
use storage::{GapReason, Page, PageLimit, Replay, Since, Unavailable};

/// Most bytes of a stored publication that are not its payload: ids, key, time and field numbers.
const ENVELOPE_MAX_BYTES: usize = 512;

/// The reading end of the history.
pub(crate) struct Reader {
    script: Script,
    keys: Keys,
    fresh_epoch: EpochSource,
}

enum Range {
    /// Upward from an offset.
    From(Offset),
    /// Upward from the oldest.
    Oldest,
    /// Downward from an offset.
    DownFrom(Offset),
    /// Downward from the newest.
    Newest,
}

type Answer = (String, u64, Vec<String>, Option<u64>, Vec<(u64, Vec<u8>)>);

/// What one read saw.
struct View {
    top: StreamPosition,
    /// Epochs and what each wrote first; the place in the list is the number of the life.
    lineage: Vec<(Epoch, Offset)>,
    oldest: Offset,
    publications: Vec<Arc<Publication>>,
}

impl Reader {
    pub(crate) fn new(keys: Keys, fresh_epoch: EpochSource) -> Self {
        Self {
            script: Script::new(concat!(include_str!("lua/epoch.lua"), include_str!("lua/read.lua"))),
            keys,
            fresh_epoch,
        }
    }

    pub(crate) async fn top(
        &self,
        pool: &Connections,
        channel: &ChannelName,
    ) -> Result<StreamPosition, Unavailable> {
        let nothing = PageLimit::publications(0);
        Ok(self.view(pool, channel, &Range::Oldest, nothing).await?.top)
    }

    pub(crate) async fn replay(
        &self,
        pool: &Connections,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        let range = match since {
            Since::Start => Range::Oldest,
            Since::Offset(offset) => Range::From(offset.next()),
            Since::Position(position) => Range::From(position.offset.next()),
        };
        let view = self.view(pool, channel, &range, limit).await?;
        Ok(match view.gap(since) {
            Some(reason) => Replay::Gap { reason, top: view.top },
            None => Replay::Complete(view.page(&range, limit)?),
        })
    }

    pub(crate) async fn latest(
        &self,
        pool: &Connections,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        let range = before.map_or(Range::Newest, |before| Range::DownFrom(before.previous()));
        self.view(pool, channel, &range, limit).await?.page(&range, limit)
    }

    async fn view(
        &self,
        pool: &Connections,
        channel: &ChannelName,
        range: &Range,
        limit: PageLimit,
    ) -> Result<View, Unavailable> {
        let answer: Answer = pool.run(&self.call(channel, range, limit)).await?;
        View::of(answer, limit).ok_or_else(|| {
            tracing::error!("a channel's log in Redis holds what this version cannot read");
            Unavailable
        })
    }

    fn call(&self, channel: &ChannelName, range: &Range, limit: PageLimit) -> ScriptInvocation<'_> {
        let (direction, first) = match range {
            Range::From(offset) => ("forward", offset.to_string()),
            Range::Oldest => ("forward", "-".to_owned()),
            Range::DownFrom(offset) => ("backward", offset.to_string()),
            Range::Newest => ("backward", "+".to_owned()),
        };
        let keys = &self.keys;
        let mut call = self.script.prepare_invoke();
        call.key(keys.meta(channel))
            .key(keys.lineage(channel))
            .key(keys.log(channel))
            .key(keys.channels())
            .arg((self.fresh_epoch)().as_str())
            .arg(LINEAGE_MAX_EPOCHS)
            .arg(channel.as_str())
            .arg(direction)
            .arg(first)
            .arg(limit.publications)
            .arg(limit.bytes)
            .arg(ENVELOPE_MAX_BYTES);
        call
    }
}

impl View {
    /// Nothing if some of it is not ours.
    fn of((epoch, top, lineage, oldest, entries): Answer, limit: PageLimit) -> Option<Self> {
        let top = StreamPosition { epoch: Epoch::parse(&epoch).ok()?, offset: Offset::new(top) };
        let lineage = lineage
            .iter()
            .map(|entry| {
                let (epoch, first) = entry.split_once(' ')?;
                Some((Epoch::parse(epoch).ok()?, Offset::new(first.parse().ok()?)))
            })
            .collect::<Option<_>>()?;
        let publications = entries
            .iter()
            .map(|(offset, bytes)| {
                let stored = StoredPublication::from_bytes(bytes).ok()?;
                stored.at(Offset::new(*offset)).ok().map(Arc::new)
            })
            .collect::<Option<_>>()?;
        Some(Self {
            oldest: oldest.map_or(top.offset.next(), Offset::new),
            top,
            lineage,
            publications: fitting(publications, limit.bytes),
        })
    }

    /// What was read, unless something is missing from it.
    fn page(self, range: &Range, limit: PageLimit) -> Result<Page, Unavailable> {
        if self.has_hole(range, limit) {
            tracing::error!("a channel's log in Redis has a hole");
            return Err(Unavailable);
        }
        Ok(Page { publications: self.publications, top: self.top })
    }

    fn has_hole(&self, range: &Range, limit: PageLimit) -> bool {
        let step: fn(Offset) -> Offset = match range {
            Range::From(_) | Range::Oldest => |offset| offset.next(),
            Range::DownFrom(_) | Range::Newest => |offset| offset.previous(),
        };
        let first = match range {
            Range::From(offset) => self.oldest.max(*offset),
            Range::Oldest => self.oldest,
            Range::DownFrom(offset) => self.top.offset.min(*offset),
            Range::Newest => self.top.offset,
        };
        let has_first = self.oldest <= first && first <= self.top.offset;
        let expected = std::iter::successors(Some(first), |offset| Some(step(*offset)));
        let consecutive =
            self.publications.iter().zip(expected).all(|(publication, offset)| publication.offset == offset);
        !consecutive || (self.publications.is_empty() && has_first && limit.publications > 0)
    }

    fn gap(&self, since: &Since) -> Option<GapReason> {
        let after = match since {
            Since::Start => return None,
            Since::Offset(offset) if *offset > self.top.offset => return Some(GapReason::Beyond),
            Since::Offset(offset) => *offset,
            Since::Position(position) => match self.standing(position) {
                Standing::Beyond => return Some(GapReason::Beyond),
                Standing::UnknownEpoch => return Some(GapReason::UnknownEpoch),
                Standing::OnPrefix => position.offset,
            },
        };
        (after.next() < self.oldest).then_some(GapReason::Trimmed)
    }

    fn standing(&self, position: &StreamPosition) -> Standing {
        let lives = || (0..).zip(&self.lineage);
        let first_writes: Vec<FirstWrite> =
            lives().map(|(life, (_, offset))| FirstWrite { life, offset: *offset }).collect();
        let life_of = |epoch: &Epoch| lives().find(|(_, (known, _))| known == epoch).map(|(life, _)| life);
        judge(position, life_of, &first_writes, self.top.offset)
    }
}

/// The script counts bytes roughly and reads a little more than fits; the first always fits.
fn fitting(mut publications: Vec<Arc<Publication>>, most_bytes: usize) -> Vec<Arc<Publication>> {
    let mut bytes = 0_usize;
    let count = publications
        .iter()
        .take_while(|publication| {
            bytes = bytes.saturating_add(publication.data.as_str().len());
            bytes <= most_bytes
        })
        .count();
    publications.truncate(count.max(1));
    publications
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(top: (&str, u64), lineage: &[(&str, u64)], oldest: u64) -> View {
        let epoch = |text: &str| Epoch::parse(text).unwrap();
        View {
            top: StreamPosition { epoch: epoch(top.0), offset: Offset::new(top.1) },
            lineage: lineage.iter().map(|(name, first)| (epoch(name), Offset::new(*first))).collect(),
            oldest: Offset::new(oldest),
            publications: Vec::new(),
        }
    }

    fn since(epoch: &str, offset: u64) -> Since {
        Since::Position(StreamPosition { epoch: Epoch::parse(epoch).unwrap(), offset: Offset::new(offset) })
    }

    #[test]
    fn a_lost_tail_is_beyond_before_anyone_publishes_and_after() {
        let before = view(("e", 80), &[("e", 1)], 1);
        assert_eq!(before.gap(&since("e", 100)), Some(GapReason::Beyond));
        assert_eq!(before.gap(&since("e", 85)), Some(GapReason::Beyond));
        assert_eq!(before.gap(&since("e", 80)), None);

        let after = view(("f", 90), &[("e", 1), ("f", 81)], 1);
        assert_eq!(after.gap(&since("e", 100)), Some(GapReason::Beyond));
        assert_eq!(after.gap(&since("e", 85)), Some(GapReason::Beyond));
        assert_eq!(after.gap(&since("e", 80)), None);
        assert_eq!(after.gap(&since("f", 85)), None);

        let lost_again = view(("g", 90), &[("e", 1), ("g", 81)], 1);
        assert_eq!(lost_again.gap(&since("f", 85)), Some(GapReason::UnknownEpoch));
    }

    #[test]
    fn a_position_whose_continuation_was_trimmed_is_a_gap() {
        let trimmed_empty = view(("e", 80), &[("e", 1)], 81);
        assert_eq!(trimmed_empty.gap(&since("e", 79)), Some(GapReason::Trimmed));
        assert_eq!(trimmed_empty.gap(&since("e", 80)), None);
        assert_eq!(trimmed_empty.gap(&Since::Start), None);
    }
}
