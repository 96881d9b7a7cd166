//! Devices tell what their members feel: that it is slow, and how long messages took to the screen.

use crate::assembly::Node;
use crate::clock;
use crate::felt::{self, FELT_TIMES_PER_REPORT_MAX, Report, Uncounted};
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::openapi::words::Milliseconds;
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Posture;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long messages took from publishing to the screen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Times)]
pub(crate) struct TimesRequest {
    #[schema(max_items = 20)]
    publish_to_screen_ms: Vec<u64>,
}

/// What a device learns in return.
#[derive(Serialize, ToSchema)]
struct TimesTaken {
    /// By which a device finds out how far its own clock is off.
    #[schema(value_type = Milliseconds)]
    now_ms: Timestamp,
    /// When to tell more.
    again_in_s: u32,
}

/// Says that it is slow. Once a minute is enough.
#[utoipa::path(
    post, path = "/v1/slow", operation_id = "say_slow", tag = "service",
    responses((status = 204, description = "It counts.")),
    security(("bearer" = [])),
)]
pub(crate) async fn slow(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    report(&request, &node, Report::Slow)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tells how long messages took to the screen. Once a minute is enough.
#[utoipa::path(
    post, path = "/v1/experience", operation_id = "tell_times", tag = "service",
    request_body = TimesRequest,
    responses((status = 200, description = "They count.", body = TimesTaken)),
    security(("bearer" = [])),
)]
pub(crate) async fn times(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<TimesRequest>,
) -> Result<HttpResponse, Problem> {
    let times = &body.publish_to_screen_ms;
    if times.len() > FELT_TIMES_PER_REPORT_MAX {
        return Err(Problem::BadRequest("a report has at most 20 times"));
    }
    report(&request, &node, Report::Times(times))?;
    let taken = TimesTaken { now_ms: clock::wall(), again_in_s: again_in_s(node.posture.now()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(taken))
}

/// What is felt matters most when there is least to spare for it: fewer reports then.
const fn again_in_s(posture: Posture) -> u32 {
    match posture {
        Posture::Normal => 300,
        Posture::Elevated => 600,
        Posture::UnderAttack | Posture::Survival => 900,
    }
}

fn report(request: &HttpRequest, node: &Node, report: Report<'_>) -> Result<(), Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let principal = bearer(request, node)?;
    let region = principal.regions.first().map(String::as_str);
    node.feelings.report(&principal.member, region, report, clock::now().instant).map_err(|uncounted| {
        node.metrics.limit_reached(match uncounted {
            Uncounted::TooSoon => felt::reached::FELT_REPORT_EVERY,
            Uncounted::TooMany => felt::reached::FELT_REPORTERS_MAX,
        });
        Problem::TooSoon
    })
}
