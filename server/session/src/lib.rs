//! One client's conversation, sans-I/O: frames, answers and time go in; frames, effects and a deadline come out.
//!
//! A driver owns the socket. It feeds what it read, performs [`Effect`]s and feeds their [`Answer`]s, writes what
//! [`Session::take_output`] gives when the socket takes it, and calls [`Session::handle_deadline`] in time.
//! Nothing here knows a socket, a store or a clock.

mod clock;
mod door;
mod effect;
mod heartbeat;
mod identified;
pub mod limits;
mod outbox;
mod output;
mod rate;
mod subscription;
mod subscriptions;
mod unidentified;
mod watch;

pub use clock::{Now, Timing};
pub use door::{Door, Refusal};
pub use effect::{
    Answer, Attempt, Effect, HistoryQuery, Joined, NotPlaced, NotTaken, Progress, PublishOrder, Start, Via,
};
pub use identified::Identified;
pub use output::{Output, Run};
pub use unidentified::Unidentified;
pub use watch::{Unwatched, Watch};

use identity::{Hands, Principal};
use protocol::limits::reached;
use protocol::{ClientId, Command, DecodeError, Disconnect, Encoding};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a conversation starts with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The connection's id, unguessable.
    pub client: ClientId,
    /// How messages are written on this connection.
    pub encoding: Encoding,
    /// Whose ticket was shown before the conversation began: they need show nothing more.
    pub ticket: Option<Box<Principal>>,
    /// How long after it identified itself the client gets its first ping: spread over the second half of the
    /// interval, so that a crowd that came at once is not pinged at once.
    pub first_ping: Duration,
    /// What it shares with others.
    pub common: Arc<Common>,
}

/// What is the same for all conversations that begin at about the same time: they have it once, together.
#[derive(Debug)]
pub struct Common {
    /// Checks what clients show.
    pub door: Arc<dyn Door>,
    /// How many people it takes to reach many.
    pub hands: Hands,
    /// Intervals and patience.
    pub timing: Timing,
    /// Counts what happens.
    pub watch: Arc<dyn Watch>,
    /// The server's name and version, as clients see it.
    pub version: &'static str,
}

/// What a connection has not been given of what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    /// How many publications.
    pub publications: u64,
    /// How long the channel that waits longest has waited.
    pub age: Duration,
}

/// A conversation in one of its states. A request that a state does not know is a missing method, not a check.
#[derive(Debug)]
pub enum Session {
    /// Over; the last effect was a close.
    Ended,
    /// Someone.
    Identified(Box<Identified>),
    /// Someone who has not said who they are.
    Unidentified(Box<Unidentified>),
}

/// What a state says after it handled something.
pub(crate) type Handled<S> = Result<S, Disconnect>;

impl Session {
    /// A conversation that begins now.
    pub fn new(setup: Setup, now: Now) -> Self {
        Self::Unidentified(Box::new(Unidentified::new(setup, now)))
    }

    /// Takes a frame from the client, in the connection's encoding.
    pub fn handle_frame(&mut self, frame: &[u8], now: Now, effects: &mut VecDeque<Effect>) {
        let (encoding, common) = match self {
            Self::Ended => return,
            Self::Identified(state) => (state.encoding(), state.common()),
            Self::Unidentified(state) => (state.encoding(), state.common()),
        };
        let watch = Arc::clone(&common.watch);
        match encoding.decode_commands(frame) {
            Err(error) => {
                if error == DecodeError::TooMany {
                    watch.limit_reached(reached::COMMANDS_PER_FRAME_MAX);
                }
                self.end(Disconnect::BadRequest, effects);
            }
            Ok(commands) => {
                for command in commands {
                    watch.command(&command.request);
                    self.handle_command(command, now, effects);
                }
            }
        }
    }

    fn handle_command(&mut self, command: Command, now: Now, effects: &mut VecDeque<Effect>) {
        let handled = match std::mem::replace(self, Self::Ended) {
            Self::Ended => return,
            Self::Unidentified(state) => state.handle(command, now, effects),
            Self::Identified(mut state) => {
                state.handle(command, now, effects).map(|()| Self::Identified(state))
            }
        };
        self.go_on(handled, effects);
    }

    /// Who is there, once they said so.
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Identified(state) => Some(state.principal()),
            Self::Ended | Self::Unidentified(_) => None,
        }
    }

    /// Whether a reader is reading the log, because the ring no longer has what it wants.
    pub fn is_catching_up(&self) -> bool {
        match self {
            Self::Identified(state) => state.is_catching_up(),
            Self::Ended | Self::Unidentified(_) => false,
        }
    }

    /// How far the connection is behind what it reads. Readers that were not known to be behind count as behind
    /// `since` then.
    pub fn lag(&mut self, since: Instant, now: Instant) -> Lag {
        match self {
            Self::Identified(state) => state.lag(since, now),
            Self::Ended | Self::Unidentified(_) => Lag::default(),
        }
    }

    /// Takes the answer to an effect.
    pub fn handle_answer(&mut self, answer: Answer, now: Now, effects: &mut VecDeque<Effect>) {
        let Self::Identified(state) = self else { return };
        if let Err(reason) = state.handle_answer(answer, now, effects) {
            self.end(reason, effects);
        }
    }

    /// Does what is due at `now`.
    pub fn handle_deadline(&mut self, now: Now, effects: &mut VecDeque<Effect>) {
        let handled = match self {
            Self::Ended => return,
            Self::Unidentified(state) => state.handle_deadline(now),
            Self::Identified(state) => state.handle_deadline(now, effects),
        };
        if let Err(reason) = handled {
            self.end(reason, effects);
        }
    }

    /// When [`Session::handle_deadline`] wants to be called; nothing once it ended.
    pub fn next_deadline(&self) -> Option<Instant> {
        match self {
            Self::Ended => None,
            Self::Unidentified(state) => Some(state.deadline()),
            Self::Identified(state) => Some(state.next_deadline()),
        }
    }

    /// Fills `out` with what to write now, at most about `max_bytes`, in order, in the place of what it had; with nothing if
    /// there is nothing. The driver asks again when it could give that away.
    pub fn take_output(
        &mut self,
        max_bytes: usize,
        now: Now,
        effects: &mut VecDeque<Effect>,
        out: &mut Output,
    ) {
        out.clear();
        match self {
            Self::Ended => {}
            Self::Unidentified(state) => state.take_output(out),
            Self::Identified(state) => state.take_output(max_bytes, now, effects, out),
        }
    }

    /// Ends the conversation, because of the node or of what the socket said.
    pub fn end(&mut self, reason: Disconnect, effects: &mut VecDeque<Effect>) {
        if !matches!(self, Self::Ended) {
            *self = Self::Ended;
            effects.push_back(Effect::Close(reason));
        }
    }

    fn go_on(&mut self, handled: Handled<Self>, effects: &mut VecDeque<Effect>) {
        match handled {
            Ok(state) => *self = state,
            Err(reason) => {
                *self = Self::Ended;
                effects.push_back(Effect::Close(reason));
            }
        }
    }
}

#[cfg(test)]
mod tests;
