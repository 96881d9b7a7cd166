//! Attacks on the real server, and what they leave behind.

use crate::real_server::holdfast;
use crate::tool::{Ran, SMALL, run, run_command, tool};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The small scenario with a calm phase, an attack of each kind, and a quiet phase.
fn attacked() -> String {
    let attack = |name: &str, kind: &str, more: &str| {
        format!("[[attacks]]\nname = \"{name}\"\nkind = \"{kind}\"\nprefixes = 500\n{more}")
    };
    let attacks = [
        attack("connects", "connect-flood", "open_max = 20\n"),
        attack("leavers", "connect-flood", "leaves = true\n"),
        attack("forged", "forged-tickets", ""),
        attack("half", "half-open", ""),
        attack("join", "join-flood", ""),
        attack("deaf", "never-reading", "channels = \"teams\"\nopen_max = 10\n"),
        attack("loud", "publish-flood", "channels = \"teams\"\naccounts = 2\n"),
        attack("slow", "slow-heads", "every = \"100ms\"\n"),
        attack("restless", "subscription-flood", "channels = \"teams\"\naccounts = 2\n"),
    ];
    let talk = "[[phases]]\nname = \"talk\"\nduration = \"2s\"\npublish = { member = 40.0 }\n";
    let flood = talk.replace("talk", "flood")
        + "attack = { connects = 50.0, leavers = 25.0, forged = 25.0, half = 10.0, join = 25.0, deaf = 10.0, loud = 20.0, \
           slow = 10.0, restless = 20.0 }\n";
    let quiet = talk.replace("talk", "quiet");
    SMALL.replace("settle = \"2s\"", "settle = \"60s\"") + &flood + &quiet + &attacks.concat()
}

/// What came of an attack; few strikes, since other tests beside this one measure time. How much of it a busy machine could offer is not what these tests are about.
fn came(ran: &Ran, attack: &str, what: &str) -> bool {
    ran.figure(&format!("attack_{attack}_{what}")) > 0.0
}

#[test]
fn every_attack_is_offered_and_counted_and_none_of_it_is_in_the_ledger() {
    let ran = run(&attacked(), &["--holdfast", &holdfast()]);
    assert!(!ran.summary.is_null(), "{ran:?}");
    for figure in ["lost", "duplicated", "out_of_order", "altered", "misdelivered", "invented", "unreadable"]
    {
        assert_eq!(ran.count(figure), "0", "{figure}: {ran:?}");
    }
    assert_eq!(
        (ran.count("ready_max"), ran.count("unreached")),
        ("82".to_owned(), "0".to_owned()),
        "{ran:?}"
    );
    for (attack, per_second) in [
        ("connects", 50.0),
        ("leavers", 25.0),
        ("forged", 25.0),
        ("half", 10.0),
        ("join", 25.0),
        ("deaf", 10.0),
        ("loud", 20.0),
        ("slow", 10.0),
        ("restless", 20.0),
    ] {
        assert!(ran.figure(&format!("attack_{attack}_due")) >= 2.0 * per_second, "{attack}: {ran:?}");
        assert!(came(&ran, attack, "offered") && came(&ran, attack, "opened"), "{attack}: {ran:?}");
    }
    assert!(ran.figure("attack_connects_open_max") <= 20.0, "{ran:?}");
    assert_eq!(ran.count("attack_forged_let_in"), "0", "{ran:?}");
    assert!(came(&ran, "forged", "refused") || came(&ran, "forged", "closed"), "{ran:?}");
    assert!(came(&ran, "join", "answered_ok"), "the page is there: {ran:?}");
    assert!(came(&ran, "deaf", "upgraded") && came(&ran, "half", "upgraded"), "{ran:?}");
    assert!(came(&ran, "loud", "accepted") && ran.figure("foreign") > 0.0, "{ran:?}");
    assert!(came(&ran, "restless", "accepted"), "{ran:?}");
    let [good, all] =
        ["goodput", "deliveries"].map(|what| ran.figure(&format!("{what}_per_second_in_flood")));
    assert!(good < all, "{ran:?}");
    assert_eq!(ran.count("members_cut"), "0", "{ran:?}");
}

#[test]
fn half_a_handshake_of_tls_is_offered_to_a_server_that_speaks_it() {
    let scenario = attacked() + "[server]\ntls = true\n";
    let ran = run(&scenario, &["--holdfast", &holdfast()]);
    assert!(came(&ran, "half", "opened") && came(&ran, "slow", "opened"), "{ran:?}");
    assert_eq!(
        (ran.count("attack_half_upgraded"), ran.count("lost")),
        ("0".to_owned(), "0".to_owned()),
        "{ran:?}"
    );
    assert!(came(&ran, "forged", "upgraded") || came(&ran, "forged", "answered_4xx"), "{ran:?}");
}

/// The control groups of a tool with this process id.
fn group(tool: u32) -> std::path::PathBuf {
    Path::new("/sys/fs/cgroup/cpu").join(format!("holdfast-load-{tool}"))
}

/// A long run on a tenth of a core, once it talks; nothing if this machine lets nobody bound CPU time, which is then what
/// the tool must have said.
fn on_a_tenth_of_a_core(folder: &Path) -> Option<(Child, std::thread::JoinHandle<usize>)> {
    let long = SMALL.replace("duration = \"2s\"", "duration = \"10m\"") + "[server]\ncpu = 0.1\n";
    let mut command = run_command(folder, &long, &["--holdfast", &holdfast()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    for line in &mut lines {
        said += &line.unwrap();
        if said.contains("phase talk") {
            return Some((child, std::thread::spawn(move || lines.count())));
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(said.contains("[server] cpu needs"), "{said}");
    None
}

#[test]
fn a_server_on_a_share_of_a_core_leaves_no_control_group_behind_when_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let Some((child, rest)) = on_a_tenth_of_a_core(folder.path()) else { return };
    let id = child.id();
    if group(0).parent().unwrap().exists() {
        let members = std::fs::read_to_string(group(id).join("cgroup.procs")).unwrap();
        assert_eq!(members.lines().count(), 1, "the node alone: {members}");
    }
    assert!(Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap().success());
    let ran = Ran::of(&child.wait_with_output().unwrap(), &folder.path().join("out"));
    rest.join().unwrap();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.said.contains("the share of CPU time of the nodes was used up in"), "{ran:?}");
    assert!(!group(id).exists());
}

#[test]
fn a_share_that_is_none_ends_the_run_before_anything_is_started() {
    let ran = run(&(SMALL.to_owned() + "[server]\ncpu = 1000.0\n"), &["--holdfast", &holdfast()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.complained.contains("[server] cpu"), "{ran:?}");
}

#[test]
fn a_sweep_attacks_harder_each_time_and_draws_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, attacked()).unwrap();
    let out = folder.path().join("swept");
    let mut command = tool(&["sweep", "--plain", "--times", "1,2", "--holdfast", &holdfast(), "--out"]);
    let output = command.arg(&out).arg(&path).output().unwrap();
    let swept: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("sweep.json")).unwrap()).unwrap();
    let of = |point: usize, what: &str| swept["points"][point][what].as_f64().unwrap();
    // 195 strikes a second for two seconds, and twice that.
    assert!(of(0, "due") >= 390.0 && of(1, "due") >= 780.0, "{swept}");
    assert!(of(1, "struck") > 0.0 && of(1, "achieved") <= 2.0, "{swept}");
    for file in ["sweep.md", "sweep.svg", "sweep.html", "times-1/report.html", "times-2/summary.json"] {
        assert!(out.join(file).exists(), "{file}");
    }
    assert!(String::from_utf8_lossy(&output.stdout).contains("| 2 × |"), "{output:?}");
    let calm = folder.path().join("calm.toml");
    std::fs::write(&calm, SMALL).unwrap();
    let output = tool(&["sweep"]).arg(&calm).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "there is nothing to multiply");
}
