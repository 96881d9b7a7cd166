//! The record of an attack, for admins and observers.
//!
//! A record is files of one node. Which there are and what they say is asked of all nodes; words go into the records of the
//! node that is asked, which wrote of the same attack as the others did.

pub(crate) mod elsewhere;
pub(crate) mod files;
mod view;

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, admin, bearer, check_origin};
use crate::http::idempotency;
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::IncidentIdText;
use crate::http::paging::query;
use crate::http::problem::Problem;
use crate::incident::{Archive, INCIDENTS_LISTED_MAX, NotFound, Row, WordsRefused};
use crate::peers::Asked;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use campaign::page::{PAGE_DEFAULT, page_size};
use evidence::audit::{Action, Actor, Entry as AuditEntry};
use evidence::incident::{Entry, IncidentId, Name, Note, NoticeSent, Text, Who};
use identity::Principal;
use protocol::{Role, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::Semaphore;
pub(crate) use view::LIMITS as PAGES;
use view::{IncidentView, LinesRequest, ListView, NoteRequest, NotedView, RowView};

protocol::limits! {
    /// Records of incidents that are read at once for the console, as each may be large; further ones wait.
    const INCIDENT_READS_MAX: usize = 2 => unseen;
    /// Longest that a node waits for the lists of the others; one that is later is not in the answer.
    const INCIDENTS_PATIENCE: Duration = Duration::from_secs(1) => unseen;
}

static READS: Semaphore = Semaphore::const_new(INCIDENT_READS_MAX);

/// The routes of incidents.
pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/v1/incidents", web::get().to(list))
        .route("/v1/incidents/{id}", web::get().to(show))
        .route("/v1/incidents/{id}/notes", web::post().to(note).wrap(from_fn(idempotency::once)))
        .route("/v1/incidents/{id}/report.md", web::get().to(files::report_md))
        .route("/v1/incidents/{id}/report.html", web::get().to(files::report_html))
        .route("/v1/incidents/{id}/report.json", web::get().to(files::report_json))
        .route("/v1/incidents/{id}/indicators.csv", web::get().to(files::indicators));
}

/// The records of attacks, of all nodes that answer. Admins and observers only.
#[utoipa::path(
    get, path = "/v1/incidents", operation_id = "list_incidents", tag = "incidents",
    responses((status = 200, description = "The latest.", body = ListView)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    reader(&request, &node)?;
    let gathered = node.store.peers.ask(Asked::Incidents.to_bytes(), INCIDENTS_PATIENCE).await.ok();
    let _turn = READS.acquire().await;
    let own = web::block(node.incidents.lister()).await.map_err(|_| Problem::Internal)?;
    let own = own.map_err(|error| {
        tracing::error!(%error, "the records of incidents cannot be read");
        Problem::Internal
    })?;
    let answers = gathered.as_ref().map_or(&[][..], |gathered| &gathered.answers);
    let told: Vec<Vec<Row>> =
        answers.iter().filter_map(|answer| serde_json::from_slice(answer).ok()).collect();
    let is_complete = gathered.as_ref().is_some_and(|gathered| gathered.expected == told.len());
    let list = ListView { incidents: joined(own, told), is_complete };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// The latest first. Nodes that share a folder tell of the same records.
fn joined(own: Vec<Row>, told: Vec<Vec<Row>>) -> Vec<RowView> {
    let mut seen = BTreeSet::new();
    let own = own.into_iter().map(|row| (row, true));
    let others = told.into_iter().flatten().map(|row| (row, false));
    let all = own.chain(others).filter(|(row, _)| seen.insert((row.id.clone(), row.node.clone())));
    let mut all: Vec<(Row, bool)> = all.collect();
    all.sort_by(|(one, _), (other, _)| {
        (Reverse(one.opened_at), &one.node, &one.id).cmp(&(Reverse(other.opened_at), &other.node, &other.id))
    });
    all.truncate(INCIDENTS_LISTED_MAX);
    all.into_iter().map(|(row, is_here)| RowView::of(row, is_here)).collect()
}

/// A record of an attack: what it comes to, and a page of its lines. Admins and observers only.
///
/// A page ends early where it would be large. It is looked for with the node that answers first, and then with the others.
#[utoipa::path(
    get, path = "/v1/incidents/{id}", operation_id = "read_incident", tag = "incidents",
    params(("id" = IncidentIdText, Path), LinesRequest),
    responses((status = 200, description = "The record.", body = IncidentView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    reader(&request, &node)?;
    let LinesRequest { limit, after, node: of } = query(&request)?;
    let (size, after) = (page_size(limit.unwrap_or(PAGE_DEFAULT)), after.unwrap_or_default());
    let id = read_id(&id)?;
    let turn = READS.acquire().await;
    let (archive, wanted, of_here) = (node.incidents.archive(), id.clone(), of.clone());
    let read = web::block(move || page_of(&archive, wanted, of_here.as_ref(), after, size)).await;
    let read = read.map_err(|_| Problem::Internal)?.map_err(|error| unread(&error))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(view) = read {
        return Ok(response.json(view));
    }
    // Nothing is read here any more, and another node may take its time.
    drop(turn);
    let page = elsewhere::page(&node, &id, of, after, size).await?;
    Ok(response.content_type("application/json").body(page))
}

/// A page of a record, if it is in the folder and that node's. Reads files.
fn page_of(
    archive: &Archive,
    id: IncidentId,
    of: Option<&Name>,
    after: u64,
    size: usize,
) -> Result<Option<IncidentView>, NotFound> {
    let timeline = match archive.timeline(&id) {
        Ok(timeline) => timeline,
        Err(NotFound::Unknown(..)) => return Ok(None),
        Err(error @ (NotFound::Unreadable(..) | NotFound::Nothing(_))) => return Err(error),
    };
    let is_meant = of.is_none() || timeline.node() == of;
    Ok(if is_meant { IncidentView::of(id, &timeline, after, size) } else { None })
}

/// Puts words into a record of the node that answers, or that somebody outside was told. Admins only.
#[utoipa::path(
    post, path = "/v1/incidents/{id}/notes", operation_id = "note_incident", tag = "incidents",
    params(("id" = IncidentIdText, Path), IdempotencyKeyHeader),
    request_body = NoteRequest,
    responses((status = 201, description = "They are on the disk.", body = NotedView), Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn note(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Json<NoteRequest>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?.member;
    let id = read_id(&id)?;
    let NoteRequest { text, to } = body.into_inner();
    let at = clock::wall();
    match put_words(&node, id.clone(), Who::member(by.clone()), text, to, at).await {
        // Said apart from what is nowhere: this node has a record of its own of the same attack.
        Err(Problem::NotFound) => {
            elsewhere::page(&node, &id, None, u64::MAX, 1).await?;
            return Err(Problem::IncidentElsewhere);
        }
        done => done?,
    }
    node.audit.note(AuditEntry::new(Actor::Member(by), Action::IncidentNoted).about(id.as_str()));
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(NotedView { at_ms: at }))
}

/// Whoever may read the records: admins, and observers, who see that all was right.
fn reader(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let by = bearer(request, node)?;
    if by.has(Role::Admin) || by.has(Role::Observer) { Ok(by) } else { Err(Problem::Forbidden) }
}

fn read_id(text: &str) -> Result<IncidentId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

fn unread(error: &NotFound) -> Problem {
    match error {
        NotFound::Unknown(..) => Problem::NotFound,
        NotFound::Unreadable(..) | NotFound::Nothing(_) => {
            tracing::error!(%error, "the record of an incident cannot be read");
            Problem::Internal
        }
    }
}

/// Puts somebody's words into a record; they are on the disk when this is done.
pub(crate) async fn put_words(
    node: &Node,
    id: IncidentId,
    who: Who,
    text: Text,
    to: Option<Name>,
    at: Timestamp,
) -> Result<(), Problem> {
    let entry = match to {
        None => Entry::Note(Note { who, text }),
        Some(to) => Entry::NoticeSent(NoticeSent { who, to, text }),
    };
    node.incidents.words(id, entry, at).await.map_err(|refused| match refused {
        WordsRefused::Unknown => Problem::NotFound,
        WordsRefused::Full => {
            node.metrics.limit_reached(crate::incident::reached::INCIDENT_WORDS_MAX_BYTES);
            Problem::BadRequest("the record is too large for more words; keep them elsewhere")
        }
        WordsRefused::Away => Problem::Unavailable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(node: &str, seconds: u64) -> Row {
        let opened_at = Timestamp::from_millis(1_795_687_200_000 + seconds * 1_000);
        Row {
            id: IncidentId::at(opened_at, 1),
            node: node.parse().unwrap(),
            opened_at,
            closed_at: None,
            worst: "survival".to_owned(),
            trigger: "queueing_delay".to_owned(),
            lines: 1,
            is_intact: true,
        }
    }

    #[test]
    fn the_lists_of_all_nodes_are_one_and_a_shared_folder_is_told_once() {
        let own = vec![row("b:1", 9), row("b:1", 1)];
        let told = vec![vec![row("a:1", 9), row("a:1", 5)], vec![row("b:1", 9)]];
        let list = serde_json::to_value(joined(own, told)).unwrap();
        let rows: Vec<_> =
            list.as_array().unwrap().iter().map(|row| (&row["node"], &row["is_here"])).collect();
        let expected = [("a:1", false), ("b:1", true), ("a:1", false), ("b:1", true)];
        assert_eq!(rows.len(), expected.len());
        for ((node, is_here), (name, here)) in rows.into_iter().zip(expected) {
            assert_eq!((node.as_str(), is_here.as_bool()), (Some(name), Some(here)));
        }
        let many = (0..300).map(|n| row("a:1", n)).collect();
        assert_eq!(joined(Vec::new(), vec![many]).len(), INCIDENTS_LISTED_MAX);
    }
}
