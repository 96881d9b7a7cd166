//! What becomes of a bulletin. A state is a type, and what may be done in it are its methods: nothing is sent that was not
//! cleared, because what is sent is made of a clearance.
//!
//! ```text
//! draft ⇄ awaiting approval → scheduled → sending → sent → corrected | withdrawn → expired
//!   └───────── one person is enough ────────┘
//! ```
//! A draft, what awaits approval and what is scheduled can be changed, and is a draft again, and can be cancelled.

use super::{BulletinId, Content, Signed};
use crate::approval::{self, Authors, Clearance, Needs, OwnBulletin, Reason};
use crate::audience::HeadCount;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// How long receipts of a bulletin without an expiry name members, after it went; then they are counts.
    pub const RECEIPTS_MAX_AGE: Duration = Duration::from_hours(30 * 24) => unseen;
}

/// What a bulletin has in every state.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Core {
    /// Its id.
    pub id: BulletinId,
    /// Grows with each change of what it says, so that somebody approves what they saw.
    pub revision: u32,
    /// Who wrote at it.
    pub authors: Authors,
    /// What it says.
    pub content: Content,
    /// When it is to go, if not at once.
    #[serde(default)]
    pub send_at: Option<SendAt>,
    /// What it corrects.
    #[serde(default)]
    pub corrects: Option<Corrects>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// What was signed of this revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

/// A time by somebody's clock, and the instant that it was understood as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAt {
    /// The instant; this is what counts.
    pub at: Timestamp,
    /// As it was said.
    pub local: String,
    /// By which zone's clock.
    pub zone: String,
    /// `once`, `repeated` or `skipped`: how often the clock shows it.
    pub shown: String,
}

/// What a correction is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrects {
    /// The bulletin.
    pub id: BulletinId,
    /// How many people that one took.
    pub needs: Needs,
}

/// A bulletin in a state.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Bulletin<S> {
    core: Core,
    at: S,
}

/// It is being written.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Why somebody said no to it.
    #[serde(default)]
    pub returned: Option<Reason>,
}

/// Somebody else is to say yes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingApproval {
    /// Since when.
    pub since: Timestamp,
    /// How many it was for when it was submitted, if anybody had counted.
    #[serde(default)]
    pub count: Option<HeadCount>,
}

/// It goes when its time comes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    clearance: Clearance,
    needs: Needs,
    at: Timestamp,
}

/// It is on its way; some may have it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    clearance: Clearance,
    needs: Needs,
    since: Timestamp,
}

/// It is in the log of every channel that it goes by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    clearance: Clearance,
    needs: Needs,
    at: Timestamp,
}

/// A newer one stands in its place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    sent: Sent,
    by: BulletinId,
}

/// It was taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    sent: Sent,
    by: MemberId,
    at: Timestamp,
    is_announced: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed: Option<Signed>,
}

/// It is over, and who got it is known as counts only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    was: Was,
    at: Timestamp,
}

/// It never goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Who decided so.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
}

/// What a bulletin was when it expired.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Was {
    /// Corrected.
    Corrected(Corrected),
    /// Never sent: its end came before a yes or its time.
    NeverSent,
    /// Sent.
    Sent(Sent),
    /// Withdrawn.
    Withdrawn(Withdrawn),
}

impl<S> Bulletin<S> {
    /// What it has in every state.
    pub const fn core(&self) -> &Core {
        &self.core
    }

    /// What it has in this one.
    pub const fn at(&self) -> &S {
        &self.at
    }

    fn to<T>(self, at: T) -> Bulletin<T> {
        Bulletin { core: self.core, at }
    }

    /// The same, changed: what was approved is approved no more, and whoever changed it is an author. Nothing if there are
    /// too many.
    fn changed(self, by: MemberId, content: Content, send_at: Option<SendAt>) -> Option<Bulletin<Draft>> {
        let Core { id, revision, authors, corrects, created_at, .. } = self.core;
        let authors = authors.and(by)?;
        let core = Core {
            id,
            revision: revision.saturating_add(1),
            authors,
            content,
            send_at,
            corrects,
            created_at,
            signed: None,
        };
        Some(Bulletin { core, at: Draft::default() })
    }
}

/// What can be changed or cancelled still.
pub trait Open: Sized {}
impl Open for Draft {}
impl Open for AwaitingApproval {}
impl Open for Scheduled {}

impl<S: Open> Bulletin<S> {
    /// Says something else. Nothing if too many wrote at it.
    pub fn edit(self, by: MemberId, content: Content, send_at: Option<SendAt>) -> Option<Bulletin<Draft>> {
        self.changed(by, content, send_at)
    }

    /// Never sends it.
    pub fn cancel(self, by: MemberId, at: Timestamp) -> Bulletin<Cancelled> {
        self.to(Cancelled { by, at })
    }

    /// Its end came before it was sent.
    pub fn lapse(self, at: Timestamp) -> Bulletin<Expired> {
        self.to(Expired { was: Was::NeverSent, at })
    }
}

/// Where a submitted bulletin is.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// Somebody else is to say yes.
    Awaiting(Bulletin<AwaitingApproval>),
    /// One person is enough.
    Cleared(Bulletin<Scheduled>),
}

impl Bulletin<Draft> {
    /// Begins one.
    pub fn begin(
        id: BulletinId,
        author: MemberId,
        content: Content,
        send_at: Option<SendAt>,
        now: Timestamp,
    ) -> Self {
        let authors = Authors::first(author);
        let core = Core {
            id,
            revision: 1,
            authors,
            content,
            send_at,
            corrects: None,
            created_at: now,
            signed: None,
        };
        Self { core, at: Draft::default() }
    }

    /// Has this signed, and nothing that was signed before.
    #[must_use]
    pub fn signed(mut self, signed: Option<Signed>) -> Self {
        self.core.signed = signed;
        self
    }

    /// Says that it is ready.
    pub fn submit(self, count: Option<HeadCount>, now: Timestamp) -> Submitted {
        let needs = self.needs(count);
        match Clearance::by_author(needs) {
            Some(clearance) => Submitted::Cleared(self.cleared(clearance, needs, now)),
            None => Submitted::Awaiting(self.to(AwaitingApproval { since: now, count })),
        }
    }
}

impl Sent {
    /// By what it went.
    pub const fn clearance(&self) -> &Clearance {
        &self.clearance
    }

    /// When it was stored everywhere.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

impl Corrected {
    /// How it went.
    pub const fn sent(&self) -> &Sent {
        &self.sent
    }

    /// What stands in its place.
    pub const fn by(&self) -> &BulletinId {
        &self.by
    }
}

impl Withdrawn {
    /// How it went.
    pub const fn sent(&self) -> &Sent {
        &self.sent
    }

    /// Who took it back, and when.
    pub const fn by(&self) -> (&MemberId, Timestamp) {
        (&self.by, self.at)
    }
}

impl Expired {
    /// What it was.
    pub const fn was(&self) -> &Was {
        &self.was
    }
}

impl<S> Bulletin<S> {
    fn needs(&self, count: Option<HeadCount>) -> Needs {
        let corrected = self.core.corrects.as_ref().map(|corrects| corrects.needs);
        approval::needs(&self.core.content, count, corrected)
    }

    /// It goes when its time comes, and at once if that is over.
    fn cleared(self, clearance: Clearance, needs: Needs, now: Timestamp) -> Bulletin<Scheduled> {
        let at = self.core.send_at.as_ref().map_or(now, |send_at| send_at.at.max(now));
        self.to(Scheduled { clearance, needs, at })
    }
}

impl Bulletin<AwaitingApproval> {
    /// Somebody who wrote none of it says yes.
    pub fn approve(self, by: MemberId, now: Timestamp) -> Result<Bulletin<Scheduled>, OwnBulletin> {
        let clearance = Clearance::by_approver(by, &self.core.authors, now)?;
        Ok(self.cleared(clearance, Needs::TwoPeople, now))
    }

    /// Has this signed by those who agree, too.
    #[must_use]
    pub fn countersigned(mut self, signed: Option<Signed>) -> Self {
        self.core.signed = signed;
        self
    }

    /// Somebody says no, and why. What was signed is not any more.
    pub fn reject(mut self, reason: Reason) -> Bulletin<Draft> {
        self.core.signed = None;
        self.to(Draft { returned: Some(reason) })
    }

    /// Somebody overrides the rule, and says why.
    pub fn overridden(self, by: MemberId, reason: Reason, now: Timestamp) -> Bulletin<Scheduled> {
        self.cleared(Clearance::by_override(by, reason, now), Needs::TwoPeople, now)
    }
}

impl Bulletin<Scheduled> {
    /// When it goes.
    pub const fn due(&self) -> Timestamp {
        self.at.at
    }

    /// Its time has come.
    pub fn send(self, now: Timestamp) -> Bulletin<Sending> {
        let Scheduled { clearance, needs, .. } = self.at.clone();
        self.to(Sending { clearance, needs, since: now })
    }

    /// By what it goes, and whether that holds for it.
    pub fn clearance(&self) -> (&Clearance, bool) {
        (&self.at.clearance, self.at.clearance.holds(self.at.needs, &self.core.authors))
    }
}

impl Bulletin<Sending> {
    /// It is stored everywhere.
    pub fn sent(self, now: Timestamp) -> Bulletin<Sent> {
        let at = self.as_sent(now);
        self.to(at)
    }

    /// It is taken back while it is on its way; it may be in some channels, and what takes it back goes to all.
    pub fn withdraw(self, by: MemberId, now: Timestamp) -> Bulletin<Withdrawn> {
        let sent = self.as_sent(now);
        self.to(Withdrawn { sent, by, at: now, is_announced: false, signed: None })
    }

    fn as_sent(&self, at: Timestamp) -> Sent {
        Sent { clearance: self.at.clearance.clone(), needs: self.at.needs, at }
    }

    /// By what it goes, how many it took, and whether that holds for it.
    pub fn clearance(&self) -> (&Clearance, Needs, bool) {
        let Sending { clearance, needs, .. } = &self.at;
        (clearance, *needs, clearance.holds(*needs, &self.core.authors))
    }

    /// Since when it is on its way.
    pub const fn since(&self) -> Timestamp {
        self.at.since
    }
}

impl Bulletin<Sent> {
    /// Begins a correction: the same to the same audience, to be changed.
    pub fn correction(
        &self,
        id: BulletinId,
        author: MemberId,
        content: Content,
        now: Timestamp,
    ) -> Bulletin<Draft> {
        let mut draft = Bulletin::begin(id, author, content, None, now);
        draft.core.corrects = Some(Corrects { id: self.core.id.clone(), needs: self.at.needs });
        draft
    }

    /// By what it went, and when.
    pub const fn sent(&self) -> &Sent {
        &self.at
    }

    /// Its correction was sent.
    pub fn corrected(self, by: BulletinId) -> Bulletin<Corrected> {
        let sent = self.at.clone();
        self.to(Corrected { sent, by })
    }

    /// Takes it back. It takes one person, whatever sending it took: the words are not theirs.
    pub fn withdraw(self, by: MemberId, now: Timestamp) -> Bulletin<Withdrawn> {
        let sent = self.at.clone();
        self.to(Withdrawn { sent, by, at: now, is_announced: false, signed: None })
    }

    /// It is over.
    pub fn expire(self, at: Timestamp) -> Bulletin<Expired> {
        let was = Was::Sent(self.at.clone());
        self.to(Expired { was, at })
    }

    /// When it is over.
    pub fn ends(&self) -> Timestamp {
        ends(&self.core, &self.at)
    }
}

impl Bulletin<Corrected> {
    /// It is over.
    pub fn expire(self, at: Timestamp) -> Bulletin<Expired> {
        let was = Was::Corrected(self.at.clone());
        self.to(Expired { was, at })
    }

    /// When it is over.
    pub fn ends(&self) -> Timestamp {
        ends(&self.core, &self.at.sent)
    }
}

impl Bulletin<Withdrawn> {
    /// Has it signed that it is taken back.
    #[must_use]
    pub fn with(mut self, signed: Option<Signed>) -> Self {
        self.at.signed = signed;
        self
    }

    /// What was signed of taking it back.
    pub const fn signed(&self) -> Option<&Signed> {
        self.at.signed.as_ref()
    }

    /// All channels have it that it is taken back.
    #[must_use]
    pub fn announced(mut self) -> Self {
        self.at.is_announced = true;
        self
    }

    /// Whether they have.
    pub const fn is_announced(&self) -> bool {
        self.at.is_announced
    }

    /// Since when it is taken back.
    pub const fn since(&self) -> Timestamp {
        self.at.at
    }

    /// It is over.
    pub fn expire(self, at: Timestamp) -> Bulletin<Expired> {
        let was = Was::Withdrawn(self.at.clone());
        self.to(Expired { was, at })
    }

    /// When it is over.
    pub fn ends(&self) -> Timestamp {
        ends(&self.core, &self.at.sent)
    }
}

/// When what was sent is over; then nobody needs to know who got it.
fn ends(core: &Core, sent: &Sent) -> Timestamp {
    core.content.form().expires_at.unwrap_or_else(|| sent.at.after(RECEIPTS_MAX_AGE)).max(sent.at)
}

/// What is said is for those whom it is for, and states name people.
impl<S> fmt::Debug for Bulletin<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bulletin({:?}, revision {})", self.core.id, self.core.revision)
    }
}

macro_rules! hidden {
    ($($kind:ident),+) => {
        $(impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}
hidden!(
    Core,
    Draft,
    AwaitingApproval,
    Scheduled,
    Sending,
    Sent,
    Corrected,
    Withdrawn,
    Expired,
    Cancelled,
    Was
);
