//! `POST /v1/imports`: a list of people in, and a list of their links out, for the campaign's own mailer.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{admin, is_admin};
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::paging::query;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use campaign::import::{Outcome, Reported};
use campaign::invites::INVITE_TTL_MAX;
use campaign::rows::{Rows, Unreadable};
use evidence::audit::{Action, Actor, Entry};
use identity::Secret;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

protocol::limits! {
    /// Largest list of people that is imported at once; a larger one gets 400. Only admins may send so much.
    pub(crate) const IMPORT_MAX_BYTES: usize = 16 * 1024 * 1024 => counted;
    /// How long an admin may take to send a list; who takes longer gets 408 and loses the connection.
    pub(crate) const IMPORT_TIMEOUT: Duration = Duration::from_mins(2) => counted;
    /// Lists that a node imports at once; a further one is asked to come back.
    pub(crate) const IMPORTS_MAX: usize = 1 => counted;
}

/// Where lists go.
pub(crate) const PATH: &str = "/v1/imports";
/// How long links work, if nobody says.
const LINKS_FOR_S: u64 = 30 * 24 * 3_600;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Says what would be done, and does nothing.
    #[serde(default)]
    dry_run: bool,
    /// How long links work; 30 days, if nobody says.
    #[param(value_type = u64, required = false, minimum = 1, maximum = 7_776_000)]
    expires_in_s: Option<u64>,
}

/// Imports a list of people, and answers a list of their links. Admins only.
///
/// The list is CSV with the columns `reference`, `name`, `roles`, `regions` and `teams`, of which the first is needed, and
/// may have 16 MiB. The same list again changes nobody and gives the same links,
/// so an answer of more than 64 KiB is not kept for a repeat: the list is imported again.
#[utoipa::path(
    post, path = "/v1/imports", operation_id = "import_members", tag = "members",
    params(Asked, IdempotencyKeyHeader),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, content_type = "text/csv", body = String,
            description = "What became of each row: `line`, `reference`, `outcome` (`added`, `present`, `joined`, `left`, `would_add` or `refused`), `link`, `reason`."),
        Refused<409>, Refused<422>,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn import(
    request: HttpRequest,
    node: Data<Node>,
    list: Bytes,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    step_up::check(&node, &by, Sensitive::LinksOfList)?;
    let Asked { dry_run, expires_in_s } = query(&request)?;
    let links_for = Duration::from_secs(expires_in_s.unwrap_or(LINKS_FOR_S));
    if links_for.is_zero() || links_for > INVITE_TTL_MAX {
        return Err(Problem::BadRequest("expires_in_s is between 1 and 7776000 (90 days)"));
    }
    let is_csv = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !is_csv.is_some_and(|value| value.to_ascii_lowercase().starts_with("text/csv")) {
        return Err(Problem::BadRequest("a list is text/csv"));
    }
    let Some(_permit) = node.imports.take() else {
        node.metrics.limit_reached(reached::IMPORTS_MAX);
        return Err(Problem::Unavailable);
    };
    let rows = Rows::read(&list)?;
    drop(list);
    let root = node.trust.fingerprint(clock::wall()).await?;
    let reported = node.people.import(rows, links_for, dry_run, clock::wall()).await?;
    if !dry_run {
        let entry = Entry::new(Actor::Member(by.member), Action::ImportDone);
        node.audit.note(entry.after(&Came::of(&reported)));
    }
    let csv =
        written(&reported, |secret| node.join_link(secret, root.as_ref())).map_err(|_| Problem::Internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"links.csv\""))
        .body(csv))
}

/// What came of a list, as numbers.
#[derive(Default, Serialize)]
struct Came {
    added: usize,
    present: usize,
    joined: usize,
    left: usize,
    refused: usize,
}

impl Came {
    fn of(reported: &[Reported]) -> Self {
        let mut came = Self::default();
        for row in reported {
            match row.outcome {
                Outcome::Added(_) => came.added += 1,
                Outcome::Present(_) => came.present += 1,
                Outcome::Joined => came.joined += 1,
                Outcome::Left => came.left += 1,
                Outcome::Refused(_) => came.refused += 1,
                // Only of a trial, which is not noted.
                Outcome::WouldAdd => {}
            }
        }
        came
    }
}

fn written(reported: &[Reported], link: impl Fn(&Secret) -> String) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["line", "reference", "outcome", "link", "reason"])?;
    for row in reported {
        let (outcome, link, reason) = match &row.outcome {
            Outcome::Added(secret) => ("added", link(secret), String::new()),
            Outcome::Present(secret) => ("present", link(secret), String::new()),
            Outcome::Joined => ("joined", String::new(), String::new()),
            Outcome::Left => ("left", String::new(), String::new()),
            Outcome::WouldAdd => ("would_add", String::new(), String::new()),
            Outcome::Refused(why) => ("refused", String::new(), why.to_string()),
        };
        let reference = harmless(&row.reference);
        csv.write_record([&row.line.to_string(), &*reference, outcome, &link, &harmless(&reason)])?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// A cell that a spreadsheet shows and does not reckon: whoever put a formula into a list would have it done on the machine of
/// whoever opens the answer.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}

/// Whether a request may have a body as large as a list: its sender is an admin.
pub(crate) fn may_send_list(request: &HttpRequest) -> bool {
    let node = request.app_data::<Data<Node>>();
    request.path() == PATH && node.is_some_and(|node| is_admin(request, node))
}

impl From<Unreadable> for Problem {
    fn from(why: Unreadable) -> Self {
        Self::BadRequest(match why {
            Unreadable::Column => "the columns are reference, name, roles, regions and teams, each once",
            Unreadable::NoReference => "the first line names the columns, reference among them",
            Unreadable::TooLong => "a list has at most 200000 rows",
        })
    }
}
