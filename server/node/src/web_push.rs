//! Notifications at a node: what a phone that sleeps is sent, through the push services of browsers' makers.
//!
//! All of it happens on a thread of its own, so that no push service, however slow, takes anything from the workers. What is
//! to be sent is read from the store a page at a time, and what cannot be sent now waits there: a node's memory does not
//! grow with the number of devices, and a node that dies leaves nothing behind but a page that another sends again.

mod backlog;
mod client;
mod lanes;
mod page;
mod sender;

pub(crate) use backlog::LIMITS as BACKLOG;
pub(crate) use client::LIMITS as CLIENT;
pub(crate) use lanes::LIMITS as LANES;
pub(crate) use page::LIMITS as PAGE;
pub(crate) use sender::LIMITS as SENDER;

use backlog::BacklogBoard;

use crate::assembly::Node;
use crate::clock;
use crate::config::Config;
use crate::outgoing::{Authorities, Roots, Trusted};
use actix_rt::Arbiter;
use campaign::audience::MemberNumber;
use campaign::bulletin::BulletinId;
use campaign::web_push::{About, PushHosts, Put, Rounds, ShownTokens, Subject, Waiting, Waits};
use identity::{KeySet, Vapid};
use protocol::{MemberId, Timestamp};
use std::sync::Arc;
use storage::Records;
use tokio::sync::Notify;

/// What a node needs to send notifications.
#[derive(Debug)]
pub(crate) struct WebPush {
    setup: Option<Setup>,
    tokens: ShownTokens,
    rounds: Rounds,
    waits: Waits,
    pub(crate) backlog: BacklogBoard,
    /// Rung when there may be something to send.
    pub(crate) due: Notify,
}

/// How notifications are sent, where they are set up.
#[derive(Debug)]
struct Setup {
    vapid: Vapid,
    hosts: PushHosts,
    /// As browsers do, whom their makers' services are of.
    trusted: Trusted,
}

impl WebPush {
    /// As it is configured. Without a contact nothing is sent.
    pub(crate) fn new(
        config: &Config,
        keys: &KeySet,
        records: Arc<dyn Records>,
        authorities: &Authorities,
    ) -> anyhow::Result<Self> {
        let setup = match &config.push.contact {
            Some(contact) => Some(Setup {
                vapid: Vapid::new(keys, contact.as_str())?,
                hosts: config.push.hosts()?,
                trusted: authorities.and(Roots::Browsers)?,
            }),
            None => None,
        };
        let (rounds, waits) = (Rounds::new(Arc::clone(&records)), Waits::new(records));
        Ok(Self {
            setup,
            tokens: ShownTokens::new(keys),
            rounds,
            waits,
            backlog: BacklogBoard::default(),
            due: Notify::new(),
        })
    }

    /// What browsers subscribe with, if notifications are set up.
    pub(crate) fn public_key(&self) -> Option<&str> {
        self.setup.as_ref().map(|setup| setup.vapid.public_key())
    }

    /// Which hosts are push services, if notifications are set up.
    pub(crate) fn hosts(&self) -> Option<&PushHosts> {
        self.setup.as_ref().map(|setup| &setup.hosts)
    }

    /// What a phone says that showed something.
    pub(crate) fn read_shown(&self, token: &str, now: Timestamp) -> Option<(BulletinId, MemberNumber)> {
        self.tokens.read(token, now)
    }
}

/// Begins to send, on a thread that ends with the node; nothing, where notifications are not set up.
pub(crate) fn start(node: &Arc<Node>) {
    if node.web_push.setup.is_none() {
        return;
    }
    let node = Arc::clone(node);
    let spawned = Arbiter::new().spawn_fn(move || {
        actix_web::rt::spawn(async move {
            lanes::send_until_drained(node).await;
            Arbiter::current().stop();
        });
    });
    if !spawned {
        tracing::error!("the thread that sends notifications ended; this node sends none");
    }
}

/// Has a member's devices told that organisers wrote to them. A hint: if the store is away, nobody is told.
pub(crate) async fn tell_message(node: &Node, member: &MemberId) {
    if node.web_push.setup.is_none() {
        return;
    }
    let now = clock::wall();
    let Ok(found) = node.people.found_pushes_of(member, now).await else { return };
    let waiting = Waiting { about: About::Message, is_urgent: false, count: 1, tries: 0, since: now };
    let puts: Vec<Put> = found.iter().map(|found| found.wait(waiting.clone(), now)).collect();
    let ends = Subject::message(now).ends;
    if let Err(error) = node.web_push.waits.put(&puts, |_| ends, now).await {
        tracing::debug!(%error, "a member's devices are not told of a message");
    }
    node.web_push.due.notify_waiters();
}
