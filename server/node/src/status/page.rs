//! The status page as HTML: one file without script, so that anything that shows pages shows it.

use super::Told;
use super::words::{Words, posture};
use admission::Posture;
use protocol::Timestamp;

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Welsh,
}

impl Language {
    /// Reads the tag of a language; dialects count as their language.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default() {
            "en" => Some(Self::English),
            "cy" => Some(Self::Welsh),
            _ => None,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::English => Self::Welsh,
            Self::Welsh => Self::English,
        }
    }
}

/// Where a copy of the page stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// At a node.
    Node,
    /// In a file on another host, beside the file of the other language.
    File { other_language: &'a str },
}

/// Times that must have been measured before the page tells of them.
const SAMPLES_MIN: u64 = 20;
const STYLE: &str = include_str!("style.css");
/// The hash of the style for the content security policy of the page; a test says what it should be.
pub(crate) const STYLE_HASH: &str = "sha256-N0papNm40NvYqxWUni0fcLdlNWNGIn381jUcigElXnk=";

/// The whole page.
pub(super) fn html(told: &Told, language: Language, place: Place<'_>) -> String {
    let words = Words::of(language);
    let (state, meaning) = posture(language, told.posture);
    let address = |language| format!("/status?lang={}", Words::of(language).language);
    let (again, other) = match place {
        Place::Node => (address(language), address(language.other())),
        Place::File { other_language } => (String::new(), escape(other_language)),
    };
    let copy = match place {
        Place::Node => String::new(),
        Place::File { .. } => format!(" {}", words.copy),
    };
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{state} – {title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n\
         <header><p class=\"brand\">Holdfast</p><a href=\"{other}\" lang=\"{other_lang}\" \
         hreflang=\"{other_lang}\">{other_language}</a></header>\n\
         <main>\n<p class=\"title\">{title}</p>\n<section class=\"state {posture}\">\n<h1>{mark}{state}</h1>\n\
         <p>{meaning}</p>\n<p class=\"soft\">{since}</p>\n</section>\n{away}{statement}{felt}</main>\n\
         <footer><p>{as_of}{copy} <a href=\"{again}\">{look_again}</a></p></footer>\n</body>\n</html>\n",
        language = words.language,
        title = words.title,
        other_lang = Words::of(language.other()).language,
        other_language = words.other_language,
        posture = told.posture.as_str(),
        mark = mark(told.posture),
        since = with_time(words, words.since, told.since),
        away = away(words, told),
        statement = statement(words, told),
        felt = felt(words, told),
        as_of = with_time(words, words.as_of, told.at),
        look_again = words.look_again,
    )
}

/// A shape for each posture, for those who do not see its colour.
const fn mark(posture: Posture) -> &'static str {
    match posture {
        Posture::Normal => {
            "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"11\"/>\
             <path d=\"M6.5 12.5l3.7 3.7 7.3-8\"/></svg>"
        }
        Posture::Elevated => {
            "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"11\"/>\
             <path d=\"M12 6v7l4 2.5\"/></svg>"
        }
        Posture::UnderAttack | Posture::Survival => {
            "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path class=\"body\" d=\"M12 1.5 23 21.5H1Z\"/>\
             <path d=\"M12 8.5v6M12 17.8v.4\"/></svg>"
        }
    }
}

fn away(words: &Words, told: &Told) -> String {
    if told.store_is_away {
        format!("<section class=\"note\"><p>{}</p></section>\n", words.store_is_away)
    } else {
        String::new()
    }
}

fn statement(words: &Words, told: &Told) -> String {
    match (&told.statement, told.all_clear_at) {
        (Some(said), _) => format!(
            "<section class=\"said\"><h2>{}</h2>\n<p class=\"words\">{}</p>\n<p class=\"soft\">{}</p></section>\n",
            words.statement,
            escape(&said.text),
            time(words, said.at),
        ),
        (None, Some(at)) => {
            format!("<section class=\"said\"><p>{}</p></section>\n", with_time(words, words.all_clear, at))
        }
        (None, None) => String::new(),
    }
}

fn felt(words: &Words, told: &Told) -> String {
    // Of a few figures, one in a hundred says nothing.
    let times = match told.felt.times.filter(|times| times.samples >= SAMPLES_MIN) {
        None => words.not_felt.to_owned(),
        Some(times) => words
            .felt_times
            .replace("{p50}", &words.duration(times.p50_ms))
            .replace("{p99}", &words.duration(times.p99_ms)),
    };
    let slow = match told.felt.slow_reports {
        0 => String::new(),
        count => format!("<p>{}</p>", words.slow.replace("{count}", &count.to_string())),
    };
    format!("<section><h2>{}</h2>\n<p>{times}</p>{slow}</section>\n", words.felt)
}

fn with_time(words: &Words, sentence: &str, at: Timestamp) -> String {
    sentence.replace("{time}", &time(words, at))
}

fn time(words: &Words, at: Timestamp) -> String {
    let seconds =
        std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(at.as_secs().min(LAST_SECOND)));
    let stamp = seconds.map(|time| humantime::format_rfc3339_seconds(time).to_string()).unwrap_or_default();
    format!("<time datetime=\"{stamp}\">{}</time>", words.time(at))
}

/// The last second that has a four-digit year.
const LAST_SECOND: u64 = 253_402_300_799;

/// Text of somebody's, as HTML shows it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::felt::{Felt, Times};
    use crate::status::Said;
    use base64::{Engine, prelude::BASE64_STANDARD};

    fn told(posture: Posture) -> Told {
        Told {
            posture,
            since: Timestamp::from_millis(1_796_738_400_000),
            at: Timestamp::from_millis(1_796_742_000_000),
            store_is_away: false,
            statement: None,
            all_clear_at: None,
            felt: Felt::default(),
        }
    }

    #[test]
    fn the_policy_names_the_style_that_is_on_the_page() {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        assert_eq!(STYLE_HASH, format!("sha256-{}", BASE64_STANDARD.encode(digest)));
    }

    #[test]
    fn each_posture_is_said_in_both_languages_and_its_own_words() {
        let mut titles = std::collections::BTreeSet::new();
        for language in [Language::English, Language::Welsh] {
            for posture in Posture::ALL {
                let page = html(&told(posture), language, Place::Node);
                let title = page.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned();
                assert!(page.contains(&format!("state {}", posture.as_str())), "{page}");
                assert!(page.len() < 8_000, "{}", page.len());
                titles.insert(title);
            }
        }
        assert_eq!(titles.len(), 8);
    }

    #[test]
    fn times_are_read_by_people_and_by_programs() {
        let page = html(&told(Posture::Normal), Language::English, Place::Node);
        assert!(
            page.contains("Since <time datetime=\"2026-12-08T14:00:00Z\">8 December 2026, 14:00 UTC</time>"),
            "{page}"
        );
        let page = html(&told(Posture::Normal), Language::Welsh, Place::Node);
        assert!(page.contains("8 Rhagfyr 2026, 14:00 UTC"), "{page}");
        let never = Timestamp::from_millis(u64::MAX);
        let page =
            html(&Told { at: never, since: never, ..told(Posture::Normal) }, Language::English, Place::Node);
        assert!(page.contains("</html>"), "{page}");
    }

    #[test]
    fn what_an_admin_says_is_text_whatever_is_in_it() {
        let said =
            Said { text: "<script>alert('x')</script> & \"so\"\nTwo".to_owned(), at: Timestamp::default() };
        let page =
            html(&Told { statement: Some(said), ..told(Posture::Normal) }, Language::English, Place::Node);
        assert!(!page.contains("<script"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;so&quot;\nTwo"),
            "{page}"
        );
    }

    #[test]
    fn an_all_clear_says_since_when() {
        let cleared = Told { all_clear_at: Some(Timestamp::default()), ..told(Posture::Normal) };
        let page = html(&cleared, Language::English, Place::Node);
        assert!(
            page.contains("All clear since <time datetime=\"1970-01-01T00:00:00Z\">1 January 1970"),
            "{page}"
        );
    }

    #[test]
    fn a_store_that_is_away_and_what_members_feel_are_said() {
        let times = Times { p50_ms: 40, p99_ms: 1_250, samples: 300 };
        let felt = Felt { times: Some(times), slow_reports: 3, ..Felt::default() };
        let page = html(
            &Told { store_is_away: true, felt, ..told(Posture::Normal) },
            Language::English,
            Place::Node,
        );
        assert!(page.contains("message store cannot be reached"), "{page}");
        assert!(page.contains("within 0.1 s, and 99 of 100 within 1.3 s"), "{page}");
        assert!(page.contains("last five minutes: 3."), "{page}");
        let felt = Felt { times: Some(Times { samples: SAMPLES_MIN - 1, ..times }), ..Felt::default() };
        let page = html(&Told { felt, ..told(Posture::Normal) }, Language::English, Place::Node);
        assert!(page.contains("Too few devices"), "{page}");
    }

    #[test]
    fn a_copy_says_that_it_may_be_old_and_leads_to_the_other_file() {
        let place = Place::File { other_language: "status.cy.html" };
        let page = html(&told(Posture::Normal), Language::English, place);
        assert!(page.contains("href=\"status.cy.html\"") && page.contains("may be away"), "{page}");
    }
}
