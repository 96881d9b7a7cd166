//! The grammar of RFC 8259, apart from the library that reads JSON for the server. Knows nothing of values: what is
//! accepted here is JSON to every reader.

use std::collections::HashSet;

/// What there is to say of a sequence of JSON texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// How many there are.
    pub count: usize,
    /// How deep they nest: 1 for an array that holds none.
    pub depth: usize,
    /// Whether an object has two members of one name, however it is written.
    pub name_twice: bool,
}

/// The shape of JSON texts that stand in `text` with blank space around them; nothing if something else stands there.
pub fn shape(text: &[u8]) -> Option<Shape> {
    std::str::from_utf8(text).ok()?;
    let mut reader = Reader { rest: text, shape: Shape::default() };
    reader.blanks();
    while !reader.rest.is_empty() {
        reader.value()?;
        reader.blanks();
        reader.shape.count += 1;
    }
    Some(reader.shape)
}

struct Reader<'a> {
    rest: &'a [u8],
    shape: Shape,
}

/// What is open: an array, or an object with these names.
enum Open {
    Array,
    Object(HashSet<Vec<u16>>),
}

impl Reader<'_> {
    /// One value. Nesting is kept on the heap: depth is the input's choice.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            match self.next()? {
                b'{' => {
                    self.shape.depth = self.shape.depth.max(open.len() + 1);
                    self.blanks();
                    if !self.take(b'}') {
                        let mut names = HashSet::new();
                        self.name(&mut names)?;
                        open.push(Open::Object(names));
                        continue;
                    }
                }
                b'[' => {
                    self.shape.depth = self.shape.depth.max(open.len() + 1);
                    self.blanks();
                    if !self.take(b']') {
                        open.push(Open::Array);
                        continue;
                    }
                }
                b'"' => self.rest_of_string().map(drop)?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.number(first)?,
            }
            loop {
                let Some(inner) = open.last_mut() else {
                    return Some(());
                };
                self.blanks();
                if self.take(if matches!(inner, Open::Array) { b']' } else { b'}' }) {
                    open.pop();
                    continue;
                }
                if !self.take(b',') {
                    return None;
                }
                if let Open::Object(names) = inner {
                    self.name(names)?;
                }
                break;
            }
        }
    }

    fn name(&mut self, names: &mut HashSet<Vec<u16>>) -> Option<()> {
        self.blanks();
        self.take(b'"').then_some(())?;
        let name = self.rest_of_string()?;
        self.shape.name_twice |= !names.insert(name);
        self.blanks();
        self.take(b':').then_some(())
    }

    /// The rest of a string in UTF-16, in which every escape is one unit.
    fn rest_of_string(&mut self) -> Option<Vec<u16>> {
        let mut units = Vec::new();
        loop {
            let plain = self.rest.iter().take_while(|b| !matches!(b, b'"' | b'\\' | 0..=0x1f)).count();
            let (text, rest) = self.rest.split_at(plain);
            self.rest = rest;
            units.extend(std::str::from_utf8(text).expect("cut at ASCII").encode_utf16());
            match self.next()? {
                b'"' => return Some(units),
                b'\\' => units.push(match self.next()? {
                    same @ (b'"' | b'\\' | b'/') => same.into(),
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => 10,
                    b'r' => 13,
                    b't' => 9,
                    b'u' => {
                        let mut unit = 0;
                        for _ in 0..4 {
                            let digit = char::from(self.next()?).to_digit(16)?;
                            unit = unit * 16 + u16::try_from(digit).expect("a digit");
                        }
                        unit
                    }
                    _ => return None,
                }),
                _ => return None,
            }
        }
    }

    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.take(b'.') {
            self.digit()?;
            self.digits();
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digit()?;
            self.digits();
        }
        Some(())
    }

    fn digit(&mut self) -> Option<()> {
        self.next().filter(u8::is_ascii_digit).map(drop)
    }

    fn digits(&mut self) {
        while self.rest.first().is_some_and(u8::is_ascii_digit) {
            self.rest = &self.rest[1..];
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn blanks(&mut self) {
        while matches!(self.rest.first(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.rest = &self.rest[1..];
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.rest.first() == Some(&byte);
        if taken {
            self.rest = &self.rest[1..];
        }
        taken
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::shape;

    fn count(text: &[u8]) -> Option<usize> {
        shape(text).map(|shape| shape.count)
    }

    #[test]
    fn depth_and_names_are_seen() {
        let seen = |text: &str| shape(text.as_bytes()).map(|shape| (shape.depth, shape.name_twice));
        assert_eq!(seen("7"), Some((0, false)));
        assert_eq!(seen(r#"[{"a":[]},{"a":{"a":1}}]"#), Some((3, false)));
        assert_eq!(seen(r#"{"a":1,"\u0061":2}"#), Some((1, true)));
        assert_eq!(seen(r#"{"\ud83d\ude00":1,"😀":2}"#), Some((1, true)));
    }

    #[test]
    fn json_and_nothing_else_is_json() {
        for (text, expected) in [
            ("", Some(0)),
            (" {} \n[1,-0.5e+3,\"\\u12aF\",{\"a\":[[]],\"b\":null}]\t", Some(2)),
            ("true false", Some(2)),
            ("01", Some(2)),
            ("{\"a\":1,}", None),
            ("[1 2]", None),
            ("{1:2}", None),
            ("\"\n\"", None),
            ("-", None),
            ("1.", None),
            ("nul", None),
            ("[", None),
        ] {
            assert_eq!(count(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(count(b"\"\xff\""), None);
    }
}
