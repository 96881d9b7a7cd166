//! What the targets share: second opinions on what the server reads and writes, and the world around a conversation.
#![forbid(unsafe_code)]

// The engine has what coverage counters call.
#[cfg(test)]
use libfuzzer_sys as _;

pub mod conversation;
pub mod json_grammar;
pub mod keys;
pub mod written;
