//! The full screen, drawn from the board. Foreground and background are the terminal's own, so that it can be read on
//! light and on dark; colour says nothing that a word or a mark does not say too.

use super::board::Board;
use super::rows::{self, Slot};
use super::{format, processes};
use crate::progress::Totals;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{LineGauge, Sparkline, SparklineBar};
use std::borrow::Cow;

/// Columns of the names at the left.
const NAMES_WIDTH: u16 = 13;
/// Columns of the times of a phase, as long as they get, so that the gauge after them does not jump.
const TIMES_WIDTH: u16 = 26;
/// Fewest columns in which a gauge tells something.
const GAUGE_WIDTH_MIN: u16 = 8;
/// Between the parts of a line.
const GAP: &str = "   ";
/// The same where it is narrow.
const SMALL_GAP: &str = "  ";
/// What the footer says.
const FOOTER: &str = "q or Ctrl-C ends the run in order; the report is written all the same";
/// What it says after that.
const FOOTER_ENDING: &str = "the run ends in order; the report comes";

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, board: &Board) {
    let processes = board.interval.servers.len() + board.interval.generators.len();
    for (slot, area) in rows::divide(frame.area(), processes) {
        match slot {
            Slot::Title => title(frame, area, board),
            Slot::Phase => phase(frame, area, board),
            Slot::Clients => named(frame, area, "clients", clients(board)),
            Slot::Deliveries => {
                named(frame, area, "deliveries", deliveries(board));
                at_the_right(frame, area, deliveries_scale(board));
            }
            Slot::DeliveriesBars => {
                let area = beside_names(area);
                bars(frame, area, board.history.deliveries(area.width.into()), Style::new().green());
            }
            Slot::Publishes => named(frame, area, "publishes", publishes(board)),
            Slot::LiveLatency => {
                named(frame, area, "live", live(board));
                at_the_right(frame, area, latency_scale(board));
            }
            Slot::LiveLatencyBars => {
                let area = beside_names(area);
                bars(frame, area, board.history.live_p99_micros(area.width.into()), Style::new());
            }
            Slot::PublishLatency => named(frame, area, "publish", publish_latency(board)),
            Slot::Ledger => {
                frame.render_widget(fitting(name("ledger"), SMALL_GAP, ledger(board), area.width), area);
            }
            Slot::Processes => table(frame, area, board),
            Slot::Notes => notes(frame, area, board),
            Slot::DeliveriesRule | Slot::LedgerRule => rule(frame, area, ""),
            Slot::LatencyRule => rule(frame, area, "latency"),
            Slot::ProcessesRule => rule(frame, area, "processes"),
            Slot::NotesRule => rule(frame, area, "notes"),
            Slot::Footer => footer(frame, area, board),
        }
    }
}

/// What runs; at the right what the server says of itself, and how long the run has gone on.
fn title(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    let title = vec!["holdfast-load  ".into(), format::one_line(&board.scenario).bold()];
    frame.render_widget(Line::from(title), area);
    let mut state = vec![format::duration(board.interval.t).bold()];
    if let Some(posture) = &board.interval.posture {
        let text = format!("posture {}", format::one_line(posture));
        let posture = if posture == "normal" { text.into() } else { warning(format!("! {text}")) };
        state.splice(..0, [posture, GAP.into()]);
    }
    at_the_right(frame, area, Line::from(state));
}

fn phase(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    if board.interval.phase.is_empty() {
        return named(frame, area, "phase", vec!["before the first interval".into()]);
    }
    let phase = Line::from(format::one_line(&board.interval.phase).bold());
    let mut times = format::duration(board.phase_s);
    if board.phase_of_s.is_finite() && board.phase_of_s > 0.0 {
        times = format!("{times} of {}", format::duration(board.phase_of_s));
    }
    let phase_width = u16::try_from(phase.width()).unwrap_or(u16::MAX);
    let before = NAMES_WIDTH.saturating_add(phase_width).saturating_add(TIMES_WIDTH);
    named(frame, area, "phase", vec![phase, times.into()]);
    let width = area.width.saturating_sub(before);
    if width >= GAUGE_WIDTH_MIN {
        let gauge = LineGauge::default()
            .ratio(board.phase_share())
            .label("")
            .filled_symbol("━")
            .unfilled_symbol("─")
            .filled_style(Style::new().green())
            .unfilled_style(Style::new().dim());
        frame.render_widget(gauge, Rect { x: area.x + before, width, ..area });
    }
}

fn clients(board: &Board) -> Vec<Line<'_>> {
    let interval = &board.interval;
    let mut parts = vec![
        measured(format::count(interval.connected), " connected"),
        measured(format::count(interval.ready), " ready"),
        format!("of {}", format::count(board.clients)).into(),
    ];
    if interval.disconnected > 0 {
        parts.push(warning(format!("! {} disconnected", format::count(interval.disconnected))).into());
    }
    parts
}

fn deliveries(board: &Board) -> Vec<Line<'_>> {
    let interval = &board.interval;
    vec![
        measured(format::number(format::rate(interval.delivered, interval.dt)), "/s"),
        format!("{} in all", format::count(board.totals.delivered)).into(),
    ]
}

fn deliveries_scale(board: &Board) -> Line<'_> {
    let highest = format::number(board.history.deliveries_highest());
    Line::from(format!("up to {highest}/s in {}", format::duration(board.history.seconds()))).dim()
}

fn publishes(board: &Board) -> Vec<Line<'_>> {
    let interval = &board.interval;
    let mut acknowledged = measured(format::number(format::rate(interval.acknowledged, interval.dt)), "/s");
    acknowledged.spans.insert(0, "acknowledged ".into());
    vec![
        measured(format::number(format::rate(interval.published, interval.dt)), "/s"),
        format!("{} in all", format::count(board.totals.published)).into(),
        acknowledged,
        format!("{} in all", format::count(board.totals.acknowledged)).into(),
    ]
}

fn live(board: &Board) -> Vec<Line<'_>> {
    let interval = &board.interval;
    vec![
        quantile("p50", interval.live_p50_ms),
        quantile("p99", interval.live_p99_ms),
        quantile("max", interval.live_max_ms),
    ]
}

fn publish_latency(board: &Board) -> Vec<Line<'_>> {
    vec![quantile("p50", board.interval.publish_p50_ms), quantile("p99", board.interval.publish_p99_ms)]
}

fn latency_scale(board: &Board) -> Line<'_> {
    board.history.live_p99_worst_ms().map_or_else(Line::default, |worst| {
        Line::from(format!("p99 up to {}", format::latency(Some(worst)))).dim()
    })
}

/// A value that keeps its place while it changes.
fn quantile(name: &str, milliseconds: Option<f64>) -> Line<'_> {
    Line::from(vec![format!("{name} ").into(), format!("{:<7}", format::latency(milliseconds)).bold()])
}

fn measured(value: String, unit: &str) -> Line<'_> {
    Line::from(vec![value.bold(), unit.into()])
}

/// Calm as long as it is even. What is missing may still come; what came twice, out of order or to the wrong reader
/// cannot be mended. What is not 0 comes first, so that a narrow screen has it.
fn ledger(board: &Board) -> Vec<Line<'_>> {
    let Totals { missing, duplicated, out_of_order, misdelivered, .. } = board.totals;
    let mut counts = [
        ("missing", missing),
        ("twice", duplicated),
        ("out of order", out_of_order),
        ("misdelivered", misdelivered),
    ];
    counts.sort_by_key(|(_, number)| *number == 0);
    let broken = [duplicated, out_of_order, misdelivered].iter().any(|number| *number > 0);
    let state = match (broken, missing > 0) {
        (true, _) => failure("!! BROKEN"),
        (false, true) => warning("! MISSING"),
        (false, false) => "even".green(),
    };
    let counts = counts.map(|(name, number)| {
        let text = format!("{name} {}", format::count(number));
        match (number, name) {
            (0, _) => text.into(),
            (_, "missing") => text.bold().underlined(),
            _ => text.red().bold().underlined(),
        }
    });
    std::iter::once(state).chain(counts).map(Line::from).collect()
}

fn table(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    let lines = processes::lines(&board.interval.servers, &board.interval.generators, area.height.into());
    for (row, line) in area.rows().zip(lines) {
        let cells = vec![
            format!("{:>10}", format::cores(line.cpu)).into(),
            format!("{:>8}", format::bytes(line.memory_bytes)).into(),
            format!("{:>7} descriptors", format::count(line.descriptors)).into(),
            if line.busy { warning(line.remark).into() } else { line.remark.into() },
        ];
        let name = Span::from(format!("{:<18}{SMALL_GAP}", line.name));
        frame.render_widget(fitting(name, SMALL_GAP, cells, row.width), row);
    }
}

fn notes(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    for (row, note) in area.rows().zip(board.last_notes(area.height.into())) {
        let text = Span::from(note.text.as_str());
        frame.render_widget(Line::from(vec![name(&format::duration(note.t)), text]), row);
    }
}

fn footer(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    let line = if board.ending { Line::from(FOOTER_ENDING).bold() } else { Line::from(FOOTER).dim() };
    frame.render_widget(line, area);
}

fn bars(frame: &mut Frame<'_>, area: Rect, columns: Vec<Option<u64>>, style: Style) {
    let bars = columns.into_iter().map(SparklineBar::from);
    frame.render_widget(Sparkline::default().data(bars).style(style), area);
}

fn rule(frame: &mut Frame<'_>, area: Rect, title: &str) {
    let title = if title.is_empty() { String::new() } else { format!("── {title} ") };
    let width = usize::from(area.width);
    frame.render_widget(Line::from(format!("{title:─<width$}")).dim(), area);
}

fn named(frame: &mut Frame<'_>, area: Rect, of: &str, parts: Vec<Line<'_>>) {
    frame.render_widget(fitting(name(of), GAP, parts, area.width), area);
}

fn name<'a>(name: &str) -> Span<'a> {
    format!("{name:<width$}", width = usize::from(NAMES_WIDTH)).dim()
}

/// As many of the parts as fit. A part is shown whole or not at all: half a number is a wrong number.
fn fitting<'a>(name: Span<'a>, gap: &'static str, parts: Vec<Line<'a>>, width: u16) -> Line<'a> {
    let mut line = Line::from(name);
    let mut before = "";
    for part in parts {
        if line.width() + before.len() + part.width() > usize::from(width) {
            break;
        }
        line.push_span(before);
        line.spans.extend(part.spans);
        before = gap;
    }
    line
}

/// Puts a text at the right end of a row where nothing else is; if there is no room, it is left out.
fn at_the_right(frame: &mut Frame<'_>, area: Rect, text: Line<'_>) {
    let buffer = frame.buffer_mut();
    let used = (0..area.width).rev().find(|x| {
        let cell = buffer.cell((area.x + x, area.y));
        cell.is_some_and(|cell| cell.symbol() != " ")
    });
    let room = used.map_or(area.width, |x| area.width - x - 1);
    if text.width() < usize::from(room) {
        frame.render_widget(text.right_aligned(), area);
    }
}

const fn beside_names(area: Rect) -> Rect {
    let names = if area.width > NAMES_WIDTH { NAMES_WIDTH } else { 0 };
    Rect { x: area.x + names, width: area.width - names, ..area }
}

/// Black, because the background of a light terminal could not be read on yellow.
fn warning<'a>(text: impl Into<Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Style::new().black().on_yellow().bold())
}

fn failure<'a>(text: impl Into<Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, Style::new().red().bold().reversed())
}

#[cfg(test)]
mod tests;
