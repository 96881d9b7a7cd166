//! Compares what senders were answered, what the log says, and what readers got.

use super::{Acknowledged, Log, ReadLog, Statement};
use crate::clock::Micros;
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
    /// Epochs that readers met.
    epochs: HashSet<u64>,
    /// Nothing until it was read; then content cannot be compared.
    log: Option<Log>,
}

/// How many readers came to a statement, and since when the first of them reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readers {
    pub(crate) count: u64,
    pub(crate) since: Micros,
}

/// What the comparison found. All but `expected`, `received`, `foreign`, `skipped` and `uncompared` must be 0.
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
    /// Answers in an epoch that neither a reader nor the log ever had.
    pub(crate) wrong_epoch: u64,
    /// Messages that the log has twice.
    pub(crate) duplicated_in_log: u64,
    /// Messages of one sender that stand in another order than they were sent.
    pub(crate) reordered_in_log: u64,
    /// Offsets that the log itself leaves out, or tells out of their place.
    pub(crate) log_disordered: u64,
    /// Messages in the log with a mark of this run that nobody published.
    pub(crate) invented: u64,
    /// Messages in the log by others than this run.
    pub(crate) foreign: u64,
    /// Readers and answers that cannot be compared, because retention took what they had.
    pub(crate) uncompared: u64,
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

    /// A reader of a channel met an epoch.
    pub(crate) fn meet(&mut self, channel: u32, epoch: u64) {
        self.channels.entry(channel).or_default().epochs.insert(epoch);
    }

    /// Takes a channel's log.
    pub(crate) fn read(&mut self, channel: u32, read: &ReadLog) {
        let audit = self.channels.entry(channel).or_default();
        audit.epochs.extend(&read.epochs);
        audit.log = Some(Log::new(read));
    }

    /// Compares; each statement is that of so many readers. Statements are made before logs are read, so a log may have
    /// more than readers do, of others than this run.
    pub(crate) fn compare(&self, statements: &[(Statement, Readers)]) -> Findings {
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
        findings.log_disordered += log.disordered();
        if log.disordered() > 0 {
            findings
                .say(|| format!("channel {number}: the log leaves out or disorders {}", log.disordered()));
        }
        let mut places: HashMap<u64, u64> = HashMap::new();
        for entry in log.entries().filter(|entry| entry.due.is_some()) {
            if places.insert(entry.hash, entry.offset).is_some() {
                findings.duplicated_in_log += 1;
                findings.say(|| format!("channel {number}: the message at {} stands twice", entry.offset));
            }
        }
        let foreign = log.entries().filter(|entry| entry.due.is_none()).count();
        findings.foreign += u64::try_from(foreign).unwrap_or(0);
        for answer in &channel.acknowledged {
            find_answer(number, channel, log, &places, answer, findings);
        }
        let acknowledged: HashSet<u64> = channel.acknowledged.iter().map(|answer| answer.hash).collect();
        for (hash, place) in &places {
            if !acknowledged.contains(hash) && !self.open.contains(hash) {
                findings.invented += 1;
                findings.say(|| format!("channel {number}: nobody published what stands at {place}"));
            }
        }
        compare_order(number, &channel.acknowledged, findings);
    }
}

/// Whether an answered message stands where its answer said, in an epoch that was.
fn find_answer(
    number: u32,
    channel: &ChannelAudit,
    log: &Log,
    places: &HashMap<u64, u64>,
    answer: &Acknowledged,
    findings: &mut Findings,
) {
    if !channel.epochs.contains(&answer.epoch) {
        findings.wrong_epoch += 1;
        findings.say(|| format!("channel {number}: answered {} in an epoch that nobody met", answer.offset));
    }
    if answer.offset <= log.base() {
        findings.uncompared += 1;
    } else if log.at(answer.offset).is_some_and(|entry| entry.hash == answer.hash) {
        // Where it should be.
    } else if let Some(place) = places.get(&answer.hash) {
        findings.wrong_position += 1;
        findings.say(|| format!("channel {number}: answered {}, and stands at {place}", answer.offset));
    } else {
        findings.lost_from_log += 1;
        findings.say(|| format!("channel {number}: answered {}, and is not there", answer.offset));
    }
}

/// Whether each sender's messages stand in the order in which it sent them.
fn compare_order(number: u32, acknowledged: &[Acknowledged], findings: &mut Findings) {
    let mut answers: Vec<_> = acknowledged.iter().collect();
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

/// What a reader lacks.
#[derive(Debug, Clone, Copy)]
struct Lacking {
    /// Before its first.
    before: u64,
    /// In the middle.
    holes: u64,
    /// Behind its last.
    behind: u64,
}

fn lacking(audit: &ChannelAudit, statement: &Statement, readers: Readers) -> Lacking {
    let answered = audit.acknowledged.iter().map(|answer| answer.offset).max().unwrap_or(0);
    let (before, behind) = match &audit.log {
        None => (0, answered.saturating_sub(statement.last)),
        Some(log) => {
            // Who wanted everything is entitled to the oldest that is kept; who did not, to what was due once it stood.
            // A message is never said before it is due, so one that was due later cannot lie before where it began.
            let before = if statement.from_oldest {
                statement.start.saturating_sub(log.base())
            } else {
                let cheated = |entry: &&super::LogEntry| entry.due.is_some_and(|due| due > readers.since);
                count(log.until(statement.start).filter(cheated))
                    .max(statement.start.saturating_sub(log.top()))
            };
            (before, count(log.behind(statement.last).filter(|entry| entry.due.is_some())))
        }
    };
    let holes = statement.holes.iter().filter(|hole| !hole.said).map(|hole| hole.len());
    let holes = holes.fold(statement.given_up, u64::saturating_add);
    Lacking { before, holes, behind }
}

fn count<T>(of: impl Iterator<Item = T>) -> u64 {
    u64::try_from(of.count()).unwrap_or(u64::MAX)
}

fn compare_reader(audit: &ChannelAudit, statement: &Statement, readers: Readers, findings: &mut Findings) {
    let channel = statement.channel;
    let lacking = lacking(audit, statement, readers);
    let lost = lacking.before.saturating_add(lacking.holes).saturating_add(lacking.behind);
    let said = statement.holes.iter().filter(|hole| hole.said).map(|hole| hole.len());
    let all = |each: u64| readers.count.saturating_mul(each);
    for (sum, more) in [
        (&mut findings.expected, all(statement.count.saturating_add(lost))),
        (&mut findings.received, all(statement.count)),
        (&mut findings.skipped, all(said.fold(0, u64::saturating_add))),
        (&mut findings.resets, all(statement.resets)),
        (&mut findings.lost, all(lost)),
        (&mut findings.duplicated, all(statement.duplicated)),
        (&mut findings.out_of_order, all(statement.out_of_order)),
    ] {
        *sum = sum.saturating_add(more);
    }
    let readers = readers.count;
    if lost > 0 {
        findings.say(|| {
            format!(
                "channel {channel}: {readers} reader(s) lack {lost}: {} before their first, {} behind their last \
                 ({}), and holes at {}",
                lacking.before,
                lacking.behind,
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
    compare_content(audit, statement, readers, findings);
}

fn compare_content(audit: &ChannelAudit, statement: &Statement, readers: u64, findings: &mut Findings) {
    let channel = statement.channel;
    // Beyond the bound of holes nobody knows which ones came.
    let (Some(log), 0, 0) = (&audit.log, statement.given_up, statement.resets) else { return };
    if statement.count == 0 {
        return;
    }
    if statement.start < log.base() {
        findings.uncompared += readers;
        return;
    }
    let missing = statement
        .holes
        .iter()
        .try_fold(0_u64, |sum, hole| Some(sum.wrapping_add(log.sum(hole.from.saturating_sub(1), hole.to)?)));
    let expected = log.sum(statement.start, statement.last).zip(missing);
    let expected = expected.map(|(all, missing)| all.wrapping_sub(missing));
    if expected != Some(statement.sum) {
        findings.altered += readers;
        findings.say(|| {
            format!(
                "channel {channel}: what {readers} reader(s) got from {} to {} is not what the log says",
                statement.start.saturating_add(1),
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
