//! Quiet hours: from one time of the day until another, by the clock of the member's own place.

use crate::schedule::Zone;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// When to look again where an end is in the past.
const LOOK_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// Hours of each day in which a phone is left in peace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "QuietForm", into = "QuietForm")]
pub struct Quiet {
    /// Minutes after midnight.
    from: u16,
    until: u16,
    zone: Zone,
}

/// Quiet hours as they are said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietForm {
    /// `22:00`.
    pub from: String,
    /// `07:00`; of the next day, if it is not later.
    pub until: String,
    /// A time zone of IANA's: `Europe/London`.
    pub zone: String,
}

/// What are no quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuiet {
    /// No time of the day.
    #[error("a time of the day is written as 22:00")]
    Time,
    /// They would begin when they end.
    #[error("quiet hours end at another time than they begin")]
    Empty,
    /// No zone.
    #[error("there is no such time zone: a name such as Europe/London is needed")]
    Zone,
}

impl TryFrom<QuietForm> for Quiet {
    type Error = InvalidQuiet;

    fn try_from(form: QuietForm) -> Result<Self, InvalidQuiet> {
        let (from, until) = (minutes(&form.from)?, minutes(&form.until)?);
        if from == until {
            return Err(InvalidQuiet::Empty);
        }
        let zone = Zone::named(&form.zone).map_err(|_| InvalidQuiet::Zone)?;
        Ok(Self { from, until, zone })
    }
}

impl From<Quiet> for QuietForm {
    fn from(Quiet { from, until, zone }: Quiet) -> Self {
        let text = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self { from: text(from), until: text(until), zone: zone.name().to_owned() }
    }
}

fn minutes(text: &str) -> Result<u16, InvalidQuiet> {
    let has_shape = text.len() == 5
        && text.bytes().enumerate().all(|(place, b)| if place == 2 { b == b':' } else { b.is_ascii_digit() });
    let (hours, minutes) = text.split_once(':').filter(|_| has_shape).ok_or(InvalidQuiet::Time)?;
    let (hours, minutes): (u16, u16) =
        hours.parse().ok().zip(minutes.parse().ok()).ok_or(InvalidQuiet::Time)?;
    if hours < 24 && minutes < 60 { Ok(hours * 60 + minutes) } else { Err(InvalidQuiet::Time) }
}

impl Quiet {
    /// When the quiet hours end that are now; nothing, if there are none now.
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let minute = self.zone.minute_of_day(now)?;
        let is_quiet = if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        };
        let is_next_day = minute >= self.until;
        let end = self.zone.at_minute(now, self.until, is_next_day)?;
        // A clock that goes back over the end shows quiet hours again for a while: it is looked at again soon.
        let end = if end > now { end } else { now.after(LOOK_AGAIN_AFTER) };
        is_quiet.then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, until: &str, zone: &str) -> Result<Quiet, InvalidQuiet> {
        QuietForm { from: from.to_owned(), until: until.to_owned(), zone: zone.to_owned() }.try_into()
    }

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_millis(at.as_millisecond().try_into().unwrap())
    }

    #[test]
    fn a_night_is_over_in_the_morning_by_the_clock_of_the_place() {
        let night = quiet("22:00", "07:00", "Europe/London").unwrap();
        for (now, end) in [
            ("2026-06-01T20:59:59Z", None),
            ("2026-06-01T21:00:00Z", Some("2026-06-02T06:00:00Z")),
            ("2026-06-02T00:30:00Z", Some("2026-06-02T06:00:00Z")),
            ("2026-06-02T05:59:59Z", Some("2026-06-02T06:00:00Z")),
            ("2026-06-02T06:00:00Z", None),
            ("2026-12-01T22:00:00Z", Some("2026-12-02T07:00:00Z")),
            // The nights in which clocks change.
            ("2026-03-28T23:00:00Z", Some("2026-03-29T06:00:00Z")),
            ("2026-10-24T23:00:00Z", Some("2026-10-25T07:00:00Z")),
        ] {
            assert_eq!(night.ends(at(now)), end.map(at), "{now}");
        }
    }

    #[test]
    fn hours_of_one_day_are_quiet_too_and_an_end_that_the_clock_skips_is_when_it_jumps() {
        let noon = quiet("12:00", "14:30", "Asia/Kolkata").unwrap();
        assert_eq!(noon.ends(at("2026-06-01T07:00:00Z")), Some(at("2026-06-01T09:00:00Z")));
        assert_eq!(noon.ends(at("2026-06-01T09:00:00Z")), None);
        let skipped = quiet("22:00", "01:30", "Europe/London").unwrap();
        assert_eq!(skipped.ends(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn what_are_no_quiet_hours_is_refused() {
        assert_eq!(quiet("22:00", "22:00", "Europe/London"), Err(InvalidQuiet::Empty));
        assert_eq!(quiet("22:00", "07:00", "Here"), Err(InvalidQuiet::Zone));
        for text in ["", "7:00", "24:00", "22:60", "+2:00", "22-00", "22:00:00", "2２:00"] {
            assert_eq!(quiet(text, "07:00", "Europe/London"), Err(InvalidQuiet::Time), "{text:?}");
        }
    }
}
