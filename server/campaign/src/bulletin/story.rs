//! What became of a bulletin, for whoever shows it.

use super::state::{Sent, Was};
use super::{AnyBulletin, BulletinId};
use crate::approval::{Clearance, Reason};
use protocol::{MemberId, Timestamp};

impl AnyBulletin {
    /// Why somebody said no to it, as long as it is a draft again.
    pub const fn returned(&self) -> Option<&Reason> {
        if let Self::Draft(draft) = self { draft.at().returned.as_ref() } else { None }
    }

    /// By what it goes or went; nothing if it may not, or never did.
    pub fn clearance(&self) -> Option<&Clearance> {
        match self {
            Self::Scheduled(bulletin) => Some(bulletin.clearance().0),
            Self::Sending(bulletin) => Some(bulletin.clearance().0),
            Self::AwaitingApproval(_)
            | Self::Cancelled(_)
            | Self::Corrected(_)
            | Self::Draft(_)
            | Self::Expired(_)
            | Self::Sent(_)
            | Self::Withdrawn(_) => self.sent().map(Sent::clearance),
        }
    }

    /// How it went, if it did.
    pub const fn sent(&self) -> Option<&Sent> {
        match self {
            Self::Sent(bulletin) => Some(bulletin.sent()),
            Self::Corrected(bulletin) => Some(bulletin.at().sent()),
            Self::Withdrawn(bulletin) => Some(bulletin.at().sent()),
            Self::Expired(bulletin) => match bulletin.at().was() {
                Was::Corrected(corrected) => Some(corrected.sent()),
                Was::NeverSent => None,
                Was::Sent(sent) => Some(sent),
                Was::Withdrawn(withdrawn) => Some(withdrawn.sent()),
            },
            Self::AwaitingApproval(_)
            | Self::Cancelled(_)
            | Self::Draft(_)
            | Self::Scheduled(_)
            | Self::Sending(_) => None,
        }
    }

    /// What stands in its place.
    pub const fn corrected_by(&self) -> Option<&BulletinId> {
        if let Self::Corrected(bulletin) = self {
            return Some(bulletin.at().by());
        }
        match self.was() {
            Some(Was::Corrected(corrected)) => Some(corrected.by()),
            Some(Was::NeverSent | Was::Sent(_) | Was::Withdrawn(_)) | None => None,
        }
    }

    /// Who took it back, and when.
    pub const fn withdrawn_by(&self) -> Option<(&MemberId, Timestamp)> {
        if let Self::Withdrawn(bulletin) = self {
            return Some(bulletin.at().by());
        }
        match self.was() {
            Some(Was::Withdrawn(withdrawn)) => Some(withdrawn.by()),
            Some(Was::Corrected(_) | Was::NeverSent | Was::Sent(_)) | None => None,
        }
    }

    /// What it was before it was over.
    const fn was(&self) -> Option<&Was> {
        if let Self::Expired(bulletin) = self { Some(bulletin.at().was()) } else { None }
    }
}
