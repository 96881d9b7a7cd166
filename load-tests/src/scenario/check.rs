//! From the file to a scenario that makes sense, or the line that does not.

use super::attack::{self, Attack, AttackFile, AttackKind};
use super::file::{Behaviour, ClientsFile, FaultFile, File, Kind, PhaseFile, Store, ThresholdFile};
use super::threshold::Threshold;
use super::{
    ADDRESSES, AT_ONCE_MAX, CHANNELS_MAX, CLIENTS_MAX, CLIENTS_PER_PROCESS, ChannelSet, Class, Fault,
    Invalid, LATE_MAX, NODES_MAX, PROCESSES_MAX, Phase, REPEAT_MAX, Scenario, Server, Tickets, Victim,
};
use crate::figures;
use protocol::limits::{PAYLOAD_MAX_BYTES, SUBSCRIPTIONS_PER_CONNECTION_MAX};
use protocol::{ChannelKind, ChannelName};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;

/// Patience at the end, unless the file says otherwise.
const SETTLE: Duration = Duration::from_mins(1);
/// Most cores of a server that is given fewer than it could have.
const CPU_MAX: f64 = 1_024.0;

pub(super) fn check(name: &str, text: &str, scale: f64) -> Result<Scenario, Invalid> {
    let file: File = toml::from_str(text).map_err(|error| Invalid {
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        reason: error.message().trim().to_owned(),
    })?;
    let checker = Checker { text, scale };
    let (names, channels) = checker.channels(&file.channels)?;
    let classes = checker.classes(&file.clients, &names, &channels)?;
    let server = checker.server(&file)?;
    let attacks = attack::attacks(&checker, &file.attacks, &names)?;
    let phases = checker.phases(&file.phases, &classes, &attacks)?;
    checker.all_come(&file.clients, &phases)?;
    checker.all_are_made(&file.attacks, &phases)?;
    let faults = file.faults.iter().map(|fault| checker.fault(fault, &phases, &server));
    let faults = faults.collect::<Result<Vec<_>, _>>()?;
    let clients: u32 = classes.iter().map(|class| class.count).sum();
    let processes = match &file.generator.processes {
        Some(given) => checker.within(given, 1..=PROCESSES_MAX, "processes")?,
        None => clients.div_ceil(CLIENTS_PER_PROCESS).max(1),
    };
    let scenario = Scenario {
        name: name.to_owned(),
        description: file.description.clone(),
        text: text.to_owned(),
        seed: file.seed,
        server,
        processes,
        encoding: file.generator.encoding,
        addresses: match &file.generator.addresses {
            Some(given) => checker.within(given, 1..=ADDRESSES, "addresses")?,
            None => ADDRESSES,
        },
        late_max: file.generator.late_max.map_or(LATE_MAX, |span| span.0),
        payload_bytes: checker.within(&file.payload.bytes, 0..=PAYLOAD_MAX_BYTES, "payload bytes")?,
        channels,
        thresholds: checker.thresholds(&file, &classes, &attacks, &phases)?,
        classes,
        phases,
        faults,
        attacks,
        times: 1.0,
        settle: file.settle.map_or(SETTLE, |span| span.0),
    };
    checker.all_is_read(&file.clients, &scenario)?;
    Ok(scenario)
}

/// The line of a byte, from 1 on.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

pub(super) struct Checker<'a> {
    text: &'a str,
    scale: f64,
}

impl Checker<'_> {
    pub(super) fn invalid(&self, span: Range<usize>, reason: impl Into<String>) -> Invalid {
        Invalid { line: line_of(self.text, span.start), reason: reason.into() }
    }

    pub(super) fn within<T: PartialOrd + Copy + std::fmt::Display>(
        &self,
        given: &Spanned<T>,
        range: std::ops::RangeInclusive<T>,
        what: &str,
    ) -> Result<T, Invalid> {
        let value = *given.get_ref();
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, most) = (range.start(), range.end());
        Err(self.invalid(given.span(), format!("{what} must be {least} to {most}, not {value}")))
    }

    pub(super) fn rate(&self, given: &Spanned<f64>, what: &str) -> Result<f64, Invalid> {
        let value = *given.get_ref();
        if value.is_finite() && value > 0.0 && value <= 1e6 {
            return Ok(value);
        }
        Err(self.invalid(given.span(), format!("{what} must be above 0 and at most 1000000, not {value}")))
    }

    /// At least one of what there was.
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and the bound of the whole is checked afterwards"
    )]
    fn scaled(&self, count: u32) -> u32 {
        ((f64::from(count) * self.scale).round() as u32).max(u32::from(count > 0))
    }

    fn server(&self, file: &File) -> Result<Server, Invalid> {
        let nodes = match &file.server.nodes {
            None => 1,
            Some(nodes) => self.within(nodes, 1..=NODES_MAX, "nodes")?,
        };
        if let (Store::Embedded, Some(given)) = (file.server.store, &file.server.nodes)
            && nodes > 1
        {
            let reason = "several nodes need store = \"redis\": an embedded store has one";
            return Err(self.invalid(given.span(), reason));
        }
        Ok(Server {
            store: file.server.store,
            nodes,
            tls: file.server.tls,
            arguments: file.server.arguments.clone(),
            pin: file.server.pin.unwrap_or(true),
            cpu: file.server.cpu.as_ref().map(|cpu| self.cpu(cpu)).transpose()?,
            proxy: file.server.proxy,
        })
    }

    /// A bound that is none on this machine is told when the server is started.
    fn cpu(&self, given: &Spanned<f64>) -> Result<f64, Invalid> {
        let value = *given.get_ref();
        if value.is_finite() && value > 0.0 && value <= CPU_MAX {
            return Ok(value);
        }
        Err(self
            .invalid(given.span(), format!("cpu must be above 0 and at most {CPU_MAX} cores, not {value}")))
    }

    fn channels(
        &self,
        file: &BTreeMap<String, Spanned<super::file::ChannelsFile>>,
    ) -> Result<(BTreeMap<String, usize>, Vec<ChannelSet>), Invalid> {
        let mut names = BTreeMap::new();
        let mut sets = Vec::new();
        let mut first: u32 = 0;
        for (word, set) in file {
            let span = set.span();
            let set = set.get_ref();
            let count = match &set.count {
                None => 1,
                Some(count) => self.scaled(self.within(count, 1..=CHANNELS_MAX, "count")?),
            };
            let name = set.name.get_ref();
            if count > 1 && !name.contains("{n}") {
                return Err(self.invalid(set.name.span(), "a set of several channels needs {n} in its name"));
            }
            let checked = ChannelSet { name: name.clone(), first, count, unread: set.unread };
            let kind = ChannelName::parse(&checked.channel(count - 1)).ok().and_then(|name| name.kind());
            match kind {
                None => {
                    return Err(self.invalid(set.name.span(), format!("the campaign has no channel {name}")));
                }
                Some(ChannelKind::ServiceOrganisers | ChannelKind::ServiceStatus | ChannelKind::Inbox(_)) => {
                    return Err(
                        self.invalid(set.name.span(), "only bulletins and teams can be posted to here")
                    );
                }
                Some(ChannelKind::BulletinsAll | ChannelKind::BulletinsRegion(_) | ChannelKind::Team(_)) => {}
            }
            names.insert(word.clone(), sets.len());
            sets.push(checked);
            first = first.saturating_add(count);
            if first > CHANNELS_MAX {
                return Err(self.invalid(span, format!("more than {CHANNELS_MAX} channels")));
            }
        }
        Ok((names, sets))
    }

    fn classes(
        &self,
        file: &[Spanned<ClientsFile>],
        names: &BTreeMap<String, usize>,
        sets: &[ChannelSet],
    ) -> Result<Vec<Class>, Invalid> {
        let mut classes: Vec<Class> = Vec::new();
        let mut first: u32 = 0;
        for spanned in file {
            let given = spanned.get_ref();
            let name = self.label(&given.class)?;
            if classes.iter().any(|class| class.name == name) {
                return Err(self.invalid(given.class.span(), format!("the class {name} is there twice")));
            }
            let set = |word: &Option<Spanned<String>>| match word {
                None => Ok(None),
                Some(word) => match names.get(word.get_ref()) {
                    Some(set) => Ok(Some(*set)),
                    None => {
                        Err(self.invalid(word.span(), format!("there are no channels {}", word.get_ref())))
                    }
                },
            };
            let count = self.scaled(self.within(&given.count, 1..=CLIENTS_MAX, "count")?);
            let class = Class {
                behaviour: self.behaviour(spanned)?,
                first,
                count,
                arrive_per_second: self.rate(&given.arrive_per_second, "arrive_per_second")?,
                reads: self.reads(given, names, sets)?,
                own_inbox: given.own_inbox,
                arriving_max: match &given.arriving_max {
                    None => None,
                    Some(most) => Some(self.within(most, 1..=CLIENTS_MAX, "arriving_max")?),
                },
                since: given.since,
                posts: set(&given.posts)?,
                tickets: given.tickets,
                name,
            };
            self.rights(spanned, &class)?;
            first = first.saturating_add(count);
            if first > CLIENTS_MAX {
                return Err(self.invalid(spanned.span(), format!("more than {CLIENTS_MAX} clients")));
            }
            classes.push(class);
        }
        Ok(classes)
    }

    /// A name that can be part of a figure.
    pub(super) fn label(&self, given: &Spanned<String>) -> Result<String, Invalid> {
        let name = given.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if (1..=32).contains(&name.len()) && name.chars().all(fits) && name != "all" {
            return Ok(name.clone());
        }
        Err(self.invalid(given.span(), "a name is 1 to 32 of a-z 0-9 _, and not \"all\""))
    }

    fn behaviour(&self, spanned: &Spanned<ClientsFile>) -> Result<Behaviour, Invalid> {
        let given = spanned.get_ref();
        let missing = |what: &str| self.invalid(spanned.span(), format!("this kind of client needs {what}"));
        match given.kind {
            Kind::Activist => Ok(Behaviour::Activist),
            Kind::FlappingPhone => match (given.up, given.down) {
                (Some(up), Some(down)) => Ok(Behaviour::FlappingPhone { up: up.0, down: down.0 }),
                (None, _) | (_, None) => Err(missing("up and down")),
            },
            Kind::Sender => Ok(Behaviour::Sender),
            Kind::SlowReader => match &given.bytes_per_second {
                Some(rate) => Ok(Behaviour::SlowReader {
                    bytes_per_second: self.within(rate, 1..=100_000_000, "bytes_per_second")?,
                }),
                None => Err(missing("bytes_per_second")),
            },
            Kind::Stranger => Ok(Behaviour::Stranger(given.says.unwrap_or_default())),
        }
    }

    /// The channel sets that a class reads, and how many channels of each a client does.
    fn reads(
        &self,
        given: &ClientsFile,
        names: &BTreeMap<String, usize>,
        sets: &[ChannelSet],
    ) -> Result<Vec<(usize, u32)>, Invalid> {
        let Some(words) = &given.reads else { return Ok(Vec::new()) };
        let mut reads: Vec<(usize, u32)> = Vec::new();
        for word in &words.get_ref().0 {
            let set = names.get(word);
            let set =
                *set.ok_or_else(|| self.invalid(words.span(), format!("there are no channels {word}")))?;
            if reads.iter().any(|(before, _)| *before == set) {
                return Err(self.invalid(words.span(), format!("{word} is there twice")));
            }
            reads.push((set, self.reads_each(given, sets.get(set))?));
        }
        let all: u32 = reads.iter().map(|(_, each)| each).sum::<u32>() + u32::from(given.own_inbox);
        let bound = u32::try_from(SUBSCRIPTIONS_PER_CONNECTION_MAX).unwrap_or(u32::MAX);
        if all > bound {
            let reason = format!("a connection reads at most {bound} channels, not {all}: say reads_each");
            return Err(self.invalid(words.span(), reason));
        }
        Ok(reads)
    }

    fn reads_each(&self, given: &ClientsFile, set: Option<&ChannelSet>) -> Result<u32, Invalid> {
        let count = set.map_or(0, |set| set.count);
        let bound = u32::try_from(SUBSCRIPTIONS_PER_CONNECTION_MAX).unwrap_or(u32::MAX);
        let most = count.min(bound);
        match &given.reads_each {
            // Of a set that was scaled down, or of one of several, each client reads what there is.
            Some(each)
                if self.scale < 1.0
                    || given.reads.as_ref().is_some_and(|reads| reads.get_ref().0.len() > 1) =>
            {
                Ok(self.within(each, 1..=bound, "reads_each")?.min(count))
            }
            Some(each) => self.within(each, 1..=most.max(1), "reads_each"),
            None if count <= most => Ok(count),
            None => {
                let span = given.reads.as_ref().map_or(0..0, Spanned::span);
                Err(self.invalid(span, format!("a connection reads at most {most} channels: say reads_each")))
            }
        }
    }

    /// Strangers may nothing; only senders post.
    fn rights(&self, spanned: &Spanned<ClientsFile>, class: &Class) -> Result<(), Invalid> {
        let wrong = |reason: &str| Err(self.invalid(spanned.span(), reason));
        let reads = !class.reads.is_empty() || class.own_inbox;
        match class.behaviour {
            Behaviour::Stranger(_) if reads || class.posts.is_some() => {
                wrong("a stranger neither reads nor posts")
            }
            Behaviour::Stranger(_) if class.tickets != Tickets::None => wrong("a stranger has no ticket"),
            Behaviour::Sender if class.posts.is_none() => wrong("a sender needs posts"),
            Behaviour::Activist | Behaviour::SlowReader { .. } | Behaviour::FlappingPhone { .. }
                if !reads =>
            {
                wrong("this kind of client needs reads")
            }
            Behaviour::Activist | Behaviour::SlowReader { .. } | Behaviour::FlappingPhone { .. }
                if class.posts.is_some() =>
            {
                wrong("only a sender posts")
            }
            Behaviour::Activist
            | Behaviour::FlappingPhone { .. }
            | Behaviour::Sender
            | Behaviour::SlowReader { .. }
            | Behaviour::Stranger(_) => Ok(()),
        }
    }

    fn class(&self, word: &Spanned<String>, classes: &[Class]) -> Result<usize, Invalid> {
        let found = classes.iter().position(|class| class.name == *word.get_ref());
        found.ok_or_else(|| self.invalid(word.span(), format!("there are no clients {}", word.get_ref())))
    }

    fn phases(
        &self,
        file: &[Spanned<PhaseFile>],
        classes: &[Class],
        attacks: &[Attack],
    ) -> Result<Vec<Phase>, Invalid> {
        if file.is_empty() {
            return Err(Invalid { line: 1, reason: "a scenario needs a phase".to_owned() });
        }
        let mut arrived = Vec::new();
        let mut phases: Vec<Phase> = Vec::new();
        for given in file.iter().map(Spanned::get_ref) {
            let phase = self.phase(given, classes, attacks, &mut arrived)?;
            for phase in self.repeated(given, phase)? {
                if phases.iter().any(|before| before.name == phase.name) {
                    let reason = format!("the phase {} is there twice", phase.name);
                    return Err(self.invalid(given.name.span(), reason));
                }
                phases.push(phase);
            }
        }
        Ok(phases)
    }

    /// A phase that comes once; the classes that arrive in it are added to those that have arrived.
    fn phase(
        &self,
        given: &PhaseFile,
        classes: &[Class],
        attacks: &[Attack],
        arrived: &mut Vec<usize>,
    ) -> Result<Phase, Invalid> {
        let name = self.label(&given.name)?;
        let mut arrive = Vec::new();
        for word in &given.arrive {
            let class = self.class(word, classes)?;
            if arrived.contains(&class) {
                return Err(self.invalid(word.span(), "these clients have come before"));
            }
            arrived.push(class);
            arrive.push(class);
        }
        let mut publish = Vec::new();
        for (word, rate) in &given.publish {
            let class = self.posting(word, classes, arrived)?;
            publish.push((class, self.rate(rate, "messages a second")?));
        }
        let mut attack = Vec::new();
        for (word, rate) in &given.attack {
            let number = self.attack(word, attacks)?;
            attack.push((number, self.rate(rate, "times a second")?));
        }
        let mut at_once = Vec::new();
        for (word, count) in &given.at_once {
            let class = self.posting(word, classes, arrived)?;
            at_once.push((class, self.within(count, 1..=AT_ONCE_MAX, "at_once")?));
        }
        let asleep = given.asleep.iter().map(|word| self.class(word, classes));
        let asleep = asleep.collect::<Result<Vec<_>, _>>()?;
        let PhaseFile { duration, until, spread, .. } = given;
        let (duration, until, spread) = (duration.0, *until, *spread);
        Ok(Phase { name, duration, until, arrive, publish, at_once, asleep, spread, attack })
    }

    /// A class that has arrived and posts.
    fn posting(
        &self,
        word: &Spanned<String>,
        classes: &[Class],
        arrived: &[usize],
    ) -> Result<usize, Invalid> {
        let class = self.class(word, classes)?;
        let posts = classes.get(class).is_some_and(|class| class.posts.is_some());
        if !posts || !arrived.contains(&class) {
            return Err(self.invalid(word.span(), "these clients post nothing, or have not come"));
        }
        Ok(class)
    }

    fn attack(&self, word: &Spanned<String>, attacks: &[Attack]) -> Result<usize, Invalid> {
        let found = attacks.iter().position(|attack| attack.name == *word.get_ref());
        found.ok_or_else(|| self.invalid(word.span(), format!("there is no attack {}", word.get_ref())))
    }

    /// A phase as many times as the file says, each with a name of its own.
    fn repeated(&self, given: &PhaseFile, phase: Phase) -> Result<Vec<Phase>, Invalid> {
        let Some(times) = &given.repeat else { return Ok(vec![phase]) };
        if !phase.arrive.is_empty() {
            let reason = "clients come once: a phase in which some do has no repeat";
            return Err(self.invalid(times.span(), reason));
        }
        let times = self.within(times, 1..=REPEAT_MAX, "repeat")?;
        let numbered = |number| Phase { name: format!("{}_{number}", phase.name), ..phase.clone() };
        Ok((1..=times).map(numbered).collect())
    }

    /// What nobody reads nobody can count.
    fn all_is_read(&self, file: &[Spanned<ClientsFile>], scenario: &Scenario) -> Result<(), Invalid> {
        let of = |of: fn(&Scenario, &Class, u32) -> Vec<u32>, class: &Class| -> BTreeSet<u32> {
            (0..class.count).flat_map(|client| of(scenario, class, client)).collect()
        };
        let read = scenario.classes.iter().flat_map(|class| of(Scenario::reads, class));
        let unread = scenario.channels.iter().filter(|set| set.unread);
        let unread = unread.flat_map(|set| set.first..set.first.saturating_add(set.count));
        let read: BTreeSet<u32> = read.chain(unread).collect();
        for (class, given) in scenario.classes.iter().zip(file) {
            if let Some(unread) = of(Scenario::posts, class).difference(&read).next() {
                let span = given.get_ref().posts.as_ref().map_or(0..0, Spanned::span);
                let reason = format!("nobody reads {}, so nobody could count it", scenario.channel(*unread));
                return Err(self.invalid(span, reason));
            }
        }
        Ok(())
    }

    /// Clients that never come would show nothing.
    fn all_come(&self, file: &[Spanned<ClientsFile>], phases: &[Phase]) -> Result<(), Invalid> {
        let comes = |class: &usize| phases.iter().any(|phase| phase.arrive.contains(class));
        match file.iter().enumerate().find(|(class, _)| !comes(class)) {
            None => Ok(()),
            Some((_, given)) => {
                let class = &given.get_ref().class;
                let reason = format!("no phase lets the clients {} come", class.get_ref());
                Err(self.invalid(class.span(), reason))
            }
        }
    }

    /// Nor would attacks that are never made.
    fn all_are_made(&self, file: &[Spanned<AttackFile>], phases: &[Phase]) -> Result<(), Invalid> {
        let made = |attack: &usize| {
            phases.iter().any(|phase| phase.attack.iter().any(|(number, _)| number == attack))
        };
        match file.iter().enumerate().find(|(attack, _)| !made(attack)) {
            None => Ok(()),
            Some((_, given)) => {
                let name = &given.get_ref().name;
                Err(self.invalid(name.span(), format!("no phase makes the attack {}", name.get_ref())))
            }
        }
    }

    fn fault(
        &self,
        spanned: &Spanned<FaultFile>,
        phases: &[Phase],
        server: &Server,
    ) -> Result<Fault, Invalid> {
        let given = spanned.get_ref();
        let phase = phases.iter().position(|phase| phase.name == *given.phase.get_ref());
        let phase = phase.ok_or_else(|| {
            self.invalid(given.phase.span(), format!("there is no phase {}", given.phase.get_ref()))
        })?;
        if phases.get(phase).is_some_and(|phase| given.at.0 >= phase.duration) {
            return Err(self.invalid(spanned.span(), "the phase is over by then"));
        }
        let victim = match given.to.get_ref().as_str() {
            "redis" if server.store == Store::Redis => Victim::Redis,
            word => {
                let number = word.strip_prefix("node ").and_then(|number| number.parse::<u32>().ok());
                match number {
                    Some(number) if (1..=server.nodes).contains(&number) => Victim::Node(number - 1),
                    Some(_) | None => {
                        return Err(self.invalid(given.to.span(), format!("the server has no {word}")));
                    }
                }
            }
        };
        if given.back_after.is_none() && given.act == super::Act::Stop {
            return Err(self.invalid(spanned.span(), "what is stopped needs back_after"));
        }
        Ok(Fault {
            phase,
            at: given.at.0,
            act: given.act,
            victim,
            back_after: given.back_after.map(|span| span.0),
        })
    }

    fn thresholds(
        &self,
        file: &File,
        classes: &[Class],
        attacks: &[Attack],
        phases: &[Phase],
    ) -> Result<Vec<Threshold>, Invalid> {
        let names = figures::Names {
            classes: classes.iter().map(|class| class.name.as_str()).collect(),
            attacks: attacks.iter().map(|attack| attack.name.as_str()).collect(),
            phases: phases.iter().map(|phase| phase.name.as_str()).collect(),
        };
        let mut thresholds = Vec::new();
        for (name, given) in &file.thresholds {
            let figure = name.get_ref();
            if !figures::exists(figure, &names) {
                return Err(self.invalid(name.span(), format!("there is no figure {figure}")));
            }
            let (limit, abort_after) = match given {
                ThresholdFile::Plain(limit) => (*limit, None),
                ThresholdFile::Whole(whole) => {
                    let after = whole.after.map_or(Duration::ZERO, |span| span.0);
                    (whole.limit, whole.abort_on_fail.then_some(after))
                }
            };
            if abort_after.is_some() && !(limit.is_upper() && figures::is_known_early(figure)) {
                let reason = "only an upper limit on what is known before the end can end a run";
                return Err(self.invalid(name.span(), reason));
            }
            thresholds.push(Threshold { figure: figure.clone(), limit, abort_after });
        }
        // Who does nothing to the server wants nobody's connection to end; who attacks it, no member's that was there. A
        // forged ticket lets nobody in.
        let kept = match (file.faults.is_empty(), attacks.is_empty()) {
            (true, true) => Some("disconnects"),
            (true, false) => Some("members_cut"),
            (false, _) => None,
        };
        let forging = attacks.iter().filter(|attack| attack.kind == AttackKind::ForgedTickets);
        let forged = forging.map(|attack| figures::attack(&attack.name, "let_in"));
        let zero = figures::MUST_BE_ZERO.iter().copied().chain(kept).map(str::to_owned).chain(forged);
        for figure in zero {
            if !thresholds.iter().any(|threshold| threshold.figure == figure) {
                let limit = super::threshold::Limit::ZERO;
                thresholds.push(Threshold { figure, limit, abort_after: None });
            }
        }
        Ok(thresholds)
    }
}
