//! How a JSON text is built: how deep it nests, and whether a name comes twice in one object.
//!
//! Embedded values pass through unread, so nothing else looks at either. Readers recurse as deep as a text nests, and
//! disagree about what a name that comes twice means (RFC 7493 §2.3). One pass, no recursion; what is kept is bounded
//! by the text.

use crate::limits::NESTING_MAX_LEVELS;
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// What is wrong with a text that is valid JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Irregular {
    /// An object has two members of one name.
    NameTwice,
    /// More levels than allowed.
    TooDeep,
}

/// What was found in a command in which nothing around the payload is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommandShape {
    pub(crate) payload: Result<(), Irregular>,
}

/// Looks at the JSON text of a payload.
pub(crate) fn of_payload(text: &str) -> Result<(), Irregular> {
    of_value(text, NESTING_MAX_LEVELS)
}

/// Looks at the argument of an rpc, in which a payload is one level down.
pub(crate) fn of_argument(text: &str) -> Result<(), Irregular> {
    of_value(text, ARGUMENT_MAX_LEVELS)
}

/// So that a payload may be as deep in an rpc as elsewhere.
const ARGUMENT_MAX_LEVELS: usize = NESTING_MAX_LEVELS + 1;

fn of_value(text: &str, levels: usize) -> Result<(), Irregular> {
    let mut nesting = Nesting::new(levels);
    Parts::of(text).try_for_each(|part| nesting.take(part))
}

/// Looks at the JSON text of a command and at the payload in it; an error if what is around the payload is at fault.
pub(crate) fn of_command(text: &str) -> Result<CommandShape, Irregular> {
    let mut command = Nesting::new(NESTING_MAX_LEVELS);
    let mut shape = CommandShape { payload: Ok(()) };
    let mut parts = Parts::of(text);
    // How deep the payload of the request that is being read may be, if it may have one.
    let mut levels = None;
    let mut payload_follows = false;
    while let Some(part) = parts.next() {
        if let (Part::Open, true, Some(levels)) = (part, payload_follows, levels) {
            payload_follows = false;
            let found = of_embedded(part, &mut parts, levels);
            shape.payload = shape.payload.and(found);
            continue;
        }
        payload_follows = false;
        command.take(part)?;
        if let Part::Name(name) = part {
            match (command.depth(), &*unescaped(name)) {
                (1, b"publish") => levels = Some(NESTING_MAX_LEVELS),
                (1, b"rpc") => levels = Some(ARGUMENT_MAX_LEVELS),
                (1, _) => levels = None,
                (2, b"data") => payload_follows = true,
                _ => {}
            }
        }
    }
    Ok(shape)
}

/// Reads to the end of a value that `first` opens, whatever is found in it.
fn of_embedded<'a>(first: Part<'a>, parts: &mut Parts<'a>, levels: usize) -> Result<(), Irregular> {
    let mut nesting = Nesting::new(levels);
    let mut found = nesting.take(first);
    let mut depth = 1usize;
    while depth > 0
        && let Some(part) = parts.next()
    {
        match part {
            Part::Open => depth = depth.saturating_add(1),
            Part::Close => depth = depth.saturating_sub(1),
            Part::Name(_) => {}
        }
        found = found.and_then(|()| nesting.take(part));
    }
    found
}

/// What is open at a place in a text, and the names that were seen.
struct Nesting<'a> {
    levels: usize,
    /// The numbers of the arrays and objects that are open.
    open: Vec<usize>,
    opened: usize,
    names: HashSet<(usize, Cow<'a, [u8]>)>,
}

impl<'a> Nesting<'a> {
    fn new(levels: usize) -> Self {
        Self { levels, open: Vec::new(), opened: 0, names: HashSet::new() }
    }

    const fn depth(&self) -> usize {
        self.open.len()
    }

    fn take(&mut self, part: Part<'a>) -> Result<(), Irregular> {
        match part {
            Part::Open => {
                if self.depth() >= self.levels {
                    return Err(Irregular::TooDeep);
                }
                self.opened = self.opened.saturating_add(1);
                self.open.push(self.opened);
            }
            Part::Close => {
                self.open.pop();
            }
            Part::Name(name) => {
                let object = self.open.last().copied().unwrap_or_default();
                if !self.names.insert((object, unescaped(name))) {
                    return Err(Irregular::NameTwice);
                }
            }
        }
        Ok(())
    }
}

/// What of a text matters to its shape.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    /// An array or object begins.
    Open,
    /// It ends.
    Close,
    /// The name of a member, in its quotes.
    Name(&'a [u8]),
}

/// The parts of a text that is valid JSON; of another, some parts, but no panic.
struct Parts<'a> {
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    const fn of(text: &'a str) -> Self {
        Self { rest: text.as_bytes() }
    }

    /// Takes so many bytes.
    fn advance(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// The length of the string that begins here, with its quotes.
    fn string_len(&self) -> usize {
        let mut escaped = true; // The quote that begins it ends nothing.
        for (at, byte) in self.rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return at.saturating_add(1),
                _ => {}
            }
        }
        self.rest.len()
    }

    /// Whether a colon comes next, which makes a string a name.
    fn colon_follows(&self) -> bool {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.rest.iter().find(|byte| !blank(byte)) == Some(&b':')
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            match self.rest.first()? {
                b'{' | b'[' => {
                    self.advance(1);
                    return Some(Part::Open);
                }
                b'}' | b']' => {
                    self.advance(1);
                    return Some(Part::Close);
                }
                b'"' => {
                    let string = self.advance(self.string_len());
                    if self.colon_follows() {
                        return Some(Part::Name(string));
                    }
                }
                _ => {
                    self.advance(1);
                }
            }
        }
    }
}

/// A name as it is meant: the same name may be written with escapes and without (RFC 7493 §2.3 compares them
/// unescaped). Half letters stay apart from each other.
fn unescaped(quoted: &[u8]) -> Cow<'_, [u8]> {
    let plain = quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(quoted);
    if !plain.contains(&b'\\') {
        return Cow::Borrowed(plain);
    }
    serde_json::from_slice(quoted).map_or(Cow::Borrowed(plain), |Unescaped(bytes)| Cow::Owned(bytes))
}

/// The bytes of a string, of which half letters are a part.
struct Unescaped(Vec<u8>);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl de::Visitor<'_> for Bytes {
            type Value = Unescaped;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Unescaped, E> {
                Ok(Unescaped(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests;
