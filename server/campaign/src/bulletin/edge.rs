//! What people and time do to bulletins, by name: where a request meets a state that is only known when it is read.

mod signing;

use super::state::{
    AwaitingApproval, Bulletin, Cancelled, Core, Corrected, Draft, Expired, Scheduled, SendAt, Sending, Sent,
    Submitted, Was, Withdrawn,
};
use super::{Content, Language, NotSigned, Signed};
use crate::approval::Reason;
use crate::audience::HeadCount;
use identity::Principal;
use identity::trust::{KeySignature, Manifest};
use protocol::{Role, Timestamp};
use serde::{Deserialize, Serialize};

/// A bulletin in whatever state, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AnyBulletin {
    /// Somebody else is to say yes.
    AwaitingApproval(Bulletin<AwaitingApproval>),
    /// It never goes.
    Cancelled(Bulletin<Cancelled>),
    /// A newer one stands in its place.
    Corrected(Bulletin<Corrected>),
    /// It is being written.
    Draft(Bulletin<Draft>),
    /// It is over.
    Expired(Bulletin<Expired>),
    /// It goes when its time comes.
    Scheduled(Bulletin<Scheduled>),
    /// It is on its way.
    Sending(Bulletin<Sending>),
    /// It is stored everywhere.
    Sent(Bulletin<Sent>),
    /// It was taken back.
    Withdrawn(Bulletin<Withdrawn>),
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Says yes to a revision.
    Approve {
        /// The one that they saw.
        revision: u32,
        /// Under what its author signed.
        signature: Option<KeySignature>,
    },
    /// Never sends it.
    Cancel,
    /// Says something else than a revision.
    Edit {
        /// The one that they saw.
        revision: u32,
        /// What it says now.
        content: Box<Content>,
        /// When it is to go, if not at once.
        send_at: Option<SendAt>,
    },
    /// Overrides the rule of two for a revision.
    Override {
        /// The one that they saw.
        revision: u32,
        /// Why.
        reason: Reason,
        /// Under what its author signed, if whoever overrides has a key too.
        signature: Option<KeySignature>,
    },
    /// Says no to a revision.
    Reject {
        /// The one that they saw.
        revision: u32,
        /// Why.
        reason: Reason,
    },
    /// Says that it is ready.
    Submit {
        /// The one that they saw.
        revision: u32,
        /// What they sign of it.
        signed: Option<Signed>,
    },
    /// Takes it back.
    Withdraw {
        /// What they sign of that.
        signed: Option<Signed>,
    },
}

/// Why it is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A correction goes to whom the first went.
    #[error("a correction is for the same audience, and as urgent")]
    AudienceOfCorrection,
    /// It is over before it would go.
    #[error("the bulletin has expired, or would have when it goes")]
    Expired,
    /// A language is missing.
    #[error("the bulletin has no text in {}", .0.as_str())]
    LanguageMissing(Language),
    /// Their role does not say so.
    #[error("this needs another role")]
    NotAllowed,
    /// They wrote at it.
    #[error("whoever wrote at a bulletin cannot approve it")]
    OwnBulletin,
    /// What is signed does not count, or is not there.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// They saw another revision.
    #[error("the bulletin was changed meanwhile; look at it again")]
    Revised,
    /// Too many wrote at it.
    #[error("at most {} people write at one bulletin", crate::approval::AUTHORS_MAX)]
    TooManyAuthors,
    /// Not in this state.
    #[error("a bulletin that is {0} cannot be changed so")]
    WrongState(&'static str),
}

/// What is asked of every bulletin.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Languages without which none goes.
    pub languages: Vec<Language>,
    /// The keys of those who sign, if the campaign has any.
    pub manifest: Option<Manifest>,
}

impl AnyBulletin {
    /// What it has in every state.
    pub const fn core(&self) -> &Core {
        match self {
            Self::AwaitingApproval(bulletin) => bulletin.core(),
            Self::Cancelled(bulletin) => bulletin.core(),
            Self::Corrected(bulletin) => bulletin.core(),
            Self::Draft(bulletin) => bulletin.core(),
            Self::Expired(bulletin) => bulletin.core(),
            Self::Scheduled(bulletin) => bulletin.core(),
            Self::Sending(bulletin) => bulletin.core(),
            Self::Sent(bulletin) => bulletin.core(),
            Self::Withdrawn(bulletin) => bulletin.core(),
        }
    }

    /// The state's name.
    pub const fn state(&self) -> &'static str {
        match self {
            Self::AwaitingApproval(_) => "awaiting_approval",
            Self::Cancelled(_) => "cancelled",
            Self::Corrected(_) => "corrected",
            Self::Draft(_) => "draft",
            Self::Expired(_) => "expired",
            Self::Scheduled(_) => "scheduled",
            Self::Sending(_) => "sending",
            Self::Sent(_) => "sent",
            Self::Withdrawn(_) => "withdrawn",
        }
    }

    /// Whether anybody may have got it.
    pub fn has_gone(&self) -> bool {
        match self {
            Self::AwaitingApproval(_) | Self::Cancelled(_) | Self::Draft(_) | Self::Scheduled(_) => false,
            Self::Corrected(_) | Self::Sending(_) | Self::Sent(_) | Self::Withdrawn(_) => true,
            Self::Expired(bulletin) => *bulletin.at().was() != Was::NeverSent,
        }
    }

    /// When time is to do something to it next; nothing if it waits for people, or for nothing.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Draft(_) | Self::Expired(_) | Self::Cancelled(_) => None,
            Self::AwaitingApproval(bulletin) => bulletin.core().content.form().expires_at,
            Self::Scheduled(bulletin) => Some(bulletin.due()),
            Self::Sending(bulletin) => Some(bulletin.since()),
            Self::Sent(bulletin) => Some(bulletin.ends()),
            Self::Corrected(bulletin) => Some(bulletin.ends()),
            Self::Withdrawn(bulletin) if bulletin.is_announced() => Some(bulletin.ends()),
            Self::Withdrawn(bulletin) => Some(bulletin.since()),
        }
    }

    /// What it becomes when somebody asks for something.
    pub fn apply(
        self,
        action: Action,
        who: &Principal,
        count: Option<HeadCount>,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        may(&action, who)?;
        self.saw(&action)?;
        let by = who.member.clone();
        let wrong = Refused::WrongState(self.state());
        match (self, action) {
            (Self::Draft(bulletin), Action::Submit { signed, .. }) => {
                is_ready(bulletin.core(), rules, now)?;
                let signed = signing::submitted(bulletin.core(), signed, rules, now)?;
                Ok(match bulletin.signed(signed).submit(count, now) {
                    Submitted::Awaiting(bulletin) => Self::AwaitingApproval(bulletin),
                    Submitted::Cleared(bulletin) => Self::Scheduled(bulletin),
                })
            }
            (Self::AwaitingApproval(bulletin), Action::Approve { signature, .. }) => {
                is_ready(bulletin.core(), rules, now)?;
                if bulletin.core().authors.include(&by) {
                    return Err(Refused::OwnBulletin);
                }
                let signed = signing::approved(bulletin.core(), signature, rules, now)?;
                let approved = bulletin.countersigned(signed).approve(by, now);
                approved.map(Self::Scheduled).map_err(|_| Refused::OwnBulletin)
            }
            (Self::AwaitingApproval(bulletin), Action::Reject { reason, .. }) => {
                Ok(Self::Draft(bulletin.reject(reason)))
            }
            (Self::AwaitingApproval(bulletin), Action::Override { reason, signature, .. }) => {
                is_ready(bulletin.core(), rules, now)?;
                let signed = signing::overridden(bulletin.core(), signature, rules, now)?;
                Ok(Self::Scheduled(bulletin.countersigned(signed).overridden(by, reason, now)))
            }
            (Self::Sending(bulletin), Action::Withdraw { signed }) => {
                let signed = signing::withdrawn(bulletin.core(), signed, rules, now)?;
                Ok(Self::Withdrawn(bulletin.withdraw(by, now).with(signed)))
            }
            (Self::Sent(bulletin), Action::Withdraw { signed }) => {
                let signed = signing::withdrawn(bulletin.core(), signed, rules, now)?;
                Ok(Self::Withdrawn(bulletin.withdraw(by, now).with(signed)))
            }
            (open, Action::Edit { content, send_at, .. }) => {
                let core = open.core();
                let (old, new) = (core.content.form(), content.form());
                let is_other = old.audience != new.audience || old.urgency != new.urgency;
                if core.corrects.is_some() && is_other {
                    return Err(Refused::AudienceOfCorrection);
                }
                let edited = match open {
                    Self::Draft(bulletin) => bulletin.edit(by, *content, send_at),
                    Self::AwaitingApproval(bulletin) => bulletin.edit(by, *content, send_at),
                    Self::Scheduled(bulletin) => bulletin.edit(by, *content, send_at),
                    Self::Cancelled(_)
                    | Self::Corrected(_)
                    | Self::Expired(_)
                    | Self::Sending(_)
                    | Self::Sent(_)
                    | Self::Withdrawn(_) => return Err(wrong),
                };
                edited.map(Self::Draft).ok_or(Refused::TooManyAuthors)
            }
            (Self::Draft(bulletin), Action::Cancel) => Ok(Self::Cancelled(bulletin.cancel(by, now))),
            (Self::AwaitingApproval(bulletin), Action::Cancel) => {
                Ok(Self::Cancelled(bulletin.cancel(by, now)))
            }
            (Self::Scheduled(bulletin), Action::Cancel) => Ok(Self::Cancelled(bulletin.cancel(by, now))),
            _ => Err(wrong),
        }
    }

    fn saw(&self, action: &Action) -> Result<(), Refused> {
        let seen = match action {
            Action::Cancel | Action::Withdraw { .. } => return Ok(()),
            Action::Approve { revision, .. }
            | Action::Edit { revision, .. }
            | Action::Override { revision, .. }
            | Action::Reject { revision, .. }
            | Action::Submit { revision, .. } => *revision,
        };
        if seen == self.core().revision { Ok(()) } else { Err(Refused::Revised) }
    }
}

/// Whether somebody's role says so.
fn may(action: &Action, who: &Principal) -> Result<(), Refused> {
    let may = match action {
        Action::Approve { .. } | Action::Reject { .. } => who.has(Role::Approver),
        Action::Submit { .. } => who.has(Role::Sender),
        Action::Override { .. } => who.has(Role::Approver) || who.has(Role::Admin),
        Action::Cancel | Action::Edit { .. } | Action::Withdraw { .. } => {
            who.has(Role::Sender) || who.has(Role::Approver)
        }
    };
    if may { Ok(()) } else { Err(Refused::NotAllowed) }
}

/// Whether it could go.
fn is_ready(core: &Core, rules: &Rules, now: Timestamp) -> Result<(), Refused> {
    if let Some(language) = core.content.missing(&rules.languages).next() {
        return Err(Refused::LanguageMissing(language.clone()));
    }
    let goes_at = core.send_at.as_ref().map_or(now, |send_at| send_at.at.max(now));
    if core.content.has_expired(goes_at) { Err(Refused::Expired) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
