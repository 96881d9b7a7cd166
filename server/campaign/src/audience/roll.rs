//! The roll of all active members: how many an audience is, who has which number, and which number somebody has.

use super::{Audience, HeadCount, Index, Label, MemberNumber, Traits};
use protocol::MemberId;
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use storage::records::member::{Member, Standing};

protocol::limits! {
    /// Most active members that a node holds on its roll, at about 150 bytes each; further ones are left out, which is said
    /// once, and then no audience is counted (507) and no bulletin goes by members' own channels.
    pub const ROLL_MEMBERS_MAX: usize = 2_000_000 => shown "holdfast_roll_partial";
}

/// Of this many parts of the roll one is to be free before it is worth while to read all members again.
const ROOM_PARTS: usize = 100;
/// Bytes of an id on the heap besides its text.
const ID_OVERHEAD_BYTES: usize = 16;

/// All active members, as a node knows them.
#[derive(Clone)]
pub struct Roll {
    index: Index,
    numbers: HashMap<MemberId, MemberNumber>,
    members: BTreeMap<MemberNumber, MemberId>,
    /// What the ids take on the heap.
    id_bytes: usize,
    max: usize,
    is_partial: bool,
}

/// Somebody is left out, as there are more members than a roll holds: nobody knows how many an audience is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are more members than a node holds")]
pub struct Partial;

impl Default for Roll {
    fn default() -> Self {
        Self::of_at_most(ROLL_MEMBERS_MAX)
    }
}

impl Roll {
    /// A roll with nobody on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A roll with nobody on it, which holds so many.
    pub fn of_at_most(max: usize) -> Self {
        Self {
            index: Index::new(),
            numbers: HashMap::new(),
            members: BTreeMap::new(),
            id_bytes: 0,
            max,
            is_partial: false,
        }
    }

    /// A member is this now. Who is not active, or has no number yet, is not on the roll.
    pub fn put(&mut self, member: &Member) {
        let Some(number) = member.number.map(MemberNumber).filter(|_| member.standing == Standing::Active)
        else {
            self.remove(&member.id);
            return;
        };
        if self.numbers.contains_key(&member.id) {
            self.index.put(number, &traits(member));
        } else if self.numbers.len() < self.max {
            self.index.put(number, &traits(member));
            self.id_bytes = self.id_bytes.saturating_add(id_bytes(&member.id));
            self.numbers.insert(member.id.clone(), number);
            self.members.insert(number, member.id.clone());
        } else {
            self.is_partial = true;
        }
    }

    /// A member is one no more.
    pub fn remove(&mut self, member: &MemberId) {
        if let Some(number) = self.numbers.remove(member) {
            self.index.remove(number);
            self.members.remove(&number);
            self.id_bytes = self.id_bytes.saturating_sub(id_bytes(member));
        }
    }

    /// Whether somebody is left out. It stays so until all members are read again.
    pub const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Whether somebody was left out and there is room by now.
    pub fn may_be_whole(&self) -> bool {
        self.is_partial && self.numbers.len() + self.max.div_ceil(ROOM_PARTS) <= self.max
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        // A hash table has a power of two of places, of which seven of eight are used, and a byte beside each.
        let places = (self.numbers.capacity().saturating_mul(8) / 7).next_power_of_two();
        let numbers = places.saturating_mul(size_of::<(MemberId, MemberNumber)>() + 1);
        // Nodes of a tree that was filled in order are a little more than half full.
        let members = self.members.len().saturating_mul(2 * size_of::<(MemberNumber, MemberId)>());
        numbers.saturating_add(members).saturating_add(self.id_bytes).saturating_add(self.index.bytes())
    }

    /// Packs the sets after many were put.
    pub fn pack(&mut self) {
        self.index.pack();
    }

    /// By what members are counted.
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The number of a member.
    pub fn number_of(&self, member: &MemberId) -> Option<MemberNumber> {
        self.numbers.get(member).copied()
    }

    /// Those of a set who are members still, in the order of their numbers, from one number on.
    pub fn members<'a>(
        &'a self,
        of: &'a RoaringBitmap,
        from: u32,
    ) -> impl Iterator<Item = (MemberNumber, &'a MemberId)> {
        let numbers = of.range(from..).map(MemberNumber);
        numbers.filter_map(|number| self.members.get(&number).map(|member| (number, member)))
    }

    /// Who an audience is. `missing` are those whom the bulletin did not reach that it asks for, if it asks for one.
    pub fn who(&self, audience: &Audience, missing: Option<&RoaringBitmap>) -> RoaringBitmap {
        let who = self.index.who(audience);
        match (&audience.not_reached, missing) {
            (None, _) => who,
            (Some(_), Some(missing)) => who & missing,
            // Nobody is taken for not reached whom nobody looked for.
            (Some(_), None) => RoaringBitmap::new(),
        }
    }

    /// How many an audience is, exactly, or that nobody knows.
    pub fn count(&self, audience: &Audience, missing: Option<&RoaringBitmap>) -> Result<HeadCount, Partial> {
        if self.is_partial {
            return Err(Partial);
        }
        if audience.not_reached.is_none() {
            return Ok(self.index.count(audience));
        }
        Ok(HeadCount { audience: self.who(audience, missing).len(), members: self.index.members() })
    }
}

fn id_bytes(id: &MemberId) -> usize {
    (ID_OVERHEAD_BYTES + id.as_str().len()).next_multiple_of(8)
}

fn traits(member: &Member) -> Traits {
    let labels = |names: &[String]| names.iter().filter_map(|name| Label::parse(name).ok()).collect();
    Traits { regions: labels(&member.regions), teams: labels(&member.teams), roles: member.roles.clone() }
}

/// Numbers and ids point at people.
impl fmt::Debug for Roll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roll({} members)", self.numbers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::NotReached;
    use crate::bulletin::BulletinId;
    use crate::receipts::Stage;
    use protocol::{Role, Timestamp};

    fn member(number: u32, region: &str, standing: Standing) -> Member {
        Member {
            left_at: None,
            id: MemberId::parse(&format!("m_{number}")).unwrap(),
            standing,
            roles: vec![Role::Activist],
            regions: vec![region.to_owned()],
            teams: vec![],
            joined_at: Timestamp::default(),
            revision: 1,
            generation: 0,
            devices: vec![],
            number: Some(number),
            personal: None,
        }
    }

    fn roll() -> Roll {
        let mut roll = Roll::new();
        for number in 0..10 {
            let region = if number < 4 { "north" } else { "south" };
            roll.put(&member(number, region, Standing::Active));
        }
        roll
    }

    fn north() -> Audience {
        Audience { regions: [Label::parse("north").unwrap()].into(), ..Audience::default() }
    }

    #[test]
    fn who_is_not_active_or_is_no_member_any_more_is_not_counted() {
        let mut roll = roll();
        roll.put(&member(0, "north", Standing::Waiting));
        roll.remove(&MemberId::parse("m_1").unwrap());
        roll.put(&member(2, "south", Standing::Active));
        assert_eq!(roll.count(&north(), None), Ok(HeadCount { audience: 1, members: 8 }));
        let all = roll.who(&Audience::everybody(), None);
        assert_eq!(roll.members(&all, 5).count(), 5, "from one number on");
        assert_eq!(roll.number_of(&MemberId::parse("m_1").unwrap()), None);
    }

    #[test]
    fn who_was_not_reached_is_whoever_is_missing_and_in_the_audience() {
        let roll = roll();
        let bulletin = BulletinId::new(Timestamp::default(), [1; 10]);
        let not_reached = Some(NotReached { bulletin, stage: Stage::Received });
        let asked = Audience { not_reached, ..north() };
        let missing: RoaringBitmap = [2, 3, 7].into_iter().collect();
        assert_eq!(roll.count(&asked, Some(&missing)), Ok(HeadCount { audience: 2, members: 10 }));
        assert_eq!(roll.count(&asked, None).unwrap().audience, 0);
    }

    #[test]
    fn more_members_than_it_holds_are_left_out_and_nobody_is_counted_until_all_are_read_again() {
        let mut roll = Roll::of_at_most(200);
        for number in 0..200 {
            roll.put(&member(number, "north", Standing::Active));
        }
        let full = HeadCount { audience: 200, members: 200 };
        assert_eq!((roll.count(&north(), None), roll.is_partial()), (Ok(full), false));
        roll.put(&member(7, "south", Standing::Active));
        assert_eq!(roll.count(&north(), None).unwrap().audience, 199, "whoever is on it may change");

        roll.put(&member(200, "north", Standing::Active));
        assert_eq!((roll.count(&north(), None), roll.index().members()), (Err(Partial), 200));
        roll.remove(&member(0, "", Standing::Active).id);
        assert!(roll.is_partial() && !roll.may_be_whole(), "there may be many more who were left out");
        roll.remove(&member(1, "", Standing::Active).id);
        assert!(roll.is_partial() && roll.may_be_whole());
    }

    #[test]
    fn what_it_takes_grows_with_its_members_and_shrinks_without_them() {
        let mut roll = Roll::new();
        let empty = roll.bytes();
        for number in 0..1_000 {
            roll.put(&member(number, "north", Standing::Active));
        }
        let full = roll.bytes();
        assert!((50_000..300_000).contains(&(full - empty)), "{empty} {full}");
        for number in 0..1_000 {
            roll.put(&member(number, "south", Standing::Active));
            roll.remove(&member(number, "", Standing::Active).id);
        }
        assert!(roll.bytes() < full / 2, "{}", roll.bytes());
    }
}
