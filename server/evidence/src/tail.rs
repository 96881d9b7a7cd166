//! Where a chain ends that a process left, and how another goes on with it.

use crate::chain::{Chain, Sealed};
use serde::de::IgnoredAny;

/// What stands at the end of a file of lines.
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
}

/// Looks at the last line alone: whether those before it are whole is for [`crate::chain::verify`] to say. Nothing if
/// that line cannot be read, so that nothing can be chained to it. Without a line the chain goes on after `before`.
pub fn tail(before: Chain, timeline: &[u8]) -> Option<Tail> {
    let lines_end = timeline.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (lines, rest) = timeline.split_at_checked(lines_end)?;
    let last = match lines.strip_suffix(b"\n") {
        None => None,
        Some(lines) => {
            let start = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            Some(Sealed::<IgnoredAny>::read(lines.get(start..)?).ok()?)
        }
    };
    let before = last.as_ref().map_or(before, Chain::after);
    let unended = Sealed::<IgnoredAny>::read(rest)
        .ok()
        .filter(|line| line.previous == before.head() && line.seq == before.lines().saturating_add(1));
    Some(match unended {
        Some(line) => {
            Tail { chain: Chain::after(&line), whole_bytes: timeline.len(), lacks_end: true, torn_bytes: 0 }
        }
        None => Tail { chain: before, whole_bytes: lines_end, lacks_end: false, torn_bytes: rest.len() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::verify;
    use crate::incident::tests::{at, timeline};
    use crate::incident::{Entry, Resumed};

    #[test]
    fn a_crash_at_any_byte_loses_nothing_that_was_accepted_and_the_chain_goes_on() {
        let text = timeline();
        for cut in 0..=text.len() {
            let left = &text.as_bytes()[..cut];
            let accepted = left.split(|byte| *byte == b'\n').count() - 1;
            let tail = tail(Chain::default(), left).unwrap();
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
    fn nothing_is_chained_to_a_last_line_that_cannot_be_read() {
        let text = timeline();
        assert_eq!(tail(Chain::default(), format!("{text}garbage\n").as_bytes()), None);
        assert_eq!(tail(Chain::default(), b"\n"), None);
        assert_eq!(tail(Chain::default(), b"\xff\n"), None);
    }
}
