//! The name of an incident: when it was opened, which is also its folder.

use super::text::instant;
use protocol::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// `2026-11-26T01-18-56Z`, or with `.2` if another was opened in the same second.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IncidentId(String);

/// A text that names no incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an incident is named by when it was opened: 2026-11-26T01-18-56Z")]
pub struct InvalidIncidentId;

const PATTERN: &str = "dddd-dd-ddTdd-dd-ddZ";

impl IncidentId {
    /// The incident that was opened at an instant, the `nth` of that second.
    pub fn at(opened: Timestamp, nth: u32) -> Self {
        let time = instant(opened).replace(':', "-");
        Self(if nth < 2 { time } else { format!("{time}.{nth}") })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IncidentId {
    type Err = InvalidIncidentId;

    fn from_str(text: &str) -> Result<Self, InvalidIncidentId> {
        let (time, rest) = text.split_at_checked(PATTERN.len()).ok_or(InvalidIncidentId)?;
        let fits = time.bytes().zip(PATTERN.bytes()).all(|(byte, pattern)| match pattern {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
        let is_number = |digits: &str| {
            (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let ends = rest.is_empty() || rest.strip_prefix('.').is_some_and(is_number);
        if fits && ends { Ok(Self(text.to_owned())) } else { Err(InvalidIncidentId) }
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IncidentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for IncidentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when_and_can_be_read_again() {
        let opened = Timestamp::from_millis(1_764_119_936_000);
        let names = [1, 2].map(|nth| IncidentId::at(opened, nth));
        assert_eq!(
            names.clone().map(|id| id.to_string()),
            ["2025-11-26T01-18-56Z", "2025-11-26T01-18-56Z.2"]
        );
        for name in names {
            assert_eq!(name.as_str().parse(), Ok(name));
        }
    }

    #[test]
    fn nothing_that_leads_out_of_the_folder_is_a_name() {
        for bad in [
            "",
            "..",
            "../../etc/passwd",
            "2025-11-26T01-18-56Z/..",
            "2025-11-26T01-18-56Z.",
            "2025-11-26T01-18-56Z..",
            "2025-11-26T01-18-56Z.2/",
            "2025-11-26T01:18:56Z",
            "2025-11-26T01-18-5éZ",
            "\0\0\0\0-11-26T01-18-56Z",
        ] {
            assert_eq!(bad.parse::<IncidentId>(), Err(InvalidIncidentId), "{bad:?}");
        }
    }
}
