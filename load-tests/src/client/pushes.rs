//! Pushes that many readers get letter by letter the same: read once, and compared afterwards. Without it, reading would
//! cost a generator more than writing costs the server, and a run would measure the generator.

use crate::mark::{Mark, hash_of};
use protocol::message::{Message, Pushed, Received};
use twox_hash::XxHash3_64;

/// Lines that are known at once; one more takes the place of another.
const KNOWN_MAX: usize = 4_096;
/// Longest line that is kept.
const LINE_MAX_BYTES: usize = 8 * 1_024;
/// What every push of the JSON form begins with.
const PUSH: &[u8] = b"{\"push\":";

/// A publication, as far as the ledger wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) offset: u64,
    pub(super) hash: u64,
    pub(super) mark: Option<Mark>,
}

impl Came {
    pub(super) fn read(publication: &Received<'_>) -> Self {
        Self {
            offset: publication.offset,
            hash: hash_of(&publication.data),
            mark: Mark::read(&publication.data),
        }
    }
}

/// What is known of lines.
#[derive(Debug)]
pub(crate) struct Pushes {
    /// Each at a place that follows from its letters.
    lines: Box<[Option<Known>]>,
}

#[derive(Debug)]
struct Known {
    line: Box<[u8]>,
    channel: u32,
    came: Came,
}

impl Default for Pushes {
    fn default() -> Self {
        Self { lines: std::iter::repeat_with(|| None).take(KNOWN_MAX).collect() }
    }
}

impl Pushes {
    /// The channel and the publication of a line that was read before, every letter of it.
    pub(super) fn recall(&self, line: &[u8]) -> Option<(u32, Came)> {
        if !line.starts_with(PUSH) {
            return None;
        }
        let known = self.lines.get(place(line))?.as_ref()?;
        (*known.line == *line).then_some((known.channel, known.came))
    }

    /// Keeps what a line says, if it is a publication of a channel with a number.
    pub(super) fn learn(&mut self, line: &[u8], message: &Message<'_>, number: impl Fn(&str) -> Option<u32>) {
        let Message::Push(channel, Pushed::Publication(publication)) = message else { return };
        if line.len() > LINE_MAX_BYTES || !line.starts_with(PUSH) {
            return;
        }
        let (Some(channel), Some(kept)) = (number(channel), self.lines.get_mut(place(line))) else { return };
        *kept = Some(Known { line: line.into(), channel, came: Came::read(publication) });
    }
}

fn place(line: &[u8]) -> usize {
    // The low bits are as good as any.
    usize::try_from(XxHash3_64::oneshot(line) & 0xffff_ffff).unwrap_or(0) % KNOWN_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(offset: u64, word: &str) -> String {
        format!(r#"{{"push":{{"channel":"teams:a","pub":{{"data":"{word}","offset":{offset}}}}}}}"#)
    }

    fn learn(pushes: &mut Pushes, line: &str) {
        let number = |channel: &str| (channel == "teams:a").then_some(7);
        let learn = |message| pushes.learn(line.as_bytes(), &message, number);
        protocol::Encoding::Json.decode_messages(line.as_bytes(), learn).unwrap();
    }

    #[test]
    fn a_line_is_recalled_by_all_of_its_letters() {
        let mut pushes = Pushes::default();
        assert_eq!(pushes.recall(line(1, "a").as_bytes()), None);
        for offset in 1..=100 {
            learn(&mut pushes, &line(offset, "a"));
        }
        let known: Vec<u64> = (1..=100)
            .filter_map(|offset| pushes.recall(line(offset, "a").as_bytes()))
            .map(|(channel, came)| {
                assert_eq!((channel, came.hash, came.mark), (7, hash_of("\"a\""), None));
                came.offset
            })
            .collect();
        assert!(known.len() > 90 && known.is_sorted(), "few take each other's place: {known:?}");
        assert!((1..=100).all(|offset| pushes.recall(line(offset, "b").as_bytes()).is_none()));
    }

    #[test]
    fn nothing_else_is_kept() {
        let mut pushes = Pushes::default();
        let other = line(1, "a").replace("teams:a", "teams:b");
        let long = line(1, &"a".repeat(LINE_MAX_BYTES));
        for line in ["{}", r#"{"id":3,"error":{"code":1}}"#, &other, &long] {
            learn(&mut pushes, line);
        }
        assert!(pushes.lines.iter().all(Option::is_none));
    }
}
