//! The ledger is itself tested: a server that lies in each way is found out, by the figure of that lie.

use crate::tool::{Floor, Ran, SMALL, run};

fn against(lie: Option<&str>) -> Ran {
    let floor = Floor::start(lie);
    // The floor asks nobody who they are, so any word is a token.
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "anybody\n".repeat(100)).unwrap();
    run(SMALL, &["--target", &floor.url, "--tokens", tokens.to_str().unwrap()])
}

fn is_caught(lie: &str, figure: &str) {
    let ran = against(Some(lie));
    assert_eq!(ran.code, Some(99), "{ran:?}");
    assert!(ran.figure(figure) > 0.0, "{ran:?}");
    assert!(ran.said.contains(&format!("{figure} is ")), "{ran:?}");
}

#[test]
fn a_server_that_tells_the_truth_passes() {
    let ran = against(None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.count("expected"), ran.count("delivered"));
    assert!(ran.figure("expected") > 3_000.0, "{ran:?}");
}

#[test]
fn a_delivery_that_is_dropped_is_lost() {
    is_caught("drop", "lost");
}

#[test]
fn a_delivery_that_comes_twice_is_a_duplicate() {
    is_caught("duplicate", "duplicated");
}

#[test]
fn two_deliveries_that_are_swapped_are_out_of_order() {
    is_caught("swap", "out_of_order");
}

#[test]
fn a_tail_that_never_comes_is_lost() {
    is_caught("tail", "lost");
}

#[test]
fn a_message_for_somebody_else_is_misdelivered() {
    is_caught("misdeliver", "misdelivered");
}

#[test]
fn a_message_that_says_something_else_is_altered() {
    is_caught("alter", "altered");
}

#[test]
fn an_answered_message_that_is_forgotten_is_lost_from_the_log() {
    let ran = against(Some("forget"));
    assert_eq!(ran.code, Some(99), "{ran:?}");
    assert!(ran.figure("lost_from_log") + ran.figure("wrong_position") > 0.0, "{ran:?}");
}
