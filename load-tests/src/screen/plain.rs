//! A line for each interval, for logs and for terminals that should stay as they are.

use super::{format, processes};
use crate::progress::{Progress, Screen, Totals};
use crate::report::series::ProcessLoad;
use anyhow::Context;
use std::io::Write;

/// Writes lines.
#[derive(Debug)]
pub(super) struct Plain<W> {
    to: W,
}

impl<W: Write> Plain<W> {
    pub(super) const fn new(to: W) -> Self {
        Self { to }
    }

    /// Writes a line at once: who reads a pipe should not wait for the next one.
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        let line = format!("{}\n", line.trim_end());
        self.to
            .write_all(line.as_bytes())
            .and_then(|()| self.to.flush())
            .context("the progress of the run cannot be written to standard error")
    }
}

impl<W: Write> Screen for Plain<W> {
    fn show(&mut self, progress: &Progress<'_>) -> anyhow::Result<()> {
        self.line(&line(progress))
    }

    fn note(&mut self, text: &str) -> anyhow::Result<()> {
        self.line(&format!("{:>9} -- {}", "", format::one_line(text)))
    }

    /// Never: here Ctrl-C is a signal, and the run listens to it.
    fn wants_end(&mut self) -> bool {
        false
    }
}

/// Columns keep their places as long as what is in them has the usual size. All that can be missing is at the end.
fn line(progress: &Progress<'_>) -> String {
    let interval = progress.interval;
    let clients = format::count(progress.clients);
    let per_second = |count| format::number(format::rate(count, interval.dt));
    let parts = [
        format!("{:>7.1} s  {:<12}", interval.t, format::one_line(&interval.phase)),
        format!("{:>width$}/{clients} ready", format::count(interval.ready), width = clients.len()),
        format!("{:>9}/s delivered", per_second(interval.delivered)),
        format!("{:>7}/s published", per_second(interval.published)),
        format!(
            "live p50 {:>5} p99 {:>5} ms",
            format::milliseconds(interval.live_p50_ms),
            format::milliseconds(interval.live_p99_ms)
        ),
        ledger(progress.totals),
        load("server", &interval.servers),
        load("generator", &interval.generators),
        interval
            .attacker
            .as_ref()
            .map(|_| format!("{:>7}/s struck", per_second(interval.struck)))
            .unwrap_or_default(),
        interval.posture.as_deref().map(format::one_line).unwrap_or_default(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("   ")
}

/// The ledger; with a mark before it that a search finds, unless it is even.
fn ledger(totals: Totals) -> String {
    let Totals { missing, duplicated, out_of_order, misdelivered, .. } = totals;
    let even = [missing, duplicated, out_of_order, misdelivered].iter().all(|count| *count == 0);
    let mut text = format!(
        "{}missing {} twice {} out of order {}",
        if even { "  " } else { "! " },
        format::count(missing),
        format::count(duplicated),
        format::count(out_of_order)
    );
    if misdelivered > 0 {
        text.push_str(" misdelivered ");
        text.push_str(&format::count(misdelivered));
    }
    text
}

fn load(name: &str, of: &[ProcessLoad]) -> String {
    processes::sum(of).map_or_else(String::new, |(cpu, memory)| {
        format!("{name} {:>10} {:>7}", format::cores(cpu), format::bytes(memory))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::series::Interval;

    fn interval() -> Interval {
        let process = |name: &str, cpu, memory_bytes| ProcessLoad {
            name: name.to_owned(),
            cpu,
            memory_bytes,
            descriptors: 10_020,
        };
        Interval {
            t: 12.0,
            dt: 1.0,
            phase: "broadcast".to_owned(),
            connected: 10_001,
            ready: 10_000,
            published: 1,
            delivered: 9_998,
            live_p50_ms: Some(31.2),
            live_p99_ms: Some(64.0),
            posture: Some("normal".to_owned()),
            servers: vec![process("node 1", 0.42, 242_221_056)],
            generators: vec![process("generator 1", 0.2, 1 << 20), process("generator 2", 0.11, 1 << 20)],
            ..Interval::default()
        }
    }

    fn shown(interval: &Interval, totals: Totals) -> String {
        let mut written = Vec::new();
        let progress = Progress {
            scenario: "broadcast",
            clients: 10_001,
            phase_s: 2.0,
            phase_of_s: 60.0,
            interval,
            totals,
        };
        Plain::new(&mut written).show(&progress).unwrap();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn an_interval_is_one_line() {
        let expected = "   12.0 s  broadcast      10,000/10,001 ready       9,998/s delivered       1.0/s published   \
             live p50    31 p99    64 ms     missing 0 twice 0 out of order 0   server  0.42 core 231 MiB   \
             generator  0.31 core 2.0 MiB   normal\n";
        assert_eq!(shown(&interval(), Totals::default()), expected);
    }

    #[test]
    fn an_attack_shows_how_often_it_strikes() {
        let attacker = interval().servers.into_iter().next();
        let flooded = Interval { struck: 4_000, attacker, ..interval() };
        assert!(shown(&flooded, Totals::default()).contains("   4,000/s struck   normal"));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let bare = Interval { t: 1.0, ..Interval::default() };
        let line = shown(&bare, Totals::default());
        assert!(line.contains("live p50     - p99     - ms"), "{line}");
        assert!(line.ends_with("out of order 0\n"), "{line}");
    }

    #[test]
    fn a_ledger_that_is_not_even_is_marked() {
        let line = shown(&interval(), Totals { missing: 3, misdelivered: 1, ..Totals::default() });
        assert!(line.contains(" ! missing 3 twice 0 out of order 0 misdelivered 1 "), "{line}");
    }

    #[test]
    fn a_note_is_one_line_whatever_is_in_it() {
        let mut written = Vec::new();
        Plain::new(&mut written).note("kill\nnode 1\x1b[2J").unwrap();
        assert_eq!(written, b"          -- kill node 1 [2J\n");
    }

    #[test]
    fn columns_stay_in_their_places() {
        let place = |line: &str| line.find("missing").unwrap();
        let later = Interval { t: 1_234.5, delivered: 1_234_567, live_p99_ms: Some(9_876.0), ..interval() };
        let (one, other) = (shown(&interval(), Totals::default()), shown(&later, Totals::default()));
        assert_eq!(place(&one), place(&other));
    }
}
