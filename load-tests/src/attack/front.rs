//! One attack: when it strikes, and with what.

use super::counts::AttackCounts;
use super::forged::Forger;
use super::rate::Rate;
use super::script::Script;
use super::sockets::{Place, Sockets, Source, Wanted};
use super::talk::{Goal, Talk};
use crate::cast::Attacker;
use crate::clock::Micros;
use crate::link::Way;
use crate::orders::Access;
use crate::scenario::{Attack, AttackKind};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Most strikes before sockets are looked at again.
const BATCH_MAX: u64 = 64;
/// Before a member that was cut comes back, and between two looks for such ones.
const MEMBER_PAUSE: Duration = Duration::from_secs(1);
const MEMBER_LOOK: Duration = Duration::from_millis(100);
/// Most bytes that wait for the server to read them before a member holds back.
const UNSENT_MAX_BYTES: usize = 64 * 1_024;

/// An attack and its connections.
#[derive(Debug)]
pub(super) struct Front {
    number: usize,
    attack: Attack,
    first_source: u32,
    rate: Option<Rate>,
    pub(super) counts: AttackCounts,
    open: u64,
    /// Oldest first; some are gone.
    opened: VecDeque<Place>,
    /// When each is to say a byte more.
    drips: VecDeque<(Micros, Place)>,
    members: Vec<Member>,
    next_look: Micros,
    forger: Option<Forger>,
    turn: u32,
}

/// A member that attacks.
#[derive(Debug)]
struct Member {
    attacker: Attacker,
    place: Option<Place>,
    back_at: Micros,
}

impl Front {
    pub(super) fn new(
        number: usize,
        attack: &Attack,
        first_source: u32,
        members: Vec<Attacker>,
        access: &Access,
    ) -> anyhow::Result<Self> {
        let forges = attack.kind == AttackKind::ForgedTickets;
        let member = |attacker| Member { attacker, place: None, back_at: Micros(0) };
        Ok(Self {
            number,
            attack: attack.clone(),
            first_source,
            rate: None,
            counts: AttackCounts::default(),
            open: 0,
            opened: VecDeque::new(),
            drips: VecDeque::new(),
            members: members.into_iter().map(member).collect(),
            next_look: Micros(0),
            forger: forges.then(|| Forger::new(access)).transpose()?,
            turn: 0,
        })
    }

    /// From this moment on it strikes at this rate, or no longer. What was due until then and was not done is missed.
    pub(super) fn follow(&mut self, from: Micros, per_second: Option<f64>) {
        if let Some(rate) = &mut self.rate {
            self.counts.due += rate.take(from, u64::MAX);
        }
        self.rate = per_second.map(|per_second| Rate::new(from, per_second));
    }

    /// Everything since the last time.
    pub(super) fn take(&mut self) -> AttackCounts {
        std::mem::replace(&mut self.counts, AttackCounts { open_max: self.open, ..AttackCounts::default() })
    }

    /// When it has something to do.
    pub(super) fn next(&self) -> Option<Micros> {
        let drip = self.drips.front().map(|(at, _)| *at);
        let strike = self.rate.as_ref().map(Rate::next);
        let look = (self.holds_members() && self.rate.is_some()).then_some(self.next_look);
        drip.into_iter().chain(strike).chain(look).min()
    }

    /// Whether each member keeps its connection and strikes on it.
    const fn holds_members(&self) -> bool {
        matches!(self.attack.kind, AttackKind::PublishFlood { .. } | AttackKind::SubscriptionFlood { .. })
    }

    /// A connection stands.
    pub(super) fn stands(&mut self, place: Place, now: Micros) {
        if let AttackKind::SlowHeads { every } = self.attack.kind {
            self.drips.push_back((now.after(every), place));
        }
    }

    /// A connection is gone.
    pub(super) fn closed(&mut self, member: Option<usize>) {
        self.open = self.open.saturating_sub(1);
        if let Some(member) = member.filter(|_| self.holds_members()).and_then(|at| self.members.get_mut(at))
        {
            member.place = None;
            member.back_at = Micros::now().after(MEMBER_PAUSE);
        }
    }

    /// Does what is due, as far as its turn goes.
    pub(super) fn strike(&mut self, sockets: &mut Sockets, now: Micros) {
        self.drip(sockets, now);
        if self.holds_members() && self.rate.is_some() && now >= self.next_look {
            self.next_look = now.after(MEMBER_LOOK);
            self.call_members(sockets, now);
        }
        let due = self.rate.as_mut().map_or(0, |rate| rate.take(now, BATCH_MAX));
        self.counts.due += due;
        for _ in 0..due {
            if self.holds_members() {
                self.speak(sockets);
            } else {
                self.connect(sockets, now);
            }
        }
    }

    fn drip(&mut self, sockets: &mut Sockets, now: Micros) {
        let AttackKind::SlowHeads { every } = self.attack.kind else { return };
        while let Some((_, place)) = self.drips.front().copied().filter(|(at, _)| *at <= now) {
            self.drips.pop_front();
            if sockets.is_open(place) {
                sockets.drip(place, self);
                self.drips.push_back((now.after(every), place));
            }
        }
    }

    /// Members that are away come back.
    fn call_members(&mut self, sockets: &mut Sockets, now: Micros) {
        for at in 0..self.members.len() {
            let Some(member) = self.members.get(at).filter(|m| m.place.is_none() && m.back_at <= now) else {
                continue;
            };
            let channel = member.attacker.channel.clone();
            let goal = match self.attack.kind {
                AttackKind::SubscriptionFlood { .. } => Goal::Subscribe(channel),
                AttackKind::ConnectFlood { .. }
                | AttackKind::ForgedTickets
                | AttackKind::HalfOpen
                | AttackKind::JoinFlood
                | AttackKind::NeverReading { .. }
                | AttackKind::PublishFlood { .. }
                | AttackKind::SlowHeads { .. } => Goal::Publish(channel),
            };
            let talk = Talk::new(goal, member.attacker.token.clone());
            let place = self.open(sockets, Script::Talk(Box::new(talk)), Way::Usual, Some(at), now);
            if let Some(member) = self.members.get_mut(at) {
                member.place = place;
                member.back_at = now.after(MEMBER_PAUSE);
            }
        }
    }

    /// The next member says something.
    fn speak(&mut self, sockets: &mut Sockets) {
        self.turn = self.turn.wrapping_add(1);
        let at = usize::try_from(self.turn).unwrap_or(0) % self.members.len().max(1);
        let place = self.members.get(at).and_then(|member| member.place);
        let spoke = place.is_some_and(|place| sockets.speak(place, self, UNSENT_MAX_BYTES));
        if spoke {
            self.counts.offered += 1;
        } else {
            self.counts.held_back += 1;
        }
    }

    /// Makes one connection more; the oldest goes for it if there are as many as it may have.
    fn connect(&mut self, sockets: &mut Sockets, now: Micros) {
        while self.open >= u64::from(self.attack.open_max) {
            let Some(oldest) = self.opened.pop_front() else { break };
            sockets.close(oldest, self);
        }
        let (script, way) = self.script(sockets);
        if self.open(sockets, script, way, None, now).is_some() {
            self.counts.offered += 1;
        } else {
            self.counts.failed += 1;
        }
    }

    fn open(
        &mut self,
        sockets: &mut Sockets,
        script: Script,
        way: Way,
        member: Option<usize>,
        now: Micros,
    ) -> Option<Place> {
        self.turn = self.turn.wrapping_add(1);
        let turn = member.and_then(|member| u32::try_from(member).ok()).unwrap_or(self.turn);
        let source = if self.attack.beside_members {
            Source::Member(turn)
        } else {
            Source::Own(self.first_source + turn % self.attack.prefixes.max(1))
        };
        let place = sockets.open(Wanted { script, way, source, front: self.number, member }, now)?;
        self.open += 1;
        self.counts.open_max = self.counts.open_max.max(self.open);
        self.opened.push_back(place);
        // Those that are gone are forgotten before there are more of them than of the others.
        if self.opened.len() > 2 * usize::try_from(self.attack.open_max).unwrap_or(usize::MAX / 2) {
            self.opened.retain(|place| sockets.is_open(*place));
        }
        Some(place)
    }

    /// What the next connection is for.
    fn script(&mut self, sockets: &mut Sockets) -> (Script, Way) {
        let talk = |goal, token| Script::Talk(Box::new(Talk::new(goal, token)));
        let first = |sockets: &Sockets, else_: &str| {
            sockets.hello().map_or_else(|| Arc::from(else_.as_bytes()), Arc::<[u8]>::from)
        };
        let host = sockets.host(self.turn);
        match self.attack.kind {
            AttackKind::ConnectFlood { leaves } => (Script::Silent { leaves }, Way::Bare),
            AttackKind::ForgedTickets => {
                let forged = self.forger.as_mut().map(|forger| forger.forge(sockets.random()));
                (talk(Goal::Forge, forged.unwrap_or_default()), Way::Usual)
            }
            AttackKind::HalfOpen if sockets.hello().is_some() => {
                (Script::Drip { what: first(sockets, ""), said: 0 }, Way::Bare)
            }
            AttackKind::HalfOpen => (talk(Goal::HalfOpen, String::new()), Way::Usual),
            AttackKind::JoinFlood => (Script::Ask(ask(self.turn, host).into_bytes().into()), Way::Usual),
            AttackKind::NeverReading { .. } => {
                let at = usize::try_from(self.turn).unwrap_or(0) % self.members.len().max(1);
                let attacker = self.members.get(at).map(|member| &member.attacker);
                let (channel, token) = attacker.map_or_else(Default::default, |attacker| {
                    (attacker.channel.clone(), attacker.token.clone())
                });
                (talk(Goal::NeverRead(channel), token), Way::Deaf)
            }
            // Members of floods have their own.
            AttackKind::PublishFlood { .. } | AttackKind::SubscriptionFlood { .. } => {
                (Script::Silent { leaves: true }, Way::Bare)
            }
            AttackKind::SlowHeads { .. } => {
                let head = format!(
                    "GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html\r\n\r\n"
                );
                (Script::Drip { what: first(sockets, &head), said: 0 }, Way::Bare)
            }
        }
    }
}

/// Who joins asks for the page and for a ticket, by turns.
fn ask(turn: u32, host: &str) -> String {
    if turn.is_multiple_of(2) {
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
    } else {
        format!(
            "POST /v1/admit HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
             Connection: close\r\n\r\n{{}}"
        )
    }
}
