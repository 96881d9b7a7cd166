//! What each posture gives up. Never given up, at any of them: sockets of members that are open, answers to what was
//! stored, the urgent lane, operators, the return with a ticket, the record of the incident, `/health`.

use super::Posture;
use crate::{Criticality, Level};
use protocol::Lane;
use std::time::Duration;

protocol::limits! {
    /// Longest that readers are told later of bulk messages, under attack and in survival. One wake-up each three seconds
    /// is twenty a minute for a channel, however much is posted there; and who reads a summary does not miss three seconds.
    pub const BULK_DELIVERY_WAIT: Duration = Duration::from_secs(3) => shown "holdfast_deferred_wait_seconds";
    /// Longest that they are told later of normal messages, in survival: below what people take for a pause, and four
    /// wake-ups a second for a channel.
    pub const NORMAL_DELIVERY_WAIT: Duration = Duration::from_millis(250) => shown "holdfast_deferred_wait_seconds";
}

impl Posture {
    /// How long an HTTP connection without a request is kept; nothing if each answer is its last.
    pub const fn keep_alive(self) -> Option<Duration> {
        match self {
            Self::Normal => Some(Duration::from_secs(5)),
            Self::Elevated => Some(Duration::from_secs(1)),
            Self::UnderAttack | Self::Survival => None,
        }
    }

    /// Most publications of a page of history, when `most` are in one in normal times. Who wants more asks again.
    pub const fn history_page(self, most: usize) -> usize {
        let page = match self {
            Self::Normal => most,
            Self::Elevated | Self::UnderAttack => most / 2,
            Self::Survival => most / 4,
        };
        if page == 0 { 1 } else { page }
    }

    /// Time between pings of a connection that begins now, when it is `configured` in normal times. SDKs take the
    /// interval for the connection's life, so those that are open keep theirs.
    pub fn ping_interval(self, configured: Duration) -> Duration {
        match self {
            Self::Normal | Self::Elevated => configured,
            Self::UnderAttack | Self::Survival => configured.saturating_mul(11) / 5,
        }
    }

    /// Every how manieth survey of readers is made; nothing if none is.
    pub const fn surveys_one_in(self) -> Option<u32> {
        match self {
            Self::Normal => Some(1),
            Self::Elevated => Some(10),
            Self::UnderAttack | Self::Survival => None,
        }
    }

    /// How long live readers may be told later of a message of that lane, which is stored and answered as always. Nothing
    /// if it is delivered at once, as what is urgent always is.
    pub const fn delivery_wait(self, lane: Lane) -> Duration {
        match (self, lane) {
            (Self::UnderAttack | Self::Survival, Lane::Bulk) => BULK_DELIVERY_WAIT,
            (Self::Survival, Lane::Normal) => NORMAL_DELIVERY_WAIT,
            (Self::Normal | Self::Elevated | Self::UnderAttack | Self::Survival, _) => Duration::ZERO,
        }
    }

    /// The last level that is let in as it comes: under attack strangers wait, in survival newcomers do as well.
    pub const fn admits_up_to(self) -> Level {
        match self {
            Self::Normal | Self::Elevated => Level::LAST,
            Self::UnderAttack => Level::last_of(Criticality::Newcomer),
            Self::Survival => Level::last_of(Criticality::Member),
        }
    }

    /// What limits of strangers by network prefix are divided by; nothing if strangers are let in by none.
    pub const fn prefix_divisor(self) -> Option<u32> {
        match self {
            Self::Normal => Some(1),
            Self::Elevated => Some(2),
            Self::UnderAttack => Some(4),
            Self::Survival => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_gives_up_at_least_as_much_as_the_one_below() {
        for posture in Posture::ALL {
            let (less, more) = (posture.below(), posture);
            let most = 300;
            assert!(more.keep_alive() <= less.keep_alive());
            assert!(more.history_page(most) <= less.history_page(most) && more.history_page(1) == 1);
            assert!(
                more.ping_interval(Duration::from_secs(25)) >= less.ping_interval(Duration::from_secs(25))
            );
            for lane in Lane::ALL {
                assert!(more.delivery_wait(lane) >= less.delivery_wait(lane));
                assert!(lane != Lane::Urgent || more.delivery_wait(lane).is_zero());
            }
            assert!(more.surveys_one_in().unwrap_or(u32::MAX) >= less.surveys_one_in().unwrap_or(u32::MAX));
            assert!(more.prefix_divisor().unwrap_or(u32::MAX) >= less.prefix_divisor().unwrap_or(u32::MAX));
        }
    }

    #[test]
    fn pings_come_every_55_seconds_instead_of_25_under_attack_and_no_interval_overflows() {
        let interval = |configured| Posture::UnderAttack.ping_interval(configured);
        assert_eq!(interval(Duration::from_secs(25)), Duration::from_secs(55));
        assert!(interval(Duration::MAX) > Duration::from_hours(1));
    }

    #[test]
    fn bulk_is_told_later_from_under_attack_on_and_normal_in_survival() {
        let waits = |lane| Posture::ALL.map(|posture| posture.delivery_wait(lane));
        let none = Duration::ZERO;
        assert_eq!(waits(Lane::Urgent), [none; 4]);
        assert_eq!(waits(Lane::Normal), [none, none, none, NORMAL_DELIVERY_WAIT]);
        assert_eq!(waits(Lane::Bulk), [none, none, BULK_DELIVERY_WAIT, BULK_DELIVERY_WAIT]);
    }

    #[test]
    fn a_page_is_halved_and_then_halved_again() {
        let pages: Vec<_> = Posture::ALL.into_iter().map(|posture| posture.history_page(300)).collect();
        assert_eq!(pages, [300, 150, 150, 75]);
    }
}
