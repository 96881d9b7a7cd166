//! What the full screen knows of the run: the last interval, a stretch before it, and the last notes.

use super::format;
use super::history::History;
use crate::progress::{Progress, Totals};
use crate::report::series::Interval;
use std::collections::VecDeque;

/// Most notes that are remembered; for each one more the oldest is forgotten.
const NOTES_MAX: usize = 100;

/// The state of the screen. Before the first interval all of it is empty.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) scenario: String,
    pub(super) clients: u64,
    pub(super) phase_s: f64,
    pub(super) phase_of_s: f64,
    pub(super) interval: Interval,
    pub(super) totals: Totals,
    pub(super) history: History,
    notes: VecDeque<Note>,
    /// Whether whoever looks at it asked for the end.
    pub(super) ending: bool,
}

/// Something that happened after the interval that ended at `t`.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) t: f64,
    pub(super) text: String,
}

impl Board {
    /// An interval is over.
    pub(super) fn show(&mut self, progress: &Progress<'_>) {
        progress.scenario.clone_into(&mut self.scenario);
        self.clients = progress.clients;
        self.phase_s = progress.phase_s;
        self.phase_of_s = progress.phase_of_s;
        self.interval.clone_from(progress.interval);
        self.totals = progress.totals;
        self.history.push(progress.interval);
    }

    /// Something happened.
    pub(super) fn note(&mut self, text: &str) {
        if self.notes.len() >= NOTES_MAX {
            self.notes.pop_front();
        }
        self.notes.push_back(Note { t: self.interval.t, text: format::one_line(text) });
    }

    /// The last notes, at most so many, the latest last.
    pub(super) fn last_notes(&self, most: usize) -> impl Iterator<Item = &Note> {
        self.notes.iter().skip(self.notes.len().saturating_sub(most))
    }

    /// How much of the phase is over, from 0 to 1; 0 if it has no end.
    pub(super) fn phase_share(&self) -> f64 {
        let share = self.phase_s / self.phase_of_s;
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_note_is_forgotten_at_the_bound() {
        let mut board = Board::default();
        for at in 0..NOTES_MAX + 5 {
            board.note(&format!("note {at}"));
        }
        assert_eq!(board.notes.len(), NOTES_MAX);
        let last: Vec<&str> = board.last_notes(2).map(|note| note.text.as_str()).collect();
        assert_eq!(last, ["note 103", "note 104"]);
    }

    #[test]
    fn a_phase_is_never_more_than_over() {
        let share = |phase_s, phase_of_s| Board { phase_s, phase_of_s, ..Board::default() }.phase_share();
        let shares = [share(5.0, 10.0), share(11.0, 10.0), share(0.0, 0.0), share(5.0, f64::INFINITY)];
        assert_eq!(shares.map(|share| format!("{share:.2}")), ["0.50", "1.00", "0.00", "0.00"]);
    }
}
