//! The anteroom: where a connection is until it is known whose it is. It has its own budget, so that members never
//! compete with strangers for room, and it is fair by prefix: when it is full, the oldest connection of the prefix that
//! has most goes. Accepting never stops for want of room here.

use crate::prefix::Prefix;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A connection's number, in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guest(u64);

/// Who is in it, and what each has to go with: whatever is needed to end the connection.
#[derive(Debug)]
pub struct Anteroom<T> {
    max: usize,
    next: u64,
    guests: BTreeMap<Guest, (Prefix, T)>,
    of: HashMap<Prefix, BTreeSet<Guest>>,
    /// Prefixes by how many they have; of as many, the one whose oldest came first is last.
    heaviest: BTreeSet<(usize, Reverse<Guest>, Prefix)>,
}

impl<T> Anteroom<T> {
    /// Room for so many, at least one.
    pub fn new(max: usize) -> Self {
        let (guests, of, heaviest) = (BTreeMap::new(), HashMap::new(), BTreeSet::new());
        Self { max: max.max(1), next: 0, guests, of, heaviest }
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.guests.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.guests.is_empty()
    }

    /// Lets one in. Whoever has to go for them is answered.
    pub fn enter(&mut self, prefix: Prefix, with: T) -> (Guest, Option<T>) {
        let evicted = if self.guests.len() >= self.max { self.evict() } else { None };
        let guest = Guest(self.next);
        self.next = self.next.wrapping_add(1);
        self.guests.insert(guest, (prefix, with));
        self.change(prefix, |guests| {
            guests.insert(guest);
        });
        (guest, evicted)
    }

    /// One leaves: they are known now, or gone. Nothing if they had to go before.
    pub fn leave(&mut self, guest: Guest) -> Option<T> {
        let (prefix, with) = self.guests.remove(&guest)?;
        self.change(prefix, |guests| {
            guests.remove(&guest);
        });
        Some(with)
    }

    /// The oldest of the prefix that has most has to go; nothing if nobody is in it.
    pub fn evict(&mut self) -> Option<T> {
        let (_, Reverse(oldest), _) = *self.heaviest.last()?;
        self.leave(oldest)
    }

    /// Changes a prefix's guests, and its place among the prefixes.
    fn change(&mut self, prefix: Prefix, change: impl FnOnce(&mut BTreeSet<Guest>)) {
        let guests = self.of.entry(prefix).or_default();
        if let Some(oldest) = guests.first() {
            self.heaviest.remove(&(guests.len(), Reverse(*oldest), prefix));
        }
        change(guests);
        match guests.first() {
            Some(oldest) => {
                self.heaviest.insert((guests.len(), Reverse(*oldest), prefix));
            }
            None => {
                self.of.remove(&prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn prefix(n: u32) -> Prefix {
        Prefix::of(Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn a_flood_from_one_prefix_costs_only_itself() {
        let mut room = Anteroom::new(10);
        let (member, _) = room.enter(prefix(1), "member");
        let gone: Vec<_> = (0..1_000).filter_map(|_| room.enter(prefix(2), "flood").1).collect();
        assert_eq!(gone.len(), 991);
        assert!(gone.iter().all(|gone| *gone == "flood"));
        assert_eq!(room.leave(member), Some("member"));
    }

    #[test]
    fn of_prefixes_with_as_many_the_oldest_goes_first() {
        let mut room = Anteroom::new(3);
        for n in 1..=3 {
            room.enter(prefix(n), n);
        }
        assert_eq!(room.enter(prefix(4), 4).1, Some(1));
        assert_eq!(room.enter(prefix(5), 5).1, Some(2));
    }

    #[test]
    fn who_left_is_not_asked_to_go() {
        let mut room = Anteroom::new(2);
        let (one, _) = room.enter(prefix(1), 1);
        room.enter(prefix(2), 2);
        assert_eq!(room.leave(one), Some(1));
        assert_eq!(room.leave(one), None);
        assert_eq!(room.enter(prefix(1), 3).1, None);
    }

    proptest! {
        #[test]
        fn it_is_never_over_its_budget_and_always_takes_from_a_heaviest(
            steps in proptest::collection::vec((0_u32..8, any::<bool>()), 1..400)
        ) {
            let mut room = Anteroom::new(16);
            let mut inside: Vec<(Guest, u32)> = Vec::new();
            for (n, leaves) in steps {
                if leaves && let Some(at) = inside.iter().position(|(_, of)| *of == n) {
                    let (guest, of) = inside.remove(at);
                    prop_assert_eq!(room.leave(guest), Some(of));
                    continue;
                }
                let count = |of: u32| inside.iter().filter(|(_, other)| *other == of).count();
                let most = (0..8).map(count).max().unwrap_or(0);
                let (guest, evicted) = room.enter(prefix(n), n);
                if let Some(of) = evicted {
                    prop_assert_eq!(count(of), most);
                    let at = inside.iter().position(|(_, other)| *other == of).unwrap();
                    inside.remove(at);
                }
                inside.push((guest, n));
                prop_assert!(room.len() <= 16);
                prop_assert_eq!(room.len(), inside.len());
            }
            for (guest, of) in inside {
                prop_assert_eq!(room.leave(guest), Some(of));
            }
            prop_assert!(room.is_empty() && room.of.is_empty() && room.heaviest.is_empty());
        }
    }
}
