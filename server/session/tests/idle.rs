//! What an idle connection costs above its socket, and that giving it one publication takes no memory.
//!
//! The allocator counts all that happens in the process: this file has one test.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says its figures"
)]

use hub::{Bell, Hub};
use identity::{AccessTokens, Claims, Hands, KeySet};
use protocol::{
    ChannelName, ClientId, Encoding, Epoch, MemberId, Offset, Payload, Publication, Role, StreamPosition,
    Timestamp,
};
use session::{Answer, Common, Effect, Joined, Now, Output, Session, Setup, Start, Timing, Unwatched};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const WALL: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Conversations over which the figure is a mean.
const MANY: usize = 1_000;
/// Most bytes on the heap of an identified member who reads the status, the bulletins, a team and an inbox of their own:
/// the conversation and its part of the hub.
const MEMBER_MAX_BYTES: usize = 1_350;

#[derive(Debug)]
struct Silent;

impl Bell for Silent {
    fn ring(&self, _: &ChannelName) {}
}

struct Crowd {
    tokens: Arc<AccessTokens>,
    common: Arc<Common>,
    hub: Hub,
    bell: Arc<dyn Bell>,
    now: Now,
    effects: VecDeque<Effect>,
    output: Output,
}

fn at(offset: u64) -> StreamPosition {
    StreamPosition { epoch: Epoch::parse("1f0c9a7e5b3d").unwrap(), offset: Offset::new(offset) }
}

impl Crowd {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let instant = Instant::now();
        let tokens = Arc::new(AccessTokens::new(&KeySet::generate().unwrap()).unwrap());
        let common = Arc::new(Common {
            door: Arc::<AccessTokens>::clone(&tokens),
            hands: Hands::One,
            timing: Timing::default(),
            watch: Arc::new(Unwatched),
            version: "test",
        });
        Self {
            tokens,
            common,
            hub: Hub::new(1 << 20),
            bell: Arc::new(Silent),
            now: Now { instant, wall: WALL },
            effects: VecDeque::new(),
            output: Output::default(),
        }
    }

    fn token(&self, number: usize) -> String {
        let member = MemberId::parse(&format!("m_{number:012}")).unwrap();
        let channels = vec![
            ChannelName::bulletins_all(),
            ChannelName::team("leaflets").unwrap(),
            ChannelName::inbox(&member),
        ];
        let teams = vec!["leaflets".to_owned()];
        let claims = Claims { roles: vec![Role::Activist], channels, teams, ..Claims::default() };
        self.tokens.mint(&member, &claims, WALL, Duration::from_hours(24)).unwrap()
    }

    fn member(&mut self, number: usize, token: &str) -> Session {
        let setup = Setup {
            client: ClientId::new(&format!("b7a904f1-c2b7-4a90-8d3e-{number:012}")),
            encoding: Encoding::Json,
            ticket: None,
            first_ping: Duration::from_secs(20),
            common: Arc::clone(&self.common),
        };
        let mut session = Session::new(setup, self.now);
        let frame = format!(r#"{{"id":1,"connect":{{"token":"{token}"}}}}"#);
        session.handle_frame(frame.as_bytes(), self.now, &mut self.effects);
        let mut joined = 0;
        while let Some(effect) = self.effects.pop_front() {
            let Effect::Join { attempt, channel, .. } = effect else { panic!("a join") };
            let membership = self.hub.join(&channel, &self.bell);
            if membership.top().is_none() {
                self.hub.anchor(&channel, at(10));
            }
            let start = Start::Live(membership.top().unwrap());
            let result = Ok(Joined { membership, start });
            session.handle_answer(Answer::Joined { attempt, result }, self.now, &mut self.effects);
            joined += 1;
        }
        assert_eq!(joined, 4);
        assert_eq!(self.take(&mut session), 1);
        session
    }

    fn take(&mut self, session: &mut Session) -> usize {
        session.take_output(16 * 1024, self.now, &mut self.effects, &mut self.output);
        self.output.frames.len()
    }

    fn deliver(&self, offset: u64) {
        let data = Payload::from_value(&"x".repeat(126)).unwrap();
        let publication =
            Publication { data, info: None, offset: Offset::new(offset), time: WALL, key: None };
        self.hub.deliver(&ChannelName::bulletins_all(), &at(0).epoch, &Arc::new(publication));
    }
}

#[test]
fn an_idle_member_costs_little_and_a_publication_for_one_takes_no_memory() {
    let mut crowd = Crowd::new();
    let tokens: Vec<String> = (0..=MANY).map(|number| crowd.token(number)).collect();
    // What comes with the first is not counted to anyone.
    let _first = crowd.member(MANY, &tokens[MANY]);
    let mut sessions = Vec::with_capacity(MANY);
    let region = Region::new(COUNTING);
    for (number, token) in tokens.iter().take(MANY).enumerate() {
        let session = crowd.member(number, token);
        sessions.push(session);
    }
    let change = region.change();
    let member = change.bytes_allocated.saturating_sub(change.bytes_deallocated) / MANY;
    println!("{member} bytes a member");

    // The first reader has the publication encoded, for all of them.
    crowd.deliver(11);
    assert_eq!(crowd.take(&mut sessions[0]), 1);
    let region = Region::new(COUNTING);
    for session in &mut sessions[1..] {
        assert_eq!(crowd.take(session), 1);
        assert_eq!(crowd.take(session), 0);
    }
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0));
    assert!(member <= MEMBER_MAX_BYTES, "{member} bytes a member, more than {MEMBER_MAX_BYTES}");
}
