//! A connection that has not said who it is.

use crate::clock::Now;
use crate::effect::Effect;
use crate::heartbeat::OWN_DELAY;
use crate::identified::Identified;
use crate::outbox::Outbox;
use crate::output::Output;
use crate::{Handled, Session, Setup};
use identity::TokenRefusal;
use protocol::command::ConnectRequest;
use protocol::{Command, Disconnect, ErrorCode, Reply, Request};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Waits for `connect`, which must come first and in time.
#[derive(Debug)]
pub struct Unidentified {
    setup: Setup,
    deadline: Instant,
    outbox: Outbox,
    /// Connect was answered with an error: the connection is good for nothing more.
    refused: bool,
}

impl Unidentified {
    pub(crate) fn new(setup: Setup, now: Now) -> Self {
        let deadline = now.instant + setup.timing.hello_timeout;
        let outbox = Outbox::new(setup.encoding, Arc::clone(&setup.watch));
        Self { setup, deadline, outbox, refused: false }
    }

    pub(crate) fn handle(
        self: Box<Self>,
        command: Command,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<Session> {
        let Request::Connect(connect) = command.request else {
            return Err(Disconnect::BadRequest);
        };
        if self.refused || command.id == 0 {
            return Err(Disconnect::BadRequest);
        }
        self.identify(command.id, &connect, now, effects)
    }

    fn identify(
        mut self: Box<Self>,
        id: u32,
        connect: &ConnectRequest,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<Session> {
        if connect.token.0.is_empty() {
            return Err(Disconnect::BadRequest);
        }
        match self.setup.tokens.verify(&connect.token.0, now.wall) {
            Err(TokenRefusal::Invalid) => Err(Disconnect::InvalidToken),
            Err(TokenRefusal::Expired) => {
                self.outbox.reply(&Reply { id, body: Err(ErrorCode::TokenExpired) });
                self.refused = true;
                Ok(Session::Unidentified(self))
            }
            Ok(principal) => {
                let state = Identified::new(self.setup, principal, id, &connect.subs, now, effects)?;
                Ok(Session::Identified(Box::new(state)))
            }
        }
    }

    pub(crate) const fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(crate) fn handle_deadline(&mut self, now: Now) -> Handled<()> {
        if now.instant < self.deadline {
            return Ok(());
        }
        if now.instant.saturating_duration_since(self.deadline) < OWN_DELAY {
            return Err(Disconnect::Stale);
        }
        // While we did nothing, they may have said who they are.
        self.deadline = now.instant + OWN_DELAY;
        Ok(())
    }

    pub(crate) fn take_output(&mut self) -> Output {
        let mut out = Output::default();
        self.outbox.take(usize::MAX, &mut out);
        out
    }
}
