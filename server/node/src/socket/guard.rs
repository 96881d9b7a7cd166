//! Refuses what a client may not send by the headers of its frames, before a byte of it is buffered: the WebSocket
//! parser compares lengths only when it has the whole frame in memory, and says less about why it refuses.

use actix_web::error::PayloadError;
use actix_web::{dev, web::Bytes};
use futures_util::Stream;
use protocol::Disconnect;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Two bytes, a length of eight, a mask of four.
const HEADER_MAX: usize = 14;
/// RFC 6455 §5.2: the bits of the first byte.
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
/// Opcodes from here on are control frames, which stand between fragments.
const CONTROL: u8 = 0x08;

/// Follows the framing of RFC 6455 §5.2 through a stream of bytes, keeping 14 bytes at most.
#[derive(Debug)]
pub(crate) struct FrameGuard {
    max_bytes: u64,
    state: State,
    /// Bytes of the fragments of a message that is not complete.
    message_bytes: u64,
}

#[derive(Debug)]
enum State {
    /// Reading a header, of which these bytes are there.
    Header { bytes: [u8; HEADER_MAX], filled: usize },
    /// Passing so many bytes of payload.
    Payload { left: u64 },
}

impl FrameGuard {
    /// A guard for frames and messages of at most `max_bytes`.
    pub(crate) const fn new(max_bytes: u64) -> Self {
        Self { max_bytes, state: State::start(), message_bytes: 0 }
    }

    /// Looks at the next bytes of the stream; an error says why the connection ends.
    pub(crate) fn look(&mut self, mut chunk: &[u8]) -> Result<(), Disconnect> {
        while !chunk.is_empty() {
            match &mut self.state {
                State::Payload { left } => {
                    let passed = usize::try_from(*left).map_or(chunk.len(), |left| left.min(chunk.len()));
                    chunk = chunk.get(passed..).unwrap_or_default();
                    *left = left.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
                    if *left == 0 {
                        self.state = State::start();
                    }
                }
                State::Header { bytes, filled } => {
                    if let (Some(place), Some((first, rest))) = (bytes.get_mut(*filled), chunk.split_first())
                    {
                        *place = *first;
                        *filled = filled.saturating_add(1);
                        chunk = rest;
                    }
                    let first = bytes.first().copied().unwrap_or_default();
                    if let Some(length) = declared(bytes, *filled) {
                        self.frame(first, length)?;
                        self.state =
                            if length == 0 { State::start() } else { State::Payload { left: length } };
                    }
                }
            }
        }
        Ok(())
    }

    /// Judges a frame by the first byte of its header and its length.
    fn frame(&mut self, first: u8, length: u64) -> Result<(), Disconnect> {
        if first & RESERVED != 0 {
            return Err(Disconnect::WebSocketProtocol);
        }
        let is_control = first & OPCODE >= CONTROL;
        let message = if is_control { length } else { self.message_bytes.saturating_add(length) };
        if message > self.max_bytes {
            return Err(Disconnect::FrameTooLarge);
        }
        if !is_control {
            self.message_bytes = if first & FIN == 0 { message } else { 0 };
        }
        Ok(())
    }
}

impl State {
    const fn start() -> Self {
        Self::Header { bytes: [0; HEADER_MAX], filled: 0 }
    }
}

/// The payload length of a header, once all of the header is there.
fn declared(bytes: &[u8; HEADER_MAX], filled: usize) -> Option<u64> {
    let (first_two, rest) = bytes.split_at(2);
    let &[_, second] = first_two else { return None };
    if filled < 2 {
        return None;
    }
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (extended, length) = match second & 0x7f {
        126 => (2, u64::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (8, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (0, u64::from(short)),
    };
    (filled == 2 + extended + mask).then_some(length)
}

/// A request body that ends with an error where the guard says so, and notes why.
pub(crate) struct Guarded {
    body: dev::Payload,
    guard: FrameGuard,
    verdict: Rc<Cell<Option<Disconnect>>>,
}

impl Guarded {
    pub(crate) const fn new(
        body: dev::Payload,
        max_bytes: u64,
        verdict: Rc<Cell<Option<Disconnect>>>,
    ) -> Self {
        Self { body, guard: FrameGuard::new(max_bytes), verdict }
    }
}

impl Stream for Guarded {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.verdict.get().is_some() {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &polled
            && let Err(reason) = self.guard.look(bytes)
        {
            self.verdict.set(Some(reason));
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A frame as a client sends it: masked, of this length, with a payload of zeros.
    fn frame(length: u64, form: u8, masked: bool) -> Vec<u8> {
        let mask_bit = if masked { 0x80 } else { 0 };
        let mut bytes = vec![0x81];
        match form {
            0 if length < 126 => bytes.push(mask_bit | u8::try_from(length).unwrap()),
            0 | 1 if length < 65_536 => {
                bytes.push(mask_bit + 126);
                bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(mask_bit + 127);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes.extend(if masked { &[1, 2, 3, 4][..] } else { &[] });
        bytes.resize(bytes.len() + usize::try_from(length).unwrap(), 0);
        bytes
    }

    proptest! {
        #[test]
        fn frames_within_the_bound_pass_however_they_are_cut(
            frames in prop::collection::vec((0u64..300, 0u8..3, any::<bool>()), 1..20),
            cuts in prop::collection::vec(1usize..50, 1..20),
        ) {
            let stream: Vec<u8> = frames.iter().flat_map(|(l, f, m)| frame(*l, *f, *m)).collect();
            let mut guard = FrameGuard::new(300);
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, after) = rest.split_at((*cut).min(rest.len()));
                prop_assert_eq!(guard.look(chunk), Ok(()));
                rest = after;
            }
        }

        #[test]
        fn fragments_count_together_and_control_frames_between_them_do_not(
            fragments in prop::collection::vec(1u64..100, 2..10),
        ) {
            let mut guard = FrameGuard::new(300);
            let mut sum = 0;
            for length in fragments {
                let mut fragment = frame(length, 0, true);
                fragment[0] = 0x01;
                sum += length;
                let verdict = guard.look(&fragment);
                if sum > 300 {
                    prop_assert_eq!(verdict, Err(Disconnect::FrameTooLarge));
                    return Ok(());
                }
                prop_assert_eq!(verdict, Ok(()));
                let mut ping = frame(100, 0, true);
                ping[0] = 0x89;
                prop_assert_eq!(guard.look(&ping), Ok(()));
            }
        }

        #[test]
        fn a_reserved_bit_is_a_protocol_error(bit in 4u8..7) {
            let mut bytes = frame(5, 0, true);
            bytes[0] |= 1 << bit;
            prop_assert_eq!(FrameGuard::new(300).look(&bytes), Err(Disconnect::WebSocketProtocol));
        }

        #[test]
        fn a_frame_over_the_bound_is_refused_by_its_header(
            before in prop::collection::vec((0u64..300, 0u8..3), 0..10),
            length in 301u64..,
            cut in 1usize..20,
        ) {
            let mut stream: Vec<u8> = before.iter().flat_map(|(l, f)| frame(*l, *f, true)).collect();
            stream.extend([0x82, 0xff]);
            stream.extend(length.to_be_bytes());
            stream.extend([1, 2, 3, 4]);
            let mut guard = FrameGuard::new(300);
            let verdict = stream.chunks(cut).try_for_each(|chunk| guard.look(chunk));
            prop_assert_eq!(verdict, Err(Disconnect::FrameTooLarge));
        }
    }
}
