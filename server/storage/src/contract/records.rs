//! Records: read by key, changed together, by compare-and-set.

use super::Fixture;
use super::support::{NOW, good, key, put, some};
use crate::records::deployment::{KeysClaim, claim_keys};
use crate::records::{
    COMMIT_MAX_WRITES, Change, CommitError, Expect, RecordKey, RecordKind, Records, Versioned, Write,
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

async fn read(records: &dyn Records, key: &RecordKey) -> Option<Versioned> {
    good(records.get(key, NOW).await)
}

async fn write(records: &dyn Records, write: Write) -> Result<(), CommitError> {
    records.commit(vec![write], NOW).await
}

fn delete(key: &RecordKey, expect: Expect) -> Write {
    Write { key: key.clone(), expect, change: Change::Delete }
}

/// Bytes are bytes, and the same id in another kind is another record.
pub async fn a_record_is_read_as_it_was_put(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let (ana, device) = (key(RecordKind::Member, "ana"), key(RecordKind::Device, "ana"));
    assert_eq!(read(&*records, &ana).await, None);
    let every_byte: Vec<u8> = (0..=255).collect();
    good(write(&*records, put(&ana, Expect::Absent, &every_byte)).await);
    good(write(&*records, put(&device, Expect::Absent, b"")).await);
    let read_back = some(read(&*records, &ana).await);
    assert_eq!(read_back.data, every_byte);
    assert_ne!(read_back.version, 0);
    assert!(some(read(&*records, &device).await).data.is_empty());
    assert_eq!(read(&*records, &key(RecordKind::Member, "an")).await, None);
}

/// Whatever their names have in common.
pub async fn each_kind_has_records_of_its_own(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    for kind in RecordKind::ALL {
        let write = put(&key(kind, "same"), Expect::Absent, kind.as_str().as_bytes());
        good(store.records.commit(vec![write], NOW).await);
    }
    let records = fixture.reopen(store).await.records;
    for kind in RecordKind::ALL {
        let own = some(read(&*records, &key(kind, "same")).await);
        assert_eq!(own.data, kind.as_str().as_bytes());
        let (found, go_on) = good(records.scan(kind, None, 10, NOW).await);
        assert_eq!(found.iter().map(|(_, record)| record).collect::<Vec<_>>(), [&own]);
        assert!(go_on.is_none());
    }
}

/// So that a reader notices any change, even to the same bytes.
pub async fn each_put_gives_a_greater_version(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let ana = key(RecordKind::Member, "ana");
    let mut last = 0;
    for _ in 0..5 {
        good(write(&*records, put(&ana, Expect::Any, b"same")).await);
        let version = some(read(&*records, &ana).await).version;
        assert!(version > last);
        last = version;
    }
}

/// Each of the three expectations, met and not met; where it is not met nothing changes.
pub async fn an_expectation_that_is_not_met_is_a_conflict(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let (ana, ben) = (key(RecordKind::Member, "ana"), key(RecordKind::Member, "ben"));
    let refused = Err(CommitError::Conflict);

    assert_eq!(write(&*records, put(&ana, Expect::Version(1), b"0")).await, refused);
    good(write(&*records, put(&ana, Expect::Absent, b"1")).await);
    assert_eq!(write(&*records, put(&ana, Expect::Absent, b"2")).await, refused);
    let first = some(read(&*records, &ana).await);
    assert_eq!(first.data, b"1");

    good(write(&*records, put(&ana, Expect::Version(first.version), b"3")).await);
    let stale = Expect::Version(first.version);
    assert_eq!(write(&*records, put(&ana, stale, b"4")).await, refused);
    assert_eq!(write(&*records, delete(&ana, stale)).await, refused);
    assert_eq!(some(read(&*records, &ana).await).data, b"3");

    good(write(&*records, put(&ana, Expect::Any, b"5")).await);
    good(write(&*records, put(&ben, Expect::Any, b"6")).await);
    good(write(&*records, delete(&key(RecordKind::Member, "nobody"), Expect::Absent)).await);
    good(records.commit(vec![], NOW).await);
}

/// One unmet expectation, wherever it stands, undoes the others.
pub async fn a_commit_makes_all_its_changes_or_none(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let (invite, member) = (key(RecordKind::Invite, "i"), key(RecordKind::Member, "m"));
    good(write(&*records, put(&invite, Expect::Absent, b"0 uses")).await);
    let before = some(read(&*records, &invite).await);
    let used = put(&invite, Expect::Version(before.version), b"1 use");
    let taken = put(&invite, Expect::Absent, b"?");
    let joined = put(&member, Expect::Absent, b"joined");

    for writes in [vec![joined.clone(), taken.clone()], vec![taken, joined.clone()]] {
        assert_eq!(records.commit(writes, NOW).await, Err(CommitError::Conflict));
        assert_eq!(read(&*records, &invite).await, Some(before.clone()));
        assert_eq!(read(&*records, &member).await, None);
    }
    good(records.commit(vec![used, joined], NOW).await);
    assert_eq!(some(read(&*records, &invite).await).data, b"1 use");
    assert_eq!(some(read(&*records, &member).await).data, b"joined");
}

/// The bound is exact, and nothing of what is beyond it happens.
pub async fn a_commit_of_too_many_changes_is_refused_whole(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let writes = |count: usize| -> Vec<Write> {
        (0..count)
            .map(|n| {
                let key = key(RecordKind::Member, &format!("m{n}"));
                put(&key, Expect::Absent, b"x")
            })
            .collect()
    };
    let too_many = writes(COMMIT_MAX_WRITES + 1);
    assert_eq!(records.commit(too_many, NOW).await, Err(CommitError::TooLarge));
    assert_eq!(read(&*records, &key(RecordKind::Member, "m0")).await, None);
    good(records.commit(writes(COMMIT_MAX_WRITES), NOW).await);
    assert!(read(&*records, &key(RecordKind::Member, "m0")).await.is_some());
}

/// At its end, not a moment before, and then it is in nobody's way.
pub async fn an_expired_record_is_as_if_it_were_not_there(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let try_ = key(RecordKind::Redemption, "try");
    let end = NOW.after(Duration::from_hours(1));
    let expiring = Write {
        key: try_.clone(),
        expect: Expect::Absent,
        change: Change::Put { data: b"old".to_vec(), expires_at: Some(end) },
    };
    good(records.commit(vec![expiring], NOW).await);
    let just_before = end.before(Duration::from_millis(1));
    let live = some(good(records.get(&try_, just_before).await));
    assert_eq!(live.data, b"old");
    assert_eq!(
        records.commit(vec![put(&try_, Expect::Absent, b"new")], just_before).await,
        Err(CommitError::Conflict)
    );

    assert_eq!(good(records.get(&try_, end).await), None);
    let by_version = put(&try_, Expect::Version(live.version), b"new");
    assert_eq!(records.commit(vec![by_version], end).await, Err(CommitError::Conflict));
    good(records.commit(vec![put(&try_, Expect::Absent, b"new")], end).await);
    let later = end.after(Duration::from_hours(9));
    assert_eq!(some(good(records.get(&try_, later).await)).data, b"new");
}

/// Otherwise a reader that looked away could not tell the new record from the old one.
pub async fn a_deleted_record_is_gone_and_its_version_never_comes_back(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let ana = key(RecordKind::Member, "ana");
    good(write(&*store.records, put(&ana, Expect::Absent, b"1")).await);
    let old = some(read(&*store.records, &ana).await).version;
    good(write(&*store.records, delete(&ana, Expect::Version(old))).await);
    assert_eq!(read(&*store.records, &ana).await, None);

    let records = fixture.reopen(store).await.records;
    assert_eq!(read(&*records, &ana).await, None);
    good(write(&*records, put(&ana, Expect::Absent, b"2")).await);
    assert!(some(read(&*records, &ana).await).version > old);
}

/// Every increment that was answered counts.
pub async fn concurrent_increments_by_compare_and_set_lose_nothing(fixture: &dyn Fixture) {
    const TASKS: u64 = 8;
    const EACH: u64 = 10;
    let records = fixture.open().await.records;
    let counter = key(RecordKind::Invite, "counter");
    good(write(&*records, put(&counter, Expect::Absent, b"0")).await);
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (records, counter) = (Arc::clone(&records), counter.clone());
        tasks.spawn(async move {
            let mut done = 0;
            while done < EACH {
                let before = some(read(&*records, &counter).await);
                let value: u64 = good(good(std::str::from_utf8(&before.data)).parse());
                let next = (value + 1).to_string();
                let increment = put(&counter, Expect::Version(before.version), next.as_bytes());
                match write(&*records, increment).await {
                    Ok(()) => done += 1,
                    Err(CommitError::Conflict) => {}
                    Err(error) => panic!("expected a commit or a conflict, got {error:?}"),
                }
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        good(task);
    }
    let end = some(read(&*records, &counter).await);
    assert_eq!(end.data, (TASKS * EACH).to_string().as_bytes());
}

/// With their versions and their ends.
pub async fn records_survive_a_restart(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (ana, try_) = (key(RecordKind::Member, "ana"), key(RecordKind::Redemption, "try"));
    let end = NOW.after(Duration::from_hours(1));
    let expiring = Write {
        key: try_.clone(),
        expect: Expect::Absent,
        change: Change::Put { data: b"x".to_vec(), expires_at: Some(end) },
    };
    good(store.records.commit(vec![put(&ana, Expect::Absent, b"here"), expiring], NOW).await);
    let before = read(&*store.records, &ana).await;
    let records = fixture.reopen(store).await.records;
    assert_eq!(read(&*records, &ana).await, before);
    assert!(read(&*records, &try_).await.is_some());
    assert_eq!(good(records.get(&try_, end).await), None);
    good(write(&*records, put(&ana, Expect::Version(some(before).version), b"on")).await);
}

/// The first node decides which keys a deployment has.
pub async fn claiming_keys_matches_the_first_and_the_same_and_no_others(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    for (fingerprint, expected) in [
        ("one", KeysClaim::Match),
        ("one", KeysClaim::Match),
        ("two", KeysClaim::Differ),
        ("one", KeysClaim::Match),
    ] {
        assert_eq!(good(claim_keys(&*store.records, fingerprint, NOW).await), expected);
    }
    let records = fixture.reopen(store).await.records;
    assert_eq!(good(claim_keys(&*records, "two", NOW).await), KeysClaim::Differ);
}
