//! The form of the file.

use super::attack::AttackFile;
use super::duration::Span;
use super::threshold::Limit;
use super::words::Words;
use crate::pacing::Spread;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) description: String,
    #[serde(default = "one")]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) server: ServerFile,
    #[serde(default)]
    pub(super) generator: GeneratorFile,
    #[serde(default)]
    pub(super) payload: PayloadFile,
    pub(super) channels: BTreeMap<String, Spanned<ChannelsFile>>,
    pub(super) clients: Vec<Spanned<ClientsFile>>,
    pub(super) phases: Vec<Spanned<PhaseFile>>,
    #[serde(default)]
    pub(super) faults: Vec<Spanned<FaultFile>>,
    #[serde(default)]
    pub(super) attacks: Vec<Spanned<AttackFile>>,
    #[serde(default)]
    pub(super) settle: Option<Span>,
    #[serde(default)]
    pub(super) thresholds: BTreeMap<Spanned<String>, ThresholdFile>,
}

const fn one() -> u64 {
    1
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServerFile {
    pub(super) store: Store,
    pub(super) nodes: Option<Spanned<u32>>,
    pub(super) tls: bool,
    pub(super) arguments: Vec<String>,
    pub(super) pin: Option<bool>,
    pub(super) cpu: Option<Spanned<f64>>,
    pub(super) proxy: Option<Proxy>,
}

/// What stands between clients and nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Proxy {
    /// `HAProxy` that reads requests; TLS, if there is any, ends at it.
    HaproxyHttp,
    /// `HAProxy` that passes bytes on; TLS, if there is any, ends at the nodes.
    HaproxyTcp,
}

/// Where the server keeps what it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Store {
    /// In its own file: one node.
    #[default]
    Embedded,
    /// In a Redis that the tool starts.
    Redis,
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GeneratorFile {
    pub(super) processes: Option<Spanned<u32>>,
    pub(super) encoding: Encoding,
    pub(super) addresses: Option<Spanned<u8>>,
    pub(super) late_max: Option<Span>,
}

/// How clients write and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Encoding {
    #[default]
    Json,
    Protobuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayloadFile {
    pub(super) bytes: Spanned<usize>,
}

impl Default for PayloadFile {
    fn default() -> Self {
        Self { bytes: Spanned::new(0..0, 128) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelsFile {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) count: Option<Spanned<u32>>,
    /// Nobody reads them as they come: they are counted by their logs alone.
    #[serde(default)]
    pub(super) unread: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientsFile {
    pub(super) class: Spanned<String>,
    pub(super) kind: Kind,
    pub(super) count: Spanned<u32>,
    pub(super) arrive_per_second: Spanned<f64>,
    pub(super) reads: Option<Spanned<Words>>,
    pub(super) reads_each: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) since: Since,
    pub(super) posts: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) tickets: Tickets,
    #[serde(default)]
    pub(super) own_inbox: bool,
    pub(super) arriving_max: Option<Spanned<u32>>,
    /// Of a slow reader.
    pub(super) bytes_per_second: Option<Spanned<u32>>,
    /// Of a flapping phone: how long it is there, and gone.
    pub(super) up: Option<Span>,
    pub(super) down: Option<Span>,
    /// Of a stranger.
    pub(super) says: Option<Says>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Activist,
    FlappingPhone,
    Sender,
    SlowReader,
    Stranger,
}

/// What a client does besides reading what it reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    /// Reads as fast as it can.
    Activist,
    /// Is there for a while and gone for a while.
    FlappingPhone { up: std::time::Duration, down: std::time::Duration },
    /// Posts.
    Sender,
    /// Takes so many bytes a second and no more.
    SlowReader { bytes_per_second: u32 },
    /// Has no token that counts.
    Stranger(Says),
}

/// What a stranger says once the socket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Says {
    /// A token that nobody signed.
    ForgedToken,
    /// Nothing.
    #[default]
    Nothing,
}

/// How a client shows that it may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tickets {
    /// By its access token, in `connect`: `false`.
    #[default]
    None,
    /// By a ticket for which it asks before it connects: `true`.
    Asked,
    /// By a ticket that it has from before: `"held"`.
    Held,
}

impl<'de> Deserialize<'de> for Tickets {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Said {
            Flag(bool),
            Word(String),
        }
        match Said::deserialize(deserializer) {
            Ok(Said::Flag(false)) => Ok(Self::None),
            Ok(Said::Flag(true)) => Ok(Self::Asked),
            Ok(Said::Word(word)) if word == "held" => Ok(Self::Held),
            Ok(Said::Word(_)) | Err(_) => {
                Err(serde::de::Error::custom("tickets are true, false or \"held\""))
            }
        }
    }
}

/// From where a reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Since {
    /// What comes from now on.
    #[default]
    Now,
    /// Everything that is kept.
    Start,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseFile {
    pub(super) name: Spanned<String>,
    pub(super) duration: Span,
    #[serde(default)]
    pub(super) until: Option<Until>,
    #[serde(default)]
    pub(super) arrive: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) publish: BTreeMap<Spanned<String>, Spanned<f64>>,
    /// Messages that each client of a class posts as the phase begins.
    #[serde(default)]
    pub(super) at_once: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// Classes that read nothing while it lasts.
    #[serde(default)]
    pub(super) asleep: Vec<Spanned<String>>,
    /// So many phases one after the other, as `NAME_1`, `NAME_2`…
    pub(super) repeat: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) spread: Spread,
    #[serde(default)]
    pub(super) attack: BTreeMap<Spanned<String>, Spanned<f64>>,
}

/// What ends a phase before its time; one that is not reached in time breaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Until {
    /// All who came stand with all their subscriptions, and have read everything.
    CaughtUp,
    /// All who came stand with all their subscriptions.
    Ready,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultFile {
    pub(super) phase: Spanned<String>,
    pub(super) at: Span,
    #[serde(rename = "do")]
    pub(super) act: Act,
    pub(super) to: Spanned<String>,
    pub(super) back_after: Option<Span>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Act {
    /// SIGKILL, as a crash does; started again `back_after`.
    Kill,
    /// SIGSTOP, continued `back_after`.
    Stop,
    /// SIGTERM, as a deploy does; started again `back_after`.
    Terminate,
}

impl Act {
    /// Whether the process ends.
    pub(crate) const fn ends_a_process(self) -> bool {
        matches!(self, Self::Kill | Self::Terminate)
    }

    /// The word of the file.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
            Self::Terminate => "terminate",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ThresholdFile {
    Plain(Limit),
    Whole(WholeThreshold),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WholeThreshold {
    pub(super) limit: Limit,
    #[serde(default)]
    pub(super) abort_on_fail: bool,
    #[serde(default)]
    pub(super) after: Option<Span>,
}
