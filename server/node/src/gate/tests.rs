use super::control::Control;
use super::*;
use crate::metrics::tests::metrics;
use admission::Posture;
use campaign::Revoking;
use identity::Claims;
use protocol::{DeviceId, MemberId, Role};
use std::time::Duration;
use storage::records::revocation::Revoked;

const DAY: Duration = Duration::from_hours(24);

pub(crate) struct World {
    pub(crate) gate: Gate,
    control: Control,
    pub(crate) now: session::Now,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = clock::now();
        let gate = Gate::new(&KeySet::generate().unwrap(), metrics(), now).unwrap();
        Self { gate, control: Control::new(now.instant), now }
    }

    /// So many looks of 100 ms each, at this pressure.
    pub(crate) fn pass(&mut self, looks: u32, pressure: f64, posture: Posture) {
        for _ in 0..looks {
            let step = Duration::from_millis(100);
            self.now = session::Now { instant: self.now.instant + step, wall: self.now.wall.after(step) };
            self.control.tick(&self.gate, pressure, posture, self.now);
        }
    }

    /// Strangers come, more than the node can take, until they are shed.
    fn flood(&mut self) {
        for _ in 0..200 {
            for subject in 0..1_000 {
                self.gate.admits(Criticality::Stranger, subject, self.now.wall);
                self.gate.admits(Criticality::Member, subject, self.now.wall);
            }
            self.pass(1, 20.0, Posture::Normal);
        }
    }

    pub(crate) fn token(&self, roles: &[Role]) -> String {
        let member = MemberId::parse("m_1").unwrap();
        let claims =
            Claims { roles: roles.to_vec(), device: DeviceId::parse("phone").ok(), ..Claims::default() };
        self.gate.access().mint(&member, &claims, self.now.wall, DAY).unwrap()
    }

    fn ticket(&self) -> String {
        let principal = self.gate.access().verify(&self.token(&[]), self.now.wall).unwrap();
        let claims = Claims { device: principal.device.clone(), ..Claims::default() };
        self.gate.tickets().mint(&principal.member, claims, self.now.wall, self.now.wall, DAY).unwrap()
    }
}

#[test]
fn under_a_flood_tickets_and_organisers_come_in_and_members_without_are_sent_for_one() {
    let mut world = World::new();
    assert!(world.gate.enter(&world.token(&[]), world.now.wall).is_ok());
    world.flood();
    assert!(world.gate.threshold() < Level::last_of(Criticality::Member));
    let now = world.now.wall;
    assert!(world.gate.enter(&world.ticket(), now).is_ok());
    assert!(world.gate.enter(&world.token(&[Role::Sender]), now).is_ok());
    // The level of this member is not the last that is let in at this hour, or else the flood had not reached them.
    world.pass(100, 20.0, Posture::Survival);
    for subject in 0..1_000 {
        assert!(!world.gate.admits(Criticality::Stranger, subject, now));
    }
    assert!(world.gate.renew(&world.token(&[]), world.now.wall).is_ok(), "who is in stays in");
}

#[test]
fn while_overloaded_only_so_many_tokens_are_checked() {
    let mut world = World::new();
    let forged = World::new().token(&[]);
    let invalid = Err(Refusal::Token(TokenRefusal::Invalid));
    assert_eq!(world.gate.enter(&forged, world.now.wall), invalid);
    world.pass(20, 20.0, Posture::Normal);
    let checked = (0..1_000).filter(|_| world.gate.enter(&forged, world.now.wall) == invalid).count();
    // A burst of a fifth of a second's at the least rate, and what comes due meanwhile.
    assert!((4..100).contains(&checked), "{checked}");
    assert!(world.gate.enter(&world.ticket(), world.now.wall).is_ok(), "tickets are not among them");
}

#[test]
fn a_device_that_is_signed_out_is_not_let_in_by_its_ticket_or_token() {
    let world = World::new();
    let (ticket, token) = (world.ticket(), world.token(&[]));
    assert!(matches!(world.gate.caller(Some(&ticket), world.now.wall), Caller::Member(_)));
    let phone = DeviceId::parse("phone").unwrap();
    world.gate.revocations().add(&[Revoking { revoked: Revoked::Device(phone), counts_from: 0 }]);
    assert_eq!(world.gate.caller(Some(&ticket), world.now.wall), Caller::Unknown);
    let invalid = Err(Refusal::Token(TokenRefusal::Invalid));
    assert_eq!(world.gate.enter(&ticket, world.now.wall), invalid);
    assert_eq!(world.gate.enter(&token, world.now.wall), invalid);
    assert_eq!(world.gate.renew(&token, world.now.wall), Err(TokenRefusal::Invalid));
}

#[test]
fn who_may_something_else_now_is_asked_for_a_newer_ticket_and_that_one_counts() {
    let world = World::new();
    let (ticket, token) = (world.ticket(), world.token(&[]));
    let member = MemberId::parse("m_1").unwrap();
    let revoked = Revoked::Member(member.clone());
    world.gate.revocations().add(&[Revoking { revoked, counts_from: 1 }]);
    assert_eq!(world.gate.caller(Some(&ticket), world.now.wall), Caller::Former);
    let expired = Err(Refusal::Token(TokenRefusal::Expired));
    assert_eq!(world.gate.enter(&ticket, world.now.wall), expired);
    assert_eq!(world.gate.enter(&token, world.now.wall), expired);
    let claims = Claims { generation: 1, ..Claims::default() };
    let now = world.now.wall;
    let newer = world.gate.tickets().mint(&member, claims, now, now, DAY).unwrap();
    assert!(world.gate.enter(&newer, now).is_ok());
}

#[test]
fn under_attack_strangers_wait_and_in_survival_newcomers_do_too() {
    let mut world = World::new();
    let asks =
        |world: &World, class| matches!(world.gate.ask(class, 7, None, world.now.wall), Turn::In { .. });
    world.pass(20, 0.0, Posture::UnderAttack);
    let classes = [Criticality::Returning, Criticality::Member, Criticality::Newcomer, Criticality::Stranger];
    assert_eq!(classes.map(|class| asks(&world, class)), [true, true, true, false]);
    world.pass(20, 0.0, Posture::Survival);
    assert_eq!(classes.map(|class| asks(&world, class)), [true, true, false, false]);
    world.pass(600, 0.0, Posture::Normal);
    assert_eq!(classes.map(|class| asks(&world, class)), [true; 4]);
}

#[test]
fn a_place_is_of_use_to_its_holder_alone_and_only_until_it_is_not_shown_for_long() {
    let world = World::new();
    let now = world.now.wall;
    let place = Place { since: now, subject: 7 };
    let token = world.gate.sign(place, now).unwrap();
    assert_eq!(world.gate.place(&token, &[3, 7], now), Some(place));
    assert_eq!(world.gate.place(&token, &[3], now), None);
    assert_eq!(world.gate.place(&token, &[7], now.after(DAY)), None);
    assert_eq!(World::new().gate.place(&token, &[7], now), None);
}

#[test]
fn the_room_of_two_nodes_is_one_queue_and_nonsense_from_another_node_changes_nothing() {
    let (mut one, two) = (World::new(), World::new());
    one.pass(20, 0.0, Posture::UnderAttack);
    let Turn::Wait(_) = one.gate.ask(Criticality::Stranger, 1, None, one.now.wall) else { panic!("let in") };
    one.pass(1, 20.0, Posture::UnderAttack);
    two.gate
        .hear_room(&[one.gate.tell_room().into(), "nonsense".into(), "{\"queues\":[]}".into()], one.now.wall);
    assert!(two.gate.has_waiting());
    two.gate.hear_room(&["{".into()], one.now.wall);
    assert!(!two.gate.has_waiting());
}
