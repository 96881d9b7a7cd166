use super::*;
use crate::metrics::tests::metrics;
use evidence::audit::Action;
use identity::KeySet;
use std::fs;

fn open(data: &Path, keys: &KeySet) -> Audit {
    let keys = AuditKeys::new(keys).unwrap();
    Audit::open(data, "one:1", keys, Duration::from_hours(24 * 30), metrics()).unwrap()
}

fn actions(data: &Path, keys: &KeySet) -> Vec<String> {
    let keys = AuditKeys::new(keys).unwrap();
    let page = page::page(&files::folder(data), &keys, None, None, usize::MAX - 1).unwrap();
    page.entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_was_noted_before_an_orderly_stop_is_written() {
    let (data, keys) = (tempfile::tempdir().unwrap(), KeySet::generate().unwrap());
    let audit = open(data.path(), &keys);
    for _ in 0..1_000 {
        audit.note(Entry::system(Action::ImportDone));
    }
    audit.close().await;
    assert_eq!(actions(data.path(), &keys).len(), 1_002);
    assert_eq!(actions(data.path(), &keys)[0], "audit.ended");
    let standing = audit.standing();
    assert_eq!((standing.written, standing.lost, standing.is_failing), (1_002, 0, false));
    assert_eq!(standing.head.unwrap().head.lines, standing.written + 1, "the first head is a line, too");
}

#[tokio::test]
async fn a_node_that_fails_writes_it_all_the_same() {
    let (data, keys) = (tempfile::tempdir().unwrap(), KeySet::generate().unwrap());
    let audit = open(data.path(), &keys);
    audit.note(Entry::system(Action::ImportDone));
    drop(audit);
    assert_eq!(actions(data.path(), &keys)[..2], ["audit.ended", "import.done"]);
}

#[tokio::test]
async fn what_is_noted_after_the_end_is_counted_as_lost() {
    let (data, keys) = (tempfile::tempdir().unwrap(), KeySet::generate().unwrap());
    let audit = open(data.path(), &keys);
    audit.close().await;
    audit.note(Entry::system(Action::ImportDone));
    assert_eq!(audit.standing().lost, 1);
}

#[tokio::test]
async fn a_member_who_signs_out_again_and_again_fills_no_disk() {
    let (data, keys) = (tempfile::tempdir().unwrap(), KeySet::generate().unwrap());
    let audit = open(data.path(), &keys);
    for _ in 0..2 * OWN_BURST {
        audit.note_own(Entry::system(Action::DeviceSignedOut));
    }
    audit.note(Entry::system(Action::ImportDone));
    audit.close().await;
    let actions = actions(data.path(), &keys);
    let of = |word: &str| actions.iter().filter(|action| *action == word).count();
    let noted = of("device.signed_out");
    let burst = usize::try_from(OWN_BURST).unwrap();
    assert!((burst..2 * burst).contains(&noted), "{noted}");
    assert!(of("audit.lapsed") > 0 && of("import.done") == 1);
    let lost = usize::try_from(audit.standing().lost).unwrap();
    assert_eq!(noted + lost, 2 * burst);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let data = tempfile::tempdir().unwrap();
    fs::write(files::folder(data.path()), "").unwrap();
    let keys = AuditKeys::new(&KeySet::generate().unwrap()).unwrap();
    let opened = Audit::open(data.path(), "one:1", keys, Duration::from_hours(24 * 30), metrics());
    let error = opened.unwrap_err();
    assert!(format!("{error:#}").contains("/audit: "), "{error:#}");
}
