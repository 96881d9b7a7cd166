//! Bounds. Every bound of the project is a constant inside [`limits!`](crate::limits!), which also describes it: its
//! name, its value, what happens when it is reached (the constant's documentation) and where that can be seen.
//! `holdfast limits` prints all of them. Those of the wire are here; others are beside what they bound.

use std::fmt;
use std::time::Duration;

/// The metric that counts how often bounds were reached, by name.
pub const REACHED_METRIC: &str = "holdfast_limits_reached_total";

/// A bound as documents and metrics know it. Its name says the unit, or what is counted.
#[derive(Clone, Copy)]
pub struct Limit {
    /// The constant's name.
    pub name: &'static str,
    /// What is bounded, and what happens when it is reached.
    pub meaning: &'static str,
    /// Where it can be seen that it was reached.
    pub seen: Seen,
    /// The option of `holdfast serve` that changes it; then the constant is the default.
    pub option: Option<&'static str>,
    #[doc(hidden)]
    pub bound: fn() -> Bound,
}

/// Where it can be seen that a bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// In [`REACHED_METRIC`], under the bound's own name.
    Counted,
    /// In this metric.
    Shown(&'static str),
    /// Nowhere: it refuses nothing while the node serves.
    Unseen,
}

/// A bound's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Of bytes, or of what the name counts.
    Number(u64),
    /// Of time.
    Time(Duration),
}

impl Limit {
    /// The bound's value.
    pub fn value(&self) -> Bound {
        (self.bound)()
    }

    /// The name as a label of metrics.
    pub fn label(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// Names are unique, so two limits of one name are one.
impl PartialEq for Limit {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Limit {}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.name, self.value())
    }
}

impl From<usize> for Bound {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<u64> for Bound {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Bound {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Duration> for Bound {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

/// Defines constants and describes them.
///
/// `=> counted` says that whoever reaches the bound is counted in [`REACHED_METRIC`];
/// `=> shown "METRIC"` that another metric shows it; `=> unseen` that there is nothing to see. `option "--NAME"` may
/// follow. Beside each constant there is a [`Limit`] of the same name in the module `reached`,
/// and `LIMITS` lists them all.
#[macro_export]
macro_rules! limits {
    ($($(#[doc = $meaning:literal])+ $visibility:vis const $name:ident: $kind:ty = $value:expr =>
        $seen:ident $($metric:literal)? $(option $option:literal)?;)+) => {
        $($(#[doc = $meaning])+ $visibility const $name: $kind = $value;)+

        /// The bounds above, described.
        pub(crate) const LIMITS: &[$crate::limits::Limit] = &[$(reached::$name),+];

        /// The bounds by their names, for whoever finds that one was reached.
        pub mod reached {
            $($(#[doc = $meaning])+
            pub const $name: $crate::limits::Limit = $crate::limits::Limit {
                name: stringify!($name),
                meaning: concat!($($meaning),+),
                seen: $crate::limits::seen::$seen($($metric)?),
                option: $crate::limits::seen::option(&[$($option)?]),
                bound: || $crate::limits::Bound::from(super::$name),
            };)+
        }
    };
}

/// What [`limits!`](crate::limits!) is made of.
#[doc(hidden)]
pub mod seen {
    use super::Seen;

    pub const fn counted() -> Seen {
        Seen::Counted
    }

    pub const fn shown(metric: &'static str) -> Seen {
        Seen::Shown(metric)
    }

    pub const fn unseen() -> Seen {
        Seen::Unseen
    }

    pub const fn option(given: &[&'static str]) -> Option<&'static str> {
        match given {
            [] => None,
            [first, ..] => Some(first),
        }
    }
}

/// The bounds of the wire.
pub const WIRE: &[Limit] = LIMITS;

crate::limits! {
    /// Longest channel name; longer ones get error 107.
    pub const CHANNEL_NAME_MAX_BYTES: usize = 255 => shown "holdfast_error_replies";
    /// Longest member id; longer ones make a token invalid.
    pub const MEMBER_ID_MAX_BYTES: usize = 64 => shown "holdfast_connections_closed";
    /// Longest idempotency key; longer ones get error 107.
    pub const IDEMPOTENCY_KEY_MAX_BYTES: usize = 128 => shown "holdfast_error_replies";
    /// Longest epoch that a client may show; longer ones are unknown epochs.
    pub const EPOCH_MAX_BYTES: usize = 32 => unseen;
    /// Largest frame that is read from a client; larger ones close the socket with 1009 before they are buffered.
    pub const FRAME_MAX_BYTES: usize = 64 * 1024 => counted;
    /// Most frames of one message of a client; more close the socket with 1008 before they are buffered.
    pub const FRAGMENTS_PER_MESSAGE_MAX: u32 = 64 => counted;
    /// Most commands in one frame; more close the socket with 3501.
    pub const COMMANDS_PER_FRAME_MAX: usize = 256 => counted;
    /// Largest payload of one publication; larger ones get error 107.
    pub const PAYLOAD_MAX_BYTES: usize = 32 * 1024 => shown "holdfast_error_replies";
    /// Most subscriptions of one connection; more get error 106.
    pub const SUBSCRIPTIONS_PER_CONNECTION_MAX: usize = 128 => counted;
    /// Most requests of one connection that wait for an answer; more get error 111, or `later` for a publish by rpc.
    pub const REQUESTS_IN_FLIGHT_MAX: usize = 256 => counted;
    /// Most bulletins that one call of `receipts` names; more get error 107.
    pub const RECEIPTS_PER_CALL_MAX: usize = 64 => unseen;
    /// Most publications in one reply or one page read from the store; the rest follows in further ones.
    pub const PAGE_MAX_PUBLICATIONS: usize = 300 => unseen;
    /// Most bytes of payload in one reply or one page read from the store; one publication may exceed it alone.
    pub const PAGE_MAX_BYTES: usize = 32 * 1024 => unseen;
    /// Deepest nesting of a payload; deeper ones get error 107. A command around it that is deeper closes with 3501.
    pub const NESTING_MAX_LEVELS: usize = 64 => shown "holdfast_error_replies";
    /// Most requests a second that one connection may keep up; more get error 111 once the burst is used up.
    pub const REQUESTS_MAX_PER_SECOND: u32 = 200 => shown "holdfast_error_replies";
    /// Most requests of one connection at once after a quiet time; the next ones get error 111 for
    /// [`REQUESTS_PAUSE_SECONDS`].
    pub const REQUESTS_BURST_MAX: u32 = 1_000 => counted;
    /// How long requests are refused after the burst was used up, and messages after one was refused for now: long enough
    /// for a client to hear of it, so that what it sent behind the first refusal is refused too and its messages keep
    /// their order.
    pub const REQUESTS_PAUSE_SECONDS: u64 = 1 => unseen;
    /// Most requests that are refused one after the other for coming too fast; the next one closes with 3013.
    pub const REFUSALS_IN_A_ROW_MAX: u32 = 1_000 => counted;
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro is for modules that others see into")]
mod tests {
    use super::*;

    limits! {
        /// Two lines,
        /// one sentence.
        const PATIENCE: Duration = Duration::from_secs(3) => shown "holdfast_x" option "--patience";
        /// Another.
        const THINGS_MAX: u32 = 7 => unseen;
    }

    #[test]
    fn a_constant_is_described_where_it_is_defined() {
        let [patience, things] = LIMITS else { panic!("two") };
        assert_eq!((patience.name, patience.value()), ("PATIENCE", Bound::Time(PATIENCE)));
        assert_eq!(patience.meaning, " Two lines, one sentence.");
        assert_eq!((patience.seen, patience.option), (Seen::Shown("holdfast_x"), Some("--patience")));
        assert_eq!((things.value(), things.seen, things.option), (Bound::Number(7), Seen::Unseen, None));
        assert_eq!(reached::THINGS_MAX, *things);
        assert_ne!(reached::THINGS_MAX, *patience);
        assert_eq!(super::reached::FRAME_MAX_BYTES.label(), "frame_max_bytes");
    }
}
