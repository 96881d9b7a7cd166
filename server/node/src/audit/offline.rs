//! `holdfast audit`: the audit of a data folder, checked and given out. It reads the files and the keys, and needs no
//! node.

use super::files::{Lines, chains, folder, parts};
use super::keys::AuditKeys;
use super::verification::found;
use crate::day;
use crate::telemetry::{instant, print, say};
use crate::{config, keys_file};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use evidence::audit::{ChainId, SignedHead, Wrong};
use evidence::chain::Sealed;
use protocol::Timestamp;
use serde::de::IgnoredAny;
use std::path::{Path, PathBuf};

/// How many things that are wrong are printed; the others are counted.
const PRINTED_MAX: usize = 20;

/// What `holdfast audit` is asked.
#[derive(Debug, Args)]
pub(crate) struct AuditCommand {
    /// The data folder of the node; each node has its own audit
    #[arg(long, env = "HOLDFAST_DATA", default_value = config::DEFAULT_DATA, global = true)]
    data: PathBuf,
    /// The file of keys; by default keys.json in the data folder
    #[arg(long, env = "HOLDFAST_KEYS", global = true)]
    keys: Option<PathBuf>,
    #[command(subcommand)]
    action: AuditAction,
}

#[derive(Debug, Subcommand)]
enum AuditAction {
    /// Check that no line was changed, removed, added or moved.
    Verify {
        /// A file of heads that were kept elsewhere, a line of JSON each, as /v1/audit/head answers: they show whether the
        /// end is missing
        #[arg(long)]
        heads: Option<PathBuf>,
    },
    /// Print all lines as they are chained, a line of JSON each, the oldest first.
    Export {
        /// From when: a day of UTC, 2026-11-23, or an instant, 2026-11-23T10:00:00Z
        #[arg(long, value_parser = day::from_text)]
        since: Option<Timestamp>,
        /// Until when, the day or instant itself left out
        #[arg(long, value_parser = day::from_text)]
        until: Option<Timestamp>,
    },
}

/// Does it, and prints the answer.
pub(crate) fn run(command: &AuditCommand) -> anyhow::Result<()> {
    let path = command.keys.clone().unwrap_or_else(|| keys_file::default_path(&command.data));
    let keys = keys_file::load(&path)?.with_context(|| format!("there are no keys at {}", path.display()))?;
    let keys = AuditKeys::new(&keys)?;
    let folder = folder(&command.data);
    let ids = chains(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    if ids.is_empty() {
        bail!("there is no audit in {}", folder.display());
    }
    match &command.action {
        AuditAction::Verify { heads } => {
            let kept = heads.as_deref().map(kept_heads).transpose()?.unwrap_or_default();
            verify(&folder, &keys, kept)
        }
        AuditAction::Export { since, until } => export(&folder, &ids, &keys, *since, *until),
    }
}

fn kept_heads(path: &Path) -> anyhow::Result<Vec<SignedHead>> {
    let about = || format!("the heads in {}", path.display());
    let text = std::fs::read_to_string(path).with_context(about)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).with_context(about)).collect()
}

fn verify(folder: &Path, keys: &AuditKeys, kept: Vec<SignedHead>) -> anyhow::Result<()> {
    let (heads, findings) = (kept.len(), found(folder, keys, kept)?);
    for chain in &findings.chains {
        let (lines, first, at) = (chain.chain.lines(), chain.first, instant(chain.at));
        let (signed, head) = (chain.heads, chain.chain.head());
        print(&format!(
            "{}: lines {first} to {lines}, until {at}, {signed} signed heads\nlast hash {head}",
            chain.id
        ))?;
    }
    if heads > 0 {
        let (met, removed) = (findings.kept_met, findings.kept_removed);
        print(&format!(
            "heads that were kept: {heads}, of which {met} end here and {removed} with lines that were removed in their time"
        ))?;
    }
    if findings.wrong.is_empty() {
        return print("whole");
    }
    for finding in findings.wrong.iter().take(PRINTED_MAX) {
        say(&format!("holdfast: {finding}"));
    }
    let is_foreign = findings.chains.iter().all(|chain| chain.first == 0)
        && findings.wrong.iter().all(|finding| finding.wrong == Wrong::Unopened);
    if is_foreign {
        bail!("no line of the audit can be opened: the keys are not those with which it was written");
    }
    match findings.wrong.len() {
        many @ ..=PRINTED_MAX => bail!("the audit is not whole: {many} found"),
        many => bail!("the audit is not whole: {many} found, of which the first {PRINTED_MAX} are told"),
    }
}

fn export(
    folder: &Path,
    ids: &[ChainId],
    keys: &AuditKeys,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> anyhow::Result<()> {
    let mut unread = 0_u64;
    for id in ids {
        for part in parts(folder, id)? {
            for line in Lines::read(folder, keys, id, &part)?.lines {
                let sealed = line.as_deref().and_then(|line| Sealed::<IgnoredAny>::read(line).ok());
                let (Some(line), Some(sealed)) = (line, sealed) else {
                    unread += 1;
                    continue;
                };
                let is_in = since.is_none_or(|since| sealed.at >= since)
                    && until.is_none_or(|until| sealed.at < until);
                if is_in {
                    print(&String::from_utf8_lossy(&line))?;
                }
            }
        }
    }
    if unread > 0 {
        bail!("{unread} lines cannot be read and are left out: run holdfast audit verify");
    }
    Ok(())
}
