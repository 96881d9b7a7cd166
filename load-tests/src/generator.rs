//! One process that makes load: thousands of clients in one thread over one poll. It does what its orders say and tells
//! what happened; it decides nothing about the run.

mod alarm;
mod obeying;
mod timers;

use crate::cast;
use crate::client::{Client, End, Pushes, Shared, Stage, Step};
use crate::clock::Micros;
use crate::hand::{Ear, Heard, answer};
use crate::link::{Dialer, Got, Link};
use crate::orders::{Answer, Assignment};
use crate::pacing::backoff;
use crate::scenario::{Behaviour, Scenario};
use crate::tally::{RESET, Tally, Window};
use alarm::Alarm;
use mio::{Events, Interest, Poll, Token};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use timers::{Timer, Timers};

/// Most events of one poll.
const EVENTS_MAX: usize = 256;
/// What is read at once.
const READ_BYTES: usize = 64 * 1_024;
/// Most reads of one client before the others have their turn.
const READS_MAX: u32 = 4;
/// Between two looks whether it is late itself, and for connections on which nothing is heard.
const BEAT: Duration = Duration::from_millis(10);
const SWEEP: Duration = Duration::from_secs(1);
/// Before a stranger that was cut comes again.
const STRANGER_PAUSE: Duration = Duration::from_secs(1);

/// Follows orders from standard input until it ends.
pub(crate) fn run() -> anyhow::Result<()> {
    let memory_bytes = crate::processes::memory_bytes(std::process::id()).unwrap_or(0);
    let poll = Poll::new()?;
    let (ear, assignment) = Ear::new(&poll)?;
    match Generator::new(poll, ear, &assignment) {
        Ok(mut generator) => {
            let clients = u64::try_from(generator.slots.len()).unwrap_or(u64::MAX);
            answer(&Answer::Assigned { clients, memory_bytes })?;
            generator.follow()
        }
        Err(error) => answer(&Answer::Failed { reason: format!("{error:#}") }),
    }
}

/// A client and its socket.
#[derive(Debug)]
struct Slot {
    client: Client,
    link: Option<Box<Link>>,
    /// Connections so far.
    opened: u32,
    /// When it is to ask again for what was refused for now.
    again: Option<Micros>,
    /// Its number among all clients.
    number: u32,
    arrived: bool,
    /// It was in when an attack began, and has been since.
    held: bool,
    /// It reads nothing for now.
    asleep: bool,
}

#[derive(Debug)]
struct Generator {
    poll: Poll,
    alarm: Alarm,
    orders: Ear,
    scenario: Scenario,
    shared: Shared,
    targets: Vec<std::net::SocketAddr>,
    dialer: Dialer,
    slots: Vec<Slot>,
    timers: Timers,
    tally: Tally,
    pushes: Pushes,
    random: fastrand::Rng,
    buffer: Box<[u8]>,
    out: Vec<u8>,
    next_beat: Micros,
    next_sweep: Micros,
    /// Nobody publishes or leaves any more.
    over: bool,
    phase: usize,
    connected: u64,
    ready: u64,
    arrived: u64,
    /// Of classes that come one for another: who comes next, and when at the earliest.
    outside: BTreeMap<usize, VecDeque<(Micros, usize)>>,
}

impl Generator {
    fn new(poll: Poll, orders: Ear, assignment: &Assignment) -> anyhow::Result<Self> {
        let scenario = Scenario::parse(&assignment.scenario, &assignment.text, assignment.scale)?;
        let clients = cast::clients(&scenario, assignment)?;
        let numbers = cast::own(&scenario, assignment).map(|part| part.number);
        let slot = |(client, number)| Slot {
            client,
            link: None,
            opened: 0,
            again: None,
            number,
            arrived: false,
            held: false,
            asleep: false,
        };
        Ok(Self {
            alarm: Alarm::new(&poll)?,
            poll,
            orders,
            shared: cast::shared(&scenario, assignment),
            targets: assignment.targets.iter().map(|target| target.address).collect(),
            dialer: Dialer::new(assignment.tls.as_ref(), assignment.process, scenario.addresses)?,
            slots: clients.into_iter().zip(numbers).map(slot).collect(),
            timers: Timers::default(),
            tally: Tally::within(if scenario.attacks.is_empty() { Window::default() } else { Window::NONE }),
            pushes: Pushes::default(),
            random: fastrand::Rng::with_seed(scenario.seed.wrapping_add(assignment.process.into())),
            buffer: vec![0; READ_BYTES].into(),
            out: Vec::new(),
            next_beat: Micros::now().after(BEAT),
            next_sweep: Micros::now().after(SWEEP),
            over: false,
            phase: 0,
            connected: 0,
            ready: 0,
            arrived: 0,
            outside: BTreeMap::new(),
            scenario,
        })
    }

    fn follow(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            let next = self.timers.next().map_or(self.next_beat, |next| next.min(self.next_beat));
            let wait = Duration::from_micros(next.since(Micros::now()));
            match self.alarm.poll(&mut self.poll, &mut events, wait) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                if ![Alarm::TOKEN, Ear::TOKEN].contains(&event.token()) {
                    self.on_event(event.token().0, event.is_writable());
                }
            }
            loop {
                match self.orders.next()? {
                    Heard::Order(order) => self.on_order(*order)?,
                    Heard::Nothing => break,
                    Heard::End => return Ok(()),
                }
            }
            let now = Micros::now();
            self.beat(now);
            while let Some((due, client, timer)) = self.timers.take(now) {
                self.on_timer(due, client, timer, now);
            }
        }
    }

    fn on_timer(&mut self, due: Micros, at: usize, timer: Timer, now: Micros) {
        match timer {
            Timer::Open => self.open(at, now),
            Timer::Post(phase) if phase == self.phase => {
                self.step(at, now, |client, _, step| {
                    client.post(step);
                    Ok(())
                });
                let next = self.slots.get(at).and_then(|slot| slot.client.outbox.as_ref()?.next_due());
                if let Some(next) = next {
                    self.timers.set(next, at, Timer::Post(phase));
                }
            }
            Timer::Again => {
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.again = slot.again.filter(|again| *again > due);
                }
                self.step(at, now, |client, _, step| {
                    client.retry_subscriptions(step);
                    if client.audit_due().is_some_and(|due| due <= step.now) {
                        client.ask_for_page(step);
                    }
                    client.post(step);
                    Ok(())
                });
            }
            Timer::Read(connection) if self.is_current(at, connection) => {
                if let Some(link) = self.slots.get_mut(at).and_then(|slot| slot.link.as_mut()) {
                    link.read_at = None;
                }
                self.read(at, now);
            }
            Timer::Lose(connection) if self.is_current(at, connection) && !self.over => {
                self.close(at, None, now);
            }
            Timer::Lose(_) | Timer::Post(_) | Timer::Read(_) => {}
        }
    }

    fn is_current(&self, at: usize, connection: u32) -> bool {
        self.slots.get(at).and_then(|slot| slot.link.as_ref()).is_some_and(|link| link.number == connection)
    }

    fn open(&mut self, at: usize, now: Micros) {
        let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.link.is_none()) else { return };
        if !slot.arrived {
            slot.arrived = true;
            self.arrived += u64::from(!slot.client.is_stranger());
        }
        self.tally.counts.connections += 1;
        self.tally.counts.reconnects += u64::from(slot.opened > 0);
        slot.opened = slot.opened.wrapping_add(1);
        // One after the other, as a balancer would, and another one after a failure.
        let turn = usize::try_from(slot.client.attempts).unwrap_or(0);
        let to = self.targets.get((at + turn) % self.targets.len().max(1));
        let rate = match slot.client.behaviour {
            Behaviour::SlowReader { bytes_per_second } => Some(bytes_per_second),
            Behaviour::Activist
            | Behaviour::FlappingPhone { .. }
            | Behaviour::Sender
            | Behaviour::Stranger(_) => None,
        };
        let dialed = to.map(|to| self.dialer.dial(*to, at, slot.opened, rate, now));
        if let Some(Ok(mut link)) = dialed {
            let interest = Interest::READABLE | Interest::WRITABLE;
            if self.poll.registry().register(link.stream(), Token(at), interest).is_ok() {
                slot.client.stage = Stage::Opening;
                slot.link = Some(Box::new(link));
                return;
            }
        }
        self.tally.counts.connects_failed += 1;
        self.come_back(at, now);
    }

    fn on_event(&mut self, at: usize, writable: bool) {
        let now = Micros::now();
        let Some(slot) = self.slots.get_mut(at) else { return };
        let Some(link) = &mut slot.link else { return };
        if matches!(slot.client.stage, Stage::Opening) {
            match link.stands() {
                Ok(true) => {
                    self.connected += 1;
                    let turn = usize::try_from(slot.client.attempts).unwrap_or(0);
                    let host = (at + turn) % self.shared.hosts.len().max(1);
                    if let Behaviour::FlappingPhone { up, .. } = slot.client.behaviour {
                        self.timers.set(now.after(up), at, Timer::Lose(link.number));
                    }
                    self.step(at, now, |client, _, step| {
                        client.opened(host, step);
                        Ok(())
                    });
                }
                Ok(false) => return,
                Err(_) => {
                    self.tally.counts.connects_failed += 1;
                    slot.link = None;
                    self.come_back(at, now);
                    return;
                }
            }
        } else if writable && link.send(&[]).is_err() {
            self.close(at, Some(End::Broken), now);
            return;
        }
        self.read(at, now);
    }

    /// Reads what is there, as far as its turn goes.
    fn read(&mut self, at: usize, now: Micros) {
        for turn in 0.. {
            let awake = self.slots.get_mut(at).filter(|slot| !slot.asleep);
            let Some(link) = awake.and_then(|slot| slot.link.as_mut()) else { return };
            if turn == READS_MAX {
                // Others first; then on.
                return self.read_later(at, now.after(Duration::from_micros(1)));
            }
            match link.read(&mut self.buffer, now) {
                Ok(Got::Bytes(count)) => {
                    let mut buffer = std::mem::take(&mut self.buffer);
                    self.take(at, buffer.get_mut(..count).unwrap_or_default());
                    self.buffer = buffer;
                }
                Ok(Got::Nothing) => return,
                Ok(Got::Later(later)) => return self.read_later(at, later),
                Ok(Got::End) | Err(_) => return self.close(at, Some(End::Closed(RESET)), now),
            }
        }
    }

    /// Reads on at that time, unless it does so anyway.
    fn read_later(&mut self, at: usize, later: Micros) {
        let Some(link) = self.slots.get_mut(at).and_then(|slot| slot.link.as_mut()) else { return };
        if link.read_at.is_none() {
            link.read_at = Some(later);
            self.timers.set(later, at, Timer::Read(link.number));
        }
    }

    /// Looks whether it is late itself, and for connections on which nothing was heard for too long.
    fn beat(&mut self, now: Micros) {
        while self.next_beat <= now {
            self.tally.slipped(now.since(self.next_beat));
            self.next_beat = self.next_beat.after(BEAT);
        }
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now.after(SWEEP);
        let silent = |slot: &Slot| {
            let (Some(link), Some(patience)) = (&slot.link, slot.client.patience()) else { return false };
            !slot.asleep && now >= link.heard.after(patience)
        };
        let silent: Vec<usize> =
            (0..self.slots.len()).filter(|at| self.slots.get(*at).is_some_and(silent)).collect();
        for at in silent {
            self.close(at, Some(End::Silent), now);
        }
    }

    /// Gives a client what was read.
    fn take(&mut self, at: usize, bytes: &[u8]) {
        let now = Micros::now();
        self.step(at, now, |client, link, step| {
            if link.kept.is_empty() {
                let done = client.receive(bytes, &mut link.whole, step)?;
                link.kept.extend_from_slice(bytes.get(done..).unwrap_or_default());
            } else {
                let mut kept = std::mem::take(&mut link.kept);
                kept.extend_from_slice(bytes);
                let done = client.receive(&kept, &mut link.whole, step)?;
                kept.drain(..done);
                // An empty one gives its memory back.
                link.kept = if kept.is_empty() { Vec::new() } else { kept };
            }
            Ok(())
        });
    }

    /// Lets a client do something, sends what it says, and sees what became of it.
    fn step(
        &mut self,
        at: usize,
        now: Micros,
        act: impl FnOnce(&mut Client, &mut Link, &mut Step<'_>) -> Result<(), End>,
    ) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        let Some(link) = &mut slot.link else {
            // What is due for one without a socket is noted, and said when it is back.
            if let Some(outbox) = &mut slot.client.outbox {
                let due = outbox.take_due(self.shared.run, now);
                self.tally.offered(due.offered, due.left_out);
            }
            return;
        };
        let was_ready = slot.client.is_ready();
        let class = slot.client.class;
        let mut came_in = false;
        self.out.clear();
        let mut step = Step {
            shared: &self.shared,
            tally: &mut self.tally,
            now,
            pushes: &mut self.pushes,
            random: &mut self.random,
            out: &mut self.out,
        };
        let done = act(&mut slot.client, link, &mut step);
        let sent = if self.out.is_empty() { Ok(()) } else { link.send(&self.out) };
        if slot.client.is_ready() != was_ready && !slot.client.is_stranger() {
            self.ready = if was_ready { self.ready - 1 } else { self.ready + 1 };
            came_in = !was_ready;
        }
        if let Some(until) = slot.client.again_at()
            && slot.again.is_none_or(|again| again > until)
        {
            slot.again = Some(until);
            self.timers.set(until, at, Timer::Again);
        }
        match (done, sent) {
            (Err(end), _) => self.close(at, Some(end), now),
            (Ok(()), Err(_)) => self.close(at, Some(End::Broken), now),
            (Ok(()), Ok(())) if matches!(slot.client.stage, Stage::Refused) => {
                self.close(at, None, now);
            }
            (Ok(()), Ok(())) => {}
        }
        if came_in {
            self.let_next_come(class, now);
        }
    }

    /// One of a class is in: the next may come, if they come one for another.
    fn let_next_come(&mut self, class: usize, now: Micros) {
        let Some((due, at)) = self.outside.get_mut(&class).and_then(VecDeque::pop_front) else { return };
        self.come_at(at, due.max(now));
    }

    /// A client comes for the first time.
    fn come_at(&mut self, at: usize, due: Micros) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.client.wants_since = due;
        self.timers.set(due, at, Timer::Open);
    }

    /// Who was asleep reads again, and who is told to falls asleep.
    fn wake_but(&mut self, asleep: &[usize], now: Micros) {
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let was_asleep = std::mem::replace(&mut slot.asleep, asleep.contains(&slot.client.class));
            let Some(link) = slot.link.as_mut().filter(|_| was_asleep && !slot.asleep) else { continue };
            // What came meanwhile told nobody of itself.
            link.heard = now;
            link.read_at = Some(now);
            self.timers.set(now, at, Timer::Read(link.number));
        }
    }

    /// A connection is over; `end` says what the other side did, nothing if it was the client's wish.
    fn close(&mut self, at: usize, end: Option<End>, now: Micros) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        if slot.link.take().is_none() {
            return;
        }
        let counted = !matches!(slot.client.stage, Stage::Opening);
        self.connected -= u64::from(counted);
        if slot.client.is_stranger() {
            self.tally.counts.strangers_cut += u64::from(counted);
        } else {
            self.ready -= u64::from(slot.client.is_ready());
            if let (true, Some(end)) = (counted, end.filter(|end| !end.is_own_wish())) {
                self.tally.counts.disconnects += 1;
                *self.tally.counts.ends.entry(end.code()).or_default() += 1;
                if slot.held {
                    *self.tally.counts.cut.entry(slot.client.class).or_default() += 1;
                }
            }
        }
        slot.held = false;
        if slot.client.disconnected(end, now) {
            if let Some(End::Waits(Some(until))) = end {
                self.timers.set(until, at, Timer::Open);
            } else if let (Behaviour::FlappingPhone { down, .. }, None) = (slot.client.behaviour, end) {
                slot.client.rests(now, now.after(down));
                self.timers.set(now.after(down), at, Timer::Open);
            } else {
                self.come_back(at, now);
            }
        } else {
            self.tally.counts.refused += 1;
        }
    }

    /// Tries again after the pause that SDKs make.
    fn come_back(&mut self, at: usize, now: Micros) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.client.stage = Stage::Away;
        let pause = if slot.client.is_stranger() {
            STRANGER_PAUSE
        } else {
            backoff(slot.client.attempts, &mut self.random)
        };
        slot.client.attempts = slot.client.attempts.saturating_add(1);
        self.timers.set(now.after(pause), at, Timer::Open);
    }
}
