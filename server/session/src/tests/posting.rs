//! Messages keep the order in which their sender said them, also when some are refused for now.

use super::*;

fn say(talk: &mut Talk, id: u32, data: &Value) {
    talk.send(&json!({"id": id, "publish": {"channel": "bulletins:all", "data": data}}));
}

/// The ids that were refused for now.
fn refused(talk: &mut Talk) -> Vec<u64> {
    let replies = talk.output();
    let refused = replies.iter().filter(|reply| reply["error"]["code"] == 111);
    refused.map(|reply| reply["id"].as_u64().unwrap()).collect()
}

#[test]
fn what_was_said_behind_a_message_that_the_store_refused_is_refused_for_a_second() {
    let mut talk = Talk::connected(&[Role::Sender]);
    say(&mut talk, 2, &json!(1));
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    let result = Err(ErrorCode::TooManyRequests);
    talk.answer(Answer::Published { id: 2, via: order.via, result });
    // It was under way when the refusal was.
    say(&mut talk, 3, &json!(2));
    assert_eq!(refused(&mut talk), [2, 3]);
    talk.wait(Duration::from_millis(999));
    say(&mut talk, 4, &json!(1));
    assert_eq!(refused(&mut talk), [4]);
    talk.wait(Duration::from_millis(1));
    say(&mut talk, 5, &json!(1));
    assert!(matches!(talk.effect(), Effect::Publish(_)));
    assert!(refused(&mut talk).is_empty());
}

#[test]
fn what_was_said_behind_a_message_for_which_there_was_no_room_is_refused_for_a_second() {
    let mut talk = Talk::connected(&[Role::Sender]);
    let large = json!("x".repeat(30_000));
    // 69 of them are two MiB.
    for id in 2..72 {
        say(&mut talk, id, &large);
    }
    assert_eq!(refused(&mut talk), [71]);
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    talk.answer(Answer::Published { id: 2, via: order.via, result: Ok((PublishStatus::Ok, at("a", 1))) });
    say(&mut talk, 72, &json!("small"));
    assert_eq!(
        refused(&mut talk),
        [72],
        "there is room, and it must not come before the one that was refused"
    );
    talk.wait(Duration::from_secs(1));
    say(&mut talk, 73, &large);
    assert!(refused(&mut talk).is_empty());
}

#[test]
fn a_message_that_is_refused_for_good_holds_up_no_other() {
    let mut talk = Talk::connected(&[Role::Sender]);
    say(&mut talk, 2, &json!(1));
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    talk.answer(Answer::Published { id: 2, via: order.via, result: Err(ErrorCode::BadRequest) });
    say(&mut talk, 3, &json!(2));
    assert!(matches!(talk.effect(), Effect::Publish(_)));
}
