//! From what stays to Markdown.

use super::{Block, Span};

/// How much is marked as words that could be taken for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// What could be taken for something else where it stands: reads as it was written.
    Light,
    /// All punctuation.
    Careful,
}

/// The nicer one first.
pub(super) const STYLES: [Style; 2] = [Style::Light, Style::Careful];

pub(super) fn write(blocks: &[Block], style: Style) -> String {
    lines_of(blocks, style, true).join("\n")
}

/// The blocks with their words alone, in their lists.
pub(super) fn without_stress(blocks: &[Block]) -> Vec<Block> {
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(spans) => {
                let mut plain = Vec::new();
                words_of(spans, &mut plain);
                Block::Paragraph(plain)
            }
            Block::List(first, items) => {
                Block::List(*first, items.iter().map(|item| without_stress(item)).collect())
            }
        })
        .collect()
}

fn words_of(spans: &[Span], plain: &mut Vec<Span>) {
    for span in spans {
        match (span, plain.last_mut()) {
            (Span::Break, _) => plain.push(Span::Break),
            (Span::Text(text), Some(Span::Text(before))) => before.push_str(text),
            (Span::Text(text), _) => plain.push(Span::Text(text.clone())),
            (Span::Emphasis(inner) | Span::Link(_, inner) | Span::Strong(inner), _) => {
                words_of(inner, plain);
            }
        }
    }
}

fn lines_of(blocks: &[Block], style: Style, is_outermost: bool) -> Vec<String> {
    let mut lines = Vec::new();
    // Lists that stand beside each other have different marks, or they would be one.
    let mut other_mark = false;
    let mut before: Option<&Block> = None;
    for block in blocks {
        let follows_list = matches!(before, Some(Block::List(..)));
        let is_close = !is_outermost
            && matches!((before, block), (Some(Block::Paragraph(_)), Block::List(None | Some(1), _)));
        if before.is_some() && !is_close {
            lines.push(String::new());
        }
        match block {
            Block::Paragraph(spans) => {
                let mut text = String::new();
                spans_of(spans, style, &mut text);
                lines.extend(text.split('\n').map(str::to_owned));
            }
            Block::List(first, items) => {
                other_mark = follows_list && !other_mark;
                list(*first, items, style, other_mark, &mut lines);
            }
        }
        before = Some(block);
    }
    lines
}

fn list(first: Option<u64>, items: &[Vec<Block>], style: Style, other_mark: bool, lines: &mut Vec<String>) {
    for (item, number) in items.iter().zip(first.unwrap_or(0)..) {
        let mark = match (first, other_mark) {
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
            (Some(_), false) => format!("{number}. "),
            (Some(_), true) => format!("{number}) "),
        };
        let indent = " ".repeat(mark.len());
        for (number, line) in lines_of(item, style, false).into_iter().enumerate() {
            lines.push(match (number, line.is_empty()) {
                (0, _) => format!("{mark}{line}"),
                (_, true) => line,
                (_, false) => format!("{indent}{line}"),
            });
        }
    }
}

fn spans_of(spans: &[Span], style: Style, out: &mut String) {
    for span in spans {
        match span {
            Span::Break => out.push('\n'),
            Span::Emphasis(inner) => around(inner, style, "*", out),
            Span::Link(target, inner) => {
                out.push('[');
                spans_of(inner, style, out);
                out.push_str("](");
                match style {
                    Style::Light => out.push_str(target),
                    Style::Careful => out.push_str(&target.replace('&', "&amp;")),
                }
                out.push(')');
            }
            Span::Strong(inner) => around(inner, style, "**", out),
            Span::Text(text) => words(text, style, out),
        }
    }
}

fn around(inner: &[Span], style: Style, mark: &str, out: &mut String) {
    out.push_str(mark);
    spans_of(inner, style, out);
    out.push_str(mark);
}

fn words(text: &str, style: Style, out: &mut String) {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let line = out.rsplit('\n').next().unwrap_or_default();
        let may_mean_something = match style {
            Style::Careful => c.is_ascii_punctuation(),
            Style::Light => means_something(c, line, rest.as_str()),
        };
        if may_mean_something {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Whether a character would not be read as itself after what its line has already and before what comes.
fn means_something(c: char, line: &str, rest: &str) -> bool {
    let next = rest.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_at_start = line.chars().all(|c| c == ' ');
    match c {
        '*' | '`' | '[' | ']' | '<' => true,
        '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
        '_' => !(is_word(line.chars().next_back()) && is_word(next)),
        '&' => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#').starts_with(';'),
        '#' | '>' | '+' | '-' | '=' | '~' => is_at_start,
        '!' => next.is_none(),
        '.' | ')' => {
            let number = line.trim_start_matches(' ');
            !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
                && next.is_none_or(|next| next == ' ')
        }
        _ => false,
    }
}
