//! What one connection of an attack says and hears, without its socket.

use super::counts::AttackCounts;
use super::talk::Talk;
use std::sync::Arc;

/// Most headers of an answer that is looked at, and most bytes of its head.
const HEADERS_MAX: usize = 64;
const HEAD_MAX_BYTES: usize = 16 * 1_024;

/// What it does.
#[derive(Debug)]
pub(super) enum Script {
    /// One request, and waits for the head of its answer.
    Ask(Arc<[u8]>),
    /// The beginning of something, and a byte more each time that it is asked for one.
    Drip { what: Arc<[u8]>, said: usize },
    /// Nothing; with `leaves` it goes as soon as it stands.
    Silent { leaves: bool },
    /// A conversation over a WebSocket.
    Talk(Box<Talk>),
}

/// What a step may use.
#[derive(Debug)]
pub(super) struct Cue<'a> {
    pub(super) host: &'a str,
    pub(super) counts: &'a mut AttackCounts,
    pub(super) random: &'a mut fastrand::Rng,
    /// What is to be written.
    pub(super) out: &'a mut Vec<u8>,
}

/// The attacker has what it came for, and leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaves;

impl Script {
    /// The socket stands.
    pub(super) fn begin(&mut self, cue: &mut Cue<'_>) -> Result<(), Leaves> {
        match self {
            Self::Ask(request) => cue.out.extend_from_slice(request),
            Self::Drip { what, said } => {
                // Half of it at once: a server must have begun to wait for the rest.
                *said = what.len() / 2;
                cue.out.extend_from_slice(what.get(..*said).unwrap_or_default());
            }
            Self::Silent { leaves: true } => return Err(Leaves),
            Self::Silent { leaves: false } => {}
            Self::Talk(talk) => talk.begin(cue),
        }
        Ok(())
    }

    /// Something was heard: how much of it is done with.
    pub(super) fn hear(
        &mut self,
        bytes: &[u8],
        whole: &mut Vec<u8>,
        cue: &mut Cue<'_>,
    ) -> Result<usize, Leaves> {
        match self {
            Self::Ask(_) | Self::Drip { .. } | Self::Silent { .. } => match head(bytes) {
                Head::Partial => Ok(0),
                Head::Whole { status, retry_after, .. } => {
                    cue.counts.answer(status, retry_after);
                    Err(Leaves)
                }
                Head::None => Err(Leaves),
            },
            Self::Talk(talk) => talk.hear(bytes, whole, cue),
        }
    }

    /// Says one byte more, as long as it does not say the whole.
    pub(super) fn drip(&mut self, out: &mut Vec<u8>) {
        if let Self::Drip { what, said } = self {
            let rest = what.get(*said..).unwrap_or_default();
            if let ([byte, _, ..], true) = (rest, *said > 0) {
                out.push(*byte);
                *said += 1;
            }
        }
    }

    /// Whether it no longer takes what it is sent.
    pub(super) fn is_deaf(&self) -> bool {
        matches!(self, Self::Talk(talk) if talk.is_deaf())
    }
}

/// The head of an answer over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Something else.
    None,
    /// More is to come.
    Partial,
    /// Its status, whether it says when to come again, and where it ends.
    Whole { status: u16, retry_after: bool, end: usize },
}

/// Reads it.
pub(super) fn head(bytes: &[u8]) -> Head {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(end)) => {
            let retry_after =
                response.headers.iter().any(|header| header.name.eq_ignore_ascii_case("retry-after"));
            response.code.map_or(Head::None, |status| Head::Whole { status, retry_after, end })
        }
        Ok(httparse::Status::Partial) if bytes.len() <= HEAD_MAX_BYTES => Head::Partial,
        Ok(httparse::Status::Partial) | Err(_) => Head::None,
    }
}

impl AttackCounts {
    /// A request was answered.
    pub(super) fn answer(&mut self, status: u16, retry_after: bool) {
        *self.answered.entry(status).or_default() += 1;
        self.retry_after += u64::from(retry_after && status == 503);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script writes, whether it leaves, and what it counted.
    fn act<T>(act: impl FnOnce(&mut Cue<'_>) -> T) -> (T, Vec<u8>, AttackCounts) {
        let (mut counts, mut out) = (AttackCounts::default(), Vec::new());
        let mut random = fastrand::Rng::with_seed(1);
        let mut cue = Cue { host: "localhost", counts: &mut counts, random: &mut random, out: &mut out };
        let done = act(&mut cue);
        (done, out, counts)
    }

    #[test]
    fn an_answer_is_counted_by_its_status_once_its_head_is_whole() {
        let mut script = Script::Ask(b"GET / HTTP/1.1\r\n\r\n".as_slice().into());
        assert_eq!(act(|cue| script.begin(cue)).1, b"GET / HTTP/1.1\r\n\r\n");
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\n";
        for cut in 0..answer.len() {
            assert_eq!(act(|cue| script.hear(&answer[..cut], &mut Vec::new(), cue)).0, Ok(0));
        }
        let (left, _, counts) = act(|cue| script.hear(answer, &mut Vec::new(), cue));
        assert_eq!((left, counts.answers(503..504), counts.retry_after), (Err(Leaves), 1, 1));
        let (left, _, counts) = act(|cue| script.hear(b"SSH-2.0\r\n\r\n", &mut Vec::new(), cue));
        assert_eq!((left, counts), (Err(Leaves), AttackCounts::default()));
    }

    #[test]
    fn an_endless_head_is_not_kept() {
        let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(20_000));
        assert_eq!(head(endless.as_bytes()), Head::None);
    }

    #[test]
    fn a_slow_head_is_never_whole() {
        let what = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut script = Script::Drip { what: what.as_slice().into(), said: 0 };
        let mut out = Vec::new();
        script.drip(&mut out);
        assert_eq!(out, b"", "nothing before it stands");
        out = act(|cue| script.begin(cue)).1;
        assert_eq!(out, what[..what.len() / 2]);
        for _ in 0..100 {
            script.drip(&mut out);
        }
        assert_eq!(out, what[..what.len() - 1]);
    }

    #[test]
    fn who_says_nothing_stays_or_leaves_at_once() {
        assert_eq!(act(|cue| Script::Silent { leaves: false }.begin(cue)).0, Ok(()));
        assert_eq!(act(|cue| Script::Silent { leaves: true }.begin(cue)).0, Err(Leaves));
    }
}
