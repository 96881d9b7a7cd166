//! A device on which a member is signed in. Its secret is changed for the next one as it is used; who shows one that was
//! changed long ago has it from somewhere else.

use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

protocol::limits! {
    /// How long a device's secret still counts after its next one was shown: requests that were under way together, and
    /// pages that are open side by side. Later it signs the device out. A secret is not changed more often than this.
    pub const SECRET_OVERLAP: Duration = Duration::from_mins(1) => unseen;
}

/// One signed-in device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Whose it is.
    pub member: MemberId,
    /// Since when.
    pub since: Timestamp,
    /// The last of its secrets that was shown.
    #[serde(default)]
    pub shown: u32,
    /// Since when that one is known to have arrived.
    pub shown_since: Timestamp,
    /// The last of its secrets that was given out: the one shown, or the next. Until that is shown both count, however
    /// long it takes, because the answer may have been lost on its way.
    #[serde(default)]
    pub given: u32,
    /// Whether it was signed out because an old secret was shown. Kept for a while, so that it can be said.
    #[serde(default)]
    pub is_stolen: bool,
    /// The public half of a key that its browser holds and cannot give away, if it is bound to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When a passkey was shown on it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Until when its member's first passkey may be registered on it without anybody's help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registers_until: Option<Timestamp>,
}

/// What it means that a secret was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Showing {
    /// It counts, and the device is now like this.
    Changed(Device),
    /// It counts, and nothing changes.
    Same,
    /// It was changed long ago: two hold secrets of this device.
    Stolen,
}

impl Device {
    /// A device that was given its first secret.
    pub const fn new(member: MemberId, now: Timestamp) -> Self {
        Self {
            member,
            since: now,
            shown: 0,
            shown_since: now,
            given: 0,
            is_stolen: false,
            key: None,
            confirmed_at: None,
            registers_until: None,
        }
    }

    /// Somebody shows a secret of this generation. The one to answer is `given`, before or after the change.
    pub fn show(&self, generation: u32, now: Timestamp) -> Showing {
        let is_settled = self.shown == 0 || now >= self.shown_since.after(SECRET_OVERLAP);
        if self.is_stolen {
            Showing::Stolen
        } else if generation > self.given || (generation == self.given && self.given > self.shown) {
            // A generation that was never given was given by a store that has been put back to an earlier day.
            Showing::Changed(Self { shown: generation, shown_since: now, given: generation, ..self.clone() })
        } else if generation == self.given && is_settled {
            Showing::Changed(Self { given: self.given.saturating_add(1), ..self.clone() })
        } else if generation == self.shown || (generation + 1 == self.shown && !is_settled) {
            Showing::Same
        } else {
            Showing::Stolen
        }
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn device() -> Device {
        Device::new(MemberId::parse("m_1").unwrap(), NOW)
    }

    fn changed(device: &Device, generation: u32, now: Timestamp) -> Device {
        let Showing::Changed(device) = device.show(generation, now) else { panic!("nothing changed") };
        device
    }

    #[test]
    fn a_secret_is_changed_as_it_is_used_and_the_same_next_one_is_given_until_it_is_shown() {
        let given = changed(&device(), 0, NOW);
        assert_eq!((given.shown, given.given), (0, 1));
        assert_eq!(given.show(0, NOW.after(30 * DAY)), Showing::Same, "a lost answer costs nothing, ever");
        let shown = changed(&given, 1, NOW.after(DAY));
        assert_eq!((shown.shown, shown.given), (1, 1));
        assert_eq!(shown.show(1, NOW.after(DAY)), Showing::Same, "not more often than the overlap");
        assert_eq!(changed(&shown, 1, NOW.after(2 * DAY)).given, 2);
    }

    #[test]
    fn an_old_secret_counts_for_the_overlap_and_then_shows_that_two_have_it() {
        let shown = changed(&changed(&device(), 0, NOW), 1, NOW);
        assert_eq!(shown.show(0, NOW), Showing::Same);
        assert_eq!(shown.show(0, NOW.after(SECRET_OVERLAP)), Showing::Stolen);
        let later = NOW.after(DAY);
        let next = changed(&changed(&shown, 1, later), 2, later);
        assert_eq!(next.show(0, later), Showing::Stolen);
        assert_eq!(Device { is_stolen: true, ..next }.show(2, later), Showing::Stolen);
    }

    #[test]
    fn a_store_that_was_put_back_signs_nobody_out() {
        assert_eq!(changed(&device(), 9, NOW).given, 9);
    }
}
