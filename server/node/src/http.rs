//! The control plane: plain HTTP beside the sockets.

pub(crate) mod account_limits;
pub(crate) mod admit;
pub(crate) mod assets;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod bulletins;
pub(crate) mod consent;
pub(crate) mod credentials;
pub(crate) mod felt;
pub(crate) mod head;
pub(crate) mod health;
pub(crate) mod idempotency;
pub(crate) mod imports;
pub(crate) mod incidents;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod openapi;
pub(crate) mod paging;
pub(crate) mod passkeys;
pub(crate) mod posture;
pub(crate) mod problem;
pub(crate) mod proof;
pub(crate) mod push;
pub(crate) mod replies;
pub(crate) mod sessions;
pub(crate) mod sign_on;
pub(crate) mod status;
pub(crate) mod step_up;
pub(crate) mod transfers;
pub(crate) mod trust;
pub(crate) mod turn;
pub(crate) mod waiting;
pub(crate) mod watch;
pub(crate) mod websocket;
pub(crate) mod whole;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

/// All routes.
pub(crate) fn routes(service: &mut ServiceConfig) {
    let json = web::JsonConfig::default()
        // Which requests may have more than the usual was seen to before.
        .limit(bulletins::BULLETIN_MAX_BYTES)
        .error_handler(|_, _| problem::Problem::BadRequest("the body is not what this request takes").into());
    let path = web::PathConfig::default().error_handler(|_, _| problem::Problem::NotFound.into());
    let all = web::scope("")
        .wrap(from_fn(turn::in_turn))
        .wrap(from_fn(whole::only_whole))
        .route("/health", web::get().to(health::health))
        .route("/ready", web::get().to(health::ready))
        .route(consent::PATH, web::get().to(consent::load))
        .route("/connection/websocket", web::get().to(websocket::upgrade))
        .route("/v1/admit", web::post().to(admit::admit))
        .route("/v1/session", web::post().to(sessions::open))
        .route("/v1/session", web::delete().to(sessions::sign_out))
        .route("/v1/sign-on", web::get().to(sign_on::show))
        .route("/v1/oidc/start", web::get().to(sign_on::start))
        .route(sign_on::CALLBACK, web::get().to(sign_on::callback))
        .route("/v1/invites", web::get().to(invites::list))
        .route("/v1/invites", web::post().to(invites::create).wrap(from_fn(idempotency::once)))
        .route("/v1/invites/redeem", web::post().to(invites::redeem))
        .route("/v1/invites/{id}", web::delete().to(invites::revoke))
        .route("/v1/transfers", web::post().to(transfers::create).wrap(from_fn(idempotency::once)))
        .route("/v1/transfers/redeem", web::post().to(transfers::redeem))
        .configure(members)
        .configure(passkeys::routes)
        .configure(bulletins::routes)
        .configure(attachments::routes)
        .configure(push::routes)
        .configure(replies::routes)
        .configure(incidents::routes)
        .route("/v1/audit", web::get().to(audit::list))
        .route("/v1/audit/head", web::get().to(audit::head))
        .route("/v1/audit/verification", web::get().to(audit::verify))
        .route("/status", web::get().to(status::page))
        .route("/status", web::head().to(status::page))
        .route("/status.json", web::get().to(status::json))
        .route("/status.json", web::head().to(status::json))
        .route("/v1/status/statement", web::put().to(status::say))
        .route("/v1/status/statement", web::delete().to(status::all_clear))
        .route("/v1/slow", web::post().to(felt::slow))
        .route("/v1/experience", web::post().to(felt::times))
        .route("/v1/watch", web::get().to(watch::watch))
        .route("/v1/posture", web::get().to(posture::show))
        .route("/v1/posture", web::put().to(posture::order))
        .route("/v1/posture", web::delete().to(posture::clear))
        .route(trust::PATH, web::get().to(trust::show))
        .route(trust::PATH, web::put().to(trust::replace))
        .route("/v1/openapi.json", web::get().to(openapi::serve))
        .default_service(web::to(assets::serve));
    service.app_data(json).app_data(path).service(all);
}

fn members(service: &mut ServiceConfig) {
    let imports = web::resource(imports::PATH)
        .app_data(web::PayloadConfig::new(imports::IMPORT_MAX_BYTES))
        .route(web::post().to(imports::import).wrap(from_fn(idempotency::once)))
        .default_service(web::to(assets::serve));
    service
        .service(imports)
        .route("/v1/members", web::get().to(members::list))
        .route("/v1/members/{id}", web::get().to(members::show))
        .route("/v1/members/{id}", web::patch().to(members::edit))
        .route("/v1/members/{id}", web::delete().to(members::erase))
        .route("/v1/members/{id}/devices", web::get().to(members::devices))
        .route("/v1/members/{id}/devices", web::delete().to(members::sign_out_all))
        .route("/v1/members/{id}/devices/{device}", web::delete().to(members::sign_out_one))
        .route("/v1/me", web::get().to(members::me))
        .route("/v1/me", web::patch().to(members::edit_me))
        .route("/v1/me", web::delete().to(members::leaving::erase_me))
        .route("/v1/me/leave", web::post().to(members::leaving::leave))
        .route("/v1/me/sign-on", web::get().to(sign_on::linking::show))
        .route("/v1/me/sign-on", web::post().to(sign_on::linking::begin))
        .route("/v1/me/sign-on", web::delete().to(sign_on::linking::unlink))
        .route("/v1/me/devices", web::get().to(members::own_devices))
        .route("/v1/me/devices", web::delete().to(members::sign_out_all_own))
        .route("/v1/me/devices/{device}", web::delete().to(members::sign_out_one_own));
}
