//! The controller: looks every 100 ms how long work waits for its turn, moves the threshold, and lets in who waits. It
//! runs on a thread that serves nobody, so that a flood of the workers does not hold it up.

use super::{Gate, PREFIX_ARRIVALS_PER_SECOND};
use crate::assembly::Node;
use crate::clock;
use crate::diagnostics::Diagnostics;
use admission::{Backlog, Delays, Overload, Posture, Threshold, TurningAway};
use session::Now;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// How often it looks.
const TICK: Duration = Duration::from_millis(100);
/// How long a window of the threshold is.
const WINDOW: Duration = Duration::from_secs(1);
/// Decisions after which a window is over before its time.
const WINDOW_DECISIONS: u32 = 2_000;

/// What the controller remembers.
#[derive(Debug)]
pub(super) struct Control {
    overload: Overload,
    turning_away: TurningAway,
    threshold: Threshold,
    window_began: Instant,
    /// Looks within the window, and those that found an overload.
    looks: u32,
    overloaded: u32,
    /// The highest pressure of them.
    pressure: f64,
    ticked: Instant,
}

impl Control {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            overload: Overload::default(),
            turning_away: TurningAway::default(),
            threshold: Threshold::default(),
            window_began: now,
            looks: 0,
            overloaded: 0,
            pressure: 0.0,
            ticked: now,
        }
    }

    /// Takes the pressure of now.
    pub(super) fn tick(&mut self, gate: &Gate, pressure: f64, posture: Posture, now: Now) {
        let overload = self.overload.note(pressure);
        gate.overloaded.store(overload, Ordering::Relaxed);
        let (entered, proved) = gate.metrics.admission.take_entered();
        let share = self.turning_away.look(overload, entered, proved);
        gate.turned_away.store(part_of_u32(share), Ordering::Relaxed);
        self.looks += 1;
        self.overloaded += u32::from(overload);
        self.pressure = self.pressure.max(pressure);
        let length = now.instant.saturating_duration_since(self.window_began);
        if length >= WINDOW || gate.counts.total() >= WINDOW_DECISIONS {
            // Of a window as a whole: one bulletin to many readers keeps a worker busy for a moment, too.
            let is_overloaded = self.overloaded * 2 > self.looks;
            self.threshold.adjust(&gate.counts.take(), is_overloaded.then_some(self.pressure));
            (self.looks, self.overloaded, self.pressure) = (0, 0, 0.0);
            self.window_began = now.instant;
        }
        let level = self.threshold.level().min(posture.admits_up_to());
        gate.threshold.store(level.number(), Ordering::Relaxed);
        let arrivals_max =
            posture.prefix_divisor().map_or(0, |by| PREFIX_ARRIVALS_PER_SECOND / u64::from(by));
        gate.arrivals_max.store(arrivals_max, Ordering::Relaxed);
        let passed = now.instant.saturating_duration_since(self.ticked);
        self.ticked = now.instant;
        gate.room.lock().tick(now.wall, passed, overload, |class| gate.is_open(class));
    }
}

/// A share of one, in parts of 2³².
fn part_of_u32(share: f64) -> u32 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and a share is between 0 and 1"
    )]
    let part = (share * f64::from(u32::MAX)) as u32;
    part
}

/// Looks at the queue of connections of the listener.
struct BacklogWatch {
    diagnostics: Diagnostics,
    listener: SocketAddr,
    backlog: Backlog,
}

impl BacklogWatch {
    /// How long connections wait there; where the kernel does not say, they are taken not to.
    fn look(&mut self, node: &Node, passed: Duration) -> Duration {
        let waiting = self.diagnostics.backlog(self.listener).unwrap_or(0);
        let accepted = node.gate.accepted.swap(0, Ordering::Relaxed);
        let wait = self.backlog.look(waiting, accepted, passed);
        node.metrics.admission.tell_backlog(waiting, wait);
        wait
    }
}

/// Controls the gate of a node, for as long as it serves.
pub(crate) async fn run(node: Arc<Node>, listener: SocketAddr) {
    let mut control = Control::new(clock::now().instant);
    let mut backlog =
        BacklogWatch { diagnostics: Diagnostics::open(), listener, backlog: Backlog::default() };
    let mut looked = clock::now().instant;
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let now = clock::now();
        let delays = Delays {
            lag: node.metrics.event_loops.worst_standing(now.instant),
            fan_out: node.metrics.fan_out.standing(),
            publish: node.publisher.oldest_waiting(now.instant),
            backlog: backlog.look(&node, now.instant.saturating_duration_since(looked)),
        };
        looked = now.instant;
        let pressure = delays.pressure(node.posture.delay_target());
        if node.posture.now() == Posture::Normal {
            // Where people came from is nobody's business any more.
            node.gate.heavy.lock().clear();
        }
        node.publisher.press(node.posture.now().number());
        control.tick(&node.gate, pressure, node.posture.now(), now);
        node.gate.tell_figures(pressure, now.wall);
    }
}
