//! The world around a conversation: a script says what happens; a node that plays by the rules performs effects; a
//! client that believes nothing checks what it hears.

mod client;
mod log;
mod script;
mod world;

pub use script::Script;

/// Plays a script to its end, and then lets everything settle: by then each reader has all of its log.
pub fn play(script: &Script) {
    world::World::new(script).play(script);
}
