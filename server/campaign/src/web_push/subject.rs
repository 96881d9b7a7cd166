//! What is to be told: a bulletin, as far as it concerns a screen that is locked. The same for everybody.

use crate::audience::Audience;
use crate::bulletin::content::Text;
use crate::bulletin::{AnyBulletin, Bulletin, BulletinId, Kind, Language, Urgency};
use protocol::{ChannelName, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// How long a push service keeps a notification for a device that is off, where a bulletin has no expiry.
    pub const PUSH_TTL: Duration = Duration::from_hours(3 * 24) => unseen;
    /// Longest time for which a push service is asked to keep one, whatever the bulletin's expiry.
    pub const PUSH_TTL_MAX: Duration = Duration::from_hours(28 * 24) => unseen;
    /// Most corrections of corrections that are followed to the first bulletin, in whose place a notification stands.
    pub const CORRECTIONS_FOLLOWED_MAX: usize = 16 => unseen;
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// One stands in the place of an earlier one.
    Corrected,
    /// The organisers wrote to this member.
    Message,
    /// There is a new one.
    New,
    /// It was taken back.
    Withdrawn,
}

/// What a notification is about, as it is kept while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A bulletin.
    Bulletin(BulletinId),
    /// What organisers wrote to a member.
    Message,
}

/// Something to be told.
#[derive(Clone, PartialEq)]
pub struct Subject {
    /// What it is about.
    pub about: About,
    /// What happened.
    pub news: News,
    /// A notification with the same tag is replaced: the id of the bulletin in whose place it stands.
    pub tag: String,
    /// Whether it matters now.
    pub is_urgent: bool,
    /// Whether it is a trial.
    pub is_test: bool,
    /// When it went.
    pub at: Timestamp,
    /// From when on nobody needs to be told.
    pub ends: Timestamp,
    /// The channels of its audience.
    pub channels: Vec<ChannelName>,
    texts: BTreeMap<Language, Text>,
}

impl Subject {
    /// What there is to tell of a bulletin; nothing if it never went, is over, or another stands in its place. `first` is the
    /// one in whose place it stands.
    pub fn of(bulletin: &AnyBulletin, first: &BulletinId, now: Timestamp) -> Option<Self> {
        let (news, at) = match bulletin {
            AnyBulletin::Sent(sent) => (news(sent), sent.sent().at()),
            AnyBulletin::Withdrawn(withdrawn) => (News::Withdrawn, withdrawn.since()),
            AnyBulletin::AwaitingApproval(_)
            | AnyBulletin::Cancelled(_)
            | AnyBulletin::Corrected(_)
            | AnyBulletin::Draft(_)
            | AnyBulletin::Expired(_)
            | AnyBulletin::Scheduled(_)
            | AnyBulletin::Sending(_) => return None,
        };
        let core = bulletin.core();
        let form = core.content.form();
        let is_test = form.kind == Kind::Test;
        let ends = form.expires_at.unwrap_or_else(|| at.after(PUSH_TTL)).min(at.after(PUSH_TTL_MAX));
        let subject = Self {
            about: About::Bulletin(core.id.clone()),
            news,
            tag: first.as_str().to_owned(),
            is_urgent: form.urgency == Urgency::Urgent && !is_test,
            is_test,
            at,
            ends,
            channels: channels(&form.audience),
            texts: form.texts.clone(),
        };
        (ends > now).then_some(subject)
    }

    /// That organisers wrote to a member: nothing of what.
    pub fn message(at: Timestamp) -> Self {
        Self {
            about: About::Message,
            news: News::Message,
            tag: "message".to_owned(),
            is_urgent: false,
            is_test: false,
            at,
            ends: at.after(PUSH_TTL),
            channels: Vec::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Its title in a language, or else in any.
    pub fn title(&self, language: &str) -> Option<&str> {
        let own = self.texts.iter().find(|(tag, _)| tag.as_str() == language);
        own.or_else(|| self.texts.iter().next()).map(|(_, text)| text.title.as_str())
    }
}

fn news<S>(bulletin: &Bulletin<S>) -> News {
    if bulletin.core().corrects.is_some() { News::Corrected } else { News::New }
}

/// The channels whose readers an audience is, also where a bulletin goes by members' own.
fn channels(audience: &Audience) -> Vec<ChannelName> {
    if audience.regions.is_empty() && audience.teams.is_empty() {
        return vec![ChannelName::bulletins_all()];
    }
    let regions = audience.regions.iter().filter_map(|label| ChannelName::region(label.as_str()).ok());
    let teams = audience.teams.iter().filter_map(|label| ChannelName::team(label.as_str()).ok());
    regions.chain(teams).collect()
}

/// What is said is for those whom it is for.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({:?}, {:?})", self.about, self.news)
    }
}
