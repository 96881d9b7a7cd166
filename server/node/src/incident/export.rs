//! What is made of records for others: a report, the same for programs, and indicators.

use super::archive::{Archive, NotFound, bytes_in, offenders_in};
use crate::egress;
use anyhow::{Context, bail};
use evidence::egress::Window;
use evidence::incident::{
    EgressEvidence, Incident, IncidentId, Offender, Report, Timeline, indicators_csv, markdown,
    offenders_kept, page,
};
use protocol::Timestamp;
use std::path::{Path, PathBuf};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Export {
    /// The report, with what a person has to fill in marked.
    Md,
    /// The same as a page that needs nothing else.
    Html,
    /// The same figures for programs.
    Json,
    /// The table of prefixes.
    Csv,
}

/// One incident of this folder, joined with what other nodes wrote of it.
pub(crate) fn exported(
    data: &Path,
    incidents: &[Source],
    form: Export,
    now: Timestamp,
) -> anyhow::Result<String> {
    let archive = Archive::new(data);
    let (mut timelines, mut offenders): (Vec<Timeline>, Vec<Offender>) = (Vec::new(), Vec::new());
    for source in incidents {
        let (timeline, told) = source.read(&archive)?;
        timelines.push(timeline);
        offenders = offenders_kept(offenders, told);
    }
    if form == Export::Csv {
        return Ok(indicators_csv(&offenders)?);
    }
    let Some(incident) = Incident::of(&timelines) else {
        bail!(NotFound::Nothing(incidents.first().map_or_else(PathBuf::new, |source| source.path(&archive))));
    };
    let report = Report {
        egress: egress_evidence(data, &incident),
        incident: &incident,
        offenders: &offenders,
        made_at: now,
    };
    match form {
        Export::Md => Ok(markdown(&report)),
        Export::Html => Ok(page(&markdown(&report))),
        Export::Json | Export::Csv => {
            let mut text = serde_json::to_string_pretty(&report)?;
            text.push('\n');
            Ok(text)
        }
    }
}

/// What left meanwhile, by this folder's account; nothing if it has none of that time.
fn egress_evidence(data: &Path, incident: &Incident) -> Option<EgressEvidence> {
    let window = Window { account: None, since: Some(incident.pressed_since), until: incident.closed_at };
    egress::totals(data, &window).ok().map(|totals| EgressEvidence::of(&totals))
}

/// Where a record is.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// In the data folder.
    Named(IncidentId),
    /// In a folder of another node, or a copy.
    Folder(PathBuf),
}

impl Source {
    /// A name is looked up in the data folder, anything else is a path.
    pub(crate) fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Folder(text.into()), Self::Named)
    }

    /// Where that is.
    pub(crate) fn path(&self, archive: &Archive) -> PathBuf {
        match self {
            Self::Named(id) => archive.folder_of(id),
            Self::Folder(folder) => folder.clone(),
        }
    }

    fn read(&self, archive: &Archive) -> anyhow::Result<(Timeline, Vec<Offender>)> {
        match self {
            Self::Named(id) => Ok((archive.timeline(id)?, archive.offenders(id))),
            Self::Folder(folder) => {
                let bytes = self.bytes(archive)?;
                Ok((Timeline::read(&folder.display().to_string(), &bytes), offenders_in(folder)))
            }
        }
    }

    /// The bytes of its timeline.
    pub(crate) fn bytes(&self, archive: &Archive) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Named(id) => Ok(archive.bytes(id)?),
            Self::Folder(folder) => bytes_in(folder).with_context(|| {
                format!("{} is neither the name of an incident nor a folder of one", folder.display())
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Record;
    use super::super::record::tests::opened;
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_795_687_200_000 + seconds * 1_000)
    }

    #[test]
    fn records_of_several_nodes_are_one_report() {
        let [one, two] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let begin =
            |data: &Path, seconds| Record::begin(&data.join("incidents"), at(seconds), &opened()).unwrap().id;
        let (id, other) = (begin(one.path(), 0), begin(two.path(), 3));
        let folder = two.path().join("incidents").join(other.as_str());
        let sources = [Source::of(id.as_str()), Source::of(folder.to_str().unwrap())];
        let report = exported(one.path(), &sources, Export::Md, at(60)).unwrap();
        assert!(report.starts_with("# Incident of 2026-11-26T10:00:00Z"), "{report}");
        assert_eq!(report.matches("record opened").count(), 2);
        assert!(report.contains("The account of what left was not at hand"));
        let json: serde_json::Value =
            serde_json::from_str(&exported(one.path(), &sources, Export::Json, at(60)).unwrap()).unwrap();
        assert_eq!(json["incident"]["chains"].as_array().unwrap().len(), 2);
        assert_eq!(exported(one.path(), &sources, Export::Csv, at(60)).unwrap().lines().count(), 1);
    }

    #[test]
    fn what_is_no_record_is_named() {
        let data = tempfile::tempdir().unwrap();
        let export = |text: &str| exported(data.path(), &[Source::of(text)], Export::Md, at(0)).unwrap_err();
        assert!(
            format!("{:#}", export("nowhere")).starts_with("nowhere is neither"),
            "{:#}",
            export("nowhere")
        );
        assert!(export("2026-11-26T10-00-00Z").to_string().contains("no incident 2026-11-26T10-00-00Z"));
        let empty = data.path().join("incidents/2026-11-26T10-00-00Z");
        std::fs::create_dir_all(&empty).unwrap();
        std::fs::write(empty.join("timeline.jsonl"), "garbage\n").unwrap();
        assert!(export("2026-11-26T10-00-00Z").to_string().contains("no line of /"));
    }
}
