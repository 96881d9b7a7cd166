//! From an order to the log, in an order that is ours: what all sockets of the node have to say passes through one fair
//! queue, and only so much of it is with the store as fills its groups.

mod turns;

use crate::clock;
use crate::metrics::Metrics;
use crate::metrics::publishing::Refused;
use admission::credit::{self, NoCredit, UNANSWERED_MAX_BYTES};
use admission::fair_queue::NoRoom;
use admission::{Credits, UrgentAllowance};
use parking_lot::Mutex;
use protocol::rpc::{Later, Placed, PublishStatus};
use protocol::{ErrorCode, Lane, MemberId};
use session::{NotPlaced, PublishOrder};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};
use storage::{Draft, Durability, History, PublishError, Published};
pub(crate) use turns::{LIMITS as TURNS, Queued};
use turns::{NoTurn, Turns};

protocol::limits! {
    /// When a message is to come again for which the store has no room: only retention makes some.
    const NO_ROOM_PAUSE: Duration = Duration::from_secs(30) => shown "holdfast_publishes_refused";
    /// When a message is to come again that the store cannot take now.
    const STORE_AWAY_PAUSE: Duration = Duration::from_secs(2) => shown "holdfast_publishes_refused";
}

/// Brings messages to the store.
#[derive(Debug)]
pub(crate) struct Publisher {
    history: Arc<dyn History>,
    metrics: Arc<Metrics>,
    turns: Arc<Turns>,
    accounts: Mutex<Accounts>,
    /// How hard pressed the service is, from 0 to 3.
    grade: AtomicU8,
    is_full: AtomicBool,
}

/// What members are allowed.
#[derive(Debug)]
struct Accounts {
    credits: Credits<MemberId>,
    urgent: UrgentAllowance<MemberId>,
}

/// A message that may wait for its answer; until this is dropped it counts as unanswered.
pub(crate) struct Credit {
    publisher: Arc<Publisher>,
    author: MemberId,
    bytes: usize,
}

impl Drop for Credit {
    fn drop(&mut self) {
        self.publisher.accounts.lock().credits.give_back(&self.author, self.bytes);
    }
}

impl Publisher {
    pub(crate) fn new(history: Arc<dyn History>, metrics: Arc<Metrics>) -> Self {
        Self {
            history,
            metrics,
            turns: Arc::new(Turns::new()),
            accounts: Mutex::new(Accounts {
                credits: Credits::new(UNANSWERED_MAX_BYTES),
                urgent: UrgentAllowance::default(),
            }),
            grade: AtomicU8::new(0),
            is_full: AtomicBool::new(false),
        }
    }

    /// Says how hard pressed the service is, from 0, which is normal, to 3, which is survival: how much members may have
    /// unanswered depends on it.
    pub(crate) fn press(&self, grade: u8) {
        self.grade.store(grade, Ordering::Relaxed);
    }

    /// How long the message that has waited longest has waited, for its turn or for the store.
    pub(crate) fn oldest_waiting(&self, now: Instant) -> Duration {
        self.turns.oldest().map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// What waits now.
    pub(crate) fn queued(&self, now: Instant) -> Queued {
        self.turns.queued(now)
    }

    /// Bytes of messages that are not answered.
    pub(crate) fn unanswered_bytes(&self) -> usize {
        self.accounts.lock().credits.bytes()
    }

    /// Whether the store had no room for the latest message.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Lets a message wait for its answer, if its author has credit.
    pub(crate) fn credit(self: &Arc<Self>, order: &PublishOrder) -> Result<Credit, Later> {
        let (author, bytes) = (order.sender.user.clone(), order.data.as_str().len());
        let taken = self.accounts.lock().credits.take(&author, order.lane, bytes, self.grade());
        match taken {
            Ok(()) => Ok(Credit { publisher: Arc::clone(self), author, bytes }),
            Err(NoCredit::OfAuthor) => Err(self.later(Refused::OverCredit)),
            Err(NoCredit::OfNode) => Err(self.later(Refused::NodeFull)),
        }
    }

    /// Stores a message when it is its turn, and answers when the store has it for good.
    pub(crate) async fn publish(&self, order: PublishOrder) -> Result<Placed, NotPlaced> {
        let author = order.sender.user.clone();
        let lane = self.lane(&author, order.lane);
        let result = self.place(order, lane).await;
        let counts = matches!(result, Ok((_, Counts::Once)));
        if lane == Lane::Urgent && !counts {
            self.accounts.lock().urgent.give_back(&author);
        }
        result.map(|(placed, _)| placed)
    }

    fn lane(&self, author: &MemberId, asked: Lane) -> Lane {
        let lane = self.accounts.lock().urgent.lane(author, asked, clock::now().instant);
        if lane != asked {
            self.metrics.publishing.not_urgent();
        }
        lane
    }

    async fn place(&self, order: PublishOrder, lane: Lane) -> Result<(Placed, Counts), NotPlaced> {
        let key = match order.key {
            Some(key) => key,
            None => clock::fresh_key().map_err(|_| NotPlaced::Never(ErrorCode::Internal))?,
        };
        let author = order.sender.user.clone();
        let draft = Draft {
            channel: order.channel,
            data: order.data,
            sender: Some(order.sender),
            key,
            at: clock::wall(),
            lane,
        };
        let published = self.store(author, draft).await?;
        let counts = match published {
            Published::Duplicate(_) => Counts::Not,
            Published::Stored(_) => Counts::Once,
        };
        let position = published.position().clone();
        let status = status(self.history.durability());
        Ok((Placed { status, position, lane, credit: credit::allowance(self.grade()) }, counts))
    }

    async fn store(&self, author: MemberId, mut draft: Draft) -> Result<Published, NotPlaced> {
        let begun = clock::now().instant;
        let turn = self.turns.take(draft.lane, author, draft.data.as_str().len(), begun).await;
        let _turn = turn.map_err(|reason| {
            NotPlaced::Later(self.later(match reason {
                NoTurn::NoRoom(NoRoom::ForAuthor) => Refused::OverCredit,
                NoTurn::NoRoom(NoRoom::ForLane) => Refused::NodeFull,
                NoTurn::NotInTime => Refused::NotInTime,
            }))
        })?;
        let now = clock::now();
        self.metrics.publishing.turn(draft.lane, now.instant.saturating_duration_since(begun));
        // However long it waited, it is dated by its turn: times in a log follow offsets as closely as the store lets them.
        draft.at = now.wall;
        let published = self.history.publish(draft).await;
        self.note_room(&published);
        if published.is_ok() {
            let took = clock::now().instant.saturating_duration_since(begun);
            self.metrics.publishing.stored_within().note(took);
        }
        published.map_err(|error| match error {
            PublishError::KeyReused => NotPlaced::Never(ErrorCode::BadRequest),
            PublishError::NoRoom => NotPlaced::Later(self.later(Refused::StoreFull)),
            PublishError::Unavailable => NotPlaced::Later(self.later(Refused::StoreAway)),
            PublishError::Unknown => {
                self.metrics.publishing.refused(Refused::Unknown);
                NotPlaced::Unknown
            }
        })
    }

    fn note_room(&self, published: &Result<Published, PublishError>) {
        let is_full = match published {
            Ok(Published::Stored(_)) => false,
            Err(PublishError::NoRoom) => true,
            Ok(Published::Duplicate(_))
            | Err(PublishError::KeyReused | PublishError::Unavailable | PublishError::Unknown) => return,
        };
        if self.is_full.swap(is_full, Ordering::Relaxed) != is_full {
            if is_full {
                tracing::error!(
                    "the store keeps as much as it may: messages wait until retention makes room"
                );
            } else {
                tracing::info!("the store has room for messages again");
            }
        }
    }

    fn later(&self, reason: Refused) -> Later {
        self.metrics.publishing.refused(reason);
        let grade = self.grade();
        let retry_after = match reason {
            Refused::NodeFull | Refused::NotInTime | Refused::OverCredit => credit::pause(grade),
            Refused::StoreAway | Refused::Unknown => STORE_AWAY_PAUSE,
            Refused::StoreFull => NO_ROOM_PAUSE,
        };
        Later { retry_after, credit: Some(credit::allowance(grade)) }
    }

    fn grade(&self) -> u8 {
        self.grade.load(Ordering::Relaxed)
    }
}

/// Whether a message is one more of its author's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Not,
    Once,
}

const fn status(durability: Durability) -> PublishStatus {
    match durability {
        Durability::Synced => PublishStatus::Ok,
        Durability::Relaxed | Durability::Volatile => PublishStatus::Accepted,
    }
}

#[cfg(test)]
pub(crate) mod tests;
