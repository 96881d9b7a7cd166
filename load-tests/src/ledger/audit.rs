//! Compares what senders were answered, what the log says, and what readers got.

use super::{Acknowledged, Log, Statement};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most findings that are told one by one.
const FINDINGS_MAX: usize = crate::report::summary::FINDINGS_MAX;

/// What is known of all channels.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    channels: BTreeMap<u32, ChannelAudit>,
    /// Publishes of which nobody knows the outcome: each may be there or not.
    open: HashSet<u64>,
}

#[derive(Debug, Default)]
struct ChannelAudit {
    acknowledged: Vec<Acknowledged>,
    /// Nothing until it was read; then content cannot be compared.
    log: Option<Log>,
}

/// What the comparison found. All but `expected`, `received`, `foreign` and `skipped` must be 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Findings {
    /// Deliveries that readers were entitled to, and those that they got, each once.
    pub(crate) expected: u64,
    pub(crate) received: u64,
    /// Deliveries that never came.
    pub(crate) lost: u64,
    /// Deliveries that came again.
    pub(crate) duplicated: u64,
    /// Deliveries that came behind later ones.
    pub(crate) out_of_order: u64,
    /// Readers' ways through a channel whose content is not that of the log.
    pub(crate) altered: u64,
    /// Deliveries that the server said are gone, and how often it said so.
    pub(crate) skipped: u64,
    pub(crate) resets: u64,
    /// Acknowledged messages that the log does not have.
    pub(crate) lost_from_log: u64,
    /// Acknowledged messages that the log has elsewhere than their answer said.
    pub(crate) wrong_position: u64,
    /// Messages that the log has twice.
    pub(crate) duplicated_in_log: u64,
    /// Messages of one sender that stand in another order than they were sent.
    pub(crate) reordered_in_log: u64,
    /// Messages in the log with a mark of this run that nobody published.
    pub(crate) invented: u64,
    /// Messages in the log by others than this run.
    pub(crate) foreign: u64,
    /// In words, the first few.
    pub(crate) words: Vec<String>,
}

impl Audit {
    /// Takes answers to publishes.
    pub(crate) fn acknowledge(&mut self, answers: impl IntoIterator<Item = Acknowledged>) {
        for answer in answers {
            self.channels.entry(answer.channel).or_default().acknowledged.push(answer);
        }
    }

    /// A publish of this hash was sent, and no answer came.
    pub(crate) fn leave_open(&mut self, hash: u64) {
        self.open.insert(hash);
    }

    /// Takes a channel's log.
    pub(crate) fn read(&mut self, channel: u32, log: Log) {
        self.channels.entry(channel).or_default().log = Some(log);
    }

    /// Compares; each statement is that of so many readers.
    pub(crate) fn compare(&self, statements: &[(Statement, u64)]) -> Findings {
        let mut findings = Findings::default();
        for (number, channel) in &self.channels {
            if let Some(log) = &channel.log {
                self.compare_log(*number, channel, log, &mut findings);
            }
        }
        let nothing = ChannelAudit { log: Some(Log::default()), ..ChannelAudit::default() };
        for (statement, readers) in statements {
            let channel = self.channels.get(&statement.channel).unwrap_or(&nothing);
            compare_reader(channel, statement, *readers, &mut findings);
        }
        findings
    }

    fn compare_log(&self, number: u32, channel: &ChannelAudit, log: &Log, findings: &mut Findings) {
        let mut places: HashMap<u64, u64> = HashMap::with_capacity(log.entries().len());
        for entry in log.entries().iter().filter(|entry| entry.ours) {
            if places.insert(entry.hash, entry.offset).is_some() {
                findings.duplicated_in_log += 1;
                findings.say(|| format!("channel {number}: the message at {} stands twice", entry.offset));
            }
        }
        let foreign = log.entries().iter().filter(|entry| !entry.ours).count();
        findings.foreign += u64::try_from(foreign).unwrap_or(0).saturating_sub(log.holes());

        for answer in &channel.acknowledged {
            if log.at(answer.offset).is_some_and(|entry| entry.hash == answer.hash) {
                continue;
            }
            if let Some(place) = places.get(&answer.hash) {
                findings.wrong_position += 1;
                findings
                    .say(|| format!("channel {number}: answered {}, and stands at {place}", answer.offset));
            } else {
                findings.lost_from_log += 1;
                findings.say(|| format!("channel {number}: answered {}, and is not there", answer.offset));
            }
        }
        let acknowledged: HashSet<u64> = channel.acknowledged.iter().map(|answer| answer.hash).collect();
        for (hash, place) in &places {
            if !acknowledged.contains(hash) && !self.open.contains(hash) {
                findings.invented += 1;
                findings.say(|| format!("channel {number}: nobody published what stands at {place}"));
            }
        }
        let mut answers: Vec<_> = channel.acknowledged.iter().collect();
        answers.sort_unstable_by_key(|answer| (answer.sender, answer.number));
        for pair in answers.windows(2) {
            if let [one, next] = pair
                && one.sender == next.sender
                && one.offset >= next.offset
            {
                findings.reordered_in_log += 1;
                findings.say(|| {
                    format!("channel {number}: a sender's {} stands before its {}", next.number, one.number)
                });
            }
        }
    }
}

fn compare_reader(audit: &ChannelAudit, statement: &Statement, readers: u64, findings: &mut Findings) {
    let channel = statement.channel;
    let log = audit.log.as_ref();
    // Who wanted everything is entitled to the oldest that is kept.
    let oldest = log.filter(|_| statement.from_oldest).map_or(u64::MAX, Log::base);
    let start = oldest.min(statement.start);
    let answered = || audit.acknowledged.iter().map(|answer| answer.offset).max().unwrap_or(0);
    let top = log.map_or_else(answered, Log::top).max(statement.last);
    let entitled = top.saturating_sub(start);
    let holes = |said: bool| {
        let holes = statement.holes.iter().filter(|hole| hole.said == said);
        holes.map(|hole| hole.len()).sum::<u64>()
    };
    let skipped = holes(true);
    let before = statement.start.saturating_sub(start);
    let behind = top.saturating_sub(statement.last);
    let lost = before + holes(false) + statement.given_up + behind;
    findings.expected += readers * entitled.saturating_sub(skipped);
    findings.received += readers * statement.count;
    findings.skipped += readers * skipped;
    findings.resets += readers * statement.resets;
    findings.lost += readers * lost;
    findings.duplicated += readers * statement.duplicated;
    findings.out_of_order += readers * statement.out_of_order;
    if lost > 0 {
        findings.say(|| {
            format!(
                "channel {channel}: {readers} reader(s) lack {lost}: {before} before their first, {behind} behind \
                 their last ({} of {top}), and holes at {}",
                statement.last,
                holes_in_words(statement)
            )
        });
    }
    if statement.duplicated + statement.out_of_order > 0 {
        findings.say(|| {
            format!(
                "channel {channel}: {readers} reader(s) got {} twice and {} out of order",
                statement.duplicated, statement.out_of_order
            )
        });
    }
    // Beyond the bound of holes nobody knows which ones came.
    let (Some(log), 0, 0) = (log, statement.given_up, statement.resets) else { return };
    let missing = statement
        .holes
        .iter()
        .try_fold(0_u64, |sum, hole| Some(sum.wrapping_add(log.sum(hole.from - 1, hole.to)?)));
    let expected = log.sum(statement.start, statement.last).zip(missing);
    let expected = expected.map(|(all, missing)| all.wrapping_sub(missing));
    if statement.count > 0 && expected != Some(statement.sum) {
        findings.altered += readers;
        findings.say(|| {
            format!(
                "channel {channel}: what {readers} reader(s) got from {} to {} is not what the log says",
                statement.start + 1,
                statement.last
            )
        });
    }
}

fn holes_in_words(statement: &Statement) -> String {
    let holes = statement.holes.iter().filter(|hole| !hole.said).take(5);
    let holes: Vec<String> = holes.map(|hole| format!("{}–{}", hole.from, hole.to)).collect();
    if holes.is_empty() { "none".to_owned() } else { holes.join(", ") }
}

impl Findings {
    fn say(&mut self, words: impl FnOnce() -> String) {
        if self.words.len() < FINDINGS_MAX {
            self.words.push(words());
        }
    }
}
