//! Whether this node agrees to be put under load: tools that make load ask before they touch a server.

use crate::assembly::Node;
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, ResponseError, web};

/// Where they ask.
pub(crate) const PATH: &str = "/.well-known/holdfast-load-consent";

/// `GET /.well-known/holdfast-load-consent`: the word that the operator gave, or 404.
pub(crate) async fn load(node: web::Data<Node>) -> HttpResponse {
    node.load_consent.as_ref().map_or_else(
        || Problem::NotFound.error_response(),
        |word| {
            HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .content_type("text/plain; charset=utf-8")
                .body(word.clone())
        },
    )
}
