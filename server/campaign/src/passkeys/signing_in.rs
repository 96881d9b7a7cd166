//! Signing in by a passkey alone, on a browser that knows nothing: whose it is, the passkey says itself.
//!
//! Whoever begins is nobody yet, so that beginning costs the store nothing: the state goes to the browser, sealed. The store
//! has for as long that such a sign-in ended, so that it ends once.

use super::ring::OwnPasskey;
use super::{CEREMONY_TTL, PasskeyError, Passkeys};
use crate::SignedIn;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, put_member};
use crate::redeem::fresh_device;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD, prelude::BASE64_URL_SAFE_NO_PAD};
use identity::derived::hashed;
use identity::principal::has_organising;
use identity::{DeviceSecret, ProofKey};
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use storage::records::device::Device;
use storage::records::member::{Member, Standing};
use storage::records::passkey::Ceremony;
use storage::{Expect, RecordKey, RecordKind};
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential, WebauthnError};

/// What the state of a sign-in is sealed for.
const PLACE: &str = "sign-in";

/// A sign-in under way, as its browser keeps it.
#[derive(Serialize, Deserialize)]
struct Begun {
    state: DiscoverableAuthentication,
    ends_at: Timestamp,
}

/// Somebody who shows a passkey, and says by it who they are. It is not checked yet.
pub struct SigningIn {
    /// Whose passkey it says to be.
    pub member: MemberId,
    begun: Begun,
    credential: PublicKeyCredential,
    /// Where it is kept that this sign-in ended.
    place: RecordKey,
}

impl fmt::Debug for SigningIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningIn(…)")
    }
}

impl Passkeys {
    /// Begins it: the word that ends it, and what the browser is to be told. Nothing is kept.
    pub fn begin_sign_in(&self, now: Timestamp) -> Result<(String, Value), PasskeyError> {
        let (options, state) =
            self.site.start_discoverable_authentication().map_err(|_| PasskeyError::Away)?;
        let begun = Begun { state, ends_at: now.after(CEREMONY_TTL) };
        let text = serde_json::to_vec(&begun).map_err(|_| PasskeyError::Away)?;
        let sealed = self.seals.seal(&self.sign_ins, PLACE, &text).map_err(|_| PasskeyError::Away)?;
        let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).map_err(|_| PasskeyError::Away)?;
        let options = serde_json::to_value(options.public_key).map_err(|_| PasskeyError::Away)?;
        Ok((BASE64_URL_SAFE_NO_PAD.encode(bytes), options))
    }

    /// Whose passkey is shown to end a sign-in.
    pub async fn signing_in(
        &self,
        people: &People,
        word: &str,
        credential: &Value,
        now: Timestamp,
    ) -> Result<SigningIn, PasskeyError> {
        let begun = self.opened(word).filter(|begun| begun.ends_at > now);
        let begun = begun.ok_or(PasskeyError::CeremonyUnknown)?;
        let credential = PublicKeyCredential::deserialize(credential).map_err(|_| PasskeyError::Refused)?;
        let (handle, _) =
            self.site.identify_discoverable_authentication(&credential).map_err(|_| PasskeyError::Refused)?;
        let member = people.owner_of(handle, now).await?.ok_or(PasskeyError::Refused)?;
        let place = kept::key(RecordKind::PasskeyCeremony, hashed(word).as_str())?;
        Ok(SigningIn { member, begun, credential, place })
    }

    fn opened(&self, word: &str) -> Option<Begun> {
        let sealed = BASE64_STANDARD_NO_PAD.encode(BASE64_URL_SAFE_NO_PAD.decode(word).ok()?);
        serde_json::from_slice(&self.seals.open(&self.sign_ins, PLACE, &sealed).ok()?).ok()
    }

    /// Ends it: signs a fresh device in as the member whose passkey it is. An organiser's is bound to the key that comes with
    /// it, and may from then on what they may; without a key, and of anybody else, it is as if they had come by a code.
    pub async fn end_sign_in(
        &self,
        people: &People,
        signing_in: &SigningIn,
        device_key: Option<&ProofKey>,
        now: Timestamp,
    ) -> Result<SignedIn, PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            if let Some(signed_in) = self.try_sign_in(people, signing_in, device_key, now).await? {
                return Ok(signed_in);
            }
        }
        Err(PasskeyError::Away)
    }

    /// One try; nothing if the records changed meanwhile.
    async fn try_sign_in(
        &self,
        people: &People,
        signing_in: &SigningIn,
        device_key: Option<&ProofKey>,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, PasskeyError> {
        let SigningIn { member, begun, credential, place } = signing_in;
        if kept::get::<Ceremony>(&*people.records, place, now).await?.is_some() {
            return Err(PasskeyError::CeremonyUnknown);
        }
        let Kept { value: mut member, version } =
            people.member(member, now).await?.ok_or(PasskeyError::Refused)?;
        let mut ring = people.ring(&member.id, now).await?;
        let shown = credential.get_credential_id();
        let own = ring.passkeys.iter_mut().find(|own| own.passkey.cred_id().as_slice() == shown);
        let own = own.ok_or(PasskeyError::Refused)?;
        self.judge(own, begun, credential, now)?;
        // Said only to who has shown that they are it.
        match member.standing {
            Standing::Active | Standing::Invited => {}
            Standing::Left => return Err(PasskeyError::Refused),
            Standing::Waiting => return Err(PasskeyError::Waiting),
        }
        let record = signed_in_by(own, &member, device_key, now);
        let ended = Ceremony { sealed: String::new() };
        let mut writes = vec![kept::put(place.clone(), Expect::Absent, &ended, Some(begun.ends_at))?];
        people.keep_ring(&member.id, &ring, &mut writes, now).await?;
        let device = fresh_device()?;
        people.add_device(&mut member, &device, &record, &mut writes, now)?;
        writes.push(put_member(&member, Expect::Version(version))?);
        if !kept::committed(&*people.records, writes, now).await? {
            return Ok(None);
        }
        let secret = DeviceSecret { device, generation: 0 };
        Ok(Some(people.signed_in(member, &record, secret, now).await?))
    }

    fn judge(
        &self,
        own: &mut OwnPasskey,
        begun: &Begun,
        credential: &PublicKeyCredential,
        now: Timestamp,
    ) -> Result<(), PasskeyError> {
        let state = begun.state.clone();
        match self.site.finish_discoverable_authentication_v2(credential, state, &own.passkey) {
            Ok(shown) => own.shown(&shown, now),
            Err(WebauthnError::CredentialPossibleCompromise) => Err(PasskeyError::Cloned),
            Err(_) => Err(PasskeyError::Refused),
        }
    }
}

/// The device of somebody who signed in by a passkey.
fn signed_in_by(own: &OwnPasskey, member: &Member, key: Option<&ProofKey>, now: Timestamp) -> Device {
    let key = key.filter(|_| own.organises && has_organising(&member.roles));
    Device {
        key: key.map(ProofKey::as_text),
        confirmed_at: key.map(|_| now),
        ..Device::new(member.id.clone(), now)
    }
}
