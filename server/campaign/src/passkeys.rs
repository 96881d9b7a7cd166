//! Passkeys, by Web Authentication (W3C, Level 3): registered, shown, signed in by, removed, and begun anew by who lost
//! theirs. Organisers have to show one; of activists none is asked, and one that they have brings them in on another browser.
//! Any node ends a ceremony that another began: its state is kept, sealed under a secret that who began it has.
//!
//! Things to note:
//! * A ceremony ends once. Its challenge is its own, so nothing that was shown in another one ends it.
//! * A passkey belongs to the member whose cookie or code began its registration. Signing in is the one ceremony in which a
//!   member is found by what they show.
//! * What an activist registers never makes an organiser of them, also not later.

mod asserting;
mod ceremony;
pub mod confirmation;
mod recovering;
mod registering;
mod ring;
mod signing_in;

pub use confirmation::{Confirmation, Demand, FIRST_PASSKEY_WITHIN};
pub use recovering::Recovered;
pub use registering::{Registered, Registering};
pub use ring::Described;
pub(crate) use ring::without_passkeys;
pub use signing_in::SigningIn;

use crate::Away;
use identity::{Derived, KeySet, Seals, Secret};
use std::fmt;
use std::time::Duration;
use url::Url;
use webauthn_rs::prelude::{Webauthn, WebauthnBuilder};

protocol::limits! {
    /// How long a ceremony of a passkey may take, from its options to its end; later it is begun anew.
    pub const CEREMONY_TTL: Duration = Duration::from_mins(5) => unseen;
    /// Most passkeys of a member; before a further one is registered one has to be removed.
    pub const PASSKEYS_MAX: usize = 16 => unseen;
    /// How long a code works by which who lost their passkeys begins anew.
    pub const RECOVERY_TTL: Duration = Duration::from_hours(1) => unseen;
}

/// The campaign as passkeys know it: the relying party, and the seals of its ceremonies.
pub struct Passkeys {
    site: Webauthn,
    seals: Seals,
    /// Under what the state of a sign-in is sealed, which begins with nobody's secret.
    sign_ins: Secret,
}

/// The address that people use is none that a passkey can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passkeys belong to a domain, or to localhost")]
pub struct NoDomain;

/// Why a passkey was not registered, shown, removed or made up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// The store is away, or there was no randomness.
    #[error("the store is away; try again later")]
    Away,
    /// No such ceremony: it is over, was ended, or is somebody else's.
    #[error("there is no such ceremony")]
    CeremonyUnknown,
    /// A passkey's counter went back: there are two of it.
    #[error("there are two of this passkey")]
    Cloned,
    /// A device that is bound to no key has to say which it holds.
    #[error("the device has no key")]
    KeyMissing,
    /// An organiser keeps one.
    #[error("the last passkey stays")]
    Last,
    /// No such member.
    #[error("there is no such member")]
    MemberUnknown,
    /// There is none to show.
    #[error("there is no passkey yet")]
    None,
    /// Who lost theirs asks another admin.
    #[error("another admin helps who lost their passkeys")]
    OwnRecovery,
    /// There is no such code, or it was used, or its time is over.
    #[error("there is no such code")]
    RecoveryUnknown,
    /// What the browser says is no good answer to this ceremony.
    #[error("the passkey was not accepted")]
    Refused,
    /// The first passkey is registered right after joining.
    #[error("the time for the first passkey is over")]
    RegistrationClosed,
    /// A passkey has to be shown first.
    #[error("a passkey has to be shown first")]
    StepUpNeeded,
    /// As many as may be.
    #[error("there are as many passkeys as may be")]
    TooMany,
    /// No such passkey.
    #[error("there is no such passkey")]
    Unknown,
    /// Whose passkey it is has come, but an admin has not agreed yet.
    #[error("an admin has not agreed yet")]
    Waiting,
}

impl From<Away> for PasskeyError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl Passkeys {
    /// Passkeys of the domain of the address that people use. Pages of `origins` may ask for them, too, as far as browsers
    /// let them.
    pub fn new(keys: &KeySet, public: &Url, origins: &[Url]) -> Result<Self, NoDomain> {
        let domain = public.domain().ok_or(NoDomain)?;
        let mut site = WebauthnBuilder::new(domain, public).map_err(|_| NoDomain)?.timeout(CEREMONY_TTL);
        for origin in origins {
            site = site.append_allowed_origin(origin);
        }
        Ok(Self {
            site: site.build().map_err(|_| NoDomain)?,
            seals: Seals::new(keys, "passkey ceremonies"),
            sign_ins: Derived::new(keys, "passkey sign-ins").secret(&[]),
        })
    }
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passkeys(…)")
    }
}
