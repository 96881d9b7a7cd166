//! The posture for admins: how it is and why, and an order that overrides it for a time.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::admin;
use crate::http::openapi::Refused;
use crate::http::openapi::words::PostureWord;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use crate::posture::{ORDER_TTL, OrderRefused, PostureView, Reach};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Posture;
use evidence::audit::{Action, Actor, Entry};
use evidence::incident::Who;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use utoipa::ToSchema;

/// An order: a posture, for a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PostureOrder)]
pub(crate) struct OrderRequest {
    #[schema(value_type = PostureWord)]
    posture: String,
    /// A reason, for those who read the record later.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
    /// Half an hour, if nobody says.
    #[serde(default)]
    #[schema(value_type = u64, required = false, minimum = 1, maximum = 86_400)]
    expires_in_s: Option<u64>,
}

/// How far an order goes already.
#[derive(Serialize, ToSchema)]
#[schema(as = PostureOrdered)]
struct Ordered {
    reach: Reach,
}

/// How the record tells of the end of an order.
pub(crate) const ORDER_TAKEN_BACK: &str = "took the order back";

/// How hard pressed the service is, and why. Admins only.
#[utoipa::path(
    get, path = "/v1/posture", operation_id = "read_posture", tag = "service",
    responses((status = 200, description = "What this node knows.", body = PostureView)),
    security(("bearer" = [])),
)]
pub(crate) async fn show(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(node.posture.snapshot()))
}

/// Orders a posture for all nodes. Admins only.
#[utoipa::path(
    put, path = "/v1/posture", operation_id = "order_posture", tag = "service",
    request_body = OrderRequest,
    responses((status = 200, description = "It holds.", body = Ordered)),
    security(("bearer" = [])),
)]
pub(crate) async fn order(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<OrderRequest>,
) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    step_up::check(&node, &principal, Sensitive::PostureOrdered)?;
    let posture = Posture::parse(&body.posture)
        .ok_or(Problem::BadRequest("a posture is normal, elevated, under_attack or survival"))?;
    let ttl = body.expires_in_s.map_or(ORDER_TTL, Duration::from_secs);
    let until = clock::wall().after(ttl);
    let (who, before) = (principal.member.as_str(), node.posture.now());
    let reach = node.posture.override_with(posture, who, &body.why, until).await.map_err(problem)?;
    note_order(&node, Actor::Member(principal.member), before, Some((posture, until)));
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Ordered { reach }))
}

/// Takes the order back: what the nodes themselves see counts again. Admins only.
#[utoipa::path(
    delete, path = "/v1/posture", operation_id = "take_order_back", tag = "service",
    responses((status = 200, description = "It holds no more.", body = Ordered), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn clear(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    step_up::check(&node, &principal, Sensitive::PostureOrdered)?;
    let before = node.posture.now();
    let reach = node.posture.clear_override().await.map_err(problem)?;
    note_order(&node, Actor::Member(principal.member.clone()), before, None);
    node.incidents.remember(Who::member(principal.member), ORDER_TAKEN_BACK);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Ordered { reach }))
}

/// Lets the audit know of an order, or that one was taken back. Why is for the record of an incident: it is somebody's
/// own words.
pub(crate) fn note_order(node: &Node, who: Actor, before: Posture, ordered: Option<(Posture, Timestamp)>) {
    let action = if ordered.is_some() { Action::PostureOrdered } else { Action::PostureCleared };
    let mut entry = Entry::new(who, action).before(&json!({ "posture": before.as_str() }));
    if let Some((posture, until)) = ordered {
        entry = entry.after(&json!({ "posture": posture.as_str(), "until": until }));
    }
    node.audit.note(entry);
}

const fn problem(refused: OrderRefused) -> Problem {
    match refused {
        OrderRefused::Expiry => Problem::BadRequest("expires_in_s is between 1 and 86400 (a day)"),
        OrderRefused::Words => Problem::BadRequest("why is a reason of 1 to 500 bytes"),
        OrderRefused::NoOrder => Problem::NotFound,
    }
}
