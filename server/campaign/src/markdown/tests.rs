use super::*;
use proptest::prelude::*;

fn read(text: &str) -> String {
    Markdown::parse(text).as_str().to_owned()
}

#[test]
fn what_is_of_the_small_kind_stays_as_it_was_written() {
    for text in [
        "Polls close at 22:00.",
        "Two\nlines",
        "One\n\nTwo",
        "*soft* and **loud**",
        "[where](https://example.org/a_b?c=d&e=f)",
        "[write](mailto:a@example.org) or [call](tel:+441234)",
        "- one\n- two\n  - two and a half",
        "1. first\n2. second",
        "See https://example.org/a_b_c?x=1&y=2 or snake_case, 3 > 2, a - b, 50% + 1, C# (yes!)",
        "Ŵyl Dewi hapus i bawb: dewch â'ch ffrindiau",
    ] {
        assert_eq!(read(text), text);
    }
}

#[test]
fn what_is_more_than_that_leaves_its_words() {
    for (text, expected) in [
        ("# Head\n\nbody", "Head\n\nbody"),
        ("> said", "said"),
        ("`code` and\n\n```rust\nlet x;\n```", "code and\n\nlet x;"),
        ("![a cat](https://example.org/cat.png)", "a cat"),
        ("a\n\n---\n\nb", "a\n\nb"),
        ("<https://example.org>", "https://example.org"),
        ("- 1\n  - 2\n    - 3\n      - 4\n", "- 1\n  - 2\n    - 3\n\n      4"),
        ("", ""),
        ("  \n \n", ""),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn html_is_read_as_the_characters_that_it_is() {
    for text in ["<script>alert(1)</script>", "a <img src=x onerror=y> b", "<!-- x -->", "<b>loud</b>"] {
        let written = read(text);
        assert!(written.contains("\\<"), "{written}");
        let has_html = pulldown_cmark::Parser::new(&written).any(|event| {
            matches!(event, pulldown_cmark::Event::Html(_) | pulldown_cmark::Event::InlineHtml(_))
        });
        assert!(!has_html, "{written}");
    }
}

#[test]
fn a_link_leads_to_the_web_a_mailbox_or_a_telephone_or_nowhere() {
    for target in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "/v1/members",
        "https://party.example@evil.example/",
        "https://a:b@evil.example/",
        "https:",
        "mailto:",
    ] {
        assert_eq!(read(&format!("[words]({target})")), "words", "{target}");
    }
}

#[test]
fn nothing_turns_the_direction_of_what_follows_or_is_a_control_character() {
    assert_eq!(read("a\u{202e}b\u{2066}c\u{0}d\u{1b}[31me\u{feff}"), "abcd\\[31me");
}

/// What a screen would show of it.
fn shown(text: &str) -> String {
    format!("{:?}", reading::blocks(text))
}

fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ]{1,6}",
        3 => proptest::sample::select(vec![
            "*", "**", "_", "- ", "1. ", "2) ", "\n", "\n\n", "    ", "# ", "> ", "`", "```", "[", "](", ")", "<b>", "<!--",
            "!", "\\", "&amp;", "&#x3c;", "&", "https://e.org/a", "javascript:", "|", "~~", "---", "===", "+ ", "\t", "é",
            "\u{a0}", "![", "<a@b.c>", "[a]: /x\n", "<?", "10. ",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,3}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn reading_and_writing_it_again_changes_nothing(text in markdown_like()) {
        let once = Markdown::parse(&text);
        let twice = Markdown::parse(once.as_str());
        prop_assert_eq!(once.as_str(), twice.as_str());
    }

    #[test]
    fn whatever_comes_no_html_no_picture_and_no_other_link_is_left(text in markdown_like()) {
        use pulldown_cmark::{Event, Tag};
        let written = read(&text);
        for event in pulldown_cmark::Parser::new(&written) {
            prop_assert!(!matches!(event, Event::Html(_) | Event::InlineHtml(_) | Event::Code(_)), "{}", written);
            let Event::Start(tag) = event else { continue };
            if let Tag::Link { dest_url, .. } = tag {
                let is_good = ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| dest_url.starts_with(scheme));
                prop_assert!(is_good, "{}", dest_url);
            } else {
                let is_small = matches!(tag, Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Emphasis | Tag::Strong);
                prop_assert!(is_small, "{:?} in {:?}", tag, written);
            }
        }
    }

    #[test]
    fn what_is_written_is_what_was_understood(words in "[a-z*_\\[\\]()<>&#.!+ -]{0,40}") {
        let careful = words.chars().map(|c| if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() });
        let text: String = careful.collect();
        prop_assert_eq!(shown(&text), shown(&read(&text)));
    }
}
