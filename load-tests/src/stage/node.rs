//! One node that the tool starts, and starts again.

use super::{PATIENCE, Served};
use crate::launch::{self, Cores};
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::sync_channel;

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    program: PathBuf,
    arguments: Vec<OsString>,
    address: SocketAddr,
    /// Where it answers operators.
    operators: Option<PathBuf>,
    cores: Cores,
    /// The file of processes of the control group that it belongs to.
    group: Option<PathBuf>,
    complaints: File,
    served: Served,
}

impl Node {
    pub(super) const fn new(
        program: PathBuf,
        arguments: Vec<OsString>,
        address: SocketAddr,
        operators: Option<PathBuf>,
        cores: Cores,
        group: Option<PathBuf>,
        complaints: File,
    ) -> Self {
        Self { program, arguments, address, operators, cores, group, complaints, served: Served(None) }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn operators(&self) -> Option<&Path> {
        self.operators.as_deref()
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.served.id()
    }

    pub(super) const fn served(&mut self) -> &mut Served {
        &mut self.served
    }

    /// Starts it and waits until it says that it serves.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        let mut command = launch::command_in(&self.program, &self.cores, self.group.as_deref())?;
        command.args(&self.arguments).stdout(Stdio::piped()).stderr(self.complaints.try_clone()?);
        // What the caller's environment says is about another server.
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOLDFAST_"))
        {
            command.env_remove(name);
        }
        let mut child =
            command.spawn().with_context(|| format!("{} could not be started", self.program.display()))?;
        let stdout = child.stdout.take().context("it has no output")?;
        self.served = Served(Some(child));
        let (said, line) = sync_channel(1);
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            // Who waited too long is no longer there to hear it.
            let _heard = said.send(read.map(|_| line));
        });
        let line = line.recv_timeout(PATIENCE).context("it does not come up")??;
        if !line.starts_with("ready http") {
            bail!("{} ended before it served", self.program.display());
        }
        Ok(())
    }
}
