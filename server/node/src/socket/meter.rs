//! What one connection counts: its classes, its bytes, the bounds it reached, and how far it is behind.

use crate::listener::wire::Wire;
use crate::metrics::Metrics;
use crate::metrics::classes::{Account, ChannelClass, Ended, Output as Class};
use crate::metrics::connections::OpenConnection;
use crate::metrics::lag::Behind;
use crate::seats;
use crate::socket::messages::End;
use crate::socket::walk::{SocketId, Worker};
use identity::Principal;
use protocol::limits::reached;
use protocol::{ChannelName, Disconnect, Encoding};
use session::{Lag, Output, Session};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a connection that is behind is looked at.
const LAG_EVERY: Duration = Duration::from_secs(1);

/// The counts of a connection; dropping it takes the connection out of what is open and behind.
#[derive(Debug)]
pub(crate) struct Meter {
    metrics: Arc<Metrics>,
    worker: Rc<Worker>,
    id: SocketId,
    wire: Rc<Wire>,
    open: OpenConnection,
    /// The class of the channel that was given last: to read it from a name takes memory, and mostly it is the same.
    recent: Option<(ChannelName, ChannelClass)>,
    /// While the socket does not take all there is for it: since when, and when to look again.
    behind: Option<(Instant, Instant)>,
}

impl Meter {
    pub(crate) fn new(
        metrics: &Arc<Metrics>,
        worker: &Rc<Worker>,
        id: SocketId,
        wire: &Rc<Wire>,
        encoding: Encoding,
    ) -> Self {
        Self {
            metrics: Arc::clone(metrics),
            worker: Rc::clone(worker),
            id,
            wire: Rc::clone(wire),
            open: metrics.connection_opened(encoding),
            recent: None,
            behind: None,
        }
    }

    /// Somebody said who they are.
    pub(crate) fn identified(&mut self, principal: &Principal) {
        self.open.identified(Account::of(Some(principal)));
        self.wire.identify(&principal.member);
    }

    /// A frame of so many bytes was given to be written, with this in it.
    pub(crate) fn gave(&mut self, output: &mut Output, bytes: usize) {
        let account = self.open.account();
        for run in &output.runs {
            let class = self.class_of(&run.channel);
            self.metrics.traffic.delivered(class, account, run.publications, as_u64(run.bytes));
        }
        let traffic = &self.metrics.traffic;
        let framing = bytes.saturating_sub(output.bytes());
        traffic.sent(Class::Replies, account, as_u64(output.reply_bytes));
        traffic.sent(Class::Control, account, as_u64(output.control_bytes.saturating_add(framing)));
        self.wire.give(bytes, output.runs.drain(..));
    }

    fn class_of(&mut self, channel: &ChannelName) -> ChannelClass {
        match &self.recent {
            Some((recent, class)) if recent == channel => *class,
            Some(_) | None => {
                let class = ChannelClass::of(channel);
                self.recent = Some((channel.clone(), class));
                class
            }
        }
    }

    /// A frame without publications was given to be written.
    pub(crate) fn gave_control(&self, bytes: usize) {
        self.metrics.traffic.sent(Class::Control, self.open.account(), as_u64(bytes));
        self.wire.give(bytes, []);
    }

    /// Bytes of a message came.
    pub(crate) fn heard(&self, bytes: usize) {
        self.metrics.traffic.received(self.open.account(), as_u64(bytes));
    }

    /// Notes how far the connection is behind; `waiting_bytes` wait for its socket.
    pub(crate) fn look_at_lag(&mut self, session: &mut Session, waiting_bytes: u64, now: Instant) {
        let is_behind = waiting_bytes > 0 || session.is_catching_up();
        match self.behind {
            None if is_behind => self.behind = Some((now, now + LAG_EVERY)),
            Some(_) if !is_behind => {
                self.behind = None;
                self.worker.caught_up(self.id);
            }
            Some((since, at)) if at <= now => {
                self.behind = Some((since, now + LAG_EVERY));
                let Lag { publications, age } = session.lag(since, now);
                let account = self.open.account();
                self.worker.behind(self.id, Behind { account, age, publications, bytes: waiting_bytes });
            }
            Some(_) | None => {}
        }
    }

    /// When to look again.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        self.behind.map(|(_, at)| at)
    }

    /// The connection ended.
    pub(super) fn ended(&self, end: &End) {
        let counted = match end {
            // Not the network's doing: it took nothing for too long.
            End::Gone if self.wire.is_cut() => Ended::ByUs(Disconnect::NoPong),
            End::Gone | End::ByPeer(_) | End::For(_) => end.counted(),
        };
        self.metrics.ended(counted);
        let limit = match end {
            End::For(Disconnect::FrameTooLarge) => reached::FRAME_MAX_BYTES,
            End::For(Disconnect::TooManyFragments) => reached::FRAGMENTS_PER_MESSAGE_MAX,
            End::For(Disconnect::ConnectionLimit) => seats::reached::SEATS_PER_DEVICE_MAX,
            // The conversation counts those that it keeps.
            End::For(_) | End::ByPeer(_) | End::Gone => return,
        };
        self.metrics.limit_reached(limit);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.worker.caught_up(self.id);
    }
}

fn as_u64(bytes: usize) -> u64 {
    bytes.try_into().unwrap_or(u64::MAX)
}
