//! A chain of lines: each says the hash of the one before it, and ends with its own. Anybody can check it without this
//! program: a line's hash is SHA-256 over its bytes up to `,"hash":`.

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};
use protocol::Timestamp;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What stands between what is hashed and the hash.
const SEAL: &str = ",\"hash\":\"";
/// Longest line that can come about, with room to spare; a longer one is none of ours.
pub const LINE_MAX_BYTES: usize = 64 * 1024;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::read(&digest(&SHA256, bytes))
    }

    fn read(digest: &Digest) -> Self {
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().zip(digest.as_ref()) {
            *place = *byte;
        }
        Self(hash)
    }
}

/// Makes a hash of bytes that come in parts.
pub struct Hasher(Context);

impl Hasher {
    /// The next part.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The hash of all parts.
    pub fn finish(self) -> Hash {
        Hash::read(&self.0.finish())
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(…)")
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = fmt::Error;

    /// In the one form that is written: 64 digits, `a` to `f` small.
    fn from_str(text: &str) -> Result<Self, fmt::Error> {
        let mut hash = Self::default();
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(fmt::Error);
        }
        for (place, pair) in hash.0.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| fmt::Error)?;
            *place = u8::from_str_radix(pair, 16).map_err(|_| fmt::Error)?;
        }
        Ok(hash)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("a hash is 64 hexadecimal digits"))
    }
}

/// Where a chain ends, and so how it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    seq: u64,
    head: Hash,
}

/// One line as it was read and found whole in itself.
#[derive(Debug, Clone)]
pub struct Sealed<E> {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What it says; nothing if a later version wrote it.
    pub entry: Option<E>,
    /// The hash of the line before it.
    pub previous: Hash,
    /// Its own.
    pub hash: Hash,
}

#[derive(Serialize)]
struct Body<'a, E> {
    seq: u64,
    at: Timestamp,
    #[serde(flatten)]
    entry: &'a E,
    previous: Hash,
}

#[derive(Deserialize)]
struct Frame {
    seq: u64,
    at: Timestamp,
    previous: Hash,
}

impl Chain {
    /// The chain after a line.
    pub const fn after<E>(line: &Sealed<E>) -> Self {
        Self { seq: line.seq, head: line.hash }
    }

    /// A chain of so many lines that ends with this hash.
    pub const fn at(lines: u64, head: Hash) -> Self {
        Self { seq: lines, head }
    }

    /// How many lines it has.
    pub const fn lines(self) -> u64 {
        self.seq
    }

    /// The hash of the last line: whoever keeps it elsewhere can later show that nothing before it was changed.
    pub const fn head(self) -> Hash {
        self.head
    }

    /// Words the next line, its end included, and goes on after it.
    pub fn seal<E: Serialize>(&mut self, at: Timestamp, entry: &E) -> String {
        let seq = self.seq.saturating_add(1);
        let body = Body { seq, at, entry, previous: self.head };
        // Nothing that an entry is made of can fail to be worded.
        let mut line = serde_json::to_string(&body).unwrap_or_default();
        debug_assert!(line.ends_with('}'), "an entry that cannot be worded");
        line.pop();
        let hash = Hash::of(line.as_bytes());
        *self = Self { seq, head: hash };
        line.push_str(SEAL);
        line.push_str(&hash.to_string());
        line.push_str("\"}\n");
        line
    }
}

impl<E: DeserializeOwned> Sealed<E> {
    /// Reads one line, without its end, and checks its own hash.
    pub fn read(line: &[u8]) -> Result<Self, Fault> {
        let (body, hash) = split(line).ok_or(Fault::Unreadable)?;
        if Hash::of(body.as_bytes()) != hash {
            return Err(Fault::Changed);
        }
        let json = format!("{body}}}");
        let frame: Frame = serde_json::from_str(&json).map_err(|_| Fault::Unreadable)?;
        let Frame { seq, at, previous } = frame;
        Ok(Self { seq, at, entry: serde_json::from_str(&json).ok(), previous, hash })
    }
}

fn split(line: &[u8]) -> Option<(&str, Hash)> {
    if line.len() > LINE_MAX_BYTES {
        return None;
    }
    let text = std::str::from_utf8(line).ok()?;
    let (body, hash) = text.strip_suffix("\"}")?.rsplit_once(SEAL)?;
    Some((body, hash.parse().ok()?))
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is none of ours, or torn.
    #[error("is torn or is no line of a chain")]
    Unreadable,
    /// Its bytes are not those that were hashed.
    #[error("was changed after it was written")]
    Changed,
    /// It does not follow the line before it.
    #[error("does not follow the line before it: one was changed, removed or put between them")]
    Unlinked,
}

/// The first line that breaks a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {fault}")]
pub struct Broken {
    /// Which, counted from 1 as an editor does.
    pub line: u64,
    /// How.
    pub fault: Fault,
}

/// A chain without a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intact {
    /// How many lines, and the hash of the last.
    pub chain: Chain,
    /// Whether the last line lacks its end, as after a crash: it was never accepted.
    pub is_torn: bool,
}

/// Goes through the lines of a chain from its first. The bytes after the last line's end are no line.
pub fn verify(lines: &[u8]) -> Result<Intact, Broken> {
    verify_after(Chain::default(), lines)
}

/// Goes through lines that follow others.
pub fn verify_after(before: Chain, lines: &[u8]) -> Result<Intact, Broken> {
    let mut chain = before;
    let mut rest = lines;
    let mut number = 0;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        number += 1;
        let broken = |fault| Broken { line: number, fault };
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let sealed = Sealed::<IgnoredAny>::read(line).map_err(broken)?;
        if sealed.previous != chain.head || sealed.seq != chain.seq.saturating_add(1) {
            return Err(broken(Fault::Unlinked));
        }
        chain = Chain::after(&sealed);
    }
    Ok(Intact { chain, is_torn: !rest.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::timeline;

    #[test]
    fn a_timeline_that_nobody_touched_is_intact() {
        let text = timeline();
        let intact = verify(text.as_bytes()).unwrap();
        assert_eq!(intact.chain.lines(), u64::try_from(text.lines().count()).unwrap());
        assert!(!intact.is_torn);
        assert!(text.contains(&intact.chain.head().to_string()));
        assert_eq!(verify(b"").unwrap().chain, Chain::default());
    }

    #[test]
    fn a_line_can_be_checked_with_nothing_but_sha256() {
        let text = timeline();
        let first = text.lines().next().unwrap();
        let (body, hash) = first.split_once(SEAL).unwrap();
        assert_eq!(format!("{}\"}}", Hash::of(body.as_bytes())), hash);
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::of(b"abc").to_string(), known);
    }

    #[test]
    fn any_byte_that_is_changed_breaks_the_chain_at_its_line() {
        let text = timeline();
        let mut bytes = text.clone().into_bytes();
        for place in 0..bytes.len() {
            let line =
                bytes[..=place].split(|byte| *byte == b'\n').count() - usize::from(bytes[place] == b'\n');
            let kept = std::mem::replace(&mut bytes[place], b'#');
            let broken = verify(&bytes);
            if kept == b'\n' && place + 1 == text.len() {
                assert!(broken.unwrap().is_torn);
            } else {
                assert_eq!(broken.unwrap_err().line, u64::try_from(line).unwrap(), "byte {place}");
            }
            bytes[place] = kept;
        }
    }

    #[test]
    fn a_line_that_is_missing_doubled_or_moved_is_told() {
        let text = timeline();
        let lines: Vec<&str> = text.lines().collect();
        let check = |lines: &[&str]| verify(format!("{}\n", lines.join("\n")).as_bytes());
        let unlinked = |line| Err(Broken { line, fault: Fault::Unlinked });
        assert_eq!(check(&lines[1..]), unlinked(1));
        assert_eq!(check(&[&lines[..1], &lines[2..]].concat()), unlinked(2));
        assert_eq!(check(&[&lines[..2], &lines[1..]].concat()), unlinked(3));
        assert_eq!(check(&[lines[0], lines[2], lines[1]]), unlinked(2));
    }

    #[test]
    fn what_is_no_line_is_refused_and_never_panics() {
        for bad in [
            &b"\n"[..],
            b"{}\n",
            b"null\n",
            b"\xff\xfe\n",
            b",\"hash\":\"\"}\n",
            b"{\"seq\":1,\"hash\":\"zz\"}\n",
        ] {
            assert_eq!(verify(bad), Err(Broken { line: 1, fault: Fault::Unreadable }), "{bad:?}");
        }
        let sealed = format!("{{,\"hash\":\"{}\"}}\n", Hash::of(b"{"));
        assert_eq!(verify(sealed.as_bytes()).unwrap_err().fault, Fault::Unreadable);
        let long = vec![b'x'; LINE_MAX_BYTES + 1];
        assert_eq!(Sealed::<IgnoredAny>::read(&long).unwrap_err(), Fault::Unreadable);
    }
}
