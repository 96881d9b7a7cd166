//! Is the process alive, and should it get work?

use crate::assembly::Node;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /health`: the process answers.
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({"status": "ok"}))
}

/// `GET /ready`: it may be given new connections; else 503 and why.
pub(crate) async fn ready(node: web::Data<Node>) -> HttpResponse {
    let reason = if node.lifecycle.is_draining() {
        Some("draining")
    } else if node.store.history.check().await.is_err() {
        Some("the store does not answer")
    } else {
        None
    };
    let mut response = if reason.is_none() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header((CACHE_CONTROL, "no-store"));
    match reason {
        // Readers are served, so it stays in service: no other node has more room.
        None if node.publisher.is_full() => response.json(json!({
            "status": "ready",
            "storage": "full: what is kept is read, and messages wait until retention makes room",
        })),
        None => response.json(json!({"status": "ready"})),
        Some(reason) => response.json(json!({"status": "not ready", "reason": reason})),
    }
}
