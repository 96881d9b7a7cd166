//! What a stranger may send, byte by byte, and what comes of it; `docs/protocol.md` has it as tables.

mod commands;
mod floods;
mod frames;
mod handshake;
mod http;
mod log;
mod neighbour;
mod raw;
mod slowness;
mod smuggling;
mod tokens;
