//! `docs/trust/vectors.json`: publications as the server makes them, some of them changed by somebody who holds the server,
//! and what a reader is to find. Whoever writes a reader checks the same file.

mod reader;

use super::*;
use crate::approval::Reason;
use crate::bulletin::state::Submitted;
use crate::bulletin::{Bulletin, BulletinId, ContentForm, publication};
use identity::trust::{Draft, Purpose, SignedManifest, SigningKey};
use protocol::MemberId;
use reader::verdict;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_900_000_000_000);
const EARLIER: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Whose keys there are. Their seeds are one byte, 32 times.
const KEYS: &[(&str, u8)] = &[
    ("root", 1),
    ("ana", 2),
    ("ben", 3),
    ("cai", 4),
    ("dee", 5),
    ("eve", 6),
    ("fay", 7),
    ("ana's phone", 8),
    ("other root", 9),
];

fn key(name: &str) -> SigningKey {
    let (_, seed) = KEYS.iter().find(|(known, _)| *known == name).unwrap();
    SigningKey::from_seed([*seed; 32]).unwrap()
}

fn entry(of: &str, name: &str, roles: &[Role]) -> KeyEntry {
    KeyEntry {
        key: key(of).public(),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        regions: None,
        from: EARLIER,
        until: None,
        revoked_at: None,
    }
}

fn manifest(root: &str) -> SignedManifest {
    let mut draft = Draft::first(key(root).public(), true, NOW);
    draft.serial = 7;
    draft.keys = vec![
        entry("ana", "Ana Lewis", &[Role::Sender]),
        entry("ben", "Ben Moss", &[Role::Approver]),
        KeyEntry {
            regions: Some(["north".to_owned()].into()),
            ..entry("cai", "Cai Pugh", &[Role::Sender, Role::Approver])
        },
        KeyEntry { revoked_at: Some(EARLIER), ..entry("dee", "Dee Roth", &[Role::Sender]) },
        KeyEntry { until: Some(NOW), ..entry("fay", "Fay Ward", &[Role::Sender]) },
        entry("ana's phone", "Ana Lewis", &[Role::Approver]),
    ];
    draft.signed(&key(root)).unwrap()
}

/// What the server would publish, and by which channels.
struct Made {
    payload: Value,
    channels: Vec<ChannelName>,
}

/// A bulletin that nobody signed, on its way.
fn made(number: u8, kind: &str, urgency: &str, audience: &Value) -> Made {
    made_of(number, &form(kind, urgency, audience))
}

fn form(kind: &str, urgency: &str, audience: &Value) -> Value {
    json!({"kind": kind, "urgency": urgency, "audience": audience, "texts": {
        "en": {"title": "Polls are open", "body": "- Bring *water*\n- \"Quoted\", and a tab"},
        "cy": {"title": "Mae'r pleidleisio ar agor", "body": "Dewch â dŵr"}}})
}

fn made_of(number: u8, form: &Value) -> Made {
    let content = Content::parse(serde_json::from_value::<ContentForm>(form.clone()).unwrap()).unwrap();
    let channels = channels(&content);
    let id = BulletinId::new(NOW, [number; 10]);
    let draft = Bulletin::begin(id, MemberId::parse("ana").unwrap(), content, None, NOW);
    let ready = match draft.submit(None, NOW) {
        Submitted::Cleared(ready) => ready,
        Submitted::Awaiting(waiting) => waiting.approve(MemberId::parse("ben").unwrap(), NOW).unwrap(),
    };
    let announcement = publication::of_bulletin(&ready.send(NOW)).unwrap();
    Made { payload: serde_json::from_str(announcement.data.as_str()).unwrap(), channels }
}

impl Made {
    /// What a browser signs of it: the members that are shown, and those that only the statement has.
    fn statement(&self, root: &str, previous: &Value) -> String {
        let mut said = self.payload.clone();
        said["v"] = json!(1);
        said["root"] = json!(key(root).public().fingerprint());
        said["channels"] = self.channels.iter().map(|name| json!(name.as_str())).collect();
        said["at"] = json!(NOW);
        let of = |name: &ChannelName| (name.as_str().to_owned(), previous[name.as_str()].clone());
        said["previous"] = Value::Object(self.channels.iter().map(of).collect());
        if said.get("test").is_none() {
            said["test"] = json!(false);
        }
        said.to_string()
    }

    fn signed_by(&self, names: &[&str]) -> Value {
        self.signed_after(names, &json!({}))
    }

    fn signed_after(&self, names: &[&str], previous: &Value) -> Value {
        let statement = self.statement("root", previous);
        let signatures: Vec<_> =
            names.iter().map(|name| key(name).sign(Purpose::Bulletin, &statement)).collect();
        let mut payload = self.payload.clone();
        payload["signed"] = json!({"statement": statement, "signatures": signatures});
        payload
    }
}

fn vector(name: &str, channel: &str, publication: &Value, verdict: &Value) -> Value {
    json!({"name": name, "channel": channel, "publication": publication, "verdict": verdict})
}

fn good(by: &str, approved_by: Option<&str>, is_emergency: bool) -> Value {
    json!({"is": "verified", "by": by, "approved_by": approved_by, "emergency": is_emergency})
}

fn bad(reason: &str) -> Value {
    json!({"is": "bad", "reason": reason})
}

fn changed(publication: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut publication = publication.clone();
    change(&mut publication);
    publication
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn singles() -> Vec<Value> {
    const ALL: &str = "bulletins:all";
    const NORTH: &str = "bulletins:region.north";
    let north = json!({"regions": ["north"]});
    let news = made(1, "update", "normal", &north);
    let urgent = made(2, "alert", "urgent", &json!({}));
    let trial = made(3, "test", "normal", &north);
    let to_inboxes = made(4, "update", "normal", &json!({"roles": ["activist"]}));
    let both = urgent.signed_by(&["ana", "ben"]);
    let one = news.signed_by(&["ana"]);
    let mut rich = form("update", "normal", &north);
    rich["links"] = json!([{"url": "https://example.org/a", "label": {"en": "Where"}}]);
    rich["place"] = json!({"lat": 51.0, "lon": -3.25, "label": "Town hall"});
    rich["event"] = json!({"from": NOW.as_millis() + 5_000});
    rich["expires_at"] = json!(LATER);
    rich["references"] = json!([BulletinId::new(NOW, [1; 10])]);
    let rich = made_of(6, &rich).signed_by(&["ana"]);
    let withdrawal = withdrawal();
    vec![
        vector("one person, one region", NORTH, &one, &good("Ana Lewis", None, false)),
        vector("all that a bulletin may say", NORTH, &rich, &good("Ana Lewis", None, false)),
        vector("a key of this region", NORTH, &news.signed_by(&["cai"]), &good("Cai Pugh", None, false)),
        vector("two people, urgent, for all", ALL, &both, &good("Ana Lewis", Some("Ben Moss"), false)),
        vector("a test, with its words", NORTH, &trial.signed_by(&["ana"]), &good("Ana Lewis", None, false)),
        vector("a withdrawal takes one person", ALL, &withdrawal, &good("Ana Lewis", None, false)),
        vector(
            "one person, in an emergency",
            ALL,
            &changed(&urgent.signed_by(&["ana"]), |p| p["override"] = json!(true)),
            &good("Ana Lewis", None, true),
        ),
        vector(
            "to single members",
            "inbox#m_1",
            &to_inboxes.signed_by(&["ana"]),
            &good("Ana Lewis", None, false),
        ),
        vector("nobody signed", NORTH, &news.payload, &json!({"is": "unsigned"})),
        vector(
            "the words that are shown were changed",
            NORTH,
            &changed(&one, |p| p["texts"]["en"]["title"] = json!("Polls are closed")),
            &bad("altered"),
        ),
        vector(
            "a link was added",
            NORTH,
            &changed(&one, |p| p["links"] = json!([{"url": "https://example.com/", "label": {}}])),
            &bad("altered"),
        ),
        vector(
            "a test shown as real",
            NORTH,
            &changed(&trial.signed_by(&["ana"]), |p| {
                p.as_object_mut().unwrap().remove("test");
            }),
            &bad("altered"),
        ),
        vector(
            "urgency was taken away",
            ALL,
            &changed(&both, |p| p["urgency"] = json!("normal")),
            &bad("altered"),
        ),
        vector(
            "the words that were signed were changed",
            NORTH,
            &changed(&one, |p| {
                let statement = p["signed"]["statement"].as_str().unwrap().replace("open", "shut");
                p["signed"]["statement"] = json!(statement);
            }),
            &bad("signature"),
        ),
        vector(
            "shown as another bulletin",
            NORTH,
            &changed(&one, |p| {
                p["id"] = json!(BulletinId::new(NOW, [99; 10]));
            }),
            &bad("other_id"),
        ),
        vector("shown in another region", "bulletins:region.south", &one, &bad("wrong_channel")),
        vector(
            "to single members, shown to all",
            ALL,
            &to_inboxes.signed_by(&["ana"]),
            &bad("wrong_channel"),
        ),
        vector("for a region, shown to one member", "inbox#m_1", &one, &bad("wrong_channel")),
        vector("a key that nobody knows", NORTH, &news.signed_by(&["eve"]), &bad("unknown_key")),
        vector("a key that was revoked", NORTH, &news.signed_by(&["dee"]), &bad("revoked_key")),
        vector("a key whose time is over", NORTH, &news.signed_by(&["fay"]), &bad("expired_key")),
        vector("an approver as author", NORTH, &news.signed_by(&["ben"]), &bad("wrong_role")),
        vector(
            "an author as approver",
            ALL,
            &changed(&both, |p| {
                let signature = news.signed_by(&["ana"])["signed"]["signatures"][0]["signature"].clone();
                p["signed"]["signatures"][1] = json!({"key": key("ben").public(), "signature": signature});
            }),
            &bad("signature"),
        ),
        vector("a key of one region, for all", ALL, &urgent.signed_by(&["cai", "ben"]), &bad("wrong_region")),
        vector(
            "an approver of one region, for all",
            ALL,
            &urgent.signed_by(&["ana", "cai"]),
            &bad("wrong_region"),
        ),
        vector("urgent, by one person", ALL, &urgent.signed_by(&["ana"]), &bad("one_signature")),
        vector("one key twice", ALL, &urgent.signed_by(&["ana", "ana"]), &bad("one_signature")),
        vector(
            "two keys of one person",
            ALL,
            &urgent.signed_by(&["ana", "ana's phone"]),
            &bad("one_signature"),
        ),
        vector(
            "a manifest of another root",
            NORTH,
            &{
                let statement = news.statement("other root", &json!({}));
                let by = key("ana").sign(Purpose::Bulletin, &statement);
                changed(&news.payload, |p| p["signed"] = json!({"statement": statement, "signatures": [by]}))
            },
            &bad("not_this_root"),
        ),
        vector(
            "signed for another purpose",
            NORTH,
            &changed(&one, |p| {
                let by = key("ana").sign(Purpose::Manifest, p["signed"]["statement"].as_str().unwrap());
                p["signed"]["signatures"][0] = json!(by);
            }),
            &bad("signature"),
        ),
        vector(
            "no signature at all",
            NORTH,
            &changed(&one, |p| p["signed"]["signatures"] = json!([])),
            &bad("signature"),
        ),
    ]
}

/// What takes a bulletin for all back, signed by its author alone.
fn withdrawal() -> Value {
    let form: ContentForm = serde_json::from_value(form("alert", "urgent", &json!({}))).unwrap();
    let id = BulletinId::new(NOW, [2; 10]);
    let ana = MemberId::parse("ana").unwrap();
    let draft = Bulletin::begin(id, ana.clone(), Content::parse(form).unwrap(), None, NOW);
    let Submitted::Awaiting(waiting) = draft.submit(None, NOW) else { panic!("it takes two") };
    let sent = waiting.overridden(ana.clone(), Reason::parse("a test").unwrap(), NOW).send(NOW).sent(NOW);
    let announcement = publication::of_withdrawal(&sent.withdraw(ana, NOW)).unwrap();
    let payload = serde_json::from_str(announcement.data.as_str()).unwrap();
    Made { payload, channels: vec![ChannelName::bulletins_all()] }.signed_by(&["ana"])
}

fn logs() -> Vec<Value> {
    const NORTH: &str = "bulletins:region.north";
    let north = json!({"regions": ["north"]});
    let hash = |p: &Value| Purpose::Bulletin.hash(p["signed"]["statement"].as_str().unwrap());
    let first = made(11, "update", "normal", &north).signed_by(&["ana"]);
    let after = json!({NORTH: hash(&first)});
    let second = made(12, "update", "normal", &north).signed_after(&["ana"], &after);
    let beside = made(13, "update", "normal", &north).signed_after(&["cai"], &after);
    let (ana, cai) = (good("Ana Lewis", None, false), good("Cai Pugh", None, false));
    let log = |name: &str, publications: &[&Value], verdicts: &[&Value]| json!({"name": name, "channel": NORTH, "publications": publications, "verdicts": verdicts});
    vec![
        log("whole and in order, two after the same", &[&first, &second, &beside], &[&ana, &ana, &cai]),
        log(
            "the first is withheld",
            &[&second, &beside],
            &[&bad("previous_missing"), &bad("previous_missing")],
        ),
        log("two change places", &[&second, &first], &[&bad("previous_after"), &ana]),
        log("the first comes again", &[&first, &second, &first], &[&ana, &ana, &bad("replayed")]),
    ]
}

fn document() -> Value {
    let keys: Vec<Value> = KEYS
        .iter()
        .map(|(name, seed)| {
            let public = key(name).public();
            json!({"name": name, "seed_byte": seed, "public": public, "fingerprint": public.fingerprint()})
        })
        .collect();
    let (ours, other) = (manifest("root"), manifest("other root"));
    let forged = SignedManifest { signature: other.signature, ..ours.clone() };
    let altered = SignedManifest { manifest: ours.manifest.replace("Ana", "Eve"), ..ours.clone() };
    let fingerprint = key("root").public().fingerprint();
    let statement = made(1, "update", "normal", &json!({"regions": ["north"]})).statement("root", &json!({}));
    json!({
        "about": "Made by a test of server/campaign (bulletin/statement/vectors.rs); the keys are nobody's. In a log all publications of the channel are there, the oldest first.",
        "now": NOW,
        "keys": keys,
        "anchored": fingerprint,
        "groups": fingerprint.groups(),
        "manifests": [
            {"name": "the root's", "signed": ours, "verdict": "good"},
            {"name": "another root's", "signed": other, "verdict": "not_this_root"},
            {"name": "signed by another root", "signed": forged, "verdict": "signature"},
            {"name": "with another name in it", "signed": altered, "verdict": "signature"},
        ],
        "hashes": [{"statement": statement, "hash": Purpose::Bulletin.hash(&statement)}],
        "publications": singles(),
        "logs": logs(),
    })
}

#[test]
fn the_vectors_are_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/trust/vectors.json");
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::fs::read_to_string(path).ok().as_deref() != Some(text.as_str()) {
        let fresh = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/trust-vectors.json");
        std::fs::write(fresh, text).unwrap();
        panic!("docs/trust/vectors.json is stale: cp target/trust-vectors.json docs/trust/vectors.json");
    }
}

#[test]
fn each_vector_is_found_to_be_what_it_says() {
    let manifest = manifest("root").verify().unwrap();
    for vector in singles() {
        let found = verdict(&manifest, vector["channel"].as_str().unwrap(), &vector["publication"]);
        assert_eq!(found, vector["verdict"], "{}", vector["name"]);
    }
}
