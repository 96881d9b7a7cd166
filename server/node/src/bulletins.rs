//! Does what time asks for of bulletins: publishes those that are due, tells of those that were withdrawn, makes receipts
//! into counts. Every node looks; one of them does it.

use crate::assembly::Node;
use crate::clock;
use campaign::Away;
use campaign::audience::{Audience, Routes};
use campaign::bulletin::publication::Announcement;
use campaign::bulletin::{AnyBulletin, BulletinId};
use campaign::bulletins::clockwork::Work;
use campaign::kept::Kept;
use campaign::receipts::{Receipts, kept};
use evidence::audit::{Applied, Class};
use futures_util::{StreamExt, TryStreamExt, stream};
use protocol::ChannelName;
use roaring::RoaringBitmap;
use std::sync::Arc;
use std::time::Duration;
use storage::{Draft, PublishError};
use tokio::time::MissedTickBehavior;

protocol::limits! {
    /// Publications of one bulletin that are on their way to the store at once.
    const ANNOUNCEMENTS_AT_ONCE_MAX: usize = 64 => unseen;
    /// Members' own channels that a bulletin goes by before the node says again that it is at it.
    const INBOXES_PER_HOLD: usize = 4_096 => unseen;
}

/// How often it is looked for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What failed is tried again for 20 of the 30 seconds for which the node has hold of it.
const TRIES: u32 = 10;
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why something is not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NotDone {
    #[error(transparent)]
    Away(#[from] Away),
    /// Not ours any more.
    #[error("another node has taken it over")]
    Taken,
    /// Its audience cannot be told, or somebody would be left out.
    #[error("there are more members than this node holds")]
    Partial,
    /// The store refuses it for good.
    #[error("the store does not take it")]
    Refused,
}

/// Looks for ever, each second and when somebody rings.
pub(crate) async fn send_for_ever(node: Arc<Node>) {
    // Of this life of the node: what an earlier one had hold of is not ours.
    let name = match clock::fresh_client() {
        Ok(name) => name.as_str().to_owned(),
        Err(error) => {
            tracing::error!(%error, "this node sends no bulletins");
            return;
        }
    };
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_told = false;
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = node.bulletins_due.notified() => {}
        }
        // Until the roll is read nobody knows for whom anything is.
        if node.roll.get().is_none() {
            continue;
        }
        match send_due(&node, &name).await {
            Ok(()) => is_told = false,
            Err(error) if !std::mem::replace(&mut is_told, true) => {
                tracing::warn!(%error, "what is due of bulletins cannot be looked for; trying on");
            }
            Err(_) => {}
        }
    }
}

async fn send_due(node: &Node, name: &str) -> Result<(), Away> {
    while let Some(work) = node.bulletins.take_due(name, clock::wall()).await? {
        tell(node, work.bulletin()).await;
        let mut tries = 0;
        while let Err(error) = perform(node, name, &work).await {
            tries += 1;
            tracing::warn!(%error, tries, "a bulletin is not done yet");
            if tries >= TRIES || error != NotDone::Away(Away) {
                break;
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }
    Ok(())
}

async fn perform(node: &Node, name: &str, work: &Work) -> Result<(), NotDone> {
    match work {
        Work::Close(id) => {
            // The guard is not to be held while the store is asked.
            let index = node.roll.get().map(|roll| roll.index().clone()).ok_or(Away)?;
            let now = clock::wall();
            let forgotten = kept::close(&*node.store.records, id, &index, now).await?.accepted.total;
            // One that never went has none.
            if forgotten > 0 {
                let applied = Applied::things(Class::Receipts, now, Some(forgotten));
                node.audit.note(applied.entry().about(id.as_str()));
            }
        }
        Work::Refuse(_) => {
            tracing::error!("a bulletin is not cleared as it stands in the store, and is not sent");
            return Err(NotDone::Refused);
        }
        Work::Send(_, Routes::Inboxes, _) if node.roll.get().is_some_and(|roll| roll.is_partial()) => {
            return Err(NotDone::Partial);
        }
        Work::Send(id, routes, announcement) => {
            let audience = audience(node, id).await?;
            let mut receipts = Receipts::of(audience.clone());
            // In parts, should there be very many.
            while receipts.has_changes() {
                kept::keep(&*node.store.records, id, &mut receipts, clock::wall()).await?;
            }
            announce(node, name, id, routes, &audience, announcement).await?;
            node.bulletins.keep_heads(work, node.messages_kept_for, clock::wall()).await?;
        }
        Work::TellWithdrawn(id, routes, announcement) => {
            // Those who got it, not those who would get it now.
            let audience = match kept::load(&*node.store.records, id, clock::wall()).await? {
                kept::Told::Known(receipts) => receipts.audience().clone(),
                kept::Told::Counted(_) => RoaringBitmap::new(),
            };
            announce(node, name, id, routes, &audience, announcement).await?;
            node.bulletins.keep_heads(work, node.messages_kept_for, clock::wall()).await?;
        }
    }
    node.bulletins.done(work, clock::wall()).await?;
    node.web_push.due.notify_waiters();
    tell(node, work.bulletin()).await;
    Ok(())
}

/// Has organisers told in which state a bulletin is now, and the one in whose place it stands. If the store is away nobody is:
/// it is a hint.
async fn tell(node: &Node, id: &BulletinId) {
    let Ok(Some(Kept { value, .. })) = node.bulletins.get(id, clock::wall()).await else { return };
    node.notices.bulletin(&value);
    if let AnyBulletin::Sent(sent) = &value
        && let Some(corrects) = &sent.core().corrects
        && let Ok(Some(Kept { value: first, .. })) = node.bulletins.get(&corrects.id, clock::wall()).await
    {
        node.notices.bulletin(&first);
    }
}

/// Whom a bulletin is for, now that it goes.
async fn audience(node: &Node, id: &BulletinId) -> Result<RoaringBitmap, Away> {
    let bulletin = node.bulletins.get(id, clock::wall()).await?.ok_or(Away)?;
    let audience = &bulletin.value.core().content.form().audience;
    let missing = missing(node, audience).await?;
    let roll = node.roll.get().ok_or(Away)?;
    Ok(roll.who(audience, missing.as_ref()))
}

/// Whom the bulletin did not reach that an audience asks for.
pub(crate) async fn missing(node: &Node, audience: &Audience) -> Result<Option<RoaringBitmap>, Away> {
    match &audience.not_reached {
        None => Ok(None),
        Some(not_reached) => {
            let (records, now) = (&*node.store.records, clock::wall());
            kept::missing(records, &not_reached.bulletin, not_reached.stage, now).await.map(Some)
        }
    }
}

async fn announce(
    node: &Node,
    name: &str,
    id: &BulletinId,
    routes: &Routes,
    audience: &RoaringBitmap,
    announcement: &Announcement,
) -> Result<(), NotDone> {
    match routes {
        Routes::Channels(channels) => publish(node, channels.clone(), announcement).await,
        Routes::Inboxes => {
            let mut from = Some(0);
            while let Some(number) = from {
                let (inboxes, next) = inboxes(node, audience, number)?;
                publish(node, inboxes, announcement).await?;
                if !node.bulletins.hold_on(name, id, clock::wall()).await? {
                    return Err(NotDone::Taken);
                }
                from = next;
            }
            Ok(())
        }
    }
}

/// The next channels of members, and where it goes on.
fn inboxes(
    node: &Node,
    audience: &RoaringBitmap,
    from: u32,
) -> Result<(Vec<ChannelName>, Option<u32>), Away> {
    let roll = node.roll.get().ok_or(Away)?;
    let (mut channels, mut next) = (Vec::new(), None);
    for (number, member) in roll.members(audience, from) {
        if channels.len() >= INBOXES_PER_HOLD {
            next = Some(number.0);
            break;
        }
        channels.push(ChannelName::inbox(member));
    }
    Ok((channels, next))
}

/// The same again is one publication: the key sees to it.
async fn publish(
    node: &Node,
    channels: Vec<ChannelName>,
    announcement: &Announcement,
) -> Result<(), NotDone> {
    let publications = stream::iter(channels).map(async |channel| {
        let Announcement { data, key, lane } = announcement.clone();
        let draft = Draft { channel, data, sender: None, key, at: clock::wall(), lane };
        match node.store.history.publish(draft).await {
            Ok(_) => Ok(()),
            Err(PublishError::KeyReused) => Err(NotDone::Refused),
            Err(PublishError::NoRoom | PublishError::Unavailable | PublishError::Unknown) => {
                Err(NotDone::Away(Away))
            }
        }
    });
    publications.buffer_unordered(ANNOUNCEMENTS_AT_ONCE_MAX).try_collect().await
}
