//! What one connection counts: its classes, its bytes, the bounds it reached, and how far it is behind.

use crate::listener::wire::Wire;
use crate::metrics::Metrics;
use crate::metrics::classes::{Account, ChannelClass, Ended, Output as Class};
use crate::metrics::connections::OpenConnection;
use crate::metrics::lag::Behind;
use crate::seats;
use crate::socket::messages::End;
use crate::socket::socket_id::SocketId;
use crate::socket::walk::Worker;
use identity::Principal;
use protocol::limits::reached;
use protocol::{Disconnect, Encoding};
use session::{Lag, Output, Session};
use std::time::{Duration, Instant};

/// How often a connection that is behind is looked at.
const LAG_EVERY: Duration = Duration::from_secs(1);

/// The counts of a connection. Little is kept of each: what it stands on is handed in.
#[derive(Debug)]
pub(super) struct Meter {
    open: OpenConnection,
    /// While the socket does not take all there is for it.
    behind: Option<Box<Watching>>,
}

/// A connection that is behind.
#[derive(Debug)]
struct Watching {
    since: Instant,
    look_at: Instant,
}

impl Meter {
    pub(super) fn new(metrics: &Metrics, encoding: Encoding) -> Self {
        Self { open: metrics.connection_opened(encoding), behind: None }
    }

    /// Somebody said who they are.
    pub(super) fn identified(&mut self, principal: &Principal, wire: &Wire) {
        self.open.identified(Account::of(Some(principal)));
        wire.identify(&principal.member);
    }

    /// A frame of so many bytes was given to be written, with this in it.
    pub(super) fn gave(&self, metrics: &Metrics, wire: &Wire, output: &mut Output, bytes: usize) {
        let account = self.open.account();
        let traffic = &metrics.traffic;
        for run in &output.runs {
            let class = ChannelClass::of(&run.channel);
            traffic.delivered(class, account, run.publications, as_u64(run.bytes));
        }
        let framing = bytes.saturating_sub(output.bytes());
        if output.reply_bytes > 0 {
            traffic.sent(Class::Replies, account, as_u64(output.reply_bytes));
        }
        traffic.sent(Class::Control, account, as_u64(output.control_bytes.saturating_add(framing)));
        wire.give(bytes, output.runs.drain(..));
    }

    /// A frame without publications was given to be written.
    pub(super) fn gave_control(&self, metrics: &Metrics, wire: &Wire, bytes: usize) {
        metrics.traffic.sent(Class::Control, self.open.account(), as_u64(bytes));
        wire.give(bytes, []);
    }

    /// Bytes of a message came.
    pub(super) fn heard(&self, metrics: &Metrics, bytes: usize) {
        metrics.traffic.received(self.open.account(), as_u64(bytes));
    }

    /// Notes how far the connection is behind; `waiting_bytes` wait for its socket.
    pub(super) fn look_at_lag(
        &mut self,
        (worker, id): (&Worker, SocketId),
        session: &mut Session,
        waiting_bytes: u64,
        now: Instant,
    ) {
        let is_behind = waiting_bytes > 0 || session.is_catching_up();
        match &mut self.behind {
            None if is_behind => {
                self.behind = Some(Box::new(Watching { since: now, look_at: now + LAG_EVERY }));
            }
            Some(_) if !is_behind => self.forget_lag((worker, id)),
            Some(watching) if watching.look_at <= now => {
                watching.look_at = now + LAG_EVERY;
                let Lag { publications, age } = session.lag(watching.since, now);
                let account = self.open.account();
                worker.behind(id, Behind { account, age, publications, bytes: waiting_bytes });
            }
            Some(_) | None => {}
        }
    }

    /// The connection is no longer behind, or no longer there.
    fn forget_lag(&mut self, (worker, id): (&Worker, SocketId)) {
        self.behind = None;
        worker.caught_up(id);
    }

    /// When to look again.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.behind.as_ref().map(|watching| watching.look_at)
    }

    /// The connection ended.
    pub(super) fn ended(&mut self, metrics: &Metrics, wire: &Wire, place: (&Worker, SocketId), end: &End) {
        self.forget_lag(place);
        let counted = match end {
            // Not the network's doing: it took nothing for too long.
            End::Gone if wire.is_cut() => Ended::ByUs(Disconnect::NoPong),
            End::Gone | End::ByPeer(_) | End::For(_) => end.counted(),
        };
        metrics.ended(counted);
        let limit = match end {
            End::For(Disconnect::FrameTooLarge) => reached::FRAME_MAX_BYTES,
            End::For(Disconnect::TooManyFragments) => reached::FRAGMENTS_PER_MESSAGE_MAX,
            End::For(Disconnect::ConnectionLimit) => seats::reached::SEATS_PER_DEVICE_MAX,
            // The conversation counts those that it keeps.
            End::For(_) | End::ByPeer(_) | End::Gone => return,
        };
        metrics.limit_reached(limit);
    }
}

fn as_u64(bytes: usize) -> u64 {
    bytes.try_into().unwrap_or(u64::MAX)
}
