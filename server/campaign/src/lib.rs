//! What organisers and activists do, over the records that all nodes share: [`People`] and their devices, and the
//! invites by which they come in.
//!
//! Things to note:
//! * `now` is an argument; nothing here reads a clock.
//! * A change is decided on what was read and committed only if nobody changed that meanwhile; else it is decided again,
//!   a bounded number of times.
//! * A repeated request is the same request: what was answered once is answered again.

pub mod away;
pub mod devices;
pub mod erasure;
pub mod import;
pub mod invites;
pub mod kept;
pub mod members;
pub mod page;
pub mod people;
pub mod personal;
pub mod redeem;
pub mod rights;
pub mod rows;
pub mod transfer;

pub use away::Away;
pub use devices::{SignInError, SignedIn};
pub use page::{Cursor, Page};
pub use people::{People, Person, Revoking};
pub use personal::PersonalData;
pub use redeem::{Attempt, RedeemError};
pub use rights::Rights;

/// The bounds of people's records.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    devices::LIMITS,
    import::LIMITS,
    invites::LIMITS,
    kept::LIMITS,
    members::LIMITS,
    page::LIMITS,
    personal::LIMITS,
    redeem::LIMITS,
    rights::LIMITS,
    rows::LIMITS,
    transfer::LIMITS,
];

#[cfg(test)]
mod tests;
