//! Where somebody comes from, as the part of an address that one party has, and how often each comes: in a fixed space,
//! however many there are. What is counted here may only demote a stranger; whoever shows a ticket is not asked.

use pingora_limits::estimator::Estimator;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

protocol::limits! {
    /// Counters in each row of the sketch that counts prefixes. It overestimates: with 100,000 newcomers in a window, a
    /// prefix by 4 at most (e·N/w; with the library's own 1,024 it would be 265).
    pub const SKETCH_SLOTS: usize = 65_536 => unseen;
    /// Rows of that sketch: the bound on its error fails for one prefix in 55.
    pub const SKETCH_ROWS: usize = 4 => unseen;
}

/// The part of an address that one party has: an IPv4 address, or 64 bits of an IPv6 one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bits: u128,
    length: u8,
}

/// Addresses are personal.
impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prefix(/{})", self.length)
    }
}

impl Prefix {
    /// What one party has: a household, or a phone; with IPv4 sometimes a whole network of phones.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self { bits: u128::from(address.to_bits()) << 96, length: 32 },
            IpAddr::V6(address) => Self { bits: address.to_bits() & (u128::MAX << 64), length: 64 },
        }
    }

    /// The network: its first address, and how many of its bits all of its addresses have.
    pub const fn network(self) -> (IpAddr, u8) {
        let bits = self.bits;
        if self.length <= 32 {
            #[expect(clippy::as_conversions, reason = "the upper 32 of 128 bits")]
            let bits = (bits >> 96) as u32;
            (IpAddr::V4(Ipv4Addr::from_bits(bits)), self.length)
        } else {
            (IpAddr::V6(Ipv6Addr::from_bits(bits)), self.length)
        }
    }

    /// The prefix as bytes, for a keyed number that stands for it.
    pub fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        let (length, bits) = bytes.split_at_mut(1);
        length.fill(self.length);
        bits.copy_from_slice(&self.bits.to_be_bytes());
        bytes
    }

    /// What one network has: a /24, or a /48.
    #[must_use]
    pub const fn wide(self) -> Self {
        match self.length {
            32 => Self { bits: self.bits & (u128::MAX << 104), length: 24 },
            _ => Self { bits: self.bits & (u128::MAX << 80), length: 48 },
        }
    }
}

/// How often each prefix came lately. Threads share it without a lock.
pub struct PrefixMeter {
    start: Instant,
    length: Duration,
    window: AtomicU64,
    counts: [Estimator; 2],
}

impl fmt::Debug for PrefixMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrefixMeter(…)")
    }
}

impl PrefixMeter {
    /// Counts from `now`, over so long a time (at least a millisecond). Takes 4 MiB.
    pub fn new(now: Instant, length: Duration) -> Self {
        let counts = [(); 2].map(|()| Estimator::new(SKETCH_ROWS, SKETCH_SLOTS));
        let length = length.max(Duration::from_millis(1));
        Self { start: now, length, window: AtomicU64::new(1), counts }
    }

    /// One came: how many came from there within that time, about. Never less than came.
    pub fn note(&self, prefix: Prefix, now: Instant) -> u64 {
        let (current, before, part) = self.windows(now);
        let before = u64::try_from(before.get(prefix)).unwrap_or(0);
        let of_before = u128::from(before) * part.as_nanos() / self.length.as_nanos();
        let current = u64::try_from(current.incr(prefix, 1)).unwrap_or(u64::MAX);
        current.saturating_add(u64::try_from(of_before).unwrap_or(u64::MAX))
    }

    /// Whether one came from there within that time, or within twice as much.
    pub fn has_seen(&self, prefix: Prefix, now: Instant) -> bool {
        let (current, before, _) = self.windows(now);
        current.get(prefix) > 0 || before.get(prefix) > 0
    }

    /// The counts of this window and of the one before it, and how much of that still counts.
    fn windows(&self, now: Instant) -> (&Estimator, &Estimator, Duration) {
        let since = now.saturating_duration_since(self.start).as_nanos();
        let length = self.length.as_nanos();
        // From 1, so that the first window has one before it.
        let window = u64::try_from(since / length).unwrap_or(u64::MAX).saturating_add(1);
        self.turn(window);
        let [even, odd] = &self.counts;
        let (current, before) = if window.is_multiple_of(2) { (even, odd) } else { (odd, even) };
        let passed = Duration::from_nanos(u64::try_from(since % length).unwrap_or(u64::MAX));
        (current, before, self.length.saturating_sub(passed))
    }

    /// Empties what is older than the window before. Whoever counts meanwhile may be forgotten, which is in their favour.
    fn turn(&self, window: u64) {
        let known = self.window.load(Ordering::Relaxed);
        if known >= window {
            return;
        }
        let turned = self.window.compare_exchange(known, window, Ordering::Relaxed, Ordering::Relaxed);
        if turned.is_ok() {
            let [even, odd] = &self.counts;
            let (current, before) = if window.is_multiple_of(2) { (even, odd) } else { (odd, even) };
            current.reset();
            if window > known + 1 {
                before.reset();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Prefix {
        Prefix::of(text.parse().unwrap())
    }

    fn origin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Instant::now()
    }

    #[test]
    fn one_party_is_an_address_of_ipv4_and_64_bits_of_ipv6() {
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn a_network_is_24_bits_of_ipv4_and_48_of_ipv6() {
        assert_eq!(of("192.0.2.1").wide(), of("192.0.2.200").wide());
        assert_ne!(of("192.0.2.1").wide(), of("192.0.3.1").wide());
        assert_eq!(of("2001:db8:1:2::1").wide(), of("2001:db8:1:3::1").wide());
        assert_ne!(of("2001:db8:1:2::1").wide(), of("2001:db8:2:2::1").wide());
        assert_ne!(of("0.0.0.0").wide(), of("::").wide());
    }

    #[test]
    fn a_prefix_says_which_network_it_is() {
        for (text, network, length) in
            [("192.0.2.1", "192.0.2.1", 32), ("2001:db8:1:2::1", "2001:db8:1:2::", 64)]
        {
            assert_eq!(of(text).network(), (network.parse().unwrap(), length));
        }
        assert_eq!(of("192.0.2.1").wide().network(), ("192.0.2.0".parse().unwrap(), 24));
    }

    #[test]
    fn debug_output_shows_no_address() {
        assert_eq!(format!("{:?}", of("192.0.2.1")), "Prefix(/32)");
    }

    #[test]
    fn arrivals_are_forgotten_after_a_second() {
        let start = origin();
        let meter = PrefixMeter::new(start, Duration::from_secs(1));
        let one = of("192.0.2.1");
        for count in 1..=100 {
            assert_eq!(meter.note(one, start), count);
        }
        assert_eq!(meter.note(one, start + Duration::from_millis(1_500)), 51);
        assert_eq!(meter.note(one, start + Duration::from_secs(3)), 1);
    }

    #[test]
    fn who_was_seen_is_known_for_the_time_and_at_most_twice_as_long() {
        let start = origin();
        let hour = Duration::from_hours(1);
        let meter = PrefixMeter::new(start, hour);
        assert!(!meter.has_seen(of("192.0.2.1"), start));
        meter.note(of("192.0.2.1"), start);
        assert!(meter.has_seen(of("192.0.2.1"), start + hour));
        assert!(!meter.has_seen(of("192.0.2.2"), start + hour));
        assert!(!meter.has_seen(of("192.0.2.1"), start + 2 * hour));
    }

    #[test]
    fn a_flood_of_prefixes_adds_little_to_an_innocent_one() {
        let start = origin();
        let meter = PrefixMeter::new(start, Duration::from_secs(1));
        for n in 0..100_000_u32 {
            meter.note(Prefix::of(Ipv4Addr::from_bits(0x0a00_0000 + n).into()), start);
        }
        let worst = (0..1_000_u128)
            .map(|n| {
                meter.note(Prefix::of(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << 64)).into()), start)
            })
            .max();
        assert!(worst.is_some_and(|worst| worst <= 1 + 5), "{worst:?}");
    }
}
