//! The error that every operation may have: the store did not answer, or nothing random was to be had.

use storage::{CommitError, Unavailable};

/// Something could not be read or written now. The same request may be made again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store is away; try again later")]
pub struct Away;

impl From<Unavailable> for Away {
    fn from(_: Unavailable) -> Self {
        Self
    }
}

impl From<CommitError> for Away {
    fn from(_: CommitError) -> Self {
        Self
    }
}
