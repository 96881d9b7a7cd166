//! Further requests of a connection are let in as its first one was at the front: by a ticket, or in turn.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::Caller;
use crate::http::credentials::{prefix, shows};
use crate::http::waiting::Answer;
use crate::listener::head;
use crate::listener::wire::Wire;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::Error;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use admission::Criticality;
use std::rc::Rc;

/// The middleware around all routes.
pub(crate) async fn in_turn(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_first = request.conn_data::<Rc<Wire>>().is_none_or(|wire| wire.is_first_request());
    // What decides by itself for whoever has to wait, and what nobody has to wait for.
    let decides = request.path() == "/v1/admit" || head::tells_how_it_is(request.path());
    match request.app_data::<Data<Node>>().cloned() {
        Some(node) if !is_first && !decides => match judge(request.request(), &node) {
            Some(refusal) => Ok(request.into_response(refusal)),
            None => next.call(request).await,
        },
        Some(_) | None => next.call(request).await,
    }
}

fn judge(request: &HttpRequest, node: &Node) -> Option<HttpResponse> {
    let (gate, now, shows) = (&node.gate, clock::wall(), shows(request));
    let class = match gate.caller(shows.ticket, now) {
        Caller::Member(_) => {
            if let Some(wire) = request.conn_data::<Rc<Wire>>() {
                wire.is_known();
            }
            return None;
        }
        Caller::Former => Criticality::Member,
        Caller::Unknown => Criticality::Stranger,
    };
    let subject = gate.subject_of(prefix(request));
    if gate.admits(class, subject, now) {
        return None;
    }
    let place = shows.place.and_then(|token| gate.place(token, &[subject], now));
    let has_turn = place.is_some_and(|place| gate.has_turn(class, place));
    let shows_token = shows.token.is_some();
    if has_turn || (shows_token && gate.may_check(place.is_some(), clock::now().instant)) {
        return None;
    }
    let answer = if shows_token {
        Answer::unseen(gate, subject, place, now)
    } else {
        Answer::queue(gate, class, subject, place, now)?
    };
    let accepts = request.headers().get(ACCEPT).map(HeaderValue::as_bytes);
    let is_page = request.method() == Method::GET && accepts.is_some_and(head::is_for_people);
    Some(answer.response(is_page, node.is_secure()))
}
