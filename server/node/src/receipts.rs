//! Receipts at a node: taken together, answered when they are kept. Under attack apps are asked to keep theirs for later;
//! nothing that was answered is lost, and what was not is told again.

mod places;

pub(crate) use places::LIMITS as PLACES;
use places::Places;

use crate::assembly::Node;
use crate::clock;
use admission::{Budget, Posture};
use campaign::Away;
use campaign::audience::MemberNumber;
use campaign::bulletin::{AnyBulletin, BulletinId};
use campaign::receipts::{Reached, Receipts, Stage, kept};
use evidence::account::Account;
use evidence::egress::Line;
use parking_lot::Mutex;
use protocol::rpc::receipts as wire;
use protocol::{ChannelName, MemberId, Publication};
use session::NotTaken;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

protocol::limits! {
    /// Tellings of receipts that wait to be kept; further ones are asked to come later.
    pub(crate) const RECEIPTS_WAITING_MAX: usize = 4_096 => counted;
    /// Most tellings of receipts that are kept together.
    const RECEIPTS_TOGETHER_MAX: usize = 2_048 => unseen;
    /// When apps are asked to send receipts again that cannot be kept now.
    const RECEIPTS_PAUSE: Duration = Duration::from_secs(2) => unseen;
    /// When apps are asked to send receipts again while the service is under attack.
    const RECEIPTS_DEFERRED: Duration = Duration::from_secs(30) => unseen;
    /// Tellings of which it is looked up at once whether their bulletins went; further ones are asked to come later. Of what
    /// goes by it is known already.
    const RECEIPT_LOOKUPS_MAX: usize = 16 => counted;
    /// Bulletins of which a node knows that they went; then it begins to look them up anew.
    const BULLETINS_KNOWN_MAX: usize = 4_096 => unseen;
}

/// What somebody told.
struct Told {
    members: Vec<MemberNumber>,
    of: Vec<(BulletinId, Reached)>,
    answer: Option<oneshot::Sender<bool>>,
}

/// Where receipts are handed in.
#[derive(Debug)]
pub(crate) struct ReceiptDesk {
    told: mpsc::Sender<Told>,
    waiting: Mutex<Option<mpsc::Receiver<Told>>>,
    /// Bulletins that went.
    known: Mutex<HashSet<BulletinId>>,
    lookups: Budget,
    places: Places,
}

impl Default for ReceiptDesk {
    fn default() -> Self {
        let (told, waiting) = mpsc::channel(RECEIPTS_WAITING_MAX);
        let waiting = Mutex::new(Some(waiting));
        Self {
            told,
            waiting,
            known: Mutex::default(),
            lookups: Budget::new(RECEIPT_LOOKUPS_MAX),
            places: Places::default(),
        }
    }
}

impl ReceiptDesk {
    /// Something new goes by on its way to readers; most of it is no bulletin. What somebody says has a sender, and only the
    /// service itself says what it sends: nobody makes a bulletin of what has the id of one.
    pub(crate) fn goes_by(&self, channel: &ChannelName, publication: &Publication) {
        if publication.info.is_none()
            && let Some(bulletin) = self.places.note(channel, publication.offset, &publication.data)
        {
            self.know(bulletin);
        }
    }

    fn know(&self, bulletin: BulletinId) {
        let mut known = self.known.lock();
        if known.len() >= BULLETINS_KNOWN_MAX {
            known.clear();
        }
        known.insert(bulletin);
    }

    /// Publications of bulletins were written to sockets of members.
    pub(crate) fn written(&self, node: &Node, line: &Line) {
        let Line::Range { channel, first, last, accounts, is_coarse: false, .. } = line else {
            return;
        };
        let bulletins = self.places.between(channel, *first, *last);
        if bulletins.is_empty() {
            return;
        }
        let Some(roll) = node.roll.get() else { return };
        let members = accounts.iter().filter_map(|account| match account {
            Account::Member(member) => roll.number_of(member),
            Account::Strangers => None,
        });
        let told = Told {
            members: members.collect(),
            of: bulletins.into_iter().map(|id| (id, Stage::Written.into())).collect(),
            answer: None,
        };
        // Whose app tells that it has it, to them it was written, too.
        if self.told.try_send(told).is_err() {
            node.metrics.limit_reached(reached::RECEIPTS_WAITING_MAX);
        }
    }

    /// Takes what the app of a member tells; answers when it is kept.
    pub(crate) async fn take(
        &self,
        node: &Node,
        member: &MemberId,
        receipts: &wire::Receipts,
    ) -> Result<(), NotTaken> {
        let told = [(&receipts.received, Stage::Received), (&receipts.acknowledged, Stage::Acknowledged)];
        let told = told.into_iter().flat_map(|(ids, stage)| ids.iter().map(move |id| (id, stage)));
        let told: Result<Vec<_>, _> =
            told.map(|(id, stage)| BulletinId::parse(id).map(|id| (id, stage))).collect();
        let told = told.map_err(|_| NotTaken::Never)?;
        if node.posture.now() >= Posture::UnderAttack {
            return Err(NotTaken::Later(RECEIPTS_DEFERRED));
        }
        // Who came in a moment ago is on the roll in a second.
        let number = node.roll.get().and_then(|roll| roll.number_of(member));
        let later = NotTaken::Later(RECEIPTS_PAUSE);
        let number = number.ok_or(later)?;
        let mut of = Vec::with_capacity(told.len());
        for (id, stage) in told {
            // Of what never went, or is forgotten, there is nothing to keep.
            if self.went(node, &id).await? {
                of.push((id, stage.into()));
            }
        }
        if of.is_empty() {
            return Ok(());
        }
        let (answer, kept) = oneshot::channel();
        if self.told.try_send(Told { members: vec![number], of, answer: Some(answer) }).is_err() {
            node.metrics.limit_reached(reached::RECEIPTS_WAITING_MAX);
            return Err(later);
        }
        if kept.await.unwrap_or(false) { Ok(()) } else { Err(later) }
    }

    /// Takes that a phone showed a notification; nobody waits for it. Under attack it is left out.
    pub(crate) fn shown(&self, node: &Node, bulletin: BulletinId, member: MemberNumber) {
        if node.posture.now() >= Posture::UnderAttack {
            return;
        }
        let told = Told { members: vec![member], of: vec![(bulletin, Reached::Shown)], answer: None };
        if self.told.try_send(told).is_err() {
            node.metrics.limit_reached(reached::RECEIPTS_WAITING_MAX);
        }
    }

    /// Takes that a push service took notifications of a bulletin for these, once there is room.
    pub(crate) async fn pushed(&self, bulletin: BulletinId, members: Vec<MemberNumber>) {
        let told = Told { members, of: vec![(bulletin, Reached::Pushed)], answer: None };
        // Nobody keeps any only when the node is gone.
        self.told.send(told).await.ok();
    }

    /// Whether a bulletin went, or is on its way.
    async fn went(&self, node: &Node, id: &BulletinId) -> Result<bool, NotTaken> {
        if self.known.lock().contains(id) {
            return Ok(true);
        }
        let later = NotTaken::Later(RECEIPTS_PAUSE);
        let Some(_permit) = self.lookups.take() else {
            node.metrics.limit_reached(reached::RECEIPT_LOOKUPS_MAX);
            return Err(later);
        };
        let found = node.bulletins.get(id, clock::wall()).await.map_err(|Away| later)?;
        let went = found
            .is_some_and(|kept| matches!(kept.value, AnyBulletin::Sending(_)) || kept.value.sent().is_some());
        if went {
            self.know(id.clone());
        }
        Ok(went)
    }
}

/// Keeps what is told, as much of it together as there is. Ends with the node.
pub(crate) async fn keep_for_ever(node: Arc<Node>) {
    let Some(mut waiting) = node.receipts.waiting.lock().take() else { return };
    let mut together = Vec::new();
    while waiting.recv_many(&mut together, RECEIPTS_TOGETHER_MAX).await > 0 {
        keep(&node, std::mem::take(&mut together)).await;
    }
}

async fn keep(node: &Node, together: Vec<Told>) {
    let mut receipts: HashMap<BulletinId, Receipts> = HashMap::new();
    for told in &together {
        for (id, reached) in &told.of {
            let of = receipts.entry(id.clone()).or_default();
            for member in &told.members {
                of.take(*member, *reached);
            }
        }
    }
    let mut failed = HashSet::new();
    for (id, mut receipts) in receipts {
        if let Err(error) = kept::keep(&*node.store.records, &id, &mut receipts, clock::wall()).await {
            tracing::warn!(%error, "receipts cannot be kept now; apps keep them");
            failed.insert(id);
        }
    }
    for Told { of, answer, .. } in together {
        if let Some(answer) = answer {
            // Whoever asked may be gone.
            answer.send(of.iter().all(|(id, _)| !failed.contains(id))).ok();
        }
    }
}
