use super::*;
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const TICK: Duration = Duration::from_millis(100);

fn at(millis: u64) -> Timestamp {
    START.after(Duration::from_millis(millis))
}

fn shut(_: Criticality) -> bool {
    false
}

/// Somebody's place, who has to wait.
fn place(turn: Turn) -> Wait {
    match turn {
        Turn::Wait(wait) => wait,
        Turn::In { .. } => panic!("let in"),
    }
}

fn is_in(turn: Turn) -> bool {
    matches!(turn, Turn::In { .. })
}

#[test]
fn who_is_only_looked_at_is_told_how_they_wait_and_not_counted() {
    let mut room = WaitingRoom::new(START);
    room.tick(at(1_000), TICK, true, |_| false);
    for _ in 0..50 {
        room.ask(Criticality::Member, None, false, at(1_050));
    }
    room.tick(at(1_100), Duration::ZERO, true, |_| false);
    let waiting = room.waiting().next();
    let wait = room.look(Criticality::Member, at(1_060)).unwrap();
    assert_eq!((wait.since, wait.position.is_some_and(|position| position >= 49)), (at(1_060), true));
    room.tick(at(1_200), Duration::ZERO, true, |_| false);
    assert_eq!(room.waiting().next(), waiting);
    assert_eq!(room.look(Criticality::Member, START), None, "their turn has come");
    assert_eq!(room.look(Criticality::Returning, at(1_060)), None, "they never wait");
}

#[test]
fn who_was_not_counted_is_told_the_moment_when_all_came_in_and_not_that_of_their_place() {
    let mut room = WaitingRoom::new(START);
    let second = Duration::from_secs(1);
    room.tick(at(1_000), second, false, |_| true);
    room.tick(at(2_000), second, false, |_| false);
    // Nobody had time to look at them: they have a place, and the room does not know.
    let unseen = WaitingRoom::unseen(None, at(2_500)).since;
    room.tick(at(3_000), second, false, |_| false);
    room.tick(at(4_000), second, false, |_| true);
    room.tick(at(5_000), second, false, |_| true);
    room.tick(at(6_000), second, false, |_| true);
    let eligible =
        |room: &mut WaitingRoom, place| match room.ask(Criticality::Member, Some(place), false, at(6_000)) {
            Turn::In { eligible_since } => eligible_since,
            Turn::Wait(_) => None,
        };
    assert_eq!(eligible(&mut room, unseen), Some(at(4_000)));
    assert_eq!(eligible(&mut room, at(5_500)), Some(at(5_500)), "while all came in as they came, at once");
    room.tick(at(7_000), second, false, |_| false);
    assert_eq!(eligible(&mut room, at(5_500)), Some(at(5_500)));
}

#[test]
fn who_comes_to_an_open_room_comes_in() {
    let mut room = WaitingRoom::new(START);
    assert!(is_in(room.ask(Criticality::Stranger, None, true, at(50))));
}

#[test]
fn whoever_shows_a_ticket_never_waits() {
    let mut room = WaitingRoom::new(START);
    for class in [Criticality::Organiser, Criticality::Returning] {
        assert!(is_in(room.ask(class, None, false, at(50))));
    }
}

#[test]
fn while_others_wait_nobody_overtakes_them() {
    let mut room = WaitingRoom::new(START);
    place(room.ask(Criticality::Stranger, None, false, at(50)));
    room.tick(at(100), Duration::ZERO, true, shut);
    place(room.ask(Criticality::Stranger, None, true, at(150)));
    // Another class does not wait for it.
    assert!(is_in(room.ask(Criticality::Member, None, true, at(150))));
}

#[test]
fn a_place_that_is_shown_again_is_counted_once_and_stays_where_it_is() {
    let mut room = WaitingRoom::new(START);
    let first = place(room.ask(Criticality::Stranger, None, false, at(50)));
    for _ in 0..9 {
        place(room.ask(Criticality::Stranger, None, false, at(150)));
    }
    room.tick(at(200), Duration::ZERO, true, shut);
    for _ in 0..100 {
        let again = place(room.ask(Criticality::Stranger, Some(first.since), false, at(5_000)));
        assert_eq!((again.since, again.position), (first.since, Some(1)));
    }
    let waiting: u64 = room.waiting().map(|(_, waiting)| waiting).sum();
    assert_eq!(waiting, 10);
}

#[test]
fn people_come_in_at_the_rate_in_the_order_in_which_they_came() {
    let mut room = WaitingRoom::new(START);
    let places: Vec<Timestamp> =
        (0..2_000).map(|n| place(room.ask(Criticality::Member, None, false, at(n))).since).collect();
    let mut now = 2_000;
    let mut passed = 0;
    let mut seconds = 0;
    while passed < places.len() {
        for _ in 0..10 {
            now += 100;
            room.tick(at(now), TICK, false, shut);
        }
        let before = passed;
        passed = places.iter().filter(|since| room.admits(Criticality::Member, **since)).count();
        // The first ones, without a hole.
        assert!(places.iter().take(passed).all(|since| room.admits(Criticality::Member, *since)));
        assert!(passed > before);
        seconds += 1;
        assert!(seconds < 60);
    }
}

#[test]
fn under_overload_only_the_least_come_in_and_it_is_not_nobody() {
    let mut room = WaitingRoom::new(START);
    let places: Vec<Timestamp> =
        (0..100).map(|n| place(room.ask(Criticality::Stranger, None, false, at(n * 10))).since).collect();
    for tick in 1..=100 {
        room.tick(at(1_000 + tick * 100), TICK, true, shut);
    }
    let passed = places.iter().filter(|since| room.admits(Criticality::Stranger, **since)).count();
    assert!((5..=20).contains(&passed), "{passed}");
}

#[test]
fn members_come_in_before_newcomers_and_strangers() {
    let mut room = WaitingRoom::new(START);
    let stranger = place(room.ask(Criticality::Stranger, None, false, at(0))).since;
    let mut members = Vec::new();
    for n in 0..50 {
        members.push(place(room.ask(Criticality::Member, None, false, at(10 + n))).since);
    }
    let mut now = 1_000;
    while !room.admits(Criticality::Stranger, stranger) {
        now += 100;
        assert!(now < 120_000);
        room.tick(at(now), TICK, true, shut);
    }
    assert!(members.iter().all(|since| room.admits(Criticality::Member, *since)));
}

#[test]
fn an_empty_room_that_is_open_lets_everybody_in_and_one_that_is_shut_does_not() {
    let mut room = WaitingRoom::new(START);
    room.tick(at(1_000), TICK, true, shut);
    assert!(!room.admits(Criticality::Stranger, at(900)));
    room.tick(at(2_000), TICK, false, |_| true);
    assert!(room.admits(Criticality::Stranger, at(1_900)));
}

#[test]
fn who_could_not_be_looked_at_asks_again_soon_and_their_place_counts_from_the_first_time() {
    let mut room = WaitingRoom::new(START);
    let first = WaitingRoom::unseen(None, at(500));
    let second = WaitingRoom::unseen(Some(first.since), at(2_000));
    assert_eq!((first.since, second.since), (at(500), at(500)));
    assert!((4_000..8_000).contains(&first.ask_again.as_millis()));
    room.tick(at(3_000), TICK, false, |_| true);
    let turn = room.ask(Criticality::Member, Some(second.since), true, at(3_100));
    assert_eq!(turn, Turn::In { eligible_since: Some(at(500)) });
}

#[test]
fn a_restart_lets_nobody_in_sooner_and_forgets_nobody() {
    let mut room = WaitingRoom::new(START);
    let places: Vec<Timestamp> =
        (0..1_000).map(|n| place(room.ask(Criticality::Member, None, false, at(n * 20))).since).collect();
    for tick in 1..=20 {
        room.tick(at(20_000 + tick * 100), TICK, tick % 2 == 0, shut);
    }
    let passed =
        |room: &WaitingRoom| places.iter().filter(|since| room.admits(Criticality::Member, **since)).count();
    let before = passed(&room);
    let told = serde_json::from_str(&serde_json::to_string(&room.tell(256)).unwrap()).unwrap();
    let mut again = WaitingRoom::new(at(30_000));
    again.restore(&told, at(30_000));
    assert_eq!(passed(&again), before);
    again.tick(at(30_000), Duration::ZERO, true, shut);
    let waiting: u64 = again.waiting().map(|(_, waiting)| waiting).sum();
    assert!(waiting >= u64::try_from(1_000 - before).unwrap(), "{waiting}");
}

#[test]
fn nodes_that_tell_each_other_serve_one_queue() {
    let mut rooms = [WaitingRoom::new(START), WaitingRoom::new(START)];
    let mut places = Vec::new();
    for n in 0..1_000_u64 {
        let node = usize::from(n % 3 == 0);
        places.push(place(rooms[node].ask(Criticality::Member, None, false, at(n * 2))).since);
    }
    let mut worst = 0;
    for tick in 1..=600 {
        let now = at(2_000 + tick * 100);
        let told = [rooms[0].tell(256), rooms[1].tell(256)];
        rooms[0].hear(&[told[1].clone()], now);
        rooms[1].hear(&[told[0].clone()], now);
        for room in &mut rooms {
            room.tick(now, TICK, false, shut);
        }
        let passed = [0, 1].map(|node: usize| {
            places.iter().filter(|since| rooms[node].admits(Criticality::Member, **since)).count()
        });
        worst = worst.max(passed[0].abs_diff(passed[1]));
    }
    assert!(places.iter().all(|since| rooms.iter().all(|room| room.admits(Criticality::Member, *since))));
    // Never further apart than what one of them lets in within two ticks.
    assert!(worst <= 100, "{worst}");
}

#[test]
fn what_others_tell_may_be_nonsense() {
    let mut room = WaitingRoom::new(START);
    let told = |cutoff, counts, rate| Told { queues: vec![(cutoff, counts)], rate };
    let nonsense = [
        told(u64::MAX, vec![Count { step: u64::MAX, places: u64::MAX }; 3], f64::NAN),
        told(0, vec![Count { step: 0, places: u64::MAX }], f64::INFINITY),
        told(5, Vec::new(), -1.0),
    ];
    room.hear(&nonsense, at(100));
    room.tick(at(200), TICK, false, shut);
    room.restore(&nonsense[0], at(300));
    room.tick(at(400), TICK, false, |_| true);
    assert!(!room.admits(Criticality::Member, at(500)));
}

proptest! {
    /// Whatever happens in between: nobody is let in before somebody who came earlier, who is let in stays let in, and a
    /// position is never worse once the moment of its place is over.
    #[test]
    fn a_place_is_never_worse_after_a_reconnect(
        steps in proptest::collection::vec((0_u64..400, 0_u8..4, any::<bool>()), 1..200)
    ) {
        let (mut room, mut now, mut counted) = (WaitingRoom::new(START), 0, START);
        let mut held: Vec<(Timestamp, Option<u64>)> = Vec::new();
        for (wait, what, overload) in steps {
            now += wait;
            match what {
                0 | 1 => {
                    if let Turn::Wait(wait) = room.ask(Criticality::Member, None, false, at(now)) {
                        held.push((wait.since, None));
                    }
                }
                2 => {
                    room.tick(at(now), Duration::from_millis(wait), overload, shut);
                    counted = at(now);
                }
                _ => {
                    for (since, told) in &mut held {
                        let position = match room.ask(Criticality::Member, Some(*since), false, at(now)) {
                            Turn::In { .. } => 0,
                            Turn::Wait(wait) => {
                                prop_assert_eq!(wait.since, *since);
                                wait.position.unwrap()
                            }
                        };
                        prop_assert!(told.is_none_or(|told| position <= told), "{} of {:?}", position, told);
                        let is_over = since.after(Duration::from_millis(STEP_MILLIS)) <= counted;
                        if is_over || position == 0 {
                            *told = Some(position);
                        }
                    }
                }
            }
            let is_in = |since: Timestamp| room.admits(Criticality::Member, since);
            let last = held.iter().map(|(since, _)| *since).filter(|since| is_in(*since)).max();
            prop_assert!(held.iter().filter(|(since, _)| Some(*since) <= last).all(|(since, _)| is_in(*since)));
        }
    }
}
