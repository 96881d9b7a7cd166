//! One sign-in under way, as the browser that began it keeps it: sealed, for minutes, in a cookie that the sign-on's answer
//! comes back with. Nothing of it is kept here.

use identity::{Derived, KeySet, Seals, Secret};
use protocol::{DeviceId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// How long somebody may take to sign on elsewhere; then they begin again.
    pub(crate) const SIGN_ON_TTL: Duration = Duration::from_mins(10) => unseen;
}

/// Where somebody goes who has signed on: a page of ours, and no other address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Destination {
    /// The activists' app.
    #[default]
    App,
    /// The organisers' console.
    Console,
}

/// What somebody signs on for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// To come in.
    #[default]
    SignIn,
    /// To have the account sign in a member from now on, who asked for it on a device of theirs.
    Link { member: MemberId, device: DeviceId },
}

/// What has to come back as it went.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// Shown by the sign-on's answer: it is an answer to this browser's question (RFC 6749 §10.12).
    pub(crate) state: String,
    /// In the ID token: it was made for this sign-in.
    pub(crate) nonce: String,
    /// Shown for the code: whoever has the code alone gets nothing (RFC 7636).
    pub(crate) verifier: String,
    pub(crate) to: Destination,
    #[serde(default)]
    pub(crate) purpose: Purpose,
    pub(crate) ends_at: Timestamp,
}

/// Seals them.
pub(super) struct Flows {
    seals: Seals,
    key: Secret,
}

const PLACE: &str = "sign-on";

impl Destination {
    /// The page that is asked for; the app, if it is no page of these.
    pub(crate) fn of(path: Option<&str>) -> Self {
        if path == Some("/console") { Self::Console } else { Self::App }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::App => "/",
            Self::Console => "/console",
        }
    }

    /// The place on the page where people see to their own account.
    pub(crate) const fn own_place(self) -> &'static str {
        match self {
            Self::App => "#me/sign-on",
            Self::Console => "#account",
        }
    }
}

impl Flows {
    pub(super) fn new(keys: &KeySet) -> Self {
        let key = Derived::new(keys, "sign-on flows").secret(&[]);
        Self { seals: Seals::new(keys, "sign-on flows"), key }
    }

    /// The cookie's text.
    pub(super) fn seal(&self, flow: &Flow) -> Option<String> {
        let text = serde_json::to_vec(flow).ok()?;
        self.seals.seal(&self.key, PLACE, &text).ok()
    }

    /// The sign-in that a cookie has, if its time is not over.
    pub(super) fn open(&self, sealed: &str, now: Timestamp) -> Option<Flow> {
        let text = self.seals.open(&self.key, PLACE, sealed).ok()?;
        let flow: Flow = serde_json::from_slice(&text).ok()?;
        (flow.ends_at > now).then_some(flow)
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flow(…)")
    }
}

impl fmt::Debug for Flows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flows(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_sign_in_comes_back_as_it_went_until_its_time_is_over() {
        let keys = KeySet::generate().unwrap();
        let flow = Flow {
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            to: Destination::Console,
            purpose: Purpose::Link {
                member: MemberId::parse("m_1").unwrap(),
                device: DeviceId::parse("d_1").unwrap(),
            },
            ends_at: NOW.after(SIGN_ON_TTL),
        };
        let sealed = Flows::new(&keys).seal(&flow).unwrap();
        assert_eq!(Flows::new(&keys).open(&sealed, NOW), Some(flow.clone()), "at any node");
        assert_eq!(Flows::new(&keys).open(&sealed, flow.ends_at), None);
        assert_eq!(Flows::new(&KeySet::generate().unwrap()).open(&sealed, NOW), None);
        assert_eq!(Flows::new(&keys).open(&sealed[1..], NOW), None);
    }

    #[test]
    fn nobody_is_sent_anywhere_else() {
        for path in
            [None, Some("//evil.example"), Some("https://evil.example"), Some("/console/../x"), Some("/\\")]
        {
            assert_eq!(Destination::of(path), Destination::App);
        }
        assert_eq!(Destination::of(Some("/console")).path(), "/console");
    }
}
