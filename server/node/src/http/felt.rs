//! Devices tell what their members feel: that it is slow, and how long messages took to the screen.

use crate::assembly::Node;
use crate::clock;
use crate::felt::{self, FELT_TIMES_PER_REPORT_MAX, Report, Uncounted};
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Posture;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimesRequest {
    publish_to_screen_ms: Vec<u64>,
}

#[derive(Serialize)]
struct TimesTaken {
    /// By which a device finds out how far its own clock is off.
    now_ms: Timestamp,
    /// When to tell more.
    again_in_s: u32,
}

/// `POST /v1/slow`: "this is slow".
pub(crate) async fn slow(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    report(&request, &node, Report::Slow)?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /v1/experience`: how long messages took to the screen.
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
