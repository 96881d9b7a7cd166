//! Which proofs were shown lately, so that each counts once. Of one device so many, and of so many devices: beyond that
//! nobody is believed until older ones are forgotten, which a device that is used by a person does not reach.

use super::{NotProven, ProofKey, Proven};
use protocol::Timestamp;
use std::collections::HashMap;
use std::fmt;

protocol::limits! {
    /// Proofs of one device that are remembered while they would count again; a further one is asked for again later.
    pub const PROOFS_OF_DEVICE_MAX: usize = 128 => unseen;
    /// Devices whose proofs are remembered at once; of a further one a proof is asked for again later.
    pub const PROVING_DEVICES_MAX: usize = 16_384 => unseen;
}

/// The proofs that a node has seen and that would still count.
#[derive(Default)]
pub struct ProofMemory {
    shown: HashMap<ProofKey, Vec<Proven>>,
}

impl ProofMemory {
    /// Takes a good proof of a key, if it was not shown before.
    pub fn take(&mut self, key: &ProofKey, proven: Proven, now: Timestamp) -> Result<(), NotProven> {
        if !self.shown.contains_key(key) && self.shown.len() >= PROVING_DEVICES_MAX {
            self.shown.retain(|_, of_device| of_device.iter().any(|shown| shown.ends > now));
            if self.shown.len() >= PROVING_DEVICES_MAX {
                return Err(NotProven);
            }
        }
        let of_device = self.shown.entry(key.clone()).or_default();
        of_device.retain(|shown| shown.ends > now);
        let is_new = of_device.iter().all(|shown| shown.id != proven.id);
        if !is_new || of_device.len() >= PROOFS_OF_DEVICE_MAX {
            return Err(NotProven);
        }
        of_device.push(proven);
        Ok(())
    }
}

impl fmt::Debug for ProofMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofMemory").field("devices", &self.shown.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn key(n: usize) -> ProofKey {
        ProofKey::of_text(&format!("{n}.y")).unwrap()
    }

    fn proven(n: usize) -> Proven {
        Proven { id: format!("proof-{n}"), ends: NOW.after(super::super::PROOF_WINDOW) }
    }

    #[test]
    fn a_proof_counts_once_and_another_device_may_have_the_same_id() {
        let mut memory = ProofMemory::default();
        assert_eq!(memory.take(&key(0), proven(0), NOW), Ok(()));
        assert_eq!(memory.take(&key(0), proven(0), NOW), Err(NotProven));
        assert_eq!(memory.take(&key(1), proven(0), NOW), Ok(()));
    }

    #[test]
    fn a_device_that_proves_too_often_waits_and_is_in_nobody_elses_way() {
        let mut memory = ProofMemory::default();
        for n in 0..PROOFS_OF_DEVICE_MAX {
            memory.take(&key(0), proven(n), NOW).unwrap();
        }
        let more = proven(PROOFS_OF_DEVICE_MAX);
        assert_eq!(memory.take(&key(0), more.clone(), NOW), Err(NotProven));
        assert_eq!(memory.take(&key(1), more.clone(), NOW), Ok(()));
        assert_eq!(memory.take(&key(0), more, NOW.after(2 * super::super::PROOF_WINDOW)), Ok(()));
    }

    #[test]
    fn memory_does_not_grow_with_devices() {
        let mut memory = ProofMemory::default();
        for n in 0..PROVING_DEVICES_MAX {
            memory.take(&key(n), proven(0), NOW).unwrap();
        }
        let one_more = key(PROVING_DEVICES_MAX);
        assert_eq!(memory.take(&one_more, proven(0), NOW), Err(NotProven));
        let later = NOW.after(2 * super::super::PROOF_WINDOW);
        assert_eq!(memory.take(&one_more, proven(1), later), Ok(()));
        assert_eq!(memory.shown.len(), 1);
    }
}
