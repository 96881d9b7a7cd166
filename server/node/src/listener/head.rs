//! The head of a connection's first request, read before the HTTP server has the connection: bounded, in time, and
//! looked at for a ticket and for how to refuse it. What it means as HTTP is the server's to judge.

use crate::gate::caller::Shows;
use crate::http::admit;
use crate::http::credentials::DEVICE_COOKIE;
use crate::listener::stream::Stream;
use bytes::BytesMut;
use httparse::{Request, Status};
use std::time::Duration;
use tokio::io::AsyncReadExt;

protocol::limits! {
    /// Longest head of a connection's first request; a longer one gets 431.
    pub(crate) const FIRST_HEAD_MAX_BYTES: usize = 16 * 1024 => counted;
    /// Most headers that are looked at for a ticket; in a head with more there is none.
    const HEADERS_READ_MAX: usize = 96 => unseen;
}

/// Bytes for which there is room at first: most heads have fewer.
const ROOM_BYTES: usize = 1_024;

/// What came of waiting for a head.
#[derive(Debug)]
pub(super) enum First {
    /// The peer went away, or was cut.
    Gone,
    /// All of it is there, or no more is needed to see that it is none.
    Head(BytesMut),
    /// Nothing of it came in time.
    Silent,
    TooLarge,
    TooSlow,
}

/// Waits for the head of the first request.
pub(super) async fn first(stream: &mut Stream, patience: Duration) -> First {
    let mut bytes = BytesMut::new();
    match tokio::time::timeout(patience, read(stream, &mut bytes)).await {
        Ok(Ended::Head) => First::Head(bytes),
        Ok(Ended::Gone) => First::Gone,
        Ok(Ended::TooLarge) => First::TooLarge,
        Err(_) if bytes.is_empty() => First::Silent,
        Err(_) => First::TooSlow,
    }
}

/// Why reading ended.
enum Ended {
    Gone,
    Head,
    TooLarge,
}

async fn read(stream: &mut Stream, bytes: &mut BytesMut) -> Ended {
    loop {
        if bytes.len() >= FIRST_HEAD_MAX_BYTES {
            return Ended::TooLarge;
        }
        bytes.reserve(ROOM_BYTES);
        let known = bytes.len();
        match stream.read_buf(bytes).await {
            Ok(0) | Err(_) => return Ended::Gone,
            Ok(_) => {}
        }
        // A head ends with a line: without the end of one there is nothing new to see.
        let ends_a_line = bytes.get(known..).is_some_and(|new| new.contains(&b'\n'));
        // Empty lines before a request are passed over (RFC 9112 §2.2).
        let is_http = bytes.first().is_some_and(|byte| byte.is_ascii_graphic() || b"\r\n".contains(byte));
        if !is_http || (ends_a_line && !is_partial(bytes)) {
            return Ended::Head;
        }
    }
}

fn is_partial(bytes: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_READ_MAX];
    matches!(Request::new(&mut headers).parse(bytes), Ok(Status::Partial))
}

/// What a head asks for, as far as it matters for how it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// A ticket: `POST /v1/admit`.
    Admission,
    /// A page, for somebody to look at.
    Page,
    /// A conversation.
    Upgrade,
    /// Something that is answered in more than one step, or makes no sense; or how the service is.
    Other,
    /// Anything else without a body.
    Plain,
}

/// A head, as far as it is understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen<'a> {
    pub(super) asks: Asks,
    pub(super) shows: Shows<'a>,
    /// Whether there is a device's secret, which may be made up.
    pub(super) has_device: bool,
    /// Whether there is a body of which not all is here.
    pub(super) has_more: bool,
}

/// Looks at a head.
pub(super) fn look(bytes: &[u8]) -> Seen<'_> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_READ_MAX];
    let mut request = Request::new(&mut headers);
    let mut seen = Seen { asks: Asks::Other, shows: Shows::default(), has_device: false, has_more: false };
    let Ok(Status::Complete(length)) = request.parse(bytes) else { return seen };
    let body = bytes.get(length..).unwrap_or_default();
    let (mut has_body, mut upgrades, mut wants_page) = (false, false, false);
    for header in request.headers.iter() {
        let name = header.name;
        if name.eq_ignore_ascii_case("cookie") {
            seen.shows.cookie(header.value);
            seen.has_device |= contains(header.value, DEVICE_COOKIE.as_bytes());
        } else if name.eq_ignore_ascii_case("authorization") {
            seen.shows.authorization(header.value);
        } else if name.eq_ignore_ascii_case("content-length") {
            has_body |= header.value != b"0";
            seen.has_more |= header.value != body.len().to_string().as_bytes();
        } else if name.eq_ignore_ascii_case("transfer-encoding") || name.eq_ignore_ascii_case("expect") {
            (has_body, seen.has_more) = (true, true);
        } else if name.eq_ignore_ascii_case("upgrade") {
            upgrades = true;
        } else if name.eq_ignore_ascii_case("accept") {
            wants_page = is_for_people(header.value);
        }
    }
    seen.asks = match (request.method, request.path) {
        (Some("POST"), Some("/v1/admit")) => Asks::Admission,
        _ if has_body => Asks::Other,
        _ if upgrades => Asks::Upgrade,
        (Some("GET"), Some(path)) if tells_how_it_is(path) => Asks::Other,
        (Some("GET"), _) if wants_page => Asks::Page,
        _ => Asks::Plain,
    };
    if seen.asks == Asks::Admission
        && !seen.has_more
        && let Some(place) = admit::place_in(body)
    {
        seen.shows.place = Some(place);
    }
    seen
}

/// Whether a path says how the service is, which nobody has to wait for.
pub(crate) fn tells_how_it_is(path: &str) -> bool {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    matches!(path, "/health" | "/ready" | "/status" | "/status.json")
}

/// Whether an `Accept` header asks for a page, for somebody to look at.
pub(crate) fn is_for_people(accept: &[u8]) -> bool {
    contains(accept, b"text/html")
}

fn contains(value: &[u8], word: &[u8]) -> bool {
    value.windows(word.len()).any(|some| some == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asks(head: &str) -> Asks {
        look(format!("{head}\r\n\r\n").as_bytes()).asks
    }

    #[test]
    fn what_is_asked_for_is_told_from_the_head() {
        assert_eq!(asks("GET / HTTP/1.1\r\nAccept: text/html,*/*"), Asks::Page);
        assert_eq!(asks("GET /app.js HTTP/1.1\r\nAccept: */*"), Asks::Plain);
        assert_eq!(asks("GET /connection/websocket HTTP/1.1\r\nUpgrade: websocket"), Asks::Upgrade);
        assert_eq!(asks("POST /v1/admit HTTP/1.1\r\nContent-Length: 0"), Asks::Admission);
    }

    #[test]
    fn what_has_a_body_or_makes_no_sense_is_not_decided_by_its_head() {
        assert_eq!(asks("POST /v1/invites HTTP/1.1\r\nContent-Length: 2"), Asks::Other);
        assert_eq!(
            asks("GET /connection/websocket HTTP/1.1\r\nUpgrade: websocket\r\nExpect: x"),
            Asks::Other
        );
        assert_eq!(asks("nonsense"), Asks::Other);
        assert_eq!(asks("GET /health HTTP/1.1"), Asks::Other);
        assert_eq!(asks("GET /status?lang=cy HTTP/1.1\r\nAccept: text/html"), Asks::Other);
    }

    #[test]
    fn a_place_is_found_as_a_cookie_or_in_a_body_that_is_here_as_a_whole() {
        let place = |head: &str, body: &str| {
            let bytes = format!("POST /v1/admit HTTP/1.1\r\n{head}\r\n\r\n{body}");
            let seen = look(bytes.as_bytes());
            (seen.shows.place.map(str::to_owned), seen.has_more)
        };
        let body = r#"{"place":"abc"}"#;
        assert_eq!(place("Content-Length: 15", body), (Some("abc".to_owned()), false));
        assert_eq!(place("Cookie: holdfast_place=x\r\nContent-Length: 15", body).0.as_deref(), Some("abc"));
        assert_eq!(place("Cookie: holdfast_place=x\r\nContent-Length: 0", ""), (Some("x".to_owned()), false));
        assert_eq!(place("Content-Length: 15", ""), (None, true));
        assert_eq!(place("Content-Length: 16", body), (None, true));
        assert_eq!(place("Transfer-Encoding: chunked", body), (None, true));
        assert_eq!(place("Content-Length: 5", "{\"pla"), (None, false));
        assert_eq!(place("", ""), (None, false));
    }

    #[test]
    fn what_may_be_a_device_is_found() {
        let seen = look(b"POST /v1/admit HTTP/1.1\r\nCookie: holdfast_device=x\r\n\r\n");
        assert!(seen.has_device && seen.asks == Asks::Admission);
    }

    #[test]
    fn a_ticket_is_found() {
        let seen = look(b"GET / HTTP/1.1\r\nCookie: holdfast_ticket=abc\r\n\r\n");
        assert_eq!(seen.shows.ticket, Some("abc"));
    }

    #[test]
    fn what_can_become_nothing_else_is_not_waited_for() {
        assert!(is_partial(b"GET / HTTP/1.1\r\nHost: x\r\n"));
        for bytes in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n", b"GET  / HTTP/1.1\r\n", b"*1\r\n$4\r\n"]
        {
            assert!(!is_partial(bytes), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            look(&bytes);
            is_partial(&bytes);
        }
    }
}
