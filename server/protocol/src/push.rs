//! What the server says unasked.

use crate::channel::ChannelName;
use crate::position::{Epoch, Offset};
use crate::publication::Publication;
use std::sync::Arc;

/// One message that answers nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// Are you there?
    Ping,
    /// A message in a channel.
    Publication(ChannelName, Arc<Publication>),
    /// A server-side subscription goes on from here, in this epoch.
    Subscribe(ChannelName, Epoch, Offset),
    /// A subscription ended; a code from 2500 on makes an SDK subscribe again from its position.
    Unsubscribe(ChannelName, Unsubscribed),
}

/// Why the server ended a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsubscribed {
    /// 2000: the member may no longer read the channel; an SDK does not come back.
    ByServer,
    /// 2501: its own token ran out and no newer one came.
    Expired,
    /// 2500: positions must be compared again.
    InsufficientState,
}

impl Unsubscribed {
    /// The number on the wire.
    pub const fn code(self) -> u32 {
        match self {
            Self::ByServer => 2000,
            Self::InsufficientState => 2500,
            Self::Expired => 2501,
        }
    }

    /// The reason in words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ByServer => "server unsubscribe",
            Self::Expired => "subscription expired",
            Self::InsufficientState => "insufficient state",
        }
    }
}
