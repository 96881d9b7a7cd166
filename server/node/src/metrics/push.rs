//! How notifications fare at push services: classes of answers, and no device.

use super::label::{Book, Each, Label};
use super::sampled::{Level, set};
use crate::assembly::Node;
use campaign::web_push::Answer;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;

/// What a push service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Sent,
    Gone,
    Refused,
    Throttled,
    Failed,
}

impl Label for Answered {
    const NAME: &'static str = "answer";
    const ALL: &'static [Self] = &[Self::Sent, Self::Gone, Self::Refused, Self::Throttled, Self::Failed];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Sent => "sent",
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
        }
        .into()
    }
}

/// Counted as push services answer, and looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct PushFigures {
    answers: Each<Answered, Counter>,
    waiting: Level,
    oldest: Gauge<f64, AtomicU64>,
}

impl PushFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self {
            answers: book.each("push_answers", "Notifications by what push services answered", None),
            waiting: book.one("push_waiting", "Notifications that wait for a device, at most 1000", None),
            oldest: book.one(
                "push_oldest",
                "For how long the oldest notification that could go has not gone",
                Some(Unit::Seconds),
            ),
        }
    }

    /// A push service answered, or did not.
    pub(crate) fn answered(&self, answer: Answer) {
        let answered = match answer {
            Answer::Gone => Answered::Gone,
            Answer::Failed(_) => Answered::Failed,
            Answer::Refused => Answered::Refused,
            Answer::Taken => Answered::Sent,
            Answer::Throttled(_) => Answered::Throttled,
        };
        if let Some(counter) = self.answers.of(answered) {
            counter.inc();
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let backlog = node.web_push.backlog.get();
        set(&self.waiting, backlog.waiting);
        self.oldest.set(backlog.oldest.as_secs_f64());
    }
}
