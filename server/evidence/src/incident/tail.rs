//! Where a timeline ends that a process left, and how another goes on with it.

use super::chain::{Chain, Sealed};

/// How the last line of an attack begins. It stands inside no text, where quotes are escaped.
const CLOSED: &[u8] = br#""kind":"closed""#;

/// What stands at the end of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// The chain to go on with.
    pub chain: Chain,
    /// Bytes of the file that are whole lines; what follows is to be cut.
    pub whole_bytes: usize,
    /// Whether the last whole line lacks nothing but its end, which is to be put there.
    pub lacks_end: bool,
    /// Bytes that a crash left of a line that was never accepted.
    pub torn_bytes: usize,
    /// Whether it was closed. Words of operators may have come after that.
    pub is_closed: bool,
}

/// Looks at the last line alone: whether those before it are whole is for [`super::verify`] to say. Nothing if that
/// line cannot be read, so that nothing can be chained to it.
pub fn tail(timeline: &[u8]) -> Option<Tail> {
    let lines_end = timeline.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (lines, rest) = timeline.split_at_checked(lines_end)?;
    let last = match lines.strip_suffix(b"\n") {
        None => None,
        Some(lines) => {
            let start = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            Some(Sealed::read(lines.get(start..)?).ok()?)
        }
    };
    let before = last.as_ref().map_or_else(Chain::default, Chain::after);
    let unended = Sealed::read(rest)
        .ok()
        .filter(|line| line.previous == before.head() && line.seq == before.lines().saturating_add(1));
    let is_closed = timeline.windows(CLOSED.len()).any(|bytes| bytes == CLOSED);
    Some(match unended {
        Some(line) => Tail {
            chain: Chain::after(&line),
            whole_bytes: timeline.len(),
            lacks_end: true,
            torn_bytes: 0,
            is_closed,
        },
        None => Tail {
            chain: before,
            whole_bytes: lines_end,
            lacks_end: false,
            torn_bytes: rest.len(),
            is_closed,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::{at, timeline};
    use crate::incident::{Entry, Note, Resumed, Who, verify};

    #[test]
    fn a_crash_at_any_byte_loses_nothing_that_was_accepted_and_the_chain_goes_on() {
        let text = timeline();
        for cut in 0..=text.len() {
            let left = &text.as_bytes()[..cut];
            let accepted = left.split(|byte| *byte == b'\n').count() - 1;
            let tail = tail(left).unwrap();
            assert!(tail.chain.lines() >= u64::try_from(accepted).unwrap(), "cut at {cut}");
            assert_eq!(tail.whole_bytes + tail.torn_bytes, cut);

            let mut mended = left[..tail.whole_bytes].to_vec();
            if tail.lacks_end {
                mended.push(b'\n');
            }
            let mut chain = tail.chain;
            let torn_bytes = u64::try_from(tail.torn_bytes).unwrap();
            mended.extend(
                chain
                    .seal(at(9), &Entry::Resumed(Resumed { node: "one".parse().unwrap(), torn_bytes }))
                    .as_bytes(),
            );
            let intact = verify(&mended).unwrap_or_else(|broken| panic!("cut at {cut}: {broken}"));
            assert_eq!(intact.chain, chain);
            assert!(!intact.is_torn);
        }
    }

    #[test]
    fn a_timeline_says_whether_it_was_closed() {
        let text = timeline();
        assert!(tail(text.as_bytes()).unwrap().is_closed);
        let open: String = text.lines().take(2).flat_map(|line| [line, "\n"]).collect();
        assert!(!tail(open.as_bytes()).unwrap().is_closed);
        let mut chain = tail(text.as_bytes()).unwrap().chain;
        let more = format!("{text}{}", chain.seal(at(900), &Entry::OverrideEnded));
        assert!(tail(more.as_bytes()).unwrap().is_closed);
        let who = Who::default();
        let note = Entry::Note(Note { who, text: r#""kind":"closed""#.parse().unwrap() });
        let open = format!("{open}{}", Chain::default().seal(at(9), &note));
        assert!(!tail(open.as_bytes()).unwrap().is_closed, "words close nothing");
    }

    #[test]
    fn nothing_is_chained_to_a_last_line_that_cannot_be_read() {
        let text = timeline();
        assert_eq!(tail(format!("{text}garbage\n").as_bytes()), None);
        assert_eq!(tail(b"\n"), None);
        assert_eq!(tail(b"\xff\n"), None);
    }
}
