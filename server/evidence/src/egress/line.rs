//! A line of the account, as JSON. Members' ids are personal data: lines go into files for the operator alone.

use crate::account::Account;
use protocol::limits::{CHANNEL_NAME_MAX_BYTES, Limit, MEMBER_ID_MAX_BYTES};
use protocol::{ChannelName, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What `begin` says of the lines that follow.
pub const FORMAT_VERSION: u32 = 1;
protocol::limits! {
    /// Most accounts in one line of the account of what left; more make more lines.
    pub const LINE_ACCOUNTS_MAX: usize = 10_000 => unseen;
}

/// The bounds of a line, described.
pub const LINE: &[Limit] = LIMITS;
/// Longest line that can come about, with room to spare; a reader passes over longer ones.
pub const LINE_MAX_BYTES: usize =
    LINE_ACCOUNTS_MAX * (MEMBER_ID_MAX_BYTES + 3) + CHANNEL_NAME_MAX_BYTES + 512;

/// One line. Bytes and publications are those of each account in it; an account that stands in it twice got them
/// twice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Line {
    /// A node began to tell.
    Begin {
        /// When.
        at: Timestamp,
        /// [`FORMAT_VERSION`].
        version: u32,
    },
    /// It told all that it had, and stopped. A life without this one may lack its last seconds.
    End {
        /// When.
        at: Timestamp,
        /// When it began.
        began: Timestamp,
    },
    /// Publications of a channel.
    Range {
        /// Bytes left after this.
        since: Timestamp,
        /// Bytes left before this.
        until: Timestamp,
        /// Which channel.
        channel: ChannelName,
        /// The lowest offset.
        first: u64,
        /// The highest offset.
        last: u64,
        /// How many.
        publications: u64,
        /// Their bytes.
        bytes: u64,
        /// Whether the offsets are the outer ones only.
        #[serde(rename = "coarse", default, skip_serializing_if = "is_false")]
        is_coarse: bool,
        /// To whom.
        accounts: Vec<Account>,
    },
    /// Replies, framing, HTTP.
    Other {
        /// Bytes left after this.
        since: Timestamp,
        /// Bytes left before this.
        until: Timestamp,
        /// Publications among them, whose channels are not told.
        #[serde(default, skip_serializing_if = "is_zero")]
        publications: u64,
        /// The bytes.
        bytes: u64,
        /// To whom.
        accounts: Vec<Account>,
    },
    /// Bytes of more accounts than a node could hold.
    Unattributed {
        /// Bytes left after this.
        since: Timestamp,
        /// Bytes left before this.
        until: Timestamp,
        /// Publications among them.
        publications: u64,
        /// All of the bytes.
        bytes: u64,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Line {
    /// The line with its end. A text that was cut anywhere is no line.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a line, with or without its end; nothing if it is torn or damaged.
    pub fn from_text(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// The bytes of all accounts in it together.
    pub fn total_bytes(&self) -> u64 {
        match self {
            Self::Begin { .. } | Self::End { .. } => 0,
            Self::Range { bytes, accounts, .. } | Self::Other { bytes, accounts, .. } => {
                bytes.saturating_mul(u64::try_from(accounts.len()).unwrap_or(u64::MAX))
            }
            Self::Unattributed { bytes, .. } => *bytes,
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Begin { .. } => "Begin",
            Self::End { .. } => "End",
            Self::Range { .. } => "Range",
            Self::Other { .. } => "Other",
            Self::Unattributed { .. } => "Unattributed",
        };
        write!(f, "{what}({} bytes)", self.total_bytes())
    }
}
