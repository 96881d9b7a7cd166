//! What servers and generators say on standard error: kept beside the results, so that it does not write over the
//! screen.

use anyhow::Context;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// The name of the file.
const NAME: &str = "processes.log";
/// Most of its end that an error quotes.
const QUOTED_MAX_CHARS: usize = 2_000;

/// The file of complaints; gone again if there were none.
#[derive(Debug)]
pub(crate) struct Complaints {
    file: File,
    path: PathBuf,
}

impl Complaints {
    /// In the folder of the results, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let about = || format!("the results could not be written to {}", folder.display());
        fs::create_dir_all(folder).with_context(about)?;
        let file = OpenOptions::new().create(true).append(true).open(&path).with_context(about)?;
        Ok(Self { file, path })
    }

    /// Where processes write.
    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// Its end, for an error.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let skipped = text.chars().count().saturating_sub(QUOTED_MAX_CHARS);
        let end: String = text.trim().chars().skip(skipped).collect();
        if end.is_empty() {
            "the run failed".to_owned()
        } else {
            format!("the run failed, and a process said: {end}")
        }
    }
}

impl Drop for Complaints {
    fn drop(&mut self) {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() == 0) {
            // Should it stay, it says that nobody complained.
            let _removed = fs::remove_file(&self.path);
        }
    }
}
