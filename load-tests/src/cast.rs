//! The client numbers of a process, and who signs for whom.

use crate::client::{Client, Outbox, Shared, Subscription};
use crate::clock::{self, Micros};
use crate::orders::{Access, Assignment};
use crate::scenario::{
    Attack, AttackKind, Behaviour, Class, Encoding, INBOXES_FIRST, Scenario, Tickets, member,
};
use anyhow::{Context, bail};
use identity::{AccessTokens, Claims, KeySet, MintError, Tickets as TicketKeys};
use protocol::{ChannelKind, ChannelName, MemberId, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Longer than a run: its clients need no other token.
const TOKEN_LIFE: Duration = Duration::from_hours(48);

/// Who a client is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) class: usize,
    pub(crate) of: &'a Class,
    /// Its number in its class.
    pub(crate) member: u32,
    /// Its number among all.
    pub(crate) number: u32,
}

/// All clients, in the order of their numbers.
pub(crate) fn parts(scenario: &Scenario) -> impl Iterator<Item = Part<'_>> {
    scenario.classes.iter().enumerate().flat_map(|(class, of)| {
        (0..of.count).map(move |member| Part { class, of, member, number: of.first + member })
    })
}

/// The clients of this process: each n-th.
pub(crate) fn own<'a>(scenario: &'a Scenario, assignment: &Assignment) -> impl Iterator<Item = Part<'a>> {
    let (process, processes) = (assignment.process, assignment.processes.max(1));
    parts(scenario).filter(move |part| part.number % processes == process)
}

/// Makes the clients of this process.
pub(crate) fn clients(scenario: &Scenario, assignment: &Assignment) -> anyhow::Result<Vec<Client>> {
    let mint = Mint::new(scenario, &assignment.access)?;
    let clients: anyhow::Result<Vec<Client>> = own(scenario, assignment)
        .map(|part| {
            let reads = scenario.reads(part.of, part.member).into_iter();
            let reads = reads.chain(part.of.own_inbox.then_some(INBOXES_FIRST + part.number));
            let subscriptions = reads.map(|channel| Subscription::new(channel, part.of.since)).collect();
            let posts = scenario.posts(part.of, part.member);
            let outbox = (!posts.is_empty()).then(|| Outbox::new(part.number, posts, scenario.payload_bytes));
            // Who has a ticket needs nothing else.
            let held = part.of.tickets == Tickets::Held;
            let token = if held { String::new() } else { mint.token(part)? };
            let mut client = Client::new(part.class, part.of.behaviour, token, subscriptions, outbox);
            match part.of.tickets {
                Tickets::None => {}
                Tickets::Asked => client.take_tickets(),
                Tickets::Held => client.hold_ticket(mint.ticket(part)?),
            }
            Ok(client)
        })
        .collect();
    let mut clients = clients?;
    if let Some(client) = clients.iter_mut().find(|client| !client.is_stranger()) {
        client.ask_status();
    }
    Ok(clients)
}

/// Which client reads the log of each channel in the end: one that may read it anyway, of those who read without pause
/// and as fast as they can if there are any.
pub(crate) fn auditors(scenario: &Scenario) -> BTreeMap<u32, BTreeSet<u32>> {
    // The less the better.
    let unfit = |part: &Part<'_>| match part.of.behaviour {
        Behaviour::Activist => 0,
        Behaviour::Sender => 1,
        Behaviour::FlappingPhone { .. } => 2,
        Behaviour::SlowReader { .. } => 3,
        Behaviour::Stranger(_) => 4,
    };
    let mut chosen: BTreeMap<u32, Part<'_>> = BTreeMap::new();
    for part in parts(scenario) {
        let own = scenario.reads(part.of, part.member).into_iter();
        for channel in own.chain(scenario.posts(part.of, part.member)) {
            let before = chosen.entry(channel).or_insert(part);
            if unfit(&part) < unfit(before) {
                *before = part;
            }
        }
    }
    let mut auditors: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (channel, part) in chosen {
        auditors.entry(part.number).or_default().insert(channel);
    }
    auditors
}

/// What all clients of a process share.
pub(crate) fn shared(scenario: &Scenario, assignment: &Assignment) -> Shared {
    let channels: Vec<String> =
        (0..scenario.channel_count()).map(|number| scenario.channel(number)).collect();
    Shared {
        run: assignment.run,
        encoding: match scenario.encoding {
            Encoding::Json => protocol::Encoding::Json,
            Encoding::Protobuf => protocol::Encoding::Protobuf,
        },
        payload_bytes: scenario.payload_bytes,
        numbers: channels.iter().cloned().zip(0..).collect(),
        channels,
        wall_zero_ms: clock::wall_timestamp().as_millis().saturating_sub(Micros::now().0 / 1_000),
        hosts: assignment.targets.iter().map(|target| target.host.clone()).collect(),
    }
}

/// Gives out tokens.
enum Mint<'a> {
    Given(&'a [String]),
    Signs { tokens: Box<AccessTokens>, tickets: Box<TicketKeys>, scenario: &'a Scenario },
}

impl<'a> Mint<'a> {
    fn new(scenario: &'a Scenario, access: &'a Access) -> anyhow::Result<Self> {
        Ok(match access {
            Access::Tokens(given) => Self::Given(given),
            Access::Keys(text) => {
                let keys = KeySet::from_file_text(text).context("the keys of the server")?;
                let (tokens, tickets) = (AccessTokens::new(&keys)?, TicketKeys::new(&keys));
                Self::Signs { tokens: Box::new(tokens), tickets: Box::new(tickets), scenario }
            }
        })
    }

    fn token(&self, part: Part<'_>) -> anyhow::Result<String> {
        if matches!(part.of.behaviour, Behaviour::Stranger(_)) {
            return Ok(String::new());
        }
        match self {
            Self::Given(given) => {
                let token = usize::try_from(part.number).ok().and_then(|number| given.get(number));
                match token {
                    Some(token) => Ok(token.clone()),
                    None => bail!("there are {} tokens, and the scenario has more clients", given.len()),
                }
            }
            Self::Signs { tokens, scenario, .. } => {
                let member = MemberId::parse(&member(part.number))?;
                let claims = claims(scenario, part);
                minted(part, tokens.mint(&member, &claims, clock::wall_timestamp(), TOKEN_LIFE))
            }
        }
    }

    /// A ticket as a member has who was here before.
    fn ticket(&self, part: Part<'_>) -> anyhow::Result<String> {
        let Self::Signs { tickets, scenario, .. } = self else {
            bail!("clients that hold tickets need --keys: nobody else can sign them");
        };
        let now = clock::wall_timestamp();
        let posts_until = now.after(TOKEN_LIFE);
        let member = MemberId::parse(&member(part.number))?;
        minted(part, tickets.mint(&member, claims(scenario, part), posts_until, now, TOKEN_LIFE))
    }
}

/// What was signed for a client, or why nothing was.
fn minted(part: Part<'_>, signed: Result<String, MintError>) -> anyhow::Result<String> {
    signed.with_context(|| {
        format!("no token was made for a client of {}, which may have too many channels", part.of.name)
    })
}

/// A member that attacks.
pub(crate) struct Attacker {
    pub(crate) token: String,
    /// Where it publishes, or what it subscribes to.
    pub(crate) channel: String,
}

/// It holds a token: debug output does not.
impl std::fmt::Debug for Attacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attacker").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// The members of an attack, each with one channel of its set, by turns. They are others than all clients.
pub(crate) fn attackers(
    scenario: &Scenario,
    attack: &Attack,
    access: &Access,
) -> anyhow::Result<Vec<Attacker>> {
    let Some((count, set)) = attack.kind.accounts(attack.open_max) else { return Ok(Vec::new()) };
    let Access::Keys(text) = access else {
        bail!("the attack {} is one by members, and needs --keys to sign for them", attack.name);
    };
    let tokens = AccessTokens::new(&KeySet::from_file_text(text).context("the keys of the server")?)?;
    let set = scenario.channels.get(set).context("an attack on channels that are not there")?;
    let attacker = |number: u32| {
        let channel = set.first + number % set.count.max(1);
        let posts = matches!(attack.kind, AttackKind::PublishFlood { .. }).then_some(channel);
        let claims = rights(scenario, &[channel], posts.as_slice());
        let member = MemberId::parse(&format!("load-attack-{}-{number}", attack.name.replace('_', "-")))?;
        let token = tokens.mint(&member, &claims, clock::wall_timestamp(), TOKEN_LIFE)?;
        Ok(Attacker { token, channel: scenario.channel(channel) })
    };
    (0..count).map(attacker).collect()
}

/// What a client may: read what it reads, and post to what it posts to.
fn claims(scenario: &Scenario, part: Part<'_>) -> Claims {
    rights(scenario, &scenario.reads(part.of, part.member), &scenario.posts(part.of, part.member))
}

/// Rights to read and post to these channels.
fn rights(scenario: &Scenario, reads: &[u32], posts: &[u32]) -> Claims {
    let kinds = |channels: &[u32]| {
        let names =
            channels.iter().filter_map(|channel| ChannelName::parse(&scenario.channel(*channel)).ok());
        names.filter_map(|name| name.kind()).collect::<Vec<ChannelKind>>()
    };
    let (mut teams, mut regions) = (BTreeSet::new(), BTreeSet::new());
    let mut roles = vec![Role::Activist];
    for kind in kinds(reads) {
        match kind {
            ChannelKind::Team(team) => drop(teams.insert(team)),
            ChannelKind::BulletinsRegion(region) => drop(regions.insert(region)),
            ChannelKind::BulletinsAll
            | ChannelKind::Inbox(_)
            | ChannelKind::ServiceOrganisers
            | ChannelKind::ServiceStatus => {}
        }
    }
    for kind in kinds(posts) {
        match kind {
            ChannelKind::Team(team) => drop(teams.insert(team)),
            // Who may send at all may send to every region.
            ChannelKind::BulletinsAll | ChannelKind::BulletinsRegion(_) => roles = vec![Role::Sender],
            ChannelKind::Inbox(_) | ChannelKind::ServiceOrganisers | ChannelKind::ServiceStatus => {}
        }
    }
    Claims {
        roles,
        regions: regions.into_iter().collect(),
        teams: teams.into_iter().collect(),
        ..Claims::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;

    fn scenario(name: &str) -> Scenario {
        Scenario::parse(name, shipped(name).unwrap(), 0.02).unwrap()
    }

    #[test]
    fn each_client_belongs_to_one_process() {
        let scenario = scenario("broadcast-100k");
        let mut numbers = Vec::new();
        for process in 0..6 {
            let assignment = Assignment {
                scenario: scenario.name.clone(),
                text: String::new(),
                scale: 1.0,
                times: 1.0,
                process,
                processes: 6,
                run: 1,
                targets: Vec::new(),
                tls: None,
                access: Access::Tokens(Vec::new()),
            };
            numbers.extend(own(&scenario, &assignment).map(|part| part.number));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..scenario.clients()).collect::<Vec<_>>());
    }

    #[test]
    fn each_channel_has_one_auditor_and_a_slow_one_only_if_there_is_no_other() {
        for name in ["soak", "many-channels", "slow-readers"] {
            let scenario = scenario(name);
            let auditors = auditors(&scenario);
            let audited: Vec<u32> = auditors.values().flatten().copied().collect();
            assert_eq!(audited.len(), usize::try_from(scenario.channel_count()).unwrap(), "{name}");
            for part in parts(&scenario).filter(|part| auditors.contains_key(&part.number)) {
                assert!(matches!(part.of.behaviour, Behaviour::Activist | Behaviour::Sender), "{name}");
            }
        }
    }

    #[test]
    fn who_is_cast_may_read_and_post_what_they_do_and_a_stranger_has_no_token() {
        let scenario = scenario("soak");
        let keys = KeySet::generate().unwrap();
        let access = Access::Keys(keys.to_file_text());
        let mint = Mint::new(&scenario, &access).unwrap();
        let tokens = AccessTokens::new(&keys).unwrap();
        for part in parts(&scenario) {
            let token = mint.token(part).unwrap();
            if matches!(part.of.behaviour, Behaviour::Stranger(_)) {
                assert_eq!(token, "");
                continue;
            }
            let principal = tokens.verify(&token, clock::wall_timestamp()).unwrap();
            let named = |number: u32| ChannelName::parse(&scenario.channel(number)).unwrap();
            for channel in scenario.reads(part.of, part.member).into_iter().map(named) {
                assert!(identity::may_read(&principal, &channel, &channel.kind().unwrap()), "{channel}");
            }
            for channel in scenario.posts(part.of, part.member).into_iter().map(named) {
                assert!(identity::may_post(&principal, &channel.kind().unwrap()), "{channel}");
            }
        }
    }

    #[test]
    fn too_few_tokens_are_told_so() {
        let scenario = scenario("baseline");
        let access = Access::Tokens(vec!["one".to_owned()]);
        let mint = Mint::new(&scenario, &access).unwrap();
        let tokens: Vec<_> = parts(&scenario).map(|part| mint.token(part)).collect();
        assert!(tokens[0].is_ok());
        assert!(tokens[1].as_ref().unwrap_err().to_string().contains("there are 1 tokens"));
    }
}
