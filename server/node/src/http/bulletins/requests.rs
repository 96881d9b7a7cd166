//! What is asked when a bulletin is written.

use crate::http::openapi::bulletins::ContentSchema;
use crate::http::openapi::words::BulletinIdText;
use crate::http::problem::Problem;
use campaign::bulletin::state::SendAt;
use campaign::bulletin::{BulletinId, ContentForm};
use campaign::schedule::{WallTime, Zone, understand};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a bulletin says, and when it goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinWriting)]
pub(crate) struct WriteRequest {
    /// The client's own, so that a repeat is the same bulletin; one is made if there is none.
    #[serde(default)]
    #[schema(value_type = BulletinIdText, required = false)]
    pub(super) id: Option<BulletinId>,
    /// Which revision is changed; needed where one is.
    #[serde(default)]
    #[schema(value_type = u32, required = false)]
    pub(super) revision: Option<u32>,
    #[schema(value_type = ContentSchema)]
    pub(super) content: ContentForm,
    /// When it goes; at once, if nothing is said.
    #[serde(default)]
    #[schema(value_type = LocalTime, required = false)]
    pub(super) send_at: Option<LocalTime>,
}

/// A time on somebody's wall.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalTime {
    /// `2026-05-07T18:00`.
    #[schema(
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
        examples("2026-05-07T18:00")
    )]
    local: String,
    /// `Europe/London`.
    #[schema(examples("Europe/London"))]
    zone: String,
}

/// A correction that is begun.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinCorrection)]
pub(crate) struct CorrectionRequest {
    /// The client's own, so that a repeat is the same bulletin; one is made if there is none.
    #[serde(default)]
    #[schema(value_type = BulletinIdText, required = false)]
    pub(super) id: Option<BulletinId>,
}

/// When a bulletin goes, if somebody says.
pub(super) fn time(asked: Option<LocalTime>) -> Result<Option<SendAt>, Problem> {
    let Some(LocalTime { local, zone }) = asked else { return Ok(None) };
    let wall = WallTime::parse(&local)
        .map_err(|_| Problem::BadRequest("a local time is written as 2026-05-07T18:00"))?;
    let named = Zone::named(&zone)
        .map_err(|_| Problem::BadRequest("a time zone has a name such as Europe/London"))?;
    let understood =
        understand(wall, &named).ok_or(Problem::BadRequest("a time is between the years 1970 and 9999"))?;
    let shown = understood.as_str().to_owned();
    Ok(Some(SendAt { at: understood.at(), local, zone, shown }))
}
