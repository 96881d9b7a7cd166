//! A Redis that cannot keep the promise is refused with a sentence that says what to do.

use crate::support::{connect, options};
use storage::{Durability, History};
use storage_redis::{ConnectError, Options, RedisStore, test_server::TestRedis};

async fn refusal(redis: &TestRedis) -> ConnectError {
    RedisStore::connect(&redis.url(), options()).await.expect_err("it was taken")
}

fn accepting() -> Options {
    Options { accept_volatile: true, ..options() }
}

#[tokio::test]
async fn what_redis_promises_is_said() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    assert_eq!(store.durability(), Durability::Synced);
    assert!(store.summary().contains("survives a power cut"), "{}", store.summary());

    redis.command(&["CONFIG", "SET", "appendfsync", "everysec"]).unwrap();
    let store = connect(&redis).await;
    assert_eq!(store.durability(), Durability::Relaxed);
    assert!(store.summary().contains("last second"), "{}", store.summary());
}

#[tokio::test]
async fn a_redis_without_an_append_only_file_is_refused_unless_that_is_accepted() {
    let redis = TestRedis::start().unwrap();
    redis.command(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    let refusal = refusal(&redis).await;
    assert_eq!(refusal, ConnectError::NoAppendOnlyFile);
    assert!(refusal.to_string().contains("set `appendonly yes`"), "{refusal}");

    let store = RedisStore::connect(&redis.url(), accepting()).await.unwrap();
    assert_eq!(store.durability(), Durability::Volatile);
    assert!(store.summary().contains("memory only"), "{}", store.summary());
}

#[tokio::test]
async fn a_redis_that_may_evict_is_refused_unless_that_is_accepted() {
    let redis =
        TestRedis::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru"]).unwrap();
    let refusal = refusal(&redis).await;
    assert_eq!(refusal, ConnectError::MayEvict("volatile-lru".to_owned()));
    let store = RedisStore::connect(&redis.url(), accepting()).await.unwrap();
    assert_eq!(store.durability(), Durability::Volatile);
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_said_to_be_out_of_reach() {
    let mut redis = TestRedis::start().unwrap();
    redis.kill().unwrap();
    let refusal = refusal(&redis).await;
    assert!(matches!(refusal, ConnectError::Unreachable(_)), "{refusal:?}");
    assert!(refusal.to_string().starts_with("Redis cannot be reached"), "{refusal}");
}

#[tokio::test]
async fn a_missing_and_a_wrong_password_are_told_apart_and_never_repeated() {
    let redis = TestRedis::start_with(&["--requirepass", "right"]).unwrap();
    assert_eq!(refusal(&redis).await, ConnectError::NeedsPassword);
    let with = |password: &str| format!("{}?pass={password}", redis.url());
    let wrong = RedisStore::connect(&with("wr0ng"), options()).await.unwrap_err();
    assert_eq!(wrong, ConnectError::WrongPassword);
    assert!(!wrong.to_string().contains("wr0ng"));
    RedisStore::connect(&with("right"), options()).await.unwrap();
}

#[tokio::test]
async fn a_replica_is_refused() {
    let primary = TestRedis::start().unwrap();
    let replica = TestRedis::start().unwrap();
    // Whether it ever reaches a primary does not matter: it is read-only from now on.
    drop(primary);
    replica.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    assert_eq!(refusal(&replica).await, ConnectError::Replica);
}

#[tokio::test]
async fn a_user_without_config_is_taken_and_one_without_what_is_needed_is_not() {
    let redis = TestRedis::start().unwrap();
    redis
        .command(&["ACL", "SETUSER", "node", "on", ">secret", "allkeys", "allchannels", "+@all", "-config"])
        .unwrap();
    let url = format!("{}?user=node&pass=secret", redis.url());
    let store = RedisStore::connect(&url, options()).await.unwrap();
    assert_eq!(store.durability(), Durability::Relaxed);
    assert!(store.summary().contains("does not tell"), "{}", store.summary());

    for forbidden in ["-evalsha", "-publish", "-info"] {
        redis.command(&["ACL", "SETUSER", "node", "+@all", forbidden]).unwrap();
        let refusal = RedisStore::connect(&url, options()).await.unwrap_err();
        assert!(matches!(refusal, ConnectError::Forbidden(_)), "{refusal:?}");
    }
}

#[tokio::test]
async fn what_is_no_redis_url_is_said_to_be_none() {
    for url in ["", "http://localhost", "rediss://localhost", "not a url"] {
        let refusal = RedisStore::connect(url, options()).await.unwrap_err();
        assert_eq!(refusal, ConnectError::Url, "{url}");
    }
    let braces = Options { prefix: "a{b}".to_owned(), ..options() };
    let refusal = RedisStore::connect("redis://localhost", braces).await.unwrap_err();
    assert_eq!(refusal, ConnectError::Prefix);
}
