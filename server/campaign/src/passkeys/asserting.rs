//! Showing a passkey, on a device that is signed in: from then on the device may what its member may. What an activist
//! registered is not asked for.

use super::ceremony::{Ceremony, What};
use super::{PasskeyError, Passkeys};
use crate::SignedIn;
use crate::kept::{self, CONFLICTS_MAX};
use crate::people::People;
use identity::{ProofKey, Secret};
use protocol::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential, WebauthnError};

impl Passkeys {
    /// Begins it: the secret that ends it, and what the browser is to be told.
    pub async fn begin_assertion(
        &self,
        people: &People,
        on: &SignedIn,
        now: Timestamp,
    ) -> Result<(Secret, Value), PasskeyError> {
        let member = on.person.member.id.clone();
        let ring = people.ring(&member, now).await?;
        let organising = ring.passkeys.into_iter().filter(|own| own.organises);
        let known: Vec<Passkey> = organising.map(|own| own.passkey).collect();
        if known.is_empty() {
            return Err(PasskeyError::None);
        }
        let begun = self.site.start_passkey_authentication(&known);
        let (options, state) = begun.map_err(|_| PasskeyError::Away)?;
        let device = Some(on.device.clone());
        let ceremony = Ceremony { member, device, what: What::Assertion { state } };
        let secret = self.keep(people, &ceremony, now).await?;
        let options = serde_json::to_value(options.public_key).map_err(|_| PasskeyError::Away)?;
        Ok((secret, options))
    }

    /// Ends it with what the browser says, on the device on which it was begun. A key that comes with it is the device's
    /// from now on: a passkey says more than the key that the device had.
    pub async fn end_assertion(
        &self,
        people: &People,
        secret: &Secret,
        on: &SignedIn,
        credential: &Value,
        device_key: Option<&ProofKey>,
        now: Timestamp,
    ) -> Result<SignedIn, PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            let begun = self.begun(people, secret, now).await?;
            let Ceremony { member, device, what } = &begun.ceremony;
            let What::Assertion { state } = what else { return Err(PasskeyError::CeremonyUnknown) };
            if on.person.member.id != *member || device.as_ref() != Some(&on.device) {
                return Err(PasskeyError::CeremonyUnknown);
            }
            let credential =
                PublicKeyCredential::deserialize(credential).map_err(|_| PasskeyError::Refused)?;
            let shown = match self.site.finish_passkey_authentication(&credential, state) {
                Ok(shown) => shown,
                Err(WebauthnError::CredentialPossibleCompromise) => return Err(PasskeyError::Cloned),
                Err(_) => return Err(PasskeyError::Refused),
            };
            let mut ring = people.ring(member, now).await?;
            let own = ring.passkeys.iter_mut().find(|own| own.passkey.cred_id() == shown.cred_id());
            // It may have been removed meanwhile.
            own.ok_or(PasskeyError::Refused)?.shown(&shown, now)?;
            let mut writes = vec![begun.ended()];
            people.keep_ring(member, &ring, &mut writes, now).await?;
            let confirmation = people.confirm(on, device_key, &mut writes, now).await?;
            if kept::committed(&*people.records, writes, now).await? {
                return Ok(SignedIn { confirmation, passkeys: ring.organising(), ..on.clone() });
            }
        }
        Err(PasskeyError::Away)
    }
}
