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

fn call(talk: &mut Talk, id: u32, argument: &Value) {
    talk.send(&json!({"id": id, "rpc": {"method": "publish", "data": argument}}));
}

fn order(talk: &mut Talk) -> PublishOrder {
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    order
}

fn later(seconds: u64, credit: Option<u32>) -> NotPlaced {
    NotPlaced::Later(Later { retry_after: Duration::from_secs(seconds), credit })
}

#[test]
fn a_lane_that_there_is_not_is_a_bad_request() {
    let mut talk = Talk::connected(&[Role::Sender]);
    for (id, lane) in (2..).zip([json!("fast"), json!("Urgent"), json!(""), json!(1), json!(["urgent"])]) {
        call(&mut talk, id, &json!({"channel": "bulletins:all", "data": {}, "lane": lane}));
        assert_eq!(talk.output()[0]["error"]["code"], 107, "{lane}");
    }
    assert!(talk.effects.is_empty());
}

#[test]
fn organisers_choose_any_lane_and_nobody_else_says_what_is_urgent() {
    let argument = |lane| json!({"channel": "teams:leaflets", "data": {}, "lane": lane});
    let mut talk = Talk::connected(&[Role::Activist]);
    call(&mut talk, 2, &argument("urgent"));
    assert_eq!(talk.output()[0]["error"]["code"], 103);
    call(&mut talk, 3, &argument("bulk"));
    assert_eq!(order(&mut talk).lane, Lane::Bulk);
    call(&mut talk, 4, &json!({"channel": "teams:leaflets", "data": {}}));
    assert_eq!(order(&mut talk).lane, Lane::Normal);

    let mut talk = Talk::connected(&[Role::Sender, Role::Activist]);
    call(&mut talk, 2, &argument("urgent"));
    assert_eq!(order(&mut talk).lane, Lane::Urgent);
}

#[test]
fn where_it_takes_two_nobody_publishes_a_bulletin_or_what_is_urgent_alone_by_any_way() {
    let mut talk = Talk::where_many_take(Hands::Two, |tokens| tokens, None).identified(&[
        Role::Sender,
        Role::Approver,
        Role::Admin,
    ]);
    let mut id = 1;
    let mut refused = |talk: &mut Talk, request: Value| {
        id += 1;
        let mut command = request;
        command["id"] = json!(id);
        talk.send(&command);
        talk.effects.pop_front().is_none() && talk.output()[0]["error"]["code"] == 103
    };
    for channel in ["bulletins:all", "bulletins:region.north"] {
        let plain = json!({"publish": {"channel": channel, "data": {}}});
        assert!(refused(&mut talk, plain), "{channel}");
        for lane in ["urgent", "normal", "bulk"] {
            let data = json!({"channel": channel, "data": {}, "lane": lane});
            assert!(
                refused(&mut talk, json!({"rpc": {"method": "publish", "data": data}})),
                "{channel} {lane}"
            );
        }
    }
    let in_team = |lane| json!({"channel": "teams:leaflets", "data": {}, "lane": lane});
    assert!(refused(&mut talk, json!({"rpc": {"method": "publish", "data": in_team("urgent")}})));
    assert!(!refused(&mut talk, json!({"rpc": {"method": "publish", "data": in_team("normal")}})));
}

#[test]
fn whoever_asked_by_rpc_is_told_when_to_say_it_again() {
    let mut talk = Talk::connected(&[Role::Sender]);
    let argument = json!({"channel": "bulletins:all", "data": {}});
    call(&mut talk, 2, &argument);
    let via = order(&mut talk).via;
    talk.answer(Answer::Published { id: 2, via, result: Err(later(8, Some(16))) });
    talk.wait(Duration::from_millis(400));
    call(&mut talk, 3, &argument);
    assert_eq!(
        talk.output(),
        [
            json!({"id": 2, "rpc": {"data": {"status": "later", "credit": 16, "retry_after_ms": 8_000}}}),
            json!({"id": 3, "rpc": {"data": {"status": "later", "credit": 16, "retry_after_ms": 600}}}),
        ]
    );
    talk.wait(Duration::from_millis(600));
    call(&mut talk, 4, &argument);
    let via = order(&mut talk).via;
    talk.answer(Answer::Published { id: 4, via, result: Err(later(0, None)) });
    let answer = &talk.output()[0]["rpc"]["data"];
    assert_eq!(answer["retry_after_ms"], 1_000, "sooner it would be refused again");
    assert_eq!(answer["credit"], 16, "as it was heard last");
}

#[test]
fn an_outcome_that_is_not_known_is_never_said_to_be_nothing() {
    let mut talk = Talk::connected(&[Role::Sender]);
    call(&mut talk, 2, &json!({"channel": "bulletins:all", "data": {}}));
    let via = order(&mut talk).via;
    talk.answer(Answer::Published { id: 2, via, result: Err(NotPlaced::Unknown) });
    assert_eq!(talk.output()[0]["error"]["code"], 111);
}

#[test]
fn the_bytes_of_a_message_that_is_refused_before_others_are_answered_are_given_back_and_theirs_are_not() {
    let mut talk = Talk::connected(&[Role::Sender]);
    let large = json!("x".repeat(30_000));
    for id in 2..71 {
        say(&mut talk, id, &large);
    }
    say(&mut talk, 71, &json!("small"));
    assert!(refused(&mut talk).is_empty());
    talk.answer(Answer::Published { id: 71, via: Via::Publish, result: Err(later(1, None)) });
    assert_eq!(refused(&mut talk), [71]);
    talk.wait(Duration::from_secs(1));
    say(&mut talk, 72, &large);
    assert_eq!(refused(&mut talk), [72], "all that were said before wait");
}

#[test]
fn what_was_said_behind_a_message_that_the_store_refused_is_refused_for_a_second() {
    let mut talk = Talk::connected(&[Role::Sender]);
    say(&mut talk, 2, &json!(1));
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    let result = Err(NotPlaced::Unknown);
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
    talk.answer(Answer::Published { id: 2, via: order.via, result: Ok(placed(1)) });
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
    talk.answer(Answer::Published {
        id: 2,
        via: order.via,
        result: Err(NotPlaced::Never(ErrorCode::BadRequest)),
    });
    say(&mut talk, 3, &json!(2));
    assert!(matches!(talk.effect(), Effect::Publish(_)));
}
