//! What somebody writes in a conversation: plain text, made readable at the edge.

use super::WORDS_MAX_CHARS;
use crate::markdown::is_readable;
use std::fmt;

/// A text that says something and is not too long: readable characters and new lines, nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(String);

/// Why a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWords {
    /// It says nothing.
    #[error("a text says something")]
    Empty,
    /// More than [`WORDS_MAX_CHARS`].
    #[error("a text has at most {WORDS_MAX_CHARS} characters")]
    TooLong,
}

impl Words {
    /// Reads what somebody wrote. Blank space around it goes, and so does what cannot be seen or would make one word pose
    /// as another.
    pub fn parse(text: &str) -> Result<Self, InvalidWords> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        let text: String = text.chars().filter(|c| *c == '\n' || is_readable(*c)).collect();
        let text = text.trim();
        if text.is_empty() {
            Err(InvalidWords::Empty)
        } else if text.chars().count() > WORDS_MAX_CHARS {
            Err(InvalidWords::TooLong)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What people write to each other is nobody else's.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_typed_is_readable_or_refused_and_read_again_is_the_same(text in "(?s).{0,80}") {
            if let Ok(words) = Words::parse(&text) {
                prop_assert!(words.0.chars().all(|c| c == '\n' || is_readable(c)));
                prop_assert_eq!(Words::parse(words.as_str()), Ok(words));
            }
        }
    }

    #[test]
    fn a_text_is_readable_and_says_something_and_has_a_length() {
        let read = |text: &str| Words::parse(text).map(|words| words.0);
        assert_eq!(read(" Helo!\r\n\tOes lle?\u{202e}\u{7} "), Ok("Helo!\n    Oes lle?".to_owned()));
        for nothing in ["", " \n\t", "\u{200f}\u{0}"] {
            assert_eq!(read(nothing), Err(InvalidWords::Empty), "{nothing:?}");
        }
        assert!(read(&"ŵ".repeat(WORDS_MAX_CHARS)).is_ok());
        assert_eq!(read(&"ŵ".repeat(WORDS_MAX_CHARS + 1)), Err(InvalidWords::TooLong));
    }

    #[test]
    fn debug_output_has_nothing_of_a_text() {
        assert!(!format!("{:?}", Words::parse("secret").unwrap()).contains("secret"));
    }
}
