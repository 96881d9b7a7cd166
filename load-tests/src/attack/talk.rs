//! An attacker's conversation over a WebSocket: forged, begun and left, deaf, or louder than anybody may be.

use super::script::{Cue, Head, Leaves, head};
use crate::client::frames::{self, Frame};
use crate::client::upgrade::{Credential, Upgrade};
use protocol::command::{ConnectRequest, Request, SubscribeRequest, Token};
use protocol::message::{Answer, Message, Refusal};
use protocol::{Command, Encoding, rpc};
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// The id of `connect`; those of later commands follow.
const CONNECT_ID: u32 = 1;
/// Most messages of a fragment that is not whole.
const MESSAGE_MAX_BYTES: usize = frames::MESSAGE_MAX_BYTES;

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// To be let in with what is worth nothing, and leave.
    Forge,
    /// To never say a word.
    HalfOpen,
    /// To subscribe to this channel and read nothing from then on.
    NeverRead(String),
    /// To publish in this channel whenever it is told to.
    Publish(String),
    /// To subscribe to this channel and unsubscribe from it whenever it is told to.
    Subscribe(String),
}

/// One conversation.
pub(super) struct Talk {
    goal: Goal,
    token: String,
    stage: Stage,
    id: u32,
    /// Whether the last that was asked was to subscribe.
    subscribed: bool,
    deaf: bool,
}

#[derive(Debug)]
enum Stage {
    Connecting,
    In,
    Opening,
    Upgrading(Upgrade),
}

/// It holds a token: debug output does not.
impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").field("goal", &self.goal).field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl Talk {
    pub(super) const fn new(goal: Goal, token: String) -> Self {
        Self { goal, token, stage: Stage::Opening, id: CONNECT_ID, subscribed: false, deaf: false }
    }

    /// Whether it no longer takes what it is sent.
    pub(super) const fn is_deaf(&self) -> bool {
        self.deaf
    }

    /// The socket stands: asks for the upgrade.
    pub(super) fn begin(&mut self, cue: &mut Cue<'_>) {
        let credential = match self.goal {
            Goal::Forge => Credential::Cookie(&self.token),
            Goal::HalfOpen | Goal::NeverRead(_) | Goal::Publish(_) | Goal::Subscribe(_) => Credential::None,
        };
        self.stage = Stage::Upgrading(Upgrade::request(cue.host, Encoding::Json, credential, cue.out));
    }

    /// Something was heard: how much of it is done with.
    pub(super) fn hear(
        &mut self,
        bytes: &[u8],
        whole: &mut Vec<u8>,
        cue: &mut Cue<'_>,
    ) -> Result<usize, Leaves> {
        let mut done = 0;
        if let Stage::Upgrading(upgrade) = &self.stage {
            match upgrade.answer(bytes) {
                Ok(None) => return Ok(0),
                Ok(Some(end)) => done = end,
                Err(_) => {
                    if let Head::Whole { status, retry_after, .. } = head(bytes) {
                        cue.counts.answer(status, retry_after);
                    }
                    return Err(Leaves);
                }
            }
            cue.counts.upgraded += 1;
            self.say_hello(cue);
        }
        while let Some((frame, end)) =
            frames::read(bytes.get(done..).unwrap_or_default()).map_err(|_| Leaves)?
        {
            match frame {
                Frame::Close(code) => {
                    *cue.counts.closed.entry(code).or_default() += 1;
                    return Err(Leaves);
                }
                Frame::Data { payload, last: true } if whole.is_empty() => self.hear_frame(payload, cue)?,
                Frame::Data { payload, last } => {
                    if whole.len() + payload.len() > MESSAGE_MAX_BYTES {
                        return Err(Leaves);
                    }
                    whole.extend_from_slice(payload);
                    if last {
                        let message = std::mem::take(whole);
                        self.hear_frame(&message, cue)?;
                    }
                }
                Frame::Ping(payload) => {
                    let mask = cue.random.u32(..).to_be_bytes();
                    frames::write(cue.out, OpCode::Control(Control::Pong), payload, mask);
                }
                Frame::Pong => {}
            }
            done += end;
        }
        Ok(done)
    }

    fn say_hello(&mut self, cue: &mut Cue<'_>) {
        self.stage = Stage::Connecting;
        if self.goal != Goal::HalfOpen {
            let connect = ConnectRequest { token: Token(self.token.clone()), ..ConnectRequest::default() };
            say(&Command { id: CONNECT_ID, request: Request::Connect(connect) }, cue);
        }
    }

    fn hear_frame(&mut self, frame: &[u8], cue: &mut Cue<'_>) -> Result<(), Leaves> {
        let mut done = Ok(());
        let decoded = Encoding::Json.decode_messages(frame, |message| {
            if done.is_ok() {
                done = self.on_message(&message, cue);
            }
        });
        decoded.map_err(|_| Leaves)?;
        done
    }

    fn on_message(&mut self, message: &Message<'_>, cue: &mut Cue<'_>) -> Result<(), Leaves> {
        match message {
            // Even an attacker wants to stay.
            Message::Ping => say(&Command { id: 0, request: Request::Pong }, cue),
            Message::Push(..) => {}
            Message::Reply(CONNECT_ID, Ok(Answer::Connect(_))) => return self.is_in(cue),
            Message::Reply(CONNECT_ID, answer) => {
                count(answer, cue);
                return Err(Leaves);
            }
            Message::Reply(_, answer) => count(answer, cue),
        }
        Ok(())
    }

    fn is_in(&mut self, cue: &mut Cue<'_>) -> Result<(), Leaves> {
        self.stage = Stage::In;
        match &self.goal {
            Goal::Forge => {
                cue.counts.let_in += 1;
                return Err(Leaves);
            }
            Goal::NeverRead(_) => {
                self.subscribe(cue);
                self.deaf = true;
            }
            Goal::HalfOpen | Goal::Publish(_) | Goal::Subscribe(_) => {}
        }
        Ok(())
    }

    /// Says what it is there to say, once; whether it could.
    pub(super) fn strike(&mut self, cue: &mut Cue<'_>) -> bool {
        if !matches!(self.stage, Stage::In) {
            return false;
        }
        match &self.goal {
            Goal::Publish(channel) => {
                // Never the same twice: nothing of it is taken for a retry.
                let key = format!("{:016x}{:08x}", cue.random.u64(..), self.id);
                if let Some(request) = rpc::publish_request(channel, &key, &format!(r#"{{"flood":"{key}"}}"#))
                {
                    self.command(request, cue);
                }
            }
            Goal::Subscribe(channel) => {
                if self.subscribed {
                    let request = Request::Unsubscribe(channel.clone());
                    self.subscribed = false;
                    self.command(request, cue);
                } else {
                    self.subscribe(cue);
                }
            }
            Goal::Forge | Goal::HalfOpen | Goal::NeverRead(_) => return false,
        }
        true
    }

    fn subscribe(&mut self, cue: &mut Cue<'_>) {
        if let Goal::NeverRead(channel) | Goal::Subscribe(channel) = &self.goal {
            let request = SubscribeRequest { channel: channel.clone(), ..SubscribeRequest::default() };
            self.subscribed = true;
            self.command(Request::Subscribe(request), cue);
        }
    }

    fn command(&mut self, request: Request, cue: &mut Cue<'_>) {
        self.id = self.id.checked_add(1).unwrap_or(CONNECT_ID + 1);
        say(&Command { id: self.id, request }, cue);
    }
}

fn say(command: &Command, cue: &mut Cue<'_>) {
    let frame = Encoding::Json.encode_command(command);
    let mask = cue.random.u32(..).to_be_bytes();
    frames::write(cue.out, OpCode::Data(Data::Text), frame.bytes(), mask);
}

fn count(answer: &Result<Answer<'_>, Refusal>, cue: &mut Cue<'_>) {
    match answer {
        Ok(_) => cue.counts.accepted += 1,
        Err(refusal) if refusal.temporary => cue.counts.refused_for_now += 1,
        Err(_) => cue.counts.refused += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::AttackCounts;
    use super::*;
    use serde_json::{Value, json};

    struct Stand {
        talk: Talk,
        counts: AttackCounts,
        random: fastrand::Rng,
    }

    impl Stand {
        fn new(goal: Goal) -> Self {
            let talk = Talk::new(goal, "forged.token.x".to_owned());
            Self { talk, counts: AttackCounts::default(), random: fastrand::Rng::with_seed(1) }
        }

        fn act<T>(&mut self, act: impl FnOnce(&mut Talk, &mut Cue<'_>) -> T) -> (T, Vec<u8>) {
            let mut out = Vec::new();
            let (counts, random) = (&mut self.counts, &mut self.random);
            let mut cue = Cue { host: "localhost", counts, random, out: &mut out };
            (act(&mut self.talk, &mut cue), out)
        }

        /// Upgrades; answers the request and what is said behind the answer.
        fn upgrade(&mut self) -> (String, Vec<u8>) {
            let request = String::from_utf8(self.act(Talk::begin).1).unwrap();
            let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().split("\r\n").next().unwrap();
            let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
            let answer =
                format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
            let (done, out) = self.act(|talk, cue| talk.hear(answer.as_bytes(), &mut Vec::new(), cue));
            assert_eq!(done, Ok(answer.len()));
            (request, out)
        }

        /// It was let in; answers what it says to that.
        fn join(&mut self) -> Vec<u8> {
            self.upgrade();
            let (done, said) = self.hear(&json!({"id": 1, "connect": {"client": "c", "version": "t"}}));
            assert_eq!(done.is_err(), self.talk.goal == Goal::Forge);
            said
        }

        /// Hears something that does not make it leave.
        fn hear_on(&mut self, message: &Value) {
            assert!(self.hear(message).0.is_ok());
        }

        fn hear(&mut self, message: &Value) -> (Result<usize, Leaves>, Vec<u8>) {
            let text = message.to_string();
            let frame = [&[0x81, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            self.act(|talk, cue| talk.hear(&frame, &mut Vec::new(), cue))
        }
    }

    /// The text of one masked frame.
    fn unmasked(out: &[u8]) -> String {
        let mut cursor = std::io::Cursor::new(out);
        let (header, _) = tungstenite::protocol::frame::FrameHeader::parse(&mut cursor).unwrap().unwrap();
        let begin = usize::try_from(cursor.position()).unwrap();
        let mask = header.mask.unwrap();
        let text = out[begin..].iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_forger_shows_what_it_forged_twice_and_counts_a_server_that_takes_it() {
        let mut stand = Stand::new(Goal::Forge);
        let (request, hello) = stand.upgrade();
        assert!(request.contains("Cookie: holdfast_ticket=forged.token.x\r\n"), "{request}");
        assert!(unmasked(&hello).contains("forged.token.x"));
        let refused = json!({"id": 1, "error": {"code": 109, "message": "m", "temporary": true}});
        assert_eq!((stand.hear(&refused).0, stand.counts.refused_for_now), (Err(Leaves), 1));
        let mut stand = Stand::new(Goal::Forge);
        stand.join();
        assert_eq!(stand.counts.let_in, 1);
    }

    #[test]
    fn an_upgrade_that_is_refused_is_counted_as_what_it_was_answered_with() {
        let mut stand = Stand::new(Goal::Forge);
        stand.act(Talk::begin);
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 3\r\n\r\n";
        let (left, _) = stand.act(|talk, cue| talk.hear(answer, &mut Vec::new(), cue));
        assert_eq!((left, stand.counts.answers(503..504), stand.counts.retry_after), (Err(Leaves), 1, 1));
    }

    #[test]
    fn half_a_handshake_says_nothing_after_it_and_a_goodbye_is_counted_by_its_code() {
        let mut stand = Stand::new(Goal::HalfOpen);
        assert_eq!(stand.upgrade().1, b"");
        let (left, _) = stand.act(|talk, cue| talk.hear(&[0x88, 2, 0x0d, 0xac], &mut Vec::new(), cue));
        assert_eq!((left, stand.counts.closed.get(&3500)), (Err(Leaves), Some(&1)));
    }

    #[test]
    fn who_never_reads_subscribes_and_is_deaf_from_then_on() {
        let mut stand = Stand::new(Goal::NeverRead("teams:a".to_owned()));
        let said = stand.join();
        assert!(unmasked(&said).contains("\"subscribe\"") && stand.talk.is_deaf());
    }

    #[test]
    fn a_flood_by_members_says_something_else_each_time_and_counts_the_answers() {
        let mut stand = Stand::new(Goal::Publish("teams:a".to_owned()));
        assert!(!stand.act(Talk::strike).0, "nothing before it is in");
        stand.join();
        let said: Vec<String> = (0..3).map(|_| unmasked(&stand.act(Talk::strike).1)).collect();
        assert!(said[0].contains("teams:a") && said[0] != said[1] && said[1] != said[2], "{said:?}");
        stand.hear_on(&json!({"id": 2, "rpc": {"data": {}}}));
        stand.hear_on(&json!({"id": 3, "error": {"code": 111, "message": "m", "temporary": true}}));
        stand.hear_on(&json!({"id": 4, "error": {"code": 103, "message": "m"}}));
        let AttackCounts { accepted, refused_for_now, refused, .. } = stand.counts;
        assert_eq!((accepted, refused_for_now, refused), (1, 1, 1));
    }

    #[test]
    fn a_subscription_flood_comes_and_goes_by_turns() {
        let mut stand = Stand::new(Goal::Subscribe("teams:a".to_owned()));
        stand.join();
        let said: Vec<String> = (0..3).map(|_| unmasked(&stand.act(Talk::strike).1)).collect();
        let words = ["\"subscribe\"", "\"unsubscribe\"", "\"subscribe\""];
        assert!(said.iter().zip(words).all(|(said, word)| said.contains(word)), "{said:?}");
    }
}
