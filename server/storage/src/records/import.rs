//! A row of an imported list: whom it made, so that the same list can be imported again. Its id is a keyed hash of the
//! campaign's own reference to the person.

use protocol::MemberId;
use serde::{Deserialize, Serialize};

/// Who came of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The member that the row made.
    pub member: MemberId,
}

impl std::fmt::Debug for ImportRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ImportRow(…)")
    }
}
