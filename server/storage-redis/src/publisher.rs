//! Publishing: one atomic script, sent over one shared connection.
//!
//! Concurrent publishes queue up in the connection, and Redis runs all that it finds there before it syncs once and
//! answers them: group commit without a timer.
//!
//! An outcome that is not known is settled with the same idempotency key, which either finds the message or stores
//! it. Only if that fails too for a while is the caller left with [`PublishError::Unknown`]. Once an outcome was
//! unknown, a later refusal does not make it known: the earlier try may have been the one that stored.
//!
//! Nothing is sent to a Redis that a start would refuse. Each answer names the server that gave it: if that is not
//! the one that was found fit, it is asked what it is before anybody is told, because what it stored it may forget.
//!
//! A Redis that came back takes nothing new for a moment, so that what it lost can have its place again (`repair`): a
//! publish waits for that as for an outcome, and the node is told to compare what it has.

use crate::connection::{Link, is_for_want_of_memory, is_refusal};
use crate::keys::Keys;
use crate::options::{Options, in_millis};
use crate::recollection::Recollection;
use crate::repair::CallForRepairs;
use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;
use protocol::{Epoch, Offset, StreamPosition};
use redis::{RedisResult, Script, ScriptInvocation};
use std::{sync::Arc, time::Duration};
use storage::history::{EpochSource, IDEMPOTENCY_WINDOW, LINEAGE_MAX_EPOCHS};
use storage::stored::{StoredPublication, hint_of, idempotency_scope};
use storage::{Draft, Durability, FeedSender, PublishError, Published, Unavailable};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

protocol::limits! {
    /// Between a publish with an unknown outcome and the next try; doubled after each try.
    const SETTLE_PAUSE_MIN: Duration = Duration::from_millis(20) => unseen;
    /// Longest pause between two tries.
    const SETTLE_PAUSE_MAX: Duration = Duration::from_millis(320) => unseen;
    /// The longest until an unfit Redis is asked again.
    const MEND_PAUSE_MAX: Duration = Duration::from_secs(1) => shown "holdfast_redis_fit";
}

/// The writing end of the history.
pub(crate) struct Publisher {
    link: Arc<Link>,
    watcher: JoinHandle<()>,
    script: Script,
    keys: Keys,
    fresh_epoch: EpochSource,
    repair_window: Duration,
    /// The last server that waited for repairs, so that they are called for once in its life.
    repairing: Mutex<String>,
    calls: CallForRepairs,
    recollection: Arc<Recollection>,
    /// Until the store is closed, which ends the feed.
    feed: Mutex<Option<FeedSender>>,
    turns: Semaphore,
    turns_max: u32,
    settle_timeout: Duration,
}

enum Attempt {
    Answered(Result<Published, PublishError>),
    /// Refused because Redis may take no more memory, and evicts nothing.
    NoRoom,
    Refused,
    /// Nothing new is stored yet.
    Repairing,
    Unknown,
}

impl Publisher {
    pub(crate) fn new(
        link: Arc<Link>,
        keys: Keys,
        (recollection, calls): (Arc<Recollection>, CallForRepairs),
        feed: FeedSender,
        options: &Options,
    ) -> Self {
        let turns_max = options.publishes_in_flight.max(1);
        let watching = watch(Arc::clone(&link), options.heartbeat);
        #[expect(
            clippy::disallowed_methods,
            reason = "ends with the store, in `close` or when it is dropped; a drain need not wait for it"
        )]
        let watcher = tokio::spawn(watching);
        Self {
            link,
            watcher,
            script: Script::new(concat!(include_str!("lua/epoch.lua"), include_str!("lua/publish.lua"))),
            keys,
            fresh_epoch: options.fresh_epoch.clone(),
            repair_window: options.repair_window,
            repairing: Mutex::default(),
            calls,
            recollection,
            feed: Mutex::new(Some(feed)),
            turns: Semaphore::new(usize::try_from(turns_max).unwrap_or(Semaphore::MAX_PERMITS)),
            turns_max,
            settle_timeout: options.settle_timeout,
        }
    }

    pub(crate) async fn publish(&self, draft: &Draft) -> Result<Published, PublishError> {
        let answer = self.place(draft).await;
        if let Ok(published) = &answer {
            self.recollection.stored(draft, published.position());
        }
        answer
    }

    async fn place(&self, draft: &Draft) -> Result<Published, PublishError> {
        let _turn = self.turns.acquire().await.map_err(|_| PublishError::Unavailable)?;
        match self.attempt(draft).await {
            Attempt::Answered(answer) => answer,
            Attempt::NoRoom => Err(PublishError::NoRoom),
            Attempt::Refused => Err(PublishError::Unavailable),
            Attempt::Repairing => self.settle(draft, PublishError::Unavailable).await,
            Attempt::Unknown => self.settle(draft, PublishError::Unknown).await,
        }
    }

    /// Made anew for each attempt: if an attempt began an epoch that Redis then lost, the next must not begin it again
    /// under the same name, or positions of the lost one would seem to be of this one.
    fn call(&self, draft: &Draft) -> ScriptInvocation<'_> {
        let (keys, channel) = (&self.keys, &draft.channel);
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
            .arg(in_millis(IDEMPOTENCY_WINDOW))
            .arg(keys.announcements(channel))
            .arg(hint_of(draft.lane))
            .arg(in_millis(self.repair_window));
        call
    }

    /// Tries again until there is an answer, for a while; `known` is what is known of the outcome until then.
    async fn settle(&self, draft: &Draft, mut known: PublishError) -> Result<Published, PublishError> {
        let trying = async {
            let mut pause = SETTLE_PAUSE_MIN;
            loop {
                sleep(pause).await;
                match self.attempt(draft).await {
                    Attempt::Answered(answer) => return answer,
                    Attempt::Unknown => known = PublishError::Unknown,
                    Attempt::NoRoom | Attempt::Refused | Attempt::Repairing => {}
                }
                pause = SETTLE_PAUSE_MAX.min(pause * 2);
            }
        };
        let answer = timeout(self.settle_timeout, trying).await;
        answer.unwrap_or(Err(known))
    }

    async fn attempt(&self, draft: &Draft) -> Attempt {
        let Ok(mut turn) = self.link.turn().await else {
            return Attempt::Refused;
        };
        if !self.link.fitness().is_fit() {
            return Attempt::Refused;
        }
        let answer: RedisResult<(String, String, u64, String)> =
            self.call(draft).invoke_async(turn.connection()).await;
        match answer {
            Ok((outcome, epoch, offset, server)) => {
                if self.link.vouches_for(&server, &mut turn).await {
                    if outcome == "repairing" {
                        self.call_for_repairs(server);
                        return Attempt::Repairing;
                    }
                    return understand(&outcome, &epoch, offset);
                }
                if self.link.fitness().is_fit() {
                    turn.give_up();
                    return Attempt::Unknown;
                }
                // There, but not for good; trying on would not mend the Redis.
                Attempt::Answered(Err(PublishError::Unknown))
            }
            Err(error) if is_for_want_of_memory(&error) => Attempt::NoRoom,
            Err(error) if is_refusal(&error) => Attempt::Refused,
            Err(_) => {
                turn.give_up();
                Attempt::Unknown
            }
        }
    }

    /// Has the node compare what it has with what this server has, once in the life of a server.
    fn call_for_repairs(&self, server: String) {
        let mut repairing = self.repairing.lock();
        if *repairing != server {
            *repairing = server;
            self.calls.ring();
            if let Some(feed) = &*self.feed.lock() {
                feed.interrupt();
            }
        }
    }

    /// How often its connection was opened anew.
    pub(crate) fn reconnects(&self) -> u64 {
        self.link.reconnects()
    }

    /// Whether its Redis is trusted with messages now.
    pub(crate) fn is_fit(&self) -> bool {
        self.link.fitness().is_fit()
    }

    /// Publishes that are with Redis or on their way.
    pub(crate) fn in_flight(&self) -> usize {
        let turns = usize::try_from(self.turns_max).unwrap_or(usize::MAX);
        turns.saturating_sub(self.turns.available_permits())
    }

    /// What an answered publish can survive.
    pub(crate) fn durability(&self) -> Durability {
        self.link.fitness().durability()
    }

    /// What its Redis can promise, as a sentence for the log.
    pub(crate) fn summary(&self) -> String {
        self.link.fitness().summary()
    }

    /// Whether a publish would be taken.
    pub(crate) async fn check(&self) -> Result<(), Unavailable> {
        if self.turns.is_closed() {
            return Err(Unavailable);
        }
        self.link.turn().await.map_err(|_| Unavailable)?;
        self.link.fitness().insist().map_err(|_| Unavailable)
    }

    /// Waits for what is under way and takes nothing more.
    pub(crate) async fn close(&self) {
        // An error says that it was closed before.
        if let Ok(all) = self.turns.acquire_many(self.turns_max).await {
            self.turns.close();
            drop(all);
        }
        self.watcher.abort();
        self.feed.lock().take();
        self.link.close().await;
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// Notices a Redis that is set up otherwise while it runs, one that comes back while nobody publishes, and one that
/// is mended.
async fn watch(link: Arc<Link>, heartbeat: Duration) {
    loop {
        sleep(if link.fitness().is_fit() { heartbeat } else { heartbeat.min(MEND_PAUSE_MAX) }).await;
        link.ask_again().await;
    }
}

fn understand(outcome: &str, epoch: &str, offset: u64) -> Attempt {
    let Ok(epoch) = Epoch::parse(epoch) else {
        return Attempt::Unknown;
    };
    let position = StreamPosition { epoch, offset: Offset::new(offset) };
    match outcome {
        "stored" => Attempt::Answered(Ok(Published::Stored(position))),
        "duplicate" => Attempt::Answered(Ok(Published::Duplicate(position))),
        "reused" => Attempt::Answered(Err(PublishError::KeyReused)),
        _ => Attempt::Unknown,
    }
}
