//! The controller: looks every 100 ms how long work waits for its turn, moves the threshold, and lets in who waits. It
//! runs on a thread that serves nobody, so that a flood of the workers does not hold it up.

use super::{Gate, PREFIX_ARRIVALS_PER_SECOND, VERIFICATIONS_MIN_PER_SECOND, VERIFICATIONS_PER_SECOND};
use crate::assembly::Node;
use crate::clock;
use crate::diagnostics::Diagnostics;
use crate::listener::syn_filter::SynFilter;
use crate::listener::{BACKLOG_MAX, BACKLOG_MIN};
use admission::pressure::BACKLOG_TARGETS;
use admission::{Adaptive, Backlog, Delays, Overload, Posture, Threshold, TurningAway};
use session::Now;
use socket2::SockRef;
use std::net::{SocketAddr, TcpListener};
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
    verifications: Adaptive,
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
            verifications: Adaptive::new(
                VERIFICATIONS_MIN_PER_SECOND.into(),
                VERIFICATIONS_PER_SECOND.into(),
            ),
            threshold: Threshold::default(),
            window_began: now,
            looks: 0,
            overloaded: 0,
            pressure: 0.0,
            ticked: now,
        }
    }

    /// Answers which share of strangers nobody has time to look at.
    pub(super) fn tick(&mut self, gate: &Gate, pressure: f64, posture: Posture, now: Now) -> f64 {
        let overload = self.overload.note(pressure);
        gate.overloaded.store(overload, Ordering::Relaxed);
        let (entered, proved) = gate.metrics.admission.take_entered();
        let share = self.turning_away.look(overload, entered, proved);
        gate.allow_verifications(self.verifications.look(overload));
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
        share
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

/// The queue of connections of the listener.
struct Doorstep {
    diagnostics: Diagnostics,
    listener: TcpListener,
    address: SocketAddr,
    backlog: Backlog,
    /// The most that the kernel keeps there.
    most: u32,
}

impl Doorstep {
    fn of(listener: TcpListener) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (diagnostics, backlog) = (Diagnostics::open(), Backlog::default());
        Ok(Self { diagnostics, listener, address, backlog, most: BACKLOG_MAX })
    }

    /// How long connections wait there; where the kernel does not say, they are taken not to.
    fn look(&mut self, node: &Node, passed: Duration) -> Duration {
        let waiting = self.diagnostics.backlog(self.address).unwrap_or(0);
        let accepted = node.gate.accepted.swap(0, Ordering::Relaxed);
        let wait = self.backlog.look(waiting, accepted, passed);
        node.metrics.admission.tell_backlog(waiting, wait);
        wait
    }

    /// While strangers are turned away nobody is to wait behind them for long.
    fn bound(&mut self, turns_away: bool, target: Duration) {
        let most = if turns_away {
            self.backlog.taken_within(target.saturating_mul(BACKLOG_TARGETS)).clamp(BACKLOG_MIN, BACKLOG_MAX)
        } else {
            BACKLOG_MAX
        };
        if most.abs_diff(self.most) > self.most / 4 {
            // Where that fails it stays as it is.
            let listened = SockRef::from(&self.listener).listen(i32::try_from(most).unwrap_or(i32::MAX));
            if listened.is_ok() {
                self.most = most;
            }
        }
    }
}

/// Has a share of strangers turned away: by the kernel, and of those who wait there already by who accepts them.
fn turn_away(node: &Node, filter: &mut SynFilter, share: f64, backlog: Duration, now: Now) {
    let known = || node.gate.known_words(now.instant);
    let dropped = filter.drop_share(share, known, now.instant);
    let accepted = if dropped < share || backlog > node.posture.delay_target() { share } else { 0.0 };
    node.gate.dropped.store(part_of_u32(dropped), Ordering::Relaxed);
    node.gate.turned_away.store(part_of_u32(accepted), Ordering::Relaxed);
    node.metrics.admission.tell_turned_away(dropped, accepted);
}

/// Controls the gate of a node, for as long as it serves.
pub(crate) async fn run(node: Arc<Node>, listener: TcpListener) {
    let doorstep = listener.try_clone().and_then(Doorstep::of);
    let Ok(mut doorstep) =
        doorstep.inspect_err(|error| tracing::error!(%error, "nobody can look at the listener"))
    else {
        return;
    };
    let mut filter = SynFilter::new(listener);
    let mut control = Control::new(clock::now().instant);
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
            backlog: doorstep.look(&node, now.instant.saturating_duration_since(looked)),
        };
        looked = now.instant;
        let pressure = delays.pressure(node.posture.delay_target());
        if node.posture.now() == Posture::Normal {
            // Where people came from is nobody's business any more.
            node.gate.heavy.lock().clear();
        }
        node.publisher.press(node.posture.now().number());
        let share = control.tick(&node.gate, pressure, node.posture.now(), now);
        doorstep.bound(share > 0.0, node.posture.delay_target());
        turn_away(&node, &mut filter, share, delays.backlog, now);
        node.gate.tell_figures(pressure, now.wall);
    }
}
