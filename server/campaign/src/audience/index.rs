//! Who is where and what, as sets of numbers: a million members are counted in the time of a blink.
//!
//! Each member has a small number of their own that never changes and is never given again. A node makes the index from
//! all members' records when it starts, and keeps it up with what changes.

use super::{Audience, HeadCount, Label};
use protocol::Role;
use roaring::{MultiOps, RoaringBitmap};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A member's number: given once, with the member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberNumber(pub u32);

/// A name with its set, in a table that is half full.
const ENTRY_BYTES: usize = 2 * size_of::<(Label, RoaringBitmap)>();
/// What each part of a set takes besides its numbers.
const CONTAINER_BYTES: usize = 40;

/// Numbers point at people.
impl fmt::Debug for MemberNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberNumber(…)")
    }
}

/// By what a member is counted.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Traits {
    /// Their regions.
    pub regions: Vec<Label>,
    /// Their teams.
    pub teams: Vec<Label>,
    /// Their roles.
    pub roles: Vec<Role>,
}

/// Traits point at people.
impl fmt::Debug for Traits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traits(…)")
    }
}

/// All members by region, team and role.
#[derive(Clone, Default)]
pub struct Index {
    everybody: RoaringBitmap,
    regions: HashMap<Label, RoaringBitmap>,
    teams: HashMap<Label, RoaringBitmap>,
    roles: BTreeMap<Role, RoaringBitmap>,
}

impl Index {
    /// An index of nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// A member is this now, whatever they were. Cheapest for a new one.
    pub fn put(&mut self, member: MemberNumber, traits: &Traits) {
        let MemberNumber(number) = member;
        if !self.everybody.insert(number) {
            self.forget(number);
        }
        for region in &traits.regions {
            set_of(&mut self.regions, region).insert(number);
        }
        for team in &traits.teams {
            set_of(&mut self.teams, team).insert(number);
        }
        for role in &traits.roles {
            self.roles.entry(*role).or_default().insert(number);
        }
    }

    /// A member is one no more.
    pub fn remove(&mut self, member: MemberNumber) {
        if self.everybody.remove(member.0) {
            self.forget(member.0);
        }
    }

    fn forget(&mut self, number: u32) {
        for places in [&mut self.regions, &mut self.teams] {
            places.retain(|_, members| {
                members.remove(number);
                !members.is_empty()
            });
        }
        for members in self.roles.values_mut() {
            members.remove(number);
        }
    }

    /// Packs the sets after many were put: a start, an import.
    pub fn pack(&mut self) {
        let places = self.regions.values_mut().chain(self.teams.values_mut());
        for members in places.chain(self.roles.values_mut()).chain([&mut self.everybody]) {
            members.optimize();
        }
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let places = self.regions.iter().chain(&self.teams);
        let places: usize = places.map(|(label, set)| ENTRY_BYTES + label.as_str().len() + bytes(set)).sum();
        let roles: usize = self.roles.values().map(bytes).sum();
        places + roles + bytes(&self.everybody)
    }

    /// How many members there are.
    pub fn members(&self) -> u64 {
        self.everybody.len()
    }

    /// How many an audience is, exactly.
    pub fn count(&self, audience: &Audience) -> HeadCount {
        let (places, roles) = (self.places(audience), self.roles(audience));
        let count = match (places, roles) {
            (None, None) => self.everybody.len(),
            (Some(members), None) | (None, Some(members)) => members.len(),
            (Some(places), Some(roles)) => places.intersection_len(&roles),
        };
        HeadCount { audience: count, members: self.everybody.len() }
    }

    /// Who an audience is.
    pub fn who(&self, audience: &Audience) -> RoaringBitmap {
        match (self.places(audience), self.roles(audience)) {
            (None, None) => self.everybody.clone(),
            (Some(members), None) | (None, Some(members)) => members,
            (Some(places), Some(roles)) => places & roles,
        }
    }

    /// How many of these are in each region. Who is in two regions counts in both.
    pub fn by_region(&self, of: &RoaringBitmap) -> BTreeMap<Label, u64> {
        let counts = self.regions.iter().map(|(region, members)| (region, members.intersection_len(of)));
        counts.filter(|(_, count)| *count > 0).map(|(region, count)| (region.clone(), count)).collect()
    }

    fn places(&self, audience: &Audience) -> Option<RoaringBitmap> {
        let regions = audience.regions.iter().filter_map(|region| self.regions.get(region));
        let teams = audience.teams.iter().filter_map(|team| self.teams.get(team));
        let is_named = !(audience.regions.is_empty() && audience.teams.is_empty());
        is_named.then(|| MultiOps::<&RoaringBitmap>::union(regions.chain(teams)))
    }

    fn roles(&self, audience: &Audience) -> Option<RoaringBitmap> {
        let roles = audience.roles.iter().filter_map(|role| self.roles.get(role));
        (!audience.roles.is_empty()).then(|| roles.union())
    }
}

/// What a set takes.
fn bytes(set: &RoaringBitmap) -> usize {
    let all = set.statistics();
    let containers = usize::try_from(all.n_containers).unwrap_or(usize::MAX);
    let data = all.n_bytes_array_containers + all.n_bytes_run_containers + all.n_bytes_bitset_containers;
    let data = usize::try_from(data).unwrap_or(usize::MAX);
    data.saturating_add(containers.saturating_mul(CONTAINER_BYTES))
}

fn set_of<'a>(sets: &'a mut HashMap<Label, RoaringBitmap>, label: &Label) -> &'a mut RoaringBitmap {
    sets.entry(label.clone()).or_default()
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} members)", self.everybody.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::collections::BTreeSet;

    const ROLES: [Role; 3] = [Role::Activist, Role::Sender, Role::Observer];

    fn label() -> impl Strategy<Value = Label> + Clone {
        select(vec!["a", "b", "c"]).prop_map(|name| Label::parse(name).unwrap())
    }

    fn traits() -> impl Strategy<Value = Traits> {
        let (places, roles) = (btree_set(label(), 0..3), btree_set(select(ROLES.to_vec()), 0..3));
        (places.clone(), places, roles).prop_map(|(regions, teams, roles)| Traits {
            regions: regions.into_iter().collect(),
            teams: teams.into_iter().collect(),
            roles: roles.into_iter().collect(),
        })
    }

    fn audience() -> impl Strategy<Value = Audience> {
        (btree_set(label(), 0..3), btree_set(label(), 0..3), btree_set(select(ROLES.to_vec()), 0..3))
            .prop_map(|(regions, teams, roles)| Audience { regions, teams, roles, not_reached: None })
    }

    fn is_in(audience: &Audience, traits: &Traits) -> bool {
        let places = audience.regions.is_empty() && audience.teams.is_empty()
            || traits.regions.iter().any(|region| audience.regions.contains(region))
            || traits.teams.iter().any(|team| audience.teams.contains(team));
        let roles =
            audience.roles.is_empty() || traits.roles.iter().any(|role| audience.roles.contains(role));
        places && roles
    }

    proptest! {
        #[test]
        fn a_count_is_what_going_through_all_members_would_find(
            changes in vec((0_u32..20, proptest::option::of(traits())), 0..60),
            asked in audience(),
        ) {
            let (mut index, mut members) = (Index::new(), BTreeMap::new());
            for (number, change) in changes {
                if let Some(traits) = change {
                    index.put(MemberNumber(number), &traits);
                    members.insert(number, traits);
                } else {
                    index.remove(MemberNumber(number));
                    members.remove(&number);
                }
            }
            index.pack();
            let found: BTreeSet<u32> = members
                .iter()
                .filter(|(_, traits)| is_in(&asked, traits))
                .map(|(number, _)| *number)
                .collect();
            let who = index.who(&asked);
            prop_assert_eq!(who.iter().collect::<BTreeSet<_>>(), found.clone());
            let count = index.count(&asked);
            prop_assert_eq!(count.audience, u64::try_from(found.len()).unwrap());
            prop_assert_eq!(count.members, u64::try_from(members.len()).unwrap());
            for (region, count) in index.by_region(&who) {
                let there = found.iter().filter(|number| members[number].regions.contains(&region)).count();
                prop_assert_eq!(count, u64::try_from(there).unwrap());
            }
        }
    }
}
