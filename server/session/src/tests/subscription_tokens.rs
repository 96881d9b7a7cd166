//! Subscriptions that stand on a token of their own.

use super::*;

const PRESS: &str = "teams:press";

fn press() -> ChannelName {
    ChannelName::parse(PRESS).unwrap()
}

impl Talk {
    fn grant(&self, member: &str, channel: &str, ttl: Duration) -> String {
        let channel = ChannelName::parse(channel).unwrap();
        let member = MemberId::parse(member).unwrap();
        self.tokens.subscriptions().mint(&member, &channel, self.now().wall, ttl).unwrap()
    }

    /// A conversation that reads a team of others by a token of a minute.
    fn granted() -> Self {
        let mut talk = Self::connected(&[Role::Activist]);
        let token = talk.grant("m_1", PRESS, Duration::from_mins(1));
        talk.send(&json!({"id": 2, "subscribe": {"channel": PRESS, "token": token}}));
        talk.join(Start::Live(at("a", 10)));
        let reply = talk.output();
        assert_eq!(reply[0]["subscribe"]["recoverable"], true, "{reply:?}");
        talk
    }

    fn renew(&mut self, id: u32, token: &str) {
        self.send(&json!({"id": id, "sub_refresh": {"channel": PRESS, "token": token}}));
    }

    /// Time passes, with a pong for each ping; answers what else is written.
    fn pass(&mut self, duration: Duration) -> Vec<Value> {
        let until = self.elapsed + duration;
        let mut said = Vec::new();
        while self.elapsed < until {
            self.wait(Duration::from_secs(1).min(until.saturating_sub(self.elapsed)));
            said.extend(self.said());
        }
        said
    }

    /// What is written, but pings, which are answered.
    fn said(&mut self) -> Vec<Value> {
        let (pings, said): (Vec<Value>, Vec<Value>) =
            self.output().into_iter().partition(|frame| *frame == json!({}));
        for _ in pings {
            self.send(&json!({}));
        }
        said
    }
}

#[test]
fn a_bad_token_refuses_the_subscription_even_of_who_might_read_without_one() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let expired = talk.grant("m_1", PRESS, Duration::from_secs(1));
    let access = talk.token(&[Role::Activist], &[PRESS], Duration::from_mins(10));
    talk.elapsed = Duration::from_secs(10);
    let others = AccessTokens::new(&KeySet::generate().unwrap()).unwrap();
    let member = MemberId::parse("m_1").unwrap();
    let foreign =
        others.subscriptions().mint(&member, &press(), talk.now().wall, Duration::from_mins(1)).unwrap();
    for (channel, token, code) in [
        (PRESS, "nonsense", 103),
        (PRESS, &foreign, 103),
        (PRESS, &access, 103),
        (PRESS, &expired, 109),
        ("bulletins:all", "nonsense", 103),
        ("bulletins:all", &expired, 109),
        ("nowhere", "nonsense", 102),
        ("service:status", "nonsense", 105),
        ("a b", "nonsense", 107),
    ] {
        talk.send(&json!({"id": 9, "subscribe": {"channel": channel, "token": token}}));
        assert_eq!(talk.output()[0]["error"]["code"], code, "{channel}");
        assert!(talk.effects.is_empty());
    }
}

#[test]
fn a_token_of_somebody_else_or_for_another_channel_closes_the_connection() {
    for (member, channel) in [("m_2", PRESS), ("m_1", "teams:other"), ("m_2", "teams:other")] {
        let mut talk = Talk::connected(&[Role::Activist]);
        let token = talk.grant(member, channel, Duration::from_mins(1));
        talk.send(&json!({"id": 2, "subscribe": {"channel": PRESS, "token": token}}));
        assert_eq!(talk.closed(), Some(Disconnect::InvalidToken));

        let mut talk = Talk::granted();
        let token = talk.grant(member, channel, Duration::from_mins(1));
        talk.renew(3, &token);
        assert_eq!(talk.closed(), Some(Disconnect::InvalidToken));
    }
}

#[test]
fn a_token_for_a_channel_that_the_campaign_does_not_have_makes_none() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let token = talk.grant("m_1", "nowhere", Duration::from_mins(1));
    talk.send(&json!({"id": 2, "subscribe": {"channel": "nowhere", "token": token}}));
    assert_eq!(talk.output()[0]["error"]["code"], 102);
}

#[test]
fn a_token_gives_the_right_to_read_its_channel_and_says_when_it_ends() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let token = talk.grant("m_1", PRESS, Duration::from_mins(1));
    talk.send(&json!({"id": 2, "subscribe": {"channel": PRESS}}));
    assert_eq!(talk.output()[0]["error"]["code"], 103);
    talk.elapsed = Duration::from_secs(5);
    talk.send(&json!({"id": 3, "subscribe": {"channel": PRESS, "token": token}}));
    talk.elapsed = Duration::from_secs(10);
    talk.join(Start::Live(at("a", 10)));
    let reply = &talk.output()[0]["subscribe"];
    assert_eq!((&reply["expires"], &reply["ttl"]), (&json!(true), &json!(50)));
    talk.hub.deliver(&press(), &Epoch::parse("a").unwrap(), &publication(11));
    assert_eq!(offsets(&talk.output()), vec![11]);
    talk.send(&json!({"id": 4, "history": {"channel": PRESS}}));
    assert!(matches!(talk.effect(), Effect::ReadHistory { .. }));
    talk.send(&json!({"id": 5, "publish": {"channel": PRESS, "data": 1}}));
    assert_eq!(talk.output()[0]["error"]["code"], 103, "to read is not to post");
}

#[test]
fn a_subscription_without_a_token_of_its_own_says_nothing_of_an_end() {
    let mut talk = Talk::connected(&[Role::Activist]);
    talk.send(&json!({"id": 2, "subscribe": {"channel": "bulletins:all", "token": ""}}));
    talk.join(Start::Live(at("a", 10)));
    let reply = &talk.output()[0]["subscribe"];
    assert_eq!((reply.get("expires"), reply.get("ttl")), (None, None));
}

#[test]
fn a_subscription_ends_a_while_after_its_token_and_the_connection_stays() {
    let mut talk = Talk::granted();
    let grace = Timing::default().expiry_grace;
    assert_eq!(talk.pass(Duration::from_secs(59) + grace), Vec::<Value>::new());
    let said = talk.pass(Duration::from_secs(1));
    assert_eq!(said[0]["push"]["unsubscribe"], json!({"code": 2501, "reason": "subscription expired"}));
    assert_eq!(talk.effect(), Effect::Leave(press()));
    assert_eq!(talk.closed(), None);
    // Its place is free again, and so is its right gone.
    talk.send(&json!({"id": 9, "history": {"channel": PRESS}}));
    assert_eq!(talk.output()[0]["error"]["code"], 103);
    let token = talk.grant("m_1", PRESS, Duration::from_mins(1));
    talk.send(&json!({"id": 10, "subscribe": {"channel": PRESS, "token": token}}));
    assert!(matches!(talk.effect(), Effect::Join { .. }));
}

#[test]
fn the_driver_is_told_when_the_token_of_a_subscription_ends() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let token = talk.grant("m_1", PRESS, Duration::from_secs(1));
    talk.send(&json!({"id": 2, "subscribe": {"channel": PRESS, "token": token}}));
    let before = talk.session.next_deadline();
    talk.join(Start::Live(at("a", 10)));
    assert_eq!(talk.output()[0]["subscribe"]["ttl"], 1);
    talk.wait(Duration::from_secs(20));
    talk.said();
    let grace = Timing::default().expiry_grace;
    assert_eq!(talk.session.next_deadline(), Some(talk.start + Duration::from_secs(1) + grace));
    assert_ne!(before, talk.session.next_deadline());
}

#[test]
fn a_subscription_lives_as_long_as_its_token_is_renewed() {
    let mut talk = Talk::granted();
    for id in 3..8 {
        assert_eq!(talk.pass(Duration::from_mins(1)), Vec::<Value>::new());
        let token = talk.grant("m_1", PRESS, Duration::from_mins(1));
        talk.renew(id, &token);
        assert_eq!(talk.said(), vec![json!({"id": id, "sub_refresh": {"expires": true, "ttl": 60}})]);
    }
    talk.hub.deliver(&press(), &Epoch::parse("a").unwrap(), &publication(11));
    assert_eq!(offsets(&talk.said()), vec![11]);
}

#[test]
fn a_renewal_is_refused_with_the_code_that_fits_and_changes_nothing() {
    let mut talk = Talk::granted();
    talk.send(&json!({"id": 3, "subscribe": {"channel": "bulletins:all"}}));
    talk.join(Start::Live(at("a", 10)));
    let expired = talk.grant("m_1", PRESS, Duration::from_secs(1));
    talk.elapsed = Duration::from_secs(10);
    let good = talk.grant("m_1", PRESS, Duration::from_mins(1));
    talk.output();
    for (channel, token, code) in [
        (PRESS, "nonsense", 103),
        (PRESS, &expired, 109),
        (PRESS, "", 107),
        // It stands on the connection's token.
        ("bulletins:all", &good, 107),
        ("service:status", &good, 107),
        // It does not stand.
        ("teams:leaflets", &good, 103),
        ("nowhere", &good, 103),
        ("a b", &good, 107),
    ] {
        talk.send(&json!({"id": 9, "sub_refresh": {"channel": channel, "token": token}}));
        assert_eq!(talk.output()[0]["error"]["code"], code, "{channel}");
    }
    assert!(talk.effects.is_empty());
    talk.hub.deliver(&press(), &Epoch::parse("a").unwrap(), &publication(11));
    assert_eq!(offsets(&talk.output()), vec![11]);
    talk.send(&json!({"id": 9, "sub_refresh": {"token": good}}));
    assert_eq!(talk.closed(), Some(Disconnect::BadRequest));
}

#[test]
fn a_subscription_that_is_not_answered_yet_has_no_token_to_renew_and_does_not_end() {
    let mut talk = Talk::connected(&[Role::Activist]);
    let token = talk.grant("m_1", PRESS, Duration::from_secs(1));
    talk.send(&json!({"id": 2, "subscribe": {"channel": PRESS, "token": token}}));
    talk.renew(3, &token);
    assert_eq!(talk.output()[0]["error"]["code"], 103);
    talk.pass(Duration::from_secs(27));
    talk.join(Start::Live(at("a", 10)));
    assert_eq!(talk.said()[0]["subscribe"]["ttl"], 1);
    assert_eq!(talk.pass(Duration::from_secs(1))[0]["push"]["unsubscribe"]["code"], 2501);
}

#[test]
fn a_newer_token_of_the_connection_leaves_alone_what_stands_on_its_own() {
    let mut talk = Talk::granted();
    talk.send(&json!({"id": 3, "subscribe": {"channel": "teams:leaflets"}}));
    talk.join(Start::Live(at("a", 10)));
    let waiting = talk.grant("m_1", "teams:other", Duration::from_mins(1));
    talk.send(&json!({"id": 4, "subscribe": {"channel": "teams:other", "token": waiting}}));
    talk.output();
    let fewer =
        talk.tokens.mint(&MemberId::parse("m_1").unwrap(), &Claims::default(), WALL, Duration::from_mins(10));
    talk.send(&json!({"id": 5, "refresh": {"token": fewer.unwrap()}}));
    let frames = talk.output();
    let ended: Vec<&Value> =
        frames.iter().filter(|frame| frame["push"].get("unsubscribe").is_some()).collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0]["push"]["channel"], "teams:leaflets");
    talk.hub.deliver(&press(), &Epoch::parse("a").unwrap(), &publication(11));
    assert_eq!(offsets(&talk.output()), vec![11]);
    talk.join(Start::Live(at("a", 10)));
    assert_eq!(talk.output()[0]["subscribe"]["expires"], true);
}
