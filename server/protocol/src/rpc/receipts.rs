//! `receipts`: an app says which bulletins it has, and which its person has seen.
//!
//! Apps gather receipts and send them together. `ok` means that they are kept; after `later` the app keeps them, and sends
//! them with those that came meanwhile.

use crate::json::object;
use crate::limits::RECEIPTS_PER_CALL_MAX;
use crate::payload::Payload;
use serde::{Deserialize, Serialize};

/// The name of the method.
pub const RECEIPTS: &str = "receipts";

/// Which bulletins, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    /// The app has these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<String>,
    /// The person has said of these that they have seen them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledged: Vec<String>,
}

impl Receipts {
    /// Reads the argument, which is JSON text; nothing if it is none, or names nothing or too many.
    pub fn read(text: &str) -> Option<Self> {
        let receipts: Self = serde_json::from_str(object(text)?).ok()?;
        receipts.is_within_bounds().then_some(receipts)
    }

    /// Whether it names something, and not too much.
    pub fn is_within_bounds(&self) -> bool {
        let count = self.received.len().saturating_add(self.acknowledged.len());
        (1..=RECEIPTS_PER_CALL_MAX).contains(&count)
    }
}

/// The answer to receipts that are kept.
pub fn receipts_answer() -> Option<Payload> {
    Payload::parse(br#"{"status":"ok"}"#).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_name_bulletins_and_not_too_many() {
        let read = Receipts::read(r#"{"received":["b1","b2"],"acknowledged":["b1"]}"#).unwrap();
        assert_eq!((read.received.len(), read.acknowledged.len()), (2, 1));
        let many = serde_json::to_string(&vec!["b"; RECEIPTS_PER_CALL_MAX + 1]).unwrap();
        for text in [
            "",
            "[]",
            "{}",
            r#"{"received":[]}"#,
            r#"{"received":[1]}"#,
            r#"{"seen":["b"]}"#,
            &format!(r#"{{"received":{many}}}"#),
        ] {
            assert_eq!(Receipts::read(text), None, "{text}");
        }
    }

    #[test]
    fn kept_receipts_are_answered_with_ok() {
        assert_eq!(receipts_answer().unwrap().as_str(), r#"{"status":"ok"}"#);
    }
}
