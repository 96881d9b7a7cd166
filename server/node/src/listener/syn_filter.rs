//! What the kernel asks of whoever wants a connection, while more come than can even be looked at: a program for its
//! packet filter (classic BPF, `socket(7)` `SO_ATTACH_FILTER`) on the listening socket, for which no privilege is needed.
//! It looks at first packets alone (SYN): those from networks in which somebody is known pass, of the others a share is
//! dropped, by chance. Dropping costs this process nothing, and whoever is dropped tries again after a second, by TCP.

use admission::known::{KNOWN_FACTORS, KNOWN_SHIFT, KNOWN_WORDS, KnownWords};
use socket2::{SockFilter, SockRef};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// How often the kernel is given a new program at most, unless more are to be dropped.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// By how much a share differs that is worth a new program.
const SHARE_STEP: f64 = 0.02;

/// Instructions (`linux/bpf_common.h`): load a word or a byte of a packet, a number, a kept word; keep; calculate; jump; end.
const LOAD_WORD: u16 = 0x20;
const LOAD_BYTE: u16 = 0x30;
const LOAD_NUMBER: u16 = 0x00;
const LOAD_KEPT: u16 = 0x60;
const KEEP: u16 = 0x02;
const TO_INDEX: u16 = 0x07;
const AND: u16 = 0x54;
const MULTIPLY: u16 = 0x24;
const SHIFT_RIGHT: u16 = 0x74;
const SHIFT_RIGHT_BY_INDEX: u16 = 0x7c;
const XOR_INDEX: u16 = 0xac;
const GO: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_AT_LEAST: u16 = 0x35;
const IF_ANY_BIT: u16 = 0x45;
const END: u16 = 0x06;

/// Where the kernel keeps what is not in the TCP segment (`linux/filter.h`): the network header, and facts of its own.
const NETWORK_HEADER: u32 = 0xfff0_0000;
const PROTOCOL: u32 = 0xffff_f000;
const RANDOM: u32 = 0xffff_f000 + 56;

/// Offset of the flags in a TCP header, and SYN and ACK in them (RFC 9293 §3.1).
const TCP_FLAGS: u32 = 13;
const SYN_AND_ACK: u32 = 0x12;
const SYN: u32 = 0x02;
/// Kinds of packets, and where their sources begin (RFC 791, RFC 8200).
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const IPV4_SOURCE: u32 = NETWORK_HEADER + 12;
const IPV6_SOURCE: u32 = NETWORK_HEADER + 8;

/// The packet passes whole, or is dropped.
const PASS: u32 = u32::MAX;
const DROP: u32 = 0;

/// One instruction; jumps to places that are not known yet are named.
#[derive(Debug, Clone, Copy)]
enum Step {
    Plain(u16, u8, u8, u32),
    /// To where a word of the bitmap is looked at.
    ToTest,
    /// To where chance decides.
    ToChance,
}

/// The filter of a listener.
#[derive(Debug)]
pub(crate) struct SynFilter {
    listener: TcpListener,
    attached: Option<Attached>,
    /// The kernel takes no filters: said once, and not tried again.
    is_refused: bool,
}

#[derive(Debug)]
struct Attached {
    share: f64,
    known: Box<KnownWords>,
    at: Instant,
}

impl SynFilter {
    /// For a listener, which is shared with those who accept.
    pub(crate) const fn new(listener: TcpListener) -> Self {
        Self { listener, attached: None, is_refused: false }
    }

    /// From now on this share of first packets from unknown networks is dropped; answers the share that is.
    pub(crate) fn drop_share(&mut self, share: f64, known: impl FnOnce() -> KnownWords, now: Instant) -> f64 {
        let listener = SockRef::from(&self.listener);
        if share < SHARE_STEP {
            if self.attached.take().is_some()
                && let Err(error) = listener.detach_filter()
            {
                tracing::warn!(%error, "the packet filter of the listener could not be taken away");
            }
            return 0.0;
        }
        let wanted = self.attached.as_ref().is_none_or(|last| {
            let is_due = now.saturating_duration_since(last.at) >= RENEW_EVERY;
            share - last.share > SHARE_STEP || is_due
        });
        if self.is_refused || !wanted {
            return self.attached.as_ref().map_or(0.0, |last| last.share);
        }
        let known = Box::new(known());
        let is_same = |last: &Attached| (last.share - share).abs() < SHARE_STEP && last.known == known;
        if let Some(last) = self.attached.as_mut().filter(|last| is_same(last)) {
            last.at = now;
            return last.share;
        }
        match listener.attach_filter(&program(&known, share)) {
            Ok(()) => {
                self.attached = Some(Attached { share, known, at: now });
                share
            }
            Err(error) => {
                tracing::warn!(%error, "the kernel takes no packet filter: floods are turned away after they are accepted");
                self.is_refused = true;
                0.0
            }
        }
    }
}

/// Nobody would renew it.
impl Drop for SynFilter {
    fn drop(&mut self) {
        if self.attached.is_some() {
            // Where that fails the listener is closed soon.
            drop(SockRef::from(&self.listener).detach_filter());
        }
    }
}

/// The program.
fn program(known: &KnownWords, share: f64) -> Vec<SockFilter> {
    use Step::{Plain, ToChance, ToTest};
    let [last, first] = KNOWN_FACTORS;
    let mut steps = vec![
        Plain(LOAD_BYTE, 0, 0, TCP_FLAGS),
        Plain(AND, 0, 0, SYN_AND_ACK),
        Plain(IF_EQUAL, 1, 0, SYN),
        Plain(END, 0, 0, PASS),
        Plain(LOAD_WORD, 0, 0, PROTOCOL),
        Plain(IF_EQUAL, 2, 0, IPV4),
        Plain(IF_EQUAL, 3, 0, IPV6),
        Plain(END, 0, 0, PASS),
        Plain(LOAD_WORD, 0, 0, IPV4_SOURCE),
        Plain(GO, 0, 0, 5),
        Plain(LOAD_WORD, 0, 0, IPV6_SOURCE),
        Plain(MULTIPLY, 0, 0, first),
        Plain(TO_INDEX, 0, 0, 0),
        Plain(LOAD_WORD, 0, 0, IPV6_SOURCE + 4),
        Plain(XOR_INDEX, 0, 0, 0),
        // Its slot: which bit of which word.
        Plain(MULTIPLY, 0, 0, last),
        Plain(SHIFT_RIGHT, 0, 0, KNOWN_SHIFT),
        Plain(KEEP, 0, 0, 0),
        Plain(AND, 0, 0, 31),
        Plain(TO_INDEX, 0, 0, 0),
        Plain(LOAD_KEPT, 0, 0, 0),
        Plain(SHIFT_RIGHT, 0, 0, 5),
    ];
    find_word(&mut steps, known, 0);
    let test = steps.len();
    steps.extend([Plain(SHIFT_RIGHT_BY_INDEX, 0, 0, 0), Plain(IF_ANY_BIT, 0, 1, 1), Plain(END, 0, 0, PASS)]);
    let chance = steps.len();
    steps.extend([
        Plain(LOAD_WORD, 0, 0, RANDOM),
        Plain(IF_AT_LEAST, 0, 1, dropped_below(share)),
        Plain(END, 0, 0, PASS),
        Plain(END, 0, 0, DROP),
    ]);
    let to = |from: usize, place: usize| {
        let by = u32::try_from(place.saturating_sub(from + 1)).unwrap_or(0);
        SockFilter::new(GO, 0, 0, by)
    };
    let written = steps.iter().enumerate().map(|(at, step)| match *step {
        Plain(code, yes, no, number) => SockFilter::new(code, yes, no, number),
        ToTest => to(at, test),
        ToChance => to(at, chance),
    });
    written.collect()
}

/// Steps that load the word with a number, of those from `from` on: halved again and again. At most four for each word.
fn find_word(steps: &mut Vec<Step>, words: &[u32], from: usize) {
    let half = words.len() / 2;
    let (lower, upper) = words.split_at(half);
    match words {
        [] => {}
        [word] if *word != 0 => steps.extend([Step::Plain(LOAD_NUMBER, 0, 0, *word), Step::ToTest]),
        _ if words.iter().all(|word| *word == 0) => steps.push(Step::ToChance),
        _ => {
            let mut below = Vec::new();
            find_word(&mut below, lower, from);
            let middle = u32::try_from(from + half).unwrap_or(u32::MAX);
            let over = u32::try_from(below.len()).unwrap_or(0);
            steps.extend([Step::Plain(IF_AT_LEAST, 0, 1, middle), Step::Plain(GO, 0, 0, over)]);
            steps.extend(below);
            find_word(steps, upper, from + half);
        }
    }
}

/// Of all numbers of 32 bits, so many from 0 on are this share.
fn dropped_below(share: f64) -> u32 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and a share is between 0 and 1"
    )]
    let below = (share * f64::from(u32::MAX)) as u32;
    below
}

/// Most instructions that a kernel takes (`BPF_MAXINSNS`); the largest program has half of them.
const _: () = assert!(4 * KNOWN_WORDS + 64 <= 4_096);

#[cfg(test)]
mod tests {
    use super::*;
    use admission::Prefix;
    use admission::known::Known;
    use socket2::{Domain, SockAddr, Socket, Type};
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};

    /// Longer than a connection on this machine takes, and shorter than the second after which TCP tries again.
    const SOON: Duration = Duration::from_millis(200);

    fn origin() -> Instant {
        crate::clock::now().instant
    }

    fn loopback(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(0x7f00_0000 + number))
    }

    /// Whether somebody with this address gets a connection at once.
    fn connects(from: IpAddr, to: SocketAddr) -> bool {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::new(from, 0))).unwrap();
        socket.connect_timeout(&to.into(), SOON).is_ok()
    }

    fn known(addresses: impl IntoIterator<Item = IpAddr>) -> KnownWords {
        let known = Known::new(origin(), Duration::from_hours(1));
        addresses.into_iter().for_each(|address| known.note(Prefix::of(address), origin()));
        known.words(origin())
    }

    #[test]
    fn whoever_is_known_gets_through_and_of_the_others_nobody_when_all_are_dropped() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut filter = SynFilter::new(listener.try_clone().unwrap());
        let members: Vec<IpAddr> = (1..=40).map(|number| loopback(number * 1_000 + 7)).collect();
        assert!((filter.drop_share(1.0, || known(members.clone()), origin()) - 1.0).abs() < 1e-9);
        assert!(members.iter().all(|member| connects(*member, address)));
        assert!((1..=3).all(|number| !connects(loopback(number * 1_000 + 8), address)));
        // What follows the first packet is not looked at.
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"hello").unwrap();
        assert!(filter.drop_share(0.0, || known([]), origin()).abs() < 1e-9);
        assert!(connects(loopback(1_008), address));
    }

    #[test]
    fn addresses_of_ipv6_are_known_by_their_network() {
        let listener = TcpListener::bind("[::]:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut filter = SynFilter::new(listener);
        let (six, four) = ("::1".parse().unwrap(), loopback(5));
        filter.drop_share(1.0, || known([six, four]), origin());
        assert!(connects(six, SocketAddr::new(six, port)));
        assert!(connects(four, SocketAddr::new(loopback(1), port)), "a mapped address");
        assert!(!connects(loopback(6), SocketAddr::new(loopback(1), port)));
        filter.drop_share(1.0, || known([four]), origin() + RENEW_EVERY);
        assert!(!connects(six, SocketAddr::new(six, port)));
    }

    #[test]
    fn a_share_of_strangers_is_dropped_by_chance() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut filter = SynFilter::new(listener.try_clone().unwrap());
        filter.drop_share(0.5, || known([]), origin());
        let connecting: Vec<Socket> = (0..200)
            .map(|_| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                // It is under way.
                drop(socket.connect(&address.into()));
                socket
            })
            .collect();
        let through = connecting.iter().filter(|socket| socket.peer_addr().is_ok()).count();
        assert!((50..150).contains(&through), "{through} of 200");
    }

    #[test]
    fn the_largest_program_is_one_that_the_kernel_takes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut filter = SynFilter::new(listener);
        let all = [u32::MAX; KNOWN_WORDS];
        assert!(program(&all, 0.9).len() < 4_096);
        assert!((filter.drop_share(0.9, || all, origin()) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn a_program_is_given_to_the_kernel_when_more_are_to_be_dropped_and_else_once_a_second() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (mut filter, start) = (SynFilter::new(listener), origin());
        let share = |filter: &mut SynFilter, share, ms| {
            let told = filter.drop_share(share, || known([]), start + Duration::from_millis(ms));
            (told * 100.0).round()
        };
        let steps = [
            (0.5, 0, 50.0),
            (0.4, 500, 50.0),
            (0.9, 600, 90.0),
            (0.3, 1_599, 90.0),
            (0.3, 1_600, 30.0),
            (0.0, 1_700, 0.0),
        ];
        for (wanted, ms, expected) in steps {
            let told: f64 = share(&mut filter, wanted, ms);
            assert!((told - expected).abs() < 1e-9, "{wanted} at {ms}: {told}");
        }
    }
}
