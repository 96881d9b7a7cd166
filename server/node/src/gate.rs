//! The gate: who is let in now, who waits, and who goes. It knows tickets and places, how hard pressed the node is, and
//! how often each prefix comes; the decisions are those of the `admission` crate.

pub(crate) mod caller;
pub(crate) mod control;
mod counts;
pub(crate) mod pressures;
pub(crate) mod revocations;
pub(crate) mod room;

use crate::clock;
use crate::metrics::Metrics;
use crate::metrics::admission::Outcome;
use crate::sign_on::ExternalTokens;
use admission::known::{Known, KnownWords};
use admission::prefix::Prefix;
use admission::waiting_room::{Turn, Wait};
use admission::{Allowance, Criticality, Heavy, HeavyHitters, Level, PrefixMeter, WaitingRoom};
use caller::Caller;
use counts::Counts;
use identity::{
    AccessTokens, KeySet, MintError, Place, Places, Principal, Pseudonyms, SubscriptionTokens, Tickets,
    TokenRefusal,
};
use parking_lot::Mutex;
use pressures::Pressures;
use protocol::{DeviceId, Timestamp};
use revocations::{Revocations, Withdrawn};
use session::{Door, Refusal};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

protocol::limits! {
    /// Connections that a stranger's prefix may open in a second before it counts as one that comes too often: wide for
    /// IPv4, where thousands of phones share an address. Whoever shows a ticket is not asked.
    pub(crate) const PREFIX_ARRIVALS_PER_SECOND: u64 = 60 => counted;
    /// Access tokens that are checked in a second while the node is overloaded and until it has recovered, at most: seven
    /// tenths less with each third of a second in which it is. Who shows a further one is asked to come again.
    pub(crate) const VERIFICATIONS_PER_SECOND: u32 = 500 => counted;
    /// Fewest access tokens that are checked in a second, however hard the node is pressed.
    pub(crate) const VERIFICATIONS_MIN_PER_SECOND: u32 = 20 => unseen;
    /// Others who may be somebody (devices, conversations that begin without a ticket) and are looked at in a second while
    /// the node is overloaded; further ones are asked to come again.
    pub(crate) const LOOKS_PER_SECOND: u32 = 500 => counted;
}

/// How much of a second's allowance is there at once, in parts of it.
const BURST: u32 = 5;
/// How much of that is left for those who show a place, in parts of it: who was asked to come again goes before.
const SPARE: u32 = 2;

/// How long it is known where somebody showed a ticket.
const KNOWN_FOR: Duration = Duration::from_hours(12);
/// 2³² divided by the golden ratio.
const GOLDEN: u32 = 0x9e37_79b9;

/// What all connections of a node ask.
pub(crate) struct Gate {
    access: Arc<AccessTokens>,
    /// Tokens of the campaign's own issuer.
    external: Option<Arc<ExternalTokens>>,
    tickets: Tickets,
    places: Places,
    /// Numbers that stand for whoever waits.
    subjects: Pseudonyms,
    revocations: Revocations,
    arrivals: PrefixMeter,
    /// Where somebody showed a ticket lately; the second is for the kernel.
    known: PrefixMeter,
    known_bits: Known,
    /// The share of the others that is turned away unseen, in parts of 2³².
    turned_away: AtomicU32,
    /// The share of them that the kernel drops, likewise.
    dropped: AtomicU32,
    rolls: AtomicU32,
    /// Connections taken out of the kernel's queue since somebody took this.
    accepted: AtomicU32,
    /// Those that came too often, while somebody is to be told of them.
    heavy: Mutex<HeavyHitters>,
    /// How many of a prefix are not too many now.
    arrivals_max: AtomicU64,
    counts: Counts,
    threshold: AtomicU16,
    overloaded: AtomicBool,
    /// The sum of the pressures that were seen since somebody took them, and how many.
    pressed: Mutex<(f64, u32)>,
    pressures: Pressures,
    /// Strangers who asked and who were let in, since somebody took these.
    strangers: [AtomicU64; 2],
    verifications: Mutex<Allowance>,
    /// How many of them a second.
    verifications_rate: AtomicU32,
    looks: Mutex<Allowance>,
    room: Mutex<WaitingRoom>,
    metrics: Arc<Metrics>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("threshold", &self.threshold()).finish_non_exhaustive()
    }
}

impl Gate {
    pub(crate) fn new(keys: &KeySet, metrics: Arc<Metrics>, now: session::Now) -> Result<Self, MintError> {
        Ok(Self {
            access: Arc::new(AccessTokens::new(keys)?),
            external: None,
            tickets: Tickets::new(keys),
            places: Places::new(keys),
            subjects: Pseudonyms::new(keys, "waiting room"),
            revocations: Revocations::default(),
            arrivals: PrefixMeter::new(now.instant, Duration::from_secs(1)),
            known: PrefixMeter::new(now.instant, KNOWN_FOR),
            known_bits: Known::new(now.instant, KNOWN_FOR),
            turned_away: AtomicU32::new(0),
            dropped: AtomicU32::new(0),
            rolls: AtomicU32::new(0),
            accepted: AtomicU32::new(0),
            heavy: Mutex::default(),
            arrivals_max: AtomicU64::new(PREFIX_ARRIVALS_PER_SECOND),
            counts: Counts::default(),
            threshold: AtomicU16::new(Level::LAST.number()),
            overloaded: AtomicBool::new(false),
            pressed: Mutex::default(),
            pressures: Pressures::default(),
            strangers: Default::default(),
            verifications: Mutex::new(Allowance::new(
                VERIFICATIONS_PER_SECOND,
                VERIFICATIONS_PER_SECOND / BURST,
            )),
            verifications_rate: AtomicU32::new(VERIFICATIONS_PER_SECOND),
            looks: Mutex::new(Allowance::new(LOOKS_PER_SECOND, LOOKS_PER_SECOND / BURST)),
            room: Mutex::new(WaitingRoom::new(now.wall)),
            metrics,
        })
    }

    /// The same, that also takes the tokens of the campaign's own issuer.
    pub(crate) fn with_external(self, external: Option<Arc<ExternalTokens>>) -> Self {
        Self { external, ..self }
    }

    /// Makes and checks access tokens.
    pub(crate) fn access(&self) -> &AccessTokens {
        &self.access
    }

    /// How hard pressed the node was lately.
    pub(crate) const fn pressures(&self) -> &Pressures {
        &self.pressures
    }

    /// Makes tickets.
    pub(crate) const fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Who is signed out.
    pub(crate) const fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// The last level that is let in as it comes.
    pub(crate) fn threshold(&self) -> Level {
        Level::from_number(self.threshold.load(Ordering::Relaxed))
    }

    /// Whether work waits too long for its turn.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.overloaded.load(Ordering::Relaxed)
    }

    /// A connection comes from a prefix: whether too many do.
    pub(crate) fn arrives(&self, prefix: Prefix, now: Instant) -> bool {
        let is_often = self.arrivals.note(prefix, now) > self.arrivals_max.load(Ordering::Relaxed);
        if is_often {
            self.metrics.limit_reached(reached::PREFIX_ARRIVALS_PER_SECOND);
            self.heavy.lock().note(prefix, clock::wall());
        }
        is_often
    }

    /// A connection was accepted: whether it is turned away before a byte of it is read.
    pub(crate) fn turns_away(&self, prefix: Prefix, now: Instant) -> bool {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let share = self.turned_away.load(Ordering::Relaxed);
        if share == 0 || self.is_known(prefix, now) {
            return false;
        }
        // Weyl's sequence: as even as can be, without a die.
        let is_turned_away = self.rolls.fetch_add(GOLDEN, Ordering::Relaxed) < share;
        if is_turned_away {
            let [offered, _] = &self.strangers;
            offered.fetch_add(1, Ordering::Relaxed);
            self.metrics.admission.count(Criticality::Stranger, Outcome::Refused);
        }
        is_turned_away
    }

    /// Somebody from there showed a ticket.
    pub(crate) fn knows(&self, prefix: Prefix, now: Instant) {
        self.known.note(prefix, now);
        self.known_bits.note(prefix, now);
    }

    /// The networks from which somebody did, for the kernel.
    fn known_words(&self, now: Instant) -> KnownWords {
        self.known_bits.words(now)
    }

    /// Whether somebody from there showed a ticket lately. A sketch: it may say so where nobody did.
    pub(crate) fn is_known(&self, prefix: Prefix, now: Instant) -> bool {
        self.known.has_seen(prefix, now)
    }

    /// The prefixes that came too often, at least so often for certain.
    pub(crate) fn heavy(&self, offered: u64) -> Vec<(Prefix, Heavy)> {
        self.heavy.lock().least(offered)
    }

    /// A number that stands for a prefix.
    pub(crate) fn subject_of(&self, prefix: Prefix) -> u64 {
        self.subjects.of_bytes(&prefix.to_bytes())
    }

    /// A number that stands for a device.
    pub(crate) fn subject_of_device(&self, device: &DeviceId) -> u64 {
        self.subjects.of_bytes(device.as_str().as_bytes())
    }

    /// The one comparison: whether a request of this class is served as it comes.
    pub(crate) fn admits(&self, class: Criticality, subject: u64, now: Timestamp) -> bool {
        let level = level(class, subject, now);
        self.counts.offered(level);
        let admits = level <= self.threshold();
        if class == Criticality::Stranger {
            let [offered, admitted] = &self.strangers;
            offered.fetch_add(1, Ordering::Relaxed);
            admitted.fetch_add(admits.into(), Ordering::Relaxed);
        }
        admits
    }

    /// The mean pressure since this was asked last.
    pub(crate) fn take_pressure(&self) -> f64 {
        let (sum, count) = std::mem::take(&mut *self.pressed.lock());
        if count == 0 { 0.0 } else { sum / f64::from(count) }
    }

    /// Strangers who asked, and who were let in, since this was asked last. Of those whom the kernel dropped nobody knows;
    /// they are taken for as many as those that came through say.
    pub(crate) fn take_strangers(&self) -> (u64, u64) {
        let [offered, admitted] = self.strangers.each_ref().map(|count| count.swap(0, Ordering::Relaxed));
        let passed = u32::MAX - self.dropped.load(Ordering::Relaxed);
        (offered.saturating_mul(u32::MAX.into()) / u64::from(passed.max(1)), admitted)
    }

    /// Whether the room of a class lets in as people come.
    fn is_open(&self, class: Criticality) -> bool {
        self.threshold() >= Level::last_of(class)
    }

    /// Somebody asks to come in, perhaps with a place that is theirs.
    pub(crate) fn ask(&self, class: Criticality, subject: u64, place: Option<Place>, now: Timestamp) -> Turn {
        let level = level(class, subject, now);
        if place.is_none() {
            self.counts.offered(level);
        }
        let since = place.map(|place| place.since);
        let turn = self.room.lock().ask(class, since, level <= self.threshold(), now);
        match (turn, since) {
            (Turn::In { .. }, _) => self.metrics.admission.count(class, Outcome::Admitted),
            (Turn::Wait(_), None) => self.metrics.admission.count(class, Outcome::Delayed),
            (Turn::Wait(_), Some(_)) => {}
        }
        turn
    }

    /// Whether a place may come in, so that what belongs to coming in is served as well.
    pub(crate) fn has_turn(&self, class: Criticality, place: Place) -> bool {
        // Not locked for those who come while nobody waits.
        self.is_open(class) || self.room.lock().admits(class, place.since)
    }

    /// The place that is shown, if it belongs to one of these.
    pub(crate) fn place(&self, token: &str, subjects: &[u64], now: Timestamp) -> Option<Place> {
        self.places.verify(token, now).ok().filter(|place| subjects.contains(&place.subject))
    }

    /// A place that is shown, whoever's it is.
    pub(crate) fn place_of_somebody(&self, token: &str, now: Timestamp) -> Option<Place> {
        self.places.verify(token, now).ok()
    }

    /// How somebody waits who says that they are of a class, by the place that they show; nothing if their turn has come.
    pub(crate) fn look(&self, class: Criticality, place: Place) -> Option<Wait> {
        self.room.lock().look(class, place.since)
    }

    /// A place as its holder shows it.
    pub(crate) fn sign(&self, place: Place, now: Timestamp) -> Result<String, MintError> {
        self.places.mint(place, now)
    }

    /// Who shows a ticket.
    pub(crate) fn caller(&self, ticket: Option<&str>, now: Timestamp) -> Caller {
        let Some(Ok(shown)) = ticket.map(|ticket| self.tickets.read(ticket, now)) else {
            return Caller::Unknown;
        };
        match self.revocations.covers(&shown.principal) {
            Some(Withdrawn::SignedOut) => Caller::Unknown,
            Some(Withdrawn::Outdated) => Caller::Former,
            None if shown.is_over => Caller::Former,
            None => Caller::Member(Box::new(shown.principal)),
        }
    }

    /// Whether there is time to look at somebody who may be known, and would otherwise be refused.
    pub(crate) fn may_look(&self, has_place: bool, now: Instant) -> bool {
        let spare = if has_place { 0 } else { LOOKS_PER_SECOND / BURST / SPARE };
        let may = !self.is_overloaded() || self.looks.lock().take(spare, now);
        if !may {
            self.metrics.limit_reached(reached::LOOKS_PER_SECOND);
        }
        may
    }

    /// Whether there is time to [`check`](Self::check) a token.
    pub(crate) fn may_check(&self, has_place: bool, now: Instant) -> bool {
        let spare =
            if has_place { 0 } else { self.verifications_rate.load(Ordering::Relaxed) / BURST / SPARE };
        let may = !self.rations_verifications() || self.verifications.lock().has(spare, now);
        if !may {
            self.metrics.limit_reached(reached::VERIFICATIONS_PER_SECOND);
        }
        may
    }

    /// From now on so many tokens are checked in a second.
    fn allow_verifications(&self, per_second: f64) {
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and a rate is not negative"
        )]
        let rate = per_second as u32;
        if self.verifications_rate.swap(rate, Ordering::Relaxed) != rate {
            self.verifications.lock().set(rate, (rate / BURST).max(1));
        }
    }

    /// Whether tokens are checked only so fast; once that was so, until the rate is at its most again.
    fn rations_verifications(&self) -> bool {
        self.is_overloaded() || self.verifications_rate.load(Ordering::Relaxed) < VERIFICATIONS_PER_SECOND
    }

    /// Checks an access token, unless too many are checked already.
    pub(crate) fn check(&self, token: &str, now: session::Now) -> Result<Principal, Refusal> {
        if self.rations_verifications() && !self.verifications.lock().take(0, now.instant) {
            self.metrics.limit_reached(reached::VERIFICATIONS_PER_SECOND);
            return Err(Refusal::Later);
        }
        self.holder(token, now.wall)
    }

    /// Who holds an access token: one of ours, or of the campaign's own issuer.
    pub(crate) fn holder(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        let principal = match &self.external {
            Some(external) if external.is_claimed_by(token) => external.verify(token, now)?,
            Some(_) | None => self.access.verify(token, now).map_err(Refusal::Token)?,
        };
        self.counted(principal).map_err(Refusal::Token)
    }

    /// Counts what became of somebody.
    pub(crate) fn count(&self, class: Criticality, outcome: Outcome) {
        self.metrics.admission.count(class, outcome);
    }

    /// Somebody's class and the number that stands for them.
    pub(crate) fn member(&self, principal: &Principal) -> (Criticality, u64) {
        let class = if principal.is_organiser() { Criticality::Organiser } else { Criticality::Member };
        (class, self.subjects.of(&principal.member))
    }

    /// Tells what is known now.
    fn tell_figures(&self, pressure: f64, now: Timestamp) {
        self.pressures.note(now, pressure);
        let mut pressed = self.pressed.lock();
        *pressed = (pressed.0 + pressure, pressed.1.saturating_add(1));
        drop(pressed);
        let room = self.room.lock();
        let waiting: Vec<_> = room.waiting().collect();
        let rate = room.rate();
        drop(room);
        self.metrics.admission.tell(pressure, self.threshold(), &waiting, rate);
    }

    fn ticket(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        let shown = self.tickets.read(token, now)?;
        let principal = self.counted(shown.principal)?;
        if shown.is_over { Err(TokenRefusal::Expired) } else { Ok(principal) }
    }

    /// A principal, unless what they were given was withdrawn.
    pub(crate) fn counted(&self, principal: Principal) -> Result<Principal, TokenRefusal> {
        match self.revocations.covers(&principal) {
            Some(Withdrawn::SignedOut) => Err(TokenRefusal::Invalid),
            // A newer one will do.
            Some(Withdrawn::Outdated) => Err(TokenRefusal::Expired),
            None => Ok(principal),
        }
    }
}

impl Door for Gate {
    fn enter(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        if Tickets::is_ticket_shaped(token) {
            return self.ticket(token, now).map_err(Refusal::Token);
        }
        let principal = self.check(token, session::Now { wall: now, ..clock::now() })?;
        let (class, subject) = self.member(&principal);
        if self.admits(class, subject, now) {
            self.metrics.admission.count(class, Outcome::Admitted);
            Ok(principal)
        } else {
            self.metrics.admission.count(class, Outcome::Refused);
            Err(Refusal::Later)
        }
    }

    fn renew(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        if Tickets::is_ticket_shaped(token) {
            return self.ticket(token, now);
        }
        self.holder(token, now).map_err(|refusal| match refusal {
            // They come again with a token, and wait then.
            Refusal::Later => TokenRefusal::Expired,
            Refusal::Token(refusal) => refusal,
        })
    }

    fn subscriptions(&self) -> &SubscriptionTokens {
        self.access.subscriptions()
    }
}

fn level(class: Criticality, subject: u64, now: Timestamp) -> Level {
    Level::of(class, subject, now.as_secs() / 3_600)
}

#[cfg(test)]
pub(crate) mod tests;
