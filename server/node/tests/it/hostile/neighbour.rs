//! A member who posts and reads beside an attack, and must not feel it.

use super::raw::{Peer, Said, text};
use crate::node::{TestNode, token};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// One attack at a time: each is judged by itself.
static ATTACK: Mutex<()> = Mutex::new(());
/// Longest that a message may take from its author back to its author, through the store.
const THERE_AND_BACK_MAX: Duration = Duration::from_secs(1);
/// Between two of its messages, so that it stays below the rate that a member may have.
const PACE: Duration = Duration::from_millis(20);
/// Most memory that an attack may cost a node, the neighbour's own traffic included.
const GROWTH_MAX_BYTES: usize = 16 * 1_024 * 1_024;

/// Runs an attack; neither the node's memory nor a member beside it may feel it.
pub(super) fn unfelt(node: &TestNode, data: &Path, attack: impl FnOnce()) {
    let _alone = ATTACK.lock().unwrap_or_else(PoisonError::into_inner);
    let token = token(data, &["--sub", "m_neighbour", "--teams", "street"]);
    let mut peer = Peer::identified(node.address, &token);
    peer.send(&text(&json!({"id": 2, "subscribe": {"channel": "teams:street"}}).to_string()));
    until(&mut peer, |message| message.get("subscribe").is_some());
    there_and_back(&mut peer, 0);
    let before = node.resident_bytes();

    let over = Arc::new(AtomicBool::new(false));
    let at_work = thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let mut worst = Duration::ZERO;
            for round in 1.. {
                worst = worst.max(there_and_back(&mut peer, round));
                thread::sleep(PACE);
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
            worst
        }
    });
    attack();
    over.store(true, Ordering::Relaxed);
    let worst = at_work.join().unwrap();
    let growth = node.peak_bytes().saturating_sub(before);
    assert!(worst < THERE_AND_BACK_MAX, "a neighbour waited {worst:?}");
    assert!(growth < GROWTH_MAX_BYTES, "the node grew by {growth} bytes");
}

/// Posts a message and waits for it.
fn there_and_back(peer: &mut Peer, round: u64) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "this test measures")]
    let start = Instant::now();
    let data = json!({"id": format!("round {round}")});
    let publish = json!({"id": 3 + round, "publish": {"channel": "teams:street", "data": data}});
    peer.send(&text(&publish.to_string()));
    let (mut answered, mut came) = (false, false);
    until(peer, |message| {
        answered |= message.get("publish").is_some();
        came |= message["push"]["pub"]["data"] == data;
        answered && came
    });
    start.elapsed()
}

fn until(peer: &mut Peer, mut is_there: impl FnMut(&Value) -> bool) {
    loop {
        match peer.said() {
            Said::Message(message) => {
                assert!(message.get("error").is_none(), "{message}");
                if is_there(&message) {
                    return;
                }
            }
            Said::Closed(code) => panic!("the neighbour was cut off with {code:?}"),
        }
    }
}
