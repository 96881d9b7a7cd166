//! The floor: the least that a broadcast server can do, against which the CPU time of the real one is measured; and,
//! with a lie planted in it, the server on which the ledger is tried.
//!
//! One thread, epoll, one frame for all readers of a message, and one `send` for each. It has no TLS, no accounts, no
//! rights and no disk: every token is taken, every channel is there, and what was said is kept in memory. It announces
//! pings, as the real server does, and sends none. It never joins two messages in one `send`, so that under a flood a
//! server that does may come below it.

mod lies;
mod link;
mod log;
mod poll;
mod room;
mod wire;

use anyhow::Context;
use lies::Liar;
use protocol::Epoch;
use room::Room;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;

/// Connections that wait to be accepted; the kernel refuses more.
const BACKLOG_MAX_CONNECTIONS: i32 = 4_096;

/// What the floor does wrong, always in the same places: live pushes, the beginnings of subscriptions, what `history`
/// says or what publishers are answered. A lie touches one of these; the others show what it took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lie {
    /// The 97th delivery, and each 10,000th after it, is not made.
    Drop,
    /// These deliveries are made twice.
    Duplicate,
    /// These deliveries are held back until the reader has got its next message of the channel.
    Swap,
    /// The first reader of a channel gets nothing behind offset 5.
    Tail,
    /// These deliveries also go to a reader of another channel, if there is one who does not read this one; else the
    /// next delivery for which there is.
    Misdeliver,
    /// One letter of these deliveries is another, if they end with one; else of the next that does.
    Alter,
    /// The 7th publish, and each 1,000th after it, is answered and forgotten; the next gets its offset.
    Forget,
    /// The 3rd subscribe without recovery, and each 100th after it, is answered with an offset and a top that are one
    /// too high, and the next publication is not pushed to that reader: of a log that ends at n it is told n+1, and
    /// gets n+2 first. It sees no hole; that n+1 came after it shows in the time of n+1 alone.
    Join,
    /// The 3rd recovery, and each 100th after it, leaves out the first publication that was missed, and says that all
    /// of it is there: recovered, from the offset that was asked for. What counts as a recovery is a subscribe that
    /// recovers from an offset whose publication is still in the log, and that missed something.
    Skip,
    /// These recoveries begin one too early: the publication at the offset that was asked for comes again, though the
    /// answer names that offset.
    Resume,
    /// `history` leaves out each 50th publication of a log, and goes on behind it; readers get it.
    Log,
    /// `history` tells the publications at 20 and 21 in the other order, if they are on one page.
    Reorder,
    /// Who publishes is answered with an epoch that is not the one that subscribers and `history` are told: `-`.
    Epoch,
}

/// Serves until SIGTERM or SIGINT; says `ready http://ADDRESS` once it listens.
pub(crate) fn run(listen: SocketAddr, lie: Option<Lie>) -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .context("the limit on open descriptors could not be raised")?;
    let (stopped, stop) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGTERM, stop.try_clone()?)?;
    signal_hook::low_level::pipe::register(SIGINT, stop)?;

    let listener = Socket::new(Domain::for_address(listen), Type::STREAM.nonblocking().cloexec(), None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&listen.into()).with_context(|| format!("{listen} cannot be listened on"))?;
    listener.listen(BACKLOG_MAX_CONNECTIONS)?;
    let address = listener.local_addr()?.as_socket().context("a listener without an address")?;
    let room = Room::new(fresh_epoch()?, lie.map(Liar::new));
    let server = poll::Server::new(listener, stopped, room)?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ready http://{address}")?;
    stdout.flush()?;
    server.serve()
}

fn fresh_epoch() -> anyhow::Result<Epoch> {
    Ok(Epoch::parse(&format!("{:016x}", fastrand::u64(..)))?)
}
