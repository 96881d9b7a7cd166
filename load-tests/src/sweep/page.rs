//! A sweep as a table in Markdown, and as a page that needs nothing else.

use super::chart;
use super::{Point, Swept};
use crate::chart::escaped;
use crate::report::summary::Verdict;
use std::collections::BTreeSet;

/// The verdict in a word.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breached => "breached",
        Verdict::Pass => "passed",
        Verdict::Unknown => "unknown",
    }
}

/// Classes that have live deliveries in any run.
pub(super) fn classes(swept: &Swept) -> Vec<&str> {
    let all = swept.points.iter().flat_map(|point| point.live_p99_ms.keys().map(String::as_str));
    all.collect::<BTreeSet<&str>>().into_iter().collect()
}

/// Heads and rows.
fn cells(swept: &Swept) -> Vec<Vec<String>> {
    let classes = classes(swept);
    let heads = [
        "asked",
        "achieved",
        "verdict",
        "members' goodput",
        "kept of what was due",
        "crowd in",
        "delivered in all",
    ];
    let mut head: Vec<String> = heads.into_iter().map(str::to_owned).collect();
    head.extend(classes.iter().map(|class| format!("live p99, {class}")));
    let rest = [
        "back in 10 s",
        "members cut",
        "lost",
        "struck",
        "refused",
        "CPU a strike",
        "memory",
        "under control",
        "calm after",
        "normal after",
        "inversion",
        "from first try",
        "unheard",
    ];
    head.extend(rest.into_iter().map(str::to_owned));
    let mut rows = vec![head];
    rows.extend(swept.points.iter().map(|point| row(point, &classes)));
    rows
}

fn row(point: &Point, classes: &[&str]) -> Vec<String> {
    let mut row = vec![
        format!("{} ×", point.times),
        format!("{:.1} ×", point.achieved),
        verdict(point.verdict).to_owned(),
        format!("{:.1} %", point.goodput_share * 100.0),
        told(point.total_kept, |share| format!("{:.1} %", share * 100.0)),
        told(point.crowd_in_share, |share| format!("{:.1} %", share * 100.0)),
        format!("{:.0}/s", point.deliveries_per_second),
    ];
    row.extend(
        classes
            .iter()
            .map(|class| told(point.live_p99_ms.get(*class).copied(), |p99| format!("{p99:.0} ms"))),
    );
    let refused = point.refused.iter().map(|(word, count)| format!("{count:.0} {word}"));
    let refused = refused.collect::<Vec<_>>().join(", ");
    row.extend([
        told(point.returned_within_10s_share, |share| format!("{:.1} %", share * 100.0)),
        format!("{:.0}", point.members_cut),
        told(point.lost, |lost| format!("{lost:.0}")),
        format!("{:.0}", point.struck),
        if refused.is_empty() { "–".to_owned() } else { refused },
        told(point.cpu_us_per_strike, |cost| format!("{cost:.0} µs")),
        told(point.memory_bytes, |bytes| format!("{:.0} MB", bytes / 1e6)),
        control(point),
        told(point.calm_after_s, |seconds| format!("{seconds:.1} s")),
        told(point.normal_after_s, |seconds| format!("{seconds:.0} s")),
        told(point.inversion_ms_max, |millis| format!("{millis:.0} ms")),
        told(point.inversion_from_first_try_ms_max, |millis| format!("{millis:.0} ms")),
        told(point.unheard_ms_max, |millis| format!("{millis:.0} ms")),
    ]);
    row
}

/// After how long the attack was under control.
pub(super) fn control(point: &Point) -> String {
    if point.control_never.is_some_and(|never| never > 0.0) {
        return "never".to_owned();
    }
    told(point.control_after_ms, |millis| format!("{millis:.0} ms"))
}

pub(super) fn told(value: Option<f64>, words: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), words)
}

/// The table, a run a row.
pub(super) fn table(swept: &Swept) -> String {
    let mut lines: Vec<String> =
        cells(swept).iter().map(|cells| format!("| {} |", cells.join(" | "))).collect();
    let columns = cells(swept).first().map_or(0, Vec::len);
    lines.insert(1, format!("|{}", "---|".repeat(columns)));
    lines.join("\n") + "\n"
}

/// The page.
pub(super) fn html(swept: &Swept) -> String {
    let row = |cells: &Vec<String>, tag: &str| {
        let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let mut rows = cells(swept).into_iter();
    let head = rows.next().map_or_else(String::new, |cells| row(&cells, "th"));
    let body: String = rows.map(|cells| row(&cells, "td")).collect();
    let reasons: Vec<String> =
        swept.reasons.iter().map(|reason| format!("<li>{}</li>", escaped(reason))).collect();
    let reasons = reasons.join("\n");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name} · sweep</title>\n\
         <style>\nbody {{ font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; \
         color: #1b1f24; background: #fff }}\n.wide {{ overflow-x: auto }}\ntable {{ border-collapse: collapse; \
         font-variant-numeric: tabular-nums }}\nth, td {{ padding: .3rem .7rem; border-bottom: 1px solid #d0d7de; \
         text-align: right; white-space: nowrap }}\nsvg {{ max-width: 100%; height: auto }}\n</style>\n\
         <h1>{name}: {verdict}</h1>\n<p>{description}</p>\n<ul>\n{reasons}</ul>\n<div class=\"wide\"><table>\n{head}{body}\
         </table></div>\n{chart}</html>\n",
        name = escaped(&swept.scenario),
        verdict = verdict(swept.verdict),
        description = escaped(&swept.description),
        chart = chart::draw(swept),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sum_up;
    use super::super::tests::{ran, scenario};
    use super::*;

    #[test]
    fn each_run_is_a_row_and_what_it_does_not_have_is_a_dash() {
        let swept = sum_up(&scenario(), &[ran(1.0, 100.0, 500.0, 1.0), ran(5.0, 99.0, 480.0, 1.0)], false);
        let table = table(&swept);
        assert_eq!(table.lines().count(), 4, "{table}");
        assert_eq!(
            table.lines().last().unwrap(),
            "| 5 × | 5.0 × | passed | 99.0 % | – | – | 480/s | 50 ms | – | 0 | 0 | 500 | 10 503, 90 cut | – | 50 MB | – | – | – | – | – | – |"
        );
    }

    #[test]
    fn what_never_was_under_control_is_told_so() {
        let mut never = ran(1.0, 100.0, 500.0, 1.0);
        never.1.figures.insert("control_never".to_owned(), 1.0);
        assert!(table(&sum_up(&scenario(), &[never], false)).contains("| never |"));
    }

    #[test]
    fn nothing_that_a_scenario_says_is_markup() {
        let page = html(&sum_up(&scenario(), &[ran(1.0, 100.0, 500.0, 1.0)], false));
        assert!(page.contains("a &lt; b") && !page.contains("a < b"));
        assert!(page.contains("<svg") && !page.contains("src=") && !page.contains("href="));
    }
}
