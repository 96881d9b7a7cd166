//! The REST API as a contract: an `OpenAPI` 3.1 document, made of what the handlers say of themselves. It is served, printed
//! by `holdfast openapi`, and kept in `docs/openapi.json`.

pub(crate) mod audit;
pub(crate) mod bulletins;
pub(crate) mod headers;
#[cfg(test)]
mod mirror_tests;
pub(crate) mod push;
mod refusals;
#[cfg(test)]
mod tests;
pub(crate) mod trust;
pub(crate) mod words;

pub(crate) use refusals::Refused;

use crate::gate::caller::TICKET_COOKIE;
use crate::http::credentials::DEVICE_COOKIE;
use crate::http::problem::Body;
use crate::http::waiting::Waiting;
use crate::http::{
    admit, attachments, felt, imports, incidents, invites, members, openapi, passkeys, posture, replies,
    sessions, status, transfers,
};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use refusals::Usual;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use utoipa::openapi::OpenApi as Made;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// How long a copy is good.
const CACHED: &str = "public, max-age=300";

/// Every operation, in the order of the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast",
        description = include_str!("openapi/introduction.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "coming in", description = "Who comes in, and who this device is."),
        (name = "invites", description = "Links by which people come in."),
        (name = "members", description = "Members and their devices."),
        (name = "passkeys", description = "Passkeys, and what takes one that was shown a moment ago."),
        (name = "bulletins", description = "What organisers say to many, and who got it."),
        (name = "notifications", description = "What a phone that sleeps is sent."),
        (name = "conversations", description = "What members write to organisers, and what they are answered."),
        (name = "incidents", description = "The records of attacks."),
        (name = "audit", description = "Who did what."),
        (name = "service", description = "How the service fares, and what is said of it."),
    ),
    paths(
        admit::admit,
        sessions::open,
        sessions::sign_out,
        crate::http::sign_on::show,
        crate::http::sign_on::start,
        crate::http::sign_on::callback,
        crate::http::sign_on::linking::show,
        crate::http::sign_on::linking::begin,
        crate::http::sign_on::linking::unlink,
        invites::list,
        invites::create,
        invites::redeem,
        invites::revoke,
        transfers::create,
        transfers::redeem,
        imports::import,
        members::list,
        members::show,
        members::edit,
        members::erase,
        members::devices,
        members::sign_out_all,
        members::sign_out_one,
        members::me,
        members::edit_me,
        members::leaving::erase_me,
        members::leaving::leave,
        members::own_devices,
        members::sign_out_all_own,
        members::sign_out_one_own,
        passkeys::own::list,
        passkeys::own::rename,
        passkeys::own::remove,
        passkeys::registrations::begin,
        passkeys::registrations::end,
        passkeys::assertions::begin,
        passkeys::assertions::end,
        passkeys::sign_ins::begin,
        passkeys::sign_ins::end,
        passkeys::recovery::make,
        crate::http::bulletins::audience::count,
        crate::http::bulletins::receipts::take,
        crate::http::bulletins::list,
        crate::http::bulletins::begin,
        crate::http::bulletins::heads::read,
        crate::http::bulletins::show,
        crate::http::bulletins::edit,
        crate::http::bulletins::acting::submit,
        crate::http::bulletins::acting::approve,
        crate::http::bulletins::acting::reject,
        crate::http::bulletins::acting::override_rule,
        crate::http::bulletins::acting::cancel,
        crate::http::bulletins::acting::withdraw,
        crate::http::bulletins::correct,
        crate::http::bulletins::receipts::counts,
        crate::http::bulletins::receipts::not_reached,
        attachments::attach,
        attachments::load,
        crate::http::push::show,
        crate::http::push::keep,
        crate::http::push::forget,
        crate::http::push::shown,
        replies::reply,
        replies::list,
        replies::show,
        replies::export::export,
        replies::inbox::list,
        replies::inbox::show,
        replies::inbox::answer,
        replies::inbox::assign,
        replies::inbox::set_state,
        incidents::list,
        incidents::show,
        incidents::note,
        incidents::files::report_md,
        incidents::files::report_html,
        incidents::files::report_json,
        incidents::files::indicators,
        crate::http::audit::list,
        crate::http::audit::head,
        crate::http::audit::verify,
        status::say,
        status::all_clear,
        felt::slow,
        felt::times,
        crate::http::watch::watch,
        posture::show,
        posture::order,
        posture::clear,
        crate::http::trust::show,
        crate::http::trust::replace,
        openapi::serve,
    ),
    components(schemas(Body, Waiting<'_>, words::PageSize)),
    modifiers(&Credentials, &Usual),
)]
struct Document;

/// The ways to say who asks.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Made) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "An access token, as `POST /v1/session` answers it, or a ticket of `POST /v1/admit` that still lets its holder post.",
        ));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        for (scheme, cookie, description) in [
            ("device", DEVICE_COOKIE, "A device's secret, which the service sets and changes as it is used."),
            ("ticket", TICKET_COOKIE, "A ticket, which the service sets."),
        ] {
            let value = ApiKeyValue::with_description(cookie, description);
            components.add_security_scheme(scheme, SecurityScheme::ApiKey(ApiKey::Cookie(value)));
        }
    }
}

/// The document as text, as it is kept and printed.
pub(crate) fn text() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document::openapi())
}

/// The document as it is served, and its tag. It never changes while the process runs.
static SERVED: LazyLock<(Bytes, String)> = LazyLock::new(|| {
    let text = text().unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    (Bytes::from(text), format!("\"{:016x}\"", hasher.finish()))
});

/// This document.
#[utoipa::path(
    get, path = "/v1/openapi.json", operation_id = "read_contract", tag = "service",
    responses(
        (status = 200, description = "An OpenAPI 3.1 document.", body = Object, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
        )),
        (status = 304, description = "It is the one that you have."),
    ),
)]
pub(crate) async fn serve(request: HttpRequest) -> HttpResponse {
    let (body, tag) = &*SERVED;
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|shown| shown.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, CACHED)).insert_header((ETAG, tag.as_str()));
    if known {
        return response.finish();
    }
    response.content_type("application/json").body(body.clone())
}
