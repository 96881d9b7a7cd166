//! The status page, for whoever asks, and what admins say on it.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::admin;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use crate::status::{Language, Made, STYLE_HASH};
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use evidence::audit::{Action, Actor, Entry};
use evidence::chain::Hash;
use evidence::incident::Who;
use serde::Deserialize;
use serde_json::json;
use storage::records::posture::Statement;
use utoipa::ToSchema;

protocol::limits! {
    /// Longest statement on the status page, in characters; a longer one is refused with 400.
    const STATEMENT_MAX_CHARS: usize = 500 => unseen;
}

/// How long a copy is good: as long as the page stays as it was made.
const CACHED: &str = "public, max-age=10";

/// What is said on the status page: plain text, of which line breaks stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Statement)]
pub(crate) struct StatementRequest {
    #[schema(min_length = 1, max_length = 500)]
    text: String,
}

/// `GET /status`: the page, in English or Welsh.
pub(crate) async fn page(request: HttpRequest, node: web::Data<Node>) -> HttpResponse {
    let language = language(&request);
    let tag = match language {
        Language::English => "en",
        Language::Welsh => "cy",
    };
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    answer(&request, node.status.page(language), "text/html; charset=utf-8", |response| {
        response
            .insert_header((CONTENT_LANGUAGE, tag))
            .insert_header((VARY, "accept-language"))
            .insert_header((CONTENT_SECURITY_POLICY, policy));
    })
}

/// `GET /status.json`: the same for programs.
pub(crate) async fn json(request: HttpRequest, node: web::Data<Node>) -> HttpResponse {
    answer(&request, node.status.json(), "application/json", |_| {})
}

fn answer(
    request: &HttpRequest,
    made: Made,
    kind: &'static str,
    further: impl FnOnce(&mut HttpResponseBuilder),
) -> HttpResponse {
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == made.tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, CACHED))
        .insert_header((ETAG, made.tag))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    further(&mut response);
    if known {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, kind)).body(made.body)
}

/// What the address asks for, else what the browser prefers, else English.
fn language(request: &HttpRequest) -> Language {
    let asked =
        request.query_string().split('&').find_map(|pair| Language::parse(pair.strip_prefix("lang=")?));
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.or_else(|| preferred(accepted?)).unwrap_or(Language::English)
}

/// The language of ours that has the greatest weight; of equal ones the first.
fn preferred(accepted: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accepted.split(',') {
        let mut parts = range.trim().split(';');
        let Some(language) = parts.next().and_then(Language::parse) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// How the record tells of a statement.
pub(crate) const STATEMENT_PUT: &str = "put a statement on the status page";
/// How the record tells of the end of one.
pub(crate) const ALL_CLEAR_GIVEN: &str = "gave the all-clear on the status page";

/// Says something to everybody on the status page. Admins only.
#[utoipa::path(
    put, path = "/v1/status/statement", operation_id = "put_statement", tag = "service",
    request_body = StatementRequest,
    responses((status = 204, description = "It is said.")),
    security(("bearer" = [])),
)]
pub(crate) async fn say(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<StatementRequest>,
) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    step_up::check(&node, &principal, Sensitive::StatementSaid)?;
    let said = say_to_all(&node, Actor::Member(principal.member.clone()), &body.text).await?;
    node.incidents.remember(Who::member(principal.member), STATEMENT_PUT);
    Ok(said)
}

/// Puts a statement on the page, if it is one.
pub(crate) async fn say_to_all(node: &Node, who: Actor, text: &str) -> Result<HttpResponse, Problem> {
    let text = text.trim();
    let is_plain = text.chars().all(|character| character == '\n' || !character.is_control());
    if text.is_empty() || text.chars().count() > STATEMENT_MAX_CHARS || !is_plain {
        return Err(Problem::BadRequest("a statement is 1 to 500 characters of plain text"));
    }
    let said = tell(node, Some(text.to_owned())).await?;
    // The words themselves may name somebody.
    let after = json!({ "bytes": text.len(), "sha256": Hash::of(text.as_bytes()) });
    node.audit.note(Entry::new(who, Action::StatementSaid).after(&after));
    Ok(said)
}

/// Gives the all-clear on the status page. Admins only.
#[utoipa::path(
    delete, path = "/v1/status/statement", operation_id = "give_all_clear", tag = "service",
    responses((status = 204, description = "It is given.")),
    security(("bearer" = [])),
)]
pub(crate) async fn all_clear(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let principal = admin(&request, &node)?;
    step_up::check(&node, &principal, Sensitive::StatementSaid)?;
    let said = clear(&node, Actor::Member(principal.member.clone())).await?;
    node.incidents.remember(Who::member(principal.member), ALL_CLEAR_GIVEN);
    Ok(said)
}

/// Takes what was said off the page.
pub(crate) async fn clear(node: &Node, who: Actor) -> Result<HttpResponse, Problem> {
    let said = tell(node, None).await?;
    node.audit.note(Entry::new(who, Action::StatementCleared));
    Ok(said)
}

/// Says it to all nodes; nothing is the all-clear.
async fn tell(node: &Node, text: Option<String>) -> Result<HttpResponse, Problem> {
    node.posture.say(Statement { text, at: clock::wall() }).await?;
    node.status.make(node);
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_preferred_one_of_ours() {
        for (accepted, expected) in [
            ("cy", Some(Language::Welsh)),
            ("cy-GB,cy;q=0.9,en;q=0.8", Some(Language::Welsh)),
            ("en-GB, cy;q=0.9", Some(Language::English)),
            ("en;q=0.2, cy;q=0.3", Some(Language::Welsh)),
            ("de, fr;q=0.9, cy;q=0.1", Some(Language::Welsh)),
            ("cy;q=0", None),
            ("de", None),
            ("", None),
            (";;q=,=,cy;q=x", Some(Language::Welsh)),
            ("cy;q=NaN", None),
        ] {
            assert_eq!(preferred(accepted), expected, "{accepted:?}");
        }
    }
}
