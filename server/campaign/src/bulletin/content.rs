//! What a bulletin says, read at the edge; a value of these types is one that may be published.

use super::BulletinId;
use crate::attachments::{AttachmentId, Media};
use crate::audience::Audience;
use crate::markdown::{Markdown, is_readable};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use url::Url;

protocol::limits! {
    /// Most characters of a title; a longer one is refused.
    pub const TITLE_MAX_CHARS: usize = 200 => unseen;
    /// Most characters of a text as it comes, and as it is kept; a longer one is refused.
    pub const BODY_MAX_CHARS: usize = 5_000 => unseen;
    /// Most languages of a bulletin; more are refused.
    pub const LANGUAGES_MAX: usize = 8 => unseen;
    /// Most links of a bulletin beside its text; more are refused.
    pub const LINKS_MAX: usize = 8 => unseen;
    /// Most earlier bulletins that one refers to; more are refused.
    pub const REFERENCES_MAX: usize = 8 => unseen;
    /// Longest address of a link; a longer one is refused.
    pub const URL_MAX_BYTES: usize = 2_048 => unseen;
    /// Most files that are attached to a bulletin; more are refused.
    pub const ATTACHMENTS_MAX: usize = 4 => unseen;
    /// Most bytes of all that a bulletin says, so that with what is added to it it is one publication.
    pub const CONTENT_MAX_BYTES: usize = 28 * 1024 => unseen;
}

/// What sort of bulletin: CAP's `msgType`, and `status` for a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something new that asks for attention.
    Alert,
    /// Takes another back; made by withdrawing only.
    Cancel,
    /// Nothing real: a trial, which says so in its title wherever it is shown.
    Test,
    /// News.
    Update,
}

/// How soon it matters: CAP's `Immediate` and `Expected`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// In its turn.
    #[default]
    Normal,
    /// Now.
    Urgent,
}

/// A language by its tag (RFC 5646), in lower case: `en`, `cy`, `zh-hant`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Reads a tag.
    pub fn parse(text: &str) -> Result<Self, InvalidContent> {
        let mut parts = text.split('-');
        let first = parts
            .next()
            .is_some_and(|part| matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_lowercase()));
        let rest = parts.all(|part| {
            matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if first && rest && text.len() <= 16 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidContent::Language)
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidContent;

    fn try_from(text: String) -> Result<Self, InvalidContent> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// A text as it comes and as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// One line.
    pub title: String,
    /// Markdown of the small kind.
    pub body: String,
}

/// Somewhere to go on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// `https:` or `http:`.
    pub url: String,
    /// What is there, in each language.
    #[serde(default)]
    pub label: BTreeMap<Language, String>,
}

/// A spot on the map: WGS 84, degrees.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// -90 to 90.
    pub lat: f64,
    /// -180 to 180.
    pub lon: f64,
    /// What is there.
    pub label: String,
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTime {
    /// From when.
    pub from: Timestamp,
    /// Until when, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A file that goes with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// Which.
    pub id: AttachmentId,
    /// What it is.
    pub media: Media,
    /// How large, so that nobody loads it unawares.
    pub bytes: usize,
    /// What it shows, in each language: also for those who do not see it.
    #[serde(default)]
    pub label: BTreeMap<Language, String>,
}

/// What a bulletin says, as it comes and as it is kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentForm {
    /// What sort.
    pub kind: Kind,
    /// How soon it matters.
    #[serde(default)]
    pub urgency: Urgency,
    /// A text in each language.
    pub texts: BTreeMap<Language, Text>,
    /// Whom it is for; everybody, if nobody is named.
    #[serde(default)]
    pub audience: Audience,
    /// Where to go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attached>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventTime>,
    /// When it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Earlier bulletins that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<BulletinId>,
}

/// What a bulletin says, and may say.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ContentForm", into = "ContentForm")]
pub struct Content(ContentForm);

/// Why something may not be said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContent {
    /// What goes with it.
    #[error("at most {ATTACHMENTS_MAX} files go with a bulletin, each with a label of one line")]
    Attachment,
    /// Whom it is for.
    #[error("a bulletin is for at most {} regions and teams together", crate::audience::PLACES_MAX)]
    Audience,
    /// Its kind.
    #[error("a bulletin is taken back by withdrawing it")]
    Cancel,
    /// Its time.
    #[error("an event ends after it begins")]
    Event,
    /// A word for a language.
    #[error(
        "a language is a tag in lower case, such as en or cy, and there are 1 to {LANGUAGES_MAX} of them"
    )]
    Language,
    /// An address.
    #[error(
        "a link is an http or https address of at most {URL_MAX_BYTES} bytes, with a label of one line; there are at most {LINKS_MAX}"
    )]
    Link,
    /// A spot.
    #[error("a place has a latitude, a longitude and a label of one line")]
    Place,
    /// Too many of them.
    #[error("a bulletin refers to at most {REFERENCES_MAX} others")]
    References,
    /// A text.
    #[error(
        "a text has a title of one line, at most {TITLE_MAX_CHARS} characters, and a body of at most {BODY_MAX_CHARS}"
    )]
    Text,
    /// All of it.
    #[error("a bulletin says at most {CONTENT_MAX_BYTES} bytes in all")]
    TooLarge,
    /// What must not look real.
    #[error("a test is never urgent")]
    UrgentTest,
}

impl Content {
    /// Reads what comes: the words become those that may stay, anything else that may not be is refused.
    pub fn parse(mut form: ContentForm) -> Result<Self, InvalidContent> {
        match (form.kind, form.urgency) {
            (Kind::Cancel, _) => return Err(InvalidContent::Cancel),
            (Kind::Test, Urgency::Urgent) => return Err(InvalidContent::UrgentTest),
            (Kind::Alert | Kind::Update | Kind::Test, _) => {}
        }
        if !form.audience.is_within_bounds() {
            return Err(InvalidContent::Audience);
        }
        if form.texts.is_empty() || form.texts.len() > LANGUAGES_MAX {
            return Err(InvalidContent::Language);
        }
        for text in form.texts.values_mut() {
            *text = self::text(text)?;
        }
        if form.links.len() > LINKS_MAX {
            return Err(InvalidContent::Link);
        }
        for link in &mut form.links {
            *link = self::link(link)?;
        }
        if form.attachments.len() > ATTACHMENTS_MAX {
            return Err(InvalidContent::Attachment);
        }
        for attached in &mut form.attachments {
            attached.label = labels(&attached.label).ok_or(InvalidContent::Attachment)?;
        }
        if let Some(place) = &mut form.place {
            place.label = line(&place.label, TITLE_MAX_CHARS).ok_or(InvalidContent::Place)?;
            // What is no number is in no range.
            if !((-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon)) {
                return Err(InvalidContent::Place);
            }
        }
        if form.event.is_some_and(|event| event.until.is_some_and(|until| until <= event.from)) {
            return Err(InvalidContent::Event);
        }
        if form.references.len() > REFERENCES_MAX {
            return Err(InvalidContent::References);
        }
        let bytes = serde_json::to_vec(&form).map_err(|_| InvalidContent::TooLarge)?;
        if bytes.len() > CONTENT_MAX_BYTES { Err(InvalidContent::TooLarge) } else { Ok(Self(form)) }
    }

    /// What it says.
    pub const fn form(&self) -> &ContentForm {
        &self.0
    }

    /// The languages that are asked for and not there.
    pub fn missing<'a>(&'a self, required: &'a [Language]) -> impl Iterator<Item = &'a Language> {
        required.iter().filter(|language| !self.0.texts.contains_key(*language))
    }

    /// Whether it is over.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.0.expires_at.is_some_and(|end| end <= now)
    }
}

impl TryFrom<ContentForm> for Content {
    type Error = InvalidContent;

    fn try_from(form: ContentForm) -> Result<Self, InvalidContent> {
        Self::parse(form)
    }
}

impl From<Content> for ContentForm {
    fn from(content: Content) -> Self {
        content.0
    }
}

fn text(Text { title, body }: &Text) -> Result<Text, InvalidContent> {
    let is_short = |text: &str| text.chars().count() <= BODY_MAX_CHARS;
    if !is_short(body) {
        return Err(InvalidContent::Text);
    }
    let title = line(title, TITLE_MAX_CHARS).ok_or(InvalidContent::Text)?;
    let body = Markdown::parse(body).as_str().to_owned();
    if is_short(&body) { Ok(Text { title, body }) } else { Err(InvalidContent::Text) }
}

fn link(Link { url, label }: &Link) -> Result<Link, InvalidContent> {
    let parsed = Url::parse(url).map_err(|_| InvalidContent::Link)?;
    let leads_somewhere = matches!(parsed.scheme(), "http" | "https")
        && parsed.has_host()
        && parsed.username().is_empty()
        && parsed.password().is_none();
    let url = String::from(parsed);
    if !leads_somewhere || url.len() > URL_MAX_BYTES {
        return Err(InvalidContent::Link);
    }
    Ok(Link { url, label: labels(label).ok_or(InvalidContent::Link)? })
}

/// Lines, one in each language.
fn labels(of: &BTreeMap<Language, String>) -> Option<BTreeMap<Language, String>> {
    if of.len() > LANGUAGES_MAX {
        return None;
    }
    of.iter().map(|(language, label)| Some((language.clone(), line(label, TITLE_MAX_CHARS)?))).collect()
}

/// One line of readable characters without blank space around it, if it says anything and is not too long.
fn line(text: &str, max_chars: usize) -> Option<String> {
    let one: String = text
        .chars()
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .filter(|c| is_readable(*c))
        .collect();
    let one = one.trim();
    (!one.is_empty() && one.chars().count() <= max_chars).then(|| one.to_owned())
}

/// What is said is for those whom it is for.
macro_rules! hidden {
    ($($kind:ident),+) => {
        $(impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}
hidden!(Text, Attached, Link, Place, ContentForm, Content);

#[cfg(test)]
mod tests;
