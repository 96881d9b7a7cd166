use super::*;
use crate::clock;
use std::collections::BTreeMap;

/// Metrics that belong to no node.
pub(crate) fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(&setup(false)))
}

/// What all kinds of nodes export, before anything happened.
pub(crate) fn text() -> String {
    [false, true].map(|on_redis| Metrics::new(&setup(on_redis)).text().unwrap()).concat()
}

fn setup(on_redis: bool) -> Setup {
    Setup {
        on_redis,
        workers: 2,
        descriptors_max: 1_024,
        connections_per_worker_max: 100,
        started: clock::now().instant,
    }
}

/// What the text says of each metric: its help and its unit.
fn described(text: &str) -> BTreeMap<&str, (Option<&str>, Option<&str>)> {
    let mut metrics = BTreeMap::<_, (Option<&str>, Option<&str>)>::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some("#"), Some(what), Some(name)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let metric = metrics.entry(name).or_default();
        match what {
            "HELP" => metric.0 = words.next(),
            "UNIT" => metric.1 = words.next(),
            _ => {}
        }
    }
    metrics
}

#[test]
fn every_metric_has_the_prefix_a_help_text_and_the_unit_that_its_name_ends_with() {
    for on_redis in [false, true] {
        let text = Metrics::new(&setup(on_redis)).text().unwrap();
        let metrics = described(&text);
        assert!(metrics.len() > 30, "{metrics:?}");
        for (name, (help, unit)) in metrics {
            assert!(name.starts_with("holdfast_"), "{name}");
            assert!(help.is_some_and(|help| help.len() > 10), "{name} has no help");
            for known in ["seconds", "bytes"] {
                assert_eq!(name.ends_with(&format!("_{known}")), unit == Some(known), "{name} {unit:?}");
            }
            for unwelcome in ["_ms", "_millis", "_kb", "_percent", "_total"] {
                assert!(!name.ends_with(unwelcome), "{name}");
            }
        }
    }
}

#[test]
fn no_metric_is_registered_twice() {
    let text = Metrics::new(&setup(true)).text().unwrap();
    let helped: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    assert_eq!(helped.len(), described(&text).len());
}

#[test]
fn series_are_there_before_anything_happened() {
    let text = Metrics::new(&setup(false)).text().unwrap();
    for series in [
        "holdfast_connections{account=\"stranger\",encoding=\"json\"} 0",
        "holdfast_connections_closed_total{code=\"3012\"} 0",
        "holdfast_error_replies_total{code=\"111\"} 0",
        "holdfast_sent_bytes_total{output=\"bulletins\",account=\"activist\"} 0",
        "holdfast_store_operations_total{operation=\"publish\",outcome=\"unknown\"} 0",
        "holdfast_worst_lag_age_seconds{rank=\"10\"} 0.0",
    ] {
        assert!(text.lines().any(|line| line == series), "{series} is missing in {text}");
    }
}
