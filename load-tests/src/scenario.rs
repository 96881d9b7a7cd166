//! What a run does, as a TOML file says it. Read whole before anything starts: a bad file is told with its line.

mod attack;
mod check;
mod duration;
mod file;
mod shipped;
mod threshold;
mod variant;
mod words;

pub(crate) use attack::{Attack, AttackKind};
pub(crate) use file::{Act, Behaviour, Encoding, Proxy, Says, Since, Store, Tickets, Until};
pub(crate) use shipped::{SHIPPED, shipped};
pub(crate) use threshold::{Limit, Threshold};
pub(crate) use variant::{parse_setting, together, variant};

use crate::pacing::Spread;
use std::time::Duration;

/// Most clients of a scenario: a million and their senders fit on the reference machine.
pub(crate) const CLIENTS_MAX: u32 = 1_010_000;
/// Most channels of a scenario.
pub(crate) const CHANNELS_MAX: u32 = 100_000;
/// Most processes that make load.
pub(crate) const PROCESSES_MAX: u32 = 64;
/// Most nodes that the tool starts.
pub(crate) const NODES_MAX: u32 = 64;
/// Most repetitions of a phase, and most messages that a client posts at once: what its outbox holds.
pub(crate) const REPEAT_MAX: u32 = 1_000;
pub(crate) const AT_ONCE_MAX: u32 = 10_000;
/// The channels of clients' own inboxes are numbered from here on, by the number of their client.
pub(crate) const INBOXES_FIRST: u32 = 1 << 31;
/// How late a generator may be with what it does (p99), unless the scenario says otherwise: beyond, it did not offer what
/// it says.
pub(crate) const LATE_MAX: Duration = Duration::from_millis(100);
/// Addresses of the clients of a process unless the scenario says otherwise: an address has a limited number of ports.
pub(crate) const ADDRESSES: u8 = 16;
/// Most connections of all attacks together: they belong to one process.
pub(crate) const ATTACK_OPEN_MAX: u32 = 18_500;
/// Most source addresses of an attack.
pub(crate) const PREFIXES_MAX: u32 = 1_000_000;
/// Most members of an attack.
pub(crate) const ACCOUNTS_MAX: u32 = 10_000;
/// Most times that a scenario is attacked as hard as it says.
pub(crate) const TIMES_MAX: f64 = 1_000.0;
/// Clients of a process unless the scenario says how many processes there are: a process has 20,000 descriptors on the
/// reference machine.
pub(crate) const CLIENTS_PER_PROCESS: u32 = 18_500;

/// A scenario that makes sense.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) description: String,
    /// As it was read.
    pub(crate) text: String,
    pub(crate) seed: u64,
    pub(crate) server: Server,
    pub(crate) processes: u32,
    pub(crate) encoding: Encoding,
    /// How many addresses the clients of a process share.
    pub(crate) addresses: u8,
    /// How late generators may be with what they do, 99 times of 100; beyond, a run shows nothing.
    pub(crate) late_max: Duration,
    pub(crate) payload_bytes: usize,
    pub(crate) channels: Vec<ChannelSet>,
    pub(crate) classes: Vec<Class>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) attacks: Vec<Attack>,
    /// What the rates of all attacks are multiplied with.
    pub(crate) times: f64,
    /// How long readers and senders may take to come even after the last phase.
    pub(crate) settle: Duration,
    pub(crate) thresholds: Vec<Threshold>,
}

/// The server that the tool starts.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) nodes: u32,
    pub(crate) tls: bool,
    /// Further options of `holdfast serve`.
    pub(crate) arguments: Vec<String>,
    /// Server and generator get cores of their own, if there are two.
    pub(crate) pin: bool,
    /// Cores that all nodes have together, if that is bound.
    pub(crate) cpu: Option<f64>,
    /// What clients connect to instead of the nodes.
    pub(crate) proxy: Option<Proxy>,
}

/// Channels of one kind.
#[derive(Debug, Clone)]
pub(crate) struct ChannelSet {
    /// With `{n}` for the number of the channel in its set.
    name: String,
    /// The number of its first channel among all.
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// Nobody reads them as they come.
    unread: bool,
}

/// Clients that do the same.
#[derive(Debug, Clone)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) behaviour: Behaviour,
    /// The number of its first client among all.
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) arrive_per_second: f64,
    /// Which channel sets it reads, and how many channels of each a client does.
    pub(crate) reads: Vec<(usize, u32)>,
    /// Whether each client also reads the inbox of its own, to which nobody posts.
    pub(crate) own_inbox: bool,
    /// Clients on their way in at once, if they come one for another and not at a rate alone.
    pub(crate) arriving_max: Option<u32>,
    pub(crate) since: Since,
    /// Which channel set it posts to.
    pub(crate) posts: Option<usize>,
    /// How it shows that it may come in.
    pub(crate) tickets: Tickets,
}

/// A part of the run.
#[derive(Debug, Clone)]
pub(crate) struct Phase {
    pub(crate) name: String,
    /// Its length; at most, if it has an end of its own.
    pub(crate) duration: Duration,
    pub(crate) until: Option<Until>,
    /// Classes whose clients begin to come.
    pub(crate) arrive: Vec<usize>,
    /// Classes that post, and how many messages a second all clients of each do together.
    pub(crate) publish: Vec<(usize, f64)>,
    /// Classes of which each client posts so many messages as it begins.
    pub(crate) at_once: Vec<(usize, u32)>,
    /// Classes that read nothing while it lasts.
    pub(crate) asleep: Vec<usize>,
    pub(crate) spread: Spread,
    /// Attacks that go on, and how many connections or commands a second each makes.
    pub(crate) attack: Vec<(usize, f64)>,
}

/// Something that is done to the server.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) phase: usize,
    /// After the beginning of the phase.
    pub(crate) at: Duration,
    pub(crate) act: Act,
    pub(crate) victim: Victim,
    /// When it is undone: started again, or continued.
    pub(crate) back_after: Option<Duration>,
}

/// To whom it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    /// A node, from 0 on.
    Node(u32),
    /// The Redis.
    Redis,
}

/// Why a file is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub(crate) struct Invalid {
    /// From 1 on.
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl Scenario {
    /// Reads a scenario; `scale` multiplies clients and channels, so that a large scenario can be tried on a small machine.
    pub(crate) fn parse(name: &str, text: &str, scale: f64) -> Result<Self, Invalid> {
        check::check(name, text, scale)
    }

    /// Whether a run of it can have this figure.
    #[cfg(test)]
    pub(crate) fn has_figure(&self, name: &str) -> bool {
        crate::figures::exists(
            name,
            &crate::figures::Names {
                classes: self.classes.iter().map(|class| class.name.as_str()).collect(),
                attacks: self.attacks.iter().map(|attack| attack.name.as_str()).collect(),
                phases: self.phases.iter().map(|phase| phase.name.as_str()).collect(),
            },
        )
    }

    /// All clients.
    pub(crate) fn clients(&self) -> u32 {
        self.classes.iter().map(|class| class.count).sum()
    }

    /// Whether the clients of a class read all the time and as fast as they can, and come before there is an attack: they
    /// notice one, and nothing of their own is in the way.
    pub(crate) fn is_steady(&self, class: usize) -> bool {
        let before = self.phases.iter().take_while(|phase| phase.attack.is_empty());
        let comes = before.flat_map(|phase| &phase.arrive).any(|came| *came == class);
        let behaviour = self.classes.get(class).map(|class| class.behaviour);
        comes && matches!(behaviour, Some(Behaviour::Activist | Behaviour::Sender))
    }

    /// Whether anybody reads a channel to which clients post.
    pub(crate) fn is_read(&self) -> bool {
        self.classes.iter().any(|class| !class.reads.is_empty())
    }

    /// How many times a second an attack strikes in a phase; nothing if it does not.
    pub(crate) fn attack_rate(&self, phase: usize, attack: usize) -> Option<f64> {
        let attacks = &self.phases.get(phase)?.attack;
        attacks.iter().find_map(|(number, rate)| (*number == attack).then_some(rate * self.times))
    }

    /// All channels.
    pub(crate) fn channel_count(&self) -> u32 {
        self.channels.iter().map(|set| set.count).sum()
    }

    /// The name of a channel by its number among all.
    pub(crate) fn channel(&self, number: u32) -> String {
        if let Some(client) = number.checked_sub(INBOXES_FIRST) {
            return format!("{INBOX}{}", member(client));
        }
        let set = self.channels.iter().find(|set| number < set.first.saturating_add(set.count));
        set.map_or_else(String::new, |set| set.channel(number.saturating_sub(set.first)))
    }

    /// The channels that a client of a class reads, by number among all.
    pub(crate) fn reads(&self, class: &Class, client: u32) -> Vec<u32> {
        let sets = class.reads.iter().filter_map(|(set, each)| Some((self.channels.get(*set)?, *each)));
        sets.flat_map(|(set, each)| {
            // Neighbours share few channels, and each channel has as many readers as any other.
            let stride = (set.count / each.max(1)).max(1);
            (0..each)
                .map(move |n| set.first + (client.wrapping_add(n.wrapping_mul(stride))) % set.count.max(1))
        })
        .collect()
    }

    /// The channels that a sender of a class posts to, by turns: all senders together post to each channel of the set.
    pub(crate) fn posts(&self, class: &Class, client: u32) -> Vec<u32> {
        let Some(set) = class.posts.and_then(|set| self.channels.get(set)) else {
            return Vec::new();
        };
        let senders = usize::try_from(class.count.min(set.count).max(1)).unwrap_or(1);
        let channels = (set.first..set.first.saturating_add(set.count))
            .skip(usize::try_from(client).unwrap_or(0) % senders);
        channels.step_by(senders).collect()
    }
}

/// What the names of inboxes begin with.
const INBOX: &str = "inbox#";

/// Who a client is, by its number among all.
pub(crate) fn member(number: u32) -> String {
    format!("load-{number}")
}

/// The number of a client's own inbox, by its name.
pub(crate) fn inbox_number(channel: &str) -> Option<u32> {
    let client: u32 = channel.strip_prefix(INBOX)?.strip_prefix("load-")?.parse().ok()?;
    client.checked_add(INBOXES_FIRST)
}

impl ChannelSet {
    /// The name of a channel by its number in the set.
    pub(crate) fn channel(&self, number: u32) -> String {
        self.name.replace("{n}", &number.to_string())
    }
}

impl std::fmt::Display for Victim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Node(number) => write!(f, "node {}", number + 1),
            Self::Redis => f.write_str("redis"),
        }
    }
}

#[cfg(test)]
mod tests;
