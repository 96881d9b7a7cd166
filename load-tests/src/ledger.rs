//! The delivery ledger: of every acknowledged message, whether each entitled subscriber got it once and in order.
//!
//! A reader keeps a [`Track`] a channel, 48 bytes of it: where it began, how far it came, and a sum over everything that
//! it got. Senders keep what they were answered ([`Acknowledged`]). At the end somebody reads each channel's log from
//! the server ([`Log`]), and [`Audit`] compares the three.

mod audit;
mod log;
mod track;

pub(crate) use audit::{Audit, Findings, Readers};
use log::Log;
pub(crate) use log::{LogEntry, ReadLog};
pub(crate) use track::{Arrival, Statement, Track};

use serde::{Deserialize, Serialize};

/// A publish that was answered with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acknowledged {
    pub(crate) channel: u32,
    pub(crate) offset: u64,
    /// A number for the epoch of the answer.
    pub(crate) epoch: u64,
    /// Of what was said.
    pub(crate) hash: u64,
    pub(crate) sender: u32,
    /// Which message of the sender.
    pub(crate) number: u32,
}

/// What a message at a place adds to a sum. Messages in other places, or others in the place, add something else, so
/// that two readers with one sum have, with all but 2⁻⁶⁴ of certainty, read the same.
pub(crate) fn share(offset: u64, hash: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    let mut z = hash ^ offset.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
