//! Who did what to whom or to what, with what was before and after: one hash-chained line after the other, and now and
//! then a signed line that says where the chain ends.
//!
//! ```text
//! Entry ─▶ Chain ─▶ line, sealed on disk by `node` ─▶ Check ─▶ what is wrong, and where
//!             └─▶ Head, signed ─▶ kept elsewhere ─▶ Check
//! ```
//!
//! **Invariant:** members are named by their id alone, and no text that somebody wrote is in an entry.

mod action;
mod check;
mod entry;
mod finding;
mod head;
mod retention;

pub use action::Action;
pub use check::Check;
pub use entry::{AUDIT, AUDIT_STATE_MAX_BYTES, Actor, Entry, InvalidSubject, State, Subject};
pub use finding::{Checked, Finding, Findings, Place, Wrong};
pub use head::{ChainId, Head, InvalidChainId, LastGone, Removed, SignedHead};
pub use retention::{Applied, Class, Joined};
