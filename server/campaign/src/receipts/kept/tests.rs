use super::*;
use crate::audience::{Label, MemberNumber, Traits};
use crate::receipts::Stage;
use protocol::Epoch;
use std::sync::Arc;
use storage::memory::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn store() -> MemoryStore {
    MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()))
}

fn bulletin(n: u8) -> BulletinId {
    BulletinId::new(NOW, [n; 10])
}

fn received(members: impl IntoIterator<Item = u32>) -> Receipts {
    let mut receipts = Receipts::default();
    for member in members {
        receipts.take(MemberNumber(member), Stage::Received);
    }
    receipts
}

async fn known(store: &MemoryStore, n: u8) -> Receipts {
    match load(store, &bulletin(n), NOW).await.unwrap() {
        Told::Known(receipts) => *receipts,
        Told::Counted(_) => panic!("counted"),
    }
}

#[tokio::test]
async fn two_nodes_receipts_are_united_and_other_bulletins_are_others() {
    let store = store();
    let (mut one, mut two) = (received([1, 2, 70_000]), received([2, 3]));
    keep(&store, &bulletin(1), &mut one, NOW).await.unwrap();
    keep(&store, &bulletin(1), &mut two, NOW).await.unwrap();
    keep(&store, &bulletin(2), &mut received([9]), NOW).await.unwrap();
    assert_eq!(known(&store, 1).await.count(Stage::Received), 4);
    assert_eq!(known(&store, 1).await.count(Stage::Written), 4);
    assert_eq!(known(&store, 2).await.count(Stage::Received), 1);
    assert!(!one.has_changes() && !two.has_changes());
    assert_eq!(two.count(Stage::Received), 3);
}

#[tokio::test]
async fn the_receipts_of_a_million_scattered_members_are_kept_and_read_whole() {
    let store = store();
    let mut all = received((0..100_000).map(|n| n * 10));
    keep(&store, &bulletin(1), &mut all, NOW).await.unwrap();
    assert_eq!(known(&store, 1).await, all);
}

#[tokio::test]
async fn at_the_end_there_are_counts_and_nobody_is_named_again() {
    let store = store();
    let mut index = Index::new();
    let north = Traits { regions: vec![Label::parse("north").unwrap()], ..Traits::default() };
    index.put(MemberNumber(1), &north);
    keep(&store, &bulletin(1), &mut received([1, 2, 900_000]), NOW).await.unwrap();
    let counts = close(&store, &bulletin(1), &index, NOW).await.unwrap();
    assert_eq!((counts.received.total, counts.received.regions[&Label::parse("north").unwrap()]), (3, 1));
    let mut late = received([4]);
    keep(&store, &bulletin(1), &mut late, NOW).await.unwrap();
    assert!(!late.has_changes());
    assert_eq!(close(&store, &bulletin(1), &Index::new(), NOW).await.unwrap(), counts);
    assert_eq!(load(&store, &bulletin(1), NOW).await.unwrap(), Told::Counted(counts));
    assert!(chunks(&store, &bulletin(1), NOW).await.unwrap().is_empty());
}
