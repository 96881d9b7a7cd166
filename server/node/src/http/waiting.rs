//! What somebody is told who has to wait: a problem for programs, a page for people that works without script. Both carry
//! the place, as a cookie too, so that asking again is all that is needed.

use crate::gate::Gate;
use crate::gate::caller::PLACE_COOKIE;
use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE,
};
use admission::Criticality;
use admission::waiting_room::{Turn, WAIT_TOLD_MAX, Wait};
use identity::Place;
use identity::place::PLACE_TTL;
use protocol::Timestamp;
use serde::Serialize;
use std::time::Duration;

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

/// How somebody waits, as programs read it (RFC 9457, with members of its own).
#[derive(Debug, Serialize)]
pub(crate) struct Waiting<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    /// To be shown when asking again.
    place: &'a str,
    /// How many are before them, with themselves.
    position: u64,
    wait_s: u64,
    retry_after_s: u64,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(place: &'a str, wait: Wait) -> Self {
        Self {
            r#type: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "many are coming in; you have a place, ask again with it",
            code: "waiting",
            place,
            position: wait.position,
            wait_s: wait.wait.as_secs(),
            retry_after_s: retry_after(wait),
        }
    }
}

/// When to ask again, in whole seconds (RFC 9110 §10.2.3).
pub(crate) fn retry_after(wait: Wait) -> u64 {
    wait.ask_again.as_secs().max(1)
}

/// The cookie that holds a place.
pub(crate) fn place_cookie(place: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let life = PLACE_TTL.as_secs();
    format!("{PLACE_COOKIE}={place}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life}{secure}")
}

/// Somebody asks to come in, or to keep their place: the signed place, and how they wait if they do.
pub(crate) fn queue(
    gate: &Gate,
    class: Criticality,
    subject: u64,
    place: Option<Place>,
    now: Timestamp,
) -> (String, Option<Wait>) {
    match gate.ask(class, subject, place, now) {
        Turn::In { .. } => (String::new(), None),
        Turn::Wait(wait) => {
            let subject = place.map_or(subject, |place| place.subject);
            // Without a signature there is no place, and asking again is all the same what there is to do.
            let signed = gate.sign(Place { since: wait.since, subject }, now).unwrap_or_default();
            (signed, Some(wait))
        }
    }
}

/// The whole answer, to be written as it is.
pub(crate) fn answer(is_page: bool, place: &str, wait: Wait, is_secure: bool) -> Vec<u8> {
    let (kind, body) = said(is_page, place, wait);
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Retry-After: {retry}\r\nSet-Cookie: {cookie}\r\nCache-Control: no-store\r\n\
         Content-Security-Policy: {PAGE_POLICY}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
        length = body.len(),
        retry = retry_after(wait),
        cookie = place_cookie(place, is_secure),
    )
    .into_bytes()
}

/// The same, by the HTTP server.
pub(crate) fn response(is_page: bool, place: &str, wait: Wait, is_secure: bool) -> HttpResponse {
    let (kind, body) = said(is_page, place, wait);
    HttpResponse::ServiceUnavailable()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RETRY_AFTER, retry_after(wait)))
        .insert_header((SET_COOKIE, place_cookie(place, is_secure)))
        .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((CONTENT_TYPE, kind))
        .body(body)
}

/// What is said, and what kind of text it is.
fn said(is_page: bool, place: &str, wait: Wait) -> (&'static str, String) {
    if is_page {
        ("text/html; charset=utf-8", page(place, wait))
    } else {
        ("application/problem+json", serde_json::to_string(&Waiting::new(place, wait)).unwrap_or_default())
    }
}

fn page(place: &str, wait: Wait) -> String {
    // Another word each time: a browser that is sent to where it is, with an invite behind a `#`, asks nobody.
    let again: String = place.chars().rev().take(AGAIN_CHARS).collect();
    let [english, welsh] = estimate(wait.wait);
    PAGE.replace("{retry}", &retry_after(wait).to_string())
        .replace("{position}", &wait.position.to_string())
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
            position: 42,
            wait: Duration::from_secs(90),
            ask_again: Duration::from_millis(16_700),
        }
    }

    #[test]
    fn the_answer_is_whole_and_says_when_to_come_back() {
        for is_page in [false, true] {
            let answer = String::from_utf8(answer(is_page, "abc", wait(), true)).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
            assert!(head.contains("\r\nRetry-After: 16\r\n"), "{head}");
            assert!(head.contains("holdfast_place=abc; ") && head.contains("; Secure"), "{head}");
            let names = ["{retry}", "{position}", "{again}", "{english}", "{welsh}"];
            assert_eq!(names.map(|name| body.contains(name)), [false; 5]);
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
            let page = page("abc", Wait { wait: Duration::from_secs(seconds), ..wait() });
            assert!(page.contains(english) && page.contains(welsh), "{seconds}: {page}");
        }
    }

    #[test]
    fn programs_read_the_place_and_the_estimate() {
        let body = serde_json::to_value(Waiting::new("abc", wait())).unwrap();
        assert_eq!((&body["code"], &body["place"]), (&"waiting".into(), &"abc".into()));
        assert_eq!(
            (&body["position"], &body["wait_s"], &body["retry_after_s"]),
            (&42.into(), &90.into(), &16.into())
        );
    }
}
