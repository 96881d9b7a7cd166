//! What the audit says of what is done to bulletins.

use super::view::ClearedView;
use campaign::bulletin::{Action, AnyBulletin};
use evidence::audit::{self, Actor, Entry};
use identity::Principal;
use protocol::MemberId;
use serde::Serialize;

/// Somebody did something to a bulletin.
pub(super) fn entry(who: &Principal, action: &Action, before: &AnyBulletin, after: &AnyBulletin) -> Entry {
    Entry::new(Actor::Member(who.member.clone()), noted(action))
        .about(after.core().id.as_str())
        .before(&Noted::of(before))
        .after(&Noted::of(after))
}

/// What the audit says of a bulletin: how it stood, who wrote it, and by what it went. Its words are in the log, and what is
/// not sent yet is nobody's business.
#[derive(Serialize)]
struct Noted<'a> {
    state: &'static str,
    revision: u32,
    authors: Vec<&'a MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared: Option<ClearedView>,
}

impl<'a> Noted<'a> {
    fn of(bulletin: &'a AnyBulletin) -> Self {
        let core = bulletin.core();
        Self {
            state: bulletin.state(),
            revision: core.revision,
            authors: core.authors.iter().collect(),
            cleared: bulletin.clearance().map(ClearedView::new),
        }
    }
}

const fn noted(action: &Action) -> audit::Action {
    match action {
        Action::Approve { .. } => audit::Action::BulletinApproved,
        Action::Cancel => audit::Action::BulletinCancelled,
        Action::Edit { .. } => audit::Action::BulletinEdited,
        Action::Override { .. } => audit::Action::BulletinOverridden,
        Action::Reject { .. } => audit::Action::BulletinRejected,
        Action::Submit { .. } => audit::Action::BulletinSubmitted,
        Action::Withdraw { .. } => audit::Action::BulletinWithdrawn,
    }
}
