//! What can happen to a conversation, in the order in which it happens.

use arbitrary::Arbitrary;

/// Most steps of a script: long enough for every bound, short enough for many scripts a second.
pub(super) const STEPS_MAX: usize = 200;

#[derive(Debug, Arbitrary)]
pub struct Script {
    pub(super) protobuf: bool,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
pub(super) enum Step {
    /// Everything that waits is performed and answered.
    AnswerAll,
    /// The client sends a frame of these commands.
    Ask(Vec<Ask>),
    /// The client sends the same command so many times, a frame each.
    AskOften(Ask, u8),
    /// The store begins another life of a channel, without the newest so many publications.
    BeginEpoch(Channel, u8),
    /// Rings are compared with the log.
    Compare(Channel),
    /// The node ends the conversation.
    End,
    /// The feed says what is new in a channel.
    Feed(Channel),
    /// The feed loses what it would have said next.
    FeedLoses(Channel),
    /// The client sends a frame of anything.
    Frame(Vec<u8>),
    /// An answer that is ready arrives.
    Give(u8),
    /// The peer's TCP acknowledges so many bytes, if it can be known.
    Acknowledge(Option<u8>),
    /// An effect that waits is performed; its answer is ready.
    Perform(u8, How),
    /// Somebody else publishes.
    Publish(Channel, u16),
    /// The socket takes about so many bytes.
    Take(u16),
    /// Retention takes the oldest so many.
    Trim(Channel, u8),
    /// Time passes, in tenths of a second.
    Wait(u16),
}

/// How an effect ends.
#[derive(Debug, Arbitrary, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Failed,
    Well,
    /// Well, with pages of at most so many publications.
    WellInPages(u8),
}

#[derive(Debug, Arbitrary, Clone)]
pub(super) enum Ask {
    Connect(Token, Vec<(Channel, From)>),
    History {
        channel: Channel,
        limit: i8,
        since: Option<From>,
        reverse: bool,
    },
    Pong,
    Presence(Channel),
    PresenceStats(Channel),
    Publish(Channel, Data),
    Refresh(Token),
    Rpc {
        channel: Channel,
        key: Option<u8>,
        data: Data,
    },
    RpcElse(String, String),
    Send,
    SubRefresh(Channel, Grant),
    Subscribe(Channel, Grant, Option<From>),
    SubscribeOrRefuse(Channel, From),
    Unknown,
    Unsubscribe(Channel),
    /// Any of the others, without an id.
    WithoutId(Box<Ask>),
}

/// A place as a client says it.
#[derive(Debug, Arbitrary, Clone)]
pub(super) struct From {
    pub(super) epoch: EpochSaid,
    pub(super) offset: u8,
}

#[derive(Debug, Arbitrary, Clone)]
pub(super) enum EpochSaid {
    Any,
    Current,
    Former(u8),
    Foreign,
    Text(String),
}

#[derive(Debug, Arbitrary, Clone)]
pub(super) enum Data {
    Nothing,
    NoJson,
    Small(u8),
    Text(String),
    Long(u16),
}

#[derive(Debug, Arbitrary, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// Everything a sender may have, for ten minutes.
    Sender,
    /// The same, for twenty minutes.
    Longer,
    /// A member who reads little.
    Activist,
    /// As the sender, with more server-side subscriptions than a connection may have.
    Crowded,
    /// Someone else.
    Other,
    Expired,
    Garbage,
    Empty,
}

/// The token of a single subscription.
#[derive(Debug, Arbitrary, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Without,
    Good,
    GoodForLonger,
    Expired,
    /// For another channel.
    Elsewhere,
    /// An access token.
    OfAnotherKind,
}

#[derive(Debug, Arbitrary, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    BulletinsAll,
    Region,
    ServiceOrganisers,
    ServiceStatus,
    Team,
    Inbox,
    OtherTeam,
    OtherInbox,
    Nowhere,
    Invalid,
    Empty,
    Numbered(u8),
}

impl Channel {
    pub(super) fn name(self) -> String {
        match self {
            Self::BulletinsAll => "bulletins:all".into(),
            Self::Region => "bulletins:region.north".into(),
            Self::ServiceOrganisers => "service:organisers".into(),
            Self::ServiceStatus => "service:status".into(),
            Self::Team => "teams:leaflets".into(),
            Self::Inbox => "inbox#m_1".into(),
            Self::OtherTeam => "teams:other".into(),
            Self::OtherInbox => "inbox#m_2".into(),
            Self::Nowhere => "nowhere".into(),
            Self::Invalid => "a b".into(),
            Self::Empty => String::new(),
            Self::Numbered(n) => format!("teams:t{n}"),
        }
    }
}
