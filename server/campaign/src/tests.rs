//! People on a store in memory, with a clock that stands where a test puts it.

mod answers;
mod coming_in;
mod devices;
mod import;
mod inbox;
mod leaving;
mod linking;
mod members;
mod passkeys;
mod reading_out;
mod rolls;
mod sign_on;
mod trust;

use crate::invites::InviteTerms;
use crate::{Attempt, People, Rights, SignedIn};
use identity::{KeySet, Secret};
use protocol::{Epoch, MemberId, Role, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use storage::memory::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: Duration = Duration::from_hours(24);

fn people() -> People {
    let epoch = Arc::new(|| Epoch::parse("e").unwrap());
    People::new(Arc::new(MemoryStore::new(epoch)), &KeySet::generate().unwrap(), DAY)
}

fn attempt(n: usize) -> Attempt {
    Attempt::parse(&format!("attempt-number-{n:04}")).unwrap()
}

fn rights(role: Role, region: &str) -> Rights {
    Rights::new(vec![role], vec![region.to_owned()], vec![]).unwrap()
}

fn terms(max_uses: u32) -> InviteTerms {
    InviteTerms::new(rights(Role::Activist, "north"), max_uses, Duration::from_hours(1), false).unwrap()
}

impl People {
    /// Somebody new, by an invite of their own.
    async fn joined(&self, terms: InviteTerms) -> SignedIn {
        let (secret, _) = self.invite(terms, &admin(), NOW).await.unwrap();
        self.redeem(&secret, &attempt(0), NOW).await.unwrap()
    }
}

fn admin() -> MemberId {
    MemberId::parse("m_admin").unwrap()
}

fn unknown() -> Secret {
    Secret::random().unwrap()
}
