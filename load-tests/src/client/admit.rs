//! How a member asks for a ticket before it connects, waits for its turn if it is told to, and comes back with the
//! ticket that it has.

use crate::clock::Micros;
use crate::tally::{Admission, Tally};
use protocol::command::Token;
use serde::Deserialize;
use std::time::Duration;

/// Most headers of an answer, and most bytes of its head and of its body.
const HEADERS_MAX: usize = 64;
const HEAD_MAX_BYTES: usize = 16 * 1_024;
const BODY_MAX_BYTES: usize = 64 * 1_024;
/// The longest that a server may let somebody wait before they ask again.
const RETRY_MAX: Duration = Duration::from_mins(10);

/// A member's way through the waiting room; it outlives connections.
#[derive(Debug, Default)]
pub(crate) struct Admit {
    ticket: Option<Token>,
    /// Where it stands, as the server signed it.
    place: Option<Token>,
    /// When it first asked since it had a ticket, when it was first given a place, and when it was last told to wait.
    asked: Option<Micros>,
    heard: Option<Micros>,
    waited: Option<Micros>,
    /// The server gives no tickets.
    unknown: bool,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// It has a ticket, or needs none; whether the connection can be gone on with.
    In { keeps: bool },
    /// It is told to ask again.
    Waits { until: Option<Micros> },
    /// It may not come in.
    Refused,
}

/// What answers makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer to a request for a ticket makes no sense")]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
struct Given {
    ticket: String,
    /// When its place became valid, by the wall clock.
    eligible_since_ms: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    place: Option<String>,
    position: Option<u64>,
    retry_after_s: Option<f64>,
}

impl Admit {
    /// What it shows when it connects; nothing if it has to ask first.
    pub(crate) fn ticket(&self) -> Option<&str> {
        self.ticket.as_ref().map(|ticket| ticket.0.as_str())
    }

    /// It has this ticket from before.
    pub(crate) fn holding(ticket: String) -> Self {
        Self { ticket: Some(Token(ticket)), ..Self::default() }
    }

    /// Whether it has to ask before it connects.
    pub(crate) const fn must_ask(&self) -> bool {
        self.ticket.is_none() && !self.unknown
    }

    /// The ticket was not taken.
    pub(crate) fn lose(&mut self) {
        self.ticket = None;
    }

    /// Asks.
    pub(crate) fn ask(&mut self, host: &str, access: &str, now: Micros, out: &mut Vec<u8>) {
        self.asked.get_or_insert(now);
        let body = self.place.as_ref().map_or_else(
            || "{}".to_owned(),
            |place| serde_json::json!({ "place": place.0.as_str() }).to_string(),
        );
        let request = format!(
            "POST /v1/admit HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {access}\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        out.extend_from_slice(request.as_bytes());
    }

    /// Reads the answer: what it means and where it ends, if it is whole. `wall_zero_ms` is the wall clock when ours was 0.
    pub(crate) fn answer(
        &mut self,
        bytes: &[u8],
        now: Micros,
        wall_zero_ms: u64,
        class: usize,
        tally: &mut Tally,
    ) -> Result<Option<(Admitted, usize)>, Unreadable> {
        let Some(answer) = Answer::read(bytes)? else { return Ok(None) };
        let admitted = match answer.status {
            200 => {
                let given: Given = serde_json::from_slice(answer.body).map_err(|_| Unreadable)?;
                self.admitted(&given, now, wall_zero_ms, class, tally);
                Admitted::In { keeps: answer.keeps }
            }
            404 => {
                self.unknown = true;
                Admitted::In { keeps: answer.keeps }
            }
            401 | 403 => Admitted::Refused,
            _ => {
                let told: Told = serde_json::from_slice(answer.body).unwrap_or_default();
                if told.place.is_some() {
                    tally.counts.told_to_wait += 1;
                    self.heard.get_or_insert(now);
                }
                tally.counts.position_max = tally.counts.position_max.max(told.position.unwrap_or(0));
                self.place = told.place.map(Token).or_else(|| self.place.take());
                self.waited = Some(now);
                let wait = answer.retry_after.or(told.retry_after_s);
                let wait = wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                Admitted::Waits { until: wait.map(|wait| now.after(wait.min(RETRY_MAX))) }
            }
        };
        Ok(Some((admitted, answer.end)))
    }

    fn admitted(&mut self, given: &Given, now: Micros, wall_zero_ms: u64, class: usize, tally: &mut Tally) {
        let asked = self.asked.take().unwrap_or(now);
        let heard = self.heard.take().unwrap_or(now);
        let waited = self.waited.take();
        // Its turn came somewhere between the last refusal and now, unless the server says when.
        let said = given.eligible_since_ms;
        let said = said.map(|at| Micros(at.saturating_sub(wall_zero_ms).saturating_mul(1_000)).min(now));
        tally.admitted(Admission {
            class,
            asked,
            heard,
            earliest: said.or(waited).unwrap_or(asked),
            latest: said.unwrap_or(now),
            at: now,
        });
        self.ticket = Some(Token(given.ticket.clone()));
        self.place = None;
    }
}

/// An answer over HTTP, whole.
struct Answer<'a> {
    status: u16,
    retry_after: Option<f64>,
    keeps: bool,
    body: &'a [u8],
    end: usize,
}

impl<'a> Answer<'a> {
    fn read(bytes: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(bytes).map_err(|_| Unreadable)? else {
            return if bytes.len() > HEAD_MAX_BYTES { Err(Unreadable) } else { Ok(None) };
        };
        let value = |name: &str| {
            let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok().map(str::trim)
        };
        let length = value("content-length").map_or(Ok(0), str::parse::<usize>);
        let length = length.ok().filter(|length| *length <= BODY_MAX_BYTES).ok_or(Unreadable)?;
        if value("transfer-encoding").is_some() {
            return Err(Unreadable);
        }
        let Some(body) = bytes.get(head..head + length) else { return Ok(None) };
        Ok(Some(Self {
            status: response.code.ok_or(Unreadable)?,
            retry_after: value("retry-after").and_then(|text| text.parse().ok()),
            keeps: !value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")),
            body,
            end: head + length,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(60_000_000);
    const WALL_ZERO_MS: u64 = 1_700_000_000_000;

    fn answer(admit: &mut Admit, now: Micros, text: &str) -> (Option<(Admitted, usize)>, Tally) {
        let mut tally = Tally::default();
        let read = admit.answer(text.as_bytes(), now, WALL_ZERO_MS, 3, &mut tally).unwrap();
        (read, tally)
    }

    fn asked(admit: &mut Admit, now: Micros) -> String {
        let mut out = Vec::new();
        admit.ask("localhost", "access", now, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn http(status: &str, headers: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
    }

    #[test]
    fn what_makes_no_sense_is_told_so() {
        for text in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ] {
            let mut admit = Admit::default();
            let read = admit.answer(text.as_bytes(), NOW, WALL_ZERO_MS, 0, &mut Tally::default());
            assert_eq!(read, Err(Unreadable), "{text}");
            assert!(admit.must_ask());
        }
        let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(20_000));
        assert_eq!(
            Admit::default().answer(endless.as_bytes(), NOW, 0, 0, &mut Tally::default()),
            Err(Unreadable)
        );
    }

    #[test]
    fn an_answer_is_taken_when_it_is_whole_and_the_ticket_is_kept() {
        let mut admit = Admit::default();
        assert!(asked(&mut admit, NOW).contains("Authorization: Bearer access\r\n"));
        let text = http("200 OK", "", r#"{"ticket":"t.i.c","expires_in_s":86400}"#) + "next";
        for cut in 0..text.len() - "next".len() {
            assert_eq!(answer(&mut admit, NOW, &text[..cut]).0, None);
        }
        let (read, mut tally) = answer(&mut admit, Micros(61_000_000), &text);
        assert_eq!(read, Some((Admitted::In { keeps: true }, text.len() - "next".len())));
        assert_eq!((admit.ticket(), admit.must_ask()), (Some("t.i.c"), false));
        let [admission] = tally.take(NOW).admissions[..] else { panic!("one was let in") };
        assert_eq!((admission.class, admission.asked, admission.latest), (3, NOW, Micros(61_000_000)));
        admit.lose();
        assert!(admit.must_ask());
    }

    #[test]
    fn who_is_told_to_wait_comes_back_with_its_place_when_it_was_told_to() {
        let mut admit = Admit::default();
        asked(&mut admit, NOW);
        let wait = http("503 Service Unavailable", "Retry-After: 3\r\n", r#"{"place":"p\"1","position":42}"#);
        let (read, tally) = answer(&mut admit, NOW, &wait);
        assert_eq!(read.unwrap().0, Admitted::Waits { until: Some(Micros(63_000_000)) });
        assert_eq!((tally.counts.told_to_wait, tally.counts.position_max), (1, 42));
        assert!(asked(&mut admit, Micros(63_000_000)).ends_with("\r\n\r\n{\"place\":\"p\\\"1\"}"));
        // Without a place it keeps the one that it has; without a header it takes what the body says.
        let wait = http("503 Service Unavailable", "", r#"{"retry_after_s":1.5}"#);
        let (read, _) = answer(&mut admit, Micros(63_000_000), &wait);
        assert_eq!(read.unwrap().0, Admitted::Waits { until: Some(Micros(64_500_000)) });
        assert!(asked(&mut admit, Micros(64_500_000)).contains("\"place\""));
        let given = http("200 OK", "Connection: close\r\n", r#"{"ticket":"t"}"#);
        let (read, mut tally) = answer(&mut admit, Micros(65_000_000), &given);
        assert_eq!(read.unwrap().0, Admitted::In { keeps: false });
        let [admission] = tally.take(NOW).admissions[..] else { panic!("one was let in") };
        assert_eq!((admission.asked, admission.earliest), (NOW, Micros(63_000_000)), "since it first asked");
        assert_eq!(admission.heard, NOW, "with its first place");
        assert_eq!(admission.latest, Micros(65_000_000));
    }

    #[test]
    fn a_server_that_says_when_the_turn_came_is_believed_as_far_as_that_can_be() {
        let mut admit = Admit::default();
        asked(&mut admit, NOW);
        let since = WALL_ZERO_MS + 64_000;
        let given = http("200 OK", "", &format!(r#"{{"ticket":"t","eligible_since_ms":{since}}}"#));
        let (_, mut tally) = answer(&mut admit, Micros(65_000_000), &given);
        let [admission] = tally.take(NOW).admissions[..] else { panic!("one was let in") };
        assert_eq!((admission.earliest, admission.latest), (Micros(64_000_000), Micros(64_000_000)));
    }

    #[test]
    fn a_server_without_tickets_is_asked_once_and_one_that_refuses_is_obeyed() {
        let mut admit = Admit::default();
        assert_eq!(
            answer(&mut admit, NOW, &http("404 Not Found", "", "")).0.unwrap().0,
            Admitted::In { keeps: true }
        );
        assert_eq!((admit.ticket(), admit.must_ask()), (None, false));
        let mut admit = Admit::default();
        assert_eq!(
            answer(&mut admit, NOW, &http("401 Unauthorized", "", "")).0.unwrap().0,
            Admitted::Refused
        );
        let busy = http("500 Internal Server Error", "", "oops");
        assert_eq!(answer(&mut admit, NOW, &busy).0.unwrap().0, Admitted::Waits { until: None });
    }
}
