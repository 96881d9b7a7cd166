//! Attacks in a scenario: what is done to the server by those who are no members, or members who behave like none.
//! They are no clients: nobody waits for them, and nothing that they get is in the ledger.

use super::check::Checker;
use super::duration::Span;
use super::{ACCOUNTS_MAX, ATTACK_OPEN_MAX, Invalid, PREFIXES_MAX};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

/// Source addresses of an attack, connections that it has at once, and accounts, unless the file says otherwise.
const PREFIXES: u32 = 1_000;
const OPEN: u32 = 1_000;
const ACCOUNTS: u32 = 20;
/// Between two bytes of a slow head.
const EVERY: Duration = Duration::from_secs(1);

/// An attack that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) kind: AttackKind,
    /// From how many addresses it comes; for a server each is a network of its own.
    pub(crate) prefixes: u32,
    /// Whether it comes from the addresses of the members, as strangers behind the same network of a phone company do.
    pub(crate) beside_members: bool,
    /// How many connections it has at most; the oldest goes for a new one.
    pub(crate) open_max: u32,
}

/// What it does. Those with accounts hold a connection for each and say something on it at the rate of the phase; all
/// others make connections at that rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttackKind {
    /// Connects and says nothing, or leaves at once.
    ConnectFlood { leaves: bool },
    /// Shows tickets and tokens that are worth nothing.
    ForgedTickets,
    /// Half a handshake: of TLS where the server speaks it, else a WebSocket without a word.
    HalfOpen,
    /// Asks to be let in, and asks again, whatever the answer.
    JoinFlood,
    /// Subscribes and reads nothing from then on.
    NeverReading { channels: usize },
    /// Members who publish without listening to what they are told.
    PublishFlood { accounts: u32, channels: usize },
    /// Half a request, and then a byte every so often.
    SlowHeads { every: Duration },
    /// Members who subscribe and unsubscribe by turns.
    SubscriptionFlood { accounts: u32, channels: usize },
}

impl AttackKind {
    /// How many members it needs, and of which channels.
    pub(crate) fn accounts(self, open_max: u32) -> Option<(u32, usize)> {
        match self {
            Self::ConnectFlood { .. }
            | Self::ForgedTickets
            | Self::HalfOpen
            | Self::JoinFlood
            | Self::SlowHeads { .. } => None,
            Self::NeverReading { channels } => Some((open_max, channels)),
            Self::PublishFlood { accounts, channels } | Self::SubscriptionFlood { accounts, channels } => {
                Some((accounts, channels))
            }
        }
    }
}

/// The form of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttackFile {
    pub(super) name: Spanned<String>,
    kind: Kind,
    prefixes: Option<Spanned<u32>>,
    #[serde(default)]
    beside_members: bool,
    open_max: Option<Spanned<u32>>,
    /// Of a connect flood.
    leaves: Option<Spanned<bool>>,
    /// Of slow heads.
    every: Option<Spanned<Span>>,
    /// Of floods by members.
    accounts: Option<Spanned<u32>>,
    channels: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    ConnectFlood,
    ForgedTickets,
    HalfOpen,
    JoinFlood,
    NeverReading,
    PublishFlood,
    SlowHeads,
    SubscriptionFlood,
}

/// All attacks of a file.
pub(super) fn attacks(
    checker: &Checker<'_>,
    file: &[Spanned<AttackFile>],
    channels: &BTreeMap<String, usize>,
) -> Result<Vec<Attack>, Invalid> {
    let mut attacks: Vec<Attack> = Vec::new();
    for given in file {
        let attack = attack(checker, given, channels)?;
        if attacks.iter().any(|other| other.name == attack.name) {
            let reason = format!("the attack {} is there twice", attack.name);
            return Err(checker.invalid(given.get_ref().name.span(), reason));
        }
        attacks.push(attack);
    }
    let open: u32 = attacks.iter().map(|attack| attack.open_max).fold(0, u32::saturating_add);
    match file.last() {
        Some(last) if open > ATTACK_OPEN_MAX => {
            let reason =
                format!("all attacks together have at most {ATTACK_OPEN_MAX} connections, not {open}");
            Err(checker.invalid(last.span(), reason))
        }
        Some(_) | None => Ok(attacks),
    }
}

fn attack(
    checker: &Checker<'_>,
    spanned: &Spanned<AttackFile>,
    sets: &BTreeMap<String, usize>,
) -> Result<Attack, Invalid> {
    let given = spanned.get_ref();
    only_what_it_takes(checker, given)?;
    let channels = || match &given.channels {
        None => Err(checker.invalid(spanned.span(), "this attack needs channels")),
        Some(word) => sets
            .get(word.get_ref())
            .copied()
            .ok_or_else(|| checker.invalid(word.span(), format!("there are no channels {}", word.get_ref()))),
    };
    let count = |given: &Option<Spanned<u32>>, most, usual, what| match given {
        None => Ok(usual),
        Some(count) => checker.within(count, 1..=most, what),
    };
    let accounts = || count(&given.accounts, ACCOUNTS_MAX, ACCOUNTS, "accounts");
    if let (true, Some(prefixes)) = (given.beside_members, &given.prefixes) {
        return Err(checker.invalid(prefixes.span(), "who comes from where members are has no prefixes"));
    }
    let kind = match given.kind {
        Kind::ConnectFlood => {
            AttackKind::ConnectFlood { leaves: given.leaves.as_ref().is_some_and(|leaves| *leaves.get_ref()) }
        }
        Kind::ForgedTickets => AttackKind::ForgedTickets,
        Kind::HalfOpen => AttackKind::HalfOpen,
        Kind::JoinFlood => AttackKind::JoinFlood,
        Kind::NeverReading => AttackKind::NeverReading { channels: channels()? },
        Kind::PublishFlood => AttackKind::PublishFlood { accounts: accounts()?, channels: channels()? },
        Kind::SlowHeads => {
            AttackKind::SlowHeads { every: given.every.as_ref().map_or(EVERY, |every| every.get_ref().0) }
        }
        Kind::SubscriptionFlood => {
            AttackKind::SubscriptionFlood { accounts: accounts()?, channels: channels()? }
        }
    };
    let open_max = match kind {
        AttackKind::PublishFlood { accounts, .. } | AttackKind::SubscriptionFlood { accounts, .. } => {
            accounts
        }
        AttackKind::ConnectFlood { .. }
        | AttackKind::ForgedTickets
        | AttackKind::HalfOpen
        | AttackKind::JoinFlood
        | AttackKind::NeverReading { .. }
        | AttackKind::SlowHeads { .. } => count(&given.open_max, ATTACK_OPEN_MAX, OPEN, "open_max")?,
    };
    Ok(Attack {
        name: checker.label(&given.name)?,
        kind,
        beside_members: given.beside_members,
        prefixes: count(&given.prefixes, PREFIXES_MAX, PREFIXES, "prefixes")?,
        open_max,
    })
}

/// What an attack does not look at would only mislead who reads the file.
fn only_what_it_takes(checker: &Checker<'_>, given: &AttackFile) -> Result<(), Invalid> {
    let by_members = matches!(given.kind, Kind::PublishFlood | Kind::SubscriptionFlood);
    for (span, taken, what) in [
        (given.leaves.as_ref().map(Spanned::span), given.kind == Kind::ConnectFlood, "leaves"),
        (given.every.as_ref().map(Spanned::span), given.kind == Kind::SlowHeads, "every"),
        (given.accounts.as_ref().map(Spanned::span), by_members, "accounts"),
        (given.open_max.as_ref().map(Spanned::span), !by_members, "open_max"),
        (
            given.channels.as_ref().map(Spanned::span),
            by_members || given.kind == Kind::NeverReading,
            "channels",
        ),
    ] {
        if let (Some(span), false) = (span, taken) {
            return Err(checker.invalid(span, format!("this kind of attack has no {what}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Scenario;
    use super::*;

    const CALM: &str = r#"
description = "calm"
[channels]
all = { name = "bulletins:all" }
[[clients]]
class = "organiser"
kind = "sender"
count = 1
arrive_per_second = 10.0
posts = "all"
reads = "all"
"#;
    const ATTACKED: &str = r#"
[[phases]]
name = "one"
arrive = ["organiser"]
duration = "3s"
publish = { organiser = 5.0 }
attack = { bad = 100.0 }
[[attacks]]
name = "bad"
"#;

    fn parse(attack: &str) -> Result<Scenario, Invalid> {
        Scenario::parse("test", &format!("{CALM}{ATTACKED}{attack}"), 1.0)
    }

    #[test]
    fn an_attack_that_makes_no_sense_is_told_so() {
        for (attack, said) in [
            ("kind = \"arson\"\n", "unknown variant"),
            ("kind = \"connect-flood\"\nprefixes = 0\n", "prefixes must be"),
            ("kind = \"connect-flood\"\nprefixes = 9\nbeside_members = true\n", "has no prefixes"),
            ("kind = \"connect-flood\"\nopen_max = 0\n", "open_max must be"),
            ("kind = \"connect-flood\"\nopen_max = 1000000\n", "open_max must be"),
            ("kind = \"connect-flood\"\nevery = \"1s\"\n", "has no every"),
            ("kind = \"slow-heads\"\nleaves = true\n", "has no leaves"),
            ("kind = \"forged-tickets\"\naccounts = 3\n", "has no accounts"),
            ("kind = \"publish-flood\"\n", "needs channels"),
            ("kind = \"publish-flood\"\nchannels = \"none\"\n", "no channels none"),
            ("kind = \"publish-flood\"\nchannels = \"all\"\naccounts = 0\n", "accounts must be"),
            ("kind = \"publish-flood\"\nchannels = \"all\"\nopen_max = 5\n", "has no open_max"),
            ("kind = \"join-flood\"\nchannels = \"all\"\n", "has no channels"),
            ("kind = \"join-flood\"\n[[attacks]]\nname = \"bad\"\nkind = \"half-open\"\n", "there twice"),
            ("kind = \"join-flood\"\n[[attacks]]\nname = \"idle\"\nkind = \"half-open\"\n", "no phase makes"),
            (
                "kind = \"join-flood\"\nopen_max = 15000\n[[attacks]]\nname = \"idle\"\nkind = \"half-open\"\n\
                 open_max = 15000\n",
                "all attacks together",
            ),
        ] {
            let error = parse(attack).unwrap_err();
            assert!(error.reason.contains(said), "{attack}: {error}");
        }
        let wrong = ATTACKED.replace("bad = 100.0", "good = 100.0");
        let error =
            Scenario::parse("test", &format!("{CALM}{wrong}kind = \"half-open\"\n"), 1.0).unwrap_err();
        assert!(error.reason.contains("there is no attack good"), "{error}");
        let wrong = ATTACKED.replace("bad = 100.0", "bad = 0.0");
        let error =
            Scenario::parse("test", &format!("{CALM}{wrong}kind = \"half-open\"\n"), 1.0).unwrap_err();
        assert!(error.reason.contains("above 0"), "{error}");
    }

    #[test]
    fn an_attack_is_no_client_and_its_rate_is_multiplied_alone() {
        let mut scenario = parse("kind = \"publish-flood\"\nchannels = \"all\"\naccounts = 7\n").unwrap();
        assert_eq!(scenario.clients(), 1);
        let attack = &scenario.attacks[0];
        assert_eq!((attack.open_max, attack.kind.accounts(7)), (7, Some((7, 0))));
        scenario.times = 20.0;
        assert_eq!(scenario.attack_rate(0, 0), Some(2_000.0));
        assert_eq!(scenario.phases[0].publish, [(0, 5.0)]);
    }

    #[test]
    fn who_was_there_before_and_reads_all_the_time_is_steady() {
        let phone = "[[clients]]\nclass = \"phone\"\nkind = \"flapping-phone\"\ncount = 1\narrive_per_second = 1.0\n\
                     reads = \"all\"\nup = \"1s\"\ndown = \"1s\"\n";
        let crowd = "[[clients]]\nclass = \"crowd\"\nkind = \"activist\"\ncount = 1\narrive_per_second = 1.0\n\
                     reads = \"all\"\n";
        let before =
            "[[phases]]\nname = \"before\"\narrive = [\"organiser\", \"phone\"]\nduration = \"1s\"\n";
        let attacked = ATTACKED.replace("arrive = [\"organiser\"]", "arrive = [\"crowd\"]");
        let text = format!("{CALM}{phone}{crowd}{before}{attacked}kind = \"half-open\"\n");
        let scenario = Scenario::parse("test", &text, 1.0).unwrap();
        assert_eq!([0, 1, 2, 3].map(|class| scenario.is_steady(class)), [true, false, false, false]);
    }

    #[test]
    fn who_attacks_wants_no_member_to_be_cut() {
        let scenario = parse("kind = \"forged-tickets\"\n").unwrap();
        let has = |figure: &str| scenario.thresholds.iter().any(|threshold| threshold.figure == figure);
        assert!(has("members_cut") && has("attack_bad_let_in") && !has("disconnects"));
    }
}
