//! Whether data left: what the account says of the time, and what it cannot say.

use super::{Report, fill_in};
use crate::account::Account;
use crate::egress::Totals;
use crate::incident::text::instant;
use serde::Serialize;

/// What the account of what left says of the time of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EgressEvidence {
    /// Members who were sent anything.
    pub members: u64,
    /// How many bytes, all together.
    pub member_bytes: u64,
    /// The bytes of the member who was sent most.
    pub largest_bytes: u64,
    /// The bytes of the member in the middle.
    pub median_bytes: u64,
    /// Bytes to those who did not say who they are.
    pub stranger_bytes: u64,
    /// Publications among them.
    pub stranger_publications: u64,
    /// Bytes of which it is not known whose they were.
    pub unattributed_bytes: u64,
    /// Lines of the account that cannot be read.
    pub unreadable_lines: u64,
    /// Lives of nodes whose end is not in the account.
    pub open_lives: u64,
}

impl EgressEvidence {
    /// From the sums of the account over the time of the incident.
    pub fn of(totals: &Totals) -> Self {
        let mut members: Vec<u64> = Vec::new();
        let mut evidence = Self {
            unattributed_bytes: totals.unattributed.bytes,
            unreadable_lines: totals.unreadable_lines,
            open_lives: count(totals.open_lives.len()),
            ..Self::default()
        };
        for (account, total) in &totals.accounts {
            match account {
                Account::Strangers => {
                    evidence.stranger_bytes = total.bytes;
                    evidence.stranger_publications = total.publications;
                }
                Account::Member(_) => members.push(total.bytes),
            }
        }
        members.sort_unstable();
        evidence.members = count(members.len());
        evidence.member_bytes = members.iter().fold(0, |sum, bytes| sum.saturating_add(*bytes));
        evidence.largest_bytes = members.last().copied().unwrap_or_default();
        evidence.median_bytes = members.get(members.len() / 2).copied().unwrap_or_default();
        evidence
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

pub(super) fn no_data_left(report: &Report<'_>) -> String {
    let incident = report.incident;
    let until = instant(incident.closed_at.unwrap_or(report.made_at));
    let since = instant(incident.pressed_since);
    let intro = "## 7. Evidence that no data left\n";
    let Some(egress) = &report.egress else {
        return format!(
            "{intro}\nThe account of what left was not at hand. {}",
            fill_in(&format!(
                "run this where DATA/egress is: holdfast egress --since {since} --until {until}"
            ))
        );
    };
    let publications = if egress.stranger_publications == 0 {
        "no publication".to_owned()
    } else {
        format!("**{} publications**", egress.stranger_publications)
    };
    let lines = [
        intro.to_owned(),
        format!("From the account of every byte that was written to a client, {since} to {until}:"),
        String::new(),
        format!(
            "* Whoever did not say who they are was sent {publications}, and {} bytes of answers and refusals.",
            egress.stranger_bytes
        ),
        format!(
            "* {} members were sent {} bytes: {} the one in the middle, {} the one who got most.",
            egress.members, egress.member_bytes, egress.median_bytes, egress.largest_bytes
        ),
        format!("* Bytes of which it is not known whose they were: {}.", egress.unattributed_bytes),
        format!(
            "* Lines of the account that cannot be read: {}. Nodes whose end is not in it: {}; they run, \
             or crashed and lack up to a second of publications and a minute of other bytes.",
            egress.unreadable_lines, egress.open_lives
        ),
        String::new(),
        findings(egress),
        String::new(),
        format!(
            "To whom: `holdfast egress --since {since} --until {until}`. What this cannot show: what somebody copied who \
             was allowed to read; the machine itself, its backups, and Redis. {}",
            fill_in(
                "admin sign-ins and changed rights in this time; whether anybody else has keys to the machine"
            )
        ),
    ];
    lines.join("\n")
}

fn findings(egress: &EgressEvidence) -> String {
    let mut doubts = Vec::new();
    if egress.stranger_publications > 0 {
        doubts.push("publications were sent to whoever did not say who they are: **find out which**");
    }
    if egress.unattributed_bytes > 0 {
        doubts.push("some bytes are nobody's in particular");
    }
    if egress.unreadable_lines > 0 {
        doubts.push("a part of the account cannot be read");
    }
    if egress.largest_bytes > egress.median_bytes.saturating_mul(100) && egress.largest_bytes > 10_000_000 {
        doubts
            .push("one member was sent more than a hundred times what others were: **look at that account**");
    }
    if doubts.is_empty() {
        "Nothing in it hints at data that left by the service.".to_owned()
    } else {
        format!("It does not show that no data left: {}.", doubts.join("; "))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::egress::Window;

    pub(in crate::incident::report) fn egress() -> EgressEvidence {
        let mut totals = Totals::default();
        for line in [
            r#"{"what":"range","since":1000,"until":2000,"channel":"teams:a","first":1,"last":2,"publications":2,"bytes":200,"accounts":["m_1","m_2"]}"#,
            r#"{"what":"other","since":1000,"until":61000,"bytes":30,"accounts":["-","m_1"]}"#,
        ] {
            totals.read(line.as_bytes(), &Window::default());
        }
        EgressEvidence::of(&totals)
    }

    #[test]
    fn a_doubt_about_what_left_is_never_passed_over() {
        let clean = egress();
        assert!(findings(&clean).starts_with("Nothing in it"));
        for doubtful in [
            EgressEvidence { stranger_publications: 1, ..clean.clone() },
            EgressEvidence { unattributed_bytes: 1, ..clean.clone() },
            EgressEvidence { unreadable_lines: 1, ..clean.clone() },
            EgressEvidence { largest_bytes: 1_000_000_000, ..clean.clone() },
        ] {
            assert!(findings(&doubtful).starts_with("It does not show"), "{doubtful:?}");
        }
    }
}
