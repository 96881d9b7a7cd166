//! Where many channels end, looked up together: whoever asks while others are looked up is looked up next, on one snapshot
//! with all who asked meanwhile. A crowd that comes back asks for an inbox each, at once.

use crate::error::Failed;
use crate::log;
use crate::shared::Shared;
use parking_lot::Mutex;
use protocol::{ChannelName, StreamPosition};
use redb::ReadTransaction;
use std::sync::Arc;
use storage::Unavailable;
use tokio::sync::oneshot;

protocol::limits! {
    /// Most channels whose ends are looked up on one snapshot; the rest waits for the next.
    pub(crate) const TOPS_AT_ONCE_MAX: usize = 1_024 => unseen;
}

/// Who asked and was not answered yet: no more than a node has requests under way, each of which a connection's bounds count.
#[derive(Debug, Default)]
pub(crate) struct Tops(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    asked: Vec<Asked>,
    /// A thread looks up.
    is_served: bool,
}

#[derive(Debug)]
struct Asked {
    channel: ChannelName,
    answer: oneshot::Sender<Result<StreamPosition, Unavailable>>,
}

impl Shared {
    /// Where a channel's log ends.
    pub(crate) async fn top(self: &Arc<Self>, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        let (answer, top) = oneshot::channel();
        if self.tops.ask(Asked { channel: channel.clone(), answer }) {
            let shared = Arc::clone(self);
            // It ends when nobody asks any more; those who asked do not wait for it, but for their answers.
            drop(tokio::task::spawn_blocking(move || Serving { shared, has_ended: false }.serve()));
        }
        top.await.unwrap_or(Err(Unavailable))
    }
}

impl Tops {
    /// Answers whether somebody has to begin looking up.
    fn ask(&self, asked: Asked) -> bool {
        let mut waiting = self.0.lock();
        waiting.asked.push(asked);
        !std::mem::replace(&mut waiting.is_served, true)
    }

    /// Those who are next; nobody, and then nobody is served any more.
    fn next(&self) -> Vec<Asked> {
        let mut waiting = self.0.lock();
        let some = waiting.asked.len().min(TOPS_AT_ONCE_MAX);
        let rest = waiting.asked.split_off(some);
        let next = std::mem::replace(&mut waiting.asked, rest);
        waiting.is_served = !next.is_empty();
        next
    }
}

/// The thread that looks up.
struct Serving {
    shared: Arc<Shared>,
    has_ended: bool,
}

impl Serving {
    fn serve(mut self) {
        loop {
            let asked = self.shared.tops.next();
            if asked.is_empty() {
                self.has_ended = true;
                return;
            }
            let channels = asked.iter().map(|asked| &asked.channel);
            let tops = self.shared.read_now(|snapshot| look_up(snapshot, channels));
            match tops {
                Ok(tops) => {
                    for (asked, top) in asked.into_iter().zip(tops) {
                        // Whoever went away needs no answer.
                        drop(asked.answer.send(Ok(top)));
                    }
                }
                Err(Unavailable) => asked.into_iter().for_each(|asked| {
                    drop(asked.answer.send(Err(Unavailable)));
                }),
            }
        }
    }
}

impl Drop for Serving {
    /// Should it panic, or never run: those who wait learn that there is no answer, and the next who asks is served.
    fn drop(&mut self) {
        if !self.has_ended {
            *self.shared.tops.0.lock() = Waiting::default();
        }
    }
}

fn look_up<'c>(
    snapshot: &ReadTransaction,
    channels: impl Iterator<Item = &'c ChannelName>,
) -> Result<Vec<StreamPosition>, Failed> {
    let ends = log::Ends::open(snapshot)?;
    channels.map(|channel| ends.top(channel)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked { channel: ChannelName::bulletins_all(), answer: oneshot::channel().0 }
    }

    #[test]
    fn the_first_who_asks_has_all_looked_up_who_ask_until_nobody_does() {
        let tops = Tops::default();
        assert!(tops.ask(asked()), "nobody looks up yet");
        assert!(!tops.ask(asked()), "the first one's thread sees to it");
        assert_eq!(tops.next().len(), 2);
        assert!(!tops.ask(asked()), "it looks again");
        assert_eq!(tops.next().len(), 1);
        assert!(tops.next().is_empty());
        assert!(tops.ask(asked()), "the thread has ended");
    }

    #[test]
    fn no_more_are_looked_up_at_once_than_the_bound() {
        let tops = Tops::default();
        for _ in 0..=TOPS_AT_ONCE_MAX {
            tops.ask(asked());
        }
        assert_eq!(tops.next().len(), TOPS_AT_ONCE_MAX);
        assert_eq!(tops.next().len(), 1);
    }
}
