//! The report as one page that needs nothing else: for whoever opens it from a mail or a disk.
//!
//! Words of people are in it. Whatever of them would be markup, lead somewhere or load something is shown as text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// How the page looks, on a screen and on paper.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:17px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}\
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}\
th,td{border:1px solid;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}\
blockquote{margin:1rem 0;padding-left:1rem;border-left:4px solid}\
code{overflow-wrap:anywhere}";

/// The SHA-256 of how the page looks, as a content security policy names it.
pub const STYLE_HASH: &str = "sha256-y7bhwouu8Ay+KF/ar9QUT/8ahJU1lC36bbaVuToHi7M=";

/// A report in Markdown as a page.
pub fn page(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(harmless);
    let mut body = String::new();
    html::push_html(&mut body, events);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src '{STYLE_HASH}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Report of an incident</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n\
         </html>\n"
    )
}

/// What stays of an event: markup becomes the text that it is, and links and pictures their words.
fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
        | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => None,
        Event::Start(_)
        | Event::End(_)
        | Event::Text(_)
        | Event::Code(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::Rule
        | Event::TaskListMarker(_) => Some(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine, prelude::BASE64_STANDARD};

    #[test]
    fn what_people_wrote_is_text_and_leads_nowhere() {
        let bad = "> <script>alert(1)</script> <img src=x onerror=alert(1)>\n> [here](javascript:alert(1))\n\
                   > ![a](https://example.org/pixel)\n>\n> <https://example.org>\n\n<div onclick=\"x\">\n\n| a |\n|---|\n| <b>&amp; |\n";
        let made = page(bad);
        let body = made.split("<main>").nth(1).unwrap();
        for tag in ["<script", "<img", "<a ", "href", "<div", "<b>", "src=\""] {
            assert!(!body.contains(tag), "{tag} in {body}");
        }
        for text in ["&lt;script&gt;alert(1)&lt;/script&gt;", "here", "&lt;div onclick=", "&lt;b&gt;"] {
            assert!(body.contains(text), "{text} not in {body}");
        }
    }

    #[test]
    fn what_is_ours_is_laid_out() {
        let made =
            page("# Incident\n\n| class | offered |\n|---|--:|\n| member | 7 |\n\n**[TO FILL IN: who]**\n");
        for tag in ["<h1>Incident</h1>", "<table>", "<strong>[TO FILL IN: who]</strong>", "<td>member</td>"] {
            assert!(made.contains(tag), "{tag} not in {made}");
        }
    }

    #[test]
    fn the_policy_names_the_style_and_nothing_else() {
        let hash = digest(&SHA256, STYLE.as_bytes());
        assert_eq!(STYLE_HASH, format!("sha256-{}", BASE64_STANDARD.encode(hash)));
    }
}
