//! Ceremonies under way, as they are kept.

use super::ring::yes;
use super::{CEREMONY_TTL, PasskeyError, Passkeys};
use crate::kept::{self, Kept};
use crate::people::People;
use identity::Secret;
use protocol::{DeviceId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::records::passkey;
use storage::{Expect, RecordKey, RecordKind, Write};
use webauthn_rs::prelude::{PasskeyAuthentication, PasskeyRegistration};

/// Whose ceremony it is, and what it takes to end it.
#[derive(Serialize, Deserialize)]
pub(super) struct Ceremony {
    pub(super) member: MemberId,
    /// The device on which it was begun, and is to end; nothing, where a code stands for it.
    pub(super) device: Option<DeviceId>,
    pub(super) what: What,
}

#[derive(Serialize, Deserialize)]
pub(super) enum What {
    /// A passkey is shown.
    Assertion { state: PasskeyAuthentication },
    /// One is registered.
    Registration {
        name: String,
        /// Whether it is to make an organiser of its owner.
        #[serde(default = "yes")]
        organises: bool,
        /// How many of those there were.
        had: usize,
        /// The id of the code that it began with.
        recovery: Option<String>,
        state: PasskeyRegistration,
    },
}

/// A ceremony that was read, and where it is.
pub(super) struct Begun {
    pub(super) ceremony: Ceremony,
    key: RecordKey,
    version: u64,
}

impl Begun {
    /// The write that ends it, once.
    pub(super) fn ended(&self) -> Write {
        Write { expect: Expect::Version(self.version), ..kept::delete(self.key.clone()) }
    }
}

/// What stands in the place that a ceremony is sealed for.
const PLACE: &str = "ceremony";

impl Passkeys {
    /// Keeps a ceremony; answers the secret by which it is found again.
    pub(super) async fn keep(
        &self,
        people: &People,
        ceremony: &Ceremony,
        now: Timestamp,
    ) -> Result<Secret, PasskeyError> {
        let secret = Secret::random().map_err(|_| PasskeyError::Away)?;
        let text = serde_json::to_vec(ceremony).map_err(|_| PasskeyError::Away)?;
        let sealed = self.seals.seal(&secret, PLACE, &text).map_err(|_| PasskeyError::Away)?;
        let record = passkey::Ceremony { sealed };
        let write = kept::put(key(&secret)?, Expect::Absent, &record, Some(now.after(CEREMONY_TTL)))?;
        people.records.commit(vec![write], now).await.map_err(|_| PasskeyError::Away)?;
        Ok(secret)
    }

    /// A ceremony that was begun and has not ended.
    pub(super) async fn begun(
        &self,
        people: &People,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Begun, PasskeyError> {
        let key = key(secret)?;
        let record = kept::get::<passkey::Ceremony>(&*people.records, &key, now).await?;
        let Kept { value, version } = record.ok_or(PasskeyError::CeremonyUnknown)?;
        let text =
            self.seals.open(secret, PLACE, &value.sealed).map_err(|_| PasskeyError::CeremonyUnknown)?;
        Ok(Begun { ceremony: kept::read(&text)?, key, version })
    }
}

fn key(secret: &Secret) -> Result<RecordKey, PasskeyError> {
    Ok(kept::key(RecordKind::PasskeyCeremony, secret.hash().as_str())?)
}
