//! Of how many different members an organiser's device was told lately: what a console shows in an hour's work is not the
//! list, and whoever reads out the list is told of many.
//!
//! Things to note:
//! * The same members again cost nothing, so that a page may be looked at as often as one likes.
//! * It is counted in the store, so that it is the same at every node. Kept are parts of hashes of ids, for an hour.

use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::{Away, People};
use identity::derived::hashed;
use protocol::{DeviceId, MemberId, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;
use storage::records::told::MembersTold;
use storage::{Expect, RecordKind};

protocol::limits! {
    /// Different members of whom one device of an organiser is told within an hour without a passkey of the last minutes; of
    /// a further one it is told after that.
    pub const MEMBERS_TOLD_MAX: usize = 500 => counted;
    /// How long it counts of whom a device was told, from the first of them on.
    pub const MEMBERS_TOLD_FOR: Duration = Duration::from_hours(1) => unseen;
}

/// As much of a hash as tells so few members apart.
const MARK_CHARS: usize = 8;

impl People {
    /// Whether a device may be told of these members, too, and notes that it is. If not, nothing is noted.
    pub async fn may_tell(
        &self,
        device: &DeviceId,
        members: &[&MemberId],
        now: Timestamp,
    ) -> Result<bool, Away> {
        let marks: BTreeSet<String> = members.iter().map(|member| mark(member)).collect();
        let key = kept::key(RecordKind::MembersTold, device.as_str())?;
        for _ in 0..CONFLICTS_MAX {
            let kept = kept::get::<MembersTold>(&*self.records, &key, now).await?;
            let (mut told, expect) = match kept {
                Some(Kept { value, version }) => (value, Expect::Version(version)),
                None => (
                    MembersTold { until: now.after(MEMBERS_TOLD_FOR), marks: BTreeSet::new() },
                    Expect::Absent,
                ),
            };
            let before = told.marks.len();
            told.marks.extend(marks.iter().cloned());
            if told.marks.len() == before {
                return Ok(true);
            }
            if told.marks.len() > MEMBERS_TOLD_MAX {
                return Ok(false);
            }
            let until = told.until;
            let write = kept::put(key.clone(), expect, &told, Some(until))?;
            if kept::committed(&*self.records, vec![write], now).await? {
                return Ok(true);
            }
        }
        Err(Away)
    }
}

fn mark(member: &MemberId) -> String {
    hashed(member.as_str()).as_str().chars().take(MARK_CHARS).collect()
}
