//! What an export says, beside the conversations.

use super::super::view::OwnView;
use crate::http::openapi::push::ChoiceSchema;
use crate::http::openapi::words::{
    DeviceIdText, InviteIdText, LabelText, MemberIdText, Milliseconds, RoleWord, StandingWord,
};
use crate::http::passkeys::view::PasskeyView;
use campaign::export::Known;
use campaign::web_push::{Choice, PushAddress};
use protocol::{DeviceId, MemberId, Role, Timestamp};
use serde::Serialize;
use storage::records::device::Device;
use storage::records::invite::Invite;
use storage::records::member::Standing;
use utoipa::ToSchema;

/// What is kept of a member.
#[derive(ToSchema)]
#[schema(as = OwnData)]
#[expect(dead_code, reason = "it is described, and sent a piece at a time")]
pub(crate) struct ExportSchema {
    #[serde(flatten)]
    head: Head,
    conversations: Vec<OwnView>,
}

/// All but the conversations.
// What receipts say of a member belongs here, once they are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataHead)]
pub(super) struct Head {
    #[schema(value_type = Milliseconds)]
    exported_at_ms: Timestamp,
    member: MemberPart,
    devices: Vec<DevicePart>,
    /// Where these are reached while they sleep, and what they are to be sent.
    notifications: Vec<PushPart>,
    passkeys: Vec<PasskeyView>,
    invites_made: Vec<InvitePart>,
    /// The invite that was made for them alone.
    own_invite: Option<InvitePart>,
    /// What else is kept, and where.
    #[schema(value_type = Vec<Elsewhere>)]
    elsewhere: [Elsewhere; 4],
}

/// Who they are.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataMember)]
struct MemberPart {
    #[schema(value_type = MemberIdText)]
    id: MemberId,
    name: Option<String>,
    /// Who they are in the campaign's own books.
    reference: Option<String>,
    /// Whether an account at the campaign's own sign-on is known to be theirs.
    has_account: bool,
    #[schema(value_type = StandingWord)]
    standing: Standing,
    #[schema(value_type = Vec<RoleWord>)]
    roles: Vec<Role>,
    #[schema(value_type = Vec<LabelText>)]
    regions: Vec<String>,
    #[schema(value_type = Vec<LabelText>)]
    teams: Vec<String>,
    #[schema(value_type = Milliseconds)]
    joined_at_ms: Timestamp,
    revision: u64,
}

/// A device that they signed in on.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataDevice)]
struct DevicePart {
    #[schema(value_type = DeviceIdText)]
    id: DeviceId,
    #[schema(value_type = Milliseconds)]
    since_ms: Timestamp,
    #[schema(value_type = Milliseconds)]
    seen_ms: Timestamp,
    stolen: bool,
}

/// Where a device is reached while it sleeps. Its keys are the device's own and are not shown.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataNotifications)]
struct PushPart {
    #[schema(value_type = DeviceIdText)]
    device: DeviceId,
    /// Its address at a push service.
    endpoint: String,
    #[schema(value_type = ChoiceSchema)]
    choice: Choice,
    #[schema(value_type = Milliseconds)]
    since_ms: Timestamp,
}

/// An invite, without its link.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataInvite)]
struct InvitePart {
    /// Nothing, where it would be part of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = InviteIdText, required = false)]
    id: Option<String>,
    #[schema(value_type = Vec<RoleWord>)]
    roles: Vec<Role>,
    #[schema(value_type = Vec<LabelText>)]
    regions: Vec<String>,
    #[schema(value_type = Vec<LabelText>)]
    teams: Vec<String>,
    max_uses: u32,
    uses: u32,
    #[schema(value_type = Milliseconds)]
    created_at_ms: Timestamp,
    #[schema(value_type = Milliseconds)]
    expires_at_ms: Timestamp,
    revoked: bool,
}

/// What is kept of a member that is in no record of theirs.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDataElsewhere)]
struct Elsewhere {
    what: &'static str,
    how: &'static str,
}

const ELSEWHERE: [Elsewhere; 4] = [
    Elsewhere {
        what: "answers",
        how: "What you answered as an organiser is in the conversations of those whom you answered, until its time is \
              over.",
    },
    Elsewhere {
        what: "posts",
        how: "What you posted to teams or as a sender is in the logs of those channels under your id, until their \
              time is over.",
    },
    Elsewhere {
        what: "inbox",
        how: "What was sent to you alone is in the log of your own channel, until its time is over; the app shows it.",
    },
    Elsewhere {
        what: "traffic",
        how: "How many bytes of which channels were sent to your id, and when, is in the nodes' account of what left, \
              until its time is over.",
    },
];

impl Head {
    pub(super) fn of(known: Known, now: Timestamp) -> Self {
        let (member, personal) = (known.person.member, known.person.personal);
        Self {
            exported_at_ms: now,
            member: MemberPart {
                id: member.id,
                name: personal.name,
                has_account: personal.account.is_some(),
                reference: personal.reference,
                standing: member.standing,
                roles: member.roles,
                regions: member.regions,
                teams: member.teams,
                joined_at_ms: member.joined_at,
                revision: member.revision,
            },
            devices: known.devices.into_iter().map(device).collect(),
            notifications: known.pushes.into_iter().map(push).collect(),
            passkeys: known.passkeys.into_iter().map(PasskeyView::from).collect(),
            invites_made: known.invites.into_iter().map(|(id, invite)| part(Some(id), invite)).collect(),
            own_invite: known.own_invite.map(|invite| part(None, invite)),
            elsewhere: ELSEWHERE,
        }
    }
}

fn device((id, device): (DeviceId, Device)) -> DevicePart {
    DevicePart { id, since_ms: device.since, seen_ms: device.shown_since, stolen: device.is_stolen }
}

fn push((device, address): (DeviceId, PushAddress)) -> PushPart {
    let PushAddress { endpoint, choice, since, .. } = address;
    PushPart { device, endpoint: endpoint.reveal().as_str().to_owned(), choice, since_ms: since }
}

fn part(id: Option<String>, invite: Invite) -> InvitePart {
    InvitePart {
        id,
        roles: invite.roles,
        regions: invite.regions,
        teams: invite.teams,
        max_uses: invite.max_uses,
        uses: invite.uses,
        created_at_ms: invite.created_at,
        expires_at_ms: invite.expires_at,
        revoked: invite.revoked,
    }
}
