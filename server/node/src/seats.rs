//! The connections of each device: bounded, and with a hold on each. One more than the bound takes the place of the
//! oldest, which is most likely one that a phone lost on its way; refusing the newest would shut out whoever comes back.

use parking_lot::Mutex;
use protocol::{DeviceId, Disconnect, MemberId};
use std::borrow::Borrow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

protocol::limits! {
    /// Most connections of a device to one node; more close the oldest with 3504.
    pub(crate) const SEATS_PER_DEVICE_MAX: usize = 16 => counted;
}

/// Who sits where.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    of: Mutex<HashMap<Whose, Places>>,
    /// Changes when somebody has to leave.
    taken: watch::Sender<()>,
}

/// A connection's place; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    place: Arc<Place>,
}

/// All that a connection adds, besides its entry.
#[derive(Debug)]
struct Place {
    whose: Whose,
    member: MemberId,
    generation: u64,
    reason: OnceLock<Disconnect>,
}

/// A device, or a member whose token names none. Known by its name alone, which is not held twice.
#[derive(Debug, Clone)]
enum Whose {
    Device(DeviceId),
    Member(MemberId),
}

/// The places of one device.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "nearly all have one place, and all would have the room of a list")]
enum Places {
    /// What nearly all have.
    One(Arc<Place>),
    /// In the order in which they came.
    Some(Box<VecDeque<Arc<Place>>>),
}

impl Seats {
    /// A place for a connection of a device, or of a member without one, who is of this generation.
    pub(crate) fn sit(
        self: &Arc<Self>,
        device: Option<&DeviceId>,
        member: &MemberId,
        generation: u64,
    ) -> Seat {
        let whose = match device {
            Some(device) => Whose::Device(device.clone()),
            None => Whose::Member(member.clone()),
        };
        let place = Arc::new(Place {
            whose: whose.clone(),
            member: member.clone(),
            generation,
            reason: OnceLock::new(),
        });
        match self.of.lock().entry(whose) {
            Entry::Vacant(entry) => {
                entry.insert(Places::One(Arc::clone(&place)));
            }
            Entry::Occupied(mut entry) => {
                let places = entry.get_mut();
                if let Some(oldest) = places.add(Arc::clone(&place)) {
                    oldest.take(Disconnect::ConnectionLimit);
                    self.taken.send_replace(());
                }
            }
        }
        Seat { seats: Arc::clone(self), place }
    }

    /// Every connection of a device has to leave, and not come back as it is.
    pub(crate) fn clear(&self, device: &str) {
        let mut is_taken = false;
        for place in self.of.lock().get(device).into_iter().flat_map(Places::iter) {
            place.take(Disconnect::InvalidToken);
            is_taken = true;
        }
        self.tell(is_taken);
    }

    /// Every connection of these members that is of an older generation has to leave, and come back with a newer ticket.
    pub(crate) fn clear_members(&self, counts_from: &HashMap<MemberId, u64>) {
        let mut is_taken = false;
        for place in self.of.lock().values().flat_map(Places::iter) {
            if counts_from.get(&place.member).is_some_and(|from| place.generation < *from) {
                place.take(Disconnect::Expired);
                is_taken = true;
            }
        }
        self.tell(is_taken);
    }

    /// Tells those who look after seats, if one of them was taken: each telling has them look at all.
    fn tell(&self, is_taken: bool) {
        if is_taken {
            self.taken.send_replace(());
        }
    }

    /// Tells whenever somebody has to leave, for those who look after many seats.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.taken.subscribe()
    }
}

impl Seat {
    /// The connection has to leave, because what it rests on was withdrawn as it came. Who calls it looks at the reason
    /// next: nobody else is told.
    pub(crate) fn leave(&self) {
        self.place.take(Disconnect::Expired);
    }

    /// Why the connection has to leave, if it has to.
    pub(crate) fn reason(&self) -> Option<Disconnect> {
        self.place.reason.get().copied()
    }

    /// Ends when the connection has to leave, with the reason.
    pub(crate) async fn taken(&self) -> Disconnect {
        // Before the first look: what changes behind it is told.
        let mut changes = self.seats.changes();
        loop {
            if let Some(reason) = self.reason() {
                return reason;
            }
            if changes.changed().await.is_err() {
                // Those who tell are there as long as the seat.
                return std::future::pending().await;
            }
        }
    }
}

impl Place {
    fn take(&self, reason: Disconnect) {
        // The first reason stays.
        let _first = self.reason.get_or_init(|| reason);
    }
}

impl Places {
    fn iter(&self) -> impl Iterator<Item = &Arc<Place>> {
        let (one, some) = match self {
            Self::One(one) => (Some(one), None),
            Self::Some(some) => (None, Some(some.iter())),
        };
        one.into_iter().chain(some.into_iter().flatten())
    }

    /// Adds the newest, and answers the oldest if that has no place beside it.
    fn add(&mut self, newest: Arc<Place>) -> Option<Arc<Place>> {
        match self {
            Self::One(one) => {
                *self = Self::Some(Box::new(VecDeque::from([Arc::clone(one), newest])));
                None
            }
            Self::Some(some) => {
                some.push_back(newest);
                if some.len() > SEATS_PER_DEVICE_MAX { some.pop_front() } else { None }
            }
        }
    }

    /// Takes one out; answers whether none is left.
    fn remove(&mut self, gone: &Arc<Place>) -> bool {
        match self {
            Self::One(one) => Arc::ptr_eq(one, gone),
            Self::Some(some) => {
                some.retain(|place| !Arc::ptr_eq(place, gone));
                some.is_empty()
            }
        }
    }
}

impl Whose {
    fn as_str(&self) -> &str {
        match self {
            Self::Device(device) => device.as_str(),
            Self::Member(member) => member.as_str(),
        }
    }
}

impl PartialEq for Whose {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Whose {}

impl Hash for Whose {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Whose {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut of = self.seats.of.lock();
        if of.get_mut(self.place.whose.as_str()).is_some_and(|places| places.remove(&self.place)) {
            of.remove(self.place.whose.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// Most bytes that a connection's seat and place take, without what each allocation costs.
    const SEAT_AND_PLACE_MAX_BYTES: usize = 56;
    /// Most bytes of a device's entry among all.
    const ENTRY_MAX_BYTES: usize = 32;

    #[test]
    fn a_seat_takes_little_memory_and_one_allocation() {
        let (seat, entry) = (size_of::<Seat>() + size_of::<Place>(), size_of::<(Whose, Places)>());
        assert!(seat <= SEAT_AND_PLACE_MAX_BYTES && entry <= ENTRY_MAX_BYTES, "{seat} and {entry} bytes");
        let seats = Arc::<Seats>::default();
        let _sitting = sit(&seats, "phone");
        assert!(seats.of.lock().values().all(|places| matches!(places, Places::One(_))));
    }

    #[test]
    fn who_comes_after_the_oldest_left_is_the_oldest() {
        let seats = Arc::<Seats>::default();
        let mut sitting: Vec<Seat> = (0..SEATS_PER_DEVICE_MAX).map(|_| sit(&seats, "phone")).collect();
        drop(sitting.remove(0));
        sitting.extend([sit(&seats, "phone"), sit(&seats, "phone")]);
        let leave: Vec<_> = sitting.iter().map(Seat::reason).collect();
        assert_eq!(leave[0], Some(Disconnect::ConnectionLimit));
        assert!(leave[1..].iter().all(Option::is_none));
    }

    #[test]
    fn who_waits_for_the_end_of_a_seat_is_woken_by_it() {
        let seats = Arc::<Seats>::default();
        let seat = sit(&seats, "phone");
        let mut taken = std::pin::pin!(seat.taken());
        assert_eq!(taken.as_mut().now_or_never(), None);
        seats.clear("laptop");
        assert_eq!(taken.as_mut().now_or_never(), None, "somebody else's");
        seats.clear("phone");
        assert_eq!(taken.as_mut().now_or_never(), Some(Disconnect::InvalidToken));
    }

    fn sit(seats: &Arc<Seats>, device: &str) -> Seat {
        seats.sit(Some(&DeviceId::parse(device).unwrap()), &MemberId::parse("m_1").unwrap(), 1)
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
        let phone = DeviceId::parse("phone").unwrap();
        let sitting =
            [(&old, 1), (&old, 2), (&other, 0)].map(|(member, n)| seats.sit(Some(&phone), member, n));
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
