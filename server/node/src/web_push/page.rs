//! A page of devices that are told: each by itself, so many at once; then what waits is kept, and who was told is counted.

use super::Setup;
use super::sender::Sender;
use crate::clock;
use campaign::Away;
use campaign::audience::MemberNumber;
use campaign::bulletin::BulletinId;
use campaign::web_push::retry::{at_slot, retry_at};
use campaign::web_push::{
    About, Answer, FoundAddress, News, Notification, PushAddress, Put, Subject, Told, Verdict, Waiting,
    verdict,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use protocol::Timestamp;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

protocol::limits! {
    /// Notifications of one lane that are under way at once.
    pub(crate) const PUSHES_AT_ONCE_MAX: usize = 128 => unseen;
}

/// One device, and what it is told of.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) found: FoundAddress,
    pub(super) about: About,
    /// How often it was tried.
    pub(super) tries: u32,
    /// How many bulletins it stands for.
    pub(super) count: u32,
}

/// What is told of a bulletin, and to whom alone, if not to everybody.
#[derive(Debug)]
pub(super) struct Telling {
    subject: Subject,
    only: Option<RoaringBitmap>,
}

impl Telling {
    pub(super) const fn new(subject: Subject) -> Self {
        Self { subject, only: None }
    }

    /// Tells these alone.
    pub(super) fn only(self, whom: RoaringBitmap) -> Self {
        Self { only: Some(whom), ..self }
    }

    /// Whether it takes a bulletin back, of which only those are told who were told of the bulletin.
    pub(super) fn is_withdrawal(&self) -> bool {
        self.subject.news == News::Withdrawn
    }

    fn is_for(&self, number: u32) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(number))
    }
}

/// What became of a device.
enum Became {
    /// There is nothing more to do.
    Done,
    /// A push service has it, of this bulletin.
    Told(BulletinId, MemberNumber),
    /// It is to wait.
    Waits(Put),
}

/// Devices that are told together.
pub(super) struct Page<'a> {
    pub(super) sender: &'a Sender,
    /// What is told of which bulletin.
    pub(super) tellings: HashMap<BulletinId, Telling>,
}

impl Page<'_> {
    /// Tells each of them, or has it wait. If the store is away, all are told again, which their screens show once.
    pub(super) async fn tell(&self, targets: Vec<Target>) -> Result<(), Away> {
        let became = stream::iter(targets).map(|target| self.tell_one(target));
        let became: Vec<Became> = became.buffer_unordered(PUSHES_AT_ONCE_MAX).try_collect().await?;
        let mut told: HashMap<BulletinId, Vec<MemberNumber>> = HashMap::new();
        let mut puts = Vec::new();
        for became in became {
            match became {
                Became::Done => {}
                Became::Told(bulletin, member) => told.entry(bulletin).or_default().push(member),
                Became::Waits(put) => puts.push(put),
            }
        }
        let node = &self.sender.node;
        for (bulletin, members) in told {
            node.receipts.pushed(bulletin, members).await;
        }
        node.web_push.waits.put(&puts, |put| self.ends(&put.waiting), clock::wall()).await
    }

    /// What is told of something to the member with this number, if anything is.
    fn subject(&self, about: &About, number: u32, now: Timestamp) -> Option<Subject> {
        match about {
            About::Bulletin(id) => self
                .tellings
                .get(id)
                .filter(|telling| telling.is_for(number))
                .map(|telling| telling.subject.clone()),
            About::Message => Some(Subject::message(now)),
        }
    }

    fn ends(&self, waiting: &Waiting) -> Timestamp {
        match &waiting.about {
            About::Bulletin(id) => {
                self.tellings.get(id).map_or(waiting.since, |telling| telling.subject.ends)
            }
            About::Message => Subject::message(waiting.since).ends,
        }
    }

    async fn tell_one(&self, target: Target) -> Result<Became, Away> {
        let (sender, node, now) = (self.sender, &self.sender.node, clock::wall());
        let Target { found, about, tries, count } = target;
        let Some(subject) = self.subject(&about, found.number, now) else { return Ok(Became::Done) };
        let Some(address) = node.people.open_push(&found, now).await? else { return Ok(Became::Done) };
        let setup = node.web_push.setup.as_ref();
        let Some(setup) = setup.filter(|setup| address.endpoint.is_allowed(&setup.hosts)) else {
            return Ok(Became::Done);
        };
        let jitter = jitter(&found);
        let waits = |tries, due| {
            let (is_urgent, since) = (subject.is_urgent, subject.at);
            let waiting = Waiting { about: about.clone(), is_urgent, count, tries, since };
            // What nobody takes until it is over is given up.
            if due < subject.ends { Became::Waits(found.wait(waiting, due)) } else { Became::Done }
        };
        match self.verdict(&subject, &address, &found, now).await? {
            Verdict::Never => return Ok(Became::Done),
            Verdict::Later(at) => return Ok(waits(tries, at_slot(at, jitter))),
            Verdict::Now => {}
        }
        let host = address.endpoint.host().map(|(host, port)| format!("{host}:{port}")).unwrap_or_default();
        let paused = sender.services.borrow().paused_until(&host, now);
        if let Some(until) = paused {
            return Ok(waits(tries, at_slot(until, jitter)));
        }
        sender.turn().await;
        let answer = self.send(setup, &address, &subject, &found, count).await;
        let now = clock::wall();
        sender.services.borrow_mut().answered(&host, answer, now);
        node.metrics.push.answered(answer);
        Ok(match (answer, about.clone()) {
            (Answer::Taken, About::Bulletin(id)) => Became::Told(id, MemberNumber(found.number)),
            (Answer::Taken, About::Message) | (Answer::Refused, _) => Became::Done,
            (Answer::Gone, _) => {
                node.people.forget_push_of(found.number, &found.device, now).await?;
                Became::Done
            }
            (Answer::Failed(advice) | Answer::Throttled(advice), _) => {
                waits(tries.saturating_add(1), retry_at(now, tries, advice, jitter))
            }
        })
    }

    async fn verdict(
        &self,
        subject: &Subject,
        address: &PushAddress,
        found: &FoundAddress,
        now: Timestamp,
    ) -> Result<Verdict, Away> {
        // What a member reads is looked up only for whom it makes a difference.
        let reads = if address.choice.muted.is_empty() {
            Vec::new()
        } else {
            self.sender.node.people.reads(&found.member, &subject.channels, now).await?
        };
        Ok(verdict(subject, &address.choice, &reads, now))
    }

    async fn send(
        &self,
        setup: &Setup,
        address: &PushAddress,
        subject: &Subject,
        found: &FoundAddress,
        count: u32,
    ) -> Answer {
        let (node, now) = (&self.sender.node, clock::now());
        let (navigate, shown) = match &subject.about {
            About::Bulletin(id) => {
                let shown = node.web_push.tokens.mint(id, MemberNumber(found.number), subject.ends);
                (node.app_link(&format!("bulletins/{}", id.as_str())), Some(shown))
            }
            About::Message => (node.app_link("inbox"), None),
        };
        let (device, choice) = (found.device.as_str(), &address.choice);
        let told = Told { device, choice, navigate: &navigate, shown: shown.as_deref(), count };
        let notification = Notification::of(subject, told, now.wall);
        let Ok(sealed) = address.keys.seal(notification.text.clone()) else { return Answer::Refused };
        self.sender.client.send(&address.endpoint, &setup.vapid, &notification, sealed, now).await
    }
}

/// The same number for one device each time.
fn jitter(found: &FoundAddress) -> u64 {
    let mut hasher = DefaultHasher::new();
    found.device.as_str().hash(&mut hasher);
    hasher.finish()
}
