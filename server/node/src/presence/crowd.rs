//! Who reads one channel, at one node and at all: connections are counted, members too, and a member who is at two
//! nodes counts once.
//!
//! A node tells the others at most [`SAMPLE_MAX_MEMBERS`] of its members: those whose numbers are least. Numbers are
//! as good as random, so these are a fair sample of all. Up to that many readers at each node the union is exact;
//! beyond, members are estimated from how densely the least numbers lie (the k-minimum-values sketch; Bar-Yossef and
//! others, 2002), with a standard error below 1.6 %, and never outside what the nodes' own exact counts allow.

use protocol::ChannelName;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use storage::peers::ANSWER_MAX_BYTES;

protocol::limits! {
    /// Most members that a node tells of a channel, by number; of larger crowds the least numbers are told and the rest is estimated.
    pub(crate) const SAMPLE_MAX_MEMBERS: usize = 4_096 => unseen;
}

const WORD_BYTES: usize = size_of::<u64>();
const _: () =
    assert!((2 + SAMPLE_MAX_MEMBERS) * WORD_BYTES <= ANSWER_MAX_BYTES, "a sample fits into an answer");

/// The readers of every channel at this node. A member in a crowd costs about 23 bytes, however many connections.
#[derive(Default)]
pub(super) struct Crowds(HashMap<ChannelName, Crowd>);

/// Most channels are inboxes, which one member reads.
enum Crowd {
    One { member: u64, connections: u32 },
    Many(Box<Many>),
}

/// At least two members.
struct Many {
    clients: u64,
    /// How many connections each member has; in order, so that a sample costs no more than its size.
    members: BTreeMap<u64, u32>,
}

impl Crowds {
    /// Counts a connection of a member; answers the name that all readers of the channel share.
    pub(super) fn enter(&mut self, channel: &ChannelName, member: u64) -> ChannelName {
        match self.0.entry(channel.clone()) {
            Entry::Occupied(mut entry) => {
                entry.get_mut().enter(member);
                entry.key().clone()
            }
            Entry::Vacant(entry) => {
                let name = entry.key().clone();
                entry.insert(Crowd::One { member, connections: 1 });
                name
            }
        }
    }

    /// Takes back one [`Crowds::enter`].
    pub(super) fn leave(&mut self, channel: &ChannelName, member: u64) {
        if self.0.get_mut(channel).is_some_and(|crowd| crowd.leave(member) == Left::Nobody) {
            self.0.remove(channel);
        }
    }

    /// What there is to tell of a channel.
    pub(super) fn sample(&self, channel: &ChannelName, max_members: usize) -> Sample {
        let Some(crowd) = self.0.get(channel) else {
            return Sample::default();
        };
        match crowd {
            Crowd::One { member, connections } => {
                let least = std::iter::once(*member).take(max_members).collect();
                Sample { clients: u64::from(*connections), members: 1, least }
            }
            Crowd::Many(many) => {
                let members = u64::try_from(many.members.len()).unwrap_or(u64::MAX);
                let least = many.members.keys().take(max_members).copied().collect();
                Sample { clients: many.clients, members, least }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Who is in a crowd after somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nobody,
    Somebody,
}

impl Crowd {
    fn enter(&mut self, member: u64) {
        match self {
            Self::One { member: known, connections } if *known == member => *connections += 1,
            Self::One { member: known, connections } => {
                let clients = u64::from(*connections) + 1;
                let members = BTreeMap::from([(*known, *connections), (member, 1)]);
                *self = Self::Many(Box::new(Many { clients, members }));
            }
            Self::Many(many) => {
                many.clients += 1;
                *many.members.entry(member).or_default() += 1;
            }
        }
    }

    fn leave(&mut self, member: u64) -> Left {
        match self {
            Self::One { member: known, .. } if *known != member => {}
            Self::One { connections: 1, .. } => return Left::Nobody,
            Self::One { connections, .. } => *connections -= 1,
            Self::Many(many) => {
                if let Some(last) = many.leave(member) {
                    *self = last;
                }
            }
        }
        Left::Somebody
    }
}

impl Many {
    /// Answers the crowd of the one who is left, if one is.
    fn leave(&mut self, member: u64) -> Option<Crowd> {
        let connections = self.members.get_mut(&member)?;
        self.clients -= 1;
        *connections -= 1;
        if *connections > 0 {
            return None;
        }
        self.members.remove(&member);
        let (member, connections) = self.members.first_key_value()?;
        (self.members.len() == 1).then_some(Crowd::One { member: *member, connections: *connections })
    }
}

/// What one node tells of a channel's readers.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Sample {
    clients: u64,
    members: u64,
    /// The least numbers of members, in order; all of them, or as many as may be told.
    least: Vec<u64>,
}

impl Sample {
    /// As it travels: the two counts and the numbers, big-endian words.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let counts = [self.clients, self.members];
        counts.iter().chain(&self.least).flat_map(|word| word.to_be_bytes()).collect()
    }

    /// Reads what [`Sample::to_bytes`] wrote, or says that it cannot be that.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        let (clients, members) = (words.next()?, words.next()?);
        let least: Vec<u64> = words.collect();
        let told = u64::try_from(least.len()).ok()?;
        let is_sound = rest.is_empty()
            && clients >= members
            && members >= told
            && (told > 0 || members == 0)
            && least.len() <= SAMPLE_MAX_MEMBERS
            && least.is_sorted_by(|one, next| one < next);
        is_sound.then_some(Self { clients, members, least })
    }

    /// The greatest number told, if there are members beyond it.
    fn horizon(&self) -> Option<u64> {
        let told = u64::try_from(self.least.len()).unwrap_or(u64::MAX);
        self.least.last().copied().filter(|_| self.members > told)
    }
}

/// Numbers stand for people: debug output has only how many there are.
impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample")
            .field("clients", &self.clients)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// Connections and members of all nodes together.
pub(super) fn united(samples: &[Sample]) -> (u64, u64) {
    let sum = |count: fn(&Sample) -> u64| samples.iter().map(count).fold(0, u64::saturating_add);
    let clients = sum(|sample| sample.clients);
    // Up to the nearest horizon every member of every node is known.
    let horizon = samples.iter().filter_map(Sample::horizon).min();
    let told = samples.iter().flat_map(|sample| sample.least.iter().copied());
    let told: BTreeSet<u64> = told.collect();
    let distinct = |numbers: usize| u64::try_from(numbers).unwrap_or(u64::MAX);
    let Some(horizon) = horizon else {
        return (clients, distinct(told.len()));
    };
    let before = distinct(told.range(..horizon).count());
    let density = (u128::from(before) << u64::BITS) / (u128::from(horizon) + 1);
    let estimate = u64::try_from(density).unwrap_or(u64::MAX);
    let largest = samples.iter().map(|sample| sample.members).max().unwrap_or(0);
    let at_least = largest.max(distinct(told.len()));
    (clients, estimate.max(at_least).min(sum(|sample| sample.members)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Most bytes of a crowd among all, and all that a crowd of one has.
    const CROWD_MAX_BYTES: usize = 16;

    #[test]
    fn a_crowd_of_one_takes_little_memory_and_is_one_again_when_others_left() {
        assert!(size_of::<Crowd>() <= CROWD_MAX_BYTES, "{} bytes", size_of::<Crowd>());
        let (mut crowds, channel) = (Crowds::default(), ChannelName::bulletins_all());
        let is_one = |crowds: &Crowds| crowds.0.values().all(|crowd| matches!(crowd, Crowd::One { .. }));
        crowds.enter(&channel, 1);
        crowds.enter(&channel, 1);
        assert!(is_one(&crowds));
        crowds.enter(&channel, 2);
        assert!(!is_one(&crowds));
        crowds.leave(&channel, 2);
        assert!(is_one(&crowds));
        assert_eq!(crowds.sample(&channel, 3), Sample { clients: 2, members: 1, least: vec![1] });
    }

    /// Numbers that look random and are the same every time (the finaliser of `SplitMix64`).
    fn number(member: u64) -> u64 {
        let mut word = member.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn sample_of(members: impl IntoIterator<Item = u64>, max_members: usize) -> Sample {
        let mut crowds = Crowds::default();
        let channel = ChannelName::bulletins_all();
        for member in members {
            crowds.enter(&channel, number(member));
        }
        crowds.sample(&channel, max_members)
    }

    #[test]
    fn a_sample_is_read_as_it_was_written() {
        for sample in [sample_of([], 3), sample_of([1], 3), sample_of(0..9, 3), sample_of([1, 1, 2], 3)] {
            assert_eq!(Sample::from_bytes(&sample.to_bytes()), Some(sample));
        }
        let largest = sample_of(0..5_000, SAMPLE_MAX_MEMBERS).to_bytes();
        assert!(largest.len() <= ANSWER_MAX_BYTES && Sample::from_bytes(&largest).is_some());
    }

    #[test]
    fn what_is_no_sample_is_not_read_as_one() {
        let words = |words: &[u64]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let too_many: Vec<u64> = [9_999, 9_999].into_iter().chain(0..=4_096).collect();
        for bytes in [
            Vec::new(),
            vec![0; 8],
            vec![0; 17],
            words(&[1, 2, 1, 2]),
            words(&[2, 1, 1, 2]),
            words(&[3, 3]),
            words(&[2, 2, 2, 1]),
            words(&[2, 2, 1, 1]),
            words(&too_many),
            b"no sample at all".repeat(5_000),
        ] {
            assert_eq!(Sample::from_bytes(&bytes), None, "{bytes:?}");
        }
        assert!(Sample::from_bytes(&words(&[2, 2, 1, 2])).is_some());
    }

    #[test]
    fn a_sample_that_lies_about_its_size_cannot_break_the_sum() {
        let huge = Sample { clients: u64::MAX, members: u64::MAX, least: vec![0] };
        assert_eq!(united(&[huge.clone(), huge]), (u64::MAX, u64::MAX));
    }

    #[test]
    fn one_node_alone_is_exact_however_many_read_there() {
        assert_eq!(united(&[sample_of(0..10_000, 16)]), (10_000, 10_000));
        assert_eq!(united(&[sample_of(0..10_000, 16), Sample::default()]), (10_000, 10_000));
    }

    #[test]
    fn large_crowds_are_estimated_within_a_few_hundredths() {
        // 100,000 members, of whom half are at one node, half at another, and every fourth at both.
        let here = (0..100_000).filter(|member| member % 2 == 0 || member % 4 == 1);
        let there = (0..100_000).filter(|member| member % 2 == 1);
        let samples = [sample_of(here, SAMPLE_MAX_MEMBERS), sample_of(there, SAMPLE_MAX_MEMBERS)];
        let (clients, members) = united(&samples);
        assert_eq!(clients, 125_000);
        assert!((95_000..=105_000).contains(&members), "{members}");
    }

    #[test]
    fn debug_output_shows_nobody() {
        assert_eq!(format!("{:?}", sample_of([1], 3)), "Sample { clients: 1, members: 1, .. }");
    }

    proptest! {
        #[test]
        fn small_crowds_are_united_exactly(
            nodes in prop::collection::vec(prop::collection::vec(0_u64..64, 0..64), 0..5)
        ) {
            let samples: Vec<Sample> = nodes.iter().map(|node| sample_of(node.clone(), 64)).collect();
            let members: BTreeSet<u64> = nodes.iter().flatten().copied().collect();
            let connections: usize = nodes.iter().map(Vec::len).sum();
            let expected = (u64::try_from(connections)?, u64::try_from(members.len())?);
            prop_assert_eq!(united(&samples), expected);
        }

        #[test]
        fn an_estimate_stays_within_what_the_nodes_count(
            nodes in prop::collection::vec(prop::collection::vec(0_u64..500, 0..200), 1..5)
        ) {
            let samples: Vec<Sample> = nodes.iter().map(|node| sample_of(node.clone(), 8)).collect();
            let (clients, members) = united(&samples);
            let most = samples.iter().map(|sample| sample.members).max().unwrap_or(0);
            prop_assert!(most <= members && members <= samples.iter().map(|sample| sample.members).sum());
            prop_assert!(members <= clients);
        }

        #[test]
        fn whoever_leaves_takes_back_what_they_entered(
            steps in prop::collection::vec((0_u64..8, any::<bool>()), 0..200)
        ) {
            let (mut crowds, channel) = (Crowds::default(), ChannelName::bulletins_all());
            let mut inside = Vec::new();
            for (member, enters) in steps {
                if enters {
                    crowds.enter(&channel, member);
                    inside.push(member);
                } else if let Some(member) = inside.pop() {
                    crowds.leave(&channel, member);
                }
                let members: BTreeSet<u64> = inside.iter().copied().collect();
                let sample = crowds.sample(&channel, 8);
                prop_assert_eq!(sample.clients, u64::try_from(inside.len())?);
                prop_assert_eq!(sample.least, members.into_iter().collect::<Vec<_>>());
            }
            for member in inside {
                crowds.leave(&channel, member);
            }
            prop_assert!(crowds.is_empty());
        }
    }
}
