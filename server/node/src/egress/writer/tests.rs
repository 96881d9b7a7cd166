use super::*;
use evidence::chain::Hash;
use evidence::egress::{Bounds, Tally};
use std::sync::Arc;

const DAY: Duration = Duration::from_hours(24);

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Adds one line to what the ledger holds.
fn tell(ledger: &Arc<Ledger>) {
    Tally::new(Arc::clone(ledger)).other(10);
}

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger::new(Bounds::default(), at(0)))
}

#[test]
fn a_new_day_has_a_new_file_and_what_is_too_old_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, day) = (ledger(), |days: u32| at(0).after(DAY * days));
    fs::write(folder.path().join("1969-12-30.jsonl"), "old").unwrap();
    fs::write(folder.path().join("1970-01-01.2.jsonl"), "").unwrap();
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    let mut writer = Writer::open(folder.path().to_owned(), 2 * DAY, day(2)).unwrap();
    assert_eq!(names(folder.path()), ["1970-01-01.2.jsonl", "1970-01-03.jsonl", "notes.txt"]);
    tell(&ledger);
    writer.flush(&ledger, day(3), Take::Everything, &mut Written::default()).unwrap();
    assert_eq!(names(folder.path()), ["1970-01-03.jsonl", "1970-01-04.jsonl", "notes.txt"]);
    let gone = |before, name: &str, text: &str| {
        Applied::file(Class::Egress, before, name.to_owned(), Some(Hash::of(text.as_bytes())))
    };
    assert_eq!(
        writer.take_removed(),
        [gone(day(0), "1969-12-30.jsonl", "old"), gone(day(1), "1970-01-01.2.jsonl", "")]
    );
    assert_eq!(writer.take_removed(), []);
}

#[test]
fn two_processes_in_one_folder_write_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Writer::open(folder.path().to_owned(), DAY, at(0)).unwrap();
    let [first, _second] = [open(), open()];
    assert_eq!(names(folder.path()), ["1970-01-01.2.jsonl", "1970-01-01.jsonl"]);
    drop(first);
    let _third = open();
    assert_eq!(names(folder.path()).len(), 2, "a file that nobody writes is taken up");
}

#[test]
fn a_torn_line_of_a_crash_gets_an_end_and_the_next_its_own_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1970-01-01.jsonl");
    fs::write(&path, "{\"what\":\"begin\",\"at\":0,\"version\":1}\n{\"what\":\"oth").unwrap();
    drop(Writer::open(folder.path().to_owned(), DAY, at(7)).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().map(|line| Line::from_text(line.as_bytes())).collect();
    let begin = |millis| Some(Line::Begin { at: at(millis), version: 1 });
    assert_eq!(lines, [begin(0), None, begin(7)]);
}

#[test]
fn a_file_that_was_cut_anywhere_lacks_one_line_at_most_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1970-01-01.jsonl");
    let line = |millis| Line::Begin { at: at(millis), version: 1 };
    let whole = [line(1), line(2)].map(|line| line.to_text()).concat();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        drop(Writer::open(folder.path().to_owned(), DAY, at(3)).unwrap());
        let text = fs::read_to_string(&path).unwrap();
        let read: Vec<_> = text.lines().map(|line| Line::from_text(line.as_bytes())).collect();
        let (last, before) = read.split_last().unwrap();
        assert_eq!(*last, Some(line(3)), "cut at {cut}");
        assert!(before.iter().filter(|line| line.is_none()).count() <= 1, "cut at {cut}");
        let whole_lines = whole[..cut].matches('\n').count();
        assert!(before.iter().flatten().count() >= whole_lines, "cut at {cut}");
    }
}

#[test]
fn half_of_a_batch_is_cut_away_when_the_rest_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = DayFile::open(folder.path(), Day::of(at(0))).unwrap();
    file.append(|out| out.write_all(b"whole\n")).unwrap();
    let half = vec![b'x'; 2 * WRITE_BYTES];
    let failed: io::Result<()> = file.append(|out| {
        out.write_all(&half)?;
        out.write_all(b"more in the buffer")?;
        Err(ErrorKind::StorageFull.into())
    });
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::StorageFull);
    file.append(|out| out.write_all(b"next\n")).unwrap();
    assert_eq!(fs::read_to_string(&file.path).unwrap(), "whole\nnext\n");
}

#[test]
fn a_file_that_somebody_moved_away_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger();
    let mut writer = Writer::open(folder.path().join("egress"), DAY, at(0)).unwrap();
    fs::rename(folder.path().join("egress"), folder.path().join("elsewhere")).unwrap();
    tell(&ledger);
    let mut written = Written::default();
    writer.flush(&ledger, at(1), Take::Everything, &mut written).unwrap();
    assert_eq!(written, Written { lines: 1, bytes: 10 });
    assert_eq!(names(&folder.path().join("egress")), ["1970-01-01.jsonl"]);
}
