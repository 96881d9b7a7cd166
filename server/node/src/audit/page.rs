//! What is on disk, the latest first, a page at a time: of all chains in the folder.

use super::files::{Lines, Part, chains, parts};
use super::keys::AuditKeys;
use crate::day::Day;
use evidence::audit::{Action, ChainId};
use evidence::chain::Sealed;
use protocol::Timestamp;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

/// Where an entry is among all: those that come later are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The day of the file.
    day: Day,
    at: u64,
    seq: u64,
    chain: ChainId,
}

/// A text that is no spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no spot of an audit")]
pub(crate) struct InvalidSpot;

/// A page, as it is answered.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Listed {
    /// The entries as they are chained, each with its chain.
    pub(crate) entries: Vec<Map<String, Value>>,
    /// Behind which entry the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.day.as_str(), self.at, self.seq, self.chain)
    }
}

impl FromStr for Spot {
    type Err = InvalidSpot;

    fn from_str(text: &str) -> Result<Self, InvalidSpot> {
        let (day, rest) = Day::at_start(text).ok_or(InvalidSpot)?;
        let mut words = rest.strip_prefix('.').ok_or(InvalidSpot)?.splitn(3, '.');
        let mut word = || words.next().ok_or(InvalidSpot);
        let at = word()?.parse().map_err(|_| InvalidSpot)?;
        let seq = word()?.parse().map_err(|_| InvalidSpot)?;
        let chain = word()?.parse().map_err(|_| InvalidSpot)?;
        Ok(Self { day, at, seq, chain })
    }
}

/// Reads a page; a line that cannot be read is left out, as it is for `holdfast audit verify` to name it.
pub(super) fn page(
    folder: &Path,
    keys: &AuditKeys,
    since: Option<Timestamp>,
    after: Option<&Spot>,
    size: usize,
) -> io::Result<Listed> {
    let mut days: BTreeMap<Reverse<Day>, Vec<(ChainId, Part)>> = BTreeMap::new();
    for id in chains(folder)? {
        for part in parts(folder, &id)? {
            days.entry(Reverse(part.day.clone())).or_default().push((id.clone(), part));
        }
    }
    let mut found = Vec::new();
    for (Reverse(day), files) in days {
        let is_too_early = since.is_some_and(|since| day < Day::of(since));
        if is_too_early || found.len() > size {
            break;
        }
        if after.is_some_and(|after| day > after.day) {
            continue;
        }
        let mut of_day = Vec::new();
        let mut latest: HashMap<ChainId, u64> = HashMap::new();
        for (id, part) in files {
            let lines = Lines::read(folder, keys, &id, &part)?.lines;
            let latest = latest.entry(id.clone()).or_default();
            of_day.extend(lines.iter().flatten().filter_map(|line| entry(line, &day, &id, latest)));
        }
        of_day.retain(|(spot, _)| {
            after.is_none_or(|after| spot < after) && since.is_none_or(|since| spot.at >= since.as_millis())
        });
        of_day.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.append(&mut of_day);
    }
    let is_last = found.len() <= size;
    found.truncate(size);
    let next = found.last().filter(|_| !is_last).map(|(spot, _)| spot.to_string());
    Ok(Listed { entries: found.into_iter().map(|(_, entry)| entry).collect(), next })
}

/// An entry as it is answered; nothing for heads, which are asked for by themselves. It comes after those before it in its
/// chain, also if it was noted by a clock that was behind.
fn entry(line: &[u8], day: &Day, chain: &ChainId, latest: &mut u64) -> Option<(Spot, Map<String, Value>)> {
    let sealed: Sealed<Map<String, Value>> = Sealed::read(line).ok()?;
    *latest = sealed.at.as_millis().max(*latest);
    let mut entry = sealed.entry?;
    if entry.get("action").and_then(Value::as_str) == Some(Action::HeadSigned.as_str()) {
        return None;
    }
    entry.insert("chain".to_owned(), chain.as_str().into());
    entry.insert("hash".to_owned(), sealed.hash.to_string().into());
    let spot = Spot { day: day.clone(), at: *latest, seq: sealed.seq, chain: chain.clone() };
    Some((spot, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_reads_as_its_text_and_nothing_else_is_one() {
        let text = "2026-11-26.1795687200000.17.ab-_efghijklmnopqrstuv";
        assert_eq!(text.parse::<Spot>().unwrap().to_string(), text);
        for text in
            ["", "2026-11-26", "2026-11-26.1.2", "2026-11-26.1.2.ab", "2026-11-26.x.2.ab-_efghijklmnopqrstuv"]
        {
            assert_eq!(text.parse::<Spot>(), Err(InvalidSpot), "{text:?}");
        }
    }
}
