//! Publishing: one atomic script, sent over one shared connection.
//!
//! Concurrent publishes queue up in the connection, and Redis runs all that it finds there before it syncs once and
//! answers them: group commit without a timer.
//!
//! An outcome that is not known is settled with the same idempotency key, which either finds the message or stores
//! it. Only if that fails too for a while is the caller left with [`PublishError::Unknown`]. Once an outcome was
//! unknown, a later refusal does not make it known: the earlier try may have been the one that stored.

use crate::connection::{Link, is_refusal};
use crate::keys::Keys;
use crate::options::Options;
use aws_lc_rs::digest::{SHA256, digest};
use protocol::{Epoch, Offset, StreamPosition};
use redis::{RedisResult, Script, ScriptInvocation};
use std::time::Duration;
use storage::history::{EpochSource, IDEMPOTENCY_WINDOW, LINEAGE_MAX_EPOCHS};
use storage::stored::{StoredPublication, idempotency_scope};
use storage::{Draft, PublishError, Published};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

const SETTLE_PAUSE_MIN: Duration = Duration::from_millis(20);
const SETTLE_PAUSE_MAX: Duration = Duration::from_millis(320);

/// The writing end of the history.
pub(crate) struct Publisher {
    link: Link,
    script: Script,
    keys: Keys,
    fresh_epoch: EpochSource,
    turns: Semaphore,
    turns_max: u32,
    settle_timeout: Duration,
}

enum Attempt {
    Answered(Result<Published, PublishError>),
    Refused,
    Unknown,
}

impl Publisher {
    pub(crate) fn new(link: Link, keys: Keys, options: &Options) -> Self {
        let turns_max = options.publishes_in_flight.max(1);
        Self {
            link,
            script: Script::new(concat!(
                include_str!("lua/epoch.lua"),
                include_str!("lua/publish.lua")
            )),
            keys,
            fresh_epoch: options.fresh_epoch.clone(),
            turns: Semaphore::new(usize::try_from(turns_max).unwrap_or(Semaphore::MAX_PERMITS)),
            turns_max,
            settle_timeout: options.settle_timeout,
        }
    }

    pub(crate) async fn publish(&self, draft: &Draft) -> Result<Published, PublishError> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| PublishError::Unavailable)?;
        match self.attempt(draft).await {
            Attempt::Answered(answer) => answer,
            Attempt::Refused => Err(PublishError::Unavailable),
            Attempt::Unknown => timeout(self.settle_timeout, self.settle(draft))
                .await
                .unwrap_or(Err(PublishError::Unknown)),
        }
    }

    /// Made anew for each attempt: if an attempt began an epoch that Redis then lost, the next must not begin it again
    /// under the same name, or positions of the lost one would seem to be of this one.
    fn call(&self, draft: &Draft) -> ScriptInvocation<'_> {
        let (keys, channel) = (&self.keys, &draft.channel);
        let window = IDEMPOTENCY_WINDOW.as_secs().saturating_mul(1_000);
        let mut call = self.script.prepare_invoke();
        call.key(keys.meta(channel))
            .key(keys.lineage(channel))
            .key(keys.log(channel))
            .key(keys.channels())
            .key(keys.idempotency(channel, &idempotency_scope(draft)))
            .arg((self.fresh_epoch)().as_str())
            .arg(LINEAGE_MAX_EPOCHS)
            .arg(channel.as_str())
            .arg(StoredPublication::of(draft).to_bytes())
            .arg(digest(&SHA256, draft.data.as_str().as_bytes()).as_ref())
            .arg(window)
            .arg(keys.announcements(channel));
        call
    }

    async fn settle(&self, draft: &Draft) -> Result<Published, PublishError> {
        let mut pause = SETTLE_PAUSE_MIN;
        loop {
            sleep(pause).await;
            if let Attempt::Answered(answer) = self.attempt(draft).await {
                return answer;
            }
            pause = SETTLE_PAUSE_MAX.min(pause * 2);
        }
    }

    async fn attempt(&self, draft: &Draft) -> Attempt {
        let Ok(mut turn) = self.link.turn().await else {
            return Attempt::Refused;
        };
        let answer: RedisResult<(String, String, u64)> =
            self.call(draft).invoke_async(turn.connection()).await;
        match answer {
            Ok((outcome, epoch, offset)) => understand(&outcome, &epoch, offset),
            Err(error) if is_refusal(&error) => Attempt::Refused,
            Err(_) => {
                turn.give_up();
                Attempt::Unknown
            }
        }
    }

    /// Waits for what is under way and takes nothing more.
    pub(crate) async fn close(&self) {
        // An error says that it was closed before.
        if let Ok(all) = self.turns.acquire_many(self.turns_max).await {
            self.turns.close();
            drop(all);
        }
        self.link.close().await;
    }
}

fn understand(outcome: &str, epoch: &str, offset: u64) -> Attempt {
    let Ok(epoch) = Epoch::parse(epoch) else {
        return Attempt::Unknown;
    };
    let position = StreamPosition {
        epoch,
        offset: Offset::new(offset),
    };
    match outcome {
        "stored" => Attempt::Answered(Ok(Published::Stored(position))),
        "duplicate" => Attempt::Answered(Ok(Published::Duplicate(position))),
        "reused" => Attempt::Answered(Err(PublishError::KeyReused)),
        _ => Attempt::Unknown,
    }
}
