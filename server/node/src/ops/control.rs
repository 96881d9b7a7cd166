//! What operators order and what only they may read: the posture, and the records of incidents.

use super::caller::operator;
use super::status::Board;
use crate::assembly::Node;
use crate::clock;
use crate::http::incidents;
use crate::http::incidents::files::{self, File};
use crate::http::posture::{ORDER_TAKEN_BACK, note_order};
use crate::http::problem::Problem;
use crate::http::status;
use crate::http::whole::{BODY_MAX_BYTES, BODY_TIMEOUT};
use crate::posture::{ORDER_TTL, OrderRefused, Reach};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Posture;
use evidence::audit::Actor;
use evidence::incident::{IncidentId, Name, Text, Who};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;

protocol::limits! {
    /// Reports of incidents that are made at once for the ops listener; further ones wait.
    const OPS_REPORTS_MAX: usize = 2 => unseen;
}

static REPORTS: Semaphore = Semaphore::const_new(OPS_REPORTS_MAX);

/// What `PUT /posture` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderRequest {
    pub(crate) posture: String,
    pub(crate) why: String,
    /// For how long, as people write it.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) lasts: Option<String>,
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

/// What `POST /incidents/{id}/notes` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordsRequest {
    pub(crate) text: Text,
    /// Who was told this, if somebody was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Name>,
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

/// What `PUT /statement` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementRequest {
    pub(crate) text: String,
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct By {
    #[serde(default, rename = "as")]
    name: Option<Name>,
}

#[derive(Serialize)]
struct Ordered {
    reach: Reach,
}

fn answer(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// Whom the audit names: never by the name that they gave.
fn actor(who: &Who) -> Actor {
    who.member.clone().map_or(Actor::Operator(who.uid), Actor::Member)
}

/// The body, after it is known who asks: a slow one must not hold the place of an operator.
async fn body<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Problem> {
    const WRONG: Problem = Problem::BadRequest("the body is not what this request takes");
    let gathered = tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(BODY_MAX_BYTES)).await;
    let bytes = gathered.map_err(|_| Problem::TooSlow)?.map_err(|_| WRONG)?.map_err(|_| WRONG)?;
    serde_json::from_slice(&bytes).map_err(|_| WRONG)
}

/// `GET /posture`.
pub(super) async fn show(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    operator(&request, &node, None)?;
    Ok(answer(&node.posture.snapshot()))
}

/// `PUT /posture`.
pub(super) async fn order(
    request: HttpRequest,
    node: web::Data<Node>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut who = operator(&request, &node, None)?;
    let OrderRequest { posture, why, lasts, name } = body(payload).await?;
    who.name = name;
    let posture = Posture::parse(&posture)
        .ok_or(Problem::BadRequest("a posture is normal, elevated, under_attack or survival"))?;
    let lasts = match lasts {
        None => ORDER_TTL,
        Some(text) => humantime::parse_duration(&text)
            .map_err(|_| Problem::BadRequest("for is a time like 30m or 2h"))?,
    };
    let until = clock::wall().after(lasts);
    let before = node.posture.now();
    let ordered = node.posture.override_with(posture, &who.to_string(), &why, until).await;
    let reach = ordered.map_err(refused)?;
    note_order(&node, actor(&who), before, Some((posture, until)));
    Ok(answer(&Ordered { reach }))
}

/// `DELETE /posture`.
pub(super) async fn clear(
    request: HttpRequest,
    node: web::Data<Node>,
    by: Result<web::Query<By>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let by = by.map_err(|_| Problem::BadRequest("as is a name of at most 64 bytes"))?.into_inner();
    let who = operator(&request, &node, by.name)?;
    let before = node.posture.now();
    let reach = node.posture.clear_override().await.map_err(refused)?;
    note_order(&node, actor(&who), before, None);
    node.incidents.remember(who, ORDER_TAKEN_BACK);
    Ok(answer(&Ordered { reach }))
}

const fn refused(refused: OrderRefused) -> Problem {
    match refused {
        OrderRefused::Expiry => Problem::BadRequest("an order lasts between a second and 24 hours"),
        OrderRefused::Words => Problem::BadRequest("why is a reason of 1 to 500 bytes"),
        OrderRefused::NoOrder => Problem::BadRequest("no order holds: the nodes themselves decide already"),
    }
}

/// `PUT /statement`: what the status page says, also when no admin can sign in.
pub(super) async fn say(
    request: HttpRequest,
    node: web::Data<Node>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut who = operator(&request, &node, None)?;
    let StatementRequest { text, name } = body(payload).await?;
    who.name = name;
    let said = status::say_to_all(&node, actor(&who), &text).await?;
    node.incidents.remember(who, status::STATEMENT_PUT);
    Ok(said)
}

/// `DELETE /statement`: all clear.
pub(super) async fn all_clear(
    request: HttpRequest,
    node: web::Data<Node>,
    by: Result<web::Query<By>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let by = by.map_err(|_| Problem::BadRequest("as is a name of at most 64 bytes"))?.into_inner();
    let who = operator(&request, &node, by.name)?;
    let said = status::clear(&node, actor(&who)).await?;
    node.incidents.remember(who, status::ALL_CLEAR_GIVEN);
    Ok(said)
}

/// `GET /status`: figures, and nobody's name.
pub(super) async fn figures(node: web::Data<Node>, board: web::Data<Board>) -> HttpResponse {
    answer(&board.status(&node))
}

/// `GET /incidents`.
pub(super) async fn list_incidents(
    request: HttpRequest,
    node: web::Data<Node>,
) -> Result<HttpResponse, Problem> {
    operator(&request, &node, None)?;
    let archive = node.incidents.archive();
    let _turn = REPORTS.acquire().await;
    let listed = web::block(move || archive.list()).await.map_err(|_| Problem::Internal)?;
    let listed = listed.map_err(|error| {
        tracing::error!(%error, "the records of incidents cannot be read");
        Problem::Internal
    })?;
    Ok(answer(&json!({ "incidents": listed })))
}

/// `GET /incidents/{id}/report.md`, `report.html`, `report.json` and `indicators.csv`.
pub(super) async fn export(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let who = operator(&request, &node, None)?;
    let (id, file) = path.into_inner();
    let file = File::named(&file).ok_or(Problem::NotFound)?;
    let id: IncidentId = id.parse().map_err(|_| Problem::NotFound)?;
    let _turn = REPORTS.acquire().await;
    files::made(&node, actor(&who), id, file).await
}

/// `POST /incidents/{id}/notes`.
pub(super) async fn note(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut who = operator(&request, &node, None)?;
    let id: IncidentId = path.parse().map_err(|_| Problem::NotFound)?;
    let WordsRequest { text, to, name } = body(payload).await?;
    who.name = name;
    incidents::put_words(&node, id, who, text, to, clock::wall()).await?;
    Ok(HttpResponse::NoContent().finish())
}
