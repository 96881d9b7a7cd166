//! The inbox that all organisers share: what members write, who sees to it, and whether it is done.

use super::{Taken, key, read_id, refusal, taken, telling, words};
use crate::assembly::Node;
use crate::clock;
use crate::http::members::{own, revision};
use crate::http::openapi::Refused;
use crate::http::openapi::headers::{IdempotencyKeyHeader, IfMatchNeededHeader, IfMatchSeenHeader};
use crate::http::openapi::words::{
    ConversationIdText, ConversationKindWord, ConversationStateWord, CursorText, MemberIdText, PageSize,
    TextIdText, WordsText,
};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use crate::http::replies::view::{InboxList, InboxView};
use crate::web_push;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::Page;
use campaign::conversation::{Conversation, Handling, State};
use campaign::inbox::{Assigned, Filter, Kind, Opened};
use identity::Principal;
use protocol::{MemberId, Role};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// Which conversations, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRequest {
    /// `open`, if nothing is said.
    #[serde(default)]
    #[param(value_type = ConversationStateWord, required = false)]
    state: State,
    /// Those that whoever asks sees to, or nobody.
    #[param(value_type = Whose, inline, required = false)]
    assigned: Option<Whose>,
    /// Complaints alone, or all but them; both, if nothing is said.
    #[param(value_type = ConversationKindWord, required = false)]
    about: Option<Kind>,
    #[param(value_type = PageSize, required = false)]
    limit: Option<usize>,
    #[param(value_type = CursorText, required = false)]
    after: Option<String>,
}

/// Who sees to a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = InboxAssigned)]
enum Whose {
    Me,
    Nobody,
}

/// What an organiser answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Answer)]
pub(crate) struct AnswerRequest {
    #[schema(value_type = WordsText)]
    text: String,
    /// The same again is the same answer.
    #[serde(default)]
    #[schema(value_type = TextIdText, required = false)]
    id: Option<String>,
}

/// Who is to see to a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Assignment)]
pub(crate) struct AssignRequest {
    /// An organiser, or null for nobody.
    // Nobody is said, and is not what is meant when nothing is.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<MemberIdText>, required = true)]
    member: Option<MemberId>,
}

/// Whether there is something to do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConversationStateChange)]
pub(crate) struct StateRequest {
    #[schema(value_type = ConversationStateWord)]
    state: State,
}

fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MemberId>, D::Error> {
    Option::deserialize(deserializer)
}

/// A page of the conversations of all members, with their texts. Organisers only.
#[utoipa::path(
    get, path = "/v1/inbox", operation_id = "list_inbox", tag = "conversations",
    params(ListRequest),
    responses((status = 200, description = "A page. It may have fewer entries than asked for, though there are further pages.", body = InboxList)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let by = organiser(&request, &node)?;
    let ListRequest { state, assigned, about, limit, after } = query(&request)?;
    let (after, size) = PageRequest { limit, after }.read()?;
    let assigned = match assigned {
        None => Assigned::Any,
        Some(Whose::Me) => Assigned::To(by.member.clone()),
        Some(Whose::Nobody) => Assigned::Nobody,
    };
    let filter = Filter { state, assigned, about };
    let Page { items, next } = node.people.inbox(&filter, after.as_ref(), size, clock::wall()).await?;
    let mut conversations = Vec::with_capacity(items.len());
    for opened in items {
        let name = name(&node, &by, &opened.conversation).await?;
        conversations.push(InboxView::of(opened, name));
    }
    let list = InboxList { conversations, next: next.map(|cursor| cursor.as_text()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// A conversation. Organisers only.
#[utoipa::path(
    get, path = "/v1/inbox/{id}", operation_id = "read_conversation", tag = "conversations",
    params(("id" = ConversationIdText, Path)),
    responses((status = 200, description = "The conversation.", body = InboxView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = organiser(&request, &node)?;
    let opened = node.people.opened_conversation(&read_id(&id)?, clock::wall()).await?;
    let Opened { conversation, texts } = opened.ok_or(Problem::ConversationUnknown)?;
    let (name, revision) = (name(&node, &by, &conversation).await?, conversation.revision());
    Ok(shown(revision, &InboxView::of(Opened { conversation, texts }, name)))
}

/// Answers a member. Organisers only.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/answers", operation_id = "answer", tag = "conversations",
    params(("id" = ConversationIdText, Path), IfMatchSeenHeader, IdempotencyKeyHeader),
    request_body = AnswerRequest,
    responses((status = 201, description = "It is kept.", body = Taken), Refused<404>, Refused<409>, Refused<412>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn answer(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Json<AnswerRequest>,
) -> Result<HttpResponse, Problem> {
    let by = organiser(&request, &node)?;
    let (id, revision) = (read_id(&id)?, revision(&request)?);
    let AnswerRequest { text, id: key_of_answer } = body.into_inner();
    let (words, key) = (words(&text)?, key(key_of_answer)?);
    let answered = node.people.answer(&id, &by.member, revision, &key, &words, clock::wall()).await;
    let (conversation, written) = answered.map_err(|error| refusal(&node, error))?;
    node.notices.conversation(&conversation);
    telling::of_answer(&node, &conversation, &written).await;
    web_push::tell_message(&node, conversation.id().member()).await;
    Ok(taken(id, written))
}

/// Says who sees to a conversation. Organisers only.
#[utoipa::path(
    put, path = "/v1/inbox/{id}/assignee", operation_id = "assign_conversation", tag = "conversations",
    params(("id" = ConversationIdText, Path), IfMatchNeededHeader),
    request_body = AssignRequest,
    responses((status = 200, description = "The conversation, without its texts.", body = InboxView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>, Refused<412>, Refused<428>),
    security(("bearer" = [])),
)]
pub(crate) async fn assign(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Json<AssignRequest>,
) -> Result<HttpResponse, Problem> {
    handle(&request, &node, &id, Handling::Assign(body.into_inner().member)).await
}

/// Says whether there is something to do in a conversation. A complaint is answered before it is closed. Organisers only.
#[utoipa::path(
    put, path = "/v1/inbox/{id}/state", operation_id = "set_conversation_state", tag = "conversations",
    params(("id" = ConversationIdText, Path), IfMatchNeededHeader),
    request_body = StateRequest,
    responses((status = 200, description = "The conversation, without its texts.", body = InboxView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>, Refused<409>, Refused<412>, Refused<428>),
    security(("bearer" = [])),
)]
pub(crate) async fn set_state(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Json<StateRequest>,
) -> Result<HttpResponse, Problem> {
    handle(&request, &node, &id, Handling::Set(body.state)).await
}

async fn handle(
    request: &HttpRequest,
    node: &Node,
    id: &str,
    handling: Handling,
) -> Result<HttpResponse, Problem> {
    let by = organiser(request, node)?;
    let id = read_id(id)?;
    if !request.headers().contains_key(IF_MATCH) {
        return Err(Problem::PreconditionRequired);
    }
    let handled = node.people.handle(&id, revision(request)?, &handling, clock::wall()).await;
    let conversation = handled.map_err(|error| refusal(node, error))?;
    node.notices.conversation(&conversation);
    let name = name(node, &by, &conversation).await?;
    Ok(shown(conversation.revision(), &InboxView::without_texts(&conversation, name)))
}

fn shown(revision: u64, view: &InboxView) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, format!("\"{revision}\"")))
        .json(view)
}

/// An organiser, or nobody.
fn organiser(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    let principal = own(request, node)?;
    if principal.is_organiser() { Ok(principal) } else { Err(Problem::Forbidden) }
}

/// What the member of a conversation wants to be called, for whoever may know it.
async fn name(node: &Node, by: &Principal, of: &Conversation) -> Result<Option<String>, Problem> {
    if !by.has(Role::Admin) {
        return Ok(None);
    }
    let person = node.people.person(of.id().member(), clock::wall()).await?;
    Ok(person.and_then(|person| person.personal.name))
}
