use super::super::files::Lines;
use super::super::page::page;
use super::super::verification::{found, newest};
use super::*;
use evidence::audit::{Findings, SignedHead};
use evidence::chain::Sealed;
use identity::KeySet;
use std::fs::File;
use std::path::Path;

const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);

/// A data folder with an audit that a process writes, ends, or leaves as a crash does.
struct Desk {
    data: tempfile::TempDir,
    keys: Arc<AuditKeys>,
    standing: Arc<Mutex<Standing>>,
    now: Now,
}

impl Desk {
    fn new() -> Self {
        // From here on the clocks of a desk are moved by hand.
        let mut now = crate::clock::now();
        now.wall = Timestamp::from_millis(1_795_687_200_000);
        Self { data: tempfile::tempdir().unwrap(), keys: Arc::new(keys()), standing: Arc::default(), now }
    }

    fn writer(&self) -> Writer {
        let (keys, standing) = (Arc::clone(&self.keys), Arc::clone(&self.standing));
        Writer::new(
            self.data.path().to_owned(),
            "one:1".to_owned(),
            keys,
            40 * DAY,
            standing,
            self.now.instant,
        )
    }

    fn passes(&mut self, time: Duration) -> Now {
        self.now.instant += time;
        self.now.wall = self.now.wall.after(time);
        self.now
    }

    fn chain(&self) -> ChainId {
        chains(self.data.path()).unwrap().remove(0)
    }

    fn files(&self) -> Vec<String> {
        parts(self.data.path(), &self.chain()).unwrap().iter().map(Part::name).collect()
    }

    fn file(&self, nth: usize) -> PathBuf {
        let id = self.chain();
        path(self.data.path(), &id, &parts(self.data.path(), &id).unwrap()[nth])
    }

    /// What every line says, of all files.
    fn actions(&self) -> Vec<&'static str> {
        let (folder, mut actions) = (self.data.path(), Vec::new());
        for id in chains(folder).unwrap() {
            for part in parts(folder, &id).unwrap() {
                for line in Lines::read(folder, &self.keys, &id, &part).unwrap().lines.iter().flatten() {
                    actions.push(Sealed::<Entry>::read(line).unwrap().entry.unwrap().action.as_str());
                }
            }
        }
        actions
    }

    fn check(&self, keys: &AuditKeys, kept: Vec<SignedHead>) -> Findings {
        found(self.data.path(), keys, kept).unwrap()
    }

    /// What is wrong, without the name of the chain.
    fn wrong(&self) -> Vec<String> {
        let chain = format!("{}/", self.chain());
        let wrong = self.check(&self.keys, Vec::new()).wrong;
        wrong.iter().map(|finding| finding.to_string().replace(&chain, "")).collect()
    }
}

fn keys() -> AuditKeys {
    AuditKeys::new(&KeySet::generate().unwrap()).unwrap()
}

fn import() -> Entry {
    Entry::system(Action::ImportDone).after(&json!({ "added": 7 }))
}

fn note(writer: &mut Writer, now: Now) {
    writer.hold(now.wall, import());
    writer.write(now);
}

/// Three entries on each of two days, and heads between them.
fn two_days() -> Desk {
    let mut desk = Desk::new();
    let mut writer = desk.writer();
    writer.tick(desk.now);
    for time in [MINUTE, MINUTE, DAY, MINUTE] {
        let now = desk.passes(time);
        note(&mut writer, now);
        writer.tick(now);
    }
    writer.end(desk.now);
    desk
}

#[test]
fn what_is_noted_is_on_disk_chained_and_signed_and_nobody_can_read_it_without_the_keys() {
    let desk = two_days();
    assert_eq!(
        desk.actions(),
        [
            "audit.began",
            "head.signed",
            "import.done",
            "head.signed",
            "import.done",
            "head.signed",
            "import.done",
            "head.signed",
            "import.done",
            "head.signed",
            "audit.ended",
            "head.signed",
        ]
    );
    assert_eq!(desk.files(), ["2026-11-26.sealed", "2026-11-27.sealed"]);
    assert_eq!(desk.wrong(), [""; 0]);
    let head = desk.standing.lock().head.clone().unwrap();
    let findings = desk.check(&desk.keys, vec![head]);
    assert_eq!((findings.wrong.len(), findings.kept_met, findings.chains[0].heads), (0, 1, 6));
    for nth in [0, 1] {
        let text = fs::read_to_string(desk.file(nth)).unwrap();
        assert!(!text.contains("import") && !text.contains("seq"), "{text}");
    }
    let mode = |path: &Path| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(&desk.file(0)), mode(desk.file(0).parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_byte_that_is_flipped_anywhere_is_found_at_its_line() {
    let desk = two_days();
    let whole = fs::read(desk.file(0)).unwrap();
    for place in (0..whole.len()).step_by(5) {
        if whole[place] == b'\n' {
            continue;
        }
        let line = whole[..place].split(|byte| *byte == b'\n').count();
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(desk.file(0), &bytes).unwrap();
        let wrong = desk.wrong();
        assert!(
            wrong[0].starts_with(&format!("2026-11-26.sealed: line {line} cannot be opened")),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_line_that_is_removed_or_moved_and_a_day_in_anothers_place_are_found() {
    let desk = two_days();
    let whole = fs::read_to_string(desk.file(0)).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let with = |lines: &[&str]| {
        fs::write(desk.file(0), lines.concat()).unwrap();
        desk.wrong()
    };
    assert_eq!(
        with(&[&lines[..3], &lines[4..]].concat()),
        [
            "2026-11-26.sealed: line 4 does not follow what is before it: the lines 4 to 4 of the chain are missing"
        ]
    );
    assert!(!with(&[lines[0], lines[2], lines[1], lines[3], lines[4], lines[5]]).is_empty());
    assert!(with(&lines[2..])[0].contains("line 1 is the first, but 2 lines came before it"));
    assert_eq!(with(&lines), [""; 0]);

    let (one, two) = (desk.file(0), desk.file(1));
    let kept = desk.data.path().join("kept");
    for (from, to) in [(&one, &kept), (&two, &one), (&kept, &two)] {
        fs::rename(from, to).unwrap();
    }
    let wrong = desk.wrong();
    assert!(wrong[0].starts_with("2026-11-26.sealed: line 1 cannot be opened"), "{wrong:?}");
    fs::remove_file(&one).unwrap();
    assert!(!desk.wrong().is_empty());
}

#[test]
fn a_day_that_is_gone_is_found() {
    let desk = two_days();
    fs::remove_file(desk.file(0)).unwrap();
    assert_eq!(
        desk.wrong(),
        [
            "2026-11-27.sealed: line 1 is the first, but 6 lines came before it, and no entry says that they were removed"
        ]
    );
}

#[test]
fn with_other_keys_nothing_opens_and_nobody_writes_on() {
    let mut desk = two_days();
    let own = std::mem::replace(&mut desk.keys, Arc::new(keys()));
    let wrong = desk.check(&desk.keys, Vec::new()).wrong;
    assert!(wrong.len() == 12 && wrong.iter().all(|wrong| wrong.wrong == evidence::audit::Wrong::Unopened));
    desk.writer().end(desk.now);
    assert_eq!(chains(desk.data.path()).unwrap().len(), 2, "it begins its own");
    desk.keys = own;
    assert_eq!(desk.standing.lock().failures, 0);
}

#[test]
fn a_crash_at_any_byte_of_the_last_line_is_found_cut_said_and_gone_on_from() {
    let desk = two_days();
    let (whole, path) = (fs::read(desk.file(1)).unwrap(), desk.file(1));
    let before = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in (before + 1..whole.len()).step_by(7) {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(desk.wrong()[0].starts_with("2026-11-27.sealed: line 6 was never finished"), "cut at {cut}");
        desk.writer().tick(desk.now);
        assert_eq!(desk.wrong(), [""; 0], "cut at {cut}");
        assert_eq!(desk.actions()[11..], ["audit.began", "head.signed"]);
        let page = page(desk.data.path(), &desk.keys, None, None, 1).unwrap();
        assert_eq!(page.entries[0]["after"]["torn_bytes"], cut - before);
    }
}

#[test]
fn a_file_without_a_line_is_gone_on_with_from_the_day_before() {
    let desk = two_days();
    let whole = fs::read(desk.file(1)).unwrap();
    let end = whole.iter().position(|byte| *byte == b'\n').unwrap();
    fs::write(desk.file(1), &whole[..end]).unwrap();
    desk.writer().end(desk.now);
    assert_eq!(desk.wrong(), [""; 0]);
    assert_eq!(desk.actions()[6..], ["audit.began", "audit.ended", "head.signed"]);
}

#[test]
fn nothing_is_written_behind_a_last_line_that_cannot_be_read() {
    let desk = two_days();
    let mut text = fs::read(desk.file(1)).unwrap();
    text.extend(b"garbage\n");
    fs::write(desk.file(1), &text).unwrap();
    let (path, id) = (desk.file(1), desk.chain());
    desk.writer().end(desk.now);
    assert_eq!(fs::read(path).unwrap(), text);
    assert_eq!(chains(desk.data.path()).unwrap().len(), 2);
    assert!(desk.check(&desk.keys, Vec::new()).wrong.iter().all(|wrong| wrong.chain == id));
}

#[test]
fn processes_that_share_a_folder_have_a_chain_each() {
    let desk = Desk::new();
    let (mut one, mut two) = (desk.writer(), desk.writer());
    for writer in [&mut one, &mut two] {
        note(writer, desk.now);
    }
    assert_eq!(chains(desk.data.path()).unwrap().len(), 2);
    drop(one);
    let mut three = desk.writer();
    note(&mut three, desk.now);
    assert_eq!(chains(desk.data.path()).unwrap().len(), 2, "it goes on with that of the first");
    assert_eq!(desk.check(&desk.keys, Vec::new()).wrong, []);
}

#[test]
fn while_the_disk_takes_nothing_it_is_held_and_what_was_lost_is_said() {
    let mut desk = Desk::new();
    let mut writer = desk.writer();
    writer.tick(desk.now);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let good = writer.book.as_mut().unwrap().swap(full());
    // The name leads to another file now, so it would be written anew.
    let path = desk.file(0);
    let kept = path.with_extension("kept");
    fs::rename(&path, &kept).unwrap();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    for _ in 0..3 {
        let now = desk.passes(MINUTE);
        note(&mut writer, now);
    }
    let standing = desk.standing.lock().clone();
    assert_eq!((writer.held(), standing.held, standing.failures), (3, 3, 3));
    assert!(writer.is_failing());
    desk.standing.lock().untold = 5;

    fs::rename(&kept, &path).unwrap();
    writer.book.as_mut().unwrap().swap(good);
    writer.tick(desk.now);
    assert_eq!((writer.held(), writer.is_failing(), desk.standing.lock().untold), (0, false, 0));
    assert_eq!(desk.wrong(), [""; 0]);
    assert_eq!(
        desk.actions()[2..],
        ["import.done", "import.done", "import.done", "audit.lapsed", "head.signed"]
    );
    let page = page(desk.data.path(), &desk.keys, None, None, 1).unwrap();
    assert_eq!(page.entries[0]["after"]["entries"], 5);
}

#[test]
fn days_that_are_too_old_are_removed_with_a_word_about_each_and_the_rest_is_whole() {
    let mut desk = two_days();
    let heads = vec![desk.standing.lock().head.clone().unwrap()];
    desk.passes(40 * DAY);
    let mut writer = desk.writer();
    writer.tick(desk.now);
    assert_eq!(desk.files(), ["2026-11-27.sealed", "2027-01-06.sealed"]);
    assert_eq!(desk.wrong(), [""; 0]);
    assert_eq!(desk.check(&desk.keys, heads.clone()).kept_met, 1);
    let now = desk.passes(DAY);
    writer.tick(now);
    assert_eq!(desk.files(), ["2027-01-06.sealed", "2027-01-07.sealed"]);
    let findings = desk.check(&desk.keys, heads);
    assert_eq!((findings.wrong, findings.kept_removed), (Vec::new(), 1));
    let page = page(desk.data.path(), &desk.keys, None, None, 1).unwrap();
    let removed = &page.entries[0];
    assert_eq!(
        (&removed["action"], &removed["about"]),
        (&json!("retention.removed"), &json!("2026-11-27.sealed"))
    );
    assert_eq!((&removed["after"]["count"], &removed["after"]["last"]["seq"]), (&json!(6), &json!(12)));
}

#[test]
fn a_chain_that_nobody_writes_any_more_goes_in_its_time() {
    let mut desk = two_days();
    let mut text = fs::read(desk.file(1)).unwrap();
    text.extend(b"garbage\n");
    fs::write(desk.file(1), &text).unwrap();
    desk.passes(60 * DAY);
    let mut writer = desk.writer();
    writer.tick(desk.now);
    assert_eq!(chains(desk.data.path()).unwrap().len(), 1, "damaged, and removed all the same");
    assert_eq!(desk.wrong(), [""; 0]);
    assert_eq!(desk.actions().iter().filter(|action| **action == "retention.removed").count(), 2);
}

#[test]
fn a_file_that_somebody_removes_while_it_is_written_is_missed() {
    let mut desk = Desk::new();
    let mut writer = desk.writer();
    writer.tick(desk.now);
    fs::remove_file(desk.file(0)).unwrap();
    let now = desk.passes(MINUTE);
    note(&mut writer, now);
    assert_eq!(desk.files(), ["2026-11-26.2.sealed"]);
    assert!(desk.wrong()[0].contains("is the first, but 2 lines came before it"), "{:?}", desk.wrong());
}

#[test]
fn pages_go_back_to_the_beginning_without_a_hole_over_days_and_chains() {
    let mut desk = two_days();
    let (mut other, mut writer) = (desk.writer(), desk.writer());
    note(&mut other, desk.now);
    for _ in 0..3 {
        let now = desk.passes(MINUTE);
        note(&mut writer, now);
    }
    let all = page(desk.data.path(), &desk.keys, None, None, 100).unwrap();
    assert!(all.next.is_none());
    let times: Vec<u64> = all.entries.iter().map(|entry| entry["at"].as_u64().unwrap()).collect();
    assert!(times.iter().rev().is_sorted() && times.len() == 12, "{times:?}");
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = page(desk.data.path(), &desk.keys, None, after.as_ref(), 3).unwrap();
        assert!(page.entries.len() <= 3);
        paged.extend(page.entries);
        let Some(next) = page.next else { break };
        after = Some(next.parse().unwrap());
    }
    assert_eq!(paged, all.entries);
    let since = Timestamp::from_millis(times[4]);
    let later = times.iter().filter(|time| **time >= times[4]).count();
    assert_eq!(page(desk.data.path(), &desk.keys, Some(since), None, 100).unwrap().entries.len(), later);
}

#[test]
fn a_node_that_is_asked_checks_its_own_chain_first_and_tells_what_it_found_and_where() {
    let desk = two_days();
    let now = desk.now.wall;
    let other: ChainId = "aaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let checked = |own: &ChainId| {
        serde_json::to_value(newest(desk.data.path(), &desk.keys, Some(own), now).unwrap()).unwrap()
    };
    let whole = checked(&desk.chain());
    assert_eq!(
        (&whole["is_whole"], &whole["is_all"], &whole["findings"]),
        (&json!(true), &json!(true), &json!(0))
    );
    let chain = &whole["chains"][0];
    assert_eq!((&chain["chain"], &chain["is_own"]), (&json!(desk.chain()), &json!(true)));
    assert_eq!((&chain["first"], &chain["lines"], &chain["heads"]), (&json!(1), &json!(12), &json!(6)));
    assert_eq!(chain["since"], json!(1_795_687_200_000_u64));
    assert_eq!(checked(&other)["chains"][0]["is_own"], json!(false));

    let mut bytes = fs::read(desk.file(0)).unwrap();
    bytes[40] ^= 1;
    fs::write(desk.file(0), bytes).unwrap();
    let broken = checked(&desk.chain());
    assert_eq!((&broken["is_whole"], &broken["findings"]), (&json!(false), &json!(1)));
    assert!(broken["finding"].as_str().unwrap().contains(": line 1 cannot be opened"), "{broken}");
}
