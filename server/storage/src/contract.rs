//! The suite that every implementation passes: one public function per promise, named as a sentence.
//!
//! An implementation writes a [`Fixture`] and hands it to [`contract!`](crate::contract!), which makes one test of
//! each promise:
//!
//! ```text
//! storage::contract!(MyFixture::new());
//! ```
//!
//! Things to note:
//! * The expression is evaluated anew in each test, in an async block: it may await a server.
//! * All times are given and lie in the year 2100, so that a store that also clears up by a clock of its own does
//!   not do so under a test.
//! * A case panics where a promise is broken; that is how a test fails.

#![expect(clippy::missing_panics_doc, reason = "a case panics where a promise is broken")]

pub mod closing;
pub mod feed;
pub mod lineage;
pub mod payload;
pub mod peers;
pub mod publish;
pub mod records;
pub mod replay;
pub mod scan;
mod support;
pub mod trim;

use crate::{History, Peers, Records};
use async_trait::async_trait;
use std::sync::Arc;

/// All sides of one opened store.
#[derive(Debug, Clone)]
pub struct Store {
    /// The logs.
    pub history: Arc<dyn History>,
    /// Everything else.
    pub records: Arc<dyn Records>,
    /// The other nodes.
    pub peers: Arc<dyn Peers>,
}

impl Store {
    /// All sides of a store that implements them in one type.
    pub fn of<T: History + Records + Peers + 'static>(store: Arc<T>) -> Self {
        Self { history: Arc::<T>::clone(&store), records: Arc::<T>::clone(&store), peers: store }
    }
}

/// Makes stores for one test.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// An empty store. Called once.
    async fn open(&self) -> Store;

    /// The same store after a crash or a restart: everything is kept, and what it writes from now on belongs to a
    /// new epoch.
    async fn reopen(&self, store: Store) -> Store;

    /// Another node on the store that is open; none if the store serves one node alone.
    async fn neighbour(&self) -> Option<Store> {
        None
    }

    /// Whether idempotency keys are forgotten by the time that is given to `trim`; a store whose own clock does it
    /// says no, and the case that would have to wait for three days is left out.
    fn forgets_keys_at_trim(&self) -> bool {
        true
    }
}

/// Makes one test of each promise, for the fixture that the expression gives.
#[macro_export]
macro_rules! contract {
    ($fixture:expr) => {
        $crate::contract! { @cases [$fixture]
            closing::after_closing_every_call_is_unavailable,
            closing::the_questions_of_others_end_with_the_store,
            closing::what_was_accepted_before_closing_is_there_after_reopening,
            feed::a_followed_channel_announces_in_the_order_of_its_log,
            feed::a_repeat_is_not_announced_again,
            feed::a_reopened_store_has_a_feed_of_its_own,
            feed::an_announcement_says_in_which_lane_it_went,
            feed::following_then_reading_the_top_then_publishing_loses_nothing,
            feed::the_feed_is_given_once,
            feed::what_is_not_followed_is_not_announced,
            lineage::a_position_before_the_first_message_continues_after_a_restart,
            lineage::a_position_beyond_what_survived_of_its_epoch_is_a_gap,
            lineage::a_position_of_any_remembered_epoch_continues_on_the_common_prefix,
            lineage::an_old_position_continues_after_a_restart,
            lineage::an_unknown_epoch_is_a_gap,
            lineage::what_is_written_after_a_restart_belongs_to_a_new_epoch,
            payload::a_large_message_survives_whole,
            payload::a_message_without_a_sender_has_none_afterwards,
            payload::every_text_survives_byte_for_byte,
            payload::the_sender_and_the_time_survive,
            peers::a_question_of_the_largest_size_is_asked_and_a_larger_one_is_not,
            peers::a_reopened_store_asks_and_listens_anew,
            peers::an_answer_is_that_of_its_own_question,
            peers::every_other_node_is_asked_and_answers,
            peers::nobody_hears_a_question_of_their_own,
            peers::the_questions_of_others_are_given_once,
            peers::who_does_not_answer_costs_the_patience_and_is_said_to_be_missing,
            publish::a_repeat_answers_the_first_position_and_stores_nothing,
            publish::a_repeat_is_recognised_after_a_restart,
            publish::a_key_with_other_data_is_refused_and_stores_nothing,
            publish::concurrent_publishes_get_every_offset_once_and_keep_their_own_order,
            publish::concurrent_publishes_of_one_key_store_one_message,
            publish::each_channel_counts_from_one,
            publish::the_same_key_by_another_sender_is_another_message,
            publish::the_same_key_in_another_channel_is_another_message,
            publish::the_same_member_on_another_connection_repeats_itself,
            records::a_commit_makes_all_its_changes_or_none,
            records::a_commit_of_too_many_changes_is_refused_whole,
            records::a_deleted_record_is_gone_and_its_version_never_comes_back,
            records::a_record_is_read_as_it_was_put,
            records::an_expectation_that_is_not_met_is_a_conflict,
            records::an_expired_record_is_as_if_it_were_not_there,
            records::claiming_keys_matches_the_first_and_the_same_and_no_others,
            records::concurrent_increments_by_compare_and_set_lose_nothing,
            records::each_kind_has_records_of_its_own,
            records::each_put_gives_a_greater_version,
            records::records_survive_a_restart,
            replay::a_page_is_bounded_by_bytes_and_holds_at_least_one,
            replay::a_page_is_bounded_by_count,
            replay::an_empty_channel_has_an_empty_page_and_a_position_to_continue_from,
            replay::latest_reads_backward_from_the_top_to_the_oldest,
            replay::pages_reach_the_top_without_a_hole,
            replay::replay_begins_after_an_offset_or_a_position_or_at_the_start,
            replay::what_lies_beyond_the_top_is_a_gap,
            scan::a_scan_from_a_time_gives_what_came_later,
            scan::a_scan_gives_bytes_as_they_were_put,
            scan::a_scan_gives_one_kind_in_the_order_of_ids,
            scan::a_scan_goes_on_where_it_ended,
            scan::a_scan_from_a_prefix_gives_what_begins_with_it_first,
            scan::a_scan_is_bounded_however_much_is_asked,
            scan::a_scan_leaves_out_what_has_expired,
            trim::a_channel_that_was_trimmed_empty_counts_on,
            trim::a_clock_that_jumped_back_leaves_no_hole,
            trim::a_repeat_of_a_trimmed_message_is_still_a_repeat,
            trim::a_trimmed_store_is_the_same_after_a_restart,
            trim::keys_are_forgotten_after_their_window,
            trim::records_whose_time_is_over_are_counted_by_kind_or_not_at_all,
            trim::service_status_has_an_age_of_its_own,
            trim::what_is_older_than_retention_goes_and_a_position_before_it_is_a_gap,
        }
    };
    (@cases [$fixture:expr] $($file:ident::$case:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $case() {
                let fixture = $fixture;
                $crate::contract::$file::$case(&fixture).await;
            }
        )*
    };
}
