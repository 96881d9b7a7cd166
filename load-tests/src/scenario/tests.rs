use super::*;

const SMALL: &str = r#"
description = "small"
[channels]
all = { name = "bulletins:all" }
teams = { name = "teams:t{n}", count = 10 }
[[clients]]
class = "organiser"
kind = "sender"
count = 2
arrive_per_second = 10.0
posts = "all"
[[clients]]
class = "activist"
kind = "activist"
count = 10
arrive_per_second = 10.0
reads = "all"
[[phases]]
name = "one"
arrive = ["organiser", "activist"]
duration = "3s"
publish = { organiser = 5.0 }
"#;

fn reason(text: &str) -> (usize, String) {
    let Invalid { line, reason } = Scenario::parse("test", text, 1.0).unwrap_err();
    (line, reason)
}

#[test]
fn every_shipped_scenario_makes_sense_at_every_scale() {
    for (name, text) in SHIPPED {
        for scale in [1.0, 0.01] {
            let scenario =
                Scenario::parse(name, text, scale).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(scenario.clients() > 0);
        }
    }
}

#[test]
fn a_file_that_makes_no_sense_is_told_with_its_line() {
    let changed = |from: &str, to: &str| {
        assert!(SMALL.contains(from));
        reason(&SMALL.replacen(from, to, 1))
    };
    for (from, to, line, word) in [
        ("count = 2", "count = 0", 9, "count must be"),
        ("count = 2", "count = \"two\"", 9, "invalid type"),
        ("count = 2", "counts = 2", 9, "unknown field"),
        ("kind = \"sender\"", "kind = \"spammer\"", 8, "unknown variant"),
        ("posts = \"all\"", "posts = \"none\"", 11, "no channels none"),
        ("posts = \"all\"", "posts = \"teams\"", 11, "nobody reads"),
        ("reads = \"all\"", "reads = \"all\"\nreads_each = 2", 18, "reads_each must be"),
        ("duration = \"3s\"", "duration = \"3 sheep\"", 21, "no duration"),
        ("organiser = 5.0", "activist = 5.0", 22, "post nothing"),
        ("organiser = 5.0", "organiser = -1.0", 22, "above 0"),
        ("arrive = [\"organiser\", ", "arrive = [\"organiser\", \"organiser\", ", 20, "come before"),
        ("arrive = [\"organiser\", \"activist\"]", "arrive = [\"organiser\"]", 13, "no phase lets"),
        ("bulletins:all", "chat:all", 4, "no channel chat:all"),
        ("bulletins:all", "inbox#m", 4, "only bulletins and teams"),
        ("teams:t{n}", "teams:t", 5, "needs {n}"),
        ("[channels]", "[server]\ncpu = 0.0\n[channels]", 4, "above 0"),
        ("[channels]", "[server]\ncpu = -1.0\n[channels]", 4, "above 0"),
        ("[channels]", "[server]\ncpu = inf\n[channels]", 4, "above 0"),
        ("[channels]", "[server]\ncpu = 1e9\n[channels]", 4, "at most"),
    ] {
        let (at, said) = changed(from, to);
        assert_eq!(at, line, "{to}: {said}");
        assert!(said.contains(word), "{to}: {said}");
    }
}

#[test]
fn a_channel_that_is_posted_to_and_that_nobody_reads_is_refused() {
    let few = SMALL
        .replace("posts = \"all\"", "posts = \"teams\"")
        .replace("reads = \"all\"", "reads = \"teams\"\nreads_each = 1");
    assert!(Scenario::parse("test", &few, 1.0).is_ok(), "ten readers of ten channels");
    let (line, said) = reason(&few.replace("count = 10\narrive", "count = 9\narrive"));
    assert_eq!((line, said.as_str()), (11, "nobody reads teams:t9, so nobody could count it"));
}

#[test]
fn faults_and_thresholds_speak_of_what_is_there() {
    let with = |more: &str| reason(&format!("{SMALL}{more}")).1;
    let fault = |phase: &str, at: &str, to: &str| {
        with(&format!("[[faults]]\nphase = \"{phase}\"\nat = \"{at}\"\ndo = \"kill\"\nto = \"{to}\"\n"))
    };
    assert!(fault("two", "1s", "node 1").contains("no phase two"));
    assert!(fault("one", "9s", "node 1").contains("over by then"));
    assert!(fault("one", "1s", "node 2").contains("has no node 2"));
    assert!(fault("one", "1s", "redis").contains("has no redis"));
    let aborting = |figure: &str, limit: &str| {
        with(&format!("[thresholds]\n{figure} = {{ limit = \"{limit}\", abort_on_fail = true }}\n"))
    };
    for (figure, limit) in [("altered", "== 0"), ("delivered", "== 5"), ("delivered", ">= 5")] {
        assert!(aborting(figure, limit).contains("known before the end"), "{figure} {limit}");
    }
    let twice = "[[phases]]\nname = \"one\"\nduration = \"1s\"\n";
    assert!(with(twice).contains("there twice"));
    assert!(with("[thresholds]\nlive_p42_ms = \"<= 1\"\n").contains("no figure"));
    assert!(with("[thresholds]\nlive_p99_ms = \"about 1\"\n").contains("did not match"));
}

#[test]
fn what_must_be_zero_is_a_threshold_unless_the_file_has_its_own() {
    let scenario =
        Scenario::parse("test", &format!("{SMALL}[thresholds]\nresets = \"<= 3\"\n"), 1.0).unwrap();
    let limit = |figure: &str| {
        let found = scenario.thresholds.iter().find(|threshold| threshold.figure == figure);
        found.map(|threshold| threshold.limit.to_string())
    };
    assert_eq!(limit("resets").as_deref(), Some("<= 3"));
    assert_eq!(limit("lost").as_deref(), Some("== 0"));
    assert_eq!(limit("disconnects").as_deref(), Some("== 0"), "nothing is done to the server");
}

#[test]
fn every_channel_has_as_many_readers_as_any_other_and_a_sender() {
    let (name, text) = SHIPPED.iter().find(|(name, _)| *name == "many-channels").unwrap();
    let scenario = Scenario::parse(name, text, 0.1).unwrap();
    let mut readers = vec![0; usize::try_from(scenario.channel_count()).unwrap()];
    let mut posted = readers.clone();
    for class in &scenario.classes {
        for client in 0..class.count {
            for channel in scenario.reads(class, client) {
                readers[usize::try_from(channel).unwrap()] += 1;
            }
            for channel in scenario.posts(class, client) {
                posted[usize::try_from(channel).unwrap()] += 1;
            }
        }
    }
    assert_eq!((readers.iter().min(), readers.iter().max()), (Some(&10), Some(&10)));
    assert!(posted.iter().all(|count| *count == 1));
    assert_eq!(scenario.channel(0), "bulletins:region.r0");
}
