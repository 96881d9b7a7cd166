//! The connections of each device: bounded, and with a hold on each. One more than the bound takes the place of the
//! oldest, which is most likely one that a phone lost on its way; refusing the newest would shut out whoever comes back.

use parking_lot::Mutex;
use protocol::{Disconnect, MemberId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Notify, watch};

protocol::limits! {
    /// Most connections of a device to one node; more close the oldest with 3504.
    pub(crate) const SEATS_PER_DEVICE_MAX: usize = 16 => counted;
}

/// Who sits where.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    of: Mutex<HashMap<Box<str>, VecDeque<Arc<Place>>>>,
    /// Changes when somebody has to leave.
    taken: watch::Sender<()>,
}

/// A connection's place; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    device: Box<str>,
    place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    member: MemberId,
    generation: u64,
    taken: Notify,
    reason: OnceLock<Disconnect>,
}

impl Seats {
    /// A place for a connection of a device, whose member is of this generation.
    pub(crate) fn sit(self: &Arc<Self>, device: &str, member: &MemberId, generation: u64) -> Seat {
        let place = Arc::new(Place {
            member: member.clone(),
            generation,
            taken: Notify::new(),
            reason: OnceLock::new(),
        });
        let mut of = self.of.lock();
        let places = of.entry(device.into()).or_default();
        if places.len() >= SEATS_PER_DEVICE_MAX
            && let Some(oldest) = places.pop_front()
        {
            oldest.take(Disconnect::ConnectionLimit);
            self.taken.send_replace(());
        }
        places.push_back(Arc::clone(&place));
        drop(of);
        Seat { seats: Arc::clone(self), device: device.into(), place }
    }

    /// Every connection of a device has to leave, and not come back as it is.
    pub(crate) fn clear(&self, device: &str) {
        for place in self.of.lock().get(device).into_iter().flatten() {
            place.take(Disconnect::InvalidToken);
        }
        self.taken.send_replace(());
    }

    /// Every connection of these members that is of an older generation has to leave, and come back with a newer ticket.
    pub(crate) fn clear_members(&self, counts_from: &HashMap<MemberId, u64>) {
        for place in self.of.lock().values().flatten() {
            if counts_from.get(&place.member).is_some_and(|from| place.generation < *from) {
                place.take(Disconnect::Expired);
            }
        }
        self.taken.send_replace(());
    }

    /// Tells whenever somebody has to leave, for those who look after many seats.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.taken.subscribe()
    }
}

impl Seat {
    /// The connection has to leave, because what it rests on was withdrawn as it came.
    pub(crate) fn leave(&self) {
        self.place.take(Disconnect::Expired);
    }

    /// Why the connection has to leave, if it has to.
    pub(crate) fn reason(&self) -> Option<Disconnect> {
        self.place.reason.get().copied()
    }

    /// Ends when the connection has to leave, with the reason.
    pub(crate) async fn taken(&self) -> Disconnect {
        loop {
            if let Some(reason) = self.reason() {
                return reason;
            }
            self.place.taken.notified().await;
        }
    }
}

impl Place {
    fn take(&self, reason: Disconnect) {
        // The first reason stays.
        if self.reason.set(reason).is_ok() {
            self.taken.notify_one();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut of = self.seats.of.lock();
        if let Some(places) = of.get_mut(&self.device) {
            places.retain(|place| !Arc::ptr_eq(place, &self.place));
            if places.is_empty() {
                of.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn sit(seats: &Arc<Seats>, device: &str) -> Seat {
        seats.sit(device, &MemberId::parse("m_1").unwrap(), 1)
    }

    #[test]
    fn one_more_than_the_bound_takes_the_place_of_the_oldest() {
        let seats = Arc::<Seats>::default();
        let mut sitting: Vec<Seat> = (0..SEATS_PER_DEVICE_MAX).map(|_| sit(&seats, "phone")).collect();
        assert!(sitting.iter().all(|seat| seat.taken().now_or_never().is_none()));
        sitting.push(sit(&seats, "phone"));
        let leave: Vec<_> = sitting.iter().map(|seat| seat.taken().now_or_never()).collect();
        assert_eq!(leave[0], Some(Disconnect::ConnectionLimit));
        assert!(leave[1..].iter().all(Option::is_none));
    }

    #[test]
    fn a_device_that_is_cleared_leaves_with_all_its_connections_and_others_stay() {
        let seats = Arc::<Seats>::default();
        let sitting = ["phone", "phone", "laptop"].map(|device| sit(&seats, device));
        seats.clear("phone");
        let leave = sitting.each_ref().map(|seat| seat.taken().now_or_never());
        assert_eq!(leave, [Some(Disconnect::InvalidToken), Some(Disconnect::InvalidToken), None]);
    }

    #[test]
    fn the_connections_of_an_older_generation_come_back_and_newer_ones_stay() {
        let seats = Arc::<Seats>::default();
        let (old, other) = (MemberId::parse("m_1").unwrap(), MemberId::parse("m_2").unwrap());
        let sitting = [(&old, 1), (&old, 2), (&other, 0)].map(|(member, n)| seats.sit("phone", member, n));
        seats.clear_members(&HashMap::from([(old.clone(), 2)]));
        let leave = sitting.each_ref().map(|seat| seat.taken().now_or_never());
        assert_eq!(leave, [Some(Disconnect::Expired), None, None]);
    }

    #[test]
    fn who_leaves_makes_room_and_devices_do_not_share() {
        let seats = Arc::<Seats>::default();
        let mut sitting: Vec<Seat> = (0..SEATS_PER_DEVICE_MAX).map(|_| sit(&seats, "phone")).collect();
        sitting.pop();
        sitting.push(sit(&seats, "phone"));
        sitting.push(sit(&seats, "laptop"));
        assert!(sitting.iter().all(|seat| seat.taken().now_or_never().is_none()));
        drop(sitting);
        assert!(seats.of.lock().is_empty());
    }
}
