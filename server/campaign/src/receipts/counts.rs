//! What is left of receipts when nobody needs to know whose they were.

use super::{Reached, Stage};
use crate::audience::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many reached one stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StageCounts {
    /// In all.
    pub total: u64,
    /// In each region; who is in two counts in both.
    pub regions: BTreeMap<Label, u64>,
}

/// How many reached each stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Those whom it was for.
    pub accepted: StageCounts,
    /// Those to whom it was written.
    pub written: StageCounts,
    /// Those whose app has it.
    pub received: StageCounts,
    /// Those who said that they have seen it.
    pub acknowledged: StageCounts,
    /// Those of whom a push service took a notification for a device.
    #[serde(default)]
    pub pushed: StageCounts,
    /// Those of whom a device showed one.
    #[serde(default)]
    pub shown: StageCounts,
}

impl Counts {
    pub(super) fn new(of: impl Fn(Reached) -> (u64, BTreeMap<Label, u64>)) -> Self {
        let counts = |reached| {
            let (total, regions) = of(reached);
            StageCounts { total, regions }
        };
        Self {
            accepted: counts(Stage::Accepted.into()),
            written: counts(Stage::Written.into()),
            received: counts(Stage::Received.into()),
            acknowledged: counts(Stage::Acknowledged.into()),
            pushed: counts(Reached::Pushed),
            shown: counts(Reached::Shown),
        }
    }
}
