//! The posture for admins: how it is and why, and an order that overrides it for a time.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::admin;
use crate::http::problem::Problem;
use crate::posture::{ORDER_TTL, OrderRefused, Reach};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Posture;
use evidence::incident::Who;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderRequest {
    posture: String,
    why: String,
    #[serde(default)]
    expires_in_s: Option<u64>,
}

#[derive(Serialize)]
struct Ordered {
    reach: Reach,
}

/// How the record tells of the end of an order.
pub(crate) const ORDER_TAKEN_BACK: &str = "took the order back";

/// `GET /v1/posture`.
pub(crate) async fn show(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(node.posture.snapshot()))
}

/// `PUT /v1/posture`.
pub(crate) async fn order(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<OrderRequest>,
) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    let posture = Posture::parse(&body.posture)
        .ok_or(Problem::BadRequest("a posture is normal, elevated, under_attack or survival"))?;
    let ttl = body.expires_in_s.map_or(ORDER_TTL, Duration::from_secs);
    let until = clock::wall().after(ttl);
    let who = principal.member.as_str();
    let reach = node.posture.override_with(posture, who, &body.why, until).await.map_err(problem)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Ordered { reach }))
}

/// `DELETE /v1/posture`: what the nodes themselves see counts again.
pub(crate) async fn clear(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    let reach = node.posture.clear_override().await.map_err(problem)?;
    node.incidents.remember(Who::member(principal.member), ORDER_TAKEN_BACK);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Ordered { reach }))
}

const fn problem(refused: OrderRefused) -> Problem {
    match refused {
        OrderRefused::Expiry => Problem::BadRequest("expires_in_s is between 1 and 86400 (a day)"),
        OrderRefused::Words => Problem::BadRequest("why is a reason of 1 to 500 bytes"),
        OrderRefused::NoOrder => Problem::NotFound,
    }
}
