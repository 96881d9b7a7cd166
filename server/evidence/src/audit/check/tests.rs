use super::*;
use crate::audit::Class;
use serde_json::json;

const GOOD: &str = "signed";

fn id(letter: char) -> ChainId {
    letter.to_string().repeat(22).parse().unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn signed(head: Head) -> SignedHead {
    SignedHead { head, signature: GOOD.to_owned() }
}

/// Lines of one chain, and how it goes on.
struct Book {
    chain: Chain,
    lines: Vec<String>,
}

impl Book {
    fn new() -> Self {
        Self { chain: Chain::default(), lines: Vec::new() }
    }

    fn note(&mut self, entry: &Entry) {
        let line = self.chain.seal(at(self.chain.lines()), entry);
        self.lines.push(line.trim_end().to_owned());
    }

    fn sign(&mut self) -> SignedHead {
        let head = signed(Head::of(id('a'), self.chain, at(9)));
        self.note(&Entry::system(Action::HeadSigned).after(&head));
        head
    }

    /// Ten lines: three entries, a head, three, a head, two.
    fn of_ten() -> (Self, Vec<SignedHead>) {
        let (mut book, mut heads) = (Self::new(), Vec::new());
        for entries in [3, 3, 2] {
            for _ in 0..entries {
                book.note(&Entry::system(Action::ImportDone).after(&json!({"rows": 7})));
            }
            if entries == 3 {
                heads.push(book.sign());
            }
        }
        (book, heads)
    }
}

type Lines<'a> = Vec<Option<&'a str>>;

fn check_with(files: &[(&str, Lines<'_>)], kept: &[SignedHead]) -> Findings {
    let is_signed = |_: &Head, signature: &str| signature == GOOD;
    let mut check = Check::new(&is_signed, kept.to_vec());
    check.begin(id('a'));
    for (file, lines) in files {
        for (line, text) in (1..).zip(lines) {
            check.line(Place { file: (*file).to_owned(), line }, text.map(str::as_bytes));
        }
    }
    check.finish()
}

fn check(lines: Lines<'_>) -> Vec<String> {
    found(&check_with(&[("day", lines)], &[]))
}

fn found(findings: &Findings) -> Vec<String> {
    let chain = format!("{}/", id('a'));
    findings.wrong.iter().map(|finding| finding.to_string().replace(&chain, "")).collect()
}

fn all(book: &Book) -> Lines<'_> {
    book.lines.iter().map(|line| Some(line.as_str())).collect()
}

#[test]
fn what_nobody_touched_is_whole() {
    let (book, heads) = Book::of_ten();
    let findings = check_with(&[("day", all(&book))], &heads);
    assert_eq!(findings.wrong, []);
    let [Checked { first: 1, heads: 2, chain, .. }] = findings.chains[..] else { panic!("{findings:?}") };
    assert_eq!((chain, findings.kept_met), (book.chain, 2));
    assert_eq!(check(Vec::new()), [""; 0]);
}

#[test]
fn a_byte_that_is_changed_is_told_with_its_line_and_the_rest_is_checked_on() {
    let (book, _) = Book::of_ten();
    for changed in 0..book.lines.len() {
        let mut lines = all(&book);
        let other = book.lines[changed].replace("system", "System");
        lines[changed] = Some(&other);
        assert_eq!(
            check(lines.clone()),
            [format!("day: line {} was changed after it was written", changed + 1)]
        );
        lines[changed] = None;
        let said = check(lines);
        assert!(said[0].starts_with(&format!("day: line {} cannot be opened", changed + 1)), "{said:?}");
    }
}

#[test]
fn a_line_that_is_removed_doubled_or_moved_is_told() {
    let (book, _) = Book::of_ten();
    let mut lines = all(&book);
    lines.remove(4);
    assert_eq!(
        check(lines),
        ["day: line 5 does not follow what is before it: the lines 5 to 5 of the chain are missing"]
    );
    let mut lines = all(&book);
    lines.insert(4, lines[3]);
    assert_eq!(check(lines).len(), 1, "a line that is there twice");
    let mut lines = all(&book);
    lines.swap(4, 5);
    assert!(!check(lines).is_empty(), "lines in another order");
}

#[test]
fn a_line_of_another_chain_does_not_fit_in() {
    let (book, _) = Book::of_ten();
    let (mut other, _) = Book::of_ten();
    other.lines.clear();
    other.chain = Chain::at(4, Hash::of(b"another"));
    other.note(&Entry::system(Action::ImportDone));
    let mut lines = all(&book);
    lines[4] = Some(&other.lines[0]);
    let said = check(lines);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("day: line 5 does not follow the line before it"), "{said:?}");
}

#[test]
fn the_end_of_a_chain_is_checked_without_what_comes_before_it() {
    let (book, _) = Book::of_ten();
    let lines = all(&book);
    let mut check = Check::new(&|_, _| true, Vec::new());
    check.begin_within(id('a'));
    for (line, text) in (1..).zip(&lines[5..]) {
        check.line(Place { file: "day".to_owned(), line }, text.map(str::as_bytes));
    }
    let findings = check.finish();
    assert_eq!(findings.wrong, []);
    assert_eq!((findings.chains[0].first, findings.chains[0].chain), (6, book.chain));
}

#[test]
fn days_in_another_order_are_told() {
    let (book, _) = Book::of_ten();
    let lines = all(&book);
    let (one, two) = lines.split_at(5);
    assert_eq!(check_with(&[("one", one.to_vec()), ("two", two.to_vec())], &[]).wrong, []);
    let said = found(&check_with(&[("one", two.to_vec()), ("two", one.to_vec())], &[]));
    assert!(said.iter().any(|said| said.starts_with("two: line 1 does not follow")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("one: line 1 is the first, but 5 lines")), "{said:?}");
}

#[test]
fn a_day_may_be_missing_at_the_beginning_only_if_an_entry_says_so() {
    let (mut book, heads) = Book::of_ten();
    let said = check(all(&book)[6..].to_vec());
    assert_eq!(
        said,
        ["day: line 1 is the first, but 6 lines came before it, and no entry says that they were removed"]
    );
    let last: Sealed<Entry> = Sealed::read(book.lines[5].as_bytes()).unwrap();
    let last = Some(LastGone { seq: last.seq, hash: last.hash });
    let removed = Removed { class: Class::Audit, chain: id('a'), file: "old".to_owned(), count: 6, last };
    book.note(&Entry::system(Action::RetentionRemoved).after(&removed));
    let findings = check_with(&[("day", all(&book)[6..].to_vec())], &heads);
    assert_eq!((findings.wrong.as_slice(), findings.kept_met, findings.kept_removed), (&[][..], 1, 1));
    assert_eq!(check(all(&book)[7..].to_vec()).len(), 1, "one more than was removed");
    assert_eq!(check(all(&book)), [""; 0], "said, and not yet done");
}

#[test]
fn a_head_is_signed_and_says_what_stands_before_it() {
    let (mut book, heads) = Book::of_ten();
    let forged = SignedHead { signature: "forged".to_owned(), head: Head::of(id('a'), book.chain, at(9)) };
    book.note(&Entry::system(Action::HeadSigned).after(&forged));
    book.note(&Entry::system(Action::HeadSigned).after(&heads[0]));
    book.note(&Entry::system(Action::HeadSigned));
    assert_eq!(
        check(all(&book)),
        [
            "day: line 11 has a head whose signature is not of these keys",
            "day: line 12 has a head that is not the end of what is before it",
            "day: line 13 has a head that is not the end of what is before it",
        ]
    );
}

#[test]
fn an_end_that_is_cut_is_told_by_a_head_that_was_kept() {
    let (mut book, _) = Book::of_ten();
    let kept = [book.sign()];
    let lines = || all(&book)[..8].to_vec();
    assert_eq!(check(lines()), [""; 0], "nobody can know without it");
    assert_eq!(
        found(&check_with(&[("day", lines())], &kept)),
        ["day: line 8 is the last, but a head that was kept elsewhere knows 10 lines: the end is missing"]
    );
    let findings = check_with(&[], &kept);
    assert_eq!(findings.wrong.len(), 1, "all lines are gone: {findings:?}");
}

#[test]
fn a_chain_that_was_written_anew_or_is_gone_is_told_by_a_head_that_was_kept() {
    let (_, heads) = Book::of_ten();
    let mut anew = Book::new();
    for _ in 0..8 {
        anew.note(&Entry::system(Action::ExportMade));
    }
    let said = found(&check_with(&[("day", all(&anew))], &heads));
    assert_eq!(said[0], "day: line 3 is not the line that a head which was kept elsewhere ends with");
    let foreign = signed(Head { chain: id('b'), ..heads[0].head.clone() });
    let forged = SignedHead { signature: "forged".to_owned(), ..foreign.clone() };
    let wrong = check_with(&[], &[foreign, forged]).wrong;
    assert_eq!(wrong.iter().map(|found| &found.wrong).collect::<Vec<_>>(), [&Wrong::Gone, &Wrong::Signature]);
}

#[test]
fn an_end_that_is_torn_is_told_and_what_follows_it_is_checked() {
    let (book, _) = Book::of_ten();
    let is_signed = |_: &Head, signature: &str| signature == GOOD;
    let mut check = Check::new(&is_signed, Vec::new());
    check.begin(id('a'));
    let place = |line| Place { file: "day".to_owned(), line };
    for (line, text) in (1..).zip(&book.lines[..9]) {
        check.line(place(line), Some(text.as_bytes()));
    }
    check.torn(place(10));
    let said = found(&check.finish());
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("day: line 10 was never finished"), "{said:?}");
}
