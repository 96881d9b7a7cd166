//! What can go wrong inside; callers see the port's errors only.

use storage::stored;

/// Why a transaction did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// What is stored is not what was written.
    #[error("what is stored makes no sense: {0}")]
    Damaged(&'static str),
    /// The file or its format.
    #[error(transparent)]
    Redb(Box<redb::Error>),
}

impl<E: Into<redb::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Redb(Box::new(error.into()))
    }
}

impl Failed {
    /// A stored publication that cannot be read.
    pub(crate) const fn publication(_: stored::Damaged) -> Self {
        Self::Damaged("a publication cannot be read")
    }
}
