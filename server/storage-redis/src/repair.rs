//! Bringing a Redis what it lost: what this node saw stored, and the Redis that came back does not have.
//!
//! A Redis loses its newest messages in a crash (`appendfsync everysec`), in a promotion of a replica that was behind, or when
//! an older copy is put in its place. Nodes have what is read in their rings, and this process has what it published itself
//! (`recollection`), which it brings by itself as soon as there is a server. Until the server that came back has written anything,
//! the places behind its top are still those of the old epoch, so that what nodes bring gets them again, under the same
//! epoch, and no reader notices. Publishes wait for that (see [`Options::repair_window`]). What comes later, or has before it
//! something that nobody has, is stored at the end, in the epoch of that server: nothing that was answered is lost, and
//! readers are told that the order is another.
//!
//! Every message is recognised by its key, so any number of nodes may bring the same.

use crate::connection::Link;
use crate::keys::Keys;
use crate::options::{Options, in_millis};
use crate::recollection::{Recollection, Remembered};
use aws_lc_rs::digest::{SHA256, digest};
use protocol::{ChannelName, Epoch, Publication};
use redis::{RedisResult, Script, ScriptInvocation};
use std::sync::Arc;
use std::time::Duration;
use storage::history::{EpochSource, IDEMPOTENCY_WINDOW, LINEAGE_MAX_EPOCHS};
use storage::stored::{StoredPublication, idempotency_scope_of};
use storage::{Repair, Unavailable};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

protocol::limits! {
    /// Most messages that are brought back by one call, for which all others wait.
    const REPAIR_MAX_PUBLICATIONS: usize = 64 => unseen;
    /// Between the first two tries to bring what is remembered; doubled after each try.
    const RECALL_PAUSE_MIN: Duration = Duration::from_millis(200) => unseen;
    /// Longest pause between two tries.
    const RECALL_PAUSE_MAX: Duration = Duration::from_secs(5) => unseen;
}

/// The mending end of the history.
pub(crate) struct Repairer {
    mending: Arc<Mending>,
    mender: JoinHandle<()>,
}

/// How repairs are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallForRepairs(Arc<Notify>);

impl CallForRepairs {
    /// There is a server that may have lost something.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }
}

struct Mending {
    link: Arc<Link>,
    recollection: Arc<Recollection>,
    script: Script,
    keys: Keys,
    fresh_epoch: EpochSource,
    window: Duration,
}

impl Repairer {
    /// From now on brings what is remembered whenever it is called, on the current runtime.
    pub(crate) fn start(
        link: Arc<Link>,
        keys: Keys,
        recollection: Arc<Recollection>,
        calls: CallForRepairs,
        options: &Options,
    ) -> Self {
        let mending = Arc::new(Mending {
            link,
            recollection,
            script: Script::new(concat!(include_str!("lua/epoch.lua"), include_str!("lua/repair.lua"))),
            keys,
            fresh_epoch: options.fresh_epoch.clone(),
            window: options.repair_window,
        });
        let mend = Arc::clone(&mending);
        #[expect(
            clippy::disallowed_methods,
            reason = "ends with the store, in `close` or when it is dropped; a drain need not wait for it"
        )]
        let mender = tokio::spawn(async move {
            loop {
                calls.0.notified().await;
                mend.bring_what_is_remembered().await;
            }
        });
        Self { mending, mender }
    }

    /// Offers what was seen in an epoch, oldest first.
    pub(crate) async fn repair(
        &self,
        channel: &ChannelName,
        epoch: &Epoch,
        seen: &[Arc<Publication>],
    ) -> Result<Repair, Unavailable> {
        self.mending.repair(channel, epoch, seen).await
    }

    pub(crate) fn close(&self) {
        self.mender.abort();
    }
}

impl Drop for Repairer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Mending {
    /// Until the server has all of it, each time with what is remembered then: that is bounded, and so is this. Rings have more
    /// of what lies between, so they come first where they can.
    async fn bring_what_is_remembered(&self) {
        let (mut again, mut pause) = (0_u64, RECALL_PAUSE_MIN);
        loop {
            let mut is_whole = true;
            for Remembered { channel, epoch, publications } in self.recollection.all() {
                let repair = self.repair(&channel, &epoch, &publications).await;
                again = again.saturating_add(repair.map_or(0, |repair| repair.again));
                is_whole &= repair.is_ok_and(|repair| repair.is_whole);
            }
            if is_whole {
                break;
            }
            sleep(pause).await;
            let longer = RECALL_PAUSE_MAX.min(pause * 2);
            if longer == RECALL_PAUSE_MAX && pause < longer {
                tracing::warn!(
                    "Redis does not take what this node had published before it came back; trying on"
                );
            }
            pause = longer;
        }
        if again > 0 {
            tracing::warn!(again, "Redis had lost messages that this node had published; it has them again");
        }
    }

    /// Offers what was seen in an epoch, oldest first. What has no key cannot be recognised and is not offered; nor is taken
    /// what is older than half of the time for which keys are known, by the clock of Redis.
    async fn repair(
        &self,
        channel: &ChannelName,
        epoch: &Epoch,
        seen: &[Arc<Publication>],
    ) -> Result<Repair, Unavailable> {
        let known: Vec<&Publication> =
            seen.iter().map(AsRef::as_ref).filter(|publication| publication.key.is_some()).collect();
        let mut again = 0_u64;
        for some in known.chunks(REPAIR_MAX_PUBLICATIONS) {
            let mut turn = self.link.turn().await.map_err(|_| Unavailable)?;
            self.link.fitness().insist().map_err(|_| Unavailable)?;
            let answer: RedisResult<(String, u64, String)> =
                self.call(channel, epoch, some).invoke_async(turn.connection()).await;
            let (outcome, brought, server) = answer.map_err(|_| Unavailable)?;
            if !self.link.vouches_for(&server, &mut turn).await {
                return Err(Unavailable);
            }
            again = again.saturating_add(brought);
            if outcome != "whole" {
                return Ok(Repair { again, is_whole: false });
            }
        }
        Ok(Repair { again, is_whole: true })
    }

    fn call(&self, channel: &ChannelName, epoch: &Epoch, some: &[&Publication]) -> ScriptInvocation<'_> {
        let keys = &self.keys;
        let mut call = self.script.prepare_invoke();
        call.key(keys.meta(channel))
            .key(keys.lineage(channel))
            .key(keys.log(channel))
            .key(keys.channels())
            .arg((self.fresh_epoch)().as_str())
            .arg(LINEAGE_MAX_EPOCHS)
            .arg(channel.as_str())
            .arg(keys.announcements(channel))
            .arg(in_millis(IDEMPOTENCY_WINDOW))
            .arg(in_millis(self.window))
            .arg(epoch.as_str());
        for publication in some {
            let parts = idempotency_scope_of(publication).zip(StoredPublication::again(publication));
            if let Some((scope, stored)) = parts {
                call.key(keys.idempotency(channel, &scope))
                    .arg(publication.offset.get())
                    .arg(publication.time.as_millis())
                    .arg(stored.to_bytes())
                    .arg(digest(&SHA256, publication.data.as_str().as_bytes()).as_ref());
            }
        }
        call
    }
}
