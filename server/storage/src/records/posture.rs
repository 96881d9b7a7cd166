//! What nodes tell each other of how hard pressed they are, and what operators and admins said to all of them. All of it
//! is read by one scan, in which what binds everybody comes before what single nodes tell.
//!
//! Postures are words here, so that a node passes over one that a later version knows.

use super::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Versioned, Write};
use crate::history::Unavailable;
use protocol::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

protocol::limits! {
    /// How long what a node told counts; a node that tells nothing for so long is as if it were not there.
    pub const POSTURE_FRESH_FOR: Duration = Duration::from_secs(30) => shown "holdfast_posture_nodes";
    /// Most records of postures that are read at once, those of nodes that ended within the hour among them; of more nodes the
    /// others are passed over.
    pub const POSTURES_READ_MAX: usize = 1_000 => shown "holdfast_posture_nodes";
}

const NODE: &str = "node:";
const OVERRIDE: &str = "all:override";
const STATEMENT: &str = "all:statement";
const ANNOUNCED: &str = "all:announced";

/// What one node decided alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePosture {
    /// Its posture.
    pub posture: String,
    /// Since when.
    pub since: Timestamp,
}

/// What an operator orders, for all nodes and for a time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The posture.
    pub posture: String,
    /// Who ordered it, in their own words.
    pub who: String,
    /// And why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// What an admin says to everybody on the status page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The words; nothing after the all-clear.
    pub text: Option<String>,
    /// When it was said.
    pub at: Timestamp,
}

/// The last word on `service:status`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// 1, 2, 3…: which word it is.
    pub number: u64,
    /// The posture of the deployment.
    pub posture: String,
    /// Since when.
    pub since: Timestamp,
    /// What an admin says besides.
    #[serde(default)]
    pub message: Option<String>,
    /// The serial of the manifest of organisers' keys, if one is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_serial: Option<u64>,
    /// When it was said.
    pub at: Timestamp,
    /// Whether it was posted. One that was not is posted by whoever sees it, before there is another.
    pub is_posted: bool,
}

/// These name people, or say what is not for logs.
macro_rules! hidden {
    ($($kind:ident),+) => {
        $(impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}
hidden!(Override, Statement, Announced);

/// Everything of this kind, as one scan found it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Postures {
    /// What other nodes told that counts still.
    pub peers: Vec<NodePosture>,
    /// What an operator orders.
    pub forced: Option<Override>,
    /// What an admin says.
    pub statement: Option<Statement>,
    /// The last word, and the version of its record.
    pub announced: Option<(u64, Announced)>,
}

/// Reads everything; what a node told under the id `own` is left out.
pub async fn read(records: &dyn Records, own: &str, now: Timestamp) -> Result<Postures, Unavailable> {
    let (found, _) = records.scan(RecordKind::Posture, None, POSTURES_READ_MAX, now).await?;
    let mut postures = Postures::default();
    for (id, record) in found {
        match id.as_str() {
            OVERRIDE => postures.forced = parse(&record),
            STATEMENT => postures.statement = parse(&record),
            ANNOUNCED => postures.announced = parse(&record).map(|announced| (record.version, announced)),
            id => {
                let is_other = id.strip_prefix(NODE).is_some_and(|node| node != own);
                postures.peers.extend(is_other.then(|| parse::<NodePosture>(&record)).flatten());
            }
        }
    }
    Ok(postures)
}

/// Tells the others what this node decided; it counts for [`POSTURE_FRESH_FOR`].
pub async fn tell(
    records: &dyn Records,
    own: &str,
    posture: &NodePosture,
    now: Timestamp,
) -> Result<(), CommitError> {
    let change = put(posture, Some(now.after(POSTURE_FRESH_FOR)))?;
    write(records, &format!("{NODE}{own}"), Expect::Any, change, now).await
}

/// A node that ends is no longer counted.
pub async fn leave(records: &dyn Records, own: &str, now: Timestamp) -> Result<(), CommitError> {
    write(records, &format!("{NODE}{own}"), Expect::Any, Change::Delete, now).await
}

/// Orders a posture for all nodes, or takes the order back. It ends by itself.
pub async fn order(
    records: &dyn Records,
    forced: Option<&Override>,
    now: Timestamp,
) -> Result<(), CommitError> {
    let change = forced.map_or(Ok(Change::Delete), |forced| put(forced, Some(forced.until)))?;
    write(records, OVERRIDE, Expect::Any, change, now).await
}

/// Says something to everybody, for the last one to say so.
pub async fn say(records: &dyn Records, statement: &Statement, now: Timestamp) -> Result<(), CommitError> {
    write(records, STATEMENT, Expect::Any, put(statement, None)?, now).await
}

/// Records a word for `service:status`, if nobody has since `version` (0: ever).
pub async fn announce(
    records: &dyn Records,
    announced: &Announced,
    version: u64,
    now: Timestamp,
) -> Result<(), CommitError> {
    let expect = if version == 0 { Expect::Absent } else { Expect::Version(version) };
    write(records, ANNOUNCED, expect, put(announced, None)?, now).await
}

async fn write(
    records: &dyn Records,
    id: &str,
    expect: Expect,
    change: Change,
    now: Timestamp,
) -> Result<(), CommitError> {
    let id = RecordId::parse(id).ok_or(CommitError::Unavailable)?;
    let key = RecordKey { kind: RecordKind::Posture, id };
    records.commit(vec![Write { key, expect, change }], now).await
}

fn put<T: Serialize>(record: &T, expires_at: Option<Timestamp>) -> Result<Change, CommitError> {
    let data = serde_json::to_vec(record).map_err(|_| CommitError::Unavailable)?;
    Ok(Change::Put { data, expires_at })
}

/// A record that cannot be read is as if it were not there.
fn parse<T: DeserializeOwned>(record: &Versioned) -> Option<T> {
    serde_json::from_slice(&record.data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use protocol::Epoch;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn store() -> MemoryStore {
        MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()))
    }

    fn posture(word: &str) -> NodePosture {
        NodePosture { posture: word.to_owned(), since: NOW }
    }

    fn announced(number: u64) -> Announced {
        let (posture, message) = ("normal".to_owned(), None);
        Announced { number, posture, since: NOW, message, trust_serial: None, at: NOW, is_posted: false }
    }

    #[tokio::test]
    async fn a_node_hears_of_the_others_until_they_fall_silent_or_leave() {
        let store = store();
        tell(&store, "a", &posture("elevated"), NOW).await.unwrap();
        tell(&store, "b", &posture("survival"), NOW).await.unwrap();
        let peers = async |own: &str, now| read(&store, own, now).await.unwrap().peers;
        assert_eq!(peers("a", NOW).await, [posture("survival")]);
        assert_eq!(peers("c", NOW).await, [posture("elevated"), posture("survival")]);
        leave(&store, "b", NOW).await.unwrap();
        assert_eq!(peers("c", NOW).await, [posture("elevated")]);
        assert_eq!(peers("c", NOW.after(POSTURE_FRESH_FOR)).await, []);
    }

    #[tokio::test]
    async fn an_order_ends_by_itself_or_when_it_is_taken_back() {
        let store = store();
        let forced = Override {
            posture: "survival".to_owned(),
            who: "duty officer".to_owned(),
            why: "a drill".to_owned(),
            since: NOW,
            until: NOW.after(Duration::from_mins(30)),
        };
        order(&store, Some(&forced), NOW).await.unwrap();
        let known = async |now| read(&store, "a", now).await.unwrap().forced;
        assert_eq!(known(NOW).await.as_ref(), Some(&forced));
        assert_eq!(known(forced.until).await, None);
        order(&store, None, NOW).await.unwrap();
        assert_eq!(known(NOW).await, None);
    }

    #[tokio::test]
    async fn of_two_nodes_that_have_the_same_word_to_say_one_says_it() {
        let store = store();
        announce(&store, &announced(1), 0, NOW).await.unwrap();
        assert_eq!(announce(&store, &announced(1), 0, NOW).await, Err(CommitError::Conflict));
        let (version, first) = read(&store, "a", NOW).await.unwrap().announced.unwrap();
        assert_eq!(first, announced(1));
        announce(&store, &announced(2), version, NOW).await.unwrap();
        assert_eq!(announce(&store, &announced(2), version, NOW).await, Err(CommitError::Conflict));
    }

    #[tokio::test]
    async fn what_binds_everybody_is_read_however_many_nodes_there_are() {
        let store = store();
        for number in 0..POSTURES_READ_MAX + 50 {
            tell(&store, &format!("{number}"), &posture("normal"), NOW).await.unwrap();
        }
        let statement = Statement { text: Some("We are here.".to_owned()), at: NOW };
        say(&store, &statement, NOW).await.unwrap();
        let known = read(&store, "own", NOW).await.unwrap();
        assert_eq!(known.statement, Some(statement));
        assert!(known.peers.len() < POSTURES_READ_MAX);
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_read_is_passed_over() {
        let store = store();
        for id in [OVERRIDE, STATEMENT, ANNOUNCED, "node:x", "something else"] {
            let id = id.replace(' ', "-");
            let change = Change::Put { data: b"{\"posture\":7}".to_vec(), expires_at: None };
            write(&store, &id, Expect::Any, change, NOW).await.unwrap();
        }
        assert_eq!(read(&store, "a", NOW).await.unwrap(), Postures::default());
    }

    #[test]
    fn words_and_names_of_people_do_not_appear_in_debug_output() {
        let statement = Statement { text: Some("secret".to_owned()), at: NOW };
        assert_eq!(format!("{statement:?}"), "Statement(…)");
    }
}
