//! The status page as files for another host, which shows them when this one cannot be reached.

use super::Told;
use super::page::{Language, Place, html};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Writes the page in English to `path` and in Welsh beside it. Whoever reads a file finds one page, whole.
pub(super) async fn write(path: PathBuf, told: Told) {
    let written = tokio::task::spawn_blocking(move || write_both(&path, &told)).await;
    if let Ok(Err(error)) = written {
        tracing::warn!(%error, "the status page could not be written to its file");
    }
}

fn write_both(path: &Path, told: &Told) -> io::Result<()> {
    let welsh = beside(path, "cy");
    let pages = [(path, Language::English, welsh.as_path()), (&welsh, Language::Welsh, path)];
    for (path, language, other) in pages {
        let other = other.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let place = Place::File { other_language: &other };
        replace(path, &html(told, language, place))?;
    }
    Ok(())
}

/// `status.cy.html` beside `status.html`.
fn beside(path: &Path, word: &str) -> PathBuf {
    let mut extension = OsString::from(word);
    if let Some(own) = path.extension() {
        extension.push(".");
        extension.push(own);
    }
    path.with_extension(extension)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path, "new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::felt::Felt;
    use admission::Posture;
    use protocol::Timestamp;

    #[test]
    fn both_languages_are_written_and_lead_to_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.html");
        let told = Told {
            posture: Posture::Elevated,
            since: Timestamp::default(),
            at: Timestamp::default(),
            store_is_away: false,
            statement: None,
            all_clear_at: None,
            felt: Felt::default(),
        };
        write_both(&path, &told).unwrap();
        write_both(&path, &told).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["status.cy.html", "status.html"]);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("status.html").contains("href=\"status.cy.html\""));
        assert!(read("status.cy.html").contains("href=\"status.html\""));
        assert!(write_both(&folder.path().join("nowhere/status.html"), &told).is_err());
    }

    #[test]
    fn a_file_without_an_extension_has_a_neighbour_too() {
        assert_eq!(beside(Path::new("/x/status"), "cy"), Path::new("/x/status.cy"));
    }
}
