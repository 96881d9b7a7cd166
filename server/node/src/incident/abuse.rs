//! Where a flood came from, beside the record and for whoever feeds a firewall: the only two places with addresses in
//! clear, and both forget them.

use super::record::replace;
use crate::sealed_file::read;
use evidence::chain::Hash;
use evidence::incident::{ADDRESSES_KEPT, AbuseLine, Indicators, Offender, abuse_lines, offenders_kept};
use protocol::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The file of prefixes in an incident's folder.
pub(super) const INDICATORS: &str = "indicators.jsonl";
/// The file in the data folder that a firewall's helper reads.
const ABUSE_FILE: &str = "abuse.jsonl";

/// Every line that can be read; none if there is no file.
fn lines<T: DeserializeOwned>(path: &Path) -> io::Result<Vec<T>> {
    match read(path) {
        Ok(bytes) => Ok(bytes
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn text<T: Serialize>(lines: &[T]) -> io::Result<String> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line)?);
        text.push('\n');
    }
    Ok(text)
}

/// The prefixes of an incident.
pub(super) fn indicators(path: &Path) -> io::Result<Vec<Offender>> {
    lines(path)
}

/// Adds what is told to the prefixes of an incident.
pub(super) fn add_indicators(path: &Path, told: Vec<Offender>) -> io::Result<()> {
    let kept = offenders_kept(indicators(path)?, told);
    replace(path, text(&kept)?.as_bytes())
}

/// What the chain says of the file, so that it can be known again while it is there.
pub(super) fn seal_indicators(path: &Path) -> io::Result<Option<Indicators>> {
    let known = indicators(path)?;
    let Some(last) = known.iter().map(|offender| offender.last_seen).max() else { return Ok(None) };
    Ok(Some(Indicators {
        prefixes: u64::try_from(known.len()).unwrap_or(u64::MAX),
        file: Hash::of(&read(path)?),
        until: last.after(ADDRESSES_KEPT),
    }))
}

/// Removes the prefixes of an incident once they may not be kept any longer; answers the hash of what is gone.
pub(super) fn forget_indicators(path: &Path, now: Timestamp) -> io::Result<Option<Hash>> {
    let known = indicators(path)?;
    let until = known.iter().map(|offender| offender.last_seen.after(ADDRESSES_KEPT)).max();
    if until.is_none_or(|until| until > now) {
        return Ok(None);
    }
    let hash = Hash::of(&read(path)?);
    fs::remove_file(path)?;
    Ok(Some(hash))
}

/// Adds confirmed prefixes to `abuse.jsonl` and takes out those that have expired.
pub(super) fn update_abuse(data: &Path, told: &[Offender], now: Timestamp) -> io::Result<()> {
    let path = data.join(ABUSE_FILE);
    let known: Vec<AbuseLine> = lines(&path)?;
    let updated = abuse_lines(known.clone(), told, now);
    if updated == known {
        return Ok(());
    }
    replace(&path, text(&updated)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use admission::Criticality;
    use evidence::incident::Action;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_795_687_200_000 + seconds * 1_000)
    }

    fn offender(prefix: &str) -> Offender {
        Offender {
            prefix: prefix.parse().unwrap(),
            class: Criticality::Stranger,
            offered: 9_000,
            peak_per_second: 100,
            first_seen: at(0),
            last_seen: at(60),
            action: Action::Refused,
        }
    }

    #[test]
    fn addresses_are_kept_for_their_time_and_are_gone_then() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(INDICATORS);
        assert_eq!(seal_indicators(&path).unwrap(), None);
        add_indicators(&path, vec![offender("198.51.100.7/32"), offender("2001:db8::/64")]).unwrap();
        add_indicators(&path, vec![offender("198.51.100.7/32")]).unwrap();
        let sealed = seal_indicators(&path).unwrap().unwrap();
        assert_eq!((sealed.prefixes, sealed.file), (2, Hash::of(&fs::read(&path).unwrap())));
        update_abuse(data.path(), &[offender("198.51.100.7/32")], at(60)).unwrap();
        let abuse = data.path().join(ABUSE_FILE);
        for file in [&path, &abuse] {
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(fs::read_to_string(&abuse).unwrap().contains(r#""prefix":"198.51.100.7/32","reason":"#));

        let end = sealed.until;
        assert_eq!(forget_indicators(&path, end.before(Duration::from_secs(1))).unwrap(), None);
        assert_eq!(forget_indicators(&path, end).unwrap(), Some(sealed.file), "as the chain says");
        assert!(!path.exists());
        update_abuse(data.path(), &[], end).unwrap();
        assert_eq!(fs::read_to_string(&abuse).unwrap(), "");
    }

    #[test]
    fn lines_that_cannot_be_read_are_passed_over_and_go_at_the_next_write() {
        let data = tempfile::tempdir().unwrap();
        let abuse = data.path().join(ABUSE_FILE);
        fs::write(&abuse, "garbage\n{}\n\u{0}").unwrap();
        update_abuse(data.path(), &[offender("198.51.100.7/32")], at(60)).unwrap();
        assert_eq!(fs::read_to_string(&abuse).unwrap().lines().count(), 1);
    }
}
