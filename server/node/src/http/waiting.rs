//! What somebody is told who has to wait: a problem for programs, a page for people that works without script. Both carry
//! the place, as a cookie too, so that asking again is all that is needed.

use crate::gate::Gate;
use crate::gate::caller::PLACE_COOKIE;
use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE,
};
use admission::waiting_room::{Turn, WAIT_TOLD_MAX, Wait};
use admission::{Criticality, WaitingRoom};
use identity::Place;
use identity::place::PLACE_TTL;
use protocol::Timestamp;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// The answer to a head that did not come in time.
pub(crate) const HEAD_TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
/// The answer to a head that is too large.
pub(crate) const HEAD_TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const PAGE: &str = include_str!("waiting.html");
/// The page loads nothing and runs nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Characters of a place's signature that tell one answer from the next.
const AGAIN_CHARS: usize = 8;

/// The stable word of somebody who waits.
pub(crate) const CODE: &str = "waiting";

/// How somebody waits, as programs read it (RFC 9457, with members of its own).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Waiting)]
pub(crate) struct Waiting<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    /// Always `waiting`.
    code: &'static str,
    /// To be shown when asking again; without one they keep theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    /// How many are before them, with themselves; nothing while that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// About how long it takes.
    wait_s: u64,
    /// When to ask again.
    retry_after_s: u64,
}

impl<'a> Waiting<'a> {
    fn new(place: Option<&'a str>, wait: Wait) -> Self {
        Self {
            r#type: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "many are coming in; ask again, with the place that you have",
            code: CODE,
            place,
            position: wait.position,
            wait_s: wait.wait.as_secs(),
            retry_after_s: retry_after(wait),
        }
    }
}

/// When to ask again, in whole seconds (RFC 9110 §10.2.3).
fn retry_after(wait: Wait) -> u64 {
    wait.ask_again.as_secs().max(1)
}

/// The cookie that holds a place.
fn place_cookie(place: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let life = PLACE_TTL.as_secs();
    format!("{PLACE_COOKIE}={place}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life}{secure}")
}

/// What somebody is told who has to wait.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The signed place; none if they keep one that was not seen. Without a signature there is none either, and asking
    /// again is all the same what there is to do.
    place: Option<String>,
    wait: Wait,
}

impl Answer {
    /// Somebody asks to come in, or to keep their place; nothing if they need not wait.
    pub(crate) fn queue(
        gate: &Gate,
        class: Criticality,
        subject: u64,
        place: Option<Place>,
        now: Timestamp,
    ) -> Option<Self> {
        match gate.ask(class, subject, place, now) {
            Turn::In { .. } => None,
            Turn::Wait(wait) => Some(Self::told(gate, subject, place, wait, now)),
        }
    }

    /// Somebody of whom there is no time to find out who they are: their place counts from when they asked first.
    pub(crate) fn unseen(gate: &Gate, subject: u64, place: Option<Place>, now: Timestamp) -> Self {
        let wait = WaitingRoom::unseen(place.map(|place| place.since), now);
        Self::told(gate, subject, place, wait, now)
    }

    /// Somebody who may have a place that was not seen: they keep it.
    pub(crate) fn later(now: Timestamp) -> Self {
        Self { place: None, wait: WaitingRoom::unseen(None, now) }
    }

    /// Somebody waits like this.
    pub(crate) fn told(gate: &Gate, subject: u64, place: Option<Place>, wait: Wait, now: Timestamp) -> Self {
        // A place stays whose it was: it may have been given before it was known who they are.
        let subject = place.map_or(subject, |place| place.subject);
        Self { place: gate.sign(Place { since: wait.since, subject }, now).ok(), wait }
    }

    /// The whole of it, to be written as it is.
    pub(crate) fn bytes(&self, is_page: bool, is_secure: bool) -> Vec<u8> {
        let (kind, body) = self.said(is_page);
        let cookie = self
            .place
            .as_deref()
            .map_or_else(String::new, |place| format!("Set-Cookie: {}\r\n", place_cookie(place, is_secure)));
        format!(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             Retry-After: {retry}\r\n{cookie}Cache-Control: no-store\r\n\
             Content-Security-Policy: {PAGE_POLICY}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
            length = body.len(),
            retry = retry_after(self.wait),
        )
        .into_bytes()
    }

    /// The same, by the HTTP server.
    pub(crate) fn response(&self, is_page: bool, is_secure: bool) -> HttpResponse {
        let (kind, body) = self.said(is_page);
        let mut response = HttpResponse::ServiceUnavailable();
        response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((RETRY_AFTER, retry_after(self.wait)))
            .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
            .insert_header((CONTENT_TYPE, kind));
        if let Some(place) = &self.place {
            response.insert_header((SET_COOKIE, place_cookie(place, is_secure)));
        }
        response.body(body)
    }

    /// What is said, and what kind of text it is.
    fn said(&self, is_page: bool) -> (&'static str, String) {
        let place = self.place.as_deref();
        if is_page {
            ("text/html; charset=utf-8", page(place, self.wait))
        } else {
            let waiting = serde_json::to_string(&Waiting::new(place, self.wait));
            ("application/problem+json", waiting.unwrap_or_default())
        }
    }
}

fn page(place: Option<&str>, wait: Wait) -> String {
    // Another word each time: a browser that is sent to where it is, with an invite behind a `#`, asks nobody.
    let again: String = place.unwrap_or_default().chars().rev().take(AGAIN_CHARS).collect();
    let numbers = wait.position.map_or_else(Default::default, |position| {
        [
            format!("<span>You are number {position}.</span> "),
            format!("<span>Chi yw rhif {position}.</span> "),
        ]
    });
    let [english, welsh] = estimate(wait.wait);
    PAGE.replace("{retry}", &retry_after(wait).to_string())
        .replace("{number}", &numbers[0])
        .replace("{rhif}", &numbers[1])
        .replace("{again}", &again)
        .replace("{english}", &english)
        .replace("{welsh}", &welsh)
}

/// About how long it takes, in words, in English and in Welsh.
fn estimate(wait: Duration) -> [String; 2] {
    if wait >= WAIT_TOLD_MAX {
        return ["More than an hour.", "Mwy nag awr."].map(str::to_owned);
    }
    match wait.as_secs().div_ceil(60) {
        _ if wait < Duration::from_mins(1) => ["Less than a minute.", "Llai na munud."].map(str::to_owned),
        1 => ["About 1 minute.", "Tua 1 munud."].map(str::to_owned),
        2 => ["About 2 minutes.", "Tua 2 funud."].map(str::to_owned),
        minutes => [format!("About {minutes} minutes."), format!("Tua {minutes} munud.")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait() -> Wait {
        Wait {
            since: Timestamp::from_millis(7),
            position: Some(42),
            wait: Duration::from_secs(90),
            ask_again: Duration::from_millis(16_700),
        }
    }

    #[test]
    fn the_answer_is_whole_and_says_when_to_come_back() {
        for is_page in [false, true] {
            let answer = Answer { place: Some("abc".to_owned()), wait: wait() };
            let answer = String::from_utf8(answer.bytes(is_page, true)).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
            assert!(head.contains("\r\nRetry-After: 16\r\n"), "{head}");
            assert!(head.contains("holdfast_place=abc; ") && head.contains("; Secure"), "{head}");
            let names = ["{retry}", "{number}", "{rhif}", "{again}", "{english}", "{welsh}"];
            assert_eq!(names.map(|name| body.contains(name)), [false; 6]);
            assert!(body.contains("42"));
        }
    }

    #[test]
    fn people_read_how_long_it_takes_as_exactly_as_it_is_known() {
        for (seconds, english, welsh) in [
            (1, "Less than a minute.", "Llai na munud."),
            (59, "Less than a minute.", "Llai na munud."),
            (60, "About 1 minute.", "Tua 1 munud."),
            (61, "About 2 minutes.", "Tua 2 funud."),
            (121, "About 3 minutes.", "Tua 3 munud."),
            (3_599, "About 60 minutes.", "Tua 60 munud."),
            (3_600, "More than an hour.", "Mwy nag awr."),
        ] {
            let page = page(Some("abc"), Wait { wait: Duration::from_secs(seconds), ..wait() });
            assert!(page.contains(english) && page.contains(welsh), "{seconds}: {page}");
        }
    }

    #[test]
    fn who_keeps_a_place_that_was_not_seen_is_given_no_other_and_no_number() {
        let later = Answer::later(Timestamp::from_millis(7));
        for is_page in [false, true] {
            let answer = String::from_utf8(later.bytes(is_page, true)).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains("\r\nRetry-After: 4\r\n") && !head.contains("Set-Cookie"), "{head}");
            let names = ["You are number", "Chi yw rhif", "\"position\"", "\"place\":"];
            assert_eq!(names.map(|name| body.contains(name)), [false; 4], "{body}");
        }
    }

    #[test]
    fn programs_read_the_place_and_the_estimate() {
        let body = serde_json::to_value(Waiting::new(Some("abc"), wait())).unwrap();
        assert_eq!((&body["code"], &body["place"]), (&"waiting".into(), &"abc".into()));
        assert_eq!(
            (&body["position"], &body["wait_s"], &body["retry_after_s"]),
            (&42.into(), &90.into(), &16.into())
        );
    }
}
