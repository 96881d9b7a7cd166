//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that comes again, because its answer was lost,
//! is answered again instead of being done again. Whatever route is wrapped in [`once`] has it.
//!
//! Things to note:
//! * Only an answer that did something is kept. A refusal did nothing, and the same request may come again.
//! * What was begun is ended, also when whoever asked is gone: for their next try the answer is what matters.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::Error;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION,
};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, ResponseError};
use campaign::answers::{Begun, Errand};
use protocol::IdempotencyKey;
use serde::{Deserialize, Serialize};

protocol::limits! {
    /// Largest answer that is kept for a repeated request; after a larger one the request is done again, which only imports
    /// may need, and they may be.
    pub(crate) const ANSWER_KEPT_MAX_BYTES: usize = 64 * 1024 => counted;
}

/// The header, which is no standard yet.
const HEADER: &str = "idempotency-key";
/// What is kept of an answer's head. None of it is about the connection or the moment.
const KEPT_HEADERS: [&HeaderName; 4] = [&CONTENT_DISPOSITION, &CONTENT_TYPE, &ETAG, &LOCATION];

/// An answer, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// The middleware around routes that create something.
pub(crate) async fn once(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = match key(&request) {
        Ok(Some(key)) => key,
        Ok(None) => return next.call(request).await,
        Err(problem) => return Ok(refusal(request, problem)),
    };
    let Some(node) = request.app_data::<Data<Node>>().cloned() else {
        return next.call(request).await;
    };
    let body = request.extract::<Bytes>().await?;
    let begun = begin(&request, &node, &key, &body).await;
    request.set_payload(body.into());
    match begun {
        Ok(Begun::First(errand)) => run(request, next, node, errand).await,
        Ok(Begun::Again(kept)) => Ok(match read(&kept) {
            Some(response) => request.into_response(response),
            None => refusal(request, Problem::Unavailable),
        }),
        Ok(Begun::Other) => Ok(refusal(request, Problem::IdempotencyKeyReused)),
        Ok(Begun::UnderWay) => Ok(refusal(request, Problem::IdempotencyKeyInUse)),
        Err(problem) => Ok(refusal(request, problem)),
    }
}

fn refusal(request: ServiceRequest, problem: Problem) -> ServiceResponse<BoxBody> {
    request.into_response(problem.error_response())
}

/// The key, if there is one: a string (RFC 8941 §3.3.3), or the same without its quotes, as many clients send it.
fn key(request: &ServiceRequest) -> Result<Option<IdempotencyKey>, Problem> {
    const NO_KEY: Problem = Problem::BadRequest("an Idempotency-Key is 1 to 128 visible ASCII characters");
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| NO_KEY)?.trim();
    let word = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or(NO_KEY)?,
        None => text,
    };
    if values.next().is_some() || word.contains(['"', '\\']) {
        return Err(NO_KEY);
    }
    IdempotencyKey::parse(word).map(Some).map_err(|_| NO_KEY)
}

async fn begin(
    request: &ServiceRequest,
    node: &Node,
    key: &IdempotencyKey,
    body: &[u8],
) -> Result<Begun, Problem> {
    check_origin(request.request(), node, Credential::Bearer)?;
    let by = bearer(request.request(), node)?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let asked = node.answers.request(&[request.method().as_str().as_bytes(), target.as_bytes(), body]);
    Ok(node.answers.begin(&by, key, &asked, clock::wall()).await?)
}

/// Has a request handled, by a task of its own, which ends what it began even if nobody waits for it any more.
async fn run(
    request: ServiceRequest,
    next: Next<BoxBody>,
    node: Data<Node>,
    errand: Errand,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let running = node.lifecycle.running();
    let work = actix_web::rt::spawn(async move {
        let _running = running;
        match next.call(request).await {
            Ok(response) => Ok(end(response, &node, errand).await),
            Err(error) => {
                release(&node, errand).await;
                Err(error)
            }
        }
    });
    work.await.unwrap_or_else(|_| Err(Problem::Internal.into()))
}

async fn end(response: ServiceResponse<BoxBody>, node: &Node, errand: Errand) -> ServiceResponse<BoxBody> {
    if !response.status().is_success() {
        release(node, errand).await;
        return response;
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(streamed) => {
            release(node, errand).await;
            return ServiceResponse::new(request, head.set_body(streamed));
        }
    };
    if body.len() > ANSWER_KEPT_MAX_BYTES {
        node.metrics.limit_reached(reached::ANSWER_KEPT_MAX_BYTES);
        release(node, errand).await;
    } else if let Some(kept) = write(&head, &body) {
        if node.answers.keep(errand, &kept, clock::wall()).await.is_err() {
            // It was done all the same, and counts as under way for a while.
            tracing::debug!("an answer could not be kept for a repeat");
        }
    } else {
        release(node, errand).await;
    }
    ServiceResponse::new(request, head.set_body(BoxBody::new(body)))
}

async fn release(node: &Node, errand: Errand) {
    if node.answers.release(errand, clock::wall()).await.is_err() {
        tracing::debug!("an idempotency key is free only after a while");
    }
}

/// An answer as it is kept; nothing, if it is no text.
fn write(head: &HttpResponse<()>, body: &[u8]) -> Option<Vec<u8>> {
    let headers = KEPT_HEADERS.iter().filter_map(|name| {
        let value = head.headers().get(*name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let body = std::str::from_utf8(body).ok()?.to_owned();
    serde_json::to_vec(&Kept { status: head.status().as_u16(), headers: headers.collect(), body }).ok()
}

/// The answer that was kept.
fn read(kept: &[u8]) -> Option<HttpResponse> {
    let Kept { status, headers, body } = serde_json::from_slice(kept).ok()?;
    let mut response = HttpResponse::build(StatusCode::from_u16(status).ok()?);
    response.insert_header((CACHE_CONTROL, "no-store"));
    for (name, value) in headers {
        let name = HeaderName::try_from(name).ok()?;
        response.insert_header((name, HeaderValue::try_from(value).ok()?));
    }
    Some(response.body(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read_key(values: &[&str]) -> Result<Option<String>, Problem> {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((HEADER, *value));
        }
        key(&request.to_srv_request()).map(|key| key.map(|key| key.as_str().to_owned()))
    }

    #[test]
    fn a_key_is_a_string_with_or_without_its_quotes() {
        assert_eq!(read_key(&[]), Ok(None));
        for text in ["8e03978e-40d5-43e8", "\"8e03978e-40d5-43e8\"", " 8e03978e-40d5-43e8 "] {
            assert_eq!(read_key(&[text]), Ok(Some("8e03978e-40d5-43e8".to_owned())), "{text}");
        }
        let long = "k".repeat(129);
        for text in ["", "\"\"", "\"", "a b", "\"a", "a\"", "\"a\";p=1", "a\\b", &long] {
            assert!(matches!(read_key(&[text]), Err(Problem::BadRequest(_))), "{text}");
        }
        assert!(read_key(&["a", "a"]).is_err());
    }

    #[test]
    fn an_answer_is_given_again_as_it_was_without_what_was_of_the_moment() {
        let mut given = HttpResponse::Created();
        given.insert_header((CONTENT_TYPE, "text/csv; charset=utf-8")).insert_header(("set-cookie", "a=b"));
        let kept = write(&given.finish().drop_body(), "a,Siân\n".as_bytes()).unwrap();
        let again = read(&kept).unwrap();
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(again.headers().get(CONTENT_TYPE).unwrap(), "text/csv; charset=utf-8");
        assert!(again.headers().get("set-cookie").is_none());
        assert_eq!(again.into_body().try_into_bytes().unwrap(), "a,Siân\n".as_bytes());
        assert!(write(&HttpResponse::Ok().finish().drop_body(), b"\xff").is_none());
    }
}
