//! The port to kept state: [`History`], a log per channel, and [`Records`], everything else; and to the other nodes on
//! it, [`Peers`].
//!
//! There are three implementations: `storage-embedded` (one redb file), `storage-redis` (streams and pub/sub), and
//! [`memory`] for tests. Each passes the same suite, `contract` (a feature, for tests). To add one: implement the
//! three traits, write a `contract::Fixture`, and hand it to `storage::contract!`.
//!
//! Things to note:
//! * Time and fresh epochs are arguments. No implementation reads a clock to decide anything.
//! * "Not there" is `Ok(None)`, not an error.
//! * An error says what is known of the effect: nothing happened, or it may have happened.
//! * An answered publish is on stable storage, as far as the store can promise it ([`Durability`]).

#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod feed;
pub mod history;
pub mod lineage;
pub mod memory;
pub mod peers;
pub mod records;
pub mod retention;
pub mod stored;

pub use feed::{Feed, FeedEvent, FeedSender};
pub use history::{
    Draft, Durability, GapReason, History, Page, PageLimit, PublishError, Published, Repair, Replay, Since,
    Unavailable,
};
pub use peers::{AskError, Gathered, Peers, Question, Questions};
pub use records::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Versioned, Write};
pub use retention::{Age, Retention, Trimmed};

/// The bounds of every store.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    history::LIMITS,
    feed::LIMITS,
    records::LIMITS,
    records::answer::LIMITS,
    records::device::LIMITS,
    records::member::LIMITS,
    records::redemption::LIMITS,
    records::posture::LIMITS,
    peers::LIMITS,
];
