//! How a process that makes load hears what it is to do, and answers: lines over its standard input and output.

use crate::orders::{Answer, Assignment, Order};
use anyhow::{Context, bail};
use mio::{Poll, Token, Waker};
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// Most orders that wait.
const ORDERS_MAX: usize = 64;

/// Hears orders without waiting for them.
#[derive(Debug)]
pub(crate) struct Ear(Receiver<anyhow::Result<Order>>);

/// What there is to hear.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Nobody is left to give orders.
    End,
    Nothing,
    Order(Box<Order>),
}

impl Ear {
    /// The token of the poll for orders.
    pub(crate) const TOKEN: Token = Token(usize::MAX);

    /// Waits for the first order, which says what the process is for. Later ones wake the poll.
    pub(crate) fn new(poll: &Poll) -> anyhow::Result<(Self, Box<Assignment>)> {
        let waker = Arc::new(Waker::new(poll.registry(), Self::TOKEN)?);
        let (orders_in, orders) = sync_channel(ORDERS_MAX);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let order =
                    line.map_err(anyhow::Error::from).and_then(|line| Ok(serde_json::from_str(&line)?));
                if orders_in.send(order).is_err() || waker.wake().is_err() {
                    return;
                }
            }
            drop(orders_in);
            // Without an ear there is nobody to tell.
            let _ended = waker.wake();
        });
        let Order::Assign(assignment) = orders.recv().context("no orders came")?? else {
            bail!("the first order is no assignment");
        };
        Ok((Self(orders), assignment))
    }

    /// The next order, if there is one.
    pub(crate) fn next(&self) -> anyhow::Result<Heard> {
        match self.0.try_recv() {
            Ok(order) => Ok(Heard::Order(Box::new(order?))),
            Err(TryRecvError::Empty) => Ok(Heard::Nothing),
            Err(TryRecvError::Disconnected) => Ok(Heard::End),
        }
    }
}

/// Says something to the conductor.
pub(crate) fn answer(answer: &Answer) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()?;
    Ok(())
}
