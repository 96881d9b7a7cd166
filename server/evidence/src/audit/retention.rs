//! What was removed because it was as old as may be: what `retention.removed` says, whatever was removed.

use super::action::Action;
use super::entry::Entry;
use crate::chain::Hash;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long what is removed of one class is joined into one entry.
const JOINED_FOR: Duration = Duration::from_hours(1);
/// How often it is said up to when a class is kept, if nothing was removed.
const SAID_EVERY: Duration = Duration::from_hours(24);

/// What is kept for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Files that were attached to bulletins; counted in records, of which a file has one and one for each 48 KiB.
    Attachments,
    /// Lines of the audit itself.
    Audit,
    /// Texts of conversations.
    Conversations,
    /// Days of the account of what left.
    Egress,
    /// Records of attacks.
    Incidents,
    /// Addresses of attackers, beside such a record.
    Indicators,
    /// Publications of bulletins, teams and inboxes.
    Messages,
    /// Who received a bulletin; counts stay.
    Receipts,
    /// All other records that have an end: devices, invites, codes, answers, counts.
    Records,
    /// Publications of the service's own channels.
    Service,
}

/// What is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Of what.
    pub class: Class,
    /// What is from before that, or had its end before that, is gone from this node's data, or from the store.
    pub before: Timestamp,
    /// How many things this node removed; nothing, if the store forgets them by itself and nobody counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<u64>,
    /// The file that is gone, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its SHA-256, as it was; nothing, if it could not be read any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Hash>,
}

impl Applied {
    /// Things that are no file.
    pub const fn things(class: Class, before: Timestamp, removed: Option<u64>) -> Self {
        Self { class, before, removed, file: None, sha256: None }
    }

    /// A file, by its name.
    pub const fn file(class: Class, before: Timestamp, file: String, sha256: Option<Hash>) -> Self {
        Self { class, before, removed: Some(1), file: Some(file), sha256 }
    }

    /// What the audit says of it.
    pub fn entry(&self) -> Entry {
        let entry = Entry::system(Action::RetentionRemoved).after(self);
        match &self.file {
            Some(file) => entry.about(file),
            None => entry,
        }
    }
}

/// What sweeps remove, joined: an entry a class and hour, and one a day where nothing was removed.
#[derive(Debug, Default)]
pub struct Joined(BTreeMap<Class, Sum>);

#[derive(Debug)]
struct Sum {
    before: Timestamp,
    removed: Option<u64>,
    said: Option<Timestamp>,
}

impl Joined {
    /// A sweep removed so many things from before that.
    pub fn add(&mut self, class: Class, before: Timestamp, removed: Option<u64>) {
        let sum = self.0.entry(class).or_insert(Sum { before, removed: None, said: None });
        sum.before = sum.before.max(before);
        if let Some(more) = removed {
            sum.removed = Some(sum.removed.unwrap_or(0).saturating_add(more));
        }
    }

    /// What is to be said now.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Applied> {
        let is_due = |sum: &Sum| {
            let pause = if sum.removed.is_some_and(|removed| removed > 0) { JOINED_FOR } else { SAID_EVERY };
            sum.said.is_none_or(|said| said.after(pause) <= now)
        };
        self.take(now, is_due)
    }

    /// All that was removed and is not said, as nobody will be there to say it.
    pub fn take_all(&mut self, now: Timestamp) -> Vec<Applied> {
        self.take(now, |sum| sum.removed.is_some_and(|removed| removed > 0))
    }

    fn take(&mut self, now: Timestamp, is_due: impl Fn(&Sum) -> bool) -> Vec<Applied> {
        let due = self.0.iter_mut().filter(|(_, sum)| is_due(sum));
        due.map(|(class, sum)| {
            sum.said = Some(now);
            // What is counted is counted on from nothing.
            let removed = sum.removed.replace(0);
            if removed.is_none() {
                sum.removed = None;
            }
            Applied::things(*class, sum.before, removed)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::{Conversations, Messages};

    const NOW: Timestamp = Timestamp::from_millis(1_795_687_200_000);

    fn minutes(minutes: u64) -> Timestamp {
        NOW.after(Duration::from_mins(minutes))
    }

    #[test]
    fn what_sweeps_remove_within_an_hour_is_one_entry_with_the_latest_time() {
        let mut joined = Joined::default();
        joined.add(Messages, minutes(0), Some(3));
        assert_eq!(joined.take_due(minutes(0)), [Applied::things(Messages, minutes(0), Some(3))]);
        for (minute, removed) in [(10, 2), (20, 0), (30, 5)] {
            joined.add(Messages, minutes(minute), Some(removed));
            assert_eq!(joined.take_due(minutes(minute)), []);
        }
        joined.add(Messages, minutes(60), Some(0));
        assert_eq!(joined.take_due(minutes(60)), [Applied::things(Messages, minutes(60), Some(7))]);
        joined.add(Messages, minutes(120), Some(0));
        assert_eq!(joined.take_due(minutes(120)), [], "nothing was removed");
    }

    #[test]
    fn where_nothing_is_removed_or_nobody_counts_it_is_said_at_first_and_each_day() {
        let mut joined = Joined::default();
        let mut said = Vec::new();
        for hour in 0..49 {
            joined.add(Conversations, minutes(60 * hour), None);
            joined.add(Messages, minutes(60 * hour), Some(0));
            said.extend(joined.take_due(minutes(60 * hour)));
        }
        let expected: Vec<Applied> = [0, 24, 48]
            .into_iter()
            .flat_map(|hour| {
                let before = minutes(60 * hour);
                [Applied::things(Conversations, before, None), Applied::things(Messages, before, Some(0))]
            })
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn at_the_end_what_was_removed_is_said_and_nothing_else() {
        let mut joined = Joined::default();
        joined.add(Messages, minutes(0), Some(3));
        joined.add(Conversations, minutes(0), None);
        joined.take_due(minutes(0));
        joined.add(Messages, minutes(10), Some(4));
        joined.add(Conversations, minutes(10), None);
        assert_eq!(joined.take_all(minutes(11)), [Applied::things(Messages, minutes(10), Some(4))]);
        assert_eq!(joined.take_all(minutes(11)), []);
    }

    #[test]
    fn an_entry_says_what_is_gone_and_a_file_by_its_name_and_hash() {
        let file = Applied::file(Class::Egress, NOW, "2026-05-01.jsonl".to_owned(), Some(Hash::of(b"x")));
        assert_eq!(
            serde_json::to_string(&file.entry()).unwrap(),
            r#"{"who":"system","action":"retention.removed","about":"2026-05-01.jsonl","after":{"before":1795687200000,"class":"egress","file":"2026-05-01.jsonl","removed":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}"#
        );
        let things = Applied::things(Messages, NOW, None);
        assert_eq!(
            serde_json::to_string(&things.entry()).unwrap(),
            r#"{"who":"system","action":"retention.removed","after":{"before":1795687200000,"class":"messages"}}"#
        );
    }
}
