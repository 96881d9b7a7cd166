//! What a published payload says of itself, so that whoever reads it knows which message it is, where it belongs and
//! when it was due.

use crate::clock::Micros;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write;
use twox_hash::XxHash3_64;

/// The mark of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which run of the tool.
    pub(crate) run: u32,
    /// Which sender of all.
    pub(crate) sender: u32,
    /// Which message of the sender: 0, 1, 2…
    pub(crate) number: u32,
    /// Which channel of all.
    pub(crate) channel: u32,
    /// When it was due to be published. Not when it was: what waits for a slow sender has waited (coordinated
    /// omission).
    pub(crate) due: Micros,
}

/// The longest payload without padding.
const HEAD_MAX_BYTES: usize = 96;

impl Mark {
    /// The idempotency key.
    pub(crate) fn key(&self) -> String {
        format!("{:08x}.{:x}.{:x}", self.run, self.sender, self.number)
    }

    /// A payload of `bytes`, or as short as the mark allows.
    pub(crate) fn payload(&self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes.max(HEAD_MAX_BYTES));
        // Writing to a string does not fail.
        let _done = write!(text, r#"{{"id":"{}","c":{},"t":{},"x":""#, self.key(), self.channel, self.due.0);
        let padding = bytes.saturating_sub(text.len() + 2);
        // Letters that say which message it is, so that two messages differ in their padding, too.
        let letter = char::from(b'a' + u8::try_from(self.number % 26).unwrap_or(0));
        text.extend(std::iter::repeat_n(letter, padding));
        text.push_str("\"}");
        text
    }

    /// Reads the mark of a payload; nothing if it has none.
    pub(crate) fn read(payload: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Marked<'a> {
            #[serde(borrow)]
            id: Cow<'a, str>,
            c: u32,
            t: u64,
        }
        let marked: Marked<'_> = serde_json::from_str(payload).ok()?;
        let mut parts = marked.id.split('.').map(|part| u32::from_str_radix(part, 16).ok());
        let (run, sender, number) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() {
            return None;
        }
        Some(Self { run, sender, number, channel: marked.c, due: Micros(marked.t) })
    }
}

/// A number for an epoch, the same in every process.
pub(crate) fn epoch_number(epoch: &str) -> u64 {
    XxHash3_64::oneshot(epoch.as_bytes())
}

/// A hash of everything that a message says.
pub(crate) fn hash_of(payload: &str) -> u64 {
    XxHash3_64::oneshot(payload.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = Mark { run: 0xfeed, sender: 3, number: 70_000, channel: 12, due: Micros(5_000_000) };

    #[test]
    fn a_mark_is_read_as_it_was_written_whatever_the_size() {
        for bytes in [0, 100, 128, 4_096] {
            let payload = MARK.payload(bytes);
            assert!(payload.len() >= bytes && payload.len() <= bytes.max(HEAD_MAX_BYTES), "{payload}");
            assert_eq!(Mark::read(&payload), Some(MARK));
            assert!(protocol::Payload::from_client(payload.as_bytes()).is_ok());
        }
        let largest = Mark {
            run: u32::MAX,
            sender: u32::MAX,
            number: u32::MAX,
            channel: u32::MAX,
            due: Micros(u64::MAX),
        };
        assert!(largest.payload(0).len() <= HEAD_MAX_BYTES);
    }

    #[test]
    fn what_somebody_else_said_has_no_mark() {
        for payload in ["null", "{}", r#"{"id":"a","c":1,"t":1}"#, r#"{"id":"1.2.3.4","c":1,"t":1}"#] {
            assert_eq!(Mark::read(payload), None, "{payload}");
        }
    }

    #[test]
    fn two_messages_have_two_hashes() {
        let other = Mark { number: MARK.number + 1, ..MARK };
        assert_ne!(hash_of(&MARK.payload(128)), hash_of(&other.payload(128)));
    }
}
