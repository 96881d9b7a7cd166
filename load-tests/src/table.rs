//! Several runs as one table in Markdown.

use crate::report::summary::{Summary, Verdict};

/// A column: its head, and its cell of a run.
struct Column(&'static str, fn(&Summary) -> String);

const COLUMNS: [Column; 10] = [
    Column("scenario", |run| format!("[{0}]({0}/report.html)", run.scenario.name)),
    Column("verdict", |run| verdict(run.verdict).to_owned()),
    Column("acknowledged", |run| count(run, "acknowledged")),
    Column("deliveries", |run| format!("{} of {}", count(run, "delivered"), count(run, "expected"))),
    Column("lost, twice, out of order", |run| {
        format!("{}, {}, {}", count(run, "lost"), count(run, "duplicated"), count(run, "out_of_order"))
    }),
    Column("live p50 / p99 / max", |run| times(run, "live")),
    Column("publish p50 / p99 / max", |run| times(run, "publish")),
    Column("join p50 / p99 / max", |run| times(run, "join")),
    Column("CPU a delivery", |run| {
        figure(run, "server_cpu_us_per_delivery").map_or_else(dash, |cost| format!("{cost:.1} µs"))
    }),
    Column("memory a connection", |run| {
        figure(run, "server_bytes_per_connection")
            .map_or_else(dash, |bytes| format!("{:.1} KB", bytes / 1_000.0))
    }),
];

/// The table; a run a row.
pub(crate) fn markdown(runs: &[Summary]) -> String {
    let heads: Vec<&str> = COLUMNS.iter().map(|Column(head, _)| *head).collect();
    let mut rows = vec![row(&heads), format!("|{}", "---|".repeat(heads.len()))];
    for run in runs {
        let cells: Vec<String> = COLUMNS.iter().map(|Column(_, cell)| cell(run)).collect();
        rows.push(row(&cells));
    }
    rows.join("\n") + "\n"
}

fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |", cells.join(" | "))
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breached => "**breached**",
        Verdict::Pass => "passed",
        Verdict::Unknown => "**unknown**",
    }
}

fn figure(run: &Summary, name: &str) -> Option<f64> {
    run.figures.get(name).copied()
}

fn count(run: &Summary, name: &str) -> String {
    figure(run, name).map_or_else(dash, |value| with_separators(&format!("{value:.0}")))
}

fn times(run: &Summary, kind: &str) -> String {
    let all = run.latency.iter().find(|latency| latency.kind == kind && latency.class == "all");
    all.map_or_else(dash, |all| [all.p50, all.p99, all.max].map(time).join(" / "))
}

fn time(milliseconds: f64) -> String {
    if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 1_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1_000.0)
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// 1,234,567.
pub(crate) fn with_separators(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::tests::summary;

    #[test]
    fn each_run_is_a_row_and_what_it_does_not_have_is_a_dash() {
        let mut run = summary();
        run.figures.insert("acknowledged".to_owned(), 1_234_567.0);
        let table = markdown(&[run]);
        let last = table.lines().last().unwrap();
        assert!(
            last.starts_with("| [test](test/report.html) | passed | 1,234,567 | – of – | 0, –, – |"),
            "{table}"
        );
        assert_eq!(table.lines().count(), 3);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(
            ["1", "100", "1000", "12345678"].map(with_separators),
            ["1", "100", "1,000", "12,345,678"]
        );
        assert_eq!([0.25, 9.96, 99.5, 1_500.0].map(time), ["0.2 ms", "10.0 ms", "100 ms", "1.5 s"]);
    }
}
