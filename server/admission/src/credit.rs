//! How many messages of an author may be unanswered (Breakwater: credits). Who has more to say is told when to come
//! again, and nobody else is slowed.

use crate::fair_queue::{MESSAGE_COST_BYTES, part_for};
use protocol::Lane;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::time::Duration;

protocol::limits! {
    /// Most messages of one member that a node has not answered, over all their connections; 16, 4 and 1 the harder the
    /// service is pressed. More are told when to come again (111, or `later`).
    pub const CREDIT_MAX_MESSAGES: u32 = 64 => shown "holdfast_publishes_refused";
    /// Most bytes of messages that a node has not answered, of which the bulk lane may have half and the normal lane seven
    /// eighths; more are told when to come again.
    pub const UNANSWERED_MAX_BYTES: usize = 64 * 1024 * 1024 => shown "holdfast_publishes_refused";
    /// When somebody with too many unanswered messages is to come again; twice, four and eight times as late the harder the
    /// service is pressed.
    pub const CREDIT_PAUSE: Duration = Duration::from_secs(1) => unseen;
}

/// How many messages of one author may be unanswered, by how hard pressed the service is: from 0, which is normal, to 3,
/// which is survival.
pub const fn allowance(grade: u8) -> u32 {
    match grade {
        0 => CREDIT_MAX_MESSAGES,
        1 => CREDIT_MAX_MESSAGES / 4,
        2 => CREDIT_MAX_MESSAGES / 16,
        3.. => CREDIT_MAX_MESSAGES / 64,
    }
}

/// When to come again, by how hard pressed the service is.
pub const fn pause(grade: u8) -> Duration {
    CREDIT_PAUSE.saturating_mul(match grade {
        0 => 1,
        1 => 2,
        2 => 4,
        3.. => 8,
    })
}

/// Why there is no credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCredit {
    /// The author has used theirs.
    OfAuthor,
    /// All authors together have as many bytes unanswered as a node may hold.
    OfNode,
}

/// Who has how many messages unanswered. Whoever takes credit gives it back with the answer.
pub struct Credits<K> {
    bytes_max: usize,
    bytes: usize,
    /// Nobody of whom nothing is unanswered is here.
    unanswered: HashMap<K, u32>,
}

impl<K> Credits<K> {
    /// Of which so many bytes may be unanswered in all.
    pub fn new(bytes_max: usize) -> Self {
        Self { bytes_max, bytes: 0, unanswered: HashMap::new() }
    }

    /// How many bytes are unanswered, with what each message counts for besides.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<K: Clone + Eq + Hash> Credits<K> {
    /// Takes credit for a message of so many bytes, if there is some.
    pub fn take(&mut self, author: &K, lane: Lane, bytes: usize, grade: u8) -> Result<(), NoCredit> {
        let theirs = self.unanswered.get(author).copied().unwrap_or(0);
        if theirs >= allowance(grade) {
            return Err(NoCredit::OfAuthor);
        }
        let all = self.bytes.saturating_add(cost(bytes));
        if all > part_for(lane, self.bytes_max) {
            return Err(NoCredit::OfNode);
        }
        self.bytes = all;
        match self.unanswered.get_mut(author) {
            Some(theirs) => *theirs = theirs.saturating_add(1),
            None => drop(self.unanswered.insert(author.clone(), 1)),
        }
        Ok(())
    }

    /// A message of so many bytes was answered.
    pub fn give_back(&mut self, author: &K, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(cost(bytes));
        match self.unanswered.get_mut(author) {
            Some(theirs) if *theirs > 1 => *theirs = theirs.saturating_sub(1),
            Some(_) | None => drop(self.unanswered.remove(author)),
        }
    }
}

const fn cost(bytes: usize) -> usize {
    bytes.saturating_add(MESSAGE_COST_BYTES)
}

impl<K> fmt::Debug for Credits<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credits")
            .field("bytes", &self.bytes)
            .field("authors", &self.unanswered.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_harder_the_service_is_pressed_the_less_credit_there_is_and_the_later_one_comes_again() {
        assert_eq!([0, 1, 2, 3, 4, 255].map(allowance), [64, 16, 4, 1, 1, 1]);
        assert_eq!([0, 1, 2, 3, 255].map(|grade| pause(grade).as_secs()), [1, 2, 4, 8, 8]);
    }

    #[test]
    fn who_has_used_their_credit_gets_more_with_the_next_answer_and_nobody_else_is_slowed() {
        let mut credits = Credits::new(UNANSWERED_MAX_BYTES);
        for _ in 0..64 {
            credits.take(&"eve", Lane::Normal, 10, 0).unwrap();
        }
        assert_eq!(credits.take(&"eve", Lane::Urgent, 10, 0), Err(NoCredit::OfAuthor));
        credits.take(&"ada", Lane::Normal, 10, 0).unwrap();
        credits.give_back(&"eve", 10);
        credits.take(&"eve", Lane::Normal, 10, 0).unwrap();
        assert_eq!(credits.take(&"eve", Lane::Normal, 10, 0), Err(NoCredit::OfAuthor));
    }

    #[test]
    fn who_was_given_much_keeps_it_when_the_service_is_pressed_and_gets_no_more() {
        let mut credits = Credits::new(UNANSWERED_MAX_BYTES);
        for _ in 0..3 {
            credits.take(&1, Lane::Normal, 10, 0).unwrap();
        }
        assert_eq!(credits.take(&1, Lane::Normal, 10, 3), Err(NoCredit::OfAuthor));
        for _ in 0..3 {
            credits.give_back(&1, 10);
        }
        credits.take(&1, Lane::Normal, 10, 3).unwrap();
    }

    #[test]
    fn a_crowd_that_fills_the_node_leaves_room_for_what_is_urgent() {
        let mut credits = Credits::new(16 * (MESSAGE_COST_BYTES + 100));
        let crowd = (0..100).take_while(|author| credits.take(author, Lane::Bulk, 100, 0).is_ok()).count();
        assert_eq!(crowd, 8);
        let crowd =
            (100..200).take_while(|author| credits.take(author, Lane::Normal, 100, 0).is_ok()).count();
        assert_eq!(crowd, 6);
        credits.take(&1_000, Lane::Urgent, 100, 0).unwrap();
        credits.take(&1_001, Lane::Urgent, 100, 0).unwrap();
        assert_eq!(credits.take(&1_002, Lane::Urgent, 100, 0), Err(NoCredit::OfNode));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Say(u8, Lane, usize, u8),
        Answer(prop::sample::Index),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let lane = prop::sample::select(Lane::ALL.to_vec());
        let say = (0u8..5, lane, 0usize..40_000, 0u8..5)
            .prop_map(|(author, lane, bytes, grade)| Step::Say(author, lane, bytes, grade));
        prop::collection::vec(
            prop_oneof![3 => say, 1 => any::<prop::sample::Index>().prop_map(Step::Answer)],
            0..600,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn credits_bound_what_a_node_holds(steps in steps()) {
            const MOST: usize = 1_000_000;
            let mut credits = Credits::new(MOST);
            let mut held: Vec<(u8, usize)> = Vec::new();
            for step in steps {
                match step {
                    Step::Say(author, lane, bytes, grade) => {
                        let theirs = held.iter().filter(|(of, _)| *of == author).count();
                        match credits.take(&author, lane, bytes, grade) {
                            Ok(()) => {
                                prop_assert!(theirs < usize::try_from(allowance(grade)).unwrap());
                                held.push((author, bytes));
                            }
                            Err(NoCredit::OfAuthor) => {
                                prop_assert!(theirs >= usize::try_from(allowance(grade)).unwrap());
                            }
                            Err(NoCredit::OfNode) => {
                                prop_assert!(credits.bytes() + bytes + MESSAGE_COST_BYTES > part_for(lane, MOST));
                            }
                        }
                    }
                    Step::Answer(_) if held.is_empty() => {}
                    Step::Answer(which) => {
                        let (author, bytes) = held.swap_remove(which.index(held.len()));
                        credits.give_back(&author, bytes);
                    }
                }
                let bytes: usize = held.iter().map(|(_, bytes)| bytes + MESSAGE_COST_BYTES).sum();
                prop_assert_eq!(bytes, credits.bytes());
                prop_assert!(bytes <= MOST);
                let authors: std::collections::BTreeSet<_> = held.iter().map(|(author, _)| author).collect();
                prop_assert_eq!(authors.len(), credits.unanswered.len(), "whoever has nothing unanswered is forgotten");
            }
        }
    }
}
