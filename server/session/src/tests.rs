mod asking;
mod posting;
mod receipts;
mod subscription_tokens;
mod tickets;

use super::*;
use hub::{Anchor, Bell, Hub};
use identity::{AccessTokens, Claims, Hands, KeySet};
use protocol::rpc::{Later, Placed, PublishStatus};
use protocol::{
    ChannelName, Epoch, ErrorCode, Lane, MemberId, Offset, Page, Payload, Publication, Replay, Role, Since,
    StreamPosition, Timestamp,
};
use serde_json::{Value, json};
use std::time::Duration;

const WALL: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[derive(Debug)]
struct Silent;

impl Bell for Silent {
    fn ring(&self, _: &ChannelName) {}
}

/// A conversation with a hub behind it; the test plays the driver and the store.
struct Talk {
    session: Session,
    hub: Hub,
    bell: Arc<dyn Bell>,
    tokens: Arc<AccessTokens>,
    effects: VecDeque<Effect>,
    start: Instant,
    elapsed: Duration,
}

impl Talk {
    fn new() -> Self {
        Self::at_door(|tokens| tokens, None)
    }

    /// At another door than one that is open to whoever has a token, and perhaps with a ticket.
    fn at_door(door: impl FnOnce(Arc<AccessTokens>) -> Arc<dyn Door>, ticket: Option<Principal>) -> Self {
        Self::where_many_take(Hands::One, door, ticket)
    }

    /// Where it takes so many people to reach many.
    fn where_many_take(
        hands: Hands,
        door: impl FnOnce(Arc<AccessTokens>) -> Arc<dyn Door>,
        ticket: Option<Principal>,
    ) -> Self {
        let tokens = Arc::new(AccessTokens::new(&KeySet::generate().unwrap()).unwrap());
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let common = Arc::new(Common {
            door: door(Arc::clone(&tokens)),
            hands,
            timing: Timing::default(),
            watch: Arc::new(Unwatched),
            version: "test",
        });
        let setup = Setup {
            client: ClientId::new("c1"),
            encoding: Encoding::Json,
            ticket: ticket.map(Box::new),
            first_ping: Duration::from_secs(20),
            common,
        };
        let session = Session::new(setup, Now { instant: start, wall: WALL });
        Self {
            session,
            hub: Hub::new(1 << 20),
            bell: Arc::new(Silent),
            tokens,
            effects: VecDeque::new(),
            start,
            elapsed: Duration::ZERO,
        }
    }

    fn now(&self) -> Now {
        Now { instant: self.start + self.elapsed, wall: WALL.after(self.elapsed) }
    }

    fn token(&self, roles: &[Role], channels: &[&str], ttl: Duration) -> String {
        let claims = Claims {
            roles: roles.to_vec(),
            teams: vec!["leaflets".into()],
            channels: channels.iter().map(|name| ChannelName::parse(name).unwrap()).collect(),
            device: None,
            ..Claims::default()
        };
        self.tokens.mint(&MemberId::parse("m_1").unwrap(), &claims, WALL, ttl).unwrap()
    }

    fn send(&mut self, frame: &Value) {
        let now = self.now();
        self.session.handle_frame(frame.to_string().as_bytes(), now, &mut self.effects);
    }

    fn answer(&mut self, answer: Answer) {
        let now = self.now();
        self.session.handle_answer(answer, now, &mut self.effects);
    }

    fn wait(&mut self, duration: Duration) {
        self.elapsed += duration;
        let now = self.now();
        self.session.handle_deadline(now, &mut self.effects);
    }

    fn effect(&mut self) -> Effect {
        self.effects.pop_front().expect("an effect")
    }

    fn closed(&mut self) -> Option<Disconnect> {
        self.effects.iter().find_map(|effect| if let Effect::Close(why) = effect { Some(*why) } else { None })
    }

    fn output(&mut self) -> Vec<Value> {
        let now = self.now();
        let mut output = Output::default();
        self.session.take_output(1 << 20, now, &mut self.effects, &mut output);
        output.frames.iter().map(|frame| serde_json::from_slice(frame.bytes()).unwrap()).collect()
    }

    /// Answers the next effect, which must be a join, as the node would.
    fn join(&mut self, start: Start) {
        let Effect::Join { attempt, channel, .. } = self.effect() else { panic!("a join") };
        let membership = self.hub.join(&channel, &self.bell);
        if membership.top().is_none() {
            self.hub.anchor(&channel, at("a", 10));
        }
        self.answer(Answer::Joined { attempt, result: Ok(Joined { membership, start }) });
    }

    /// Answers all joins that wait, in the same way.
    fn join_all(&mut self, start: &Start) {
        while !self.effects.is_empty() {
            self.join(start.clone());
        }
    }

    /// A conversation with somebody of these roles who is connected.
    fn connected(roles: &[Role]) -> Self {
        Self::new().identified(roles)
    }

    fn identified(mut self, roles: &[Role]) -> Self {
        let token = self.token(roles, &[], Duration::from_mins(10));
        self.send(&json!({"id": 1, "connect": {"token": token}}));
        self.join_all(&Start::Live(at("a", 10)));
        assert_eq!(self.output().len(), 1);
        self
    }

    /// A conversation that reads bulletins from position 10.
    fn reading() -> Self {
        let mut talk = Self::connected(&[Role::Activist]);
        talk.send(&json!({"id": 2, "subscribe": {"channel": "bulletins:all"}}));
        talk.join(Start::Live(at("a", 10)));
        talk.output();
        talk
    }

    fn deliver(&self, epoch: &str, offset: u64) {
        let epoch = Epoch::parse(epoch).unwrap();
        self.hub.deliver(&ChannelName::bulletins_all(), &epoch, &publication(offset));
    }
}

fn at(epoch: &str, offset: u64) -> StreamPosition {
    StreamPosition { epoch: Epoch::parse(epoch).unwrap(), offset: Offset::new(offset) }
}

fn publication(offset: u64) -> Arc<Publication> {
    Arc::new(Publication {
        data: Payload::parse(format!("{offset}").as_bytes()).unwrap(),
        info: None,
        offset: Offset::new(offset),
        time: WALL,
        key: None,
    })
}

fn page(offsets: std::ops::RangeInclusive<u64>, top: StreamPosition) -> Page {
    Page { publications: offsets.map(publication).collect(), top }
}

fn offsets(frames: &[Value]) -> Vec<u64> {
    frames.iter().filter_map(|frame| frame["push"]["pub"]["offset"].as_u64()).collect()
}

#[test]
fn a_member_connects_and_has_the_service_status_by_itself() {
    let mut talk = Talk::new();
    let token = talk.token(&[Role::Activist], &[], Duration::from_mins(10));
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    assert!(talk.output().is_empty());
    talk.join(Start::Live(at("a", 4)));
    let connect = &talk.output()[0]["connect"];
    assert_eq!(connect["client"], "c1");
    assert_eq!((&connect["expires"], &connect["ttl"]), (&json!(true), &json!(600)));
    assert_eq!((&connect["ping"], &connect["pong"]), (&json!(25), &json!(true)));
    assert_eq!(connect["subs"]["service:status"]["offset"], 4);
}

#[test]
fn an_organiser_has_what_the_server_tells_organisers_by_itself_until_they_are_none() {
    for role in [Role::Sender, Role::Approver, Role::Admin] {
        let mut talk = Talk::new();
        let token = talk.token(&[Role::Activist, role], &[], Duration::from_mins(10));
        talk.send(&json!({"id": 1, "connect": {"token": token}}));
        talk.join_all(&Start::Live(at("a", 10)));
        let connect = &talk.output()[0]["connect"];
        assert_eq!(connect["subs"]["service:organisers"]["offset"], 10);
        assert_eq!(connect["subs"]["service:status"]["offset"], 10);

        let fewer = talk.token(&[Role::Activist], &[], Duration::from_mins(10));
        talk.send(&json!({"id": 2, "refresh": {"token": fewer}}));
        let output = talk.output();
        assert_eq!(output[0]["push"]["channel"], "service:organisers");
        assert!(output[0]["push"]["unsubscribe"].is_object(), "{output:?}");
        assert_eq!(talk.effect(), Effect::Leave(ChannelName::service_organisers()));
    }
}

#[test]
fn nobody_else_reads_what_the_server_tells_organisers_whatever_tokens_they_have() {
    let channel = ChannelName::service_organisers();
    for role in [Role::Activist, Role::Observer] {
        let mut talk = Talk::new();
        let token = talk.token(&[role], &[channel.as_str()], Duration::from_mins(10));
        talk.send(&json!({"id": 1, "connect": {"token": token}}));
        talk.join_all(&Start::Live(at("a", 4)));
        assert_eq!(talk.output()[0]["connect"]["subs"]["service:organisers"], Value::Null);

        let member = MemberId::parse("m_1").unwrap();
        let grant =
            talk.tokens.subscriptions().mint(&member, &channel, talk.now().wall, Duration::from_mins(1));
        for token in [String::new(), grant.unwrap()] {
            let request = json!({"channel": channel.as_str(), "token": token});
            talk.send(&json!({"id": 2, "subscribe": request}));
            assert_eq!(talk.output()[0]["error"]["code"], 103);
            talk.send(&json!({"id": 3, "history": {"channel": channel.as_str(), "limit": 1}}));
            assert_eq!(talk.output()[0]["error"]["code"], 103);
        }
    }
}

#[test]
fn a_token_decides_how_connect_ends() {
    let mut talk = Talk::new();
    let token = talk.token(&[], &[], Duration::from_secs(1));
    talk.elapsed = Duration::from_mins(1);
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    assert_eq!(talk.output()[0]["error"]["code"], 109);
    talk.send(&json!({"id": 2, "connect": {"token": token}}));
    assert_eq!(talk.closed(), Some(Disconnect::BadRequest));

    for (connect, reason) in [
        (json!({"id": 1, "connect": {"token": "nonsense"}}), Disconnect::InvalidToken),
        (json!({"id": 1, "connect": {}}), Disconnect::BadRequest),
        (json!({"id": 1, "subscribe": {"channel": "bulletins:all"}}), Disconnect::BadRequest),
        (json!({"id": 0, "connect": {"token": "t"}}), Disconnect::BadRequest),
    ] {
        let mut talk = Talk::new();
        talk.send(&connect);
        assert_eq!(talk.closed(), Some(reason), "{connect}");
    }
}

#[test]
fn who_says_nothing_is_closed_as_stale() {
    let mut talk = Talk::new();
    talk.wait(Duration::from_secs(9));
    assert_eq!(talk.closed(), None);
    talk.wait(Duration::from_secs(1));
    assert_eq!(talk.closed(), Some(Disconnect::Stale));
    assert_eq!(talk.session.next_deadline(), None);
}

#[test]
fn a_node_that_did_nothing_for_a_while_hears_strangers_before_it_closes_them() {
    let mut talk = Talk::new();
    talk.wait(Duration::from_secs(15));
    assert_eq!(talk.closed(), None);
    talk.wait(Duration::from_secs(1));
    assert_eq!(talk.closed(), Some(Disconnect::Stale));
}

#[test]
fn requests_behind_connect_wait_for_its_answer() {
    let mut talk = Talk::new();
    let token = talk.token(&[Role::Activist], &[], Duration::from_mins(10));
    let now = talk.now();
    let frame = format!(
        "{}\n{}",
        json!({"id": 1, "connect": {"token": token}}),
        json!({"id": 2, "subscribe": {"channel": "bulletins:all"}})
    );
    talk.session.handle_frame(frame.as_bytes(), now, &mut talk.effects);
    assert_eq!(talk.effects.len(), 1);
    talk.join(Start::Live(at("a", 10)));
    talk.join(Start::Live(at("a", 10)));
    let ids: Vec<Value> = talk.output().iter().map(|reply| reply["id"].clone()).collect();
    assert_eq!(ids, vec![json!(1), json!(2)]);
}

#[test]
fn a_subscription_is_refused_with_the_code_that_fits() {
    let mut talk = Talk::reading();
    for (channel, code) in [
        ("bulletins:all", 105),
        ("service:status", 105),
        ("teams:other", 103),
        ("inbox#m_2", 103),
        ("nowhere", 102),
        ("a b", 107),
    ] {
        talk.send(&json!({"id": 9, "subscribe": {"channel": channel}}));
        assert_eq!(talk.output()[0]["error"]["code"], code, "{channel}");
    }
    talk.send(&json!({"id": 9, "subscribe": {"channel": ""}}));
    assert_eq!(talk.closed(), Some(Disconnect::BadRequest));
}

#[test]
fn what_is_published_after_the_reply_is_pushed_once_in_order() {
    let mut talk = Talk::reading();
    talk.deliver("a", 11);
    talk.deliver("a", 12);
    talk.deliver("a", 12);
    assert_eq!(offsets(&talk.output()), vec![11, 12]);
    assert!(talk.output().is_empty());
}

#[test]
fn recovery_gives_one_page_in_the_reply_and_goes_on_where_it_ends() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let request = json!({"channel": "bulletins:all", "recover": true, "epoch": "a", "offset": 5});
    talk.send(&json!({"id": 2, "subscribe": request}));
    let Some(Effect::Join { since, .. }) = talk.effects.front() else { panic!("a join") };
    assert_eq!(*since, Some(Since::Position(at("a", 5))));
    let first = page(6..=8, at("a", 10));
    talk.join(Start::Recovered(first));
    let frames = talk.output();
    let reply = &frames[0]["subscribe"];
    assert_eq!((&reply["recovered"], &reply["offset"]), (&json!(true), &json!(5)));
    assert_eq!(reply["publications"].as_array().unwrap().len(), 3);
    assert_eq!(reply["data"], json!({"top": 10}));
    // The ring begins after 10: the reader is behind it and asks the log.
    let Effect::ReadPage { attempt, since, .. } = talk.effect() else { panic!("a page") };
    assert_eq!(since, at("a", 8));
    talk.deliver("a", 11);
    talk.answer(Answer::Page {
        attempt,
        result: Ok(Arc::new(Replay::Complete(page(9..=11, at("a", 11))).into())),
    });
    assert_eq!(offsets(&talk.output()), vec![9, 10, 11]);
    talk.deliver("a", 12);
    assert_eq!(offsets(&talk.output()), vec![12]);
}

#[test]
fn an_empty_epoch_and_offset_ask_for_everything_that_is_kept() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "bulletins:all", "recover": true}}));
    assert!(matches!(talk.effect(), Effect::Join { since: Some(Since::Start), .. }));
    talk.send(&json!({"id": 3, "subscribe": {"channel": "inbox#m_1", "recover": true, "offset": 3}}));
    let Effect::Join { since, .. } = talk.effect() else { panic!("a join") };
    assert_eq!(since, Some(Since::Offset(Offset::new(3))));
}

#[test]
fn what_cannot_be_continued_is_said() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let request = json!({"channel": "bulletins:all", "recover": true, "epoch": "gone", "offset": 5});
    talk.send(&json!({"id": 2, "subscribe": request}));
    talk.join(Start::Lost(at("a", 10)));
    let reply = &talk.output()[0]["subscribe"];
    assert_eq!(reply.get("recovered"), None);
    assert_eq!((&reply["was_recovering"], &reply["offset"]), (&json!(true), &json!(10)));
}

#[test]
fn a_page_that_cannot_be_read_is_tried_again_later() {
    let mut talk = Talk::reading();
    talk.hub.anchor(&ChannelName::bulletins_all(), at("a", 20));
    assert!(talk.output().is_empty());
    let Effect::ReadPage { attempt, .. } = talk.effect() else { panic!("a page") };
    talk.answer(Answer::Page { attempt, result: Err(()) });
    assert!(talk.output().is_empty());
    assert!(talk.effects.is_empty());
    talk.wait(Duration::from_secs(1));
    assert!(talk.output().is_empty());
    let Effect::ReadPage { since, .. } = talk.effect() else { panic!("a page") };
    assert_eq!(since, at("a", 10));
}

#[test]
fn a_new_epoch_ends_a_subscription_of_the_client_so_that_it_comes_back_with_its_position() {
    let mut talk = Talk::reading();
    assert_eq!(talk.hub.anchor(&ChannelName::bulletins_all(), at("b", 10)), Anchor::Current);
    talk.deliver("b", 11);
    assert!(talk.output().is_empty());
    let Effect::ReadPage { attempt, .. } = talk.effect() else { panic!("a page") };
    talk.answer(Answer::Page {
        attempt,
        result: Ok(Arc::new(Replay::Complete(page(11..=11, at("b", 11))).into())),
    });
    assert_eq!(talk.output()[0]["push"]["unsubscribe"]["code"], 2500);
    assert_eq!(talk.effect(), Effect::Leave(ChannelName::bulletins_all()));
}

#[test]
fn a_ring_that_is_behind_the_log_by_an_epoch_makes_nobody_subscribe_again_and_again() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let position = json!({"channel": "bulletins:all", "recover": true, "epoch": "a", "offset": 5});
    talk.send(&json!({"id": 2, "subscribe": position}));
    // The log answers in epoch b; the ring, which `join` anchors, still says a.
    talk.join(Start::Recovered(page(6..=8, at("b", 8))));
    let frames = talk.output();
    assert_eq!((frames.len(), &frames[0]["subscribe"]["epoch"]), (1, &json!("b")));
    let Effect::ReadPage { attempt, since, .. } = talk.effect() else { panic!("a page") };
    assert_eq!(since, at("b", 8));
    let nothing = Page { publications: vec![], top: at("b", 8) };
    talk.answer(Answer::Page { attempt, result: Ok(Arc::new(Replay::Complete(nothing).into())) });
    assert!(talk.output().is_empty());
    assert!(talk.effects.is_empty(), "it waits a while");
    talk.hub.anchor(&ChannelName::bulletins_all(), at("b", 8));
    talk.deliver("b", 9);
    talk.wait(Duration::from_secs(1));
    let frames = talk.output();
    assert_eq!(offsets(&frames), vec![9]);
}

#[test]
fn a_beginning_that_retention_took_is_not_counted_as_missing() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for (id, channel, start, offset) in [
        (2, "bulletins:all", page(7..=8, at("a", 10)), 6),
        (3, "teams:leaflets", Page { publications: vec![], top: at("a", 900) }, 900),
    ] {
        talk.send(&json!({"id": id, "subscribe": {"channel": channel, "recover": true}}));
        talk.join(Start::Recovered(start));
        assert_eq!(talk.output()[0]["subscribe"]["offset"], offset, "{channel}");
        talk.effects.clear();
    }
}

#[test]
fn a_new_epoch_of_a_server_side_subscription_is_pushed_and_nothing_is_missed() {
    let mut talk = Talk::new();
    let token = talk.token(&[Role::Activist], &["bulletins:all"], Duration::from_mins(10));
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    talk.join(Start::Live(at("a", 10)));
    talk.join(Start::Live(at("a", 10)));
    talk.output();
    talk.hub.anchor(&ChannelName::bulletins_all(), at("b", 10));
    talk.deliver("b", 11);
    talk.output();
    let Effect::ReadPage { attempt, .. } = talk.effect() else { panic!("a page") };
    talk.answer(Answer::Page {
        attempt,
        result: Ok(Arc::new(Replay::Complete(page(11..=11, at("b", 11))).into())),
    });
    let frames = talk.output();
    assert_eq!(frames[0]["push"]["subscribe"]["epoch"], "b");
    assert_eq!(frames[0]["push"]["subscribe"]["offset"], 10);
    assert_eq!(offsets(&frames), vec![11]);
}

/// What a store answers that has put a message at this offset.
fn placed(offset: u64) -> Placed {
    Placed { status: PublishStatus::Ok, position: at("a", offset), lane: Lane::Normal, credit: 64 }
}

#[test]
fn a_message_is_stored_in_the_members_name_and_answered_with_its_place() {
    let mut talk = Talk::connected(&[Role::Sender]);
    let data = json!({"id": "k1", "texts": {}});
    talk.send(&json!({"id": 5, "publish": {"channel": "bulletins:all", "data": data}}));
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    assert_eq!((order.sender.user.as_str(), order.sender.client.as_str()), ("m_1", "c1"));
    assert_eq!(order.key.as_ref().map(protocol::IdempotencyKey::as_str), Some("k1"));
    let result = Ok(placed(11));
    talk.answer(Answer::Published { id: 5, via: order.via, result });
    assert_eq!(talk.output()[0], json!({"id": 5, "publish": {}}));

    let argument = json!({"channel": "bulletins:all", "idempotency_key": "k2", "data": data});
    talk.send(&json!({"id": 6, "rpc": {"method": "publish", "data": argument}}));
    let Effect::Publish(order) = talk.effect() else { panic!("a publish") };
    assert_eq!(order.key.as_ref().map(protocol::IdempotencyKey::as_str), Some("k2"));
    let result = Ok(placed(12));
    talk.answer(Answer::Published { id: 6, via: order.via, result });
    assert_eq!(
        talk.output()[0],
        json!({"id": 6, "rpc": {"data":
            {"status": "ok", "epoch": "a", "offset": 12, "lane": "normal", "credit": 64}
        }})
    );
}

#[test]
fn posting_where_one_may_not_is_refused() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let too_large = "x".repeat(protocol::limits::PAYLOAD_MAX_BYTES);
    for (request, code) in [
        (json!({"publish": {"channel": "bulletins:all", "data": {}}}), 103),
        (json!({"publish": {"channel": "service:status", "data": {}}}), 103),
        (json!({"publish": {"channel": "nowhere", "data": {}}}), 102),
        (json!({"publish": {"channel": "teams:leaflets"}}), 107),
        (json!({"publish": {"channel": "teams:leaflets", "data": too_large}}), 107),
        (json!({"rpc": {"method": "publish", "data": {"channel": "bulletins:all", "data": 1}}}), 103),
        (json!({"rpc": {"method": "publish", "data": {"channel": "teams:leaflets"}}}), 107),
        (json!({"rpc": {"method": "other", "data": {}}}), 104),
        (json!({"presence": {"channel": "bulletins:all"}}), 108),
        (json!({"history": {"channel": "teams:other"}}), 103),
    ] {
        let mut command = request.clone();
        command["id"] = json!(7);
        talk.send(&command);
        assert_eq!(
            talk.output()[0]["error"]["code"],
            code,
            "{}",
            request.to_string().get(..60).unwrap_or("")
        );
        assert!(talk.effects.is_empty());
    }
}

#[test]
fn what_breaks_the_protocol_closes_the_connection() {
    for (frame, reason) in [
        (json!({"id": 2, "connect": {"token": "t"}}), Disconnect::BadRequest),
        (json!({"id": 2}), Disconnect::BadRequest),
        (json!({"subscribe": {"channel": "bulletins:all"}}), Disconnect::BadRequest),
        (json!({"send": {"data": {}}}), Disconnect::NotAvailable),
        (json!({}), Disconnect::BadRequest),
        (json!([]), Disconnect::BadRequest),
        (json!({"id": 2, "refresh": {"token": "nonsense"}}), Disconnect::InvalidToken),
    ] {
        let mut talk = Talk::connected(&[Role::Activist]);
        talk.send(&frame);
        assert_eq!(talk.closed(), Some(reason), "{frame}");
    }
}

#[test]
fn a_connection_ends_with_its_token_unless_a_newer_one_comes() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.elapsed = Duration::from_secs(590);
    let claims = Claims::default();
    let ten_minutes = Duration::from_mins(10);
    let newer =
        talk.tokens.mint(&MemberId::parse("m_1").unwrap(), &claims, talk.now().wall, ten_minutes).unwrap();
    talk.send(&json!({"id": 2, "refresh": {"token": newer}}));
    assert_eq!(talk.output()[0]["refresh"]["ttl"], 600);

    let other =
        talk.tokens.mint(&MemberId::parse("m_2").unwrap(), &claims, talk.now().wall, ten_minutes).unwrap();
    talk.send(&json!({"id": 3, "refresh": {"token": other}}));
    assert_eq!(talk.closed(), Some(Disconnect::InvalidToken));

    let mut talk = Talk::connected(&[Role::Activist]);
    for _ in 0..25 {
        talk.wait(Duration::from_secs(25));
        talk.send(&json!({}));
    }
    assert_eq!(talk.closed(), Some(Disconnect::Expired));
}

#[test]
fn a_newer_token_with_fewer_rights_ends_what_they_allowed() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "teams:leaflets"}}));
    talk.join(Start::Live(at("a", 10)));
    talk.output();
    let claims = Claims::default();
    let newer =
        talk.tokens.mint(&MemberId::parse("m_1").unwrap(), &claims, WALL, Duration::from_mins(10)).unwrap();
    talk.send(&json!({"id": 3, "refresh": {"token": newer}}));
    assert_eq!(talk.output()[0]["push"]["unsubscribe"]["code"], 2000);
}

#[test]
fn a_client_that_asks_on_without_reading_is_closed() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for id in 2..100_000 {
        // As fast as it may.
        talk.elapsed += Duration::from_millis(5);
        talk.send(&json!({"id": id, "presence": {"channel": "bulletins:all"}}));
        if talk.closed().is_some() {
            break;
        }
    }
    assert_eq!(talk.closed(), Some(Disconnect::TooManyRequests));
}

#[test]
fn requests_that_wait_for_the_store_are_bounded() {
    let mut talk = Talk::connected(&[Role::Sender]);
    for id in 2..(2 + 256) {
        talk.send(&json!({"id": id, "publish": {"channel": "bulletins:all", "data": 1}}));
    }
    assert!(talk.output().is_empty());
    talk.send(&json!({"id": 999, "publish": {"channel": "bulletins:all", "data": 1}}));
    assert_eq!(
        talk.output()[0]["error"],
        json!({"code": 111, "message": "too many requests", "temporary": true})
    );
}

#[test]
fn a_store_that_is_away_refuses_a_subscription_for_now() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "bulletins:all"}}));
    let Effect::Join { attempt, .. } = talk.effect() else { panic!("a join") };
    talk.answer(Answer::Joined { attempt, result: Err(ErrorCode::Internal) });
    assert_eq!(talk.output()[0]["error"]["code"], 100);
    talk.send(&json!({"id": 3, "subscribe": {"channel": "bulletins:all"}}));
    assert_eq!(talk.effects.len(), 2, "the leave, and a new join");
}

#[test]
fn an_answer_to_an_older_try_is_passed_over() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "bulletins:all"}}));
    let Effect::Join { attempt, channel, .. } = talk.effect() else { panic!("a join") };
    talk.send(&json!({"id": 3, "unsubscribe": {"channel": "bulletins:all"}}));
    let membership = talk.hub.join(&channel, &talk.bell);
    let joined = Joined { membership, start: Start::Live(at("a", 0)) };
    talk.answer(Answer::Joined { attempt, result: Ok(joined) });
    let given_up = json!({"id": 2, "error": {"code": 108, "message": "not available"}});
    assert_eq!(talk.output(), vec![given_up, json!({"id": 3, "unsubscribe": {}})]);
    assert_eq!(talk.hub.deserted(), vec![ChannelName::bulletins_all()]);
}

/// A page of large publications, about 30 KB in all.
fn large_page(top: u64) -> Page {
    let data = Payload::parse(format!("\"{}\"", "x".repeat(10_000)).as_bytes()).unwrap();
    let large = |offset| Arc::new(Publication { data: data.clone(), ..(*publication(offset)).clone() });
    Page { publications: (2..=4).map(large).collect(), top: at("a", top) }
}

#[test]
fn a_client_whose_server_side_subscriptions_missed_much_comes_in_and_gets_it() {
    let mut talk = Talk::new();
    let channels = ["teams:a", "teams:b", "teams:c", "teams:d", "teams:e"];
    let token = talk.token(&[Role::Activist], &channels, Duration::from_mins(10));
    let position = json!({"recover": true, "epoch": "a", "offset": 1});
    let subs: serde_json::Map<String, Value> =
        channels.iter().map(|channel| ((*channel).to_owned(), position.clone())).collect();
    talk.send(&json!({"id": 1, "connect": {"token": token, "subs": subs}}));
    for _ in channels {
        talk.join(Start::Recovered(large_page(10)));
    }
    talk.join(Start::Live(at("a", 10)));
    assert_eq!(talk.closed(), None);
    let frames = talk.output();
    let subs = frames[0]["connect"]["subs"].as_object().unwrap();
    assert!(channels.iter().all(|channel| subs[*channel]["recovered"] == json!(true)));
    let with_page = subs.values().filter(|sub| sub.get("publications").is_some()).count();
    assert_eq!(with_page, 3, "the others follow as pushes");
    talk.output();
    assert!(matches!(talk.effect(), Effect::ReadPage { .. }));
}

#[test]
fn history_requests_that_come_at_once_are_answered_one_after_the_other() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for id in 2..7 {
        talk.send(&json!({"id": id, "history": {"channel": "bulletins:all", "limit": -1}}));
    }
    let mut answered = Vec::new();
    while let Some(Effect::ReadHistory { id, .. }) = talk.effects.pop_front() {
        assert!(talk.effects.is_empty(), "one page at a time");
        let Page { publications, top } = large_page(10);
        let result = protocol::reply::HistoryResult { publications, epoch: top.epoch, offset: top.offset };
        talk.answer(Answer::History { id, result: Ok(result) });
        answered.extend(talk.output().iter().map(|reply| reply["id"].clone()));
    }
    assert_eq!(answered, [2, 3, 4, 5, 6].map(|id| json!(id)));
    assert_eq!(talk.closed(), None);
}

#[test]
fn channels_that_lag_take_turns() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for (id, channel) in [(2, "bulletins:all"), (3, "teams:leaflets")] {
        talk.send(&json!({"id": id, "subscribe": {"channel": channel}}));
        let Effect::Join { attempt, channel, .. } = talk.effect() else { panic!("a join") };
        let membership = talk.hub.join(&channel, &talk.bell);
        talk.hub.anchor(&channel, at("a", 1_000_000));
        let joined = Joined { membership, start: Start::Live(at("a", 0)) };
        talk.answer(Answer::Joined { attempt, result: Ok(joined) });
    }
    let mut asked = Vec::new();
    while asked.len() < 6 {
        let now = talk.now();
        talk.session.take_output(500, now, &mut talk.effects, &mut Output::default());
        if let Some(Effect::ReadPage { attempt, channel, since }) = talk.effects.pop_front() {
            let from = since.offset.get() + 1;
            let answer = page(from..=from + 30, at("a", 1_000_000));
            talk.answer(Answer::Page { attempt, result: Ok(Arc::new(Replay::Complete(answer).into())) });
            asked.push(channel.as_str().to_owned());
        }
    }
    assert_eq!(asked, ["bulletins:all", "teams:leaflets"].repeat(3));
}

#[test]
fn a_right_that_was_taken_away_ends_a_server_side_subscription_too() {
    let mut talk = Talk::new();
    let token = talk.token(&[Role::Activist], &["teams:press"], Duration::from_mins(10));
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    talk.join(Start::Live(at("a", 10)));
    talk.join(Start::Live(at("a", 10)));
    talk.output();
    let fewer = talk.token(&[Role::Activist], &[], Duration::from_mins(10));
    talk.send(&json!({"id": 2, "refresh": {"token": fewer}}));
    assert_eq!(talk.output()[0]["push"]["unsubscribe"]["code"], 2000);
    let press = ChannelName::parse("teams:press").unwrap();
    talk.hub.deliver(&press, &Epoch::parse("a").unwrap(), &publication(11));
    assert!(talk.output().is_empty());
}

#[test]
fn a_subscription_that_is_forbidden_before_it_stands_is_answered() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "teams:leaflets"}}));
    let claims = Claims::default();
    let ttl = Duration::from_mins(10);
    let fewer = talk.tokens.mint(&MemberId::parse("m_1").unwrap(), &claims, WALL, ttl).unwrap();
    talk.send(&json!({"id": 3, "refresh": {"token": fewer}}));
    let frames = talk.output();
    assert_eq!((&frames[0]["id"], &frames[0]["error"]["code"]), (&json!(2), &json!(103)));
}

#[test]
fn a_slow_link_that_was_given_much_is_not_cut_while_its_pong_is_behind_it() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let position = json!({"channel": "bulletins:all", "recover": true, "epoch": "a", "offset": 1});
    talk.send(&json!({"id": 2, "subscribe": position}));
    talk.join(Start::Recovered(large_page(10)));
    assert_eq!(talk.output().len(), 1);
    talk.wait(Duration::from_secs(20));
    assert_eq!(talk.output(), vec![json!({})]);
    talk.wait(Duration::from_secs(50));
    assert_eq!(talk.closed(), None);
}

#[test]
fn subscriptions_that_come_and_go_while_the_store_is_slow_are_bounded() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for id in 0..256 {
        talk.send(&json!({"id": 2 * id + 2, "subscribe": {"channel": "bulletins:all"}}));
        talk.send(&json!({"id": 2 * id + 3, "unsubscribe": {"channel": "bulletins:all"}}));
    }
    talk.output();
    talk.send(&json!({"id": 999, "subscribe": {"channel": "bulletins:all"}}));
    assert_eq!(talk.output()[0]["error"]["code"], 111);
}
