use super::*;
use proptest::prelude::*;

fn origin() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
    Instant::now()
}

const fn pressed(pressure: f64) -> Signs {
    Signs { pressure, strangers_offered: 0, strangers_admitted: 0, memory_share: 0.1, descriptors_share: 0.1 }
}

const fn strangers(offered: u64, admitted: u64) -> Signs {
    Signs { strangers_offered: offered, strangers_admitted: admitted, ..pressed(0.0) }
}

/// A machine and its seconds.
struct Run {
    machine: PostureMachine,
    start: Instant,
    second: u64,
    seen: Vec<(u64, Transition)>,
}

impl Run {
    fn with_hold(hold: Duration) -> Self {
        let start = origin();
        Self { machine: PostureMachine::new(hold, start), start, second: 0, seen: Vec::new() }
    }

    fn new() -> Self {
        Self::with_hold(Duration::ZERO)
    }

    fn seconds(&mut self, count: u64, signs: Signs) -> Posture {
        for _ in 0..count {
            self.second += 1;
            let now = self.start + Duration::from_secs(self.second);
            if let Some(transition) = self.machine.observe(&signs, now) {
                self.seen.push((self.second, transition));
            }
        }
        self.machine.posture()
    }

    fn last(&self) -> Transition {
        self.seen.last().unwrap().1
    }

    fn seconds_until(&mut self, posture: Posture, signs: Signs) -> u64 {
        let from = self.second;
        while self.seconds(1, signs) != posture {
            assert!(self.second - from < 10_000, "it never came to {posture:?}");
        }
        self.second - from
    }
}

#[test]
fn one_bad_second_is_nothing_and_two_are_something() {
    let mut run = Run::new();
    assert_eq!(run.seconds(1, pressed(3.0)), Posture::Normal);
    assert_eq!(run.seconds(1, pressed(0.1)), Posture::Normal);
    assert_eq!(run.seconds(1, pressed(1.5)), Posture::Normal);
    assert_eq!(run.seconds(1, pressed(1.5)), Posture::Elevated);
    let because = (run.last().trigger, run.last().value);
    assert_eq!(because, (Trigger::Pressure, 1.5));
}

#[test]
fn four_times_too_much_counts_at_once() {
    assert_eq!(Run::new().seconds(1, pressed(4.1)), Posture::Elevated);
    assert_eq!(Run::new().seconds(1, pressed(8.1)), Posture::UnderAttack);
    assert_eq!(Run::new().seconds(1, pressed(f64::INFINITY)), Posture::UnderAttack);
    assert_eq!(Run::new().seconds(1, strangers(1_001, 0)), Posture::UnderAttack);
}

#[test]
fn survival_follows_an_attack_that_presses_or_a_resource_that_runs_out() {
    let mut run = Run::new();
    assert_eq!(run.seconds(3, pressed(5.0)), Posture::Elevated);
    assert_eq!(run.seconds(2, pressed(5.0)), Posture::UnderAttack);
    assert_eq!(run.seconds(3, pressed(5.0)), Posture::Survival);
    let short_of = |signs| Run::new().seconds(2, signs);
    assert_eq!(short_of(Signs { memory_share: 0.93, ..pressed(0.0) }), Posture::Survival);
    assert_eq!(short_of(Signs { memory_share: 0.86, ..pressed(0.0) }), Posture::UnderAttack);
    assert_eq!(short_of(Signs { memory_share: 0.76, ..pressed(0.0) }), Posture::Elevated);
    assert_eq!(short_of(Signs { descriptors_share: 0.91, ..pressed(0.0) }), Posture::Survival);
}

#[test]
fn it_goes_down_one_step_at_a_time_and_is_normal_within_90_seconds_of_the_worst() {
    let mut run = Run::new();
    run.seconds(20, pressed(20.0));
    assert_eq!(run.machine.posture(), Posture::Survival);
    let took = run.seconds_until(Posture::Normal, pressed(0.1));
    assert!(took <= 90, "{took}");
    let down: Vec<_> = run.seen.iter().rev().take(3).rev().map(|(_, step)| step.to).collect();
    assert_eq!(down, [Posture::UnderAttack, Posture::Elevated, Posture::Normal]);
    assert_eq!(run.last().trigger, Trigger::Calm);
}

#[test]
fn the_hold_is_kept_after_an_attack_and_only_then() {
    let hold = Duration::from_mins(5);
    let mut run = Run::with_hold(hold);
    run.seconds(3, pressed(3.0));
    run.seconds(3, pressed(3.0));
    assert_eq!(run.machine.posture(), Posture::UnderAttack);
    run.seconds_until(Posture::Elevated, pressed(0.1));
    assert_eq!(run.seconds_until(Posture::Normal, pressed(0.1)), (DWELL_ELEVATED + hold).as_secs());

    let mut run = Run::with_hold(hold);
    run.seconds(2, pressed(1.5));
    assert!(run.seconds_until(Posture::Normal, pressed(0.1)) <= DWELL_ELEVATED.as_secs() + 1);
}

#[test]
fn a_disturbance_begins_the_dwell_anew() {
    let mut run = Run::new();
    run.seconds(2, pressed(1.5));
    run.seconds(DWELL_ELEVATED.as_secs() - 1, pressed(0.1));
    run.seconds(1, pressed(0.7));
    assert_eq!(run.seconds_until(Posture::Normal, pressed(0.1)), DWELL_ELEVATED.as_secs());
}

#[test]
fn who_returns_soon_stays_longer_and_who_returns_late_does_not() {
    let mut run = Run::new();
    let mut stays = Vec::new();
    for _ in 0..4 {
        run.seconds_until(Posture::Elevated, pressed(1.5));
        stays.push(run.seconds_until(Posture::Normal, pressed(0.1)));
    }
    let dwell = DWELL_ELEVATED.as_secs();
    assert_eq!(stays, [dwell, 2 * dwell, 5 * dwell, 5 * dwell]);
    run.seconds(RETURNS_REMEMBERED_FOR.as_secs(), pressed(0.1));
    run.seconds_until(Posture::Elevated, pressed(1.5));
    assert_eq!(run.seconds_until(Posture::Normal, pressed(0.1)), dwell);
}

#[test]
fn a_handful_of_strangers_is_no_flood_and_a_crowd_that_is_taken_is_none() {
    assert_eq!(Run::new().seconds(60, strangers(90, 0)), Posture::Normal);
    assert_eq!(Run::new().seconds(60, strangers(3_000, 2_900)), Posture::Normal);
    assert_eq!(Run::new().seconds(2, strangers(3_000, 1_000)), Posture::Elevated);
}

/// Metastability: what a posture refuses comes again, and must not keep it up.
#[test]
fn strangers_who_only_retry_do_not_keep_up_the_posture_that_refuses_them() {
    let mut run = Run::new();
    run.seconds(30, strangers(400, 400));
    run.seconds(1_800, strangers(8_000, 0));
    assert_eq!(run.machine.posture(), Posture::UnderAttack);
    assert!(run.seconds_until(Posture::Normal, strangers(600, 0)) <= 90);
}

#[test]
fn what_is_no_number_neither_raises_nor_keeps() {
    let nonsense = Signs {
        pressure: f64::NAN,
        memory_share: f64::NAN,
        descriptors_share: f64::NEG_INFINITY,
        ..pressed(0.0)
    };
    let mut run = Run::new();
    assert_eq!(run.seconds(60, nonsense), Posture::Normal);
    run.seconds(2, pressed(1.5));
    assert_eq!(run.machine.posture(), Posture::Elevated);
    run.seconds_until(Posture::Normal, nonsense);
}

#[test]
fn a_clock_that_goes_back_is_survived() {
    let start = origin();
    let mut machine = PostureMachine::new(Duration::MAX, start + Duration::from_hours(1));
    for second in 0..10 {
        machine.observe(&pressed(9.0), start + Duration::from_secs(second));
    }
    assert_eq!(machine.posture(), Posture::Survival);
}

fn any_signs() -> impl Strategy<Value = Signs> {
    let figure = prop_oneof![0.0..0.6, 0.0..6.0, Just(f64::NAN), Just(f64::INFINITY), -1.0..40.0];
    let share = prop_oneof![0.0..0.7, 0.5..1.2];
    (figure, 0u64..4_000, 0u64..400, share.clone(), share).prop_map(
        |(pressure, strangers_offered, strangers_admitted, memory_share, descriptors_share)| Signs {
            pressure,
            strangers_offered,
            strangers_admitted,
            memory_share,
            descriptors_share,
        },
    )
}

/// Spells of the same weather, which reach further than random seconds, and spells of quiet.
fn weather() -> impl Strategy<Value = Vec<(Signs, u64)>> {
    let spell = prop_oneof![(any_signs(), 1u64..5), (Just(pressed(0.1)), 1u64..400)];
    prop::collection::vec(spell, 1..60)
}

proptest! {
    #[test]
    fn it_never_flaps_faster_than_its_dwell(weather in weather(), hold in 0u64..120) {
        let mut run = Run::with_hold(Duration::from_secs(hold));
        let mut entered = 0;
        for (signs, seconds) in weather {
            for _ in 0..seconds {
                let (before, dwell) = (run.machine.posture(), run.machine.dwell());
                let after = run.seconds(1, signs);
                if after == before {
                    continue;
                }
                if after < before {
                    prop_assert_eq!(after, before.below(), "one step at a time");
                    prop_assert!(Duration::from_secs(run.second - entered) >= dwell);
                    prop_assert_eq!(run.last().trigger, Trigger::Calm);
                }
                prop_assert_eq!((run.last().from, run.last().to), (before, after));
                entered = run.second;
            }
        }
    }

    #[test]
    fn every_rise_names_a_figure_that_was_seen(weather in weather()) {
        let mut run = Run::new();
        for (signs, seconds) in weather {
            for _ in 0..seconds {
                let before = run.machine.posture();
                if run.seconds(1, signs) > before {
                    let step = run.last();
                    let expected = signs.value(step.trigger, run.machine.usual);
                    prop_assert!(step.value.total_cmp(&expected).is_eq());
                    prop_assert!(step.value > 0.75);
                }
            }
        }
    }

    #[test]
    fn whatever_happened_quiet_brings_it_back_to_normal(weather in weather(), hold in 0u64..120) {
        let mut run = Run::with_hold(Duration::from_secs(hold));
        for (signs, seconds) in weather {
            run.seconds(seconds, signs);
        }
        let most = 5 * (DWELL_ELEVATED + DWELL_UNDER_ATTACK + DWELL_SURVIVAL).as_secs() + hold + 3;
        if run.machine.posture() != Posture::Normal {
            let took = run.seconds_until(Posture::Normal, pressed(0.1));
            prop_assert!(took <= most, "{} seconds", took);
        }
    }
}
