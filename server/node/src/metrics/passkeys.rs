//! Ceremonies of passkeys, by what came of them.

use crate::metrics::label::{Book, EachOfTwo, Label};
use prometheus_client::metrics::counter::Counter;
use std::borrow::Cow;

/// Counters of ceremonies.
#[derive(Debug)]
pub(crate) struct PasskeyCounters(EachOfTwo<Ceremony, Outcome, Counter>);

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    /// A passkey is registered.
    Registration,
    /// One is shown.
    Assertion,
    /// Somebody signs in by one.
    SignIn,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was begun.
    Begun,
    /// There are two of the passkey.
    Cloned,
    /// It counts.
    Done,
    /// It was not the time or the place for it, or the store was away.
    NotNow,
    /// What the browser said was no good answer.
    Refused,
    /// There was no such ceremony or code.
    Unknown,
}

impl PasskeyCounters {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self(book.each_of_two("passkey_ceremonies", "Ceremonies of passkeys, by what came of them", None))
    }

    /// Something came of a ceremony.
    pub(crate) fn ended(&self, ceremony: Ceremony, outcome: Outcome) {
        if let Some(counter) = self.0.of_both(ceremony, outcome) {
            counter.inc();
        }
    }
}

impl Label for Ceremony {
    const NAME: &'static str = "ceremony";
    const ALL: &'static [Self] = &[Self::Registration, Self::Assertion, Self::SignIn];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Registration => "registration",
            Self::Assertion => "assertion",
            Self::SignIn => "sign_in",
        }
        .into()
    }
}

impl Label for Outcome {
    const NAME: &'static str = "outcome";
    const ALL: &'static [Self] =
        &[Self::Begun, Self::Cloned, Self::Done, Self::NotNow, Self::Refused, Self::Unknown];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Begun => "begun",
            Self::Cloned => "cloned",
            Self::Done => "done",
            Self::NotNow => "not_now",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
        .into()
    }
}
