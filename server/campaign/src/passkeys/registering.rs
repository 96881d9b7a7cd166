//! Registering a passkey: right after joining, with one that is there already, or by a code of another admin's.

use super::ceremony::{Begun, Ceremony, What};
use super::ring::{Described, OwnPasskey};
use super::{Demand, PASSKEYS_MAX, PasskeyError, Passkeys};
use crate::devices::{device_key, put_device};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, Person, Revoking};
use crate::{Confirmation, SignedIn};
use aws_lc_rs::digest;
use identity::principal::has_organising;
use identity::{ProofKey, Secret};
use protocol::{MemberId, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use storage::records::device::Device;
use storage::{Expect, Write};
use webauthn_rs::prelude::{CredentialID, RegisterPublicKeyCredential, Uuid};

/// A registration that may begin: whose it is, and by what right.
#[derive(Debug)]
pub struct Registering {
    pub(super) person: Person,
    pub(super) on: By,
}

/// By what right.
#[derive(Debug)]
pub(super) enum By {
    /// Being signed in on this device.
    Device(Box<SignedIn>),
    /// A code, whose id this is.
    Recovery(String),
}

/// A passkey that was registered.
#[derive(Debug)]
pub struct Registered {
    /// Who is signed in, and on which device.
    pub signed_in: SignedIn,
    /// The new passkey.
    pub passkey: Described,
    /// What no longer counts; something only if a code was used.
    pub revoking: Vec<Revoking>,
    /// Whether a code was used.
    pub by_recovery: bool,
}

impl Registering {
    /// Whether who is signed in on a device may register a passkey there now.
    pub fn of(signed_in: SignedIn, demand: Demand, now: Timestamp) -> Result<Self, PasskeyError> {
        let SignedIn { person, confirmation, passkeys, .. } = &signed_in;
        if !has_organising(&person.member.roles) {
            return Err(PasskeyError::NotOrganiser);
        }
        let joined_just_now = confirmation.registers_until.is_some_and(|until| until > now);
        let is_first = *passkeys == 0;
        if is_first && !joined_just_now && demand == Demand::Required {
            return Err(PasskeyError::RegistrationClosed);
        }
        if !is_first && confirmation.stepped_up_until(now).is_none() {
            return Err(PasskeyError::StepUpNeeded);
        }
        let person = person.clone();
        Ok(Self { person, on: By::Device(Box::new(signed_in)) })
    }
}

impl Passkeys {
    /// Begins it: the secret that ends it, and what the browser is to be told.
    pub async fn begin_registration(
        &self,
        people: &People,
        registering: Registering,
        name: String,
        now: Timestamp,
    ) -> Result<(Secret, Value), PasskeyError> {
        let Registering { person, on } = registering;
        let member = person.member.id;
        let ring = people.ring(&member, now).await?;
        let (device, recovery) = match on {
            By::Device(signed_in) => (Some(signed_in.device), None),
            By::Recovery(id) => (None, Some(id)),
        };
        if recovery.is_none() && ring.passkeys.len() >= PASSKEYS_MAX {
            return Err(PasskeyError::TooMany);
        }
        // Old ones go with a code, and may come again.
        let known: Vec<CredentialID> = match recovery {
            None => ring.passkeys.iter().map(|own| own.passkey.cred_id().clone()).collect(),
            Some(_) => Vec::new(),
        };
        let called = person.personal.name.as_deref().unwrap_or("organiser");
        let begun = self.site.start_passkey_registration(handle(&member), called, called, Some(known));
        let (options, state) = begun.map_err(|_| PasskeyError::Away)?;
        let what = What::Registration { name, had: ring.passkeys.len(), recovery, state };
        let secret = self.keep(people, &Ceremony { member, device, what }, now).await?;
        let options = serde_json::to_value(options.public_key).map_err(|_| PasskeyError::Away)?;
        Ok((secret, options))
    }

    /// Ends it with what the browser says. `on` is who is signed in on the device that asks, if somebody is.
    pub async fn end_registration(
        &self,
        people: &People,
        secret: &Secret,
        on: Option<&SignedIn>,
        credential: &Value,
        device_key: Option<&ProofKey>,
        now: Timestamp,
    ) -> Result<Registered, PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            let begun = self.begun(people, secret, now).await?;
            let Ceremony { member, device, what } = &begun.ceremony;
            let What::Registration { name, had, recovery, state } = what else {
                return Err(PasskeyError::CeremonyUnknown);
            };
            let on = on.filter(|on| on.person.member.id == *member && device.as_ref() == Some(&on.device));
            let credential =
                RegisterPublicKeyCredential::deserialize(credential).map_err(|_| PasskeyError::Refused)?;
            let passkey = self
                .site
                .finish_passkey_registration(&credential, state)
                .map_err(|_| PasskeyError::Refused)?;
            let done = match (recovery, on) {
                (Some(code), _) => {
                    let key = device_key.ok_or(PasskeyError::KeyMissing)?;
                    people
                        .begin_anew(&begun, code, OwnPasskey::new(name.clone(), passkey, now)?, key, now)
                        .await?
                }
                (None, Some(on)) => {
                    let own = OwnPasskey::new(name.clone(), passkey, now)?;
                    people.add_passkey(&begun, on, *had, own, device_key, now).await?
                }
                (None, None) => return Err(PasskeyError::CeremonyUnknown),
            };
            if let Some(registered) = done {
                return Ok(registered);
            }
        }
        Err(PasskeyError::Away)
    }
}

impl People {
    /// One try to add a passkey; nothing, if the records changed meanwhile.
    async fn add_passkey(
        &self,
        begun: &Begun,
        on: &SignedIn,
        had: usize,
        own: OwnPasskey,
        key: Option<&ProofKey>,
        now: Timestamp,
    ) -> Result<Option<Registered>, PasskeyError> {
        let member = &begun.ceremony.member;
        let mut ring = self.ring(member, now).await?;
        if had == 0 && !ring.passkeys.is_empty() {
            // Another was first, and from now on it takes that one.
            return Err(PasskeyError::StepUpNeeded);
        }
        if ring.passkeys.len() >= PASSKEYS_MAX {
            return Err(PasskeyError::TooMany);
        }
        if ring.passkeys.iter().any(|known| known.passkey.cred_id() == own.passkey.cred_id()) {
            return Err(PasskeyError::Refused);
        }
        let passkey = own.described();
        ring.passkeys.push(own);
        let mut writes = vec![begun.ended()];
        self.keep_ring(member, &ring, &mut writes, now).await?;
        let confirmation = self.confirm(on, key, &mut writes, now).await?;
        let signed_in = SignedIn { confirmation, passkeys: ring.passkeys.len(), ..on.clone() };
        let done = Registered { signed_in, passkey, revoking: Vec::new(), by_recovery: false };
        Ok(kept::committed(&*self.records, writes, now).await?.then_some(done))
    }

    /// Adds the write that makes a passkey have been shown on a device now, and binds the device to a key.
    pub(super) async fn confirm(
        &self,
        on: &SignedIn,
        key: Option<&ProofKey>,
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<Confirmation, PasskeyError> {
        let place = device_key(&on.device)?;
        let kept = kept::get::<Device>(&*self.records, &place, now).await?;
        let Kept { value, version } = kept.ok_or(PasskeyError::CeremonyUnknown)?;
        if value.is_stolen || value.member != on.person.member.id {
            return Err(PasskeyError::CeremonyUnknown);
        }
        let bound = key.map(ProofKey::as_text).or_else(|| value.key.clone());
        let device = Device {
            key: Some(bound.ok_or(PasskeyError::KeyMissing)?),
            confirmed_at: Some(now),
            registers_until: None,
            ..value
        };
        writes.push(put_device(place, &device, Expect::Version(version), now)?);
        Ok(Confirmation::of(&device))
    }
}

/// What stands for a member in their authenticators: always the same, and nothing that says who it is.
fn handle(member: &MemberId) -> Uuid {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"holdfast passkeys 1 ");
    context.update(member.as_str().as_bytes());
    let mut bytes = [0; 16];
    for (byte, of_hash) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *of_hash;
    }
    Uuid::from_bytes(bytes)
}
