//! What an operator sees when something is not as it must be: one clear sentence and exit code 2, nothing half-started.

use crate::node::{Start, holdfast};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use storage_redis::test_server::TestRedis;

fn assert_refused(start: &Start, words: &[&str]) {
    let (code, said) = start.refusal();
    assert_eq!(code, Some(2), "{said}");
    for word in words {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
    let sentences = said.lines().filter(|line| line.starts_with("holdfast: ")).count();
    assert_eq!(sentences, 1, "{said}");
}

#[test]
fn an_unknown_configuration_key_is_named() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("server.toml");
    fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let mut start = Start::embedded(&data.path().join("data"));
    start.arguments = vec!["--config".into(), file.display().to_string()];
    assert_refused(&start, &["server.toml", "lisen"]);
    assert!(!start.data.exists());
}

#[test]
fn an_occupied_port_is_named() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(&data.path().join("data"));
    let _occupied = TcpListener::bind(start.listen).unwrap();
    assert_refused(&start, &[&start.listen.to_string()]);
    assert!(!start.data.exists());
}

#[test]
fn a_data_folder_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let _node = Start::embedded(data.path()).run();
    assert_refused(&Start::embedded(data.path()), &["in use", data.path().to_str().unwrap()]);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("file");
    fs::write(&file, "").unwrap();
    assert_refused(&Start::embedded(&file.join("data")), &["file/data"]);
}

#[test]
fn keys_that_others_may_read_are_refused() {
    let data = tempfile::tempdir().unwrap();
    drop(Start::embedded(data.path()).run());
    let keys = data.path().join("keys.json");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    assert_refused(&Start::embedded(data.path()), &["chmod 600"]);
}

#[test]
fn a_node_with_other_keys_than_its_store_is_refused() {
    let redis = TestRedis::start().unwrap();
    let [one, two] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let _node = Start::on_redis(one.path(), &redis.url()).run();
    assert_refused(&Start::on_redis(two.path(), &redis.url()), &["keys", "--keys"]);
}

#[test]
fn an_unreachable_redis_is_said() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::on_redis(&data.path().join("data"), "unix:///nowhere/redis.sock");
    assert_refused(&start, &["Redis cannot be reached"]);
    assert!(!start.data.exists());
}

#[test]
fn a_redis_without_an_append_only_file_is_refused_unless_the_operator_accepts_it() {
    let redis = TestRedis::start().unwrap();
    redis.command(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::on_redis(data.path(), &redis.url());
    assert_refused(&start, &["append-only file", "appendonly yes"]);
    start.arguments.push("--accept-volatile".into());
    start.run();
}

#[test]
fn standard_output_has_one_line() {
    let data = tempfile::tempdir().unwrap();
    let (status, rest) = Start::embedded(data.path()).run().terminate_and_read();
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""));
}

#[test]
fn the_printed_configuration_can_be_used_as_a_file() {
    let data = tempfile::tempdir().unwrap();
    let printed = holdfast().args(["config", "print", "--workers", "1"]).output().unwrap();
    assert!(printed.status.success());
    let file = data.path().join("server.toml");
    fs::write(&file, &printed.stdout).unwrap();
    let checked = holdfast().args(["config", "check", "--config"]).arg(&file).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn a_misspelt_variable_is_named() {
    let output = holdfast().args(["config", "check"]).env("HOLDFAST_LISTN", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("HOLDFAST_LISTN"));
}
