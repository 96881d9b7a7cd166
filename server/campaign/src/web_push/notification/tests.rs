use super::*;
use crate::bulletin::content::Text;
use crate::bulletin::state::Submitted;
use crate::bulletin::{AnyBulletin, Bulletin, BulletinId, Content, ContentForm};
use crate::web_push::quiet::{Quiet, QuietForm};
use crate::web_push::verdict::{Verdict, verdict};
use protocol::{ChannelName, MemberId};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

fn id() -> BulletinId {
    BulletinId::new(NOW, [7; 10])
}

fn sent(more: &Value) -> Bulletin<crate::bulletin::state::Sent> {
    let text = |title: &str| json!({ "title": title, "body": "In the square of Northtown." });
    let mut form =
        json!({ "kind": "update", "texts": { "en": text("Rally at six"), "cy": text("Rali am chwech") } });
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let form: ContentForm = serde_json::from_value(form).unwrap();
    let content = Content::try_from(form).unwrap();
    let ana = MemberId::parse("m_ana").unwrap();
    let draft = Bulletin::begin(id(), ana, content, None, NOW);
    let count = Some(crate::audience::HeadCount { audience: 1, members: 100 });
    let scheduled = match draft.submit(count, NOW) {
        Submitted::Cleared(scheduled) => scheduled,
        Submitted::Awaiting(awaiting) => awaiting.approve(MemberId::parse("m_ben").unwrap(), NOW).unwrap(),
    };
    scheduled.send(NOW).sent(NOW)
}

fn subject(more: &Value) -> Subject {
    Subject::of(&AnyBulletin::Sent(sent(more)), &id(), NOW).unwrap()
}

fn told(subject: &Subject, choice: &Choice) -> Value {
    let told = Told {
        device: "d_1",
        choice,
        navigate: "https://h.example/#bulletins/b",
        shown: Some("word"),
        count: 2,
    };
    let notification = Notification::of(subject, told, NOW);
    assert!(notification.text.len() <= NOTIFICATION_MAX_BYTES, "{} bytes", notification.text.len());
    serde_json::from_slice(&notification.text).unwrap()
}

fn north() -> Value {
    json!({ "audience": { "regions": ["north"] } })
}

#[test]
fn a_locked_screen_says_nothing_but_that_there_is_something() {
    let said = told(&subject(&north()), &Choice::default());
    let text = said.to_string();
    for private in ["Rally", "Rali", "north", "Northtown", "m_ana", "square"] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    let expected = json!({
        "web_push": 8030,
        "notification": {
            "title": "New bulletin", "lang": "en", "dir": "ltr", "navigate": "https://h.example/#bulletins/b",
            "tag": id().as_str(), "silent": false, "app_badge": "2",
        },
        "holdfast": { "id": id().as_str(), "kind": "bulletin", "urgent": false, "at": NOW, "shown": "word" },
    });
    assert_eq!(said, expected);
}

#[test]
fn whoever_asks_for_titles_has_them_in_their_language_and_a_test_says_so() {
    let titles = Choice { language: Tongue::Cy, shows: Shows::Title, ..Choice::default() };
    let said = told(&subject(&north()), &titles);
    assert_eq!(
        (&said["notification"]["title"], &said["notification"]["body"]),
        (&json!("Bwletin newydd"), &json!("Rali am chwech"))
    );
    let mut test = north();
    test["kind"] = json!("test");
    assert_eq!(told(&subject(&test), &Choice::default())["notification"]["title"], "TEST – New bulletin");
    assert_eq!(told(&subject(&test), &titles)["notification"]["title"], "PRAWF – Bwletin newydd");
    let mut urgent = north();
    urgent["urgency"] = json!("urgent");
    assert_eq!(told(&subject(&urgent), &titles)["notification"]["title"], "Bwletin brys");
    let long = Text { title: "\u{1F4E3}".repeat(200), body: "x".to_owned() };
    let mut long_one = north();
    long_one["texts"] = json!({ "en": long });
    told(&subject(&long_one), &titles);
}

#[test]
fn what_takes_a_bulletin_back_replaces_it_and_what_is_over_is_not_told() {
    let first = subject(&north());
    let withdrawn = sent(&north()).withdraw(MemberId::parse("m_ben").unwrap(), NOW.after(HOUR));
    let withdrawn = Subject::of(&AnyBulletin::Withdrawn(withdrawn), &id(), NOW.after(HOUR)).unwrap();
    let choice = Choice::default();
    let of_device = |device, subject: &Subject| {
        Notification::of(subject, Told { device, choice: &choice, navigate: "", shown: None, count: 1 }, NOW)
    };
    let of = |subject: &Subject| of_device("d_1", subject);
    assert_eq!(of(&withdrawn).topic, of(&first).topic);
    assert!(of(&first).topic.len() <= 32);
    assert_ne!(of_device("d_2", &first).topic, of(&first).topic, "no push service sees who is told the same");
    assert_eq!(told(&withdrawn, &choice)["notification"]["title"], "Bulletin withdrawn");
    assert_eq!(of(&first).ttl, Duration::from_hours(72));
    let mut ends = north();
    ends["expires_at"] = json!(NOW.after(HOUR));
    assert_eq!(of(&subject(&ends)).ttl, HOUR);
    let over = Subject::of(&AnyBulletin::Sent(sent(&ends)), &id(), NOW.after(2 * HOUR));
    assert!(over.is_none());
}

#[test]
fn whoever_muted_all_channels_by_which_they_have_it_is_not_told() {
    let subject = subject(&json!({ "audience": { "regions": ["north", "south"] } }));
    let channel = |name: &str| ChannelName::parse(name).unwrap();
    let (north, south) = (channel("bulletins:region.north"), channel("bulletins:region.south"));
    let choice = Choice { muted: [north.clone()].into(), ..Choice::default() };
    assert_eq!(subject.channels, [north.clone(), south.clone()]);
    assert_eq!(verdict(&subject, &choice, std::slice::from_ref(&north), NOW), Verdict::Never);
    assert_eq!(verdict(&subject, &choice, &[north, south], NOW), Verdict::Now);
    assert_eq!(verdict(&subject, &choice, &[], NOW), Verdict::Now, "by a role, or one's own channel");
}

#[test]
fn in_quiet_hours_only_what_is_urgent_is_told_and_only_to_whom_that_is_welcome() {
    // 08:00 in London.
    let form =
        QuietForm { from: "07:00".to_owned(), until: "09:00".to_owned(), zone: "Europe/London".to_owned() };
    let quiet = Choice { quiet: Some(Quiet::try_from(form).unwrap()), ..Choice::default() };
    let breaks = Choice { urgent_breaks_quiet: true, ..quiet.clone() };
    let mut urgent = north();
    urgent["urgency"] = json!("urgent");
    let (normal, urgent) = (subject(&north()), subject(&urgent));
    let end = NOW.after(HOUR);
    assert_eq!(verdict(&normal, &quiet, &[], NOW), Verdict::Later(end));
    assert_eq!(verdict(&normal, &breaks, &[], NOW), Verdict::Later(end));
    assert_eq!(verdict(&urgent, &quiet, &[], NOW), Verdict::Later(end));
    assert_eq!(verdict(&urgent, &breaks, &[], NOW), Verdict::Now);
    assert_eq!(verdict(&normal, &quiet, &[], end), Verdict::Now);
    let mut ends = north();
    ends["expires_at"] = json!(NOW.after(HOUR / 2));
    assert_eq!(verdict(&subject(&ends), &quiet, &[], NOW), Verdict::Never, "it would be over by then");
}
