//! What a client may use when it does something, and how it speaks.

use super::frames;
use super::pushes::Pushes;
use crate::clock::Micros;
use crate::scenario::{INBOXES_FIRST, inbox_number, member};
use crate::tally::Tally;
use protocol::{Command, EncodedFrame, Encoding};
use std::borrow::Cow;
use std::collections::HashMap;
use tungstenite::protocol::frame::coding::{Data, OpCode};

/// What all clients of a process share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) run: u32,
    pub(crate) encoding: Encoding,
    pub(crate) payload_bytes: usize,
    /// The names of all channels, and their numbers.
    pub(crate) channels: Vec<String>,
    pub(crate) numbers: HashMap<String, u32>,
    pub(crate) hosts: Vec<String>,
    /// The wall clock in milliseconds when [`Micros`] were 0.
    pub(crate) wall_zero_ms: u64,
}

/// What a step of a client may use.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) tally: &'a mut Tally,
    pub(crate) now: Micros,
    pub(crate) random: &'a mut fastrand::Rng,
    /// Pushes that somebody else of the process got, too.
    pub(crate) pushes: &'a mut Pushes,
    /// What is to be written.
    pub(crate) out: &'a mut Vec<u8>,
}

impl Shared {
    /// The name of a server.
    pub(crate) fn host(&self, number: usize) -> &str {
        self.hosts.get(number).map_or("", String::as_str)
    }

    /// The name of a channel.
    pub(crate) fn channel(&self, number: u32) -> Cow<'_, str> {
        if let Some(client) = number.checked_sub(INBOXES_FIRST) {
            return Cow::Owned(format!("inbox#{}", member(client)));
        }
        let name = self.channels.get(usize::try_from(number).unwrap_or(usize::MAX));
        Cow::Borrowed(name.map_or("", String::as_str))
    }

    /// The number of a channel.
    pub(crate) fn number(&self, channel: &str) -> Option<u32> {
        self.numbers.get(channel).copied().or_else(|| inbox_number(channel))
    }
}

impl Step<'_> {
    /// Writes commands as one frame.
    pub(super) fn send(&mut self, commands: &[Command]) {
        if commands.is_empty() {
            return;
        }
        let encoding = self.shared.encoding;
        let data = match encoding {
            Encoding::Json => Data::Text,
            Encoding::Protobuf => Data::Binary,
        };
        let encoded: Vec<EncodedFrame> =
            commands.iter().map(|command| encoding.encode_command(command)).collect();
        // Well below what a server takes in one frame.
        let mut first = 0;
        let mut bytes = 0;
        for (place, frame) in encoded.iter().enumerate() {
            if bytes + frame.len() > FRAME_BYTES || place - first >= FRAME_COMMANDS {
                self.write(data, encoded.get(first..place).unwrap_or_default());
                (first, bytes) = (place, 0);
            }
            bytes += frame.len() + 1;
        }
        self.write(data, encoded.get(first..).unwrap_or_default());
    }

    fn write(&mut self, data: Data, messages: &[EncodedFrame]) {
        if !messages.is_empty() {
            let mask = self.random.u32(..).to_be_bytes();
            frames::write(self.out, OpCode::Data(data), &self.shared.encoding.join(messages), mask);
        }
    }
}

/// Bytes and commands of a frame, half of what a node takes.
const FRAME_BYTES: usize = protocol::limits::FRAME_MAX_BYTES / 2;
const FRAME_COMMANDS: usize = protocol::limits::COMMANDS_PER_FRAME_MAX / 2;
