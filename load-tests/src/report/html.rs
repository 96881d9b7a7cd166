//! The report for people: one file that needs nothing else.

use super::series::Interval;
use super::summary::Summary;

const TEMPLATE: &str = include_str!("../../assets/report/report.html");

/// The parts of the page that are the same in every report, by their place.
const PARTS: [(&str, &str); 4] = [
    ("/*{{UPLOT_CSS}}*/", include_str!("../../assets/uplot/uPlot.min.css")),
    ("/*{{REPORT_CSS}}*/", include_str!("../../assets/report/report.css")),
    ("/*{{UPLOT_JS}}*/", include_str!("../../assets/uplot/uPlot.iife.min.js")),
    ("/*{{REPORT_JS}}*/", ""),
];

/// In this order: the first makes the rest strict, the last begins.
const SCRIPTS: [&str; 4] = [
    include_str!("../../assets/report/words.js"),
    include_str!("../../assets/report/charts.js"),
    include_str!("../../assets/report/timeline.js"),
    include_str!("../../assets/report/report.js"),
];

/// Fills the template. What a scenario says comes last, so that nothing in it is taken for a place.
pub(super) fn render(summary: &Summary, series: &[Interval]) -> anyhow::Result<String> {
    let scripts = SCRIPTS.join("\n");
    let mut page = TEMPLATE.to_owned();
    for (place, part) in PARTS {
        page = page.replacen(place, if part.is_empty() { &scripts } else { part }, 1);
    }
    let title = format!("{} · load test", summary.scenario.name);
    page = page.replacen("{{TITLE}}", &escaped(&title), 1);
    let (before, rest) = page.split_once("{{SUMMARY}}").unwrap_or((&page, ""));
    let (between, after) = rest.split_once("{{SERIES}}").unwrap_or((rest, ""));
    Ok([before, &data(summary)?, between, &data(&series)?, after].concat())
}

/// JSON inside a script element: nothing in it ends the element.
fn data<T: serde::Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::tests::summary;

    #[test]
    fn everything_is_in_the_page_and_nothing_ends_it_early() {
        let mut summary = summary();
        summary.scenario.text = "</script><script>alert(1)</script> {{SERIES}}".to_owned();
        let page = render(&summary, &[Interval::default()]).unwrap();
        assert!(!page.contains("<script>alert"));
        for (place, _) in PARTS {
            assert!(TEMPLATE.contains(place) && !page.contains(place), "{place}");
        }
        assert_eq!(page.matches("{{").count(), 1, "only what the scenario says itself");
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
        let begin = page.split_once("id=\"summary\">").unwrap().1;
        let json = begin.split_once("</script>").unwrap().0;
        assert_eq!(serde_json::from_str::<Summary>(json).unwrap(), summary);
    }
}
