//! `GET /v1/me/export`: what is kept of one, as one JSON document.
//!
//! It is sent as it is read, one conversation after the other, so that no node holds all of it. If the store goes away
//! meanwhile, the connection is cut and the document has no end.

mod view;

use super::view::OwnView;
use crate::assembly::Node;
use crate::clock;
use crate::http::members::own;
use crate::http::openapi::Refused;
use crate::http::problem::Problem;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use campaign::conversation::ConversationId;
use campaign::{Away, Cursor, Page};
use futures_util::{Stream, stream};
use protocol::MemberId;
use std::collections::VecDeque;
use view::{ExportSchema, Head};

/// Conversations that are read at once.
const CONVERSATIONS_READ: usize = 16;

/// Where an export is.
struct Progress {
    node: Data<Node>,
    member: MemberId,
    /// What begins the document, until it is sent.
    head: Option<String>,
    /// Found and not sent yet.
    waiting: VecDeque<ConversationId>,
    next: Next,
    is_first: bool,
    is_over: bool,
}

/// Where to look on for conversations.
enum Next {
    After(Cursor),
    Begin,
    End,
}

/// All that is kept of whoever asks, as one document.
#[utoipa::path(
    get, path = "/v1/me/export", operation_id = "export_own_data", tag = "conversations",
    responses((status = 200, description = "It is sent as it is read. If the connection is cut, the document has no end.", body = ExportSchema), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn export(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    let own = own(&request, &node)?;
    let now = clock::wall();
    let known = node.people.known(&own.member, now).await?.ok_or(Problem::MemberUnknown)?;
    let head = serde_json::to_string(&Head::of(known, now)).map_err(|_| Problem::Internal)?;
    let (member, waiting) = (own.member, VecDeque::new());
    let progress = Progress {
        node,
        member,
        head: Some(head),
        waiting,
        next: Next::Begin,
        is_first: true,
        is_over: false,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""))
        .streaming(pieces(progress)))
}

fn pieces(progress: Progress) -> impl Stream<Item = Result<Bytes, Away>> {
    stream::try_unfold(progress, |mut progress| async move {
        let piece = progress.piece().await?;
        Ok(piece.map(|piece| (Bytes::from(piece), progress)))
    })
}

impl Progress {
    /// The next piece of the document.
    async fn piece(&mut self) -> Result<Option<String>, Away> {
        if let Some(head) = self.head.take() {
            // An object that goes on.
            let open = head.strip_suffix('}').ok_or(Away)?;
            return Ok(Some(format!("{open},\"conversations\":[")));
        }
        while let Some(id) = self.next_id().await? {
            // Unless it went meanwhile.
            if let Some(opened) = self.node.people.opened_conversation(&id, clock::wall()).await? {
                let text = serde_json::to_string(&OwnView::of(opened)).map_err(|_| Away)?;
                let was_first = std::mem::replace(&mut self.is_first, false);
                return Ok(Some(if was_first { text } else { format!(",{text}") }));
            }
        }
        let was_over = std::mem::replace(&mut self.is_over, true);
        Ok((!was_over).then(|| "]}".to_owned()))
    }

    async fn next_id(&mut self) -> Result<Option<ConversationId>, Away> {
        while self.waiting.is_empty() {
            let after = match std::mem::replace(&mut self.next, Next::End) {
                Next::After(cursor) => Some(cursor),
                Next::Begin => None,
                Next::End => break,
            };
            let (people, now) = (&self.node.people, clock::wall());
            let page = people.conversations_of(&self.member, after.as_ref(), CONVERSATIONS_READ, now).await?;
            let Page { items, next } = page;
            self.waiting.extend(items.iter().map(|opened| opened.conversation.id().clone()));
            self.next = next.map_or(Next::End, Next::After);
        }
        Ok(self.waiting.pop_front())
    }
}
