//! Runs the tool.

use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_holdfast-load");

/// How a run ended, and what it left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) complained: String,
    pub(crate) summary: Value,
}

impl Ran {
    pub(crate) fn of(output: &Output, out: &Path) -> Self {
        let text = std::fs::read_to_string(out.join("summary.json")).unwrap_or_default();
        Self {
            code: output.status.code(),
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            complained: String::from_utf8_lossy(&output.stderr).into_owned(),
            summary: serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    pub(crate) fn figure(&self, name: &str) -> f64 {
        self.summary["figures"][name].as_f64().unwrap_or_else(|| panic!("no figure {name} in {self:?}"))
    }

    /// A figure that counts.
    pub(crate) fn count(&self, name: &str) -> String {
        format!("{:.0}", self.figure(name))
    }
}

/// A command of the tool.
pub(crate) fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Writes a scenario into a folder and says the command that runs it there.
pub(crate) fn run_command(folder: &Path, scenario: &str, arguments: &[&str]) -> Command {
    let path = folder.join("scenario.toml");
    std::fs::write(&path, scenario).unwrap();
    let mut command = tool(&["run", "--plain", "--interval", "200ms"]);
    command.arg(path).arg("--out").arg(folder.join("out")).args(arguments);
    command
}

/// Runs a scenario to its end.
pub(crate) fn run(scenario: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let output = run_command(folder.path(), scenario, arguments).output().unwrap();
    Ran::of(&output, &folder.path().join("out"))
}

/// The least server, perhaps one that lies.
#[derive(Debug)]
pub(crate) struct Floor {
    child: Child,
    pub(crate) url: String,
}

impl Floor {
    pub(crate) fn start(told: Option<&str>) -> Self {
        let address: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = tool(&["floor", "--listen", &address.to_string()]);
        command.args(told.into_iter().flat_map(|lie| ["--lie", lie])).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        assert_eq!(line.trim(), format!("ready http://{address}"));
        Self { child, url: format!("http://{address}") }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Two channels, forty readers of each, and messages enough that a lie in ten thousand deliveries is told.
pub(crate) const SMALL: &str = r#"
description = "small"
settle = "2s"
[channels]
teams = { name = "teams:t{n}", count = 2 }
[[clients]]
class = "member"
kind = "sender"
count = 2
arrive_per_second = 100.0
posts = "teams"
[[clients]]
class = "reader"
kind = "activist"
count = 80
arrive_per_second = 1000.0
reads = "teams"
reads_each = 1
[[phases]]
name = "arrive"
arrive = ["member", "reader"]
until = "ready"
duration = "20s"
[[phases]]
name = "talk"
duration = "2s"
publish = { member = 40.0 }
"#;
