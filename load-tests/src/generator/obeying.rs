//! What a generator does when it is ordered to.

use super::Generator;
use super::timers::Timer;
use crate::cast;
use crate::clock::Micros;
use crate::hand::answer;
use crate::ledger::Statement;
use crate::mark::hash_of;
use crate::orders::{Answer, Order, Seen};
use crate::pacing::{Pace, arrival};
use anyhow::bail;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

impl Generator {
    pub(super) fn on_order(&mut self, order: Order) -> anyhow::Result<()> {
        match order {
            Order::Assign(_) => bail!("a second assignment"),
            Order::Audit => {
                self.audit();
                Ok(())
            }
            Order::Look { tops } => answer(&Answer::Seen(self.look(&tops))),
            Order::Over { at } => {
                self.over = true;
                self.end_phase(at);
                self.wake_but(&[], at);
                for slot in &mut self.slots {
                    if let Some(outbox) = &mut slot.client.outbox {
                        outbox.follow(None);
                    }
                }
                Ok(())
            }
            Order::Phase { number, began } => {
                self.begin(number, began);
                Ok(())
            }
            Order::State => {
                let now = Micros::now();
                for slot in &self.slots {
                    if let Some(since) = slot.client.away_since() {
                        self.tally.still_away(slot.client.class, since, now);
                    }
                }
                answer(&self.state())
            }
            Order::Tell => {
                let told = Box::new(self.tally.take(Micros::now()));
                let logs = std::mem::take(&mut self.tally.logs);
                let (connected, ready, arrived) = (self.connected, self.ready, self.arrived);
                answer(&Answer::Told { told, logs, connected, ready, arrived })
            }
        }
    }

    /// What was due until then is offered, however late it is noticed.
    fn end_phase(&mut self, at: Micros) {
        for slot in &mut self.slots {
            if let Some(outbox) = &mut slot.client.outbox {
                let due = outbox.take_due(self.shared.run, at);
                self.tally.offered(due.offered, due.left_out);
            }
        }
    }

    /// A phase begins: classes come, senders follow its pace.
    fn begin(&mut self, number: usize, began: Micros) {
        self.end_phase(began);
        let Some(phase) = self.scenario.phases.get(number).cloned() else { return };
        self.wake_but(&phase.asleep, began);
        self.phase = number;
        let attacked = !phase.attack.is_empty();
        if !self.scenario.attacks.is_empty() {
            self.tally.window.phase(began, attacked);
        }
        let end = began.after(phase.duration);
        let mut coming = Vec::new();
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let class = slot.client.class;
            let Some(of) = self.scenario.classes.get(class) else { continue };
            let member = slot.number - of.first;
            slot.held |= attacked && slot.link.is_some() && slot.client.is_in();
            if phase.arrive.contains(&class) {
                coming.push((arrival(began, of.arrive_per_second, member), at, class));
            }
            let Some(outbox) = &mut slot.client.outbox else { continue };
            let rate = phase.publish.iter().find_map(|(posting, rate)| (*posting == class).then_some(*rate));
            outbox.follow(rate.map(|rate| {
                let seed = self.scenario.seed ^ (u64::from(slot.number) << 8);
                (Pace::new(began, rate, member, of.count, phase.spread, seed), end)
            }));
            if let Some((_, count)) = phase.at_once.iter().find(|(posting, _)| *posting == class) {
                let due = outbox.take_at_once(*count, self.shared.run, began);
                self.tally.offered(due.offered, due.left_out);
            }
            // What was left over goes with the next that is due, or at once.
            let next = outbox.next_due();
            if let Some(due) = next.or_else(|| (outbox.len() > 0).then_some(began)) {
                self.timers.set(due, at, Timer::Post(number));
            }
        }
        for (due, at, class) in coming {
            let queue = self.outside.entry(class).or_default();
            queue.push_back((due, at));
        }
        for class in &phase.arrive {
            let Some(of) = self.scenario.classes.get(*class) else { continue };
            // Each process has its share of those that are on their way.
            let most = of.arriving_max.map_or(u32::MAX, |most| most.div_ceil(self.scenario.processes.max(1)));
            for _ in 0..most {
                let Some((due, at)) = self.outside.get_mut(class).and_then(VecDeque::pop_front) else {
                    break;
                };
                self.come_at(at, due);
            }
        }
    }

    fn audit(&mut self) {
        let now = Micros::now();
        let auditors: BTreeMap<u32, BTreeSet<u32>> = cast::auditors(&self.scenario);
        for at in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(at) else { continue };
            if let Some(channels) = auditors.get(&slot.number) {
                slot.client.audit(channels.iter().copied().collect());
                self.step(at, now, |client, _, step| {
                    client.ask_for_page(step);
                    Ok(())
                });
            }
        }
    }

    fn look(&self, tops: &[(u32, u64)]) -> Seen {
        let tops: HashMap<u32, u64> = tops.iter().copied().collect();
        let mut seen = Seen::default();
        for slot in self.slots.iter().filter(|slot| slot.arrived && !slot.client.is_stranger()) {
            seen.not_ready += u64::from(!slot.client.is_ready());
            let outbox = slot.client.outbox.as_ref();
            seen.waiting += outbox.map_or(0, |outbox| u64::try_from(outbox.len()).unwrap_or(u64::MAX));
            for subscription in slot.client.subscriptions() {
                let top = tops.get(&subscription.channel).copied().unwrap_or(0);
                let lacks = subscription.track.position() < top || subscription.track.missing() > 0;
                seen.behind += u64::from(!subscription.has_begun() || lacks);
            }
        }
        seen
    }

    fn state(&self) -> Answer {
        let mut statements: HashMap<Statement, (u64, Micros)> = HashMap::new();
        let mut open = Vec::new();
        let mut unreached = 0;
        for slot in self.slots.iter().filter(|slot| slot.arrived && !slot.client.is_stranger()) {
            let client = &slot.client;
            unreached +=
                u64::from(!client.is_ready() || client.subscriptions().iter().any(|own| !own.has_begun()));
            for subscription in
                client.subscriptions().iter().filter(|own| own.has_begun() && own.is_counted())
            {
                let (count, first) =
                    statements.entry(subscription.statement()).or_insert((0, Micros(u64::MAX)));
                *count += 1;
                *first = (*first).min(subscription.first_stood());
            }
            let unanswered = client.outbox.iter().flat_map(|outbox| outbox.unanswered());
            open.extend(unanswered.map(|mark| hash_of(&mark.payload(self.shared.payload_bytes))));
        }
        let statements = statements.into_iter().map(|(statement, (count, first))| (statement, count, first));
        let epochs = self.tally.met().collect();
        Answer::Stated { statements: statements.collect(), open, epochs, unreached }
    }
}
