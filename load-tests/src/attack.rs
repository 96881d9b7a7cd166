//! The process that attacks: many strangers and some bad members in one thread over one poll, apart from the generators,
//! so that a flood does not hold up the members that are measured. It strikes at the rate of its phase whatever becomes
//! of that, on this machine only.

pub(crate) mod counts;
mod forged;
mod front;
mod rate;
mod script;
mod sockets;
mod talk;

use crate::cast;
use crate::clock::Micros;
use crate::hand::{Ear, Heard, answer};
use crate::orders::{Answer, Assignment, Order, Seen};
use crate::scenario::Scenario;
use crate::tally::Told;
use anyhow::bail;
use front::Front;
use mio::{Events, Poll};
use sockets::Sockets;
use std::time::Duration;

/// Most events of one poll.
const EVENTS_MAX: usize = 256;
/// The longest wait for something to happen.
const WAIT_MAX: Duration = Duration::from_millis(100);

/// Follows orders from standard input until it ends.
pub(crate) fn run() -> anyhow::Result<()> {
    let memory_bytes = crate::processes::memory_bytes(std::process::id()).unwrap_or(0);
    let poll = Poll::new()?;
    let (ear, assignment) = Ear::new(&poll)?;
    match Attackers::new(&poll, &assignment) {
        Ok(mut attackers) => {
            answer(&Answer::Assigned { clients: 0, memory_bytes })?;
            attackers.follow(poll, &ear)
        }
        Err(error) => answer(&Answer::Failed { reason: format!("{error:#}") }),
    }
}

#[derive(Debug)]
struct Attackers {
    scenario: Scenario,
    fronts: Vec<Front>,
    sockets: Sockets,
}

impl Attackers {
    fn new(poll: &Poll, assignment: &Assignment) -> anyhow::Result<Self> {
        if let Some(target) = assignment.targets.iter().find(|target| !target.address.ip().is_loopback()) {
            bail!("attacks stay on this machine: {} is not on it", target.host);
        }
        let mut scenario = Scenario::parse(&assignment.scenario, &assignment.text, assignment.scale)?;
        scenario.times = assignment.times;
        let mut first_source = 0;
        let mut fronts = Vec::new();
        for (number, attack) in scenario.attacks.iter().enumerate() {
            let members = cast::attackers(&scenario, attack, &assignment.access)?;
            fronts.push(Front::new(number, attack, first_source, members, &assignment.access)?);
            first_source += attack.prefixes;
        }
        Ok(Self { fronts, sockets: Sockets::new(poll, assignment, scenario.addresses)?, scenario })
    }

    fn follow(&mut self, mut poll: Poll, ear: &Ear) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            let now = Micros::now();
            let next = self.fronts.iter().filter_map(Front::next).fold(now.after(WAIT_MAX), Micros::min);
            match poll.poll(&mut events, Some(Duration::from_micros(next.since(now)))) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            for event in events.iter().filter(|event| event.token() != Ear::TOKEN) {
                self.sockets.on_event(event, &mut self.fronts);
            }
            self.sockets.read_on(&mut self.fronts);
            loop {
                match ear.next()? {
                    Heard::Order(order) => self.on_order(&order)?,
                    Heard::Nothing => break,
                    Heard::End => return Ok(()),
                }
            }
            let now = Micros::now();
            for front in &mut self.fronts {
                front.strike(&mut self.sockets, now);
            }
        }
    }

    fn on_order(&mut self, order: &Order) -> anyhow::Result<()> {
        match order {
            Order::Assign(_) => bail!("a second assignment"),
            // Nothing that an attacker does is looked at.
            Order::Audit => Ok(()),
            Order::Look { .. } => answer(&Answer::Seen(Seen::default())),
            Order::Over { at } => {
                for front in &mut self.fronts {
                    front.follow(*at, None);
                }
                self.sockets.close_all(&mut self.fronts);
                Ok(())
            }
            Order::Phase { number, began } => {
                for (attack, front) in self.fronts.iter_mut().enumerate() {
                    front.follow(*began, self.scenario.attack_rate(*number, attack));
                }
                Ok(())
            }
            Order::State => answer(&Answer::Stated {
                statements: Vec::new(),
                open: Vec::new(),
                epochs: Vec::new(),
                unreached: 0,
            }),
            Order::Tell => {
                let attacks = self.fronts.iter_mut().map(Front::take).collect();
                let told = Box::new(Told { at: Micros::now(), attacks, ..Told::default() });
                answer(&Answer::Told { told, logs: Vec::new(), connected: 0, ready: 0, arrived: 0 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::{Access, Target};

    #[test]
    fn another_machine_is_never_attacked() {
        let text = crate::scenario::shipped("baseline").unwrap().to_owned();
        // An address for documents (RFC 5737): nothing is ever sent to it.
        let target = Target { address: "192.0.2.1:80".parse().unwrap(), host: "elsewhere".to_owned() };
        let assignment = Assignment {
            scenario: "baseline".to_owned(),
            text,
            scale: 1.0,
            times: 1.0,
            process: 1,
            processes: 1,
            run: 1,
            targets: vec![target],
            tls: None,
            access: Access::Tokens(Vec::new()),
        };
        let error = Attackers::new(&Poll::new().unwrap(), &assignment).unwrap_err();
        assert!(error.to_string().contains("stay on this machine: elsewhere is not on it"), "{error}");
    }
}
