//! The classes by which connections, output and requests are counted. None of them names a person or a channel.

use crate::metrics::label::Label;
use identity::Principal;
use protocol::{ChannelName, Disconnect, Encoding, ErrorCode, Request, Role};
use std::borrow::Cow;

/// Whose connection it is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Activist,
    Observer,
    Organiser,
    /// Nobody has said who they are.
    Stranger,
}

impl Account {
    /// The class of whoever a connection speaks for.
    pub(crate) fn of(principal: Option<&Principal>) -> Self {
        match principal {
            None => Self::Stranger,
            Some(principal) if principal.is_organiser() => Self::Organiser,
            Some(principal) if principal.has(Role::Observer) && !principal.has(Role::Activist) => {
                Self::Observer
            }
            Some(_) => Self::Activist,
        }
    }
}

impl Label for Account {
    const NAME: &'static str = "account";
    const ALL: &'static [Self] = &[Self::Activist, Self::Observer, Self::Organiser, Self::Stranger];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Activist => "activist",
            Self::Observer => "observer",
            Self::Organiser => "organiser",
            Self::Stranger => "stranger",
        }
        .into()
    }
}

/// What a channel is for, without which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelClass {
    Bulletins,
    Inbox,
    /// A channel that a token gave, of none of our kinds.
    Other,
    Service,
    Teams,
}

impl ChannelClass {
    /// The class of a channel; to be asked once a subscription, not once a publication.
    pub(crate) fn of(channel: &ChannelName) -> Self {
        // Asked for each delivery: a kind has its names in it, and they take memory.
        match channel.as_str().split([':', '#']).next() {
            Some("bulletins") => Self::Bulletins,
            Some("inbox") => Self::Inbox,
            Some("service") => Self::Service,
            Some("teams") => Self::Teams,
            Some(_) | None => Self::Other,
        }
    }
}

impl Label for ChannelClass {
    const NAME: &'static str = "channel";
    const ALL: &'static [Self] = &[Self::Bulletins, Self::Inbox, Self::Other, Self::Service, Self::Teams];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Bulletins => "bulletins",
            Self::Inbox => "inbox",
            Self::Other => "other",
            Self::Service => "service",
            Self::Teams => "teams",
        }
        .into()
    }
}

/// What bytes that leave are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Publications of such a channel.
    Channel(ChannelClass),
    /// Pings, pongs, closes, other pushes, and the framing around everything.
    Control,
    /// Answers to requests, with the pages in them.
    Replies,
}

impl Label for Output {
    const NAME: &'static str = "output";
    const ALL: &'static [Self] = &[
        Self::Channel(ChannelClass::Bulletins),
        Self::Channel(ChannelClass::Inbox),
        Self::Channel(ChannelClass::Other),
        Self::Channel(ChannelClass::Service),
        Self::Channel(ChannelClass::Teams),
        Self::Control,
        Self::Replies,
    ];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Channel(channel) => channel.value(),
            Self::Control => "control".into(),
            Self::Replies => "replies".into(),
        }
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was closed by us.
    ByUs(Disconnect),
    /// The peer closed it.
    ByPeer,
    /// It broke off.
    Gone,
}

/// As [`Disconnect::ALL`], with the ends that are not ours.
const ENDED: [Ended; Disconnect::ALL.len() + 2] = {
    let mut all = [Ended::Gone; Disconnect::ALL.len() + 2];
    let (ours, others) = all.split_at_mut(Disconnect::ALL.len());
    if let [by_peer, _] = others {
        *by_peer = Ended::ByPeer;
    }
    let (mut ours, mut reasons): (&mut [Ended], &[Disconnect]) = (ours, &Disconnect::ALL);
    while let ([end, rest @ ..], [reason, further @ ..]) = (ours, reasons) {
        *end = Ended::ByUs(*reason);
        (ours, reasons) = (rest, further);
    }
    all
};

impl Label for Ended {
    const NAME: &'static str = "code";
    const ALL: &'static [Self] = &ENDED;

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::ByUs(reason) => reason.close_code().to_string().into(),
            Self::ByPeer => "by_peer".into(),
            Self::Gone => "gone".into(),
        }
    }
}

impl Label for Encoding {
    const NAME: &'static str = "encoding";
    const ALL: &'static [Self] = &[Self::Json, Self::Protobuf];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Json => "json",
            Self::Protobuf => "protobuf",
        }
        .into()
    }
}

impl Label for ErrorCode {
    const NAME: &'static str = "code";
    const ALL: &'static [Self] = &Self::ALL;

    fn value(self) -> Cow<'static, str> {
        self.code().to_string().into()
    }
}

/// What is asked, without how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandKind {
    Connect,
    History,
    Pong,
    Presence,
    PresenceStats,
    Publish,
    Refresh,
    Rpc,
    Send,
    SubRefresh,
    Subscribe,
    Unknown,
    Unsubscribe,
}

impl From<&Request> for CommandKind {
    fn from(request: &Request) -> Self {
        match request {
            Request::Connect(_) => Self::Connect,
            Request::History(_) => Self::History,
            Request::Pong => Self::Pong,
            Request::Presence(_) => Self::Presence,
            Request::PresenceStats(_) => Self::PresenceStats,
            Request::Publish(_) => Self::Publish,
            Request::Refresh(_) => Self::Refresh,
            Request::Rpc(_) => Self::Rpc,
            Request::Send => Self::Send,
            Request::SubRefresh(..) => Self::SubRefresh,
            Request::Subscribe(_) => Self::Subscribe,
            Request::Unknown => Self::Unknown,
            Request::Unsubscribe(_) => Self::Unsubscribe,
        }
    }
}

impl Label for CommandKind {
    const NAME: &'static str = "command";
    const ALL: &'static [Self] = &[
        Self::Connect,
        Self::History,
        Self::Pong,
        Self::Presence,
        Self::PresenceStats,
        Self::Publish,
        Self::Refresh,
        Self::Rpc,
        Self::Send,
        Self::SubRefresh,
        Self::Subscribe,
        Self::Unknown,
        Self::Unsubscribe,
    ];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Connect => "connect",
            Self::History => "history",
            Self::Pong => "pong",
            Self::Presence => "presence",
            Self::PresenceStats => "presence_stats",
            Self::Publish => "publish",
            Self::Refresh => "refresh",
            Self::Rpc => "rpc",
            Self::Send => "send",
            Self::SubRefresh => "sub_refresh",
            Self::Subscribe => "subscribe",
            Self::Unknown => "unknown",
            Self::Unsubscribe => "unsubscribe",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{MemberId, Timestamp};

    fn account(roles: &[Role]) -> Account {
        Account::of(Some(&Principal {
            is_guarded: false,
            stepped_up_until: None,
            member: MemberId::parse("m").unwrap(),
            roles: roles.to_vec(),
            regions: Vec::new(),
            teams: Vec::new(),
            channels: Vec::new(),
            device: None,
            generation: 0,
            posts_until: Timestamp::default(),
            expires_at: Timestamp::default(),
        }))
    }

    #[test]
    fn the_most_that_one_may_do_decides_the_class() {
        assert_eq!(Account::of(None), Account::Stranger);
        assert_eq!(account(&[Role::Activist]), Account::Activist);
        assert_eq!(account(&[Role::Observer]), Account::Observer);
        assert_eq!(account(&[Role::Observer, Role::Activist]), Account::Activist);
        for role in [Role::Admin, Role::Approver, Role::Sender] {
            assert_eq!(account(&[Role::Activist, role]), Account::Organiser);
        }
    }

    #[test]
    fn every_way_to_end_has_its_series() {
        for reason in Disconnect::ALL {
            assert!(Ended::ALL.contains(&Ended::ByUs(reason)), "{reason:?}");
        }
        assert!(Ended::ALL.contains(&Ended::ByPeer) && Ended::ALL.contains(&Ended::Gone));
    }

    #[test]
    fn a_channel_is_counted_by_what_it_is_for() {
        let class = |text: &str| ChannelClass::of(&ChannelName::parse(text).unwrap());
        assert_eq!(class("bulletins:region.north-wales"), ChannelClass::Bulletins);
        assert_eq!(class("teams:leaflets"), ChannelClass::Teams);
        assert_eq!(class("inbox#m"), ChannelClass::Inbox);
        assert_eq!(class("service:organisers"), ChannelClass::Service);
        assert_eq!(class("service:status"), ChannelClass::Service);
        assert_eq!(class("something:else"), ChannelClass::Other);
    }
}
