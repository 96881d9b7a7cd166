//! Why a frame cannot be read, in either encoding.

use crate::limits::COMMANDS_PER_FRAME_MAX;

/// Why a frame could not be read; the connection ends with 3501.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not what the encoding looks like.
    #[error("a frame is not a sequence of commands")]
    Malformed,
    /// More than [`COMMANDS_PER_FRAME_MAX`].
    #[error("a frame has more than {COMMANDS_PER_FRAME_MAX} commands")]
    TooMany,
}
