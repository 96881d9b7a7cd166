//! What is made of a record for others, as files that are kept: reports and the table of indicators.

use super::elsewhere;
use super::view::RecordRequest;
use super::{READS, read_id, reader, unread};
use crate::assembly::Node;
use crate::clock;
use crate::http::openapi::Refused;
use crate::http::openapi::words::{FileBytes, IncidentIdText};
use crate::http::paging::query;
use crate::http::problem::Problem;
use crate::incident::{Archive, Export, NotFound, Source, exported};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use evidence::audit::{Action, Actor, Entry};
use evidence::incident::{IncidentId, Name, STYLE_HASH};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// The report, as Markdown, with what a person has to fill in marked. Admins and observers only.
#[utoipa::path(
    get, path = "/v1/incidents/{id}/report.md", operation_id = "report_incident_as_text", tag = "incidents",
    params(("id" = IncidentIdText, Path), RecordRequest),
    responses((status = 200, description = "A file.", content_type = "text/markdown", body = FileBytes), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn report_md(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    given_out(&request, &node, &id, File::Markdown).await
}

/// The report as a page that needs nothing else. Admins and observers only.
#[utoipa::path(
    get, path = "/v1/incidents/{id}/report.html", operation_id = "report_incident_as_page", tag = "incidents",
    params(("id" = IncidentIdText, Path), RecordRequest),
    responses((status = 200, description = "A file.", content_type = "text/html", body = FileBytes), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn report_html(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    given_out(&request, &node, &id, File::Page).await
}

/// The report for programs. Admins and observers only.
#[utoipa::path(
    get, path = "/v1/incidents/{id}/report.json", operation_id = "report_incident", tag = "incidents",
    params(("id" = IncidentIdText, Path), RecordRequest),
    responses((status = 200, description = "A file.", body = Object), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn report_json(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    given_out(&request, &node, &id, File::Json).await
}

/// The networks from which most came, as long as that is kept. Admins and observers only.
#[utoipa::path(
    get, path = "/v1/incidents/{id}/indicators.csv", operation_id = "list_indicators", tag = "incidents",
    params(("id" = IncidentIdText, Path), RecordRequest),
    responses((status = 200, description = "A file.", content_type = "text/csv", body = FileBytes), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn indicators(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    given_out(&request, &node, &id, File::Indicators).await
}

/// What can be made of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum File {
    Indicators,
    Json,
    Markdown,
    Page,
}

impl File {
    /// The file of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [Self::Indicators, Self::Json, Self::Markdown, Self::Page];
        all.into_iter().find(|file| file.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Indicators => "indicators.csv",
            Self::Json => "report.json",
            Self::Markdown => "report.md",
            Self::Page => "report.html",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Indicators => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Page => "text/html; charset=utf-8",
        }
    }

    const fn form(self) -> Export {
        match self {
            Self::Indicators => Export::Csv,
            Self::Json => Export::Json,
            Self::Markdown => Export::Md,
            Self::Page => Export::Html,
        }
    }
}

async fn given_out(
    request: &HttpRequest,
    node: &Node,
    id: &str,
    file: File,
) -> Result<HttpResponse, Problem> {
    let by = reader(request, node)?.member;
    let RecordRequest { node: of } = query(request)?;
    let (id, now) = (read_id(id)?, clock::wall());
    let turn = READS.acquire().await;
    let here = of_here(node, id.clone(), of.clone(), file, now).await?;
    // Another node may take its time.
    drop(turn);
    let text = match here {
        Some(text) => Bytes::from(text),
        None => elsewhere::file(node, &id, of, file, now).await?,
    };
    Ok(given(node, Actor::Member(by), &id, file, text))
}

/// Makes a file of a record of this node, for operators. Whoever asks for it bounds how many are made at once.
pub(crate) async fn made(
    node: &Node,
    who: Actor,
    id: IncidentId,
    file: File,
) -> Result<HttpResponse, Problem> {
    let text = of_here(node, id.clone(), None, file, clock::wall()).await?.ok_or(Problem::NotFound)?;
    Ok(given(node, who, &id, file, text.into()))
}

/// A file of a record of this node; nothing, if it has none of the name.
async fn of_here(
    node: &Node,
    id: IncidentId,
    of: Option<Name>,
    file: File,
    now: Timestamp,
) -> Result<Option<String>, Problem> {
    let data = node.incidents.data().to_owned();
    let made = web::block(move || make(&data, &id, of.as_ref(), file, now)).await;
    made.map_err(|_| Problem::Internal)?.map_err(|error| {
        if let Some(error) = error.downcast_ref() {
            return unread(error);
        }
        tracing::error!(%error, "a report could not be made");
        Problem::Internal
    })
}

/// A file of a record in a data folder, if it is there and that node's. Reads files.
pub(super) fn make(
    data: &Path,
    id: &IncidentId,
    of: Option<&Name>,
    file: File,
    now: Timestamp,
) -> anyhow::Result<Option<String>> {
    if of.is_some() && !is_of(&Archive::new(data), id, of) {
        return Ok(None);
    }
    match exported(data, &[Source::Named(id.clone())], file.form(), now) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.downcast_ref(), Some(NotFound::Unknown(..))) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_of(archive: &Archive, id: &IncidentId, of: Option<&Name>) -> bool {
    archive.timeline(id).is_ok_and(|timeline| timeline.node() == of)
}

/// The audit knows of each.
fn given(node: &Node, who: Actor, id: &IncidentId, file: File, text: Bytes) -> HttpResponse {
    let entry = Entry::new(who, Action::ExportMade).about(id.as_str());
    node.audit.note(entry.after(&json!({ "file": file.name() })));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, file.kind()))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"incident-{id}-{}\"", file.name()),
        ));
    if file == File::Page {
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        response.insert_header((CONTENT_SECURITY_POLICY, policy));
    }
    response.body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_asked_for_by_its_name() {
        for name in ["indicators.csv", "report.json", "report.md", "report.html"] {
            assert_eq!(File::named(name).map(File::name), Some(name));
        }
        assert_eq!(File::named("timeline.jsonl"), None);
    }
}
