//! Schemas of the words that crates below this one define: made of those words themselves, so that the crates know nothing
//! of HTTP and the document says what they mean.

use crate::http::problem::Problem;
use admission::{Posture, Trigger};
use campaign::approval::{Needs, REASON_MAX_CHARS};
use campaign::attachments::Media;
use campaign::bulletin::content::{Kind as BulletinKind, TITLE_MAX_CHARS, Urgency};
use campaign::conversation::{State, WORDS_MAX_CHARS};
use campaign::inbox::Kind;
use campaign::page::PAGE_MAX;
use campaign::personal::NAME_MAX_BYTES;
use campaign::receipts::Stage;
use campaign::rights::LABEL_MAX_BYTES;
use campaign::web_push::{Shows, Tongue};
use evidence::audit::Action;
use protocol::Role;
use protocol::limits::{CHANNEL_NAME_MAX_BYTES, IDEMPOTENCY_KEY_MAX_BYTES, MEMBER_ID_MAX_BYTES};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use storage::records::RECORD_ID_MAX_BYTES;
use storage::records::member::Standing;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Types that stand for words in the document, and are nothing else.
macro_rules! words {
    ($($(#[doc = $meaning:literal])+ $name:ident as $word:literal = $schema:expr;)+) => {$(
        $(#[doc = $meaning])+
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let description = concat!($($meaning),+).trim();
                $schema.description(Some(description)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($word)
            }
        }
    )+};
}

words! {
    /// An attachment: random, and says nothing.
    AttachmentIdText as "AttachmentId" = text("^a[A-Za-z0-9_-]{22}$", 23);
    /// What somebody did. There may be further ones.
    AuditActionWord as "AuditAction" = one_of(Action::ALL.iter().map(|action| action.as_str()));
    /// A bulletin. Ids of newer ones come before those of older ones.
    BulletinIdText as "BulletinId" = text("^b[0-9a-f]{31}$", 32);
    /// What has become of a bulletin.
    BulletinStateWord as "BulletinState" = one_of(BULLETIN_STATES);
    /// A chain of the audit: random, and says nothing.
    ChainIdText as "ChainId" = text("^[A-Za-z0-9_-]{22}$", 22);
    /// The name of a channel.
    ChannelText as "ChannelName" = text("^[A-Za-z0-9._:#@-]+$", CHANNEL_NAME_MAX_BYTES);
    /// A conversation: whose, and about which bulletin, or `general`, or `complaint`.
    ConversationIdText as "ConversationId" =
        text("^[A-Za-z0-9._@-]+~(general|complaint|b[0-9a-f]{31})$", MEMBER_ID_MAX_BYTES + 1 + 32);
    /// What kind of conversation.
    ConversationKindWord as "ConversationKind" = one_of([Kind::Complaint, Kind::Reply].map(word));
    /// Whether organisers have something to do in a conversation.
    ConversationStateWord as "ConversationState" = one_of([State::Closed, State::Open].map(word));
    /// Where a page begins: what an answer calls `next`.
    CursorText as "Cursor" = text("^[A-Za-z0-9_-]+$", RECORD_ID_MAX_BYTES.div_ceil(3) * 4);
    /// A device, as the service calls it.
    DeviceIdText as "DeviceId" = text("^[A-Za-z0-9._@-]+$", MEMBER_ID_MAX_BYTES);
    /// A file as it is.
    FileBytes as "File" = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    /// By what people know a root key: the SHA-256 of its public key, as base64url.
    FingerprintText as "Fingerprint" = text("^[A-Za-z0-9_-]{43}$", 43);
    /// A SHA-256, as hexadecimal digits.
    HashText as "Hash" = text("^[0-9a-f]{64}$", 64);
    /// A passkey, as the service calls it: random, and says nothing.
    PasskeyIdText as "PasskeyId" = text("^[A-Za-z0-9_-]{22}$", 22);
    /// A ceremony of a passkey: who has this word ends it.
    PasskeyCeremonyIdText as "PasskeyCeremonyId" = text("^[A-Za-z0-9_-]{43,1024}$", 1024);
    /// A client's own word for one request, as a string of RFC 8941 or without its quotes.
    IdempotencyKeyText as "IdempotencyKey" =
        text("^(\"[!#-\\[\\]-~]+\"|[!#-\\[\\]-~]+)$", IDEMPOTENCY_KEY_MAX_BYTES + 2);
    /// An incident: when its record was opened, UTC.
    IncidentIdText as "IncidentId" =
        text("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z(\\.[0-9]{1,9})?$", 30);
    /// An invite, as the service calls it: the hash of what its link carries.
    InviteIdText as "InviteId" = text("^[A-Za-z0-9_-]{43}$", 43);
    /// The name of a region or a team.
    LabelText as "Label" = text("^[A-Za-z0-9._-]+$", LABEL_MAX_BYTES);
    /// A language by its tag (RFC 5646), in lower case.
    LanguageTag as "Language" = text("^[a-z]{2,3}(-[a-z0-9]{2,8})*$", 16);
    /// One line, at least one character of which can be read.
    LineText as "Line" =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(TITLE_MAX_CHARS));
    /// What an attachment is (RFC 6838).
    MediaWord as "Media" = one_of([Media::Jpeg, Media::Pdf, Media::Png].map(word));
    /// A member, as the service calls them: random, and says nothing.
    MemberIdText as "MemberId" = text("^[A-Za-z0-9._@-]+$", MEMBER_ID_MAX_BYTES);
    /// How many people it takes.
    NeedsWord as "Needs" = one_of([Needs::OnePerson, Needs::TwoPeople].map(word));
    /// What sort of bulletin. `cancel` is made by withdrawing only.
    KindWord as "Kind" = one_of(
        [BulletinKind::Alert, BulletinKind::Update, BulletinKind::Test, BulletinKind::Cancel].map(word)
    );
    /// What somebody wants to be called: at most 128 bytes without control characters. An empty one takes the name away.
    NameText as "Name" = ObjectBuilder::new().schema_type(Type::String).max_length(Some(NAME_MAX_BYTES));
    /// Milliseconds since 1970-01-01 UTC.
    Milliseconds as "Milliseconds" = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0));
    /// How many entries a page has at most; more than 200 are 200.
    PageSize as "PageSize" =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(PAGE_MAX));
    /// How hard pressed the service is.
    PostureWord as "PostureName" = one_of(Posture::ALL.map(Posture::as_str));
    /// The stable word of a problem. There may be further ones.
    ProblemCode as "ProblemCode" = one_of(codes());
    /// An Ed25519 public key (RFC 8032), as base64url.
    PublicKeyText as "PublicKey" = text("^[A-Za-z0-9_-]{43}$", 43);
    /// Why somebody did something, in their own words.
    ReasonText as "Reason" =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(REASON_MAX_CHARS));
    /// One of a member's roles.
    RoleWord as "Role" = one_of(Role::ALL.map(Role::as_str));
    /// An Ed25519 signature (RFC 8032), as base64url.
    SignatureText as "Signature" = text("^[A-Za-z0-9_-]{86}$", 86);
    /// Where a page of the audit begins: what an answer calls `next`.
    SpotText as "AuditCursor" = text("^[0-9]{4}-[0-9]{2}-[0-9]{2}\\.[0-9]+\\.[0-9]+\\.[A-Za-z0-9_-]{22}$", 80);
    /// How far a bulletin came with a member; each stage has those before it in it.
    StageWord as "Stage" = one_of(Stage::ALL.map(Stage::as_str));
    /// How far somebody belongs.
    StandingWord as "Standing" = one_of(Standing::ALL.map(word));
    /// A client's own id of a text; the same again is the same text. Visible ASCII characters.
    TextIdText as "TextId" = text("^[!-~]+$", IDEMPOTENCY_KEY_MAX_BYTES);
    /// How much a locked screen says.
    ShowsWord as "PushShows" = one_of([Shows::Nothing, Shows::Title].map(word));
    /// A language that notifications speak.
    TongueWord as "PushLanguage" = one_of(Tongue::ALL.map(Tongue::as_str));
    /// Why a posture changed.
    TriggerWord as "Trigger" = one_of(Trigger::ALL.map(Trigger::as_str));
    /// How soon a bulletin matters.
    UrgencyWord as "Urgency" = one_of([Urgency::Normal, Urgency::Urgent].map(word));
    /// What somebody writes in a conversation: plain text, at least one character of which can be read.
    WordsText as "Words" =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(WORDS_MAX_CHARS));
}

/// As [`AnyBulletin::state`](campaign::bulletin::AnyBulletin::state) says them.
pub(super) const BULLETIN_STATES: [&str; 9] = [
    "awaiting_approval",
    "cancelled",
    "corrected",
    "draft",
    "expired",
    "scheduled",
    "sending",
    "sent",
    "withdrawn",
];

fn text(pattern: &str, max_length: usize) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).min_length(Some(1)).max_length(Some(max_length))
}

fn one_of<W: Into<Value>>(words: impl IntoIterator<Item = W>) -> ObjectBuilder {
    let words: Vec<Value> = words.into_iter().map(Into::into).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
}

/// A word as it is serialized.
fn word(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = Problem::ALL.iter().map(|problem| problem.code()).collect();
    codes.push(crate::http::waiting::CODE);
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Either of two schemas, by their names.
pub(super) fn either<A: ToSchema, B: ToSchema>() -> RefOr<Schema> {
    let reference = |name: Cow<'static, str>| utoipa::openapi::Ref::from_schema_name(name);
    AnyOfBuilder::new().item(reference(A::name())).item(reference(B::name())).into()
}
