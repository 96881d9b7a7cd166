use super::*;
use crate::progress::{Progress, Totals};
use crate::report::series::{Interval, ProcessLoad};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;

fn process(name: &str, cpu: f64, memory_bytes: u64, descriptors: u64) -> ProcessLoad {
    ProcessLoad { name: name.to_owned(), cpu, memory_bytes, descriptors }
}

fn interval(t: u32) -> Interval {
    Interval {
        t: f64::from(t),
        dt: 1.0,
        phase: "broadcast".to_owned(),
        connected: 10_001,
        ready: 10_000,
        published: 1,
        acknowledged: 1,
        delivered: if t == 40 { 10_240 } else { 9_998 },
        live_p50_ms: Some(31.2),
        live_p99_ms: Some(if t == 50 { 1_250.0 } else { 64.0 }),
        live_max_ms: Some(80.5),
        publish_p50_ms: Some(2.1),
        publish_p99_ms: Some(7.4),
        posture: Some("normal".to_owned()),
        servers: vec![process("node 1", 0.42, 242_221_056, 10_044)],
        generators: vec![process("generator 1", 0.31, 99_614_720, 10_020)],
        ..Interval::default()
    }
}

const TOTALS: Totals = Totals {
    published: 12,
    acknowledged: 11,
    delivered: 119_976,
    missing: 0,
    duplicated: 0,
    out_of_order: 0,
    misdelivered: 0,
};

fn show(board: &mut Board, interval: &Interval, totals: Totals) {
    board.show(&Progress {
        scenario: "broadcast-10k",
        clients: 10_001,
        phase_s: 30.0,
        phase_of_s: 60.0,
        interval,
        totals,
    });
}

/// A board after a minute.
fn board() -> Board {
    let mut board = Board::default();
    for t in 1..=60 {
        show(&mut board, &interval(t), TOTALS);
        if t == 20 {
            board.note("phase broadcast");
        }
    }
    board.note("kill node 1");
    board
}

fn drawn(board: &Board, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, board)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(usize::from(width).max(1));
    lines.map(|cells| cells.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned()).collect()
}

/// Asserts that all of the lines are there, in this order.
#[track_caller]
fn assert_lines(shown: &[String], expected: &[&str]) {
    let mut rest = shown.iter();
    for line in expected {
        assert!(
            rest.any(|shown| shown == line),
            "not there, or not in its place:\n{line}\nin\n{}",
            shown.join("\n")
        );
    }
}

#[test]
fn a_usual_terminal_has_everything() {
    let shown = drawn(&board(), 80, 24);
    assert_lines(
        &shown,
        &[
            "holdfast-load  broadcast-10k                         posture normal   1 min 00 s",
            "phase        broadcast   30.0 s of 1 min 00 s    ━━━━━━━━━━━━━━━────────────────",
            "clients      10,001 connected   10,000 ready   of 10,001",
            "deliveries   9,998/s   119,976 in all               up to 10,240/s in 1 min 00 s",
            "             ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇█▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇",
            "             ████████████████████████████████████████████████████████████",
            "publishes    1.0/s   12 in all   acknowledged 1.0/s   11 in all",
            "── latency ─────────────────────────────────────────────────────────────────────",
            "live         p50 31 ms     p99 64 ms     max 80 ms              p99 up to 1.25 s",
            "                                                              █",
            "             ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁",
            "publish      p50 2.1 ms    p99 7.4 ms",
            "────────────────────────────────────────────────────────────────────────────────",
            "ledger       even  missing 0  twice 0  out of order 0  misdelivered 0",
            "── processes ───────────────────────────────────────────────────────────────────",
            "node 1               0.42 core   231 MiB   10,044 descriptors",
            "generator 1          0.31 core    95 MiB   10,020 descriptors",
            "── notes ───────────────────────────────────────────────────────────────────────",
            "20.0 s       phase broadcast",
            "1 min 00 s   kill node 1",
            "q or Ctrl-C ends the run in order; the report is written all the same",
        ],
    );
}

#[test]
fn a_large_terminal_has_more_of_it() {
    let shown = drawn(&board(), 120, 40);
    assert_eq!(shown.last().unwrap(), FOOTER);
    assert_lines(
        &shown,
        &[
            "holdfast-load  broadcast-10k                                                                 posture normal   1 min 00 s",
            "phase        broadcast   30.0 s of 1 min 00 s    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────────",
            "clients      10,001 connected   10,000 ready   of 10,001",
            "deliveries   9,998/s   119,976 in all                                                       up to 10,240/s in 1 min 00 s",
            "             ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆█▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆",
            "publishes    1.0/s   12 in all   acknowledged 1.0/s   11 in all",
            "live         p50 31 ms     p99 64 ms     max 80 ms                                                      p99 up to 1.25 s",
            "             ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂█▂▂▂▂▂▂▂▂▂▂",
            "publish      p50 2.1 ms    p99 7.4 ms",
            "ledger       even  missing 0  twice 0  out of order 0  misdelivered 0",
            "node 1               0.42 core   231 MiB   10,044 descriptors",
            "generator 1          0.31 core    95 MiB   10,020 descriptors",
            "20.0 s       phase broadcast",
            "1 min 00 s   kill node 1",
        ],
    );
}

#[test]
fn before_the_first_interval_there_is_a_screen() {
    let shown = drawn(&Board::default(), 80, 24);
    let phase = "phase        before the first interval";
    assert_lines(
        &shown,
        &[phase, "ledger       even  missing 0  twice 0  out of order 0  misdelivered 0", FOOTER],
    );
}

#[test]
fn a_ledger_that_is_not_even_says_so_in_words() {
    let line = |totals| {
        let mut board = board();
        show(&mut board, &interval(61), totals);
        drawn(&board, 80, 24).into_iter().find(|line| line.starts_with("ledger")).unwrap()
    };
    let missing = line(Totals { missing: 3, ..TOTALS });
    assert_eq!(missing, "ledger       ! MISSING  missing 3  twice 0  out of order 0  misdelivered 0");
    let broken = line(Totals { missing: 3, misdelivered: 1_200, ..TOTALS });
    assert_eq!(broken, "ledger       !! BROKEN  missing 3  misdelivered 1,200  twice 0  out of order 0");
}

#[test]
fn trouble_is_marked_where_it_is() {
    let mut board = board();
    let servers = (1..=3).map(|node| process(&format!("node {node}"), 0.5, 1 << 20, 9)).collect();
    let generators =
        (1..=4).map(|at| process(&format!("generator {at}"), 0.23 * f64::from(at), 1 << 20, 9)).collect();
    let posture = Some("shedding\x1b[2J".to_owned());
    show(&mut board, &Interval { disconnected: 17, posture, servers, generators, ..interval(61) }, TOTALS);
    board.ending = true;
    let shown = drawn(&board, 80, 24);
    assert_lines(
        &shown,
        &[
            "holdfast-load  broadcast-10k                 ! posture shedding [2J   1 min 01 s",
            "clients      10,001 connected   10,000 ready   of 10,001   ! 17 disconnected",
            "servers, all 3      1.50 cores   3.0 MiB       27 descriptors  busiest 0.50",
            "generators, all 4   2.30 cores   4.0 MiB       36 descriptors  busiest 0.92 !",
            FOOTER_ENDING,
        ],
    );
}

#[test]
fn a_small_terminal_leaves_out_what_does_not_fit() {
    let shown = drawn(&board(), 40, 10);
    assert_eq!(
        shown,
        [
            "holdfast-load  broadcast-10k",
            "phase        broadcast",
            "clients      10,001 connected",
            "deliveries   9,998/s   119,976 in all",
            "publishes    1.0/s   12 in all",
            "live         p50 31 ms     p99 64 ms",
            "publish      p50 2.1 ms    p99 7.4 ms",
            "ledger       even  missing 0  twice 0",
            "1 min 00 s   kill node 1",
            "q or Ctrl-C ends the run in order; the r",
        ]
    );
}

#[test]
fn no_number_is_cut_at_any_size() {
    let board = board();
    let whole = ["10,001 connected", "10,000 ready", "of 10,001"];
    let lines = [0, 1, 2, 3]
        .map(|parts| format!("clients      {}", whole[..parts].join("   ")).trim_end().to_owned());
    for width in 13..=200 {
        for height in [6, 24, 70] {
            let shown = drawn(&board, width, height);
            let clients = shown.iter().find(|line| line.starts_with("clients")).unwrap();
            assert!(lines.contains(clients), "{width}: {clients}");
        }
    }
}

#[test]
fn it_can_be_drawn_however_small() {
    for (width, height) in [(0, 0), (1, 1), (1, 24), (5, 3), (80, 1), (12, 40), (300, 2)] {
        drawn(&board(), width, height);
    }
}
