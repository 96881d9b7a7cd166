//! What is sent next: rounds of urgent bulletins, what waited, rounds of the others. Each of the three goes on by itself, so
//! that none waits behind another's slow push service; together they keep one pace, and ordinary rounds step aside for
//! urgent ones.

use super::client::PushClient;
use super::page::{Page, Target, Telling};
use super::sender::Sender;
use crate::assembly::Node;
use crate::clock;
use campaign::Away;
use campaign::bulletin::BulletinId;
use campaign::kept::Kept;
use campaign::receipts::kept::{self, Told};
use campaign::web_push::{About, Rank, Round, Subject};
use protocol::Timestamp;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

protocol::limits! {
    /// Addresses that are read from the store and seen to together, and sent again if the node dies meanwhile.
    pub(crate) const PUSH_PAGE: usize = 256 => unseen;
}

/// How often it is looked for what is to be sent, if nobody rings.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long an ordinary round steps aside before it looks again.
const STEP_ASIDE: Duration = Duration::from_millis(50);

/// Sends until the node drains; pages that were begun are finished.
pub(super) async fn send_until_drained(node: Arc<Node>) {
    let Some(setup) = &node.web_push.setup else { return };
    let client = PushClient::new(&setup.trusted);
    let Ok(name) = clock::fresh_client() else {
        tracing::error!("this node sends no notifications: randomness is not to be had");
        return;
    };
    let sender = Sender::new(node, client, name.as_str().to_owned());
    let lanes = async {
        tokio::join!(
            rounds_for_ever(&sender, Rank::Urgent),
            rounds_for_ever(&sender, Rank::Normal),
            waiting_for_ever(&sender),
        )
    };
    // Counting has nothing to finish.
    tokio::select! {
        _ = lanes => {}
        () = super::backlog::count_for_ever(&sender.node) => {}
    }
}

/// A breath, unless somebody rings, or the node goes.
async fn pause(sender: &Sender) {
    tokio::select! {
        () = sender.node.lifecycle.drained() => {}
        () = tokio::time::sleep(LOOK_EVERY) => {}
        () = sender.node.web_push.due.notified() => {}
    }
}

/// Whether the store has answered, said once each time that it changes.
#[derive(Default)]
struct StoreIs(bool);

impl StoreIs {
    fn heard<T>(&mut self, answer: &Result<T, Away>) {
        let was_away = std::mem::replace(&mut self.0, answer.is_err());
        if answer.is_err() && !was_away {
            tracing::warn!("the store is away, so no notifications are sent; trying on");
        }
    }
}

async fn rounds_for_ever(sender: &Sender, rank: Rank) {
    let mut store = StoreIs::default();
    while !sender.node.lifecycle.is_draining() {
        let done = next_round(sender, rank).await;
        store.heard(&done);
        if !matches!(done, Ok(true)) {
            pause(sender).await;
        }
    }
}

/// Does the next round of a rank. Says no if there is none.
async fn next_round(sender: &Sender, rank: Rank) -> Result<bool, Away> {
    let Some(round) = sender.node.web_push.rounds.take(rank, &sender.name, clock::wall()).await? else {
        return Ok(false);
    };
    if rank == Rank::Normal {
        return do_round(sender, rank, round).await.map(|()| true);
    }
    sender.set_urgent(true);
    let done = do_round(sender, rank, round).await;
    sender.set_urgent(false);
    done.map(|()| true)
}

/// Sends a round to its end, or until it is another node's.
async fn do_round(sender: &Sender, rank: Rank, mut round: Round) -> Result<(), Away> {
    let (node, push) = (&sender.node, &sender.node.web_push);
    let about = About::Bulletin(round.bulletin.clone());
    let mut audience: Option<RoaringBitmap> = None;
    loop {
        while rank == Rank::Normal && sender.has_urgent() {
            tokio::time::sleep(STEP_ASIDE).await;
        }
        // A page that was begun is finished before the node goes.
        let _running = node.lifecycle.running();
        let now = clock::wall();
        if node.lifecycle.is_draining() {
            return push.rounds.release(&round, now).await;
        }
        // Looked at for each page: it may be withdrawn meanwhile, which has a round of its own.
        let Some(telling) = telling(node, &round.bulletin, now).await? else {
            return push.rounds.end(&round, now).await;
        };
        let whom = match audience.take() {
            Some(whom) => whom,
            None => whom(node, &round.bulletin, &telling).await?,
        };
        let from = match &round.cursor {
            None => whom.min(),
            // The same member's next device, or another's.
            Some(cursor) => number_of(cursor.as_str()).and_then(|number| whom.range(number..).next()),
        };
        let Some(from) = from else { return push.rounds.end(&round, now).await };
        let (found, next) = node.people.push_page(from, round.cursor.as_ref(), PUSH_PAGE, now).await?;
        let ours = found.into_iter().filter(|found| whom.contains(found.number));
        let targets = ours.map(|found| Target { found, about: about.clone(), tries: 0, count: 1 });
        let tellings = HashMap::from([(round.bulletin.clone(), telling)]);
        Page { sender, tellings }.tell(targets.collect()).await?;
        let now = clock::wall();
        let Some(cursor) = next else { return push.rounds.end(&round, now).await };
        match push.rounds.advance(&round, &cursor, &sender.name, now).await? {
            Some(advanced) => round = advanced,
            None => return Ok(()),
        }
        audience = Some(whom);
    }
}

fn number_of(address: &str) -> Option<u32> {
    address.split_once('.').and_then(|(number, _)| u32::from_str_radix(number, 16).ok())
}

/// What there is to tell of a bulletin.
async fn telling(node: &Node, id: &BulletinId, now: Timestamp) -> Result<Option<Telling>, Away> {
    let Some(Kept { value, .. }) = node.bulletins.get(id, now).await? else { return Ok(None) };
    let first = node.bulletins.first_of(&value, now).await?;
    Ok(Subject::of(&value, &first, now).map(Telling::new))
}

/// Who is told of a bulletin: its audience, and of one that was withdrawn those who were told of it.
async fn whom(node: &Node, id: &BulletinId, telling: &Telling) -> Result<RoaringBitmap, Away> {
    Ok(match kept::load(&*node.store.records, id, clock::wall()).await? {
        // It is over.
        Told::Counted(_) => RoaringBitmap::new(),
        Told::Known(receipts) if telling.is_withdrawal() => receipts.pushed().clone(),
        Told::Known(receipts) => receipts.audience().clone(),
    })
}

async fn waiting_for_ever(sender: &Sender) {
    let mut store = StoreIs::default();
    while !sender.node.lifecycle.is_draining() {
        let done = tell_waiting(sender).await;
        store.heard(&done);
        if !matches!(done, Ok(true)) {
            pause(sender).await;
        }
    }
}

/// Tells a page of what waited. Says no if there is nothing to tell here.
async fn tell_waiting(sender: &Sender) -> Result<bool, Away> {
    let (node, push, now) = (&sender.node, &sender.node.web_push, clock::wall());
    let _running = node.lifecycle.running();
    if push.waits.due(1, now).await?.is_empty() || !push.rounds.take_waiting(&sender.name, now).await? {
        return Ok(false);
    }
    let due = push.waits.due(PUSH_PAGE, now).await?;
    let mut tellings = HashMap::new();
    let mut targets = Vec::with_capacity(due.len());
    for due in &due {
        if let About::Bulletin(id) = &due.waiting.about
            && !tellings.contains_key(id)
            && let Some(mut telling) = telling(node, id, now).await?
        {
            if telling.is_withdrawal() {
                let told = whom(node, id, &telling).await?;
                telling = telling.only(told);
            }
            tellings.insert(id.clone(), telling);
        }
        // A device that was signed out meanwhile has no address.
        if let Some(found) = node.people.found_push(due.number, &due.device, now).await? {
            let (tries, count) = (due.waiting.tries, due.waiting.count);
            targets.push(Target { found, about: due.waiting.about.clone(), tries, count });
        }
    }
    Page { sender, tellings }.tell(targets).await?;
    push.waits.done(&due, clock::wall()).await?;
    Ok(true)
}
