//! Refuses what a client may not send by the headers of its frames (RFC 6455 §5.2), before a byte of it is buffered, and
//! text that is not UTF-8 as soon as its first wrong byte is here (§8.1). A parser of whole frames knows either only
//! when it has the whole frame in memory.

use crate::disconnect::Disconnect;

/// Two bytes, a length of eight, a mask of four.
const HEADER_MAX: usize = 14;
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const CONTINUATION: u8 = 0x00;
const TEXT: u8 = 0x01;
/// Opcodes from here on are control frames, which stand between fragments.
const CONTROL: u8 = 0x08;
/// How many bytes are unmasked at a time to be looked at.
const UNMASKED_BYTES: usize = 256;

/// What a client may send in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageBounds {
    /// Bytes of a frame, and of all fragments of a message together.
    pub max_bytes: u64,
    /// Frames of a message.
    pub max_fragments: u32,
}

/// Follows the framing of a stream of bytes, keeping 14 bytes of a header and 3 of a character at most.
#[derive(Debug)]
pub struct FrameGuard {
    bounds: MessageBounds,
    state: State,
    message: Message,
}

/// Something that may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Bytes at the beginning of the chunk that come before the frame at fault.
    pub lawful_bytes: usize,
    /// Why the connection ends.
    pub reason: Disconnect,
}

#[derive(Debug)]
enum State {
    /// Reading a header, of which these bytes are there.
    Header { bytes: [u8; HEADER_MAX], filled: usize },
    /// Passing a payload.
    Payload(Passing),
}

/// A payload of which `left` bytes are to come; the mask is turned to the next of them.
#[derive(Debug, Clone, Copy)]
struct Passing {
    left: u64,
    mask: [u8; 4],
    is_text: bool,
    ends_message: bool,
}

/// The message whose fragments are coming.
#[derive(Debug, Default)]
struct Message {
    bytes: u64,
    fragments: u32,
    is_text: bool,
    utf8: Utf8,
}

impl FrameGuard {
    /// A guard at the beginning of a stream.
    pub fn new(bounds: MessageBounds) -> Self {
        Self { bounds, state: State::start(), message: Message::default() }
    }

    /// Whether all that it has seen are whole messages, so that it remembers nothing.
    pub const fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Header { filled: 0, .. }) && self.message.fragments == 0
    }

    /// Looks at the next bytes of the stream. After a refusal nothing more may be shown.
    pub fn look(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        let mut frame_began = 0;
        let mut rest = chunk;
        while !rest.is_empty() {
            let passed = match &mut self.state {
                State::Header { bytes, filled } => {
                    if *filled == 0 {
                        frame_began = chunk.len().saturating_sub(rest.len());
                    }
                    if let (Some(place), Some(first)) = (bytes.get_mut(*filled), rest.first()) {
                        *place = *first;
                        *filled = filled.saturating_add(1);
                    }
                    let header = *bytes;
                    if let Some((length, mask)) = complete(&header, *filled) {
                        self.begin_frame(header[0], length, mask)
                            .map_err(|reason| Refusal { lawful_bytes: frame_began, reason })?;
                    }
                    1
                }
                State::Payload(passing) => {
                    let length =
                        usize::try_from(passing.left).map_or(rest.len(), |left| left.min(rest.len()));
                    let passing = *passing;
                    let bytes = rest.get(..length).unwrap_or_default();
                    self.pass(passing, bytes)
                        .map_err(|reason| Refusal { lawful_bytes: frame_began, reason })?;
                    length
                }
            };
            rest = rest.get(passed..).unwrap_or_default();
        }
        Ok(())
    }

    /// Judges a frame by its header and goes on to its payload.
    fn begin_frame(&mut self, first: u8, length: u64, mask: [u8; 4]) -> Result<(), Disconnect> {
        if first & RESERVED != 0 {
            return Err(Disconnect::WebSocketProtocol);
        }
        let opcode = first & OPCODE;
        if opcode >= CONTROL {
            if length > self.bounds.max_bytes {
                return Err(Disconnect::FrameTooLarge);
            }
            return self.pass(Passing { left: length, mask, is_text: false, ends_message: false }, &[]);
        }
        if opcode != CONTINUATION {
            self.message = Message { is_text: opcode == TEXT, ..Message::default() };
        }
        self.message.bytes = self.message.bytes.saturating_add(length);
        self.message.fragments = self.message.fragments.saturating_add(1);
        if self.message.bytes > self.bounds.max_bytes {
            return Err(Disconnect::FrameTooLarge);
        }
        if self.message.fragments > self.bounds.max_fragments {
            return Err(Disconnect::TooManyFragments);
        }
        let is_text = self.message.is_text;
        self.pass(Passing { left: length, mask, is_text, ends_message: first & FIN != 0 }, &[])
    }

    /// Lets bytes of a payload pass.
    fn pass(&mut self, mut passing: Passing, bytes: &[u8]) -> Result<(), Disconnect> {
        if passing.is_text {
            let mut plain = [0; UNMASKED_BYTES];
            for masked in bytes.chunks(UNMASKED_BYTES) {
                unmask(masked, passing.mask, &mut plain);
                let turn = masked.len() % passing.mask.len();
                passing.mask.rotate_left(turn);
                self.message.utf8.push(plain.get(..masked.len()).unwrap_or_default())?;
            }
        }
        passing.left = passing.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if passing.left > 0 {
            self.state = State::Payload(passing);
            return Ok(());
        }
        self.state = State::start();
        if passing.ends_message { std::mem::take(&mut self.message).utf8.end() } else { Ok(()) }
    }
}

impl State {
    const fn start() -> Self {
        Self::Header { bytes: [0; HEADER_MAX], filled: 0 }
    }
}

/// The payload length and the mask of a header (zeros without one), once all of the header is there.
fn complete(bytes: &[u8; HEADER_MAX], filled: usize) -> Option<(u64, [u8; 4])> {
    let (first_two, rest) = bytes.split_at(2);
    let &[_, second] = first_two else { return None };
    if filled < 2 {
        return None;
    }
    let mask_bytes = if second & 0x80 == 0 { 0 } else { 4 };
    let (extended, length) = match second & 0x7f {
        126 => (2, u64::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (8, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (0, u64::from(short)),
    };
    if filled != 2 + extended + mask_bytes {
        return None;
    }
    let mask = if mask_bytes == 0 { [0; 4] } else { *rest.get(extended..)?.first_chunk()? };
    Some((length, mask))
}

/// Four bytes at a time: byte by byte a flood of text would keep a core busy with nothing else.
fn unmask(masked: &[u8], mask: [u8; 4], plain: &mut [u8; UNMASKED_BYTES]) {
    let (words, rest) = masked.as_chunks();
    let (plain_words, _) = plain.as_chunks_mut();
    for (plain, word) in plain_words.iter_mut().zip(words) {
        *plain = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    let plain_rest = plain.iter_mut().skip(masked.len().saturating_sub(rest.len()));
    for (plain, (byte, mask)) in plain_rest.zip(rest.iter().zip(mask)) {
        *plain = byte ^ mask;
    }
}

/// UTF-8 that comes in pieces: keeps the beginning of a character whose end is not here.
#[derive(Debug, Default)]
struct Utf8 {
    begun: [u8; 4],
    length: usize,
}

impl Utf8 {
    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Disconnect> {
        while self.length > 0 {
            let Some((next, rest)) = bytes.split_first() else { return Ok(()) };
            if let Some(place) = self.begun.get_mut(self.length) {
                *place = *next;
            }
            self.length = self.length.saturating_add(1);
            bytes = rest;
            match std::str::from_utf8(self.begun.get(..self.length).unwrap_or_default()) {
                Ok(_) => self.length = 0,
                Err(error) if error.error_len().is_none() && self.length < self.begun.len() => {}
                Err(_) => return Err(Disconnect::NotUtf8),
            }
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            if error.error_len().is_some() {
                return Err(Disconnect::NotUtf8);
            }
            let begun = bytes.get(error.valid_up_to()..).unwrap_or_default();
            self.length = begun.len();
            for (place, byte) in self.begun.iter_mut().zip(begun) {
                *place = *byte;
            }
        }
        Ok(())
    }

    const fn end(&self) -> Result<(), Disconnect> {
        if self.length == 0 { Ok(()) } else { Err(Disconnect::NotUtf8) }
    }
}

#[cfg(test)]
mod tests;
