use super::*;
use proptest::prelude::*;

const MS: Duration = Duration::from_millis(1);
/// Waits as the hardest posture has them.
const NORMAL: Duration = Duration::from_millis(250);
const BULK: Duration = Duration::from_secs(3);

fn origin() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
    Instant::now()
}

fn team(number: u8) -> ChannelName {
    ChannelName::team(&format!("t{number}")).unwrap()
}

fn told(deferral: &mut Deferral, now: Instant) -> Vec<ChannelName> {
    std::iter::from_fn(|| deferral.take_due(now)).map(|due| due.channel).collect()
}

#[test]
fn a_channel_is_told_when_its_wait_is_over_and_once_for_all_that_waits_there() {
    let mut deferral = Deferral::default();
    let start = origin();
    for n in 0..100 {
        deferral.note(&team(1), Lane::Bulk, start + n * MS, BULK);
    }
    assert_eq!((deferral.len(), deferral.next_due()), (1, Some(start + BULK)));
    assert_eq!(deferral.take_due(start + MS), None);
    let due = deferral.take_due(start + BULK).unwrap();
    assert_eq!((due.channel, due.since), (team(1), vec![(Lane::Bulk, start)]));
    assert_eq!((deferral.take_due(start + 2 * BULK), deferral.next_due()), (None, None));
}

#[test]
fn what_waits_less_long_takes_along_what_came_before_it() {
    let mut deferral = Deferral::default();
    let start = origin();
    deferral.note(&team(1), Lane::Bulk, start, BULK);
    deferral.note(&team(2), Lane::Bulk, start, BULK);
    deferral.note(&team(1), Lane::Normal, start + MS, NORMAL);
    let due = deferral.take_due(start + MS + NORMAL).unwrap();
    assert_eq!(due.channel, team(1));
    assert_eq!(due.since, [(Lane::Bulk, start), (Lane::Normal, start + MS)]);
    assert_eq!(deferral.next_due(), Some(start + BULK), "the other channel waits on");
}

#[test]
fn what_does_not_wait_takes_out_its_channel_and_no_other() {
    let mut deferral = Deferral::default();
    let start = origin();
    deferral.note(&team(1), Lane::Bulk, start, BULK);
    deferral.note(&team(2), Lane::Bulk, start + MS, BULK);
    assert_eq!(deferral.take(&team(1)).unwrap().since, [(Lane::Bulk, start)]);
    assert_eq!(deferral.take(&team(1)), None);
    assert_eq!(deferral.next_due(), Some(start + MS + BULK));
}

#[test]
fn an_easier_posture_makes_due_what_would_not_wait_in_it_and_a_harder_one_prolongs_nothing() {
    let mut deferral = Deferral::default();
    let start = origin();
    deferral.note(&team(1), Lane::Normal, start, NORMAL);
    deferral.note(&team(2), Lane::Bulk, start, BULK);
    deferral.hasten(|_| 10 * BULK);
    assert_eq!(deferral.next_due(), Some(start + NORMAL));
    deferral.hasten(|lane| if lane == Lane::Bulk { BULK } else { Duration::ZERO });
    assert_eq!(told(&mut deferral, start), [team(1)]);
    deferral.hasten(|_| Duration::ZERO);
    assert_eq!(told(&mut deferral, start), [team(2)]);
}

#[test]
fn with_as_many_channels_as_may_wait_those_that_do_go_on_and_others_do_not_begin() {
    let mut deferral = Deferral::with_room_for(2);
    let start = origin();
    for number in 1..=3 {
        deferral.note(&team(number), Lane::Bulk, start, BULK);
    }
    assert_eq!([1, 2, 3].map(|number| deferral.has_room_for(&team(number))), [true, true, false]);
    assert_eq!(told(&mut deferral, start + BULK), [team(1), team(2)]);
    assert!(deferral.has_room_for(&team(3)));
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u32),
    Publish(u8, Lane),
    /// With everything at once, or waits as in the hardest posture.
    Posture(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1_u32..1_000).prop_map(Step::Pass),
        4 => (0_u8..6, prop::sample::select(Lane::ALL.to_vec())).prop_map(|(channel, lane)| Step::Publish(channel, lane)),
        1 => any::<bool>().prop_map(Step::Posture),
    ]
}

fn wait(is_pressed: bool, lane: Lane) -> Duration {
    match lane {
        Lane::Normal if is_pressed => NORMAL,
        Lane::Bulk if is_pressed => BULK,
        Lane::Urgent | Lane::Normal | Lane::Bulk => Duration::ZERO,
    }
}

proptest! {
    /// As a pump drives it: readers know all that was published, in order, each within its wait.
    #[test]
    fn nothing_is_left_untold_beyond_its_wait_whatever_comes(steps in prop::collection::vec(step(), 1..200)) {
        let mut deferral = Deferral::with_room_for(4);
        let start = origin();
        let (mut now, mut is_pressed) = (start, true);
        // What readers of a channel have not been told, with the latest time at which they are to be.
        let mut untold: HashMap<ChannelName, Vec<Instant>> = HashMap::new();
        for step in steps.into_iter().chain([Step::Pass(3_000)]) {
            match step {
                Step::Pass(millis) => {
                    let end = now + millis * MS;
                    while let Some(due) = deferral.next_due().filter(|due| *due <= end) {
                        now = now.max(due);
                        let due = deferral.take_due(now).unwrap();
                        prop_assert!(untold.remove(&due.channel).is_some());
                    }
                    now = end;
                }
                Step::Publish(channel, lane) => {
                    let (channel, wait) = (team(channel), wait(is_pressed, lane));
                    if wait.is_zero() || !deferral.has_room_for(&channel) {
                        prop_assert_eq!(deferral.take(&channel).is_some(), untold.remove(&channel).is_some());
                    } else {
                        deferral.note(&channel, lane, now, wait);
                        untold.entry(channel).or_default().push(now + wait);
                    }
                }
                Step::Posture(hard) => {
                    is_pressed = hard;
                    deferral.hasten(|lane| wait(hard, lane));
                    while let Some(due) = deferral.take_due(now) {
                        prop_assert!(untold.remove(&due.channel).is_some());
                    }
                    prop_assert!(hard || untold.is_empty(), "leaving the posture tells everything");
                }
            }
            prop_assert!(untold.values().flatten().all(|latest| *latest >= now));
            prop_assert_eq!(deferral.len(), untold.len());
            prop_assert!(deferral.len() <= 4 && deferral.order.len() == deferral.len());
        }
        prop_assert!(deferral.is_empty());
    }
}
