//! The manifest of organisers' keys: anybody reads it, admins put a newer one in its place. What makes it true is the
//! signature of a root key that no server has.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{admin, is_admin};
use crate::http::openapi::Refused;
use crate::http::openapi::trust::SignedManifestSchema;
use crate::http::openapi::words::FingerprintText;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use campaign::trust::Replaced;
use evidence::audit::{Action, Actor, Entry};
use identity::trust::{Digest, PublicKey, Purpose, SignedManifest};
use protocol::{Role, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Where it is.
pub(crate) const PATH: &str = "/v1/trust";

/// What is kept now.
#[derive(Serialize, ToSchema)]
#[schema(as = ManifestKept)]
struct Kept {
    /// The how manieth of its root it is.
    serial: u64,
    /// By what members know the root.
    #[schema(value_type = FingerprintText)]
    fingerprint: Digest,
}

/// What the audit says of a manifest: which keys may do what, and not whose they are.
#[derive(Serialize)]
struct Noted<'a> {
    serial: u64,
    fingerprint: Digest,
    two_people: bool,
    keys: Vec<NotedKey<'a>>,
}

#[derive(Serialize)]
struct NotedKey<'a> {
    key: PublicKey,
    roles: &'a BTreeSet<Role>,
    regions: Option<&'a BTreeSet<String>>,
    until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl<'a> Noted<'a> {
    fn of(replaced: &'a Replaced) -> Self {
        let says = replaced.manifest.says();
        let keys = says.keys.iter().map(|entry| NotedKey {
            key: entry.key,
            roles: &entry.roles,
            regions: entry.regions.as_ref(),
            until: entry.until,
            revoked_at: entry.revoked_at,
        });
        Self {
            serial: says.serial,
            fingerprint: replaced.manifest.fingerprint(),
            two_people: says.two_people,
            keys: keys.collect(),
        }
    }
}

/// Whose keys organisers' are: the manifest that the root key signed.
#[utoipa::path(
    get, path = "/v1/trust", operation_id = "read_manifest", tag = "service",
    responses(
        (status = 200, description = "The manifest.", body = SignedManifestSchema, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
        )),
        (status = 304, description = "It is the one that you have."),
        Refused<404>,
    ),
)]
pub(crate) async fn show(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    let manifest = node.trust.shown(clock::wall()).await?.ok_or(Problem::NoManifest)?;
    let tag = format!("\"{}\"", Purpose::Manifest.hash(&manifest.manifest).text());
    let is_known =
        request.headers().get(IF_NONE_MATCH).is_some_and(|shown| shown.as_bytes() == tag.as_bytes());
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "no-cache")).insert_header((ETAG, tag));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.json(&*manifest))
}

/// Puts a newer manifest in the place of the one that is kept. Admins only.
///
/// It is signed by the root key that it names, and its serial is greater than that of the kept one, whose root is the same.
#[utoipa::path(
    put, path = "/v1/trust", operation_id = "replace_manifest", tag = "service",
    request_body = SignedManifestSchema,
    responses((status = 200, description = "It is kept.", body = Kept), Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn replace(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<SignedManifest>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    step_up::check(&node, &by, Sensitive::ManifestReplaced)?;
    let replaced = node.trust.replace(&body, clock::wall()).await?;
    let entry = Entry::new(Actor::Member(by.member), Action::TrustChanged);
    let mut entry = entry.after(&Noted::of(&replaced));
    if let Some(serial) = replaced.before {
        entry = entry.before(&json!({ "serial": serial }));
    }
    node.audit.note(entry);
    let Replaced { manifest, .. } = replaced;
    let kept = Kept { serial: manifest.serial(), fingerprint: manifest.fingerprint() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(kept))
}

/// Whether a request may have a body as large as a manifest: its sender is an admin.
pub(crate) fn may_replace(request: &HttpRequest) -> bool {
    let node = request.app_data::<Data<Node>>();
    request.path() == PATH && node.is_some_and(|node| is_admin(request, node))
}
