//! `holdfast keys`, as a campaign's key-keeper uses it: files alone, and nothing is ever lost.

use super::key;
use crate::node::holdfast;
use identity::trust::{Manifest, SignedManifest};
use protocol::Role;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

struct Drawer {
    folder: tempfile::TempDir,
}

impl Drawer {
    fn with_root_and_manifest() -> Self {
        let drawer = Self { folder: tempfile::tempdir().unwrap() };
        drawer.does(&["root", "--out", "root.key"]);
        drawer.does(&["manifest", "--root", "root.key", "--out", "manifest.json", "--two-people"]);
        drawer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = holdfast().arg("keys").args(arguments).current_dir(self.folder.path()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    fn does(&self, arguments: &[&str]) -> String {
        let (code, said, error) = self.run(arguments);
        assert_eq!(code, Some(0), "{error}");
        said
    }

    /// Refuses, says these words, and leaves all files as they were.
    fn refuses(&self, arguments: &[&str], words: &str) {
        let before = contents(self.folder.path());
        let (code, said, error) = self.run(arguments);
        assert_eq!((code, said.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(error.contains(words), "{error:?} does not say {words:?}");
        assert_eq!(contents(self.folder.path()), before, "{arguments:?}");
    }

    fn manifest(&self) -> Manifest {
        let text = fs::read_to_string(self.path("manifest.json")).unwrap();
        serde_json::from_str::<SignedManifest>(&text).unwrap().verify().unwrap()
    }
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

const CHANGE: [&str; 4] = ["--root", "root.key", "--manifest", "manifest.json"];

fn change<'a>(what: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    [&[what], &CHANGE[..], further].concat()
}

#[test]
fn a_root_key_is_made_once_for_its_owner_alone_and_says_its_fingerprint() {
    let drawer = Drawer::with_root_and_manifest();
    assert_eq!(fs::metadata(drawer.path("root.key")).unwrap().permissions().mode() & 0o777, 0o600);
    drawer.refuses(&["root", "--out", "root.key"], "not replaced");
    let first = ["manifest", "--root", "root.key", "--out", "manifest.json"];
    drawer.refuses(&first, "not replaced");
    let fingerprint = drawer.manifest().fingerprint();
    assert!(drawer.does(&["show", "--manifest", "manifest.json"]).contains(&fingerprint.groups()));
    assert!(drawer.manifest().says().two_people);
}

#[test]
fn organisers_come_and_go_with_a_serial_that_grows() {
    let drawer = Drawer::with_root_and_manifest();
    let ana = key(2).public().text();
    let more = [
        "--key",
        &ana,
        "--name",
        "Ana Lewis",
        "--role",
        "sender",
        "--region",
        "north",
        "--until",
        "2099-06-01",
    ];
    let said = drawer.does(&change("organiser", &more));
    assert!(said.contains("Ana Lewis  sender  north  good until 2099-06-01T00:00:00Z"), "{said}");
    assert_eq!(drawer.manifest().serial(), 2);
    drawer.does(&change(
        "organiser",
        &["--key", &ana, "--name", "Ana Lewis", "--role", "sender", "--role", "approver"],
    ));
    let roles = drawer.manifest().says().keys[0].roles.clone();
    assert_eq!((drawer.manifest().says().keys.len(), roles), (1, [Role::Sender, Role::Approver].into()));
    let said = drawer.does(&change("revoke", &["--key", &ana, "--since", "2026-11-01"]));
    assert!(said.contains("REVOKED since 2026-11-01T00:00:00Z"), "{said}");
    assert_eq!(drawer.manifest().serial(), 4);
    let again = ["--key", &ana, "--name", "Ana Lewis", "--role", "sender"];
    drawer.refuses(&change("organiser", &again), "never counts again");
    assert_eq!(fs::read_dir(drawer.folder.path()).unwrap().count(), 2, "nothing is left over");
}

#[test]
fn what_is_not_understood_is_refused_and_loses_nothing() {
    let drawer = Drawer::with_root_and_manifest();
    let ana = key(2).public().text();
    let organiser = |further: &[&str]| {
        let more = [&["--key", &ana, "--name", "Ana", "--role", "sender"], further].concat();
        change("organiser", &more).iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()
    };
    let refuses = |arguments: &[String], words: &str| {
        drawer.refuses(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), words);
    };
    refuses(&organiser(&["--region", "the north"]), "the regions of a key");
    refuses(&organiser(&["--until", "2001-01-01"]), "some time after it begins");
    refuses(&organiser(&["--until", "soon"]), "neither a day");
    refuses(&organiser(&["--role", "king"]), "sender or approver");
    drawer
        .refuses(&change("organiser", &["--key", "x", "--name", "Ana", "--role", "sender"]), "43 characters");
    drawer.refuses(
        &change("organiser", &["--key", &ana, "--name", "", "--role", "sender"]),
        "the name of a key",
    );
    drawer.refuses(&change("organiser", &["--key", &ana, "--name", "Ana"]), "--role");
    drawer.refuses(&change("revoke", &["--key", &ana]), "does not have this key");
    drawer.refuses(&change("revoke", &["--key", &ana, "--since", "2099-01-01"]), "revoked now");
    drawer.refuses(&["show", "--manifest", "nothing.json"], "nothing.json");
    drawer.refuses(&["show", "--manifest", "root.key"], "not the file of a manifest");
    drawer.does(&["root", "--out", "other.key"]);
    let other = [
        "organiser",
        "--root",
        "other.key",
        "--manifest",
        "manifest.json",
        "--key",
        &ana,
        "--name",
        "Ana",
        "--role",
        "sender",
    ];
    drawer.refuses(&other, "another root key");
    fs::set_permissions(drawer.path("other.key"), Permissions::from_mode(0o644)).unwrap();
    drawer.refuses(&other, "chmod 600");
    let text = fs::read_to_string(drawer.path("manifest.json")).unwrap();
    fs::write(drawer.path("manifest.json"), text.replace("true", "false")).unwrap();
    drawer.refuses(&["show", "--manifest", "manifest.json"], "not signed by the root key");
    fs::write(drawer.path("root.key"), "{\"version\":1").unwrap();
    drawer.refuses(&["manifest", "--root", "root.key", "--out", "new.json"], "not the file of a root key");
}
