//! The ledger is itself tested: a server that lies in each way is found out, by the figure of that lie.

use crate::tool::{Floor, Ran, SMALL, run};

/// With phones that come and go, so that much is recovered, and logs that are long enough for every lie.
fn scenario() -> String {
    SMALL.replace("duration = \"2s\"", "duration = \"4s\"").replace(
        "[[phases]]\nname = \"talk\"\n",
        "[[clients]]\nclass = \"phone\"\nkind = \"flapping-phone\"\ncount = 4\narrive_per_second = 100.0\n\
         up = \"700ms\"\ndown = \"200ms\"\nreads = \"teams\"\n\
         [[phases]]\nname = \"talk\"\narrive = [\"phone\"]\n",
    )
}

fn against(lie: Option<&str>) -> Ran {
    let floor = Floor::start(lie);
    // The floor asks nobody who they are, so any word is a token.
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "anybody\n".repeat(100)).unwrap();
    run(&scenario(), &["--target", &floor.url, "--tokens", tokens.to_str().unwrap()])
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

#[test]
fn a_reader_that_is_told_to_begin_too_late_has_lost_what_came_between() {
    is_caught("join", "lost");
}

#[test]
fn a_recovery_that_leaves_one_out_has_lost_it() {
    is_caught("skip", "lost");
}

#[test]
fn a_recovery_that_begins_too_early_brings_a_duplicate() {
    is_caught("resume", "duplicated");
}

#[test]
fn a_log_that_leaves_messages_out_is_disordered() {
    is_caught("log", "log_disordered");
}

#[test]
fn a_log_in_another_order_is_disordered() {
    is_caught("reorder", "log_disordered");
}

#[test]
fn answers_in_an_epoch_that_never_was_are_wrong() {
    is_caught("epoch", "wrong_epoch");
}
