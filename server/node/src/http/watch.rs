//! What organisers watch during an attack.

use crate::assembly::Node;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::problem::Problem;
use crate::lookout::WatchView;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use protocol::Role;

/// How the service fares: the posture, the nodes, the store, the last ten seconds, and a chart of the last quarter of an
/// hour.
///
/// Made once a second for all who ask, so that asking every two seconds is fine. With several nodes it joins what they say.
/// Organisers and observers only.
#[utoipa::path(
    get, path = "/v1/watch", operation_id = "watch", tag = "service",
    responses((status = 200, description = "Without anybody's name.", body = WatchView)),
    security(("bearer" = [])),
)]
pub(crate) async fn watch(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    let by = bearer(&request, &node)?;
    if !by.is_organiser() && !by.has(Role::Observer) {
        return Err(Problem::Forbidden);
    }
    let body = node.lookout.answer(&node).await.map_err(|_| Problem::Internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).content_type("application/json");
    Ok(response.body(body))
}
