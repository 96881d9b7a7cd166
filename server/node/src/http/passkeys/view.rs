//! What passkeys look like over HTTP.

use crate::assembly::Node;
use crate::clock;
use crate::http::openapi::words::{Milliseconds, PasskeyIdText};
use campaign::SignedIn;
use campaign::passkeys::Described;
use protocol::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyView {
    #[schema(value_type = PasskeyIdText)]
    id: String,
    /// What its owner calls it.
    name: String,
    #[schema(value_type = Milliseconds)]
    created_at_ms: Timestamp,
    #[schema(value_type = Option<Milliseconds>)]
    last_used_at_ms: Option<Timestamp>,
    /// Whether it makes an organiser of its owner where they show it. One that was registered as an activist does not.
    organises: bool,
}

impl From<Described> for PasskeyView {
    fn from(passkey: Described) -> Self {
        let Described { id, name, created_at, last_used_at, organises } = passkey;
        Self { id, name, created_at_ms: created_at, last_used_at_ms: last_used_at, organises }
    }
}

/// How a device stands with its member's passkeys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PasskeyStanding)]
pub(crate) struct StandingView {
    /// Whether this member has to show a passkey before they may what their roles say.
    required: bool,
    /// How many passkeys they have that make an organiser of them; an organiser's alone are counted.
    count: usize,
    /// Until when the last one that was shown on this device counts; nothing, if it does not now.
    #[schema(value_type = Option<Milliseconds>)]
    confirmed_until_ms: Option<Timestamp>,
    /// Until when it counts for what takes a passkey that was shown a moment ago.
    #[schema(value_type = Option<Milliseconds>)]
    stepped_up_until_ms: Option<Timestamp>,
    /// Whether the device is bound to a key, and gets nothing without a proof of it.
    is_bound: bool,
}

impl StandingView {
    pub(crate) fn of(node: &Node, signed_in: &SignedIn) -> Self {
        let now = clock::wall();
        Self {
            required: node.demand.is_made_of(&signed_in.person.member.roles),
            count: signed_in.passkeys,
            confirmed_until_ms: signed_in.confirmation.confirmed_until(now),
            stepped_up_until_ms: signed_in.confirmation.stepped_up_until(now),
            is_bound: signed_in.confirmation.is_bound,
        }
    }

    /// That of somebody whom nothing is asked of.
    pub(crate) const fn of_nobody() -> Self {
        Self {
            required: false,
            count: 0,
            confirmed_until_ms: None,
            stepped_up_until_ms: None,
            is_bound: false,
        }
    }
}
