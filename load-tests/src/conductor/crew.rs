//! The processes that make load, and how they are talked to.

use crate::launch::{self, Cores};
use crate::orders::{Answer, Assignment, Order};
use anyhow::{Context, anyhow, bail};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// How long a generator may take to answer; a busy one answers late, a lost one never.
const ANSWER_PATIENCE: Duration = Duration::from_mins(2);
/// Most answers that wait for the conductor.
const ANSWERS_MAX: usize = 256;

/// All generators of a run; ended when it is dropped.
#[derive(Debug)]
pub(super) struct Crew {
    hands: Vec<Hand>,
    answers: Receiver<(usize, anyhow::Result<Answer>)>,
}

#[derive(Debug)]
struct Hand {
    child: Child,
    orders: ChildStdin,
    attacks: bool,
    /// Clients, and memory before it had them.
    clients: u64,
    memory_bytes: u64,
}

impl Crew {
    /// Starts a process for each assignment, and one that attacks if that is wanted, and waits until each has its clients.
    pub(super) fn start(
        assignments: Vec<Assignment>,
        attackers: Option<Assignment>,
        cores: &Cores,
        complaints: &File,
    ) -> anyhow::Result<Self> {
        let (told, answers) = sync_channel(ANSWERS_MAX);
        let mut hands = Vec::new();
        let named = assignments.into_iter().map(|assignment| ("generate", assignment));
        let named = named.chain(attackers.map(|assignment| ("attack", assignment)));
        for (number, (what, assignment)) in named.enumerate() {
            let mut command = launch::command(&std::env::current_exe()?, cores)?;
            command.arg(what).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints.try_clone()?);
            let mut child = command.spawn().context("a generator could not be started")?;
            let stdout = child.stdout.take().context("a generator has no output")?;
            let orders = child.stdin.take().context("a generator has no input")?;
            let told = told.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines() {
                    let answer = line.map_err(anyhow::Error::from);
                    let answer = answer.and_then(|line| Ok(serde_json::from_str(&line)?));
                    if told.send((number, answer)).is_err() {
                        return;
                    }
                }
                // Should the conductor be gone, nobody is left to tell.
                let _told = told.send((number, Err(anyhow!("it ended before the run did"))));
            });
            let attacks = what == "attack";
            let mut hand = Hand { child, orders, attacks, clients: 0, memory_bytes: 0 };
            hand.order(&Order::Assign(Box::new(assignment)))?;
            hands.push(hand);
        }
        let mut crew = Self { hands, answers };
        for (number, answer) in crew.collect()? {
            let Answer::Assigned { clients, memory_bytes } = answer else {
                bail!("generator {} did not take its clients", number + 1);
            };
            if let Some(hand) = crew.hands.get_mut(number) {
                (hand.clients, hand.memory_bytes) = (clients, memory_bytes);
            }
        }
        Ok(crew)
    }

    /// Gives an order that asks for no answer.
    pub(super) fn tell(&mut self, order: &Order) -> anyhow::Result<()> {
        self.hands.iter_mut().try_for_each(|hand| hand.order(order))
    }

    /// Gives an order and waits for everybody's answer.
    pub(super) fn ask(&mut self, order: &Order) -> anyhow::Result<Vec<Answer>> {
        self.tell(order)?;
        Ok(self.collect()?.into_iter().map(|(_, answer)| answer).collect())
    }

    /// One answer of each.
    fn collect(&self) -> anyhow::Result<Vec<(usize, Answer)>> {
        let mut answers = Vec::new();
        while answers.len() < self.hands.len() {
            let (number, answer) =
                self.answers.recv_timeout(ANSWER_PATIENCE).context("a generator does not answer")?;
            let answer = answer.with_context(|| format!("generator {}", number + 1))?;
            if let Answer::Failed { reason } = answer {
                bail!("generator {}: {reason}", number + 1);
            }
            answers.push((number, answer));
        }
        answers.sort_unstable_by_key(|(number, _)| *number);
        Ok(answers)
    }

    /// The generators, with the number of clients of each and its memory before it had them.
    pub(super) fn processes(&self) -> impl Iterator<Item = (u32, u64, u64)> {
        let generators = self.hands.iter().filter(|hand| !hand.attacks);
        generators.map(|hand| (hand.child.id(), hand.clients, hand.memory_bytes))
    }

    /// The process that attacks, if there is one.
    pub(super) fn attacker(&self) -> Option<u32> {
        self.hands.iter().find(|hand| hand.attacks).map(|hand| hand.child.id())
    }
}

impl Hand {
    fn order(&mut self, order: &Order) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line).and_then(|()| self.orders.flush()).context("a generator is gone")
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
