//! `holdfast keys`: makes a campaign's root key and says with it whose organisers' keys are. Files only, no network and no
//! node, so that it runs on a machine that never is online.

mod files;

use crate::day;
use crate::telemetry::{instant, print};
use crate::{clock, keys::files::Replace};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use files::{load_manifest, load_root, save_manifest, save_root};
use identity::trust::{Draft, KeyEntry, Manifest, PublicKey, SigningKey};
use protocol::{Role, Timestamp};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use files::LIMITS;

/// A key is good from a little before it was made, so that it can be used at once by a clock that is behind.
const GOOD_BEFORE: Duration = Duration::from_hours(1);

/// What `holdfast keys` is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make the root key of a campaign. Keep the file offline: whoever has it can say whose word counts.
    Root {
        /// Where to write it; a file that is there is not replaced
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the first manifest of a root key, with nobody in it yet.
    Manifest {
        /// The file of the root key
        #[arg(long)]
        root: PathBuf,
        /// Where to write the manifest; a file that is there is not replaced
        #[arg(long)]
        out: PathBuf,
        /// What is urgent or for everybody has to be signed by two people
        #[arg(long)]
        two_people: bool,
    },
    /// Put an organiser's key into a manifest, or say anew what it is good for.
    Organiser(OrganiserArguments),
    /// Say that a key counts for nothing any more.
    Revoke {
        #[command(flatten)]
        change: Change,
        /// The key: 43 characters
        #[arg(long, allow_hyphen_values = true, value_parser = parse_key)]
        key: PublicKey,
        /// Since when, if that was before now: a day of UTC, 2026-11-23, or an instant, 2026-11-23T10:00:00Z
        #[arg(long, value_parser = day::from_text)]
        since: Option<Timestamp>,
    },
    /// Check a manifest, and print whose keys are in it.
    Show {
        /// The file of the manifest
        #[arg(long)]
        manifest: PathBuf,
    },
}

/// A manifest and the root key that signs it.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The file of the root key
    #[arg(long)]
    root: PathBuf,
    /// The file of the manifest, which is replaced by the next one
    #[arg(long)]
    manifest: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct OrganiserArguments {
    #[command(flatten)]
    change: Change,
    /// The key, as the organiser's screen shows it: 43 characters
    #[arg(long, allow_hyphen_values = true, value_parser = parse_key)]
    key: PublicKey,
    /// Whose it is, as members are to read it
    #[arg(long)]
    name: String,
    /// sender (signs what is said) or approver (agrees to what others say); both by saying it twice
    #[arg(long, required = true, value_parser = parse_role)]
    role: Vec<Role>,
    /// A region whose bulletins it signs, and nothing else; several by saying it again. All, if none is named
    #[arg(long)]
    region: Vec<String>,
    /// Until when it is good: a day of UTC, 2027-06-01, or an instant, 2027-06-01T10:00:00Z
    #[arg(long, value_parser = day::from_text)]
    until: Option<Timestamp>,
}

/// Does it, and prints what came of it.
pub(crate) fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Root { out } => make_root(&out),
        KeysCommand::Manifest { root, out, two_people } => {
            let root = load_root(&root)?;
            let draft = Draft::first(root.public(), two_people, clock::wall());
            sign(&root, draft, &out, Replace::Never)
        }
        KeysCommand::Organiser(arguments) => add(arguments),
        KeysCommand::Revoke { change, key, since } => revoke(&change, &key, since),
        KeysCommand::Show { manifest } => print(&shown(&load_manifest(&manifest)?, clock::wall())),
    }
}

fn make_root(out: &Path) -> anyhow::Result<()> {
    let root = SigningKey::generate()?;
    save_root(out, &root)?;
    let fingerprint = root.public().fingerprint();
    print(&format!(
        "root key  {}\nfingerprint  {}\n{}\nKeep the file offline, and a copy of it somewhere else. Compare the fingerprint by voice.",
        out.display(),
        fingerprint.text(),
        fingerprint.groups(),
    ))
}

fn add(arguments: OrganiserArguments) -> anyhow::Result<()> {
    let OrganiserArguments { change, key, name, role, region, until } = arguments;
    let now = clock::wall();
    let (root, mut draft) = next(&change, now)?;
    let regions: BTreeSet<String> = region.into_iter().collect();
    let known = draft.keys.iter().find(|entry| entry.key == key);
    if known.is_some_and(|entry| entry.revoked_at.is_some()) {
        bail!("this key is revoked, and what is revoked never counts again; make a new key on the device");
    }
    let entry = KeyEntry {
        key,
        name,
        roles: role.into_iter().collect(),
        regions: (!regions.is_empty()).then_some(regions),
        from: known.map_or_else(|| now.before(GOOD_BEFORE), |entry| entry.from),
        until,
        revoked_at: None,
    };
    draft.keys.retain(|other| other.key != entry.key);
    draft.keys.push(entry);
    sign(&root, draft, &change.manifest, Replace::Always)
}

fn revoke(change: &Change, key: &PublicKey, since: Option<Timestamp>) -> anyhow::Result<()> {
    let now = clock::wall();
    let since = since.unwrap_or(now);
    if since > now {
        bail!("a key is revoked now, or since some time before; one that is good for a time has --until");
    }
    let (root, mut draft) = next(change, now)?;
    let entry = draft.keys.iter_mut().find(|entry| entry.key == *key);
    let entry =
        entry.context("the manifest does not have this key; holdfast keys show lists those that it has")?;
    entry.revoked_at = Some(entry.revoked_at.map_or(since, |before| before.min(since)));
    sign(&root, draft, &change.manifest, Replace::Always)
}

/// The root key, and what the next manifest says before it is changed.
fn next(change: &Change, now: Timestamp) -> anyhow::Result<(SigningKey, Draft)> {
    let (root, manifest) = (load_root(&change.root)?, load_manifest(&change.manifest)?);
    if manifest.fingerprint() != root.public().fingerprint() {
        bail!("{} is signed by another root key than {}", change.manifest.display(), change.root.display());
    }
    Ok((root, manifest.next(now)))
}

fn sign(root: &SigningKey, draft: Draft, path: &Path, replace: Replace) -> anyhow::Result<()> {
    let signed = draft.signed(root).context("no manifest was made")?;
    save_manifest(path, &signed, replace)?;
    print(&shown(&signed.verify()?, clock::wall()))
}

/// A manifest as people read it.
fn shown(manifest: &Manifest, now: Timestamp) -> String {
    let says = manifest.says();
    let rule = if says.two_people { "two people" } else { "one person" };
    let mut lines = vec![
        format!("fingerprint  {}", manifest.fingerprint().groups()),
        format!("serial  {}", says.serial),
        format!("signed  {}", instant(says.issued_at)),
        format!("urgent or for all  {rule}"),
        format!("keys  {}", says.keys.len()),
    ];
    lines.extend(says.keys.iter().map(|entry| line(entry, now)));
    lines.join("\n")
}

fn line(entry: &KeyEntry, now: Timestamp) -> String {
    let roles: Vec<&str> = entry.roles.iter().map(|role| role.as_str()).collect();
    let regions = match &entry.regions {
        None => "everywhere".to_owned(),
        Some(regions) => regions.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    let state = match (entry.revoked_at, entry.until) {
        (Some(since), _) => format!("REVOKED since {}", instant(since)),
        (None, Some(until)) if until <= now => format!("over since {}", instant(until)),
        (None, Some(until)) => format!("good until {}", instant(until)),
        (None, None) => "good".to_owned(),
    };
    format!("  {}  {}  {}  {regions}  {state}", entry.key.text(), entry.name, roles.join(", "))
}

fn parse_key(text: &str) -> Result<PublicKey, String> {
    PublicKey::parse(text).map_err(|_| "a key is 43 characters of A-Z a-z 0-9 - _".to_owned())
}

fn parse_role(text: &str) -> Result<Role, String> {
    match text.parse() {
        Ok(role @ (Role::Approver | Role::Sender)) => Ok(role),
        Ok(Role::Activist | Role::Admin | Role::Observer) | Err(_) => {
            Err("a role is sender or approver".to_owned())
        }
    }
}
