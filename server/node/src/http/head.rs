//! Whether the head of a request can be understood in one way only. What two readers may understand differently is
//! how requests are smuggled past a proxy, so it is refused before it is routed. Framing errors (two lengths, a length
//! beside chunks, unknown codings, control characters) do not come so far: the HTTP parser answers them with 400.

use crate::http::problem::Problem;
use actix_http::RequestHead;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use actix_web::http::uri::Authority;
use actix_web::http::{Method, Version};

/// Headers of which a second one would contradict the first.
const ONCE: [&HeaderName; 6] =
    [&AUTHORIZATION, &CONTENT_TYPE, &HOST, &ORIGIN, &SEC_WEBSOCKET_KEY, &SEC_WEBSOCKET_VERSION];

/// What comes after a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// A body of this length; of a length that is not known yet, if it comes in chunks.
    Body(Option<usize>),
    /// The next request.
    Nothing,
    /// WebSocket frames.
    Frames,
}

/// Judges a head.
pub(crate) fn judge(head: &RequestHead) -> Result<Follows, Problem> {
    if ONCE.iter().any(|name| head.headers.get_all(*name).nth(1).is_some()) {
        return Err(Problem::BadRequest("a header that may stand once stands twice"));
    }
    if let Some(host) = head.headers.get(HOST)
        && !is_host(host)
    {
        return Err(Problem::BadRequest("the Host header names no host"));
    }
    let body = body(&head.headers)?;
    if asks_for_frames(&head.headers)? {
        let may = head.method == Method::GET && head.version == Version::HTTP_11;
        let is_clean = may && body == Follows::Nothing;
        return if is_clean {
            Ok(Follows::Frames)
        } else {
            Err(Problem::BadRequest("an upgrade is a GET of HTTP/1.1 without a body"))
        };
    }
    // RFC 9110 §9.3.1: a body there means nothing, and readers differ about where it ends.
    let may_have_body = matches!(head.method, Method::DELETE | Method::PATCH | Method::POST | Method::PUT);
    if may_have_body || body == Follows::Nothing {
        Ok(body)
    } else {
        Err(Problem::BadRequest("this method takes no body"))
    }
}

fn body(headers: &HeaderMap) -> Result<Follows, Problem> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return Ok(Follows::Body(None));
    }
    let Some(length) = headers.get(CONTENT_LENGTH) else { return Ok(Follows::Nothing) };
    match length.to_str().ok().and_then(|length| length.trim().parse().ok()) {
        Some(0) => Ok(Follows::Nothing),
        Some(length) => Ok(Follows::Body(Some(length))),
        None => Err(Problem::BadRequest("Content-Length is no length")),
    }
}

/// Whether a WebSocket is asked for; an error if it depends on who reads. Other upgrades are passed over, as RFC 9110
/// §7.8 wants.
fn asks_for_frames(headers: &HeaderMap) -> Result<bool, Problem> {
    let names_it = |value: &HeaderValue| {
        value.as_bytes().to_ascii_lowercase().windows(9).any(|some| some == b"websocket")
    };
    let mut values = headers.get_all(UPGRADE).filter(|value| names_it(value));
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(one), None) if one.as_bytes().eq_ignore_ascii_case(b"websocket") => Ok(true),
        (Some(_), _) => Err(Problem::BadRequest("Upgrade is something else than websocket")),
    }
}

/// RFC 9112 §3.2: a host and perhaps a port, nothing else.
fn is_host(value: &HeaderValue) -> bool {
    let names = |authority: Authority| !authority.host().is_empty() && !authority.as_str().contains('@');
    Authority::try_from(value.as_bytes()).is_ok_and(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn judged(method: Method, headers: &[(&'static str, &'static str)]) -> Result<Follows, Problem> {
        let mut request = TestRequest::default().method(method);
        for header in headers {
            request = request.append_header(*header);
        }
        judge(request.to_http_request().head())
    }

    fn is_refused(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        matches!(judged(method, headers), Err(Problem::BadRequest(_)))
    }

    #[test]
    fn a_second_header_that_contradicts_the_first_is_refused() {
        for name in ONCE {
            let name = name.as_str();
            assert!(is_refused(Method::GET, &[(name, "localhost"), (name, "localhost")]), "{name}");
        }
        assert_eq!(judged(Method::GET, &[("cookie", "a=b"), ("cookie", "c=d")]), Ok(Follows::Nothing));
    }

    #[test]
    fn a_host_is_a_host_and_perhaps_a_port() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "xn--caf-dma.example"] {
            assert_eq!(judged(Method::GET, &[("host", host)]), Ok(Follows::Nothing), "{host}");
        }
        for host in ["", " ", "a b", "a@b", "a/b", "http://a", "a:b:c", "a?b", "a#b"] {
            assert!(is_refused(Method::GET, &[("host", host)]), "{host:?}");
        }
    }

    #[test]
    fn only_methods_that_say_something_have_a_body() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(judged(method, &[("content-length", "7")]), Ok(Follows::Body(Some(7))));
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::CONNECT] {
            assert!(is_refused(method.clone(), &[("content-length", "7")]), "{method}");
            assert!(is_refused(method.clone(), &[("transfer-encoding", "chunked")]), "{method}");
            assert_eq!(judged(method, &[("content-length", "0")]), Ok(Follows::Nothing));
        }
    }

    #[test]
    fn a_length_that_none_can_hold_is_refused() {
        assert!(is_refused(Method::POST, &[("content-length", "99999999999999999999999")]));
    }

    #[test]
    fn an_upgrade_is_plain_or_none() {
        let good = ("upgrade", "WebSocket");
        assert_eq!(judged(Method::GET, &[good]), Ok(Follows::Frames));
        assert!(is_refused(Method::POST, &[good]));
        assert!(is_refused(Method::GET, &[good, ("content-length", "5")]));
        assert!(is_refused(Method::GET, &[good, ("transfer-encoding", "chunked")]));
        for value in ["notwebsocket", "websocket, h2c", "websocket/13", "websockets"] {
            assert!(is_refused(Method::GET, &[("upgrade", value)]), "{value}");
        }
        assert!(is_refused(Method::GET, &[good, good]));
        assert_eq!(judged(Method::GET, &[("upgrade", "h2c")]), Ok(Follows::Nothing));
        let old = TestRequest::default().version(Version::HTTP_10).insert_header(good).to_http_request();
        assert!(judge(old.head()).is_err());
    }
}
