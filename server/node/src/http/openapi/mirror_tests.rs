//! What is described is what the types of lower crates are.

use super::audit::{EntrySchema, HeadSchema};
use super::bulletins::{
    AttachedSchema, AudienceSchema, ContentSchema, CountsSchema, EventTimeSchema, HeadCountSchema,
    LinkSchema, NotReachedSchema, PlaceSchema, ReceiptsSchema, StageCountsSchema, TextSchema,
};
use super::push::{ChoiceSchema, KeysSchema, QuietSchema};
use super::trust::{AuthorSignedSchema, KeySignatureSchema, SignedManifestSchema, SignedSchema};
use campaign::audience::{Audience, HeadCount};
use campaign::bulletin::content::{Attached, EventTime, Link, Place, Text};
use campaign::bulletin::{ContentForm, Signed};
use campaign::receipts::{Counts, StageCounts};
use campaign::web_push::{Choice, PushKeysForm, QuietForm};
use evidence::audit::{Action, Actor, ChainId, Entry, Head, SignedHead};
use evidence::chain::{Chain, Hash};
use identity::trust::{KeySignature, SignedManifest};
use protocol::rpc::receipts::Receipts;
use protocol::{MemberId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::PartialSchema;

const BULLETIN: &str = "b0123456789abcdef0123456789abcde";

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

/// Names of all fields that are described, and of those that are always there.
fn described<S: PartialSchema>() -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = serde_json::to_value(S::schema()).unwrap();
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.map(|name| name.as_str().unwrap().to_owned()).collect();
    (names(&schema["properties"]), required)
}

/// Something of which all is said has just the fields that are described, and can be read without those alone that are
/// not always there.
fn same<D: Serialize + DeserializeOwned, S: PartialSchema>(all: &Value) {
    let read: D = serde_json::from_value(all.clone()).unwrap();
    let written = serde_json::to_value(&read).unwrap();
    let (fields, required) = described::<S>();
    assert_eq!((names(&written), names(all)), (fields.clone(), fields.clone()), "{written}");
    for field in fields {
        let mut less = all.clone();
        less.as_object_mut().unwrap().remove(&field);
        let is_needed = serde_json::from_value::<D>(less).is_err();
        assert_eq!(is_needed, required.contains(&field), "{field}");
    }
}

#[test]
fn what_a_bulletin_says_is_described_as_it_is() {
    let text = json!({ "title": "Rally", "body": "At six." });
    let link = json!({ "url": "https://example.org/", "label": { "en": "More" } });
    let attached = json!({ "id": "a0123456789012345678901", "media": "image/png", "bytes": 1, "label": { "en": "Map" } });
    let place = json!({ "lat": 51.5, "lon": -3.2, "label": "Pier" });
    let event = json!({ "from": 1, "until": 2 });
    let not_reached = json!({ "bulletin": BULLETIN, "stage": "received" });
    let audience = json!({ "regions": ["north"], "teams": ["red"], "roles": ["sender"], "not_reached": not_reached.clone() });
    same::<Text, TextSchema>(&text);
    same::<Link, LinkSchema>(&link);
    same::<Attached, AttachedSchema>(&attached);
    same::<Place, PlaceSchema>(&place);
    same::<EventTime, EventTimeSchema>(&event);
    same::<campaign::audience::NotReached, NotReachedSchema>(&not_reached);
    same::<Audience, AudienceSchema>(&audience);
    same::<ContentForm, ContentSchema>(&json!({
        "kind": "alert",
        "urgency": "urgent",
        "texts": { "en": text },
        "audience": audience,
        "links": [link],
        "attachments": [attached],
        "place": place,
        "event": event,
        "expires_at": 3,
        "references": [BULLETIN],
    }));
}

#[test]
fn what_is_signed_is_described_as_it_is() {
    let (key, signature) = ("A".repeat(43), "A".repeat(86));
    let by = json!({ "key": key, "signature": signature });
    same::<KeySignature, KeySignatureSchema>(&by);
    same::<Signed, SignedSchema>(&json!({ "statement": "{}", "signatures": [by] }));
    same::<SignedManifest, SignedManifestSchema>(&json!({ "manifest": "{}", "signature": signature }));
    let (fields, _) = described::<AuthorSignedSchema>();
    assert_eq!(fields, ["key", "signature", "statement"].map(str::to_owned).into());
}

#[test]
fn counts_and_receipts_are_described_as_they_are() {
    let stage = json!({ "total": 3, "regions": { "north": 1 } });
    same::<StageCounts, StageCountsSchema>(&stage);
    same::<Counts, CountsSchema>(
        &json!({ "accepted": stage, "written": stage, "received": stage, "acknowledged": stage, "pushed": stage, "shown": stage }),
    );
    same::<HeadCount, HeadCountSchema>(&json!({ "audience": 1, "members": 2 }));
    same::<Receipts, ReceiptsSchema>(&json!({ "received": [BULLETIN], "acknowledged": [BULLETIN] }));
}

#[test]
fn what_a_device_says_of_notifications_is_described_as_it_is() {
    let quiet = json!({ "from": "22:00", "until": "07:00", "zone": "Europe/London" });
    same::<QuietForm, QuietSchema>(&quiet);
    same::<Choice, ChoiceSchema>(&json!({
        "language": "cy",
        "shows": "title",
        "quiet": quiet,
        "urgent_breaks_quiet": true,
        "muted": ["bulletins:region.north"],
    }));
    same::<PushKeysForm, KeysSchema>(&json!({ "p256dh": "BA", "auth": "AA" }));
}

#[test]
fn an_entry_of_the_audit_is_described_as_it_is() {
    let who = Actor::Member(MemberId::parse("m_ana").unwrap());
    let entry = Entry::new(who, Action::MemberEdited).about("m_ben").before(&1).after(&2);
    let least = Entry::system(Action::AuditEnded);
    let (fields, required) = described::<EntrySchema>();
    for (entry, described) in [(entry, fields), (least, required)] {
        let line = Chain::default().seal(Timestamp::from_millis(5), &entry);
        let line: Value = serde_json::from_str(&line).unwrap();
        let mut written = names(&line);
        // What a page adds.
        written.insert("chain".to_owned());
        assert_eq!(written, described);
    }
}

#[test]
fn the_end_of_the_audit_is_described_as_it_is() {
    let id: ChainId = "abcdefghijklmnopqrstuv".parse().unwrap();
    let head = Head::of(id, Chain::at(7, Hash::of(b"x")), Timestamp::from_millis(5));
    let mut written = names(&serde_json::to_value(SignedHead { head, signature: "s".to_owned() }).unwrap());
    // What the answer adds.
    written.insert("public_key".to_owned());
    let (fields, required) = described::<HeadSchema>();
    assert_eq!((written.clone(), written), (fields, required));
}

#[test]
fn every_state_of_a_bulletin_is_described() {
    // From the text, so that a new one is noticed.
    let source = include_str!("../../../../campaign/src/bulletin/edge.rs");
    let states = source.split("pub const fn state").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let states = states.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert_eq!(states.collect::<Vec<_>>(), super::words::BULLETIN_STATES);
}
