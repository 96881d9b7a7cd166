//! The tool as its users run it: the real program, real processes, real sockets.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod attacks;
mod ending;
mod lies;
mod real_server;
mod tool;
