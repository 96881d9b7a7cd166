//! The control plane: plain HTTP beside the sockets.

pub(crate) mod assets;
pub(crate) mod credentials;
pub(crate) mod health;
pub(crate) mod invites;
pub(crate) mod problem;
pub(crate) mod sessions;
pub(crate) mod websocket;

use actix_web::web::{self, ServiceConfig};

/// Largest body of a JSON request, in bytes; larger ones get 400.
const JSON_MAX_BYTES: usize = 16 * 1024;

/// All routes.
pub(crate) fn routes(service: &mut ServiceConfig) {
    let json = web::JsonConfig::default()
        .limit(JSON_MAX_BYTES)
        .error_handler(|_, _| problem::Problem::BadRequest("the body is not what this request takes").into());
    service
        .app_data(json)
        .route("/health", web::get().to(health::health))
        .route("/ready", web::get().to(health::ready))
        .route("/connection/websocket", web::get().to(websocket::upgrade))
        .route("/v1/session", web::post().to(sessions::open))
        .route("/v1/session", web::delete().to(sessions::sign_out))
        .route("/v1/invites", web::get().to(invites::list))
        .route("/v1/invites", web::post().to(invites::create))
        .route("/v1/invites/redeem", web::post().to(invites::redeem))
        .route("/v1/invites/{id}", web::delete().to(invites::revoke))
        .default_service(web::to(assets::serve));
}
