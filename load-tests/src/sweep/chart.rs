//! The curves of a sweep: what members keep, how long a message takes, what the server takes.

use super::page::classes;
use super::{Point, Swept};
use crate::chart::{self, Curve, Panel};

/// Draws it.
pub(super) fn draw(swept: &Swept) -> String {
    let factors: Vec<f64> = swept.points.iter().map(|point| point.times).collect();
    chart::draw(&swept.scenario, &factors, &panels(swept))
}

fn panels(swept: &Swept) -> Vec<Panel> {
    let curve = |name: &str, value: &dyn Fn(&Point) -> Option<f64>| Curve {
        name: name.to_owned(),
        points: swept.points.iter().filter_map(|point| Some((point.times, value(point)?))).collect(),
    };
    let most = swept.points.iter().map(|point| point.deliveries_per_second).fold(f64::MIN_POSITIVE, f64::max);
    let live = classes(swept);
    let live = live.iter().map(|class| curve(class, &|point| point.live_p99_ms.get(*class).copied()));
    vec![
        Panel {
            title: "Delivered while attacked".to_owned(),
            unit: "%".to_owned(),
            curves: vec![
                curve("to members, of 1 ×", &|point| Some(point.goodput_share * 100.0)),
                curve("of what was due", &|point| point.total_kept.map(|share| share * 100.0)),
                curve("in all, of the most", &|point| Some(point.deliveries_per_second / most * 100.0)),
            ],
        },
        Panel { title: "Publish to screen, p99".to_owned(), unit: "ms".to_owned(), curves: live.collect() },
        Panel {
            title: "Members back within 10 s".to_owned(),
            unit: "%".to_owned(),
            curves: vec![curve("back", &|point| point.returned_within_10s_share.map(|share| share * 100.0))],
        },
        Panel {
            title: "Until the delay is under its target".to_owned(),
            unit: "ms".to_owned(),
            curves: vec![curve("under control", &|point| point.control_after_ms)],
        },
        Panel {
            title: "CPU of the server a strike".to_owned(),
            unit: "µs".to_owned(),
            curves: vec![curve("a strike", &|point| point.cpu_us_per_strike)],
        },
        Panel {
            title: "Memory of the server, at most".to_owned(),
            unit: "MB".to_owned(),
            curves: vec![curve("memory", &|point| point.memory_bytes.map(|bytes| bytes / 1e6))],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sum_up;
    use super::super::tests::{ran, scenario};
    use super::*;

    #[test]
    fn every_run_is_a_point_and_no_picture_has_a_number_that_is_none() {
        for runs in
            [vec![], vec![ran(1.0, 0.0, 0.0, 1.0)], vec![ran(1.0, 9.0, 9.0, 1.0), ran(20.0, 9.0, 9.0, 1.0)]]
        {
            let svg = draw(&sum_up(&scenario(), &runs, false));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            // Members, all, the one class, memory; nobody came back.
            assert_eq!(svg.matches("<circle").count(), 4 * runs.len());
        }
    }
}
