//! Whether an audit is whole: each line as it was written, each after the one before it, each head signed, and nothing
//! gone but what an entry says was removed.

use super::action::Action;
use super::entry::{Entry, State};
use super::finding::{Checked, Finding, Findings, Place, Wrong};
use super::head::{ChainId, Head, LastGone, Removed, SignedHead};
use crate::chain::{Chain, Fault, Hash, Sealed};
use protocol::Timestamp;
use std::fmt;

/// Goes through chains, each from its first line that is here.
pub struct Check<'a> {
    /// Whether a signature is of the deployment's key.
    signed: &'a dyn Fn(&Head, &str) -> bool,
    kept: Vec<(SignedHead, bool)>,
    removed: Vec<Removed>,
    first_lines: Vec<First>,
    walk: Option<Walk>,
    findings: Findings,
}

/// The first line of a chain that is here.
struct First {
    id: ChainId,
    place: Place,
    /// The line before it.
    gone: LastGone,
    /// Lines before it that are here and could not be read.
    unread: u64,
}

struct Walk {
    id: ChainId,
    /// Whether the first line is not to have an anchor, as those before it are not looked at.
    is_part: bool,
    first: u64,
    since: Timestamp,
    chain: Option<Chain>,
    at: Timestamp,
    /// Lines since the last whole one that could not be read.
    unread: u64,
    heads: u64,
    last: Place,
}

impl<'a> Check<'a> {
    /// `kept` are heads from elsewhere; `signed` says whether a signature is of the deployment's key.
    pub fn new(signed: &'a dyn Fn(&Head, &str) -> bool, kept: Vec<SignedHead>) -> Self {
        Self {
            signed,
            kept: kept.into_iter().map(|head| (head, false)).collect(),
            removed: Vec::new(),
            first_lines: Vec::new(),
            walk: None,
            findings: Findings::default(),
        }
    }

    /// The lines that follow are of this chain, from its first that is here.
    pub fn begin(&mut self, id: ChainId) {
        self.walk_on(id, false);
    }

    /// The lines that follow are of this chain, and there are lines before them that are not looked at.
    pub fn begin_within(&mut self, id: ChainId) {
        self.walk_on(id, true);
    }

    fn walk_on(&mut self, id: ChainId, is_part: bool) {
        self.end_chain();
        let last = Place { file: String::new(), line: 0 };
        let (since, at) = (Timestamp::default(), Timestamp::default());
        self.walk = Some(Walk { id, is_part, first: 0, since, chain: None, at, unread: 0, heads: 0, last });
    }

    /// The next line, without its end; nothing, if its seal does not open.
    pub fn line(&mut self, place: Place, text: Option<&[u8]>) {
        let Some(mut walk) = self.walk.take() else { return };
        let read = text.ok_or(Wrong::Unopened).and_then(|text| Ok(Sealed::<Entry>::read(text)?));
        match read {
            Err(wrong) => {
                walk.unread += 1;
                self.found(&walk.id, Some(&place), wrong);
            }
            Ok(line) => {
                if let Some(wrong) = walk.missing_before(&line) {
                    self.found(&walk.id, Some(&place), wrong);
                }
                if walk.first == 0 {
                    (walk.first, walk.since) = (line.seq, line.at);
                    if !walk.is_part {
                        self.first_lines.push(First {
                            id: walk.id.clone(),
                            place: place.clone(),
                            gone: LastGone { seq: line.seq.saturating_sub(1), hash: line.previous },
                            unread: walk.unread,
                        });
                    }
                }
                self.compare_kept(&walk.id, &place, &line);
                self.look_into(&mut walk, &place, &line);
                walk.chain = Some(Chain::after(&line));
                walk.at = line.at;
                walk.unread = 0;
            }
        }
        walk.last = place;
        self.walk = Some(walk);
    }

    /// Bytes after the last line's end.
    pub fn torn(&mut self, place: Place) {
        if let Some(mut walk) = self.walk.take() {
            self.found(&walk.id, Some(&place), Wrong::Torn);
            walk.unread += 1;
            walk.last = place;
            self.walk = Some(walk);
        }
    }

    /// What came of it.
    pub fn finish(mut self) -> Findings {
        self.end_chain();
        for first in std::mem::take(&mut self.first_lines) {
            if !first.is_anchored(&self.removed) {
                self.found(&first.id, Some(&first.place), Wrong::Unanchored(first.gone.seq));
            }
        }
        for (kept, is_met) in std::mem::take(&mut self.kept) {
            let head = &kept.head;
            let is_removed = self.removed.iter().any(|removed| {
                removed.chain == head.chain && removed.last.is_some_and(|last| last.seq >= head.lines)
            });
            if !(self.signed)(head, &kept.signature) {
                self.found(&head.chain, None, Wrong::Signature);
            } else if is_met {
                self.findings.kept_met += 1;
            } else if is_removed {
                self.findings.kept_removed += 1;
            } else if !self.findings.chains.iter().any(|chain| chain.id == head.chain) {
                self.found(&head.chain, None, Wrong::Gone);
            }
        }
        self.findings
    }

    fn end_chain(&mut self) {
        let Some(walk) = self.walk.take() else { return };
        let chain = walk.chain.unwrap_or_default();
        let most = self
            .kept
            .iter()
            .filter(|(kept, _)| kept.head.chain == walk.id && (self.signed)(&kept.head, &kept.signature))
            .map(|(kept, _)| kept.head.lines)
            .max();
        if let Some(lines) = most.filter(|lines| *lines > chain.lines()) {
            self.found(&walk.id, Some(&walk.last), Wrong::Cut(lines));
        }
        let Walk { id, first, since, at, heads, .. } = walk;
        self.findings.chains.push(Checked { id, first, since, chain, at, heads });
    }

    fn compare_kept(&mut self, id: &ChainId, place: &Place, line: &Sealed<Entry>) {
        let mut differs = false;
        for (kept, is_met) in &mut self.kept {
            if kept.head.chain == *id && kept.head.lines == line.seq {
                *is_met = true;
                differs |= kept.head.hash != line.hash && (self.signed)(&kept.head, &kept.signature);
            }
        }
        if differs {
            self.found(id, Some(place), Wrong::Kept);
        }
    }

    /// What an entry says of the chain itself.
    fn look_into(&mut self, walk: &mut Walk, place: &Place, line: &Sealed<Entry>) {
        let Some(entry) = &line.entry else { return };
        let after = entry.after.as_ref();
        if entry.action == Action::RetentionRemoved {
            self.removed.extend(after.and_then(State::read::<Removed>));
        } else if entry.action == Action::HeadSigned {
            let head = after.and_then(State::read::<SignedHead>);
            match head.map_or(Some(Wrong::Head), |head| self.wrong_with(&head, &walk.id, line)) {
                None => walk.heads += 1,
                Some(wrong) => self.found(&walk.id, Some(place), wrong),
            }
        }
    }

    /// What is wrong with a head that stands in this line.
    fn wrong_with(&self, signed: &SignedHead, id: &ChainId, line: &Sealed<Entry>) -> Option<Wrong> {
        let SignedHead { head, signature } = signed;
        if !(self.signed)(head, signature) {
            return Some(Wrong::Signature);
        }
        let is_end = head.lines == line.seq.saturating_sub(1) && head.hash == line.previous;
        (head.chain != *id || !is_end).then_some(Wrong::Head)
    }

    fn found(&mut self, id: &ChainId, place: Option<&Place>, wrong: Wrong) {
        self.findings.wrong.push(Finding { chain: id.clone(), place: place.cloned(), wrong });
    }
}

impl First {
    /// Whether nothing came before it, or what did was removed in its time.
    fn is_anchored(&self, removed: &[Removed]) -> bool {
        let Self { id, gone, unread, .. } = self;
        // Of lines that cannot be read nobody knows what they were chained to.
        let least = gone.seq.saturating_sub(*unread);
        let fits = |last: LastGone| last == *gone || (least..gone.seq).contains(&last.seq);
        let begins = if *unread == 0 { gone.seq == 0 && gone.hash == Hash::default() } else { least == 0 };
        begins || removed.iter().any(|removed| removed.chain == *id && removed.last.is_some_and(fits))
    }
}

impl Walk {
    /// What is missing between the last whole line and this one. Lines that could not be read may stand between them.
    fn missing_before(&self, line: &Sealed<Entry>) -> Option<Wrong> {
        let chain = self.chain?;
        let next = chain.lines().saturating_add(1);
        let latest = next.saturating_add(self.unread);
        match line.seq {
            seq if seq == next && self.unread == 0 => {
                (line.previous != chain.head()).then_some(Wrong::Line(Fault::Unlinked))
            }
            seq if seq < next => Some(Wrong::Line(Fault::Unlinked)),
            seq if seq <= latest => None,
            seq => Some(Wrong::Missing { from: next, to: seq.saturating_sub(1) }),
        }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("findings", &self.findings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
