//! What somebody shows in the head of a request: a ticket, a place, a device's secret or a token.

use identity::{Principal, Tickets};

/// The cookie that holds a ticket. Not for scripts; it goes with every request of our own pages, so that a member is known
/// before anything else is asked.
pub(crate) const TICKET_COOKIE: &str = "holdfast_ticket";
/// The cookie that holds a place.
pub(crate) const PLACE_COOKIE: &str = "holdfast_place";

/// Who asks, as far as a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody whose ticket is over: this was a member's device once.
    Former,
    /// Somebody with a ticket.
    Member(Box<Principal>),
    Unknown,
}

/// What the head of a request shows, unchecked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shows<'a> {
    pub(crate) ticket: Option<&'a str>,
    pub(crate) place: Option<&'a str>,
    /// A bearer token that is no ticket.
    pub(crate) token: Option<&'a str>,
}

impl<'a> Shows<'a> {
    /// Takes one `Cookie` header.
    pub(crate) fn cookie(&mut self, header: &'a [u8]) {
        let Ok(header) = std::str::from_utf8(header) else { return };
        for (name, value) in header.split(';').filter_map(|pair| pair.split_once('=')) {
            // The first counts, as for whoever reads it later.
            match name.trim() {
                TICKET_COOKIE if self.ticket.is_none() => self.ticket = Some(value.trim()),
                PLACE_COOKIE if self.place.is_none() => self.place = Some(value.trim()),
                _ => {}
            }
        }
    }

    /// Takes the `Authorization` header (RFC 6750 §2.1). What it says counts before a cookie.
    pub(crate) fn authorization(&mut self, header: &'a [u8]) {
        let token = std::str::from_utf8(header).ok().and_then(|header| header.split_once(' '));
        let Some((_, token)) = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
            return;
        };
        let token = token.trim();
        if Tickets::is_ticket_shaped(token) {
            self.ticket = Some(token);
        } else {
            self.token = Some(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_and_a_place_are_found_among_other_cookies() {
        let mut shows = Shows::default();
        shows.cookie(b"a=b; holdfast_ticket=one;holdfast_place = two ; holdfast_ticket=three");
        assert_eq!((shows.ticket, shows.place, shows.token), (Some("one"), Some("two"), None));
    }

    #[test]
    fn a_bearer_is_a_ticket_or_a_token_by_its_form() {
        let ticket = format!("bearer {}", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.x");
        let mut shows = Shows::default();
        shows.cookie(b"holdfast_ticket=cookie");
        shows.authorization(ticket.as_bytes());
        assert_eq!(shows.ticket, ticket.split_once(' ').map(|(_, ticket)| ticket));
        shows.authorization(b"Bearer other");
        assert_eq!(shows.token, Some("other"));
    }

    #[test]
    fn nonsense_shows_nothing() {
        let mut shows = Shows::default();
        for bytes in [&b"\xff\xfe"[..], b"", b"holdfast_ticket", b";;;=;", b"Basic abc", b"bearer"] {
            shows.cookie(bytes);
            shows.authorization(bytes);
        }
        assert_eq!(shows, Shows::default());
    }
}
