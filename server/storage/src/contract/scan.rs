//! Scans: one kind, in the order of ids, page by page.

use super::Fixture;
use super::support::{NOW, good, key, put, some};
use crate::records::{
    COMMIT_MAX_WRITES, Change, Expect, RecordId, RecordKind, Records, SCAN_MAX_RECORDS, Write,
};
use protocol::Timestamp;
use std::time::Duration;

async fn put_ids(records: &dyn Records, kind: RecordKind, ids: &[&str]) {
    for id in ids {
        let write = put(&key(kind, id), Expect::Absent, id.as_bytes());
        good(records.commit(vec![write], NOW).await);
    }
}

/// Reads page after page; answers the ids of each.
async fn pages(records: &dyn Records, kind: RecordKind, limit: usize, now: Timestamp) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut after: Option<RecordId> = None;
    loop {
        let (found, go_on) = good(records.scan(kind, after.as_ref(), limit, now).await);
        assert!(found.len() <= limit);
        pages.push(found.iter().map(|(id, _)| id.as_str().to_owned()).collect());
        if go_on.is_none() {
            return pages;
        }
        after = go_on;
    }
}

/// By their bytes, whatever the characters mean elsewhere.
pub async fn a_scan_gives_one_kind_in_the_order_of_ids(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    put_ids(&*records, RecordKind::Device, &["0", "zz"]).await;
    put_ids(&*records, RecordKind::Member, &["z", "a:b", "B", "a*", "a", "a/b", "~", "!", "10", "9"]).await;
    put_ids(&*records, RecordKind::Redemption, &["0", "a", "zz"]).await;
    // A kind whose name begins like that of another.
    put_ids(&*records, RecordKind::MemberKey, &["-", "a", "zz"]).await;
    let (found, go_on) = good(records.scan(RecordKind::Member, None, 100, NOW).await);
    assert!(go_on.is_none());
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["!", "10", "9", "B", "a", "a*", "a/b", "a:b", "z", "~"]);
    for (id, record) in &found {
        assert_eq!(record.data, id.as_str().as_bytes());
        let got = good(records.get(&key(RecordKind::Member, id.as_str()), NOW).await);
        assert_eq!(got.as_ref(), Some(record));
    }
    let (none, go_on) = good(records.scan(RecordKind::Invite, None, 100, NOW).await);
    assert!(none.is_empty() && go_on.is_none());
}

/// Each page begins after the last, even after an id that is not there.
pub async fn a_scan_goes_on_where_it_ended(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    put_ids(&*records, RecordKind::Member, &["a", "b", "c", "d", "e"]).await;
    for limit in [1, 2, 3, 5, 6] {
        let pages = pages(&*records, RecordKind::Member, limit, NOW).await;
        assert_eq!(pages.concat(), ["a", "b", "c", "d", "e"], "limit {limit}");
    }
    let after = some(RecordId::parse("bb"));
    let (found, _) = good(records.scan(RecordKind::Member, Some(&after), 9, NOW).await);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["c", "d", "e"]);
}

/// However it goes on after the prefix: that is how what belongs together is read.
pub async fn a_scan_from_a_prefix_gives_what_begins_with_it_first(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    // Ids of a member whose own id begins like that of another, and of one that comes after.
    let ids = ["m.1~b", "m.10~a", "m.1~a", "m.1", "m.2~a", "m.1~general", "m.1.~a", "m.1-~a"];
    put_ids(&*records, RecordKind::Conversation, &ids).await;
    put_ids(&*records, RecordKind::ConversationText, &["m.1~a~0000000001"]).await;
    for limit in [1, 2, 9] {
        let (mut found, mut after) = (Vec::new(), RecordId::parse("m.1~"));
        while let Some(from) = after {
            let (page, go_on) = good(records.scan(RecordKind::Conversation, Some(&from), limit, NOW).await);
            let ours = page.iter().map(|(id, _)| id.as_str().to_owned());
            found.extend(ours.take_while(|id| id.starts_with("m.1~")));
            after = go_on.filter(|id| id.as_str().starts_with("m.1~"));
        }
        assert_eq!(found, ["m.1~a", "m.1~b", "m.1~general"], "limit {limit}");
    }
}

/// An expired record neither shows nor stops a scan.
pub async fn a_scan_leaves_out_what_has_expired(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let end = NOW.after(Duration::from_hours(1));
    for (id, expires_at) in
        [("a", Some(end)), ("b", Some(end)), ("c", Some(end)), ("d", None), ("e", Some(end))]
    {
        let write = Write {
            key: key(RecordKind::Redemption, id),
            expect: Expect::Absent,
            change: Change::Put { data: vec![], expires_at },
        };
        good(records.commit(vec![write], NOW).await);
    }
    for limit in [1, 2, 10] {
        let all = pages(&*records, RecordKind::Redemption, limit, NOW).await;
        assert_eq!(all.concat(), ["a", "b", "c", "d", "e"]);
        let live = pages(&*records, RecordKind::Redemption, limit, end).await;
        assert_eq!(live.concat(), ["d"]);
    }
}

/// Ids that begin with a time, from a time that none of them has: bulletins that are due, members that were changed.
pub async fn a_scan_from_a_time_gives_what_came_later(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    for kind in [RecordKind::BulletinDue, RecordKind::MemberChange] {
        put_ids(
            &*records,
            kind,
            &["0000000000007.b", "1800000000000.a", "1800000000000.b", "1800000000001.a"],
        )
        .await;
        let from = some(RecordId::parse("1800000000000"));
        let (found, _) = good(records.scan(kind, Some(&from), 9, NOW).await);
        let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["1800000000000.a", "1800000000000.b", "1800000000001.a"]);
    }
}

/// Chunks of a bulletin's receipts: any bytes, and as many as a chunk has.
pub async fn a_scan_gives_bytes_as_they_were_put(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let bytes: Vec<u8> = (0..9 * 1024_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    let ids = ["b1.accepted.0000", "b1.accepted.0001", "b10.accepted.0000"];
    for id in ids {
        good(records.commit(vec![put(&key(RecordKind::Receipts, id), Expect::Absent, &bytes)], NOW).await);
    }
    let from = some(RecordId::parse("b1."));
    let (found, _) = good(records.scan(RecordKind::Receipts, Some(&from), 9, NOW).await);
    assert!(found.iter().map(|(id, _)| id.as_str()).eq(ids));
    assert!(found.iter().all(|(_, record)| record.data == bytes));
}

/// However many are asked for.
pub async fn a_scan_is_bounded_however_much_is_asked(fixture: &dyn Fixture) {
    let records = fixture.open().await.records;
    let total = SCAN_MAX_RECORDS + 1;
    let ids: Vec<String> = (0..total).map(|n| format!("m{n:05}")).collect();
    for chunk in ids.chunks(COMMIT_MAX_WRITES) {
        let writes = chunk.iter().map(|id| put(&key(RecordKind::Member, id), Expect::Absent, b""));
        good(records.commit(writes.collect(), NOW).await);
    }
    let (found, go_on) = good(records.scan(RecordKind::Member, None, usize::MAX, NOW).await);
    assert_eq!(found.len(), SCAN_MAX_RECORDS);
    let after = some(go_on);
    let (rest, go_on) = good(records.scan(RecordKind::Member, Some(&after), usize::MAX, NOW).await);
    assert_eq!(rest.len(), 1);
    assert!(go_on.is_none());
}
