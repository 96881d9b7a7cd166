//! What organisers' screens are told in `service:organisers`: that a conversation, a bulletin, a record of an attack or the
//! end of the audit changed, without what is in it. A notice is a hint: who misses it finds what changed where it is kept.
//!
//! ```text
//! requests, clockwork ─▶ Waiting, joined by subject ─▶ so many a second ─▶ the log of service:organisers
//! audit, incidents ─────▶   (looked at each second)
//! ```
//!
//! Nobody waits for a notice, and nothing fails because one could not be told.

mod waiting;

use crate::assembly::Node;
use crate::audit::ShownHead;
use crate::clock;
use campaign::bulletin::{AnyBulletin, BulletinId};
use campaign::conversation::{Conversation, ConversationId};
use evidence::incident::IncidentId;
use parking_lot::Mutex;
use protocol::{ChannelName, Lane, Payload};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use storage::{Draft, PublishError};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
pub(crate) use waiting::{Figures, LIMITS as WAITING};
use waiting::{NOTICES_PER_SECOND, Waiting};

/// How often the audit and the records are looked at, and how long a node that told as many as it may waits.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Something changed.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Notice {
    /// The end of this node's audit was signed; the head says of which chain.
    AuditHead(Box<ShownHead>),
    /// A bulletin is in this state.
    Bulletin { id: BulletinId, revision: u32, state: &'static str },
    /// Something was written in a conversation, or it is handled otherwise.
    Conversation { id: ConversationId, revision: u64 },
    /// This node opened the record of an attack or goes on with one, or closed it.
    Incident { id: IncidentId, state: Recording },
    /// Others were left out, as more waited than may: screens look for themselves.
    Lapsed,
}

/// Whether something is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Recording {
    Closed,
    Opened,
}

/// What a node has to tell.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    waiting: Mutex<Waiting>,
    news: Notify,
}

impl Notices {
    /// A bulletin may be in another state.
    pub(crate) fn bulletin(&self, bulletin: &AnyBulletin) {
        let core = bulletin.core();
        let (id, revision) = (core.id.clone(), core.revision);
        self.note(Notice::Bulletin { id, revision, state: bulletin.state() });
    }

    /// A conversation may have changed.
    pub(crate) fn conversation(&self, conversation: &Conversation) {
        let (id, revision) = (conversation.id().clone(), conversation.revision());
        self.note(Notice::Conversation { id, revision });
    }

    fn note(&self, notice: Notice) {
        self.waiting.lock().note(notice);
        self.news.notify_one();
    }

    /// How many were told, wait, and were left out.
    pub(crate) fn figures(&self) -> Figures {
        self.waiting.lock().figures()
    }
}

/// Tells for as long as the node serves.
pub(crate) async fn tell_for_ever(node: Arc<Node>) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut seen, mut is_told) = (Seen::default(), false);
    let mut left = NOTICES_PER_SECOND;
    loop {
        tokio::select! {
            _ = interval.tick() => {
                left = NOTICES_PER_SECOND;
                seen.look(&node);
            }
            () = node.notices.news.notified(), if left > 0 => {}
        }
        while left > 0 {
            let Some(notice) = node.notices.waiting.lock().take() else { break };
            left -= 1;
            match publish(&node, &notice).await {
                Ok(()) => {
                    node.notices.waiting.lock().told();
                    is_told = false;
                }
                Err(error) => {
                    // With the next look, unless it has changed again by then.
                    node.notices.waiting.lock().give_back(notice);
                    left = 0;
                    if !std::mem::replace(&mut is_told, true) {
                        tracing::warn!(%error, "organisers are not told of changes; trying on");
                    }
                }
            }
        }
    }
}

/// What was told of things that nobody reports.
#[derive(Debug, Default)]
struct Seen {
    head: Option<ShownHead>,
    incident: Option<IncidentId>,
}

impl Seen {
    fn look(&mut self, node: &Node) {
        let head = node.audit.shown_head();
        if head != self.head {
            self.head.clone_from(&head);
            if let Some(head) = head {
                node.notices.note(Notice::AuditHead(Box::new(head)));
            }
        }
        let open = node.incidents.standing().open.map(|open| open.id);
        if open != self.incident {
            if let Some(id) = std::mem::replace(&mut self.incident, open.clone()) {
                node.notices.note(Notice::Incident { id, state: Recording::Closed });
            }
            if let Some(id) = open {
                node.notices.note(Notice::Incident { id, state: Recording::Opened });
            }
        }
    }
}

async fn publish(node: &Node, notice: &Notice) -> Result<(), PublishError> {
    let (Ok(data), Ok(key)) = (Payload::from_value(notice), clock::fresh_key()) else {
        tracing::error!("a notice for organisers could not be made");
        return Ok(());
    };
    let channel = ChannelName::service_organisers();
    // Under attack it wakes nobody whose other messages may wait.
    let draft = Draft { channel, data, sender: None, key, at: clock::wall(), lane: Lane::Bulk };
    node.store.history.publish(draft).await.map(drop)
}
