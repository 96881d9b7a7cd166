//! A code that moves a member to another device: short enough to be read aloud, good for minutes and for one use.
//!
//! It is guessed with a chance of one in a trillion a try, and a node takes few tries. The store has a keyed hash of it:
//! a plain one could be turned back within its life.

use crate::Away;
use crate::devices::SignedIn;
use crate::kept::{self, CONFLICTS_MAX};
use crate::people::{People, put_member};
use crate::redeem::{Attempt, Before, fresh_device, put_redemption, redemption_key};
use identity::{DeviceSecret, Secret};
use protocol::{MemberId, Timestamp};
use std::fmt;
use std::time::Duration;
use storage::records::device::Device;
use storage::records::transfer::Transfer;
use storage::{CommitError, Expect, RecordKey, RecordKind, Write};

protocol::limits! {
    /// How long a code works that moves a member to another device.
    pub const TRANSFER_TTL: Duration = Duration::from_mins(10) => unseen;
}

/// Digits and letters that are not taken for each other when read or heard (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARS: usize = 8;

/// A code, as it is typed: 8 characters, 40 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// Why nobody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The store is away; the same attempt may be repeated.
    #[error("the store is away; try again later")]
    Away,
    /// No such code, or not any more.
    #[error("there is no such code, or it was used, or its time is over")]
    Unknown,
}

impl From<Away> for TransferError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl Code {
    fn random() -> Result<Self, Away> {
        let secret = Secret::random().map_err(|_| Away)?;
        Ok(Self(secret.short(ALPHABET, CODE_CHARS)))
    }

    /// Reads a code as people type it: small letters, spaces and strokes, O for 0, I or L for 1.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 4 * CODE_CHARS {
            return None;
        }
        let typed = text.chars().filter(|c| !matches!(c, ' ' | '-'));
        let meant = typed.map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        });
        let code: String = meant.collect();
        let fits = code.len() == CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(code))
    }

    /// The code as it is shown, in two halves.
    pub fn reveal(&self) -> String {
        let (one, two) = self.0.split_at(CODE_CHARS / 2);
        format!("{one}-{two}")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl People {
    /// Makes a code for a member, and says until when it works.
    pub async fn transfer(
        &self,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<(Code, Timestamp), TransferError> {
        if self.member(member, now).await?.is_none() {
            return Err(TransferError::Unknown);
        }
        let code = Code::random()?;
        let ends = now.after(TRANSFER_TTL);
        let key = self.transfer_key(&code)?;
        let write = kept::put(key, Expect::Absent, &Transfer { member: member.clone() }, Some(ends))?;
        self.records.commit(vec![write], now).await.map_err(Away::from)?;
        Ok((code, ends))
    }

    /// Signs a device in as the member whose code this is, and uses the code up. Repeating an attempt answers the same
    /// device.
    pub async fn redeem_transfer(
        &self,
        code: &Code,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<SignedIn, TransferError> {
        let redemption = redemption_key(&self.secret_of_code(code), attempt)?;
        let key = self.transfer_key(code)?;
        for _ in 0..CONFLICTS_MAX {
            match self.came_in_before(&redemption, now).await? {
                Before::In(come_in) => return Ok(*come_in),
                Before::Out => return Err(TransferError::Unknown),
                Before::Never => {}
            }
            let transfer = kept::get::<Transfer>(&*self.records, &key, now).await?;
            let transfer = transfer.ok_or(TransferError::Unknown)?;
            let member = self.member(&transfer.value.member, now).await?.ok_or(TransferError::Unknown)?;
            let (mut member, version) = (member.value, member.version);
            let mut writes =
                vec![Write { expect: Expect::Version(transfer.version), ..kept::delete(key.clone()) }];
            let device = fresh_device()?;
            let record = Device::new(member.id.clone(), now);
            self.add_device(&mut member, &device, &record, &mut writes, now)?;
            writes.push(put_member(&member, Expect::Version(version))?);
            writes.push(put_redemption(&redemption, &member, &device, now)?);
            match self.records.commit(writes, now).await {
                Ok(()) => {
                    let secret = DeviceSecret { device, generation: 0 };
                    return Ok(self.signed_in(member, &record, secret, now).await?);
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                    return Err(TransferError::Away);
                }
            }
        }
        Err(TransferError::Away)
    }

    fn secret_of_code(&self, code: &Code) -> Secret {
        self.codes.secret(&[&code.0])
    }

    fn transfer_key(&self, code: &Code) -> Result<RecordKey, Away> {
        kept::key(RecordKind::Transfer, self.secret_of_code(code).hash().as_str())
    }
}
