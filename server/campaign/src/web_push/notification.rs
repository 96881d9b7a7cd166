//! What a device is sent of a subject: the words of its choice, in the shape of Declarative Web Push, which browsers show by
//! themselves and others hand to the app; and how the push service is asked to treat it (RFC 8030 §5).

use super::subject::{About, News, Subject};
use super::{Choice, Shows, Tongue};
use identity::derived::hashed;
use protocol::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

protocol::limits! {
    /// Largest text of a notification before it is sealed: what every push service takes, with room. Titles are cut to fit.
    pub const NOTIFICATION_MAX_BYTES: usize = 3_000 => unseen;
    /// Most characters of a bulletin's title on a locked screen; the rest is left out.
    pub const SHOWN_TITLE_MAX_CHARS: usize = 120 => unseen;
}

/// Characters of a topic: RFC 8030 §5.4 takes up to 32.
const TOPIC_CHARS: usize = 32;

/// What goes to a push service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The text, to be sealed.
    pub text: Vec<u8>,
    /// How long it is to be kept for a device that is off.
    pub ttl: Duration,
    /// Whether a device is to be woken for it.
    pub is_urgent: bool,
    /// One that is kept with the same topic is replaced by it.
    pub topic: String,
}

/// What is known of one device when it is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Which device; push services do not know it by this.
    pub device: &'a str,
    /// What its member wants.
    pub choice: &'a Choice,
    /// Where its screen goes on when it is touched.
    pub navigate: &'a str,
    /// The word by which it tells that it showed this, if there is one.
    pub shown: Option<&'a str>,
    /// How many bulletins it stands for.
    pub count: u32,
}

impl Notification {
    /// What a device is sent of a subject.
    pub fn of(subject: &Subject, told: Told<'_>, now: Timestamp) -> Self {
        let language = told.choice.language;
        let mut notification = json!({
            "title": title(subject, language),
            "lang": language.as_str(),
            "dir": "ltr",
            "navigate": told.navigate,
            "tag": subject.tag,
            "silent": false,
            "app_badge": told.count.max(1).to_string(),
        });
        if told.choice.shows == Shows::Title
            && let Some(title) = subject.title(language.as_str())
        {
            let title: String = title.chars().take(SHOWN_TITLE_MAX_CHARS).collect();
            notification.as_object_mut().map(|said| said.insert("body".to_owned(), Value::String(title)));
        }
        let (id, kind) = match &subject.about {
            About::Bulletin(id) => (Some(id.as_str()), "bulletin"),
            About::Message => (None, "message"),
        };
        let mut holdfast = json!({ "kind": kind, "urgent": subject.is_urgent, "at": subject.at });
        for (name, value) in [("id", id), ("shown", told.shown)] {
            if let Some(value) = value
                && let Some(said) = holdfast.as_object_mut()
            {
                said.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        }
        let text = json!({ "web_push": 8030, "notification": notification, "holdfast": holdfast });
        // Of each device its own, so that no push service sees which devices are told the same.
        let mut topic = hashed(&format!("{} {}", told.device, subject.tag)).as_str().to_owned();
        topic.truncate(TOPIC_CHARS);
        Self {
            text: text.to_string().into_bytes(),
            ttl: now.until(subject.ends),
            is_urgent: subject.is_urgent,
            topic,
        }
    }
}

/// The words of a locked screen. They say no sender, no region and no title.
fn title(subject: &Subject, language: Tongue) -> String {
    let words = match (language, subject.news, subject.is_urgent) {
        (Tongue::En, News::New, false) => "New bulletin",
        (Tongue::En, News::New, true) => "Urgent bulletin",
        (Tongue::En, News::Corrected, false) => "Corrected bulletin",
        (Tongue::En, News::Corrected, true) => "Urgent bulletin, corrected",
        (Tongue::En, News::Withdrawn, _) => "Bulletin withdrawn",
        (Tongue::En, News::Message, _) => "New message from the organisers",
        (Tongue::Cy, News::New, false) => "Bwletin newydd",
        (Tongue::Cy, News::New, true) => "Bwletin brys",
        (Tongue::Cy, News::Corrected, false) => "Bwletin wedi'i gywiro",
        (Tongue::Cy, News::Corrected, true) => "Bwletin brys, wedi'i gywiro",
        (Tongue::Cy, News::Withdrawn, _) => "Bwletin wedi'i dynnu'n ôl",
        (Tongue::Cy, News::Message, _) => "Neges newydd gan y trefnwyr",
    };
    match (subject.is_test, language) {
        (false, _) => words.to_owned(),
        (true, Tongue::En) => format!("TEST – {words}"),
        (true, Tongue::Cy) => format!("PRAWF – {words}"),
    }
}

#[cfg(test)]
mod tests;
