//! How hard pressed the node was, look by look: whoever asks within a minute sees how soon a flood was under control.

use parking_lot::Mutex;
use protocol::Timestamp;
use std::collections::VecDeque;

protocol::limits! {
    /// Looks that are kept, ten a second; older ones go.
    const PRESSURES_KEPT: usize = 600 => unseen;
}

/// The latest looks of the controller.
#[derive(Debug, Default)]
pub(crate) struct Pressures {
    looks: Mutex<VecDeque<(Timestamp, f64)>>,
}

impl Pressures {
    /// Keeps a look.
    pub(super) fn note(&self, at: Timestamp, pressure: f64) {
        let mut looks = self.looks.lock();
        if looks.len() >= PRESSURES_KEPT {
            looks.pop_front();
        }
        looks.push_back((at, pressure));
    }

    /// All looks that are kept and came after `since`, in their order: when, and the pressure.
    pub(crate) fn since(&self, since: Timestamp) -> Vec<(Timestamp, f64)> {
        self.looks.lock().iter().filter(|(at, _)| *at > since).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_looks_are_kept_and_only_what_is_new_is_told() {
        let pressures = Pressures::default();
        assert_eq!(pressures.since(Timestamp::default()), []);
        for (look, pressure) in (1..=700).zip([0.5, 2.0].into_iter().cycle()) {
            pressures.note(Timestamp::from_millis(look * 100), pressure);
        }
        let all = pressures.since(Timestamp::default());
        assert_eq!((all.len(), all[0]), (600, (Timestamp::from_millis(10_100), 0.5)));
        let new = pressures.since(Timestamp::from_millis(69_900));
        assert_eq!(new, [(Timestamp::from_millis(70_000), 2.0)]);
    }
}
