//! The roll of all active members: how many an audience is, who has which number, and which number somebody has.

use super::{Audience, HeadCount, Index, Label, MemberNumber, Traits};
use protocol::MemberId;
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use storage::records::member::{Member, Standing};

/// All active members, as a node knows them.
#[derive(Clone, Default)]
pub struct Roll {
    index: Index,
    numbers: HashMap<MemberId, MemberNumber>,
    members: BTreeMap<MemberNumber, MemberId>,
}

impl Roll {
    /// A roll with nobody on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A member is this now. Who is not active, or has no number yet, is not on the roll.
    pub fn put(&mut self, member: &Member) {
        match member.number.map(MemberNumber).filter(|_| member.standing == Standing::Active) {
            Some(number) => {
                self.index.put(number, &traits(member));
                self.numbers.insert(member.id.clone(), number);
                self.members.insert(number, member.id.clone());
            }
            None => self.remove(&member.id),
        }
    }

    /// A member is one no more.
    pub fn remove(&mut self, member: &MemberId) {
        if let Some(number) = self.numbers.remove(member) {
            self.index.remove(number);
            self.members.remove(&number);
        }
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

    /// How many an audience is.
    pub fn count(&self, audience: &Audience, missing: Option<&RoaringBitmap>) -> HeadCount {
        if audience.not_reached.is_none() {
            return self.index.count(audience);
        }
        HeadCount { audience: self.who(audience, missing).len(), members: self.index.members() }
    }
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
        assert_eq!(roll.count(&north(), None), HeadCount { audience: 1, members: 8 });
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
        assert_eq!(roll.count(&asked, Some(&missing)), HeadCount { audience: 2, members: 10 });
        assert_eq!(roll.count(&asked, None).audience, 0);
    }
}
