//! What goes in and out. Called for each write to a socket: a count costs an atomic addition.

use crate::metrics::classes::{Account, ChannelClass, Output};
use crate::metrics::label::{Book, Each, EachOfTwo, Label};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Unit;

/// Counters of publications and bytes.
#[derive(Debug)]
pub(crate) struct Traffic {
    delivered: EachOfTwo<ChannelClass, Account, Counter>,
    sent: EachOfTwo<Output, Account, Counter>,
    received: Each<Account, Counter>,
}

impl Traffic {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            delivered: book.each_of_two(
                "publications_delivered",
                "Publications given to connections, counted once a connection",
                None,
            ),
            sent: book.each_of_two("sent", "Bytes given to connections", Some(Unit::Bytes)),
            received: book.each("received", "Bytes read from connections", Some(Unit::Bytes)),
        }
    }

    /// Publications of one channel were given to a connection, in so many bytes.
    pub(crate) fn delivered(&self, channel: ChannelClass, account: Account, publications: u64, bytes: u64) {
        if let Some(delivered) = self.delivered.of_both(channel, account) {
            delivered.inc_by(publications);
        }
        self.sent(Output::Channel(channel), account, bytes);
    }

    /// Publications that were given to connections since the start.
    pub(crate) fn deliveries(&self) -> u64 {
        let classes = ChannelClass::ALL.iter().flat_map(|channel| {
            Account::ALL.iter().filter_map(|account| self.delivered.of_both(*channel, *account))
        });
        classes.map(Counter::get).sum()
    }

    /// Bytes were given to a connection; those of publications are counted by [`Traffic::delivered`].
    pub(crate) fn sent(&self, output: Output, account: Account, bytes: u64) {
        if let Some(sent) = self.sent.of_both(output, account) {
            sent.inc_by(bytes);
        }
    }

    /// Bytes came from a connection.
    pub(crate) fn received(&self, account: Account, bytes: u64) {
        if let Some(received) = self.received.of(account) {
            received.inc_by(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;

    #[test]
    fn bytes_of_publications_are_counted_once_and_by_what_the_channel_is_for() {
        let traffic = Traffic::new(&mut Book(&mut Registry::default()));
        traffic.delivered(ChannelClass::Teams, Account::Activist, 3, 100);
        traffic.sent(Output::Replies, Account::Activist, 7);
        traffic.received(Account::Stranger, 5);
        let sent = |output| traffic.sent.of_both(output, Account::Activist).unwrap().get();
        assert_eq!(sent(Output::Channel(ChannelClass::Teams)), 100);
        assert_eq!(sent(Output::Channel(ChannelClass::Bulletins)), 0);
        assert_eq!(sent(Output::Replies), 7);
        assert_eq!(traffic.delivered.of_both(ChannelClass::Teams, Account::Activist).unwrap().get(), 3);
        assert_eq!(traffic.received.of(Account::Stranger).unwrap().get(), 5);
    }
}
