use super::*;
use crate::approval::How;
use crate::bulletin::content::ContentForm;
use crate::bulletin::{BulletinId, publication};
use proptest::collection::vec;
use proptest::prelude::*;
use protocol::MemberId;
use serde_json::json;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn person(name: &str, roles: &[Role]) -> Principal {
    Principal {
        is_guarded: false,
        stepped_up_until: None,
        generation: 0,
        member: MemberId::parse(name).unwrap(),
        roles: roles.to_vec(),
        regions: vec![],
        teams: vec![],
        channels: vec![],
        device: None,
        posts_until: Timestamp::default(),
        expires_at: Timestamp::default(),
    }
}

fn both(name: &str) -> Principal {
    person(name, &[Role::Sender, Role::Approver])
}

fn content(form: serde_json::Value) -> Content {
    Content::parse(serde_json::from_value::<ContentForm>(form).unwrap()).unwrap()
}

fn says(word: &str, urgency: &str, regions: &[&str]) -> Content {
    content(json!({
        "kind": "update", "urgency": urgency, "audience": {"regions": regions},
        "texts": {"en": {"title": word, "body": word}, "cy": {"title": word, "body": word}},
    }))
}

fn draft(author: &str, content: Content) -> AnyBulletin {
    let author = MemberId::parse(author).unwrap();
    AnyBulletin::Draft(Bulletin::begin(BulletinId::new(NOW, [1; 10]), author, content, None, NOW))
}

fn apply(bulletin: AnyBulletin, action: Action, who: &Principal) -> Result<AnyBulletin, Refused> {
    let count = Some(HeadCount { audience: 1, members: 100 });
    bulletin.apply(action, who, count, &rules(), NOW)
}

fn rules() -> Rules {
    Rules { languages: ["en", "cy"].map(|tag| Language::parse(tag).unwrap()).to_vec(), manifest: None }
}

fn reason() -> Reason {
    Reason::parse("the polls close").unwrap()
}

#[test]
fn what_is_for_a_few_and_not_urgent_goes_by_one_person() {
    let draft = draft("ana", says("x", "normal", &["north"]));
    let sent = apply(draft, Action::Submit { revision: 1, signed: None }, &both("ana")).unwrap();
    assert_eq!((sent.state(), sent.due()), ("scheduled", Some(NOW)));
}

#[test]
fn what_is_urgent_or_for_all_needs_somebody_who_wrote_none_of_it() {
    for content in [says("x", "urgent", &["north"]), says("x", "normal", &[])] {
        let waiting =
            apply(draft("ana", content), Action::Submit { revision: 1, signed: None }, &both("ana")).unwrap();
        assert_eq!(waiting.state(), "awaiting_approval");
        let approve = Action::Approve { revision: 1, signature: None };
        let own = apply(waiting.clone(), approve.clone(), &both("ana"));
        assert_eq!(own, Err(Refused::OwnBulletin));
        let by_sender = apply(waiting.clone(), approve.clone(), &person("ben", &[Role::Sender]));
        assert_eq!(by_sender, Err(Refused::NotAllowed));
        assert_eq!(apply(waiting, approve, &both("ben")).unwrap().state(), "scheduled");
    }
}

#[test]
fn an_approver_who_changes_a_word_is_an_author() {
    let urgent = || Box::new(says("y", "urgent", &["north"]));
    let waiting =
        apply(draft("ana", *urgent()), Action::Submit { revision: 1, signed: None }, &both("ana")).unwrap();
    let edit = Action::Edit { revision: 1, content: urgent(), send_at: None };
    let edited = apply(waiting, edit, &both("ben")).unwrap();
    assert_eq!(edited.state(), "draft");
    let waiting = apply(edited, Action::Submit { revision: 2, signed: None }, &both("ana")).unwrap();
    for author in ["ana", "ben"] {
        let approved =
            apply(waiting.clone(), Action::Approve { revision: 2, signature: None }, &both(author));
        assert_eq!(approved, Err(Refused::OwnBulletin));
    }
    assert!(apply(waiting, Action::Approve { revision: 2, signature: None }, &both("cai")).is_ok());
}

#[test]
fn nobody_approves_what_they_have_not_seen() {
    let waiting = apply(
        draft("ana", says("x", "urgent", &[])),
        Action::Submit { revision: 1, signed: None },
        &both("ana"),
    )
    .unwrap();
    let edit = Action::Edit { revision: 1, content: Box::new(says("y", "urgent", &[])), send_at: None };
    let edited = apply(waiting, edit, &both("ana")).unwrap();
    let waiting = apply(edited, Action::Submit { revision: 2, signed: None }, &both("ana")).unwrap();
    assert_eq!(
        apply(waiting, Action::Approve { revision: 1, signature: None }, &both("ben")),
        Err(Refused::Revised)
    );
}

#[test]
fn an_override_is_an_approvers_or_an_admins_and_says_who_and_why() {
    let waiting = apply(
        draft("ana", says("x", "urgent", &[])),
        Action::Submit { revision: 1, signed: None },
        &both("ana"),
    )
    .unwrap();
    let action = Action::Override { revision: 1, reason: reason(), signature: None };
    let by_sender = apply(waiting.clone(), action.clone(), &person("ana", &[Role::Sender]));
    assert_eq!(by_sender, Err(Refused::NotAllowed));
    let AnyBulletin::Scheduled(bulletin) = apply(waiting, action, &both("ana")).unwrap() else { panic!() };
    let (clearance, holds) = bulletin.clearance();
    let expected = How::Overridden { by: MemberId::parse("ana").unwrap(), at: NOW, reason: reason() };
    assert!(holds && *clearance.how() == expected);
}

#[test]
fn a_bulletin_goes_in_all_languages_and_before_it_is_over() {
    let english = json!({"en": {"title": "x", "body": "y"}});
    let one = content(json!({"kind": "update", "texts": english, "audience": {"regions": ["north"]}}));
    let missing = Refused::LanguageMissing(Language::parse("cy").unwrap());
    assert_eq!(
        apply(draft("ana", one), Action::Submit { revision: 1, signed: None }, &both("ana")),
        Err(missing)
    );
    let mut form: ContentForm = says("x", "normal", &["north"]).into();
    form.expires_at = Some(NOW);
    let over = draft("ana", Content::parse(form).unwrap());
    assert_eq!(
        apply(over, Action::Submit { revision: 1, signed: None }, &both("ana")),
        Err(Refused::Expired)
    );
}

#[test]
fn a_correction_takes_as_many_as_the_first_and_goes_to_the_same() {
    let first = says("x", "normal", &[]);
    let waiting =
        apply(draft("ana", first.clone()), Action::Submit { revision: 1, signed: None }, &both("ana"))
            .unwrap();
    let AnyBulletin::Scheduled(first_scheduled) =
        apply(waiting, Action::Approve { revision: 1, signature: None }, &both("ben")).unwrap()
    else {
        panic!()
    };
    let sent = first_scheduled.send(NOW).sent(NOW);
    let ana = MemberId::parse("ana").unwrap();
    let correction = AnyBulletin::Draft(sent.correction(BulletinId::new(NOW, [2; 10]), ana, first, NOW));
    let narrower =
        Action::Edit { revision: 1, content: Box::new(says("y", "normal", &["north"])), send_at: None };
    assert_eq!(apply(correction.clone(), narrower, &both("ana")), Err(Refused::AudienceOfCorrection));
    let submitted = apply(correction, Action::Submit { revision: 1, signed: None }, &both("ana")).unwrap();
    assert_eq!(submitted.state(), "awaiting_approval");
}

#[test]
fn what_is_kept_is_read_as_it_was() {
    let waiting = apply(
        draft("ana", says("x", "urgent", &[])),
        Action::Submit { revision: 1, signed: None },
        &both("ana"),
    )
    .unwrap();
    let scheduled =
        apply(waiting.clone(), Action::Approve { revision: 1, signature: None }, &both("ben")).unwrap();
    for bulletin in [waiting, scheduled] {
        let kept = serde_json::to_string(&bulletin).unwrap();
        assert_eq!(serde_json::from_str::<AnyBulletin>(&kept).unwrap(), bulletin, "{kept}");
    }
}

#[test]
fn a_record_in_which_the_author_approved_is_not_sent() {
    let waiting = apply(
        draft("ana", says("x", "urgent", &[])),
        Action::Submit { revision: 1, signed: None },
        &both("ana"),
    )
    .unwrap();
    let scheduled = apply(waiting, Action::Approve { revision: 1, signature: None }, &both("ben")).unwrap();
    let forged = serde_json::to_string(&scheduled).unwrap().replace("\"ben\"", "\"ana\"");
    let AnyBulletin::Scheduled(forged) = serde_json::from_str(&forged).unwrap() else { panic!() };
    assert_eq!(publication::of_bulletin(&forged.send(NOW)), None);
}

/// What people do at random; the revision that they saw is right or one behind.
#[derive(Debug, Clone)]
enum Deed {
    Approve,
    Cancel,
    Edit { is_urgent: bool, is_for_all: bool },
    Override,
    Reject,
    Send,
    Submit,
    Withdraw,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Approve),
        1 => Just(Deed::Cancel),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(is_urgent, is_for_all)| Deed::Edit { is_urgent, is_for_all }),
        1 => Just(Deed::Override),
        1 => Just(Deed::Reject),
        4 => Just(Deed::Send),
        4 => Just(Deed::Submit),
        1 => Just(Deed::Withdraw),
    ]
}

/// What an onlooker with a pencil knows: who wrote what is there now, who said yes to it since, and who overrode.
#[derive(Default)]
struct Onlooker {
    wrote: BTreeSet<usize>,
    approved: BTreeSet<usize>,
    overrode: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_urgent_or_for_all_is_sent_without_two_people_or_an_override(
        deeds in vec((0_usize..4, deed(), 0_u32..8), 1..30),
        starts_urgent in any::<bool>(),
    ) {
        let people = ["p0", "p1", "p2", "p3"].map(both);
        let urgency = |is_urgent| if is_urgent { "urgent" } else { "normal" };
        let mut bulletin = draft("p0", says("x", urgency(starts_urgent), &["north"]));
        let mut onlooker = Onlooker { wrote: [0].into(), ..Onlooker::default() };
        for (who, deed, behind) in deeds {
            let revision = bulletin.core().revision.saturating_sub(u32::from(behind == 0));
            let action = match deed {
                Deed::Send => {
                    if let AnyBulletin::Scheduled(scheduled) = bulletin {
                        let sending = scheduled.send(NOW);
                        prop_assert!(publication::of_bulletin(&sending).is_some());
                        let form = sending.core().content.form();
                        let is_grave = form.urgency == crate::bulletin::Urgency::Urgent || form.audience.is_everybody();
                        let by_two = onlooker.approved.iter().any(|yes| onlooker.wrote.iter().any(|wrote| wrote != yes) && !onlooker.wrote.contains(yes));
                        prop_assert!(!is_grave || by_two || onlooker.overrode);
                        bulletin = AnyBulletin::Sent(sending.sent(NOW));
                    }
                    continue;
                }
                Deed::Approve => Action::Approve { revision, signature: None },
                Deed::Cancel => Action::Cancel,
                Deed::Edit { is_urgent, is_for_all } => {
                    let regions: &[&str] = if is_for_all { &[] } else { &["north"] };
                    Action::Edit { revision, content: Box::new(says("y", urgency(is_urgent), regions)), send_at: None }
                }
                Deed::Override => Action::Override { revision, reason: reason(), signature: None },
                Deed::Reject => Action::Reject { revision, reason: reason() },
                Deed::Submit => Action::Submit { revision, signed: None },
                Deed::Withdraw => Action::Withdraw { signed: None },
            };
            let Ok(next) = apply(bulletin.clone(), action, &people[who]) else { continue };
            match deed {
                Deed::Approve => { onlooker.approved.insert(who); }
                Deed::Override => onlooker.overrode = true,
                Deed::Edit { .. } => {
                    onlooker.wrote.insert(who);
                    onlooker.approved.clear();
                    onlooker.overrode = false;
                }
                Deed::Reject => { onlooker.approved.clear(); onlooker.overrode = false; }
                Deed::Cancel | Deed::Send | Deed::Submit | Deed::Withdraw => {}
            }
            bulletin = next;
        }
    }
}
