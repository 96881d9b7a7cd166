//! The answer to a request that may come again, because its first answer was lost on the way. Its id is the hash of a
//! secret that is made of whose request it is and of their word for it; what is kept is sealed under that secret.

use serde::{Deserialize, Serialize};
use std::time::Duration;

protocol::limits! {
    /// How long the answer to a request with an idempotency key is kept and given again; later the key is a new one.
    pub const ANSWER_KEPT_FOR: Duration = Duration::from_hours(24) => unseen;
    /// How long a request with an idempotency key counts as under way; if there is no answer then, its node is gone, and
    /// the key may be used again.
    pub const ANSWER_AWAITED_FOR: Duration = Duration::from_mins(2) => unseen;
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// A keyed hash of what was asked.
    pub request: String,
    /// A random word for one try to do it, so that nobody ends what another has begun.
    pub errand: String,
    /// The answer, sealed; nothing, as long as the request is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("is_given", &self.sealed.is_some()).finish_non_exhaustive()
    }
}
