//! What is wrong with an audit, and where.

use super::head::ChainId;
use crate::chain::{Chain, Fault};
use protocol::Timestamp;
use std::fmt;

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line in it, counted from 1 as an editor does.
    pub line: u64,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The seal around the line does not open.
    #[error("cannot be opened: it was changed or moved, or these are not the keys with which it was written")]
    Unopened,
    /// It is not what was chained.
    #[error("{0}")]
    Line(#[from] Fault),
    /// Lines before it are not there.
    #[error("does not follow what is before it: the lines {from} to {to} of the chain are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A line lacks its end.
    #[error("was never finished, or its end was cut; after a crash the next start cuts it and says so")]
    Torn,
    /// A head that was not signed with these keys.
    #[error("has a head whose signature is not of these keys")]
    Signature,
    /// A head that says something else than what stands before it.
    #[error("has a head that is not the end of what is before it")]
    Head,
    /// The beginning is gone.
    #[error("is the first, but {0} lines came before it, and no entry says that they were removed")]
    Unanchored(u64),
    /// A head that was kept elsewhere says that this line was another.
    #[error("is not the line that a head which was kept elsewhere ends with")]
    Kept,
    /// A head that was kept elsewhere knows more lines than there are.
    #[error("is the last, but a head that was kept elsewhere knows {0} lines: the end is missing")]
    Cut(u64),
    /// A head that was kept elsewhere is of no chain here.
    #[error("is not here, but a head that was kept elsewhere is of it")]
    Gone,
}

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In which chain.
    pub chain: ChainId,
    /// At which line; nothing, if it is the chain that is missed.
    pub place: Option<Place>,
    /// What.
    pub wrong: Wrong,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, place, wrong } = self;
        match place {
            Some(Place { file, line }) => write!(f, "{chain}/{file}: line {line} {wrong}"),
            None => write!(f, "the chain {chain} {wrong}"),
        }
    }
}

/// One chain that was gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which.
    pub id: ChainId,
    /// The number of its first line that is here; 0 if there is none.
    pub first: u64,
    /// When that was written.
    pub since: Timestamp,
    /// Where it ends.
    pub chain: Chain,
    /// When its last line was written.
    pub at: Timestamp,
    /// Heads in it that are signed as they should be.
    pub heads: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The chains.
    pub chains: Vec<Checked>,
    /// What is wrong, in the order in which it was found.
    pub wrong: Vec<Finding>,
    /// Heads that were kept elsewhere and end with a line that is here.
    pub kept_met: u64,
    /// Heads that were kept elsewhere, of lines that were removed in their time.
    pub kept_removed: u64,
}
