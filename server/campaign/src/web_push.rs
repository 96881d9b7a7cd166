//! Notifications: what a phone that sleeps is sent through a push service (RFC 8030), so that its owner learns that there is
//! something to read. Push services belong to the makers of browsers: they see when which device is sent something and how
//! long it is, and nothing of what it says (RFC 8291).
//!
//! Things to note:
//! * A device has one address, which it told itself, and which is gone when it is signed out.
//! * All decisions are here: whom, what, when, and what an answer means. Who connects and reads clocks is `node`.

pub mod addresses;
pub mod choice;
pub mod endpoint;
pub mod keys;
pub mod notification;
pub mod quiet;
pub mod retry;
pub mod rounds;
pub mod shown;
pub mod subject;
pub mod verdict;
pub mod waiting;

/// A store in memory.
#[cfg(test)]
fn memory() -> std::sync::Arc<storage::memory::MemoryStore> {
    let epoch = std::sync::Arc::new(|| protocol::Epoch::parse("e").unwrap());
    std::sync::Arc::new(storage::memory::MemoryStore::new(epoch))
}

pub use addresses::{FoundAddress, KeepError, PushAddress};
pub use choice::{Choice, Shows, Tongue};
pub use endpoint::{Endpoint, EndpointRefused, PushHosts, is_public};
pub use keys::{PushKeys, PushKeysForm};
pub use notification::{Notification, Told};
pub use quiet::{Quiet, QuietForm};
pub use retry::{Answer, Services};
pub use rounds::{Rank, Round, Rounds};
pub use shown::ShownTokens;
pub use subject::{About, News, Subject};
pub use verdict::{Verdict, verdict};
pub use waiting::{Due, Put, Waiting, Waits};
