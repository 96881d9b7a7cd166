//! Rounds: notifications of one bulletin to all devices of its audience. How far a round is is kept after each page, and one
//! node at a time does it, for [`ROUND_HOLD`]: if that node dies, another goes on.

use super::subject::{PUSH_TTL_MAX, Subject};
use crate::Away;
use crate::bulletin::{AnyBulletin, BulletinId};
use crate::kept::{self, Kept};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use storage::{Expect, RecordId, RecordKey, RecordKind, Records, Write};

protocol::limits! {
    /// How long a node may take over a page of a round before it says that it is still at it; then another goes on.
    pub const ROUND_HOLD: Duration = Duration::from_mins(1) => unseen;
    /// Most rounds that are looked at at once; the others have their turn afterwards.
    pub const ROUNDS_READ_MAX: usize = 64 => unseen;
}

/// In which order rounds go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Those of urgent bulletins.
    Urgent,
    /// The others.
    Normal,
}

impl Rank {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Urgent => "0.",
            Self::Normal => "1.",
        }
    }
}

/// What is kept of a round.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RoundRecord {
    bulletin: Option<BulletinId>,
    since: Timestamp,
    /// After which address it goes on.
    #[serde(default)]
    cursor: Option<String>,
    node: String,
    until: Timestamp,
}

/// A round that this node does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Of which bulletin.
    pub bulletin: BulletinId,
    /// Since when.
    pub since: Timestamp,
    /// After which address it goes on.
    pub cursor: Option<RecordId>,
    lease: Lease,
}

/// That something is this node's to do, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    key: RecordKey,
    version: u64,
}

/// All rounds.
#[derive(Debug, Clone)]
pub struct Rounds {
    records: Arc<dyn Records>,
}

/// The write that begins the round of a bulletin that went or was withdrawn, if there is anything to tell.
pub(crate) fn beginning(bulletin: &AnyBulletin, now: Timestamp) -> Result<Option<Write>, Away> {
    let id = &bulletin.core().id;
    let Some(subject) = Subject::of(bulletin, id, now) else { return Ok(None) };
    let rank = if subject.is_urgent { Rank::Urgent } else { Rank::Normal };
    let key = round_key(rank, now, id)?;
    let record = RoundRecord {
        bulletin: Some(id.clone()),
        since: now,
        cursor: None,
        node: String::new(),
        until: Timestamp::default(),
    };
    kept::put(key, Expect::Any, &record, Some(subject.ends)).map(Some)
}

fn round_key(rank: Rank, at: Timestamp, bulletin: &BulletinId) -> Result<RecordKey, Away> {
    let id = format!("{}{:013}.{}", rank.prefix(), at.as_millis(), bulletin.as_str());
    kept::key(RecordKind::PushRound, &id)
}

impl Rounds {
    /// Those in a store.
    pub const fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Takes the first round of a rank that no other node is at.
    pub async fn take(&self, rank: Rank, node: &str, now: Timestamp) -> Result<Option<Round>, Away> {
        let kind = RecordKind::PushRound;
        let (found, _) =
            kept::beginning_with(&*self.records, kind, rank.prefix(), None, ROUNDS_READ_MAX, now).await?;
        for (id, record) in found {
            let held: RoundRecord = kept::read(&record.data)?;
            let is_free = held.until <= now || held.node == node;
            let Some(bulletin) = held.bulletin.clone().filter(|_| is_free) else { continue };
            let (since, cursor) = (held.since, held.cursor.as_deref().and_then(RecordId::parse));
            let key = RecordKey { kind, id };
            if let Some(lease) = self.hold(key, held, Expect::Version(record.version), node, now).await? {
                return Ok(Some(Round { bulletin, since, cursor, lease }));
            }
        }
        Ok(None)
    }

    async fn hold(
        &self,
        key: RecordKey,
        held: RoundRecord,
        expect: Expect,
        node: &str,
        now: Timestamp,
    ) -> Result<Option<Lease>, Away> {
        let held = RoundRecord { node: node.to_owned(), until: now.after(ROUND_HOLD), ..held };
        let expires_at = held.bulletin.is_some().then(|| held.since.after(PUSH_TTL_MAX));
        let writes = vec![kept::put(key.clone(), expect, &held, expires_at)?];
        if !kept::committed(&*self.records, writes, now).await? {
            return Ok(None);
        }
        let kept = kept::get::<RoundRecord>(&*self.records, &key, now).await?;
        let version = kept.filter(|kept| kept.value == held).map(|kept| kept.version);
        Ok(version.map(|version| Lease { key, version }))
    }

    /// All addresses up to this one are seen to. Answers the round if it is still this node's.
    pub async fn advance(
        &self,
        round: &Round,
        cursor: &RecordId,
        node: &str,
        now: Timestamp,
    ) -> Result<Option<Round>, Away> {
        let record = RoundRecord {
            bulletin: Some(round.bulletin.clone()),
            since: round.since,
            cursor: Some(cursor.as_str().to_owned()),
            node: String::new(),
            until: Timestamp::default(),
        };
        let (key, expect) = (round.lease.key.clone(), Expect::Version(round.lease.version));
        let lease = self.hold(key, record, expect, node, now).await?;
        Ok(lease.map(|lease| Round { cursor: Some(cursor.clone()), lease, ..round.clone() }))
    }

    /// Leaves a round, so that another node goes on with it at once.
    pub async fn release(&self, round: &Round, now: Timestamp) -> Result<(), Away> {
        let key = &round.lease.key;
        let Some(kept) = kept::get::<RoundRecord>(&*self.records, key, now).await? else { return Ok(()) };
        let (node, until) = (String::new(), Timestamp::default());
        let free = RoundRecord { node, until, ..kept.value };
        let expires_at = Some(free.since.after(PUSH_TTL_MAX));
        let write = kept::put(key.clone(), Expect::Version(round.lease.version), &free, expires_at)?;
        kept::committed(&*self.records, vec![write], now).await.map(drop)
    }

    /// All are seen to.
    pub async fn end(&self, round: &Round, now: Timestamp) -> Result<(), Away> {
        let gone =
            Write { expect: Expect::Version(round.lease.version), ..kept::delete(round.lease.key.clone()) };
        // If another does it, it finds the same.
        kept::committed(&*self.records, vec![gone], now).await.map(drop)
    }

    /// Takes what waits, all of it, for as long as a round's page: one node at a time sees to it.
    pub async fn take_waiting(&self, node: &str, now: Timestamp) -> Result<bool, Away> {
        let key = kept::key(RecordKind::PushRound, "2.waiting")?;
        let found = kept::get::<RoundRecord>(&*self.records, &key, now).await?;
        let (held, expect) = match found {
            Some(Kept { value, .. }) if value.until > now && value.node != node => return Ok(false),
            Some(Kept { value, version }) => (value, Expect::Version(version)),
            None => {
                let (node, until) = (String::new(), Timestamp::default());
                (RoundRecord { bulletin: None, since: now, cursor: None, node, until }, Expect::Absent)
            }
        };
        Ok(self.hold(key, held, expect, node, now).await?.is_some())
    }

    /// Since when the oldest round is under way, if there is any.
    pub async fn oldest(&self, now: Timestamp) -> Result<Option<Timestamp>, Away> {
        let mut oldest: Option<Timestamp> = None;
        for rank in [Rank::Urgent, Rank::Normal] {
            let kind = RecordKind::PushRound;
            let (found, _) = kept::beginning_with(&*self.records, kind, rank.prefix(), None, 1, now).await?;
            for (_, record) in found {
                let since = kept::read::<RoundRecord>(&record.data)?.since;
                oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
            }
        }
        Ok(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn bulletin(n: u8) -> BulletinId {
        BulletinId::new(NOW, [n; 10])
    }

    async fn rounds(of: &[(Rank, u8)]) -> Rounds {
        let rounds = Rounds::new(crate::web_push::memory());
        for (rank, n) in of {
            let at = NOW.after(Duration::from_millis(u64::from(*n)));
            let record = RoundRecord {
                bulletin: Some(bulletin(*n)),
                since: NOW,
                cursor: None,
                node: String::new(),
                until: Timestamp::default(),
            };
            let write = kept::put(round_key(*rank, at, &bulletin(*n)).unwrap(), Expect::Any, &record, None);
            rounds.records.commit(vec![write.unwrap()], NOW).await.unwrap();
        }
        rounds
    }

    #[tokio::test]
    async fn one_node_does_a_round_and_if_it_dies_another_goes_on_where_it_was() {
        let rounds = rounds(&[(Rank::Normal, 1), (Rank::Urgent, 2)]).await;
        let round = rounds.take(Rank::Normal, "one", NOW).await.unwrap().unwrap();
        assert_eq!((&round.bulletin, &round.cursor), (&bulletin(1), &None));
        assert_eq!(rounds.take(Rank::Normal, "two", NOW).await.unwrap(), None);
        assert_eq!(rounds.take(Rank::Urgent, "two", NOW).await.unwrap().unwrap().bulletin, bulletin(2));
        let cursor = RecordId::parse("0000001f.d").unwrap();
        let round = rounds.advance(&round, &cursor, "one", NOW).await.unwrap().unwrap();
        let late = NOW.after(ROUND_HOLD);
        let taken = rounds.take(Rank::Normal, "two", late).await.unwrap().unwrap();
        assert_eq!((&taken.bulletin, taken.cursor.as_ref()), (&bulletin(1), Some(&cursor)));
        assert_eq!(rounds.advance(&round, &cursor, "one", late).await.unwrap(), None, "it is another's now");
        rounds.end(&round, late).await.unwrap();
        assert_eq!(
            rounds.oldest(late).await.unwrap(),
            Some(NOW),
            "and is not ended by whom it was taken from"
        );
        rounds.release(&round, late).await.unwrap();
        assert_eq!(rounds.take(Rank::Normal, "one", late).await.unwrap(), None, "nor left");
        rounds.release(&taken, late).await.unwrap();
        let taken = rounds.take(Rank::Normal, "one", late).await.unwrap().unwrap();
        assert_eq!(taken.cursor.as_ref(), Some(&cursor));
        rounds.end(&taken, late).await.unwrap();
        assert_eq!(rounds.take(Rank::Normal, "two", late).await.unwrap(), None);
    }

    #[tokio::test]
    async fn one_node_at_a_time_sees_to_what_waits() {
        let rounds = rounds(&[]).await;
        assert!(rounds.take_waiting("one", NOW).await.unwrap());
        assert!(rounds.take_waiting("one", NOW).await.unwrap());
        assert!(!rounds.take_waiting("two", NOW).await.unwrap());
        assert!(rounds.take_waiting("two", NOW.after(ROUND_HOLD)).await.unwrap());
        assert_eq!(rounds.take(Rank::Urgent, "two", NOW).await.unwrap(), None);
    }
}
