//! The payload of a publication: JSON text that passes through untouched.

use crate::limits::{NESTING_MAX_LEVELS, PAYLOAD_MAX_BYTES};
use crate::shape::{self, Irregular};
use serde_json::value::RawValue;
use std::{fmt, sync::Arc};

/// One valid JSON text without raw newlines (they separate messages in a frame), shared, never copied.
#[derive(Clone)]
pub struct Payload(Arc<RawValue>);

/// Why bytes are no payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPayload {
    /// An object in it has two members of one name: readers would disagree about what it says (RFC 7493 §2.3).
    #[error("a payload has an object with two members of one name")]
    NameTwice,
    /// Not one JSON text in UTF-8.
    #[error("a payload is not one JSON value")]
    NotJson,
    /// More than [`PAYLOAD_MAX_BYTES`].
    #[error("a payload is larger than {PAYLOAD_MAX_BYTES} bytes")]
    TooLarge,
    /// More than [`NESTING_MAX_LEVELS`].
    #[error("a payload nests deeper than {NESTING_MAX_LEVELS} levels")]
    TooDeep,
}

impl Payload {
    /// Reads what a client says: JSON text of at most [`PAYLOAD_MAX_BYTES`] and [`NESTING_MAX_LEVELS`] in which no name
    /// comes twice.
    pub fn from_client(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        let payload = Self::parse(bytes)?;
        match shape::of_payload(payload.as_str()) {
            Ok(()) => Ok(payload),
            Err(Irregular::NameTwice) => Err(InvalidPayload::NameTwice),
            Err(Irregular::TooDeep) => Err(InvalidPayload::TooDeep),
        }
    }

    /// Reads what was taken before: JSON text of at most [`PAYLOAD_MAX_BYTES`], of whatever shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        if bytes.len() > PAYLOAD_MAX_BYTES {
            return Err(InvalidPayload::TooLarge);
        }
        let raw: Box<RawValue> = serde_json::from_slice(bytes).map_err(|_| InvalidPayload::NotJson)?;
        Ok(Self::from_raw(raw))
    }

    /// Serialises a value of our own making.
    pub fn from_value<T: serde::Serialize>(value: &T) -> Result<Self, InvalidPayload> {
        let raw = serde_json::value::to_raw_value(value).map_err(|_| InvalidPayload::NotJson)?;
        if raw.get().len() > PAYLOAD_MAX_BYTES {
            return Err(InvalidPayload::TooLarge);
        }
        Ok(Self::from_raw(raw))
    }

    /// In valid JSON a raw line break can only be blank space between tokens: dropping it changes nothing.
    fn from_raw(raw: Box<RawValue>) -> Self {
        if !raw.get().bytes().any(|b| b == b'\n' || b == b'\r') {
            return Self(raw.into());
        }
        let one_line: String =
            raw.get().chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }).collect();
        RawValue::from_string(one_line).map_or_else(|_| Self(raw.into()), |raw| Self(raw.into()))
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Payload {}

/// Payloads are members' words: debug output shows their size only.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.as_str().len())
    }
}

impl serde::Serialize for Payload {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_line_breaks_become_blanks_and_escaped_ones_stay() {
        let payload = Payload::parse(b"{\n\"a\":\r\n\"x\\ny\"}").unwrap();
        assert_eq!(payload.as_str(), "{ \"a\":  \"x\\ny\"}");
    }

    #[test]
    fn anything_but_one_json_value_is_refused() {
        for bytes in [&b""[..], b"{", b"1 2", b"\xff", b"{\"a\":01}", b"nul"] {
            assert_eq!(Payload::parse(bytes), Err(InvalidPayload::NotJson));
        }
    }

    #[test]
    fn a_shape_that_readers_disagree_about_is_refused_from_a_client_and_read_from_a_store() {
        let deep = "[".repeat(NESTING_MAX_LEVELS + 1) + &"]".repeat(NESTING_MAX_LEVELS + 1);
        for (text, refusal) in
            [(r#"{"a":1,"\u0061":2}"#, InvalidPayload::NameTwice), (&deep, InvalidPayload::TooDeep)]
        {
            assert_eq!(Payload::from_client(text.as_bytes()), Err(refusal));
            assert!(Payload::parse(text.as_bytes()).is_ok());
        }
        assert!(Payload::from_client(br#"{"a":[{"a":1}]}"#).is_ok());
    }

    #[test]
    fn the_bound_is_exact() {
        let text = |n: usize| format!("\"{}\"", "a".repeat(n - 2));
        assert!(Payload::parse(text(PAYLOAD_MAX_BYTES).as_bytes()).is_ok());
        assert_eq!(Payload::parse(text(PAYLOAD_MAX_BYTES + 1).as_bytes()), Err(InvalidPayload::TooLarge));
    }
}
