//! Long lists, a page at a time. A cursor says after which record the next page begins; it is opaque to whoever holds
//! it, and stays good when records come and go.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::fmt;
use storage::RecordId;

protocol::limits! {
    /// Most entries of one page of a list; who asks for more gets so many.
    pub const PAGE_MAX: usize = 200 => unseen;
    /// Entries of a page, if nobody says how many.
    pub const PAGE_DEFAULT: usize = 50 => unseen;
}

/// Where a page begins: right after a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(RecordId);

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of an answer of this service")]
pub struct InvalidCursor;

/// Some entries of a list, and where it goes on, if it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries, in the order of their ids.
    pub items: Vec<T>,
    /// Where the next page begins; nothing, if this is the last. A last page may be empty.
    pub next: Option<Cursor>,
}

impl Cursor {
    /// The place after a record.
    pub const fn after(id: RecordId) -> Self {
        Self(id)
    }

    /// The record after which the page begins.
    pub const fn id(&self) -> &RecordId {
        &self.0
    }

    /// Reads a cursor's text.
    pub fn parse(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let id = std::str::from_utf8(&bytes).ok().and_then(RecordId::parse);
        id.map(Self).ok_or(InvalidCursor)
    }

    /// The cursor's text, fit for a query.
    pub fn as_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.as_str())
    }
}

/// Ids may point at people.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

/// As many entries as a page has, when so many are asked for.
pub fn page_size(asked: usize) -> usize {
    asked.clamp(1, PAGE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_anything_else_is_none() {
        let cursor = Cursor::after(RecordId::parse("m_1").unwrap());
        assert_eq!(Cursor::parse(&cursor.as_text()), Ok(cursor));
        for text in ["", "=", "ä", "IA", &"A".repeat(400)] {
            assert_eq!(Cursor::parse(text), Err(InvalidCursor), "{text:?}");
        }
    }

    #[test]
    fn a_page_has_at_least_one_entry_and_at_most_the_bound() {
        assert_eq!([0, 7, 9_999].map(page_size), [1, 7, PAGE_MAX]);
    }
}
