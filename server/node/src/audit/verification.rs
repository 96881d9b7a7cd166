//! Whether the audit in a folder is whole: all of it for `holdfast audit verify`, and as much of its end as may be looked at
//! at once for admins who ask a node.

use super::files::{Lines, Part, chains, parts, path};
use super::keys::AuditKeys;
use crate::http::openapi::words::{ChainIdText, HashText, Milliseconds};
use evidence::audit::{ChainId, Check, Checked, Findings, Head, Place, SignedHead};
use evidence::chain::Hash;
use protocol::Timestamp;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::Path;
use utoipa::ToSchema;

protocol::limits! {
    /// Bytes of files of the audit that are checked for one request, the newest of each chain first, and one file of each in
    /// any case; what is older is left to `holdfast audit verify`, and the answer says so.
    const AUDIT_VERIFIED_MAX_BYTES: u64 = 64 * 1024 * 1024 => unseen;
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditVerification)]
pub(crate) struct Verification {
    /// When it was checked.
    #[schema(value_type = Milliseconds)]
    at: Timestamp,
    /// Whether nothing is wrong with what was looked at.
    is_whole: bool,
    /// Whether all lines that there are were looked at. If not, `holdfast audit verify` does.
    is_all: bool,
    /// How many things are wrong.
    findings: usize,
    /// The first of them, and where, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    finding: Option<String>,
    /// The chains in the folder of the node that answers; its own is the first.
    chains: Vec<VerifiedChain>,
}

/// A chain, as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditVerifiedChain)]
struct VerifiedChain {
    #[schema(value_type = ChainIdText)]
    chain: ChainId,
    /// Whether the node that answers goes on with it.
    is_own: bool,
    /// The number of the first line that was looked at; 0 if there is none.
    first: u64,
    /// When that was written.
    #[schema(value_type = Milliseconds)]
    since: Timestamp,
    /// The number of the last line.
    lines: u64,
    /// Its hash.
    #[schema(value_type = HashText)]
    hash: Hash,
    /// When that was written.
    #[schema(value_type = Milliseconds)]
    until: Timestamp,
    /// How many heads among the lines are signed as they should be.
    heads: u64,
}

/// Goes through all files in a folder.
pub(super) fn found(folder: &Path, keys: &AuditKeys, kept: Vec<SignedHead>) -> io::Result<Findings> {
    let ids = chains(folder)?;
    Ok(walk(folder, keys, kept, &ids, u64::MAX)?.findings)
}

/// Goes through the newest files in a folder. `own` is the chain that this process goes on with.
pub(super) fn newest(
    folder: &Path,
    keys: &AuditKeys,
    own: Option<&ChainId>,
    now: Timestamp,
) -> io::Result<Verification> {
    let mut ids = chains(folder)?;
    ids.sort_by_key(|id| Some(id) != own);
    let mut walked = walk(folder, keys, Vec::new(), &ids, AUDIT_VERIFIED_MAX_BYTES)?;
    if !walked.findings.wrong.is_empty() {
        // A line that is being written looks torn, and files are removed while they are read. What is really wrong is so again.
        walked = walk(folder, keys, Vec::new(), &ids, AUDIT_VERIFIED_MAX_BYTES)?;
    }
    let Walked { findings, is_all } = walked;
    Ok(Verification {
        at: now,
        is_whole: findings.wrong.is_empty(),
        is_all,
        findings: findings.wrong.len(),
        finding: findings.wrong.first().map(ToString::to_string),
        chains: findings.chains.into_iter().map(|chain| VerifiedChain::of(chain, own)).collect(),
    })
}

impl VerifiedChain {
    fn of(checked: Checked, own: Option<&ChainId>) -> Self {
        let Checked { id, first, since, chain, at, heads } = checked;
        Self {
            is_own: Some(&id) == own,
            chain: id,
            first,
            since,
            lines: chain.lines(),
            hash: chain.head(),
            until: at,
            heads,
        }
    }
}

struct Walked {
    findings: Findings,
    is_all: bool,
}

fn walk(
    folder: &Path,
    keys: &AuditKeys,
    kept: Vec<SignedHead>,
    ids: &[ChainId],
    mut bytes_left: u64,
) -> io::Result<Walked> {
    let is_ours = |head: &Head, signature: &str| keys.is_ours(head, signature);
    let (mut check, mut is_all) = (Check::new(&is_ours, kept), true);
    for id in ids {
        let all = parts(folder, id)?;
        let looked_at = newest_parts(folder, id, &all, &mut bytes_left);
        if looked_at.len() == all.len() {
            check.begin(id.clone());
        } else {
            is_all = false;
            check.begin_within(id.clone());
        }
        for part in looked_at {
            let (read, file) = (Lines::read(folder, keys, id, part)?, part.name());
            let mut line = 1;
            for text in &read.lines {
                check.line(Place { file: file.clone(), line }, text.as_deref());
                line += 1;
            }
            if read.is_torn {
                check.torn(Place { file, line });
            }
        }
    }
    Ok(Walked { findings: check.finish(), is_all })
}

/// The last files that are together not larger than what is left, and one in any case. A file that is gone has no bytes.
fn newest_parts<'a>(folder: &Path, id: &ChainId, all: &'a [Part], bytes_left: &mut u64) -> &'a [Part] {
    let mut begin = all.len();
    for (nth, part) in all.iter().enumerate().rev() {
        let bytes = fs::metadata(path(folder, id, part)).map_or(0, |file| file.len());
        if bytes > *bytes_left && begin < all.len() {
            break;
        }
        *bytes_left = bytes_left.saturating_sub(bytes);
        begin = nth;
    }
    all.get(begin..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::files::folder;
    use crate::day::Day;

    #[test]
    fn the_newest_files_that_fit_are_looked_at_and_one_in_any_case() {
        let data = tempfile::tempdir().unwrap();
        let (folder, id) = (folder(data.path()), "abcdefghijklmnopqrstuv".parse::<ChainId>().unwrap());
        fs::create_dir_all(folder.join(id.as_str())).unwrap();
        let all: Vec<Part> =
            (0..4).map(|day| Part::first_of(Day::of(Timestamp::from_millis(day * 86_400_000)))).collect();
        for part in &all {
            fs::write(path(&folder, &id, part), [0; 10]).unwrap();
        }
        for (bytes, files, left) in [(0, 1, 0), (10, 1, 0), (25, 2, 5), (40, 4, 0), (99, 4, 59)] {
            let mut bytes_left = bytes;
            let looked_at = newest_parts(&folder, &id, &all, &mut bytes_left);
            assert_eq!((looked_at, bytes_left), (&all[4 - files..], left), "{bytes}");
        }
        assert_eq!(newest_parts(&folder, &id, &[], &mut 5), []);
    }
}
