//! The report for build servers: a test a threshold, and one for the verdict.

use super::summary::{Summary, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Renders it.
pub(super) fn render(summary: &Summary) -> anyhow::Result<String> {
    let mut suite = TestSuite::new(summary.scenario.name.clone());
    suite.set_time(std::time::Duration::from_secs_f64(summary.took_s.max(0.0)));
    for threshold in &summary.thresholds {
        let status = if threshold.met {
            TestCaseStatus::success()
        } else {
            let value = threshold.value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
            failure(NonSuccessKind::Failure, format!("{} is {value}", threshold.figure))
        };
        suite.add_test_case(TestCase::new(format!("{} {}", threshold.figure, threshold.limit), status));
    }
    let verdict = match summary.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Breached => failure(NonSuccessKind::Failure, summary.reasons.join("; ")),
        Verdict::Unknown => failure(NonSuccessKind::Error, summary.reasons.join("; ")),
    };
    suite.add_test_case(TestCase::new("the run shows something, and what it should", verdict));
    let mut report = Report::new("holdfast-load");
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

fn failure(kind: NonSuccessKind, message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message);
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::tests::summary;

    #[test]
    fn a_breach_is_a_failure_and_an_unknown_run_an_error() {
        let mut summary = summary();
        assert!(render(&summary).unwrap().contains("failures=\"0\" errors=\"0\""));
        summary.thresholds[0].met = false;
        summary.verdict = Verdict::Breached;
        assert!(render(&summary).unwrap().contains("failures=\"2\" errors=\"0\""));
        summary.thresholds[0].met = true;
        summary.verdict = Verdict::Unknown;
        assert!(render(&summary).unwrap().contains("failures=\"0\" errors=\"1\""));
    }
}
