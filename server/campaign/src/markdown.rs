//! The words of a bulletin: a small Markdown, made plain at the edge.
//!
//! What is kept and published is Markdown again, written anew from what was understood, never what came. So it has
//! nothing but paragraphs, emphasis, lists and links, reads well as it stands for a screen that knows no Markdown, and no
//! HTML is ever made here. What is more than that is turned into what it says: a heading into a paragraph, a picture
//! into its description, HTML into the characters that it is.

mod reading;
mod writing;

protocol::limits! {
    /// Deepest list in a list; what is deeper joins the list around it.
    pub const LISTS_MAX_LEVELS: usize = 3 => unseen;
    /// Longest target of a link; a longer one leaves its words only.
    pub const LINK_MAX_BYTES: usize = 2_048 => unseen;
}

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// Lines that belong together.
    Paragraph(Vec<Span>),
    /// A list, and the number of its first item if it counts.
    List(Option<u64>, Vec<Vec<Self>>),
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Span {
    /// A new line.
    Break,
    /// Said with stress.
    Emphasis(Vec<Self>),
    /// Words that lead somewhere.
    Link(String, Vec<Self>),
    /// Said with more stress.
    Strong(Vec<Self>),
    /// Words.
    Text(String),
}

/// Markdown of the small kind: reading and writing it again changes nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Markdown(String);

impl Markdown {
    /// Makes the small kind of whatever Markdown comes.
    pub fn parse(text: &str) -> Self {
        let mut written = small(text);
        // Where runs of words are joined, what had to be escaped need not be any more.
        for _ in 0..READINGS_MAX {
            let again = small(&written);
            if again == written {
                break;
            }
            written = again;
        }
        Self(written)
    }

    /// The text, Markdown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Readings of what was written, until it is what is written again.
const READINGS_MAX: usize = 4;

/// Markdown, read and written once.
fn small(text: &str) -> String {
    let blocks = reading::blocks(&readable(text));
    let mut styles = writing::STYLES.iter().map(|style| writing::write(&blocks, *style));
    // A style that is read as something else is not used; the last one has nothing in it that could be.
    styles.find(|written| reading::blocks(written) == blocks).unwrap_or_else(|| settled(&blocks))
}

/// The words alone, written so that nothing among them can mean anything.
fn settled(blocks: &[Block]) -> String {
    let mut text = writing::write(&writing::without_stress(blocks), writing::Style::Careful);
    // What is left to differ is blank space at odd places; it settles at once, and this says so.
    for _ in 0..3 {
        let again =
            writing::write(&writing::without_stress(&reading::blocks(&text)), writing::Style::Careful);
        if again == text {
            break;
        }
        text = again;
    }
    text
}

/// Whether a character may stand in what people read: no control characters, and nothing that turns the direction of what
/// follows, so that no word can pose as another.
pub(crate) fn is_readable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn readable(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || is_readable(*c)).collect()
}

/// Words may be in logs of nobody.
impl std::fmt::Debug for Markdown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Markdown({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests;
