use super::*;
use crate::approval::Reason;
use crate::bulletin::content::ContentForm;
use crate::bulletin::state::Submitted;
use protocol::MemberId;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn sending(form: Value) -> Bulletin<Sending> {
    let content = Content::parse(serde_json::from_value::<ContentForm>(form).unwrap()).unwrap();
    let author = MemberId::parse("m_1").unwrap();
    let draft = Bulletin::begin(BulletinId::new(NOW, [7; 10]), author.clone(), content, None, NOW);
    match draft.submit(None, NOW) {
        Submitted::Awaiting(waiting) => {
            waiting.overridden(author, Reason::parse("a test").unwrap(), NOW).send(NOW)
        }
        Submitted::Cleared(scheduled) => scheduled.send(NOW),
    }
}

fn form(kind: &str, urgency: &str) -> Value {
    let text = json!({"title": "Polls", "body": "- open"});
    json!({"kind": kind, "urgency": urgency, "texts": {"en": text, "cy": text},
        "links": [{"url": "https://example.org/"}], "references": [BulletinId::new(NOW, [9; 10])]})
}

fn said(announcement: &Announcement) -> Value {
    serde_json::from_str(announcement.data.as_str()).unwrap()
}

#[test]
fn a_bulletin_says_what_it_says_and_nobodys_name() {
    let announcement = of_bulletin(&sending(form("alert", "urgent"))).unwrap();
    assert_eq!(announcement.lane, Lane::Urgent);
    let text = json!({"title": "Polls", "body": "- open"});
    let expected = json!({
        "id": announcement.key.as_str(), "kind": "alert", "urgency": "urgent", "texts": {"en": text, "cy": text},
        "links": [{"url": "https://example.org/", "label": {}}],
        "references": [{"id": BulletinId::new(NOW, [9; 10]), "how": "about"}],
    });
    assert_eq!(said(&announcement), expected);
}

#[test]
fn a_test_says_so_in_every_language_and_is_never_urgent() {
    let announcement = of_bulletin(&sending(form("test", "normal"))).unwrap();
    let said = said(&announcement);
    assert_eq!(announcement.lane, Lane::Normal);
    assert_eq!(said["test"], json!(true));
    assert_eq!(said["texts"]["en"], json!({"title": "TEST – Polls", "body": "**TEST.**\n\n- open"}));
    assert_eq!(said["texts"]["cy"]["title"], json!("PRAWF – Polls"));
}

#[test]
fn a_withdrawal_refers_to_the_first_and_has_no_words_of_its_author() {
    let bulletin = sending(form("update", "normal")).sent(NOW);
    let withdrawn = bulletin.withdraw(MemberId::parse("m_2").unwrap(), NOW);
    let said = said(&of_withdrawal(&withdrawn).unwrap());
    assert_eq!(said["kind"], json!("cancel"));
    assert_eq!(said["references"], json!([{"id": withdrawn.core().id, "how": "withdraws"}]));
    assert_eq!(said["texts"]["en"]["title"], json!("Withdrawn: Polls"));
    assert_eq!(said["texts"]["cy"]["title"], json!("Tynnwyd yn ôl: Polls"));
    assert!(said.get("links").is_none());
}

#[test]
fn every_try_has_the_same_key_and_a_withdrawal_another() {
    let bulletin = sending(form("update", "normal"));
    let key = of_bulletin(&bulletin).unwrap().key;
    assert_eq!(of_bulletin(&bulletin).unwrap().key, key);
    let withdrawn = bulletin.withdraw(MemberId::parse("m_2").unwrap(), NOW);
    assert_ne!(of_withdrawal(&withdrawn).unwrap().key, key);
}
