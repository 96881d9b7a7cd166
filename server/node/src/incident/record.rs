//! One incident's timeline on disk: appended to and synced, for the operator's eyes alone.

use crate::sealed_file::{SealedFile, Taken, make_folder};
use crate::whole_file::sync_folder;
use evidence::chain::Chain;
use evidence::incident::{Entry, IncidentId, Opened, is_closed};
use protocol::Timestamp;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

protocol::limits! {
    /// Most incidents that are opened within one second in one folder, by several nodes; one more waits for the next.
    const INCIDENTS_PER_SECOND_MAX: u32 = 16 => unseen;
}

/// The file of a timeline in its incident's folder.
pub(super) const TIMELINE: &str = "timeline.jsonl";

/// Puts a file in the place of another, whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

/// A timeline that this process alone writes.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: IncidentId,
    folder: PathBuf,
    file: SealedFile,
}

/// What could be done about a timeline that somebody left.
#[derive(Debug)]
pub(super) enum Left {
    /// It goes on here. The bytes are those of a line that a crash tore.
    Open(Record, u64),
    /// It was closed; words of operators may still be added.
    Closed(Record),
    /// Another process writes it.
    InUse,
    /// Its last line cannot be read, so that nothing can be chained to it.
    Damaged,
}

impl Record {
    /// Begins the record of an incident, with its first line.
    pub(super) fn begin(incidents: &Path, at: Timestamp, opened: &Opened) -> io::Result<Self> {
        make_folder(incidents)?;
        for nth in 1..=INCIDENTS_PER_SECOND_MAX {
            let id = IncidentId::at(at, nth);
            let folder = incidents.join(id.as_str());
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Self::begin_in(id, &folder, at, opened),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "too many incidents within a second"))
    }

    fn begin_in(id: IncidentId, folder: &Path, at: Timestamp, opened: &Opened) -> io::Result<Self> {
        let begun = Self::create(id, folder).and_then(|mut record| {
            record.append(&[(at, Entry::Opened(opened.clone()))])?;
            Ok(record)
        });
        if begun.is_err() {
            // A disk that is full must not be left with a folder for each time that it was tried.
            drop(fs::remove_file(folder.join(TIMELINE)));
            drop(fs::remove_dir(folder));
        }
        begun
    }

    fn create(id: IncidentId, folder: &Path) -> io::Result<Self> {
        let file = SealedFile::create(&folder.join(TIMELINE), Chain::default())?;
        Ok(Self { id, folder: folder.to_owned(), file })
    }

    /// Takes up a timeline that a process left; what a crash tore is cut.
    pub(super) fn take_up(id: IncidentId, folder: &Path) -> io::Result<Left> {
        Ok(match SealedFile::take_up(&folder.join(TIMELINE), Chain::default())? {
            Taken::InUse => Left::InUse,
            Taken::Damaged => Left::Damaged,
            Taken::Up { file, torn_bytes, bytes } => {
                let record = Self { id, folder: folder.to_owned(), file };
                if is_closed(&bytes) { Left::Closed(record) } else { Left::Open(record, torn_bytes) }
            }
        })
    }

    /// Appends all of it and syncs it, or none of it.
    pub(super) fn append(&mut self, entries: &[(Timestamp, Entry)]) -> io::Result<()> {
        self.file.append(entries)
    }

    /// Where it ends.
    pub(super) const fn chain(&self) -> Chain {
        self.file.chain()
    }

    /// How large it is.
    pub(super) const fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// A file beside the timeline.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use admission::Posture;
    use evidence::chain::verify;
    use evidence::incident::{Changed, Closed, Resumed};
    use std::fs::File;
    use std::os::unix::fs::{PermissionsExt, symlink};

    pub(in crate::incident) fn opened() -> Opened {
        let (from, to) = (Posture::Normal, Posture::UnderAttack);
        let by = Changed { from, to, trigger: "pressure".to_owned(), value: Some(3.0) };
        Opened { version: 1, node: "one".parse().unwrap(), by, pressed_since: None }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_795_687_200_000 + seconds * 1_000)
    }

    fn resumed(seconds: u64, torn_bytes: u64) -> (Timestamp, Entry) {
        (at(seconds), Entry::Resumed(Resumed { node: "one".parse().unwrap(), torn_bytes }))
    }

    fn timeline(record: &Record) -> PathBuf {
        record.beside(TIMELINE)
    }

    fn take_up(record: Record) -> Left {
        let (id, folder) = (record.id.clone(), record.folder.clone());
        drop(record);
        Record::take_up(id, &folder).unwrap()
    }

    #[test]
    fn it_is_for_the_operator_alone_and_a_second_one_has_another_name() {
        let data = tempfile::tempdir().unwrap();
        let incidents = data.path().join("incidents");
        let [one, two] = [(); 2].map(|()| Record::begin(&incidents, at(0), &opened()).unwrap());
        assert_eq!([one.id.as_str(), two.id.as_str()], ["2026-11-26T10-00-00Z", "2026-11-26T10-00-00Z.2"]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&incidents), 0o700);
        assert_eq!(mode(&incidents.join(one.id.as_str())), 0o700);
        assert_eq!(mode(&timeline(&one)), 0o600);
    }

    #[test]
    fn one_process_writes_it_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let record = Record::begin(data.path(), at(0), &opened()).unwrap();
        let other = Record::take_up(record.id.clone(), &record.folder).unwrap();
        assert!(matches!(other, Left::InUse), "{other:?}");
    }

    #[test]
    fn a_crash_at_any_byte_of_the_last_line_is_cut_said_and_gone_on_from() {
        let data = tempfile::tempdir().unwrap();
        let mut record = Record::begin(data.path(), at(0), &opened()).unwrap();
        let first = record.bytes();
        record.append(&[resumed(1, 0)]).unwrap();
        let (id, folder, path) = (record.id.clone(), record.folder.clone(), timeline(&record));
        let whole = fs::read(&path).unwrap();
        drop(record);
        for cut in usize::try_from(first).unwrap()..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let Left::Open(mut record, torn) = Record::take_up(id.clone(), &folder).unwrap() else {
                panic!()
            };
            record.append(&[resumed(2, torn)]).unwrap();
            let bytes = fs::read(&path).unwrap();
            let kept = if cut + 1 >= whole.len() { 3 } else { 2 };
            assert_eq!(verify(&bytes).unwrap().chain.lines(), kept, "cut at {cut}");
            assert_eq!(
                (verify(&bytes).unwrap().chain, bytes.len()),
                (record.chain(), usize::try_from(record.bytes()).unwrap())
            );
        }
    }

    #[test]
    fn what_was_closed_is_known_to_be_and_takes_words_still() {
        let data = tempfile::tempdir().unwrap();
        let mut record = Record::begin(data.path(), at(0), &opened()).unwrap();
        record.append(&[(at(1), Entry::Closed(Closed { quiet_seconds: 600 }))]).unwrap();
        let Left::Closed(mut record) = take_up(record) else { panic!() };
        record.append(&[(at(2), Entry::OverrideEnded)]).unwrap();
        let path = timeline(&record);
        assert_eq!(verify(&fs::read(path).unwrap()).unwrap().chain.lines(), 3);
    }

    #[test]
    fn nothing_is_added_to_a_timeline_whose_last_line_is_none() {
        let data = tempfile::tempdir().unwrap();
        let record = Record::begin(data.path(), at(0), &opened()).unwrap();
        let path = timeline(&record);
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"not\":\"ours\"}\n");
        fs::write(&path, &text).unwrap();
        assert!(matches!(take_up(record), Left::Damaged));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_full_disk_leaves_half_of_nothing() {
        let data = tempfile::tempdir().unwrap();
        let mut record = Record::begin(data.path(), at(0), &opened()).unwrap();
        let (path, before) = (timeline(&record), record.chain());
        let good = record.file.swap(File::options().write(true).open("/dev/full").unwrap());
        assert!(record.append(&[(at(1), Entry::OverrideEnded)]).is_err());
        assert_eq!(record.chain(), before);
        record.file.swap(good);
        record.append(&[(at(2), Entry::OverrideEnded)]).unwrap();
        assert_eq!(verify(&fs::read(path).unwrap()).unwrap().chain, record.chain());
        symlink("/dev/full", data.path().join("full")).unwrap();
        assert!(Record::begin(&data.path().join("full/x"), at(0), &opened()).is_err());
    }
}
