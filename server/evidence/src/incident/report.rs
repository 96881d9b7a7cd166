//! The report: what the National Cyber Security Centre asks, with the answers that the record has; whether data left;
//! and a draft for the Information Commissioner. What only a person can know is marked.

mod egress;
mod notification;
mod page;

pub use egress::EgressEvidence;
pub use page::{STYLE_HASH, page};

use super::entry::{Changed, Entry, Note};
use super::offender::{Action, Confidence, Offender};
use super::summary::Incident;
use super::text::instant;
use egress::no_data_left;
use notification::notification;
use protocol::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// How many prefixes the report shows; all are in the table of indicators.
const PREFIXES_SHOWN: usize = 10;

/// Everything that a report is made from.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// The record.
    pub incident: &'a Incident,
    /// Where the flood came from; nothing once that was removed.
    pub offenders: &'a [Offender],
    /// What left meanwhile; nothing if the account was not at hand.
    pub egress: Option<EgressEvidence>,
    /// When the report is made.
    pub made_at: Timestamp,
}

/// The report as Markdown.
pub fn markdown(report: &Report<'_>) -> String {
    let sections = [
        head(report),
        summary(report.incident),
        measures(report.incident),
        analysis(report),
        told(report.incident),
        next_steps(),
        no_data_left(report),
        notification(report),
        record(report.incident),
    ];
    let mut text = sections.join("\n\n");
    text.push('\n');
    text
}

fn fill_in(what: &str) -> String {
    format!("**[TO FILL IN: {what}]**")
}

/// Words of people, so that they cannot be taken for ours.
fn quote(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}

/// Words of people inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn head(report: &Report<'_>) -> String {
    let incident = report.incident;
    let ended = match incident.closed_at {
        Some(closed) => format!("closed {}", instant(closed)),
        None => "**still open**".to_owned(),
    };
    format!(
        "# Incident of {opened}\n\n\
         Opened {opened}, {ended}. Report of {made}. All times are UTC.\n\n\
         This is a draft, made from the record that the service keeps by itself. What only a person can know is \
         marked **[TO FILL IN]**; what the record cannot know is said.\n\n\
         ## 1. Who reports\n\n\
         * Organisation: {organisation}\n\
         * Name, role: {name}\n\
         * How to be reached, on a system that was not attacked: {contact}",
        opened = instant(incident.opened_at),
        made = instant(report.made_at),
        organisation = fill_in("name, address, registration number with the ICO"),
        name = fill_in("who answers questions"),
        contact = fill_in("telephone; an address elsewhere"),
    )
}

fn minutes(time: Duration) -> u64 {
    time.as_secs().div_ceil(60)
}

fn affected(incident: &Incident) -> String {
    match (incident.members_affected_min, incident.members_affected_max) {
        (_, 0) => "none that the service saw".to_owned(),
        (min, max) if min == max => format!("about {max}"),
        (min, max) => format!(
            "between {min} (those of the worst minute) and {max} (all minutes; who was refused twice counts twice)"
        ),
    }
}

fn summary(incident: &Incident) -> String {
    let (most, seconds) = incident.worst_counts;
    let mut lines = vec![
        "## 2. What happened, and what it did to the service and its users".to_owned(),
        String::new(),
        format!(
            "The service was pressed from {}, and under attack from {} for {} min. The hardest posture was `{}`. \
             At the worst, {most} requests came to one node in {seconds} seconds.",
            instant(incident.pressed_since),
            instant(incident.opened_at),
            minutes(incident.opened_at.until(incident.ended())),
            incident.worst.as_str(),
        ),
        String::new(),
        "| class | offered | admitted | delayed | refused |".to_owned(),
        "|---|--:|--:|--:|--:|".to_owned(),
    ];
    lines.extend(incident.totals.iter().map(|total| {
        format!(
            "| {} | {} | {} | {} | {} |",
            total.class.as_str(),
            total.offered,
            total.admitted,
            total.delayed,
            total.refused
        )
    }));
    lines.extend([
        String::new(),
        format!("* Members affected: {}.", affected(incident)),
        format!(
            "* Minutes in which a member was delayed or refused: {}.",
            minutes(Duration::from_secs(incident.affected_seconds))
        ),
        format!(
            "* Messages accepted: {}. What was accepted is kept, and is delivered when its reader comes back. Deliveries: \
             {}. Not yet delivered to readers who are connected, at the end: {}.",
            incident.acked, incident.delivered, incident.pending
        ),
        format!(
            "* What it meant for the campaign: {}",
            fill_in("what people could not do, and what depended on it")
        ),
    ]);
    lines.join("\n")
}

fn changed(change: &Changed) -> String {
    let value = change.value.map(|value| format!(" = {value:.2}")).unwrap_or_default();
    format!("`{}` → `{}` by {}{value}", change.from.as_str(), change.to.as_str(), cell(&change.trigger))
}

fn noted(what: &str, note: &Note) -> String {
    format!("{what} by {}: {}", cell(&note.who.to_string()), cell(note.text.as_str()))
}

fn what_happened(entry: &Entry) -> Option<String> {
    Some(match entry {
        Entry::Opened(opened) => format!("record opened: {}", changed(&opened.by)),
        Entry::Posture(change) => changed(change),
        Entry::Override(by) => format!(
            "set to `{}` by hand, by {}, until {}: {}",
            by.to.as_str(),
            cell(by.who.as_str()),
            instant(by.until),
            cell(by.why.as_str())
        ),
        Entry::OverrideEnded => "no longer set by hand".to_owned(),
        Entry::Lapse(lapse) => {
            format!("**{} entries are missing here**: the disk took nothing", lapse.entries)
        }
        Entry::Statement(note) => noted("members were told", note),
        Entry::NoticeSent(notice) => format!("{} was told", cell(notice.to.as_str())),
        Entry::Note(note) => noted("note", note),
        Entry::Resumed(resumed) => {
            format!(
                "{} began anew; {} bytes of an unfinished line were cut",
                cell(resumed.node.as_str()),
                resumed.torn_bytes
            )
        }
        Entry::Indicators(indicators) => format!(
            "{} prefixes put down, kept until {}; SHA-256 of the file `{}`",
            indicators.prefixes,
            instant(indicators.until),
            indicators.file
        ),
        Entry::Closed(closed) => format!("record closed after {} quiet seconds", closed.quiet_seconds),
        Entry::Counts(_) => return None,
    })
}

fn measures(incident: &Incident) -> String {
    let mut lines = vec![
        "## 3. What was looked into and done".to_owned(),
        String::new(),
        "Steps that the service took by itself, and what people did:".to_owned(),
        String::new(),
        "| when | node | what |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    lines.extend(incident.events.iter().filter_map(|event| {
        let node = event.node.as_ref().map_or("?", |node| node.as_str());
        Some(format!("| {} | {} | {} |", instant(event.at), cell(node), what_happened(&event.entry)?))
    }));
    lines.push(String::new());
    lines.push(format!("What else was or will be done: {}", fill_in("provider, firewall, people, changes")));
    lines.join("\n")
}

fn analysis(report: &Report<'_>) -> String {
    let mut lines = vec!["## 4. Technical analysis".to_owned(), String::new()];
    if report.offenders.is_empty() {
        lines.push(
            "No prefixes are at hand: none was heavy enough to be told apart, or they were removed, as addresses are \
             30 days after an incident."
                .to_owned(),
        );
    } else {
        lines.push(format!(
            "{} prefixes, the heaviest first; all are in the table of indicators. Addresses are personal data: give \
             this section only to those who need it.",
            report.offenders.len()
        ));
        lines.extend([
            String::new(),
            "| prefix | class | offered | at most a second | done | confidence |".to_owned(),
            "|---|---|--:|--:|---|---|".to_owned(),
        ]);
        lines.extend(report.offenders.iter().take(PREFIXES_SHOWN).map(|offender| {
            format!(
                "| {} | {} | {} | {} | {} | {} |",
                offender.prefix,
                offender.class.as_str(),
                offender.offered,
                offender.peak_per_second,
                action(offender.action),
                confidence(offender.confidence())
            )
        }));
    }
    lines.push(String::new());
    lines.push(format!(
        "Paths, ports, fingerprints, whose networks: {}",
        fill_in("from the proxy or provider")
    ));
    lines.join("\n")
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Demoted => "served after others",
        Action::Delayed => "asked to wait",
        Action::Refused => "refused",
        Action::Dropped => "dropped unread",
    }
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn told(incident: &Incident) -> String {
    let mut lines = vec!["## 5. Who else was told".to_owned(), String::new()];
    let before = lines.len();
    for event in &incident.events {
        if let Entry::NoticeSent(notice) = &event.entry {
            lines.push(format!("* {}, {}, by {}:", instant(event.at), notice.to.as_str(), notice.who));
            lines.push(String::new());
            lines.push(quote(notice.text.as_str()));
        }
    }
    if lines.len() == before {
        lines.push("The record has no notice to anybody.".to_owned());
    }
    lines.push(String::new());
    lines.push(fill_in("the ICO, the NCSC, the police, the provider, members"));
    lines.join("\n")
}

fn next_steps() -> String {
    format!(
        "## 6. What comes next\n\n\
         * {}\n* {}\n* {}",
        fill_in("is the attack over, and how would we know if it came back"),
        fill_in("what is changed so that the same attack does less"),
        fill_in("who looks at this again, and when"),
    )
}

fn record(incident: &Incident) -> String {
    let mut lines = vec![
        "## 9. The record itself".to_owned(),
        String::new(),
        "| timeline | node | lines | last hash | chain |".to_owned(),
        "|---|---|--:|---|---|".to_owned(),
    ];
    lines.extend(incident.chains.iter().map(|chain| {
        let state = match (&chain.broken, chain.is_torn) {
            (Some(broken), _) => format!("**broken**: {broken}"),
            (None, true) => "whole; ends in a line that was not finished".to_owned(),
            (None, false) => "whole".to_owned(),
        };
        let node = chain.node.as_ref().map_or("?", |node| node.as_str());
        format!("| `{}` | {} | {} | `{}` | {state} |", chain.source, cell(node), chain.lines, chain.head)
    }));
    lines.push(String::new());
    lines.push(format!(
        "Lines that this program cannot read: {}. Each line holds the hash of the one before it; `holdfast incident \
         verify` checks them, and so does anybody with `sha256sum` (docs/incidents.md). The chain shows that nothing \
         was changed since its last hash was put down elsewhere; whoever owns the machine could have written it anew \
         before that.",
        incident.unread_lines
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::egress::tests::egress;
    use super::*;
    use crate::incident::Timeline;
    use crate::incident::tests::{at, offender, timeline};

    fn incident(text: &str) -> Incident {
        Incident::of(&[Timeline::read("one/timeline.jsonl", text.as_bytes())]).unwrap()
    }

    #[test]
    fn a_closed_incident_is_told_in_full() {
        let incident = incident(&timeline());
        let offenders = [offender("198.51.100.7/32", 60_000), offender("2001:db8::/64", 900)];
        let report =
            Report { incident: &incident, offenders: &offenders, egress: Some(egress()), made_at: at(3_600) };
        insta::assert_snapshot!(markdown(&report));
    }

    #[test]
    fn an_open_one_without_addresses_or_account_says_so() {
        let open: String = timeline().lines().take(2).flat_map(|line| [line, "\n"]).collect();
        let incident = incident(&open);
        let made_at = at(80 * 3_600);
        insta::assert_snapshot!(markdown(&Report {
            incident: &incident,
            offenders: &[],
            egress: None,
            made_at
        }));
    }

    #[test]
    fn what_a_program_reads_has_the_same_figures() {
        let incident = incident(&timeline());
        let report =
            Report { incident: &incident, offenders: &[], egress: Some(egress()), made_at: at(3_600) };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["incident"]["worst"], "survival");
        assert_eq!(json["incident"]["events"][1]["kind"], "posture");
        assert_eq!(json["egress"]["member_bytes"], 430);
    }

    #[test]
    fn words_of_people_cannot_be_taken_for_a_heading_or_a_cell() {
        assert_eq!(quote("# I am\n## a heading"), "> # I am\n> ## a heading");
        assert_eq!(cell("a | b\nc"), "a \\| b c");
    }
}
