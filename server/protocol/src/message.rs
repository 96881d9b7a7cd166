//! What a client reads: the other end of replies and pushes, for clients of our own (load generators, simulations,
//! tests). It borrows from the frame where the encoding lets it.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// One message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// Are you there? To be answered with the empty message.
    Ping,
    /// Something unasked in a channel.
    Push(Cow<'a, str>, Pushed<'a>),
    /// The answer to the command with this id.
    Reply(u32, Result<Answer<'a>, Refusal>),
}

/// What was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed<'a> {
    /// Of a kind that we do not use.
    Other,
    /// A publication.
    Publication(Received<'a>),
    /// A server-side subscription goes on from here, in this epoch.
    Subscribe(Cow<'a, str>, u64),
    /// The subscription ended, with this code.
    Unsubscribe(u32),
}

/// A result, of those that a client looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The connection stands.
    Connect(Connected<'a>),
    /// A page of history.
    History(HistoryPage<'a>),
    /// It is done; there is nothing to look into.
    Other,
    /// What a method answered: JSON text.
    Rpc(Cow<'a, str>),
    /// The subscription stands.
    Subscribe(Subscribed<'a>),
}

/// Why a command was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The protocol's number.
    pub code: u32,
    /// Whether the same may work later.
    pub temporary: bool,
}

/// The answer to `connect`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Connected<'a> {
    /// The server's name and version.
    pub version: Cow<'a, str>,
    /// Seconds between pings; 0 if there are none.
    pub ping: u32,
    /// Server-side subscriptions.
    pub subs: BTreeMap<Cow<'a, str>, Subscribed<'a>>,
}

/// The answer to `subscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscribed<'a> {
    /// In which offsets count from now on.
    pub epoch: Cow<'a, str>,
    /// From where the client goes on, before the publications below.
    pub offset: u64,
    /// Nothing of what was missed is gone.
    pub recovered: bool,
    /// The beginning of what was missed, oldest first.
    pub publications: Vec<Received<'a>>,
}

/// A page of history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryPage<'a> {
    /// The current epoch.
    pub epoch: Cow<'a, str>,
    /// The newest offset.
    pub top: u64,
    /// The page.
    pub publications: Vec<Received<'a>>,
}

/// A publication as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<'a> {
    /// Its number in the channel.
    pub offset: u64,
    /// What it says: JSON text, letter by letter as it was sent.
    pub data: Cow<'a, str>,
}

#[cfg(test)]
mod tests;
