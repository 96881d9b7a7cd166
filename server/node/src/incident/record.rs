//! One incident's timeline on disk: appended to and synced, for the operator's eyes alone.

use evidence::incident::{Chain, Entry, IncidentId, Opened, tail};
use protocol::Timestamp;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

protocol::limits! {
    /// Largest timeline that is read; of a larger one the bytes beyond are passed over, and no process goes on with it.
    pub(crate) const INCIDENT_READ_MAX_BYTES: u64 = 64 * 1024 * 1024 => unseen;
    /// Most incidents that are opened within one second in one folder, by several nodes; one more waits for the next.
    const INCIDENTS_PER_SECOND_MAX: u32 = 16 => unseen;
}

/// The file of a timeline in its incident's folder.
pub(super) const TIMELINE: &str = "timeline.jsonl";

/// Makes a folder that its owner alone may enter.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Reads a file, so far as it is not larger than one of ours can be.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(INCIDENT_READ_MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

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

/// A name that is not synced may be gone after a power cut, and the file with it.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// A timeline that this process alone writes.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: IncidentId,
    folder: PathBuf,
    file: File,
    chain: Chain,
    /// Where the last line ended that is whole.
    whole_bytes: u64,
    /// Whether something may stand after that.
    is_torn: bool,
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
        let path = folder.join(TIMELINE);
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(&path)?;
        file.try_lock().map_err(io::Error::from)?;
        sync_folder(&path)?;
        Ok(Self {
            id,
            folder: folder.to_owned(),
            file,
            chain: Chain::default(),
            whole_bytes: 0,
            is_torn: false,
        })
    }

    /// Takes up a timeline that a process left; what a crash tore is cut.
    pub(super) fn take_up(id: IncidentId, folder: &Path) -> io::Result<Left> {
        let mut file = OpenOptions::new().read(true).append(true).open(folder.join(TIMELINE))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Left::InUse),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if file.metadata()?.len() > INCIDENT_READ_MAX_BYTES {
            return Ok(Left::Damaged);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some(tail) = tail(&bytes) else { return Ok(Left::Damaged) };
        let mut whole_bytes = length(tail.whole_bytes);
        if tail.torn_bytes > 0 {
            file.set_len(whole_bytes)?;
        }
        if tail.lacks_end {
            file.write_all(b"\n")?;
            whole_bytes += 1;
        }
        file.sync_all()?;
        let folder = folder.to_owned();
        let record = Self { id, folder, file, chain: tail.chain, whole_bytes, is_torn: false };
        Ok(if tail.is_closed { Left::Closed(record) } else { Left::Open(record, length(tail.torn_bytes)) })
    }

    /// Appends all of it and syncs it, or none of it.
    pub(super) fn append(&mut self, entries: &[(Timestamp, Entry)]) -> io::Result<()> {
        self.cut_torn_end()?;
        let mut chain = self.chain;
        let text: String = entries.iter().map(|(at, entry)| chain.seal(*at, entry)).collect();
        self.is_torn = true;
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // If not now, then before the next lines.
            drop(self.cut_torn_end());
            return Err(error);
        }
        self.is_torn = false;
        self.whole_bytes = self.whole_bytes.saturating_add(length(text.len()));
        self.chain = chain;
        Ok(())
    }

    fn cut_torn_end(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole_bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Where it ends.
    pub(super) const fn chain(&self) -> Chain {
        self.chain
    }

    /// How large it is.
    pub(super) const fn bytes(&self) -> u64 {
        self.whole_bytes
    }

    /// A file beside the timeline.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use admission::Posture;
    use evidence::incident::{Changed, Closed, Resumed, verify};
    use std::os::unix::fs::symlink;

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
                (verify(&bytes).unwrap().chain, length(bytes.len())),
                (record.chain(), record.bytes())
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
        let good =
            std::mem::replace(&mut record.file, File::options().write(true).open("/dev/full").unwrap());
        assert!(record.append(&[(at(1), Entry::OverrideEnded)]).is_err());
        assert_eq!(record.chain(), before);
        record.file = good;
        record.append(&[(at(2), Entry::OverrideEnded)]).unwrap();
        assert_eq!(verify(&fs::read(path).unwrap()).unwrap().chain, record.chain());
        symlink("/dev/full", data.path().join("full")).unwrap();
        assert!(Record::begin(&data.path().join("full/x"), at(0), &opened()).is_err());
    }
}
