//! What a sender has to say: each message stays until it was answered, and is sent again under its key.

use crate::clock::Micros;
use crate::mark::Mark;
use crate::pacing::Pace;
use std::collections::VecDeque;
use std::time::Duration;

/// Most messages of a sender that wait; further ones are not offered, and the run says so.
pub(crate) const OUTBOX_MAX_MESSAGES: usize = 10_000;
/// Most messages of a sender that wait for their answer, and most bytes of them: half of what a node takes of a
/// member, so that it has nothing to refuse.
const WINDOW_MAX_MESSAGES: usize = 32;
const WINDOW_MAX_BYTES: usize = 1024 * 1024;
/// What a server that has no time wants: it refuses for a second.
const HOLD: Duration = Duration::from_millis(1_100);

/// The outbox of one sender.
#[derive(Debug)]
pub(crate) struct Outbox {
    sender: u32,
    channels: Vec<u32>,
    /// Most messages that wait for their answer.
    window: usize,
    pace: Option<(Pace, Micros)>,
    number: u32,
    waiting: VecDeque<Pending>,
    /// How many at the front were sent on this connection.
    sent: usize,
    /// How many of those have no answer.
    in_flight: usize,
    /// One was refused for now: all are sent again once the others are answered, in their order.
    refused: bool,
    /// When the server said to try again; sooner than [`HOLD`] nothing is sent in any case.
    retry_after: Duration,
    hold_until: Option<Micros>,
    next_id: u32,
}

/// A message without an answer.
#[derive(Debug, Clone, Copy)]
struct Pending {
    mark: Mark,
    /// Under which id it was sent on this connection; 0 if it was not.
    id: u32,
    tries: u32,
}

/// A message that is to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) id: u32,
    pub(crate) mark: Mark,
    pub(crate) again: bool,
}

/// What became due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Due {
    pub(crate) offered: u64,
    /// For want of room.
    pub(crate) left_out: u64,
}

impl Outbox {
    /// Ids below this belong to others.
    pub(crate) const FIRST_ID: u32 = 1_000;
    const LAST_ID: u32 = 1_000_000_000;

    pub(crate) fn new(sender: u32, channels: Vec<u32>, payload_bytes: usize) -> Self {
        Self {
            sender,
            channels,
            window: (WINDOW_MAX_BYTES / payload_bytes.max(1)).clamp(1, WINDOW_MAX_MESSAGES),
            pace: None,
            number: 0,
            waiting: VecDeque::new(),
            sent: 0,
            in_flight: 0,
            refused: false,
            retry_after: Duration::ZERO,
            hold_until: None,
            next_id: Self::FIRST_ID,
        }
    }

    /// Whether an id of a reply is one of ours.
    pub(crate) const fn owns(id: u32) -> bool {
        id >= Self::FIRST_ID && id < Self::LAST_ID
    }

    /// Messages become due at this pace until then, or no longer.
    pub(crate) fn follow(&mut self, pace: Option<(Pace, Micros)>) {
        self.pace = pace;
    }

    /// When the next becomes due.
    pub(crate) fn next_due(&self) -> Option<Micros> {
        let (pace, end) = self.pace.as_ref()?;
        Some(pace.next()).filter(|next| next < end)
    }

    /// When it tries again after a refusal.
    pub(crate) const fn hold_until(&self) -> Option<Micros> {
        self.hold_until
    }

    /// Takes what has become due.
    pub(crate) fn take_due(&mut self, run: u32, now: Micros) -> Due {
        let mut due = Due::default();
        while let Some(at) = self.next_due().filter(|at| *at <= now) {
            if let Some((pace, _)) = &mut self.pace {
                pace.advance();
            }
            self.add(run, at, &mut due);
        }
        due
    }

    /// Takes so many that are all due now.
    pub(crate) fn take_at_once(&mut self, count: u32, run: u32, now: Micros) -> Due {
        let mut due = Due::default();
        for _ in 0..count {
            self.add(run, now, &mut due);
        }
        due
    }

    fn add(&mut self, run: u32, at: Micros, due: &mut Due) {
        let turn = usize::try_from(self.number).unwrap_or(0) % self.channels.len().max(1);
        let (Some(channel), true) = (self.channels.get(turn), self.waiting.len() < OUTBOX_MAX_MESSAGES)
        else {
            due.left_out += 1;
            return;
        };
        let mark = Mark { run, sender: self.sender, number: self.number, channel: *channel, due: at };
        self.number += 1;
        self.waiting.push_back(Pending { mark, id: 0, tries: 0 });
        due.offered += 1;
    }

    /// The next message to send, while there is room in the window.
    pub(crate) fn next_to_send(&mut self, now: Micros) -> Option<Sending> {
        if let Some(until) = self.hold_until {
            if now < until {
                return None;
            }
            self.hold_until = None;
            self.sent = 0;
        }
        if self.refused || self.in_flight >= self.window {
            return None;
        }
        let pending = self.waiting.get_mut(self.sent)?;
        self.sent += 1;
        self.in_flight += 1;
        self.next_id = if self.next_id + 1 == Self::LAST_ID { Self::FIRST_ID } else { self.next_id + 1 };
        pending.id = self.next_id;
        pending.tries += 1;
        Some(Sending { id: pending.id, mark: pending.mark, again: pending.tries > 1 })
    }

    /// A message was answered for good: it is done.
    pub(crate) fn done(&mut self, id: u32, now: Micros) -> Option<Mark> {
        let at = self.waiting.iter().take(self.sent).position(|pending| pending.id == id)?;
        let pending = self.waiting.remove(at)?;
        self.sent -= 1;
        self.answered(now);
        Some(pending.mark)
    }

    /// A message was refused for now; the server said for how long.
    pub(crate) fn refuse(&mut self, id: u32, retry_after: Duration, now: Micros) {
        if self.waiting.iter().take(self.sent).any(|pending| pending.id == id) {
            self.refused = true;
            self.retry_after = self.retry_after.max(retry_after);
            self.answered(now);
        }
    }

    fn answered(&mut self, now: Micros) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if self.refused && self.in_flight == 0 {
            self.refused = false;
            self.hold_until = Some(now.after(HOLD.max(self.retry_after)));
            self.retry_after = Duration::ZERO;
        }
    }

    /// The connection is gone: what it did not answer is sent again.
    pub(crate) const fn disconnected(&mut self) {
        self.sent = 0;
        self.in_flight = 0;
        self.refused = false;
        self.retry_after = Duration::ZERO;
        self.hold_until = None;
    }

    /// What has no answer.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = Mark> {
        self.waiting.iter().map(|pending| pending.mark)
    }

    /// How many have none.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::Spread;

    fn ten_a_second() -> Outbox {
        let mut outbox = Outbox::new(3, vec![7, 8], 128);
        let pace = Pace::new(Micros(0), 10.0, 0, 1, Spread::Even, 1);
        outbox.follow(Some((pace, Micros(1_000_000))));
        outbox
    }

    fn send_all(outbox: &mut Outbox, now: Micros) -> Vec<Sending> {
        std::iter::from_fn(|| outbox.next_to_send(now)).collect()
    }

    #[test]
    fn what_is_due_is_offered_whether_or_not_it_can_be_sent() {
        let mut outbox = ten_a_second();
        let due = outbox.take_due(1, Micros(450_000));
        assert_eq!((due.offered, due.left_out), (5, 0));
        assert_eq!(outbox.next_due(), Some(Micros(500_000)));
        assert_eq!(outbox.take_due(1, Micros(9_000_000)).offered, 5, "none after its end");
        assert_eq!(outbox.next_due(), None);
        let channels: Vec<u32> = outbox.unanswered().map(|mark| mark.channel).collect();
        assert_eq!(channels[..4], [7, 8, 7, 8]);
    }

    #[test]
    fn what_is_due_at_once_is_all_due_then() {
        let mut outbox = ten_a_second();
        let due = outbox.take_at_once(16, 1, Micros(70));
        assert_eq!((due.offered, due.left_out), (16, 0));
        assert!(outbox.unanswered().all(|mark| mark.due == Micros(70)));
        let due = outbox.take_at_once(20_000, 1, Micros(80));
        assert_eq!((due.offered, due.left_out), (9_984, 10_016), "an outbox has a bound");
    }

    #[test]
    fn a_lost_connection_sends_everything_again_in_order() {
        let mut outbox = ten_a_second();
        outbox.take_due(1, Micros(250_000));
        let first = send_all(&mut outbox, Micros(250_000));
        assert_eq!(outbox.done(first[0].id, Micros(0)).map(|mark| mark.number), Some(0));
        outbox.disconnected();
        let again = send_all(&mut outbox, Micros(300_000));
        let numbers: Vec<(u32, bool)> =
            again.iter().map(|sending| (sending.mark.number, sending.again)).collect();
        assert_eq!(numbers, [(1, true), (2, true)]);
        assert_eq!(outbox.done(first[1].id, Micros(0)), None, "an id of another connection");
    }

    #[test]
    fn after_a_refusal_nothing_is_sent_until_all_are_answered_and_a_second_is_over() {
        let mut outbox = ten_a_second();
        outbox.take_due(1, Micros(350_000));
        let sent = send_all(&mut outbox, Micros(350_000));
        assert!(outbox.done(sent[0].id, Micros(1)).is_some());
        for sending in &sent[1..] {
            assert_eq!(outbox.hold_until(), None);
            assert_eq!(outbox.next_to_send(Micros(1)), None);
            outbox.refuse(sending.id, Duration::ZERO, Micros(400_000));
        }
        let until = outbox.hold_until().unwrap();
        assert!(until > Micros(1_400_000));
        assert_eq!(outbox.next_to_send(Micros(1_400_000)), None);
        let again: Vec<u32> =
            send_all(&mut outbox, until).iter().map(|sending| sending.mark.number).collect();
        assert_eq!(again, [1, 2, 3]);
    }

    #[test]
    fn it_waits_for_as_long_as_the_server_says() {
        let mut outbox = ten_a_second();
        outbox.take_due(1, Micros(150_000));
        let sent = send_all(&mut outbox, Micros(150_000));
        outbox.refuse(sent[0].id, Duration::from_secs(8), Micros(200_000));
        outbox.refuse(sent[1].id, Duration::from_secs(1), Micros(200_000));
        assert_eq!(outbox.hold_until(), Some(Micros(8_200_000)));
        assert_eq!(outbox.next_to_send(Micros(8_199_999)), None);
        let again = send_all(&mut outbox, Micros(8_200_000));
        outbox.refuse(again[0].id, Duration::ZERO, Micros(8_300_000));
        outbox.refuse(again[1].id, Duration::ZERO, Micros(8_300_000));
        assert_eq!(outbox.hold_until(), Some(Micros(9_400_000)), "the next refusal is another one");
    }

    #[test]
    fn the_window_and_the_outbox_have_a_bound() {
        for (payload_bytes, window) in
            [(0, WINDOW_MAX_MESSAGES), (128, WINDOW_MAX_MESSAGES), (32_768, 32), (1 << 30, 1)]
        {
            let mut outbox = Outbox::new(0, vec![0], payload_bytes);
            let pace = Pace::new(Micros(0), 1e6, 0, 1, Spread::Even, 1);
            outbox.follow(Some((pace, Micros(u64::MAX))));
            let due = outbox.take_due(1, Micros(20_000));
            assert_eq!((due.offered, due.left_out), (10_000, 10_001));
            assert_eq!(send_all(&mut outbox, Micros(0)).len(), window);
        }
    }
}
