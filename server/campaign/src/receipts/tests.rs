use super::*;
use crate::audience::{Label, Traits};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn receipts(audience: std::ops::Range<u32>) -> Receipts {
    Receipts::of(audience.collect())
}

fn keep(receipts: &mut Receipts, store: &mut BTreeMap<ChunkKey, Vec<u8>>) {
    for key in receipts.changes().collect::<Vec<_>>() {
        let mut chunk = receipts.chunk(key);
        if let Some(bytes) = store.get(&key) {
            chunk = chunk.united(&Chunk::from_bytes(key, bytes).unwrap());
        }
        let bytes = chunk.to_bytes();
        assert!(bytes.len() <= CHUNK_MAX_BYTES);
        store.insert(key, bytes);
        receipts.kept(&chunk);
    }
}

fn load(store: &BTreeMap<ChunkKey, Vec<u8>>) -> Receipts {
    let mut receipts = Receipts::default();
    for (key, bytes) in store {
        receipts.unite(&Chunk::from_bytes(*key, bytes).unwrap());
    }
    receipts
}

#[test]
fn who_acknowledged_has_received_it_and_who_is_missing_is_known() {
    let mut receipts = receipts(0..4);
    assert!(receipts.take(MemberNumber(1), Stage::Acknowledged));
    assert!(!receipts.take(MemberNumber(1), Stage::Received));
    assert!(receipts.take(MemberNumber(2), Stage::Written));
    let counts = Stage::ALL.map(|stage| receipts.count(stage));
    assert_eq!(counts, [4, 2, 1, 1]);
    assert_eq!(receipts.missing(Stage::Received).iter().collect::<Vec<_>>(), [0, 2, 3]);
}

#[test]
fn who_came_later_counts_and_was_never_missing() {
    let mut receipts = receipts(0..1);
    receipts.take(MemberNumber(9), Stage::Received);
    assert_eq!(receipts.count(Stage::Received), 1);
    assert_eq!(receipts.missing(Stage::Received).iter().collect::<Vec<_>>(), [0]);
}

#[test]
fn what_was_taken_while_a_chunk_was_being_kept_is_still_to_be_kept() {
    let mut receipts = Receipts::default();
    receipts.take(MemberNumber(1), Stage::Written);
    let key = receipts.changes().next().unwrap();
    let under_way = receipts.chunk(key);
    receipts.take(MemberNumber(2), Stage::Written);
    receipts.kept(&under_way);
    assert!(receipts.has_changes());
    let under_way = receipts.chunk(key);
    receipts.kept(&under_way);
    assert!(!receipts.has_changes());
}

#[test]
fn a_full_chunk_and_a_scattered_one_are_within_the_bound() {
    for step in [1, 2, 3, 16] {
        let members: RoaringBitmap = (0..=0xffff_u32).step_by(step).map(|low| (7 << 16) | low).collect();
        let key = ChunkKey { of: Stage::Received.into(), high: 7 };
        let chunk = Chunk::of(&members, key);
        assert!(chunk.to_bytes().len() <= CHUNK_MAX_BYTES);
        assert_eq!(Chunk::from_bytes(key, &chunk.to_bytes()), Ok(chunk));
    }
}

#[test]
fn the_chunks_of_an_audience_are_all_of_it_to_the_last_number() {
    let audience: RoaringBitmap = [0, 65_535, 65_536, 5 << 16, u32::MAX].into_iter().collect();
    let highs: Vec<u16> = Receipts::of(audience).changes().map(|key| key.high).collect();
    assert_eq!(highs, [0, 1, 5, u16::MAX]);
}

#[test]
fn a_damaged_chunk_or_one_of_another_stretch_is_refused() {
    let key = ChunkKey { of: Stage::Received.into(), high: 0 };
    let elsewhere = Chunk::of(&[1 << 16].into_iter().collect(), ChunkKey { high: 1, ..key });
    for bytes in [&b""[..], b"nonsense", &elsewhere.to_bytes(), &vec![0; CHUNK_MAX_BYTES + 1]] {
        assert_eq!(Chunk::from_bytes(key, bytes), Err(InvalidChunk));
    }
}

#[test]
fn a_chunks_id_is_read_as_it_was_written() {
    for key in [
        ChunkKey { of: Stage::Written.into(), high: 0 },
        ChunkKey { of: Stage::Accepted.into(), high: 0xbeef },
    ] {
        assert_eq!(ChunkKey::parse(&key.suffix()), Some(key));
    }
    for text in ["", "written", "written.", "written.1", "written.+001", "seen.0001", "written.00001"] {
        assert_eq!(ChunkKey::parse(text), None, "{text}");
    }
}

#[test]
fn counts_are_by_region_and_say_nobodys_name() {
    let mut index = Index::new();
    let regions = ["north", "south"].map(|name| Label::parse(name).unwrap());
    for number in 0..10 {
        let region = regions[usize::from(number >= 6)].clone();
        index.put(MemberNumber(number), &Traits { regions: vec![region], ..Traits::default() });
    }
    let mut receipts = receipts(0..10);
    for number in 4..8 {
        receipts.take(MemberNumber(number), Stage::Received);
    }
    let counts = receipts.counts(&index);
    assert_eq!(counts.accepted.total, 10);
    assert_eq!(counts.received.total, 4);
    assert_eq!(counts.received.regions.values().copied().collect::<Vec<_>>(), [2, 2]);
    assert_eq!(
        serde_json::to_string(&counts.received).unwrap(),
        r#"{"total":4,"regions":{"north":2,"south":2}}"#
    );
}

fn told() -> impl Strategy<Value = (u32, Stage)> {
    let number = prop_oneof![0_u32..50, 65_530_u32..65_545, 1_000_000_u32..1_000_003];
    (number, proptest::sample::select(Stage::ALL.to_vec()))
}

proptest! {
    #[test]
    fn whatever_node_takes_them_in_whatever_order_and_how_often_the_store_has_the_same(
        told in vec((told(), 0_usize..3, any::<bool>()), 0..80),
    ) {
        let mut direct = Receipts::default();
        let (mut nodes, mut store) = (vec![Receipts::default(); 3], BTreeMap::new());
        for ((number, stage), node, keeps) in &told {
            direct.take(MemberNumber(*number), *stage);
            nodes[*node].take(MemberNumber(*number), *stage);
            // A device that was not answered says it again, elsewhere.
            nodes[(*node + 1) % 3].take(MemberNumber(*number), *stage);
            if *keeps {
                keep(&mut nodes[*node], &mut store);
            }
        }
        for node in nodes.iter_mut().rev() {
            keep(node, &mut store);
            prop_assert!(!node.has_changes());
        }
        let loaded = load(&store);
        for stage in Stage::ALL {
            prop_assert_eq!(loaded.set(stage.into()), direct.set(stage.into()));
        }
    }
}

#[test]
fn notifications_are_counted_beside_the_stages_and_reach_nobody_by_themselves() {
    let mut receipts = receipts(0..4);
    assert!(receipts.take(MemberNumber(1), Reached::Pushed));
    assert!(receipts.take(MemberNumber(2), Reached::Shown), "what was shown was sent");
    assert!(!receipts.take(MemberNumber(2), Reached::Pushed));
    assert_eq!(Reached::ALL.map(|reached| receipts.count(reached)), [4, 0, 0, 0, 2, 1]);
    assert_eq!(receipts.missing(Stage::Written).len(), 4);
    let mut store = BTreeMap::new();
    keep(&mut receipts, &mut store);
    assert_eq!(Reached::ALL.map(|reached| load(&store).count(reached)), [4, 0, 0, 0, 2, 1]);
}

#[test]
fn counts_that_are_older_than_notifications_are_read() {
    let stage = r#"{"total":3,"regions":{}}"#;
    let old =
        format!(r#"{{"accepted":{stage},"written":{stage},"received":{stage},"acknowledged":{stage}}}"#);
    let counts: Counts = serde_json::from_str(&old).unwrap();
    assert_eq!((counts.accepted.total, counts.pushed.total), (3, 0));
}
