//! What members' screens get of a bulletin: one payload in every channel that it goes by, under a key that makes any
//! repeat of it the same message.

use super::state::Core;
use super::state::{Bulletin, Sending, Withdrawn};
use super::statement::Signed;
use super::{BulletinId, Content, Kind, Language, Urgency};
use crate::approval::How;
use crate::bulletin::content::{Attached, EventTime, Link, Place, Text};
use protocol::{IdempotencyKey, InvalidPayload, Lane, Payload, Timestamp};
use serde::{Deserialize, Serialize};
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

/// What is said, as it is shown and as it is signed.
#[derive(Serialize)]
pub(super) struct Said<'a> {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) urgency: Urgency,
    pub(super) texts: BTreeMap<&'a Language, Text>,
    #[serde(skip_serializing_if = "<[Link]>::is_empty")]
    pub(super) links: &'a [Link],
    #[serde(skip_serializing_if = "<[Attached]>::is_empty")]
    pub(super) attachments: &'a [Attached],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<&'a Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<EventTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) test: bool,
}

/// What is said, and what was signed of it.
#[derive(Serialize)]
struct SaidSigned<'a> {
    #[serde(flatten)]
    said: &'a Said<'a>,
    signed: &'a Signed,
    /// One person sent it in an emergency: so says the server, and readers see that it was one.
    #[serde(rename = "override", skip_serializing_if = "std::ops::Not::not")]
    is_override: bool,
}

/// An earlier bulletin.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    id: BulletinId,
    how: Refers,
}

/// What one bulletin is to another.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Refers {
    About,
    Corrects,
    Withdraws,
}

/// What a bulletin that is on its way says; nothing if what it goes by does not hold for it, or it does not fit, which no
/// bulletin of ours is.
pub fn of_bulletin(bulletin: &Bulletin<Sending>) -> Option<Announcement> {
    let (clearance, _, holds) = bulletin.clearance();
    if !holds {
        return None;
    }
    let core = bulletin.core();
    let is_override = matches!(clearance.how(), How::Overridden { .. });
    announcement(&bulletin_says(core), core.signed.as_ref(), is_override, lane(&core.content))
}

/// What takes a bulletin back says: nothing in anybody's own words, so that one person is enough for it.
pub fn of_withdrawal(bulletin: &Bulletin<Withdrawn>) -> Option<Announcement> {
    let core = bulletin.core();
    announcement(&withdrawal_says(core), bulletin.signed(), false, lane(&core.content))
}

/// What a bulletin says to its audience.
pub(super) fn bulletin_says(core: &Core) -> Said<'_> {
    let form = core.content.form();
    let about = form.references.iter().map(|id| Reference { id: id.clone(), how: Refers::About });
    let corrects = core.corrects.iter();
    let corrects = corrects.map(|corrects| Reference { id: corrects.id.clone(), how: Refers::Corrects });
    let references = corrects.chain(about).collect();
    said(core.id.as_str().to_owned(), form.kind, &core.content, references, |_, text| text.clone())
}

/// What takes it back says.
pub(super) fn withdrawal_says(core: &Core) -> Said<'_> {
    let references = vec![Reference { id: core.id.clone(), how: Refers::Withdraws }];
    let id = format!("{}.withdrawn", core.id.as_str());
    let mut said = said(id, Kind::Cancel, &core.content, references, withdrawn);
    (said.links, said.attachments, said.place, said.event) = (&[], &[], None, None);
    said
}

impl Said<'_> {
    /// The payload with what was signed of it; an error if that is too much for one publication.
    pub(super) fn signed(&self, signed: &Signed) -> Result<Payload, InvalidPayload> {
        Payload::from_value(&SaidSigned { said: self, signed, is_override: true })
    }
}

fn announcement(
    said: &Said<'_>,
    signed: Option<&Signed>,
    is_override: bool,
    lane: Lane,
) -> Option<Announcement> {
    let data = match signed {
        None => Payload::from_value(said),
        Some(signed) => Payload::from_value(&SaidSigned { said, signed, is_override }),
    };
    let data = data.ok()?;
    let key = IdempotencyKey::parse(&said.id).ok()?;
    Some(Announcement { data, key, lane })
}

fn said(
    id: String,
    kind: Kind,
    content: &Content,
    references: Vec<Reference>,
    words: impl Fn(&Language, &Text) -> Text,
) -> Said<'_> {
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
