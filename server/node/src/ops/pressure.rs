//! The series of the pressure, for whoever wants to see more than a figure a second.

use crate::assembly::Node;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    /// Milliseconds since 1970; only later looks are told.
    #[serde(default)]
    since: Timestamp,
}

#[derive(Serialize)]
struct Series {
    /// When (milliseconds since 1970), and how long work waited for its turn, relative to the target.
    looks: Vec<(Timestamp, f64)>,
}

/// `GET /pressure?since=`: at most the last minute.
pub(super) async fn series(node: web::Data<Node>, asked: web::Query<Since>) -> HttpResponse {
    let looks = node.gate.pressures().since(asked.since);
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Series { looks })
}
