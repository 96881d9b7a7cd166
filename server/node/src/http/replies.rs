//! What members write to the organisers: replies and one's own conversations here, the organisers' inbox in [`inbox`], and
//! all that is kept of one in [`export`].

pub(crate) mod export;
pub(crate) mod inbox;
mod telling;
mod view;

use crate::assembly::Node;
use crate::clock;
use crate::http::idempotency;
use crate::http::members::own;
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::{
    BulletinIdText, ConversationIdText, ConversationKindWord, Milliseconds, TextIdText, WordsText,
};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use campaign::Page;
use campaign::bulletin::BulletinId;
use campaign::conversation::{About, ConversationId, Refused as Refusal, Words, Written, reached as bounds};
use campaign::inbox::{InboxError, Kind};
use protocol::{IdempotencyKey, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use view::{OwnList, OwnView};

/// The routes of conversations.
pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/v1/replies", web::post().to(reply).wrap(from_fn(idempotency::once)))
        .route("/v1/me/conversations", web::get().to(list))
        .route("/v1/me/conversations/{id}", web::get().to(show))
        .route("/v1/me/export", web::get().to(export::export))
        .route("/v1/inbox", web::get().to(inbox::list))
        .route("/v1/inbox/{id}", web::get().to(inbox::show))
        .route("/v1/inbox/{id}/answers", web::post().to(inbox::answer).wrap(from_fn(idempotency::once)))
        .route("/v1/inbox/{id}/assignee", web::put().to(inbox::assign))
        .route("/v1/inbox/{id}/state", web::put().to(inbox::set_state));
}

/// What a member writes to the organisers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reply)]
pub(crate) struct ReplyRequest {
    /// What it is about; nothing, if it is about no bulletin.
    #[serde(default)]
    #[schema(value_type = BulletinIdText, required = false)]
    bulletin: Option<String>,
    /// `reply`, if nothing is said. A complaint is a conversation of its own, and is about no bulletin.
    #[serde(default)]
    #[schema(value_type = ConversationKindWord, required = false)]
    about: Kind,
    #[schema(value_type = WordsText)]
    text: String,
    /// The same again is the same reply.
    #[serde(default)]
    #[schema(value_type = TextIdText, required = false)]
    id: Option<String>,
}

/// That a text is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = TextTaken)]
struct Taken {
    #[schema(value_type = ConversationIdText)]
    conversation: ConversationId,
    #[schema(value_type = TextIdText)]
    id: IdempotencyKey,
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
}

/// Writes to the organisers, about a bulletin or anything else, or complains. Who is an observer alone may only complain.
#[utoipa::path(
    post, path = "/v1/replies", operation_id = "reply", tag = "conversations",
    params(IdempotencyKeyHeader),
    request_body = ReplyRequest,
    responses((status = 201, description = "It is kept.", body = Taken), Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn reply(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<ReplyRequest>,
) -> Result<HttpResponse, Problem> {
    let by = own(&request, &node)?;
    let ReplyRequest { bulletin, about, text, id } = body.into_inner();
    if about == Kind::Reply && by.roles.iter().all(|role| *role == Role::Observer) {
        return Err(Problem::Forbidden);
    }
    let about = match (about, bulletin) {
        (Kind::Complaint, None) => About::Complaint,
        (Kind::Complaint, Some(_)) => {
            return Err(Problem::BadRequest("a complaint is about no bulletin: its text may name one"));
        }
        (Kind::Reply, None) => About::General,
        (Kind::Reply, Some(id)) => {
            About::Bulletin(BulletinId::parse(&id).map_err(|_| Problem::BulletinUnknown)?)
        }
    };
    let (words, key) = (words(&text)?, key(id)?);
    let written = node.people.reply(&by.member, about, &key, &words, clock::wall()).await;
    // Unknown is only somebody whom a token names and no record.
    let is_nobody = written == Err(InboxError::Unknown);
    let (conversation, written) =
        written.map_err(|error| if is_nobody { Problem::MemberUnknown } else { refusal(&node, error) })?;
    node.notices.conversation(&conversation);
    telling::of_reply(&node, &conversation, &written).await;
    Ok(taken(conversation.id().clone(), written))
}

fn taken(conversation: ConversationId, written: Written) -> HttpResponse {
    let taken = Taken { conversation, id: written.key, at_ms: written.at };
    HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(taken)
}

/// A page of the conversations of whoever asks, with their texts.
#[utoipa::path(
    get, path = "/v1/me/conversations", operation_id = "list_own_conversations", tag = "conversations",
    params(PageRequest),
    responses((status = 200, description = "A page.", body = OwnList)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let own = own(&request, &node)?;
    let (after, size) = query::<PageRequest>(&request)?.read()?;
    let page = node.people.conversations_of(&own.member, after.as_ref(), size, clock::wall()).await?;
    let Page { items, next } = page;
    let conversations = items.into_iter().map(OwnView::of).collect();
    let list = OwnList { conversations, next: next.map(|cursor| cursor.as_text()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// A conversation of whoever asks.
#[utoipa::path(
    get, path = "/v1/me/conversations/{id}", operation_id = "read_own_conversation", tag = "conversations",
    params(("id" = ConversationIdText, Path)),
    responses((status = 200, description = "The conversation.", body = OwnView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let own = own(&request, &node)?;
    let id = read_id(&id)?;
    // Of others it is not even said whether there is one.
    if *id.member() != own.member {
        return Err(Problem::ConversationUnknown);
    }
    let opened = node.people.opened_conversation(&id, clock::wall()).await?;
    let opened = opened.ok_or(Problem::ConversationUnknown)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(OwnView::of(opened)))
}

fn read_id(text: &str) -> Result<ConversationId, Problem> {
    ConversationId::parse(text).map_err(|_| Problem::ConversationUnknown)
}

fn words(text: &str) -> Result<Words, Problem> {
    Words::parse(text).map_err(|_| Problem::BadRequest("text has 1 to 2000 characters that can be read"))
}

/// The id that a client gave, or a fresh one.
fn key(id: Option<String>) -> Result<IdempotencyKey, Problem> {
    match id {
        None => clock::fresh_key().map_err(|_| Problem::Internal),
        Some(id) => IdempotencyKey::parse(&id)
            .map_err(|_| Problem::BadRequest("id is 1 to 128 visible ASCII characters")),
    }
}

/// Why nothing was written or changed; bounds that were reached are counted.
fn refusal(node: &Node, error: InboxError) -> Problem {
    match error {
        InboxError::Away(_) => Problem::Unavailable,
        InboxError::BulletinUnknown => Problem::BulletinUnknown,
        InboxError::NoOrganiser => Problem::BadRequest("member is an organiser, or null"),
        InboxError::Refused(Refusal::ComplaintUnanswered) => Problem::ComplaintUnanswered,
        InboxError::Refused(Refusal::KeyReused) => Problem::IdReused,
        InboxError::Refused(Refusal::TooManyOpen) => {
            node.metrics.limit_reached(bounds::CONVERSATIONS_OPEN_MAX);
            Problem::TooManyConversations
        }
        InboxError::Refused(Refusal::TooManyUnanswered) => {
            node.metrics.limit_reached(bounds::REPLIES_UNANSWERED_MAX);
            Problem::TooManyUnanswered
        }
        InboxError::Stale => Problem::Stale,
        InboxError::Unknown => Problem::ConversationUnknown,
    }
}
