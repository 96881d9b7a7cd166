//! A client that believes nothing: it counts what it asked, and compares what it reads with the log.

use super::log::Log;
use super::script::Token;
use crate::written::{Body, Heard, Said, Subscription};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Client {
    /// What each command asked that is not answered yet.
    pub(super) asked: BTreeMap<u32, Asked>,
    views: BTreeMap<String, View>,
    pub(super) pings: u32,
    /// The token whose rights count.
    pub(super) rights: Option<Token>,
    /// A raw frame asked something, so that ids no longer say what an answer answers.
    pub(super) confused: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Asked {
    Connect(Token),
    Other,
    Refresh(Token),
    /// Subscribe, perhaps from this offset; an offset of nothing asks for all.
    Subscribe {
        channel: String,
        granted: bool,
        recover: bool,
        offset: Option<u64>,
    },
    Unsubscribe(String),
}

/// Where the client is in a channel.
#[derive(Debug)]
struct View {
    epoch: String,
    /// It stands on a token of its own.
    granted: bool,
    next: u64,
}

impl Client {
    /// A command was sent, and taken.
    pub(super) fn sent(&mut self, id: u32, asked: Asked) {
        self.asked.insert(id, asked);
    }

    pub(super) fn hear(&mut self, heard: Heard, logs: &BTreeMap<String, Log>) {
        if self.confused {
            return;
        }
        match heard {
            Heard::Ping => self.pings += 1,
            Heard::Publication(channel, said) => self.read(&channel, &said, logs),
            Heard::Reply(id, body) => {
                let asked = self.asked.remove(&id).expect("an answer to something that was asked, once");
                self.answered(asked, body, logs);
            }
            Heard::Subscribed(channel, epoch, offset) => {
                let view = self.views.get_mut(&channel).expect("a subscription that goes on");
                assert_eq!(view.next, offset + 1, "it goes on where the client is");
                let common = logs[&channel].in_common(&view.epoch).expect("an epoch of ours");
                assert!(offset <= common, "what the client has is part of the new epoch");
                view.epoch = epoch;
            }
            Heard::Unsubscribed(channel) => {
                self.views.remove(&channel).expect("a subscription that ends");
            }
        }
    }

    fn answered(&mut self, asked: Asked, body: Body, logs: &BTreeMap<String, Log>) {
        match (asked, body) {
            (Asked::Connect(token), Body::Connect(subs)) => {
                self.rights = Some(token);
                for (channel, sub) in subs {
                    self.subscribed(&channel, false, sub, logs);
                }
            }
            (Asked::Subscribe { channel, granted, recover, offset }, Body::Subscribe(sub)) => {
                assert_eq!(sub.was_recovering, recover);
                assert!(recover || !sub.recovered);
                if let Some(offset) = offset.filter(|_| sub.recovered) {
                    assert_eq!(sub.offset, offset, "recovery begins where the client is");
                }
                self.subscribed(&channel, granted, sub, logs);
            }
            (Asked::Unsubscribe(channel), Body::Other) => {
                self.views.remove(&channel);
            }
            (Asked::Refresh(token), Body::Other) => self.rights = Some(token),
            (
                Asked::Connect(_) | Asked::Subscribe { .. } | Asked::Unsubscribe(_) | Asked::Refresh(_),
                Body::Error(_),
            )
            | (Asked::Other, Body::Other | Body::Error(_)) => {}
            (asked, body) => panic!("{asked:?} is answered with {body:?}"),
        }
    }

    fn subscribed(&mut self, channel: &str, granted: bool, sub: Subscription, logs: &BTreeMap<String, Log>) {
        assert!(sub.recovered || sub.publications.is_empty());
        let view = View { epoch: sub.epoch, granted, next: sub.offset + 1 };
        assert!(self.views.insert(channel.to_owned(), view).is_none(), "one subscription a channel");
        for said in &sub.publications {
            self.read(channel, said, logs);
        }
    }

    fn read(&mut self, channel: &str, (offset, data): &Said, logs: &BTreeMap<String, Log>) {
        let allowed = self.may_read(channel);
        let view = self.views.get_mut(channel).expect("a subscription");
        assert!(allowed || view.granted, "a channel that the newest token allows, or its own");
        assert_eq!(*offset, view.next, "without a hole, and nothing twice");
        assert_eq!(Some(&**data), logs[channel].said(&view.epoch, *offset), "what was published there");
        view.next += 1;
    }

    fn may_read(&self, channel: &str) -> bool {
        match self.rights.expect("a token") {
            Token::Sender | Token::Longer | Token::Crowded => channel != "inbox#m_2",
            Token::Activist => {
                channel != "inbox#m_2" && channel != "service:organisers" && !channel.starts_with("teams:")
            }
            Token::Other => channel != "inbox#m_1",
            Token::Expired | Token::Garbage | Token::Empty => false,
        }
    }

    /// Everything was answered, and every reader is at the end of its log.
    pub(super) fn has_all(&self, logs: &BTreeMap<String, Log>) {
        if self.confused {
            return;
        }
        assert!(self.asked.is_empty(), "{:?} were never answered", self.asked);
        for (channel, view) in &self.views {
            let top = logs[channel].top();
            assert_eq!((&*view.epoch, view.next - 1), (top.epoch.as_str(), top.offset.get()), "{channel}");
        }
    }
}
