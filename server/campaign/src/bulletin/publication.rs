//! What members' screens get of a bulletin: one payload in every channel that it goes by, under a key that makes any
//! repeat of it the same message.

use super::state::{Bulletin, Sending, Withdrawn};
use super::{BulletinId, Content, Kind, Language, Urgency};
use crate::bulletin::content::{Attached, EventTime, Link, Place, Text};
use protocol::{IdempotencyKey, Lane, Payload, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Something to be stored in every channel of a bulletin's routes.
#[derive(Clone, PartialEq)]
pub struct Announcement {
    /// What it says.
    pub data: Payload,
    /// The same for every try.
    pub key: IdempotencyKey,
    /// How soon.
    pub lane: Lane,
}

impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Announcement({:?}, {:?})", self.data, self.lane)
    }
}

#[derive(Serialize)]
struct Said<'a> {
    id: &'a str,
    kind: Kind,
    urgency: Urgency,
    texts: BTreeMap<&'a Language, Text>,
    #[serde(skip_serializing_if = "<[Link]>::is_empty")]
    links: &'a [Link],
    #[serde(skip_serializing_if = "<[Attached]>::is_empty")]
    attachments: &'a [Attached],
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a BulletinId,
    how: Refers,
}

/// What one bulletin is to another.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Refers {
    About,
    Corrects,
    Withdraws,
}

/// What a bulletin that is on its way says; nothing if what it goes by does not hold for it, or it does not fit, which no
/// bulletin of ours is.
pub fn of_bulletin(bulletin: &Bulletin<Sending>) -> Option<Announcement> {
    let (_, _, holds) = bulletin.clearance();
    if !holds {
        return None;
    }
    let core = bulletin.core();
    let form = core.content.form();
    let about = form.references.iter().map(|id| Reference { id, how: Refers::About });
    let corrects = core.corrects.iter().map(|corrects| Reference { id: &corrects.id, how: Refers::Corrects });
    let references = corrects.chain(about).collect();
    let said = said(core.id.as_str(), form.kind, &core.content, references, |_, text| text.clone());
    announcement(&said, lane(&core.content))
}

/// What takes a bulletin back says: nothing in anybody's own words, so that one person is enough for it.
pub fn of_withdrawal(bulletin: &Bulletin<Withdrawn>) -> Option<Announcement> {
    let core = bulletin.core();
    let references = vec![Reference { id: &core.id, how: Refers::Withdraws }];
    let id = format!("{}.withdrawn", core.id.as_str());
    let mut said = said(&id, Kind::Cancel, &core.content, references, withdrawn);
    (said.links, said.attachments, said.place, said.event) = (&[], &[], None, None);
    announcement(&said, lane(&core.content))
}

fn announcement(said: &Said<'_>, lane: Lane) -> Option<Announcement> {
    let data = Payload::from_value(said).ok()?;
    let key = IdempotencyKey::parse(said.id).ok()?;
    Some(Announcement { data, key, lane })
}

fn said<'a>(
    id: &'a str,
    kind: Kind,
    content: &'a Content,
    references: Vec<Reference<'a>>,
    words: impl Fn(&Language, &Text) -> Text,
) -> Said<'a> {
    let form = content.form();
    let is_test = form.kind == Kind::Test;
    let texts = form.texts.iter().map(|(language, text)| {
        let text = words(language, text);
        (language, if is_test { as_test(language, text) } else { text })
    });
    Said {
        id,
        kind,
        urgency: form.urgency,
        texts: texts.collect(),
        links: &form.links,
        attachments: &form.attachments,
        place: form.place.as_ref(),
        event: form.event,
        expires_at: form.expires_at,
        references,
        test: is_test,
    }
}

/// A test goes as what is not urgent, whatever it says of itself.
fn lane(content: &Content) -> Lane {
    match (content.form().kind, content.form().urgency) {
        (Kind::Test, _) | (_, Urgency::Normal) => Lane::Normal,
        (_, Urgency::Urgent) => Lane::Urgent,
    }
}

/// The words that nobody can take for anything else, on any screen that shows a title.
fn as_test(language: &Language, Text { title, body }: Text) -> Text {
    let word = if language.as_str() == "cy" { "PRAWF" } else { "TEST" };
    Text { title: format!("{word} – {title}"), body: format!("**{word}.**\n\n{body}") }
}

fn withdrawn(language: &Language, text: &Text) -> Text {
    let (word, body) = match language.as_str() {
        "cy" => ("Tynnwyd yn ôl", "Mae'r bwletin hwn wedi'i dynnu'n ôl. Peidiwch â dibynnu arno."),
        _ => ("Withdrawn", "This bulletin was withdrawn. Do not rely on it."),
    };
    Text { title: format!("{word}: {}", text.title), body: body.to_owned() }
}

#[cfg(test)]
mod tests;
