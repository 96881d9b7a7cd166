//! What is left of a run: a folder with a summary, the run interval by interval, a report for people and one for build
//! servers.

mod html;
mod junit;
pub(crate) mod series;
pub(crate) mod summary;

use anyhow::{Context, bail};
use series::Interval;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use summary::{FORMAT, Summary, VERSION};

/// The names of the files.
const SUMMARY: &str = "summary.json";
const SERIES: &str = "series.ndjson";
const HTML: &str = "report.html";
const JUNIT: &str = "junit.xml";

/// Writes everything into a folder, which is made if it is not there.
pub(crate) fn write(folder: &Path, summary: &Summary, series: &[Interval]) -> anyhow::Result<()> {
    let about = || format!("the results could not be written to {}", folder.display());
    fs::create_dir_all(folder).with_context(about)?;
    let mut text = serde_json::to_string_pretty(summary)?;
    text.push('\n');
    fs::write(folder.join(SUMMARY), text).with_context(about)?;
    let mut lines = Vec::new();
    for interval in series {
        serde_json::to_writer(&mut lines, interval)?;
        lines.write_all(b"\n")?;
    }
    fs::write(folder.join(SERIES), lines).with_context(about)?;
    fs::write(folder.join(JUNIT), junit::render(summary)?).with_context(about)?;
    write_html(folder, summary, series)?;
    Ok(())
}

/// Writes the report for people; answers where it is.
pub(crate) fn write_html(folder: &Path, summary: &Summary, series: &[Interval]) -> anyhow::Result<PathBuf> {
    let path = folder.join(HTML);
    fs::write(&path, html::render(summary, series)?).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Reads a summary: a file, or the one in a folder.
pub(crate) fn read_summary(path: &Path) -> anyhow::Result<Summary> {
    let path = if path.is_dir() { path.join(SUMMARY) } else { path.to_owned() };
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let about = || format!("{} is no summary of a run", path.display());
    let value: serde_json::Value = serde_json::from_str(&text).with_context(about)?;
    if value.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
        bail!("{}", about());
    }
    if value.get("version").and_then(serde_json::Value::as_u64) != Some(VERSION.into()) {
        bail!("{} was written by another version of this tool", path.display());
    }
    serde_json::from_value(value).with_context(about)
}

/// Reads the intervals beside a summary: without them a report would have no charts, and the one that is there may have.
pub(crate) fn read_series(folder: &Path) -> anyhow::Result<Vec<Interval>> {
    let path = folder.join(SERIES);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let lines = text.lines().enumerate();
    lines
        .map(|(number, line)| {
            let about = || format!("{}, line {}", path.display(), number + 1);
            serde_json::from_str(line).with_context(about)
        })
        .collect()
}
