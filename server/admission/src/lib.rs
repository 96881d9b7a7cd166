//! Who is served now, who waits and for how long, and how hard pressed the service is: decisions, pure. What was seen
//! and `now` come in, verdicts go out; sockets, clocks and stores belong to others.

pub mod account_rates;
pub mod adaptive;
pub mod allowance;
pub mod anteroom;
mod backlog;
pub mod credit;
mod criticality;
pub mod fair_queue;
pub mod heavy;
pub mod known;
mod level;
pub mod permit;
mod posture;
pub mod prefix;
pub mod pressure;
pub mod threshold;
pub mod turning_away;
pub mod urgent;
pub mod waiting_room;

pub use account_rates::AccountRates;
pub use adaptive::Adaptive;
pub use allowance::Allowance;
pub use anteroom::{Anteroom, Guest};
pub use backlog::Backlog;
pub use credit::Credits;
pub use criticality::Criticality;
pub use fair_queue::FairQueue;
pub use heavy::{Heavy, HeavyHitters};
pub use level::{BUCKETS, Level};
pub use permit::{Budget, Permit};
pub use posture::{ATTACK_HOLD, Agreed, Posture, PostureMachine, Signs, Transition, Trigger, agreed};
pub use prefix::{Prefix, PrefixMeter};
pub use pressure::{Delays, Overload};
pub use threshold::{Offered, Threshold};
pub use turning_away::TurningAway;
pub use urgent::UrgentAllowance;
pub use waiting_room::WaitingRoom;

/// The bounds of admission.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    prefix::LIMITS,
    known::LIMITS,
    heavy::LIMITS,
    waiting_room::LIMITS,
    waiting_room::QUEUE,
    waiting_room::RATE,
    account_rates::LIMITS,
];
/// The bounds of postures.
pub const POSTURE: &[protocol::limits::Limit] = posture::LIMITS;
/// How long a posture lets deliveries wait.
pub const DELIVERY: &[protocol::limits::Limit] = posture::SHEDS;
/// The bounds of publishing.
pub const PUBLISHING: &[&[protocol::limits::Limit]] = &[credit::LIMITS, fair_queue::LIMITS, urgent::LIMITS];
