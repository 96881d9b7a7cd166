//! What a second showed: the one place where the signs of pressure come together.

use crate::assembly::Node;
use crate::clock;
use crate::process;
use admission::Signs;
use std::time::{Duration, Instant};

/// How long a count of descriptors is good that had to be made one by one.
const COUNTED_FOR: Duration = Duration::from_secs(10);

/// Gathers the signs of a node, once a second.
#[derive(Debug, Default)]
pub(super) struct SignsOfNode {
    descriptors: Option<(Instant, u64)>,
}

impl SignsOfNode {
    /// What the last second showed. Whoever measures more adds it here.
    pub(super) fn gather(&mut self, node: &Node) -> Signs {
        let (strangers_offered, strangers_admitted) = node.gate.take_strangers();
        Signs {
            pressure: node.gate.take_pressure(),
            strangers_offered,
            strangers_admitted,
            memory_share: share(process::resident_bytes().unwrap_or(0), node.posture.memory_max()),
            descriptors_share: share(self.descriptors(), node.posture.descriptors_max()),
        }
    }

    fn descriptors(&mut self) -> u64 {
        if let Some(count) = process::open_descriptors_at_once() {
            return count;
        }
        let now = clock::now().instant;
        match self.descriptors {
            Some((at, count)) if now.saturating_duration_since(at) < COUNTED_FOR => count,
            Some(_) | None => {
                let count = process::open_descriptors().unwrap_or(0);
                self.descriptors = Some((now, count));
                count
            }
        }
    }
}

/// How much of something is in use.
fn share(used: u64, most: u64) -> f64 {
    // In thousandths, which a float holds exactly.
    let thousandths = u128::from(used).saturating_mul(1_000) / u128::from(most.max(1));
    f64::from(u32::try_from(thousandths).unwrap_or(u32::MAX)) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_when_all_is_used_and_nothing_divides_by_zero() {
        for (used, most, expected) in [(0, 10, 0.0), (5, 10, 0.5), (10, 10, 1.0), (u64::MAX, u64::MAX, 1.0)] {
            assert!((share(used, most) - expected).abs() < 1e-9);
        }
        assert!(share(u64::MAX, 0) > 1_000.0);
    }
}
