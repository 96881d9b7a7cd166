//! Connections and what is said on them: how many there are, how they end, what they ask and what they are refused.

use crate::metrics::classes::{Account, CommandKind, Ended};
use crate::metrics::label::{Book, Each, EachOfTwo, Label};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use protocol::{Encoding, ErrorCode, Request};
use std::sync::Arc;

/// Counters of connections; cheap enough for each frame.
#[derive(Debug)]
pub(crate) struct Connections {
    open: EachOfTwo<Account, Encoding, Gauge>,
    opened: Each<Encoding, Counter>,
    identified: Each<Account, Counter>,
    ended: Each<Ended, Counter>,
    commands: Each<CommandKind, Counter>,
    error_replies: Each<ErrorCode, Counter>,
}

impl Connections {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            open: book.each_of_two("connections", "Connections that are open", None),
            opened: book.each("connections_opened", "Connections that were opened", None),
            identified: book.each(
                "connections_identified",
                "Connections on which somebody said who they are, by what they are",
                None,
            ),
            ended: book.each(
                "connections_closed",
                "Connections that ended, by our close code, or closed by the peer, or broken off",
                None,
            ),
            commands: book.each("commands", "Commands that clients sent", None),
            error_replies: book.each("error_replies", "Replies that were an error", None),
        }
    }

    /// A connection was opened by somebody unknown; it counts as open until what is answered is dropped.
    pub(crate) fn opened(self: &Arc<Self>, encoding: Encoding) -> OpenConnection {
        increase(self.opened.of(encoding));
        let connection =
            OpenConnection { connections: Arc::clone(self), account: Account::Stranger, encoding };
        connection.count(1);
        connection
    }

    /// A connection ended.
    pub(crate) fn ended(&self, how: Ended) {
        increase(self.ended.of(how));
    }

    /// Connections of a class that are open.
    pub(crate) fn open(&self, account: Account) -> u64 {
        let open = Encoding::ALL.iter().filter_map(|encoding| self.open.of_both(account, *encoding));
        u64::try_from(open.map(Gauge::get).sum::<i64>()).unwrap_or_default()
    }

    /// A client asked something.
    pub(crate) fn command(&self, request: &Request) {
        increase(self.commands.of(CommandKind::from(request)));
    }

    /// A client was refused something.
    pub(crate) fn error_reply(&self, code: ErrorCode) {
        increase(self.error_replies.of(code));
    }
}

fn increase(counter: Option<&Counter>) {
    if let Some(counter) = counter {
        counter.inc();
    }
}

/// One open connection; dropping it takes it out of the count.
#[derive(Debug)]
pub(crate) struct OpenConnection {
    connections: Arc<Connections>,
    account: Account,
    encoding: Encoding,
}

impl OpenConnection {
    /// Somebody said who they are, or that they are something else now.
    pub(crate) fn identified(&mut self, account: Account) {
        if account != self.account {
            increase(self.connections.identified.of(account));
            self.count(-1);
            self.account = account;
            self.count(1);
        }
    }

    /// Whose connection it is.
    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    fn count(&self, change: i64) {
        if let Some(open) = self.connections.open.of_both(self.account, self.encoding) {
            open.inc_by(change);
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.count(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;
    use protocol::Disconnect;

    fn connections() -> Arc<Connections> {
        Arc::new(Connections::new(&mut Book(&mut Registry::default())))
    }

    #[test]
    fn a_connection_is_counted_where_it_stands_and_only_while_it_lives() {
        let connections = connections();
        let open = |account| connections.open.of_both(account, Encoding::Json).unwrap().get();
        let mut one = connections.opened(Encoding::Json);
        assert_eq!((open(Account::Stranger), open(Account::Activist)), (1, 0));
        one.identified(Account::Activist);
        assert_eq!((open(Account::Stranger), open(Account::Activist)), (0, 1));
        drop(one);
        assert_eq!((open(Account::Stranger), open(Account::Activist)), (0, 0));
    }

    #[test]
    fn a_token_that_is_renewed_identifies_nobody_anew() {
        let connections = connections();
        let mut one = connections.opened(Encoding::Protobuf);
        one.identified(Account::Organiser);
        one.identified(Account::Organiser);
        assert_eq!(connections.identified.of(Account::Organiser).unwrap().get(), 1);
    }

    #[test]
    fn ends_commands_and_refusals_are_counted_apart() {
        let connections = connections();
        connections.ended(Ended::ByUs(Disconnect::Stale));
        connections.ended(Ended::Gone);
        connections.command(&Request::Pong);
        connections.error_reply(ErrorCode::TooManyRequests);
        let ended = |how| connections.ended.of(how).unwrap().get();
        assert_eq!([Ended::ByUs(Disconnect::Stale), Ended::Gone, Ended::ByPeer].map(ended), [1, 1, 0]);
        assert_eq!(connections.commands.of(CommandKind::Pong).unwrap().get(), 1);
        assert_eq!(connections.error_replies.of(ErrorCode::TooManyRequests).unwrap().get(), 1);
    }
}
