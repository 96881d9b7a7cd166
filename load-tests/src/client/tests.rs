//! Conversations with a server that is written out.

use super::*;
use crate::mark::Mark;
use crate::scenario::Since;
use crate::tally::Tally;
use protocol::Encoding;
use serde_json::{Value, json};

/// A client, and everything that a step needs.
struct Talk {
    client: Client,
    shared: Shared,
    tally: Tally,
    random: fastrand::Rng,
    now: Micros,
    whole: Vec<u8>,
    pushes: Pushes,
}

impl Talk {
    fn new(client: Client) -> Self {
        let channels = vec!["teams:a".to_owned(), "teams:b".to_owned()];
        let shared = Shared {
            run: 7,
            encoding: Encoding::Json,
            payload_bytes: 128,
            numbers: channels.iter().cloned().zip(0..).collect(),
            channels,
            hosts: vec!["localhost".to_owned()],
            wall_zero_ms: 0,
        };
        let random = fastrand::Rng::with_seed(1);
        let (tally, pushes) = (Tally::default(), Pushes::default());
        Self { client, shared, tally, random, now: Micros(1_000_000), whole: Vec::new(), pushes }
    }

    /// Lets the client do something; answers what it wrote.
    fn step<T>(&mut self, act: impl FnOnce(&mut Client, &mut Vec<u8>, &mut Step<'_>) -> T) -> (T, Vec<u8>) {
        let mut out = Vec::new();
        let mut step = Step {
            shared: &self.shared,
            tally: &mut self.tally,
            now: self.now,
            pushes: &mut self.pushes,
            random: &mut self.random,
            out: &mut out,
        };
        (act(&mut self.client, &mut self.whole, &mut step), out)
    }

    /// The server sends bytes.
    fn receive(&mut self, bytes: &[u8]) -> (Result<usize, End>, Vec<u8>) {
        self.step(|client, whole, step| client.receive(bytes, whole, step))
    }

    /// The server says something; answers the commands that come back.
    fn hear(&mut self, message: &Value) -> Vec<Value> {
        let frame = server_frame(0x81, message.to_string().as_bytes());
        let (done, out) = self.receive(&frame);
        assert_eq!(done, Ok(frame.len()));
        commands(&out)
    }

    /// Opens, upgrades and connects; answers the commands that follow `connect`.
    fn join(&mut self) -> Vec<Value> {
        let ((), request) = self.step(|client, _, step| client.opened(0, step));
        let request = String::from_utf8(request).unwrap();
        let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
        let answer = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        let (done, out) = self.receive(answer.as_bytes());
        assert_eq!(done, Ok(answer.len()));
        assert_eq!(commands(&out)[0]["connect"]["token"], "token");
        self.hear(&json!({"id": 1, "connect": {"client": "c", "version": "test", "ping": 25, "pong": true}}))
    }

    fn publication(&mut self, offset: u64, number: u32) {
        let data = self.data(number);
        self.hear(&json!({"push": {"channel": "teams:a", "pub": {"data": data, "offset": offset}}}));
    }

    fn data(&self, number: u32) -> Value {
        let mark = Mark { run: 7, sender: 9, number, channel: 0, due: Micros(900_000) };
        serde_json::from_str(&mark.payload(self.shared.payload_bytes)).unwrap()
    }

    fn position(&self) -> u64 {
        self.client.subscriptions()[0].track.position()
    }
}

fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let mut bytes = vec![first, 126];
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The commands in what a client wrote: frames, unmasked.
fn commands(mut out: &[u8]) -> Vec<Value> {
    let mut commands = Vec::new();
    while !out.is_empty() {
        let mut cursor = std::io::Cursor::new(out);
        let parsed = tungstenite::protocol::frame::FrameHeader::parse(&mut cursor).unwrap();
        let (header, length) = parsed.unwrap();
        let begin = usize::try_from(cursor.position()).unwrap();
        let (payload, rest) = out[begin..].split_at(usize::try_from(length).unwrap());
        let mask = header.mask.unwrap();
        let text: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        let lines = text.split(|byte| *byte == b'\n');
        commands.extend(lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()));
        out = rest;
    }
    commands
}

fn reader(since: Since) -> Talk {
    let subscription = Subscription::new(0, since);
    Talk::new(Client::new(0, Behaviour::Activist, "token".to_owned(), vec![subscription], None))
}

fn sender() -> Talk {
    let mut outbox = Outbox::new(3, vec![0], 128);
    let pace = crate::pacing::Pace::new(Micros(900_000), 100.0, 0, 1, crate::pacing::Spread::Even, 1);
    outbox.follow(Some((pace, Micros(915_000))));
    Talk::new(Client::new(0, Behaviour::Sender, "token".to_owned(), Vec::new(), Some(outbox)))
}

#[test]
fn a_reader_subscribes_once_it_is_in_and_is_ready_when_all_stand() {
    let mut talk = reader(Since::Now);
    let asked = talk.join();
    assert_eq!(asked, [json!({"id": 2, "subscribe": {"channel": "teams:a"}})]);
    assert!(!talk.client.is_ready());
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "offset": 41, "recoverable": true}}));
    assert!(talk.client.is_ready());
    talk.publication(42, 1);
    assert_eq!((talk.position(), talk.tally.counts.delivered), (42, 1));
}

#[test]
fn a_ping_is_answered() {
    let mut talk = reader(Since::Now);
    talk.join();
    assert_eq!(talk.hear(&json!({})), [json!({})]);
}

#[test]
fn who_comes_back_shows_its_position_and_loses_nothing() {
    let mut talk = reader(Since::Start);
    assert_eq!(talk.join()[0]["subscribe"], json!({"channel": "teams:a", "recover": true}));
    let page = json!([{"data": talk.data(1), "offset": 1}, {"data": talk.data(2), "offset": 2}]);
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "recovered": true, "publications": page}}));
    assert!(talk.client.disconnected(Some(End::Closed(3001)), talk.now));
    let again = talk.join();
    let position = json!({"channel": "teams:a", "recover": true, "epoch": "e", "offset": 2});
    assert_eq!(again[0]["subscribe"], position);
    let page = json!([{"data": talk.data(3), "offset": 3}]);
    let answer = json!({"epoch": "e2", "recovered": true, "offset": 2, "publications": page});
    talk.hear(&json!({"id": 2, "subscribe": answer}));
    let counts = &talk.tally.counts;
    assert_eq!((talk.position(), counts.delivered, counts.missing, counts.resets), (3, 3, 0, 0));
}

#[test]
fn a_position_that_the_server_does_not_continue_is_a_reset() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "offset": 5}}));
    talk.client.disconnected(None, talk.now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "f", "offset": 9}}));
    assert_eq!((talk.tally.counts.resets, talk.position()), (1, 9));
}

#[test]
fn a_subscription_that_the_server_ends_for_now_is_asked_for_again_at_once() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "offset": 5}}));
    let push = json!({"push": {"channel": "teams:a", "unsubscribe": {"code": 2500, "reason": ""}}});
    assert_eq!(talk.hear(&push)[0]["subscribe"]["offset"], json!(5));
    assert!(!talk.client.is_ready());
}

#[test]
fn a_subscription_that_is_refused_for_now_waits_and_one_that_is_refused_for_good_ends_it() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "error": {"code": 111, "message": "", "temporary": true}}));
    let due = talk.client.again_at().unwrap();
    let ((), early) = talk.step(|client, _, step| client.retry_subscriptions(step));
    assert!(early.is_empty());
    talk.now = due;
    let ((), asked) = talk.step(|client, _, step| client.retry_subscriptions(step));
    assert_eq!(commands(&asked)[0]["subscribe"]["channel"], "teams:a");
    talk.hear(&json!({"id": 2, "error": {"code": 103, "message": ""}}));
    assert!(matches!(talk.client.stage, Stage::Refused));
    assert!(!talk.client.disconnected(None, talk.now), "it does not come back");
}

#[test]
fn a_message_of_another_channel_is_misdelivered() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e"}}));
    let data = talk.data(1);
    talk.hear(&json!({"push": {"channel": "teams:b", "pub": {"data": data, "offset": 1}}}));
    assert_eq!(talk.tally.counts.misdelivered, 1, "it does not read the channel");
    let mark = Mark { run: 7, sender: 9, number: 1, channel: 1, due: Micros(0) };
    let data: Value = serde_json::from_str(&mark.payload(128)).unwrap();
    talk.hear(&json!({"push": {"channel": "teams:a", "pub": {"data": data, "offset": 1}}}));
    assert_eq!(talk.tally.counts.misdelivered, 2, "the message belongs elsewhere");
}

#[test]
fn a_sender_says_what_is_due_under_a_key_and_keeps_it_until_it_is_answered() {
    let mut talk = sender();
    let said = talk.join();
    assert_eq!(said.len(), 2);
    let argument = &said[0]["rpc"]["data"];
    assert_eq!(argument["channel"], "teams:a");
    assert_eq!(argument["idempotency_key"], "00000007.3.0");
    assert_eq!(argument["data"]["id"], argument["idempotency_key"]);
    let answer = |id: &Value, offset: u64| json!({"id": id, "rpc": {"data": {"status": "ok", "epoch": "e", "offset": offset}}});
    talk.hear(&answer(&said[0]["id"], 1));
    assert_eq!(talk.client.outbox.as_ref().unwrap().len(), 1);
    talk.client.disconnected(Some(End::Broken), talk.now);
    let again = talk.join();
    assert_eq!(again[0]["rpc"]["data"]["idempotency_key"], "00000007.3.1");
    talk.hear(&answer(&again[0]["id"], 2));
    assert_eq!(talk.client.outbox.as_ref().unwrap().len(), 0);
    let told = talk.tally.take(talk.now);
    let offsets: Vec<u64> = told.acknowledged.iter().map(|answer| answer.offset).collect();
    assert_eq!((offsets, told.counts.resent), (vec![1, 2], 1));
}

#[test]
fn a_publish_that_is_to_be_sent_later_stays_and_is_sent_when_the_server_said() {
    let mut talk = sender();
    let said = talk.join();
    for said in &said {
        let later = json!({"status": "later", "credit": 4, "retry_after_ms": 30_000});
        talk.hear(&json!({"id": said["id"], "rpc": {"data": later}}));
    }
    let outbox = talk.client.outbox.as_ref().unwrap();
    assert_eq!((outbox.len(), outbox.hold_until()), (2, Some(talk.now.after(Duration::from_secs(30)))));
    assert_eq!((talk.tally.counts.unreadable, talk.tally.counts.refused_publishes), (0, 0));
}

#[test]
fn a_publish_that_is_refused_for_good_is_counted_and_forgotten() {
    let mut talk = sender();
    let said = talk.join();
    talk.hear(&json!({"id": said[0]["id"], "error": {"code": 103, "message": ""}}));
    let waiting = talk.client.outbox.as_ref().unwrap().len();
    assert_eq!((talk.tally.counts.refused_publishes, waiting), (1, 1));
}

#[test]
fn an_auditor_reads_a_log_page_by_page_to_its_top() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.client.audit(vec![0]);
    let ((), asked) = talk.step(|client, _, step| client.ask_for_page(step));
    let first = json!({"channel": "teams:a", "limit": -1, "since": {"offset": 0, "epoch": ""}});
    assert_eq!(commands(&asked)[0]["history"], first);
    let page = |talk: &Talk, offset: u32| {
        let publications = json!([{"data": talk.data(offset), "offset": offset}]);
        json!({"id": AUDIT_ID, "history": {"publications": publications, "epoch": "e", "offset": 2}})
    };
    let (first, second) = (page(&talk, 1), page(&talk, 2));
    assert_eq!(talk.hear(&first)[0]["history"]["since"], json!({"offset": 1, "epoch": "e"}));
    assert!(talk.hear(&second).is_empty());
    let (channel, log) = &talk.tally.logs[0];
    assert_eq!((*channel, log.entries.len(), log.top), (0, 2, 2));
    assert_eq!((log.entries[1].offset, log.entries[0].due), (2, Some(Micros(900_000))));
}

#[test]
fn an_auditor_that_was_cut_asks_again_when_it_is_back() {
    let mut talk = reader(Since::Now);
    talk.client.audit(vec![0]);
    let asked = talk.join();
    assert!(asked.iter().any(|command| command.get("history").is_some()), "{asked:?}");
}

#[test]
fn who_was_there_when_a_message_was_due_has_waited_for_it_even_if_it_was_cut() {
    let mut talk = reader(Since::Now);
    talk.now = Micros(800_000);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e"}}));
    talk.now = Micros(1_000_000);
    talk.client.disconnected(Some(End::Broken), talk.now);
    talk.now = Micros(3_000_000);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "recovered": true}}));
    talk.publication(1, 1);
    let mut latencies = crate::latency::Latencies::default();
    assert!(latencies.add(&talk.tally.take(talk.now).latencies));
    let live = latencies.of_all(Kind::Live);
    assert_eq!((live.count(), latencies.of_all(Kind::Late).count()), (1, 0));
    assert!(live.max_ms().unwrap() > 2_000.0);
}

#[test]
fn a_stranger_who_is_let_in_is_counted() {
    let behaviour = Behaviour::Stranger(Says::ForgedToken);
    let mut talk = Talk::new(Client::new(0, behaviour, String::new(), Vec::new(), None));
    talk.client.stage = Stage::Connecting;
    talk.hear(&json!({"id": 1, "connect": {"client": "c", "version": "test"}}));
    assert_eq!(talk.tally.counts.strangers_let_in, 1);
}

#[test]
fn a_publish_whose_answer_makes_no_sense_stays_without_one() {
    let mut talk = sender();
    let said = talk.join();
    talk.hear(&json!({"id": said[0]["id"], "rpc": {"data": {"status": "maybe"}}}));
    let waiting = talk.client.outbox.as_ref().unwrap().len();
    assert_eq!((talk.tally.counts.unreadable, waiting), (1, 2));
}

#[test]
fn a_message_in_fragments_is_heard_whole() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e"}}));
    let data = talk.data(1);
    let text = json!({"push": {"channel": "teams:a", "pub": {"data": data, "offset": 1}}}).to_string();
    let (head, tail) = text.as_bytes().split_at(20);
    let frames = [server_frame(0x01, head), server_frame(0x80, tail)].concat();
    let (done, _) = talk.receive(&frames);
    assert_eq!((done, talk.position()), (Ok(frames.len()), 1));
}

#[test]
fn a_terminal_close_keeps_it_away_and_any_other_lets_it_come_back() {
    for (code, comes_back) in
        [(3001, true), (3012, true), (3500, false), (4100, true), (4501, false), (1006, true)]
    {
        let mut talk = reader(Since::Now);
        talk.join();
        assert_eq!(talk.client.disconnected(Some(End::Closed(code)), talk.now), comes_back, "{code}");
    }
}

#[test]
fn a_connect_that_is_refused_for_now_is_tried_again_and_one_that_is_refused_for_good_is_not() {
    for (code, temporary, comes_back) in [(111, true, true), (109, false, true), (103, false, false)] {
        let mut talk = reader(Since::Now);
        talk.join();
        talk.client.stage = Stage::Connecting;
        let error = json!({"id": 1, "error": {"code": code, "message": "", "temporary": temporary}});
        let (done, _) = talk.receive(&server_frame(0x81, error.to_string().as_bytes()));
        assert_eq!(talk.client.disconnected(done.err(), talk.now), comes_back, "{code}");
    }
}

#[test]
fn what_makes_no_sense_ends_the_connection() {
    let mut talk = reader(Since::Now);
    talk.join();
    let (done, _) = talk.receive(&server_frame(0x81, b"{not json"));
    assert_eq!(done, Err(End::Broken));
}

#[test]
fn a_client_stays_small() {
    // Its token and its socket come on top; four thousand bytes are the goal for all together.
    assert!(size_of::<Client>() + size_of::<Subscription>() < 512);
}

/// A reader that takes tickets; answers its first request, too.
fn asking() -> (Talk, String) {
    let mut talk = reader(Since::Now);
    talk.client.take_tickets();
    let ((), asked) = talk.step(|client, _, step| client.opened(0, step));
    (talk, String::from_utf8(asked).unwrap())
}

fn answered(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn who_takes_tickets_asks_first_and_shows_the_ticket_on_the_same_connection_and_on_all_later_ones() {
    let (mut talk, asked) = asking();
    assert!(asked.starts_with("POST /v1/admit HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("Authorization: Bearer token\r\n"), "{asked}");
    let given = answered("200 OK", r#"{"ticket":"t.i.c"}"#);
    let (done, request) = talk.receive(given.as_bytes());
    assert_eq!(done, Ok(given.len()));
    let request = String::from_utf8(request).unwrap();
    assert!(request.starts_with("GET /connection/websocket"), "{request}");
    assert!(request.contains("Authorization: Bearer t.i.c\r\n"), "{request}");
    assert!(talk.client.disconnected(Some(End::Broken), talk.now));
    let ((), again) = talk.step(|client, _, step| client.opened(0, step));
    assert!(String::from_utf8(again).unwrap().starts_with("GET /connection/websocket"));
}

#[test]
fn who_is_told_to_wait_goes_by_itself_and_is_no_lost_connection() {
    let (mut talk, _) = asking();
    let wait = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 2\r\n\r\n{}";
    let (done, _) = talk.receive(wait.as_bytes());
    let end = done.unwrap_err();
    assert_eq!(end, End::Waits(Some(Micros(3_000_000))));
    assert!(end.is_own_wish() && !End::Waits(None).is_own_wish());
    assert!(talk.client.disconnected(Some(end), talk.now), "it comes back");
}

#[test]
fn a_ticket_that_is_not_taken_is_asked_for_anew() {
    for expired in ["HTTP/1.1 401 Unauthorized\r\n\r\n", "109"] {
        let (mut talk, _) = asking();
        talk.receive(answered("200 OK", r#"{"ticket":"t.i.c"}"#).as_bytes()).0.unwrap();
        if expired == "109" {
            talk.client.stage = Stage::Connecting;
            let error = json!({"id": 1, "error": {"code": 109, "message": "", "temporary": true}});
            assert_eq!(talk.receive(&server_frame(0x81, error.to_string().as_bytes())).0, Err(End::NotNow));
        } else {
            assert_eq!(talk.receive(expired.as_bytes()).0, Err(End::NotNow));
        }
        talk.client.disconnected(Some(End::NotNow), talk.now);
        let ((), again) = talk.step(|client, _, step| client.opened(0, step));
        assert!(String::from_utf8(again).unwrap().starts_with("POST /v1/admit"), "{expired}");
    }
}

#[test]
fn what_makes_no_sense_at_the_door_is_counted() {
    let (mut talk, _) = asking();
    let (done, _) = talk.receive(answered("200 OK", "[]").as_bytes());
    assert_eq!((done, talk.tally.counts.unreadable), (Err(End::Broken), 1));
}

#[test]
fn a_phone_that_was_not_let_in_before_it_went_away_has_waited_since_it_wanted_to_be_in() {
    let mut talk = reader(Since::Now);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e"}}));
    talk.now = Micros(5_000_000);
    talk.client.disconnected(None, talk.now);
    talk.client.rests(talk.now, Micros(6_000_000));
    assert_eq!(talk.client.away_since(), Some(Micros(6_000_000)), "it was in");
    talk.step(|client, _, step| client.opened(0, step));
    talk.now = Micros(10_000_000);
    talk.client.disconnected(None, talk.now);
    talk.client.rests(talk.now, Micros(11_000_000));
    assert_eq!(talk.client.away_since(), Some(Micros(6_000_000)), "nobody let it in");
    talk.now = Micros(17_000_000);
    talk.join();
    talk.hear(&json!({"id": 2, "subscribe": {"epoch": "e", "recovered": true}}));
    let counts = &talk.tally.counts;
    assert_eq!((counts.returned.get(&0), counts.returned_in_time.get(&0)), (Some(&1), Some(&0)));
}
