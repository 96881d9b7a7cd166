//! What a node counted lately: the last ten seconds, and the last quarter of an hour as a chart.

use admission::{Criticality, Posture};
use evidence::incident::{Figures, Flow};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use utoipa::ToSchema;

protocol::limits! {
    /// Points of the chart that organisers watch, one each five seconds: a quarter of an hour; older ones go.
    pub(crate) const WATCH_POINTS_KEPT: usize = 180 => unseen;
}

/// How far apart points are.
pub(super) const POINT_EVERY_MS: u64 = 5_000;
/// Looks, one a second, of which the first and the last are ten seconds apart.
const LOOKS_KEPT: usize = 11;

/// So many of members, and so many of strangers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WatchSides)]
pub(crate) struct Sides {
    pub(crate) members: u64,
    /// Nobody knows who; or somebody with an invite.
    pub(crate) strangers: u64,
}

/// What became of those who asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Became {
    pub(crate) admitted: Sides,
    /// They were given a place in the waiting room.
    pub(crate) waiting: Sides,
    pub(crate) refused: Sides,
    /// Messages that were asked to come again.
    pub(crate) delayed: u64,
}

/// One point of the chart: the five seconds before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    pub(crate) became: Became,
    pub(crate) delay_ms: Option<u64>,
    pub(crate) posture: Posture,
}

/// A point as nodes tell each other: when, six counts, the delay and one more, the posture's number.
pub(crate) type ToldPoint = [u64; 9];

impl Sides {
    const fn add(self, other: Self) -> Self {
        Self {
            members: self.members.saturating_add(other.members),
            strangers: self.strangers.saturating_add(other.strangers),
        }
    }

    const fn since(self, before: Self) -> Self {
        Self {
            members: self.members.saturating_sub(before.members),
            strangers: self.strangers.saturating_sub(before.strangers),
        }
    }
}

impl Became {
    /// All that a node counted since it began.
    pub(super) fn of(figures: &Figures, delayed: u64) -> Self {
        let sum = |count: fn(&Flow) -> u64| {
            let sides = Criticality::ALL.iter().zip(&figures.classes).map(|(class, flow)| match class {
                Criticality::Control
                | Criticality::Organiser
                | Criticality::Returning
                | Criticality::Member => Sides { members: count(flow), strangers: 0 },
                Criticality::Newcomer | Criticality::Stranger => Sides { members: 0, strangers: count(flow) },
            });
            sides.fold(Sides::default(), Sides::add)
        };
        Self {
            admitted: sum(|flow| flow.admitted),
            waiting: sum(|flow| flow.delayed),
            refused: sum(|flow| flow.refused),
            delayed,
        }
    }

    pub(super) const fn add(self, other: Self) -> Self {
        Self {
            admitted: self.admitted.add(other.admitted),
            waiting: self.waiting.add(other.waiting),
            refused: self.refused.add(other.refused),
            delayed: self.delayed.saturating_add(other.delayed),
        }
    }

    const fn since(self, before: Self) -> Self {
        Self {
            admitted: self.admitted.since(before.admitted),
            waiting: self.waiting.since(before.waiting),
            refused: self.refused.since(before.refused),
            delayed: self.delayed.saturating_sub(before.delayed),
        }
    }
}

impl Point {
    /// The same moment at another node: counts are added up, and of the rest the worse is told.
    pub(super) fn join(&mut self, other: &Self) {
        self.became = self.became.add(other.became);
        self.delay_ms = self.delay_ms.max(other.delay_ms);
        self.posture = self.posture.max(other.posture);
    }

    pub(super) fn told(&self) -> ToldPoint {
        let Became { admitted, waiting, refused, .. } = self.became;
        let delay = self.delay_ms.map_or(0, |delay| delay.saturating_add(1));
        [
            self.at.as_millis(),
            admitted.members,
            admitted.strangers,
            waiting.members,
            waiting.strangers,
            refused.members,
            refused.strangers,
            delay,
            self.posture.number().into(),
        ]
    }

    pub(super) fn heard(told: ToldPoint) -> Self {
        let [at, am, a, wm, w, rm, r, delay, posture] = told;
        let sides = |members, strangers| Sides { members, strangers };
        let became =
            Became { admitted: sides(am, a), waiting: sides(wm, w), refused: sides(rm, r), delayed: 0 };
        Self {
            at: Timestamp::from_millis(at),
            became,
            delay_ms: delay.checked_sub(1),
            posture: Posture::from_number(u8::try_from(posture).unwrap_or(u8::MAX)),
        }
    }
}

/// The counts of a node over time.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// One a second, the latest last: when, and what was counted since the beginning.
    looks: VecDeque<Became>,
    points: VecDeque<Point>,
    /// What was counted until the last point.
    pointed: Option<(u64, Became)>,
}

impl Recent {
    /// A second is over.
    pub(super) fn look(&mut self, counted: Became, delay_ms: Option<u64>, posture: Posture, at: Timestamp) {
        if self.looks.len() >= LOOKS_KEPT {
            self.looks.pop_front();
        }
        self.looks.push_back(counted);
        // The same moments at every node, so that they can be joined.
        let number = at.as_millis() / POINT_EVERY_MS;
        match self.pointed {
            Some((last, _)) if last == number => {}
            Some((_, before)) => {
                let at = Timestamp::from_millis(number.saturating_mul(POINT_EVERY_MS));
                self.push(Point { at, became: counted.since(before), delay_ms, posture });
                self.pointed = Some((number, counted));
            }
            None => self.pointed = Some((number, counted)),
        }
    }

    fn push(&mut self, point: Point) {
        // Never two of one moment, also if the clock was put back.
        while self.points.back().is_some_and(|last| last.at >= point.at) {
            self.points.pop_back();
        }
        if self.points.len() >= WATCH_POINTS_KEPT {
            self.points.pop_front();
        }
        self.points.push_back(point);
    }

    /// What was counted in the last ten seconds, or since the beginning.
    pub(super) fn lately(&self) -> Became {
        match (self.looks.front(), self.looks.back()) {
            (Some(first), Some(last)) => last.since(*first),
            (Some(_), None) | (None, _) => Became::default(),
        }
    }

    pub(super) fn points(&self) -> impl Iterator<Item = &Point> {
        self.points.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(members: u64) -> Became {
        Became { admitted: Sides { members, strangers: 2 * members }, ..Became::default() }
    }

    fn after(seconds: u64) -> Recent {
        let mut recent = Recent::default();
        for second in 0..=seconds {
            let at = Timestamp::from_millis(1_800_000_000_000 + second * 1_000);
            recent.look(counted(second * 3), Some(second), Posture::Elevated, at);
        }
        recent
    }

    #[test]
    fn the_last_ten_seconds_are_counted_however_long_the_node_runs() {
        assert_eq!(Recent::default().lately(), Became::default());
        assert_eq!(after(4).lately().admitted, Sides { members: 12, strangers: 24 });
        assert_eq!(after(400).lately().admitted, Sides { members: 30, strangers: 60 });
    }

    #[test]
    fn a_quarter_of_an_hour_is_kept_at_the_same_moments_everywhere() {
        let recent = after(2_000);
        let points: Vec<_> = recent.points().collect();
        assert_eq!(points.len(), WATCH_POINTS_KEPT);
        assert!(points.iter().all(|point| point.at.as_millis().is_multiple_of(POINT_EVERY_MS)));
        assert!(points.iter().all(|point| point.became.admitted.members == 15));
        assert_eq!(points.last().map(|point| point.at), Some(Timestamp::from_millis(1_800_002_000_000)));
    }

    #[test]
    fn a_clock_that_is_put_back_leaves_no_moment_twice() {
        let mut recent = after(60);
        for second in 30..90 {
            let at = Timestamp::from_millis(1_800_000_000_000 + second * 1_000);
            recent.look(counted(1_000), None, Posture::Normal, at);
        }
        let moments: Vec<_> = recent.points().map(|point| point.at).collect();
        assert!(moments.is_sorted() && moments.windows(2).all(|two| two[0] != two[1]), "{moments:?}");
    }

    #[test]
    fn a_point_is_heard_as_it_was_told() {
        for delay_ms in [None, Some(0), Some(7)] {
            let became = Became {
                admitted: Sides { members: 1, strangers: 2 },
                waiting: Sides { members: 3, strangers: 4 },
                refused: Sides { members: 5, strangers: 6 },
                delayed: 0,
            };
            let at = Timestamp::from_millis(5_000);
            let point = Point { at, became, delay_ms, posture: Posture::Survival };
            assert_eq!(Point::heard(point.told()), point);
        }
        let mut one = Point::heard([5_000, 1, 2, 3, 4, 5, 6, 0, 1]);
        one.join(&Point::heard([5_000, 1, 1, 1, 1, 1, 1, 8, 2]));
        assert_eq!(one.told(), [5_000, 2, 3, 4, 5, 6, 7, 8, 2]);
    }
}
