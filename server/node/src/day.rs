//! Days and instants of UTC, as file names and people write them.

use crate::telemetry::instant;
use anyhow::Context;
use protocol::Timestamp;
use std::time::UNIX_EPOCH;

/// A day of UTC. Days compare as they follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(String);

impl Day {
    /// The day of an instant.
    pub(crate) fn of(at: Timestamp) -> Self {
        let mut text = to_text(at);
        text.truncate("2026-11-23".len());
        Self(text)
    }

    /// The day in a file's name; nothing if the file is not one of ours.
    pub(crate) fn of_file(name: &str) -> Option<Self> {
        let (day, rest) = Self::at_start(name)?;
        let writer = rest.strip_suffix(".jsonl")?;
        let is_ours = writer.is_empty() || writer.strip_prefix('.').is_some_and(is_digits);
        is_ours.then_some(day)
    }

    /// The day with which a name begins, and the rest of it.
    pub(crate) fn at_start(name: &str) -> Option<(Self, &str)> {
        let (day, rest) = name.split_at_checked("2026-11-23".len())?;
        let parts: Vec<&str> = day.split('-').collect();
        let is_day = matches!(parts[..], [year, month, date]
            if [year, month, date].into_iter().all(is_digits) && (year.len(), month.len()) == (4, 2));
        is_day.then(|| (Self(day.to_owned()), rest))
    }

    /// The day as it stands in names.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the day's file. The first process that writes into a folder has the plain one.
    pub(crate) fn file(&self, writer: u32) -> String {
        match writer {
            1 => format!("{}.jsonl", self.0),
            _ => format!("{}.{writer}.jsonl", self.0),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An instant as people read it, to the second.
pub(crate) fn to_text(at: Timestamp) -> String {
    instant(at)
}

/// An instant as people write it: `2026-11-23`, or `2026-11-23T10:00:00Z`. UTC both.
pub(crate) fn from_text(text: &str) -> anyhow::Result<Timestamp> {
    let about = || format!("{text:?} is neither a day (2026-11-23) nor an instant (2026-11-23T10:00:00Z)");
    let is_day = text.len() == "2026-11-23".len();
    let instant = if is_day { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let time = humantime::parse_rfc3339_weak(&instant).with_context(about)?;
    Ok(Timestamp::default().after(time.duration_since(UNIX_EPOCH).with_context(about)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_day_ends_at_midnight_utc() {
        let midnight = from_text("2026-11-24").unwrap();
        let file = |at| Day::of(at).file(1);
        assert_eq!(file(midnight), "2026-11-24.jsonl");
        assert_eq!(file(midnight.before(Duration::from_millis(1))), "2026-11-23.jsonl");
        assert_eq!(Day::of(midnight).file(2), "2026-11-24.2.jsonl");
    }

    #[test]
    fn no_instant_is_too_late_for_a_name() {
        assert_eq!(Day::of(Timestamp::from_millis(u64::MAX)).file(1), "9999-12-31.jsonl");
    }

    #[test]
    fn other_files_have_no_day() {
        let day = Day::of(from_text("2026-11-23").unwrap());
        for name in [day.file(1), day.file(2), day.file(16)] {
            assert_eq!(Day::of_file(&name), Some(day.clone()), "{name}");
        }
        for name in [
            "",
            "notes.txt",
            "2026-11-23",
            "2026-11-23.jsonl.gz",
            "2026-11-23.x.jsonl",
            "2026-1-230.jsonl",
            "éééééééé",
        ] {
            assert_eq!(Day::of_file(name), None, "{name}");
        }
    }

    #[test]
    fn an_instant_is_a_day_or_has_a_time() {
        let day = from_text("1970-01-02").unwrap();
        assert_eq!(day, Timestamp::from_millis(86_400_000));
        assert_eq!(from_text("1970-01-02T00:00:01Z").unwrap(), day.after(Duration::from_secs(1)));
        for text in ["", "yesterday", "2026-13-01", "1969-12-31", "2026-11-23T"] {
            assert!(from_text(text).is_err(), "{text:?}");
        }
    }
}
