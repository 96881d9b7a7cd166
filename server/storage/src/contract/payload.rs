//! What was said is what is read, byte for byte.

use super::Fixture;
use super::support::{NOW, draft, everything, good, member, page, some, stored, team};
use crate::history::{Draft, PageLimit, Since};
use protocol::{Payload, limits::PAYLOAD_MAX_BYTES};
use std::time::Duration;

/// JSON that has broken systems before: null characters, bidirectional marks, lone surrogate escapes, long numbers,
/// repeated and odd keys, separators that JavaScript takes for line ends, combining marks, what looks like SQL,
/// shell, RESP or printf.
const NASTY: [&str; 24] = [
    r#""""#,
    r#""\u0000\u0001\u001f\u007f""#,
    r#""\ud800""#,
    r#""\uD83D\uDE00 😀 👩‍👩‍👧‍👦 🏳️‍🌈""#,
    "\"\u{2028}\u{2029}\u{85}\u{feff}\"",
    "\"\u{202e}abc\u{202d} \u{2066}xyz\u{2069} \u{200f}שלום\u{200e}\"",
    "\"Z\u{351}\u{36b}\u{343}\u{36a}\u{302}a\u{334}\u{321}l\u{336}\u{322}g\u{32b}o\"",
    "\"ﷺ ﷽ 田中さん 社會科學院 울란바토르 ⅛⅜ ß ı İ ǰ\"",
    "\"\u{fdd0}\u{fffe}\u{ffff}\u{1ffff}\u{10ffff}\"",
    r#""'; DROP TABLE messages; --""#,
    r#""$(touch /tmp/x) `id` %s%n%x ${IFS} ../../etc/passwd""#,
    r#""*3\r\n$3\r\nSET\r\n""#,
    r#""<script>alert(1)</script> </textarea> &amp;""#,
    r#""\/ / \\ \" \b\f\n\r\t""#,
    "0",
    "-0",
    "1E400",
    "123456789012345678901234567890.12345678901234567890",
    "null",
    "true",
    r#"{"a":1,"a":2,"":3,"__proto__":{},"constructor":null}"#,
    r#"  { "spaces" :   [ 1 ,2,   3 ]  ,"deep":[[[[[[[[]]]]]]]]  }"#,
    "[]",
    "{}",
];

/// Nothing is normalised, escaped anew, or cut.
pub async fn every_text_survives_byte_for_byte(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let mut said = Vec::new();
    for (n, json) in NASTY.iter().enumerate() {
        let data = good(Payload::parse(json.as_bytes()));
        said.push(data.clone());
        let nasty = Draft { data, ..draft(&channel, &n.to_string()) };
        good(store.history.publish(nasty).await);
    }
    let store = fixture.reopen(store).await;
    let read = everything(&*store.history, &channel, PageLimit::publications(7)).await;
    assert_eq!(read.len(), said.len());
    for (read, said) in read.iter().zip(&said) {
        assert_eq!(read.data.as_str(), said.as_str());
    }
}

/// The largest that the wire allows.
pub async fn a_large_message_survives_whole(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let data = good(Payload::from_value(&"é".repeat((PAYLOAD_MAX_BYTES - 2) / 2)));
    assert_eq!(data.as_str().len(), PAYLOAD_MAX_BYTES);
    let large = Draft { data: data.clone(), ..draft(&channel, "a") };
    good(history.publish(large).await);
    let page = page(&*history, &channel, Since::Start).await;
    assert!(some(page.publications.first()).data == data);
}

/// Who said it, from which connection, and when.
pub async fn the_sender_and_the_time_survive(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let said = Draft {
        sender: Some(member("m_Az09.-@", "01c7-connection/+=")),
        at: NOW.after(Duration::from_millis(123)),
        ..draft(&channel, "a")
    };
    stored(good(store.history.publish(said.clone()).await));
    let history = fixture.reopen(store).await.history;
    let page = page(&*history, &channel, Since::Start).await;
    let read = some(page.publications.first());
    assert_eq!(read.info, said.sender);
    assert_eq!(read.time, said.at);
}

/// The server speaks without one.
pub async fn a_message_without_a_sender_has_none_afterwards(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    stored(good(history.publish(draft(&channel, "a")).await));
    let page = page(&*history, &channel, Since::Start).await;
    assert_eq!(some(page.publications.first()).info, None);
}
