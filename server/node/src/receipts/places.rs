//! Where bulletins are in the log, as far as they were seen going by: what the account of egress tells by offset is told
//! by bulletin.

use campaign::bulletin::BulletinId;
use parking_lot::Mutex;
use protocol::{ChannelKind, ChannelName, Offset, Payload, rpc};
use std::collections::{HashMap, VecDeque};

protocol::limits! {
    /// Most publications of which a node remembers which bulletin they are; the oldest go first.
    pub(crate) const PLACES_KNOWN_MAX: usize = 16_384 => unseen;
}

/// The latest bulletins, by channel and offset.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    bulletins: HashMap<(ChannelName, u64), BulletinId>,
    oldest: VecDeque<(ChannelName, u64)>,
}

impl Places {
    /// Notes something new, and answers which bulletin it is; most of it is none.
    pub(super) fn note(&self, channel: &ChannelName, offset: Offset, data: &Payload) -> Option<BulletinId> {
        let may_be_one = matches!(
            channel.kind(),
            Some(
                ChannelKind::BulletinsAll
                    | ChannelKind::BulletinsRegion(_)
                    | ChannelKind::Inbox(_)
                    | ChannelKind::Team(_)
            )
        );
        let bulletin = || rpc::id_inside(data).and_then(|id| BulletinId::parse(&id).ok());
        let bulletin = may_be_one.then(bulletin).flatten()?;
        let mut known = self.0.lock();
        if known.bulletins.len() >= PLACES_KNOWN_MAX
            && let Some(oldest) = known.oldest.pop_front()
        {
            known.bulletins.remove(&oldest);
        }
        let place = (channel.clone(), offset.get());
        if known.bulletins.insert(place.clone(), bulletin.clone()).is_none() {
            known.oldest.push_back(place);
        }
        Some(bulletin)
    }

    /// The bulletins in a part of a channel.
    pub(super) fn between(&self, channel: &ChannelName, first: u64, last: u64) -> Vec<BulletinId> {
        let known = self.0.lock();
        if known.bulletins.is_empty() {
            return Vec::new();
        }
        let here = |offset: &u64| (first..=last).contains(offset);
        // Whichever is less to look at.
        if last.saturating_sub(first) < 1_024 {
            let offsets = (first..=last).map(|offset| (channel.clone(), offset));
            return offsets.filter_map(|place| known.bulletins.get(&place).cloned()).collect();
        }
        let all = known.bulletins.iter().filter(|((of, offset), _)| of == channel && here(offset));
        all.map(|(_, bulletin)| bulletin.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;

    fn bulletin(n: u64) -> BulletinId {
        BulletinId::new(Timestamp::from_millis(n), [1; 10])
    }

    fn note(places: &Places, channel: &ChannelName, offset: u64, id: &str) {
        let data = Payload::parse(format!("{{\"id\":\"{id}\"}}").as_bytes()).unwrap();
        places.note(channel, Offset::new(offset), &data);
    }

    #[test]
    fn bulletins_are_found_by_where_they_are_and_nothing_else_is() {
        let (places, all) = (Places::default(), ChannelName::bulletins_all());
        note(&places, &all, 3, bulletin(3).as_str());
        note(&places, &all, 4, "a word of somebody's");
        note(&places, &ChannelName::service_status(), 5, bulletin(5).as_str());
        assert_eq!(places.between(&all, 1, 9), [bulletin(3)]);
        assert_eq!(places.between(&all, 1, u64::MAX), [bulletin(3)]);
        assert_eq!(places.between(&all, 4, 9), []);
        assert_eq!(places.between(&ChannelName::service_status(), 1, 9), []);
    }

    #[test]
    fn only_the_latest_are_remembered() {
        let (places, all) = (Places::default(), ChannelName::bulletins_all());
        for offset in 0..=u64::try_from(PLACES_KNOWN_MAX).unwrap() {
            note(&places, &all, offset, bulletin(offset).as_str());
        }
        assert_eq!(places.between(&all, 0, 0), []);
        assert_eq!(places.between(&all, 1, 1), [bulletin(1)]);
    }
}
