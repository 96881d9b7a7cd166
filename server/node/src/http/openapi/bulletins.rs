//! Schemas of what bulletins are made of. The types are those of `campaign`, which knows nothing of HTTP; these are like
//! them, and a test compares them.
#![expect(dead_code, clippy::zero_sized_map_values, reason = "they are described and never made")]

use crate::http::openapi::words::{
    AttachmentIdText, BulletinIdText, KindWord, LabelText, LanguageTag, LineText, MediaWord, Milliseconds,
    RoleWord, StageWord, UrgencyWord,
};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Whom a bulletin is for: members of any of these regions and teams who have any of these roles. No place named means
/// every place, no role named means every role; at most 64 regions and teams together.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Audience)]
pub(crate) struct AudienceSchema {
    #[schema(required = false, max_items = 64)]
    regions: Vec<LabelText>,
    #[schema(required = false, max_items = 64)]
    teams: Vec<LabelText>,
    #[schema(required = false)]
    roles: Vec<RoleWord>,
    /// Of those, only whom another bulletin did not reach.
    #[schema(required = false)]
    not_reached: NotReachedSchema,
}

/// Those of a bulletin's audience with whom it did not come so far.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AudienceNotReached)]
pub(crate) struct NotReachedSchema {
    bulletin: BulletinIdText,
    stage: StageWord,
}

/// How many a bulletin is for, and how many members there are.
#[derive(ToSchema)]
#[schema(as = HeadCount)]
pub(crate) struct HeadCountSchema {
    audience: u64,
    members: u64,
}

/// What a bulletin says: at most 28 KiB in all.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinContent)]
pub(crate) struct ContentSchema {
    kind: KindWord,
    /// `normal`, if nothing is said. A test is never urgent.
    #[schema(required = false)]
    urgency: UrgencyWord,
    /// A text in each language, in 1 to 8 of them.
    texts: BTreeMap<LanguageTag, TextSchema>,
    /// Everybody, if nobody is named.
    #[schema(required = false)]
    audience: AudienceSchema,
    /// Where to go on.
    #[schema(required = false, max_items = 8)]
    links: Vec<LinkSchema>,
    /// What goes with it.
    #[schema(required = false, max_items = 4)]
    attachments: Vec<AttachedSchema>,
    #[schema(required = false)]
    place: PlaceSchema,
    #[schema(required = false)]
    event: EventTimeSchema,
    /// When it is over.
    #[schema(required = false)]
    expires_at: Milliseconds,
    /// Earlier bulletins that it is about.
    #[schema(required = false, max_items = 8)]
    references: Vec<BulletinIdText>,
}

/// A text in one language.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinText)]
pub(crate) struct TextSchema {
    /// One line.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Markdown of the small kind: paragraphs, emphasis, lists, links.
    #[schema(max_length = 5000)]
    body: String,
}

/// Somewhere to go on.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinLink)]
pub(crate) struct LinkSchema {
    /// `https:` or `http:`.
    #[schema(min_length = 1, max_length = 2048)]
    url: String,
    /// What is there, in each language.
    #[schema(required = false)]
    label: BTreeMap<LanguageTag, LineText>,
}

/// A file that goes with a bulletin, as the answer to attaching it described it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinAttachment)]
pub(crate) struct AttachedSchema {
    id: AttachmentIdText,
    media: MediaWord,
    /// How large, so that nobody loads it unawares.
    bytes: u64,
    /// What it shows, in each language: also for those who do not see it.
    #[schema(required = false)]
    label: BTreeMap<LanguageTag, LineText>,
}

/// A spot on the map: WGS 84, degrees.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinPlace)]
pub(crate) struct PlaceSchema {
    #[schema(minimum = -90, maximum = 90)]
    lat: f64,
    #[schema(minimum = -180, maximum = 180)]
    lon: f64,
    /// What is there, in one line.
    #[schema(min_length = 1, max_length = 200)]
    label: String,
}

/// When something happens.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinEvent)]
pub(crate) struct EventTimeSchema {
    from: Milliseconds,
    /// Later than from when.
    #[schema(required = false)]
    until: Milliseconds,
}

/// How many a bulletin reached.
#[derive(ToSchema)]
#[schema(as = ReceiptCounts)]
pub(crate) struct CountsSchema {
    /// Those whom it was for.
    accepted: StageCountsSchema,
    /// Those to whom it was written.
    written: StageCountsSchema,
    /// Those whose app has it.
    received: StageCountsSchema,
    /// Those who said that they have seen it.
    acknowledged: StageCountsSchema,
    /// Those of whom a push service took a notification for a device. No stage: others come so far without it.
    #[schema(required = false)]
    pushed: StageCountsSchema,
    /// Those of whom a device showed one.
    #[schema(required = false)]
    shown: StageCountsSchema,
}

/// How many reached one stage.
#[derive(ToSchema)]
#[schema(as = StageCounts)]
pub(crate) struct StageCountsSchema {
    /// In all.
    total: u64,
    /// In each region; who is in two counts in both.
    regions: BTreeMap<LabelText, u64>,
}

/// Which bulletins an app has, and which its person has seen: 1 to 64 together.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Receipts)]
pub(crate) struct ReceiptsSchema {
    /// The app has these.
    #[schema(required = false, max_items = 64)]
    received: Vec<BulletinIdText>,
    /// The person has said of these that they have seen them.
    #[schema(required = false, max_items = 64)]
    acknowledged: Vec<BulletinIdText>,
}
