//! From Markdown to what may stay of it.

use super::{Block, LINK_MAX_BYTES, LISTS_MAX_LEVELS, Span};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use url::Url;

/// Reads all of it.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::empty()) {
        reader.take(event);
    }
    reader.end_lines();
    while !reader.lists.is_empty() {
        reader.end_list();
    }
    reader.done
}

#[derive(Default)]
struct Reader {
    done: Vec<Block>,
    /// Lists that are open, the outermost first.
    lists: Vec<List>,
    /// How many lists are open that are too deep to be any.
    too_deep: usize,
    /// The paragraph that is open.
    lines: Vec<Span>,
    /// Words with stress, and links, that are open in it.
    words: Vec<(Kind, Vec<Span>)>,
}

struct List {
    first: Option<u64>,
    items: Vec<Vec<Block>>,
    item: Vec<Block>,
}

enum Kind {
    Emphasis,
    Link(String),
    /// Leaves its words only.
    Plain,
    Strong,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            // The last three are of extensions that are off.
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::SoftBreak | Event::HardBreak => self.span(Span::Break),
            Event::Rule | Event::TaskListMarker(_) => self.end_lines(),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.end_lines();
                if self.lists.len() < LISTS_MAX_LEVELS {
                    self.lists.push(List { first, items: Vec::new(), item: Vec::new() });
                } else {
                    self.too_deep = self.too_deep.saturating_add(1);
                }
            }
            Tag::Emphasis => self.words.push((Kind::Emphasis, Vec::new())),
            Tag::Strong => self.words.push((Kind::Strong, Vec::new())),
            Tag::Link { link_type, dest_url, .. } => {
                // An address in the text is recognised by screens as it stands.
                let is_bare = matches!(link_type, LinkType::Autolink | LinkType::Email);
                let target = if is_bare { None } else { target(&dest_url) };
                self.words.push((target.map_or(Kind::Plain, Kind::Link), Vec::new()));
            }
            Tag::Image { .. } => self.words.push((Kind::Plain, Vec::new())),
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => self.end_lines(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => self.end_words(),
            TagEnd::Item => {
                self.end_lines();
                if self.too_deep == 0
                    && let Some(list) = self.lists.last_mut()
                {
                    let item = std::mem::take(&mut list.item);
                    list.items.extend((!item.is_empty()).then_some(item));
                }
            }
            TagEnd::List(_) => {
                self.end_lines();
                match self.too_deep.checked_sub(1) {
                    Some(fewer) => self.too_deep = fewer,
                    None => self.end_list(),
                }
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => self.end_lines(),
        }
    }

    fn text(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.span(Span::Break);
            }
            if !line.is_empty() {
                self.span(Span::Text(line.to_owned()));
            }
        }
    }

    fn span(&mut self, span: Span) {
        let spans = self.words.last_mut().map_or(&mut self.lines, |(_, spans)| spans);
        match (spans.last_mut(), span) {
            (Some(Span::Text(before)), Span::Text(text)) => before.push_str(&text),
            (_, span) => spans.push(span),
        }
    }

    fn end_words(&mut self) {
        let Some((kind, spans)) = self.words.pop() else { return };
        if spans.is_empty() {
            return;
        }
        match kind {
            Kind::Emphasis => self.span(Span::Emphasis(spans)),
            Kind::Strong => self.span(Span::Strong(spans)),
            Kind::Link(target) => self.span(Span::Link(target, spans)),
            Kind::Plain => spans.into_iter().for_each(|span| self.span(span)),
        }
    }

    fn end_lines(&mut self) {
        while !self.words.is_empty() {
            self.end_words();
        }
        let lines = trimmed(std::mem::take(&mut self.lines));
        if !lines.is_empty() {
            self.block(Block::Paragraph(lines));
        }
    }

    fn end_list(&mut self) {
        let Some(List { first, mut items, item }) = self.lists.pop() else { return };
        items.extend((!item.is_empty()).then_some(item));
        if !items.is_empty() {
            self.block(Block::List(first, items));
        }
    }

    fn block(&mut self, block: Block) {
        self.lists.last_mut().map_or(&mut self.done, |list| &mut list.item).push(block);
    }
}

/// Lines without blank space at their ends, and no empty ones.
fn trimmed(spans: Vec<Span>) -> Vec<Span> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    for span in spans {
        match (span, lines.last_mut()) {
            (Span::Break, _) | (_, None) => lines.push(Vec::new()),
            (span, Some(line)) => line.push(span),
        }
    }
    for line in &mut lines {
        if let Some(Span::Text(text)) = line.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if let Some(Span::Text(text)) = line.last_mut() {
            *text = text.trim_end().to_owned();
        }
        line.retain(|span| !matches!(span, Span::Text(text) if text.is_empty()));
    }
    lines.retain(|line| !line.is_empty());
    lines.join(&Span::Break)
}

/// Where a link may lead: the web, a mailbox, a telephone. Nothing that runs, and no name or password in front of a host,
/// which is there to be taken for one.
fn target(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let leads_somewhere = match url.scheme() {
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "mailto" | "tel" => !url.path().is_empty(),
        _ => false,
    };
    let mut target = String::new();
    for c in url.as_str().chars() {
        match c {
            '(' => target.push_str("%28"),
            ')' => target.push_str("%29"),
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            '\\' => target.push_str("%5C"),
            ' ' => target.push_str("%20"),
            c => target.push(c),
        }
    }
    (leads_somewhere && target.len() <= LINK_MAX_BYTES).then_some(target)
}
