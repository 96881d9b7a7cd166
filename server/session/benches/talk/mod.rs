//! Conversations with a hub behind them; the benchmark plays the driver and the store.
#![expect(clippy::mod_module_files, reason = "a file beside the benchmarks would be one of them")]

use hub::{Bell, Hub};
use identity::{AccessTokens, Claims, Hands, KeySet};
use protocol::{
    ChannelName, ClientId, Encoding, Epoch, MemberId, Offset, Payload, Publication, Role, StreamPosition,
    Timestamp,
};
use session::{Answer, Common, Effect, Joined, Now, Output, Session, Setup, Start, Timing, Unwatched};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const WALL: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[derive(Debug)]
struct Silent;

impl Bell for Silent {
    fn ring(&self, _: &ChannelName) {}
}

/// Many conversations of one node.
pub(crate) struct Crowd {
    pub(crate) tokens: Arc<AccessTokens>,
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) elapsed: Duration,
    encoding: Encoding,
    hub: Hub,
    bell: Arc<dyn Bell>,
    start: Instant,
    next: u64,
    pub(crate) token: String,
}

pub(crate) fn at(offset: u64) -> StreamPosition {
    StreamPosition { epoch: Epoch::parse("a").unwrap(), offset: Offset::new(offset) }
}

impl Crowd {
    pub(crate) fn new(encoding: Encoding) -> Self {
        let tokens = Arc::new(AccessTokens::new(&KeySet::generate().unwrap()).unwrap());
        let claims = Claims {
            roles: vec![Role::Sender],
            channels: vec![ChannelName::bulletins_all()],
            ..Claims::default()
        };
        let member = MemberId::parse("m_4f1c2b7a90").unwrap();
        let token = tokens.mint(&member, &claims, WALL, Duration::from_hours(24)).unwrap();
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        Self {
            tokens,
            effects: VecDeque::new(),
            elapsed: Duration::ZERO,
            encoding,
            hub: Hub::new(1 << 20),
            bell: Arc::new(Silent),
            start,
            next: 11,
            token,
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now { instant: self.start + self.elapsed, wall: WALL.after(self.elapsed) }
    }

    /// A conversation that waits for `connect`.
    pub(crate) fn unidentified(&self) -> Session {
        let common = Arc::new(Common {
            door: Arc::<AccessTokens>::clone(&self.tokens),
            hands: Hands::One,
            timing: Timing::default(),
            watch: Arc::new(Unwatched),
            version: "bench",
        });
        let setup = Setup {
            client: ClientId::new("b7a904f1-c2b7-4a90-8d3e-5f6071829304"),
            encoding: self.encoding,
            ticket: None,
            first_ping: Duration::from_secs(20),
            common,
        };
        Session::new(setup, self.now())
    }

    /// A conversation that reads the bulletins and the service's status.
    pub(crate) fn connected(&mut self) -> Session {
        let mut session = self.unidentified();
        let now = self.now();
        let frame = match self.encoding {
            Encoding::Json => format!(r#"{{"id":1,"connect":{{"token":"{}"}}}}"#, self.token).into_bytes(),
            Encoding::Protobuf => protobuf_connect(&self.token),
        };
        session.handle_frame(&frame, now, &mut self.effects);
        while let Some(effect) = self.effects.pop_front() {
            let Effect::Join { attempt, channel, .. } = effect else { panic!("a join") };
            let membership = self.hub.join(&channel, &self.bell);
            if membership.top().is_none() {
                self.hub.anchor(&channel, at(10));
            }
            let start = Start::Live(membership.top().unwrap());
            let result = Ok(Joined { membership, start });
            session.handle_answer(Answer::Joined { attempt, result }, now, &mut self.effects);
        }
        let mut output = Output::default();
        session.take_output(usize::MAX, now, &mut self.effects, &mut output);
        assert_eq!(output.frames.len(), 1);
        session
    }

    /// Bulletins of 128 bytes come.
    pub(crate) fn deliver(&mut self, count: u64) {
        let name = ChannelName::bulletins_all();
        for _ in 0..count {
            let publication = Publication {
                data: Payload::from_value(&"x".repeat(126)).unwrap(),
                info: None,
                offset: Offset::new(self.next),
                time: WALL,
                key: None,
            };
            self.next += 1;
            self.hub.deliver(&name, &at(0).epoch, &Arc::new(publication));
        }
    }
}

/// Command 1, `connect` with a token of more than 127 and less than 16,384 bytes.
fn protobuf_connect(token: &str) -> Vec<u8> {
    let length = |n: usize| [u8::try_from(n & 0x7f).unwrap() | 0x80, u8::try_from(n >> 7).unwrap()];
    let connect = [&[0x0a], &length(token.len())[..], token.as_bytes()].concat();
    let command = [&[0x08, 1, 0x22], &length(connect.len())[..], &connect].concat();
    [&length(command.len())[..], &command].concat()
}
