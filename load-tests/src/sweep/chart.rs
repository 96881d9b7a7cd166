//! The curves of a sweep as one picture in SVG: what members keep, how long a message takes, what the server takes.

use super::page::{classes, escaped};
use super::{Point, Swept};
use std::fmt::Write;

/// A panel, and what lies around its plot.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 34.0;
/// Panels in a row.
const COLUMNS: usize = 2;
/// Told apart by those who see no red or green, too (Okabe and Ito).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// One curve.
struct Curve {
    name: String,
    /// Achieved factor and value; nothing where there is no value.
    points: Vec<(f64, f64)>,
}

/// Curves with the same unit.
struct Panel {
    title: &'static str,
    unit: &'static str,
    curves: Vec<Curve>,
}

/// Draws it.
pub(super) fn draw(swept: &Swept) -> String {
    let panels = panels(swept);
    let rows = panels.len().div_ceil(COLUMNS);
    let (width, height) = (WIDTH * as_f64(COLUMNS), HEIGHT * as_f64(rows));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(&swept.scenario)
    );
    for (number, panel) in panels.iter().enumerate() {
        let (x, y) = (WIDTH * as_f64(number % COLUMNS), HEIGHT * as_f64(number / COLUMNS));
        line(&mut svg, &format!("<g transform=\"translate({x} {y})\">"));
        draw_panel(&mut svg, panel, swept);
        line(&mut svg, "</g>");
    }
    line(&mut svg, "</svg>");
    svg
}

fn panels(swept: &Swept) -> Vec<Panel> {
    let curve = |name: &str, value: &dyn Fn(&Point) -> Option<f64>| Curve {
        name: name.to_owned(),
        points: swept.points.iter().filter_map(|point| Some((point.times, value(point)?))).collect(),
    };
    let most = swept.points.iter().map(|point| point.deliveries_per_second).fold(f64::MIN_POSITIVE, f64::max);
    let live = classes(swept);
    let live = live.iter().map(|class| curve(class, &|point| point.live_p99_ms.get(*class).copied()));
    vec![
        Panel {
            title: "Delivered while attacked",
            unit: "%",
            curves: vec![
                curve("to members, of 1 ×", &|point| Some(point.goodput_share * 100.0)),
                curve("of what was due", &|point| point.total_kept.map(|share| share * 100.0)),
                curve("in all, of the most", &|point| Some(point.deliveries_per_second / most * 100.0)),
            ],
        },
        Panel { title: "Publish to screen, p99", unit: "ms", curves: live.collect() },
        Panel {
            title: "Members back within 10 s",
            unit: "%",
            curves: vec![curve("back", &|point| point.returned_within_10s_share.map(|share| share * 100.0))],
        },
        Panel {
            title: "Until the delay is under its target",
            unit: "ms",
            curves: vec![curve("under control", &|point| point.control_after_ms)],
        },
        Panel {
            title: "CPU of the server a strike",
            unit: "µs",
            curves: vec![curve("a strike", &|point| point.cpu_us_per_strike)],
        },
        Panel {
            title: "Memory of the server, at most",
            unit: "MB",
            curves: vec![curve("memory", &|point| point.memory_bytes.map(|bytes| bytes / 1e6))],
        },
    ]
}

fn draw_panel(svg: &mut String, panel: &Panel, swept: &Swept) {
    let all = panel.curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
    let top = ceiling(all.fold(0.0, f64::max));
    let (low, high) = range(swept);
    let x = |times: f64| LEFT + (WIDTH - LEFT - RIGHT) * (times.ln() - low) / (high - low);
    let y = |value: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
    line(
        svg,
        &format!("<text x=\"{LEFT}\" y=\"16\" font-weight=\"600\">{}, {}</text>", panel.title, panel.unit),
    );
    for quarter in 0..=4_u8 {
        let value = top * f64::from(quarter) / 4.0;
        let at = y(value);
        line(
            svg,
            &format!(
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#d0d7de\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#57606a\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0,
                short(value)
            ),
        );
    }
    for point in &swept.points {
        line(
            svg,
            &format!(
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#57606a\">{} ×</text>",
                x(point.times),
                HEIGHT - BOTTOM + 18.0,
                short(point.times)
            ),
        );
    }
    for (number, curve) in panel.curves.iter().enumerate() {
        let colour = COLOURS.get(number % COLOURS.len()).copied().unwrap_or("#000");
        let points: Vec<String> =
            curve.points.iter().map(|(times, value)| format!("{:.1},{:.1}", x(*times), y(*value))).collect();
        line(
            svg,
            &format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                points.join(" ")
            ),
        );
        for (times, value) in &curve.points {
            line(
                svg,
                &format!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"><title>{} at {} ×: {} {}</title></circle>",
                    x(*times),
                    y(*value),
                    escaped(&curve.name),
                    short(*times),
                    short(*value),
                    panel.unit
                ),
            );
        }
        if panel.curves.len() > 1 {
            let left = LEFT + as_f64(number) * 130.0;
            line(
                svg,
                &format!("<text x=\"{left}\" y=\"32\" fill=\"{colour}\">{}</text>", escaped(&curve.name)),
            );
        }
    }
}

/// Logarithms of the least and the highest factor, never the same.
fn range(swept: &Swept) -> (f64, f64) {
    let times = || swept.points.iter().map(|point| point.times.ln());
    let (low, high) = (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
    match (low.is_finite(), high > low) {
        (true, true) => (low, high),
        (true, false) => (low - 1.0, low + 1.0),
        (false, _) => (0.0, 1.0),
    }
}

/// A round number that is not below, and above 0.
fn ceiling(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 5.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= value)
        .unwrap_or(value)
}

fn short(value: f64) -> String {
    if value.fract().abs() < 1e-9 || value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn line(svg: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _done = writeln!(svg, "{text}");
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a few panels and curves")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::super::sum_up;
    use super::super::tests::{ran, scenario};
    use super::*;

    #[test]
    fn a_scale_ends_in_a_round_number_above_its_curves() {
        let ceilings = [0.0, f64::NAN, 0.3, 1.0, 37.0, 100.0, 100.1].map(ceiling);
        for (ceiling, round) in ceilings.into_iter().zip([1.0, 1.0, 0.4, 1.0, 40.0, 100.0, 200.0]) {
            assert!((ceiling - round).abs() < 1e-9, "{ceiling} is not {round}");
        }
    }

    #[test]
    fn every_run_is_a_point_and_no_picture_has_a_number_that_is_none() {
        for runs in
            [vec![], vec![ran(1.0, 0.0, 0.0, 1.0)], vec![ran(1.0, 9.0, 9.0, 1.0), ran(20.0, 9.0, 9.0, 1.0)]]
        {
            let svg = draw(&sum_up(&scenario(), &runs, false));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            // Members, all, the one class, memory; nobody came back.
            assert_eq!(svg.matches("<circle").count(), 4 * runs.len());
        }
    }
}
