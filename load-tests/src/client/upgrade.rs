//! The HTTP request that becomes a WebSocket, and its answer (RFC 6455 §4.1).

use protocol::Encoding;
use std::fmt;
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

/// The cookie that holds a ticket.
const TICKET_COOKIE: &str = "holdfast_ticket";
/// Most headers of an answer.
const HEADERS_MAX: usize = 64;
/// Most bytes of the head of an answer.
const HEAD_MAX_BYTES: usize = 16 * 1_024;

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) struct Upgrade {
    key: String,
}

/// Why there is no WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotUpgraded {
    /// Something else than HTTP, or no handshake.
    #[error("what answered is no WebSocket server")]
    Malformed,
    /// Another status than 101.
    #[error("the upgrade was answered with {0}")]
    Status(u16),
}

/// What is shown with a request.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    /// As programs do.
    Bearer(&'a str),
    /// As browsers do.
    Cookie(&'a str),
    None,
}

/// It is a secret: debug output does not show it.
impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// As a line of a request.
impl fmt::Display for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(word) => write!(f, "Authorization: Bearer {word}\r\n"),
            Self::Cookie(word) => write!(f, "Cookie: {TICKET_COOKIE}={word}\r\n"),
            Self::None => Ok(()),
        }
    }
}

impl Upgrade {
    /// Writes the request.
    pub(crate) fn request(
        host: &str,
        encoding: Encoding,
        credential: Credential<'_>,
        out: &mut Vec<u8>,
    ) -> Self {
        let key = generate_key();
        // A browser says which page it comes from.
        let origin = match credential {
            Credential::Cookie(_) => format!("Origin: http://{host}\r\n"),
            Credential::Bearer(_) | Credential::None => String::new(),
        };
        let request = format!(
            "GET /connection/websocket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {}\r\n\
             {origin}{credential}\r\n",
            encoding.subprotocol()
        );
        out.extend_from_slice(request.as_bytes());
        Self { key }
    }

    /// Reads the answer: where it ends, if it is whole.
    pub(crate) fn answer(&self, bytes: &[u8]) -> Result<Option<usize>, NotUpgraded> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes).map_err(|_| NotUpgraded::Malformed)?;
        let httparse::Status::Complete(end) = parsed else {
            return if bytes.len() > HEAD_MAX_BYTES { Err(NotUpgraded::Malformed) } else { Ok(None) };
        };
        match response.code {
            Some(101) => {}
            Some(code) => return Err(NotUpgraded::Status(code)),
            None => return Err(NotUpgraded::Malformed),
        }
        let accept = derive_accept_key(self.key.as_bytes());
        let accepted = response.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case("sec-websocket-accept") && header.value == accept.as_bytes()
        });
        if accepted { Ok(Some(end)) } else { Err(NotUpgraded::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455 §1.3.
    fn asked() -> Upgrade {
        Upgrade { key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned() }
    }

    const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    #[test]
    fn the_right_answer_is_taken_when_it_is_whole() {
        let bytes = format!("{ANSWER}\u{1}rest");
        assert_eq!(asked().answer(bytes.as_bytes()), Ok(Some(ANSWER.len())));
        assert_eq!(asked().answer(&ANSWER.as_bytes()[..40]), Ok(None));
    }

    #[test]
    fn any_other_answer_is_none() {
        let status = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
        assert_eq!(asked().answer(status.as_bytes()), Err(NotUpgraded::Status(503)));
        let wrong = ANSWER.replace("s3pP", "s3pQ");
        assert_eq!(asked().answer(wrong.as_bytes()), Err(NotUpgraded::Malformed));
        assert_eq!(asked().answer(b"SSH-2.0-OpenSSH\r\n"), Err(NotUpgraded::Malformed));
    }
}
