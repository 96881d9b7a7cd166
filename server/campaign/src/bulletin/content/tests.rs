use super::*;
use crate::audience::Label;
use serde_json::{Value, json};

fn minimal() -> Value {
    json!({"kind": "update", "texts": {"en": {"title": "Polls", "body": "open"}}})
}

fn with(name: &str, value: Value) -> Value {
    let mut form = minimal();
    form[name] = value;
    form
}

fn parse(form: Value) -> Result<Content, InvalidContent> {
    Content::parse(serde_json::from_value(form).unwrap())
}

#[test]
fn what_is_not_said_is_normal_and_for_everybody() {
    let content = parse(minimal()).unwrap();
    assert_eq!(content.form().urgency, Urgency::Normal);
    assert!(content.form().audience.is_everybody());
    assert_eq!(content.missing(&[Language::parse("cy").unwrap()]).count(), 1);
}

#[test]
fn words_are_made_plain_at_the_edge() {
    let text = json!({"en": {"title": " Two\nlines\u{202e} ", "body": "# Big\n\n<b>[x](javascript:y)</b>"}});
    let content = parse(with("texts", text)).unwrap();
    let text = &content.form().texts[&Language::parse("en").unwrap()];
    assert_eq!((text.title.as_str(), text.body.as_str()), ("Two lines", "Big\n\n\\<b>x\\</b>"));
}

#[test]
fn what_may_not_be_said_is_refused_with_its_reason() {
    let text = |title: &str, body: &str| json!({"en": {"title": title, "body": body}});
    let many: Vec<Value> = (0..9).map(|_| json!({"url": "https://example.org"})).collect();
    let regions: Vec<String> = (0..=64).map(|n| format!("r{n}")).collect();
    for (name, value, reason) in [
        ("kind", json!("cancel"), InvalidContent::Cancel),
        ("texts", json!({}), InvalidContent::Language),
        ("texts", text(" ", "x"), InvalidContent::Text),
        ("texts", text(&"x".repeat(201), "x"), InvalidContent::Text),
        ("texts", text("x", &"x".repeat(5_001)), InvalidContent::Text),
        ("links", json!([{"url": "javascript:x"}]), InvalidContent::Link),
        ("links", json!([{"url": "https://a@b.example/"}]), InvalidContent::Link),
        ("links", json!(many), InvalidContent::Link),
        ("place", json!({"lat": 91.0, "lon": 0.0, "label": "x"}), InvalidContent::Place),
        ("place", json!({"lat": 51.5, "lon": 0.1, "label": ""}), InvalidContent::Place),
        ("event", json!({"from": 5, "until": 5}), InvalidContent::Event),
        ("audience", json!({"regions": regions}), InvalidContent::Audience),
    ] {
        assert_eq!(parse(with(name, value.clone())).unwrap_err(), reason, "{name}: {value}");
    }
    let trial = json!({"kind": "test", "urgency": "urgent", "texts": text("x", "y")});
    assert_eq!(parse(trial).unwrap_err(), InvalidContent::UrgentTest);
}

#[test]
fn what_is_together_too_large_for_one_publication_is_refused() {
    let text = json!({"title": "x", "body": "\u{1f300}".repeat(4_000)});
    let one = with("texts", json!({"en": text}));
    assert!(parse(one).is_ok());
    assert_eq!(parse(with("texts", json!({"en": text, "cy": text}))).unwrap_err(), InvalidContent::TooLarge);
}

#[test]
fn what_is_kept_is_read_as_it_was() {
    let mut form = with("place", json!({"lat": 51.5, "lon": -3.18, "label": "Caerdydd"}));
    form["links"] = json!([{"url": "https://example.org/?a=1&b=(2)", "label": {"cy": "Mwy"}}]);
    form["audience"] = json!({"regions": ["north"], "roles": ["activist"]});
    let content = parse(form).unwrap();
    let kept = serde_json::to_string(&content).unwrap();
    assert_eq!(serde_json::from_str::<Content>(&kept).unwrap(), content);
    assert!(content.form().audience.regions.contains(&Label::parse("north").unwrap()));
}

#[test]
fn an_unknown_word_in_it_is_refused() {
    for (name, value) in [("colour", json!("red")), ("kind", json!("Alert")), ("urgency", json!("high"))] {
        assert!(serde_json::from_value::<ContentForm>(with(name, value)).is_err(), "{name}");
    }
    for tag in ["", "EN", "e", "engl", "en_GB", "en-", "en-x"] {
        assert_eq!(Language::parse(tag), Err(InvalidContent::Language), "{tag}");
    }
}
