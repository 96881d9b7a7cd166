//! Which rows of the screen are whose, for any height.

use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// What can be on the screen, from the top to the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Title,
    Phase,
    Clients,
    DeliveriesRule,
    Deliveries,
    DeliveriesBars,
    Publishes,
    LatencyRule,
    LiveLatency,
    LiveLatencyBars,
    PublishLatency,
    LedgerRule,
    Ledger,
    ProcessesRule,
    Processes,
    NotesRule,
    Notes,
    Footer,
}

/// Who gets rows, the most important first, until there are none left. The first 24 rows are those of a usual
/// terminal.
const SHARES: &[(Slot, u16)] = &[
    (Slot::Ledger, 1),
    (Slot::Deliveries, 1),
    (Slot::Title, 1),
    (Slot::Footer, 1),
    (Slot::LiveLatency, 1),
    (Slot::Clients, 1),
    (Slot::Phase, 1),
    (Slot::Publishes, 1),
    (Slot::PublishLatency, 1),
    (Slot::Processes, 2),
    (Slot::Notes, 1),
    (Slot::DeliveriesBars, 2),
    (Slot::DeliveriesRule, 1),
    (Slot::LedgerRule, 1),
    (Slot::LatencyRule, 1),
    (Slot::ProcessesRule, 1),
    (Slot::NotesRule, 1),
    (Slot::LiveLatencyBars, 2),
    (Slot::Notes, 1),
    (Slot::Processes, 1),
    (Slot::DeliveriesBars, 1),
    // From here on it is more than 24.
    (Slot::LiveLatencyBars, 1),
    (Slot::Processes, 1),
    (Slot::Notes, 1),
    (Slot::DeliveriesBars, 1),
    (Slot::Processes, 2),
    (Slot::Notes, 2),
    (Slot::DeliveriesBars, 1),
    (Slot::LiveLatencyBars, 1),
    (Slot::Processes, 2),
    (Slot::Notes, 2),
    (Slot::DeliveriesBars, 2),
    (Slot::LiveLatencyBars, 2),
];

/// Divides the area. What gets no rows is not in it; what remains goes to the notes. `processes` is how many there
/// are: more rows than that they do not get.
pub(super) fn divide(area: Rect, processes: usize) -> Vec<(Slot, Rect)> {
    let processes = u16::try_from(processes).unwrap_or(u16::MAX);
    let mut left = area.height;
    let mut rows: BTreeMap<Slot, u16> = BTreeMap::new();
    for &(slot, wanted) in SHARES {
        let has = rows.get(&slot).copied().unwrap_or(0);
        let of_processes = matches!(slot, Slot::Processes | Slot::ProcessesRule);
        let share = if of_processes { wanted.min(processes.saturating_sub(has)) } else { wanted };
        if share > 0 && share <= left {
            left -= share;
            rows.insert(slot, has + share);
        }
    }
    if let Some(notes) = rows.get_mut(&Slot::Notes) {
        *notes += left;
    }
    let mut y = area.y;
    let place = |(slot, height): (Slot, u16)| {
        let place = Rect { y, height, ..area };
        y += height;
        (slot, place)
    };
    rows.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn height(rows: &[(Slot, Rect)], slot: Slot) -> u16 {
        rows.iter().find(|(of, _)| *of == slot).map_or(0, |(_, place)| place.height)
    }

    #[test]
    fn no_two_share_a_row_and_none_is_outside_at_any_height() {
        for height in 0..=100 {
            for processes in [0, 1, 2, 3, 40] {
                let area = Rect::new(0, 0, 80, height);
                let mut y = 0;
                for (slot, place) in divide(area, processes) {
                    assert_eq!((place.y, place.width), (y, 80), "{slot:?} at {height}");
                    y = place.bottom();
                }
                assert!(y <= height, "{height}: {y}");
            }
        }
    }

    #[test]
    fn twenty_four_rows_have_everything() {
        let rows = divide(Rect::new(0, 0, 80, 24), 5);
        assert_eq!(rows.len(), 18);
        assert_eq!(rows.iter().map(|(_, place)| place.height).sum::<u16>(), 24);
        assert_eq!((height(&rows, Slot::DeliveriesBars), height(&rows, Slot::LiveLatencyBars)), (3, 2));
        assert_eq!((height(&rows, Slot::Processes), height(&rows, Slot::Notes)), (3, 2));
    }

    #[test]
    fn a_low_screen_keeps_what_counts() {
        let slots = |height| -> Vec<Slot> {
            divide(Rect::new(0, 0, 80, height), 2).into_iter().map(|(slot, _)| slot).collect()
        };
        assert_eq!(slots(1), [Slot::Ledger]);
        assert_eq!(slots(4), [Slot::Title, Slot::Deliveries, Slot::Ledger, Slot::Footer]);
    }

    #[test]
    fn processes_get_no_more_rows_than_there_are_of_them() {
        assert_eq!(height(&divide(Rect::new(0, 0, 80, 60), 3), Slot::Processes), 3);
        assert_eq!(height(&divide(Rect::new(0, 0, 80, 60), 0), Slot::Processes), 0);
    }
}
