//! `holdfast egress`: what left, and to whom, added up from the files.

use crate::day::{self, Day};
use crate::{config, telemetry};
use anyhow::{Context, bail};
use clap::Args;
use evidence::Account;
use evidence::egress::{LINE_MAX_BYTES, Rest, Total, Totals, Window};
use protocol::{ChannelName, Timestamp};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What `holdfast egress` is asked.
#[derive(Debug, Args)]
pub(crate) struct EgressArguments {
    /// The data folder of the node; what each node sent is in its own
    #[arg(long, env = "HOLDFAST_DATA", default_value = config::DEFAULT_DATA)]
    data: PathBuf,
    /// One account alone: a member id, or - for strangers
    #[arg(long, allow_hyphen_values = true)]
    account: Option<Account>,
    /// From when: a day of UTC, 2026-11-23, or an instant, 2026-11-23T10:00:00Z
    #[arg(long, value_parser = day::from_text)]
    since: Option<Timestamp>,
    /// Until when, the day or instant itself left out
    #[arg(long, value_parser = day::from_text)]
    until: Option<Timestamp>,
}

/// One account, as it is printed.
#[derive(Serialize)]
struct AccountLine<'a> {
    account: &'a Account,
    bytes: u64,
    other_bytes: u64,
    publications: u64,
    channels: &'a BTreeSet<ChannelName>,
    first: String,
    last: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    coarse: bool,
}

/// Prints a line of JSON per account, the largest first; what the files cannot tell goes to standard error.
pub(crate) fn report(arguments: &EgressArguments) -> anyhow::Result<()> {
    let window =
        Window { account: arguments.account.clone(), since: arguments.since, until: arguments.until };
    let totals = totals(&arguments.data, &window)?;
    for line in lines(&totals)? {
        telemetry::print(&line)?;
    }
    for note in notes(&totals) {
        telemetry::say(&format!("holdfast: {note}"));
    }
    Ok(())
}

/// What the account in a data folder says of a time.
pub(crate) fn totals(data: &Path, window: &Window) -> anyhow::Result<Totals> {
    read(&super::folder(data), window)
}

fn read(folder: &Path, window: &Window) -> anyhow::Result<Totals> {
    let about = || format!("the account in {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let path = entry.with_context(about)?.path();
        let day = path.file_name().and_then(|name| name.to_str()).and_then(Day::of_file);
        // A line is in the file of the day when it was written, which is when it ends.
        if day.is_some_and(|day| window.since.is_none_or(|since| day >= Day::of(since))) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("{} has no files of that time", about());
    }
    files.sort();
    let mut totals = Totals::default();
    for path in files {
        let about = || format!("the account in {}", path.display());
        let file = File::open(&path).with_context(about)?;
        read_lines(&mut BufReader::new(file), window, &mut totals).with_context(about)?;
    }
    Ok(totals)
}

/// A line that is longer than any of ours is damaged; no more than one line is ever in memory.
fn read_lines(from: &mut impl BufRead, window: &Window, totals: &mut Totals) -> io::Result<()> {
    let limit = u64::try_from(LINE_MAX_BYTES).unwrap_or(u64::MAX);
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.len() < LINE_MAX_BYTES || line.ends_with(b"\n") {
            totals.read(&line, window);
            continue;
        }
        totals.count_unreadable();
        while !line.ends_with(b"\n") {
            line.clear();
            if from.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
        }
    }
}

fn lines(totals: &Totals) -> anyhow::Result<Vec<String>> {
    let mut accounts: Vec<(&Account, &Total)> = totals.accounts.iter().collect();
    accounts.sort_by_key(|(_, total)| Reverse(total.bytes));
    let mut lines = Vec::with_capacity(accounts.len() + 1);
    for (account, total) in accounts {
        lines.push(serde_json::to_string(&AccountLine {
            account,
            bytes: total.bytes,
            other_bytes: total.other_bytes,
            publications: total.publications,
            channels: &total.channels,
            first: day::to_text(total.first),
            last: day::to_text(total.last),
            coarse: total.is_coarse,
        })?);
    }
    if !totals.unattributed.is_nothing() {
        let Rest { publications, bytes } = totals.unattributed;
        let unattributed = serde_json::json!({"account": null, "bytes": bytes, "publications": publications});
        lines.push(unattributed.to_string());
    }
    Ok(lines)
}

fn notes(totals: &Totals) -> Vec<String> {
    let mut notes = Vec::new();
    if totals.unreadable_lines > 0 {
        notes.push(format!(
            "{} lines cannot be read: torn by a crash, or damaged; what they said is not in the sums",
            totals.unreadable_lines
        ));
    }
    if !totals.open_lives.is_empty() {
        let lives: Vec<String> = totals.open_lives.iter().map(|began| day::to_text(*began)).collect();
        notes.push(format!(
            "the lives that began at {} have no end here: they go on, or crashed and lack up to a second of \
             publications and a minute of other bytes",
            lives.join(", ")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const BEGIN: &str = r#"{"what":"begin","at":1000,"version":1}"#;
    const RANGE: &str = r#"{"what":"range","since":1000,"until":2000,"channel":"teams:a","first":1,"last":2,"publications":2,"bytes":200,"accounts":["m_1","m_2"]}"#;
    const OTHER: &str = r#"{"what":"other","since":1000,"until":61000,"bytes":30,"accounts":["-","m_1"]}"#;
    const UNATTRIBUTED: &str = r#"{"what":"unattributed","since":0,"until":1,"publications":1,"bytes":9}"#;

    fn totals(lines: &[&str]) -> Totals {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1970-01-01.jsonl"), lines.join("\n")).unwrap();
        fs::write(folder.path().join("notes.txt"), "not ours").unwrap();
        read(folder.path(), &Window::default()).unwrap()
    }

    #[test]
    fn accounts_are_printed_the_largest_first() {
        assert_eq!(
            lines(&totals(&[BEGIN, RANGE, OTHER, UNATTRIBUTED])).unwrap(),
            [
                r#"{"account":"m_1","bytes":230,"other_bytes":30,"publications":2,"channels":["teams:a"],"first":"1970-01-01T00:00:01Z","last":"1970-01-01T00:01:01Z"}"#,
                r#"{"account":"m_2","bytes":200,"other_bytes":0,"publications":2,"channels":["teams:a"],"first":"1970-01-01T00:00:01Z","last":"1970-01-01T00:00:02Z"}"#,
                r#"{"account":"-","bytes":30,"other_bytes":30,"publications":0,"channels":[],"first":"1970-01-01T00:00:01Z","last":"1970-01-01T00:01:01Z"}"#,
                r#"{"account":null,"bytes":9,"publications":1}"#,
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_said() {
        let endless = "x".repeat(3 * LINE_MAX_BYTES);
        let totals = totals(&[RANGE, "", "\0\0\0", &endless, &RANGE[..50], RANGE, &OTHER[..30]]);
        assert_eq!(totals.unreadable_lines, 5);
        assert_eq!(totals.accounts.values().map(|total| total.bytes).collect::<Vec<_>>(), [400, 400]);
        assert!(notes(&totals)[0].contains("5 lines"));
    }

    #[test]
    fn a_life_without_an_end_is_said() {
        assert!(notes(&totals(&[BEGIN]))[0].contains("1970-01-01T00:00:01Z"));
        assert!(notes(&totals(&[BEGIN, r#"{"what":"end","at":2000,"began":1000}"#])).is_empty());
    }

    #[test]
    fn a_folder_without_an_account_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing")] {
            let error = read(&path, &Window::default()).unwrap_err();
            assert!(format!("{error:#}").contains(path.to_str().unwrap()), "{error:#}");
        }
    }
}
