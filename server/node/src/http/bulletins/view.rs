//! A bulletin as organisers see it.

use crate::http::openapi::bulletins::{ContentSchema, HeadCountSchema};
use crate::http::openapi::trust::SignedSchema;
use crate::http::openapi::words::{
    BulletinIdText, BulletinStateWord, MemberIdText, Milliseconds, NeedsWord, ReasonText,
};
use campaign::approval::{Clearance, How, Needs};
use campaign::audience::HeadCount;
use campaign::bulletin::state::SendAt;
use campaign::bulletin::{AnyBulletin, BulletinId, ContentForm, Signed};
use campaign::bulletins::needs;
use protocol::{MemberId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A bulletin, and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Bulletin)]
pub(crate) struct BulletinView {
    #[schema(value_type = BulletinIdText)]
    id: BulletinId,
    #[schema(value_type = BulletinStateWord)]
    state: &'static str,
    revision: u32,
    #[schema(value_type = Vec<MemberIdText>)]
    authors: Vec<MemberId>,
    #[schema(value_type = ContentSchema)]
    content: ContentForm,
    #[schema(value_type = Milliseconds)]
    created_at_ms: Timestamp,
    /// How many people it takes.
    #[schema(value_type = NeedsWord)]
    needs: Needs,
    /// How many it is for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = HeadCountSchema, required = false)]
    count: Option<HeadCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SendAtView, required = false)]
    send_at: Option<SendAtView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BulletinIdText, required = false)]
    corrects: Option<BulletinId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BulletinIdText, required = false)]
    corrected_by: Option<BulletinId>,
    /// Why somebody said no.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ReasonText, required = false)]
    returned: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClearedView, required = false)]
    cleared: Option<ClearedView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    sent_at_ms: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = WithdrawnView, required = false)]
    withdrawn: Option<WithdrawnView>,
    /// What was signed of this revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SignedSchema, required = false)]
    signed: Option<Signed>,
}

/// When it goes: a time on somebody's wall, and as what it was understood.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinSendAt)]
struct SendAtView {
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    local: String,
    zone: String,
    /// `once`, `repeated` or `skipped`: how often the clock shows it.
    shown: String,
}

/// By what it may go.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinCleared)]
pub(super) struct ClearedView {
    /// `approved`, `one_person` or `overridden`.
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = MemberIdText, required = false)]
    by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    at_ms: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ReasonText, required = false)]
    reason: Option<String>,
}

/// Who took it back, and when.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinWithdrawn)]
struct WithdrawnView {
    #[schema(value_type = MemberIdText)]
    by: MemberId,
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
}

impl BulletinView {
    pub(super) fn new(bulletin: &AnyBulletin, count: Option<HeadCount>) -> Self {
        let core = bulletin.core();
        let withdrawn = bulletin.withdrawn_by().map(|(by, at)| WithdrawnView { by: by.clone(), at_ms: at });
        Self {
            id: core.id.clone(),
            state: bulletin.state(),
            revision: core.revision,
            authors: core.authors.iter().cloned().collect(),
            content: core.content.form().clone(),
            created_at_ms: core.created_at,
            needs: needs(bulletin, count),
            count,
            send_at: core.send_at.as_ref().map(SendAtView::new),
            corrects: core.corrects.as_ref().map(|corrects| corrects.id.clone()),
            corrected_by: bulletin.corrected_by().cloned(),
            returned: bulletin.returned().map(|reason| reason.as_str().to_owned()),
            cleared: bulletin.clearance().map(ClearedView::new),
            sent_at_ms: bulletin.sent().map(campaign::bulletin::state::Sent::at),
            withdrawn,
            signed: core.signed.clone(),
        }
    }
}

impl SendAtView {
    fn new(send_at: &SendAt) -> Self {
        let SendAt { at, local, zone, shown } = send_at.clone();
        Self { at_ms: at, local, zone, shown }
    }
}

impl ClearedView {
    pub(super) fn new(clearance: &Clearance) -> Self {
        let (how, by, at, reason) = match clearance.how() {
            How::Approved { by, at } => ("approved", Some(by), Some(*at), None),
            How::OnePerson => ("one_person", None, None, None),
            How::Overridden { by, at, reason } => ("overridden", Some(by), Some(*at), Some(reason)),
        };
        let reason = reason.map(|reason| reason.as_str().to_owned());
        Self { how, by: by.cloned(), at_ms: at, reason }
    }
}
