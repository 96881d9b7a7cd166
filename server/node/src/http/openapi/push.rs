//! Schemas of what devices say of notifications. The types are those of `campaign`; a test compares them.
#![expect(dead_code, reason = "they are described and never made")]

use crate::http::openapi::words::{ChannelText, ShowsWord, TongueWord};
use utoipa::ToSchema;

/// What a device is to be sent.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushChoice)]
pub(crate) struct ChoiceSchema {
    language: TongueWord,
    /// `nothing`, if nothing is said.
    #[schema(required = false)]
    shows: ShowsWord,
    #[schema(required = false)]
    quiet: Option<QuietSchema>,
    /// Whether what is urgent is shown in quiet hours all the same; not, if nothing is said.
    #[schema(required = false)]
    urgent_breaks_quiet: bool,
    /// Channels of which nothing is shown.
    #[schema(required = false, max_items = 128)]
    muted: Vec<ChannelText>,
}

/// Hours of each day in which nothing is shown; it is shown afterwards.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushQuiet)]
pub(crate) struct QuietSchema {
    /// From when, as `22:00`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    from: String,
    /// Until when, as `07:00`; of the next day, if it is not later.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    until: String,
    /// A time zone of IANA's, as `Europe/London`.
    #[schema(max_length = 64)]
    zone: String,
}

/// The keys of a push subscription (RFC 8291), base64url.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushKeys)]
pub(crate) struct KeysSchema {
    /// A point of P-256, uncompressed: 65 bytes.
    #[schema(max_length = 130)]
    p256dh: String,
    /// 16 bytes.
    #[schema(max_length = 32)]
    auth: String,
}
