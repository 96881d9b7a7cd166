//! What may be asked, and how fast.

use super::*;
use protocol::limits::{REFUSALS_IN_A_ROW_MAX, REQUESTS_BURST_MAX};
use protocol::reply::PresenceStats;

#[test]
fn who_wants_its_position_or_nothing_is_refused_if_it_cannot_be_continued() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let request =
        json!({"channel": "bulletins:all", "recover": true, "epoch": "gone", "offset": 5, "flag": 2});
    talk.send(&json!({"id": 2, "subscribe": request}));
    talk.join(Start::Lost(at("a", 10)));
    let refusal = json!({"code": 112, "message": "unrecoverable position"});
    assert_eq!(talk.output(), vec![json!({"id": 2, "error": refusal})]);
    assert_eq!(talk.effect(), Effect::Leave(ChannelName::bulletins_all()));
    assert_eq!(talk.hub.deserted(), vec![ChannelName::bulletins_all()]);
    talk.send(&json!({"id": 3, "subscribe": {"channel": "bulletins:all", "flag": 3}}));
    talk.join(Start::Live(at("a", 10)));
    assert_eq!(talk.output()[0]["subscribe"]["offset"], 10, "who has no position loses none");
}

#[test]
fn who_wants_its_position_or_nothing_gets_it_if_it_can_be_continued() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let request = json!({"channel": "bulletins:all", "recover": true, "epoch": "a", "offset": 5, "flag": 2});
    talk.send(&json!({"id": 2, "subscribe": request}));
    talk.join(Start::Recovered(page(6..=10, at("a", 10))));
    assert_eq!(talk.output()[0]["subscribe"]["recovered"], true);
}

#[test]
fn a_server_side_subscription_is_made_whatever_became_of_its_position() {
    let mut talk = Talk::new();
    let token = talk.token(&[Role::Activist], &["bulletins:all"], Duration::from_mins(10));
    let position = json!({"recover": true, "epoch": "gone", "offset": 5, "flag": 2});
    talk.send(&json!({"id": 1, "connect": {"token": token, "subs": {"bulletins:all": position}}}));
    talk.join(Start::Lost(at("a", 10)));
    talk.join(Start::Live(at("a", 10)));
    let connect = &talk.output()[0]["connect"];
    assert_eq!(connect["subs"]["bulletins:all"]["was_recovering"], true);
    assert_eq!(connect["subs"]["bulletins:all"]["offset"], 10);
}

#[test]
fn who_may_read_a_channel_learns_how_many_do() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "presence_stats": {"channel": "bulletins:all"}}));
    assert_eq!(talk.effect(), Effect::CountReaders { id: 2, channel: ChannelName::bulletins_all() });
    assert!(talk.output().is_empty());
    let stats = PresenceStats { num_clients: 7, num_users: 5 };
    talk.answer(Answer::ReadersCounted { id: 2, result: Ok(stats) });
    assert_eq!(talk.output(), vec![json!({"id": 2, "presence_stats": {"num_clients": 7, "num_users": 5}})]);
    talk.send(&json!({"id": 3, "presence_stats": {"channel": "teams:leaflets"}}));
    talk.effects.clear();
    talk.answer(Answer::ReadersCounted { id: 3, result: Ok(PresenceStats::default()) });
    assert_eq!(talk.output(), vec![json!({"id": 3, "presence_stats": {"num_clients": 0, "num_users": 0}})]);
    talk.send(&json!({"id": 4, "presence_stats": {"channel": "bulletins:all"}}));
    talk.effects.clear();
    talk.answer(Answer::ReadersCounted { id: 4, result: Err(ErrorCode::Internal) });
    assert_eq!(talk.output()[0]["error"]["code"], 100);
}

#[test]
fn who_may_not_read_a_channel_does_not_learn_how_many_do() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for (channel, code) in
        [("teams:other", 103), ("inbox#m_2", 103), ("nowhere", 102), ("a b", 107), ("", 107)]
    {
        talk.send(&json!({"id": 2, "presence_stats": {"channel": channel}}));
        assert_eq!(talk.output()[0]["error"]["code"], code, "{channel}");
    }
    assert!(talk.effects.is_empty());
}

#[test]
fn counts_that_wait_for_other_nodes_are_bounded_with_the_other_requests() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let ask = json!({"presence_stats": {"channel": "bulletins:all"}});
    for id in 2..=258 {
        let mut ask = ask.clone();
        ask["id"] = json!(id);
        talk.send(&ask);
    }
    assert_eq!(talk.effects.len(), 256);
    let replies = talk.output();
    assert_eq!((replies.len(), &replies[0]["error"]["code"]), (1, &json!(111)));
    talk.effects.clear();
    talk.answer(Answer::ReadersCounted { id: 2, result: Err(ErrorCode::NotAvailable) });
    talk.send(&json!({"id": 300, "presence_stats": {"channel": "bulletins:all"}}));
    assert_eq!(talk.effects.len(), 1, "an answer makes room");
}

fn ask_often(talk: &mut Talk, count: u32) -> Vec<Value> {
    let mut codes = Vec::new();
    for id in 0..count {
        talk.send(&json!({"id": id + 2, "rpc": {"method": "none"}}));
        codes.extend(talk.output().iter().map(|reply| reply["error"]["code"].clone()));
    }
    codes
}

#[test]
fn a_burst_is_answered_then_it_is_not_now_and_after_a_pause_it_goes_on() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let codes = ask_often(&mut talk, REQUESTS_BURST_MAX + 10);
    let answered = codes.iter().filter(|code| **code == json!(104)).count();
    assert_eq!(u32::try_from(answered).unwrap(), REQUESTS_BURST_MAX);
    assert_eq!(codes[answered..], vec![json!(111); 10]);
    talk.elapsed += Duration::from_secs(1);
    assert_eq!(ask_often(&mut talk, 2), vec![json!(104); 2]);
    assert_eq!(talk.closed(), None);
}

#[test]
fn a_message_behind_one_that_came_too_fast_is_refused_too_so_that_order_is_kept() {
    let mut talk = Talk::connected(&[Role::Sender]);
    ask_often(&mut talk, REQUESTS_BURST_MAX);
    talk.send(&json!({"id": 5001, "publish": {"channel": "bulletins:all", "data": 1}}));
    talk.elapsed += Duration::from_millis(500);
    talk.send(&json!({"id": 5002, "publish": {"channel": "bulletins:all", "data": 2}}));
    let codes: Vec<Value> = talk.output().iter().map(|reply| reply["error"]["code"].clone()).collect();
    assert_eq!(codes, vec![json!(111); 2]);
    assert!(talk.effects.is_empty());
}

#[test]
fn who_asks_on_while_it_is_not_now_is_closed() {
    let mut talk = Talk::connected(&[Role::Activist]);
    ask_often(&mut talk, REQUESTS_BURST_MAX + REFUSALS_IN_A_ROW_MAX);
    assert_eq!(talk.closed(), None);
    ask_often(&mut talk, 1);
    assert_eq!(talk.closed(), Some(Disconnect::TooManyRequests));
}

#[test]
fn a_pong_is_taken_also_while_requests_are_not() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.wait(Duration::from_secs(20));
    assert_eq!(talk.output(), vec![json!({})]);
    ask_often(&mut talk, REQUESTS_BURST_MAX + 1);
    talk.send(&json!({}));
    talk.wait(Duration::from_secs(20));
    assert_eq!(talk.closed(), None);
}

#[test]
fn a_frame_without_a_command_or_around_one_that_is_bent_closes_the_connection() {
    let deep = format!(r#"{{"id":2,"x":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    for frame in
        ["", "\n", r#"{"id":2,"rpc":{"method":"a","method":"b"}}"#, r#"{"id":2,"x":{"a":1,"a":1}}"#, &deep]
    {
        let mut talk = Talk::connected(&[Role::Activist]);
        let now = talk.now();
        talk.session.handle_frame(frame.as_bytes(), now, &mut talk.effects);
        assert_eq!(talk.closed(), Some(Disconnect::BadRequest), "{frame}");
    }
}

#[test]
fn a_payload_that_readers_would_disagree_about_is_refused_by_publish_and_by_rpc() {
    let mut talk = Talk::connected(&[Role::Sender]);
    let deep = "[".repeat(65) + &"]".repeat(65);
    for data in [deep.as_str(), r#"{"a":1,"a":2}"#, r#"{"id":"k","\u0069d":"l"}"#] {
        for frame in [
            format!(r#"{{"id":2,"publish":{{"channel":"bulletins:all","data":{data}}}}}"#),
            format!(
                r#"{{"id":2,"rpc":{{"method":"publish","data":{{"channel":"bulletins:all","data":{data}}}}}}}"#
            ),
        ] {
            let now = talk.now();
            talk.session.handle_frame(frame.as_bytes(), now, &mut talk.effects);
            assert_eq!(talk.output()[0]["error"]["code"], 107, "{frame}");
            assert!(talk.effects.is_empty());
        }
    }
}
