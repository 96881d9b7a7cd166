//! What a second showed, and what each sign asks for.

use super::Posture;

/// What was seen in one window of a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signs {
    /// How long what is ready waits for its turn, relative to what it should at most (q); 1 is the target.
    pub pressure: f64,
    /// Strangers who asked to be let in.
    pub strangers_offered: u64,
    /// Those of them who were.
    pub strangers_admitted: u64,
    /// Memory of the process, relative to its ceiling.
    pub memory_share: f64,
    /// Open descriptors, relative to the most that there may be.
    pub descriptors_share: f64,
}

/// Why a posture changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// What is ready waits too long.
    Pressure,
    /// More strangers come than the service has ever taken.
    Strangers,
    /// Memory runs out.
    Memory,
    /// Descriptors run out.
    Descriptors,
    /// All signs were quiet for long enough: one step down.
    Calm,
    /// Another node of the deployment is harder pressed, or no longer is.
    Peers,
    /// An operator says so.
    Override,
    /// What an operator said is over.
    OverrideEnded,
}

impl Trigger {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Pressure,
        Self::Strangers,
        Self::Memory,
        Self::Descriptors,
        Self::Calm,
        Self::Peers,
        Self::Override,
        Self::OverrideEnded,
    ];

    /// The word for it in metrics and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pressure => "pressure",
            Self::Strangers => "strangers",
            Self::Memory => "memory",
            Self::Descriptors => "descriptors",
            Self::Calm => "calm",
            Self::Peers => "peers",
            Self::Override => "override",
            Self::OverrideEnded => "override_ended",
        }
    }
}

/// Below this pressure nothing waits that matters.
pub(super) const PRESSURE_CALM: f64 = 0.5;
/// A share of memory or descriptors is quiet only this far below what asked for a posture, so that it does not swing.
const SHARE_MARGIN: f64 = 0.05;
/// Windows in a row of a sign before it counts.
const WINDOWS: u32 = 2;
/// The same for pressure that asks for more than elevated: three seconds.
const WINDOWS_PRESSED: u32 = 3;
/// A sign this many times over what asks for a posture counts in its first window.
const AT_ONCE_FROM: f64 = 4.0;

/// One sign, and from where on it asks for a posture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    pub(super) posture: Posture,
    pub(super) trigger: Trigger,
    threshold: f64,
    windows: u32,
    /// Whether four times as much can be, and then counts at once; shares cannot.
    is_ratio: bool,
    /// Asks only a service that has this posture already.
    pub(super) after: Posture,
}

const fn ratio(posture: Posture, trigger: Trigger, threshold: f64, windows: u32, after: Posture) -> Demand {
    Demand { posture, trigger, threshold, windows, is_ratio: true, after }
}

const fn share(posture: Posture, trigger: Trigger, threshold: f64) -> Demand {
    Demand { posture, trigger, threshold, windows: WINDOWS, is_ratio: false, after: Posture::Normal }
}

/// Everything that asks for a posture.
pub(super) const DEMANDS: [Demand; 9] = [
    ratio(Posture::Elevated, Trigger::Pressure, 1.0, WINDOWS, Posture::Normal),
    ratio(Posture::Elevated, Trigger::Strangers, 2.0, WINDOWS, Posture::Normal),
    share(Posture::Elevated, Trigger::Memory, 0.75),
    ratio(Posture::UnderAttack, Trigger::Pressure, 2.0, WINDOWS_PRESSED, Posture::Normal),
    ratio(Posture::UnderAttack, Trigger::Strangers, 5.0, WINDOWS, Posture::Normal),
    share(Posture::UnderAttack, Trigger::Memory, 0.85),
    ratio(Posture::Survival, Trigger::Pressure, 4.0, WINDOWS_PRESSED, Posture::UnderAttack),
    share(Posture::Survival, Trigger::Memory, 0.92),
    share(Posture::Survival, Trigger::Descriptors, 0.90),
];

impl Demand {
    /// Whether a value asks for it at all.
    pub(super) fn is_met(&self, value: f64) -> bool {
        value > self.threshold
    }

    /// Whether it counts after so many windows in a row.
    pub(super) fn counts(&self, value: f64, windows: u32) -> bool {
        windows >= self.windows || (self.is_ratio && value > AT_ONCE_FROM * self.threshold)
    }

    /// Whether a value lets a posture go that this had asked for.
    pub(super) fn is_quiet(&self, value: f64) -> bool {
        match self.trigger {
            Trigger::Pressure => value < PRESSURE_CALM,
            Trigger::Memory | Trigger::Descriptors => value < self.threshold - SHARE_MARGIN,
            Trigger::Strangers
            | Trigger::Calm
            | Trigger::Peers
            | Trigger::Override
            | Trigger::OverrideEnded => !self.is_met(value),
        }
    }
}

impl Signs {
    /// The figure behind a trigger. What is no number counts for nothing: a sign that cannot be read must neither
    /// raise a posture nor keep it.
    pub(super) fn value(&self, trigger: Trigger, usual: f64) -> f64 {
        let value = match trigger {
            Trigger::Pressure => self.pressure,
            Trigger::Strangers => as_f64(self.strangers_offered) / usual.max(as_f64(self.strangers_admitted)),
            Trigger::Memory => self.memory_share,
            Trigger::Descriptors => self.descriptors_share,
            Trigger::Calm | Trigger::Peers | Trigger::Override | Trigger::OverrideEnded => 0.0,
        };
        if value.is_nan() { 0.0 } else { value }
    }
}

/// A count as a number to reckon with; beyond four thousand million it makes no difference.
pub(super) fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
