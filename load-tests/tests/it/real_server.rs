//! Against the real server, which the tool starts, kills and starts again.

use crate::tool::{PROGRAM, SMALL, run};
use std::path::Path;

/// The server beside the tool: `cargo test` of the whole workspace builds it.
pub(crate) fn holdfast() -> String {
    let path = Path::new(PROGRAM).with_file_name("holdfast");
    assert!(path.exists(), "the server is not built: cargo build --bin holdfast");
    path.to_str().unwrap().to_owned()
}

fn passes(scenario: &str) -> crate::tool::Ran {
    let ran = run(scenario, &["--holdfast", &holdfast()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.count("expected"), ran.count("delivered"), "{ran:?}");
    ran
}

#[test]
fn a_node_that_is_killed_loses_nothing() {
    let scenario = SMALL.replace("settle = \"2s\"", "settle = \"60s\"").replace("\"2s\"", "\"6s\"")
        + "[[faults]]\nphase = \"talk\"\nat = \"2s\"\ndo = \"kill\"\nto = \"node 1\"\nback_after = \"1s\"\n";
    let ran = passes(&scenario);
    assert_eq!(ran.count("disconnects"), "82", "{ran:?}");
    assert!(ran.figure("recovery_s") >= 1.0, "{ran:?}");
    let evidence = ran.summary["faults"][0]["evidence"].as_str().unwrap();
    assert_eq!(evidence, "ended by signal 9; 82 connections ended from then on");
}

#[test]
fn a_redis_that_is_killed_loses_nothing_to_two_nodes() {
    let scenario = SMALL.replace("settle = \"2s\"", "settle = \"60s\"").replace("\"2s\"", "\"6s\"")
        + "[server]\nstore = \"redis\"\nnodes = 2\n\
           [[faults]]\nphase = \"talk\"\nat = \"2s\"\ndo = \"kill\"\nto = \"redis\"\nback_after = \"1s\"\n";
    let ran = passes(&scenario);
    assert_eq!(ran.summary["faults"][0]["evidence"].as_str(), Some("ended by signal 9"));
    assert!(ran.figure("publish_max_ms") > 900.0, "somebody waited: {ran:?}");
}

#[test]
fn every_kind_of_client_over_tls_in_protobuf_comes_out_even() {
    let scenario = SMALL.replace("settle = \"2s\"", "settle = \"60s\"").replace("\"2s\"", "\"5s\"").replace(
        "[[phases]]\nname = \"talk\"\n",
        "[[clients]]\nclass = \"slow\"\nkind = \"slow-reader\"\ncount = 4\narrive_per_second = 100.0\n\
         bytes_per_second = 4000\nreads = \"teams\"\nreads_each = 1\n\
         [[clients]]\nclass = \"phone\"\nkind = \"flapping-phone\"\ncount = 4\narrive_per_second = 100.0\n\
         up = \"700ms\"\ndown = \"200ms\"\nreads = \"teams\"\nsince = \"start\"\n\
         [[clients]]\nclass = \"liar\"\nkind = \"stranger\"\ncount = 4\narrive_per_second = 100.0\n\
         says = \"forged-token\"\n\
         [[phases]]\nname = \"talk\"\narrive = [\"slow\", \"phone\", \"liar\"]\n",
    ) + "[server]\ntls = true\n[generator]\nencoding = \"protobuf\"\nprocesses = 2\n";
    let ran = passes(&scenario);
    assert!(ran.figure("strangers_cut") >= 4.0, "{ran:?}");
    assert!(ran.figure("reconnects") >= 8.0, "{ran:?}");
    assert_eq!(ran.summary["generators"].as_array().unwrap().len(), 2);
    let figures = ran.summary["figures"].as_object().unwrap();
    assert!(figures.contains_key("late_phone_p50_ms"), "phones catch up: {figures:?}");
}

#[test]
fn members_who_ask_for_a_ticket_first_come_in_and_lose_nothing() {
    let asking =
        SMALL.replace("settle = \"2s\"", "settle = \"60s\"").replace("kind =", "tickets = true\nkind =");
    let ran = passes(&asking);
    assert_eq!(ran.count("ready_max"), "82", "{ran:?}");
}
