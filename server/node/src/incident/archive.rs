//! The records on disk: found, read, and removed in their time.

use super::abuse::{INDICATORS, forget_indicators, indicators};
use super::record::TIMELINE;
use crate::retention::hash_of;
use crate::sealed_file::read;
use evidence::audit::{Applied, Class};
use evidence::incident::{ADDRESSES_KEPT, Incident, IncidentId, Offender, Timeline};
use protocol::Timestamp;
use serde::Serialize;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All records in a data folder.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    folder: PathBuf,
}

/// There is no such record.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFound {
    #[error("there is no incident {0} in {folder}", folder = .1.display())]
    Unknown(String, PathBuf),
    #[error("{source}", source = .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("no line of {source} can be read", source = .0.display())]
    Nothing(PathBuf),
}

/// One record, in a list.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) id: IncidentId,
    pub(crate) opened_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) worst: &'static str,
    pub(crate) lines: u64,
    pub(crate) is_intact: bool,
}

impl Archive {
    /// Of a data folder.
    pub(crate) fn new(data: &Path) -> Self {
        Self { folder: super::folder(data) }
    }

    /// The folder of an incident, whether it is there or not.
    pub(super) fn folder_of(&self, id: &IncidentId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    /// The names of all, the latest first; none if there is no folder.
    pub(crate) fn ids(&self) -> io::Result<Vec<IncidentId>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut ids = Vec::new();
        for entry in entries {
            ids.extend(entry?.file_name().to_str().and_then(|name| name.parse().ok()));
        }
        ids.sort();
        ids.reverse();
        Ok(ids)
    }

    /// All, the latest first. One that cannot be read is left out.
    pub(crate) fn list(&self) -> io::Result<Vec<Listed>> {
        let listed = |id: IncidentId| {
            let timeline = self.timeline(&id).ok()?;
            let incident = Incident::of(std::slice::from_ref(&timeline))?;
            Some(Listed {
                id,
                opened_at: incident.opened_at,
                closed_at: incident.closed_at,
                worst: incident.worst.as_str(),
                lines: incident.chains.first().map_or(0, |chain| chain.lines),
                is_intact: timeline.verdict.is_ok(),
            })
        };
        Ok(self.ids()?.into_iter().filter_map(listed).collect())
    }

    /// How many bytes the timeline of an incident has.
    pub(super) fn size(&self, id: &IncidentId) -> io::Result<u64> {
        Ok(fs::metadata(self.folder_of(id).join(TIMELINE))?.len())
    }

    /// The bytes of a timeline.
    pub(crate) fn bytes(&self, id: &IncidentId) -> Result<Vec<u8>, NotFound> {
        bytes_in(&self.folder_of(id)).map_err(|error| match &error {
            NotFound::Unreadable(_, error) if error.kind() == ErrorKind::NotFound => {
                NotFound::Unknown(id.to_string(), self.folder.clone())
            }
            NotFound::Unknown(..) | NotFound::Unreadable(..) | NotFound::Nothing(_) => error,
        })
    }

    /// A timeline.
    pub(crate) fn timeline(&self, id: &IncidentId) -> Result<Timeline, NotFound> {
        Ok(Timeline::read(&format!("{id}/{TIMELINE}"), &self.bytes(id)?))
    }

    /// Where the flood of an incident came from, as long as that is kept.
    pub(crate) fn offenders(&self, id: &IncidentId) -> Vec<Offender> {
        offenders_in(&self.folder_of(id))
    }

    /// Removes records older than `retention`, but for the open one, and addresses that may not be kept any longer; adds to
    /// `removed` what is gone.
    pub(super) fn clean(
        &self,
        open: Option<&IncidentId>,
        retention: Duration,
        now: Timestamp,
        removed: &mut Vec<Applied>,
    ) -> io::Result<()> {
        let before = now.before(retention);
        let oldest = IncidentId::at(before, 1);
        for id in self.ids()?.into_iter().filter(|id| Some(id) != open) {
            let folder = self.folder_of(&id);
            if id < oldest {
                let hash = hash_of(&folder.join(TIMELINE)).ok();
                fs::remove_dir_all(&folder)?;
                removed.push(Applied::file(Class::Incidents, before, id.to_string(), hash));
                tracing::info!(incident = id.as_str(), "removed a record that is older than it may be kept");
            } else if let Some(hash) = forget_indicators(&folder.join(INDICATORS), now)? {
                let (before, file) = (now.before(ADDRESSES_KEPT), format!("{id}/{INDICATORS}"));
                removed.push(Applied::file(Class::Indicators, before, file, Some(hash)));
                tracing::info!(incident = id.as_str(), "removed the addresses of an incident");
            }
        }
        Ok(())
    }
}

/// The bytes of the timeline in any folder.
pub(super) fn bytes_in(folder: &Path) -> Result<Vec<u8>, NotFound> {
    let path = folder.join(TIMELINE);
    read(&path).map_err(|error| NotFound::Unreadable(path, error))
}

/// The prefixes in any folder.
pub(super) fn offenders_in(folder: &Path) -> Vec<Offender> {
    indicators(&folder.join(INDICATORS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::record::Record;
    use super::super::record::tests::opened;
    use super::*;

    fn at(days: u64) -> Timestamp {
        Timestamp::from_millis(1_795_687_200_000).after(Duration::from_hours(24 * days))
    }

    #[test]
    fn the_latest_is_first_and_other_folders_are_none_of_ours() {
        let data = tempfile::tempdir().unwrap();
        let archive = Archive::new(data.path());
        assert_eq!(archive.list().unwrap().len(), 0, "no folder is no incident");
        for day in [0, 2, 1] {
            drop(Record::begin(&super::super::folder(data.path()), at(day), &opened()).unwrap());
        }
        fs::create_dir(archive.folder.join("notes")).unwrap();
        fs::create_dir(archive.folder.join("2026-11-30T00-00-00Z")).unwrap();
        let listed = archive.list().unwrap();
        let ids: Vec<_> = listed.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["2026-11-28T10-00-00Z", "2026-11-27T10-00-00Z", "2026-11-26T10-00-00Z"]);
        assert!(listed.iter().all(|one| one.is_intact && one.lines == 1 && one.worst == "under_attack"));
    }

    #[test]
    fn records_go_in_their_time_and_the_open_one_stays() {
        let data = tempfile::tempdir().unwrap();
        let archive = Archive::new(data.path());
        for day in [0, 1, 2] {
            drop(Record::begin(&super::super::folder(data.path()), at(day), &opened()).unwrap());
        }
        let oldest = archive.ids().unwrap().pop();
        let going = hash_of(&archive.folder_of(&archive.ids().unwrap()[1]).join(TIMELINE)).unwrap();
        let (day, now) = (Duration::from_hours(24), at(2).after(Duration::from_secs(1)));
        let mut removed = Vec::new();
        archive.clean(oldest.as_ref(), day, now, &mut removed).unwrap();
        let gone = "2026-11-27T10-00-00Z".to_owned();
        assert_eq!(removed, [Applied::file(Class::Incidents, now.before(day), gone, Some(going))]);
        let ids: Vec<_> = archive.ids().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["2026-11-28T10-00-00Z", "2026-11-26T10-00-00Z"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let data = tempfile::tempdir().unwrap();
        let error = Archive::new(data.path()).bytes(&IncidentId::at(at(0), 1)).unwrap_err();
        assert!(error.to_string().starts_with("there is no incident 2026-11-26T10-00-00Z in /"), "{error}");
    }
}
