//! The newest signed bulletin of channels, for whoever signs the next one.

use super::organiser;
use crate::assembly::Node;
use crate::clock;
use crate::http::openapi::trust::BulletinHeadSchema;
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use campaign::audience::PLACES_MAX;
use campaign::bulletin::Signed;
use protocol::ChannelName;
use serde::Serialize;
use std::collections::BTreeMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// What was signed last in each channel; nothing, if that is not known.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinHeads)]
struct Heads {
    #[schema(value_type = BTreeMap<String, BulletinHeadSchema>)]
    heads: BTreeMap<String, Option<Signed>>,
}

const ASKED: Problem = Problem::BadRequest("say channel=NAME, for 1 to 64 channels");

/// The newest signed bulletin in each of some channels, to be named by the next one. For organisers and observers.
#[utoipa::path(
    get, path = "/v1/bulletins/heads", operation_id = "read_bulletin_heads", tag = "bulletins",
    params(("channel" = Vec<String>, Query, description = "Once for each channel, at most 64.")),
    responses((status = 200, description = "What was signed last in each.", body = Heads)),
    security(("bearer" = [])),
)]
pub(crate) async fn read(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    let channels = channels(request.query_string())?;
    let mut heads = BTreeMap::new();
    for channel in channels {
        let head = node.bulletins.head(&channel, clock::wall()).await?;
        heads.insert(channel.as_str().to_owned(), head);
    }
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Heads { heads }))
}

fn channels(query: &str) -> Result<Vec<ChannelName>, Problem> {
    let mut channels = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "channel" || channels.len() >= PLACES_MAX {
            return Err(ASKED);
        }
        channels.push(ChannelName::parse(&value).map_err(|_| ASKED)?);
    }
    if channels.is_empty() { Err(ASKED) } else { Ok(channels) }
}
