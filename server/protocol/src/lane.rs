//! What goes first while messages wait for their place in the log.

use serde::{Deserialize, Serialize};

/// In which order drafts are given an offset. Afterwards the offset is the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// What cannot wait: few may use it, and for few messages.
    Urgent,
    /// Everything, unless something else is asked for.
    #[default]
    Normal,
    /// What may be late: imports, reminders, summaries.
    Bulk,
}

impl Lane {
    /// All, first things first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Bulk];

    /// The lane's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_names_no_lane_is_none() {
        let lane = |text: &str| serde_json::from_str::<Lane>(text).ok();
        for text in ["\"Urgent\"", "\"\"", "\"urgent \"", "0", "[\"urgent\"]", "null", "{}"] {
            assert_eq!(lane(text), None, "{text}");
        }
        for known in Lane::ALL {
            assert_eq!(lane(&format!("\"{}\"", known.as_str())), Some(known));
        }
    }
}
