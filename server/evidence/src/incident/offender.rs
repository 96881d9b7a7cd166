//! Where a flood came from. Addresses are personal data: they stand in a file of their own beside the record and in
//! `abuse.jsonl`, and are gone after [`ADDRESSES_KEPT`].

use super::text::instant;
use super::word;
use admission::Criticality;
use ipnet::IpNet;
use protocol::Timestamp;
use protocol::limits::Limit;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// Most prefixes that an incident tells of; of more, those that offered most stay.
    pub const OFFENDERS_MAX: usize = 1_000 => unseen;
    /// How long addresses are kept, after an incident was closed and in `abuse.jsonl`; then they are removed.
    pub const ADDRESSES_KEPT: Duration = Duration::from_hours(24 * 30) => unseen;
    /// How long a firewall is asked to keep a prefix out after it was last heavy.
    pub const ABUSE_BAN: Duration = Duration::from_mins(10) => unseen;
    /// Fewest requests a second, at its worst, of a prefix that a firewall is told of: one under it may be a crowd.
    pub const ABUSE_PEAK_MIN_PER_SECOND: u64 = 60 => unseen;
    /// Fewest requests in all of such a prefix.
    pub const ABUSE_OFFERED_MIN: u64 = 1_000 => unseen;
}

/// The bounds of what is told of addresses, described.
pub const ABUSE: &[Limit] = LIMITS;

/// What was done about a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was served after others.
    Demoted,
    /// It was asked to wait.
    Delayed,
    /// It was sent away.
    Refused,
    /// Its connections were dropped before a byte was read.
    Dropped,
}

/// How sure it is that this was an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// More than others; it may be many people behind one address.
    Low,
    /// Much more than people do.
    Medium,
    /// Nothing that people do.
    High,
}

/// One prefix from which much came. Whoever tells of it as strangers' has seen to it that no member comes from there
/// now: a firewall would keep them out, too. One that members share is told with their class.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    /// From where.
    pub prefix: IpNet,
    /// As which class it came.
    #[serde(with = "word::class")]
    pub class: Criticality,
    /// How many requests.
    pub offered: u64,
    /// In its worst second.
    pub peak_per_second: u64,
    /// When it began.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// The most that was done about it.
    pub action: Action,
}

impl Offender {
    /// How sure it is that this was an attack.
    pub const fn confidence(&self) -> Confidence {
        if !is_confirmed(self) {
            Confidence::Low
        } else if self.peak_per_second < 10 * ABUSE_PEAK_MIN_PER_SECOND {
            Confidence::Medium
        } else {
            Confidence::High
        }
    }

    const fn is_strangers(&self) -> bool {
        matches!(self.class, Criticality::Stranger)
    }

    fn join(&mut self, other: &Self) {
        // Each tells all that it knows of the prefix, so the larger is the newer; sums would count twice.
        self.offered = self.offered.max(other.offered);
        self.peak_per_second = self.peak_per_second.max(other.peak_per_second);
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.action = self.action.max(other.action);
    }
}

impl fmt::Debug for Offender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offender")
            .field("class", &self.class)
            .field("offered", &self.offered)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// Whether a firewall may keep it out: nobody who showed anything comes from it, and it is heavier than people are.
pub const fn is_confirmed(offender: &Offender) -> bool {
    offender.is_strangers()
        && offender.offered >= ABUSE_OFFERED_MIN
        && offender.peak_per_second >= ABUSE_PEAK_MIN_PER_SECOND
}

/// Joins what was known with what is told now, one entry a prefix and class; the heaviest first, so many as fit.
pub fn offenders_kept(known: Vec<Offender>, told: Vec<Offender>) -> Vec<Offender> {
    let mut joined: HashMap<(IpNet, Criticality), Offender> = HashMap::new();
    for offender in known.into_iter().chain(told) {
        joined
            .entry((offender.prefix.trunc(), offender.class))
            .and_modify(|known| known.join(&offender))
            .or_insert(offender);
    }
    let mut kept: Vec<Offender> = joined.into_values().collect();
    kept.sort_by_key(|offender| (Reverse(offender.offered), offender.prefix, offender.class));
    kept.truncate(OFFENDERS_MAX);
    kept
}

#[derive(Serialize)]
struct Row<'a> {
    first_seen: String,
    last_seen: String,
    prefix: &'a IpNet,
    asn: Option<u32>,
    class: &'static str,
    offered: u64,
    peak_rps: u64,
    action: Action,
    confidence: Confidence,
}

/// The indicators as a table; whose network a prefix is would have to come from elsewhere, so `asn` is empty.
pub fn indicators_csv(offenders: &[Offender]) -> Result<String, csv::Error> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    table.write_record([
        "first_seen",
        "last_seen",
        "prefix",
        "asn",
        "class",
        "offered",
        "peak_rps",
        "action",
        "confidence",
    ])?;
    for offender in offenders {
        table.serialize(Row {
            first_seen: instant(offender.first_seen),
            last_seen: instant(offender.last_seen),
            prefix: &offender.prefix,
            asn: None,
            class: offender.class.as_str(),
            offered: offender.offered,
            peak_rps: offender.peak_per_second,
            action: offender.action,
            confidence: offender.confidence(),
        })?;
    }
    let bytes = table.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// One line of `abuse.jsonl`, for whoever feeds a firewall.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbuseLine {
    /// From where.
    pub prefix: IpNet,
    /// Why.
    pub reason: String,
    /// How many requests.
    pub offered: u64,
    /// In its worst second.
    pub peak_per_second: u64,
    /// When it began.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Until when a firewall should keep it out.
    pub ban_until: Timestamp,
    /// When this line has to be gone, here and wherever it was copied.
    pub expires: Timestamp,
}

/// Those lines of what was known and of what is told now that have not expired, by prefix; none from where members come.
pub fn abuse_lines(known: Vec<AbuseLine>, told: &[Offender], now: Timestamp) -> Vec<AbuseLine> {
    let mut lines: HashMap<IpNet, AbuseLine> = HashMap::new();
    let of_members: HashSet<IpNet> =
        told.iter().filter(|told| !told.is_strangers()).map(|told| told.prefix.trunc()).collect();
    let told = told.iter().filter(|offender| is_confirmed(offender)).map(abuse_line);
    let kept = |line: &AbuseLine| line.expires > now && !of_members.contains(&line.prefix);
    for line in known.into_iter().chain(told).filter(kept) {
        match lines.get(&line.prefix) {
            Some(known) if known.last_seen > line.last_seen => {}
            Some(_) | None => drop(lines.insert(line.prefix, line)),
        }
    }
    let mut lines: Vec<AbuseLine> = lines.into_values().collect();
    lines.sort_by_key(|line| (Reverse(line.last_seen), line.prefix));
    lines.truncate(OFFENDERS_MAX);
    lines
}

fn abuse_line(offender: &Offender) -> AbuseLine {
    AbuseLine {
        prefix: offender.prefix.trunc(),
        reason: format!("{} requests a second without a ticket", offender.peak_per_second),
        offered: offender.offered,
        peak_per_second: offender.peak_per_second,
        first_seen: offender.first_seen,
        last_seen: offender.last_seen,
        ban_until: offender.last_seen.after(ABUSE_BAN),
        expires: offender.last_seen.after(ADDRESSES_KEPT),
    }
}

impl fmt::Debug for AbuseLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbuseLine").field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::{at, offender};

    #[test]
    fn only_what_is_heavier_than_people_and_unknown_is_told_to_a_firewall() {
        let heavy = offender("198.51.100.7/32", 50_000);
        let few = Offender { offered: ABUSE_OFFERED_MIN - 1, ..heavy.clone() };
        let slow = Offender { peak_per_second: ABUSE_PEAK_MIN_PER_SECOND - 1, ..heavy.clone() };
        let member = Offender { class: Criticality::Returning, ..heavy.clone() };
        for kept_in in [few, slow, member] {
            assert!(!is_confirmed(&kept_in));
            assert_eq!(kept_in.confidence(), Confidence::Low);
            assert_eq!(abuse_lines(Vec::new(), &[kept_in], at(0)), []);
        }
        assert_eq!(heavy.confidence(), Confidence::High);
        let lines = abuse_lines(Vec::new(), &[heavy], at(0));
        assert_eq!(lines[0].ban_until, lines[0].last_seen.after(ABUSE_BAN));
    }

    #[test]
    fn a_line_goes_when_it_expires_and_is_renewed_by_what_is_newer() {
        let first = abuse_lines(Vec::new(), &[offender("198.51.100.7/32", 5_000)], at(0));
        let again = Offender { last_seen: at(600), ..offender("198.51.100.7/32", 9_000) };
        let renewed = abuse_lines(first.clone(), &[again], at(0));
        assert_eq!((renewed.len(), renewed[0].offered), (1, 9_000));
        let shared = Offender { class: Criticality::Returning, ..offender("198.51.100.7/32", 9_000) };
        assert_eq!(abuse_lines(first.clone(), &[shared], at(0)), [], "a member came from there since");
        let expired = first[0].expires;
        assert_eq!(abuse_lines(first, &[], expired), []);
    }

    #[test]
    fn the_heaviest_stay_and_a_prefix_that_is_told_twice_counts_once() {
        let many: Vec<Offender> =
            (0..1_200_u32).map(|n| offender(&format!("10.{}.{}.0/24", n / 256, n % 256), n.into())).collect();
        let kept = offenders_kept(many.clone(), many);
        assert_eq!((kept.len(), kept[0].offered, kept[999].offered), (OFFENDERS_MAX, 1_199, 200));
    }

    #[test]
    fn the_table_has_its_head_also_without_rows() {
        let head = "first_seen,last_seen,prefix,asn,class,offered,peak_rps,action,confidence\n";
        assert_eq!(indicators_csv(&[]).unwrap(), head);
        let one = indicators_csv(&[offender("2001:db8::/64", 1_500)]).unwrap();
        assert_eq!(
            one,
            format!(
                "{head}2026-11-26T10:00:00Z,2026-11-26T10:05:00Z,2001:db8::/64,,stranger,1500,700,refused,high\n"
            )
        );
    }

    #[test]
    fn debug_output_has_no_address() {
        let one = offender("198.51.100.7/32", 5_000);
        let line = abuse_lines(Vec::new(), std::slice::from_ref(&one), at(0)).pop().unwrap();
        assert!(!format!("{one:?} {line:?}").contains("198"));
    }
}
