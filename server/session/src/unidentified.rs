//! A connection that has not said who it is.

use crate::clock::Now;
use crate::effect::Effect;
use crate::heartbeat::OWN_DELAY;
use crate::identified::Identified;
use crate::outbox::Outbox;
use crate::output::Output;
use crate::{Common, Handled, Refusal, Session, Setup};
use identity::{Principal, TokenRefusal};
use protocol::command::ConnectRequest;
use protocol::{Command, Disconnect, Encoding, ErrorCode, Reply, Request};
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
        let deadline = now.instant + setup.common.timing.hello_timeout;
        let outbox = Outbox::new(setup.encoding);
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
        let shown = self.shown(&connect.token.0, now)?;
        match shown {
            Err(Refusal::Token(TokenRefusal::Invalid)) => Err(Disconnect::InvalidToken),
            Err(Refusal::Later | Refusal::Token(TokenRefusal::Expired)) => {
                let reply = Reply { id, body: Err(ErrorCode::TokenExpired) };
                self.outbox.reply(&reply, &*self.setup.common.watch);
                self.refused = true;
                Ok(Session::Unidentified(self))
            }
            Ok(principal) => {
                let state = Identified::new(self.setup, principal, id, &connect.subs, now, effects)?;
                Ok(Session::Identified(Box::new(state)))
            }
        }
    }

    /// Who it is: by the token, or by the ticket of the handshake if that is as good.
    fn shown(&mut self, token: &str, now: Now) -> Handled<Result<Principal, Refusal>> {
        let ticket = self.setup.ticket.take();
        match (ticket, token.is_empty()) {
            (Some(ticket), true) => Ok(Ok(*ticket)),
            // The token has nothing to add, unless a passkey guards what its holder may: cookies have less then.
            (Some(ticket), false) if ticket.posts_until > now.wall && !ticket.is_guarded => Ok(Ok(*ticket)),
            (Some(ticket), false) => Ok(Ok(self.setup.common.door.enter(token, now.wall).unwrap_or(*ticket))),
            (None, true) => Err(Disconnect::BadRequest),
            (None, false) => Ok(self.setup.common.door.enter(token, now.wall)),
        }
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.setup.encoding
    }

    pub(crate) const fn common(&self) -> &Arc<Common> {
        &self.setup.common
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

    pub(crate) fn take_output(&mut self, out: &mut Output) {
        self.outbox.take(usize::MAX, out);
    }
}
