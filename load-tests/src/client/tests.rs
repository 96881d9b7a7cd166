//! Conversations with a server that is written out.
