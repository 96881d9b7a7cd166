//! How many an audience is, for whoever writes a bulletin.

use super::organiser;
use crate::assembly::Node;
use crate::bulletins::missing;
use crate::http::openapi::Refused;
use crate::http::openapi::bulletins::{AudienceSchema, HeadCountSchema};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use campaign::audience::{Audience, HeadCount};

/// How many an audience is now; the count may be a second old. For organisers and observers.
#[utoipa::path(
    post, path = "/v1/audience", operation_id = "count_audience", tag = "bulletins",
    request_body = AudienceSchema,
    responses((status = 200, description = "How many.", body = HeadCountSchema), Refused<507>),
    security(("bearer" = [])),
)]
pub(crate) async fn count(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<Audience>,
) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    if !body.is_within_bounds() {
        return Err(Problem::BadRequest("an audience is at most 64 regions and teams together"));
    }
    let count = count_of(&node, &body).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(count))
}

/// How many an audience is now; the roll may be a second old.
pub(super) async fn count_of(node: &Node, audience: &Audience) -> Result<HeadCount, Problem> {
    let missing = missing(node, audience).await?;
    let roll = node.roll.get().ok_or(Problem::Unavailable)?;
    Ok(roll.count(audience, missing.as_ref())?)
}
