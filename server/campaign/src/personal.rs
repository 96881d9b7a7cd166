//! What is known of a person. It is never kept unsealed.

use serde::{Deserialize, Serialize};
use std::fmt;

protocol::limits! {
    /// Longest name of a member; a longer one is refused with 400.
    pub const NAME_MAX_BYTES: usize = 128 => unseen;
    /// Longest reference of the campaign's own books to a person; a longer one is refused.
    pub const REFERENCE_MAX_BYTES: usize = 128 => unseen;
}

/// What is personal of a member.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// What they want to be called, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who they are in the campaign's own books, if they came from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Under which id their account at the campaign's own sign-on is kept, if they sign on there: a keyed hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether they linked it themselves: then it signs them in, and says nothing of what they may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_linked: bool,
}

/// Why a text is no name or reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Too long.
    #[error("a name or reference has at most 128 bytes")]
    TooLong,
    /// It would look like something else.
    #[error("a name or reference has no control characters")]
    Control,
}

/// A name as it was typed, without the spaces around it; nothing, if nothing is left.
pub fn name(text: &str) -> Result<Option<String>, InvalidText> {
    line(text, NAME_MAX_BYTES)
}

/// A reference as it was typed, without the spaces around it; nothing, if nothing is left.
pub fn reference(text: &str) -> Result<Option<String>, InvalidText> {
    line(text, REFERENCE_MAX_BYTES)
}

fn line(text: &str, max_bytes: usize) -> Result<Option<String>, InvalidText> {
    let text = text.trim();
    if text.len() > max_bytes {
        return Err(InvalidText::TooLong);
    }
    // Marks that turn the direction of writing make one name look like another.
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(is_hidden) {
        return Err(InvalidText::Control);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

impl fmt::Debug for PersonalData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalData(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line_or_nothing() {
        assert_eq!(name("  Siân Ó Néill "), Ok(Some("Siân Ó Néill".to_owned())));
        assert_eq!(name("  "), Ok(None));
        assert_eq!(name("a\nb"), Err(InvalidText::Control));
        assert_eq!(name("a\u{202e}b"), Err(InvalidText::Control));
        assert_eq!(name(&"ä".repeat(65)), Err(InvalidText::TooLong));
    }
}
