//! Retention goes on past what it cannot read.

use crate::support::{connect, publish, team};
use protocol::Timestamp;
use storage::{History, Retention};
use storage_redis::test_server::TestRedis;

#[tokio::test]
async fn a_channel_that_cannot_be_trimmed_keeps_no_other_from_being_trimmed() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    for n in 0..20 {
        publish(&store, &team(&format!("good{n}")), "a").await;
        let bad = team(&format!("bad{n}"));
        publish(&store, &bad, "a").await;
        let log = format!("holdfast:{{{}}}:log", bad.as_str());
        redis.command(&["SET", &log, "no stream"]).unwrap();
    }
    let far_ahead = Timestamp::from_millis(8_000_000_000_000);
    let trimmed = store.trim(&Retention::default(), far_ahead).await;
    assert!(trimmed.is_err(), "{trimmed:?}");
    for n in 0..20 {
        let log = format!("holdfast:{{teams:good{n}}}:log");
        assert_eq!(redis.command(&["XLEN", &log]).unwrap(), ":0");
    }
}
