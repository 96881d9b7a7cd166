//! The audit, for admins; and where it ends, signed, for all organisers' clients to keep.

use crate::assembly::Node;
use crate::audit::{Spot, Verification};
use crate::http::credentials::{Credential, admin, bearer, check_origin};
use crate::http::openapi::audit::{HeadSchema, ListSchema};
use crate::http::openapi::words::{Milliseconds, PageSize, SpotText};
use crate::http::paging::query;
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::page::{PAGE_DEFAULT, page_size};
use protocol::{Role, Timestamp};
use serde::Deserialize;
use tokio::sync::Semaphore;

protocol::limits! {
    /// Pages of the audit that are read at once, as each reads the files of whole days; further ones wait.
    const AUDIT_READS_MAX: usize = 1 => unseen;
    /// Checks of the audit that are made at once, as each reads and opens many files; further ones wait.
    const AUDIT_CHECKS_MAX: usize = 1 => unseen;
}

static READS: Semaphore = Semaphore::const_new(AUDIT_READS_MAX);
static CHECKS: Semaphore = Semaphore::const_new(AUDIT_CHECKS_MAX);

/// Since when, and which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListRequest {
    /// Nothing from before that.
    #[param(value_type = Milliseconds, required = false)]
    since: Option<u64>,
    #[param(value_type = PageSize, required = false)]
    limit: Option<usize>,
    #[param(value_type = SpotText, required = false)]
    after: Option<String>,
}

/// A page of what was done, the latest first. Admins only.
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "list_audit", tag = "audit",
    params(ListRequest),
    responses((status = 200, description = "A page.", body = ListSchema)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let ListRequest { since, limit, after } = query(&request)?;
    let after = after.as_deref().map(str::parse::<Spot>).transpose();
    let after = after.map_err(|_| Problem::BadRequest("after is what an answer calls next"))?;
    let size = page_size(limit.unwrap_or(PAGE_DEFAULT));
    let _turn = READS.acquire().await;
    let listed = node.audit.page(since.map(Timestamp::from_millis), after, size).await.map_err(|error| {
        tracing::error!(%error, "the audit cannot be read");
        Problem::Internal
    })?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(listed))
}

/// Where the audit ends, signed: who keeps it elsewhere can show later that nothing before it was changed. Admins and senders only.
#[utoipa::path(
    get, path = "/v1/audit/head", operation_id = "read_audit_head", tag = "audit",
    responses((status = 200, description = "The end.", body = HeadSchema)),
    security(("bearer" = [])),
)]
pub(crate) async fn head(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    let principal = bearer(&request, &node)?;
    if !principal.has(Role::Admin) && !principal.has(Role::Sender) {
        return Err(Problem::Forbidden);
    }
    let head = node.audit.shown_head().ok_or(Problem::Unavailable)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(head))
}

/// Checks that the audit of the node that answers is whole. Admins only.
///
/// Each line is to be as it was written, after the one before it, and each head signed. It is checked now, from the newest files back, as much as is looked at for one request; `is_all` says whether that is all.
/// Whether the end was cut shows only against heads that were kept elsewhere: the last line is told, to be compared with them.
#[utoipa::path(
    get, path = "/v1/audit/verification", operation_id = "verify_audit", tag = "audit",
    responses((status = 200, description = "What came of it.", body = Verification)),
    security(("bearer" = [])),
)]
pub(crate) async fn verify(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let turn = CHECKS.acquire().await;
    let verified = node.audit.verification(turn).await.map_err(|error| {
        tracing::error!(%error, "the audit cannot be checked");
        Problem::Internal
    })?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(verified))
}
