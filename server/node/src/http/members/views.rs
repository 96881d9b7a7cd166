//! What members and devices look like over HTTP.

use crate::http::openapi::words::{
    CursorText, DeviceIdText, LabelText, MemberIdText, Milliseconds, NameText, PageSize, RoleWord,
    StandingWord,
};
use campaign::Person;
use protocol::{DeviceId, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use storage::records::member::Standing;
use utoipa::{IntoParams, ToSchema};

/// Which members, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRequest {
    #[param(value_type = RoleWord, required = false)]
    pub(super) role: Option<Role>,
    #[param(value_type = LabelText, required = false)]
    pub(super) region: Option<String>,
    #[param(value_type = LabelText, required = false)]
    pub(super) team: Option<String>,
    #[param(value_type = StandingWord, required = false)]
    pub(super) standing: Option<Standing>,
    #[param(value_type = PageSize, required = false)]
    pub(super) limit: Option<usize>,
    #[param(value_type = CursorText, required = false)]
    pub(super) after: Option<String>,
}

/// What is to change; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberEdit)]
pub(crate) struct EditRequest {
    #[schema(value_type = NameText, required = false)]
    pub(super) name: Option<String>,
    #[schema(value_type = Vec<RoleWord>, required = false, min_items = 1, max_items = 32)]
    pub(super) roles: Option<Vec<Role>>,
    #[schema(value_type = Vec<LabelText>, required = false, max_items = 32)]
    pub(super) regions: Option<Vec<String>>,
    #[schema(value_type = Vec<LabelText>, required = false, max_items = 32)]
    pub(super) teams: Option<Vec<String>>,
    /// `active`, for somebody who waits for it.
    #[schema(value_type = StandingWord, required = false)]
    pub(super) standing: Option<Standing>,
}

/// What members may change of themselves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnEdit)]
pub(crate) struct OwnRequest {
    #[schema(value_type = NameText)]
    pub(super) name: String,
}

/// A member.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    #[schema(value_type = MemberIdText)]
    id: MemberId,
    /// What they want to be called, if anything.
    name: Option<String>,
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
    /// On how many they are signed in.
    devices: usize,
    /// How often this was edited.
    revision: u64,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberList)]
pub(crate) struct List {
    pub(super) members: Vec<MemberView>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CursorText, required = false)]
    pub(super) next: Option<String>,
}

/// A device that a member signed in on.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct DeviceView {
    #[schema(value_type = DeviceIdText)]
    pub(super) id: DeviceId,
    #[schema(value_type = Milliseconds)]
    pub(super) since_ms: Timestamp,
    /// When it last showed a new secret.
    #[schema(value_type = Milliseconds)]
    pub(super) seen_ms: Timestamp,
    /// Whether it was signed out because somebody else had a secret of it.
    pub(super) stolen: bool,
    /// Whether it is the one that asks.
    pub(super) this: bool,
}

/// A member's devices, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceList)]
pub(crate) struct Devices {
    pub(super) devices: Vec<DeviceView>,
}

impl From<Person> for MemberView {
    fn from(Person { member, personal }: Person) -> Self {
        Self {
            id: member.id,
            name: personal.name,
            standing: member.standing,
            roles: member.roles,
            regions: member.regions,
            teams: member.teams,
            joined_at_ms: member.joined_at,
            devices: member.devices.len(),
            revision: member.revision,
        }
    }
}
