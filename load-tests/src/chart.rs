//! Curves as one picture in SVG, over how many times as much there is of something.

use std::fmt::Write;

/// A panel, and what lies around its plot.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 22.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 34.0;
/// Panels in a row.
const COLUMNS: usize = 2;
/// Told apart by those who see no red or green, too (Okabe and Ito).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// One curve.
pub(crate) struct Curve {
    pub(crate) name: String,
    /// Factor and value; nothing where there is no value.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Curves with the same unit.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) curves: Vec<Curve>,
}

/// Draws panels over the same factors.
pub(crate) fn draw(title: &str, factors: &[f64], panels: &[Panel]) -> String {
    let rows = panels.len().div_ceil(COLUMNS);
    let (width, height) = (WIDTH * as_f64(COLUMNS), HEIGHT * as_f64(rows));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(title)
    );
    for (number, panel) in panels.iter().enumerate() {
        let (x, y) = (WIDTH * as_f64(number % COLUMNS), HEIGHT * as_f64(number / COLUMNS));
        line(&mut svg, &format!("<g transform=\"translate({x} {y})\">"));
        draw_panel(&mut svg, panel, factors);
        line(&mut svg, "</g>");
    }
    line(&mut svg, "</svg>");
    svg
}

/// Where factors and values lie in a panel.
struct Plot {
    /// Logarithms of the least and the highest factor.
    low: f64,
    high: f64,
    /// The highest value.
    top: f64,
}

impl Plot {
    fn of(panel: &Panel, factors: &[f64]) -> Self {
        let all = panel.curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
        let (low, high) = range(factors);
        Self { low, high, top: ceiling(all.fold(0.0, f64::max)) }
    }

    fn x(&self, times: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (times.ln() - self.low) / (self.high - self.low)
    }

    const fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top
    }
}

fn draw_panel(svg: &mut String, panel: &Panel, factors: &[f64]) {
    let plot = Plot::of(panel, factors);
    line(
        svg,
        &format!(
            "<text x=\"{LEFT}\" y=\"16\" font-weight=\"600\">{}, {}</text>",
            escaped(&panel.title),
            panel.unit
        ),
    );
    draw_values(svg, &plot);
    draw_factors(svg, &plot, factors);
    for (number, curve) in panel.curves.iter().enumerate() {
        let colour = COLOURS.get(number % COLOURS.len()).copied().unwrap_or("#000");
        draw_curve(svg, &plot, curve, colour, &panel.unit);
        if panel.curves.len() > 1 {
            let left = LEFT + as_f64(number) * 130.0;
            line(
                svg,
                &format!("<text x=\"{left}\" y=\"32\" fill=\"{colour}\">{}</text>", escaped(&curve.name)),
            );
        }
    }
}

/// Lines across the plot, each with its value beside it.
fn draw_values(svg: &mut String, plot: &Plot) {
    for quarter in 0..=4_u8 {
        let value = plot.top * f64::from(quarter) / 4.0;
        let at = plot.y(value);
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
}

/// The factors, below the plot.
fn draw_factors(svg: &mut String, plot: &Plot, factors: &[f64]) {
    for factor in factors {
        line(
            svg,
            &format!(
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#57606a\">{} ×</text>",
                plot.x(*factor),
                HEIGHT - BOTTOM + 18.0,
                short(*factor)
            ),
        );
    }
}

/// A line, and a dot at each point that says what it is.
fn draw_curve(svg: &mut String, plot: &Plot, curve: &Curve, colour: &str, unit: &str) {
    let points = curve.points.iter();
    let points: Vec<String> =
        points.map(|(times, value)| format!("{:.1},{:.1}", plot.x(*times), plot.y(*value))).collect();
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
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"><title>{} at {} ×: {} {unit}</title></circle>",
                plot.x(*times),
                plot.y(*value),
                escaped(&curve.name),
                short(*times),
                short(*value)
            ),
        );
    }
}

/// Logarithms of the least and the highest factor, never the same.
fn range(factors: &[f64]) -> (f64, f64) {
    let times = || factors.iter().map(|factor| factor.ln());
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

/// What somebody else says is text wherever it stands.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_in_a_round_number_above_its_curves() {
        let ceilings = [0.0, f64::NAN, 0.3, 1.0, 37.0, 100.0, 100.1].map(ceiling);
        for (ceiling, round) in ceilings.into_iter().zip([1.0, 1.0, 0.4, 1.0, 40.0, 100.0, 200.0]) {
            assert!((ceiling - round).abs() < 1e-9, "{ceiling} is not {round}");
        }
    }
}
