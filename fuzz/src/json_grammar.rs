//! The grammar of RFC 8259, apart from the library that reads JSON for the server. Knows nothing of values: what is
//! accepted here is JSON to every reader.

/// How many JSON texts stand in `text`, with blank space around them; nothing if something else stands there.
pub fn count(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?;
    let mut reader = Reader { rest: text };
    let mut count = 0;
    reader.blanks();
    while !reader.rest.is_empty() {
        reader.value()?;
        reader.blanks();
        count += 1;
    }
    Some(count)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// One value. Nesting is kept on the heap: depth is the input's choice.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            match self.next()? {
                b'{' => {
                    self.blanks();
                    if !self.take(b'}') {
                        self.key()?;
                        open.push(b'}');
                        continue;
                    }
                }
                b'[' => {
                    self.blanks();
                    if !self.take(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                b'"' => self.rest_of_string()?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.number(first)?,
            }
            loop {
                let Some(&closing) = open.last() else {
                    return Some(());
                };
                self.blanks();
                if self.take(closing) {
                    open.pop();
                    continue;
                }
                if !self.take(b',') {
                    return None;
                }
                if closing == b'}' {
                    self.key()?;
                }
                break;
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.blanks();
        self.take(b'"').then_some(())?;
        self.rest_of_string()?;
        self.blanks();
        self.take(b':').then_some(())
    }

    fn rest_of_string(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            self.next().filter(u8::is_ascii_hexdigit)?;
                        }
                    }
                    _ => return None,
                },
                0..=0x1f => return None,
                _ => {}
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
    use super::count;

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
