//! The networks from which somebody showed a ticket lately, small enough to be looked up by the kernel: a bitmap with one
//! hash. It may say so where nobody did, and never the other way.

use crate::prefix::Prefix;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

protocol::limits! {
    /// Bits in which networks are known to the kernel while a flood is held back: of 5,000 known ones a stranger's network
    /// looks like one in a quarter of all cases, of 15,000 in three fifths.
    pub const KNOWN_BITS: u32 = 16_384 => unseen;
}

/// Words of 32 bits.
pub const KNOWN_WORDS: usize = 512;
/// What is left of a hash: as many bits as number all slots.
pub const KNOWN_SHIFT: u32 = 18;
/// Odd numbers without a pattern (from the golden ratio, and from the square root of two).
pub const KNOWN_FACTORS: [u32; 2] = [0x9e37_79b9, 0x6a09_e667];

/// The bits.
pub type KnownWords = [u32; KNOWN_WORDS];

/// Known networks of this window and of the one before it.
pub struct Known {
    start: Instant,
    length: Duration,
    window: AtomicU64,
    words: [Box<[AtomicU32]>; 2],
}

/// Nothing of it is for logs.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known(…)")
    }
}

impl Known {
    /// Knows a network for so long at least, and for twice as long at most. Takes 4 KiB.
    pub fn new(now: Instant, length: Duration) -> Self {
        let words = [(); 2].map(|()| (0..KNOWN_WORDS).map(|_| AtomicU32::new(0)).collect());
        Self { start: now, length: length.max(Duration::from_millis(1)), window: AtomicU64::new(0), words }
    }

    /// Somebody from there showed a ticket.
    pub fn note(&self, prefix: Prefix, now: Instant) {
        let slot = slot(prefix);
        let word = usize::try_from(slot / 32).ok().and_then(|word| self.current(now).get(word));
        if let Some(word) = word {
            word.fetch_or(1 << (slot % 32), Ordering::Relaxed);
        }
    }

    /// All bits.
    pub fn words(&self, now: Instant) -> KnownWords {
        self.current(now);
        let [even, odd] = &self.words;
        let mut all = [0; KNOWN_WORDS];
        for (word, (even, odd)) in all.iter_mut().zip(even.iter().zip(odd.iter())) {
            *word = even.load(Ordering::Relaxed) | odd.load(Ordering::Relaxed);
        }
        all
    }

    /// The words of this window; those of the one before the last are emptied when it begins.
    fn current(&self, now: Instant) -> &[AtomicU32] {
        let since = now.saturating_duration_since(self.start).as_nanos();
        let window = u64::try_from(since / self.length.as_nanos()).unwrap_or(u64::MAX);
        let known = self.window.fetch_max(window, Ordering::Relaxed);
        let [even, odd] = &self.words;
        let (current, before) = if window.is_multiple_of(2) { (even, odd) } else { (odd, even) };
        if known < window {
            let emptied: &[&[AtomicU32]] = if known + 1 < window { &[current, before] } else { &[current] };
            for word in emptied.iter().flat_map(|words| words.iter()) {
                word.store(0, Ordering::Relaxed);
            }
        }
        current
    }
}

/// Which of the [`KNOWN_BITS`] is a prefix's: of an IPv4 address `a` the upper 14 bits of `a·k₀`, of the halves `h` and `l` of
/// the upper 64 bits of an IPv6 address those of `(h·k₁ ⊕ l)·k₀`, all modulo 2³².
pub fn slot(prefix: Prefix) -> u32 {
    let [last, first] = KNOWN_FACTORS;
    let (address, _) = prefix.network();
    let mixed = match address {
        IpAddr::V4(address) => address.to_bits(),
        IpAddr::V6(address) => {
            let half = |shift: u32| {
                #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "32 of 128 bits")]
                let half = (address.to_bits() >> shift) as u32;
                half
            };
            half(96).wrapping_mul(first) ^ half(64)
        }
    };
    mixed.wrapping_mul(last) >> KNOWN_SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HOUR: Duration = Duration::from_hours(1);

    fn prefix(number: u32) -> Prefix {
        Prefix::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn knows(known: &Known, number: u32, now: Instant) -> bool {
        let slot = slot(prefix(number));
        known.words(now)[usize::try_from(slot / 32).unwrap()] & (1 << (slot % 32)) != 0
    }

    fn origin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Instant::now()
    }

    #[test]
    fn who_was_noted_is_known_and_of_others_about_as_many_as_there_are_bits() {
        let (start, mut others) = (origin(), 0);
        let known = Known::new(start, HOUR);
        (0..5_000).for_each(|number| known.note(prefix(0x0a00_0000 + number * 7), start));
        assert!((0..5_000).all(|number| knows(&known, 0x0a00_0000 + number * 7, start)));
        others += (0..5_000).filter(|number| knows(&known, 0xc612_0000 + number * 13, start)).count();
        assert!((500..2_000).contains(&others), "{others}");
    }

    #[test]
    fn networks_are_forgotten_after_one_to_two_windows() {
        let start = origin();
        let known = Known::new(start, HOUR);
        known.note(prefix(1), start + HOUR / 2);
        assert!(knows(&known, 1, start + HOUR + HOUR / 2));
        assert!(!knows(&known, 1, start + 2 * HOUR));
        known.note(prefix(2), start + 2 * HOUR);
        assert!(!knows(&known, 2, start + 9 * HOUR), "nobody asked for hours");
    }

    #[test]
    fn slots_of_both_kinds_of_address_are_within_the_bits() {
        for address in ["2001:db8:1:2::3", "::1", "203.0.113.9", "255.255.255.255", "ffff::"] {
            assert!(slot(Prefix::of(address.parse().unwrap())) < KNOWN_BITS, "{address}");
        }
    }
}
