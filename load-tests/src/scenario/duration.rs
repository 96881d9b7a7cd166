//! "90s", "5m" in scenario files.

use serde::{Deserialize, Deserializer, de::Error};
use std::time::Duration;

/// A duration as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed = humantime::parse_duration(&text);
        parsed.map(Self).map_err(|error| D::Error::custom(format!("{text:?} is no duration: {error}")))
    }
}
