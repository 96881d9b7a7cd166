//! What is kept of one member, for them alone. What they and the organisers wrote to each other is read beside it, page by
//! page, because there may be much of it ([`People::conversations_of`]).
//!
//! Receipts of bulletins, once a node keeps them, name members too until they are counts: which of them name this one
//! belongs into [`Known`].

use crate::Away;
use crate::import::personal_invite_key;
use crate::kept;
use crate::passkeys::Described;
use crate::people::{People, Person};
use crate::web_push::PushAddress;
use protocol::{DeviceId, MemberId, Timestamp};
use std::fmt;
use storage::records::device::Device;
use storage::records::invite::Invite;

/// What is kept of a member, and no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Known {
    /// Their record, and what is personal.
    pub person: Person,
    /// Where they are signed in.
    pub devices: Vec<(DeviceId, Device)>,
    /// Where these are reached while they sleep.
    pub pushes: Vec<(DeviceId, PushAddress)>,
    /// Their passkeys: what they are called, and when they came and were used.
    pub passkeys: Vec<Described>,
    /// The invites that they made, with their ids.
    pub invites: Vec<(String, Invite)>,
    /// The invite that was made for them alone, if they are on an imported list.
    pub own_invite: Option<Invite>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known(…)")
    }
}

impl People {
    /// What is kept of a member, if there is one.
    pub async fn known(&self, id: &MemberId, now: Timestamp) -> Result<Option<Known>, Away> {
        let Some(person) = self.person(id, now).await? else {
            return Ok(None);
        };
        let own_invite = personal_invite_key(&self.link_secret(id))?;
        let own_invite = kept::get::<Invite>(&*self.records, &own_invite, now).await?;
        Ok(Some(Known {
            devices: self.devices(&person.member, now).await?,
            pushes: self.pushes_of(&person.member, now).await?,
            passkeys: self.described_passkeys(id, now).await?,
            invites: self.invites_by(id, now).await?,
            own_invite: own_invite.map(|kept| kept.value),
            person,
        }))
    }
}
