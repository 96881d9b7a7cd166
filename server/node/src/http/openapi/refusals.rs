//! Why requests are refused: described once, by status, with the words of [`Problem`] itself.

use crate::http::openapi::words::either;
use crate::http::problem::{Body, Problem};
use crate::http::waiting::Waiting;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use campaign::attachments::InvalidAttachment;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, PartialSchema, ToSchema};

/// A problem whose status its reason decides is in [`Problem::ALL`] with one of them; these are the others.
const FURTHER: [Problem; 2] =
    [Problem::Attachment(InvalidAttachment::Kind), Problem::Attachment(InvalidAttachment::TooLarge)];

fn problems() -> impl Iterator<Item = &'static Problem> + Clone {
    Problem::ALL.iter().chain(&FURTHER)
}

/// An operation may be refused with this status.
pub(crate) struct Refused<const STATUS: u16>;

impl<const STATUS: u16> IntoResponses for Refused<STATUS> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([(STATUS.to_string(), reference(STATUS))])
    }
}

/// What every operation may be refused with, and what comes with a body, a credential or an account.
pub(super) struct Usual;

impl Modify for Usual {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let statuses: BTreeSet<u16> = problems().map(|problem| problem.status_code().as_u16()).collect();
        for status in statuses {
            components.responses.insert(name(status), RefOr::T(described(status)));
        }
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            for status in usual(operation) {
                operation.responses.responses.entry(status.to_string()).or_insert_with(|| reference(status));
            }
        }
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut path.get, &mut path.put, &mut path.post, &mut path.patch, &mut path.delete];
    methods.into_iter().filter_map(Option::as_mut)
}

fn usual(operation: &Operation) -> Vec<u16> {
    // How a request is framed, and whether its turn has come, is decided before it is known what it is.
    let mut statuses = vec![400, 503];
    if operation.request_body.is_some() {
        statuses.push(408);
    }
    let Some(shown) = &operation.security else { return statuses };
    statuses.extend([401, 403]);
    if *shown == [SecurityRequirement::new("bearer", [""; 0])] {
        statuses.push(429);
    }
    statuses
}

/// A status as the components call it: `NotFound`.
fn name(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("Refused").split(' ').collect()
}

fn reference(status: u16) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(name(status)))
}

fn described(status: u16) -> Response {
    let of_status = problems().filter(|problem| problem.status_code().as_u16() == status);
    let lines: Vec<String> =
        of_status.clone().map(|problem| format!("* `{}`: {problem}", problem.code())).collect();
    let response = ResponseBuilder::new();
    let response = if status == StatusCode::SERVICE_UNAVAILABLE {
        let page = Content::new(Some(String::schema()));
        let waits = "* `waiting`: many are coming in; ask again, with the place that you have. Who asks for a page gets one.";
        response
            .description(format!("{}\n{waits}", lines.join("\n")))
            .content(PROBLEM, Content::new(Some(either::<Body, Waiting<'_>>())))
            .content("text/html", page)
    } else {
        let problem = Ref::from_schema_name(Body::name());
        response.description(lines.join("\n")).content(PROBLEM, Content::new(Some(problem)))
    };
    let response = if of_status.clone().any(|problem| problem.retry_after().is_some()) {
        let mut header = Header::new(u32::schema());
        header.description = Some("Seconds until it makes sense to ask again.".to_owned());
        response.header("Retry-After", header)
    } else {
        response
    };
    response.build()
}

const PROBLEM: &str = "application/problem+json";
