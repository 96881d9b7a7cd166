//! All sweeps of a folder as one table in Markdown, a run a row.

use super::page::{control, told, verdict};
use super::{FORMAT, Point, Swept};
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The classes whose latency is told, in the order of their columns.
const LIVE: [&str; 2] = ["urgent", "normal"];
/// What all names of shipped attacks begin with.
const PREFIX: &str = "attack-";
const HEADS: [&str; 16] = [
    "attack",
    "×",
    "verdict",
    "urgent p99",
    "normal p99",
    "goodput",
    "back in 10 s",
    "cut",
    "lost",
    "under control",
    "calm after",
    "normal after",
    "inversion",
    "unheard",
    "memory",
    "CPU a strike",
];

/// Reads `*/sweep.json` there, and makes the table. A folder without one is no error, one that cannot be read is.
pub(crate) fn overview(folder: &Path) -> anyhow::Result<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.path().join("sweep.json")))
        .collect::<anyhow::Result<_>>()?;
    paths.retain(|path| path.exists());
    paths.sort_unstable();
    let swept: Vec<Swept> = paths.iter().map(|path| read(path)).collect::<anyhow::Result<_>>()?;
    if swept.is_empty() {
        bail!("there is no sweep in {}", folder.display());
    }
    Ok(table(&swept))
}

fn read(path: &Path) -> anyhow::Result<Swept> {
    let about = || format!("{} cannot be read", path.display());
    let swept: Swept =
        serde_json::from_str(&fs::read_to_string(path).with_context(about)?).with_context(about)?;
    if swept.format != FORMAT {
        bail!("{} is no sweep", path.display());
    }
    Ok(swept)
}

fn table(all: &[Swept]) -> String {
    let mut lines = vec![format!("| {} |", HEADS.join(" | ")), format!("|{}", "---|".repeat(HEADS.len()))];
    for swept in all {
        lines.extend(swept.points.iter().map(|point| format!("| {} |", row(swept, point).join(" | "))));
    }
    lines.join("\n") + "\n"
}

fn row(swept: &Swept, point: &Point) -> [String; 16] {
    let [urgent, normal] = LIVE.map(|class| millis(point.live_p99_ms.get(class).copied()));
    let name = swept.scenario.strip_prefix(PREFIX).unwrap_or(&swept.scenario);
    [
        format!("[{name}]({}/sweep.html)", swept.scenario),
        point.times.to_string(),
        verdict(point.verdict).to_owned(),
        urgent,
        normal,
        format!("{:.1} %", point.goodput_share * 100.0),
        told(point.returned_within_10s_share, |share| format!("{:.1} %", share * 100.0)),
        format!("{:.0}", point.members_cut),
        told(point.lost, |lost| format!("{lost:.0}")),
        control(point),
        told(point.calm_after_s, |seconds| format!("{seconds:.1} s")),
        told(point.normal_after_s, |seconds| format!("{seconds:.0} s")),
        millis(point.inversion_ms_max),
        millis(point.unheard_ms_max),
        told(point.memory_bytes, |bytes| format!("{:.0} MB", bytes / 1e6)),
        told(point.cpu_us_per_strike, |cost| format!("{cost:.0} µs")),
    ]
}

fn millis(value: Option<f64>) -> String {
    told(value, |millis| format!("{millis:.0} ms"))
}

#[cfg(test)]
mod tests {
    use super::super::sum_up;
    use super::super::tests::{ran, scenario};
    use super::*;

    #[test]
    fn each_run_of_each_sweep_is_a_row_and_one_that_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(overview(folder.path()).is_err(), "there is nothing");
        let write = |name: &str, text: &str| {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("sweep.json"), text).unwrap();
        };
        let mut never = ran(20.0, 99.0, 480.0, 1.0);
        never.1.figures.insert("control_never".to_owned(), 1.0);
        let swept = sum_up(&scenario(), &[ran(1.0, 100.0, 500.0, 1.0), never], false);
        write("test", &serde_json::to_string(&swept).unwrap());
        fs::create_dir(folder.path().join("empty")).unwrap();
        let table = overview(folder.path()).unwrap();
        assert_eq!(table.lines().count(), 4, "{table}");
        assert_eq!(
            table.lines().last().unwrap(),
            "| [test](test/sweep.html) | 20 | passed | 200 ms | – | 99.0 % | – | 0 | 0 | never | – | – | – | – | 50 MB | – |"
        );
        write("wrong", "{}");
        let error = overview(folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("wrong/sweep.json"), "{error:#}");
    }
}
