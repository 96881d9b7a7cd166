use super::*;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

/// Lists and objects in turn, so many of them.
fn nested(levels: usize) -> String {
    let (opening, closing) = if levels.is_multiple_of(2) { ("", "0") } else { ("[", "]") };
    let pairs = levels / 2;
    format!("{}{opening}{closing}{}", "[{\"a\":".repeat(pairs), "}]".repeat(pairs))
}

#[test]
fn a_name_that_comes_twice_in_one_object_is_found_however_it_is_written() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"é":1,"\u00e9":2}"#,
        r#"{"😀":1,"\ud83d\ude00":2}"#,
        r#"{"\ud800":1,"\uD800":2}"#,
        r#"{"\"":1,"\u0022":2}"#,
        r#"{"":1,"":2}"#,
        r#"[0,{"x":{"a" : {"a":[]},"b":"a","a"
            :null}}]"#,
    ] {
        assert!(serde_json::from_str::<&RawValue>(text).is_ok(), "{text} is JSON");
        assert_eq!(of_payload(text), Err(Irregular::NameTwice), "{text}");
    }
}

#[test]
fn the_same_name_in_two_objects_and_the_same_string_elsewhere_are_no_repetition() {
    for text in [
        r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#,
        r#"{"a":"a","b":["a","a"]}"#,
        r#"{"a":"\",\"a\":","b":"{\"a\":1,\"a\":2}"}"#,
        r#"{"a":1,"A":2,"a ":3,"\u00e1":4}"#,
        r#"{"\ud800":1,"\ud801":2}"#,
        "1e400",
        "\"[[[[\"",
    ] {
        assert!(serde_json::from_str::<&RawValue>(text).is_ok(), "{text} is JSON");
        assert_eq!(of_payload(text), Ok(()), "{text}");
    }
}

#[test]
fn the_bound_of_nesting_is_exact() {
    assert_eq!(of_payload(&nested(NESTING_MAX_LEVELS)), Ok(()));
    assert_eq!(of_payload(&nested(NESTING_MAX_LEVELS + 1)), Err(Irregular::TooDeep));
    assert_eq!(of_argument(&format!("{{\"data\":{}}}", nested(NESTING_MAX_LEVELS))), Ok(()));
    assert_eq!(
        of_argument(&format!("{{\"data\":{}}}", nested(NESTING_MAX_LEVELS + 1))),
        Err(Irregular::TooDeep)
    );
    assert_eq!(of_payload(&"[],".repeat(1_000)), Ok(()), "side by side is not deep");
}

#[test]
fn in_a_command_the_payload_and_what_is_around_it_are_judged_apart() {
    let deep = nested(NESTING_MAX_LEVELS + 1);
    let fits = nested(NESTING_MAX_LEVELS);
    let fine = Ok(CommandShape { payload: Ok(()) });
    let payload = |why| Ok(CommandShape { payload: Err(why) });
    for (text, expected) in [
        (format!(r#"{{"id":1,"publish":{{"channel":"c","data":{fits}}}}}"#), fine),
        (format!(r#"{{"id":1,"publish":{{"data":{deep},"channel":"c"}}}}"#), payload(Irregular::TooDeep)),
        (format!(r#"{{"id":1,"publish":{{"\u0064ata":{deep}}}}}"#), payload(Irregular::TooDeep)),
        (r#"{"publish":{"data":{"a":1,"a":2}},"id":1}"#.into(), payload(Irregular::NameTwice)),
        (format!(r#"{{"id":1,"rpc":{{"data":{{"data":{fits}}}}}}}"#), fine),
        (format!(r#"{{"id":1,"rpc":{{"data":{{"data":{deep}}}}}}}"#), payload(Irregular::TooDeep)),
        (r#"{"rpc":{"data":{"data":{"a":1,"a":2}}}}"#.into(), payload(Irregular::NameTwice)),
        (format!(r#"{{"id":1,"publish":{{"x":{deep}}}}}"#), Err(Irregular::TooDeep)),
        (format!(r#"{{"id":1,"connect":{{"data":{deep}}}}}"#), Err(Irregular::TooDeep)),
        (format!(r#"{{"x":{{"data":{deep}}}}}"#), Err(Irregular::TooDeep)),
        (r#"{"id":1,"id":1}"#.into(), Err(Irregular::NameTwice)),
        (r#"{"x":1,"x":1}"#.into(), Err(Irregular::NameTwice)),
        (r#"{"connect":{"subs":{"a":{},"a":{}}}}"#.into(), Err(Irregular::NameTwice)),
        (r#"{"publish":{"data":{},"data":{}}}"#.into(), Err(Irregular::NameTwice)),
        (r#"{"publish":{"data":{"a":1},"channel":"c"},"a":1}"#.into(), fine),
        (r#"{"publish":{"data":"x"},"rpc":{"data":[]}}"#.into(), fine),
        (r#"{"publish":{"data":1,"x":{"a":1,"a":1}}}"#.into(), Err(Irregular::NameTwice)),
    ] {
        assert_eq!(of_command(&text), expected, "{}", text.get(..60).unwrap_or(&text));
    }
}

/// Any JSON, small names so that they repeat.
fn json() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), ".{0,6}".prop_map(Value::from)];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[ab\"\\\\é]{0,2}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

proptest! {
    #[test]
    fn the_depth_is_the_one_that_a_recursive_reader_finds(value in json(), levels in 0usize..8) {
        let expected = if depth(&value) > levels { Err(Irregular::TooDeep) } else { Ok(()) };
        prop_assert_eq!(of_value(&value.to_string(), levels), expected);
        prop_assert_eq!(of_value(&serde_json::to_string_pretty(&value).unwrap(), levels), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\":,\\\\a u0061\n]{0,80}") {
        let opened = text.matches(['[', '{']).count();
        for found in [of_payload(&text), of_command(&text).map(|_| ())] {
            prop_assert!(found != Err(Irregular::TooDeep) || opened > NESTING_MAX_LEVELS);
        }
    }
}
