//! How a run ends is what its exit code says.

use crate::tool::{Floor, Ran, SMALL, run, run_command, tool};
use std::process::{Command, Stdio};

#[test]
fn a_bad_scenario_is_told_with_its_line_and_nothing_is_started() {
    let ran = run(&SMALL.replace("posts = \"teams\"", "posts = \"nowhere\""), &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.complained.contains("line 11: there are no channels nowhere"), "{ran:?}");
    let output = tool(&["validate", "no-such"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(tool(&["validate"]).output().unwrap().status.code(), Some(0));
}

#[test]
fn another_machine_without_its_consent_is_refused() {
    let ran = run(SMALL, &["--target", "http://192.0.2.1:8000", "--tokens", "none"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.complained.contains("not on this machine"), "{ran:?}");
}

fn tokens(folder: &std::path::Path) -> String {
    let tokens = folder.join("tokens");
    std::fs::write(&tokens, "anybody\n".repeat(100)).unwrap();
    tokens.to_str().unwrap().to_owned()
}

#[test]
fn a_run_in_which_nothing_is_said_shows_nothing() {
    let floor = Floor::start(None);
    let folder = tempfile::tempdir().unwrap();
    let silent = SMALL.replace("publish = { member = 40.0 }", "");
    let ran = run(&silent, &["--target", &floor.url, "--tokens", &tokens(folder.path())]);
    assert_eq!((ran.code, ran.summary["verdict"].as_str()), (Some(1), Some("unknown")), "{ran:?}");
    assert!(ran.said.contains("vacuous"), "{ran:?}");
}

#[test]
fn a_threshold_that_ends_the_run_ends_it() {
    let floor = Floor::start(None);
    let folder = tempfile::tempdir().unwrap();
    let impossible = SMALL.replace("duration = \"2s\"", "duration = \"10m\"")
        + "[thresholds]\nlive_p50_ms = { limit = \"< 0\", abort_on_fail = true }\n";
    let ran = run(&impossible, &["--target", &floor.url, "--tokens", &tokens(folder.path())]);
    assert_eq!(ran.code, Some(99), "{ran:?}");
    assert!(ran.said.contains("a threshold ended it: live_p50_ms"), "{ran:?}");
}

#[test]
fn a_run_that_is_stopped_by_hand_ends_in_order_and_is_reported() {
    let floor = Floor::start(None);
    let folder = tempfile::tempdir().unwrap();
    let long = SMALL.replace("duration = \"2s\"", "duration = \"10m\"");
    let tokens = tokens(folder.path());
    let mut command = run_command(folder.path(), &long, &["--target", &floor.url, "--tokens", &tokens]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("phase talk")));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest = std::thread::spawn(move || lines.count());
    let ran = Ran::of(&child.wait_with_output().unwrap(), &folder.path().join("out"));
    rest.join().unwrap();
    assert_eq!((ran.code, ran.summary["verdict"].as_str()), (Some(1), Some("unknown")), "{ran:?}");
    assert!(ran.said.contains("stopped by hand"), "{ran:?}");
    for file in ["series.ndjson", "report.html", "junit.xml"] {
        assert!(folder.path().join("out").join(file).exists(), "{file}");
    }
    let report = tool(&["report"]).arg(folder.path().join("out")).output().unwrap();
    assert_eq!(report.status.code(), Some(0));
    let same = folder.path().join("out");
    let compared = tool(&["compare"]).arg(&same).arg(&same).output().unwrap();
    assert_eq!(compared.status.code(), Some(0), "{compared:?}");
}
