//! What organisers and activists do, over the records that all nodes share.
//!
//! Things to note:
//! * `now` is an argument; nothing here reads a clock.
//! * A change is decided on what was read and committed only if nobody changed that meanwhile; else it is decided again,
//!   a bounded number of times.
//! * A repeated request is the same request: what was answered once is answered again.

pub mod away;
pub mod kept;
pub mod page;

pub use away::Away;
pub use page::{Cursor, Page};

/// The bounds of people's records.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[kept::LIMITS, page::LIMITS];
