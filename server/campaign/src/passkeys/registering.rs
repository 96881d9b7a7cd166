//! Registering a passkey: right after joining, with one that is there already, or by a code of another admin's.

use super::ceremony::{Begun, Ceremony, What};
use super::ring::{Described, OwnPasskey, handle};
use super::{Demand, PASSKEYS_MAX, PasskeyError, Passkeys};
use crate::devices::{device_key, put_device};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, Person, Revoking};
use crate::{Confirmation, SignedIn};
use identity::principal::has_organising;
use identity::{ProofKey, Secret};
use protocol::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use storage::records::device::Device;
use storage::{Expect, Write};
use webauthn_rs::prelude::{CredentialID, RegisterPublicKeyCredential};

/// A registration that may begin: whose it is, and by what right.
#[derive(Debug)]
pub struct Registering {
    pub(super) person: Person,
    pub(super) on: By,
    /// Whether the passkey is to make an organiser of its owner.
    pub(crate) organises: bool,
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
    /// Whether who is signed in on a device may register a passkey there now. Activists may at any time: one of theirs is good
    /// for no more than the cookie that they show for it.
    pub fn of(signed_in: SignedIn, demand: Demand, now: Timestamp) -> Result<Self, PasskeyError> {
        let SignedIn { person, confirmation, passkeys, .. } = &signed_in;
        if !has_organising(&person.member.roles) {
            let person = person.clone();
            return Ok(Self { person, on: By::Device(Box::new(signed_in)), organises: false });
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
        Ok(Self { person, on: By::Device(Box::new(signed_in)), organises: true })
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
        let Registering { person, on, organises } = registering;
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
        let called =
            person.personal.name.as_deref().unwrap_or(if organises { "organiser" } else { "member" });
        let begun = self.site.start_passkey_registration(handle(&member), called, called, Some(known));
        let (options, state) = begun.map_err(|_| PasskeyError::Away)?;
        let what = What::Registration { name, organises, had: ring.organising(), recovery, state };
        let secret = self.keep(people, &Ceremony { member, device, what }, now).await?;
        let mut options = serde_json::to_value(options.public_key).map_err(|_| PasskeyError::Away)?;
        make_discoverable(&mut options, organises);
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
            let What::Registration { name, organises, had, recovery, state } = what else {
                return Err(PasskeyError::CeremonyUnknown);
            };
            let on = on.filter(|on| on.person.member.id == *member && device.as_ref() == Some(&on.device));
            let credential =
                RegisterPublicKeyCredential::deserialize(credential).map_err(|_| PasskeyError::Refused)?;
            let passkey = self
                .site
                .finish_passkey_registration(&credential, state)
                .map_err(|_| PasskeyError::Refused)?;
            let own = OwnPasskey::new(name.clone(), *organises, passkey, now)?;
            let done = match (recovery, on) {
                (Some(code), _) => {
                    let key = device_key.ok_or(PasskeyError::KeyMissing)?;
                    people.begin_anew(&begun, code, own, key, now).await?
                }
                (None, Some(on)) => people.add_passkey(&begun, on, *had, own, device_key, now).await?,
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
        if own.organises && had == 0 && ring.organising() > 0 {
            // Another was first, and from now on it takes that one.
            return Err(PasskeyError::StepUpNeeded);
        }
        if ring.passkeys.len() >= PASSKEYS_MAX {
            return Err(PasskeyError::TooMany);
        }
        if ring.passkeys.iter().any(|known| known.passkey.cred_id() == own.passkey.cred_id()) {
            return Err(PasskeyError::Refused);
        }
        let (passkey, organises) = (own.described(), own.organises);
        ring.passkeys.push(own);
        let mut writes = vec![begun.ended()];
        self.keep_ring(member, &ring, &mut writes, now).await?;
        let confirmation = if organises {
            self.confirm(on, key, &mut writes, now).await?
        } else {
            self.keep_device(on, &mut writes, now).await?
        };
        let passkeys = if has_organising(&on.person.member.roles) { ring.organising() } else { 0 };
        let signed_in = SignedIn { confirmation, passkeys, ..on.clone() };
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
        let Kept { value, version } = self.device_of(on, now).await?;
        let bound = key.map(ProofKey::as_text).or_else(|| value.key.clone());
        let device = Device {
            key: Some(bound.ok_or(PasskeyError::KeyMissing)?),
            confirmed_at: Some(now),
            registers_until: None,
            ..value
        };
        writes.push(put_device(device_key(&on.device)?, &device, Expect::Version(version), now)?);
        Ok(Confirmation::of(&device))
    }

    /// Adds the write that leaves a device as it is, if it is still signed in when the others are made: who left or was erased
    /// meanwhile has no passkey.
    async fn keep_device(
        &self,
        on: &SignedIn,
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<Confirmation, PasskeyError> {
        let Kept { value, version } = self.device_of(on, now).await?;
        writes.push(put_device(device_key(&on.device)?, &value, Expect::Version(version), now)?);
        Ok(Confirmation::of(&value))
    }

    /// The device on which somebody is signed in, as it is now.
    async fn device_of(&self, on: &SignedIn, now: Timestamp) -> Result<Kept<Device>, PasskeyError> {
        let kept = kept::get::<Device>(&*self.records, &device_key(&on.device)?, now).await?;
        let is_theirs =
            |kept: &Kept<Device>| !kept.value.is_stolen && kept.value.member == on.person.member.id;
        kept.filter(is_theirs).ok_or(PasskeyError::CeremonyUnknown)
    }
}

/// Asks for a passkey that its keeper finds by itself, as signing in by it needs: of activists, for whom it is good for
/// nothing else, by all means; of organisers if there is room, because a security key has little and any passkey of theirs is
/// better than none. The library asks for none of the kind.
fn make_discoverable(options: &mut Value, is_good_without: bool) {
    if let Some(selection) = options.pointer_mut("/authenticatorSelection").and_then(Value::as_object_mut) {
        let wish = if is_good_without { "preferred" } else { "required" };
        selection.insert("residentKey".to_owned(), wish.into());
        // As browsers read it that do not know the other.
        selection.insert("requireResidentKey".to_owned(), (!is_good_without).into());
    }
}
