//! What organisers and activists do, over the records that all nodes share: [`People`] and their devices, and the
//! invites by which they come in; bulletins, who has to approve them, for whom they are and who received them; what
//! members and organisers write to each other.
//!
//! Things to note:
//! * `now` is an argument; nothing here reads a clock.
//! * A change is decided on what was read and committed only if nobody changed that meanwhile; else it is decided again,
//!   a bounded number of times.
//! * A repeated request is the same request: what was answered once is answered again.

mod admins;
pub mod answers;
pub mod approval;
pub mod attachments;
pub mod audience;
pub mod away;
pub mod bulletin;
pub mod bulletins;
pub mod changes;
pub mod conversation;
pub mod devices;
pub mod erasure;
pub mod export;
pub mod import;
pub mod inbox;
pub mod invites;
pub mod kept;
pub mod leaving;
pub mod linking;
pub mod markdown;
pub mod members;
pub mod page;
pub mod passkeys;
pub mod people;
pub mod personal;
pub mod reading_out;
pub mod receipts;
pub mod redeem;
pub mod rights;
pub mod rolls;
pub mod rows;
pub mod schedule;
pub mod sign_on;
pub mod transfer;
pub mod trust;
pub mod web_push;

pub use answers::Answers;
pub use away::Away;
pub use devices::{SignInError, SignedIn};
pub use leaving::LeaveError;
pub use linking::{LinkError, OwnAccount};
pub use markdown::Markdown;
pub use page::{Cursor, Page};
pub use passkeys::{Confirmation, Demand, PasskeyError, Passkeys};
pub use people::{People, Person, Revoking};
pub use personal::PersonalData;
pub use redeem::{Attempt, RedeemError};
pub use rights::Rights;
pub use sign_on::{Account, SignOnError, SignedOn};

/// The bounds of people's records.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    approval::LIMITS,
    attachments::LIMITS,
    attachments::CLEAN,
    audience::LIMITS,
    audience::roll::LIMITS,
    bulletin::content::LIMITS,
    bulletin::state::LIMITS,
    bulletin::statement::LIMITS,
    bulletins::clockwork::LIMITS,
    changes::LIMITS,
    conversation::LIMITS,
    devices::LIMITS,
    import::LIMITS,
    invites::LIMITS,
    kept::LIMITS,
    leaving::LIMITS,
    markdown::LIMITS,
    members::LIMITS,
    page::LIMITS,
    passkeys::LIMITS,
    passkeys::confirmation::LIMITS,
    personal::LIMITS,
    reading_out::LIMITS,
    receipts::LIMITS,
    receipts::kept::LIMITS,
    redeem::LIMITS,
    rights::LIMITS,
    rolls::LIMITS,
    rows::LIMITS,
    transfer::LIMITS,
    web_push::choice::LIMITS,
    web_push::endpoint::LIMITS,
    web_push::notification::LIMITS,
    web_push::retry::LIMITS,
    web_push::rounds::LIMITS,
    web_push::shown::LIMITS,
    web_push::subject::LIMITS,
];

#[cfg(test)]
mod tests;
